r"""A latent position that moves through time, seen through statements and coders.

The model behind ``method="state"``. A speaker's position on an issue lies on a line on which the
codes of the scale stand evenly from −2 to 2. It moves as a diffusion with a long-run spread
:math:`\tau`, to which it returns as slowly as it moves (an Ornstein–Uhlenbeck process; without a
bound a random walk), and may jump anywhere; or it stays where it is. How far it moves differs from
line to line: each is an average over several `Kernels`, weighted by how likely they make its own
statements and by how common they are among all lines. What is said on one occasion scatters
about the position by :math:`\omega` together, each statement by :math:`\sigma_s` on its own, and
coders read it with severities and noises (see `stancepack.positions.likelihood`).

Positions lie on a lattice, so that they are integrated out exactly, by a forward and a backward
pass over each line (Rabiner 1989): nothing is taken to be normal that leans on the end of a scale.
Between neighbouring points of the lattice they pass at rates that give the diffusion its mean and
variance over any span of time. Thresholds, coders and the three spreads are found at the mode of
their marginal density, and drawn from the normal distribution with the curvature there; their
slope is that of the expected log likelihood (Fisher's identity). Lines are drawn anew for every
set of them, so that the intervals carry what is not known of any.

References
----------
Rabiner, L. R. (1989). A tutorial on hidden Markov models. Proceedings of the IEEE 77, 257–286.
https://doi.org/10.1109/5.18626

Bock, R. D., & Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters.
Psychometrika 46, 443–459. https://doi.org/10.1007/BF02293801
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import NotConverged, StancepackError
from stancepack.positions.likelihood import Layout, Patterns, Priors, Tables

if TYPE_CHECKING:
    from stancepack.positions.likelihood import Evidence
    from stancepack.reliability.counts import Floats, Integers

Points = tuple["Integers", "Floats"]  # chains and times at which a position is asked for

_END = 4.0  # of the lattice; codes stand from −2 to 2
_N_POINTS = 53
_DIGITS = 6  # of a time in years, half a minute, by which a node is found again
_LEAST = 1e-300  # of a probability, so that its log is a number
_LOWEST = -60.0  # log of what counts for nothing; much smaller numbers are slow to reckon with
_NOTHING = 1e-40
_BOUND = 5.0  # standard deviations of the prior within which parameters are sought
_MOST_STEPS = 60
_MOST_ROUNDS, _STILL = 100, 1e-7  # of the shares of kernels
_SHORTEST = 1 / 365  # years that a record lasts at least
_SMALL = 1e-4  # of a parameter, for a numerical slope
_LEAST_CURVATURE = 0.05  # in units of the prior: no direction is known less than by it
_STEEPEST = 0.05  # slope at the mode, by root of statements, that is none
_TAIL = 2e-4  # of a line's positions that its own lattice may leave out
_MARGIN = 2  # points beyond them


@dataclass(frozen=True)
class Family:
    """Ways to move: the variance and the jumps of each, over the length of the record.

    So they do not depend on whether it lasts ten days or ten years. In the long run positions
    reach so far; without a bound they fill the lattice.
    """

    reach: float
    moved: tuple[float, ...]
    jumps: tuple[float, ...]

    def __len__(self) -> int:
        """Count the ways."""
        return len(self.moved)


# Those that return, and those that do not; in each what stays where it is.
FAMILIES = (
    Family(1.2, (0.0, 2.5, 12.0), (0.0, 0.0, 0.0)),
    Family(np.inf, (0.0, 0.1, 0.5, 2.5, 12.0, 0.0, 0.1), (0.0, 0.0, 0.0, 0.0, 0.0, 1.5, 1.5)),
)
N_KERNELS = sum(len(family) for family in FAMILIES)


@dataclass(frozen=True)
class Lattice:
    r"""Points on the latent line, and how a position passes between them.

    For points evenly apart by h, rates to a neighbour are :math:`\sqrt{\pi' / \pi} / 2 h^2`, with
    :math:`\pi` the long-run distribution: a reversible walk, of variance 1 a unit of time.
    `axes` and `rates` are the eigenvectors and eigenvalues of its symmetric form.
    """

    points: Floats
    root: Floats  # of the long-run distribution
    axes: Floats
    rates: Floats

    @classmethod
    def of(cls, reach: float, low: float = -_END, high: float = _END) -> Lattice:
        """Make the lattice for positions that reach so far in the long run."""
        from scipy.linalg import eigh_tridiagonal

        points = np.linspace(low, high, _N_POINTS)
        log_root = -0.25 * (points / reach) ** 2
        root = np.exp(log_root - log_root.max())
        root /= np.sqrt((root**2).sum())
        unit = 0.5 / (points[1] - points[0]) ** 2
        ratio = np.exp(np.diff(log_root))
        leaving = np.append(ratio, 0.0) + np.append(0.0, 1 / ratio)
        rates, axes = eigh_tridiagonal(-unit * leaving, np.full(_N_POINTS - 1, unit))
        rates = np.minimum(rates, 0.0)
        rates[-1] = 0.0
        return cls(points, root, axes, rates)

    @property
    def apart(self) -> float:
        """The distance of two points."""
        return float(self.points[1] - self.points[0])

    def decay(self, years: Floats, family: Family, length: float) -> Floats:
        """Return what is left of each eigenvector after some time: times × kernels × axes."""
        return left_after(years, self.rates_of(family, length)[None])

    def rates_of(self, family: Family, length: float) -> Floats:
        """Return how fast each eigenvector goes: kernels × axes, a year."""
        moved, jumps = (np.array(rate) / length for rate in (family.moved, family.jumps))
        rates = moved[:, None] * self.rates - jumps[:, None]
        rates[:, -1] = 0.0  # the long-run distribution stays
        return np.asarray(rates)


def left_after(years: Floats, rates: Floats) -> Floats:
    """Return what is left of eigenvectors after some time: times × kernels × axes."""
    left = years[:, None, None] * rates
    np.maximum(left, _LOWEST, out=left)
    return np.asarray(np.exp(left, out=left))


def relative(logs: Floats) -> Floats:
    """Return likelihoods over the largest of each row."""
    return np.asarray(np.exp(np.maximum(logs - logs.max(axis=1, keepdims=True), _LOWEST)))


def blurred(points: Floats, sd: float) -> Floats:
    """Return the probabilities of points given the point about which they scatter by so much."""
    if sd < 0.05 * (points[1] - points[0]):
        return np.eye(len(points))
    weight = np.exp(-0.5 * ((points[:, None] - points[None, :]) / sd) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


@dataclass
class Chains:
    """Nodes of the chains: the distinct times and occasions of each.

    Nodes are ordered in waves: the first nodes of all chains, then the second of those that have
    one, and so on, the longest chains first. So the nodes before those of a wave are the first ones
    of the wave before.
    """

    chain: Integers
    time: Floats
    node: Integers  # of each statement
    step: Floats  # years since the node before; 0 where a chain begins
    starts: Integers  # where each wave begins, and where the last one ends

    @classmethod
    def of(cls, evidence: Evidence, extra: Points | None = None) -> Chains:
        """Order the times of the statements, and more times if given, by chain."""
        chain, time, occasion = evidence.chain, evidence.time, evidence.occasion
        if extra is not None:
            chain, time = np.concatenate([chain, extra[0]]), np.concatenate([time, extra[1]])
            occasion = np.concatenate([occasion, np.full(len(extra[0]), -1)])
        both = np.column_stack([chain, np.round(time, _DIGITS), occasion])
        nodes, node_of = np.unique(both, axis=0, return_inverse=True)
        is_first = np.append(True, nodes[1:, 0] != nodes[:-1, 0])
        step = np.where(is_first, 0.0, np.diff(nodes[:, 1], prepend=0.0))
        begins = np.flatnonzero(is_first)
        lengths = np.diff([*begins, len(nodes)])
        wave = np.arange(len(nodes)) - np.repeat(begins, lengths)
        order = np.lexsort((np.repeat(begins, lengths), np.repeat(-lengths, lengths), wave))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        starts = np.append(np.flatnonzero(np.diff(wave[order], prepend=-1)), len(order))
        node = place[node_of.ravel()[: len(evidence)]]
        return cls(nodes[order, 0].astype(np.int64), nodes[order, 1], node, step[order], starts)

    @property
    def waves(self) -> list[slice]:
        """The nodes of each wave."""
        return [slice(*ends) for ends in zip(self.starts[:-1], self.starts[1:], strict=True)]

    def before(self, wave: slice) -> slice:
        """Return the nodes before those of a wave, in the wave before it."""
        begin = int(self.starts[np.searchsorted(self.starts, wave.start) - 1])
        return slice(begin, begin + wave.stop - wave.start)

    @cached_property
    def number(self) -> Integers:
        """Which chain each node is of, the longest first."""
        return np.concatenate([np.arange(wave.stop - wave.start) for wave in self.waves])

    @cached_property
    def lasts(self) -> Integers:
        """The last node of each chain."""
        last = np.zeros(self.starts[1], dtype=np.int64)
        last[self.number] = np.arange(len(self.number))
        return last

    def nodes_at(self, points: Points) -> Integers:
        """Return the nodes of chains and times, which `of` was given."""
        names = zip(self.chain.tolist(), self.time.tolist(), strict=True)
        node_of = {(chain, round(time, _DIGITS)): node for node, (chain, time) in enumerate(names)}
        asked = zip(points[0].tolist(), points[1].tolist(), strict=True)
        return np.asarray([node_of[chain, round(time, _DIGITS)] for chain, time in asked])

    def by_chain(self, of_nodes: Floats) -> Floats:
        """Sum over the nodes of each chain."""
        total = np.zeros((int(self.starts[1]), *of_nodes.shape[1:]))
        for wave in self.waves:
            total[: wave.stop - wave.start] += of_nodes[wave]
        return total


class Passes:
    """Forward and backward over the chains: their evidence, and where their nodes are.

    Probabilities are kept over the root of the long-run distribution, in which going forward and
    backward are the same. Chains may have a lattice of their own, which `axes` and `root` hold
    then.
    """

    def __init__(
        self, chains: Chains, axes: Floats, root: Floats, decay: Floats, likelihood: Floats
    ) -> None:
        """Go forward over the chains."""
        self.chains, self.axes, self.decay = chains, axes, decay
        self.root = np.broadcast_to(root, (int(chains.starts[1]), root.shape[-1]))
        self.likelihood = likelihood
        self.forward = np.empty_like(decay)  # nodes × kernels × points
        self.scale = np.empty(decay.shape[:2])  # what each node's likelihood takes away
        for wave in chains.waves:
            here = self.forward[wave]
            if wave.start == 0:
                here[:] = self.root[:, None, :]
            else:
                passed(self.forward[chains.before(wave)], decay[wave], axes, here)
            here *= likelihood[wave][:, None, :]
            self.scale[wave] = np.einsum("nkg,ng->nk", here, self.root[: len(here)])
            here /= self.scale[wave][:, :, None]

    @property
    def evidence(self) -> Floats:
        """The log likelihood of each chain under each kernel."""
        return self.chains.by_chain(np.log(self.scale))

    def posterior(self, shares: Floats) -> Floats:
        """Return where each node is, over the kernels with the shares of its chain."""
        chains = self.chains
        back = np.empty_like(self.forward)
        back[chains.lasts] = self.root[:, None, :]
        for wave in chains.waves[:0:-1]:
            there = back[wave] * self.likelihood[wave][:, None, :]
            there /= self.scale[wave][:, :, None]
            passed(there, self.decay[wave], self.axes, back[chains.before(wave)])
        back *= self.forward
        return np.asarray(np.einsum("nkg,nk->ng", back, shares[chains.number]))


def passed(before: Floats, decay: Floats, axes: Floats, out: Floats) -> None:
    """Write what becomes of distributions (nodes × kernels × points) over time."""
    if axes.ndim == 3:  # chains with lattices of their own
        own = axes[: len(before)]
        np.matmul(np.matmul(before, own) * decay, own.transpose(0, 2, 1), out=out)
    else:
        left = before.reshape(-1, before.shape[-1]) @ axes
        left *= decay.reshape(left.shape)
        np.matmul(left, axes.T, out=out.reshape(left.shape))
    np.maximum(out, _NOTHING, out=out)


def weights_of_kernels(evidence: Floats, weight: float) -> tuple[Floats, Floats]:
    """Return how common each kernel is, and its share in each chain.

    The mode of both under an even Dirichlet prior that counts for so many chains.
    """
    n_chains, n = evidence.shape
    likelihood = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    common = np.full(n, 1 / n)
    for _ in range(_MOST_ROUNDS):
        shares = likelihood * common
        shares /= shares.sum(axis=1, keepdims=True)
        after = (shares.sum(axis=0) + weight / n) / (n_chains + weight)
        moved, common = np.abs(after - common).max(), after
        if moved < _STILL:
            break
    return common, shares


class Record:
    """The evidence with what does not change while the model is fitted."""

    def __init__(self, evidence: Evidence, priors: Priors) -> None:
        """Find chains and patterns."""
        from scipy.sparse import csr_matrix

        self.evidence, self.priors = evidence, priors
        self.layout = Layout.of(evidence, priors)
        self.chains, self.patterns = Chains.of(evidence), Patterns(evidence)
        self.length = max(float(np.ptp(evidence.time)), _SHORTEST)
        shape = len(self.patterns), len(self.chains.chain)
        places = self.patterns.of_statement, self.chains.node
        self.mass_of = csr_matrix((np.ones(len(evidence)), places), shape=shape)
        self.lattices = [Lattice.of(family.reach) for family in FAMILIES]
        self.decays = [
            lattice.decay(self.chains.step, family, self.length)
            for lattice, family in zip(self.lattices, FAMILIES, strict=True)
        ]

    def value_and_slope(self, vector: Floats) -> tuple[float, Floats]:
        """Return the log of the marginal density of the parameters, and its slope."""
        state = State(self, vector)
        prior, slope = self.layout.prior(vector)
        return state.value + prior, slope + state.slope()


class State:
    """The passes under one vector of parameters."""

    def __init__(self, record: Record, vector: Floats) -> None:
        """Go forward over the chains."""
        layout, chains, points = record.layout, record.chains, record.lattices[0].points
        self.record, self.occasion = record, layout.occasion_sd(vector)
        self.tables = Tables(layout, vector, record.patterns, points)
        logs = record.mass_of.T @ self.tables.log
        self.said = relative(logs)  # on an occasion
        self.blur = blurred(points, self.occasion)
        self.likelihood = self.said @ self.blur.T
        self.passes = [
            Passes(chains, lattice.axes, lattice.root, decay, self.likelihood)
            for lattice, decay in zip(record.lattices, record.decays, strict=True)
        ]
        evidence = np.concatenate([passes.evidence for passes in self.passes], axis=1)
        self.common, self.shares = weights_of_kernels(evidence, record.priors.kernels)
        best = evidence.max(axis=1)
        by_chain = best + np.log(np.exp(evidence - best[:, None]) @ self.common)
        usual = record.priors.kernels / N_KERNELS * np.log(self.common).sum()
        self.value = float(by_chain.sum() + logs.max(axis=1).sum() + usual)

    def slope(self) -> Floats:
        """Return the slope of the log likelihood (Fisher's identity)."""
        record = self.record
        posterior = posterior_of(self.passes, self.shares)
        rest = posterior / self.likelihood
        of_occasion = self.said * (rest @ self.blur)
        of_occasion /= of_occasion.sum(axis=1, keepdims=True)
        slope = self.tables.slope(record.mass_of @ of_occasion)
        if record.layout.has_occasions:
            points, sd = record.lattices[0].points, self.occasion
            wider, narrower = (blurred(points, sd * np.exp(way * _SMALL)) for way in (1, -1))
            by_log = (wider - narrower) / (2 * _SMALL)
            slope[record.layout.occasion] += float((rest * (self.said @ by_log.T)).sum())
        return slope


def posterior_of(passes: list[Passes], shares: Floats) -> Floats:
    """Return where each node is, over all kernels."""
    own = np.split(shares, np.cumsum([len(family) for family in FAMILIES])[:-1], axis=1)
    return np.asarray(sum(of.posterior(share) for of, share in zip(passes, own, strict=True)))


@dataclass
class Parameters:
    """Thresholds, coders and spreads at their mode, with their covariance; how lines move."""

    layout: Layout
    vector: Floats
    covariance: Floats
    counts: Floats  # of lines by kernel, the prior in
    length: float  # of the record, in years
    notes: dict[str, Any] = field(default_factory=dict)

    def cuts_of(self, issue: int, vectors: Floats) -> Floats:
        """Return the thresholds of an issue (vectors × cuts) in vectors (parameters × vectors)."""
        n_cuts = self.layout.n_codes[issue] - 1
        return np.array([self.layout.cuts(vector)[issue, :n_cuts] for vector in vectors.T])

    def spreads(self, issue: int, vectors: Floats) -> Floats:
        """Return how far statements on an issue scatter in each vector."""
        return np.array([self.layout.spread_of_statements(vector, issue) for vector in vectors.T])


def fit(
    evidence: Evidence, priors: Priors | None = None, most_steps: int = _MOST_STEPS
) -> Parameters:
    """Fit the model.

    Parameters
    ----------
    evidence
        Codes of statements.
    priors
        The usual ones if None.
    most_steps
        At most so many of the search for the mode.

    Raises
    ------
    StancepackError
        If there are fewer than two statements.
    NotConverged
        If the fit does not settle: a bad fit is no result.
    """
    from scipy.optimize import minimize

    if len(evidence) < 2:
        what = "a latent position needs at least two statements with a code"
        raise StancepackError(f"{what}; take method='window'.")
    record = Record(evidence, priors or Priors())
    start = record.layout.initial()
    unit = units(record.layout)

    def objective(x: Floats) -> tuple[float, Floats]:
        value, slope = record.value_and_slope(start + x * unit)
        return -value, -slope * unit

    found = minimize(
        objective,
        np.zeros(len(start)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * len(start),
        options={"maxiter": most_steps, "ftol": 1e-5, "gtol": 0.05, "maxcor": 30},
    )
    vector = start + found.x * unit
    notes = {"steps": found.nit, "steepest": float(np.abs(found.jac).max()), "value": -found.fun}
    free = np.abs(found.x) < _BOUND
    steep = float(np.abs(found.jac[free]).max(initial=0.0))
    if not np.isfinite(found.fun) or steep > _STEEPEST * np.sqrt(len(evidence)) + 0.1:
        remedy = "take method='window', or more statements"
        raise NotConverged(f"the fit did not settle (steepest slope {steep:.2g}); {remedy}.")
    counts = State(record, vector).shares.sum(axis=0) + record.priors.kernels / N_KERNELS
    covariance = _covariance(record, vector, unit)
    return Parameters(record.layout, vector, covariance, counts, record.length, notes)


def units(layout: Layout) -> Floats:
    """Return about how far each parameter may lie from its prior mean."""
    unit = np.full(layout.size, 0.3)
    unit[layout.log_noises] = unit[layout.occasion] = 0.5
    return unit


def _covariance(record: Record, vector: Floats, unit: Floats) -> Floats:
    """Return the inverse of the curvature at the mode.

    Given coders and spreads, what is said on one issue tells nothing of the thresholds of another:
    so those of all issues are moved together, the first of each, the second, and so on.
    """
    layout = record.layout
    base = record.value_and_slope(vector)[1] - layout.prior(vector)[1]

    def moved(places: Any) -> Floats:
        """Return the second derivatives by places that are moved at once."""
        shifted = vector.copy()
        shifted[places] += _SMALL
        slope = record.value_and_slope(shifted)[1] - layout.prior(shifted)[1]
        return np.asarray((slope - base) / _SMALL)

    bend = np.zeros((layout.size, layout.size))
    every, n = np.arange(layout.size), layout.n_issues
    of_gaps = every[layout.log_gaps].reshape(n, layout.n_cuts - 1)
    places = np.column_stack([every[layout.centres], of_gaps, every[layout.scatters]])
    for column in range(places.shape[1]):
        by_place = moved(places[:, column])
        bend[places, places[:, [column]]] = by_place[places]
    shared = [*every[layout.severities], *every[layout.log_noises], layout.occasion]
    for place in shared:
        bend[:, place] = moved([place])
        bend[place, :] = bend[:, place]
    for place in range(layout.size):
        shifted = vector.copy()
        shifted[place] += _SMALL
        bend[:, place] += (layout.prior(shifted)[1] - layout.prior(vector)[1]) / _SMALL
    curvature = -(bend + bend.T) / 2 * np.outer(unit, unit)
    values, axes = np.linalg.eigh(curvature)
    root = unit[:, None] * axes / np.sqrt(np.maximum(values, _LEAST_CURVATURE))
    return np.asarray(root @ root.T)


@dataclass(frozen=True)
class Carried:
    """Which uncertainty of the model is drawn."""

    statements: bool = True  # of the positions, given thresholds and coders
    coders: bool = True  # of thresholds, coders and spreads


@dataclass
class Places:
    """Where each chain was, about: a lattice of its own there, and its kernels' likelihoods."""

    chain: list[int]
    lattices: list[list[Lattice]]  # families × chains
    evidence: Floats  # chains × kernels

    @classmethod
    def of(cls, evidence: Evidence, parameters: Parameters, points: Points) -> Places:
        """Look at the chains on the lattice of all."""
        chains, vector = Chains.of(evidence, points), parameters.vector
        all_points = np.linspace(-_END, _END, _N_POINTS)
        logs = _logs(evidence, chains, parameters.layout, vector, all_points)
        blur = blurred(all_points, parameters.layout.occasion_sd(vector))
        likelihood = relative(logs) @ blur.T
        passes = []
        for family in FAMILIES:
            lattice = Lattice.of(family.reach)
            decay = lattice.decay(chains.step, family, parameters.length)
            passes.append(Passes(chains, lattice.axes, lattice.root, decay, likelihood))
        by_kernel = np.concatenate([of.evidence for of in passes], axis=1)
        where = posterior_of(passes, _shares(by_kernel, parameters.counts))
        is_there = chains.by_chain((where > _TAIL).astype(float)) > 0
        last = _N_POINTS - 1
        low = all_points[np.maximum(is_there.argmax(axis=1) - _MARGIN, 0)]
        above = is_there[:, ::-1].argmax(axis=1)
        high = all_points[np.minimum(last - above + _MARGIN, last)]
        ends = list(zip(low.tolist(), high.tolist(), strict=True))
        lattices = [[Lattice.of(family.reach, *own) for own in ends] for family in FAMILIES]
        return cls(chains.chain[: len(ends)].tolist(), lattices, by_kernel)

    def arranged(self, chains: Chains) -> Places:
        """Return the same in the order of other chains."""
        row = {chain: number for number, chain in enumerate(self.chain)}
        order = chains.chain[: int(chains.starts[1])].tolist()
        rows = [row[chain] for chain in order]
        lattices = [[of_family[row] for row in rows] for of_family in self.lattices]
        return Places(order, lattices, self.evidence[rows])


def _logs(
    evidence: Evidence, chains: Chains, layout: Layout, vector: Floats, points: Floats
) -> Floats:
    """Return the log likelihood of the statements at each node: nodes × points."""
    patterns = Patterns(evidence)
    logs = Tables(layout, vector, patterns, points).log
    of_nodes = np.zeros((len(chains.chain), len(points)))
    np.add.at(of_nodes, chains.node, logs[patterns.of_statement])
    return of_nodes


def _shares(evidence: Floats, common: Floats) -> Floats:
    shares = np.exp(evidence - evidence.max(axis=1, keepdims=True)) * common
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def positions_at(
    evidence: Evidence,
    parameters: Parameters,
    points: Points,
    draws: int,
    random: np.random.RandomState,
    carried: Carried = Carried(),
    places: Places | None = None,
) -> tuple[Floats, Floats]:
    """Draw latent positions at given chains and times, under one draw of the parameters.

    Returns positions (points × draws), and the vector of parameters that goes with them.
    """
    places = places or Places.of(evidence, parameters, points)
    vector, common = parameters.vector, parameters.counts
    if carried.coders:
        vector = _drawn(vector, parameters.covariance, random)
        common = random.dirichlet(parameters.counts)
    chance = random if carried.statements else None
    drawn = drawn_under(vector, common, evidence, parameters, points, draws, chance, places)
    return drawn, vector


def drawn_under(
    vector: Floats,
    common: Floats,
    evidence: Evidence,
    parameters: Parameters,
    points: Points,
    draws: int,
    random: np.random.RandomState | None,
    places: Places,
) -> Floats:
    """Draw latent positions (points × draws) under one vector, kernels as common as said.

    Without random numbers they are the means.
    """
    chains = Chains.of(evidence, points)
    places = places.arranged(chains)
    walks = _Walks(chains, places, parameters.length)
    full = np.linspace(-_END, _END, 2 * _N_POINTS - 1)
    logs = _logs(evidence, chains, parameters.layout, vector, full)
    walks.pass_forward(full, logs, parameters.layout.occasion_sd(vector))
    shares = _shares(places.evidence, np.maximum(common, _LEAST))
    if random is None:
        return np.repeat(walks.means(shares)[:, None], draws, axis=1)[chains.nodes_at(points)]
    return walks.drawn(shares, draws, random)[chains.nodes_at(points)]


def _drawn(mean: Floats, covariance: Floats, random: np.random.RandomState) -> Floats:
    values, axes = np.linalg.eigh(covariance)
    drawn = mean + axes @ (np.sqrt(np.maximum(values, 0)) * random.standard_normal(len(mean)))
    return np.asarray(drawn)


class _Walks:
    """Draws of whole chains, each on a lattice of its own: forward, then drawn from the end."""

    def __init__(self, chains: Chains, places: Places, length: float) -> None:
        self.chains = chains
        self.points = np.array([lattice.points for lattice in places.lattices[0]])
        self.parts = []
        for family, lattices in zip(FAMILIES, places.lattices, strict=True):
            axes = np.array([lattice.axes for lattice in lattices])
            root = np.array([lattice.root for lattice in lattices])
            rates = np.array([lattice.rates_of(family, length) for lattice in lattices])
            decay = left_after(chains.step, rates[chains.number])
            self.parts.append((axes, root, decay))

    def pass_forward(self, full: Floats, logs: Floats, occasion: float) -> None:
        """Take the likelihood of each node from the full lattice, and go forward."""
        from scipy.interpolate import CubicSpline

        chains = self.chains
        likelihood = np.empty((len(chains.chain), _N_POINTS))
        if occasion:
            logs = np.log(relative(logs) @ blurred(full, occasion).T)
        of_nodes = CubicSpline(full, logs, axis=1)
        order = np.argsort(chains.number, kind="stable")
        ends = np.cumsum(np.bincount(chains.number))[:-1]
        for points, nodes in zip(self.points, np.split(order, ends), strict=True):
            own = CubicSpline.construct_fast(of_nodes.c[:, :, nodes], of_nodes.x)
            likelihood[nodes] = relative(own(points).T)
        self.passes = [Passes(chains, *part, likelihood) for part in self.parts]

    def means(self, shares: Floats) -> Floats:
        """Return the mean of each node."""
        where = posterior_of(self.passes, shares)
        mean = (where * self.points[self.chains.number]).sum(axis=1)
        return np.asarray(mean / where.sum(axis=1))

    def drawn(self, shares: Floats, draws: int, random: np.random.RandomState) -> Floats:
        """Return positions (nodes × draws), between the points of the lattice too."""
        chains = self.chains
        kernel = _picked(np.repeat(shares[:, None, :], draws, axis=1), random)
        index = np.zeros((len(chains.chain), draws), dtype=np.int64)
        level = random.random_sample((len(chains.chain), draws))
        first = 0
        for passes in self.passes:
            n = passes.decay.shape[1]
            own = (kernel >= first) & (kernel < first + n)
            found = self._drawn_by(passes, np.clip(kernel - first, 0, n - 1), level)
            index = np.where(own[chains.number], found, index)
            first += n
        between = random.random_sample(kernel.shape) - 0.5
        low, apart = self.points[:, [0]], self.points[:, [1]] - self.points[:, [0]]
        of = chains.number
        return np.asarray((low + apart * between)[of] + apart[of] * index)

    def _drawn_by(self, passes: Passes, kernel: Integers, level: Floats) -> Integers:
        """Draw from the end of each chain to its beginning, all by their kernels in one family."""
        waves, n_kernels = self.chains.waves, passes.decay.shape[1]
        forward, decay, axes = (
            part.reshape(-1, _N_POINTS) for part in (passes.forward, passes.decay, passes.axes)
        )
        index = np.zeros(level.shape, dtype=np.int64)
        for wave, later in zip(waves[::-1], [None, *waves[:0:-1]], strict=True):
            n, goes_on = wave.stop - wave.start, 0 if later is None else later.stop - later.start
            weight = _rows(forward, wave, n_kernels, kernel[:n])
            weight[goes_on:] *= passes.root[goes_on:n, None, :]
            if later is not None:
                left = _rows(axes, slice(0, goes_on), _N_POINTS, index[later])
                left *= _rows(decay, later, n_kernels, kernel[:goes_on])
                weight[:goes_on] *= left @ passes.axes[:goes_on].transpose(0, 2, 1)
            index[wave] = _place(np.maximum(weight, 0.0, out=weight), level[wave])
        return index


def _rows(flat: Floats, blocks: slice, each: int, row: Integers) -> Floats:
    """Return rows of some blocks, which have so many each: blocks × draws × points."""
    begin = np.arange(blocks.start, blocks.stop) * each
    return np.take(flat, begin[:, None] + row, axis=0)


def _picked(weights: Floats, random: np.random.RandomState) -> Integers:
    """Draw a place on the last axis, by weights."""
    return _place(weights, random.random_sample(weights.shape[:-1]))


def _place(weights: Floats, level: Floats) -> Integers:
    """Return the place on the last axis below which lies such a share of the weights."""
    total = np.cumsum(weights, axis=-1)
    reached = level * total[..., -1]
    return np.asarray(np.minimum((total < reached[..., None]).sum(-1), weights.shape[-1] - 1))
