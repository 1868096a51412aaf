"""A server that is killed, and its database that goes away: nothing that was acknowledged is lost."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from database_servers import PostgreSQL, postgresql_server
from workbench_rooms import ANN, CODES, OTHER, ROUND, coded_study, entry
from workbench_server import Server, browser_of, serving

from stancepack.workbench.journal import FILE, Journal

CODE = ("--coder", ANN, "--round", ROUND)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded_study(tmp_path_factory.mktemp("serving") / "study")


@pytest.fixture
def study(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "study"))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    with postgresql_server() as started:
        yield started


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_killed_in_the_middle_it_has_lost_nothing_that_it_acknowledged(
    study: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    address = ""
    if kind == "PostgreSQL":
        address = request.getfixturevalue("postgresql").new_database()
    database = ("--database", address) if address else ()
    acknowledged: dict[str, dict[str, str]] = {ANN: {}, OTHER: {}}
    people = ("--coder", ANN, "--coder", OTHER, "--round", ROUND)
    with serving("code", study, *people, *database) as server:

        def write_on(person: str) -> None:
            browser = browser_of(server, person=person)
            for number in range(10_000):
                sent = entry(field="comment", value=str(number), revision=number + 1)
                try:
                    answer = browser.send(sent)
                except (ConnectionError, http.client.HTTPException):
                    return
                assert answer.status == 200
                acknowledged[person][sent["entry"]] = sent["value"]

        writers = [threading.Thread(target=write_on, args=(person,)) for person in acknowledged]
        for writer in writers:
            writer.start()
        while min(map(len, acknowledged.values())) < 20:
            assert any(writer.is_alive() for writer in writers)
        server.kill()
        for writer in writers:
            writer.join()
    with Journal(address or study / FILE) as journal:
        for person, told in acknowledged.items():
            rows = journal.history(ROUND, person)
            assert {row["entry"]: row["value"] for row in rows}.items() >= told.items()
            assert len(rows) - len(told) in (0, 1)  # one may have been written and not yet told
    with serving("code", study, *people, *database) as server:
        newest = browser_of(server).state()["entries"]
        assert int(newest[0]["value"]) >= len(acknowledged[ANN]) - 1


def test_a_database_that_goes_away_is_not_saved_yet_and_then_saved(
    study: Path, postgresql: PostgreSQL
) -> None:
    address = postgresql.new_database().replace("postgres@", "postgres:hunter2@")
    with serving("code", study, *CODE, "--database", address) as server:
        browser = browser_of(server)
        assert browser.send(entry()).status == 200
        postgresql.stop()
        try:
            for _ in range(2):
                answer = browser.send(entry(value="oppose", revision=2))
                assert answer.status == 503  # which the page takes for a reason to send again
                assert "not saved yet" in json.loads(answer.content)["problem"]
            assert browser.ask("GET", f"{browser.home}state").status == 503
        finally:
            postgresql.start()
        assert browser.send(entry(value="oppose", revision=2)).status == 200
        assert [sent["value"] for sent in browser.state()["entries"]] == ["oppose"]
        said = server.stop()
    assert "Traceback" not in said
    assert "hunter2" not in said
    assert "the database" in said


def test_two_studies_do_not_share_a_database(
    study: Path, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    address = postgresql.new_database()
    with serving("code", study, *CODE, "--database", address):
        pass
    settings = study / "seeds" / "project.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("name: study", "name: other"))
    with pytest.raises(AssertionError, match="give each project a database of its own"):
        Server("code", study, *CODE, "--database", address)


def test_the_codes_of_a_coder_are_those_of_the_database(
    study: Path, postgresql: PostgreSQL
) -> None:
    """Two machines with one database: what one saved the other shows, and neither overwrites."""
    address = postgresql.new_database()
    there = Path(shutil.copytree(study, study.parent / "other-machine"))
    first = serving("code", study, *CODE, "--database", address)
    second = serving("code", there, *CODE, "--database", address)
    with first as one, second as two:
        here, elsewhere = browser_of(one), browser_of(two)
        assert here.send(entry(value=CODES[0])).status == 200
        assert elsewhere.state()["entries"][0]["value"] == CODES[0]
        told = json.loads(elsewhere.send(entry(value=CODES[1])).content)
        assert told["conflicts"][0]["value"] == CODES[0]
