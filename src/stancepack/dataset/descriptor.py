"""The descriptor: ``datapackage.json``, and what follows from it for tables and columns."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.cells import read_cells
from stancepack.dataset.columns import Field, ForeignKey
from stancepack.dataset.descriptor_shape import as_list, shape_problems
from stancepack.errors import StancepackError, UnknownName, did_you_mean
from stancepack.files.paths import DESCRIPTOR, shipped
from stancepack.files.reading import read_bytes, read_text
from stancepack.files.tables import parse_rows

MADE_FROM, TABLES = "madeFrom", "tables"  # what a package that no project released says of itself
_CONDITION = "condition"


class Descriptor:
    """A ``datapackage.json`` that has been found to be of the right shape.

    Parameters
    ----------
    content
        What it says.
    path
        Where it stands, or would stand.

    Raises
    ------
    StancepackError
        If its resources, fields or keys have not the shape the standard asks for.
    """

    def __init__(self, content: Any, path: Path) -> None:
        self.path = path
        self.home = path.parent
        for where, what in shape_problems(content):
            raise StancepackError(f"{path}: {where}: {what}")
        self.content: dict[str, Any] = content

    @classmethod
    def read(cls, path: Path) -> Descriptor:
        """Read a descriptor.

        Raises
        ------
        StancepackError
            If the file is missing or is not UTF-8 JSON, or as for the class.
        """
        try:
            text = read_text(path)
        except StancepackError as error:
            if os.path.lexists(path):
                raise
            missing = f"{str(error).rstrip('.')}; name a {DESCRIPTOR} or the folder that has it."
            raise StancepackError(missing) from None
        try:
            content = json.loads(
                text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubled_key
            )
        except (ValueError, RecursionError) as error:
            what = f"not a JSON file: {error}. Mend it or build it again."
            raise StancepackError(f"{path}: {what}") from None
        return cls(content, path)

    @property
    def tables(self) -> list[str]:
        """The names of the tables in the order of the descriptor."""
        return [resource["name"] for resource in self.content["resources"]]

    def resource(self, table: str) -> dict[str, Any]:
        """Return the declaration of a table."""
        for resource in self.content["resources"]:
            if resource["name"] == table:
                return dict(resource)
        hint = did_you_mean(table, self.tables)
        raise UnknownName(f"{self.content.get('name', 'package')}: no table {table!r}; {hint}")

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
        return as_list(self.resource(table)["schema"].get("primaryKey"))

    def foreign_keys(self, table: str) -> list[ForeignKey]:
        """Return the foreign keys of a table; a reference without a name is to the table itself."""
        keys = self.resource(table)["schema"].get("foreignKeys", [])
        return [
            ForeignKey(
                as_list(key["fields"]),
                key["reference"].get("resource") or table,
                as_list(key["reference"]["fields"]),
            )
            for key in keys
        ]

    @cached_property
    def modules(self) -> list[str]:
        """The modules of the contract that the package uses, told from its tables and columns."""
        used = {contract.module_of(table) for table in self.tables if table in contract.TABLES}
        for table in {*self.tables} & {*contract.TABLES}:
            used |= {contract.module_of(table, column) for column in self.columns(table)}
        return [module for module in contract.MODULES if module in used]

    @property
    def is_release(self) -> bool:
        """Whether a project released the package, so that it has all that the contract asks for.

        A package made of tables has what there was; what it has keeps the contract too.
        """
        return self.content.get(MADE_FROM) != TABLES

    @property
    def has_codebook(self) -> bool:
        """Whether there is a codebook, as every release has one."""
        return self.is_release or "codebook" in self.content

    def breaches(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Go through breaches of the contract: table, column, value, message and remedy."""
        for name, declared in contract.tables(self.modules).items():
            if name not in self.tables:
                if not self.is_release:
                    continue
                message = f"The table {name!r} is missing."
                yield (
                    name,
                    "",
                    "",
                    message,
                    "Every package of these modules has it, if without rows.",
                )
                continue
            for breach in self._column_breaches(name, declared):
                yield name, *breach

    def _column_breaches(
        self, table: str, declared: Mapping[str, Any]
    ) -> Iterator[tuple[str, str, str, str]]:
        types = {field.name: field.type for field in self.fields(table)}
        targets = {
            key.fields[0]: key.table for key in self.foreign_keys(table) if len(key.fields) == 1
        }
        wanted = {
            key["fields"][0]: key["reference"]["resource"] or table
            for key in declared.get("foreignKeys", [])
        }
        if not self.is_release:  # it refers to the tables that are there
            wanted = {name: target for name, target in wanted.items() if target in self.tables}
        for body in declared["fields"]:
            name, kind = body["name"], body["type"]
            if name not in types:
                if name == _CONDITION or not self.is_release:
                    continue  # a condition is there only where a code asks for one
                yield name, "", f"The column {name!r} is missing.", did_you_mean(name, types)
            elif types[name] != kind and "codesFrom" not in body:
                yield name, types[name], f"The type is not {kind}.", f"Declare the type {kind}."
            elif targets.get(name) != wanted.get(name, targets.get(name)):
                message = f"The column does not point to the table {wanted[name]!r}."
                yield name, targets.get(name, ""), message, "Declare it under foreignKeys."
        key, wanted_key = {*self.key(table)}, {*declared["primaryKey"]}
        if not self.is_release:
            wanted_key = wanted_key & {*types} | key
        if key and key != wanted_key:
            remedy = f"It is {', '.join(declared['primaryKey'])}."
            named = ", ".join(self.key(table))
            yield "primaryKey", named, "Another primary key is declared.", remedy

    def read_text(self, table: str, content: bytes | None = None) -> pd.DataFrame:
        """Read a table as text, every cell as it stands in the file, or in bytes read from it.

        Raises
        ------
        StancepackError
            As for `read_cells`.
        """
        return self.read_cells(table, content).astype("str")

    def read_cells(self, table: str, content: bytes | None = None) -> pd.DataFrame:
        """Read a table as text in columns whose categories are their distinct cells.

        Raises
        ------
        StancepackError
            If the file is missing, is not UTF-8, is not CSV, or lacks a column.
        """
        columns = self.columns(table)
        path = self.file(table)
        content = read_bytes(path) if content is None else content
        cells = read_cells(content, columns)
        if (
            cells is None
        ):  # columns in another order, blank lines, a byte order mark; or no table at all
            rows = parse_rows(content, path, columns)
            cells = pd.DataFrame(rows, columns=columns, dtype="str").astype("category")
        return cells

    def read_table(self, table: str, text: pd.DataFrame | None = None) -> pd.DataFrame:
        """Read a table with its declared types, from its file or from the text of its cells."""
        text = self.read_cells(table) if text is None else text
        fields = self.fields(table)
        return pd.DataFrame({field.name: field.parse(text[field.name]) for field in fields})


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _refuse_doubled_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {doubled!r} is there twice")
    return content


def descriptor_file(path: str | os.PathLike[str] | None) -> Path:
    """Return the descriptor that a path names, or its folder; the shipped one for None."""
    given = shipped() if path is None else Path(path)
    try:
        return given / DESCRIPTOR if given.is_dir() else given
    except OSError as error:
        why = f"cannot be read: {error.strerror}; name a {DESCRIPTOR} or the folder that has it."
        raise StancepackError(f"{given}: {why}") from None
