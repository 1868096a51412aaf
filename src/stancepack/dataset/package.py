"""Loading a stance package: tables with real types, the codebook, and positions in tidy form."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor, descriptor_file
from stancepack.dataset.descriptor_shape import is_safe
from stancepack.dataset.partial import partial_positions, positions_of_stances
from stancepack.dataset.tidy import COLUMNS, settling_codings
from stancepack.errors import StancepackError, StancepackWarning
from stancepack.files.atomic import interrupted
from stancepack.files.paths import CODEBOOK
from stancepack.files.reading import read_bytes

if TYPE_CHECKING:
    import pandera.pandas as pa

    from stancepack.dataset.from_tables import ColumnNames
    from stancepack.dataset.given_scales import ScaleLike
    from stancepack.dataset.scales import Scale


def load(path: str | os.PathLike[str] | None = None) -> StancePackage:
    """Load a stance package: the data set shipped with stancepack, your own, or any Data Package.

    What a ``datapackage.json`` declares of its files (encoding, dialect) and of its cells (format,
    decimal and group signs, missing values, codes) is read as declared. What of it is not read is
    refused, by name, when the table is asked for; nothing is passed over or guessed.

    Columns load as ``Int64``, ``Float64``, ``boolean``, ``datetime64`` (of the type ``date``) and
    ``str``. The types time, datetime, year, yearmonth, duration, list, array, object, geopoint,
    geojson and any load as text, as it stands; times and datetimes that are written by a pattern
    load in the default form of their type (``2012-12-31T10:30:00``).

    Columns that declare ``categories`` load as a pandas categorical of all declared codes, ordered
    if they are, so that `agreement` knows the codes that nobody used; numbers of such a column are
    ``frame["code"].astype("Int64")``. In a package with a codebook the tables of the contract keep
    codes that are numbers as numbers: there each issue has its own codes, in `StancePackage.scale`.

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
        When a table is read: if its file or a cell is not as declared, or something is declared
        that is not read.

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


