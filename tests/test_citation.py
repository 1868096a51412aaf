"""Citing: the data set and every method that the package computes, as text and as BibTeX."""

from __future__ import annotations

from pathlib import Path

import pytest
from bibtexparser.entrypoint import parse_string

import stancepack as sp
from stancepack.dataset.references import METHODS
from stancepack.positions.trajectory import METHODS as TRAJECTORIES
from stancepack.reliability.coefficients import COEFFICIENTS
from stancepack.reliability.combining import METHODS as COMBINING
from stancepack.reliability.computation import METHODS as INTERVALS
from stancepack.reliability.weights import DISTANCES

OWN = {"majority", "window"}  # our own, or older than any paper
COMPUTED = {*COEFFICIENTS, *INTERVALS, *COMBINING, *TRAJECTORIES, *DISTANCES}
COMPUTED |= {"change_points", "network", "scale", "multiverse", "unitising_alpha", "diagnose"}


def entries(bibtex: str) -> dict[str, dict[str, str]]:
    library = parse_string(bibtex)
    assert not library.failed_blocks
    return {
        entry.key: {field.key: str(field.value) for field in entry.fields}
        for entry in library.entries
    }


@pytest.mark.parametrize("method", sorted(COMPUTED - OWN))
def test_what_the_package_computes_can_be_cited(method: str) -> None:
    text = sp.cite(method)
    assert text.count("(") >= 1
    for line, (key, fields) in zip(
        text.splitlines(), entries(sp.cite(method, bibtex=True)).items(), strict=True
    ):
        assert fields["year"] in line
        assert key.endswith(fields["year"])
        assert fields["author"].split(",")[0] in line
        assert not {"{", "}", "\\"} & set(line)


@pytest.mark.parametrize(
    ("asked", "author"),
    [
        ("AC2", "Gwet"),
        ("Dawid-Skene", "Dawid"),
        ("dawid skene", "Dawid"),
        ("MACE", "Hovy"),
        ("BCa", "Efron"),
        ("Kappa", "Cohen"),
        ("weighted kappa", "Cohen"),
        ("EDTF", "ISO 8601"),
    ],
)
def test_methods_are_found_as_people_write_them(asked: str, author: str) -> None:
    assert sp.cite(asked).startswith(author)


def test_names_of_methods_are_written_as_they_are_looked_up() -> None:
    assert [name for name in METHODS if name != name.casefold() or "-" in name] == []


def test_the_data_set_is_cited_as_text_and_as_bibtex() -> None:
    pkg = sp.load()
    text, listed = sp.cite(pkg=pkg), entries(sp.cite(pkg=pkg, bibtex=True))
    own = listed[pkg.name]
    assert f"Version {own['version']}" in text
    assert own["title"].strip("{}") in text
    assert own["year"] in text
    assert own["author"] == "{The stancepack project}"
    assert {"krippendorff2011", "efron1987"} <= set(listed)
    assert sp.cite() == text == sp.cite(pkg=pkg.home)


def test_signs_of_latex_are_escaped(tiny: Path) -> None:
    file = tiny / "datapackage.json"
    content = file.read_text(encoding="utf-8")
    title = str(sp.load(tiny).descriptor.content["title"])
    file.write_text(content.replace(title, "Words & {figures}: 5 % of #1, a_b"), encoding="utf-8")
    bibtex = sp.cite(pkg=tiny, bibtex=True)
    assert r"title = {{Words \& \{figures\}: 5 \% of \#1, a\_b}}" in bibtex
    assert "tiny" in entries(bibtex)


def test_what_cannot_be_cited_is_said() -> None:
    with pytest.raises(sp.UnknownName, match="no method 'alfa'; did you mean 'alpha'"):
        sp.cite("alfa")
    with pytest.raises(sp.StancepackError, match=r"cite\(pkg=…\)"):
        sp.cite(sp.load())  # type: ignore[arg-type]
    with pytest.raises(sp.StancepackError, match="pkg= would not be used"):
        sp.cite("alpha", pkg=sp.load())
    with pytest.raises(sp.StancepackError, match="cite is of a package or its path"):
        sp.cite(pkg=3)  # type: ignore[arg-type]
    with pytest.warns(sp.StancepackDeprecation, match=r"cite\(…, pkg=…\)"):
        assert sp.cite(None, sp.load()) == sp.cite()  # type: ignore[misc]
