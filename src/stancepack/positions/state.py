"""Positions over time under the ordinal state model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.positions.evidence import SETTLED, all_issues, drawn_years, years_of

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.positions.likelihood import Evidence
    from stancepack.positions.state_space import Parameters, Points
    from stancepack.positions.uncertainty import Uncertainty
    from stancepack.reliability.counts import Floats

ENGINES = ("laplace", "nuts")
SIDES = ("members", "within")  # which mean over its members the line of a side is
MOST_CODES = 12  # of an issue: more thresholds than statements can tell apart
ADJUDICATED = "adjudication"  # how a position was settled that coders did not agree on
_SETS = 20  # of dates within their bounds, thresholds and coders
_NEAR, _REACH = 0.5, 1.0  # years: statements counted at a time; the line stops without any
_ONE_DAY = pd.Timedelta(days=1)
_KEPT = 8  # fits: figures of one record are often asked for one after the other
_FITS: OrderedDict[str, Parameters] = OrderedDict()


@dataclass(frozen=True)
class Engine:
    """How the model is fitted, and its random numbers."""

    name: str
    seed: int
    random: np.random.RandomState
    sides: str = SIDES[0]


def scales_of_model(pkg: StancePackage) -> dict[str, Scale]:
    """Return the scales of the issues that the model can learn from."""
    scales = {issue: pkg.scale(issue) for issue in all_issues(pkg)}
    return {
        issue: scale
        for issue, scale in scales.items()
        if scale.is_ordered and 1 < len(scale.codes) <= MOST_CODES
    }


def coded_evidence(
    rows: pd.DataFrame, scales: Mapping[str, Scale]
) -> tuple[Evidence, list[str], list[str]]:
    """Turn positions into the evidence of the ordinal model.

    What an adjudicator decided is the reading of a statement: what it says lies between the
    thresholds of that code. The codes of the coders beside it say how noisy they are, and where
    between the thresholds it may lie; they do not move it beyond them. Statements of an actor on an
    issue share an occasion if they were made on one day.

    Parameters
    ----------
    rows
        Positions, as `stancepack.evidence` gives them.
    scales
        The scale of every issue among them.

    Returns
    -------
    tuple
        The evidence, and the names of its chains (``actor : issue``) and of its issues.
    """
    from stancepack.positions.likelihood import Evidence

    readings = [
        (*given, (SETTLED, number)) if how == ADJUDICATED and given[0][0] != SETTLED else given
        for how, number, given in zip(
            _how_settled(rows), rows["number"], rows["codes"], strict=True
        )
    ]
    chain, chains = pd.factorize(rows["actor_id"].astype(object) + " : " + rows["issue_id"])
    issue, issues = pd.factorize(rows["issue_id"])
    coders = sorted({coder for given in readings for coder, _ in given} - {SETTLED})
    number_of = {coder: number for number, coder in enumerate([*coders, SETTLED])}
    slots = max(len(given) for given in readings)
    codes = np.full((len(rows), slots), -1, dtype=np.int64)
    coder_in = np.zeros((len(rows), slots), dtype=np.int64)
    for row, (about, given) in enumerate(zip(rows["issue_id"], readings, strict=True)):
        for slot, (coder, number) in enumerate(given):
            codes[row, slot] = np.searchsorted(scales[about].numbers, number)
            coder_in[row, slot] = number_of[coder]
    n_codes = np.array([len(scales[about].codes) for about in issues])
    when, occasion = drawn_years(rows, None), _occasions(rows)
    coded = Evidence(chain, when, issue, codes, coder_in, n_codes, len(coders), occasion)
    return coded, chains.tolist(), issues.tolist()


def _how_settled(rows: pd.DataFrame) -> list[str]:
    if "settled_by" not in rows:
        return [""] * len(rows)
    how = rows["settled_by"].astype(object)
    return [name if isinstance(name, str) else "" for name in how]


def _occasions(rows: pd.DataFrame) -> Any:
    """Give statements of one day a number; what is dated to no day is an occasion of its own."""
    is_day = (rows["date_latest"] - rows["date_earliest"]) <= _ONE_DAY
    day = pd.factorize(rows["date_earliest"])[0]
    return np.where(is_day, day, len(rows) + np.arange(len(rows)))


def _is_turned(coded: Evidence) -> bool:
    """Whether the first code off the middle of its scale lies below it.

    Then the model reads the scales from the other end, so that draws for scales turned round are
    these draws turned round.
    """
    off = np.where(coded.codes >= 0, 2 * coded.codes - (coded.n_codes[coded.issue] - 1)[:, None], 0)
    first = off[off != 0][:1]
    return bool(len(first) and first[0] < 0)


def _turned(coded: Evidence) -> Evidence:
    """Return the evidence with every scale turned round."""
    last = (coded.n_codes[coded.issue] - 1)[:, None]
    return replace(coded, codes=np.where(coded.codes >= 0, last - coded.codes, -1))


def state_positions(
    rows: pd.DataFrame,
    times: pd.DatetimeIndex,
    scale: Scale,
    scales: Mapping[str, Scale],
    engine: Engine,
    uncertainty: Uncertainty,
) -> tuple[pd.DataFrame, dict[str, float], Floats]:
    """Draw positions of each line at the times asked for; return mean, quantiles, and the fit.

    Parameters
    ----------
    rows
        The evidence on all issues, everybody's, with the ``line`` of each position.
    times, scale
        When, and of which issue.
    scales
        The scales of the issues that the model learns from.
    engine, uncertainty
        How it is fitted, and what the intervals carry.

    Returns
    -------
    tuple
        The table, how the model fits, and the draws behind the table: rows × draws.
    """
    if scale.name not in scales:
        what = f"the state model takes 2 to {MOST_CODES} codes; {scale.name!r} has"
        raise StancepackError(f"{what} {len(scale.codes)}; take method='window'.")
    rows = rows[rows["issue_id"].isin(list(scales))].reset_index(drop=True)
    own = rows[(rows["issue_id"] == scale.name) & rows["line"].notna()]
    lines = pd.unique(own["line"]).tolist()
    years = years_of(times)
    members = own[["line", "actor_id"]].astype(object).drop_duplicates()
    draw = _sampled if engine.name == "nuts" else _fitted
    by_member, notes = draw(
        rows, members["actor_id"].tolist(), years, scale, scales, engine, uncertainty
    )
    frames, drawn = [], []
    for line in lines:
        is_of = (members["line"] == line).to_numpy()
        weights = _weights_of_members(rows, members["actor_id"][is_of], years, engine.sides)
        of_line = np.einsum("mt,mtd->td", weights, by_member[is_of])
        said = drawn_years(own[own["line"] == line], None)
        figures = _figures(of_line, years, said, uncertainty)
        frames.append(pd.DataFrame({"line": line, "time": times} | figures))
        drawn.append(of_line)
    fit = {name: float(value) for name, value in notes.items()}
    return pd.concat(frames, ignore_index=True), fit, np.concatenate(drawn)


def _figures(
    of_line: Floats, years: Floats, said: Floats, uncertainty: Uncertainty
) -> dict[str, Any]:
    """Return mean and interval of a line's draws, and how many statements are near."""
    low, high = np.quantile(of_line, uncertainty.tails, axis=1)
    apart = np.abs(years[:, None] - said)
    is_silent = (apart > _REACH).all(axis=1)
    estimate = np.where(is_silent, np.nan, of_line.mean(axis=1))
    near = (apart <= _NEAR).sum(axis=1)
    return {"estimate": estimate, "low": low, "high": high, "n": near}


