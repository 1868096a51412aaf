"""A tiny complete project, made with the public commands, for tests to break."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

from stancepack.cli import main
from stancepack.files.passages import fingerprint
from stancepack.files.paths import shipped
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.adjudication import take, worksheet
from stancepack.project.project import Project
from stancepack.project.sheets import seal, sheet
from stancepack.release.build import build

# The same examples on every run: a failure of today can be seen again tomorrow.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

TEXT = """In May the first minister told the council that "we will build it together", if the others
stop their own plan. He had said before that the plan is aimed at nobody.

The second minister, it is said, feared an emp-
ty promise; she asked to be told earlier.
"""
# actor, first and last words, date, basis, argument, event, quotation, proposition, systems,
# repeats
UNITS = [
    (
        "one",
        "In May the first",
        "their own plan",
        "2007-05",
        "article",
        "",
        "meeting",
        "we will build it together",
        "The first minister offers to build it together if the others stop their plan.",
        "plan",
        "",
    ),
    (
        "one",
        "He had said",
        "at nobody",
        "2006/2007-05",
        "inferred",
        "Before the meeting of May 2007.",
        "",
        "",
        "The first minister says the plan is aimed at nobody.",
        "plan",
        "",
    ),
    (
        "two",
        "The second minister",
        "promise",
        "2007-05",
        "article",
        "",
        "",
        "",
        "The second minister fears an empty promise.",
        "",
        "",
    ),
    (
        "two",
        "she asked",
        "earlier",
        "2007-05-03",
        "article",
        "",
        "meeting",
        "",
        "The second minister asks to be told earlier.",
        "plan",
        "",
    ),
]
# Codes of the two coders; issues that are not named are NA, variables unstated
CODES = {
    "S001": {
        "attribution": "verbatim",
        "speech_act": "offer",
        "conditional": "yes",
        "joint-defence": "1",
        "us-sites": "-2/-1",
    },
    "S002": {"attribution": "indirect", "speech_act": "claim", "conditional": "no"},
    "S003": {
        "attribution": "ascribed",
        "speech_act": "none",
        "conditional": "no",
        "joint-defence": "0/NA",
    },
    "S004": {
        "attribution": "indirect",
        "speech_act": "demand",
        "conditional": "no",
        "addressee": "several/unstated",
    },
}


ANSWERS = {
    "us-sites": "-2",
    "joint-defence": "NA",
    "addressee": "several",
    "condition": "The others stop their plan.",
}
SETTINGS = """name: tiny
title: Two ministers and a plan
description: A tiny project, made up for tests.
version: 1.0.0
created: '2026-11-30'
licenses:
- {name: CC0-1.0, title: Public domain}
contributors:
- {title: The council}
modules: [sources, passages, offices, events, systems, discrepancies, coverage, retired]
sides: {other: none of the sides}
kinds: {proposal: something put forward}
"""


def make_tiny(home: Path) -> Path:
    """Make a project from its text to its release, as a user would."""
    (home / "texts").mkdir(parents=True)
    (home / "texts" / "speech.txt").write_text(TEXT, encoding="utf-8", newline="")
    _seeds(home / "seeds")
    _coding(home / "coding")
    for number, coder in enumerate(("ada", "ben")):
        blank = sheet(Project.open(home), coder, "round-1", home / "build" / f"{coder}.csv")
        rows = read_rows(blank, [])
        for row in rows:
            row["code"] = _code(row, number)
            row["confidence"] = "3"
            row["note"] = "the others stop their plan" if row["code"] == "yes" else ""
        write_rows(blank, list(rows[0]), rows)
        seal(Project.open(home), coder, "round-1", blank)
    settle = home / "build" / "open.csv"
    worksheet(Project.open(home), settle)
    rows = read_rows(settle, [])
    for row in rows:
        row.update(code=ANSWERS[row["variable"]], rule="R5", reason="The words say so.")
    write_rows(settle, list(rows[0]), rows)
    take(Project.open(home), settle, "eve")
    shutil.rmtree(home / "build")
    build(home)
    return home


def _code(row: Row, coder: int) -> str:
    unnamed = "unstated" if row["variable"] == "addressee" else "NA"
    codes = CODES[row["statement_id"]].get(row["variable"], unnamed).split("/")
    return codes[min(coder, len(codes) - 1)]


def _seeds(folder: Path) -> None:
    folder.mkdir()
    (folder / "project.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "sources.bib").write_text(
        "@misc{speech,\n  title = {A speech},\n  author = {The council},\n  date = {2007},\n"
        "  licence = {CC0},\n"
        f"  redistributable = {{yes}},\n  sha256 = {{{fingerprint(TEXT)}}},\n"
        f"  length = {{{len(TEXT)}}}\n}}\n",
        encoding="utf-8",
    )
    tables = {
        "actors": "actor_id,name,kind,side\none,The first minister,person,other\n"
        "two,The second minister,person,other\n",
        "offices": "office_id,actor_id,title,kind,start,end,source\n"
        "one-then,one,First Minister,office,2005-01-01,2008-06-30,speech\n"
        "one-later,one,Council President,office,2008-06-30,2008-06-30/..,speech[last page]\n",
        "events": "event_id,title,date,source\nmeeting,The council meets,2007-05-03,speech\n",
        "systems": "system_id,name,kind,description,parent\n"
        "plan,The plan,proposal,What the others plan.,\n",
        "discrepancies": "discrepancy_id,statement_id,aspect,article_has,source_has,source\n"
        "D001,S004,when,May,The third of May,speech\n",
        "coverage": "coverage_id,source,period,query,screened_by,found\n"
        "L001,Papers of the council,2007,minutes,ada,4\n",
    }
    for name, text_ in tables.items():
        (folder / f"{name}.csv").write_text(text_, encoding="utf-8")


def _coding(folder: Path) -> None:
    folder.mkdir()
    book = yaml.safe_load((shipped() / "coding" / "codebook.yaml").read_text(encoding="utf-8"))
    book["issues"] = {name: book["issues"][name] for name in ("joint-defence", "us-sites")}
    coded = {*book["issues"], *book["variables"]}
    book["version"] = "1.0.0"
    for rule in book["rules"].values():
        for example in rule["examples"]:
            example["codes"] = {
                name: code for name, code in example["codes"].items() if name in coded
            }
    (folder / "codebook.yaml").write_text(
        yaml.safe_dump(book, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    (folder / "coders.csv").write_text(
        "coder_id,kind,role,description\nada,human,coder,The first coder.\n"
        "ben,human,coder,The second coder.\n"
        "eve,human,adjudicator,Who settles.\n",
        encoding="utf-8",
    )
    rows = []
    for number, (
        actor,
        first,
        last,
        date,
        basis,
        note,
        event,
        quote,
        proposition,
        systems,
        repeats,
    ) in enumerate(UNITS, 1):
        start = TEXT.index(first)
        end = TEXT.index(last, start) + len(last)
        rows.append(
            {
                "statement_id": f"S{number:03d}",
                "actor_id": actor,
                "office_id": "",
                "event_id": event,
                "source": "speech",
                "start": start,
                "end": end,
                "passage_sha256": fingerprint(TEXT[start:end]),
                "date": date,
                "date_basis": basis,
                "dated_by": "speech",
                "date_note": note,
                "venue": "",
                "quote": quote,
                "proposition": proposition,
                "systems": systems,
                "repeats": repeats,
                "unitised": f"ada[{number}];ben[{number}]",
            }
        )
    write_rows(folder / "units.csv", list(rows[0]), rows)
    (folder / "retired.csv").write_text(
        "id,table,version,reason\nS900,statements,1.0.0,Not a statement.\n", encoding="utf-8"
    )


@pytest.fixture(scope="session")
def tiny_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:  # it has its own text
        patch.delenv("STANCEPACK_TEXTS", raising=False)
        return make_tiny(tmp_path_factory.mktemp("made") / "tiny")


@pytest.fixture
def tiny(tiny_original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny project for one test."""
    monkeypatch.delenv("STANCEPACK_TEXTS", raising=False)
    return Path(shutil.copytree(tiny_original, tmp_path / "tiny"))


