"""``stancepack cite``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def cite(
    method: Annotated[str | None, typer.Argument(help="A method, such as alpha.")] = None,
    project: ProjectFolder = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Entries of BibTeX.")] = False,
) -> None:
    """Say how to cite the data set, or a method."""
    from stancepack.dataset.citation import cite as citation

    if method is not None:
        print(citation(method, bibtex=bibtex))
    else:
        print(citation(pkg=package_home(project), bibtex=bibtex))
