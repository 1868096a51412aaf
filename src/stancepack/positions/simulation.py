"""Packages whose true positions are known, for testing what a method recovers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.package import StancePackage
from stancepack.dataset.scales import ADDRESSED, NO, YES, Scale
from stancepack.errors import StancepackError
from stancepack.positions.likelihood import Priors, expected
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Integers

_NAME, _TITLE = "simulated", "Simulated positions"
_VERSION, _ROUND = "1.0.0", "round-1"
_BY_PLACE = (  # what could follow the first argument
    *("issues", "statements", "coders", "years", "drift", "spread", "noise", "severity"),
    *("undated", "gap", "each", "uneven", "seed"),
)
_MOST, _MOST_YEARS, _MOST_POINTS = 100_000, 1000, 10_000_000  # that fit into memory
_LARGEST = 1e100  # of numbers to be reckoned with
_LARGEST_SEED = 2**32 - 1  # that the generator takes
_SIDES = 4
_FIRST_DAY, _MONTHS, _SHORTEST_MONTH = "2000-01-01", 12, 28
_CUT_SD = 0.25  # of thresholds about their even places
_NOISE_SD = 0.3  # of the logs of coders' noises
_CONFIDENCE = 3


def _check_whole(name: str, number: Any) -> None:
    """Refuse what is no whole number."""
    if not isinstance(number, int | np.integer) or isinstance(number, bool):
        raise StancepackError(f"{name}={number!r:.60} should be a whole number.")


def _check_number(name: str, number: Any) -> None:
    """Refuse what is no finite number."""
    is_number = isinstance(number, int | float | np.number) and not isinstance(number, bool)
    if not is_number or not abs(number) < _LARGEST:
        raise StancepackError(f"{name}={number!r:.60} should be a number.")


@dataclass(frozen=True)
class Design:
    """What is simulated; see `simulate`."""

    actors: int
    scales: tuple[Scale, ...]  # one for each issue
    statements: int
    coders: int
    years: float
    drift: float
    spread: float
    noise: float
    severity: float
    undated: float
    gap: tuple[float, float] | None
    each: int
    uneven: float
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no size, and sizes that are out of range."""
        for name in ("actors", "statements", "coders", "each", "seed"):
            _check_whole(name, getattr(self, name))
        for name in ("years", "drift", "spread", "noise", "severity", "undated", "uneven"):
            _check_number(name, getattr(self, name))
        sizes = {"actors": self.actors, "issues": len(self.scales), "coders": self.coders}
        sizes |= {"statements": self.statements, "each": self.each}
        for name, size in sizes.items():
            if not 1 <= size <= _MOST:
                raise StancepackError(f"{name}={size} should be 1 or more, and at most {_MOST:,}.")
        if self.each > self.coders:
            raise StancepackError(f"each={self.each} should be at most coders={self.coders}.")
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise StancepackError(f"seed={self.seed} should lie between 0 and {_LARGEST_SEED}.")
        for name in ("years", "uneven"):
            if not getattr(self, name) > 0:
                raise StancepackError(f"{name}={getattr(self, name)} should be more than 0.")
        for name in ("drift", "spread", "noise", "severity"):
            if getattr(self, name) < 0:
                raise StancepackError(f"{name}={getattr(self, name)} should be 0 or more.")
        if not 0 <= self.undated <= 1:
            raise StancepackError(f"undated={self.undated} should lie between 0 and 1.")
        self._check_extent()

    def _check_extent(self) -> None:
        """Refuse a record that is too long or has too many walks, and a gap that is none."""
        if self.years > _MOST_YEARS:
            raise StancepackError(f"years={self.years} should be at most {_MOST_YEARS}.")
        if self.actors * len(self.scales) * self.years * _MONTHS > _MOST_POINTS:
            what = f"actors × issues × months should be at most {_MOST_POINTS:,}"
            raise StancepackError(f"{what}; take fewer of one of them.")
        if self.gap is None:
            return
        is_pair = isinstance(self.gap, tuple | list) and len(self.gap) == 2
        if not is_pair:
            raise StancepackError(f"gap={self.gap!r} should be two years, such as (2, 5), or None.")
        for end in self.gap:
            _check_number("gap", end)
        if not 0 <= self.gap[0] < self.gap[1]:
            what = "should begin at 0 or later and end after it begins"
            raise StancepackError(f"gap={self.gap!r} {what}, in years from the start.")

    @cached_property
    def months(self) -> pd.DatetimeIndex:
        """The first days of the months of the record."""
        return pd.date_range(_FIRST_DAY, periods=round(self.years * _MONTHS) + 1, freq="MS")

    @cached_property
    def open_months(self) -> Floats:
        """The probability of a statement in each month; none in the gap."""
        is_open = np.ones(len(self.months))
        if self.gap is not None:
            is_open[int(self.gap[0] * _MONTHS) : int(self.gap[1] * _MONTHS)] = 0
        if not is_open.sum():
            raise StancepackError("the gap covers the whole record.")
        return np.asarray(is_open / is_open.sum())


