"""Any study: small projects go from the first command to their report with the commands alone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.files.tables import Row, read_rows, write_rows

Run = Callable[..., subprocess.CompletedProcess[str]]
Codes = Callable[[int, str], str]  # number of the statement and issue → code

SPEAKERS = ("Jane Doe", "John Roe", "Ana Ruiz")
FRAMES = ("cost", "fairness", "safety", "freedom", "nature")


class Study:
    """A project in the making, worked on with commands that have to succeed."""

    def __init__(self, home: Path, run: Run) -> None:
        self.home = home
        self._run = run

    @classmethod
    def new(cls, folder: Path, run: Run, *options: str) -> Study:
        study = cls(folder / "study", run)
        done = run("new", "study", *options, cwd=folder)
        assert done.returncode == 0, done.stderr
        return study

    def run(self, *args: str) -> str:
        done = self._run(*args, cwd=self.home)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add(self, statements: Sequence[Row]) -> None:
        path = self.home / "statements.csv"
        write_rows(path, list(statements[0]), statements)
        assert f"Added {len(statements)} statement" in self.run("add", path.name, "--new-actors")

    def code(self, coder: str, codes: Codes) -> None:
        """Fill a coder's sheet and seal it."""
        path = self.run("sheet", "--coder", coder).splitlines()[0]
        rows = read_rows(Path(path), [])
        for row in rows:
            number = int(row["statement_id"].removeprefix("S"))
            row.update(code=codes(number, row["variable"]), confidence="3")
        write_rows(Path(path), list(rows[0]), rows)
        self.run("seal", "--coder", coder, path)

    def settle(self) -> int:
        """Settle what is left for the first code, and return how much it was."""
        self.run("adjudicate", "--out", "open.csv")
        rows = read_rows(self.home / "open.csv", [])
        for row in rows:
            first = row["codes"].removeprefix("codes: ").partition(" or ")[0]
            row.update(code=first, rule="R1", reason="The words say so.")
        write_rows(self.home / "open.csv", list(rows[0]), rows)
        taken = self.run("adjudicate", "--take", "open.csv", "--adjudicator", "eve")
        assert taken.startswith(f"Took {len(rows)} rows.")
        return len(rows)

    def release(self) -> str:
        """Build, validate and report; return the page."""
        self.run("build")
        assert "Valid: no findings." in self.run("validate")
        assert sp.validate(self.home).not_checked == []
        self.run("report")
        return (self.home / "build" / "report" / "index.html").read_text(encoding="utf-8")


def statements(count: int, *, joint: bool = False) -> list[Row]:
    """Return statements of several years, by turns of several speakers."""
    rows = []
    speakers = cycle(SPEAKERS)
    for number in range(count):
        actor = next(speakers)
        if joint and number % 2:
            actor += f"; {SPEAKERS[(number + 1) % len(SPEAKERS)]}"
        day = f"{2015 + number // 4}-{number % 12 + 1:02d}-03"
        rows.append(
            {"actor": actor, "date": day, "text": f"Statement {number + 1} in their words."}
        )
    return rows


def differing(codes: Sequence[str], every: int) -> Codes:
    """Return codes that go through a scale, moved by one at every so many statements."""

    def code(number: int, issue: str) -> str:
        moved = 1 if number % every == 0 else 0
        return codes[min(number * 7 % len(codes) + moved, len(codes) - 1)]

    return code


WHO = ("--coders", "ann,bob", "--adjudicator", "eve")


@pytest.fixture
def three_points(tmp_path: Path, run_here: Run) -> Study:
    question = "funding=Should it be funded?"
    study = Study.new(
        tmp_path, run_here, "--issue", question, "--scale", "oppose,neutral,favour", *WHO
    )
    codes = ("oppose", "neutral", "favour", "NA")
    study.add(statements(24))
    study.code("ann", differing(codes, 99))
    study.code("bob", differing(codes, 5))
    return study


@pytest.fixture
def thermometer(tmp_path: Path, run_here: Run) -> Study:
    study = Study.new(tmp_path, run_here, "--issue", "warmth", "--scale", "0..10", *WHO)
    codes = [str(number) for number in range(11)]
    study.add(statements(24))
    study.code("ann", differing(codes, 99))
    study.code("bob", differing(codes, 4))
    return study


@pytest.fixture
def frames(tmp_path: Path, run_here: Run) -> Study:
    options = ("--issue", "frame", "--scale", ",".join(FRAMES), "--level", "nominal", "--joint")
    study = Study.new(tmp_path, run_here, *options, *WHO)
    study.add(statements(24, joint=True))
    study.code("ann", differing(FRAMES, 99))
    study.code("bob", differing(FRAMES, 6))
    return study


def agreement_of(home: Path, variable: str) -> float:
    table = sp.load(home)["agreement"].set_index(["variable", "coefficient"])["value"]
    return float(table[variable, "alpha"])


def test_three_points(three_points: Study) -> None:
    assert three_points.settle() > 0
    page = three_points.release()
    assert "Jane Doe" in page
    assert "Should it be funded?" in page
    assert "oppose" in page
    assert 'aria-label="Positions of Jane Doe"' in page
    pkg = sp.load(three_points.home)
    assert 0 < agreement_of(three_points.home, "funding") < 1
    for method in ("window", "state"):
        path = sp.trajectory(pkg, issue="funding", actor="jane-doe", method=method)
        assert path.table["estimate"].between(-1, 1).all()
    turns = sp.reversals(pkg)
    assert {*turns["issue_id"]} <= {"funding"}
    assert len(turns) > 0
    assert len(sp.network(pkg).table)


