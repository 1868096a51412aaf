"""Building the released tables: a pure function of ``seeds/`` and ``coding/``, without clock or network."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import StancepackError
from stancepack.files.atomic import write
from stancepack.files.passages import fingerprint
from stancepack.files.paths import CODEBOOK, DESCRIPTOR, find
from stancepack.files.tables import csv_text
from stancepack.project.store import locked
from stancepack.release.dictionary import dictionary
from stancepack.release.differences import differences
from stancepack.release.tables import POSITIONS, released_tables


def build(home: str | Path | None = None, *, check: bool = False) -> list[str]:
    """Build the released tables of a project and stamp their hashes and row counts into ``datapackage.json``.

    Parameters
    ----------
    home
        Folder of the project; the one at or above the current folder if None.
    check
        Change nothing: build in a temporary folder and compare with what is there.

    Returns
    -------
    list of str
        With `check`, the differences, by table and row; otherwise one line for each table.

    Raises
    ------
    StancepackError
        If something in ``seeds/`` or ``coding/`` is wrong or left to settle. Nothing is written
        then.
    """
    folder = find(home)
    if check:
        return differences(folder, _files(folder))
    with locked(folder) as store:
        files = _files(folder)
        store.write(files)
    descriptor = json.loads(files[DESCRIPTOR])
    return [f"{resource['path']}: {resource['rows']} rows" for resource in descriptor["resources"]]


def _files(home: Path) -> dict[str, str]:
    """Return every file that build writes, with its content."""
    descriptor = Descriptor(home / DESCRIPTOR)
    book = Codebook.read(home / CODEBOOK)
    problems = book.problems()
    if problems:
        raise StancepackError(
            f"{book.path}: the codebook breaks its own rules.\n" + "\n".join(problems)
        )
    tables = released_tables(home, book)
    content = descriptor.content
    files: dict[str, str] = {}
    for resource in content["resources"]:
        name, fields = resource["name"], resource["schema"]["fields"]
        if name not in tables:
            raise StancepackError(f"{descriptor.path}: build knows no table {name!r}.")
        columns = descriptor.columns(name)
        key = descriptor.key(name)
        rows = tables[name]
        if name != "issues":  # which keep the order of the codebook
            rows = sorted(rows, key=lambda row: [str(row[column]) for column in key])
        text = csv_text(columns, rows)
        files[resource["path"]] = text
        for field in fields:
            _stamp_codes(field, book)
        data = text.encode("utf-8")
        resource.update(rows=len(rows), bytes=len(data), hash=f"sha256:{fingerprint(text)}")
    files[DESCRIPTOR] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    with tempfile.TemporaryDirectory() as temporary:  # what could not be read again is not written
        write(Path(temporary) / DESCRIPTOR, files[DESCRIPTOR])
        Descriptor(Path(temporary) / DESCRIPTOR)
    files["data/README.md"] = dictionary(content)
    return files


def _stamp_codes(field: dict[str, Any], book: Codebook) -> None:
    """Write the codes of a field, from the codebook where it names an entry, both as categories and as enum."""
    named = field.get("codebook")
    if named == "position":
        field["categories"] = [{"value": code, "label": label} for code, label in POSITIONS.items()]
    elif named == "confidence":
        levels = sorted(book.content.get("confidence", {}).items())
        field["categories"] = [{"value": level, "label": label} for level, label in levels]
    elif named == "variables":
        field["categories"] = [
            {"value": name, "label": body["title"]} for name, body in book.variables.items()
        ]
    elif named in book.variables:
        codes = book[named]["codes"].items()
        field["categories"] = [{"value": code, "label": body["label"]} for code, body in codes]
    if "categories" in field:
        field.setdefault("constraints", {})["enum"] = [
            item["value"] for item in field["categories"]
        ]
        # constraints stay the last part of a field
        field["constraints"] = field.pop("constraints")
