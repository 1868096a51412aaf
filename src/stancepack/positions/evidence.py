"""The positions that a measure rests on, under stated choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Floats


CODES = ("coders", "settled")
CONDITIONAL = ("in", "out", "shrunk")
DAYS_A_YEAR = 365.25


def evidence(
    pkg: StancePackage,
    issue: str | None = None,
    *,
    codes: str = "coders",
    ascribed: bool = True,
    conditional: str = "in",
    restatements: bool = False,
    coder: str | None = None,
    exclude_source: str | Sequence[str] = (),
    exclude_date_basis: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Collect the positions that a measure rests on, one row for each statement and issue, under stated choices.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    issue
        An issue; all if None.
    codes
        ``"coders"``: statements with a settled position, with the codes of the last round's coders
        beside it. ``"settled"``: the settled position alone.
    ascribed
        Whether statements count that the source merely ascribes.
    conditional
        Positions that hold only on a condition: ``"in"`` as they are, ``"out"``, or ``"shrunk"`` by
        half.
    restatements
        Whether a second report of a statement counts again.
    coder
        One coder's codes in place of the settled positions.
    exclude_source
        Leave out statements whose first source begins so (one or several beginnings).
    exclude_date_basis
        Leave out statements dated on this basis (``source``, ``article``, ``inferred``).

    Returns
    -------
    pandas.DataFrame
        The columns of `StancePackage.positions`, ``middle`` of the days on which it may have been
        said, ``value`` (the position, as a float, shrunk where asked), and ``codes``: a tuple of
        (coder, position).

    Raises
    ------
    StancepackError
        If an issue, coder or option is not known.

    Examples
    --------
    >>> import stancepack as sp
    >>> strict = sp.evidence(sp.load(), "limits", ascribed=False, conditional="out")
    >>> bool((strict["attribution"] == "ascribed").any() or strict["conditional"].any())
    False
    """
    if conditional not in CONDITIONAL:
        raise StancepackError(
            f"conditional={conditional!r} is not known; {did_you_mean(conditional, CONDITIONAL)}"
        )
    if codes not in CODES:
        raise StancepackError(f"codes={codes!r} is not known; {did_you_mean(codes, CODES)}")
    positions = pkg.positions()
    issues = pkg["issues"]["issue_id"].tolist()
    if issue is not None:
        if issue not in issues:
            raise StancepackError(f"there is no issue {issue!r}; {did_you_mean(issue, issues)}")
        positions = positions[positions["issue_id"] == issue]
    given = pkg.settling("codings").dropna(subset=["position"])
    if issue is not None:
        given = given[given["issue_id"] == issue]
    keys = ["statement_id", "issue_id"]
    if coder is not None:
        people = given["coder_id"].unique().tolist()
        if coder not in people:
            raise StancepackError(
                f"{coder!r} did not code the last round; {did_you_mean(coder, people)}"
            )
        given = given[given["coder_id"] == coder]
        mine = given.set_index(keys)["position"]
        positions = positions[pd.MultiIndex.from_frame(positions[keys]).isin(mine.index)].copy()
        positions["position"] = mine.reindex(pd.MultiIndex.from_frame(positions[keys])).to_numpy()
    if not ascribed:
        positions = positions[positions["attribution"] != "ascribed"]
    if conditional == "out":
        positions = positions[~positions["conditional"].fillna(False)]
    if not restatements:
        positions = positions[positions["repeats"].isna()]
    families = [exclude_source] if isinstance(exclude_source, str) else list(exclude_source)
    bases = (
        [exclude_date_basis] if isinstance(exclude_date_basis, str) else list(exclude_date_basis)
    )
    if families:
        source = (
            pkg["statements"]
            .set_index("statement_id")["source"]
            .reindex(positions["statement_id"])
            .to_numpy()
        )
        positions = positions[[not str(one).startswith(tuple(families)) for one in source]]
    positions = positions[~positions["date_basis"].isin(bases)].copy()
    positions["middle"] = (
        positions["date_earliest"] + (positions["date_latest"] - positions["date_earliest"]) / 2
    )
    positions["value"] = positions["position"].astype(float)
    if conditional == "shrunk":
        positions.loc[positions["conditional"].fillna(False).astype(bool), "value"] /= 2
    if codes == "settled" or coder is not None:
        positions["codes"] = [(("settled", int(position)),) for position in positions["position"]]
    else:
        by_key: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for row in given[["statement_id", "issue_id", "coder_id", "position"]].itertuples(
            index=False
        ):
            by_key.setdefault((row.statement_id, row.issue_id), []).append(
                (row.coder_id, int(row.position))
            )
        found = [
            tuple(by_key.get((row.statement_id, row.issue_id), []))
            or (("settled", int(row.position)),)
            for row in positions[["statement_id", "issue_id", "position"]].itertuples(index=False)
        ]
        positions["codes"] = found
    return positions.reset_index(drop=True)


def lines_of(
    pkg: StancePackage, positions: pd.DataFrame, actor: Any, side: str | None, by: str | None
) -> Any:
    """Return the line that each position belongs to; missing for those that belong to none."""
    actors = pkg["actors"]["actor_id"].tolist()
    chosen = [actor] if isinstance(actor, str) else list(actor or [])
    for one in chosen:
        if one not in actors:
            raise StancepackError(f"there is no actor {one!r}; {did_you_mean(one, actors)}")
    sides = positions["side"].astype(str)
    if side is not None and side not in set(pkg["actors"]["side"].astype(str)):
        raise StancepackError(
            f"there is no side {side!r}; {did_you_mean(side, sorted(set(pkg['actors']['side'].astype(str))))}"
        )
    keep = pd.Series(True, index=positions.index)
    if chosen:
        keep &= positions["actor_id"].isin(chosen)
    if side is not None:
        keep &= sides == side
    line = (
        positions["actor_id"].astype(str)
        if by == "actor"
        else sides
        if by == "side"
        else pd.Series("", index=positions.index)
    )
    return line.astype(object).where(keep, None)


def years_of(days: Any) -> Floats:
    """Return days as years since the start of 2000."""
    return np.asarray(
        (pd.DatetimeIndex(days) - pd.Timestamp("2000-01-01")) / pd.Timedelta(days=DAYS_A_YEAR),
        dtype=float,
    )


def drawn_years(part: pd.DataFrame, random: np.random.RandomState | None) -> Floats:
    """Draw for each statement a day within its bounds, in years; the middle where nothing is drawn."""
    low, high = years_of(part["date_earliest"]), years_of(part["date_latest"])
    share = random.random_sample(len(part)) if random is not None else 0.5
    return np.asarray(low + share * (high - low))
