"""The command line: what it prints, its exit codes, and its manners with bad input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stancepack.files.tables import read_rows, write_rows

Run = Callable[..., subprocess.CompletedProcess[str]]

STANCEPACK = Path(sys.executable).parent / "stancepack"


def run(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STANCEPACK, *map(str, args)], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_help_lists_every_command() -> None:
    text = run("--help").stdout
    for command in [
        "new",
        "add",
        "check",
        "status",
        "migrate",
        "diff",
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
        (["adjudicate"], "Nothing left to settle."),
        (["check"], "Nothing is wrong."),
        (["status"], "4 statements, 0 in no round yet."),
        (["status"], "data/ is what build makes."),
        (["--version"], "stancepack "),
        (["codebook"], "# Codebook for stances"),
        (["codebook", "us-sites"], "## `us-sites` US missile-defence sites in Europe"),
        (["codebook", "R5"], "An offer with a condition"),
        (["cite"], ", codebook 1.0.0"),
        (["cite", "alpha"], "Krippendorff"),
        (["cite", "MACE", "--bibtex"], "@inproceedings{hovy2013,"),
        (["cite", "--bibtex"], "@misc{tiny,"),
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
        assert path == tiny / "build" / "sheets" / coder / "round-2.csv"
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
        sealed = f"Sealed 24 codes of 4 units by {coder} in round round-2.\n"
        assert done.stdout.startswith(sealed)
        todo = "sheet --coder ID" if coder == "cleo" else "adjudicate --out build/open.csv"
        assert todo in done.stdout.removeprefix(sealed)
    listed = run("adjudicate", cwd=tiny).stdout.splitlines()[:2]
    assert listed in (
        ["round-2, S001, joint-defence: 1 / 2", "1 left to settle."],
        ["round-2, S001, joint-defence: 2 / 1", "1 left to settle."],
    )
    run("adjudicate", "--out", "open.csv", cwd=tiny)
    rows = read_rows(tiny / "open.csv", [])
    rows[0].update(code="1", rule="R5", reason="It is tied to a condition.")
    write_rows(tiny / "open.csv", list(rows[0]), rows)
    done = run("adjudicate", "--take", "open.csv", "--adjudicator", "eve", cwd=tiny)
    assert done.stdout.startswith("Took 1 rows.\nNothing left to settle.\nNext")
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
    assert "S001, start (0): The passage is not at its offsets. It stands at 18–" in done.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["build", "--project", "/nonexistent"], "make one with `stancepack new FOLDER`"),
        (["codebook", "us-site"], "did you mean 'us-sites'"),
        (["cite", "alfa"], "did you mean 'alpha'"),
        (["sheet", "--coder", "ada", "--round", "round-1"], "round-1/ada.csv: sealed already"),
        (["sheet", "--coder", "ada", "--round", "../x"], "cannot name a round; use small letters"),
        (["sheet", "--coder", "nobody", "--round", "round-1"], "nobody is called 'nobody'"),
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


COMMANDS = {
    "add": ["list.csv"],
    "adjudicate": [],
    "agreement": [],
    "anchor": [],
    "build": [],
    "check": [],
    "cite": [],
    "codebook": [],
    "migrate": [],
    "report": ["--out", "report"],
    "seal": ["sheet.csv", "--coder", "ada"],
    "sheet": ["--coder", "ada"],
    "status": [],
    "validate": [],
}


def makes_sense(done: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether a command failed in words for people."""
    words = done.stderr.startswith("stancepack: ") or done.stdout != ""
    return done.returncode == 1 and words and "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_is_wrong_with_a_folder(
    tmp_path: Path, command: str, run_here: Run
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken" / "seeds").mkdir(parents=True)
    (tmp_path / "broken" / "seeds" / "project.yaml").write_text("name: [", encoding="utf-8")
    (tmp_path / "broken" / "datapackage.json").write_text("[]", encoding="utf-8")
    (tmp_path / "file").write_text("nothing", encoding="utf-8")
    for folder in ("missing", "empty", "broken", "file"):
        done = run_here(command, *COMMANDS[command], "--project", tmp_path / folder, cwd=tmp_path)
        assert makes_sense(done), (folder, done)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "lost", ["coding/codebook.yaml", "coding/units.csv", "coding/coders.csv", "seeds/actors.csv"]
)
def test_no_command_ends_in_a_traceback_for_want_of_a_file(
    tiny: Path,
    command: str,
    lost: str,
    run_here: Run,
) -> None:
    (tiny / lost).unlink()
    done = run_here(command, *COMMANDS[command], cwd=tiny)
    assert "Traceback" not in done.stderr + done.stdout
    assert done.returncode == 0 or makes_sense(done)


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["check", "--nonsense"],
        ["new"],
        ["seal", "--coder", "ada"],
        ["sheet", "--coder", "ada", "--share", "half"],
    ],
)
def test_what_is_no_command_is_refused(tiny: Path, args: list[str]) -> None:
    done = run(*args, cwd=tiny)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["new", "."], "is there already"),
        (["new", "x", "--scale", "5..1"], "should rise"),
        (["new", "x", "--issue", "a b"], "cannot be the id of an issue"),
        (["new", "x", "--module", "ofices"], "did you mean 'offices'"),
        (["add"], "name a CSV file of statements, or give one"),
        (["add", "missing.csv"], "missing.csv: the file is missing"),
        (["add", "list.csv", "--actor", "one"], "not both (actor)"),
        (["add", "--actor", "one", "--date", "May"], "write for instance"),
        (["add", "--set", "venue"], "write it as column=cell"),
    ],
)
def test_bad_input_to_new_and_add(
    tiny: Path,
    args: list[str],
    words: str,
    run_here: Run,
) -> None:
    done = run_here(*args, cwd=tiny)
    assert makes_sense(done)
    assert words in done.stderr
    assert not (tiny / "x").exists()


