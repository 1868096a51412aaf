"""Anything can be thrown at validate, load and the command line: findings or a clear error, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import restamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack import cli

Json = Any


def survives(path: Path) -> bool:
    """Validate and load what is at a path; tell whether there were findings. Whatever is valid can be loaded."""
    findings = sp.validate(path)
    assert list(findings.table) == [
        "table",
        "row_id",
        "column",
        "value",
        "rule",
        "message",
        "remedy",
    ]
    assert "internal" not in set(findings.table["rule"]), findings.table["message"].tolist()
    assert findings.table["message"].ne("").all()
    findings.table.to_csv().encode("utf-8")
    errors = list(load_errors(path))
    assert errors == [] or len(findings), errors
    return len(findings) > 0


def load_errors(path: Path) -> Iterator[str]:
    try:
        pkg = sp.load(path)
    except sp.StancepackError as error:
        yield str(error)
        return
    repr(pkg)
    for read in (
        lambda: pkg.codebook,
        pkg.positions,
        *(lambda table=table: pkg[table] for table in pkg),
    ):
        try:
            with warnings.catch_warnings():  # files that were changed are read all the same
                warnings.simplefilter("ignore", sp.StancepackWarning)
                read()
        except sp.StancepackError as error:
            yield str(error)


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], tuple[Any, str]]:
    """Run `stancepack validate PATH` in this process; return exit code and what it said."""

    def run(path: Path) -> tuple[Any, str]:
        monkeypatch.setattr("sys.argv", ["stancepack", "validate", str(path)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out = capsys.readouterr()
        said = out.out + out.err + (exit_.value.code if isinstance(exit_.value.code, str) else "")
        return exit_.value.code, said

    return run


# picked by hand


def descriptor_with(*path: str | int, value: Json) -> Callable[[Path], None]:
    """Put a value at a path of the descriptor; a table or column in the path is named by its name."""

    def change(home: Path) -> None:
        content = json.loads((home / "datapackage.json").read_text(encoding="utf-8"))
        place = content
        for step in path[:-1]:
            named = isinstance(place, list) and isinstance(step, str)
            place = next(item for item in place if item["name"] == step) if named else place[step]
        place[path[-1]] = value
        (home / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")

    return change


def in_actors(*path: str | int, value: Json) -> Callable[[Path], None]:
    return descriptor_with("resources", "actors", *path, value=value)


def in_name(part: str, value: Json) -> Callable[[Path], None]:
    return in_actors("schema", "fields", "name", part, value=value)


def content(path: str, data: bytes | str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        (home / path).write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        restamp(home) if path.startswith("data/") and b"\xff" not in (
            home / path
        ).read_bytes() else None

    return change


def in_statements(**values: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        path = home / "data" / "statements.csv"
        header, first, *rest = path.read_text(encoding="utf-8").splitlines()
        cells = dict(zip(header.split(","), first.split(","), strict=True)) | values
        path.write_text("\n".join([header, ",".join(cells.values()), *rest, ""]), encoding="utf-8")
        restamp(home)

    return change


def folder_at(path: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        (home / path).unlink()
        (home / path).mkdir()

    return change


NESTED = "[" * 100_000 + "]" * 100_000
HAND = {
    "descriptor: empty": content("datapackage.json", ""),
    "descriptor: a folder": folder_at("datapackage.json"),
    "descriptor: binary": content("datapackage.json", bytes(range(256))),
    "descriptor: UTF-16": content("datapackage.json", '{"name": "x"}'.encode("utf-16")),
    "descriptor: nested deeply": content("datapackage.json", NESTED),
    "descriptor: nested deeply inside": descriptor_with(
        "keywords", value=json.loads("[" * 400 + "]" * 400)
    ),
    "descriptor: null": content("datapackage.json", "null"),
    "descriptor: NaN": content("datapackage.json", '{"name": NaN}'),
    "descriptor: a number of 5000 digits": content(
        "datapackage.json", '{"rows": ' + "9" * 5000 + "}"
    ),
    "descriptor: half a surrogate pair": descriptor_with("title", value="\ud800"),
    "name: 5": descriptor_with("name", value=5),
    "name: with spaces": descriptor_with("name", value="My Data!"),
    "version: a list": descriptor_with("version", value=[1]),
    "licenses: a number": descriptor_with("licenses", value=1),
    "licenses: a list of numbers": descriptor_with("licenses", value=[1]),
    "contributors: text": descriptor_with("contributors", value="us"),
    "created: garbage": descriptor_with("created", value="yesterday"),
    "profile: an address": descriptor_with("profile", value="http://127.0.0.1:9/profile.json"),
    "$schema: an address": descriptor_with("$schema", value="http://127.0.0.1:9/profile.json"),
    "codebook: a number": descriptor_with("codebook", value=3),
    "codebook: a folder": descriptor_with("codebook", value="coding"),
    "codebook: NUL": descriptor_with("codebook", value="a\0b"),
    "resources: an object": descriptor_with("resources", value={"a": 1}),
    "resources: numbers": descriptor_with("resources", value=[1, 2]),
    "resource name: null": in_actors("name", value=None),
    "resource name: odd": in_actors("name", value="../\n<b>"),
    "path: a folder": in_actors("path", value="data"),
    "path: a list": in_actors("path", value=["data/actors.csv"]),
    "path: NUL": in_actors("path", value="data/\0.csv"),
    "path: very long": in_actors("path", value="a" * 5000),
    "path: the descriptor": in_actors("path", value="datapackage.json"),
    "hash: a number": in_actors("hash", value=7),
    "rows: text": in_actors("rows", value="many"),
    "dialect: text": in_actors("dialect", value="excel"),
    "dialect: an address": in_actors("dialect", value="http://127.0.0.1:9/dialect.json"),
    "encoding: unknown": in_actors("encoding", value="klingon"),
    "scheme: http": in_actors("scheme", value="http"),
    "schema: an address": in_actors("schema", value="http://127.0.0.1:9/schema.json"),
    "fields: empty": in_actors("schema", "fields", value=[]),
    "fields: numbers": in_actors("schema", "fields", value=[1]),
    "field name: 5": in_name("name", 5),
    "field name: taken": in_name("name", "kind"),
    "type: unknown": in_name("type", "str"),
    "type: a list": in_name("type", ["string"]),
    "type: geopoint": in_name("type", "geopoint"),
    "format: odd": in_name("format", 5),
    "constraints: a list": in_name("constraints", []),
    "enum: 5": in_name("constraints", {"enum": 5}),
    "enum: empty": in_name("constraints", {"enum": []}),
    "enum: lists": in_name("constraints", {"enum": [["a"]]}),
    "pattern: (": in_name("constraints", {"pattern": "("}),
    "pattern: 5": in_name("constraints", {"pattern": 5}),
    "required: text": in_name("constraints", {"required": "yes"}),
    "minimum: a list": in_name("constraints", {"minimum": []}),
    "minimum of text": in_name("constraints", {"minimum": 5}),
    "minLength: negative": in_name("constraints", {"minLength": -1}),
    "constraint: unknown": in_name("constraints", {"nice": True}),
    "categories: lists": in_name("categories", [["a"]]),
    "categories: twice": in_name("categories", ["a", "a"]),
    "categories: without value": in_name("categories", [{"label": "a"}]),
    "example: odd": in_name("example", {"a": 1}),
    "trueValues: 5": in_name("trueValues", 5),
    "missingValues: numbers": in_actors("schema", "missingValues", value=[1, None]),
    "missingValues: text": in_actors("schema", "missingValues", value="NA"),
    "missingValues: twice": in_actors("schema", "missingValues", value=["", "", "-"]),
    "missingValues: none": in_actors("schema", "missingValues", value=[]),
    "primaryKey: unknown": in_actors("schema", "primaryKey", value="id"),
    "primaryKey: a number": in_actors("schema", "primaryKey", value=1),
    "primaryKey: lists": in_actors("schema", "primaryKey", value=[["actor_id"]]),
    "foreignKeys: an object": in_actors("schema", "foreignKeys", value={}),
    "foreignKeys: to no table": in_actors(
        "schema",
        "foreignKeys",
        value=[{"fields": "note", "reference": {"resource": "x", "fields": "y"}}],
    ),
    "foreignKeys: to no column": in_actors(
        "schema",
        "foreignKeys",
        value=[{"fields": "note", "reference": {"resource": "events", "fields": "y"}}],
    ),
    "foreignKeys: of no column": in_actors(
        "schema",
        "foreignKeys",
        value=[{"fields": "x", "reference": {"resource": "events", "fields": "note"}}],
    ),
    "foreignKeys: uneven": in_actors(
        "schema",
        "foreignKeys",
        value=[{"fields": ["note", "side"], "reference": {"resource": "events", "fields": "note"}}],
    ),
    "foreignKeys: reference odd": in_actors(
        "schema", "foreignKeys", value=[{"fields": "note", "reference": {"resource": 3}}]
    ),
    "table: empty": content("data/actors.csv", ""),
    "table: only a header": content("data/actors.csv", "actor_id,name,kind,side,wikidata,note\n"),
    "table: only line ends": content("data/actors.csv", "\n\n\n"),
    "table: binary": content("data/actors.csv", bytes(range(256)) * 40),
    "table: one line of 10 MB": content("data/actors.csv", "x" * 10_000_000),
    "table: one row of 10 MB": content(
        "data/actors.csv", "actor_id,name,kind,side,wikidata,note\n" + "x" * 10_000_000
    ),
    "table: quote left open": content(
        "data/actors.csv", 'actor_id,name,kind,side,wikidata,note\n"one,two\n'
    ),
    "table: HTML": content("data/actors.csv", "<!doctype html>\n<title>404</title>\n"),
    "table: JSON": content("data/statements.csv", "[1, 2]\n"),
    "cell: 10**30": in_statements(end=str(10**30)),
    "cell: digits of another script": in_statements(end="١١٠"),
    "cell: -0": in_statements(start="-0"),
    "cell: offset far away": in_statements(start=str(10**17), end=str(10**17 + 110)),
    "cell: 0000-00-00": in_statements(date_earliest="0000-00-00"),
    "cell: 9999-99-99": in_statements(date_latest="9999-99-99"),
    "cell: year one": in_statements(
        date="0001-01-01", date_earliest="0001-01-01", date_latest="0001-01-01"
    ),
    "cell: year 9999": in_statements(
        date="9999-12-31", date_earliest="9999-12-31", date_latest="9999-12-31"
    ),
    **{
        f"EDTF: {date}": in_statements(date=date)
        for date in (
            "/",
            "../..",
            "XXXX",
            "{2007",
            "[2007}",
            "2007-XX-35",
            "-99999",
            "9" * 60,
            "%",
            "2007/2006/2005",
            "[" * 3000,
        )
    },
    "codebook: YAML alias": content(
        "coding/codebook.yaml", "version: &a 1\nrules: *a\nvariables: {}\nissues: {}\n"
    ),
    "codebook: YAML of another tongue": content(
        "coding/codebook.yaml", "!!python/object/apply:os.system ['true']\n"
    ),
    "codebook: binary": content("coding/codebook.yaml", bytes(range(256))),
    "codebook: empty": content("coding/codebook.yaml", ""),
    "codebook: codes are a list": content(
        "coding/codebook.yaml",
        "version: 1\nrules: {}\nvariables: {}\nissues: {x: {codes: [1, 2]}}\n",
    ),
    "codebook: a code is text": content(
        "coding/codebook.yaml",
        "version: 1\nrules: {}\nvariables: {}\nissues: {x: {codes: {1: a}}}\n",
    ),
    "codebook: examples are text": content(
        "coding/codebook.yaml",
        "version: 1\nrules: {R1: {examples: text}}\nvariables: {}\nissues: {}\n",
    ),
    "codebook: holds itself": content(
        "coding/codebook.yaml", "version: 1\nrules: &r {a: *r}\nvariables: {}\nissues: {}\n"
    ),
    "codebook: nested deeply": content("coding/codebook.yaml", "[" * 5000),
    "manifest: a list": content("coding/rounds/round-1/manifest.yaml", "- a\n"),
    "manifest: sheets of text": content(
        "coding/rounds/round-1/manifest.yaml", "sheets: {ada: x}\n"
    ),
    "manifest: sheets of odd names": content(
        "coding/rounds/round-1/manifest.yaml", "sheets: {1: {sha256: 2}, null: {sha256: a}}\n"
    ),
    "manifest: binary": content("coding/rounds/round-1/manifest.yaml", b"\xff\x00"),
    "sealed sheet: binary": content("coding/rounds/round-1/ada.csv", b"\xff\x00"),
    "rounds: a file among them": content("coding/rounds/notes.txt", "x"),
    "units: empty": content("coding/units.csv", ""),
    "coders: binary": content("coding/coders.csv", b"\xff\xfe\x00"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", HAND)
def test_a_case_picked_by_hand_gives_findings_and_exit_code_1(
    case: str, tiny: Path, command: Callable[[Path], tuple[Any, str]]
) -> None:
    HAND[case](tiny)
    harmless = {
        "rounds: a file among them",
        "cell: -0",
        "$schema: an address",
        "profile: an address",
    }
    harmless |= {"name: with spaces", "missingValues: twice"}
    code, said = command(tiny)
    assert code == (0 if case in harmless else 1), said
    assert "internal:" not in said
    assert len(said.strip()) > 10
    list(load_errors(tiny))


@pytest.mark.parametrize(
    "path", ["nowhere", "datapackage.json/data", "x" * 5000, "data/actors.csv"]
)
def test_a_path_to_no_package_gives_a_message(
    path: str, tiny: Path, command: Callable[[Path], tuple[Any, str]]
) -> None:
    code, said = command(tiny / path)
    assert code == 1
    assert "datapackage.json" in said
    with pytest.raises(sp.StancepackError):
        sp.load(tiny / path)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="who may read everything cannot be refused"
)
@pytest.mark.parametrize(
    "path",
    [
        "datapackage.json",
        "data/actors.csv",
        "coding/codebook.yaml",
        "coding/rounds/round-1/ada.csv",
    ],
)
def test_a_file_that_may_not_be_read_is_a_finding(path: str, tiny: Path) -> None:
    (tiny / path).chmod(0)
    assert survives(tiny)


def test_a_mistake_of_our_own_hides_nothing(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a check fail for a reason nobody thought of, that is a finding, and the other checks are run."""
    from dataclasses import replace

    from stancepack.validation.rules import RULES

    def fails(check: object) -> Iterator[Any]:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setitem(RULES, "edtf", replace(RULES["edtf"], faults=fails))
    in_statements(repeats="S001")(tiny)
    findings = sp.validate(tiny).table.set_index("rule")["message"]
    assert sorted(findings.index) == ["internal", "repeats"]
    assert "'edtf'" in findings["internal"]
    assert "unforeseen" in findings["internal"]


