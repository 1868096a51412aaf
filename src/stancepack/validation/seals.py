"""Seals of unit lists and coding rounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from stancepack.dataset.settings import FILE as SETTINGS
from stancepack.errors import StancepackError
from stancepack.files.reading import read_bytes
from stancepack.project.coders import CODERS, RESERVED
from stancepack.project.merging import decisions_file
from stancepack.project.project import UNITISING, Project
from stancepack.project.rounds import (
    ROUNDS,
    Round,
    changed_units,
    file_sha256,
    read_round,
    units_as_coded,
)
from stancepack.release.unit_figures import unit_figures
from stancepack.validation.figure_rules import UNIT, figure_faults
from stancepack.validation.findings import Check, Fault

_RESTORE = "Restore it from the history."
_SEALS = "seal"


def check_seals(check: Check) -> None:
    """Check the seals of coding rounds and unit lists, where the folder of coding is there."""
    if not any(os.path.lexists(check.home / folder) for folder in (ROUNDS, UNITISING)):
        if not os.path.lexists(check.home / SETTINGS) or len(check.text.get("codings", ())):
            what = "seals: coding/rounds is not part of an installed package; check a checkout"
            check.not_checked.append(what)
        return
    project = Project(check.home)
    try:
        _ = project.units, project.coders
        for part in (_without_manifest, _units_sealed, _rounds_sealed):
            check.add_all(_SEALS, list(part(check, project)))
        is_sealed = not any(finding.rule == _SEALS for finding in check.findings)
        if is_sealed and "agreement" in check.text and not check.dirty("agreement"):
            others = {*check.text["agreement"]["variable"]} - {UNIT}
            check.add_all("agreement", figure_faults(check, unit_figures(project), others))
    except (StancepackError, OSError) as error:
        message, remedy = _in_words(error), "Mend the file named."
        check.add(_SEALS, Fault("coding", message=message, remedy=remedy))


def _in_words(error: StancepackError | OSError) -> str:
    if isinstance(error, StancepackError):
        return str(error)
    return f"{error.filename}: cannot be read: {error.strerror}."


def _without_manifest(check: Check, project: Project) -> Iterator[Fault]:
    """Go through rounds, of the folder or of the release, that have no manifest."""
    names = set()
    if os.path.lexists(project.path(ROUNDS)):  # units may be marked before any round begins
        names = {path.name for path in project.path(ROUNDS).iterdir() if path.is_dir()}
    for _, text in check.clean("rounds"):
        names |= {*text["round"]}
    for name in sorted(names):
        if not project.path(f"{ROUNDS}/{name}/manifest.yaml").is_file():
            message = "The round has no manifest, and so no seals."
            where = f"{ROUNDS}/{name}"
            yield Fault(where, "manifest.yaml", message=message, remedy=_RESTORE)


def _units_sealed(check: Check, project: Project) -> Iterator[Fault]:
    """Go through unit lists that are not those that were sealed."""
    for name, manifest in project.unit_lists.items():
        for unitiser, record in manifest["lists"].items():
            path = project.path(f"{UNITISING}/{name}/{unitiser}.csv")
            if _sha256(path) != record["sha256"]:
                where, message = (
                    f"{UNITISING}/{name}",
                    "The unit list is not the one that was sealed.",
                )
                yield Fault(where, unitiser, "sha256", message=message, remedy=_RESTORE)
        merged = manifest.get("merged")
        if merged and _sha256(project.path(decisions_file(name, merged["by"]))) != merged["sha256"]:
            message = "What was decided when the lists were merged is not what was sealed."
            where = f"{UNITISING}/{name}"
            yield Fault(where, merged["by"], "sha256", message=message, remedy=_RESTORE)


def _rounds_sealed(check: Check, project: Project) -> Iterator[Fault]:
    names = sorted(path.parent.name for path in project.path(ROUNDS).glob("*/manifest.yaml"))
    for name in names:
        where = f"{ROUNDS}/{name}"
        try:
            coding_round = read_round(project, name)
            yield from _sheets_sealed(coding_round, where)
            if name != Round.TRAINING:
                yield from _copies_sealed(coding_round, where)
                yield from _units_unchanged(coding_round, where)
                yield from _version_raised(check, coding_round, where)
        except StancepackError as error:
            yield Fault(where, message=str(error), remedy="Mend the file named.")


def _sha256(path: Path) -> str:
    """Return the fingerprint of a file's bytes; empty if there is no such file to be read."""
    try:
        return file_sha256(read_bytes(path))
    except StancepackError:
        return ""