_SAVE_IT = "save(folder) writes it"
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

    `load` gives one of files, `from_tables` makes one of frames.

    Parameters
    ----------
    descriptor
        The descriptor.
    frames
        Tables in memory; the others are read from their files.
    codebook
        The codebook; that which the descriptor names if None.

    Attributes
    ----------
    truth
        Of a simulated package, what it was made from; else None. See `simulate`.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        frames: Mapping[str, pd.DataFrame] | None = None,
        codebook: Codebook | None = None,
    ) -> None:
        if not isinstance(descriptor, Descriptor):
            what = f"is made of a Descriptor, not of {type(descriptor).__name__}"
            raise StancepackError(f"StancePackage() {what}; use load() or from_tables().")
        if not isinstance(frames, Mapping | None):
            raise StancepackError("frames maps the names of tables to frames.")
        self.descriptor = descriptor
        self.truth: pd.DataFrame | None = None
        self._frames = dict(frames or {})
        self._in_memory = frozenset(self._frames)
        self._settling: dict[str, pd.DataFrame] = {}
        self._positions: pd.DataFrame | None = None
        self.has_own_codebook = codebook is not None
        if codebook is not None:
            self.__dict__["codebook"] = codebook

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, Any],
        scales: ScaleLike | Mapping[str, ScaleLike] | None = None,
        *,
        name: str = "study",
        title: str | None = None,
        version: str | None = None,
        codebook: Codebook | Mapping[str, Any] | str | os.PathLike[str] | None = None,
        **columns: Unpack[ColumnNames],
    ) -> StancePackage:
        """Make a package in memory of whatever tables there are; missing ones are absent.

        Parameters
        ----------
        tables
            Names of tables to tables: frames (pandas, Polars, DuckDB, Arrow …), lists of dicts, or
            paths of CSV files. ``"positions"`` alone is enough for everything over time: a row for
            each position, with ``actor`` (or ``actor_id``), ``date``, ``issue`` (or ``issue_id``)
            and ``position``; what else of the contract's columns it has is used (``side``,
            ``source``, ``quote``, ``repeats`` …). Or the tables of the contract, any of them:
            ``"codings"`` for agreement, ``"statements"`` and ``"stances"`` for positions,
            ``"actors"`` and so on. Further columns and tables are kept as they are.
        scales
            The codes of each issue, or one scale for all: ``"-2..2"``, ``"oppose,neutral,favour"``,
            a `Scale`, or a list of codes from the lowest to the highest. None if the type of the
            column says the order (ordered categorical, Enum). An order is never guessed.
        name, title, version
            Of the package; a version is three numbers, such as ``"1.0.0"``.
        codebook
            A `Codebook` or its file, in place of `scales`.
        **columns
            What your columns are called: ``actor_column="speaker"``, ``date_column``,
            ``issue_column``, ``position_column``, ``statement_column``, ``side_column``,
            ``source_column``, ``quote_column``, ``coder_column``, ``round_column``.

        Returns
        -------
        StancePackage
            What `trajectory`, `network`, `agreement` and all others take; `save` writes it.

        Raises
        ------
        StancepackError
            If an issue has no scale, a column is missing, or a cell cannot be read or refers to
            nothing; the message names table, row (from 0), column and value.

        Notes
        -----
        Dates are EDTF (``2007-02-10``, ``2007-02``, ``2004/2009``), days of any library, or years
        as numbers: 2007 is the year. The first and last day that each can mean are worked out.
        Positions are read as `codings` reads codes: numbers as text, with any minus. A position
        that is empty or ``NA`` is none. Where no statement has an id, each row of ``positions`` is
        a statement, and they are numbered (``S1`` …). Where only the name of an actor or issue is
        given, it is the id too. Text is kept, with line ends as LF, accents joined (NFC), and
        without characters that nobody sees.

        Examples
        --------
        >>> import pandas as pd
        >>> import stancepack as sp
        >>> mine = pd.DataFrame({
        ...     "speaker": ["Ada", "Ada", "Ben"],
        ...     "when": [2007, "2008-05", "2009-01-20"],
        ...     "topic": "funding",
        ...     "stance": ["−1", "2", "0"],
        ... })
        >>> pkg = sp.StancePackage.from_tables(
        ...     {"positions": mine},
        ...     scales="-2..2",
        ...     actor_column="speaker",
        ...     date_column="when",
        ...     issue_column="topic",
        ...     position_column="stance",
        ... )
        >>> pkg
        <StancePackage study: 3 positions>
        >>> pkg.positions()[["actor", "date_latest", "position"]]
          actor date_latest  position
        0   Ada  2007-12-31        -1
        1   Ada  2008-05-31         2
        2   Ben  2009-01-20         0
        """
        from stancepack.dataset.from_tables import made_of_tables

        about = {"name": name, "title": name if title is None else title}
        about |= {} if version is None else {"version": version}
        return cls(*made_of_tables(tables, scales, codebook, about, columns))

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the package as a Data Package: its descriptor, tables and codebook.

        Parameters
        ----------
        folder
            A folder that is new, empty, or has a package that this wrote and nobody changed since;
            anything else is left alone.

        Returns
        -------
        pathlib.Path
            The ``datapackage.json``, which `load` and `validate` take. All files are written, or
            none. What is known of a simulated package beside its tables is not written.

        Raises
        ------
        StancepackError
            If something else stands in the folder, or it cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import stancepack as sp
        >>> made = sp.simulate(statements=20, seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = made.save(folder)
        ...     print(file.name, sp.load(folder)["stances"].equals(made["stances"]))
        datapackage.json True
        """
        from stancepack.dataset.saving import save

        return save(self, folder)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: what was read from files is read again."""
        kept = {table: self._frames[table] for table in self._in_memory}
        state = {**self.__dict__, "_frames": kept, "_settling": {}, "_positions": None}
        if not self.has_own_codebook:
            state.pop("codebook", None)
        return state

    __eq__ = object.__eq__  # two packages are one only if they are the same
    __hash__ = object.__hash__

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table as a frame of its own, with the types that `load` describes.

        Codes that a column declares as ``categories`` are those of a categorical; where a codebook
        says the codes, as of ``pkg["codings"]["position"]``, numbers are numbers.
        """
        if table not in self._frames:
            content = read_bytes(self.path(table))
            self._warn_of_change(table, content)
            text = self.descriptor.read_cells(table, content)
            self._frames[table] = self.descriptor.read_table(table, text, content)
        return self._frames[table].copy()

    def _warn_of_change(self, table: str, content: bytes) -> None:
        if not self.descriptor.is_as_stamped(table, content):
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
        tables = ["statements", "actors", "codings"]
        tables += [] if "statements" in self else ["positions"]
        counts = ", ".join(
            f"{rows} {name}"
            for name in tables
            if name in self and (rows := self.count(name)) is not None
        )
        version = f" {self.version}" if "version" in self.descriptor.content else ""
        return f"<StancePackage {self.name}{version}: {counts or ', '.join(self)}>"

    def _repr_html_(self) -> str:
        from stancepack.dataset.summary import summary_html

        return summary_html(self)

    def summary(self) -> str:
        """Say what the package holds: its tables with what a row is, who coded, and when.

        Examples
        --------
        >>> import stancepack as sp
        >>> print(sp.load().summary().splitlines()[2])
        Coded by: ...
        """
        from stancepack.dataset.summary import summary_text

        return summary_text(self)

    def is_in_memory(self, table: str) -> bool:
        """Tell whether a table is in memory and has no file."""
        return table in self._in_memory

    def count(self, table: str) -> int | None:
        """Return how many rows a table has, as far as this is known without reading it."""
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
        if self._in_memory.issuperset(self):
            raise StancepackError(f"{self.name} is in memory and has no folder; {_SAVE_IT}")
        return self.descriptor.home

    def path(self, table: str) -> Path:
        """Return the file of a table, for those who want the file."""
        file = self.descriptor.file(table)
        if self.is_in_memory(table):
            what = f"the table {table!r} of {self.name} is in memory and has no file"
            raise StancepackError(f"{what}; {_SAVE_IT}")
        return file

    @property
    def has_codebook(self) -> bool:
        """Whether there is a codebook; one made of tables without scales has none."""
        return self.descriptor.has_codebook

    @cached_property
    def codebook(self) -> Codebook:
        """The instrument: definition, scale, rules and examples of everything that was coded."""
        if not self.has_codebook:
            what = f"{self.name} has no codebook, as no issue in it has a scale"
            raise StancepackError(f"{what}; give from_tables positions, and scales='-2..2' or so.")
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
        if not self.descriptor.is_release:
            return partial_positions(self)
        for table, column, _, message, remedy in self.descriptor.breaches():
            if table in COLUMNS and column in ("", *COLUMNS[table]):
                where = f"{self.descriptor.path}: {table}" + (f", {column}" if column else "")
                raise StancepackError(f"{where}: {message} {remedy}")
        return positions_of_stances(self, self["stances"])
