"""Coding sheets: handed out blank, taken back filled and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError
from stancepack.files.atomic import refuse_overwriting, writing
from stancepack.files.passages import fingerprint
from stancepack.files.tables import BYTE_ORDER_MARK, Row, csv_text, for_spreadsheet
from stancepack.project.checks import require_ready
from stancepack.project.coded import SEALED_COLUMNS
from stancepack.project.coders import require_role
from stancepack.project.filled import filled_rows, given_rows, handed_out, questions
from stancepack.project.project import Project
from stancepack.project.rounds import (
    REMARK_COLUMNS,
    Round,
    Selection,
    changed_units,
    start_round,
)
from stancepack.project.training import require_training, training_round
from stancepack.project.units import CONTEXT

SHEET_COLUMNS = [
    *("order", "statement_id", "variable", *CONTEXT),
    *("question", "scale", "code", "confidence", "note"),
]
SHEETS = "build/sheets"  # a folder for each coder, so that nobody is handed another's sheet


def default_sheet_path(project: Project, coder: str, round_name: str) -> Path:
    """Return where the blank sheet of a coder is written if nothing else is said."""
    return project.path(f"{SHEETS}/{coder}/{round_name}.csv")


def sheet(
    project: Project,
    coder: str,
    round_name: str,
    out: Path,
    *,
    selection: Selection | None = None,
) -> Path:
    """Write the blank sheet of a coder for a round or the training, in that coder's own order.

    The sheet has one row for each unit and each thing to code on it, with the passage and its
    surroundings, the question and the scale; the coder fills `code`, `confidence` and `note`. It
    holds source text and stays out of the project.

    Parameters
    ----------
    project
        The project.
    coder
        Id of the coder, as in ``coding/coders.csv``.
    round_name
        Name of the round; ``training`` for the training set. A round starts with its first sheet,
        and keeps the codebook and the units that it started with.
    out
        File to write; one that is there is not overwritten.
    selection
        For a new round: which units it has; all if None.

    Raises
    ------
    StancepackError
        If something in the project is wrong that would spoil the round; if the coder is unknown, is
        assigned nothing, has not passed the training, or has sealed this sheet before; if a text is
        missing; if the codebook or the units are not those that the round started with.
    """
    with project.locked() as fresh:
        coding_round, files = _round_to_code(fresh, coder, round_name, selection)
        text = BYTE_ORDER_MARK + csv_text(SHEET_COLUMNS, _blank_rows(coding_round, coder))
        refuse_overwriting(out, text)
        with writing(out, text):  # where that cannot be, no round starts
            if files:
                fresh.write(files)
    return out


def join(
    project: Project, coder: str, round_name: str, *, selection: Selection | None = None
) -> Round:
    """Let a coder into a round that is coded without a sheet; the first one starts it.

    Parameters and errors are those of `sheet`. Only who starts a round writes, and locks.
    """
    if round_name == Round.TRAINING or round_name in project.rounds:
        return _round_to_code(project, coder, round_name, selection)[0]
    with project.locked() as fresh:
        coding_round, files = _round_to_code(fresh, coder, round_name, selection)
        if files:
            fresh.write(files)
    return coding_round


def _round_to_code(
    project: Project, coder: str, name: str, selection: Selection | None
) -> tuple[Round, dict[Any, str | bytes]]:
    """Return a round that a coder may code now, and the files that start it."""
    require_role(project.coders, coder, "coder")
    require_ready(project)
    files: dict[Any, str | bytes] = {}
    if name == Round.TRAINING:
        coding_round = training_round(project)
    else:
        require_training(project, coder)
        coding_round, files = _joined_or_started(project, name, selection)
    _require_assigned(coding_round, coder)
    if coder in coding_round.sheets:
        what = "sealed already; a sealed sheet is never coded again."
        raise StancepackError(f"{coding_round.sheet_file(coder)}: {what}")
    return coding_round, files


def _require_assigned(coding_round: Round, coder: str) -> None:
    if not coding_round.is_for(coder):
        what = f"{coder} is assigned nothing in round {coding_round.name!r}"
        way_out = f"{coding_round.assignment_file} says who codes what; name another round."
        raise StancepackError(f"{what}; {way_out}")


def _joined_or_started(
    project: Project, name: str, selection: Selection | None
) -> tuple[Round, dict[Any, str | bytes]]:
    coding_round = project.rounds.get(name)
    if coding_round is None:
        return start_round(project, name, selection or Selection())
    started_with = Selection(of=coding_round.of, share=coding_round.share)
    is_its_list = selection == Selection(only_listed=(*sorted(coding_round.units),))
    if selection not in (None, Selection(), started_with) and not is_its_list:
        raise StancepackError(f"round {name!r} was started otherwise; name a new round.")
    if project.codebook_sha256 != coding_round.codebook_sha256:
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


def _blank_rows(coding_round: Round, coder: str) -> Iterator[Row]:
    seen, asked = handed_out(coding_round, coder), questions(coding_round.codebook)
    for number, unit in enumerate(coding_round.order_of(coder), 1):
        for variable, question in asked.items():
            head = {"order": str(number), "statement_id": unit, "variable": variable}
            yield head | for_spreadsheet({**seen[unit], **question})


def seal(project: Project, coder: str, round_name: str, filled: Path) -> str:
    """Check a filled sheet and seal it: its codes and its fingerprint go into the round.

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
        If the sheet is not complete, a code is not in the codebook, a row stands beside other words
        than it was handed out with, or the sheet was sealed before. Nothing is written then, except
        that a training not passed is counted.
    """
    with project.locked() as fresh:
        coding_round = _round_to_seal(fresh, coder, round_name)
        return _sealed(fresh, coding_round, coder, filled_rows(filled, coding_round, coder))


def seal_codes(
    project: Project,
    coder: str,
    round_name: str,
    codes: Iterable[Row],
    remarks: Iterable[Row] = (),
) -> str:
    """Check the codes that a coder gave without a sheet and seal them; see `seal`.

    Parameters
    ----------
    project, coder, round_name
        As for `seal`.
    codes
        A row a code: ``statement_id``, ``variable``, ``code``, ``confidence``, ``note``.
    remarks
        What the coder remarked beside: ``statement_id``, ``variable`` (or none), ``kind``,
        ``value``; sealed with the codes.
    """
    with project.locked() as fresh:
        coding_round = _round_to_seal(fresh, coder, round_name)
        rows = given_rows(codes, coding_round, coder)
        return _sealed(fresh, coding_round, coder, rows, [*remarks])


def _sealed(
    project: Project, coding_round: Round, coder: str, rows: list[Row], remarks: Sequence[Row] = ()
) -> str:
    """Write the sealed sheet and its fingerprint; return what was sealed, in a line."""
    count = f"Sealed {len(rows)} codes of {len(coding_round.units_of(coder))} units"
    message = f"{count} by {coder} in round {coding_round.name}."
    record: dict[str, Any] = {}
    if coding_round.name == Round.TRAINING:
        record, lines = _scored(project, coding_round, coder, rows)
        message = "\n".join([message, *lines])
    text = csv_text(SEALED_COLUMNS, rows)
    today = date.today().isoformat()
    files: dict[Any, str | bytes] = {coding_round.sheet_file(coder): text}
    if remarks:
        files[coding_round.remarks_file(coder)] = remarked = csv_text(REMARK_COLUMNS, remarks)
        record["remarks"] = fingerprint(remarked)
    coding_round.sheets[coder] = {"sha256": fingerprint(text), "sealed": today, **record}
    project.write(files | {coding_round.manifest_file: coding_round.manifest_text()})
    return message


def _round_to_seal(project: Project, coder: str, name: str) -> Round:
    require_role(project.coders, coder, "coder")
    if name == Round.TRAINING:
        coding_round = training_round(project)
    elif name in project.rounds:
        coding_round = project.rounds[name]
    else:
        what = "has not been started; write its sheet with `stancepack sheet` first."
        raise StancepackError(f"round {name!r} {what}")
    _require_assigned(coding_round, coder)
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