def _sheets_sealed(coding_round: Round, where: str) -> Iterator[Fault]:
    """Go through sheets that are missing, changed, without a seal, or of an unknown coder."""
    project = coding_round.project
    for coder, record in coding_round.sheets.items():
        path = project.path(coding_round.sheet_file(coder))
        stamp = _sha256(path)
        if not path.is_file():
            yield Fault(where, coder, message="The sealed sheet is missing.", remedy=_RESTORE)
        elif stamp != record["sha256"]:
            message = "The sheet is not the one that was sealed."
            remedy = "Restore it; code a new round instead."
            yield Fault(where, coder, "sha256", stamp, message=message, remedy=remedy)
        elif coder not in project.coders:
            message = f"The coder is not in {CODERS}."
            yield Fault(where, coder, "", coder, message=message, remedy="Add the coder.")
    for path in sorted(project.path(coding_round.folder).glob("*.csv")):
        if path.stem not in coding_round.sheets and path.stem not in RESERVED:
            message, remedy = "The sheet has no seal.", "Use `stancepack seal`."
            yield Fault(where, path.stem, "", path.name, message=message, remedy=remedy)


def _copies_sealed(coding_round: Round, where: str) -> Iterator[Fault]:
    """Go through codebook, unit list and assignment that are not those that the coders had."""
    copies = [
        ("codebook", coding_round.codebook_file, coding_round.codebook_sha256),
        ("unit list", coding_round.units_file, coding_round.units_sha256),
    ]
    ledger = coding_round.project.path(coding_round.assignment_file)
    if coding_round.assignment:
        sealed = coding_round.assignment["sha256"]
        copies.append(("assignment", coding_round.assignment_file, sealed))
    elif os.path.lexists(ledger):
        message = "The assignment has no fingerprint in the manifest of the round."
        yield Fault(where, ledger.name, "", ledger.name, message=message, remedy=_RESTORE)
    for what, file, sealed in copies:
        path = coding_round.project.path(file)
        column = f"{path.stem}_sha256"
        if not os.path.lexists(path):
            message = f"The {what} that the coders of the round had is missing."
            yield Fault(where, path.name, column, sealed, message=message, remedy=_RESTORE)
        elif _sha256(path) != sealed:
            message = f"The {what} is not the one that the coders of the round had."
            yield Fault(where, path.name, column, sealed, message=message, remedy=_RESTORE)


def _units_unchanged(coding_round: Round, where: str) -> Iterator[Fault]:
    """Go through what was coded and is no longer in the unit list, or no longer as it was."""
    project = coding_round.project
    if _sha256(project.path(coding_round.units_file)) != coding_round.units_sha256:
        return  # found already
    gone = [unit for unit in coding_round.units if unit not in project.units]
    for unit in sorted({*gone} - project.retired_units):
        message = "Coded, but no longer in the unit list."
        remedy = "Put it back, or say in coding/retired.csv why it is no longer in use."
        yield Fault(where, unit, message=message, remedy=remedy)
    coded_anew = units_as_coded(project)
    changed = [unit for unit in changed_units(coding_round) if unit not in {*gone, *coded_anew}]
    if changed:
        message = (
            "Units were changed after they were coded "
            "(speaker, passage, quotation or proposition): "
            f"{', '.join(changed)}."
        )
        stamp, remedy = coding_round.units_sha256, "Restore them; code a new round."
        yield Fault(where, "units", "units_sha256", stamp, message=message, remedy=remedy)


def _version_raised(check: Check, coding_round: Round, where: str) -> Iterator[Fault]:
    """Go through a codebook that was changed since the round and has still its version."""
    if check.dirty("codebook"):
        return
    version = check.book.version
    is_same = _sha256(check.book.path) == coding_round.codebook_sha256
    if version == coding_round.codebook_version and not is_same:
        message = f"The codebook was changed, but is still version {version}."
        remedy = "Raise the version of the codebook."
        yield Fault(where, "codebook", "version", version, message=message, remedy=remedy)
