"""The coder's page in a notebook: the same page and the same journal, asked through the kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancepack.arguments import a_text
from stancepack.errors import StancepackError
from stancepack.project.coders import require_role
from stancepack.project.project import Project
from stancepack.workbench import pages
from stancepack.workbench.coding import CodingDesk
from stancepack.workbench.desk import EntryError, write
from stancepack.workbench.desks import coding_desk
from stancepack.workbench.journal import Journal, journal_of

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage


def code(
    study: StancePackage | Project | str | os.PathLike[str],
    coder: str,
    *,
    round_name: str = "",
    database: str = "",
) -> Any:
    """Show a coder's page in a notebook: the training until it is passed, then the round.

    It is the page of ``stancepack code``, with the same keys and the same journal: what is begun in
    one can be gone on with in the other. A code is on the disk before the next statement shows;
    what the kernel has not yet answered for is kept in the browser and sent again.

    Parameters
    ----------
    study
        The project, its folder, or a package that lies in it.
    coder
        Id of the coder in ``coding/coders.csv``.
    round_name
        Name of the round; the one under way if empty.
    database
        Address of a PostgreSQL database that several machines share; a file in the project if
        empty.

    Returns
    -------
    anywidget.AnyWidget
        The page, which a notebook shows.

    Raises
    ------
    StancepackError
        If the study is no project, the coder may not code in this round, or anywidget is not
        installed (``pip install 'stancepack[notebooks]'``).

    Examples
    --------
    In a notebook, ``sp.code("my-study", coder="ann")`` as the last line of a cell shows the page.
    Nobody codes where there is no project:

    >>> import tempfile
    >>> import stancepack as sp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sp.code(folder, coder="ann")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    stancepack.errors.StancepackError: ...: no project here or above (seeds/project.yaml); ...
    """
    home = _home(study)
    try:
        from anywidget import AnyWidget
    except ImportError:
        what = "a notebook shows the page with anywidget; pip install 'stancepack[notebooks]'."
        raise StancepackError(what) from None
    person, name = a_text("coder", coder), a_text("round_name", round_name)
    project = Project(home)
    require_role(project.coders, person, "coder")  # before a journal is made for nobody
    desk = NotebookDesk(home, journal_of(project, a_text("database", database)), person, name)
    page = type("CodingPage", (AnyWidget,), {"__module__": __name__, "_esm": pages.cell_script()})()
    page.on_msg(lambda _, message, buffers: page.send(desk.answer(message)))
    return page


class NotebookDesk:
    """A coder's desk, as the page in a notebook asks it: one message, one answer.

    Parameters
    ----------
    home
        Folder of the project.
    journal
        Where entries are kept.
    coder
        Id of the coder.
    round_name
        Name of the round; the one under way if empty.

    Raises
    ------
    StancepackError
        If the coder may not code in this round.
    """

    def __init__(self, home: Path, journal: Journal, coder: str, round_name: str) -> None:
        self.home, self.journal = home, journal
        self._coder, self._round_name = coder, round_name
        self._desk: CodingDesk | None = self._opened()

    def answer(self, message: Any) -> dict[str, Any]:
        """Return what the page is told: an answer, or a problem in words; never an exception."""
        message = message if isinstance(message, dict) else {}
        answer: dict[str, Any] = {"id": message.get("id")}
        try:
            answer["answer"] = self._answer(message.get("what"), message.get("content"))
        except StancepackError as error:
            answer["problem"] = str(error)
            if isinstance(error, EntryError):
                answer["entry"] = error.entry
        except OSError as error:
            answer["problem"] = f"{error.filename or self.home}: {error.strerror or error}"
        return answer

    def _answer(self, what: Any, content: Any) -> dict[str, Any]:
        if self._desk is None:
            self._desk = self._opened()
        if what == "state":
            return self._desk.state()
        if what == "entries":
            return write(self._desk, self.journal, content)
        if what == "close":
            desk, self._desk = (
                self._desk,
                None,
            )  # whatever comes of it, the next look is a fresh one
            return {"said": desk.close()}
        raise StancepackError(
            f"a page asks for its state, writes entries or closes, not {what!r:.40}."
        )

    def _opened(self) -> CodingDesk:
        return coding_desk(Project(self.home), self.journal, self._coder, self._round_name)


def _home(study: Any) -> Path:
    """Return the folder of the project that a study is, or lies in."""
    from stancepack.dataset.package import StancePackage

    if isinstance(study, Project):
        return study.home
    if isinstance(study, StancePackage | str | os.PathLike):
        start = study.home if isinstance(study, StancePackage) else study
        return Project.open(start).home.resolve()
    kind = type(study).__name__
    raise StancepackError(f"study is a project, its folder or a package in it, not {kind}.")
