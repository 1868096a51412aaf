"""Dates with their uncertainty: EDTF (ISO 8601-2) and the calendar days it can mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import product

from stancepack.errors import StancepackError

Bounds = tuple[date, date]

_LONGEST = 1000  # characters; a set of fifty days is shorter
_QUALIFIER = re.compile(r"(?<=[0-9X])[?~%]|(?<![0-9X])[?~%](?=[0-9X])")  # after or before a part
_PLACES = re.compile(r"([0-9X]{4})(?:-([0-9X]{2})(?:-([0-9X]{2}))?)?")  # year, month, day
_SIGNIFICANT = re.compile(r"([0-9]{4})S([1-4])")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[-+][0-9]{2}(:?[0-9]{2})?)?"
)
_PARTS_OF_YEAR = {  # first and last month: seasons by the northern calendar, unless they say south
    "21": (3, 5),
    "22": (6, 8),
    "23": (9, 11),
    "25": (3, 5),
    "26": (6, 8),
    "27": (9, 11),
    "29": (9, 11),
    "31": (3, 5),
    "32": (6, 8),
    "33": (1, 3),
    "34": (4, 6),
    "35": (7, 9),
    "36": (10, 12),
    "37": (1, 4),
    "38": (5, 8),
    "39": (9, 12),
    "40": (1, 6),
    "41": (7, 12),
}
_OVER_NEW_YEAR = {"24": "winter", "28": "winter", "30": "summer"}
_OPEN = ("", "..")
_ADVICE = "write for instance 2007-02-10, 2007-02, 2007, 2006?/2009-09 or 2004-07/.."


class _NotEdtfError(Exception):
    """Some text is no date; if there are words, they say why."""


@lru_cache(maxsize=100_000)
def bounds(text: str) -> Bounds:
    """Return the earliest and the latest calendar day that an EDTF date can mean.

    Parameters
    ----------
    text
        An EDTF date of level 0 to 2, such as ``2007-02-10``, ``2007-02``, ``2006?/2009-09``,
        ``198X``, ``1950S2``, ``[2004,2006..]`` or ``2004-07/..``. Qualifiers (``?``, ``~``, ``%``)
        do not widen the bounds.

    Returns
    -------
    tuple of date
        Earliest and latest day. An open end (``..``) or an unknown one is the first or last day of
        the calendar.

    Raises
    ------
    StancepackError
        If the text is not EDTF, names a day that is not in the calendar (which has the years 1 to
        9999), is a season over the new year, which lies in two years, or ends before it begins.

    Examples
    --------
    >>> from stancepack.dataset.dates import bounds
    >>> [day.isoformat() for day in bounds("2006?/2009-09")]
    ['2006-01-01', '2009-09-30']
    """
    try:
        first, last = _bounds_of_any(text)
    except _NotEdtfError as error:
        why = str(error) or f"is not a date in EDTF; {_ADVICE}"
        raise StancepackError(f"{_shown(text)} {why}") from None
    if first > last:
        raise StancepackError(f"{_shown(text)} ends before it begins; turn it round.")
    return first, last


def overlap(one: str, other: str) -> bool:
    """Tell whether two EDTF dates can mean the same day."""
    (a, b), (c, d) = bounds(one), bounds(other)
    return a <= d and c <= b


def _shown(text: str) -> str:
    return repr(text if len(text) < 80 else text[:80] + "…")


def _bounds_of_any(text: str) -> Bounds:
    """Return the bounds of a date, an interval or a set."""
    if len(text) > _LONGEST:
        raise _NotEdtfError
    if text[:1] + text[-1:] in ("[]", "{}"):
        members = [_bounds_of_member(member.strip(" ")) for member in text[1:-1].split(",")]
        return min(first for first, _ in members), max(last for _, last in members)
    start, slash, end = text.partition("/")
    if not slash:
        return _bounds_of_date(text)
    first = date.min if start in _OPEN else _bounds_of_date(start)[0]
    last = date.max if end in _OPEN else _bounds_of_date(end)[1]
    return first, last


def _bounds_of_member(text: str) -> Bounds:
    """Return the bounds of a member of a set, which may be a range with an open end."""
    start, dots, end = text.partition("..")
    if not dots:
        return _bounds_of_date(text)
    if not start and not end:
        raise _NotEdtfError
    first = _bounds_of_date(start)[0] if start else date.min
    last = _bounds_of_date(end)[1] if end else date.max
    if first > last:
        raise _NotEdtfError("ends before it begins; turn it round.")
    return first, last


def _bounds_of_date(text: str) -> Bounds:
    """Return the bounds of a date that is no interval: of day, month, part of a year, or year."""
    plain = _QUALIFIER.sub("", text)
    if moment := _MOMENT.fullmatch(text):
        plain = moment[1]
    if significant := _SIGNIFICANT.fullmatch(plain):
        known = int(significant[2])
        plain = significant[1][:known] + "X" * (4 - known)
    places = _PLACES.fullmatch(plain)
    if places is None:
        raise _NotEdtfError
    year, month, day = places.groups()
    if month in _OVER_NEW_YEAR and day is None:
        raise _NotEdtfError(
            f"is a {_OVER_NEW_YEAR[month]} over the new year and can lie in two years; "
            "write its months, such as 2006-12/2007-02."
        )
    if month in _PARTS_OF_YEAR and day is None:
        start, end = (f"{number:02}" for number in _PARTS_OF_YEAR[month])
        return _first_day(text, year, start, None), _last_day(text, year, end, None)
    return _first_day(text, year, month, day), _last_day(text, year, month, day)


def _first_day(text: str, year: str, month: str | None, day: str | None) -> date:
    months, days = _numbers(month or "XX", 1, 12), _numbers(day or "XX", 1, 31)
    return _first_of(product(_numbers(year, 1, 9999), months, days), text)


def _last_day(text: str, year: str, month: str | None, day: str | None) -> date:
    months, days = _numbers(month or "XX", 1, 12), _numbers(day or "XX", 1, 31)
    return _first_of(product(_numbers(year, 1, 9999)[::-1], months[::-1], days[::-1]), text)


@lru_cache(maxsize=10_000)
def _numbers(digits: str, low: int, high: int) -> list[int]:
    """Return the numbers that digits can be of which some are not known."""
    options = ("0123456789" if digit == "X" else digit for digit in digits)
    numbers = (int("".join(choice)) for choice in product(*options))
    return [number for number in numbers if low <= number <= high]


def _first_of(choices: Iterator[tuple[int, int, int]], text: str) -> date:
    """Return the first of some years, months and days that is in the calendar."""
    for choice in choices:
        try:
            return date(*choice)
        except ValueError:
            continue
    raise _NotEdtfError("is not a day of the calendar.")
