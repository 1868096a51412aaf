"""Rules on the matrix: who coded what in which round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset.scales import ADDRESSED
from stancepack.project.assignment import PROBABILITIES
from stancepack.validation.findings import Check, Fault
from stancepack.validation.rule import Verdict, judged_rows, rule

_SECOND = "Agreement needs a second, blind coder."
_COMPLETE = "A matrix is complete: code it, as NA if it is not addressed."
_NOT_ASSIGNED = "Leave it out, or restore the table; the ledger of a round is never changed."
_ASSIGNMENTS = "assignments"
_OF_A_STATEMENT = ("stratum", "probability_coded", "probability_two", "probability_all")
_REBUILD = "Run `stancepack build`, which takes it from the ledger of the round."


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
    "assignment",
    "A statement was drawn once for all its coders, and nothing happened that had no chance",
    _ASSIGNMENTS,
)
def _assignments_sound(check: Check) -> Iterator[Fault]:
    rows = check.text[_ASSIGNMENTS].astype("str")
    statements = rows.groupby(["round", "statement_id"], sort=False)
    for column in _OF_A_STATEMENT:
        differing = rows[column] != statements[column].transform("first")
        message = "It is not that of the statement's other coders."
        yield from _wrong_cells(rows, column, differing, message)
    n_coders = statements["coder_id"].transform("size")
    is_all = n_coders == rows["round"].map(rows.groupby("round")["coder_id"].nunique())
    is_first = ~rows.duplicated(["round", "statement_id"])
    coded, coder, two, every = (pd.to_numeric(rows[name]) for name in PROBABILITIES)
    for column, is_wrong, message in (
        ("probability_coder", coder > coded, "It is higher than that of any code."),
        ("probability_two", is_first & (two > coded), "It is higher than that of any code."),
        ("probability_all", every > coder, "It is higher than that of one of them."),
        ("probability_two", is_first & (two == 0) & (n_coders > 1), "It is 0, and two code it."),
        ("probability_all", is_first & (every == 0) & is_all, "It is 0, and all code it."),
    ):
        yield from _wrong_cells(rows, column, is_wrong, message)


def _wrong_cells(
    rows: pd.DataFrame, column: str, is_wrong: pd.Series[bool], message: str
) -> Iterator[Fault]:
    for row in map(int, np.flatnonzero(is_wrong)):
        value = rows[column].iloc[row]
        yield Fault(_ASSIGNMENTS, row, column, value, message=message, remedy=_REBUILD)


@rule(
    "matrix",
    "Every coder of a round coded every statement of it, or every one assigned, on every issue",
    "codings",
    "issues",
    "rounds",
    "statements",
)
def _codings_complete(check: Check) -> Iterator[Fault]:
    yield from _incomplete(check, "codings", "issue_id", list(check.text["issues"]["issue_id"]))


@rule(
    "matrix-statement",
    "Every coder of a round coded every variable of every statement of it, or every one assigned",
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
    if _ASSIGNMENTS in check.text and check.dirty(_ASSIGNMENTS):
        check.not_checked.append(f"the matrix of {table}: {_ASSIGNMENTS} has findings")
        return
    text, assigned = check.text[table], _assigned(check)
    counted = dict(
        zip(check.text["rounds"]["round"], check.text["rounds"]["n_coders"], strict=True)
    )
    for round_name, codings in text.groupby("round", observed=True):
        name = str(round_name)
        yield from _gaps(table, name, codings, variable, wanted, assigned.get(name))
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


def _assigned(check: Check) -> dict[str, pd.DataFrame]:
    """Return who was to code what, by the rounds in which not everybody coded all."""
    if _ASSIGNMENTS not in check.text:
        return {}
    by_round = check.text[_ASSIGNMENTS].groupby("round", observed=True)
    return {str(name): rows for name, rows in by_round}


def _gaps(
    table: str,
    round_name: str,
    codings: pd.DataFrame,
    variable: str,
    wanted: Sequence[str],
    assigned: pd.DataFrame | None,
) -> Iterator[Fault]:
    """Go through what was to be coded in a round and was not, or was and was not to be."""
    named = [codings] if assigned is None else [codings, assigned]
    units = sorted({unit for rows in named for unit in rows["statement_id"].unique()})
    coders = sorted({coder for rows in named for coder in rows["coder_id"].unique()})
    is_there = _occupied(codings, {"statement_id": units, variable: wanted, "coder_id": coders})
    is_due = np.ones_like(is_there)
    if assigned is not None:
        is_due &= _occupied(assigned, {"statement_id": units, "coder_id": coders})[:, np.newaxis]
    for is_wrong, what, remedy in (
        (is_due & ~is_there, "coded, but not on {} by {}", _COMPLETE),
        (is_there & ~is_due, "coded on {} by {}, to whom it was not assigned", _NOT_ASSIGNED),
    ):
        for unit, thing in np.argwhere(is_wrong.any(axis=2)):
            who = ", ".join(coders[coder] for coder in np.flatnonzero(is_wrong[unit, thing]))
            where = f"{round_name}, {units[unit]}, {wanted[thing]}"
            message = f"The statement was {what.format(wanted[thing], who)}."
            yield Fault(table, where, "coder_id", who, message=message, remedy=remedy)


def _occupied(
    rows: pd.DataFrame, values: Mapping[str, Sequence[str]]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell for each combination of values of some columns whether a row has it."""
    is_there = np.zeros([len(known) for known in values.values()], dtype=bool)
    places = [
        rows[name].cat.set_categories(known).cat.codes.to_numpy() for name, known in values.items()
    ]
    is_known = np.all([place >= 0 for place in places], axis=0)
    is_there[tuple(place[is_known] for place in places)] = True
    return is_there
