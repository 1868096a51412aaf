"""Structure: the descriptor, types, constraints and keys."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.contract import CONTRACT, OPTIONAL
from stancepack.dataset.descriptor import is_safe
from stancepack.dataset.schemas import pandera_schema
from stancepack.errors import did_you_mean
from stancepack.files.paths import DESCRIPTOR
from stancepack.validation.findings import Check

if TYPE_CHECKING:
    pass


# descriptor


def check_descriptor(check: Check) -> None:
    """Check the descriptor: what the contract asks for, and how columns are described."""
    content, descriptor = check.descriptor.content, check.descriptor
    for part in ("name", "version", "description", "licenses", "$schema"):
        if not content.get(part):
            check.add(
                "descriptor",
                "",
                "",
                part,
                "",
                f"{DESCRIPTOR} has no {part}.",
                f"Give the package a {part}.",
            )
    for part in ("codebook", "bibliography"):
        named = content.get(part)
        if named is not None and (not is_safe(named) or not (check.home / named).is_file()):
            message = f"The {part} is not a file in the package."
            check.add(
                "descriptor", "", "", part, named, message, "Name a file below the descriptor."
            )
            check.broken.add(part)
    for table in CONTRACT | OPTIONAL:
        for breach in descriptor.breaches(table):
            check.add("contract", table, "", *breach)
    for table in descriptor.tables:
        if not descriptor.key(table):
            message = "The table has no primary key."
            check.add(
                "contract",
                table,
                "",
                "primaryKey",
                "",
                message,
                "Name the columns that tell its rows apart.",
            )
        for key in descriptor.foreign_keys(table):
            if key.table not in [*descriptor.tables, *CONTRACT]:
                remedy = did_you_mean(key.table, descriptor.tables)
                message = f"A foreign key points to {key.table!r}, which is no table."
                check.add(
                    "descriptor", table, "", ", ".join(key.fields), key.table, message, remedy
                )
        resource = descriptor.resource(table)
        for part, plain in (
            ("scheme", "file"),
            ("format", "csv"),
            ("encoding", "utf-8"),
            ("dialect", {"delimiter": ","}),
        ):
            if resource.get(part, plain) != plain:
                message = f"The {part} is not the one that every table has."
                check.add(
                    "descriptor",
                    table,
                    "",
                    part,
                    resource[part],
                    message,
                    f"Write {plain!r}, or leave it out.",
                )
        for one in descriptor.fields(table):
            codes, enum = one.categories, one.constraints.get("enum")
            if codes and enum != codes:
                message = "categories and enum are not the same codes."
                remedy = "Run `stancepack build`, which writes enum from categories."
                check.add("codes-differ", table, "", one.name, enum, message, remedy)
            for part in ("title", "type", "description", "constraints", "example"):
                if one.body.get(part) in ("", None):
                    remedy = f"Add a {part} to {DESCRIPTOR}."
                    check.add(
                        "undocumented",
                        table,
                        "",
                        one.name,
                        "",
                        f"The column has no {part}.",
                        remedy,
                    )


# ---------------------------------------------------------------------------------------
# frictionless

WORDS = {
    "type-error": ("type", "The value is not of the declared type.", "Write a value of this type."),
    "constraint-error": (
        "constraint",
        "The value breaks a constraint.",
        "Write a value that the constraint allows.",
    ),
    "unique-error": (
        "duplicate",
        "The value stands in another row too.",
        "Give every row its own.",
    ),
    "primary-key": ("duplicate-key", "Another row has the same key.", "Keep one row for each key."),
}
_DATA = {"name", "type", "format", "constraints", "missingValues", "trueValues", "falseValues"}


def check_by_frictionless(check: Check) -> None:
    """Check the descriptor, types, constraints and primary keys with frictionless, and translate what it finds."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        import frictionless

        content = {
            part: value for part, value in check.descriptor.content.items() if part != "profile"
        }
        slim = []  # documentation would only be copied about; formats and places other than plain files are ruled out
        for table in check.text:
            resource = check.descriptor.resource(table)
            fields = [
                {part: body[part] for part in _DATA & {*body}}
                for body in resource["schema"]["fields"]
            ]
            schema = {
                part: resource["schema"][part]
                for part in {"missingValues", "primaryKey"} & {*resource["schema"]}
            }
            plain = {"type": "table", "scheme": "file", "format": "csv", "encoding": "utf-8"}
            slim.append(
                {"name": table, "path": resource["path"], "schema": {"fields": fields} | schema}
                | plain
            )
        try:
            frictionless.Package.from_descriptor(content)
            package = frictionless.Package.from_descriptor(
                {"$schema": content.get("$schema"), "name": "package", "resources": slim},
                basepath=str(check.home),
            )
            report = package.validate(limit_errors=10_000) if slim else None
        except Exception as fault:  # a fault of the descriptor that only frictionless sees
            text = " ".join(str(fault).split())
            if not any(finding.rule in ("descriptor", "contract") for finding in check.found):
                check.add(
                    "descriptor", "", "", "", "", f"frictionless: {text}", f"Mend {DESCRIPTOR}."
                )
            check.broken.update(check.text)
            check.not_checked.append(f"types, constraints and keys: {text}")
            return
    for task in report.tasks if report else []:
        for error in task.errors:
            _translate(check, task.name, error)
    for error in report.errors if report else []:
        check.add(
            "descriptor", "", "", "", "", f"frictionless: {error.message}", f"Mend {DESCRIPTOR}."
        )


