"""Everything that can be wrong with a project before anybody codes.

What the contract says of a column is applied to the files that are kept by hand as it will be to
the release; what a release would be found wrong in later, when codes are sealed, is found here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.columns import Field
from stancepack.dataset.dates import bounds, overlap
from stancepack.dataset.descriptor import Descriptor
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.passages import PIECE, missing_pieces
from stancepack.files.paths import DESCRIPTOR
from stancepack.files.tables import Row
from stancepack.project.cell_faults import cell_faults
from stancepack.project.coders import CODERS, coders_by_id
from stancepack.project.kept import STATEMENTS, KeptRows, KeptTable
from stancepack.project.offices import offices_held
from stancepack.project.reviewed import REVIEWED, read_reviewed
from stancepack.project.training import TRAINING
from stancepack.project.units import MERGE_NOTE, UNITS, actors_of, offsets, passage_text

if TYPE_CHECKING:
    from stancepack.project.project import Project

_NEAR = 0.8  # so much alike is a column that may be misspelt
_MOST_SHOWN = 20  # problems that a refusal lists


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a project: where it stands, what is wrong, and what to do.

    Parameters
    ----------
    file
        The file, relative to the project.
    row
        Its row as a spreadsheet counts them, and its id; empty where it is about the whole file.
    column, value
        The column and what stands there.
    message
        What is wrong, and what to do.
    """

    file: str
    row: str
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        where = ", ".join(part for part in (self.file, self.row, self.column) if part)
        shown = f" {self.value!r}" if self.value else ""
        return f"{where}{shown}: {self.message}" if where else self.message


def problems(project: Project) -> list[Problem]:
    """List everything that can be wrong with a project before anybody codes.

    Parameters
    ----------
    project
        The project.

    Returns
    -------
    list of Problem
        Nothing if all is well. Texts that are not at hand are listed too.

    Examples
    --------
    >>> import tempfile
    >>> from stancepack.project.checks import problems
    >>> from stancepack.project.new import new_project
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     problems(new_project(folder))
    []
    """
    found = _without_texts(project)
    for part in (_assignment_problems, _review_problems, _text_problems):
        found += _gathered(partial(part, project))
    return list(dict.fromkeys(found))


_READY: WeakSet[Project] = WeakSet()  # a project is read once, and looked through once


def require_ready(project: Project) -> None:
    """Refuse a project in which something is wrong that would spoil a round.

    Texts are left to those who need them: a round may hold no passage of a text that is not here.

    Raises
    ------
    StancepackError
        With everything that is wrong.
    """
    if project in _READY:
        return
    found = _without_texts(project)
    if not found:
        _READY.add(project)
        return
    more = len(found) - _MOST_SHOWN
    lines = [f"  {problem}" for problem in found[:_MOST_SHOWN]]
    if more > 0:
        lines.append(f"  … and {more} more; `stancepack check` lists all.")
    count = "one problem" if len(found) == 1 else f"{len(found)} problems"
    what = f"{count} to mend before anybody codes:"
    raise StancepackError("\n".join([f"{project.home}: {what}", *lines]))


def advice(project: Project) -> list[str]:
    """List what would help coders and readers, but keeps nobody from coding."""
    lines = _gaps(project.codebook)
    kept = KeptRows(project)
    for table in kept.tables.values():
        if table.name == "sources":
            continue
        for column in [*next(iter(kept.rows(table.name)), {})]:
            if column not in (*table.columns, MERGE_NOTE):
                near = get_close_matches(column, table.columns, n=1, cutoff=_NEAR)
                hint = f" did you mean {near[0]!r}? Or" if near else ""
                lines.append(
                    f"{table.file}: the column {column!r} is not declared and stays out of the "
                    f"release;{hint} declare it under columns in seeds/project.yaml to keep it."
                )
    roles = Counter(coder.get("role") for coder in kept.rows("coders"))
    if roles["coder"] > 1 and not roles["adjudicator"]:
        lines.append(f"{CODERS}: nobody is an adjudicator, to settle what the coders differ on.")
    return lines


def _gaps(book: Codebook) -> list[str]:
    """Say in a line for each code or rule what the codebook does not tell of it."""
    lacking: dict[str, list[str]] = {}
    for gap in book.gaps():
        entry, _, part = gap.partition(": no ")
        lacking.setdefault(entry, []).append(part)
    return [f"codebook: {entry}: no {', '.join(parts)}" for entry, parts in lacking.items()]


def _without_texts(project: Project) -> list[Problem]:
    found = _gathered(partial(_shape_problems, project))
    if found:  # nothing can be said of tables whose columns are not known
        return found
    kept = KeptRows(project)
    for table in kept.tables.values():
        found += _gathered(partial(_table_problems, kept, table))
    found += _gathered(partial(_coder_problems, kept))
    found += _gathered(partial(_principal_problems, kept))
    found += _gathered(partial(_training_problems, project))
    return list(dict.fromkeys(found))


