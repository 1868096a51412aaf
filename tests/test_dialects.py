"""What a Data Package may declare of its files and cells is read as declared, or refused by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack.dataset.declaration import PROFILE
from stancepack.validation.findings import KINDS
from stancepack.validation.rules import RULES

A = {"name": "a", "type": "integer"}
B = {"name": "b", "type": "string"}
OF_THE_CONTRACT = {"contract", "undocumented"}  # what a package that is none of ours cannot have


def package(
    home: Path,
    data: bytes | str = "a,b\n1,x\n",
    fields: list[dict[str, Any]] | None = None,
    schema: dict[str, Any] | None = None,
    **resource: Any,
) -> Path:
    """Write a package of one table, ``table``."""
    home.mkdir(exist_ok=True)
    (home / "table.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    table = {"name": "table", "path": "table.csv", "schema": {"fields": fields or [A, B]}}
    table["schema"] |= schema or {}
    content = {"$schema": PROFILE, "name": "p", "resources": [table | resource]}
    (home / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")
    return home


def rows(home: Path) -> list[list[Any]]:
    frame = sp.load(home)["table"].astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


def findings(home: Path, **options: bool) -> list[dict[str, str]]:
    """Return what is found in the table, but for what our own contract asks."""
    found = sp.validate(home, **options).table
    found = found[(found["table"] == "table") & ~found["rule"].isin(OF_THE_CONTRACT | {*RULES})]
    return found.to_dict("records")


# ---------------------------------------------------------------------------------------
# what is drawn is read, by us as by frictionless


@dataclass
class Column:
    """A column as it is declared, how its values are written, and what frictionless reads of it."""

    body: dict[str, Any]
    values: st.SearchStrategy[Any]
    write: Callable[[Any], str]
    wrong: str = "x!"
    is_read_by_frictionless: bool = True


def grouped(sign: str, decimal: str) -> Callable[[float], str]:
    def write(value: float) -> str:
        return f"{value:,}".replace(",", "\0").replace(".", decimal).replace("\0", sign)

    return write


def german(value: float) -> str:
    return "EUR " + grouped(".", ",")(value)


def yes_or_no(value: bool) -> str:
    return "ja" if value else "nein"


DAYS = st.dates(date(1900, 1, 1), date(2068, 12, 31))
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2060, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
NUMBERS = st.integers(-(10**9), 10**9).map(lambda number: number / 100)
INTEGERS = st.integers(-(10**9), 10**9)
TEXTS = st.text("aéßZ .;,|'\"\n", max_size=8).map(str.strip)
COLUMNS = {
    "text": Column({"type": "string"}, TEXTS, str),
    "any": Column({}, TEXTS, str),
    "integer": Column({"type": "integer"}, INTEGERS, str),
    "percent": Column({"type": "integer", "bareNumber": False}, INTEGERS, lambda n: f"{n} %"),
    "grouped integer": Column(
        {"type": "integer", "groupChar": "."},
        INTEGERS,
        grouped(".", ","),
        is_read_by_frictionless=False,  # as the standard has had it since version 2
    ),
    "number": Column({"type": "number"}, NUMBERS, str),
    "decimal comma": Column(
        {"type": "number", "decimalChar": ","}, NUMBERS, lambda n: str(n).replace(".", ",")
    ),
    "grouped number": Column({"type": "number", "groupChar": " "}, NUMBERS, grouped(" ", ".")),
    "currency": Column(
        {"type": "number", "groupChar": ".", "decimalChar": ",", "bareNumber": False},
        NUMBERS,
        german,
    ),
    "truth": Column(
        {"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
        st.booleans(),
        yes_or_no,
    ),
    "date": Column({"type": "date"}, DAYS, date.isoformat),
    "date of any": Column({"type": "date", "format": "any"}, DAYS, date.isoformat),
    **{
        f"date {pattern}": Column(
            {"type": "date", "format": pattern},
            DAYS,
            lambda day, pattern=pattern: day.strftime(pattern.removeprefix("fmt:")),
        )
        for pattern in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "fmt:%Y%m%d", "%d %b %Y", "%Y-%j")
    },
    "datetime": Column({"type": "datetime"}, MOMENTS, datetime.isoformat),
    "datetime by pattern": Column(
        {"type": "datetime", "format": "%d.%m.%Y %H:%M"},
        MOMENTS,
        lambda moment: moment.strftime("%d.%m.%Y %H:%M"),
    ),
    "time by pattern": Column(
        {"type": "time", "format": "%I.%M %p"},
        MOMENTS.map(datetime.time),
        lambda moment: moment.strftime("%I.%M %p"),
    ),
}
COMMENT = '# by "hand", 2012'


@dataclass
class Written:
    """A package that was written: its values, and the line of each row."""

    home: Path
    columns: list[Column]
    values: list[list[Any]]
    lines: list[int] = field(default_factory=list)


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, Any]:
    escapes = draw(st.booleans())
    dialect: dict[str, Any] = {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "quoteChar": draw(st.sampled_from(['"', "'"])),
        "doubleQuote": not escapes,
        "skipInitialSpace": draw(st.booleans()),
        "lineTerminator": draw(st.sampled_from(["\n", "\r\n"])),
        "header": draw(st.booleans()),
    }
    dialect |= {"escapeChar": "\\"} if escapes else {}
    if dialect["header"] and draw(st.booleans()):
        dialect["headerRows"] = [3]
    if draw(st.booleans()):
        dialect["commentChar"] = "#"
    elif draw(st.booleans()):
        dialect["commentRows"] = [5]
    return dialect


def as_cell(text: str, dialect: dict[str, Any]) -> str:
    quote, escape = dialect["quoteChar"], dialect.get("escapeChar", "")
    if not {*text} & {dialect["delimiter"], quote, "\n", escape} and text == text.strip():
        return text
    if escape:
        return quote + text.replace(quote, escape + quote) + quote
    return quote + text.replace(quote, 2 * quote) + quote


def records(
    columns: list[Column], cells: list[list[str]], dialect: dict[str, Any]
) -> Iterator[str]:
    """Go through the records of a file, and the rows that are none."""
    between = dialect["delimiter"] + (" " if dialect["skipInitialSpace"] else "")
    if dialect.get("headerRows") == [3]:
        yield from ("A table", "of values")
    if dialect["header"]:
        yield between.join(f"c{number}" for number in range(len(columns)))
    for row in cells:
        yield between.join(as_cell(cell, dialect) for cell in row)


def write(
    home: Path,
    columns: list[Column],
    cells: list[list[str]],
    dialect: dict[str, Any],
    encoding: str,
) -> list[int]:
    """Write a package; return the line of each row."""
    lines, text, n_above = [], "", 0
    rows_and_header = [*records(columns, cells, dialect)]
    n_records = len(rows_and_header)
    for number, record in enumerate(rows_and_header, 1):
        row = number + n_above
        if dialect.get("commentRows") == [row]:
            text, n_above = text + COMMENT.replace("#", "note") + dialect["lineTerminator"], 1
        if dialect.get("commentChar") and number > n_records - len(cells):
            text += COMMENT + dialect["lineTerminator"]
        lines.append(text.count("\n") + 1)
        text += record + dialect["lineTerminator"]
    fields = [column.body | {"name": f"c{number}"} for number, column in enumerate(columns)]
    missing = [{"value": "NA", "label": "refused"}, {"value": "-"}]
    package(
        home,
        text.encode(encoding),
        fields,
        {"missingValues": missing},
        dialect=dialect,
        encoding=encoding,
    )
    return lines[len(lines) - len(cells) :]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[list[Any]], dict[str, Any], str]:
    kinds = draw(st.lists(st.sampled_from([*COLUMNS]), min_size=1, max_size=5))
    columns = [COLUMNS["integer"], *(COLUMNS[kind] for kind in kinds)]
    # the first column tells every row from a comment and from a blank one
    row = st.tuples(INTEGERS, *(st.none() | column.values for column in columns[1:]))
    values = draw(st.lists(row, min_size=1, max_size=6))
    encoding = draw(st.sampled_from(["utf-8", "iso-8859-1", "cp1252", "utf-16", "utf-16-le"]))
    return columns, [list(cells) for cells in values], draw(dialects()), encoding


def cells_of(columns: list[Column], values: list[list[Any]]) -> list[list[str]]:
    return [
        [
            "NA" if value is None else column.write(value)
            for column, value in zip(columns, row, strict=True)
        ]
        for row in values
    ]


def plain(value: Any) -> Any:
    """Return a value of a frame, of frictionless, or as drawn, so that they can be compared."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp | datetime):
        is_day = value.time() == time() and isinstance(value, pd.Timestamp)
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, str | bool) else float(value)


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@pytest.mark.filterwarnings("ignore")
@given(table=tables(), data=st.data())
def test_what_loads_is_what_was_written_and_what_frictionless_reads(
    table: tuple[list[Column], list[list[Any]], dict[str, Any], str],
    data: st.DataObject,
    tmp_path: Path,
) -> None:
    import frictionless

    columns, values, dialect, encoding = table
    cells = cells_of(columns, values)
    lines = write(tmp_path, columns, cells, dialect, encoding)
    ours = [[plain(value) for value in row] for row in rows(tmp_path)]
    assert ours == [[plain(value) for value in row] for row in values]
    theirs = frictionless.Package(str(tmp_path / "datapackage.json")).get_resource("table")
    is_shared = [column.is_read_by_frictionless for column in columns]
    for row, row_of_theirs in zip(ours, theirs.read_rows(), strict=True):
        read = [plain(value) for value in row_of_theirs.to_list()]
        assert [*zip(row, is_shared, strict=True)] == [
            (theirs_ if shared else mine, shared)
            for mine, theirs_, shared in zip(row, read, is_shared, strict=True)
        ]
    assert findings(tmp_path, conformance=True) == []

    # and a cell of no such value is found at its line, by all
    typed = [
        number
        for number, column in enumerate(columns)
        if column.body.get("type", "string") != "string"
    ]
    row, number = data.draw(st.integers(0, len(cells) - 1)), data.draw(st.sampled_from(typed))
    cells[row][number] = columns[number].wrong
    write(tmp_path, columns, cells, dialect, encoding)
    with pytest.raises(sp.StancepackError, match=f"^table, line {lines[row]}, c{number}: 'x!'"):
        sp.load(tmp_path)["table"]
    (finding,) = findings(tmp_path)
    assert (finding["rule"], finding["row_id"]) == ("type", f"line {lines[row]}")
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert "type-error" in {error.type for task in report.tasks for error in task.errors}


