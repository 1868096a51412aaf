"""The desk of whoever leads a team: how far each coder is, and how they agree once all have closed.

Of a round that is open it gives out counts, and which statements are flagged: no code, note or
comment leaves the journal. Who codes a round does not lead it. How long anybody took is not counted
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError
from stancepack.project.filled import coded_names
from stancepack.project.flagged import flagged
from stancepack.project.project import Project
from stancepack.project.rounds import Round
from stancepack.workbench.comparison import (
    agreement_of,
    confusions_of,
    drift_by_order,
    drift_by_time,
)
from stancepack.workbench.current import CurrentProject
from stancepack.workbench.journal import Entry, Journal

ROLE = "lead"
_FEWEST_SHEETS = 2  # that can be compared


class LeadDesk:
    """The desk of whoever leads a round.

    Parameters
    ----------
    home
        Folder of the project.
    journal
        Where the coders' entries are kept.
    lead
        Id of the person.
    round_name
        Name of the round; the last one if empty.
    coders
        Who codes at this workbench.

    Raises
    ------
    StancepackError
        If the lead codes this round.
    """

    page = "lead"

    def __init__(
        self,
        home: Path,
        journal: Journal,
        lead: str,
        round_name: str = "",
        coders: Iterable[str] = (),
    ) -> None:
        self.journal, self.person = journal, lead
        self._current = CurrentProject(home)
        self.seated = [*coders]
        self._round_name = round_name
        self._compared: tuple[Any, dict[str, Any]] = (None, {})
        self._refuse_coder(self._current.read())

    @property
    def task(self) -> str:
        """Name of the round."""
        return self._name_in(self._current.read())

    def _name_in(self, project: Project) -> str:
        own = [name for name, coding_round in project.rounds.items() if not coding_round.of]
        return self._round_name or (own[-1] if own else "")

    def _coders(self, project: Project) -> list[str]:
        """Return who codes: whom the ledger names, else who is here, has begun or has sealed."""
        name = self._name_in(project)
        coding_round = project.rounds.get(name)
        if coding_round is not None and coding_round.assignment:
            return coding_round.assigned_coders
        sealed = coding_round.sheets if coding_round else ()
        return sorted({*self.seated, *sealed, *self.journal.people(name)})

    def _refuse_coder(self, project: Project) -> None:
        if self.person in self._coders(project):
            what = "codes this round; who leads it should not code it"
            raise StancepackError(f"{self.person} {what}. Name another lead.")

    def state(self) -> dict[str, Any]:
        """Return all that the page shows."""
        project = self._current.read()
        self._refuse_coder(project)
        name, coders = self._name_in(project), self._coders(project)
        coding_round = project.rounds.get(name)
        state: dict[str, Any] = {
            "title": project.settings.title,
            "task": name,
            "person": self.person,
            "coders": [self._progress(project, coding_round, coder) for coder in coders],
            "compared": None,
            "entries": [],
        }
        if coding_round is None:
            return state
        book = coding_round.codebook
        state["things"] = {thing: book[thing].get("title", thing) for thing in coded_names(book)}
        is_closed = len(coding_round.sheets) >= _FEWEST_SHEETS and coding_round.is_complete
        if is_closed and {*coders} == {*coding_round.sheets}:
            state["compared"] = self._comparison(project, coding_round)
        return state

    def _progress(self, project: Project, coding_round: Round | None, coder: str) -> dict[str, Any]:
        """Count what a coder has coded, and list what the coder has flagged."""
        progress = {"coder": coder, "closed": "", "training": self._training(project, coder)}
        if coding_round is None:
            return progress | {"n_units": None, "n_done": 0, "flagged": []}
        units, things = coding_round.order_of(coder), coded_names(coding_round.codebook)
        if coder in coding_round.sheets:
            closed = str(coding_round.sheets[coder]["sealed"])
            remarks = coding_round.remarks(coder)
            flags = {row["statement_id"] for row in remarks if row["kind"] == "flag"}
            n_done = len(units)
        else:
            newest = self.journal.newest(coding_round.name, coder)
            written = {(entry.unit, entry.field) for entry in newest if entry.value}
            closed, flags = "", {unit for unit in units if (unit, "flag") in written}
            fields = [f"code/{thing}" for thing in things]
            n_done = sum(all((unit, field) in written for field in fields) for unit in units)
        counts = {"n_units": len(units), "n_done": n_done, "flagged": sorted(flags)}
        return progress | counts | {"closed": closed}

    def _training(self, project: Project, coder: str) -> dict[str, Any] | None:
        """Say how far the training of a coder is; nothing where there is none."""
        if project.training is None:
            return None
        record = project.training_round
        n_failed = record.failed.get(coder, 0) if record else 0
        is_passed = record is not None and coder in record.sheets
        return {"is_passed": is_passed, "n_failed": n_failed}

    def _comparison(self, project: Project, coding_round: Round) -> dict[str, Any]:
        """Compare the sealed sheets; they never change, so they are compared once."""
        sheets = {coder: sheet["sha256"] for coder, sheet in coding_round.sheets.items()}
        if self._compared[0] != sheets:
            remarks = [row for row in flagged(project) if row["round"] == coding_round.name]
            days = {coder: self._days(coding_round.name, coder) for coder in sheets}
            comparison = {
                "agreement": agreement_of(coding_round),
                "confusions": confusions_of(coding_round),
                "by_order": drift_by_order(coding_round),
                "by_time": drift_by_time(coding_round, days),
                "remarks": remarks,
            }
            self._compared = (sheets, comparison)
        return self._compared[1]

    def _days(self, task: str, coder: str) -> dict[str, date]:
        """Return the day on which each statement's codes were last changed."""
        days = {}
        for row in self.journal.history(task, coder):
            if row["field"].startswith("code/"):
                days[row["unit"]] = datetime.fromisoformat(row["written"]).date()
        return days

    def fault(self, entry: Entry) -> str:
        """Say that nothing is written here."""
        return "who leads a round writes nothing into it."

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the page is told: nothing."""
        return {}

    def close(self) -> str:
        """Refuse to close: each coder closes their own part.

        Raises
        ------
        StancepackError
            Always.
        """
        raise StancepackError("each coder closes the round on their own page.")
