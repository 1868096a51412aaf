"""Patterns of codes: which codes the coders gave a unit, and how many units were coded so.

Every coefficient of agreement follows from the counts of the distinct patterns. Counting them is
the one thing that costs time with many units, and it is one pass: everything after it depends on
the number of patterns alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

UNITS = (
    "round",
    "statement_id",
    "issue_id",
    "variable",
)  # what makes a unit, as far as a frame has it
_HISTOGRAM = 2**22  # so many possible patterns are counted in a table, more are sorted
_CHUNK = 2**17  # units at a time: what fits into the cache


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct patterns of codes and how many units have each.

    Parameters
    ----------
    codes
        Patterns × coders: the place of the code among the categories, −1 where the coder gave none.
    units
        How many units have each pattern.
    categories, coders
        The codes in their order, and the coders.
    numbers
        A number for each category: itself, or its rank if it is not a number.
    numeric
        Whether the categories are numbers.
    """

    codes: Integers
    units: Floats
    categories: Sequence[Any]
    coders: list[Any]
    numbers: Floats
    numeric: bool

    @cached_property
    def counts(self) -> Floats:
        """Patterns × categories: how many coders gave each code."""
        width = len(self.categories)
        out = np.zeros((len(self.codes), width))
        rows = np.arange(len(self.codes))
        for column in self.codes.T:
            given = column >= 0
            np.add.at(out, (rows[given], column[given]), 1.0)
        return out

    @cached_property
    def size(self) -> Floats:
        """How many codes each pattern has."""
        return np.asarray((self.codes >= 0).sum(axis=1), dtype=float)

    def take(self, chosen: Any, coders: Sequence[int] | None = None) -> Patterns:
        """Return some of the patterns, or all patterns of some of the coders."""
        codes = self.codes[chosen] if coders is None else self.codes[chosen][:, list(coders)]
        names = self.coders if coders is None else [self.coders[place] for place in coders]
        return Patterns(
            codes, self.units[chosen], self.categories, names, self.numbers, self.numeric
        )

    def collapsed(self) -> Patterns:
        """Return the patterns without regard to who gave which code: far fewer, and enough for most coefficients."""
        codes, units = distinct(np.sort(self.codes, axis=1), self.units, len(self.categories))
        return Patterns(codes, units, self.categories, self.coders, self.numbers, self.numeric)

    def recoded(
        self, places: Sequence[int], categories: Sequence[Any], numbers: Floats
    ) -> Patterns:
        """Return the patterns with each category replaced by another one, given by its place."""
        codes = np.append(np.asarray(places), -1)[self.codes]
        codes, units = distinct(codes, self.units, len(categories))
        return Patterns(codes, units, categories, self.coders, numbers, self.numeric)


def patterns(
    data: Any,
    unit: str | Sequence[str] | None,
    coder: str,
    value: str,
    categories: Iterable[Any] | None = None,
    missing: Any = None,
) -> Patterns:
    """Count the patterns of a tidy frame (pandas, or any that narwhals knows) or of an array of units × coders."""
    if isinstance(data, np.ndarray):
        return _of_array(data, categories, missing)
    if isinstance(data, pd.DataFrame):
        return _of_pandas(data, unit, coder, value, categories)
    return _of_any_frame(data, unit, coder, value, categories)


def distinct(codes: Any, units: Floats | None, width: int) -> tuple[Integers, Floats]:
    """Return the distinct rows of an array of places of codes (−1 to `width` − 1), and how many units have each."""
    base, coders = width + 1, codes.shape[1]
    if base**coders >= 2**62 and len(codes) > _CHUNK:  # so many possible patterns hardly come twice
        return codes.astype(np.int64), np.ones(len(codes)) if units is None else units
    if (
        base**coders < 2**62
    ):  # a row as one number, its codes being the digits: sorting numbers is far faster than rows
        keys = (codes.astype(np.int64) + 1) @ _powers(base, coders)
        found, place = np.unique(keys, return_inverse=True)
        rows = _digits(found, base, coders) - 1
    else:
        rows, place = np.unique(codes, axis=0, return_inverse=True)
    return rows.astype(np.int64), np.bincount(
        place.ravel(), weights=units, minlength=len(rows)
    ).astype(float)


def _powers(base: int, coders: int) -> Integers:
    return base ** np.arange(coders - 1, -1, -1, dtype=np.int64)


def _digits(keys: Integers, base: int, coders: int) -> Integers:
    return keys[:, None] // _powers(base, coders) % base


# ------------------------------------------------------------------------------------------------
# arrays


