"""What differs between a fresh build and what is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import StancepackError
from stancepack.files.atomic import write
from stancepack.files.paths import DESCRIPTOR
from stancepack.files.reading import read_bytes
from stancepack.files.tables import Row, read_rows


def differences(home: Path, files: dict[str, str]) -> list[str]:
    """Compare what build would write with what is there, by row id."""
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        for path, content in files.items():
            write(fresh / path, content)
        new = Descriptor(fresh / DESCRIPTOR)
        for table in new.tables:
            path = home / new.resource(table)["path"]
            if not path.is_file():
                found.append(f"{table}: the file is missing")
            elif read_bytes(path) != files[new.resource(table)["path"]].encode("utf-8"):
                found += _row_differences(table, new, path) or [
                    f"{table}: same rows, other bytes (order, quoting, line ends)"
                ]
        for name, what in (
            (DESCRIPTOR, "codes, hashes or row counts"),
            ("data/README.md", "tables and columns"),
        ):
            file = home / name
            if not found and (
                not file.is_file() or read_bytes(file) != files[name].encode("utf-8")
            ):
                found.append(f"{name}: {what} are not those that build writes")
    return found


def _row_differences(table: str, new: Descriptor, old_path: Path) -> list[str]:
    key = new.key(table)

    def by_key(rows: Iterable[Row]) -> dict[str, Row]:
        return {", ".join(row.get(column, "") for column in key): row for row in rows}

    try:
        old = by_key(read_rows(old_path, key))
    except StancepackError as error:
        return [f"{table}: {error}"]
    fresh = by_key(read_rows(new.file(table), key))
    found = [
        f"{table}, {name}: there, but build does not make it" for name in old if name not in fresh
    ]
    found += [f"{table}, {name}: missing" for name in fresh if name not in old]
    for name in fresh:
        for column in fresh[name]:
            if name in old and old[name].get(column) != fresh[name][column]:
                found.append(
                    f"{table}, {name}, {column}: {old[name].get(column)!r}, built: {fresh[name][column]!r}"
                )
    return found
