"""Reading and writing that cannot lose, mix, hang or crash."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import stancepack as sp
from stancepack.files.atomic import write
from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.passages import fingerprint, flat, missing_pieces, refind
from stancepack.files.paths import is_plain_name, text_of, texts
from stancepack.files.reading import read_bytes, read_text
from stancepack.files.shapes import check_shape
from stancepack.files.tables import clean_cell, csv_bytes, parse_rows, read_rows


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """Return the message of the refusal, which has to come at once."""
    start = time.monotonic()
    with pytest.raises(sp.StancepackError) as caught:
        call(*arguments, **named)
    assert time.monotonic() - start < 2
    return str(caught.value)


# what is no file


def special_files(folder: Path) -> dict[str, Path]:
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "link").symlink_to("/dev/zero")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(folder / "socket"))
    bound.close()
    return {
        "missing": folder / "nothing",
        "a pipe": folder / "pipe",
        "a folder": folder,
        "Too many levels": folder / "loop",
        "a socket": folder / "socket",
        "a device": Path("/dev/zero"),
        "is a device": folder / "link",
        "null": Path("a\0b"),
        "too long": folder / ("n" * 3000),
    }


def test_only_regular_files_are_read_and_the_others_are_named(tmp_path: Path) -> None:
    for word, path in special_files(tmp_path).items():
        for read in (read_bytes, read_text, read_yaml, lambda path: read_rows(path, ["a"])):
            assert word in refusal(read, path)


@pytest.mark.slow
def test_every_file_of_a_project_may_be_a_pipe_and_nothing_waits(tiny: Path) -> None:
    """The whole kind: whichever file is replaced, every reader ends, and with words."""

    def too_long(*_: object) -> None:
        raise AssertionError(f"{part}: waits for ever")

    before = signal.signal(signal.SIGALRM, too_long)
    for part in sorted(path for path in tiny.rglob("*") if path.is_file()):
        kept = part.read_bytes()
        part.unlink()
        os.mkfifo(part)
        signal.alarm(30)
        if tiny / "data" in part.parents or part.parent == tiny:
            with contextlib.suppress(sp.StancepackError):
                package = sp.load(tiny)
                for table in package:
                    with contextlib.suppress(sp.StancepackError):
                        package[table]
        with contextlib.suppress(sp.StancepackError, OSError):
            sp.build(tiny)
        with contextlib.suppress(sp.StancepackError):
            text_of(tiny, "speech")
        signal.alarm(0)
        part.unlink()
        part.write_bytes(kept)
    signal.signal(signal.SIGALRM, before)


def test_validate_names_what_is_a_pipe_and_does_not_wait(tiny: Path) -> None:
    for part in (tiny / "data" / "statements.csv", tiny / "coding" / "codebook.yaml"):
        kept = part.read_bytes()
        part.unlink()
        os.mkfifo(part)
        assert part.stem in sp.validate(tiny).table.to_csv()
        part.unlink()
        part.write_bytes(kept)


def test_a_file_larger_than_asked_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 11)
    assert read_bytes(tmp_path / "f", 11) == b"x" * 11
    assert "larger than" in refusal(read_bytes, tmp_path / "f", 10)
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(30_000_000)
    assert "larger than 20 MB" in refusal(read_yaml, tmp_path / "big.yaml")


def test_text_that_is_not_utf8_is_named_by_file_byte_and_line(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_bytes(b"one\ntw\xe9\n")
    assert "f.txt: byte 6 (line 2) is not UTF-8" in refusal(read_text, tmp_path / "f.txt")


# mappings

WORDS = st.one_of(
    st.text(max_size=200),
    st.sampled_from(["yes", "no", "on", "~", "null", "2007-05-03", "1e5", "08", "0o17", "1_000"]),
    st.from_regex(r"[-+]?[0-9._:]+([eE][-+]?[0-9]+)?", fullmatch=True),
)
CONTENT = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS).filter(
        lambda value: value not in (float("inf"), float("-inf"))
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(st.one_of(WORDS, st.integers()), CONTENT, max_size=5))
def test_what_is_written_as_yaml_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, content: dict[Any, Any]
) -> None:
    path = tmp_path_factory.mktemp("yaml") / "f.yaml"
    write(path, yaml_text(content))
    assert read_yaml(path) == content
    assert repr(read_yaml(path)) == repr(content)  # 1, 1.0 and True are three things


@given(st.dictionaries(st.text(min_size=1), WORDS, max_size=5))
def test_other_readers_of_yaml_see_the_same_words(content: dict[str, str]) -> None:
    assert yaml.safe_load(yaml_text(content)) == content
    for key, value in yaml.load(yaml_text(content), Loader=yaml.BaseLoader).items():
        assert content[key] == value


def read(tmp_path: Path, text: str) -> dict[str, Any]:
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8", newline="")
    return read_yaml(tmp_path / "f.yaml")


def test_words_and_dates_of_yaml_stay_text(tmp_path: Path) -> None:
    text = (
        "yes: no\non: 2007-05-03\n012: 12:30\nversion: 1.0.0\nn: 3\nx: 0.5\nt: true\nz: ~\n'1': 1_0"
    )
    words = {"yes": "no", "on": "2007-05-03", "012": "12:30", "version": "1.0.0", "1": "1_0"}
    others = {"n": 3, "x": 0.5, "t": True, "z": None}
    assert read(tmp_path, "\ufeff" + text) == words | others


TOO_DEEP = "nested deeper than 50|exceeded maximum nesting depth"  # our words or the parser's


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 4: the key 'c' is there twice"),
        ("a: &x 1\nb: *x\n", r"line 2: an alias \(\*x\)"),
        ("a: !!python/object/apply:os.system [x]\n", "line 1: a tag"),
        ("a: !!set {x}\n", "line 1: a tag"),
        ("x: " + "[" * 40_000, TOO_DEEP),
        ("x: " + "{a: " * 40_000, TOO_DEEP),
        ("".join(" " * n + "a:\n" for n in range(300)), TOO_DEEP),
        ("- " * 40_000 + "x", TOO_DEEP),
        ("? " * 40_000 + "x", TOO_DEEP),
        ("a: 1\n---\nb: 2\n", "line 2: a second document"),
        ("[a]: 1\n", "a key should be a word"),
        ("a: " + "9" * 10_000, "too many digits"),
        ("a: 'x\n", "cannot be read as YAML"),
        ("a: \x07", "cannot be read as YAML"),
        ("- a", "holds a list"),
        ("", "holds nothing"),
        ("word", "holds 'word'"),
    ],
)
def test_yaml_that_is_refused_at_once_and_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    assert re.search(words, refusal(read, tmp_path, text))


def test_what_could_not_be_read_back_is_not_written() -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    for content in (float("nan"), object(), "\ud800", deep, {1, 2}):
        refusal(yaml_text, {"a": content})


def test_the_shipped_mappings_read_as_they_did() -> None:
    for path in sorted((sp.load().home / "coding").rglob("*.yaml")):
        by_pyyaml = yaml.load(path.read_text(encoding="utf-8"), Loader=NoDates)
        assert read_yaml(path) == by_pyyaml


class NoDates(yaml.SafeLoader):
    """PyYAML as it is, but dates stay text."""


NoDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


# shapes

SHAPE = {
    "type": "object",
    "required": ["title", "issues"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "confidence": {"type": "object", "additionalProperties": {"type": "string"}},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "scope": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "issues": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z-]+$", "description": "small letters and hyphens"},
            "additionalProperties": {"$ref": "#/$defs/issue"},
        },
    },
    "$defs": {
        "issue": {
            "type": "object",
            "required": ["level"],
            "properties": {
                "level": {"enum": ["nominal", "ordinal", "interval"]},
                "codes": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"issues": {"funding": {"level": "ordnal"}}},
            "issues → funding → level: 'ordnal' is not one of nominal, ordinal, interval; "
            "did you mean 'ordinal'?",
        ),
        ({"issues": {"funding": {}}}, "issues → funding → level: is missing."),
        ({"tilte": "x"}, "tilte: is not known; did you mean 'title'?"),
        ({"title": 3}, "title: should be text, not 3."),
        ({"title": ""}, "title: should not be empty."),
        ({"title": None}, "title: should be text, not empty."),
        ({"title": True}, "title: should be text, not true."),
        (
            {"issues": {"a": {"level": "nominal", "codes": "x"}}},
            "issues → a → codes: should be a list, not 'x'.",
        ),
        (
            {"issues": {"a": {"level": "nominal", "codes": ["x", 1]}}},
            "issues → a → codes → entry 2: should be text, not 1.",
        ),
        (
            {"issues": {"a": {"level": "nominal", "codes": ["x", "x"]}}},
            "issues → a → codes: has an entry twice; keep one.",
        ),
        (
            {"issues": {"A b": {"level": "nominal"}}},
            "issues: the name 'A b' does not have the right form. "
            "It should be small letters and hyphens.",
        ),
        ({"issues": {}}, "issues: should not be empty."),
        ({"issues": []}, "issues: should be a mapping, not a list."),
        ({"scope": 3}, "scope: should be text or a list, not 3."),
        ({"scope": ["x", 3]}, "scope → entry 2: should be text, not 3."),
        ({"share": 2}, "share: should be at most 1, not 2."),
        ({True: "x"}, "the key true should be quoted, to be text."),
        ({"confidence": {1: "x", "1": "y"}}, "confidence: the key '1' is there twice; keep one."),
    ],
)
def test_a_wrong_shape_is_said_in_words(change: dict[Any, Any], words: str) -> None:
    content = {"title": "T", "issues": {"a": {"level": "nominal"}}} | change
    assert refusal(check_shape, content, SHAPE, "codebook.yaml") == f"codebook.yaml: {words}"


def test_a_right_shape_passes_and_keys_may_be_numbers() -> None:
    content = {"title": "T", "issues": {"a": {"level": "nominal"}}, "confidence": {1: "guess"}}
    check_shape(content, SHAPE, "codebook.yaml")


def test_many_problems_are_counted_and_twenty_are_told() -> None:
    issues = {f"i{'x' * n}": {} for n in range(30)}
    words = refusal(check_shape, {"title": "T", "issues": issues}, SHAPE, "codebook.yaml")
    assert words.startswith("codebook.yaml: 30 problems.\n  issues → i → level: is missing.")
    assert len(words.splitlines()) == 22
    assert words.endswith("and 10 more.")


@given(CONTENT)
def test_no_content_crashes_the_check_of_shapes(content: Any) -> None:
    words = refusal(check_shape, {"title": "T", "issues": content, 3: content}, SHAPE, "f")
    assert "3: is not known" in words or "should be quoted" in words or "twice" in words


def test_nothing_is_fetched_for_a_shape() -> None:
    with pytest.raises(Exception, match="nresolvable"):
        check_shape({}, {"$ref": "http://127.0.0.1:9/shape.json"}, "f")


# tables

HEADER = ["order", "statement_id", "code", "note"]
ROWS = [
    {"order": "1", "statement_id": "S1", "code": "2", "note": ""},
    {"order": "2", "statement_id": "S2", "code": "NA", "note": "Überall, ja"},
]
SHEET = 'order,statement_id,code,note\n1,S1,2,\n2,S2,NA,"Überall, ja"\n'


@pytest.mark.parametrize(
    "content",
    [
        SHEET.encode(),
        SHEET.encode("utf-8-sig"),
        SHEET.encode("utf-16"),
        SHEET.replace("\n", "\r\n").encode(),
        SHEET.replace("\n", "\r").encode(),
        SHEET.replace(",", ";").replace("Überall;", "Überall,").encode(),
        SHEET.replace(",", "\t").replace("Überall\t", "Überall,").encode(),
        b"sep=;\r\n" + SHEET.replace(",", ";").replace("Überall;", "Überall,").encode(),
        b"\xef\xbb\xbfsep=,\n" + SHEET.encode(),
        b'"sep=,"\n' + SHEET.encode(),
        SHEET.replace("order,statement_id", " Order ,Statement ID").encode(),
        SHEET.replace("1,S1,2,\n", "1,S1,2\n").encode(),
        SHEET.replace("1,S1,2,\n", "1,S1,2,,,\n").encode(),
        SHEET.replace("note\n", "note,,\n").encode(),
        SHEET.replace("1,S1", " , ,\t, \n,,,\n\n1,S1").encode(),
        (SHEET + " , , , \n,,,\n").encode(),
    ],
)
def test_what_spreadsheets_return_is_read_where_nothing_is_guessed(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "s.csv").write_bytes(content)
    assert read_rows(tmp_path / "s.csv", HEADER, from_spreadsheet=True) == ROWS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04....xl/workbook.xml", "an Excel workbook; save it as CSV (UTF-8)"),
        (
            b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "an OpenDocument",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel workbook; save it as CSV (UTF-8)"),
        (SHEET.encode("utf-16-le"), "this is UTF-16 text; save it as CSV (UTF-8)"),
        (SHEET.encode("utf-16-be"), "this is UTF-16 text"),
        (b"\xff\xfea", "a broken UTF-16 file"),
        (SHEET.encode("latin-1"), "byte 46 (line 3) is not UTF-8"),
        (("My sheet,,,\n\n" + SHEET).encode(), "the names of the columns stand in line 3"),
        (SHEET.replace(",", "|").encode(), "the cells are parted by pipes; save with commas"),
        (SHEET.replace("1,S1,2,\n", '1,S1,2,"open\n').encode(), "line 2: "),
        (SHEET.replace('Überall, ja"', "Überall").encode(), "line 3: a quotation mark opens"),
        (
            SHEET.replace("Überall", 'Ü"b"erall').encode(),
            "line 3: text follows a closing quotation",
        ),
        (SHEET.replace("1,S1,2,", "1,S1,2,a,b").encode(), "line 2: 5 cells where the header has 4"),
        (SHEET.replace("code", "order").encode(), "column 'order' is there more than once"),
        (SHEET.replace("code", "cod").encode(), "column 'code' is missing; did you mean 'cod'?"),
        (b"", "the file is empty"),
        ((SHEET + '3,S3,"' + "x" * 200_000).encode(), "line 4: a quotation mark opens"),
    ],
)
def test_what_cannot_be_read_is_named_for_what_it_is(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "s.csv").write_bytes(content)
    assert words in refusal(read_rows, tmp_path / "s.csv", HEADER, from_spreadsheet=True)


def test_the_project_s_own_tables_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(SHEET.replace("1,S1,2,\n", "1,S1,2\n"), encoding="utf-8")
    assert "line 2: 3 cells where the header has 4" in refusal(read_rows, path, HEADER)
    path.write_text(SHEET.replace(",", ";"), encoding="utf-8")
    assert "the cells are parted by semicolons" in refusal(read_rows, path, HEADER)


@given(st.text())
def test_a_clean_cell_is_tidy_and_stays_as_it_is(text: str) -> None:
    cell = clean_cell(text)
    assert clean_cell(cell) == cell
    assert unicodedata.is_normalized("NFC", cell)
    assert cell == " ".join(cell.split())
    unseen = "\ufeff\u200b\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert not any(unicodedata.category(c) in ("Cc", "Cs") or c in unseen for c in cell)


def test_a_clean_cell_keeps_what_is_read() -> None:
    assert clean_cell("e\u200b\u0301tat \u0007d'a\u0300\tla\r\nfin\u2028x") == "état d'à la fin x"
    for words in ("Größe", "−2", "می‌خواهم", "Δοκιμή", "提案"):
        assert clean_cell(words) == words


# passages and texts


def test_words_cut_at_a_line_end_are_joined_in_every_alphabet() -> None:
    assert flat("emp-\nty пере-\nговоры pr\u00e9-\n\u00e9mini f\u00fc-\r\n \u00fcr") == (
        "empty переговоры pr\u00e9\u00e9mini f\u00fc\u00fcr"
    )
    assert flat("NATO-\nRussia 2-\n3 US-\nЕС") == "NATO- Russia 2- 3 US- ЕС"


def test_a_quotation_that_the_door_made_tidy_is_found_in_the_raw_text() -> None:
    passage = "We shall de\u0301fend\u200b our\n sha-\nred\u00a0sky\ufeff, he said."
    quote = "de\u0301fend\u200b our shared\u00a0sky\ufeff"
    assert missing_pieces(passage, clean_cell(quote)) == []
    assert missing_pieces(passage, "We shall | shared sky | he") == []
    assert missing_pieces(passage, "he said | our") == ["our"]


def test_refinding_ends_whatever_the_offsets() -> None:
    text = "the passage stands here" * 100
    for near in (0, 7, 10**18, -(10**18)):
        assert refind(text, 11, fingerprint("the passage"), near) in range(len(text))
        assert refind(text, 11, "nothing", near) is None
    start = time.monotonic()
    assert refind(text, -1, "x") is None
    assert refind(text, 10**18, "x") is None
    assert refind("x" * 4_000_000, 2_000_000, "x", 10**18) is None
    assert time.monotonic() - start < 20


def test_texts_of_the_project_and_of_the_environment_are_both_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "p"
    folders = [home / "seeds" / "texts", home / "texts", tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / f"t{number}.txt").write_bytes(b"line\r\n" + str(number).encode())
    named = os.pathsep.join(["", str(tmp_path / "one"), "nowhere", str(tmp_path / "two")])
    monkeypatch.setenv("STANCEPACK_TEXTS", named)
    assert texts(home) == folders
    assert [text_of(home, f"t{n}") for n in range(4)] == [f"line\r\n{n}" for n in range(4)]
    assert text_of(home, "t4") is None
    assert text_of(home, "t" * 300) is None
    (home / "texts" / "bad.txt").write_bytes(b"\xff\xff\xff")
    assert "bad.txt: byte 0" in refusal(text_of, home, "bad")


@pytest.mark.parametrize(
    "name", ["../one/secret", "/etc/secret", "a/b", "a\\b", "c:x", "..", ".", "", "a\nb", "a\0b"]
)
def test_an_id_is_no_path_to_a_text(tmp_path: Path, name: str) -> None:
    assert "cannot name the file" in refusal(text_of, tmp_path, name)


def test_plain_names() -> None:
    good = ["ada", "lm-1", "2nd", "round-3-again"]
    bad = ["Ada", "../a", "a/b", "", "-r", "a\n", "a_b", "é", "con", "x" * 65, "a.b", "٣"]
    assert [name for name in good + bad if is_plain_name(name)] == good


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_any_cell_that_is_written_is_read_as_it_was(cells: list[str]) -> None:
    rows = [{"id": f"S{number}", "text": cell} for number, cell in enumerate([*cells, "a\rb"])]
    assert parse_rows(csv_bytes(["id", "text"], rows), Path("t.csv"), ["id", "text"]) == rows
