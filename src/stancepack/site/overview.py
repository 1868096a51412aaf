"""What is in the data: how much of it, which codes on which issue, who spoke and who coded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.scales import Scale
from stancepack.release.disagreements import code_text
from stancepack.site.figures import statements_of
from stancepack.site.readable import names_of, shown

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.site.agreement import Alphas

_MOST_COLUMNS = 12  # of codes in a table; of longer scales only the codes in use
_MOST_PERIODS = 15  # columns of a table over time
_YEAR = 12  # months
_PERIODS = (1, 3, *(_YEAR * years for years in (1, 2, 5, 10, 25, 50, 100, 1000)))  # months


def counts(pkg: StancePackage, positions: pd.DataFrame) -> dict[str, Any]:
    """Count what the package holds."""
    statements, stances = pkg["statements"], pkg["stances"]
    speakers = {*statements["actor_id"].dropna(), *pkg["statement_actors"]["actor_id"].dropna()}
    actors = pkg["actors"]
    persons = actors.loc[actors["kind"] == "person", "actor_id"]
    return {
        "statements": len(statements),
        "actors": len(speakers),
        "persons": int(persons.isin(speakers).sum()),
        "positions": len(stances.dropna(subset=["position"])),
        "cells": len(stances),
        "addressing": positions["statement_id"].nunique(),
        "single": int((stances["settled_by"] == "single").sum()),
        "quoted": int(statements["quote"].notna().sum()),
        "repeated": int(statements["repeats"].notna().sum()),
        "inferred": int((statements["date_basis"] == "inferred").sum()),
        "first": _month(statements["date_earliest"].min()),
        "last": _month(statements["date_latest"].max()),
    }


def _month(day: Any) -> str:
    """Return the month of a day; nothing for the ends of the calendar: a date that is open."""
    return "" if pd.isna(day) or day.year in (1, 9999) else f"{day:%Y-%m}"


def issues_by_scale(
    pkg: StancePackage, positions: pd.DataFrame, alphas: Alphas
) -> list[dict[str, Any]]:
    """Count the codes of each issue, in one table for all issues of the same scale."""
    tables: dict[Any, dict[str, Any]] = {}
    for issue, entry in pkg.codebook.issues.items():
        scale = pkg.scale(issue)
        key = (scale.codes, scale.labels, scale.level)
        table = tables.setdefault(key, {"scale": scale, "rows": []})
        on_issue = _once(positions, issue)["position"]
        used = on_issue.map(lambda code, issue=issue: code_text(pkg, issue, code))
        row = {"issue_id": issue, "title": entry["title"], "n": len(on_issue)}
        number = used.value_counts().to_dict()
        table["rows"].append(row | {"number": number, "alpha": alphas.of(issue)})
    return [_codes_in_columns(table["scale"], table["rows"]) for table in tables.values()]


def _once(positions: pd.DataFrame, issue: str) -> pd.DataFrame:
    """Return the positions on an issue, those of several speakers together once."""
    return positions[positions["issue_id"] == issue].drop_duplicates("statement_id")


def _codes_in_columns(scale: Scale, rows: list[dict[str, Any]]) -> dict[str, Any]:
    codes = list(scale.codes)
    if len(codes) > _MOST_COLUMNS:
        codes = [code for code in codes if any(code in row["number"] for row in rows)]
    for row in rows:
        row["counts"] = [row["number"].get(code, 0) for code in codes]
    return {"heads": _heads(scale, codes), "says": _says(scale), "rows": rows}


def _heads(scale: Scale, codes: list[str]) -> list[tuple[str, str]]:
    """Return codes as a table shows them, with their labels where these say more."""
    labels = [scale.label(code) for code in codes]
    pairs = zip(codes, labels, strict=True)
    return [(scale.shown(code), "" if label == code else label) for code, label in pairs]


def _says(scale: Scale) -> str:
    """Say in a sentence what the codes mean."""
    if not scale.is_ordered:
        return "The codes have no order: a position is which of them, not more or less of anything."
    first, last = (
        scale.shown(code) + ("" if end == code else f" ({end})")
        for code, end in zip((scale.codes[0], scale.codes[-1]), scale.ends, strict=True)
    )
    ends = f"Codes run from {first} to {last}"
    if scale.neutral is None:
        return f"{ends}; none of them is neutral."
    return f"{ends}; {scale.shown(scale.neutral)} takes no side."


def codes_over_time(pkg: StancePackage, positions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Count the codes of each issue without order, by month, year or as many as make a table."""
    first_reports = positions[positions["repeats"].isna()]
    for issue, entry in pkg.codebook.issues.items():
        on_issue = _once(first_reports, issue).dropna(subset=["date_earliest", "date_latest"])
        if not pkg.scale(issue).is_ordered and len(on_issue):
            table = _codes_over_time(pkg.scale(issue), pkg, on_issue)
            yield {"title": entry["title"], "issue_id": issue, **table}


def _codes_over_time(scale: Scale, pkg: StancePackage, on_issue: pd.DataFrame) -> dict[str, Any]:
    first = on_issue["date_earliest"]
    middle = (first + (on_issue["date_latest"] - first) / 2).dt
    months = middle.year.astype(int) * 12 + middle.month.astype(int) - 1
    spread = months.max() - months.min()
    step = next((n for n in _PERIODS if spread // n < _MOST_PERIODS - 1), _PERIODS[-1])
    periods = months // step * step
    starts = range(periods.min(), periods.max() + 1, step)
    codes = on_issue["position"].map(lambda code: code_text(pkg, scale.name, code))
    table = pd.crosstab(codes, periods)
    table = table.reindex(index=list(scale.codes), columns=list(starts), fill_value=0)
    labels = [scale.label(code) for code in scale.codes]
    return {
        "periods": [_period_label(start, step) for start in starts],
        "rows": list(zip(labels, table.to_numpy().tolist(), strict=True)),
        "n": table.sum().tolist(),
    }


def _period_label(start: int, step: int) -> str:
    """Return what a column of so many months is called, from a month counted from the year 0."""
    year, month = divmod(start, 12)
    if step == 1:
        return f"{year}-{month + 1:02d}"
    if step < _YEAR:
        return f"{year}-{month + 1:02d}–{month + step:02d}"
    return str(year) if step == _YEAR else f"{year}–{year + step // _YEAR - 1}"


def speakers(pkg: StancePackage, positions: pd.DataFrame) -> list[dict[str, Any]]:
    """List who spoke, those with most statements first."""
    offices, rows = names_of(pkg, "offices"), []
    n_positions = positions.groupby("actor_id").size()
    for actor in pkg["actors"].to_dict("records"):
        statements = statements_of(pkg, actor["actor_id"])
        if statements.empty:
            continue
        held = [offices.get(office, office) for office in statements["office_id"].dropna().unique()]
        row: dict[str, Any] = {
            "name": shown(actor["name"]),
            "side": shown(actor["side"]),
            "offices": held,
        }
        row |= {"statements": len(statements), "first": statements["statement_id"].iloc[0]}
        rows.append(row | {"positions": int(n_positions.get(actor["actor_id"], 0))})
    return sorted(rows, key=lambda row: (-row["statements"], row["name"]))


def coders(pkg: StancePackage) -> list[dict[str, str]]:
    """List who coded."""
    rows = pkg["coders"]
    return [dict(zip(rows, map(shown, row), strict=True)) for row in rows.itertuples(index=False)]
