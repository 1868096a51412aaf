"""``stancepack report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def report(
    project: ProjectFolder = None,
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("build/report"),
) -> None:
    """Write the report: one self-contained page, and say where it is."""
    from stancepack.dataset.package import load
    from stancepack.site.report import write_report

    print(write_report(load(package_home(project)), out))
