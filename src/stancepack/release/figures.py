"""The reliability figures of a release: which codes are compared in each round, and how."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.contract import SETTLING
from stancepack.dataset.package import as_package
from stancepack.dataset.scales import in_order
from stancepack.dataset.tidy import settling_codings
from stancepack.reliability.agreement import agreements
from stancepack.reliability.codings import codings as read_codings
from stancepack.reliability.rows import patterns_by

if TYPE_CHECKING:
    from stancepack.dataset.codebook import Codebook
    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Patterns


# over all issues: scales of different meaning, so without a verdict
POOLED = ("addressed", "position")
_FIGURES = ("value", "low", "high", "level", "n_units", "n_coders", "method", "verdict", "note")
PUBLISHED = ("alpha", "percent")  # the coefficients of the table `agreement`
_UNIT = "unit"  # column of the number of a statement and issue or variable


def agreement_table(pkg: StancePackage | str | os.PathLike[str]) -> pd.DataFrame:
    """Compute every reliability figure of a package from its codings.

    Parameters
    ----------
    pkg
        A package, or its path.

    Returns
    -------
    pandas.DataFrame
        One row for each round, variable and coefficient, with the columns of the table
        ``agreement``. ``position`` and ``addressed`` pool the issues; ``<issue>:addressed`` is
        whether the issue is addressed at all; an issue's own row is the position where both coders
        found it addressed. Where statements were settled in several rounds, the "round"
        ``settling`` has the codes behind what is settled: of each statement, those of its latest
        round.

    Examples
    --------
    >>> import stancepack as sp
    >>> table = sp.agreement_table(sp.load())
    >>> table[table["coefficient"] == "alpha"].columns.tolist()[:4]
    ['round', 'variable', 'coefficient', 'value']
    """
    pkg = as_package(pkg, "agreement_table")
    again = {}
    if "rounds" in pkg and "of" in pkg["rounds"]:
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
    rows: list[dict[str, Any]] = []
    columns = ["round", "statement_id", "issue_id", "coder_id", "position"]
    codings = _numbered(_in_rounds(codings)[columns])
    codings["addressed"] = codings["position"].notna()
    for name, compared in _compared(codings, again or {}):
        addressed = read_codings(compared, unit=_UNIT, value="addressed").patterns
        rows += _figures_of(name, "addressed", addressed, "nominal")
        rows += _figures_of_issues(name, compared, book)
    columns = ["round", "statement_id", "variable", "coder_id", "code"]
    statement_codings = _numbered(_in_rounds(statement_codings)[columns])
    for name, compared in _compared(statement_codings, again or {}):
        for variable, on_variable in compared.groupby("variable", sort=False, observed=True):
            scale = book.scale(str(variable))
            ordered = on_variable.assign(code=in_order(on_variable["code"], scale))
            codes = read_codings(ordered, unit=_UNIT, value="code").patterns
            rows += _figures_of(name, str(variable), codes, scale.level)
    return rows


def _in_rounds(codings: pd.DataFrame) -> pd.DataFrame:
    """Return codings with their round, which has no name where nobody spoke of rounds."""
    return codings if "round" in codings else codings.assign(round="")


def _numbered(codings: pd.DataFrame) -> pd.DataFrame:
    """Give each statement and variable a number, so that none of many figures has to look it up."""
    names = [name for name in ("statement_id", "issue_id", "variable") if name in codings]
    numbers = codings.groupby(names, sort=False, observed=True).ngroup()
    return codings.assign(**{_UNIT: numbers, "coder_id": codings["coder_id"].astype("category")})


def _figures_of_issues(
    round_name: str, compared: pd.DataFrame, book: Codebook
) -> list[dict[str, Any]]:
    """Compute the figures of positions, together and issue by issue; issues of one scale at once.

    Positions on scales of their own cannot be pooled.
    """
    addressed = patterns_by(compared, "issue_id", unit=_UNIT, value="addressed")
    scales = {issue: book.scale(str(issue)) for issue in [*book.issues, *addressed]}
    kinds = dict.fromkeys((scale.codes, scale.level) for scale in scales.values())
    rows: list[dict[str, Any]] = []
    positions: dict[Any, Patterns] = {}
    for kind in kinds:
        alike = [issue for issue, scale in scales.items() if (scale.codes, scale.level) == kind]
        on_scale = compared if len(kinds) == 1 else compared[compared["issue_id"].isin(alike)]
        on_scale = on_scale.assign(position=in_order(on_scale["position"], scales[alike[0]]))
        positions |= patterns_by(on_scale, "issue_id", unit=_UNIT, value="position")
        if len(kinds) == 1:
            pooled = read_codings(on_scale, unit=_UNIT, value="position").patterns
            rows += _figures_of(round_name, "position", pooled, scales[alike[0]].level)
    for issue, codes in addressed.items():
        rows += _figures_of(round_name, f"{issue}:addressed", codes, "nominal")
        rows += _figures_of(round_name, str(issue), positions[issue], scales[issue].level)
    return rows


def _figures_of(
    round_name: str, variable: str, patterns: Patterns, level: str
) -> list[dict[str, Any]]:
    rows = []
    for result in agreements(patterns, coefficients=PUBLISHED, level=level):
        named = {"round": round_name, "variable": variable, "coefficient": result.coefficient}
        figure = {name: getattr(result, name) for name in _FIGURES}
        if variable in POOLED:
            figure["verdict"] = "descriptive"
        rows.append({**named, **figure})
    return rows


def _compared(codings: pd.DataFrame, again: dict[str, str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Go through the rounds with the codes to compare in each, then through what was settled."""
    yield from _rounds(codings, again)
    settling = settling_codings(codings[~codings["round"].isin(list(again))])
    if len(settling["round"].unique()) > 1:  # else it is what its one round has
        yield SETTLING, settling


def _rounds(codings: pd.DataFrame, again: dict[str, str]) -> Iterator[tuple[str, pd.DataFrame]]:
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
        if len(given["coder_id"].unique()) > 1:  # a single coder agrees with nobody
            yield name, given
