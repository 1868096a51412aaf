"""Reading a CSV file of exactly the declared form: each column as its distinct cells.

A column of half a million rows and three codes is then three texts and half a million small
numbers: it takes little memory, and whatever is asked of its cells is asked three times.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from stancepack.files.dialect import PLAIN, Dialect

_ROWS_AT_ONCE = 100  # so few that they stay in the cache of a processor: a third of the time


class _Numbers(dict[str, int]):
    """A number for each distinct cell, in the order of their first rows."""

    def __missing__(self, cell: str) -> int:
        number = self[cell] = len(self)
        return number


def read_cells(
    content: bytes, columns: Sequence[str], dialect: Dialect = PLAIN
) -> pd.DataFrame | None:
    """Read the bytes of a CSV file as categorical columns of text.

    Parameters
    ----------
    content
        Text in UTF-8.
    columns
        The columns, which must be those of the header, in this order.
    dialect
        How the file is written; its encoding is of no matter here.

    Returns
    -------
    pandas.DataFrame or None
        None if the text has another form: another header, a row too short, too long or blank, or
        quotes out of place.
    """
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    reader: Iterator[list[str]] = dialect.reader(text)
    if not dialect.is_one_header_and_rows:
        reader = _records(text, dialect)
    size, blank = len(columns), [""] * len(columns)
    known = [_Numbers() for _ in columns]
    numbers = [array("i") for _ in columns]
    try:
        if dialect.has_header and next(reader, None) != list(columns):
            return None
        while rows := list(islice(reader, _ROWS_AT_ONCE)):
            if {size} != set(map(len, rows)) or (blank in rows and not dialect.keeps_empty_rows):
                return None
            for cells, number_of, column in zip(
                zip(*rows, strict=True), known, numbers, strict=True
            ):
                column.extend(map(number_of.__getitem__, cells))
    except (csv.Error, UnicodeDecodeError):
        return None
    parts = zip(columns, known, numbers, strict=True)
    return pd.DataFrame(
        {name: _categorical(cells, rows) for name, cells, rows in parts}, copy=False
    )


def _records(text: io.TextIOWrapper, dialect: Dialect) -> Iterator[list[str]]:
    for _, record in dialect.records(text.read()):
        yield record


def _categorical(cells: _Numbers, numbers: array[int]) -> pd.Categorical:
    categories = pd.Index(list(cells), dtype="str")
    codes = np.frombuffer(numbers, dtype=np.int32)
    return pd.Categorical.from_codes(codes, categories, validate=False)


def row_keys(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray[Any, Any]:
    """Return a number for each row, the same for rows that have the same cells in these columns."""
    keys = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        size = len(frame[column].cat.categories)
        if len(frame) and int(keys.max()) >= np.iinfo(np.int64).max // max(size, 1):
            keys = pd.factorize(keys)[0].astype(np.int64)
        keys = keys * size + frame[column].cat.codes.to_numpy()
    return keys


def first_rows(keys: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the first row of each key, and for each row the place of its key among them."""
    places, _ = pd.factorize(keys)
    is_first = ~pd.Series(places).duplicated().to_numpy()
    return np.flatnonzero(is_first), places


def shared_keys(
    one: pd.DataFrame, columns: Sequence[str], other: pd.DataFrame, other_columns: Sequence[str]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return a number for each row of two tables, the same for rows with the same cells."""
    pairs = list(zip(columns, other_columns, strict=True))
    joined = {
        column: union_categoricals([one[column], other[other_column]])
        for column, other_column in pairs
    }
    keys = row_keys(pd.DataFrame(joined), columns)
    return keys[: len(one)], keys[len(one) :]
