"""Rules on the published figures: each is computed again from the codings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from stancepack.release.figures import figures
from stancepack.release.tables import figure_text
from stancepack.reliability.result import CONVENTIONS, FEWEST
from stancepack.validation.findings import Check, Fault
from stancepack.validation.matrix_rules import rounds_again
from stancepack.validation.rule import rule

UNIT = "unit"  # the variable of figures on unit lists, which stand in coding/
_CODING_COLUMNS = {
    "codings": ["round", "statement_id", "issue_id", "coder_id", "position"],
    "statement_codings": ["round", "statement_id", "variable", "coder_id", "code"],
}
_LAST_DIGITS = 0.0002  # that the same figure may differ in on another machine
_BUILD = "Run `stancepack build`."


@rule(
    "agreement",
    "The published figures on issues are those of the codings",
    "agreement",
    "codings",
    "issues",
    "codebook",
    "rounds",
)
def _agreement(check: Check) -> Iterator[Fault]:
    elsewhere = {*check.book.variables, UNIT}
    yield from figure_faults(check, _computed(check, "codings"), elsewhere)


@rule(
    "agreement-statement",
    "The published figures on statement-level variables are those of the codings",
    "agreement",
    "statement_codings",
    "codebook",
    "rounds",
)
def _agreement_statement(check: Check) -> Iterator[Fault]:
    elsewhere = {*check.text["agreement"]["variable"]} - {*check.book.variables}
    yield from figure_faults(check, _computed(check, "statement_codings"), elsewhere)


def _computed(check: Check, table: str) -> list[dict[str, Any]]:
    frames = {name: pd.DataFrame(columns=columns) for name, columns in _CODING_COLUMNS.items()}
    text, columns = check.text[table], _CODING_COLUMNS[table]
    fields = {field.name: field for field in check.descriptor.fields(table)}
    code = columns[
        -1
    ]  # the one column whose type matters; the others are names, and stay as small as they are
    frames[table] = text[columns].assign(**{code: fields[code].parse(text[code])})
    codings, statement_codings = frames.values()
    return figures(codings, statement_codings, check.book, rounds_again(check))


def figure_faults(
    check: Check, computed: list[dict[str, Any]], elsewhere: set[str]
) -> Iterator[Fault]:
    """Compare the figures of the table with those computed, but for variables elsewhere."""
    fresh = {(row["round"], row["variable"], row["coefficient"]): row for row in computed}
    text = check.text["agreement"].astype("str")
    there = {
        (row["round"], row["variable"], row["coefficient"]): row for row in text.to_dict("records")
    }
    for key in fresh:
        if key not in there:
            where, message = ", ".join(key), "The figure is missing."
            yield Fault("agreement", where, message=message, remedy=_BUILD)
    for key, row in there.items():
        where, variable = ", ".join(key), row["variable"]
        if variable in elsewhere:
            continue
        if key not in fresh:
            message = "No codes give this figure."
            yield Fault("agreement", where, "variable", variable, message=message, remedy=_BUILD)
            continue
        for column, message in _differences(row, fresh[key]):
            value = row[column]
            yield Fault("agreement", where, column, value, message=message, remedy=_BUILD)


def _differences(row: dict[str, str], fresh: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Go through the columns in which a published figure is not the one computed."""
    for column in ("value", "low", "high"):
        expected = figure_text(fresh[column])
        both = (row[column], expected)
        if row[column] != expected and not ("" not in both and _are_close(*both)):
            yield column, f"Recomputed from the codings: {expected or 'not defined'}."
    for column in ("level", "n_units", "n_coders", "verdict"):
        if row[column] != str(fresh[column]):
            why = f"By the codings: {fresh[column]}."
            if column == "verdict":
                bars = ", ".join(f"{word} from {bar}" for word, bar in CONVENTIONS.items())
                why += f" ({bars} at the lower end; no verdict under {FEWEST} units.)"
            yield column, why


def _are_close(one: str, other: str) -> bool:
    return math.isclose(float(one), float(other), abs_tol=_LAST_DIGITS)
