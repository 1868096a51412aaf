"""A package of somebody's tables: read, told what is what, checked, and declared by the contract.

What is not there stays away: no table, column, id or code is made up, but for three that follow
from what is there: the days that a date can mean, the ids of statements that have none (their
number), and the id of an actor or issue of whom only the name is given (the name).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.dates import bounds
from stancepack.dataset.declaration import PROFILE, resource_of
from stancepack.dataset.descriptor import MADE_FROM, TABLES, Descriptor
from stancepack.dataset.given_cells import day_of, fault, name_of, written
from stancepack.dataset.given_fields import check_keys, declared_table
from stancepack.dataset.given_scales import (
    CODES,
    WITH_POSITIONS,
    ScaleLike,
    codebook_of,
    position_of,
    scale_of,
)
from stancepack.dataset.scales import Scale
from stancepack.dataset.settings import Settings
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.paths import CODEBOOK, DESCRIPTOR
from stancepack.files.tables import clean_cell
from stancepack.reliability.codings import Codings
from stancepack.reliability.containers import any_frame, as_pandas, read_csv

Frames = dict[str, pd.DataFrame]


class ColumnNames(TypedDict, total=False):
    """What columns are called in the tables that are given; see `StancePackage.from_tables`."""

    actor_column: str
    date_column: str
    issue_column: str
    position_column: str
    statement_column: str
    side_column: str
    source_column: str
    quote_column: str
    coder_column: str
    round_column: str


_IDS = {  # columns of names that are ids where the table has no id beside them
    "actor": "actor_id",
    "issue": "issue_id",
    "statement": "statement_id",
    "coder": "coder_id",
}
_NO_VERSION = "0.0.0"  # which settings ask for, and the package does not say
_DERIVED = ("date_earliest", "date_latest")
_NEEDED = {  # columns that a table is of no use without, beside its key
    "positions": ("actor_id", "issue_id", "position"),
    "stances": ("statement_id", "issue_id", "position"),
    "codings": ("statement_id", "issue_id", "coder_id", "position"),
    "statement_codings": ("statement_id", "variable", "coder_id", "code"),
}


def read_tables(tables: Mapping[str, Any], columns: ColumnNames) -> Frames:
    """Read tables out of any container, with the columns under the names of the contract."""
    if not isinstance(tables, Mapping) or not tables:
        raise StancepackError(
            "from_tables takes a mapping of names to tables, such as "
            '{"positions": frame} or {"codings": frame, "statements": "statements.csv"}.'
        )
    for option in columns:
        if option not in ColumnNames.__annotations__:
            hint = did_you_mean(option, ColumnNames.__annotations__)
            raise StancepackError(f"from_tables has no option {option!r}; {hint}")
    frames = {name: _read(_table_name(name), data) for name, data in tables.items()}
    new_names = {str(own): option.removesuffix("_column") for option, own in columns.items()}
    _check_named(new_names, frames)
    return {name: _renamed(name, frame, new_names) for name, frame in frames.items()}


def _table_name(name: Any) -> str:
    """Return the name of a table; refuse one that is nearly one of the contract."""
    if isinstance(name, str) and name in contract.TABLES:
        return name
    if not isinstance(name, str) or not (name.isidentifier() and name.isascii() and name.islower()):
        what = "the name of a table should be small letters, digits and underscores"
        raise StancepackError(f"{name!r}: {what}; those of the contract are {_known()}.")
    for known in contract.TABLES:
        if name.rstrip("s") == known.rstrip("s"):
            raise StancepackError(f"there is no table {name!r}; did you mean {known!r}?")
    return name


def _known() -> str:
    return ", ".join(contract.TABLES)


def _read(name: str, data: Any) -> pd.DataFrame:
    """Return a table as a frame with the order that its columns declare."""
    try:
        frame = _frame(data)
    except StancepackError as error:
        raise StancepackError(f"{name}: {error}") from None
    named = [level for level in frame.index.names if level is not None]
    if named and not {*named} & {*frame.columns}:
        frame = frame.reset_index()
    frame = frame.reset_index(drop=True)
    if not len(frame.columns) or frame.columns.nlevels > 1:
        raise StancepackError(f"{name}: a table has columns with one name each.")
    names = [clean_cell(column) if isinstance(column, str) else "" for column in frame.columns]
    for column, given in zip(names, frame.columns, strict=True):
        if not column or names.count(column) > 1:
            what = "is no name" if not column else "is there twice"
            raise StancepackError(f"{name}: the column {given!r} {what}; rename it.")
    return frame.set_axis(names, axis=1)


def _frame(data: Any) -> pd.DataFrame:
    if isinstance(data, str | os.PathLike):
        return read_csv(Path(data))
    if isinstance(data, Codings):
        return data.frame
    frame = any_frame(data)
    if as_pandas(data) is not None or isinstance(data, list):
        return frame
    import narwhals as nw

    for column, kind in nw.from_native(data).lazy().collect_schema().items():
        if isinstance(kind, nw.Enum):
            frame[column] = pd.Categorical(frame[column], list(kind.categories), ordered=True)
    return frame


def _check_named(new_names: Mapping[str, str], frames: Frames) -> None:
    """Refuse a name of a column that no table has."""
    there = list(dict.fromkeys(str(column) for frame in frames.values() for column in frame))
    for own, name in new_names.items():
        if own not in there:
            hint = did_you_mean(own, there)
            raise StancepackError(f"{name}_column: no table has a column {own!r}; {hint}")


def _renamed(table: str, frame: pd.DataFrame, new_names: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame with the columns of the contract under their names."""
    frame = frame.rename(columns=new_names)
    columns = list(frame.columns)
    for column in columns:
        if columns.count(column) > 1:
            own = next(own for own, name in new_names.items() if name == column)
            what = f"{column}_column={own!r}, but there is a column {column!r} too"
            raise StancepackError(f"{table}: {what}; leave one out.")
    ids = {name: key for name, key in _IDS.items() if contract.has_column(table, key)}
    for name, key in ids.items():
        if name in columns and key not in columns:
            if contract.has_column(table, name):
                frame.insert(columns.index(name), key, frame[name])
            else:
                frame = frame.rename(columns={name: key})
    return frame


