"""Patterns of codes: which codes the coders gave a unit, and how many units were coded so.

Every coefficient of agreement follows from the counts of the distinct patterns. Counting them is
the one thing that costs time with many units, and it is one pass: everything after it depends on
the number of patterns alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.reliability.categories import Categories

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

CHUNK = 2**17  # units at a time: what fits into the cache
HISTOGRAM = 2**22  # so many possible patterns are counted in a table, more are sorted
_KEYS = 2**62  # patterns that one whole number can tell apart


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct patterns of codes and how many units have each.

    Parameters
    ----------
    codes
        Patterns × coders: the rank of the code among the categories, −1 where the coder gave none.
    units
        How many units have each pattern.
    categories, coders
        The codes in their order, and the coders.
    anonymous
        Whether it is not known who gave which code: columns are no coders then.
    """

    codes: Integers
    units: Floats
    categories: Categories
    coders: list[Any]
    anonymous: bool = False

    @property
    def numbers(self) -> Floats:
        """A number for each category: itself, or its rank if it is not a number."""
        return self.categories.numbers

    @property
    def numeric(self) -> bool:
        """Whether the categories are numbers."""
        return self.categories.is_numeric

    @cached_property
    def counts(self) -> Floats:
        """Patterns × categories: how many coders gave each code."""
        counts = np.zeros((len(self.codes), len(self.categories)))
        rows = np.arange(len(self.codes))
        for column in self.codes.T:
            given = column >= 0
            np.add.at(counts, (rows[given], column[given]), 1.0)
        return counts

    @cached_property
    def size(self) -> Floats:
        """How many codes each pattern has."""
        return np.asarray((self.codes >= 0).sum(axis=1), dtype=float)

    @cached_property
    def pairable(self) -> Patterns:
        """The patterns with at least two codes."""
        return self.take(self.size >= 2)

    @cached_property
    def collapsed(self) -> Patterns:
        """The patterns without regard to who gave which code: far fewer."""
        codes, units, _ = distinct(np.sort(self.codes, axis=1), self.units, len(self.categories))
        return replace(self, codes=codes, units=units)

    def take(self, chosen: Any) -> Patterns:
        """Return some of the patterns."""
        return replace(self, codes=self.codes[chosen], units=self.units[chosen])

    def of_coders(self, coders: Sequence[int]) -> Patterns:
        """Return the patterns of some of the coders, given by their numbers."""
        names = [self.coders[number] for number in coders]
        return replace(self, codes=self.codes[:, list(coders)], coders=names)

    def recoded(self, ranks: Sequence[int], categories: Categories) -> Patterns:
        """Return the patterns with each category replaced by another, given by its rank."""
        codes = np.append(np.asarray(ranks), -1)[self.codes]
        codes, units, _ = distinct(codes, self.units, len(categories))
        return replace(self, codes=codes, units=units, categories=categories)

    def one_against_all(self, rank: int) -> Patterns:
        """Return the patterns of a category (1) and all others (0)."""
        ranks = [int(other == rank) for other in range(len(self.categories))]
        return self.recoded(ranks, Categories.of([0, 1]))


def distinct(codes: Any, units: Floats | None, width: int) -> tuple[Integers, Floats, Integers]:
    """Return the distinct rows of ranks (−1 to `width` − 1), units of each, and each row's number.

    A row is written as one whole number where it fits, its codes being the digits: sorting numbers
    is far faster than sorting rows. Where it does not fit, rows hardly come twice.
    """
    base, coders = width + 1, codes.shape[1]
    fits = base**coders < _KEYS
    if not fits and len(codes) > CHUNK:
        units = np.ones(len(codes)) if units is None else units
        return codes.astype(np.int64), units, np.arange(len(codes))
    if fits:
        keys = (codes.astype(np.int64) + 1) @ _powers(base, coders)
        known, row_numbers = np.unique(keys, return_inverse=True)
        rows = _digits(known, base, coders) - 1
    else:
        rows, row_numbers = np.unique(codes, axis=0, return_inverse=True)
    row_numbers = row_numbers.ravel()
    counted = np.bincount(row_numbers, weights=units, minlength=len(rows))
    return rows.astype(np.int64), counted.astype(float), row_numbers


def _powers(base: int, coders: int) -> Integers:
    return base ** np.arange(coders - 1, -1, -1, dtype=np.int64)


def _digits(keys: Integers, base: int, coders: int) -> Integers:
    return keys[:, None] // _powers(base, coders) % base


def counted(
    codes: Any,
    units: Floats | None,
    categories: Categories,
    coders: Sequence[Any],
    anonymous: bool = False,
) -> tuple[Patterns, Integers]:
    """Count the patterns of ranks, and say which each row has; rows without a code go last."""
    rows, n_units, row_numbers = distinct(codes, units, len(categories))
    coded = (rows >= 0).any(axis=1)
    patterns = Patterns(rows[coded], n_units[coded], categories, list(coders), anonymous)
    return patterns, row_numbers


def histogram(array: Any) -> tuple[Any, Floats] | None:
    """Count the rows of small whole numbers in one pass, without a copy of them.

    Returns
    -------
    tuple
        The distinct rows, and how often each comes; nothing where too many are possible.
    """
    n, coders = array.shape
    if not np.issubdtype(array.dtype, np.integer) or not (n and coders):
        return None
    low, high = int(array.min()), int(array.max())
    if (high - low + 1) ** coders > HISTOGRAM or max(abs(low), abs(high)) >= 2**31:
        return None
    base = high - low + 1
    powers = _powers(base, coders)
    table = np.zeros(base**coders, dtype=np.int64)
    shift = low * int(powers.sum())
    # what a key may come to on the way: shifted only at its end
    largest = max(abs(low), abs(high)) * int(powers.sum())
    kind = np.int16 if largest < 2**15 else np.int64
    for start in range(0, n, CHUNK):
        block = array[start : start + CHUNK]
        key = block[:, 0].astype(kind)
        for column in range(1, coders):
            key *= base
            np.add(key, block[:, column], out=key, casting="unsafe")
        key -= shift
        table += np.bincount(key, minlength=len(table))
    keys = np.flatnonzero(table)
    return _digits(keys, base, coders) + low, table[keys].astype(float)
