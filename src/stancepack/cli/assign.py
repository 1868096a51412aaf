"""``stancepack assign``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, say_next

if TYPE_CHECKING:
    from stancepack.project.rounds import Round


@app.command()
def assign(
    round_name: Annotated[str, typer.Option("--round", "-r", help="Name of the new round.")],
    coder: Annotated[
        list[str],
        typer.Option("--coder", "-c", help="Id of a coder in coding/coders.csv; given for each."),
    ],
    overlap: Annotated[int, typer.Option(help="How many coders code each statement.")] = 2,
    all_share: Annotated[
        float, typer.Option(help="Share of the statements, drawn at random, that all code.")
    ] = 0.0,
    stratum: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of the list or of coding/units.csv, or year: each coder has an equal load "
            "in each of its values; may be given again."
        ),
    ] = None,
    only_listed: Annotated[
        Path | None, typer.Option("--list", help="Only units of this file: ids, or a sample.")
    ] = None,
    share: Annotated[float, typer.Option(help="Only a share of the units, drawn at random.")] = 1.0,
    only_new: Annotated[
        bool, typer.Option("--new", help="Only units new, or worded anew since.")
    ] = False,
    only_readable: Annotated[
        bool, typer.Option("--readable", help="Only units whose words are here.")
    ] = False,
    instead_of: Annotated[
        str,
        typer.Option(help="In a round under way: the coder who leaves; --coder takes the place."),
    ] = "",
    project: ProjectFolder = None,
) -> None:
    """Start a round in which each statement is coded by some of the coders, drawn at random."""
    from stancepack.project import assigning
    from stancepack.project.assignment import Design
    from stancepack.project.project import Project
    from stancepack.project.rounds import Selection, listed_rows

    opened = Project.open(project)
    if instead_of:
        if len(coder) != 1:
            raise typer.BadParameter("name one who takes the place.", param_hint="--coder")
        coding_round = assigning.hand_over(opened, round_name, instead_of, coder[0])
    else:
        listed = listed_rows(only_listed) if only_listed else None
        if listed and not all(assigning.PROBABILITY in row for row in listed.values()):
            print(f"{only_listed}: it says no {assigning.PROBABILITY}; its units count as chosen.")
        selection = Selection("", share, only_new, only_readable)
        design = Design((*coder,), overlap, all_share, (*(stratum or ()),))
        coding_round = assigning.assign(
            opened, round_name, design, selection=selection, listed=listed
        )
    print(coding_round.assignment_file)
    _say_loads(coding_round)
    say_next(Project(opened.home))


def _say_loads(coding_round: Round) -> None:
    n_coders = Counter(row["statement_id"] for row in coding_round.assigned)
    for count, n_statements in sorted(Counter(n_coders.values()).items()):
        print(f"{n_statements} statements are coded by {count}.")
    for coder in coding_round.assigned_coders:
        print(f"  {coder}: {len(coding_round.units_of(coder))} statements")
