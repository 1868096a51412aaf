"""Two closed unit lists become units of the project: matched, decided with a reason, added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import yaml_text
from stancepack.files.passages import fingerprint
from stancepack.files.tables import Row, clean_cell, csv_text
from stancepack.project.adding import SEVERAL, Added, put_statements
from stancepack.project.coders import CODERS
from stancepack.project.kept import STATEMENTS, SYSTEMS, KeptRows, KeptTable
from stancepack.project.matching import Mark, marks_of, matched
from stancepack.project.project import UNITISING, Project
from stancepack.project.unitising import (
    Unitising,
    plain_unit,
    read_unitising,
    refuse_all,
    speakers_of,
    text_order,
    unit_problems,
)
from stancepack.project.units import MERGE_NOTE, UNITS
from stancepack.reliability.spans import unitising_alpha

MARKED = ("source", "start", "end", "speaker", "quote", "systems")  # all but wordings of our own
CHOICES = ("first", "second", "both", "other", "none")
SIDES = {"first": "left", "second": "right", "other": "other"}  # as a page shows the lists
DECISION_COLUMNS = ["pair", "first", "second", "choice", "reason"]
PLACE = "place"  # what is written beside the source: page, paragraph
OF_NEW_ACTORS = ("kind", "side")
_ROLES = ("adjudicator", "unitiser")  # who merges settles, or marks units, only not these
# columns of the unit list that the lists give, or that a merge computes
_NOT_ASKED = {
    *("statement_id", "actor_id", "source", "start", "end", "passage_sha256", "verified"),
    *("quote", "proposition", "systems", "unitised", MERGE_NOTE),
}


@dataclass(frozen=True)
class Pair:
    """What the two lists have of one thing: a unit each, or a unit that only one of them has.

    Attributes
    ----------
    name
        The numbers of the units, such as ``3+4`` or ``3+``.
    first, second
        The units; None where a list has none.
    """

    name: str
    first: Row | None
    second: Row | None

    @property
    def choices(self) -> list[str]:
        """What may be decided of it."""
        given = {"first": self.first, "second": self.second, "both": self.first and self.second}
        return [choice for choice in CHOICES if given.get(choice, True)]

    @property
    def is_agreed(self) -> bool:
        """Whether both marked the same words as the same speaker's; wordings may differ."""
        first, second = self.first or {}, self.second or {}
        return all(first.get(column) == second.get(column) for column in MARKED)

    @property
    def head(self) -> Row:
        """The unit that stands for the pair: of the first list, where that has one."""
        return self.first or self.second or {}

    def units(self, choice: str) -> dict[str, Row]:
        """Return the units that a choice takes, by the side that they come from."""
        sides = ["first", "second"] if choice == "both" else [choice]
        own = {"first": self.first, "second": self.second}
        own["other"] = self.head  # what another span starts from
        return {side: unit for side in sides if (unit := own.get(side)) is not None}


@dataclass(frozen=True)
class Decision:
    """What was decided of a pair.

    Attributes
    ----------
    choice
        One of `CHOICES`.
    reason
        Why.
    units
        The units that come of it, by side: ``source``, ``start``, ``end``, `GIVEN_COLUMNS`, and
        other columns of the unit list.
    """

    choice: str
    reason: str = ""
    units: Mapping[str, Row] = field(default_factory=dict)


