"""Which desk somebody is given: the training until it is passed, then the round."""

from __future__ import annotations

from stancepack.project.coders import require_role
from stancepack.project.project import Project
from stancepack.project.rounds import Round, round_for_coder
from stancepack.workbench.coding import CodingDesk
from stancepack.workbench.journal import Journal
from stancepack.workbench.training import TrainingDesk


def coding_desk(project: Project, journal: Journal, coder: str, round_name: str) -> CodingDesk:
    """Return the desk of a coder.

    Parameters
    ----------
    project
        The project as it is now.
    journal
        Where entries are kept.
    coder
        Id of the coder.
    round_name
        Name of the round; the one under way if empty.
    """
    require_role(project.coders, coder, "coder")
    record = project.training_round
    if project.training is not None and (record is None or coder not in record.sheets):
        return TrainingDesk(project, journal, coder, Round.TRAINING)
    return CodingDesk(project, journal, coder, round_name or round_for_coder(project, coder))
