"""Positions over time under the ordinal state model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.positions.evidence import all_issues, drawn_years, years_of

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.positions.likelihood import Evidence
    from stancepack.positions.state_space import Points
    from stancepack.positions.uncertainty import Uncertainty
    from stancepack.reliability.counts import Floats

ENGINES = ("laplace", "nuts")
MOST_CODES = 12  # of an issue: more thresholds than statements can tell apart
_SETS_OF_DATES = 12  # drawn within their bounds
_NEAR, _REACH = 0.5, 1.0  # years: statements counted at a time; the line stops without any


@dataclass(frozen=True)
class Engine:
    """How the model is fitted, and its random numbers."""

    name: str
    seed: int
    random: np.random.RandomState


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

    Parameters
    ----------
    rows
        Positions, as `stancepack.evidence` gives them, with the ``line`` of each; those of no line
        are a chain for each actor.
    scales
        The scale of every issue among them.

    Returns
    -------
    tuple
        The evidence, and the names of its chains (``line : issue``) and of its issues.
    """
    from stancepack.positions.likelihood import Evidence

    lines = rows["line"].where(rows["line"].notna(), rows["actor_id"])
    chain, chains = pd.factorize(lines + " : " + rows["issue_id"])
    issue, issues = pd.factorize(rows["issue_id"])
    coders = sorted({coder for given in rows["codes"] for coder, _ in given})
    number_of = {coder: number for number, coder in enumerate(coders)}
    slots = max(len(given) for given in rows["codes"])
    codes = np.full((len(rows), slots), -1, dtype=np.int64)
    coder_in = np.zeros((len(rows), slots), dtype=np.int64)
    for row, (about, given) in enumerate(zip(rows["issue_id"], rows["codes"], strict=True)):
        for slot, (coder, number) in enumerate(given):
            codes[row, slot] = np.searchsorted(scales[about].numbers, number)
            coder_in[row, slot] = number_of[coder]
    n_codes = np.array([len(scales[about].codes) for about in issues])
    when = drawn_years(rows, None)
    coded = Evidence(chain, when, issue, codes, coder_in, n_codes, len(coders))
    return coded, chains.tolist(), issues.tolist()


def state_positions(
    rows: pd.DataFrame,
    times: pd.DatetimeIndex,
    scale: Scale,
    scales: Mapping[str, Scale],
    engine: Engine,
    uncertainty: Uncertainty,
) -> tuple[pd.DataFrame, dict[str, float]]:
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
    """
    if scale.name not in scales:
        what = f"the state model takes 2 to {MOST_CODES} codes; {scale.name!r} has"
        raise StancepackError(f"{what} {len(scale.codes)}; take method='window'.")
    rows = rows[rows["issue_id"].isin(list(scales))].reset_index(drop=True)
    own = rows[(rows["issue_id"] == scale.name) & rows["line"].notna()]
    lines = pd.unique(own["line"]).tolist()
    years = years_of(times)
    draw = _sampled if engine.name == "nuts" else _fitted
    drawn, notes = draw(rows, lines, years, scale, scales, engine, uncertainty)
    low, high = np.quantile(drawn, uncertainty.tails, axis=1)
    frames = []
    for number, line in enumerate(lines):
        points = slice(number * len(years), (number + 1) * len(years))
        apart = np.abs(years[:, None] - drawn_years(own[own["line"] == line], None)[None, :])
        is_silent = (apart > _REACH).all(axis=1)
        frame = {
            "line": line,
            "time": times,
            "estimate": np.where(is_silent, np.nan, drawn[points].mean(axis=1)),
            "low": low[points],
            "high": high[points],
            "n": (apart <= _NEAR).sum(axis=1),
        }
        frames.append(pd.DataFrame(frame))
    fit = {name: float(value) for name, value in notes.items()}
    return pd.concat(frames, ignore_index=True), fit


def _points(lines: list[str], years: Floats, issue: str, chains: list[str]) -> Points:
    """Return every line's chain on an issue at every time."""
    asked = [chains.index(f"{line} : {issue}") for line in lines]
    return np.repeat(asked, len(years)), np.tile(years, len(asked))


def _fitted(
    rows: pd.DataFrame,
    lines: list[str],
    years: Floats,
    scale: Scale,
    scales: Mapping[str, Scale],
    engine: Engine,
    uncertainty: Uncertainty,
) -> tuple[Floats, dict[str, Any]]:
    """Fit the model once; draw positions for each of several sets of dates."""
    from stancepack.positions.likelihood import expected
    from stancepack.positions.state_space import Carried, fit, positions_at

    coded, chains, issues = coded_evidence(rows, scales)
    points = _points(lines, years, scale.name, chains)
    parameters, _, _ = fit(coded)
    is_own = np.isin(coded.chain, points[0])
    sets = _SETS_OF_DATES if uncertainty.has("dates") else 1
    draws = max(2, uncertainty.draws // sets)
    carried = Carried(uncertainty.has("statements"), uncertainty.has("coders"))
    drawn = []
    for _ in range(sets):
        dates = engine.random if uncertainty.has("dates") else None
        dated = coded.take(is_own, drawn_years(rows[is_own], dates))
        theta, vectors = positions_at(dated, parameters, points, draws, engine.random, carried)
        cuts = parameters.cuts_of(issues.index(scale.name), vectors)
        drawn.append(expected(theta, cuts[None, :, :], scale.numbers))
    return np.concatenate(drawn, axis=1), parameters.notes


def _sampled(
    rows: pd.DataFrame,
    lines: list[str],
    years: Floats,
    scale: Scale,
    scales: Mapping[str, Scale],
    engine: Engine,
    uncertainty: Uncertainty,
) -> tuple[Floats, dict[str, Any]]:
    """Sample the model."""
    from stancepack.positions.likelihood import expected
    from stancepack.positions.nuts import sample

    coded, chains, issues = coded_evidence(rows, scales)
    points = _points(lines, years, scale.name, chains)
    theta, cuts, notes = sample(coded, points, draws=uncertainty.draws, seed=engine.seed)
    own = cuts[None, :, issues.index(scale.name), : len(scale.codes) - 1]
    return expected(theta, own, scale.numbers), notes
