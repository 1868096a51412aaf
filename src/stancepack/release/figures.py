"""The reliability figures of a release: which codes are compared in each round, and with what coefficient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.reliability.agreement import agreement

if TYPE_CHECKING:
    from stancepack.dataset.codebook import Codebook
    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale


POOLED = (
    "addressed",
    "position",
)  # over all issues: scales of different meaning, so without a verdict
_FIGURES = ("value", "low", "high", "level", "n_units", "n_coders", "method", "verdict", "note")
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
    again = {}
    if "rounds" in pkg:
        rounds = pkg["rounds"].dropna(subset=["of"])
        again = dict(zip(rounds["round"], rounds["of"], strict=True))
    columns = ["round", "statement_id", "variable", "coder_id", "code"]
    if "statement_codings" in pkg:
        statement_codings = pkg["statement_codings"]
    else:
        statement_codings = pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.DataFrame(figures(pkg["codings"], statement_codings, pkg.codebook, again))


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
    scales = [book.scale(issue) for issue in book.issues]
    # positions on scales of their own cannot be pooled
    is_one_scale = all((s.codes, s.level) == (scales[0].codes, scales[0].level) for s in scales)
    rows: list[dict[str, Any]] = []
    codings = codings.assign(addressed=codings["position"].notna())
    for name, compared in _rounds(codings, again or {}):
        rows += _figures_of(name, "addressed", compared, "addressed", "nominal")
        if is_one_scale:
            pooled = _in_order(compared, "position", scales[0])
            rows += _figures_of(name, "position", pooled, "position", scales[0].level)
        for issue, on_issue in compared.groupby("issue_id", sort=False, observed=True):
            variable, scale = str(issue), book.scale(str(issue))
            rows += _figures_of(name, f"{variable}:addressed", on_issue, "addressed", "nominal")
            on_issue = _in_order(on_issue, "position", scale)
            rows += _figures_of(name, variable, on_issue, "position", scale.level)
    for name, compared in _rounds(statement_codings, again or {}):
        for variable, on_variable in compared.groupby("variable", sort=False, observed=True):
            scale = book.scale(str(variable))
            on_variable = _in_order(on_variable, "code", scale)
            rows += _figures_of(name, str(variable), on_variable, "code", scale.level)
    return rows


def _in_order(codings: pd.DataFrame, column: str, scale: Scale) -> pd.DataFrame:
    """Return codings with the codes of a scale as numbers, or as names in their order."""
    if scale.is_numeric:
        return codings.assign(**{column: pd.to_numeric(codings[column], errors="coerce")})
    codes = codings[column].astype("str")
    order = pd.CategoricalDtype(list(scale.codes), ordered=True)
    return codings.assign(**{column: codes.where(codes.isin(scale.codes)).astype(order)})


def _figures_of(
    round_name: str, variable: str, codings: pd.DataFrame, value: str, level: str
) -> list[dict[str, Any]]:
    rows = []
    for coefficient in PUBLISHED:
        result = agreement(codings, coefficient, level, value=value)
        figure = {name: getattr(result, name) for name in _FIGURES}
        if variable in POOLED:
            figure["verdict"] = "descriptive"
        rows.append(
            {"round": round_name, "variable": variable, "coefficient": coefficient, **figure}
        )
    return rows


def _rounds(codings: pd.DataFrame, again: dict[str, str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Go through the rounds with the codes to compare in each."""
    for key, given in codings.groupby("round", sort=False, observed=True):
        name = str(key)
        if name in again:
            of_earlier = codings["round"] == again[name]
            earlier = codings[of_earlier & codings["statement_id"].isin(set(given["statement_id"]))]
            same = set(given["coder_id"]) & set(earlier["coder_id"])
            if same:
                earlier = earlier[earlier["coder_id"].isin(same)]
                given = given.assign(coder_id=given["coder_id"].astype(str) + " again")
            given = pd.concat([earlier.assign(round=name), given])
        yield name, given
