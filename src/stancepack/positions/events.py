"""Positions before and after an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.positions.evidence import evidence, lines_of

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage


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
    """Compare positions before and after an event, with a randomisation test over dates and the power it had.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    event
        An event of the table ``events``, or a day (``2009-09-17``).
    issue, actor, side
        Whose positions on what, as for `trajectory`.
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
        in four of five cases), ``note``.

    Raises
    ------
    StancepackError
        If event, issue or actor is not there.

    Examples
    --------
    >>> import stancepack as sp
    >>> effect = sp.event_effect(sp.load(), "third-site-dropped", issue="us-sites", side="Russia", permutations=200)
    >>> sorted(effect)[:4]
    ['after', 'before', 'detectable', 'difference']
    """
    events = pkg["events"].set_index("event_id")["date"]
    if event in events.index:
        from stancepack.dataset.dates import bounds

        day = pd.Timestamp(bounds(str(events[event]))[0])
    else:
        try:
            day = pd.Timestamp(event)
        except ValueError:
            raise StancepackError(
                f"there is no event {event!r}, nor is it a day; {did_you_mean(event, events.index.tolist())}"
            ) from None
    everything = evidence(pkg, issue, **choices)
    everything["line"] = lines_of(pkg, everything, actor, side, None)
    mine = everything[everything["line"].notna()]
    reach = pd.Timedelta(days=window)
    near = mine[(mine["date_latest"] >= day - reach) & (mine["date_earliest"] <= day + reach)]
    near = near[
        ~((near["date_earliest"] < day) & (near["date_latest"] > day))
    ]  # on which side it lies is not known
    after = (near["date_earliest"] >= day).to_numpy()
    value = near["value"].to_numpy()
    result: dict[str, Any] = {
        "before": float(value[~after].mean()) if (~after).any() else float("nan"),
        "after": float(value[after].mean()) if after.any() else float("nan"),
        "n_before": int((~after).sum()),
        "n_after": int(after.sum()),
        "note": "",
    }
    result["difference"] = result["after"] - result["before"]
    # statements of one actor on one day are one occasion, and stay together
    occasion, names = pd.factorize(near["actor_id"].astype(str) + near["date"].astype(str))
    result["occasions"] = len(names)
    result["p"] = result["detectable"] = float("nan")
    if min(result["n_before"], result["n_after"]) < 2 or len(names) < 4:
        result["note"] = "Too few statements on one side of the event for a test."
        return result
    size = np.bincount(occasion).astype(float)
    total = np.bincount(occasion, weights=value)
    side_of = np.array([after[occasion == place][0] for place in range(len(names))])
    random = np.random.RandomState(seed)
    order = np.argsort(random.random_sample((permutations, len(names))), axis=1)
    moved = side_of[order]
    top, bottom = moved @ total, moved @ size
    differences = top / bottom - (total.sum() - top) / (size.sum() - bottom)
    result["p"] = float(
        (1 + (np.abs(differences) >= abs(result["difference"]) - 1e-12).sum()) / (permutations + 1)
    )
    # to be found in four of five cases at the 5 % level: 1.96 + 0.84 standard deviations of the
    # differences by chance
    result["detectable"] = float(2.8 * differences.std())
    if result["detectable"] > 1:
        result["note"] = (
            f"Only a difference of {result['detectable']:.1f} or more would have been found in four of five cases."
        )
    return result
