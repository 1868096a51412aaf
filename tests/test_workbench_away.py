"""Rounds in files: what comes back, what is refused, and that merging drops and chooses nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from coding_helpers import DEFAULTS
from database_servers import PostgreSQL, postgresql_server
from hypothesis import given
from hypothesis import strategies as st
from small_studies import issue, make_study, units

from stancepack.errors import StancepackError
from stancepack.project.project import Project
from stancepack.workbench import pages
from stancepack.workbench.away import bring_back, read_taken, take_along
from stancepack.workbench.coding import CodingDesk
from stancepack.workbench.journal import FILE, Entry, Journal, journal_of
from stancepack.workbench.merging import ArrivingEntry, alternatives, merge

HOSTILE = "Says {} </script><!-- <script> ' \" & \u2028 ]]> so."
ISSUES = {
    "trust": issue("Trust </script>", ("no", "partly", "yes"), neutral="partly"),
    "tax": issue("Tax on land", ("-1", "0", "1")),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    words = units(3, ["judge"], text=HOSTILE)
    return make_study(tmp_path / "study", issues=ISSUES, units=words, coding=None)


def take(home: Path, coder: str, path: Path, round_name: str = "") -> Path:
    with Journal(home / FILE) as journal:
        take_along(Project.open(home), journal, coder, path, round_name)
    return path


def bring(home: Path, *paths: Path) -> str:
    with Journal(home / FILE) as journal:
        return bring_back(Project.open(home), journal, paths)


def history(home: Path, coder: str) -> list[tuple[Any, ...]]:
    with Journal(home / FILE) as journal:
        rows = journal.history("round-1", coder)
    return [(r["unit"], r["field"], r["revision"], r["value"], r["entry"]) for r in rows]


def changed(path: Path, change: Callable[[dict[str, Any]], object], to: Path) -> Path:
    """Write a copy of a file whose data are changed, as its page or somebody would."""
    html = path.read_text(encoding="utf-8")
    before, start, rest = html.partition('<script type="application/json" id="taken">')
    inside, end, after = rest.partition("</script>")
    content = json.loads(inside)
    change(content)
    inside = json.dumps(content).replace("<", "\\u003c")
    to.write_text(before + start + inside + end + after, encoding="utf-8")
    return to


def adding(*rows: Sequence[Any]) -> Callable[[dict[str, Any]], object]:
    names = ("unit", "field", "revision", "value", "entry", "after")
    return lambda content: content["entries"].extend(dict(zip(names, r, strict=True)) for r in rows)


# ------------------------------------------------------------------------------------- merging

CELLS = [("S1", "code/tax"), ("S1", "comment"), ("S2", "code/tax"), ("", "keys")]


class Place:
    """A copy of one person's entries, which goes on by itself."""

    def __init__(self, entries: Sequence[ArrivingEntry] = ()) -> None:
        self.entries = [*entries]

    def newest(self) -> dict[tuple[str, str], Entry]:
        return {(row.written.unit, row.written.field): row.written for row in self.entries}

    def write(self, cell: tuple[str, str], value: str, name: str) -> None:
        before = self.newest().get(cell)
        entry = Entry(*cell, before.revision + 1 if before else 1, value, name)
        self.entries.append(ArrivingEntry(entry, before.entry if before else ""))

    def take(self, other: Place) -> None:
        for entry in merge([row.written for row in self.entries], other.entries).added:
            before = self.newest().get((entry.unit, entry.field))
            assert entry.revision == (before.revision if before else 0) + 1
            self.entries.append(ArrivingEntry(entry, before.entry if before else ""))

    def standing(self, cell: tuple[str, str]) -> set[str]:
        """What a coder is asked to choose from: one value, or several."""
        written = {key: entry.value for key, entry in self.newest().items()}
        return {written.get(cell, ""), *dict(alternatives(written)).get(cell, [])}


steps = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(CELLS), st.sampled_from(["", "1", "2", "3"])),
    max_size=25,
)


