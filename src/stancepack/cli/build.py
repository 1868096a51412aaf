"""``stancepack build``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import Project, app, project_home


@app.command()
def build(
    project: Project = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; list what differs.")
    ] = False,
) -> None:
    """Build the released tables from seeds/ and coding/, and stamp hashes and counts."""
    from stancepack.release.build import build as make

    lines = make(project_home(project), check=check)
    print("\n".join(lines) if lines else "data/ and datapackage.json are what build makes.")
    if check and lines:
        raise typer.Exit(1)
