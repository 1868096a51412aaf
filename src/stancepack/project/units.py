"""The unit list of a project, and what a coder sees of each unit."""

from __future__ import annotations

from pathlib import Path

from stancepack.errors import StancepackError
from stancepack.files.passages import fingerprint, flat
from stancepack.files.paths import text_of
from stancepack.files.tables import Row, csv_text, read_rows
from stancepack.project.training import read_training

UNITS = "coding/units.csv"
CONTEXT = [
    "speaker",
    "date",
    "venue",
    "before",
    "passage",
    "after",
    "quote",
    "proposition",
    "question",
    "scale",
]
UNIT_COLUMNS = [
    "statement_id",
    "actor_id",
    "source",
    "start",
    "end",
    "date",
    "quote",
    "proposition",
]
CODED = [
    "statement_id",
    "actor_id",
    "start",
    "end",
    "quote",
    "proposition",
]  # what makes a unit the one that was coded
_AROUND = 700  # code points of context before and after a passage


def read_units(home: Path) -> list[Row]:
    """Read the unit list of a project."""
    return read_rows(home / UNITS, UNIT_COLUMNS)


def units_fingerprint(units: list[Row]) -> str:
    """Return the fingerprint of what coders read of these units; dates and other facts may be bettered later."""
    return fingerprint(csv_text(CODED, sorted(units, key=lambda unit: str(unit["statement_id"]))))


def offsets(unit: Row) -> tuple[int, int]:
    """Return start and end of a unit's passage.

    Raises
    ------
    StancepackError
        If they are not whole numbers in order.
    """
    try:
        start, end = int(unit["start"]), int(unit["end"])
    except ValueError:
        start, end = 0, 0
    if not 0 <= start < end:
        raise StancepackError(
            f"{UNITS}, {unit['statement_id']}: start {unit['start']!r} and end {unit['end']!r} should be whole numbers, "
            "the first smaller."
        )
    return start, end


def passages(home: Path, training: bool, wanted: list[str]) -> dict[str, Row]:
    """Collect what a coder or adjudicator sees of each unit: speaker, date, venue, the passage with what stands around it, words.

    Raises
    ------
    StancepackError
        If a text is not at hand, or does not have the passage at its offsets.
    """
    if training:
        blank = dict.fromkeys(CONTEXT, "")
        return {
            name: blank
            | {
                part: flat(str(item.get(part, "")))
                for part in ("speaker", "passage", "quote", "proposition")
            }
            for name, item in read_training(home)["items"].items()
        }
    actors = {
        row["actor_id"]: row["name"]
        for row in read_rows(home / "seeds" / "actors.csv", ["actor_id", "name"])
    }
    seen = {}
    for unit in (unit for unit in read_units(home) if unit["statement_id"] in set(wanted)):
        source = unit["source"].partition("[")[0]
        place = {
            "speaker": actors.get(unit["actor_id"], unit["actor_id"]),
            "date": unit["date"],
            "venue": unit.get("venue", ""),
        }
        words = {"quote": unit["quote"], "proposition": unit["proposition"]}
        if not unit[
            "start"
        ]:  # a source of which no text may be held: the words quoted from it are all there is
            passage = unit["quote"] or unit["proposition"]
            seen[unit["statement_id"]] = {
                **place,
                "before": "",
                "passage": passage,
                "after": "",
                **words,
            }
            continue
        text = text_of(home, source)
        if text is None:
            raise StancepackError(
                f"{UNITS}, {unit['statement_id']}: the text of {source!r} is not here, and a coder must see the passage. "
                f"Put {source}.txt into a folder and name that folder in STANCEPACK_TEXTS."
            )
        start, end = offsets(unit)
        if "passage_sha256" in unit and fingerprint(text[start:end]) != unit["passage_sha256"]:
            raise StancepackError(
                f"{UNITS}, {unit['statement_id']}: the text of {source!r} at hand does not have the passage at its offsets; "
                "get the text with the fingerprint of seeds/sources.bib, or run `stancepack anchor`."
            )
        seen[unit["statement_id"]] = {
            **place,
            "before": flat(text[max(0, start - _AROUND) : start]),
            "passage": flat(text[start:end]),
            "after": flat(text[end : end + _AROUND]),
            **words,
        }
    return seen
