"""Codes one by one: out of a tidy frame of pandas, or a table of units × coders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.reliability.categories import (
    Categories,
    CodeReading,
    Declared,
    factorized,
    ranked,
)
from stancepack.reliability.counts import Patterns, counted
from stancepack.reliability.names import (
    Columns,
    coded_twice,
    nameless,
    sorted_names,
    tidy_columns,
)

if TYPE_CHECKING:
    from stancepack.reliability.counts import Integers


@dataclass(frozen=True, eq=False)
class CodedRows:
    """The codes one by one, each with the numbers of its unit, coder and category.

    Parameters
    ----------
    source, keys, places
        The frame and its columns that name units, and the row there of each code.
    unit_numbers, coder_numbers, ranks
        Of each code: a number for its unit, the number of its coder, the rank of its category.
    categories, coders
        The codes in their order, and the coders.
    coder, value
        What the columns of coder and code are called.
    anonymous
        Whether it is not known who gave which code.
    """

    source: pd.DataFrame
    keys: list[Any]
    places: Integers
    unit_numbers: Integers
    coder_numbers: Integers
    ranks: Integers
    categories: Categories
    coders: list[Any]
    coder: str
    value: str
    anonymous: bool = False

    @cached_property
    def units(self) -> pd.DataFrame:
        """The columns that name the unit of each code."""
        return self.source[self.keys].iloc[self.places].reset_index(drop=True)

    @cached_property
    def codes(self) -> Integers:
        """Units × coders: the rank of the code, −1 where there is none."""
        shape = int(self.unit_numbers.max(initial=-1)) + 1, len(self.coders)
        small = len(self.categories) < 2**15
        codes = np.full(shape, -1, dtype=np.int16 if small else np.int64)
        codes[self.unit_numbers, self.coder_numbers] = self.ranks
        return codes

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The tidy codes: the unit's columns, coder, and code."""
        names = pd.Series(list(self.categories), dtype=object)
        codes = names.take(self.ranks).reset_index(drop=True)
        if self.categories.is_numeric:
            codes = pd.Series(np.asarray(self.categories.codes)[self.ranks])
        coders = pd.Series(self.coders, dtype=object).take(self.coder_numbers)
        frame = self.units.copy()
        frame[self.coder] = coders.infer_objects().to_numpy()
        frame[self.value] = codes.to_numpy()
        return frame

    def overlapping(self, column: Any) -> list[Any]:
        """Return what a column of the unit holds, if units that differ in nothing else are there.

        So rounds are found that code the same statements again.
        """
        if column not in self.keys or self.units[column].nunique() < 2:
            return []
        others = [key for key in self.keys if key != column]
        if not others or not self.units.drop_duplicates().duplicated(others).any():
            return []
        return sorted_names(self.units[column].unique())

    def take(self, chosen: Integers) -> CodedRows:
        """Return some of the rows, with the coders and, unless they are given, categories there."""
        used, coder_numbers = np.unique(self.coder_numbers[chosen], return_inverse=True)
        ranks, categories = self.ranks[chosen], self.categories
        if not self.categories.are_given:
            used_ranks, ranks = np.unique(ranks, return_inverse=True)
            categories = categories.take(used_ranks)
        return replace(
            self,
            places=self.places[chosen],
            unit_numbers=self.unit_numbers[chosen],
            coder_numbers=coder_numbers,
            ranks=ranks,
            categories=categories,
            coders=[self.coders[number] for number in used],
        )

    def counted(self) -> Patterns:
        """Return the patterns of the units."""
        return counted(self.codes, None, self.categories, self.coders, self.anonymous)[0]

    def by_unit(self) -> tuple[pd.DataFrame, Patterns, Integers]:
        """Return the units as they first come, their patterns, and the pattern of each unit."""
        _, first = np.unique(self.unit_numbers, return_index=True)
        first = np.sort(first)
        codes = self.codes[self.unit_numbers[first]]
        patterns, pattern_of_unit = counted(
            codes, None, self.categories, self.coders, self.anonymous
        )
        return self.units.iloc[first].reset_index(drop=True), patterns, pattern_of_unit


