"""Reading and writing the CSV files that people keep: seeds, unit lists, sheets, adjudications."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.atomic import write
from stancepack.files.dialect import PLAIN, Dialect, UnreadableRecord
from stancepack.files.reading import decoded, read_bytes

Row = dict[str, str]

_SAVE = "save it as CSV (UTF-8)"
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
_OTHER_FORMATS = {
    b"PK\x03\x04": "a workbook of a spreadsheet program or another archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"{\\rtf": "a text of a word processor",
    b"\x1f\x8b": "a packed file (gzip); unpack it, and",
    b"BZh9": "a packed file (bzip2); unpack it, and",
    b"\xfd7zXZ": "a packed file (xz); unpack it, and",
}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
FORMULA_SIGNS = ("=", "+", "-", "@")  # with which a spreadsheet takes a text for a formula
BYTE_ORDER_MARK = "\ufeff"  # without which some spreadsheet programs misread accents
# white space of every kind becomes a space; these, which nobody sees, go
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_TITLE_LINES = 10  # so many lines above a header are looked at


def clean_cell(text: str) -> str:
    r"""Return a cell that somebody filled as it may stand in the data.

    Letters and accents are joined (NFC), white space of every kind becomes single spaces, and
    characters that nobody sees are removed: control characters, byte order marks, spaces of no
    width, and marks that turn the direction of reading.

    Examples
    --------
    >>> from stancepack.files.tables import clean_cell
    >>> clean_cell(" the\u00a0others\n stop\u200b their plan ")
    'the others stop their plan'
    """
    return " ".join(unicodedata.normalize("NFC", seen(text)).split())


def seen(text: str) -> str:
    """Return text without characters that nobody sees; white space of every kind stays."""
    return _UNSEEN.sub("", text)


def for_spreadsheet(row: Row) -> Row:
    """Return a row of somebody else's words so that a spreadsheet runs none as a formula."""
    return {
        column: f" {text}" if text.startswith(FORMULA_SIGNS) else text
        for column, text in row.items()
    }


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet would run a text as a formula; a number is none.

    Examples
    --------
    >>> from stancepack.files.tables import is_formula
    >>> [text for text in ("=1+1", "-1", "-words") if is_formula(text)]
    ['=1+1', '-words']
    """
    return text.startswith(FORMULA_SIGNS) and not _NUMBER.fullmatch(text)


def read_rows(path: Path, columns: Sequence[str], *, from_spreadsheet: bool = False) -> list[Row]:
    """Read a CSV file as rows of text.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there; others are kept.
    from_spreadsheet
        Also take what spreadsheet programs make of a file: semicolons or tabs between the cells, a
        first line ``sep=;``, UTF-16, column names with other capitals or spaces, rows of blanks,
        and rows without their last, empty cells.

    Raises
    ------
    StancepackError
        If the file is missing, is no CSV file in UTF-8, a column is missing or doubled, or a row
        has too many or too few cells.
    """
    return parse_rows(read_bytes(path), path, columns, from_spreadsheet=from_spreadsheet)


def parse_rows(
    content: bytes,
    path: Path,
    columns: Sequence[str],
    *,
    from_spreadsheet: bool = False,
    dialect: Dialect = PLAIN,
) -> list[Row]:
    """Read the bytes of a CSV file in UTF-8 as rows of text; see `read_rows`."""
    text, line = _text(content, path, from_spreadsheet), 1
    if from_spreadsheet:
        text, line, delimiter = _past_hint(text)
        dialect = replace(dialect, delimiter=delimiter or _delimiter(text, columns))
    records = _records(text, path, dialect, line)
    header = next(records, (line, []))[1] if dialect.has_header else list(columns)
    if from_spreadsheet:
        header = _known_names(header, columns)
    elif not dialect.keeps_case:
        header = without_case(header, columns)
    for column in columns:
        if header.count(column) != 1:
            raise _no_header(path, text, header, column, columns, dialect.delimiter)
    rows = []
    size = len(header)
    for line, record in records:
        if dialect.is_blank(record):
            continue
        if len(record) != size:
            if not from_spreadsheet:
                raise _ragged(path, line, record, size)
            record = _evened(path, line, record, size)
        if from_spreadsheet and not any(cell.strip() for cell in record):
            continue
        rows.append(dict(zip(header, record, strict=True)))
    return rows


def _text(content: bytes, path: Path, from_spreadsheet: bool) -> str:
    """Return the text of a file's bytes, or say what else it is."""
    for magic, kind in _OTHER_FORMATS.items():
        if content.startswith(magic):
            if b"xl/" in content:
                kind = "an Excel workbook"
            elif b"application/vnd.oasis.opendocument.spreadsheet" in content[:200]:
                kind = "an OpenDocument spreadsheet"
            raise StancepackError(f"{path}: this is {kind}; {_SAVE}.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and from_spreadsheet:
        wide = "utf-32" if content.startswith((b"\xff\xfe\x00\x00",)) else "utf-16"
        try:
            return content.decode(wide)
        except UnicodeDecodeError:
            raise StancepackError(f"{path}: a broken UTF-16 file; {_SAVE}.") from None
    start = content[:200]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start.count(0) > len(start) / 4:
        raise StancepackError(f"{path}: this is UTF-16 text; {_SAVE}.")
    return decoded(content, path).removeprefix("\ufeff")


def _past_hint(text: str) -> tuple[str, int, str]:
    """Return a text after a line ``sep=;``, the number of its first line, and the delimiter."""
    hint = re.match(r'"?sep=([,;\t|])"?[^\S\r\n]*(?:\r\n|\r|\n)', text, re.IGNORECASE)
    return (text[hint.end() :], 2, hint[1]) if hint else (text, 1, "")


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """Return what parts the cells: what makes most of the columns of the first line."""

    def made(delimiter: str) -> tuple[int, int]:
        header = _first_record(head, delimiter)
        return len({*_known_names(header, columns)} & {*columns}), len(header)

    head = re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]
    return max(",;\t", key=made)


