"""What the columns of somebody's tables are declared as, and the cells that they then have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.columns import Field, distinct_cells
from stancepack.dataset.declaration import NOT_RECORDED, own_field, variable_field, with_codes
from stancepack.dataset.given_cells import fault, name_of, text_of, writer_of, written
from stancepack.dataset.given_scales import CODES
from stancepack.dataset.schemas import broken_constraints
from stancepack.dataset.settings import Settings
from stancepack.errors import did_you_mean

Body = dict[str, Any]
# what the contract asks of a release and not of a frame: that nothing is left open, and ids as a
# project makes them
_OF_A_RELEASE = ("required", "pattern", "unique")
_WITH_VARIABLES = ("statements", "positions")
_KINDS = {  # of cells, as pandas tells them, with the type of their column
    **dict.fromkeys(("boolean",), "boolean"),
    **dict.fromkeys(("integer",), "integer"),
    **dict.fromkeys(("floating", "mixed-integer-float", "decimal"), "number"),
    **dict.fromkeys(("date", "datetime", "datetime64"), "date"),
}


def declared_table(
    name: str, frame: pd.DataFrame, book: Codebook | None, settings: Settings
) -> tuple[Body, pd.DataFrame]:
    """Return the declaration of a table, and its cells as text.

    Columns of the contract are declared as there, as far as the cells keep it; others by what they
    hold.

    Raises
    ------
    StancepackError
        If a cell is not of the type or codes of its column.
    """
    own = {"title": name.replace("_", " ").capitalize(), "description": "As given.", "fields": []}
    table = contract.tables([*contract.MODULES]).get(name, own)
    of_contract = {body["name"]: body for body in table["fields"]}
    bodies, cells = [], {}
    for column in frame:
        if column in of_contract:
            body = with_codes(of_contract[column], settings, book)
        elif book and name in _WITH_VARIABLES and column in book.variables:
            body = variable_field(column, book)
        else:
            body = own_field({"name": column, **_as_held(frame[column])})
        body.setdefault("constraints", {})
        cells[column] = _cells(name, body, frame[column])
        body["constraints"] = _kept(name, body, cells[column])
        bodies.append(body)
    table |= {"fields": bodies, "missingValues": NOT_RECORDED}
    key = [column for column in table.pop("primaryKey", []) if column in cells]
    return table | ({"primaryKey": key} if key else {}), pd.DataFrame(cells)


def _as_held(column: pd.Series[Any]) -> Body:
    """Return type and codes of a column of somebody's own."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        codes = kind.categories
        if not len(codes) or not all(_is_code(code) for code in codes):
            return _as_held(column.astype(object))
        return {
            "type": "string",
            "categories": dict.fromkeys(codes, ""),
            "categoriesOrdered": bool(kind.ordered),
        }
    held = _KINDS.get(pd.api.types.infer_dtype(column, skipna=True), "string")
    if held == "date" and any(":" in text_of(cell) for cell in column):
        return {"type": "datetime"}
    if held == "boolean":
        return {"type": held, "trueValues": ["true"], "falseValues": ["false"]}
    return {"type": held}


def _is_code(code: object) -> bool:
    return isinstance(code, str) and bool(code) and name_of(code) == code


def _cells(table: str, body: Body, column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the cells as text, each as its column is read."""
    field = Field(table, body["name"], body, ("",))
    is_code = field.name in CODES and contract.has_column(table, field.name)
    text = column if is_code else written(column, writer_of(field), table, field.name)
    numbers, distinct = distinct_cells(text)
    wrong = field.convert(distinct)[1].to_numpy(dtype=bool)
    for row in np.flatnonzero(wrong[numbers])[:1]:
        what = f"{text.iloc[row]!r} is not of the type {field.type}, which the column has."
        raise fault(table, int(row), field.name, what)
    return text


def _kept(table: str, body: Body, text: pd.Series[Any]) -> Body:
    """Return the constraints of a column, without those of a release that its cells do not keep."""
    limits = {**body["constraints"]}
    numbers, distinct = distinct_cells(text)
    while True:
        broken = broken_constraints(
            Field(table, body["name"], body | {"constraints": limits}, ("",)), distinct
        )
        names = {str(name) for name in broken if name}
        if not names:
            break
        for name in names - {*_OF_A_RELEASE}:
            row = int(np.flatnonzero((broken == name)[numbers])[0])
            what = f"{text.iloc[row]!r} breaks what the column asks, {name} {limits.get(name)}."
            raise fault(table, row, body["name"], what)
        limits = {name: limit for name, limit in limits.items() if name not in names}
    if text.duplicated().any():
        limits.pop("unique", None)
    return limits


def check_keys(tables: Mapping[str, Body], cells: Mapping[str, pd.DataFrame]) -> None:
    """Refuse rows that their key does not tell apart, and ids that refer to nothing.

    The foreign keys that are left are those to tables that are there.
    """
    for name, table in tables.items():
        key, text = table.get("primaryKey", []), cells[name]
        for column in key:
            for row in text.index[text[column] == ""][:1]:
                raise fault(name, int(row), column, "is empty; every row has one.")
        for row in text.index[text.duplicated(key)][:1] if key else ():
            ids = ", ".join(f"{column} {text[column][row]}" for column in key)
            raise fault(name, int(row), key[-1], f"another row has the same {ids}; keep one.")
        keys = [
            foreign for foreign in table.pop("foreignKeys", []) if _is_there(foreign, name, cells)
        ]
        for foreign in keys:
            _check_reference(name, foreign, cells)
        if keys:
            table["foreignKeys"] = keys


def _is_there(foreign: Body, name: str, cells: Mapping[str, pd.DataFrame]) -> bool:
    target = foreign["reference"]["resource"] or name
    known = {*cells[target]} if target in cells else set()
    return {*foreign["fields"]} <= {*cells[name]} and {*foreign["reference"]["fields"]} <= known


def _check_reference(name: str, foreign: Body, cells: Mapping[str, pd.DataFrame]) -> None:
    target = foreign["reference"]["resource"] or name
    (column,), (key,) = foreign["fields"], foreign["reference"]["fields"]
    text, known = cells[name][column], cells[target][key]
    for row in text.index[(text != "") & ~text.isin(known)][:1]:
        hint = did_you_mean(text[row], known.unique())
        what = f"{text[row]!r} is not in the table {target}; {hint}"
        raise fault(name, int(row), column, what)
