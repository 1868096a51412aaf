"""Loading a stance package: tables with real types, the codebook, and positions in tidy form."""

from __future__ import annotations

import hashlib
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor, descriptor_file, is_safe
from stancepack.errors import StancepackError, StancepackWarning
from stancepack.files.atomic import interrupted
from stancepack.files.paths import CODEBOOK
from stancepack.files.reading import read_bytes


def load(path: str | os.PathLike[str] | None = None) -> StancePackage:
    """Load a stance package: the data set shipped with stancepack, or your own.

    Parameters
    ----------
    path
        A ``datapackage.json`` or the folder that has it. None for the shipped data set.

    Returns
    -------
    StancePackage
        The package; its tables are read when first asked for.

    Raises
    ------
    StancepackError
        If there is no readable ``datapackage.json``, or a build of the package was interrupted.

    Warns
    -----
    StancepackWarning
        When a table is read whose file was changed since it was built.

    Examples
    --------
    >>> import stancepack as sp
    >>> pkg = sp.load()
    >>> pkg["issues"]["issue_id"].tolist()[:3]
    ['joint-defence', 'us-sites', 'iran-threat']
    >>> pkg["codings"].dtypes["position"]
    Int64Dtype()
    """
    file = descriptor_file(path)
    _wait_for_writes(file.parent)
    return StancePackage(file)


_PATIENCE = 2.0  # seconds; a build that is under way moves its files in much less


def _wait_for_writes(home: Path) -> None:
    """Wait for a write that is under way; refuse a package of which one was interrupted."""
    end = time.monotonic() + _PATIENCE
    while interrupted(home):
        if time.monotonic() > end:
            raise StancepackError(
                f"{home}: a write was interrupted, and the files can be of two releases; "
                "`stancepack build` completes it."
            )
        time.sleep(0.05)


_POSITIONS = [
    *(
        "statement_id",
        "issue_id",
        "actor_id",
        "actor",
        "side",
        "office",
        "date",
        "date_earliest",
        "date_latest",
    ),
    *(
        "date_basis",
        "position",
        "coded_low",
        "coded_high",
        "settled_by",
        "attribution",
        "conditional",
        "repeats",
    ),
    *("quote", "proposition"),
]


