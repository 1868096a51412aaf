"""The workbench as people start it: a process of its own, its links read from what it prints."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from workbench_rooms import ANN

_LINK = re.compile(r"(\S+) \((\w+)\): (\S+)")
_PATIENCE = 30  # seconds for it to begin or end
CHROMIUM = Path("/usr/bin/chromium")


class Server:
    """A process of `stancepack`, which serves a project."""

    def __init__(self, *words: object) -> None:
        command = [sys.executable, "-m", "stancepack", *map(str, words), "--no-browser"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""
        self.links: dict[tuple[str, str], str] = {}
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if match := _LINK.match(line):
                self.links[match[2], match[1]] = match[3]
            if line.startswith("The link is a key"):
                return
        self._end()
        raise AssertionError(self.said)

    def kill(self) -> None:
        """End it as a machine that loses its power does."""
        self.process.kill()
        self._end()

    def stop(self) -> str:
        """Stop it as people do, and return all that it has said."""
        self.process.send_signal(signal.SIGINT)
        return self._end()

    def _end(self) -> str:
        rest, _ = self.process.communicate(timeout=_PATIENCE)
        self.said += rest
        return self.said


def free_port() -> int:
    """Return a port that nobody listens at, for a server that must come back at its place."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Browser:
    """What a browser does with a link: it keeps the cookie and sends it along."""

    def __init__(self, link: str, context: ssl.SSLContext | None = None) -> None:
        self.address = urlsplit(link)
        self.origin = f"{self.address.scheme}://{self.address.netloc}"
        self.context = context
        self.cookie = ""
        answer = self.ask("GET", self.address.path)
        self.set_cookie = answer.headers.get("set-cookie", "")
        self.cookie = self.set_cookie.partition(";")[0]
        self.home = answer.headers.get("location", "")

    def ask(self, method: str, path: str, content: Any = None, **headers: str) -> Any:
        host, port = self.address.hostname or "", self.address.port
        if self.context is None:
            connection = http.client.HTTPConnection(host, port, timeout=60)
        else:
            connection = http.client.HTTPSConnection(host, port, timeout=60, context=self.context)
        sent = {"cookie": self.cookie, "origin": self.origin, "content-type": "application/json"}
        body = None if content is None else json.dumps(content)
        with closing(connection):  # also when the server is killed meanwhile
            connection.request(method, path, body, sent | headers)
            answer = connection.getresponse()
            answer.content = answer.read()  # type: ignore[attr-defined]
        return answer

    def send(self, *entries: dict[str, Any]) -> Any:
        return self.ask("POST", f"{self.home}entries", {"entries": entries})

    def state(self) -> Any:
        return json.loads(self.ask("GET", f"{self.home}state").content)


def browser_of(server: Server, role: str = "code", person: str = ANN, **more: Any) -> Browser:
    return Browser(server.links[role, person], **more)


@contextmanager
def serving(*words: object) -> Iterator[Server]:
    """Serve for a block."""
    server = Server(*words)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


@contextmanager
def chromium() -> Iterator[object]:
    """Start a browser for a block; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if not CHROMIUM.is_file():
        pytest.skip(f"needs {CHROMIUM}")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()
