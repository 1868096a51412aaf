"""Rules on what was settled, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
_NOT_ADDRESSED = "not addressed"  # what a position without a code says
Ints = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Settling:
    """The codes that settle, and the table of settled ones.

    A cell is a statement on an issue or variable, and has a number. `codings` are those of the
    latest round of each cell, in the order of `cells`, which are their cells. For each cell there
    are the lowest and highest number of its codes. For each row of the settled table, `places` has
    its cell (−1 if nobody coded it) and `codes` the number of its code.
    """

    table: str
    column: str
    codings: pd.DataFrame
    cells: Ints
    lowest: Ints
    highest: Ints
    places: Ints
    codes: Ints

    @property
    def is_coded(self) -> Ints:
        """Which settled rows were coded by anybody."""
        return self.places >= 0

    def of_row(self, per_cell: Ints) -> Ints:
        """Return for each settled row what its cell has; 0 where nobody coded it."""
        of_rows = np.zeros(len(self.places), dtype=per_cell.dtype)
        of_rows[self.is_coded] = per_cell[self.places[self.is_coded]]
        return of_rows

    @property
    def is_agreed(self) -> Ints:
        """For which settled rows all coders gave one code."""
        return self.is_coded & self.of_row(self.lowest == self.highest)

    def codes_given(self, row: int) -> str:
        """Return the different codes that the cell of a settled row was given."""
        start, end = np.searchsorted(self.cells, [self.places[row], self.places[row] + 1])
        codes = sorted({*self.codings[self.column].iloc[start:end]})
        return ", ".join(code or _NOT_ADDRESSED for code in codes)


@rule(
    "settled",
    "Stances are what the latest coders agreed on, or have rule and reason",
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
    "Codes of statements are what the latest coders agreed on, or have rule and reason",
    "statement_codings",
    "statement_codes",
    "coders",
    "codebook",
    "rounds",
)
def _codes_settled(check: Check) -> Iterator[Fault]:
    yield from _settled(check, "statement_codings", "statement_codes", "variable", "code")


def _settled(check: Check, coded: str, settled: str, variable: str, code: str) -> Iterator[Fault]:
    codings = check.text[coded]
    codings = codings[~codings["round"].isin(rounds_again(check))]
    key = ["statement_id", variable]
    cells, places = shared_keys(codings, key, check.text[settled], key)
    known = pd.Index(pd.unique(cells))
    cells, places = known.get_indexer(cells), known.get_indexer(places)
    yield from _left_open(settled, codings[key], cells, places)
    is_latest = _is_latest(codings, cells, len(known))
    codings, cells = codings[is_latest], cells[is_latest]
    order = np.argsort(cells, kind="stable")
    codings, cells = codings.iloc[order], cells[order]
    numbers, codes = shared_keys(codings, [code], check.text[settled], [code])
    lowest, highest = numbers.copy()[:0], numbers.copy()[:0]
    if len(known):
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        lowest, highest = np.minimum.reduceat(numbers, starts), np.maximum.reduceat(numbers, starts)
    settling = _Settling(settled, code, codings, cells, lowest, highest, places, codes)
    yield from _wrongly_settled(check, settling)
    yield from _adjudicated(check, settling)


def _left_open(table: str, keys: pd.DataFrame, cells: Ints, places: Ints) -> Iterator[Fault]:
    """Go through cells that were coded and not settled."""
    first_of_cell = pd.Series(cells).drop_duplicates()
    for row in first_of_cell[~first_of_cell.isin(places)].index:
        where = ", ".join(keys.iloc[row])
        message, remedy = "Coded, but not settled.", "Settle it, or build again."
        yield Fault(table, where, message=message, remedy=remedy)


def _is_latest(codings: pd.DataFrame, cells: Ints, n_cells: int) -> Ints:
    """Tell which codings are of the latest round of their cell."""
    names = codings["round"].cat.categories
    order = {name: number for number, name in enumerate(sorted(names, key=round_order))}
    round_numbers = np.array([order[name] for name in names], dtype=int)[codings["round"].cat.codes]
    latest = np.full(n_cells, -1)
    np.maximum.at(latest, cells, round_numbers)
    return np.asarray(round_numbers == latest[cells])


def _wrongly_settled(check: Check, settling: _Settling) -> Iterator[Fault]:
    """Go through codes that were not given, or not settled as the coders call for."""
    text = check.text[settling.table]
    by, is_agreed, is_coded = text["settled_by"], settling.is_agreed, settling.is_coded
    by_coders = by.isin([AGREEMENT, SINGLE]).to_numpy()
    is_given = settling.codes == settling.of_row(settling.lowest)
    n_coders = np.bincount(settling.cells, minlength=len(settling.lowest))
    is_single = settling.of_row(n_coders) == 1
    miscounted = by_coders & (is_single != (by == SINGLE).to_numpy())
    is_wrong = ~is_coded | (is_agreed != by_coders) | (by_coders & ~is_given) | miscounted
    for row in map(int, np.flatnonzero(is_wrong)):
        given = settling.codes_given(row)
        column = "settled_by"
        if not is_coded[row]:
            column = settling.column
            message, remedy = "Settled, but nobody coded it.", "Code it, or remove the row."
        elif not is_agreed[row]:
            message, remedy = f"The coders differed: {given}.", "Settle it by adjudication."
        elif not by_coders[row]:
            message, remedy = f"The coders agreed: {given}.", "There is nothing to settle."
        elif miscounted[row]:
            message = "One coder coded it." if is_single[row] else "Several coders coded it."
            remedy = "Run `stancepack build`."
        else:
            column = settling.column
            message, remedy = (
                f"The coders agreed on {given}.",
                f"Write the code agreed on, {given}.",
            )
        value = text[column].array[row]
        yield Fault(settling.table, row, column, value, message=message, remedy=remedy)


def _adjudicated(check: Check, settling: _Settling) -> Iterator[Fault]:
    """Check rule, reason and adjudicator of disagreements that were settled."""
    text = check.text[settling.table]
    by_adjudication = (text["settled_by"] == ADJUDICATION).to_numpy()
    is_open = settling.is_coded & ~settling.is_agreed & by_adjudication
    coded_it = is_open & _coded_by_adjudicator(text, settling)
    for row in map(int, np.flatnonzero(coded_it)):
        message, remedy = "The adjudicator coded this statement.", "Somebody else must settle it."
        value = text["adjudicator"].array[row]
        yield Fault(settling.table, row, "adjudicator", value, message=message, remedy=remedy)
    reasons, judges = _judge_of_reasons(check), _judge_of_adjudicators(check)
    yield from judged_rows(check, settling.table, ["rationale"], reasons, is_open)
    others = is_open & ~coded_it
    yield from judged_rows(check, settling.table, ["adjudicator"], judges, others)


def _coded_by_adjudicator(text: pd.DataFrame, settling: _Settling) -> Ints:
    """Tell which cells were settled by one of their own coders."""
    given = settling.codings[["coder_id"]].assign(cell=pd.Categorical(settling.cells))
    settled = text[["adjudicator"]].assign(cell=pd.Categorical(settling.places))
    keys, settled_keys = shared_keys(given, ["cell", "coder_id"], settled, ["cell", "adjudicator"])
    return np.isin(settled_keys, keys)


def _judge_of_reasons(check: Check) -> Callable[[str], Verdict | None]:
    """Return what says whether a rationale names rules that there are, and a reason."""
    rules = check.book.rules

    def judge(rationale: str) -> Verdict | None:
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

    return judge


def _judge_of_adjudicators(check: Check) -> Callable[[str], Verdict | None]:
    """Return what says whether somebody may settle."""
    roles = check.text["coders"].astype("str").set_index("coder_id")["role"].to_dict()
    known = ", ".join(name for name, role in roles.items() if role == _ADJUDICATOR) or "none"

    def judge(name: str) -> Verdict | None:
        if not name:
            remedy = f"Name who settled it; adjudicators: {known}."
            return Verdict("adjudicator", "Nobody is named as adjudicator.", remedy)
        if roles.get(name, _ADJUDICATOR) != _ADJUDICATOR:
            message = f"The role of {name} is {roles[name]}."
            return Verdict("adjudicator", message, f"Name an adjudicator: {known}.")
        return None

    return judge
