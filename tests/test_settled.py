"""What a release settled, and how it is cited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_studies import eleven_points, issue, make_study, three_points, units

import stancepack as sp
from stancepack.dataset.descriptor import Descriptor

COLUMNS = ["statement_id", "variable", "codes", "settled", "rule", "reason"]


def test_disagreements_have_their_columns_where_nothing_was_settled(tmp_path: Path) -> None:
    agreed = make_study(
        tmp_path / "agreed",
        issues={"plan": issue("The plan", ["a", "b"])},
        units=units(3, ["ann"]),
        coding=lambda variable, statement, coder: "a",
    )
    nobody = make_study(
        tmp_path / "nobody", issues={"plan": issue("The plan", ["a"])}, units=[], coding=None
    )
    for home in (agreed, nobody):
        settled = sp.disagreements(sp.load(home))
        assert settled.columns.tolist() == COLUMNS
        assert settled.empty
        assert settled["rule"].value_counts().empty


def test_disagreements_are_in_the_codes_of_their_scale(tmp_path: Path) -> None:
    words = sp.disagreements(sp.load(three_points(tmp_path / "three")))
    assert set(words["codes"]) <= {"neutral/oppose", "favour/neutral", "favour/oppose"}
    assert set(words["rule"]) == {"R1"}
    assert set(words["reason"]) == {"So it says."}
    numbers = sp.disagreements(sp.load(eleven_points(tmp_path / "eleven")))
    assert len(numbers)
    assert all(code.isdecimal() for codes in numbers["codes"] for code in codes.split("/"))


def test_disagreements_of_statement_variables_are_listed_too(tiny: Path) -> None:
    settled = sp.disagreements(sp.load(tiny)).set_index("variable")
    assert settled.loc["addressee", "codes"] == "several/unstated"
    assert settled.loc["joint-defence", "codes"] == "0/NA"
    assert settled.loc["joint-defence", "settled"] == "NA"


def cited(home: Path, **properties: Any) -> str:
    pkg = sp.load(home)
    content = {**pkg.descriptor.content, **properties}
    content = {name: value for name, value in content.items() if value is not None}
    return sp.cite(pkg=sp.StancePackage(Descriptor(content, pkg.descriptor.path)))


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, "The council (2026). Two ministers and a plan. Version 1.0.0, codebook 1.0.0"),
        (
            {"contributors": [{"givenName": "Ann", "familyName": "Lee"}, {"familyName": "Ode"}]},
            "Ann Lee, Ode (2026). Two ministers",
        ),
        ({"contributors": [{"organization": "The Institute"}]}, "The Institute (2026). Two"),
        ({"contributors": [{}]}, "Two ministers and a plan (2026). Version"),
        ({"contributors": None, "created": None}, "Two ministers and a plan (no date). Version"),
        ({"version": None}, "Without version, codebook"),
        ({"title": None}, "The council (2026). tiny. Version"),
        ({"sources": [{"title": "A book."}, {"path": "x"}]}, "Source: A book.\nAgreement"),
    ],
)
def test_a_data_set_is_cited_by_what_it_says_of_itself(
    tiny: Path, properties: dict[str, Any], words: str
) -> None:
    assert words in cited(tiny, **properties)


def test_every_method_is_cited_with_its_address() -> None:
    for method in ("alpha", "bca", "kappa", "ac2", "dawid-skene", "dice"):
        assert "https://" in sp.cite(method)
    with pytest.raises(sp.StancepackError, match="did you mean 'kappa'"):
        sp.cite("kapa")
