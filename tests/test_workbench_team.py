"""The page of who leads a team: counts of an open round, comparisons of a closed one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workbench_rooms import BOOK, CODES, ROUND, SECRET_MARK, coded_study, sealed_codes

from stancepack.errors import StancepackError
from stancepack.project.project import Project
from stancepack.project.rounds import Round
from stancepack.project.sheets import join, seal_codes
from stancepack.workbench.comparison import (
    agreement_of,
    confusions_of,
    drift_by_order,
    drift_by_time,
)
from stancepack.workbench.journal import FILE, Entry, Journal
from stancepack.workbench.leading import LeadDesk

ANN, BEN = "ann", f"ben-{SECRET_MARK}"
LEAD = "chris"
N_UNITS = 60
Coding = Callable[[str, int], str]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded_study(tmp_path_factory.mktemp("team") / "study", N_UNITS)


@pytest.fixture
def study(original: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(original, tmp_path / "study"))


def agreeing(variable: str, number: int) -> str:
    return CODES[number % 3]


def differing(variable: str, number: int) -> str:
    """Take every fifth `oppose` on parks for neutral; all else is as it should be."""
    is_wrong = variable == "parks" and number % 15 == 0
    return "neutral" if is_wrong else agreeing(variable, number)


def unaddressed(variable: str, number: int) -> str:
    return agreeing(variable, number) if number % 2 else "NA"


def seal(home: Path, coder: str, coding: Coding, remarks: Any = ()) -> None:
    join(Project(home), coder, ROUND)
    codes = sealed_codes(home, ROUND, coding, note="")
    seal_codes(Project(home), coder, ROUND, codes, remarks)


def closed_round(home: Path, first: Coding, second: Coding) -> Round:
    seal(home, ANN, first)
    seal(home, BEN, second)
    return Project(home).rounds[ROUND]


def written(journal: Journal, coder: str, fields: dict[tuple[str, str], str]) -> None:
    entries = [
        Entry(unit, field, 1, value, f"{unit}-{field}") for (unit, field), value in fields.items()
    ]
    assert journal.write(ROUND, coder, entries) == []


def test_of_an_open_round_the_lead_gets_counts_and_nothing_else(study: Path) -> None:
    join(Project(study), ANN, ROUND)
    with Journal(study / FILE) as journal:
        codes = {
            (unit, f"code/{name}"): "unseen-code" for unit in ("S000", "S001") for name in BOOK
        }
        codes |= {("S002", "code/parks"): "unseen-code", ("S003", "code/parks"): ""}
        codes |= {("S001", "flag"): "yes", ("S002", "flag"): "", ("S001", "comment"): "unseen-text"}
        codes |= {("S001", "note/parks"): "unseen-text", ("S001", "seconds"): "4711"}
        written(journal, ANN, codes)
        state = LeadDesk(study, journal, LEAD, ROUND, [ANN, BEN]).state()
        assert state["compared"] is None
        assert [{**coder, "training": None} for coder in state["coders"]] == [
            {"coder": ANN, "training": None, "closed": "", "n_units": N_UNITS}
            | {"n_done": 2, "flagged": ["S001"]},
            {"coder": BEN, "training": None, "closed": "", "n_units": N_UNITS}
            | {"n_done": 0, "flagged": []},
        ]
        assert not any(word in json.dumps(state) for word in ("unseen", "4711", "seconds"))


def test_one_closed_sheet_is_compared_with_nothing(study: Path) -> None:
    seal(study, ANN, agreeing)
    with Journal(study / FILE) as journal:
        state = LeadDesk(study, journal, LEAD, ROUND, [ANN, BEN]).state()
    assert state["compared"] is None
    assert [bool(coder["closed"]) for coder in state["coders"]] == [True, False]


def test_nothing_is_compared_while_a_third_coder_is_at_work(study: Path) -> None:
    with Journal(study / FILE) as journal:
        third = f"zed-{SECRET_MARK}"
        join(Project(study), third, ROUND)
        written(journal, third, {("S000", "code/parks"): "neutral"})
        closed_round(study, agreeing, differing)
        desk = LeadDesk(study, journal, LEAD, ROUND, [ANN, BEN])
        assert desk.state()["compared"] is None
        seal(study, third, agreeing)
        assert desk.state()["compared"] is not None


def test_a_closed_round_is_compared_with_its_flags(study: Path) -> None:
    remark = {"statement_id": "S003", "variable": "", "kind": "flag", "value": "yes"}
    with Journal(study / FILE) as journal:
        written(journal, ANN, {("S000", "code/parks"): "neutral"})
        desk = LeadDesk(study, journal, LEAD, ROUND)
        assert desk.state()["compared"] is None
        seal(study, ANN, agreeing, [remark])
        seal(study, BEN, differing)
        state = desk.state()
        assert state == desk.state()
    compared = state["compared"]
    assert [row["statement_id"] for row in compared["remarks"]] == ["S003"]
    assert compared["remarks"][0].get("coder") is None
    assert {row["variable"] for row in compared["agreement"]} == {*BOOK}
    assert [row["coder"] for row in compared["by_time"]] == [ANN]
    assert json.loads(json.dumps(state, allow_nan=False)) == state


@pytest.mark.parametrize("how", ["seated", "sealed", "wrote"])
def test_who_codes_the_round_does_not_lead_it(study: Path, how: str) -> None:
    with Journal(study / FILE) as journal:
        desk = LeadDesk(study, journal, ANN, ROUND)
        if how == "sealed":
            seal(study, ANN, agreeing)
        if how == "wrote":
            join(Project(study), ANN, ROUND)
            written(journal, ANN, {("S000", "code/parks"): "neutral"})
        with pytest.raises(StancepackError, match="should not code it"):
            LeadDesk(study, journal, ANN, ROUND, [ANN] if how == "seated" else [])
        if how != "seated":
            with pytest.raises(StancepackError, match="should not code it"):
                desk.state()


def test_of_a_round_with_a_ledger_those_whom_it_names_count(study: Path) -> None:
    """Who left and was replaced is not waited for, and each has the statements assigned."""
    from stancepack.project.assigning import assign
    from stancepack.project.assignment import Design

    third = f"zed-{SECRET_MARK}"
    assign(Project(study), "round-3", Design((ANN, BEN, third), overlap=2))
    with Journal(study / FILE) as journal:
        journal.write("round-3", "gone", [Entry("S000", "flag", 1, "yes", "x")])
        state = LeadDesk(study, journal, LEAD, "round-3", ["gone"]).state()
        assert [row["coder"] for row in state["coders"]] == [ANN, BEN, third]
        assert {row["n_units"] for row in state["coders"]} == {N_UNITS * 2 // 3}
        with pytest.raises(StancepackError, match="should not code it"):
            LeadDesk(study, journal, third, "round-3")


def test_before_any_round_the_page_says_so(study: Path) -> None:
    with Journal(study / FILE) as journal:
        state = LeadDesk(study, journal, LEAD, "round-9", [ANN]).state()
        assert state["coders"][0]["n_units"] is None
        desk = LeadDesk(study, journal, LEAD, ROUND, [ANN])
        assert "nothing" in desk.fault(Entry("S000", "code/parks", 1, "neutral", "x"))
        with pytest.raises(StancepackError, match="their own page"):
            desk.close()


def test_agreement_is_that_of_the_release(study: Path) -> None:
    """The figures are those that the release publishes of the round."""
    from stancepack.dataset.package import load
    from stancepack.release.build import build
    from stancepack.release.figures import agreement_table

    coding_round = closed_round(study, agreeing, unaddressed)
    rows = {(row["variable"], row["aspect"]): row for row in agreement_of(coding_round)}
    settle_all(study)
    build(study)
    released = agreement_table(load(study))
    released = released[released["round"] == ROUND].set_index(["variable", "coefficient"])
    for (variable, aspect), row in rows.items():
        name = f"{variable}:addressed" if aspect == "addressed" else variable
        for coefficient, figure in (("alpha", row["alpha"]), ("percent", row["percent"])):
            published = released.loc[(name, coefficient), "value"]
            assert np.isclose(np.nan if figure is None else figure, published, equal_nan=True)
        assert row["n_units"] == released.loc[(name, "alpha"), "n_units"]


def settle_all(home: Path) -> None:
    from stancepack.files.tables import read_rows, write_rows
    from stancepack.project.adjudication import take, worksheet

    path = home / "build" / "all.csv"
    worksheet(Project(home), path)
    rows = read_rows(path, [])
    for row in rows:
        row.update(code="neutral", rule="R1", reason="So it says.")
    write_rows(path, list(rows[0]), rows)
    take(Project(home), path, f"eve-{SECRET_MARK}")


def test_confusions_name_codes_in_their_order_and_nobody(study: Path) -> None:
    rows = confusions_of(closed_round(study, agreeing, differing))
    assert rows == [{"variable": "parks", "codes": ["oppose", "neutral"], "often": N_UNITS // 15}]


def test_coders_who_never_found_the_same_thing_have_no_figure(study: Path) -> None:
    def other(variable: str, number: int) -> str:
        return "NA" if number % 2 else agreeing(variable, number)

    rows = agreement_of(closed_round(study, unaddressed, other))
    by_aspect = {(row["variable"], row["aspect"]): row for row in rows}
    assert by_aspect["parks", "code"]["alpha"] is None
    assert by_aspect["parks", "code"]["verdict"] == "undefined"
    assert by_aspect["parks", "addressed"]["percent"] == 0


def test_drift_along_the_order_adds_up_and_finds_who_got_worse(study: Path) -> None:
    join(Project(study), ANN, ROUND)
    order = Project(study).rounds[ROUND].order_of(ANN)
    late = {int(unit[1:]) for unit in order[N_UNITS // 2 :]}

    def tired(variable: str, number: int) -> str:
        return CODES[(number + (number in late)) % 3]

    rows = drift_by_order(closed_round(study, tired, agreeing))
    own = [row for row in rows if row["coder"] == ANN]
    assert [row["when"] for row in own] == ["1–12", "13–24", "25–36", "37–48", "49–60"]
    assert [row["share"] for row in own] == [1, 1, 0.5, 0, 0]
    assert sum(row["n_cells"] for row in own) == N_UNITS * len(BOOK)
    assert all(row["low"] <= row["share"] <= row["high"] for row in rows)


def test_what_nobody_found_addressed_is_no_agreement_in_drift(study: Path) -> None:
    rows = drift_by_order(closed_round(study, unaddressed, unaddressed))
    assert sum(row["n_cells"] for row in rows if row["coder"] == ANN) == N_UNITS // 2 * len(BOOK)


def test_the_interval_of_a_share_covers_it() -> None:
    """Of statements whose cells go together, as often as it says: 95 of 100, within 3 of them."""
    from stancepack.workbench.comparison import _share

    generator = np.random.default_rng(1)
    n_statements, n_draws, truth = 80, 1000, 0.8
    n_covering = 0
    for _ in range(n_draws):
        chances = generator.beta(4 * truth, 4 * (1 - truth), n_statements)
        agreeing_cells = generator.binomial(6, chances)
        cells = {str(number): (6, int(n)) for number, n in enumerate(agreeing_cells)}
        figure = _share(cells, [*cells])
        n_covering += figure["low"] <= truth <= figure["high"]
    assert 0.92 < n_covering / n_draws < 0.98


def test_drift_over_time_is_by_day_and_by_week_where_there_are_many(study: Path) -> None:
    from datetime import date, timedelta

    coding_round = closed_round(study, agreeing, differing)
    units = sorted(coding_round.units)
    start = date(2026, 11, 2)  # a Monday
    few = {unit: start + timedelta(number // 30) for number, unit in enumerate(units)}
    many = {unit: start + timedelta(number // 3) for number, unit in enumerate(units)}
    rows = drift_by_time(coding_round, {ANN: few, BEN: many})
    assert [row["when"] for row in rows if row["coder"] == ANN] == ["2026-11-02", "2026-11-03"]
    weeks = [row["when"] for row in rows if row["coder"] == BEN]
    assert weeks == ["week of 2026-11-02", "week of 2026-11-09", "week of 2026-11-16"]
