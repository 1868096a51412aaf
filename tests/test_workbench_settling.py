"""Settling at the workbench: what an adjudicator sees, what is taken, what coders see afterwards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from settling_helpers import (
    FIRST,
    NOTES,
    OPEN,
    REASON,
    RULE,
    SECOND,
    add_people,
    open_round,
    seal_round,
    settle_all,
)

import stancepack as sp
from stancepack.files.tables import read_rows
from stancepack.project.adjudication import LEDGER, take_decisions
from stancepack.project.assigning import assign
from stancepack.project.assignment import Design
from stancepack.project.checks import problems
from stancepack.project.flagged import flagged
from stancepack.project.project import Project
from stancepack.project.reviewed import REVIEWED, cell_states, confirm, read_reviewed
from stancepack.project.rounds import Selection
from stancepack.project.sheets import join
from stancepack.workbench.desk import Desk, write
from stancepack.workbench.desks import coder_desk
from stancepack.workbench.journal import Entry, Journal
from stancepack.workbench.open_cells import OpenCells
from stancepack.workbench.overruled import OverruledDesk
from stancepack.workbench.settling import SettlingDesk

pytest.importorskip("starlette")
from starlette.testclient import TestClient

from stancepack.workbench.access import Seats
from stancepack.workbench.application import application

ADDRESS = "http://127.0.0.1:8765"
REMARK = "All of them took it for a claim."


@pytest.fixture(scope="module")
def opened(tiny_original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied = shutil.copytree(tiny_original, tmp_path_factory.mktemp("opened") / "tiny")
    return open_round(Path(copied))


@pytest.fixture
def home(opened: Path, tmp_path: Path) -> Path:
    """A copy of a project in which a round waits to be settled."""
    return Path(shutil.copytree(opened, tmp_path / "tiny"))


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    with Journal(home / "workbench" / "journal.sqlite") as journal:
        yield journal


def decision(unit: str, variable: str, code: str, revision: int = 1) -> list[Entry]:
    values = {"code": code, "rule": RULE, "reason": REASON}
    return [
        Entry(unit, f"{kind}/{variable}", revision, value, f"{unit}/{variable}/{kind}/{revision}")
        for kind, value in values.items()
    ]


def sent(desk: Desk, journal: Journal, *written: list[Entry]) -> None:
    answer = write(desk, journal, {"entries": [e.as_json() for some in written for e in some]})
    assert answer["conflicts"] == []


# ---- what is shown


def test_an_adjudicator_sees_the_disagreements_first_and_the_words(
    home: Path, journal: Journal
) -> None:
    state = SettlingDesk(Project(home), journal, "eve").state()
    assert state["round"] == "round-2"
    cells = {(unit["id"], cell["variable"]) for unit in state["units"] for cell in unit["open"]}
    assert cells == {*OPEN, ("S001", "condition")}
    assert [unit["id"] for unit in state["units"]] == ["S001", "S003", "S004", "S002"]
    assert all(unit["passage"] for unit in state["units"])
    sites = next(cell for cell in state["units"][0]["open"] if cell["variable"] == "us-sites")
    assert sorted(given["code"] for given in sites["given"]) == ["-1", "-2"]
    assert {given["note"] for given in sites["given"]} == {*NOTES.values()}
    assert len(state["units"][3]["agreed"]) == 6
    assert {row["kind"] for row in state["flagged"]} == {"flag", "unsure", "comment"}


def test_the_order_of_codes_is_stable_and_tells_nothing(home: Path, journal: Journal) -> None:
    first, second = (SettlingDesk(Project(home), journal, "eve").state() for _ in range(2))
    assert first == second
    many = [
        [given["note"] for given in cell["given"]]
        for unit in first["units"]
        for cell in unit["open"]
    ]
    assert len({*map(tuple, many)}) > 1, "one coder stands first everywhere"


def condition_of(home: Path, journal: Journal, *notes: str) -> dict[str, Any]:
    """Let further coders word the condition of a statement; return what is open of it."""
    people = {f"zq7-more-{number}": "coder" for number in range(len(notes))}
    add_people(home, **people)
    for coder, note in zip(people, notes, strict=True):
        seal_round(home, coder, "round-3", 0, {("S002", "conditional"): "yes"}, note=note)
    units = SettlingDesk(Project(home), journal, "eve", "round-3").state()["units"]
    cells = next(unit["open"] for unit in units if unit["id"] == "S002")
    return next(cell for cell in cells if cell["variable"] == "condition")


@pytest.mark.parametrize(
    ("notes", "n_wordings"),
    [
        (("The plan depends on talks.", "the plan  depends on talks"), 1),
        (("The plan depends on talks.", "The plan depends on a treaty."), 2),
        (("It depends on the U.S.", "It depends on us."), 2),
    ],
)
def test_wordings_that_differ_in_case_spaces_or_a_full_stop_are_one(
    home: Path, journal: Journal, notes: tuple[str, str], n_wordings: int
) -> None:
    settle_all(home)
    condition = condition_of(home, journal, *notes)
    assert len(condition["wordings"]) == n_wordings
    assert {*condition["wordings"]} <= {" ".join(note.split()) for note in notes}
    assert condition["given"] == []


def test_a_code_that_would_open_a_condition_brings_its_wordings_along(
    home: Path, journal: Journal
) -> None:
    """Only who took it for conditional has worded a condition; the others' notes are no wordings."""
    settle_all(home)
    add_people(home, **{"zq7-third": "coder", "zq7-fourth": "coder"})
    for coder, code in (("zq7-third", "yes"), ("zq7-fourth", "no")):
        seal_round(home, coder, "round-3", 0, {("S002", "conditional"): code}, note=f"{code}!")
    units = SettlingDesk(Project(home), journal, "eve", "round-3").state()["units"]
    cells = next(unit["open"] for unit in units if unit["id"] == "S002")
    conditional = next(cell for cell in cells if cell["variable"] == "conditional")
    assert {given["note"] for given in conditional["given"]} == {"yes!", "no!"}
    assert conditional["condition"]["wordings"] == ["yes!"]
    assert conditional["condition"]["given"] == [{"code": "no", "note": "no!"}]


