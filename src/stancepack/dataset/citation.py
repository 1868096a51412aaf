"""How to cite the data set, its source and the methods used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from stancepack.arguments import a_flag, a_text
from stancepack.dataset.package import StancePackage, as_package, load
from stancepack.dataset.references import references
from stancepack.errors import StancepackError
from stancepack.spellings import old_spellings

_SIGNS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
}
_MEASURES = {"Agreement": "alpha", "Intervals": "bca"}  # what every release is measured by


@old_spellings(positional=("pkg",))
def cite(
    method: str | None = None,
    *,
    pkg: StancePackage | str | os.PathLike[str] | None = None,
    bibtex: bool = False,
) -> str:
    """Say how to cite the data set with its source, or a method.

    Parameters
    ----------
    method
        What was computed, by the name it has in the package: a coefficient (``"alpha"``,
        ``"ac2"``), an interval (``"bca"``), a way of combining (``"dawid_skene"``, ``"mace"``), a
        function (``"trajectory"``, ``"multiverse"``), ``"edtf"``; None for the data set.
    pkg
        The package to cite, or its path; the shipped one if None.
    bibtex
        Entries of BibTeX in place of text.

    Raises
    ------
    StancepackError
        If the method is not known.

    Examples
    --------
    >>> import stancepack as sp
    >>> print(sp.cite("Dawid-Skene")[:35])
    Dawid, A. P., & Skene, A. M. (1979)
    >>> print(sp.cite(bibtex=True).splitlines()[0])
    @misc{missile-defence-stances,
    """
    a_flag("bibtex", bibtex)
    if method is not None:
        if isinstance(method, StancePackage):
            raise StancepackError("cite() is given the name of a method; write cite(pkg=…).")
        if pkg is not None:
            raise StancepackError("pkg= would not be used: a method is cited.")
        return _shown(a_text("method", method), bibtex)
    chosen = load() if pkg is None else as_package(pkg, "cite")
    return _entries(chosen) if bibtex else _lines(chosen)


def _shown(method: str, bibtex: bool) -> str:
    if bibtex:
        return "\n\n".join(reference.bibtex for reference in references(method))
    return "\n".join(reference.text for reference in references(method))


def _lines(pkg: StancePackage) -> str:
    content = pkg.descriptor.content
    people = ", ".join(_people(content))
    year = f"({_year(content)})" if _year(content) else "(no date)"
    version = f"Version {pkg.version}" if "version" in content else "Without version"
    title = _title(pkg)
    head = f"{people} {year}. {title}" if people else f"{title} {year}"
    lines = [f"{head}. {version}, codebook {pkg.codebook.version} [data set]."]
    lines += [f"Source: {source}." for source in _sources(content)]
    lines += [f"{what}: {_shown(method, False)}" for what, method in _MEASURES.items()]
    return "\n".join(lines)


def _entries(pkg: StancePackage) -> str:
    content = pkg.descriptor.content
    fields = {
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in _people(content)),
        "title": f"{{{_escaped(_title(pkg))}}}",
        "year": _year(content),
        "version": _escaped(str(content.get("version", ""))),
        "note": f"Data set, codebook {_escaped(pkg.codebook.version)}",
        "url": str(content.get("homepage", "")),
    }
    entries = [_entry(pkg.name, fields)]
    for number, source in enumerate(_sources(content), start=1):
        title = {"title": f"{{{_escaped(source)}}}"}
        entries.append(_entry(f"{pkg.name}-source-{number}", title))
    entries += [_shown(method, True) for method in _MEASURES.values()]
    return "\n\n".join(entries)


def _entry(key: str, fields: Mapping[str, str]) -> str:
    key = re.sub(r"[^\w.-]", "-", key)
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}\n}}"


def _escaped(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text)


def _title(pkg: StancePackage) -> str:
    return str(pkg.descriptor.content.get("title", pkg.name)).rstrip(".")


def _year(content: Mapping[str, Any]) -> str:
    return str(content.get("created") or "")[:4]


def _sources(content: Mapping[str, Any]) -> list[str]:
    titles = [str(source.get("title", "")).rstrip(".") for source in content.get("sources", [])]
    return [title for title in titles if title]


def _people(content: Mapping[str, Any]) -> list[str]:
    """Return what the contributors are called, in the terms of Data Package 1 or 2."""
    return [name for name in map(_name, content.get("contributors", [])) if name]


def _name(person: Mapping[str, Any]) -> str:
    parts = (person.get("givenName", ""), person.get("familyName", ""))
    full = " ".join(part for part in parts if part)
    return str(person.get("title") or full or person.get("organization") or "")
