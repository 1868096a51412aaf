"""Patterns of codes: which codes the coders gave a unit, and how many units were coded so.

Every coefficient of agreement follows from the counts of the distinct patterns. Counting them is
the one thing that costs time with many units, and it is one pass: everything after it depends on
the number of patterns alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# what makes a unit, as far as a frame has it
UNITS = ("round", "statement_id", "issue_id", "variable")
_HISTOGRAM = 2**22  # so many possible patterns are counted in a table, more are sorted
_CHUNK = 2**17  # units at a time: what fits into the cache
_KEYS = 2**62  # patterns that one whole number can tell apart


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct patterns of codes and how many units have each.

    Parameters
    ----------
    codes
        Patterns × coders: the rank of the code among the categories, −1 where the coder gave none.
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
        counts = np.zeros((len(self.codes), len(self.categories)))
        rows = np.arange(len(self.codes))
        for column in self.codes.T:
            given = column >= 0
            np.add.at(counts, (rows[given], column[given]), 1.0)
        return counts

    @cached_property
    def size(self) -> Floats:
        """How many codes each pattern has."""
        return np.asarray((self.codes >= 0).sum(axis=1), dtype=float)

    @cached_property
    def pairable(self) -> Patterns:
        """The patterns with at least two codes."""
        return self.take(self.size >= 2)

    @cached_property
    def collapsed(self) -> Patterns:
        """The patterns without regard to who gave which code: far fewer."""
        codes, units, _ = distinct(np.sort(self.codes, axis=1), self.units, len(self.categories))
        return replace(self, codes=codes, units=units)

    def take(self, chosen: Any) -> Patterns:
        """Return some of the patterns."""
        return replace(self, codes=self.codes[chosen], units=self.units[chosen])

    def of_coders(self, coders: Sequence[int]) -> Patterns:
        """Return the patterns of some of the coders, given by their numbers."""
        names = [self.coders[number] for number in coders]
        return replace(self, codes=self.codes[:, list(coders)], coders=names)

    def recoded(self, ranks: Sequence[int], categories: Sequence[Any], numbers: Floats) -> Patterns:
        """Return the patterns with each category replaced by another, given by its rank."""
        codes = np.append(np.asarray(ranks), -1)[self.codes]
        codes, units, _ = distinct(codes, self.units, len(categories))
        return Patterns(codes, units, categories, self.coders, numbers, self.numeric)

    def one_against_all(self, rank: int, numbers: Floats) -> Patterns:
        """Return the patterns of a category (1) and all others (0)."""
        ranks = [int(other == rank) for other in range(len(self.categories))]
        return self.recoded(ranks, [0, 1], numbers)


@dataclass(frozen=True, eq=False)
class CodedRows:
    """The rows of a pandas frame that have a code, and the numbers of unit, coder and category.

    Parameters
    ----------
    rows
        The rows, and `keys`, the columns that make a unit.
    unit_numbers, coder_numbers, ranks
        Of each row: a number for its unit, the number of its coder, the rank of its category.
    categories, coders
        The codes in their order, and the coders.
    given_categories
        Whether categories are those of the column's type or of the caller, used or not.
    """

    rows: pd.DataFrame
    keys: list[str]
    unit_numbers: Integers
    coder_numbers: Integers
    ranks: Integers
    categories: Sequence[Any]
    coders: list[Any]
    given_categories: bool

    @cached_property
    def codes(self) -> Integers:
        """Units × coders: the rank of the code, −1 where there is none."""
        shape = int(self.unit_numbers.max(initial=-1)) + 1, len(self.coders)
        small = len(self.categories) < 2**15
        codes = np.full(shape, -1, dtype=np.int16 if small else np.int64)
        codes[self.unit_numbers, self.coder_numbers] = self.ranks
        return codes

    def take(self, chosen: Integers) -> CodedRows:
        """Return some of the rows, with the coders and, unless they are given, categories there."""
        coder_numbers, coders = _among(self.coders, self.coder_numbers[chosen])
        ranks, categories = self.ranks[chosen], self.categories
        if not self.given_categories:
            ranks, categories = _among(categories, ranks)
        unit_numbers = self.unit_numbers[chosen]
        return replace(
            self,
            rows=self.rows.iloc[chosen],
            unit_numbers=unit_numbers,
            coder_numbers=coder_numbers,
            ranks=ranks,
            categories=categories,
            coders=coders,
        )

    def counted(self) -> Patterns:
        """Return the patterns of the units."""
        return _counted(self.codes, None, self.categories, self.coders)[0]

    def by_unit(self) -> tuple[pd.DataFrame, Patterns, Integers]:
        """Return the units as they first come, their patterns, and the pattern of each unit."""
        first = ~self.rows.duplicated(self.keys).to_numpy()
        codes = self.codes[self.unit_numbers[first]]
        patterns, pattern_of_unit = _counted(codes, None, self.categories, self.coders)
        return self.rows.loc[first, self.keys].reset_index(drop=True), patterns, pattern_of_unit


def count_patterns(
    data: Any,
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
    categories: Iterable[Any] | None = None,
    missing: Any = None,
) -> Patterns:
    """Count the patterns of a tidy frame or of an array of units × coders.

    A frame is one of pandas, or any that narwhals knows; for the options see `agreement`. Patterns
    that were counted before are returned as they are.
    """
    if isinstance(data, Patterns):
        return data
    if isinstance(data, np.ndarray):
        if unit is not None:
            raise StancepackError("unit= names columns of a frame; an array has a row for each.")
        return _of_array(data, categories, missing)
    if missing is not None:
        raise StancepackError("missing= is for arrays; in a frame a missing code is left empty.")
    if isinstance(data, pd.DataFrame):
        return coded_rows(data, unit, coder, value, categories).counted()
    return _of_any_frame(data, unit, coder, value, categories)


def patterns_by(
    frame: pd.DataFrame,
    column: str,
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
) -> dict[Any, Patterns]:
    """Count the patterns of each part of a pandas frame, as `count_patterns` would, in one reading.

    The parts are those of the values of a column.
    """
    coded = coded_rows(frame, unit, coder, value)
    part_numbers, parts = pd.factorize(frame[column])
    part_of_row = part_numbers[frame[value].notna().to_numpy()]
    return {
        part: coded.take(np.flatnonzero(part_of_row == number)).counted()
        for number, part in enumerate(parts)
    }


def distinct(codes: Any, units: Floats | None, width: int) -> tuple[Integers, Floats, Integers]:
    """Return the distinct rows of ranks (−1 to `width` − 1), units of each, and each row's number.

    A row is written as one whole number where it fits, its codes being the digits: sorting numbers
    is far faster than sorting rows. Where it does not fit, rows hardly come twice.
    """
    base, coders = width + 1, codes.shape[1]
    fits = base**coders < _KEYS
    if not fits and len(codes) > _CHUNK:
        units = np.ones(len(codes)) if units is None else units
        return codes.astype(np.int64), units, np.arange(len(codes))
    if fits:
        keys = (codes.astype(np.int64) + 1) @ _powers(base, coders)
        known, row_numbers = np.unique(keys, return_inverse=True)
        rows = _digits(known, base, coders) - 1
    else:
        rows, row_numbers = np.unique(codes, axis=0, return_inverse=True)
    row_numbers = row_numbers.ravel()
    counted = np.bincount(row_numbers, weights=units, minlength=len(rows))
    return rows.astype(np.int64), counted.astype(float), row_numbers


def _powers(base: int, coders: int) -> Integers:
    return base ** np.arange(coders - 1, -1, -1, dtype=np.int64)


def _digits(keys: Integers, base: int, coders: int) -> Integers:
    return keys[:, None] // _powers(base, coders) % base


def _counted(
    codes: Any, units: Floats | None, categories: Sequence[Any], coders: list[Any]
) -> tuple[Patterns, Integers]:
    """Count the patterns of ranks, and say which each row has; rows without a code go last."""
    if isinstance(categories, np.ndarray):
        numeric = np.issubdtype(categories.dtype, np.number)
    else:
        numeric = all(_is_number(code) for code in categories)
    ranks = np.arange(1.0, len(categories) + 1)
    numbers = np.asarray(categories, dtype=float) if numeric else ranks
    if not np.isfinite(numbers).all():
        raise StancepackError("a code is infinite; a code is a finite number or a name.")
    rows, counted, row_numbers = distinct(codes, units, len(categories))
    coded = (rows >= 0).any(axis=1)
    patterns = Patterns(rows[coded], counted[coded], categories, coders, numbers, numeric)
    return patterns, row_numbers


def _is_number(code: Any) -> bool:
    return isinstance(code, int | float | np.number) and not isinstance(code, bool | np.bool_)


def _in_order(known: Any, categories: Iterable[Any] | None) -> tuple[Any, Any]:
    """Return the categories in the order asked for, and the rank there of each known one."""
    if categories is None:
        return known, None
    asked = list(categories)
    for code in known:
        if code not in asked:
            raise StancepackError(
                f"the code {code!r} is not among the categories given; "
                f"{did_you_mean(str(code), asked)}"
            )
    return asked, np.array([asked.index(code) for code in known], dtype=np.int64)


def _sortable(code: Any) -> tuple[str, Any]:
    return ("", code) if isinstance(code, int | float) else (type(code).__name__, str(code))


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
        if (high - low + 1) ** coders <= _HISTOGRAM and max(abs(low), abs(high)) < 2**31:
            keys, units = _histogram(array, low, high)
            values = _digits(keys, high - low + 1, coders) + low
            gone = values == missing if missing is not None else np.zeros(values.shape, dtype=bool)
            return _of_values(values, gone, units, categories, range(coders))
    if np.issubdtype(array.dtype, np.floating):
        gone = np.isnan(array)
    elif array.dtype == object:
        gone = pd.isna(array)
    else:
        gone = np.zeros(array.shape, dtype=bool)
    if missing is not None:
        gone |= array == missing
    return _of_values(array, gone, None, categories, range(coders))


def _histogram(array: Any, low: int, high: int) -> tuple[Integers, Floats]:
    """Count the patterns of small whole numbers in one pass, without a copy of the codes."""
    base, (n, coders) = high - low + 1, array.shape
    table = np.zeros(base**coders, dtype=np.int64)
    shift = low * int(_powers(base, coders).sum())
    # what a key may come to on the way: shifted only at its end
    largest = max(abs(low), abs(high)) * int(_powers(base, coders).sum())
    kind = np.int16 if largest < 2**15 else np.int64
    for start in range(0, n, _CHUNK):
        block = array[start : start + _CHUNK]
        key = block[:, 0].astype(kind)
        for column in range(1, coders):
            key *= base
            np.add(key, block[:, column], out=key, casting="unsafe")
        key -= shift
        table += np.bincount(key, minlength=len(table))
    keys = np.flatnonzero(table)
    return keys, table[keys].astype(float)


def _of_values(
    values: Any,
    gone: Any,
    units: Floats | None,
    categories: Iterable[Any] | None,
    coders: Iterable[Any],
) -> Patterns:
    """Make patterns of an array of values, of which some are missing."""
    given = values[~gone]
    known: Sequence[Any] | NDArray[Any]
    if values.dtype == object:
        numbers, uniques = pd.factorize(pd.Series(given, dtype=object), sort=False)
        ranks, known = _sorted_by_code(numbers, uniques)
    else:
        known, ranks = np.unique(given, return_inverse=True)
    in_order, rank_of_category = _in_order(known, categories)
    codes = np.full(values.shape, -1, dtype=np.int64)
    codes[~gone] = ranks if rank_of_category is None else rank_of_category[ranks]
    return _counted(codes, units, in_order, list(coders))[0]


def _sorted_by_code(numbers: Any, uniques: Any) -> tuple[Any, list[Any]]:
    """Return the ranks of numbered values whatever the order of the rows, and the values sorted."""
    order = sorted(range(len(uniques)), key=lambda number: _sortable(uniques[number]))
    ranks = np.empty(len(uniques), dtype=np.int64)
    ranks[order] = np.arange(len(uniques))
    return ranks[numbers], [uniques[number] for number in order]


# ------------------------------------------------------------------------------------------------
# frames


def _among(names: Sequence[Any], numbers: Integers) -> tuple[Integers, list[Any]]:
    """Return the names that are numbered, and the numbers among these."""
    used, numbers_among = np.unique(numbers, return_inverse=True)
    return numbers_among, [names[number] for number in used]


def unit_columns(
    columns: Iterable[str], unit: str | Sequence[str] | None, *others: str
) -> list[str]:
    """Return the columns that make a unit; refuse those, and others, that the frame has not."""
    names = list(columns)
    if unit is None:
        keys = [name for name in UNITS if name in names]
    else:
        keys = [unit] if isinstance(unit, str) else list(unit)
    for column in [*keys, *others]:
        if column not in names:
            raise StancepackError(
                f"the frame has no column {column!r}; {did_you_mean(column, names)}"
            )
    if not keys:
        raise StancepackError("the frame has no column that makes a unit; name it with unit=…")
    return keys


def _nameless(keys: Sequence[str], coder: str) -> StancepackError:
    return StancepackError(
        f"a row has a code, but no {' or '.join([*keys, coder])}; "
        "every code needs its unit and its coder."
    )


def coded_rows(
    frame: pd.DataFrame,
    unit: str | Sequence[str] | None,
    coder: str,
    value: str,
    categories: Iterable[Any] | None = None,
) -> CodedRows:
    """Read the rows of a pandas frame that have a code; for the options see `agreement`."""
    if not isinstance(frame, pd.DataFrame):
        raise StancepackError(
            f"{type(frame).__name__} is no pandas frame; turn it into one first (to_pandas())."
        )
    keys = unit_columns(frame.columns, unit, coder, value)
    has_code = frame[value].notna().to_numpy()
    columns = list(dict.fromkeys([*keys, coder, value]))
    rows = frame if has_code.all() else frame.loc[has_code, columns]
    unit_numbers = _numbered(rows, keys)
    coder_numbers, uniques = pd.factorize(rows[coder])
    if (unit_numbers < 0).any() or (coder_numbers < 0).any():
        raise _nameless(keys, coder)
    coder_numbers, coders = _sorted_by_code(coder_numbers, uniques)
    values = _as_numbers(rows[value])
    ranks, known = _ranked(values)
    given_categories = categories is not None or isinstance(values.dtype, pd.CategoricalDtype)
    known, rank_of_category = _in_order(known, categories)
    ranks = ranks if rank_of_category is None else rank_of_category[ranks]
    coded = CodedRows(
        rows, keys, unit_numbers, coder_numbers, ranks, known, coders, given_categories
    )
    if np.count_nonzero(coded.codes >= 0) < len(rows):
        twice = rows[rows.duplicated([*keys, coder])].iloc[0]
        where = ", ".join(f"{column} {twice[column]}" for column in [*keys, coder])
        raise StancepackError(f"coded twice: {where}. Keep one code for each unit and coder.")
    return coded


def _numbered(rows: pd.DataFrame, keys: list[str]) -> Any:
    """Give each unit a number, −1 to one without a name.

    A column of whole numbers out of a dense range, as row numbers are, is its own numbering.
    """
    if len(keys) > 1:
        return rows.groupby(keys, observed=True, sort=False).ngroup().fillna(-1).to_numpy(int)
    column = rows[keys[0]]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "i" and len(column):
        numbers = column.to_numpy()
        low = numbers.min()
        if numbers.max() - low < 2 * len(numbers):
            return numbers - low
    return pd.factorize(column)[0]


def _ranked(values: pd.Series[Any]) -> tuple[Any, list[Any]]:
    """Return the rank of each code, and the codes in their order."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(), values.cat.categories.tolist()
    is_set = values.dtype == object and any(isinstance(code, frozenset) for code in values)
    ranks, known = pd.factorize(values, sort=not is_set)  # sets have no order
    return ranks, list(known) if is_set else known.tolist()


