r"""A latent position that moves through time, seen through statements and coders: the model behind ``method="state"``.

A speaker's latent position on an issue is a random walk, :math:`\theta(t + \Delta) \sim
N(\theta(t), q\Delta)`, started at :math:`N(0, \tau^2)`. A statement shows :math:`\theta +
\varepsilon`, :math:`\varepsilon \sim N(0, 1)`, which sets the scale. A coder :math:`c` with
severity :math:`\beta_c` and noise :math:`\sigma_c` cuts it at the thresholds of the issue:
:math:`P(y \le k) = \Phi((\kappa_k - \theta - \varepsilon - \beta_c) / \sigma_c)`. So two coders of
one statement are not two statements. Thresholds are pooled over issues, severities and noises over
coders.

Statements are integrated out by quadrature; positions, thresholds and coders are found together at
their mode and described by the curvature there (a Laplace approximation of the joint model), the
variances by EM.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Integers

CUTS = 4  # thresholds between five codes
_GRID = np.linspace(-4.0, 4.0, 41)
_WEIGHT = np.log(np.exp(-0.5 * _GRID**2) / np.exp(-0.5 * _GRID**2).sum())
_FAR = 30.0
_QUIET = 0.15  # the least noise of a coder, for which the grid is fine enough

# Priors, weak against a few dozen statements: where they matter is studied in
# benchmarks/calibration.py
_CUT, _GAP = (-1.5, 1.0), (0.0, 0.5)  # first threshold; log distance to the next one: mean, sd
_SEVERITY, _NOISE = 0.3, (np.log(0.4), 0.6)  # sd of severities; mean and sd of log noise
_DRIFT, _START = (
    (0.15, 1.0),
    (1.5, 1.0),
)  # prior guess of q a year and of tau², and how many increments they count for


@dataclass
class Evidence:
    """Codes of statements: which chain (speaker and issue), when, and what the coders gave."""

    chain: Integers  # statements
    time: Floats  # statements, in years
    issue: Integers  # statements
    codes: Integers  # statements × slots: 0 to 4, −1 for none
    coder: Integers  # statements × slots
    n_issues: int
    n_coders: int

    def __len__(self) -> int:
        """Count the statements."""
        return len(self.chain)

    def take(self, chosen: Any, time: Floats | None = None) -> Evidence:
        """Return some of the statements, at other times if given."""
        when = self.time[chosen] if time is None else time
        return Evidence(
            self.chain[chosen],
            when,
            self.issue[chosen],
            self.codes[chosen],
            self.coder[chosen],
            self.n_issues,
            self.n_coders,
        )


@dataclass
class Parameters:
    """Thresholds by issue, severity and noise by coder, as one vector with its covariance; and the two variances."""

    vector: Floats
    n_issues: int
    n_coders: int
    drift: float = _DRIFT[0]
    start: float = _START[0]
    covariance: Any = None  # of the vector, once fitted
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def initial(cls, n_issues: int, n_coders: int) -> Parameters:
        """Return the prior means."""
        first = [_CUT[0], *([_GAP[0]] * (CUTS - 1))] * n_issues
        return cls(
            np.array([*first, *([0.0] * n_coders), *([_NOISE[0]] * n_coders)]), n_issues, n_coders
        )

    def split(self, vector: Floats | None = None) -> tuple[Floats, Floats, Floats]:
        """Return thresholds (issues × cuts), severities and log noises of a vector."""
        v = self.vector if vector is None else vector
        shape = v[: CUTS * self.n_issues].reshape(self.n_issues, CUTS)
        cuts = np.cumsum(np.column_stack([shape[:, :1], np.exp(shape[:, 1:])]), axis=1)
        rest = v[CUTS * self.n_issues :]
        return cuts, rest[: self.n_coders], rest[self.n_coders :]

    def prior(self) -> tuple[float, Floats, Floats]:
        """Return log density, gradient and (diagonal) curvature of the priors."""
        mean = np.array(
            [
                *[_CUT[0], *([_GAP[0]] * (CUTS - 1))] * self.n_issues,
                *([0.0] * self.n_coders),
                *([_NOISE[0]] * self.n_coders),
            ]
        )
        deviation = np.array(
            [
                *[_CUT[1], *([_GAP[1]] * (CUTS - 1))] * self.n_issues,
                *([_SEVERITY] * self.n_coders),
                *([_NOISE[1]] * self.n_coders),
            ]
        )
        z = (self.vector - mean) / deviation
        return float(-0.5 * (z**2).sum()), -z / deviation, 1 / deviation**2


def expected(theta: Floats, cuts: Floats) -> Floats:
    """Return the position, −2 to 2, that statements at a latent position take on average; cuts stand on the last axis."""
    from scipy.special import ndtr

    return np.asarray(ndtr(theta[..., None] - cuts).sum(axis=-1) - 2)


def likelihood(
    e: Evidence, theta: Floats, p: Parameters
) -> tuple[Floats, Floats, Floats, Integers]:
    """Return each statement's log likelihood, its gradient and curvature, and where its parameters stand in the vector.

    The local parameters are the latent position, the four parameters of the thresholds, and
    severity and log noise of each slot of coders: statements × (5 + 2 · slots).
    """
    from scipy.special import ndtr

    cuts, severity, noise = p.split()
    n, slots = e.codes.shape
    width = 1 + CUTS + 2 * slots
    edges = np.column_stack([np.full(len(cuts), -1e9), cuts, np.full(len(cuts), 1e9)])[e.issue]
    where = np.zeros((n, width), dtype=np.int64)
    where[:, 1 : 1 + CUTS] = e.issue[:, None] * CUTS + np.arange(CUTS)
    base = CUTS * p.n_issues
    # a statement with one code needs no quadrature: its noise and the coder's are one
    points, weights, least = (
        (np.zeros(1), np.zeros(1), 1.0) if slots == 1 else (_GRID, _WEIGHT, _QUIET**2)
    )
    z = theta[:, None] + points[None, :]
    log = np.zeros((n, len(points))) + weights
    # raw layout: 0 latent; 1..4 thresholds themselves; then severity and noise of each slot
    score = np.zeros((n, len(points), width))
    parts = []
    rows = np.arange(n)
    for slot in range(slots):
        given = e.codes[:, slot] >= 0
        code = np.where(given, e.codes[:, slot], 0)
        who = np.where(given, e.coder[:, slot], 0)
        where[:, 1 + CUTS + 2 * slot] = base + who
        where[:, 2 + CUTS + 2 * slot] = base + p.n_coders + who
        sigma = np.sqrt(np.exp(2 * noise[who]) + least)[:, None]  # never too quiet for the grid
        rate = np.exp(2 * noise[who])[:, None] / sigma**2  # how log sigma moves with the parameter
        x = z + severity[who][:, None]
        high, low = (
            np.clip((edges[rows, code + step][:, None] - x) / sigma, -_FAR, _FAR) for step in (1, 0)
        )
        # the difference of two tails, taken on the side where it does not vanish
        flip = low > 0
        mass = np.where(flip, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
        mass = np.maximum(mass, 1e-290)
        top, bottom = (np.exp(-0.5 * side**2) / np.sqrt(2 * np.pi) for side in (high, low))
        top, bottom = np.where(high >= _FAR, 0.0, top), np.where(low <= -_FAR, 0.0, bottom)
        # derivatives of the two ends: by the latent value (and severity), the upper and lower
        # threshold, log noise
        dh = np.stack([-1 / sigma + 0 * high, 1 / sigma + 0 * high, 0 * high, -high * rate])
        dl = np.stack([-1 / sigma + 0 * low, 0 * low, 1 / sigma + 0 * low, -low * rate])
        turn_ = rate**2 - 2 * rate * (1 - rate)
        first = (top * dh - bottom * dl) / mass
        second = np.empty((4, 4, n, len(points)))
        for i in range(4):
            for j in range(4):
                hh, ll = 0.0, 0.0
                if {i, j} == {1, 3}:
                    hh = -rate / sigma
                elif {i, j} == {0, 3}:
                    hh = ll = rate / sigma
                elif {i, j} == {2, 3}:
                    ll = -rate / sigma
                elif i == j == 3:
                    hh, ll = high * turn_, low * turn_
                bend = (
                    -high * top * dh[i] * dh[j]
                    + top * hh
                    + low * bottom * dl[i] * dl[j]
                    - bottom * ll
                )
                second[i, j] = bend / mass - first[i] * first[j]
        mask = given[:, None]
        log += np.where(mask, np.log(mass), 0.0)
        first, second = np.where(mask, first, 0.0), np.where(mask, second, 0.0)
        score[:, :, 0] += first[0]
        # thresholds: code k lies between threshold k (lower) and k + 1 (upper), counted from 1
        for cut in range(CUTS):
            score[:, :, 1 + cut] += np.where(code[:, None] == cut, first[1], 0.0) + np.where(
                code[:, None] == cut + 1, first[2], 0.0
            )
        score[:, :, 1 + CUTS + 2 * slot] += first[0]
        score[:, :, 2 + CUTS + 2 * slot] += first[3]
        parts.append((slot, code, second))
    most = log.max(axis=1, keepdims=True)
    weight = np.exp(log - most)
    total = weight.sum(axis=1, keepdims=True)
    value = (most + np.log(total))[:, 0]
    weight /= total
    mean = np.einsum("sg,sgi->si", weight, score)
    curve = np.einsum("sg,sgi,sgj->sij", weight, score, score) - mean[:, :, None] * mean[:, None, :]
    for slot, code, second in parts:
        average = np.einsum("sg,ijsg->sij", weight, second)
        # places of latent, upper, lower, noise in the raw layout; severity has the derivatives of
        # the latent value
        places = [np.zeros(n, dtype=np.int64), 1 + code, code, np.full(n, 2 + CUTS + 2 * slot)]
        severe = np.full(n, 1 + CUTS + 2 * slot)
        has = [np.ones(n, dtype=bool), code < CUTS, code > 0, np.ones(n, dtype=bool)]
        for i in range(4):
            for j in range(4):
                there = has[i] & has[j]
                curve[rows[there], places[i][there], places[j][there]] += average[there, i, j]
        for j in range(4):
            there = has[j]
            curve[rows[there], severe[there], places[j][there]] += average[there, 0, j]
            curve[rows[there], places[j][there], severe[there]] += average[there, j, 0]
        curve[rows, severe, severe] += average[:, 0, 0]
    # from thresholds to their parameters: the first one and the logs of the distances
    gaps = np.exp(p.vector[: CUTS * p.n_issues].reshape(p.n_issues, CUTS)[:, 1:])[e.issue]
    turn = np.zeros((n, width, width))
    turn[:, range(width), range(width)] = 1.0
    turn[:, 1 : 1 + CUTS, 1 : 1 + CUTS] = 0.0
    for cut in range(CUTS):
        turn[:, 1 + cut, 1] = 1.0
        for step in range(cut):
            turn[:, 1 + cut, 2 + step] = gaps[:, step]
    gradient = np.einsum("si,sij->sj", mean, turn)
    curve = np.einsum("sia,sij,sjb->sab", turn, curve, turn)
    for step in range(CUTS - 1):
        curve[:, 2 + step, 2 + step] += gaps[:, step] * mean[:, 2 + step : 1 + CUTS].sum(axis=1)
    return value, gradient, curve, where


@dataclass
class Chains:
    """Nodes of the random walks: every chain's distinct times in order, one chain after the other."""

    chain: Integers
    time: Floats
    node: Integers  # of each statement
    first: Any  # nodes that begin a chain
    step: Floats  # years since the node before, of the others

    @classmethod
    def of(cls, e: Evidence, extra: tuple[Integers, Floats] | None = None) -> Chains:
        """Order the times of the statements, and more times if given, by chain."""
        chain = e.chain if extra is None else np.concatenate([e.chain, extra[0]])
        time = e.time if extra is None else np.concatenate([e.time, extra[1]])
        both = np.column_stack([chain, np.round(time, 6)])
        nodes, place = np.unique(both, axis=0, return_inverse=True)
        first = np.ones(len(nodes), dtype=bool)
        first[1:] = nodes[1:, 0] != nodes[:-1, 0]
        step = np.maximum(np.diff(nodes[:, 1], prepend=nodes[:1, 1]), 1e-6)
        return cls(nodes[:, 0].astype(np.int64), nodes[:, 1], place.ravel()[: len(e)], first, step)

    def precision(self, drift: float, start: float) -> tuple[Floats, Floats]:
        """Return diagonal and lower off-diagonal of the prior precision."""
        n = len(self.chain)
        link = np.where(self.first, 0.0, 1 / (drift * self.step))
        diagonal = np.where(self.first, 1 / start, 0.0) + link
        diagonal[:-1] += link[1:]
        off = np.zeros(n)
        off[:-1] = -link[1:]
        return diagonal, off


