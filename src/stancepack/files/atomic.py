"""Writing files whole or not at all, several files in one step, and finishing a step cut short.

A step writes every file beside its place first, then a journal that says which goes where, then
moves them, then removes the journal. Cut short before the journal stands, it has not happened;
after that, `finish` completes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EINVAL, EISDIR
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError
from stancepack.files.reading import read_bytes

JOURNAL = ".stancepack-journal"
_STAGED = re.compile(r"\.(?P<pid>\d+)(?:-[0-9a-f]{16})?\.part")
_DAY = 86_400  # no write takes a day: a staged file that old has lost its process
_living: set[Path] = set()  # the staged files of this process


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: to a temporary neighbour, then in its place."""
    with writing(path, content):
        pass


@contextmanager
def writing(path: Path, content: str | bytes) -> Iterator[None]:
    """Write a file after what is done inside the block; if either fails, the file is as it was."""
    with _staging([path]) as staged:
        _stage(path, content, staged[path])
        yield
        _replace(staged[path], path)
    _sync_folders([path])


def write_new(path: Path, content: str | bytes) -> None:
    """Write a file that is not there yet; what somebody may have filled is never overwritten.

    Raises
    ------
    StancepackError
        If the file is there with other content.
    """
    refuse_overwriting(path, content)
    if not path.exists():
        write(path, content)


