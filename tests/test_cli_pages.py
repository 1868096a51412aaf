"""Options of the commands that open pages: what a way of working has no use for is refused."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
WAYS = {
    "--flagged": ["settle", "--flagged"],
    "--bring-back": ["code", "--bring-back", "ann.html"],
    "--take-along": ["code", "--coder", "ann", "--take-along", "ann.html"],
}
SERVER = [
    ["--host", "example.org"],
    ["--port", "8800"],
    ["--certificate", "a.pem"],
    ["--key", "b.pem"],
    ["--behind-proxy", "https://example.org"],
    ["--no-browser"],
]


@pytest.mark.parametrize("option", SERVER, ids=lambda option: option[0])
@pytest.mark.parametrize("way", WAYS)
def test_what_opens_no_page_takes_no_option_of_pages(
    way: str, option: list[str], run_here: Run, tiny: Path
) -> None:
    done = run_here(*WAYS[way], *option, cwd=tiny)
    assert done.returncode == 2
    assert f"not with {way}, which has no use for it" in " ".join(done.stderr.split())


def test_a_merge_reads_no_sources(run_here: Run, tiny: Path) -> None:
    command = ["unitise", "--coder", "eve", "--merge", "units-2", "--source", "gazette"]
    done = run_here(*command, cwd=tiny)
    assert done.returncode == 1
    assert "--source is for a new list" in done.stderr
