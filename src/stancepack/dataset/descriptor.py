"""The descriptor: ``datapackage.json``, and what follows from it for tables and columns."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.arguments import a_path
from stancepack.dataset import contract
from stancepack.dataset.cells import read_cells
from stancepack.dataset.columns import Field, ForeignKey
from stancepack.dataset.descriptor_shape import as_list, shape_problems
from stancepack.dataset.refusals import (
    DIGESTS,
    Refusal,
    dialect_of,
    digest_of,
    field_problems,
    fields_match,
    null_sequence,
    resource_problems,
)
from stancepack.errors import StancepackError, UnknownName, did_you_mean
from stancepack.files.dialect import Dialect
from stancepack.files.paths import DESCRIPTOR, shipped
from stancepack.files.reading import as_utf8, decoded, read_bytes, read_text
from stancepack.files.tables import lines_of_rows, parse_rows

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
        null = null_sequence(self.resource(table))
        has_book = "codebook" in self.content and table in contract.TABLES
        return [
            Field(
                table,
                body["name"],
                body,
                (*words(body.get("missingValues", general)), *null),
                has_book or contract.has_column(table, body["name"]),
            )
            for body in schema["fields"]
        ]

    def dialect(self, table: str) -> Dialect:
        """Return how the file of a table is written."""
        dialect = dialect_of(self.resource(table))
        empty_is_missing = all("" in field.missing for field in self.fields(table))
        return replace(dialect, keeps_empty_rows=not empty_is_missing)

    def fields_match(self, table: str) -> str:
        """Return how the columns of a file answer those declared: the standard's fieldsMatch."""
        return str(fields_match(self.resource(table)["schema"]))

    def refusals(self, table: str) -> Iterator[Refusal]:
        """Go through what is declared of a table and not read; such a table is refused."""
        for problem in resource_problems(self.resource(table)):
            yield Refusal("", *problem)
        for field in self.fields(table):
            for problem in field_problems(field.body):
                yield Refusal(field.name, *problem)

    def is_as_stamped(self, table: str, content: bytes) -> bool:
        """Tell whether a file's bytes have the hash that is declared of them, if one is."""
        algorithm, digest = digest_of(self.resource(table))
        is_known = algorithm in DIGESTS  # another one is refused when the table is read
        return not is_known or hashlib.new(algorithm, content).hexdigest() == digest

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns in their order."""
        return [field.name for field in self.fields(table)]

    def key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key."""
        return as_list(self.resource(table)["schema"].get("primaryKey"))

    def unique_keys(self, table: str) -> list[list[str]]:
        """Return the sets of columns whose values stand together in one row only."""
        keys = self.resource(table)["schema"].get("uniqueKeys", [])
        return [as_list(key) for key in keys]

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
            If the file is missing, is not of the declared encoding, is not CSV, or lacks a column;
            or if something is declared of the table that is not read.
        """
        for refusal in self.refusals(table):
            raise StancepackError(f"{self.path}: {refusal.sentence(table)}")
        columns, dialect = self.columns(table), self.dialect(table)
        path = self.file(table)
        content = read_bytes(path) if content is None else content
        content = as_utf8(content, path, dialect.encoding)
        cells = read_cells(content, columns, dialect)
        if cells is None:  # columns in another order, blank lines, …; or no table at all
            rows = self._parsed_rows(table, content, dialect)
            cells = pd.DataFrame(rows, columns=columns, dtype="str").astype("category")
        return cells

    def _parsed_rows(self, table: str, content: bytes, dialect: Dialect) -> list[dict[str, str]]:
        try:
            return parse_rows(content, self.file(table), self.columns(table), dialect=dialect)
        except StancepackError as error:
            match = self.fields_match(table)
            if match not in ("superset", "partial") or "is missing" not in str(error):
                raise
            what = f"table {table!r}: fieldsMatch {match!r} is not read where a column is away"
            remedy = "take it out of the fields."
            raise StancepackError(f"{self.path}: {what} ({error}); {remedy}") from None

    def read_table(
        self, table: str, text: pd.DataFrame | None = None, content: bytes | None = None
    ) -> pd.DataFrame:
        """Read a table with its declared types.

        Parameters
        ----------
        table
            The table.
        text
            Its cells; they are read if None.
        content
            The bytes of its file, from which messages tell the line of a cell.
        """
        text = self.read_cells(table, content) if text is None else text

        def line_of(row: int) -> int:
            return row + 2 if content is None else self.lines(table, content)[row]

        return pd.DataFrame(
            {field.name: field.parse(text[field.name], line_of) for field in self.fields(table)}
        )

    def lines(self, table: str, content: bytes) -> list[int]:
        """Return the line of each row in the bytes of a table's file that can be read."""
        dialect = self.dialect(table)
        text = decoded(content, self.file(table), dialect.encoding)
        return lines_of_rows(text.removeprefix("\ufeff"), dialect)


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
    given = shipped() if path is None else a_path("path", path)
    try:
        return given / DESCRIPTOR if given.is_dir() else given
    except OSError as error:
        why = f"cannot be read: {error.strerror}; name a {DESCRIPTOR} or the folder that has it."
        raise StancepackError(f"{given}: {why}") from None