def _gathered(part: Callable[[], Iterator[Problem]]) -> list[Problem]:
    """Collect the problems of a part of the check; one that stops the part is the last of them."""
    found: list[Problem] = []
    try:
        for problem in part():
            found.append(problem)
    except StancepackError as error:
        found.append(Problem("", "", "", "", str(error)))
    return found


def _table_problems(kept: KeptRows, table: KeptTable) -> Iterator[Problem]:
    yield from row_problems(kept, table, kept.rows(table.name))


# What the codebook and the project's settings say


def _shape_problems(project: Project) -> Iterator[Problem]:
    """Go through what is wrong with codebook and settings; another shape of either is an error."""
    book = project.codebook
    file = book.path.relative_to(project.home).as_posix()
    for text in book.problems():
        yield Problem(file, "", "", "", f"{text}; mend the codebook.")
    descriptor = Descriptor(project.declared, project.path(DESCRIPTOR))
    for name, rows in (("issues", [*_issue_rows(book)]), ("codes", [*_code_rows(book)])):
        fields = {field.name: field for field in descriptor.fields(name)}
        for column, field in fields.items():
            cells = {entry: str(row[column]) for entry, row in rows if column in row}
            faults = cell_faults(field, {*cells.values()})
            for entry, cell in cells.items():
                if cell in faults:
                    yield Problem(file, entry, column, cell, faults[cell])


def _issue_rows(book: Codebook) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in book.issues.items():
        yield name, {"issue_id": name, **entry}


def _code_rows(book: Codebook) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in book:
        for code, body in book[name]["codes"].items():
            yield f"{name} = {code}", {"variable": name, "code": code, **body}


# Rows of a kept table


def row_problems(kept: KeptRows, table: KeptTable, rows: list[Row]) -> Iterator[Problem]:
    """Go through what is wrong with rows of a kept table.

    Parameters
    ----------
    kept
        The kept tables that the rows point to.
    table
        The table that they belong to; its `file` is named in the messages.
    rows
        The rows, which need not be in the project yet.
    """
    if not rows:
        return
    for column in table.required:
        if column not in rows[0]:
            hint = did_you_mean(column, rows[0])
            yield Problem(table.file, "", column, "", f"the column is missing; {hint}")
    for field in table.fields:
        if field.name in rows[0]:
            yield from _column_problems(table, field, rows)
    yield from _key_problems(table, rows)
    yield from _reference_problems(kept, table, rows)
    if table.name == STATEMENTS:
        for number, row in enumerate(rows):
            yield from _unit_problems(kept, _at(table, rows, number), row)
    elif table.name == "offices":
        yield from _order_problems(table, rows)
    elif table.name == "retired":
        yield from _retired_problems(kept, table, rows)


Place = Callable[..., Problem]  # column, value, message → the problem in its row


def _at(table: KeptTable, rows: list[Row], number: int) -> Place:
    """Return what makes problems of one row."""
    name = ", ".join(rows[number].get(column, "") for column in table.key)
    row = name if table.name == "sources" else f"row {number + 2}" + (f" ({name})" if name else "")
    return lambda column, value, message: Problem(table.file, row, column, value, message)


def _column_problems(table: KeptTable, field: Field, rows: list[Row]) -> Iterator[Problem]:
    """Go through the cells of a column that break what the contract or the project says of it."""
    cells = {row[field.name] for row in rows}
    faults = cell_faults(field, cells, is_list=field.name in table.lists)
    for number, row in enumerate(rows):
        if field.name == "verified" and row.get("start"):
            continue  # a passage is checked by its offsets, as a build says in this column
        if row[field.name] in faults:
            cell = row[field.name]
            yield _at(table, rows, number)(field.name, cell, faults[cell])


def _key_problems(table: KeptTable, rows: list[Row]) -> Iterator[Problem]:
    unique = [(field.name,) for field in table.fields if field.constraints.get("unique")]
    for columns in dict.fromkeys([table.key, *unique]):
        if not {*columns} <= {*rows[0]}:
            continue
        first: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(rows):
            key = tuple(row[column] for column in columns)
            if any(key) and key in first:
                what = f"it stands in row {first[key] + 2} too; give each row its own."
                yield _at(table, rows, number)(", ".join(columns), ", ".join(key), what)
            first.setdefault(key, number)


def _reference_problems(kept: KeptRows, table: KeptTable, rows: list[Row]) -> Iterator[Problem]:
    """Go through the cells that point to rows, or cite documents or coders, that are not there."""
    for key in table.foreign_keys:
        yield from _dangling(kept, table, rows, key.fields[0], key.table, lambda cell: [cell])
    for column, target in table.lists.items():
        yield from _dangling(kept, table, rows, column, target, str.split)
    for (name, column), target in contract.marked("cites").items():
        if name == table.name and column in table.columns:
            yield from _dangling(kept, table, rows, column, target, _cited)


