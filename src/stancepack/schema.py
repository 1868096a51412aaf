"""The contract: reading ``datapackage.json`` and what follows from it for tables, columns and types."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.places import DESCRIPTOR

if TYPE_CHECKING:
    import pandera.pandas as pa

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

        Returns a column of the same length: ``str`` or an (ordered) category for text, ``Int64``, ``Float64``,
        ``boolean``, or ``datetime64``; missing values are ``<NA>``.

        Raises
        ------
        StancepackError
            If a value does not fit the type or is not one of the codes.
        """
        there = ~text.isin(list(self.missing))
        values = text.where(there)
        wrong: pd.Series[Any]
        out: pd.Series[Any]
        match self.type:
            case "integer":
                wrong = there & ~text.str.fullmatch(r"[-+]?\d{1,18}")
                out = values.mask(wrong).astype("Int64")
            case "number":
                wrong = there & ~text.str.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
                out = values.mask(wrong).astype("Float64")
            case "boolean":
                known = dict.fromkeys(self.body.get("trueValues", _TRUE), True)
                known |= dict.fromkeys(self.body.get("falseValues", _FALSE), False)
                wrong = there & ~text.isin(list(known))
                out = values.map(known).astype("boolean")
            case "date":
                days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
                wrong = there & (days.isna() | ~text.str.fullmatch(r"\d{4}-\d{2}-\d{2}"))
                out = days
            case _:
                wrong = pd.Series(False, index=text.index)
                out = values
        codes = self.categories
        if codes and self.type == "string":
            wrong = there & ~text.isin(codes)
            out = values.astype(pd.CategoricalDtype(codes, ordered=bool(self.body.get("categoriesOrdered"))))
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            expected = f"one of {', '.join(map(str, codes))}" if codes else f"of type {self.type}"
            raise StancepackError(
                f"{self.table}, line {row + 2}, {self.name}: {text.iloc[row]!r} is not {expected}. "
                "Run `stancepack validate` for every fault."
            )
        return out


