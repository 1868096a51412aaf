"""Rounds of blind coding: what was coded under which codebook, and the seals of its sheets.

A round lies in ``coding/rounds/<round>/``: one sheet for each coder, the codebook and the unit list
that it started with (``codebook.yaml``, ``units.csv``), and a ``manifest.yaml`` with the
fingerprints of all of them. Sealed sheets are never changed. Every coder of a round codes all of
its units, unless an ``assignment.csv`` says who codes which (`stancepack.project.assignment`). A
round *of* another one codes a random share of its statements again, to see how stable the codes
are: by another coder, or by one of its coders once more. Such a round settles nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.contract import SETTLING
from stancepack.dataset.shapes import shape
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.passages import fingerprint
from stancepack.files.paths import is_plain_name
from stancepack.files.reading import read_bytes, read_text
from stancepack.files.shapes import check_shape
from stancepack.files.tables import Row, parse_rows, read_rows
from stancepack.project.assignment import ASSIGNMENT_COLUMNS, assigned_to, share_of
from stancepack.project.coded import SEALED_COLUMNS, parse_codes
from stancepack.project.units import UNITS, coded_columns, coded_text, has_words_at_hand

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.project.project import Project

ROUNDS = "coding/rounds"
SHAPES = "stancepack.project.shapes"
REMARK_COLUMNS = ["statement_id", "variable", "kind", "value"]
_FIRST = "round-1"
CODERS_OF_A_ROUND = 2  # that make it complete


@dataclass
class Round:
    """One round of coding."""

    TRAINING: ClassVar[str] = "training"

    project: Project
    name: str
    codebook_version: str
    codebook_sha256: str
    units_sha256: str
    of: str = ""
    share: float = 1.0
    sheets: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    assignment: dict[str, Any] = field(default_factory=dict)  # the design, and the ledger's sha256

    @property
    def folder(self) -> str:
        """The folder of the round, relative to the project."""
        return f"{ROUNDS}/{self.name}"

    @property
    def manifest_file(self) -> str:
        """The manifest, relative to the project."""
        return f"{self.folder}/manifest.yaml"

    @property
    def codebook_file(self) -> str:
        """The codebook that the coders of the round had, relative to the project."""
        return f"{self.folder}/codebook.yaml"

    @property
    def units_file(self) -> str:
        """The units that the coders of the round read, relative to the project."""
        return f"{self.folder}/units.csv"

    @property
    def assignment_file(self) -> str:
        """The ledger of who codes what, relative to the project."""
        return f"{self.folder}/assignment.csv"

    @property
    def is_complete(self) -> bool:
        """Whether it can be released: two sheets are sealed, or one where nobody else codes.

        A round with a ledger needs the sheets of all whom it names. One that codes another round
        again needs one sheet, and the other round to be complete.
        """
        if self.assignment:
            return {*self.assigned_coders} <= {*self.sheets}
        if self.of:
            coded = self.project.rounds.get(self.of)
            return bool(self.sheets) and coded is not None and coded.is_complete
        needed = min(CODERS_OF_A_ROUND, self.project.n_coders)
        return len(self.sheets) >= max(needed, 1)

    def sheet_file(self, coder: str) -> str:
        """Return where a coder's sealed sheet lies, relative to the project."""
        return f"{self.folder}/{coder}.csv"

    def remarks_file(self, coder: str) -> str:
        """Return where what a coder remarked beside the codes lies, relative to the project."""
        return f"{self.folder}/remarks/{coder}.csv"

    def remarks(self, coder: str) -> list[Row]:
        """Read what a coder remarked: flags, comments, doubts; none where nothing was.

        Raises
        ------
        StancepackError
            If they are not those that were sealed.
        """
        if "remarks" not in self.sheets[coder]:
            return []
        path = self.project.path(self.remarks_file(coder))
        sha256 = self.sheets[coder]["remarks"]
        content = _unchanged(path, sha256, "the remarks that were sealed")
        return parse_rows(content, path, REMARK_COLUMNS)

    @cached_property
    def codebook(self) -> Codebook:
        """The codebook that the coders of the round had."""
        content = self._as_started(self.codebook_file, self.codebook_sha256)
        return Codebook.parse(content, self.project.path(self.codebook_file))

    @cached_property
    def units(self) -> dict[str, Row]:
        """What the coders of the round read, by statement."""
        content = self._as_started(self.units_file, self.units_sha256)
        rows = parse_rows(content, self.project.path(self.units_file), ["statement_id"])
        return {row["statement_id"]: row for row in rows}

    @cached_property
    def assigned(self) -> list[Row]:
        """Who codes what, and with which probabilities; without rows where everybody codes all."""
        if not self.assignment:
            return []
        content = self._as_started(self.assignment_file, self.assignment["sha256"])
        return parse_rows(content, self.project.path(self.assignment_file), ASSIGNMENT_COLUMNS)

    @property
    def assigned_coders(self) -> list[str]:
        """Who codes in it by its ledger; nobody is named where everybody may join."""
        return sorted({row["coder_id"] for row in self.assigned})

    def is_for(self, coder: str) -> bool:
        """Tell whether a coder may code in it."""
        return not self.assignment or coder in self.assigned_coders

    def units_of(self, coder: str) -> dict[str, Row]:
        """Return what a coder reads, by statement: all, or what the ledger says."""
        if not self.assignment:
            return self.units
        own = assigned_to(coder, self.assigned)
        return {name: unit for name, unit in self.units.items() if name in own}

    def rows(self, coder: str) -> list[Row]:
        """Read a coder's sealed sheet as rows; see `codes`."""
        path = self.project.path(self.sheet_file(coder))
        return parse_rows(self._sealed(coder), path, SEALED_COLUMNS)

    def codes(self, coder: str) -> pd.DataFrame:
        """Read a coder's sealed sheet as columns.

        Raises
        ------
        StancepackError
            If it is not the sheet that was sealed.
        """
        return parse_codes(self._sealed(coder), self.project.path(self.sheet_file(coder)))

    def _sealed(self, coder: str) -> bytes:
        path = self.project.path(self.sheet_file(coder))
        return _unchanged(path, self.sheets[coder]["sha256"], "the sheet that was sealed")

    def _as_started(self, file: str, sha256: str) -> bytes:
        return _unchanged(self.project.path(file), sha256, "the one that the round started with")

    def order_of(self, coder: str) -> list[str]:
        """Return the statements in this coder's own order: random, but the same everywhere."""
        return in_own_order(self.name, coder, self.units_of(coder))

    def manifest_text(self) -> str:
        """Return the manifest as text."""
        content: dict[str, Any] = {
            "round": self.name,
            "codebook_version": self.codebook_version,
            "codebook_sha256": self.codebook_sha256,
            "units_sha256": self.units_sha256,
        }
        if self.of:
            content["of"] = self.of
        if self.of or self.share < 1:
            content["share"] = self.share
        if self.assignment:
            content["assignment"] = self.assignment
        content["sheets"] = self.sheets
        if self.failed:
            content["failed"] = self.failed
        return yaml_text(content)


