"""When a position changed, if it did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.positions.evidence import (
    Who,
    check_issue,
    check_ordered,
    day_of,
    drawn_years,
    evidence,
)

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Floats, Integers

_FEWEST = 6  # statements
_LEAST_PART = 2  # statements on either side of a change
_UNITS = 4  # in a span: the priors below are for positions from −2 to 2
_LEVEL_VARIANCE = 1.5**2  # of a level about the middle, in variances of statements
_SHAPE, _RATE = 1.0, 0.5  # inverse gamma prior of the variance, with the weight of two statements


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
    r"""Find when a position changed, if it did: one change of level between two statements.

    Positions are taken as normal about a level before and another after the change. In quarters of
    the scale's span from its middle, levels have the prior :math:`N(0, 1.5^2 \sigma^2)`, the
    variance :math:`\sigma^2` an inverse gamma prior with the weight of two statements. Dates are
    drawn within their bounds.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    issue, actor, side
        Whose positions on what, as for `trajectory`; the issue needs codes in an order.
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

    References
    ----------
    Barry, D., & Hartigan, J. A. (1993). A Bayesian analysis for change point problems. Journal of
    the American Statistical Association 88, 309–319.
    https://doi.org/10.1080/01621459.1993.10594323

    Examples
    --------
    >>> import stancepack as sp
    >>> months = sp.change_points(sp.load(), issue="deterrent-threat", actor="putin", draws=5)
    >>> bool(0 <= months.attrs["probability"] <= 1)
    True
    """
    if not 0 < prior < 1 or draws < 1:
        raise StancepackError("prior should lie between 0 and 1, and draws be 1 or more.")
    check_issue(pkg, issue)
    scale = pkg.scale(issue)
    check_ordered(scale, "change_points")
    positions = Who(actor, side).lines(pkg, evidence(pkg, issue, **choices))
    positions = positions[positions["line"].notna()]
    if len(positions) < _FEWEST:
        what = f"a change needs six statements or more to be seen; there are {len(positions)}."
        raise StancepackError(what)
    unit = scale.span / _UNITS
    values = (positions["value"].to_numpy() - scale.middle) / unit
    random = np.random.RandomState(seed)
    months: dict[pd.Timestamp, Floats] = defaultdict(lambda: np.zeros(3))
    for _ in range(draws):
        years = drawn_years(positions, random)
        order = np.argsort(years, kind="stable")
        for month, found in _by_month(values[order], years[order], prior):
            months[month] = months[month] + found / draws
    times = sorted(months)
    share, before, after = np.array([months[time] for time in times]).reshape(-1, 3).T
    with np.errstate(invalid="ignore"):  # a month without probability has no levels
        levels = [scale.middle + unit * level / share for level in (before, after)]
    table = {"time": times, "probability": share, "before": levels[0], "after": levels[1]}
    out = pd.DataFrame(table)
    out.attrs |= {"probability": float(share.sum()), "n": len(positions)}
    return out


def _by_month(values: Floats, years: Floats, prior: float) -> list[tuple[pd.Timestamp, Floats]]:
    """Return for each month the probability of a change, alone and times the levels around it."""
    inner = np.arange(_LEAST_PART, len(values) - _LEAST_PART + 1)
    places = inner[years[inner] > years[inner - 1]]
    months = []
    for place, probability in zip(places, _probabilities(values, places, prior), strict=True):
        # the change lies somewhere between two statements: its months share the probability
        first, then = (day_of(years[k]).to_period("M") for k in (place - 1, place))
        between = pd.period_range(first, then).to_timestamp()
        levels = [1.0, values[:place].mean(), values[place:].mean()]
        months += [(month, np.array(levels) * probability / len(between)) for month in between]
    return months


def _probabilities(values: Floats, places: Integers, prior: float) -> Floats:
    """Return the posterior probability of a change at each place."""
    from scipy.special import logsumexp

    if not len(places):
        return np.zeros(0)
    split = [_log_marginal([values[:place], values[place:]]) for place in places]
    change = np.array(split) + np.log(prior / len(places))
    none = _log_marginal([values]) + np.log(1 - prior)
    return np.asarray(np.exp(change - logsumexp([*change, none])))


def _log_marginal(groups: list[Floats]) -> float:
    """Return the log marginal likelihood of groups with a level each and one variance."""
    from scipy.special import gammaln

    rate, log = _RATE, 0.0
    for values in groups:
        n, mean = len(values), values.mean()
        shrunk = n / (1 + n * _LEVEL_VARIANCE)
        log -= 0.5 * np.log(1 + n * _LEVEL_VARIANCE)
        rate += 0.5 * (((values - mean) ** 2).sum() + shrunk * mean**2)
    n = sum(map(len, groups))
    shape = _SHAPE + n / 2
    return float(log + _SHAPE * np.log(_RATE) - shape * np.log(rate) + gammaln(shape))
