"""``stancepack code``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stancepack.cli.app import app
from stancepack.cli.pages import (
    BehindProxy,
    Browser,
    Certificate,
    Database,
    Folder,
    Host,
    Key,
    Port,
    serve_pages,
    take_only,
)
from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stancepack.project.rounds import Selection
    from stancepack.workbench.desk import Desk
    from stancepack.workbench.journal import Journal

Take = Annotated[
    Path | None,
    typer.Option("--take-along", help="Write the round with its page into this file (.html)."),
]
Bring = Annotated[
    list[Path] | None,
    typer.Option("--bring-back", help="Files that were taken along, of any coders of the round."),
]
More = Annotated[list[Path] | None, typer.Argument(metavar="FILE", hidden=True)]


@app.command()
def code(
    context: typer.Context,
    project: Folder = None,
    more: More = None,
    coder: Annotated[
        list[str] | None,
        typer.Option("--coder", "-c", help="Id of a coder in coding/coders.csv; may be repeated."),
    ] = None,
    round_name: Annotated[
        str, typer.Option("--round", "-r", help="Name of the round; else the one under way.")
    ] = "",
    only_listed: Annotated[
        Path | None,
        typer.Option("--list", help="For a new round: only units of this file: ids, or a sample."),
    ] = None,
    lead: Annotated[
        str, typer.Option(help="Id of who leads and sees progress; nobody who codes the round.")
    ] = "",
    host: Host = "127.0.0.1",
    port: Port = 0,
    certificate: Certificate = None,
    key: Key = None,
    behind_proxy: BehindProxy = "",
    database: Database = "",
    browser: Browser = True,
    take: Take = None,
    bring: Bring = None,
) -> None:
    """Open the page on which people code a round, each in an order of their own, blind.

    Or take the round along as one file, code without a network, and bring it back.
    """
    from stancepack.project.coders import require_role
    from stancepack.project.project import Project
    from stancepack.project.rounds import Selection, listed_ids
    from stancepack.workbench.away import take_along
    from stancepack.workbench.journal import journal_of
    from stancepack.workbench.leading import ROLE

    if bring:
        # a file says whose it is, and of which round
        take_only(context, "--bring-back", {"project", "more", "bring", "database"})
        bring_back(project, bring, more or [], database)
        return
    if take is not None:
        of_a_file = {"project", "coder", "round_name", "only_listed", "take", "database"}
        take_only(context, "--take-along", of_a_file)
    if more:
        raise typer.BadParameter("one project at a time.", param_hint="PROJECT")
    if not coder:
        raise typer.BadParameter("name who codes, with --coder ID.", param_hint="--coder")
    if lead in coder:
        what = f"{lead} codes; who leads a round sees how others are getting on. Name another lead."
        raise StancepackError(what)
    opened = Project.open(project)
    for person in coder:
        require_role(opened.coders, person, "coder")
    listed = tuple(sorted(listed_ids(only_listed))) if only_listed else ()
    selection = Selection(only_listed=listed) if listed else None
    if take is not None:
        if len(coder) > 1:
            raise typer.BadParameter("a file is one coder's; name one.", param_hint="--coder")
        with journal_of(opened, database) as kept:
            print(take_along(opened, kept, coder[0], take, round_name, selection))
        return
    people = [*(("code", person) for person in coder), *([(ROLE, lead)] if lead else [])]
    serve_pages(context, opened.home, people, desks(opened.home, coder, round_name, selection))


def desks(
    home: Path, coders: list[str], round_name: str, selection: Selection | None
) -> dict[str, Callable[[str, Journal], Desk]]:
    """Return what opens the desks of coders and of who leads them, by role."""
    from stancepack.workbench.current import CurrentProject
    from stancepack.workbench.desks import coder_desk
    from stancepack.workbench.leading import ROLE, LeadDesk

    current = CurrentProject(home)

    def coders_desk(person: str, journal: Journal) -> Desk:
        return coder_desk(current.read(), journal, person, round_name, selection)

    def leads_desk(person: str, journal: Journal) -> Desk:
        return LeadDesk(home, journal, person, round_name, coders)

    return {"code": coders_desk, ROLE: leads_desk}


def bring_back(project: Path | None, first: list[Path], more: list[Path], database: str) -> None:
    """Bring files back; those after the first one of ``--bring-back *.html`` come as arguments."""
    from stancepack.project.project import Project
    from stancepack.workbench import away
    from stancepack.workbench.journal import journal_of

    files, folder = [*first, *more], project
    if project is not None and project.suffix.lower() in (".html", ".htm"):
        files, folder = [*first, project, *more], None
    opened = Project.open(folder)
    with journal_of(opened, database) as journal:
        print(away.bring_back(opened, journal, files))
