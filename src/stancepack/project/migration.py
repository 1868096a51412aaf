"""From a project of version 1 to one of today: every code, seal and reason is kept.

Version 1 kept a project's own part in a hand-copied ``datapackage.json``, had one scale (−2 to 2)
and four variables with fixed meanings, and let a round look at the unit list of today. Now the own
part stands in ``seeds/project.yaml``, scales and roles in the codebook, and each round has the
units that it started with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor
from stancepack.dataset.settings import FILE as SETTINGS
from stancepack.dataset.settings import Settings
from stancepack.errors import StancepackError
from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.passages import fingerprint
from stancepack.files.paths import CODEBOOK, DESCRIPTOR
from stancepack.files.reading import read_text
from stancepack.files.tables import Row, read_rows
from stancepack.project.coded import SEALED_COLUMNS
from stancepack.project.rounds import ROUNDS, Round
from stancepack.project.store import locked
from stancepack.project.units import UNIT_COLUMNS, UNITS, coded_text

_OWN = ("name", "title", "description", "version", "created", "homepage", "keywords", "licenses")
_OWN_LATER = ("contributors", "sources", "principals")
_GONE = {"issues": {"minus2", "minus1", "zero", "plus1", "plus2"}}  # now in the table of codes
_NEUTRAL = "0"
_ROLES = {  # what the four variables of version 1 meant to the machinery
    "ascribed": {"attribution": ["ascribed"]},
    "needs_words": {"attribution": ["verbatim"]},
    "conditional": {"conditional": ["yes"]},
    "audience": {"addressee": ["unstated"]},
}
_CHANGE = (
    "Neutral points and roles are declared for the machinery. "
    "Nothing that a coder reads has changed."
)


def migrate(home: Path) -> list[str]:
    """Turn a project of version 1 into one of today; `stancepack build` then writes its release.

    Parameters
    ----------
    home
        Its folder.

    Returns
    -------
    list of str
        One line for each file that was written.

    Raises
    ------
    StancepackError
        If it is none, or something in it cannot be taken over. Nothing is written then.
    """
    if (home / SETTINGS).is_file():
        raise StancepackError(f"{home / SETTINGS}: the project is one of today already.")
    if not (home / DESCRIPTOR).is_file() or not (home / UNITS).is_file():
        what = f"no project of version 1; it should have {DESCRIPTOR} and {UNITS}."
        raise StancepackError(f"{home}: {what}")
    with locked(home) as store:
        content = Descriptor.read(home / DESCRIPTOR).content
        book_text = migrated_codebook(read_text(home / CODEBOOK), read_yaml(home / CODEBOOK))
        settings = own_part(home, content)
        files = {SETTINGS: yaml_text(settings), CODEBOOK: book_text, **_round_units(home)}
        Settings(settings, SETTINGS)
        store.write(files)
    Codebook.read(home / CODEBOOK)
    return [f"{name}: written" for name in files]


def own_part(home: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a descriptor of version 1 says of its project alone."""
    settings = {part: content[part] for part in _OWN if content.get(part)}
    version = str(content.get("version", ""))
    if not re.match(r"\d+\.", version):
        what = f"version {version!r} should be three numbers, such as 1.0.0."
        raise StancepackError(f"{home / DESCRIPTOR}: {what}")
    settings["version"] = f"{int(version.partition('.')[0]) + 1}.0.0"
    settings |= {part: content[part] for part in _OWN_LATER if content.get(part)}
    declared = {resource["name"]: resource["schema"]["fields"] for resource in content["resources"]}
    settings["modules"] = _modules(home, declared)
    for part, table, column in (("sides", "actors", "side"), ("kinds", "systems", "kind")):
        fields = {body["name"]: body for body in declared.get(table, [])}
        if column in fields and fields[column].get("categories"):
            settings[part] = _labels(fields[column]["categories"])
    columns = {
        table: own
        for table, fields in declared.items()
        if table in contract.TABLES and (own := _own_columns(table, fields))
    }
    if columns:
        settings["columns"] = columns
    return settings


def _modules(home: Path, declared: Mapping[str, Any]) -> list[str]:
    """Return the modules whose tables have rows; version 1 forced them on everybody."""
    units = read_rows(home / UNITS, UNIT_COLUMNS)
    used = {"passages"} if any(unit.get("start") for unit in units) else set()
    for table in {*declared} & {*contract.TABLES}:
        kept = contract.table(table).get("kept", "")
        is_kept = kept.endswith(".csv")
        is_file = is_kept and (home / kept).is_file()
        if not is_kept or (is_file and (table == "retired" or read_rows(home / kept, []))):
            used.add(contract.module_of(table))
    if "systems" in used and not read_rows(home / "seeds/systems.csv", []):
        used.remove("systems")
    return [
        module for module in contract.MODULES if module in used and module not in contract.IMPLIED
    ]


