"""``stancepack report``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home, say_next_of


@app.command()
def report(
    project: ProjectFolder = None,
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("build/report"),
) -> None:
    """Validate, and write the report: one self-contained page; exit code 1 if anything is wrong."""
    from stancepack.dataset.package import load
    from stancepack.site.report import write_report
    from stancepack.validation.validate import validate

    began = time.monotonic()
    pkg = load(package_home(project))
    print(pkg)
    findings = validate(pkg.descriptor.path)
    page = write_report(pkg, out, findings)
    n = len(findings)
    print(
        f"{n} finding{'s' if n > 1 else ''}; the page lists them." if n else "Valid: no findings."
    )
    print(f"Report: {page} ({time.monotonic() - began:.1f} s)")
    if n:
        print("Next: stancepack validate")
        raise typer.Exit(1)
    say_next_of(pkg.home, after="report")
