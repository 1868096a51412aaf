"""What several tests of coding do: further coders, and sheets filled with plain codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.project import Project
from stancepack.project.sheets import sheet

DEFAULTS = {
    "attribution": "indirect",
    "speech_act": "claim",
    "conditional": "no",
    "addressee": "unstated",
}


def add_coders(home: Path, *coders: str) -> None:
    """Add people who have not coded yet."""
    with (home / "coding" / "coders.csv").open("a", encoding="utf-8", newline="") as file:
        for coder in coders:
            file.write(f"{coder},human,coder,Another coder.\n")


def fill(path: Path, change: Callable[[list[Row]], object] = lambda rows: None) -> Path:
    """Fill a blank sheet with codes that every variable has, then change it."""
    rows = read_rows(path, [])
    for row in rows:
        row.update(code=DEFAULTS.get(row["variable"], "NA"), confidence="2")
    changed = change(rows)
    write_rows(path, list(rows[0]), changed if isinstance(changed, list) else rows)
    return path


def filled_sheet(
    home: Path,
    coder: str,
    round_name: str = "round-1",
    change: Callable[[list[Row]], object] = lambda rows: None,
) -> Path:
    """Write the sheet of a coder and fill it."""
    out = home / "build" / f"{round_name}-{coder}.csv"
    return fill(sheet(Project.open(home), coder, round_name, out), change)
