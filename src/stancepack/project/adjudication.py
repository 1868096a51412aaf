"""Settling disagreements: what is left, and what was settled with which rule and reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import code_as_written, nearest_code
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.atomic import write_new
from stancepack.files.passages import fingerprint, flat
from stancepack.files.tables import (
    BYTE_ORDER_MARK,
    Row,
    clean_cell,
    csv_text,
    for_spreadsheet,
    read_rows,
)
from stancepack.project.coded import KEY, coded_cells, plays
from stancepack.project.coders import require_role
from stancepack.project.rounds import Round
from stancepack.project.units import CONTEXT, contexts

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.project.project import Project

LEDGER = "coding/adjudications.csv"
COLUMNS = [*KEY, "code", "rule", "reason", "adjudicator"]
WORKSHEET_COLUMNS = [*KEY, "question", "scale", *CONTEXT, "codes", "notes", *COLUMNS[3:]]
CONDITION = "condition"  # the wording of a condition; settled here, as coders give it in notes


@dataclass(frozen=True)
class CodedCell:
    """What the coders of a round gave for one thing on one statement."""

    coding_round: Round
    statement_id: str
    variable: str
    codes: dict[str, str]
    notes: dict[str, str]

    @property
    def agreed(self) -> bool:
        """Whether all coders gave the same code."""
        return len(set(self.codes.values())) == 1

    @property
    def key(self) -> tuple[str, str, str]:
        """Round, statement and variable."""
        return self.coding_round.name, self.statement_id, self.variable

    @property
    def condition_key(self) -> tuple[str, str, str]:
        """Where the wording of the statement's condition stands in the ledger."""
        return self.coding_round.name, self.statement_id, CONDITION

    def shuffled(self) -> list[str]:
        """Return the coders in an order that does not tell who they are, the same everywhere."""
        cell = f"{self.statement_id}/{self.variable}"
        return sorted(self.codes, key=lambda coder: fingerprint(f"{cell}/{coder}"))

    def asks_for_condition(self, code: str) -> bool:
        """Tell whether a settled code asks for the wording of a condition."""
        return self.coding_round.project.codebook.plays("conditional", self.variable, code)

    def wordings(self) -> list[str]:
        """Return how its coders word a condition, in an order that does not tell who they are.

        What differs in case, spaces or a full stop alone is one wording.
        """
        wordings: dict[str, str] = {}
        for coder in self.shuffled():
            wording = clean_cell(flat(self.notes.get(coder, "")))
            if wording and self.asks_for_condition(self.codes[coder]):
                wordings.setdefault(_as_compared(wording), wording)
        return [*wordings.values()]


def _as_compared(wording: str) -> str:
    """Return a wording without what makes no other wording of it."""
    return " ".join(wording.casefold().split()).rstrip(" .")


def cells_of(project: Project, codes: pd.DataFrame) -> Iterator[CodedCell]:
    """Go through the cells of some codes, each with what its coders gave."""
    given: dict[tuple[str, str, str], tuple[dict[str, str], dict[str, str]]] = {}
    columns = ("round", "statement_id", "variable", "coder_id", "code", "note")
    for *key, coder, code, note in zip(*(codes[column] for column in columns), strict=True):
        by_coder, notes = given.setdefault((key[0], key[1], key[2]), ({}, {}))
        by_coder[coder] = code
        if note:
            notes[coder] = note
    for (name, unit, variable), (by_coder, notes) in given.items():
        yield CodedCell(project.rounds[name], unit, variable, by_coder, notes)


def read_ledger(project: Project) -> dict[tuple[str, str, str], Row]:
    """Read what was settled, by round, statement and variable.

    Raises
    ------
    StancepackError
        If something is settled twice.
    """
    path = project.path(LEDGER)
    ledger: dict[tuple[str, str, str], Row] = {}
    for row in read_rows(path, COLUMNS) if path.exists() else []:
        key = row["round"], row["statement_id"], row["variable"]
        if key in ledger:
            raise StancepackError(f"{path}: {', '.join(key)} is settled twice; keep one row.")
        ledger[key] = row
    return ledger


def unsettled(project: Project) -> list[tuple[CodedCell, str]]:
    """List what is left to settle: each cell with the variable to settle on it.

    That is every disagreement without a row in the ledger, and every conditional statement whose
    condition has no wording yet.
    """
    codes = project.settling_codes
    cells = coded_cells(codes)
    # an agreed code that is nowhere conditional leaves nothing open
    may_be_open = ~cells["agreed"] | plays(project.codebook, "conditional", cells)
    doubtful = codes[codes["cell"].isin(cells.loc[may_be_open, "cell"])]
    left: dict[tuple[str, str, str], tuple[CodedCell, str]] = {}
    for cell in cells_of(project, doubtful.sort_values(["round", "cell"])):
        row = project.ledger.get(cell.key)
        if not cell.agreed and row is None:
            left[cell.key] = cell, cell.variable
        code = next(iter(cell.codes.values())) if cell.agreed else row["code"] if row else ""
        if cell.asks_for_condition(code) and cell.condition_key not in project.ledger:
            left[cell.condition_key] = cell, CONDITION
    return list(left.values())


