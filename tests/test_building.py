"""Building: pure, repeatable, checked, and never half-done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.tables import read_rows, write_rows
from stancepack.project.project import Project
from stancepack.project.sheets import seal, sheet


@pytest.mark.slow
def test_the_shipped_release_is_what_build_makes(checkout: Path) -> None:
    assert sp.build(checkout, check=True) == []


def test_building_twice_gives_the_same_bytes(tiny: Path) -> None:
    def content() -> dict[str, bytes]:
        return {
            p.name: p.read_bytes()
            for p in [*sorted((tiny / "data").iterdir()), tiny / "datapackage.json"]
        }

    before = content()
    lines = sp.build(tiny)
    assert content() == before
    assert "data/statements.csv: 4 rows" in lines


def test_it_needs_no_source_text(tiny: Path) -> None:
    shutil.rmtree(tiny / "texts")
    assert sp.build(tiny, check=True) == []


def test_check_names_the_differences_by_row_and_changes_nothing(tiny: Path) -> None:
    path = tiny / "data" / "stances.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("S001,joint-defence,true,1,", "S001,joint-defence,true,2,"),
        encoding="utf-8",
        newline="",
    )
    assert sp.build(tiny, check=True) == ["stances, S001, joint-defence, position: '2', built: '1'"]
    assert "S001,joint-defence,true,2," in path.read_text(encoding="utf-8")


def test_check_sees_missing_and_added_rows_files_and_line_ends(tiny: Path) -> None:
    data = tiny / "data"
    lines = (data / "systems.csv").read_text().splitlines(keepends=True)
    (data / "systems.csv").write_text("".join([*lines, "extra,Extra,body,More.,\n"]))
    (data / "events.csv").write_text((data / "events.csv").read_text().splitlines(keepends=True)[0])
    (data / "issues.csv").write_bytes((data / "issues.csv").read_bytes().replace(b"\n", b"\r\n"))
    (data / "coders.csv").unlink()
    assert sorted(sp.build(tiny, check=True)) == [
        "coders: the file is missing",
        "events, meeting: missing",
        "issues: same rows, other bytes (order, quoting, line ends)",
        "systems, extra: there, but build does not make it",
    ]


def test_hashes_and_counts_are_stamped(tiny: Path) -> None:
    import hashlib

    content = json.loads((tiny / "datapackage.json").read_text(encoding="utf-8"))
    for resource in content["resources"]:
        data = (tiny / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
        assert resource["rows"] == data.decode("utf-8").count("\n") - 1


def test_codes_are_stamped_from_the_codebook_as_categories_and_enum(tiny: Path) -> None:
    content = json.loads((tiny / "datapackage.json").read_text(encoding="utf-8"))
    fields = {
        (r["name"], f["name"]): f for r in content["resources"] for f in r["schema"]["fields"]
    }
    attribution = fields["statements", "attribution"]
    assert attribution["categories"][0] == {"value": "verbatim", "label": "the speaker's own words"}
    assert attribution["constraints"]["enum"] == ["verbatim", "indirect", "paraphrase", "ascribed"]
    assert fields["codings", "position"]["constraints"]["enum"] == [-2, -1, 0, 1, 2]
    assert "missingValues" not in fields["codings", "position"], "empty, as in every column"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "coding/units.csv",
            "2007-05-03",
            "2007-05-33",
            r"coding/units.csv, S004, date: '2007-05-33' is not a day",
        ),
        (
            "seeds/offices.csv",
            "2008-06-30,speech",
            "20O8,speech",
            r"seeds/offices.csv, one-then: '20O8' is not a date",
        ),
        ("seeds/sources.bib", "title = {A speech},", "title = {A speech,", r"sources.bib"),
        ("seeds/actors.csv", "actor_id,name", "actor_id,nom", r"column 'name' is missing"),
        ("coding/units.csv", "statement_id", "unit", r"column 'statement_id' is missing"),
        (
            "coding/codebook.yaml",
            "code: -1",
            "code: -7",
            r"counter-example has code '-7', not in the scale",
        ),
        ("coding/codebook.yaml", "version: 1.0.0", "version: [", r"cannot be read as YAML"),
        (
            "coding/rounds/round-1/manifest.yaml",
            "sheets:",
            "sheet:",
            r"(?s)manifest.yaml: 2 problems.*sheet: is not known; did you mean .sheets.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tiny: Path, file: str, old: str, new: str, words: str
) -> None:
    path = tiny / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    before = {p.name: p.read_bytes() for p in (tiny / "data").iterdir()}
    with pytest.raises(sp.StancepackError, match=words):
        sp.build(tiny)
    assert {p.name: p.read_bytes() for p in (tiny / "data").iterdir()} == before


def test_two_offices_at_once_must_be_told_apart(tiny: Path) -> None:
    path = tiny / "coding" / "units.csv"
    rows = read_rows(path, [])
    rows[0]["date"] = "2008"
    write_rows(path, list(rows[0]), rows)
    with pytest.raises(sp.StancepackError, match="held one-then and one-later; name the one"):
        sp.build(tiny)
    rows[0].update(office_id="one-then", event_id="")
    write_rows(path, list(rows[0]), rows)
    sp.build(tiny)
    assert sp.load(tiny)["statements"].loc[0, "office_id"] == "one-then"
    assert sp.validate(tiny).is_valid


def test_a_later_round_settles_what_it_codes_anew_and_the_earlier_stays(tiny: Path) -> None:
    for coder in ("ada", "ben"):
        path = sheet(Project.open(tiny), coder, "round-2", tiny / "build" / f"{coder}.csv")
        rows = read_rows(path, [])
        defaults = {
            "attribution": "indirect",
            "speech_act": "claim",
            "conditional": "no",
            "addressee": "unstated",
        }
        for row in rows:
            row.update(code=defaults.get(row["variable"], "NA"), confidence="3")
        write_rows(path, list(rows[0]), rows)
        seal(Project.open(tiny), coder, "round-2", path)
    shutil.rmtree(tiny / "build")
    sp.build(tiny)
    pkg = sp.load(tiny)
    assert set(pkg["codings"]["round"]) == {"round-1", "round-2"}
    assert pkg["stances"]["position"].isna().all()
    assert set(pkg["stances"]["settled_by"]) == {"agreement"}
    assert sp.validate(tiny).table.to_dict("records") == []


def test_a_unit_that_nobody_has_coded_waits_for_its_round(tiny: Path) -> None:
    path = tiny / "coding" / "units.csv"
    rows = read_rows(path, [])
    write_rows(path, list(rows[0]), [*rows, rows[3] | {"statement_id": "S005"}])
    assert sp.build(tiny, check=True) == []
