"""What is wrong with the cells of a column that people fill, in words for them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from stancepack.dataset import contract
from stancepack.dataset.columns import Field
from stancepack.dataset.dates import bounds
from stancepack.dataset.schemas import broken_constraints
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.tables import clean_cell, is_formula
from stancepack.project.human_dates import date_hint

_KINDS = {"integer": "a whole number", "number": "a number", "date": "a day"}


def cell_faults(field: Field, cells: Iterable[str], *, is_list: bool = False) -> dict[str, str]:
    """Return the cells of a column that a release would be found wrong in, with what is wrong.

    Parameters
    ----------
    field
        The column as it is declared.
    cells
        Its cells, or the distinct ones.
    is_list
        Whether a cell may have several values, parted by spaces.
    """
    faults: dict[str, str] = {}
    sound = []
    for cell in dict.fromkeys(cells):
        if cell in field.missing:
            if field.constraints.get("required"):
                faults[cell] = "the cell is empty; every row needs one."
        elif fault := _text_fault(field, cell) or _date_fault(field, cell):
            faults[cell] = fault
        else:
            sound.append(cell)
    values = {cell: cell.split() if is_list else [cell] for cell in sound}
    broken = _broken_tests(field, [value for parts in values.values() for value in parts])
    for cell, parts in values.items():
        tests = [broken[part] for part in parts if part in broken]
        if tests:
            faults[cell] = _in_words(field, tests[0], cell)
    return faults


def _text_fault(field: Field, text: str) -> str:
    if field.type != "string":
        return ""
    if (clean := clean_cell(text)) != text:
        what = "characters that nobody sees, doubled spaces, or spaces at an end"
        return f"{what}; write {clean!r}."
    if is_formula(text):
        what = "a spreadsheet would run this cell as a formula"
        return f"{what}; begin with another character, such as a quotation mark."
    return ""


def _date_fault(field: Field, text: str) -> str:
    if (field.table, field.name) not in contract.marked("edtf"):
        return ""
    try:
        bounds(text)
    except StancepackError as error:
        reason = str(error).partition(";")[0].removeprefix(repr(text)).lstrip(": ")
        return f"{reason.removeprefix('is ')}; {date_hint(text)}"
    return ""


def _broken_tests(field: Field, values: list[str]) -> dict[str, str]:
    """Return the values that break a constraint of their column, with the name of the first one."""
    distinct = [*dict.fromkeys(values)]
    broken = broken_constraints(field, pd.Series(distinct, dtype="str"))
    return {value: name for value, name in zip(distinct, broken, strict=True) if name}


def _in_words(field: Field, test: str, cell: str) -> str:
    """Say which constraint of its column a cell breaks, and what would do."""
    limit, example = field.constraints.get(test), field.body.get("example")
    like = f", such as {example}" if example not in (None, "") else ""
    match test:
        case "type":
            words = [*field.body.get("trueValues", []), *field.body.get("falseValues", [])]
            return f"should be {_KINDS.get(field.type) or ' or '.join(map(str, words))}{like}."
        case "enum":
            return f"not one of the codes; {did_you_mean(cell, map(str, field.categories))}"
        case "pattern" if field.name.endswith("_id"):
            signs = "letters, digits, hyphens, dots and underscores"
            several = field.name == "actor_id" and " " in cell
            more = " For several speakers add joint to the modules in seeds/project.yaml."
            return f"an id should be {signs}{like}.{more if several else ''}"
        case "minimum" | "maximum":
            return f"should be {'at least' if test == 'minimum' else 'at most'} {limit}."
        case "minLength" | "maxLength":
            at = "at least" if test == "minLength" else "at most"
            return f"should have {at} {limit} characters."
        case _:
            return f"does not have the form of this column{like}."
