"""The journal, on a file of SQLite and on a real PostgreSQL server: the same of both."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from database_servers import PostgreSQL, postgresql_server
from hypothesis import given
from hypothesis import strategies as st

from stancepack.errors import StancepackError
from stancepack.workbench.databases import DatabaseAwayError
from stancepack.workbench.journal import Entry, Journal

N_THREADS = 50


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with postgresql_server() as started:
        yield started


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "SQLite":
        return str(tmp_path / "folder" / "journal.sqlite")
    started: PostgreSQL = request.getfixturevalue("server")
    return started.new_database()


def code(value: str, revision: int = 1, entry: str = "", unit: str = "S1") -> Entry:
    return Entry(unit, "code/sites", revision, value, entry or f"{unit}-{revision}-{value}")


def test_what_is_written_is_read_by_another_journal(database: str) -> None:
    with Journal(database) as first, Journal(database) as second:
        assert first.write("round-1", "ann", [code("2"), code("-2", 2)]) == []
        assert second.newest("round-1", "ann") == [code("-2", 2)]
        assert second.newest("round-1", "ben") == second.newest("round-2", "ann") == []
        assert [row["value"] for row in second.history("round-1")] == ["2", "-2"]
        assert second.people("round-1") == ["ann"]
        assert second.people("round-2") == []


def test_who_did_not_know_the_newest_is_told_and_nothing_is_overwritten(database: str) -> None:
    with Journal(database) as journal:
        journal.write("round-1", "ann", [code("2")])
        assert journal.write("round-1", "ann", [code("-2")]) == [code("2")]
        assert journal.write("round-1", "ann", [code("1", 3)]) == [code("2")]
        assert journal.newest("round-1", "ann") == [code("2")]


def test_what_is_sent_twice_is_written_once(database: str) -> None:
    sent = [code("2"), code("-2", 2), code("1", unit="S2")]
    with Journal(database) as journal:
        assert journal.write("round-1", "ann", sent) == []
        assert journal.write("round-1", "ann", sent) == []
        assert len(journal.history()) == len(sent)


def test_the_id_of_an_entry_cannot_be_used_for_another_one(database: str) -> None:
    with Journal(database) as journal:
        journal.write("round-1", "ann", [code("2", entry="a")])
        told = journal.write("round-1", "ann", [code("1", entry="a", unit="S2")])
        assert [(entry.unit, entry.revision) for entry in told] == [("S2", 0)]
        assert len(journal.history()) == 1


def test_every_text_comes_back_as_it_was(database: str) -> None:
    with Journal(database) as journal:

        @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
        def write_and_read(text: str) -> None:
            number = len(journal.history("round-1", "ann")) + 1
            journal.write("round-1", "ann", [Entry("S1", "comment", number, text, str(number))])
            assert journal.newest("round-1", "ann")[0].value == text

        write_and_read()


def test_of_two_writers_of_one_field_exactly_one_wins_and_the_other_is_told(database: str) -> None:
    with Journal(database) as journal:
        start = threading.Barrier(N_THREADS)

        def write(number: int) -> list[Entry]:
            start.wait()
            return journal.write("round-1", "ann", [code(str(number))])

        with ThreadPoolExecutor(N_THREADS) as threads:
            told = [*threads.map(write, range(N_THREADS))]
        (standing,) = journal.newest("round-1", "ann")
        assert [*map(len, told)].count(0) == 1
        assert {entry for entries in told for entry in entries} == {standing}
        assert told[int(standing.value)] == []


def test_fifty_people_write_at_once_in_any_order_of_units(database: str) -> None:
    """Nobody waits for somebody who waits for them, and nothing is lost."""
    units = [f"S{number}" for number in range(20)]
    with Journal(database) as journal:

        def write(number: int) -> list[Entry]:
            in_order = units if number % 2 else units[::-1]
            who = f"coder-{number // 2}"  # two windows of each
            return journal.write(
                "round-1", who, [code(str(number), unit=unit) for unit in in_order]
            )

        with ThreadPoolExecutor(N_THREADS) as threads:
            told = [*threads.map(write, range(N_THREADS))]
        assert sum(map(len, told)) == len(units) * N_THREADS / 2
        assert len(journal.history()) == len(units) * N_THREADS / 2
        assert len(journal.people("round-1")) == N_THREADS / 2


def test_what_fails_in_the_middle_is_taken_back_whole(database: str) -> None:
    broken = Entry("S2", "code/sites", 1, None, "b")  # type: ignore[arg-type]
    with Journal(database) as journal:
        with pytest.raises(DatabaseAwayError):
            journal.write("round-1", "ann", [code("2"), broken])
        assert journal.history() == []
        assert journal.write("round-1", "ann", [code("2")]) == []


def test_connections_are_used_again(database: str) -> None:
    """However many threads there were one after the other: a thread of a server is soon gone."""
    opened = []
    with Journal(database) as journal:
        connect = journal._steps.database.connected
        journal._steps.database.connected = lambda: opened.append(1) or connect()  # type: ignore
        for _ in range(20):
            thread = threading.Thread(target=journal.newest, args=("round-1", "ann"))
            thread.start()
            thread.join()
    assert len(opened) <= 1


def test_many_journals_are_made_at_once(database: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        journals = [*threads.map(lambda _: Journal(database, "study"), range(8))]
    for journal in journals:
        assert journal.newest("round-1", "ann") == []
        journal.close()


def test_a_database_of_another_study_is_refused(database: str) -> None:
    Journal(database, "parks").close()
    Journal(database, "parks").close()
    with pytest.raises(StancepackError, match="'parks', and this is 'courts'"):
        Journal(database, "courts")


def test_a_server_that_was_restarted_in_between_is_not_noticed(server: PostgreSQL) -> None:
    with Journal(server.new_database()) as journal:
        journal.write("round-1", "ann", [code("2")])
        with ThreadPoolExecutor(8) as threads:  # several connections are open
            list(threads.map(lambda _: journal.newest("round-1", "ann"), range(50)))
        server.stop()
        server.start()
        assert journal.write("round-1", "ann", [code("-2", 2)]) == []
        server.kill()
        _start_again(server)
        assert journal.newest("round-1", "ann") == [code("-2", 2)]


def test_a_server_that_is_away_is_said_without_a_password_and_comes_back(
    server: PostgreSQL,
) -> None:
    address = server.new_database().replace("postgres@", "postgres:hunter2@")
    with Journal(address) as journal:
        server.stop()
        for _ in range(2):
            with pytest.raises(DatabaseAwayError) as told:
                journal.write("round-1", "ann", [code("2")])
            assert "hunter2" not in str(told.value)
        server.start()
        assert journal.write("round-1", "ann", [code("2")]) == []
        assert journal.newest("round-1", "ann") == [code("2")]
    server.stop()
    with pytest.raises(StancepackError) as told:
        Journal(address)
    assert "hunter2" not in str(told.value)
    server.start()


def test_a_connection_that_is_cut_in_the_middle_of_a_step_loses_and_doubles_nothing(
    server: PostgreSQL,
) -> None:
    import psycopg

    address = server.new_database()
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
    cut = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    written = []
    with Journal(address) as journal, psycopg.connect(server.address, autocommit=True) as lead:
        is_over = threading.Event()

        def write_on() -> None:
            for number in range(300):
                entry = code(str(number), number + 1)
                while True:
                    try:
                        assert journal.write("round-1", "ann", [entry]) == []
                        break
                    except DatabaseAwayError:
                        continue  # as a page does
                written.append(entry)
            is_over.set()

        with ThreadPoolExecutor(1) as threads:
            writing = threads.submit(write_on)
            while not is_over.wait(0.02) and not writing.done():
                lead.execute(cut)
            writing.result()
        values = [row["value"] for row in journal.history()]
    assert values == [str(number) for number in range(300)]


def test_a_database_that_cannot_keep_every_text_is_refused(server: PostgreSQL) -> None:
    options = "encoding 'LATIN1' locale 'C' template template0"
    with pytest.raises(StancepackError, match="create it with the encoding UTF8"):
        Journal(server.new_database(options))


def test_somebody_who_may_only_read_and_add_is_enough_once_the_tables_are_there(
    server: PostgreSQL,
) -> None:
    import psycopg

    address = server.new_database()
    Journal(address).close()
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("create role lowly login")
        owner.execute("grant select, insert on all tables in schema public to lowly")
    with Journal(address.replace("postgres@", "lowly@"), "study") as journal:
        assert journal.write("round-1", "ann", [code("2")]) == []


@pytest.mark.parametrize("address", ["mysql://ann:hunter2@host/db", "http://host"])
def test_another_kind_of_database_is_refused(address: str) -> None:
    with pytest.raises(StancepackError, match="begins postgresql://") as told:
        Journal(address)
    assert "hunter2" not in str(told.value)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite"
    file.write_text("not a database, but long enough to be taken for one" * 100, encoding="utf-8")
    with pytest.raises(StancepackError, match=r"journal\.sqlite: file is not a database"):
        Journal(file)


def test_a_file_that_is_removed_while_it_is_open_takes_nothing_more(tmp_path: Path) -> None:
    """As by somebody who clears away what is kept out of the history."""
    file = tmp_path / "workbench" / "journal.sqlite"
    with Journal(file) as journal:
        journal.write("round-1", "ann", [code("2")])
        shutil.rmtree(file.parent)
        for _ in range(3):
            with pytest.raises(DatabaseAwayError):
                journal.write("round-1", "ann", [code("-2", 2)])
    with Journal(file) as again:
        assert again.history() == []


def test_what_a_killed_process_was_told_is_written(database: str) -> None:
    """Killed with no time to say goodbye: every entry that was acknowledged is there."""
    script = """
import sys
from stancepack.workbench.journal import Entry, Journal
journal = Journal(sys.argv[1])
for number in range(100_000):
    assert journal.write("round-1", "ann", [Entry("S1", "comment", number + 1, "x", str(number))]) == []
    print(number, flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, database], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(50)]
        process.kill()
        told += process.stdout.readlines()
    with Journal(database) as journal:
        n_written = len(journal.history())
    assert n_written - len([line for line in told if line.endswith("\n")]) in (0, 1)


def _start_again(server: PostgreSQL) -> None:
    """Start a server that was killed, once its processes are gone."""
    for _ in range(50):
        try:
            server.start()
            return
        except subprocess.CalledProcessError:
            threading.Event().wait(0.1)
    raise AssertionError((server.folder / "said").read_text())
