"""Tables that are not tidy: units × coders, coders × units, counts of codes; and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean, known_name
from stancepack.reliability.categories import (
    Categories,
    CodeReading,
    Declared,
    factorized,
    plain_code,
    ranked,
)
from stancepack.reliability.counts import Patterns, counted, histogram
from stancepack.reliability.names import CODER, LAYOUTS, VALUE, Columns, as_names, sorted_names
from stancepack.reliability.rows import CodedRows, coded_rows

if TYPE_CHECKING:
    from stancepack.reliability.counts import Integers

UNIT = "unit"  # what units without a name of their own are called in frames
_FEW = 4  # rows, below which it says nothing that the cells of a column all differ
_MANY_TIMES = 3  # as many coders as units: an array so wide hardly has a row for each unit
_MOST_COUNTED = 10_000_000  # codes that a table of counts may stand for


@dataclass(frozen=True)
class Shape:
    """How a container is laid out, and what its columns are called; see `codings`."""

    layout: str | None = None
    unit: Any = None
    coder: Any = None
    value: Any = None

    def __post_init__(self) -> None:
        """Refuse a layout that is not known."""
        if self.layout is not None:
            known_name("layout", self.layout, LAYOUTS)

    @property
    def columns(self) -> Columns:
        """What unit, coder and code are called where the container has no names for them."""
        unit = [UNIT] if self.unit is None else as_names("unit", self.unit)
        named = Columns(unit, self.coder_name, self.value_name)
        if len(unit) > 1 or len({unit[0], named.coder, named.value}) < 3:
            raise StancepackError(
                "unit, coder and value name the columns of units, coders and codes to be made: "
                f"one each, and no two alike, not {unit}, {named.coder!r} and {named.value!r}."
            )
        return named

    @property
    def coder_name(self) -> Any:
        """What the column of coders is called."""
        return CODER if self.coder is None else self._alone("coder", self.coder)

    @property
    def value_name(self) -> Any:
        """What the column of codes is called."""
        return VALUE if self.value is None else self._alone("value", self.value)

    def _alone(self, what: str, given: Any) -> Any:
        names = as_names(what, given)
        if len(names) > 1:
            raise StancepackError(f"{what}={given!r} should name one column here.")
        return names[0]


# ------------------------------------------------------------------------------------------------
# frames


def of_wide(frame: pd.DataFrame, shape: Shape, how: CodeReading) -> CodedRows:
    """Read a table with a row for each unit and a column for each coder."""
    units, cells = _units_and_cells(frame, shape.unit)
    if isinstance(shape.coder, Sequence) and not isinstance(shape.coder, str):
        cells = cells[_columns_of(cells, "coder", shape.coder)]
        shape = Shape(shape.layout, shape.unit, None, shape.value)
    elif shape.unit is None:
        _refuse_units_among_coders(cells)
    if units.duplicated().any():
        twice = units[units.duplicated()].iloc[0].to_dict()
        where = ", ".join(f"{column} {name}" for column, name in twice.items())
        raise StancepackError(f"two rows are of one unit: {where}. In a wide table it has one.")
    return _of_cells(cells, units, (shape.coder_name, shape.value_name), how)


def of_coders_in_rows(frame: pd.DataFrame, shape: Shape, how: CodeReading) -> CodedRows:
    """Read a table with a row for each coder and a column for each unit."""
    coder = shape.coder_name
    if coder in frame.columns:
        frame = frame.set_index(coder)
    elif shape.coder is not None and isinstance(frame.index, pd.RangeIndex):
        raise StancepackError(f"the table has no column {coder!r} that names the coders.")
    if not frame.index.is_unique:
        raise StancepackError("two rows are of one coder; in this layout a coder has one row.")
    unit = UNIT if shape.unit is None else as_names("unit", shape.unit)[0]
    cells = frame.T if frame.dtypes.nunique() < 2 else frame.astype(object).T
    units = pd.DataFrame({unit: cells.index})
    return _of_cells(cells, units, (coder, shape.value_name), how)


def of_counts(frame: pd.DataFrame, shape: Shape, how: CodeReading) -> CodedRows:
    """Read a table with a row for each unit and, for each code, how many coders gave it."""
    units, cells = _units_and_cells(frame, shape.unit)
    names = shape.coder_name, shape.value_name
    return _of_counts(cells.to_numpy(), list(cells.columns), units, names, how)


def _columns_of(frame: pd.DataFrame, what: str, given: Any) -> list[Any]:
    """Return the columns that are named; refuse those that a table has not."""
    names = as_names(what, given)
    for name in names:
        if name not in frame.columns:
            near = did_you_mean(str(name), map(str, frame.columns))
            raise StancepackError(f"the table has no column {name!r}; {near}")
    return names


def _units_and_cells(frame: pd.DataFrame, unit: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part a table into the columns that name its rows, and the others."""
    if unit is None:
        name = frame.index.name if frame.index.name is not None else UNIT
        return pd.DataFrame({name: frame.index.to_flat_index()}), frame
    keys = _columns_of(frame, "unit", unit)
    return frame[keys].reset_index(drop=True), frame.drop(columns=keys)


