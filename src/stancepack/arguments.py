"""What a public function is given: checked at its door, so that what is wrong is named there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import islice
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError

MOST_LISTED = 1_000_000  # that anybody writes or means; more would fill the memory


def a_path(what: str, given: Any) -> Path:
    """Return a path; refuse what names no file.

    Examples
    --------
    >>> from stancepack.arguments import a_path
    >>> a_path("folder", "my-study").name
    'my-study'
    """
    if not isinstance(given, str | os.PathLike):
        raise StancepackError(f"{what} is a path, not {_kind(given)}.")
    path = os.fspath(given)
    try:
        can_be = bool(path) and "\0" not in os.fsdecode(os.fsencode(path))
    except UnicodeEncodeError:  # half a character
        can_be = False
    if not can_be or not isinstance(path, str):
        raise StancepackError(f"{what}={path!r:.60} can name no file.")
    return Path(path)


def a_text(what: str, given: Any) -> str:
    """Return text; refuse anything else."""
    if not isinstance(given, str):
        raise StancepackError(f"{what} is text, not {_kind(given)}.")
    return given


def texts(what: str, given: Any) -> tuple[str, ...]:
    """Return a list of texts, of which a text alone is one; refuse what has no order.

    Examples
    --------
    >>> from stancepack.arguments import texts
    >>> texts("coders", "ann"), texts("coders", ["ann", "bob"])
    (('ann',), ('ann', 'bob'))
    """
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Sequence) or isinstance(given, bytes | range):
        raise StancepackError(f"{what} is a list of texts, not {_kind(given)}.")
    return tuple(a_text(f"{what}[{number}]", text) for number, text in enumerate(given))


def listed(what: str, given: Iterable[Any], most: int = MOST_LISTED) -> list[Any]:
    """Return what is listed; refuse a list that has no end, or might as well have none.

    Examples
    --------
    >>> from itertools import count
    >>> from stancepack.arguments import listed
    >>> listed("units", (50, 100))
    [50, 100]
    >>> listed("units", count())
    Traceback (most recent call last):
    stancepack.errors.StancepackError: units lists more than 1,000,000 things.
    """
    things = list(islice(given, most + 1))
    if len(things) > most:
        raise StancepackError(f"{what} lists more than {most:,} things.")
    return things


def a_flag(what: str, given: Any) -> bool:
    """Return True or False; refuse anything else, which might be meant for another argument."""
    if not isinstance(given, bool):
        raise StancepackError(f"{what} is True or False, not {_kind(given)}.")
    return given


def _kind(given: Any) -> str:
    """Say what was given: a small value itself, else its kind."""
    if given is None or isinstance(given, bool | int | float | str):
        shown = repr(given)
        return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    kind = f"{type(given).__name__}"
    if isinstance(given, Mapping | Set | Sequence) and not given:
        return f"an empty {kind}"
    return kind


_SHOWN = 40  # characters of a value in a message