def worksheet(project: Project, out: Path) -> int:
    """Write what is left to settle as a sheet: codes in shuffled order, without names.

    Returns the number of rows. The sheet holds source text and stays out of the project; one that
    is there is not overwritten.
    """
    left = unsettled(project)
    wanted = {cell.statement_id: project.units[cell.statement_id] for cell, _ in left}
    seen = contexts(project, wanted)
    rows = []
    for cell, variable in left:
        coders, book = cell.shuffled(), cell.coding_round.codebook
        row = dict(zip(KEY, (*cell.key[:2], variable), strict=True)) | seen[cell.statement_id]
        if variable == CONDITION:
            row |= {"question": "On what does it depend?", "scale": "one sentence in our own words"}
        else:
            row |= {"question": book[variable]["question"], "scale": book.scale_line(variable)}
        row["codes"] = "codes: " + " or ".join(cell.codes[coder] for coder in coders)
        row["notes"] = "notes: " + " / ".join(cell.notes.get(coder, "–") for coder in coders)
        rows.append(for_spreadsheet(row))
    write_new(out, BYTE_ORDER_MARK + csv_text(WORKSHEET_COLUMNS, rows))
    return len(rows)


def take(project: Project, filled: Path, adjudicator: str) -> int:
    """Check a filled worksheet and add its rows to the ledger.

    Returns the number of rows added. Rows without a code are left open.

    Raises
    ------
    StancepackError
        If the adjudicator is unknown or coded in that round, a code is not in the codebook, a rule
        is not there, a reason is missing, or a row settles what is not open. Nothing is written
        then.
    """
    require_role(project.coders, adjudicator, "adjudicator")
    rows = read_rows(filled, COLUMNS[:-1], from_spreadsheet=True)
    return take_decisions(project, rows, adjudicator, where=str(filled))


def take_decisions(
    project: Project, decisions: Iterable[Row], adjudicator: str, *, where: str
) -> int:
    """Check decisions and add them to the ledger, with or without a worksheet; see `take`.

    Parameters
    ----------
    project, adjudicator
        As for `take`.
    decisions
        A row a decision: ``round``, ``statement_id``, ``variable``, ``code``, ``rule``,
        ``reason``.
    where
        Where they stand, for messages.
    """
    with project.locked() as fresh:
        require_role(fresh.coders, adjudicator, "adjudicator")
        new, faults = _checked(fresh, decisions, adjudicator)
        if faults:
            raise StancepackError(f"{where}: nothing was taken.\n" + "\n".join(faults))
        # as it was read: rows of statements that were retired since stay in it
        ledger = [*read_ledger(fresh).values(), *new]
        rows = sorted(ledger, key=lambda row: [row[column] for column in KEY])
        fresh.write({LEDGER: csv_text(COLUMNS, rows)})
    return len(new)


def _checked(
    project: Project, decisions: Iterable[Row], adjudicator: str
) -> tuple[list[Row], list[str]]:
    """Return decisions as they go into the ledger, and what is wrong with them."""
    open_cells = {(*cell.key[:2], variable): cell for cell, variable in unsettled(project)}
    new: dict[tuple[str, str, str], Row] = {}
    faults: list[str] = []
    for row in decisions:
        settled = {column: clean_cell(flat(row[column])) for column in COLUMNS[:-1]}
        if not settled["code"]:
            continue
        key = settled["round"], settled["statement_id"], settled["variable"]
        if key in new:
            faults.append(f"{', '.join(key)}: settled twice in this sheet; keep one row.")
            continue
        new[key] = settled | {"adjudicator": adjudicator}
    # the wordings last: that a statement is conditional, which opens them, may be decided here
    for key in sorted(new, key=lambda key: key[2] == CONDITION):
        cell = open_cells.get(key) or _opened_by(key, open_cells, new)
        faults += _faults(new[key], key, cell, project.codebook)
    return [*new.values()], faults


def _opened_by(
    key: tuple[str, str, str],
    open_cells: dict[tuple[str, str, str], CodedCell],
    decisions: dict[tuple[str, str, str], Row],
) -> CodedCell | None:
    """Return the cell whose decision asks for the wording of a condition, if one does."""
    name, unit, variable = key
    if variable != CONDITION:
        return None
    for (cell_round, cell_unit, _), cell in open_cells.items():
        decision = decisions.get(cell.key)
        is_here = (cell_round, cell_unit) == (name, unit)
        if is_here and decision and cell.asks_for_condition(decision["code"]):
            return cell
    return None


def _faults(
    row: Row, key: tuple[str, str, str], cell: CodedCell | None, book: Codebook
) -> Iterator[str]:
    """Go through what is wrong with a decision, whose cells it also normalises."""
    where = ", ".join(key)
    if cell is None:
        yield f"{where}: not open; settle only what `stancepack adjudicate` lists."
        return
    if row["adjudicator"] in cell.coding_round.sheets:
        who, name = row["adjudicator"], cell.coding_round.name
        yield f"{where}: {who} coded in {name}; somebody else must settle it."
    if key[2] != CONDITION:
        codes = cell.coding_round.codebook.codes(key[2])
        row["code"] = code_as_written(row["code"], codes)
        if row["code"] not in codes:
            yield f"{where}: {row['code']!r} is not a code; {nearest_code(row['code'], codes)}"
    row["rule"] = " ".join(known_rule(name, book) for name in rules_of(row["rule"]))
    for name in rules_of(row["rule"]):
        if name not in book.rules:
            yield f"{where}: rule {name!r} is not in the codebook; {did_you_mean(name, book.rules)}"
    if not row["rule"] or not row["reason"]:
        yield f"{where}: rule and reason should both be there."


def known_rule(name: str, book: Codebook) -> str:
    """Return a rule as the codebook writes it, however its letters are."""
    return next((rule for rule in book.rules if rule.casefold() == name.casefold()), name)


def rules_of(cell: str) -> list[str]:
    """Return the rules that a cell names, parted by spaces, commas or semicolons."""
    return cell.replace(",", " ").replace(";", " ").split()
