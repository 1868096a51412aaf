"""``stancepack sheet``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import Coder, Project, RoundName, Training, app, project_home, round_meant


@app.command()
def sheet(
    coder: Coder,
    round_name: RoundName = "",
    training: Training = False,
    project: Project = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; else build/sheets/<round>-<coder>.csv.")
    ] = None,
    of: Annotated[
        str, typer.Option(help="For a new round: code statements of this earlier round again.")
    ] = "",
    share: Annotated[
        float, typer.Option(help="With --of: the share of its statements, drawn at random.")
    ] = 1.0,
) -> None:
    """Write the blank coding sheet of a coder, in the coder's own order, with context and scale."""
    from stancepack.project.sheets import sheet as blank

    home = project_home(project)
    name = round_meant(home, round_name, training)
    path = blank(
        home, coder, name, out or home / "build" / "sheets" / f"{name}-{coder}.csv", of, share
    )
    print(
        f"{path}\nFill code, confidence and note in every row, save as CSV (UTF-8), then: stancepack seal --coder {coder} …"
    )