def _solve(diagonal: Floats, off: Floats, right: Floats) -> Floats:
    from scipy.linalg import LinAlgError, solveh_banded

    try:
        return np.asarray(
            solveh_banded(np.vstack([diagonal, off]), right, lower=True, check_finite=False)
        )
    except LinAlgError:
        raise StancepackError(
            "the fit did not find a mode: the curvature is not that of one."
        ) from None


def _spread(diagonal: Floats, off: Floats) -> tuple[Floats, Floats]:
    """Return diagonal and off-diagonal of the inverse of a tridiagonal matrix."""
    n = len(diagonal)
    pivot, ratio = np.empty(n), np.zeros(n)
    pivot[0] = diagonal[0]
    for i in range(1, n):
        ratio[i - 1] = off[i - 1] / pivot[i - 1]
        pivot[i] = diagonal[i] - ratio[i - 1] * off[i - 1]
    variance, between = np.empty(n), np.zeros(n)
    variance[-1] = 1 / pivot[-1]
    for i in range(n - 2, -1, -1):
        variance[i] = 1 / pivot[i] + ratio[i] ** 2 * variance[i + 1]
        between[i] = -ratio[i] * variance[i + 1]
    return variance, between


@dataclass
class Curvature:
    """The negative second derivatives at a point: a tridiagonal block of positions, thresholds and coders, and between."""

    value: float
    gradient: Floats
    slope: Floats
    diagonal: Floats
    off: Floats
    cross: Floats
    inner: Floats


