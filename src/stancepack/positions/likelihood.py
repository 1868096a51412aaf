r"""What a statement says of a latent position, through the coders who read it.

A code between the thresholds :math:`\kappa_l < \kappa_u` of its issue has, at what a statement says
(:math:`z`), the probability :math:`P = \Phi(h) - \Phi(l)` with :math:`h = (\kappa_u - z - \beta_c)
/ \sigma_c` and :math:`l = (\kappa_l - z - \beta_c) / \sigma_c` for a coder of severity
:math:`\beta_c` and noise :math:`\sigma_c`. What a statement says scatters about the position,
:math:`z \sim N(v, \sigma_s^2)`, and is integrated out by quadrature, so that two coders of one
statement are not two statements. Statements with the same codes of the same coders have the same
likelihood: it is reckoned once for each such pattern, at every point of the lattice on which
positions lie (see `stancepack.positions.state_space`).

Where no statement was read twice, nothing tells the noise of coders from the scatter of
statements: then :math:`\sigma_s` is the two together, and coders only differ about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Integers

_ERRORS = np.linspace(-3.0, 3.0, 25)  # of what a statement says, in its standard deviations
_WEIGHTS = np.exp(-0.5 * _ERRORS**2) / np.exp(-0.5 * _ERRORS**2).sum()
_QUIET = 0.2  # least noise of a coder, in scatters of a statement, for which these are fine enough
_ENDLESS = 1e9  # where the thresholds below the first and above the last code stand
_FAR = 30.0  # standard deviations beyond which an end is none
_LEAST_MASS = 1e-290  # of a code, so that its log is a number


@dataclass
class Evidence:
    """Codes of statements: which chain (speaker and issue), when, and what the coders gave.

    A coder numbered `n_coders` is the settled reading: of no severity, and of no noise.
    """

    chain: Integers  # statements
    time: Floats  # statements, in years
    issue: Integers  # statements
    codes: Integers  # statements × slots: ranks from 0, −1 for none
    coder: Integers  # statements × slots
    n_codes: Integers  # issues: how many codes each has
    n_coders: int
    occasion: Any = None  # statements: those of one chain and occasion share its effect

    def __post_init__(self) -> None:
        """Give every statement an occasion of its own where none is named."""
        if self.occasion is None:
            self.occasion = np.arange(len(self.chain))

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
            occasion=self.occasion[chosen],
        )

    @property
    def is_read_twice(self) -> bool:
        """Whether some statement has more than one code."""
        return bool(((self.codes >= 0).sum(axis=1) > 1).any())

    @property
    def has_occasions(self) -> bool:
        """Whether some occasion has more than one statement of a chain."""
        return len(np.unique(np.column_stack([self.chain, self.occasion]), axis=0)) < len(self)


@dataclass(frozen=True)
class Normal:
    """A normal prior."""

    mean: float
    sd: float

    def density(self, x: float) -> tuple[float, float]:
        """Return the log density, but for a constant, and its slope."""
        z = (x - self.mean) / self.sd
        return -0.5 * z**2, -z / self.sd


_NO_LEVEL = Normal(0.0, 0.1)  # of coders' noises where they are one with the statements'


@dataclass(frozen=True)
class Exchangeable:
    """Normal deviations whose common spread is estimated: about `guess`, as surely as from `n`.

    The spread is integrated out, which leaves a multivariate t.
    """

    guess: float
    n: float = 3.0

    def density(self, x: Floats) -> tuple[float, Floats]:
        """Return the log density, but for a constant, and its slope."""
        total = self.n * self.guess**2 + float((x**2).sum())
        power = self.n + x.size
        return -0.5 * power * float(np.log(total)), -power * x / total


def about_level(x: Floats, level: Normal, spread: Exchangeable) -> tuple[float, Floats]:
    """Return the log density of values about a level that is not known either, and its slope."""
    if not len(x):
        return 0.0, x
    density, by_deviation = spread.density(x - x.mean())
    of_level, by_level = level.density(x.mean())
    return density + of_level, by_deviation + by_level / len(x)


@dataclass(frozen=True)
class Priors:
    """Priors, on a line where the codes of every scale stand evenly from −2 to 2.

    Turning the scales round turns them round. Nothing in them is a rate in years: how far positions
    move is measured against the length of the record (`Kernels`).
    """

    span: float = 4.0
    centre: Exchangeable = Exchangeable(0.3)  # of the thresholds of an issue
    log_gap: Exchangeable = Exchangeable(0.3)  # of two thresholds, about that of even codes
    severity: Exchangeable = Exchangeable(0.3)
    log_noise_level: Normal = Normal(float(np.log(0.35)), 0.8)
    log_noise: Exchangeable = Exchangeable(0.3)  # about their level
    log_scatter_level: Normal = Normal(float(np.log(0.7)), 0.8)  # of statements
    log_scatter: Exchangeable = Exchangeable(0.3)  # on an issue, about the level
    log_occasion: Normal = Normal(float(np.log(0.25)), 0.8)
    kernels: float = 2.0  # lines that the even prior of the kernels counts for

    def gaps(self, n_codes: Any) -> Floats:
        """Return the distance between even thresholds of issues with so many codes."""
        return np.asarray(self.span / np.maximum(np.asarray(n_codes) - 1.0, 1.0))

    def first_cuts(self, n_codes: Any) -> Floats:
        """Return the first of even thresholds of issues with so many codes."""
        return (self.gaps(n_codes) - self.span) / 2


@dataclass(frozen=True)
class Layout:
    """Where the parameters stand in a vector.

    Every issue has the places of that with the most codes; what it does not need is not used.
    """

    n_codes: tuple[int, ...]
    n_coders: int
    is_read_twice: bool = True
    has_occasions: bool = True
    priors: Priors = Priors()

    @classmethod
    def of(cls, evidence: Evidence, priors: Priors) -> Layout:
        """Return the layout for some evidence."""
        n_codes = tuple(int(n) for n in evidence.n_codes)
        twice, occasions = evidence.is_read_twice, evidence.has_occasions
        return cls(n_codes, evidence.n_coders, twice, occasions, priors)

    @property
    def n_issues(self) -> int:
        """How many issues there are."""
        return len(self.n_codes)

    @property
    def n_cuts(self) -> int:
        """How many thresholds the issue with the most codes has."""
        return max(self.n_codes) - 1

    @cached_property
    def is_gap(self) -> Any:
        """Which places of gaps an issue uses: issues × gaps."""
        return np.arange(self.n_cuts - 1) < np.array(self.n_codes)[:, None] - 2

    @property
    def centres(self) -> slice:
        """The centre of each issue's thresholds."""
        return slice(0, self.n_issues)

    @property
    def log_gaps(self) -> slice:
        """The logs of the distances between thresholds, over even ones: issues × gaps."""
        return slice(self.n_issues, self.n_issues * self.n_cuts)

    @property
    def severities(self) -> slice:
        """The severity of each coder, from which their mean is taken."""
        return slice(self.log_gaps.stop, self.log_gaps.stop + self.n_coders)

    @property
    def log_noises(self) -> slice:
        """The log noise of each coder."""
        return slice(self.severities.stop, self.severities.stop + self.n_coders)

    @property
    def scatters(self) -> slice:
        """The log standard deviation of statements on each issue."""
        return slice(self.log_noises.stop, self.log_noises.stop + self.n_issues)

    @property
    def occasion(self) -> int:
        """The log standard deviation of occasions."""
        return int(self.scatters.stop)

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return self.occasion + 1

    def initial(self) -> Floats:
        """Return the prior means."""
        vector = np.zeros(self.size)
        if self.is_read_twice:
            vector[self.log_noises] = self.priors.log_noise_level.mean
        vector[self.scatters] = self.priors.log_scatter_level.mean
        vector[self.occasion] = self.priors.log_occasion.mean
        return vector

    def prior(self, vector: Floats) -> tuple[float, Floats]:
        """Return the log density of the priors and its slope."""
        slope, priors = np.zeros(self.size), self.priors
        is_used = np.ones(self.size, dtype=bool)
        is_used[self.log_gaps] = self.is_gap.ravel()
        slope[~is_used] = -vector[~is_used]
        value = float(vector[~is_used] @ slope[~is_used]) / 2
        places = np.arange(self.size)
        of_gaps = places[self.log_gaps][self.is_gap.ravel()]
        blocks = [(places[self.centres], priors.centre), (of_gaps, priors.log_gap)]
        for place, prior in [*blocks, (places[self.severities], priors.severity)]:
            density, slope[place] = prior.density(vector[place])
            value += density
        of_noise = priors.log_noise_level if self.is_read_twice else _NO_LEVEL
        for place, level, spread in (
            (self.log_noises, of_noise, priors.log_noise),
            (self.scatters, priors.log_scatter_level, priors.log_scatter),
        ):
            density, slope[place] = about_level(vector[place], level, spread)
            value += density
        density, slope[self.occasion] = priors.log_occasion.density(vector[self.occasion])
        return float(value + density), slope

    def cuts(self, vector: Floats) -> Floats:
        """Return the thresholds (issues × cuts); what an issue does not need stands far away."""
        gaps = self.gaps(vector)
        before = np.column_stack([np.zeros(self.n_issues), np.cumsum(gaps, axis=1)])
        cuts = vector[self.centres][:, None] + before - gaps.sum(axis=1, keepdims=True) / 2
        is_cut = np.arange(self.n_cuts) < np.array(self.n_codes)[:, None] - 1
        return np.asarray(np.where(is_cut, cuts, _ENDLESS))

    def gaps(self, vector: Floats) -> Floats:
        """Return the distances between thresholds (issues × gaps), 0 where there is none.

        From the first threshold to the last it is as far as if they were even: that is the unit.
        """
        logs = vector[self.log_gaps].reshape(self.n_issues, self.n_cuts - 1)
        shares = np.where(self.is_gap, np.exp(logs), 0.0)
        total = np.maximum(shares.sum(axis=1, keepdims=True), _LEAST_MASS)
        return np.asarray(shares / total * self.spans[:, None])

    @cached_property
    def spans(self) -> Floats:
        """How far the first and the last threshold of each issue are apart."""
        n_codes = np.array(self.n_codes)
        return np.asarray(self.priors.gaps(n_codes) * (n_codes - 2))

    def severities_of(self, vector: Floats) -> Floats:
        """Return the severity of each coder, which sum to 0, and of the settled reading."""
        raw = vector[self.severities]
        return np.append(raw - raw.mean() if len(raw) else raw, 0.0)

    def noises_of(self, vector: Floats) -> Floats:
        """Return the noise of each coder and of the settled reading on each issue.

        Coders + 1 × issues; where nothing was read twice, the scatter of statements in it.
        """
        logs = vector[self.log_noises]
        scatter = np.exp(vector[self.scatters])
        if not self.is_read_twice:
            apart = logs - logs.mean() if len(logs) else logs
            return np.asarray(np.exp(np.append(apart, 0.0))[:, None] * scatter)
        own = np.append(np.exp(logs), 0.0)[:, None]
        return np.asarray(np.hypot(own, _QUIET * scatter))

    def occasion_sd(self, vector: Floats) -> float:
        """Return the standard deviation of occasions; where none is shared they are statements."""
        return float(np.exp(vector[self.occasion])) if self.has_occasions else 0.0

    def spread_of_statements(self, vector: Floats, issue: int) -> float:
        """Return how far what is said scatters about a position, over occasions too."""
        return float(np.hypot(np.exp(vector[self.scatters][issue]), self.occasion_sd(vector)))


