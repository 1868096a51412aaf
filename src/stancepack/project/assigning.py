"""Starting a round whose ledger says who codes what, and handing a coder's part to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stancepack.dataset.dates import bounds
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.passages import fingerprint
from stancepack.files.tables import Row, clean_cell, csv_text, is_formula
from stancepack.project.assignment import (
    ASSIGNMENT_COLUMNS,
    NO_STRATA,
    Design,
    ledger_rows,
    share_of,
)
from stancepack.project.checks import require_ready
from stancepack.project.coders import require_role
from stancepack.project.project import Project
from stancepack.project.rounds import Round, Selection, start_round
from stancepack.project.units import UNITS

STRATUM, PROBABILITY = "stratum", "probability"  # columns of a sample
YEAR = "year"  # the stratum that is no column: the year of the date
_NOT_GIVEN = "none"  # stands in a stratum for an empty cell


def assign(
    project: Project,
    round_name: str,
    design: Design,
    *,
    selection: Selection | None = None,
    listed: Mapping[str, Row] | None = None,
) -> Round:
    """Start a round in which each statement is coded by some of its coders.

    Who codes what follows from the name of the round and is kept in its ledger; see
    `stancepack.project.assignment` for the draw and the probabilities.

    Parameters
    ----------
    project
        The project.
    round_name
        Name of the new round.
    design
        Who codes in it, how many code a statement, and which share all of them code.
    selection
        Which units it has; all if None.
    listed
        Only these units, with what a list says of each (`stancepack.project.rounds.listed_rows`):
        the ``probability`` with which a sample drew it is multiplied into those of the ledger, and
        its ``stratum`` is taken where the design names no strata.

    Returns
    -------
    Round
        The round; nobody has coded yet.

    Raises
    ------
    StancepackError
        If the round is there, somebody is no coder, a coder would have nothing to code, a stratum
        or probability is missing, or something in the project is wrong that would spoil the round.
        Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.assigning import assign
    >>> from stancepack.project.assignment import Design
    >>> outline = sp.Outline(coders=["ann", "ben", "cem"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = sp.new_project(folder, outline)
    ...     started = assign(project, "round-1", Design(("ann", "ben", "cem"), overlap=2))
    >>> sorted(len(started.units_of(coder)) for coder in started.assigned_coders)
    [1, 1, 2]
    """
    chosen = selection or Selection()
    if chosen.of:
        raise StancepackError("a round that codes another again is coded whole by each coder.")
    if listed:
        chosen = replace(chosen, only_listed=(*sorted(listed),))
        if not design.strata and all(STRATUM in row for row in listed.values()):
            design = replace(design, strata=(STRATUM,))
    with project.locked() as fresh:
        if round_name in fresh.rounds:
            what = f"round {round_name!r} was started already; who codes what in it stands."
            raise StancepackError(f"{what} Name a new round.")
        for coder in design.coders:
            require_role(fresh.coders, coder, "coder")
        require_ready(fresh)
        coding_round, files = start_round(fresh, round_name, chosen)
        stratum_of = strata_of(fresh, coding_round.units, design.strata, listed or {})
        drawn = _drawn(fresh, chosen, coding_round.units, listed or {})
        rows = ledger_rows(round_name, stratum_of, design, drawn)
        _require_work_for_all(design, rows, len(stratum_of))
        said: dict[str, Any] = {"overlap": design.overlap, "all_share": design.all_share}
        if design.strata:
            said["strata"] = [*design.strata]
        fresh.write(files | _with_ledger(coding_round, said, rows))
    return coding_round


def strata_of(
    project: Project,
    units: Mapping[str, Row],
    columns: tuple[str, ...],
    listed: Mapping[str, Row],
) -> dict[str, str]:
    """Return the stratum of each unit: what stands in these columns, joined by a slash.

    A column is one of the list or else of the unit list; ``year`` is the year of the date if
    neither has it.

    Raises
    ------
    StancepackError
        If there is no such column.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.assigning import strata_of
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = sp.new_project(folder)
    ...     strata = strata_of(project, project.units, ("year",), {})
    >>> strata
    {'made-up-1': '2020', 'made-up-2': '2020'}
    """
    if not columns:
        return dict.fromkeys(units, NO_STRATA)
    strata = {}
    for unit in units:
        known = {**project.units[unit], **listed.get(unit, {})}
        if YEAR in columns and YEAR not in known:
            known[YEAR] = str(bounds(known["date"])[0].year)
        for column in columns:
            if column not in known:
                hint = did_you_mean(column, [*known, YEAR])
                what = f"stratum {column!r} is no column of the list or of {UNITS}"
                raise StancepackError(f"{what}; {hint}")
        stratum = "/".join(clean_cell(known[column]) or _NOT_GIVEN for column in columns)
        strata[unit] = f"stratum {stratum}" if is_formula(stratum) else stratum
    return strata


def _drawn(
    project: Project, selection: Selection, units: Mapping[str, Row], listed: Mapping[str, Row]
) -> dict[str, float]:
    """Return with which probability each unit came into the round."""
    n_pool = len(selection.pool(project))
    share = share_of(n_pool, selection.share) / n_pool
    return {unit: share * _probability(listed.get(unit, {}), unit) for unit in units}


def _probability(row: Row, unit: str) -> float:
    text = row.get(PROBABILITY, "1")
    try:
        probability = float(text)
    except ValueError:
        probability = 0.0
    if not 0 < probability <= 1:
        what = "should be a number above 0 and not above 1; draw the list with `stancepack sample`."
        raise StancepackError(f"the list, {unit}, {PROBABILITY} {text!r}: {what}")
    return probability


def _require_work_for_all(design: Design, rows: list[Row], n_statements: int) -> None:
    loads = Counter(row["coder_id"] for row in rows)
    for coder in design.coders:
        if not loads[coder]:
            count = f"{n_statements} statements, each by {design.overlap}, are too few"
            what = f"{count} for {len(design.coders)} coders: {coder} would have none"
            raise StancepackError(f"{what}; name fewer coders, or raise the overlap.")


def _with_ledger(
    coding_round: Round, said: Mapping[str, Any], rows: list[Row]
) -> dict[str | Any, str | bytes]:
    """Give a round its ledger, with what is said of it, and return the files that say so."""
    text = csv_text(ASSIGNMENT_COLUMNS, rows)
    coding_round.assignment = {**said, "sha256": fingerprint(text)}
    coding_round.assigned = rows
    return {
        coding_round.assignment_file: text,
        coding_round.manifest_file: coding_round.manifest_text(),
    }


def hand_over(project: Project, round_name: str, leaver: str, newcomer: str) -> Round:
    """Give all that a coder was to code in a round to somebody else, who takes the place whole.

    The probabilities stay: which statements the place has was drawn without regard to who sits in
    it. What the one who leaves has coded so far is not used.

    Parameters
    ----------
    project
        The project.
    round_name
        Name of the round.
    leaver
        The coder who leaves, and has not sealed.
    newcomer
        The coder who takes over, and codes nothing else in the round.

    Returns
    -------
    Round
        The round, with its ledger as it now is.

    Raises
    ------
    StancepackError
        If the round has no ledger, the one is not in it or has sealed, or the other is no coder or
        in it already. Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.assigning import assign, hand_over
    >>> from stancepack.project.assignment import Design
    >>> outline = sp.Outline(coders=["ann", "ben", "cem"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = sp.new_project(folder, outline)
    ...     started = assign(project, "round-1", Design(("ann", "ben"), overlap=1))
    ...     hand_over(project, "round-1", "ben", "cem").assigned_coders
    ['ann', 'cem']
    """
    with project.locked() as fresh:
        coding_round = fresh.rounds.get(round_name)
        if coding_round is None or not coding_round.assignment:
            hint = did_you_mean(round_name, [n for n, r in fresh.rounds.items() if r.assignment])
            raise StancepackError(f"there is no round {round_name!r} with an assignment; {hint}")
        require_role(fresh.coders, newcomer, "coder")
        if leaver not in coding_round.assigned_coders:
            hint = did_you_mean(leaver, coding_round.assigned_coders)
            raise StancepackError(f"{leaver} is assigned nothing in {round_name}; {hint}")
        if leaver in coding_round.sheets:
            what = f"{leaver} has sealed; what is sealed is never given to another."
            raise StancepackError(f"{coding_round.sheet_file(leaver)}: {what}")
        if newcomer in coding_round.assigned_coders:
            what = f"{newcomer} codes in {round_name} already, and nobody codes a statement twice."
            raise StancepackError(f"{what} Name somebody else.")
        rows = [
            row | {"coder_id": newcomer} if row["coder_id"] == leaver else row
            for row in coding_round.assigned
        ]
        rows.sort(key=lambda row: (row["statement_id"], row["coder_id"]))
        taken_over = {**coding_round.assignment.get("instead_of", {}), leaver: newcomer}
        said = {**coding_round.assignment, "instead_of": taken_over}
        fresh.write(_with_ledger(coding_round, said, rows))
    return coding_round
