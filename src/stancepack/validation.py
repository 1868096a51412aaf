"""One report of everything that is wrong with a stance package.

Structure comes from ``datapackage.json``: bytes and the form of the tables are checked here, types, constraints and
primary keys by frictionless, and again by pandera schemas derived from the descriptor. Meaning comes from the named
rules below. A rule is not run on tables that have findings already, so that one fault gives one finding and not the
faults that follow from it; what was not run is said.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import unicodedata
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.contract import CONTRACT, OPTIONAL, round_order
from stancepack.dataset.dates import bounds, overlap
from stancepack.dataset.descriptor import Descriptor, descriptor_file, is_safe
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import read_yaml
from stancepack.files.passages import PIECE, fingerprint, missing_pieces, refind
from stancepack.files.paths import CODEBOOK, DESCRIPTOR, text_of, texts
from stancepack.project.adjudication import rules_of
from stancepack.project.coders import read_coders
from stancepack.project.rounds import TRAINING, file_sha256, read_round, rounds
from stancepack.project.units import read_units, units_fingerprint
from stancepack.release.figures import figures
from stancepack.release.unit_figures import unit_figures
from stancepack.reliability.result import CONVENTIONS, FEWEST
from stancepack.structure import pandera_schema

COLUMNS = ["table", "row_id", "column", "value", "rule", "message", "remedy"]
_REFERENCE = re.compile(r"(?P<key>[^\[\];]+)(\[(?P<place>[^\[\];]+)\])?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNTIDY = re.compile(r"^\s|\s$|  |[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what, by which rule, and what to do."""

    table: str
    row_id: str
    column: str
    value: str
    rule: str
    message: str
    remedy: str


# These say nothing about the rows: rules of meaning may still be run
_HARMLESS = {"hash", "row-count", "line-ends", "final-newline", "not-normalised", "undocumented"}


@dataclass
class _Check:
    """A validation under way: the package, what was found so far, and what could not be checked."""

    descriptor: Descriptor
    found: list[Finding] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    text: dict[str, pd.DataFrame] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    at: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.descriptor.home

    @cached_property
    def book(self) -> Codebook:
        return Codebook.read(self.home / self.descriptor.content.get("codebook", CODEBOOK))

    def add(self, rule: str, table: str, row_id: str, column: str, value: object, message: str, remedy: str) -> None:
        """Add a finding, unless an earlier one stands at the same cell, or another fault at its whole column."""
        if (row_id and (table, row_id, column) in self.at) or self.at.get((table, "", column), rule) != rule:
            return
        if (row_id or column) and rule not in _HARMLESS:
            self.at[table, row_id, column] = rule
        if rule not in _HARMLESS:
            self.broken.add(table)
        shown = "" if value is None or value is pd.NA else str(value)[:200]
        # what cannot be printed (half a surrogate pair) is escaped
        place = (str(part).encode("utf-8", "backslashreplace").decode() for part in (table, row_id, column, shown))
        table, row_id, column, shown = place
        self.found.append(Finding(table, row_id, column, shown, rule, message, remedy))

    def dirty(self, table: str) -> bool:
        """Whether a table has findings that rules of meaning would stumble over."""
        return table in self.broken

    def clean(self, *tables: str) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through the tables as text, all or those named, as far as they are there and without findings."""
        for table in tables or [*self.text]:
            if table in self.text and not self.dirty(table):
                yield table, self.text[table]

    def row_id(self, table: str, row: int) -> str:
        """Return the primary key of a row, or its line number."""
        frame, key = self.text.get(table), self.descriptor.key(table)
        if frame is not None and key and 0 <= row < len(frame):
            return ", ".join(str(frame.iloc[row][column]) for column in key)
        return f"line {row + 2}"

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table with its types; only called for tables without findings."""
        if table not in self.frames:
            self.frames[table] = self.descriptor.read(table, self.text[table])
        return self.frames[table]


