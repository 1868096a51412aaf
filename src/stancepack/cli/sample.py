"""``stancepack sample``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app


@app.command()
def sample(
    name: Annotated[str, typer.Argument(help="Name of the sample, such as human-1.")],
    size: Annotated[int, typer.Option(help="How many statements.")] = 300,
    project: ProjectFolder = None,
) -> None:
    """Draw statements by issue and year with known probabilities, for a round of a part."""
    from stancepack.project.project import Project
    from stancepack.release.samples import draw_sample

    path = draw_sample(Project.open(project), name, size)
    print(path)
    print("Each coder of it, next:")
    print(f"  stancepack code --coder ID --round {name} --list {path}")
    print(f"  stancepack sheet --coder ID --round {name} --list {path}, if on a sheet")
    print("Or, if not every coder is to code all of it, once for all of them:")
    print(f"  stancepack assign --round {name} --list {path} --coder ID --coder ID --coder ID")