def test_nothing_is_asked_in_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        [STANCEPACK, "new", "study"],
        input="",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "policy (oppose neutral favour); coders coder-1, coder-2" in done.stdout


def test_check_prints_problems_as_csv_and_exits_with_1(tiny: Path) -> None:
    path = tiny / "seeds" / "actors.csv"
    path.write_text(path.read_text().replace(",other", ",othr", 1))
    done = run("check", cwd=tiny)
    assert done.returncode == 1
    assert "seeds/actors.csv, row 2 (one), side 'othr': not one of the codes" in done.stdout
    lines = run("check", "--csv", cwd=tiny).stdout.splitlines()
    assert lines[0] == "file,row,column,value,message"
    assert lines[1].startswith("seeds/actors.csv,row 2 (one),side,othr,")


def test_each_step_names_the_next(tmp_path: Path, run_here: Run) -> None:
    """From a new project to its report, doing only what the last command said."""
    done = run_here("new", "study", "--coders", "ann,bob", "--adjudicator", "eve", cwd=tmp_path)
    home = tmp_path / "study"
    assert "stancepack add statements.csv --new-actors" in done.stdout
    (home / "statements.csv").write_text("actor,date,text\nJane Doe,2020-03-01,We will pay.\n")
    done = run_here("add", "statements.csv", "--new-actors", cwd=home)
    for coder, code in (("ann", "favour"), ("bob", "neutral")):
        assert f"stancepack sheet --coder {coder}" in done.stdout, done
        assert "on pages; or on sheets:" in done.stdout
        done = run_here("sheet", "--coder", coder, cwd=home)
        path = Path(done.stdout.splitlines()[0])
        assert f"stancepack seal --coder {coder}" in run_here("status", cwd=home).stdout
        rows = read_rows(path, [])
        write_rows(path, list(rows[0]), [{**row, "code": code, "confidence": "3"} for row in rows])
        done = run_here("seal", "--coder", coder, path, cwd=home)
    assert "stancepack adjudicate --out build/open.csv" in done.stdout
    assert "stancepack adjudicate --take build/open.csv --adjudicator eve" in done.stdout
    run_here("adjudicate", "--out", "build/open.csv", cwd=home)
    rows = read_rows(home / "build" / "open.csv", [])
    rows[0].update(code="favour", rule="R1", reason="The words say so.")
    write_rows(home / "build" / "open.csv", list(rows[0]), rows)
    done = run_here("adjudicate", "--take", "build/open.csv", "--adjudicator", "eve", cwd=home)
    assert "Next: stancepack build" in done.stdout
    done = run_here("build", cwd=home)
    assert "stancepack validate" in done.stdout
    assert "stancepack report" in done.stdout
    assert "data/ is what build makes" in run_here("status", cwd=home).stdout
    run_here("add", "--actor", "Jane Doe", "--date", "2020-04", "--text", "Once more.", cwd=home)
    done = run_here("status", cwd=home)
    assert "2 statements, 1 in no round yet" in done.stdout
    assert "stancepack sheet --coder ann --round round-2 --new" in done.stdout
