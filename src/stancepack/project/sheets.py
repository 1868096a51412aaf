"""Coding sheets: handed out blank, taken back filled and sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import code_as_written, nearest_code
from stancepack.errors import StancepackError
from stancepack.files.atomic import write_new
from stancepack.files.passages import fingerprint, flat
from stancepack.files.paths import CODEBOOK
from stancepack.files.reading import read_bytes
from stancepack.files.tables import Row, clean_cell, csv_text, read_rows
from stancepack.project.checks import require_ready
from stancepack.project.coders import require_role
from stancepack.project.project import Project
from stancepack.project.rounds import (
    SEALED_COLUMNS,
    Round,
    changed_units,
    file_sha256,
    start_round,
)
from stancepack.project.training import require_training, training_round
from stancepack.project.units import CONTEXT, contexts

SHEET_COLUMNS = [
    *("order", "statement_id", "variable", *CONTEXT),
    *("question", "scale", "code", "confidence", "note"),
]
# what a coder reads beside the cells to fill; if it stands beside other ids, rows were sorted apart
_READ_BESIDE = ("speaker", "passage", "quote", "proposition", "question", "scale")
SHEETS = "build/sheets"  # a folder for each coder, so that nobody is handed another's sheet
_MOST_FAULTS = 20  # shown of a sheet that is not sealed
_BYTE_ORDER_MARK = "\ufeff"  # without which some spreadsheet programs misread accents


def default_sheet_path(project: Project, coder: str, round_name: str) -> Path:
    """Return where the blank sheet of a coder is written if nothing else is said."""
    return project.path(f"{SHEETS}/{coder}/{round_name}.csv")


def sheet(
    project: Project,
    coder: str,
    round_name: str,
    out: Path,
    *,
    of: str = "",
    share: float = 1.0,
    only_new: bool = False,
) -> Path:
    """Write the blank sheet of a coder for a round (or for the training), in that coder's own order.

    The sheet has one row for each unit and each thing to code on it, with the passage and its surroundings, the
    question and the scale; the coder fills `code`, `confidence` and `note`. It holds source text and stays out of
    the project.

    Parameters
    ----------
    project
        The project.
    coder
        Id of the coder, as in ``coding/coders.csv``.
    round_name
        Name of the round; ``training`` for the training set. A round starts with its first sheet, and keeps the
        codebook and the units that it started with.
    out
        File to write; one that is there is not overwritten.
    of, share
        For a new round that codes a random share of an earlier round's statements again: that round, and the share.
    only_new
        For a new round of the units that no round has yet.

    Raises
    ------
    StancepackError
        If something in the project is wrong that would spoil the round; if the coder is unknown, has not passed the
        training, or has sealed this sheet before; if a text is missing; if the codebook or the units are not those
        that the round started with.
    """
    with project.locked() as fresh:
        require_role(fresh.coders, coder, "coder")
        require_ready(fresh)
        if round_name == Round.TRAINING:
            coding_round = training_round(fresh)
            seen = fresh.training.contexts() if fresh.training else {}
            files: dict[Any, str | bytes] = {}
        else:
            require_training(fresh, coder)
            coding_round, files = _joined_or_started(fresh, round_name, of, share, only_new)
            seen = contexts(fresh, {unit: fresh.units[unit] for unit in coding_round.units})
        if coder in coding_round.sheets:
            what = "sealed already; a sealed sheet is never coded again."
            raise StancepackError(f"{coding_round.sheet_file(coder)}: {what}")
        rows = _blank_rows(coding_round, coder, seen)
        write_new(out, _BYTE_ORDER_MARK + csv_text(SHEET_COLUMNS, rows))
        if files:
            fresh.write(files)
    return out


def _joined_or_started(
    project: Project, name: str, of: str, share: float, only_new: bool
) -> tuple[Round, dict[Any, str | bytes]]:
    coding_round = project.rounds.get(name)
    if coding_round is None:
        return start_round(project, name, of=of, share=share, only_new=only_new)
    if (of and (of, share) != (coding_round.of, coding_round.share)) or only_new:
        raise StancepackError(f"round {name!r} was started otherwise; name a new round.")
    now = file_sha256(read_bytes(project.path(CODEBOOK)))
    if now != coding_round.codebook_sha256:
        then = f"{coding_round.codebook_version}, now {project.codebook.version}"
        _refuse_changed(coding_round, f"the codebook was changed since it started (then {then})")
    if changed := changed_units(coding_round):
        what = f"{changed[0]} was changed since it started (speaker, passage or words)"
        _refuse_changed(coding_round, what)
    return coding_round, {}


def _refuse_changed(coding_round: Round, what: str) -> None:
    way_out = "start a new round, or restore what was changed"
    if not coding_round.sheets:
        way_out += f"; as nobody has sealed yet, removing {coding_round.folder} takes it back"
    raise StancepackError(f"round {coding_round.name!r}: {what}; {way_out}.")


def _blank_rows(coding_round: Round, coder: str, seen: Mapping[str, Row]) -> Iterator[Row]:
    for number, unit in enumerate(coding_round.order_of(coder), 1):
        for beside in _variables_to_code(coding_round.codebook):
            row = {"order": str(number), "statement_id": unit, **seen[unit], **beside}
            yield {**dict.fromkeys(SHEET_COLUMNS, ""), **row}


def _variables_to_code(book: Codebook) -> list[Row]:
    """Return everything to code on a unit, with question and scale."""
    return [
        {"variable": name, "question": book[name]["question"], "scale": book.scale_line(name)}
        for name in [*book.variables, *book.issues]
    ]


def seal(project: Project, coder: str, round_name: str, filled: Path) -> str:
    """Check a filled sheet and seal it: write its codes into the round and its fingerprint into the manifest.

    Parameters
    ----------
    project
        The project.
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
        If the sheet is not complete, a code is not in the codebook, a row stands beside other words than it was
        handed out with, or the sheet was sealed before. Nothing is written then, except that a training not passed
        is counted.
    """
    with project.locked() as fresh:
        require_role(fresh.coders, coder, "coder")
        coding_round = _round_to_seal(fresh, coder, round_name)
        rows = _filled_rows(filled, coding_round, coder)
        count = f"Sealed {len(rows)} codes of {len(coding_round.units)} units"
        message = f"{count} by {coder} in round {round_name}."
        record: dict[str, Any] = {}
        if round_name == Round.TRAINING:
            record, lines = _scored(fresh, coding_round, coder, rows)
            message = "\n".join([message, *lines])
        text = csv_text(SEALED_COLUMNS, rows)
        today = date.today().isoformat()
        coding_round.sheets[coder] = {"sha256": fingerprint(text), "sealed": today, **record}
        manifest = coding_round.manifest_text()
        fresh.write({coding_round.sheet_file(coder): text, coding_round.manifest_file: manifest})
    return message


def _round_to_seal(project: Project, coder: str, name: str) -> Round:
    if name == Round.TRAINING:
        coding_round = training_round(project)
    elif name in project.rounds:
        coding_round = project.rounds[name]
    else:
        what = "has not been started; write its sheet with `stancepack sheet` first."
        raise StancepackError(f"round {name!r} {what}")
    if coder in coding_round.sheets:
        what = "sealed already; a sealed sheet is never changed."
        raise StancepackError(f"{coding_round.sheet_file(coder)}: {what}")
    if name == Round.TRAINING:
        return coding_round
    require_training(project, coder)
    if changed := changed_units(coding_round):
        what = f"{changed[0]} was changed since it started (speaker, passage or words)"
        _refuse_changed(coding_round, what)
    return coding_round


def _filled_rows(filled: Path, coding_round: Round, coder: str) -> list[Row]:
    """Read a filled sheet as it will be sealed, or say everything that keeps it from being so."""
    book = coding_round.codebook
    given = read_rows(filled, SEALED_COLUMNS, from_spreadsheet=True)
    rows = [_normalised(row, book) for row in given]
    faults = list(sheet_faults(rows, coding_round.units, book))
    if not faults:
        faults = list(_order_faults(rows, coding_round, coder))
    if not faults:
        faults = list(_context_faults(given, coding_round))
    if faults:
        more = len(faults) - _MOST_FAULTS
        lines = [*faults[:_MOST_FAULTS], *([f"… and {more} more."] if more > 0 else [])]
        raise StancepackError(f"{filled}: not sealed.\n" + "\n".join(lines))
    own_order = {unit: number for number, unit in enumerate(coding_round.order_of(coder), 1)}
    for row in rows:
        row["order"] = str(own_order[row["statement_id"]])
    return rows


def _normalised(row: Row, book: Codebook) -> Row:
    row = {column: clean_cell(row[column]) for column in SEALED_COLUMNS}
    codes = book.codes(row["variable"]) if row["variable"] in book else []
    row["code"] = code_as_written(row["code"], codes)
    row["confidence"] = code_as_written(row["confidence"], list(book.confidence))
    row["order"] = row["order"].removesuffix(".0")
    row["note"] = flat(row["note"])
    return row


def sheet_faults(rows: list[Row], units: Iterable[str], book: Codebook) -> Iterator[str]:
    """Go through what keeps a filled sheet from being complete and within the codebook."""
    variables = [*book.variables, *book.issues]
    wanted = dict.fromkeys((unit, variable) for unit in units for variable in variables)
    counted = Counter((row["statement_id"], row["variable"]) for row in rows)
    for unit, variable in wanted:
        if not counted[unit, variable]:
            yield f"{unit}, {variable}: the row is missing."
    for (unit, variable), count in counted.items():
        if (unit, variable) not in wanted:
            yield f"{unit}, {variable}: no such unit or variable."
        elif count > 1:
            yield f"{unit}, {variable}: coded {count} times."
    for row in rows:
        if (row["statement_id"], row["variable"]) in wanted:
            yield from _cell_faults(row, book)


def _cell_faults(row: Row, book: Codebook) -> Iterator[str]:
    cell = f"{row['statement_id']}, {row['variable']}"
    codes = book.codes(row["variable"])
    if not row["code"]:
        yield f"{cell}: no code; write one of {', '.join(codes)}."
    elif row["code"] not in codes:
        hint = nearest_code(row["code"], codes)
        yield f"{cell}: code {row['code']!r} is not in the codebook; {hint}"
    levels = list(book.confidence)
    if levels and row["confidence"] not in levels:
        yield f"{cell}: confidence {row['confidence']!r} is not one of {', '.join(levels)}."
    if book.plays("conditional", row["variable"], row["code"]) and not row["note"]:
        yield f"{cell}: conditional, but the note does not say on what."


def _order_faults(rows: list[Row], coding_round: Round, coder: str) -> Iterator[str]:
    """Say where the sheet does not stand in the order of its coder: it may be another's."""
    own_order = {unit: str(number) for number, unit in enumerate(coding_round.order_of(coder), 1)}
    differing = [row for row in rows if row["order"] != own_order[row["statement_id"]]]
    if not differing:
        return
    row = differing[0]
    number = own_order[row["statement_id"]]
    where = (
        f"{row['statement_id']}, {row['variable']}: order {row['order']!r}, but it was handed out"
    )
    others = {row["order"] for row in differing}
    whole = len(differing) == len(rows) and others <= {*own_order.values()}
    meant = "; is this the sheet of another coder or round?" if whole else "; restore the column."
    yield f"{where} to {coder} as number {number} ({len(differing)} rows differ){meant}"


