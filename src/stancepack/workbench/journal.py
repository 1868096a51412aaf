"""The journal of a workbench: every entry that somebody made, in revisions, never changed.

An entry is what one person wrote into one field of one unit, and it names the revision that it
makes: the one after the revision that the page showed. A page that did not know the newest one is
told so, and nothing is overwritten; the same entry sent twice is one entry. The journal lies in a
file of SQLite, or in a PostgreSQL database that several machines share.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError

FOLDER = "workbench"  # in the project; kept out of its history, as codes are not sealed yet
FILE = f"{FOLDER}/journal.sqlite"
_PATIENCE = 30.0  # seconds that a write waits for those of others
_TABLE = """
create table if not exists entries (
  task text not null, person text not null, unit text not null, field text not null,
  revision integer not null, value text not null, entry text not null, written text not null,
  primary key (task, person, unit, field, revision), unique (task, person, entry)
)
"""
_ADD = """
insert into entries (task, person, unit, field, revision, value, entry, written)
values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing
"""
_NEWEST = """
select unit, field, revision, value, entry from entries as newest
where task = ? and person = ? and revision = (
  select max(revision) from entries where task = newest.task and person = newest.person
  and unit = newest.unit and field = newest.field
)
"""
_COLUMNS = "task, person, unit, field, revision, value, entry, written"


@dataclass(frozen=True)
class Entry:
    """What somebody wrote into a field of a unit.

    Attributes
    ----------
    unit
        Id of a statement or another unit; empty for what concerns the whole task.
    field
        What was written, such as ``code/us-sites``, ``comment`` or ``flag``.
    revision
        1 for the first entry of the field, one more with each further one.
    value
        What it says; empty where an earlier value was taken back.
    entry
        An id that the page gave it, so that what is sent twice is written once.
    """

    unit: str
    field: str
    revision: int
    value: str
    entry: str

    def as_json(self) -> dict[str, Any]:
        """Return it as a page reads it."""
        return asdict(self)


class Journal:
    """The entries of everybody who works at a workbench.

    Parameters
    ----------
    database
        A file of SQLite, or the address of a PostgreSQL database (``postgresql://…``).

    Examples
    --------
    >>> import tempfile
    >>> from stancepack.workbench.journal import Entry, Journal
    >>> with tempfile.TemporaryDirectory() as folder, Journal(f"{folder}/j.sqlite") as journal:
    ...     refused = journal.write("round-1", "ann", [Entry("S1", "code/sites", 1, "2", "a")])
    ...     later = journal.write("round-1", "ann", [Entry("S1", "code/sites", 1, "-2", "b")])
    ...     [journal.newest("round-1", "ann")[0].value, refused, later[0].value]
    ['2', [], '2']
    """

    def __init__(self, database: str | Path) -> None:
        self.database = str(database)
        self._is_shared = self.database.startswith(("postgresql://", "postgres://"))
        self._by_thread = threading.local()
        self._connections: list[Any] = []
        self._opening = threading.Lock()
        with self._transaction() as run:
            run(_TABLE)

    def __enter__(self) -> Journal:
        """Use the journal in a block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        with self._opening:
            while self._connections:
                self._connections.pop().close()
        self._by_thread = threading.local()

    def write(self, task: str, person: str, entries: Iterable[Entry]) -> list[Entry]:
        """Add entries, all in one step, and return what stands where one was not the next.

        Parameters
        ----------
        task
            What is worked on, such as the name of a round.
        person
            Who writes.
        entries
            Each with the revision after the one that its writer knew.

        Returns
        -------
        list of Entry
            For each entry that was refused, the newest one of its field.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        in_the_way = []
        refused = set()  # what was written on top of a refused entry is refused with it
        with self._transaction() as run:
            for entry in entries:
                key = (task, person, entry.unit, entry.field)
                newest = _newest_of(run, key)
                if _is_there(run, task, person, entry):
                    continue
                is_next = entry.revision == (newest.revision if newest else 0) + 1
                added = (*key, entry.revision, entry.value, entry.entry, now)
                if key in refused or not (is_next and run(_ADD, added).rowcount):
                    refused.add(key)
                    nothing = Entry(entry.unit, entry.field, 0, "", "")
                    in_the_way.append(_newest_of(run, key) or nothing)
        return in_the_way

    def newest(self, task: str, person: str) -> list[Entry]:
        """Return the newest entry of each field that somebody wrote into."""
        with self._transaction(writes=False) as run:
            return [Entry(*row) for row in run(_NEWEST, (task, person)).fetchall()]

    def history(self, task: str | None = None, person: str | None = None) -> list[dict[str, Any]]:
        """Return all entries as they came, of one task or person if named, oldest first."""
        wanted = {"task": task, "person": person}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " and ".join(f"{name} = ?" for name in given) or "1 = 1"
        query = f"select {_COLUMNS} from entries where {where} order by written, revision"
        with self._transaction(writes=False) as run:
            rows = run(query, (*given.values(),)).fetchall()
        return [dict(zip(_COLUMNS.split(", "), row, strict=True)) for row in rows]

    @contextmanager
    def _transaction(self, *, writes: bool = True) -> Iterator[Callable[..., Any]]:
        """Give a function that runs a query; what it ran is written whole, or not at all."""
        connection = self._connection()
        cursor = connection.cursor()

        def run(query: str, values: tuple[Any, ...] = ()) -> Any:
            cursor.execute(query.replace("?", "%s") if self._is_shared else query, values)
            return cursor

        try:
            if not self._is_shared:
                run("begin immediate" if writes else "begin")
            yield run
            connection.commit()
        except Exception as error:
            connection.rollback()
            if isinstance(error, _database_errors()):
                raise StancepackError(f"{self.database}: {error}".strip()) from None
            raise
        finally:
            cursor.close()

    def _connection(self) -> Any:
        """Return the connection of this thread."""
        connection = getattr(self._by_thread, "connection", None)
        if connection is None or getattr(connection, "closed", False):
            connection = _postgresql(self.database) if self._is_shared else _sqlite(self.database)
            self._by_thread.connection = connection
            with self._opening:
                self._connections.append(connection)
        return connection


def _newest_of(run: Callable[..., Any], key: tuple[str, str, str, str]) -> Entry | None:
    query = (
        "select unit, field, revision, value, entry from entries where task = ? and person = ? "
        "and unit = ? and field = ? order by revision desc limit 1"
    )
    row = run(query, key).fetchone()
    return Entry(*row) if row else None


def _is_there(run: Callable[..., Any], task: str, person: str, entry: Entry) -> bool:
    """Tell whether this very entry was written before."""
    query = "select unit, field, value from entries where task = ? and person = ? and entry = ?"
    row = run(query, (task, person, entry.entry)).fetchone()
    return row is not None and tuple(row) == (entry.unit, entry.field, entry.value)


def _sqlite(database: str) -> Any:
    import sqlite3

    try:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            database, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")  # a code is on the disk, not in its cache
    except sqlite3.Error as error:
        raise StancepackError(f"{database}: the journal cannot be opened ({error}).") from None
    return connection


def _postgresql(database: str) -> Any:
    try:
        import psycopg
    except ImportError:
        what = "PostgreSQL needs its driver; pip install 'stancepack[workbench-postgresql]'."
        raise StancepackError(what) from None
    try:
        return psycopg.connect(database, connect_timeout=int(_PATIENCE))
    except psycopg.Error as error:
        raise StancepackError(f"the database does not answer: {str(error).strip()}") from None


def _database_errors() -> tuple[type[Exception], ...]:
    import sqlite3

    try:
        import psycopg
    except ImportError:
        return (sqlite3.Error,)
    return (sqlite3.Error, psycopg.Error)