def _own_columns(table: str, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {body["name"]: body for body in contract.table(table)["fields"]}
    variables = {name for codes in _ROLES.values() for name in codes} | {"speech_act"}
    own = []
    for body in fields:
        name = body["name"]
        limits = body.get("constraints", {})
        if name in known:
            stricter = limits.get("required") and not known[name]["constraints"].get("required")
            if stricter and "codesFrom" not in known[name]:
                own.append({"name": name, "constraints": {"required": True}})
        elif name not in _GONE.get(table, set()) and not (
            table == "statements" and name in variables
        ):
            parts = ("name", "title", "type", "description", "example", "categoriesOrdered")
            column = {part: body[part] for part in parts if part in body}
            if body.get("categories"):
                column["categories"] = _labels(body["categories"])
            column["constraints"] = {key: value for key, value in limits.items() if key != "enum"}
            own.append(column)
    return own


def _labels(categories: list[Any]) -> dict[str, str]:
    pairs = [
        item if isinstance(item, dict) else {"value": item, "label": item} for item in categories
    ]
    return {str(pair["value"]): str(pair.get("label", pair["value"])) for pair in pairs}


def migrated_codebook(text: str, content: Mapping[str, Any]) -> str:
    """Return a codebook with neutral points, roles and the next version, its comments kept."""
    old = str(content["version"])
    major, minor, patch = old.split(".")
    new = f"{major}.{minor}.{int(patch) + 1}"
    text, count = re.subn(
        rf"(?m)^version: *['\"]?{re.escape(old)}['\"]? *$", f"version: {new}", text
    )
    if count != 1:
        raise StancepackError(f"{CODEBOOK}: the line with its version was not found.")
    if "changes" in content:
        text = re.sub(r"(?m)^changes: *$", f"changes:\n  {new}: >-\n    {_CHANGE}", text, count=1)
    roles = _roles(content)
    head, mark, issues = text.partition("\nissues:")
    if roles and "roles" not in content:
        lines = [f"  {role}: {yaml_text(codes, in_one_line=True)}" for role, codes in roles.items()]
        head = f"{head.rstrip()}\n\nroles:\n{''.join(lines)}"
    migrated = []
    issue = ""
    for line in issues.split("\n"):
        migrated.append(line)
        if match := re.fullmatch(r"  ([A-Za-z0-9_-]+): *", line):
            issue = match[1]
        codes = [str(code) for code in content["issues"].get(issue, {}).get("codes", {})]
        if (
            re.fullmatch(r"    level: *(ordinal|interval|ratio) *", line)
            and _NEUTRAL in codes[1:-1]
        ):
            migrated.append(f"    neutral: {_NEUTRAL}")
    return head + mark + "\n".join(migrated)


def _roles(content: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    variables = content.get("variables", {})
    roles: dict[str, dict[str, list[str]]] = {}
    for role, by_variable in _ROLES.items():
        for variable, codes in by_variable.items():
            known = [str(code) for code in variables.get(variable, {}).get("codes", {})]
            if {*codes} <= {*known}:
                roles[role] = {variable: codes}
    return roles


def _round_units(home: Path) -> dict[str, str]:
    """Return the units that the coders of each round read, as its manifest's fingerprint says."""
    units = {unit["statement_id"]: unit for unit in read_rows(home / UNITS, UNIT_COLUMNS)}
    files = {}
    for path in sorted((home / ROUNDS).glob("*/manifest.yaml")):
        if path.parent.name == Round.TRAINING:
            continue
        manifest = read_yaml(path)
        coded: set[str] = set()
        for coder in manifest.get("sheets", {}):
            rows = read_rows(path.with_name(f"{coder}.csv"), SEALED_COLUMNS)
            coded |= {row["statement_id"] for row in rows}
        chosen: list[Row] = [units[unit] for unit in coded if unit in units] or list(units.values())
        text = coded_text(chosen)
        if len(chosen) < len(coded) or fingerprint(text) != manifest["units_sha256"]:
            what = "the units of the round were changed since it started; restore them first."
            raise StancepackError(f"{path}: {what}")
        files[f"{ROUNDS}/{path.parent.name}/units.csv"] = text
    return files