def test_a_scale_of_eleven_points(thermometer: Study) -> None:
    assert thermometer.settle() > 0
    page = thermometer.release()
    assert 'aria-label="Positions of Jane Doe"' in page
    pkg = sp.load(thermometer.home)
    assert 0 < agreement_of(thermometer.home, "warmth") < 1
    for method in ("window", "state"):
        path = sp.trajectory(pkg, issue="warmth", actor="jane-doe", method=method)
        assert path.table["estimate"].between(0, 10).all()
        assert path.table["estimate"].max() > 2
    with pytest.raises(sp.StancepackError, match="neutral"):
        sp.reversals(pkg, issue="warmth")
    assert len(sp.reversals(pkg)) == 0
    assert len(sp.network(pkg).table)


def test_nominal_frames_of_joint_tweets(frames: Study) -> None:
    assert frames.settle() > 0
    page = frames.release()
    assert "fairness" in page
    assert 'aria-label="Positions of Jane Doe"' in page
    pkg = sp.load(frames.home)
    assert len(pkg["statement_actors"]) > len(pkg["statements"])
    assert 0 < agreement_of(frames.home, "frame") < 1
    shares = sp.trajectory(pkg, issue="frame", actor="jane-doe")
    assert {*shares.table["code"]} == {*FRAMES}
    assert shares.table["estimate"].between(0, 1).all()
    for method in ("window", "state"):
        with pytest.raises(sp.StancepackError, match=r"nominal|order"):
            sp.trajectory(pkg, issue="frame", actor="jane-doe", method=method)
    with pytest.raises(sp.StancepackError, match="neutral"):
        sp.reversals(pkg, issue="frame")
    assert len(sp.network(pkg).table)


def test_codes_stay_as_they_are_written(tmp_path: Path, run_here: Run) -> None:
    """Codes that look like numbers or truth values are the texts that the codebook has."""
    codes = ("1.50", "007", "true", "null", "1e3")
    study = Study.new(tmp_path, run_here, "--scale", ",".join(codes), "--level", "nominal", *WHO)
    study.add(statements(10))
    study.code("ann", differing(codes, 99))
    study.code("bob", differing(codes, 3))
    assert study.settle() > 0
    study.run("build")
    stances = read_rows(study.home / "data" / "stances.csv", [])
    assert {row["position"] for row in stances} == {*codes}


def test_coders_who_agree_everywhere(tmp_path: Path, run_here: Run) -> None:
    study = Study.new(tmp_path, run_here, *WHO)
    study.add(statements(8))
    for coder in ("ann", "bob"):
        study.code(coder, differing(("oppose", "neutral", "favour"), 99))
    assert "Next: stancepack build" in study.run("adjudicate")
    assert "Jane Doe" in study.release()
    assert sp.disagreements(sp.load(study.home)).empty


def test_a_single_coder(tmp_path: Path, run_here: Run) -> None:
    study = Study.new(tmp_path, run_here, "--coders", "ann")
    study.add(statements(8))
    study.code("ann", differing(("oppose", "neutral", "favour"), 99))
    assert "stancepack build" in study.run("status")
    assert "Jane Doe" in study.release()
    pkg = sp.load(study.home)
    assert len(pkg["statements"]) == 8
    assert {*pkg["stances"]["settled_by"]} == {"single"}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--scale", "0..10", "--coders", "ann"),
        ("--scale", "a,b,c", "--level", "nominal", "--joint"),
        ("--unit", "passage", "--module", "offices", "--module", "events", "--module", "systems"),
        ("--issue", "tax", "--issue", "aid", "--scale", "0..3", "--scale", "no,neutral,yes"),
    ],
)
def test_nothing_coded_yet(tmp_path: Path, run_here: Run, options: tuple[str, ...]) -> None:
    """A new project is valid and has a report as it stands."""
    page = Study.new(tmp_path, run_here, *options).release()
    assert "<html" in page


def test_passages_with_every_module(tmp_path: Path, run_here: Run) -> None:
    """Without own words that may be passed on, with passages found in a text, and rounds of two."""
    modules = ("offices", "events", "systems", "discrepancies", "coverage", "retired")
    options = [word for module in modules for word in ("--module", module)]
    study = Study.new(tmp_path, run_here, "--unit", "passage", *options, *WHO)
    text = "The minister said that it should be done. A rival called it folly.\n"
    (study.home / "texts" / "debate.txt").write_text(text, encoding="utf-8")
    with (study.home / "seeds" / "sources.bib").open("a", encoding="utf-8") as file:
        file.write("\n@misc{debate,\n  title = {A debate},\n}\n")
    rows = [
        {"actor": "Jane Doe", "date": "2020-03", "source": "debate[p. 1]", "quote": quote}
        for quote in ("it should be done", "called it folly")
    ]
    study.add(rows)
    for coder, code in (("ann", "favour"), ("bob", "neutral")):
        study.code(coder, lambda number, issue, code=code: code)
    assert study.settle() == 2
    page = study.release()
    assert "called it folly" in page
    assert "A debate" in page
