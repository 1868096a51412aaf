"""The bibliography: BibTeX of Zotero, JabRef and people, and words for what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.tables import Row
from stancepack.project.bibliography import read_sources


def read(tmp_path: Path, text: str) -> list[Row]:
    path = tmp_path / "sources.bib"
    path.write_text(text, encoding="utf-8")
    return read_sources(path)


def test_what_reference_managers_export_is_read(tmp_path: Path) -> None:
    exported = r"""
@string{gaz = "Gazette"}
@Article{muller_debate_2007,
  Title = {The {NATO} debate \& a {M{\"u}ller}'s \emph{view} -- 50% of it},
  author = {M{\"u}ller, J{\"o}rg and {\L}ukasz, K. and O'Neil, {\'E}. and {The Council}},
  journal = gaz, volume = 12, number = {3},
  year = {2007}, month = feb,
  DOI = {https://doi.org/10.1000/xyz\_123},
  url = {https://example.org/a_b~c%20d?x=1&y=2},
  note = {Costs \$5, 5% more}
}
@comment{jabref-meta: databaseType:bibtex;}
"""
    [row] = read(tmp_path, exported)
    assert {column: cell for column, cell in row.items() if cell} == {
        "source_id": "muller_debate_2007",
        "type": "article",
        "title": "The NATO debate & a Müller's view – 50% of it",
        "author": "Müller, Jörg and Łukasz, K. and O'Neil, É. and The Council",
        "container": "Gazette 12(3)",
        "date": "2007-02",
        "doi": "10.1000/xyz_123",
        "url": "https://example.org/a_b~c%20d?x=1&y=2",
        "note": "Costs $5, 5% more",
    }


def test_text_without_commands_of_latex_stays_as_it_is(tmp_path: Path) -> None:
    [row] = read(tmp_path, "@online{a, title = {100% -- ~ $5 {ß}}, url = {http://x.org/\\%7Efoo}}")
    assert (row["title"], row["url"]) == ("100% -- ~ $5 ß", "http://x.org/%7Efoo")


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("date = {2007-02/2007-03}, year = 1999", "2007-02/2007-03"),
        ("year = 2007", "2007"),
        ("year = {2007}, month = {2}", "2007-02"),
        ("year = {2007}, month = {February}, day = {9}", "2007-02-09"),
        ("year = {2007}, month = {spring}", "2007"),
        ("title = {x}", ""),
    ],
)
def test_a_date_may_be_in_parts(tmp_path: Path, fields: str, date: str) -> None:
    assert read(tmp_path, f"@misc{{a, {fields}}}")[0]["date"] == date


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@misc{a, year = {in press}}", r"sources\.bib, a: year 'in press' is none; write date"),
        ("@misc{a, title={x}}\n@misc{a, title={y}}", "line 2: the key 'a' is there twice"),
        ("\n@misc{a, title={x", "line 2: this entry cannot be read as BibTeX"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        read(tmp_path, text)


def test_the_doi_is_released(tiny: Path) -> None:
    path = tiny / "seeds" / "sources.bib"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("licence =", "doi = {10.1000/182},\n  licence ="), "utf-8")
    sp.build(tiny)
    assert sp.load(tiny)["sources"]["doi"].tolist() == ["10.1000/182"]
    assert sp.validate(tiny).table.to_dict("records") == []
