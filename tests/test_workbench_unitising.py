"""Units marked at a workbench: two lists, each blind, sealed as they came, matched and merged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from unitising_helpers import AGAINST, BRIDGE, TEXT, TUNNEL, marked, passage, unitising_project

import stancepack as sp
from stancepack.cli import main
from stancepack.files.tables import Row, read_rows
from stancepack.project.checks import advice, problems
from stancepack.project.matching import Mark, matched
from stancepack.project.merging import Decision, Merge
from stancepack.project.next_step import next_steps
from stancepack.project.unitising import join_unitising, read_unitising, seal_units
from stancepack.release.unit_figures import unit_figures
from stancepack.workbench.access import Seats
from stancepack.workbench.application import application
from stancepack.workbench.journal import FILE, Journal
from stancepack.workbench.merging_units import MergingDesk
from stancepack.workbench.unitising import UnitisingDesk

ORIGIN = "http://127.0.0.1:8765"
LIST = "units-1"
QUOTED = "We will build the bridge 🌉 together"
FIRST = [
    marked(BRIDGE, "the Minister", "He will build it.", quote=QUOTED, systems="bridge"),
    marked(AGAINST, "Господин Иванов", "Ivanov is against it.", quote="Мы против моста"),
]
SECOND = [
    marked(QUOTED, "minister", "The minister will build a bridge.", quote=QUOTED),
    marked(AGAINST, "Господин Иванов", "Ivanov is against a bridge.", quote="Мы против моста"),
    marked(TUNNEL, "Ms Ruiz", "Ruiz wants a tunnel.", date="2020-03-07"),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sp.Project:
    monkeypatch.delenv("STANCEPACK_TEXTS", raising=False)
    return unitising_project(tmp_path / "project")


@pytest.fixture
def both(project: sp.Project) -> sp.Project:
    """The project with both lists closed."""
    for person, units in (("ann", FIRST), ("bob", SECOND)):
        join_unitising(project, person, LIST, ["debate"])
        seal_units(project, person, LIST, units)
    return sp.Project.open(project.home)


# The lists


def test_a_list_is_sealed_as_it_came(both: sp.Project) -> None:
    unitising = read_unitising(both, LIST)
    rows = unitising.rows("ann")
    words = [TEXT[int(row["start"]) : int(row["end"])] for row in rows]
    assert words == [BRIDGE, AGAINST]
    assert [row["n"] for row in rows] == ["1", "2"]
    assert [row["speaker"] for row in rows] == ["minister", "Господин Иванов"]  # known by its id
    assert unitising.manifest["codebook_version"] == both.codebook.version
    assert {*unitising.manifest["texts"]} == {"debate"}
    assert problems(both) == []
    figures = {row["coefficient"]: row for row in unit_figures(both)}
    assert figures["dice"]["value"] == pytest.approx(4 / 5)
    sp.build(both.home)
    assert len(sp.validate(both.home)) == 0


def test_a_build_goes_on_while_lists_are_under_way(project: sp.Project) -> None:
    join_unitising(project, "ann", LIST, ["debate"])
    sp.build(project.home)
    seal_units(project, "ann", LIST, FIRST)
    sp.build(project.home)
    assert len(sp.validate(project.home)) == 0
    assert sp.load(project.home)["agreement"].empty


UNITS: dict[str, tuple[list[Row], str]] = {
    "nothing": ([], "nothing is marked yet"),
    "no speaker": ([marked(TUNNEL, " ", "X.")], "unit 1: name the speaker"),
    "two speakers": ([marked(TUNNEL, "A; B", "X.")], "add joint to the modules"),
    "no proposition": ([marked(TUNNEL, "A", "")], "unit 1: write the proposition"),
    "words from elsewhere": (
        [marked(TUNNEL, "A", "X.", quote="asked | for a bridge")],
        "'for a bridge' of the quotation does not stand in the passage",
    ),
    "a system of nowhere": ([marked(TUNNEL, "A", "X.", systems="ferry")], "no system 'ferry'"),
    "no date": ([marked(TUNNEL, "A", "X.", date="in May")], "unit 1: date: "),
}


@pytest.mark.parametrize("case", UNITS)
def test_a_list_is_not_closed_with_faults(case: str, project: sp.Project) -> None:
    join_unitising(project, "ann", LIST, ["debate"])
    units, words = UNITS[case]
    with pytest.raises(sp.StancepackError, match=words.replace("|", "[|]")):
        seal_units(project, "ann", LIST, units)
    assert read_unitising(sp.Project.open(project.home), LIST).lists == {}


def without_module(home: Path) -> None:
    path = home / "seeds" / "project.yaml"
    content = path.read_text(encoding="utf-8").replace("passages", "words")
    path.write_text(content, encoding="utf-8")


def other_text(home: Path) -> None:
    (home / "texts" / "debate.txt").write_text(f"{TEXT} ", encoding="utf-8", newline="")


def other_rules(home: Path) -> None:
    path = home / "coding" / "codebook.yaml"
    content = path.read_text(encoding="utf-8").replace("Deeds do not count", "Deeds count")
    path.write_text(content, encoding="utf-8")


REFUSALS: dict[str, tuple[Callable[[Path], Any], tuple[Any, ...], str]] = {
    "a stranger": (lambda home: None, ("dora", LIST, ["debate"]), "nobody is called 'dora'"),
    "a coder": (lambda home: None, ("coder-1", LIST, []), "has the role 'coder'"),
    "no source": (lambda home: None, ("ann", "units-2", []), "name what is read, with --source"),
    "unknown source": (lambda home: None, ("ann", "units-2", ["debat"]), "did you mean 'debate'"),
    "no such name": (lambda home: None, ("ann", "Units 2", ["debate"]), "cannot name a list"),
    "other sources": (lambda home: None, ("ann", LIST, ["letter"]), "reads debate; leave --source"),
    "text away": (
        lambda home: (home / "texts" / "letter.txt").unlink(),
        ("ann", "units-2", ["letter"]),
        "the text of 'letter' is not here",
    ),
    "text changed": (other_text, ("ann", LIST, []), "is not the one with which it began"),
    "rules changed": (other_rules, ("ann", LIST, []), "the rules of unitising .* were changed"),
    "closed": (
        lambda home: seal_units(sp.Project.open(home), "ann", LIST, FIRST),
        ("ann", LIST, []),
        "a sealed list is never changed",
    ),
    "no passages": (without_module, ("ann", LIST, []), "add passages to the modules"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_who_cannot_mark_units_is_told_why(case: str, project: sp.Project) -> None:
    join_unitising(project, "ann", LIST, ["debate"])
    change, arguments, words = REFUSALS[case]
    change(project.home)
    with pytest.raises(sp.StancepackError, match=words):
        join_unitising(sp.Project.open(project.home), *arguments)


def test_a_list_that_was_changed_is_found(both: sp.Project) -> None:
    sp.build(both.home)
    path = both.path(f"coding/unitising/{LIST}/ann.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("He", "She"), encoding="utf-8")
    assert "seal" in {*sp.validate(both.home).table["rule"]}
    with pytest.raises(sp.StancepackError, match="not the list that was sealed"):
        Merge(sp.Project.open(both.home), LIST, "adjudicator")


spans = st.tuples(
    st.sampled_from("ab"), st.integers(0, 20), st.integers(1, 9), st.sampled_from("xy")
)
lists = st.lists(spans.map(lambda s: Mark(s[0], s[1], s[1] + s[2], s[3])), max_size=6)


@given(lists, lists)
def test_matched_units_have_speaker_and_text_in_common(
    first: list[Mark], second: list[Mark]
) -> None:
    pairs = matched(first, second)
    assert len({i for i, _, _ in pairs}) == len({j for _, j, _ in pairs}) == len(pairs)
    for i, j, share in pairs:
        assert (first[i].speaker, first[i].source) == (second[j].speaker, second[j].source)
        assert 0 < share <= 1
    left = [
        (i, j)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if i not in {pair[0] for pair in pairs} and j not in {pair[1] for pair in pairs}
        if (one.speaker, one.source) == (other.speaker, other.source)
        and min(one.end, other.end) > max(one.start, other.start)
    ]
    assert left == []


# The merge


def decided(merge: Merge, **columns: str) -> dict[str, Decision]:
    """Take the first unit of each pair."""
    decisions = {}
    for name, pair in merge.pairs.items():
        side = "first" if pair.first else "second"
        units = {side: {**pair.head, "date": "2020-03", **columns}}
        decisions[name] = Decision(side, "U2", units)
    return decisions


def test_merged_units_have_ids_passages_and_reasons(both: sp.Project) -> None:
    merge = Merge(both, LIST, "adjudicator")
    taken = decided(merge, place="p. 2")
    said = merge.close(taken)
    assert "Added 3 statements to coding/units.csv: S001 … S003." in said
    now = sp.Project.open(both.home)
    assert problems(now) == []
    assert [line for line in advice(now) if "merge_note" in line] == []
    rows = [*now.units.values()]
    assert TEXT[int(rows[1]["start"]) : int(rows[1]["end"])] == AGAINST
    assert {row["source"] for row in rows} == {"debate[p. 2]"}
    assert rows[0]["unitised"] == f"ann[{LIST} 1];bob[{LIST} 1]"
    assert rows[2]["unitised"] == f"bob[{LIST} 3]"
    assert {row["merge_note"] for row in rows} == {"U2"}
    record = read_unitising(now, LIST).manifest["merged"]
    decisions = read_rows(now.path(f"coding/unitising/{LIST}/merge/adjudicator.csv"), [])
    assert record["by"] == "adjudicator"
    assert [row["choice"] for row in decisions] == [each.choice for each in taken.values()]
    sp.build(both.home)
    assert len(sp.validate(both.home)) == 0
    with pytest.raises(sp.StancepackError, match="is merged already"):
        Merge(now, LIST, "adjudicator")
    now.path(f"coding/unitising/{LIST}/merge/adjudicator.csv").unlink()
    assert "seal" in {*sp.validate(both.home).table["rule"]}


def test_what_was_decided_is_written_whole_or_not_at_all(both: sp.Project) -> None:
    before = {path: path.read_bytes() for path in both.home.rglob("*") if path.is_file()}
    merge = Merge(both, LIST, "adjudicator")
    decisions = decided(merge, date_basis="hearsay")
    with pytest.raises(sp.StancepackError, match="unit 1, date_basis 'hearsay'"):
        merge.close(decisions)
    after = {path: path.read_bytes() for path in both.home.rglob("*") if path.is_file()}
    assert {p: c for p, c in after.items() if p.name != ".stancepack-lock"} == {
        p: c for p, c in before.items() if p.name != ".stancepack-lock"
    }


def test_a_merge_says_what_is_not_decided(both: sp.Project) -> None:
    merge = Merge(both, LIST, "adjudicator")
    pair = {
        pair.is_agreed: name for name, pair in merge.pairs.items() if pair.first and pair.second
    }
    head = {name: pair.head for name, pair in merge.pairs.items()}
    dated = {"date": "2020"}

    def said(name: str, choice: str, reason: str = "", **units: Row) -> list[str]:
        return [*merge.problems(name, Decision(choice, reason, units))]

    assert said(pair[False], "") == ["not decided."]
    assert said(pair[False], "none") == ["give the reason."]
    assert said(pair[False], "first", first=head[pair[False]] | dated) == ["give the reason."]
    assert said(pair[True], "first", first=head[pair[True]] | dated) == []  # the words are the same
    assert said(pair[True], "first", first=head[pair[True]]) == ["missing: date."]
    changed = head[pair[True]] | dated | passage("Мы против моста")
    assert said(pair[True], "first", first=changed) == ["give the reason."]
    elsewhere = changed | passage("It rained")
    assert "does not stand in the passage" in said(pair[True], "other", "U12", other=elsewhere)[0]


def test_nothing_is_taken_if_nothing_counts(both: sp.Project) -> None:
    merge = Merge(both, LIST, "cleo")  # a unitiser who made neither list
    said = merge.close({name: Decision("none", "U2") for name in merge.pairs})
    assert said == f"Merged coding/unitising/{LIST}: no unit was taken."
    assert [*sp.Project.open(both.home).units] == ["made-up-1", "made-up-2"]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("ann", "somebody else merges them"),
        ("coder-1", "has the role 'coder'"),
        ("dora", "nobody is called 'dora'"),
    ],
)
def test_who_merges_is_neither_of_the_two(who: str, words: str, both: sp.Project) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        Merge(both, LIST, who)


def test_a_merge_waits_for_both_lists(project: sp.Project) -> None:
    join_unitising(project, "ann", LIST, ["debate"])
    seal_units(project, "ann", LIST, FIRST)
    with pytest.raises(sp.StancepackError, match="not both closed yet"):
        Merge(sp.Project.open(project.home), LIST, "adjudicator")


def test_several_speakers_of_a_unit_are_several_actors(project: sp.Project) -> None:
    path = project.home / "seeds" / "project.yaml"
    content = path.read_text(encoding="utf-8").replace("sources,", "joint, sources,")
    path.write_text(content, encoding="utf-8")
    for person, speakers in (("ann", "Ms Ruiz; The minister"), ("bob", "minister;Ms Ruiz")):
        join_unitising(project, person, LIST, ["debate"])
        seal_units(project, person, LIST, [marked(TUNNEL, speakers, "They want a tunnel.")])
    merge = Merge(sp.Project.open(project.home), LIST, "adjudicator")
    assert [pair.is_agreed for pair in merge.pairs.values()] == [True]
    merge.close(decided(merge))
    now = sp.Project.open(project.home)
    assert [row["actor_id"].split() for row in now.units.values()] == [["ms-ruiz", "minister"]]
    assert problems(now) == []


def test_what_comes_next_is_said(project: sp.Project) -> None:
    def next_of() -> str:
        return next_steps(sp.Project.open(project.home))[0]

    join_unitising(project, "ann", LIST, ["debate"])
    assert next_of() == f"stancepack unitise --list {LIST} --coder ID"
    seal_units(project, "ann", LIST, FIRST)
    seal_units(project, "bob", LIST, SECOND)
    assert next_of() == f"stancepack unitise --merge {LIST} --coder adjudicator"
    merge = Merge(sp.Project.open(project.home), LIST, "adjudicator")
    merge.close(decided(merge))
    assert "unitise" not in next_of()


# At the workbench


class Workbench:
    """A workbench with everybody's seats."""

    def __init__(self, home: Path) -> None:
        self.home, self.numbers = home, count(1)
        self.journal = Journal(home / FILE)
        people = [("unitise", who) for who in ("ann", "bob", "cleo")] + [("merge", "adjudicator")]
        self.seats = Seats(home, people)
        desks: dict[str, Any] = {
            "unitise": lambda who: UnitisingDesk(
                sp.Project.open(home), self.journal, who, LIST, ["debate"]
            ),
            "merge": lambda who: MergingDesk(sp.Project.open(home), self.journal, who, LIST),
        }
        self.app = application(self.seats, desks, self.journal, frozenset({ORIGIN}))

    def client(self, role: str, person: str) -> TestClient:
        client = TestClient(self.app, base_url=ORIGIN, headers={"origin": ORIGIN})
        seat = self.seats.at(role, person)
        assert seat is not None
        client.cookies.set(seat.cookie_name, seat.cookie)
        client.base_url = client.base_url.copy_with(path=seat.path)
        return client

    def entry(self, unit: str, field: str, value: str, revision: int = 1) -> dict[str, Any]:
        own = {"unit": unit, "field": field, "revision": revision, "value": value}
        return own | {"entry": f"e{next(self.numbers)}"}

    def send(self, client: TestClient, *entries: dict[str, Any]) -> Any:
        return client.post("entries", json={"entries": list(entries)})

    def mark(self, client: TestClient, row: Row, unit: str) -> Any:
        """Mark a unit as the page does."""
        fields = {k: v for k, v in row.items() if k not in ("source", "start", "end")}
        fields["passage"] = f"{row['start']}-{row['end']} {row['source']}"
        return self.send(client, *(self.entry(unit, *field) for field in fields.items()))


