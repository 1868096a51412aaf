"""Writing files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from errno import EISDIR
from pathlib import Path


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: to a temporary neighbour, then in its place."""
    write_all({path: content})


def write_all(files: Mapping[Path, str | bytes]) -> None:
    """Write files all or none, as far as a file system can: first their temporary neighbours, then each in its place."""
    parts = {path: path.with_name(f"{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "is a folder", str(path))
            parts[path].write_bytes(
                content.encode("utf-8") if isinstance(content, str) else content
            )
        for path in files:
            if (
                path.exists()
            ):  # a file held open by another program is noticed before any is replaced
                path.open("r+b").close()
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
