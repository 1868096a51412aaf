"""Parts of a record: statements that leave it, and samples of it for a round."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from small_studies import issue, make_study

import stancepack as sp
from stancepack.files.tables import read_rows, write_rows
from stancepack.project.project import RETIRED, Project
from stancepack.project.rounds import Selection, listed_ids
from stancepack.project.sheets import sheet
from stancepack.release.build import build
from stancepack.release.samples import draw_sample

UNITS = [
    {"statement_id": f"S{n}", "actor_id": "ana", "date": f"{2001 + n % 3}", "quote": f"word {n}"}
    for n in range(1, 25)
]
ISSUES = {
    "funding": issue("Funding", ["oppose", "neutral", "favour"], neutral="neutral"),
    "trust": issue("Trust", [str(n) for n in range(11)], "interval"),
}


def given(variable: str, number: int, *_: object) -> str:
    """Trust is addressed by every fifth statement, funding by all but every seventh."""
    if variable == "trust":
        return "7" if number % 5 == 0 else "NA"
    return "NA" if number % 7 == 0 else "favour"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "study", issues=ISSUES, units=UNITS, coding=given)


def test_a_retired_statement_leaves_the_release_and_its_sheets_stay(study: Path) -> None:
    settings = study / "seeds" / "project.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "modules: [retired]\n", "utf-8")
    write_rows(study / RETIRED, ["id", "table", "version", "reason"], [])
    build(study)
    units = study / "coding" / "units.csv"
    rows = read_rows(units, ["statement_id"])
    write_rows(units, list(rows[0]), [row for row in rows if row["statement_id"] != "S3"])
    sheets = {path: path.read_bytes() for path in (study / "coding" / "rounds").rglob("*.csv")}
    with pytest.raises(sp.StancepackError, match="S3 was changed after it was coded in round-1"):
        build(study)
    (seal,) = sp.validate(study).table.query("rule == 'seal'").to_dict("records")
    assert (seal["row_id"], "coding/retired.csv" in seal["remedy"]) == ("S3", True)
    row = {"id": "S3", "table": "statements", "version": "1.1.0", "reason": "About something else."}
    write_rows(study / RETIRED, list(row), [row])
    build(study)
    pkg = sp.load(study)
    for table in ("statements", "codings", "stances", "positions"):
        assert "S3" not in set(pkg[table]["statement_id"]), table
    assert sp.validate(study).table.to_dict("records") == []
    assert {path: path.read_bytes() for path in sheets} == sheets


def test_a_sample_keeps_with_what_probability_each_statement_was_drawn(study: Path) -> None:
    path = draw_sample(Project.open(study), "human-1", 12)
    rows = read_rows(path, ["statement_id", "stratum", "n_stratum", "probability"])
    assert len(rows) == len({row["statement_id"] for row in rows}) == 12
    drawn = Counter(row["stratum"] for row in rows)
    strata = {row["stratum"]: int(row["n_stratum"]) for row in rows}
    assert sum(strata.values()) == 24, "no stratum is left out where there is room for all"
    for row in rows:
        stratum = row["stratum"]
        assert float(row["probability"]) == pytest.approx(
            drawn[stratum] / strata[stratum], rel=1e-5
        )
    issues = {stratum.partition("/")[0] for stratum in strata}
    assert issues == {"funding", "trust", "none"}, "the rarest issue that a statement addresses"
    rare = [stratum for stratum in strata if stratum.startswith("trust")]
    common = [stratum for stratum in strata if stratum.startswith("funding")]
    share = {name: sum(drawn[s] for s in part) / sum(strata[s] for s in part)
             for name, part in (("rare", rare), ("common", common))}  # fmt: skip
    assert share["rare"] > share["common"]


def test_a_sample_is_drawn_once_and_starts_a_round(study: Path) -> None:
    path = draw_sample(Project.open(study), "human-1", 12)
    with pytest.raises(sp.StancepackError, match="drawn sample is not drawn again"):
        draw_sample(Project.open(study), "human-1", 12)
    before = path.read_bytes()
    path.unlink()
    assert draw_sample(Project.open(study), "human-1", 12).read_bytes() == before
    listed = listed_ids(path)
    selection = Selection(only_listed=tuple(sorted(listed)))
    blank = sheet(Project.open(study), "ann", "human-1", study / "a.csv", selection=selection)
    assert {row["statement_id"] for row in read_rows(blank, ["statement_id"])} == listed
    for size in (0, 25):
        with pytest.raises(sp.StancepackError, match="take a size from 1 to that"):
            draw_sample(Project.open(study), "human-2", size)
    with pytest.raises(sp.StancepackError, match="cannot name a sample"):
        draw_sample(Project.open(study), "../x", 3)


def test_an_empty_list_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="the list is empty"):
        listed_ids(tmp_path / "list.txt")
