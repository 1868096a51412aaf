"""``stancepack validate``."""

from __future__ import annotations

import os
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
    conformance: Annotated[
        bool, typer.Option("--conformance", help="Have frictionless check the package too.")
    ] = False,
) -> None:
    """Check everything and list what is wrong; exit code 1 if anything is."""
    # threads of linear algebra would wait for each other here, at a third more of processor time
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from stancepack.validation.validate import validate as findings_of

    meant = package or package_home(project)
    findings = findings_of(meant, conformance=conformance)
    if as_csv:
        print(findings.table.to_csv(index=False, lineterminator="\n"), end="")
    else:
        for finding in findings.table.itertuples():
            where = ", ".join(filter(None, (finding.table, finding.row_id, finding.column)))
            value = f" ({finding.value})" if finding.value else ""
            print(f"{finding.rule}: {where}{value}\n    {finding.message} {finding.remedy}")
        for line in findings.not_checked:
            print(f"not checked: {line}")
        print(f"{len(findings)} findings." if len(findings) else "Valid: no findings.")
    if len(findings):
        raise typer.Exit(1)
    if not as_csv:
        say_next_of(meant, after="validate")
