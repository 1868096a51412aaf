"""``stancepack validate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import ProjectFolder, app, package_home, say_next_of


@app.command()
def validate(
    package: Annotated[
        Path | None, typer.Argument(help="A datapackage.json or its folder.")
    ] = None,
    project: ProjectFolder = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the findings as CSV.")] = False,
) -> None:
    """Check everything and list what is wrong; exit code 1 if anything is."""
    from stancepack.validation.validate import validate as check

    meant = package or package_home(project)
    findings = check(meant)
    if as_csv:
        print(findings.to_csv(index=False, lineterminator="\n"), end="")
    else:
        for f in findings.itertuples():
            where = ", ".join(part for part in (f.table, f.row_id, f.column) if part)
            value = f" ({f.value})" if f.value else ""
            print(f"{f.rule}: {where}{value}\n    {f.message} {f.remedy}")
        for line in findings.attrs["not_checked"]:
            print(f"not checked: {line}")
        print(f"{len(findings)} findings." if len(findings) else "Valid: no findings.")
    if len(findings):
        raise typer.Exit(1)
    if not as_csv:
        say_next_of(meant, after="validate")
