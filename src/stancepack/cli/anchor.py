"""``stancepack anchor``."""

from __future__ import annotations

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def anchor(project: ProjectFolder = None) -> None:
    """Find every passage and quotation again in the source texts; exit code 1 if one is not at its place."""
    from stancepack.dataset.package import load
    from stancepack.files.passages import missing_pieces, refind
    from stancepack.files.paths import text_of

    home = package_home(project)
    good, lost, absent = 0, [], 0
    for row in load(home)["statements"].dropna(subset=["start", "end"]).itertuples():
        text = text_of(home, str(row.source).partition("[")[0])
        if text is None:
            absent += 1
            continue
        start, end = int(row.start), int(row.end)
        at = refind(text, end - start, str(row.passage_sha256), start)
        pieces = (
            missing_pieces(text[start:end], row.quote)
            if at == start and isinstance(row.quote, str)
            else []
        )
        if at == start and not pieces:
            good += 1
        elif at is None:
            lost.append(f"{row.statement_id}: the passage is not in the text.")
        elif at != start:
            lost.append(
                f"{row.statement_id}: the passage stands at {at}–{at + end - start}, not at {start}–{end}."
            )
        else:
            lost.append(f"{row.statement_id}: not in the passage: {' | '.join(pieces)}")
    print("\n".join([*lost, f"{good} at their place, {len(lost)} not, {absent} without text."]))
    if absent:
        print("Name the folder of the source texts in STANCEPACK_TEXTS.")
    if lost:
        raise typer.Exit(1)
