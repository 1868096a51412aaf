"""Colours and line styles that can be told apart, by colour-blind readers and in print."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

# Okabe and Ito (2008), darkest first, without the yellow that does not show on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES = ("solid", "dashed", "dotted", "dashdot")


def inks(lines: int) -> Iterator[tuple[str, str]]:
    """Go through colours and dashes for so many lines; two dozen of them differ."""
    pairs = [(colour, dash) for dash in DASHES for colour in COLOURS]
    return islice(cycle(pairs), lines)
