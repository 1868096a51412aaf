"""Structure: the descriptor, the cells of each column, and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.cells import row_keys, shared_keys
from stancepack.dataset.columns import Field, ForeignKey
from stancepack.dataset.descriptor_shape import is_safe
from stancepack.dataset.schemas import CONSTRAINTS, SlowPatternError, broken_constraints
from stancepack.errors import did_you_mean
from stancepack.files.paths import DESCRIPTOR
from stancepack.validation.findings import Check, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAID_OF_A_PACKAGE = ("name", "version", "description", "licenses", "$schema")
_SAID_OF_TABLES = ("name", "$schema")  # of a package made of them: no more is known
_SAID_OF_OWN_COLUMNS = ("title", "type", "description", "constraints")
_SAID_OF_A_COLUMN = (*_SAID_OF_OWN_COLUMNS, "example")
_RULES = {"enum": "unknown-code"}  # of constraints whose finding is called otherwise
_OF_JSON = ("object", "array", "geojson", "list", "any")  # types whose values are no single ones

_MOMENT = re.compile(  # RFC 3339, as the standard asks
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[-+]\d\d:\d\d)"
)


# ---------------------------------------------------------------------------------------
# the descriptor


def check_descriptor(check: Check) -> None:
    """Check the descriptor: what the contract asks for, and how columns are described."""
    check.add_all("descriptor", _package_faults(check))
    for table, column, value, message, remedy in check.descriptor.breaches():
        check.add("contract", Fault(table, "", column, value, message=message, remedy=remedy))
    for table in check.descriptor.tables:
        if check.descriptor.is_release and not check.descriptor.key(table):
            message, remedy = (
                "The table has no primary key.",
                "Name the columns that tell its rows apart.",
            )
            fault = Fault(table, "", "primaryKey", message=message, remedy=remedy)
            check.add("contract", fault)
        check.add_all("descriptor", _resource_faults(check, table))
        for field in check.descriptor.fields(table):
            check.add_all("descriptor", _field_faults(field))
            _check_codes(check, field)
            is_release = check.descriptor.is_release
            check.add_all("undocumented", _undocumented(field, is_release=is_release))


def _package_faults(check: Check) -> Iterator[Fault]:
    content = check.descriptor.content
    for part in _SAID_OF_A_PACKAGE if check.descriptor.is_release else _SAID_OF_TABLES:
        if not content.get(part):
            message, remedy = f"{DESCRIPTOR} has no {part}.", f"Give the package a {part}."
            yield Fault("", "", part, message=message, remedy=remedy)
    for part in ("codebook", "bibliography"):
        named = content.get(part)
        if named is not None and not (is_safe(named) and _is_file(check, named)):
            check.broken.add(part)
            message = f"The {part} is not a file in the package."
            remedy = "Name a file below the descriptor."
            yield Fault("", "", part, named, message=message, remedy=remedy)
    created = content.get("created")
    if created and not _MOMENT.fullmatch(created):
        message, remedy = "It is not a day and time.", "Write for instance 2026-11-30T00:00:00Z."
        yield Fault("", "", "created", created, message=message, remedy=remedy)


def _is_file(check: Check, name: str) -> bool:
    try:
        return (check.home / name).is_file()
    except (OSError, ValueError):
        return False


def _resource_faults(check: Check, table: str) -> Iterator[Fault]:
    descriptor = check.descriptor
    for key in descriptor.foreign_keys(table):
        if key.table not in [*descriptor.tables, *contract.TABLES]:
            message = f"A foreign key points to {key.table!r}, which is no table."
            remedy = did_you_mean(key.table, descriptor.tables)
            columns = ", ".join(key.fields)
            yield Fault(table, "", columns, key.table, message=message, remedy=remedy)
    for refusal in descriptor.refusals(table):
        message = f"The {refusal.name} {refusal.why}."
        remedy = f"{refusal.remedy[0].upper()}{refusal.remedy[1:]}"
        where = refusal.column or refusal.name
        yield Fault(table, "", where, refusal.value, message=message, remedy=remedy)


def _field_faults(field: Field) -> Iterator[Fault]:
    """Go through what a column declares that is not read: it would be checked by nobody."""
    for name in field.constraints:
        types = CONSTRAINTS.get(name)
        if types is None:
            message, remedy = (
                f"The constraint {name!r} is not known.",
                did_you_mean(name, CONSTRAINTS),
            )
        elif field.type not in (types or (field.type,)):
            message = f"The constraint {name!r} is not one of the type {field.type}."
            remedy = f"Leave it out; it is one of {', '.join(types)}."
        else:
            continue
        yield Fault(field.table, "", field.name, name, message=message, remedy=remedy)
    if field.forms and contract.has_column(field.table, field.name):
        message = "A column of the contract is written in the default form of its type."
        value, remedy = ", ".join(field.forms), "Leave it out, and write the values so."
        yield Fault(field.table, "", field.name, value, message=message, remedy=remedy)


def _check_codes(check: Check, field: Field) -> None:
    codes, enum = field.categories, field.constraints.get("enum")
    if enum is None and field.table not in contract.TABLES:
        return  # readers of the standard know categories
    if codes and enum != codes:
        message = "categories and enum are not the same codes."
        remedy = "Run `stancepack build`, which writes enum from categories."
        fault = Fault(field.table, "", field.name, enum, message=message, remedy=remedy)
        check.add("codes-differ", fault)


def _undocumented(field: Field, *, is_release: bool) -> Iterator[Fault]:
    is_own = not is_release or not contract.has_column(field.table, field.name)
    for part in _SAID_OF_OWN_COLUMNS if is_own else _SAID_OF_A_COLUMN:
        if field.body.get(part) in ("", None):
            message, remedy = f"The column has no {part}.", f"Add a {part} to {DESCRIPTOR}."
            yield Fault(field.table, "", field.name, message=message, remedy=remedy)
    example = field.body.get("example")
    if isinstance(example, dict | list) and field.type not in _OF_JSON:
        message, remedy = "The example is not a single value.", "Give a value of the column."
        yield Fault(field.table, "", field.name, example, message=message, remedy=remedy)


# ---------------------------------------------------------------------------------------
# cells


def check_cells(check: Check) -> None:
    """Check types, codes, patterns and ranges of distinct cells, and what is unique."""
    for table, text in check.text.items():
        key = check.descriptor.key(table)
        for field in check.descriptor.fields(table):
            _check_column(check, field, text[field.name].array)
            if field.constraints.get("unique") and key != [field.name]:
                check.add_all("duplicate", _duplicates(field, text))
        if key:
            check.add_all("duplicate-key", _duplicate_keys(check, table, key))
        for names in check.descriptor.unique_keys(table):
            check.add_all("duplicate", _duplicates_together(check, table, names))


def _check_column(check: Check, field: Field, cells: pd.Categorical) -> None:
    distinct = cells.categories.tolist()
    broken = _broken_by_value(check, field, distinct)
    is_wrong = broken != ""
    words: dict[int, tuple[str, str]] = {}
    for row in map(int, np.flatnonzero(is_wrong[cells.codes]) if is_wrong.any() else ()):
        number = int(cells.codes[row])
        constraint, value = str(broken[number]), distinct[number]
        if number not in words:
            words[number] = _words(check, field, constraint, value)
        message, remedy = words[number]
        fault = Fault(field.table, row, field.name, value, message=message, remedy=remedy)
        check.add(_RULES.get(constraint, constraint), fault)


def _broken_by_value(check: Check, field: Field, distinct: list[str]) -> NDArray[np.object_]:
    """Return the constraint that each distinct cell breaks, and check the column's example."""
    example = field.body.get("example")
    shown = [] if example in (None, "") else [field.written(example)]
    try:
        broken = broken_constraints(field, pd.Series([*distinct, *shown], dtype="str"))
    except SlowPatternError as error:
        limit, why = field.constraints["pattern"], str(error)
        message, remedy = f"{why[0].upper()}{why[1:]}", "Write a simpler pattern."
        fault = Fault(field.table, "", field.name, limit, message=message, remedy=remedy)
        check.add("pattern", fault)
        return np.full(len(distinct), "", dtype=object)
    if shown and broken[-1]:
        why, remedy = _words(check, field, broken[-1], shown[0])
        message = f"The example is no value of the column: {why}"
        fault = Fault(field.table, "", field.name, example, message=message, remedy=remedy)
        check.add("undocumented", fault)
    broken = broken[: len(distinct)]
    if field.name in check.descriptor.key(field.table):
        missing = {*field.missing}
        broken[[number for number, cell in enumerate(distinct) if cell in missing]] = "required"
    return broken


