"""A code saved at 200 coders at once: the real server, on SQLite and PostgreSQL.

The round is that of the shipped project, all its statements, without the training. Beside it the
same requests go to the plainest program that people would write for it: Flask, SQLAlchemy and
waitress, which insert a row and commit. It checks nothing: no seat, no codebook, no revision. No
annotation tool is measured: none takes such a request without its own projects and users.

All requests of a burst are sent at the same moment, so the 99th percentile is what the last of 200
people waits who press a key within one instant; at a steady pace each presses one every two
seconds. In the end the server is killed in the middle of a burst, and what it acknowledged is
looked for.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from stancepack.project.project import Project
from stancepack.workbench.journal import FILE, Journal

ROOT = Path(__file__).parents[1]
N_CODERS = 200
N_BURSTS = 10
SECONDS = 20  # at a steady pace
PACE = 2.0  # seconds between two codes of one coder
ROUND = "round-9"
BASELINE = """
import logging
import sys
from flask import Flask, request
from sqlalchemy import String, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from waitress import serve

class Base(DeclarativeBase): pass

class Code(Base):
    __tablename__ = "codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String)
    unit: Mapped[str] = mapped_column(String)
    field: Mapped[str] = mapped_column(String)
    value: Mapped[str] = mapped_column(String)

address, port = sys.argv[1], int(sys.argv[2])
engine = create_engine(address, pool_size=40)
if address.startswith("sqlite"):
    @event.listens_for(engine, "connect")
    def on_disk(connection, record):
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma busy_timeout = 30000")
Base.metadata.create_all(engine)
app = Flask(__name__)

@app.post("/code/<person>/entries")
def add(person):
    with Session(engine) as session:
        for row in request.json["entries"]:
            code = {name: row[name] for name in ("unit", "field", "value")}
            session.add(Code(person=person, **code))
        session.commit()
    return {"written": len(request.json["entries"])}

