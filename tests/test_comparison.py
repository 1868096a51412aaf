"""What changed between two releases, and the step it asks for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import stancepack as sp

Change = Callable[[Path], None]


def text(table: str, old: str, new: str) -> Change:
    def change(home: Path) -> None:
        path = home / "data" / f"{table}.csv"
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), encoding="utf-8", newline="")

    return change


def declared(change_: Callable[[dict[str, Any]], object]) -> Change:
    def change(home: Path) -> None:
        path = home / "datapackage.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change_(
            {resource["name"]: resource for resource in content["resources"]}
            | {"all": content["resources"]}
        )
        path.write_text(json.dumps(content), encoding="utf-8")

    return change


def field(tables: dict[str, Any], table: str, name: str) -> dict[str, Any]:
    return next(one for one in tables[table]["schema"]["fields"] if one["name"] == name)


CASES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "value": (
        text("events", "The council meets", "The council met"),
        ("changed", "events", "meeting", "title", "patch"),
    ),
    "row added": (
        text("systems", "plan,", "extra,Extra,body,More.,\nplan,"),
        ("added", "systems", "extra", "", "minor"),
    ),
    "row removed": (
        text("systems", "plan,The plan,proposal,What the others plan.,\n", ""),
        ("removed", "systems", "plan", "", "major"),
    ),
    "table removed": (
        declared(lambda all_: all_["all"].remove(all_["discrepancies"])),
        ("removed", "discrepancies", "", "", "major"),
    ),
    "type": (
        declared(lambda all_: field(all_, "sources", "length").update(type="string")),
        ("changed", "sources", "", "length", "major"),
    ),
    "code added": (
        declared(
            lambda all_: field(all_, "actors", "kind")["categories"].append(
                {"value": "crowd", "label": "a crowd"}
            )
        ),
        ("changed", "actors", "", "kind", "minor"),
    ),
    "missing values": (
        declared(lambda all_: field(all_, "stances", "position").update(missingValues=["NA", "0"])),
        ("changed", "stances", "", "position", "major"),
    ),
    "truth turned round": (
        declared(
            lambda all_: field(all_, "codes", "neutral").update(
                trueValues=["no"], falseValues=["yes"]
            )
        ),
        ("changed", "codes", "", "neutral", "major"),
    ),
    "signs of numbers": (
        declared(lambda all_: field(all_, "statements", "start").update(groupChar=",")),
        ("changed", "statements", "", "start", "major"),
    ),
    "scale turned round": (
        declared(lambda all_: field(all_, "stances", "position")["categories"].reverse()),
        ("changed", "stances", "", "position", "major"),
    ),
    "no longer ordered": (
        declared(lambda all_: field(all_, "stances", "position").update(categoriesOrdered=False)),
        ("changed", "stances", "", "position", "major"),
    ),
    "code removed": (
        declared(lambda all_: field(all_, "actors", "kind")["categories"].pop()),
        ("changed", "actors", "", "kind", "major"),
    ),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_one_change_is_listed_with_its_step(
    tiny: Path, tmp_path: Path, change: Change, expected: tuple[str, ...]
) -> None:
    new = Path(shutil.copytree(tiny, tmp_path / "new"))
    change(new)
    found = sp.diff(tiny, new)
    assert [
        tuple(row)
        for row in found.table[["change", "table", "row_id", "column", "step"]].to_numpy()
    ] == [expected]
    assert found.step == expected[-1]


def test_a_new_column_asks_for_a_major_step(tiny: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(tiny, tmp_path / "new"))
    more = {
        "name": "more",
        "title": "More",
        "type": "string",
        "description": "More.",
        "example": "x",
        "constraints": {},
    }
    declared(lambda all_: all_["events"]["schema"]["fields"].append(more))(new)
    path = new / "data" / "events.csv"
    path.write_text(
        "".join(
            f"{line},{'more' if not n else ''}\n"
            for n, line in enumerate(path.read_text().splitlines())
        )
    )
    assert sp.diff(tiny, new).step == "major"


def test_another_key_asks_for_a_major_step(tiny: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(tiny, tmp_path / "new"))
    declared(lambda all_: all_["events"]["schema"].update(primaryKey=["title"]))(new)
    assert sp.diff(tiny, new).table[["column", "old", "new", "step"]].to_numpy().tolist() == [
        ["primaryKey", "event_id", "title", "major"]
    ]


def test_the_largest_step_counts(tiny: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(tiny, tmp_path / "new"))
    CASES["value"][0](new)
    CASES["row added"][0](new)
    assert sp.diff(tiny, new).step == "minor"
    assert sp.diff(tiny, tiny).step == "none"


def test_a_table_without_a_key_is_compared_as_a_whole(tiny: Path, tmp_path: Path) -> None:
    declared(lambda all_: all_["events"]["schema"].pop("primaryKey"))(tiny)
    other = Path(shutil.copytree(tiny, tmp_path / "other"))
    assert len(sp.diff(tiny, other)) == 0
    text("events", "The council meets", "The council met")(other)
    changes = sp.diff(tiny, other)
    assert changes.table[["change", "table", "step"]].to_numpy().tolist() == [
        ["changed", "events", "major"]
    ]


def test_another_way_to_write_that_nothing_was_said_changes_no_value(
    tiny: Path, tmp_path: Path
) -> None:
    new = Path(shutil.copytree(tiny, tmp_path / "new"))
    path = new / "data" / "stances.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",false,,", ",false,NA,"), "utf-8")
    declared(lambda all_: field(all_, "stances", "position").update(missingValues=["NA"]))(new)
    found = sp.diff(tiny, new)
    assert found.table[["table", "row_id", "column"]].to_numpy().tolist() == [
        ["stances", "", "position"]
    ]
