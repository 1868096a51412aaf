"""Agreement on units: how far two coders, alone, marked the same statements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError
from stancepack.files.tables import read_rows
from stancepack.project.matching import matched, read_marks
from stancepack.project.project import UNITISING, Project

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats

_REPLICATES = 10_000
_METHOD = f"percentile bootstrap over units, {_REPLICATES} replicates, seed 0"
_READ_AGAIN = (
    "Units of the first reader that the second found again in their sources, and kept or merged."
)


def unit_figures(project: Project) -> list[dict[str, Any]]:
    """Compute the agreement of the unitisers of each round that has both lists, with intervals.

    Raises
    ------
    StancepackError
        If a round has more than two lists, or one of them no units.
    """
    rows = []
    for name, manifest in project.unit_lists.items():
        if manifest.get("kind") == "audit":  # remarks on units that are there; none is marked
            continue
        unitisers = list(manifest["lists"])
        folder = project.path(f"{UNITISING}/{name}")
        is_reading = manifest.get("kind") == "reading"
        if len(unitisers) > 2 and not is_reading:
            what = "'lists' should give two unitisers, each with the sha256 of its list."
            raise StancepackError(f"{folder / 'manifest.yaml'}: {what}")
        if len(unitisers) < 2:
            continue  # under way: nothing to compare yet
        if is_reading:
            rows.append(_second_reading(folder, unitisers))
        else:
            rows += _marked_by_both(folder, unitisers)
    return rows


def _marked_by_both(folder: Path, unitisers: list[str]) -> list[dict[str, Any]]:
    """Compute Dice's coefficient of two unit lists, and how much of a passage they share."""
    first, second = (read_marks(folder / f"{name}.csv") for name in unitisers)
    if not first or not second:
        raise StancepackError(f"{folder}: a list without units cannot be compared.")
    shares = np.array([share for _, _, share in matched(first, second)])
    both, total = len(shares), len(first) + len(second)
    # a resampled unit counts two marks if both unitisers have it, else one
    marks = np.repeat([2.0, 1.0], [both, total - 2 * both])
    random = np.random.RandomState(0)
    picks = random.randint(0, len(marks), (_REPLICATES, len(marks)))
    dice = np.where(marks == 2, 2.0, 0.0)[picks].sum(axis=1) / marks[picks].sum(axis=1)
    overlap = np.array([np.nan])
    if both:
        overlap = shares[random.randint(0, both, (_REPLICATES, both))].mean(axis=1)
    shared = float(shares.mean()) if both else float("nan")
    return [
        _figure(folder.name, "dice", 2 * both / total, dice, both, "nominal"),
        _figure(folder.name, "jaccard", shared, overlap, both, "ratio"),
    ]


def _second_reading(folder: Path, readers: list[str]) -> dict[str, Any]:
    """Compute how many units of a first reader a second one found again and kept or merged."""
    first = {row["n"] for row in read_rows(folder / f"{readers[0]}.csv", ["n"])}
    second = read_rows(folder / f"{readers[1]}.csv", ["n", "decision", "check"])
    kept = [
        row["decision"] != "drop" and row["check"] != "unconfirmed"
        for row in second
        if row["n"] in first
    ]
    if not kept:
        raise StancepackError(f"{folder}: the second reader checked no unit of the first.")
    share = float(np.mean(kept))
    drawn = np.random.RandomState(0).binomial(len(kept), share, _REPLICATES) / len(kept)
    row = _figure(folder.name, "percent", share, drawn, len(kept), "nominal")
    return row | {"note": _READ_AGAIN}


def _figure(
    name: str, coefficient: str, value: float, drawn: Floats, n_units: int, level: str
) -> dict[str, Any]:
    return {
        "round": name,
        "variable": "unit",
        "coefficient": coefficient,
        "value": value,
        "low": float(np.quantile(drawn, 0.025)),
        "high": float(np.quantile(drawn, 0.975)),
        "level": level,
        "n_units": n_units,
        "n_coders": 2,
        "method": _METHOD,
        "verdict": "descriptive",
        "note": "",
    }