def _refuse_units_among_coders(cells: pd.DataFrame) -> None:
    """Refuse a column whose cells all differ, as names of units do, where others' do not."""
    repeats = {name: bool(cells[name].map(repr).duplicated().any()) for name in cells}
    if len(cells) < _FEW or sum(repeats.values()) < 2:
        return
    for name, has_repeats in repeats.items():
        if not has_repeats:
            raise StancepackError(
                f"the column {name!r} has another cell in every row, as the names of units have: "
                f"write unit={name!r}. If it is a coder, write coder=[…] with all coders' columns."
            )


def _of_cells(
    cells: pd.DataFrame, units: pd.DataFrame, names: tuple[Any, Any], how: CodeReading
) -> CodedRows:
    """Read a table of units × coders, whose columns may be of any kind."""
    n, coders = cells.shape
    kinds = set(cells.dtypes)
    together = pd.Series([], dtype=object)
    if coders:
        columns = [cells.iloc[:, number] for number in range(coders)]
        if len(kinds) > 1:
            columns = [column.astype(object) for column in columns]
        together = pd.concat(columns, ignore_index=True)
    numbers, distinct, declared = factorized(together)
    of_distinct, categories = ranked(distinct, declared or _declared_together(kinds), how)
    ranks = np.append(of_distinct, -1)[numbers].reshape(coders, n).T
    return _rows_of_ranks(ranks, units, list(cells.columns), categories, names)


