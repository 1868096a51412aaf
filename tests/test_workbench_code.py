"""What a coder finds at the workbench: the training before the round, and what either takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from coding_helpers import DEFAULTS, add_coders

from stancepack.errors import StancepackError
from stancepack.project.project import Project
from stancepack.project.rounds import Selection
from stancepack.project.training import TrainingScore
from stancepack.workbench.desk import EntryError, write
from stancepack.workbench.desks import coder_desk
from stancepack.workbench.journal import FILE, Entry, Journal

ROUND = "round-2"  # the tiny project has settled its first one


@pytest.fixture
def home(tiny: Path) -> Path:
    add_coders(tiny, "cleo", "dora")
    return tiny


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    with Journal(home / FILE) as opened:
        yield opened


def add_training(home: Path) -> None:
    items = {"T1": {"passage": "We will.", "answers": DEFAULTS, "because": "See R3."}}
    path = home / "coding" / "training.yaml"
    path.write_text(yaml.safe_dump({"version": "1.0.0", "items": items}), encoding="utf-8")


def entries(unit: str, **values: str) -> dict[str, object]:
    rows = [
        {"unit": unit, "field": field.replace("__", "/"), "revision": 1, "value": value}
        for field, value in values.items()
    ]
    return {"entries": [row | {"entry": f"{unit}-{row['field']}"} for row in rows]}


def test_a_round_is_started_with_a_list(home: Path, journal: Journal) -> None:
    chosen = Selection(only_listed=("S001", "S003"))
    desk = coder_desk(Project(home), journal, "cleo", ROUND, chosen)
    assert {unit["id"] for unit in desk.state()["units"]} == {"S001", "S003"}
    other = coder_desk(Project(home), journal, "dora", ROUND, chosen)  # joins it
    assert {unit["id"] for unit in other.state()["units"]} == {"S001", "S003"}
    with pytest.raises(StancepackError, match="started otherwise"):
        coder_desk(Project(home), journal, "dora", ROUND, Selection(only_listed=("S002",)))


def test_the_order_is_a_coders_own_and_stays(home: Path, journal: Journal) -> None:
    def order(coder: str) -> list[str]:
        state = coder_desk(Project(home), journal, coder, ROUND).state()
        return [unit["id"] for unit in state["units"]]

    assert order("cleo") == order("cleo")
    assert sorted(order("cleo")) == sorted(order("dora"))
    assert order("cleo") == Project(home).rounds[ROUND].order_of("cleo")


def test_nobody_trains_for_a_round_that_is_none(home: Path, journal: Journal) -> None:
    add_training(home)
    with pytest.raises(StancepackError, match="round-1 is complete; name the round"):
        coder_desk(Project(home), journal, "cleo")
    assert coder_desk(Project(home), journal, "cleo", ROUND).task == "training 1"


def test_what_was_set_in_the_training_holds_in_the_round(home: Path, journal: Journal) -> None:
    add_training(home)
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    write(desk, journal, entries("", keys='{"undo": "z"}', introduced="yes"))
    write(desk, journal, entries("T1", comment="New to me."))
    blank = dict.fromkeys(Project(home).codebook.issues, "NA") | DEFAULTS
    codes = {f"code__{name}": code for name, code in blank.items()}
    write(desk, journal, entries("T1", confidence="3", **codes))
    write(desk, journal, entries("T1", done="yes"))
    assert "passed" in desk.close()
    settings = coder_desk(Project(home), journal, "cleo", ROUND).state()["settings"]
    assert settings == {"keys": '{"undo": "z"}', "introduced": "yes"}


def test_an_answer_of_the_training_stands_and_feedback_names_rules_alone(
    home: Path, journal: Journal
) -> None:
    add_training(home)
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    with pytest.raises(EntryError, match="has no code yet"):
        write(desk, journal, entries("T1", done="yes"))
    blank = dict.fromkeys(Project(home).codebook.issues, "NA") | DEFAULTS | {"addressee": "US"}
    codes = {f"code__{name}": code for name, code in blank.items()}
    write(desk, journal, entries("T1", **codes))
    said = write(desk, journal, entries("T1", done="yes"))
    assert said["feedback"] == {"T1": [{"variable": "addressee", "rules": ["R3"]}]}
    with pytest.raises(EntryError, match="its codes stand in this try"):
        write(desk, journal, {"entries": [entry("code/addressee", 2, "unstated")]})
    write(desk, journal, {"entries": [entry("seconds", 1, "12"), entry("flag", 1, "yes")]})


def entry(field: str, revision: int, value: str) -> dict[str, object]:
    return {"unit": "T1", "field": field, "revision": revision, "value": value, "entry": field}


def test_an_entry_that_is_refused_is_named_and_holds_up_no_other(
    home: Path, journal: Journal
) -> None:
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    sent = entries("S001", comment="Kept.", flag="perhaps")
    with pytest.raises(EntryError) as error:
        write(desk, journal, sent)
    assert error.value.entry == "S001-flag"
    assert journal.newest(ROUND, "cleo") == []


def test_a_page_of_an_earlier_task_writes_nothing(home: Path, journal: Journal) -> None:
    add_training(home)
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    late = entries("T1", comment="From the try before.") | {"task": "training 0"}
    with pytest.raises(StancepackError, match="load it again"):
        write(desk, journal, late)


def test_what_builds_on_a_refused_entry_is_refused_with_it(journal: Journal) -> None:
    journal.write("task", "cleo", [Entry("S1", "code/x", 1, "1", "here")])
    there = [Entry("S1", "code/x", 1, "2", "there"), Entry("S1", "code/x", 2, "0", "after")]
    refused = journal.write("task", "cleo", there)
    assert {entry.value for entry in refused} == {"1"}
    assert [entry.value for entry in journal.newest("task", "cleo")] == ["1"]


def test_feedback_names_no_rule_of_another_thing(home: Path, journal: Journal) -> None:
    add_training(home)
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    things = {thing["name"]: thing["rules"] for thing in desk.state()["codebook"]["things"]}
    own = next(rule for rule in things["us-sites"] if rule not in things["addressee"])
    text = (home / "coding" / "training.yaml").read_text(encoding="utf-8")
    path = home / "coding" / "training.yaml"
    path.write_text(text.replace("See R3.", f"See R3 and {own}."), encoding="utf-8")
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    wrong = dict.fromkeys(things, "NA") | DEFAULTS | {"addressee": "US", "us-sites": "2"}
    codes = {f"code__{name}": code for name, code in wrong.items()}
    write(desk, journal, entries("T1", **codes))
    said = write(desk, journal, entries("T1", done="yes"))["feedback"]["T1"]
    rules = {fault["variable"]: fault["rules"] for fault in said}
    assert own in rules["us-sites"]
    assert own not in rules["addressee"]


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "100%"), (0.996, "99%"), (0.896, "89%"), (0.29, "29%"), (0.0, "0%")]
)
def test_a_share_is_never_said_to_be_more_than_it_is(share: float, said: str) -> None:
    score = TrainingScore(False, share, share, [])
    assert str(score) == f"{said} of the cells, {said} of the positions right"


def test_what_is_typed_is_sealed_as_it_is(home: Path, journal: Journal) -> None:
    desk = coder_desk(Project(home), journal, "cleo", ROUND)
    things = [thing["name"] for thing in desk.state()["codebook"]["things"]]
    codes = dict.fromkeys(things, "NA") | DEFAULTS
    typed = 'Two lines,\nthe second "quoted"; = and ünïcode 🚀 '
    for unit in desk.units:
        fields = {f"code__{name}": code for name, code in codes.items()}
        write(desk, journal, entries(unit, confidence="2", comment=typed, **fields))
        write(desk, journal, entries(unit, note__addressee=typed, unsure__addressee="yes"))
        write(desk, journal, entries(unit, seconds="31", skip="yes", confidence__addressee="1"))
    assert "Sealed 24 codes" in desk.close()
    coded = Project.open(home).rounds[ROUND]
    rows = [row for row in coded.rows("cleo") if row["variable"] == "addressee"]
    assert {row["note"] for row in rows} == {" ".join(typed.split())}  # a note is one line
    assert {row["confidence"] for row in rows} == {"1"}
    remarks = coded.remarks("cleo")
    assert {row["kind"] for row in remarks} == {"comment", "unsure", "seconds"}
    assert {row["value"].strip() for row in remarks if row["kind"] == "comment"} == {typed.strip()}
    with pytest.raises(StancepackError, match="closed"):
        write(desk, journal, {"entries": [{**entry("comment", 2, "Late."), "unit": "S001"}]})