@old_spellings(positional=_BY_PLACE)
def simulate(
    actors: int = 4,
    *,
    issues: int = 2,
    statements: int = 120,
    coders: int = 2,
    years: float = 12.0,
    drift: float = 0.1,
    spread: float = 1.2,
    noise: float = 0.4,
    severity: float = 0.2,
    undated: float = 0.2,
    gap: tuple[float, float] | None = None,
    each: int | None = None,
    uneven: float = 1.0,
    seed: int = 0,
    scale: str | Scale | Sequence[str | Scale] = "-2..2",
) -> StancePackage:
    r"""Make a package with known positions, coders, dates and gaps.

    Positions are random walks, seen through statements of standard deviation 1 about them and the
    thresholds of coders; on a nominal issue every code has a random walk, and a statement takes the
    code whose walk, with a Gumbel error, stands highest.

    Parameters
    ----------
    actors, issues, statements
        How many; a statement takes a position on one issue.
    coders
        How many coders there are; noises and severities differ between them.
    years
        Length of the record, from 2000.
    drift, spread
        Variance a year of the random walk, and standard deviation of its start.
    noise, severity
        Median noise of a coder, and standard deviation of the severities.
    undated
        Share of statements dated within a year only.
    gap
        A stretch of years without statements, from the start.
    each
        Coders of a statement; all if None.
    uneven
        How unevenly actors speak: the shape of a gamma distribution, smaller is less even.
    seed
        Of the random numbers.
    scale
        The scale of the issues, as `Scale.parse` reads it or as a `Scale`; or one for each issue.

    Returns
    -------
    StancePackage
        A package in memory, as `StancePackage.from_tables` makes it. Its ``truth`` has the true
        position of every actor on every issue in every month: ``actor_id``, ``issue_id``, ``time``,
        and ``position``, the mean that statements then would take. Where a scale is nominal there
        is a row for each ``code`` with its ``share``.

    Raises
    ------
    StancepackError
        If something is no size, or out of range.

    Examples
    --------
    >>> import stancepack as sp
    >>> pkg = sp.simulate(actors=3, statements=60, seed=1)
    >>> pkg
    <StancePackage simulated 1.0.0: 60 statements, 3 actors, 120 codings>
    >>> sorted(pkg.truth.columns)
    ['actor_id', 'issue_id', 'position', 'time']
    """
    design = Design(
        actors=actors,
        scales=_scales(scale, issues),
        statements=statements,
        coders=coders,
        years=years,
        drift=drift,
        spread=spread,
        noise=noise,
        severity=severity,
        undated=undated,
        gap=gap,
        each=coders if each is None else each,
        uneven=uneven,
        seed=seed,
    )
    random = np.random.RandomState(seed)
    world = _draw_world(design, random)
    said = _draw_statements(design, world, random)
    tables = _tables(design, said, *_draw_rows(design, world, said, random))
    book = _codebook(design.scales)
    about = {"name": _NAME, "title": _TITLE, "version": _VERSION}
    pkg = StancePackage.from_tables(tables, codebook=book, **about)
    pkg.truth = _truth(design, world)
    return pkg


def _scales(scale: str | Scale | Sequence[str | Scale], issues: int) -> tuple[Scale, ...]:
    """Return a scale for each issue, named by it."""
    _check_whole("issues", issues)
    if not 1 <= issues <= _MOST:
        raise StancepackError(f"issues={issues} should be 1 or more, and at most {_MOST:,}.")
    given = [scale] * issues if isinstance(scale, str | Scale) else scale
    if not isinstance(given, list | tuple) or not all(isinstance(s, str | Scale) for s in given):
        raise StancepackError(
            f"scale={scale!r:.60} should be codes such as '-2..2', a Scale, or one for each issue."
        )
    if len(given) != issues:
        raise StancepackError(f"there are {len(given)} scales for {issues} issues.")
    scales = []
    for number, body in enumerate(given, 1):
        name = f"issue-{number}"
        if isinstance(body, str):
            scales.append(Scale.parse(body, name=name))
            continue
        parts = {part: getattr(body, part) for part in ("codes", "labels", "definitions")}
        scales.append(Scale(name, **parts, level=body.level, neutral=body.neutral))
    return tuple(scales)


