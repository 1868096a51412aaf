"""What the columns of units, coders and codes are called, and the faults that name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from stancepack.arguments import listed
from stancepack.errors import StancepackError, did_you_mean
from stancepack.reliability.categories import is_number

# what makes a unit, as far as a frame has it
UNITS = ("round", "statement_id", "issue_id", "variable")
CODER, VALUE = "coder_id", "position"
LAYOUTS = ("long", "wide", "counts", "coders-in-rows")


@dataclass(frozen=True)
class Columns:
    """The columns that name the unit, the coder and the code."""

    unit: list[Any]
    coder: Any
    value: Any


def as_names(what: str, given: Any) -> list[Any]:
    """Return the names of columns that are given as one or several."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        given = [given]
    names = listed(what, given)
    for name in names:
        is_several = isinstance(name, Iterable) and not isinstance(name, str | tuple)
        is_named = _is_hashable(name) and not is_several and not isinstance(name, bool | float)
        if not is_named or (pd.api.types.is_scalar(name) and pd.isna(name)):
            raise StancepackError(f"{what}={name!r} is no name of a column.")
    if not names or len(set(names)) < len(names):
        raise StancepackError(f"{what}={given!r} should name columns, each once.")
    return names


def _is_hashable(name: Any) -> bool:
    try:
        hash(name)
    except TypeError:
        return False
    return True


def tidy_columns(names: Iterable[Any], unit: Any, coder: Any, value: Any) -> Columns:
    """Return the columns of a tidy frame; refuse those that it has not."""
    known = list(names)
    keys = [name for name in UNITS if name in known] if unit is None else as_names("unit", unit)
    for column in [*keys, coder, value]:
        if column not in known:
            near = did_you_mean(str(column), map(str, known))
            hint = "" if coder in known and value in known else f" {_WIDE_HINT}"
            raise StancepackError(f"the frame has no column {column!r}; {near}{hint}")
    if not keys:
        raise StancepackError(
            f"the frame has no column that makes a unit; name it with unit=…. {_WIDE_HINT}"
        )
    if len({*keys, coder, value}) < len(keys) + 2:
        raise StancepackError(
            f"unit, coder and value should be different columns, not {[*keys, coder, value]}."
        )
    return Columns(keys, coder, value)


_WIDE_HINT = (
    "(Codes have a row for each unit and coder. If a row is a unit with a column for each coder, "
    'write layout="wide", and unit=… for the column that names the unit.)'
)


def nameless(columns: Columns) -> StancepackError:
    """Return the fault of a code without unit or coder."""
    where = " or ".join(str(name) for name in [*columns.unit, columns.coder])
    return StancepackError(
        f"a row has a code, but no {where}; every code needs its unit and its coder."
    )


def coded_twice(names: Mapping[Any, Any]) -> StancepackError:
    """Return the fault of two codes of a coder for a unit."""
    where = ", ".join(f"{column} {name}" for column, name in names.items())
    return StancepackError(f"coded twice: {where}. Keep one code for each unit and coder.")


def sorted_names(names: Iterable[Any]) -> list[Any]:
    """Return names in an order that does not depend on the rows: numbers first, by their size."""
    return sorted((name.item() if hasattr(name, "item") else name for name in names), key=name_key)


def name_key(name: Any) -> tuple[int, Any, str]:
    """Return what a name of a unit or coder is sorted by."""
    return (0, name, "") if is_number(name) else (1, 0, str(name))
