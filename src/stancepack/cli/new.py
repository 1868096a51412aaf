"""``stancepack new``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from stancepack.cli.app import app, say_next

_COUNT = "; one for all issues, or given once for each"


@app.command()
def new(
    folder: Annotated[
        Path, typer.Argument(help="Folder to make; one that is there must be empty.")
    ],
    issue: Annotated[
        list[str] | None,
        typer.Option(
            "--issue",
            "-i",
            help='An issue to code, with its question if you like: funding="Should it be funded?"; '
            "may be given again.",
        ),
    ] = None,
    scale: Annotated[
        list[str] | None,
        typer.Option(
            "--scale",
            "-s",
            help=f"Its codes in order: oppose,neutral,favour or 0..10 or -2..2{_COUNT}.",
        ),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(help=f"nominal, ordinal (if nothing is said), interval or ratio{_COUNT}."),
    ] = None,
    neutral: Annotated[
        list[str] | None, typer.Option(help=f"The code that takes no side{_COUNT}.")
    ] = None,
    coders: Annotated[str, typer.Option("--coders", "-c", help="Who codes: ann,bob.")] = "",
    kind: Annotated[
        str, typer.Option(help="What the coders are: human, language-model or rule.")
    ] = "human",
    adjudicator: Annotated[
        str, typer.Option(help="Who settles what they differ on.")
    ] = "adjudicator",
    unit: Annotated[
        str,
        typer.Option(
            help="words that may be passed on, or a passage at offsets in a text that is not."
        ),
    ] = "words",
    joint: Annotated[
        bool, typer.Option("--joint", help="Statements may have several actors.")
    ] = False,
    module: Annotated[
        list[str] | None,
        typer.Option("--module", "-m", help="A further module, such as offices; may be repeated."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the data set; else that of the folder.")] = "",
    title: Annotated[str, typer.Option(help="Its title.")] = "",
) -> None:
    """Make a project: small, with two made-up statements to replace, and valid as it stands."""
    from stancepack.project.new import Outline, new_project
    from stancepack.release.build import build

    issue, scale, coders = _asked(issue, scale, coders)
    default = Outline()
    outline = Outline(
        issues=_questions(issue) or default.issues,
        scales=scale or default.scales,
        levels=level or default.levels,
        neutrals=neutral or default.neutrals,
        coders=_listed(coders) or default.coders,
        coder_kind=kind,
        adjudicator=adjudicator,
        unit=unit,
        modules=[*(module or []), *(["joint"] if joint else [])],
        name=name,
        title=title,
    )
    project = new_project(folder, outline)
    build(project)
    codes = [f"{key} ({' '.join(found.codes)})" for key, found in outline.scale_of.items()]
    print(f"Made {folder}: {', '.join(codes)}; coders {', '.join(outline.coders)}.")
    print("It holds two made-up statements, and builds, validates and reports as it stands.")
    print(f"Work in it: cd {folder}")
    say_next(project)


def _asked(
    issue: list[str] | None, scale: list[str] | None, coders: str
) -> tuple[list[str] | None, list[str] | None, str]:
    """Ask for what was not said, of somebody at a terminal who said nothing."""
    if issue or scale or coders or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return issue, scale, coders
    issue = [typer.prompt("What is coded, in a word (an issue)", default="policy")]
    scale = [typer.prompt("Its codes in order, or a range", default="oppose,neutral,favour")]
    return issue, scale, str(typer.prompt("Who codes", default="coder-1,coder-2"))


def _questions(issues: Sequence[str] | None) -> dict[str, str]:
    """Return issues with their questions, as given: name, or name=question."""
    pairs = [text.partition("=") for text in issues or []]
    return {name.strip(): question.strip() for name, _, question in pairs}


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