def _known_names(header: list[str], columns: Sequence[str]) -> list[str]:
    """Return a header with the columns that are asked for as they are called."""

    def plain(name: str) -> str:
        return "_".join(clean_cell(name).casefold().split())

    known = {plain(column): column for column in columns}
    names = [known.get(plain(name), clean_cell(name)) for name in header]
    while names and not names[-1]:  # columns that were never named or filled
        names.pop()
    return names


def _records(text: str, path: Path, dialect: Dialect, line: int) -> Iterator[tuple[int, list[str]]]:
    """Go through the records of a CSV text, each with the line in which it begins."""
    above = line - 1
    try:
        for start, record in dialect.records(text):
            yield above + start, record
    except UnreadableRecord as error:
        where = above + error.line
        raise StancepackError(f"{path}, line {where}: {_quoting(str(error))}") from None


def lines_of_rows(text: str, dialect: Dialect) -> list[int]:
    """Return the line in which each row begins of a CSV text that can be read; none is blank."""
    records = dialect.records(text)
    if dialect.has_header:
        next(records, None)
    return [line for line, record in records if not dialect.is_blank(record)]


def without_case(header: list[str], columns: Sequence[str]) -> list[str]:
    """Return a header with names as they are called, where they differ in capitals alone."""
    known = {column.casefold(): column for column in columns}
    return [known.get(name.casefold(), name) for name in header]


def _quoting(error: str) -> str:
    if "unexpected end" in error or "field larger" in error:
        return "a quotation mark opens a cell here and none closes it; close it or remove it."
    if "expected after" in error:
        return (
            "text follows a closing quotation mark; "
            'write a quotation mark inside of a quoted cell twice ("").'
        )
    return f"cannot be read as CSV: {error}."


def _ragged(path: Path, line: int, record: list[str], size: int) -> StancepackError:
    advice = " Put cells that have commas into quotation marks." if len(record) > size else ""
    return StancepackError(
        f"{path}, line {line}: {len(record)} cells where the header has {size}.{advice}"
    )


def _evened(path: Path, line: int, record: list[str], size: int) -> list[str]:
    """Return a record with as many cells as the header, where only empty ones lack or are over."""
    if any(cell.strip() for cell in record[size:]):
        raise _ragged(path, line, record, size)
    return record[:size] + [""] * (size - len(record))


def _no_header(
    path: Path,
    text: str,
    header: list[str],
    column: str,
    columns: Sequence[str],
    delimiter: str,
) -> StancepackError:
    """Say why a column is not there: another delimiter, a line above the header, or its name."""
    wanted = {*columns}
    for other, name in DELIMITERS.items():
        if other != delimiter and wanted <= {*_known_names(_first_record(text, other), columns)}:
            wish = DELIMITERS.get(delimiter, repr(delimiter))
            return StancepackError(f"{path}: the cells are parted by {name}; save with {wish}.")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for _ in range(_TITLE_LINES):
        try:
            record = next(lines)
        except (StopIteration, csv.Error):
            break
        if lines.line_num > 1 and wanted <= {*_known_names(record, columns)}:
            return StancepackError(
                f"{path}: the names of the columns stand in line {lines.line_num}; "
                "remove the lines above."
            )
    if not header:
        return StancepackError(f"{path}: the file is empty; its first line should name columns.")
    state = "missing" if column not in header else "there more than once"
    return StancepackError(f"{path}: column {column!r} is {state}; {did_you_mean(column, header)}")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as CSV text: commas, LF, a header, cells quoted only where needed."""
    return csv_bytes(columns, rows).decode("utf-8")


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return rows as CSV text in UTF-8; see `csv_text`."""
    content = io.BytesIO()
    out = io.TextIOWrapper(content, encoding="utf-8", newline="")
    writer = csv.writer(out, lineterminator="\n")
    # before Python 3.13 the module leaves a carriage return unquoted, and readers end the row at it
    quoting = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in rows:
        cells = [row.get(column, "") for column in columns]
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (quoting if has_return else writer).writerow(cells)
    out.flush()
    return content.getvalue()


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows to a CSV file, whole or not at all."""
    write(path, csv_text(columns, rows))