@given(
    st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from("12"))),
    steps,
    st.permutations([0, 1, 2]),
)
def test_whatever_copies_have_is_there_in_any_order_and_however_often(
    before: list[tuple[tuple[str, str], str]],
    written: list[tuple[int, tuple[str, str], str]],
    order: list[int],
) -> None:
    start = Place()
    for number, (cell, value) in enumerate(before):
        start.write(cell, value, f"before-{number}")
    journal, *copies = [Place(start.entries) for _ in range(4)]
    for number, (which, cell, value) in enumerate(written):
        copies[which].write(cell, value, f"after-{number}")
    for which in order:
        journal.take(copies[which])
    once = [*journal.entries]
    for which in [*order, *reversed(order)]:
        journal.take(copies[which])
    assert journal.entries == once
    for cell in CELLS[:3]:
        touched = [
            place for place in copies if place.newest().get(cell) != start.newest().get(cell)
        ]
        wanted = {place.newest()[cell].value for place in touched}
        assert journal.standing(cell) == (wanted or start.standing(cell))


@given(steps, st.integers(0, 24))
def test_an_older_copy_of_the_same_file_brings_nothing_new(
    written: list[tuple[int, tuple[str, str], str]], cut: int
) -> None:
    newer = Place()
    for number, (_, cell, value) in enumerate(written):
        newer.write(cell, value, f"{number}")
    older, journal = Place(newer.entries[:cut]), Place()
    journal.take(newer)
    assert merge([row.written for row in journal.entries], older.entries).added == []
    journal = Place()
    journal.take(older)
    journal.take(newer)
    assert journal.newest() == newer.newest()


def test_what_was_chosen_stays_chosen() -> None:
    cell = CELLS[0]
    one, other = Place(), Place()
    one.write(cell, "1", "a")
    other.write(cell, "2", "b")
    one.take(other)
    assert one.standing(cell) == {"1", "2"}
    one.write(cell, "2", "chosen")
    one.write((cell[0], f"elsewhere/{cell[1]}"), "", "settled")
    one.take(other)
    assert one.standing(cell) == {"2"}
    other.write(cell, "3", "c")  # the other place has gone on since
    one.take(other)
    assert one.standing(cell) == {"2", "3"}


# --------------------------------------------------------------------------------------- files


def test_a_file_holds_one_coders_things_alone_and_text_that_cannot_end_it(
    home: Path, tmp_path: Path
) -> None:
    with Journal(home / FILE) as journal:
        CodingDesk(Project.open(home), journal, "bob", "round-1")
        journal.write("round-1", "bob", [Entry("S000", "comment", 1, "the-marker", "b1")])
        journal.write("round-1", "ann", [Entry("S000", "comment", 1, "</script><b>", "a1")])
    path = take(home, "ann", tmp_path / "ann.html")
    html = path.read_text(encoding="utf-8")
    assert not {"the-marker", '"bob"', '"eve"'} & {*html.split(), *html.split(",")}
    assert "the-marker" not in html
    assert "bob" not in html
    assert html.count("</script>") == 2  # of the page's script and of its data
    assert "http://" not in html
    assert "https://" not in html
    assert "default-src &#39;none&#39;" in html
    taken = read_taken(path)
    assert (taken.person, taken.task, taken.project) == ("ann", "round-1", "study")
    assert [row.written for row in taken.entries] == [
        Entry("S000", "comment", 1, "</script><b>", "a1")
    ]


def test_no_script_or_style_can_end_its_element() -> None:
    for name in pages.SCRIPTS:
        assert "</script" not in pages.script(name).lower()
        assert "<!--" not in pages.script(name)
    assert "</style" not in pages.style().lower()


