"""Intervals from the estimates of resampled units."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.reliability.coefficients import Estimate

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats


CELLS = 2**24  # replicates × patterns at a time
_JACKKNIFED = 2_000  # units left out in turn for the acceleration of BCa
_SAME_DIGITS = 12  # to which a replicate equals the estimate; beyond them is rounding
_NO_SPREAD = 1e-18  # of squares, below which left-out estimates are all the same


def student_quantile(width: float, degrees: float) -> float:
    """Return Student's quantile for a two-sided interval."""
    from scipy.stats import t

    return float(t.ppf((1 + width) / 2, degrees))


def bootstrap(estimates: Sequence[Estimate], units: Floats, draws: int, seed: int) -> list[Floats]:
    """Return the values of several estimates on the same units, drawn anew `draws` times.

    Drawing units is drawing how many have each pattern. RandomState's stream is frozen by numpy, so
    that a figure is the same under every version.
    """
    random, n = np.random.RandomState(seed), int(units.sum())
    step = max(1, CELLS // max(len(units), 1))
    blocks: list[list[Floats]] = [[] for _ in estimates]
    for start in range(0, draws, step):
        drawn = random.multinomial(n, units / n, min(step, draws - start)).astype(float)
        for values, estimate in zip(blocks, estimates, strict=True):
            values.append(estimate(drawn))
    return [np.concatenate(values) for values in blocks]


def estimates_without(estimate: Estimate, units: Floats, chosen: Any = None) -> Floats:
    """Return the estimate without one unit of each pattern, or of each of those chosen."""
    chosen = np.arange(len(units)) if chosen is None else chosen
    step = max(1, CELLS // max(len(units), 1))
    blocks = []
    for start in range(0, len(chosen), step):
        left_out = chosen[start : start + step]
        weights = np.repeat(units[None, :], len(left_out), axis=0)
        weights[np.arange(len(left_out)), left_out] -= 1
        blocks.append(estimate(weights))
    return np.concatenate(blocks) if blocks else np.zeros(0)


def jackknife_variance(estimate: Estimate, units: Floats) -> float:
    """Return the variance over units of log(1 - x); NaN where a left-out estimate has none."""
    n, left_out = units.sum(), estimates_without(estimate, units)
    if np.isnan(left_out).any() or (left_out >= 1).any():
        return float("nan")
    logs = np.log(1 - left_out)
    mean = float(units @ logs / n)
    return float((n - 1) / n * float(units @ (logs - mean) ** 2))


def percentile(replicates: Floats, width: float) -> tuple[float, float]:
    """Return the replicates' quantiles as they are."""
    low, high = np.quantile(replicates, [(1 - width) / 2, (1 + width) / 2])
    return float(low), float(high)


def bca(
    value: float, replicates: Floats, units: Floats, estimate: Estimate, width: float
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated interval."""
    normal = NormalDist()
    # rounded, so that replicates that equal the estimate do not fall on either side of it
    replicates, value = np.round(replicates, _SAME_DIGITS), round(value, _SAME_DIGITS)
    below = (np.mean(replicates < value) + np.mean(replicates <= value)) / 2
    if below in (0.0, 1.0):
        return float(replicates.min()), float(replicates.max())
    shift = normal.inv_cdf(float(below))
    skew = _acceleration(estimate, units)

    def corrected(tail: float) -> float:
        z = shift + normal.inv_cdf(tail)
        return normal.cdf(shift + z / (1 - skew * z))

    tails = corrected((1 - width) / 2), corrected((1 + width) / 2)
    low, high = np.quantile(replicates, tails)
    return float(low), float(high)


def _acceleration(estimate: Estimate, units: Floats) -> float:
    """Return BCa's acceleration by the jackknife: the skewness of the left-out estimates.

    It is a ratio of moments, which a sample of the units tells well enough.
    """
    chosen = np.arange(len(units))
    if len(units) > _JACKKNIFED:
        random = np.random.RandomState(0)
        share = units / units.sum()
        chosen = np.sort(random.choice(len(units), _JACKKNIFED, replace=False, p=share))
    left_out, weight = estimates_without(estimate, units, chosen), units[chosen]
    defined = ~np.isnan(left_out)
    if not defined.any():
        return 0.0
    left_out, weight = left_out[defined], weight[defined]
    distance = np.average(left_out, weights=weight) - left_out
    spread = float((weight * distance**2).sum())
    if spread <= _NO_SPREAD:
        return 0.0
    return float((weight * distance**3).sum()) / float(6 * spread**1.5)
