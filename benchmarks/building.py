"""What `build` takes of processor and memory: the shipped project, ten and a hundred times it.

Name other sizes as arguments: ``python benchmarks/building.py 1 10``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from stancepack.files.mappings import read_yaml, yaml_text
from stancepack.files.passages import fingerprint
from stancepack.files.paths import shipped
from stancepack.files.tables import Row, csv_text, read_rows, write_rows

SIZES = (1, 10, 100)
BUILD = "import stancepack as sp, sys; sp.build(sys.argv[1])"
MEBIBYTE = 1024 if sys.platform == "linux" else 1024**2  # of the unit that the system counts in


def copied(rows: list[Row], column: str, times: int) -> list[Row]:
    """Return rows so many times, with ids of their own."""
    copies = list(rows)
    for number in range(1, times):
        copies += [row | {column: f"{row[column]}-{number}"} for row in rows]
    return copies


def make_project(home: Path, times: int) -> Path:
    """Make a project with so many times the statements of the shipped one, coded as they are."""
    for part in ("seeds", "coding"):
        shutil.copytree(shipped() / part, home / part)
    for name in ("units.csv", "adjudications.csv"):
        path = home / "coding" / name
        rows = copied(read_rows(path, []), "statement_id", times)
        write_rows(path, list(rows[0]), rows)
    for manifest in (home / "coding" / "rounds").glob("*/manifest.yaml"):
        content = read_yaml(manifest)
        if content["round"] == "training":
            continue
        texts = {}
        for name in ("units", *content["sheets"]):
            rows = copied(read_rows(manifest.with_name(f"{name}.csv"), []), "statement_id", times)
            if name == "units":
                rows.sort(key=lambda row: row["statement_id"])
            texts[name] = csv_text(list(rows[0]), rows)
            manifest.with_name(f"{name}.csv").write_text(texts[name], encoding="utf-8", newline="")
        content["units_sha256"] = fingerprint(texts.pop("units"))
        for coder, text in texts.items():
            content["sheets"][coder]["sha256"] = fingerprint(text)
        manifest.write_text(yaml_text(content), encoding="utf-8")
    return home


def measure(home: Path) -> tuple[float, float]:
    """Build a project in a process of its own; return its processor seconds and MiB at most."""
    child = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", BUILD, str(home)])
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit("build failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MEBIBYTE


def main() -> None:
    """Print a line for each size."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(f"{'times':>6}{'codings':>10}{'CPU seconds':>13}{'MiB':>8}")
    for times in sizes:
        with tempfile.TemporaryDirectory() as folder:
            home = make_project(Path(folder) / "project", times)
            seconds, memory = measure(home)
            with (home / "data" / "codings.csv").open("rb") as file:
                rows = sum(1 for _ in file) - 1
        print(f"{times:>6}{rows:>10}{seconds:>13.1f}{memory:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
