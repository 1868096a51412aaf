"""How much coding an interval needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.reliability.agreement import agreement
from stancepack.reliability.counts import patterns

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats


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
    r"""Plan a reliability study: how wide alpha's 95 % interval will be, by units and coders, from pilot data.

    Codes are simulated under an ordinal model: a unit has a latent value :math:`\theta \sim N(0,
    1)`, a coder sees :math:`\theta + \sigma\varepsilon` and cuts it at thresholds. Thresholds
    reproduce the pilot's shares of codes, and :math:`\sigma` its alpha.

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
    from scipy.optimize import brentq
    from scipy.stats import norm

    figure = agreement(pilot, "alpha", level, unit, coder, value, interval="none")
    if not figure.value > 0:
        why = figure.note or "The pilot's alpha is not above 0."
        raise StancepackError(
            f"a plan needs a pilot in which coders agree better than by chance. {why}"
        )
    found = patterns(pilot, unit, coder, value)
    pairable = found.take(found.size >= 2)
    shares = pairable.units @ pairable.counts
    cuts = norm.ppf(np.cumsum(shares / shares.sum())[:-1])
    random = np.random.RandomState(seed)
    theta, noise = random.standard_normal(50_000), random.standard_normal((50_000, 2))

    def codes(theta: Floats, noise: Floats, sigma: float) -> Any:
        seen = (theta[:, None] + sigma * noise) / np.sqrt(1 + sigma**2)
        return np.searchsorted(cuts, seen).astype(np.int8)

    def alpha_less_pilot(sigma: float) -> float:
        return (
            agreement(codes(theta, noise, sigma), "alpha", level, interval="none").value
            - figure.value
        )

    top = 20.0
    sigma = (
        1e-3
        if alpha_less_pilot(1e-3) <= 0
        else top
        if alpha_less_pilot(top) >= 0
        else float(brentq(alpha_less_pilot, 1e-3, top, xtol=1e-3))
    )
    rows = []
    for n_coders in coders:
        for n_units in units:
            widths, lows = [], []
            for _ in range(simulations):
                drawn = codes(
                    random.standard_normal(n_units),
                    random.standard_normal((n_units, n_coders)),
                    sigma,
                )
                result = agreement(
                    drawn, "alpha", level, replicates=500, interval="percentile", seed=seed
                )
                widths.append(result.high - result.low)
                lows.append(result.low)
            wide = np.array(widths)
            rows.append(
                {
                    "units": n_units,
                    "coders": n_coders,
                    "codes": n_units * n_coders,
                    "width": float(np.nanmean(wide)),
                    "low": float(np.nanmean(lows)),
                    "reached": float((wide <= width).mean()),
                }
            )
    plan = pd.DataFrame(rows, columns=["units", "coders", "codes", "width", "low", "reached"])
    plan.attrs["sigma"] = sigma
    return plan
