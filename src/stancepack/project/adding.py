"""Adding statements: their ids, actors and passages, all or nothing."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from numbers import Real
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stancepack.arguments import a_flag, a_text, listed
from stancepack.dataset.settings import BIBLIOGRAPHY
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.passages import PIECE, fingerprint, flat, missing_pieces
from stancepack.files.quotations import FlatText, Span
from stancepack.files.reading import read_text
from stancepack.files.tables import FORMULA_SIGNS, Row, clean_cell, csv_text, read_rows
from stancepack.project.checks import Problem, row_problems
from stancepack.project.kept import STATEMENTS, KeptRows
from stancepack.project.new import MADE_UP, MADE_UP_TEXT, TEXT
from stancepack.project.units import MERGE_NOTE, UNITS, WORDS, actors_of

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.project.project import Project

ACTORS = "seeds/actors.csv"
# columns that are read but not kept: who spoke by name, the words to find, which of their places,
# and what a new actor is
INPUT_COLUMNS = ("actor", "passage", "occurrence", "kind", "side")
SEVERAL = ";"  # parts several actors of one statement, whose names have spaces
_FIRST_ID = "S001"
_ID = re.compile(r"(?P<stem>.*?)(?P<number>\d{1,9})")
_FIRST_ROW = 2  # of a table in a spreadsheet, below its header
_ROW = re.compile(r"row (\d+)")
_KIND = "person"  # of a new actor of whom nothing is said
_CHECKED_WITHOUT_TEXT = ("twice", "once")
_MOST_SHOWN = 20


@dataclass
class Added:
    """What was added.

    Parameters
    ----------
    statements, actors
        Ids of the statements and of the new actors.
    removed
        Ids of the made-up statements that gave way.
    remarks
        What else was done, in sentences.
    """

    statements: list[str] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say it in a few lines."""
        count = len(self.statements)
        span = self.statements[0] if count == 1 else f"{self.statements[0]} … {self.statements[-1]}"
        lines = [f"Added {count} statement{'s' if count > 1 else ''} to {UNITS}: {span}."]
        if self.actors:
            lines.append(f"New in {ACTORS}: {', '.join(self.actors)}.")
        if self.removed:
            lines.append(f"Removed what was made up: {', '.join(self.removed)}.")
        return "\n".join([*lines, *self.remarks])


def add_statements(
    project: Project | str | os.PathLike[str],
    rows: Iterable[Mapping[str, Any]] | pd.DataFrame,
    file: str = "",
    *,
    new_actors: bool = False,
) -> Added:
    """Add statements to the unit list, all or none.

    Parameters
    ----------
    project
        The project, or its path.
    rows
        The statements, as dicts or a frame: columns of the unit list as ``coding/README.md`` names
        them, without the ``statement_id`` unless it is to be chosen; ``actor`` may have the name or
        the id of who speaks (several parted by semicolons), and ``passage`` or ``quote`` words to
        find in the text of the ``source``, with ``occurrence`` for which of several places.
    file
        Where they stand, for messages.
    new_actors
        Also add actors that are not known, of the ``kind`` and ``side`` that the row says.

    Returns
    -------
    Added
        Ids of statements and actors, and what else was done.

    Raises
    ------
    StancepackError
        With everything that is wrong. Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = sp.new_project(folder)
    ...     statement = {"actor": "Jane Doe", "date": "2020-03-01", "text": "We will pay for it."}
    ...     print(sp.add_statements(project, [statement], new_actors=True))
    Added 1 statement to coding/units.csv: S001.
    New in seeds/actors.csv: jane-doe.
    Removed what was made up: made-up-1, made-up-2.
    """
    from stancepack.project.project import Project

    a_text("file", file)
    a_flag("new_actors", new_actors)
    given = rows_of_text(rows)
    opened = project if isinstance(project, Project) else Project.open(project)
    with opened.locked() as fresh:
        return put_statements(fresh, given, file, new_actors=new_actors)


