"""Bytes of the files, and the form of the tables."""

from __future__ import annotations

import csv
import io
import unicodedata

from stancepack.dataset.contract import CONTRACT
from stancepack.errors import StancepackError
from stancepack.files.passages import fingerprint
from stancepack.files.reading import read_bytes
from stancepack.validation.findings import Check

# bytes


def check_bytes(check: Check) -> None:
    """Check that every file is readable text of the declared form, and the one that was built."""
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
            message = (
                f"The descriptor counts other rows than the file has, {len(check.text[table])}."
            )
            check.add(
                "row-count",
                table,
                "",
                "",
                stamps["rows"],
                message,
                "Run `stancepack build`, which counts them.",
            )
    home = check.home.resolve()
    named = {descriptor.file(table).resolve() for table in descriptor.tables}
    for folder in sorted(
        {path.parent for path in named if path.parent not in (home, *home.parents)}
    ):
        for path in sorted(folder.glob("*")):
            # the file of a table that the descriptor lacks is no stray: the table is the finding
            if (
                path.resolve() not in named
                and path.name != "README.md"
                and path.stem not in {*CONTRACT} - {*descriptor.tables}
            ):
                where = path.relative_to(home).as_posix()
                message = f"No table names the file {where}."
                check.add(
                    "stray-file", "", "", "", where, message, "Remove it, or declare it as a table."
                )


def _decoded(check: Check, table: str) -> str | None:
    """Return the text of a table's file, or None if it is not to be had; say what is wrong with its bytes."""
    path = check.descriptor.file(table)

    def add(rule: str, line: int, value: str, message: str, remedy: str) -> None:
        check.add(rule, table, f"line {line}" if line else "", "", value, message, remedy)

    def line_of(position: int) -> int:
        return data.count(b"\n", 0, position) + 1

    try:
        data = read_bytes(path)
    except StancepackError as error:
        why = str(error).removeprefix(f"{path}: ").removeprefix("the file ").rstrip(".")
        add(
            "missing-file",
            0,
            path.name,
            f"The file {why}.",
            "Restore it, or run `stancepack build`.",
        )
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        value = f"byte {data[error.start]:02X}"
        add(
            "encoding",
            line_of(error.start),
            value,
            "The file is not UTF-8.",
            "Save it again with the encoding UTF-8.",
        )
        return None
    if not text.strip():
        add(
            "empty-file",
            0,
            path.name,
            "The file is empty.",
            "A table without rows has its header; build again.",
        )
        return None
    if text.startswith("\ufeff"):
        add(
            "byte-order-mark",
            1,
            "EF BB BF",
            "The file begins with a byte order mark.",
            "Save as UTF-8 without BOM.",
        )
        return None
    if "\x00" in text:
        add(
            "control-character",
            line_of(data.index(0)),
            "NUL",
            "The file has a NUL character.",
            "Remove it.",
        )
        return None
    if "\r" in text:
        add(
            "line-ends",
            line_of(data.index(b"\r")),
            "CR",
            "Lines end in CR or CR LF.",
            "Save with LF line ends.",
        )
    elif not text.endswith("\n"):
        add(
            "final-newline",
            text.count("\n") + 1,
            "",
            "The last line has no line end.",
            "End the file with a line feed.",
        )
    if not unicodedata.is_normalized("NFC", text):
        line = next(
            n
            for n, line in enumerate(text.split("\n"), 1)
            if not unicodedata.is_normalized("NFC", line)
        )
        add(
            "not-normalised",
            line,
            "",
            "Letters and accents are not joined (NFC).",
            "Normalise the text to NFC.",
        )
    return text


def _is_table(check: Check, table: str, text: str) -> bool:
    """Tell whether a text is a table with the declared columns; say what is wrong with its form."""
    columns = check.descriptor.columns(table)

    def wrong(rule: str, line: int, column: str, value: str, message: str, remedy: str) -> bool:
        check.add(rule, table, f"line {line}", column, value, message, remedy)
        return False

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = [(row, reader.line_num) for row in reader]
    except csv.Error as error:
        return wrong(
            "not-csv",
            reader.line_num,
            "",
            "",
            f"The line cannot be read as CSV: {error}.",
            "Quote it as CSV asks.",
        )
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
                return wrong(
                    "missing-column", 1, column, "", f"The column {column!r} is missing.", remedy
                )
        for place, column in enumerate(header):
            if column not in columns or column in header[:place]:
                return wrong(
                    "extra-column", 1, column, "", f"The column {column!r} is not declared.", remedy
                )
        return wrong(
            "column-order",
            1,
            "",
            ",".join(header),
            "The columns are not in the declared order.",
            remedy,
        )
    for row, line in records:
        if not any(row):
            return wrong("blank-row", line, "", "", "The row is blank.", "Remove it.")
        if len(row) != len(columns):
            message = f"The row has {len(row)} cells where the header has {len(columns)}."
            return wrong(
                "ragged-row",
                line,
                "",
                ",".join(row),
                message,
                "Quote cells that have commas; give each its place.",
            )
    return True
