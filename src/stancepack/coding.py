"""Blind coding in rounds: blank sheets, training, sealing, and reading what was sealed.

A round lies in ``coding/rounds/<round>/``: one sheet for each coder, the codebook they had, and a ``manifest.yaml``
with the fingerprints of the sheets, of the codebook and of the units that the coders saw. Sealed sheets are never
changed. A round *of* another one codes a random share of its statements again, to see how stable the codes are: by
another coder, or by one of its coders once more. Such a round settles nothing.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from stancepack.dataset.codebook import NOT_ADDRESSED, Codebook
from stancepack.dataset.contract import round_order
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.atomic import write
from stancepack.files.mappings import read_yaml
from stancepack.files.passages import fingerprint, flat
from stancepack.files.paths import CODEBOOK, text_of
from stancepack.files.tables import Row, csv_text, read_rows

TRAINING = "training"
UNITS = "coding/units.csv"
CODERS = "coding/coders.csv"
SEALED = ["order", "statement_id", "variable", "code", "confidence", "note"]
CONTEXT = ["speaker", "date", "venue", "before", "passage", "after", "quote", "proposition", "question", "scale"]
SHEET = ["order", "statement_id", "variable", *CONTEXT, "code", "confidence", "note"]
UNIT_COLUMNS = ["statement_id", "actor_id", "source", "start", "end", "date", "quote", "proposition"]
CODED = ["statement_id", "actor_id", "start", "end", "quote", "proposition"]  # what makes a unit the one that was coded
_AROUND = 700  # code points of context before and after a passage


@dataclass
class Round:
    """One round of coding: what was coded under which codebook, and the seals of its sheets."""

    home: Path
    name: str
    codebook_version: str = ""
    codebook_sha256: str = ""
    units_sha256: str = ""
    of: str = ""
    share: float = 1.0
    sheets: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def codebook(self) -> Path:
        """The codebook that the coders of the round had."""
        return self.folder / "codebook.yaml"

    @property
    def folder(self) -> Path:
        """The folder of the round."""
        return self.home / "coding" / "rounds" / self.name

    def sheet(self, coder: str) -> Path:
        """Return the path of a coder's sealed sheet."""
        return self.folder / f"{coder}.csv"

    def rows(self, coder: str) -> list[Row]:
        """Read a coder's sealed sheet."""
        return read_rows(self.sheet(coder), SEALED)

    def save(self) -> None:
        """Write the manifest."""
        import yaml

        content = {
            "round": self.name,
            "codebook_version": self.codebook_version,
            "codebook_sha256": self.codebook_sha256,
            "units_sha256": self.units_sha256,
            **({"of": self.of, "share": self.share} if self.of else {}),
            "sheets": self.sheets,
        }
        if self.failed:
            content["failed"] = self.failed
        write(self.folder / "manifest.yaml", yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    StancepackError
        If the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise StancepackError(f"{path}: cannot be read: {error.strerror}.") from None


def read_round(home: Path, name: str) -> Round:
    """Read the manifest of a round."""
    path = home / "coding" / "rounds" / name / "manifest.yaml"
    content = read_yaml(path)
    sheets = content.get("sheets")
    if not isinstance(sheets, dict) or not all(isinstance(s, dict) and "sha256" in s for s in sheets.values()):
        raise StancepackError(f"{path}: 'sheets' should give each coder a sha256.")
    text = {key: str(content.get(key, "")) for key in ("codebook_version", "codebook_sha256", "units_sha256", "of")}
    share = content.get("share", 1.0)
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise StancepackError(f"{path}: share {share!r} should lie above 0 and not above 1.")
    return Round(home, name, sheets=sheets, failed=content.get("failed") or {}, share=share, **text)


def rounds(home: Path) -> list[Round]:
    """Read the coding rounds of a project in the order of their names, the training left out."""
    names = [path.parent.name for path in (home / "coding" / "rounds").glob("*/manifest.yaml")]
    return [read_round(home, name) for name in sorted(names, key=round_order) if name != TRAINING]


def complete_rounds(home: Path) -> list[Round]:
    """Read the rounds that can be released: two sealed sheets, or one of a round that codes another one again."""
    return [this for this in rounds(home) if len(this.sheets) >= (1 if this.of else 2)]


def read_units(home: Path) -> list[Row]:
    """Read the unit list of a project."""
    return read_rows(home / UNITS, UNIT_COLUMNS)


def units_fingerprint(units: list[Row]) -> str:
    """Return the fingerprint of what coders read of these units; dates and other facts may be bettered later."""
    return fingerprint(csv_text(CODED, sorted(units, key=lambda unit: str(unit["statement_id"]))))


def read_coders(home: Path) -> dict[str, Row]:
    """Read the coders of a project by their ids."""
    rows = read_rows(home / CODERS, ["coder_id", "kind", "role", "description"])
    return {row["coder_id"]: row for row in rows}


def _known_coder(home: Path, coder: str) -> None:
    coders = read_coders(home)
    if coder not in coders:
        raise StancepackError(
            f"{CODERS}: no coder {coder!r}; {did_you_mean(coder, coders)} A new coder is a new row: coder_id, kind "
            "(human, language-model or rule), role (coder), description."
        )
    if coders[coder]["role"] != "coder":
        raise StancepackError(f"{CODERS}: {coder!r} has the role {coders[coder]['role']!r}; only a coder codes a sheet.")


def offsets(unit: Row) -> tuple[int, int]:
    """Return start and end of a unit's passage.

    Raises
    ------
    StancepackError
        If they are not whole numbers in order.
    """
    try:
        start, end = int(unit["start"]), int(unit["end"])
    except ValueError:
        start, end = 0, 0
    if not 0 <= start < end:
        raise StancepackError(
            f"{UNITS}, {unit['statement_id']}: start {unit['start']!r} and end {unit['end']!r} should be whole numbers, "
            "the first smaller."
        )
    return start, end


def _order(round_name: str, coder: str, ids: list[str]) -> list[str]:
    """Put units into this coder's own order: random, but the same on every machine."""
    return sorted(ids, key=lambda unit: fingerprint(f"{round_name}/{coder}/{unit}"))


def read_training(home: Path) -> dict[str, Any]:
    """Read the training set of a project."""
    content = read_yaml(home / "coding" / "training.yaml")
    if not isinstance(content.get("items"), dict):
        raise StancepackError(f"{home / 'coding' / 'training.yaml'}: 'items' should map ids to made-up statements.")
    return content


def passages(home: Path, training: bool, wanted: list[str]) -> dict[str, Row]:
    """Collect what a coder or adjudicator sees of each unit: speaker, date, venue, the passage with what stands around it, words.

    Raises
    ------
    StancepackError
        If a text is not at hand, or does not have the passage at its offsets.
    """
    if training:
        blank = dict.fromkeys(CONTEXT, "")
        return {
            name: blank | {part: flat(str(item.get(part, ""))) for part in ("speaker", "passage", "quote", "proposition")}
            for name, item in read_training(home)["items"].items()
        }
    actors = {row["actor_id"]: row["name"] for row in read_rows(home / "seeds" / "actors.csv", ["actor_id", "name"])}
    seen = {}
    for unit in (unit for unit in read_units(home) if unit["statement_id"] in set(wanted)):
        source = unit["source"].partition("[")[0]
        place = {"speaker": actors.get(unit["actor_id"], unit["actor_id"]), "date": unit["date"], "venue": unit.get("venue", "")}
        words = {"quote": unit["quote"], "proposition": unit["proposition"]}
        if not unit["start"]:  # a source of which no text may be held: the words quoted from it are all there is
            passage = unit["quote"] or unit["proposition"]
            seen[unit["statement_id"]] = {**place, "before": "", "passage": passage, "after": "", **words}
            continue
        text = text_of(home, source)
        if text is None:
            raise StancepackError(
                f"{UNITS}, {unit['statement_id']}: the text of {source!r} is not here, and a coder must see the passage. "
                f"Put {source}.txt into a folder and name that folder in STANCEPACK_TEXTS."
            )
        start, end = offsets(unit)
        if "passage_sha256" in unit and fingerprint(text[start:end]) != unit["passage_sha256"]:
            raise StancepackError(
                f"{UNITS}, {unit['statement_id']}: the text of {source!r} at hand does not have the passage at its offsets; "
                "get the text with the fingerprint of seeds/sources.bib, or run `stancepack anchor`."
            )
        seen[unit["statement_id"]] = {
            **place,
            "before": flat(text[max(0, start - _AROUND) : start]),
            "passage": flat(text[start:end]),
            "after": flat(text[end : end + _AROUND]),
            **words,
        }
    return seen


def sheet(home: Path, coder: str, round_name: str, out: Path, of: str = "", share: float = 1.0) -> Path:
    """Write the blank sheet of a coder for a round (or for the training), in that coder's own order.

    The sheet has one row for each unit and each thing to code on it, with the passage and its surroundings, the
    question and the scale; the coder fills `code`, `confidence` and `note`. It holds source text and stays out of the
    project.

    Parameters
    ----------
    home
        Folder of the project.
    coder
        Id of the coder, as in ``coding/coders.csv``.
    round_name
        Name of the round; ``training`` for the training set. A new round starts with its first sheet.
    out
        File to write.
    of, share
        For a new round that codes a random share of an earlier round's statements again: that round, and the share.

    Raises
    ------
    StancepackError
        If the coder is unknown, has not passed the training, or has sealed this sheet before; if a text is missing;
        or if the codebook or the unit list is not the one that the round started with.
    """
    _known_coder(home, coder)
    book = Codebook.read(home / CODEBOOK)
    if book.problems():
        raise StancepackError(f"{book.path}: mend the codebook before anybody codes.\n" + "\n".join(book.problems()))
    if not 0 < share <= 1 or (share < 1 and not of):
        raise StancepackError(f"share {share} should lie above 0 and not above 1, and go with a round to code again.")
    started = _manifest(home, round_name).exists()
    this = _start(home, round_name, book, of, share)
    if started and of and (of, share) != (this.of, this.share):
        raise StancepackError(f"round {round_name!r} was started otherwise; name a new round to code {of!r} again.")
    if coder in this.sheets:
        raise StancepackError(f"{this.sheet(coder)}: sealed already; a sealed sheet is never coded again.")
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


def _manifest(home: Path, round_name: str) -> Path:
    return home / "coding" / "rounds" / round_name / "manifest.yaml"


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
        file_sha256(home / "coding" / "training.yaml") if round_name == TRAINING else units_fingerprint(read_units(home))
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
        units_sha256 = units_fingerprint([unit for unit in read_units(home) if unit["statement_id"] in chosen])
    if (this.codebook_sha256, this.units_sha256) != (codebook_sha256, units_sha256):
        if this.sheets and round_name != TRAINING:
            raise StancepackError(
                f"round {round_name!r} was started with another codebook or unit list; start a new round, keep this one."
            )
        this.codebook_version, this.codebook_sha256, this.units_sha256 = book.version, codebook_sha256, units_sha256
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
        If the sheet is not complete, a code is not in the codebook, or the sheet was sealed before. Nothing is
        written then, except that a training not passed is counted.
    """
    _known_coder(home, coder)
    book = Codebook.read(home / CODEBOOK)
    if not _manifest(home, round_name).exists():
        raise StancepackError(f"round {round_name!r} has not been started; write its sheet with `stancepack sheet` first.")
    this = read_round(home, round_name)
    if round_name != TRAINING and this.codebook_sha256 != file_sha256(home / CODEBOOK):
        raise StancepackError(
            f"the codebook was changed since round {round_name!r} was started; restore it, or start a new round."
        )
    if coder in this.sheets:
        raise StancepackError(f"{this.sheet(coder)}: sealed already; a sealed sheet is never changed.")
    if round_name != TRAINING:
        _passed_training(home, coder)
    units = _units(this)
    rows = [
        {**{column: row[column].strip() for column in SEALED}, "code": _code(row["code"]), "note": flat(row["note"])}
        for row in read_rows(filled, SEALED, from_spreadsheet=True)
    ]
    faults = sheet_faults(rows, units, book)
    mine = {unit: str(place) for place, unit in enumerate(_order(round_name, coder, units), 1)}
    if not faults and any(row["order"] != mine[row["statement_id"]] for row in rows):
        faults = [f"the statements do not stand in the order of {coder}: this is the sheet of another coder or round."]
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
            raise StancepackError(f"{coder}: training not passed ({result}). Read the codebook again on:\n{of_rows}")
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
    faults = [f"{unit}, {variable}: the row is missing." for unit, variable in wanted if not counted[unit, variable]]
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
            faults.append(f"{at}: code {row['code']!r} is not in the codebook; {did_you_mean(row['code'], codes)}")
        if confidences and row["confidence"] not in confidences:
            faults.append(f"{at}: confidence {row['confidence']!r} is not one of {', '.join(confidences)}.")
        if row["variable"] == "conditional" and row["code"] == "yes" and not row["note"]:
            faults.append(f"{at}: conditional, but the note does not say on what.")
    return faults


def score(training: dict[str, Any], rows: list[Row], book: Codebook) -> tuple[bool, float, float, list[str]]:
    """Compare a training sheet with the answers: passed, share of cells right, share of positions right, what was wrong."""
    right, positions, wrong = [], [], []
    items = training["items"]
    for row in sorted(rows, key=lambda row: (row["statement_id"], row["variable"])):
        item = items[row["statement_id"]]
        answer = item["answers"].get(row["variable"], NOT_ADDRESSED)
        accepted = [str(code) for code in (answer if isinstance(answer, list) else [answer])]
        good = row["code"] in accepted
        right.append(good)
        if row["variable"] in book.issues and accepted != [NOT_ADDRESSED]:
            positions.append(good)
        if not good:
            at = f"{row['statement_id']}, {row['variable']}: {row['code']}, answer {' or '.join(accepted)}."
            wrong.append(f"{at} {item.get('because', '')}".strip())
    cells, share = sum(right) / max(len(right), 1), sum(positions) / max(len(positions), 1)
    bar = training.get("pass") or {}
    return cells >= bar.get("cells", 0.9) and share >= bar.get("positions", 0.75), cells, share, wrong


def _passed_training(home: Path, coder: str) -> None:
    if not (home / "coding" / "training.yaml").exists():
        return
    manifest = home / "coding" / "rounds" / TRAINING / "manifest.yaml"
    if not manifest.exists() or coder not in read_round(home, TRAINING).sheets:
        raise StancepackError(
            f"{coder!r} has not passed the training yet: write the sheet with `stancepack sheet --coder {coder} --training`, "
            f"fill it, and hand it in with `stancepack seal --coder {coder} --training FILE`."
        )
