r"""The likelihood of the state model, with its derivatives; and what it is a function of.

A code between thresholds :math:`\kappa_l < \kappa_u` has, at a statement's latent value :math:`z`,
the probability :math:`P = \Phi(h) - \Phi(l)` with the ends :math:`h = (\kappa_u - z - \beta) /
\sigma` and :math:`l = (\kappa_l - z - \beta) / \sigma`. By any two of latent value (or severity),
upper threshold, lower threshold and log noise, :math:`\log P` has the derivatives

.. math::

   \partial_i \log P &= \frac{\varphi(h) h_i - \varphi(l) l_i}{P} \\
   \partial_{ij} \log P &= \frac{\varphi(h) (h_{ij} - h\, h_i h_j)
       - \varphi(l) (l_{ij} - l\, l_i l_j)}{P} - \partial_i \log P\; \partial_j \log P .

With :math:`\sigma^2 = e^{2\eta} + \sigma_0^2` and :math:`r = \partial \log \sigma / \partial \eta =
e^{2\eta} / \sigma^2`, an end moves by :math:`-1/\sigma`, :math:`1/\sigma`, and :math:`-h r`; of the
second derivatives only those with the noise are not 0: :math:`r/\sigma`, :math:`-r/\sigma`, and
:math:`h (r^2 - 2 r (1 - r))`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancepack.reliability.counts import Floats, Integers

QUIET = 0.15  # the least noise of a coder, for which the grid is fine enough
_GRID = np.linspace(-4.0, 4.0, 41)  # of what a statement adds, in its standard deviations
_WEIGHT = np.log(np.exp(-0.5 * _GRID**2) / np.exp(-0.5 * _GRID**2).sum())
_FAR = 30.0  # standard deviations beyond which an end is none
_ENDLESS = 1e9  # where the thresholds below the first and above the last code stand
_LEAST_MASS = 1e-290  # of a code, so that its log is a number
LATENT, UPPER, LOWER, NOISE = range(4)  # what the probability of a code depends on


@dataclass
class Evidence:
    """Codes of statements: which chain (speaker and issue), when, and what the coders gave."""

    chain: Integers  # statements
    time: Floats  # statements, in years
    issue: Integers  # statements
    codes: Integers  # statements × slots: ranks from 0, −1 for none
    coder: Integers  # statements × slots
    n_codes: Integers  # issues: how many codes each has
    n_coders: int

    def __len__(self) -> int:
        """Count the statements."""
        return len(self.chain)

    def take(self, chosen: Any, time: Floats | None = None) -> Evidence:
        """Return some of the statements, at other times if given."""
        return replace(
            self,
            chain=self.chain[chosen],
            time=self.time[chosen] if time is None else time,
            issue=self.issue[chosen],
            codes=self.codes[chosen],
            coder=self.coder[chosen],
        )


@dataclass(frozen=True)
class Variance:
    """A prior guess of a variance, and how many increments it counts for."""

    guess: float
    weight: float = 1.0

    def update(self, squares: float, n: float) -> float:
        """Return the mode given a sum of squares of n increments."""
        return float((squares + self.guess * self.weight) / (n + self.weight))


@dataclass(frozen=True)
class Priors:
    """Priors, weak against a few dozen statements; ``benchmarks/calibration.py`` studies them.

    Thresholds lie half way between codes that stand evenly from −2 to 2 on the latent line; the
    first has a normal prior, and the log of the distance to each next one.
    """

    latent_span: float = 4.0
    first_cut_sd: float = 1.0
    log_gap_sd: float = 0.5
    severity_sd: float = 0.3
    noise: float = 0.4  # median of the coders' noises
    log_noise_sd: float = 0.6
    drift: Variance = Variance(0.15)  # q, a year
    start: Variance = Variance(1.5)  # τ²

    def gaps(self, n_codes: Any) -> Floats:
        """Return the distance between thresholds of issues with so many codes."""
        return np.asarray(self.latent_span / np.maximum(np.asarray(n_codes) - 1.0, 1.0))

    def first_cuts(self, n_codes: Any) -> Floats:
        """Return the first threshold of issues with so many codes."""
        return (self.gaps(n_codes) - self.latent_span) / 2


@dataclass(frozen=True)
class Layout:
    """Where thresholds by issue, severities and log noises by coder stand in a vector.

    Every issue has the places of that with the most codes; what it does not need is not used.
    """

    n_codes: tuple[int, ...]
    n_coders: int

    @property
    def n_issues(self) -> int:
        """How many issues there are."""
        return len(self.n_codes)

    @property
    def n_cuts(self) -> int:
        """How many thresholds the issue with the most codes has."""
        return max(self.n_codes) - 1

    @property
    def cuts(self) -> slice:
        """The first threshold of each issue and the logs of the distances to the next ones."""
        return slice(0, self.n_cuts * self.n_issues)

    @property
    def severities(self) -> slice:
        """The severity of each coder."""
        return slice(self.cuts.stop, self.cuts.stop + self.n_coders)

    @property
    def log_noises(self) -> slice:
        """The log noise of each coder."""
        return slice(self.severities.stop, self.severities.stop + self.n_coders)

    def vector(self, first_cuts: Any, log_gaps: Any, severity: float, log_noise: float) -> Floats:
        """Return a vector of values by issue and by coder."""
        cuts = np.empty((self.n_issues, self.n_cuts))
        cuts[:, 0] = first_cuts
        cuts[:, 1:] = np.reshape(log_gaps, (-1, 1))
        coders = np.ones(self.n_coders)
        return np.concatenate([cuts.ravel(), severity * coders, log_noise * coders])


@dataclass
class Parameters:
    """Thresholds, severities and noises as one vector; its covariance; and the two variances."""

    layout: Layout
    priors: Priors
    vector: Floats
    drift: float
    start: float
    covariance: Any = None  # of the vector, once fitted
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def initial(cls, evidence: Evidence, priors: Priors) -> Parameters:
        """Return the prior means."""
        layout = Layout(tuple(int(n) for n in evidence.n_codes), evidence.n_coders)
        mean = cls._mean(layout, priors)
        return cls(layout, priors, mean, priors.drift.guess, priors.start.guess)

    @staticmethod
    def _mean(layout: Layout, priors: Priors) -> Floats:
        first, gaps = priors.first_cuts(layout.n_codes), priors.gaps(layout.n_codes)
        return layout.vector(first, np.log(gaps), 0.0, float(np.log(priors.noise)))

    def copy(self) -> Parameters:
        """Return the same with a vector of its own."""
        return replace(self, vector=self.vector.copy())

    def split(self, vector: Floats | None = None) -> tuple[Floats, Floats, Floats]:
        """Return thresholds (issues × cuts), severities and log noises of a vector."""
        values = self.vector if vector is None else vector
        shape = (self.layout.n_issues, self.layout.n_cuts)
        cuts = values[self.layout.cuts].reshape(shape)
        cuts = np.cumsum(np.column_stack([cuts[:, :1], np.exp(cuts[:, 1:])]), axis=1)
        return cuts, values[self.layout.severities], values[self.layout.log_noises]

    def cuts_of(self, issue: int, vectors: Floats) -> Floats:
        """Return the thresholds of an issue (vectors × cuts) in vectors (parameters × vectors)."""
        n_cuts = self.layout.n_codes[issue] - 1
        return np.array([self.split(vector)[0][issue, :n_cuts] for vector in vectors.T])

    @cached_property
    def _prior_sd(self) -> Floats:
        priors = self.priors
        first, gaps = priors.first_cut_sd, np.full(self.layout.n_issues, priors.log_gap_sd)
        return self.layout.vector(first, gaps, priors.severity_sd, priors.log_noise_sd)

    @cached_property
    def _prior_mean(self) -> Floats:
        return self._mean(self.layout, self.priors)

    def prior(self) -> tuple[float, Floats, Floats]:
        """Return log density, gradient and (diagonal) curvature of the priors."""
        z = (self.vector - self._prior_mean) / self._prior_sd
        return float(-0.5 * (z**2).sum()), -z / self._prior_sd, 1 / self._prior_sd**2


def expected(theta: Floats, cuts: Floats, numbers: Floats) -> Floats:
    """Return the position that statements at a latent position take on average.

    Parameters
    ----------
    theta
        Latent positions.
    cuts
        Thresholds, on the last axis; one fewer than codes.
    numbers
        Where the codes stand on their scale.
    """
    from scipy.special import ndtr

    above = ndtr(theta[..., None] - cuts)
    return np.asarray((above * np.diff(numbers)).sum(axis=-1) + numbers[0])


@dataclass(frozen=True)
class Terms:
    """Each statement's log likelihood and its derivatives by its own few parameters.

    The first of these is its latent position; then come those that `columns` names.
    """

    value: Floats  # statements
    gradient: Floats  # statements × own parameters
    bend: Floats  # statements × own × own: second derivatives
    columns: Integers  # statements × (own − 1): where they stand in the vector of parameters


@dataclass(frozen=True)
class Own:
    """Where a statement's own parameters stand: latent position, thresholds, coders by slot."""

    n_cuts: int
    slots: int

    @property
    def width(self) -> int:
        """How many they are."""
        return 1 + self.n_cuts + 2 * self.slots

    @property
    def cuts(self) -> slice:
        """The thresholds of its issue."""
        return slice(1, 1 + self.n_cuts)

    def severity(self, slot: int) -> int:
        """Return the place of the severity of the coder in a slot."""
        return 1 + self.n_cuts + 2 * slot

    def noise(self, slot: int) -> int:
        """Return the place of the log noise of the coder in a slot."""
        return self.severity(slot) + 1