# ---------------------------------------------------------------------------------------
# what is read, one by one

READ: dict[str, tuple[dict[str, Any], list[list[Any]]]] = {
    "header of two rows": (
        {"data": "fruit\nid,name\n1,x\n", "dialect": {"headerRows": [1, 2], "headerJoin": "-"},
         "fields": [{"name": "fruit-id"}, {"name": "fruit-name"}]},
        [["1", "x"]],
    ),
    "comment above the header": ({"data": "# of 2012\na,b\n1,x\n", "dialect": {"commentChar": "#"}}, [[1, "x"]]),
    "comment of two signs": ({"data": "a,b\n//no\n1,x\n", "dialect": {"commentChar": "//"}}, [[1, "x"]]),
    "quotation mark in a comment": ({"data": 'a,b\n#",\n1,x\n', "dialect": {"commentChar": "#"}}, [[1, "x"]]),
    "comment mark in a quoted cell": (
        {"data": 'b,a\n"#x",1\n"y\n#z",2\n', "dialect": {"commentChar": "#"}, "fields": [B, A]},
        [["#x", 1], ["y\n#z", 2]],
    ),
    "no quotes": ({"data": 'a,b\n1,"x\n', "dialect": {"quoteChar": ""}}, [[1, '"x']]),
    "escape without quotes": ({"data": "a,b\n1,x|,y\n", "dialect": {"escapeChar": "|"}}, [[1, "x,y"]]),
    "null sequence": ({"data": "a,b\n\\N,x\n1,\\N\n", "dialect": {"nullSequence": "\\N"}}, [[None, "x"], [1, None]]),
    "nulls of version 1": (
        {"data": "a,b\n1,x\n", "dialect": {"csvddfVersion": 1.2, "escapeChar": None, "nullSequence": None, "commentChar": None}},
        [[1, "x"]],
    ),
    "capitals of version 1": ({"data": "A,B\n1,x\n", "dialect": {"caseSensitiveHeader": False}}, [[1, "x"]]),
    "part of frictionless": ({"data": "a;b\n1;x\n", "dialect": {"csv": {"delimiter": ";"}}}, [[1, "x"]]),
    "tabs by format": ({"data": "a\tb\n1\tx\n", "format": "tsv"}, [[1, "x"]]),
    "tabs by media type": ({"data": "a\tb\n1\tx\n", "mediatype": "text/tab-separated-values"}, [[1, "x"]]),
    "media type with a charset": ({"data": "a,b\n1,x\n", "mediatype": "text/csv; charset=utf-8"}, [[1, "x"]]),
    "no header and no rows": ({"data": "", "dialect": {"header": False}}, []),
    "equal": ({"data": "b,a\nx,1\n", "schema": {"fieldsMatch": "equal"}}, [[1, "x"]]),
    "subset": ({"data": "b,c,a\nx,2,1\n", "schema": {"fieldsMatch": ["subset"]}}, [[1, "x"]]),
    "superset": ({"data": "b,a\nx,1\n", "schema": {"fieldsMatch": "superset"}}, [[1, "x"]]),
    "partial": ({"data": "b,a,c\nx,1,2\n", "schema": {"fieldsMatch": "partial"}}, [[1, "x"]]),
    "key of version 1": ({"schema": {"primaryKey": "a"}}, [[1, "x"]]),
    "missing of a field": (
        {"data": "a,b\n-9,NA\nNA,\n", "schema": {"missingValues": ["NA"]}, "fields": [A, B | {"missingValues": [{"value": ""}]}]},
        [[-9, "NA"], [None, None]],
    ),
    "infinity": ({"data": "a,b\n-inf,x\n", "fields": [A | {"type": "number"}, B]}, [[-float("inf"), "x"]]),
    "India's groups": ({"data": 'a,b\n"12,34,567",x\n', "fields": [A | {"groupChar": ","}, B]}, [[1234567, "x"]]),
    "nineteen digits": ({"data": "a,b\n1212092628029698048,x\n"}, [[1212092628029698048, "x"]]),
    "sign before a bare number": (
        {"data": "a,b\n€-.5,x\n", "fields": [A | {"type": "number", "bareNumber": False}, B]}, [[-0.5, "x"]],
    ),
    "list of numbers": (
        {"data": "a,b\n1,1;2\n", "fields": [A, {"name": "b", "type": "list", "delimiter": ";", "itemType": "integer"}]},
        [[1, "1;2"]],
    ),
    "plus sign": ({"data": "a,b\n+3,+x\n"}, [[3, "+x"]]),
    "empty cells that are texts": (
        {"data": "a,b\n,\n", "fields": [{"name": "a"}, B], "schema": {"missingValues": ["NA"]}}, [["", ""]],
    ),
    "blank row above the header": (
        {"data": "\na,b\n1,x\n", "dialect": {"headerRows": [1, 2]}, "fields": [{"name": " a"}, {"name": " b"}]}, [["1", "x"]],
    ),
    "MD5": ({"hash": hashlib.md5(b"a,b\n1,x\n", usedforsecurity=False).hexdigest()}, [[1, "x"]]),
    "SHA-1": ({"hash": "sha1:" + hashlib.sha1(b"a,b\n1,x\n", usedforsecurity=False).hexdigest()}, [[1, "x"]]),
    **{
        f"format {form}": ({"data": f"a,b\n1,{cell}\n", "fields": [A, B | {"format": form}]}, [[1, cell]])
        for form, cell in (
            ("email", "a@b.org"), ("uri", "https://example.org/a?b"), ("binary", "YWI="),
            ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
@pytest.mark.filterwarnings("error")
def test_what_is_declared_is_read(case: str, tmp_path: Path) -> None:
    declared, expected = READ[case]
    home = package(tmp_path, **declared)
    assert rows(home) == expected
    assert findings(home, conformance=True) == []


@pytest.mark.parametrize("name", ["c", "d"])
@pytest.mark.filterwarnings("ignore")
def test_the_gate_of_the_standard_reads_what_we_read(name: str, tmp_path: Path) -> None:
    fields = [
        {"name": "a", "type": "integer", "groupChar": ".", "constraints": {"minimum": 1000}},
        {"name": "b", "type": "number", "decimalChar": ","},
        {"name": name, "type": "date", "format": "%d/%m/%Y"},
    ]
    dialect = {"delimiter": ";", "quoteChar": "'", "nullSequence": "\\N", "commentChar": "#"}
    text = "a;b;c\n# é\n'1.000';2,5;\\N\n2.000;\\N;31/12/2012\n".encode("iso-8859-1")
    home = package(
        tmp_path, text, fields, {"primaryKey": "a"}, dialect=dialect, encoding="iso-8859-1"
    )
    found = findings(home, conformance=True)
    assert [finding["rule"] for finding in found] == ([] if name == "c" else ["missing-column"])


@pytest.mark.parametrize(
    ("kind", "form", "cell", "loaded"),
    [
        ("array", "default", "[1, 2]", "[1, 2]"),
        ("object", "default", '{"a": 1}', '{"a": 1}'),
        ("geopoint", "default", "1.5, 2", "1.5, 2"),
        ("geopoint", "array", "[1.5, 2]", "[1.5, 2]"),
        ("geopoint", "object", '{"lon": 1.5, "lat": 2}', '{"lon": 1.5, "lat": 2}'),
        ("geojson", "default", '{"type": "Point"}', '{"type": "Point"}'),
        ("geojson", "topojson", '{"type": "Topology"}', '{"type": "Topology"}'),
        ("duration", "default", "-P1Y2M", "-P1Y2M"),
        ("year", "default", "2012", "2012"),
        ("yearmonth", "default", "2012-12", "2012-12"),
        ("time", "default", "10:30:00", "10:30:00"),
        ("time", "%H.%M", "10.30", "10:30:00"),
        ("datetime", "default", "2012-12-31T10:30:00Z", "2012-12-31T10:30:00Z"),
        ("datetime", "%d.%m.%Y %H:%M", "31.12.2012 10:30", "2012-12-31T10:30:00"),
        ("any", "default", "x", "x"),
    ],
)
def test_types_without_one_of_pandas_load_as_text(
    kind: str, form: str, cell: str, loaded: str, tmp_path: Path
) -> None:
    quoted = cell.replace('"', '""')
    fields = [A, {"name": "b", "type": kind, "format": form}]
    home = package(tmp_path, f'a,b\n1,"{quoted}"\n', fields)
    assert rows(home) == [[1, loaded]]
    assert str(sp.load(home)["table"]["b"].dtype) == "str"
    assert findings(home, conformance=True) == []
    if kind != "any":
        package(tmp_path, "a,b\n1,x?\n", fields)
        with pytest.raises(sp.StancepackError, match=f"line 2, b: 'x\\?' is not of type {kind}"):
            sp.load(tmp_path)["table"]
        assert [finding["rule"] for finding in findings(home)] == ["type"]


def test_bounds_codes_and_examples_are_written_as_cells_are(tmp_path: Path) -> None:
    number = {"name": "a", "type": "number", "decimalChar": ",", "example": 1.5}
    number |= {"constraints": {"minimum": 1.25, "maximum": "2,5"}}
    day = {"name": "b", "type": "date", "format": "%d/%m/%Y", "example": "31/12/2012"}
    day |= {"constraints": {"minimum": "01/02/2012"}}
    home = package(
        tmp_path, "a;b\n1,3;31/12/2012\n1,2;01/01/2012\n", [number, day], dialect={"delimiter": ";"}
    )
    found = [(finding["row_id"], finding["column"], finding["rule"]) for finding in findings(home)]
    assert found == [("line 3", "a", "minimum"), ("line 3", "b", "minimum")]
    frame = sp.load(home)["table"]
    assert len(sp.load(home).schema("table").validate(frame.head(1))) == 1
    package(
        tmp_path,
        "a\n1,3\n",
        [number | {"constraints": {"minimum": "1.25"}}],
        dialect={"delimiter": ";"},
    )
    with pytest.raises(
        sp.StancepackError, match=r"minimum '1\.25' should be of type number, written as"
    ):
        sp.load(tmp_path)


def test_unique_keys_are_checked_where_nothing_is_missing(tmp_path: Path) -> None:
    home = package(tmp_path, "a,b\n1,x\n1,y\n,x\n,x\n1,x\n", schema={"uniqueKeys": [["a", "b"]]})
    (finding,) = findings(home)
    assert [finding[part] for part in ("rule", "row_id", "column", "value")] == [
        "duplicate",
        "line 6",
        "a, b",
        "1, x",
    ]


# ---------------------------------------------------------------------------------------
# what is refused


def with_field(**body: Any) -> dict[str, Any]:
    return {"fields": [A, {"name": "b"} | body]}


REFUSED: dict[str, dict[str, Any]] = {  # words that the message has → declaration
    "dialect 'dialect.json'": {"dialect": "dialect.json"},
    "dialect.delimiter '::'": {"dialect": {"delimiter": "::"}},
    "dialect.delimiter ''": {"dialect": {"delimiter": ""}},
    "dialect.delimeter ';' is not known; did you mean 'delimiter'?": {"dialect": {"delimeter": ";"}},
    "dialect.quoteChar 'ab'": {"dialect": {"quoteChar": "ab"}},
    "dialect.quoteChar ','": {"dialect": {"quoteChar": ","}},
    "dialect.escapeChar '\"'": {"dialect": {"escapeChar": '"'}},
    "dialect.doubleQuote 'no'": {"dialect": {"doubleQuote": "no"}},
    "dialect.skipInitialSpace 1": {"dialect": {"skipInitialSpace": 1}},
    "dialect.header 0": {"dialect": {"header": 0}},
    "dialect.headerRows [0]": {"dialect": {"headerRows": [0]}},
    "dialect.headerRows [2] contradicts": {"dialect": {"header": False, "headerRows": [2]}},
    "dialect.headerJoin 1": {"dialect": {"headerJoin": 1}},
    "dialect.commentRows [True]": {"dialect": {"commentRows": [True]}},
    "dialect.commentChar ''": {"dialect": {"commentChar": ""}},
    "dialect.lineTerminator ';'": {"dialect": {"lineTerminator": ";"}},
    "dialect.nullSequence 0": {"dialect": {"nullSequence": 0}},
    **{
        f"dialect.{name} {value!r} is for other files than CSV": {"dialect": {name: value}}
        for name, value in (
            ("property", "rows"), ("itemType", "array"), ("itemKeys", ["a"]),
            ("sheetNumber", 2), ("sheetName", "x"), ("table", "x"),
        )
    },
    "encoding 'utf-9'": {"encoding": "utf-9"},
    "encoding 'base64'": {"encoding": "base64"},
    "encoding 8": {"encoding": 8},
    "format 'xlsx'": {"format": "xlsx"},
    "mediatype 'application/json'": {"mediatype": "application/json"},
    "path 'table.json'": {"path": "table.json"},
    "compression 'gz'": {"compression": "gz"},
    "innerpath 'a.csv'": {"innerpath": "a.csv"},
    "extrapaths ['b.csv']": {"extrapaths": ["b.csv"]},
    "scheme 'https'": {"scheme": "https"},
    "type 'json'": {"type": "json"},
    "hash 'crc32:0'": {"hash": "crc32:0"},
    "missingValues ['x']": {"missingValues": ["x"]},
    "delimiter ';'": {"delimiter": ";"},
    "decimalChar ',' is not read here; declare it in a field": {"decimalChar": ","},
    "decimalChar ',' is not read here; declare it in the fields": {"schema": {"decimalChar": ","}},
    "missing_values ['x'] is not known; write missingValues": {"schema": {"missing_values": ["x"]}},
    "fieldsMatch 'most'": {"schema": {"fieldsMatch": "most"}},
    "fieldsMatch 'equal' needs a header": {"schema": {"fieldsMatch": "equal"}, "dialect": {"header": False}},
    "fieldsMatch 'superset' is not read where a column is away": {"data": "a\n1\n", "schema": {"fieldsMatch": "superset"}},
    "decimal_char ','": with_field(type="number", decimal_char=","),
    "decimalChar ',' is nothing of the type string": with_field(type="string", decimalChar=","),
    "decimalChar '1'": with_field(type="number", decimalChar="1"),
    "decimalChar ''": with_field(type="number", decimalChar=""),
    "groupChar '-'": with_field(type="integer", groupChar="-"),
    "groupChar '.' is the decimalChar too": with_field(type="number", groupChar="."),
    "bareNumber 'false'": with_field(type="number", bareNumber="false"),
    "trueValues ['x'] is nothing of the type string": with_field(type="string", trueValues=["x"]),
    "falseValues both name '1'": with_field(type="boolean", trueValues=["1"], falseValues=["0", "1"]),
    "required True": with_field(required=True),
    "format 'wkt'": with_field(type="string", format="wkt"),
    "format 'currency'": with_field(type="number", format="currency"),
    "format '%Y'": with_field(type="yearmonth", format="%Y"),
    "format 'dd/mm/yyyy' is no pattern": with_field(type="date", format="dd/mm/yyyy"),
    "format '%d/%m' leaves the day open": with_field(type="date", format="%d/%m"),
    "format '%m/%Y' leaves the day open": with_field(type="date", format="%m/%Y"),
    "format '%I:%M' leaves the hour open": with_field(type="time", format="%I:%M"),
    "format '%d/%m/%Y' leaves the hour open": with_field(type="datetime", format="%d/%m/%Y"),
    "format '%-d/%m/%Y'": with_field(type="date", format="%-d/%m/%Y"),
    "format '%Q'": with_field(type="date", format="%Q"),
    "itemType 'object'": with_field(type="list", itemType="object"),
    "categories ['x'] is nothing of the type date": with_field(type="date", categories=["x"]),
    "categories 1 is no text": with_field(type="string", categories=[1, 2]),
    "categories True": with_field(type="integer", categories=[True, False]),
    "categoriesOrdered 'yes'": with_field(type="string", categories=["x"], categoriesOrdered="yes"),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_not_read_is_refused_by_name(words: str, tmp_path: Path) -> None:
    home = package(tmp_path, **REFUSED[words])
    (home / "table.json").write_text("[]", encoding="utf-8")
    with pytest.raises(sp.StancepackError) as caught:
        sp.load(home)["table"]
    message = str(caught.value)
    assert words in message
    assert "table 'table'" in message
    assert ("field 'b'" in message) == ("fields" in REFUSED[words])
    assert ";" in message  # and what to do
    assert {finding["rule"] for finding in findings(home)} <= {"descriptor", "missing-column"}
    assert findings(home)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("path lists files", {"path": ["table.csv"]}),
        ("data is not read", {"data": [{"a": 1}]}),
        ("schema 'schema.json'", {"schema": "schema.json"}),
        ("has no schema", {"schema": None}),
        ("schema.missingValues should be a list of texts, not [-9]", {"schema": {"fields": [A], "missingValues": [-9]}}),
        ("trueValues should be a list of texts, not 'x'", {"schema": {"fields": [{"name": "a", "trueValues": "x"}]}}),
        ("uniqueKeys names 'c'", {"schema": {"fields": [A], "uniqueKeys": [["c"]]}}),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_at_once(
    words: str, change: dict[str, Any], tmp_path: Path
) -> None:
    table = {"name": "table", "path": "table.csv", "schema": {"fields": [A]}} | change
    content = {"name": "p", "resources": [table]}
    (tmp_path / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(sp.StancepackError) as caught:
        sp.load(tmp_path)
    assert words in str(caught.value)
    assert "resource 'table'" in str(caught.value)


@pytest.mark.parametrize("name", ["missingValues", "dialect", "encoding", "decimalChar"])
def test_what_is_said_of_the_whole_package_is_refused(name: str, tmp_path: Path) -> None:
    path = package(tmp_path) / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: "x"}), encoding="utf-8")
    with pytest.raises(sp.StancepackError, match=f"{name}: 'x' is said of the whole package"):
        sp.load(tmp_path)
    assert sp.validate(tmp_path).table["rule"].tolist() == ["descriptor"]


def test_a_table_that_is_refused_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    path = package(tmp_path, encoding="utf-9") / "datapackage.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["resources"].append(content["resources"][0] | {"name": "other", "encoding": "utf-8"})
    path.write_text(json.dumps(content), encoding="utf-8")
    assert len(sp.load(tmp_path)["other"]) == 1


CELLS = {  # declaration and file → what is said of the cell
    "group out of place": (with_field(type="number", groupChar=".", decimalChar=","), "1.5", "is not of type number with decimalChar ',' and groupChar '.'"),
    "point for a comma": (with_field(type="number", decimalChar=","), "1.5", "is not of type number with decimalChar ','"),
    "sign behind": (with_field(type="number", bareNumber=False), "12-", "bareNumber False"),
    "typographic minus": (with_field(type="number", bareNumber=False), "−12", "bareNumber False"),
    "range": (with_field(type="integer", bareNumber=False), "2012-13", "bareNumber False"),
    "no number": (with_field(type="number"), "NaN", "declare missingValues"),
    "too large": (with_field(type="integer"), "12120926280296980480", "declare the type string"),
    "day of any form": (with_field(type="date", format="any"), "01/02/2012", "can be read in several ways; declare a pattern"),
    "other pattern": (with_field(type="date", format="%d/%m/%Y"), "12/31/2012", "is not of type date with format '%d/%m/%Y'"),
    "no code": (with_field(type="integer", categories=[1, 2]), "3", "is not one of 1, 2"),
    "no e-mail": (with_field(type="string", format="email"), "x", "with format 'email'"),
    "not of the items": (with_field(type="list", itemType="integer"), "x", "with itemType 'integer'"),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_that_is_not_as_declared_is_said_with_its_line(case: str, tmp_path: Path) -> None:
    declared, cell, words = CELLS[case]
    home = package(
        tmp_path,
        f'a;b\n# no\n1;"{cell}"\n',
        dialect={"delimiter": ";", "commentChar": "#"},
        **declared,
    )
    with pytest.raises(sp.StancepackError) as caught:
        sp.load(home)["table"]
    assert f"table, line 3, b: {cell!r}" in str(caught.value)
    assert words in str(caught.value)
    (finding,) = findings(home)
    assert (finding["row_id"], finding["value"]) == ("line 3", cell)
    assert finding["rule"] == ("unknown-code" if case == "no code" else "type")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,\xe9\n", "byte 6 (line 2) is not UTF-8; save"),
        (b"\x1f\x8b\x08", "a packed file (gzip)"),
        (b"a;b\n1;x\n", "parted by semicolons"),
    ],
)
def test_what_is_not_declared_is_not_guessed(data: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(sp.StancepackError) as caught:
        sp.load(package(tmp_path, data))["table"]
    assert words in str(caught.value)


def test_a_file_that_is_not_of_its_encoding_says_which_is_declared(tmp_path: Path) -> None:
    home = package(tmp_path, "a,b\n1,é\n", encoding="ascii")
    with pytest.raises(sp.StancepackError, match=r"byte 6 \(line 2\) is not ascii; declare the"):
        sp.load(home)["table"]
    (finding,) = findings(home)
    assert (finding["rule"], finding["value"]) == ("encoding", "ascii")


def test_every_kind_of_finding_about_form_says_what_may_be_declared() -> None:
    assert "declared" in KINDS["encoding"]
    assert "declared" in KINDS["delimiter"]


# ---------------------------------------------------------------------------------------
# declared codes

CODES = [1, 2, 3, 4, 5]
PAIRS = [(1, 1), (2, 2), (1, 2), (2, 2), (1, 1), (3, 3), (3, 2), (1, 1)]


def coded(home: Path, codes: list[Any], **value: Any) -> pd.DataFrame:
    cells = [
        (unit, coder, codes[code - 1])
        for unit, pair in enumerate(PAIRS)
        for coder, code in enumerate(pair)
    ]
    text = "u,c,v\n" + "".join(f"{unit},{coder},{code}\n" for unit, coder, code in cells) + "9,0,\n"
    fields = [
        {"name": "u", "type": "integer"},
        {"name": "c", "type": "integer"},
        {"name": "v", **value},
    ]
    return sp.load(package(home, text, fields))["table"]


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("kind", ["integer", "number", "string"])
def test_codes_that_nobody_used_are_codes(kind: str, ordered: bool, tmp_path: Path) -> None:
    cast = {"integer": int, "number": float, "string": lambda code: "abcde"[code - 1]}[kind]
    codes = [cast(code) for code in CODES]
    categories = [{"value": code, "label": f"the code {code}"} for code in codes]
    frame = coded(tmp_path, codes, type=kind, categories=categories, categoriesOrdered=ordered)
    assert frame["v"].cat.categories.tolist() == codes
    assert frame["v"].cat.ordered is ordered
    assert frame["v"].isna().sum() == 1
    agreed = sp.agreement(
        frame, coefficient="brennan_prediger", unit="u", coder="c", value="v", interval=None
    )
    assert agreed.value == pytest.approx((6 / 8 - 1 / 5) / (1 - 1 / 5))
    assert len(sp.load(tmp_path).schema("table").validate(frame)) == len(frame)


def test_declared_codes_are_numbers_again_with_a_word(tmp_path: Path) -> None:
    frame = coded(tmp_path, CODES, type="integer", categories=CODES, categoriesOrdered=True)
    assert (frame["v"] > 1).sum() == sum(code > 1 for pair in PAIRS for code in pair)
    assert frame["v"].astype("Int64").sum() == sum(map(sum, PAIRS))


def test_positions_stay_numbers_where_a_codebook_says_their_codes(tiny: Path) -> None:
    pkg = sp.load(tiny)
    positions = pkg["codings"]["position"]
    assert str(positions.dtype) == "Int64"
    assert (positions > 0).any()
    assert positions.mean() == positions.dropna().astype(float).mean()
    assert str(sp.load()["codings"]["position"].dtype) == "Int64"
