"""The one exception that stancepack raises for bad input, and the one warning."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class StancepackError(ValueError):
    """Something in the input is wrong; the message says where, what and what to do."""


class StancepackWarning(UserWarning):
    """Something in the input is doubtful but can be worked with; the message says what to do."""


class UnknownName(StancepackError, KeyError):  # noqa: N818 - named as the mistake it is
    """A name that is not there; the message says which are."""

    __str__ = ValueError.__str__  # a KeyError would show its message in quotes


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to a mistyped one, or list them all."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(word), names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names) or 'none'}"
