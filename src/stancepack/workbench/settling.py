"""The desk of an adjudicator: what the coders of a round differ on, without their names.

Of each statement it shows the disagreements, with the codes that were given in shuffled order and
the notes beside them, and the codes that all agreed on, to be looked through. Nothing that it gives
out says who coded. Closing takes what is decided into the ledger as a worksheet would, and leaves
the rest open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stancepack.dataset.codebook import Codebook
from stancepack.errors import StancepackError, did_you_mean
from stancepack.project.adjudication import (
    CONDITION,
    LEDGER,
    known_rule,
    rules_of,
    take_decisions,
    unsettled,
)
from stancepack.project.coders import require_role
from stancepack.project.project import Project
from stancepack.project.reviewed import confirm, require_settles
from stancepack.project.rounds import Round
from stancepack.workbench.coding import SETTINGS, codebook_as_read
from stancepack.workbench.current import CurrentProject
from stancepack.workbench.journal import Entry, Journal
from stancepack.workbench.open_cells import ALL_AGREED, ON_A_DECISION, OpenCells, Written

ON_A_STATEMENT = ("reviewed", "remark")


def settled_by(project: Project, adjudicator: str, round_name: str = "") -> Round:
    """Return the round that an adjudicator settles: the one named, else the first that is open.

    Where none is open it is the last one, whose agreed codes may still be looked through.

    Raises
    ------
    StancepackError
        If the adjudicator is unknown or coded in the round; if it is not complete, or none is.
    """
    if round_name:
        return require_settles(project, round_name, adjudicator)
    require_role(project.coders, adjudicator, "adjudicator")
    names = [
        coding_round.name
        for coding_round in project.complete_rounds
        if not coding_round.of and adjudicator not in coding_round.sheets
    ]
    if not names:
        what = "there is nothing to settle yet: no round is complete in which others coded."
        raise StancepackError(f"{adjudicator}: {what}")
    is_open = {cell.coding_round.name for cell, _ in unsettled(project)}
    return project.rounds[next((name for name in names if name in is_open), names[-1])]


class SettlingDesk:
    """An adjudicator's desk in a round.

    Parameters
    ----------
    project
        The project.
    journal
        Where the adjudicator's entries are kept.
    adjudicator
        Id of the adjudicator.
    round_name
        Name of the round; the first with something to settle if empty.

    Raises
    ------
    StancepackError
        If the adjudicator is unknown or coded in the round, or the round is not complete.
    """

    page = "settle"

    def __init__(
        self, project: Project, journal: Journal, adjudicator: str, round_name: str = ""
    ) -> None:
        self.journal, self.person, self._named = journal, adjudicator, round_name
        self._current = CurrentProject(project.home)
        project = self._current.read()
        self.cells = OpenCells(project, settled_by(project, adjudicator, round_name).name)

    @property
    def task(self) -> str:
        """The settling of the round, as the journal has it."""
        return _task(self.cells.round_name)

    def state(self) -> dict[str, Any]:
        """Return all that the page shows: nothing in it says who gave which code."""
        self._look_again()
        newest = self.journal.newest(self.task, self.person)
        return {
            "title": self.cells.project.settings.title,
            "task": self.task,
            "units_sha256": self.cells.project.rounds[self.cells.round_name].units_sha256,
            "round": self.cells.round_name,
            "person": self.person,
            "settings": self._settings(),
            "codebook": self._codebook(),
            "units": self.cells.statements(),
            "flagged": self.cells.remarks(),
            "agreed_fingerprint": self.cells.agreed_fingerprint,
            "entries": [entry.as_json() for entry in newest],
        }

    def _look_again(self) -> None:
        """See what others have sealed and settled since; go on to a round in which more is open."""
        project, name = self._current.read(), self.cells.round_name
        if project is self.cells.project:
            return
        cells = OpenCells(project, require_settles(project, name, self.person).name)
        if cells.is_empty:
            cells = OpenCells(project, settled_by(project, self.person, self._named).name)
        self.cells = cells

    def _settings(self) -> dict[str, str]:
        """Return what the adjudicator set while settling other rounds."""
        return {
            entry.field: entry.value
            for name in self.cells.project.rounds
            for entry in self.journal.newest(_task(name), self.person)
            if entry.unit == "" and entry.field in SETTINGS
        }

    def _codebook(self) -> dict[str, Any]:
        """Return the scales that the coders had, and the rules of today, which are cited."""
        project = self.cells.project
        today = project.codebook
        shown = codebook_as_read(project.rounds[self.cells.round_name].codebook)
        shown["rules"] = codebook_as_read(today)["rules"]
        for thing in shown["things"]:
            codes = [code["code"] for code in thing["codes"]]
            thing["asks_for_note"] = [
                code for code in codes if today.plays("conditional", thing["name"], code)
            ]
        return shown

    def fault(self, entry: Entry) -> str:
        """Say what is wrong with an entry; nothing if it may be written."""
        if entry.unit == "" and entry.field in SETTINGS:
            return ""
        kind, _, variable = entry.field.partition("/")
        if not variable and kind in ON_A_STATEMENT:
            return self._fault_of_review(entry)
        if kind not in ON_A_DECISION or not variable:
            return f"{entry.unit}: there is no field {entry.field!r}."
        if not self.cells.may_be_decided(entry.unit, variable):
            return f"{entry.unit}, {variable} is not open; others may have settled it."
        return "" if entry.value == "" else self._fault_of_value(kind, variable, entry)

    def _fault_of_review(self, entry: Entry) -> str:
        if (entry.unit, entry.field) == ALL_AGREED:
            if entry.value in ("", self.cells.agreed_fingerprint):
                return ""
            return "the agreed codes are no longer those that were shown; load the page anew."
        if entry.unit not in self.cells.agreed:
            return f"{entry.unit!r} has no agreed codes to look through in this round."
        if entry.field == "reviewed" and entry.value not in ("", "yes"):
            return f"{entry.unit}, reviewed: {entry.value!r} is not yes."
        return ""

    def _fault_of_value(self, kind: str, variable: str, entry: Entry) -> str:
        project = self.cells.project
        where = f"{entry.unit}, {entry.field}"
        if kind == "code" and variable != CONDITION:
            codes = project.rounds[self.cells.round_name].codebook.codes(variable)
            if entry.value not in codes:
                return f"{where}: {entry.value!r} is not one of {', '.join(codes)}."
        return _fault_of_rules(where, entry.value, project.codebook) if kind == "rule" else ""

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the page is told once entries are written: here nothing more."""
        return {}

    def close(self) -> str:
        """Take what is decided into the ledger, and what was looked through; leave the rest open.

        Raises
        ------
        StancepackError
            If a decision is not one that `stancepack adjudicate --take` would take.
        """
        written = self.written()
        name = self.cells.round_name
        with Project(self.cells.project.home).locked() as fresh:
            require_settles(fresh, name, self.person)
            cells = OpenCells(fresh, name)
            decisions, n_begun = cells.decided(written)
            n_taken = 0
            if decisions:
                where = f"the decisions of {self.person}"
                n_taken = take_decisions(fresh, decisions, self.person, where=where)
            n_confirmed = confirm(fresh, name, cells.confirmed(written), self.person)
        return self._said(n_taken, n_begun, n_confirmed)

    def written(self) -> Written:
        """Return the newest value of each field, by unit and field."""
        newest = self.journal.newest(self.task, self.person)
        return {(entry.unit, entry.field): entry.value for entry in newest}

    def _said(self, n_taken: int, n_begun: int, n_confirmed: int) -> str:
        name = self.cells.round_name
        left = unsettled(Project(self.cells.project.home))
        n_left = sum(cell.coding_round.name == name for cell, _ in left)
        lines = [
            f"Took {_counted(n_taken, 'decision')} into {LEDGER}.",
            f"Confirmed the agreed codes of {_counted(n_confirmed, 'statement')}.",
        ]
        if n_begun:
            stays = "it stays" if n_begun == 1 else "they stay"
            lines.append(f"{n_begun} begun without code, rule or reason; {stays} open.")
        lines.append(f"{n_left or 'Nothing'} left to settle in {name}.")
        return "\n".join(lines)


def _task(round_name: str) -> str:
    return f"settling {round_name}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _fault_of_rules(where: str, value: str, codebook: Codebook) -> str:
    for name in rules_of(value):
        if known_rule(name, codebook) not in codebook.rules:
            hint = did_you_mean(name, codebook.rules)
            return f"{where}: rule {name!r} is not in the codebook; {hint}"
    return ""
