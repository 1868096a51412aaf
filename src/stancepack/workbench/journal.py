"""The journal of a workbench: every entry that somebody made, in revisions, never changed.

An entry is what one person wrote into one field of one unit, and it names the revision that it
makes: the one after the revision that the page showed. A page that did not know the newest one is
told so, and nothing is overwritten; the same entry sent twice is one entry. The journal lies in a
file of SQLite, or in a PostgreSQL database that several machines share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancepack.errors import StancepackError
from stancepack.workbench.databases import Run, Steps, database_at

if TYPE_CHECKING:
    from stancepack.project.project import Project

FOLDER = "workbench"  # in the project; kept out of its history, as codes are not sealed yet
FILE = f"{FOLDER}/journal.sqlite"
_TABLES = {
    "entries": """
create table entries (
  task text not null, person text not null, unit text not null, field text not null,
  revision integer not null, value text not null, entry text not null, written text not null,
  primary key (task, person, unit, field, revision), unique (task, person, entry)
)
""",
    "study": "create table study (name text primary key)",  # whose entries they are: one row
}
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
Key = tuple[str, str, str, str]  # task, person, unit, field
_COLUMNS = "task, person, unit, field, revision, value, entry, written"


@dataclass(frozen=True)
class Entry:
    """What somebody wrote into a field of a unit.

    Attributes
    ----------
    unit
        Id of a statement or another unit; empty for what concerns the whole task.
    field
        What was written, such as ``code/sites``, ``comment`` or ``flag``.
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
    study
        Name of the project, where a database may be taken for that of another one.

    Raises
    ------
    StancepackError
        If the database cannot be used, or holds the entries of another study.

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

    def __init__(self, database: str | Path, study: str = "") -> None:
        self._steps = Steps(database_at(database))

        def prepare(run: Run) -> None:
            for name, query in _TABLES.items():
                if not self._steps.database.has_table(run, name):
                    run(query)
            if study:
                _keep_apart(run, study)

        self._steps.done(prepare, claim="tables")

    def __enter__(self) -> Journal:
        """Use the journal in a block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._steps.close()

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
        given = [*entries]

        def add(run: Run) -> list[Entry]:
            in_the_way = []
            refused = set()  # what was written on top of a refused entry is refused with it
            for entry in given:
                key = (task, person, entry.unit, entry.field)
                if _is_there(run, task, person, entry):
                    continue
                if key in refused or not _added(run, key, entry, now):
                    refused.add(key)
                    nothing = Entry(entry.unit, entry.field, 0, "", "")
                    in_the_way.append(_newest_of(run, key) or nothing)
            return in_the_way

        return self._steps.done(add, claim=f"{task}\n{person}")

    def newest(self, task: str, person: str) -> list[Entry]:
        """Return the newest entry of each field that somebody wrote into."""
        rows = self._steps.done(lambda run: run(_NEWEST, (task, person)).fetchall())
        return [Entry(*row) for row in rows]

    def people(self, task: str) -> list[str]:
        """Return who wrote anything in a task."""
        query = "select distinct person from entries where task = ? order by person"
        rows = self._steps.done(lambda run: run(query, (task,)).fetchall())
        return [person for (person,) in rows]

    def history(self, task: str | None = None, person: str | None = None) -> list[dict[str, Any]]:
        """Return all entries as they came, of one task or person if named, oldest first."""
        wanted = {"task": task, "person": person}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " and ".join(f"{name} = ?" for name in given) or "1 = 1"
        query = f"select {_COLUMNS} from entries where {where} order by written, revision"
        rows = self._steps.done(lambda run: run(query, (*given.values(),)).fetchall())
        return [dict(zip(_COLUMNS.split(", "), row, strict=True)) for row in rows]


def journal_of(project: Project, database: str = "") -> Journal:
    """Open the journal of a project.

    Parameters
    ----------
    project
        The project.
    database
        Address of a PostgreSQL database; a file in the project if empty, in a folder that is kept
        out of the project's history.

    Raises
    ------
    StancepackError
        If it is no such address, or the journal cannot be used; see `Journal`.
    """
    if not database:
        keep_out_of_history(project.path(FOLDER))
        return Journal(project.path(FILE))
    if "://" not in database:
        what = "is no address of a PostgreSQL database, which begins postgresql://."
        raise StancepackError(f"--database {database} {what}")
    return Journal(database, project.settings.name)


def keep_out_of_history(folder: Path) -> None:
    """Make a folder whose files git does not take: what is not sealed yet, and secrets."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _keep_apart(run: Run, study: str) -> None:
    """Refuse the database of another study: statements of two may have the same ids."""
    kept = run("select name from study").fetchone()
    if kept is None:
        run("insert into study (name) values (?)", (study,))
    elif kept[0] != study:
        what = f"it holds what was coded in the project {kept[0]!r}, and this is {study!r}"
        raise StancepackError(f"--database: {what}; give each project a database of its own.")


def _added(run: Run, key: Key, entry: Entry, now: str) -> bool:
    """Add an entry, if it is the next of its field."""
    newest = _newest_of(run, key)
    if entry.revision != (newest.revision if newest else 0) + 1:
        return False
    return bool(run(_ADD, (*key, entry.revision, entry.value, entry.entry, now)).rowcount)


def _newest_of(run: Run, key: Key) -> Entry | None:
    query = (
        "select unit, field, revision, value, entry from entries where task = ? and person = ? "
        "and unit = ? and field = ? order by revision desc limit 1"
    )
    row = run(query, key).fetchone()
    return Entry(*row) if row else None


def _is_there(run: Run, task: str, person: str, entry: Entry) -> bool:
    """Tell whether this very entry was written before."""
    query = "select unit, field, value from entries where task = ? and person = ? and entry = ?"
    row = run(query, (task, person, entry.entry)).fetchone()
    return row is not None and tuple(row) == (entry.unit, entry.field, entry.value)
