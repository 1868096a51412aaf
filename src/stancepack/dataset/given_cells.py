"""Cells of somebody's table as they would stand in a file of a package: text, read by its column.

Nothing is guessed: a year is a year, a number that is neither a year nor a code is a fault, and
each fault names its table, row (from 0), column and value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset.columns import Field
from stancepack.dataset.dates import bounds
from stancepack.dataset.scales import YES, code_as_written, plain_minus
from stancepack.errors import StancepackError
from stancepack.files.tables import clean_cell, seen

Writer = Callable[[Any], str]

_FIRST_YEAR, _LAST_YEAR = 1000, 9999  # of four digits; others may be two of them, or a day number
_EXACT = 2**53  # up to here every whole number is one that a float can be
_MIDNIGHT = time()
_SPACED_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d+)?"
)  # as databases write
_DIGITS = 18  # of whole numbers, as columns are read
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_WORDS_OF_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def fault(table: str, row: int, column: str, why: object) -> StancepackError:
    """Return what is wrong with a cell, which the reason should show."""
    return StancepackError(f"{table}, row {row}, {column}: {why}")


def written(cells: pd.Series[Any], write: Writer, table: str, column: str) -> pd.Series[Any]:
    """Write every cell of a column, whose index numbers its rows; equal cells are written once."""
    known: dict[tuple[type, Any], str] = {}
    texts = []
    for row, cell in zip(cells.index, cells.astype(object), strict=True):
        try:
            key = (type(cell), cell)
            text = known.get(key)
        except TypeError:
            raise fault(table, row, column, _no_cell(cell)) from None
        if text is None:
            try:
                text = known[key] = write(cell)
            except StancepackError as error:
                raise fault(table, row, column, error) from None
        texts.append(text)
    return pd.Series(texts, index=cells.index, dtype="str")


def is_missing(cell: Any) -> bool:
    """Tell whether a cell says nothing: null, NaN, or blank text."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))


def text_of(cell: Any) -> str:
    """Return text as it is, but for what no file of a package keeps; numbers as their digits."""
    if is_missing(cell):
        return ""
    if isinstance(cell, str):
        lines = cell.replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", seen(lines))
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if _is_number(cell):
        return number_of(cell)
    if isinstance(cell, datetime | date | np.datetime64 | pd.Period):
        return day_of(cell)
    raise StancepackError(_no_cell(cell))


def name_of(cell: Any) -> str:
    """Return the id or name that a cell is, in one line without spaces at its ends."""
    return clean_cell(text_of(cell))


def day_of(cell: Any) -> str:
    """Return the date that a cell says, in EDTF; a number of four digits is a year."""
    if is_missing(cell):
        return ""
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if isinstance(cell, datetime):
        day = cell.date().isoformat()
        return day if cell.time() == _MIDNIGHT else cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, pd.Period):
        return _of_period(cell)
    if isinstance(cell, str):
        text = clean_cell(cell)
        moment = _SPACED_MOMENT.fullmatch(text)
        text = f"{moment[1]}T{moment[2]}" if moment else text
        bounds(text)
        return text
    if _is_number(cell):
        if _FIRST_YEAR <= cell <= _LAST_YEAR and cell == int(cell):
            return str(int(cell))
        number = cell if abs(cell) < 10**_DIGITS else "this"
        why = "is a number, but no year of four digits; write a date, such as 2007-02-10"
        raise StancepackError(f"{number} {why}.")
    raise StancepackError(f"{cell!r} is no date; write one in EDTF, such as 2007-02-10 or 2007.")


def moment_of(cell: Any) -> str:
    """Return the day and time of a cell, to the microsecond."""
    moment = cell if is_missing(cell) or not isinstance(cell, datetime) else cell.isoformat()
    return text_of(moment)


def _of_period(period: pd.Period) -> str:
    if period.freqstr[0] in "YAM" or period.freqstr == "D":
        return str(period)
    return f"{period.start_time.date()}/{period.end_time.date()}"


def number_of(cell: Any) -> str:
    """Return the number that a cell is or writes, with a point and a plain minus."""
    if is_missing(cell):
        return ""
    if isinstance(cell, str):
        text = plain_minus(clean_cell(cell))
        if not _NUMBER.fullmatch(text):
            raise StancepackError(f"{cell!r} is no number; write one, such as 2 or 0.5.")
    elif not _is_number(cell):
        raise StancepackError(f"{cell!r:.60} is no number; write one, such as 2 or 0.5.")
    else:
        text = _digits_of(cell)
    digits = text.lstrip("-+")
    if len(digits) > _DIGITS and digits.isdecimal():
        raise _too_long()
    return text


def _is_number(cell: Any) -> bool:
    is_number = isinstance(cell, int | float | np.integer | np.floating | Decimal)
    return is_number and not isinstance(cell, bool)


def _too_long() -> StancepackError:
    return StancepackError(f"a number of more than {_DIGITS} digits; write it as text.")


def _digits_of(number: Any) -> str:
    """Return a number as text that is read as the same number."""
    if isinstance(number, int | np.integer):
        if abs(number) >= 10**_DIGITS:
            raise _too_long()
        return str(int(number))
    if not abs(number) < float("inf"):
        raise StancepackError(f"{number!r} is not finite; write a number, or leave it empty.")
    if abs(number) < _EXACT and number == int(number):
        return str(int(number))
    return str(number) if isinstance(number, Decimal) else repr(float(number))


def _no_cell(cell: Any) -> str:
    kind = type(cell).__name__
    return f"{cell!r:.60} is a {kind}; a cell holds one text, number, date or truth value."


def writer_of(field: Field) -> Writer:
    """Return what writes the cells of a column of declared type or codes."""
    if field.categories:
        codes = [str(code) for code in field.categories]
        return lambda cell: _code_of(cell, codes)
    match field.type:
        case "integer" | "number":
            return number_of
        case "boolean":
            yes, no = field.truth
            return lambda cell: _truth_of(cell, yes[0], no[0])
        case "date":
            return day_of
        case "datetime":
            return moment_of
        case _:
            return text_of


def _code_of(cell: Any, codes: list[str]) -> str:
    if isinstance(cell, bool | np.bool_):
        cell = YES if cell else "no"
    text = code_as_written(name_of(cell), codes)
    if text and text not in codes:
        raise StancepackError(f"{text!r} is not one of {', '.join(codes)}.")
    return text


def _truth_of(cell: Any, yes: str, no: str) -> str:
    text = name_of(cell).casefold()
    if not text:
        return ""
    if text not in _WORDS_OF_TRUTH:
        raise StancepackError(f"{cell!r} is no truth value; write {yes} or {no}.")
    return yes if _WORDS_OF_TRUTH[text] else no