def test_rules_that_notes_name_are_offered_first_then_those_that_name_the_thing(
    home: Path, journal: Journal
) -> None:
    settle_all(home)
    rules = condition_of(home, journal, "By R7, if they stop.", "R7 and R99")["rules"]
    assert rules[0] == "R7"
    book = Project(home).codebook.rules
    assert "R5" in rules[1:]
    assert {*rules} < {*book}
    for name in rules[1:]:
        assert "condition" in f"{book[name]['title']} {book[name]['rule']}".lower()


def client_of(home: Path, journal: Journal, *, role: str, person: str) -> TestClient:
    seats = Seats(home, [(role, person)])
    desks: dict[str, Any] = {
        "settle": lambda who: SettlingDesk(Project(home), journal, who),
        "code": lambda who: coder_desk(Project(home), journal, who, "round-2"),
    }
    people = lambda: Project(home).coders  # noqa: E731
    app = application(seats, desks, journal, frozenset({ADDRESS}), people)
    client = TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS})
    seat = next(iter(seats))
    assert client.get(f"/enter/{seat.secret}").status_code == 200
    client.base_url = client.base_url.join(seat.path)
    return client


def test_no_answer_to_an_adjudicator_names_a_coder(home: Path, journal: Journal) -> None:
    client = client_of(home, journal, role="settle", person="eve")
    written = [entry.as_json() for entry in decision("S001", "us-sites", "-1")]
    faulty = [entry.as_json() for entry in decision("S002", "us-sites", "-1")]
    answers = [
        client.get(""),
        client.get("state"),
        client.get(f"{ADDRESS}/static/settle.js"),
        client.post("entries", json={"entries": written}),
        client.post("entries", json={"entries": faulty}),
        client.post("entries", json={"entries": [{**written[0], "entry": "other"}]}),
        client.post("close", json={}),
        client.get("state"),
        client.get(f"{ADDRESS}/code/{FIRST}/state"),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4 + [422] + [200] * 3 + [403]
    for answer in answers:
        for coder in (FIRST, SECOND, "ada", "ben"):
            assert not re.search(rf"\b{coder}\b", answer.text), (answer.url, coder)


def test_what_is_wrong_is_told_without_names(home: Path, journal: Journal) -> None:
    """The path of a sealed sheet has the name of its coder."""
    client = client_of(home, journal, role="settle", person="eve")
    coder = client_of(home, journal, role="code", person=SECOND)
    sheet = home / "coding" / "rounds" / "round-2" / f"{FIRST}.csv"
    sheet.write_text("spoilt", encoding="utf-8")
    for answer in (
        client.get("state"),
        client.post("close", json={}),
        client.get("state"),
        coder.get("state"),
    ):
        assert answer.status_code == 422
        assert "whoever runs the workbench" in answer.json()["problem"]
        assert FIRST not in answer.text


def test_an_adjudicator_who_coded_that_round_gets_nothing_of_it(
    home: Path, journal: Journal
) -> None:
    coders = home / "coding" / "coders.csv"
    text = coders.read_text(encoding="utf-8")
    coders.write_text(text.replace(f"{FIRST},human,coder", f"{FIRST},human,adjudicator"))
    with pytest.raises(sp.StancepackError, match=f"{FIRST} coded in round-2; somebody else"):
        SettlingDesk(Project(home), journal, FIRST, "round-2")
    assert SettlingDesk(Project(home), journal, FIRST).task == "settling round-1"
    row = {"round": "round-2", "statement_id": "S001", "variable": "us-sites", "code": "-1"}
    with pytest.raises(sp.StancepackError, match="coded in round-2; somebody else"):
        take_decisions(Project(home), [row | {"rule": RULE, "reason": REASON}], FIRST, where="here")
    with pytest.raises(sp.StancepackError, match="coded in round-2; somebody else"):
        confirm(Project(home), "round-2", {"S002": ""}, FIRST)


@pytest.mark.parametrize(
    ("person", "name", "words"),
    [
        ("ada", "", "'ada' has the role 'coder', not 'adjudicator'"),
        ("nobody", "", "nobody is called 'nobody'"),
        ("eve", "round-9", "there is no round 'round-9' to settle"),
        ("eve", "round-3", "is not complete"),
        ("eve", "round-1-again", "codes round-1 again and settles nothing"),
    ],
)
def test_who_may_not_settle_is_told_why(
    home: Path, journal: Journal, person: str, name: str, words: str
) -> None:
    join(Project(home), "ada", "round-3")
    join(Project(home), "ada", "round-1-again", selection=Selection(of="round-1"))
    with pytest.raises(sp.StancepackError, match=words):
        SettlingDesk(Project(home), journal, person, name)


def test_nothing_is_settled_before_a_round_is_complete(tmp_path: Path, tiny: Path) -> None:
    (tiny / "coding" / "rounds" / "round-1" / "manifest.yaml").unlink()
    words = "nothing to settle yet"
    with Journal(tmp_path / "j.sqlite") as journal, pytest.raises(sp.StancepackError, match=words):
        SettlingDesk(Project(tiny), journal, "eve")


# ---- what is written


@pytest.mark.parametrize(
    ("unit", "field", "value", "words"),
    [
        ("S001", "code/us-sites", "9", "'9' is not one of -2, -1, 0, 1, 2, NA"),
        ("S001", "code/joint-defence", "1", "joint-defence is not open"),
        ("S009", "code/us-sites", "1", "S009, us-sites is not open"),
        ("S002", "code/condition", "They stop.", "condition is not open"),
        ("S001", "rule/us-sites", "R1 R99", "rule 'R99' is not in the codebook; did you mean"),
        ("S001", "note/us-sites", "x", "there is no field 'note/us-sites'"),
        ("S001", "code", "x", "there is no field 'code'"),
        ("S001", "reviewed", "no", "'no' is not yes"),
        ("S009", "reviewed", "yes", "'S009' has no agreed codes"),
        ("", "reviewed", "yes", "the agreed codes are no longer those that were shown"),
    ],
)
def test_what_is_no_decision_is_refused(
    home: Path, journal: Journal, unit: str, field: str, value: str, words: str
) -> None:
    desk = SettlingDesk(Project(home), journal, "eve")
    with pytest.raises(sp.StancepackError, match=words):
        sent(desk, journal, [Entry(unit, field, 1, value, "e")])
    assert journal.history() == []


def test_what_is_decided_is_taken_and_the_rest_stays_open(home: Path, journal: Journal) -> None:
    desk = SettlingDesk(Project(home), journal, "eve")
    sent(desk, journal, decision("S001", "us-sites", "-1"), decision("S003", "joint-defence", "1"))
    sent(desk, journal, [Entry("S003", "reason/joint-defence", 2, " ", "blank")])
    looked = [Entry("S002", "reviewed", 1, "yes", "r"), Entry("S002", "remark", 1, REMARK, "m")]
    sent(desk, journal, looked)
    assert desk.close().splitlines() == [
        "Took 1 decision into coding/adjudications.csv.",
        "Confirmed the agreed codes of 1 statement.",
        "1 begun without code, rule or reason; it stays open.",
        "3 left to settle in round-2.",
    ]
    row = Project(home).ledger["round-2", "S001", "us-sites"]
    assert (row["code"], row["rule"], row["reason"]) == ("-1", RULE, REASON)
    assert row["adjudicator"] == "eve"
    reviewed = read_reviewed(Project(home))["round-2", "S002"]
    assert (reviewed["adjudicator"], reviewed["remark"]) == ("eve", REMARK)
    again = SettlingDesk(Project(home), journal, "eve")
    assert again.task == "settling round-2"
    assert "S002" not in {unit["id"] for unit in again.state()["units"]}
    assert again.fault(decision("S001", "us-sites", "-2", 2)[0]).startswith("S001, us-sites is not")


def test_the_wording_of_a_condition_is_taken_where_a_decision_asks_for_it(
    home: Path, journal: Journal
) -> None:
    """One coder says yes, the other no: only where yes is decided is there a condition to word."""
    settle_all(home)
    add_people(home, **{"zq7-third": "coder", "zq7-fourth": "coder"})
    seal_round(home, "zq7-third", "round-3", 0, {("S002", "conditional"): "yes"})
    seal_round(home, "zq7-fourth", "round-3", 0)
    wording = decision("S002", "condition", "The plan ends.")
    desk = SettlingDesk(Project(home), journal, "eve", "round-3")
    sent(desk, journal, decision("S002", "conditional", "no"), wording)
    rows, n_begun = OpenCells(Project(home), "round-3").decided(desk.written())
    assert ([row["variable"] for row in rows], n_begun) == (["conditional"], 0)
    sent(desk, journal, decision("S002", "conditional", "yes", 2))
    assert desk.close().startswith("Took 2 decisions into")
    ledger = Project(home).ledger
    assert ledger["round-3", "S002", "condition"]["code"] == "The plan ends."
    assert ledger["round-3", "S002", "conditional"]["code"] == "yes"


def test_a_wording_without_a_condition_is_not_taken(home: Path) -> None:
    rows = [
        {"round": "round-1", "statement_id": "S002", "variable": "condition", "code": "So."},
        {"round": "round-2", "statement_id": "S004", "variable": "addressee", "code": "several"},
        {"round": "round-2", "statement_id": "S004", "variable": "condition", "code": "So."},
    ]
    rows = [row | {"rule": RULE, "reason": REASON} for row in rows]
    with pytest.raises(sp.StancepackError) as error:
        take_decisions(Project(home), rows, "eve", where="here")
    assert str(error.value).count("condition: not open") == 2
    assert ("round-2", "S004", "addressee") not in Project(home).ledger


def test_all_agreed_codes_are_confirmed_at_once_but_only_those_that_were_shown(
    home: Path, journal: Journal
) -> None:
    desk = SettlingDesk(Project(home), journal, "eve")
    shown = desk.state()["agreed_fingerprint"]
    sent(desk, journal, [Entry("", "reviewed", 1, shown, "all")])
    add_people(home, **{"zq7-third": "coder"})
    seal_round(home, "zq7-third", "round-2", 0, {("S002", "speech_act"): "demand"})
    assert "Confirmed the agreed codes of 0 statements." in desk.close()
    assert not (home / REVIEWED).exists()
    again = SettlingDesk(Project(home), journal, "eve")
    with pytest.raises(sp.StancepackError, match="no longer those that were shown"):
        sent(again, journal, [Entry("", "reviewed", 2, shown, "again")])
    shown = again.state()["agreed_fingerprint"]
    sent(again, journal, [Entry("", "reviewed", 2, shown, "anew")])
    assert "Confirmed the agreed codes of 4 statements." in again.close()
    assert {unit for _, unit in read_reviewed(Project(home))} == {"S001", "S002", "S003", "S004"}


def test_two_adjudicators_do_not_settle_the_same_twice(home: Path, journal: Journal) -> None:
    add_people(home, mia="adjudicator")
    eve, mia = (SettlingDesk(Project(home), journal, person) for person in ("eve", "mia"))
    sent(eve, journal, decision("S001", "us-sites", "-1"))
    sent(mia, journal, decision("S001", "us-sites", "-2"), decision("S004", "addressee", "several"))
    assert eve.close().startswith("Took 1 decision into")
    assert mia.close().startswith("Took 1 decision into")
    ledger = Project(home).ledger
    assert ledger["round-2", "S001", "us-sites"]["adjudicator"] == "eve"
    assert ledger["round-2", "S004", "addressee"]["adjudicator"] == "mia"


def test_what_was_settled_of_a_retired_statement_stays_in_the_ledger(home: Path) -> None:
    retired = home / "coding" / "retired.csv"
    text = retired.read_text(encoding="utf-8")
    retired.write_text(f"{text}S003,statements,1.0.0,Said by nobody.\n", encoding="utf-8")
    row = {"round": "round-2", "statement_id": "S004", "variable": "addressee", "code": "several"}
    take_decisions(Project(home), [row | {"rule": RULE, "reason": REASON}], "eve", where="here")
    kept = {(row["round"], row["statement_id"]) for row in read_rows(home / LEDGER, [])}
    assert {("round-1", "S003"), ("round-2", "S004")} <= kept


# ---- how far a round is


def test_a_round_says_how_much_is_coded_reviewed_and_settled(home: Path) -> None:
    def states() -> list[int]:
        return cell_states(Project(home)).loc["round-2"].tolist()

    assert states() == [24, 0, 0]
    confirm(Project(home), "round-2", {"S001": "", "S002": ""}, "eve")
    assert states() == [13, 11, 0]
    settle_all(home)
    assert states() == [10, 11, 3]
    assert "of its codes 10 coded, 11 reviewed, 3 settled." in said(home, "status")


def said(home: Path, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "stancepack", *args], cwd=home, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "units", "person", "words"),
    [
        ("round-2", ["S009"], "eve", "no agreed codes of 'S009' are settled in round-2"),
        ("round-1", ["S001"], "eve", "no agreed codes of 'S001' are settled in round-1"),
        ("round-9", ["S001"], "eve", "there is no round 'round-9'"),
        ("round-2", ["S001"], "ada", "has the role 'coder'"),
    ],
)
def test_what_cannot_be_confirmed_is_refused_whole(
    home: Path, name: str, units: list[str], person: str, words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        confirm(Project(home), name, dict.fromkeys([*units, "S002"], ""), person)
    assert not (home / REVIEWED).exists()


def test_who_looked_first_stays(home: Path) -> None:
    add_people(home, mia="adjudicator")
    assert confirm(Project(home), "round-2", {"S001": " So\nit is. "}, "eve") == 1
    assert confirm(Project(home), "round-2", {"S001": "No.", "S002": ""}, "mia") == 1
    rows = read_rows(home / REVIEWED, [])
    assert [row["adjudicator"] for row in rows] == ["eve", "mia"]
    assert rows[0]["remark"] == "So it is."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("round-2,S001,eve,2026-11-30,", "round-2, S001 is there twice"),
        ("round-8,S001,eve,2026-11-30,", "there is no round 'round-8'"),
    ],
)
def test_a_review_that_was_spoilt_by_hand_is_told(home: Path, line: str, words: str) -> None:
    confirm(Project(home), "round-2", {"S001": ""}, "eve")
    with (home / REVIEWED).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(sp.StancepackError, match=words):
        read_reviewed(Project(home))


