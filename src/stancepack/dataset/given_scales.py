"""The scales of somebody's tables: as they are told, or as the type of a column declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.given_cells import is_missing, name_of
from stancepack.dataset.scales import NO, NOT_ADDRESSED, YES, Scale, code_as_written
from stancepack.errors import StancepackError, UnknownName, did_you_mean

ScaleLike = str | Scale | Sequence[Any]
WITH_POSITIONS = ("positions", "stances", "codings")  # the tables whose codes are of a scale
CODES = ("position", "coded_low", "coded_high")  # their columns
_VERSION = "1.0.0"  # of a codebook that has no history
_SHOWN = 7  # positions that a message lists


def codebook_of(
    tables: Mapping[str, pd.DataFrame], scales: ScaleLike | Mapping[str, ScaleLike] | None
) -> Codebook | None:
    """Return the instrument of some tables, or None if they have no positions and no scale is told.

    Parameters
    ----------
    tables
        Frames whose ids are text, and whose positions are as they were given.
    scales
        One for all issues or one for each: codes as `Scale.parse` reads them, a scale, or the codes
        in their order. None for the orders that the columns declare.

    Raises
    ------
    StancepackError
        If an issue has no scale.
    """
    positions = _positions_by_issue(tables)
    told: dict[str, ScaleLike] = {}
    if isinstance(scales, Mapping):
        told = {name_of(issue): scale for issue, scale in scales.items()}
    described = _described(tables.get("issues"))
    issues = list(described or dict.fromkeys([*positions, *told]))
    for issue in told:
        if issue not in issues:
            hint = did_you_mean(issue, issues)
            raise UnknownName(f"scales: the table of issues has no issue {issue!r}; {hint}")
    entries = {}
    for issue in issues:
        about = described.get(issue, {})
        level = about.get("level", "")
        given = told.get(issue) if isinstance(scales, Mapping) else scales
        if given is None:
            given = _declared(tables, issue, positions.get(issue, {}), told)
        entries[issue] = _entry(issue, _scale(given, issue, level), about)
    return Codebook({"version": _VERSION, "issues": entries}, "codebook") if entries else None


def _positions_by_issue(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, None]]:
    """Return the distinct positions on each issue, as they were given, for messages."""
    by_issue: dict[str, dict[str, None]] = {}
    for frame in (tables[table] for table in WITH_POSITIONS if table in tables):
        for issue, cell in zip(frame["issue_id"], frame["position"].astype(object), strict=True):
            known = by_issue.setdefault(issue, {})
            if not is_missing(cell):
                known[str(cell)] = None
    return by_issue


def _described(issues: pd.DataFrame | None) -> dict[str, dict[str, str]]:
    """Return what the table of issues says of each."""
    if issues is None:
        return {}
    rows = issues.astype(object).to_dict("records")
    return {
        row["issue_id"]: {column: name_of(cell) for column, cell in row.items()} for row in rows
    }


def _declared(
    tables: Mapping[str, pd.DataFrame],
    issue: str,
    positions: Mapping[str, None],
    told: Mapping[str, Any],
) -> list[Any]:
    """Return the codes in the order that a column of positions declares by its type."""
    for table in WITH_POSITIONS:
        kind = tables[table]["position"].dtype if table in tables else None
        if isinstance(kind, pd.CategoricalDtype) and kind.ordered:
            return list(kind.categories)
    near = did_you_mean(issue, told) if told else ""
    hint = f" ({near})" if near.startswith("did you mean") else ""
    there = f"; its positions are {', '.join([*positions][:_SHOWN])}" if positions else ""
    raise StancepackError(
        f"the issue {issue!r} has no scale{hint}{there}. Write "
        f'scales={{{issue!r}: "-2..2"}} with its codes from the lowest to the highest, or '
        'scales="oppose,neutral,favour" for all issues; for codes without an order, '
        'Scale.parse("a,b,c", level="nominal").'
    )


def _scale(given: Any, issue: str, level: str) -> Scale:
    """Return the scale that is told for an issue."""
    if isinstance(given, Scale):
        return replace(given, name=issue)
    how = {"level": level} if level else {}
    if isinstance(given, str):
        return Scale.parse(given, name=issue, **how)
    if not isinstance(given, Sequence | np.ndarray | pd.Index) or isinstance(given, bytes):
        raise StancepackError(
            f"the scale of {issue!r} is {given!r:.60}; write its codes, such as "
            '"-2..2", a Scale, or a list of codes from the lowest to the highest.'
        )
    return Scale.of_codes([_code(code) for code in given], name=issue, **how)


def _code(cell: Any) -> str:
    if isinstance(cell, bool | np.bool_):
        return YES if cell else NO
    return name_of(cell)


def _entry(issue: str, scale: Scale, about: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry of an issue in the codebook."""
    title = about.get("title") or issue
    entry: dict[str, Any] = {
        "title": title,
        "question": about.get("question") or f"What is the position on {title}?",
        "level": scale.level,
        "codes": {
            code: {
                part: text
                for part, text in (("label", scale.labels[rank]), ("definition", definition))
                if text
            }
            for rank, (code, definition) in enumerate(
                zip(scale.codes, scale.definitions, strict=True)
            )
        },
    }
    if about.get("scope"):
        entry["scope"] = about["scope"]
    if scale.neutral is not None:
        entry["neutral"] = scale.neutral
    poles = scale.poles or (about.get("low_pole"), about.get("high_pole"))
    return entry | ({"poles": list(poles)} if all(poles) else {})


def position_of(cell: Any, scale: Scale) -> str:
    """Return the code that a cell is on a scale; nothing where it is not addressed.

    Raises
    ------
    StancepackError
        If it is none of the codes.
    """
    code = code_as_written(_code(cell), [*scale.codes, NOT_ADDRESSED])
    return "" if code in ("", NOT_ADDRESSED) else scale.key(code)


def scale_of(book: Codebook, issue: str) -> Scale:
    """Return the scale of an issue of some row; refuse an issue that has none."""
    if issue not in book.issues:
        raise UnknownName(f"the issue {issue!r} has no scale; {did_you_mean(issue, book.issues)}")
    return book.scale(issue)