def _cited(cell: str) -> list[str]:
    """Return the keys of a cell that has key[place], several parted by semicolons."""
    return [part.partition("[")[0] for part in cell.split(";")]


def _dangling(
    kept: KeptRows,
    table: KeptTable,
    rows: list[Row],
    column: str,
    target: str,
    ids_of: Callable[[str], list[str]],
) -> Iterator[Problem]:
    known = kept.ids(target)
    if known is None:
        return
    if target == table.name:  # rows that are to be added may point to each other
        known = known | {row[table.key[0]]: row for row in rows}
    where = kept.tables[target].file if target in kept.tables else target
    hints: dict[str, str] = {}
    for number, row in enumerate(rows):
        for name in ids_of(row.get(column, "")):
            if name and name not in known:
                if name not in hints:
                    hint = did_you_mean(name, known)
                    hints[name] = f" {hint}" if hint.startswith("did you mean") else ""
                what = f"there is no {name!r} in {where}; add it there, or correct it.{hints[name]}"
                yield _at(table, rows, number)(column, row[column], what)


# What rows mean


def _unit_problems(kept: KeptRows, problem: Place, unit: Row) -> Iterator[Problem]:
    """Go through what a row of the unit list says that cannot be."""
    try:
        days = bounds(unit.get("date", ""))
    except StancepackError:  # said of its cell
        days = None
    if days is not None:
        yield from _office_problems(kept, problem, unit)
        event = (kept.ids("events") or {}).get(unit.get("event_id", ""))
        if (
            event is not None
            and _is_date(event["date"])
            and not overlap(unit["date"], event["date"])
        ):
            what = (
                f"the event was on {event['date']}, the statement on {unit['date']}; correct one."
            )
            yield problem("event_id", unit["event_id"], what)
    if unit.get("date_basis") == "inferred" and not unit.get("date_note"):
        yield problem("date_note", "", "the date is inferred; say how its bounds were argued.")
    try:
        span = offsets(unit)
    except StancepackError as error:
        yield problem("start", unit.get("start", ""), str(error).partition(": ")[2])
        return
    if "passages" in kept.project.modules:
        yield from _passage_problems(problem, unit, span)
    if unit.get("repeats") and unit["repeats"] == unit["statement_id"]:
        yield problem("repeats", unit["repeats"], "a statement cannot repeat itself.")


def _is_date(text: str) -> bool:
    try:
        bounds(text)
    except StancepackError:
        return False
    return True


def _office_problems(kept: KeptRows, problem: Place, unit: Row) -> Iterator[Problem]:
    offices = kept.ids("offices")
    if offices is None or not actors_of(unit):
        return
    actor, named = actors_of(unit)[0], unit.get("office_id", "")
    try:
        held = offices_held(offices.values(), actor, unit["date"])
    except StancepackError:  # said in the table of offices
        return
    if named in offices:
        if offices[named]["actor_id"] != actor:
            what = f"the office was held by {offices[named]['actor_id']}, the speaker is {actor}."
            yield problem("office_id", named, what)
        elif named not in held:
            yield problem("office_id", named, f"the office was not held on {unit['date']}.")
    elif not named and len(held) > 1:
        what = f"the speaker held {' and '.join(held)} on {unit['date']}; name the one meant."
        yield problem("office_id", "", what)
    elif not named and not held and any(row["actor_id"] == actor for row in offices.values()):
        what = f"{actor} has offices, but none on {unit['date']}; add the one then held."
        yield problem("office_id", "", what)


def _passage_problems(problem: Place, unit: Row, span: tuple[int, int] | None) -> Iterator[Problem]:
    stamp, verified = unit.get("passage_sha256", ""), unit.get("verified", "")
    if (span is None) != (not stamp):
        what = "start, end and passage_sha256 go together; `stancepack add` writes all three."
        yield problem("passage_sha256", stamp, what)
    if span is None and verified == "text":
        yield problem("verified", verified, "without offsets write twice or once.")
    if span is not None and verified not in ("", "text"):
        yield problem(
            "verified", verified, "a passage with offsets is checked by them; leave it empty."
        )
    if span is not None and not unit.get("source"):
        yield problem("source", "", "a passage needs the source in whose text it stands.")
    if span is None and not (unit.get("quote") or unit.get("text")):
        what = "neither a passage nor the speaker's own words; give one."
        yield problem("quote", "", what)


def _order_problems(table: KeptTable, rows: list[Row]) -> Iterator[Problem]:
    for number, row in enumerate(rows):
        start, end = row.get("start", ""), row.get("end", "")
        if _is_date(start) and _is_date(end) and bounds(start)[0] > bounds(end)[1]:
            yield _at(table, rows, number)("end", end, "the office ends before it begins.")


