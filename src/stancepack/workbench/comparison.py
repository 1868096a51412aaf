"""Sealed sheets of a round beside each other: agreement, confusions, and how agreement drifts.

Everything is computed from sealed sheets; when somebody coded a statement comes from the journal.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from stancepack.dataset.scales import NOT_ADDRESSED, in_order
from stancepack.project.coded import sealed_codes
from stancepack.project.filled import coded_names

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.dataset.codebook import Codebook
    from stancepack.project.rounds import Round

_PARTS = 5  # of a coder's order, each of about as many statements
_MOST_DAYS = 10  # that are shown one by one; more are shown by week
_FEWEST = 10  # statements of which a share gets an interval
_NORMAL = 1.959964  # standard errors to each side of a share: 95 %
_FIGURES = ("value", "low", "high", "level", "n_units", "verdict", "note")
Cells = dict[str, tuple[int, int]]  # by statement: cells that were compared, and that agree


def agreement_of(coding_round: Round) -> list[dict[str, Any]]:
    """Return the agreement of a round for everything that was coded, with its interval.

    Parameters
    ----------
    coding_round
        A round with two sealed sheets or more.

    Returns
    -------
    list of dict
        ``variable``, ``aspect`` (``addressed`` or ``code``: an issue is first found addressed or
        not, and has a position only where coders found it so), ``alpha`` with ``low``, ``high``,
        ``level``, ``n_units``, ``verdict``, ``note``, and ``percent``.
    """
    book, codes = coding_round.codebook, sealed_codes([coding_round])
    rows = []
    for variable in coded_names(book):
        given = codes[codes["variable"] == variable]
        if variable in book.issues:
            is_addressed = given["code"].astype("str") != NOT_ADDRESSED
            addressed = given.assign(code=is_addressed)
            rows.append(_figures(variable, "addressed", addressed, "nominal"))
            given = given[is_addressed]
        scale = book.scale(variable)
        ordered = given.assign(code=in_order(given["code"], scale))
        rows.append(_figures(variable, "code", ordered, scale.level))
    return rows


def _figures(variable: str, aspect: str, codes: pd.DataFrame, level: str) -> dict[str, Any]:
    from stancepack.reliability.agreement import agreements
    from stancepack.reliability.codings import codings

    named: dict[str, Any] = {"variable": variable, "aspect": aspect}
    if not codes.groupby("statement_id", observed=True)["coder_id"].nunique().gt(1).any():
        nothing = dict.fromkeys(_FIGURES, None) | {"alpha": None, "percent": None, "n_units": 0}
        return {**named, **nothing, "level": level, "verdict": "undefined", "note": ""}
    given = codings(codes, unit="statement_id", coder="coder_id", value="code")
    alpha, percent = agreements(given, coefficients=("alpha", "percent"), level=level)
    figures = {name: _number(getattr(alpha, name)) for name in _FIGURES}
    return {**named, **figures, "alpha": figures["value"], "percent": _number(percent.value)}


def _number(value: Any) -> Any:
    """Return a figure as JSON has it: what is not defined is nothing."""
    return None if isinstance(value, float) and math.isnan(value) else value


def confusions_of(coding_round: Round) -> list[dict[str, Any]]:
    """Return which codes stood beside which others: pairs of codes, without who gave them.

    Parameters
    ----------
    coding_round
        A round with two sealed sheets or more.

    Returns
    -------
    list of dict
        ``variable``, ``codes`` (two of them in the order of the scale), how ``often``; most often
        first.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    book = coding_round.codebook
    for (_, variable), given in _by_cell(coding_round).items():
        order = {code: number for number, code in enumerate(book.codes(variable))}
        for pair in combinations(sorted(given.values(), key=order.__getitem__), 2):
            if pair[0] != pair[1]:
                counts[variable, *pair] += 1
    return [
        {"variable": variable, "codes": [code, other], "often": often}
        for (variable, code, other), often in counts.most_common()
    ]


