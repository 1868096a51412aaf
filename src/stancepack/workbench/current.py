"""The project as its files are now, read once for all who work at one workbench."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from stancepack.project.project import Project

_FOLDERS = ("coding", "seeds", "texts")  # what a desk is made of
Stamp = tuple[str, int, int]


class CurrentProject:
    """A project that is read anew only once a file of it has changed.

    Two hundred desks then share what was read, and a desk that is opened later sees the rounds,
    seals and people of that moment.

    Parameters
    ----------
    home
        Folder of the project.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.workbench.current import CurrentProject
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     current = CurrentProject(sp.new_project(folder).home)
    ...     current.read() is current.read()
    True
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._stamps: list[Stamp] = []
        self._project = Project(home)
        self._reading = threading.Lock()

    def read(self) -> Project:
        """Return the project as it is now."""
        with self._reading:
            stamps = sorted(self._stamped())
            if stamps != self._stamps:
                self._stamps, self._project = stamps, Project(self.home)
            return self._project

    def _stamped(self) -> Iterator[Stamp]:
        """Go through the files with their sizes and when they were written."""
        for folder in _FOLDERS:
            for path in (self.home / folder).rglob("*"):
                try:
                    status = path.stat()
                except OSError:  # it is being replaced, and will be another one
                    continue
                yield str(path), status.st_mtime_ns, status.st_size
