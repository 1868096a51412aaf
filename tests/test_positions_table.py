"""Positions for any program: a table in which nothing is left to merge, and codes that are codes or empty."""

from __future__ import annotations

import copy
import csv
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import small_studies
import yaml
from conftest import edit

import stancepack as sp
from stancepack.files.tables import read_rows

KEY = ["statement_id", "issue_id", "actor_id"]
STUDIES: dict[str, Callable[[Path], Path]] = {
    "three points": small_studies.three_points,
    "eleven points": small_studies.eleven_points,
    "frames of joint posts": small_studies.frames,
}


@pytest.fixture(scope="module")
def pkg() -> sp.StancePackage:
    return sp.load()


@pytest.fixture(scope="module")
def means(pkg: sp.StancePackage) -> dict[str, float]:
    """The mean position on each issue, as pandas has it."""
    return pkg.positions().groupby("issue_id")["position"].mean().astype(float).to_dict()


def in_order(positions: pd.DataFrame) -> pd.DataFrame:
    return positions.sort_values(KEY).reset_index(drop=True)


# what the table says


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_has_the_table(study: str, tmp_path: Path) -> None:
    own = sp.load(STUDIES[study](tmp_path / "study"))
    positions = own.positions()
    assert len(positions) > 0
    pd.testing.assert_frame_equal(in_order(own["positions"]), in_order(positions))
    assert sp.validate(own.home).is_valid


def test_the_table_is_what_positions_returns(pkg: sp.StancePackage) -> None:
    pd.testing.assert_frame_equal(in_order(pkg["positions"]), in_order(pkg.positions()))


def test_a_row_says_who_when_where_and_in_which_words(pkg: sp.StancePackage) -> None:
    row = pkg["positions"].set_index(["statement_id", "issue_id"]).loc[("S046", "shared-control")]
    statement = pkg["statements"].set_index("statement_id").loc["S046"]
    source, _, place = str(statement["source"]).partition("[")
    there = {"source_id": source, "locator": place.partition("]")[0], "quote": statement["quote"]}
    there |= {"position": 2, "label": pkg.scale("shared-control").label(2)}
    there |= {"issue": pkg.codebook["shared-control"]["title"], "date": statement["date"]}
    assert {name: row[name] for name in there} == there


def test_of_several_sources_the_first_one_has_the_wording(tiny: Path) -> None:
    several = "letter[p. 7, n. 2];speech"
    edit(tiny, "statements", lambda rows: [row | {"source": several} for row in rows])
    said = sp.load(tiny).positions().iloc[0]
    assert (said["source_id"], said["locator"], said["source"]) == ("letter", "p. 7, n. 2", several)


def test_the_key_has_the_actor_only_where_statements_may_have_several(tmp_path: Path) -> None:
    joint = sp.load(small_studies.frames(tmp_path / "joint")).descriptor
    assert joint.key("positions") == ["statement_id", "issue_id", "actor_id"]
    assert sp.load().descriptor.key("positions") == ["statement_id", "issue_id"]


def test_columns_of_modules_left_out_are_left_out(tmp_path: Path) -> None:
    columns = [*sp.load(small_studies.frames(tmp_path / "joint"))["positions"]]
    of_modules = {"office", "event_id", "event", "source_id", "locator", "source", "url"}
    assert not of_modules & {*columns}
    assert {"text", "label", "quote"} <= {*columns}


def test_a_variable_cannot_be_called_as_a_column_of_positions(tiny: Path) -> None:
    path = tiny / "coding" / "codebook.yaml"
    book = yaml.safe_load(path.read_text(encoding="utf-8"))
    book["variables"]["label"] = copy.deepcopy(book["variables"]["addressee"])
    path.write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="'label' is called as a column of positions"):
        sp.build(tiny)


def test_codes_that_a_project_gives_a_column_go_with_its_copy(tiny: Path) -> None:
    path = tiny / "seeds" / "project.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    kinds = {"source": "a source", "article": "the article", "inferred": "argued", "press": "press"}
    settings.setdefault("columns", {})["statements"] = [{"name": "date_basis", "categories": kinds}]
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    sp.build(tiny)
    fields = {field.name: field for field in sp.load(tiny).descriptor.fields("positions")}
    assert fields["date_basis"].categories == [*kinds]
    assert sp.validate(tiny).is_valid


def test_a_column_that_nothing_fills_is_refused(tiny: Path) -> None:
    path = tiny / "seeds" / "project.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings.setdefault("columns", {})["positions"] = [{"name": "mood", "example": "grim"}]
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="'mood' cannot be filled"):
        sp.build(tiny)


def test_it_is_compared_with_the_tables_that_it_is_made_of(tiny: Path) -> None:
    edit(tiny, "actors", lambda rows: [row | {"name": "Nobody"} for row in rows])
    findings = sp.validate(tiny)
    assert {*zip(findings.table["rule"], findings.table["column"], strict=True)} == {
        ("positions", "actor")
    }
    assert findings.table["message"].tolist() == ["The other tables say: Nobody."] * len(findings)


