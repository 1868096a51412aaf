"""What coders flagged, doubted or commented on: a list for the next codebook, without names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stancepack.files.tables import Row
from stancepack.project.reviewed import read_reviewed

if TYPE_CHECKING:
    from stancepack.project.project import Project
    from stancepack.project.rounds import Round

KINDS = ("flag", "unsure", "comment")  # of what coders remark; seconds are no remark on a rule
REVIEW = "review"  # what whoever looked agreed codes through would have otherwise
COLUMNS = ["round", "statement_id", "variable", "kind", "value", "proposition"]


def flagged(project: Project) -> list[Row]:
    """List what was flagged, doubted or commented on in the complete rounds.

    Parameters
    ----------
    project
        The project.

    Returns
    -------
    list of dict
        ``round``, ``statement_id``, ``variable`` (none where all of the statement is meant),
        ``kind`` (``flag``, ``unsure``, ``comment``, or ``review`` for remarks of who looked agreed
        codes through), ``value``, and the ``proposition``. Rows stand in the order of their texts,
        which does not tell who wrote which.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.flagged import flagged
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     flagged(sp.new_project(folder))
    []
    """
    reviewed = read_reviewed(project)
    rows: list[Row] = []
    for coding_round in project.complete_rounds:
        remarks = [*_of_coders(coding_round), *_of_reviewers(coding_round, reviewed)]
        in_use = [row for row in remarks if row["statement_id"] not in project.retired_units]
        rows += sorted(in_use, key=lambda row: [row[column] for column in COLUMNS])
    return rows


def _of_coders(coding_round: Round) -> Iterator[Row]:
    for coder in coding_round.sheets:
        for remark in coding_round.remarks(coder):
            if remark["kind"] in KINDS:
                yield _row(coding_round, **remark)


def _of_reviewers(coding_round: Round, reviewed: dict[tuple[str, str], Row]) -> Iterator[Row]:
    for (name, unit), row in reviewed.items():
        if name == coding_round.name and row["remark"]:
            yield _row(
                coding_round, statement_id=unit, variable="", kind=REVIEW, value=row["remark"]
            )


def _row(coding_round: Round, **remark: str) -> Row:
    proposition = coding_round.units.get(remark["statement_id"], {}).get("proposition", "")
    cells = {"round": coding_round.name, **remark, "proposition": proposition}
    return {column: cells[column] for column in COLUMNS}
