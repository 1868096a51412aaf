"""Samples of statements with known probabilities, for rounds that code a part of the record.

A stratum is the rarest issue that a statement addresses by its settled codes, with the year of its
date. Strata have places in proportion to the root of their size, so that rare issues and quiet
years are not left out, and every statement of a stratum the same probability, which is kept:
estimates weigh by its inverse.

References
----------
Bankier, M. D. (1988). Power allocations: determining sample sizes for subnational areas. The
American Statistician 42, 174–177. https://doi.org/10.1080/00031305.1988.10475556
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from stancepack.dataset.dates import bounds
from stancepack.dataset.scales import NOT_ADDRESSED
from stancepack.errors import StancepackError
from stancepack.files.passages import fingerprint
from stancepack.files.paths import is_plain_name
from stancepack.files.tables import csv_text
from stancepack.project.units import offsets
from stancepack.release.codes import settled_codes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stancepack.files.tables import Row
    from stancepack.project.project import Project

SAMPLES = "coding/samples"
SAMPLE_COLUMNS = ["statement_id", "stratum", "n_stratum", "probability"]
_NO_ISSUE = "none"


def draw_sample(project: Project, name: str, size: int) -> Path:
    """Draw statements that need no text to be coded, and keep with what probability.

    Parameters
    ----------
    project
        The project; its codes are settled.
    name
        Name of the sample: the file ``coding/samples/<name>.csv``. The draw follows from it.
    size
        How many statements.

    Returns
    -------
    pathlib.Path
        The file: ``statement_id``, ``stratum``, ``n_stratum`` (its statements), ``probability``.

    Raises
    ------
    StancepackError
        If there are not so many statements, the sample is there, or something is left to settle.
    """
    if not is_plain_name(name):
        what = "cannot name a sample; use small letters, digits and hyphens, such as human-1."
        raise StancepackError(f"{name!r} {what}")
    path = project.path(f"{SAMPLES}/{name}.csv")
    with project.locked() as fresh:
        if path.exists():
            raise StancepackError(
                f"{path}: the sample is drawn; a drawn sample is not drawn again."
            )
        stratum_of = _strata(fresh)
        if not 0 < size <= len(stratum_of):
            what = f"there are {len(stratum_of)} statements that need no text to be coded"
            raise StancepackError(f"size={size}: {what}; take a size from 1 to that.")
        rows = _drawn(stratum_of, name, size)
        fresh.write({path: csv_text(SAMPLE_COLUMNS, rows)})
    return path


def _strata(project: Project) -> dict[str, str]:
    """Return the stratum of each statement that can be coded without a text."""
    settled = settled_codes(project)
    is_position = settled["variable"].isin(list(project.codebook.issues))
    positions = settled[is_position & (settled["code"] != NOT_ADDRESSED)]
    commonness = positions["variable"].value_counts()
    issues_of: dict[str, list[str]] = {unit: [] for unit in settled["statement_id"]}
    for unit, issue in zip(positions["statement_id"], positions["variable"], strict=True):
        issues_of[unit].append(str(issue))
    strata = {}
    for unit, issues in issues_of.items():
        row = project.units[unit]
        if offsets(row) is None:
            rarest = min(issues, key=lambda issue: commonness[issue], default=_NO_ISSUE)
            strata[unit] = f"{rarest}/{bounds(row['date'])[0].year}"
    return strata


def _drawn(stratum_of: Mapping[str, str], name: str, size: int) -> list[Row]:
    sizes = Counter(stratum_of.values())
    places = _places(sizes, size)
    rows = []
    for stratum in sorted(sizes):
        units = [unit for unit, its_stratum in stratum_of.items() if its_stratum == stratum]
        units.sort(key=lambda unit: fingerprint(f"{name}/{unit}"))
        chance = f"{places[stratum] / sizes[stratum]:.6g}"
        rows += [
            dict(zip(SAMPLE_COLUMNS, (unit, stratum, str(sizes[stratum]), chance), strict=True))
            for unit in units[: places[stratum]]
        ]
    return sorted(rows, key=lambda row: row["statement_id"])


def _places(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Give each stratum its places: one at least while there are enough, none above its size."""
    places = dict.fromkeys(sizes, 0)
    for _ in range(size):  # the next place goes where the share is least filled
        open_strata = [stratum for stratum in sorted(sizes) if places[stratum] < sizes[stratum]]
        stratum = min(open_strata, key=lambda name: places[name] / math.sqrt(sizes[name]))
        places[stratum] += 1
    return places
