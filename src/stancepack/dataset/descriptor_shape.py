"""The shape of a ``datapackage.json``: everything that the rest takes for granted of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from stancepack.dataset.columns import Field
from stancepack.dataset.refusals import OF_TABLES, field_problems
from stancepack.errors import did_you_mean

TYPES = (
    *("string", "integer", "number", "boolean", "date", "time", "datetime", "duration", "year"),
    *("yearmonth", "any", "array", "list", "object", "geojson", "geopoint"),
)
_TEXTS = (
    "$schema",
    "name",
    "title",
    "version",
    "description",
    "created",
    "codebook",
    "bibliography",
    "homepage",
)
_LISTS_OF_OBJECTS = {  # each with the parts that should be text
    "contributors": ("title", "givenName", "familyName", "path", "email", "organization"),
    "sources": ("title", "path", "version"),
    "licenses": ("name", "path", "title", "scope"),
}
_LISTS_OF_TEXTS = ("keywords", "principals")
_DRIVE_OR_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Problem = tuple[str, str]  # where, and what


def is_safe(path: str) -> bool:
    """Tell whether a path of a descriptor stays below the descriptor."""
    parts = re.split(r"[\\/]", path)
    outside = path.startswith(("/", "\\", "~")) or ".." in parts or _DRIVE_OR_SCHEME.match(path)
    return not outside and path.isprintable()


def shape_problems(content: Any) -> Iterator[Problem]:
    """Go through what keeps a descriptor from having the shape of one."""
    if not isinstance(content, dict):
        yield "the descriptor", "should be an object { … }."
        return
    yield from _properties(content)
    resources = content.get("resources")
    if not isinstance(resources, list) or not resources:
        yield "resources", "should be a list with at least one table."
        return
    good = True
    for number, resource in enumerate(resources):
        name = resource.get("name") if isinstance(resource, dict) else None
        if not isinstance(name, str) or not name:
            yield f"resources[{number}]", "should be an object with a name."
            good = False
            continue
        if name in [other["name"] for other in resources[:number] if isinstance(other, dict)]:
            yield f"resource {name!r}", "the name is used twice."
            good = False
        for where, what in _resource(resource):
            yield where, what
            good = False
    if good:
        yield from _references(resources)


def _properties(content: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except (UnicodeEncodeError, ValueError, RecursionError):
        yield "the descriptor", "holds half a surrogate pair or is nested too deep."
        return
    for part in OF_TABLES:
        if part in content:
            what = "is said of the whole package, where nobody reads it; declare it of each table."
            yield part, f"{content[part]!r} {what}"
    for part in _TEXTS:
        if not isinstance(content.get(part, ""), str):
            yield part, f"should be text, not {content[part]!r}."
    for part, texts in _LISTS_OF_OBJECTS.items():
        items = content.get(part, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            yield part, "should be a list of objects { … }."
            continue
        for number, item in enumerate(items):
            for text in texts:
                if not isinstance(item.get(text, ""), str):
                    yield f"{part}[{number}]", f"{text} should be text, not {item[text]!r}."
    for part in _LISTS_OF_TEXTS:
        items = content.get(part, [])
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            yield part, "should be a list of texts."


def _resource(resource: Mapping[str, Any]) -> Iterator[Problem]:
    where = f"resource {resource['name']!r}"
    path = resource.get("path")
    if "data" in resource:
        what = "data is not read from the descriptor; write it into a CSV file, and name that in"
        yield where, f"{what} path."
    elif isinstance(path, list) and path:
        what = "path lists files, and one is read; join them, and write"
        yield where, f"{what} {json.dumps(str(path[0]))} in place of {path!r}."
    elif not isinstance(path, str) or not path:
        yield where, "path should name one file."
    elif not is_safe(path):
        yield (
            where,
            f"path {path!r} leads outside the package; keep every file below datapackage.json.",
        )
    for part in ("title", "description"):
        if not isinstance(resource.get(part, ""), str):
            yield where, f"{part} should be text, not {resource[part]!r}."
    if not isinstance(resource.get("rows", 0), int):
        yield where, f"rows should be a count, not {resource['rows']!r}."
    schema = resource.get("schema")
    if isinstance(schema, str):
        yield where, f"schema {schema!r} is read from no other place; write its content here."
        return
    if schema is None:
        what = "has no schema, and only tables with declared columns are read; add one, or"
        yield where, f"{what} leave it out of the resources."
        return
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(fields, list) or not fields:
        yield where, "schema.fields should be a list of columns."
        return
    if not _are_labels(missing := schema.get("missingValues", [""])):
        yield where, f"schema.missingValues should be a list of texts, not {missing!r}."
    for body in fields:
        yield from _field(where, body)
    columns = [body.get("name") for body in fields if isinstance(body, dict)]
    for column in dict.fromkeys(columns):
        if columns.count(column) > 1:
            yield where, f"the column {column!r} is there twice."
    yield from _keys(where, schema, columns)


def _field(where: str, body: Any) -> Iterator[Problem]:
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"]:
        yield where, "every field should be an object with a name."
        return
    where = f"{where}, field {body['name']!r}"
    kind = body.get("type", "string")
    if kind not in TYPES:
        yield where, f"type {kind!r} is not known; {did_you_mean(str(kind), TYPES)}"
    for part in ("title", "description"):
        if not isinstance(body.get(part, ""), str):
            yield where, f"{part} should be text, not {body[part]!r}."
    for part in ("missingValues", "trueValues", "falseValues"):
        values = body.get(part, [])
        may_be_labelled = part == "missingValues"
        if not _are_labels(values, may_be_labelled=may_be_labelled):
            yield where, f"{part} should be a list of texts, not {values!r}."
    yield from _codes(where, body)
    limits = body.get("constraints", {})
    if isinstance(limits, dict):
        yield from _constraints(where, limits, body)
    else:
        yield where, "constraints should be an object { … }."


def _codes(where: str, body: Mapping[str, Any]) -> Iterator[Problem]:
    codes = body.get("categories", [])
    listed = codes if isinstance(codes, list) else [None]
    values = [item.get("value") if isinstance(item, dict) else item for item in listed]
    if not all(map(_is_code, values)):
        what = "should be a list of codes, or of objects with a value"
        yield where, f"categories {what}, not {codes!r}."
    elif len({str(code) for code in values}) < len(values):
        yield where, "a code is there twice."


def _constraints(
    where: str, limits: Mapping[str, Any], body: Mapping[str, Any]
) -> Iterator[Problem]:
    try:
        re.compile(limits.get("pattern", ""))
    except (re.error, TypeError, OverflowError, RecursionError):
        yield where, f"pattern {limits['pattern']!r} is not a regular expression."
    enum = limits.get("enum", [""])
    if not isinstance(enum, list) or not enum or not all(map(_is_code, enum)):
        yield where, f"enum {enum!r} should be a list of codes."
    for part in ("required", "unique"):
        if not isinstance(limits.get(part, False), bool):
            yield where, f"{part} should be true or false, not {limits[part]!r}."
    for part in ("minLength", "maxLength"):
        if type(limits.get(part, 0)) is not int or limits.get(part, 0) < 0:
            yield where, f"{part} should be a count, not {limits[part]!r}."
    for part in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if part in limits and not _fits(limits[part], body):
            kind = body.get("type", "string")
            yield where, f"{part} {limits[part]!r} should be of type {kind}, written as its cells."


def _fits(bound: Any, body: Mapping[str, Any]) -> bool:
    if not _is_code(bound):
        return False
    if body.get("type", "string") not in TYPES or any(field_problems(body)):
        return True  # what is said first, or when the table is read
    field = Field("", "", dict(body), ())
    wrong = field.convert(pd.Series([field.written(bound)], dtype="str"))[1]
    return not wrong.any()


def _keys(where: str, schema: Mapping[str, Any], columns: list[Any]) -> Iterator[Problem]:
    keys = schema.get("foreignKeys", [])
    if not isinstance(keys, list) or not all(_is_reference(key) for key in keys):
        yield where, "foreignKeys should be a list of objects with fields and reference."
        return
    named = [("primaryKey", schema["primaryKey"])] if "primaryKey" in schema else []
    unique = schema.get("uniqueKeys", [])
    if not isinstance(unique, list):
        yield where, "uniqueKeys should be a list of lists of columns."
        return
    named += [("uniqueKeys", names) for names in unique]
    for part, names in [*named, *(("foreignKeys", key.get("fields")) for key in keys)]:
        if not _are_names(names):
            yield where, f"{part} should name columns."
            continue
        for column in as_list(names):
            if column not in columns:
                hint = did_you_mean(column, [str(name) for name in columns])
                yield where, f"{part} names {column!r}, which is no column; {hint}"
    for key in keys:
        target = key["reference"].get("fields")
        if not _are_names(target) or len(as_list(target)) != len(as_list(key.get("fields"))):
            yield (
                where,
                "foreignKeys should name as many columns in the other table as in this one.",
            )
        if not isinstance(key["reference"].get("resource", ""), str):
            yield where, "foreignKeys should name the other table as reference.resource."


def _references(resources: list[dict[str, Any]]) -> Iterator[Problem]:
    """Go through foreign keys that point to columns which the other table has not."""
    columns = {
        resource["name"]: [body["name"] for body in resource["schema"]["fields"]]
        for resource in resources
    }
    for resource in resources:
        for key in resource["schema"].get("foreignKeys", []):
            table = key["reference"].get("resource") or resource["name"]
            for column in as_list(key["reference"]["fields"]) if table in columns else []:
                if column not in columns[table]:
                    what = f"foreignKeys point to {column!r}, which is no column of {table!r}"
                    yield (
                        f"resource {resource['name']!r}",
                        f"{what}; {did_you_mean(column, columns[table])}",
                    )


def as_list(names: Any) -> list[str]:
    """Return one name or a list of names as a list."""
    return [names] if isinstance(names, str) else list(names or [])


def _are_names(names: Any) -> bool:
    return (
        bool(names)
        and isinstance(names, str | list)
        and all(isinstance(name, str) for name in as_list(names))
    )


def _is_reference(key: Any) -> bool:
    return isinstance(key, dict) and isinstance(key.get("reference"), dict)


def _is_code(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _are_labels(values: Any, *, may_be_labelled: bool = True) -> bool:
    """Tell whether something is a list of texts, or of objects with a text as value."""
    if not isinstance(values, list):
        return False
    if may_be_labelled:
        values = [item.get("value") if isinstance(item, dict) else item for item in values]
    return all(isinstance(item, str) for item in values)