@dataclass(frozen=True)
class Cell:
    """The code in one slot of each statement: its log probability, with derivatives."""

    code: Integers  # statements
    coder: Integers  # statements
    log: Floats  # statements × grid
    slope: Floats  # 4 × statements × grid: by LATENT, UPPER, LOWER, NOISE
    bend: Floats  # 4 × 4 × statements × grid


def likelihood(evidence: Evidence, theta: Floats, parameters: Parameters) -> Terms:
    """Return each statement's log likelihood at its latent position, with its derivatives."""
    slots = evidence.codes.shape[1]
    own = Own(parameters.layout.n_cuts, slots)
    # a statement with one code needs no quadrature: its noise and the coder's are one
    points, weights, least = (_GRID, _WEIGHT, QUIET**2) if slots > 1 else (np.zeros(1), 0.0, 1.0)
    latent = theta[:, None] + points[None, :]
    cells = [_cell(evidence, slot, latent, parameters, least) for slot in range(slots)]
    log = np.zeros(latent.shape) + weights
    for cell in cells:
        log += cell.log
    most = log.max(axis=1, keepdims=True)
    weight = np.exp(log - most)
    total = weight.sum(axis=1, keepdims=True)
    weight /= total
    score = _scores(cells, own)
    mean = np.einsum("sg,sgi->si", weight, score)
    bend = np.einsum("sg,sgi,sgj->sij", weight, score, score) - mean[:, :, None] * mean[:, None, :]
    for slot, cell in enumerate(cells):
        _add_bends(bend, cell, np.einsum("sg,ijsg->sij", weight, cell.bend), slot, own)
    value = (most + np.log(total))[:, 0]
    gradient, bend = _by_gaps(mean, bend, evidence, parameters, own)
    return Terms(value, gradient, bend, _columns(evidence, cells, parameters.layout, own))