def _assemble(e: Evidence, nodes: Chains, theta: Floats, p: Parameters) -> Curvature:
    value, gradient, curve, where = likelihood(e, theta[nodes.node], p)
    n, size = len(theta), len(p.vector)
    prior, slope_, bend = p.prior()
    diagonal, off = nodes.precision(p.drift, p.start)
    pull = diagonal * theta
    pull[:-1] += off[:-1] * theta[1:]
    pull[1:] += off[:-1] * theta[:-1]
    up = np.bincount(nodes.node, weights=gradient[:, 0], minlength=n) - pull
    slope = slope_.copy()
    np.add.at(slope, where[:, 1:], gradient[:, 1:])
    diagonal = diagonal + np.bincount(nodes.node, weights=-curve[:, 0, 0], minlength=n)
    cross = np.zeros((n, size))
    np.add.at(cross, (nodes.node[:, None], where[:, 1:]), -curve[:, 0, 1:])
    inner = np.diag(bend)
    np.add.at(inner, (where[:, 1:, None], where[:, None, 1:]), -curve[:, 1:, 1:])
    total = float(value.sum() + prior - 0.5 * theta @ pull)
    return Curvature(total, up, slope, diagonal, off, cross, inner)


def _climb(
    e: Evidence, nodes: Chains, theta: Floats, p: Parameters, steps: int, fixed: bool
) -> tuple[Floats, Curvature]:
    """Climb to the joint mode by Newton's steps, halved where they overshoot; thresholds and coders stay if fixed."""
    now = _assemble(e, nodes, theta, p)
    for _ in range(steps):
        diagonal = np.maximum(now.diagonal, 1e-3)
        if fixed:
            move, shift = _solve(diagonal, now.off, now.gradient), np.zeros(len(p.vector))
        else:
            solved = _solve(diagonal, now.off, np.column_stack([now.gradient, now.cross]))
            inner = now.inner - now.cross.T @ solved[:, 1:]
            values, vectors = np.linalg.eigh((inner + inner.T) / 2)
            values = np.maximum(values, 1e-2)
            shift = vectors @ ((vectors.T @ (now.slope - now.cross.T @ solved[:, 0])) / values)
            move = solved[:, 0] - solved[:, 1:] @ shift
        largest = max(np.abs(move).max(initial=0), np.abs(shift).max(initial=0))
        scale = min(1.0, 2.0 / largest) if largest > 0 else 1.0
        old = p.vector
        for _ in range(12):
            p.vector = old + scale * shift
            after = _assemble(e, nodes, theta + scale * move, p)
            if after.value >= now.value - 1e-9:
                break
            scale /= 2
        else:
            p.vector = old
            break
        gain = after.value - now.value
        theta, now = theta + scale * move, after
        if gain < 1e-7 * (1 + abs(now.value)):
            break
    return theta, now


