"""The released tables, made from what is kept in ``seeds/`` and ``coding/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.dates import bounds
from stancepack.dataset.scales import ADDRESSED, NO, NOT_ADDRESSED, UNADDRESSED, YES
from stancepack.dataset.tidy import COLUMNS, settling_codings, tidy_positions
from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE
from stancepack.files.tables import Row
from stancepack.project.adjudication import CONDITION
from stancepack.project.offices import offices_held
from stancepack.project.project import Project
from stancepack.project.rounds import Round
from stancepack.project.units import UNITS, actors_of
from stancepack.release.codes import as_text, codings, settled_codes
from stancepack.release.figures import figures
from stancepack.release.unit_figures import unit_figures

Rows = list[dict[str, Any]]


def released_tables(project: Project) -> dict[str, Rows | pd.DataFrame]:
    """Return every table that may be released: those of codes as frames, the others as rows.

    Raises
    ------
    StancepackError
        If something in ``seeds/`` or ``coding/`` is wrong or left to settle.
    """
    book, settled = project.codebook, settled_codes(project)
    on_issues, on_statements = codings(project)
    agreement = _agreement(project, on_issues, on_statements)  # it needs most memory of all
    coded = set(settled["statement_id"])  # other units wait for their round
    units = [unit for name, unit in project.units.items() if name in coded]
    statement_codes = settled[settled["variable"].isin(list(book.variables))]
    stances = settled[settled["variable"].isin(list(book.issues))]
    tables: dict[str, Rows | pd.DataFrame] = {
        **project.seeds,
        "sources": list(project.sources.values()),
        "issues": issue_rows(book),
        "codes": code_rows(book),
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
        "assignments": _assignments(project),
        "codings": _with_addressed(on_issues),
        "statement_codings": on_statements,
        "stances": _with_addressed(
            stances.rename(columns={"variable": "issue_id", "code": "position"})
        ),
        "statement_codes": statement_codes,
        "agreement": agreement,
    }
    return tables | {"positions": _positions(project, tables)}


def _positions(project: Project, tables: Mapping[str, Rows | pd.DataFrame]) -> pd.DataFrame:
    """Return the settled positions with all that is asked of them, as text."""
    frames: dict[str, pd.DataFrame] = {}
    for resource in project.declared["resources"]:
        name, rows = resource["name"], tables.get(resource["name"])
        if name not in COLUMNS:
            continue
        declared = [body["name"] for body in resource["schema"]["fields"]]
        frame = pd.DataFrame(rows, columns=declared if name == "statements" else COLUMNS[name])
        if name == "codings":  # every code of every round: as text they would fill the memory
            frame = settling_codings(frame, frames["rounds"])
        if "position" in frame:
            frame = frame.dropna(subset=["position"])
        cells = frame.astype("str")
        frames[name] = cells.mask(cells == "")
    return tidy_positions(frames, project.codebook)


def _with_addressed(rows: pd.DataFrame) -> pd.DataFrame:
    """Say in a column of its own what coders write as NA, so that positions are codes or empty."""
    is_addressed = rows["position"] != NOT_ADDRESSED
    words = is_addressed.map({True: ADDRESSED, False: UNADDRESSED}).astype("category")
    return rows.assign(addressed=words, position=rows["position"].where(is_addressed))


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


def _assignments(project: Project) -> Rows:
    """Return who was to code what in the rounds with a ledger, but of retired statements."""
    return [
        {"round": coding_round.name, **row}
        for coding_round in project.complete_rounds
        for row in coding_round.assigned
        if row["statement_id"] not in project.retired_units
    ]


def issue_rows(book: Codebook) -> Rows:
    """Return the rows of the table of issues."""
    rows = []
    for issue, entry in book.issues.items():
        scale = book.scale(issue)
        low, high = scale.ends if scale.is_ordered else ("", "")
        row = {part: entry.get(part, "") for part in ("title", "question", "scope", "level")}
        rows.append({"issue_id": issue, **row, "low_pole": low, "high_pole": high})
    return rows


def code_rows(book: Codebook) -> Rows:
    """Return the rows of the table of codes."""
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


def _statements(project: Project, units: Iterable[Row], statement_codes: pd.DataFrame) -> Rows:
    settled: dict[str, dict[str, str]] = {}
    columns = (statement_codes[column] for column in ("statement_id", "variable", "code"))
    for unit, variable, code in zip(*columns, strict=True):
        settled.setdefault(unit, {})[variable] = code
    # rounds are in order, so that the wording of a later one replaces an earlier one's
    order = list(project.rounds)
    by_round = sorted(project.ledger.values(), key=lambda row: order.index(row["round"]))
    conditions = {
        row["statement_id"]: as_text(row["code"])
        for row in by_round
        if row["variable"] == CONDITION
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
        row["office_id"] = unit.get("office_id") or _office(project, row)
    if "passages" in project.modules and unit.get("start"):
        row["verified"] = "text"
    return row


def _office(project: Project, statement: Mapping[str, Any]) -> str:
    """Return the one office that the speaker can have held; several must be told apart by hand."""
    held = offices_held(project.seeds["offices"], statement["actor_id"], statement["date"])
    if len(held) > 1:
        where = f"{UNITS}, {statement['statement_id']}"
        what = f"on {statement['date']} the speaker can have held {' and '.join(held)}; "
        raise StancepackError(
            f"{where}: {what}name the one that the source gives in the column office_id."
        )
    return held[0] if held else ""


def _agreement(project: Project, on_issues: pd.DataFrame, on_statements: pd.DataFrame) -> Rows:
    position = on_issues["position"].astype("object")
    positions = on_issues.assign(position=position.mask(position == NOT_ADDRESSED))
    again = {
        coding_round.name: coding_round.of
        for coding_round in project.complete_rounds
        if coding_round.of
    }
    rows = unit_figures(project) + figures(positions, on_statements, project.codebook, again)
    return [
        row | {part: figure_text(row[part]) for part in ("value", "low", "high")} for row in rows
    ]


def figure_text(value: float) -> str:
    """Write a figure with four decimals; an undefined one is empty."""
    return "" if pd.isna(value) else f"{value + 0.0:.4f}"