class Descriptor:
    """A ``datapackage.json`` that has been read and found to be of the right shape.

    Parameters
    ----------
    path
        The descriptor file.

    Raises
    ------
    StancepackError
        If the file is missing, is not UTF-8 JSON, or its resources, fields or keys have not the shape the standard
        asks for.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.home = path.parent
        try:
            self.content = json.loads(path.read_bytes().decode("utf-8"))
        except FileNotFoundError:
            raise StancepackError(f"{path}: the file is missing; name a {DESCRIPTOR} or the folder that has it.") from None
        except OSError as error:
            raise StancepackError(f"{path}: cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError) as error:
            raise StancepackError(f"{path}: not a JSON file in UTF-8: {error}. Mend it or build it again.") from None
        self._shape()

    def _shape(self) -> None:
        def fail(where: str, what: str) -> None:
            raise StancepackError(f"{self.path}: {where}: {what}")

        if not isinstance(self.content, dict):
            fail("the descriptor", "should be an object { … }.")
        resources = self.content.get("resources")
        if not isinstance(resources, list) or not resources:
            fail("resources", "should be a list with at least one table.")
        names: set[str] = set()
        for number, resource in enumerate(resources or []):
            where = f"resources[{number}]"
            if not isinstance(resource, dict) or not isinstance(resource.get("name"), str):
                fail(where, "should be an object with a name.")
            where = f"resource {resource['name']!r}"
            if resource["name"] in names:
                fail(where, "the name is used twice.")
            names.add(resource["name"])
            path = resource.get("path")
            if not isinstance(path, str) or not path:
                fail(where, "path should name one file.")
            if not is_safe(path):
                fail(where, f"path {path!r} leads outside the package; keep every file below {DESCRIPTOR}.")
            schema = resource.get("schema")
            if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list) or not schema["fields"]:
                fail(where, "schema.fields should be a list of columns.")
            for field in schema["fields"]:
                if not isinstance(field, dict) or not isinstance(field.get("name"), str):
                    fail(where, "every field should be an object with a name.")
                for part, kind in (("constraints", dict), ("categories", list), ("missingValues", list)):
                    if part in field and not isinstance(field[part], kind):
                        fail(f"{where}, field {field['name']!r}", f"{part} should be a {kind.__name__}.")
                for item in field.get("categories", []):
                    if isinstance(item, dict) and "value" not in item:
                        fail(f"{where}, field {field['name']!r}", "every category should have a value.")
                pattern = (field.get("constraints") or {}).get("pattern", "")
                try:
                    re.compile(pattern)
                except (re.error, TypeError):
                    fail(f"{where}, field {field['name']!r}", f"pattern {pattern!r} is not a regular expression.")
            if not isinstance(schema.get("missingValues", [""]), list):
                fail(where, "schema.missingValues should be a list.")
            keys = schema.get("foreignKeys", [])
            if not isinstance(keys, list) or not all(
                isinstance(k, dict) and "fields" in k and isinstance(k.get("reference"), dict) for k in keys
            ):
                fail(where, "foreignKeys should be a list of objects with fields and reference.")

    @property
    def tables(self) -> list[str]:
        """The names of the tables in the order of the descriptor."""
        return [resource["name"] for resource in self.content["resources"]]

    def resource(self, table: str) -> dict[str, Any]:
        """Return the declaration of a table."""
        for resource in self.content["resources"]:
            if resource["name"] == table:
                return dict(resource)
        raise StancepackError(f"{self.content.get('name', 'package')}: no table {table!r}; {did_you_mean(table, self.tables)}")

    def file(self, table: str) -> Path:
        """Return the path of a table's file."""
        return self.home / str(self.resource(table)["path"])

    def fields(self, table: str) -> list[Field]:
        """Return the columns of a table in their order."""
        schema = self.resource(table)["schema"]

        def words(values: list[Any]) -> tuple[str, ...]:
            return tuple(str(item.get("value", "") if isinstance(item, dict) else item) for item in values)

        general = schema.get("missingValues", [""])
        return [Field(table, body["name"], body, words(body.get("missingValues", general))) for body in schema["fields"]]

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns in their order."""
        return [field.name for field in self.fields(table)]

    def key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key."""
        key = self.resource(table)["schema"].get("primaryKey") or []
        return [key] if isinstance(key, str) else [str(part) for part in key]

    def read_text(self, table: str) -> pd.DataFrame:
        """Read a table as text, every cell as it stands in the file.

        Raises
        ------
        StancepackError
            If the file is missing, is not UTF-8, is not CSV, or lacks a column.
        """
        path = self.file(table)
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")
        except FileNotFoundError:
            raise StancepackError(f"{path}: the file of table {table!r} is missing.") from None
        except (OSError, UnicodeDecodeError, ValueError, pd.errors.ParserError) as error:
            raise StancepackError(
                f"{path}: table {table!r} cannot be read as UTF-8 CSV: {' '.join(str(error).split())}"
            ) from None
        lost = [column for column in self.columns(table) if column not in frame.columns]
        if lost:
            raise StancepackError(f"{path}: table {table!r} has no column {lost[0]!r}; {did_you_mean(lost[0], frame)}")
        return frame

    def read(self, table: str) -> pd.DataFrame:
        """Read a table with its declared types."""
        text = self.read_text(table)
        return pd.DataFrame({field.name: field.parse(text[field.name]) for field in self.fields(table)})


def is_safe(path: str) -> bool:
    """Tell whether a path of a descriptor stays below the descriptor."""
    parts = re.split(r"[\\/]", path)
    return not (path.startswith(("/", "\\", "~")) or ".." in parts or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path))


def pandera_schema(descriptor: Descriptor, table: str) -> pa.DataFrameSchema:
    """Derive the pandera schema of a table, as text is read, from the descriptor.

    Columns are text; missing values must have been turned to ``<NA>``. The checks are those that bytes cannot break
    (codes, patterns, ranges, uniqueness), so that they can be run on frames as well as on files.
    """
    import pandera.pandas as pa

    columns: dict[str, pa.Column] = {}
    for field in descriptor.fields(table):
        limits, checks = field.constraints, []
        codes = [str(code) for code in limits.get("enum", field.categories)]
        if codes:
            checks.append(pa.Check.isin(codes, name="code"))
        if "pattern" in limits:
            checks.append(pa.Check.str_matches(rf"^(?:{limits['pattern']})$", name="pattern"))
        for word, test in (("minimum", pd.Series.ge), ("maximum", pd.Series.le)):
            if word in limits:
                checks.append(
                    pa.Check(lambda s, t=test, bound=limits[word]: t(pd.to_numeric(s, errors="coerce"), bound), name=word)
                )
        columns[field.name] = pa.Column(
            str, checks, nullable=not limits.get("required", False), unique=bool(limits.get("unique", False))
        )
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=table)
