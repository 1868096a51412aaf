"""What a package holds, in a few lines."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

_KINDS = {"human": "people", "language-model": "language models", "rule": "rules"}


def summary_text(pkg: StancePackage) -> str:
    """Return name, version, who coded, and each table with what a row of it is."""
    rows = _tables(pkg)
    width, digits = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"  {name:{width}}  {count:>{digits}}  {what}" for name, count, what in rows]
    return "\n".join([*_head(pkg), "", "Tables, with their rows and what they hold:", *lines])


def summary_html(pkg: StancePackage) -> str:
    """Return the same for a notebook."""
    head = "".join(f"<p>{escape(line)}</p>" for line in _head(pkg))
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{count}</td><td>{escape(what)}</td></tr>"
        for name, count, what in _tables(pkg)
    )
    columns = "<tr><th>table</th><th>rows</th><th>what it holds</th></tr>"
    return f"{head}<table><thead>{columns}</thead><tbody>{rows}</tbody></table>"


def _head(pkg: StancePackage) -> list[str]:
    content = pkg.descriptor.content
    version = f", version {content['version']}" if "version" in content else ""
    lines = [f"{content.get('title', pkg.name)} ({pkg.name}{version})"]
    made = "made of tables" if pkg.truth is None else "simulated, with known truth"
    lines.append(f"Kind: {'released by a project' if pkg.descriptor.is_release else made}.")
    return [*lines, f"Coded by: {_coders(pkg)}."]


def _coders(pkg: StancePackage) -> str:
    """Say who coded: people, language models or rules."""
    if "codings" not in pkg:
        return "nobody is named, as there are no codings"
    coders = pkg["codings"]["coder_id"].unique()
    if "coders" not in pkg or "kind" not in pkg["coders"]:
        return f"{len(coders)} coders ({', '.join(map(str, coders))})"
    kinds = pkg["coders"].set_index("coder_id")["kind"].astype(object)
    counted = kinds.reindex(coders).map(_KINDS).fillna("of unknown kind").value_counts()
    return ", ".join(f"{count} {kind}" for kind, count in counted.items())


def _tables(pkg: StancePackage) -> list[tuple[str, str, str]]:
    rows = []
    for table in pkg:
        about = str(pkg.descriptor.resource(table).get("description", ""))
        rows.append((table, _count(pkg, table), about.partition(". ")[0].rstrip(".")))
    return rows


def _count(pkg: StancePackage, table: str) -> str:
    count = pkg.count(table)
    try:
        return f"{len(pkg[table]) if count is None else count:,}"
    except StancepackError:  # its file is missing
        return "?"