# ---- for the next codebook


def test_what_was_flagged_is_a_list_without_names(home: Path) -> None:
    confirm(Project(home), "round-2", {"S002": REMARK}, "eve")
    rows = flagged(Project(home))
    assert [(row["statement_id"], row["variable"], row["kind"], row["value"]) for row in rows] == [
        ("S001", "", "flag", "yes"),
        ("S002", "", "review", REMARK),
        ("S003", "", "comment", "Is it an offer?"),
        ("S003", "joint-defence", "unsure", "yes"),
    ]
    assert all(row["proposition"] for row in rows)
    printed = said(home, "settle", "--flagged")
    assert printed.splitlines()[0] == "round,statement_id,variable,kind,value,proposition"
    assert "Is it an offer?" in printed
    for name in (FIRST, SECOND, "eve"):
        assert name not in printed


def test_nothing_is_listed_of_a_round_that_somebody_still_codes(tiny: Path) -> None:
    add_people(tiny, **{SECOND: "coder"})
    seal_round(tiny, SECOND, "round-2", 1)
    assert flagged(Project(tiny)) == []


# ---- what a coder sees afterwards


def looked_back(home: Path, journal: Journal, coder: str) -> str:
    client = client_of(home, journal, role="code", person=coder)
    assert client.get("").status_code == 200
    return client.get("state").text


