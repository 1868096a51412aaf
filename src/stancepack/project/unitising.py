"""Rounds of unitising: two people read the same texts, each alone, and mark units in them.

A round keeps which texts were read and by which rules; each list is written once, when its maker
closes it, and sealed by its fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from stancepack.dataset.dates import bounds
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import yaml_text
from stancepack.files.passages import PIECE, fingerprint, flat, missing_pieces
from stancepack.files.paths import is_plain_name
from stancepack.files.reading import read_bytes
from stancepack.files.tables import Row, clean_cell, csv_text, parse_rows
from stancepack.project.coders import require_role
from stancepack.project.matching import MARKED_COLUMNS
from stancepack.project.project import UNITISING, Project
from stancepack.project.rounds import file_sha256

SPEAKERS = "; "  # parts several speakers of one unit, whose names have spaces
GIVEN_COLUMNS = ("speaker", "quote", "proposition", "systems", "date", "venue", "note")
LIST_COLUMNS = ["n", "speaker", "source", "start", "end", *GIVEN_COLUMNS[1:]]
MOST_LISTS = 2  # agreement on units is between two
_MOST_SHOWN = 20  # problems that a refusal lists


@dataclass
class Unitising:
    """A round of unitising.

    Parameters
    ----------
    project
        The project.
    name
        Name of the round, which is that of its folder.
    manifest
        What its ``manifest.yaml`` says.
    """

    project: Project
    name: str
    manifest: dict[str, Any]

    @property
    def folder(self) -> str:
        """Its folder, relative to the project."""
        return f"{UNITISING}/{self.name}"

    @property
    def manifest_file(self) -> str:
        """Its manifest, relative to the project."""
        return f"{self.folder}/manifest.yaml"

    def file_of(self, unitiser: str) -> str:
        """Return where somebody's list lies, relative to the project."""
        return f"{self.folder}/{unitiser}.csv"

    @property
    def lists(self) -> dict[str, dict[str, str]]:
        """The seals of the lists that are closed, by unitiser."""
        lists: dict[str, dict[str, str]] = self.manifest["lists"]
        return lists

    @property
    def sha256(self) -> str:
        """The fingerprint of what is read, and by which rules."""
        return fingerprint("".join(self.manifest["texts"].values()) + self.manifest["rules_sha256"])

    @property
    def is_complete(self) -> bool:
        """Whether both lists are closed."""
        return len(self.lists) == MOST_LISTS

    @cached_property
    def texts(self) -> dict[str, str]:
        """The texts that are read, by source, code point for code point as when it began.

        Raises
        ------
        StancepackError
            If a text is not at hand, or not the one that was read.
        """
        read = {}
        for source, stamp in self.manifest.get("texts", {}).items():
            read[source] = text = _text_at_hand(self.project, source)
            if fingerprint(text) != stamp:
                what = f"the text of {source!r} at hand is not the one with which it began"
                raise StancepackError(f"{self.folder}: {what}; restore it, or begin a new list.")
        return read

    def rows(self, unitiser: str) -> list[Row]:
        """Return the units of somebody's closed list.

        Raises
        ------
        StancepackError
            If the list is not the one that was sealed.
        """
        path = self.project.path(self.file_of(unitiser))
        content = read_bytes(path)
        if file_sha256(content) != self.lists[unitiser]["sha256"]:
            what = "not the list that was sealed; restore it from the history."
            raise StancepackError(f"{path}: {what}")
        return parse_rows(content, path, MARKED_COLUMNS)


def read_unitising(project: Project, name: str) -> Unitising:
    """Return a round of unitising by its name.

    Raises
    ------
    StancepackError
        If there is none, or its lists were not marked in texts that are at hand.
    """
    if name not in project.unit_lists:
        hint = did_you_mean(name, project.unit_lists)
        raise StancepackError(f"{UNITISING}: there is no list {name!r}; {hint}")
    unitising = Unitising(project, name, project.unit_lists[name])
    if not {"texts", "rules_sha256"} <= {*unitising.manifest}:
        what = "was not begun at the workbench: its manifest names no texts or rules."
        raise StancepackError(f"{unitising.folder} {what}")
    return unitising


