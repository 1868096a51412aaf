"""Positions of a package that has not every table: of what is there, with the rest missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.tidy import COLUMNS, labels_of, tidy_positions
from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

_POSITIONS = "positions"
_MADE_OF = ("stances", "statements")  # what positions are made of where they are no table
_DAYS = ("date_earliest", "date_latest")
_ALWAYS = ("actors", "issues", "codings")  # tables that positions are made with, if without rows


def partial_positions(pkg: StancePackage) -> pd.DataFrame:
    """Return every settled position of a package made of tables.

    The columns are those of the contract that every package has, missing where nothing says them,
    and further ones that the tables have.

    Raises
    ------
    StancepackError
        If no table has settled positions.
    """
    if all(table in pkg for table in _MADE_OF):
        return positions_of_stances(pkg, pkg["stances"])
    if _POSITIONS not in pkg:
        raise StancepackError(f"{pkg.name}: {_lacking(pkg)}")
    return _in_order(pkg, _described(pkg, pkg[_POSITIONS].dropna(subset=["position"])))


def positions_of_stances(pkg: StancePackage, stances: pd.DataFrame) -> pd.DataFrame:
    """Return the positions that some rows of stances are, with who said what when.

    Raises
    ------
    StancepackError
        If the package does not know who made a statement.
    """
    tables = {name: pkg[name] for name in COLUMNS if name in pkg} | {"stances": stances}
    if "codings" in pkg:
        tables["codings"] = pkg.settling("codings")
    if pkg.descriptor.is_release:
        return tidy_positions(tables, pkg.codebook)
    tidy = tidy_positions(_with_what_it_takes(pkg, tables), pkg.codebook)
    return _in_order(pkg, _described(pkg, tidy))


def _lacking(pkg: StancePackage) -> str:
    """Say what positions would be made of."""
    if "stances" not in pkg and "codings" in pkg:
        return (
            "there are codings, but no settled positions. Settle them, and give them with the "
            'others: codes = combine(pkg["codings"], method="majority").table, then '
            'from_tables({…, "stances": codes.rename(columns={"code": "position"})}, …).'
        )
    lacking = " and ".join(table for table in _MADE_OF if table not in pkg)
    return (
        f"there are no positions, as the table {lacking} is missing; give from_tables the tables "
        '"stances" and "statements", or "positions" with speaker, date, issue and position.'
    )


def _with_what_it_takes(
    pkg: StancePackage, tables: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return tables with those and the columns that it takes to make positions."""
    statements = tables["statements"]
    if "actor_id" not in statements and "statement_actors" not in tables:
        what = "there is no column 'actor_id'; positions need to know who spoke."
        raise StancepackError(f"{pkg.name}: statements: {what}")
    speakers = tables.get("statement_actors", statements)["actor_id"].drop_duplicates()
    empty = {"actors": pd.DataFrame({"actor_id": speakers}), "codings": tables["stances"][:0]}
    empty["issues"] = pd.DataFrame({"issue_id": list(pkg.codebook.issues)})
    tables |= {name: empty[name] for name in _ALWAYS if name not in tables}
    return {name: _filled(frame, COLUMNS[name]) for name, frame in tables.items()}


def _filled(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    absent = [column for column in columns if column not in frame]
    return frame.assign(**{column: _missing(column, frame) for column in absent})


def _missing(column: str, frame: pd.DataFrame) -> pd.Series[Any]:
    """Return a column of missing values, of the type that it has in every package."""
    kind: Any = "datetime64[us]" if column in _DAYS else "str"
    if column in ("coded_low", "coded_high"):
        kind = frame["position"].dtype
    return pd.Series(pd.NA if kind == "str" else None, index=frame.index, dtype=kind)


def _described(pkg: StancePackage, positions: pd.DataFrame) -> pd.DataFrame:
    """Return positions with the columns that every package has, as far as something says them."""
    core = [body["name"] for body in contract.tables([])[_POSITIONS]["fields"]]
    speakers = pkg["actors"] if "actors" in pkg else positions[["actor_id"]][:0]
    for column, name in (("actor", "name"), ("side", "side")):
        if name in speakers and (column not in positions or positions[column].isna().all()):
            known = speakers.set_index("actor_id")[name]
            positions = positions.assign(**{column: positions["actor_id"].map(known).astype("str")})
    positions = _filled(positions, core)
    if not pkg.has_codebook:  # which is so only where there is no position
        return positions
    titles = {issue: entry["title"] for issue, entry in pkg.codebook.issues.items()}
    positions = positions.assign(
        actor=positions["actor"].fillna(positions["actor_id"]),
        issue=positions["issue"].fillna(positions["issue_id"].map(titles)),
        label=positions["label"].fillna(labels_of(positions, pkg.codebook)),
    )
    return positions[[*core, *(column for column in positions if column not in core)]]


def _in_order(pkg: StancePackage, positions: pd.DataFrame) -> pd.DataFrame:
    """Return positions in order of issue, actor and date."""
    issues = pkg.codebook.issues if pkg.has_codebook else ()
    rank = {issue: number for number, issue in enumerate(issues)}
    ordered = positions.assign(_order=positions["issue_id"].map(rank))
    by = ["_order", "actor_id", "date_earliest", "statement_id"]
    return ordered.sort_values(by, kind="stable").drop(columns="_order").reset_index(drop=True)
