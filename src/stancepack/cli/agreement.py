"""``stancepack agreement``."""

from __future__ import annotations

from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def agreement(
    project: ProjectFolder = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print as CSV.")] = False,
) -> None:
    """Print the agreement of every round and variable, with intervals."""
    from stancepack.dataset.package import load

    table = load(package_home(project))["agreement"]
    if as_csv:
        print(table.to_csv(index=False, lineterminator="\n"), end="")
        return
    columns = [
        "round",
        "variable",
        "coefficient",
        "level",
        "value",
        "low",
        "high",
        "n_units",
        "verdict",
    ]
    print(table[columns].to_string(index=False, na_rep="–", float_format="{:.3f}".format))
