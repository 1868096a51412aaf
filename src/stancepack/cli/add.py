"""``stancepack add``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, say_next
from stancepack.errors import StancepackError


@app.command()
def add(
    statements: Annotated[
        Path | None, typer.Argument(help="A CSV file of statements; else one by the options.")
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(help="Who speaks, by name or id; again for a joint statement."),
    ] = None,
    day: Annotated[
        str, typer.Option("--date", help="When, in EDTF: 2020-03-01, 2020-03, 2019?/2020-09.")
    ] = "",
    text: Annotated[str, typer.Option(help="The words that are coded and may be passed on.")] = "",
    source: Annotated[str, typer.Option(help="The document, and the place in it: key[p. 2].")] = "",
    passage: Annotated[str, typer.Option(help="The passage, to be found in its text.")] = "",
    quote: Annotated[
        str, typer.Option(help="The speaker's own words, to be found there if no passage is given.")
    ] = "",
    occurrence: Annotated[
        str, typer.Option(help="Which of several places where the words stand, from 1.")
    ] = "",
    proposition: Annotated[str, typer.Option(help="What is said, in your words.")] = "",
    venue: Annotated[str, typer.Option(help="Place, medium or occasion.")] = "",
    other: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any other column: event_id=budget-2019; may be repeated."),
    ] = None,
    new_actors: Annotated[
        bool, typer.Option("--new-actors", help="Also add actors that are not known.")
    ] = False,
    project: ProjectFolder = None,
) -> None:
    """Add statements, all or none: with new ids, and their passages found in the texts."""
    from stancepack.project.adding import SEVERAL, add_statements, read_statements
    from stancepack.project.project import Project

    opened = Project.open(project)
    given = {
        "actor": f"{SEVERAL} ".join(actor or []),
        "date": day,
        "text": text,
        "source": source,
        "passage": passage,
        "quote": quote,
        "occurrence": occurrence,
        "proposition": proposition,
        "venue": venue,
        **_columns(other or []),
    }
    one = {column: cell for column, cell in given.items() if cell}
    if statements is not None and one:
        what = "name a file or give one statement by options, not both"
        raise StancepackError(f"{what} ({', '.join(one)}).")
    if statements is None and not one:
        raise StancepackError("name a CSV file of statements, or give one: --actor, --date, …")
    if statements is None:
        added = add_statements(opened, [one], new_actors=new_actors)
    else:
        rows = read_statements(statements)
        added = add_statements(opened, rows, str(statements), new_actors=new_actors)
    print(added)
    say_next(Project(opened.home))


def _columns(settings: list[str]) -> dict[str, str]:
    """Return column and cell of ``column=cell``."""
    pairs = [text.partition("=") for text in settings]
    for name, equals, _ in pairs:
        if not equals:
            raise StancepackError(f"--set {name}: write it as column=cell.")
    return {name.strip(): cell.strip() for name, _, cell in pairs}
