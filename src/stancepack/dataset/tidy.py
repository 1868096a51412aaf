"""Settled positions in tidy form: each with everything that a reader asks of it.

The released table ``positions`` and `StancePackage.positions` are made here, of tables as text or
with real types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset import contract

if TYPE_CHECKING:
    from stancepack.dataset.codebook import Codebook

_CELL = ["statement_id", "issue_id"]
_SAID = ["statement_id", "actor_id", "office_id"]
_DATES = ["date", "date_earliest", "date_latest", "date_basis"]
# what is needed of each table; of statements whatever else positions have
COLUMNS = {
    "stances": [*_CELL, "position", "settled_by"],
    "codings": ["round", *_CELL, "position"],
    "statements": [*_SAID, *_DATES, "repeats", "quote", "proposition"],
    "actors": ["actor_id", "name", "side"],
    "issues": ["issue_id", "title"],
    "rounds": ["round", "of"],
    "statement_actors": ["statement_id", "actor_id"],
    "offices": ["office_id", "title"],
    "events": ["event_id", "title"],
    "sources": ["source_id", "url"],
}
_CALLED = {  # the column of a table that has the name of an id, and what it is called here
    "office_id": ("offices", "title", "office"),
    "event_id": ("events", "title", "event"),
    "source_id": ("sources", "url", "url"),
}
# the first document of a cell such as ``smith-2010[p. 2];jones-2011``, and the place in it
_FIRST_SOURCE = r"^\s*(?P<source_id>[^\[\];]*[^\[\];\s])\s*(?:\[(?P<locator>[^\]]+)\])?"


def tidy_positions(tables: Mapping[str, pd.DataFrame], book: Codebook) -> pd.DataFrame:
    """Return every settled position: a row for each statement, issue and speaker.

    Parameters
    ----------
    tables
        The tables, as text or with real types; what is missing is NA. Of the codings, those that
        were settled (`settling_codings`).
    book
        The codebook, for scales and variables.

    Returns
    -------
    pandas.DataFrame
        The columns of the contract, as far as the tables have them; in order of issue, actor and
        date.
    """
    stances = tables["stances"].dropna(subset=["position"])[COLUMNS["stances"]]
    actors = tables["actors"].rename(columns={"name": "actor"})[["actor_id", "actor", "side"]]
    issues = tables["issues"].rename(columns={"title": "issue"})[["issue_id", "issue"]]
    order = {issue: rank for rank, issue in enumerate(issues["issue_id"])}
    tidy = (
        stances.merge(_statements_by_actor(tables), on="statement_id")
        .merge(actors, on="actor_id")
        .merge(issues, on="issue_id", how="left")
        .merge(_coded_spread(tables["codings"], book), on=_CELL, how="left")
    )
    tidy = tidy.assign(label=labels_of(tidy, book), _order=tidy["issue_id"].map(order))
    tidy = tidy.sort_values(["_order", "actor_id", "date_earliest", "statement_id"])
    return tidy[[name for name in _columns(book) if name in tidy]].reset_index(drop=True)


def settling_codings(codings: pd.DataFrame, rounds: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the codes that were settled: those of each statement's latest round.

    Parameters
    ----------
    codings
        Codes of every round.
    rounds
        The rounds, to leave out those that code another one again.
    """
    if "round" not in codings:
        return codings
    if rounds is not None and "of" in rounds:
        again = rounds.dropna(subset=["of"])["round"]
        codings = codings[~codings["round"].isin(set(again))]
    names = sorted(codings["round"].unique(), key=contract.round_order)
    numbers = {name: number for number, name in enumerate(names)}
    order = codings["round"].map(numbers).astype("int64")
    latest = order.groupby(codings["statement_id"]).transform("max")
    return codings[order == latest]


def _columns(book: Codebook) -> list[str]:
    """Return the columns in their order: those of the contract, with the variables among them."""
    declared = contract.table("positions")
    names = [body["name"] for body in declared["fields"]]
    place = names.index(declared["variablesAfter"]) + 1
    return [*names[:place], *book.variables, *names[place:]]


def _statements_by_actor(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the statements with names and addresses, a row for each of several speakers."""
    statements = tables["statements"]
    if "statement_actors" in tables:
        statements = statements.drop(columns="actor_id").merge(tables["statement_actors"])
    if "source" in statements:
        first = statements["source"].str.extract(_FIRST_SOURCE)
        statements = statements.assign(**first)
    for key, (table, column, name) in _CALLED.items():
        if key in statements and table in tables:
            called = tables[table][[key, column]].rename(columns={column: name})
            statements = statements.merge(called, on=key, how="left")
    return statements


def _coded_spread(codings: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """Return the lowest and highest code that coders gave each statement on each issue."""
    kind = codings["position"].dtype
    columns = {"statement_id": "str", "issue_id": "str", "coded_low": kind, "coded_high": kind}
    rows = [pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})]
    for issue, given in codings.groupby("issue_id", sort=False, observed=True):
        scale = book.scale(str(issue))
        codes = pd.Series(scale.codes, dtype="str").astype(kind)
        ranks = given["position"].map(dict(zip(codes, range(len(codes)), strict=True)))
        if not scale.is_ordered:
            ranks[:] = float("nan")
        ends = ranks.astype("Float64").groupby(given["statement_id"]).agg(["min", "max"])
        code_of_rank: dict[Any, Any] = dict(enumerate(codes))
        spread = {
            "coded_low": ends["min"].map(code_of_rank).astype(kind),
            "coded_high": ends["max"].map(code_of_rank).astype(kind),
        }
        of_issue = pd.DataFrame(spread).rename_axis("statement_id").reset_index()
        rows.append(of_issue.assign(issue_id=issue))
    return pd.concat(rows, ignore_index=True)[list(columns)]


def labels_of(positions: pd.DataFrame, book: Codebook) -> pd.Series[Any]:
    """Return what the code of each position is called on the scale of its issue."""
    labels = pd.Series(pd.NA, index=positions.index, dtype="str")
    for issue, on_issue in positions.groupby("issue_id", sort=False)["position"]:
        scale = book.scale(str(issue))
        codes = pd.Series(scale.codes, dtype="str").astype(on_issue.dtype)
        called = dict(zip(codes, map(scale.label, scale.codes), strict=True))
        labels[on_issue.index] = on_issue.map(called).astype("str")
    return labels
