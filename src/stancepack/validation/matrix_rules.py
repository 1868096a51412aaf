"""Rules on the matrix: who coded what in which round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stancepack.dataset.scales import ADDRESSED
from stancepack.validation.findings import Check, Fault
from stancepack.validation.rule import Verdict, judged_rows, rule

_SECOND = "Agreement needs a second, blind coder."
_COMPLETE = "A matrix is complete: code it, as NA if it is not addressed."


def rounds_again(check: Check) -> dict[str, str]:
    """Return the rounds that code another one again, with that one; they settle nothing."""
    rounds = check.text["rounds"]
    pairs = zip(rounds["round"], rounds["of"], strict=True)
    return {name: of for name, of in pairs if of}


@rule("rounds", "A round that codes again names one that was coded first", "rounds")
def _rounds(check: Check) -> Iterator[Fault]:
    again = rounds_again(check)
    for name, first in again.items():
        if first in again:
            which = "itself" if first == name else "no round of its own"
            message = f"It codes {first} again, which is {which}."
            remedy = "Name the round that was coded first."
            yield Fault("rounds", name, "of", first, message=message, remedy=remedy)


@rule(
    "matrix",
    "Every coder of a round coded every statement of it on every issue",
    "codings",
    "issues",
    "rounds",
    "statements",
)
def _codings_complete(check: Check) -> Iterator[Fault]:
    yield from _incomplete(check, "codings", "issue_id", list(check.text["issues"]["issue_id"]))


@rule(
    "matrix-statement",
    "Every coder of a round coded every statement-level variable of every statement of it",
    "statement_codings",
    "codebook",
    "rounds",
    "statements",
)
def _statement_codings_complete(check: Check) -> Iterator[Fault]:
    yield from _incomplete(check, "statement_codings", "variable", list(check.book.variables))


@rule("addressed", "There is a position exactly where a statement addresses the issue")
def _addressed(check: Check) -> Iterator[Fault]:

    def judge(addressed: str, position: str) -> Verdict | None:
        if (addressed == ADDRESSED) == bool(position):
            return None
        message = "There is a code, and addressed is false."
        if not position:
            message = "There is no code, and addressed is true."
        return Verdict("addressed", message, "Run `stancepack build`, which writes both.")

    for table, _ in check.clean("codings", "stances"):
        yield from judged_rows(check, table, ["addressed", "position"], judge)


def _incomplete(check: Check, table: str, variable: str, wanted: Sequence[str]) -> Iterator[Fault]:
    text = check.text[table]
    counted = dict(
        zip(check.text["rounds"]["round"], check.text["rounds"]["n_coders"], strict=True)
    )
    for round_name, codings in text.groupby("round", observed=True):
        name = str(round_name)
        yield from _gaps(table, name, codings, variable, wanted)
        coders = sorted(codings["coder_id"].unique())
        if len(coders) == 1 and counted.get(name) != "1" and name not in rounds_again(check):
            message = "The round has one coder."
            yield Fault(table, name, "coder_id", coders[0], message=message, remedy=_SECOND)
    coded = text["statement_id"].cat.categories
    for unit in check.text["statements"]["statement_id"]:
        if unit not in coded:
            message, remedy = (
                "Nobody coded this statement.",
                "Code it in a round of its own, or leave it out.",
            )
            yield Fault(table, unit, "statement_id", message=message, remedy=remedy)


def _gaps(
    table: str, round_name: str, codings: pd.DataFrame, variable: str, wanted: Sequence[str]
) -> Iterator[Fault]:
    """Go through what was coded by some coders of a round and not by others."""
    units = sorted(codings["statement_id"].unique())
    coders = sorted(codings["coder_id"].unique())
    is_there = np.zeros((len(units), len(wanted), len(coders)), dtype=bool)
    columns = (("statement_id", units), (variable, wanted), ("coder_id", coders))
    places = [codings[name].cat.set_categories(values).cat.codes for name, values in columns]
    is_wanted = (places[1] >= 0).to_numpy()
    is_there[tuple(place.to_numpy()[is_wanted] for place in places)] = True
    for unit, thing in np.argwhere(~is_there.all(axis=2)):
        lost = ", ".join(coders[coder] for coder in np.flatnonzero(~is_there[unit, thing]))
        where = f"{round_name}, {units[unit]}, {wanted[thing]}"
        message = f"The statement was coded, but not on {wanted[thing]} by {lost}."
        yield Fault(table, where, "coder_id", lost, message=message, remedy=_COMPLETE)
