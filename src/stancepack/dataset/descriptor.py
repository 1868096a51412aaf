"""The contract: reading ``datapackage.json`` and what follows from it for tables, columns and types."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from stancepack.dataset.contract import CONTRACT, OPTIONAL
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.paths import DESCRIPTOR, shipped
from stancepack.files.reading import read_bytes, read_text
from stancepack.files.tables import parse_rows

if TYPE_CHECKING:
    pass


TYPES = (
    *(
        "string",
        "integer",
        "number",
        "boolean",
        "date",
        "time",
        "datetime",
        "duration",
        "year",
        "yearmonth",
    ),
    *("any", "array", "list", "object", "geojson", "geopoint"),
)
_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]


@dataclass(frozen=True)
class Field:
    """One column as the descriptor declares it."""

    table: str
    name: str
    body: dict[str, Any]
    missing: tuple[str, ...]

    @property
    def type(self) -> str:
        """The Table Schema type; text where none is given."""
        return str(self.body.get("type", "string"))

    @property
    def constraints(self) -> dict[str, Any]:
        """The constraints."""
        found = self.body.get("constraints")
        return found if isinstance(found, dict) else {}

    @property
    def categories(self) -> list[Any]:
        """The codes of the column in their order, or an empty list."""
        found = self.body.get("categories") or []
        return [item["value"] if isinstance(item, dict) else item for item in found]

    def parse(self, text: pd.Series[Any]) -> pd.Series[Any]:
        """Turn a column of text into its declared type.

        Returns a column of the same length: ``str`` or an (ordered) category for text, ``Int64``,
        ``Float64``, ``boolean``, or ``datetime64``; missing values are ``<NA>``.

        Raises
        ------
        StancepackError
            If a value does not fit the type or is not one of the codes.
        """
        out, wrong = self.convert(text)
        codes = self.categories
        if codes and self.type == "string":
            wrong = ~text.isin([*codes, *self.missing])
            kind = pd.CategoricalDtype(codes, ordered=bool(self.body.get("categoriesOrdered")))
            out = out.mask(wrong).astype(kind)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            expected = f"one of {', '.join(map(str, codes))}" if codes else f"of type {self.type}"
            raise StancepackError(
                f"{self.table}, line {row + 2}, {self.name}: {text.iloc[row]!r} is not {expected}. "
                "Run `stancepack validate` for every fault."
            )
        return out

    def convert(self, text: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Return a column in its declared type, ``<NA>`` where that cannot be, and which of its values do not fit it."""
        there = text.notna() & ~text.isin(list(self.missing))
        values = text.where(there)
        match self.type:
            case "integer":
                fits = text.str.fullmatch(r"[-+]?[0-9]{1,18}")
                return values.where(fits).astype("Int64"), there & ~fits
            case "number":
                fits = text.str.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
                return values.where(fits).astype("Float64"), there & ~fits
            case "boolean":
                known = dict.fromkeys(self.body.get("trueValues", _TRUE), True)
                known |= dict.fromkeys(self.body.get("falseValues", _FALSE), False)
                return values.map(known).astype("boolean"), there & ~text.isin(list(known))
            case "date":
                days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
                return days, there & (
                    days.isna() | ~text.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
                )
            case _:
                return values, pd.Series(False, index=text.index)


@dataclass(frozen=True)
class ForeignKey:
    """Columns of one table that point to columns of another."""

    fields: list[str]
    table: str
    target: list[str]


