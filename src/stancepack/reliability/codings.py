"""The one door: codes of any container become `Codings`, which every function of the wing takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.reliability.categories import PARTS, SHOWN, CodeReading
from stancepack.reliability.containers import source_of
from stancepack.reliability.counts import Patterns
from stancepack.reliability.engines import EngineFrame
from stancepack.reliability.layouts import CodeArray, Shape
from stancepack.reliability.rows import CodedRows

if TYPE_CHECKING:
    from stancepack.reliability.computation import Options

ROUND = "round"  # the column of the coding round, which makes a unit by itself


class Reading(TypedDict, total=False):
    """How codes are read; see `codings`."""

    layout: str | None
    unit: str | Sequence[str] | None
    coder: str | Sequence[str] | None
    value: str | None
    missing: Any
    order: Iterable[Any] | None
    parts: str | None


class Codings:
    """Codes of coders, read and checked: what `codings` gives and each figure of agreement takes.

    Attributes
    ----------
    categories, coders
        The codes in their order, and the coders.
    is_numeric, is_ordered
        Whether all codes are numbers, and whether their order is known.
    units
        A frame with a row for each unit.
    frame
        The tidy codes: a row for each unit and coder.
    notes
        What is to be said of the reading.
    """

    def __init__(
        self, source: Any, notes: Sequence[str] = (), *, is_unit_named: bool = True
    ) -> None:
        if not isinstance(source, CodedRows | CodeArray | EngineFrame | Patterns):
            raise StancepackError("Codings are made by codings(), which reads any container.")
        self._source = source
        self._of_reading = tuple(notes)
        self._is_unit_named = is_unit_named

    @cached_property
    def patterns(self) -> Patterns:
        """The distinct patterns of codes, counted when they are first asked for."""
        if isinstance(self._source, Patterns):
            return self._source
        return self._source.counted()

    @cached_property
    def rows(self) -> CodedRows:
        """The codes one by one, brought here when they are first asked for."""
        source = self._source
        if isinstance(source, CodeArray | EngineFrame):
            return source.rows()
        if isinstance(source, Patterns):
            raise StancepackError("these codes were counted before; the units are no longer there.")
        return source

    @property
    def categories(self) -> list[Any]:
        """The codes in their order, used or declared."""
        return list(self.patterns.categories)

    @property
    def coders(self) -> list[Any]:
        """The coders who gave a code."""
        return list(self.patterns.coders)

    @property
    def is_numeric(self) -> bool:
        """Whether all codes are numbers."""
        return self.patterns.categories.is_numeric

    @property
    def is_ordered(self) -> bool:
        """Whether the order of the codes is known."""
        return self.patterns.categories.is_ordered

    @property
    def units(self) -> pd.DataFrame:
        """One row for each unit that has a code, as they first come."""
        return self.rows.by_unit()[0]

    @property
    def frame(self) -> pd.DataFrame:
        """The tidy codes: the columns of the unit, coder, and code."""
        return self.rows.frame

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the reading."""
        source = self._source
        if self._is_unit_named or not isinstance(source, CodedRows | EngineFrame):
            return self._of_reading
        return (*self._of_reading, *_pooled(source))

    @property
    def n_units(self) -> int:
        """How many units have a code."""
        return int(self.patterns.units.sum())

    def __repr__(self) -> str:
        """Say how much there is, and the codes."""
        categories = self.patterns.categories
        who = "coders not named" if self.patterns.anonymous else f"{len(self.coders)} coders"
        order = "in order" if categories.is_ordered else "in no order"
        return (
            f"<Codings: {self.n_units} units, {who}, {len(categories)} codes {order}: "
            f"{categories.shown()}>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        shown = self.frame.head(2 * SHOWN)
        return f"<p>{escape(repr(self))}</p>{shown.to_html(index=False)}"

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: codes of another engine are brought here."""
        is_there = isinstance(self._source, EngineFrame)
        return {"_source": self.rows if is_there else self._source, "notes": self.notes}

    def check(self, options: Options) -> None:
        """Refuse options that these codes are not for; name the codes, or the cell if it is one."""
        categories = self.patterns.categories
        if not options.has_distance:
            self._refuse_sets()
        needed = options.needs_numbers
        if needed and not categories.is_numeric:
            self._refuse_names(needed, "numbers")
        needed = options.needs_order
        if needed and not categories.is_ordered:
            self._refuse_names(needed, "order")
        if options.is_ratio and len(categories) and categories.numbers.min() < 0:
            raise StancepackError(
                f"{self._where(categories[0])}the code {categories[0]!r} is below 0, and a ratio "
                "scale has nothing below 0; take the level interval or ordinal (or weights "
                "'quadratic')."
            )
        if self.patterns.anonymous and options.needs_coders:
            raise StancepackError(
                f"{options.needs_coders} needs to know who gave which code, and a table of counts "
                "does not say."
            )

    def check_combining(self, model: str) -> None:
        """Refuse to make one answer of codes that a model is not for."""
        self._refuse_sets()
        if model == "ordinal" and not self.is_ordered:
            self._refuse_names("method 'ordinal'", "order")
        if model != "majority" and self.patterns.anonymous:
            raise StancepackError(
                f"method {model!r} needs to know who gave which code, and a table of counts does "
                "not say; method 'majority' does without."
            )

    def _refuse_sets(self) -> None:
        categories = self.patterns.categories
        if categories.has_sets:
            code = max(categories, key=len)
            raise StancepackError(
                f"{self._where(code)}the code {_shown(code)} is a set of labels, which "
                'distance="masi" or "jaccard" (of alpha) compares; if it is one name with a sign '
                "in it, write parts=None."
            )

    def _refuse_names(self, what: str, needs: str) -> None:
        categories = self.patterns.categories
        strays = categories.strays
        if strays:
            raise StancepackError(
                f"{self._where(strays[0])}the code {strays[0]!r} is no number, as the others are, "
                f"and {what} needs {'numbers' if needs == 'numbers' else 'their order'}. If it "
                f"stands for no code, write missing={strays!r}; else say the order of all codes "
                "with order=[…], or take level='nominal'."
            )
        if needs == "numbers":
            raise StancepackError(
                f"{what} needs numbers; the codes are not all numbers: {categories.shown()}."
            )
        raise StancepackError(
            f"{what} needs the order of the codes, and nothing says it: {categories.shown()}. "
            f"Write order={list(categories)[:SHOWN]!r} from the lowest to the highest (all of "
            "them), or take level='nominal' or no weights."
        )

    def _where(self, code: Any) -> str:
        """Say in which cell a code stands first."""
        if isinstance(self._source, Patterns):
            return ""
        rows = self.rows
        rank = list(rows.categories).index(code)
        places = (rows.ranks == rank).nonzero()[0]
        if not len(places):
            return ""
        names = rows.units.iloc[places[0]].to_dict()
        names[rows.coder] = rows.coders[rows.coder_numbers[places[0]]]
        return f"{', '.join(f'{column} {name}' for column, name in names.items())}: "


def codings(
    data: Any,
    *,
    layout: str | None = None,
    unit: str | Sequence[str] | None = None,
    coder: str | Sequence[str] | None = None,
    value: str | None = None,
    missing: Any = None,
    order: Iterable[Any] | None = None,
    parts: str | None = PARTS,
) -> Codings:
    """Read the codes of coders out of any container.

    Every function of agreement takes what this takes, by the same keywords, or what this gives.

    Parameters
    ----------
    data
        A frame (pandas, Polars, DuckDB, Dask, PySpark, Arrow; those of the engines are counted
        where they are), an array, a list of tuples (unit, coder, code), a list of dicts, or the
        path of a CSV file as spreadsheets write it.
    layout
        ``"long"``: a row for each unit and coder. ``"wide"``: a row for each unit, a column for
        each coder. ``"coders-in-rows"``: a row for each coder, a column for each unit.
        ``"counts"``: a row for each unit, a column for each code, with how many coders gave it. By
        default arrays are wide and all else is long.
    unit
        Column or columns that name the unit. By default, of a long frame those of ``round``,
        ``statement_id``, ``issue_id`` and ``variable`` that it has, of other tables the index.
    coder, value
        Columns of coder (by default ``coder_id``) and code (``position``). In a wide table `coder`
        may list the columns of the coders. Where a container has no such columns, as an array,
        `unit`, `coder` and `value` are what they are called in frames that are made of it.
    missing
        What stands for no code, one or several: ``"."``, ``[-9, -8]``. Null, NaN and a blank cell
        do always.
    order
        All codes that could have been used, from the lowest to the highest. By default those that
        an ordered type declares (ordered categorical, Enum); numbers have their own order, whatever
        holds them. Names have none unless it is said.
    parts
        The sign between labels where a cell holds several as text; None if there is none.

    Returns
    -------
    Codings
        ``categories``, ``coders``, ``units``, ``frame`` (tidy), ``is_numeric``, ``is_ordered``.

    Raises
    ------
    StancepackError
        If a column is missing, a coder coded a unit twice, a code has no unit or coder, or a cell
        cannot be a code.

    Examples
    --------
    >>> import stancepack as sp
    >>> cells = [("a", "ann", "1"), ("a", "ben", "−1"), ("b", "ann", 0), ("b", "ben", ".")]
    >>> codes = sp.codings(cells, missing=".")
    >>> codes
    <Codings: 2 units, 2 coders, 3 codes in order: -1, 0, 1>
    >>> sp.agreement(codes, interval=None).n_units
    1
    """
    options = {"layout": layout, "unit": unit, "coder": coder, "value": value}
    if isinstance(data, Codings | Patterns):
        given = [*(name for name in options if options[name] is not None)]
        given += [name for name, is_given in _read_only(missing, order, parts).items() if is_given]
        _refuse_reading(given)
        return data if isinstance(data, Codings) else Codings(data)
    how = CodeReading(missing, order, parts)
    source, notes = source_of(data, Shape(layout, unit, coder, value), how)
    return Codings(source, notes, is_unit_named=unit is not None)


def _read_only(missing: Any, order: Any, parts: Any) -> dict[str, bool]:
    return {"missing": missing is not None, "order": order is not None, "parts": parts != PARTS}


def _refuse_reading(given: Sequence[str]) -> None:
    if given:
        names = " and ".join(f"{name}=" for name in given)
        raise StancepackError(
            f"{names} would not be used: these codings are read already; say it to codings()."
        )


def read(data: Any, reading: Reading, *known: str) -> Codings:
    """Read codes by the keywords of another function, whose own ones are `known`."""
    names = [*Reading.__annotations__, *known]
    for name in reading:
        if name not in Reading.__annotations__:
            raise StancepackError(f"option {name!r} is not known; {did_you_mean(name, names)}")
    if isinstance(data, Codings | Patterns):
        _refuse_reading(list(reading))
    return codings(data, **reading)


def _pooled(source: CodedRows | EngineFrame) -> list[str]:
    """Say it where rounds that code the same units are taken together, and nobody asked for it."""
    rounds = source.overlapping(ROUND)
    if not rounds:
        return []
    names = ", ".join(str(name) for name in rounds[:SHOWN])
    return [
        f"{len(rounds)} rounds that code the same units are taken together ({names}); choose one, "
        'take pkg.settling("codings"), or write unit=[…] if all are meant.'
    ]


def _shown(code: Any) -> str:
    return PARTS.join(sorted(map(str, code))) if isinstance(code, frozenset) else repr(code)
