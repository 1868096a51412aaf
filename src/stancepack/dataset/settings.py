"""A project's own part of its descriptor: ``seeds/project.yaml``.

What every package has stands in the contract, what is coded in the codebook. Name, title, licences,
contributors, sides, kinds, further columns and tables are the project's own, and stand in this one
short file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from stancepack.dataset import contract
from stancepack.dataset.shapes import shape
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import read_yaml
from stancepack.files.shapes import check_shape

FILE = "seeds/project.yaml"
BIBLIOGRAPHY = "seeds/sources.bib"


class Settings:
    """What a project says of itself.

    Parameters
    ----------
    content
        The mapping of ``seeds/project.yaml``.
    where
        Where it stands, for messages.

    Raises
    ------
    StancepackError
        If something in it is not known or of another shape.

    Examples
    --------
    >>> from stancepack.dataset.settings import Settings
    >>> settings = Settings({"name": "votes", "title": "Votes", "version": "1.0.0"})
    >>> settings.modules
    []
    """

    def __init__(self, content: Mapping[str, Any], where: Path | str = FILE) -> None:
        self.content = dict(content)
        self.where = where
        check_shape(self.content, shape("project"), where)
        for module in self.modules:
            if module not in contract.MODULES:
                hint = did_you_mean(module, contract.MODULES)
                raise StancepackError(f"{where}: modules: {module!r} is not known; {hint}")
            for other in contract.NEEDS.get(module, []):
                if other not in self.modules:
                    raise StancepackError(
                        f"{where}: modules: {module!r} needs {other!r}; add it, or leave both out."
                    )
        self._check_tables()

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the file of a project."""
        return cls(read_yaml(path), path)

    def _check_tables(self) -> None:
        for name in self.tables:
            if name in contract.TABLES:
                what = (
                    f"tables: {name!r} is a table of the contract; add columns to it under columns."
                )
                raise StancepackError(f"{self.where}: {what}")
            if not name.replace("_", "").isalnum() or not name.isascii() or not name.islower():
                what = f"tables: {name!r} should be small letters, digits and underscores."
                raise StancepackError(f"{self.where}: {what}")
        for name in self.content.get("columns", {}):
            if name not in contract.TABLES:
                hint = did_you_mean(name, contract.TABLES)
                raise StancepackError(f"{self.where}: columns: there is no table {name!r}; {hint}")

    @property
    def name(self) -> str:
        """The name of the data set."""
        return str(self.content["name"])

    @property
    def title(self) -> str:
        """The title of the data set."""
        return str(self.content["title"])

    @property
    def version(self) -> str:
        """The version of the data set."""
        return str(self.content["version"])

    @property
    def modules(self) -> list[str]:
        """The modules of the contract that the project uses."""
        return list(self.content.get("modules", []))

    @property
    def sides(self) -> dict[str, str]:
        """The sides that actors stand on, with their labels."""
        return dict(self.content.get("sides", {}))

    @property
    def kinds(self) -> dict[str, str]:
        """The kinds of things that positions are about, with their labels."""
        return dict(self.content.get("kinds", {}))

    @cached_property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The project's own tables, kept in ``seeds/``."""
        return dict(self.content.get("tables", {}))

    def columns(self, table: str) -> list[dict[str, Any]]:
        """Return what the project adds to or changes of the columns of a table."""
        return list(self.content.get("columns", {}).get(table, []))
