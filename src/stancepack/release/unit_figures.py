"""Agreement on units: how far two coders, alone, marked the same statements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stancepack.errors import StancepackError
from stancepack.files.mappings import read_yaml
from stancepack.files.tables import Row, read_rows

COLUMNS = ["n", "speaker", "start", "end"]


def matched(one: list[Row], other: list[Row]) -> list[tuple[int, int, float]]:
    """Match the units of two lists: the same speaker and the longest shared passage first, each unit once.

    Returns
    -------
    list of tuple
        Place in the first list, place in the second, and shared over joint length of the two
        passages.
    """
    pairs = []
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            low, high = max(int(a["start"]), int(b["start"])), min(int(a["end"]), int(b["end"]))
            if a["speaker"] == b["speaker"] and low < high:
                joint = max(int(a["end"]), int(b["end"])) - min(int(a["start"]), int(b["start"]))
                pairs.append((high - low, i, j, (high - low) / joint))
    found, left, right = [], set(), set()
    for _, i, j, share in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i not in left and j not in right:
            found.append((i, j, share))
            left.add(i)
            right.add(j)
    return found


def unit_figures(home: Path) -> list[dict[str, Any]]:
    """Compute the agreement of the unitisers of each round of unitising, with bootstrap intervals over units."""
    rows = []
    for manifest in sorted((home / "coding" / "unitising").glob("*/manifest.yaml")):
        content = read_yaml(manifest)
        names = content.get("lists")
        reading = content.get("kind") == "reading"
        if not isinstance(names, dict) or len(names) < 2 or (len(names) > 2 and not reading):
            raise StancepackError(
                f"{manifest}: 'lists' should give two unitisers, each with the sha256 of its list."
            )
        if reading:
            rows.append(_second_reading(manifest.parent, list(names)))
            continue
        one, other = (read_rows(manifest.parent / f"{name}.csv", COLUMNS) for name in names)
        if not one or not other:
            raise StancepackError(f"{manifest}: a list without units cannot be compared.")
        pairs = matched(one, other)
        both, total = len(pairs), len(one) + len(other)
        # a resampled unit counts 2 marks if both unitisers have it, else 1
        marks = np.array([2.0] * both + [1.0] * (total - 2 * both))
        shares = np.array([share for _, _, share in pairs])
        draws = np.random.RandomState(0)
        picks = draws.randint(0, len(marks), (10_000, len(marks)))
        dice = np.where(marks == 2, 2.0, 0.0)[picks].sum(axis=1) / marks[picks].sum(axis=1)
        overlap = (
            shares[draws.randint(0, both, (10_000, both))].mean(axis=1)
            if both
            else np.array([np.nan])
        )
        for variable, coefficient, value, boot, count in (
            ("unit", "dice", 2 * both / total, dice, both),
            ("unit", "jaccard", float(shares.mean()) if both else float("nan"), overlap, both),
        ):
            rows.append(
                {
                    "round": manifest.parent.name,
                    "variable": variable,
                    "coefficient": coefficient,
                    "value": value,
                    "low": float(np.quantile(boot, 0.025)),
                    "high": float(np.quantile(boot, 0.975)),
                    "level": "nominal" if coefficient == "dice" else "ratio",
                    "n_units": count,
                    "n_coders": 2,
                    "method": "percentile bootstrap over units, 10000 replicates, seed 0",
                    "verdict": "descriptive",
                    "note": "",
                }
            )
    return rows


def _second_reading(folder: Path, names: list[str]) -> dict[str, Any]:
    """Compute how many of the units of a first reader a second one found again in their sources and kept or merged."""
    first = {row["n"] for row in read_rows(folder / f"{names[0]}.csv", ["n"])}
    second = read_rows(folder / f"{names[1]}.csv", ["n", "decision", "check"])
    checked = [row for row in second if row["n"] in first]
    marks = np.array(
        [row["decision"] != "drop" and row["check"] != "unconfirmed" for row in checked],
        dtype=float,
    )
    if not len(marks):
        raise StancepackError(f"{folder}: the second reader checked no unit of the first.")
    boot = np.random.RandomState(0).binomial(len(marks), marks.mean(), 10_000) / len(marks)
    return {
        "round": folder.name,
        "variable": "unit",
        "coefficient": "percent",
        "value": float(marks.mean()),
        "low": float(np.quantile(boot, 0.025)),
        "high": float(np.quantile(boot, 0.975)),
        "level": "nominal",
        "n_units": len(marks),
        "n_coders": 2,
        "method": "percentile bootstrap over units, 10000 replicates, seed 0",
        "verdict": "descriptive",
        "note": "Units of the first reader that the second found again in their sources, and kept or merged.",
    }
