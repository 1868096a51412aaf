"""How much coding an interval needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.reliability.agreement import agreement
from stancepack.reliability.counts import Patterns, count_patterns

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats

CALIBRATED = 50_000  # units of which the noise is found: alpha to about the third digit
NOISE = 1e-3, 20.0  # a coder's least and most, in standard deviations of the units
REPLICATES = 500  # of each simulated interval: what is wanted is the mean width of many


def plan_agreement(
    pilot: Any,
    width: float = 0.2,
    units: Iterable[int] = (50, 100, 200, 400),
    coders: Iterable[int] = (2, 3),
    level: str = "ordinal",
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
    *,
    simulations: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Plan a reliability study: how wide alpha's 95 % interval will be, by units and coders.

    What coders are like is taken from pilot data. Codes are simulated under an ordinal model: a
    unit has a latent value :math:`\theta \sim N(0, 1)`, a coder sees :math:`\theta +
    \sigma\varepsilon` and cuts it at thresholds. Thresholds reproduce the pilot's shares of codes,
    and :math:`\sigma` its alpha.

    Parameters
    ----------
    pilot
        Codes of a pilot, as for `agreement`; at least two coders and two codes in use.
    width
        The width of the interval that is wanted.
    units, coders
        The designs to try.
    level, unit, coder, value
        As for `agreement`.
    simulations, seed
        Data sets per design, and the seed.

    Returns
    -------
    pandas.DataFrame
        One row for each design: ``units``, ``coders``, ``codes`` (units × coders), ``width`` (mean
        over the simulated data sets), ``low`` (mean lower end), ``reached`` (share of data sets
        whose interval is at most as wide as wanted). ``frame.attrs["sigma"]`` is the noise of a
        coder.

    Raises
    ------
    StancepackError
        If the pilot's alpha is not defined, or is not above 0.

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load().settling("codings")
    >>> pilot = codings[codings["issue_id"] == "limits"]
    >>> plan = sp.plan_agreement(pilot, width=0.1, units=[50], coders=[2], simulations=20)
    >>> plan["codes"].tolist()
    [100]
    """
    figure = agreement(pilot, "alpha", level, unit, coder, value, interval="none")
    if not figure.value > 0:
        why = figure.note or "The pilot's alpha is not above 0."
        raise StancepackError(
            f"a plan needs a pilot in which coders agree better than by chance. {why}"
        )
    random = np.random.RandomState(seed)
    cuts = _thresholds(count_patterns(pilot, unit, coder, value).pairable)
    sigma = _calibrated_noise(cuts, figure.value, level, random)
    designs = [(n_units, n_coders) for n_coders in coders for n_units in units]
    rows = []
    for n_units, n_coders in designs:
        drawn = (
            _simulated_codes(cuts, sigma, n_units, n_coders, random) for _ in range(simulations)
        )
        ends = np.array([_ends(codes, level, seed) for codes in drawn]).reshape(-1, 2)
        widths = ends[:, 1] - ends[:, 0]
        rows.append(
            {
                "units": n_units,
                "coders": n_coders,
                "codes": n_units * n_coders,
                "width": float(np.nanmean(widths)),
                "low": float(np.nanmean(ends[:, 0])),
                "reached": float((widths <= width).mean()),
            }
        )
    plan = pd.DataFrame(rows, columns=["units", "coders", "codes", "width", "low", "reached"])
    plan.attrs["sigma"] = sigma
    return plan


def _thresholds(pilot: Patterns) -> Floats:
    """Return where a standard normal is cut for the pilot's shares of codes."""
    from scipy.stats import norm

    counts = pilot.units @ pilot.counts
    return np.asarray(norm.ppf(np.cumsum(counts / counts.sum())[:-1]))


def _codes(theta: Floats, noise: Floats, sigma: float, cuts: Floats) -> Any:
    """Return units × coders: what coders see of the units, cut at the thresholds."""
    seen = (theta[:, None] + sigma * noise) / np.sqrt(1 + sigma**2)
    return np.searchsorted(cuts, seen).astype(np.int8)


def _simulated_codes(
    cuts: Floats, sigma: float, n_units: int, n_coders: int, random: np.random.RandomState
) -> Any:
    theta = random.standard_normal(n_units)
    return _codes(theta, random.standard_normal((n_units, n_coders)), sigma, cuts)


def _calibrated_noise(
    cuts: Floats, alpha: float, level: str, random: np.random.RandomState
) -> float:
    """Return the noise under which two coders of very many units have the pilot's alpha."""
    from scipy.optimize import brentq

    theta, noise = random.standard_normal(CALIBRATED), random.standard_normal((CALIBRATED, 2))

    def more_than_pilot(sigma: float) -> float:
        codes = _codes(theta, noise, sigma, cuts)
        return agreement(codes, "alpha", level, interval="none").value - alpha

    least, most = NOISE
    if more_than_pilot(least) <= 0:
        return least
    if more_than_pilot(most) >= 0:
        return most
    return float(brentq(more_than_pilot, least, most, xtol=least))


def _ends(codes: Any, level: str, seed: int) -> tuple[float, float]:
    """Return the ends of alpha's interval of simulated codes."""
    result = agreement(
        codes, "alpha", level, interval="percentile", replicates=REPLICATES, seed=seed
    )
    return result.low, result.high
