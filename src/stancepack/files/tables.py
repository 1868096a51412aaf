"""Reading and writing the CSV files that people keep: seeds, unit lists, coding sheets, adjudications."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.atomic import write

Row = dict[str, str]


def read_rows(path: Path, columns: Sequence[str], *, from_spreadsheet: bool = False) -> list[Row]:
    """Read a CSV file as rows of text.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there; others are kept.
    from_spreadsheet
        Also take semicolons or tabs between the cells, as spreadsheet programs write them in some
        countries.

    Raises
    ------
    StancepackError
        If the file is missing or not UTF-8, a column is missing or doubled, or a row has too many
        or too few cells.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise StancepackError(f"{path}: the file is missing.") from None
    except UnicodeDecodeError as error:
        raise StancepackError(
            f"{path}: byte {error.start} is not UTF-8; save the file again with the encoding UTF-8."
        ) from None
    except OSError as error:
        raise StancepackError(f"{path}: cannot be read: {error.strerror}.") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count) if from_spreadsheet else ","
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = next(reader, [])
        records = [(reader.line_num, record) for record in reader]
    except csv.Error as error:
        raise StancepackError(f"{path}: not a readable CSV file: {error}.") from None
    for column in columns:
        if header.count(column) != 1:
            state = "missing" if column not in header else "there more than once"
            raise StancepackError(
                f"{path}: column {column!r} is {state}; {did_you_mean(column, header)}"
            )
    rows = []
    for line, record in records:
        if not any(record):
            continue
        if len(record) != len(header):
            raise StancepackError(
                f"{path}, line {line}: {len(record)} cells where the header has {len(header)}."
            )
        rows.append(dict(zip(header, record, strict=True)))
    return rows


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as CSV text: UTF-8, commas, LF, a header, cells quoted only where needed."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(
        out, fieldnames=list(columns), lineterminator="\n", extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows to a CSV file, whole or not at all."""
    write(path, csv_text(columns, rows))
