"""Who codes what: the draw and its probabilities, the ledger, and the way to a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancepack.errors import StancepackError
from stancepack.project.assignment import Design, chances, ledger_rows, shared_out

NAMES = ("ann", "ben", "cem", "dora", "emil", "fay", "gus")


@st.composite
def rounds(draw: st.DrawFn) -> tuple[str, dict[str, str], Design]:
    """A name of a round, the strata of its statements, and a design."""
    coders = NAMES[: draw(st.integers(1, len(NAMES)))]
    strata = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=60))
    share = draw(st.sampled_from([0.0, 0.07, 0.1, 0.25, 0.5, 1.0]))
    design = Design(coders, draw(st.integers(1, len(coders))), share)
    name = draw(st.sampled_from(["round-1", "human-1", "x", "pilot"]))
    return name, {f"S{n}": stratum for n, stratum in enumerate(strata)}, design


def spread(counts: Iterable[int]) -> int:
    """Return how far the largest count is from the smallest."""
    listed = list(counts)
    return max(listed) - min(listed)


@given(rounds())
def test_each_statement_has_its_coders_and_the_share_to_all_is_exact(
    case: tuple[str, dict[str, str], Design],
) -> None:
    name, stratum_of, design = case
    coders_of = shared_out(name, stratum_of, design)
    assert {*coders_of} == {*stratum_of}
    n_coders = Counter(map(len, coders_of.values()))
    assert all(len({*coders}) == len(coders) for coders in coders_of.values())
    assert {*n_coders} <= {design.overlap, len(design.coders)}
    n_for_all = design.n_for_all(len(stratum_of))
    if design.overlap < len(design.coders):
        assert n_coders[len(design.coders)] == n_for_all
    assert n_for_all - 1 < design.all_share * len(stratum_of) <= n_for_all + 1e-9


@given(rounds())
def test_loads_differ_by_at_most_one_in_the_whole_and_in_each_stratum(
    case: tuple[str, dict[str, str], Design],
) -> None:
    name, stratum_of, design = case
    loads: Counter[tuple[str, str]] = Counter()
    for unit, coders in shared_out(name, stratum_of, design).items():
        loads.update((stratum_of[unit], coder) for coder in coders)
    strata = {*stratum_of.values()}
    assert spread(sum(loads[stratum, c] for stratum in strata) for c in design.coders) <= 1
    for stratum in strata:
        assert spread(loads[stratum, coder] for coder in design.coders) <= 1


@given(rounds())
def test_those_for_all_are_spread_over_the_strata(
    case: tuple[str, dict[str, str], Design],
) -> None:
    name, stratum_of, design = case
    if design.overlap == len(design.coders):
        return
    coders_of = shared_out(name, stratum_of, design)
    for stratum, size in Counter(stratum_of.values()).items():
        units = [unit for unit, its in stratum_of.items() if its == stratum]
        n_for_all = sum(len(coders_of[unit]) == len(design.coders) for unit in units)
        share = size * design.n_for_all(len(stratum_of)) / len(stratum_of)
        assert abs(n_for_all - share) < 1


@given(rounds())
def test_probabilities_sum_to_what_they_must(case: tuple[str, dict[str, str], Design]) -> None:
    name, stratum_of, design = case
    n_statements, n_coders = len(stratum_of), len(design.coders)
    of_unit = chances(design, n_statements)
    coders_of = shared_out(name, stratum_of, design)
    n_codings = sum(map(len, coders_of.values()))
    assert of_unit.coder * n_coders * n_statements == pytest.approx(n_codings)
    assert of_unit.every * n_statements == pytest.approx(
        sum(len(coders) == n_coders for coders in coders_of.values())
    )
    n_pairs = sum(len(coders) >= 2 for coders in coders_of.values())
    assert of_unit.two * n_statements == pytest.approx(n_pairs)
    assert 0 <= of_unit.every <= of_unit.coder <= of_unit.coded == 1
    half = chances(design, n_statements, 0.5)
    assert half == pytest.approx([chance / 2 for chance in of_unit])


STRATA = {f"S{n}": "abbccc"[n % 6] for n in range(13)}
DESIGNS = (
    Design(NAMES[:3], 2, 0.1),
    Design(NAMES[:4], 2, 0.25),
    Design(NAMES[:5], 1, 0.3),
    Design(NAMES[:3], 1),
    Design(NAMES[:2], 2),
)
_DRAWS = 1_500
_FIVE_ERRORS = 5 * (0.25 / _DRAWS) ** 0.5  # standard errors of a share at most; 200 shares


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_probabilities_are_the_frequencies_of_many_draws(design: Design) -> None:
    n_coded: Counter[tuple[str, str]] = Counter()
    n_two: Counter[str] = Counter()
    n_all: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for number in range(_DRAWS):
        for unit, coders in shared_out(f"round-{number}", STRATA, design).items():
            n_coded.update((unit, coder) for coder in coders)
            n_two[unit] += len(coders) >= 2
            n_all[unit] += len(coders) == len(design.coders)
            pairs.update((a, b) for a in coders for b in coders if a < b)
    expected = chances(design, len(STRATA))
    for unit in STRATA:
        assert n_two[unit] / _DRAWS == pytest.approx(expected.two, abs=_FIVE_ERRORS)
        assert n_all[unit] / _DRAWS == pytest.approx(expected.every, abs=_FIVE_ERRORS)
        for coder in design.coders:
            share = n_coded[unit, coder] / _DRAWS
            assert share == pytest.approx(expected.coder, abs=_FIVE_ERRORS)
    if design.overlap > 1:  # every two coders meet equally often, so that none is known by few
        counts = [pairs[a, b] for a, b in product(design.coders, repeat=2) if a < b]
        assert min(counts) > 0.9 * max(counts)


def test_the_draw_follows_from_the_name_and_from_nothing_else() -> None:
    design = Design(NAMES[:4], 2, 0.1)
    first = shared_out("human-1", STRATA, design)
    turned = Design(NAMES[3::-1], 2, 0.1)
    assert shared_out("human-1", dict(reversed(STRATA.items())), turned) == first
    assert shared_out("human-2", STRATA, design) != first
    rows = ledger_rows("human-1", STRATA, design, {"S1": 0.5})
    assert [(row["statement_id"], row["coder_id"]) for row in rows] == sorted(
        (unit, coder) for unit, coders in first.items() for coder in coders
    )
    of_unit = {row["probability_coded"] for row in rows if row["statement_id"] == "S1"}
    assert of_unit == {"0.5"}


@pytest.mark.parametrize(
    ("coders", "overlap", "share", "words"),
    [
        ((), 1, 0.0, "nobody is named"),
        (("ann", "ben", "ann"), 2, 0.0, "ann is named 2 times"),
        (("ann", "ben"), 3, 0.0, "overlap 3 should be a whole number from 1 to 2"),
        (("ann", "ben"), 0, 0.0, "overlap 0 should be a whole number from 1 to 2"),
        (("ann", "ben"), 1.5, 0.0, "overlap 1.5 should be a whole number"),
        ("ann", 2, 0.0, "from 1 to 1"),
        (("ann", 2), 1, 0.0, "coders"),
        (("ann", "ben"), 1, "all", "between 0 and 1"),
        (("ann", "ben"), 1, 1.1, "between 0 and 1"),
        (("ann", "ben"), 1, float("nan"), "between 0 and 1"),
    ],
)
def test_a_design_that_cannot_be_is_refused(
    coders: Any, overlap: Any, share: Any, words: str
) -> None:
    with pytest.raises(StancepackError, match=words):
        Design(coders, overlap, share)
