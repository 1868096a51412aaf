"""Colours and line styles that can be told apart, by colour-blind readers and in print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from stancepack.errors import StancepackError

# Okabe and Ito (2008), darkest first, without the yellow that does not show on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES = ("solid", "dashed", "dotted", "dashdot")
MOST_LINES = len(COLOURS) * len(DASHES)
MARK, MARK_AT_NIGHT = COLOURS[0], COLOURS[4]  # on light and on dark pages
NEUTRAL = "#4D4D4D"  # of what stands for no side


class Ink(NamedTuple):
    """How a line is drawn."""

    colour: str
    dash: str


def inks(names: Sequence[str], order: Sequence[str] = ()) -> dict[str, Ink]:
    """Return an ink for each name, no two the same.

    Parameters
    ----------
    names
        What is drawn.
    order
        All that could be drawn, whose place decides the ink: so it is the same in every figure.

    Raises
    ------
    StancepackError
        If there are more names than inks.

    Examples
    --------
    >>> inks(["b"], order=["a", "b"])["b"] == inks(["a", "b"])["b"]
    True
    """
    known = [*dict.fromkeys([*order, *names])]
    if len(known) > MOST_LINES:
        known = [*dict.fromkeys(names)]
    if len(known) > MOST_LINES:
        what = f"{MOST_LINES} lines can be told apart, and here are {len(known)}"
        raise StancepackError(f"{what}; choose some of them, by actor=[…] for instance.")
    pairs = [Ink(colour, dash) for dash in DASHES for colour in COLOURS]
    of_name = dict(zip(known, pairs, strict=False))
    return {name: of_name[name] for name in names}
