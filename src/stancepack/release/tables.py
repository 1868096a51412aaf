"""The released tables, made from ``seeds/`` and ``coding/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.dataset.codebook import NOT_ADDRESSED, Codebook
from stancepack.dataset.contract import round_order
from stancepack.dataset.dates import bounds
from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE
from stancepack.files.tables import Row, read_rows
from stancepack.project.adjudication import CONDITION, cells, ledger
from stancepack.project.bibliography import read_sources
from stancepack.project.coders import read_coders
from stancepack.project.rounds import TRAINING, Round, complete_rounds, read_round
from stancepack.project.units import UNITS, read_units
from stancepack.release.figures import figures
from stancepack.release.unit_figures import unit_figures

POSITIONS = {
    -2: "strongly against",
    -1: "against, with qualifications",
    0: "addressed, balanced or no side taken",
    1: "for, with qualifications",
    2: "strongly for",
}
FORMULA = ("=", "+", "-", "@")
Tables = dict[str, list[dict[str, Any]]]


def released_tables(home: Path, book: Codebook) -> Tables:
    """Return the rows of every released table."""
    units = read_units(home)
    coders = read_coders(home)
    seeds = {
        name: read_rows(home / "seeds" / f"{name}.csv", columns)
        for name, columns in {
            "actors": ["actor_id", "name", "kind", "side"],
            "offices": ["office_id", "actor_id", "title", "kind", "start", "end", "source"],
            "events": ["event_id", "title", "date", "source"],
            "systems": ["system_id", "name", "kind", "description", "parent"],
            "discrepancies": [
                "discrepancy_id",
                "statement_id",
                "aspect",
                "article_has",
                "source_has",
                "source",
            ],
        }.items()
    }
    for name, place, columns in (
        ("coverage", "seeds", ["coverage_id", "source", "period", "query", "screened_by", "found"]),
        ("retired", "coding", ["id", "table", "version", "reason"]),
    ):
        path = home / place / f"{name}.csv"
        seeds[name] = read_rows(path, columns) if path.exists() else []
    codings, statement_codings = _codings(home, book)
    coded = {unit for unit, _ in cells(home)}
    units = [
        unit for unit in units if unit["statement_id"] in coded
    ]  # the others wait for their round
    stances, statement_codes = _settled(home, book, units)
    again = {this.name: this.of for this in complete_rounds(home) if this.of}
    tables: Tables = {
        **seeds,
        "rounds": [_round(this) for this in complete_rounds(home)],
        "sources": read_sources(home),
        "issues": _issues(book),
        "statements": _statements(units, seeds["offices"], statement_codes, home),
        "statement_systems": [
            {"statement_id": unit["statement_id"], "system_id": system}
            for unit in units
            for system in unit.get("systems", "").split()
        ],
        "coders": [row | {"training": _training(home, row)} for row in coders.values()],
        "codings": codings,
        "statement_codings": statement_codings,
        "stances": stances,
        "statement_codes": statement_codes,
        "agreement": _agreement(home, codings, statement_codings, book, again),
    }
    return tables


def _round(this: Round) -> dict[str, Any]:
    coded = {row["statement_id"] for coder in this.sheets for row in this.rows(coder)}
    return {
        "round": this.name,
        "of": this.of,
        "codebook_version": this.codebook_version,
        "codebook_sha256": this.codebook_sha256,
        "n_statements": len(coded),
        "n_coders": len(this.sheets),
        "sealed": max(str(sheet["sealed"]) for sheet in this.sheets.values()),
    }


def _issues(book: Codebook) -> list[dict[str, Any]]:
    names = {-2: "minus2", -1: "minus1", 0: "zero", 1: "plus1", 2: "plus2"}
    return [
        {
            "issue_id": issue,
            "title": body["title"],
            "question": body["question"],
            "scope": body.get("scope", ""),
        }
        | {column: body["codes"].get(code, {}).get("label", "") for code, column in names.items()}
        for issue, body in book.issues.items()
    ]


def _training(home: Path, coder: Row) -> str:
    manifest = home / "coding" / "rounds" / TRAINING / "manifest.yaml"
    if coder["role"] != "coder" or not manifest.exists():
        return ""
    this = read_round(home, TRAINING)
    record = this.sheets.get(coder["coder_id"])
    if not record or "cells" not in record:
        return ""
    version = record.get("training", "")
    tries = this.failed.get(coder["coder_id"], 0) + 1
    again = f", at try {tries}" if tries > 1 else ""
    share = f"{record['cells']:.0%} of cells, {record['positions']:.0%} of positions right"
    return f"Training set {version}: {share}{again}."


def _codings(home: Path, book: Codebook) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    codings, others = [], []
    for this in complete_rounds(home):
        for coder in this.sheets:
            for row in this.rows(coder):
                head = {"round": this.name, "statement_id": row["statement_id"]}
                tail = {
                    "coder_id": coder,
                    "confidence": row["confidence"],
                    # a spreadsheet would run a note that begins with a sign as a formula
                    "note": f"Note: {row['note']}"
                    if row["note"].startswith(FORMULA)
                    else row["note"],
                    "codebook_version": this.codebook_version,
                }
                if row["variable"] in book.issues:
                    codings.append(
                        head | {"issue_id": row["variable"], "position": row["code"]} | tail
                    )
                else:
                    others.append(head | {"variable": row["variable"], "code": row["code"]} | tail)
    return codings, others


def _settled(
    home: Path, book: Codebook, units: list[Row]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    coded, done = cells(home), ledger(home)
    stances: list[dict[str, Any]] = []
    codes: list[dict[str, Any]] = []
    left: list[str] = []
    for unit in units:
        for variable in [*book.issues, *book.variables]:
            cell = coded.get((unit["statement_id"], variable))
            if cell is None:
                continue
            key = (cell.round.name, cell.statement_id, variable)
            row = done.get(key)
            if cell.agreed:
                if row is not None:
                    raise StancepackError(
                        f"coding/adjudications.csv, {', '.join(key)}: the coders agreed; there is nothing to settle."
                    )
                code, how = (
                    next(iter(cell.codes.values())),
                    {"settled_by": "agreement", "rationale": "", "adjudicator": ""},
                )
            elif row is None:
                left.append(", ".join(key))
                continue
            else:
                code = row["code"]
                how = {
                    "settled_by": "adjudication",
                    "rationale": f"{row['rule']}: {row['reason']}",
                    "adjudicator": row["adjudicator"],
                }
            target, name, value = (
                (stances, "issue_id", "position")
                if variable in book.issues
                else (codes, "variable", "code")
            )
            target.append({"statement_id": unit["statement_id"], name: variable, value: code} | how)
            if variable == "conditional" and code == "yes":
                wording = done.get((cell.round.name, cell.statement_id, CONDITION))
                if wording is None:
                    left.append(f"{cell.round.name}, {cell.statement_id}, {CONDITION}")
    if left:
        raise StancepackError(
            f"coding/adjudications.csv: {len(left)} left to settle (see `stancepack adjudicate`), first: {left[0]}."
        )
    return stances, codes


def _statements(
    units: list[Row], offices: list[Row], codes: list[dict[str, Any]], home: Path
) -> list[dict[str, Any]]:
    settled: dict[str, dict[str, str]] = {}
    for row in codes:
        settled.setdefault(row["statement_id"], {})[row["variable"]] = row["code"]
    by_round = sorted(ledger(home).items(), key=lambda item: round_order(item[0][0]))
    conditions = {
        unit: row["code"] for (_, unit, variable), row in by_round if variable == CONDITION
    }
    rows = []
    known = {unit["statement_id"] for unit in units}
    for unit in units:
        name = unit["statement_id"]
        try:
            first, last = bounds(unit["date"])
        except StancepackError as error:
            raise StancepackError(f"{UNITS}, {name}, date: {error}") from None
        mine = settled.get(name, {})
        conditional = mine.get("conditional") == "yes"
        rows.append(
            unit
            | mine
            | {
                "office_id": unit.get("office_id")
                or _office(unit, first.isoformat(), last.isoformat(), offices),
                "date_earliest": first.isoformat(),
                "date_latest": last.isoformat(),
                "condition": conditions.get(name, "") if conditional else "",
                "verified": "text" if unit["start"] else unit.get("verified", ""),
                "repeats": unit.get("repeats", "")
                if unit.get("repeats") in known
                else "",  # else it waits for its round
                "quote": PIECE.join(piece.strip() for piece in unit["quote"].split("|"))
                if unit["quote"]
                else "",
            }
        )
    return rows


def _office(unit: Row, first: str, last: str, offices: list[Row]) -> str:
    """Return the one office that the speaker can have held on the day; several must be told apart in the unit list."""
    held = []
    for office in offices:
        if office["actor_id"] == unit["actor_id"]:
            try:
                start = bounds(office["start"])[0].isoformat() if office["start"] else ""
                end = bounds(office["end"])[1].isoformat() if office["end"] else "9999"
            except StancepackError as error:
                raise StancepackError(
                    f"seeds/offices.csv, {office['office_id']}: {error}"
                ) from None
            if start <= last and first <= end:
                held.append(office["office_id"])
    if len(held) > 1:
        raise StancepackError(
            f"{UNITS}, {unit['statement_id']}: between {first} and {last} the speaker held {' and '.join(held)}; "
            "name the one that the source gives in the column office_id."
        )
    return held[0] if held else ""


def _agreement(
    home: Path,
    codings: list[dict[str, Any]],
    others: list[dict[str, Any]],
    book: Codebook,
    again: dict[str, str],
) -> list[dict[str, Any]]:
    frame = pd.DataFrame(
        codings, columns=["round", "statement_id", "issue_id", "coder_id", "position"]
    )
    frame["position"] = pd.to_numeric(
        frame["position"].mask(frame["position"] == NOT_ADDRESSED)
    ).astype("Int64")
    other = pd.DataFrame(others, columns=["round", "statement_id", "variable", "coder_id", "code"])
    rows = unit_figures(home) + figures(frame, other, book, again)
    return [row | {part: _figure(row[part]) for part in ("value", "low", "high")} for row in rows]


def _figure(value: float) -> str:
    """Write a figure with four decimals; an undefined one is empty."""
    return "" if value != value else f"{value + 0.0:.4f}"
