"""The workbench as a web application: links, pages, entries.

Every request is checked before anything else looks at it: the host it names, where a writing
request comes from, how long it is; and every answer forbids whatever a page does not need. A page
that is not one's own is answered like a page that is not there.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stancepack.errors import StancepackError
from stancepack.workbench import pages
from stancepack.workbench.access import Seat, Seats
from stancepack.workbench.databases import DatabaseAwayError
from stancepack.workbench.desk import Desk, EntryError, write
from stancepack.workbench.journal import Journal

_MOST_BYTES = 4_000_000  # of a request; a page sends a few hundred
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_NO_SEAT = "this page is not open to you; use the link that you were given."
_NOT_SAVED = (
    "not saved yet: the database does not answer. What you write stays in this browser and is sent "
    "again by itself."
)
_NOT_READY = "something in the project is wrong; whoever runs the workbench is told what it is."
_COOKIE_SECONDS = 60 * 60 * 24 * 60  # two months: a round that is coded in the evenings
_SEES_ALL = "lead"  # the role that may read who else works here
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Result = TypeVar("Result")


def application(
    seats: Seats,
    desks: Mapping[str, Callable[[str], Desk]],
    journal: Journal,
    origins: frozenset[str],
    people: Callable[[], Iterable[str]] = tuple,
) -> ASGIApp:
    """Return the application.

    Parameters
    ----------
    seats
        Who may come in.
    desks
        For each role what opens the desk of a person; a desk is opened anew when one is closed.
    journal
        Where entries are written.
    origins
        The addresses at which the workbench is reached, such as ``http://127.0.0.1:8765``.
    people
        What returns the ids of all who work in the project, which nobody at a desk is told.
    """
    is_secure = all(origin.startswith("https://") for origin in origins)
    rooms = _Rooms(seats, desks, journal, people, is_secure=is_secure)
    inside = Starlette(
        routes=[
            Route("/enter/{secret}", rooms.enter),
            Route("/static/{file}", rooms.static),
            Route("/{role}/{person}/", rooms.page),
            Route("/{role}/{person}/state", rooms.state),
            Route("/{role}/{person}/entries", rooms.entries, methods=["POST"]),
            Route("/{role}/{person}/close", rooms.close, methods=["POST"]),
            Route("/{path:path}", rooms.refused),
        ],
        exception_handlers={
            DatabaseAwayError: _away,
            StancepackError: _said,
            HTTPException: _not_so,
            ClientDisconnect: _gone,
            Exception: _failed,
        },
    )
    return _Gate(inside, origins)


class _Gate:
    """Refuse what does not come from a page of ours, and forbid pages what they do not need."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app, self.origins = app, origins
        self.hosts = {origin.partition("://")[2] for origin in origins}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name != b"server"]
                added = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*kept, *added]
            await send(message)

        app = self._refusal(Request(scope)) or self.app
        await app(scope, receive, send_guarded)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        if headers.get("host", "").lower() not in self.hosts:
            return _problem("this address is not the workbench's; use the link as given.", 400)
        is_same_origin = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        if request.method in ("GET", "HEAD"):
            # a link may stand anywhere; what another page loads may not
            is_followed = headers.get("sec-fetch-mode", "navigate") == "navigate"
            return None if is_same_origin or is_followed else _problem(_NO_SEAT, 403)
        if headers.get("origin") not in self.origins or not is_same_origin:
            return _problem("only a page of the workbench writes here.", 403)
        return _refused_body(headers.get("content-type", ""), headers.get("content-length", ""))


def _refused_body(kind: str, length: str) -> Response | None:
    """Return the answer to what a page of ours would not send."""
    if kind.partition(";")[0].strip().lower() != "application/json":
        return _problem("entries are sent as JSON.", 415)
    if not re.fullmatch("[0-9]+", length):
        return _problem("a request says how long it is.", 411)
    if len(length) > len(str(_MOST_BYTES)) or int(length) > _MOST_BYTES:
        return _problem(f"a request has at most {_MOST_BYTES:,} bytes.", 413)
    return None


