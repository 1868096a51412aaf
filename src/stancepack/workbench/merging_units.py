"""The desk of who merges two unit lists: pairs side by side, without names, each to be decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from stancepack.dataset.columns import Field
from stancepack.files.tables import Row
from stancepack.project.kept import STATEMENTS, KeptRows
from stancepack.project.merging import OF_NEW_ACTORS, Decision, Merge, Pair
from stancepack.project.project import Project
from stancepack.project.unitising import GIVEN_COLUMNS, speakers_of
from stancepack.workbench.journal import Entry, Journal
from stancepack.workbench.unitising import (
    PASSAGE,
    SETTINGS,
    STAMP,
    fault_of_passage,
    rules_as_read,
    span_of,
    texts_as_read,
)

CHOICE, REASON = "choice", "reason"
FOR_ALL = "all"  # what a column holds where a unit has nothing of its own: "all/<column>"
_FIELD = re.compile(r"(?P<side>first|second|other)/(?P<column>\w+)")


class MergingDesk:
    """Somebody's desk over two closed unit lists.

    Parameters
    ----------
    project
        The project.
    journal
        Where the entries are kept.
    merger
        Id of the person.
    name
        Name of the round of unitising.

    Raises
    ------
    StancepackError
        If the person may not merge them, or not yet; see `stancepack.project.merging.Merge`.
    """

    page = "merge"

    def __init__(self, project: Project, journal: Journal, merger: str, name: str) -> None:
        self.merge = Merge(project, name, merger)
        self.unitising = self.merge.unitising
        self.journal, self.person = journal, merger
        self.is_closed = False

    @property
    def task(self) -> str:
        """The merge, as the journal has it: with other lists it is another task."""
        return f"merging/{self.unitising.name}/{self.merge.sha256[:STAMP]}"

    def state(self) -> dict[str, Any]:
        """Return all that the page shows."""
        if not self.is_closed:  # somebody may add actors and systems meanwhile
            home, name = self.unitising.project.home, self.unitising.name
            self.merge = Merge(Project(home), name, self.person)
        pairs = self.merge.pairs
        return {
            "task": self.task,
            "list": self.unitising.name,
            "person": self.person,
            "closed": self.is_closed,
            "agreement": str(self.merge.agreement),
            "codebook": rules_as_read(self.merge.project.codebook),
            **texts_as_read(self.unitising),
            "columns": self._columns(),
            "units": [_as_read(pair) for pair in pairs.values()],
            "entries": [e.as_json() for e in self.journal.newest(self.task, self.person)],
            "problems": self._problems([*pairs]),
        }

    def _columns(self) -> list[dict[str, Any]]:
        """Return the columns that are asked for beside those of the lists, as a page shows them."""
        kept = KeptRows(self.merge.project)
        of_new = {body.name: body for body in kept.tables["actors"].fields}
        fields = {body.name: body for body in kept.tables[STATEMENTS].fields}
        keys = kept.tables[STATEMENTS].foreign_keys
        points_to = {key.fields[0]: key.table for key in keys if key.table != STATEMENTS}
        shown = []
        for column in self.merge.asked:
            body = (of_new if column in OF_NEW_ACTORS else fields).get(column)
            rows = kept.ids(points_to.get(column, "")) or {}
            options = [
                (name, row.get("name") or row.get("title", "")) for name, row in rows.items()
            ]
            shown.append(_column(column, body, options))
        return shown

    def fault(self, entry: Entry) -> str:
        """Say what is wrong with an entry; nothing if it may be written."""
        if self.is_closed:
            return f"{self.unitising.name} is merged."
        if not entry.unit:
            all_of, _, column = entry.field.partition("/")
            is_known = entry.field == SETTINGS or (all_of == FOR_ALL and column in self.merge.asked)
            return "" if is_known else f"there is no field {entry.field!r}."
        pair = self.merge.pairs.get(entry.unit)
        if pair is None:
            return f"there is no unit {entry.unit!r} in these lists."
        if entry.field == CHOICE and entry.value not in ("", *pair.choices):
            return f"{entry.value!r} is not one of {', '.join(pair.choices)}."
        match = _FIELD.fullmatch(entry.field)
        if match and match["column"] == PASSAGE:
            return fault_of_passage(self.unitising, entry)
        columns = {*GIVEN_COLUMNS, *self.merge.asked} - {"note"}
        if entry.field in (CHOICE, REASON) or (match and match["column"] in columns):
            return ""
        return f"there is no field {entry.field!r}."

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the decisions that were written still lack; of all, if it is for all."""
        named = {entry.unit for entry in entries}
        return {"problems": self._problems([*self.merge.pairs] if "" in named else [*named])}

    def close(self) -> str:
        """Add what was decided to the unit list.

        Raises
        ------
        StancepackError
            If something is not decided, or cannot be added.
        """
        message = self.merge.close(self.decisions())
        self.is_closed = True
        return message

    def decisions(self) -> dict[str, Decision]:
        """Return what was decided so far, by pair."""
        newest = self.journal.newest(self.task, self.person)
        written = {(entry.unit, entry.field): entry.value for entry in newest}
        return {name: self._decision(pair, written) for name, pair in self.merge.pairs.items()}

    def _decision(self, pair: Pair, written: dict[tuple[str, str], str]) -> Decision:
        choice = written.get((pair.name, CHOICE), "")
        units = {
            side: self._unit(pair.name, side, unit, written)
            for side, unit in pair.units(choice).items()
        }
        return Decision(choice, written.get((pair.name, REASON), ""), units)

    def _unit(self, name: str, side: str, unit: Row, written: dict[tuple[str, str], str]) -> Row:
        """Return a unit as it was taken: what was written, else what the list has, else for all."""
        taken = {column: cell for column, cell in unit.items() if column != "note"}
        for column in {*GIVEN_COLUMNS, *self.merge.asked} - {"note"}:
            given = unit.get(column, "") if column in GIVEN_COLUMNS else ""
            for_all = written.get(("", f"{FOR_ALL}/{column}"), "")
            # what was emptied is written as a space; nothing at all is what an undo leaves
            cell = written.get((name, f"{side}/{column}"), "") or given or for_all
            taken[column] = cell.strip()
        if not self._has_new_speaker(taken):
            taken |= dict.fromkeys(OF_NEW_ACTORS, "")
        return taken | span_of(written.get((name, f"{side}/{PASSAGE}"), ""))

    def _has_new_speaker(self, unit: Row) -> bool:
        project = self.merge.project
        return any(name not in project.actors for name in speakers_of(project, unit["speaker"]))

    def _problems(self, names: Sequence[str]) -> dict[str, list[str]]:
        decisions = self.decisions()
        return {name: [*self.merge.problems(name, decisions[name])] for name in names}


def _as_read(pair: Pair) -> dict[str, Any]:
    return {
        "id": pair.name,
        "first": pair.first,
        "second": pair.second,
        "choices": pair.choices,
        "is_agreed": pair.is_agreed,
    }


def _column(name: str, body: Field | None, rows: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a column as a page shows it; `rows` are those that it can point to."""
    content = body.body if body else {}
    options = [(str(c["value"]), c.get("label", "")) for c in _categories(content)] or rows
    place = "Page, paragraph or another place in the source."
    return {
        "name": name,
        "title": content.get("title", name.replace("_", " ").capitalize()),
        "description": content.get("description", place),
        "is_required": bool(body and body.constraints.get("required")),
        "is_of_new_speaker": name in OF_NEW_ACTORS,
        "options": [{"id": value, "name": label} for value, label in options],
    }


def _categories(content: Any) -> list[dict[str, Any]]:
    categories = content.get("categories", [])
    return [c if isinstance(c, dict) else {"value": c} for c in categories]
