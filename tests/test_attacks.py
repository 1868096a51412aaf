"""People and machines err: nothing of anybody's work is lost, overwritten, misplaced or told."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import typer
from coding_helpers import add_coders, fill, filled_sheet
from hypothesis import Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from typer.testing import CliRunner

import stancepack as sp
from stancepack.cli.app import app
from stancepack.dataset.scales import Scale, code_as_written, nearest_code
from stancepack.files.atomic import interrupted
from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.adjudication import LEDGER, take, unsettled, worksheet
from stancepack.project.project import Project
from stancepack.project.rounds import Selection
from stancepack.project.sheets import SHEET_COLUMNS, seal, sheet
from stancepack.release.build import built_files

SRC = Path(sp.__file__).parents[1]


@pytest.fixture
def home(tiny: Path) -> Path:
    """The tiny project with two coders who have not coded yet."""
    add_coders(tiny, "cleo", "dora")
    return tiny


def content(home: Path, *folders: str) -> dict[str, bytes]:
    """Return every file below some folders of a project; of the whole project if none is named."""
    tops = [home / folder for folder in folders] or [home]
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for top in tops
        for path in sorted(top.rglob("*"))
        if path.is_file() and not path.name.startswith(".stancepack")
    }


# Nothing that somebody may have filled is overwritten

WRITERS = {  # commands that write where they are told
    "sheet": ["sheet", "--coder", "cleo", "--round", "round-1"],
    "adjudicate": ["adjudicate"],
}
PAGES = {"report", "new"}  # what these write is nobody's to fill


def test_every_command_that_writes_where_it_is_told_is_tried_here() -> None:
    group = typer.main.get_command(app)
    telling = {
        name
        for name, command in group.commands.items()  # type: ignore[attr-defined]
        if any("--out" in option.opts for option in command.params)
    }
    assert telling - PAGES == set(WRITERS)


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize("place", ["filled.csv", "seeds/actors.csv", "coding/units.csv", "seeds"])
def test_no_command_overwrites_what_is_there(home: Path, command: str, place: str) -> None:
    (home / LEDGER).unlink()
    (home / "filled.csv").write_text("somebody's work\n", encoding="utf-8")
    before = content(home)
    arguments = [*WRITERS[command], "--project", str(home), "--out", str(home / place)]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, sp.StancepackError), result.output
    assert content(home) == before


def test_the_default_sheet_of_a_coder_is_not_overwritten(home: Path) -> None:
    arguments = [*WRITERS["sheet"], "--project", str(home)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert CliRunner().invoke(app, arguments).exit_code == 0, "a blank sheet may be written again"
    path = fill(home / "build" / "sheets" / "cleo" / "round-1.csv")
    filled = path.read_bytes()
    result = CliRunner().invoke(app, arguments)
    assert "is there already, and may hold somebody's work" in str(result.exception)
    assert path.read_bytes() == filled


# A round is of one codebook and one list of units


def test_a_round_that_nobody_sealed_is_of_one_codebook(home: Path) -> None:
    early = filled_sheet(home, "cleo", "round-2")
    book = home / "coding" / "codebook.yaml"
    content = read_yaml(book)
    content["version"] = "1.1.0"
    content["issues"]["us-sites"]["question"] = "Should they never be built?"
    book.write_text(yaml_text(content), encoding="utf-8")
    with pytest.raises(sp.StancepackError, match=r"removing coding/rounds/round-2 takes it back"):
        sheet(Project.open(home), "dora", "round-2", home / "d.csv")
    shutil.rmtree(home / "coding" / "rounds" / "round-2")
    sheet(Project.open(home), "dora", "round-2", home / "d.csv")
    with pytest.raises(sp.StancepackError, match="the question beside it is not the one"):
        seal(Project.open(home), "cleo", "round-2", early)


def change_units(home: Path, change: Callable[[list[Row]], object]) -> None:
    path = home / "coding" / "units.csv"
    rows = read_rows(path, [])
    change(rows)
    write_rows(path, list(rows[0]), rows)


def test_units_that_are_added_wait_for_the_next_round(home: Path) -> None:
    cleo = filled_sheet(home, "cleo", "round-2")
    change_units(home, lambda rows: rows.append(rows[3] | {"statement_id": "S005"}))
    dora = filled_sheet(home, "dora", "round-2")
    assert {row["statement_id"] for row in read_rows(dora, [])} == {"S001", "S002", "S003", "S004"}
    for coder, path in (("cleo", cleo), ("dora", dora)):
        assert "24 codes of 4 units" in seal(Project.open(home), coder, "round-2", path)
    new = sheet(
        Project.open(home), "cleo", "round-3", home / "n.csv", selection=Selection(only_new=True)
    )
    assert {row["statement_id"] for row in read_rows(new, [])} == {"S005"}


def test_a_unit_that_is_edited_meanwhile_is_named_at_the_seal(home: Path) -> None:
    path = filled_sheet(home, "cleo")
    change_units(home, lambda rows: rows[2].update(proposition="Another proposition."))
    before = content(home)
    with pytest.raises(sp.StancepackError, match="S003 was changed since it started"):
        seal(Project.open(home), "cleo", "round-1", path)
    with pytest.raises(sp.StancepackError, match="S003 was changed since it started"):
        sheet(Project.open(home), "dora", "round-1", home / "d.csv")
    assert content(home) == before


@pytest.mark.parametrize("file", ["units.csv", "codebook.yaml", "ada.csv"])
def test_what_a_round_keeps_is_noticed_when_it_was_changed(tiny: Path, file: str) -> None:
    path = tiny / "coding" / "rounds" / "round-1" / file
    path.write_bytes(path.read_bytes() + b"\n")
    (tiny / LEDGER).unlink()
    with pytest.raises(sp.StancepackError, match=rf"{file}: not the .*; restore it from the hist"):
        (sp.build(tiny) if file == "units.csv" else worksheet(Project.open(tiny), tiny / "o.csv"))


# Codes stand on the statements and under the names they were given for


def truth(home: Path) -> tuple[Path, dict[tuple[str, str], str]]:
    """Fill a sheet so that no two codes of a variable can be mistaken; return it with its codes."""

    def change(rows: list[Row]) -> None:
        codes = iter(["-2", "-1", "0", "1"])
        for row in rows:
            if row["variable"] == "us-sites":
                row["code"] = next(codes)

    path = filled_sheet(home, "cleo", change=change)
    rows = read_rows(path, [])
    return path, {(row["statement_id"], row["variable"]): row["code"] for row in rows}


def sealed_codes(home: Path, coder: str = "cleo") -> dict[tuple[str, str], str]:
    rows = Project.open(home).rounds["round-1"].rows(coder)
    return {(row["statement_id"], row["variable"]): row["code"] for row in rows}


@pytest.mark.parametrize(
    "columns",
    [*([column] for column in SHEET_COLUMNS[:-3]), ["order", "statement_id"], SHEET_COLUMNS[:3]],
    ids="+".join,
)
def test_a_sheet_sorted_in_some_columns_only_is_refused_or_sealed_right(
    home: Path, columns: list[str]
) -> None:
    path, codes = truth(home)
    rows = read_rows(path, [])
    cells = [[row[column] for column in columns] for row in rows]
    for row, sorted_cells in zip(rows, sorted(cells), strict=True):
        row.update(zip(columns, sorted_cells, strict=True))
    write_rows(path, list(rows[0]), rows)
    with suppress(sp.StancepackError):
        seal(Project.open(home), "cleo", "round-1", path)
    if "cleo" in Project.open(home).rounds["round-1"].sheets:
        assert sealed_codes(home) == codes


def test_rows_sorted_whole_are_sealed_in_the_order_they_were_handed_out(home: Path) -> None:
    path, codes = truth(home)
    rows = read_rows(path, [])
    write_rows(path, list(rows[0]), sorted(rows, key=lambda row: row["passage"]))
    seal(Project.open(home), "cleo", "round-1", path)
    assert sealed_codes(home) == codes
    order = [row["order"] for row in Project.open(home).rounds["round-1"].rows("cleo")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda order: f"{order}.0", ""),
        (lambda order: f"{order},0", ""),
        (lambda order: "", r"order '', but it was handed out as number \d \(24 rows differ\)"),
        (lambda order: str(int(order) + 1), r"order '\d', but it was handed out as number \d"),
        (lambda order: "7" if order == "3" else order, r"order '7', .* number 3 \(6 rows differ\)"),
    ],
)
def test_the_order_may_be_written_otherwise_and_else_the_row_is_named(
    home: Path, change: Callable[[str], str], words: str
) -> None:
    path = filled_sheet(home, "cleo")
    rows = read_rows(path, [])
    write_rows(path, list(rows[0]), [row | {"order": change(row["order"])} for row in rows])
    if not words:
        assert seal(Project.open(home), "cleo", "round-1", path).startswith("Sealed 24 codes")
        return
    with pytest.raises(sp.StancepackError, match=words):
        seal(Project.open(home), "cleo", "round-1", path)


DASHES = "−" + "".join(
    mark for mark in map(chr, range(sys.maxunicode)) if unicodedata.category(mark) == "Pd"
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
SCALES = st.sampled_from(["-2..2", "-10..10", "0..10", "1..7"]) | st.builds(
    lambda low, size: f"{low}..{low + size}", st.integers(-50, 50), st.integers(1, 9)
)


@given(SCALES, st.data())
def test_no_dash_turns_a_code_into_its_opposite(text: str, data: st.DataObject) -> None:
    codes = [*Scale.parse(text).codes, "NA"]
    number = data.draw(st.integers(-60, 60))
    dash = data.draw(st.sampled_from(DASHES))
    written = data.draw(
        st.sampled_from(["{}", "{}.0", "{},0", " {}", "({})", "{}-", "+{}", "--{}", "{}%", "~{}"])
    )
    digits = str(abs(number)).translate(FULL_WIDTH if data.draw(st.booleans()) else {})
    cell = written.format(("-" if number < 0 else "") + digits).replace("-", dash)
    read = code_as_written(cell, codes)
    plain = written in ("{}", "{}.0", "{},0", " {}") or (written == "+{}" and number >= 0)
    if plain:
        assert read == str(number) if str(number) in codes else read not in codes
    else:
        assert read not in codes or int(read) == number
    assert "did you mean" not in nearest_code(cell, [code for code in codes if code != "NA"])


@pytest.mark.parametrize("code", ["−2", "–2", "－２", "-2.0", " -2 ", "‐2", "⁃2"])
def test_sealing_and_settling_read_codes_alike(home: Path, code: str) -> None:
    def change(rows: list[Row]) -> None:
        next(row for row in rows if row["variable"] == "us-sites")["code"] = code

    (home / LEDGER).unlink()
    worksheet(Project.open(home), home / "open.csv")
    rows = [row for row in read_rows(home / "open.csv", []) if row["variable"] == "us-sites"]
    rows[0].update(code=code, rule="r5;", reason="It is so.", statement_id="S001 ")
    write_rows(home / "open.csv", list(rows[0]), rows)
    if code == "⁃2":  # a bullet is no dash
        with pytest.raises(sp.StancepackError, match="is not in the codebook; codes: -2, -1"):
            seal(Project.open(home), "cleo", "round-1", filled_sheet(home, "cleo", change=change))
        with pytest.raises(sp.StancepackError, match="is not a code; codes: -2, -1"):
            take(Project.open(home), home / "open.csv", "eve")
        return
    assert take(Project.open(home), home / "open.csv", "eve") == 1
    [settled] = read_rows(home / LEDGER, [])
    assert (settled["code"], settled["rule"]) == ("-2", "R5")
    seal(Project.open(home), "cleo", "round-1", filled_sheet(home, "cleo", change=change))
    assert "-2" in sealed_codes(home).values()


# What people return from their programs


def as_csv(rows: list[Row], delimiter: str = ",", end: str = "\r\n") -> str:
    import csv
    import io

    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def changed(**cells: str) -> Callable[[list[Row]], bytes]:
    return lambda rows: as_csv([row | cells for row in rows]).encode()


RETURNED: dict[str, tuple[Callable[[list[Row]], bytes], str]] = {
    "semicolons, byte order mark": (lambda rows: b"\xef\xbb\xbf" + as_csv(rows, ";").encode(), ""),
    "tabs, UTF-16": (lambda rows: as_csv(rows, "\t").encode("utf-16"), ""),
    "sep=;": (lambda rows: ("sep=;\r\n" + as_csv(rows, ";")).encode(), ""),
    "CR": (lambda rows: as_csv(rows, end="\r").encode(), ""),
    "no last cell": (lambda rows: as_csv(rows).replace(",\r\n", "\r\n").encode(), ""),
    "rows of blanks": (lambda rows: as_csv(rows).encode() + b" , , ,\r\n,,,\r\n\r\n", ""),
    "Header": (lambda rows: as_csv(rows).replace("order,", "Order ,", 1).encode(), ""),
    "confidence 2.0": (changed(confidence="2.0"), ""),
    "confidence 2,0": (changed(confidence="2,0"), ""),
    "no-break spaces": (lambda rows: as_csv(rows).replace("NA", "\u00a0NA ").encode(), ""),
    "capitals": (lambda rows: as_csv(rows).replace(",indirect,", ",Indirect,").encode(), ""),
    "columns left out": (
        lambda rows: as_csv(
            [{name: row[name] for name in row if name not in ("before", "passage")} for row in rows]
        ).encode(),
        "",
    ),
    "rows left out": (lambda rows: as_csv(rows[2:]).encode(), "the row is missing"),
    "rows twice": (lambda rows: as_csv([*rows, rows[0]]).encode(), "coded 2 times"),
    "ids": (changed(statement_id="S1"), "S1, attribution: no such unit or variable"),
    "workbook": (lambda _: b"PK\x03\x04 xl/", "Excel workbook; save it as CSV"),
    "Latin-1": (lambda rows: as_csv(rows).replace("NA", "é").encode("latin-1"), "is not UTF-8"),
    "title above": (
        lambda rows: b"Round 1\r\n" + as_csv(rows).encode(),
        "names of the columns sta",
    ),
    "open quote": (
        lambda rows: as_csv(rows).replace(",NA,", ',"NA,', 1).encode(),
        r"line \d+: .*quotation mark",
    ),
    "pipes": (lambda rows: as_csv(rows, "|").encode(), "parted by pipes; save with commas"),
    "empty": (lambda _: b"", "the file is empty"),
}


@pytest.mark.parametrize("kind", RETURNED)
def test_what_programs_make_of_a_sheet_is_sealed_or_refused_with_words(
    home: Path, kind: str
) -> None:
    path, codes = truth(home)
    make, words = RETURNED[kind]
    path.write_bytes(make(read_rows(path, [])))
    if not words:
        seal(Project.open(home), "cleo", "round-1", path)
        assert sealed_codes(home) == codes
        return
    before = content(home / "coding")
    with pytest.raises(sp.StancepackError, match=words):
        seal(Project.open(home), "cleo", "round-1", path)
    assert content(home / "coding") == before


# Whatever is typed can be released


NASTY = [
    "\x00",
    "\x07",
    "\x7f",
    "\ufeff",
    "e\u0301",
    "=1+1",
    "-",
    "@",
    "a\r\nb",
    "\u202e",
    "\u200b",
]


@examples(max_examples=3, phases=[Phase.generate])
@given(st.lists(st.text(max_size=20), min_size=18, max_size=18))
def test_any_text_in_notes_reasons_and_conditions_is_released_without_a_finding(
    tiny_original: Path, texts: list[str]
) -> None:
    typed = [text.encode("utf-8", "ignore").decode() for text in [*NASTY, *texts]]

    def change(rows: list[Row]) -> None:
        for row, note in zip(rows, typed, strict=False):
            row["note"] = note

    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(tiny_original, Path(folder) / "tiny"))
        add_coders(home, "cleo")
        (home / LEDGER).unlink()
        seal(Project.open(home), "cleo", "round-1", filled_sheet(home, "cleo", change=change))
        book = Project.open(home).codebook
        for again in (1, 2):  # that a statement is conditional opens its condition
            out = home / "build" / f"open-{again}.csv"
            worksheet(Project.open(home), out)
            rows = read_rows(out, [])
            for row, text in zip(rows, itertools.cycle(typed), strict=False):
                known = book.codes(row["variable"]) if row["variable"] in book else [f"={text}"]
                code = {"attribution": "indirect", "conditional": "yes"}.get(
                    row["variable"], known[0]
                )
                row.update(code=code, rule="R5", reason=f"{text} .")
            write_rows(out, list(rows[0]), rows)
            take(Project.open(home), out, "eve")
        assert unsettled(Project.open(home)) == []
        shutil.rmtree(home / "build")
        sp.build(home)
        assert sp.validate(home).table.to_dict("records") == []


# Ids and paths


@pytest.mark.parametrize(
    "coder", ["../../../evil", "/abs", "a/b", "", "a\nb", "Ada", "con", "units"]
)
def test_an_id_of_a_coder_is_no_path(tiny: Path, coder: str) -> None:
    path = tiny / "coding" / "coders.csv"
    rows = [
        *read_rows(path, []),
        {"coder_id": coder, "kind": "human", "role": "coder", "description": "X."},
    ]
    write_rows(path, list(rows[0]), rows)
    before = content(tiny.parent)
    with pytest.raises(sp.StancepackError, match="cannot be the id of a coder; use small letters"):
        sheet(Project.open(tiny), coder, "round-1", tiny / "s.csv")
    assert content(tiny.parent) == before


@pytest.mark.parametrize("source", ["/etc/hostname", "../../out/secret[x]", "..", "a/b"])
def test_the_source_of_a_unit_is_no_path_to_a_text(tiny: Path, source: str) -> None:
    secret = tiny.parent / "out" / "secret.txt"
    secret.parent.mkdir()
    secret.write_text("secret " * 200, encoding="utf-8")
    (tiny / "texts" / "deep" / "er").mkdir(parents=True)
    add_coders(tiny, "cleo")
    change_units(tiny, lambda rows: rows[0].update(source=source, passage_sha256=""))
    with pytest.raises(sp.StancepackError):
        sheet(Project.open(tiny), "cleo", "round-2", tiny / "s.csv")
    assert not (tiny / "s.csv").exists()
    assert not (tiny / "coding" / "rounds" / "round-2").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_build_keeps_who_may_write(tiny: Path) -> None:
    for path in [*(tiny / "data").iterdir(), tiny / "datapackage.json"]:
        path.chmod(0o664)
    change_units(tiny, lambda rows: rows[0].update(venue="Town hall"))
    sp.build(tiny)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tiny / "data").iterdir()}
    assert modes == {0o664}


# Blindness


def test_a_coder_is_told_nothing_of_what_others_gave(tiny: Path, tmp_path: Path) -> None:
    """What is printed and handed out is the same whether another coder has sealed or not."""
    said: list[list[str]] = []
    sheets: list[bytes] = []
    for sealed in (False, True):
        home = Path(shutil.copytree(tiny, tmp_path / str(sealed) / "tiny"))
        add_coders(home, "cleo", "dora")
        if sealed:
            seal(Project.open(home), "cleo", "round-2", filled_sheet(home, "cleo", "round-2"))
        runner = CliRunner()
        named = ["--coder", "dora", "--round", "round-2", "--project", str(home)]
        first = runner.invoke(app, ["sheet", *named])
        folder = home / "build" / "sheets" / "dora"
        assert [path.name for path in folder.iterdir()] == ["round-2.csv"]
        path = folder / "round-2.csv"
        sheets.append(path.read_bytes())
        refused = runner.invoke(app, ["seal", *named, str(path)])
        done = runner.invoke(app, ["seal", *named, str(fill(path))])
        assert done.exit_code == 0
        # whose sheet comes next may be said
        parts = [
            first.output.split("Next")[0],
            str(refused.exception),
            done.output.split("Next")[0],
        ]
        words = "\n".join(parts)
        said.append(words.replace(str(home), "").splitlines())
        assert "cleo" not in words
    assert sheets[0] == sheets[1]
    assert said[0] == said[1]
    assert "ada" not in sheets[0].decode("utf-8-sig")


# Many at once, and killed at any step


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# each process does its work in every one of many projects, all at the same moment
AT_ONCE = """
    import sys, time
    from pathlib import Path
    from stancepack.errors import StancepackError
    from stancepack.project.adjudication import take
    from stancepack.project.project import Project
    from stancepack.project.sheets import seal, sheet
    from stancepack.release.build import build

    top, who, work = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    for home in sorted(top.iterdir()):
        (home / "build" / f"{who}.ready").touch()
        while len(list((home / "build").glob("*.ready"))) < 2:
            time.sleep(0.0005)
        project = Project.open(home)
        if work == "seal":
            seal(project, who, "round-2", home / "build" / f"round-2-{who}.csv")
        elif work == "sheet":
            sheet(project, who, "round-2", home / "build" / "another.csv")
        elif work == "take":
            take(project, home / "build" / f"{who}.csv", "eve")
        else:
            build(project)