def validate(path: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Check a stance package and report everything that is wrong with it.

    Parameters
    ----------
    path
        A ``datapackage.json`` or the folder that has it. None for the shipped data set.

    Returns
    -------
    pandas.DataFrame
        One row for each finding: ``table``, ``row_id``, ``column``, ``value``, ``rule``, ``message``, ``remedy``; no
        rows if nothing is wrong. ``frame.attrs["not_checked"]`` lists what could not be checked, and why.

    Examples
    --------
    >>> import stancepack as sp
    >>> sp.validate()["rule"].tolist()
    []
    """
    try:
        check = _Check(Descriptor(descriptor_file(path)))
    except StancepackError as error:
        finding = Finding("", "", "", "", "descriptor", str(error), f"Mend {DESCRIPTOR}, or restore it and build again.")
        return _report([finding], ["everything else: there is no readable descriptor"])
    with warnings.catch_warnings():  # pandera imports PySpark where it is installed, which warns of pandas 3
        warnings.simplefilter("ignore", FutureWarning)
        for layer in (_descriptor, _bytes, _frictionless, _pandera, _keys, _codebook, _meaning, _coding, _anchors):
            _run(check, layer.__name__.strip("_"), layer)
    return _report(check.found, check.not_checked)


def _run(check: _Check, name: str, part: Callable[[_Check], None]) -> None:
    """Run a part of the validation; a fault of our own must not hide what the other parts find."""
    try:
        part(check)
    except Exception as fault:
        message = f"The check {name!r} failed: {type(fault).__name__}: {' '.join(str(fault).split())[:500]}"
        check.found.append(Finding("", "", "", "", "internal", message, "Please report it; the other checks were run."))


def _report(found: list[Finding], not_checked: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame([[getattr(f, column) for column in COLUMNS] for f in found], columns=COLUMNS, dtype="str")
    frame.attrs["not_checked"] = not_checked
    return frame


# --------------------------------------------------------------------------------------- descriptor


def _descriptor(check: _Check) -> None:
    content, descriptor = check.descriptor.content, check.descriptor
    for part in ("name", "version", "description", "licenses", "$schema"):
        if not content.get(part):
            check.add("descriptor", "", "", part, "", f"{DESCRIPTOR} has no {part}.", f"Give the package a {part}.")
    for part in ("codebook", "bibliography"):
        named = content.get(part)
        if named is not None and (not is_safe(named) or not (check.home / named).is_file()):
            message = f"The {part} is not a file in the package."
            check.add("descriptor", "", "", part, named, message, "Name a file below the descriptor.")
            check.broken.add(part)
    for table in CONTRACT | OPTIONAL:
        for breach in descriptor.breaches(table):
            check.add("contract", table, "", *breach)
    for table in descriptor.tables:
        if not descriptor.key(table):
            message = "The table has no primary key."
            check.add("contract", table, "", "primaryKey", "", message, "Name the columns that tell its rows apart.")
        for key in descriptor.foreign_keys(table):
            if key.table not in [*descriptor.tables, *CONTRACT]:
                remedy = did_you_mean(key.table, descriptor.tables)
                message = f"A foreign key points to {key.table!r}, which is no table."
                check.add("descriptor", table, "", ", ".join(key.fields), key.table, message, remedy)
        resource = descriptor.resource(table)
        for part, plain in (("scheme", "file"), ("format", "csv"), ("encoding", "utf-8"), ("dialect", {"delimiter": ","})):
            if resource.get(part, plain) != plain:
                message = f"The {part} is not the one that every table has."
                check.add("descriptor", table, "", part, resource[part], message, f"Write {plain!r}, or leave it out.")
        for one in descriptor.fields(table):
            codes, enum = one.categories, one.constraints.get("enum")
            if codes and enum != codes:
                message = "categories and enum are not the same codes."
                remedy = "Run `stancepack build`, which writes enum from categories."
                check.add("codes-differ", table, "", one.name, enum, message, remedy)
            for part in ("title", "type", "description", "constraints", "example"):
                if one.body.get(part) in ("", None):
                    remedy = f"Add a {part} to {DESCRIPTOR}."
                    check.add("undocumented", table, "", one.name, "", f"The column has no {part}.", remedy)


# --------------------------------------------------------------------------------------- bytes


def _bytes(check: _Check) -> None:
    descriptor = check.descriptor
    for table in descriptor.tables:
        before = len(check.found)
        text = _decoded(check, table)
        if text is None or not _is_table(check, table, text):
            check.broken.add(table)
            continue
        check.text[table] = descriptor.read_text(table)
        stamps = descriptor.resource(table)
        if len(check.found) > before:
            continue
        if stamps.get("hash") not in (None, f"sha256:{fingerprint(text)}"):
            message = "The file was changed since it was built."
            remedy = "Undo the change, or make it in seeds/ or coding/ and run `stancepack build`."
            check.add("hash", table, "", "", stamps["hash"], message, remedy)
        elif stamps.get("rows") not in (None, len(check.text[table])):
            message = f"The descriptor counts other rows than the file has, {len(check.text[table])}."
            check.add("row-count", table, "", "", stamps["rows"], message, "Run `stancepack build`, which counts them.")
    home = check.home.resolve()
    named = {descriptor.file(table).resolve() for table in descriptor.tables}
    for folder in sorted({path.parent for path in named if path.parent not in (home, *home.parents)}):
        for path in sorted(folder.glob("*")):
            # the file of a table that the descriptor lacks is no stray: the table is the finding
            if path.resolve() not in named and path.name != "README.md" and path.stem not in {*CONTRACT} - {*descriptor.tables}:
                where = path.relative_to(home).as_posix()
                message = f"No table names the file {where}."
                check.add("stray-file", "", "", "", where, message, "Remove it, or declare it as a table.")


def _decoded(check: _Check, table: str) -> str | None:
    """Return the text of a table's file, or None if it is not to be had; say what is wrong with its bytes."""
    path = check.descriptor.file(table)

    def add(rule: str, line: int, value: str, message: str, remedy: str) -> None:
        check.add(rule, table, f"line {line}" if line else "", "", value, message, remedy)

    def line_of(position: int) -> int:
        return data.count(b"\n", 0, position) + 1

    try:
        data = path.read_bytes()
    except OSError as error:
        why = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        add("missing-file", 0, path.name, f"The file {why}.", "Restore it, or run `stancepack build`.")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        value = f"byte {data[error.start]:02X}"
        add("encoding", line_of(error.start), value, "The file is not UTF-8.", "Save it again with the encoding UTF-8.")
        return None
    if not text.strip():
        add("empty-file", 0, path.name, "The file is empty.", "A table without rows has its header; build again.")
        return None
    if text.startswith("\ufeff"):
        add("byte-order-mark", 1, "EF BB BF", "The file begins with a byte order mark.", "Save as UTF-8 without BOM.")
        return None
    if "\x00" in text:
        add("control-character", line_of(data.index(0)), "NUL", "The file has a NUL character.", "Remove it.")
        return None
    if "\r" in text:
        add("line-ends", line_of(data.index(b"\r")), "CR", "Lines end in CR or CR LF.", "Save with LF line ends.")
    elif not text.endswith("\n"):
        add("final-newline", text.count("\n") + 1, "", "The last line has no line end.", "End the file with a line feed.")
    if not unicodedata.is_normalized("NFC", text):
        line = next(n for n, line in enumerate(text.split("\n"), 1) if not unicodedata.is_normalized("NFC", line))
        add("not-normalised", line, "", "Letters and accents are not joined (NFC).", "Normalise the text to NFC.")
    return text


def _is_table(check: _Check, table: str, text: str) -> bool:
    """Tell whether a text is a table with the declared columns; say what is wrong with its form."""
    columns = check.descriptor.columns(table)

    def wrong(rule: str, line: int, column: str, value: str, message: str, remedy: str) -> bool:
        check.add(rule, table, f"line {line}", column, value, message, remedy)
        return False

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = [(row, reader.line_num) for row in reader]
    except csv.Error as error:
        return wrong("not-csv", reader.line_num, "", "", f"The line cannot be read as CSV: {error}.", "Quote it as CSV asks.")
    header = records[0][0]
    if len(header) == 1 < len(columns) and any(mark in header[0] for mark in ";\t|"):
        message = "The cells are not parted by commas."
        return wrong("delimiter", 1, "", header[0], message, "Save with commas between the cells.")
    if header != columns:
        if check.dirty(table):  # a column that the descriptor lacks is found already
            return False
        remedy = f"Columns as declared: {', '.join(columns)}."
        for column in columns:
            if column not in header:
                return wrong("missing-column", 1, column, "", f"The column {column!r} is missing.", remedy)
        for place, column in enumerate(header):
            if column not in columns or column in header[:place]:
                return wrong("extra-column", 1, column, "", f"The column {column!r} is not declared.", remedy)
        return wrong("column-order", 1, "", ",".join(header), "The columns are not in the declared order.", remedy)
    for row, line in records:
        if not any(row):
            return wrong("blank-row", line, "", "", "The row is blank.", "Remove it.")
        if len(row) != len(columns):
            message = f"The row has {len(row)} cells where the header has {len(columns)}."
            return wrong("ragged-row", line, "", ",".join(row), message, "Quote cells that have commas; give each its place.")
    return True


# --------------------------------------------------------------------------------------- frictionless

_WORDS = {
    "type-error": ("type", "The value is not of the declared type.", "Write a value of this type."),
    "constraint-error": ("constraint", "The value breaks a constraint.", "Write a value that the constraint allows."),
    "unique-error": ("duplicate", "The value stands in another row too.", "Give every row its own."),
    "primary-key": ("duplicate-key", "Another row has the same key.", "Keep one row for each key."),
}
_DATA = {"name", "type", "format", "constraints", "missingValues", "trueValues", "falseValues"}


def _frictionless(check: _Check) -> None:
    """Check the descriptor, types, constraints and primary keys with frictionless, and translate what it finds."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        import frictionless

        content = {part: value for part, value in check.descriptor.content.items() if part != "profile"}
        slim = []  # documentation would only be copied about; formats and places other than plain files are ruled out
        for table in check.text:
            resource = check.descriptor.resource(table)
            fields = [{part: body[part] for part in _DATA & {*body}} for body in resource["schema"]["fields"]]
            schema = {part: resource["schema"][part] for part in {"missingValues", "primaryKey"} & {*resource["schema"]}}
            plain = {"type": "table", "scheme": "file", "format": "csv", "encoding": "utf-8"}
            slim.append({"name": table, "path": resource["path"], "schema": {"fields": fields} | schema} | plain)
        try:
            frictionless.Package.from_descriptor(content)
            package = frictionless.Package.from_descriptor(
                {"$schema": content.get("$schema"), "name": "package", "resources": slim}, basepath=str(check.home)
            )
            report = package.validate(limit_errors=10_000) if slim else None
        except Exception as fault:  # a fault of the descriptor that only frictionless sees
            text = " ".join(str(fault).split())
            if not any(finding.rule in ("descriptor", "contract") for finding in check.found):
                check.add("descriptor", "", "", "", "", f"frictionless: {text}", f"Mend {DESCRIPTOR}.")
            check.broken.update(check.text)
            check.not_checked.append(f"types, constraints and keys: {text}")
            return
    for task in report.tasks if report else []:
        for error in task.errors:
            _translate(check, task.name, error)
    for error in report.errors if report else []:
        check.add("descriptor", "", "", "", "", f"frictionless: {error.message}", f"Mend {DESCRIPTOR}.")


def _translate(check: _Check, table: str, error: Any) -> None:
    rule, message, remedy = _WORDS.get(error.type, (error.type, error.title, "See the message."))
    number = getattr(error, "row_number", None)
    if number is None:
        check.add(rule, table, "", "", "", f"{message} {error.note}".strip(), remedy)
        return
    row = number - 2
    column, value = getattr(error, "field_name", ""), getattr(error, "cell", "")
    declared = next((f for f in check.descriptor.fields(table) if f.name == column), None)
    if error.type == "primary-key":
        column = ", ".join(check.descriptor.key(table))
        value = check.row_id(table, row)
    elif error.type == "unique-error" and check.descriptor.key(table) == [column]:
        rule, message, remedy = _WORDS["primary-key"]
    elif error.type == "constraint-error" and declared:
        name = str(error.note).partition('"')[2].partition('"')[0] or "constraint"
        limit = declared.constraints.get(name)
        rule, remedy = name, f"The {name} of {column} is {limit}."
        if name == "enum":
            rule, message, remedy = "unknown-code", "The code is not one of the column.", did_you_mean(value, limit or [])
        elif name == "required":
            message, remedy = "The cell is empty.", "Write a value; this column has one in every row."
    elif error.type == "type-error" and declared:
        remedy = f"Write a value of type {declared.type}."
    check.add(rule, table, check.row_id(table, row), column, value, message, remedy)


def _keys(check: _Check) -> None:
    """Check that every foreign key points to a row that is there."""
    dirty = {*check.broken}  # keys into a table that has findings would only repeat them
    for table, text in check.text.items():
        missing = {one.name: one.missing for one in check.descriptor.fields(table)}
        for key in check.descriptor.foreign_keys(table):
            if key.table in dirty or key.table not in check.text:
                continue
            parent = check.text[key.table]
            known = dict.fromkeys(zip(*(parent[column] for column in key.target), strict=True))
            for row, cells in enumerate(zip(*(text[column] for column in key.fields), strict=True)):
                if cells in known or all(cell in missing[name] for cell, name in zip(cells, key.fields, strict=True)):
                    continue
                value = ", ".join(cells)
                message = f"The row of {key.table} that it points to is not there."
                remedy = f"Correct the id, or add the row: {did_you_mean(value, map(', '.join, known))}"
                check.add("dangling-key", table, check.row_id(table, row), ", ".join(key.fields), value, message, remedy)


# --------------------------------------------------------------------------------------- pandera


def _pandera(check: _Check) -> None:
    """Check codes, patterns, ranges and uniqueness again on the frames, as a frame that never was a file would be."""
    import pandera.errors

    words = {"code": "unknown-code", "not_nullable": "required", "field_uniqueness": "duplicate"}
    for table, text in check.text.items():
        fields = {one.name: one for one in check.descriptor.fields(table)}
        frame = pd.DataFrame({name: text[name].mask(text[name].isin(one.missing)) for name, one in fields.items()})
        try:
            pandera_schema(check.descriptor, table).validate(frame.astype("str"), lazy=True)
        except pandera.errors.SchemaErrors as errors:
            for case in errors.failure_cases.to_dict("records"):
                column, name, row = str(case["column"] or ""), str(case["check"]), case["index"]
                row_id = "" if pd.isna(row) else check.row_id(table, int(row))
                limits = fields[column].body.get("constraints") if column in fields else ""
                message = f"The value fails the check {name}."
                remedy = f"Type {fields[column].type}, constraints {limits}." if limits else "See the column."
                check.add(words.get(name, name), table, row_id, column, case["failure_case"], message, remedy)


# --------------------------------------------------------------------------------------- codebook


def _codebook(check: _Check) -> None:
    """Read the codebook, and check that its own examples fit its scales."""
    if check.dirty("codebook"):
        return
    try:
        problems = check.book.problems()
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        why = str(error) if isinstance(error, StancepackError) else f"The codebook has not the shape of one: {error}."
        check.add("codebook", "codebook", "", "", "", why, "Mend the codebook, or restore it.")
        return
    for problem in problems:
        where = problem.partition(":")[0]
        check.add("codebook", "codebook", where, "", "", problem, "Mend the codebook; its own examples must fit its scales.")


# --------------------------------------------------------------------------------------- meaning

At = tuple[str, str, str, object, str, str]  # table, row_id, column, value, message, remedy
Rule = Callable[[_Check], Iterator[At]]
RULES: dict[str, tuple[tuple[str, ...], Rule]] = {}


def rule(name: str, *tables: str) -> Callable[[Rule], Rule]:
    """Register a rule of meaning with the tables that it needs in good order."""

    def register(function: Rule) -> Rule:
        RULES[name] = (tables, function)
        return function

    return register


def _meaning(check: _Check) -> None:
    for name, (tables, function) in RULES.items():
        dirty = [table for table in tables if check.dirty(table)]
        # without a table of rounds, every round is one of its own
        absent = [table for table in tables if table not in [*check.descriptor.tables, "codebook", "rounds"]]
        if dirty or absent:
            why = f"{', '.join(dirty)} has findings" if dirty else f"there is no table {', '.join(absent)}"
            check.not_checked.append(f"{name}: {why}")
        else:
            _run(check, name, partial(_apply, name, tables, function))


def _apply(name: str, tables: tuple[str, ...], function: Rule, check: _Check) -> None:
    try:
        for at in list(function(check)):
            check.add(name, *at)
    except StancepackError as error:
        check.add(name, tables[0], "", "", "", str(error), "Mend what the message names.")


@rule("formula-cell")
def _formula(check: _Check) -> Iterator[At]:
    for table, text in check.clean():
        for column in [one.name for one in check.descriptor.fields(table) if one.type == "string"]:
            for row in text.index[text[column].str.startswith(_FORMULA)]:
                yield (
                    *(table, check.row_id(table, row), column, text[column][row]),
                    "A spreadsheet would run this cell as a formula.",
                    "Begin the text with another character.",
                )


@rule("untidy-text")
def _untidy(check: _Check) -> Iterator[At]:
    for table, text in check.clean():
        for column, cells in text.items():
            for row in cells.index[cells.map(lambda cell: bool(_UNTIDY.search(cell)))]:
                yield (
                    *(table, check.row_id(table, row), str(column), repr(cells[row])),
                    "The text has control characters, doubled spaces, or spaces at an end.",
                    "Write it in one line with single spaces.",
                )


@rule("edtf")
def _edtf(check: _Check) -> Iterator[At]:
    for table, column, always in (
        ("statements", "date", True),
        ("events", "date", True),
        ("offices", "start", False),
        ("offices", "end", False),
        ("sources", "date", False),
        ("coverage", "period", False),
    ):
        for _, text in check.clean(table):
            for row, value in enumerate(text[column]):
                try:
                    if value or always:
                        bounds(value)
                except StancepackError as error:
                    yield table, check.row_id(table, row), column, value, str(error), "Write an EDTF date."


@rule("date-order", "statements")
def _date_order(check: _Check) -> Iterator[At]:
    frame = check.frame("statements")
    for row in frame[frame["date_earliest"] > frame["date_latest"]].itertuples():
        yield (
            *("statements", row.statement_id, "date_latest", f"{row.date_latest:%Y-%m-%d}"),
            f"The latest day lies before the earliest, {row.date_earliest:%Y-%m-%d}.",
            "Turn the two days round.",
        )


@rule("date-bounds", "statements")
def _date_bounds(check: _Check) -> Iterator[At]:
    for row in check.text["statements"].itertuples():
        expected = [day.isoformat() for day in bounds(str(row.date))]
        for column, day in zip(("date_earliest", "date_latest"), expected, strict=True):
            value = getattr(row, column)
            if value != day:
                yield "statements", str(row.statement_id), column, value, f"{row.date} means {day}.", f"Write {day}."


@rule("date-basis", "statements")
def _date_basis(check: _Check) -> Iterator[At]:
    for row in check.text["statements"].itertuples():
        if row.date_basis == "inferred" and not getattr(row, "date_note", ""):
            yield (
                *("statements", str(row.statement_id), "date_note", ""),
                "The date is inferred, and the argument is missing.",
                "Say in date_note how the bounds were argued.",
            )


@rule("condition", "statements")
def _condition(check: _Check) -> Iterator[At]:
    conditional = check.frame("statements")["conditional"].fillna(False)
    text = check.text["statements"]
    for unit, condition, asks in zip(text["statement_id"], text["condition"], conditional, strict=True):
        if bool(condition) != asks:
            message = "Conditional, without the condition." if asks else "A condition, but not conditional."
            yield "statements", unit, "condition", condition, message, "Settle both in coding/adjudications.csv."


@rule("quotation", "statements")
def _quotation(check: _Check) -> Iterator[At]:
    for row in check.text["statements"].itertuples():
        if row.attribution == "verbatim" and not row.quote:
            yield (
                *("statements", str(row.statement_id), "quote", ""),
                "Given as the speaker's own words, without words.",
                "Copy the quotation, or settle another attribution.",
            )


@rule("offsets", "statements", "sources")
def _offsets(check: _Check) -> Iterator[At]:
    length = check.frame("sources").set_index("source_id")["length"].dropna()
    for row in check.frame("statements").dropna(subset=["start", "end"]).itertuples():
        key = str(row.source).partition("[")[0]
        at = ("statements", row.statement_id, "end", row.end)
        if row.start >= row.end:
            yield *at, "The passage ends before it begins.", "Anchor it again."
        elif row.end > length.get(key, row.end):
            yield *at, f"The passage ends after the text of {key}, which has {length[key]} code points.", "Anchor it again."


@rule("verified", "statements")
def _verified(check: _Check) -> Iterator[At]:
    text = check.text["statements"]
    if "verified" not in text:
        return
    for row in text.itertuples():
        given = [bool(getattr(row, column, "")) for column in ("start", "end", "passage_sha256") if column in text]
        at = ("statements", str(row.statement_id))
        if len({*given}) > 1:
            message = "Start, end and fingerprint of the passage are not given together."
            yield *at, "start", row.start, message, "Give all three, or none where no text can be had."
        elif (row.verified == "text") != given[0]:
            message = "A passage with offsets is checked by them, and only such a passage."
            yield *at, "verified", row.verified, message, "Write 'text' with offsets, 'twice' or 'once' without."
        elif not given[0] and not row.quote:
            message = "Neither a passage nor the speaker's own words."
            yield *at, "quote", "", message, "Copy the words from the source, or anchor the passage in its text."


@rule("retired-id", "retired")
def _retired(check: _Check) -> Iterator[At]:
    for row in check.text["retired"].itertuples():
        table, name = str(row.table), str(row.id)
        at = ("retired", f"{name}, {table}")
        if table not in check.descriptor.tables:
            yield *at, "table", table, f"There is no table {table!r}.", did_you_mean(table, check.descriptor.tables)
        elif any(name in text[check.descriptor.key(table)[0]].tolist() for _, text in check.clean(table)):
            yield *at, "id", name, f"The id is in use in {table}.", "Give the row an id that was never used."


@rule("source-reference", "sources")
def _references(check: _Check) -> Iterator[At]:
    known = sorted(check.text["sources"]["source_id"])
    for table, column in (
        ("statements", "source"),
        ("statements", "dated_by"),
        ("offices", "source"),
        ("events", "source"),
        ("discrepancies", "source"),
    ):
        for _, text in check.clean(table):
            for row, value in enumerate(text[column]):
                keys = [_REFERENCE.fullmatch(part) for part in value.split(";") if value]
                lost = [match["key"] if match else value for match in keys if not match or match["key"] not in known]
                if lost:
                    message = f"There is no source {lost[0]!r}."
                    remedy = f"Add it to seeds/sources.bib, or correct it: {did_you_mean(lost[0], known)}"
                    yield table, check.row_id(table, row), column, value, message, remedy


@rule("office-overlap", "offices")
def _office_overlap(check: _Check) -> Iterator[At]:
    for actor, rows in check.text["offices"].groupby("actor_id"):
        dated = [row for row in rows.itertuples() if row.start and row.end]
        for row in dated:
            if bounds(str(row.start))[0] > bounds(str(row.end))[1]:
                yield (
                    "offices",
                    str(row.office_id),
                    "end",
                    row.end,
                    "The office ends before it begins.",
                    "Turn the dates round.",
                )
        for one in dated:
            for other in dated:
                if (bounds(str(one.start)), str(one.office_id)) >= (bounds(str(other.start)), str(other.office_id)):
                    continue
                certain = bounds(str(one.end))[0] > bounds(str(other.start))[1]
                if certain and bounds(str(other.end))[0] > bounds(str(other.start))[1]:
                    yield (
                        *("offices", str(other.office_id), "start", other.start),
                        f"{actor} still held {one.office_id} (until {one.end}).",
                        "Keep the main office, and mention the other in its note.",
                    )


@rule("office-then", "statements", "offices")
def _office_then(check: _Check) -> Iterator[At]:
    offices = {str(row.office_id): row for row in check.text["offices"].itertuples()}
    of_actor: dict[str, list[str]] = defaultdict(list)
    for name, office in offices.items():
        of_actor[str(office.actor_id)].append(name)

    def held(name: str, date: str) -> bool:
        start, end = str(offices[name].start), str(offices[name].end)
        first, last = bounds(date)
        return (not start or bounds(start)[0] <= last) and (not end or first <= bounds(end)[1])

    for row in check.text["statements"].itertuples():
        unit, office, actor, date = (str(x) for x in (row.statement_id, row.office_id, row.actor_id, row.date))
        if office:
            if str(offices[office].actor_id) != actor:
                yield (
                    *("statements", unit, "office_id", office),
                    f"The office was held by {offices[office].actor_id}, the speaker is {actor}.",
                    f"Offices of {actor}: {', '.join(of_actor[actor]) or 'none'}.",
                )
            elif not held(office, date):
                yield (
                    *("statements", unit, "office_id", office),
                    f"The office was not held on {date} (from {offices[office].start} to {offices[office].end}).",
                    "Correct the date or the office, or add the office then held.",
                )
        elif of_actor[actor]:
            fits = [name for name in of_actor[actor] if held(name, date)]
            yield (
                *("statements", unit, "office_id", ""),
                f"{actor} has offices, but none is given for {date}.",
                f"Name {' or '.join(fits)}." if fits else "Add the office then held to seeds/offices.csv.",
            )


@rule("event-date", "statements", "events")
def _event_date(check: _Check) -> Iterator[At]:
    dates = dict(zip(check.text["events"]["event_id"], check.text["events"]["date"], strict=True))
    for row in check.text["statements"].itertuples():
        if row.event_id and not overlap(str(row.date), dates[str(row.event_id)]):
            yield (
                *("statements", str(row.statement_id), "event_id", row.event_id),
                f"The event was on {dates[str(row.event_id)]}, the statement on {row.date}.",
                "Correct the date or the event.",
            )


@rule("repeats", "statements")
def _repeats(check: _Check) -> Iterator[At]:
    frame = check.text["statements"].set_index("statement_id")
    for unit, row in frame[frame["repeats"] != ""].iterrows():
        first = frame.loc[row["repeats"]]
        if row["repeats"] == unit or first["repeats"]:
            message, remedy = "It repeats itself, or a repetition.", "Name the one full report."
        elif first["actor_id"] != row["actor_id"]:
            message, remedy = (
                f"It repeats a statement of another speaker, {first['actor_id']}.",
                "Name one of the speaker's own.",
            )
        elif not overlap(str(first["date"]), str(row["date"])):
            message, remedy = (
                f"It repeats a statement of another time, {first['date']}.",
                "A restatement has the occasion of the first.",
            )
        else:
            continue
        yield "statements", str(unit), "repeats", row["repeats"], message, remedy


@rule("rounds", "rounds")
def _rounds(check: _Check) -> Iterator[At]:
    again = _again(check)
    for name, first in again.items():
        if first in again:
            message = f"It codes {first} again, which is {'itself' if first == name else 'no round of its own'}."
            yield "rounds", name, "of", first, message, "Name the round that was coded first."


def _again(check: _Check) -> dict[str, str]:
    """Return the rounds that code the statements of another one again, with that one; they settle nothing."""
    return {row.round: row.of for _, text in check.clean("rounds") for row in text.itertuples() if row.of}


def _matrix(check: _Check, table: str, variable: str, wanted: Iterable[str]) -> Iterator[At]:
    frame, wanted = check.text[table], list(wanted)
    for round_name, part in frame.groupby("round"):
        coders, units = sorted(part["coder_id"].unique()), sorted(part["statement_id"].unique())
        there = set(zip(part["statement_id"], part[variable], part["coder_id"], strict=True))
        for unit, name in product(units, wanted):
            lost = ", ".join(coder for coder in coders if (unit, name, coder) not in there)
            if lost:
                yield (
                    *(table, f"{round_name}, {unit}, {name}", "coder_id", lost),
                    f"The statement was coded, but not on {name} by {lost}.",
                    "A matrix is complete: code it, as NA if it is not addressed.",
                )
        if len(coders) < 2 and round_name not in _again(check):
            remedy = "Agreement needs a second, blind coder."
            yield table, str(round_name), "coder_id", ", ".join(coders), "The round has one coder.", remedy
    for _, statements in check.clean("statements"):
        for unit in sorted({*statements["statement_id"]} - {*frame["statement_id"]}):
            remedy = "Code it in a round of its own, or leave it out."
            yield table, unit, "statement_id", "", "Nobody coded this statement.", remedy


@rule("matrix", "codings", "issues", "rounds")
def _codings_complete(check: _Check) -> Iterator[At]:
    yield from _matrix(check, "codings", "issue_id", check.text["issues"]["issue_id"])


@rule("codebook", "codebook", "issues")
def _same_issues(check: _Check) -> Iterator[At]:
    book, table = {*check.book.issues}, {*check.text["issues"]["issue_id"]}
    for issue in sorted(book ^ table):
        message = f"The issue stands in the {'codebook' if issue in book else 'table'} only."
        yield "codebook", issue, "issues", issue, message, "Run `stancepack build`."


@rule("statement-code", "codebook")
def _statement_codes(check: _Check) -> Iterator[At]:
    book = check.book
    for table, text in check.clean("statement_codings", "statement_codes"):
        for row, (variable, code) in enumerate(zip(text["variable"], text["code"], strict=True)):
            if variable not in book.variables:
                message = f"The codebook has no variable {variable!r}."
                yield table, check.row_id(table, row), "variable", variable, message, did_you_mean(variable, book.variables)
            elif code not in book.codes(variable):
                message = f"The codebook has no code {code!r} for {variable}."
                yield table, check.row_id(table, row), "code", code, message, did_you_mean(code, book.codes(variable))


@rule("matrix-statement", "statement_codings", "codebook", "rounds")
def _statement_codings_complete(check: _Check) -> Iterator[At]:
    yield from _matrix(check, "statement_codings", "variable", check.book.variables)


@rule("settled", "codings", "stances", "coders", "codebook", "rounds")
def _stances_settled(check: _Check) -> Iterator[At]:
    yield from _settled(check, "codings", "stances", "issue_id", "position")


@rule("settled-statement", "statement_codings", "statement_codes", "coders", "codebook", "rounds")
def _codes_settled(check: _Check) -> Iterator[At]:
    yield from _settled(check, "statement_codings", "statement_codes", "variable", "code")


def _settled(check: _Check, coded: str, settled: str, variable: str, code: str) -> Iterator[At]:
    coders = check.text["coders"]
    roles = dict(zip(coders["coder_id"], coders["role"], strict=True)) if "role" in coders else {}
    latest: dict[tuple[str, str], str] = {}
    given: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    again = _again(check)
    for row in check.text[coded].to_dict("records"):
        if row["round"] in again:
            continue
        key = row["statement_id"], row[variable]
        latest[key] = max(latest.get(key, ""), row["round"], key=round_order)
        given[(*key, row["round"])][row["coder_id"]] = row[code]
    done = {(row["statement_id"], row[variable]): row for row in check.text[settled].to_dict("records")}
    for key in latest:
        if key not in done:
            yield settled, ", ".join(key), "", "", "Coded, but not settled.", "Settle it, or build again."
    for key, row in done.items():
        at = (settled, ", ".join(key))
        if key not in latest:
            yield *at, code, row[code], "Settled, but nobody coded it.", "Code it, or remove the row."
            continue
        codes = given[(*key, latest[key])]
        both = ", ".join(sorted(set(codes.values())))
        agreed = len(set(codes.values())) == 1
        if row["settled_by"] == "agreement":
            if not agreed:
                yield *at, "settled_by", "agreement", f"The coders differed: {both}.", "Settle it by adjudication."
            elif row[code] not in codes.values():
                yield *at, code, row[code], f"The coders agreed on {both}.", f"Write the code agreed on, {both}."
        elif agreed:
            yield *at, "settled_by", row["settled_by"], f"The coders agreed: {both}.", "There is nothing to settle."
        else:
            yield from (at + rest for rest in _adjudicated(check.book, row, codes, roles))


def _adjudicated(
    book: Codebook, row: dict[str, str], codes: dict[str, str], roles: dict[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    """Check rule, reason and adjudicator of a disagreement that was settled."""
    rules, reason = rules_of(row["rationale"].partition(":")[0]), row["rationale"].partition(":")[2].strip()
    unknown = [name for name in rules if name not in book.rules]
    if not reason or not rules:
        yield "rationale", row["rationale"], "Settled without a rule and a reason.", "Write `R5: reason`."
    elif unknown:
        message = f"The codebook has no rule {', '.join(unknown)}."
        yield "rationale", row["rationale"], message, did_you_mean(unknown[0], book.rules)
    judge = row["adjudicator"]
    judges = ", ".join(name for name, role in roles.items() if role == "adjudicator")
    if not judge:
        yield "adjudicator", "", "Nobody is named as adjudicator.", f"Name who settled it; adjudicators: {judges or 'none'}."
    elif judge in codes:
        yield "adjudicator", judge, "The adjudicator coded this statement.", "Somebody else must settle it."
    elif roles.get(judge, "adjudicator") != "adjudicator":
        yield "adjudicator", judge, f"The role of {judge} is {roles[judge]}.", f"Name an adjudicator: {judges or 'none'}."


@rule("released-code", "statements", "statement_codes")
def _released(check: _Check) -> Iterator[At]:
    settled = check.text["statement_codes"].set_index(["statement_id", "variable"])["code"].to_dict()
    statements = {row["statement_id"]: row for row in check.text["statements"].to_dict("records")}
    for (unit, variable), code in settled.items():
        released = statements.get(unit, {}).get(variable, code)
        if released != code:
            yield "statements", unit, variable, released, f"Settled as {code!r} in statement_codes.", "Run `stancepack build`."


@rule("agreement", "agreement", "codings", "issues", "codebook", "rounds")
def _agreement(check: _Check) -> Iterator[At]:
    others = pd.DataFrame(columns=["round", "statement_id", "variable", "coder_id", "code"])
    yield from _figures(
        check, figures(check.frame("codings"), others, check.book, _again(check)), {*check.book.variables, "unit"}
    )


@rule("agreement-statement", "agreement", "statement_codings", "codebook", "rounds")
def _agreement_statement(check: _Check) -> Iterator[At]:
    none = pd.DataFrame(columns=["round", "statement_id", "issue_id", "coder_id", "position"])
    fresh = figures(none, check.frame("statement_codings"), check.book, _again(check))
    yield from _figures(check, fresh, {*check.text["agreement"]["variable"]} - {*check.book.variables})


def _figures(check: _Check, computed: list[dict[str, Any]], elsewhere: set[str]) -> Iterator[At]:
    """Compare the figures of the table with those computed afresh, but not those of variables that stand elsewhere."""
    remedy = "Run `stancepack build`."
    fresh = {(row["round"], row["variable"], row["coefficient"]): row for row in computed}
    there = {(r["round"], r["variable"], r["coefficient"]): r for r in check.text["agreement"].to_dict("records")}
    for key in fresh:
        if key not in there:
            yield "agreement", ", ".join(key), "", "", "The figure is missing.", remedy
    for key, row in there.items():
        at = ("agreement", ", ".join(key))
        if row["variable"] in elsewhere:
            continue
        if key not in fresh:
            yield *at, "variable", row["variable"], "No codes give this figure.", remedy
            continue
        for column in ("value", "low", "high"):
            figure = fresh[key][column]
            expected = "" if figure != figure else f"{figure + 0.0:.4f}"
            same = row[column] == expected or (row[column] and expected and abs(float(row[column]) - float(expected)) < 0.0002)
            if not same:
                yield *at, column, row[column], f"Recomputed from the codings: {expected or 'not defined'}.", remedy
        for column in ("level", "n_units", "n_coders", "verdict"):
            if row[column] != str(fresh[key][column]):
                why = f"By the codings: {fresh[key][column]}."
                if column == "verdict":
                    bars = ", ".join(f"{word} from {bar}" for word, bar in CONVENTIONS.items())
                    why += f" ({bars} at the lower end; no verdict under {FEWEST} units.)"
                yield *at, column, row[column], why, remedy


# --------------------------------------------------------------------------------------- coding/


def _units_sealed(check: _Check, home: Path) -> None:
    """Check the seals of the unit lists, and that the published agreement on units is theirs."""
    for manifest in sorted((home / "coding" / "unitising").glob("*/manifest.yaml")):
        for name, record in (read_yaml(manifest).get("lists") or {}).items():
            path = manifest.parent / f"{name}.csv"
            if not path.is_file() or file_sha256(path) != (record or {}).get("sha256"):
                where, message = f"coding/unitising/{manifest.parent.name}", "The unit list is not the one that was sealed."
                check.add("seal", where, name, "sha256", "", message, "Restore it from the history.")
    if not check.dirty("agreement") and "agreement" in check.text and not any(f.rule == "seal" for f in check.found):
        others = {*check.text["agreement"]["variable"]} - {"unit"}
        for table, row_id, column, value, message, remedy in _figures(check, unit_figures(home), others):
            check.add("agreement", table, row_id, column, value, message, remedy)


def _coding(check: _Check) -> None:
    """Check the seals of the coding rounds, where the project's coding folder is there."""
    home = check.home
    if not (home / "coding" / "rounds").is_dir():
        check.not_checked.append("seals: coding/rounds is not part of an installed package; check a checkout")
        return
    try:
        units = {unit["statement_id"]: unit for unit in read_units(home)}
        training = [read_round(home, TRAINING)] if (home / "coding" / "rounds" / TRAINING / "manifest.yaml").exists() else []
        coders = read_coders(home)
        for folder in sorted((home / "coding" / "rounds").iterdir()):
            if folder.is_dir() and not (folder / "manifest.yaml").is_file():
                message = "The round has no manifest, and so no seals."
                check.add(
                    "seal", f"coding/rounds/{folder.name}", "manifest.yaml", "", "", message, "Restore it from the history."
                )
        _units_sealed(check, home)
        for this in [*training, *rounds(home)]:
            where = f"coding/rounds/{this.name}"
            coded: set[str] = set()
            for coder, record in this.sheets.items():
                path = this.sheet(coder)
                if not path.is_file():
                    check.add("seal", where, coder, "", "", "The sealed sheet is missing.", "Restore it from the history.")
                    continue
                if file_sha256(path) != record["sha256"]:
                    message = "The sheet is not the one that was sealed."
                    check.add(
                        "seal",
                        where,
                        coder,
                        "sha256",
                        file_sha256(path),
                        message,
                        "Restore it; code a new round instead.",
                    )
                    continue
                coded |= {row["statement_id"] for row in this.rows(coder)}
                if coder not in coders:
                    check.add("seal", where, coder, "", coder, "The coder is not in coding/coders.csv.", "Add the coder.")
            for path in sorted(this.folder.glob("*.csv")):
                if path.stem not in this.sheets:
                    check.add("seal", where, path.stem, "", path.name, "The sheet has no seal.", "Use `stancepack seal`.")
            if this.codebook.is_file() and file_sha256(this.codebook) != this.codebook_sha256:
                message, remedy = "The codebook is not the one that the coders of the round had.", "Restore it from the history."
                check.add("seal", where, this.codebook.name, "codebook_sha256", this.codebook_sha256, message, remedy)
            if this.name == TRAINING:
                continue
            lost = coded - set(units)
            for unit in sorted(lost):
                check.add("seal", where, unit, "", "", "Coded, but no longer in the unit list.", "Units are never removed.")
            if coded and not lost and units_fingerprint([units[unit] for unit in coded]) != this.units_sha256:
                message = "Units were changed after they were coded (speaker, passage, quotation or proposition)."
                check.add(
                    "seal",
                    where,
                    "units",
                    "units_sha256",
                    this.units_sha256,
                    message,
                    "Restore them; code a new round.",
                )
            if check.dirty("codebook"):
                continue
            book = check.book
            if book.version == this.codebook_version and file_sha256(book.path) != this.codebook_sha256:
                message = f"The codebook was changed, but is still version {book.version}."
                check.add("seal", where, "codebook", "version", book.version, message, "Raise the version of the codebook.")
    except StancepackError as error:
        check.add("seal", "coding", "", "", "", str(error), "Mend the file named.")


# --------------------------------------------------------------------------------------- texts


def _anchors(check: _Check) -> None:
    """Find every passage and quotation again in the source texts, where they are at hand."""
    if check.dirty("statements") or check.dirty("sources"):
        check.not_checked.append("anchors: statements or sources has findings")
        return
    absent: Counter[str] = Counter()
    prints = check.text["sources"].set_index("source_id")["sha256"]
    for key, rows in check.frame("statements").dropna(subset=["start", "end"]).groupby(_key_of(check)):
        try:
            text = text_of(check.home, key)
        except UnicodeDecodeError as error:
            check.add("text", "sources", key, "", error.reason, "The text at hand is not UTF-8.", "Save it again as UTF-8.")
            continue
        if text is None:
            absent[key] += len(rows)
        elif prints.get(key) and fingerprint(text) != prints[key]:
            message = "The text at hand is not the one that the offsets refer to."
            check.add("text", "sources", key, "sha256", prints[key], message, "Get the text with this fingerprint.")
        else:
            for row in rows.itertuples():
                _anchor(check, text, row)
    why = "no folder of texts" if texts(check.home) is None else "not in the folder of texts"
    for key, count in absent.items():
        check.not_checked.append(f"anchors: {count} passages of {key}, whose text is not here ({why}; STANCEPACK_TEXTS names it)")


def _key_of(check: _Check) -> pd.Series[Any]:
    return check.text["statements"]["source"].str.partition("[")[0]


def _anchor(check: _Check, text: str, row: Any) -> None:
    passage, stamp = text[row.start : row.end], getattr(row, "passage_sha256", pd.NA)
    if isinstance(stamp, str) and fingerprint(passage) != stamp:
        found = refind(text, int(row.end - row.start), stamp, min(int(row.start), len(text)))
        remedy = f"It stands at {found}." if found is not None else "Mark the passage again with `stancepack anchor`."
        check.add("anchor", "statements", row.statement_id, "start", row.start, "The passage is not at its offsets.", remedy)
    elif isinstance(row.quote, str):
        lost = PIECE.join(missing_pieces(passage, row.quote))
        if lost:
            message = "These words do not stand in the passage, or not in this order."
            remedy = f"Copy the words as printed, pieces parted by {PIECE!r}."
            check.add("anchor", "statements", row.statement_id, "quote", lost, message, remedy)
