"""What comes next names people only where it is known who they are."""

from __future__ import annotations

from pathlib import Path

from settling_helpers import add_people, seal_round

from stancepack.project.next_step import next_steps
from stancepack.project.project import Project
from stancepack.project.sheets import default_sheet_path, sheet

MANY = {f"coder-{number}": "coder" for number in range(7)}


def coding_steps(home: Path) -> list[str]:
    return [step for step in next_steps(Project.open(home)) if "--coder" in step]


def write_sheet(home: Path, coder: str, name: str) -> None:
    project = Project.open(home)
    sheet(project, coder, name, default_sheet_path(project, coder, name))


def test_of_many_coders_none_is_named_who_has_not_begun(tiny: Path) -> None:
    add_people(tiny, **MANY)
    seal_round(tiny, "coder-0", "round-2", 0)
    assert coding_steps(tiny) == [
        "stancepack code --coder ID --round round-2, on pages, ID being another coder; "
        "or on sheets:",
        "stancepack sheet --coder ID --round round-2",
    ]


def test_who_has_begun_is_named_and_another_coder_once(tiny: Path) -> None:
    add_people(tiny, **MANY)
    write_sheet(tiny, "coder-3", "round-2")
    seals = "seal --coder coder-3 --round round-2 build/sheets/coder-3/round-2.csv"
    first, *rest = coding_steps(tiny)
    assert "--coder ID --round round-2, on pages, ID being another coder;" in first
    assert rest == [
        f"stancepack {seals}, once it is filled in",
        "stancepack sheet --coder ID --round round-2",
    ]
    seal_round(tiny, "coder-0", "round-2", 0)
    assert coding_steps(tiny) == [f"stancepack {seals}, once it is filled in"]


def test_those_who_are_the_only_ones_are_named(tiny: Path) -> None:
    write_sheet(tiny, "ada", "round-2")
    first, *_, last = coding_steps(tiny)
    assert first == "stancepack code --coder ben --round round-2, on pages; or on sheets:"
    assert last == "stancepack sheet --coder ben --round round-2"
