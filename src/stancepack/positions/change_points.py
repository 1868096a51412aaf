"""When a position changed, if it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.positions.evidence import DAYS_A_YEAR, drawn_years, evidence, lines_of

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Floats


def change_points(
    pkg: StancePackage,
    *,
    issue: str,
    actor: str | Sequence[str] | None = None,
    side: str | None = None,
    prior: float = 0.5,
    draws: int = 50,
    seed: int = 0,
    **choices: Any,
) -> pd.DataFrame:
    r"""Find when a position changed, if it did: the posterior of one change of level between two statements.

    Positions are taken as normal about a level before and another after the change; levels have the
    prior :math:`N(0, 1.5^2)`, the variance an inverse gamma prior with the weight of two
    statements. Dates are drawn within their bounds.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    issue, actor, side
        Whose positions on what, as for `trajectory`.
    prior
        Probability before the data that there is a change at all, even over the places between
        statements.
    draws, seed
        Sets of dates, and their seed.
    choices
        As for `evidence`.

    Returns
    -------
    pandas.DataFrame
        One row for each month in which a change may lie: ``time``, ``probability`` (that it lies in
        this month), ``before``, ``after`` (mean levels if it does). ``attrs["probability"]`` is the
        posterior that there is a change, ``attrs["n"]`` the statements.

    Raises
    ------
    StancepackError
        If there are fewer than six statements.

    References ---------- Barry, D., & Hartigan, J. A. (1993). A Bayesian analysis for change point
    problems. Journal of the American Statistical Association 88, 309–319.
    https://doi.org/10.1080/01621459.1993.10594323

    Examples
    --------
    >>> import stancepack as sp
    >>> found = sp.change_points(sp.load(), issue="deterrent-threat", actor="putin", draws=5)
    >>> bool(0 <= found.attrs["probability"] <= 1)
    True
    """
    from scipy.special import gammaln, logsumexp

    everything = evidence(pkg, issue, **choices)
    everything["line"] = lines_of(pkg, everything, actor, side, None)
    mine = everything[everything["line"].notna()]
    if len(mine) < 6:
        raise StancepackError(
            f"a change needs six statements or more to be seen; there are {len(mine)}."
        )
    value = mine["value"].to_numpy()
    random = np.random.RandomState(seed)
    wide, shape, rate = 1.5**2, 1.0, 0.5

    def evidence_of(parts: list[Floats]) -> float:
        """Return the log marginal likelihood of groups with a level each and one variance, levels scaled by it."""
        total, log = rate, 0.0
        for part in parts:
            n, mean = len(part), part.mean()
            log -= 0.5 * np.log(1 + n * wide)
            total += 0.5 * (((part - mean) ** 2).sum() + n / (1 + n * wide) * mean**2)
        n = sum(map(len, parts))
        return float(
            log + shape * np.log(rate) - (shape + n / 2) * np.log(total) + gammaln(shape + n / 2)
        )

    mass: dict[pd.Timestamp, float] = {}
    sums: dict[pd.Timestamp, Floats] = {}
    chance = 0.0
    for _ in range(draws):
        when = drawn_years(mine, random)
        order = np.argsort(when, kind="stable")
        x, t = value[order], when[order]
        places = [k for k in range(2, len(x) - 1) if t[k] > t[k - 1]]
        if not places:
            continue
        logs = np.array([evidence_of([x[:k], x[k:]]) for k in places])
        none = evidence_of([x]) + np.log(1 - prior)
        joint = logs + np.log(prior / len(places))
        every = logsumexp([*joint, none])
        weight = np.exp(joint - every)
        chance += weight.sum() / draws
        for k, share in zip(places, weight, strict=True):
            # the change lies somewhere between two statements: its months share the weight
            first = pd.Timestamp("2000-01-01") + pd.Timedelta(days=float(t[k - 1]) * DAYS_A_YEAR)
            last = pd.Timestamp("2000-01-01") + pd.Timedelta(days=float(t[k]) * DAYS_A_YEAR)
            months = pd.period_range(first.to_period("M"), last.to_period("M")).to_timestamp()
            for month in months:
                mass[month] = mass.get(month, 0.0) + share / len(months) / draws
                levels = np.array([x[:k].mean(), x[k:].mean(), 1.0]) * share / len(months)
                sums[month] = sums.get(month, np.zeros(3)) + levels
    times = sorted(mass)
    levels = np.array([sums[time][:2] / max(sums[time][2], 1e-300) for time in times]).reshape(
        -1, 2
    )
    out = pd.DataFrame(
        {
            "time": times,
            "probability": [mass[time] for time in times],
            "before": levels[:, 0],
            "after": levels[:, 1],
        }
    )
    out.attrs |= {"probability": chance, "n": len(mine)}
    return out