def test_a_file_that_is_there_is_not_overwritten_and_starts_no_round(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ann.html"
    path.write_text("my codes", encoding="utf-8")
    with pytest.raises(StancepackError, match="may hold somebody's codes"):
        take(home, "ann", path)
    with pytest.raises(StancepackError, match=r"let its name end in \.html"):
        take(home, "ann", tmp_path / "ann.csv")
    assert path.read_text(encoding="utf-8") == "my codes"
    assert not (home / "coding" / "rounds").exists()


def test_the_training_comes_first(tiny: Path, tmp_path: Path) -> None:
    training = {
        "version": "1.0.0",
        "items": {"T1": {"passage": "We will.", "answers": DEFAULTS, "because": "R1"}},
    }
    (tiny / "coding" / "training.yaml").write_text(json.dumps(training), encoding="utf-8")
    with (tiny / "coding" / "coders.csv").open("a", encoding="utf-8") as file:
        file.write("cem,human,coder,A third coder.\n")
    with pytest.raises(StancepackError, match="the training comes first"):
        take(tiny, "cem", tmp_path / "cem.html", "round-2")
    assert not (tmp_path / "cem.html").exists()


def test_entries_come_back_once_and_those_of_other_places_beside(
    home: Path, tmp_path: Path
) -> None:
    path = take(home, "ann", tmp_path / "ann.html")
    rows = [
        ("S000", "code/tax", 1, "1", "f1", ""),
        ("S000", "code/tax", 2, "0", "f2", "f1"),
        ("S001", "code/tax", 1, "1", "f3", ""),
        ("S001", "seconds", 1, "40", "f4", ""),
    ]
    coded = changed(path, adding(*rows), tmp_path / "coded.html")
    with Journal(home / FILE) as journal:
        here = [Entry("S001", "code/tax", 1, "-1", "j1"), Entry("S001", "seconds", 1, "9", "j2")]
        journal.write("round-1", "ann", here)
    said = bring(home, coded)
    assert "S001, code/tax: '-1' here, '1' elsewhere" in said
    assert "1 times, skips or settings differ" in said
    once = history(home, "ann")
    assert ("S000", "code/tax", 2, "0", "f2") in once
    assert ("S001", "elsewhere/code/tax", 1, '["1"]', "~f3") in once
    assert "S001, code/tax: '-1' here, '1' elsewhere" in bring(home, coded, path)
    assert history(home, "ann") == once


def with_(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.update({name: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_("form", "another"), "not a round that was taken along .* of this version"),
        (with_("task", "round-9"), "no round of this project is called that"),
        (with_("task", "../round-1"), "no round of this project is called that"),
        (with_("person", "bab"), "'bab'"),
        (with_("person", "eve"), "eve"),
        (with_("person", 7), "damaged"),
        (with_("codebook_sha256", "0" * 64), "another codebook here"),
        (with_("units_sha256", "0" * 64), "another unit list here"),
        (with_("entries", {}), "damaged"),
        (with_("entries", ["S000"]), "an entry has unit, field"),
        (adding(("S000", "code/tax", 1, "9", "f", "")), "S000, code/tax: '9' is not one of"),
        (adding(("S009", "code/tax", 1, "1", "f", "")), "no statement 'S009'"),
        (adding(("S000", "role", 1, "1", "f", "")), "no field 'role'"),
        (adding(("S000", "code/tax", 1, "1", "f", 3)), "does not say which entry it came after"),
        (adding(("S000", "code/tax", 0, "1", "f", "")), "revision"),
        (adding(("S000", "comment", 1, "\ud800", "f", "")), "is text"),
        (adding(("S000", "elsewhere/code/tax", 1, '["9"]', "f", "")), "'9' is not one of"),
        (adding(("S000", "elsewhere/code/tax", 1, "9", "f", "")), "not a list"),
        (adding(("S000", "elsewhere/elsewhere/comment", 1, '["9"]', "f", "")), "not a list"),
        (adding(("S000", "elsewhere/role", 1, "", "f", "")), "no field 'role'"),
    ],
)
def test_what_is_wrong_in_one_file_keeps_all_of_them_out(
    home: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = take(home, "ann", tmp_path / "ann.html")
    right = changed(path, adding(("S000", "flag", 1, "yes", "f", "")), tmp_path / "right.html")
    wrong = changed(path, change, tmp_path / "wrong.html")
    with pytest.raises(StancepackError, match=message) as error:
        bring(home, right, wrong)
    assert str(wrong) in str(error.value)
    assert history(home, "ann") == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"<script id='taken'>{", b"[" * 100_000])
