"""What differs between a fresh build and what is there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.files.reading import read_bytes
from stancepack.files.tables import Row, read_rows
from stancepack.project.project import Project
from stancepack.release.dictionary import DICTIONARY


def differences(project: Project, files: Mapping[str | Path, str | bytes]) -> list[str]:
    """Compare what a build would write with what is there, by row id."""
    lines: list[str] = []
    for resource in json.loads(files[DESCRIPTOR])["resources"]:
        name, built = resource["name"], _bytes(files[resource["path"]])
        path = project.path(resource["path"])
        if not path.is_file():
            lines.append(f"{name}: the file is missing")
        elif read_bytes(path) != built:
            key = resource["schema"]["primaryKey"]
            other_bytes = f"{name}: same rows, other bytes (order, quoting, line ends)"
            lines += _row_differences(name, key, built, path) or [other_bytes]
    for name, what in ((DESCRIPTOR, "columns, codes, hashes or row counts"), (DICTIONARY, "text")):
        path, built = project.path(name), _bytes(files[name])
        if not path.is_file():
            lines.append(f"{name}: the file is missing")
        elif not lines and read_bytes(path) != built:
            lines.append(f"{name}: {what} are not those that build writes")
    return lines


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def _row_differences(table: str, key: list[str], built: bytes, path: Path) -> list[str]:
    def by_key(rows: Iterable[Row]) -> dict[str, Row]:
        return {", ".join(row.get(column, "") for column in key): row for row in rows}

    try:
        rows = read_rows(path, key)
    except StancepackError as error:
        return [f"{table}: {error}"]
    reader = csv.DictReader(io.StringIO(built.decode("utf-8"), newline=""))
    old, new = by_key(rows), by_key(reader)
    columns = list(reader.fieldnames or [])
    there = list(rows[0]) if rows else columns  # without rows nothing tells them
    other = "build makes no such column"
    lines = [f"{table}, {name}: the column is missing" for name in columns if name not in there]
    lines += [f"{table}, {name}: {other}" for name in there if name not in columns]
    lines += [f"{table}, {row}: there, but build does not make it" for row in old if row not in new]
    lines += [f"{table}, {row}: missing" for row in new if row not in old]
    for row in new:
        for column, cell in new[row].items():
            if row in old and old[row].get(column, cell) != cell:
                was = old[row][column]
                lines.append(f"{table}, {row}, {column}: {was!r}, built: {cell!r}")
    return lines