def _declared_together(kinds: set[Any]) -> Declared | None:
    """Return the codes that the types of several columns declare, if they all do."""
    if len(kinds) < 2 or not all(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        return None
    if any(kind.ordered for kind in kinds):
        raise StancepackError(
            "the columns of the coders declare different codes or orders; give them one ordered "
            "type, or write order=[…]."
        )
    return Declared([code for kind in kinds for code in kind.categories], is_ordered=False)


def _rows_of_ranks(
    ranks: Integers,
    units: pd.DataFrame,
    coders: list[Any],
    categories: Categories,
    names: tuple[Any, Any],
) -> CodedRows:
    """Make coded rows of a table of ranks; coders who gave no code are none."""
    unit_numbers, columns = np.nonzero(ranks >= 0)
    used = sorted_names(coders[column] for column in np.unique(columns))
    number_of = {name: number for number, name in enumerate(used)}
    number_of_column = np.asarray([number_of.get(name, -1) for name in coders], dtype=np.int64)
    return CodedRows(
        units,
        list(units.columns),
        unit_numbers,
        unit_numbers,
        number_of_column[columns],
        ranks[ranks >= 0],
        categories,
        used,
        *names,
    )


def _of_counts(
    cells: Any, codes: list[Any], units: pd.DataFrame, names: tuple[Any, Any], how: CodeReading
) -> CodedRows:
    """Read how many coders gave each unit each code; who did is not known."""
    counts = _whole_numbers(cells)
    plain = [plain_code(code, how.parts) for code in codes]
    if None in plain or len(set(plain)) < len(plain):
        raise StancepackError(f"the columns of counts are named as the codes, each once: {codes}.")
    ranks_of_columns, categories = ranked(codes, Declared(codes, is_ordered=False), how)
    shown, columns = ranks_of_columns >= 0, np.maximum(ranks_of_columns, 0)
    unit_numbers, column_numbers = np.nonzero(counts * shown)
    times = counts[unit_numbers, column_numbers]
    if times.sum() > _MOST_COUNTED:
        raise StancepackError(f"the counts come to {times.sum()} codes; are they counts of coders?")
    by_unit = np.repeat(unit_numbers, times)
    first = np.append(0, np.cumsum((counts * shown).sum(axis=1)))[by_unit]
    coder_numbers = np.arange(len(by_unit)) - first
    return CodedRows(
        units,
        list(units.columns),
        by_unit,
        by_unit,
        coder_numbers,
        columns[np.repeat(column_numbers, times)],
        categories,
        list(range(1, int(coder_numbers.max(initial=-1)) + 2)),
        *names,
        anonymous=True,
    )


def _whole_numbers(cells: Any) -> Integers:
    """Return counts as whole numbers; a blank one is none."""
    what = "a table of counts holds whole numbers from 0 up: how many coders gave the code"
    plain = np.array([plain_code(cell, None) or 0 for cell in np.ravel(cells).tolist()], object)
    for cell in plain:
        if not isinstance(cell, int) or cell < 0 or cell > _MOST_COUNTED:
            raise StancepackError(f"{what}, not {cell!r}. Name other columns with unit=….")
    return plain.astype(np.int64).reshape(np.shape(cells))


# ------------------------------------------------------------------------------------------------
# arrays


@dataclass(frozen=True, eq=False)
class CodeArray:
    """Codes as an array of units × coders, of any kind.

    Parameters
    ----------
    cells
        The array.
    columns
        What units, coders and codes are called in frames made of it.
    how
        What stands for no code, and the order.
    """

    cells: Any
    columns: Columns
    how: CodeReading

    def counted(self) -> Patterns:
        """Return the patterns of the units: of small whole numbers without a copy of the codes."""
        small = histogram(self.cells)
        cells, units = (self.cells, None) if small is None else small
        ranks, categories = self._ranked(cells)
        coded = (ranks >= 0).any(axis=0)
        used = np.flatnonzero(coded)
        ranks = ranks if coded.all() else ranks[:, used]
        return counted(ranks, units, categories, used.tolist())[0]

    def rows(self) -> CodedRows:
        """Return the codes one by one."""
        ranks, categories = self._ranked(self.cells)
        units = pd.DataFrame({self.columns.unit[0]: np.arange(len(ranks))})
        names = self.columns.coder, self.columns.value
        return _rows_of_ranks(ranks, units, list(range(ranks.shape[1])), categories, names)

    def _ranked(self, cells: Any) -> tuple[Integers, Categories]:
        numbers, distinct, declared = factorized(cells.ravel())
        ranks, categories = ranked(distinct, declared, self.how)
        return np.append(ranks, -1)[numbers].reshape(cells.shape), categories


def of_array(array: Any, shape: Shape, how: CodeReading) -> tuple[Any, list[str]]:
    """Read an array, units × coders unless it is said; return what is to be said of it, too."""
    cells, notes = _plain_cells(array)
    if cells.ndim != 2:
        raise StancepackError(
            f"an array of codes has two dimensions, units × coders, not {cells.ndim}."
        )
    units, coders = cells.shape
    if shape.layout == "long":
        return _of_long_array(cells, shape.columns, how), notes
    if shape.layout == "counts":
        return _of_counts_in_array(cells, shape.columns, how), notes
    if shape.layout == "coders-in-rows":
        return CodeArray(cells.T, shape.columns, how), notes
    if shape.layout is None and coders > units > 0:
        said = f"{units} units and {coders} coders: an array has a row for each unit; if it has one"
        if coders >= _MANY_TIMES * units and coders > _MANY_TIMES:
            raise StancepackError(
                f'{said} for each coder, write layout="coders-in-rows", else layout="wide".'
            )
        notes.append(f'{said} for each coder, write layout="coders-in-rows".')
    return CodeArray(cells, shape.columns, how), notes


def _of_long_array(cells: Any, columns: Columns, how: CodeReading) -> CodedRows:
    names = [*columns.unit, columns.coder, columns.value]
    if cells.shape[1] != len(names):
        raise StancepackError(
            "an array in the layout 'long' has the columns unit, coder and code, and this one has "
            f"{cells.shape[1]}. For units × coders write layout='wide'."
        )
    return coded_rows(pd.DataFrame(cells, columns=names).infer_objects(), columns, how)


def _of_counts_in_array(cells: Any, columns: Columns, how: CodeReading) -> CodedRows:
    """Read counts whose columns are the codes of `order`, else codes in an order but no numbers."""
    codes = list(range(cells.shape[1])) if how.order is None else list(how.order)
    if len(codes) != cells.shape[1]:
        raise StancepackError(
            f"order names {len(codes)} codes, and the counts have {cells.shape[1]} columns."
        )
    units = pd.DataFrame({columns.unit[0]: np.arange(len(cells))})
    coded = _of_counts(cells, codes, units, (columns.coder, columns.value), how)
    if how.order is None:
        places = replace(coded.categories, is_numeric=False, is_ordered=True)
        coded = replace(coded, categories=places)
    return coded


def _plain_cells(array: Any) -> tuple[Any, list[str]]:
    """Return an array without a mask, and what is to be said of cells that numpy made text."""
    cells = np.asarray(np.ma.getdata(array))
    if cells.dtype.names is not None:
        raise StancepackError("an array of records is no table of codes; make a frame of it.")
    if np.ma.is_masked(array):
        cells = cells.astype(object)
        cells[np.ma.getmaskarray(array)] = None
    if cells.dtype.kind == "U" and (cells == "nan").any():
        note = "The text 'nan' is what numpy makes of a missing cell among texts: it is no code."
        is_nan, cells = cells == "nan", cells.astype(object)
        cells[is_nan] = None
        return cells, [note]
    return cells, []
