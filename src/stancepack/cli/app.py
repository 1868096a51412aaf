"""The command line itself: its options, and what becomes of errors."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from stancepack.errors import StancepackError

app = typer.Typer(
    help="Make, check, measure and report hand-coded stance data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Project = Annotated[
    Path | None,
    typer.Option(
        "--project",
        "-p",
        help="Folder of the stance package; else the one at or above here, else the shipped one.",
    ),
]
Coder = Annotated[str, typer.Option("--coder", "-c", help="Id of the coder in coding/coders.csv.")]
RoundName = Annotated[
    str,
    typer.Option(
        "--round", "-r", help="Name of the round; else the one under way, or the next one."
    ),
]
Training = Annotated[bool, typer.Option("--training", help="The training set instead of a round.")]


def main() -> None:
    """Run the command line; bad input gives a message and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                encoding="utf-8"
            )  # what we print has arrows and accents, on every system
    try:
        app()
    except StancepackError as error:
        sys.exit(f"stancepack: {error}")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        sys.exit(f"stancepack: {error.filename or ''}: {error.strerror or error}")


def package_home(project: Path | None) -> Path:
    """Return the folder of the package that is meant: the one named, the one here, or the shipped one."""
    from stancepack.files.paths import find, shipped

    if project is not None:
        return find(project)
    try:
        return find()
    except StancepackError:
        print("No project here; this is the shipped data set.", file=sys.stderr)
        return shipped()


def project_home(project: Path | None) -> Path:
    """Return the folder of a project that can be worked on: an installed package cannot."""
    from stancepack.files.paths import find

    home = find(project)
    if not (home / "coding").is_dir() or not (home / "seeds").is_dir():
        raise StancepackError(f"{home}: not a project to work on; it has no coding/ and seeds/.")
    return home


def round_meant(home: Path, name: str, training: bool) -> str:
    """Return the round that is meant: the one named, the training, or else the last one that was started."""
    import re

    from stancepack.project.rounds import TRAINING, rounds

    if training:
        return TRAINING
    if name and not re.fullmatch(r"[a-z0-9-]+", name):
        raise StancepackError(
            f"{name!r} cannot name a round; use small letters, digits and hyphens, such as round-2."
        )
    if name:
        return name
    started = [this for this in rounds(home) if not this.of]
    if not started:
        return "round-1"
    # a round with two sealed sheets is complete; joining it later takes its name
    last = started[-1]
    return (
        last.name
        if len(last.sheets) < 2
        else re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), last.name)
    )
