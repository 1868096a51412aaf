"""The codes of a release: those of every coder, and the settled ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.tables import FORMULA_SIGNS
from stancepack.project.adjudication import CONDITION, LEDGER
from stancepack.project.coded import KEY, coded_cells, plays
from stancepack.project.rounds import changed_units
from stancepack.project.units import UNITS

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.dataset.codebook import Codebook
    from stancepack.project.project import Project

AGREEMENT, ADJUDICATION, SINGLE = "agreement", "adjudication", "single"  # codes of settled_by
_SETTLED = ["code", "settled_by", "rationale", "adjudicator"]


def codings(project: Project) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the codes of every coder: on issues, and on statements."""
    codes = project.codes
    versions = {known.name: known.codebook_version for known in project.complete_rounds}
    codes = codes.assign(
        note=codes["note"].map(as_text), codebook_version=codes["round"].map(versions)
    )
    on_issues = codes[codes["variable"].isin(list(project.codebook.issues))]
    on_statements = codes[codes["variable"].isin(list(project.codebook.variables))]
    return on_issues.rename(columns={"variable": "issue_id", "code": "position"}), on_statements


def as_text(text: str) -> str:
    """Return a text that a spreadsheet would run as a formula so that it does not."""
    return f"Note: {text}" if text.startswith(FORMULA_SIGNS) else text


def settled_codes(project: Project) -> pd.DataFrame:
    """Return the settled code of every cell, and how it was settled.

    Raises
    ------
    StancepackError
        If something is left to settle, the ledger settles what is not open or with a code that is
        none, or a statement was changed since it was coded.
    """
    import pandas as pd

    cells = coded_cells(project.settling_codes)
    cells = cells[cells["variable"].isin(list(project.codebook))]
    _require_unchanged(project, cells)
    _require_sound_ledger(project, cells)
    settled = cells[[*KEY, "code"]].assign(
        code=cells["code"].astype("object"), settled_by=AGREEMENT
    )
    settled = settled.assign(rationale="", adjudicator="").astype({"settled_by": "object"})
    settled.loc[cells["n_coders"] == 1, "settled_by"] = SINGLE
    disputed = cells[~cells["agreed"]]
    rows = [project.ledger.get(key) for key in _keys(disputed)]
    left = [key for key, row in zip(_keys(disputed), rows, strict=True) if row is None]
    if not left:
        how = [
            (row["code"], ADJUDICATION, f"{row['rule']}: {row['reason']}", row["adjudicator"])
            for row in rows
            if row is not None
        ]
        settled.loc[disputed.index, _SETTLED] = pd.DataFrame(how, disputed.index, _SETTLED)
    asking = settled[plays(project.codebook, "conditional", settled)]
    wordings = [(name, unit, CONDITION) for name, unit, _ in _keys(asking)]
    left += [key for key in dict.fromkeys(wordings) if key not in project.ledger]
    if left:
        what = f"{len(left)} left to settle (see `stancepack adjudicate`), first: "
        raise StancepackError(f"{LEDGER}: {what}{', '.join(left[0])}.")
    return settled


def _keys(cells: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(*(cells[column] for column in KEY), strict=True))


def _require_unchanged(project: Project, cells: pd.DataFrame) -> None:
    """Refuse to release codes of other words than those that were coded."""
    for coding_round in project.complete_rounds:
        changed = changed_units(coding_round)
        if not changed:
            continue
        settled = set(cells.loc[cells["round"] == coding_round.name, "statement_id"])
        for unit in changed:
            if unit in settled:
                what = f"was changed after it was coded in {coding_round.name}"
                way_out = "restore its speaker, passage and words, or code it in a new round."
                raise StancepackError(f"{UNITS}: {unit} {what}; {way_out}")


def _require_sound_ledger(project: Project, cells: pd.DataFrame) -> None:
    """Refuse what may have been written into the ledger by hand: other rounds, other codes."""
    book: Codebook = project.codebook
    agreed = set(_keys(cells[cells["agreed"]])) if project.ledger else set()
    for key, row in project.ledger.items():
        where = f"{LEDGER}, {', '.join(key)}"
        name, _, variable = key
        if name not in project.rounds:
            hint = did_you_mean(name, project.rounds)
            raise StancepackError(f"{where}: there is no round {name!r}; {hint}")
        if key in agreed:
            raise StancepackError(f"{where}: the coders agreed; there is nothing to settle.")
        if variable in book and row["code"] not in book.codes(variable):
            codes = ", ".join(book.codes(variable))
            raise StancepackError(f"{where}: {row['code']!r} is not a code; codes: {codes}.")
