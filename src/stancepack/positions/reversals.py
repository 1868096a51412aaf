"""Opposite positions of one actor on one issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.positions.evidence import DAYS_A_YEAR, evidence

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage


def reversals(
    pkg: StancePackage, actor: str | None = None, issue: str | None = None, **choices: Any
) -> pd.DataFrame:
    """List pairs of opposite positions of one actor on one issue, and what lies between them.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    actor, issue
        One actor, one issue; all if None.
    choices
        As for `evidence`.

    Returns
    -------
    pandas.DataFrame
        One row for each pair, the earlier statement first: ``actor``, ``issue_id``,
        ``statement_id``, ``other_id``, ``date``, ``other_date``, ``position``, ``other_position``,
        ``years`` between the middles of the dates, ``kind``, ``quote``, ``other_quote``,
        ``proposition``, ``other_proposition``. ``kind`` is the first that applies: ``"coder
        disagreement"`` (a coder gave no opposite positions), ``"condition"`` (exactly one holds
        only on a condition), ``"audience"`` (said to different addressees), ``"same time"`` (the
        dates may overlap or lie within a month), ``"change over time"``.

    Raises
    ------
    StancepackError
        If the actor or the issue is not there.

    Examples
    --------
    >>> import stancepack as sp
    >>> pairs = sp.reversals(sp.load(), actor="putin")
    >>> bool((pairs["position"] * pairs["other_position"] < 0).all())
    True
    """
    found = evidence(pkg, issue, **choices)
    if actor is not None:
        actors = pkg["actors"]["actor_id"].tolist()
        if actor not in actors:
            raise StancepackError(f"there is no actor {actor!r}; {did_you_mean(actor, actors)}")
        found = found[found["actor_id"] == actor]
    said_to = pkg["statements"].set_index("statement_id")["addressee"].astype(str)
    found = found.assign(addressee=said_to.reindex(found["statement_id"]).to_numpy())
    rows = []
    for (name, about), part in found.groupby(["actor", "issue_id"], sort=False):
        part = part.sort_values(["middle", "statement_id"])
        records = part.to_dict("records")
        for place, one in enumerate(records):
            for other in records[place + 1 :]:
                if one["position"] * other["position"] >= 0:
                    continue
                rows.append(
                    {
                        "actor": name,
                        "issue_id": about,
                        "statement_id": one["statement_id"],
                        "other_id": other["statement_id"],
                        "date": one["date"],
                        "other_date": other["date"],
                        "position": one["position"],
                        "other_position": other["position"],
                        "years": (other["middle"] - one["middle"]).days / DAYS_A_YEAR,
                        "kind": _kind(one, other),
                        **{
                            f"{side}{text}": row[text]
                            for side, row in (("", one), ("other_", other))
                            for text in ("quote", "proposition")
                        },
                    }
                )
    names = [
        "actor",
        "issue_id",
        "statement_id",
        "other_id",
        "date",
        "other_date",
        "position",
        "other_position",
        "years",
        "kind",
    ]
    return pd.DataFrame(
        rows, columns=[*names, "quote", "other_quote", "proposition", "other_proposition"]
    )


def _kind(one: dict[str, Any], other: dict[str, Any]) -> str:
    signs = [{int(np.sign(position)) for _, position in row["codes"]} for row in (one, other)]
    if any(len(sign) > 1 for sign in signs) or signs[0] & signs[1]:
        return "coder disagreement"
    if bool(one["conditional"]) != bool(other["conditional"]):
        return "condition"
    if one["addressee"] != other["addressee"] and "unstated" not in (
        one["addressee"],
        other["addressee"],
    ):
        return "audience"
    overlap = (
        one["date_latest"] >= other["date_earliest"]
        and other["date_latest"] >= one["date_earliest"]
    )
    if overlap or (other["middle"] - one["middle"]).days <= 31:
        return "same time"
    return "change over time"