def fit(e: Evidence, rounds: int = 60) -> tuple[Parameters, Floats, Chains]:
    """Fit the model: parameters with their covariance, and the positions at the times of the statements.

    Raises
    ------
    StancepackError
        If there are fewer than two statements, or the fit does not settle: a bad fit is no result.
    """
    if len(e) < 2:
        raise StancepackError(
            "a latent position needs at least two statements with a code; take method='window'."
        )
    p = Parameters.initial(e.n_issues, e.n_coders)
    nodes = Chains.of(e)
    theta = np.zeros(len(nodes.chain))
    steps, change = 8, np.inf
    inside = ~nodes.first
    for number in range(rounds):
        theta, now = _climb(e, nodes, theta, p, steps, fixed=False)
        steps = 3
        diagonal = np.maximum(now.diagonal, 1e-3)
        solved = _solve(diagonal, now.off, now.cross)
        inner = now.inner - now.cross.T @ solved
        p.covariance = np.linalg.pinv((inner + inner.T) / 2, hermitian=True)
        variance, between = _spread(diagonal, now.off)
        variance = variance + np.einsum("ni,ij,nj->n", solved, p.covariance, solved)
        between[:-1] += np.einsum("ni,ij,nj->n", solved[:-1], p.covariance, solved[1:])
        before = np.flatnonzero(inside) - 1
        after = before + 1
        moved = (
            (theta[after] - theta[before]) ** 2
            + variance[after]
            + variance[before]
            - 2 * between[before]
        ) / nodes.step[after]
        drift = (moved.sum() + _DRIFT[0] * _DRIFT[1]) / (len(moved) + _DRIFT[1])
        start = ((theta**2 + variance)[nodes.first].sum() + _START[0] * _START[1]) / (
            nodes.first.sum() + _START[1]
        )
        change = max(abs(np.log(drift / p.drift)), abs(np.log(start / p.start)))
        # EM creeps: a longer step in the same direction, on the log scale
        reach = 1.0 if number < 2 else 1.8
        p.drift = float(np.clip(p.drift * (drift / p.drift) ** reach, 1e-4, 50))
        p.start = float(np.clip(p.start * (start / p.start) ** reach, 1e-3, 100))
        if change < 5e-3 and number > 3:
            break
    theta, now = _climb(e, nodes, theta, p, 25, fixed=False)
    solved = _solve(np.maximum(now.diagonal, 1e-3), now.off, now.cross)
    inner = now.inner - now.cross.T @ solved
    lowest = float(np.linalg.eigvalsh((inner + inner.T) / 2)[0])
    steep = max(np.abs(now.gradient).max(initial=0), np.abs(now.slope).max(initial=0))
    p.notes = {
        "rounds": number + 1,
        "change": change,
        "steepest": steep,
        "curvature": lowest,
        "loglik": now.value,
    }
    if (
        not np.isfinite(theta).all()
        or lowest <= 0
        or steep > 0.05 * np.sqrt(len(e))
        or change > 0.1
    ):
        what = f"steepest slope {steep:.2g}, least curvature {lowest:.2g}, last change of the variances {change:.1%}"
        raise StancepackError(
            f"the fit did not settle ({what}); take method='window', or more statements."
        )
    p.covariance = np.linalg.inv((inner + inner.T) / 2)
    return p, theta, nodes