print("ready", flush=True)
limits = {"threads": 40, "connection_limit": 1000, "channel_timeout": 600}
logging.getLogger("waitress").setLevel("ERROR")  # it says how many wait
serve(app, host="127.0.0.1", port=port, **limits)
"""


class Coder:
    """Somebody at a page: a connection that stays open, and entries that name their revisions."""

    def __init__(self, name: str, link: str, unit: str) -> None:
        self.name, self.address, self.unit = name, urlsplit(link), unit
        self.cookie = ""
        self.acknowledged: list[str] = []
        self._revision = 0

    async def connect(self) -> None:
        host, port = self.address.hostname, self.address.port
        self._in, self._out = await asyncio.open_connection(host, port, limit=2**24)

    async def enter(self) -> None:
        head, _ = await self._ask("GET", self.address.path)
        self.cookie = head.partition("set-cookie: ")[2].partition(";")[0]
        _, body = await self._ask("GET", f"/code/{self.name}/state")
        assert b"units" in body, body

    async def code(self) -> float:
        """Save a code, and return how many seconds it took."""
        self._revision += 1
        value = ("yes", "no")[self._revision % 2]
        entry = {"unit": self.unit, "field": "code/conditional", "revision": self._revision}
        entry |= {"value": value, "entry": f"{self.name}-{self._revision}"}
        body = json.dumps({"entries": [entry]})
        start = time.perf_counter()
        head, _ = await self._ask("POST", f"/code/{self.name}/entries", body)
        took = time.perf_counter() - start
        assert " 200 " in head.partition("\r\n")[0], head
        self.acknowledged.append(entry["entry"])
        return took

    async def _ask(self, method: str, path: str, body: str = "") -> tuple[str, bytes]:
        origin = f"{self.address.scheme}://{self.address.netloc}"
        lines = [f"{method} {path} HTTP/1.1", f"host: {self.address.netloc}", f"origin: {origin}"]
        lines += [f"cookie: {self.cookie}", "content-type: application/json"]
        lines += [f"content-length: {len(body)}", "", body]
        self._out.write("\r\n".join(lines).encode())
        head = (await self._in.readuntil(b"\r\n\r\n")).decode()
        length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
        return head, await self._in.readexactly(int(length))


def made_project(folder: Path) -> Path:
    """Copy the shipped project, with 200 people and without its training."""
    home = folder / "project"
    kept = ("coding", "seeds", "data", "datapackage.json")
    for name in kept:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        home.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, home / name)
    (home / "coding" / "training.yaml").unlink()
    shutil.rmtree(home / "coding" / "rounds" / "training", ignore_errors=True)
    with (home / "coding" / "coders.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows((name, "human", "coder", "Somebody.") for name in coder_names())
    return home


def coder_names() -> list[str]:
    return [f"coder-{number}" for number in range(N_CODERS)]


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@contextmanager
def workbench(home: Path, database: str) -> Iterator[tuple[subprocess.Popen[str], list[Coder]]]:
    """Serve the project, and seat everybody."""
    people = [word for name in coder_names() for word in ("--coder", name)]
    options = ["--round", ROUND, "--no-browser", *(["--database", database] if database else [])]
    command = (sys.executable, "-m", "stancepack", "code", str(home), *people, *options)
    with process(*command) as server:
        links: dict[str, str] = {}
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("The link is a key"):
                break
            name, _, link = line.partition(" (code): ")
            links[name] = link.strip()
        unit = next(iter(Project(home).units))
        yield server, [Coder(name, links[name], unit) for name in coder_names()]


@contextmanager
def baseline(folder: Path, database: str) -> Iterator[tuple[subprocess.Popen[str], list[Coder]]]:
    script = folder / "baseline.py"
    script.write_text(BASELINE, encoding="utf-8")
    port = 8650
    address = database.replace("postgresql://", "postgresql+psycopg://")
    address = address or f"sqlite:///{folder}/baseline.sqlite"
    with process(sys.executable, str(script), address, str(port)) as server:
        assert server.stdout is not None
        server.stdout.readline()
        time.sleep(1)
        link = f"http://127.0.0.1:{port}/"
        yield server, [Coder(name, link, "S0001") for name in coder_names()]


async def measured(coders: list[Coder], *, enter: bool) -> dict[str, list[float]]:
    for coder in coders:
        await coder.connect()
    seconds: dict[str, list[float]] = {}
    if enter:
        start = time.perf_counter()
        await asyncio.gather(*(coder.enter() for coder in coders))
        seconds["all pages opened"] = [time.perf_counter() - start]
        for coder in coders:  # the first ones have waited longer than a connection is kept
            await coder.connect()
    await asyncio.gather(*(coder.code() for coder in coders))  # the first ones open connections
    seconds["at once"] = []
    for _ in range(N_BURSTS):
        seconds["at once"] += await asyncio.gather(*(coder.code() for coder in coders))
    seconds["at a steady pace"] = []
    await asyncio.gather(*(steady(coder, seconds["at a steady pace"]) for coder in coders))
    return seconds


async def steady(coder: Coder, seconds: list[float]) -> None:
    """Code every two seconds, beginning somewhere in them."""
    number = int(coder.name.rpartition("-")[2])
    await asyncio.sleep(PACE * number / N_CODERS)
    for _ in range(int(SECONDS / PACE)):
        took = await coder.code()
        seconds.append(took)
        await asyncio.sleep(max(PACE - took, 0))


async def killed(server: subprocess.Popen[str], coders: list[Coder]) -> None:
    """Kill the server while everybody codes."""
    at_work = [asyncio.ensure_future(until_it_breaks(coder)) for coder in coders]
    await asyncio.sleep(1.0)
    server.send_signal(signal.SIGKILL)
    await asyncio.gather(*at_work)


async def until_it_breaks(coder: Coder) -> None:
    try:
        while True:
            await coder.code()
    except (OSError, asyncio.IncompleteReadError):
        return


def memory(server: subprocess.Popen[str]) -> float:
    """Return the most memory that a process has had, in MB; nothing where nobody says."""
    status = Path(f"/proc/{server.pid}/status")
    if not status.is_file():
        return float("nan")
    words = status.read_text().partition("VmHWM:")[2].split()
    return int(words[0]) / 1024


def milliseconds(seconds: list[float]) -> tuple[float, float]:
    in_order = sorted(seconds)
    return statistics.median(in_order) * 1000, in_order[int(len(in_order) * 0.99)] * 1000


def compared(folder: Path, kind: str, databases: tuple[str, str]) -> None:
    home = made_project(folder / kind)
    with workbench(home, databases[0]) as (server, coders):
        ours = asyncio.run(measured(coders, enter=True))
        used = memory(server)
    with baseline(folder / kind, databases[1]) as (plain_server, plain_coders):
        plain = asyncio.run(measured(plain_coders, enter=False))
        plain_used = memory(plain_server)
    print(f"{kind}: {ours['all pages opened'][0]:.1f} s until {N_CODERS} pages are open")
    heads = f"{'median':>10}{'99 %':>10}{'plain':>12}{'99 %':>10}{'ratio':>9}{'99 %':>8}"
    print(f"{'milliseconds a code':24}{heads}")
    for how in ("at once", "at a steady pace"):
        (median, slow), (plain_median, plain_slow) = (
            milliseconds(ours[how]),
            milliseconds(plain[how]),
        )
        figures = f"{median:10.1f}{slow:10.1f}{plain_median:12.1f}{plain_slow:10.1f}"
        print(f"{how:24}{figures}{median / plain_median:9.2f}{slow / plain_slow:8.2f}")
    print(f"{'most memory':24}{used:9.0f} MB{'':8}{plain_used:9.0f} MB")


def kept_after_a_kill(folder: Path, kind: str, database: str) -> None:
    home = made_project(folder / f"{kind} killed")
    with workbench(home, database) as (server, coders):

        async def run() -> None:
            for coder in coders:
                await coder.connect()
            await asyncio.gather(*(coder.enter() for coder in coders))
            for coder in coders:
                await coder.connect()
            await killed(server, coders)

        asyncio.run(run())
    with Journal(database or home / FILE) as journal:
        kept = {row["entry"] for row in journal.history(ROUND)}
    told = {entry for coder in coders for entry in coder.acknowledged}
    lost = len(told - kept)
    print(f"{kind}, killed: {len(told)} codes acknowledged, {lost} lost\n")
    assert not lost


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from database_servers import postgresql_server

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        compared(folder, "SQLite", ("", ""))
        kept_after_a_kill(folder, "SQLite", "")
        server = stack.enter_context(postgresql_server(writes_through=True))
        compared(folder, "PostgreSQL", (server.new_database(), server.new_database()))
        kept_after_a_kill(folder, "PostgreSQL", server.new_database())


if __name__ == "__main__":
    print(f"{N_CODERS} coders, {os.cpu_count()} cores, the senders among them")
    main()
