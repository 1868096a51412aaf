"""The contract: one Table Schema a table, as data, and what follows from it.

Each ``<table>.json`` beside this file declares a table: its fields with title, type, description,
constraints and example, its keys, where its rows are kept by hand (``kept``), and the module it
belongs to. Marks of fields are for the machinery and not released: ``edtf`` (a date with its
uncertainty), ``cites`` (key[place] of another table), ``computed`` (not kept by hand though its
table is), ``copies`` (a column of another table, with all that is said of it but what is said
anew). A table that is ``derived`` says again what others say; ``keyWith`` has the columns that its
key has too with a module. What is said there is said nowhere else.
"""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

# in the order of a release: who, from where, on what; then what was said, coded, settled and
# measured
TABLES = (
    *("actors", "sources", "offices", "events", "systems", "issues", "codes"),
    *("statements", "statement_actors", "statement_systems"),
    *(
        "coders",
        "rounds",
        "assignments",
        "codings",
        "stances",
        "statement_codings",
        "statement_codes",
        "positions",
        "agreement",
    ),
    *("discrepancies", "coverage", "retired"),
)
CORE = "core"
# the "round" of figures on the codes behind what is settled, where several rounds settle statements
SETTLING = "settling"
MODULES = {
    "sources": "documents that statements, dates and offices were taken from",
    "passages": "passages at offsets in texts that are not passed on",
    "words": "the coded words themselves, where they may be passed on",
    "renderings": "languages and translators of quotations",
    "offices": "offices held for a time",
    "events": "dated events",
    "systems": "what positions are about",
    "joint": "statements of several actors",
    "variables": "codes on statements besides positions",
    "assignment": "rounds in which not everybody coded all",
    "discrepancies": "where a source and the article differ",
    "coverage": "where was looked, and what was found",
    "retired": "ids that are no longer in use",
}
# modules that nobody names: there exactly when the codebook has variables, or a round a ledger
VARIABLES, ASSIGNMENT = "variables", "assignment"
IMPLIED = (VARIABLES, ASSIGNMENT)
MARKS = ("edtf", "cites", "computed", "copies")
NEEDS = {
    "offices": ["sources"],
    "events": ["sources"],
    "passages": ["sources"],
    "discrepancies": ["sources"],
}


@cache
def _read() -> dict[str, dict[str, Any]]:
    folder = files("stancepack.dataset.contract")
    read = {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in TABLES
    }
    for declared in read.values():
        declared["fields"] = [_completed(body, read) for body in declared["fields"]]
    return read


def _completed(body: dict[str, Any], read: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a column with what is said of the one that it copies."""
    if "copies" not in body:
        return body
    table, column = body["copies"]
    (origin,) = (field for field in read[table]["fields"] if field["name"] == column)
    limits = {name: limit for name, limit in origin["constraints"].items() if name != "unique"}
    unmarked = {part: said for part, said in origin.items() if part not in MARKS}
    return {**unmarked, **body, "constraints": limits | body.get("constraints", {})}


def table(name: str) -> dict[str, Any]:
    """Return the declaration of a table of the contract, with the columns of every module."""
    return copy.deepcopy(_read()[name])


def tables(modules: list[str]) -> dict[str, dict[str, Any]]:
    """Return the tables of a package with some modules, with the columns and keys it then has."""
    declared = {}
    chosen = {CORE, *modules}
    for name in TABLES:
        if _read()[name]["module"] not in chosen:
            continue
        one = table(name)
        one["fields"] = [body for body in one["fields"] if body.pop("module", CORE) in chosen]
        for module, columns in one.pop("keyWith", {}).items():
            one["primaryKey"] += columns if module in chosen else []
        for body in one["fields"]:
            for mark in MARKS:
                body.pop(mark, None)
        declared[name] = one
    for one in declared.values():
        columns = {body["name"] for body in one["fields"]}
        keys = [
            key
            for key in one.pop("foreignKeys", [])
            if {*key["fields"]} <= columns
            and (key["reference"]["resource"] or one["name"]) in declared
        ]
        if keys:
            one["foreignKeys"] = keys
    return declared


def marked(mark: str) -> dict[tuple[str, str], Any]:
    """Return the columns that have a mark, by table and name, with what it says."""
    return {
        (name, body["name"]): body[mark]
        for name, declared in _read().items()
        for body in declared["fields"]
        if mark in body
    }


def has_column(name: str, column: str) -> bool:
    """Tell whether the contract has a column of a table; the others are a project's own."""
    return name in TABLES and any(field["name"] == column for field in _read()[name]["fields"])


def is_derived(name: str) -> bool:
    """Tell whether a table says again what others say."""
    return name in TABLES and bool(_read()[name].get("derived"))


def module_of(name: str, column: str = "") -> str:
    """Return the module that a table, or a column of it, belongs to."""
    body = _read()[name]
    for field in body["fields"]:
        if field["name"] == column and "module" in field:
            return str(field["module"])
    return str(body["module"])


def round_order(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts names of rounds, with round-10 after round-9."""
    # whatever is no plain number of a round is text: thousands of digits are no number that anybody
    # counts to
    parts = re.split(r"(\d{1,9})", name)
    return [(int(part), "") if re.fullmatch(r"\d{1,9}", part) else (0, part) for part in parts]
