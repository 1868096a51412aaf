"""What is to be settled and looked through in a round, and what an adjudicator decided of it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from stancepack.files.passages import fingerprint, flat
from stancepack.files.tables import Row, clean_cell
from stancepack.project.adjudication import CONDITION, CodedCell, cells_of, unsettled
from stancepack.project.flagged import flagged
from stancepack.project.project import Project
from stancepack.project.reviewed import read_reviewed
from stancepack.workbench.coding import rules_named, units_as_read

ON_A_DECISION = ("code", "rule", "reason")  # fields "code/<variable>" and so on
ALL_AGREED = ("", "reviewed")  # the field of the whole round: every agreed code is looked through
Written = Mapping[tuple[str, str], str]  # the newest value of each field, by unit and field
Key = tuple[str, str]  # of a decision: statement and variable


class OpenCells:
    """What is to be settled and looked through in a round, as the project now is."""

    def __init__(self, project: Project, round_name: str) -> None:
        self.project, self.round_name = project, round_name
        self.open = {
            (cell.statement_id, variable): cell
            for cell, variable in unsettled(project)
            if cell.coding_round.name == round_name
        }

    @cached_property
    def agreed(self) -> dict[str, list[CodedCell]]:
        """The agreed cells of each statement that nobody has looked through."""
        codes = self.project.settling_codes
        reviewed = read_reviewed(self.project)
        agreed = defaultdict(list)
        for cell in cells_of(self.project, codes[codes["round"] == self.round_name]):
            if cell.agreed and (self.round_name, cell.statement_id) not in reviewed:
                agreed[cell.statement_id].append(cell)
        return dict(agreed)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to settle or to look through."""
        return not self.open and not self.agreed

    @cached_property
    def agreed_fingerprint(self) -> str:
        """The fingerprint of all agreed codes to look through; it confirms these and no others."""
        cells = [cell for cells in self.agreed.values() for cell in cells]
        lines = sorted(
            f"{cell.statement_id}/{cell.variable}/{_agreed_code(cell)}" for cell in cells
        )
        return fingerprint("\n".join(lines))

    def confirmed(self, written: Written) -> dict[str, str]:
        """Return the statements whose agreed codes were looked through, each with its remark."""
        is_all = written.get(ALL_AGREED, "") == self.agreed_fingerprint
        return {
            unit: written.get((unit, "remark"), "")
            for unit in self.agreed
            if is_all or written.get((unit, "reviewed"))
        }

    def may_be_decided(self, unit: str, variable: str) -> bool:
        """Tell whether something is open, or may be opened by a decision on the statement."""
        if variable != CONDITION:
            return (unit, variable) in self.open
        return any(
            statement == unit and cell.condition_key not in self.project.ledger
            for (statement, _), cell in self.open.items()
        )

    def statements(self) -> list[dict[str, Any]]:
        """Return the statements as the page shows them, those with disagreements first."""
        is_open = dict.fromkeys(sorted(unit for unit, _ in self.open))
        units = [*is_open, *sorted({*self.agreed} - {*is_open})]
        coding_round = self.project.rounds[self.round_name]
        seen = units_as_read(coding_round, units)
        order = [*coding_round.codebook.variables, *coding_round.codebook.issues, CONDITION]
        by_unit = defaultdict(list)
        for unit, variable in sorted(self.open, key=lambda key: order.index(key[1])):
            cell = self.open[unit, variable]
            by_unit[unit].append(self._open(cell, variable))
        return [
            {
                "id": unit,
                **seen[unit],
                "open": by_unit[unit],
                "agreed": [_agreed(cell) for cell in self.agreed.get(unit, [])],
            }
            for unit in units
        ]

    def _open(self, cell: CodedCell, variable: str) -> dict[str, Any]:
        """Return what is to be settled as the page shows it, with the condition it may open."""
        shown: dict[str, Any] = {"variable": variable, "given": _given(cell)}
        shown["rules"] = likely_rules(cell, variable)
        if variable == CONDITION:
            shown["given"] = [
                given for given in shown["given"] if not cell.asks_for_condition(given["code"])
            ]
            return shown | {"wordings": cell.wordings()}
        codes = cell.coding_round.codebook.codes(variable)
        may_open = any(map(cell.asks_for_condition, codes))
        if may_open and cell.condition_key not in self.project.ledger:
            shown["condition"] = self._open(cell, CONDITION)
        return shown

    def remarks(self) -> list[Row]:
        """Return what was flagged, doubted or commented on in the round, without names."""
        return [row for row in flagged(self.project) if row["round"] == self.round_name]

    def decided(self, written: Written) -> tuple[list[Row], int]:
        """Return the decisions on what is open, and how many are begun and not complete."""
        begun = {key: _decision(written, key) for key in self.open}
        opened = {
            (unit, CONDITION)
            for (unit, variable), cell in self.open.items()
            if all(begun[unit, variable].values())
            and cell.asks_for_condition(begun[unit, variable]["code"])
            and cell.condition_key not in self.project.ledger
        }
        begun |= {key: _decision(written, key) for key in sorted(opened)}
        decisions = [
            {"round": self.round_name, "statement_id": unit, "variable": variable, **decision}
            for (unit, variable), decision in begun.items()
            if all(decision.values())
        ]
        return decisions, sum(any(decision.values()) for decision in begun.values()) - len(
            decisions
        )


def _decision(written: Written, key: Key) -> Row:
    """Return code, rule and reason of a decision, as they would go into the ledger."""
    unit, variable = key
    given = {kind: written.get((unit, f"{kind}/{variable}"), "") for kind in ON_A_DECISION}
    return {kind: clean_cell(flat(text)) for kind, text in given.items()}


def likely_rules(cell: CodedCell, variable: str) -> list[str]:
    """Return the rules that may decide a disagreement, those that its coders' notes name first.

    After them come those that the entry of the thing names, and those that name the thing.
    """
    book = cell.coding_round.project.codebook
    names = {variable}
    entry = ""
    if variable == CONDITION:
        names.add(cell.variable)
    elif variable in book:
        entry = json.dumps(book[variable], ensure_ascii=False)
        names.add(book[variable].get("title", variable))
    names |= {name.replace("_", " ") for name in names}
    naming = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b", re.IGNORECASE)
    named_by = [
        name
        for name, rule in book.rules.items()
        if naming.search(f"{rule.get('title', '')} {rule.get('rule', '')}")
    ]
    notes = rules_named(book, " ".join(cell.notes.values()))
    return [*dict.fromkeys([*notes, *rules_named(book, entry), *named_by])]


def _given(cell: CodedCell) -> list[dict[str, str]]:
    return [
        {"code": cell.codes[coder], "note": cell.notes.get(coder, "")} for coder in cell.shuffled()
    ]


def _agreed(cell: CodedCell) -> dict[str, Any]:
    notes = [cell.notes[coder] for coder in cell.shuffled() if coder in cell.notes]
    shown = {"variable": cell.variable, "code": _agreed_code(cell), "notes": notes}
    return shown | {"is_single": len(cell.codes) == 1}


def _agreed_code(cell: CodedCell) -> str:
    return next(iter(cell.codes.values()))
