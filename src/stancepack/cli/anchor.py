"""``stancepack anchor``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def anchor(project: ProjectFolder = None) -> None:
    """Find every passage and quotation again in the texts; exit code 1 if one is not in place."""
    from stancepack.dataset.package import load

    home = package_home(project)
    statements = load(home)["statements"]
    if "start" not in statements:
        print("No statement has a passage at offsets.")
        return
    counts: Counter[str] = Counter()
    for row in statements.dropna(subset=["start", "end"]).itertuples():
        state, what = _place_of(home, row)
        counts[state] += 1
        if what:
            print(f"{row.statement_id}: {what}")
    print(
        f"{counts['good']} at their place, {counts['lost']} not, {counts['absent']} without text."
    )
    if counts["absent"]:
        print("Name the folder of the source texts in STANCEPACK_TEXTS.")
    if counts["lost"] or (counts["absent"] and not counts["good"]):
        raise typer.Exit(1)


def _place_of(home: Path, row: Any) -> tuple[str, str]:
    """Say of a statement whether its passage is in place (good, lost, absent), and what is wrong."""
    from stancepack.files.passages import PIECE, missing_pieces, refind
    from stancepack.files.paths import text_of

    text = text_of(home, str(row.source).partition("[")[0])
    if text is None:
        return "absent", ""
    start, end = int(row.start), int(row.end)
    found = refind(text, end - start, str(row.passage_sha256), start)
    if found is None:
        return "lost", "the passage is not in the text."
    if found != start:
        size = end - start
        return "lost", f"the passage stands at {found}–{found + size}, not at {start}–{end}."
    quote = row.quote if isinstance(row.quote, str) else ""
    if lost := missing_pieces(text[start:end], quote):
        return "lost", f"not in the passage: {PIECE.join(lost)}"
    return "good", ""
