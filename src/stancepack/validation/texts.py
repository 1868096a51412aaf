"""Passages and quotations found again in the source texts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE, fingerprint, missing_pieces, refind
from stancepack.files.paths import text_of, texts
from stancepack.validation.findings import Check

# texts


def check_texts(check: Check) -> None:
    """Find every passage and quotation again in the source texts, where they are at hand."""
    if check.dirty("statements") or check.dirty("sources"):
        check.not_checked.append("anchors: statements or sources has findings")
        return
    absent: Counter[str] = Counter()
    prints = check.text["sources"].set_index("source_id")["sha256"]
    for key, rows in (
        check.frame("statements").dropna(subset=["start", "end"]).groupby(_key_of(check))
    ):
        try:
            text = text_of(check.home, key)
        except StancepackError as error:
            message, remedy = "The text at hand cannot be read.", "Get the text again, as UTF-8."
            check.add("text", "sources", key, "", str(error), message, remedy)
            continue
        if text is None:
            absent[key] += len(rows)
        elif prints.get(key) and fingerprint(text) != prints[key]:
            message = "The text at hand is not the one that the offsets refer to."
            check.add(
                "text",
                "sources",
                key,
                "sha256",
                prints[key],
                message,
                "Get the text with this fingerprint.",
            )
        else:
            for row in rows.itertuples():
                _anchor(check, text, row)
    why = "no folder of texts" if not texts(check.home) else "not in the folder of texts"
    for key, count in absent.items():
        check.not_checked.append(
            f"anchors: {count} passages of {key}, whose text is not here ({why}; STANCEPACK_TEXTS names it)"
        )


def _key_of(check: Check) -> pd.Series[Any]:
    return check.text["statements"]["source"].str.partition("[")[0]


def _anchor(check: Check, text: str, row: Any) -> None:
    passage, stamp = text[row.start : row.end], getattr(row, "passage_sha256", pd.NA)
    if isinstance(stamp, str) and fingerprint(passage) != stamp:
        found = refind(text, int(row.end - row.start), stamp, min(int(row.start), len(text)))
        remedy = (
            f"It stands at {found}."
            if found is not None
            else "Mark the passage again with `stancepack anchor`."
        )
        check.add(
            "anchor",
            "statements",
            row.statement_id,
            "start",
            row.start,
            "The passage is not at its offsets.",
            remedy,
        )
    elif isinstance(row.quote, str):
        lost = PIECE.join(missing_pieces(passage, row.quote))
        if lost:
            message = "These words do not stand in the passage, or not in this order."
            remedy = f"Copy the words as printed, pieces parted by {PIECE!r}."
            check.add("anchor", "statements", row.statement_id, "quote", lost, message, remedy)
