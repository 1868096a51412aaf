"""Rounds in which not everybody codes all: from the assignment to a release that is valid."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from small_studies import issue, make_study

import stancepack as sp
from stancepack.errors import StancepackError
from stancepack.files.passages import fingerprint
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.adjudication import take, unsettled, worksheet
from stancepack.project.assigning import assign, hand_over
from stancepack.project.assignment import ASSIGNMENT_COLUMNS, Design, chances
from stancepack.project.checks import problems
from stancepack.project.next_step import next_steps
from stancepack.project.project import Project
from stancepack.project.rounds import Selection, listed_rows, round_for_coder, round_to_seal
from stancepack.project.sheets import join, seal, seal_codes, sheet
from stancepack.release.build import build
from stancepack.release.samples import draw_sample
from stancepack.site.report import write_report

THREE = ("ann", "bob", "cem")
UNITS = [
    {
        "statement_id": f"S{n:02d}",
        "actor_id": ("ana", "ivo")[n % 2],
        "date": f"{2001 + n % 3}",
        "quote": f"word {n}",
    }
    for n in range(1, 21)
]
ISSUES = {
    "funding": issue("Funding", ["oppose", "neutral", "favour"], neutral="neutral"),
    "trust": issue("Trust", [str(n) for n in range(11)], "interval"),
}
Giving = Callable[[Row, str], str]
Run = Callable[..., subprocess.CompletedProcess[str]]


def plain(row: Row, coder: str) -> str:
    """Ann sees trust where the others do not, in every fifth statement."""
    number = int(row["statement_id"][1:])
    if row["variable"] == "trust":
        return "7" if number % 5 == 0 and coder == "ann" else "NA"
    return ("oppose", "neutral", "favour", "NA")[number % 4]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    home = make_study(tmp_path / "study", issues=ISSUES, units=UNITS, coding=None)
    with (home / "coding" / "coders.csv").open("a", encoding="utf-8") as file:
        file.write("cem,human,coder,A coder.\ndora,human,coder,A coder.\n")
    return home


def fill(home: Path, coder: str, name: str, giving: Giving = plain) -> Path:
    """Write and fill the sheet of a coder."""
    path = sheet(Project.open(home), coder, name, home / "build" / f"{name}-{coder}.csv")
    rows = read_rows(path, [])
    for row in rows:
        row["code"] = giving(row, coder)
    write_rows(path, list(rows[0]), rows)
    return path


def code_round(home: Path, name: str, *coders: str, giving: Giving = plain) -> None:
    """Have coders fill and seal their sheets."""
    for coder in coders:
        seal(Project.open(home), coder, name, fill(home, coder, name, giving))


def settle(home: Path) -> int:
    """Settle whatever is open by the rule that there is, and return how much it was."""
    path = home / "build" / "open.csv"
    worksheet(Project.open(home), path)
    rows = read_rows(path, [])
    for row in rows:
        row.update(code="NA", rule="R1", reason="So it says.")
    write_rows(path, list(rows[0]), rows)
    return take(Project.open(home), path, "eve")


def test_a_round_goes_the_whole_way(study: Path) -> None:
    started = assign(Project.open(study), "round-1", Design(THREE, 2, 0.1, ("actor_id",)))
    rows = read_rows(study / started.assignment_file, ASSIGNMENT_COLUMNS)
    assert len(rows) == 2 * 18 + 3 * 2
    assert {row["stratum"] for row in rows} == {"ana", "ivo"}
    assert {row["probability_coder"] for row in rows} == {"0.7"}
    code_round(study, "round-1", "ann", "bob")
    assert not Project.open(study).rounds["round-1"].is_complete
    assert not len(Project.open(study).codes)
    code_round(study, "round-1", "cem")
    with pytest.raises(StancepackError, match="left to settle"):
        build(study)
    ann = {row["statement_id"] for row in rows if row["coder_id"] == "ann"}
    assert settle(study) == sum(int(unit[1:]) % 5 == 0 for unit in ann)
    build(study)
    findings = sp.validate(study, conformance=True)
    assert findings.table.to_dict("records") == []
    assert findings.not_checked == []
    assert build(study, check=True) == []
    pkg = sp.load(study)
    assert "assignment" in pkg.descriptor.modules
    released = pkg["assignments"]
    assert len(released) == 42
    assert (released["probability_two"] == 1).all()
    given = {*zip(pkg["codings"]["statement_id"], pkg["codings"]["coder_id"], strict=True)}
    assert given == {(row["statement_id"], row["coder_id"]) for row in rows}
    assert set(pkg["stances"]["settled_by"]) == {"agreement", "adjudication"}
    agreement = pkg["agreement"].set_index(["variable", "coefficient"])
    assert agreement.loc[("addressed", "alpha"), "n_units"] == 40
    assert agreement.loc[("addressed", "alpha"), "n_coders"] == 3
    assert "`assignments`" not in (study / "data/README.md").read_text(encoding="utf-8")
    assert "## assignments" in (study / "data/README.md").read_text(encoding="utf-8")


def test_one_code_settles_and_says_so(study: Path) -> None:
    assign(Project.open(study), "round-1", Design(THREE, 1, 0.2))
    code_round(study, "round-1", *THREE)
    settle(study)
    build(study)
    assert sp.validate(study).table.to_dict("records") == []
    pkg = sp.load(study)
    n_coders = pkg["assignments"].groupby("statement_id").size()
    by = pkg["stances"].set_index("statement_id")["settled_by"].astype("str")
    assert set(by[n_coders[n_coders == 1].index]) == {"single"}
    assert "single" not in set(by[n_coders[n_coders == 3].index])
    assert (n_coders == 3).sum() == 4
    agreement = pkg["agreement"].set_index(["variable", "coefficient"])
    assert agreement.loc[("addressed", "percent"), "n_units"] == 2 * 4
    assert set(pkg["assignments"]["probability_two"]) == {0.2}


def test_where_no_statement_has_two_codes_figures_are_empty_and_say_why(study: Path) -> None:
    assign(Project.open(study), "round-1", Design(THREE, 1))
    code_round(study, "round-1", *THREE)
    assert unsettled(Project.open(study)) == []
    build(study)
    assert sp.validate(study).table.to_dict("records") == []
    pkg = sp.load(study)
    assert pkg["agreement"]["value"].isna().all()
    assert pkg["agreement"]["note"].str.startswith("No unit has two codes.").all()
    assert set(pkg["stances"]["settled_by"]) == {"single"}
    page = write_report(pkg, study / "report", sp.validate(study)).read_text(encoding="utf-8")
    assert "40 of 40 readings were made by one coder alone" in page.replace("<strong>", "")


def test_a_sample_and_a_share_multiply_into_the_probabilities(study: Path) -> None:
    assign(Project.open(study), "round-1", Design(("ann", "bob")))
    code_round(study, "round-1", "ann", "bob")
    settle(study)
    sample = draw_sample(Project.open(study), "human-1", 12)
    listed = listed_rows(sample)
    design = Design(THREE, 2, 0.25)
    selection = Selection(share=0.5)
    started = assign(Project.open(study), "round-2", design, selection=selection, listed=listed)
    of_round = chances(design, 6)
    assert len(started.units) == 6
    for row in started.assigned:
        drawn = listed[row["statement_id"]]
        in_sample = float(drawn["probability"])
        assert row["stratum"] == drawn["stratum"], (
            "strata of a sample are taken where none is named"
        )
        assert float(row["probability_coded"]) == pytest.approx(in_sample / 2, rel=1e-5)
        assert float(row["probability_coder"]) == pytest.approx(
            in_sample / 2 * of_round.coder, rel=1e-5
        )
        assert float(row["probability_all"]) == pytest.approx(
            in_sample / 2 * of_round.every, rel=1e-5
        )
    for text in ("0", "1.5", "often", "nan"):
        wrong = {unit: row | {"probability": text} for unit, row in listed.items()}
        with pytest.raises(StancepackError, match="above 0 and not above 1"):
            assign(Project.open(study), "round-3", design, listed=wrong)


def test_a_share_of_a_sample_of_the_same_name_is_drawn_apart_from_it(study: Path) -> None:
    """Each of a stratum that was sampled thinly is as likely in the share as any other."""
    project = Project.open(study)
    thin, whole = [*project.units][:15], [*project.units][15:]
    n_thin = 0
    for number in range(300):
        name = f"sample-{number}"
        sampled = sorted(thin, key=lambda unit: fingerprint(f"{name}/{unit}"))[:5]
        selection = Selection(share=0.5, only_listed=(*sampled, *whole))
        n_thin += len({*selection.units(project, name)} & {*thin})
    assert n_thin / 300 == pytest.approx(2.5, abs=0.25)


def test_strata_are_columns_or_years(study: Path) -> None:
    design = Design(THREE, 2, 0.0, ("actor_id", "year"))
    started = assign(Project.open(study), "round-1", design)
    loads = Counter((row["stratum"], row["coder_id"]) for row in started.assigned)
    assert {stratum for stratum, _ in loads} == {
        f"{actor}/{year}" for actor in ("ana", "ivo") for year in (2001, 2002, 2003)
    }
    manifest = yaml.safe_load((study / started.manifest_file).read_text(encoding="utf-8"))
    assert manifest["assignment"]["strata"] == ["actor_id", "year"]
    with pytest.raises(StancepackError, match="did you mean 'actor_id'"):
        assign(Project.open(study), "round-2", Design(THREE, 2, 0.0, ("actor",)))


def test_a_coder_is_given_the_assigned_statements_in_an_own_order(study: Path) -> None:
    started = assign(Project.open(study), "round-1", Design(THREE, 2, 0.1))
    for coder in THREE:
        own = {row["statement_id"] for row in started.assigned if row["coder_id"] == coder}
        rows = read_rows(fill(study, coder, "round-1"), [])
        assert [*dict.fromkeys(row["statement_id"] for row in rows)] == started.order_of(coder)
        assert {row["statement_id"] for row in rows} == own
    codes = [
        {"statement_id": unit, "variable": issue, "code": "NA", "confidence": "", "note": ""}
        for unit in started.order_of("ann")
        for issue in ISSUES
    ]
    other = next(unit for unit in started.units if unit not in started.units_of("ann"))
    for given, words in (
        (codes[1:], "the row is missing"),
        ([*codes, codes[0] | {"statement_id": other}], f"{other}, funding: no such unit"),
    ):
        with pytest.raises(StancepackError, match=words):
            seal_codes(Project.open(study), "ann", "round-1", given)
    sealed = seal_codes(Project.open(study), "ann", "round-1", codes)
    assert f"{2 * len(codes) // 2} codes of {len(codes) // 2} units" in sealed


def test_a_sheet_of_another_coder_is_told_from_an_own_one(study: Path) -> None:
    assign(Project.open(study), "round-1", Design(THREE, 2, 0.1))
    path = fill(study, "ann", "round-1")
    with pytest.raises(StancepackError, match="This is the sheet of ann, not of bob in round-1"):
        seal(Project.open(study), "bob", "round-1", path)


def test_who_is_assigned_nothing_is_not_let_in_and_waited_for_by_nobody(study: Path) -> None:
    assign(Project.open(study), "round-1", Design(("ann", "bob")))
    project = Project.open(study)
    for refused in (
        lambda: join(project, "cem", "round-1"),
        lambda: sheet(project, "cem", "round-1", study / "build" / "c.csv"),
        lambda: seal_codes(project, "cem", "round-1", []),
        lambda: round_for_coder(project, "cem"),
    ):
        with pytest.raises(StancepackError, match="cem is assigned nothing in") as refusal:
            refused()
        assert "ann" not in str(refusal.value), "who else codes is nobody's to know"
    with pytest.raises(StancepackError, match="cem has sealed every round"):
        round_to_seal(project, "cem")
    assert round_to_seal(project, "ann") == "round-1"
    assert next_steps(project) == [
        "stancepack code --coder ann --coder bob --round round-1, on pages; or on sheets:",
        *(f"stancepack sheet --coder {coder} --round round-1" for coder in ("ann", "bob")),
    ]
    code_round(study, "round-1", "ann", "bob")
    project = Project.open(study)
    assert project.rounds["round-1"].is_complete
    assert next_steps(project)[0].startswith("stancepack settle")


def test_an_assignment_that_cannot_be_is_refused_and_nothing_is_written(study: Path) -> None:
    for name, design, selection, words in (
        ("round-1", Design(("ann", "eve")), Selection(), "has the role 'adjudicator'"),
        ("round-1", Design(("ann", "zoe")), Selection(), "nobody is called 'zoe'"),
        ("Round 1", Design(THREE), Selection(), "cannot name a round"),
        ("round-1", Design(THREE, 1), Selection(only_listed=("S01", "S02")), "would have none"),
        ("round-1", Design(THREE), Selection(of="round-0"), "coded whole by each coder"),
        ("round-1", Design(THREE), Selection(only_listed=("S99",)), "has no 'S99'"),
    ):
        with pytest.raises(StancepackError, match=words):
            assign(Project.open(study), name, design, selection=selection)
    assert not (study / "coding" / "rounds").exists()
    assign(Project.open(study), "round-1", Design(THREE))
    with pytest.raises(StancepackError, match="was started already"):
        assign(Project.open(study), "round-1", Design(THREE))


def test_a_coder_who_leaves_is_replaced_in_the_same_place(study: Path) -> None:
    before = assign(Project.open(study), "round-1", Design(THREE, 2, 0.1))
    code_round(study, "round-1", "ann")
    for leaver, newcomer, words in (
        ("ann", "dora", "ann has sealed"),
        ("cem", "bob", "nobody codes a statement twice"),
        ("dora", "cem", "dora is assigned nothing"),
        ("cem", "eve", "has the role 'adjudicator'"),
    ):
        with pytest.raises(StancepackError, match=words):
            hand_over(Project.open(study), "round-1", leaver, newcomer)
    with pytest.raises(StancepackError, match="no round 'round-2' with an assignment"):
        hand_over(Project.open(study), "round-2", "cem", "dora")
    after = hand_over(Project.open(study), "round-1", "cem", "dora")
    assert [*after.units_of("dora")] == [*before.units_of("cem")]
    assert [{**row, "coder_id": ""} for row in after.assigned if row["coder_id"] == "dora"] == [
        {**row, "coder_id": ""} for row in before.assigned if row["coder_id"] == "cem"
    ]
    assert Project.open(study).rounds["round-1"].assignment["instead_of"] == {"cem": "dora"}
    with pytest.raises(StancepackError, match="cem is assigned nothing"):
        join(Project.open(study), "cem", "round-1")
    code_round(study, "round-1", "bob", "dora")
    settle(study)
    build(study)
    assert sp.validate(study).table.to_dict("records") == []


def test_a_round_without_a_ledger_is_coded_whole(study: Path) -> None:
    code_round(study, "round-1", "ann", "bob")
    settle(study)
    build(study)
    manifest = (study / "coding" / "rounds" / "round-1" / "manifest.yaml").read_text("utf-8")
    assert "assignment" not in manifest
    assert not (study / "data" / "assignments.csv").exists()
    pkg = sp.load(study)
    assert len(pkg["codings"]) == 2 * 2 * 20
    assert "assignment" not in pkg.descriptor.modules


def test_a_round_under_way_leaves_the_release_as_it_is(study: Path) -> None:
    code_round(study, "round-1", "ann", "bob")
    settle(study)
    build(study)
    assign(Project.open(study), "round-2", Design(THREE, 1))
    code_round(study, "round-2", "ann", "bob")
    assert build(study, check=True) == []
    code_round(study, "round-2", "cem")
    build(study)
    assert sp.validate(study).table.to_dict("records") == []
    assert set(sp.load(study)["assignments"]["round"]) == {"round-2"}


def test_check_finds_who_is_to_code_and_cannot(study: Path) -> None:
    assign(Project.open(study), "round-1", Design(THREE, 1))
    assert problems(Project.open(study)) == []
    coders = study / "coding" / "coders.csv"
    text = coders.read_text(encoding="utf-8")
    coders.write_text(text.replace("cem,human,coder", "cem,human,unitiser"), encoding="utf-8")
    (problem,) = problems(Project.open(study))
    assert (problem.file, problem.value) == ("coding/coders.csv", "cem")
    assert "stancepack assign --round round-1 --instead-of cem --coder ID" in problem.message
    hand_over(Project.open(study), "round-1", "cem", "dora")
    assert problems(Project.open(study)) == []


def test_a_ledger_that_was_changed_is_refused(study: Path) -> None:
    started = assign(Project.open(study), "round-1", Design(THREE, 1))
    path = study / started.assignment_file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("ann", "bob", 1), encoding="utf-8")
    with pytest.raises(StancepackError, match="not the one that the round started with"):
        join(Project.open(study), "bob", "round-1")
    (problem,) = problems(Project.open(study))
    assert "assignment.csv: not the one that the round started with" in problem.message
    path.write_text(text, encoding="utf-8")
    join(Project.open(study), "bob", "round-1")


def test_a_retired_statement_leaves_the_released_assignment(study: Path) -> None:
    settings = study / "seeds" / "project.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "modules: [retired]\n", "utf-8")
    write_rows(study / "coding" / "retired.csv", ["id", "table", "version", "reason"], [])
    assign(Project.open(study), "round-1", Design(THREE, 1))
    code_round(study, "round-1", *THREE)
    units = study / "coding" / "units.csv"
    rows = read_rows(units, [])
    write_rows(units, list(rows[0]), [row for row in rows if row["statement_id"] != "S03"])
    row = {"id": "S03", "table": "statements", "version": "1.1.0", "reason": "Of another."}
    write_rows(study / "coding" / "retired.csv", list(row), [row])
    build(study)
    assert sp.validate(study).table.to_dict("records") == []
    assert "S03" not in set(sp.load(study)["assignments"]["statement_id"])


def test_the_command_says_the_loads_and_what_comes_next(study: Path, run_here: Run) -> None:
    words = ("assign", "--round", "pilot", "--coder", "ann", "--coder", "bob", "--coder", "cem")
    done = run_here(*words, "--all-share", "0.1", "--stratum", "year", cwd=study)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "coding/rounds/pilot/assignment.csv"
    assert lines[1:3] == ["18 statements are coded by 2.", "2 statements are coded by 3."]
    assert "  ann: 14 statements" in lines
    assert "  stancepack sheet --coder ann --round pilot" in lines
    done = run_here("status", cwd=study)
    assert "pilot: 20 statements, sealed by nobody. It waits for ann (14 statements)" in done.stdout
    done = run_here("assign", "-r", "pilot", "-c", "dora", "--instead-of", "cem", cwd=study)
    assert done.returncode == 0, done.stderr
    assert "  dora: 14 statements" in done.stdout
    done = run_here("assign", "-r", "x", "-c", "ann", "-c", "bob", "--overlap", "3", cwd=study)
    assert (done.returncode, "from 1 to 2" in done.stderr) == (1, True)
    (study / "list.txt").write_text("S01\nS02\n", encoding="utf-8")
    done = run_here("assign", "-r", "x", "-c", "ann", "-c", "bob", "--list", "list.txt", cwd=study)
    assert "its units count as chosen" in done.stdout
