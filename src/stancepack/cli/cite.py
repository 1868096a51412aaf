"""``stancepack cite``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def cite(
    method: Annotated[str | None, typer.Argument(help="A method, such as alpha.")] = None,
    project: ProjectFolder = None,
) -> None:
    """Say how to cite the data set, or a method."""
    from stancepack.dataset.citation import cite as citation
    from stancepack.dataset.package import load

    print(citation(method, load(package_home(project))))
