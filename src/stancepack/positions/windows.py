"""Positions over time as means of the statements near each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stancepack.positions.evidence import DAYS_A_YEAR, drawn_years, years_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancepack.dataset.scales import Scale
    from stancepack.positions.uncertainty import Uncertainty
    from stancepack.reliability.counts import Floats, Integers

KERNELS = ("gaussian", "calendar")
_AT_TWO_HALVES = 0.135  # exp(−2): the weight of a statement two half windows away
# Variances of statements about the level of their line, in squared spans of the scale (on −2 to 2
# they are 0.5 and 0.1): the one taken where no line has three statements, and the least.
_USUAL_SCATTER, _LEAST_SCATTER = 0.5 / 16, 0.1 / 16
_BORROWED = 4.0  # statements that the scatter of all lines counts for within one line


@dataclass(frozen=True)
class Kernel:
    """How much a statement weighs by its distance in time."""

    days: float = 365.0
    shape: str = "gaussian"

    @property
    def half(self) -> float:
        """Half a window, in years."""
        return self.days / DAYS_A_YEAR / 2

    def weights(self, times: Floats, when: Floats) -> Floats:
        """Return times × statements."""
        apart = np.abs(times[:, None] - when[None, :])
        if self.shape == "gaussian":
            return np.asarray(np.exp(-0.5 * (apart / self.half) ** 2))
        return (apart <= self.half).astype(float)

    def count(self, times: Floats, when: Floats) -> Integers:
        """Count the statements within half a window of each time."""
        apart = np.abs(times[:, None] - when[None, :])
        return np.asarray((apart <= self.half).sum(axis=1))

    def is_silent(self, weights: Floats) -> NDArray[np.bool_]:
        """Tell at which times no statement says anything."""
        least = _AT_TWO_HALVES if self.shape == "gaussian" else 0.5
        return np.asarray(weights.sum(axis=1) < least)


def window_means(
    of_issue: pd.DataFrame,
    times: pd.DatetimeIndex,
    scale: Scale,
    kernel: Kernel,
    uncertainty: Uncertainty,
    random: np.random.RandomState,
) -> pd.DataFrame:
    """Average each line near each time, with an interval of the sources asked for.

    Parameters
    ----------
    of_issue
        The evidence on one issue, everybody's, with the ``line`` of each position.
    times, scale, kernel
        When, where positions can lie, and what they weigh.
    uncertainty, random
        What the interval carries.
    """
    years = years_of(times)
    pooled = _pooled_scatter(of_issue, years, scale, kernel)
    frames = []
    for line, positions in of_issue.dropna(subset=["line"]).groupby("line", sort=False):
        when = drawn_years(positions, None)
        weights = kernel.weights(years, when)
        mean, effective, scatter = moments(weights, positions["value"].to_numpy())
        between = _variance_of_sets(positions, years, scale, kernel, uncertainty, random)
        width = _half_width(effective, scatter, pooled, between, uncertainty)
        mean = np.where(kernel.is_silent(weights), np.nan, mean).clip(scale.low, scale.high)
        frame = {
            "line": line,
            "time": times,
            "estimate": mean,
            "low": np.clip(mean - width, scale.low, scale.high),
            "high": np.clip(mean + width, scale.low, scale.high),
            "n": kernel.count(years, when),
        }
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)


def moments(weights: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, effective number and variance of values under the weights of each time."""
    total = weights.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = weights @ values / total
        effective = total**2 / (weights**2).sum(axis=1)
        variance = weights @ values**2 / total - mean**2
    return mean, effective, np.maximum(variance, 0)


def _pooled_scatter(of_issue: pd.DataFrame, years: Floats, scale: Scale, kernel: Kernel) -> float:
    """Return how far statements of an actor scatter about its own level; the few borrow from it."""
    variances = []
    for _, positions in of_issue.groupby("actor_id"):
        if len(positions) > 2:
            weights = kernel.weights(years, drawn_years(positions, None))
            variance = moments(weights, positions["value"].to_numpy())[2].mean()
            if not np.isnan(variance):
                variances.append(variance)
    area = scale.span**2
    pooled = float(np.mean(variances)) if variances else _USUAL_SCATTER * area
    return max(pooled, _LEAST_SCATTER * area)


def _variance_of_sets(
    positions: pd.DataFrame,
    years: Floats,
    scale: Scale,
    kernel: Kernel,
    uncertainty: Uncertainty,
    random: np.random.RandomState,
) -> Floats:
    """Return how far the means of sets of dates and codes differ."""
    values, settled = positions["value"].to_numpy(), positions["number"].to_numpy()
    apart = settled - scale.middle
    kept = np.divide(values - scale.middle, apart, out=np.ones(len(apart)), where=apart != 0)
    means = []
    for when, codes in uncertainty.drawn_sets(positions, random):
        # a conditional position that is shrunk towards the middle is so whoever coded it
        drawn = values if codes is None else scale.middle + (codes - scale.middle) * kept
        means.append(moments(kernel.weights(years, when), drawn)[0])
    return variance_between(means) if means else np.zeros(len(years))


def variance_between(sets: list[Floats]) -> Floats:
    """Return the variance over sets; where none has a statement nothing is said."""
    drawn = np.array(sets)
    count = np.maximum((~np.isnan(drawn)).sum(axis=0), 1)
    centre = np.nansum(drawn, axis=0) / count
    return np.asarray(np.nansum((drawn - centre) ** 2, axis=0) / count)


def _half_width(
    effective: Floats, scatter: Floats, pooled: float, between: Floats, uncertainty: Uncertainty
) -> Floats:
    """Return half the interval: statements scatter, and sets of dates and codes differ."""
    from scipy.stats import norm, t

    upper = uncertainty.tails[1]
    if not uncertainty.has("statements"):
        return np.asarray(norm.ppf(upper) * np.sqrt(between))
    own = np.maximum(effective - 1, 0)
    freedom = _BORROWED + own
    variance = (_BORROWED * pooled + own * scatter) / freedom
    return np.asarray(t.ppf(upper, freedom) * np.sqrt(variance / effective + between))
