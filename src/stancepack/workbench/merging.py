"""What one person wrote in two places, brought together: nothing dropped, nothing chosen silently.

An entry from another place says which entry of its field it came after. Where that one is the
newest here, the other place is simply ahead, and its entries are added. Else both have gone on,
each on its own: the values of the other place are kept beside, in the field ``elsewhere/<field>``,
until the person chooses. Entries have ids, so that bringing the same ones again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stancepack.workbench.journal import Entry

ELSEWHERE = "elsewhere/"
_OF_WORKING = ("seconds", "skip")  # how somebody worked, not what is coded
_ASIDE = "~"  # begins the id of an entry that was kept beside; the rest is its own id
Cell = tuple[str, str]  # unit and field


@dataclass(frozen=True)
class ArrivingEntry:
    """An entry from another place.

    Attributes
    ----------
    written
        The entry.
    after
        Id of the entry of the same field that it came after; empty for the first one.
    """

    written: Entry
    after: str


@dataclass
class Merged:
    """What bringing entries together came to.

    Attributes
    ----------
    added
        Entries to write, in order.
    different
        Units and fields that now have another value elsewhere.
    not_asked
        Units and fields of how somebody worked and of settings, of which the value here stands.
    """

    added: list[Entry] = field(default_factory=list)
    different: list[Cell] = field(default_factory=list)
    not_asked: list[Cell] = field(default_factory=list)


def merge(here: Iterable[Entry], arriving: Iterable[ArrivingEntry]) -> Merged:
    """Bring entries of another place to those here.

    Parameters
    ----------
    here
        All entries of one person's task, each field's in the order of its revisions.
    arriving
        Entries of the same person's task from another place, in the order in which they came.

    Examples
    --------
    >>> from stancepack.workbench.journal import Entry
    >>> from stancepack.workbench.merging import ArrivingEntry, merge
    >>> here = [Entry("S1", "code/tax", 1, "2", "a"), Entry("S1", "code/tax", 2, "1", "b")]
    >>> later = ArrivingEntry(Entry("S1", "code/tax", 3, "0", "c"), after="b")
    >>> [(entry.field, entry.value) for entry in merge(here, [later]).added]
    [('code/tax', '0')]
    >>> other = ArrivingEntry(Entry("S1", "code/tax", 2, "-2", "d"), after="a")
    >>> [(entry.field, entry.value) for entry in merge(here, [other]).added]
    [('elsewhere/code/tax', '["-2"]')]
    """
    log, merged = _Log(here), Merged()
    by_cell: dict[Cell, list[ArrivingEntry]] = {}
    for row in arriving:
        if not log.knows(row.written.entry):
            by_cell.setdefault((row.written.unit, row.written.field), []).append(row)
    # what was kept beside comes last: it is compared with what then stands
    for cell in sorted(by_cell, key=lambda cell: cell[1].startswith(ELSEWHERE)):
        missing, newest = by_cell[cell], log.newest(cell)
        if newest is None or missing[0].after == newest.entry:
            merged.added += [log.add(cell, row.written.value, row.written.entry) for row in missing]
        elif not _is_asked(cell):
            merged.not_asked.append(cell)
        else:
            merged.added += _kept_beside(log, cell, [row.written for row in missing])
    touched = {_asked_about((entry.unit, entry.field)) for entry in merged.added}
    merged.different = [cell for cell in sorted(touched) if log.alternatives(cell)]
    return merged


def alternatives(written: Mapping[Cell, str]) -> Iterator[tuple[Cell, list[str]]]:
    """Yield each unit and field that has other values elsewhere, with these values."""
    for (unit, name), value in sorted(written.items()):
        if name.startswith(ELSEWHERE):
            cell = _asked_about((unit, name))
            if others := [other for other in values(value) if other != written.get(cell, "")]:
                yield cell, others


def values(text: str) -> list[str]:
    """Read the values of an ``elsewhere`` field; none where it is empty or no list of texts."""
    try:
        content = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    is_list = isinstance(content, list) and all(isinstance(value, str) for value in content)
    return content if is_list else []


class _Log:
    """The entries of one person's task, as they are and as they are added to."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._newest: dict[Cell, Entry] = {}
        self._ids: set[str] = set()
        for entry in entries:
            self._take(entry)

    def knows(self, entry: str) -> bool:
        """Tell whether an entry is here, or was kept beside."""
        return entry in self._ids or f"{_ASIDE}{entry}" in self._ids

    def newest(self, cell: Cell) -> Entry | None:
        """Return the newest entry of a field, if there is one."""
        return self._newest.get(cell)

    def add(self, cell: Cell, value: str, entry: str) -> Entry:
        """Add an entry as the next one of its field."""
        newest = self.newest(cell)
        added = Entry(*cell, newest.revision + 1 if newest else 1, value, entry)
        self._take(added)
        return added

    def alternatives(self, cell: Cell) -> list[str]:
        """Return the other values that a field has elsewhere."""
        beside = self.newest(_beside(cell))
        newest = self.newest(cell)
        own = newest.value if newest else ""
        return [value for value in values(beside.value if beside else "") if value != own]

    def _take(self, entry: Entry) -> None:
        self._newest[entry.unit, entry.field] = entry
        self._ids.add(entry.entry)


def _kept_beside(log: _Log, cell: Cell, missing: list[Entry]) -> list[Entry]:
    """Keep entries beside what stands; the newest is what the other place has."""
    asked = _asked_about(cell)
    before, added = log.alternatives(asked), []
    for entry in missing:
        others = values(entry.value) if cell != asked else [entry.value]
        newest = log.newest(asked)
        own = newest.value if newest else ""
        kept = [value for value in dict.fromkeys([*before, *others]) if value != own]
        text = json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""
        added.append(log.add(_beside(asked), text, f"{_ASIDE}{entry.entry}"))
    return added


def _is_asked(cell: Cell) -> bool:
    """Tell whether a person is asked which value stands: not of settings, which have no unit."""
    return cell[0] != "" and cell[1] not in _OF_WORKING


def _beside(cell: Cell) -> Cell:
    return (cell[0], f"{ELSEWHERE}{cell[1]}")


def _asked_about(cell: Cell) -> Cell:
    return (cell[0], cell[1].removeprefix(ELSEWHERE))
