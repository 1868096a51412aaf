"""Building the released tables: a pure function of ``seeds/`` and ``coding/``, without clock or network."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.dataset.codebook import NOT_ADDRESSED, Codebook
from stancepack.dataset.contract import round_order
from stancepack.dataset.dates import bounds
from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import StancepackError
from stancepack.figures import figures
from stancepack.files.atomic import write, write_all
from stancepack.files.passages import PIECE, fingerprint
from stancepack.files.paths import CODEBOOK, DESCRIPTOR, find
from stancepack.files.tables import Row, csv_text, read_rows
from stancepack.project.adjudication import CONDITION, cells, ledger
from stancepack.project.bibliography import read_sources
from stancepack.project.coders import read_coders
from stancepack.project.rounds import TRAINING, Round, complete_rounds, read_round
from stancepack.project.units import UNITS, read_units
from stancepack.unit_figures import unit_figures

POSITIONS = {
    -2: "strongly against",
    -1: "against, with qualifications",
    0: "addressed, balanced or no side taken",
    1: "for, with qualifications",
    2: "strongly for",
}
FORMULA = ("=", "+", "-", "@")
Tables = dict[str, list[dict[str, Any]]]


def build(home: str | Path | None = None, *, check: bool = False) -> list[str]:
    """Build the released tables of a project and stamp their hashes and row counts into ``datapackage.json``.

    Parameters
    ----------
    home
        Folder of the project; the one at or above the current folder if None.
    check
        Change nothing: build in a temporary folder and compare with what is there.

    Returns
    -------
    list of str
        With `check`, the differences, by table and row; otherwise one line for each table.

    Raises
    ------
    StancepackError
        If something in ``seeds/`` or ``coding/`` is wrong or left to settle. Nothing is written then.
    """
    folder = find(home)
    files = _files(folder)
    if check:
        return _differences(folder, files)
    write_all({folder / path: content for path, content in files.items()})
    descriptor = json.loads(files[DESCRIPTOR])
    return [f"{resource['path']}: {resource['rows']} rows" for resource in descriptor["resources"]]


def _files(home: Path) -> dict[str, str]:
    """Return every file that build writes, with its content."""
    descriptor = Descriptor(home / DESCRIPTOR)
    book = Codebook.read(home / CODEBOOK)
    problems = book.problems()
    if problems:
        raise StancepackError(f"{book.path}: the codebook breaks its own rules.\n" + "\n".join(problems))
    tables = _tables(home, book)
    content = descriptor.content
    files: dict[str, str] = {}
    for resource in content["resources"]:
        name, fields = resource["name"], resource["schema"]["fields"]
        if name not in tables:
            raise StancepackError(f"{descriptor.path}: build knows no table {name!r}.")
        columns = descriptor.columns(name)
        key = descriptor.key(name)
        rows = tables[name]
        if name != "issues":  # which keep the order of the codebook
            rows = sorted(rows, key=lambda row: [str(row[column]) for column in key])
        text = csv_text(columns, rows)
        files[resource["path"]] = text
        for field in fields:
            _stamp_codes(field, book)
        data = text.encode("utf-8")
        resource.update(rows=len(rows), bytes=len(data), hash=f"sha256:{fingerprint(text)}")
    files[DESCRIPTOR] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    with tempfile.TemporaryDirectory() as temporary:  # what could not be read again is not written
        write(Path(temporary) / DESCRIPTOR, files[DESCRIPTOR])
        Descriptor(Path(temporary) / DESCRIPTOR)
    files["data/README.md"] = _dictionary(content)
    return files


def _dictionary(content: dict[str, Any]) -> str:
    """Write the data dictionary of a descriptor as Markdown."""

    def cell(text: object) -> str:
        return " ".join(str(text).split()).replace("|", "\\|")

    lines = [
        "# data/: computed",
        "",
        "The released tables and this dictionary. Everything here is written by `stancepack build` from `seeds/` and `coding/`,",
        f"as `{DESCRIPTOR}` declares it. Change nothing by hand: `stancepack build --check` would show it.",
        "",
        "Files are CSV in UTF-8 with commas and LF. An empty cell means not recorded or not applicable, unless the column",
        "says otherwise.",
        "",
    ]
    for resource in content["resources"]:
        schema = resource["schema"]
        key = ", ".join(f"`{name}`" for name in schema["primaryKey"])
        what = f"{resource.get('description', '')} {resource['rows']} rows; key {key}.".strip()
        lines += [f"## {resource['name']}", "", what, ""]
        targets: dict[str, str] = {}
        for one in schema.get("foreignKeys", []):
            for name in one["fields"]:
                targets[name] = one["reference"].get("resource") or resource["name"]
        lines += ["| column | type | what it is | example |", "|---|---|---|---|"]
        for field in schema["fields"]:
            text = field.get("description", "") + (f" Points to `{targets[field['name']]}`." if field["name"] in targets else "")
            codes = "; ".join(f"`{item['value']}` {item['label']}" for item in field.get("categories", []))
            missing = "; ".join(f"`{item['value']}` {item['label']}" for item in field.get("missingValues", []) if item["value"])
            text += f" Codes: {codes}." if codes else ""
            text += f" Missing: {missing}." if missing else ""
            need = "" if field.get("constraints", {}).get("required") else ", may be empty"
            given = field.get("example", "")
            example = "yes" if given is True else "no" if given is False else given
            lines.append(f"| `{field['name']}` | {field.get('type', 'string')}{need} | {cell(text)} | {cell(example)} |")
        lines.append("")
    return "\n".join(lines)


def _stamp_codes(field: dict[str, Any], book: Codebook) -> None:
    """Write the codes of a field, from the codebook where it names an entry, both as categories and as enum."""
    named = field.get("codebook")
    if named == "position":
        field["categories"] = [{"value": code, "label": label} for code, label in POSITIONS.items()]
    elif named == "confidence":
        levels = sorted(book.content.get("confidence", {}).items())
        field["categories"] = [{"value": level, "label": label} for level, label in levels]
    elif named == "variables":
        field["categories"] = [{"value": name, "label": body["title"]} for name, body in book.variables.items()]
    elif named in book.variables:
        codes = book[named]["codes"].items()
        field["categories"] = [{"value": code, "label": body["label"]} for code, body in codes]
    if "categories" in field:
        field.setdefault("constraints", {})["enum"] = [item["value"] for item in field["categories"]]
        # constraints stay the last part of a field
        field["constraints"] = field.pop("constraints")


def _tables(home: Path, book: Codebook) -> Tables:
    units = read_units(home)
    coders = read_coders(home)
    seeds = {
        name: read_rows(home / "seeds" / f"{name}.csv", columns)
        for name, columns in {
            "actors": ["actor_id", "name", "kind", "side"],
            "offices": ["office_id", "actor_id", "title", "kind", "start", "end", "source"],
            "events": ["event_id", "title", "date", "source"],
            "systems": ["system_id", "name", "kind", "description", "parent"],
            "discrepancies": ["discrepancy_id", "statement_id", "aspect", "article_has", "source_has", "source"],
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
    units = [unit for unit in units if unit["statement_id"] in coded]  # the others wait for their round
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
        {"issue_id": issue, "title": body["title"], "question": body["question"], "scope": body.get("scope", "")}
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
                    "note": f"Note: {row['note']}" if row["note"].startswith(FORMULA) else row["note"],
                    "codebook_version": this.codebook_version,
                }
                if row["variable"] in book.issues:
                    codings.append(head | {"issue_id": row["variable"], "position": row["code"]} | tail)
                else:
                    others.append(head | {"variable": row["variable"], "code": row["code"]} | tail)
    return codings, others


def _settled(home: Path, book: Codebook, units: list[Row]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
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
            target, name, value = (stances, "issue_id", "position") if variable in book.issues else (codes, "variable", "code")
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


def _statements(units: list[Row], offices: list[Row], codes: list[dict[str, Any]], home: Path) -> list[dict[str, Any]]:
    settled: dict[str, dict[str, str]] = {}
    for row in codes:
        settled.setdefault(row["statement_id"], {})[row["variable"]] = row["code"]
    by_round = sorted(ledger(home).items(), key=lambda item: round_order(item[0][0]))
    conditions = {unit: row["code"] for (_, unit, variable), row in by_round if variable == CONDITION}
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
                "office_id": unit.get("office_id") or _office(unit, first.isoformat(), last.isoformat(), offices),
                "date_earliest": first.isoformat(),
                "date_latest": last.isoformat(),
                "condition": conditions.get(name, "") if conditional else "",
                "verified": "text" if unit["start"] else unit.get("verified", ""),
                "repeats": unit.get("repeats", "") if unit.get("repeats") in known else "",  # else it waits for its round
                "quote": PIECE.join(piece.strip() for piece in unit["quote"].split("|")) if unit["quote"] else "",
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
                raise StancepackError(f"seeds/offices.csv, {office['office_id']}: {error}") from None
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
    frame = pd.DataFrame(codings, columns=["round", "statement_id", "issue_id", "coder_id", "position"])
    frame["position"] = pd.to_numeric(frame["position"].mask(frame["position"] == NOT_ADDRESSED)).astype("Int64")
    other = pd.DataFrame(others, columns=["round", "statement_id", "variable", "coder_id", "code"])
    rows = unit_figures(home) + figures(frame, other, book, again)
    return [row | {part: _figure(row[part]) for part in ("value", "low", "high")} for row in rows]


def _figure(value: float) -> str:
    """Write a figure with four decimals; an undefined one is empty."""
    return "" if value != value else f"{value + 0.0:.4f}"


def _differences(home: Path, files: dict[str, str]) -> list[str]:
    """Compare what build would write with what is there, by row id."""
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        for path, content in files.items():
            write(fresh / path, content)
        new = Descriptor(fresh / DESCRIPTOR)
        for table in new.tables:
            path = home / new.resource(table)["path"]
            if not path.is_file():
                found.append(f"{table}: the file is missing")
            elif path.read_bytes() != files[new.resource(table)["path"]].encode("utf-8"):
                found += _row_differences(table, new, path) or [f"{table}: same rows, other bytes (order, quoting, line ends)"]
        for name, what in ((DESCRIPTOR, "codes, hashes or row counts"), ("data/README.md", "tables and columns")):
            file = home / name
            if not found and (not file.is_file() or file.read_bytes() != files[name].encode("utf-8")):
                found.append(f"{name}: {what} are not those that build writes")
    return found


def _row_differences(table: str, new: Descriptor, old_path: Path) -> list[str]:
    key = new.key(table)

    def by_key(rows: Iterable[Row]) -> dict[str, Row]:
        return {", ".join(row.get(column, "") for column in key): row for row in rows}

    try:
        old = by_key(read_rows(old_path, key))
    except StancepackError as error:
        return [f"{table}: {error}"]
    fresh = by_key(read_rows(new.file(table), key))
    found = [f"{table}, {name}: there, but build does not make it" for name in old if name not in fresh]
    found += [f"{table}, {name}: missing" for name in fresh if name not in old]
    for name in fresh:
        for column in fresh[name]:
            if name in old and old[name].get(column) != fresh[name][column]:
                found.append(f"{table}, {name}, {column}: {old[name].get(column)!r}, built: {fresh[name][column]!r}")
    return found
