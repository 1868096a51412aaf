"""The data dictionary of a release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stancepack.files.paths import DESCRIPTOR

DICTIONARY = "data/README.md"
_HEAD = f"""# data/: computed

The released tables and this dictionary. Everything here is written by `stancepack build` from
`seeds/` and `coding/`, as `{DESCRIPTOR}` declares it. Change nothing by hand: `stancepack build
--check` would show it.

Files are CSV in UTF-8 with commas and LF. An empty cell means not recorded or not applicable,
unless the column says otherwise.

`positions` has one row for each settled position, with all that is asked of it: there is nothing to
merge. `codings` and `stances` are complete: a statement that was read and does not address an issue
is a row with `addressed` false and an empty `position`. To average positions there:

- R: `read.csv` makes `NA` of an empty position; give `na.rm = TRUE`.
- DuckDB: `avg(position)` leaves empty positions out.
- SQLite: `.import` makes an empty text of an empty cell, which counts as 0: add `WHERE addressed =
  'true'`.
- Stata: `import delimited` makes a missing value of an empty position; `addressed` is text.
- Excel: open the file by Data > From Text/CSV, as UTF-8; `AVERAGE` leaves empty cells out.
"""


def dictionary(content: dict[str, Any]) -> str:
    """Write the data dictionary of a descriptor as Markdown."""
    lines = [_HEAD]
    for resource in content["resources"]:
        lines += _table_lines(resource)
    return "\n".join(lines)


def _table_lines(resource: dict[str, Any]) -> Iterator[str]:
    schema = resource["schema"]
    key = ", ".join(f"`{name}`" for name in schema["primaryKey"])
    yield f"## {resource['name']}"
    yield ""
    yield f"{resource.get('description', '')} {resource['rows']} rows; key {key}.".strip()
    yield ""
    yield "| column | type | what it is | example |"
    yield "|---|---|---|---|"
    targets = {
        name: key["reference"].get("resource") or resource["name"]
        for key in schema.get("foreignKeys", [])
        for name in key["fields"]
    }
    for field in schema["fields"]:
        yield _column_line(field, targets.get(field["name"], ""))
    yield ""


def _column_line(field: dict[str, Any], target: str) -> str:
    text = field.get("description", "") + (f" Points to `{target}`." if target else "")
    if codes := _labelled(field.get("categories", [])):
        text += f" Codes: {codes}."
    missing = [item for item in field.get("missingValues", []) if item["value"]]
    if missing:
        text += f" Missing: {_labelled(missing)}."
    need = "" if field.get("constraints", {}).get("required") else ", may be empty"
    example = field.get("example", "")
    if isinstance(example, bool):
        example = field["trueValues" if example else "falseValues"][0]
    kind = field.get("type", "string")
    return f"| `{field['name']}` | {kind}{need} | {_cell(text)} | {_cell(example)} |"


def _labelled(items: list[dict[str, Any]]) -> str:
    """Return codes with their labels; those that are called what they are stand alone."""
    return "; ".join(
        f"`{item['value']}`" + ("" if str(item["value"]) == item["label"] else f" {item['label']}")
        for item in items
    )


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
