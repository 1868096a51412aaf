"""The wheel in a clean environment, what it costs to load, and the documents that repeat facts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import stancepack as sp
from stancepack.files.paths import shipped

pytestmark = pytest.mark.usefixtures("checkout")
ROOT = Path(__file__).parents[1]
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTHONPATH", "STANCEPACK_TEXTS")
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True, capture_output=True)
    return next(folder.glob("stancepack-*.whl"))


def declared_version() -> str:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(content["project"]["version"])


@pytest.mark.slow  # it needs what builds wheels
def test_the_wheel_ships_exactly_the_release_and_the_package(wheel: Path) -> None:
    content = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    released = {resource["path"] for resource in content["resources"]}
    released |= {"datapackage.json", "coding/codebook.yaml", "seeds/sources.bib", "LICENSE-DATA"}
    house = ROOT / "src" / "stancepack"
    own = {path.relative_to(house).as_posix() for path in house.rglob("*") if path.is_file()}
    expected = {f"_package/{name}" for name in released}
    expected |= {name for name in own if "__pycache__" not in name}
    names = zipfile.ZipFile(wheel).namelist()
    modules = {name.removeprefix("stancepack/") for name in names if name.startswith("stancepack/")}
    assert modules == expected
    assert {name for name in own if name.endswith((".json", ".html", ".jinja"))} <= modules
    assert {"py.typed", "__init__.pyi"} <= modules, "type checkers see the public names"
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"stancepack", f"stancepack-{declared_version()}.dist-info"}


WITHOUT_ANYTHING_ELSE = """
import stancepack as sp
pkg = sp.load()
assert "site-packages" in str(pkg.home), pkg.home
assert len(pkg["statements"]) == 1249 and len(pkg.codebook) == 12
findings = sp.validate()
assert findings.is_valid, findings.table
assert any("seals" in line for line in findings.not_checked)
print(pkg.home)
"""


@pytest.mark.slow
def test_the_wheel_works_with_nothing_but_what_it_depends_on(wheel: Path, tmp_path: Path) -> None:
    def run(*command: object) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=CLEAN,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    home = tmp_path / "clean"
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    uv = [sys.executable, "-m", "uv"]
    run(*uv, "venv", "--quiet", "--python", sys.executable, home)
    install = [*uv, "pip", "install", "--quiet", "--python", home]
    run(*install, "--constraint", ROOT / "constraints.txt", wheel)
    package = Path(run(programs / "python", "-c", WITHOUT_ANYTHING_ELSE).strip())
    run(programs / "frictionless", "validate", package / "datapackage.json")
    run(programs / "stancepack", "report")
    assert (tmp_path / "build" / "report" / "index.html").is_file()


def test_a_checkout_uses_its_own_data() -> None:
    assert shipped() == ROOT
    assert sp.load().home == ROOT


LOADING = """
import sys, stancepack as sp
assert "pandas" not in sys.modules, "import stancepack is free"
pkg = sp.load()
[pkg[table] for table in pkg]
pkg.positions()
print(*sys.modules)
"""
HEAVY = {"frictionless", "pandera", "scipy", "sklearn", "matplotlib", "jinja2", "edtf"}
HEAVY |= {"bibtexparser", "typer"}


def test_loading_imports_nothing_heavy() -> None:
    loading = [sys.executable, "-c", LOADING]
    done = subprocess.run(loading, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_the_code_has_one_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## Code (\S+) \(\d{4}-\d\d-\d\d\)$", changes, re.MULTILINE)
    assert latest
    assert sp.__version__ == declared_version() == latest[1]


def test_the_data_have_one_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## Data (\S+) \((\S+)\)$", changes, re.MULTILINE)
    assert latest
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    declared = yaml.safe_load((ROOT / "seeds" / "project.yaml").read_text(encoding="utf-8"))
    built = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    cited = (cff["version"], str(cff["date-released"]))
    for content in (declared, built):
        assert cited == latest.groups() == (content["version"], content["created"][:10])
    assert [person["name"] for person in cff["authors"]] == ["The stancepack project"]


def test_public_names_are_those_that_are_promised() -> None:
    for name in ("load", "validate", "agreement", "agreement_table", "cite", "StancePackage"):
        assert getattr(sp, name).__doc__
        assert name in dir(sp)
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        sp.lode  # noqa: B018
