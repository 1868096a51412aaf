"""What an adjudicator looked through, and how far each round is: coded, reviewed, settled.

Codes on which all coders of a round agree settle themselves; that somebody read them beside the
words is a step of its own. ``coding/reviewed.csv`` says of which statements, who, and when, with a
remark for the next codebook where the reviewer would have coded otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.passages import flat
from stancepack.files.tables import Row, clean_cell, csv_text, read_rows
from stancepack.project.coded import KEY, coded_cells
from stancepack.project.coders import require_role

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.project.project import Project
    from stancepack.project.rounds import Round

REVIEWED = "coding/reviewed.csv"
COLUMNS = ["round", "statement_id", "adjudicator", "reviewed", "remark"]
STATES = ("coded", "reviewed", "settled")


def read_reviewed(project: Project) -> dict[tuple[str, str], Row]:
    """Read of which statements the agreed codes were looked through, by round and statement.

    Raises
    ------
    StancepackError
        If a statement is there twice, or in a round that is none.
    """
    path = project.path(REVIEWED)
    reviewed: dict[tuple[str, str], Row] = {}
    for row in read_rows(path, COLUMNS) if path.exists() else []:
        key = row["round"], row["statement_id"]
        if key in reviewed:
            raise StancepackError(f"{path}: {', '.join(key)} is there twice; keep one row.")
        if key[0] not in project.rounds:
            hint = did_you_mean(key[0], project.rounds)
            raise StancepackError(f"{path}: there is no round {key[0]!r}; {hint}")
        reviewed[key] = row
    return reviewed


def confirm(project: Project, round_name: str, remarks: Mapping[str, str], adjudicator: str) -> int:
    """Write down that the agreed codes of some statements were looked through.

    Parameters
    ----------
    project
        The project.
    round_name
        Name of the round.
    remarks
        The statements, each with what the reviewer remarks for the next codebook, or nothing.
    adjudicator
        Id of who looked.

    Returns
    -------
    int
        How many statements are new; those that are reviewed already stay as they are.

    Raises
    ------
    StancepackError
        If the adjudicator is unknown or coded in that round, the round is not complete, or has no
        agreed codes of such a statement. Nothing is written then.
    """
    with project.locked() as fresh:
        require_settles(fresh, round_name, adjudicator)
        agreed = statements_with_agreed_codes(fresh, round_name)
        for unit in remarks:
            if unit not in agreed:
                hint = did_you_mean(unit, agreed)
                what = f"no agreed codes of {unit!r} are settled in {round_name}; {hint}"
                raise StancepackError(f"{REVIEWED}: {what}")
        reviewed = read_reviewed(fresh)
        before = len(reviewed)
        today = date.today().isoformat()
        for unit, remark in remarks.items():
            cells = (round_name, unit, adjudicator, today, clean_cell(flat(remark)))
            reviewed.setdefault((round_name, unit), dict(zip(COLUMNS, cells, strict=True)))
        if len(reviewed) > before:
            rows = [reviewed[key] for key in sorted(reviewed)]
            fresh.write({REVIEWED: csv_text(COLUMNS, rows)})
    return len(reviewed) - before


def require_settles(project: Project, round_name: str, adjudicator: str) -> Round:
    """Return a round, refusing whoever may not settle it.

    Raises
    ------
    StancepackError
        If the adjudicator is unknown or coded in it; if there is no such round, it is not complete,
        or codes another one again, which settles nothing.
    """
    require_role(project.coders, adjudicator, "adjudicator")
    coding_round = project.rounds.get(round_name)
    if coding_round is None:
        hint = did_you_mean(round_name, project.rounds)
        raise StancepackError(f"there is no round {round_name!r} to settle; {hint}")
    if coding_round.of:
        what = f"codes {coding_round.of} again and settles nothing; settle {coding_round.of}."
        raise StancepackError(f"round {round_name!r} {what}")
    if not coding_round.is_complete:
        what = "is not complete; it is settled when its coders have sealed it."
        raise StancepackError(f"round {round_name!r} {what}")
    if adjudicator in coding_round.sheets:
        what = f"{adjudicator} coded in {round_name}; somebody else must settle it."
        raise StancepackError(what)
    return coding_round


def statements_with_agreed_codes(project: Project, round_name: str) -> set[str]:
    """Return the statements of a round of which codes are agreed that no later round replaced."""
    cells = coded_cells(project.settling_codes)
    agreed = cells[cells["agreed"] & (cells["round"] == round_name)]
    return {*agreed["statement_id"]}


def cell_states(project: Project) -> pd.DataFrame:
    """Count for each complete round how many of its cells are coded, reviewed and settled.

    A cell, one thing coded on one statement, is *settled* where its coders differed and the ledger
    says which code stands; *reviewed* where they agreed, or one alone coded it, and somebody looked
    it through; else it is *coded*, be it that it is still to be settled, or that nobody looked.
    Cells that a later round codes anew count there.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.reviewed import cell_states
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cell_states(sp.new_project(folder)).columns.tolist()
    ['coded', 'reviewed', 'settled']
    """
    import pandas as pd

    cells = coded_cells(project.settling_codes)
    keys = pd.MultiIndex.from_frame(cells[KEY].astype("str"))
    is_settled = ~cells["agreed"].to_numpy() & keys.isin([*project.ledger])
    is_reviewed = cells["agreed"].to_numpy() & keys.droplevel(2).isin([*read_reviewed(project)])
    state = (
        pd.Series("coded", cells.index).mask(is_reviewed, "reviewed").mask(is_settled, "settled")
    )
    counts = pd.crosstab(cells["round"].astype("str"), state)
    return counts.reindex(columns=list(STATES), fill_value=0)
