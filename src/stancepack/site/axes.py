"""The axes of a figure: time across, in ticks that people count in, and codes upwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from stancepack.dataset.scales import Scale

EDGE = 18  # room above and below the bands, in pixels, for the names of the ends
MARK = 10  # distance between marks that would cover each other, in pixels
BADGE = 16  # room at the top of a band for the number of marks that it cannot hold
_PAD = 6  # of a band around its marks
_TALLEST = 420  # pixels that the bands of a lane take at most
_LOWEST = 240  # pixels that they take if nothing is crowded, but no band more than …
_WIDEST_EMPTY_BAND = 32
_LOWEST_LABEL = 14  # distance between the labels of codes
_MOST_ROWS = 5
_MOST_TICKS = 13  # that are years
_MOST_LONG_TICKS = 8  # that are days or months, whose labels are longer
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MONTHS = (1, 3)
_DAYS = (1, 2, 7, 14)


@dataclass(frozen=True)
class TimeAxis:
    """The stretch of time that figures share, with its ticks: per cent across, and label."""

    first: date
    last: date
    ticks: tuple[tuple[float, str], ...]

    @classmethod
    def of(cls, days: Iterable[date]) -> TimeAxis:
        """Make the axis of some days; open dates do not stretch it."""
        known = [day for day in days if 1 < day.year < 9999]
        if not known:
            return cls(date(1, 1, 1), date(9999, 12, 31), ())
        starts, labels = _ticks(min(known), max(known))
        bare = cls(starts[0], starts[-1], ())
        places = [bare.across(start) for start in starts[:-1]]
        return cls(starts[0], starts[-1], tuple(zip(places, labels, strict=False)))

    @property
    def years(self) -> float:
        """How many years it covers."""
        return (self.last - self.first).days / 365.25

    def across(self, day: date) -> float:
        """Return how far across a day lies, in per cent; days beyond the ends lie at the ends."""
        inside = min(max(day, self.first), self.last)
        return round(100 * (inside - self.first).days / (self.last - self.first).days, 2)


def _ticks(first: date, last: date) -> tuple[list[date], list[str]]:
    """Return ticks from before the first day to after the last, as many as fit, with labels."""
    days = (last - first).days + 1
    for step in _DAYS:
        if days / step < _MOST_LONG_TICKS:
            starts = [first + timedelta(step * n) for n in range(-(-days // step) + 1)]
            labels = [f"{start:%m-%d}" for start in starts]
            return starts, [f"{first:%Y-%m-%d}", *labels[1:]]
    for step in _MONTHS:
        month = first.year * 12 + (first.month - 1) // step * step
        end = last.year * 12 + last.month
        starts = _months(range(month, end + step, step))
        if len(starts) <= _MOST_LONG_TICKS + 1:
            return starts, [f"{start:%Y-%m}" for start in starts]
    for step in _YEARS:
        year = first.year // step * step
        starts = _months(range(12 * max(year, 1), 12 * (last.year + step) + 1, 12 * step))
        if len(starts) <= _MOST_TICKS + 1:
            break
    return starts, [str(start.year) for start in starts]


def _months(numbers: Iterable[int]) -> list[date]:
    """Return the first days of months counted from the year 0, as far as the calendar goes."""
    return [date(min(n // 12, 9999), n % 12 + 1, 1) for n in numbers]


@dataclass(frozen=True)
class Band:
    """The band of one code: where it begins, in pixels down, and what stands beside it."""

    top: float
    label: str
    title: str


def _capacity(room: float) -> int:
    """Return how many rows of marks there is room for: an odd number."""
    rows = max(1, min(_MOST_ROWS, int(room / MARK)))
    return rows - 1 + rows % 2


@dataclass(frozen=True)
class CodeAxis:
    """Where codes lie in a lane: the highest on top; without an order, the first on top."""

    scale: Scale
    rows: int = 1  # of marks in a band
    has_badges: bool = False

    @classmethod
    def of(cls, scale: Scale, deepest: int) -> CodeAxis:
        """Make the axis for bands of which the fullest needs so many rows of marks."""
        room = _TALLEST / len(scale.codes) - _PAD
        needed = deepest + 1 - deepest % 2  # an odd number, so that one row is the middle
        if needed <= _capacity(room):
            return cls(scale, needed)
        return cls(scale, _capacity(room - BADGE), has_badges=True)

    @cached_property
    def band(self) -> float:
        """The height of a band, in pixels."""
        needed = self.rows * MARK + _PAD + (BADGE if self.has_badges else 0)
        count = len(self.scale.codes)
        return min(max(needed, min(_LOWEST / count, _WIDEST_EMPTY_BAND)), _TALLEST / count)

    @property
    def height(self) -> float:
        """The height of the lane, in pixels."""
        return round(self.band * len(self.scale.codes) + 2 * EDGE, 1)

    @cached_property
    def _middles(self) -> list[float]:
        """How far down the middle of each code's band lies, from the lowest code."""
        count = len(self.scale.codes)
        if self.scale.is_ordered and self.scale.level != "ordinal":
            steps = (self.scale.numbers - self.scale.low) / self.scale.span * (count - 1)
        else:
            steps = np.arange(count, dtype=float)
        from_top = count - 1 - steps if self.scale.is_ordered else steps
        return [EDGE + (step + 0.5) * self.band for step in from_top]

    def middle(self, code: str) -> float:
        """Return how far down the middle of a code's band lies."""
        return round(self._middles[self.scale.ranks[code]], 1)

    def down(self, number: float) -> float:
        """Return how far down a mean of an ordered scale lies; never beyond its ends."""
        return round(float(np.interp(number, self.scale.numbers, self._middles)), 1)

    def offsets(self) -> list[float]:
        """Return where in a band marks may lie, from its middle, the nearest first."""
        centre = BADGE / 2 if self.has_badges and self.band > MARK + BADGE else 0
        steps = sorted(
            range(-(self.rows // 2), self.rows // 2 + 1), key=lambda step: (abs(step), step)
        )
        return [centre + step * MARK for step in steps]

    def badge_top(self, code: str) -> float:
        """Return where the number of marks stands that a code's band cannot hold."""
        return round(self.middle(code) - self.band / 2 + BADGE / 2, 1)

    @property
    def bands(self) -> list[Band]:
        """The bands from the lowest code, every one labelled for which there is room."""
        scale, every = self.scale, max(1, -int(-_LOWEST_LABEL // self.band))
        bands = []
        for rank, code in enumerate(scale.codes):
            is_labelled = rank % every == 0
            title = "" if scale.label(code) == code else scale.label(code)
            label = scale.shown(code) if is_labelled else ""
            bands.append(Band(round(self.middle(code) - self.band / 2, 1), label, title))
        return bands
