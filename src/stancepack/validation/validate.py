"""One report of everything that is wrong with a stance package.

Structure comes from ``datapackage.json``: bytes and form of the files, then types, codes,
constraints and keys, each derived from the descriptor and asked of every distinct cell once.
Meaning comes from the named rules. A rule is not run on tables that have findings already, so that
one fault gives one finding and not the faults that follow from it; what was not run is said.
Nothing that a package says is fetched, and nothing that it asks for is done without a bound.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pandas as pd

from stancepack.dataset.descriptor import Descriptor, descriptor_file
from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.validation.codebook_rules import check_codebook
from stancepack.validation.conformance import check_conformance
from stancepack.validation.encoding import check_files
from stancepack.validation.findings import Check, Finding, findings_frame, run_part
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


def validate(
    path: str | os.PathLike[str] | None = None, *, conformance: bool = False
) -> pd.DataFrame:
    """Check a stance package and report everything that is wrong with it.

    Parameters
    ----------
    path
        A ``datapackage.json`` or the folder that has it. None for the shipped data set.
    conformance
        Also have frictionless check the package, which takes longer and should find nothing more.

    Returns
    -------
    pandas.DataFrame
        One row for each finding: ``table``, ``row_id``, ``column``, ``value``, ``rule``,
        ``message``, ``remedy``; no rows if nothing is wrong. ``frame.attrs["not_checked"]`` lists
        what could not be checked, and why.

    Examples
    --------
    >>> import stancepack as sp
    >>> sp.validate()["rule"].tolist()
    []
    """
    try:
        check = Check(Descriptor.read(descriptor_file(path)))
    except StancepackError as error:
        remedy = f"Mend {DESCRIPTOR}, or restore it and build again."
        finding = Finding("", "", "", "", "descriptor", str(error), remedy)
        return findings_frame([finding], ["everything else: there is no readable descriptor"])
    layers = LAYERS | ({"conformance": check_conformance} if conformance else {})
    for name, layer in layers.items():
        run_part(check, name, layer)
    check.count_unlisted()
    return findings_frame(check.findings, check.not_checked)
