"""``stancepack lead``."""

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
)

if TYPE_CHECKING:
    from stancepack.workbench.desk import Desk
    from stancepack.workbench.journal import Journal


@app.command()
def lead(
    context: typer.Context,
    project: Folder = None,
    lead: Annotated[
        str, typer.Option("--lead", "-l", help="Id of who leads; nobody who codes the round.")
    ] = "",
    round_name: Annotated[
        str, typer.Option("--round", "-r", help="Name of the round; else the last one.")
    ] = "",
    host: Host = "127.0.0.1",
    port: Port = 0,
    certificate: Certificate = None,
    key: Key = None,
    behind_proxy: BehindProxy = "",
    database: Database = "",
    browser: Browser = True,
) -> None:
    """Open the page of who leads a team: progress, and agreement once all have closed the round."""
    from stancepack.project.project import Project
    from stancepack.workbench.leading import ROLE, LeadDesk

    if not lead:
        raise typer.BadParameter("name who leads, with --lead ID.", param_hint="--lead")
    home = Project.open(project).home

    def desk(person: str, journal: Journal) -> Desk:
        return LeadDesk(home, journal, person, round_name)

    serve_pages(context, home, [(ROLE, lead)], {ROLE: desk})