def _words(check: Check, field: Field, constraint: str, value: str) -> tuple[str, str]:
    """Say what is wrong with a cell that breaks a constraint, and what to do."""
    match constraint:
        case "type":
            _, _, remedy = field.fault(value).partition("; ")
            remedy = f"{remedy[:1].upper()}{remedy[1:]}" or f"Write a value of {field.kind}."
            return "The value is not of the declared type.", remedy
        case "required":
            remedy = "Write a value; this column has one in every row."
            return "The cell is empty.", remedy
        case "enum":
            codes = [str(code) for code in field.constraints.get("enum", field.categories)]
            return "The code is not one of the column.", check.hint(value, codes)
        case _:
            remedy = f"The {constraint} of {field.name} is {field.constraints[constraint]}."
            return "The value breaks a constraint.", remedy


def _duplicates(field: Field, text: pd.DataFrame) -> Iterator[Fault]:
    cells = text[field.name]
    is_repeated = cells.duplicated() & ~cells.isin(list(field.missing))
    for row in np.flatnonzero(is_repeated.to_numpy()):
        message, remedy = "The value stands in another row too.", "Give every row its own."
        value = cells.array[row]
        yield Fault(field.table, int(row), field.name, value, message=message, remedy=remedy)


def _duplicates_together(check: Check, table: str, names: list[str]) -> Iterator[Fault]:
    text = check.text[table]
    missing = {field.name: field.missing for field in check.descriptor.fields(table)}
    is_there = np.ones(len(text), dtype=bool)
    for name in names:
        is_there &= ~text[name].isin(list(missing[name])).to_numpy()
    keys = pd.Series(row_keys(text, names))[is_there]
    for row in keys.index[keys.duplicated()]:
        message, remedy = "Another row has the same values.", "Give every row its own."
        value, columns = ", ".join(text[name].array[row] for name in names), ", ".join(names)
        yield Fault(table, int(row), columns, value, message=message, remedy=remedy)


