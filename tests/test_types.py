"""The public names, as type checkers, editors and star imports see them."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import stancepack as sp

HOUSE = Path(sp.__file__).parent
ROOT = Path(__file__).parents[1]
USES = """
import stancepack as sp

reveal_type(sp.load())
reveal_type(sp.load().settling)
reveal_type(sp.agreement([]))
sp.agrement
"""


@pytest.fixture(scope="module")
def revealed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    pytest.importorskip("mypy")
    file = tmp_path_factory.mktemp("types") / "uses.py"
    names = "".join(f"reveal_type(sp.{name})\n" for name in sp.__all__)
    file.write_text(USES + names, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", ROOT / "pyproject.toml"]
    done = subprocess.run(
        [*command, file],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(HOUSE.parent)},
    )
    return done.stdout.splitlines()


@pytest.mark.usefixtures("checkout")
def test_a_type_checker_knows_every_public_name(revealed: list[str]) -> None:
    types = [re.search(r'Revealed type is "(.*)"$', line) for line in revealed]
    seen = [match[1] for match in types if match]
    assert seen[0] == "stancepack.dataset.package.StancePackage"
    assert seen[1].startswith("def (table: str) -> ")
    assert seen[2] == "stancepack.reliability.result.Agreement"
    by_name = dict(zip(sp.__all__, seen[3:], strict=True))
    assert [name for name, kind in by_name.items() if not kind.startswith("def ")] == []


@pytest.mark.usefixtures("checkout")
def test_a_type_checker_refuses_a_name_that_is_not_there(revealed: list[str]) -> None:
    errors = [line for line in revealed if ": error: " in line]
    assert len(errors) == 1
    assert 'no attribute "agrement"' in errors[0]


def test_the_stub_lists_what_is_there_and_nothing_else() -> None:
    stub = ast.parse((HOUSE / "__init__.pyi").read_text(encoding="utf-8"))
    lists = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    for node in lists:
        room = importlib.import_module(f"stancepack.{node.module}")
        for alias in node.names:
            assert alias.asname == alias.name, "so that type checkers take it as public"
            assert getattr(sp, alias.name) is getattr(room, alias.name)
    assert sorted(alias.name for node in lists for alias in node.names) == sorted(sp.__all__)


def test_a_star_import_and_completion_show_every_public_name() -> None:
    names: dict[str, object] = {}
    exec("from stancepack import *", names)
    assert set(sp.__all__) <= set(names)
    assert set(sp.__all__) | {"__version__"} == set(dir(sp))


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="'agrement'; did you mean 'agreement'"):
        sp.agrement  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(sp, "no_such_name")
