"""The table of positions, made again of the tables that it says anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.dataset.tidy import COLUMNS, settling_codings, tidy_positions
from stancepack.validation.date_rules import bounds_faults
from stancepack.validation.findings import Check, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = "positions"
_MADE_OF = ("stances", "codings", "rounds", "statements", "actors", "issues")
_CELL = ("statement_id", "issue_id")
_BUILD = "Run `stancepack build`."


def check_positions(check: Check) -> None:
    """Check that the table says what the others say; whatever is wrong in those is found first.

    In a package made of tables it may say what no other does; then its days are checked.
    """
    if _TABLE not in check.text:
        return
    if not check.descriptor.is_release:
        if not check.dirty(_TABLE):
            check.add_all("date-bounds", bounds_faults(check, _TABLE))
        return
    dirty = [name for name in (_TABLE, *COLUMNS, "codes", "codebook") if check.dirty(name)]
    absent = [name for name in _MADE_OF if name not in check.text]
    if dirty or absent:
        why = f"there is no table {', '.join(absent)}"
        why = f"{', '.join(dirty)} has findings" if dirty else why
        check.not_checked.append(f"{_TABLE}: {why}")
        return
    tables = {name: _needed(check, name) for name in COLUMNS if name in check.text}
    codings = settling_codings(tables["codings"], tables["rounds"]).dropna(subset=["position"])
    tables["codings"] = codings.astype(dict.fromkeys(_CELL, "str"))
    check.add_all(_TABLE, _differences(check, tidy_positions(tables, check.book)))


def _needed(check: Check, table: str) -> pd.DataFrame:
    """Return what positions need of a table, with its types; ids of codings as they were read."""
    text, columns = check.text[table], {*COLUMNS[table]}
    if table == "statements":
        columns |= {*check.descriptor.columns(_TABLE)}
    as_read = ("round", *_CELL) if table == "codings" else ()  # as text they would fill the memory
    return pd.DataFrame(
        {
            field.name: text[field.name] if field.name in as_read else field.parse(text[field.name])
            for field in check.descriptor.fields(table)
            if field.name in columns
        }
    )


def _differences(check: Check, fresh: pd.DataFrame) -> Iterator[Fault]:
    key = check.descriptor.key(_TABLE)
    there = check.frame(_TABLE)
    made = pd.MultiIndex.from_frame(fresh[key].astype("str"))
    released = pd.MultiIndex.from_frame(there[key].astype("str"))
    for names in made[~made.isin(released)]:
        yield Fault(_TABLE, ", ".join(names), message="The position is missing.", remedy=_BUILD)
    for row in (~released.isin(made)).nonzero()[0]:
        message = "No statement takes this position."
        yield Fault(
            _TABLE, int(row), key[0], there[key[0]].iloc[row], message=message, remedy=_BUILD
        )
    places = made.get_indexer(released)
    rows = np.flatnonzero(places >= 0)
    for column in there.columns.intersection(fresh.columns, sort=False).difference(key, sort=False):
        was, now = _values(there[column].iloc[rows]), _values(fresh[column].iloc[places[rows]])
        for number in np.flatnonzero(was != now):
            row, value, made_anew = int(rows[number]), was[number], now[number]
            message = f"The other tables say: {'nothing' if made_anew is None else made_anew}."
            yield Fault(_TABLE, row, column, value, message=message, remedy=_BUILD)


def _values(column: pd.Series[Any]) -> NDArray[np.object_]:
    """Return the values of a column, None where one is missing."""
    values: NDArray[np.object_] = column.astype("object").to_numpy(copy=True)
    values[column.isna().to_numpy()] = None
    return values
