"""The descriptor of a project, made from the contract, its codebook and its own settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import NO, YES, Scale
from stancepack.dataset.settings import BIBLIOGRAPHY, Settings
from stancepack.errors import StancepackError
from stancepack.files.paths import CODEBOOK

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
NOT_RECORDED = [{"value": "", "label": "not recorded or not applicable"}]
_OWN = ("name", "title", "description", "version", "created", "homepage", "keywords", "licenses")
_OWN_LATER = ("contributors", "sources", "principals")
_CONDITION = "condition"
_FOLLOWED = ("categories", "categoriesOrdered", "example")  # by columns that copy another one

Field = dict[str, Any]


def modules_of(settings: Settings, book: Codebook) -> list[str]:
    """Return the modules of a project: those it names, and variables if it codes any."""
    named = [module for module in settings.modules if module not in contract.IMPLIED]
    return [*named, contract.VARIABLES] if book.variables else named


def declare(settings: Settings, book: Codebook, *, is_assigned: bool = False) -> dict[str, Any]:
    """Return the content of a descriptor, but for rows, bytes and hashes of the built tables.

    Parameters
    ----------
    settings
        What the project says of itself.
    book
        Its codebook.
    is_assigned
        Whether a round of it has a ledger of who codes what.

    Raises
    ------
    StancepackError
        If a column or key of the project's own does not go with the contract.
    """
    implied = [contract.ASSIGNMENT] if is_assigned else []
    declared = contract.tables([*modules_of(settings, book), *implied])
    for name, table in declared.items():
        fields = [with_codes(body, settings, book) for body in table["fields"]]
        if "variablesAfter" in table:
            fields = _with_variables(name, fields, table.pop("variablesAfter"), book)
        table["fields"] = _with_own_columns(name, fields, settings)
    for name, body in settings.tables.items():
        declared[name] = _own_table(name, body, declared, settings)
    content: dict[str, Any] = {"$schema": PROFILE}
    content |= {part: settings.content[part] for part in _OWN if part in settings.content}
    if len(content.get("created", "")) == len("2026-11-30"):
        content["created"] += "T00:00:00Z"  # the standard asks for a time
    content.setdefault("description", settings.content["title"])
    content.setdefault("licenses", [])
    content |= {part: settings.content[part] for part in _OWN_LATER if part in settings.content}
    content["codebook"] = CODEBOOK
    if "sources" in declared:
        content["bibliography"] = BIBLIOGRAPHY
    content["resources"] = [resource_of(name, table) for name, table in declared.items()]
    return content


def resource_of(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resource of a table that lies in a file of its own."""
    schema = {"fields": [_ordered(body) for body in table["fields"]]}
    schema |= {
        part: table[part]
        for part in ("missingValues", "primaryKey", "foreignKeys")
        if part in table
    }
    return {
        "$schema": RESOURCE_PROFILE,
        "name": name,
        "path": f"data/{name}.csv",
        "title": table["title"],
        "description": table["description"],
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ","},
        "schema": schema,
    }


def _ordered(body: Field) -> Field:
    """Return a field with its codes as enum too, for readers that do not know categories."""
    body = {**body}
    limits = {"required": False, **body.pop("constraints", {})}
    if "categories" in body:
        limits["enum"] = [category["value"] for category in body["categories"]]
        if body.get("example") not in limits["enum"]:  # the contract's, of no particular study
            body["example"] = limits["enum"][0]
    return {**body, "constraints": limits}


# Codes of columns


def with_codes(body: Field, settings: Settings, book: Codebook | None) -> Field:
    """Return a field of the contract with the codes that the codebook or the settings give it."""
    match body.pop("codesFrom", None):
        case "positions" if book:
            return _position_field(body, [book.scale(issue) for issue in book.issues])
        case "confidence" if book and book.confidence:
            whole = all(level.isdecimal() for level in book.confidence)
            cast = int if whole else str
            categories = [
                {"value": cast(level), "label": text} for level, text in book.confidence.items()
            ]
            kind = "integer" if whole else "string"
            return body | {"type": kind, "categories": categories, "categoriesOrdered": True}
        case "confidence":
            body.pop("categoriesOrdered", None)
            return body
        case "variables" if book and book.variables:
            titles = {name: entry["title"] for name, entry in book.variables.items()}
            return body | {"categories": _categories(titles)}
        case "sides" if settings.sides:
            body["constraints"]["required"] = True
            return body | {"categories": _categories(settings.sides)}
        case "kinds" if settings.kinds:
            return body | {"categories": _categories(settings.kinds)}
        case _:
            return body


def _categories(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"value": code, "label": label or code} for code, label in labels.items()]


def _position_field(body: Field, scales: list[Scale]) -> Field:
    """Return the column of positions: type and codes hold every scale."""
    types = {scale.type for scale in scales}
    kind = "string" if "string" in types else "number" if "number" in types else "integer"
    casts = {"integer": int, "number": float, "string": str}
    labels: dict[Any, set[str]] = {}
    for scale in scales:
        for code in scale.codes:
            labels.setdefault(casts[kind](code), set()).add(scale.label(code))
    codes = sorted(labels) if kind != "string" else list(labels)
    same = all(scale.codes == scales[0].codes for scale in scales)
    categories = [
        {"value": code, "label": labels[code].copy().pop() if len(labels[code]) == 1 else str(code)}
        for code in codes
    ]
    ordered = all(scale.is_ordered for scale in scales) and (same or kind != "string")
    body |= {"type": kind, "categories": categories}
    return body | {"categoriesOrdered": ordered, "example": categories[0]["value"]}


