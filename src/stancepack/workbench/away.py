"""A round away from the workbench: taken along as one file, coded without a network, brought back.

The file is a page with all that it needs in it, the coder's own codes among them, and asks nobody
for anything. What is written on it is kept in the browser at once, and goes into the file when the
coder saves it anew. Brought back, its entries go into the journal of the coder whom the file names,
once each; what both have differently is kept twice until the coder chooses (see `merging`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError
from stancepack.files.atomic import write_new
from stancepack.files.reading import read_bytes
from stancepack.project.project import Project
from stancepack.project.rounds import Selection
from stancepack.workbench import pages
from stancepack.workbench.coding import CodingDesk
from stancepack.workbench.desk import parsed_entries
from stancepack.workbench.desks import coding_desk
from stancepack.workbench.journal import Entry, Journal
from stancepack.workbench.merging import ArrivingEntry, Merged, alternatives, merge
from stancepack.workbench.training import TrainingDesk

_FORM = "stancepack: a round taken along, form 1"
_MOST_BYTES = 200_000_000  # of a file; a thousand statements with all their entries have 10 MB
_ID_BYTES = 16
_MOST_TRIES = 10  # of bringing back while a page writes into the same fields
_MOST_LISTED = 20  # differences said on the command line; the page shows all


@dataclass(frozen=True)
class TakenRound:
    """A round in a file.

    Attributes
    ----------
    path
        The file.
    project, task, person
        Names of the project and the round, and id of the coder.
    stamps
        Fingerprints of the round's codebook and units.
    entries
        What the coder wrote, each field's in the order of writing.
    """

    path: Path
    project: str
    task: str
    person: str
    stamps: tuple[str, str]
    entries: list[ArrivingEntry]


def take_along(
    project: Project,
    journal: Journal,
    coder: str,
    path: Path,
    round_name: str = "",
    selection: Selection | None = None,
) -> str:
    """Write a coder's round with the page to code it on into one file.

    Parameters
    ----------
    project
        The project.
    journal
        Where the coder's entries are kept.
    coder
        Id of the coder, who has passed the training if there is one.
    path
        The file to write, which ends in ``.html``; one that is there is not overwritten. It holds
        source text, as a sheet does, and stays out of the project's history.
    round_name
        Name of the round; the one under way if empty.
    selection
        For a round that this coder starts: which units it has; all if None.

    Returns
    -------
    str
        What is in the file and how to go on, in a few lines.

    Raises
    ------
    StancepackError
        If the coder may not code in this round, or the file is there.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise StancepackError(f"{path}: a browser opens it; let its name end in .html.")
    if path.exists():
        what = "is there already, and may hold somebody's codes; name another file."
        raise StancepackError(f"{path}: {what}")
    desk = coding_desk(project, journal, coder, round_name, selection)
    if isinstance(desk, TrainingDesk):
        raise StancepackError(
            f"{coder}: the training comes first, and its answers stay here. Pass it with "
            f"`stancepack code --coder {coder}`, then take the round along."
        )
    write_new(path, _page(desk))
    n_done = len({entry.unit for entry in journal.newest(desk.task, coder)} - {""})
    return (
        f"{path}: {desk.task} of {coder}, {len(desk.units)} statements, {n_done} of them begun.\n"
        "Open it in a browser, without a network if need be, and save it there to keep the codes\n"
        f"in the file. Then: stancepack code --bring-back {path.name}"
    )


def bring_back(project: Project, journal: Journal, paths: Sequence[Path]) -> str:
    """Bring what was coded in files into the journals of their coders.

    Parameters
    ----------
    project
        The project that they were taken from.
    journal
        Where entries are kept.
    paths
        The files, of one coder or of several; all of them are read before anything is written.

    Returns
    -------
    str
        What came of each file.

    Raises
    ------
    StancepackError
        If a file is not a round of this project as it is, or has an entry that cannot be. Nothing
        is written then.
    """
    rounds = [read_taken(path) for path in paths]
    desks = [_desk(project, journal, taken) for taken in rounds]
    brought = [_brought(journal, taken, desk) for taken, desk in zip(rounds, desks, strict=True)]
    return "\n".join(brought)


def read_taken(path: Path) -> TakenRound:
    """Read a round that was taken along.

    Raises
    ------
    StancepackError
        If the file is something else, or was damaged.
    """
    content = _content(path)
    names = ("project", "task", "person", "codebook_sha256", "units_sha256")
    rows = content.get("entries")
    if not all(isinstance(content.get(name), str) for name in names) or not isinstance(rows, list):
        raise StancepackError(f"{path}: the file was damaged; bring another copy of it.")
    return TakenRound(
        path,
        content["project"],
        content["task"],
        content["person"],
        (content["codebook_sha256"], content["units_sha256"]),
        _entries(path, rows),
    )