def _unchanged(path: Path, sha256: str, what: str) -> bytes:
    """Return the bytes of a file, if they have this fingerprint."""
    content = read_bytes(path)
    if file_sha256(content) != sha256:
        raise StancepackError(f"{path}: not {what}; restore it from the history.")
    return content


def file_sha256(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def in_own_order(round_name: str, coder: str, statements: Any) -> list[str]:
    """Put statements into the order of a coder in a round."""
    return sorted(statements, key=lambda unit: fingerprint(f"{round_name}/{coder}/{unit}"))


def read_round(project: Project, name: str) -> Round:
    """Read the manifest of a round."""
    path = project.path(f"{ROUNDS}/{name}/manifest.yaml")
    content = read_yaml(path)
    check_shape(content, shape("manifest", SHAPES), path)
    if content["round"] != name:
        what = f"round {content['round']!r} lies in the folder {name!r}; they should be the same."
        raise StancepackError(f"{path}: {what}")
    del content["round"]
    return Round(project, name, **content)


@dataclass(frozen=True)
class Selection:
    """Which units a new round has: all, or those that every choice given leaves."""

    of: str = ""  # a round to code again
    share: float = 1.0  # of the statements, drawn at random
    only_new: bool = False  # that no round has in these words
    only_readable: bool = False  # whose words are at hand
    only_listed: tuple[str, ...] = ()  # by their ids

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 < self.share <= 1:
            raise StancepackError(f"share {self.share} should lie above 0 and not above 1.")

    def units(self, project: Project, name: str) -> list[str]:
        """Return the units of the round of that name; errors are those of `pool`."""
        pool = self.pool(project)
        # a sample of the same name was drawn by the name alone; a share of it is drawn apart
        seed = f"{name}/share" if self.only_listed else name
        drawn = sorted(pool, key=lambda unit: fingerprint(f"{seed}/{unit}"))
        return sorted(drawn[: share_of(len(drawn), self.share)])

    def pool(self, project: Project) -> list[str]:
        """Return the units of which the share is drawn.

        Raises
        ------
        StancepackError
            If there is nothing to code, or a unit that is listed is not there.
        """
        pool = _statements_of(project, self.of) if self.of else [*project.units]
        if self.only_listed:
            for unit in self.only_listed:
                if unit not in project.units:
                    hint = did_you_mean(unit, project.units)
                    raise StancepackError(f"{UNITS} has no {unit!r}, which the list names; {hint}")
            pool = [unit for unit in pool if unit in {*self.only_listed}]
        if self.only_new:
            coded = units_as_coded(project)
            pool = [unit for unit in pool if unit not in coded]
        if self.only_readable:
            pool = [unit for unit in pool if has_words_at_hand(project, project.units[unit])]
        if not pool:
            which = "no unit" if self == Selection() else "no such unit"
            what = f"there is {which} to code; add some with `stancepack add`."
            raise StancepackError(f"{UNITS}: {what}")
        return pool


def listed_rows(path: Path) -> dict[str, Row]:
    """Read the statements that a file lists, with what it says of each.

    That is a table with ``statement_id``, such as a sample, or an id a line.

    Raises
    ------
    StancepackError
        If it lists none.
    """
    text = read_text(path)
    if "statement_id" in text.partition("\n")[0]:
        listed = {row["statement_id"]: row for row in read_rows(path, ["statement_id"])}
    else:
        listed = {unit: {"statement_id": unit} for unit in text.split()}
    if not {*listed} - {""}:
        raise StancepackError(f"{path}: the list is empty; write an id on each line.")
    return listed


def listed_ids(path: Path) -> set[str]:
    """Read which statements a file lists; see `listed_rows`."""
    return {*listed_rows(path)}


def start_round(
    project: Project, name: str, selection: Selection
) -> tuple[Round, dict[str | Any, str | bytes]]:
    """Start a round: fix its codebook and its units, and return it with the files that say so.

    Parameters
    ----------
    project
        The project.
    name
        Name of the round.
    selection
        Which units it has.

    Raises
    ------
    StancepackError
        If there is nothing to code, or the name cannot be one.
    """
    if not is_plain_name(name):
        what = "cannot name a round; use small letters, digits and hyphens, such as round-2."
        raise StancepackError(f"{name!r} {what}")
    if name in (Round.TRAINING, SETTLING):
        raise StancepackError(f"{name!r} has a meaning of its own; name the round otherwise.")
    chosen = selection.units(project, name)
    units = coded_text([project.units[unit] for unit in chosen])
    stamps = (project.codebook.version, project.codebook_sha256, fingerprint(units))
    coding_round = Round(project, name, *stamps, selection.of, selection.share)
    coding_round.units = {unit: project.units[unit] for unit in chosen}
    coding_round.codebook = project.codebook
    files: dict[str | Any, str | bytes] = {
        coding_round.codebook_file: project.codebook_content,
        coding_round.units_file: units,
        coding_round.manifest_file: coding_round.manifest_text(),
    }
    return coding_round, files


def units_as_coded(project: Project) -> set[str]:
    """Return the units that some round has as they now are."""
    return {
        unit
        for coding_round in project.rounds.values()
        for unit in {*coding_round.units}.difference(changed_units(coding_round))
    }


def _statements_of(project: Project, name: str) -> list[str]:
    if name not in project.rounds:
        hint = did_you_mean(name, project.rounds)
        raise StancepackError(f"there is no round {name!r} to code again; {hint}")
    statements = [*project.rounds[name].units]
    for unit in statements:
        if unit not in project.units:
            raise StancepackError(f"{UNITS}: {unit} was coded in {name} and is no longer there.")
    return statements


def changed_units(coding_round: Round) -> list[str]:
    """List the units of a round that are no longer those that its coders read."""
    columns = coded_columns(coding_round.units.values())
    changed = []
    for name, then in coding_round.units.items():
        now = coding_round.project.units.get(name)
        if now is None or any(now.get(column, "") != then.get(column, "") for column in columns):
            changed.append(name)
    return changed


def round_for_coder(project: Project, coder: str) -> str:
    """Return the round of a coder who names none: the one under way, or the first.

    Raises
    ------
    StancepackError
        If that would be a guess: the last round is complete, or the coder has sealed it.
    """
    own = [coding_round for coding_round in project.rounds.values() if not coding_round.of]
    if not own:
        return _FIRST
    last = own[-1]
    following = following_round(last.name)
    if not last.is_for(coder):
        what = f"{coder} is assigned nothing in {last.name}; name the round: --round {following}."
        raise StancepackError(what)
    if coder in last.sheets:
        what = f"{coder} has sealed {last.name}; for a new round, name it: --round {following}."
        raise StancepackError(what)
    if last.is_complete:
        ways = f"--round {last.name} to join it, --round {following} to start the next one."
        raise StancepackError(f"{last.name} is complete; name the round: {ways}")
    return last.name


def round_to_seal(project: Project, coder: str) -> str:
    """Return the round that a coder who names none hands a sheet in for: the only one open.

    Raises
    ------
    StancepackError
        If there is none, or more than one.
    """
    waiting = [
        name
        for name, coding_round in project.rounds.items()
        if coder not in coding_round.sheets and coding_round.is_for(coder)
    ]
    if len(waiting) == 1:
        return waiting[0]
    if waiting:
        raise StancepackError(
            f"name the round with --round; not sealed by {coder}: {', '.join(waiting)}."
        )
    if project.rounds:
        raise StancepackError(f"{coder} has sealed every round: {', '.join(project.rounds)}.")
    raise StancepackError("no round has been started; write a sheet with `stancepack sheet` first.")


def following_round(name: str) -> str:
    """Return the name of the round after one."""
    stem, number = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
    return f"{stem}{int(number) + 1}" if number else f"{name}-2"
