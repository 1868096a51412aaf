"""One column of a table as the descriptor declares it, and how its text is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset.refusals import PATTERNED, format_of
from stancepack.errors import StancepackError

_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]
_INTEGER = r"[-+]?[0-9]+"
_ABOVE_INTEGERS = 1 << 63
_SURELY_SHORT = 18  # digits of an integer that 64 bits hold, whatever they are
_NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?[iI][nN][fF]"
_NOT_A_NUMBER = "nan"  # a number of the standard that nobody reckons with
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DURATION = (
    r"-?P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?"
    r"(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)
_POINT = r"[-+]?[0-9]+(\.[0-9]+)?"
# what the text of a type, or of one of its formats, must match where the text is kept
_PATTERNS = {
    ("year", "default"): r"[-+]?[0-9]{4,}",
    ("yearmonth", "default"): r"[-+]?[0-9]{4,}-(0[1-9]|1[0-2])",
    ("duration", "default"): _DURATION,
    ("geopoint", "default"): rf"{_POINT}, *{_POINT}",
    ("geopoint", "array"): rf"\[ *{_POINT}, *{_POINT} *\]",
    ("string", "email"): r"[^@\s]+@[^@\s]+\.[^@\s.]+",
    ("string", "uri"): r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    ("string", "uuid"): r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}",
    ("string", "binary"): r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?",
}
_MINUSES = "\\-\u2010-\u2015\u2212\ufe63\uff0d"  # none of them may be lost as a sign of no number


def _is_json(fits: Callable[[Any], bool]) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        try:
            return fits(json.loads(text))
        except (ValueError, RecursionError):
            return False

    return is_one


def _is_iso(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return ":" in text

    return fits


def _is_point(value: Any) -> bool:
    if not isinstance(value, dict) or {*value} != {"lon", "lat"}:
        return False
    return all(type(degrees) in (int, float) for degrees in value.values())


# and those that no pattern tells
_PARSERS = {
    ("array", "default"): _is_json(lambda value: isinstance(value, list)),
    ("object", "default"): _is_json(lambda value: isinstance(value, dict)),
    ("geojson", "default"): _is_json(lambda value: isinstance(value, dict)),
    ("geojson", "topojson"): _is_json(
        lambda value: isinstance(value, dict) and value.get("type") == "Topology"
    ),
    ("geopoint", "object"): _is_json(_is_point),
    ("time", "default"): _is_iso(time.fromisoformat),
    ("datetime", "default"): _is_iso(datetime.fromisoformat),
}
# how a moment that was written by a pattern is written by default
_DEFAULT_FORMS: dict[str, Callable[[datetime], str]] = {
    "date": lambda moment: moment.date().isoformat(),
    "time": lambda moment: moment.timetz().isoformat(),
    "datetime": datetime.isoformat,
}


@dataclass(frozen=True)
class Field:
    """One column as the descriptor declares it."""

    table: str
    name: str
    body: dict[str, Any]
    missing: tuple[str, ...]
    is_coded_by_book: bool = False  # a codebook says the codes: numbers stay numbers

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

    @property
    def format(self) -> str:
        """The format of the type."""
        return str(format_of(self.body))

    @property
    def forms(self) -> dict[str, Any]:
        """What is declared of the form of values: format, and the signs of numbers."""
        names = ("decimalChar", "groupChar", "bareNumber", "delimiter", "itemType")
        forms = {"format": self.format} if self.format != "default" else {}
        return forms | {name: self.body[name] for name in names if name in self.body}

    @property
    def kind(self) -> str:
        """What values are, for messages: type, and what is declared of their form."""
        forms = " and ".join(f"{name} {value!r}" for name, value in self.forms.items())
        return f"type {self.type} with {forms}" if forms else f"type {self.type}"

    @property
    def is_category(self) -> bool:
        """Whether the column is read as a category of its codes."""
        return bool(self.categories) and (self.type == "string" or not self.is_coded_by_book)

    def written(self, value: Any) -> str:
        """Return a value of the descriptor as it would stand in a cell."""
        if self.type == "boolean" and isinstance(value, bool):
            yes, no = self.truth
            return next(iter(yes if value else no), "")
        if self.type == "number" and isinstance(value, int | float):
            return str(value).replace(".", self._decimal_sign)
        return json.dumps(value) if isinstance(value, dict | list) else str(value)

    def parse(
        self, text: pd.Series[Any], line_of: Callable[[int], int] | None = None
    ) -> pd.Series[Any]:
        """Turn a column of text into its declared type.

        Returns a column of the same length: ``str``, ``Int64``, ``Float64``, ``boolean``,
        ``datetime64``, or an (ordered) category; missing values are ``<NA>``.

        Parameters
        ----------
        text
            The column.
        line_of
            The line of a row in the file, for messages.

        Raises
        ------
        StancepackError
            If a value does not fit the type or is not one of the codes.
        """
        numbers, distinct = distinct_cells(text)
        values, wrong = self.convert(distinct)
        if self.is_category:
            codes = self.codes
            wrong |= values.notna() & ~values.isin(codes)
            kind = pd.CategoricalDtype(codes, ordered=self.is_ordered)
            known = values.mask(wrong).astype(object)
            values = known.where(known.notna(), None).astype(kind)
        if wrong.any():
            row = int(wrong.to_numpy(dtype=bool)[numbers].argmax())
            line = line_of(row) if line_of else row + 2
            raise StancepackError(
                f"{self.table}, line {line}, {self.name}: {self.fault(str(text.iloc[row]))} "
                "Run `stancepack validate` for every fault."
            )
        return values.take(numbers).set_axis(text.index)

    @property
    def codes(self) -> pd.Index[Any]:
        """The codes of the column in their type."""
        texts = pd.Series([self.written(code) for code in self.categories], dtype="str")
        values = self.convert(texts)[0].dropna()
        return pd.Index(values.tolist(), dtype="str" if self.type == "string" else None)

    def fault(self, cell: str) -> str:
        """Say why a cell is no value of the column, and what to do where that is not plain."""
        if self.type == "number" and cell.strip().lower() == _NOT_A_NUMBER:
            return f'{cell!r} is no number to reckon with; declare missingValues ["", {cell!r}].'
        if self.type == "integer" and re.fullmatch(_INTEGER, cell) and not _fits_in_64_bits(cell):
            return f"{cell!r} is an integer that 64 bits do not hold; declare the type string."
        if self.is_category:
            return f"{cell!r} is not one of {', '.join(map(str, self.categories))}."
        if self.format == "any":
            remedy = "declare a pattern such as %d/%m/%Y"
            return f"{cell!r}, of the format 'any', can be read in several ways; {remedy}."
        return f"{cell!r} is not of {self.kind}."

    def convert(self, text: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return text in the declared type, and which of it does not fit and is ``<NA>``."""
        text = text.astype("str")
        there = text.notna() & ~text.isin(list(self.missing))
        text = self._in_default_form(text)
        values = text.where(there)
        match self.type:
            case "integer":
                fits = _match(_INTEGER, text)
                is_long = (text.str.len() > _SURELY_SHORT).to_numpy(dtype=bool)
                for number in np.flatnonzero(fits.to_numpy() & is_long):
                    fits.iloc[number] = _fits_in_64_bits(text.iloc[number])
                return _numbers(values.where(fits), int, "Int64"), there & ~fits
            case "number":
                fits = _match(_NUMBER, text)
                return _numbers(values.where(fits), float, "Float64"), there & ~fits
            case "boolean":
                yes, no = self.truth
                known = dict.fromkeys(yes, True) | dict.fromkeys(no, False)
                return values.map(known).astype("boolean"), there & ~text.isin(list(known))
            case "date":
                days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
                is_day = _match(_DAY, text)
                return days, there & (days.isna() | ~is_day)
            case _:
                return values, there & ~self._is_kept(text)

    def _is_kept(self, text: pd.Series[Any]) -> pd.Series[Any]:
        """Tell which texts are values of a type that is kept as text."""
        form = self.type, "default" if self.type in PATTERNED else self.format
        if form in _PATTERNS:
            return _match(_PATTERNS[form], text)
        if form in _PARSERS:
            fits = [pd.notna(cell) and _PARSERS[form](cell) for cell in text]
            return pd.Series(fits, text.index, dtype=bool)
        if self.type == "list":
            return self._are_lists(text)
        return pd.Series(True, index=text.index)

    def _are_lists(self, text: pd.Series[Any]) -> pd.Series[Any]:
        item = Field("", "", {"type": self.body.get("itemType", "string")}, ())
        items = text.str.split(self.body.get("delimiter", ","), regex=False).explode()
        wrong: pd.Series[Any] = item.convert(items)[1].groupby(level=0).any()
        return ~wrong.reindex(text.index)

    def _in_default_form(self, text: pd.Series[Any]) -> pd.Series[Any]:
        """Return text of a declared form in the default form of its type, missing where none."""
        if self.type in PATTERNED and self.format not in ("default", "any"):
            return text.map(self._by_pattern, na_action="ignore").astype("str")
        if self.type in ("number", "integer") and self.forms:
            return text.map(self._as_plain_number, na_action="ignore").astype("str")
        return text

    def _by_pattern(self, cell: str) -> str | None:
        try:
            return _DEFAULT_FORMS[self.type](datetime.strptime(cell, self.format))
        except ValueError:
            return None

    def _as_plain_number(self, cell: str) -> str | None:
        number = self._number_pattern.fullmatch(cell)
        if number is None or number["number"] is None:
            return number and number["infinity"]
        group = self.body.get("groupChar") or ""
        plain = number["number"].replace(group, "") if group else number["number"]
        return plain.replace(self._decimal_sign, ".") if self.type == "number" else plain

    @property
    def _decimal_sign(self) -> str:
        return str(self.body.get("decimalChar", "."))

    @cached_property
    def _number_pattern(self) -> re.Pattern[str]:
        """What a number looks like with its signs; digits are grouped by threes, or as in India."""
        group = re.escape(self.body.get("groupChar") or "")
        digits = "[0-9]+"
        if group:
            digits = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|[0-9]+)"
        if self.type == "number":
            decimal = re.escape(self._decimal_sign)
            digits = rf"(?:{digits}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][-+]?[0-9]+)?"
        number = rf"(?P<number>[-+]?{digits})"
        if self.body.get("bareNumber", True):
            return re.compile(rf"{number}|(?P<infinity>[-+]?[iI][nN][fF])")
        around = rf"[^\d{_MINUSES}]*"
        return re.compile(rf"{around}?{number}{around}")

    def typed(self, column: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return a column of a frame in the declared type, and which of its cells do not fit it."""
        values = column
        if isinstance(column.dtype, pd.CategoricalDtype):
            kind = column.cat.categories.dtype
            values = column.astype("Int64" if pd.api.types.is_integer_dtype(kind) else kind)
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


def _numbers(text: pd.Series[Any], read: Callable[[str], Any], kind: str) -> pd.Series[Any]:
    """Read each text as Python does: other readers of columns know no plus sign."""
    values = [None if pd.isna(cell) else read(cell) for cell in text]
    return pd.Series(pd.array(values, dtype=kind), index=text.index)


def _match(pattern: str, text: pd.Series[Any]) -> pd.Series[Any]:
    matches: pd.Series[Any] = text.str.fullmatch(pattern)
    return matches.fillna(False).astype(bool)


def _fits_in_64_bits(cell: str) -> bool:
    if len(cell.lstrip("+-0")) > _SURELY_SHORT + 1:  # Python reads no integer of any length
        return False
    return -_ABOVE_INTEGERS <= int(cell) < _ABOVE_INTEGERS


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
