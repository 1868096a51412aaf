"""What reaches a terminal: never what it would obey, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_what_a_terminal_would_obey_is_written_out(tiny: Path) -> None:
    """Cells, file names and messages: whatever they hold, nothing reaches the terminal raw."""
    actors = tiny / "data" / "actors.csv"
    hostile = "The\x1b]0;x\x07\u202eeno\u2066\x9b"
    actors.write_text(actors.read_text(encoding="utf-8").replace("The", hostile), encoding="utf-8")
    (tiny / "data" / os.fsdecode(b"\xff\x1b.csv")).write_text("x", encoding="utf-8")
    for command in (["validate"], ["validate", "--csv"], ["cite"], ["report", "--out", hostile]):
        done = subprocess.run(
            [sys.executable, "-m", "stancepack", *command, "--project", str(tiny)],
            capture_output=True,
            check=False,
            cwd=tiny,
        )
        said = (done.stdout + done.stderr).decode("utf-8")
        assert "Traceback" not in said, said
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
    assert "\\x1b" in said


def test_a_warning_is_said_as_an_error_is_and_an_error_of_the_system_names_the_file(
    tiny: Path,
) -> None:
    agreement = tiny / "data" / "agreement.csv"
    agreement.write_text(agreement.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "stancepack", "agreement", "--project", str(tiny)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.startswith("stancepack: table 'agreement': ")
    (tiny / "data" / "coders.csv").unlink()
    (tiny / "data" / "coders.csv").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "stancepack", "build", "--project", str(tiny)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.fullmatch(r"stancepack: .*coders\.csv: is a folder\n", done.stderr)
