"""``stancepack unitise``."""

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
from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.workbench.desk import Desk
    from stancepack.workbench.journal import Journal


@app.command()
def unitise(
    context: typer.Context,
    project: Folder = None,
    coder: Annotated[
        list[str] | None,
        typer.Option(
            "--coder", "-c", help="Id of a unitiser in coding/coders.csv; or of a merger."
        ),
    ] = None,
    list_name: Annotated[
        str, typer.Option("--list", "-l", help="Name of the list: a folder of coding/unitising/.")
    ] = "",
    source: Annotated[
        list[str] | None,
        typer.Option("--source", "-s", help="Source to read, for a new list; may be repeated."),
    ] = None,
    merge: Annotated[
        str, typer.Option("--merge", help="Name of a list that two have closed, to merge them.")
    ] = "",
    host: Host = "127.0.0.1",
    port: Port = 0,
    certificate: Certificate = None,
    key: Key = None,
    behind_proxy: BehindProxy = "",
    database: Database = "",
    browser: Browser = True,
) -> None:
    """Open the page on which people mark units in whole texts, alone; or merge two such lists."""
    from stancepack.project.merging import Merge
    from stancepack.project.project import Project
    from stancepack.project.unitising import join_unitising

    if not coder:
        raise typer.BadParameter("name who works, with --coder ID.", param_hint="--coder")
    if bool(list_name) == bool(merge):
        raise StancepackError("name what to mark with --list NAME, or what to merge with --merge.")
    if merge and source:
        raise StancepackError("--source is for a new list; --merge reads those of its list.")
    opened = Project.open(project)
    for person in coder:  # what is wrong is said here, before a page opens
        if merge:
            print(Merge(opened, merge, person).agreement)
        else:
            join_unitising(opened, person, list_name, source or ())

    def marking(person: str, journal: Journal) -> Desk:
        from stancepack.workbench.unitising import UnitisingDesk

        return UnitisingDesk(Project(opened.home), journal, person, list_name)

    def merging(person: str, journal: Journal) -> Desk:
        from stancepack.workbench.merging_units import MergingDesk

        return MergingDesk(Project(opened.home), journal, person, merge)

    serve_pages(
        context,
        opened.home,
        [("merge" if merge else "unitise", person) for person in coder],
        {"unitise": marking, "merge": merging},
    )