def _as_numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return codes that are all numbers, written as text or as categories, as numbers."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    plain = values
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = values.cat.categories
        if pd.to_numeric(categories.to_series(), errors="coerce").isna().all():
            return values  # names
        plain = values.astype(categories.dtype)
    numbers = pd.to_numeric(plain, errors="coerce")
    return values if numbers.isna().any() else numbers


def _of_any_frame(
    data: Any,
    unit: str | Sequence[str] | None,
    coder: str,
    value: str,
    categories: Iterable[Any] | None,
) -> Patterns:
    """Count where the data are: a row a unit, then a row a pattern; only these come here."""
    import narwhals as nw

    try:
        frame = nw.from_native(data).lazy()
    except TypeError:
        raise StancepackError(
            f"{type(data).__name__} is no frame of codes; give a tidy frame (pandas, Polars, "
            "DuckDB, Dask, PySpark …) or an array of units × coders."
        ) from None
    schema = frame.collect_schema()
    keys = unit_columns(schema.names(), unit, coder, value)
    coded = frame.filter(~nw.col(value).is_null())
    if schema[value].is_float():
        coded = coded.filter(~nw.col(value).is_nan())
    without_name = [nw.col(name).is_null() for name in [*keys, coder]]
    blank = coded.filter(nw.any_horizontal(*without_name, ignore_nulls=True))
    if len(_collected(blank.head(1))):
        raise _nameless(keys, coder)
    coders = sorted(_collected(coded.select(coder).unique())[coder].to_list(), key=_sortable)
    if not coders:
        return _counted(np.empty((0, 0), dtype=np.int64), None, list(categories or []), [])[0]
    columns, counted = _counted_there(coded, keys, coder, value, coders)
    values = np.array([counted[name].to_list() for name in columns], dtype=object).T
    gone = np.array([[code is None or code != code for code in row] for row in values], dtype=bool)
    gone = gone.reshape(values.shape)
    if all(_is_number(code) for code in values[~gone].tolist()):
        values = np.where(gone, np.nan, values).astype(float)
    units = np.asarray(counted["units"].to_list(), dtype=float)
    return _of_values(values, gone, units, categories, coders)