class Merge:
    """Two closed lists on their way into the unit list.

    Parameters
    ----------
    project
        The project.
    name
        Name of the round of unitising.
    merger
        Id of who merges: an adjudicator or a unitiser, but neither of the two.

    Raises
    ------
    StancepackError
        If somebody else must do it, a list is not closed yet, or they are merged already.
    """

    def __init__(self, project: Project, name: str, merger: str) -> None:
        self.project, self.merger = project, merger
        self.unitising = read_unitising(project, name)
        _require_merger(self.unitising, merger)
        # in an order that does not tell who is who, the same everywhere
        self.unitisers = sorted(self.unitising.lists, key=lambda who: fingerprint(f"{name}/{who}"))
        first, second = (self.unitising.rows(unitiser) for unitiser in self.unitisers)
        self.first, self.second = first, second
        self.pairs = {pair.name: pair for pair in self._pairs()}

    def _pairs(self) -> Iterator[Pair]:
        """Go through pairs, and units without a counterpart, as they stand in the texts."""
        where = self.unitising.folder
        second_of = {
            self.first[i]["n"]: self.second[j]
            for i, j, _ in matched(marks_of(self.first, where), marks_of(self.second, where))
        }
        taken = [row["n"] for row in second_of.values()]
        pairs = [Pair(f"{row['n']}+", row, None) for row in self.first if row["n"] not in second_of]
        pairs += [Pair(f"+{row['n']}", None, row) for row in self.second if row["n"] not in taken]
        for row in self.first:
            if other := second_of.get(row["n"]):
                pairs.append(Pair(f"{row['n']}+{other['n']}", row, other))
        order = text_order(self.unitising)
        yield from sorted(pairs, key=lambda pair: order(pair.head))

    @cached_property
    def asked(self) -> list[str]:
        """The columns of the unit list that a merge asks for, beside those of the lists."""
        columns = [
            column for column in self._tables[STATEMENTS].columns if column not in _NOT_ASKED
        ]
        return [PLACE, *columns, *OF_NEW_ACTORS]

    @property
    def required(self) -> list[str]:
        """Those of them that no statement may leave empty."""
        return [column for column in self.asked if column in self._tables[STATEMENTS].required]

    @cached_property
    def _tables(self) -> dict[str, KeptTable]:
        return KeptRows(self.project).tables

    @property
    def agreement(self) -> ListAgreement:
        """How far the two lists agree."""
        marks = [marks_of(rows, self.unitising.folder) for rows in (self.first, self.second)]
        return list_agreement(self.unitising, *marks)

    @property
    def sha256(self) -> str:
        """The fingerprint of the lists that are merged."""
        lists = self.unitising.lists
        return fingerprint("".join(lists[who]["sha256"] for who in sorted(lists)))

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each pair, counted from 1 as they stand in the texts."""
        return {name: number for number, name in enumerate(self.pairs, 1)}

    def problems(self, name: str, decision: Decision) -> Iterator[str]:
        """Go through what a decision on a pair lacks, or has and cannot have."""
        pair = self.pairs[name]
        if not decision.choice:
            yield "not decided."
            return
        takes_one = decision.choice in ("first", "second")
        is_plain = pair.is_agreed and takes_one and self._is_as_it_came(pair, decision)
        if not decision.reason.strip() and not is_plain:
            yield "give the reason."
        for side, unit in decision.units.items():
            found = [*unit_problems(self.unitising, plain_unit(self.project, unit))]
            if lacking := [column for column in self._required_of(unit) if not unit.get(column)]:
                found.append(f"missing: {', '.join(lacking)}.")
            for problem in found:
                yield f"{SIDES[side]}: {problem}" if len(decision.units) > 1 else problem

    def _required_of(self, unit: Row) -> list[str]:
        """Return what a unit must have; of a new speaker also a side, where the project has any."""
        speakers = speakers_of(self.project, unit["speaker"])
        if all(name in self.project.actors for name in speakers):
            return self.required
        has_sides = "side" in self._tables["actors"].required
        return [*self.required, "side"] if has_sides else self.required

    def _is_as_it_came(self, pair: Pair, decision: Decision) -> bool:
        """Tell whether the marked words are as the list has them that is taken."""
        return all(
            plain_unit(self.project, decision.units[side])[column] == unit[column]
            for side, unit in pair.units(decision.choice).items()
            for column in MARKED
        )

    def close(self, decisions: Mapping[str, Decision]) -> str:
        """Add what was decided to the unit list, all or none; return what was done, in lines.

        Raises
        ------
        StancepackError
            With everything that is wrong. Nothing is written then.
        """
        faults = [
            f"unit {number}: {problem}"
            for name, number in self.numbers.items()
            for problem in self.problems(name, decisions.get(name, Decision("")))
        ]
        refuse_all(f"{self.unitising.folder}: the lists are not merged.", faults)
        with self.project.locked() as fresh:
            again = Merge(fresh, self.unitising.name, self.merger)
            return str(again.put(decisions))

    def put(self, decisions: Mapping[str, Decision]) -> Added | str:
        """Write the units, and what was decided, into the project, which is locked."""
        rows, names = [], []
        for name, number in self.numbers.items():
            for side, unit in decisions[name].units.items():
                rows.append(self._statement(name, side, decisions[name], unit))
                is_of_two = len(decisions[name].units) > 1
                names.append(f"unit {number}, {SIDES[side]}" if is_of_two else f"unit {number}")
        text = csv_text(DECISION_COLUMNS, self._decided(decisions))
        file = decisions_file(self.unitising.name, self.merger)
        today = date.today().isoformat()
        merged = {"by": self.merger, "sha256": fingerprint(text), "sealed": today}
        manifest = self.unitising.manifest | {"merged": merged}
        files: dict[str | Path, str | bytes] = {
            file: text,
            self.unitising.manifest_file: yaml_text(manifest),
        }
        if not rows:
            self.project.write(files)
            return f"Merged {self.unitising.folder}: no unit was taken."
        return put_statements(self.project, rows, new_actors=True, names=names, files=files)

    def _statement(self, name: str, side: str, decision: Decision, unit: Row) -> Row:
        """Return a unit as a row that is added to the unit list."""
        plain = plain_unit(self.project, unit)
        source, start, end = (plain[column] for column in ("source", "start", "end"))
        passage = self.unitising.texts[source][int(start) : int(end)]
        place = clean_cell(unit.get(PLACE, ""))
        columns = {*self.asked} - {PLACE}
        asked = {column: cell for column, cell in unit.items() if column in columns}
        row = asked | {
            "actor": f"{SEVERAL} ".join(speakers_of(self.project, plain["speaker"])),
            "source": f"{source}[{place}]" if place else source,
            "start": start,
            "end": end,
            "passage_sha256": fingerprint(passage),
            "quote": plain["quote"],
            "proposition": plain["proposition"],
            "unitised": self._cited(self.pairs[name], side, decision.choice),
            MERGE_NOTE: clean_cell(decision.reason),
        }
        if SYSTEMS in self._tables[STATEMENTS].columns:
            row[SYSTEMS] = plain["systems"]
        return row

    def _cited(self, pair: Pair, side: str, choice: str) -> str:
        """Cite the units that a statement was merged from: unitiser[list number]."""
        given = {"first": pair.first, "second": pair.second}
        if choice == "both":  # each became a statement of its own
            given = {side: given[side]}
        cited = [self._cite(side, unit) for side, unit in given.items() if unit]
        return ";".join(sorted(cited))

    def _cite(self, side: str, unit: Row | None) -> str:
        unitiser = self.unitisers[side == "second"]
        return f"{unitiser}[{self.unitising.name} {unit['n']}]" if unit else ""

    def _decided(self, decisions: Mapping[str, Decision]) -> Iterator[Row]:
        for name, number in self.numbers.items():
            pair, decision = self.pairs[name], decisions[name]
            yield {
                "pair": str(number),
                "first": self._cite("first", pair.first),
                "second": self._cite("second", pair.second),
                "choice": decision.choice,
                "reason": clean_cell(decision.reason),
            }


def decisions_file(name: str, merger: str) -> str:
    """Return where it lies what somebody decided of the lists of a round, relative to the project.

    In a folder of its own, as a unitiser's list may have any name.
    """
    return f"{UNITISING}/{name}/merge/{merger}.csv"


@dataclass(frozen=True)
class ListAgreement:
    """How far two unit lists agree.

    Attributes
    ----------
    n_first, n_second, n_matched
        Units of each list, and pairs of them.
    dice
        Dice's coefficient over units.
    jaccard
        Shared over joint length of the matched passages, on average; NaN where none match.
    alpha
        Krippendorff's alpha of marked and unmarked text, whoever speaks.

    Examples
    --------
    >>> from stancepack.project.merging import ListAgreement
    >>> str(ListAgreement(3, 2, 2, dice=0.8, jaccard=0.95, alpha=0.7)).partition(" (")[0]
    '3 and 2 units, 2 matched'
    """

    n_first: int
    n_second: int
    n_matched: int
    dice: float
    jaccard: float
    alpha: float

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"{self.n_first} and {self.n_second} units, {self.n_matched} matched (same speaker, "
            f"overlapping passage): Dice {self.dice:.2f} over units, matched passages share "
            f"{self.jaccard:.2f} of their length, alpha {self.alpha:.2f} of marked and unmarked "
            "text."
        )


def list_agreement(
    unitising: Unitising, first: Sequence[Mark], second: Sequence[Mark]
) -> ListAgreement:
    """Compute how far two unit lists of a round agree."""
    shares = [share for _, _, share in matched(first, second)]
    total = len(first) + len(second)
    return ListAgreement(
        len(first),
        len(second),
        len(shares),
        2 * len(shares) / total if total else float("nan"),
        sum(shares) / len(shares) if shares else float("nan"),
        _alpha(unitising, first, second),
    )


def _alpha(unitising: Unitising, *lists: Sequence[Mark]) -> float:
    """Return alpha of span or gap over all texts, one laid after the other."""
    begin, length = {}, 0
    for source, text in unitising.texts.items():
        begin[source] = length
        length += len(text)
    spans = [
        {"coder_id": str(number), "start": start, "end": end}
        for number, marks in enumerate(lists)
        for start, end in _joined(
            (begin[m.source] + m.start, begin[m.source] + m.end) for m in marks
        )
    ]
    return unitising_alpha(spans, continuum=(0, length), variant="|u", coders=len(lists))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that touch or overlap as one: one person's units may."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _require_merger(unitising: Unitising, merger: str) -> None:
    coders = unitising.project.coders
    if merger not in coders:
        raise StancepackError(
            f"{CODERS}: nobody is called {merger!r}; {did_you_mean(merger, coders)}"
        )
    if merger in unitising.lists:
        what = f"{merger} made one of the lists; somebody else merges them."
        raise StancepackError(f"{unitising.folder}: {what}")
    if coders[merger]["role"] not in _ROLES:
        what = f"has the role {coders[merger]['role']!r}; who merges is one of {', '.join(_ROLES)}."
        raise StancepackError(f"{CODERS}: {merger!r} {what}")
    if "merged" in unitising.manifest:
        what = f"is merged already; its units stand in {UNITS}."
        raise StancepackError(f"{unitising.folder} {what}")
    if not unitising.is_complete:
        what = "its two lists are not both closed yet; merge them then."
        raise StancepackError(f"{unitising.folder}: {what}")
