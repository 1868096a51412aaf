"""What can be wrong with a project before anybody codes: each fault is found, in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.checks import advice, problems
from stancepack.project.rounds import Selection
from stancepack.project.sheets import sheet

Change = Callable[[Path], object]


def cells(file: str, row: int = 0, **changes: str) -> Change:
    """Change cells of one row of a table."""

    def change(home: Path) -> None:
        rows = read_rows(home / file, [])
        rows[row] |= changes
        write_rows(home / file, list(rows[0]), rows)

    return change


def rows(file: str, change_rows: Callable[[list[Row]], list[Row]]) -> Change:
    """Change the rows of a table."""

    def change(home: Path) -> None:
        old = read_rows(home / file, [])
        new = change_rows(old)
        write_rows(home / file, list(new[0]), new)

    return change


def text(file: str, old: str, new: str) -> Change:
    """Replace the first place of some text in a file."""

    def change(home: Path) -> None:
        content = (home / file).read_text(encoding="utf-8")
        assert old in content
        (home / file).write_text(content.replace(old, new, 1), encoding="utf-8")

    return change


def written(file: str, content: str) -> Change:
    """Write a file."""
    return lambda home: (home / file).write_text(content, encoding="utf-8")


UNITS, ACTORS, OFFICES = "coding/units.csv", "seeds/actors.csv", "seeds/offices.csv"
BOOK, SETTINGS, CODERS = "coding/codebook.yaml", "seeds/project.yaml", "coding/coders.csv"
FAULTS: list[tuple[Change, str]] = [
    # ids and keys
    (cells(UNITS, statement_id="S 1"), "row 2 (S 1), statement_id 'S 1': an id should be letters"),
    (cells(UNITS, 1, statement_id="S001"), "statement_id 'S001': it stands in row 2 too"),
    (cells(UNITS, statement_id=""), "row 2, statement_id: the cell is empty"),
    (cells(UNITS, actor_id="on"), "'on': there is no 'on' in seeds/actors.csv; add it there"),
    (cells(UNITS, actor_id="one two"), "add joint to the modules"),
    (cells(UNITS, event_id="meting"), "in seeds/events.csv; add it there, or correct it. did you"),
    (cells(UNITS, systems="plan pln"), "there is no 'pln' in seeds/systems.csv"),
    (cells(UNITS, repeats="S099"), "there is no 'S099' in coding/units.csv"),
    (cells(UNITS, repeats="S001"), "a statement cannot repeat itself"),
    (cells(UNITS, source="spech[p. 1]"), "there is no 'spech' in seeds/sources.bib"),
    (cells(UNITS, unitised="dora[1]"), "there is no 'dora' in coding/coders.csv"),
    (cells("seeds/systems.csv", parent="x"), "there is no 'x' in seeds/systems.csv"),
    (cells("seeds/coverage.csv", screened_by="adda"), "'adda' in coding/coders.csv"),
    (cells("seeds/discrepancies.csv", statement_id="S9"), "'S9' in coding/units.csv"),
    (cells("coding/retired.csv", id="S001"), "the retired id is in use in coding/units.csv"),
    # dates
    (cells(UNITS, date="1 March 2020"), "date '1 March 2020': not a date in EDTF; write 2020-03-01"),
    (cells(UNITS, date=""), "row 2 (S001), date: the cell is empty"),
    (cells(UNITS, 1, date_note=""), "the date is inferred; say how its bounds were argued"),
    (cells(UNITS, date="2010"), "the event was on 2007-05-03, the statement on 2010"),
    (cells("seeds/events.csv", date="May 2007"), "write 2007-05"),
    (cells("seeds/coverage.csv", period="2007-13"), "seeds/coverage.csv, row 2 (L001), period"),
    (cells(OFFICES, start="2005-02-30"), "not a day of the calendar"),
    (cells(OFFICES, start="2009"), "the office ends before it begins"),
    (text("seeds/sources.bib", "{2007}", "{in 2007}"), "seeds/sources.bib, speech, date 'in 2007'"),
    # offices
    (cells(UNITS, 2, office_id="one-then"), "the office was held by one, the speaker is two"),
    (cells(UNITS, office_id="one-later"), "the office was not held on 2007-05"),
    (cells(OFFICES, 1, start="2006"), "the speaker held one-then and one-later on 2007-05"),
    (cells(OFFICES, start="2008"), "one has offices, but none on"),
    # codes and columns
    (cells(ACTORS, side="othr"), "side 'othr': not one of the codes; did you mean 'other'?"),
    (cells(ACTORS, kind=""), "seeds/actors.csv, row 2 (one), kind: the cell is empty"),
    (cells(ACTORS, wikidata="42"), "does not have the form of this column, such as Q42"),
    (cells("seeds/systems.csv", kind="system"), "not one of the codes"),
    (cells("seeds/coverage.csv", found="four"), "should be a whole number, such as 1"),
    (cells("seeds/coverage.csv", found="-1"), "should be at least 0"),
    (cells(CODERS, kind="person"), "coding/coders.csv, row 2 (ada), kind 'person'"),
    (cells(CODERS, coder_id="Ada"), "'Ada' cannot be the id of a coder"),
    (
        rows(CODERS, lambda old: [row for row in old if row["role"] != "coder"]),
        "nobody has the role coder",
    ),
    (
        rows(UNITS, lambda old: [{k: v for k, v in row.items() if k != "date"} for row in old]),
        "coding/units.csv, date: the column is missing",
    ),
    # texts of cells
    (cells(ACTORS, name="=1+1"), "a spreadsheet would run this cell as a formula"),
    (cells(ACTORS, name="two  spaces"), "write 'two spaces'"),
    (cells(UNITS, proposition="It is\u200b so."), "characters that nobody sees"),
    # passages
    (cells(UNITS, start="x"), "start 'x' and end"),
    (cells(UNITS, passage_sha256=""), "start, end and passage_sha256 go together"),
    (cells(UNITS, start="10"), "does not have the passage at its offsets"),
    (cells(UNITS, quote="we shall"), "quote 'we shall': these words do not stand in the passage"),
    (cells(UNITS, verified="once"), "a passage with offsets is checked by them"),
    (cells(UNITS, 1, start="", end="", passage_sha256=""), "neither a passage nor the speaker's"),
    (lambda home: (home / "texts/speech.txt").unlink(), "'speech': the text is not here, and 4"),
    # codebook, settings and files
    (text(BOOK, "neutral: 0", "neutral: 7"), "the neutral code '7' is none"),
    (text(BOOK, "    level: ordinal", "    level: ordnal"), "did you mean 'ordinal'"),
    (text(BOOK, "\n  us-sites:\n", "\n  us.sites:\n"), "issue_id 'us.sites': an id should be"),
    (text(BOOK, "\n  joint-defence:\n", "\n  attribution:\n"), "is both an issue and a variable"),
    (text(BOOK, "R5:", "R55:"), "rule R5 is cited, but not there; mend the codebook"),
    (text(BOOK, "  ascribed:\n", "  ascribd:\n"), "ascribd"),
    (text(BOOK, "question: Should ", "question: =Should "), "run this cell as a formula"),
    (text(SETTINGS, "modules: [sources", "modules: [sorces"), "did you mean 'sources'"),
    (text(SETTINGS, "modules:", "principals: [on]\nmodules:"), "principals 'on': there is no such"),
    (text(SETTINGS, "sides:", "tables: {x: {title: X, description: X, primaryKey: [a], fields: "
          "[{name: a}]}}\nsides:"), "seeds/x.csv: the file is missing"),
    (lambda home: (home / OFFICES).unlink(), "seeds/offices.csv: the file is missing"),
    (written(ACTORS, "actor_id;name\none;One\n"), "parted by semicolons"),
    # training
    (
        written(
            "coding/training.yaml",
            "version: 1.0.0\nitems:\n  T1: {answers: {us-sits: 1}}\n",
        ),
        "coding/training.yaml, T1, us-sits: is not in the codebook; did you mean 'us-sites'",
    ),
    (
        written(
            "coding/training.yaml",
            "version: 1.0.0\nitems:\n  T1: {answers: {us-sites: 5, attribution: verbatim}}\n",
        ),
        "T1, us-sites '5': is not a code; codes: -2",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_each_fault_is_found_and_said(tiny: Path, change: Change, words: str) -> None:
    change(tiny)
    found = [*map(str, problems(sp.Project.open(tiny)))]
    assert any(words in line for line in found), found


def test_a_sound_project_has_no_problem(tiny: Path) -> None:
    assert problems(sp.Project.open(tiny)) == []


def test_one_fault_gives_one_problem(tiny: Path) -> None:
    cells(UNITS, date="1 March 2020")(tiny)
    [problem] = problems(sp.Project.open(tiny))
    assert (problem.file, problem.row, problem.column) == (UNITS, "row 2 (S001)", "date")
    assert problem.value == "1 March 2020"


def test_all_faults_are_listed_at_once(tiny: Path) -> None:
    cells(UNITS, date="May")(tiny)
    cells(ACTORS, side="othr")(tiny)
    (tiny / "seeds" / "systems.csv").unlink()
    cells(CODERS, kind="person")(tiny)
    found = " ".join(map(str, problems(sp.Project.open(tiny))))
    assert all(file in found for file in (UNITS, ACTORS, "seeds/systems.csv", CODERS))


def test_no_sheet_is_written_for_a_project_with_faults(tiny: Path) -> None:
    with (tiny / "coding" / "coders.csv").open("a", encoding="utf-8") as file:
        file.write("cleo,human,coder,The third coder.\n")
    cells(UNITS, date="May")(tiny)
    cells(ACTORS, side="othr")(tiny)
    with pytest.raises(sp.StancepackError) as error:
        sheet(sp.Project.open(tiny), "cleo", "round-2", tiny / "s.csv")
    assert "2 problems to mend before anybody codes" in str(error.value)
    assert "'othr'" in str(error.value)
    assert "'May'" in str(error.value)
    assert not (tiny / "s.csv").exists()
    assert not (tiny / "coding" / "rounds" / "round-2").exists()


def test_the_texts_are_asked_for_only_where_a_sheet_needs_them(tiny: Path) -> None:
    """A round of own words can be coded without any text."""
    (tiny / "texts" / "speech.txt").unlink()
    blank = {
        "start": "",
        "end": "",
        "passage_sha256": "",
        "quote": "Own words.",
        "verified": "once",
    }
    old = read_rows(tiny / UNITS, [])
    new = [{**row, **blank, "statement_id": f"W{n}"} for n, row in enumerate(old)]
    write_rows(tiny / UNITS, list(new[0]), [*old, *new])
    with (tiny / "coding" / "coders.csv").open("a", encoding="utf-8") as file:
        file.write("cleo,human,coder,The third coder.\n")
    assert sheet(
        sp.Project.open(tiny), "cleo", "round-2", tiny / "s.csv", selection=Selection(only_new=True)
    ).exists()


def test_advice_is_apart(tiny: Path) -> None:
    rows(UNITS, lambda old: [{**row, "venu": "x"} for row in old])(tiny)
    rows(CODERS, lambda old: [row for row in old if row["role"] != "adjudicator"])(tiny)
    project = sp.Project.open(tiny)
    assert problems(project) == []
    lines = advice(project)
    assert any("the column 'venu' is not declared" in line for line in lines)
    assert any("did you mean 'venue'" in line for line in lines)
    assert any("nobody is an adjudicator" in line for line in lines)
    fresh = sp.new_project(tiny / "fresh")
    gaps = "no label, definition, use, not, examples, counterexamples"
    assert f"codebook: policy = oppose: {gaps}" in advice(fresh)
