"""Writing a package: a folder with its descriptor, its tables, and what they refer to.

Tables that were read from files are copied byte for byte; those in memory are written as the
descriptor declares them.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.columns import Field
from stancepack.dataset.descriptor import Descriptor
from stancepack.dataset.given_cells import text_of
from stancepack.dataset.given_scales import CODES
from stancepack.dataset.refusals import PATTERNED
from stancepack.errors import StancepackError
from stancepack.files.atomic import finish, write_all
from stancepack.files.mappings import yaml_text
from stancepack.files.paths import DESCRIPTOR
from stancepack.files.reading import read_bytes
from stancepack.files.tables import csv_bytes

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

SAVED = "savedBy"  # what a descriptor says that was written here
_STANCEPACK = "stancepack"
_NUMBER_FORMS = ("decimalChar", "groupChar", "bareNumber")
_BESIDE = ("codebook", "bibliography")  # files that a descriptor names


def save(pkg: StancePackage, folder: str | os.PathLike[str]) -> Path:
    """Write a package into a folder; see `StancePackage.save`."""
    try:
        home = Path(folder)
    except TypeError:
        raise StancepackError(f"save: {folder!r} is no path of a folder.") from None
    files = saved_files(pkg)
    try:
        old = _replaceable(home)
        home.mkdir(parents=True, exist_ok=True)
        finish(home)
        write_all({home / path: content for path, content in files.items()}, home)
        for path in old - {*files}:
            (home / path).unlink(missing_ok=True)
    except OSError as error:
        raise StancepackError(f"{error.filename}: cannot be written: {error.strerror}.") from None
    return home / DESCRIPTOR


def saved_files(pkg: StancePackage) -> dict[str, bytes]:
    """Return every file of a package, by its path, with its content; the descriptor is the last."""
    content = copy.deepcopy(pkg.descriptor.content)
    files: dict[str, bytes] = {}
    for resource in content["resources"]:
        table = resource["name"]
        is_file = not pkg.is_in_memory(table)
        data = read_bytes(pkg.path(table)) if is_file else _table_bytes(pkg, table)
        files[resource["path"]] = data
        if is_file and "hash" in resource:
            continue  # which tells whether the file was changed since it was built
        if not is_file:
            _declare_plain(resource)
        resource["rows"], resource["bytes"] = len(pkg[table]), len(data)
        resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    for part in _BESIDE:
        named = content.get(part)
        if named is not None:
            files[named] = _beside(pkg, part, named)
    content[SAVED] = _STANCEPACK
    Descriptor(content, Path(DESCRIPTOR))  # what could not be read again is not written
    files[DESCRIPTOR] = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
    return files


def _declare_plain(resource: dict[str, Any]) -> None:
    """Declare a file as it is written here, whatever file the table once came from."""
    resource |= {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    resource["dialect"] = {"delimiter": ","}
    for field in resource["schema"]["fields"]:
        forms = (*_NUMBER_FORMS, "format") if field.get("type") in PATTERNED else _NUMBER_FORMS
        for form in forms:
            field.pop(form, None)


def _beside(pkg: StancePackage, part: str, named: str) -> bytes:
    """Return the content of a file that the descriptor names."""
    if part == "codebook" and pkg.has_own_codebook:
        return yaml_text(pkg.codebook.content).encode()
    return read_bytes(pkg.home / named)


def _table_bytes(pkg: StancePackage, table: str) -> bytes:
    text = table_text(pkg, table)
    return csv_bytes(list(text), text.to_dict("records"))


def table_text(pkg: StancePackage, table: str) -> pd.DataFrame:
    """Return a table with every cell as it stands in its file, or would stand there."""
    if not pkg.is_in_memory(table):
        return pkg.descriptor.read_text(table)
    frame = pkg[table]
    text = {
        field.name: _column_text(frame[field.name], field) for field in pkg.descriptor.fields(table)
    }
    for column in [name for name in CODES if name in text and "issue_id" in frame]:
        text[column] = _codes_text(pkg, frame["issue_id"], text[column])
    return pd.DataFrame(text, dtype="str")


def _column_text(column: pd.Series[Any], field: Field) -> list[str]:
    """Return cells of their type as text; missing ones as the descriptor says it."""
    missing = next(iter(field.missing), "")
    yes, no = field.truth
    cells = column.astype(object)
    if field.type == "boolean":
        words = {True: yes[0], False: no[0]}
        return [missing if pd.isna(cell) else words[bool(cell)] for cell in cells]
    if field.type == "string":
        return [missing if pd.isna(cell) else str(cell) for cell in cells]
    return [missing if pd.isna(cell) else text_of(cell) for cell in cells]


def _codes_text(pkg: StancePackage, issues: pd.Series[str], codes: list[str]) -> list[str]:
    """Return codes as their scale writes them: a column of numbers has 1 for the code 1.0 too."""
    scales = {issue: pkg.scale(str(issue)) for issue in issues.unique()}
    pairs = zip(issues, codes, strict=True)
    return [scales[issue].key(code) if code else code for issue, code in pairs]


def _replaceable(home: Path) -> set[str]:
    """Return the files of the saved package in a folder; refuse a folder of anything else."""
    if not os.path.lexists(home) or (home.is_dir() and not any(home.iterdir())):
        return set()
    if not home.is_dir():
        raise StancepackError(f"{home}: is a file; name a folder to save into.")
    elsewhere = "name a new or empty folder, or remove this one yourself."
    try:
        content = Descriptor.read(home / DESCRIPTOR).content
    except StancepackError:
        raise StancepackError(
            f"{home}: there are files that save did not write; {elsewhere}"
        ) from None
    if content.get(SAVED) != _STANCEPACK:
        raise StancepackError(f"{home}: holds a package that save did not write; {elsewhere}")
    for resource in content["resources"]:
        _refuse_changed(home / resource["path"], resource.get("hash"))
    named = [content[part] for part in _BESIDE if part in content]
    return {*named, *(resource["path"] for resource in content["resources"])}


def _refuse_changed(path: Path, stamp: Any) -> None:
    if path.is_file() and stamp != f"sha256:{hashlib.sha256(read_bytes(path)).hexdigest()}":
        what = "was changed since it was saved, and may hold somebody's work"
        raise StancepackError(f"{path}: {what}; save into another folder, or move it away.")