def join_unitising(
    project: Project, unitiser: str, name: str, sources: Sequence[str] = ()
) -> Unitising:
    """Let somebody mark units in a round of unitising; the first one begins it.

    Parameters
    ----------
    project
        The project.
    unitiser
        Id of the person, who has the role unitiser in ``coding/coders.csv``.
    name
        Name of the round.
    sources
        The sources that are read; those with which it began if none is named.

    Raises
    ------
    StancepackError
        If the person may not mark units there, a text is not at hand, or the rules of unitising are
        not those with which it began.
    """
    with project.locked() as fresh:
        _require_passages(fresh)
        require_role(fresh.coders, unitiser, "unitiser")
        if name in fresh.unit_lists:
            unitising = read_unitising(fresh, name)
            _require_same(unitising, sources)
        else:
            unitising = _begun(fresh, name, sources)
        _require_open(unitising, unitiser)
        _ = unitising.texts  # refuses those that are not what was read
        if name not in fresh.unit_lists:
            fresh.write({unitising.manifest_file: yaml_text(unitising.manifest)})
    return unitising


def seal_units(project: Project, unitiser: str, name: str, units: Iterable[Row]) -> str:
    r"""Check the units that somebody marked, and seal them as that person's list.

    Parameters
    ----------
    project, unitiser, name
        As for `join_unitising`.
    units
        A row a unit: ``source``, ``start``, ``end``, and `GIVEN_COLUMNS`.

    Returns
    -------
    str
        What was sealed, in a line.

    Raises
    ------
    StancepackError
        If nothing is marked, or a unit lacks something. Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.unitising import join_unitising, seal_units
    >>> unit = {"source": "made-up-speech", "start": "51", "end": "74"}
    >>> unit |= {"speaker": "Jane Doe", "proposition": "She says who spoke first."}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = sp.new_project(folder, sp.Outline(unit="passage"))
    ...     with (project.home / "coding" / "coders.csv").open("a") as file:
    ...         _ = file.write("ann,human,unitiser,Marks units.\n")
    ...     begun = join_unitising(project, "ann", "units-1", ["made-up-speech"])
    ...     seal_units(project, "ann", "units-1", [unit])
    'Sealed 1 unit by ann in coding/unitising/units-1.'
    """
    with project.locked() as fresh:
        require_role(fresh.coders, unitiser, "unitiser")
        unitising = read_unitising(fresh, name)
        _require_open(unitising, unitiser)
        plain = [plain_unit(fresh, unit) for unit in units]
        rows = sorted(plain, key=text_order(unitising))
        if not rows:
            raise StancepackError(f"{name}: nothing is marked yet; a list has at least one unit.")
        faults = [
            f"unit {number}: {problem}"
            for number, row in enumerate(rows, 1)
            for problem in unit_problems(unitising, row)
        ]
        refuse_all(f"{unitising.file_of(unitiser)}: the list is not closed.", faults)
        numbered = [{"n": str(number), **row} for number, row in enumerate(rows, 1)]
        text = csv_text(LIST_COLUMNS, numbered)
        sealed = {"sha256": fingerprint(text), "sealed": date.today().isoformat()}
        manifest = unitising.manifest | {"lists": {**unitising.lists, unitiser: sealed}}
        fresh.write(
            {unitising.file_of(unitiser): text, unitising.manifest_file: yaml_text(manifest)}
        )
    count = "1 unit" if len(rows) == 1 else f"{len(rows)} units"
    return f"Sealed {count} by {unitiser} in {unitising.folder}."


def refuse_all(what: str, faults: Sequence[str]) -> None:
    """Refuse with everything that is wrong, if anything is."""
    if faults:
        more = len(faults) - _MOST_SHOWN
        lines = [f"  {fault}" for fault in faults[:_MOST_SHOWN]]
        lines += [f"  … and {more} more."] if more > 0 else []
        raise StancepackError("\n".join([what, *lines]))


def text_order(unitising: Unitising) -> Callable[[Row], tuple[int, int, int]]:
    """Return the key that sorts units as they stand in the texts, one text after the other."""
    order = [*unitising.manifest["texts"]]
    return lambda row: (order.index(row["source"]), int(row["start"]), int(row["end"]))


def plain_unit(project: Project, unit: Row) -> Row:
    """Return a unit as it may stand in a list: tidy cells, and known speakers by their ids."""
    row = {column: clean_cell(flat(unit.get(column, ""))) for column in GIVEN_COLUMNS}
    row["speaker"] = SPEAKERS.join(speakers_of(project, row["speaker"]))
    row["systems"] = " ".join(sorted({*row["systems"].split()}))
    return {column: unit[column] for column in ("source", "start", "end")} | row


def speakers_of(project: Project, cell: str) -> list[str]:
    """Return the speakers that a cell names, known ones by their ids, in one order for all."""
    names = [name.strip() for name in cell.split(SPEAKERS.strip()) if name.strip()]
    return sorted({_speaker(project, name) for name in names})