class StancePackage(Mapping[str, pd.DataFrame]):
    """A stance package: a mapping from table names to frames, with the codebook and the positions.

    Use `load` to make one.

    Parameters
    ----------
    path
        The ``datapackage.json``.
    """

    def __init__(self, path: Path) -> None:
        self.descriptor = Descriptor(path)
        self._frames: dict[str, pd.DataFrame] = {}
        self._derived: dict[str, pd.DataFrame] = {}

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table as a frame of its own, with real types."""
        if table not in self._frames:
            content = read_bytes(self.path(table))
            self._warn_of_change(table, content)
            text = self.descriptor.read_text(table, content)
            self._frames[table] = self.descriptor.read(table, text)
        return self._frames[table].copy()

    def _warn_of_change(self, table: str, content: bytes) -> None:
        stamp = self.descriptor.resource(table).get("hash")
        if stamp not in (None, f"sha256:{hashlib.sha256(content).hexdigest()}"):
            warnings.warn(
                f"table {table!r}: {self.path(table)} was changed since it was built; "
                "`stancepack validate` says more, `stancepack build` makes it anew.",
                StancepackWarning,
                stacklevel=3,
            )

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the tables."""
        return iter(self.descriptor.tables)

    def __len__(self) -> int:
        """Count the tables."""
        return len(self.descriptor.tables)

    def __contains__(self, table: object) -> bool:
        """Tell whether there is such a table."""
        return table in self.descriptor.tables

    def __repr__(self) -> str:
        """Say what it is in one line."""
        rows = {
            resource["name"]: resource["rows"]
            for resource in self.descriptor.content["resources"]
            if "rows" in resource
        }
        counts = ", ".join(
            f"{rows[name]} {name}" for name in ("statements", "actors", "codings") if name in rows
        )
        return f"<StancePackage {self.name} {self.version}: {counts or f'{len(self)} tables'}>"

    @property
    def name(self) -> str:
        """The name of the data set."""
        return str(self.descriptor.content.get("name", "unnamed"))

    @property
    def version(self) -> str:
        """The version of the data set."""
        return str(self.descriptor.content.get("version", "without version"))

    @property
    def home(self) -> Path:
        """The folder of the package."""
        return self.descriptor.home

    def path(self, table: str) -> Path:
        """Return the file of a table, for those who want the file."""
        return self.descriptor.file(table)

    @cached_property
    def codebook(self) -> Codebook:
        """The instrument: definition, scale, rules and examples of everything that was coded."""
        named = str(self.descriptor.content.get("codebook", CODEBOOK))
        if not is_safe(named):
            raise StancepackError(
                f"{self.descriptor.path}: the codebook {named!r} lies outside the package."
            )
        return Codebook.read(self.home / named)

    def settling(self, table: str) -> pd.DataFrame:
        """Return the codes from which the settled ones follow: for each statement those of the latest round of its own.

        Parameters
        ----------
        table
            ``"codings"`` or ``"statement_codings"``.

        Returns
        -------
        pandas.DataFrame
            The rows of the table, without earlier rounds and without rounds that code another one
            again.

        Examples
        --------
        >>> import stancepack as sp
        >>> pkg = sp.load()
        >>> len(pkg.settling("codings")) == 2 * len(pkg["stances"])
        True
        """
        from stancepack.dataset.contract import round_order

        if table in self._derived:
            return self._derived[table].copy()
        codes = self[table]
        again = set(self["rounds"].dropna(subset=["of"])["round"]) if "rounds" in self else set()
        codes = codes[~codes["round"].isin(again)]
        names = sorted(codes["round"].unique(), key=round_order)
        place = codes["round"].map({name: number for number, name in enumerate(names)})
        self._derived[table] = codes[place == place.groupby(codes["statement_id"]).transform("max")]
        return self._derived[table].copy()

    def positions(self) -> pd.DataFrame:
        """Return every settled position: one row for each statement and issue that it addresses.

        Returns
        -------
        pandas.DataFrame
            ``statement_id``, ``issue_id``, ``actor_id``, ``actor``, ``side``, ``office`` (held on
            the day), ``date`` (EDTF), ``date_earliest``, ``date_latest``, ``date_basis``,
            ``position`` (−2 … 2), ``coded_low`` and ``coded_high`` (the coders' lowest and highest
            code; ``<NA>`` where no coder gave a position), ``settled_by``, ``attribution``,
            ``conditional``, ``repeats``, ``quote``, ``proposition``; in order of issue, actor and
            date.

        Raises
        ------
        StancepackError
            If a table or column of the contract is missing or of another type, or a value cannot be
            read.

        Examples
        --------
        >>> import stancepack as sp
        >>> positions = sp.load().positions()
        >>> bool(positions["position"].between(-2, 2).all())
        True
        """
        if "positions" in self._derived:
            return self._derived["positions"].copy()
        for table in ("stances", "codings", "statements", "actors", "offices", "issues"):
            for column, _, message, remedy in self.descriptor.breaches(table):
                where = f"{self.descriptor.path}: {table}" + (f", {column}" if column else "")
                raise StancepackError(f"{where}: {message} {remedy}")
        stances = self["stances"].dropna(subset=["position"])[
            ["statement_id", "issue_id", "position", "settled_by"]
        ]
        spread = (
            self.settling("codings")
            .groupby(["statement_id", "issue_id"], observed=True)["position"]
            .agg(coded_low="min", coded_high="max")
            .reset_index()
        )
        said = [
            "date",
            "date_earliest",
            "date_latest",
            "date_basis",
            "attribution",
            "conditional",
            "repeats",
            "quote",
        ]
        statements = self["statements"][
            ["statement_id", "actor_id", "office_id", *said, "proposition"]
        ]
        offices = self["offices"].rename(columns={"title": "office"})[["office_id", "office"]]
        actors = self["actors"].rename(columns={"name": "actor"})[["actor_id", "actor", "side"]]
        order = {issue: place for place, issue in enumerate(self["issues"]["issue_id"])}
        tidy = (
            stances.merge(statements, on="statement_id")
            .merge(actors, on="actor_id")
            .merge(offices, on="office_id", how="left")
            .merge(spread, on=["statement_id", "issue_id"], how="left")
        )
        tidy = tidy.sort_values(
            ["issue_id", "actor_id", "date_earliest", "statement_id"],
            key=lambda column: column.map(order) if column.name == "issue_id" else column,
        )
        self._derived["positions"] = tidy[_POSITIONS].reset_index(drop=True)
        return self._derived["positions"].copy()
