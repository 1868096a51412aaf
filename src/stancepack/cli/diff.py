"""``stancepack diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import app, package_home


@app.command()
def diff(
    old: Annotated[
        Path, typer.Argument(help="The earlier release: a datapackage.json or its folder.")
    ],
    new: Annotated[
        Path | None,
        typer.Argument(help="The later one; else the project here, or the shipped data."),
    ] = None,
) -> None:
    """List what changed between two releases by row id, with the version step it requires."""
    from stancepack.dataset.diff import diff as compare

    changes = compare(old, new or package_home(None))
    for row in changes.table.itertuples():
        where = ", ".join(part for part in (row.table, row.row_id, row.column) if part)
        values = f": {row.old!r} → {row.new!r}" if row.change == "changed" else ""
        print(f"{row.step:5} {row.change} {where}{values}")
    print(changes)
