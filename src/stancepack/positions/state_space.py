r"""A latent position that moves through time, seen through statements and coders.

The model behind ``method="state"``. A speaker's latent position on an issue is a random walk,
:math:`\theta(t + \Delta) \sim N(\theta(t), q\Delta)`, started at :math:`N(0, \tau^2)`. A statement
shows :math:`\theta + \varepsilon`, :math:`\varepsilon \sim N(0, 1)`, which sets the scale. A coder
:math:`c` with severity :math:`\beta_c` and noise :math:`\sigma_c` cuts it at the thresholds of the
issue: :math:`P(y \le k) = \Phi((\kappa_k - \theta - \varepsilon - \beta_c) / \sigma_c)`. So two
coders of one statement are not two statements. Each issue has the thresholds that its own codes
need; they are pooled over issues, severities and noises over coders.

Statements are integrated out by quadrature; positions, thresholds and coders are found together at
their mode and described by the curvature there (a Laplace approximation of the joint model), the
variances by EM. Likelihood and derivatives are in `stancepack.positions.likelihood`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import NotConverged, StancepackError
from stancepack.positions.likelihood import Parameters, Priors, likelihood

if TYPE_CHECKING:
    from stancepack.positions.likelihood import Evidence
    from stancepack.reliability.counts import Floats, Integers

Points = tuple["Integers", "Floats"]  # chains and times at which a position is asked for

_SHORTEST_STEP = 1e-6  # years: two statements of one moment are one node, rounded
_DIGITS = 6  # of a time in years, half a minute, by which a node is found again
# Newton's steps
_LONGEST_STEP = 2.0  # of any parameter, in latent units
_HALVINGS = 12
_LEAST_CURVATURE, _LEAST_EIGENVALUE = 1e-3, 1e-2  # where the surface is flat or bends upwards
_ENOUGH = 1e-7  # a gain in log density, relative to its size, that is none
_FIRST_STEPS, _LATER_STEPS, _LAST_STEPS, _PATH_STEPS = 8, 3, 25, 50
# EM of the two variances
_ROUNDS, _FEWEST_ROUNDS = 60, 3
_STRETCH = 1.8  # EM creeps: a longer step in the same direction, on the log scale
_UNSTRETCHED = 2  # rounds before
_DRIFT_RANGE, _START_RANGE = (1e-4, 50.0), (1e-3, 100.0)
_STILL = 5e-3  # change of the logs of the variances at which EM ends
# What is no fit: a slope of more a root of statements, or variances that still change by so much
_STEEPEST, _RESTLESS = 0.05, 0.1


@dataclass
class Chains:
    """Nodes of the random walks: the distinct times of each chain, one chain after the other."""

    chain: Integers
    time: Floats
    node: Integers  # of each statement
    first: Any  # nodes that begin a chain
    step: Floats  # years since the node before, of the others

    @classmethod
    def of(cls, evidence: Evidence, extra: Points | None = None) -> Chains:
        """Order the times of the statements, and more times if given, by chain."""
        chain, time = evidence.chain, evidence.time
        if extra is not None:
            chain, time = np.concatenate([chain, extra[0]]), np.concatenate([time, extra[1]])
        both = np.column_stack([chain, np.round(time, _DIGITS)])
        nodes, node_of = np.unique(both, axis=0, return_inverse=True)
        first = np.ones(len(nodes), dtype=bool)
        first[1:] = nodes[1:, 0] != nodes[:-1, 0]
        step = np.maximum(np.diff(nodes[:, 1], prepend=nodes[:1, 1]), _SHORTEST_STEP)
        node = node_of.ravel()[: len(evidence)]
        return cls(nodes[:, 0].astype(np.int64), nodes[:, 1], node, first, step)

    def nodes_at(self, points: Points) -> Integers:
        """Return the nodes of chains and times, which `of` was given."""
        names = zip(self.chain.tolist(), self.time.tolist(), strict=True)
        node_of = {(chain, round(time, _DIGITS)): node for node, (chain, time) in enumerate(names)}
        asked = zip(points[0].tolist(), points[1].tolist(), strict=True)
        return np.asarray([node_of[chain, round(time, _DIGITS)] for chain, time in asked])

    def precision(self, drift: float, start: float) -> tuple[Floats, Floats]:
        """Return diagonal and lower off-diagonal of the prior precision."""
        link = np.where(self.first, 0.0, 1 / (drift * self.step))
        diagonal = np.where(self.first, 1 / start, 0.0) + link
        diagonal[:-1] += link[1:]
        off = np.zeros(len(self.chain))
        off[:-1] = -link[1:]
        return diagonal, off


def _solve(diagonal: Floats, off: Floats, right: Floats) -> Floats:
    from scipy.linalg import LinAlgError, solveh_banded

    if len(diagonal) == 1:  # which LAPACK's routine for three diagonals does not take
        return np.asarray(right / diagonal)
    banded = np.vstack([diagonal, off])
    try:
        return np.asarray(solveh_banded(banded, right, lower=True, check_finite=False))
    except LinAlgError:
        what = "the fit did not find a mode: the curvature is not that of one"
        raise NotConverged(f"{what}; take method='window'.") from None


def tridiagonal_inverse(diagonal: Floats, off: Floats) -> tuple[Floats, Floats]:
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
    """The log density at a point with its derivatives; curvatures are negative second derivatives.

    Positions are a tridiagonal block, thresholds and coders a full one, with what is between.
    """

    value: float
    gradient: Floats  # of positions
    slope: Floats  # of the parameters
    diagonal: Floats
    off: Floats
    cross: Floats  # positions × parameters
    inner: Floats  # parameters × parameters

    @property
    def safe_diagonal(self) -> Floats:
        """The diagonal, where the surface is flat or bends upwards that of a little curvature."""
        return np.maximum(self.diagonal, _LEAST_CURVATURE)

    def of_parameters(self, solved: Floats) -> Floats:
        """Return the curvature by the parameters alone, positions following (Schur complement)."""
        inner = self.inner - self.cross.T @ solved
        return np.asarray((inner + inner.T) / 2)


def curvature(
    evidence: Evidence, nodes: Chains, theta: Floats, parameters: Parameters
) -> Curvature:
    """Return the joint log density of positions, thresholds and coders, with its derivatives."""
    terms = likelihood(evidence, theta[nodes.node], parameters)
    columns, n = terms.columns, len(theta)
    prior, slope, bend = parameters.prior()
    diagonal, off = nodes.precision(parameters.drift, parameters.start)
    pull = diagonal * theta
    pull[:-1] += off[:-1] * theta[1:]
    pull[1:] += off[:-1] * theta[:-1]
    gradient = np.bincount(nodes.node, weights=terms.gradient[:, 0], minlength=n) - pull
    np.add.at(slope, columns, terms.gradient[:, 1:])
    diagonal = diagonal + np.bincount(nodes.node, weights=-terms.bend[:, 0, 0], minlength=n)
    cross = np.zeros((n, len(parameters.vector)))
    np.add.at(cross, (nodes.node[:, None], columns), -terms.bend[:, 0, 1:])
    inner = np.diag(bend)
    np.add.at(inner, (columns[:, :, None], columns[:, None, :]), -terms.bend[:, 1:, 1:])
    value = float(terms.value.sum() + prior - 0.5 * theta @ pull)
    return Curvature(value, gradient, slope, diagonal, off, cross, inner)


def _climb(
    evidence: Evidence,
    nodes: Chains,
    theta: Floats,
    parameters: Parameters,
    steps: int,
    *,
    fixed: bool = False,
) -> tuple[Floats, Curvature]:
    """Climb to the joint mode by Newton's steps, halved where they overshoot.

    Thresholds and coders stay if fixed.
    """
    now = curvature(evidence, nodes, theta, parameters)
    for _ in range(steps):
        move, shift = _newton_step(now, fixed)
        largest = max(np.abs(move).max(initial=0), np.abs(shift).max(initial=0))
        length = min(1.0, _LONGEST_STEP / largest) if largest > 0 else 1.0
        before = parameters.vector
        for _ in range(_HALVINGS):
            parameters.vector = before + length * shift
            after = curvature(evidence, nodes, theta + length * move, parameters)
            if after.value >= now.value - 1e-9:
                break
            length /= 2
        else:
            parameters.vector = before
            break
        gain = after.value - now.value
        theta, now = theta + length * move, after
        if gain < _ENOUGH * (1 + abs(now.value)):
            break
    return theta, now


def _newton_step(now: Curvature, fixed: bool) -> tuple[Floats, Floats]:
    """Return the steps of positions and of parameters."""
    if fixed:
        move = _solve(now.safe_diagonal, now.off, now.gradient)
        return move, np.zeros(len(now.slope))
    solved = _solve(now.safe_diagonal, now.off, np.column_stack([now.gradient, now.cross]))
    values, vectors = np.linalg.eigh(now.of_parameters(solved[:, 1:]))
    along = vectors.T @ (now.slope - now.cross.T @ solved[:, 0])
    shift = vectors @ (along / np.maximum(values, _LEAST_EIGENVALUE))
    return solved[:, 0] - solved[:, 1:] @ shift, shift


def fit(
    evidence: Evidence, priors: Priors | None = None, rounds: int = _ROUNDS
) -> tuple[Parameters, Floats, Chains]:
    """Fit the model.

    Parameters
    ----------
    evidence
        Codes of statements.
    priors
        The usual ones if None.
    rounds
        At most so many of EM.

    Returns
    -------
    tuple
        The parameters with their covariance, the positions at the times of the statements, and the
        nodes that these stand at.

    Raises
    ------
    StancepackError
        If there are fewer than two statements.
    NotConverged
        If the fit does not settle: a bad fit is no result.
    """
    if len(evidence) < 2:
        what = "a latent position needs at least two statements with a code"
        raise StancepackError(f"{what}; take method='window'.")
    parameters = Parameters.initial(evidence, priors or Priors())
    nodes = Chains.of(evidence)
    theta = np.zeros(len(nodes.chain))
    steps, change = _FIRST_STEPS, np.inf
    for number in range(rounds):
        theta, now = _climb(evidence, nodes, theta, parameters, steps)
        steps = _LATER_STEPS
        reach = 1.0 if number < _UNSTRETCHED else _STRETCH
        change = _update_variances(nodes, theta, now, parameters, reach)
        if change < _STILL and number > _FEWEST_ROUNDS:
            break
    theta, now = _climb(evidence, nodes, theta, parameters, _LAST_STEPS)
    inner = now.of_parameters(_solve(now.safe_diagonal, now.off, now.cross))
    parameters.notes = {
        "rounds": number + 1,
        "change": change,
        "steepest": max(np.abs(now.gradient).max(initial=0), np.abs(now.slope).max(initial=0)),
        "curvature": float(np.linalg.eigvalsh(inner)[0]),
        "loglik": now.value,
    }
    _check_settled(parameters.notes, theta, len(evidence))
    parameters.covariance = np.linalg.inv(inner)
    return parameters, theta, nodes


def _update_variances(
    nodes: Chains, theta: Floats, now: Curvature, parameters: Parameters, reach: float
) -> float:
    """Take a step of EM, and return how far the logs of the two variances moved."""
    solved = _solve(now.safe_diagonal, now.off, now.cross)
    covariance = np.linalg.pinv(now.of_parameters(solved), hermitian=True)
    variance, between = tridiagonal_inverse(now.safe_diagonal, now.off)
    variance = variance + np.einsum("ni,ij,nj->n", solved, covariance, solved)
    between[:-1] += np.einsum("ni,ij,nj->n", solved[:-1], covariance, solved[1:])
    after = np.flatnonzero(~nodes.first)
    before = after - 1
    spread = variance[after] + variance[before] - 2 * between[before]
    moved = ((theta[after] - theta[before]) ** 2 + spread) / nodes.step[after]
    begun = (theta**2 + variance)[nodes.first]
    drift = parameters.priors.drift.update(moved.sum(), len(moved))
    start = parameters.priors.start.update(begun.sum(), nodes.first.sum())
    change = np.log([drift / parameters.drift, start / parameters.start])
    parameters.drift = _stretched(parameters.drift, drift, reach, _DRIFT_RANGE)
    parameters.start = _stretched(parameters.start, start, reach, _START_RANGE)
    return float(np.abs(change).max())


def _stretched(old: float, new: float, reach: float, limits: tuple[float, float]) -> float:
    return float(np.clip(old * (new / old) ** reach, *limits))


def _check_settled(notes: dict[str, Any], theta: Floats, n: int) -> None:
    steep, lowest, change = notes["steepest"], notes["curvature"], notes["change"]
    is_flat = steep <= _STEEPEST * np.sqrt(n)
    if np.isfinite(theta).all() and lowest > 0 and is_flat and change <= _RESTLESS:
        return
    what = f"steepest slope {steep:.2g}, least curvature {lowest:.2g}"
    what += f", last change of the variances {change:.1%}"
    remedy = "take method='window', or more statements"
    raise NotConverged(f"the fit did not settle ({what}); {remedy}.")


@dataclass(frozen=True)
class Carried:
    """Which uncertainty of the model is drawn."""

    statements: bool = True  # of the positions, given thresholds and coders
    coders: bool = True  # of thresholds and coders, which move the positions along


def positions_at(
    evidence: Evidence,
    parameters: Parameters,
    points: Points,
    draws: int,
    random: np.random.RandomState,
    carried: Carried = Carried(),
) -> tuple[Floats, Floats]:
    """Draw latent positions at given chains and times under fitted parameters.

    Returns positions (points × draws), and the vectors of parameters that go with them (parameters
    × draws).
    """
    nodes = Chains.of(evidence, points)
    own = parameters.copy()
    begin = np.zeros(len(nodes.chain))
    theta, now = _climb(evidence, nodes, begin, own, _PATH_STEPS, fixed=True)
    diagonal = np.maximum(now.diagonal, _SHORTEST_STEP)
    vectors = np.repeat(parameters.vector[:, None], draws, axis=1)
    drawn = np.repeat(theta[:, None], draws, axis=1)
    if carried.coders and parameters.covariance is not None:
        values, axes = np.linalg.eigh(parameters.covariance)
        noise = random.standard_normal((len(parameters.vector), draws))
        shift = axes @ (np.sqrt(np.maximum(values, 0))[:, None] * noise)
        vectors += shift
        drawn -= _solve(diagonal, now.off, now.cross) @ shift
    if carried.statements:
        drawn += _walks(diagonal, now.off, random.standard_normal((len(theta), draws)))
    return drawn[nodes.nodes_at(points)], vectors


def _walks(diagonal: Floats, off: Floats, noise: Floats) -> Floats:
    """Return draws of a normal distribution with a tridiagonal precision."""
    from scipy.linalg import cholesky_banded
    from scipy.linalg.lapack import dtbtrs

    root = cholesky_banded(np.vstack([diagonal, off]), lower=True)
    walks, _ = dtbtrs(root, noise, uplo="L", trans="T")
    return np.asarray(walks)
