"""What a rule of meaning is, and how rows are judged by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stancepack.dataset import contract
from stancepack.dataset.cells import first_rows, row_keys
from stancepack.errors import StancepackError
from stancepack.validation.findings import Check, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

Faults = Callable[[Check], Iterator[Fault]]
NOT_TABLES = ("codebook",)  # that a rule can need in good order


@dataclass(frozen=True)
class Rule:
    """A rule of meaning: what it needs in good order, its modules, and how it is checked.

    Rules of a release are on how a project words, codes and settles; the others hold in a package
    made of tables too, as far as it has the tables.
    """

    name: str
    asks: str
    needs: tuple[str, ...]
    modules: frozenset[str]
    faults: Faults
    of_release: bool = True

    def applies(self, check: Check) -> bool:
        """Tell whether the package is of a kind that the rule is for, and uses its modules."""
        if not check.descriptor.is_release and (self.of_release or self._absent(check)):
            return False
        return self.modules <= check.modules | {contract.CORE}

    def run(self, check: Check) -> None:
        """Add what is found wrong, or say why the rule was not checked."""
        dirty = [name for name in self.needs if check.dirty(name)]
        absent = [name for name in self._absent(check) if name not in dirty]
        if dirty or absent:
            why = f"{', '.join(dirty)} has findings"
            why = why if dirty else f"there is no table {', '.join(absent)}"
            check.not_checked.append(f"{self.name}: {why}")
            return
        try:
            check.add_all(self.name, list(self.faults(check)))
        except StancepackError as error:
            where = self.needs[0] if self.needs else ""
            fault = Fault(where, message=str(error), remedy="Mend what the message names.")
            check.add(self.name, fault)

    def _absent(self, check: Check) -> list[str]:
        """Return what the rule needs and the package has not."""
        there = {*check.text} if check.descriptor.is_release else {*check.descriptor.tables}
        there |= {*NOT_TABLES} if check.has_codebook else set()
        return [name for name in self.needs if name not in there]


REGISTERED: dict[str, Rule] = {}


def rule(
    name: str, asks: str, *needs: str, module: str = contract.CORE, of_release: bool = True
) -> Callable[[Faults], Faults]:
    """Register a rule: what it asks, and the tables that it needs in good order.

    It is run on packages that use the modules of these tables; a rule of a release on those alone
    that a project released.
    """
    modules = {contract.module_of(table) for table in needs if table not in NOT_TABLES} | {module}

    def register(faults: Faults) -> Faults:
        REGISTERED[name] = Rule(name, asks, needs, frozenset(modules), faults, of_release)
        return faults

    return register


class Verdict(NamedTuple):
    """What is wrong with a row: in which column, why, and what to do."""

    column: str
    message: str
    remedy: str


def judged_rows(
    check: Check,
    table: str,
    columns: Sequence[str],
    judge: Callable[..., Verdict | None],
    where: NDArray[np.bool_] | None = None,
) -> Iterator[Fault]:
    """Judge rows, all or those of a mask, by their cells; each combination of cells once."""
    text = check.text[table]
    if len(columns) == 1 and where is None:  # its distinct cells are known
        rows, places = np.arange(len(text)), text[columns[0]].cat.codes.to_numpy()
        cells = zip(text[columns[0]].cat.categories, strict=True)
    else:
        rows = np.arange(len(text)) if where is None else np.flatnonzero(where)
        first, places = first_rows(row_keys(text, columns)[rows])
        cells = zip(*(text[column].iloc[rows[first]] for column in columns), strict=True)
    verdicts = [judge(*row) for row in cells]
    is_wrong = np.array([verdict is not None for verdict in verdicts], dtype=bool)
    for number in np.flatnonzero(is_wrong[places]) if is_wrong.any() else ():
        verdict, row = verdicts[places[number]], int(rows[number])
        if verdict is not None:
            value = text[verdict.column].array[row]
            message, remedy = verdict.message, verdict.remedy
            yield Fault(table, row, verdict.column, value, message=message, remedy=remedy)


def present(check: Check, table: str, *columns: str) -> list[str]:
    """Return those of some columns that a table has."""
    return [column for column in columns if column in check.text[table]]