def positions_at(
    e: Evidence,
    p: Parameters,
    at: tuple[Integers, Floats],
    draws: int,
    random: np.random.RandomState,
    *,
    statements: bool = True,
    coders: bool = True,
) -> tuple[Integers, Floats, Floats]:
    """Draw positions at given chains and times under fitted parameters: places, positions × draws, vectors × draws.

    `statements` and `coders` say which uncertainty is drawn: that of the positions given the
    parameters, and that of thresholds and coders, which moves the positions along.
    """
    from scipy.linalg import cholesky_banded
    from scipy.linalg.lapack import dtbtrs

    nodes = Chains.of(e, at)
    own = Parameters(p.vector.copy(), p.n_issues, p.n_coders, p.drift, p.start)
    theta, now = _climb(e, nodes, np.zeros(len(nodes.chain)), own, 50, fixed=True)
    diagonal = np.maximum(now.diagonal, 1e-6)
    vectors = np.repeat(p.vector[:, None], draws, axis=1)
    drawn = np.repeat(theta[:, None], draws, axis=1)
    if coders and p.covariance is not None:
        values, axes = np.linalg.eigh(p.covariance)
        shift = axes @ (
            np.sqrt(np.maximum(values, 0))[:, None] * random.standard_normal((len(p.vector), draws))
        )
        vectors += shift
        drawn -= _solve(diagonal, now.off, now.cross) @ shift
    if statements:
        root = cholesky_banded(np.vstack([diagonal, now.off]), lower=True)
        noise, _ = dtbtrs(root, random.standard_normal((len(theta), draws)), uplo="L", trans="T")
        drawn += noise
    index = {
        (int(chain), round(float(time), 6)): place
        for place, (chain, time) in enumerate(zip(nodes.chain, nodes.time, strict=True))
    }
    wanted = [index[int(chain), round(float(time), 6)] for chain, time in zip(*at, strict=True)]
    return np.asarray(wanted), drawn[wanted], vectors