def _weights_of_members(
    rows: pd.DataFrame, actors: pd.Series[str], years: Floats, sides: str
) -> Floats:
    """Return what each member counts for in the line at each time: members × times.

    All alike, or all alike who speak then on anything: from half a year before their first
    statement to half a year after their last; where nobody does, who is nearest.
    """
    weights = np.ones((len(actors), len(years)))
    if sides == "members" and len(actors) > 1:
        said = rows[rows["actor_id"].isin(actors)]
        when = pd.Series(drawn_years(said, None), index=said["actor_id"].astype(object).to_numpy())
        ends = when.groupby(level=0).agg(["min", "max"]).loc[actors.tolist()]
        first, last = ends["min"].to_numpy()[:, None], ends["max"].to_numpy()[:, None]
        apart = np.maximum(np.maximum(first - years, years - last), 0)
        weights = (apart <= np.maximum(_NEAR, apart.min(axis=0))).astype(float)
    return np.asarray(weights / weights.sum(axis=0))


def _fitted(
    rows: pd.DataFrame,
    actors: list[str],
    years: Floats,
    scale: Scale,
    scales: Mapping[str, Scale],
    engine: Engine,
    uncertainty: Uncertainty,
) -> tuple[Floats, dict[str, Any]]:
    """Fit the model once; draw positions for each of several sets of dates and parameters.

    Returns members × times × draws.
    """
    from stancepack.positions.state_space import Carried, Places, positions_at

    coded, chains, issues = coded_evidence(rows, scales)
    is_turned = _is_turned(coded)
    coded = _turned(coded) if is_turned else coded
    points = _points(actors, years, scale.name, chains)
    parameters = fitted(coded)
    is_own = np.isin(coded.chain, points[0])
    carried = Carried(uncertainty.has("statements"), uncertainty.has("coders"))
    places = Places.of(coded.take(is_own), parameters, points)
    sets = min(_SETS, uncertainty.draws)
    each = -(-uncertainty.draws // sets)
    drawn = []
    for _ in range(sets):
        dates = engine.random if uncertainty.has("dates") else None
        dated = coded.take(is_own, drawn_years(rows[is_own], dates))
        theta, vector = positions_at(
            dated, parameters, points, each, engine.random, carried, places
        )
        issue = issues.index(scale.name)
        cuts = parameters.cuts_of(issue, vector[:, None])[0]
        spread = parameters.layout.spread_of_statements(vector, issue)
        drawn.append(on_scale(theta, cuts, scale, spread, is_turned))
    positions = np.concatenate(drawn, axis=1)[:, : uncertainty.draws]
    return positions.reshape(len(actors), len(years), -1), parameters.notes


def fitted(coded: Evidence) -> Parameters:
    """Return the model fitted to some evidence, from memory where it was fitted before."""
    from stancepack.positions.state_space import fit

    parts = coded.chain, coded.time, coded.issue, coded.codes, coded.coder, coded.n_codes
    digest = sha256(repr([(part.shape, coded.n_coders) for part in parts]).encode())
    for part in (*parts, coded.occasion):
        digest.update(np.ascontiguousarray(part).tobytes())
    key = digest.hexdigest()
    if key not in _FITS:
        _FITS[key] = fit(coded)
        while len(_FITS) > _KEPT:
            _FITS.popitem(last=False)
    _FITS.move_to_end(key)
    return _FITS[key]


def on_scale(theta: Floats, cuts: Floats, scale: Scale, spread: Any, is_turned: bool) -> Floats:
    """Return the positions on a scale that latent positions stand for."""
    from stancepack.positions.likelihood import expected

    if not is_turned:
        return expected(theta, cuts, scale.numbers, spread)
    both = scale.low + scale.high
    return both - expected(theta, cuts, both - scale.numbers[::-1], spread)


def _points(actors: list[str], years: Floats, issue: str, chains: list[str]) -> Points:
    """Return every actor's chain on an issue at every time."""
    asked = [chains.index(f"{actor} : {issue}") for actor in actors]
    return np.repeat(asked, len(years)), np.tile(years, len(asked))


def _sampled(
    rows: pd.DataFrame,
    actors: list[str],
    years: Floats,
    scale: Scale,
    scales: Mapping[str, Scale],
    engine: Engine,
    uncertainty: Uncertainty,
) -> tuple[Floats, dict[str, Any]]:
    """Sample the model."""
    from stancepack.positions.nuts import sample

    coded, chains, issues = coded_evidence(rows, scales)
    points = _points(actors, years, scale.name, chains)
    theta, vectors, layout, notes = sample(coded, points, uncertainty.draws, seed=engine.seed)
    issue, drawn = issues.index(scale.name), []
    for number, vector in enumerate(vectors):
        cuts = layout.cuts(vector)[issue, : len(scale.codes) - 1]
        spread = layout.spread_of_statements(vector, issue)
        drawn.append(on_scale(theta[:, number], cuts, scale, spread, False))
    return np.array(drawn).T.reshape(len(actors), len(years), -1), notes
