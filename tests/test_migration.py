"""From a project of version 1 to one of today: every code, seal and reason is kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.dataset.codebook import Codebook
from stancepack.files.mappings import read_yaml
from stancepack.files.tables import Row, read_rows
from stancepack.project.migration import migrate
from stancepack.project.project import Project

ONE = Path(__file__).parent / "data" / "project_1_0"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A project as version 1.0.0 made it."""
    return Path(shutil.copytree(ONE, tmp_path / "one"))


def files(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name != ".stancepack-lock"
    }


def as_version_1_wrote(row: Row) -> Row:
    """Return a row of codes with NA for not addressed in place of a column of its own."""
    is_addressed = row.pop("addressed", "true") == "true"
    if "position" in row:
        assert bool(row["position"]) == is_addressed
        row["position"] = row["position"] or "NA"
    return row


def test_every_code_seal_and_reason_is_kept(one: Path) -> None:
    written = migrate(one)
    assert written == [
        "seeds/project.yaml: written",
        "coding/codebook.yaml: written",
        "coding/rounds/round-1/units.csv: written",
    ]
    after = files(one)
    changed = {name for name, data in files(ONE).items() if after[name] != data}
    assert changed == {"coding/codebook.yaml"}
    sp.build(one)
    for table in ("codings", "stances", "statement_codings", "statement_codes"):
        old = read_rows(ONE / "data" / f"{table}.csv", [])
        new = read_rows(one / "data" / f"{table}.csv", [])
        assert [as_version_1_wrote(row) for row in new] == old, table
    statements = read_rows(one / "data" / "statements.csv", [])
    for old_row, row in zip(
        read_rows(ONE / "data" / "statements.csv", []), statements, strict=True
    ):
        assert {name: row[name] for name in old_row} == old_row
    assert sp.validate(one).table.to_dict("records") == []


def test_the_own_part_and_the_codebook_say_what_version_1_took_for_granted(one: Path) -> None:
    migrate(one)
    settings = Project.open(one).settings
    assert (settings.name, settings.version) == ("tiny", "2.0.0")
    assert settings.sides == {"other": "none of the sides"}
    assert settings.columns("actors")[0]["name"] == "rank"
    assert settings.modules == [
        *("sources", "passages", "offices", "events", "systems"),
        *("discrepancies", "coverage", "retired"),
    ]
    path = one / "coding" / "codebook.yaml"
    old, new = read_yaml(ONE / "coding" / "codebook.yaml"), read_yaml(path)
    assert new["version"] == "1.0.1"
    assert "1.0.1" in new["changes"]
    assert "  ascribed: {attribution: [ascribed]}\n" in path.read_text(encoding="utf-8")
    assert new["roles"]["conditional"] == {"conditional": ["yes"]}
    book = Codebook.read(path)
    assert {book.scale(issue).neutral for issue in book.issues} == {"0"}
    for issue in new["issues"].values():
        del issue["neutral"]
    for part in ("units", "rules", "variables", "issues", "confidence", "missing"):
        assert new[part] == old[part]


def test_a_migrated_project_can_be_coded_on(one: Path) -> None:
    migrate(one)
    assert Project.open(one).rounds["round-1"].is_complete
    with pytest.raises(sp.StancepackError, match="the project is one of today already"):
        migrate(one)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("coding/units.csv", "aimed at nobody.", "aimed.", "the units of the round were changed"),
        (
            "coding/codebook.yaml",
            "version: 1.0.0",
            "version: 1.0.0 # the first",
            "the line with its",
        ),
        ("datapackage.json", '"name":"tiny"', '"name":"Ti ny"', "name: 'Ti ny' does not have"),
    ],
)
def test_what_cannot_be_taken_over_is_named_and_nothing_is_written(
    one: Path, file: str, old: str, new: str, words: str
) -> None:
    path = one / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    before = files(one)
    with pytest.raises(sp.StancepackError, match=words):
        migrate(one)
    assert files(one) == before


def test_a_project_of_version_1_is_named_as_such(one: Path) -> None:
    with pytest.raises(sp.StancepackError, match=r"run `stancepack migrate` in it"):
        Project.open(one)
    (one / "datapackage.json").unlink()
    with pytest.raises(sp.StancepackError, match=r"no project of version 1; it should have"):
        migrate(one)


def test_a_descriptor_that_is_none_is_named(one: Path) -> None:
    for content in ("{", "[]", json.dumps({"name": "x"})):
        (one / "datapackage.json").write_text(content, encoding="utf-8")
        with pytest.raises(sp.StancepackError, match=r"datapackage\.json"):
            migrate(one)