class _Rooms:
    """What is behind each address."""

    def __init__(
        self,
        seats: Seats,
        desks: Mapping[str, Callable[[str], Desk]],
        journal: Journal,
        people: Callable[[], Iterable[str]],
        *,
        is_secure: bool,
    ) -> None:
        self.seats, self.desks, self.journal = seats, desks, journal
        self.people, self.is_secure = people, is_secure
        self._open: dict[Seat, Desk] = {}
        # one after the other at each desk: nothing is written while its codes are being sealed
        self._turns = {seat: threading.Lock() for seat in seats}
        self._opening = threading.Lock()  # what is read for one desk is there for the next

    async def enter(self, request: Request) -> Response:
        seat = self.seats.entered(request.path_params["secret"])
        if seat is None:
            return await self.refused(request)
        answer = RedirectResponse(seat.path, 303)
        answer.set_cookie(
            seat.cookie_name,
            seat.cookie,
            path=seat.path,
            httponly=True,
            samesite="strict",
            secure=self.is_secure,
            max_age=_COOKIE_SECONDS,
        )
        return answer

    async def refused(self, request: Request) -> Response:
        is_from_elsewhere = request.headers.get("sec-fetch-site") == "cross-site"
        return pages.refused(comes_from_elsewhere=is_from_elsewhere)

    async def static(self, request: Request) -> Response:
        return pages.static(request.path_params["file"]) or await self.refused(request)

    async def page(self, request: Request) -> Response:
        seat = self._seat(request)
        if seat is None:
            return await self.refused(request)
        try:
            return await self._at_desk(seat, pages.page)
        except DatabaseAwayError as error:
            _tell_host(error)
            return pages.notice(_NOT_SAVED, 503)
        except StancepackError as error:
            return pages.notice(str(error), 422)

    async def state(self, request: Request) -> Response:
        seat = self._seat(request)
        if seat is None:
            return _problem(_NO_SEAT, 403)
        return JSONResponse(await self._at_desk(seat, lambda desk: desk.state()))

    async def entries(self, request: Request) -> Response:
        seat = self._seat(request)
        if seat is None:
            return _problem(_NO_SEAT, 403)
        sent = await _json(request)
        answer = await self._at_desk(seat, lambda desk: write(desk, self.journal, sent))
        return JSONResponse(answer)

    async def close(self, request: Request) -> Response:
        seat = self._seat(request)
        if seat is None:
            return _problem(_NO_SEAT, 403)

        def closed(desk: Desk) -> str:
            try:
                return desk.close()
            finally:
                del self._open[seat]  # whatever came of it, the next look is a fresh one

        return JSONResponse({"said": await self._at_desk(seat, closed)})

    def _seat(self, request: Request) -> Seat | None:
        named = request.path_params
        return self.seats.admitted(named["role"], named["person"], request.cookies)

    async def _at_desk(self, seat: Seat, work: Callable[[Desk], Result]) -> Result:
        """Do something at a desk, once nobody else does."""

        def in_turn() -> Result:
            with self._turns[seat]:
                if seat not in self._open:
                    with self._opening:
                        self._open[seat] = self.desks[seat.role](seat.person)
                return work(self._open[seat])

        def blind() -> Result:
            try:
                return in_turn()
            except EntryError:  # it speaks of what this person wrote
                raise
            except StancepackError as error:
                raise self._blind(error, seat) from None

        return await run_in_threadpool(blind)

    def _blind(self, error: StancepackError, seat: Seat) -> StancepackError:
        """Return an error as the person at a desk may read it: it names nobody else."""
        if isinstance(error, DatabaseAwayError) or seat.role == _SEES_ALL:
            return error
        try:
            others = {*self.people()} - {seat.person}
        except StancepackError:  # the list of people cannot be read
            others = {""}
        if any(
            re.search(rf"(?<![\w-]){re.escape(other)}(?![\w-])", str(error)) for other in others
        ):
            _tell_host(error)
            return StancepackError(_NOT_READY)
        return error


async def _json(request: Request) -> Any:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise StancepackError(f"a request has at most {_MOST_BYTES:,} bytes.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise StancepackError("what was sent is not JSON.") from None


def _problem(message: str, status: int) -> Response:
    return JSONResponse({"problem": message}, status)


def _tell_host(error: Exception) -> None:
    """Say to whoever runs the workbench what nobody at a desk is told."""
    print(f"stancepack: {error}", file=sys.stderr, flush=True)


async def _away(request: Request, error: Exception) -> Response:
    _tell_host(error)
    return _problem(_NOT_SAVED, 503)


async def _said(request: Request, error: Exception) -> Response:
    which = {"entry": error.entry} if isinstance(error, EntryError) else {}
    return JSONResponse({"problem": str(error), **which}, 422)


async def _not_so(request: Request, error: Exception) -> Response:
    return _problem("nothing is done so at this address.", getattr(error, "status_code", 400))


async def _gone(request: Request, error: Exception) -> Response:
    return _problem("what was sent broke off.", 400)


async def _failed(request: Request, error: Exception) -> Response:
    return _problem("the workbench failed; what was saved before is safe. Try again.", 500)