class Descriptor:
    """A ``datapackage.json`` that has been read and found to be of the right shape.

    Parameters
    ----------
    path
        The descriptor file.

    Raises
    ------
    StancepackError
        If the file is missing, is not UTF-8 JSON, or its resources, fields or keys have not the
        shape the standard asks for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.home = path.parent
        try:
            self.content = json.loads(
                read_text(path), parse_constant=_no_number, object_pairs_hook=_no_key_twice
            )
            json.dumps(self.content, ensure_ascii=False).encode(
                "utf-8"
            )  # half a surrogate pair cannot be written
        except StancepackError as error:
            if os.path.lexists(path):
                raise
            missing = f"{str(error).rstrip('.')}; name a {DESCRIPTOR} or the folder that has it."
            raise StancepackError(missing) from None
        except (ValueError, RecursionError) as error:
            raise StancepackError(
                f"{path}: not a JSON file in UTF-8: {error}. Mend it or build it again."
            ) from None
        self._shape()

    def _fail(self, where: str, what: str) -> NoReturn:
        raise StancepackError(f"{self.path}: {where}: {what}")

    def _shape(self) -> None:
        """Check everything that the rest of the package takes for granted of a descriptor."""
        if not isinstance(self.content, dict):
            self._fail("the descriptor", "should be an object { … }.")
        for part in (
            "$schema",
            "name",
            "title",
            "version",
            "description",
            "codebook",
            "bibliography",
        ):
            if not isinstance(self.content.get(part, ""), str):
                self._fail(part, f"should be text, not {self.content[part]!r}.")
        resources = self.content.get("resources")
        if not isinstance(resources, list) or not resources:
            self._fail("resources", "should be a list with at least one table.")
        names: set[str] = set()
        for number, resource in enumerate(resources):
            if (
                not isinstance(resource, dict)
                or not isinstance(resource.get("name"), str)
                or not resource["name"]
            ):
                self._fail(f"resources[{number}]", "should be an object with a name.")
            where = f"resource {resource['name']!r}"
            if resource["name"] in names:
                self._fail(where, "the name is used twice.")
            names.add(resource["name"])
            path = resource.get("path")
            if not isinstance(path, str) or not path:
                self._fail(where, "path should name one file.")
            if not is_safe(path):
                self._fail(
                    where,
                    f"path {path!r} leads outside the package; keep every file below {DESCRIPTOR}.",
                )
            schema = resource.get("schema")
            if (
                not isinstance(schema, dict)
                or not isinstance(schema.get("fields"), list)
                or not schema["fields"]
            ):
                self._fail(where, "schema.fields should be a list of columns.")
            if not _are_labels(schema.get("missingValues", [""])):
                self._fail(where, "schema.missingValues should be a list of texts.")
            for body in schema["fields"]:
                self._field_shape(where, body)
            columns = [body["name"] for body in schema["fields"]]
            for column in columns:
                if columns.count(column) > 1:
                    self._fail(where, f"the column {column!r} is there twice.")
            self._key_shape(where, schema, columns)
        for table in self.tables:
            for key in self.foreign_keys(table):
                known = self.columns(key.table) if key.table in names else key.target
                for column in key.target:
                    if column not in known:
                        what = (
                            f"foreignKeys point to {column!r}, which is no column of {key.table!r}"
                        )
                        self._fail(f"resource {table!r}", f"{what}; {did_you_mean(column, known)}")

    def _field_shape(self, where: str, body: Any) -> None:
        if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"]:
            self._fail(where, "every field should be an object with a name.")
        where = f"{where}, field {body['name']!r}"
        if body.get("type", "string") not in TYPES:
            self._fail(
                where,
                f"type {body['type']!r} is not known; {did_you_mean(str(body['type']), TYPES)}",
            )
        limits, codes = body.get("constraints", {}), body.get("categories", [])
        if not isinstance(limits, dict):
            self._fail(where, "constraints should be an object { … }.")
        if not isinstance(codes, list) or not all(
            _is_code(item.get("value") if isinstance(item, dict) else item) for item in codes
        ):
            self._fail(where, "categories should be a list of codes, or of objects with a value.")
        for part in ("missingValues", "trueValues", "falseValues"):
            if not _are_labels(body.get(part, [])):
                self._fail(where, f"{part} should be a list of texts.")
        field = Field(where, body["name"], body, ())
        if len({str(code) for code in field.categories}) < len(codes):
            self._fail(where, "a code is there twice.")
        try:
            re.compile(limits.get("pattern", ""))
        except (re.error, TypeError, OverflowError, RecursionError):
            self._fail(where, f"pattern {limits['pattern']!r} is not a regular expression.")
        enum = limits.get("enum", [""])
        if not isinstance(enum, list) or not enum or not all(map(_is_code, enum)):
            self._fail(where, f"enum {enum!r} should be a list of codes.")
        for part in ("required", "unique"):
            if not isinstance(limits.get(part, False), bool):
                self._fail(where, f"{part} should be true or false, not {limits[part]!r}.")
        for part in ("minLength", "maxLength"):
            if type(limits.get(part, 0)) is not int or limits.get(part, 0) < 0:
                self._fail(where, f"{part} should be a count, not {limits[part]!r}.")
        for part in ("minimum", "maximum"):
            if part in limits and (
                not _is_code(limits[part])
                or field.convert(pd.Series([str(limits[part])], dtype="str"))[1].any()
            ):
                self._fail(where, f"{part} {limits[part]!r} should be of type {field.type}.")

    def _key_shape(self, where: str, schema: dict[str, Any], columns: list[str]) -> None:
        keys = schema.get("foreignKeys", [])
        if not isinstance(keys, list) or not all(
            isinstance(k, dict) and isinstance(k.get("reference"), dict) for k in keys
        ):
            self._fail(where, "foreignKeys should be a list of objects with fields and reference.")
        named = [("primaryKey", schema["primaryKey"])] if "primaryKey" in schema else []
        named += [("foreignKeys", key.get("fields")) for key in keys]
        for part, fields in named:
            fields = [fields] if isinstance(fields, str) else fields
            if (
                not isinstance(fields, list)
                or not fields
                or not all(isinstance(column, str) for column in fields)
            ):
                self._fail(where, f"{part} should name columns.")
            for column in fields:
                if column not in columns:
                    self._fail(
                        where,
                        f"{part} names {column!r}, which is no column; {did_you_mean(column, columns)}",
                    )
        for key in keys:
            target = key["reference"].get("fields")
            target = [target] if isinstance(target, str) else target
            size = 1 if isinstance(key["fields"], str) else len(key["fields"])
            if (
                not isinstance(target, list)
                or len(target) != size
                or not all(isinstance(column, str) for column in target)
            ):
                self._fail(
                    where,
                    "foreignKeys should name as many columns in the other table as in this one.",
                )
            if not isinstance(key["reference"].get("resource", ""), str):
                self._fail(where, "foreignKeys should name the other table as reference.resource.")

    @property
    def tables(self) -> list[str]:
        """The names of the tables in the order of the descriptor."""
        return [resource["name"] for resource in self.content["resources"]]

    def resource(self, table: str) -> dict[str, Any]:
        """Return the declaration of a table."""
        for resource in self.content["resources"]:
            if resource["name"] == table:
                return dict(resource)
        raise StancepackError(
            f"{self.content.get('name', 'package')}: no table {table!r}; {did_you_mean(table, self.tables)}"
        )

    def file(self, table: str) -> Path:
        """Return the path of a table's file."""
        return self.home / str(self.resource(table)["path"])

    def fields(self, table: str) -> list[Field]:
        """Return the columns of a table in their order."""
        schema = self.resource(table)["schema"]

        def words(values: list[Any]) -> tuple[str, ...]:
            return tuple(
                str(item.get("value", "") if isinstance(item, dict) else item) for item in values
            )

        general = schema.get("missingValues", [""])
        return [
            Field(table, body["name"], body, words(body.get("missingValues", general)))
            for body in schema["fields"]
        ]

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns in their order."""
        return [field.name for field in self.fields(table)]

    def key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key."""
        key = self.resource(table)["schema"].get("primaryKey") or []
        return [key] if isinstance(key, str) else [str(part) for part in key]

    def foreign_keys(self, table: str) -> list[ForeignKey]:
        """Return the foreign keys of a table; the table of a reference without a name is the table itself."""

        def words(fields: Any) -> list[str]:
            return [fields] if isinstance(fields, str) else list(fields)

        keys = self.resource(table)["schema"].get("foreignKeys", [])
        return [
            ForeignKey(
                words(key["fields"]),
                key["reference"].get("resource") or table,
                words(key["reference"]["fields"]),
            )
            for key in keys
        ]

    def breaches(self, table: str) -> Iterator[tuple[str, str, str, str]]:
        """Go through what a table lacks of the contract of a stance package: column, value, message and remedy."""
        if table not in self.tables:
            if table in CONTRACT:
                yield (
                    "",
                    "",
                    f"The table {table!r} is missing.",
                    "Every stance package has it, if without rows.",
                )
            return
        there = {field.name: field.type for field in self.fields(table)}
        points = {
            key.fields[0]: key.table for key in self.foreign_keys(table) if len(key.fields) == 1
        }
        wanted = []
        for name, key, kind, target in re.findall(
            r"(\w+)(!?)(?::(\w+))?(?:>(\w+))?", (CONTRACT | OPTIONAL)[table]
        ):
            kind = "string" if key or target else kind
            wanted += [name] if key else []
            if name not in there:
                yield name, "", f"The column {name!r} is missing.", did_you_mean(name, there)
            elif kind and there[name] != kind:
                yield name, there[name], f"The type is not {kind}.", f"Declare the type {kind}."
            elif target and points.get(name) != target:
                message = f"The column does not point to the table {target!r}."
                yield name, points.get(name, ""), message, "Declare it under foreignKeys."
        key = self.key(table)
        if key and set(key) != set(wanted):
            yield (
                "primaryKey",
                ", ".join(key),
                "Another primary key is declared.",
                f"It is {', '.join(wanted)}.",
            )

    def read_text(self, table: str, content: bytes | None = None) -> pd.DataFrame:
        """Read a table as text, every cell as it stands in the file, or in bytes read from it.

        Raises
        ------
        StancepackError
            If the file is missing, is not UTF-8, is not CSV, or lacks a column.
        """
        columns = self.columns(table)
        path = self.file(table)
        rows = parse_rows(read_bytes(path) if content is None else content, path, columns)
        return pd.DataFrame(rows, columns=columns, dtype="str")

    def read(self, table: str, text: pd.DataFrame | None = None) -> pd.DataFrame:
        """Read a table with its declared types, from its file or from the text of its cells."""
        text = self.read_text(table) if text is None else text
        return pd.DataFrame(
            {field.name: field.parse(text[field.name]) for field in self.fields(table)}
        )


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return content


def _is_code(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _are_labels(values: Any) -> bool:
    """Tell whether something is a list of texts, or of objects with a text as value."""
    return isinstance(values, list) and all(
        isinstance(item.get("value") if isinstance(item, dict) else item, str) for item in values
    )


def descriptor_file(path: str | os.PathLike[str] | None) -> Path:
    """Return the descriptor that a path names, itself or by its folder; the shipped one for None."""
    given = shipped() if path is None else Path(path)
    try:
        return given / DESCRIPTOR if given.is_dir() else given
    except OSError as error:
        why = f"cannot be read: {error.strerror}; name a {DESCRIPTOR} or the folder that has it."
        raise StancepackError(f"{given}: {why}") from None


def is_safe(path: str) -> bool:
    """Tell whether a path of a descriptor stays below the descriptor."""
    parts = re.split(r"[\\/]", path)
    outside = (
        path.startswith(("/", "\\", "~"))
        or ".." in parts
        or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path)
    )
    return not outside and path.isprintable()
