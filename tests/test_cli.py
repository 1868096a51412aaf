"""The command line: what it prints, its exit codes, and its manners with bad input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stancepack.files.tables import read_rows, write_rows

STANCEPACK = Path(sys.executable).parent / "stancepack"


def run(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STANCEPACK, *map(str, args)], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_help_lists_every_command() -> None:
    text = run("--help").stdout
    for command in [
        "report",
        "validate",
        "build",
        "agreement",
        "anchor",
        "sheet",
        "seal",
        "adjudicate",
        "codebook",
        "cite",
    ]:
        assert f"\n  {command} " in text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["validate"], "Valid: no findings."),
        (["build", "--check"], "data/ and datapackage.json are what build makes."),
        (["agreement"], "joint-defence"),
        (["agreement", "--csv"], "round,variable,coefficient"),
        (["anchor"], "4 at their place, 0 not, 0 without text."),
        (["adjudicate"], "0 left to settle."),
        (["codebook"], "# Codebook for stances"),
        (["codebook", "us-sites"], "## `us-sites` US missile-defence sites in Europe"),
        (["codebook", "R5"], "An offer with a condition"),
        (["cite"], ", codebook 1.0.0"),
        (["cite", "alpha"], "Krippendorff"),
    ],
)
def test_commands_work_from_within_a_project(tiny: Path, args: list[str], words: str) -> None:
    done = run(*args, cwd=tiny / "coding")
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


def test_without_a_project_the_shipped_data_are_read(tmp_path: Path) -> None:
    done = run("agreement", cwd=tmp_path)
    assert done.returncode == 0
    assert "deterrent-threat" in done.stdout


def test_a_person_codes_and_settles_with_the_commands_alone(tiny: Path) -> None:
    with (tiny / "coding" / "coders.csv").open("a", encoding="utf-8") as file:
        file.write("cleo,human,coder,The third coder.\ndora,human,coder,The fourth coder.\n")
    for coder, position in (("cleo", "1"), ("dora", "2")):
        done = run("sheet", "--coder", coder, "--round", "round-2", cwd=tiny)
        path = Path(done.stdout.splitlines()[0])
        assert path == tiny / "build" / "sheets" / f"round-2-{coder}.csv"
        rows = read_rows(path, [])
        defaults = {
            "attribution": "indirect",
            "speech_act": "claim",
            "conditional": "no",
            "addressee": "unstated",
        }
        for row in rows:
            row.update(code=defaults.get(row["variable"], "NA"), confidence="3")
            if (row["statement_id"], row["variable"]) == ("S001", "joint-defence"):
                row["code"] = position
        write_rows(path, list(rows[0]), rows)
        done = run("seal", path, "--coder", coder, "--round", "round-2", cwd=tiny)
        assert done.stdout == f"Sealed 24 codes of 4 units by {coder} in round round-2.\n"
    listed = run("adjudicate", cwd=tiny).stdout.splitlines()
    assert listed in (
        ["round-2, S001, joint-defence: 1 / 2", "1 left to settle."],
        ["round-2, S001, joint-defence: 2 / 1", "1 left to settle."],
    )
    run("adjudicate", "--out", "open.csv", cwd=tiny)
    rows = read_rows(tiny / "open.csv", [])
    rows[0].update(code="1", rule="R5", reason="It is tied to a condition.")
    write_rows(tiny / "open.csv", list(rows[0]), rows)
    done = run("adjudicate", "--take", "open.csv", "--adjudicator", "eve", cwd=tiny)
    assert done.stdout == "Took 1 rows.\n0 left to settle.\n"
    assert run("build", cwd=tiny).returncode == 0
    done = run("validate", cwd=tiny)
    assert "Valid" in done.stdout, done.stdout


def test_validate_prints_each_finding_and_exits_with_1(tiny: Path) -> None:
    path = tiny / "data" / "actors.csv"
    path.write_text(path.read_text().replace(",other,", ",othr,", 1))
    done = run("validate", cwd=tiny)
    assert done.returncode == 1
    assert "unknown-code: actors, one, side (othr)" in done.stdout
    assert "did you mean 'other'?" in done.stdout
    assert run("validate", tiny / "datapackage.json", "--csv").stdout.startswith(
        "table,row_id,column,value,rule,message,remedy\n"
    )


def test_build_check_exits_with_1_on_a_difference(tiny: Path) -> None:
    path = tiny / "data" / "actors.csv"
    path.write_text(path.read_text().replace("The first minister", "Somebody"))
    done = run("build", "--check", cwd=tiny)
    assert done.returncode == 1
    assert "actors, one, name: 'Somebody', built: 'The first minister'" in done.stdout


def test_anchor_says_where_a_moved_passage_stands(tiny: Path) -> None:
    path = tiny / "texts" / "speech.txt"
    path.write_text("A new first line.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    done = run("anchor", cwd=tiny)
    assert done.returncode == 1
    assert "S001: the passage stands at 18–" in done.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["build", "--project", "/nonexistent"], "no datapackage.json here or above"),
        (["codebook", "us-site"], "did you mean 'us-sites'"),
        (["cite", "alfa"], "did you mean 'alpha'"),
        (["sheet", "--coder", "ada", "--round", "round-1"], "round-1/ada.csv: sealed already"),
        (["sheet", "--coder", "ada", "--round", "../x"], "cannot name a round; use small letters"),
        (["sheet", "--coder", "nobody", "--round", "round-1"], "no coder 'nobody'"),
        (["seal", "missing.csv", "--coder", "ada", "--round", "round-9"], "has not been started"),
        (
            ["adjudicate", "--take", "missing.csv", "--adjudicator", "eve"],
            "missing.csv: the file is missing",
        ),
        (["adjudicate", "--out", "texts"], "texts"),
        (["report", "--out", "coding/units.csv"], "coding/units.csv"),
    ],
)
def test_bad_input_gets_a_message_and_exit_code_1(tiny: Path, args: list[str], words: str) -> None:
    done = run(*args, cwd=tiny)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("stancepack: ")