def expected(theta: Any, cuts: Floats, numbers: Floats, spread: Any = 1.0) -> Floats:
    """Return the code that statements at a latent position take on average, free of coders' errors.

    Parameters
    ----------
    theta
        Latent positions.
    cuts
        Thresholds, on the last axis; one fewer than codes.
    numbers
        Where the codes stand on their scale.
    spread
        How far statements scatter about the position.
    """
    from scipy.special import ndtr

    above = ndtr((np.asarray(theta)[..., None] - cuts) / np.asarray(spread)[..., None])
    return np.asarray((above * np.diff(numbers)).sum(axis=-1) + numbers[0])


class Patterns:
    """Which codes of which coders statements have: each pattern, and each code within them, once.

    Attributes
    ----------
    of_statement
        The pattern of each statement.
    cell
        Patterns × slots: which cell; that after the last stands for no code.
    issue, coder, code
        Of each cell.
    """

    def __init__(self, evidence: Evidence) -> None:
        """Find the patterns of some evidence."""
        codes = evidence.codes
        coder = np.where(codes >= 0, evidence.coder, -1)
        both = np.column_stack([evidence.issue, codes, coder])
        kinds, self.of_statement = np.unique(both, axis=0, return_inverse=True)
        self.of_statement = self.of_statement.ravel()
        slots = codes.shape[1]
        issue = np.repeat(kinds[:, 0], slots)
        code, coder = kinds[:, 1 : 1 + slots].ravel(), kinds[:, 1 + slots :].ravel()
        given = code >= 0
        triples = np.column_stack([issue, coder, code])[given]
        cells, number = np.unique(triples, axis=0, return_inverse=True)
        cell = np.full(len(issue), len(cells))
        cell[given] = number.ravel()
        self.cell = cell.reshape(len(kinds), slots)
        self.issue, self.coder, self.code = cells.T

    def __len__(self) -> int:
        """Count the patterns."""
        return len(self.cell)


