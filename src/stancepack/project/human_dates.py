"""Dates as people write them, and how EDTF writes the same: a hint, never a guess that is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:3]: number for number, name in enumerate(_MONTHS.split(), 1)}
_FEWEST_LETTERS = 3  # of the name of a month


def date_hint(text: str) -> str:
    """Say how a date would be written in EDTF; where it can mean several days, each of them.

    Examples
    --------
    >>> from stancepack.project.human_dates import date_hint
    >>> date_hint("1 March 2020")
    'write 2020-03-01.'
    >>> date_hint("3/4/2020")
    'write 2020-04-03 or 2020-03-04, whichever is meant.'
    >>> date_hint("spring")
    'write for instance 2020-03-01, 2020-03, 2020, 2019?/2020-09 or 2020-03/..'
    """
    meant = list(dict.fromkeys(_readings(text)))
    if not meant:
        return "write for instance 2020-03-01, 2020-03, 2020, 2019?/2020-09 or 2020-03/.."
    if len(meant) == 1:
        return f"write {meant[0]}."
    return f"write {' or '.join(meant)}, whichever is meant."


def _readings(text: str) -> Iterator[str]:
    """Go through what a date can mean: day before month first, as in most countries."""
    text = re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", text.strip())
    if span := re.fullmatch(r"(\d{4})\s*-\s*(\d{4})", text):
        yield f"{span[1]}/{span[2]}"
    words = re.findall(r"[A-Za-z]+|\d+", re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text))
    numbers = [word for word in words if word.isdigit()]
    months = [
        _MONTH[word[:3].lower()]
        for word in words
        if len(word) >= _FEWEST_LETTERS and word[:3].lower() in _MONTH
    ]
    years = [number for number in numbers if len(number) == 4]
    if len(years) != 1:
        return
    others = [int(number) for number in numbers if number != years[0]]
    if len(months) == 1 and len(others) <= 1:
        yield from _written(int(years[0]), months[0], *others)
    elif not months and len(others) == 1:
        yield from _written(int(years[0]), others[0])
    elif not months and len(others) == 2:
        year_first = text.strip().startswith(years[0])
        orders = [others] if year_first else [others[::-1], others]
        for month, day in orders:
            yield from _written(int(years[0]), month, day)


def _written(year: int, month: int, day: int | None = None) -> Iterator[str]:
    try:
        text = date(year, month, day or 1).isoformat()
    except ValueError:
        return
    yield text if day else text[:7]