"""
PROJECTS = 12  # of 1.0.0, which had no lock, every sixth lost a seal


def projects(home: Path, tmp_path: Path) -> Iterator[Path]:
    for number in range(PROJECTS):
        yield Path(shutil.copytree(home, tmp_path / "many" / f"{number:02}"))


def at_once(top: Path, *work: tuple[str, str]) -> None:
    processes = [run(AT_ONCE, top, who, what) for who, what in work]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said


@pytest.mark.slow
@pytest.mark.parametrize("other", ["seal", "sheet", "build"])
def test_two_people_at_once_lose_nothing(home: Path, tmp_path: Path, other: str) -> None:
    for coder in ("cleo", "dora"):
        filled_sheet(home, coder, "round-2")
    homes = list(projects(home, tmp_path))
    at_once(tmp_path / "many", ("cleo", "seal"), ("dora", other))
    for copy in homes:
        sheets = Project.open(copy).rounds["round-2"].sheets
        assert sorted(sheets) == ["cleo", *(["dora"] if other == "seal" else [])]
        assert len(Project.open(copy).rounds["round-2"].rows("cleo")) == 24
        assert (copy / "build" / "another.csv").is_file() == (other == "sheet")


@pytest.mark.slow
def test_two_who_settle_at_once_lose_nothing(tiny: Path, tmp_path: Path) -> None:
    settled = read_rows(tiny / LEDGER, [])
    (tiny / LEDGER).unlink()
    (tiny / "build").mkdir()
    for who, rows in (("one", settled[:2]), ("two", settled[2:])):
        write_rows(tiny / "build" / f"{who}.csv", list(rows[0]), rows)
    homes = list(projects(tiny, tmp_path))
    at_once(tmp_path / "many", ("one", "take"), ("two", "take"))
    for copy in homes:
        assert read_rows(copy / LEDGER, []) == settled


def steps(work: Callable[[], object], last: int) -> bool:
    """Do work in a child that is gone before its write of this number; tell whether it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    count = 0

    def counted(name: str) -> None:
        real = getattr(os, name)

        def call(*arguments: object, **named: object) -> object:
            nonlocal count
            flags = arguments[1] if name == "open" else os.O_WRONLY
            count += bool(int(str(flags)) & (os.O_WRONLY | os.O_RDWR))
            if count == last:
                os._exit(9)
            return real(*arguments, **named)

        setattr(os, name, call)

    for name in ("open", "replace", "unlink", "mkdir"):
        counted(name)
    try:
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)


