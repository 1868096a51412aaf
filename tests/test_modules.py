"""Rules ask only of the modules that a package uses, and of variables by their roles, not names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from conftest import edit
from small_studies import code, issue, make_study

import stancepack as sp
from stancepack.release.build import build
from stancepack.validation.rules import RULES

UNITS = [
    {"statement_id": f"S{n}", "actor_id": "ana", "date": f"200{n}", "quote": "we will do it"}
    for n in range(1, 5)
]
ISSUES = {
    "funding": issue("Funding", ["oppose", "neutral", "favour"], neutral="neutral"),
    "trust": issue("Trust", [str(n) for n in range(11)], "interval"),
    "frame": issue("Frame", ["cost", "safety"], "nominal"),
}
CODES = {"funding": "oppose", "trust": "7", "frame": "safety", "voice": "own", "bond": "loose"}


@pytest.fixture
def core(tmp_path: Path) -> Path:
    """A package of the core tables alone, on three scales."""
    return make_study(
        tmp_path / "core", issues=ISSUES, units=UNITS, coding=lambda variable, *_: CODES[variable]
    )


@pytest.fixture
def with_variables(tmp_path: Path) -> Path:
    """A package with variables of other names and codes than anybody knows, and their roles."""
    home = make_study(tmp_path / "own", issues=ISSUES, units=UNITS, coding=None)
    path = home / "coding" / "codebook.yaml"
    book = yaml.safe_load(path.read_text(encoding="utf-8"))
    book["variables"] = {
        "voice": issue("Voice", ["own", "others"], "nominal"),
        "bond": issue("Bond", ["loose", "tied"], "nominal"),
    }
    book["roles"] = {"needs_words": {"voice": ["own"]}, "conditional": {"bond": ["tied"]}}
    path.write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
    code(home, lambda variable, *_: CODES[variable])
    build(home)
    return home


def test_a_package_of_the_core_tables_is_valid_and_nothing_is_said_of_the_rest(core: Path) -> None:
    findings = sp.validate(core, conformance=True)
    assert findings.table.to_dict("records") == []
    assert findings.not_checked == []
    assert sp.load(core).descriptor.modules == []


def test_rules_of_modules_that_are_not_used_are_not_run(core: Path) -> None:
    edit(core, "statements", lambda rows: [row | {"actor_id": "anna"} for row in rows])
    said = "\n".join(sp.validate(core).not_checked)
    assert "date-bounds: statements has findings" in said
    for name, rule in RULES.items():
        assert rule.modules == {"core"} or f"{name}:" not in said


def test_a_position_belongs_to_the_scale_of_its_issue(core: Path) -> None:
    def give_another(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["issue_id"] == "funding")
        row["position"] = "safety"

    edit(core, "stances", give_another)
    (finding,) = sp.validate(core).table.to_dict("records")
    assert (finding["rule"], finding["column"]) == ("position-code", "position")
    assert "oppose, neutral, favour." in finding["remedy"]


def test_roles_say_what_variables_ask_for(with_variables: Path) -> None:
    assert sp.validate(with_variables).table.to_dict("records") == []
    edit(with_variables, "statements", lambda rows: [rows[0] | {"quote": ""}, *rows[1:]])
    (finding,) = sp.validate(with_variables).table.to_dict("records")
    assert (finding["rule"], finding["row_id"], finding["column"]) == ("quotation", "S1", "quote")


def test_a_condition_goes_with_the_codes_that_ask_for_one(with_variables: Path) -> None:
    edit(with_variables, "statements", lambda rows: [rows[0] | {"condition": "If so."}, *rows[1:]])
    (finding,) = sp.validate(with_variables).table.to_dict("records")
    assert (finding["rule"], finding["row_id"]) == ("condition", "S1")
    assert "not conditional" in finding["message"]


@pytest.mark.parametrize("coders", [1, 2])
def test_one_coder_and_full_agreement_have_no_finding(coders: int, core: Path) -> None:
    if coders == 1:
        (core / "coding" / "rounds" / "round-1" / "bob.csv").unlink()
        path = core / "coding" / "rounds" / "round-1" / "manifest.yaml"
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
        del manifest["sheets"]["bob"]
        path.write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")
        path = core / "coding" / "coders.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "bob" not in line), encoding="utf-8")
        build(core)
    assert sp.validate(core).table.to_dict("records") == []


RENDERED = [
    {
        **UNITS[0],
        "date": "2001-04-08",
        "date_bound": "day",
        "language_spoken": "ru",
        "language_quoted": "en",
        "rendering": "agency translation",
    },
    {
        **UNITS[1],
        "date": "[2002-04-01..2002-04-08]",
        "date_bound": "published",
        "language_spoken": "en",
        "language_quoted": "en",
        "rendering": "original",
    },
]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that says whose words its quotations are, and what its dates bound."""
    home = make_study(
        tmp_path_factory.mktemp("rendered") / "study",
        issues=ISSUES,
        units=RENDERED,
        coding=lambda variable, *_: CODES[variable],
        settings={"modules": ["renderings"]},
    )
    assert sp.validate(home).table.to_dict("records") == []
    return home


@pytest.mark.parametrize(
    ("statement", "cells", "rule", "column"),
    [
        ("S1", {"rendering": "original"}, "rendering", "rendering"),
        ("S2", {"rendering": "interpreter"}, "rendering", "rendering"),
        ("S2", {"rendering": ""}, "rendering", "rendering"),
        ("S2", {"language_quoted": ""}, "rendering", "language_quoted"),
        ("S1", {"date_bound": "published"}, "date-bound", "date_bound"),
        ("S2", {"date_bound": "day"}, "date-bound", "date_bound"),
        ("S2", {"date_bound": "bounds"}, None, None),
        ("S1", {"language_spoken": ""}, None, None),
        ("S2", {"language_spoken": "ru", "rendering": "unknown"}, None, None),
    ],
)
def test_renderings_and_bounds_of_dates_agree_with_what_they_are_of(
    rendered: Path,
    tmp_path: Path,
    statement: str,
    cells: dict[str, str],
    rule: str | None,
    column: str | None,
) -> None:
    home = Path(shutil.copytree(rendered, tmp_path / "study"))
    edit(
        home,
        "statements",
        lambda rows: [row | (cells if row["statement_id"] == statement else {}) for row in rows],
    )
    findings = sp.validate(home).table
    wanted = [] if rule is None else [(rule, statement, column)]
    assert findings[["rule", "row_id", "column"]].apply(tuple, axis=1).tolist() == wanted
