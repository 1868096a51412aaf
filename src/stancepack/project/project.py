"""A project: what people work in, read once and passed along."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancepack.arguments import a_path
from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.declaration import declare, modules_of
from stancepack.dataset.settings import BIBLIOGRAPHY, Settings
from stancepack.dataset.settings import FILE as SETTINGS
from stancepack.dataset.shapes import shape
from stancepack.errors import StancepackError
from stancepack.files.mappings import MOST_BYTES, read_yaml
from stancepack.files.paths import CODEBOOK, DESCRIPTOR, folder_with, text_of
from stancepack.files.reading import read_bytes
from stancepack.files.shapes import check_shape
from stancepack.files.tables import Row, read_rows
from stancepack.project.adjudication import read_ledger
from stancepack.project.bibliography import read_sources
from stancepack.project.coded import sealed_codes, settling_codes
from stancepack.project.coders import CODERS, coders_by_id
from stancepack.project.rounds import ROUNDS, SHAPES, Round, file_sha256, read_round
from stancepack.project.store import Store, locked
from stancepack.project.training import TRAINING, Training
from stancepack.project.units import UNITS, units_by_id

if TYPE_CHECKING:
    import pandas as pd

UNITISING = "coding/unitising"
RETIRED = "coding/retired.csv"


class Project:
    """A project on disk, each file read at most once; take it anew to see what changed.

    Use `Project.open` to find one.

    Parameters
    ----------
    home
        Its folder.
    store
        The store that holds its lock; a project without one can only be read.

    Examples
    --------
    >>> from stancepack.project.project import Project
    >>> Project  # doctest: +ELLIPSIS
    <class '...Project'>
    """

    def __init__(self, home: Path, store: Store | None = None) -> None:
        self.home = a_path("home", home)
        self._store = store
        self._texts: dict[str, str | None] = {}

    @classmethod
    def open(cls, start: str | os.PathLike[str] | None = None) -> Project:
        """Open the project that a path names or lies in; the one at or above here if None.

        Raises
        ------
        StancepackError
            If there is none, or one of version 1, which `stancepack migrate` turns into one of
            today.
        """
        folder = folder_with((SETTINGS, DESCRIPTOR), start)
        if folder is None:
            what = f"no project here or above ({SETTINGS}); make one with `stancepack new FOLDER`."
            raise StancepackError(f"{start or '.'}: {what}")
        if (folder / SETTINGS).is_file():
            return cls(folder)
        if (folder / UNITS).is_file():
            what = "a project of version 1; run `stancepack migrate` in it."
        else:
            what = f"not a project to work on; it has no {SETTINGS}."
        raise StancepackError(f"{folder}: {what}")

    @contextmanager
    def locked(self) -> Iterator[Project]:
        """Lock the project, and give it as it is now; only then can it be written to."""
        if self._store is not None:
            yield self
            return
        with locked(self.home) as store:
            yield Project(self.home, store)

    def write(self, files: Mapping[str | Path, str | bytes]) -> None:
        """Write files of the project, all in one step; their paths are relative to its folder."""
        if self._store is None:
            raise StancepackError(
                f"{self.home}: the project is not locked, and cannot be written to."
            )
        self._store.write(files)

    def path(self, name: str) -> Path:
        """Return the path of a file of the project."""
        return self.home / name

    @cached_property
    def settings(self) -> Settings:
        """What the project says of itself."""
        return Settings.read(self.path(SETTINGS))

    @cached_property
    def codebook(self) -> Codebook:
        """The instrument as it stands now; a round keeps the one that it started with."""
        return Codebook.parse(self.codebook_content, self.path(CODEBOOK))

    @cached_property
    def codebook_content(self) -> bytes:
        """The bytes of the codebook's file."""
        return read_bytes(self.path(CODEBOOK), MOST_BYTES)

    @property
    def codebook_sha256(self) -> str:
        """The fingerprint of the codebook's file."""
        return file_sha256(self.codebook_content)

    @cached_property
    def modules(self) -> list[str]:
        """The modules of the contract that the project uses."""
        return modules_of(self.settings, self.codebook)

    @cached_property
    def declared(self) -> dict[str, Any]:
        """The descriptor that a build writes, but for what only the built tables tell."""
        return declare(self.settings, self.codebook, is_assigned=self.is_assigned)

    @cached_property
    def units(self) -> dict[str, Row]:
        """The unit list, by statement."""
        return units_by_id(self)

    @cached_property
    def coders(self) -> dict[str, Row]:
        """Who unitises, codes and adjudicates, by id."""
        return coders_by_id(
            read_rows(self.path(CODERS), ["coder_id", "kind", "role", "description"])
        )

    @property
    def n_coders(self) -> int:
        """How many of them code."""
        return sum(coder["role"] == "coder" for coder in self.coders.values())

    @cached_property
    def sources(self) -> dict[str, Row]:
        """The bibliography, by source; empty without the module."""
        if "sources" not in self.modules:
            return {}
        return {row["source_id"]: row for row in read_sources(self.path(BIBLIOGRAPHY))}

    @cached_property
    def actors(self) -> dict[str, Row]:
        """The actors, by id."""
        return {row["actor_id"]: row for row in self.seeds["actors"]}

    @cached_property
    def seeds(self) -> dict[str, list[Row]]:
        """Every table that is kept by hand as it is released, the project's own among them."""
        kept = {
            name: (table["kept"], table)
            for name, table in contract.tables(self.modules).items()
            if str(table.get("kept", "")).endswith(".csv") and name not in ("statements", "coders")
        }
        kept |= {name: (f"seeds/{name}.csv", body) for name, body in self.settings.tables.items()}
        return {
            name: self.retired
            if where == RETIRED and self.path(where).is_file()  # read already
            else read_rows(self.path(where), _compulsory_columns(table))
            for name, (where, table) in kept.items()
        }

    @cached_property
    def retired(self) -> list[Row]:
        """The ids that are no longer in use; none where no table says so."""
        columns = _compulsory_columns(contract.table("retired"))
        return read_rows(self.path(RETIRED), columns) if self.path(RETIRED).is_file() else []

    @cached_property
    def training(self) -> Training | None:
        """The training set, if there is one."""
        return Training.read(self) if self.path(TRAINING).is_file() else None

    @cached_property
    def rounds(self) -> dict[str, Round]:
        """The rounds of coding in the order of their names, the training left out."""
        names = [path.parent.name for path in self.path(ROUNDS).glob("*/manifest.yaml")]
        names = sorted(set(names) - {Round.TRAINING}, key=contract.round_order)
        return {name: read_round(self, name) for name in names}

    @cached_property
    def training_round(self) -> Round | None:
        """The record of who passed the training, if anybody tried."""
        if not self.path(f"{ROUNDS}/{Round.TRAINING}/manifest.yaml").is_file():
            return None
        return read_round(self, Round.TRAINING)

    @property
    def complete_rounds(self) -> list[Round]:
        """The rounds that can be released."""
        return [coding_round for coding_round in self.rounds.values() if coding_round.is_complete]

    @cached_property
    def is_assigned(self) -> bool:
        """Whether a round that can be released has a ledger of who codes what."""
        return any(coding_round.assignment for coding_round in self.complete_rounds)

    @cached_property
    def codes(self) -> pd.DataFrame:
        """Every code of the complete rounds, but of statements that are retired."""
        codes = sealed_codes(self.complete_rounds)
        if not self.retired_units:
            return codes
        kept = codes[~codes["statement_id"].isin(self.retired_units)]
        return kept.assign(statement_id=kept["statement_id"].cat.remove_unused_categories())

    @cached_property
    def retired_units(self) -> set[str]:
        """The ids of statements that are no longer in use; sealed sheets keep their codes."""
        return {row["id"] for row in self.retired if row["table"] == "statements"}

    @property
    def settling_codes(self) -> pd.DataFrame:
        """Of each cell, the codes that settle it, or leave it to be settled."""
        return settling_codes(self.codes, self.complete_rounds)

    @cached_property
    def ledger(self) -> dict[tuple[str, str, str], Row]:
        """What was settled, by round, statement and variable, but of retired statements."""
        settled = read_ledger(self)
        return {key: row for key, row in settled.items() if key[1] not in self.retired_units}

    @cached_property
    def unit_lists(self) -> dict[str, dict[str, Any]]:
        """The manifests of the rounds of unitising, by name."""
        manifests = {}
        for path in sorted(self.path(UNITISING).glob("*/manifest.yaml")):
            manifests[path.parent.name] = read_yaml(path)
            check_shape(manifests[path.parent.name], shape("unitising", SHAPES), path)
        return manifests

    def text(self, source_id: str) -> str | None:
        """Return the raw text of a source, code point for code point, or None if it is not here."""
        if source_id not in self._texts:
            self._texts[source_id] = text_of(self.home, source_id)
        return self._texts[source_id]


def _compulsory_columns(table: Mapping[str, Any]) -> list[str]:
    """Return the columns that a file kept by hand must have: its key, and what no row may lack."""
    required = [
        body["name"] for body in table["fields"] if body.get("constraints", {}).get("required")
    ]
    return list(dict.fromkeys([*table["primaryKey"], *required]))
