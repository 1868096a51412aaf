"""``stancepack sheet``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import CoderId, ProjectFolder, RoundName, Training, app


@app.command()
def sheet(
    coder: CoderId,
    round_name: RoundName = "",
    training: Training = False,
    project: ProjectFolder = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; else build/sheets/<coder>/<round>.csv.")
    ] = None,
    of: Annotated[
        str, typer.Option(help="For a new round: code statements of this earlier round again.")
    ] = "",
    share: Annotated[
        float, typer.Option(help="For a new round: a share of the statements, drawn at random.")
    ] = 1.0,
    only_new: Annotated[
        bool, typer.Option("--new", help="For a new round: only units new, or worded anew since.")
    ] = False,
    only_readable: Annotated[
        bool, typer.Option("--readable", help="For a new round: only units whose words are here.")
    ] = False,
    only_listed: Annotated[
        Path | None,
        typer.Option("--list", help="For a new round: only units of this file: ids, or a sample."),
    ] = None,
) -> None:
    """Write the blank coding sheet of a coder, in the coder's own order, with context and scale."""
    from stancepack.project.project import Project
    from stancepack.project.rounds import Round, Selection, listed_ids, round_for_coder
    from stancepack.project.sheets import default_sheet_path
    from stancepack.project.sheets import sheet as blank_sheet

    opened = Project.open(project)
    name = Round.TRAINING if training else round_name or round_for_coder(opened, coder)
    path = out or default_sheet_path(opened, coder, name)
    listed = tuple(sorted(listed_ids(only_listed))) if only_listed else ()
    selection = Selection(of, share, only_new, only_readable, listed)
    blank_sheet(opened, coder, name, path, selection=selection)
    print(path)
    print("Hand the coder this file and the codebook (`stancepack codebook`), nothing else.")
    what = "--training" if training else f"--round {name}"
    print("Filled in every row (code, confidence, note) and saved as CSV (UTF-8), next:")
    print(f"  stancepack seal --coder {coder} {what} {path}")