def _duplicate_keys(check: Check, table: str, key: list[str]) -> Iterator[Fault]:
    is_repeated = pd.Series(row_keys(check.text[table], key)).duplicated().to_numpy()
    for row in np.flatnonzero(is_repeated):
        message, remedy = "Another row has the same key.", "Keep one row for each key."
        value = check.row_id(table, int(row))
        yield Fault(table, int(row), ", ".join(key), value, message=message, remedy=remedy)


# ---------------------------------------------------------------------------------------
# references


def check_keys(check: Check) -> None:
    """Check that every foreign key points to a row that is there."""
    dirty = {*check.broken}  # keys into a table that has findings would only repeat them
    for table in check.text:
        if contract.is_derived(table):  # each of its rows is compared with those that it is made of
            continue
        for key in check.descriptor.foreign_keys(table):
            if key.table not in dirty and key.table in check.text:
                check.add_all("dangling-key", _dangling(check, table, key))


def _dangling(check: Check, table: str, key: ForeignKey) -> Iterator[Fault]:
    text, target = check.text[table], check.text[key.table]
    missing = {field.name: field.missing for field in check.descriptor.fields(table)}
    is_empty = np.ones(len(text), dtype=bool)
    for column in key.fields:
        cells = text[column].array
        is_empty &= cells.categories.isin(list(missing[column]))[cells.codes]
    keys, known = shared_keys(text, key.fields, target, key.target)
    is_there = np.isin(keys, known)
    names: list[str] = []
    remedies: dict[str, str] = {}
    for row in np.flatnonzero(~is_there & ~is_empty):
        value = ", ".join(text[column].array[row] for column in key.fields)
        if value not in remedies:
            names = names or list(map(", ".join, target[key.target].drop_duplicates().to_numpy()))
            remedies[value] = f"Correct the id, or add the row: {check.hint(value, names)}"
        message = f"The row of {key.table} that it points to is not there."
        columns, remedy = ", ".join(key.fields), remedies[value]
        yield Fault(table, int(row), columns, value, message=message, remedy=remedy)
