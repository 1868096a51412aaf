"""Sources: ``seeds/sources.bib`` read as the table of sources."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stancepack.errors import StancepackError
from stancepack.files.reading import read_text
from stancepack.files.tables import Row, clean_cell

if TYPE_CHECKING:
    from bibtexparser.library import Library

# columns of the table that are fields of an entry as they stand
_FIELDS = (
    *("title", "author", "url", "licence", "redistributable", "language", "translator"),
    *("sha256", "length", "access", "note"),
)
_CONTAINERS = ("journal", "journaltitle", "booktitle")  # what programs call the same thing
_ADDRESSES = ("url", "doi")  # in which signs of LaTeX are signs
_ESCAPED = re.compile(r"\\([%_&#$~{}])")
_RESOLVER = re.compile(r"(https?://(dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_sources(path: Path) -> list[Row]:
    """Read the bibliography of a project as rows of the table ``sources``.

    Accents and signs of LaTeX become the letters they stand for; a date may be a field ``date`` in
    EDTF, or ``year``, ``month`` and ``day``.

    Raises
    ------
    StancepackError
        If the file is missing, or an entry cannot be read, is there twice, or has a year that is
        none.
    """
    from bibtexparser.entrypoint import parse_string

    text = read_text(path).removeprefix("\ufeff").replace("\r\n", "\n")
    logging.getLogger("bibtexparser").setLevel(logging.ERROR)
    library = parse_string(text)
    if library.failed_blocks:
        block = library.failed_blocks[0]
        key = getattr(block, "key", None)
        what = f"the key {key!r} is there twice; keep one." if key else _UNREADABLE
        raise StancepackError(f"{path}, line {(block.start_line or 0) + 1}: {what}")
    decoded = _decoded(library)
    rows = []
    for entry in library.entries:
        fields = {
            field.key.lower(): _plain(field.key.lower(), str(field.value)) for field in entry.fields
        }
        fields |= decoded[entry.key]
        rows.append(
            {column: fields.get(column, "") for column in _FIELDS}
            | {"source_id": entry.key, "type": entry.entry_type.lower()}
            | {"container": _container(fields), "doi": _RESOLVER.sub("", fields.get("doi", ""))}
            | {"date": _date(fields, f"{path}, {entry.key}")}
        )
    return rows


_UNREADABLE = "this entry cannot be read as BibTeX."


def _plain(name: str, value: str) -> str:
    """Return a field without the braces that group it, and an address without escapes."""
    if name in _ADDRESSES:
        value = _ESCAPED.sub(r"\1", value)
    return clean_cell(re.sub(r"[{}]", "", value))


def _decoded(library: Library) -> dict[str, dict[str, str]]:
    """Return the fields that have commands of LaTeX as the text they stand for, by entry."""
    from bibtexparser.library import Library
    from bibtexparser.middlewares import LatexDecodingMiddleware
    from bibtexparser.model import Block, Entry, Field

    entries: list[Block] = []
    for entry in library.entries:
        # a percent sign would begin a comment
        commands = [
            Field(field.key.lower(), re.sub(r"(?<!\\)%", r"\\%", str(field.value)))
            for field in entry.fields
            if "\\" in str(field.value) and field.key.lower() not in _ADDRESSES
        ]
        entries.append(Entry(entry.entry_type, entry.key, commands))
    decoded = LatexDecodingMiddleware(keep_math_mode=False).transform(Library(entries))
    return {
        entry.key: {field.key: clean_cell(str(field.value)) for field in entry.fields}
        for entry in decoded.entries
    }


def _container(fields: Mapping[str, str]) -> str:
    """Return where something was published: journal or book, volume and number."""
    container = next((fields[name] for name in _CONTAINERS if fields.get(name)), "")
    number = fields.get("number") or fields.get("issue")
    if fields.get("volume"):
        container += f" {fields['volume']}" + (f"({number})" if number else "")
    return container


def _date(fields: Mapping[str, str], where: str) -> str:
    """Return the date of an entry in EDTF; a month that is none, such as spring, is left out."""
    if fields.get("date") or not fields.get("year"):
        return fields.get("date", "")
    year, month, day = (fields.get(part, "") for part in ("year", "month", "day"))
    if not re.fullmatch(r"\d{4}", year, re.ASCII):
        what = f"year {year!r} is none; write date = {{…}} in EDTF, such as 2007~, or leave it out."
        raise StancepackError(f"{where}: {what}")
    if month.isdecimal() and 1 <= int(month) <= len(_MONTHS):
        number = int(month)
    elif month[:3].lower() in _MONTHS:
        number = _MONTHS.index(month[:3].lower()) + 1
    else:
        return year
    in_month = f"{year}-{number:02}"
    return f"{in_month}-{int(day):02}" if day.isdecimal() and 1 <= int(day) <= 31 else in_month