def test_anything_else_is_not_a_round(home: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.html"
    path.write_bytes(content)
    with pytest.raises(StancepackError, match="not a round that was taken along"):
        bring(home, path)
    nested = b'<script type="application/json" id="taken">' + content + b"</script>"
    path.write_bytes(nested)
    with pytest.raises(StancepackError, match="not a round that was taken along"):
        bring(home, path)


def test_a_sealed_round_takes_nothing_back(home: Path, tmp_path: Path) -> None:
    path = take(home, "ann", tmp_path / "ann.html")
    with Journal(home / FILE) as journal:
        desk = CodingDesk(Project.open(home), journal, "ann", "round-1")
        cells = [(unit, f"code/{name}") for unit in desk.units for name in ISSUES]
        journal.write("round-1", "ann", [Entry(*cell, 1, "NA", f"{cell}") for cell in cells])
        desk.close()
    with pytest.raises(StancepackError, match="sealed already"):
        bring(home, path)


def test_the_command_line_takes_along_and_brings_back(
    home: Path, tmp_path: Path, run_here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for coder in ("ann", "bob"):
        taken = run_here(
            "code", home, "--coder", coder, "--take-along", f"{coder}.html", cwd=tmp_path
        )
        assert f"round-1 of {coder}, 3 statements" in taken.stdout, taken.stderr
        row = ("S000", "comment", 1, coder, f"f-{coder}", "")
        changed(tmp_path / f"{coder}.html", adding(row), tmp_path / f"{coder}-2.html")
    back = run_here("code", home, "--bring-back", "ann-2.html", "bob-2.html", cwd=tmp_path)
    assert "1 fields of ann" in back.stdout, back.stderr
    assert "1 fields of bob" in back.stdout
    # and from inside of the project, as *.html gives them
    again = run_here("code", "--bring-back", "../ann-2.html", "../bob-2.html", cwd=home)
    assert "0 fields of bob" in again.stdout, again.stderr
    assert [row[3] for row in history(home, "bob")] == ["bob"]
    two = run_here("code", home, "-c", "ann", "-c", "bob", "--take-along", "x.html", cwd=tmp_path)
    assert two.returncode == 2
    assert "name one" in two.stderr
    assert run_here("code", home, "more", "-c", "ann", cwd=tmp_path).returncode == 2
    named = run_here("code", home, "-c", "bob", "--bring-back", "ann-2.html", cwd=tmp_path)
    assert named.returncode == 2
    assert "--coder: not with --bring-back" in named.stderr


def test_a_round_that_begins_with_a_file_can_have_a_list(
    home: Path, tmp_path: Path, run_here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    (tmp_path / "list.txt").write_text("S001\nS002\n", encoding="utf-8")
    taken = run_here(
        *("code", home, "-c", "ann", "--list", "list.txt", "--take-along", "ann.html"), cwd=tmp_path
    )
    assert "round-1 of ann, 2 statements" in taken.stdout, taken.stderr
    assert {*Project.open(home).rounds["round-1"].units} == {"S001", "S002"}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    with postgresql_server() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Nothing for the file in the project, or the address of an empty database."""
    if request.param == "sqlite":
        return ""
    return str(request.getfixturevalue("postgresql").new_database())


def test_what_a_page_writes_meanwhile_is_kept_beside_what_comes_back(
    home: Path, tmp_path: Path, database: str
) -> None:
    values = ["-1", "0", "1"]
    with journal_of(Project.open(home), database) as journal:
        path = tmp_path / "ann.html"
        take_along(Project.open(home), journal, "ann", path)
        rows, after = [], ""
        for number in range(60):
            name = f"f{number}"
            rows.append(("S000", "code/tax", number + 1, values[number % 3], name, after))
            after = name
        coded = changed(path, adding(*rows), tmp_path / "coded.html")

        def write_on() -> None:
            for number in range(60):
                newest = {(e.unit, e.field): e for e in journal.newest("round-1", "ann")}
                before = newest.get(("S000", "code/tax"))
                revision = before.revision + 1 if before else 1
                entry = Entry("S000", "code/tax", revision, values[number % 2], f"p{number}")
                journal.write("round-1", "ann", [entry])

        writing = threading.Thread(target=write_on)
        writing.start()
        with contextlib.suppress(StancepackError):  # the page goes on and on: told to come again
            bring_back(Project.open(home), journal, [coded])
        writing.join()
        bring_back(Project.open(home), journal, [coded])
        history = journal.history("round-1", "ann")
        ids = {row["entry"].removeprefix("~") for row in history}
        assert {f"f{number}" for number in range(60)} <= ids
        standing = {(e.unit, e.field): e.value for e in journal.newest("round-1", "ann")}
        asked = dict(alternatives(standing)).get(("S000", "code/tax"), [])
        # the last code of the file stands, or was written over on the page that showed it, or asks
        is_ahead = any(row["entry"] == "f59" for row in history)
        assert is_ahead or standing["S000", "code/tax"] == values[59 % 3] or values[59 % 3] in asked
