"""How much coding an interval needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.arguments import listed
from stancepack.errors import StancepackError
from stancepack.reliability.agreement import measured
from stancepack.reliability.codings import Codings, Reading, codings, read
from stancepack.reliability.computation import Options
from stancepack.reliability.counts import Patterns
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.reliability.counts import Floats

CALIBRATED = 50_000  # units of which the noise is found: alpha to about the third digit
NOISE = 1e-3, 20.0  # a coder's least and most, in standard deviations of the units
DRAWS = 500  # of each simulated interval: what is wanted is the mean width of many
_MOST_DESIGNS = 1000  # numbers of units or coders; each is simulated
_MOST = 100_000  # units, coders or data sets of a design


@dataclass(frozen=True, eq=False)
class Plan:
    """How wide an interval will be, by units and coders; see `plan_agreement`.

    Attributes
    ----------
    designs
        One row for each design.
    width
        The width that is wanted.
    sigma
        The noise of a coder, in standard deviations of the units.
    """

    designs: pd.DataFrame
    width: float
    sigma: float

    @property
    def table(self) -> pd.DataFrame:
        """The designs."""
        return self.designs

    def __repr__(self) -> str:
        """Say the smallest design that is enough."""
        enough = self.designs[self.designs["width"] <= self.width].sort_values("codes")
        wanted = f"an interval of {self.width:g}"
        if not len(enough):
            return f"{wanted}: none of {len(self.designs)} designs is enough"
        first = enough.iloc[0]
        return f"{wanted}: {first['units']:.0f} units by {first['coders']:.0f} coders are enough"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.designs.to_html(index=False)}"

    def summary(self) -> str:
        """Say the smallest design that is enough, and all designs."""
        designs = self.designs.to_string(index=False, float_format="{:.3f}".format)
        return f"{self!r}\n\n{designs}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean width of the interval by the number of units, a line for coders each.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own.
        """
        from stancepack.plots.designs import plot_designs

        return plot_designs(self.designs, self.width, ax)


@old_spellings(
    positional=("width", "units", "coders", "level", "unit", "coder", "value"),
    renamed={"pilot": "data", "simulations": "draws"},
)
def plan_agreement(
    data: Any,
    *,
    width: float = 0.2,
    units: Iterable[int] = (50, 100, 200, 400),
    coders: Iterable[int] = (2, 3),
    level: str = "ordinal",
    draws: int = 200,
    seed: int = 0,
    **reading: Unpack[Reading],
) -> Plan:
    r"""Plan a reliability study: how wide alpha's 95 % interval will be, by units and coders.

    What coders are like is taken from pilot data. Codes are simulated under an ordinal model: a
    unit has a latent value :math:`\theta \sim N(0, 1)`, a coder sees :math:`\theta +
    \sigma\varepsilon` and cuts it at thresholds. Thresholds reproduce the pilot's shares of codes,
    and :math:`\sigma` its alpha.

    Parameters
    ----------
    data
        Codes of a pilot, as for `agreement`; at least two coders and two codes in use.
    width
        The width of the interval that is wanted.
    units, coders
        The designs to try.
    level, **reading
        As for `agreement`.
    draws, seed
        Data sets per design, and the seed.

    Returns
    -------
    Plan
        ``designs``: one row for each: ``units``, ``coders``, ``codes`` (units × coders), ``width``
        (mean over the simulated data sets), ``low`` (mean lower end), ``reached`` (share of data
        sets whose interval is at most as wide as wanted). ``sigma``: the noise of a coder.

    Raises
    ------
    StancepackError
        If the pilot's alpha is not defined, or is not above 0.

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load().settling("codings")
    >>> pilot = codings[codings["issue_id"] == "limits"]
    >>> plan = sp.plan_agreement(pilot, width=0.1, units=[50], coders=[2], draws=20)
    >>> plan.designs["codes"].tolist()
    [100]
    """
    point = Options(level=level, interval=None, seed=seed)
    designs = [
        (n_units, n_coders)
        for n_coders in _whole("coders", coders, 2)
        for n_units in _whole("units", units, 2)
    ]
    (n_sets,) = _whole("draws", [draws], 1)
    if isinstance(width, bool) or not isinstance(width, int | float) or not width > 0:
        raise StancepackError(f"width is {width!r}; it should be a number above 0.")
    pilot = read(data, reading, "width", "units", "coders", "level", "draws", "seed")
    pilot.check(Options(interval=None))  # codes are simulated in their order, whatever the level
    (figure,) = measured(pilot, [point])
    if not figure.value > 0:
        why = figure.note or "The pilot's alpha is not above 0."
        raise StancepackError(
            f"a plan needs a pilot in which coders agree better than by chance. {why}"
        )
    random = np.random.RandomState(seed)
    cuts = _thresholds(pilot.patterns.pairable)
    sigma = _calibrated_noise(cuts, figure.value, point, random)
    rows = []
    for n_units, n_coders in designs:
        ends = _drawn_ends(n_sets, (cuts, sigma), (n_units, n_coders), (level, seed), random)
        widths = ends[:, 1] - ends[:, 0]
        rows.append(
            {
                "units": n_units,
                "coders": n_coders,
                "codes": n_units * n_coders,
                "width": _mean(widths),
                "low": _mean(ends[:, 0]),
                "reached": float((widths <= width).mean()),
            }
        )
    names = ["units", "coders", "codes", "width", "low", "reached"]
    return Plan(pd.DataFrame(rows, columns=names), float(width), sigma)


def _whole(what: str, given: Any, least: int) -> list[int]:
    """Return whole numbers; refuse what is none."""
    if isinstance(given, int | np.integer):
        given = [given]
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise StancepackError(f"{what} is {given!r}; it lists whole numbers.")
    numbers = listed(what, given, _MOST_DESIGNS)
    for number in numbers:
        is_whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
        if not is_whole or not least <= number <= _MOST:
            raise StancepackError(
                f"{what} has {number!r}; it should be whole numbers from {least} to {_MOST}."
            )
    return [int(number) for number in numbers]


def _mean(values: Floats) -> float:
    """Return the mean of what is defined; NaN where nothing is."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")


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
    cuts: Floats, alpha: float, point: Options, random: np.random.RandomState
) -> float:
    """Return the noise under which two coders of very many units have the pilot's alpha."""
    from scipy.optimize import brentq

    theta, noise = random.standard_normal(CALIBRATED), random.standard_normal((CALIBRATED, 2))

    def more_than_pilot(sigma: float) -> float:
        figure = measured(_read(_codes(theta, noise, sigma, cuts)), [point])[0]
        return figure.value - alpha

    least, most = NOISE
    if more_than_pilot(least) <= 0:
        return least
    if more_than_pilot(most) >= 0:
        return most
    return float(brentq(more_than_pilot, least, most, xtol=least))


def _drawn_ends(
    n_sets: int,
    coder: tuple[Floats, float],
    design: tuple[int, int],
    figure: tuple[str, int],
    random: np.random.RandomState,
) -> Floats:
    """Return the ends of alpha's interval, of simulated data sets of a design."""
    level, seed = figure
    options = Options(level=level, method="percentile", draws=DRAWS, seed=seed)
    ends = []
    for _ in range(n_sets):
        codes = _simulated_codes(*coder, *design, random)
        result = measured(_read(codes), [options])[0]
        ends.append((result.low, result.high))
    return np.array(ends).reshape(-1, 2)


def _read(codes: Any) -> Codings:
    return codings(codes, layout="wide")
