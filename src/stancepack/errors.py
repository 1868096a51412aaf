"""What stancepack raises for bad input, and what it warns of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class StancepackError(ValueError):
    """Something in the input is wrong; the message says where, what and what to do."""


class StancepackWarning(UserWarning):
    """Something in the input is doubtful but can be worked with; the message says what to do."""


class StancepackDeprecation(FutureWarning):
    """An old spelling, which works for this major version; the message gives the new line."""


class NotConverged(StancepackError):  # noqa: N818 - named as what happened
    """A fit that came to no end; the message says what to do."""


class UnknownName(StancepackError, KeyError):  # noqa: N818 - named as the mistake it is
    """A name that is not there; the message says which are."""

    __str__ = ValueError.__str__  # a KeyError would show its message in quotes


def known_name(what: str, given: Any, known: Iterable[str]) -> str:
    """Return a name that is among those known; refuse another one by saying which it may be."""
    names = list(known)
    if isinstance(given, str) and given in names:
        return given
    raise UnknownName(f"{what} {given!r} is not known; {did_you_mean(str(given), names)}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to a mistyped one, or list them all."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(word), names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names) or 'none'}"