def _cell(
    evidence: Evidence, slot: int, latent: Floats, parameters: Parameters, least: float
) -> Cell:
    cuts, severity, log_noise = parameters.split()
    given = evidence.codes[:, slot] >= 0
    code = np.where(given, evidence.codes[:, slot], 0)
    coder = np.where(given, evidence.coder[:, slot], 0)
    sigma = np.sqrt(np.exp(2 * log_noise[coder]) + least)[:, None]
    rate = np.exp(2 * log_noise[coder])[:, None] / sigma**2
    seen = latent + severity[coder][:, None]
    edges = _edges(cuts, parameters.layout.n_codes)
    high, low = (
        np.clip((edges[evidence.issue, code + step][:, None] - seen) / sigma, -_FAR, _FAR)
        for step in (1, 0)
    )
    mass = _mass(high, low)
    slope, bend = _derivatives(high, low, mass, sigma, rate)
    there = given[:, None]
    log = np.where(there, np.log(mass), 0.0)
    return Cell(code, coder, log, np.where(there, slope, 0.0), np.where(there, bend, 0.0))


def _edges(cuts: Floats, n_codes: tuple[int, ...]) -> Floats:
    """Return the thresholds about each code of each issue; the outer ones lie far away."""
    below = np.full((len(cuts), 1), -_ENDLESS)
    edges = np.column_stack([below, cuts, -below])
    edges[np.arange(edges.shape[1]) >= np.array(n_codes)[:, None]] = _ENDLESS
    return edges


def _mass(high: Floats, low: Floats) -> Floats:
    """Return the probability between two ends, taken on the side where it does not vanish."""
    from scipy.special import ndtr

    mass = np.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    return np.asarray(np.maximum(mass, _LEAST_MASS))


def _derivatives(
    high: Floats, low: Floats, mass: Floats, sigma: Floats, rate: Floats
) -> tuple[Floats, Floats]:
    """Return the first and second derivatives of a log probability; see the head of the module."""
    top, bottom = (np.exp(-0.5 * end**2) / np.sqrt(2 * np.pi) for end in (high, low))
    top, bottom = np.where(high >= _FAR, 0.0, top), np.where(low <= -_FAR, 0.0, bottom)
    h, h_bends = _end(high, UPPER, sigma, rate)
    l, l_bends = _end(low, LOWER, sigma, rate)  # noqa: E741 - as in the formula
    slope = (top * h - bottom * l) / mass
    bend = np.empty((4, *slope.shape))
    for i in range(4):
        for j in range(i, 4):
            upper = top * (h_bends.get((i, j), 0.0) - high * h[i] * h[j])
            lower = bottom * (l_bends.get((i, j), 0.0) - low * l[i] * l[j])
            bend[i, j] = bend[j, i] = (upper - lower) / mass - slope[i] * slope[j]
    return slope, bend


