"""Coding sheets: handed out blank, taken back filled and sealed."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from stancepack.dataset.codebook import NOT_ADDRESSED, Codebook
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.atomic import write
from stancepack.files.passages import fingerprint, flat
from stancepack.files.paths import CODEBOOK
from stancepack.files.tables import Row, csv_text, read_rows
from stancepack.project.coders import known_coder
from stancepack.project.rounds import (
    SEALED,
    TRAINING,
    Round,
    file_sha256,
    manifest_path,
    read_round,
)
from stancepack.project.training import read_training, score
from stancepack.project.units import CONTEXT, passages, read_units, units_fingerprint

SHEET = ["order", "statement_id", "variable", *CONTEXT, "code", "confidence", "note"]


def _order(round_name: str, coder: str, ids: list[str]) -> list[str]:
    """Put units into this coder's own order: random, but the same on every machine."""
    return sorted(ids, key=lambda unit: fingerprint(f"{round_name}/{coder}/{unit}"))


def sheet(
    home: Path, coder: str, round_name: str, out: Path, of: str = "", share: float = 1.0
) -> Path:
    """Write the blank sheet of a coder for a round (or for the training), in that coder's own order.

    The sheet has one row for each unit and each thing to code on it, with the passage and its
    surroundings, the question and the scale; the coder fills `code`, `confidence` and `note`. It
    holds source text and stays out of the project.

    Parameters
    ----------
    home
        Folder of the project.
    coder
        Id of the coder, as in ``coding/coders.csv``.
    round_name
        Name of the round; ``training`` for the training set. A new round starts with its first
        sheet.
    out
        File to write.
    of, share
        For a new round that codes a random share of an earlier round's statements again: that
        round, and the share.

    Raises
    ------
    StancepackError
        If the coder is unknown, has not passed the training, or has sealed this sheet before; if a
        text is missing; or if the codebook or the unit list is not the one that the round started
        with.
    """
    known_coder(home, coder)
    book = Codebook.read(home / CODEBOOK)
    if book.problems():
        raise StancepackError(
            f"{book.path}: mend the codebook before anybody codes.\n" + "\n".join(book.problems())
        )
    if not 0 < share <= 1 or (share < 1 and not of):
        raise StancepackError(
            f"share {share} should lie above 0 and not above 1, and go with a round to code again."
        )
    started = manifest_path(home, round_name).exists()
    this = _start(home, round_name, book, of, share)
    if started and of and (of, share) != (this.of, this.share):
        raise StancepackError(
            f"round {round_name!r} was started otherwise; name a new round to code {of!r} again."
        )
    if coder in this.sheets:
        raise StancepackError(
            f"{this.sheet(coder)}: sealed already; a sealed sheet is never coded again."
        )
    if round_name != TRAINING:
        _passed_training(home, coder)
    units = _units(this)
    seen = passages(home, round_name == TRAINING, units)
    rows = []
    for number, unit in enumerate(_order(round_name, coder, units), 1):
        for variable in [*book.variables, *book.issues]:
            entry = book[variable]
            row = {"order": str(number), "statement_id": unit, "variable": variable, **seen[unit]}
            rows.append(row | {"question": entry["question"], "scale": book.scale(variable)})
    text = csv_text(SHEET, ({**dict.fromkeys(SHEET, ""), **row} for row in rows))
    write(out, "\ufeff" + text)  # the mark without which some spreadsheet programs misread accents
    if not started or not this.sheets:
        this.save()
        if round_name != TRAINING:
            write(this.codebook, (home / CODEBOOK).read_bytes())
    return out


def _units(this: Round) -> list[str]:
    """Return the units of a round: all there are, or its share of those of the round it is of."""
    if this.name == TRAINING:
        return list(read_training(this.home)["items"])
    if not this.of:
        return [unit["statement_id"] for unit in read_units(this.home)]
    first = read_round(this.home, this.of)
    coded = {row["statement_id"] for coder in first.sheets for row in first.rows(coder)}
    drawn = sorted(coded, key=lambda unit: fingerprint(f"{this.name}/{unit}"))
    return sorted(drawn[: math.ceil(this.share * len(drawn))])


def _start(home: Path, round_name: str, book: Codebook, of: str = "", share: float = 1.0) -> Round:
    """Return the round, started now if it is new, after checking that it is coded under one codebook and unit list."""
    codebook_sha256 = file_sha256(home / CODEBOOK)
    units_sha256 = (
        file_sha256(home / "coding" / "training.yaml")
        if round_name == TRAINING
        else units_fingerprint(read_units(home))
    )
    if not (home / "coding" / "rounds" / round_name / "manifest.yaml").exists():
        this = Round(home, round_name, book.version, codebook_sha256, units_sha256, of, share)
        if of:
            chosen = set(_units(this))
            units = [unit for unit in read_units(home) if unit["statement_id"] in chosen]
            this.units_sha256 = units_fingerprint(units)
        return this
    this = read_round(home, round_name)
    if this.of:
        chosen = set(_units(this))
        units_sha256 = units_fingerprint(
            [unit for unit in read_units(home) if unit["statement_id"] in chosen]
        )
    if (this.codebook_sha256, this.units_sha256) != (codebook_sha256, units_sha256):
        if this.sheets and round_name != TRAINING:
            raise StancepackError(
                f"round {round_name!r} was started with another codebook or unit list; start a new round, keep this one."
            )
        this.codebook_version, this.codebook_sha256, this.units_sha256 = (
            book.version,
            codebook_sha256,
            units_sha256,
        )
    return this


