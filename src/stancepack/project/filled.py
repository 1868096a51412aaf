"""Filled sheets: what people return, as it will be sealed, or what keeps it from being so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import code_as_written, nearest_code
from stancepack.errors import StancepackError
from stancepack.files.passages import flat
from stancepack.files.tables import Row, clean_cell, read_rows
from stancepack.project.coded import SEALED_COLUMNS
from stancepack.project.rounds import Round, in_own_order
from stancepack.project.units import contexts

# what a coder reads beside the cells to fill; all but the name of a speaker is fixed for a round
_FIXED = ("passage", "quote", "proposition", "question", "scale")
_READ_BESIDE = ("speaker", *_FIXED)
_MOST_FAULTS = 20  # shown of a sheet that is not sealed
_ZEROS = re.compile(r"[.,]0+$")  # that spreadsheets add to whole numbers


def filled_rows(filled: Path, coding_round: Round, coder: str) -> list[Row]:
    """Read a filled sheet as it will be sealed.

    Raises
    ------
    StancepackError
        With what keeps it from being sealed, up to twenty faults of it.
    """
    given = read_rows(filled, SEALED_COLUMNS, from_spreadsheet=True)
    rows = [_normalised(row, coding_round.codebook) for row in given]
    faults = [*_assignment_faults(rows, coding_round, coder)]
    if not faults:
        faults = [*sheet_faults(rows, coding_round.units_of(coder), coding_round.codebook)]
    if not faults:
        faults = [*_order_faults(rows, coding_round, coder)]
        faults += _context_faults(given, coding_round, coder)
    _refuse(faults, str(filled))
    return _in_order(rows, coding_round, coder)


def given_rows(codes: Iterable[Row], coding_round: Round, coder: str) -> list[Row]:
    """Return codes that were given without a sheet as they will be sealed.

    Raises
    ------
    StancepackError
        With what keeps them from being sealed, up to twenty faults.
    """
    rows = [_normalised({"order": "", **row}, coding_round.codebook) for row in codes]
    faults = list(sheet_faults(rows, coding_round.units_of(coder), coding_round.codebook))
    _refuse(faults, f"the codes of {coder} in round {coding_round.name}")
    return _in_order(rows, coding_round, coder)


def _refuse(faults: list[str], where: str) -> None:
    if faults:
        more = len(faults) - _MOST_FAULTS
        lines = [*faults[:_MOST_FAULTS], *([f"… and {more} more."] if more > 0 else [])]
        raise StancepackError(f"{where}: not sealed.\n" + "\n".join(lines))


def _in_order(rows: list[Row], coding_round: Round, coder: str) -> list[Row]:
    """Put complete rows into the order of their coder, numbered."""
    by_cell = {(row["statement_id"], row["variable"]): row for row in rows}
    return [
        by_cell[unit, variable] | {"order": str(number)}
        for number, unit in enumerate(coding_round.order_of(coder), 1)
        for variable in coded_names(coding_round.codebook)
    ]


def coded_names(book: Codebook) -> list[str]:
    """Return the names of everything to code on a unit, in the order of a sheet."""
    return [*book.variables, *book.issues]


def questions(book: Codebook) -> dict[str, Row]:
    """Return what a sheet asks: for each thing to code its question and scale."""
    return {
        name: {"question": book[name]["question"], "scale": book.scale_line(name)}
        for name in coded_names(book)
    }


def handed_out(coding_round: Round, coder: str) -> dict[str, Row]:
    """Return what a coder of a round reads of each unit to code; see `contexts`."""
    project = coding_round.project
    if coding_round.name == Round.TRAINING:
        return project.training.contexts() if project.training else {}
    return contexts(project, {unit: project.units[unit] for unit in coding_round.units_of(coder)})


def _normalised(row: Row, book: Codebook) -> Row:
    row = {column: clean_cell(flat(row[column])) for column in SEALED_COLUMNS}
    codes = book.codes(row["variable"]) if row["variable"] in book else []
    row["code"] = code_as_written(row["code"], codes)
    row["confidence"] = code_as_written(row["confidence"], list(book.confidence))
    row["order"] = _ZEROS.sub("", row["order"])
    return row


def sheet_faults(rows: list[Row], units: Iterable[str], book: Codebook) -> Iterator[str]:
    """Go through what keeps a filled sheet from being complete and within the codebook."""
    wanted = dict.fromkeys((unit, variable) for unit in units for variable in coded_names(book))
    counted = Counter((row["statement_id"], row["variable"]) for row in rows)
    for (unit, variable), count in counted.items():
        if (unit, variable) not in wanted:
            yield f"{unit}, {variable}: no such unit or variable."
        elif count > 1:
            yield f"{unit}, {variable}: coded {count} times."
    for unit, variable in wanted:
        if not counted[unit, variable]:
            yield f"{unit}, {variable}: the row is missing."
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


def _assignment_faults(rows: list[Row], coding_round: Round, coder: str) -> Iterator[str]:
    """Say if the sheet has just the units of another coder."""
    units = {row["statement_id"] for row in rows}
    if units == {*coding_round.units_of(coder)}:
        return
    for other in coding_round.assigned_coders:
        if units == {*coding_round.units_of(other)}:
            yield f"This is the sheet of {other}, not of {coder} in {coding_round.name}."


def _order_faults(rows: list[Row], coding_round: Round, coder: str) -> Iterator[str]:
    """Say where the sheet does not stand in the order of its coder: it may be another's."""
    units = coding_round.units_of(coder)
    own_order = _numbers(coding_round.name, coder, units)
    differing = [row for row in rows if row["order"] != own_order[row["statement_id"]]]
    if not differing:
        return
    project = coding_round.project
    for name in dict.fromkeys([coding_round.name, *project.rounds]):
        for other in project.coders:
            order = _numbers(name, other, units)
            if all(row["order"] == order[row["statement_id"]] for row in rows):
                meant = f"not of {coder} in {coding_round.name}"
                yield f"This is the sheet of {other} in {name}, {meant}."
                return
    row = differing[0]
    where = f"{row['statement_id']}, {row['variable']}: order {row['order']!r}"
    number = own_order[row["statement_id"]]
    what = f"but it was handed out as number {number} ({len(differing)} rows differ)"
    yield f"{where}, {what}; restore the column, or copy the codes into a new sheet."


