"""Starting the workbench on this machine, and saying where it is."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError
from stancepack.workbench.access import Seats
from stancepack.workbench.desk import Desk
from stancepack.workbench.journal import FILE, Journal

_PORT_FILE = "workbench/port.json"
_LOOPBACK = "127.0.0.1"
_PORTS = range(8765, 8865)  # the first free one; kept, so that a link survives a restart


@dataclass(frozen=True)
class Place:
    """Where the workbench is reached.

    Attributes
    ----------
    host
        The address that it listens at; this machine alone unless told otherwise.
    port
        Its port; 0 for the one of last time, or the first that is free.
    certificate, key
        Files for TLS, which any other host needs.
    behind_proxy
        The public address of a proxy that does the TLS, such as ``https://code.example.org``.
    """

    host: str = _LOOPBACK
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: str = ""

    def __post_init__(self) -> None:
        """Refuse to send codes over a network that anybody can read."""
        if (self.certificate is None) != (self.key is None):
            raise StancepackError("--certificate and --key go together; give both.")
        if not self.is_local and self.certificate is None and not self.behind_proxy:
            raise StancepackError(
                f"--host {self.host}: others could read along. Give --certificate and --key (TLS), "
                "or --behind-proxy with the https address of a proxy that has them."
            )
        if self.behind_proxy and not self.behind_proxy.startswith("https://"):
            raise StancepackError("--behind-proxy is the public address, which begins https://.")

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in (_LOOPBACK, "localhost", "::1")

    def address(self, port: int) -> str:
        """Return the address that goes into links."""
        if self.behind_proxy:
            return self.behind_proxy.rstrip("/")
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{self.host}:{port}"

    def origins(self, port: int) -> frozenset[str]:
        """Return the addresses whose pages are ours."""
        address = self.address(port)
        same = {address, address.replace(_LOOPBACK, "localhost")} if self.is_local else {address}
        return frozenset(same)


def serve(
    home: Path,
    people: list[tuple[str, str]],
    desks: Mapping[str, Callable[[str, Journal], Desk]],
    *,
    place: Place,
    database: str = "",
    open_browser: bool = True,
) -> None:
    """Serve the workbench until it is stopped.

    Parameters
    ----------
    home
        Folder of the project.
    people
        Role and id of everybody who may come in.
    desks
        For each role what opens a person's desk.
    place
        Where it is reached.
    database
        Address of a PostgreSQL database that several machines share; a file in the project if
        empty.
    open_browser
        Whether to open the first link here.

    Raises
    ------
    StancepackError
        If the packages of the workbench are not installed, or the port is taken.
    """
    try:
        import uvicorn

        from stancepack.workbench.application import application
    except ImportError as error:
        what = f"the workbench needs {error.name}; pip install 'stancepack[workbench]'."
        raise StancepackError(what) from None
    listener = _listener(home, place)
    port = listener.getsockname()[1]
    seats = Seats(home, people)
    with Journal(database or home / FILE) as journal:
        opened = {role: _opened(desk, journal) for role, desk in desks.items()}
        app = application(seats, opened, journal, place.origins(port))
        for seat in seats:
            print(f"{seat.person} ({seat.role}): {seat.link(place.address(port))}", flush=True)
        print("The link is a key: it opens the page of this person. Stop with Ctrl+C.", flush=True)
        if open_browser:
            _open(next(iter(seats)).link(place.address(port)))
        config = uvicorn.Config(
            app,
            log_level="warning",
            server_header=False,
            date_header=False,
            lifespan="off",
            proxy_headers=bool(place.behind_proxy),
            ssl_certfile=place.certificate,
            ssl_keyfile=place.key,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _opened(desk: Callable[[str, Journal], Desk], journal: Journal) -> Callable[[str], Desk]:
    return lambda person: desk(person, journal)


def _listener(home: Path, place: Place) -> socket.socket:
    """Listen at the port that is asked for, that of last time, or the first that is free."""
    kept = home / _PORT_FILE
    candidates = [place.port] if place.port else [*_port_of_last_time(kept), *_PORTS, 0]
    for port in candidates:
        listener = socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((place.host, port))
        except OSError as error:
            listener.close()
            reason = error.strerror
            continue
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(listener.getsockname()[1]), encoding="utf-8")
        return listener
    raise StancepackError(f"{place.host}, port {place.port}: {reason}; give another with --port.")


def _port_of_last_time(kept: Path) -> list[int]:
    try:
        port: Any = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [port] if isinstance(port, int) and 0 < port < 2**16 else []


def _open(link: str) -> None:
    import webbrowser

    webbrowser.open(link)
