"""What is no argument is named at the door, and what is one in other clothes is taken."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stancepack as sp

SCALE: dict[str, Any] = {"name": "funding", "codes": ("low", "high")}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"codes": None}, "scale of 'funding': codes is a list of texts, not None"),
        ({"codes": {"low", "high"}}, "not set"),
        ({"codes": ("low", 0.5)}, r"codes\[1\] is text, not 0.5"),
        ({"codes": range(10**9)}, "no scale"),
        ({"name": 3}, "name is text, not 3"),
        ({"labels": ("only one",)}, "1 labels for 2 codes; give one for each"),
        ({"definitions": ["a", "b", "c"]}, "3 definitions for 2 codes"),
        ({"poles": ("against",)}, "there are two poles, not 1"),
        ({"poles": 7}, "poles is a list of texts, not 7"),
        ({"neutral": 0.5}, "neutral is text, not 0.5"),
        ({"level": None}, "level is text, not None"),
    ],
)
def test_what_is_no_scale_is_said(change: dict[str, Any], words: str) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.Scale(**(SCALE | change))


def test_whole_numbers_are_codes_and_a_list_will_do() -> None:
    scale = sp.Scale("funding", [-1, 0, 1], neutral=0, labels=["no", "", "yes"])  # type: ignore[arg-type]
    assert scale == sp.Scale("funding", ("-1", "0", "1"), neutral="0", labels=("no", "", "yes"))
    assert hash(scale) == hash(
        sp.Scale("funding", ("-1", "0", "1"), ("no", "", "yes"), neutral="0")
    )
    assert scale.label(1) == "yes"


@pytest.mark.parametrize("text", [None, 3, b"0..10", ["0..10"], pd.DataFrame(), object()])
def test_a_scale_is_parsed_from_text(text: Any) -> None:
    with pytest.raises(sp.StancepackError, match="a scale is text, not"):
        sp.Scale.parse(text)


def raised(findings: sp.Findings) -> None:
    """Raise what `validate` finds where there is nothing to check."""
    raise sp.StancepackError(" ".join(findings.table["message"]))


PATHS: dict[str, Callable[[Any], Any]] = {
    "Codebook.read": sp.Codebook.read,
    "Project": sp.Project,
    "Project.open": sp.Project.open,
    "build": sp.build,
    "load": sp.load,
    "new_project": sp.new_project,
    "validate": lambda path: raised(sp.validate(path)),
    "add_statements": lambda path: sp.add_statements(path, [{}]),
    "agreement_table": sp.agreement_table,
}


@pytest.mark.parametrize("call", PATHS.values(), ids=list(PATHS))
@pytest.mark.parametrize(
    "path", [3, 0.5, True, b"bytes", ["folder"], np.arange(3), pd.DataFrame(), "a\0b", "", "\ud800"]
)
def test_what_is_no_path_is_said(
    call: Callable[[Any], Any], path: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sp.StancepackError, match=r"path|can name no file"):
        call(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", [sp.Project.open, sp.build, sp.new_project])
def test_a_name_that_is_too_long_is_said(call: Callable[[Any], Any]) -> None:
    with pytest.raises(sp.StancepackError, match="too long"):
        call("a" * 1000)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"issues": ["funding"]}, "maps the id of each issue to its question"),
        ({"issues": {"funding": 3}}, "the question of 'funding' is text"),
        ({"issues": {3: "Why?"}}, "the id of an issue is text"),
        ({"coders": {"ann", "bob"}}, "coders is a list of texts, not set"),
        ({"coders": (1, 2)}, r"coders\[0\] is text, not 1"),
        ({"title": None}, "title is text, not None"),
        ({"scales": np.array(["-2..2"])}, "scales is a list of texts, not ndarray"),
    ],
)
def test_what_is_no_outline_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.Outline(**options)


def test_a_text_alone_is_one_for_all() -> None:
    assert sp.Outline(scales="0..10", coders="ann") == sp.Outline(scales=("0..10",), coders=["ann"])


def test_statements_are_added_from_a_frame_with_numbers_days_and_gaps(tmp_path: Path) -> None:
    project = sp.new_project(tmp_path / "study")
    rows = [
        {"actor": "Jane Doe", "date": 2020, "text": "We will pay.", "venue": None},
        {"actor": "Jane Doe", "date": pd.Timestamp("2020-03-01"), "text": "Soon.", "venue": "Oslo"},
        {"actor": "Jane Doe", "date": "2020-04~", "text": "Later.", "venue": float("nan")},
    ]
    added = sp.add_statements(project, pd.DataFrame(rows), new_actors=True)
    units = sp.Project.open(project.home).units
    chosen = [[units[name][column] for column in ("date", "venue")] for name in added.statements]
    assert chosen == [["2020", ""], ["2020-03-01", "Oslo"], ["2020-04~", ""]]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (None, "a list of dicts, or as a frame"),
        ("Jane Doe", "a list of dicts, or as a frame"),
        ({"actor": "Jane Doe"}, "a list of dicts, or as a frame"),
        ([["Jane Doe"]], "statement 1 is a list, not a dict"),
        ([{"actor": "A", "date": 0.5}], "statement 1, date: 0.5 is no text"),
        ([{"actor": "A", "date": pd.Timestamp("2020-01-01 10:00")}], "a day without its time"),
        ([{3: "A"}], "statement 1: a column is text, not 3"),
        ([{"actor": "A", "date": "2020"}, {"actor": "A", "dat": "2020"}], "did you mean 'date'"),
    ],
)
def test_what_is_no_statement_is_said(tmp_path: Path, rows: Any, words: str) -> None:
    project = sp.new_project(tmp_path / "study")
    with pytest.raises(sp.StancepackError, match=words):
        sp.add_statements(project, rows)


WITHOUT_END: dict[str, Callable[[Any], Any]] = {
    "missing": lambda given: sp.codings([(1, "a", 1)], missing=given),
    "order": lambda given: sp.codings([(1, "a", 1)], order=given),
    "units": lambda given: sp.plan_agreement(PILOT, units=given, draws=1),
    "coders": lambda given: sp.plan_agreement(PILOT, coders=given, draws=1),
    "uncertainty": lambda given: sp.trajectory(
        sp.simulate(statements=20), issue="issue-1", uncertainty=given
    ),
    "actor": lambda given: sp.trajectory(sp.simulate(statements=20), issue="issue-1", actor=given),
    "statements": lambda given: sp.add_statements(Path("nowhere"), given),
}
PILOT = [
    (unit, coder, (unit + number) % 3) for unit in range(9) for number, coder in enumerate("ab")
]


@pytest.mark.parametrize("what", WITHOUT_END)
@pytest.mark.parametrize("endless", [lambda: range(10**12), lambda: count(2)])
def test_a_list_without_an_end_is_not_read_to_it(what: str, endless: Callable[[], Any]) -> None:
    with pytest.raises(sp.StancepackError):
        WITHOUT_END[what](endless())
