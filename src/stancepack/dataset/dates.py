"""Dates with their uncertainty: EDTF (ISO 8601-2) and the calendar days it can mean."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from math import isinf

from stancepack.errors import StancepackError

_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


@cache
def bounds(text: str) -> tuple[date, date]:
    """Return the earliest and the latest calendar day that an EDTF date can mean.

    Parameters
    ----------
    text
        An EDTF date of level 0 to 2, such as ``2007-02-10``, ``2007-02``, ``2006?/2009-09``,
        ``198X`` or ``2004-07/..``. Qualifiers (``?``, ``~``, ``%``) do not widen the bounds.

    Returns
    -------
    tuple of date
        Earliest and latest day. An open end (``..``) or an unknown one is the first or last day of
        the calendar.

    Raises
    ------
    StancepackError
        If the text is not EDTF, names a day that is not in the calendar, or ends before it begins.

    Examples
    --------
    >>> from stancepack.dataset.dates import bounds
    >>> [day.isoformat() for day in bounds("2006?/2009-09")]
    ['2006-01-01', '2009-09-30']
    """
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    for year, month, day in _DAY.findall(text):
        try:
            date(int(year), int(month), int(day))
        except ValueError:
            raise StancepackError(
                f"{text!r}: {year}-{month}-{day} is not a day of the calendar."
            ) from None
    left, slash, right = text.partition("/")
    if slash and left in ("", "..") and right in ("", ".."):
        return date.min, date.max
    # edtf puts an unknown end ten years off; we say what is known: nothing
    try:
        parsed = parse_edtf(
            left
            if slash and right in ("", "..")
            else right
            if slash and left in ("", "..")
            else text
        )
        low, high = parsed.lower_strict(), parsed.upper_strict()
        if (not slash and isinstance(low, float)) or any(
            isinstance(x, float) and not isinf(x) for x in (low, high)
        ):
            raise ValueError(text)
        first = date.min if isinstance(low, float) else date(*low[:3])
        last = date.max if isinstance(high, float) else date(*high[:3])
    except (
        EDTFParseException,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        raise StancepackError(
            f"{text!r} is not a date in EDTF; write for instance 2007-02-10, 2007-02, 2007, 2006?/2009-09 or 2004-07/.."
        ) from None
    if slash and left in ("", ".."):
        first = date.min
    if slash and right in ("", ".."):
        last = date.max
    if first > last:
        raise StancepackError(f"{text!r} ends before it begins; turn it round.")
    return first, last


def overlap(one: str, other: str) -> bool:
    """Tell whether two EDTF dates can mean the same day."""
    (a, b), (c, d) = bounds(one), bounds(other)
    return a <= d and c <= b
