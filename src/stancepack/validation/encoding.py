"""Bytes of the files, and the form of the tables."""

from __future__ import annotations

import codecs
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePath

from stancepack.dataset import contract
from stancepack.dataset.cells import read_cells
from stancepack.errors import StancepackError
from stancepack.files.dialect import Dialect, UnreadableRecord
from stancepack.files.reading import as_utf8, read_bytes
from stancepack.files.tables import DELIMITERS, without_case
from stancepack.validation.findings import Check, Fault

_BLOCK = 1 << 20  # bytes
Found = tuple[str, Fault]  # rule, and what is wrong


def check_files(check: Check) -> None:
    """Check that every file is readable text of the declared form, and the one that was built."""
    for table in check.descriptor.tables:
        _check_file(check, table)
    for fault in _strays(check):
        check.add("stray-file", fault)


def _check_file(check: Check, table: str) -> None:
    n_before = len(check.findings)
    content = None if any(check.descriptor.refusals(table)) else _readable(check, table)
    if content is None:
        check.broken.add(table)
        return
    dialect, path = check.descriptor.dialect(table), check.descriptor.file(table)
    text = as_utf8(content, path, dialect.encoding)
    cells = read_cells(text, check.descriptor.columns(table), dialect)
    if cells is None:
        faults = [*_form_faults(check, table, text.decode("utf-8"))]
        for rule, fault in faults:
            check.add(rule, fault)
        if faults or check.dirty(table):
            check.broken.add(table)
            return
        cells = check.descriptor.read_cells(table, content)  # of a form that is declared
    check.text[table] = cells
    check.content[table] = content
    if len(check.findings) == n_before:
        for rule, fault in _stamp_faults(check, table, content):
            check.add(rule, fault)


def _readable(check: Check, table: str) -> bytes | None:
    """Return the bytes of a table's file if they can be read, and say what is wrong with them."""
    path = check.descriptor.file(table)
    try:
        content = read_bytes(path)
    except StancepackError as error:
        why = str(error).removeprefix(f"{path}: ").removeprefix("the file ").rstrip(".")
        remedy = "Restore it, or run `stancepack build`."
        fault = Fault(table, value=path.name, message=f"The file {why}.", remedy=remedy)
        check.add("missing-file", fault)
        return None
    is_readable = True
    for rule, fault in _byte_faults(table, path, content, check.descriptor.dialect(table)):
        check.add(rule, fault)
        is_readable = is_readable and rule in ("line-ends", "final-newline", "not-normalised")
    return content if is_readable else None


def _byte_faults(table: str, path: Path, content: bytes, dialect: Dialect) -> Iterator[Found]:
    """Go through what is wrong with bytes; what keeps them from being read comes last."""

    def fault(position: int | None, value: str, message: str, remedy: str) -> Fault:
        line = "" if position is None else f"line {_line_of(content, position)}"
        return Fault(table, line, value=value, message=message, remedy=remedy)

    if dialect.encoding != "utf-8":
        try:
            content = as_utf8(content, path, dialect.encoding)
        except StancepackError as error:
            message, _, remedy = str(error).removeprefix(f"{path}: ").partition("; ")
            found = f"The file cannot be read as declared: {message}."
            yield "encoding", fault(None, dialect.encoding, found, remedy.capitalize())
            return
    wrong, unjoined = _misencoded(content)
    if wrong is not None:
        value, remedy = f"byte {content[wrong]:02X}", "Save it again with the encoding UTF-8."
        yield "encoding", fault(wrong, value, "The file is not UTF-8.", remedy)
        return
    if (not content or content.isspace()) and dialect.has_header:
        remedy = "A table without rows has its header; build again."
        yield "empty-file", fault(None, path.name, "The file is empty.", remedy)
        return
    if content.startswith(codecs.BOM_UTF8):
        message, remedy = "The file begins with a byte order mark.", "Save as UTF-8 without BOM."
        yield "byte-order-mark", fault(0, "EF BB BF", message, remedy)
        return
    if (position := content.find(b"\0")) >= 0:
        message = "The file has a NUL character."
        yield "control-character", fault(position, "NUL", message, "Remove it.")
        return
    if (position := content.find(b"\r")) >= 0 and dialect.line_end == "\n":
        message = "Lines end in CR or CR LF."
        yield "line-ends", fault(position, "CR", message, "Save with LF line ends.")
    elif content and not content.endswith((b"\n", dialect.line_end.encode())):
        message, remedy = "The last line has no line end.", "End the file with a line feed."
        yield "final-newline", fault(len(content), "", message, remedy)
    if unjoined is not None:
        message, remedy = "Letters and accents are not joined (NFC).", "Normalise the text to NFC."
        yield "not-normalised", fault(unjoined, "", message, remedy)


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _misencoded(content: bytes) -> tuple[int | None, int | None]:
    """Return where bytes are not UTF-8, and where the first line begins that is not in NFC."""
    start, unjoined = 0, None
    while start < len(content):  # block by block, as text takes up to four times the room
        end = content.find(b"\n", start + _BLOCK) + 1 or len(content)
        try:
            text = content[start:end].decode("utf-8")
        except UnicodeDecodeError as error:
            return start + error.start, unjoined
        if unjoined is None and not unicodedata.is_normalized("NFC", text):
            unjoined = start
            for line in text.split("\n"):
                if not unicodedata.is_normalized("NFC", line):
                    break
                unjoined += len(line.encode("utf-8")) + 1
        start = end
    return None, unjoined


