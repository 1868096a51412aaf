"""A package from which a table was taken away: what needs it says so, all else works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import stancepack as sp
from stancepack.site.report import write_report

TABLES = (
    *("actors", "sources", "offices", "events", "systems", "issues", "codes", "statements"),
    *("statement_systems", "coders", "rounds", "codings", "stances", "statement_codings"),
    *("statement_codes", "positions", "agreement", "discrepancies", "coverage", "retired"),
)
ASKED: dict[str, Callable[[sp.StancePackage], Any]] = {
    "agreement_table": sp.agreement_table,
    "cite": lambda pkg: sp.cite(pkg=pkg),
    "disagreements": sp.disagreements,
    "evidence": sp.evidence,
    "positions": lambda pkg: pkg.positions(),
    "settling": lambda pkg: pkg.settling("codings"),
    "_repr_html_": lambda pkg: pkg._repr_html_(),
}


def take_away(home: Path, table: str) -> None:
    file = home / "datapackage.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["resources"] = [part for part in content["resources"] if part["name"] != table]
    for resource in content["resources"]:
        keys = resource["schema"].pop("foreignKeys", [])
        kept = [key for key in keys if key["reference"].get("resource") != table]
        resource["schema"] |= {"foreignKeys": kept} if kept else {}
    file.write_text(json.dumps(content), encoding="utf-8")
    (home / "data" / f"{table}.csv").unlink()


def test_every_table_is_taken_away_once(tiny: Path) -> None:
    assert set(sp.load(tiny)) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_without_a_table_everything_returns_or_says_what_it_needs(tiny: Path, table: str) -> None:
    take_away(tiny, table)
    pkg = sp.load(tiny)
    answered = []
    for name, ask in ASKED.items():
        try:
            ask(pkg)
        except sp.StancepackError as error:
            if not str(error).strip():
                raise AssertionError("an error has words") from error
        else:
            answered.append(name)
    assert {"cite", "_repr_html_"} <= set(answered)
    if table in ("systems", "coverage", "discrepancies", "retired", "agreement"):
        needs_nothing = {"agreement_table", "disagreements", "positions", "settling"}
        assert needs_nothing <= set(answered)


@pytest.mark.parametrize("table", ["actors", "rounds", "codings"])
def test_without_a_table_there_is_a_report_that_says_so(
    tiny: Path, tmp_path: Path, table: str
) -> None:
    take_away(tiny, table)
    page = write_report(sp.load(tiny), tmp_path / "report")
    assert table in page.read_text(encoding="utf-8")
