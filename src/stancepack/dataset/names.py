"""Actors, sides, issues, coders and events as people name them: by id or name, in any case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.arguments import listed
from stancepack.errors import StancepackError, UnknownName, did_you_mean

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

_WITH_ACTORS = ("actors", "positions")  # tables that say on which side an actor stands


def actor_ids(pkg: StancePackage, given: str | Iterable[str]) -> list[str]:
    """Return the ids of actors that are given by id or name, one or several.

    Parameters
    ----------
    pkg
        The package.
    given
        Ids or names; capitals do not matter.

    Raises
    ------
    UnknownName
        If there is no such actor.
    StancepackError
        If nobody is named, or a name is that of several actors.

    Examples
    --------
    >>> import stancepack as sp
    >>> actor_ids(sp.load(), ["Vladimir Putin", "gates"])
    ['putin', 'gates']
    """
    return ids_among("actor", given, _names(pkg, "actors", "actor_id", "name"))


def sides(pkg: StancePackage, given: str | Iterable[str]) -> list[str]:
    """Return sides as the actors have them, one or several; capitals do not matter."""
    known = sorted({str(side) for table in _WITH_ACTORS for side in _column(pkg, table, "side")})
    return ids_among("side", given, dict.fromkeys(known, ""))


def coder_ids(pkg: StancePackage, given: str | Iterable[str]) -> list[str]:
    """Return the ids of coders, one or several; capitals do not matter."""
    coders = _column(pkg, "codings", "coder_id")
    return ids_among("coder", given, dict.fromkeys(map(str, dict.fromkeys(coders)), ""))


def issue_id(pkg: StancePackage, given: str) -> str:
    """Return the id of an issue that is given by id or title."""
    return _id("issue", given, _names(pkg, "issues", "issue_id", "title"))


def issue_ids(pkg: StancePackage, given: str | Iterable[str]) -> list[str]:
    """Return the ids of issues that are given by id or title, one or several."""
    return ids_among("issue", given, _names(pkg, "issues", "issue_id", "title"))


def event_id(pkg: StancePackage, given: str) -> str:
    """Return the id of an event that is given by id or title."""
    return _id("event", given, _names(pkg, "events", "event_id", "title"))


def _names(pkg: StancePackage, table: str, key: str, name: str) -> dict[str, str]:
    """Return the name of each id of a table, or of tables that name it where it is not there."""
    if table in pkg:
        return _names_in(pkg[table], key, name)
    names = _titles(pkg) if table == "issues" else {}
    for other, called in (("positions", key.removesuffix("_id")), ("statements", "")):
        if other in pkg and key in pkg[other]:
            names = _names_in(pkg[other].drop_duplicates(key), key, called) | names
    return names


def _names_in(frame: pd.DataFrame, key: str, name: str) -> dict[str, str]:
    names = frame[name].fillna("") if name in frame else [""] * len(frame)
    return dict(zip(map(str, frame[key]), map(str, names), strict=True))


def _titles(pkg: StancePackage) -> dict[str, str]:
    """Return the titles that the codebook gives issues."""
    if not pkg.has_codebook:
        return {}
    return {issue: entry["title"] for issue, entry in pkg.codebook.issues.items()}


def _column(pkg: StancePackage, table: str, column: str) -> Sequence[Any]:
    if table not in pkg or column not in pkg[table]:
        return []
    return list(pkg[table][column].dropna())


def ids_among(what: str, given: str | Iterable[str], name_by_id: Mapping[str, str]) -> list[str]:
    """Return the ids that are given by id or name, one or several; capitals do not matter.

    Parameters
    ----------
    what
        What they are, for the message.
    given
        Ids or names.
    name_by_id
        Every id with its name, which may be empty.
    """
    try:
        several = [given] if isinstance(given, str) else listed(what, given)
    except TypeError:
        raise _no_name(what, given) from None
    if not several:
        raise StancepackError(f"{what}={given!r} names nobody; leave it out for all.")
    return list(dict.fromkeys(_id(what, name, name_by_id) for name in several))


def _id(what: str, given: str, name_by_id: Mapping[str, str]) -> str:
    if not isinstance(given, str):
        raise _no_name(what, given)
    if given in name_by_id:
        return given
    wanted = _plain(given)
    matches = [key for key, name in name_by_id.items() if wanted in (_plain(key), _plain(name))]
    if len(matches) == 1 and wanted:
        return matches[0]
    if matches and wanted:
        raise StancepackError(f"{what} {given!r} can be {' or '.join(matches)}; write the id.")
    names = [*name_by_id, *filter(None, name_by_id.values())]
    near = did_you_mean(given, names)
    known = near if near.startswith("did you") else f"known: {', '.join(name_by_id) or 'none'}"
    raise UnknownName(f"there is no {what} {given!r}; {known}")


def _no_name(what: str, given: Any) -> StancepackError:
    return StancepackError(
        f"{what}={given!r} is no name; write an id or a name, or a list of them."
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