def _codebook(scales: Sequence[Scale]) -> Codebook:
    """Return the instrument that the coders would have had."""
    issues: dict[str, Any] = {}
    for scale in scales:
        codes = {code: {"label": scale.label(code)} for code in scale.codes}
        issues[scale.name] = {**_about(scale), "codes": codes}
        if scale.neutral is not None:
            issues[scale.name]["neutral"] = scale.neutral
    confidence = {str(_CONFIDENCE): "Sure."}
    return Codebook({"version": _VERSION, "issues": issues, "confidence": confidence}, _NAME)


# What is true


@dataclass(frozen=True)
class World:
    """What is true: positions of actors, and how coders see them."""

    theta: list[Floats]  # of each issue: actors × months, × codes where they have no order
    cuts: list[Floats]  # of each issue: its thresholds, none where codes have no order
    severities: Floats
    noises: Floats


def _draw_world(design: Design, random: np.random.RandomState) -> World:
    months = len(design.months)
    # a nominal issue has a walk for each code, an ordered one a single walk
    walks = [1 if scale.is_ordered else len(scale.codes) for scale in design.scales]
    size = (design.actors, sum(walks), months)
    steps = random.standard_normal(size) * np.sqrt(design.drift / _MONTHS)
    steps[:, :, 0] = random.standard_normal(size[:2]) * design.spread
    theta = np.split(steps.cumsum(axis=2), np.cumsum(walks)[:-1], axis=1)
    theta = [
        walk[:, 0] if scale.is_ordered else walk.transpose(0, 2, 1)
        for scale, walk in zip(design.scales, theta, strict=True)
    ]
    cuts = [_draw_cuts(scale, random) for scale in design.scales]
    severities = design.severity * random.standard_normal(design.coders)
    noises = design.noise * np.exp(_NOISE_SD * random.standard_normal(design.coders))
    return World(theta, cuts, severities - severities.mean(), noises)


def _draw_cuts(scale: Scale, random: np.random.RandomState) -> Floats:
    if not scale.is_ordered:
        return np.zeros(0)
    n = len(scale.codes)
    even = Priors().first_cuts(n) + Priors().gaps(n) * np.arange(n - 1)
    return np.sort(even + _CUT_SD * Priors().gaps(n) * random.standard_normal(n - 1))


def _truth(design: Design, world: World) -> pd.DataFrame:
    """Return the mean that statements would take, or their shares, by actor, issue and month."""
    frames = []
    for number, scale in enumerate(design.scales):
        theta = world.theta[number]
        points = pd.MultiIndex.from_product([range(design.actors), design.months])
        frame = pd.DataFrame({
            "actor_id": [_actor(actor) for actor, _ in points],
            "issue_id": scale.name,
            "time": [time for _, time in points],
        })  # fmt: skip
        if scale.is_ordered:
            frame["position"] = expected(theta.ravel(), world.cuts[number], scale.numbers)
            frames.append(frame)
            continue
        shares = np.exp(theta - theta.max(axis=2, keepdims=True))
        shares = (shares / shares.sum(axis=2, keepdims=True)).reshape(-1, len(scale.codes))
        frames += [
            frame.assign(code=code, share=shares[:, rank]) for rank, code in enumerate(scale.codes)
        ]
    return pd.concat(frames, ignore_index=True)


# What was said, and coded


@dataclass(frozen=True)
class Said:
    """Statements: who on what, when, and how they sound."""

    actor: Integers
    issue: Integers
    month: Integers
    sound: list[Floats]  # the latent value of each; of every code where they have no order
    rank: Integers  # of the code that a perfect coder would give


def _draw_statements(design: Design, world: World, random: np.random.RandomState) -> Said:
    n = design.statements
    share = random.gamma(design.uneven, size=design.actors)
    actor = random.choice(design.actors, n, p=share / share.sum())
    issue = random.randint(len(design.scales), size=n)
    month = random.choice(len(design.months), n, p=design.open_months)
    errors = random.standard_normal(n)
    sound, ranks = [], []
    for row in range(n):
        theta = world.theta[issue[row]][actor[row], month[row]]
        if design.scales[issue[row]].is_ordered:
            sound.append(theta + errors[row])
        else:
            sound.append(theta + random.gumbel(size=len(theta)))
        ranks.append(_rank(sound[-1], world.cuts[issue[row]]))
    return Said(actor, issue, month, sound, np.array(ranks))


