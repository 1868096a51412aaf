"""The workbench as a web application: links, pages, entries.

Every request is checked before anything else looks at it: the host it names, where a writing
request comes from, how long it is; and every answer forbids whatever a page does not need. A page
that is not one's own is answered like a page that is not there.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stancepack.errors import StancepackError
from stancepack.workbench import pages
from stancepack.workbench.access import Seat, Seats
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
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


def application(
    seats: Seats,
    desks: Mapping[str, Callable[[str], Desk]],
    journal: Journal,
    origins: frozenset[str],
) -> Starlette:
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
    """
    rooms = _Rooms(seats, desks, journal)
    return Starlette(
        routes=[
            Route("/enter/{secret}", rooms.enter),
            Route("/static/{file}", rooms.static),
            Route("/{role}/{person}/", rooms.page),
            Route("/{role}/{person}/state", rooms.state),
            Route("/{role}/{person}/entries", rooms.entries, methods=["POST"]),
            Route("/{role}/{person}/close", rooms.close, methods=["POST"]),
            Route("/{path:path}", rooms.refused),
        ],
        middleware=[Middleware(_Gate, origins=origins)],
        exception_handlers={StancepackError: _said, Exception: _failed},
    )


class _Gate:
    """Refuse what does not come from a page of ours, and forbid pages what they do not need."""

    def __init__(self, app: Any, origins: frozenset[str]) -> None:
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

        refusal = self._refusal(Request(scope))
        app = refusal or self.app
        await app(scope, receive, send_guarded)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        if headers.get("host") not in self.hosts:
            return _problem("this address is not the workbench's; use the link as given.", 400)
        if request.method in ("GET", "HEAD"):
            return None
        is_ours = headers.get("origin") in self.origins
        is_json = headers.get("content-type", "").partition(";")[0] == "application/json"
        if not is_ours or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return _problem("only a page of the workbench writes here.", 403)
        if not is_json:
            return _problem("entries are sent as JSON.", 415)
        length = headers.get("content-length", "")
        if not length.isdigit() or int(length) > _MOST_BYTES:
            return _problem(f"a request has at most {_MOST_BYTES:,} bytes.", 413)
        return None


class _Rooms:
    """What is behind each address."""

    def __init__(
        self, seats: Seats, desks: Mapping[str, Callable[[str], Desk]], journal: Journal
    ) -> None:
        self.seats, self.desks, self.journal = seats, desks, journal
        self._open: dict[Seat, Desk] = {}

    async def enter(self, request: Request) -> Response:
        seat = self.seats.entered(request.path_params["secret"])
        if seat is None:
            return pages.refused()
        answer = RedirectResponse(seat.path, 303)
        answer.set_cookie(
            seat.cookie_name,
            seat.cookie,
            path=seat.path,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            max_age=_COOKIE_SECONDS,
        )
        return answer

    async def refused(self, request: Request) -> Response:
        return pages.refused()

    async def static(self, request: Request) -> Response:
        return pages.static(request.path_params["file"]) or pages.refused()

    async def page(self, request: Request) -> Response:
        desk = await self._desk(request)
        return pages.refused() if desk is None else pages.page(desk)

    async def state(self, request: Request) -> Response:
        desk = await self._desk(request)
        if desk is None:
            return _problem(_NO_SEAT, 403)
        return JSONResponse(await run_in_threadpool(desk.state))

    async def entries(self, request: Request) -> Response:
        desk = await self._desk(request)
        if desk is None:
            return _problem(_NO_SEAT, 403)
        content = await _json(request)
        return JSONResponse(await run_in_threadpool(write, desk, self.journal, content))

    async def close(self, request: Request) -> Response:
        desk = await self._desk(request)
        if desk is None:
            return _problem(_NO_SEAT, 403)
        try:
            message = await run_in_threadpool(desk.close)
        finally:
            # whatever came of it, the next look is a fresh one
            self._open = {
                seat: open_desk for seat, open_desk in self._open.items() if open_desk is not desk
            }
        return JSONResponse({"said": message})

    async def _desk(self, request: Request) -> Desk | None:
        role, person = request.path_params["role"], request.path_params["person"]
        seat = self.seats.admitted(role, person, request.cookies)
        if seat is None:
            return None
        if seat not in self._open:
            self._open[seat] = await run_in_threadpool(self.desks[role], person)
        return self._open[seat]


_NO_SEAT = "this page is not open to you; use the link that you were given."
_COOKIE_SECONDS = 60 * 60 * 24 * 60  # two months: a round that is coded in the evenings


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


async def _said(request: Request, error: Exception) -> Response:
    which = {"entry": error.entry} if isinstance(error, EntryError) else {}
    return JSONResponse({"problem": str(error), **which}, 422)


async def _failed(request: Request, error: Exception) -> Response:
    return _problem("the workbench failed; what was saved before is safe. Try again.", 500)