def _numbers(round_name: str, coder: str, units: Iterable[str]) -> dict[str, str]:
    """Return the number of each of some units in the order of a coder in a round."""
    in_order = in_own_order(round_name, coder, units)
    return {unit: str(number) for number, unit in enumerate(in_order, 1)}


def _context_faults(rows: list[Row], coding_round: Round, coder: str) -> Iterator[str]:
    """Say where a row stands beside other words than it was handed out with."""
    try:
        seen = handed_out(coding_round, coder)
    except StancepackError:  # a text that is not here; what the unit list has of it is compared
        units = coding_round.units_of(coder)
        plain = {unit: {**row, "start": "", "end": ""} for unit, row in units.items()}
        seen = contexts(coding_round.project, plain)
        seen = {unit: {**row, "passage": ""} for unit, row in seen.items()}
    asked = questions(coding_round.codebook)
    owners = _owners(seen) | _owners(asked)
    for row in rows:
        unit, variable = clean_cell(row["statement_id"]), clean_cell(row["variable"])
        expected = {**seen[unit], **asked[variable]}
        for column in _READ_BESIDE:
            given, right = _letters(row.get(column, "")), _letters(expected[column])
            if not given or given == right or not any(map(str.isalpha, right)):
                continue
            where = f"{unit}, {variable}: the {column} beside it is"
            if owner := owners.get((column, given)):
                yield f"{where} that of {owner}; were some columns sorted alone?"
                break
            if column in _FIXED:
                yield f"{where} not the one of the round; copy the codes into a new sheet."
                break


def _owners(read: Mapping[str, Row]) -> dict[tuple[str, str], str]:
    """Return whose words are in a column, by their letters."""
    return {
        (column, _letters(words[column])): name
        for name, words in read.items()
        for column in _READ_BESIDE
        if column in words
    }


def _letters(text: str) -> str:
    """Return the letters and digits of a text, which spreadsheets leave as they are."""
    return "".join(filter(str.isalnum, flat(text)))
