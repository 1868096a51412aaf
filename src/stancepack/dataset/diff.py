"""What changed between two releases, and the version step that it asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import pandas as pd

from stancepack.dataset.package import StancePackage, as_package, load
from stancepack.dataset.saving import table_text
from stancepack.errors import StancepackError
from stancepack.spellings import FormerFrame

COLUMNS = ["change", "table", "row_id", "column", "old", "new", "step"]
_MEANINGS = ("type", "forms", "missing", "truth", "is_ordered")
_SHOWN = 10  # rows in a notebook
STEPS = ("none", "patch", "minor", "major")


Package = StancePackage | str | os.PathLike[str]


@dataclass(frozen=True, eq=False, repr=False)
class Differences(FormerFrame):
    """What changed between two releases, and the version step that it asks for; see `diff`."""

    table: pd.DataFrame
    step: str

    def __len__(self) -> int:
        """Count the changes."""
        return len(self.table)

    def __repr__(self) -> str:
        """Say how many changes there are, and the step."""
        changes = "1 change" if len(self) == 1 else f"{len(self)} changes"
        return f"{changes}; version step: {self.step}."

    def _repr_html_(self) -> str:
        shown = self.table.head(_SHOWN).to_html(index=False) if len(self) else ""
        return f"<p>{escape(repr(self))}</p>{shown}"

    def summary(self) -> str:
        """Say how many changes there are of each kind in each table."""
        counts = self.table.groupby(["table", "change", "step"], sort=False).size()
        lines = [f"{table}: {n} {change} ({step})" for (table, change, step), n in counts.items()]
        return "\n".join([repr(self), *lines])


def diff(old: Package, new: Package | None = None) -> Differences:
    """List what changed between two releases of a package, by row id.

    The version step follows the Data Package rules for data: a table, column or code taken away or
    declared otherwise, a column added, or a row taken away asks for a major step; rows or tables
    added for a minor one; a value changed for a patch. The id of a row that was taken away belongs
    into the table ``retired``, so that it is never given again.

    Parameters
    ----------
    old, new
        Two packages, or their ``datapackage.json`` or folder. `new` is the shipped data set if
        None.

    Returns
    -------
    Differences
        ``.table`` has one row for each change: ``change`` (``added``, ``removed``, ``changed``),
        ``table``, ``row_id``, ``column``, ``old``, ``new``, ``step``. ``.step`` is the step that
        all of them together ask for, ``len()`` counts them.

    Raises
    ------
    StancepackError
        If a package cannot be read.

    Examples
    --------
    >>> import stancepack as sp
    >>> sp.diff(sp.load().home)
    0 changes; version step: none.
    """
    before = as_package(old, "diff")
    after = load() if new is None else as_package(new, "diff")
    changes = list(_changes(before, after))
    frame = pd.DataFrame([vars(change) for change in changes], columns=COLUMNS, dtype="str")
    return Differences(frame, max(frame["step"], key=STEPS.index, default="none"))


@dataclass(frozen=True)
class Change:
    """One difference between two releases."""

    change: str
    table: str
    row_id: str = ""
    column: str = ""
    old: str = ""
    new: str = ""
    step: str = "major"


def _changes(before: StancePackage, after: StancePackage) -> Iterator[Change]:
    for table in before:
        if table not in after:
            yield Change("removed", table)
    for table in after:
        if table not in before:
            yield Change("added", table, step="minor")
        else:
            yield from _declaration_changes(before, after, table)
            yield from _row_changes(before, after, table)


def _declaration_changes(
    before: StancePackage, after: StancePackage, table: str
) -> Iterator[Change]:
    old = {field.name: field for field in before.descriptor.fields(table)}
    new = {field.name: field for field in after.descriptor.fields(table)}
    yield from (Change("removed", table, column=name) for name in old if name not in new)
    for name, field in new.items():
        if name not in old:
            yield Change("added", table, column=name)
            continue
        for meaning in _MEANINGS:  # what turns the same cell into something else
            was, now = (str(getattr(side, meaning)) for side in (old[name], field))
            if was != now:
                yield Change("changed", table, column=name, old=was, new=now)
        codes, codes_now = ([str(code) for code in side.categories] for side in (old[name], field))
        if codes != codes_now:
            # further codes at home in the old order leave every old figure as it was
            kept = [code for code in codes_now if code in codes]
            step = "minor" if kept == codes else "major"
            was, now = " ".join(codes), " ".join(codes_now)
            yield Change("changed", table, column=name, old=was, new=now, step=step)


def _row_changes(before: StancePackage, after: StancePackage, table: str) -> Iterator[Change]:
    keys = [pkg.descriptor.key(table) for pkg in (before, after)]
    if keys[0] != keys[1]:
        was, now = map(", ".join, keys)
        yield Change("changed", table, column="primaryKey", old=was, new=now)
        return
    if not keys[0]:  # rows that nothing tells apart are compared as a whole
        old, new = (table_text(pkg, table) for pkg in (before, after))
        if not old.equals(new):
            yield Change("changed", table, old=f"{len(old)} rows", new=f"{len(new)} rows")
        return
    old, new = (_text_by_key(pkg, table, keys[0]) for pkg in (before, after))
    for row in old.index.difference(new.index, sort=False):
        yield Change("removed", table, row)
    for row in new.index.difference(old.index, sort=False):
        yield Change("added", table, row, step="minor")
    both = old.index.intersection(new.index, sort=False)
    missing = [_missing_values(pkg, table) for pkg in (before, after)]
    for column in old.columns.intersection(new.columns, sort=False):
        was, now = old.loc[both, column], new.loc[both, column]
        # where nothing was said and nothing is, no value has changed, however it is written
        is_missing = was.isin(missing[0][column]) & now.isin(missing[1][column])
        for row in both[((was != now) & ~is_missing).to_numpy()]:
            yield Change("changed", table, row, column, was[row], now[row], "patch")


def _missing_values(pkg: StancePackage, table: str) -> dict[str, tuple[str, ...]]:
    return {field.name: field.missing for field in pkg.descriptor.fields(table)}


def _text_by_key(pkg: StancePackage, table: str, key: list[str]) -> pd.DataFrame:
    frame = table_text(pkg, table)
    if frame.duplicated(key).any():
        what = "rows with the same key; run `stancepack validate`."
        raise StancepackError(f"{pkg.name}: {table}: {what}")
    return frame.set_axis([", ".join(row) for row in frame[key].itertuples(index=False)])
