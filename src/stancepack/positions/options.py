"""What measures take: choices by name, numbers within their range, and days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset.dates import bounds
from stancepack.errors import StancepackError, UnknownName, did_you_mean

MOST_DRAWS = 100_000
_MOST_DAYS = 1_000_000  # some three thousand years
_SEEDS = 2**32  # of numpy's generator
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}\S*")  # its day counts


def check_option(name: str, value: Any, known: Sequence[str]) -> None:
    """Refuse a value that an option does not have."""
    if not isinstance(value, str) or value not in known:
        raise UnknownName(f"{name}={value!r} is not known; {did_you_mean(str(value), known)}")


def check_truth(name: str, value: Any) -> None:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool | np.bool_):
        raise StancepackError(f"{name}={value!r} should be True or False.")


def check_share(name: str, value: Any) -> None:
    """Refuse what does not lie between 0 and 1."""
    if not (_is_number(value) and 0 < value < 1):
        raise StancepackError(f"{name}={value!r} should lie between 0 and 1.")


def check_interval(value: Any) -> None:
    """Refuse what is no width of an interval; None is no interval."""
    if value is not None and not (_is_number(value) and 0 < value < 1):
        raise StancepackError(
            f"interval={value!r} should lie between 0 and 1, as 0.9 does; None is no interval."
        )


def check_days(name: str, value: Any) -> None:
    """Refuse what is no number of days."""
    if not (_is_number(value) and 0 < value <= _MOST_DAYS):
        what = f"a number of days, more than none and at most {_MOST_DAYS:,}"
        raise StancepackError(f"{name}={value!r} should be {what}.")


def check_whole(name: str, value: Any, least: int, most: int) -> None:
    """Refuse what is no whole number from the least to the most."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or not least <= value <= most:
        raise StancepackError(f"{name}={value!r} should be a whole number from {least} to {most}.")


def check_draws(draws: Any, seed: Any, least: int = 1) -> None:
    """Refuse draws and seeds that are out of range."""
    check_whole("draws", draws, least, MOST_DRAWS)
    check_whole("seed", seed, 0, _SEEDS - 1)


def refuse_unused(method: str, given: dict[str, Any]) -> None:
    """Refuse options that are given, and that a method does not use."""
    for option, value in given.items():
        if value is not None:
            raise StancepackError(f"{option}={value!r} is not used by {method}; leave it out.")


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, int | float | np.integer | np.floating)
    return is_real and not isinstance(value, bool)


# Days


def days_of(name: str, given: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day that a date means: a day, a month, a year.

    Parameters
    ----------
    name
        What is dated, for the message.
    given
        EDTF (``2007-02-10``, ``2007-02``, ``2007``), a day or a moment of Python, numpy or pandas
        (by its own clock), or a year as a number.

    Raises
    ------
    StancepackError
        If it is none of these. Dates by day or month first are refused, for nobody can tell which.
    """
    if isinstance(given, date | datetime | np.datetime64) and not pd.isna(given):
        moment = pd.Timestamp(given)
        day = pd.Timestamp(date(moment.year, moment.month, moment.day))
        return day, day
    is_year = isinstance(given, int | np.integer) and not isinstance(given, bool)
    text = f"{int(given):04d}" if is_year and 0 < given < 10_000 else given
    if not isinstance(text, str) or not text.strip():
        raise StancepackError(f"{name}={given!r} is no date; write for instance '2007-02-10'.")
    moment_of_day = _MOMENT.fullmatch(text.strip())
    try:
        first, last = bounds(moment_of_day[1] if moment_of_day else text.strip())
    except StancepackError as error:
        raise StancepackError(f"{name}: {error}") from None
    if first == date.min or last == date.max:
        raise StancepackError(f"{name}={given!r} has an open end; name a day, month or year.")
    return pd.Timestamp(first), pd.Timestamp(last)


def check_span(start: Any, end: Any) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the first day of the start and the last day of the end, where these are given."""
    first = None if start is None else days_of("start", start)[0]
    last = None if end is None else days_of("end", end)[1]
    if first is not None and last is not None and first > last:
        raise StancepackError(f"start {first:%Y-%m-%d} lies after end {last:%Y-%m-%d}.")
    return first, last