def _context_faults(rows: list[Row], coding_round: Round) -> Iterator[str]:
    """Say where a row stands beside other words than those it was handed out with, as after sorting some columns only."""
    project, training = coding_round.project, coding_round.project.training
    try:
        if coding_round.name == Round.TRAINING:
            seen = training.contexts() if training else {}
        else:
            seen = contexts(project, {unit: project.units[unit] for unit in coding_round.units})
    except StancepackError:  # a text that is not here; what the unit list has of it is compared
        plain = {unit: {**row, "start": "", "end": ""} for unit, row in coding_round.units.items()}
        seen = contexts(project, plain)
        seen = {unit: {**row, "passage": ""} for unit, row in seen.items()}
    beside = {row["variable"]: row for row in _variables_to_code(coding_round.codebook)}
    for row in rows:
        unit, variable = clean_cell(row["statement_id"]), clean_cell(row["variable"])
        handed_out = {**seen[unit], **beside[variable]}
        for column in _READ_BESIDE:
            given, expected = _letters(row.get(column, "")), _letters(handed_out[column])
            if given and expected and given != expected:
                what = f"the {column} beside it is that of another row; were some columns sorted alone?"
                yield f"{unit}, {variable}: {what}"
                break


def _letters(text: str) -> str:
    """Return the letters and digits of a text: what spreadsheets leave of it whatever they do to quotes and spaces."""
    return "".join(filter(str.isalnum, flat(text)))


def _scored(
    project: Project, record: Round, coder: str, rows: list[Row]
) -> tuple[dict[str, Any], list[str]]:
    """Compare a training sheet with the answers; one that does not pass is counted and refused."""
    training = project.training
    if training is None:
        raise StancepackError("there is no training set.")
    score = training.score(rows, project.codebook)
    if not score.passed:
        record.failed[coder] = record.failed.get(coder, 0) + 1
        project.write({record.manifest_file: record.manifest_text()})
        wrong = "\n".join(line.partition(":")[0] for line in score.wrong)
        what = f"training not passed ({score}). Read the codebook again on:"
        raise StancepackError(f"{coder}: {what}\n{wrong}")
    shares = {"cells": round(score.cells, 4), "positions": round(score.positions, 4)}
    return {"training": training.version, **shares}, [f"Training passed: {score}.", *score.wrong]
