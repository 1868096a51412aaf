"""``stancepack code``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stancepack.cli.app import app

if TYPE_CHECKING:
    from stancepack.workbench.desk import Desk
    from stancepack.workbench.journal import Journal

Host = Annotated[str, typer.Option(help="Where to listen; others than this machine need TLS.")]
Port = Annotated[int, typer.Option(help="Port; else that of last time, or the first free one.")]
Certificate = Annotated[Path | None, typer.Option(help="Certificate for TLS, with --key.")]
Key = Annotated[Path | None, typer.Option(help="Private key for TLS, with --certificate.")]
BehindProxy = Annotated[str, typer.Option(help="Public https address of a proxy that has TLS.")]
Database = Annotated[str, typer.Option(help="PostgreSQL in place of a file: postgresql://…")]
Browser = Annotated[bool, typer.Option(help="Open the page in the browser of this machine.")]


@app.command()
def code(
    project: Annotated[
        Path | None, typer.Argument(help="Folder of the project; else here.")
    ] = None,
    coder: Annotated[
        list[str] | None,
        typer.Option("--coder", "-c", help="Id of a coder in coding/coders.csv; may be repeated."),
    ] = None,
    round_name: Annotated[
        str, typer.Option("--round", "-r", help="Name of the round; else the one under way.")
    ] = "",
    host: Host = "127.0.0.1",
    port: Port = 0,
    certificate: Certificate = None,
    key: Key = None,
    behind_proxy: BehindProxy = "",
    database: Database = "",
    browser: Browser = True,
) -> None:
    """Open the page on which people code a round, each in an order of their own, blind."""
    from stancepack.project.project import Project
    from stancepack.workbench.serving import Place, serve

    if not coder:
        raise typer.BadParameter("name who codes, with --coder ID.", param_hint="--coder")
    opened = Project.open(project)

    def desk(person: str, journal: Journal) -> Desk:
        from stancepack.workbench.desks import coding_desk

        return coding_desk(Project(opened.home), journal, person, round_name)

    serve(
        opened.home,
        [("code", person) for person in coder],
        {"code": desk},
        place=Place(host, port, certificate, key, behind_proxy),
        database=database,
        open_browser=browser,
    )
