"""Packages whose true positions are known, for testing what a method recovers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.declaration import declare
from stancepack.dataset.descriptor import Descriptor
from stancepack.dataset.package import StancePackage
from stancepack.dataset.scales import ADDRESSED, NO, YES, Scale
from stancepack.dataset.settings import Settings
from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.positions.likelihood import Priors, expected

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Integers

_NAME, _VERSION, _ROUND = "simulated", "1.0.0", "round-1"
_SIDES = 4
_FIRST_DAY, _MONTHS, _SHORTEST_MONTH = "2000-01-01", 12, 28
_CUT_SD = 0.25  # of thresholds about their even places
_NOISE_SD = 0.3  # of the logs of coders' noises
_CONFIDENCE = 3


class SimulatedPackage(StancePackage):
    """A package in memory, with the truth it was made from; see `simulate`.

    Parameters
    ----------
    codebook
        The instrument.
    tables
        The tables that have rows, as text.
    truth
        The true positions: ``actor_id``, ``issue_id``, ``time``, ``position``; the true shares of a
        nominal issue have a ``code`` too, and a ``share`` in place of the position.
    """

    def __init__(
        self, codebook: Codebook, tables: Mapping[str, pd.DataFrame], truth: pd.DataFrame
    ) -> None:
        sides = {f"side-{number + 1}": f"Side {number + 1}" for number in range(_SIDES)}
        about = {"name": _NAME, "title": "Simulated positions", "version": _VERSION}
        settings = Settings({**about, "sides": sides}, _NAME)
        descriptor = Descriptor(declare(settings, codebook), Path(_NAME) / DESCRIPTOR)
        self.truth = truth
        frames = {}
        for table in descriptor.tables:
            rows = tables.get(table, pd.DataFrame())
            cells = rows.reindex(columns=descriptor.columns(table), fill_value="").astype("str")
            frames[table] = descriptor.read_table(table, cells)
        super().__init__(descriptor, frames, codebook)

    def path(self, table: str) -> NoReturn:
        """Say that there is no file."""
        self.descriptor.resource(table)
        what = f"table {table!r} of a simulated package is in memory and has no file"
        raise StancepackError(f"{what}; write pkg[{table!r}].to_csv(…).")


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

    def __post_init__(self) -> None:
        """Refuse sizes that are out of range."""
        sizes = {
            "actors": self.actors,
            "issues": len(self.scales),
            "statements": self.statements,
            "coders": self.coders,
            "each": self.each,
        }
        for size, number in sizes.items():
            if number < 1:
                raise StancepackError(f"{size}={number} should be 1 or more.")
        if self.each > self.coders:
            raise StancepackError(f"each={self.each} should be at most coders={self.coders}.")
        for name in ("years", "uneven"):
            if not getattr(self, name) > 0:
                raise StancepackError(f"{name}={getattr(self, name)} should be more than 0.")
        for name in ("drift", "spread", "noise", "severity"):
            if getattr(self, name) < 0:
                raise StancepackError(f"{name}={getattr(self, name)} should be 0 or more.")
        if not 0 <= self.undated <= 1:
            raise StancepackError(f"undated={self.undated} should lie between 0 and 1.")

    @property
    def months(self) -> pd.DatetimeIndex:
        """The first days of the months of the record."""
        return pd.date_range(_FIRST_DAY, periods=round(self.years * _MONTHS) + 1, freq="MS")

    @property
    def open_months(self) -> Floats:
        """The probability of a statement in each month; none in the gap."""
        is_open = np.ones(len(self.months))
        if self.gap is not None:
            is_open[int(self.gap[0] * _MONTHS) : int(self.gap[1] * _MONTHS)] = 0
        if not is_open.sum():
            raise StancepackError("the gap covers the whole record.")
        return np.asarray(is_open / is_open.sum())


def simulate(
    actors: int = 4,
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
    *,
    scale: str | Scale | Sequence[str | Scale] = "-2..2",
) -> SimulatedPackage:
    r"""Make a package with known positions, coders, dates and gaps.

    Positions follow the model of `stancepack.positions.state_space`; on a nominal issue every code
    has a random walk, and a statement takes the code whose walk, with a Gumbel error, stands
    highest.

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
    SimulatedPackage
        A package in memory that `trajectory`, `agreement` and the others take, with ``truth``: the
        true position of every actor on every issue in every month, as the mean that statements then
        would take (the share of each code, where the scale is nominal).

    Raises
    ------
    StancepackError
        If a size is out of range.

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
    )
    random = np.random.RandomState(seed)
    world = _draw_world(design, random)
    said = _draw_statements(design, world, random)
    tables = _tables(design, said, *_draw_rows(design, world, said, random))
    return SimulatedPackage(_codebook(design.scales), tables, _truth(design, world))


def _scales(scale: str | Scale | Sequence[str | Scale], issues: int) -> tuple[Scale, ...]:
    """Return a scale for each issue, named by it."""
    given = [scale] * max(issues, 0) if isinstance(scale, str | Scale) else list(scale)
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


def _codes(scale: Scale) -> list[dict[str, str]]:
    return [
        {
            "variable": scale.name,
            "code": code,
            "rank": str(rank),
            "label": scale.label(code),
            "neutral": YES if code == scale.neutral else NO,
        }
        for rank, code in enumerate(scale.codes)
    ]
