"""Findings, and a validation under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor
from stancepack.files.paths import CODEBOOK

COLUMNS = ["table", "row_id", "column", "value", "rule", "message", "remedy"]


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
class Check:
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
        """The folder of the package."""
        return self.descriptor.home

    @cached_property
    def book(self) -> Codebook:
        """The codebook of the package."""
        return Codebook.read(self.home / self.descriptor.content.get("codebook", CODEBOOK))

    def add(
        self,
        rule: str,
        table: str,
        row_id: str,
        column: str,
        value: object,
        message: str,
        remedy: str,
    ) -> None:
        """Add a finding, unless an earlier one stands at the same cell, or another fault at its whole column."""
        if (row_id and (table, row_id, column) in self.at) or self.at.get(
            (table, "", column), rule
        ) != rule:
            return
        if (row_id or column) and rule not in _HARMLESS:
            self.at[table, row_id, column] = rule
        if rule not in _HARMLESS:
            self.broken.add(table)
        shown = "" if value is None or value is pd.NA else str(value)[:200]
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


def run_part(check: Check, name: str, part: Callable[[Check], None]) -> None:
    """Run a part of the validation; a fault of our own must not hide what the other parts find."""
    try:
        part(check)
    except Exception as fault:
        message = f"The check {name!r} failed: {type(fault).__name__}: {' '.join(str(fault).split())[:500]}"
        check.found.append(
            Finding(
                "", "", "", "", "internal", message, "Please report it; the other checks were run."
            )
        )


def findings_frame(found: list[Finding], not_checked: list[str]) -> pd.DataFrame:
    """Return findings as a frame."""

    def words(part: object) -> str:
        # what is no text (half a surrogate pair of a file name) is written out
        return str(part).encode("utf-8", "backslashreplace").decode("utf-8")

    rows = [[words(getattr(finding, column)) for column in COLUMNS] for finding in found]
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    frame.attrs["not_checked"] = not_checked
    return frame
