"""The command line: ``stancepack --help`` lists what it does."""

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
    typer.Option("--project", "-p", help="Folder of the stance package; else the one at or above here, else the shipped one."),
]
Coder = Annotated[str, typer.Option("--coder", "-c", help="Id of the coder in coding/coders.csv.")]
RoundName = Annotated[str, typer.Option("--round", "-r", help="Name of the round; else the one under way, or the next one.")]
Training = Annotated[bool, typer.Option("--training", help="The training set instead of a round.")]


def main() -> None:
    """Run the command line; bad input gives a message and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # what we print has arrows and accents, on every system
    try:
        app()
    except StancepackError as error:
        sys.exit(f"stancepack: {error}")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        sys.exit(f"stancepack: {error.filename or ''}: {error.strerror or error}")


def _home(project: Path | None) -> Path:
    from stancepack.files.paths import find, shipped

    if project is not None:
        return find(project)
    try:
        return find()
    except StancepackError:
        print("No project here; this is the shipped data set.", file=sys.stderr)
        return shipped()


def _own(project: Path | None) -> Path:
    """Return the folder of a project that can be worked on: an installed package cannot."""
    from stancepack.files.paths import find

    home = find(project)
    if not (home / "coding").is_dir() or not (home / "seeds").is_dir():
        raise StancepackError(f"{home}: not a project to work on; it has no coding/ and seeds/.")
    return home


@app.command()
def report(
    project: Project = None, out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("build/report")
) -> None:
    """Write the report: one self-contained page, and say where it is."""
    from stancepack.dataset.package import load
    from stancepack.report import write_report

    print(write_report(load(_home(project)), out))


@app.command()
def validate(
    package: Annotated[Path | None, typer.Argument(help="A datapackage.json or its folder.")] = None,
    project: Project = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the findings as CSV.")] = False,
) -> None:
    """Check everything and list what is wrong; exit code 1 if anything is."""
    from stancepack.validation import validate as check

    findings = check(package or _home(project))
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


@app.command()
def build(
    project: Project = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; list what differs.")] = False,
) -> None:
    """Build the released tables from seeds/ and coding/, and stamp hashes and counts."""
    from stancepack.release.build import build as make

    lines = make(_own(project), check=check)
    print("\n".join(lines) if lines else "data/ and datapackage.json are what build makes.")
    if check and lines:
        raise typer.Exit(1)


@app.command()
def agreement(
    project: Project = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print as CSV.")] = False,
) -> None:
    """Print the agreement of every round and variable, with intervals."""
    from stancepack.dataset.package import load

    table = load(_home(project))["agreement"]
    if as_csv:
        print(table.to_csv(index=False, lineterminator="\n"), end="")
        return
    columns = ["round", "variable", "coefficient", "level", "value", "low", "high", "n_units", "verdict"]
    print(table[columns].to_string(index=False, na_rep="–", float_format="{:.3f}".format))


@app.command()
def anchor(project: Project = None) -> None:
    """Find every passage and quotation again in the source texts; exit code 1 if one is not at its place."""
    from stancepack.dataset.package import load
    from stancepack.files.passages import missing_pieces, refind
    from stancepack.files.paths import text_of

    home = _home(project)
    good, lost, absent = 0, [], 0
    for row in load(home)["statements"].dropna(subset=["start", "end"]).itertuples():
        text = text_of(home, str(row.source).partition("[")[0])
        if text is None:
            absent += 1
            continue
        start, end = int(row.start), int(row.end)
        at = refind(text, end - start, str(row.passage_sha256), start)
        pieces = missing_pieces(text[start:end], row.quote) if at == start and isinstance(row.quote, str) else []
        if at == start and not pieces:
            good += 1
        elif at is None:
            lost.append(f"{row.statement_id}: the passage is not in the text.")
        elif at != start:
            lost.append(f"{row.statement_id}: the passage stands at {at}–{at + end - start}, not at {start}–{end}.")
        else:
            lost.append(f"{row.statement_id}: not in the passage: {' | '.join(pieces)}")
    print("\n".join([*lost, f"{good} at their place, {len(lost)} not, {absent} without text."]))
    if absent:
        print("Name the folder of the source texts in STANCEPACK_TEXTS.")
    if lost:
        raise typer.Exit(1)


@app.command()
def sheet(
    coder: Coder,
    round_name: RoundName = "",
    training: Training = False,
    project: Project = None,
    out: Annotated[Path | None, typer.Option(help="File to write; else build/sheets/<round>-<coder>.csv.")] = None,
    of: Annotated[str, typer.Option(help="For a new round: code statements of this earlier round again.")] = "",
    share: Annotated[float, typer.Option(help="With --of: the share of its statements, drawn at random.")] = 1.0,
) -> None:
    """Write the blank coding sheet of a coder, in the coder's own order, with context and scale."""
    from stancepack.project.sheets import sheet as blank

    home = _own(project)
    name = _round(home, round_name, training)
    path = blank(home, coder, name, out or home / "build" / "sheets" / f"{name}-{coder}.csv", of, share)
    print(f"{path}\nFill code, confidence and note in every row, save as CSV (UTF-8), then: stancepack seal --coder {coder} …")


