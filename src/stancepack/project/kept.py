"""The tables that people keep by hand: where each lies, its columns, and its rows as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.columns import Field, ForeignKey
from stancepack.dataset.declaration import declare
from stancepack.dataset.descriptor import Descriptor
from stancepack.dataset.settings import Settings
from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.files.tables import Row, read_rows

if TYPE_CHECKING:
    from stancepack.project.project import Project

STATEMENTS = "statements"
SYSTEMS = "systems"  # column of the unit list, which becomes a table of its own
_SYSTEMS_BODY = {
    "name": SYSTEMS,
    "type": "string",
    "description": "What the statement bears on: ids of systems, parted by spaces.",
    "example": "tax",
}
_SEVERAL_ACTORS = "Who said it; several ids are parted by spaces."


@dataclass(frozen=True)
class KeptTable:
    """A table as it is kept: its file, and the columns that are filled by hand.

    Parameters
    ----------
    name, title, description
        What the contract, or the project, calls the table and says of it.
    file
        Where it lies, relative to the project.
    fields
        Its columns, those left out that a build computes.
    key
        The columns that tell its rows apart.
    foreign_keys
        The columns that point to rows of other tables.
    lists
        The columns that hold several ids, parted by spaces, with the table that they point to.
    """

    name: str
    title: str
    description: str
    file: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.fields]

    @property
    def required(self) -> list[str]:
        """The columns that no row may leave empty."""
        return [column.name for column in self.fields if column.constraints.get("required")]


def kept_tables(settings: Settings, book: Codebook) -> dict[str, KeptTable]:
    """Return the tables that are kept by hand in a project, by name."""
    descriptor = Descriptor(declare(settings, book), Path(DESCRIPTOR))
    kept = {}
    for name in descriptor.tables:
        if name not in contract.TABLES:
            kept[name] = _kept(descriptor, name, f"seeds/{name}.csv")
        elif file := contract.table(name).get("kept"):
            kept[name] = _kept(descriptor, name, str(file))
    kept[STATEMENTS] = _unit_list(kept[STATEMENTS], settings.modules, book)
    return kept


def _kept(descriptor: Descriptor, name: str, file: str) -> KeptTable:
    resource = descriptor.resource(name)
    computed = contract.marked("computed")
    fields = [body for body in descriptor.fields(name) if (name, body.name) not in computed]
    return KeptTable(
        name,
        resource["title"],
        resource["description"],
        file,
        tuple(fields),
        tuple(descriptor.key(name)),
        tuple(descriptor.foreign_keys(name)),
    )


def _unit_list(table: KeptTable, modules: list[str], book: Codebook) -> KeptTable:
    """Return the statements as the unit list has them: without what is coded, with lists of ids."""
    fields = [body for body in table.fields if body.name not in book.variables]
    lists = {}
    if "joint" in modules:
        lists["actor_id"] = "actors"
        fields = [
            replace(body, body={**body.body, "description": _SEVERAL_ACTORS})
            if body.name == "actor_id"
            else body
            for body in fields
        ]
    if "systems" in modules:
        lists[SYSTEMS] = "systems"
        fields.append(Field(STATEMENTS, SYSTEMS, _SYSTEMS_BODY, ("",)))
    keys = tuple(key for key in table.foreign_keys if key.fields[0] not in lists)
    return replace(table, fields=tuple(fields), foreign_keys=keys, lists=lists)


class KeptRows:
    """The rows of a project's kept tables as they are: nothing that is wrong in them is refused.

    Parameters
    ----------
    project
        The project.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._rows: dict[str, list[Row]] = {}

    @cached_property
    def tables(self) -> dict[str, KeptTable]:
        """The tables, by name."""
        return kept_tables(self.project.settings, self.project.codebook)

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table.

        Raises
        ------
        StancepackError
            If its file is missing, is no CSV, or lacks its key.
        """
        if name not in self._rows:
            table = self.tables[name]
            if name == "sources":
                self._rows[name] = list(self.project.sources.values())
            else:
                self._rows[name] = read_rows(self.project.path(table.file), table.key)
        return self._rows[name]

    def put(self, name: str, rows: list[Row]) -> None:
        """Take rows for those of a table, which need not be in the project yet."""
        self._rows[name] = rows

    def ids(self, name: str) -> dict[str, Row] | None:
        """Return the rows of a table by their ids; None if it is not kept or cannot be read."""
        if name == "issues":
            return {issue: {"issue_id": issue} for issue in self.project.codebook.issues}
        if name not in self.tables:
            return None
        try:
            return {row[self.tables[name].key[0]]: row for row in self.rows(name)}
        except StancepackError:  # said where the table itself is checked
            return None
