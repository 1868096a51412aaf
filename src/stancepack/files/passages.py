"""Anchoring: finding a passage and its quotation again in the raw text of a source."""

from __future__ import annotations

import hashlib
import re

PIECE = " | "
_BROKEN = re.compile(r"(?<=\w)-[ \t]*\n[ \t]*(?=[a-z])")


def flat(text: str) -> str:
    """Undo line breaks: join words that a line end cut, and turn white space into single spaces."""
    return " ".join(_BROKEN.sub("", text).split())


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def missing_pieces(passage: str, quote: str) -> list[str]:
    """List the pieces of a quotation that do not stand, in order, in a passage."""
    words, found, lost = flat(passage), 0, []
    for piece in quote.split(PIECE) if quote else []:
        at = words.find(piece, found)
        if at < 0:
            lost.append(piece)
        else:
            found = at + len(piece)
    return lost


def refind(text: str, length: int, passage_sha256: str, near: int = 0) -> int | None:
    """Return the offset at which a passage of known length and fingerprint stands in a text, if it does.

    Tries offsets outward from `near`, so that a passage that moved by a few characters is found
    first.
    """
    last = len(text) - length
    for step in range(max(near, last - near) + 1):
        for start in {near - step, near + step}:
            if 0 <= start <= last and fingerprint(text[start : start + length]) == passage_sha256:
                return start
    return None
