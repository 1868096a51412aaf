"""Everything that can be wrong with a project before anybody codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.project.project import Project


def require_ready(project: Project) -> None:
    """Refuse a project in which something is wrong that would spoil a round.

    Raises
    ------
    StancepackError
        With everything that is wrong.
    """
    problems = project.codebook.problems()
    if problems:
        what = "mend the codebook before anybody codes."
        raise StancepackError(f"{project.codebook.path}: {what}\n" + "\n".join(problems))
