"""What the descriptor asks of cells, derived once: for files, and for frames of users.

Validation runs these tests on the distinct cells of a file, as text; the pandera schema that
`StancePackage.schema` gives runs the same on every cell of a frame, as text or with real types.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from stancepack.dataset.columns import Field
from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import StancepackError

if TYPE_CHECKING:
    import pandera.pandas as pa
    from numpy.typing import NDArray

PATTERN_SECONDS = 2.0  # for all cells of a column; patterns of the contract take milliseconds
LENGTHS = {"minLength": operator.ge, "maxLength": operator.le}
LIMITS = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
_ORDERED_TYPES = ("integer", "number", "date", "time", "datetime", "year", "yearmonth")
CONSTRAINTS = {  # that are checked, with the types that they are for; none named, for all
    **dict.fromkeys(("required", "unique", "enum"), ()),
    **dict.fromkeys(("pattern", *LENGTHS), ("string", "any")),
    **dict.fromkeys(LIMITS, _ORDERED_TYPES),
}


class SlowPatternError(StancepackError):
    """A pattern that takes too long to match."""


class CellTest(NamedTuple):
    """What a column asks of its cells: the name of the constraint, and which values pass."""

    name: str
    passes: Callable[[pd.Series[Any]], pd.Series[Any]]


def cell_tests(field: Field) -> Iterator[CellTest]:
    """Go through what a column asks of each value, given in the column's type."""
    limits = field.constraints
    codes = limits.get("enum", field.categories)
    if codes:
        allowed = _typed(codes, field).dropna().tolist()
        yield CellTest("enum", lambda values: values.isin(allowed))
    if "pattern" in limits:
        yield CellTest("pattern", lambda values: _matches(limits["pattern"], values))
    for name, compare in LENGTHS.items():
        if name in limits:
            yield CellTest(name, _compared(compare, limits[name], _length))
    for name, compare in LIMITS.items():
        if name in limits:
            bound = _typed([limits[name]], field).iloc[0]
            yield CellTest(name, _compared(compare, bound, lambda values: values))


def broken_constraints(field: Field, cells: pd.Series[Any]) -> NDArray[np.object_]:
    """Return for each cell of text the first constraint that it breaks; empty if none.

    Raises
    ------
    SlowPatternError
        If the pattern of the column takes too long.
    """
    broken = np.full(len(cells), "", dtype=object)
    values, wrong = field.convert(cells)
    broken[wrong.to_numpy(dtype=bool)] = "type"
    is_missing = (values.isna() & ~wrong).to_numpy(dtype=bool)
    if field.constraints.get("required"):
        broken[is_missing] = "required"
    for test in cell_tests(field):
        fails = ~test.passes(values).fillna(True).to_numpy(dtype=bool)
        broken[fails & ~is_missing & (broken == "")] = test.name
    return broken


def _typed(values: list[Any], field: Field) -> pd.Series[Any]:
    texts = pd.Series([field.written(value) for value in values], dtype="str")
    return field.convert(texts)[0]


def _length(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype("str").str.len()


def _compared(
    compare: Callable[[Any, Any], Any],
    bound: Any,
    measure: Callable[[pd.Series[Any]], pd.Series[Any]],
) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    return lambda values: compare(measure(values), bound)


def _matches(pattern: str, values: pd.Series[Any]) -> pd.Series[Any]:
    """Tell which values a pattern matches whole; a pattern that backtracks for ever is stopped."""
    import regex  # as re, but with a bound

    try:
        matcher = regex.compile(pattern)
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        raise SlowPatternError(f"the pattern {pattern!r} cannot be used: {error}.") from None
    end = time.monotonic() + PATTERN_SECONDS

    def matches(value: object) -> bool | None:
        if not isinstance(value, str):
            return None
        # a value that is matched in time may use up what is left, and the next one has nothing
        left = max(end - time.monotonic(), 0.001)
        return matcher.fullmatch(value, timeout=left) is not None

    try:
        return pd.Series([matches(value) for value in values], values.index, dtype="boolean")
    except TimeoutError:
        seconds = f"{PATTERN_SECONDS:.0f} seconds"
        raise SlowPatternError(f"the pattern {pattern!r} takes more than {seconds}.") from None


def pandera_schema(descriptor: Descriptor, table: str) -> pa.DataFrameSchema:
    """Derive the pandera schema of a table from the descriptor.

    It takes frames as `load` gives them, with real types and missing values as ``<NA>``, and frames
    of text. The checks are those that bytes cannot break: types, codes, patterns, ranges, what is
    required and what is unique.
    """
    import pandera.pandas as pa

    key = descriptor.key(table)
    columns = {}
    for field in descriptor.fields(table):
        limits = field.constraints
        checks = [pa.Check(_fits_type(field), name="type")]
        checks += [pa.Check(_on_typed(field, test), name=test.name) for test in cell_tests(field)]
        columns[field.name] = pa.Column(
            None,
            checks,
            nullable=not limits.get("required") and field.name not in key,
            unique=bool(limits.get("unique")),
            report_duplicates="exclude_first",
        )
    return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=key or None, name=table)


def _fits_type(field: Field) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    return lambda column: ~field.typed(column)[1].astype(bool)


def _on_typed(field: Field, test: CellTest) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """Make a test of a column of a frame: what is missing, or not of the type, passes."""

    def passes(column: pd.Series[Any]) -> pd.Series[Any]:
        values, _ = field.typed(column)
        return test.passes(values).fillna(True).astype(bool) | values.isna()

    return passes
