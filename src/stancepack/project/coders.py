"""Who codes, unitises and adjudicates."""

from __future__ import annotations

from pathlib import Path

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.tables import Row, read_rows

CODERS = "coding/coders.csv"


def read_coders(home: Path) -> dict[str, Row]:
    """Read the coders of a project by their ids."""
    rows = read_rows(home / CODERS, ["coder_id", "kind", "role", "description"])
    return {row["coder_id"]: row for row in rows}


def known_coder(home: Path, coder: str) -> None:
    """Refuse an id that is no coder of the project."""
    coders = read_coders(home)
    if coder not in coders:
        raise StancepackError(
            f"{CODERS}: no coder {coder!r}; {did_you_mean(coder, coders)} A new coder is a new row: coder_id, kind "
            "(human, language-model or rule), role (coder), description."
        )
    if coders[coder]["role"] != "coder":
        raise StancepackError(
            f"{CODERS}: {coder!r} has the role {coders[coder]['role']!r}; only a coder codes a sheet."
        )
