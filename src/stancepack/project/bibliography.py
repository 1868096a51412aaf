"""Sources: ``seeds/sources.bib`` read as the table of sources."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from stancepack.errors import StancepackError
from stancepack.files.reading import read_text
from stancepack.files.tables import Row


def read_sources(path: Path) -> list[Row]:
    """Read the bibliography of a project as rows of the table ``sources``.

    Raises
    ------
    StancepackError
        If the file is missing or an entry cannot be read.
    """
    from bibtexparser.entrypoint import parse_string

    text = read_text(path).replace("\r\n", "\n")
    logging.getLogger("bibtexparser").setLevel(logging.ERROR)
    library = parse_string(text)
    if library.failed_blocks:
        block = library.failed_blocks[0]
        raise StancepackError(
            f"{path}, line {(block.start_line or 0) + 1}: this entry cannot be read as BibTeX."
        )
    rows = []
    for entry in library.entries:
        fields = {field.key: re.sub(r"[{}]", "", str(field.value)) for field in entry.fields}
        container = fields.get("journal", "")
        if fields.get("volume"):
            container += f" {fields['volume']}" + (
                f"({fields['number']})" if fields.get("number") else ""
            )
        rows.append(
            {column: fields.get(column, "") for column in _PLAIN}
            | {"source_id": entry.key, "type": entry.entry_type, "container": container}
        )
    return rows


_PLAIN = [
    "title",
    "author",
    "date",
    "url",
    "licence",
    "redistributable",
    "language",
    "translator",
    "sha256",
    "length",
    "access",
    "note",
]