def _entries(path: Path, rows: list[Any]) -> list[ArrivingEntry]:
    entries = []
    for number, row in enumerate(rows, 1):
        fields = {**row} if isinstance(row, dict) else {}
        after = fields.pop("after", None)
        try:
            (written,) = parsed_entries({"entries": [fields]})
            if not isinstance(after, str):
                raise StancepackError("it does not say which entry it came after.")
        except StancepackError as error:
            unit, name = fields.get("unit", ""), fields.get("field", "")
            where = f"{path}, entry {number} ({unit!r:.40}, {name!r:.40})"
            raise StancepackError(f"{where}: {error}") from None
        entries.append(ArrivingEntry(written, after))
    return entries


def _page(desk: CodingDesk) -> str:
    state = desk.state()
    entries = [{**entry, "after": ""} for entry in state.pop("entries")]
    taken = {
        "form": _FORM,
        "id": secrets.token_hex(_ID_BYTES),  # under which a browser keeps what is written on it
        "project": desk.project.settings.name,
        "task": desk.task,
        "person": desk.person,
        "codebook_sha256": state["codebook_sha256"],
        "units_sha256": state["units_sha256"],
        "saved": "",
        "entries": entries,
        "round": state,
    }
    return pages.alone("code.html", "away.js", taken=taken)


class _Finder(HTMLParser):
    """Find the data of a page that was taken along."""

    def __init__(self) -> None:
        super().__init__()
        self.data: list[str] | None = None
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_inside = tag == "script" and ("id", "taken") in attrs and self.data is None
        if self._is_inside:
            self.data = []

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside and self.data is not None:
            self.data.append(data)


def _content(path: Path) -> dict[str, Any]:
    finder = _Finder()
    finder.feed(read_bytes(path, _MOST_BYTES).decode("utf-8", errors="replace"))
    finder.close()
    what = "not a round that was taken along with `stancepack code --take-along`"
    if finder.data is None:
        raise StancepackError(f"{path}: {what}.")
    try:
        content = json.loads("".join(finder.data))
    except (ValueError, RecursionError):
        raise StancepackError(f"{path}: {what}, or damaged since; bring another copy.") from None
    if not isinstance(content, dict) or content.get("form") != _FORM:
        raise StancepackError(f"{path}: {what} of this version.")
    return content


def _desk(project: Project, journal: Journal, taken: TakenRound) -> CodingDesk:
    """Return the desk of the coder of a file, if all its entries can be brought to it."""
    where, name = f"{taken.path} ({taken.person})", taken.task
    coding_round = project.rounds.get(name)
    if coding_round is None:
        what = f"is {name!r} of {taken.project!r}, and no round of this project is called that."
        raise StancepackError(f"{where}: {what}")
    here = (coding_round.codebook_sha256, coding_round.units_sha256)
    if taken.stamps != here:
        which = "codebook" if taken.stamps[0] != here[0] else "unit list"
        what = f"{name} has another {which} here; it was taken from another project, or the round"
        raise StancepackError(f"{where}: {what} was started anew since. Nothing was brought back.")
    try:
        desk = CodingDesk(project, journal, taken.person, name)
        for row in taken.entries:
            if fault := desk.fault(row.written):
                raise StancepackError(fault)
    except StancepackError as error:
        raise StancepackError(f"{where}: {error} Nothing was brought back.") from None
    return desk


def _brought(journal: Journal, taken: TakenRound, desk: CodingDesk) -> str:
    for _ in range(_MOST_TRIES):
        merged = merge(_written_here(journal, desk), taken.entries)
        if not journal.write(desk.task, desk.person, merged.added):
            return _said(taken, desk, merged)
    what = f"{desk.person} goes on writing on the page; bring it back once that has ended."
    raise StancepackError(f"{taken.path}: {what}")


def _written_here(journal: Journal, desk: CodingDesk) -> Iterable[Entry]:
    names = ("unit", "field", "revision", "value", "entry")
    rows = journal.history(desk.task, desk.person)
    ordered = sorted(rows, key=lambda row: row["revision"])
    return [Entry(**{name: row[name] for name in names}) for row in ordered]


def _said(taken: TakenRound, desk: CodingDesk, merged: Merged) -> str:
    n_added = len({(entry.unit, entry.field) for entry in merged.added})
    lines = [f"{taken.path}: {n_added} fields of {desk.person} in {desk.task} brought back."]
    if merged.not_asked:
        lines.append(
            f"  {len(merged.not_asked)} times, skips or settings differ; those here stand."
        )
    written = desk.written()
    open_cells = list(alternatives(written))
    if open_cells:
        n_open = len(open_cells)
        lines.append(
            f"  {n_open} fields have two values. Both are kept, and {desk.person} chooses on the "
            f"page (stancepack code --coder {desk.person}); until then the round cannot be closed:"
        )
    for (unit, name), others in open_cells[:_MOST_LISTED]:
        here = written.get((unit, name), "")
        lines.append(f"    {unit}, {name}: {here!r} here, {', '.join(map(repr, others))} elsewhere")
    if len(open_cells) > _MOST_LISTED:
        lines.append(f"    and {len(open_cells) - _MOST_LISTED} more")
    return "\n".join(lines)
