"""Who codes, unitises and adjudicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.paths import is_plain_name
from stancepack.files.tables import Row

CODERS = "coding/coders.csv"
ROLES = ("unitiser", "coder", "adjudicator")
# other files in the folder of a round
RESERVED = ("units", "codebook", "manifest", "assignment")


def coders_by_id(rows: Iterable[Row]) -> dict[str, Row]:
    """Return coders by their ids, which name their sheets.

    Raises
    ------
    StancepackError
        If an id is there twice, or cannot be the name of a file.
    """
    coders: dict[str, Row] = {}
    for row in rows:
        coder = row["coder_id"]
        if not is_plain_name(coder) or coder in RESERVED:
            what = (
                "cannot be the id of a coder; use small letters, digits and hyphens, such as ann-2."
            )
            raise StancepackError(f"{CODERS}: {coder!r} {what}")
        if coder in coders:
            raise StancepackError(f"{CODERS}: {coder!r} is there twice; keep one row.")
        coders[coder] = row
    return coders


def require_role(coders: Mapping[str, Row], coder: str, role: str) -> None:
    """Refuse somebody who is not in the list of coders in this role.

    Raises
    ------
    StancepackError
        If the id is not known, or of another role.
    """
    if coder not in coders:
        hint = did_you_mean(coder, coders)
        what = "Add a row: coder_id, kind (human, language-model or rule), role, description."
        raise StancepackError(f"{CODERS}: nobody is called {coder!r}; {hint} {what}")
    if coders[coder]["role"] != role:
        what = f"has the role {coders[coder]['role']!r}, not {role!r}."
        raise StancepackError(f"{CODERS}: {coder!r} {what}")
