"""``stancepack adjudicate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, say_next


@app.command()
def adjudicate(
    project: ProjectFolder = None,
    out: Annotated[Path | None, typer.Option(help="Write what is left as a sheet to fill.")] = None,
    take: Annotated[
        Path | None, typer.Option(help="Take a filled sheet into coding/adjudications.csv.")
    ] = None,
    adjudicator: Annotated[str, typer.Option(help="Id of who settled it, with --take.")] = "",
) -> None:
    """List what is left to settle: the codes in shuffled order, without the coders' names."""
    from stancepack.project.adjudication import take as take_worksheet
    from stancepack.project.adjudication import unsettled, worksheet
    from stancepack.project.project import Project

    opened = Project.open(project)
    if take is not None:
        print(f"Took {take_worksheet(opened, take, adjudicator)} rows.")
        opened = Project.open(project)
    if out is not None:
        print(f"{out}: {worksheet(opened, out)} rows to fill with code, rule and reason.")
        print(f"Next, once it is filled: stancepack adjudicate --take {out} --adjudicator ID")
        return
    left = unsettled(opened)
    for cell, variable in left:
        codes = " / ".join(cell.codes[coder] for coder in cell.shuffled())
        print(f"{cell.coding_round.name}, {cell.statement_id}, {variable}: {codes}")
    print(f"{len(left)} left to settle." if left else "Nothing left to settle.")
    say_next(Project(opened.home))
