r"""Shares of codes over time: the trajectory of an issue whose codes have no order.

The share of a code at a time is its weight among the statements near that time, every statement
weighing by its distance in days as for windows. Its interval is Wilson's, with the effective number
of statements :math:`n = (\sum w)^2 / \sum w^2` in place of their number (Kish). Where sets of dates
and of coders' codes differ by a variance :math:`B`, :math:`n` is divided by :math:`1 + n B / (p(1 -
p))` (Lott & Reiter), with :math:`p` in the middle of Wilson's interval, where it is not 0.

References
----------
Brown, L. D., Cai, T. T., & DasGupta, A. (2001). Interval estimation for a binomial proportion.
Statistical Science 16, 101–133. https://doi.org/10.1214/ss/1009213286

Franco, C., Little, R. J. A., Louis, T. A., & Slud, E. V. (2019). Comparative study of confidence
intervals for proportions in complex sample surveys. Journal of Survey Statistics and Methodology 7,
334–364. https://doi.org/10.1093/jssam/smy019

Lott, A., & Reiter, J. P. (2020). Wilson confidence intervals for binomial proportions with multiple
imputation for missing data. The American Statistician 74, 109–115.
https://doi.org/10.1080/00031305.2018.1473796
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stancepack.positions.evidence import drawn_years, number_on, years_of
from stancepack.positions.windows import moments, variance_between

if TYPE_CHECKING:
    from stancepack.dataset.scales import Scale
    from stancepack.positions.uncertainty import Uncertainty
    from stancepack.positions.windows import Kernel
    from stancepack.reliability.counts import Floats


def code_shares(
    of_issue: pd.DataFrame,
    times: pd.DatetimeIndex,
    scale: Scale,
    kernel: Kernel,
    uncertainty: Uncertainty,
    random: np.random.RandomState,
) -> pd.DataFrame:
    """Estimate the share of each code of a line near each time, with its interval.

    Parameters
    ----------
    of_issue
        The evidence on one issue, with the ``line`` of each position.
    times, scale, kernel
        When, of which codes, and what a statement weighs.
    uncertainty, random
        What the intervals carry.
    """
    years = years_of(times)
    frames = []
    for line, positions in of_issue.dropna(subset=["line"]).groupby("line", sort=False):
        when = drawn_years(positions, None)
        weights, count = kernel.weights(years, when), kernel.count(years, when)
        sets = list(uncertainty.drawn_sets(positions, random))
        given = positions["number"].to_numpy()
        for code in scale.codes:
            number = number_on(scale, code)
            share, effective, _ = moments(weights, (given == number).astype(float))
            drawn = [
                moments(kernel.weights(years, dates), (given if codes is None else codes) == number)
                for dates, codes in sets
            ]
            between = variance_between([shares for shares, _, _ in drawn]) if drawn else 0 * share
            low, high = _interval(share, effective, between, uncertainty)
            frame = {
                "line": line,
                "time": times,
                "code": code,
                "estimate": np.where(kernel.is_silent(weights), np.nan, share),
                "low": low,
                "high": high,
                "n": count,
            }
            frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)


def _interval(
    share: Floats, effective: Floats, between: Floats, uncertainty: Uncertainty
) -> tuple[Floats, Floats]:
    from scipy.stats import norm

    z = norm.ppf(uncertainty.tails[1])
    if not uncertainty.has("statements"):
        reach = z * np.sqrt(between)
        return np.clip(share - reach, 0, 1), np.clip(share + reach, 0, 1)
    middle = _middle(share, effective, z)
    inflation = between / (middle * (1 - middle) / effective)
    return wilson_interval(share, effective / (1 + inflation), z)


def _middle(share: Floats, n: Floats, z: float) -> Floats:
    return (share + z**2 / (2 * n)) / (1 + z**2 / n)


def wilson_interval(share: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Return Wilson's interval of a share of n, z standard deviations of its test wide."""
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    middle = _middle(share, n, z)
    # the share itself lies in it, whatever the rounding
    low, high = np.minimum(middle - reach, share), np.maximum(middle + reach, share)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)