def test_a_coder_sees_nothing_before_a_round_is_settled_whole(home: Path, journal: Journal) -> None:
    row = {"round": "round-2", "statement_id": "S001", "variable": "us-sites", "code": "-1"}
    take_decisions(Project(home), [row | {"rule": RULE, "reason": REASON}], "eve", where="here")
    text = looked_back(home, journal, FIRST)
    assert json.loads(text)["rounds"] == [{"name": "round-2", "settles": True, "is_settled": False}]
    assert REASON not in text
    assert coder_desk(Project(home), journal, FIRST, "").page == "overruled"


def test_a_coder_sees_where_and_why_overruled_and_nothing_else(
    home: Path, journal: Journal
) -> None:
    settle_all(home)
    shown = {}
    for coder, other in ((FIRST, SECOND), (SECOND, FIRST)):
        text = looked_back(home, journal, coder)
        (seen,) = json.loads(text)["rounds"]
        shown[coder] = [(row["variable"], row["code"], row["settled"]) for row in seen["overruled"]]
        assert seen["n_codes"] == 24
        assert {row["reason"] for row in seen["overruled"]} == {REASON}
        assert {(*row["rules"],) for row in seen["overruled"]} == {(RULE,)}
        assert {*seen["units"]} == {row["unit"] for row in seen["overruled"]}
        assert NOTES[other] not in text
        for name in (other, "eve", "ada"):
            assert not re.search(rf"\b{name}\b", text)
    assert sorted(shown[FIRST], reverse=True) == [
        ("us-sites", "-2", "-1"),
        ("addressee", "several", "unstated"),
    ]
    assert shown[SECOND] == [("joint-defence", "NA", "0")]


