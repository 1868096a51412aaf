"""When a position changed, if it did."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from stancepack.dataset.names import issue_id
from stancepack.dataset.package import as_package
from stancepack.errors import StancepackError
from stancepack.positions.evidence import (
    Choices,
    Choosing,
    Who,
    all_sides,
    check_ordered,
    dated_evidence,
    day_of,
    drawn_years,
    issue_title,
)
from stancepack.positions.options import check_draws, check_share
from stancepack.spellings import FormerFrame, old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.reliability.counts import Floats, Integers

_FEWEST = 6  # statements
_LEAST_PART = 2  # statements on either side of a change
_UNITS = 4  # in a span: the priors below are for positions from −2 to 2
_LEVEL_VARIANCE = 1.5**2  # of a level about the middle, in variances of statements
_SHAPE, _RATE = 1.0, 0.5  # inverse gamma prior of the variance, with the weight of two statements
_SHOWN = 5  # months in a summary
_INTERVAL = 0.9  # of the months in which a change may lie


@dataclass(frozen=True, eq=False, repr=False)
class ChangePoints(FormerFrame):
    """When a position changed, if it did; see `change_points`."""

    table: pd.DataFrame
    probability: float
    n: int
    title: str
    who: str
    prior: float
    draws: int
    evidence: pd.DataFrame
    scale: Scale
    sides: tuple[str, ...] = ()  # of the package: a side has the same colour in every figure

    def __repr__(self) -> str:
        """Say how probable a change is, and when it was if it was."""
        text = f"P(change) = {self.probability:.2f}, {self.title}: {self.who}, n = {self.n}"
        if self.span is None:
            return f"{text} statements"
        first, last = self.span
        return f"{text} statements; if so {first:%Y-%m} to {last:%Y-%m} ({_INTERVAL:.0%})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self._most_probable.to_html(index=False)}"

    @property
    def _most_probable(self) -> pd.DataFrame:
        return self.table.nlargest(_SHOWN, "probability")

    @property
    def span(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """Between which months nine tenths of the probability of a change lie."""
        if not self.probability > 0:
            return None
        share = self.table["probability"].cumsum() / self.probability
        tail = (1 - _INTERVAL) / 2
        first, last = (int(np.searchsorted(share, edge)) for edge in (tail, 1 - tail))
        times = self.table["time"]
        return times.iloc[first], times.iloc[min(last, len(times) - 1)]

    def summary(self) -> str:
        """Say how probable a change is, in which months, and from which level to which."""
        about = f"Prior {self.prior:g}; {self.draws} sets of dates drawn within their bounds."
        months = self._most_probable.to_string(index=False, float_format="{:.2f}".format)
        return f"{self!r}.\n{about}\n\nmost probable months\n{months}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the probability of a change in each month.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; ``.figure.savefig(…)`` keeps the figure.

        Examples
        --------
        >>> import stancepack as sp
        >>> found = sp.change_points(sp.load(), issue="deterrent-threat", actor="putin", draws=5)
        >>> found.plot().get_ylabel()
        'probability of a change in the month'
        """
        from stancepack.plots.changes import plot_change_points

        return plot_change_points(self, ax)


@old_spellings(renamed={"pkg": "data"})
def change_points(
    data: StancePackage | str | os.PathLike[str],
    *,
    issue: str,
    actor: str | Sequence[str] | None = None,
    side: str | Sequence[str] | None = None,
    prior: float = 0.5,
    draws: int = 50,
    seed: int = 0,
    **choices: Unpack[Choosing],
) -> ChangePoints:
    r"""Find when a position changed, if it did: one change of level between two statements.

    Positions are taken as normal about a level before and another after the change. In quarters of
    the scale's span from its middle, levels have the prior :math:`N(0, 1.5^2 \sigma^2)`, the
    variance :math:`\sigma^2` an inverse gamma prior with the weight of two statements. Dates are
    drawn within their bounds.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    issue, actor, side
        Whose positions on what, as for `trajectory`; the issue needs codes in an order.
    prior
        Probability before the data that there is a change at all, even over the places between
        statements.
    draws, seed
        Sets of dates, and their seed.
    **choices
        As for `evidence`.

    Returns
    -------
    ChangePoints
        ``.table`` has one row for each month in which a change may lie: ``time``, ``probability``
        (that it lies in this month), ``before``, ``after`` (mean levels if it does).
        ``.probability`` is the posterior that there is a change, ``.span`` between which months
        nine tenths of it lie, ``.n`` the statements.

    Raises
    ------
    StancepackError
        If something named is not there, or there are fewer than six statements.

    References
    ----------
    Barry, D., & Hartigan, J. A. (1993). A Bayesian analysis for change point problems. Journal of
    the American Statistical Association 88, 309–319.
    https://doi.org/10.1080/01621459.1993.10594323

    Examples
    --------
    >>> import stancepack as sp
    >>> found = sp.change_points(sp.load(), issue="deterrent-threat", actor="putin", draws=5)
    >>> found.probability > 0.9
    True
    """
    pkg = as_package(data, "change_points")
    check_share("prior", prior)
    check_draws(draws, seed)
    issue = issue_id(pkg, issue)
    scale = pkg.scale(issue)
    check_ordered(scale, "change_points")
    who = Who.of(pkg, actor, side)
    positions = who.lines(dated_evidence(pkg, issue, Choices.of(choices), "change_points"))
    positions = positions[positions["line"].notna()]
    if len(positions) < _FEWEST:
        what = f"a change needs six statements or more to be seen; there are {len(positions)}."
        raise StancepackError(what)
    table = _months(positions, scale, float(prior), draws, np.random.RandomState(seed))
    return ChangePoints(
        table=table,
        probability=float(table["probability"].sum()),
        n=len(positions),
        title=issue_title(pkg, issue),
        who=who.label,
        prior=float(prior),
        draws=draws,
        evidence=positions,
        scale=scale,
        sides=tuple(all_sides(pkg)),
    )


def _months(
    positions: pd.DataFrame,
    scale: Scale,
    prior: float,
    draws: int,
    random: np.random.RandomState,
) -> pd.DataFrame:
    """Return the months in which a change may lie, with the levels around it."""
    unit = scale.span / _UNITS
    values = (positions["value"].to_numpy(dtype=float) - scale.middle) / unit
    months: dict[pd.Timestamp, Floats] = defaultdict(lambda: np.zeros(3))
    for _ in range(draws):
        years = drawn_years(positions, random)
        order = np.argsort(years, kind="stable")
        for month, sums in _by_month(values[order], years[order], prior):
            months[month] = months[month] + sums / draws
    times = sorted(months)
    share, before, after = np.array([months[time] for time in times]).reshape(-1, 3).T
    with np.errstate(invalid="ignore"):  # a month without probability has no levels
        levels = [scale.middle + unit * level / share for level in (before, after)]
    table = {"time": times, "probability": share, "before": levels[0], "after": levels[1]}
    return pd.DataFrame(table)


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
