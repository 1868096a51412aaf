"""Rules on what was settled, and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset.cells import shared_keys
from stancepack.dataset.contract import round_order
from stancepack.project.adjudication import rules_of
from stancepack.release.codes import ADJUDICATION, AGREEMENT, SINGLE
from stancepack.validation.findings import Check, Fault
from stancepack.validation.matrix_rules import rounds_again
from stancepack.validation.rule import Verdict, judged_rows, rule

_ADJUDICATOR = "adjudicator"
Ints = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Settling:
    """A table of codings and the table that settles it, a cell being a statement on an issue or variable.

    For each row of the settled table: the place of its cell among those coded (−1 if nobody coded it). For each cell:
    the lowest and highest number of its codes in its latest round, and how many coders gave them. For the codes of
    that round: their cells and coders.
    """

    coded: str
    settled: str
    code: str
    places: Ints
    lowest: Ints
    highest: Ints
    n_coders: Ints
    cells: Ints
    rows: pd.DataFrame
    settled_codes: Ints

    def codes_of(self, place: int) -> str:
        """Return the different codes that a cell was given."""
        return ", ".join(sorted({*self.rows[self.code][self.cells == place]}))


@rule(
    "settled",
    "Stances are what the coders of the latest round agreed on, or were settled by rule and reason",
    "codings",
    "stances",
    "coders",
    "codebook",
    "rounds",
)
def _stances_settled(check: Check) -> Iterator[Fault]:
    yield from _settled(check, "codings", "stances", "issue_id", "position")


@rule(
    "settled-statement",
    "Statement-level codes are what the coders of the latest round agreed on, or were settled by rule and reason",
    "statement_codings",
    "statement_codes",
    "coders",
    "codebook",
    "rounds",
)
def _codes_settled(check: Check) -> Iterator[Fault]:
    yield from _settled(check, "statement_codings", "statement_codes", "variable", "code")


def _settled(check: Check, coded: str, settled: str, variable: str, code: str) -> Iterator[Fault]:
    codings, settlements = check.text[coded], check.text[settled]
    again = rounds_again(check)
    codings = codings[~codings["round"].isin(again)]
    key = ["statement_id", variable]
    cells, settled_cells = shared_keys(codings, key, settlements, key)
    numbers, settled_codes = shared_keys(codings, [code], settlements, [code])
    known = pd.Index(pd.unique(cells))
    cells = known.get_indexer(cells)
    is_latest = _is_latest(codings, cells, len(known))
    in_latest, numbers = cells[is_latest], numbers[is_latest]
    lowest = np.full(len(known), np.iinfo(np.int64).max)
    highest = np.full(len(known), -1)
    np.minimum.at(lowest, in_latest, numbers)
    np.maximum.at(highest, in_latest, numbers)
    settling = _Settling(
        coded,
        settled,
        code,
        known.get_indexer(settled_cells),
        lowest,
        highest,
        np.bincount(in_latest, minlength=len(known)),
        in_latest,
        codings[is_latest],
        settled_codes,
    )
    open_cells = np.setdiff1d(np.arange(len(known)), settling.places)
    for row in pd.Series(cells).drop_duplicates().loc[lambda place: place.isin(open_cells)].index:
        where = ", ".join(codings[column].array[row] for column in key)
        message, remedy = "Coded, but not settled.", "Settle it, or build again."
        yield Fault(settled, where, message=message, remedy=remedy)
    yield from _wrongly_settled(check, settling)
    yield from _adjudicated(check, settling)


def _is_latest(codings: pd.DataFrame, cells: Ints, n_cells: int) -> Ints:
    """Tell which codings are of the latest round of their cell."""
    names = codings["round"].cat.categories
    order = {name: number for number, name in enumerate(sorted(names, key=round_order))}
    round_numbers = np.array([order[name] for name in names], dtype=int)[codings["round"].cat.codes]
    latest = np.full(n_cells, -1)
    np.maximum.at(latest, cells, round_numbers)
    return np.asarray(round_numbers == latest[cells])


def _wrongly_settled(check: Check, settling: _Settling) -> Iterator[Fault]:
    """Go through codes that were not given, or were settled in another way than the coders call for."""
    text = check.text[settling.settled]
    is_coded = settling.places >= 0
    places = np.where(is_coded, settling.places, 0)
    by = text["settled_by"]
    by_coders = by.isin([AGREEMENT, SINGLE]).to_numpy()
    if len(settling.lowest):
        agreed = settling.lowest[places] == settling.highest[places]
        is_given = settling.settled_codes == settling.lowest[places]
        is_alone = settling.n_coders[places] == 1
    else:
        agreed = is_given = is_alone = np.zeros(len(text), dtype=bool)
    claims_one = (by == SINGLE).to_numpy() & ~is_alone
    is_wrong = ~is_coded | (agreed != by_coders) | (by_coders & ~is_given) | claims_one
    for row in map(int, np.flatnonzero(is_wrong)):
        column, (message, remedy) = (
            settling.code,
            ("Settled, but nobody coded it.", "Code it, or remove the row."),
        )
        if is_coded[row]:
            column = "settled_by"
            both = settling.codes_of(places[row])
            if not agreed[row]:
                message, remedy = f"The coders differed: {both}.", "Settle it by adjudication."
            elif not by_coders[row]:
                message, remedy = f"The coders agreed: {both}.", "There is nothing to settle."
            elif claims_one[row]:
                message, remedy = "Several coders coded it.", "Run `stancepack build`."
            else:
                column = settling.code
                message, remedy = (
                    f"The coders agreed on {both}.",
                    f"Write the code agreed on, {both}.",
                )
        value = text[column].array[row]
        yield Fault(settling.settled, row, column, value, message=message, remedy=remedy)


def _adjudicated(check: Check, settling: _Settling) -> Iterator[Fault]:
    """Check rule, reason and adjudicator of disagreements that were settled."""
    text = check.text[settling.settled]
    is_open = np.zeros(len(text), dtype=bool)
    if len(settling.lowest):
        places = settling.places
        is_open = (places >= 0) & (settling.lowest != settling.highest)[places]
    is_open &= (text["settled_by"] == ADJUDICATION).to_numpy()
    roles = check.text["coders"].astype("str").set_index("coder_id")["role"].to_dict()
    judges = ", ".join(name for name, role in roles.items() if role == _ADJUDICATOR)
    rules = check.book.rules

    def judge_reason(rationale: str) -> Verdict | None:
        named, _, reason = rationale.partition(":")
        names = rules_of(named)
        unknown = [name for name in names if name not in rules]
        if not reason.strip() or not names:
            message = "Settled without a rule and a reason."
            return Verdict("rationale", message, "Write `R5: reason`.")
        if unknown:
            message = f"The codebook has no rule {', '.join(unknown)}."
            return Verdict("rationale", message, check.hint(unknown[0], rules))
        return None

    def judge_judge(name: str) -> Verdict | None:
        if not name:
            remedy = f"Name who settled it; adjudicators: {judges or 'none'}."
            return Verdict("adjudicator", "Nobody is named as adjudicator.", remedy)
        if roles.get(name, _ADJUDICATOR) != _ADJUDICATOR:
            message = f"The role of {name} is {roles[name]}."
            return Verdict("adjudicator", message, f"Name an adjudicator: {judges or 'none'}.")
        return None

    coded_it = _coded_it(check, settling) & is_open
    for row in map(int, np.flatnonzero(coded_it)):
        message, remedy = "The adjudicator coded this statement.", "Somebody else must settle it."
        value = text["adjudicator"].array[row]
        yield Fault(settling.settled, row, "adjudicator", value, message=message, remedy=remedy)
    yield from judged_rows(check, settling.settled, ["rationale"], judge_reason, is_open)
    others = is_open & ~coded_it
    yield from judged_rows(check, settling.settled, ["adjudicator"], judge_judge, others)


def _coded_it(check: Check, settling: _Settling) -> Ints:
    """Tell which cells were settled by one of their own coders."""
    text = check.text[settling.settled]
    given = settling.rows[["coder_id"]].assign(cell=pd.Categorical(settling.cells))
    settled = text[["adjudicator"]].assign(cell=pd.Categorical(settling.places))
    keys, settled_keys = shared_keys(given, ["cell", "coder_id"], settled, ["cell", "adjudicator"])
    return np.isin(settled_keys, keys)