def _speaker(project: Project, name: str) -> str:
    if name in project.actors:
        return name
    namesakes = _namesakes(project, name)
    return namesakes[0] if len(namesakes) == 1 else name


def _namesakes(project: Project, name: str) -> list[str]:
    known = project.actors.items()
    return [actor for actor, row in known if row["name"].casefold() == name.casefold()]


def unit_problems(unitising: Unitising, unit: Row) -> Iterator[str]:
    """Go through what a marked unit lacks, or has and cannot have.

    Parameters
    ----------
    unitising
        The round of unitising.
    unit
        A unit as `plain_unit` returns it.
    """
    project = unitising.project
    speakers = speakers_of(project, unit["speaker"])
    if not speakers:
        yield "name the speaker."
    if len(speakers) > 1 and "joint" not in project.modules:
        yield "several speakers; mark a unit for each, or add joint to the modules of the project."
    for name in speakers:
        if len(namesakes := _namesakes(project, name)) > 1 and name not in project.actors:
            yield f"several actors are called {name!r}; give the id: {', '.join(namesakes)}."
    if not unit["proposition"]:
        yield "write the proposition: what the speaker says, in one sentence."
    passage = unitising.texts[unit["source"]][int(unit["start"]) : int(unit["end"])]
    if lost := missing_pieces(passage, unit["quote"]):
        what = "of the quotation does not stand in the passage, or not in this order."
        yield f"{PIECE.join(lost)!r} {what}"
    for system in unit["systems"].split():
        if system not in systems_of(project):
            yield f"there is no system {system!r} in seeds/systems.csv; add it there."
    if unit["date"]:
        try:
            bounds(unit["date"])
        except StancepackError as error:
            yield f"date: {error}"


def systems_of(project: Project) -> dict[str, Row]:
    """Return the systems by their ids; none without the module."""
    return {row["system_id"]: row for row in project.seeds.get("systems", [])}


def _require_passages(project: Project) -> None:
    for module in ("sources", "passages"):
        if module not in project.modules:
            raise StancepackError(
                f"units are marked in the texts of sources; add {module} to the modules in "
                "seeds/project.yaml."
            )


def _begun(project: Project, name: str, sources: Sequence[str]) -> Unitising:
    if not is_plain_name(name):
        what = "cannot name a list; use small letters, digits and hyphens, such as units-2."
        raise StancepackError(f"{name!r} {what}")
    if not sources:
        raise StancepackError(f"{UNITISING}/{name} is new; name what is read, with --source KEY.")
    for source in sources:
        if source not in project.sources:
            hint = did_you_mean(source, project.sources)
            raise StancepackError(f"seeds/sources.bib: there is no source {source!r}; {hint}")
    texts = {source: fingerprint(_text_at_hand(project, source)) for source in sources}
    return Unitising(
        project,
        name,
        {
            "round": name,
            "texts": texts,
            "codebook_version": project.codebook.version,
            "rules_sha256": _rules_sha256(project),
            "lists": {},
        },
    )


def _text_at_hand(project: Project, source: str) -> str:
    text = project.text(source)
    if text is None:
        what = f"put {source}.txt into texts/, or into a folder that STANCEPACK_TEXTS names."
        raise StancepackError(f"the text of {source!r} is not here; {what}")
    if not text.strip():
        raise StancepackError(f"the text of {source!r} is empty: there is nothing to mark.")
    return text


def _rules_sha256(project: Project) -> str:
    """Return the fingerprint of the rules of unitising; those of coding may change meanwhile."""
    return fingerprint(json.dumps(project.codebook.units, ensure_ascii=False, sort_keys=True))


def _require_same(unitising: Unitising, sources: Sequence[str]) -> None:
    """Refuse other texts or rules than those with which a round of unitising began."""
    began = [*unitising.manifest["texts"]]
    if sources and sorted({*sources}) != sorted(began):
        what = f"reads {', '.join(began)}; leave --source out, or begin another list."
        raise StancepackError(f"{unitising.folder} {what}")
    if unitising.manifest["rules_sha256"] != _rules_sha256(unitising.project):
        what = "the rules of unitising (units in the codebook) were changed since it began"
        raise StancepackError(f"{unitising.folder}: {what}; restore them, or begin another list.")


def _require_open(unitising: Unitising, unitiser: str) -> None:
    if unitiser in unitising.lists:
        what = "sealed already; a sealed list is never changed."
        raise StancepackError(f"{unitising.file_of(unitiser)}: {what}")
    if unitising.is_complete or "merged" in unitising.manifest:
        what = "has its two lists; begin another."
        raise StancepackError(f"{unitising.folder} {what}")
