"""``stancepack adjudicate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import Project, app, project_home


@app.command()
def adjudicate(
    project: Project = None,
    out: Annotated[Path | None, typer.Option(help="Write what is left as a sheet to fill.")] = None,
    take: Annotated[
        Path | None, typer.Option(help="Take a filled sheet into coding/adjudications.csv.")
    ] = None,
    adjudicator: Annotated[str, typer.Option(help="Id of who settled it, with --take.")] = "",
) -> None:
    """List what is left to settle: both codes in shuffled order, without the coders' names."""
    from stancepack.project.adjudication import shuffled, unsettled, worksheet
    from stancepack.project.adjudication import take as add

    home = project_home(project)
    if take is not None:
        print(f"Took {add(home, take, adjudicator)} rows.")
    left = unsettled(home)
    if out is not None:
        print(f"{out}: {worksheet(home, out)} rows to fill with code, rule and reason.")
        return
    for cell, variable in left:
        codes = " / ".join(cell.codes[coder] for coder in shuffled(cell))
        print(f"{cell.round.name}, {cell.statement_id}, {variable}: {codes}")
    print(f"{len(left)} left to settle.")