def test_a_coder_who_may_code_the_same_again_sees_nothing(home: Path, journal: Journal) -> None:
    settle_all(home)
    assert REASON in looked_back(home, journal, FIRST)
    join(Project(home), FIRST, "round-2-again", selection=Selection(of="round-2"))
    assert REASON not in looked_back(home, journal, FIRST)


def test_a_round_that_settles_nothing_says_so(home: Path, journal: Journal) -> None:
    """Its coders differ, and nobody will say who was right: a later round has coded all of it."""
    settle_all(home)
    add_people(home, **{"zq7-third": "coder", "zq7-fourth": "coder"})
    for number, coder in enumerate(("zq7-third", "zq7-fourth")):
        seal_round(home, coder, "a-1", number)
    (seen,) = OverruledDesk(Project(home), "zq7-third").state()["rounds"]
    assert seen == {"name": "a-1", "settles": False, "is_settled": False}


def test_nothing_is_written_into_what_is_sealed(home: Path, journal: Journal) -> None:
    client = client_of(home, journal, role="code", person=FIRST)
    entry = Entry("S001", "code/us-sites", 1, "-1", "e").as_json()
    assert client.post("entries", json={"entries": [entry]}).status_code == 422
    assert client.post("close", json={}).json() == {"said": "The codes are sealed already."}
    assert journal.history() == []


