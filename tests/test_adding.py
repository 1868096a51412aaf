"""Statements added to a project: ids, actors, dates, and passages found in their texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.passages import fingerprint
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.adding import read_statements
from stancepack.project.sheets import default_sheet_path, sheet

TEXT = """The chair opened the debate. “We will pay,” he said; it was late.

The member for the coast, Ms Ruiz, called it an emp-
ty promise. The Non-
Aligned listened. The Café was closed. “We will pay,” he said again.
"""
ENTRY = "@misc{debate,\n  title = {A debate},\n  date = {2020-03},\n}\n"


@pytest.fixture
def words(tmp_path: Path) -> sp.Project:
    """A project of words that may be passed on."""
    return sp.new_project(tmp_path / "words", sp.Outline(modules=("retired",)))


@pytest.fixture
def passages(tmp_path: Path) -> sp.Project:
    """A project of passages, with a text."""
    project = sp.new_project(tmp_path / "passages", sp.Outline(unit="passage"))
    (project.home / "texts" / "debate.txt").write_text(TEXT, encoding="utf-8", newline="")
    bibliography = project.home / "seeds" / "sources.bib"
    bibliography.write_text(bibliography.read_text() + "\n" + ENTRY, encoding="utf-8")
    return sp.Project.open(project.home)


def statement(**cells: str) -> Row:
    return {"actor": "Jane Doe", "date": "2020-03-01", **cells}


def add(project: sp.Project, *rows: Row, new_actors: bool = True) -> dict[str, Row]:
    """Add rows and return the units of the project with them."""
    sp.add_statements(sp.Project.open(project.home), rows, new_actors=new_actors)
    return sp.Project.open(project.home).units


def files_of(project: sp.Project) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.home.rglob("*") if path.is_file()}


def test_the_first_statements_replace_what_was_made_up(words: sp.Project) -> None:
    added = sp.add_statements(words, [statement(text="We will pay.")], new_actors=True)
    assert added.removed == ["made-up-1", "made-up-2"]
    now = sp.Project.open(words.home)
    assert [*now.units] == added.statements == ["S001"]
    assert [*now.actors] == ["jane-doe"]
    assert now.actors["jane-doe"]["kind"] == "person"
    assert "Removed what was made up: made-up-1, made-up-2." in str(added)


def test_the_made_up_source_goes_too(passages: sp.Project) -> None:
    add(passages, statement(source="debate", quote="empty promise"))
    assert [*sp.Project.open(passages.home).sources] == ["debate"]
    assert [path.name for path in (passages.home / "texts").iterdir()] == ["debate.txt"]


def test_a_new_source_is_told_with_the_fingerprint_of_its_text(passages: sp.Project) -> None:
    (passages.home / "texts" / "vote.txt").write_text("Aye.", encoding="utf-8")
    with pytest.raises(sp.StancepackError) as error:
        add(passages, statement(source="vote", quote="Aye."))
    assert f"sha256 = {{{fingerprint('Aye.')}}}, length = {{4}}}}" in str(error.value)


def test_made_up_statements_that_were_coded_stay(words: sp.Project) -> None:
    sheet(words, "coder-1", "round-1", default_sheet_path(words, "coder-1", "round-1"))
    added = sp.add_statements(words, [statement(text="We will pay.")], new_actors=True)
    assert added.removed == []
    assert "were coded and stay" in str(added)
    assert {"made-up-1", "S001"} <= {*sp.Project.open(words.home).units}


def test_an_id_is_never_used_again(words: sp.Project) -> None:
    """Neither one that was retired, nor one that only a round still has."""
    add(words, *[statement(text=f"We will pay {n}.") for n in range(3)])
    opened = sp.Project.open(words.home)
    sheet(opened, "coder-1", "round-1", words.home / "sheet.csv")
    rows = [row for row in opened.units.values() if row["statement_id"] != "S003"]
    write_rows(words.home / "coding" / "units.csv", list(rows[0]), rows)
    assert "S004" in add(words, statement(text="And once more."))
    retired = words.home / "coding" / "retired.csv"
    retired.write_text("id,table,version,reason\nS009,statements,1.0.0,Gone.\n", encoding="utf-8")
    assert "S010" in add(words, statement(text="And again."))
    for used in ("S003", "S009", "S001"):
        with pytest.raises(sp.StancepackError, match="never used again"):
            add(words, statement(statement_id=used, text="No."))
    assert "S777" in add(words, statement(statement_id="S777", text="Chosen."))


def test_actors_are_found_by_name_or_id_and_made_only_when_told_to(words: sp.Project) -> None:
    units = add(
        words,
        statement(text="One."),
        statement(actor="JANE DOE", text="Two."),
        statement(actor="jane-doe", text="Three."),
    )
    assert {unit["actor_id"] for unit in units.values()} == {"jane-doe"}
    with pytest.raises(sp.StancepackError, match=r"did you mean 'Jane Doe'\? Or add them"):
        add(words, statement(actor="Jane Do", text="Four."), new_actors=False)


def test_names_that_make_the_same_id_stay_apart(words: sp.Project) -> None:
    add(words, statement(actor="José Núñez", text="One."), statement(actor="Jose Nunez", text="2."))
    assert [*sp.Project.open(words.home).actors] == ["jose-nunez", "jose-nunez-2"]


def test_several_actors_need_the_module(tmp_path: Path, words: sp.Project) -> None:
    with pytest.raises(sp.StancepackError, match="add joint to the modules"):
        add(words, statement(actor="Jane Doe; John Roe", text="We agree."))
    joint = sp.new_project(tmp_path / "joint", sp.Outline(modules=("joint",)))
    units = add(joint, statement(actor="Jane Doe; John Roe", text="We agree."))
    assert units["S001"]["actor_id"] == "jane-doe john-roe"


@pytest.mark.parametrize(
    ("date", "hint"),
    [
        ("1 March 2020", "write 2020-03-01"),
        ("March 2020", "write 2020-03"),
        ("3/4/2020", "2020-04-03 or 2020-03-04, whichever is meant"),
        ("2020-02-30", "not a day of the calendar"),
        ("spring", "write for instance 2020-03-01"),
        ("", "the cell is empty"),
    ],
)
def test_a_date_is_never_guessed(words: sp.Project, date: str, hint: str) -> None:
    before = files_of(words)
    with pytest.raises(sp.StancepackError, match=hint):
        add(words, statement(date=date, text="We will pay."))
    assert files_of(words) == before


def test_all_or_nothing_and_every_fault_is_named(words: sp.Project, tmp_path: Path) -> None:
    before = files_of(words)
    rows = [statement(text="Good."), statement(text=""), statement(date="May", text="Bad.")]
    with pytest.raises(sp.StancepackError) as error:
        sp.add_statements(words, rows, "list.csv", new_actors=True)
    assert "list.csv, row 3, text: the cell is empty" in str(error.value)
    assert "list.csv, row 4, date 'May'" in str(error.value)
    assert files_of(words) == before


def test_unknown_columns_are_refused_unless_the_project_declares_them(words: sp.Project) -> None:
    with pytest.raises(
        sp.StancepackError, match="venu: the column is not known; did you mean 'venue'"
    ):
        add(words, statement(text="We will pay.", venu="Parliament"))
    with pytest.raises(sp.StancepackError, match="date_earliest: the column is not known"):
        add(words, statement(text="We will pay.", date_earliest="2020-03-01"))
    settings = words.home / "seeds" / "project.yaml"
    own = "columns:\n  statements:\n  - {name: medium, categories: {tv: television, net: online}}\n"
    settings.write_text(settings.read_text(encoding="utf-8") + own, encoding="utf-8")
    assert add(words, statement(text="We will pay.", medium="tv"))["S001"]["medium"] == "tv"
    with pytest.raises(sp.StancepackError, match="not one of the codes; did you mean 'tv'"):
        add(words, statement(text="We will pay.", medium="tvv"))


def test_a_spreadsheet_is_read_as_it_was_saved(words: sp.Project, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(
        "\ufeffActor;Date;Text\r\nJosé;2020-03;“We will\u00a0pay”\r\n;;\r\n".encode("utf-8")
    )
    units = add(words, *read_statements(path))
    assert [unit["text"] for unit in units.values()] == ["“We will pay”"]


def test_words_that_a_spreadsheet_would_run_are_put_into_quotation_marks(words: sp.Project) -> None:
    added = sp.add_statements(words, [statement(text="@ruiz You are wrong")], new_actors=True)
    assert sp.Project.open(words.home).units["S001"]["text"] == "“@ruiz You are wrong”"
    assert "stand in quotation marks" in str(added)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("called it an empty promise", "called it an emp-\nty promise"),
        ("The Non-Aligned listened", None),
        ("opened the debate", "opened the debate"),
        ("Café", "Café"),
    ],
)
def test_a_quotation_is_found_over_line_ends_and_hyphens(
    passages: sp.Project, words: str, expected: str | None
) -> None:
    if expected is None:  # a hyphen before a capital is one of the word, with what stood after it
        words, expected = "Non- Aligned", "Non-\nAligned"
    unit = add(passages, statement(source="debate[p. 1]", quote=words))["S001"]
    start, end = int(unit["start"]), int(unit["end"])
    assert TEXT[start:end] == expected
    assert unit["passage_sha256"] == fingerprint(expected)


def test_quotation_marks_of_another_keyboard_are_found_and_written_as_printed(
    passages: sp.Project,
) -> None:
    unit = add(passages, statement(source="debate", quote='"We will pay," he said;'))["S001"]
    assert unit["quote"] == "“We will pay,” he said;"


def test_pieces_of_a_quotation_make_one_passage(passages: sp.Project) -> None:
    unit = add(passages, statement(source="debate", quote="Ms Ruiz | promise"))["S001"]
    passage = TEXT[int(unit["start"]) : int(unit["end"])]
    assert passage.startswith("Ms Ruiz")
    assert passage.endswith("promise")


def test_a_quotation_may_stand_in_a_longer_passage(passages: sp.Project) -> None:
    unit = add(
        passages,
        statement(source="debate", passage="Ms Ruiz, called it an empty promise", quote="empty"),
    )["S001"]
    assert unit["quote"] == "empty"
    with pytest.raises(sp.StancepackError, match="do not stand in the passage"):
        add(passages, statement(source="debate", passage="Ms Ruiz", quote="empty promise"))


def test_an_ambiguous_quotation_is_listed_with_every_place(passages: sp.Project) -> None:
    with pytest.raises(sp.StancepackError) as error:
        add(passages, statement(source="debate", quote="“We will pay,”"))
    assert "stands in 2 places" in str(error.value)
    assert "1: … The chair opened the debate. [“We will pay,”] he said; it was late." in str(
        error.value
    )
    unit = add(passages, statement(source="debate", quote="“We will pay,”", occurrence="2"))["S001"]
    assert int(unit["start"]) == TEXT.rindex("“We")
    with pytest.raises(sp.StancepackError, match="stands in 2 places"):
        add(passages, statement(source="debate", quote="“We will pay,”", occurrence="3"))


def test_an_absent_quotation_comes_with_the_nearest_passage(passages: sp.Project) -> None:
    with pytest.raises(sp.StancepackError, match="nearest: 'called it an empty promise"):
        add(passages, statement(source="debate", quote="called it an empty promises"))
    with pytest.raises(sp.StancepackError, match="nothing in it is like it"):
        add(passages, statement(source="debate", quote="zzzzzzz"))


def test_a_passage_needs_a_source_that_is_known_and_a_text_that_is_here(
    passages: sp.Project,
) -> None:
    with pytest.raises(sp.StancepackError, match="did you mean 'debate'"):
        add(passages, statement(source="debat", quote="promise"))
    with pytest.raises(sp.StancepackError, match="name the document"):
        add(passages, statement(quote="promise"))
    (passages.home / "texts" / "debate.txt").unlink()
    with pytest.raises(sp.StancepackError, match=r"put debate\.txt into texts/"):
        add(passages, statement(source="debate", quote="promise"))
    unit = add(passages, statement(source="debate", quote="promise", verified="once"))["S001"]
    assert (unit["start"], unit["verified"]) == ("", "once")


def test_several_people_add_at_once_and_nothing_is_lost(words: sp.Project) -> None:
    script = (
        "import sys, stancepack as sp; project = sp.Project.open(sys.argv[1]);"
        "rows = [{'actor': sys.argv[2], 'date': '2020', 'text': f'Words {n}'} for n in range(3)];"
        "[sp.add_statements(project, [row], new_actors=True) for row in rows]"
    )
    people = [
        subprocess.Popen([sys.executable, "-c", script, str(words.home), f"Speaker {number}"])
        for number in range(3)
    ]
    assert [person.wait() for person in people] == [0, 0, 0]
    now = sp.Project.open(words.home)
    assert [*now.units] == [f"S{number:03d}" for number in range(1, 10)]
    assert {unit["actor_id"] for unit in now.units.values()} == {*now.actors}
    assert len(now.actors) == 3


def test_nothing_in_the_unit_list_is_lost(words: sp.Project) -> None:
    """Columns that are not declared, and rows that were there, stay as they are."""
    add(words, statement(text="We will pay."))
    path = words.home / "coding" / "units.csv"
    rows = read_rows(path, [])
    write_rows(path, [*rows[0], "memo"], [{**row, "memo": "look again"} for row in rows])
    units = add(words, statement(text="We will not."))
    assert [unit["memo"] for unit in units.values()] == ["look again", ""]


def test_added_statements_have_nothing_wrong(passages: sp.Project) -> None:
    add(
        passages,
        statement(source="debate", quote="promise"),
        statement(source="debate", quote="late"),
    )
    from stancepack.project.checks import problems

    assert [*map(str, problems(sp.Project.open(passages.home)))] == []
