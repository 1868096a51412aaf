"""Settling disagreements: what is left, and what was settled with which rule and reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from stancepack.dataset.codebook import Codebook
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.atomic import write
from stancepack.files.passages import fingerprint, flat
from stancepack.files.paths import CODEBOOK
from stancepack.files.tables import Row, csv_text, read_rows, write_rows
from stancepack.project.coders import read_coders
from stancepack.project.rounds import Round, complete_rounds
from stancepack.project.units import passages

LEDGER = "coding/adjudications.csv"
COLUMNS = ["round", "statement_id", "variable", "code", "rule", "reason", "adjudicator"]
OPEN = [
    *COLUMNS[:3],
    "question",
    "scale",
    "speaker",
    "date",
    "venue",
    "passage",
    "before",
    "after",
    "quote",
    "proposition",
    "codes",
    "notes",
    *COLUMNS[3:],
]
CONDITION = "condition"  # the wording of a condition; settled here, as coders give it in notes


@dataclass(frozen=True)
class Cell:
    """What the coders of a round gave for one thing on one statement."""

    round: Round
    statement_id: str
    variable: str
    codes: dict[str, str]
    notes: dict[str, str]

    @property
    def agreed(self) -> bool:
        """Whether all coders gave the same code."""
        return len(set(self.codes.values())) == 1


def cells(home: Path) -> dict[tuple[str, str], Cell]:
    """Collect, for each statement and thing coded, the codes of the latest round that settles it."""
    found: dict[tuple[str, str], Cell] = {}
    for this in (this for this in complete_rounds(home) if not this.of):
        given: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for coder in this.sheets:
            for row in this.rows(coder):
                given[row["statement_id"], row["variable"]][coder] = row
        for (unit, variable), by_coder in given.items():
            codes = {coder: row["code"] for coder, row in by_coder.items()}
            notes = {coder: row["note"] for coder, row in by_coder.items() if row["note"]}
            found[unit, variable] = Cell(this, unit, variable, codes, notes)
    return found


def ledger(home: Path) -> dict[tuple[str, str, str], Row]:
    """Read what was settled, by round, statement and variable.

    Raises
    ------
    StancepackError
        If something is settled twice.
    """
    path = home / LEDGER
    found: dict[tuple[str, str, str], Row] = {}
    for row in read_rows(path, COLUMNS) if path.exists() else []:
        key = row["round"], row["statement_id"], row["variable"]
        if key in found:
            raise StancepackError(f"{path}: {', '.join(key)} is settled twice; keep one row.")
        found[key] = row
    return found


def needs_wording(cell: Cell, settled: str) -> bool:
    """Tell whether a settled code asks for a wording of the condition."""
    return cell.variable == "conditional" and settled == "yes"


def unsettled(home: Path) -> list[tuple[Cell, str]]:
    """List what is left to settle: each cell with the variable to settle on it.

    That is every disagreement without a row in the ledger, and every conditional statement whose
    condition has no wording yet.
    """
    done, left = ledger(home), []
    for cell in cells(home).values():
        row = done.get((cell.round.name, cell.statement_id, cell.variable))
        if not cell.agreed and row is None:
            left.append((cell, cell.variable))
        code = row["code"] if row else next(iter(cell.codes.values())) if cell.agreed else ""
        if (
            needs_wording(cell, code)
            and (cell.round.name, cell.statement_id, CONDITION) not in done
        ):
            left.append((cell, CONDITION))
    return left


def shuffled(cell: Cell) -> list[str]:
    """Return the coders of a cell in an order that does not tell who they are, the same on every machine."""
    return sorted(
        cell.codes, key=lambda coder: fingerprint(f"{cell.statement_id}/{cell.variable}/{coder}")
    )


def worksheet(home: Path, out: Path) -> int:
    """Write what is left to settle as a sheet: both codes in shuffled order, without names, and columns to fill.

    Returns the number of rows. The sheet holds source text and stays out of the project.
    """
    book = Codebook.read(home / CODEBOOK)
    left = unsettled(home)
    seen = passages(home, False, [cell.statement_id for cell, _ in left])
    rows = []
    for cell, variable in left:
        order = shuffled(cell)
        wording = variable == CONDITION
        rows.append(
            {
                "round": cell.round.name,
                "statement_id": cell.statement_id,
                "variable": variable,
                "question": "On what does it depend?" if wording else book[variable]["question"],
                "scale": "one sentence in our own words" if wording else book.scale(variable),
                **seen[cell.statement_id],
                "codes": "codes: " + " or ".join(cell.codes[coder] for coder in order),
                "notes": "notes: " + " / ".join(cell.notes.get(coder, "–") for coder in order),
            }
        )
    write(out, "\ufeff" + csv_text(OPEN, ({**dict.fromkeys(OPEN, ""), **row} for row in rows)))
    return len(rows)


def take(home: Path, filled: Path, adjudicator: str) -> int:
    """Check a filled worksheet and add its rows to the ledger.

    Returns the number of rows added. Rows without a code are left open.

    Raises
    ------
    StancepackError
        If the adjudicator is unknown or coded in that round, a code is not in the codebook, a rule
        is not there, a reason is missing, or a row settles what is not open. Nothing is written
        then.
    """
    book = Codebook.read(home / CODEBOOK)
    coders = read_coders(home)
    if adjudicator not in coders or coders[adjudicator]["role"] != "adjudicator":
        raise StancepackError(
            f"{adjudicator!r} is not an adjudicator of coding/coders.csv; add it there first."
        )
    left = {
        (cell.round.name, cell.statement_id, variable): cell for cell, variable in unsettled(home)
    }
    nobody = Cell(Round(home, ""), "", "", {}, {})
    new: list[Row] = []
    faults: list[str] = []
    for row in read_rows(filled, COLUMNS[:-1], from_spreadsheet=True):
        if not row["code"].strip():
            continue
        key = row["round"], row["statement_id"], row["variable"]
        at = ", ".join(key)
        if any(key == (row["round"], row["statement_id"], row["variable"]) for row in new):
            faults.append(f"{at}: settled twice in this sheet; keep one row.")
            continue
        settled = {column: flat(row[column]) for column in COLUMNS[:-1]} | {
            "adjudicator": adjudicator
        }
        # settling that a statement is conditional opens its wording, which may stand in the same
        # sheet
        opens = key[2] == CONDITION and (key[0], key[1], "conditional") in left
        if key not in left and not opens:
            faults.append(f"{at}: not open; settle only what `stancepack adjudicate` lists.")
            continue
        if adjudicator in left.get(key, left.get((key[0], key[1], "conditional"), nobody)).codes:
            faults.append(
                f"{at}: {adjudicator} coded this statement; somebody else must settle it."
            )
        if key[2] != CONDITION and settled["code"] not in book.codes(key[2]):
            faults.append(
                f"{at}: {settled['code']!r} is not a code; {did_you_mean(settled['code'], book.codes(key[2]))}"
            )
        faults += [
            f"{at}: rule {rule!r} is not in the codebook."
            for rule in rules_of(settled["rule"])
            if rule not in book.rules
        ]
        if not settled["rule"] or not settled["reason"]:
            faults.append(f"{at}: rule and reason should both be there.")
        new.append(settled)
    if faults:
        raise StancepackError(f"{filled}: nothing was taken.\n" + "\n".join(faults))
    rows = [*ledger(home).values(), *new]
    write_rows(
        home / LEDGER,
        COLUMNS,
        sorted(rows, key=lambda row: [row[column] for column in COLUMNS[:3]]),
    )
    return len(new)


def rules_of(cell: str) -> list[str]:
    """Return the rules that a cell names, parted by spaces or commas."""
    return cell.replace(",", " ").split()
