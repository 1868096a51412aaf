"""One report of everything that is wrong with a stance package.

Structure comes from ``datapackage.json``: bytes and form of the files, then types, codes,
constraints and keys, each derived from the descriptor and asked of every distinct cell once.
Meaning comes from the named rules. A rule is not run on tables that have findings already, so that
one fault gives one finding and not the faults that follow from it; what was not run is said.
Nothing that a package says is fetched, and nothing that it asks for is done without a bound.

A package that a project released has all that the contract asks for, and what is absent is a
finding. A package made of tables (`StancePackage.from_tables`, ``"madeFrom": "tables"`` in its
descriptor) has what there was: nothing is missing in it, and how a project words, codes, settles
and seals is not asked. What it has must be sound as anywhere: files, types, codes, keys,
references, dates, positions on their scales, and the codebook.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from stancepack.dataset.descriptor import Descriptor, descriptor_file
from stancepack.dataset.package import StancePackage, as_package
from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.spellings import old_spellings
from stancepack.validation.codebook_rules import check_codebook
from stancepack.validation.conformance import check_conformance
from stancepack.validation.encoding import check_files
from stancepack.validation.findings import Check, Finding, Findings, run_part
from stancepack.validation.position_rules import check_positions
from stancepack.validation.rules import check_meaning
from stancepack.validation.seals import check_seals
from stancepack.validation.structure import check_cells, check_descriptor, check_keys
from stancepack.validation.texts import check_texts

LAYERS: dict[str, Callable[[Check], None]] = {
    "descriptor": check_descriptor,
    "files": check_files,
    "cells": check_cells,
    "keys": check_keys,
    "codebook": check_codebook,
    "meaning": check_meaning,
    "seals": check_seals,
    "texts": check_texts,
    "positions": check_positions,
}
_OF_A_RELEASE = ("seals", "texts")
_NOT_ASKED = (
    "what only a release has: wording, settling, complete matrices, figures, seals and texts"
)


@old_spellings(renamed={"path": "data"})
def validate(
    data: StancePackage | str | os.PathLike[str] | None = None, *, conformance: bool = False
) -> Findings:
    """Check a stance package and report everything that is wrong with it.

    Parameters
    ----------
    data
        A package, or its ``datapackage.json`` or folder. None for the shipped data set. A package
        in memory is checked as `StancePackage.save` would write it.
    conformance
        Also have frictionless check the package, which takes longer and should find nothing more.

    Returns
    -------
    Findings
        ``.table`` has one row for each finding: ``table``, ``row_id``, ``column``, ``value``,
        ``rule``, ``message``, ``remedy``; no rows if nothing is wrong. ``.is_valid`` says so,
        ``len()`` counts them, ``.not_checked`` lists what could not be checked, and why.

    Notes
    -----
    A package that a project released is asked for all that the contract says. In one made of tables
    nothing is missing: it is asked that what it has is sound (types, codes, keys, references, dates
    and positions on their scales), not how a project words, codes, settles and seals.

    Examples
    --------
    >>> import stancepack as sp
    >>> sp.validate().is_valid
    True
    >>> len(sp.validate(sp.simulate(statements=20)))
    0
    """
    if data is None or isinstance(data, str | os.PathLike):
        return _validated(data, conformance=conformance)
    data = as_package(data, "validate")
    if not any(map(data.is_in_memory, data)):
        return _validated(data.descriptor.path, conformance=conformance)
    with TemporaryDirectory() as folder:
        return _validated(data.save(Path(folder) / "package"), conformance=conformance)


def _validated(path: str | os.PathLike[str] | None, *, conformance: bool) -> Findings:
    """Return the findings of a package by its path."""
    try:
        check = Check(Descriptor.read(descriptor_file(path)))
    except StancepackError as error:
        remedy = f"Mend {DESCRIPTOR}, or restore it and build again."
        finding = Finding("", "", "", "", "descriptor", str(error), remedy)
        return Findings.of([finding], ["everything else: there is no readable descriptor"])
    layers = LAYERS | ({"conformance": check_conformance} if conformance else {})
    if not check.descriptor.is_release:
        layers = {name: layer for name, layer in layers.items() if name not in _OF_A_RELEASE}
        check.not_checked.append(_NOT_ASKED)
    for name, layer in layers.items():
        run_part(check, name, layer)
    check.count_unlisted()
    return Findings.of(check.findings, check.not_checked)
