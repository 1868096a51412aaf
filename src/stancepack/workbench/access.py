"""Who may see which page: a secret link for each seat, and the cookie that it leaves.

A link is opened once in a browser; its secret is exchanged for a cookie that scripts cannot read
and that holds for the pages of this seat alone, and leaves the address bar. The secrets lie beside
the journal, readable by the owner of the project, so that a link survives a restart.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from stancepack.errors import StancepackError
from stancepack.files.paths import is_plain_name
from stancepack.workbench.journal import keep_out_of_history

FILE = "workbench/seats.json"
_SECRET_BYTES = 24  # 192 bits: beyond guessing
_ONLY_THE_OWNER = 0o600


@dataclass(frozen=True)
class Seat:
    """A person at the workbench in one role.

    Attributes
    ----------
    role
        What the person does here: ``code``, ``settle``, ``unitise``, ``merge`` or ``lead``.
    person
        Id of the person in ``coding/coders.csv``.
    secret
        The secret of the link.
    """

    role: str
    person: str
    secret: str

    @property
    def path(self) -> str:
        """Where the pages of the seat are."""
        return f"/{self.role}/{self.person}/"

    @property
    def cookie_name(self) -> str:
        """Name of the cookie; one browser can hold several seats."""
        return f"stancepack-{self.role}-{self.person}"

    @property
    def cookie(self) -> str:
        """What the cookie holds: not the secret of the link, so that neither gives the other."""
        return hmac.new(self.secret.encode(), b"cookie", sha256).hexdigest()

    def link(self, address: str) -> str:
        """Return the secret link at an address."""
        return f"{address}/enter/{self.secret}"


class Seats:
    """The seats of a workbench.

    Parameters
    ----------
    home
        The folder of the project, where secrets are kept from one start to the next.
    people
        Role and id of everybody who may come in.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from stancepack.workbench.access import Seats
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seats = Seats(Path(folder), [("code", "ann")])
    >>> seats.entered("wrong") is None, seats.at("code", "ann").path
    (True, '/code/ann/')
    """

    def __init__(self, home: Path, people: Iterable[tuple[str, str]]) -> None:
        path = home / FILE
        earlier = _read(path)
        kept = dict(earlier)
        self._seats = {}
        for role, person in people:
            if not is_plain_name(person):
                raise StancepackError(f"{person!r} cannot be the id of somebody at the workbench.")
            secret = kept.setdefault(f"{role}/{person}", secrets.token_urlsafe(_SECRET_BYTES))
            self._seats[role, person] = Seat(role, person, secret)
        if kept != earlier:
            _keep(path, kept)

    def __iter__(self) -> Iterator[Seat]:
        """Go through the seats."""
        return iter(self._seats.values())

    def at(self, role: str, person: str) -> Seat | None:
        """Return the seat of a person in a role, if there is one."""
        return self._seats.get((role, person))

    def entered(self, secret: str) -> Seat | None:
        """Return whose link has this secret."""
        given, entered = _bytes(secret), None
        for seat in self._seats.values():  # all of them: how long it takes tells nothing
            if hmac.compare_digest(seat.secret.encode(), given):
                entered = seat
        return entered

    def admitted(self, role: str, person: str, cookies: dict[str, str]) -> Seat | None:
        """Return the seat if a request carries its cookie."""
        seat = self.at(role, person)
        if seat is None:
            return None
        given = _bytes(cookies.get(seat.cookie_name, ""))
        return seat if hmac.compare_digest(seat.cookie.encode(), given) else None


def _bytes(given: str) -> bytes:
    return given.encode("utf-8", "replace")  # whatever a request carries


def _read(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {str(seat): str(secret) for seat, secret in kept.items()}
    except (ValueError, AttributeError):
        what = "the secrets of earlier links cannot be read; delete the file to make new links."
        raise StancepackError(f"{path}: {what}") from None


def _keep(path: Path, kept: dict[str, str]) -> None:
    """Write the secrets, readable by the owner alone from the first byte on."""
    keep_out_of_history(path.parent)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_THE_OWNER)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1, sort_keys=True)
    part.replace(path)
