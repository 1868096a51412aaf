"""``stancepack build``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, say_next


@app.command()
def build(
    project: ProjectFolder = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; list what differs.")
    ] = False,
) -> None:
    """Build the released tables and the descriptor from seeds/ and coding/."""
    from stancepack.project.project import Project
    from stancepack.release.build import build as make

    opened = Project.open(project)
    lines = make(opened, check=check)
    print("\n".join(lines) if lines else "data/ and datapackage.json are what build makes.")
    if check and lines:
        raise typer.Exit(1)
    say_next(Project(opened.home), after="build")
