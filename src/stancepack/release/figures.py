"""The reliability figures of a release: which codes are compared in each round, and with what coefficient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.reliability.agreement import agreement

if TYPE_CHECKING:
    from stancepack.dataset.codebook import Codebook
    from stancepack.dataset.package import StancePackage


POOLED = (
    "addressed",
    "position",
)  # over all issues: scales of different meaning, so without a verdict
PUBLISHED = ("alpha", "percent")  # the coefficients of the table `agreement`


def agreement_table(pkg: StancePackage) -> pd.DataFrame:
    """Compute every reliability figure of a package from its codings.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.

    Returns
    -------
    pandas.DataFrame
        One row for each round, variable and coefficient, with the columns of the table
        ``agreement``. ``position`` and ``addressed`` pool the issues; ``<issue>:addressed`` is
        whether the issue is addressed at all; an issue's own row is the position where both coders
        found it addressed.

    Examples
    --------
    >>> import stancepack as sp
    >>> table = sp.agreement_table(sp.load())
    >>> table[table["coefficient"] == "alpha"].columns.tolist()[:4]
    ['round', 'variable', 'coefficient', 'value']
    """
    rounds = (
        pkg["rounds"].dropna(subset=["of"])
        if "rounds" in pkg
        else pd.DataFrame({"round": [], "of": []})
    )
    again = dict(zip(rounds["round"], rounds["of"], strict=True))
    return pd.DataFrame(figures(pkg["codings"], pkg["statement_codings"], pkg.codebook, again))


def figures(
    codings: pd.DataFrame,
    statement_codings: pd.DataFrame,
    book: Codebook,
    again: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Compute the reliability figures of all rounds; see `agreement_table`.

    `again` gives the rounds that code statements of another round again, with that round: a coder
    of both is compared with itself, another one with all coders of the earlier round.
    """
    rows: list[dict[str, Any]] = []

    def add(round_name: str, variable: str, frame: pd.DataFrame, value: str, level: str) -> None:
        for coefficient in PUBLISHED:
            result = agreement(frame, coefficient, level, value=value)
            rows.append(
                {
                    "round": round_name,
                    "variable": variable,
                    "coefficient": coefficient,
                    "value": result.value,
                    "low": result.low,
                    "high": result.high,
                    "level": result.level,
                    "n_units": result.n_units,
                    "n_coders": result.n_coders,
                    "method": result.method,
                    "verdict": "descriptive" if variable in POOLED else result.verdict,
                    "note": result.note,
                }
            )

    codings = codings.assign(addressed=codings["position"].notna())
    for this, part in _rounds(codings, again or {}):
        add(this, "addressed", part, "addressed", "nominal")
        add(this, "position", part, "position", "ordinal")
        for issue, of_issue in part.groupby("issue_id", sort=False):
            add(this, f"{issue}:addressed", of_issue, "addressed", "nominal")
            add(this, str(issue), of_issue, "position", str(book[str(issue)]["level"]))
    for this, part in _rounds(statement_codings, again or {}):
        for variable, of_variable in part.groupby("variable", sort=False, observed=True):
            name = str(variable)
            codes = of_variable["code"].astype(str)
            in_order = codes.where(codes.isin(book.codes(name))).astype(
                pd.CategoricalDtype(book.codes(name), ordered=True)
            )
            add(this, name, of_variable.assign(code=in_order), "code", str(book[name]["level"]))
    return rows


def _rounds(codings: pd.DataFrame, again: dict[str, str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Go through the rounds with the codes to compare in each."""
    for name, part in codings.groupby("round", sort=False):
        this = str(name)
        if this in again:
            earlier = codings[
                (codings["round"] == again[this])
                & codings["statement_id"].isin(set(part["statement_id"]))
            ]
            same = set(part["coder_id"]) & set(earlier["coder_id"])
            if same:
                earlier = earlier[earlier["coder_id"].isin(same)]
                part = part.assign(coder_id=part["coder_id"].astype(str) + " again")
            part = pd.concat([earlier.assign(round=this), part])
        yield this, part