# ---- the command


def test_the_command_says_what_is_wrong_before_it_serves(home: Path) -> None:
    for args, words in (
        (["settle"], "--adjudicator"),
        (["settle", "--adjudicator", "ada"], "'ada' has the role 'coder'"),
        (["settle", "--adjudicator", "eve", "--round", "round-7"], "no round 'round-7'"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "stancepack", *args], cwd=home, capture_output=True, text=True
        )
        assert done.returncode, args
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_check_finds_what_was_written_by_hand_into_the_reviews(home: Path) -> None:
    confirm(Project(home), "round-2", {"S001": ""}, "eve")
    assert problems(Project(home)) == []
    with (home / REVIEWED).open("a", encoding="utf-8") as file:
        file.write("round-2,S02,eve,2026-11-30,\nround-2,S003,eva,today,\n")
    found = {(problem.row, problem.column, problem.value) for problem in problems(Project(home))}
    assert found == {
        ("round-2, S02", "statement_id", "S02"),
        ("round-2, S003", "adjudicator", "eva"),
        ("round-2, S003", "reviewed", "today"),
    }


def test_an_open_page_goes_on_to_the_round_that_is_sealed_meanwhile(
    home: Path, journal: Journal
) -> None:
    desk = SettlingDesk(Project(home), journal, "eve")
    settle_all(home)
    confirm(Project(home), "round-2", dict.fromkeys(("S001", "S002", "S003", "S004"), ""), "eve")
    assert desk.state()["units"] == []
    add_people(home, **{"zq7-third": "coder", "zq7-fourth": "coder"})
    seal_round(home, "zq7-third", "round-3", 0)
    assert desk.state()["round"] == "round-2"
    seal_round(home, "zq7-fourth", "round-3", 1)
    assert desk.state()["round"] == "round-3"
    assert desk.task == "settling round-3"


def test_what_one_coder_alone_coded_is_looked_through_as_such(tiny: Path) -> None:
    add_people(tiny, **{FIRST: "coder", SECOND: "coder"})
    assign(Project(tiny), "round-2", Design((FIRST, SECOND), 1, 0.25, ()))
    for number, coder in enumerate((FIRST, SECOND)):
        seal_round(tiny, coder, "round-2", number)
    with Journal(tiny / "workbench" / "journal.sqlite") as journal:
        state = SettlingDesk(Project(tiny), journal, "eve", "round-2").state()
    single = [{cell["is_single"] for cell in unit["agreed"]} for unit in state["units"]]
    assert sorted(map(sorted, single)) == [[False], [True], [True], [True]]
    assert FIRST not in json.dumps(state)


def test_the_keys_of_an_adjudicator_are_those_of_the_round_before(
    home: Path, journal: Journal
) -> None:
    desk = SettlingDesk(Project(home), journal, "eve", "round-1")
    sent(desk, journal, [Entry("", "keys", 1, '{"next": "x"}', "k")])
    later = SettlingDesk(Project(home), journal, "eve", "round-2")
    assert later.state()["settings"] == {"keys": '{"next": "x"}'}