def _translate(check: Check, table: str, error: Any) -> None:
    rule, message, remedy = WORDS.get(error.type, (error.type, error.title, "See the message."))
    number = getattr(error, "row_number", None)
    if number is None:
        check.add(rule, table, "", "", "", f"{message} {error.note}".strip(), remedy)
        return
    row = number - 2
    column, value = getattr(error, "field_name", ""), getattr(error, "cell", "")
    declared = next((f for f in check.descriptor.fields(table) if f.name == column), None)
    if error.type == "primary-key":
        column = ", ".join(check.descriptor.key(table))
        value = check.row_id(table, row)
    elif error.type == "unique-error" and check.descriptor.key(table) == [column]:
        rule, message, remedy = WORDS["primary-key"]
    elif error.type == "constraint-error" and declared:
        name = str(error.note).partition('"')[2].partition('"')[0] or "constraint"
        limit = declared.constraints.get(name)
        rule, remedy = name, f"The {name} of {column} is {limit}."
        if name == "enum":
            rule, message, remedy = (
                "unknown-code",
                "The code is not one of the column.",
                did_you_mean(value, limit or []),
            )
        elif name == "required":
            message, remedy = (
                "The cell is empty.",
                "Write a value; this column has one in every row.",
            )
    elif error.type == "type-error" and declared:
        remedy = f"Write a value of type {declared.type}."
    check.add(rule, table, check.row_id(table, row), column, value, message, remedy)


def check_keys(check: Check) -> None:
    """Check that every foreign key points to a row that is there."""
    dirty = {*check.broken}  # keys into a table that has findings would only repeat them
    for table, text in check.text.items():
        missing = {one.name: one.missing for one in check.descriptor.fields(table)}
        for key in check.descriptor.foreign_keys(table):
            if key.table in dirty or key.table not in check.text:
                continue
            parent = check.text[key.table]
            known = dict.fromkeys(zip(*(parent[column] for column in key.target), strict=True))
            for row, cells in enumerate(zip(*(text[column] for column in key.fields), strict=True)):
                if cells in known or all(
                    cell in missing[name] for cell, name in zip(cells, key.fields, strict=True)
                ):
                    continue
                value = ", ".join(cells)
                message = f"The row of {key.table} that it points to is not there."
                remedy = (
                    f"Correct the id, or add the row: {did_you_mean(value, map(', '.join, known))}"
                )
                check.add(
                    "dangling-key",
                    table,
                    check.row_id(table, row),
                    ", ".join(key.fields),
                    value,
                    message,
                    remedy,
                )


# pandera


def check_by_pandera(check: Check) -> None:
    """Check codes, patterns, ranges and uniqueness again on the frames, as a frame that never was a file would be."""
    import pandera.errors

    words = {"code": "unknown-code", "not_nullable": "required", "field_uniqueness": "duplicate"}
    for table, text in check.text.items():
        fields = {one.name: one for one in check.descriptor.fields(table)}
        frame = pd.DataFrame(
            {name: text[name].mask(text[name].isin(one.missing)) for name, one in fields.items()}
        )
        try:
            pandera_schema(check.descriptor, table).validate(frame.astype("str"), lazy=True)
        except pandera.errors.SchemaErrors as errors:
            for case in errors.failure_cases.to_dict("records"):
                column, name, row = str(case["column"] or ""), str(case["check"]), case["index"]
                row_id = "" if pd.isna(row) else check.row_id(table, int(row))
                limits = fields[column].body.get("constraints") if column in fields else ""
                message = f"The value fails the check {name}."
                remedy = (
                    f"Type {fields[column].type}, constraints {limits}."
                    if limits
                    else "See the column."
                )
                check.add(
                    words.get(name, name),
                    table,
                    row_id,
                    column,
                    case["failure_case"],
                    message,
                    remedy,
                )