def test_without_the_tables_that_it_is_made_of_it_is_not_compared(tiny: Path) -> None:
    path = tiny / "datapackage.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    resources = {resource["name"]: resource for resource in content["resources"]}
    content["resources"] = [resources["positions"]]
    path.write_text(json.dumps(content), encoding="utf-8")
    findings = sp.validate(tiny)
    assert "internal" not in {*findings.table["rule"]}
    assert any(line.startswith("positions: ") for line in findings.not_checked)


def test_a_package_without_the_table_has_positions_all_the_same(tiny: Path) -> None:
    before = sp.load(tiny).positions()
    (tiny / "data" / "positions.csv").unlink()
    pd.testing.assert_frame_equal(sp.load(tiny).positions(), before)


# not addressed


def test_a_position_is_a_code_or_empty_and_addressed_says_which(pkg: sp.StancePackage) -> None:
    for table in ("codings", "stances"):
        rows = read_rows(pkg.path(table), [])
        assert {row["addressed"] for row in rows} == {"true", "false"}
        assert all(bool(row["position"]) == (row["addressed"] == "true") for row in rows)
        assert pkg[table]["addressed"].equals(pkg[table]["position"].notna().astype("boolean"))


def test_coders_go_on_writing_na(tiny: Path) -> None:
    sheets = [*(tiny / "coding" / "rounds").glob("round-*/ada.csv")]
    assert any(row["code"] == "NA" for sheet in sheets for row in read_rows(sheet, []))
    released = read_rows(tiny / "data" / "codings.csv", [])
    assert "NA" not in {row["position"] for row in released}


# other programs


def imported(connection: sqlite3.Connection, path: Path) -> str:
    """Read a CSV file as the `.import` of SQLite does: an empty cell is an empty text."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    connection.execute(f"CREATE TABLE {path.stem} ({', '.join(header)})")
    marks = ", ".join("?" for _ in header)
    connection.executemany(f"INSERT INTO {path.stem} VALUES ({marks})", rows)
    return path.stem


@pytest.mark.parametrize(("table", "where"), [("positions", ""), ("stances", "addressed = 'true'")])
def test_sqlite_averages_what_pandas_does(
    pkg: sp.StancePackage, means: dict[str, float], table: str, where: str
) -> None:
    with sqlite3.connect(":memory:") as connection:
        name = imported(connection, pkg.path(table))
        condition = f"WHERE {where}" if where else ""
        query = f"SELECT issue_id, avg(position) FROM {name} {condition} GROUP BY issue_id"
        assert dict(connection.execute(query)) == pytest.approx(means)
    connection.close()


@pytest.mark.parametrize("table", ["positions", "stances"])
def test_duckdb_averages_what_pandas_does(
    pkg: sp.StancePackage, means: dict[str, float], table: str
) -> None:
    query = f"SELECT issue_id, avg(position) FROM '{pkg.path(table)}' GROUP BY issue_id"
    assert dict(duckdb.sql(query).fetchall()) == pytest.approx(means)


@pytest.mark.parametrize("table", ["positions", "stances", "codings"])
def test_duckdb_reads_positions_as_numbers_and_addressed_as_truth(
    pkg: sp.StancePackage, table: str
) -> None:
    relation = duckdb.sql(f"SELECT * FROM read_csv('{pkg.path(table)}')")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert types["position"] == "BIGINT"
    assert types.get("addressed", "BOOLEAN") == "BOOLEAN"


def lines_of(path: Path, program: str) -> list[str]:
    """Return the lines of a README that are written for another program."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(rf"^(.+?) *# {program}$", text, re.MULTILINE)
    assert found
    return [str(line) for line in found]


def in_shell(command: list[str], folder: Path) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout


def test_the_line_for_sqlite_works(checkout: Path, means: dict[str, float]) -> None:
    for line in lines_of(checkout / "README.md", "SQLite"):
        shown = in_shell(shlex.split(line), checkout)
        values = [float(row[-1]) for row in csv.reader(shown.splitlines())]
        assert sorted(values) == pytest.approx(sorted(means.values()))


def test_the_line_for_duckdb_works(
    checkout: Path, means: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    for line in lines_of(checkout / "README.md", "DuckDB"):
        (query,) = re.findall(r'"(.+)"', line)
        values = [row[-1] for row in duckdb.sql(query).fetchall()]
        assert sorted(values) == pytest.approx(sorted(means.values()))


def test_the_line_for_r_works(checkout: Path, means: dict[str, float]) -> None:
    for line in lines_of(checkout / "README.md", "R"):
        shown = in_shell(["Rscript", "-e", line], checkout)
        values = [float(row.split()[-1]) for row in shown.splitlines()[1:]]
        assert sorted(values) == pytest.approx(sorted(means.values()), abs=1e-5)
