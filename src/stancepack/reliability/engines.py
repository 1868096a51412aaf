"""Codes of other engines, counted where they are: a row a unit, then a row a pattern, come here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.reliability.categories import (
    CodeReading,
    Declared,
    factorized,
    plain_code,
    ranked,
)
from stancepack.reliability.counts import Patterns, counted
from stancepack.reliability.names import Columns, coded_twice, nameless, sorted_names
from stancepack.reliability.rows import CodedRows, coded_rows

if TYPE_CHECKING:
    from stancepack.reliability.counts import Integers


class EngineFrame:
    """Tidy codes in a frame that narwhals knows: Polars, DuckDB, Dask, PySpark and others.

    Parameters
    ----------
    frame
        The frame, as narwhals has it, lazy.
    columns
        What its columns of unit, coder and code are called.
    how
        What stands for no code, and the order.
    declared
        The codes that the column's type declares, where narwhals does not know them.
    """

    def __init__(
        self, frame: Any, columns: Columns, how: CodeReading, declared: Declared | None
    ) -> None:
        self.columns, self.how = columns, how
        import narwhals as nw

        frame = frame.select([*columns.unit, columns.coder, columns.value])
        kind = frame.collect_schema()[columns.value]
        self.declared, self.is_plain = (
            declared,
            kind.is_numeric() or kind in (nw.String, nw.Boolean),
        )
        if isinstance(kind, nw.Enum):
            self.declared = Declared(list(kind.categories), is_ordered=True)
        if isinstance(kind, nw.Enum | nw.Categorical):
            frame = frame.with_columns(nw.col(columns.value).cast(nw.String))
            self.is_plain = True
        self.frame = frame

    def rows(self) -> CodedRows:
        """Return the codes one by one, brought here."""
        return coded_rows(frame_of(self.frame), self.columns, self.how, self.declared)

    def overlapping(self, column: Any) -> list[Any]:
        """Return what a column of the unit holds, if units that differ in nothing else are there.

        As `CodedRows.overlapping`, asked of the engine.
        """
        import narwhals as nw

        others = [key for key in self.columns.unit if key != column]
        if not others or len(others) == len(self.columns.unit):
            return []
        coded = self.frame.filter(~nw.col(self.columns.value).is_null())
        units = coded.select(self.columns.unit).unique()
        held = collected(units.select(column).unique())[column].to_list()
        repeated = units.group_by(others).agg(nw.len().alias("times")).filter(nw.col("times") > 1)
        if len(held) < 2 or not len(collected(repeated.head(1))):
            return []
        return sorted_names(held)

    def counted(self) -> Patterns:
        """Return the patterns of the units."""
        import narwhals as nw

        columns, value = self.columns, self.columns.value
        if not self.is_plain:  # lists, say
            return self.rows().counted()
        coded = self.frame.filter(~nw.col(value).is_null())
        cells = collected(coded.select(value).unique())[value].to_list()
        distinct = factorized(pd.Series(cells, dtype=object))[1]
        ranks, categories = ranked(distinct, self.declared, self.how)
        nothing = [cell for cell, rank in zip(distinct, ranks, strict=True) if rank < 0]
        if nothing:
            coded = coded.filter(~nw.col(value).is_in(nothing))
        if self.frame.collect_schema()[value].is_float():
            coded = coded.filter(~nw.col(value).is_nan())
        without_name = [nw.col(name).is_null() for name in [*columns.unit, columns.coder]]
        blank = coded.filter(nw.any_horizontal(*without_name, ignore_nulls=True))
        if len(collected(blank.head(1))):
            raise nameless(columns)
        named = collected(coded.select(columns.coder).unique())[columns.coder].to_list()
        coders = sorted_names(named)
        if not coders:
            return counted(np.empty((0, 0), dtype=np.int64), None, categories, [])[0]
        names, rows = _counted_there(coded, columns, coders)
        codes = np.full((len(rows), len(coders)), -1, dtype=np.int64)
        for column, name in enumerate(names):
            codes[:, column] = _ranks_of(rows[name].to_list(), distinct, ranks)
        units = np.asarray(rows["units"].to_list(), dtype=float)
        return counted(codes, units, categories, coders)[0]


def _ranks_of(cells: list[Any], distinct: Any, ranks: Any) -> Integers:
    """Return the rank of each counted cell; −1 where there is none."""
    rank_of = dict(zip(distinct, ranks.tolist(), strict=True))
    given = [-1 if plain_code(cell, None) is None else rank_of[cell] for cell in cells]
    return np.asarray(given, dtype=np.int64)


def _counted_there(coded: Any, columns: Columns, coders: Sequence[Any]) -> tuple[list[str], Any]:
    """Let the engine count the patterns; return the columns of the coders, and the counted rows."""
    import narwhals as nw

    longest = max(len(str(name)) for name in (*columns.unit, columns.coder, columns.value))
    free = "_" * (longest + 1)  # no column begins so
    names = [f"{free}code_of_{number}" for number in range(len(coders))]
    code_counts = [f"{free}codes_of_{number}" for number in range(len(coders))]
    given = [nw.when(nw.col(columns.coder) == name).then(nw.col(columns.value)) for name in coders]
    by_unit = (
        coded.with_columns(**dict(zip(names, given, strict=True)))
        .group_by(columns.unit)
        .agg(
            *(nw.col(name).max() for name in names),
            *(
                nw.col(name).count().alias(count)
                for name, count in zip(names, code_counts, strict=True)
            ),
        )
    )
    several = [nw.col(count) > 1 for count in code_counts]
    twice = collected(by_unit.filter(nw.any_horizontal(*several, ignore_nulls=True)).head(1))
    if len(twice):
        raise coded_twice({key: twice[key][0] for key in columns.unit})
    return names, collected(by_unit.group_by(names).agg(nw.len().alias("units")))


def collected(frame: Any) -> Any:
    """Bring the few rows that are left here.

    As pandas, where the engine's own way needs a library that is not there.
    """
    try:
        return frame.collect()
    except ModuleNotFoundError:
        return frame.collect(backend="pandas")


def engine_frame(data: Any) -> Any:
    """Return a frame of another engine as narwhals has it; nothing if it is none."""
    import narwhals as nw

    try:
        return nw.from_native(data).lazy()
    except (TypeError, AttributeError):
        return None


def declared_by(data: Any, column: Any) -> Declared | None:
    """Return the codes that a column of Dask declares, of which narwhals knows the ordered only."""
    kinds = getattr(getattr(data, "_meta", None), "dtypes", {})
    kind = kinds.get(column)
    if isinstance(kind, pd.CategoricalDtype) and "__UNKNOWN_CATEGORIES__" not in kind.categories:
        return Declared(kind.categories.tolist(), bool(kind.ordered))
    return None


def frame_of(frame: Any) -> pd.DataFrame:
    """Bring a frame of another engine here, as a frame of pandas."""
    here = collected(frame)
    cells = {name: pd.Series(here[name].to_list(), dtype=object) for name in here.columns}
    return pd.DataFrame(cells).infer_objects()
