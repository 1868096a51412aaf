"""The unit list of a project, and what a coder sees of each unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from stancepack.errors import StancepackError
from stancepack.files.passages import fingerprint, flat
from stancepack.files.tables import Row, csv_text, read_rows

if TYPE_CHECKING:
    from stancepack.project.project import Project

UNITS = "coding/units.csv"
UNIT_COLUMNS = ["statement_id", "actor_id", "date"]
# what makes a unit the one that was coded; dates and other facts may be bettered later
CODED_COLUMNS = ["statement_id", "actor_id", "start", "end", "quote", "proposition"]
WORDS = "text"  # the column of words that may be passed on
MERGE_NOTE = "merge_note"  # the column of why two unitisers' units became this one; not released
CONTEXT = ["speaker", "date", "venue", "before", "passage", "after", "quote", "proposition"]
_CODE_POINTS_AROUND = 700  # of context before and after a passage: a paragraph or two


def units_by_id(project: Project) -> dict[str, Row]:
    """Read the unit list of a project.

    Raises
    ------
    StancepackError
        If a statement is there twice or has no id.
    """
    units: dict[str, Row] = {}
    for number, row in enumerate(read_rows(project.path(UNITS), UNIT_COLUMNS), 2):
        unit = row["statement_id"]
        if not unit or unit in units:
            what = f"the statement {unit!r} is there twice" if unit else "a statement without an id"
            raise StancepackError(f"{UNITS}, row {number}: {what}; give each row an id of its own.")
        units[unit] = row
    return units


def actors_of(unit: Row) -> list[str]:
    """Return the speakers of a unit: usually one, several parted by spaces."""
    return list(dict.fromkeys(unit["actor_id"].split()))


def coded_columns(units: Iterable[Row]) -> list[str]:
    """Return the columns that coders read of these units; the words too where there are any."""
    return [*CODED_COLUMNS, WORDS] if any(unit.get(WORDS) for unit in units) else CODED_COLUMNS


def coded_text(units: Iterable[Row]) -> str:
    """Return what coders read of these units as a table; its fingerprint is that of the round."""
    rows = sorted(units, key=lambda unit: unit["statement_id"])
    columns = coded_columns(rows)
    return csv_text(columns, ({column: row.get(column, "") for column in columns} for row in rows))


def offsets(unit: Row) -> tuple[int, int] | None:
    """Return start and end of a unit's passage; None where it has none.

    Raises
    ------
    StancepackError
        If they are not whole numbers in order.
    """
    start, end = unit.get("start", ""), unit.get("end", "")
    if not start and not end:
        return None
    whole = all(cell.isascii() and cell.isdecimal() and len(cell) < 16 for cell in (start, end))
    if not whole or int(start) >= int(end):
        what = f"start {start!r} and end {end!r} should be whole numbers, the first smaller."
        raise StancepackError(f"{UNITS}, {unit['statement_id']}: {what}")
    return int(start), int(end)


def contexts(project: Project, units: Mapping[str, Row]) -> dict[str, Row]:
    """Collect what is seen of each unit: who, when and where, the words and what stands around.

    Raises
    ------
    StancepackError
        If a text is not at hand, or does not have the passage at its offsets.
    """
    return {name: _context(project, unit) for name, unit in units.items()}


def _context(project: Project, unit: Row) -> Row:
    names = [project.actors.get(actor, {}).get("name", actor) for actor in actors_of(unit)]
    context = {
        "speaker": ", ".join(names),
        "date": unit.get("date", ""),
        "venue": unit.get("venue", ""),
        "before": "",
        "after": "",
        "quote": unit.get("quote", ""),
        "proposition": unit.get("proposition", ""),
    }
    span = offsets(unit)
    if span is None:  # no text may be held: the words given are all there is
        words = unit.get(WORDS, "") or context["quote"] or context["proposition"]
        return {**context, "passage": flat(words)}
    start, end = span
    text = passage_text(project, unit, start, end)
    return context | {
        "before": flat(text[max(0, start - _CODE_POINTS_AROUND) : start]),
        "passage": flat(text[start:end]),
        "after": flat(text[end : end + _CODE_POINTS_AROUND]),
    }


def has_words_at_hand(project: Project, unit: Row) -> bool:
    """Tell whether a unit can be shown to a coder: it needs no text, or the text is here."""
    source = unit.get("source", "").partition("[")[0]
    return offsets(unit) is None or project.text(source) is not None


def passage_text(project: Project, unit: Row, start: int, end: int) -> str:
    """Return the text of a unit's source, in which its passage stands at these offsets.

    Raises
    ------
    StancepackError
        If the text is not at hand, or has other words there.
    """
    source = unit.get("source", "").partition("[")[0]
    where = f"{UNITS}, {unit['statement_id']}"
    text = project.text(source)
    if text is None:
        raise StancepackError(
            f"{where}: the text of {source!r} is not here, and a coder must see the passage. "
            f"Put {source}.txt into a folder and name that folder in STANCEPACK_TEXTS; or code the "
            "other units in a round of their own, with --readable."
        )
    stamp = unit.get("passage_sha256", "")
    if end > len(text) or (stamp and fingerprint(text[start:end]) != stamp):
        raise StancepackError(
            f"{where}: the text of {source!r} at hand does not have the passage at its offsets; "
            "get the text with the fingerprint of seeds/sources.bib, or run `stancepack anchor`."
        )
    return text
