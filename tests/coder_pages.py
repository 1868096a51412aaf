"""What tests of pages share: a workbench that comes back at its port, killed browsers, axe."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench_server import Server, free_port

CODE_KEYS = "asdfghjkl1234567890"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class LastingServer:
    """A workbench that is killed and started again at the same port, as somebody would."""

    def __init__(self, *words: object) -> None:
        self.words = (*words, "--port", free_port())
        self.start()

    def start(self) -> None:
        """Start it, and wait until it says that it is there."""
        self.server = Server(*self.words)
        self.links = {person: link for (_, person), link in self.server.links.items()}

    def kill(self) -> None:
        """End it as a power cut does, if it runs."""
        if self.server.process.poll() is None:
            self.server.kill()


def kill_browser(context: Any, profile: Path) -> None:
    """Kill a browser and all its processes, as kill -9 does; its profile can be opened again."""
    option = f"--user-data-dir={profile}"
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if option in words:
                os.kill(int(process.name), signal.SIGKILL)
    with suppress(Exception):
        context.close()
    (profile / "SingletonLock").unlink(missing_ok=True)


def key_of(codes: list[str], code: str) -> str:
    """Return the key of a code on the row of its scale."""
    return "n" if code == "NA" else CODE_KEYS[[c for c in codes if c != "NA"].index(code)]


def faults_of(page: Any) -> list[str]:
    """Return what axe finds on a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _RULES}})
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]
