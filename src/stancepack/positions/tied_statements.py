"""The statements that a network is made of, from a package or a frame."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from stancepack.dataset.names import ids_among
from stancepack.dataset.package import StancePackage, as_package
from stancepack.errors import StancepackError, UnknownName, did_you_mean
from stancepack.positions.evidence import Choices, Who, collected
from stancepack.positions.options import refuse_unused
from stancepack.positions.tied_values import ByScale, Meaning, read_values
from stancepack.reliability.containers import any_frame

COLUMNS = {
    "actor": "actor_id",
    "concept": "issue_id",
    "value": "position",
    "time": "middle",
    "document": "statement_id",
}
_NEEDED = ("actor", "concept", "value")
_SIDE = "side"
_DOCUMENT = "source_id"  # of a package: that which has the wording
_ONE_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Selection:
    """Whose statements on what, by id or name; all where nothing is named."""

    actor: Any = None
    side: Any = None
    issue: Any = None


@dataclass(frozen=True)
class Statements:
    """Rows of actor, concept and value, dated where the data are, and what the values mean."""

    rows: pd.DataFrame
    meaning: Meaning
    left_out: int = 0  # rows without actor, concept or value

    def __len__(self) -> int:
        """Count the statements."""
        return len(self.rows)

    def between(self, first: pd.Timestamp | None, last: pd.Timestamp | None) -> Statements:
        """Return the statements of some days; the last one counts to its end."""
        if first is None and last is None:
            return self
        times = self.times
        is_within = pd.Series(True, index=times.index)
        if first is not None:
            is_within &= times >= first
        if last is not None:
            is_within &= times < last + _ONE_DAY
        return replace(self, rows=self.rows[is_within])

    @property
    def times(self) -> pd.Series[Any]:
        """When each was made."""
        self._refuse_missing("time")
        return _moments(self.rows["time"])

    @property
    def documents(self) -> pd.Series[str]:
        """In which document each was made."""
        self._refuse_missing("document")
        return self.rows["document"].astype(str)

    def _refuse_missing(self, name: str) -> None:
        """Refuse statements without a time or document where it is needed: they would be lost."""
        if name not in self.rows:
            what = f"nothing says which {name} a statement has"
            raise StancepackError(f"{what}; of a frame {name}_column='…' does.")
        missing = int(self.rows[name].isna().sum())
        if missing:
            what = f"{missing} of {len(self.rows)} statements have no {name}"
            raise StancepackError(f"{what}, which these options need; leave them out first.")


def statements_of(
    data: Any,
    selection: Selection,
    columns: Mapping[str, str | None],
    scale: Any,
    combines: bool,
    choices: Choices | None,
) -> Statements:
    """Return the statements of a package under choices, or those of a frame.

    Parameters
    ----------
    data
        A package, the path of one, or a frame.
    selection
        Whose statements on what.
    columns
        The columns of a frame by what they hold; None where the usual one is meant.
    scale
        What the values of a frame mean; see `read_values`.
    combines
        Whether codes are to be combined: then conditional ones are not shrunk.
    choices
        Of a package; None if nothing was chosen.
    """
    if isinstance(data, StancePackage | str | os.PathLike):
        refuse_unused("a package", {f"{name}_column": named for name, named in columns.items()})
        refuse_unused("a package, which has scales", {"scale": scale})
        pkg = as_package(data, "network")
        return _of_package(pkg, selection, combines, choices or Choices())
    if choices is not None:
        raise StancepackError("choices of evidence are for a package; a frame is as it is.")
    try:
        return _of_frame(any_frame(data), selection, columns, scale)
    except ArithmeticError as error:  # signalling NaN of decimals
        what = f"a cell of the frame can be compared with nothing ({error})"
        raise StancepackError(f"{what}; write None where nothing is.") from None


def _of_package(
    pkg: StancePackage, selection: Selection, combines: bool, choices: Choices
) -> Statements:
    positions = collected(pkg, selection.issue, choices)
    who = Who.of(pkg, selection.actor, selection.side)
    positions = positions[who.chosen(positions)]
    # where codes stand, shrunk where asked; their rank where they have no order
    shrunk = positions["number"] if combines else positions["value"].fillna(positions["number"])
    rows = pd.DataFrame({
        "actor": positions["actor_id"].astype(str),
        "concept": positions["issue_id"].astype(str),
        "time": positions["middle"],
    })  # fmt: skip
    if _DOCUMENT in positions:
        rows["document"] = positions[_DOCUMENT]
    scales = {issue: pkg.scale(issue) for issue in rows["concept"].unique()}
    return Statements(rows.assign(value=shrunk.astype(float)), ByScale(scales))


def _of_frame(
    frame: pd.DataFrame, selection: Selection, columns: Mapping[str, str | None], scale: Any
) -> Statements:
    named = {name: _column(frame, name, columns[name]) for name in COLUMNS}
    present = {name: column for name, column in named.items() if column is not None}
    frame = frame.reset_index(drop=True)
    rows = pd.DataFrame({name: frame[column] for name, column in present.items()})
    values, meaning = read_values(frame[present["value"]], scale)
    rows["value"] = values
    is_whole = rows[list(_NEEDED)].notna().all(axis=1)
    for name in ("actor", "concept"):
        is_whole &= rows[name].astype(str).str.strip() != ""
    chosen = _chosen(frame, rows, selection)
    rows = rows[is_whole & chosen]
    rows = rows.assign(actor=rows["actor"].astype(str), concept=rows["concept"].astype(str))
    return Statements(rows, meaning, int((chosen & ~is_whole).sum()))


def _column(frame: pd.DataFrame, name: str, given: str | None) -> str | None:
    """Return the column named, or the usual one; None if there is none and none is needed."""
    column = COLUMNS[name] if given is None else given
    if not frame.columns.is_unique:
        raise StancepackError("two columns of the frame have the same name; rename one.")
    if isinstance(column, str) and column in frame.columns:
        return column
    if given is None and name not in _NEEDED:
        return None
    hint = did_you_mean(str(column), map(str, frame.columns))
    raise UnknownName(f"the frame has no column {column!r}: {name}_column='…' names it; {hint}")


def _chosen(frame: pd.DataFrame, rows: pd.DataFrame, selection: Selection) -> pd.Series[bool]:
    """Tell which rows are of the actors, sides and concepts named."""
    is_chosen = pd.Series(True, index=rows.index)
    if selection.side is not None and _SIDE not in frame:
        raise StancepackError(f"side={selection.side!r} cannot be taken: no column {_SIDE!r}.")
    columns = {
        "actor": (selection.actor, rows["actor"]),
        "issue": (selection.issue, rows["concept"]),
        "side": (selection.side, frame.get(_SIDE)),
    }
    for what, (given, column) in columns.items():
        if given is not None and column is not None:
            names = column.astype(str)
            known = dict.fromkeys(names[column.notna()], "")
            is_chosen &= names.isin(ids_among(what, given, known)) & column.notna()
    return is_chosen


def _moments(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return times by their own clock; text is ISO 8601, for other forms can be read two ways."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return column
    moments = []
    for row, cell in column.items():
        moment = _moment(cell)
        if moment is None:
            what = f"time in row {row}: {cell!r} is no day such as 2009-09-17"
            remedy = "pd.to_datetime(column, format='%d.%m.%Y')"
            raise StancepackError(f"{what}; say how days are written, for instance by {remedy}.")
        moments.append(moment)
    return pd.Series(pd.DatetimeIndex(moments), index=column.index)


def _moment(cell: Any) -> Any:
    """Return a date or an ISO text as a moment, None if it is neither."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip()) if "-" in cell else None
        except ValueError:
            return None
    if not isinstance(cell, date | datetime):
        return None
    return pd.Timestamp(cell).tz_localize(None)
