"""The desk of a unitiser: whole texts, and the units that this person marked in them.

Nothing that it gives out carries another's list, or tells that there is one. When the list is
closed, it is sealed as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from stancepack.dataset.codebook import Codebook
from stancepack.errors import StancepackError
from stancepack.files.tables import Row
from stancepack.project.project import Project
from stancepack.project.unitising import (
    GIVEN_COLUMNS,
    MOST_LISTS,
    Unitising,
    join_unitising,
    plain_unit,
    seal_units,
    systems_of,
    text_order,
    unit_problems,
)
from stancepack.workbench.journal import Entry, Journal

PASSAGE = "passage"  # the field of where a unit stands: "start-end source", in code points
DELETED = "deleted"  # set ("yes") or taken back ("")
SETTINGS = "keys"  # of the whole task: the keys as they were bound
STAMP = 12  # letters of a fingerprint that tell one task from another of the same name
_UNIT = re.compile(r"[0-9a-f]{32}")  # the id that a page gives a unit that is marked
_PASSAGE = re.compile(r"(?P<start>[0-9]{1,9})-(?P<end>[0-9]{1,9}) (?P<source>.+)")


class UnitisingDesk:
    """Somebody's desk in a round of unitising.

    Parameters
    ----------
    project
        The project.
    journal
        Where the entries are kept.
    unitiser
        Id of the person.
    name
        Name of the round; joining it begins it if nobody has.
    sources
        The sources that are read; those with which it began if none is named.

    Raises
    ------
    StancepackError
        If the person may not mark units there; see
        `stancepack.project.unitising.join_unitising`.
    """

    page = "unitise"

    def __init__(
        self,
        project: Project,
        journal: Journal,
        unitiser: str,
        name: str,
        sources: Sequence[str] = (),
    ) -> None:
        self.unitising = join_unitising(project, unitiser, name, sources)
        self.journal, self.person = journal, unitiser
        self._look_anew()
        self.is_closed = False
        if len({*journal.people(self.task), unitiser}) > MOST_LISTS:
            what = "two people mark units in it already; begin another list."
            raise StancepackError(f"{self.unitising.folder}: {what}")

    def _look_anew(self) -> None:
        """Read actors, systems and rules as they are now: somebody may add to them meanwhile."""
        self.project = self.unitising.project = Project(self.unitising.project.home)

    @property
    def task(self) -> str:
        """The round, as the journal has it: with other texts or rules it is another task."""
        return f"unitising/{self.unitising.name}/{self.unitising.sha256[:STAMP]}"

    def state(self) -> dict[str, Any]:
        """Return all that the page shows."""
        self._look_anew()
        return {
            "task": self.task,
            "list": self.unitising.name,
            "person": self.person,
            "closed": self.is_closed,
            "codebook": rules_as_read(self.project.codebook),
            **texts_as_read(self.unitising),
            "entries": [e.as_json() for e in self.journal.newest(self.task, self.person)],
            "problems": self._problems(self.units()),
        }

    def fault(self, entry: Entry) -> str:
        """Say what is wrong with an entry; nothing if it may be written."""
        if self.is_closed:
            return f"{self.unitising.name} is closed: the list is sealed."
        if not entry.unit:
            return "" if entry.field == SETTINGS else f"there is no field {entry.field!r}."
        if not _UNIT.fullmatch(entry.unit):
            return f"{entry.unit!r} is no unit of this page."
        if entry.field == PASSAGE:
            return fault_of_passage(self.unitising, entry)
        if entry.field == DELETED:
            return "" if entry.value in ("", "yes") else f"{DELETED} is yes or nothing."
        return "" if entry.field in GIVEN_COLUMNS else f"there is no field {entry.field!r}."

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the units that were written still lack."""
        units = self.units()
        touched = {entry.unit for entry in entries if entry.unit in units}
        return {"problems": self._problems({unit: units[unit] for unit in touched})}

    def close(self) -> str:
        """Seal the list.

        Raises
        ------
        StancepackError
            If nothing is marked, or a unit lacks something.
        """
        project = Project(self.project.home)
        message = seal_units(project, self.person, self.unitising.name, self.units().values())
        self.is_closed = True
        return message

    def units(self) -> dict[str, Row]:
        """Return the units that are marked and not deleted, by their ids, as they stand."""
        fields: dict[str, Row] = {}
        for entry in self.journal.newest(self.task, self.person):
            fields.setdefault(entry.unit, {})[entry.field] = entry.value
        units = {
            unit: {**row, **span_of(row[PASSAGE])}
            for unit, row in fields.items()
            if row.get(PASSAGE) and not row.get(DELETED)
        }
        order = text_order(self.unitising)
        return dict(sorted(units.items(), key=lambda item: order(item[1])))

    def _problems(self, units: dict[str, Row]) -> dict[str, list[str]]:
        return {
            unit: [*unit_problems(self.unitising, plain_unit(self.project, row))]
            for unit, row in units.items()
        }


def span_of(passage: str) -> Row:
    """Return source, start and end of a passage as a page writes it."""
    match = _PASSAGE.fullmatch(passage)
    return match.groupdict() if match else {}


def fault_of_passage(unitising: Unitising, entry: Entry) -> str:
    """Say what is wrong with a passage that a page sends; nothing if it is one, or taken back."""
    if not entry.value:
        return ""
    span = span_of(entry.value)
    if span.get("source", "") not in unitising.texts:
        return f"{entry.value!r} is no passage of these texts."
    length = len(unitising.texts[span["source"]])
    if not int(span["start"]) < int(span["end"]) <= length:
        return f"{entry.value!r} is no passage: {span['source']} has {length} characters."
    return ""


def rules_as_read(codebook: Codebook) -> dict[str, Any]:
    """Return the rules of unitising as a page shows them."""
    return {
        "version": codebook.version,
        "things": [],
        "rules": [{"id": name, **rule} for name, rule in codebook.units.items()],
    }


def texts_as_read(unitising: Unitising) -> dict[str, Any]:
    """Return the texts, and whom and what a unit can name."""
    project = unitising.project
    return {
        "texts": [
            {"id": source, "title": project.sources.get(source, {}).get("title", ""), "text": text}
            for source, text in unitising.texts.items()
        ],
        "actors": _named(project.actors.items()),
        "systems": _named(systems_of(project).items()),
        "has_systems": "systems" in project.modules,
        "is_joint": "joint" in project.modules,
    }


def _named(rows: Iterable[tuple[str, Row]]) -> list[dict[str, str]]:
    return [{"id": name, "name": row.get("name", name)} for name, row in rows]
