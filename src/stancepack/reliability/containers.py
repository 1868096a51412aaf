"""Codes out of any container: frames of any engine, arrays, lists, and files of spreadsheets.

Everything becomes one of three: codes one by one, an array of units × coders, or a frame that
another engine counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.reliability.categories import CodeReading, is_number, plain_code
from stancepack.reliability.engines import EngineFrame, declared_by, engine_frame, frame_of
from stancepack.reliability.layouts import (
    CodeArray,
    Shape,
    of_array,
    of_coders_in_rows,
    of_counts,
    of_wide,
)
from stancepack.reliability.names import tidy_columns
from stancepack.reliability.rows import CodedRows, coded_rows

Source = CodedRows | CodeArray | EngineFrame
_SEPARATORS = ";\t,"  # of spreadsheets, the surest first
_EXCELS_FIRST_LINE = "sep="


def source_of(data: Any, shape: Shape, how: CodeReading) -> tuple[Source, list[str]]:
    """Return where the codes of a container come from, and what is to be said of the reading."""
    if isinstance(data, str | Path):
        data = read_csv(data)
    if isinstance(data, np.ndarray):
        return of_array(data, shape, how)
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray | memoryview | range):
        return _of_list(list(data), shape, how)
    frame = as_pandas(data)
    if frame is not None:
        return _of_frame(frame, shape, how), []
    lazy = engine_frame(data)
    if lazy is None:
        raise StancepackError(
            f"{type(data).__name__} is no frame of codes; give a tidy frame (pandas, Polars, "
            "DuckDB, Dask, PySpark, Arrow), an array of units × coders, tuples of (unit, coder, "
            "code), dicts, or the path of a CSV file."
        )
    if shape.layout not in (None, "long"):
        return _of_frame(frame_of(lazy), shape, how), []
    names = lazy.collect_schema().names()
    columns = tidy_columns(names, shape.unit, shape.coder_name, shape.value_name)
    return EngineFrame(lazy, columns, how, declared_by(data, columns.value)), []


def as_pandas(data: Any) -> pd.DataFrame | None:
    """Return a frame of pandas or Arrow, or a dict of columns, as a frame; nothing of others."""
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, Mapping):
        return _framed(dict(data))
    if type(data).__module__.partition(".")[0] == "pyarrow" and hasattr(data, "to_pandas"):
        frame = data.to_pandas()  # keeps the order of dictionaries
        return frame if isinstance(frame, pd.DataFrame) else None
    return None


def any_frame(data: Any) -> pd.DataFrame:
    """Return a frame of any engine, or dicts, as a frame of pandas."""
    if isinstance(data, list) and data and all(isinstance(row, Mapping) for row in data):
        return _framed([dict(row) for row in data])
    frame = as_pandas(data)
    if frame is not None:
        return frame
    lazy = engine_frame(data)
    if lazy is None:
        raise StancepackError(f"{type(data).__name__} is no frame; give one, or a list of dicts.")
    return frame_of(lazy)


def _framed(data: Any) -> pd.DataFrame:
    try:
        return pd.DataFrame(data)
    except (ValueError, TypeError) as error:
        raise StancepackError(f"these cells make no table: {error}.") from None


def _of_frame(frame: pd.DataFrame, shape: Shape, how: CodeReading) -> CodedRows:
    if not frame.columns.is_unique or frame.columns.nlevels > 1:
        raise StancepackError("the columns of a frame of codes have one name each, no two alike.")
    if shape.layout == "wide":
        return of_wide(frame, shape, how)
    if shape.layout == "counts":
        return of_counts(frame, shape, how)
    if shape.layout == "coders-in-rows":
        return of_coders_in_rows(frame, shape, how)
    columns = tidy_columns(frame.columns, shape.unit, shape.coder_name, shape.value_name)
    return coded_rows(frame, columns, how)


def _of_list(rows: list[Any], shape: Shape, how: CodeReading) -> tuple[Source, list[str]]:
    """Read tuples of (unit, coder, code), dicts with a key for each column, or rows of cells."""
    if rows and all(isinstance(row, Mapping) for row in rows):
        return _of_frame(_framed([dict(row) for row in rows]), shape, how), []
    if shape.layout not in (None, "long"):
        return of_array(_array_of_rows(rows), shape, how)
    for number, row in enumerate(rows):
        if not isinstance(row, tuple) or len(row) != 3:
            raise StancepackError(
                f"row {number} of the list is {row!r}; a list holds tuples of (unit, coder, code), "
                'or dicts. For rows of units × coders write layout="wide", or give an array.'
            )
    columns = shape.columns
    names = [*columns.unit, columns.coder, columns.value]
    cells = dict(zip(names, map(list, zip(*rows, strict=True)), strict=False))
    frame = pd.DataFrame({name: pd.Series(cells.get(name, []), dtype=object) for name in names})
    return coded_rows(frame, columns, how), []


def _array_of_rows(rows: list[Any]) -> Any:
    cells = [list(row) if isinstance(row, list | tuple) else [row] for row in rows]
    if len({len(row) for row in cells}) > 1:
        raise StancepackError("the rows of a table have the same number of cells each.")
    array = np.empty((len(cells), len(cells[0]) if cells else 0), dtype=object)
    for number, row in enumerate(cells):
        for place, cell in enumerate(row):
            array[number, place] = cell
    return array


# ------------------------------------------------------------------------------------------------
# files


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a CSV file as spreadsheets write it, every cell as text; a blank cell is missing."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StancepackError(
            f"{path}: this is no text in UTF-8; save the table as CSV (UTF-8)."
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise StancepackError(f"{path}: {why}; the data are a frame, or a CSV file.") from None
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith(_EXCELS_FIRST_LINE):
        text, separator = rest, first.strip()[len(_EXCELS_FIRST_LINE) :] or ","
    else:
        separator = max(_SEPARATORS, key=first.count)
    rows = _rows(path, text, separator)
    header = [cell.strip() for cell in rows[0]]
    if len(set(header)) < len(header):
        raise StancepackError(f"{path}: two columns have one name: {', '.join(header)}.")
    cells = [[_cell(cell, separator) for cell in row[: len(header)]] for row in rows[1:]]
    filled = [row + [None] * (len(header) - len(row)) for row in cells]
    return pd.DataFrame(filled, columns=header, dtype=object)


def _rows(path: str | Path, text: str, separator: str) -> list[list[str]]:
    """Return the rows that have a cell, the header first."""
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        numbered = [(lines.line_num, row) for row in lines if any(map(str.strip, row))]
    except (csv.Error, TypeError) as error:
        raise StancepackError(f"{path}: {error}.") from None
    if not numbered:
        raise StancepackError(f"{path}: the file has no rows.")
    width = len(numbered[0][1])
    for line, row in numbered:
        if any(cell.strip() for cell in row[width:]):
            raise StancepackError(f"{path}: line {line} has more cells than the header.")
    return [row for _, row in numbered]


def _cell(cell: str, separator: str) -> str | None:
    """Return what a cell says; a decimal comma as a point where commas do not part the cells."""
    text = cell.strip()
    if separator != "," and text.count(",") == 1:
        number = text.replace(",", ".")
        return number if is_number(plain_code(number, None)) else text
    return text or None
