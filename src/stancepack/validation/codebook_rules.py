"""Rules on the codebook, and on what the tables say of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stancepack.dataset.cells import shared_keys
from stancepack.errors import StancepackError
from stancepack.release.tables import code_rows, issue_rows
from stancepack.validation.findings import Check, Fault
from stancepack.validation.rule import Verdict, judged_rows, present, rule

_BUILD = "Run `stancepack build`."


def check_codebook(check: Check) -> None:
    """Read the codebook, and check that its own examples fit its scales."""
    if check.dirty("codebook") or not check.has_codebook:
        return
    try:
        problems = check.book.problems()
    except StancepackError as error:
        remedy = "Mend the codebook, or restore it."
        check.add("codebook", Fault("codebook", message=str(error), remedy=remedy))
        return
    for problem in problems:
        where = problem.partition(":")[0]
        remedy = "Mend the codebook; its own examples must fit its scales."
        check.add("codebook", Fault("codebook", where, message=problem, remedy=remedy))


@rule(
    "codebook",
    "The codebook and the table of issues have the same issues",
    "codebook",
    "issues",
    of_release=False,
)
def _same_issues(check: Check) -> Iterator[Fault]:
    book, table = {*check.book.issues}, {*check.text["issues"]["issue_id"]}
    for issue in sorted(book ^ table):
        message = f"The issue stands in the {'codebook' if issue in book else 'table'} only."
        yield Fault("codebook", issue, "issues", issue, message=message, remedy=_BUILD)


@rule(
    "codes",
    "The tables of issues and codes say what the codebook says",
    "codebook",
    "issues",
    "codes",
    of_release=False,
)
def _same_codes(check: Check) -> Iterator[Fault]:
    for table, rows in (("issues", issue_rows(check.book)), ("codes", code_rows(check.book))):
        text, key = check.text[table].astype("str"), check.descriptor.key(table)
        released = {", ".join(row[c] for c in key): row for row in text.to_dict("records")}
        for row in rows:
            name = ", ".join(str(row[column]) for column in key)
            if name not in released:
                message = "The codebook has it, and the table has not."
                yield Fault(table, name, message=message, remedy=_BUILD)
                continue
            cells = released.pop(name)
            for column in present(check, table, *row):
                if cells[column] != str(row[column]):
                    message, value = f"The codebook says {str(row[column])!r}.", cells[column]
                    yield Fault(table, name, column, value, message=message, remedy=_BUILD)
        for name in released:
            message = "The table has it, and the codebook has not."
            yield Fault(table, name, message=message, remedy=_BUILD)


@rule(
    "position-code", "Positions are codes of the scale of their issue", "codebook", of_release=False
)
def _position_codes(check: Check) -> Iterator[Fault]:

    def judge(issue: str, position: str) -> Verdict | None:
        if issue not in check.book.issues:  # in a release the table of issues tells
            message, hint = f"The codebook has no issue {issue!r}.", check.hint(issue, check.book)
            return None if check.descriptor.is_release else Verdict("issue_id", message, hint)
        if not position:
            return None
        codes = check.book.scale(issue).codes
        if position in codes:
            return None
        message = f"The scale of {issue} has no code {position!r}."
        return Verdict("position", message, f"Codes: {', '.join(codes)}.")

    made = () if check.descriptor.is_release else ("positions",)  # which a release computes
    for table, _ in check.clean("codings", "stances", *made):
        yield from judged_rows(check, table, ["issue_id", "position"], judge)


@rule(
    "statement-code",
    "Statement-level codes are codes of their variable",
    "codebook",
    module="variables",
)
def _statement_codes(check: Check) -> Iterator[Fault]:
    book = check.book

    def judge(variable: str, code: str) -> Verdict | None:
        if variable not in book.variables:
            message = f"The codebook has no variable {variable!r}."
            return Verdict("variable", message, check.hint(variable, book.variables))
        if code not in book.codes(variable):
            message = f"The codebook has no code {code!r} for {variable}."
            return Verdict("code", message, check.hint(code, book.codes(variable)))
        return None

    for table, _ in check.clean("statement_codings", "statement_codes"):
        yield from judged_rows(check, table, ["variable", "code"], judge)


@rule(
    "released-code",
    "Statements are released with the codes that were settled",
    "statements",
    "statement_codes",
)
def _released(check: Check) -> Iterator[Fault]:
    statements, settled = check.text["statements"], check.text["statement_codes"]
    for variable in settled["variable"].cat.categories:
        for column in present(check, "statements", variable):
            codes = settled[settled["variable"] == variable]
            units, settled_units = shared_keys(
                statements, ["statement_id"], codes, ["statement_id"]
            )
            cells, settled_cells = shared_keys(
                statements, ["statement_id", column], codes, ["statement_id", "code"]
            )
            is_wrong = np.isin(units, settled_units) & ~np.isin(cells, settled_cells)
            for row in map(int, np.flatnonzero(is_wrong)):
                code = codes["code"].array[int(np.flatnonzero(settled_units == units[row])[0])]
                message, value = (
                    f"Settled as {code!r} in statement_codes.",
                    statements[column].array[row],
                )
                yield Fault("statements", row, column, value, message=message, remedy=_BUILD)
