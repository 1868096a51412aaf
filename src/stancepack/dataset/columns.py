"""One column of a table as the descriptor declares it, and how its text is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError

_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]
_INTEGER = r"[-+]?[0-9]{1,18}"  # what 64 bits hold
_NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DURATION = (
    r"P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?"
    r"(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)
# types that are kept as text: what their text must match
_PATTERNS = {
    "year": r"[-+]?[0-9]{4,}",
    "yearmonth": r"[-+]?[0-9]{4,}-(0[1-9]|1[0-2])",
    "duration": _DURATION,
    "geopoint": r"[-+]?[0-9]+(\.[0-9]+)?, *[-+]?[0-9]+(\.[0-9]+)?",
}


def _is_json_of(*kinds: type) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            return isinstance(json.loads(text), kinds)
        except (ValueError, RecursionError):
            return False

    return fits


def _is_iso(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return ":" in text

    return fits


# and those that no pattern tells
_PARSERS = {
    "array": _is_json_of(list),
    "object": _is_json_of(dict),
    "geojson": _is_json_of(dict),
    "time": _is_iso(time.fromisoformat),
    "datetime": _is_iso(datetime.fromisoformat),
}


@dataclass(frozen=True)
class Field:
    """One column as the descriptor declares it."""

    table: str
    name: str
    body: dict[str, Any]
    missing: tuple[str, ...]

    @property
    def type(self) -> str:
        """The Table Schema type; text where none is given."""
        return str(self.body.get("type", "string"))

    @property
    def constraints(self) -> dict[str, Any]:
        """The constraints."""
        limits = self.body.get("constraints")
        return limits if isinstance(limits, dict) else {}

    @property
    def categories(self) -> list[Any]:
        """The codes of the column in their order, or an empty list."""
        categories = self.body.get("categories") or []
        return [item["value"] if isinstance(item, dict) else item for item in categories]

    @property
    def is_ordered(self) -> bool:
        """Whether the codes have an order."""
        return bool(self.body.get("categoriesOrdered"))

    @property
    def truth(self) -> tuple[list[str], list[str]]:
        """The texts that mean yes, and those that mean no."""
        return self.body.get("trueValues", _TRUE), self.body.get("falseValues", _FALSE)

    def parse(self, text: pd.Series[Any]) -> pd.Series[Any]:
        """Turn a column of text into its declared type.

        Returns a column of the same length: ``str`` or an (ordered) category for text, ``Int64``,
        ``Float64``, ``boolean``, or ``datetime64``; missing values are ``<NA>``.

        Raises
        ------
        StancepackError
            If a value does not fit the type or is not one of the codes.
        """
        numbers, distinct = distinct_cells(text)
        values, wrong = self.convert(distinct)
        codes = self.categories
        if codes and self.type == "string":
            wrong = ~distinct.isin([*codes, *self.missing])
            kind = pd.CategoricalDtype(codes, ordered=self.is_ordered)
            values = values.mask(wrong).astype(kind)
        if wrong.any():
            row = int(wrong.to_numpy(dtype=bool)[numbers].argmax())
            expected = f"one of {', '.join(map(str, codes))}" if codes else f"of type {self.type}"
            raise StancepackError(
                f"{self.table}, line {row + 2}, {self.name}: {text.iloc[row]!r} is not {expected}. "
                "Run `stancepack validate` for every fault."
            )
        return values.take(numbers).set_axis(text.index)

    def convert(self, text: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return text in the declared type, and which of it does not fit and is ``<NA>``."""
        text = text.astype("str")
        there = text.notna() & ~text.isin(list(self.missing))
        values = text.where(there)
        match self.type:
            case "integer":
                fits = text.str.fullmatch(_INTEGER)
                return values.where(fits).astype("Int64"), there & ~fits
            case "number":
                fits = text.str.fullmatch(_NUMBER)
                return values.where(fits).astype("Float64"), there & ~fits
            case "boolean":
                yes, no = self.truth
                known = dict.fromkeys(yes, True) | dict.fromkeys(no, False)
                return values.map(known).astype("boolean"), there & ~text.isin(list(known))
            case "date":
                days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
                return days, there & (days.isna() | ~text.str.fullmatch(_DAY))
            case kind if kind in _PATTERNS:
                return values, there & ~text.str.fullmatch(_PATTERNS[kind])
            case kind if kind in _PARSERS:
                fits = [pd.notna(cell) and _PARSERS[kind](cell) for cell in text]
                return values, there & ~pd.Series(fits, text.index, dtype=bool)
            case _:
                return values, pd.Series(False, index=text.index)

    def typed(self, column: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return a column of a frame in the declared type, and which of its cells do not fit it."""
        values = column
        if isinstance(column.dtype, pd.CategoricalDtype):
            values = column.astype(column.cat.categories.dtype)
        if values.dtype == object:  # of single values, each as it would be written
            values = values.map(_written, na_action="ignore").astype("str")
        if pd.api.types.is_string_dtype(values.dtype):
            return self.convert(values)
        match self.type:
            case "integer":
                return _as_numbers(values, whole=True)
            case "number":
                return _as_numbers(values, whole=False)
            case "boolean" if pd.api.types.is_bool_dtype(values.dtype):
                return values.astype("boolean"), pd.Series(False, index=values.index)
            case "date" if pd.api.types.is_datetime64_dtype(values.dtype):
                return values, values.notna() & (values != values.dt.normalize())
            case _:
                return values.where(values.isna()), values.notna()


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _as_numbers(values: pd.Series[Any], *, whole: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    kind = values.dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return values.where(values.isna()), values.notna()
    numbers = values.astype("Float64")
    wrong = numbers.notna() & (numbers % 1 != 0).fillna(True) if whole else numbers.isna() & False
    return numbers.mask(wrong).astype("Int64" if whole else "Float64"), wrong


def distinct_cells(text: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], pd.Series[Any]]:
    """Return for each cell of a column of text the number of its value, and the distinct values."""
    if not isinstance(text.dtype, pd.CategoricalDtype):
        numbers, values = pd.factorize(text, use_na_sentinel=False)
        return numbers, pd.Series(values, dtype="str")
    return text.cat.codes.to_numpy(), pd.Series(text.cat.categories, dtype="str")


@dataclass(frozen=True)
class ForeignKey:
    """Columns of one table that point to columns of another."""

    fields: list[str]
    table: str
    target: list[str]