@pytest.fixture
def workbench(project: sp.Project) -> Iterator[Workbench]:
    opened = Workbench(project.home)
    with opened.journal:
        yield opened


def test_units_are_marked_and_the_list_is_closed(workbench: Workbench) -> None:
    ann = workbench.client("unitise", "ann")
    state = ann.get("state").json()
    assert state["texts"][0]["text"] == TEXT
    assert [rule["id"] for rule in state["codebook"]["rules"]] == ["U1", "U2"]
    answer = workbench.mark(ann, FIRST[0] | {"proposition": ""}, "a" * 32).json()
    assert answer["problems"]["a" * 32][0].startswith("write the proposition")
    workbench.mark(ann, FIRST[1], "b" * 32)
    assert ann.post("close", json={}).status_code == 422
    workbench.send(ann, workbench.entry("a" * 32, "proposition", "He will build it.", 2))
    workbench.mark(ann, SECOND[2], "c" * 32)
    workbench.send(ann, workbench.entry("c" * 32, "deleted", "yes"))
    assert ann.get("state").json()["problems"] == {"a" * 32: [], "b" * 32: []}
    assert "Sealed 2 units by ann" in ann.post("close", json={}).json()["said"]
    rows = read_unitising(sp.Project.open(workbench.home), LIST).rows("ann")
    assert [TEXT[int(row["start"]) : int(row["end"])] for row in rows] == [BRIDGE, AGAINST]
    assert workbench.mark(ann, SECOND[2], "d" * 32).status_code == 422


