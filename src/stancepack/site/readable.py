"""A package as far as it can be read: what a report shows of one in which something is wrong."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.columns import Field
from stancepack.dataset.package import StancePackage
from stancepack.errors import StancepackError, StancepackWarning

_NUMBERS = ("integer", "number")
# tables whose ids other tables name, with the column that shows what an id stands for
NAMES = {
    "actors": "name",
    "offices": "title",
    "events": "title",
    "systems": "name",
}


def readable(pkg: StancePackage) -> StancePackage:
    """Return a package with every table and column of the contract, whatever of them there is.

    What is absent is empty, what cannot be read is missing, and codes that are none stand as they
    are. An actor that statements name and nobody describes is called by its id. Of rows with one
    key the first is kept.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StancepackWarning)  # of changed tables; findings say it too
        frames = {name: _frame(pkg, name) for name in dict.fromkeys([*contract.TABLES, *pkg])}
    frames["actors"] = _with_unknown_actors(frames)
    return StancePackage(pkg.descriptor, frames, pkg.codebook)


def with_known_codes(pkg: StancePackage) -> StancePackage:
    """Return a package without the rows whose issue or code is not in the codebook."""
    frames = {name: pkg[name] for name in dict.fromkeys([*contract.TABLES, *pkg])}
    for name in ("codings", "stances"):
        rows = frames[name]
        known = rows["position"].isna() & rows["issue_id"].isin([*pkg.codebook.issues])
        for issue in pkg.codebook.issues:
            codes = [
                code for code in rows["position"].dropna().unique() if _is_code(pkg, issue, code)
            ]
            known |= (rows["issue_id"] == issue) & rows["position"].isin(codes)
        frames[name] = rows[known]
    return StancePackage(pkg.descriptor, frames, pkg.codebook)


def _is_code(pkg: StancePackage, issue: str, code: Any) -> bool:
    try:
        pkg.scale(issue).key(code)
    except StancepackError:
        return False
    return True


def _frame(pkg: StancePackage, table: str) -> pd.DataFrame:
    frame = pd.DataFrame()
    if table in pkg:
        try:
            frame = pkg[table]
        except StancepackError:
            frame = _readable_cells(pkg, table)
    if table not in contract.TABLES:
        return frame
    declared = contract.table(table)
    for body in declared["fields"]:
        name = body["name"]
        if name not in frame:
            blanks = pd.Series([""] * len(frame), index=frame.index, dtype="str")
            frame[name] = Field(table, name, {"type": body["type"]}, ("",)).parse(blanks)
        elif not body.get("codesFrom"):
            frame[name] = _coerced(frame[name], body["type"])
    keys = declared["primaryKey"]
    frame[keys] = frame[keys].astype("str").fillna("")
    return frame.drop_duplicates(keys, ignore_index=True)


def _readable_cells(pkg: StancePackage, table: str) -> pd.DataFrame:
    """Return a table of which a cell cannot be read: each column in its type, or as text."""
    try:
        text = pkg.descriptor.read_text(table)
    except StancepackError:
        return pd.DataFrame()
    columns = {}
    for field in pkg.descriptor.fields(table):
        cells = text[field.name]
        try:
            columns[field.name] = field.parse(cells)
        except StancepackError:
            columns[field.name] = cells.mask(cells.isin(list(field.missing)))
    return pd.DataFrame(columns)


def _coerced(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    """Return a column in the type of the contract, missing where that cannot be."""
    if kind == "date" and not pd.api.types.is_datetime64_any_dtype(values):
        return pd.to_datetime(values.astype("str"), format="%Y-%m-%d", errors="coerce")
    if kind in _NUMBERS and not pd.api.types.is_numeric_dtype(values):
        numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
        return numbers if kind == "number" else numbers.round().astype("Int64")
    return values


def _with_unknown_actors(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    actors = frames["actors"]
    named = pd.concat([frames[name]["actor_id"] for name in ("statements", "statement_actors")])
    unknown = [actor for actor in named.dropna().unique() if actor not in set(actors["actor_id"])]
    if not unknown:
        return actors
    added = pd.DataFrame({"actor_id": unknown, "name": unknown}, dtype="str")
    return pd.concat([actors, added], ignore_index=True)


def names_of(pkg: StancePackage, table: str) -> dict[str, str]:
    """Return what the ids of a table stand for."""
    rows, (key,) = pkg[table], contract.table(table)["primaryKey"]
    return dict(zip(rows[key], rows[NAMES[table]].fillna(rows[key]), strict=True))


def shown(value: Any) -> str:
    """Return a cell as a page shows it; nothing where it is missing."""
    if value is None or value is pd.NA or value != value:
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
