"""Schemas of pandera, derived from the descriptor, for tables and for frames of users."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.columns import Field
from stancepack.dataset.descriptor import Descriptor

if TYPE_CHECKING:
    import pandera.pandas as pa


def pandera_schema(descriptor: Descriptor, table: str) -> pa.DataFrameSchema:
    """Derive the pandera schema of a table, as text is read, from the descriptor.

    Columns are text; missing values must have been turned to ``<NA>``. The checks are those that
    bytes cannot break (types, codes, patterns, ranges, uniqueness), so that they can be run on
    frames as well as on files.
    """
    import pandera.pandas as pa

    columns = {}
    for field in descriptor.fields(table):
        limits = field.constraints
        tests = dict(cell_tests(field))
        checks = [pa.Check(_on_values(test), name=name) for name, test in tests.items()]
        columns[field.name] = pa.Column(
            str,
            checks,
            nullable=not limits.get("required"),
            unique=bool(limits.get("unique")),
            report_duplicates="exclude_first",
        )
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=table)


Test = Callable[["pd.Series[Any]"], "pd.Series[Any]"]


def _on_values(test: Test) -> Test:
    """Make a test of values one of a column: what is missing passes."""
    return lambda column: test(column).fillna(True).astype(bool) | column.isna()


def cell_tests(field: Field) -> Iterator[tuple[str, Test]]:
    """Go through the checks of a column, by name; each says which values pass."""
    limits = field.constraints
    if field.type in ("integer", "number", "boolean", "date"):
        yield "type", lambda column: ~field.convert(column)[1]
    codes = [str(code) for code in limits.get("enum", field.categories)]
    if codes:
        yield "code", lambda column: column.isin(codes)
    if "pattern" in limits:  # by re, as text kept by Arrow would be matched by another engine
        pattern = re.compile(limits["pattern"])
        yield (
            "pattern",
            lambda column: column.map(
                lambda value: bool(pattern.fullmatch(value)), na_action="ignore"
            ),
        )
    for word, compare in (("minLength", pd.Series.ge), ("maxLength", pd.Series.le)):
        if word in limits:
            yield word, partial(_holds, compare, lambda column: column.str.len(), limits[word])
    for word, compare in (("minimum", pd.Series.ge), ("maximum", pd.Series.le)):
        if word in limits:
            bound = field.convert(pd.Series([str(limits[word])], dtype="str"))[0].iloc[0]
            yield word, partial(_holds, compare, lambda column: field.convert(column)[0], bound)


def _holds(
    compare: Callable[..., Any], measure: Test, bound: Any, column: pd.Series[Any]
) -> pd.Series[Any]:
    return pd.Series(compare(measure(column), bound))