def seal(home: Path, coder: str, round_name: str, filled: Path) -> str:
    """Check a filled sheet and seal it: write its codes into the round and its fingerprint into the manifest.

    Parameters
    ----------
    home
        Folder of the project.
    coder
        Id of the coder.
    round_name
        Name of the round, or ``training``.
    filled
        The sheet as the coder saved it from a spreadsheet (CSV, UTF-8).

    Returns
    -------
    str
        What was sealed, in a line; for the training also the score and what was wrong.

    Raises
    ------
    StancepackError
        If the sheet is not complete, a code is not in the codebook, or the sheet was sealed before.
        Nothing is written then, except that a training not passed is counted.
    """
    known_coder(home, coder)
    book = Codebook.read(home / CODEBOOK)
    if not manifest_path(home, round_name).exists():
        raise StancepackError(
            f"round {round_name!r} has not been started; write its sheet with `stancepack sheet` first."
        )
    this = read_round(home, round_name)
    if round_name != TRAINING and this.codebook_sha256 != file_sha256(home / CODEBOOK):
        raise StancepackError(
            f"the codebook was changed since round {round_name!r} was started; restore it, or start a new round."
        )
    if coder in this.sheets:
        raise StancepackError(
            f"{this.sheet(coder)}: sealed already; a sealed sheet is never changed."
        )
    if round_name != TRAINING:
        _passed_training(home, coder)
    units = _units(this)
    rows = [
        {
            **{column: row[column].strip() for column in SEALED},
            "code": _code(row["code"]),
            "note": flat(row["note"]),
        }
        for row in read_rows(filled, SEALED, from_spreadsheet=True)
    ]
    faults = sheet_faults(rows, units, book)
    mine = {unit: str(place) for place, unit in enumerate(_order(round_name, coder, units), 1)}
    if not faults and any(row["order"] != mine[row["statement_id"]] for row in rows):
        faults = [
            f"the statements do not stand in the order of {coder}: this is the sheet of another coder or round."
        ]
    if faults:
        more = f"\n… and {len(faults) - 20} more." if len(faults) > 20 else ""
        raise StancepackError(f"{filled}: not sealed.\n" + "\n".join(faults[:20]) + more)
    message = f"Sealed {len(rows)} codes of {len(units)} units by {coder} in round {round_name}."
    record: dict[str, Any] = {}
    if round_name == TRAINING:
        passed, cells, positions, wrong = score(read_training(home), rows, book)
        result = f"{cells:.0%} of the cells, {positions:.0%} of the positions right"
        if not passed:
            this.failed[coder] = this.failed.get(coder, 0) + 1
            this.save()
            of_rows = "\n".join(line.partition(":")[0] for line in wrong)
            raise StancepackError(
                f"{coder}: training not passed ({result}). Read the codebook again on:\n{of_rows}"
            )
        version = str(read_training(home).get("version", ""))
        record = {"training": version, "cells": round(cells, 4), "positions": round(positions, 4)}
        message = "\n".join([message, f"Training passed: {result}.", *wrong])
    text = csv_text(SEALED, rows)
    write(this.sheet(coder), text)
    this.sheets[coder] = {"sha256": fingerprint(text), "sealed": date.today().isoformat(), **record}
    this.save()
    return message


def _code(cell: str) -> str:
    """Return a code as spreadsheets and people write it: with a typographic minus, a decimal point, or NA in small letters."""
    code = cell.strip().replace("−", "-").removeprefix("+").removesuffix(".0")
    return NOT_ADDRESSED if code.casefold() == "na" else code


def sheet_faults(rows: list[Row], units: list[str], book: Codebook) -> list[str]:
    """List what keeps a filled sheet from being complete and within the codebook."""
    wanted = [(unit, variable) for unit in units for variable in [*book.variables, *book.issues]]
    counted = Counter((row["statement_id"], row["variable"]) for row in rows)
    faults = [
        f"{unit}, {variable}: the row is missing."
        for unit, variable in wanted
        if not counted[unit, variable]
    ]
    known = set(wanted)
    for key, count in counted.items():
        if key not in known:
            faults.append(f"{key[0]}, {key[1]}: no such unit or variable.")
        elif count > 1:
            faults.append(f"{key[0]}, {key[1]}: coded {count} times.")
    confidences = [str(level) for level in book.content.get("confidence", {})]
    for row in rows:
        at = f"{row['statement_id']}, {row['variable']}"
        if (row["statement_id"], row["variable"]) not in known:
            continue
        codes = book.codes(row["variable"])
        if not row["code"]:
            faults.append(f"{at}: no code; write one of {', '.join(codes)}.")
        elif row["code"] not in codes:
            faults.append(
                f"{at}: code {row['code']!r} is not in the codebook; {did_you_mean(row['code'], codes)}"
            )
        if confidences and row["confidence"] not in confidences:
            faults.append(
                f"{at}: confidence {row['confidence']!r} is not one of {', '.join(confidences)}."
            )
        if row["variable"] == "conditional" and row["code"] == "yes" and not row["note"]:
            faults.append(f"{at}: conditional, but the note does not say on what.")
    return faults


def _passed_training(home: Path, coder: str) -> None:
    if not (home / "coding" / "training.yaml").exists():
        return
    manifest = home / "coding" / "rounds" / TRAINING / "manifest.yaml"
    if not manifest.exists() or coder not in read_round(home, TRAINING).sheets:
        raise StancepackError(
            f"{coder!r} has not passed the training yet: write the sheet with `stancepack sheet --coder {coder} --training`, "
            f"fill it, and hand it in with `stancepack seal --coder {coder} --training FILE`."
        )