def _counted_there(
    coded: Any, keys: list[str], coder: str, value: str, coders: list[Any]
) -> tuple[list[str], Any]:
    """Let the engine count the patterns; return the columns of the coders, and the counted rows."""
    import narwhals as nw

    columns, code_counts = (
        [f"{head}{number}" for number in range(len(coders))]
        for head in ("_code_of_coder_", "_codes_of_coder_")
    )
    given = [nw.when(nw.col(coder) == name).then(nw.col(value)) for name in coders]
    by_unit = (
        coded.with_columns(**dict(zip(columns, given, strict=True)))
        .group_by(keys)
        .agg(
            *(nw.col(name).max() for name in columns),
            *(
                nw.col(name).count().alias(count)
                for name, count in zip(columns, code_counts, strict=True)
            ),
        )
    )
    several = [nw.col(count) > 1 for count in code_counts]
    twice = _collected(by_unit.filter(nw.any_horizontal(*several, ignore_nulls=True)).head(1))
    if len(twice):
        where = ", ".join(f"{key} {twice[key][0]}" for key in keys)
        raise StancepackError(
            f"coded twice by one coder: {where}. Keep one code for each unit and coder."
        )
    return columns, _collected(by_unit.group_by(columns).agg(nw.len().alias("units")))


def _collected(frame: Any) -> Any:
    """Bring the few rows that are left here.

    As pandas, where the engine's own way needs a library that is not there.
    """
    try:
        return frame.collect()
    except ModuleNotFoundError:
        return frame.collect(backend="pandas")