def _stamp_faults(check: Check, table: str, content: bytes) -> Iterator[Found]:
    """Compare a file with what the descriptor says of it."""
    stamps, n_rows = check.descriptor.resource(table), len(check.text[table])
    stamp, rows = stamps.get("hash"), stamps.get("rows")
    if not check.descriptor.is_as_stamped(table, content):
        message = "The file was changed since it was built."
        remedy = "Undo the change, or make it in seeds/ or coding/ and run `stancepack build`."
        yield "hash", Fault(table, value=stamp, message=message, remedy=remedy)
    elif rows not in (None, n_rows):
        message = f"The descriptor counts other rows than the file has, {n_rows}."
        remedy = "Run `stancepack build`, which counts them."
        yield "row-count", Fault(table, value=rows, message=message, remedy=remedy)


def _form_faults(check: Check, table: str, text: str) -> Iterator[Found]:
    """Say what is wrong with the form of a table that has not the declared one."""
    columns, dialect = check.descriptor.columns(table), check.descriptor.dialect(table)
    records, width = dialect.records(text), len(columns)
    try:
        if dialect.has_header:
            line, header = next(records, (1, []))
            if found := _header_fault(check, table, line, header):
                column = found[1].column
                is_lacking = column not in columns and contract.has_column(table, column)
                if found[0] != "extra-column" or not is_lacking:  # which is found already
                    yield found
                return
            width = len(header)
        for line, row in records:
            is_blank = dialect.is_blank(row)
            if dialect.skips_blank_rows if is_blank else len(row) == width:
                continue
            yield _row_fault(table, line, row, width, is_blank=is_blank)
            return
    except UnreadableRecord as error:
        message = f"The line cannot be read as CSV: {error}."
        where, remedy = f"line {error.line}", "Quote it as CSV asks."
        yield "not-csv", Fault(table, where, message=message, remedy=remedy)


def _row_fault(table: str, line: int, row: list[str], width: int, *, is_blank: bool) -> Found:
    """Say how a row has not the form of the table."""
    where = f"line {line}"
    if is_blank:
        return "blank-row", Fault(table, where, message="The row is blank.", remedy="Remove it.")
    message = f"The row has {len(row)} cells where the header has {width}."
    value, remedy = ",".join(row), "Quote cells that have commas; give each its place."
    return "ragged-row", Fault(table, where, value=value, message=message, remedy=remedy)


def _header_fault(check: Check, table: str, line: int, header: list[str]) -> Found | None:
    """Say how a header is not the declared one; nothing if it is one that is declared."""
    columns, dialect = check.descriptor.columns(table), check.descriptor.dialect(table)
    match, where = check.descriptor.fields_match(table), f"line {line}"
    header = header if dialect.keeps_case else without_case(header, columns)
    remedy = f"Columns as declared: {', '.join(columns)}."
    if len(header) == 1 < len(columns) and any(mark in header[0] for mark in ",;\t|"):
        sign = DELIMITERS.get(dialect.delimiter, repr(dialect.delimiter))
        message = f"The cells are not parted by {sign}."
        remedy = f"Save with {sign} between the cells, or declare the delimiter they have."
        fault = Fault(table, where, value=header[0], message=message, remedy=remedy)
        return "delimiter", fault
    for column in columns:
        if column not in header:
            message = f"The column {column!r} is missing."
            return "missing-column", Fault(table, where, column, message=message, remedy=remedy)
    for number, column in enumerate(header):
        is_extra = column not in columns and match not in ("subset", "partial")
        if is_extra or column in header[:number]:
            message = f"The column {column!r} is not declared."
            return "extra-column", Fault(table, where, column, message=message, remedy=remedy)
    if match == "exact" and header != columns:
        message, value = "The columns are not in the declared order.", ",".join(header)
        return "column-order", Fault(table, where, value=value, message=message, remedy=remedy)
    return None


def _strays(check: Check) -> Iterator[Fault]:
    """Go through the files beside tables that no table names."""
    descriptor = check.descriptor
    named = {os.path.normpath(descriptor.resource(table)["path"]) for table in descriptor.tables}
    # the file of a table that the descriptor lacks is no stray: the table is the finding
    lacking = {*contract.tables(descriptor.modules)} - {*descriptor.tables}
    for folder in sorted({PurePath(path).parent for path in named} - {PurePath()}):
        try:
            beside = sorted((check.home / folder).iterdir())
        except OSError:  # its tables are found missing
            continue
        for path in beside:
            where = (folder / path.name).as_posix()
            is_known = os.path.normpath(where) in named or path.name == "README.md"
            if is_known or path.stem in lacking:
                continue
            message, remedy = (
                f"No table names the file {where}.",
                "Remove it, or declare it as a table.",
            )
            yield Fault("", value=where, message=message, remedy=remedy)
