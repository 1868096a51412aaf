"""Where the journal lies: a file of SQLite, or a PostgreSQL database that several machines share.

Both take the same queries. What is done in one step is written whole or not at all. A connection
that was lost is replaced, and its step done once more: the journal writes nothing twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Protocol, TypeVar

from stancepack.errors import StancepackError

_PATIENCE = 30  # seconds that a step waits for those of others, or for an answer
_SCHEMES = ("postgresql://", "postgres://")
_ENCODING = "UTF8"  # the one in which every text that a page sends can be stored
Run = Callable[..., Any]
Result = TypeVar("Result")


class DatabaseAwayError(StancepackError):
    """The database did not do a step, and nothing of it was written; it may do so later."""


class _LostConnectionError(DatabaseAwayError):
    """The connection was cut: on another one the step may be done."""


class Database(Protocol):
    """What keeps rows: it opens connections, and knows what becomes of a step on one."""

    name: str  # as it is shown to people: without a password
    has_one_writer: bool  # who waits for another writer does so by trying again

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its driver raises."""

    def connected(self) -> Any:
        """Open a connection."""

    def prepare(self, connection: Any) -> None:
        """Set what holds for all steps on a connection; refuse one that will not do."""

    def query(self, text: str) -> str:
        """Return a query as the driver takes it."""

    def has_table(self, run: Run, name: str) -> bool:
        """Tell whether there is a table of this name."""

    def begin(self, run: Run, claim: str) -> None:
        """Begin a step; what others write under the same claim waits, or is waited for."""

    def is_lost(self, connection: Any) -> bool:
        """Tell whether a connection is of no use any more."""


class Steps:
    """Steps on a database, on connections that are used again.

    Parameters
    ----------
    database
        Where they are done.

    Examples
    --------
    >>> import tempfile
    >>> from stancepack.workbench.databases import Steps, database_at
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     steps = Steps(database_at(f"{folder}/rows.sqlite"))
    ...     _ = steps.done(lambda run: run("create table rows (name text)"), claim="rows")
    ...     steps.done(lambda run: run("select count(*) from rows").fetchone()[0])
    ...     steps.close()
    0
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._idle: list[Any] = []
        self._taking = threading.Lock()
        # in line, so that nobody tries again for long while others come and go
        self._line = threading.Lock() if database.has_one_writer else nullcontext()

    def done(self, work: Callable[[Run], Result], *, claim: str = "") -> Result:
        """Do a step and return what it returns.

        Parameters
        ----------
        work
            What is done, given a function that runs a query with its values.
        claim
            What it writes to; empty for a step that only reads.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer, or refuses.
        """
        with self._line if claim else nullcontext():
            try:
                return self._done_on(self._taken(), work, claim)
            except _LostConnectionError:
                self.close()  # what is idle was lost with it
            return self._done_on(self._taken(), work, claim)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while (connection := self._from_idle()) is not None:
            connection.close()

    def _done_on(self, connection: Any, work: Callable[[Run], Result], claim: str) -> Result:
        def run(query: str, values: tuple[Any, ...] = ()) -> Any:
            return connection.execute(self.database.query(query), values)

        try:
            self.database.begin(run, claim)
            result = work(run)
            connection.commit()
        except self.database.errors as error:
            kind = _LostConnectionError if self.database.is_lost(connection) else DatabaseAwayError
            connection.close()  # which takes back what was begun
            raise self._away(error, kind) from None
        except BaseException:
            connection.close()
            raise
        with self._taking:
            self._idle.append(connection)
        return result

    def _taken(self) -> Any:
        connection = self._from_idle()
        if connection is not None:
            return connection
        try:
            connection = self.database.connected()
        except self.database.errors as error:
            raise self._away(error) from None
        try:
            self.database.prepare(connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, self.database.errors):
                raise self._away(error) from None
            raise
        return connection

    def _from_idle(self) -> Any:
        with self._taking:
            return self._idle.pop() if self._idle else None

    def _away(
        self, error: Exception, kind: type[DatabaseAwayError] = DatabaseAwayError
    ) -> DatabaseAwayError:
        return kind(f"{self.database.name}: {str(error).strip()}")


def database_at(address: str | Path) -> Database:
    """Return the database at an address.

    Parameters
    ----------
    address
        A file of SQLite, or the address of a PostgreSQL database (``postgresql://…``).

    Raises
    ------
    StancepackError
        If it is the address of another kind of database, or the driver is not installed.
    """
    text = str(address)
    if text.startswith(_SCHEMES):
        return _PostgreSQL(text)
    if "://" in text:
        what = f"a database is a file, or an address that begins {_SCHEMES[0]}"
        raise StancepackError(f"{text.partition('://')[0]}://…: {what}.")
    return _SQLite(Path(address))


class _SQLite:
    """A file, whose writers wait for each other."""

    has_one_writer = True

    def __init__(self, file: Path) -> None:
        import sqlite3

        self.name = str(file)
        self.errors = (sqlite3.Error,)
        self._file = file

    def connected(self) -> Any:
        import sqlite3

        self._file.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(
            self._file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )

    def prepare(self, connection: Any) -> None:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")  # on the disk, not in its cache

    def query(self, text: str) -> str:
        return text

    def has_table(self, run: Run, name: str) -> bool:
        return run("select 1 from sqlite_master where name = ?", (name,)).fetchone() is not None

    def begin(self, run: Run, claim: str) -> None:
        if not self._file.exists():  # what is written into a removed file is gone with the process
            raise self.errors[0]("the file was removed; restore it, and start the workbench again")
        run("begin immediate" if claim else "begin")

    def is_lost(self, connection: Any) -> bool:
        return False


class _PostgreSQL:
    """A server, which may go away and come back."""

    has_one_writer = False

    def __init__(self, address: str) -> None:
        try:
            import psycopg
        except ImportError:
            what = "PostgreSQL needs its driver; pip install 'stancepack[workbench-postgresql]'."
            raise StancepackError(what) from None
        self.name = "the database"
        self.errors = (psycopg.Error,)
        self._address = address

    def connected(self) -> Any:
        import psycopg

        return psycopg.connect(
            self._address,
            connect_timeout=_PATIENCE,
            client_encoding=_ENCODING,
            tcp_user_timeout=_PATIENCE * 1000,  # a network that is cut says nothing
            prepare_threshold=None,  # a pooler between may not know what was prepared
            application_name="stancepack",
        )

    def prepare(self, connection: Any) -> None:
        import psycopg

        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection.execute(f"set statement_timeout = '{_PATIENCE}s'")
        connection.commit()
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != _ENCODING:
            what = f"keeps texts in {encoding}; create it with the encoding {_ENCODING}."
            raise StancepackError(f"{self.name} {what}")

    def query(self, text: str) -> str:
        return text.replace("?", "%s")

    def has_table(self, run: Run, name: str) -> bool:
        return run("select to_regclass(?)", (name,)).fetchone()[0] is not None

    def begin(self, run: Run, claim: str) -> None:
        if claim:
            # one writer of a claim at a time, so that two cannot wait for each other
            run("select pg_advisory_xact_lock(hashtextextended(?, 0))", (claim,))

    def is_lost(self, connection: Any) -> bool:
        return bool(connection.closed)
