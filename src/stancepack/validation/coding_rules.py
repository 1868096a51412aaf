"""Rules on the codebook, codes and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.contract import round_order
from stancepack.errors import StancepackError, did_you_mean
from stancepack.project.adjudication import rules_of
from stancepack.release.figures import figures
from stancepack.reliability.result import CONVENTIONS, FEWEST
from stancepack.validation.findings import Check
from stancepack.validation.rules import At, rule

# codebook


def check_codebook(check: Check) -> None:
    """Read the codebook, and check that its own examples fit its scales."""
    if check.dirty("codebook"):
        return
    try:
        problems = check.book.problems()
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        why = (
            str(error)
            if isinstance(error, StancepackError)
            else f"The codebook has not the shape of one: {error}."
        )
        check.add("codebook", "codebook", "", "", "", why, "Mend the codebook, or restore it.")
        return
    for problem in problems:
        where = problem.partition(":")[0]
        check.add(
            "codebook",
            "codebook",
            where,
            "",
            "",
            problem,
            "Mend the codebook; its own examples must fit its scales.",
        )


@rule("rounds", "rounds")
def _rounds(check: Check) -> Iterator[At]:
    again = _again(check)
    for name, first in again.items():
        if first in again:
            message = f"It codes {first} again, which is {'itself' if first == name else 'no round of its own'}."
            yield "rounds", name, "of", first, message, "Name the round that was coded first."


def _again(check: Check) -> dict[str, str]:
    """Return the rounds that code the statements of another one again, with that one; they settle nothing."""
    return {
        row.round: row.of
        for _, text in check.clean("rounds")
        for row in text.itertuples()
        if row.of
    }


def _matrix(check: Check, table: str, variable: str, wanted: Iterable[str]) -> Iterator[At]:
    frame, wanted = check.text[table], list(wanted)
    for round_name, part in frame.groupby("round"):
        coders, units = sorted(part["coder_id"].unique()), sorted(part["statement_id"].unique())
        there = set(zip(part["statement_id"], part[variable], part["coder_id"], strict=True))
        for unit, name in product(units, wanted):
            lost = ", ".join(coder for coder in coders if (unit, name, coder) not in there)
            if lost:
                yield (
                    *(table, f"{round_name}, {unit}, {name}", "coder_id", lost),
                    f"The statement was coded, but not on {name} by {lost}.",
                    "A matrix is complete: code it, as NA if it is not addressed.",
                )
        if len(coders) < 2 and round_name not in _again(check):
            remedy = "Agreement needs a second, blind coder."
            yield (
                table,
                str(round_name),
                "coder_id",
                ", ".join(coders),
                "The round has one coder.",
                remedy,
            )
    for _, statements in check.clean("statements"):
        for unit in sorted({*statements["statement_id"]} - {*frame["statement_id"]}):
            remedy = "Code it in a round of its own, or leave it out."
            yield table, unit, "statement_id", "", "Nobody coded this statement.", remedy


@rule("matrix", "codings", "issues", "rounds")
def _codings_complete(check: Check) -> Iterator[At]:
    yield from _matrix(check, "codings", "issue_id", check.text["issues"]["issue_id"])


@rule("codebook", "codebook", "issues")
def _same_issues(check: Check) -> Iterator[At]:
    book, table = {*check.book.issues}, {*check.text["issues"]["issue_id"]}
    for issue in sorted(book ^ table):
        message = f"The issue stands in the {'codebook' if issue in book else 'table'} only."
        yield "codebook", issue, "issues", issue, message, "Run `stancepack build`."


@rule("statement-code", "codebook")
def _statement_codes(check: Check) -> Iterator[At]:
    book = check.book
    for table, text in check.clean("statement_codings", "statement_codes"):
        for row, (variable, code) in enumerate(zip(text["variable"], text["code"], strict=True)):
            if variable not in book.variables:
                message = f"The codebook has no variable {variable!r}."
                yield (
                    table,
                    check.row_id(table, row),
                    "variable",
                    variable,
                    message,
                    did_you_mean(variable, book.variables),
                )
            elif code not in book.codes(variable):
                message = f"The codebook has no code {code!r} for {variable}."
                yield (
                    table,
                    check.row_id(table, row),
                    "code",
                    code,
                    message,
                    did_you_mean(code, book.codes(variable)),
                )


@rule("matrix-statement", "statement_codings", "codebook", "rounds")
def _statement_codings_complete(check: Check) -> Iterator[At]:
    yield from _matrix(check, "statement_codings", "variable", check.book.variables)


@rule("settled", "codings", "stances", "coders", "codebook", "rounds")
def _stances_settled(check: Check) -> Iterator[At]:
    yield from _settled(check, "codings", "stances", "issue_id", "position")


@rule("settled-statement", "statement_codings", "statement_codes", "coders", "codebook", "rounds")
def _codes_settled(check: Check) -> Iterator[At]:
    yield from _settled(check, "statement_codings", "statement_codes", "variable", "code")


def _settled(check: Check, coded: str, settled: str, variable: str, code: str) -> Iterator[At]:
    coders = check.text["coders"]
    roles = dict(zip(coders["coder_id"], coders["role"], strict=True)) if "role" in coders else {}
    latest: dict[tuple[str, str], str] = {}
    given: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    again = _again(check)
    for row in check.text[coded].to_dict("records"):
        if row["round"] in again:
            continue
        key = row["statement_id"], row[variable]
        latest[key] = max(latest.get(key, ""), row["round"], key=round_order)
        given[(*key, row["round"])][row["coder_id"]] = row[code]
    done = {
        (row["statement_id"], row[variable]): row for row in check.text[settled].to_dict("records")
    }
    for key in latest:
        if key not in done:
            yield (
                settled,
                ", ".join(key),
                "",
                "",
                "Coded, but not settled.",
                "Settle it, or build again.",
            )
    for key, row in done.items():
        at = (settled, ", ".join(key))
        if key not in latest:
            yield (
                *at,
                code,
                row[code],
                "Settled, but nobody coded it.",
                "Code it, or remove the row.",
            )
            continue
        codes = given[(*key, latest[key])]
        both = ", ".join(sorted(set(codes.values())))
        agreed = len(set(codes.values())) == 1
        if row["settled_by"] == "agreement":
            if not agreed:
                yield (
                    *at,
                    "settled_by",
                    "agreement",
                    f"The coders differed: {both}.",
                    "Settle it by adjudication.",
                )
            elif row[code] not in codes.values():
                yield (
                    *at,
                    code,
                    row[code],
                    f"The coders agreed on {both}.",
                    f"Write the code agreed on, {both}.",
                )
        elif agreed:
            yield (
                *at,
                "settled_by",
                row["settled_by"],
                f"The coders agreed: {both}.",
                "There is nothing to settle.",
            )
        else:
            yield from (at + rest for rest in _adjudicated(check.book, row, codes, roles))


def _adjudicated(
    book: Codebook, row: dict[str, str], codes: dict[str, str], roles: dict[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    """Check rule, reason and adjudicator of a disagreement that was settled."""
    rules, reason = (
        rules_of(row["rationale"].partition(":")[0]),
        row["rationale"].partition(":")[2].strip(),
    )
    unknown = [name for name in rules if name not in book.rules]
    if not reason or not rules:
        yield (
            "rationale",
            row["rationale"],
            "Settled without a rule and a reason.",
            "Write `R5: reason`.",
        )
    elif unknown:
        message = f"The codebook has no rule {', '.join(unknown)}."
        yield "rationale", row["rationale"], message, did_you_mean(unknown[0], book.rules)
    judge = row["adjudicator"]
    judges = ", ".join(name for name, role in roles.items() if role == "adjudicator")
    if not judge:
        yield (
            "adjudicator",
            "",
            "Nobody is named as adjudicator.",
            f"Name who settled it; adjudicators: {judges or 'none'}.",
        )
    elif judge in codes:
        yield (
            "adjudicator",
            judge,
            "The adjudicator coded this statement.",
            "Somebody else must settle it.",
        )
    elif roles.get(judge, "adjudicator") != "adjudicator":
        yield (
            "adjudicator",
            judge,
            f"The role of {judge} is {roles[judge]}.",
            f"Name an adjudicator: {judges or 'none'}.",
        )


@rule("released-code", "statements", "statement_codes")
def _released(check: Check) -> Iterator[At]:
    settled = (
        check.text["statement_codes"].set_index(["statement_id", "variable"])["code"].to_dict()
    )
    statements = {row["statement_id"]: row for row in check.text["statements"].to_dict("records")}
    for (unit, variable), code in settled.items():
        released = statements.get(unit, {}).get(variable, code)
        if released != code:
            yield (
                "statements",
                unit,
                variable,
                released,
                f"Settled as {code!r} in statement_codes.",
                "Run `stancepack build`.",
            )


@rule("agreement", "agreement", "codings", "issues", "codebook", "rounds")
def _agreement(check: Check) -> Iterator[At]:
    others = pd.DataFrame(columns=["round", "statement_id", "variable", "coder_id", "code"])
    yield from compare_figures(
        check,
        figures(check.frame("codings"), others, check.book, _again(check)),
        {*check.book.variables, "unit"},
    )


@rule("agreement-statement", "agreement", "statement_codings", "codebook", "rounds")
def _agreement_statement(check: Check) -> Iterator[At]:
    none = pd.DataFrame(columns=["round", "statement_id", "issue_id", "coder_id", "position"])
    fresh = figures(none, check.frame("statement_codings"), check.book, _again(check))
    yield from compare_figures(
        check, fresh, {*check.text["agreement"]["variable"]} - {*check.book.variables}
    )


def compare_figures(
    check: Check, computed: list[dict[str, Any]], elsewhere: set[str]
) -> Iterator[At]:
    """Compare the figures of the table with those computed afresh, but not those of variables that stand elsewhere."""
    remedy = "Run `stancepack build`."
    fresh = {(row["round"], row["variable"], row["coefficient"]): row for row in computed}
    there = {
        (r["round"], r["variable"], r["coefficient"]): r
        for r in check.text["agreement"].to_dict("records")
    }
    for key in fresh:
        if key not in there:
            yield "agreement", ", ".join(key), "", "", "The figure is missing.", remedy
    for key, row in there.items():
        at = ("agreement", ", ".join(key))
        if row["variable"] in elsewhere:
            continue
        if key not in fresh:
            yield *at, "variable", row["variable"], "No codes give this figure.", remedy
            continue
        for column in ("value", "low", "high"):
            figure = fresh[key][column]
            expected = "" if figure != figure else f"{figure + 0.0:.4f}"
            same = row[column] == expected or (
                row[column] and expected and abs(float(row[column]) - float(expected)) < 0.0002
            )
            if not same:
                yield (
                    *at,
                    column,
                    row[column],
                    f"Recomputed from the codings: {expected or 'not defined'}.",
                    remedy,
                )
        for column in ("level", "n_units", "n_coders", "verdict"):
            if row[column] != str(fresh[key][column]):
                why = f"By the codings: {fresh[key][column]}."
                if column == "verdict":
                    bars = ", ".join(f"{word} from {bar}" for word, bar in CONVENTIONS.items())
                    why += f" ({bars} at the lower end; no verdict under {FEWEST} units.)"
                yield *at, column, row[column], why, remedy