def drift_by_order(coding_round: Round) -> list[dict[str, Any]]:
    """Return the share of codes on which a coder and the others agree, along the coder's own order.

    Cells that nobody found addressed are left out: they agree by having nothing in them. Intervals
    take the statement as what was drawn, as its cells are coded together.

    Parameters
    ----------
    coding_round
        A round with two sealed sheets or more.

    Returns
    -------
    list of dict
        ``coder``, ``when`` (the numbers of the first and last statement), ``share``, ``low``,
        ``high``, ``n_cells``.
    """
    rows = []
    for coder in sorted(coding_round.sheets):
        in_order = coding_round.order_of(coder)
        cells = _agreeing(coding_round, coder)
        for first, last in _parts(len(in_order)):
            when = f"{first + 1}–{last}"
            rows.append({"coder": coder, "when": when, **_share(cells, in_order[first:last])})
    return rows


def drift_by_time(
    coding_round: Round, days: Mapping[str, Mapping[str, date]]
) -> list[dict[str, Any]]:
    """Return the same share by the day, or week, on which a coder last changed a statement's codes.

    Parameters
    ----------
    coding_round
        A round with two sealed sheets or more.
    days
        For each coder the day of each statement; coders who used sheets have none.

    Returns
    -------
    list of dict
        As for `drift_by_order`; ``when`` is a date, or the Monday of a week.
    """
    rows = []
    for coder in sorted(coding_round.sheets):
        own = days.get(coder, {})
        by_week = len({*own.values()}) > _MOST_DAYS
        cells = _agreeing(coding_round, coder)
        statements: dict[str, list[str]] = {}
        for statement, day in sorted(own.items(), key=lambda coded: coded[1]):
            monday = date.fromisocalendar(*day.isocalendar()[:2], 1)
            when = f"week of {monday}" if by_week else f"{day}"
            statements.setdefault(when, []).append(statement)
        for when, coded in statements.items():
            rows.append({"coder": coder, "when": when, **_share(cells, coded)})
    return rows


def _by_cell(coding_round: Round) -> dict[tuple[str, str], dict[str, str]]:
    """Return the codes of each statement and variable, by coder."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for coder in sorted(coding_round.sheets):
        for row in coding_round.rows(coder):
            cells.setdefault((row["statement_id"], row["variable"]), {})[coder] = row["code"]
    return cells


def _agreeing(coding_round: Round, coder: str) -> Cells:
    """Count by statement what a coder and another one compare, and on how much they agree."""
    book: Codebook = coding_round.codebook
    counts: Cells = {}
    for (statement, variable), given in _by_cell(coding_round).items():
        own = given.pop(coder, None)
        for code in given.values() if own is not None else ():
            if variable not in book.issues or {own, code} != {NOT_ADDRESSED}:
                compared, agreeing = counts.get(statement, (0, 0))
                counts[statement] = compared + 1, agreeing + (own == code)
    return counts


def _share(cells: Cells, statements: Sequence[str]) -> dict[str, Any]:
    """Return the share of cells that agree, with an interval from how statements differ."""
    counts = [cells[statement] for statement in statements if statement in cells]
    n_cells, agreeing = (
        (sum(numbers) for numbers in zip(*counts, strict=True)) if counts else (0, 0)
    )
    figure: dict[str, Any] = {"share": None, "low": None, "high": None, "n_cells": n_cells}
    if not n_cells:
        return figure
    share = agreeing / n_cells
    figure["share"] = share
    if len(counts) >= _FEWEST:
        # a ratio of two sums over statements, linearised
        squares = sum((agree - share * compared) ** 2 for compared, agree in counts)
        error = math.sqrt(squares * len(counts) / (len(counts) - 1)) / n_cells
        figure["low"] = max(share - _NORMAL * error, 0.0)
        figure["high"] = min(share + _NORMAL * error, 1.0)
    return figure


def _parts(number: int) -> Iterator[tuple[int, int]]:
    """Cut so many statements into parts of about one size, none of them empty."""
    n_parts = min(_PARTS, number)
    bounds = [round(number * part / n_parts) for part in range(n_parts + 1)] if n_parts else []
    yield from pairwise(bounds)
