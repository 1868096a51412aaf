"""What changed between two releases, and the version step that it asks for."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from stancepack.dataset.package import StancePackage, load
from stancepack.errors import StancepackError

COLUMNS = ["change", "table", "row_id", "column", "old", "new", "step"]
STEPS = ("none", "patch", "minor", "major")


def diff(old: str | os.PathLike[str], new: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """List what changed between two releases of a package, by row id.

    The version step follows the Data Package rules for data: a table, column or code taken away or
    declared otherwise, a column added, or a row taken away asks for a major step; rows or tables
    added for a minor one; a value changed for a patch. The id of a row that was taken away belongs
    into the table ``retired``, so that it is never given again.

    Parameters
    ----------
    old, new
        Two packages: a ``datapackage.json`` or its folder. `new` is the shipped data set if None.

    Returns
    -------
    pandas.DataFrame
        One row for each change: ``change`` (``added``, ``removed``, ``changed``), ``table``,
        ``row_id``, ``column``, ``old``, ``new``, ``step``. ``frame.attrs["step"]`` is the step that
        all of them together ask for.

    Raises
    ------
    StancepackError
        If a package cannot be read.

    Examples
    --------
    >>> import stancepack as sp
    >>> changes = sp.diff(sp.load().home)
    >>> len(changes), changes.attrs["step"]
    (0, 'none')
    """
    before, after = load(old), load(new)
    rows: list[dict[str, Any]] = []

    def add(
        change: str,
        step: str,
        table: str,
        row_id: str = "",
        column: str = "",
        was: str = "",
        now: str = "",
    ) -> None:
        rows.append(
            dict(zip(COLUMNS, (change, table, row_id, column, was, now, step), strict=True))
        )

    for table in [*before, *(name for name in after if name not in before)]:
        if table not in after:
            add("removed", "major", table)
        elif table not in before:
            add("added", "minor", table)
        else:
            _declarations(before, after, table, add)
            _rows(before, after, table, add)
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    frame.attrs["step"] = max(frame["step"], key=STEPS.index, default="none")
    return frame


def _declarations(before: StancePackage, after: StancePackage, table: str, add: Any) -> None:
    old = {field.name: field for field in before.descriptor.fields(table)}
    new = {field.name: field for field in after.descriptor.fields(table)}
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            add("removed", "major", table, "", name)
        elif name not in old:
            add("added", "major", table, "", name)
        else:
            if old[name].type != new[name].type:
                add("changed", "major", table, "", name, old[name].type, new[name].type)
            was, now = (
                [str(code) for code in field.categories] for field in (old[name], new[name])
            )
            if was != now:
                step = "minor" if set(was) <= set(now) else "major"
                add("changed", step, table, "", name, " ".join(was), " ".join(now))


def _rows(before: StancePackage, after: StancePackage, table: str, add: Any) -> None:
    key = before.descriptor.key(table)
    if key != after.descriptor.key(table) or not key:
        was, now = (", ".join(pkg.descriptor.key(table)) for pkg in (before, after))
        add("changed", "major", table, "", "primaryKey", was, now)
        return

    def read(pkg: StancePackage) -> pd.DataFrame:
        frame = pkg.descriptor.read_text(table)
        if frame.duplicated(key).any():
            raise StancepackError(
                f"{pkg.path(table)}: rows with the same key; run `stancepack validate`."
            )
        return frame.set_axis([", ".join(row) for row in frame[key].itertuples(index=False)])

    old, new = read(before), read(after)
    for row in old.index.difference(new.index, sort=False):
        add("removed", "major", table, row)
    for row in new.index.difference(old.index, sort=False):
        add("added", "minor", table, row)
    both = old.index.intersection(new.index, sort=False)
    for column in old.columns.intersection(new.columns, sort=False):
        was, now = old.loc[both, column], new.loc[both, column]
        for row in both[(was != now).to_numpy()]:
            add("changed", "patch", table, row, column, was[row], now[row])
