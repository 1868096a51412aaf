"""Anchoring: finding a passage and its quotation again in the raw text of a source."""

from __future__ import annotations

import hashlib
import re

from stancepack.files.tables import clean_cell

PIECE = " | "
_BROKEN = re.compile(r"(?<=\w)-[ \t]*\r?\n[ \t]*(?=([^\W\d_]))")
# without a bound a passage as long as half a large text would be searched for hours
_MOST_HASHED = 500_000_000  # characters, about a second or two


def flat(text: str) -> str:
    """Undo line breaks: join words that a line end cut, and turn white space into single spaces."""

    def joined(cut: re.Match[str]) -> str:
        return "" if cut[1].islower() else cut[0]

    return " ".join(_BROKEN.sub(joined, text).split())


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def missing_pieces(passage: str, quote: str) -> list[str]:
    """List the pieces of a quotation, tidy as cells, that do not stand in order in a passage."""
    words, end, missing = clean_cell(flat(passage)), 0, []
    for piece in quote.split(PIECE) if quote else []:
        start = words.find(piece, end)
        if start < 0:
            missing.append(piece)
        else:
            end = start + len(piece)
    return missing


def refind(text: str, length: int, passage_sha256: str, near: int = 0) -> int | None:
    """Return the offset at which a passage of known length and fingerprint stands in a text.

    Tries offsets outward from `near`, so that a passage that moved by a few characters is found
    first. Of a long passage in a very long text only the neighbourhood is searched.
    """
    last = len(text) - length
    if length < 0 or last < 0:
        return None
    near = min(max(near, 0), last)
    steps = min(max(near, last - near), _MOST_HASHED // max(length, 1))
    for step in range(steps + 1):
        for start in {near - step, near + step}:
            if 0 <= start <= last and fingerprint(text[start : start + length]) == passage_sha256:
                return start
    return None
