"""One column of a table as the descriptor declares it, and how its text is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from stancepack.errors import StancepackError

_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]


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
        out, wrong = self.convert(text)
        codes = self.categories
        if codes and self.type == "string":
            wrong = ~text.isin([*codes, *self.missing])
            kind = pd.CategoricalDtype(codes, ordered=self.is_ordered)
            out = out.mask(wrong).astype(kind)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            expected = f"one of {', '.join(map(str, codes))}" if codes else f"of type {self.type}"
            raise StancepackError(
                f"{self.table}, line {row + 2}, {self.name}: {text.iloc[row]!r} is not {expected}. "
                "Run `stancepack validate` for every fault."
            )
        return out

    def convert(self, text: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return a column in its declared type, ``<NA>`` where that cannot be, and which of its values do not fit it."""
        there = text.notna() & ~text.isin(list(self.missing))
        values = text.where(there)
        match self.type:
            case "integer":
                fits = text.str.fullmatch(r"[-+]?[0-9]{1,18}")
                return values.where(fits).astype("Int64"), there & ~fits
            case "number":
                fits = text.str.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
                return values.where(fits).astype("Float64"), there & ~fits
            case "boolean":
                yes, no = self.truth
                known = dict.fromkeys(yes, True) | dict.fromkeys(no, False)
                return values.map(known).astype("boolean"), there & ~text.isin(list(known))
            case "date":
                days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
                return days, there & (
                    days.isna() | ~text.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
                )
            case _:
                return values, pd.Series(False, index=text.index)


@dataclass(frozen=True)
class ForeignKey:
    """Columns of one table that point to columns of another."""

    fields: list[str]
    table: str
    target: list[str]
