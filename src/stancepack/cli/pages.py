"""What the commands that open pages share: where to listen, and what a way of working takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stancepack.workbench.desk import Desk
    from stancepack.workbench.journal import Journal

Folder = Annotated[Path | None, typer.Argument(help="Folder of the project; else here.")]
Host = Annotated[str, typer.Option(help="Where to listen; others than this machine need TLS.")]
Port = Annotated[int, typer.Option(help="Port; else that of last time, or the first free one.")]
Certificate = Annotated[Path | None, typer.Option(help="Certificate for TLS, with --key.")]
Key = Annotated[Path | None, typer.Option(help="Private key for TLS, with --certificate.")]
BehindProxy = Annotated[str, typer.Option(help="Public https address of a proxy that has TLS.")]
Database = Annotated[str, typer.Option(help="PostgreSQL in place of a file: postgresql://…")]
Browser = Annotated[bool, typer.Option(help="Open the page in the browser of this machine.")]


def take_only(context: typer.Context, option: str, used: set[str]) -> None:
    """Refuse options that were given and that a way of working has no use for.

    Parameters
    ----------
    context
        Of the command.
    option
        The option that chooses the way, such as ``--flagged``.
    used
        The parameters of the command that it takes.
    """
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name not in used and source is not None and source.name == "COMMANDLINE":
            what = f"not with {option}, which has no use for it."
            raise typer.BadParameter(what, param_hint=parameter.opts[0])


def serve_pages(
    context: typer.Context,
    home: Path,
    people: list[tuple[str, str]],
    desks: Mapping[str, Callable[[str, Journal], Desk]],
) -> None:
    """Serve the desks of people, where and how the options of the command say."""
    from stancepack.workbench.serving import Place, serve

    where = ("host", "port", "certificate", "key", "behind_proxy")
    serve(
        home,
        people,
        desks,
        place=Place(*(context.params[name] for name in where)),
        database=context.params["database"],
        open_browser=context.params["browser"],
    )
