"""Intervals from the estimates of resampled units."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.reliability.coefficients import (
    Estimate,
)

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats


CELLS = 2**24  # replicates × patterns at a time
_JACKKNIFED = 2_000  # units left out in turn for the acceleration of BCa


def student_quantile(confidence: float, degrees: float) -> float:
    """Return Student's quantile for a two-sided interval."""
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, degrees))


def estimates_without(estimate: Estimate, units: Floats, chosen: Any = None) -> Floats:
    """Return the estimate without one unit of each pattern, or of each of those chosen."""
    chosen = np.arange(len(units)) if chosen is None else chosen
    step = max(1, CELLS // max(len(units), 1))
    parts = []
    for start in range(0, len(chosen), step):
        rows = chosen[start : start + step]
        weights = np.repeat(units[None, :], len(rows), axis=0)
        weights[np.arange(len(rows)), rows] -= 1
        parts.append(estimate(weights))
    return np.concatenate(parts) if parts else np.zeros(0)


def bca(
    point: float, boot: Floats, units: Floats, estimate: Estimate, confidence: float
) -> tuple[float, float]:
    """Bias-corrected and accelerated interval; the acceleration is the jackknife's, one unit left out at a time."""
    normal = NormalDist()
    # rounding keeps replicates that equal the estimate from falling on either side by the last
    # digit
    boot, point_ = np.round(boot, 12), round(point, 12)
    below = (np.mean(boot < point_) + np.mean(boot <= point_)) / 2
    if below in (0.0, 1.0):
        return float(boot.min()), float(boot.max())
    shift = normal.inv_cdf(float(below))
    if (
        len(units) > _JACKKNIFED
    ):  # the acceleration is a ratio of moments: a sample of the units tells it well enough
        chosen = np.sort(
            np.random.RandomState(0).choice(
                len(units), _JACKKNIFED, replace=False, p=units / units.sum()
            )
        )
    else:
        chosen = np.arange(len(units))
    left_out, units = estimates_without(estimate, units, chosen), units[chosen]
    fine = ~np.isnan(left_out)
    distance = (
        np.average(left_out[fine], weights=units[fine]) - left_out[fine]
        if fine.any()
        else np.zeros(1)
    )
    weight = units[fine] if fine.any() else np.ones(1)
    spread = float((weight * distance**2).sum())
    skew = float((weight * distance**3).sum()) / (6 * spread**1.5) if spread > 1e-18 else 0.0

    def end(tail: float) -> float:
        z = shift + normal.inv_cdf(tail)
        return float(np.quantile(boot, normal.cdf(shift + z / (1 - skew * z))))

    return end((1 - confidence) / 2), end((1 + confidence) / 2)
