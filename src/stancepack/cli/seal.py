"""``stancepack seal``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import Coder, Project, RoundName, Training, app, project_home, round_meant


@app.command()
def seal(
    filled: Annotated[Path, typer.Argument(help="The filled sheet.")],
    coder: Coder,
    round_name: RoundName = "",
    training: Training = False,
    project: Project = None,
) -> None:
    """Check a filled sheet and seal it; it is never changed afterwards."""
    from stancepack.project.sheets import seal as close

    home = project_home(project)
    print(close(home, coder, round_meant(home, round_name, training), filled))
