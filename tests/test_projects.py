"""Projects of any kind: one coder, nothing coded, several speakers, own tables; one read each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.adjudication import take, unsettled, worksheet
from stancepack.project.new import Outline, new_project
from stancepack.project.project import Project
from stancepack.project.rounds import Selection
from stancepack.project.sheets import seal, sheet

SRC = Path(sp.__file__).parents[1]
CORE = ["actors", "issues", "codes", "statements", "coders", "rounds", "codings", "stances"]


def make(tmp_path: Path, **outline: object) -> Path:
    home = tmp_path / "project"
    new_project(home, Outline(**{"issues": {"policy": "Should it be done?"}} | outline))  # type: ignore[arg-type]
    return home


def code(home: Path, coder: str, *codes: str, round_name: str = "round-1") -> None:
    """Code the statements in the order of their ids."""
    path = sheet(Project.open(home), coder, round_name, home / "build" / f"{coder}.csv")
    rows = read_rows(path, [])
    for row, given in zip(sorted(rows, key=lambda row: row["statement_id"]), codes, strict=True):
        row.update(code=given, confidence="3")
    write_rows(path, list(rows[0]), rows)
    seal(Project.open(home), coder, round_name, path)


def built(home: Path) -> sp.StancePackage:
    sp.build(home)
    assert sp.build(home, check=True) == []
    return sp.load(home)


def findings(home: Path) -> list[dict[str, str]]:
    return [dict(row) for row in sp.validate(home).table.to_dict("records")]


def test_before_anything_is_coded_there_are_empty_tables(tmp_path: Path) -> None:
    home = make(tmp_path)
    pkg = built(home)
    assert {name: len(pkg[name]) for name in ("statements", "codings", "stances", "agreement")} == {
        "statements": 0, "codings": 0, "stances": 0, "agreement": 0,
    }  # fmt: skip
    assert list(pkg["codes"]["code"]) == ["oppose", "neutral", "favour"]
    code(home, "coder-1", "oppose", "favour")
    assert built(home)["codings"].empty, "another coder has not sealed yet"
    assert findings(home) == []


def test_a_project_of_one_coder_is_released_as_such(tmp_path: Path) -> None:
    home = make(tmp_path, coders=("ann",))
    code(home, "ann", "oppose", "NA")
    assert unsettled(Project.open(home)) == []
    pkg = built(home)
    assert pkg["stances"]["settled_by"].tolist() == ["single", "single"]
    assert pkg["stances"]["position"].tolist()[0] == "oppose"
    assert pkg["rounds"]["n_coders"].tolist() == [1]
    assert pkg["agreement"].empty
    assert findings(home) == []


def test_with_a_second_coder_the_first_waits_for_them(tmp_path: Path) -> None:
    home = make(tmp_path, coders=("ann",))
    code(home, "ann", "oppose", "NA")
    path = home / "coding" / "coders.csv"
    rows = read_rows(path, [])
    bob = {"coder_id": "bob", "kind": "human", "role": "coder", "description": "The second."}
    write_rows(path, list(rows[0]), [*rows, bob])
    assert built(home)["stances"].empty
    code(home, "bob", "oppose", "NA")
    pkg = built(home)
    assert pkg["stances"]["settled_by"].tolist() == ["agreement", "agreement"]
    assert pkg["agreement"]["n_coders"].unique().tolist() == [2]
    assert findings(home) == []


def test_statements_of_several_actors_and_their_words_are_released(tmp_path: Path) -> None:
    home = make(tmp_path, modules=("joint",))
    path = home / "coding" / "units.csv"
    units = read_rows(path, [])
    both = " ".join(dict.fromkeys(" ".join(row["actor_id"] for row in units).split()))
    units[0]["actor_id"] = both
    write_rows(path, list(units[0]), units)
    blank = sheet(Project.open(home), "coder-1", "round-1", home / "s.csv")
    first = next(r for r in read_rows(blank, []) if r["statement_id"] == units[0]["statement_id"])
    assert first["speaker"].count(",") == 1
    assert first["passage"] == units[0]["text"]
    for coder in ("coder-1", "coder-2"):
        code(home, coder, "oppose", "favour")
    pkg = built(home)
    assert pkg["statements"]["text"].tolist() == [row["text"] for row in units]
    assert pkg["statements"]["actor_id"].tolist()[0] == both.split()[0]
    joint = pkg["statement_actors"].groupby("statement_id")["actor_id"].agg(" ".join)
    assert sorted(joint[units[0]["statement_id"]].split()) == sorted(both.split())
    assert findings(home) == []


def test_own_columns_and_tables_pass_through_and_no_module_is_compulsory(tmp_path: Path) -> None:
    home = make(tmp_path)
    settings = home / "seeds" / "project.yaml"
    content = read_yaml(settings)
    content["columns"] = {
        "actors": [
            {"name": "seats", "type": "integer", "example": 3, "constraints": {"minimum": 0}}
        ],
        "statements": [{"name": "likes", "type": "integer", "example": 40}],
    }
    content["tables"] = {
        "parties": {
            "title": "Parties",
            "description": "Who belongs where.",
            "primaryKey": ["party", "actor_id"],
            "foreignKeys": {"actor_id": "actors"},
            "fields": [
                {"name": "party", "example": "greens"},
                {"name": "actor_id", "example": "ann"},
                {"name": "since", "type": "year", "example": 1999},
            ],
        }
    }
    settings.write_text(yaml_text(content), encoding="utf-8")
    actors = read_rows(home / "seeds" / "actors.csv", [])
    write_rows(
        home / "seeds" / "actors.csv",
        [*actors[0], "seats"],
        [actors[0] | {"seats": "12"}, *actors[1:]],
    )
    parties = [{"party": "b", "actor_id": row["actor_id"], "since": "1999"} for row in actors]
    write_rows(home / "seeds" / "parties.csv", list(parties[0]), parties)
    units = read_rows(home / "coding" / "units.csv", [])
    liked: list[Row] = [row | {"likes": str(number)} for number, row in enumerate(units)]
    write_rows(home / "coding" / "units.csv", list(liked[0]), liked)
    for coder in ("coder-1", "coder-2"):
        code(home, coder, "oppose", "favour")
    pkg = built(home)
    assert [name for name in pkg if name not in CORE] == ["positions", "agreement", "parties"]
    assert pkg["actors"]["seats"].tolist()[0] == 12
    assert pkg["statements"]["likes"].tolist() == [0, 1]
    assert pkg["parties"]["actor_id"].tolist() == sorted(row["actor_id"] for row in actors)
    assert findings(home) == []


def test_an_own_table_that_is_missing_is_named(tmp_path: Path) -> None:
    home = make(tmp_path)
    settings = home / "seeds" / "project.yaml"
    table = {
        "title": "Parties",
        "description": "P.",
        "primaryKey": ["p"],
        "fields": [{"name": "p", "example": "x"}],
    }
    settings.write_text(yaml_text(read_yaml(settings) | {"tables": {"parties": table}}), "utf-8")
    with pytest.raises(sp.StancepackError, match=r"seeds/parties\.csv: the file is missing"):
        sp.build(home)


def test_a_round_that_codes_one_again_waits_until_that_one_is_complete(tmp_path: Path) -> None:
    home = make(tmp_path)
    code(home, "coder-1", "oppose", "favour")
    out = home / "again.csv"
    path = sheet(
        Project.open(home), "coder-2", "again", out, selection=Selection(of="round-1", share=1.0)
    )
    rows = read_rows(path, [])
    for row in rows:
        row.update(code="oppose", confidence="3")
    write_rows(path, list(rows[0]), rows)
    seal(Project.open(home), "coder-2", "again", path)
    assert built(home)["rounds"].empty
    assert findings(home) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"round": "round-9"}, "there is no round 'round-9'; did you mean 'round-1'"),
        ({"code": "for"}, "'for' is not a code; codes: oppose, neutral, favour, NA"),
        ({"statement_id": "made-up-2"}, "the coders agreed; there is nothing to settle"),
    ],
)
def test_a_ledger_changed_by_hand_is_checked(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    home = make(tmp_path)
    code(home, "coder-1", "oppose", "favour")
    code(home, "coder-2", "neutral", "favour")
    worksheet(Project.open(home), home / "open.csv")
    rows = read_rows(home / "open.csv", [])
    rule = next(iter(Project.open(home).codebook.rules))
    rows[0].update(code="oppose", rule=rule, reason="It says so.")
    write_rows(home / "open.csv", list(rows[0]), rows)
    take(Project.open(home), home / "open.csv", "adjudicator")
    built(home)
    ledger = home / "coding" / "adjudications.csv"
    [row] = read_rows(ledger, [])
    write_rows(ledger, list(row), [row, row | change] if "code" not in change else [row | change])
    with pytest.raises(sp.StancepackError, match=words):
        sp.build(home)


OPENS = """
    import json, os, sys
    home, opened = os.path.realpath(sys.argv[1]), []

    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path.startswith(home + os.sep) and os.path.isfile(path):
                writes = arguments[2] & (os.O_WRONLY | os.O_RDWR)
                opened.append([os.path.relpath(path, home), bool(writes)])

    import stancepack as sp
    sys.addaudithook(hook)
    sp.build(home)
    print(json.dumps(opened))