# Columns of the project's own


def _with_variables(table: str, fields: list[Field], after: str, book: Codebook) -> list[Field]:
    """Put a column for each statement-level variable into a table."""
    names = [body["name"] for body in fields]
    for variable in book.variables:
        if variable in names:
            what = f"the variable {variable!r} is called as a column of {table}; rename it."
            raise StancepackError(f"{book.path}: {what}")
    if "conditional" not in book.roles:
        fields = [body for body in fields if body["name"] != _CONDITION]
    columns = [variable_field(name, book) for name in book.variables]
    place = [body["name"] for body in fields].index(after) + 1
    return [*fields[:place], *columns, *fields[place:]]


def variable_field(name: str, book: Codebook) -> Field:
    """Return the column of a statement-level variable."""
    entry, scale = book[name], book.scale(name)
    body: Field = {
        "name": name,
        "title": entry["title"],
        "type": scale.type,
        "description": entry["question"],
    }
    if scale.is_truth:
        body |= {"type": "boolean", "trueValues": [YES], "falseValues": [NO], "example": True}
    else:
        cast = {"integer": int, "number": float, "string": str}[scale.type]
        body["categories"] = [
            {"value": cast(code), "label": scale.label(code)} for code in scale.codes
        ]
        body |= {"categoriesOrdered": scale.is_ordered, "example": cast(scale.codes[0])}
    return body | {"constraints": {"required": True}}


def _with_own_columns(table: str, fields: list[Field], settings: Settings) -> list[Field]:
    """Change columns of the contract as the settings say, and add further ones."""
    by_name = {body["name"]: body for body in fields}
    for own in [*_followed(table, by_name, settings), *settings.columns(table)]:
        known = by_name.get(own["name"])
        if known is None and contract.is_derived(table):
            what = f"{own['name']!r} cannot be filled: the table is made of others; add it to one."
            raise StancepackError(f"{settings.where}: columns: {table}: {what}")
        if known is None:
            by_name[own["name"]] = own_field(own)
            continue
        if own.get("type", known["type"]) != known["type"]:
            what = (
                f"columns: {table}: the type of {own['name']!r} is {known['type']} by the contract."
            )
            raise StancepackError(f"{settings.where}: {what}")
        changed = {**known, **_own_parts(own)}
        changed["constraints"] = {**known.get("constraints", {}), **own.get("constraints", {})}
        by_name[own["name"]] = changed
    return list(by_name.values())


def _followed(table: str, names: Collection[str], settings: Settings) -> Iterator[Field]:
    """Go through what a project changes of columns that columns of this table copy."""
    for (name, column), (origin, copied) in contract.marked("copies").items():
        if name != table or column not in names:
            continue
        for own in settings.columns(origin):
            if own["name"] == copied:
                limits = {**own.get("constraints", {})}
                limits.pop("required", None)
                limits.pop("unique", None)
                followed = {part: own[part] for part in _FOLLOWED if part in own}
                yield {**followed, "name": column, "constraints": limits}


def _own_parts(own: Field) -> Field:
    parts = {**own}
    if "categories" in parts:
        parts["categories"] = _categories(parts["categories"])
        parts.setdefault("example", parts["categories"][0]["value"])
    return parts


def own_field(own: Field) -> Field:
    """Return a column that is not of the contract, with what has to be said of it."""
    body = {
        "name": own["name"],
        "title": own["name"].replace("_", " ").capitalize(),
        "type": "string",
    }
    return body | {"description": own.get("title", own["name"])} | _own_parts(own)


def _own_table(
    name: str, body: Field, declared: Mapping[str, Any], settings: Settings
) -> dict[str, Any]:
    fields = [own_field(own) for own in body["fields"]]
    columns = [own["name"] for own in fields]
    for column in [*body["primaryKey"], *body.get("foreignKeys", {})]:
        if column not in columns:
            raise StancepackError(
                f"{settings.where}: tables: {name}: there is no column {column!r}."
            )
    for own in fields:
        if own["name"] in body["primaryKey"]:
            own["constraints"] = {"required": True, **own.get("constraints", {})}
    keys = []
    for column, target in body.get("foreignKeys", {}).items():
        if target not in declared or len(declared[target]["primaryKey"]) > 1:
            what = f"{column!r} points to {target!r}, which is no table with a key of one column."
            raise StancepackError(f"{settings.where}: tables: {name}: {what}")
        keys.append(
            {
                "fields": [column],
                "reference": {"resource": target, "fields": declared[target]["primaryKey"]},
            }
        )
    table = {"title": body["title"], "description": body["description"], "fields": fields}
    table |= {"missingValues": NOT_RECORDED, "primaryKey": body["primaryKey"]}
    return table | ({"foreignKeys": keys} if keys else {})
