"""``stancepack seal``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import CoderId, ProjectFolder, RoundName, Training, app, say_next


@app.command()
def seal(
    filled: Annotated[Path, typer.Argument(help="The filled sheet.")],
    coder: CoderId,
    round_name: RoundName = "",
    training: Training = False,
    project: ProjectFolder = None,
) -> None:
    """Check a filled sheet and seal it; it is never changed afterwards."""
    from stancepack.project.project import Project
    from stancepack.project.rounds import Round, round_to_seal
    from stancepack.project.sheets import seal as seal_sheet

    opened = Project.open(project)
    name = Round.TRAINING if training else round_name or round_to_seal(opened, coder)
    print(seal_sheet(opened, coder, name, filled))
    say_next(Project(opened.home))
