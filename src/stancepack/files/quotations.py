"""Words found in a raw text, whatever line ends and hyphens cut them: exact places for offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache

from stancepack.files.passages import flat
from stancepack.files.tables import clean_cell

# a word cut by a line end, white space, or any character
_TOKEN = re.compile(r"(?<=\w)(?P<cut>-[ \t]*\r?\n[ \t]*)(?=[^\W\d_])|(?P<space>\s+)|.", re.DOTALL)
# quotation marks and dashes, of which every keyboard has its own
_FOLDED = str.maketrans("‘’‚‛′´`“”„‟″«»‐‑‒–—―−", "'" * 7 + '"' * 7 + "-" * 7)
_LEAST_ALIKE = 0.25  # share of the words in one piece that makes a passage worth naming
_AROUND = 40  # characters shown before and after a place

Span = tuple[int, int]


class FlatText:
    r"""A raw text in which words are found as they are read: in one line, with cut words joined.

    Parameters
    ----------
    text
        The text, code point for code point.

    Examples
    --------
    >>> from stancepack.files.quotations import FlatText
    >>> text = FlatText("It is an emp-\nty\npromise.")
    >>> text.find(["empty promise"])
    [(9, 24)]
    >>> text.raw[9:24]
    'emp-\nty\npromise'
    """

    def __init__(self, text: str) -> None:
        self.raw = text
        letters: list[str] = []
        self._spans: list[Span] = []
        for token in _TOKEN.finditer(text):
            start, end = token.span()
            piece = token[0]
            if token["cut"]:
                if text[end].islower():
                    continue
                piece = "-"  # a hyphen of its own, before a capital
            if token["space"] or token["cut"]:
                self._append(letters, piece.strip(), start, end)
                self._append(letters, " ", start, end)
            elif _is_seen(piece):
                self._append(letters, piece, start, end)
        self.flat = "".join(letters)
        self._folded = self.flat.translate(_FOLDED)

    def _append(self, letters: list[str], piece: str, start: int, end: int) -> None:
        if not piece or (piece == " " and (not letters or letters[-1] == " ")):
            return
        joined = unicodedata.normalize("NFC", letters[-1] + piece) if letters else piece
        if letters and len(joined) == 1:  # an accent that stands for itself in the raw text
            letters[-1] = joined
            self._spans[-1] = (self._spans[-1][0], end)
            return
        letters.append(piece)
        self._spans.append((start, end))

    def find(self, pieces: Sequence[str]) -> list[Span]:
        """Return every place where words stand: from the first piece to the last, in order.

        Quotation marks and dashes of other shapes are taken for the same where the words are not
        found as they are.

        Parameters
        ----------
        pieces
            The words, or several pieces of them with something left out between.

        Returns
        -------
        list of tuple of int
            Start and end in code points of the raw text; of several ways to go from one start, the
            shortest.
        """
        wanted = [clean_cell(flat(piece)) for piece in pieces]
        if not wanted or not all(wanted):
            return []
        return self._places(self.flat, wanted) or self._places(
            self._folded, [piece.translate(_FOLDED) for piece in wanted]
        )

    def _places(self, letters: str, pieces: Sequence[str]) -> list[Span]:
        places: list[Span] = []
        first = letters.find(pieces[0])
        while first >= 0:
            end = first + len(pieces[0])
            for piece in pieces[1:]:
                start = letters.find(piece, end)
                if start < 0:
                    return places
                end = start + len(piece)
            places.append((self._spans[first][0], self._spans[end - 1][1]))
            first = letters.find(pieces[0], first + 1)
        return places

    def around(self, place: Span) -> str:
        """Return a place with what stands around it, in one line."""
        before = flat(self.raw[max(0, place[0] - _AROUND) : place[0]])
        after = flat(self.raw[place[1] : place[1] + _AROUND])
        return f"… {before} [{flat(self.raw[slice(*place)])}] {after} …"

    def nearest(self, words: str) -> str:
        """Return the passage that has most of some words in one piece; empty if none has much."""
        wanted = clean_cell(flat(words)).translate(_FOLDED)
        match = SequenceMatcher(None, self._folded, wanted, autojunk=False).find_longest_match()
        if match.size < _LEAST_ALIKE * len(wanted):
            return ""
        start = max(0, match.a - match.b)
        return self.flat[start : start + len(wanted)]


@cache
def _is_seen(letter: str) -> bool:
    """Tell whether a character is one that a tidy cell keeps."""
    return bool(clean_cell(letter))