def _rank(sound: Floats, cuts: Floats) -> int:
    """Return the rank of the code: between which thresholds, or of the code that is loudest."""
    return int((sound > cuts).sum() if np.ndim(sound) == 0 else np.argmax(sound))


def _draw_rows(
    design: Design, world: World, said: Said, random: np.random.RandomState
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of statements, each dated, and of codings."""
    statements, codings = [], []
    for number, issue in enumerate(said.issue):
        scale, statement = design.scales[issue], f"S{number + 1:04d}"
        date = _draw_date(design, design.months[said.month[number]], random)
        actor = _actor(said.actor[number])
        statements.append({"statement_id": statement, "actor_id": actor, **date})
        for coder in random.choice(design.coders, design.each, replace=False):
            noise = world.noises[coder] * random.standard_normal(np.shape(said.sound[number]))
            severity = world.severities[coder] if scale.is_ordered else 0.0
            rank = _rank(said.sound[number] + severity + noise, world.cuts[issue])
            coding = {"statement_id": statement, "issue_id": scale.name}
            coding |= {"coder_id": _coder(coder), "position": scale.codes[rank]}
            codings.append(coding)
    return statements, codings


def _draw_date(
    design: Design, month: pd.Timestamp, random: np.random.RandomState
) -> dict[str, str]:
    day = month + pd.Timedelta(days=int(random.randint(_SHORTEST_MONTH)))
    if random.random_sample() < design.undated:
        first, last = f"{day.year}-01-01", f"{day.year}-12-31"
        date, basis = str(day.year), "inferred"
    else:
        date = first = last = f"{day:%Y-%m-%d}"
        basis = "source"
    return {"date": date, "date_earliest": first, "date_latest": last, "date_basis": basis}


def _actor(number: int) -> str:
    return f"actor-{number + 1}"


def _coder(number: int) -> str:
    return f"coder-{number + 1}"


def _tables(
    design: Design,
    said: Said,
    statements: list[dict[str, Any]],
    codings: list[dict[str, Any]],
) -> dict[str, pd.DataFrame]:
    """Return the tables that have rows, every cell as text."""
    actors = [
        {
            "actor_id": _actor(number),
            "name": f"Actor {number + 1}",
            "kind": "person",
            "side": f"side-{number % _SIDES + 1}",
        }
        for number in range(design.actors)
    ]
    coder = {"kind": "rule", "role": "coder", "description": "Simulated."}
    coders = [{"coder_id": _coder(number), **coder} for number in range(design.coders)]
    issues = [{"issue_id": scale.name, **_about(scale)} for scale in design.scales]
    stances = []
    for row, issue, rank in zip(statements, said.issue, said.rank, strict=True):
        scale = design.scales[issue]
        cell = {"statement_id": row["statement_id"], "issue_id": scale.name}
        stances.append({**cell, "position": scale.codes[rank], "settled_by": "agreement"})
    a_round = {"round": _ROUND, "codebook_version": _VERSION}
    sizes = {"n_statements": str(design.statements), "n_coders": str(design.coders)}
    given = {**a_round, "addressed": ADDRESSED, "confidence": str(_CONFIDENCE)}
    return {
        "actors": pd.DataFrame(actors),
        "issues": pd.DataFrame(issues),
        "codes": pd.DataFrame([row for scale in design.scales for row in _codes(scale)]),
        "statements": pd.DataFrame(statements).assign(proposition="Simulated."),
        "coders": pd.DataFrame(coders),
        "rounds": pd.DataFrame([{**a_round, **sizes}]),
        "codings": pd.DataFrame(codings).assign(**given),
        "stances": pd.DataFrame(stances).assign(addressed=ADDRESSED),
    }


def _about(scale: Scale) -> dict[str, str]:
    title = scale.name.replace("-", " ").capitalize()
    question = f"What is the position on {scale.name}?"
    return {"title": title, "question": question, "level": scale.level}


def _codes(scale: Scale) -> list[dict[str, Any]]:
    return [
        {
            "variable": scale.name,
            "code": code,
            "rank": rank + 1,
            "label": scale.label(code),
            "neutral": YES if code == scale.neutral else NO,
        }
        for rank, code in enumerate(scale.codes)
    ]
