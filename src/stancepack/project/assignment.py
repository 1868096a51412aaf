"""Who codes what in a round: each unit by some of its coders, a random share of them by all.

The draw follows from the name of the round, and is kept in its ledger,
``coding/rounds/<round>/assignment.csv``: one row for each statement and coder who codes it.

========================= ========================================================================
``statement_id``          the statement
``coder_id``              who codes it
``stratum``               within which the coders have equal loads; ``all`` where there are none
``probability_coded``     that anybody codes the statement: that it came into the round at all. 1,
                          unless the round is of a sample drawn with known probabilities, or of a
                          random share; then these, multiplied
``probability_coder``     that this coder codes it
``probability_two``       that two coders or more code it, so that agreement can be measured on it
``probability_all``       that every coder of the round codes it
========================= ========================================================================

All are probabilities before anything was drawn, of the whole chain: from the list that was sampled
to this coder. With N statements in the round, M of them for all, c coders and an overlap of k, a
statement that came into the round with p has

- ``probability_coded`` p,
- ``probability_all`` p · M / N, or p if k = c,
- ``probability_two`` p if k is two or more, else p · M / N (0 for a single coder),
- ``probability_coder`` p · (M / N + (1 − M / N) · k / c).

Estimates of the whole list from the codes of people (Horvitz–Thompson, or machine codes that are
corrected by design) weigh by the inverse of ``probability_coded``; those from the codes of one
coder alone by that of ``probability_coder``; agreement of the whole list, which is measured where
there are two codes, by that of ``probability_two``. A statement of the list without a row is one
that was not drawn, and that nobody codes; what was left out by choice (``--new``, ``--readable``,
a list of ids) is no part of what the probabilities are of. Figures of agreement that a release has
are of the statements that have two codes, not weighted. Probabilities of two statements together,
which exact variances need, are not kept: `shared_out` can be drawn again under other names.

Those for all are drawn systematically with a random start from the statements in the order of their
strata and at random within, so that each has the probability M / N, and each stratum its share of
them, to less than one. Each other statement goes to the k coders who have least of its stratum so
far, then least in all, ties at random: loads differ by at most one, in the whole and in each
stratum. Nothing tells coders apart but chance, so that each has a statement with k / c.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stancepack.arguments import texts
from stancepack.errors import StancepackError
from stancepack.files.passages import fingerprint
from stancepack.files.tables import Row

PROBABILITIES = [
    "probability_coded",
    "probability_coder",
    "probability_two",
    "probability_all",
]
ASSIGNMENT_COLUMNS = ["statement_id", "coder_id", "stratum", *PROBABILITIES]
NO_STRATA = "all"  # the one stratum of a round that has none
_PAIR = 2  # codes of a statement that agreement needs
_HASHES = 16**64  # so many fingerprints there are


@dataclass(frozen=True)
class Design:
    """How the statements of a round are shared out among its coders.

    Parameters
    ----------
    coders
        Ids of the coders.
    overlap
        How many of them code each statement.
    all_share
        Share of the statements that all of them code, drawn at random; rounded up to whole
        statements.
    strata
        Columns of the list, or of the unit list, whose values together are the stratum of a
        statement; ``year`` is the year of its date.

    Raises
    ------
    StancepackError
        If there is no such design.

    Examples
    --------
    >>> from stancepack.project.assignment import Design
    >>> Design(("ann", "ben", "cem"), overlap=2, all_share=0.1).n_for_all(25)
    3
    """

    coders: tuple[str, ...]
    overlap: int = 2
    all_share: float = 0.0
    strata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for part in ("coders", "strata"):
            object.__setattr__(self, part, texts(part, getattr(self, part)))
        if not self.coders:
            raise StancepackError("nobody is named to code the round; name each with --coder ID.")
        for coder, count in Counter(self.coders).items():
            if count > 1:
                raise StancepackError(f"{coder} is named {count} times; name each coder once.")
        if self.overlap not in range(1, len(self.coders) + 1):
            most = f"{len(self.coders)}, as many as are named to code the round"
            what = f"should be a whole number from 1 to {most}."
            raise StancepackError(f"overlap {self.overlap!r} {what}")
        if not isinstance(self.all_share, int | float) or not 0 <= self.all_share <= 1:
            what = "should lie between 0 and 1: a share of the statements, coded by all."
            raise StancepackError(f"share to all {self.all_share!r} {what}")

    def n_for_all(self, n_statements: int) -> int:
        """Return how many statements are drawn for all coders."""
        return share_of(n_statements, self.all_share)


class Chances(NamedTuple):
    """The probabilities of a statement, as the ledger has them."""

    coded: float
    coder: float
    two: float
    every: float


def share_of(count: int, share: float) -> int:
    """Return a share of a count in whole numbers, rounded up.

    Examples
    --------
    >>> from stancepack.project.assignment import share_of
    >>> share_of(100, 0.07), share_of(101, 0.07)
    (7, 8)
    """
    # rounded first, so that .07 of 100 is seven and not eight
    return math.ceil(round(share * count, 9))


def chances(design: Design, n_statements: int, drawn: float = 1.0) -> Chances:
    """Return the probabilities of a statement in a round.

    Parameters
    ----------
    design
        The design of the round.
    n_statements
        How many statements the round has.
    drawn
        With which probability the statement came into the round.

    Examples
    --------
    >>> from stancepack.project.assignment import Design, chances
    >>> chances(Design(("ann", "ben", "cem", "dora"), overlap=2, all_share=0.5), 10)
    Chances(coded=1.0, coder=0.75, two=1.0, every=0.5)
    """
    n_coders = len(design.coders)
    for_all = 1.0 if design.overlap == n_coders else design.n_for_all(n_statements) / n_statements
    two = 1.0 if design.overlap >= _PAIR else for_all if n_coders >= _PAIR else 0.0
    coder = for_all + (1 - for_all) * design.overlap / n_coders
    return Chances(drawn, drawn * coder, drawn * two, drawn * for_all)


def shared_out(
    name: str, stratum_of: Mapping[str, str], design: Design
) -> dict[str, tuple[str, ...]]:
    """Draw who codes which statement.

    Parameters
    ----------
    name
        Name of the round; the draw follows from it.
    stratum_of
        The stratum of each statement.
    design
        How they are shared out.

    Returns
    -------
    dict of str to tuple of str
        The coders of each statement.

    Examples
    --------
    >>> from stancepack.project.assignment import Design, shared_out
    >>> coders_of = shared_out("round-1", dict.fromkeys(["S1", "S2", "S3"], ""), Design(("a", "b")))
    >>> sorted(coders_of["S1"])
    ['a', 'b']
    """
    seed = f"{name}/assignment"
    in_order = sorted(stratum_of, key=lambda unit: (stratum_of[unit], _hash(f"{seed}/{unit}")))
    for_all = _systematic_draw(seed, in_order, design.n_for_all(len(in_order)))
    loads: Counter[str] = Counter()
    loads_in_stratum: Counter[tuple[str, str]] = Counter()
    coders_of = {}
    for unit in in_order:
        ranks = {
            coder: (
                loads_in_stratum[stratum_of[unit], coder],
                loads[coder],
                _hash(f"{seed}/{unit}/{coder}"),
            )
            for coder in design.coders
        }
        count = len(design.coders) if unit in for_all else design.overlap
        coders_of[unit] = tuple(sorted(sorted(ranks, key=ranks.__getitem__)[:count]))
        loads.update(coders_of[unit])
        loads_in_stratum.update((stratum_of[unit], coder) for coder in coders_of[unit])
    return coders_of


def _systematic_draw(seed: str, in_order: Sequence[str], count: int) -> set[str]:
    """Draw so many with equal probabilities at equal distances from a random start."""
    total, start = len(in_order), _hash(seed)

    def n_until(number: int) -> int:
        # how many are drawn of the first ones; in whole numbers, so that none is lost by rounding
        return (number * count * _HASHES + start * total) // (total * _HASHES)

    return {unit for n, unit in enumerate(in_order) if n_until(n + 1) > n_until(n)}


def _hash(text: str) -> int:
    return int(fingerprint(text), 16)


def ledger_rows(
    name: str,
    stratum_of: Mapping[str, str],
    design: Design,
    drawn: Mapping[str, float],
) -> list[Row]:
    """Return the ledger of a round.

    Parameters
    ----------
    name, stratum_of, design
        As for `shared_out`.
    drawn
        With which probability each statement came into the round; 1 where nothing is said.

    Examples
    --------
    >>> from stancepack.project.assignment import Design, ledger_rows
    >>> rows = ledger_rows("round-1", {"S1": "all"}, Design(("ann", "ben")), {"S1": 0.25})
    >>> [(row["coder_id"], row["probability_coder"]) for row in rows]
    [('ann', '0.25'), ('ben', '0.25')]
    """
    rows = []
    for unit, coders in sorted(shared_out(name, stratum_of, design).items()):
        of_unit = chances(design, len(stratum_of), drawn.get(unit, 1.0))
        texts = {
            column: f"{chance:.6g}" for column, chance in zip(PROBABILITIES, of_unit, strict=True)
        }
        for coder in coders:
            rows.append(
                {"statement_id": unit, "coder_id": coder, "stratum": stratum_of[unit], **texts}
            )
    return rows


def assigned_to(coder: str, ledger: Collection[Row]) -> set[str]:
    """Return the statements that a coder codes by a ledger.

    Examples
    --------
    >>> from stancepack.project.assignment import Design, assigned_to, ledger_rows
    >>> assigned_to("ann", ledger_rows("round-1", {"S1": "all"}, Design(("ann", "ben")), {}))
    {'S1'}
    """
    return {row["statement_id"] for row in ledger if row["coder_id"] == coder}
