"""``stancepack settle``."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from stancepack.project.project import Project
    from stancepack.workbench.desk import Desk
    from stancepack.workbench.journal import Journal


@app.command()
def settle(
    context: typer.Context,
    project: Folder = None,
    adjudicator: Annotated[
        list[str] | None,
        typer.Option(
            "--adjudicator", "-a", help="Id of who settles, in coding/coders.csv; may be repeated."
        ),
    ] = None,
    round_name: Annotated[
        str, typer.Option("--round", "-r", help="Name of the round; else the first open one.")
    ] = "",
    flagged: Annotated[
        bool,
        typer.Option("--flagged", help="Only print as CSV what was flagged or commented on."),
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = 0,
    certificate: Certificate = None,
    key: Key = None,
    behind_proxy: BehindProxy = "",
    database: Database = "",
    browser: Browser = True,
) -> None:
    """Open the page on which disagreements are settled: codes without names, rules beside them."""
    from stancepack.project.project import Project
    from stancepack.workbench.settling import SettlingDesk, settled_by

    if flagged:
        take_only(context, "--flagged", {"project", "flagged"})
    opened = Project.open(project)
    if flagged:
        _print_flagged(opened)
        return
    if not adjudicator:
        raise typer.BadParameter("name who settles, with --adjudicator ID.", param_hint="-a")
    for person in adjudicator:
        settled_by(opened, person, round_name)  # what is wrong is said here, not on the page

    def desk(person: str, journal: Journal) -> Desk:
        return SettlingDesk(Project(opened.home), journal, person, round_name)

    serve_pages(
        context, opened.home, [("settle", person) for person in adjudicator], {"settle": desk}
    )


def _print_flagged(project: Project) -> None:
    from stancepack.files.tables import csv_text, for_spreadsheet
    from stancepack.project.flagged import COLUMNS, flagged

    rows = [for_spreadsheet(row) for row in flagged(project)]
    print(csv_text(COLUMNS, rows), end="")