def refuse_overwriting(path: Path, content: str | bytes) -> None:
    """Refuse a file that is there with other content: somebody may have filled it.

    Raises
    ------
    StancepackError
        If it is.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if os.path.lexists(path) and read_bytes(path) != data:
        what = "is there already, and may hold somebody's work; name another file, or move it away."
        raise StancepackError(f"{path}: {what}")


def write_all(files: Mapping[Path, str | bytes], root: Path) -> None:
    """Write files below a folder all or none; whoever else may write there has to be locked out.

    Parameters
    ----------
    files
        Paths and what they are to hold.
    root
        The folder below which all lie, and in which the journal stands meanwhile.

    Raises
    ------
    StancepackError
        If a path leads out of the folder, or an earlier write has to be finished first.
    OSError
        If a file cannot be written. If it has a journal already, `finish` completes the step later;
        else nothing has changed.
    """
    contents = {_inside(path, root): content for path, content in files.items()}
    if len(contents) < len(files):
        raise StancepackError(f"{root}: two of the paths to be written are the same file.")
    if interrupted(root):
        raise _unfinished(root)
    with _staging(contents) as staged:
        hashes = {path: _stage(path, contents[path], staged[path]) for path in contents}
        _sync_folders(contents)
        _write_journal(root, staged, hashes)
        # from here on the staged files belong to the journal
        _living.difference_update(staged.values())
        _complete(root, _entries(root) or [])


def interrupted(root: Path) -> bool:
    """Tell whether a write of several files below a folder is under way or was cut short."""
    return os.path.lexists(root / JOURNAL)


def finish(root: Path) -> list[Path]:
    """Complete a write that was cut short, and remove what stopped writes have left behind.

    Whoever else may write below the folder has to be locked out. Doing it again does no harm.

    Returns
    -------
    list of pathlib.Path
        The files that could not be completed, as what was to be written there is gone.
    """
    lost: list[Path] = []
    if interrupted(root):
        entries = _entries(root)
        if entries is None:  # cut short while the journal was written: nothing was moved yet
            (root / JOURNAL).unlink(missing_ok=True)
        else:
            lost = _complete(root, entries)
    for part in _left_behind(root):
        with suppress(OSError):  # a folder that we may not write to keeps it
            part.unlink()
    return lost


def _unfinished(root: Path) -> StancepackError:
    return StancepackError(
        f"{root}: a write is under way or was interrupted; `stancepack build` completes it."
    )


@contextmanager
def _staging(paths: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """Give each path a name for its temporary neighbour; on failure remove what was made."""
    token = f".{os.getpid()}-{secrets.token_hex(6)}"
    staged = {path: path.with_name(f"{token}{n:04x}.part") for n, path in enumerate(paths)}
    folders: list[Path] = []
    _living.update(staged.values())
    try:
        for path in staged:
            with _naming(path):
                folders += _make_folders(path.parent)
        yield staged
    except BaseException:
        for part in _living.intersection(staged.values()):
            with suppress(OSError):  # its folder could not be made
                part.unlink()
        for folder in reversed(folders):
            with suppress(OSError):  # not empty: it is needed
                folder.rmdir()
        raise
    finally:
        _living.difference_update(staged.values())


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the ones that were not there, the highest first."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an error of the system name the file that was meant, not its temporary neighbour."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def _stage(path: Path, content: str | bytes, part: Path) -> str:
    """Write content beside its place, onto the disk; return its SHA-256."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    with _naming(path):
        old = _old_status(path)
        mode = 0o666 if old is None else stat.S_IMODE(old.st_mode)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(part, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if old is not None:
            if hasattr(os, "chown"):
                with suppress(OSError):  # only members of the group may keep it
                    os.chown(part, -1, old.st_gid)
            part.chmod(mode)
    return hashlib.sha256(data).hexdigest()


def _old_status(path: Path) -> os.stat_result | None:
    """Return the status of the file to be replaced, or None; refuse what should not be replaced."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(EISDIR, "is a folder", str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(EINVAL, "is no regular file", str(path))
    # a file that is held open by another program, or may not be changed, is noticed before any is
    path.open("r+b").close()
    return status


def _replace(part: Path, path: Path) -> None:
    with _naming(path):
        part.replace(path)


def _inside(path: Path, root: Path) -> Path:
    """Return where a path leads, links followed; refuse what is not below the root."""
    home = Path(os.path.realpath(root))
    target = Path(os.path.realpath(path))
    if home not in target.parents:
        raise StancepackError(f"{path}: leads out of {root}; nothing is written there.")
    if target == home / JOURNAL:
        raise StancepackError(f"{path}: this name is kept for unfinished writes; use another.")
    return target


def _sync_folders(paths: Iterable[Path]) -> None:
    """Bring the names in the folders of some files onto the disk, where the system can."""
    if os.name == "nt":
        return
    for folder in {path.parent for path in paths}:
        with _naming(folder):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _write_journal(root: Path, staged: dict[Path, Path], hashes: dict[Path, str]) -> None:
    """Write down which staged file goes where; a journal that is not whole counts as none."""
    home = Path(os.path.realpath(root))
    entries = [
        [path.relative_to(home).as_posix(), part.name, hashes[path]]
        for path, part in staged.items()
    ]
    journal = home / JOURNAL
    try:
        with _naming(journal), journal.open("xb") as file:
            try:
                file.write(json.dumps({"files": entries}).encode())
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                journal.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise _unfinished(root) from None
    _sync_folders([journal])


def _entries(root: Path) -> list[tuple[Path, Path, str]] | None:
    """Read the journal: each file, its staged content and hash; None if it is not whole."""
    try:
        content: Any = json.loads(read_bytes(root / JOURNAL))
        entries = [(str(path), str(part), str(sha)) for path, part, sha in content["files"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    # a journal that came with somebody's package moves nothing but staged files, and none outside
    try:
        targets = [(_inside(root / path, root), part, sha) for path, part, sha in entries]
    except StancepackError:
        return None
    if not all(_STAGED.fullmatch(part) for _, part, _ in entries):
        return None
    return [(path, path.with_name(part), sha) for path, part, sha in targets]


def _complete(root: Path, entries: list[tuple[Path, Path, str]]) -> list[Path]:
    """Move what is staged in its place, then remove the journal; return what is gone."""
    lost = []
    for path, part, sha256 in entries:
        if _holds(part, sha256):
            _replace(part, path)
        elif not _holds(path, sha256):
            lost.append(path)
    _sync_folders(path for path, _, _ in entries if path.parent.is_dir())
    with _naming(root / JOURNAL):
        (root / JOURNAL).unlink(missing_ok=True)
    _sync_folders([root / JOURNAL])
    return lost


def _holds(path: Path, sha256: str) -> bool:
    """Tell whether there is a file with this content."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _left_behind(root: Path) -> Iterator[Path]:
    """Go through the staged files of processes that are no more."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            staged = _STAGED.search(name)
            part = Path(folder, name)
            if staged and staged.end() == len(name) and not _is_owned(part, int(staged["pid"])):
                yield part


def _is_owned(part: Path, pid: int) -> bool:
    """Tell whether a living write still needs a staged file."""
    if pid == os.getpid():
        return part in _living
    try:
        return _is_alive(pid) and time.time() - part.lstat().st_mtime < _DAY
    except OSError:
        return True  # gone meanwhile


def _is_alive(pid: int) -> bool:
    if os.name == "nt":  # where asking could end the process
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
