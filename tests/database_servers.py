"""A real PostgreSQL server for tests: on a private socket, started, stopped and killed by them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

_USER = "postgres"  # who the server runs as where we are root, which it refuses to be


class PostgreSQL:
    """A server of its own in a folder of its own."""

    def __init__(self, programs: Path, folder: Path, *, writes_through: bool = False) -> None:
        self.folder = folder
        self._fsync = "on" if writes_through else "off"  # which makes tests quicker
        self._programs = programs
        self._numbers = count()
        self._as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
        if self._as_user:
            shutil.chown(folder, _USER)
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--no-locale", f"--username={_USER}")
        self.start()

    @property
    def address(self) -> str:
        return self.address_of("postgres")

    def address_of(self, database: str) -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def new_database(self, options: str = "") -> str:
        """Make a database and return its address."""
        import psycopg

        name = f"made_{next(self._numbers)}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"create database {name} {options}")
        return self.address_of(name)

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync={self._fsync}"
        self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "stop", "-w", "-m", how)

    def kill(self) -> None:
        """Kill it as a machine that loses its power does."""
        number = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGQUIT)

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), "-D", str(self.folder / "data"), *options]
        # its output must go to no pipe: the server would inherit it and hold it open
        with (self.folder / "said").open("a") as said:
            subprocess.run(
                [*self._as_user, *command], cwd=self.folder, stdout=said, stderr=said, check=True
            )


@contextmanager
def postgresql_server(**options: bool) -> Iterator[PostgreSQL]:
    """Start a server for a block; the test is skipped where there is none, or no driver."""
    pytest.importorskip("psycopg", reason="needs the driver of PostgreSQL")
    found = [*map(Path, filter(None, [shutil.which("initdb")]))]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("needs a PostgreSQL server, and none is installed")
    folder = Path(tempfile.mkdtemp(prefix="stancepack-"))  # a short path: sockets allow no long one
    server = PostgreSQL(found[-1].resolve().parent, folder, **options)
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # where a test has stopped it
            server.stop("immediate")
        shutil.rmtree(folder)
