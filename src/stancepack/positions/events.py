"""Positions before and after an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.positions.evidence import Who, check_issue, check_ordered, evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Floats

_FEWEST_A_SIDE, _FEWEST_OCCASIONS = 2, 4  # with fewer there is nothing to exchange
_DEVIATIONS_FOUND = 2.8  # 1.96 + 0.84: found in four of five cases at the 5 % level
_COARSE = 1 / 4  # of the span: a difference that a test should find (one code of five)


def event_effect(
    pkg: StancePackage,
    event: str,
    *,
    issue: str,
    actor: str | Sequence[str] | None = None,
    side: str | None = None,
    window: float = 365.0,
    permutations: int = 10_000,
    seed: int = 0,
    **choices: Any,
) -> dict[str, Any]:
    """Compare positions before and after an event, with a randomisation test and the power it had.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    event
        An event of the table ``events``, or a day (``2009-09-17``).
    issue, actor, side
        Whose positions on what, as for `trajectory`; the issue needs codes in an order.
    window
        Days before and after that count.
    permutations, seed
        Of the test.
    choices
        As for `evidence`.

    Returns
    -------
    dict
        ``before`` and ``after`` (mean positions), ``n_before``, ``n_after``, ``difference``, ``p``
        (two-sided: how often the difference between the two sides of another day, with as many
        statements on each side, is as large; occasions are kept together, for statements of one day
        are not independent), ``occasions``, ``detectable`` (the difference that the test would find
        in four of five cases), ``note``. What was said on the day itself counts as after; a
        statement that may lie on either side does not count.

    Raises
    ------
    StancepackError
        If event, issue or actor is not there.

    Examples
    --------
    >>> import stancepack as sp
    >>> effect = sp.event_effect(
    ...     sp.load(), "third-site-dropped", issue="us-sites", side="Russia", permutations=200
    ... )
    >>> sorted(effect)[:4]
    ['after', 'before', 'detectable', 'difference']
    """
    check_issue(pkg, issue)
    scale = pkg.scale(issue)
    check_ordered(scale, "event_effect")
    day = _day(pkg, event)
    positions = Who(actor, side).lines(pkg, evidence(pkg, issue, **choices))
    near = _near(positions[positions["line"].notna()], day, pd.Timedelta(days=window))
    is_after = (near["date_earliest"] >= day).to_numpy()
    values = near["value"].to_numpy()
    # statements of one actor on one day are one occasion, and stay together
    occasion, names = pd.factorize(near["actor_id"].astype(str) + near["date"].astype(str))
    result = _compared(values, is_after) | {"occasions": len(names)}
    fewest = min(result["n_before"], result["n_after"])
    if fewest < _FEWEST_A_SIDE or len(names) < _FEWEST_OCCASIONS:
        result["note"] = "Too few statements on one side of the event for a test."
        return result
    random = np.random.RandomState(seed)
    differences = _exchanged(values, is_after, occasion, permutations, random)
    as_large = np.abs(differences) >= abs(result["difference"]) - 1e-12
    result["p"] = float((1 + as_large.sum()) / (permutations + 1))
    result["detectable"] = float(_DEVIATIONS_FOUND * differences.std())
    if result["detectable"] > _COARSE * scale.span:
        least = f"a difference of {result['detectable']:.1f} or more"
        result["note"] = f"Only {least} would have been found in four of five cases."
    return result


def _compared(values: Floats, is_after: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the means on both sides, and places for what a test will say."""
    before, after = (
        float(values[chosen].mean()) if chosen.any() else float("nan")
        for chosen in (~is_after, is_after)
    )
    return {
        "before": before,
        "after": after,
        "n_before": int((~is_after).sum()),
        "n_after": int(is_after.sum()),
        "difference": after - before,
        "p": float("nan"),
        "detectable": float("nan"),
        "note": "",
    }


def _day(pkg: StancePackage, event: str) -> pd.Timestamp:
    """Return the day of an event, the first one where it is dated less exactly."""
    from stancepack.dataset.dates import bounds

    dates: dict[str, str] = {}
    if "events" in pkg:
        dates = dict(zip(pkg["events"]["event_id"], pkg["events"]["date"].astype(str), strict=True))
    if event in dates:
        return pd.Timestamp(bounds(dates[event])[0])
    try:
        return pd.Timestamp(datetime.strptime(str(event), "%Y-%m-%d"))
    except ValueError:
        hint = did_you_mean(str(event), dates)
        what = f"there is no event {event!r}, nor is it a day such as 2009-09-17"
        raise StancepackError(f"{what}; {hint}") from None


def _near(positions: pd.DataFrame, day: pd.Timestamp, reach: pd.Timedelta) -> pd.DataFrame:
    """Return what was said within reach of a day, and surely before or surely not before it."""
    first, last = positions["date_earliest"], positions["date_latest"]
    is_near = (last >= day - reach) & (first <= day + reach)
    is_unsure = (first < day) & (last >= day)
    return positions[is_near & ~is_unsure]


def _exchanged(
    values: Floats,
    is_after: NDArray[np.bool_],
    occasion: NDArray[np.intp],
    permutations: int,
    random: np.random.RandomState,
) -> Floats:
    """Return differences between the two sides after occasions have changed places."""
    size = np.bincount(occasion).astype(float)
    total = np.bincount(occasion, weights=values)
    _, begins = np.unique(occasion, return_index=True)
    order = np.argsort(random.random_sample((permutations, len(size))), axis=1)
    moved = is_after[begins][order]
    after, n_after = moved @ total, moved @ size
    before, n_before = total.sum() - after, size.sum() - n_after
    return np.asarray(after / n_after - before / n_before)
