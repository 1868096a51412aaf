"""Positions over time under the ordinal state model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stancepack.positions.evidence import drawn_years, years_of

if TYPE_CHECKING:
    from stancepack.positions.state_space import Evidence


_IMPUTED = 12  # sets of dates drawn within their bounds


def coded_evidence(everything: pd.DataFrame) -> tuple[Evidence, list[str], list[str]]:
    """Turn positions into the evidence of the ordinal model, with its chains and coders by name."""
    from stancepack.positions.state_space import Evidence

    keys = (
        everything["line"].where(everything["line"].notna(), everything["actor_id"])
        + " : "
        + everything["issue_id"]
    )
    chain, chains = pd.factorize(keys)
    issue, issues = pd.factorize(everything["issue_id"])
    people = sorted({coder for codes in everything["codes"] for coder, _ in codes})
    place = {name: number for number, name in enumerate(people)}
    slots = max(len(codes) for codes in everything["codes"])
    codes_ = np.full((len(everything), slots), -1, dtype=np.int64)
    coder = np.zeros((len(everything), slots), dtype=np.int64)
    for row, codes in enumerate(everything["codes"]):
        for slot, (name, position) in enumerate(codes):
            codes_[row, slot], coder[row, slot] = position + 2, place[name]
    e = Evidence(
        chain, drawn_years(everything, None), issue, codes_, coder, len(issues), len(people)
    )
    return e, chains.tolist(), issues.tolist()


def state_positions(
    everything: pd.DataFrame,
    mine: pd.DataFrame,
    issue: str,
    times: pd.DatetimeIndex,
    engine: str,
    seed: int,
    *,
    sources: list[str],
    level: float,
    draws: int,
    random: np.random.RandomState,
) -> pd.DataFrame:
    """Draw positions of each line at the times asked for, and describe them by mean and quantiles."""
    from stancepack.positions.state_space import expected, fit, positions_at

    e, chains, issues = coded_evidence(everything)
    lines = [str(line) for line in pd.unique(mine["line"])]
    at = years_of(times)
    number = {name: place for place, name in enumerate(chains)}
    wanted = [number[f"{line} : {issue}"] for line in lines]
    own = np.isin(e.chain, wanted)
    some = everything[own]
    place = issues.index(issue)
    rounds = _IMPUTED if "dates" in sources else 1
    each = max(2, draws // rounds)
    parts = []
    asked = (np.repeat(wanted, len(at)), np.tile(at, len(wanted)))
    if engine == "nuts":
        from stancepack.positions.nuts import sample

        theta, cuts, notes = sample(e, asked, draws=draws, seed=seed)
        parts, rounds = [expected(theta, cuts[None, :, place, :])], 0
    else:
        p, _, _ = fit(e)
        notes = p.notes
    for _ in range(rounds):
        when = drawn_years(some, random if "dates" in sources else None)
        _, theta, vectors = positions_at(
            e.take(own, when),
            p,
            asked,
            each,
            random,
            statements="statements" in sources,
            coders="coders" in sources,
        )
        cuts = np.array([p.split(vectors[:, draw])[0][place] for draw in range(each)])
        parts.append(expected(theta, cuts[None, :, :]))
    drawn = np.concatenate(parts, axis=1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    frames = []
    for k, line in enumerate(lines):
        rows = slice(k * len(at), (k + 1) * len(at))
        part = mine[mine["line"] == line]
        when = drawn_years(part, None)
        apart = np.abs(at[:, None] - when[None, :])
        n = (apart <= 0.5).sum(axis=1)
        silent = (apart > 1.0).all(axis=1)
        estimate = np.where(silent, np.nan, drawn[rows].mean(axis=1))
        frame = {
            "line": line,
            "time": times,
            "estimate": estimate,
            "low": low[rows],
            "high": high[rows],
            "n": n,
        }
        frames.append(pd.DataFrame(frame))
    out = pd.concat(frames, ignore_index=True)
    out.attrs["fit"] = {name: float(value) for name, value in notes.items()}
    return out
