"""What a seat works on: the shape of every desk, and what its page sends.

A desk knows one person's task. It gives its page what that person may see, says what is wrong with
an entry, and closes the task. Pages, access and the journal are the same for all desks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from stancepack.errors import StancepackError
from stancepack.workbench.journal import Entry, Journal

_LONGEST_VALUE = 20_000  # characters of a comment or a proposition; a page sends no books
_LONGEST_NAME = 200
MOST_ENTRIES = 2_000  # in one request


class EntryError(StancepackError):
    """An entry that a desk does not take; a page that is told which one sends the others again."""

    def __init__(self, message: str, entry: Entry) -> None:
        super().__init__(message)
        self.entry = entry.entry


class Desk(Protocol):
    """One person's task, as its page shows it."""

    page: str  # name of its template and script

    @property
    def task(self) -> str:
        """What is worked on, as the journal names it."""

    @property
    def person(self) -> str:
        """Id of who works on it."""

    def state(self) -> dict[str, Any]:
        """Return all that the page shows: what to work on, and what was written so far."""

    def fault(self, entry: Entry) -> str:
        """Say what is wrong with an entry; nothing if it may be written."""

    def answer(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return what the page is told once its entries are written."""

    def close(self) -> str:
        """End the task, and say what became of it in a few lines."""


def parsed_entries(content: Any) -> list[Entry]:
    """Read the entries that a page sends.

    Raises
    ------
    StancepackError
        If they have not the form of entries.
    """
    rows = content.get("entries") if isinstance(content, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ENTRIES:
        raise StancepackError(f"a page sends a list of at most {MOST_ENTRIES} entries.")
    return [_entry(row) for row in rows]


def _entry(row: Any) -> Entry:
    texts = ("unit", "field", "value", "entry")
    if not isinstance(row, dict) or {*row} != {*texts, "revision"}:
        raise StancepackError("an entry has unit, field, revision, value and entry.")
    revision = row["revision"]
    is_whole = isinstance(revision, int) and not isinstance(revision, bool)
    if not is_whole or not 0 < revision < 2**31:
        raise StancepackError("the revision of an entry is a whole number from 1 on.")
    for name in texts:
        longest = _LONGEST_VALUE if name == "value" else _LONGEST_NAME
        if not isinstance(row[name], str) or len(row[name]) > longest or not _is_text(row[name]):
            raise StancepackError(f"{name} of an entry is text of at most {longest} characters.")
    if not row["field"] or not row["entry"]:
        raise StancepackError("an entry names its field and has an id.")
    return Entry(**row)


def _is_text(value: str) -> bool:
    """Tell whether a text can be stored anywhere: no half characters, no null."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def write(desk: Desk, journal: Journal, content: Any) -> dict[str, Any]:
    """Write what a page sends into the journal, and return what the page is told.

    Raises
    ------
    EntryError
        If an entry is not one that this desk takes; then none is written.
    StancepackError
        If the page is of an earlier task.
    """
    entries = parsed_entries(content)
    if (task := content.get("task", desk.task)) != desk.task:
        raise StancepackError(f"this page is of {task}, which is over; load it again.")
    for entry in entries:
        if fault := desk.fault(entry):
            raise EntryError(fault, entry)
    refused = journal.write(desk.task, desk.person, entries)
    return {
        "written": [entry.entry for entry in entries],
        "conflicts": [entry.as_json() for entry in refused],
        **desk.answer(entries),
    }
