"""The workbench as it is installed: its pages are in the package, and without its extra it says so."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from workbench_rooms import ANN, ROUND, Workbench, coded_study, opened_workbench

from stancepack.workbench import pages

PACKAGE = files("stancepack.workbench")


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = opened_workbench(coded_study(tmp_path_factory.mktemp("installed") / "study"))
    with opened.journal:
        yield opened


def test_a_page_is_served_with_all_that_it_loads(workbench: Workbench) -> None:
    client = workbench.client()
    page = client.get(f"/code/{ANN}/")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    asked = [address for address in loaded if address.startswith("/")]
    assert {"/static/code.js", "/static/workbench.css"} <= {*asked}
    for address in asked:
        answer = client.get(address)
        assert answer.status_code == 200
        assert len(answer.content) > 1000
    assert client.get(f"/code/{ANN}/state").json()["task"] == ROUND


@pytest.mark.parametrize("name", sorted(pages.SCRIPTS))
def test_every_script_is_made_of_files_of_the_package(name: str) -> None:
    for part in pages.SCRIPTS[name]:
        assert PACKAGE.joinpath(f"static/{part}").is_file()
        assert pages.script(name).count(PACKAGE.joinpath(f"static/{part}").read_text("utf-8")) == 1


def test_every_file_beside_the_pages_is_used() -> None:
    used = {part for parts in pages.SCRIPTS.values() for part in parts} | {"workbench.css"}
    sources = "".join(path.read_text("utf-8") for path in Path(str(PACKAGE)).rglob("*.py"))
    left = {file.name for file in PACKAGE.joinpath("static").iterdir()} - used
    assert all(f'"{name}"' in sources or f"/{name}" in sources for name in left), left


def test_nothing_is_loaded_from_elsewhere() -> None:
    for folder in ("static", "templates"):
        for file in PACKAGE.joinpath(folder).iterdir():
            addresses = re.findall(
                r"(?:https?:)?//[\w.-]+\.\w+[^\s\"'`)]*", file.read_text("utf-8")
            )
            assert {*addresses} <= {"http://www.w3.org/2000/svg"}, file.name


WITHOUT = """
import sys
sys.modules[{missing!r}] = None  # as if it were not installed
from stancepack.cli import main
sys.argv = ["stancepack", *{words!r}]
main()
"""


@pytest.mark.parametrize(
    ("missing", "words", "extra"),
    [
        ("starlette", ["code", "--coder", ANN], "workbench"),
        ("uvicorn", ["code", "--coder", ANN], "workbench"),
        ("starlette", ["lead", "--lead", "chris"], "workbench"),
        (
            "psycopg",
            ["code", "--coder", ANN, "--database", "postgresql://nowhere/"],
            "workbench-postgresql",
        ),
    ],
)
def test_without_the_extra_the_command_says_what_to_install(
    workbench: Workbench, missing: str, words: list[str], extra: str
) -> None:
    script = WITHOUT.format(missing=missing, words=[*words, "--no-browser"])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=workbench.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("stancepack: ")
    assert f"pip install 'stancepack[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (workbench.home / "workbench" / "port-code.json").exists()


def test_the_package_is_imported_without_what_the_extra_brings() -> None:
    script = "import sys, stancepack, stancepack.cli; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"starlette", "uvicorn", "psycopg", "anyio"} & {*done.stdout.split("\n")}


def test_people_find_how_to_use_it_in_the_package() -> None:
    assert Path(str(PACKAGE.joinpath("README.md"))).is_file()
