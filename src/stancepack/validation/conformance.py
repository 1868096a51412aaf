"""The gate of the standard: the package as frictionless sees it."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

from stancepack.dataset.columns import Field
from stancepack.dataset.declaration import PROFILE
from stancepack.files.dialect import Dialect
from stancepack.files.paths import DESCRIPTOR
from stancepack.validation.findings import Check, Fault

# Documentation would only be copied about, and nothing that could name an address is handed on.
# Patterns are left to us: the engine that frictionless uses cannot be stopped.
_FIELD_PARTS = (
    *("name", "type", "format", "trueValues", "falseValues"),
    *("decimalChar", "groupChar", "bareNumber", "delimiter", "itemType"),
)
_SCHEMA_PARTS = ("primaryKey", "foreignKeys", "fieldsMatch")
_PLAIN = {"type": "table", "scheme": "file", "format": "csv"}
_MOST_ERRORS = 1000
_REMEDY = "Compare what the Data Package standard says."


def check_conformance(check: Check) -> None:
    """Check the package with frictionless, and add what nothing of ours has found in its tables."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        import frictionless

        try:
            package = frictionless.Package.from_descriptor(
                _as_declared(check), basepath=str(check.home)
            )
            report = package.validate(limit_errors=_MOST_ERRORS)
        except Exception as fault:  # of the descriptor, or of frictionless itself
            message = f"frictionless: {' '.join(str(fault).split())}"
            remedy = f"Mend {DESCRIPTOR}."
            check.add("conformance", Fault("", message=message, remedy=remedy))
            return
    for error in report.errors:
        message = f"frictionless: {error.message}"
        check.add("conformance", Fault("", message=message, remedy=_REMEDY))
    for task in report.tasks:
        if not check.dirty(task.name):
            for error in task.errors:
                check.add("conformance", _translated(check, task.name, error))


def _as_declared(check: Check) -> dict[str, Any]:
    """Return a descriptor of the tables that could be read, as plain files."""
    resources = []
    for table in check.text:
        resource = check.descriptor.resource(table)
        schema = {p: v for p, v in resource["schema"].items() if p in _SCHEMA_PARTS}
        keys = schema.pop("foreignKeys", [])
        keys = [key for key in keys if key["reference"].get("resource", "") in ("", *check.text)]
        schema["fields"] = [_field(field) for field in check.descriptor.fields(table)]
        schema |= {"foreignKeys": keys} if keys else {}
        dialect = check.descriptor.dialect(table)
        said = {"encoding": dialect.encoding, "dialect": _as_said(dialect)}
        said |= {"name": table, "path": resource["path"], "schema": schema}
        resources.append(said | _PLAIN)
    parts = ("name", "title", "description", "version", "created", "contributors", "licenses")
    content = check.descriptor.content
    said = {part: content[part] for part in parts if part in content}
    return {"$schema": PROFILE, **said, "resources": resources}


def _as_said(dialect: Dialect) -> dict[str, Any]:
    """Return a dialect in full; what is not said of one would be guessed."""
    said = {
        "delimiter": dialect.delimiter,
        "quoteChar": dialect.quote,
        "doubleQuote": dialect.doubles_quotes,
        "skipInitialSpace": dialect.skips_space,
        "header": dialect.has_header,
        "headerRows": list(dialect.header_rows) or [1],
        "headerJoin": dialect.header_join,
        "headerCase": dialect.keeps_case,
        "commentRows": list(dialect.comment_rows),
        "skipBlankRows": dialect.skips_blank_rows,
    }
    said |= {"escapeChar": dialect.escape} if dialect.escape else {}
    return said | ({"commentChar": dialect.comment_mark} if dialect.comment_mark else {})


def _field(field: Field) -> dict[str, Any]:
    """Return a field for frictionless, which knows no null sequence and groups no integers."""
    said = {part: field.body[part] for part in _FIELD_PARTS if part in field.body}
    said |= {"type": "number"} if field.type == "integer" and "groupChar" in said else {}
    limits = {part: limit for part, limit in field.constraints.items() if part != "pattern"}
    return said | {"missingValues": list(field.missing), "constraints": limits}


def _translated(check: Check, table: str, error: Any) -> Fault:
    number = getattr(error, "row_number", None)
    row = number - 2 if number is not None else ""
    column, value = getattr(error, "field_name", ""), getattr(error, "cell", "")
    message = f"frictionless: {error.message}"
    return Fault(table, row, column, value, message=message, remedy=_REMEDY)
