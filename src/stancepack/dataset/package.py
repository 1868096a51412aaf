"""Loading a stance package: tables with real types, the codebook, and positions in tidy form."""

from __future__ import annotations

import hashlib
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor, descriptor_file
from stancepack.dataset.descriptor_shape import is_safe
from stancepack.dataset.tidy import COLUMNS, settling_codings, tidy_positions
from stancepack.errors import StancepackError, StancepackWarning
from stancepack.files.atomic import interrupted
from stancepack.files.paths import CODEBOOK
from stancepack.files.reading import read_bytes

if TYPE_CHECKING:
    import pandera.pandas as pa

    from stancepack.dataset.scales import Scale


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
    return StancePackage(Descriptor.read(file))


def as_package(data: Any, function: str) -> StancePackage:
    """Return the package that a function is given, itself or by its path.

    Parameters
    ----------
    data
        A package, or the path of one, as `load` takes it.
    function
        The name of the function, for the message.

    Raises
    ------
    StancepackError
        If it is neither.
    """
    if isinstance(data, StancePackage):
        return data
    if isinstance(data, str | os.PathLike):
        return load(data)
    what = f"{function} is of a package or its path, not of {type(data).__name__}"
    raise StancepackError(
        f"{what}; load() gives the shipped one, StancePackage.from_tables() makes one of frames."
    )


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


class StancePackage(Mapping[str, pd.DataFrame]):
    """A stance package: a mapping from table names to frames, with the codebook and the positions.

    Use `load` to make one.

    Parameters
    ----------
    descriptor
        The descriptor.
    frames
        Tables in memory; the others are read from their files.
    codebook
        The codebook; that which the descriptor names if None.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        frames: Mapping[str, pd.DataFrame] | None = None,
        codebook: Codebook | None = None,
    ) -> None:
        self.descriptor = descriptor
        self._frames = dict(frames or {})
        self._settling: dict[str, pd.DataFrame] = {}
        self._positions: pd.DataFrame | None = None
        if codebook is not None:
            self.__dict__["codebook"] = codebook

    __eq__ = object.__eq__  # two packages are one only if they are the same
    __hash__ = object.__hash__

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table as a frame of its own, with real types."""
        if table not in self._frames:
            content = read_bytes(self.path(table))
            self._warn_of_change(table, content)
            text = self.descriptor.read_cells(table, content)
            self._frames[table] = self.descriptor.read_table(table, text)
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
        counts = ", ".join(
            f"{rows} {name}"
            for name in ("statements", "actors", "codings")
            if name in self and (rows := self._count(name)) is not None
        )
        return f"<StancePackage {self.name} {self.version}: {counts or f'{len(self)} tables'}>"

    def _count(self, table: str) -> int | None:
        if table in self._frames:
            return len(self._frames[table])
        rows = self.descriptor.resource(table).get("rows")
        return rows if isinstance(rows, int) else None

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

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
            what = f"the codebook {named!r} lies outside the package."
            raise StancepackError(f"{self.descriptor.path}: {what}")
        return Codebook.read(self.home / named)

    def scale(self, name: str) -> Scale:
        """Return the scale of an issue or a statement-level variable.

        Examples
        --------
        >>> import stancepack as sp
        >>> sp.load().scale("us-sites").numbers.tolist()
        [-2.0, -1.0, 0.0, 1.0, 2.0]
        """
        return self.codebook.scale(name)

    def schema(self, table: str) -> pa.DataFrameSchema:
        """Return the pandera schema of a table, for checking frames of your own.

        Parameters
        ----------
        table
            The table. The schema takes frames with real types, as the package gives them, and
            frames of text.

        Examples
        --------
        >>> import stancepack as sp
        >>> pkg = sp.load()
        >>> pkg.schema("codings").validate(pkg["codings"]).shape == pkg["codings"].shape
        True
        """
        from stancepack.dataset.schemas import pandera_schema

        return pandera_schema(self.descriptor, table)

    def settling(self, table: str) -> pd.DataFrame:
        """Return the codes that were settled: those of each statement's latest round.

        Parameters
        ----------
        table
            ``"codings"`` or ``"statement_codings"``.

        Returns
        -------
        pandas.DataFrame
            The rows of the table, without earlier rounds and without rounds that code another one
            again.

        Raises
        ------
        StancepackError
            If the table holds no codings.

        Examples
        --------
        >>> import stancepack as sp
        >>> pkg = sp.load()
        >>> len(pkg.settling("codings")) == 2 * len(pkg["stances"])
        True
        """
        if table not in ("codings", "statement_codings"):
            raise StancepackError(f"{table!r} holds no codings; take codings or statement_codings.")
        if table not in self._settling:
            self._settling[table] = settling_codings(self[table], self.get("rounds"))
        return self._settling[table].copy()

    def positions(self) -> pd.DataFrame:
        """Return every settled position: a row for each statement, issue and speaker.

        Returns
        -------
        pandas.DataFrame
            What the released table ``positions`` says, in order of issue, actor and date:
            ``statement_id``, ``issue_id``, ``issue`` (its title), ``actor_id``, ``actor``,
            ``side``, ``office`` (held on the day), ``date`` (EDTF), ``date_earliest``,
            ``date_latest``, ``date_basis``, ``position`` (a code of the issue's scale), ``label``
            (what it is called), ``coded_low`` and ``coded_high`` (the coders' lowest and highest
            code; ``<NA>`` where no coder gave a position, or the scale has no order),
            ``settled_by``, the statement-level variables, ``condition``, ``venue``, ``event_id``,
            ``event``, ``source_id``, ``locator`` and ``url`` (of the document that has the
            wording, the first of ``source``), ``source``, ``repeats``, ``text``, ``quote``,
            ``proposition``. Columns of modules that the package leaves out are not there.

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
        if self._positions is None:
            self._positions = self._tidy_positions()
        return self._positions.copy()

    def _tidy_positions(self) -> pd.DataFrame:
        for table, column, _, message, remedy in self.descriptor.breaches():
            if table in COLUMNS and column in ("", *COLUMNS[table]):
                where = f"{self.descriptor.path}: {table}" + (f", {column}" if column else "")
                raise StancepackError(f"{where}: {message} {remedy}")
        tables = {name: self[name] for name in COLUMNS if name in self}
        return tidy_positions(tables | {"codings": self.settling("codings")}, self.codebook)
