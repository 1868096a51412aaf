"""Building the release: a pure function of ``seeds/`` and ``coding/``, without clock or network."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.arguments import a_flag
from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import StancepackError
from stancepack.files.paths import DESCRIPTOR
from stancepack.files.tables import csv_bytes
from stancepack.project.project import Project
from stancepack.project.rounds import file_sha256
from stancepack.release.dictionary import DICTIONARY, dictionary
from stancepack.release.differences import differences
from stancepack.release.tables import Rows, released_tables

_IN_ORDER_OF_THE_CODEBOOK = ("issues", "codes")
_ROWS_AT_ONCE = 100_000


def build(home: str | Path | Project | None = None, *, check: bool = False) -> list[str]:
    """Build the released tables of a project and its ``datapackage.json``.

    The descriptor is made from the contract, the codebook and ``seeds/project.yaml``; hashes and
    row counts of the tables are stamped into it.

    Parameters
    ----------
    home
        The project, or its folder; the one at or above the current folder if None.
    check
        Change nothing: compare what would be built with what is there.

    Returns
    -------
    list of str
        With `check`, the differences, by table and row; otherwise one line for each table.

    Raises
    ------
    StancepackError
        If something in ``seeds/`` or ``coding/`` is wrong or left to settle. Nothing is written
        then.
    """
    project = home if isinstance(home, Project) else Project.open(home)
    if a_flag("check", check):
        return differences(project, built_files(project))
    with project.locked() as fresh:
        files = built_files(fresh)
        fresh.write(files)
    resources = json.loads(files[DESCRIPTOR])["resources"]
    return [f"{resource['path']}: {resource['rows']} rows" for resource in resources]


def built_files(project: Project) -> dict[str | Path, str | bytes]:
    """Return every file that a build writes, with its content.

    Raises
    ------
    StancepackError
        As for `build`.
    """
    problems = project.codebook.problems()
    if problems:
        what = "the codebook breaks its own rules."
        raise StancepackError(f"{project.codebook.path}: {what}\n" + "\n".join(problems))
    tables = released_tables(project)
    content = project.declared
    files: dict[str | Path, str | bytes] = {}
    for resource in content["resources"]:
        rows = tables.pop(resource["name"])
        data = _table_bytes(resource, rows)
        files[resource["path"]] = data
        resource["rows"] = len(rows)
        resource["bytes"] = len(data)
        resource["hash"] = f"sha256:{file_sha256(data)}"
    Descriptor(content, project.path(DESCRIPTOR))  # what could not be read again is not written
    files[DESCRIPTOR] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    files[DICTIONARY] = dictionary(content)
    return files


def _frame_bytes(rows: pd.DataFrame, columns: list[str], key: list[str]) -> bytes:
    """Return a frame as CSV in the order of its key, without a second one in memory."""
    text = io.BytesIO()
    order = rows[key].reset_index(drop=True).sort_values(key).index
    for start in range(0, max(len(rows), 1), _ROWS_AT_ONCE):
        part = rows.iloc[order[start : start + _ROWS_AT_ONCE]].reindex(columns=columns)
        part.to_csv(text, index=False, header=not start, lineterminator="\n", encoding="utf-8")
    return text.getvalue()


def _table_bytes(resource: dict[str, Any], rows: Rows | pd.DataFrame) -> bytes:
    schema = resource["schema"]
    columns, key = [body["name"] for body in schema["fields"]], schema["primaryKey"]
    if isinstance(rows, pd.DataFrame):
        return _frame_bytes(rows, columns, key)
    if resource["name"] not in _IN_ORDER_OF_THE_CODEBOOK:
        rows = sorted(rows, key=lambda row: [str(row[column]) for column in key])
    return csv_bytes(columns, rows)
