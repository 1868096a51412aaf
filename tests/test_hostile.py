"""Packages made to harm: nothing is fetched, nothing hangs, and much that is wrong costs little."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import edit, restamp

import stancepack as sp
from stancepack.files.paths import shipped
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.validation.findings import MOST_LISTED

Change = Callable[[dict[str, Any], str], object]


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        do_HEAD = do_GET  # noqa: N815 - as the server calls it

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/", asked
        running.shutdown()


def rewrite(home: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = home / "datapackage.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def first(content: dict[str, Any]) -> dict[str, Any]:
    return dict.__getitem__(content, "resources")[0]


ADDRESSES: dict[str, Change] = {
    "profile": lambda c, url: c.update(profile=url),
    "$schema": lambda c, url: c.update({"$schema": url}),
    "licence": lambda c, url: c.update(licenses=[{"name": "x", "path": url}]),
    "source": lambda c, url: c.update(sources=[{"title": "x", "path": url}]),
    "contributor": lambda c, url: c.update(contributors=[{"title": "x", "path": url}]),
    "profile of a table": lambda c, url: first(c).update(profile=url),
    "$schema of a table": lambda c, url: first(c).update({"$schema": url}),
    "source of a table": lambda c, url: first(c).update(sources=[{"path": url}]),
    "path of a table": lambda c, url: first(c).update(path=url),
    "paths of a table": lambda c, url: first(c).update(path=["data/actors.csv", url]),
    "extrapaths of a table": lambda c, url: first(c).update(extrapaths=[url]),
    "schema of a table": lambda c, url: first(c).update(schema=url),
    "dialect of a table": lambda c, url: first(c).update(dialect=url),
    "jsonschema of a table": lambda c, url: first(c).update(jsonschema=url),
    "remote of a table": lambda c, url: first(c).update(scheme="remote", innerpath=url),
    "$schema of a schema": lambda c, url: first(c)["schema"].update({"$schema": url}),
    "profile of a schema": lambda c, url: first(c)["schema"].update(profile=url),
    "$ref of a schema": lambda c, url: first(c)["schema"].update({"$ref": url}),
    "$ref of a column": lambda c, url: first(c)["schema"]["fields"][0].update({"$ref": url}),
    "rdfType of a column": lambda c, url: first(c)["schema"]["fields"][0].update(rdfType=url),
    "jsonSchema of a column": lambda c, url: first(c)["schema"]["fields"][0].update(
        constraints={"jsonSchema": {"$ref": url}}
    ),
    "profile in a file": lambda c, url: first(c).update(profile="p.json"),
    "codebook": lambda c, url: c.update(codebook=url),
    "bibliography": lambda c, url: c.update(bibliography=url),
}


@pytest.mark.parametrize("place", ADDRESSES)
def test_nothing_that_a_package_says_is_fetched(
    place: str, tiny: Path, server: tuple[str, list[str]]
) -> None:
    url, asked = server
    rewrite(tiny, lambda content: ADDRESSES[place](content, f"{url}x.json"))
    (tiny / "p.json").write_text(json.dumps({"$ref": f"{url}y.json"}), encoding="utf-8")
    findings = sp.validate(tiny, conformance=True)
    assert "internal" not in set(findings.table["rule"]), findings.table["message"].tolist()
    assert asked == []


SLOW = ["(a+)+$", "(a|aa)+$", "(.*a){25}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a*)*b"]


@pytest.mark.parametrize("conformance", [False, True])
@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_would_match_for_ever_is_stopped(
    pattern: str, conformance: bool, tiny: Path
) -> None:
    def constrain(content: dict[str, Any]) -> None:
        actors = next(item for item in content["resources"] if item["name"] == "actors")
        column = next(body for body in actors["schema"]["fields"] if body["name"] == "name")
        column["constraints"] = {"required": True, "pattern": pattern}
        column["example"] = "a"

    rewrite(tiny, constrain)
    edit(tiny, "actors", lambda rows: [row | {"name": "a" * 40 + "!"} for row in rows])
    start = time.process_time()
    findings = sp.validate(tiny, conformance=conformance)
    assert time.process_time() - start < 20
    assert set(findings.table["rule"]) <= {"pattern", "undocumented"}
    assert "pattern" in set(findings.table["rule"])


def shipped_copy(folder: Path) -> Path:
    home = folder / "package"
    shutil.copytree(shipped() / "data", home / "data")
    (home / "coding").mkdir(parents=True)
    (home / "seeds").mkdir()
    for name in ("datapackage.json", "coding/codebook.yaml", "seeds/sources.bib"):
        shutil.copy(shipped() / name, home / name)
    return home


def lowered(row: Row) -> Row:
    return row | {"statement_id": row["statement_id"].lower()}


def with_a_word_too_many(row: Row) -> Row:
    return row | {"note": "=1 " + row["statement_id"], "position": "many"}


@pytest.mark.parametrize("spoil", [lowered, with_a_word_too_many])
def test_thousands_of_findings_cost_no_more_than_a_few(
    spoil: Callable[[Row], Row], tmp_path: Path
) -> None:
    home = shipped_copy(tmp_path)
    start = time.process_time()
    assert sp.validate(home).is_valid
    valid = time.process_time() - start
    path = home / "data" / "codings.csv"
    rows = [spoil(row) for row in read_rows(path, [])]
    write_rows(path, list(rows[0]), rows)
    restamp(home)
    start = time.process_time()
    findings = sp.validate(home)
    assert time.process_time() - start < 2 * valid + 3
    assert len(findings.table[findings.table["row_id"] != ""]) == MOST_LISTED
    unlisted = findings.table[findings.table["row_id"] == ""]["message"].tolist()
    assert unlisted == [f"{len(rows) - MOST_LISTED:,} more findings of this rule are not listed."]


def folder_for(name: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        path.mkdir()

    return change


def file_for(name: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        shutil.rmtree(home / name)
        (home / name).write_text("x", encoding="utf-8")

    return change


def link_to(target: str, name: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to(target)

    return change


def unit_lists_as_a_list(home: Path) -> None:
    folder = home / "coding" / "unitising" / "first"
    folder.mkdir(parents=True)
    (folder / "manifest.yaml").write_text("lists: [ada, ben]\n", encoding="utf-8")


UNREADABLE = {
    "text is a folder": folder_for("texts/speech.txt"),
    "texts are a file": file_for("texts"),
    "coding is a file": file_for("coding"),
    "rounds are a file": file_for("coding/rounds"),
    "a round is a file": file_for("coding/rounds/round-1"),
    "data are a file": file_for("data"),
    "units are a folder": folder_for("coding/units.csv"),
    "manifest is a folder": folder_for("coding/rounds/round-1/manifest.yaml"),
    "sealed sheet is a folder": folder_for("coding/rounds/round-1/ada.csv"),
    "codebook of a round is a folder": folder_for("coding/rounds/round-1/codebook.yaml"),
    "table is a link to itself": link_to("events.csv", "data/events.csv"),
    "table is a link outside": link_to("/etc/hostname", "data/events.csv"),
    "link to itself beside tables": link_to("self", "data/self"),
    "text is a link to itself": link_to("speech.txt", "texts/speech.txt"),
    "unit lists are a list": unit_lists_as_a_list,
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_a_finding_or_said(case: str, tiny: Path) -> None:
    UNREADABLE[case](tiny)
    findings = sp.validate(tiny)
    assert "internal" not in set(findings.table["rule"]), findings.table["message"].tolist()
    assert len(findings) or findings.not_checked
    listed = " ".join(findings.table.astype(str).to_numpy().ravel())
    assert "/etc/" not in listed.replace("/etc/hostname", "")


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="who may read everything cannot be refused"
)
@pytest.mark.parametrize("name", ["coding", "seeds", "coding/rounds", "data", "texts/speech.txt"])
def test_what_may_not_be_read_is_a_finding(name: str, tiny: Path) -> None:
    path = tiny / name
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        findings = sp.validate(tiny)
    finally:
        path.chmod(mode)
    assert "internal" not in set(findings.table["rule"]), findings.table["message"].tolist()


@pytest.mark.skipif(os.name != "posix", reason="names are text elsewhere")
def test_names_that_are_no_text_are_written_out(tiny: Path) -> None:
    (tiny / "data" / os.fsdecode(b"\xff.csv")).write_text("a\n", encoding="utf-8")
    findings = sp.validate(tiny)
    assert findings.table["rule"].tolist() == ["stray-file"]
    assert "\\udcff" in findings.table["value"].item()
    findings.table.to_csv().encode("utf-8")


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u200b", "\x1b[2J", "\u2066", "\ufeff", "\x7f", "\u00a0"]
)
def test_what_nobody_sees_in_a_cell_is_found_and_shown(mark: str, tiny: Path) -> None:
    edit(tiny, "actors", lambda rows: [{**rows[0], "note": f"a{mark}b"}, rows[1]])
    findings = sp.validate(tiny)
    assert findings.table["rule"].tolist() == ["untidy-text"]
    assert mark not in findings.table["value"].item()
