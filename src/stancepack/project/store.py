"""The one door for writing into a project: a lock, and all files of a step at once."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stancepack.errors import StancepackError, StancepackWarning
from stancepack.files.atomic import finish, write_all

Content = str | bytes
Files = Mapping[str, Content] | Mapping[Path, Content] | Mapping[str | Path, Content]

LOCK = ".stancepack-lock"
_PATIENCE = 30.0  # seconds; the slowest command, a build, writes for a few
# members of a group that shares a project take turns with one lock file
_LOCK_MODE = 0o664


@dataclass(frozen=True)
class Store:
    """A project that nobody else writes to at the moment.

    Use `locked` to get one.

    Parameters
    ----------
    home
        The folder of the project.
    """

    home: Path

    def write(self, files: Files) -> None:
        """Write files of the project in one step: all or none.

        Parameters
        ----------
        files
            Paths, relative to the project or below it, and what they are to hold.

        Raises
        ------
        StancepackError
            If a path leads out of the project.
        OSError
            If a file cannot be written.
        """
        contents = {self.home / path: content for path, content in files.items()}
        if len(contents) < len(files):
            raise StancepackError(f"{self.home}: two of the paths to be written are the same file.")
        write_all(contents, self.home)


@contextmanager
def locked(home: str | os.PathLike[str]) -> Iterator[Store]:
    """Lock a project for reading, changing and writing it; complete a write that was cut short.

    What is read inside stays true until the end of the block: no other thread or process writes
    meanwhile. A block inside a block of the same thread is no hindrance. The lock of a process that
    dies is free again.

    Parameters
    ----------
    home
        The folder of the project.

    Raises
    ------
    StancepackError
        If somebody else has been writing for 30 seconds, or the folder cannot be locked.

    Examples
    --------
    >>> import tempfile
    >>> from stancepack.project.store import locked
    >>> with tempfile.TemporaryDirectory() as home, locked(home) as store:
    ...     store.write({"coding/notes.txt": "first"})
    ...     print((store.home / "coding" / "notes.txt").read_text())
    first
    """
    from filelock import FileLock, Timeout

    folder = Path(os.path.realpath(home))
    if not folder.is_dir():
        raise StancepackError(f"{home}: no such folder.")
    lock = FileLock(folder / LOCK, timeout=_PATIENCE, mode=_LOCK_MODE, is_singleton=True)
    is_inner = lock.is_locked
    try:
        lock.acquire()
    except Timeout:
        raise StancepackError(
            f"{folder}: another stancepack command or workbench, here or on a computer that shares "
            f"the folder, has been writing for {_PATIENCE:.0f} seconds; let it end, or stop it, "
            "and try again."
        ) from None
    except NotImplementedError:
        raise StancepackError(
            f"{folder}: this file system has no locks; work in a folder on your own disk."
        ) from None
    try:
        if not is_inner:
            _finish(folder)
        yield Store(folder)
    finally:
        lock.release()


def _finish(folder: Path) -> None:
    lost = finish(folder)
    if lost:
        names = ", ".join(path.relative_to(folder).as_posix() for path in lost)
        warnings.warn(
            f"{folder}: an earlier write was interrupted, and what it was to write is gone: "
            f"{names}. Look at these files, and run `stancepack build`.",
            StancepackWarning,
            stacklevel=4,
        )
