"""At the workbench a coder sees the statements assigned, and nothing tells who codes the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workbench_rooms import ANN, BOOK, ORIGIN, OTHER, SECRET_MARK, Workbench, coded_study, entry

from stancepack.errors import StancepackError
from stancepack.files.tables import read_rows
from stancepack.project.assigning import assign, hand_over
from stancepack.project.assignment import Design
from stancepack.project.project import Project
from stancepack.project.rounds import Round
from stancepack.workbench.access import Seats
from stancepack.workbench.application import application
from stancepack.workbench.away import take_along
from stancepack.workbench.desks import coding_desk
from stancepack.workbench.journal import FILE, Journal
from stancepack.workbench.leading import LeadDesk

NAME = "round-2"
THIRD = f"zed-{SECRET_MARK}"  # who is a coder of the study, and not of the round


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    home = coded_study(tmp_path / "study", n_units=9)
    assign(Project(home), NAME, Design((ANN, OTHER), 1, 0.2))
    seats = Seats(home, [("code", person) for person in (ANN, OTHER, THIRD)])
    with Journal(home / FILE) as journal:

        def desk(person: str) -> Any:
            return coding_desk(Project(home), journal, person, NAME)

        people = Project(home).coders
        app = application(seats, {"code": desk}, journal, frozenset({ORIGIN}), lambda: people)
        yield Workbench(home, journal, seats, app)


def in_round(workbench: Workbench) -> Round:
    return Project(workbench.home).rounds[NAME]


def test_a_coder_sees_the_statements_assigned_in_an_own_order(workbench: Workbench) -> None:
    seen = {}
    for person in (ANN, OTHER):
        state = workbench.client(person).get(f"/code/{person}/state").json()
        seen[person] = [unit["id"] for unit in state["units"]]
        assert seen[person] == in_round(workbench).order_of(person)
    assert len({*seen[ANN]} | {*seen[OTHER]}) == 9
    assert len({*seen[ANN]} & {*seen[OTHER]}) == 2, "a fifth of nine, rounded up, is for both"
    answers = [workbench.client().get(f"/code/{ANN}/{page}") for page in ("state", "")]
    for answer in answers:
        assert SECRET_MARK not in answer.text
        for told in ("probability", "stratum", "overlap", "assign"):
            assert told not in answer.text.lower().replace(ORIGIN, ""), told


def test_what_is_not_assigned_cannot_be_coded(workbench: Workbench) -> None:
    other = next(iter({*in_round(workbench).units} - {*in_round(workbench).units_of(ANN)}))
    sent = {"entries": [entry(other)]}
    answer = workbench.client().post(f"/code/{ANN}/entries", json=sent)
    assert answer.status_code >= 400
    assert f"there is no statement '{other}' to code here" in answer.text
    assert workbench.journal.newest(NAME, ANN) == []


def test_closing_seals_what_was_assigned(workbench: Workbench) -> None:
    own = in_round(workbench).order_of(ANN)
    client = workbench.client()
    rows = [entry(unit, f"code/{thing}") for unit in own for thing in BOOK]
    assert "no code" in client.post(f"/code/{ANN}/close", json={}).text
    assert client.post(f"/code/{ANN}/entries", json={"entries": rows}).status_code == 200
    said = client.post(f"/code/{ANN}/close", json={}).json()["said"]
    assert f"{2 * len(own)} codes of {len(own)} units" in said
    assert SECRET_MARK not in said
    sealed = read_rows(workbench.home / in_round(workbench).sheet_file(ANN), [])
    assert [*dict.fromkeys(row["statement_id"] for row in sealed)] == own
    assert not in_round(workbench).is_complete


def test_who_is_assigned_nothing_is_told_so_and_nothing_else(workbench: Workbench) -> None:
    answer = workbench.client(THIRD).get(f"/code/{THIRD}/state")
    assert answer.status_code >= 400
    assert f"{THIRD} is assigned nothing in round '{NAME}'" in answer.text
    assert ANN not in answer.text
    assert OTHER not in answer.text


def test_who_takes_over_sees_the_place_that_was_left(workbench: Workbench) -> None:
    left = {*in_round(workbench).units_of(OTHER)}
    hand_over(Project(workbench.home), NAME, OTHER, THIRD)
    state = workbench.client(THIRD).get(f"/code/{THIRD}/state").json()
    assert {unit["id"] for unit in state["units"]} == left
    assert workbench.client(OTHER).get(f"/code/{OTHER}/state").status_code >= 400


def code_all(workbench: Workbench, person: str) -> None:
    """Give a code on everything, and close the round."""
    client, own = workbench.client(person), in_round(workbench).order_of(person)
    rows = [entry(unit, f"code/{thing}") for unit in own for thing in BOOK]
    client.post(f"/code/{person}/entries", json={"entries": rows})
    assert client.post(f"/code/{person}/close", json={}).status_code == 200


def test_the_lead_counts_what_was_assigned_and_compares_what_two_have_coded(
    workbench: Workbench,
) -> None:
    hand_over(Project(workbench.home), NAME, OTHER, THIRD)
    lead = LeadDesk(workbench.home, workbench.journal, "chris", round_name=NAME, coders=[ANN])
    code_all(workbench, ANN)
    state = lead.state()
    counts = {row["coder"]: (row["n_units"], row["n_done"]) for row in state["coders"]}
    sizes = {person: len(in_round(workbench).units_of(person)) for person in (ANN, THIRD)}
    assert counts == {ANN: (sizes[ANN], sizes[ANN]), THIRD: (sizes[THIRD], 0)}
    assert state["compared"] is None
    code_all(workbench, THIRD)
    compared = lead.state()["compared"]
    figures = {row["variable"]: row for row in compared["agreement"]}
    assert all(figures[thing]["n_units"] == 2 for thing in BOOK)
    with pytest.raises(StancepackError, match="who leads it should not code it"):
        LeadDesk(workbench.home, workbench.journal, THIRD, round_name=NAME)


def test_a_file_taken_along_has_what_was_assigned(workbench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "ann.html"
    own = in_round(workbench).units_of(ANN)
    said = take_along(Project(workbench.home), workbench.journal, ANN, path, NAME)
    assert f"{len(own)} statements" in said
    text = path.read_text(encoding="utf-8")
    for unit in in_round(workbench).units:
        assert (f'"{unit}"' in text) == (unit in own)
