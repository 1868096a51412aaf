"""Which desk a coder is given: the training until it is passed, the round, the look back."""

from __future__ import annotations

from stancepack.project.coders import require_role
from stancepack.project.project import Project
from stancepack.project.rounds import Round, Selection, round_for_coder
from stancepack.workbench.coding import CodingDesk
from stancepack.workbench.desk import Desk
from stancepack.workbench.journal import Journal
from stancepack.workbench.overruled import OverruledDesk
from stancepack.workbench.training import TrainingDesk


def coder_desk(
    project: Project,
    journal: Journal,
    coder: str,
    round_name: str = "",
    selection: Selection | None = None,
) -> Desk:
    """Return what a coder finds on the own page: the round to code, or a look back at those sealed.

    Parameters
    ----------
    project
        The project as it is now.
    journal
        Where entries are kept.
    coder
        Id of the coder.
    round_name
        Name of the round; if empty, the one under way or, where it is sealed, the last.
    selection
        For a round that this coder starts: which units it has; all if None.
    """
    require_role(project.coders, coder, "coder")
    own = [coding_round for coding_round in project.rounds.values() if not coding_round.of]
    meant = project.rounds.get(round_name) if round_name else own[-1] if own else None
    if meant is not None and coder in meant.sheets:
        return OverruledDesk(project, coder)
    return coding_desk(project, journal, coder, round_name, selection)


def coding_desk(
    project: Project,
    journal: Journal,
    coder: str,
    round_name: str,
    selection: Selection | None = None,
) -> CodingDesk:
    """Return the desk at which a coder trains or codes; parameters are those of `coder_desk`."""
    require_role(project.coders, coder, "coder")
    name = round_name or round_for_coder(project, coder)  # nobody trains for a round that is none
    record = project.training_round
    if project.training is not None and (record is None or coder not in record.sheets):
        return TrainingDesk(project, journal, coder, Round.TRAINING)
    return CodingDesk(project, journal, coder, name, selection)