# by chance

FUZZ = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TABLES = ["actors", "statements", "codings", "stances", "agreement", "offices", "sources"]


def try_out(original: Path, change: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(original, Path(folder) / "tiny"))
        change(home)
        survives(home)


@st.composite
def cuts(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A change of bytes: overwrite, insert, delete or cut off."""
    share, kind = (
        draw(st.floats(0, 1)),
        draw(st.sampled_from(["overwrite", "insert", "delete", "truncate"])),
    )
    new = draw(
        st.binary(min_size=1, max_size=3)
        | st.sampled_from([b'"', b",", b"\n", b"[", b"}", b"\\u0000", b"0", b" "])
    )

    def change(data: bytes) -> bytes:
        at = int(share * len(data))
        head, tail = data[:at], data[at:]
        return {
            "overwrite": head + new + tail[len(new) :],
            "insert": head + new + tail,
            "delete": head + tail[len(new) :],
        }.get(kind, head)

    return change


@pytest.mark.slow
@given(cut=cuts())
@settings(FUZZ, max_examples=30)
def test_bytes_of_the_descriptor_changed(
    tiny_original: Path, cut: Callable[[bytes], bytes]
) -> None:
    def change(home: Path) -> None:
        path = home / "datapackage.json"
        path.write_bytes(cut(path.read_bytes()))

    try_out(tiny_original, change)


@pytest.mark.slow
@given(cut=cuts(), table=st.sampled_from(TABLES), stamped=st.booleans())
@settings(FUZZ, max_examples=15)
def test_bytes_of_a_table_changed(
    tiny_original: Path, cut: Callable[[bytes], bytes], table: str, stamped: bool
) -> None:
    def change(home: Path) -> None:
        path = home / "data" / f"{table}.csv"
        path.write_bytes(cut(path.read_bytes()))
        if stamped:
            try:
                restamp(home)
            except UnicodeDecodeError:
                return

    try_out(tiny_original, change)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["actors", "note", "integer", "date"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3) | st.just("name"), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from places(inner, (*path, key))


@pytest.mark.slow
@given(data=st.data())
@settings(FUZZ, max_examples=35)
def test_values_of_the_descriptor_replaced_or_removed(
    tiny_original: Path, data: st.DataObject
) -> None:
    descriptor = json.loads((tiny_original / "datapackage.json").read_text(encoding="utf-8"))
    # first the key, then the place: most places are labels, and say little
    everywhere = [path for path in places(descriptor) if path]
    part = data.draw(
        st.sampled_from(
            sorted({str(path[-1]) for path in everywhere if not isinstance(path[-1], int)})
        )
    )
    path = data.draw(st.sampled_from([path for path in everywhere if path[-1] == part]))
    place = descriptor
    for step in path[:-1]:
        place = place[step]
    if data.draw(st.booleans()):
        del place[path[-1]]
    else:
        place[path[-1]] = data.draw(VALUES)
    text = json.dumps(descriptor)
    try_out(tiny_original, lambda home: write(home, text))


def write(home: Path, text: str) -> None:
    (home / "datapackage.json").write_text(text, encoding="utf-8")


@pytest.mark.slow
@given(
    pair=st.lists(
        st.sampled_from([*TABLES, "../coding/units", "../seeds/offices"]),
        min_size=2,
        max_size=2,
        unique=True,
    )
)
@settings(FUZZ, max_examples=8)
def test_files_swapped(tiny_original: Path, pair: list[str]) -> None:
    def change(home: Path) -> None:
        one, other = (home / "data" / f"{name}.csv" for name in pair)
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)

    try_out(tiny_original, change)