def edit(home: Path, table: str, change: Callable[[list[Row]], list[Row] | None]) -> None:
    """Change the rows of a released table and stamp the new hash, as if it had been built so."""
    path = home / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, rows = list(reader.fieldnames or []), list(reader)
    changed = change(rows)
    write_rows(path, columns, rows if changed is None else changed)
    restamp(home)


def restamp(home: Path) -> None:
    """Stamp hashes and row counts of the files as they are: a test sees its own fault alone."""
    path = home / "datapackage.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for resource in content["resources"]:
        file = home / resource["path"]
        if file.is_file():
            data = file.read_bytes()
            try:
                rows = len(list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))) - 1
            except csv.Error:  # a cell too long to be one
                rows = data.count(b"\n") - 1
            resource.update(
                hash="sha256:" + hashlib.sha256(data).hexdigest(), bytes=len(data), rows=rows
            )
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="session")
def article_text() -> str:
    """The article's raw text; tests that need it are skipped where it is not at hand."""
    from stancepack.files.paths import text_of

    text = text_of(shipped(), "weitz-2010")
    if text is None:
        pytest.skip("the article's text is not here; name its folder in STANCEPACK_TEXTS")
    return text


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The repository; who needs it is skipped where only the package is installed."""
    root = Path(__file__).parents[1]
    if not (root / "src").is_dir():
        pytest.skip("needs the repository around the package, and only the package is here")
    return root


@pytest.fixture
def run_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in this process, which takes a tenth of the time."""

    def run_it(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in args]
        with monkeypatch.context() as patch, warnings.catch_warnings():
            patch.chdir(cwd)
            patch.setattr(sys, "argv", ["stancepack", *words])
            for stream in ("stdout", "stderr"):
                patch.setattr(sys, stream, getattr(sys, stream))
            code: object = 0
            try:
                main()
            except SystemExit as end:
                code = end.code
                if isinstance(code, str):
                    print(code, file=sys.stderr)
                    code = 1
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(words, int(code or 0), out, err)

    return run_it