def put_statements(
    project: Project,
    rows: list[Row],
    file: str = "",
    *,
    new_actors: bool = False,
    names: Sequence[str] = (),
    files: Mapping[str | Path, str | bytes] = MappingProxyType({}),
) -> Added:
    """Add statements to a locked project, and write further files in the same step.

    Parameters
    ----------
    project
        The project, locked.
    rows, file, new_actors
        As for `add_statements`; `rows` are text.
    names
        What each row is called in messages, where that is not its number in the file.
    files
        What else is written, if the statements are added.

    Returns
    -------
    Added
        As for `add_statements`.
    """
    adding = _Adding(project, file, new_actors, names)
    adding.take(rows)
    adding.refuse()
    project.write({**adding.files(), **files})
    if adding.added.removed:
        _remove_made_up_text(project)
    return adding.added


def read_statements(path: Path) -> list[Row]:
    """Read statements to add from a CSV file, as a spreadsheet program may have written it."""
    return read_rows(path, ["date"], from_spreadsheet=True)


def rows_of_text(rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> list[Row]:
    """Return rows whose cells are text: years as they are written, days in ISO, nothing for NaN.

    Examples
    --------
    >>> from stancepack.project.adding import rows_of_text
    >>> rows_of_text([{"actor": "Jane Doe", "date": 2007, "quote": None}])
    [{'actor': 'Jane Doe', 'date': '2007', 'quote': ''}]
    """
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        rows = rows.to_dict("records")
    if isinstance(rows, str | Mapping) or not isinstance(rows, Iterable):
        raise StancepackError("statements are given as a list of dicts, or as a frame.")
    texts = []
    for number, row in enumerate(listed("statements", rows), start=1):
        if not isinstance(row, Mapping):
            raise StancepackError(f"statement {number} is a {type(row).__name__}, not a dict.")
        where = f"statement {number}"
        texts.append(
            {a_text(f"{where}: a column", name): _text(where, name, row[name]) for name in row}
        )
    return texts


def _text(where: str, column: str, cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None or cell != cell or type(cell).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, Real) and not isinstance(cell, bool) and float(cell).is_integer():
        return str(int(float(cell)))
    what = "give text; a date as a day without its time, in EDTF."
    raise StancepackError(f"{where}, {column}: {cell!r:.60} is no text; {what}")


class _Adding:
    """Statements on their way into a project; what is wrong with them is collected."""

    def __init__(
        self, project: Project, file: str, new_actors: bool, names: Sequence[str] = ()
    ) -> None:
        self.project = project
        self.kept = KeptRows(project)
        self.table = replace(self.kept.tables[STATEMENTS], file=file)
        self.file = file
        self.names = names
        self.may_add_actors = new_actors
        self.added = Added()
        self.problems: list[Problem] = []
        self.units: list[Row] = []
        self.actors: dict[str, Row] = {}
        self.named_in: dict[str, int] = {}  # in which row a new actor stands first
        self._texts: dict[str, FlatText | None] = {}

    def problem(self, number: int, column: str, value: str, message: str) -> None:
        self.problems.append(Problem(self.file, self._row(number), column, value, message))

    def _row(self, number: int) -> str:
        """Return what a row is called in messages: by its name, or as a spreadsheet counts it."""
        if self.names:
            return self.names[number]
        return f"row {number + _FIRST_ROW}" if self.file else ""

    def take(self, rows: list[Row]) -> None:
        """Turn rows as they were given into rows of the unit list."""
        if not rows:
            raise StancepackError(f"{self.file}: there is no statement in it.".lstrip(": "))
        rows = [self._with_known_names(row) for row in rows]
        self._check_columns(rows)
        ids = _unused_ids(self.project)
        known = known_ids(self.project)
        for number, row in enumerate(rows):
            given = {column: clean_cell(flat(cell)) for column, cell in row.items()}
            unit = {column: given.get(column, "") for column in self.table.columns}
            unit |= {MERGE_NOTE: given[MERGE_NOTE]} if MERGE_NOTE in given else {}
            if not unit["statement_id"]:
                unit["statement_id"] = next(ids)
            elif unit["statement_id"] in known:
                what = (
                    "the id was used before, and is never used again; leave it out for a new one."
                )
                self.problem(number, "statement_id", unit["statement_id"], what)
            self._put_actors(number, given, unit)
            self._put_words(unit)
            if "passages" in self.project.modules and not unit["passage_sha256"]:
                self._put_passage(number, given, unit)
            self.units.append(unit)
        self._check_rows()

    def _with_known_names(self, row: Row) -> Row:
        """Return a row whose columns are called as they are here, whatever their capitals."""
        known = {name.casefold(): name for name in self._columns}
        plain = {name: "_".join(name.casefold().split()) for name in row}
        return {known.get(plain[name], name): cell for name, cell in row.items()}

    @property
    def _columns(self) -> list[str]:
        """The columns that a row may have."""
        return [*self.table.columns, *INPUT_COLUMNS, MERGE_NOTE]

    def _check_columns(self, rows: list[Row]) -> None:
        for column in dict.fromkeys(column for row in rows for column in row):
            if column not in self._columns:
                hint = did_you_mean(column, self._columns)
                way = "or declare it under columns, statements in seeds/project.yaml."
                what = f"the column is not known; {hint.rstrip('?')}? Or leave it out, {way}"
                self.problems.append(Problem(self.file, "", column, "", what))
        if not any("actor" in row or "actor_id" in row for row in rows):
            what = "the column is missing; give the name or the id of who speaks."
            self.problems.append(Problem(self.file, "", "actor", "", what))
        self.refuse()

    def _check_rows(self) -> None:
        """Apply to the new rows what is applied to those of the project."""
        actors = self.kept.tables["actors"]
        of_actors = row_problems(
            self.kept, replace(actors, file=ACTORS), list(self.actors.values())
        )
        self.kept.put("actors", [*self.kept.rows("actors"), *self.actors.values()])
        said = {(problem.row, problem.column) for problem in self.problems}
        said |= {(row, "actor_id") for row, column in said if column == "actor"}
        of_units = row_problems(self.kept, self.table, self.units)
        self._take_problems(of_units, [*range(len(self.units))], said)
        # of a new actor, the row is told that named them first
        self._take_problems(of_actors, [*self.named_in.values()], said)

    def _take_problems(
        self, problems: Iterable[Problem], rows: list[int], said: set[tuple[str, str]]
    ) -> None:
        """Take problems that are not said yet; `rows` are the rows that theirs stand for."""
        for problem in problems:
            match = _ROW.match(problem.row)
            row = self._row(rows[int(match[1]) - _FIRST_ROW]) if match else ""
            if (row, problem.column) not in said:
                self.problems.append(replace(problem, row=row))

    # who

    def _put_actors(self, number: int, given: Row, unit: Row) -> None:
        names = [name.strip() for name in given.get("actor", "").split(SEVERAL) if name.strip()]
        if unit["actor_id"] and names:
            what = "give actor or actor_id, not both."
            self.problem(number, "actor", given["actor"], what)
            return
        if len(names) > 1 and "joint" not in self.project.modules:
            what = "several actors; add joint to the modules in seeds/project.yaml."
            self.problem(number, "actor", given["actor"], what)
            return
        ids = unit["actor_id"].split() or [self._actor(number, name, given) for name in names]
        unit["actor_id"] = " ".join(dict.fromkeys(ids))

    def _actor(self, number: int, name: str, given: Row) -> str:
        """Return the id of who is called so, a new one if that is wanted."""
        known = {row["actor_id"]: row for row in self.kept.rows("actors")} | self.actors
        if name in known:
            return name
        namesakes = [i for i, row in known.items() if row["name"].casefold() == name.casefold()]
        if len(namesakes) == 1:
            return namesakes[0]
        if namesakes:
            what = f"several actors are called so; write the id: {', '.join(namesakes)}."
            self.problem(number, "actor", name, what)
            return namesakes[0]
        if not self.may_add_actors:
            own = {i: row["name"] for i, row in known.items() if not is_made_up(i)}
            hint = did_you_mean(name, [*own.values(), *own])
            hint = f"{hint} Or " if hint.startswith("did you mean") else ""
            what = f"nobody is called so; {hint}add them to {ACTORS}, or say --new-actors."
            self.problem(number, "actor", name, what)
            return ""
        actor = _unused_slug(name, known)
        body = {"actor_id": actor, "name": name, "kind": given.get("kind") or _KIND}
        blank = dict.fromkeys(self.kept.tables["actors"].columns, "")
        self.actors[actor] = {**blank, **body, "side": given.get("side", "")}
        self.named_in[actor] = number
        self.added.actors.append(actor)
        return actor

    # what

    def _put_words(self, unit: Row) -> None:
        """Put words that a spreadsheet would run as a formula into quotation marks."""
        if unit.get(WORDS, "").startswith(FORMULA_SIGNS):
            unit[WORDS] = f"“{unit[WORDS]}”"
            remark = "Texts that a spreadsheet would run as a formula stand in quotation marks."
            if remark not in self.added.remarks:
                self.added.remarks.append(remark)

    def _text(self, source: str) -> FlatText | None:
        if source not in self._texts:
            text = self.project.text(source)
            self._texts[source] = None if text is None else FlatText(text)
        return self._texts[source]

    def _put_passage(self, number: int, given: Row, unit: Row) -> None:
        """Write where the words stand in the text of their source, and their fingerprint."""
        source = unit["source"].partition("[")[0]
        if not source or source not in self.project.sources:
            what = f"there is no such source in {BIBLIOGRAPHY}; {self._source_hint(source)}"
            self.problem(number, "source", source, what)
            return
        text = self._text(source)
        if text is None and unit["verified"] in _CHECKED_WITHOUT_TEXT:
            return
        if text is None:
            what = (
                f"its text is not here; put {source}.txt into texts/, or write once or twice into "
                "verified, for how often the words were checked against the source."
            )
            self.problem(number, "source", source, what)
            return
        column = "passage" if given.get("passage") else "quote"
        place = self._place(number, column, given, text)
        if place is None:
            return
        words = text.raw[slice(*place)]
        unit |= {"start": str(place[0]), "end": str(place[1]), "passage_sha256": fingerprint(words)}
        if column == "quote" and PIECE not in unit["quote"]:
            unit["quote"] = clean_cell(flat(words))  # as the source prints it
        elif lost := missing_pieces(words, unit["quote"]):
            what = "these words do not stand in the passage, or not in this order."
            self.problem(number, "quote", PIECE.join(lost), what)

    def _source_hint(self, source: str) -> str:
        """Say which source may be meant, or how the entry of a new one looks."""
        if not source:
            return "name the document."
        known = [name for name in self.project.sources if not is_made_up(name)]
        hint = did_you_mean(source, known)
        if hint.startswith("did you mean"):
            return hint
        parts = ["title = {…}", "date = {…}", "url = {…}"]
        if (text := self._text(source)) is not None:
            parts += [f"sha256 = {{{fingerprint(text.raw)}}}", f"length = {{{len(text.raw)}}}"]
        return f"add an entry:\n    @misc{{{source}, {', '.join(parts)}}}"

    def _place(self, number: int, column: str, given: Row, text: FlatText) -> Span | None:
        """Return the one place where the words of a row stand, or say why there is none."""
        words, occurrence = given.get(column, ""), given.get("occurrence", "")
        if not words:
            what = "give the words of the passage, or the quotation, to be found in the text."
            self.problem(number, "passage", "", what)
            return None
        places = text.find([piece.strip() for piece in words.split("|")])
        if not places:
            near = text.nearest(words)
            hint = f"nearest: {near!r}." if near else "nothing in it is like it."
            self.problem(number, column, words, f"does not stand in the text; {hint}")
            return None
        if not occurrence and len(places) == 1:
            return places[0]
        if occurrence.isdecimal() and 0 < int(occurrence) <= len(places):
            return places[int(occurrence) - 1]
        listed = [f"\n    {n}: {text.around(place)}" for n, place in enumerate(places, 1)]
        count = f"stands in {len(places)} places" if len(places) > 1 else "stands in one place"
        what = f"{count}; say which with occurrence (--occurrence 2):{''.join(listed)}"
        self.problem(number, column, words, what)
        return None

    # out

    def refuse(self) -> None:
        """Refuse everything if anything is wrong."""
        if not self.problems:
            return
        more = len(self.problems) - _MOST_SHOWN
        lines = [f"  {problem}" for problem in self.problems[:_MOST_SHOWN]]
        lines += [f"  … and {more} more."] if more > 0 else []
        raise StancepackError("\n".join(["nothing was added.", *lines]))

    def files(self) -> dict[str | Path, str | bytes]:
        """Return the files that have the new statements."""
        old = self.kept.rows(STATEMENTS)
        coded = {
            unit for coding_round in self.project.rounds.values() for unit in coding_round.units
        }
        made_up = [row["statement_id"] for row in old if is_made_up(row["statement_id"])]
        if coded & {*made_up}:
            remark = (
                f"{', '.join(made_up)} were coded and stay; remove their round to be rid of them."
            )
            self.added.remarks.append(remark)
            made_up = []
        self.added.removed = made_up
        self.added.statements = [unit["statement_id"] for unit in self.units]
        units = [*(row for row in old if row["statement_id"] not in made_up), *self.units]
        given = [column for unit in self.units for column in unit]
        columns = list(dict.fromkeys([*next(iter(old), {}), *self.table.columns, *given]))
        files: dict[str | Path, str | bytes] = {UNITS: _table_text(columns, units)}
        actors = self._actors_left(units)
        if actors != self.project.seeds["actors"]:
            columns = list(dict.fromkeys(column for row in actors for column in row))
            files[ACTORS] = _table_text(columns, actors)
        if made_up and "sources" in self.project.modules:
            bibliography = read_text(self.project.path(BIBLIOGRAPHY))
            files[BIBLIOGRAPHY] = _MADE_UP_ENTRY.sub("", bibliography)
        return files

    def _actors_left(self, units: list[Row]) -> list[Row]:
        speakers = {actor for unit in units for actor in actors_of(unit)}
        speakers |= {row["actor_id"] for row in self.project.seeds.get("offices", [])}
        return [
            row
            for row in self.kept.rows("actors")
            if row["actor_id"] in speakers or not is_made_up(row["actor_id"])
        ]


def _remove_made_up_text(project: Project) -> None:
    """Remove the text of the made-up source, unless somebody has written into it."""
    path = project.path(MADE_UP_TEXT)
    if path.is_file() and read_text(path) == TEXT:
        path.unlink()


_MADE_UP_ENTRY = re.compile(rf"\n?@misc\{{{MADE_UP}[^@]*?\n\}}\n")


def is_made_up(name: str) -> bool:
    """Tell whether an id is one of those that a new project has to be replaced."""
    return name.startswith(MADE_UP)


def known_ids(project: Project) -> set[str]:
    """Return every id of a statement that is or was in use, also retired ones and in rounds."""
    ids = {*project.units}
    ids |= {row["id"] for row in project.seeds.get("retired", []) if row["table"] == STATEMENTS}
    for coding_round in project.rounds.values():
        ids |= {*coding_round.units}
    return ids | {statement for _, statement, _ in project.ledger}


def _unused_ids(project: Project) -> Iterator[str]:
    """Go through ids that were never used, counting on from the last one."""
    used = known_ids(project)
    matches = [_ID.fullmatch(name) for name in used if not is_made_up(name)]
    numbered = [match for match in matches if match]
    last = max(numbered, key=lambda match: int(match["number"]), default=None)
    if last is None:
        last = _ID.fullmatch(_FIRST_ID)
        number = 0
    else:
        number = int(last["number"])
    if last is None:  # for the type checker
        return
    width = len(last["number"])
    while True:
        number += 1
        name = f"{last['stem']}{number:0{width}d}"
        if name not in used:
            yield name


def _unused_slug(name: str, known: Mapping[str, Row]) -> str:
    """Return an id made from a name, with a number if it is in use."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "actor"
    number, actor = 1, slug
    while actor in known:
        number += 1
        actor = f"{slug}-{number}"
    return actor


def _table_text(columns: list[str], rows: list[Row]) -> str:
    return csv_text(columns, ({**dict.fromkeys(columns, ""), **row} for row in rows))
