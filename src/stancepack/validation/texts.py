"""Passages and quotations found again in the source texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE, fingerprint, missing_pieces, refind
from stancepack.files.paths import text_of, texts
from stancepack.validation.findings import Check, Fault

MOST_SEARCHED = (
    50  # passages of a text that are looked for where they may have gone; each takes up to seconds
)


def check_texts(check: Check) -> None:
    """Find every passage and quotation again in the source texts, where they are at hand."""
    if "passages" not in check.modules:
        return
    for table in ("statements", "sources"):
        if check.dirty(table) or table not in check.text:
            why = "has findings" if check.dirty(table) else "is missing"
            check.not_checked.append(f"anchors: {table} {why}")
            return
    absent = _check_sources(check)
    why = "not in the folder of texts" if texts(check.home) else "no folder of texts"
    for key, count in absent.items():
        whose = f"{count} passages of {key}, whose text is not here"
        check.not_checked.append(f"anchors: {whose} ({why}; STANCEPACK_TEXTS names it)")


def _check_sources(check: Check) -> Counter[str]:
    """Check the passages of each source, and return how many there are of sources whose text is not here."""
    absent: Counter[str] = Counter()
    sources = check.text["sources"]
    stamps = dict(zip(sources["source_id"], sources["sha256"], strict=True))
    statements = check.frame("statements").dropna(subset=["start", "end"])
    for key, rows in statements.groupby(statements["source"].str.split("[").str[0]):
        try:
            text = text_of(check.home, key)
        except StancepackError as error:
            message, remedy = str(error), "Get the text again, as UTF-8."
            check.add("text", Fault("sources", key, message=message, remedy=remedy))
            continue
        if text is None:
            absent[key] += len(rows)
        elif stamps.get(key) and fingerprint(text) != stamps[key]:
            message = "The text at hand is not the one that the offsets refer to."
            value, remedy = stamps[key], "Get the text with this fingerprint."
            check.add(
                "text", Fault("sources", key, "sha256", value, message=message, remedy=remedy)
            )
        else:
            check.add_all("anchor", _misplaced(text, rows))
    return absent


def _misplaced(text: str, rows: Any) -> Iterator[Fault]:
    """Go through passages that are not at their offsets, and words of quotations that are not in their passage."""
    n_searched = 0
    for row in rows.itertuples():
        passage = text[row.start : row.end]
        if isinstance(row.passage_sha256, str) and fingerprint(passage) != row.passage_sha256:
            n_searched += 1
            message = "The passage is not at its offsets."
            remedy = _whereabouts(text, row) if n_searched <= MOST_SEARCHED else "Anchor it again."
            name, value = row.statement_id, row.start
            yield Fault("statements", name, "start", value, message=message, remedy=remedy)
        elif isinstance(row.quote, str):
            lost = PIECE.join(missing_pieces(passage, row.quote))
            if lost:
                message = "These words do not stand in the passage, or not in this order."
                remedy = f"Copy the words as printed, pieces parted by {PIECE!r}."
                name = row.statement_id
                yield Fault("statements", name, "quote", lost, message=message, remedy=remedy)


def _whereabouts(text: str, row: Any) -> str:
    start, end = int(row.start), int(row.end)
    place = refind(text, end - start, row.passage_sha256, start)
    if place is None:
        return "It is nowhere in the text; mark the passage again."
    return f"It stands at {place}, to {place + end - start}."