def released(home: Path) -> dict[str, bytes]:
    """Return the files of a release, without those that are on their way."""
    files = content(home, "data") | {"datapackage.json": (home / "datapackage.json").read_bytes()}
    return {name: data for name, data in files.items() if not name.endswith(".part")}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_build_killed_anywhere_is_whole_or_refused_and_the_next_mends_it(
    tiny: Path, tmp_path: Path
) -> None:
    old = released(tiny)
    change_units(tiny, lambda rows: rows[0].update(venue="Town hall"))
    seeds = tiny / "seeds" / "actors.csv"
    seeds.write_text(seeds.read_text(encoding="utf-8").replace("The first", "A first"), "utf-8")
    files = built_files(Project.open(tiny))
    new = {
        str(name): text.encode() if isinstance(text, str) else text for name, text in files.items()
    }
    assert set(new) == set(old)
    states = set()
    for step in range(1, 400, 3):  # every step of a write is tried where writing itself is tested
        home = Path(shutil.copytree(tiny, tmp_path / str(step)))

        def write(home: Path = home) -> None:
            with Project.open(home).locked() as project:
                project.write(files)

        ended = steps(write, step)
        if interrupted(home):
            states.add("refused")
            with pytest.raises(sp.StancepackError, match="`stancepack build` completes it"):
                sp.load(home)
        else:
            sp.load(home)
            there = released(home)
            assert there in (old, new), f"step {step}"
            states.add("new" if there == new else "old")
        (sp.build(home) if step % 25 == 1 else write(home))
        assert released(home) == new, f"step {step}"
        shutil.rmtree(home)
        if ended:
            break
    else:
        pytest.fail("the write never ended")
    assert states == {"old", "refused", "new"}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_sheet_killed_anywhere_leaves_no_half_of_a_round(home: Path, tmp_path: Path) -> None:
    whole = {"round-2/manifest.yaml", "round-2/codebook.yaml", "round-2/units.csv"}
    for step in range(1, 200):
        copy = Path(shutil.copytree(home, tmp_path / str(step)))
        out = copy / "build" / "cleo.csv"

        def write(copy: Path = copy, out: Path = out) -> None:
            sheet(Project.open(copy), "cleo", "round-2", out)

        ended = steps(write, step)
        with Project.open(copy).locked():
            pass
        rounds = copy / "coding" / "rounds"
        there = {path.relative_to(rounds).as_posix() for path in rounds.glob("round-2/*")}
        assert there in (set(), whole), f"step {step}"
        assert not out.exists() or there == whole, "no sheet without its round"
        write()
        seal(Project.open(copy), "cleo", "round-2", fill(out))
        shutil.rmtree(copy)
        if ended:
            break
    else:
        pytest.fail("the sheet was never written")
