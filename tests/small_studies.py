"""Small studies of every kind of scale, made as a user makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from stancepack.files.tables import Row, csv_text, read_rows, write_rows
from stancepack.project.adjudication import take, worksheet
from stancepack.project.project import Project
from stancepack.project.sheets import seal, sheet
from stancepack.release.build import build

CODERS = ("ann", "bob")
Coding = Callable[[str, int, int], str]  # variable, number of the statement, number of the coder


def issue(title: str, codes: Sequence[str], level: str = "ordinal", **more: Any) -> dict[str, Any]:
    """An entry of a codebook with codes that have no label."""
    entry = {"title": title, "question": f"{title}?", "level": level}
    return {**entry, "codes": dict.fromkeys(codes), **more}


def make_study(
    home: Path,
    *,
    issues: Mapping[str, dict[str, Any]],
    units: Sequence[Row],
    coding: Coding | None,
    settings: Mapping[str, Any] | None = None,
    seeds: Mapping[str, Sequence[Row]] | None = None,
) -> Path:
    """Make a project from its unit list to its release; without `coding` nobody has coded yet."""
    content = {"name": "study", "title": "A study", "version": "1.0.0"}
    content |= {"licenses": [{"name": "CC0-1.0"}], **(settings or {})}
    book = {
        "version": "1.0.0",
        "issues": dict(issues),
        "rules": {"R1": {"title": "Read", "rule": "As it stands."}},
    }
    for folder in ("seeds", "coding"):
        (home / folder).mkdir(parents=True)
    for name, part in (("seeds/project.yaml", content), ("coding/codebook.yaml", book)):
        text = yaml.safe_dump(part, sort_keys=False, allow_unicode=True)
        (home / name).write_text(text, encoding="utf-8")
    actors = dict.fromkeys(actor for unit in units for actor in unit["actor_id"].split())
    actor_rows = [{"actor_id": actor, "name": actor.title(), "kind": "person"} for actor in actors]
    coders = [{"coder_id": coder, "kind": "human", "role": "coder"} for coder in CODERS]
    coders.append({"coder_id": "eve", "kind": "human", "role": "adjudicator"})
    write(
        home,
        "seeds/actors.csv",
        actor_rows or [{"actor_id": "nobody", "name": "N", "kind": "person"}],
    )
    write(home, "coding/coders.csv", [row | {"description": "A coder."} for row in coders])
    write(
        home,
        "coding/units.csv",
        units or [{"statement_id": "S1", "actor_id": "nobody", "date": "2020"}],
    )
    for name, rows in (seeds or {}).items():
        write(home, f"seeds/{name}.csv", rows)
    if coding is not None:
        code(home, coding)
    build(home)
    return home


def write(home: Path, name: str, rows: Sequence[Row]) -> None:
    (home / name).write_text(csv_text(list(rows[0]), rows), encoding="utf-8")


def code(home: Path, coding: Coding) -> None:
    """Have two coders code everything, and settle for the code of the first."""
    statements = [row["statement_id"] for row in read_rows(home / "coding/units.csv", [])]
    for number, coder in enumerate(CODERS):
        path = sheet(Project.open(home), coder, "round-1", home / "build" / f"{coder}.csv")
        rows = read_rows(path, [])
        for row in rows:
            row["code"] = coding(row["variable"], statements.index(row["statement_id"]), number)
        write_rows(path, list(rows[0]), rows)
        seal(Project.open(home), coder, "round-1", path)
    path = home / "build" / "open.csv"
    worksheet(Project.open(home), path)
    if rows := read_rows(path, []):
        for row in rows:
            statement = statements.index(row["statement_id"])
            row.update(code=coding(row["variable"], statement, 0), rule="R1", reason="So it says.")
        write_rows(path, list(rows[0]), rows)
        take(Project.open(home), path, "eve")


def units(number: int, actors: Sequence[str], **more: str) -> list[Row]:
    """Unit lists of posts that may be passed on, a fortnight from one another."""
    rows = []
    for n in range(number):
        day = f"{2015 + n // 24}-{n % 24 // 2 + 1:02d}-{15 if n % 2 else 1:02d}"
        row = {"statement_id": f"S{n:03d}", "actor_id": actors[n % len(actors)], "date": day}
        rows.append(row | {name: text.format(n) for name, text in more.items()})
    return rows


def three_points(home: Path) -> Path:
    """Oppose, neutral, favour: text codes with an order and a neutral one."""
    codes = ("oppose", "neutral", "favour")

    def coding(variable: str, statement: int, coder: int) -> str:
        return codes[(statement // 3 + (statement % 7 == 0) * coder) % 3]

    issues = {"funding": issue("Funding the park", codes, neutral="neutral")}
    return make_study(
        home,
        issues=issues,
        units=units(30, ["mayor", "council"], proposition="Says {}."),
        coding=coding,
    )


def eleven_points(home: Path) -> Path:
    """From 0 to 10, as numbers at equal distances."""

    def coding(variable: str, statement: int, coder: int) -> str:
        return (
            "NA"
            if statement % 9 == 4
            else str(min(10, statement % 11 + coder * (statement % 5 == 0)))
        )

    codes = [str(number) for number in range(11)]
    poles = {"poles": ["not at all", "entirely"]}
    issues = {"trust": issue("Trust in the court", codes, "interval", **poles)}
    return make_study(
        home, issues=issues, units=units(40, ["judge"], proposition="Says {}."), coding=coding
    )


def frames(home: Path) -> Path:
    """Five frames without an order, of posts that may be passed on, each by two actors together."""
    names = ("economy", "security", "health", "morality", "fairness")

    def coding(variable: str, statement: int, coder: int) -> str:
        return names[(statement * statement + (statement % 6 == 1) * coder) % 5]

    return make_study(
        home,
        issues={"frame": issue("Frame of the post", names, "nominal")},
        units=units(25, ["left right", "right centre"], text="Post number {} on <taxes>."),
        coding=coding,
        settings={"modules": ["words", "joint"]},
    )
