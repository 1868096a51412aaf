"""The wheel in a clean environment, what it costs to load, and the documents that repeat facts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.paths import shipped

ROOT = Path(__file__).parents[1]
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTHONPATH", "STANCEPACK_TEXTS")
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
        ROOT,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("stancepack-*.whl"))


def test_the_wheel_ships_exactly_what_the_descriptor_names(wheel: Path) -> None:
    content = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    named = {resource["path"] for resource in content["resources"]}
    shipped_ = {
        name.removeprefix("stancepack/_package/")
        for name in zipfile.ZipFile(wheel).namelist()
        if "/_package/" in name
    }
    assert shipped_ == named | {
        "datapackage.json",
        "coding/codebook.yaml",
        "seeds/sources.bib",
        "LICENSE-DATA",
    }
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"stancepack", f"stancepack-{content['version']}.dist-info"}


def test_the_wheel_works_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "clean"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        ROOT / "constraints.txt",
        wheel,
    ]
    subprocess.run(command, check=True, capture_output=True, env=CLEAN)
    code = (
        "import stancepack as sp, pathlib; pkg = sp.load(); assert 'site-packages' in str(pkg.home), pkg.home; "
        "assert len(pkg['statements']) == 1078 and len(pkg.codebook) == 12; found = sp.validate(); assert found.empty, found; "
        "assert any('seals' in line for line in found.attrs['not_checked']); print(pkg.home); print(sp.cite())"
    )
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path, env=CLEAN
    )
    assert done.returncode == 0, done.stderr
    package = Path(done.stdout.splitlines()[0])
    frictionless = [python.parent / "frictionless", "validate", package / "datapackage.json"]
    assert subprocess.run(frictionless, capture_output=True, check=False, env=CLEAN).returncode == 0
    done = subprocess.run(
        [python.parent / "stancepack", "report"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=CLEAN,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "build" / "report" / "index.html").is_file()


def test_a_checkout_uses_its_own_data() -> None:
    assert shipped() == ROOT
    assert sp.load().home == ROOT


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys, stancepack as sp; assert 'pandas' not in sys.modules, 'import stancepack is free'; "
        "pkg = sp.load(); [pkg[table] for table in pkg]; pkg.positions(); "
        "heavy = {'frictionless', 'pandera', 'sklearn', 'matplotlib', 'jinja2', 'edtf', 'bibtexparser', 'typer'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_versions_are_one() -> None:
    import yaml

    version = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["version"]
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert sp.__version__ == cff["version"] == version
    assert f"## {version} ({cff['date-released']})" in (ROOT / "CHANGELOG.md").read_text(
        encoding="utf-8"
    )
    assert [person["name"] for person in cff["authors"]] == ["The stancepack project"]


def test_the_numbers_of_the_readme_are_those_of_the_data() -> None:
    pkg = sp.load()
    statements, readme = pkg["statements"], (ROOT / "README.md").read_text(encoding="utf-8")
    quoted, basis = statements["quote"].notna().sum(), statements["date_basis"].value_counts()
    speakers, kinds = statements["actor_id"].nunique(), pkg["actors"]["kind"].value_counts()
    own = statements[statements["verified"] != "text"]
    assert (
        f"| statements | {len(statements):,}, of {speakers} speakers ({kinds['person']} named persons), {quoted} with"
        in readme
    )
    seen = (own["verified"] == "twice").sum()
    assert (
        f"{len(own)} of {own['actor_id'].nunique()} officials in their own words, {seen} of these seen by two readers"
        in readme
    )
    assert (
        f"{basis['source']} of {len(statements):,} from a primary or contemporary source, {basis['inferred']} are argued "
        f"bounds; {len(pkg['discrepancies'])} differences between sources and article are recorded"
    ) in readme
    assert f"{len(pkg['sources'])} documents" in readme
    assert f"{len(pkg['coverage']):,} look-ups" in readme


def test_public_names_are_those_that_are_promised() -> None:
    for name in ("load", "validate", "agreement", "agreement_table", "cite", "StancePackage"):
        assert getattr(sp, name).__doc__
        assert name in dir(sp)
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        sp.lode  # noqa: B018
