"""The data dictionary of a release."""

from __future__ import annotations

from typing import Any

from stancepack.files.paths import DESCRIPTOR


def dictionary(content: dict[str, Any]) -> str:
    """Write the data dictionary of a descriptor as Markdown."""

    def cell(text: object) -> str:
        return " ".join(str(text).split()).replace("|", "\\|")

    lines = [
        "# data/: computed",
        "",
        "The released tables and this dictionary. Everything here is written by `stancepack build` from `seeds/` and `coding/`,",
        f"as `{DESCRIPTOR}` declares it. Change nothing by hand: `stancepack build --check` would show it.",
        "",
        "Files are CSV in UTF-8 with commas and LF. An empty cell means not recorded or not applicable, unless the column",
        "says otherwise.",
        "",
    ]
    for resource in content["resources"]:
        schema = resource["schema"]
        key = ", ".join(f"`{name}`" for name in schema["primaryKey"])
        what = f"{resource.get('description', '')} {resource['rows']} rows; key {key}.".strip()
        lines += [f"## {resource['name']}", "", what, ""]
        targets: dict[str, str] = {}
        for one in schema.get("foreignKeys", []):
            for name in one["fields"]:
                targets[name] = one["reference"].get("resource") or resource["name"]
        lines += ["| column | type | what it is | example |", "|---|---|---|---|"]
        for field in schema["fields"]:
            text = field.get("description", "") + (
                f" Points to `{targets[field['name']]}`." if field["name"] in targets else ""
            )
            codes = "; ".join(
                f"`{item['value']}` {item['label']}" for item in field.get("categories", [])
            )
            missing = "; ".join(
                f"`{item['value']}` {item['label']}"
                for item in field.get("missingValues", [])
                if item["value"]
            )
            text += f" Codes: {codes}." if codes else ""
            text += f" Missing: {missing}." if missing else ""
            need = "" if field.get("constraints", {}).get("required") else ", may be empty"
            given = field.get("example", "")
            example = "yes" if given is True else "no" if given is False else given
            lines.append(
                f"| `{field['name']}` | {field.get('type', 'string')}{need} | {cell(text)} | {cell(example)} |"
            )
        lines.append("")
    return "\n".join(lines)
