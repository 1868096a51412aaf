"""What the values of a network mean: how far apart, on which side, in which combination.

The meaning comes from a scale, from the type of a column, or from all that the column holds; never
from what a choice of days or actors left of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from stancepack.dataset.scales import NO, YES, Scale, code_as_written
from stancepack.errors import StancepackError
from stancepack.positions.evidence import number_on

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats

LEGEND = ("concept", "weight", "codes")
_ALL_COMBINED = 5  # codes: of more, the legend has single codes, and their numbers add up
_MOST_COMBINED = 50  # codes: the numbers of more are no longer exact
_NO_AND_YES = 2  # codes of a scale without neutral: the lower counts −1, the higher 1
_HINT = "say what they mean: scale='no,yes', scale='-2..2', scale=(0, 10), or a Scale"


class Meaning(Protocol):
    """How far values of a concept lie apart, on which side of nothing, and which codes they are."""

    def apart(self, concepts: Sequence[str], values: Floats) -> Floats:
        """Return concepts × values × values, 1 for the farthest."""

    def signed(self, concepts: Sequence[str], values: Floats) -> Floats:
        """Return concepts × values, counted from neutral."""

    def codes(self, concept: str) -> dict[float, str]:
        """Return the codes of a concept by value, the first of a combination first."""


@dataclass(frozen=True)
class ByScale:
    """By the scale of each concept."""

    scales: Mapping[str, Scale]

    def apart(self, concepts: Sequence[str], values: Floats) -> Floats:
        """Return distances in spans; codes without order are the same or not."""
        distance = np.abs(values[:, None] - values[None, :])
        scales = [self.scales[concept] for concept in concepts]
        return np.array([
            distance / scale.span if scale.is_ordered else (distance > 0).astype(float)
            for scale in scales
        ])  # fmt: skip

    def signed(self, concepts: Sequence[str], values: Floats) -> Floats:
        """Return how far values lie from neutral; the two codes of a yes-or-no count −1 and 1."""
        return np.array([self._signed(concept, values) for concept in concepts])

    def _signed(self, concept: str, values: Floats) -> Floats:
        scale = self.scales[concept]
        if scale.neutral is None and scale.is_ordered and len(scale.codes) == _NO_AND_YES:
            return np.asarray(np.sign(values - scale.middle))
        if scale.neutral is None:
            what = f"{concept!r} has no neutral code to count from"
            raise StancepackError(f"aggregation 'subtract' in two modes: {what}; take 'ignore'.")
        return values - scale.middle

    def codes(self, concept: str) -> dict[float, str]:
        """Return the codes, from the highest to the lowest; without an order as they are listed."""
        scale = self.scales[concept]
        in_order = scale.codes[::-1] if scale.is_ordered else scale.codes
        return {number_on(scale, code): scale.label(code) for code in in_order}


@dataclass(frozen=True)
class ByRange:
    """Numbers as they are, over a range that is given or that of the whole column."""

    low: float
    high: float
    present: tuple[float, ...]  # values of the whole column

    @property
    def span(self) -> float:
        """How far the ends lie apart; 1 where all values are one."""
        return self.high - self.low or 1.0

    def apart(self, concepts: Sequence[str], values: Floats) -> Floats:
        """Return distances in ranges."""
        distance = np.abs(values[:, None] - values[None, :]) / self.span
        return np.repeat(distance[None], len(concepts), axis=0)

    def signed(self, concepts: Sequence[str], values: Floats) -> Floats:
        """Return the values: of numbers, 0 is nothing."""
        return np.repeat(values[None], len(concepts), axis=0)

    def codes(self, concept: str) -> dict[float, str]:
        """Return the values from the highest to the lowest; 0 or 1 alone are two values."""
        present = {*self.present}
        if present <= {0.0, 1.0}:
            present = {0.0, 1.0}
        return {value: f"{value:g}" for value in sorted(present, reverse=True)}


# Combinations


def combined(codes: Mapping[float, str]) -> dict[float, float]:
    """Return the number of each code: a power of two, so that numbers of several add up.

    Of yes and no, agreement is 1, disagreement 2, and both 3.
    """
    if len(codes) > _MOST_COMBINED:
        what = f"aggregation 'combine' takes at most {_MOST_COMBINED} codes; there are {len(codes)}"
        raise StancepackError(f"{what}; take 'subtract'.")
    return {value: 2.0**rank for rank, value in enumerate(codes)}


def legend_of(meaning: Meaning, concepts: Sequence[str]) -> pd.DataFrame:
    """Return what the numbers of combinations mean: ``concept``, ``weight``, ``codes``."""
    rows = [
        (concept, *row) for concept in concepts for row in _combinations(meaning.codes(concept))
    ]
    return pd.DataFrame(rows, columns=list(LEGEND))


def _combinations(codes: Mapping[float, str]) -> Iterator[tuple[float, str]]:
    number_of = combined(codes)
    most = len(codes) if len(codes) <= _ALL_COMBINED else 1
    numbered = [(0.0, "none")]
    for size in range(1, most + 1):
        for some in combinations(codes, size):
            names = " and ".join(codes[value] for value in some)
            numbered.append((sum(number_of[value] for value in some), names))
    yield from sorted(numbered)


# Values of a column


def read_values(column: pd.Series[Any], scale: Any) -> tuple[pd.Series[float], Meaning]:
    """Return the values of a column as numbers, with what they mean.

    Parameters
    ----------
    column
        The values; missing ones stay so.
    scale
        What they mean: codes in order (``"no,yes"``, ``"-2..2"``), a `Scale`, a pair of the lowest
        and highest number, or None. Then truth values are no and yes, ordered categories a scale,
        and numbers are numbers over the range of the column.

    Raises
    ------
    StancepackError
        If the scale cannot be read, or a value is none of it.
    """
    if scale is None:
        scale = _declared(column)
    if isinstance(scale, str):
        scale = Scale.parse(scale, name=str(column.name))
    if isinstance(scale, Scale):
        return _on_scale(column, scale), ByScale(_OneScale(scale))
    numbers = _as_numbers(column)
    present = tuple(sorted({float(number) for number in numbers.dropna()}))
    if scale is None:
        low, high = (present[0], present[-1]) if present else (0.0, 1.0)
        return numbers, ByRange(low, high, present)
    low, high = _ends(scale)
    outside = numbers[(numbers < low) | (numbers > high)]
    if len(outside):
        row, value = outside.index[0], outside.iloc[0]
        what = f"{column.name}, row {row}: {value:g} lies outside {low:g} to {high:g}"
        raise StancepackError(f"{what}; mend it, or widen scale.")
    return numbers, ByRange(low, high, present)


class _OneScale(dict[str, Scale]):
    """The same scale for every concept."""

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self.scale = scale

    def __missing__(self, concept: str) -> Scale:
        return self.scale


def _declared(column: pd.Series[Any]) -> Scale | None:
    """Return the scale that the type of a column declares."""
    present = column.dropna()
    is_truth = isinstance(column.dtype, pd.BooleanDtype) or column.dtype == bool
    if is_truth or (len(present) and all(isinstance(v, bool | np.bool_) for v in present)):
        return Scale(str(column.name), (NO, YES))
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype) and kind.ordered:
        return Scale(str(column.name), tuple(str(code) for code in kind.categories))
    return None


def _on_scale(column: pd.Series[Any], scale: Scale) -> pd.Series[float]:
    numbers = pd.Series(np.nan, index=column.index, dtype=float)
    cells = column.dropna()
    number_of: dict[Any, float] = {}
    for place, cell in zip(np.flatnonzero(column.notna()), cells, strict=True):
        key = cell if isinstance(cell, bool | np.bool_) else str(cell)
        if key not in number_of:
            code = key if isinstance(key, bool | np.bool_) else code_as_written(key, scale.codes)
            try:
                number_of[key] = number_on(scale, code)
            except StancepackError as error:
                where = f"{column.name}, row {column.index[place]}"
                raise StancepackError(f"{where}: {error}") from None
        numbers.iloc[place] = number_of[key]
    return numbers


def _as_numbers(column: pd.Series[Any]) -> pd.Series[float]:
    try:
        numbers = column.astype(object).where(column.notna(), np.nan).astype(float)
    except (ValueError, TypeError, OverflowError):
        raise StancepackError(f"the values of {column.name!r} are no numbers; {_HINT}.") from None
    if np.isinf(numbers).any():
        row = numbers.index[np.isinf(numbers)][0]
        raise StancepackError(f"{column.name}, row {row}: infinite values have no distance.")
    return numbers


def _ends(scale: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in scale)
    except (ValueError, TypeError, OverflowError):
        raise StancepackError(f"scale={scale!r} cannot be read; {_HINT}.") from None
    if not -np.inf < low < high < np.inf:
        raise StancepackError(f"scale={scale!r} should go from the lowest to the highest number.")
    return low, high