def _of_array(array: Any, categories: Iterable[Any] | None, missing: Any) -> Patterns:
    if array.ndim != 2:
        raise StancepackError(
            f"an array of codes has two dimensions, units × coders, not {array.ndim}."
        )
    n, coders = array.shape
    if np.issubdtype(array.dtype, np.integer) and n and coders:
        low, high = int(array.min()), int(array.max())
        if (high - low + 1) ** coders <= _HISTOGRAM:
            keys, units = _histogram(array, low, high)
            values = _digits(keys, high - low + 1, coders) + low
            gone = values == missing if missing is not None else np.zeros(values.shape, dtype=bool)
            return _named(values, gone, units, categories, range(coders))
    if np.issubdtype(array.dtype, np.floating):
        gone = np.isnan(array)
    elif array.dtype == object:
        gone = pd.isna(array)
    else:
        gone = np.zeros(array.shape, dtype=bool)
    if missing is not None:
        gone |= array == missing
    return _named(array, gone, None, categories, range(coders))


def _histogram(array: Any, low: int, high: int) -> tuple[Integers, Floats]:
    """Count the patterns of small whole numbers in one pass, without a copy of the codes."""
    base, (n, coders) = high - low + 1, array.shape
    table = np.zeros(base**coders, dtype=np.int64)
    kind = np.int16 if base**coders < 2**15 and max(abs(low), abs(high)) < 2**7 else np.int64
    shift = low * int(_powers(base, coders).sum())
    for start in range(0, n, _CHUNK):
        block = array[start : start + _CHUNK]
        key = block[:, 0].astype(kind)
        for place in range(1, coders):
            key *= base
            key += block[:, place]
        key -= shift
        table += np.bincount(key, minlength=len(table))
    keys = np.flatnonzero(table)
    return keys, table[keys].astype(float)


def _named(
    values: Any,
    gone: Any,
    units: Floats | None,
    categories: Iterable[Any] | None,
    coders: Iterable[Any],
) -> Patterns:
    """Make patterns of an array of values, of which some are missing."""
    there = values[~gone]
    known: Sequence[Any] | NDArray[Any]
    if values.dtype == object:
        places, found = pd.factorize(pd.Series(there, dtype=object), sort=False)
        order = sorted(range(len(found)), key=lambda place: _sortable(found[place]))
        rank = np.empty(len(found), dtype=np.int64)
        rank[order] = np.arange(len(found))
        places = rank[places]
        known = [found[place] for place in order]
    else:
        known, places = np.unique(there, return_inverse=True)
    wide = np.full(values.shape, -1, dtype=np.int64)
    wide[~gone] = places
    return _finish(wide, units, known, categories, list(coders))


def _finish(
    wide: Any, units: Floats | None, known: Any, categories: Iterable[Any] | None, coders: list[Any]
) -> Patterns:
    """Order the categories as asked, leave out units without a code, and count."""
    if categories is not None:
        asked = list(categories)
        lost = [code for code in known if code not in asked]
        if lost:
            raise StancepackError(
                f"the code {lost[0]!r} is not among the categories given; {did_you_mean(str(lost[0]), asked)}"
            )
        wide = np.append([asked.index(code) for code in known], -1)[wide].astype(np.int64)
        known = asked
    if isinstance(known, np.ndarray):
        numeric = np.issubdtype(known.dtype, np.number)
    else:
        numeric = all(
            isinstance(code, int | float | np.number) and not isinstance(code, bool | np.bool_)
            for code in known
        )
    numbers = np.asarray(known, dtype=float) if numeric else np.arange(1.0, len(known) + 1)
    if not np.isfinite(numbers).all():
        raise StancepackError("a code is infinite; a code is a finite number or a name.")
    codes, counted = distinct(wide, units, len(known))
    coded = (codes >= 0).any(axis=1)
    return Patterns(codes[coded], counted[coded], known, coders, numbers, numeric)


def _sortable(code: Any) -> tuple[str, Any]:
    return ("", code) if isinstance(code, int | float) else (type(code).__name__, str(code))


# ------------------------------------------------------------------------------------------------
# frames


def _keys(
    columns: Iterable[str], unit: str | Sequence[str] | None, coder: str, value: str
) -> list[str]:
    names = list(columns)
    keys = (
        [unit]
        if isinstance(unit, str)
        else [name for name in UNITS if name in names]
        if unit is None
        else list(unit)
    )
    for column in [*keys, coder, value]:
        if column not in names:
            raise StancepackError(
                f"the frame has no column {column!r}; {did_you_mean(column, names)}"
            )
    if not keys:
        raise StancepackError("the frame has no column that makes a unit; name it with unit=…")
    return keys


