"""One report of everything that is wrong with a stance package.

Structure comes from ``datapackage.json``: bytes and the form of the tables are checked here, types,
constraints and primary keys by frictionless, and again by pandera schemas derived from the
descriptor. Meaning comes from the named rules below. A rule is not run on tables that have findings
already, so that one fault gives one finding and not the faults that follow from it; what was not
run is said.
"""

from __future__ import annotations

import os
import warnings

import pandas as pd

from stancepack.dataset.descriptor import Descriptor, descriptor_file
from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.validation import (  # noqa: F401 - they register their rules
    date_rules,
    text_rules,
)  # isort: skip
from stancepack.validation.coding_rules import check_codebook
from stancepack.validation.encoding import check_bytes
from stancepack.validation.findings import Check, Finding, findings_frame, run_part
from stancepack.validation.rules import check_meaning
from stancepack.validation.seals import check_seals
from stancepack.validation.structure import (
    check_by_frictionless,
    check_by_pandera,
    check_descriptor,
    check_keys,
)
from stancepack.validation.texts import check_texts


def validate(path: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Check a stance package and report everything that is wrong with it.

    Parameters
    ----------
    path
        A ``datapackage.json`` or the folder that has it. None for the shipped data set.

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
        check = Check(Descriptor(descriptor_file(path)))
    except StancepackError as error:
        finding = Finding(
            "",
            "",
            "",
            "",
            "descriptor",
            str(error),
            f"Mend {DESCRIPTOR}, or restore it and build again.",
        )
        return findings_frame([finding], ["everything else: there is no readable descriptor"])
    with (
        warnings.catch_warnings()
    ):  # pandera imports PySpark where it is installed, which warns of pandas 3
        warnings.simplefilter("ignore", FutureWarning)
        for layer in (
            check_descriptor,
            check_bytes,
            check_by_frictionless,
            check_by_pandera,
            check_keys,
            check_codebook,
            check_meaning,
            check_seals,
            check_texts,
        ):
            run_part(check, layer.__name__.strip("_"), layer)
    return findings_frame(check.found, check.not_checked)
