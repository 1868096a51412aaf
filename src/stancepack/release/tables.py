"""The released tables, made from what is kept in ``seeds/`` and ``coding/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.dates import bounds
from stancepack.dataset.scales import NO, NOT_ADDRESSED, YES
from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE
from stancepack.files.tables import Row
from stancepack.project.adjudication import CONDITION, LEDGER, CodedCell, coded_cells
from stancepack.project.project import Project
from stancepack.project.rounds import Round, changed_units
from stancepack.project.units import UNITS, actors_of
from stancepack.release.figures import figures
from stancepack.release.unit_figures import unit_figures

FORMULA_SIGNS = ("=", "+", "-", "@")  # with which a spreadsheet takes a text for a formula
_NO_END = "9999"  # sorts after every day
Rows = list[dict[str, Any]]


def released_tables(project: Project) -> dict[str, Rows]:
    """Return the rows of every table of a project that may be released.

    Raises
    ------
    StancepackError
        If something in ``seeds/`` or ``coding/`` is wrong or left to settle.
    """
    cells = coded_cells(project)
    coded = {unit for unit, _ in cells}
    units = [
        unit for name, unit in project.units.items() if name in coded
    ]  # others wait for their round
    _require_unchanged(cells.values())
    stances, statement_codes = _settled(project, units, cells)
    codings, statement_codings = _codings(project)
    return {
        **project.seeds,
        "sources": list(project.sources.values()),
        "issues": _issues(project.codebook),
        "codes": _codes(project.codebook),
        "statements": _statements(project, units, statement_codes),
        "statement_actors": [
            {"statement_id": unit["statement_id"], "actor_id": actor}
            for unit in units
            for actor in actors_of(unit)
        ],
        "statement_systems": [
            {"statement_id": unit["statement_id"], "system_id": system}
            for unit in units
            for system in unit.get("systems", "").split()
        ],
        "coders": [row | {"training": _training(project, row)} for row in project.coders.values()],
        "rounds": [_round(coding_round) for coding_round in project.complete_rounds],
        "codings": codings,
        "statement_codings": statement_codings,
        "stances": stances,
        "statement_codes": statement_codes,
        "agreement": _agreement(project, codings, statement_codings),
    }


def _require_unchanged(cells: Iterable[CodedCell]) -> None:
    """Refuse to release codes of other words than those that were coded."""
    settled: dict[str, set[str]] = {}
    rounds: dict[str, Round] = {}
    for cell in cells:
        rounds[cell.coding_round.name] = cell.coding_round
        settled.setdefault(cell.coding_round.name, set()).add(cell.statement_id)
    for name, coding_round in rounds.items():
        for unit in changed_units(coding_round):
            if unit in settled[name]:
                what = f"was changed after it was coded in {name} (speaker, passage or words)"
                way_out = "restore it, or code it in a new round."
                raise StancepackError(f"{UNITS}: {unit} {what}; {way_out}")


def _round(coding_round: Round) -> dict[str, Any]:
    return {
        "round": coding_round.name,
        "of": coding_round.of,
        "codebook_version": coding_round.codebook_version,
        "codebook_sha256": coding_round.codebook_sha256,
        "n_statements": len(coding_round.units),
        "n_coders": len(coding_round.sheets),
        "sealed": max(sheet["sealed"] for sheet in coding_round.sheets.values()),
    }


def _issues(book: Codebook) -> Rows:
    rows = []
    for issue, entry in book.issues.items():
        scale = book.scale(issue)
        low, high = scale.ends if scale.is_ordered else ("", "")
        row = {part: entry.get(part, "") for part in ("title", "question", "scope", "level")}
        rows.append({"issue_id": issue, **row, "low_pole": low, "high_pole": high})
    return rows


def _codes(book: Codebook) -> Rows:
    rows = []
    for name in book:
        scale = book.scale(name)
        for rank, code in enumerate(scale.codes):
            rows.append(
                {
                    "variable": name,
                    "code": code,
                    "rank": rank + 1,
                    "label": scale.labels[rank],
                    "definition": scale.definitions[rank],
                    "neutral": YES if code == scale.neutral else NO,
                }
            )
    return rows


def _training(project: Project, coder: Row) -> str:
    record = project.training_round
    sheet = record.sheets.get(coder["coder_id"]) if record else None
    if coder["role"] != "coder" or record is None or sheet is None or "cells" not in sheet:
        return ""
    tries = record.failed.get(coder["coder_id"], 0) + 1
    again = f", at try {tries}" if tries > 1 else ""
    share = f"{sheet['cells']:.0%} of cells, {sheet['positions']:.0%} of positions right"
    return f"Training set {sheet.get('training', '')}: {share}{again}."


def _codings(project: Project) -> tuple[Rows, Rows]:
    """Return the codes of all rounds: on issues, and on statements."""
    codings: Rows = []
    statement_codings: Rows = []
    issues = project.codebook.issues
    for coding_round in project.complete_rounds:
        for coder in coding_round.sheets:
            for row in coding_round.rows(coder):
                head = {"round": coding_round.name, "statement_id": row["statement_id"]}
                tail = {
                    "coder_id": coder,
                    "confidence": row["confidence"],
                    "note": as_text(row["note"]),
                    "codebook_version": coding_round.codebook_version,
                }
                if row["variable"] in issues:
                    place = {"issue_id": row["variable"], "position": row["code"]}
                    codings.append(head | place | tail)
                else:
                    place = {"variable": row["variable"], "code": row["code"]}
                    statement_codings.append(head | place | tail)
    return codings, statement_codings


def as_text(note: str) -> str:
    """Return a note that a spreadsheet would run as a formula so that it does not."""
    return f"Note: {note}" if note.startswith(FORMULA_SIGNS) else note


def _settled(
    project: Project, units: Iterable[Row], cells: Mapping[tuple[str, str], CodedCell]
) -> tuple[Rows, Rows]:
    """Return the settled codes, on issues and on statements.

    Raises
    ------
    StancepackError
        If something is left to settle, or was settled where the coders agreed.
    """
    book, stances, statement_codes = project.codebook, [], []
    left: list[tuple[str, str, str]] = []
    for unit in units:
        for variable in [*book.issues, *book.variables]:
            cell = cells.get((unit["statement_id"], variable))
            if cell is None:
                continue
            code, how = _settled_code(project, cell)
            if code is None:
                left.append(cell.key)
                continue
            row = {"statement_id": unit["statement_id"]}
            if variable in book.issues:
                stances.append(row | {"issue_id": variable, "position": code} | how)
            else:
                statement_codes.append(row | {"variable": variable, "code": code} | how)
            if cell.asks_for_condition(code) and cell.condition_key not in project.ledger:
                left.append(cell.condition_key)
    if left:
        first = ", ".join(left[0])
        what = f"{len(left)} left to settle (see `stancepack adjudicate`), first: {first}."
        raise StancepackError(f"{LEDGER}: {what}")
    return stances, statement_codes


def _settled_code(project: Project, cell: CodedCell) -> tuple[str | None, dict[str, str]]:
    row = project.ledger.get(cell.key)
    if cell.agreed:
        if row is not None:
            what = "the coders agreed; there is nothing to settle."
            raise StancepackError(f"{LEDGER}, {', '.join(cell.key)}: {what}")
        how = {"settled_by": "agreement", "rationale": "", "adjudicator": ""}
        return next(iter(cell.codes.values())), how
    if row is None:
        return None, {}
    rationale = f"{row['rule']}: {row['reason']}"
    how = {"settled_by": "adjudication", "rationale": rationale, "adjudicator": row["adjudicator"]}
    return row["code"], how


def _statements(project: Project, units: Iterable[Row], statement_codes: Rows) -> Rows:
    settled: dict[str, dict[str, str]] = {}
    for row in statement_codes:
        settled.setdefault(row["statement_id"], {})[row["variable"]] = row["code"]
    # rounds are in order, so that the wording of a later one replaces an earlier one's
    order = list(project.rounds)
    by_round = sorted(project.ledger.values(), key=lambda row: order.index(row["round"]))
    conditions = {
        row["statement_id"]: row["code"] for row in by_round if row["variable"] == CONDITION
    }
    released = {unit["statement_id"] for unit in units}
    return [
        _statement(project, unit, settled.get(unit["statement_id"], {}), conditions, released)
        for unit in units
    ]


def _statement(
    project: Project,
    unit: Row,
    codes: Mapping[str, str],
    conditions: Mapping[str, str],
    released: set[str],
) -> dict[str, Any]:
    name = unit["statement_id"]
    try:
        first, last = (day.isoformat() for day in bounds(unit["date"]))
    except StancepackError as error:
        raise StancepackError(f"{UNITS}, {name}, date: {error}") from None
    plays = project.codebook.plays
    conditional = any(plays("conditional", variable, code) for variable, code in codes.items())
    repeats = unit.get("repeats", "")
    pieces = [piece.strip() for piece in unit.get("quote", "").split("|")]
    row = {
        **unit,
        **codes,
        "actor_id": actors_of(unit)[0] if actors_of(unit) else "",
        "date_earliest": first,
        "date_latest": last,
        "condition": conditions.get(name, "") if conditional else "",
        "repeats": repeats if repeats in released else "",  # else it waits for its round
        "quote": PIECE.join(pieces) if unit.get("quote") else "",
    }
    if "offices" in project.modules:
        row["office_id"] = unit.get("office_id") or _office(project, row, first, last)
    if "passages" in project.modules and unit.get("start"):
        row["verified"] = "text"
    return row


def _office(project: Project, statement: Mapping[str, Any], first: str, last: str) -> str:
    """Return the one office that the speaker can have held on the day; several must be told apart in the unit list."""
    held = []
    for office in project.seeds["offices"]:
        if office["actor_id"] == statement["actor_id"]:
            try:
                start = bounds(office["start"])[0].isoformat() if office.get("start") else ""
                end = bounds(office["end"])[1].isoformat() if office.get("end") else _NO_END
            except StancepackError as error:
                raise StancepackError(
                    f"seeds/offices.csv, {office['office_id']}: {error}"
                ) from None
            if start <= last and first <= end:
                held.append(office["office_id"])
    if len(held) > 1:
        where = f"{UNITS}, {statement['statement_id']}"
        what = f"between {first} and {last} the speaker held {' and '.join(held)}; "
        raise StancepackError(
            f"{where}: {what}name the one that the source gives in the column office_id."
        )
    return held[0] if held else ""


def _agreement(project: Project, codings: Rows, statement_codings: Rows) -> Rows:
    columns = ["round", "statement_id", "issue_id", "coder_id", "position"]
    positions = pd.DataFrame(codings, columns=columns)
    positions["position"] = positions["position"].mask(positions["position"] == NOT_ADDRESSED)
    columns = ["round", "statement_id", "variable", "coder_id", "code"]
    codes = pd.DataFrame(statement_codings, columns=columns)
    again = {
        coding_round.name: coding_round.of
        for coding_round in project.complete_rounds
        if coding_round.of
    }
    rows = unit_figures(project) + figures(positions, codes, project.codebook, again)
    return [
        row | {part: figure_text(row[part]) for part in ("value", "low", "high")} for row in rows
    ]


def figure_text(value: float) -> str:
    """Write a figure with four decimals; an undefined one is empty."""
    return "" if pd.isna(value) else f"{value + 0.0:.4f}"
