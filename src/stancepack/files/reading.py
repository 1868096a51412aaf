"""Reading a file that may be anything: only regular files, of bounded size, in words for people."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from stancepack.errors import StancepackError

# a table of ten million codes stays below this; what is larger was not meant for us
MOST_BYTES = 1 << 30


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a regular file whole.

    Parameters
    ----------
    path
        The file; a link to a regular file will do.
    most
        The largest size that is read, in bytes.

    Raises
    ------
    StancepackError
        If the file is missing, cannot be read, is too large, or is a folder, a pipe, a device or a
        socket, which might never end.
    """
    try:
        _regular(path, path.stat())  # opening a device can already do something
        # a pipe put in its place since then is opened without waiting, and refused
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            _regular(path, os.fstat(file.fileno()))
            content = file.read(most + 1)
    except FileNotFoundError:
        raise StancepackError(f"{path}: the file is missing.") from None
    except OSError as error:
        raise StancepackError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, MemoryError) as error:
        if isinstance(error, StancepackError):
            raise
        raise StancepackError(f"{str(path)!r}: cannot be read: {error}.") from None
    if len(content) > most:
        raise StancepackError(f"{path}: larger than {most / 1e6:,.0f} MB; is it the right file?")
    return content


def _regular(path: Path, status: os.stat_result) -> None:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    if not stat.S_ISREG(status.st_mode):
        kind = kinds.get(stat.S_IFMT(status.st_mode), "something else")
        raise StancepackError(f"{path}: should be a file, but is {kind}.")


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """Read a file of UTF-8 text, code point for code point: line ends and marks stay.

    Raises
    ------
    StancepackError
        As `read_bytes`, and if the file is not UTF-8.
    """
    return decoded(read_bytes(path, most), path)


def decoded(content: bytes, path: Path, encoding: str = "utf-8") -> str:
    """Return the text of a file's bytes, which should be of the encoding."""
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = content.count(b"\n", 0, start) + 1
        name, remedy = "UTF-8", "save the file again with the encoding UTF-8."
        if encoding != "utf-8":
            name, remedy = encoding, "declare the encoding that it has, or save it again as UTF-8."
        raise StancepackError(
            f"{path}: byte {start} (line {line}) is not {name}; {remedy}"
        ) from None


def as_utf8(content: bytes, path: Path, encoding: str) -> bytes:
    """Return the bytes of a file of some encoding as UTF-8; those of UTF-8 as they are.

    Raises
    ------
    StancepackError
        If the file is not of the encoding.
    """
    if encoding == "utf-8":
        return content
    text = decoded(content, path, encoding).removeprefix("\ufeff")
    try:
        return text.encode("utf-8")
    except UnicodeError:
        raise StancepackError(
            f"{path}: as {encoding} it holds half a surrogate pair; save it again as UTF-8."
        ) from None
