"""Passages and quotations found again in the source texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE, fingerprint, missing_pieces, refind
from stancepack.files.paths import text_of, texts
from stancepack.validation.findings import Check, Fault

MOST_IN_VAIN = 10  # passages that are looked for elsewhere and not found; each can take a second


@dataclass
class Anchors:
    """How the passages of statements were found in their texts."""

    in_place: int = 0
    without_text: Counter[str] = field(default_factory=Counter)  # by source
    texts: list[Fault] = field(default_factory=list)
    passages: list[Fault] = field(default_factory=list)
    sought_in_vain: int = 0


def find_anchors(
    home: Path, statements: pd.DataFrame, sources: pd.DataFrame, *, search: bool = False
) -> Anchors:
    """Find every passage and quotation again in the texts that are at hand.

    Parameters
    ----------
    home
        The folder of the package.
    statements, sources
        Its tables.
    search
        Look for passages in a text that is not the one that the offsets refer to as well.
    """
    anchors = Anchors()
    stamps = dict(zip(sources["source_id"], sources["sha256"], strict=True))
    statements = statements.dropna(subset=["start", "end"])
    for key, rows in statements.groupby(statements["source"].str.split("[").str[0]):
        name, stamp = str(key), stamps.get(key)
        try:
            text = text_of(home, name)
        except StancepackError as error:
            remedy = "Get the text again, as UTF-8."
            anchors.texts.append(Fault("sources", name, message=str(error), remedy=remedy))
            continue
        if text is None:
            anchors.without_text[name] += len(rows)
            continue
        if isinstance(stamp, str) and fingerprint(text) != stamp:
            message = "The text at hand is not the one that the offsets refer to."
            remedy = "Get the text with this fingerprint."
            fault = Fault("sources", name, "sha256", stamp, message=message, remedy=remedy)
            anchors.texts.append(fault)
            if not search:
                continue
        _find_in(text, rows, anchors)
    return anchors


def check_texts(check: Check) -> None:
    """Check that every passage and quotation stands in the source texts, where they are at hand."""
    if "passages" not in check.modules:
        return
    for table in ("statements", "sources"):
        if check.dirty(table) or table not in check.text:
            why = "has findings" if check.dirty(table) else "is missing"
            check.not_checked.append(f"anchors: {table} {why}")
            return
    anchors = find_anchors(check.home, check.frame("statements"), check.frame("sources"))
    check.add_all("text", anchors.texts)
    check.add_all("anchor", anchors.passages)
    why = "not in the folder of texts" if texts(check.home) else "no folder of texts"
    for key, count in anchors.without_text.items():
        whose = f"{count} passages of {key}, whose text is not here"
        check.not_checked.append(f"anchors: {whose} ({why}; STANCEPACK_TEXTS names it)")


def _find_in(text: str, rows: Any, anchors: Anchors) -> None:
    """Find the passages of one text, and the words of quotations in their passages."""
    moved = 0  # by how much the last one was; the next is likely to have moved as far
    for row in rows.itertuples():
        name, passage = row.statement_id, text[row.start : row.end]
        stamp, quote = row.passage_sha256, row.quote
        if isinstance(stamp, str) and fingerprint(passage) != stamp:
            place, remedy = None, "Mark it again."
            if anchors.sought_in_vain < MOST_IN_VAIN:
                place = refind(text, int(row.end - row.start), stamp, int(row.start) + moved)
                anchors.sought_in_vain += place is None
                remedy = "It is nowhere in the text; mark it again."
            if place is not None:
                moved = place - int(row.start)
                remedy = f"It stands at {place}–{int(row.end) + moved}."
            message, value = "The passage is not at its offsets.", row.start
            fault = Fault("statements", name, "start", value, message=message, remedy=remedy)
            anchors.passages.append(fault)
        elif isinstance(quote, str) and (lost := PIECE.join(missing_pieces(passage, quote))):
            message = "These words do not stand in the passage, or not in this order."
            remedy = f"Copy the words as printed, pieces parted by {PIECE!r}."
            fault = Fault("statements", name, "quote", lost, message=message, remedy=remedy)
            anchors.passages.append(fault)
        else:
            anchors.in_place += 1
