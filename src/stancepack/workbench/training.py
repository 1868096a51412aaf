"""The desk of somebody who trains: made-up statements, with a word on each when it is done.

The answers are in nothing that the page gets before the training is passed. When a statement is
done its codes stand, and the page is told which of them the key has otherwise, and by which rules;
a try that is not passed is counted, and the next one starts from blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from stancepack.errors import StancepackError
from stancepack.files.tables import Row
from stancepack.project.filled import coded_names
from stancepack.project.rounds import Round
from stancepack.project.training import Training
from stancepack.workbench.coding import CodingDesk, codebook_as_read, rules_named
from stancepack.workbench.journal import Entry


class TrainingDesk(CodingDesk):
    """A coder's desk in the training; see `CodingDesk`."""

    def _units(self) -> dict[str, Row]:
        seen = self._training.contexts()
        return {item: seen[item] for item in self.coding_round.order_of(self.person)}

    @property
    def _training(self) -> Training:
        training = self.project.training
        if training is None:
            raise StancepackError("there is no training set.")
        return training

    @property
    def task(self) -> str:
        """The training and the number of the try, as the journal has it."""
        return f"{Round.TRAINING} {self.n_failed + 1}"

    @property
    def n_failed(self) -> int:
        """How many tries were not passed."""
        record = self.project.training_round
        return record.failed.get(self.person, 0) if record else 0

    def state(self) -> dict[str, Any]:
        """Return all that the page shows, with a word on each statement that is done."""
        done = [
            unit for (unit, field), value in self.written().items() if field == "done" and value
        ]
        training = {"n_failed": self.n_failed, "feedback": self._feedback(done)}
        return super().state() | {"training": training}

    def fault(self, entry: Entry) -> str:
        """Say what is wrong with an entry; what was answered for stands."""
        written = self.written()
        if fault := super().fault(entry):
            return fault
        is_code = entry.field.startswith("code/")
        if written.get((entry.unit, "done")) and (is_code or entry.field == "done"):
            return f"{entry.unit} is handed in, and its codes stand in this try."
        if entry.field == "done":
            missing = [
                variable
                for variable in coded_names(self.codebook)
                if not written.get((entry.unit, f"code/{variable}"))
            ]
            return f"{entry.unit}: {missing[0]} has no code yet." if missing else ""
        return ""

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the key has otherwise on the statements that are now done."""
        done = [entry.unit for entry in entries if entry.field == "done"]
        return {"feedback": self._feedback(done)} if done else {}

    def _feedback(self, done: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        written, training = self.written(), self._training
        feedback: dict[str, list[dict[str, Any]]] = {}
        for unit in done:
            because = rules_named(self.codebook, str(training.items[unit].get("because", "")))
            feedback[unit] = [
                {"variable": variable, "rules": self._concerning(variable, because)}
                for variable in coded_names(self.codebook)
                if written.get((unit, f"code/{variable}"), "")
                not in training.accepted(unit, variable)
            ]
        return feedback

    def _concerning(self, variable: str, rules: Sequence[str]) -> list[str]:
        """Return the rules that a variable points to, and those that are nobody's in particular."""
        things = {thing["name"]: thing["rules"] for thing in self._things}
        elsewhere = {rule for name in things if name != variable for rule in things[name]}
        return [rule for rule in rules if rule in things[variable] or rule not in elsewhere]

    @cached_property
    def _things(self) -> list[dict[str, Any]]:
        things: list[dict[str, Any]] = codebook_as_read(self.codebook)["things"]
        return things

    def close(self) -> str:
        """Hand the training in: certified, or a try that is counted."""
        try:
            message = super().close()
        finally:
            self.project = type(self.project)(self.project.home)
        return message