def _retired_problems(kept: KeptRows, table: KeptTable, rows: list[Row]) -> Iterator[Problem]:
    for number, row in enumerate(rows):
        used = kept.ids(row.get("table", ""))
        if used is not None and row["id"] in used:
            what = f"the retired id is in use in {kept.tables[row['table']].file}; give a new one."
            yield _at(table, rows, number)("id", row["id"], what)


def _coder_problems(kept: KeptRows) -> Iterator[Problem]:
    coders = kept.rows("coders")
    coders_by_id(coders)  # ids that cannot name a sheet
    if not any(coder.get("role") == "coder" for coder in coders):
        yield Problem(CODERS, "", "role", "", "nobody has the role coder; add who is to code.")


def _principal_problems(kept: KeptRows) -> Iterator[Problem]:
    actors = kept.ids("actors")
    for actor in kept.project.settings.content.get("principals", []):
        if actors is not None and actor not in actors:
            what = f"there is no such actor in seeds/actors.csv; {did_you_mean(actor, actors)}"
            yield Problem("seeds/project.yaml", "principals", "", actor, what)


def _training_problems(project: Project) -> Iterator[Problem]:
    """Go through answers of the training set that no coder could give."""
    training, book = project.training, project.codebook
    if training is None:
        return
    for item, body in training.items.items():
        for variable in body["answers"]:
            if variable not in book:
                hint = did_you_mean(variable, book)
                yield Problem(TRAINING, item, variable, "", f"is not in the codebook; {hint}")
        for variable in book:
            codes = book.codes(variable)
            wrong = [code for code in training.accepted(item, variable) if code not in codes]
            if wrong and variable not in body["answers"]:
                yield Problem(TRAINING, item, variable, "", "no answer; a variable needs one.")
            elif wrong:
                hint = f"codes: {', '.join(codes)}."
                yield Problem(TRAINING, item, variable, wrong[0], f"is not a code; {hint}")


def _review_problems(project: Project) -> Iterator[Problem]:
    """Go through what may have been written by hand into what says which codes were reviewed."""
    for (name, unit), row in read_reviewed(project).items():
        coding_round, who = project.rounds[name], row["adjudicator"]
        problem = partial(Problem, REVIEWED, f"{name}, {unit}")
        if unit not in coding_round.units:
            what = f"{name} has no such statement; {did_you_mean(unit, coding_round.units)}"
            yield problem("statement_id", unit, what)
        if project.coders.get(who, {}).get("role") != "adjudicator":
            what = f"nobody in {CODERS} is an adjudicator of this id; name who looked."
            yield problem("adjudicator", who, what)
        elif who in coding_round.sheets:
            yield problem("adjudicator", who, f"coded in {name}; somebody else must look.")
        if not _is_date(row["reviewed"]):
            yield problem("reviewed", row["reviewed"], "should be a day, such as 2026-11-30.")


def _assignment_problems(project: Project) -> Iterator[Problem]:
    """Go through those who are to code what was assigned to them, and cannot."""
    coders = [coder for coder, row in project.coders.items() if row["role"] == "coder"]
    for name, coding_round in project.rounds.items():
        for coder in coding_round.assigned_coders:
            if coder in coding_round.sheets or coder in coders:
                continue
            way_out = f"stancepack assign --round {name} --instead-of {coder} --coder ID"
            what = f"is to code in {name}; add the row, or give the place to another: `{way_out}`."
            yield Problem(CODERS, "", "coder_id", coder, what)


# Texts


def _text_problems(project: Project) -> Iterator[Problem]:
    """Go through texts that are not here, and passages that do not stand at their offsets."""
    if "passages" not in project.modules:
        return
    absent: Counter[str] = Counter()
    kept = KeptRows(project)
    rows = kept.rows(STATEMENTS)
    for number, unit in enumerate(rows):
        problem = _at(kept.tables[STATEMENTS], rows, number)
        try:
            span = offsets(unit)
            source = unit.get("source", "").partition("[")[0]
            if span is None or not source:
                continue
            if project.text(source) is None:
                absent[source] += 1
                continue
            text = passage_text(project, unit, *span)
        except StancepackError as error:
            yield problem("start", unit.get("start", ""), str(error).partition(": ")[2])
            continue
        if lost := missing_pieces(text[slice(*span)], unit.get("quote", "")):
            what = "these words do not stand in the passage, or not in this order."
            yield problem("quote", PIECE.join(lost), what)
    for source, count in absent.items():
        where = f"put {source}.txt into texts/, or into a folder that STANCEPACK_TEXTS names."
        what = f"the text is not here, and {count} passages stand in it; {where}"
        yield Problem(UNITS, "", "source", source, what)