class Tables:
    """The log likelihood of each pattern at each point, and its slope by the parameters."""

    def __init__(self, layout: Layout, vector: Floats, patterns: Patterns, points: Floats) -> None:
        """Reckon the likelihood of the patterns."""
        self.layout, self.patterns = layout, patterns
        self.scatter = np.exp(vector[layout.scatters])
        twice = layout.is_read_twice
        self.errors: Floats = _ERRORS if twice else np.zeros(1)
        weights = _WEIGHTS if twice else np.ones(1)
        self.said = points[:, None] + self.scatter[:, None, None] * self.errors  # of each issue
        self.gaps = layout.gaps(vector)
        self._mass_of_cells(vector)
        shape = self.said.shape[1:]
        joint = np.ones((len(patterns), *shape)) * weights
        masses = np.concatenate([self.mass, np.ones((1, *shape))])
        for slot in range(patterns.cell.shape[1]):
            joint *= masses[patterns.cell[:, slot]]
        self.joint = joint
        self.total = np.maximum(joint.sum(axis=2), _LEAST_MASS)
        self.log = np.log(self.total)  # patterns × points

    def _mass_of_cells(self, vector: Floats) -> None:
        from scipy.special import ndtr

        layout, cells = self.layout, self.patterns
        ends = np.full((layout.n_issues, 1), _ENDLESS)
        edges = np.column_stack([-ends, layout.cuts(vector), ends])
        self.sigma = layout.noises_of(vector)[cells.coder, cells.issue]
        sigma = self.sigma[:, None, None]
        severity = layout.severities_of(vector)[cells.coder]
        seen = self.said[cells.issue] + severity[:, None, None]
        self.high, self.low = (
            np.clip(
                (edges[cells.issue, cells.code + step][:, None, None] - seen) / sigma, -_FAR, _FAR
            )
            for step in (1, 0)
        )
        is_above = self.low > 0  # taken on the side where it does not vanish
        upper = np.where(is_above, -self.low, self.high)
        lower = np.where(is_above, -self.high, self.low)
        self.mass = np.maximum(ndtr(upper) - ndtr(lower), _LEAST_MASS)

    def slope(self, mass: Floats) -> Floats:
        """Return the slope of the log likelihood, given the mass of each pattern at each point."""
        layout, cells = self.layout, self.patterns
        shares = self.joint * (mass / self.total)[:, :, None]
        counts = np.zeros((len(cells.issue) + 1, *self.said.shape[1:]))
        for slot in range(cells.cell.shape[1]):
            np.add.at(counts, cells.cell[:, slot], shares)
        weight = counts[:-1] / self.mass
        top, bottom = (
            weight * np.where(np.abs(end) >= _FAR, 0.0, np.exp(-0.5 * end**2) / np.sqrt(2 * np.pi))
            for end in (self.high, self.low)
        )
        by_upper, by_lower = (part.sum(axis=(1, 2)) / self.sigma for part in (top, bottom))
        by_said = -(top - bottom) / self.sigma[:, None, None]
        by_log_sigma = -(top * self.high - bottom * self.low).sum(axis=(1, 2))
        slope = np.zeros(layout.size)
        self._add_thresholds(slope, by_upper, by_lower)
        self._add_coders(slope, by_said.sum(axis=(1, 2)), by_log_sigma)
        by_scatter = self.scatter[cells.issue] * (by_said * self.errors).sum(axis=(1, 2))
        slope[layout.scatters] += np.bincount(cells.issue, by_scatter, layout.n_issues)
        return slope

    def _add_thresholds(self, slope: Floats, by_upper: Floats, by_lower: Floats) -> None:
        layout, cells = self.layout, self.patterns
        by_edge = np.zeros((layout.n_issues, layout.n_cuts + 2))
        np.add.at(by_edge, (cells.issue, cells.code + 1), by_upper)
        np.add.at(by_edge, (cells.issue, cells.code), -by_lower)
        by_cut = by_edge[:, 1:-1]
        slope[layout.centres] += by_cut.sum(axis=1)
        # a gap moves the thresholds above it up by a half, those below it down; the others give way
        beyond = np.cumsum(by_cut[:, ::-1], axis=1)[:, ::-1][:, 1:]
        by_gap = beyond - by_cut.sum(axis=1, keepdims=True) / 2
        given = (by_gap * self.gaps).sum(axis=1) / np.maximum(layout.spans, _LEAST_MASS)
        slope[layout.log_gaps] += (self.gaps * (by_gap - given[:, None])).ravel()

    def _add_coders(self, slope: Floats, by_said: Floats, by_log_sigma: Floats) -> None:
        layout, cells = self.layout, self.patterns
        n, twice = layout.n_coders, layout.is_read_twice
        share = np.zeros(len(self.sigma))  # of a coder's own noise in that of a reading
        if twice:
            share = 1 - (_QUIET * self.scatter[cells.issue] / self.sigma) ** 2
        by_issue = np.bincount(cells.issue, by_log_sigma * (1 - share), layout.n_issues)
        slope[layout.scatters] += by_issue
        if not n:
            return
        by_severity = np.bincount(cells.coder, by_said, n + 1)[:n]
        slope[layout.severities] += by_severity - by_severity.mean()
        by_noise = np.bincount(cells.coder, by_log_sigma * (share if twice else 1.0), n + 1)[:n]
        slope[layout.log_noises] += by_noise if twice else by_noise - by_noise.mean()
