"""Opposite positions of one actor on one issue."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.dataset.names import issue_ids
from stancepack.dataset.package import as_package
from stancepack.errors import StancepackError
from stancepack.positions.evidence import (
    DAYS_A_YEAR,
    Choices,
    Choosing,
    Who,
    dated_evidence,
    playing,
)
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

COLUMNS = (
    *("actor", "issue_id", "statement_id", "other_id", "date", "other_date"),
    *("position", "other_position", "years", "kind"),
    *("quote", "other_quote", "proposition", "other_proposition"),
)
_SAME_TIME = 31  # days


@old_spellings(positional=("actor", "issue"), renamed={"pkg": "data"})
def reversals(
    data: StancePackage | str | os.PathLike[str],
    *,
    actor: str | Sequence[str] | None = None,
    side: str | Sequence[str] | None = None,
    issue: str | Sequence[str] | None = None,
    **choices: Unpack[Choosing],
) -> pd.DataFrame:
    """List pairs of opposite positions of one actor on one issue, and what lies between them.

    Opposite are positions on different sides of the neutral code of an issue; issues without one
    have no reversals.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    actor, side, issue
        Whose positions on what, by id or name, one or several; all if None.
    **choices
        As for `evidence`.

    Returns
    -------
    pandas.DataFrame
        One row for each pair, the earlier statement first: ``actor``, ``issue_id``,
        ``statement_id``, ``other_id``, ``date``, ``other_date``, ``position``, ``other_position``,
        ``years`` between the middles of the dates, ``kind``, ``quote``, ``other_quote``,
        ``proposition``, ``other_proposition``. ``kind`` is the first that applies: ``"coder
        disagreement"`` (a coder gave no opposite positions), ``"condition"`` (exactly one holds
        only on a condition), ``"audience"`` (said to different audiences), ``"same time"`` (the
        dates may overlap or lie within a month), ``"change over time"``. Conditions and audiences
        are told by the roles of variables in the codebook, where it has them.

    Raises
    ------
    StancepackError
        If somebody or something named is not there, or no issue named has a neutral code.

    Examples
    --------
    >>> import stancepack as sp
    >>> pairs = sp.reversals(sp.load(), actor="putin")
    >>> bool((pairs["position"] * pairs["other_position"] < 0).all())
    True
    """
    pkg = as_package(data, "reversals")
    who = Who.of(pkg, actor, side)
    if issue is not None:
        issue = issue_ids(pkg, issue)
        if all(pkg.scale(name).neutral is None for name in issue):
            what = f"the scale of {issue[0]!r} has no neutral code"
            raise StancepackError(f"{what}, so no position on it is opposite another.")
    positions = dated_evidence(pkg, issue, Choices.of(choices), "reversals")
    positions = positions[who.chosen(positions)]
    positions = _with_sides(pkg, positions)
    rows = []
    for _, statements in positions.groupby(["actor_id", "issue_id"], sort=False):
        records = statements.sort_values(["middle", "statement_id"]).to_dict("records")
        for earlier, later in combinations(records, 2):
            if earlier["of_neutral"] * later["of_neutral"] < 0:
                rows.append(_pair(earlier, later))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _with_sides(pkg: StancePackage, positions: pd.DataFrame) -> pd.DataFrame:
    """Keep issues that have a neutral code; add sides of it, conditions and audiences."""
    scales = {str(issue): pkg.scale(str(issue)) for issue in positions["issue_id"].unique()}
    middles = {name: scale.middle for name, scale in scales.items() if scale.neutral is not None}
    positions = positions[positions["issue_id"].isin(list(middles))]
    middle = positions["issue_id"].map(middles).astype(float)
    coded_sides = [
        {int(np.sign(number - neutral)) for _, number in codes}
        for codes, neutral in zip(positions["codes"], middle, strict=True)
    ]
    return positions.assign(
        of_neutral=np.sign(positions["number"] - middle),
        coded_sides=coded_sides,
        is_conditional=playing(pkg, positions, "conditional"),
        audiences=_audiences(pkg, positions),
    )


def _audiences(pkg: StancePackage, positions: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return to whom each position was said, by every variable that tells; empty if unknown."""
    by_variable = []
    for variable, unknown in pkg.codebook.roles.get("audience", {}).items():
        if variable not in positions:
            continue
        key = pkg.scale(variable).key
        codes = positions[variable].astype(object).map(key, na_action="ignore")
        by_variable.append(codes.mask(codes.isin(unknown)).fillna(""))
    return list(zip(*by_variable, strict=True)) if by_variable else [()] * len(positions)


def _pair(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    pair = {
        "actor": earlier["actor"],
        "issue_id": earlier["issue_id"],
        "other_id": later["statement_id"],
        "years": _days_between(earlier, later) / DAYS_A_YEAR,
        "kind": _kind(earlier, later),
    }
    for column in ("statement_id", "date", "position", "quote", "proposition"):
        pair[column] = earlier.get(column, pd.NA)  # tables of positions alone may have no words
        pair.setdefault(f"other_{column}", later.get(column, pd.NA))
    return pair


def _days_between(earlier: dict[str, Any], later: dict[str, Any]) -> int:
    return int((later["middle"] - earlier["middle"]).days)


def _kind(earlier: dict[str, Any], later: dict[str, Any]) -> str:
    sides, other_sides = earlier["coded_sides"], later["coded_sides"]
    if len(sides) > 1 or len(other_sides) > 1 or sides & other_sides:
        return "coder disagreement"
    if earlier["is_conditional"] != later["is_conditional"]:
        return "condition"
    both = zip(earlier["audiences"], later["audiences"], strict=True)
    if any(audience and other and audience != other for audience, other in both):
        return "audience"
    overlap = (
        earlier["date_latest"] >= later["date_earliest"]
        and later["date_latest"] >= earlier["date_earliest"]
    )
    if overlap or _days_between(earlier, later) <= _SAME_TIME:
        return "same time"
    return "change over time"