"""


def test_a_build_reads_each_file_of_the_project_once(tiny: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OPENS), str(tiny)],
        env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    opened = json.loads(done.stdout)
    read = Counter(
        name
        for name, writes in opened
        if not writes and not name.endswith(".part") and not name.startswith(".stancepack")
    )
    assert {name: times for name, times in read.items() if times > 1} == {}
    kept = {"coding/units.csv", "coding/codebook.yaml", "coding/rounds/round-1/ada.csv"}
    assert kept <= set(read)
    assert not [name for name in read if name.startswith(("data/", "texts/"))]


@pytest.mark.parametrize(
    ("start", "words"),
    [("abc", "2: start 'abc' and end '9' should be whole numbers"), ("9", "the first smaller")],
)
def test_a_list_of_marked_units_is_checked(tmp_path: Path, start: str, words: str) -> None:
    home = make(tmp_path)
    folder = home / "coding" / "unitising" / "units-1"
    folder.mkdir(parents=True)
    marks = [{"n": "1", "speaker": "a", "start": "0", "end": "5"}]
    marks.append({"n": "2", "speaker": "a", "start": "7", "end": "9"})
    lists = {name: {"sha256": "0" * 64} for name in ("ann", "bob")}
    (folder / "manifest.yaml").write_text(yaml_text({"lists": lists}), encoding="utf-8")
    write_rows(folder / "ann.csv", list(marks[0]), marks)
    write_rows(folder / "bob.csv", list(marks[0]), marks[:1])
    figures = built(home)["agreement"].set_index("coefficient")["value"]
    assert figures["dice"] == pytest.approx(2 / 3, abs=1e-4)
    marks[1]["start"] = start
    write_rows(folder / "ann.csv", list(marks[0]), marks)
    with pytest.raises(sp.StancepackError, match=words):
        sp.build(home)
