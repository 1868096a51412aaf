"""Findings, and a validation under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import did_you_mean
from stancepack.files.paths import CODEBOOK
from stancepack.spellings import FormerFrame

COLUMNS = ["table", "row_id", "column", "value", "rule", "message", "remedy"]
KINDS = {  # of findings that no rule of meaning gives
    "descriptor": "the descriptor can be read and says what every package says",
    "contract": "tables, columns, types and keys are those of the contract",
    "codes-differ": "categories and enum of a column are the same codes",
    "undocumented": "every column has title, type, description, constraints and example",
    "missing-file": "the file of every table is there and can be read",
    "stray-file": "no other file lies beside the tables",
    "encoding": "files are UTF-8, or of the declared encoding",
    "byte-order-mark": "files have no byte order mark",
    "control-character": "files have no NUL",
    "line-ends": "lines end in LF",
    "final-newline": "the last line ends too",
    "not-normalised": "letters and accents are joined (NFC)",
    "empty-file": "files are not empty",
    "not-csv": "files are CSV",
    "delimiter": "cells are parted by commas, or by the declared delimiter",
    "missing-column": "every declared column is in the file",
    "extra-column": "every column of the file is declared",
    "column-order": "columns stand in the declared order",
    "blank-row": "no row is blank",
    "ragged-row": "every row has a cell for each column",
    "hash": "the file is the one that was built",
    "row-count": "the file has as many rows as were built",
    "type": "values are of the declared type",
    "unknown-code": "codes are those of the column",
    "pattern": "values match the pattern of their column",
    "required": "cells that may not be empty are not",
    "minLength": "text is as long as declared",
    "maxLength": "text is not longer than declared",
    "minimum": "values are not below the minimum",
    "maximum": "values are not above the maximum",
    "exclusiveMinimum": "values are above the exclusive minimum",
    "exclusiveMaximum": "values are below the exclusive maximum",
    "duplicate": "values of a unique column stand in one row",
    "duplicate-key": "every row has a key of its own",
    "dangling-key": "rows that others point to are there",
    "codebook": "the codebook can be read and keeps its own rules",
    "seal": "what was sealed is as it was sealed",
    "text": "source texts are those that offsets refer to",
    "anchor": "passages and quotations stand at their places",
    "positions": "the table of positions says what the tables say that it is made of",
    "conformance": "frictionless finds nothing either",
    "internal": "no check failed for a reason of its own",
}
# These say nothing about the rows: rules of meaning may still be run
_HARMLESS = {"hash", "row-count", "line-ends", "final-newline", "not-normalised", "undocumented"}
MOST_LISTED = 200  # findings of a rule in a table; who has more mends their one cause
_MOST_HINTS = 50  # nearest names searched in one validation, each some milliseconds
_MOST_NAMES = 2000  # that one is searched among
_LONGEST_VALUE = 200  # characters shown


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


@dataclass(frozen=True)
class Fault:
    """What a check found wrong; a row is given by its key, or by its number in the table."""

    table: str
    row: str | int = ""
    column: str = ""
    value: object = ""
    _: KW_ONLY
    message: str
    remedy: str


@dataclass
class Check:
    """A validation under way: the package, its findings so far, and what could not be checked."""

    descriptor: Descriptor
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    text: dict[str, pd.DataFrame] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    _rule_at: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _listed: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lines: dict[str, list[int]] = field(default_factory=dict)
    _hints: int = 0

    @property
    def home(self) -> Path:
        """The folder of the package."""
        return self.descriptor.home

    @cached_property
    def book(self) -> Codebook:
        """The codebook of the package."""
        return Codebook.read(self.home / self.descriptor.content.get("codebook", CODEBOOK))

    @property
    def has_codebook(self) -> bool:
        """Whether the package has a codebook."""
        return self.descriptor.has_codebook

    @cached_property
    def modules(self) -> set[str]:
        """The modules of the contract that the package uses."""
        return {*self.descriptor.modules}

    def add(self, rule: str, fault: Fault) -> None:
        """Add a finding, unless another stands at its cell already, or at its whole column."""
        table, column = fault.table, fault.column
        if self._listed[rule, table] >= MOST_LISTED:
            self._listed[rule, table] += 1
            return
        row_id = self.row_id(table, fault.row) if isinstance(fault.row, int) else fault.row
        at_cell = row_id and (table, row_id, column) in self._rule_at
        if at_cell or self._rule_at.get((table, "", column), rule) != rule:
            return
        if rule not in _HARMLESS:
            self.broken.add(table)
            if row_id or column:
                self._rule_at[table, row_id, column] = rule
        self._listed[rule, table] += 1
        value = "" if fault.value is None or fault.value is pd.NA else str(fault.value)
        self.findings.append(
            Finding(
                table, row_id, column, value[:_LONGEST_VALUE], rule, fault.message, fault.remedy
            )
        )

    def add_all(self, rule: str, faults: Iterable[Fault]) -> None:
        """Add findings of one rule."""
        for fault in faults:
            self.add(rule, fault)

    def count_unlisted(self) -> None:
        """Say of which kinds there are more findings than are listed."""
        for (rule, table), count in self._listed.items():
            if count > MOST_LISTED:
                message = f"{count - MOST_LISTED:,} more findings of this rule are not listed."
                remedy = "Mend the cause of those that are, and validate again."
                self.findings.append(Finding(table, "", "", "", rule, message, remedy))

    def hint(self, word: str, known: Iterable[str]) -> str:
        """Say which known name may be meant, as long as that does not take long."""
        names = list(known)
        self._hints += 1
        if len(names) > _MOST_NAMES or self._hints > _MOST_HINTS:
            return f"there are {len(names):,} to choose from"
        return did_you_mean(word, names)

    def dirty(self, table: str) -> bool:
        """Whether a table has findings that rules of meaning would stumble over."""
        return table in self.broken

    def clean(self, *tables: str) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through tables as text, all or those named, that are there and without findings."""
        for table in tables or [*self.text]:
            if table in self.text and not self.dirty(table):
                yield table, self.text[table]

    def row_id(self, table: str, row: int) -> str:
        """Return the primary key of a row, or its line number."""
        frame, key = self.text.get(table), self.descriptor.key(table)
        if frame is not None and key and 0 <= row < len(frame):
            return ", ".join(str(frame[column].array[row]) for column in key)
        lines = self._lines_of(table)
        return f"line {lines[row] if 0 <= row < len(lines) else row + 2}"

    def _lines_of(self, table: str) -> list[int]:
        if table not in self._lines:
            is_read = table in self.content
            content = self.content.get(table, b"")
            self._lines[table] = self.descriptor.lines(table, content) if is_read else []
        return self._lines[table]

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table with its types; only called for tables without findings."""
        if table not in self._frames:
            self._frames[table] = self.descriptor.read_table(table, self.text[table])
        return self._frames[table]


def run_part(check: Check, name: str, part: Callable[[Check], None]) -> None:
    """Run a part of the validation; a fault of our own must not hide what the other parts find."""
    try:
        part(check)
    except Exception as fault:
        what = f"{type(fault).__name__}: {' '.join(str(fault).split())[:500]}"
        message = f"The check {name!r} failed: {what}"
        remedy = "Please report it; the other checks were run."
        check.findings.append(Finding("", "", "", "", "internal", message, remedy))


@dataclass(frozen=True, eq=False, repr=False)
class Findings(FormerFrame):
    """Everything that is wrong with a package, and what could not be checked; see `validate`."""

    table: pd.DataFrame
    not_checked: list[str]

    @classmethod
    def of(cls, findings: Iterable[Finding], not_checked: Iterable[str]) -> Findings:
        """Return findings as a table that any file can hold."""
        rows = [[_writable(getattr(f, column)) for column in COLUMNS] for f in findings]
        table = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
        return cls(table, [_writable(line) for line in not_checked])

    @property
    def is_valid(self) -> bool:
        """Whether nothing was found."""
        return not len(self)

    def __len__(self) -> int:
        """Count the findings."""
        return len(self.table)

    def __repr__(self) -> str:
        """Say how many findings there are."""
        text = "Valid: no findings" if self.is_valid else _counted(len(self), "finding")
        unchecked = f"; {len(self.not_checked)} not checked" if self.not_checked else ""
        return f"{text}{unchecked}."

    def _repr_html_(self) -> str:
        unchecked = "".join(f"<p>not checked: {escape(line)}</p>" for line in self.not_checked)
        table = "" if self.is_valid else self.table.to_html(index=False)
        return f"<p>{escape(repr(self))}</p>{table}{unchecked}"

    def summary(self) -> str:
        """Say how many findings there are of each rule, and what could not be checked."""
        rules = self.table["rule"].value_counts(sort=True)
        lines = [repr(self), *(f"{rule}: {count}" for rule, count in rules.items())]
        return "\n".join([*lines, *(f"not checked: {line}" for line in self.not_checked)])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _writable(text: str) -> str:
    """Return text with what no file can hold, as of names that are no text, written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
