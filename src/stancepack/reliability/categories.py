"""The codes themselves: numbers whatever holds them, names and their order, sets of labels.

Only distinct codes come here, so that care costs nothing with many units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.arguments import listed
from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancepack.reliability.counts import Floats, Integers

PARTS = "|"  # what parts the labels of a set written as text, unless another sign is named
SETS = (frozenset, set, list, tuple, np.ndarray)
SHOWN = 5  # codes that a message names
_LARGEST = 1e100  # a number whose square, and sums of it, are still numbers
_FEW = 5_000  # cells, up to which sorting finds the distinct ones sooner than hashing
_EXACT = 2**53  # whole numbers up to which a float is exact
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_SAME_NUMBER = re.compile(r"^[+-]?0*|\.0*$")  # a sign and noughts at first, a fraction of noughts
_MINUSES = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-"))


@dataclass(frozen=True, eq=False)
class Categories(Sequence[Any]):
    """The codes that were or could have been used, in their order.

    Parameters
    ----------
    codes
        Numbers, names, truth values or frozensets of labels.
    numbers
        A number for each code: itself, or its rank if not all are numbers.
    is_numeric, is_ordered, has_sets
        Whether all are numbers; whether their order is known (numbers, a declared order, or two
        codes at most, where it cannot matter); whether they are sets of labels.
    are_given
        Whether they are those of a type or of the caller, used or not.
    parts
        The sign that parted labels when they were read.
    """

    codes: Sequence[Any]
    numbers: Floats
    is_numeric: bool
    is_ordered: bool
    has_sets: bool = False
    are_given: bool = False
    parts: str | None = PARTS

    @classmethod
    def of(
        cls, codes: Sequence[Any], *, is_ordered: bool = False, are_given: bool = False
    ) -> Categories:
        """Make categories of plain codes in their order."""
        is_numeric = all(is_number(code) for code in codes)
        has_sets = _has_sets(codes)
        numbers = np.array(codes if is_numeric else range(1, len(codes) + 1), dtype=float)
        is_known = is_numeric or is_ordered or (len(codes) <= 2 and not has_sets)
        return cls(codes, numbers, is_numeric, is_known, has_sets, are_given)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rank: Any) -> Any:
        code = self.codes[rank]
        return code.item() if isinstance(code, np.generic) else code

    def __iter__(self) -> Iterator[Any]:
        return iter(self.codes.tolist() if isinstance(self.codes, np.ndarray) else self.codes)

    @property
    def strays(self) -> list[Any]:
        """The names among numbers that outnumber them: hardly codes of the same scale."""
        if self.is_numeric:
            return []
        names = [code for code in self.codes if not is_number(plain_code(code, None))]
        return names if 2 * len(names) < len(self.codes) and not self.has_sets else []

    def shown(self) -> str:
        """Name the first codes, for messages."""
        names = ", ".join(repr(code) for code in list(self)[:SHOWN])
        return f"{names} …" if len(self) > SHOWN else names

    def take(self, ranks: Any) -> Categories:
        """Return some of the categories; what is known of the order stays known."""
        codes = self.codes[ranks] if isinstance(self.codes, np.ndarray) else None
        if codes is None:
            codes = [self.codes[rank] for rank in ranks]
        numbers = self.numbers[ranks]
        return replace(self, codes=codes, numbers=numbers, are_given=False)


@dataclass(frozen=True)
class CodeReading:
    """How cells become codes: what stands for none, the declared codes, and what parts labels.

    Parameters
    ----------
    missing, order, parts
        As for `stancepack.codings`.
    """

    missing: Any = None
    order: Iterable[Any] | None = None
    parts: str | None = PARTS

    def __post_init__(self) -> None:
        """Refuse options that cannot be read."""
        if self.parts is not None and (not isinstance(self.parts, str) or not self.parts.strip()):
            raise StancepackError(
                f"parts is {self.parts!r}; it is the sign between the labels of a cell, or None."
            )
        object.__setattr__(self, "missing", self._marks())
        if self.order is not None:
            object.__setattr__(self, "order", self._declared_order())

    def _marks(self) -> frozenset[Any]:
        given = self.missing
        several = isinstance(given, Iterable) and not isinstance(given, str | bytes | frozenset)
        marks = [
            plain_code(mark, None) for mark in (listed("missing", given) if several else [given])
        ]
        return frozenset(_key(mark) for mark in marks if mark is not None)

    def _declared_order(self) -> tuple[Any, ...]:
        if not isinstance(self.order, Iterable) or isinstance(self.order, str | bytes):
            raise StancepackError(
                f"order is {self.order!r}; it lists all codes, from the lowest to the highest."
            )
        codes = [plain_code(code, self.parts) for code in listed("order", self.order)]
        if None in codes or len({_key(code) for code in codes}) < len(codes):
            raise StancepackError(f"order names a code twice, or no code: {codes!r}.")
        for code in codes:
            if _key(code) in self.missing:
                raise StancepackError(f"{code!r} cannot both be a code of order and be missing.")
        return tuple(codes)


@dataclass(frozen=True)
class Declared:
    """The codes that a column's type declares, used or not."""

    codes: Sequence[Any]
    is_ordered: bool


