"""One fault, one finding: each test breaks one thing in the tiny project and expects exactly that to be found."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.errors
import pytest
import yaml
from coding_helpers import add_coders, filled_sheet
from conftest import edit, restamp

import stancepack as sp
from stancepack.dataset.descriptor import Descriptor
from stancepack.dataset.schemas import pandera_schema
from stancepack.files.atomic import write
from stancepack.files.passages import flat
from stancepack.files.paths import shipped
from stancepack.files.tables import Row, read_rows, write_rows
from stancepack.project.assigning import assign
from stancepack.project.assignment import Design, shared_out
from stancepack.project.project import Project
from stancepack.project.rounds import Selection
from stancepack.project.sheets import seal, sheet
from stancepack.validation.findings import KINDS
from stancepack.validation.rules import RULES

Change = Callable[[Path], None]


@dataclass(frozen=True)
class Fault:
    """What to break, and the one finding expected: rule, table, row_id, column, value; `remedy` is a part of it."""

    name: str
    breaks: Change
    rule: str
    table: str = ""
    row_id: str = ""
    column: str = ""
    value: str | None = None
    remedy: str = ""


# ways to break
# something


def cells(table: str, row_id: str, /, **values: str) -> Change:
    """Overwrite cells of one row of a released table."""

    def change(home: Path) -> None:
        key = Descriptor.read(home / "datapackage.json").key(table)

        def overwrite(rows: list[Row]) -> None:
            row = next(row for row in rows if ", ".join(row[column] for column in key) == row_id)
            row.update(values)

        edit(home, table, overwrite)

    return change


def drop(table: str, **values: str) -> Change:
    """Take out the rows that have these values."""
    return lambda home: edit(
        home, table, lambda rows: [row for row in rows if not values.items() <= row.items()]
    )


def add(table: str, **values: str) -> Change:
    """Put in a copy of the first row with these values."""
    return lambda home: edit(home, table, lambda rows: [*rows, rows[0] | values])


def raw(path: str, change: Callable[[bytes], bytes]) -> Change:
    """Change the bytes of a file, and no hash."""
    return lambda home: write(home / path, change((home / path).read_bytes()))


def swap(path: str, old: str, new: str) -> Change:
    """Replace the first place of a text in a file, which must have it."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), 1)

    return raw(path, change)


def declared(change: Callable[[dict[str, Any]], object]) -> Change:
    """Change the descriptor."""

    def rewrite(home: Path) -> None:
        path = home / "datapackage.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return rewrite


def resource(content: dict[str, Any], table: str) -> dict[str, Any]:
    return next(item for item in content["resources"] if item["name"] == table)


def column(content: dict[str, Any], table: str, name: str) -> dict[str, Any]:
    return next(
        item for item in resource(content, table)["schema"]["fields"] if item["name"] == name
    )


def on_table(table: str, **parts: Any) -> Change:
    return declared(lambda content: resource(content, table).update(parts))


def on_column(table: str, name: str, **parts: Any) -> Change:
    return declared(lambda content: column(content, table, name).update(parts))


def without_column(table: str, name: str) -> Change:
    return declared(
        lambda content: resource(content, table)["schema"]["fields"].remove(
            column(content, table, name)
        )
    )


def without_table(table: str) -> Change:
    return declared(lambda content: content["resources"].remove(resource(content, table)))


def written(path: str, text: str) -> Change:
    return lambda home: write(home / path, text)


def gone(path: str) -> Change:
    return lambda home: (home / path).unlink()


def book(change: Callable[[dict[str, Any]], object]) -> Change:
    def rewrite(home: Path) -> None:
        path = home / "coding" / "codebook.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(
            yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8"
        )

    return rewrite


def both(*changes: Change) -> Change:
    """Break one thing that takes several steps."""

    def all_of(home: Path) -> None:
        for change in changes:
            change(home)

    return all_of


def columns_of(table: str, order: Callable[[list[str]], list[str]]) -> Change:
    """Rewrite a table with its columns in another order, fewer or more."""

    def change(home: Path) -> None:
        path = home / "data" / f"{table}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.reindex(columns=order(list(frame)), fill_value="x").to_csv(
            path, index=False, lineterminator="\n"
        )

    return change


def built(home: Path) -> None:
    sp.build(home)


def assigned(overlap: int) -> Change:
    """Have three coders code a further round, each statement by some of them, and agree."""

    def change(home: Path) -> None:
        made = home.parent.parent / f"assigned-{overlap}"  # by another test of this run
        if not made.exists():
            code_further(home)
            shutil.copytree(home, made)
        else:
            shutil.rmtree(home)
            shutil.copytree(made, home)

    def code_further(home: Path) -> None:
        add_coders(home, "cleo")
        assign(Project.open(home), "round-2", Design(("ada", "ben", "cleo"), overlap))
        for coder in ("ada", "ben", "cleo"):
            seal(Project.open(home), coder, "round-2", filled_sheet(home, coder, "round-2"))
        sp.build(home)

    return change


def of_statement(table: str, statement: str, /, **values: str) -> Change:
    """Overwrite cells of every row of a statement."""
    return lambda home: edit(
        home,
        table,
        lambda rows: [row | values if row["statement_id"] == statement else row for row in rows],
    )


def module(name: str) -> Change:
    """Let the project use a further module."""
    return swap("seeds/project.yaml", "modules: [", f"modules: [{name}, ")


def with_words(home: Path) -> None:
    """Give every unit the words of its passage, as a project does that may pass them on."""
    text = (home / "texts" / "speech.txt").read_text(encoding="utf-8")
    rows = read_rows(home / "coding" / "units.csv", [])
    for row in rows:
        row["text"] = flat(text[int(row["start"]) : int(row["end"])])
    write_rows(home / "coding" / "units.csv", list(rows[0]), rows)


def with_a_third_point(content: dict[str, Any]) -> None:
    """Give one issue a longer scale than the other."""
    content["version"] = "1.1.0"
    content["issues"]["joint-defence"]["codes"]["3"] = {"label": "more than for"}


def coders_of(statement: str, overlap: int) -> tuple[str, ...]:
    """Return who codes a statement of the further round, which follows from its name."""
    statements = dict.fromkeys(["S001", "S002", "S003", "S004"], "all")
    return shared_out("round-2", statements, Design(("ada", "ben", "cleo"), overlap))[statement]


