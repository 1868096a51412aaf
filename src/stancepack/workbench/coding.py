"""The desk of a coder: the statements of a round in the coder's own order, and the codes so far.

Nothing that it gives out carries another coder's codes, what was settled, or who else codes. When
the round is closed, the codes are sealed as a sheet would be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import NOT_ADDRESSED
from stancepack.errors import StancepackError
from stancepack.files.tables import Row
from stancepack.project.filled import coded_names
from stancepack.project.project import Project
from stancepack.project.rounds import Round, Selection
from stancepack.project.sheets import join, seal_codes
from stancepack.project.units import contexts, has_words_at_hand
from stancepack.workbench.journal import Entry, Journal
from stancepack.workbench.merging import ELSEWHERE, alternatives, values

ON_A_CODE = ("code", "confidence", "note", "unsure")  # fields "code/<variable>" and so on
ON_A_UNIT = ("confidence", "comment", "flag", "skip", "seconds", "done")
# of the whole task: the keys as the coder has bound them, and whether the page was explained
SETTINGS = ("keys", "introduced")
_MARKS = ("unsure", "flag", "skip", "done")  # set ("yes") or taken back ("")
_REMARKED = {"unsure": "unsure", "comment": "comment", "flag": "flag", "seconds": "seconds"}


class CodingDesk:
    """A coder's desk in a round.

    Parameters
    ----------
    project
        The project.
    journal
        Where the coder's entries are kept.
    coder
        Id of the coder.
    round_name
        Name of the round; joining it starts it if nobody has.
    selection
        For a round that is started so: which units it has; all if None.

    Raises
    ------
    StancepackError
        If the coder may not code in this round; see `stancepack.project.sheets.sheet`.
    """

    page = "code"

    def __init__(
        self,
        project: Project,
        journal: Journal,
        coder: str,
        round_name: str,
        selection: Selection | None = None,
    ) -> None:
        self.project, self.journal, self.person = project, journal, coder
        self.coding_round = join(project, coder, round_name, selection=selection)
        self.codebook = self.coding_round.codebook
        self.units = self._units()
        self.settings = self._settings()

    @property
    def is_closed(self) -> bool:
        """Whether the codes are sealed, here or at another workbench."""
        return self.project.path(self.coding_round.sheet_file(self.person)).exists()

    def _units(self) -> dict[str, Row]:
        return units_as_read(self.coding_round, self.coding_round.order_of(self.person))

    def _settings(self) -> dict[str, str]:
        """Return what the coder set elsewhere: in the training, and in earlier rounds."""
        project, settings = self.project, dict.fromkeys(SETTINGS, "")
        record = project.training_round
        tries = range(1, (record.failed.get(self.person, 0) if record else 0) + 2)
        for task in [*(f"{Round.TRAINING} {number}" for number in tries), *project.rounds]:
            for entry in self.journal.newest(task, self.person):
                if entry.unit == "" and entry.field in SETTINGS:
                    settings[entry.field] = entry.value
        return settings

    @property
    def task(self) -> str:
        """Name of the round, as the journal has it."""
        return self.coding_round.name

    def state(self) -> dict[str, Any]:
        """Return all that the coder's page shows."""
        newest = self.journal.newest(self.task, self.person)
        return {
            "title": self.project.settings.title,
            "task": self.task,
            "person": self.person,
            "codebook_sha256": self.coding_round.codebook_sha256,
            "units_sha256": self.coding_round.units_sha256,
            "closed": self.is_closed,
            "settings": self.settings,
            "codebook": codebook_as_read(self.codebook),
            "units": [{"id": unit, **seen} for unit, seen in self.units.items()],
            "entries": [entry.as_json() for entry in newest],
        }

    def fault(self, entry: Entry) -> str:
        """Say what is wrong with an entry; nothing if it may be written."""
        if self.is_closed:
            return f"{self.task} is closed: its codes are sealed, and nothing is added to them."
        if entry.unit == "" and entry.field in SETTINGS:
            return ""
        if entry.unit not in self.units:
            return f"there is no statement {entry.unit!r} to code here."
        if entry.field.startswith(ELSEWHERE):
            return self._fault_elsewhere(entry)
        kind, _, variable = entry.field.partition("/")
        allowed = ON_A_CODE if variable else ON_A_UNIT
        if kind not in allowed or (variable and variable not in self.codebook):
            return f"{entry.unit}: there is no field {entry.field!r}."
        return "" if entry.value == "" else self._fault_of_value(kind, variable, entry)

    def _fault_elsewhere(self, entry: Entry) -> str:
        """Say what is wrong with what a field has in another place; see `merging`."""
        name, others = entry.field.removeprefix(ELSEWHERE), values(entry.value)
        if name.startswith(ELSEWHERE) or (entry.value and not others):
            return f"{entry.unit}, {entry.field}: not a list of what another place has."
        # an empty one is asked about too: there may be no such field
        faults = [self.fault(replace(entry, field=name, value=value)) for value in [*others, ""]]
        return next(filter(None, faults), "")

    def _fault_of_value(self, kind: str, variable: str, entry: Entry) -> str:
        levels = list(self.codebook.confidence)
        wanted = {
            "code": self.codebook.codes(variable) if variable else [],
            "confidence": levels,
            **{mark: ["yes"] for mark in _MARKS},
        }.get(kind)
        where = f"{entry.unit}, {entry.field}"
        if wanted is not None and entry.value not in wanted:
            return f"{where}: {entry.value!r} is not one of {', '.join(wanted)}."
        if kind == "seconds" and not re.fullmatch(r"\d{1,7}", entry.value):
            return f"{where}: {entry.value!r} is no number of seconds."
        return ""

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the page is told once entries are written: here nothing more."""
        return {}

    def close(self) -> str:
        """Seal the codes.

        Raises
        ------
        StancepackError
            If a code is missing, a note that a code asks for, or a confidence; or if something has
            another value elsewhere, such as in a file that was brought back.
        """
        project = Project(self.project.home)
        written = self.written()
        for (unit, name), others in alternatives(written):
            here = repr(written.get((unit, name), ""))
            what = f"{here} here, {', '.join(map(repr, others))} elsewhere; choose on the page."
            raise StancepackError(f"{unit}, {name}: {what}")
        codes, remarks = list(self._codes(written)), list(self._remarks(written))
        return seal_codes(project, self.person, self.coding_round.name, codes, remarks)

    def written(self) -> dict[tuple[str, str], str]:
        """Return the newest value of each field, by unit and field."""
        newest = self.journal.newest(self.task, self.person)
        return {(entry.unit, entry.field): entry.value for entry in newest}

    def _codes(self, written: dict[tuple[str, str], str]) -> Iterator[Row]:
        for unit in self.units:
            for variable in coded_names(self.codebook):
                given = {kind: written.get((unit, f"{kind}/{variable}"), "") for kind in ON_A_CODE}
                # a coder may say once how sure all codes of a statement are
                sure = given["confidence"] or written.get((unit, "confidence"), "")
                yield {
                    "statement_id": unit,
                    "variable": variable,
                    "code": given["code"],
                    "confidence": sure,
                    "note": given["note"],
                }

    def _remarks(self, written: dict[tuple[str, str], str]) -> Iterator[Row]:
        for (unit, field), value in sorted(written.items()):
            kind, _, variable = field.partition("/")
            if unit in self.units and kind in _REMARKED and value:
                remark = {"statement_id": unit, "variable": variable, "kind": kind, "value": value}
                yield remark


_READ: WeakKeyDictionary[Project, dict[str, dict[str, Row]]] = WeakKeyDictionary()


def units_as_read(coding_round: Round, units: Iterable[str]) -> dict[str, Row]:
    """Return what is read of some units of a round, in their text where that is at hand."""
    by_round = _READ.setdefault(coding_round.project, {})
    if coding_round.name not in by_round:  # once for all coders
        by_round[coding_round.name] = _all_as_read(coding_round)
    return {unit: by_round[coding_round.name][unit] for unit in units}


def _all_as_read(coding_round: Round) -> dict[str, Row]:
    project = coding_round.project
    shown = {}
    for unit, row in coding_round.units.items():
        today = project.units.get(unit, row)
        if unit in project.units and has_words_at_hand(project, today):
            shown[unit] = today
        else:
            # the text is not on this machine: the quotation and the proposition stand for it
            shown[unit] = {**today, **row, "start": "", "end": ""}
    return contexts(project, shown)


def codebook_as_read(codebook: Codebook) -> dict[str, Any]:
    """Return the instrument as a page shows it: what is coded, how, and by which rules."""
    return {
        "version": codebook.version,
        "things": [_thing(codebook, name) for name in coded_names(codebook)],
        "rules": [{"id": name, **rule} for name, rule in codebook.rules.items()],
        "confidence": [
            {"code": str(level), "definition": text} for level, text in codebook.confidence.items()
        ],
    }


def _thing(codebook: Codebook, name: str) -> dict[str, Any]:
    entry = codebook[name]
    codes = entry["codes"]
    return {
        "name": name,
        "title": entry.get("title", name),
        "question": entry["question"],
        "scope": entry.get("scope", ""),
        "is_issue": name in codebook.issues,
        "codes": [_code(codes, code) for code in codebook.codes(name)],
        "rules": rules_named(codebook, json.dumps(entry, ensure_ascii=False)),
        "asks_for_note": [
            code for code in codebook.codes(name) if codebook.plays("conditional", name, code)
        ],
    }


def _code(codes: Any, code: str) -> dict[str, str]:
    entry = codes.get(code, {})
    label = "not addressed" if code == NOT_ADDRESSED else ""
    kept = {name: entry.get(name, "") for name in ("definition", "use", "not")}
    return {"code": code, "label": entry.get("label", label), **kept}


def rules_named(codebook: Codebook, text: str) -> list[str]:
    """Return the rules whose names stand in a text."""
    return [name for name in codebook.rules if re.search(rf"\b{re.escape(name)}\b", text)]
