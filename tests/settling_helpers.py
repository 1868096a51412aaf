"""A second round of the tiny project, sealed with three disagreements that wait to be settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from conftest import CODES

from stancepack.files.tables import Row
from stancepack.project.adjudication import take_decisions
from stancepack.project.project import Project
from stancepack.project.sheets import join, seal_codes

# ids that are no part of a word: they are looked for in every answer to an adjudicator
FIRST, SECOND = "zq7-first", "zq7-second"
OPEN = [("S001", "us-sites"), ("S003", "joint-defence"), ("S004", "addressee")]
RULE, REASON = "R5", "A reason nobody else would write."
NOTES = {FIRST: "a note of the one", SECOND: "a note of the other"}
REMARKS = {
    FIRST: [("S001", "", "flag", "yes"), ("S001", "", "seconds", "41")],
    SECOND: [
        ("S003", "joint-defence", "unsure", "yes"),
        ("S003", "", "comment", "Is it an offer?"),
    ],
}


def open_round(home: Path, name: str = "round-2") -> Path:
    """Let two further coders code everything; they differ on three cells."""
    add_people(home, **{FIRST: "coder", SECOND: "coder"})
    for number, coder in enumerate((FIRST, SECOND)):
        seal_round(home, coder, name, number)
    return home


def add_people(home: Path, **roles: str) -> None:
    with (home / "coding" / "coders.csv").open("a", encoding="utf-8", newline="") as file:
        for person, role in roles.items():
            file.write(f"{person},human,{role},Somebody.\n")


def seal_round(
    home: Path,
    coder: str,
    name: str,
    number: int,
    changed: Mapping[tuple[str, str], str] | None = None,
    *,
    note: str = "so",
) -> None:
    """Code as one of two coders, but for what is changed, and seal it."""
    join(Project.open(home), coder, name)
    remarks = [
        dict(zip(("statement_id", "variable", "kind", "value"), remark, strict=True))
        for remark in REMARKS.get(coder, [])
    ]
    codes = [*codes_of(Project.open(home), coder, name, number)]
    for row in codes:
        if code := (changed or {}).get((row["statement_id"], row["variable"])):
            row.update(code=code, note=note)
    seal_codes(Project.open(home), coder, name, codes, remarks)


def codes_of(project: Project, coder: str, name: str, number: int) -> Iterator[Row]:
    for unit in project.rounds[name].units_of(coder):
        for variable in project.codebook:
            unnamed = "unstated" if variable == "addressee" else "NA"
            codes = CODES[unit].get(variable, unnamed).split("/")
            code = codes[min(number, len(codes) - 1)]
            has_note = (unit, variable) in OPEN or code == "yes"
            yield {
                "statement_id": unit,
                "variable": variable,
                "code": code,
                "confidence": "3",
                "note": NOTES.get(coder, "a note") if has_note else "",
            }


def settle_all(home: Path, name: str = "round-2") -> None:
    codes = ("-1", "0", "unstated")
    rows = [
        {"round": name, "statement_id": unit, "variable": variable, "code": code}
        for (unit, variable), code in zip(
            [*OPEN, ("S001", "condition")], [*codes, "They stop."], strict=True
        )
    ]
    rows = [row | {"rule": RULE, "reason": REASON} for row in rows]
    take_decisions(Project.open(home), rows, "eve", where="here")