def coded_rows(
    frame: pd.DataFrame, columns: Columns, how: CodeReading, declared: Declared | None = None
) -> CodedRows:
    """Read the rows of a tidy pandas frame that have a code.

    `declared` are the codes of the column's type where pandas does not know them.
    """
    numbers, distinct, of_type = factorized(frame[columns.value])
    of_distinct, categories = ranked(distinct, of_type or declared, how)
    ranks = np.append(of_distinct, -1)[numbers]
    places = np.flatnonzero(ranks >= 0)
    if len(places) == len(ranks):
        places = np.arange(len(ranks))
    else:
        ranks = ranks[places]
    try:
        unit_numbers = _numbered(frame, columns.unit, places)
        coder_numbers, uniques = pd.factorize(_cells(frame, columns.coder, places))
    except TypeError:
        raise StancepackError(
            "units and coders have names: texts or numbers; a column of "
            f"{[*columns.unit, columns.coder]} holds something else."
        ) from None
    if (unit_numbers < 0).any() or (coder_numbers < 0).any():
        raise nameless(columns)
    coder_numbers, coders = _sorted_coders(coder_numbers, list(uniques))
    coded = CodedRows(
        frame,
        columns.unit,
        places,
        unit_numbers,
        coder_numbers,
        ranks,
        categories,
        coders,
        columns.coder,
        columns.value,
    )
    if np.count_nonzero(coded.codes >= 0) < len(places):
        raise _coded_twice(coded)
    return coded


def _coded_twice(coded: CodedRows) -> StancepackError:
    """Return the fault of the first code that is not the first of its unit and coder."""
    numbers = pd.DataFrame({"unit": coded.unit_numbers, "coder": coded.coder_numbers})
    first = int(numbers.duplicated().to_numpy().argmax())
    names = coded.units.iloc[first].to_dict()
    return coded_twice({**names, coded.coder: coded.coders[coded.coder_numbers[first]]})


def _cells(frame: pd.DataFrame, name: Any, places: Integers) -> Any:
    """Return some cells of a column, as the array that it is."""
    column = frame[name]
    cells = column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array
    return cells if len(places) == len(cells) else cells.take(places)


def _numbered(frame: pd.DataFrame, keys: list[Any], places: Integers) -> Any:
    """Give each unit a number, −1 to one without a name.

    A column of whole numbers out of a dense range, as row numbers are, is its own numbering.
    """
    if len(keys) > 1:
        rows = frame[keys].iloc[places]
        return rows.groupby(keys, observed=True, sort=False).ngroup().fillna(-1).to_numpy(int)
    cells = _cells(frame, keys[0], places)
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "i" and len(cells):
        low, high = int(cells.min()), int(cells.max())
        if high - low < 2 * len(cells):
            return cells.astype(np.int64) - low
    return pd.factorize(cells)[0]


def _sorted_coders(numbers: Any, uniques: list[Any]) -> tuple[Any, list[Any]]:
    """Return the numbers of coders whatever the order of the rows, and the coders."""
    plain = [name.item() if hasattr(name, "item") else name for name in uniques]
    coders = sorted_names(plain)
    rank_of = {name: rank for rank, name in enumerate(coders)}
    ranks = np.asarray([rank_of[name] for name in plain], dtype=np.int64)
    return (ranks[numbers] if len(ranks) else numbers), coders


def patterns_by(
    frame: pd.DataFrame,
    column: str,
    *,
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
) -> dict[Any, Patterns]:
    """Count the patterns of each part of a pandas frame, as of the part alone, in one reading.

    The parts are those of the values of a column.
    """
    columns = tidy_columns(frame.columns, unit, coder, value)
    coded = coded_rows(frame, columns, CodeReading())
    part_numbers, parts = pd.factorize(frame[column])
    part_of_row = part_numbers[frame[value].notna().to_numpy()]
    return {
        part: coded.take((part_of_row == number).nonzero()[0]).counted()
        for number, part in enumerate(parts)
    }