@app.command()
def seal(
    filled: Annotated[Path, typer.Argument(help="The filled sheet.")],
    coder: Coder,
    round_name: RoundName = "",
    training: Training = False,
    project: Project = None,
) -> None:
    """Check a filled sheet and seal it; it is never changed afterwards."""
    from stancepack.project.sheets import seal as close

    home = _own(project)
    print(close(home, coder, _round(home, round_name, training), filled))


def _round(home: Path, name: str, training: bool) -> str:
    """Return the round that is meant: the one named, the training, or else the last one that was started."""
    import re

    from stancepack.project.rounds import TRAINING, rounds

    if training:
        return TRAINING
    if name and not re.fullmatch(r"[a-z0-9-]+", name):
        raise StancepackError(f"{name!r} cannot name a round; use small letters, digits and hyphens, such as round-2.")
    if name:
        return name
    started = [this for this in rounds(home) if not this.of]
    if not started:
        return "round-1"
    # a round with two sealed sheets is complete; joining it later takes its name
    last = started[-1]
    return last.name if len(last.sheets) < 2 else re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), last.name)


@app.command()
def adjudicate(
    project: Project = None,
    out: Annotated[Path | None, typer.Option(help="Write what is left as a sheet to fill.")] = None,
    take: Annotated[Path | None, typer.Option(help="Take a filled sheet into coding/adjudications.csv.")] = None,
    adjudicator: Annotated[str, typer.Option(help="Id of who settled it, with --take.")] = "",
) -> None:
    """List what is left to settle: both codes in shuffled order, without the coders' names."""
    from stancepack.project.adjudication import shuffled, unsettled, worksheet
    from stancepack.project.adjudication import take as add

    home = _own(project)
    if take is not None:
        print(f"Took {add(home, take, adjudicator)} rows.")
    left = unsettled(home)
    if out is not None:
        print(f"{out}: {worksheet(home, out)} rows to fill with code, rule and reason.")
        return
    for cell, variable in left:
        codes = " / ".join(cell.codes[coder] for coder in shuffled(cell))
        print(f"{cell.round.name}, {cell.statement_id}, {variable}: {codes}")
    print(f"{len(left)} left to settle.")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier release: a datapackage.json or its folder.")],
    new: Annotated[Path | None, typer.Argument(help="The later one; else the project here, or the shipped data.")] = None,
) -> None:
    """List what changed between two releases by row id, with the version step it requires."""
    from stancepack.dataset.diff import diff as compare

    changes = compare(old, new or _home(None))
    for row in changes.itertuples():
        where = ", ".join(part for part in (row.table, row.row_id, row.column) if part)
        values = f": {row.old!r} → {row.new!r}" if row.change == "changed" else ""
        print(f"{row.step:5} {row.change} {where}{values}")
    print(f"{len(changes)} changes; version step: {changes.attrs['step']}.")


@app.command()
def codebook(
    name: Annotated[str | None, typer.Argument(help="An issue, variable or rule; else the whole codebook.")] = None,
    project: Project = None,
) -> None:
    """Print the codebook, or one entry of it, for reading."""
    from stancepack.dataset.package import load

    print(load(_home(project)).codebook.render(name), end="")


@app.command()
def cite(method: Annotated[str | None, typer.Argument(help="A method, such as alpha.")] = None, project: Project = None) -> None:
    """Say how to cite the data set, or a method."""
    from stancepack.dataset.citation import cite as citation
    from stancepack.dataset.package import load

    print(citation(method, load(_home(project))))


if __name__ == "__main__":
    main()