def _end(
    end: Floats, threshold: int, sigma: Floats, rate: Floats
) -> tuple[Floats, dict[tuple[int, int], Floats]]:
    """Return the first derivatives of an end, and those second ones that are not 0."""
    slope = np.zeros((4, *end.shape))
    slope[LATENT], slope[threshold], slope[NOISE] = -1 / sigma, 1 / sigma, -end * rate
    bends = {
        (LATENT, NOISE): rate / sigma,
        (threshold, NOISE): -rate / sigma,
        (NOISE, NOISE): end * (rate**2 - 2 * rate * (1 - rate)),
    }
    return slope, bends


def _scores(cells: list[Cell], own: Own) -> Floats:
    """Return the first derivatives by a statement's own parameters: statements × grid × own."""
    score = np.zeros((*cells[0].log.shape, own.width))
    for slot, cell in enumerate(cells):
        score[:, :, LATENT] += cell.slope[LATENT]
        score[:, :, own.severity(slot)] += cell.slope[LATENT]
        score[:, :, own.noise(slot)] += cell.slope[NOISE]
        for cut in range(own.n_cuts):  # code k lies between the thresholds k − 1 and k
            is_upper, is_lower = (cell.code[:, None] == cut + step for step in (0, 1))
            of_cut = score[:, :, own.cuts.start + cut]
            of_cut += np.where(is_upper, cell.slope[UPPER], 0.0)
            of_cut += np.where(is_lower, cell.slope[LOWER], 0.0)
    return score


def _add_bends(bend: Floats, cell: Cell, average: Floats, slot: int, own: Own) -> None:
    """Add a slot's second derivatives (statements × 4 × 4) at their places."""
    rows = np.arange(len(cell.code))
    always = np.ones(len(rows), dtype=bool)
    places: dict[int, tuple[Integers, NDArray[np.bool_]]] = {
        LATENT: (np.full(len(rows), LATENT), always),
        UPPER: (own.cuts.start + cell.code, cell.code < own.n_cuts),
        LOWER: (own.cuts.start + cell.code - 1, cell.code > 0),
        NOISE: (np.full(len(rows), own.noise(slot)), always),
    }
    severity = np.full(len(rows), own.severity(slot))
    for i, (row, has_row) in places.items():
        for j, (column, has_column) in places.items():
            there = has_row & has_column
            bend[rows[there], row[there], column[there]] += average[there, i, j]
        # severity moves a code as the latent position does
        bend[rows[has_row], severity[has_row], row[has_row]] += average[has_row, LATENT, i]
        bend[rows[has_row], row[has_row], severity[has_row]] += average[has_row, i, LATENT]
    bend[rows, severity, severity] += average[:, LATENT, LATENT]


def _by_gaps(
    gradient: Floats, bend: Floats, evidence: Evidence, parameters: Parameters, own: Own
) -> tuple[Floats, Floats]:
    """Turn derivatives by thresholds into those by the first one and the logs of the distances."""
    shape = (parameters.layout.n_issues, own.n_cuts)
    gaps = np.exp(parameters.vector[parameters.layout.cuts].reshape(shape)[:, 1:])[evidence.issue]
    turn = np.zeros((len(gradient), own.width, own.width))
    turn[:, range(own.width), range(own.width)] = 1.0
    turn[:, own.cuts, own.cuts] = 0.0
    start = own.cuts.start
    for cut in range(own.n_cuts):
        turn[:, start + cut, start] = 1.0
        for gap in range(cut):
            turn[:, start + cut, start + 1 + gap] = gaps[:, gap]
    by_gaps = np.einsum("si,sij->sj", gradient, turn)
    bend = np.einsum("sia,sij,sjb->sab", turn, bend, turn)
    for gap in range(own.n_cuts - 1):  # a distance is the exponential of its log
        place = start + 1 + gap
        bend[:, place, place] += gaps[:, gap] * gradient[:, place : own.cuts.stop].sum(axis=1)
    return by_gaps, bend


def _columns(evidence: Evidence, cells: list[Cell], layout: Layout, own: Own) -> Integers:
    """Return where in the vector a statement's own parameters stand, but for its position."""
    columns = np.zeros((len(evidence), own.width), dtype=np.int64)
    columns[:, own.cuts] = evidence.issue[:, None] * layout.n_cuts + np.arange(layout.n_cuts)
    for slot, cell in enumerate(cells):
        columns[:, own.severity(slot)] = layout.severities.start + cell.coder
        columns[:, own.noise(slot)] = layout.log_noises.start + cell.coder
    return columns[:, 1:]