def test_a_system_that_is_added_meanwhile_is_known(workbench: Workbench) -> None:
    ann = workbench.client("unitise", "ann")
    answer = workbench.mark(ann, FIRST[0] | {"systems": "ferry"}, "a" * 32).json()
    assert "add it there" in answer["problems"]["a" * 32][0]
    with (workbench.home / "seeds" / "systems.csv").open("a", encoding="utf-8") as file:
        file.write("ferry,The ferry,proposal,A boat.,\n")
    state = ann.get("state").json()
    assert state["problems"]["a" * 32] == []
    assert {"id": "ferry", "name": "The ferry"} in state["systems"]


FAULTS = {
    "of no unit": ("x", "speaker", "A"),
    "of no field": ("a" * 32, "code/policy", "1"),
    "empty passage": ("a" * 32, "passage", "5-5 debate"),
    "beyond the text": ("a" * 32, "passage", f"5-{len(TEXT) + 1} debate"),
    "another text": ("a" * 32, "passage", "0-5 letter"),
    "no passage": ("a" * 32, "passage", "0-٣ debate"),
    "half deleted": ("a" * 32, "deleted", "maybe"),
    "of the task": ("", "all/date", "2020"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_no_page_sends_is_refused(case: str, workbench: Workbench) -> None:
    ann = workbench.client("unitise", "ann")
    assert workbench.send(ann, workbench.entry(*FAULTS[case])).status_code == 422
    assert ann.get("state").json()["entries"] == []


def test_a_unitiser_sees_nothing_of_anothers_list(workbench: Workbench) -> None:
    ann, bob = workbench.client("unitise", "ann"), workbench.client("unitise", "bob")
    blank = bob.get("state").content
    for number, row in enumerate(FIRST):
        workbench.mark(ann, row | {"note": "quux"}, str(number) * 32)
    assert bob.get("state").content == blank
    ann.post("close", json={})
    answers = [bob.get("state"), bob.get(""), workbench.mark(bob, SECOND[0], "a" * 32)]
    answers += [bob.get("/unitise/ann/state"), bob.get("/merge/adjudicator/state")]
    answers += [bob.post("close", json={})]
    for answer in answers:
        assert b"quux" not in answer.content
        assert b'"ann"' not in answer.content
        assert answer.status_code < 500
    assert bob.get("state").status_code == 422  # closed: nothing is shown any more


def test_a_list_that_is_begun_anew_with_other_texts_begins_blank(workbench: Workbench) -> None:
    """Marks of another text would be marks of anything."""
    workbench.mark(workbench.client("unitise", "ann"), FIRST[1], "a" * 32)
    (workbench.home / "coding" / "unitising" / LIST / "manifest.yaml").unlink()
    opened = sp.Project.open(workbench.home)
    desk = UnitisingDesk(opened, workbench.journal, "ann", LIST, ["letter"])
    assert desk.state()["entries"] == []
    (workbench.home / "coding" / "unitising" / LIST / "manifest.yaml").unlink()
    desk = UnitisingDesk(opened, workbench.journal, "ann", LIST, ["debate"])
    assert len(desk.units()) == 1  # and what was marked in this one is not lost


def test_a_third_has_no_list(workbench: Workbench) -> None:
    for who in ("ann", "bob"):
        workbench.mark(workbench.client("unitise", who), FIRST[0], "a" * 32)
    with pytest.raises(sp.StancepackError, match="begin another list"):
        UnitisingDesk(sp.Project.open(workbench.home), workbench.journal, "cleo", LIST)
    UnitisingDesk(sp.Project.open(workbench.home), workbench.journal, "ann", LIST)


def test_two_lists_are_merged_at_the_workbench(both: sp.Project) -> None:
    workbench = Workbench(both.home)
    eve = workbench.client("merge", "adjudicator")
    state = eve.get("state")
    assert b'"ann"' not in state.content
    assert b'"bob"' not in state.content
    assert "Dice 0.80" in state.json()["agreement"]
    assert [c["name"] for c in state.json()["columns"] if c["is_required"]] == ["date", "kind"]
    units = state.json()["units"]
    pairs = {unit["id"]: unit for unit in units if unit["first"] and unit["second"]}
    single = next(unit["id"] for unit in units if unit["id"] not in pairs)
    agreed = next(name for name, unit in pairs.items() if unit["is_agreed"])
    differing = next(name for name in pairs if name != agreed)
    start, end = (passage("asked for a tunnel 🚇 instead")[edge] for edge in ("start", "end"))
    answer = workbench.send(
        eve,
        workbench.entry("", "all/date", "2020-03"),
        workbench.entry(agreed, "choice", "first"),
        workbench.entry(differing, "choice", "both"),
        workbench.entry(differing, "reason", "U5: two propositions"),
        workbench.entry(differing, "second/quote", " "),
        workbench.entry(single, "choice", "other"),
        workbench.entry(single, "other/passage", f"{start}-{end} debate"),
        workbench.entry(single, "other/side", ""),
    )
    assert answer.json()["problems"][single] == ["give the reason."]
    assert answer.json()["problems"][agreed] == []
    workbench.send(eve, workbench.entry(single, "reason", "U12"))
    assert "Added 4 statements" in eve.post("close", json={}).json()["said"]
    now = sp.Project.open(both.home)
    assert problems(now) == []
    rows = [*now.units.values()]
    assert sorted(bool(row["quote"]) for row in rows) == [False, False, True, True]
    assert [row["date"] for row in rows] == ["2020-03"] * 3 + ["2020-03-07"]
    assert TEXT[int(rows[-1]["start"]) : int(rows[-1]["end"])] == "asked for a tunnel 🚇 instead"
    assert {row["unitised"].count("[") for row in rows[:2]} == {1}  # each of one list
    workbench.journal.close()


MERGE_FAULTS = {
    "of no pair": ("9+9", "choice", "first"),
    "a choice that is none": ("3+", "choice", "second"),
    "no field": ("3+", "first/statement_id", "S001"),
    "another's column": ("3+", "first/note", "x"),
    "no passage": ("3+", "first/passage", "0-9 letter"),
    "of the task": ("", "all/statement_id", "S001"),
}


@pytest.mark.parametrize("case", MERGE_FAULTS)
def test_what_no_page_of_a_merge_sends_is_refused(case: str, both: sp.Project) -> None:
    workbench = Workbench(both.home)
    eve = workbench.client("merge", "adjudicator")
    ids = [unit["id"] for unit in eve.get("state").json()["units"]]
    unit, field, value = MERGE_FAULTS[case]
    if unit == "3+" and unit not in ids:
        unit = "+3"
        value = {"second": "first"}.get(value, value)
        field = field.replace("first/", "second/")
    assert workbench.send(eve, workbench.entry(unit, field, value)).status_code == 422
    workbench.journal.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--coder", "ann"], "--list NAME"),
        (["--coder", "ann", "--list", LIST, "--merge", LIST], "--list NAME"),
        (["--coder", "ann", "--list", LIST], "--source KEY"),
        (["--coder", "adjudicator", "--merge", LIST], "there is no list 'units-1'"),
        (["--coder", "coder-1", "--list", LIST, "--source", "debate"], "not 'unitiser'"),
    ],
)
def test_the_command_says_what_is_wrong_before_a_page_opens(
    arguments: list[str], words: str, project: sp.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["stancepack", "unitise", str(project.home), *arguments, "--no-browser"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit, match=words):
        main()


words = st.text(st.characters(codec="utf-8"), max_size=12)
fields = st.one_of(
    words,
    st.sampled_from(
        ["passage", "deleted", "speaker", "systems", "date", "choice", "reason", "keys"]
    ),
    st.tuples(
        st.sampled_from(["first", "second", "other", "all"]),
        st.sampled_from(["passage", "speaker", "date", "place", "side", "office_id", "unitised"]),
    ).map("/".join),
)
values = st.one_of(
    words,
    st.sampled_from(["yes", "first", "both", "other", "none", "1-9 debate", "9-1 debate", "0-0 x"]),
    st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda s: f"{s[0]}-{s[1]} debate"),
)
sent = st.tuples(st.sampled_from(["", "a" * 32, "1+1", "2+2", "3+", "+3", "x"]), fields, values)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Workbench, Any]]]:
    """The desks of a unitiser and of a merger."""
    benches = []
    for name in ("marking", "merging"):
        project = unitising_project(tmp_path_factory.mktemp("attacked") / name)
        if name == "merging":
            for person, units in (("ann", FIRST), ("bob", SECOND)):
                join_unitising(project, person, LIST, ["debate"])
                seal_units(project, person, LIST, units)
        workbench = Workbench(project.home)
        role, who = ("merge", "adjudicator") if name == "merging" else ("unitise", "ann")
        benches.append((workbench, workbench.client(role, who)))
    yield benches
    for workbench, _ in benches:
        workbench.journal.close()


@settings(max_examples=30)
@given(st.lists(sent, max_size=6))
def test_whatever_is_sent_a_desk_answers(
    attacked: list[tuple[Workbench, Any]], entries: list[tuple[str, str, str]]
) -> None:
    for workbench, client in attacked:
        for entry in entries:
            assert workbench.send(client, workbench.entry(*entry)).status_code in (200, 422)
        assert client.get("state").status_code == 200
        assert client.post("close", json={}).status_code == 422  # something always lacks


def test_the_state_of_a_page_is_plain(workbench: Workbench) -> None:
    """No text of a project can be taken for markup or script: it is sent as JSON alone."""
    answer = workbench.client("unitise", "ann").get("state")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["list"] == LIST
