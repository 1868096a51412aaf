"""``stancepack agreement``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stancepack.cli.app import ProjectFolder, app, package_home
from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from pathlib import Path

_WORST = 10  # units that are shown


@app.command()
def agreement(
    file: Annotated[
        str | None, typer.Argument(help="A CSV file of codes; else the figures of the project.")
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(help="long (default), wide, coders-in-rows or counts."),
    ] = None,
    coefficient: Annotated[str | None, typer.Option(help="alpha (default), ac2 …")] = None,
    level: Annotated[
        str | None, typer.Option(help="Of alpha: nominal, ordinal (default), interval or ratio.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Of other coefficients: linear …")] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="Column of the unit; again for more.")
    ] = None,
    coder: Annotated[list[str] | None, typer.Option(help="Column of the coder.")] = None,
    value: Annotated[str | None, typer.Option(help="Column of the code.")] = None,
    missing: Annotated[
        list[str] | None, typer.Option(help="What stands for no code; again for more.")
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="All codes from the lowest to the highest, by commas.")
    ] = None,
    project: ProjectFolder = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print as CSV.")] = False,
) -> None:
    """Print agreement: of a file of codes, or of every round and variable of the project."""
    options = {
        "layout": layout,
        "coefficient": coefficient,
        "level": level,
        "weights": weights,
        "unit": unit,
        "coder": coder if coder is None or len(coder) > 1 else coder[0],
        "value": value,
        "missing": missing,
        "order": None if order is None else [code.strip() for code in order.split(",")],
    }
    given = {name: option for name, option in options.items() if option}
    if file is not None:
        if project is not None:
            raise StancepackError("--project would not be used: a file is named.")
        _of_file(file, given, as_csv)
        return
    if given:
        names = ", ".join(f"--{name}" for name in given)
        raise StancepackError(f"{names} would not be used: name the file of codes first.")
    _of_project(project, as_csv)


def _of_file(file: str | Path, options: dict[str, Any], as_csv: bool) -> None:
    """Print the figure of a file of codes, and the units that disagree most."""
    from stancepack.reliability.agreement import agreement as measure
    from stancepack.reliability.codings import Reading, codings
    from stancepack.reliability.diagnosis import diagnose

    reading: Any = {name: options.pop(name) for name in Reading.__annotations__ if name in options}
    codes = codings(file, **reading)
    figure = measure(codes, **options)
    if as_csv:
        print(figure.table.to_csv(index=False, lineterminator="\n"), end="")
        return
    print(f"read {codes!r}", file=sys.stderr)
    print(figure.summary())
    if codes.patterns.anonymous:
        return
    has_order = figure.coefficient == "alpha" or "weights" in options
    level = options.get("level", "ordinal" if has_order else "nominal")
    units = diagnose(codes, level=level, interval=None).units
    worst = units[units["share"] > 0].head(_WORST)
    if len(worst):
        shown = worst.drop(columns="without")
        print(f"\nThe units that disagree most, by their share of the disagreement ({level}):")
        print(shown.to_string(index=False, na_rep="–", float_format="{:.3g}".format))


def _of_project(project: Path | None, as_csv: bool) -> None:
    """Print the figures of a project or package."""
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
