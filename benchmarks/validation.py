"""What validation costs beside `frictionless validate`, also with a hundred times the data.

CPU seconds and maximum resident memory of processes of their own, all imports included. The larger
data are made in a temporary folder: every statement, with its codings and settled codes, so many
times, under ids of their own. Give the sizes to run as arguments (1 10 100 if none).
"""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SIZES = [1, 10, 100]
MULTIPLIED = (
    "statements",
    "statement_systems",
    "codings",
    "stances",
    "statement_codings",
    "statement_codes",
    "positions",
)
IDS = ("statement_id", "repeats")
COMMANDS = {
    "stancepack validate": [sys.executable, "-m", "stancepack", "validate", "."],
    "frictionless validate": [sys.executable, "-m", "frictionless", "validate", "datapackage.json"],
}


def multiply(home: Path, times: int) -> None:
    """Make a package of so many times the shipped statements, without the project's folders."""
    from stancepack.files.paths import shipped

    shutil.copytree(shipped() / "data", home / "data")
    (home / "coding").mkdir()
    for name in ("coding/codebook.yaml", "seeds/sources.bib", "datapackage.json"):
        (home / name).parent.mkdir(exist_ok=True)
        shutil.copy(shipped() / name, home / name)
    for table in MULTIPLIED if times > 1 else ():
        path = home / "data" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(copies(rows, times))
    stamp(home)
    if times > 1:
        write_figures(home)
        stamp(home)


def copies(rows: list[list[str]], times: int) -> Iterator[list[str]]:
    header, body = rows[0], rows[1:]
    places = [place for place, column in enumerate(header) if column in IDS]
    yield header
    for number in range(times):
        for row in body:
            copy = list(row)
            for place in places:
                copy[place] = f"{row[place]}-{number}" if number and row[place] else row[place]
            yield copy


def write_figures(home: Path) -> None:
    """Write the agreement of the multiplied codings; that on units is as it was."""
    import stancepack as sp
    from stancepack.release.tables import figure_text

    pkg = sp.load(home)
    old = pkg.descriptor.read_text("agreement")
    figures = sp.agreement_table(pkg)
    for column in ("value", "low", "high"):
        figures[column] = figures[column].map(figure_text)
    units = old[old["variable"] == "unit"]
    with (home / "data" / "agreement.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(list(old))
        writer.writerows(units.to_numpy().tolist())
        writer.writerows(figures.astype("object").fillna("")[list(old)].to_numpy().tolist())


def stamp(home: Path) -> None:
    content = json.loads((home / "datapackage.json").read_text(encoding="utf-8"))
    for resource in content["resources"]:
        data = (home / resource["path"]).read_bytes()
        resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
        resource["bytes"] = len(data)
        with (home / resource["path"]).open(encoding="utf-8", newline="") as file:
            resource["rows"] = sum(1 for _ in csv.reader(file)) - 1
    (home / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")


def cost(command: list[str], home: Path) -> tuple[float, float, int]:
    """Run a command; return CPU seconds, maximum memory in GB, and its exit code."""
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return usage.ru_utime + usage.ru_stime, kilobytes / 1024**2, process.returncode


def main() -> None:
    if sys.argv[1:2] == ["--make"]:
        multiply(Path(sys.argv[2]), int(sys.argv[3]))
        return
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(f"{'':12}{'codings':>10}{'':26}{'CPU s':>8}{'GB':>7}{'exit':>6}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "package"
            # by another process, as the memory of a parent counts as that of its children
            make = [sys.executable, __file__, "--make", str(home), str(size)]
            subprocess.run(make, check=True)
            codings = json.loads((home / "datapackage.json").read_text(encoding="utf-8"))
            rows = next(r["rows"] for r in codings["resources"] if r["name"] == "codings")
            costs = {name: cost(command, home) for name, command in COMMANDS.items()}
            for name, (seconds, memory, code) in costs.items():
                print(f"{size:>10} ×{rows:>10,}  {name:24}{seconds:8.1f}{memory:7.2f}{code:6}")
            (ours, memory, _), (theirs, their_memory, _) = costs.values()
            print(f"{'':24}{'ratio':24}{ours / theirs:8.2f}{memory / their_memory:7.2f}")


if __name__ == "__main__":
    main()
