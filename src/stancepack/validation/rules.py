"""Named rules of meaning, and how they are run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from stancepack.errors import StancepackError, did_you_mean
from stancepack.validation.findings import Check, run_part

_REFERENCE = re.compile(r"(?P<key>[^\[\];]+)(\[(?P<place>[^\[\];]+)\])?")


# meaning

At = tuple[str, str, str, object, str, str]  # table, row_id, column, value, message, remedy
Rule = Callable[[Check], Iterator[At]]
RULES: dict[str, tuple[tuple[str, ...], Rule]] = {}


def rule(name: str, *tables: str) -> Callable[[Rule], Rule]:
    """Register a rule of meaning with the tables that it needs in good order."""

    def register(function: Rule) -> Rule:
        RULES[name] = (tables, function)
        return function

    return register


def check_meaning(check: Check) -> None:
    """Run every rule whose tables are there and without findings."""
    for name, (tables, function) in RULES.items():
        dirty = [table for table in tables if check.dirty(table)]
        # without a table of rounds, every round is one of its own
        absent = [
            table
            for table in tables
            if table not in [*check.descriptor.tables, "codebook", "rounds"]
        ]
        if dirty or absent:
            why = (
                f"{', '.join(dirty)} has findings"
                if dirty
                else f"there is no table {', '.join(absent)}"
            )
            check.not_checked.append(f"{name}: {why}")
        else:
            run_part(check, name, partial(_apply, name, tables, function))


def _apply(name: str, tables: tuple[str, ...], function: Rule, check: Check) -> None:
    try:
        for at in list(function(check)):
            check.add(name, *at)
    except StancepackError as error:
        check.add(name, tables[0], "", "", "", str(error), "Mend what the message names.")


@rule("source-reference", "sources")
def _references(check: Check) -> Iterator[At]:
    known = sorted(check.text["sources"]["source_id"])
    for table, column in (
        ("statements", "source"),
        ("statements", "dated_by"),
        ("offices", "source"),
        ("events", "source"),
        ("discrepancies", "source"),
    ):
        for _, text in check.clean(table):
            for row, value in enumerate(text[column]):
                keys = [_REFERENCE.fullmatch(part) for part in value.split(";") if value]
                lost = [
                    match["key"] if match else value
                    for match in keys
                    if not match or match["key"] not in known
                ]
                if lost:
                    message = f"There is no source {lost[0]!r}."
                    remedy = f"Add it to seeds/sources.bib, or correct it: {did_you_mean(lost[0], known)}"
                    yield table, check.row_id(table, row), column, value, message, remedy
