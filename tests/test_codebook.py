"""The codebook as people use it: a mapping of what is coded, which nobody can change."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import stancepack as sp


@pytest.fixture(scope="module")
def book() -> sp.Codebook:
    return sp.load().codebook


def test_it_is_a_proper_mapping_of_what_is_coded(book: sp.Codebook) -> None:
    assert isinstance(book, Mapping)
    names = list(book)
    assert len(book) == len(names) == len(set(names)) == 12
    assert [name for name in names if name in book and book[name] == book.get(name)] == names
    assert dict(book) == {**book.issues, **book.variables}
    assert list(book.keys()) == names
    for missing in ("nope", "R999", 3, None, ["us-sites"], float("nan")):
        assert missing not in book
        assert book.get(missing, "default") == "default"  # type: ignore[arg-type]
        with pytest.raises(KeyError):
            book[missing]  # type: ignore[index]
    with pytest.raises(sp.UnknownName, match="'us-site'; did you mean 'us-sites'"):
        book["us-site"]


def test_completion_in_brackets_shows_what_is_coded(book: sp.Codebook) -> None:
    assert book._ipython_key_completions_() == list(book)


def test_rules_are_found_among_the_rules_and_by_the_old_spelling(book: sp.Codebook) -> None:
    assert "R5" not in book
    assert "R5" in book.rules
    assert "U1" in book.units
    for name, part in (("R5", "rules"), ("U1", "units")):
        with pytest.warns(sp.StancepackDeprecation, match=rf"codebook\.{part}\['{name}'\]"):
            assert book[name] == getattr(book, part)[name]
        assert book.render(name).startswith(f"## `{name}`")
    with pytest.raises(sp.UnknownName, match="no issue or variable 'R5'"):
        book.codes("R5")


GIVEN_OUT: dict[str, Callable[[sp.Codebook], Any]] = {
    "entry": lambda book: book["us-sites"],
    "issues": lambda book: book.issues["us-sites"],
    "variables": lambda book: book.variables["conditional"],
    "rules": lambda book: book.rules["R5"],
    "units": lambda book: book.units["U1"],
    "roles": lambda book: book.roles,
    "content": lambda book: book.content,
    "codes": lambda book: book["us-sites"]["codes"],
    "a code": lambda book: book["us-sites"]["codes"]["-2"],
    "confidence": lambda book: book.confidence,
}


@pytest.mark.parametrize("part", GIVEN_OUT)
def test_nobody_changes_the_instrument(book: sp.Codebook, part: str) -> None:
    before = copy.deepcopy(GIVEN_OUT[part](book))
    given = GIVEN_OUT[part](book)
    given.update(label="changed", title="changed")
    for value in given.values():
        if isinstance(value, dict):
            value.clear()
        if isinstance(value, list):
            value.append("changed")
    assert GIVEN_OUT[part](book) == before


def test_what_it_was_made_of_may_change_afterwards(book: sp.Codebook) -> None:
    content = book.content
    mine = sp.Codebook(content)
    content["issues"]["us-sites"]["codes"]["-2"]["label"] = "changed"
    content["rules"].clear()
    assert mine["us-sites"] == book["us-sites"]
    assert mine.rules == book.rules


def test_it_can_be_copied_and_pickled(book: sp.Codebook) -> None:
    for same in (copy.deepcopy(book), pickle.loads(pickle.dumps(book))):
        assert same == book
        assert same.scale("us-sites") == book.scale("us-sites")


def test_notebooks_show_it_and_its_scales_as_tables(book: sp.Codebook) -> None:
    shown = book._repr_html_()
    assert all(name in shown for name in book)
    assert "&lt;" not in book.scale("us-sites")._repr_html_()
    scale = sp.Scale("<b>", ("<i>", "b"), labels=("<script>", ""), level="nominal")
    assert "<script>" not in scale._repr_html_()
    assert "&lt;b&gt; (nominal)" in scale._repr_html_()
    sites = book.scale("us-sites")
    assert all(label in sites._repr_html_() for label in sites.labels)
    assert "neutral: 0" in sites._repr_html_()
