"""What a coder sees of rounds that are sealed: once one is settled whole, where and why otherwise.

Until then nothing, and never what another coder gave or who settled. Where a round is being coded
again, its coders see nothing either: they may be asked for the same codes once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stancepack.project.adjudication import rules_of, unsettled
from stancepack.project.coded import KEY, coded_cells, settling_codes
from stancepack.project.project import Project
from stancepack.project.rounds import Round
from stancepack.workbench.coding import codebook_as_read, units_as_read
from stancepack.workbench.journal import Entry


class OverruledDesk:
    """A coder's look back at the rounds that the coder has sealed.

    Parameters
    ----------
    project
        The project.
    coder
        Id of the coder.
    """

    page = "overruled"
    task = "overruled"

    def __init__(self, project: Project, coder: str) -> None:
        self.home, self.person = project.home, coder

    def state(self) -> dict[str, Any]:
        """Return the rounds that the coder has sealed, the newest first."""
        project = Project(self.home)
        own = [known for known in project.rounds.values() if self.person in known.sheets]
        return {
            "title": project.settings.title,
            "task": self.task,
            "person": self.person,
            "rounds": [
                {"name": known.name, "settles": _settles(known), **self._seen(known)}
                for known in reversed(own)
                if not known.of
            ],
            "entries": [],
        }

    def _seen(self, coding_round: Round) -> dict[str, Any]:
        if not _is_settled_whole(coding_round) or _is_coded_again(coding_round):
            return {"is_settled": False}
        codes = {
            (row["statement_id"], row["variable"]): row for row in coding_round.rows(self.person)
        }
        ledger = coding_round.project.ledger
        overruled = [
            _overruled(row, settled)
            for (unit, variable), row in codes.items()
            if (settled := ledger.get((coding_round.name, unit, variable)))
            and settled["code"] != row["code"]
        ]
        seen = units_as_read(coding_round, {row["unit"] for row in overruled})
        shown = codebook_as_read(coding_round.codebook)
        shown["rules"] = codebook_as_read(coding_round.project.codebook)["rules"]
        return {
            "is_settled": True,
            "n_codes": len(codes),
            "codebook": shown,
            "units": seen,
            "overruled": overruled,
        }

    def fault(self, entry: Entry) -> str:
        """Refuse every entry: what is sealed is not changed."""
        return "the codes are sealed; nothing is written here."

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return nothing: nothing is written here."""
        return {}

    def close(self) -> str:
        """Say that there is nothing to close."""
        return "The codes are sealed already."


def _settles(coding_round: Round) -> bool:
    """Tell whether codes of a round are released: later rounds may have coded all of it."""
    if not coding_round.is_complete:
        return True
    settling = coding_round.project.settling_codes["round"]
    return coding_round.name in {*settling.unique()}


def _is_settled_whole(coding_round: Round) -> bool:
    """Tell whether a rule and a reason stand for all that the coders of a round differ on."""
    project, name = coding_round.project, coding_round.name
    if not coding_round.is_complete:
        return False
    codes = project.codes[project.codes["round"] == name]
    cells = coded_cells(settling_codes(codes, [coding_round]))
    disputed = cells[~cells["agreed"]]
    keys = zip(*(disputed[column] for column in KEY), strict=True)
    is_open = any(cell.coding_round.name == name for cell, _ in unsettled(project))
    return not is_open and all(key in project.ledger for key in keys)


def _is_coded_again(coding_round: Round) -> bool:
    """Tell whether a round of this one is under way, in which what was settled would be known."""
    return any(
        again.of == coding_round.name and not again.sheets
        for again in coding_round.project.rounds.values()
    )


def _overruled(row: dict[str, str], settled: dict[str, str]) -> dict[str, Any]:
    return {
        "unit": row["statement_id"],
        "variable": row["variable"],
        "code": row["code"],
        "note": row["note"],
        "settled": settled["code"],
        "rules": rules_of(settled["rule"]),
        "reason": settled["reason"],
    }
