"""The command line itself: its options, and what becomes of errors."""

from __future__ import annotations

import io
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from stancepack.errors import StancepackError, StancepackWarning

if TYPE_CHECKING:
    from stancepack.project.project import Project

_HELP = "Make, check, measure and report hand-coded stance data."
app = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
ProjectFolder = Annotated[
    Path | None,
    typer.Option(
        "--project",
        "-p",
        help="Folder of the project or package; else the one at or above here.",
    ),
]
CoderId = Annotated[
    str, typer.Option("--coder", "-c", help="Id of the coder in coding/coders.csv.")
]
RoundName = Annotated[
    str,
    typer.Option("--round", "-r", help="Name of the round; else the one under way."),
]
Training = Annotated[bool, typer.Option("--training", help="The training set instead of a round.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from stancepack import __version__

        print(f"stancepack {__version__}")
        raise typer.Exit


@app.callback(help=_HELP)
def options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Say the version."),
    ] = False,
) -> None:
    """Take what goes before a command."""


def say_next(project: Project, *, after: str = "") -> None:
    """Print what comes next in a project, after a build, validate or report if named."""
    from stancepack.project.next_step import next_steps

    steps = next_steps(project, after=after)
    if not steps:
        return
    here = Path.cwd()
    where = "" if project.home in (here, *here.parents) else f", in {project.home}"
    if len(steps) == 1 and not where:
        print(f"Next: {steps[0]}")
    else:
        print("\n  ".join([f"Next{where}:", *steps]))


def say_next_of(package: Path, *, after: str) -> None:
    """Print what comes next if a package, named by its folder or descriptor, is of a project."""
    from stancepack.dataset.descriptor import descriptor_file
    from stancepack.dataset.settings import FILE
    from stancepack.project.project import Project

    home = descriptor_file(package).parent.resolve()
    if (home / FILE).is_file():
        say_next(Project(home), after=after)


# what a terminal obeys instead of showing it: control characters, and marks that turn text around
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def visible(text: str) -> str:
    """Return text with what a terminal would obey written out as an escape."""
    return _OBEYED.sub(lambda mark: ascii(mark[0])[1:-1], text)


class _VisibleStream:
    """A stream that prints what stands in cells, file names and messages as visible text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(visible(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def main() -> None:
    """Run the command line; bad input gives a message and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # what we print has arrows and accents, on every system, and names that are no text
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdout = cast("TextIO", _VisibleStream(sys.stdout))
    sys.stderr = cast("TextIO", _VisibleStream(sys.stderr))
    warnings.showwarning = _say_warning
    try:
        app()
    except StancepackError as error:
        sys.exit(f"stancepack: {error}")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"stancepack: {where}{error.strerror or error}")


def _say_warning(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """Say our warnings as we say errors; those of others as Python does."""
    if issubclass(category, StancepackWarning):
        print(f"stancepack: {message}", file=sys.stderr)
    else:
        _python_says(message, category, *where, **more)


_python_says = warnings.showwarning


def package_home(project: Path | None) -> Path:
    """Return the folder of the package that is meant: the one named or here, else the shipped."""
    from stancepack.files.paths import find, shipped

    if project is not None:
        return find(project)
    try:
        return find()
    except StancepackError:
        print("No project here; this is the shipped data set.", file=sys.stderr)
        return shipped()
