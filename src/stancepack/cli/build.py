"""``stancepack build``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app


@app.command()
def build(
    project: ProjectFolder = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; list what differs.")
    ] = False,
) -> None:
    """Build the released tables and the descriptor from seeds/ and coding/."""
    from stancepack.release.build import build as make

    lines = make(project, check=check)
    print("\n".join(lines) if lines else "data/ and datapackage.json are what build makes.")
    if check and lines:
        raise typer.Exit(1)