(CODER,) = coders_of("S001", 1)
FIRST, SECOND = coders_of("S001", 2)
OTHER = next(coder for coder in ("ada", "ben") if coder != CODER)
ROUND = "coding/rounds/round-1"
THREE = both(  # a chain of repetitions takes three statements of one speaker
    cells("statements", "S001", repeats="S002"),
    cells("statements", "S003", actor_id="one", office_id="one-then", repeats="S001"),
)

FAULTS = [
    # ---- codes
    Fault("unknown code", cells("actors", "one", kind="persn"), "unknown-code", "actors", "one", "kind", "persn", "'person'"),
    Fault("unknown position", cells("stances", "S001, us-sites", position="3"), "unknown-code", "stances", "S001, us-sites", "position", "3"),
    Fault("unknown code of a statement", cells("statements", "S001", speech_act="offr"), "unknown-code", "statements", "S001", "speech_act", "offr", "'offer'"),
    Fault("unknown statement-level coding", cells("statement_codings", "round-1, S004, addressee, ada", code="severel"), "statement-code", "statement_codings", "round-1, S004, addressee, ada", "code", "severel", "'several'"),
    Fault("unknown settled statement-level code", cells("statement_codes", "S004, addressee", code="severel"), "statement-code", "statement_codes", "S004, addressee", "code", "severel", "'several'"),
    Fault("unknown variable", cells("statement_codes", "S004, addressee", variable="adressee"), "unknown-code", "statement_codes", "S004, adressee", "variable", "adressee", "'addressee'"),
    Fault("position on the scale of another issue", both(book(with_a_third_point), built, cells("codings", "round-1, S002, us-sites, ada", position="3")), "position-code", "codings", "round-1, S002, us-sites, ada", "position", "3"),
    Fault("label of a code altered", cells("codes", "us-sites, 0", label="so so"), "codes", "codes", "us-sites, 0", "label", "so so", "build"),
    Fault("code left out", drop("codes", variable="us-sites", code="0"), "codes", "codes", "us-sites, 0"),
    Fault("question of an issue altered", cells("issues", "us-sites", question="Why?"), "codes", "issues", "us-sites", "question", "Why?"),
    # ---- keys
    Fault("dangling actor", cells("statements", "S003", actor_id="tow"), "dangling-key", "statements", "S003", "actor_id", "tow", "'two'"),
    Fault("dangling office", cells("statements", "S001", office_id="one-than"), "dangling-key", "statements", "S001", "office_id", "one-than", "'one-then'"),
    Fault("dangling event", cells("statements", "S001", event_id="meting"), "dangling-key", "statements", "S001", "event_id", "meting", "'meeting'"),
    Fault("dangling repeats", cells("statements", "S002", repeats="S009"), "dangling-key", "statements", "S002", "repeats", "S009", "'S00"),
    Fault("dangling coder", cells("codings", "round-1, S001, us-sites, ben", coder_id="bem"), "dangling-key", "codings", "round-1, S001, us-sites, bem", "coder_id", "bem", "'ben'"),
    Fault("dangling issue", cells("codings", "round-1, S001, us-sites, ben", issue_id="us-site"), "dangling-key", "codings", "round-1, S001, us-site, ben", "issue_id", "us-site", "'us-sites'"),
    Fault("dangling adjudicator", cells("stances", "S001, us-sites", adjudicator="eva"), "dangling-key", "stances", "S001, us-sites", "adjudicator", "eva", "'eve'"),
    Fault("dangling parent of a system", cells("systems", "plan", parent="plant"), "dangling-key", "systems", "plan", "parent", "plant", "'plan'"),
    Fault("dangling system", cells("statement_systems", "S001, plan", system_id="plans"), "dangling-key", "statement_systems", "S001, plans", "system_id", "plans", "'plan'"),
    Fault("dangling actor of an office", cells("offices", "one-then", actor_id="on"), "dangling-key", "offices", "one-then", "actor_id", "on", "'one'"),
    Fault("dangling round", cells("rounds", "round-1", of="round-0"), "dangling-key", "rounds", "round-1", "of", "round-0", "'round-1'"),
    Fault("dangling statement", cells("discrepancies", "D001", statement_id="S040"), "dangling-key", "discrepancies", "D001", "statement_id", "S040", "'S00"),
    Fault("duplicated key", add("actors"), "duplicate-key", "actors", "one", "actor_id", "one"),
    Fault("duplicated key of several columns", add("codings"), "duplicate-key", "codings", "round-1, S001, joint-defence, ada", "round, statement_id, issue_id, coder_id"),
    Fault("duplicated key that others point to", cells("statements", "S002", statement_id="S001"), "duplicate-key", "statements", "S001", "statement_id", "S001"),
    Fault("duplicated value", on_column("actors", "side", constraints={"required": True, "unique": True}, categories=[]), "duplicate", "actors", "two", "side", "other"),
    # ---- values
    Fault("missing value", cells("actors", "one", name=""), "required", "actors", "one", "name", ""),
    Fault("missing code", cells("statements", "S001", attribution=""), "required", "statements", "S001", "attribution", ""),
    Fault("half a position", cells("codings", "round-1, S001, us-sites, ben", position="1.5"), "type", "codings", "round-1, S001, us-sites, ben", "position", "1.5", "integer"),
    Fault("word for a number", cells("statements", "S001", start="yes"), "type", "statements", "S001", "start", "yes", "integer"),
    Fault("word for a share", cells("agreement", "round-1, addressed, alpha", value="high"), "type", "agreement", "round-1, addressed, alpha", "value", "high", "number"),
    Fault("word for yes", cells("statements", "S001", conditional="true"), "type", "statements", "S001", "conditional", "true", "boolean"),
    Fault("a day that is none", cells("statements", "S001", date_earliest="2007-05-32"), "type", "statements", "S001", "date_earliest", "2007-05-32", "date"),
    Fault("a number that no machine holds", cells("statements", "S004", end="1" + "0" * 30), "type", "statements", "S004", "end", "1" + "0" * 30),
    Fault("pattern broken", cells("actors", "one", wikidata="7747"), "pattern", "actors", "one", "wikidata", "7747", "Q[1-9]"),
    Fault("one of the patterns broken", both(on_column("actors", "wikidata", constraints={"pattern": "Q|P"}, example="Q"), cells("actors", "one", wikidata="QP")), "pattern", "actors", "one", "wikidata", "QP"),
    Fault("below the minimum", cells("statements", "S001", start="-1"), "minimum", "statements", "S001", "start", "-1", "0"),
    Fault("above the maximum", cells("agreement", "round-1, addressed, alpha", high="1.5"), "maximum", "agreement", "round-1, addressed, alpha", "high", "1.5", "1"),
    Fault("too short", on_column("actors", "name", constraints={"minLength": 19}, example="Somebody with a long name"), "minLength", "actors", "one", "name", "The first minister", "19"),
    Fault("too long", on_column("actors", "name", constraints={"maxLength": 18}), "maxLength", "actors", "two", "name", "The second minister", "18"),
    Fault("at the exclusive maximum", on_column("coverage", "found", constraints={"exclusiveMaximum": 4}, example=3), "exclusiveMaximum", "coverage", "L001", "found", "4"),
    Fault("at the exclusive minimum", on_column("coverage", "found", constraints={"exclusiveMinimum": 4}, example=5), "exclusiveMinimum", "coverage", "L001", "found", "4"),
    # ---- dates
    Fault("earliest after latest", cells("statements", "S001", date_earliest="2008-01-01"), "date-order", "statements", "S001", "date_latest", "2007-05-31"),
    Fault("earliest day is not that of the date", cells("statements", "S001", date_earliest="2007-05-02"), "date-bounds", "statements", "S001", "date_earliest", "2007-05-02", "2007-05-01"),
    Fault("latest day is not that of the date", cells("statements", "S002", date_latest="2007-06-01"), "date-bounds", "statements", "S002", "date_latest", "2007-06-01", "2007-05-31"),
    Fault("not EDTF", cells("statements", "S001", date="2007-13"), "edtf", "statements", "S001", "date", "2007-13"),
    Fault("not EDTF in an office", cells("offices", "one-then", start="05-2005"), "edtf", "offices", "one-then", "start", "05-2005"),
    Fault("not EDTF in an event", cells("events", "meeting", date="2007/2006"), "edtf", "events", "meeting", "date", "2007/2006"),
    Fault("not EDTF in a source", cells("sources", "speech", date="2007-99"), "edtf", "sources", "speech", "date", "2007-99"),
    Fault("29 February of a common year", cells("statements", "S002", date="1985-02-29"), "edtf", "statements", "S002", "date", "1985-02-29"),
    Fault("words for a date", cells("statements", "S001", date="May 2007"), "pattern", "statements", "S001", "date", "May 2007"),
    Fault("inferred without argument", cells("statements", "S002", date_note=""), "date-basis", "statements", "S002", "date_note", "", "date_note"),
    # ---- offices and events
    Fault("office not held then", cells("statements", "S001", office_id="one-later"), "office-then", "statements", "S001", "office_id", "one-later"),
    Fault("office of another", cells("statements", "S003", office_id="one-then"), "office-then", "statements", "S003", "office_id", "one-then", "two: none"),
    Fault("office left out", cells("statements", "S001", office_id=""), "office-then", "statements", "S001", "office_id", "", "one-then"),
    Fault("offices overlap", cells("offices", "one-later", start="2006-01-01"), "office-overlap", "offices", "one-later", "start", "2006-01-01"),
    Fault("office ends before it begins", cells("offices", "one-then", end="2004-01-01"), "office-overlap", "offices", "one-then", "end", "2004-01-01"),
    Fault("event on another day", cells("statements", "S004", date="2007-05-04", date_earliest="2007-05-04", date_latest="2007-05-04"), "event-date", "statements", "S004", "event_id", "meeting"),
    Fault("not EDTF in the coverage", cells("coverage", "L001", period="2007-13"), "edtf", "coverage", "L001", "period", "2007-13"),
    Fault("nobody screened", cells("coverage", "L001", screened_by="adam"), "dangling-key", "coverage", "L001", "screened_by", "adam", "'ada'"),
    Fault("retired id in use", cells("retired", "S900, statements", id="S001"), "retired-id", "retired", "S001, statements", "id", "S001"),
    Fault("retired from no table", cells("retired", "S900, statements", table="statement"), "retired-id", "retired", "S900, statement", "table", "statement", "'statements'"),
    # ---- repetitions
    Fault("repeats itself", cells("statements", "S002", repeats="S002"), "repeats", "statements", "S002", "repeats", "S002"),
    Fault("repeats another speaker", cells("statements", "S004", repeats="S001"), "repeats", "statements", "S004", "repeats", "S001"),
    Fault("repeats a repetition", THREE, "repeats", "statements", "S003", "repeats", "S001", "full report"),
    Fault("repeats another time", cells("statements", "S003", repeats="S004", date="2004", date_earliest="2004-01-01", date_latest="2004-12-31"), "repeats", "statements", "S003", "repeats", "S004"),
    # ---- modules
    Fault("speaker not among several", both(module("joint"), built, drop("statement_actors", statement_id="S001")), "joint", "statements", "S001", "actor_id", "one"),
    Fault("quotation not in the words passed on", both(module("words"), with_words, built, cells("statements", "S001", quote="we shall build it")), "words", "statements", "S001", "quote", "we shall build it"),
    # ---- passages
    Fault("start moved by one", cells("statements", "S001", start="1"), "anchor", "statements", "S001", "start", "1"),
    Fault("whole passage moved by one", cells("statements", "S002", start="113", end="164"), "anchor", "statements", "S002", "start", "113", "112"),
    Fault("end moved by one", cells("statements", "S001", end="111"), "anchor", "statements", "S001", "start", "0"),
    Fault("word of a quotation changed", cells("statements", "S001", quote="we shall build it together"), "anchor", "statements", "S001", "quote", "we shall build it together"),
    Fault("quotation gone", cells("statements", "S001", quote=""), "quotation", "statements", "S001", "quote", ""),
    Fault("passage beyond the text", cells("statements", "S004", end="300"), "offsets", "statements", "S004", "end", "300"),
    Fault("passage ends before it starts", cells("statements", "S002", end="100"), "offsets", "statements", "S002", "end", "100"),
    Fault("start of a passage gone", cells("statements", "S002", start=""), "verified", "statements", "S002", "start", "", "all three"),
    Fault("checked by offsets and by reading", cells("statements", "S002", verified="twice"), "verified", "statements", "S002", "verified", "twice", "'text'"),
    Fault("neither passage nor words", cells("statements", "S002", start="", end="", passage_sha256="", verified="once"), "verified", "statements", "S002", "quote", ""),
    Fault("text file changed", swap("texts/speech.txt", "In May", "In June"), "text", "sources", "speech", "sha256"),
    Fault("text file not UTF-8", raw("texts/speech.txt", lambda data: data + b"\xe9"), "text", "sources", "speech"),
    # ---- matrix
    Fault("coding missing", drop("codings", statement_id="S001", issue_id="us-sites", coder_id="ben"), "matrix", "codings", "round-1, S001, us-sites", "coder_id", "ben"),
    Fault("nobody coded the issue", drop("codings", statement_id="S001", issue_id="us-sites"), "matrix", "codings", "round-1, S001, us-sites", "coder_id", "ada, ben"),
    Fault("round of itself", cells("rounds", "round-1", of="round-1"), "rounds", "rounds", "round-1", "of", "round-1"),
    Fault("stance without a coding", drop("codings", statement_id="S004"), "matrix", "codings", "S004", "statement_id"),
    Fault("one coder", drop("codings", coder_id="ben"), "matrix", "codings", "round-1", "coder_id", "ada", "second"),
    Fault("statement-level coding missing", drop("statement_codings", statement_id="S001", variable="addressee", coder_id="ada"), "matrix-statement", "statement_codings", "round-1, S001, addressee", "coder_id", "ada"),
    # ---- assignment
    Fault("assigned and not coded", both(assigned(1), drop("codings", round="round-2", statement_id="S001", issue_id="us-sites")), "matrix", "codings", "round-2, S001, us-sites", "coder_id", CODER, "complete"),
    Fault("assigned and not coded on a variable", both(assigned(1), drop("statement_codings", round="round-2", statement_id="S001", variable="addressee")), "matrix-statement", "statement_codings", "round-2, S001, addressee", "coder_id", CODER, "complete"),
    Fault("coded and not assigned", both(assigned(1), add("codings", round="round-2", statement_id="S001", issue_id="us-sites", coder_id=OTHER, position="", addressed="false", codebook_version="1.0.0")), "matrix", "codings", "round-2, S001, us-sites", "coder_id", OTHER, "never changed"),
    Fault("assigned to nobody known", both(assigned(1), cells("assignments", f"round-2, S001, {CODER}", coder_id="adam")), "dangling-key", "assignments", "round-2, S001, adam", "coder_id", "adam", "'ada'"),
    Fault("assigned without a chance", both(assigned(1), cells("assignments", f"round-2, S001, {CODER}", probability_coder="0")), "exclusiveMinimum", "assignments", f"round-2, S001, {CODER}", "probability_coder", "0"),
    Fault("another stratum for another coder", both(assigned(2), cells("assignments", f"round-2, S001, {SECOND}", stratum="one")), "assignment", "assignments", f"round-2, S001, {SECOND}", "stratum", "one", "build"),
    Fault("a coder likelier than any", both(assigned(1), cells("assignments", f"round-2, S001, {CODER}", probability_coded="0.2")), "assignment", "assignments", f"round-2, S001, {CODER}", "probability_coder", "0.333333", "build"),
    Fault("two coders likelier than any", both(assigned(1), cells("assignments", f"round-2, S001, {CODER}", probability_coded="0.5", probability_two="0.6")), "assignment", "assignments", f"round-2, S001, {CODER}", "probability_two", "0.6", "build"),
    Fault("all coders likelier than one", both(assigned(1), cells("assignments", f"round-2, S001, {CODER}", probability_all="0.4")), "assignment", "assignments", f"round-2, S001, {CODER}", "probability_all", "0.4", "build"),
    Fault("two coders without a chance", both(assigned(2), of_statement("assignments", "S001", probability_two="0")), "assignment", "assignments", f"round-2, S001, {FIRST}", "probability_two", "0", "build"),
    Fault("all coders without a chance", both(assigned(3), of_statement("assignments", "S001", probability_all="0")), "assignment", "assignments", "round-2, S001, ada", "probability_all", "0", "build"),
    # ---- settling
    Fault("one code called agreement", both(assigned(1), cells("stances", "S001, us-sites", settled_by="agreement")), "settled", "stances", "S001, us-sites", "settled_by", "agreement", "build"),
    Fault("two codes called one", cells("stances", "S002, us-sites", settled_by="single"), "settled", "stances", "S002, us-sites", "settled_by", "single", "build"),
    Fault("a code where nothing is addressed", cells("stances", "S001, us-sites", addressed="false"), "addressed", "stances", "S001, us-sites", "addressed", "false", "build"),
    Fault("no code where something is addressed", cells("codings", "round-1, S001, us-sites, ada", position=""), "addressed", "codings", "round-1, S001, us-sites, ada", "addressed", "true", "build"),
    Fault("coding without a stance", drop("stances", statement_id="S004", issue_id="us-sites"), "settled", "stances", "S004, us-sites"),
    Fault("coding without a settled code", drop("statement_codes", statement_id="S004", variable="addressee"), "settled-statement", "statement_codes", "S004, addressee"),
    Fault("agreement claimed", cells("stances", "S001, us-sites", settled_by="agreement", rationale="", adjudicator=""), "settled", "stances", "S001, us-sites", "settled_by", "agreement", "adjudication"),
    Fault("not the code agreed on", cells("stances", "S001, joint-defence", position="2"), "settled", "stances", "S001, joint-defence", "position", "2", "agreed on, 1"),
    Fault("adjudicated where they agreed", cells("stances", "S002, us-sites", settled_by="adjudication", rationale="R5: So.", adjudicator="eve"), "settled", "stances", "S002, us-sites", "settled_by", "adjudication"),
    Fault("another position", cells("positions", "S001, us-sites", label="so so"), "positions", "positions", "S001, us-sites", "label", "so so", "build"),
    Fault("position left out", drop("positions", statement_id="S001", issue_id="us-sites"), "positions", "positions", "S001, us-sites"),
    Fault("position that nobody takes", add("positions", statement_id="S999"), "positions", "positions", "S999, joint-defence", "statement_id", "S999"),
    Fault("no reason", cells("stances", "S001, us-sites", rationale="R5:"), "settled", "stances", "S001, us-sites", "rationale", "R5:"),
    Fault("no rule", cells("stances", "S001, us-sites", rationale="The words say so."), "settled", "stances", "S001, us-sites", "rationale", "The words say so."),
    Fault("no rationale", cells("stances", "S001, us-sites", rationale=""), "settled", "stances", "S001, us-sites", "rationale", ""),
    Fault("unknown rule", cells("stances", "S001, us-sites", rationale="R55: The words say so."), "settled", "stances", "S001, us-sites", "rationale", "R55: The words say so.", "'R5'"),
    Fault("no adjudicator", cells("stances", "S001, us-sites", adjudicator=""), "settled", "stances", "S001, us-sites", "adjudicator", "", "eve"),
    Fault("adjudicated by a coder", cells("stances", "S001, us-sites", adjudicator="ada"), "settled", "stances", "S001, us-sites", "adjudicator", "ada"),
    Fault("adjudicated by no adjudicator", both(add("coders", coder_id="cleo", role="unitiser"), cells("statement_codes", "S004, addressee", adjudicator="cleo")), "settled-statement", "statement_codes", "S004, addressee", "adjudicator", "cleo", "eve"),
    Fault("not the settled code", cells("statements", "S004", addressee="NATO"), "released-code", "statements", "S004", "addressee", "NATO", "build"),
    Fault("condition missing", cells("statements", "S001", condition=""), "condition", "statements", "S001", "condition", ""),
    Fault("condition of an unconditional statement", cells("statements", "S002", condition="If so."), "condition", "statements", "S002", "condition", "If so."),
    # ---- agreement
    Fault("figure altered", cells("agreement", "round-1, addressed, alpha", value="0.7773"), "agreement", "agreement", "round-1, addressed, alpha", "value", "0.7773"),
    Fault("interval altered", cells("agreement", "round-1, addressed, percent", low="0.5347"), "agreement", "agreement", "round-1, addressed, percent", "low", "0.5347"),
    Fault("figure missing", drop("agreement", variable="us-sites", coefficient="alpha"), "agreement", "agreement", "round-1, us-sites, alpha"),
    Fault("verdict altered", cells("agreement", "round-1, addressed, alpha", verdict="reliable"), "agreement", "agreement", "round-1, addressed, alpha", "verdict", "reliable", "build"),
    Fault("figure of nothing", add("agreement", variable="wit"), "agreement", "agreement", "round-1, wit, alpha", "variable", "wit"),
    Fault("statement-level figure altered", cells("agreement", "round-1, addressee, percent", value="0.8000"), "agreement-statement", "agreement", "round-1, addressee, percent", "value", "0.8000"),
    # ---- bytes
    Fault("semicolons", raw("data/actors.csv", lambda data: data.replace(b",", b";")), "delimiter", "actors", "line 1", "", "actor_id;name;kind;side;wikidata;note", "commas"),
    Fault("byte order mark", raw("data/actors.csv", lambda data: b"\xef\xbb\xbf" + data), "byte-order-mark", "actors", "line 1", "", "EF BB BF"),
    Fault("Latin-1", raw("data/actors.csv", lambda data: data.replace(b"second", b"s\xe9cond")), "encoding", "actors", "line 3", "", "byte E9", "UTF-8"),
    Fault("CR LF", raw("data/actors.csv", lambda data: data.replace(b"\n", b"\r\n")), "line-ends", "actors", "line 1", "", "CR", "LF"),
    Fault("NUL", raw("data/actors.csv", lambda data: data.replace(b"second", b"sec\0nd")), "control-character", "actors", "line 3", "", "NUL"),
    Fault("no final line end", raw("data/actors.csv", lambda data: data[:-1]), "final-newline", "actors", "line 3"),
    Fault("decomposed accent", swap("data/actors.csv", "second", "se\u0301cond"), "not-normalised", "actors", "line 3", "", "", "NFC"),
    Fault("empty file", raw("data/actors.csv", lambda data: b""), "empty-file", "actors", "", "", "actors.csv"),
    Fault("quote out of place", swap("data/events.csv", "The council", '"The" council'), "not-csv", "events", "line 2"),
    Fault("doubled space", cells("actors", "one", name="The first  minister"), "untidy-text", "actors", "one", "name", "'The first  minister'"),
    Fault("space at the end", cells("actors", "one", name="The first minister "), "untidy-text", "actors", "one", "name", "'The first minister '"),
    Fault("line end in a cell", cells("actors", "one", name="The first\nminister"), "untidy-text", "actors", "one", "name"),
    *(Fault(f"formula {mark}", cells("actors", "one", note=f"{mark}1+1"), "formula-cell", "actors", "one", "note", f"{mark}1+1") for mark in "=+-@"),
    Fault("file missing", gone("data/events.csv"), "missing-file", "events", "", "", "events.csv", "build"),
    Fault("folder for a file", both(gone("data/events.csv"), lambda home: (home / "data/events.csv").mkdir()), "missing-file", "events"),
    Fault("stray file", written("data/old.csv", "a\n1\n"), "stray-file", "", "", "", "data/old.csv"),
    Fault("extra column", columns_of("actors", lambda names: [*names, "age"]), "extra-column", "actors", "line 1", "age", ""),
    Fault("column twice", raw("data/systems.csv", lambda data: b"".join(line + b"," + line.split(b",")[-1] + b"\n" for line in data.splitlines())), "extra-column", "systems", "line 1", "parent"),
    Fault("column missing in the file", columns_of("actors", lambda names: names[:-1]), "missing-column", "actors", "line 1", "note", "", "note"),
    Fault("columns in another order", columns_of("actors", lambda names: names[::-1]), "column-order", "actors", "line 1", "", "note,wikidata,side,kind,name,actor_id", "actor_id, name"),
    Fault("row too long", swap("data/actors.csv", "The second minister", "The, second minister"), "ragged-row", "actors", "line 3"),
    Fault("row too short", swap("data/actors.csv", "minister,person,other,,", "minister,person,other,"), "ragged-row", "actors", "line 2"),
    Fault("blank row", raw("data/actors.csv", lambda data: data + b",,,,,\n"), "blank-row", "actors", "line 4"),
    Fault("blank line", raw("data/actors.csv", lambda data: data.replace(b"\ntwo", b"\n\ntwo")), "blank-row", "actors", "line 3"),
    Fault("rows miscounted", declared(lambda content: resource(content, "actors").update(rows=3)), "row-count", "actors", "", "", "3", "build"),
    Fault("changed since built", swap("data/actors.csv", "The second minister", "The third minister"), "hash", "actors", "", "", None, "build"),
    # ---- descriptor
    *(Fault(f"path {path}", on_table("events", path=path), "descriptor") for path in ("../x.csv", "/etc/passwd", "http://example.org/x.csv", "C:\\x.csv", "~/x.csv", "data/../../x.csv")),
    Fault("table missing in the descriptor", without_table("agreement"), "contract", "agreement"),
    Fault("table of a module missing in the descriptor", without_table("discrepancies"), "stray-file", value="data/discrepancies.csv"),
    Fault("table that others point to missing in the descriptor", without_table("events"), "contract", "events"),
    Fault("column missing in the descriptor", without_column("statements", "venue"), "contract", "statements", "", "venue"),
    Fault("key column missing in the descriptor", without_column("events", "event_id"), "descriptor"),
    Fault("another type", on_column("statements", "start", type="string"), "contract", "statements", "", "start", "string", "integer"),
    Fault("no primary key", declared(lambda content: resource(content, "actors")["schema"].pop("primaryKey")), "contract", "actors", "", "primaryKey"),
    Fault("another primary key", declared(lambda content: resource(content, "actors")["schema"].update(primaryKey=["name"])), "contract", "actors", "", "primaryKey", "name", "actor_id"),
    Fault("no foreign key", declared(lambda content: resource(content, "discrepancies")["schema"].pop("foreignKeys")), "contract", "discrepancies", "", "statement_id", "", "foreignKeys"),
    Fault("foreign key to no table", declared(lambda content: resource(content, "discrepancies")["schema"]["foreignKeys"].append({"fields": "note", "reference": {"resource": "notes", "fields": "note"}})), "descriptor", "discrepancies", "", "note", "notes"),
    Fault("field without description", declared(lambda content: column(content, "actors", "name").pop("description")), "undocumented", "actors", "", "name", "", "description"),
    Fault("field without example", declared(lambda content: column(content, "actors", "name").pop("example")), "undocumented", "actors", "", "name", "", "example"),
    Fault("example that is no code", on_column("actors", "kind", example="persn"), "undocumented", "actors", "", "kind", "persn", "'person'"),
    Fault("categories and enum differ", declared(lambda content: column(content, "actors", "kind")["categories"].append({"value": "ghost"})), "codes-differ", "actors", "", "kind", None, "build"),
    Fault("enum without a code in use", declared(lambda content: column(content, "actors", "kind")["constraints"].update(enum=["collective"])), "codes-differ", "actors", "", "kind"),
    Fault("delimiter declared that is not there", on_table("actors", dialect={"delimiter": ";"}), "delimiter", "actors", "line 1", "", "actor_id,name,kind,side,wikidata,note", "semicolons"),
    Fault("delimiter declared that is none", on_table("actors", dialect={"delimiter": "::"}), "descriptor", "actors", "", "dialect.delimiter", "::", "plain CSV"),
    Fault("column of the contract in another form", on_column("statements", "start", groupChar=","), "descriptor", "statements", "", "start", "groupChar"),
    Fault("no licence", declared(lambda content: content.pop("licenses")), "descriptor", "", "", "licenses"),
    Fault("licence as text", declared(lambda content: content.update(licenses="CC0")), "descriptor"),
    Fault("created on no day", declared(lambda content: content.update(created="2026-11-30")), "descriptor", "", "", "created", "2026-11-30"),
    Fault("no bibliography file", declared(lambda content: content.update(bibliography="seeds/none.bib")), "descriptor", "", "", "bibliography", "seeds/none.bib"),
    Fault("codebook outside", declared(lambda content: content.update(codebook="../codebook.yaml")), "descriptor", "", "", "codebook", "../codebook.yaml"),
    Fault("codebook missing", gone("coding/codebook.yaml"), "descriptor", "", "", "codebook", "coding/codebook.yaml"),
    Fault("descriptor is not JSON", written("datapackage.json", "{"), "descriptor"),
    Fault("descriptor is a list", written("datapackage.json", "[]"), "descriptor"),
    Fault("descriptor without resources", declared(lambda content: content.pop("resources")), "descriptor"),
    Fault("descriptor with empty resources", declared(lambda content: content.update(resources=[])), "descriptor"),
    Fault("descriptor with a name twice", declared(lambda content: content["resources"].append(content["resources"][0])), "descriptor"),
    Fault("descriptor missing", gone("datapackage.json"), "descriptor"),
    # ---- sources
    Fault("unknown source", cells("statements", "S001", source="speach"), "source-reference", "statements", "S001", "source", "speach", "'speech'"),
    Fault("unknown source of a date", cells("statements", "S001", dated_by="speech;letter[2]"), "source-reference", "statements", "S001", "dated_by", "speech;letter[2]"),
    Fault("unknown source of an office", cells("offices", "one-then", source="speach[1]"), "source-reference", "offices", "one-then", "source", "speach[1]", "'speech'"),
    Fault("unknown unitiser", cells("statements", "S001", unitised="adam[1]"), "coder-reference", "statements", "S001", "unitised", "adam[1]", "'ada'"),
    Fault("malformed reference", cells("statements", "S001", source="speech["), "pattern", "statements", "S001", "source", "speech["),
    # ---- coding
    Fault("sealed sheet edited", swap(f"{ROUND}/ada.csv", "NA", "NB"), "seal", ROUND, "ada", "sha256"),
    Fault("sealed sheet missing", gone(f"{ROUND}/ben.csv"), "seal", ROUND, "ben"),
    Fault("sheet without seal", written(f"{ROUND}/cleo.csv", "order\n"), "seal", ROUND, "cleo", "", "cleo.csv", "seal"),
    Fault("round without manifest", gone(f"{ROUND}/manifest.yaml"), "seal", ROUND, "manifest.yaml"),
    Fault("coder of a sheet unknown", swap("coding/coders.csv", "ben,", "bem,"), "seal", ROUND, "ben", "", "ben"),
    Fault("assignment changed", both(assigned(1), raw("coding/rounds/round-2/assignment.csv", lambda data: data.replace(b"0.333333", b"0.5"))), "seal", "coding/rounds/round-2", "assignment.csv", "assignment_sha256"),
    Fault("assignment missing", both(assigned(1), gone("coding/rounds/round-2/assignment.csv")), "seal", "coding/rounds/round-2", "assignment.csv", "assignment_sha256"),
    Fault("assignment without fingerprint", written(f"{ROUND}/assignment.csv", "statement_id\n"), "seal", ROUND, "assignment.csv", "", "assignment.csv"),
    Fault("codebook changed, same version", raw("coding/codebook.yaml", lambda data: data + b"# more\n"), "seal", ROUND, "codebook", "version", "1.0.0", "version"),
    Fault("codebook of the round changed", raw(f"{ROUND}/codebook.yaml", lambda data: data + b"# more\n"), "seal", ROUND, "codebook.yaml", "codebook_sha256"),
    Fault("unit changed after coding", swap("coding/units.csv", "is aimed at nobody.", "is aimed at somebody."), "seal", ROUND, "units", "units_sha256"),
    Fault("unit removed after coding", raw("coding/units.csv", lambda data: b"".join(data.splitlines(keepends=True)[:-1])), "seal", ROUND, "S004"),
    Fault("unit list missing", gone("coding/units.csv"), "seal", "coding"),
    Fault("codebook example out of its scale", book(lambda content: content["rules"]["R5"]["examples"][0]["codes"].update({"us-sites": 7})), "codebook", "codebook", "R5"),
    Fault("issue in the codebook only", book(lambda content: content["issues"].update({"third-site": copy.deepcopy(content["issues"]["us-sites"])})), "codebook", "codebook", "third-site", "issues", "third-site"),
    Fault("codebook is a list", written("coding/codebook.yaml", "- a\n- b\n"), "codebook", "codebook"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_one_fault_gives_one_finding(fault: Fault, tiny: Path) -> None:
    fault.breaks(tiny)
    findings = sp.validate(tiny).table.to_dict("records")
    assert [(f["rule"], f["table"], f["row_id"], f["column"]) for f in findings] == [
        (fault.rule, fault.table, fault.row_id, fault.column)
    ], findings
    (finding,) = findings
    assert fault.value in (None, finding["value"])
    assert finding["message"]
    assert finding["remedy"]
    assert fault.remedy in finding["remedy"]


def test_every_rule_and_kind_of_finding_has_a_fault() -> None:
    # each has tests of its own
    unseen = {"internal", "conformance", "rendering", "date-bound"}
    assert {fault.rule for fault in FAULTS} == {*RULES, *KINDS} - unseen


def test_rules_run_in_the_same_order_whatever_was_imported_first() -> None:
    code = "import stancepack.validation.{}; from stancepack.validation.rules import RULES; "
    code += "print(*RULES)"
    for first in ("rules", "validate", "figure_rules", "position_rules"):
        command = [sys.executable, "-c", code.format(first)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [*RULES], first


def test_findings_keep_their_columns_when_there_are_none(tiny: Path) -> None:
    findings = sp.validate(tiny)
    assert list(findings.table) == [
        "table",
        "row_id",
        "column",
        "value",
        "rule",
        "message",
        "remedy",
    ]
    assert findings.is_valid


def test_several_faults_are_all_found(tiny: Path) -> None:
    cells("actors", "one", kind="persn")(tiny)
    cells("events", "meeting", date="2007-13")(tiny)
    drop("stances", statement_id="S004", issue_id="us-sites")(tiny)
    assert sorted(sp.validate(tiny).table["rule"]) == ["edtf", "settled", "unknown-code"]


def test_validation_writes_nothing(tiny: Path) -> None:
    def state() -> dict[Path, tuple[bytes, int]]:
        files = sorted(path for path in tiny.rglob("*") if path.is_file())
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    cells("actors", "one", kind="persn")(tiny)
    before = state()
    sp.validate(tiny)
    assert state() == before


def test_what_cannot_be_checked_is_said(tiny: Path) -> None:
    shutil.rmtree(tiny / "texts")
    shutil.rmtree(tiny / "coding" / "rounds")
    cells("offices", "one-then", source="speach")(tiny)
    findings = sp.validate(tiny)
    not_checked = "\n".join(findings.not_checked)
    assert len(findings) == 1
    assert "seals:" in not_checked
    assert "anchors: 4 passages of speech" in not_checked
    assert "office-then: offices has findings" in not_checked


def test_a_round_that_codes_again_may_have_one_coder_and_settles_nothing(tiny: Path) -> None:
    out = tiny / "build" / "ada.csv"
    blank = sheet(
        Project.open(tiny),
        "ada",
        "round-1-again",
        out,
        selection=Selection(of="round-1", share=0.5),
    )
    rows = read_rows(blank, [])
    for row in rows:
        row |= {"code": "unstated" if row["variable"] == "addressee" else "NA", "confidence": "3"}
        row["code"] = {"attribution": "indirect", "speech_act": "claim", "conditional": "no"}.get(
            row["variable"], row["code"]
        )
    write_rows(blank, list(rows[0]), rows)
    seal(Project.open(tiny), "ada", "round-1-again", blank)
    sp.build(tiny)
    assert sp.validate(tiny).table.to_dict("records") == []


def test_columns_and_tables_beyond_the_contract_are_welcome(tiny: Path) -> None:
    def more(content: dict[str, Any]) -> None:
        extra = {
            "name": "mood",
            "title": "Mood",
            "type": "string",
            "description": "How.",
            "constraints": {},
            "example": "grim",
        }
        resource(content, "actors")["schema"]["fields"].append(extra)
        schema = {"fields": [extra], "primaryKey": ["mood"]}
        content["resources"].append(
            {"name": "moods", "type": "table", "path": "data/moods.csv", "schema": schema}
        )

    declared(more)(tiny)
    columns_of("actors", lambda names: [*names, "mood"])(tiny)
    (tiny / "data" / "moods.csv").write_text("mood\ngrim\n", encoding="utf-8")
    restamp(tiny)
    assert sp.validate(tiny).table.to_dict("records") == []
    assert sp.load(tiny)["actors"]["mood"].tolist() == ["x", "x"]


def test_the_shipped_package_is_valid() -> None:
    assert sp.validate(shipped()).table.to_dict("records") == []


# the contract, read
# by two readers

PARITY = {  # case → a column, a value that breaks it, and one that does not
    "enum": ({"type": "string", "constraints": {"enum": ["person", "ghost"]}}, "persn", "ghost"),
    "enum of numbers": ({"type": "integer", "constraints": {"enum": [1, 2]}}, "3", "2"),
    "pattern": ({"type": "string", "constraints": {"pattern": "Q[1-9]+"}}, "Q0", "Q1"),
    "required": ({"type": "string", "constraints": {"required": True}}, "", "x"),
    "integer": ({"type": "integer", "constraints": {}}, "1.5", "1"),
    "number": ({"type": "number", "constraints": {}}, "one", "1.5"),
    "boolean": ({"type": "boolean", "constraints": {}}, "yes", "true"),
    "date": ({"type": "date", "constraints": {}}, "2007-02-30", "2007-02-28"),
    "time": ({"type": "time", "constraints": {}}, "25:00:00", "23:00:00"),
    "datetime": (
        {"type": "datetime", "constraints": {}},
        "2007-02-30T00:00:00",
        "2007-02-28T00:00:00",
    ),
    "year": ({"type": "year", "constraints": {}}, "07", "2007"),
    "yearmonth": ({"type": "yearmonth", "constraints": {}}, "2007-13", "2007-12"),
    "duration": ({"type": "duration", "constraints": {}}, "1 day", "P1D"),
    "array": ({"type": "array", "constraints": {}}, "{}", "[1]"),
    "object": ({"type": "object", "constraints": {}}, "[1]", "{}"),
    "geopoint": ({"type": "geopoint", "constraints": {}}, "here", "1.5, 2"),
    "unique": ({"type": "string", "constraints": {"unique": True}}, "x", "x"),
    "minimum": ({"type": "integer", "constraints": {"minimum": 3}}, "2", "3"),
    "maximum": ({"type": "number", "constraints": {"maximum": 3}}, "3.01", "3"),
    "exclusiveMinimum": ({"type": "integer", "constraints": {"exclusiveMinimum": 3}}, "3", "4"),
    "exclusiveMaximum": ({"type": "integer", "constraints": {"exclusiveMaximum": 3}}, "3", "2"),
    "minimum of dates": (
        {"type": "date", "constraints": {"minimum": "2007-01-01"}},
        "2006-12-31",
        "2007-01-01",
    ),
    "minLength": ({"type": "string", "constraints": {"minLength": 3}}, "ab", "abc"),
    "maxLength": ({"type": "string", "constraints": {"maxLength": 3}}, "abcd", "abc"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", PARITY)
def test_validation_pandera_and_frictionless_reject_the_same_cell(case: str, tiny: Path) -> None:
    import frictionless

    body, value, good = PARITY[case]

    columns_of("actors", lambda names: [*names, "own"])(tiny)
    own = {"name": "own", "title": "Own", "description": "Own.", "example": good} | body
    declared(lambda content: resource(content, "actors")["schema"]["fields"].append(own))(tiny)
    for row, cell in (("one", good), ("two", value)):
        cells("actors", row, own=cell)(tiny)
    findings = sp.validate(tiny)
    by_us = set(zip(findings.table["row_id"], findings.table["column"], strict=True))
    descriptor = Descriptor.read(tiny / "datapackage.json")
    package = frictionless.Package.from_descriptor(str(descriptor.path))
    flat_report = package.get_resource("actors").validate().flatten(["rowNumber", "fieldName"])
    text = descriptor.read_text("actors")
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        pandera_schema(descriptor, "actors").validate(text.mask(text == ""), lazy=True)
    failures = caught.value.failure_cases
    by_pandera = set(zip(failures["index"], failures["column"], strict=True))
    assert {(row - 2, column) for row, column in flat_report} == by_pandera == {(1, "own")}
    assert by_us == {("two", "own")}


WRONG = {  # column of the codings → a value of its type, or of none, that may not be there
    "round": pd.NA,
    "statement_id": "S 1",
    "coder_id": "Ada",
    "position": 7,
    "confidence": 1.5,
    "codebook_version": "one",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_schema_takes_what_the_package_has_and_no_wrong_cell(name: str, tiny: Path) -> None:
    pkg = sp.load(tiny)
    schema = pkg.schema("codings")
    schema.validate(pkg["codings"])
    frame = pkg["codings"].astype({name: "object"})
    frame.loc[3, name] = WRONG[name]
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        schema.validate(frame, lazy=True)
    failures = caught.value.failure_cases
    assert {(3, name)} == set(zip(failures["index"], failures["column"], strict=True))


@pytest.mark.parametrize("table", list(sp.load()))
def test_every_shipped_table_fits_its_schema_with_types_and_as_text(table: str) -> None:
    pkg = sp.load()
    schema = pkg.schema(table)
    schema.validate(pkg[table])
    text = pkg.descriptor.read_text(table)
    for field in pkg.descriptor.fields(table):
        text[field.name] = text[field.name].mask(text[field.name].isin(field.missing))
    schema.validate(text)


def test_conformance_finds_nothing_more_in_a_package_that_is_valid(tiny: Path) -> None:
    assert sp.validate(tiny, conformance=True).table.to_dict("records") == []


def test_conformance_finds_what_only_the_standard_asks(tiny: Path) -> None:
    declared(lambda content: content.update(licenses=[{"title": "No name and no path"}]))(tiny)
    assert sp.validate(tiny).is_valid
    findings = sp.validate(tiny, conformance=True)
    assert findings.table["rule"].tolist() == ["conformance"]


def test_frictionless_is_not_imported_but_for_conformance(tiny: Path) -> None:
    code = (
        "import sys, stancepack as sp; sp.validate(sys.argv[1]); "
        "print({'frictionless', 'pandera', 'edtf', 'scipy'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, str(tiny)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.filterwarnings("ignore")
def test_frictionless_finds_the_same_dangling_key(tiny: Path) -> None:
    import frictionless

    cells("systems", "plan", parent="plant")(tiny)
    package = frictionless.Package.from_descriptor(str(tiny / "datapackage.json"))
    assert [error.type for task in package.validate().tasks for error in task.errors] == [
        "foreign-key"
    ]