def is_number(code: Any) -> bool:
    """Return whether a code is a number; a truth value is none."""
    return isinstance(code, int | float | np.number) and not isinstance(code, bool | np.bool_)


def plain_code(cell: Any, parts: str | None = PARTS) -> Any:
    """Return what a cell says: a number, a name, a truth value or a set; None if it says nothing.

    Examples
    --------
    >>> [plain_code(cell) for cell in ("−2", " 1.0 ", Decimal("0.5"), "yes", "a|a", "", None)]
    [-2, 1, 0.5, 'yes', frozenset({'a'}), None, None]
    """
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, str):
        return _of_text(cell.strip(), parts)
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | float | Decimal | Fraction | np.integer | np.floating):
        return _of_number(cell)
    if isinstance(cell, SETS):
        return _of_labels(cell)
    raise StancepackError(
        f"{cell!r} is of the type {type(cell).__name__}; a code is a number, a text, True or "
        "False, or a set of labels."
    )


def _of_text(text: str, parts: str | None) -> Any:
    if parts and parts in text:
        return _of_labels(text.split(parts))
    number = text.translate(_MINUSES)
    if _NUMBER.fullmatch(number):
        return _of_number(int(number) if number.lstrip("+-").isdecimal() else float(number))
    return str(text) or None


def _of_number(number: Any) -> Any:
    if isinstance(number, Decimal) and number.is_nan():
        return None
    try:
        value = float(number)
    except OverflowError:
        value = float("inf")
    if value != value:
        return None
    if not abs(value) <= _LARGEST:
        kind = "infinite" if abs(value) == float("inf") else "too large to be reckoned with"
        raise StancepackError(
            f"a code is {kind} ({number!r}); a code is a finite number or a name."
        )
    if isinstance(number, int | np.integer):
        return int(number)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _of_labels(cell: Any) -> frozenset[Any]:
    labels = []
    for label in np.ravel(cell).tolist() if isinstance(cell, np.ndarray) else cell:
        if isinstance(label, SETS):
            raise StancepackError(f"{cell!r} holds a list in a list; a set holds labels.")
        labels.append(plain_code(label, None))
    return frozenset(label for label in labels if label is not None)


def _key(code: Any) -> tuple[bool, Any]:
    return isinstance(code, bool), code  # True is no 1


def _sortable(code: Any) -> tuple[int, Any, str]:
    if is_number(code):
        return 0, code, ""
    text = str(sorted(map(str, code))) if isinstance(code, frozenset) else str(code)
    return 1, 0, f"{type(code).__name__} {text}"


# ------------------------------------------------------------------------------------------------
# columns


def factorized(values: Any) -> tuple[Integers, Any, Declared | None]:
    """Return the number of the distinct cell in each cell (−1 for none), these, and the type's.

    Parameters
    ----------
    values
        A series, or an array of one dimension.
    """
    if isinstance(values, np.ndarray):
        if values.dtype.kind in "iuf" and len(values) < _FEW:
            distinct, numbers = np.unique(values, return_inverse=True)
            return numbers, distinct, None
        if values.dtype.kind in "iufb":
            numbers, distinct = pd.factorize(values)
            return numbers, distinct, None
        values = pd.Series(values, dtype=object)
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.categories.tolist()
        declared = Declared(codes, bool(values.cat.ordered))
        return values.cat.codes.to_numpy().astype(np.int64), codes, declared
    if values.dtype == object:
        return *_factorized_objects(values), None
    try:
        numbers, uniques = pd.factorize(values)
    except (TypeError, NotImplementedError, ValueError):  # lists of Arrow, say
        return *_factorized_objects(values.astype(object)), None
    array = uniques.to_numpy()
    if array.dtype.kind in "iuf":
        return numbers, array, None
    return numbers, uniques.tolist(), None


# kinds of cells that pandas tells apart as we do
_ALIKE = ("string", "integer", "floating", "mixed-integer-float", "decimal", "boolean", "empty")


def _factorized_objects(values: pd.Series[Any]) -> tuple[Integers, list[Any]]:
    """Give numbers to cells of any kind; a set counts as its labels, and True is no 1."""
    if pd.api.types.infer_dtype(values, skipna=True) in _ALIKE:
        numbers, uniques = pd.factorize(values)
        return numbers, uniques.tolist()
    known: dict[Any, int] = {}
    distinct: list[Any] = []
    numbers = np.full(len(values), -1, dtype=np.int64)
    for row, cell in enumerate(values):
        code = _of_labels(cell) if isinstance(cell, SETS) else cell
        if not isinstance(code, frozenset) and plain_code(code) is None:
            continue
        if _key(code) not in known:
            known[_key(code)] = len(distinct)
            distinct.append(code)
        numbers[row] = known[_key(code)]
    return numbers, distinct


