"""``stancepack codebook``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def codebook(
    name: Annotated[
        str | None, typer.Argument(help="An issue, variable or rule; else the whole codebook.")
    ] = None,
    project: ProjectFolder = None,
) -> None:
    """Print the codebook, or one entry of it, for reading."""
    from stancepack.dataset.package import load

    print(load(package_home(project)).codebook.render(name), end="")