def _of_pandas(
    frame: pd.DataFrame,
    unit: str | Sequence[str] | None,
    coder: str,
    value: str,
    categories: Iterable[Any] | None,
) -> Patterns:
    keys = _keys(frame.columns, unit, coder, value)
    there = frame[value].notna()
    coded = frame if there.all() else frame.loc[there, list(dict.fromkeys([*keys, coder, value]))]
    if coded[[*keys, coder]].isna().any(axis=None):
        raise StancepackError(
            f"a row has a code, but no {' or '.join([*keys, coder])}; every code needs its unit and its coder."
        )
    several = len(keys) > 1
    rows = (
        coded.groupby(keys, observed=True, sort=False).ngroup().to_numpy()
        if several
        else _numbered(coded[keys[0]])
    )
    people, coders = pd.factorize(coded[coder])
    order = sorted(
        range(len(coders)), key=lambda place: _sortable(coders[place])
    )  # whatever the order of the rows
    people, coders = np.argsort(order)[people], [coders[place] for place in order]
    values = _as_numbers(coded[value])
    if isinstance(values.dtype, pd.CategoricalDtype):
        known, places = values.cat.categories.tolist(), values.cat.codes.to_numpy()
    elif values.dtype == object and values.map(lambda code: isinstance(code, frozenset)).any():
        places, found = pd.factorize(values)
        known = list(found)
    else:
        places, found = pd.factorize(values, sort=True)
        known = found.tolist()
    shape = int(rows.max(initial=-1)) + 1, len(coders)
    wide = np.full(shape, -1, dtype=np.int16 if len(known) < 2**15 else np.int64)
    wide[rows, people] = places
    if np.count_nonzero(wide >= 0) < len(coded):
        row = coded[coded.duplicated([*keys, coder])].iloc[0]
        at = ", ".join(f"{column} {row[column]}" for column in [*keys, coder])
        raise StancepackError(f"coded twice: {at}. Keep one code for each unit and coder.")
    return _finish(wide, None, known, categories, list(coders))


def _numbered(column: pd.Series[Any]) -> Any:
    """Give each value of a column a number: itself, where it is a whole number out of a dense range, as row numbers are."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "i" and len(column):
        values = column.to_numpy()
        low = values.min()
        if values.max() - low < 2 * len(values):
            return values - low
    return pd.factorize(column)[0]


def _as_numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return codes that are all numbers, be they written as text or as categories, as numbers; others as they are."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    plain = (
        values.astype(values.cat.categories.dtype)
        if isinstance(values.dtype, pd.CategoricalDtype)
        else values
    )
    numbers = pd.to_numeric(plain, errors="coerce")
    return values if numbers.isna().any() else numbers


def _of_any_frame(
    data: Any,
    unit: str | Sequence[str] | None,
    coder: str,
    value: str,
    categories: Iterable[Any] | None,
) -> Patterns:
    """Count the patterns where the data are: one row for each unit, then one for each pattern; only these come here."""
    import narwhals as nw

    try:
        frame = nw.from_native(data).lazy()
    except TypeError:
        raise StancepackError(
            f"{type(data).__name__} is no frame of codes; give a tidy frame (pandas, Polars, DuckDB, Dask, PySpark …) "
            "or an array of units × coders."
        ) from None
    keys = _keys(frame.collect_schema().names(), unit, coder, value)
    coded = frame.filter(~nw.col(value).is_null())
    if frame.collect_schema()[value].is_float():
        coded = coded.filter(~nw.col(value).is_nan())
    blank = coded.filter(
        nw.any_horizontal(*(nw.col(name).is_null() for name in [*keys, coder]), ignore_nulls=True)
    )
    if len(_here(blank.head(1))):
        raise StancepackError(
            f"a row has a code, but no {' or '.join([*keys, coder])}; every code needs its unit and its coder."
        )
    people = sorted(_here(coded.select(coder).unique())[coder].to_list(), key=_sortable)
    columns = [f"coder_{place}" for place in range(len(people))]
    given = [nw.when(nw.col(coder) == name).then(nw.col(value)) for name in people]
    by_unit = (
        coded.with_columns(**dict(zip(columns, given, strict=True)))
        .group_by(keys)
        .agg(
            *(nw.col(name).max() for name in columns),
            *(nw.col(name).count().alias(f"{name}_codes") for name in columns),
        )
    )
    double = by_unit.filter(
        nw.any_horizontal(*(nw.col(f"{name}_codes") > 1 for name in columns), ignore_nulls=True)
    )
    twice = _here(double.head(1)) if columns else None
    if twice is not None and len(twice):
        at = ", ".join(f"{key} {twice[key][0]}" for key in keys)
        raise StancepackError(
            f"coded twice by one coder: {at}. Keep one code for each unit and coder."
        )
    if not columns:
        return _finish(np.empty((0, 0), dtype=np.int64), None, [], categories, [])
    # a missing code has no place in a group of every engine: -1 codes and how many say the same
    counted = _here(by_unit.group_by([*columns]).agg(nw.len().alias("units")))
    values = np.array([counted[name].to_list() for name in columns], dtype=object).T
    gone = np.array(
        [[code is None or code != code for code in row] for row in values], dtype=bool
    ).reshape(values.shape)
    plain = values[~gone].tolist()
    if all(isinstance(code, int | float) and not isinstance(code, bool) for code in plain):
        values = np.where(gone, np.nan, values).astype(float)
    return _named(
        values, gone, np.asarray(counted["units"].to_list(), dtype=float), categories, people
    )


def _here(frame: Any) -> Any:
    """Bring the few rows that are left here, as pandas where the engine's own way needs a library that is not there."""
    try:
        return frame.collect()
    except ModuleNotFoundError:
        return frame.collect(backend="pandas")
