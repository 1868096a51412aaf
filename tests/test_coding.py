"""The coder's path: blank sheets, training, sealing, adjudication."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from coding_helpers import add_coders, fill

import stancepack as sp
from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.adjudication import LEDGER, take, unsettled, worksheet
from stancepack.project.project import Project
from stancepack.project.rounds import Round, Selection, round_for_coder
from stancepack.project.sheets import seal, sheet
from stancepack.project.training import Training

TRAINING = Round.TRAINING


@pytest.fixture
def cleo(tiny: Path) -> Path:
    """The tiny project with two coders who have not coded yet."""
    add_coders(tiny, "cleo", "dora")
    return tiny


def test_a_blank_sheet_asks_everything_with_context_and_scale(cleo: Path) -> None:
    rows = read_rows(sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "cleo.csv"), [])
    assert len(rows) == 4 * 6
    first = rows[0]
    assert first["passage"]
    assert first["proposition"]
    assert first["question"].endswith("?")
    assert "the speaker's own words = verbatim" in first["scale"]
    assert {row["code"] + row["confidence"] + row["note"] for row in rows} == {""}
    assert "not addressed = NA" in next(
        row["scale"] for row in rows if row["variable"] == "us-sites"
    )


def test_line_breaks_of_the_source_are_undone_in_a_sheet(cleo: Path) -> None:
    rows = read_rows(sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "cleo.csv"), [])
    assert any("feared an empty promise" in row["passage"] for row in rows)


def test_each_coder_has_an_order_of_its_own_which_stays_the_same(trained: Path) -> None:
    orders = []
    for number, coder in enumerate(("cleo", "dora", "cleo")):
        out = trained / "build" / f"{number}.csv"
        rows = read_rows(sheet(Project.open(trained), coder, TRAINING, out), [])
        orders.append(list(dict.fromkeys(row["statement_id"] for row in rows)))
    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) != orders[0]


def test_a_sheet_from_a_spreadsheet_is_taken(cleo: Path) -> None:
    """Semicolons, a byte order mark and CR LF are what some spreadsheet programs write."""
    path = fill(sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "cleo.csv"))
    rows = read_rows(path, [])
    for row in rows:
        for column in row:
            row[column] = row[column].replace(";", ",")
    write_rows(path, list(rows[0]), rows)
    import csv
    import io

    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"))
    assert seal(Project.open(cleo), "cleo", "round-1", path).startswith(
        "Sealed 24 codes of 4 units by cleo"
    )
    assert sp.validate(cleo).table.query("rule == 'seal'").empty


def test_a_sealed_sheet_holds_codes_and_no_source_text(tiny: Path) -> None:
    text = (tiny / "coding/rounds/round-1/ada.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "order,statement_id,variable,code,confidence,note"
    assert "told the council" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[0].update(code=""), "no code; write one of"),
        (lambda rows: rows[0].update(code="verbatm"), "not in the codebook"),
        (lambda rows: rows[0].update(confidence="5"), "confidence '5' is not one of"),
        (lambda rows: rows[:-1], "the row is missing"),
        (lambda rows: [*rows, rows[0]], "coded 2 times"),
        (lambda rows: rows[0].update(statement_id="S999"), "no such unit or variable"),
        (
            lambda rows: next(r for r in rows if r["variable"] == "conditional").update(code="yes"),
            "the note does not say on what",
        ),
    ],
)
def test_an_incomplete_sheet_is_not_sealed_and_nothing_is_written(
    cleo: Path, change: Callable[[list[Row]], object], words: str
) -> None:
    before = (cleo / "coding" / "rounds" / "round-1" / "manifest.yaml").read_text()
    path = fill(sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "cleo.csv"), change)
    with pytest.raises(sp.StancepackError, match=words):
        seal(Project.open(cleo), "cleo", "round-1", path)
    assert (cleo / "coding" / "rounds" / "round-1" / "manifest.yaml").read_text() == before
    assert not (cleo / "coding/rounds/round-1/cleo.csv").exists()


def test_a_sealed_sheet_is_neither_given_out_nor_taken_again(tiny: Path) -> None:
    with pytest.raises(sp.StancepackError, match="sealed already"):
        sheet(Project.open(tiny), "ada", "round-1", tiny / "again.csv")
    with pytest.raises(sp.StancepackError, match="sealed already"):
        seal(Project.open(tiny), "ada", "round-1", tiny / "again.csv")


def test_a_round_is_coded_under_one_codebook(cleo: Path) -> None:
    path = cleo / "coding" / "codebook.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 1.1.0"),
        encoding="utf-8",
    )
    with pytest.raises(sp.StancepackError, match="start a new round"):
        sheet(Project.open(cleo), "cleo", "round-1", cleo / "s.csv")
    assert sheet(Project.open(cleo), "cleo", "round-2", cleo / "s.csv").exists()


def test_dates_may_be_bettered_after_coding_but_not_what_was_coded(tiny: Path) -> None:
    path = tiny / "coding" / "units.csv"
    rows = read_rows(path, [])
    rows[0]["date"] = "2007-05-03"
    write_rows(path, list(rows[0]), rows)
    sp.build(tiny)
    assert sp.load(tiny)["statements"].loc[0, "date"] == "2007-05-03"
    rows[0]["proposition"] += " Or not."
    write_rows(path, list(rows[0]), rows)
    with pytest.raises(sp.StancepackError, match="S001 was changed after it was coded in round-1"):
        sp.build(tiny)


def test_only_a_coder_codes(tiny: Path) -> None:
    with pytest.raises(sp.StancepackError, match="'eve' has the role 'adjudicator'"):
        sheet(Project.open(tiny), "eve", "round-1", tiny / "s.csv")
    with pytest.raises(sp.StancepackError, match="did you mean 'ada'"):
        sheet(Project.open(tiny), "adda", "round-1", tiny / "s.csv")


def test_without_the_text_there_is_no_sheet(cleo: Path) -> None:
    shutil.rmtree(cleo / "texts")
    with pytest.raises(sp.StancepackError, match=r"Put speech\.txt into a folder"):
        sheet(Project.open(cleo), "cleo", "round-1", cleo / "s.csv")


@pytest.fixture
def trained(cleo: Path, checkout: Path) -> Path:
    """The tiny project with a training set that has to be passed."""
    training = read_yaml(checkout / "coding" / "training.yaml")
    coded = Project.open(cleo).codebook
    for item in training["items"].values():
        answers = item["answers"]
        item["answers"] = {name: answers[name] for name in answers if name in coded}
    (cleo / "coding" / "training.yaml").write_text(yaml_text(training), encoding="utf-8")
    return cleo


def answer(home: Path, wrong: int = 0) -> Path:
    path = sheet(Project.open(home), "cleo", TRAINING, home / "build" / f"training-{wrong}.csv")
    items = Training.read(Project.open(home)).items
    rows = read_rows(path, [])
    for row in rows:
        answer_ = items[row["statement_id"]]["answers"].get(row["variable"], "NA")
        row.update(
            code=str(answer_[0] if isinstance(answer_, list) else answer_),
            confidence="3",
            note="a condition",
        )
    for row in [row for row in rows if row["variable"] == "joint-defence"][:wrong]:
        row["code"] = "-2"
    write_rows(path, list(rows[0]), rows)
    return path


def test_training_comes_before_coding(trained: Path) -> None:
    with pytest.raises(sp.StancepackError, match="has not passed the training yet"):
        sheet(Project.open(trained), "cleo", "round-1", trained / "s.csv")
    message = seal(Project.open(trained), "cleo", TRAINING, answer(trained))
    assert "Training passed: 100% of the cells, 100% of the positions right." in message
    assert sheet(Project.open(trained), "cleo", "round-1", trained / "s.csv").exists()


def test_a_failed_training_says_what_was_wrong_and_is_counted(trained: Path) -> None:
    with pytest.raises(sp.StancepackError, match="not passed") as error:
        seal(Project.open(trained), "cleo", TRAINING, answer(trained, wrong=26))
    assert "T01, joint-defence" in str(error.value)
    assert "answer" not in str(error.value), "the answers are for those who pass"
    assert Project.open(trained).training_round.failed == {"cleo": 1}
    seal(Project.open(trained), "cleo", TRAINING, answer(trained))
    sp.build(trained)
    assert "at try 2" in sp.load(trained)["coders"].set_index("coder_id").loc["cleo", "training"]


def reopen(home: Path) -> None:
    (home / LEDGER).unlink()


def test_what_is_open_is_listed_without_the_coders_names(tiny: Path) -> None:
    reopen(tiny)
    left = {(cell.statement_id, variable) for cell, variable in unsettled(Project.open(tiny))}
    assert left == {
        ("S001", "us-sites"), ("S001", "condition"), ("S003", "joint-defence"), ("S004", "addressee"),
    }  # fmt: skip
    worksheet(Project.open(tiny), tiny / "open.csv")
    text = (tiny / "open.csv").read_text(encoding="utf-8")
    assert "ada" not in text
    assert "ben" not in text
    assert "codes: -2 or -1" in text or "codes: -1 or -2" in text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"code": "9"}, "'9' is not a code"),
        ({"rule": "R99"}, "rule 'R99' is not in the codebook"),
        ({"reason": ""}, "rule and reason should both be there"),
        ({"statement_id": "S002"}, "not open"),
    ],
)
def test_a_bad_adjudication_is_refused_whole(tiny: Path, row: Row, words: str) -> None:
    reopen(tiny)
    worksheet(Project.open(tiny), tiny / "open.csv")
    rows = [r for r in read_rows(tiny / "open.csv", []) if r["variable"] == "us-sites"]
    rows[0].update(code="-2", rule="R5", reason="It is a demand.")
    rows[0].update(row)
    write_rows(tiny / "open.csv", list(rows[0]), rows)
    with pytest.raises(sp.StancepackError, match=words):
        take(Project.open(tiny), tiny / "open.csv", "eve")
    assert not (tiny / LEDGER).exists()


def test_a_coder_does_not_adjudicate(tiny: Path) -> None:
    with pytest.raises(sp.StancepackError, match="'ada' has the role 'coder', not 'adjudicator'"):
        take(Project.open(tiny), tiny / "open.csv", "ada")


def test_nothing_is_built_while_something_is_open(tiny: Path) -> None:
    before = (tiny / "data" / "stances.csv").read_bytes()
    reopen(tiny)
    with pytest.raises(sp.StancepackError, match="4 left to settle"):
        sp.build(tiny)
    assert (tiny / "data" / "stances.csv").read_bytes() == before


def test_some_statements_are_coded_again_to_see_how_stable_the_codes_are(cleo: Path) -> None:
    """Another coder on a share of the statements, and one once more: neither settles anything."""
    for coder, name in (("cleo", "round-1-more"), ("ada", "round-1-again")):
        out = cleo / "build" / f"{coder}.csv"
        path = fill(
            sheet(
                Project.open(cleo), coder, name, out, selection=Selection(of="round-1", share=0.5)
            )
        )
        assert len({row["statement_id"] for row in read_rows(path, [])}) == 2
        assert seal(Project.open(cleo), coder, name, path).startswith(
            f"Sealed 12 codes of 2 units by {coder} in round {name}."
        )
    shutil.rmtree(cleo / "build")
    before = sp.load(cleo)["stances"]
    sp.build(cleo)
    pkg = sp.load(cleo)
    assert pkg["stances"].equals(before)
    assert pkg["rounds"].set_index("round")["of"].dropna().to_dict() == {
        "round-1-again": "round-1",
        "round-1-more": "round-1",
    }
    figures = pkg["agreement"].set_index(["round", "variable", "coefficient"])["n_coders"]
    assert figures["round-1-more", "addressed", "percent"] == 3
    assert figures["round-1-again", "addressed", "percent"] == 2
    assert sp.validate(cleo).table.to_dict("records") == []


def test_the_sheet_of_another_coder_is_refused(cleo: Path) -> None:
    path = fill(sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "cleo.csv"))
    with pytest.raises(sp.StancepackError, match="the sheet of cleo in round-1, not of dora"):
        seal(Project.open(cleo), "dora", "round-1", path)


def test_codes_are_taken_as_people_write_them(cleo: Path) -> None:
    def change(rows: list[Row]) -> None:
        positions = [row for row in rows if row["variable"] == "us-sites"]
        for row, code in zip(positions, ("−2", "na", "1.0", "+1"), strict=True):
            row["code"] = code

    seal(
        Project.open(cleo),
        "cleo",
        "round-1",
        fill(sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "cleo.csv"), change),
    )
    codes = sorted(
        row["code"]
        for row in Project.open(cleo).rounds["round-1"].rows("cleo")
        if row["variable"] == "us-sites"
    )
    assert codes == ["-2", "1", "1", "NA"]


def test_a_text_that_is_not_the_one_of_the_offsets_is_refused(cleo: Path) -> None:
    (cleo / "texts" / "speech.txt").write_text("lorem ipsum " * 50, encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="does not have the passage at its offsets"):
        sheet(Project.open(cleo), "cleo", "round-1", cleo / "s.csv")


def test_a_share_outside_its_bounds_is_refused_before_anything_is_written(cleo: Path) -> None:
    for share in (0, 5):
        with pytest.raises(sp.StancepackError, match="should lie above 0 and not above 1"):
            sheet(
                Project.open(cleo),
                "cleo",
                "round-2",
                cleo / "s.csv",
                selection=Selection(of="round-1", share=share),
            )
    assert not (cleo / "coding" / "rounds" / "round-2").exists()


def test_a_round_of_one_coder_so_far_settles_nothing(cleo: Path) -> None:
    seal(
        Project.open(cleo),
        "cleo",
        "round-2",
        fill(sheet(Project.open(cleo), "cleo", "round-2", cleo / "build" / "cleo.csv")),
    )
    shutil.rmtree(cleo / "build")
    assert not [line for line in sp.build(cleo, check=True) if not line.startswith("coders")]


def test_a_row_that_settles_twice_is_refused(tiny: Path) -> None:
    reopen(tiny)
    worksheet(Project.open(tiny), tiny / "open.csv")
    rows = [r for r in read_rows(tiny / "open.csv", []) if r["variable"] == "us-sites"]
    rows[0].update(code="-2", rule="R5", reason="It is a demand.")
    write_rows(tiny / "open.csv", list(rows[0]), rows * 2)
    with pytest.raises(sp.StancepackError, match="settled twice in this sheet"):
        take(Project.open(tiny), tiny / "open.csv", "eve")


def test_units_whose_words_are_here_can_be_coded_in_a_round_of_their_own(cleo: Path) -> None:
    path = cleo / "coding" / "units.csv"
    rows = read_rows(path, [])
    for row in rows[2:]:
        row.update(start="", end="", passage_sha256="", quote="Not one word.", verified="once")
    write_rows(path, list(rows[0]), rows)
    shutil.rmtree(cleo / "texts")
    with pytest.raises(sp.StancepackError, match="with --readable"):
        sheet(Project.open(cleo), "cleo", "round-2", cleo / "s.csv")
    out = sheet(
        Project.open(cleo),
        "cleo",
        "round-2",
        cleo / "s.csv",
        selection=Selection(only_readable=True),
    )
    assert {row["statement_id"] for row in read_rows(out, [])} == {"S003", "S004"}
    other = sheet(Project.open(cleo), "dora", "round-2", cleo / "t.csv")
    assert {row["statement_id"] for row in read_rows(other, [])} == {"S003", "S004"}
    with pytest.raises(sp.StancepackError, match="was started otherwise; name a new round"):
        sheet(Project.open(cleo), "dora", "round-2", cleo / "u.csv", selection=Selection(share=0.5))


def test_a_new_round_may_be_of_a_share_of_all_statements(cleo: Path) -> None:
    out = sheet(
        Project.open(cleo), "cleo", "round-2", cleo / "s.csv", selection=Selection(share=0.5)
    )
    assert len({row["statement_id"] for row in read_rows(out, [])}) == 2
    assert Project.open(cleo).rounds["round-2"].share == 0.5


def test_a_round_that_is_complete_is_joined_only_by_its_name(tiny: Path) -> None:
    add_coders(tiny, "zoe")
    project = Project.open(tiny)
    with pytest.raises(sp.StancepackError, match="round-1 is complete; name the round: --round r"):
        round_for_coder(project, "zoe")
    with pytest.raises(sp.StancepackError, match="ada has sealed round-1; for a new round"):
        round_for_coder(project, "ada")


def test_a_round_of_listed_units_is_joined_by_the_same_list_alone(cleo: Path) -> None:
    out = cleo / "build"
    listed = Selection(only_listed=("S002",))
    first = sheet(Project.open(cleo), "cleo", "round-2", out / "c.csv", selection=listed)
    assert {row["statement_id"] for row in read_rows(first, ["statement_id"])} == {"S002"}
    again = sheet(Project.open(cleo), "dora", "round-2", out / "d.csv", selection=listed)
    assert {row["statement_id"] for row in read_rows(again, ["statement_id"])} == {"S002"}
    with pytest.raises(sp.StancepackError, match="was started otherwise"):
        sheet(
            Project.open(cleo),
            "dora",
            "round-2",
            out / "e.csv",
            selection=Selection(only_listed=("S001",)),
        )
    with pytest.raises(sp.StancepackError, match="has no 'S999', which the list names"):
        sheet(
            Project.open(cleo),
            "dora",
            "round-3",
            out / "e.csv",
            selection=Selection(only_listed=("S999",)),
        )


def test_a_unit_worded_anew_is_new_for_the_next_round(cleo: Path) -> None:
    units = cleo / "coding" / "units.csv"
    rows = read_rows(units, ["statement_id"])
    sheet(Project.open(cleo), "cleo", "round-1", cleo / "build" / "s.csv")
    with pytest.raises(sp.StancepackError, match="no such unit to code"):
        sheet(
            Project.open(cleo),
            "cleo",
            "round-2",
            cleo / "s.csv",
            selection=Selection(only_new=True),
        )
    rows[0]["proposition"] += " Again."
    write_rows(units, list(rows[0]), rows)
    out = sheet(
        Project.open(cleo), "cleo", "round-2", cleo / "s.csv", selection=Selection(only_new=True)
    )
    assert {row["statement_id"] for row in read_rows(out, ["statement_id"])} == {
        rows[0]["statement_id"]
    }