# ------------------------------------------------------------------------------------------------
# what follows from what is there


def completed(frames: Frames) -> Frames:
    """Return tables with ids as text, statements numbered, and the days that dates can mean."""
    completed = {name: _with_names(name, frame) for name, frame in frames.items()}
    if "positions" in completed:
        completed["positions"] = _numbered(completed["positions"])
    for name, frame in completed.items():
        _check_needed(name, frame)
    if "positions" in completed:
        _take_ids(completed, "actor", "actors", "name")
        _take_ids(completed, "issue", "issues", "title")
    return {name: _dated(name, frame) for name, frame in completed.items()}


def _with_names(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose ids, of its own rows and of others', are text in one line."""
    frame, ids = frame.copy(), _id_columns(table)
    for column in frame.columns:
        if column in ids:
            frame[column] = written(frame[column], name_of, table, column)
    return frame


def _id_columns(table: str) -> set[str]:
    """Return the columns of a table of the contract that hold ids; none of another table."""
    if table not in contract.TABLES:
        return set()
    declared = contract.table(table)
    foreign = [column for key in declared.get("foreignKeys", []) for column in key["fields"]]
    return {*declared["primaryKey"], *foreign}


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return positions with ids of statements; numbers where there are none."""
    if "statement_id" in frame:
        return frame
    width = len(str(len(frame)))
    ids = [f"S{number:0{width}}" for number in range(1, len(frame) + 1)]
    frame.insert(0, "statement_id", pd.Series(ids, dtype="str"))
    return frame


def _check_needed(table: str, frame: pd.DataFrame) -> None:
    """Refuse a table of the contract without a column that it is of no use without."""
    if table not in contract.TABLES:
        return
    for column in _NEEDED.get(table, contract.table(table)["primaryKey"]):
        if column not in frame:
            raise _no_column(table, column, [name for name in frame if name not in _DERIVED])
        if column in _id_columns(table):
            for row in frame.index[frame[column] == ""][:1]:
                raise fault(table, row, column, "is empty; every row has one.")


def _no_column(table: str, column: str, there: list[str]) -> StancepackError:
    hint = did_you_mean(column, there)
    near = f" ({hint})" if hint.startswith("did you mean") else ""
    option = f"{column.removesuffix('_id')}_column"
    named = f"name it with {option}='…', or " if option in ColumnNames.__annotations__ else ""
    return StancepackError(
        f"{table}: there is no column {column!r}{near}; {named}add it. "
        f"There are: {', '.join(there)}."
    )


def _take_ids(frames: Frames, name: str, target: str, title: str) -> None:
    """Give positions that name an actor or issue the id that the table of these has for it."""
    positions, known = frames["positions"], frames.get(target)
    key = _IDS[name]
    if known is None or title not in known or name not in positions:
        return
    ids_of: dict[str, list[str]] = {row: [row] for row in known[key]}
    for row, cell in zip(known[key], known[title], strict=True):
        if row != name_of(cell):
            ids_of.setdefault(name_of(cell), []).append(row)
    for row, cell in positions[key].items():
        if len(ids_of.get(cell, ())) > 1:
            what = f"{cell!r} can be {' or '.join(ids_of[cell])}; give the column {key}."
            raise fault("positions", row, name, what)
    ids = [ids_of.get(cell, [cell])[0] for cell in positions[key]]
    frames["positions"] = positions.assign(**{key: pd.Series(ids, positions.index, dtype="str")})


def _is_edtf(table: str, column: str) -> bool:
    """Tell whether a column has dates with their uncertainty, or copies one that has."""
    origin = contract.marked("copies").get((table, column), (table, column))
    return tuple(origin) in contract.marked("edtf")


def _dated(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its dates in EDTF, and the first and last day that they can mean."""
    for column in [name for name in frame if _is_edtf(table, name)]:
        frame[column] = written(frame[column], day_of, table, column)
    if not all(contract.has_column(table, column) for column in _DERIVED):
        return frame
    given = [column for column in _DERIVED if column in frame]
    if "date" not in frame:
        if len(given) < len(_DERIVED):
            return frame
        days = [written(frame[column], day_of, table, column) for column in _DERIVED]
        frame["date"] = [
            first if first == last else f"{first}/{last}" for first, last in zip(*days, strict=True)
        ]
    for row in frame.index[frame["date"] == ""]:
        what = "is empty; write what is known, such as 2007 or 2004/2009, or leave the row out."
        raise fault(table, row, "date", what)
    place = list(frame.columns).index("date") + 1
    for end, column in enumerate(_DERIVED):
        meant = [bounds(text)[end].isoformat() for text in frame["date"]]
        if column not in frame:
            frame.insert(place + end, column, pd.Series(meant, dtype="str"))
            continue
        days = written(frame[column], day_of, table, column)
        for row, (day, should) in enumerate(zip(days, meant, strict=True)):
            if day not in ("", should):
                what = f"{day!r}, but {frame['date'].iloc[row]} means {should}; leave it out."
                raise fault(table, row, column, what)
        frame[column] = meant
    return frame


# ------------------------------------------------------------------------------------------------
# positions


def with_codes(frames: Frames, book: Codebook | None) -> Frames:
    """Return tables whose positions are codes, as text, of the scale of their issue."""
    coded = dict(frames)
    for table in WITH_POSITIONS:
        if table in frames and book is not None:
            coded[table] = _coded(table, frames[table], book)
    return coded


def _coded(table: str, frame: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    coded = {name: pd.Series("", frame.index, dtype="str") for name in CODES if name in frame}
    for issue, rows in frame.groupby("issue_id", sort=False):
        try:
            scale = scale_of(book, str(issue))
        except StancepackError as error:
            raise fault(table, rows.index[0], "issue_id", error) from None
        for column, codes in coded.items():

            def write(cell: Any, scale: Scale = scale) -> str:
                return position_of(cell, scale)

            codes.loc[rows.index] = written(rows[column], write, table, column)
    return frame.assign(**coded)


# ------------------------------------------------------------------------------------------------
# the package


def made_of_tables(
    tables: Mapping[str, Any],
    scales: ScaleLike | Mapping[str, ScaleLike] | None,
    codebook: Any,
    about: Mapping[str, str],
    columns: ColumnNames,
) -> tuple[Descriptor, Frames, Codebook | None]:
    """Return descriptor, frames and codebook of a package; see `StancePackage.from_tables`."""
    settings = Settings({"version": _NO_VERSION, **about}, "from_tables")
    frames = completed(read_tables(tables, columns))
    book = _codebook(codebook, scales, frames)
    frames = with_codes(frames, book)
    declared, cells = {}, {}
    for name in frames:
        declared[name], cells[name] = declared_table(name, frames[name], book, settings)
    check_keys(declared, cells)
    content: dict[str, Any] = {"$schema": PROFILE, **about, MADE_FROM: TABLES}
    content |= {"codebook": CODEBOOK} if book else {}
    content["resources"] = [resource_of(name, table) for name, table in declared.items()]
    descriptor = Descriptor(content, Path(about["name"]) / DESCRIPTOR)
    typed = {name: descriptor.read_table(name, text) for name, text in cells.items()}
    return descriptor, typed, book


def _codebook(codebook: Any, scales: Any, frames: Frames) -> Codebook | None:
    """Return the codebook that is given, or that of the scales."""
    if codebook is None:
        return codebook_of(frames, scales)
    if scales is not None:
        raise StancepackError("a codebook has the scales: give codebook= or scales=, not both.")
    if isinstance(codebook, Codebook):
        return codebook
    if isinstance(codebook, str | os.PathLike):
        return Codebook.read(Path(codebook))
    return Codebook(codebook)
