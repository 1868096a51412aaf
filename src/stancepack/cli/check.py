"""``stancepack check``."""

from __future__ import annotations

import csv
import sys
from dataclasses import astuple, fields
from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, say_next


@app.command()
def check(
    project: ProjectFolder = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the problems as CSV.")] = False,
) -> None:
    """List everything that can be wrong before anybody codes; exit code 1 if anything is."""
    from stancepack.project.checks import Problem, advice, problems
    from stancepack.project.project import Project

    opened = Project.open(project)
    found = problems(opened)
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column.name for column in fields(Problem)])
        writer.writerows(map(astuple, found))
    else:
        for problem in found:
            print(problem)
        for line in [] if found else advice(opened):
            print(f"advice: {line}")
        print(f"{len(found)} to mend." if found else "Nothing is wrong.")
    if found:
        raise typer.Exit(1)
    if not as_csv:
        say_next(opened)