def ranked(distinct: Any, declared: Declared | None, how: CodeReading) -> tuple[Any, Categories]:
    """Return the rank of each distinct cell among the categories, −1 where it stands for none.

    Parameters
    ----------
    distinct
        Distinct cells, as a list or an array.
    declared
        The codes that the column's type declares.
    how
        What stands for no code, and the order.
    """
    if isinstance(distinct, np.ndarray) and distinct.dtype.kind in "iuf" and how.order is None:
        return _ranked_numbers(distinct, how)
    cells = distinct.tolist() if isinstance(distinct, np.ndarray) else distinct
    codes = [plain_code(cell, how.parts) for cell in cells]
    codes = [None if code is None or _key(code) in how.missing else code for code in codes]
    used = list({_key(code): code for code in codes if code is not None}.values())
    _refuse_numbers_that_may_be_names(cells, codes)
    if any(isinstance(code, frozenset) for code in used):
        codes = [code if code is None else as_set(code) for code in codes]
        used = list({code: code for code in codes if code is not None})
    categories = replace(_in_order(used, declared, how), parts=how.parts)
    rank_of = {_key(code): rank for rank, code in enumerate(categories)}
    ranks = [-1 if code is None else rank_of[_key(code)] for code in codes]
    if any(
        isinstance(cell, str) and is_number(code) for cell, code in zip(cells, codes, strict=True)
    ):
        categories = _with_numbers_as_names(categories)
    return np.asarray(ranks, dtype=np.int64), categories


def _with_numbers_as_names(categories: Categories) -> Categories:
    """Return categories of which some are names with the others as the text that they were."""
    if categories.is_numeric or categories.has_sets:
        return categories
    names = [str(code) if is_number(code) else code for code in categories]
    return replace(categories, codes=names)


def as_set(code: Any) -> frozenset[Any]:
    """Return a code as a set of labels: of itself alone, if it is none."""
    return code if isinstance(code, frozenset) else frozenset([code])


def _ranked_numbers(distinct: NDArray[Any], how: CodeReading) -> tuple[Any, Categories]:
    """Rank numbers of an array without a look at each of them."""
    is_float = distinct.dtype.kind == "f"
    gone = np.isnan(distinct) if is_float else np.zeros(len(distinct), dtype=bool)
    for is_truth, mark in how.missing:
        if not is_truth and is_number(mark):
            gone |= distinct == mark
    given = distinct[~gone]
    if is_float and len(given):
        largest = float(np.abs(given).max())
        if not largest <= _LARGEST:
            _of_number(largest)
        if largest < _EXACT and (given == np.floor(given)).all():
            given = given.astype(np.int64)
    in_order = np.argsort(given)
    ranks = np.full(len(distinct), -1, dtype=np.int64)
    ranks[np.flatnonzero(~gone)[in_order]] = np.arange(len(given))
    codes = given[in_order]
    return ranks, Categories(codes, codes.astype(float), is_numeric=True, is_ordered=True)


def _in_order(used: list[Any], declared: Declared | None, how: CodeReading) -> Categories:
    """Return the codes in the order that is asked for, that of their type, or of numbers."""
    if how.order is not None:
        listed = [as_set(code) for code in how.order] if _has_sets(used) else list(how.order)
        known = {_key(code) for code in listed}
        for code in used:
            if _key(code) not in known:
                raise StancepackError(
                    f"the code {code!r} is not among those of order=; "
                    f"{did_you_mean(str(code), map(str, listed))}"
                )
        return Categories.of(listed, is_ordered=True, are_given=True)
    if declared is None:
        return Categories.of(sorted(used, key=_sortable))
    codes = [plain_code(code, how.parts) for code in declared.codes]
    codes = [code for code in codes if code is not None and _key(code) not in how.missing]
    if _has_sets(codes):
        codes = [as_set(code) for code in codes]
    codes = list({_key(code): code for code in codes}.values())
    are_numbers = all(is_number(code) for code in codes)
    if are_numbers or not declared.is_ordered:
        codes = sorted(codes, key=_sortable)
    return Categories.of(codes, is_ordered=declared.is_ordered, are_given=True)


def _has_sets(codes: Iterable[Any]) -> bool:
    return any(isinstance(code, frozenset) for code in codes)


def _refuse_numbers_that_may_be_names(cells: Sequence[Any], codes: Sequence[Any]) -> None:
    """Refuse "1.1" beside "1.10": the same number, but hardly the same name."""
    texts: dict[Any, str] = {}
    for cell, code in zip(cells, codes, strict=True):
        if not (isinstance(cell, str) and is_number(code)):
            continue
        text = _SAME_NUMBER.sub("", cell.strip().translate(_MINUSES))
        if texts.setdefault(code, text) != text:
            raise StancepackError(
                f"the codes {cell!r} and another one are the same number, {code!r}, written in two "
                "ways. If they are numbers write them alike, if names put a letter before them."
            )
