"""Unit lists of two people, each made alone: which of their units are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from stancepack.errors import StancepackError
from stancepack.files.tables import Row, read_rows

MARKED_COLUMNS = ["n", "speaker", "start", "end"]
_OFFSET = re.compile(r"[0-9]{1,15}")


class Mark(NamedTuple):
    """A unit as somebody marked it: whose words, and where in which text."""

    speaker: str
    start: int
    end: int
    source: str = ""


def matched(first: Sequence[Mark], second: Sequence[Mark]) -> list[tuple[int, int, float]]:
    """Match the units of two lists: same speaker, longest shared passage first, each unit once.

    Parameters
    ----------
    first, second
        The units of each list.

    Returns
    -------
    list of tuple
        Row in the first list, row in the second, and shared over joint length of the two passages.

    Examples
    --------
    >>> from stancepack.project.matching import Mark, matched
    >>> matched([Mark("ann", 0, 8)], [Mark("bob", 0, 8), Mark("ann", 4, 12)])
    [(0, 1, 0.3333333333333333)]
    """
    candidates = []
    for i, unit in enumerate(first):
        for j, other in enumerate(second):
            shared = min(unit.end, other.end) - max(unit.start, other.start)
            if shared > 0 and (unit.speaker, unit.source) == (other.speaker, other.source):
                joint = max(unit.end, other.end) - min(unit.start, other.start)
                candidates.append((shared, i, j, shared / joint))
    pairs, in_first, in_second = [], set(), set()
    for _, i, j, share in sorted(candidates, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i not in in_first and j not in in_second:
            pairs.append((i, j, share))
            in_first.add(i)
            in_second.add(j)
    return pairs


def read_marks(path: Path) -> list[Mark]:
    """Read a list of marked units: speaker, start and end of each.

    Raises
    ------
    StancepackError
        If the list cannot be read, or an offset in it is none.
    """
    return marks_of(read_rows(path, MARKED_COLUMNS), path)


def marks_of(rows: Iterable[Row], where: Path | str) -> list[Mark]:
    """Return the marks of rows of a unit list; `where` is named if an offset is none."""
    marks = []
    for row in rows:
        start, end = row["start"], row["end"]
        if not (_OFFSET.fullmatch(start) and _OFFSET.fullmatch(end) and int(start) < int(end)):
            what = f"start {start!r} and end {end!r} should be whole numbers, the first smaller."
            raise StancepackError(f"{where}, {row['n']}: {what}")
        marks.append(Mark(row["speaker"], int(start), int(end), row.get("source", "")))
    return marks
