"""Every coefficient against published values, other implementations, and what always holds."""

from __future__ import annotations

import json
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

import stancepack as sp
from stancepack.reliability.agreement import BY, agreements
from stancepack.reliability.analytic import standard_error
from stancepack.reliability.categories import Categories
from stancepack.reliability.codings import codings as read_codings
from stancepack.reliability.coefficients import (
    BY_NUMBER,
    COEFFICIENTS,
    GWET,
    TWO_CODERS,
    WITH_PAIRS,
    estimator,
    expected_agreement,
    shares_of_codes,
)
from stancepack.reliability.computation import METHODS, Options
from stancepack.reliability.rows import patterns_by
from stancepack.reliability.spans import VARIANTS, disagreement_1995
from stancepack.reliability.weights import WEIGHTS, masi, weight_matrix

COLUMNS: dict[str, Any] = {"unit": "unit", "coder": "coder", "value": "code"}
NAMES = {"percent_agreement": "percent", "S": "brennan_prediger"}


def tidy(vector: dict[str, Any]) -> tuple[pd.DataFrame, list[int] | None]:
    """Turn a known answer's data into tidy codes; also the categories that could have been used."""
    data, categories = vector["data"], list(range(1, len(vector["data"][0]) + 1))
    if vector["kind"] == "units_x_coders":
        rows, categories = data, None
    elif vector["kind"] == "contingency":
        table = np.array(data)
        rows = np.repeat(np.argwhere(table >= 0) + 1, table.ravel(), axis=0).tolist()
    else:
        rows = [np.repeat(categories, counts).tolist() for counts in data]
    codes = [
        (unit, coder, code)
        for unit, row in enumerate(rows)
        for coder, code in enumerate(row)
        if code is not None
    ]
    return pd.DataFrame(codes, columns=["unit", "coder", "code"]), categories


def _known(*kinds: str) -> list[Any]:
    path = Path(__file__).parent / "known" / "agreement.json"
    known = []
    for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
        for expected in vector["expected"] if vector["kind"] in kinds else []:
            what = [str(expected[name]) for name in ("level", "weights") if name in expected]
            name = " ".join([vector["citation"][:60], expected["coef"], *what])
            known.append(pytest.param(vector, expected, id=name))
    return known


def options_of(
    vector: dict[str, Any], expected: dict[str, Any], frame: pd.DataFrame, names: Any
) -> tuple[str, dict[str, Any]]:
    """Say how a known answer is asked for: the coefficient and its options."""
    coefficient = NAMES.get(expected["coef"], expected["coef"])
    weights = expected.get("weights")
    options: dict[str, Any] = {**COLUMNS, "interval": None}
    if coefficient == "gwet_alpha":  # alpha with 1 - weight for a distance
        if weights is None:
            return "alpha", {**options, "level": "nominal"}
        categories = read_codings(frame, **COLUMNS, order=names).patterns.categories
        distance = 1 - weight_matrix(weights, categories)
        return "alpha", {**options, "distance": distance, "order": names}
    if coefficient == "alpha":
        if expected["level"] != "custom":
            return "alpha", {**options, "level": expected["level"]}
        distance = np.array(expected["D"], dtype=float)
        return "alpha", {**options, "distance": distance, "order": names}
    if "D" in expected:
        weights = 1 - np.array(expected["D"], dtype=float)
    if coefficient == "ac2" and weights is None:
        coefficient = "ac1"
    return coefficient, {**options, "weights": weights, "order": names}


@pytest.mark.parametrize(("vector", "expected"), _known("units_x_coders", "contingency", "counts"))
def test_known_answer(vector: dict[str, Any], expected: dict[str, Any]) -> None:
    frame, names = tidy(vector)
    if "coders" in expected:
        frame = frame[frame["coder"].isin(expected["coders"])]
    near = expected["tol"] + 1e-12
    if expected["coef"] == "fleiss_pe":
        _known_chance(frame, names, expected["value"], near)
        return
    if "categor" in expected["coef"]:
        # the category values printed for the table of Landis and Koch have joint margins: they are
        # Scott's
        named = {"alpha_category_binary": "alpha", "cohen_kappa_category": "scott_pi"}
        coefficient = named.get(expected["coef"], expected["coef"].partition("_category")[0])
        table = sp.agreement_by(frame, by="code", coefficient=coefficient, **COLUMNS, interval=None)
        by_code = table.set_index("code")["value"].loc[expected["categories"]]
        assert by_code.tolist() == pytest.approx(expected["value"], abs=near)
        return
    coefficient, options = options_of(vector, expected, frame, names)
    result = sp.agreement(frame, coefficient=coefficient, **options)
    if expected["value"] is None:
        # ratio weights with a code 0: the reference divides 0 by 0 on the diagonal; a code agrees
        # with itself here
        assert 0 in set(frame["code"])
        assert math.isfinite(result.value)
        return
    assert result.value == pytest.approx(expected["value"], abs=near)
    if "exact" in expected:
        digits = len(str(expected["exact"]).partition(".")[2])  # as many as are given
        assert round(result.value, digits) == expected["exact"]
    if "se" in expected:
        patterns = read_codings(frame, **COLUMNS, order=names).patterns
        kind = Options(coefficient=coefficient, weights=options["weights"]).weights_used
        error = standard_error(patterns, coefficient, weight_matrix(kind, patterns.categories))
        if vector["kind"] == "contingency" and coefficient not in TWO_CODERS:
            # Gwet's formulas for tables divide by n, those for raw codes by n - 1
            n = patterns.units.sum()
            error *= math.sqrt((n - 1) / n)
        assert error == pytest.approx(expected["se"], abs=expected["se_tol"] + 1e-12)


def _known_chance(frame: pd.DataFrame, names: Any, value: float, near: float) -> None:
    patterns = read_codings(frame, **COLUMNS, order=names).patterns
    weights = np.eye(len(patterns.categories))
    chance = expected_agreement(patterns, "fleiss_kappa", weights)(patterns.units[None, :])[0]
    margins = patterns.units @ shares_of_codes(patterns) / patterns.units.sum()
    assert chance == pytest.approx((margins**2).sum())
    # Fleiss squared the margins as he printed them, with three digits
    assert (margins.round(3) ** 2).sum() == pytest.approx(value, abs=near)


@pytest.mark.parametrize(("vector", "expected"), _known("spans"))
def test_known_answer_of_spans(vector: dict[str, Any], expected: dict[str, Any]) -> None:
    data = vector["data"]
    if "units_by_coder" in data:
        by_coder = enumerate(data["units_by_coder"])
        rows = [(coder, *span) for coder, spans in by_coder for span in spans]
    else:
        rows = [
            (coder, *span, name)
            for name, coders in data["units"].items()
            for coder, spans in enumerate(coders)
            for span in spans
        ]
    spans = pd.DataFrame(rows, columns=["coder_id", "start", "end", "value"])
    stretch = expected.get("stretch", 1)
    spans = spans.assign(start=spans["start"] * stretch, end=spans["end"] * stretch)
    ends = [end * stretch for end in data["continuum"]]

    def older(value: str) -> float:
        return sp.unitising_alpha(spans, continuum=ends, variant="u1995", category=value)

    def observed(value: str) -> float:
        marked = [[(start, end) for start, end in coder] for coder in data["units"][value]]
        return disagreement_1995(marked, ends[0], ends[1])[0]

    names = expected.get("categories")
    of_coefficient = {
        "u_alpha": lambda: sp.unitising_alpha(spans, continuum=ends),
        "alphaU_1995": lambda: sp.unitising_alpha(spans, continuum=ends, variant="u1995"),
        "alphaU_1995_category": lambda: [older(name) for name in names],
        "alphaU_observed_disagreement": lambda: [observed(name) for name in names],
    }
    near = expected["tol"] + 1e-12
    assert of_coefficient[expected["coef"]]() == pytest.approx(expected["value"], abs=near)


# ------------------------------------------------------------------------------------------------
# published here

FOUR_RATERS = (
    "a a . a|b b c b|c c c c|c c c c|b b b b|a b c d|"
    "d d d d|a a b a|b b b b|. e e e|. . a a|. . c ."
)


def four_raters() -> pd.DataFrame:
    """Twelve units, four raters, missing codes: Gwet (2014), table 2.10.

    Also Krippendorff (2011), section C.
    """
    rows = [
        (unit, rater, code)
        for unit, line in enumerate(FOUR_RATERS.split("|"))
        for rater, code in enumerate(line.split())
        if code != "."
    ]
    return pd.DataFrame(rows, columns=["unit", "coder", "code"])


@pytest.mark.parametrize(
    ("coefficient", "value", "error"),
    [
        ("percent", 0.81818, 0.12561),
        ("ac1", 0.77544, 0.14295),
        ("fleiss_kappa", 0.76117, 0.15302),
        ("conger_kappa", 0.76282, 0.14917),
        ("brennan_prediger", 0.77273, 0.14472),
    ],
)
def test_gwets_four_raters_with_their_standard_errors(
    coefficient: str, value: float, error: float
) -> None:
    result = sp.agreement(four_raters(), coefficient=coefficient, **COLUMNS, method="analytic")
    assert result.value == pytest.approx(value, abs=5e-6)
    student = 2.200985  # t at .975, 11 degrees of freedom
    assert result.value - result.low == pytest.approx(student * error, abs=5e-5)
    assert "Gwet" in result.method


def test_percent_agreement_under_missing_codes_has_two_definitions_and_both_are_named() -> None:
    frame = four_raters()
    assert sp.agreement(
        frame, coefficient="percent", **COLUMNS, interval=None
    ).value == pytest.approx(0.8182, abs=5e-5)
    assert sp.agreement(
        frame, coefficient="percent_pairs", **COLUMNS, interval=None
    ).value == pytest.approx(0.800, abs=5e-4)


def test_intraclass_correlations_of_shrout_and_fleiss_1979() -> None:
    """Table 2: four judges, six targets; table 4 gives .17, .29, .71."""
    data = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
        dtype=float,
    )
    values = [sp.agreement(data, coefficient=name, interval=None).value for name in BY_NUMBER]
    assert [round(value, 2) for value in values] == [0.17, 0.29, 0.71]


def test_sets_of_labels_have_distances() -> None:
    """Passonneau (2006): masi of {a,b} and {a} is 1 - 2/3 · 1/2; sets and text are alike."""
    sets = [("a|b", "a"), ("b", "b"), ("c", "a|c"), ("a", "a"), ("b|c", "b|c")]
    rows = [
        (unit, coder, code) for unit, pair in enumerate(sets) for coder, code in enumerate(pair)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "coder", "code"])
    as_sets = frame.assign(code=frame["code"].map(lambda code: frozenset(code.split("|"))))
    for distance in ("jaccard", "masi"):
        one = sp.agreement(frame, distance=distance, **COLUMNS, interval=None)
        assert one.value == pytest.approx(
            sp.agreement(as_sets, distance=distance, **COLUMNS, interval=None).value
        )
        assert one.level == distance
    assert masi(frozenset("ab"), frozenset("a")) == pytest.approx(1 - 2 / 3 * 1 / 2)
    assert masi(frozenset("ab"), frozenset("bc")) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi(frozenset("a"), frozenset("b")) == 1


# ------------------------------------------------------------------------------------------------
# other implementations


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_equals_krippendorff_on_random_data(level: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(1, 6, (40, 4)).astype(float)
    codes[random.random(codes.shape) < 0.3] = np.nan
    expected = krippendorff.alpha(reliability_data=codes.T, level_of_measurement=level)
    assert sp.agreement(codes, level=level, interval=None).value == pytest.approx(
        expected, abs=1e-10
    )


@pytest.mark.parametrize("seed", range(5))
def test_kappas_equal_statsmodels_on_random_data(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, 60)
    codes = np.where(
        random.random((60, 3)) < 0.6, truth[:, None], random.integers(0, 4, (60, 3))
    ).astype(float)
    table, _ = inter_rater.aggregate_raters(codes)
    assert sp.agreement(codes, coefficient="fleiss_kappa", interval=None).value == pytest.approx(
        inter_rater.fleiss_kappa(table), abs=1e-10
    )
    randolph = inter_rater.fleiss_kappa(table, method="randolph")
    assert sp.agreement(
        codes, coefficient="brennan_prediger", interval=None
    ).value == pytest.approx(randolph, abs=1e-10)
    pair, _ = inter_rater.to_table(codes[:, :2].astype(int))
    for name, wt in ((None, None), ("linear", "linear"), ("quadratic", "quadratic")):
        peer = inter_rater.cohens_kappa(pair, wt=wt)
        ours = sp.agreement(codes[:, :2], coefficient="cohen_kappa", weights=name, interval=None)
        assert ours.value == pytest.approx(peer.kappa, abs=1e-10)
    light = np.mean(
        [
            sp.agreement(codes[:, [i, j]], coefficient="cohen_kappa", interval=None).value
            for i, j in combinations(range(3), 2)
        ]
    )
    assert sp.agreement(codes, coefficient="light_kappa", interval=None).value == pytest.approx(
        light, abs=1e-12
    )


# ------------------------------------------------------------------------------------------------
# properties

matrices = st.lists(
    st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=3, max_size=3),
    min_size=2,
    max_size=20,
)
full = st.lists(st.lists(st.integers(1, 4), min_size=3, max_size=3), min_size=2, max_size=20)
coefficients = st.sampled_from(
    [name for name in COEFFICIENTS if name not in (*BY_NUMBER, "cohen_kappa", "scott_pi")]
)


def array(matrix: list[list[int | None]]) -> Any:
    return np.array(
        [[np.nan if code is None else code for code in row] for row in matrix], dtype=float
    )


def value(matrix: Any, coefficient: str, **options: Any) -> float:
    return sp.agreement(matrix, coefficient=coefficient, interval=None, **options).value


def same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or one == pytest.approx(other, abs=1e-9)


@given(matrices, coefficients, st.permutations(range(3)))
def test_order_of_units_and_coders_does_not_matter(
    matrix: list[list[int | None]], name: str, order: list[int]
) -> None:
    codes = array(matrix)
    assert same(value(codes, name), value(codes[::-1][:, order], name))


@given(matrices, coefficients)
def test_a_tidy_frame_and_an_array_give_the_same(matrix: list[list[int | None]], name: str) -> None:
    rows = [
        (unit, coder, code)
        for unit, row in enumerate(matrix)
        for coder, code in enumerate(row)
        if code is not None
    ]
    frame = pd.DataFrame(rows, columns=["unit", "coder", "code"]).astype({"code": "Int64"})
    if frame["coder"].nunique() == 3:  # a coder without a code is no coder of the frame
        assert same(
            value(array(matrix), name),
            sp.agreement(frame, coefficient=name, **COLUMNS, interval=None).value,
        )


@given(full, coefficients, st.permutations(range(1, 5)))
def test_names_of_codes_do_not_matter_without_weights(
    matrix: list[list[int]], name: str, to: list[int]
) -> None:
    if name == "ac2":
        return
    level = {"level": "nominal"} if name == "alpha" else {}
    codes = np.array(matrix)
    renamed = np.array([0, *to])[codes]
    assert same(value(codes, name, **level), value(renamed, name, **level))


@given(
    full,
    st.sampled_from(
        ["fleiss_kappa", "ac1", "brennan_prediger", "percent", "percent_pairs", "alpha"]
    ),
)
def test_no_coefficient_exceeds_one_and_full_agreement_is_one(
    matrix: list[list[int]], name: str
) -> None:
    codes = np.array(matrix)
    assert not value(codes, name) > 1 + 1e-12
    copied = np.repeat(codes[:, :1], 3, axis=1)
    if len({*copied[:, 0].tolist()}) > 1:
        assert value(copied, name) == pytest.approx(1)


@given(
    matrices,
    st.sampled_from(["fleiss_kappa", "conger_kappa", "ac2", "brennan_prediger", "percent"]),
)
def test_identity_weights_are_no_weights(matrix: list[list[int | None]], name: str) -> None:
    codes = array(matrix)
    plain = "ac1" if name == "ac2" else name
    assert same(value(codes, plain), value(codes, name, weights="identity"))


@given(full)
def test_categories_never_used_change_only_what_counts_them(matrix: list[list[int]]) -> None:
    codes = np.array(matrix)
    for name in ("alpha", "fleiss_kappa", "conger_kappa", "percent"):
        assert same(value(codes, name), value(codes, name, order=[1, 2, 3, 4, 5, 6]))
    if codes.min() < codes.max():
        assert (
            value(codes, "brennan_prediger", order=range(1, 9))
            >= value(codes, "brennan_prediger") - 1e-12
        )


@given(matrices)
def test_a_distance_of_differences_is_the_interval_level(matrix: list[list[int | None]]) -> None:
    codes = array(matrix)
    squared = value(codes, "alpha", distance=lambda one, other: (one - other) ** 2)
    assert same(value(codes, "alpha", level="interval"), squared)


@given(matrices, coefficients)
def test_every_interval_holds_or_says_why_not(matrix: list[list[int | None]], name: str) -> None:
    for method in ("percentile", "jackknife"):
        result = sp.agreement(array(matrix), coefficient=name, method=method, draws=100)
        if math.isnan(result.low):
            assert result.note or result.method == "no interval: one unit"
        elif method == "jackknife":
            assert result.low - 1e-12 <= result.value <= result.high + 1e-12


# ------------------------------------------------------------------------------------------------
# what is not defined


@pytest.mark.parametrize("name", [name for name in COEFFICIENTS if name not in BY_NUMBER])
def test_undefined_figures_are_nan_with_the_reason(name: str) -> None:
    nothing = np.array([[1.0, np.nan], [np.nan, 2.0]])
    result = sp.agreement(nothing, coefficient=name)
    assert math.isnan(result.value)
    assert result.note == "No unit has two codes."
    same_code = np.ones((5, 2))
    result = sp.agreement(same_code, coefficient=name)
    if name.startswith("percent"):
        assert result.value == 1
    else:
        assert math.isnan(result.value)
        assert "Only one code" in result.note


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"coefficient": "cohen_kappa"}, "two coders, and there are 3"),
        ({"coefficient": "scott_pi"}, "fleiss_kappa"),
        ({"coefficient": "icc1"}, "every unit coded by every coder"),
        ({"coefficient": "kappa"}, "not known"),
        ({"coefficient": "fleiss_kappa", "weights": "linar"}, "linear"),
        ({"coefficient": "fleiss_kappa", "weights": np.eye(2)}, "4 × 4"),
        ({"coefficient": "ac1", "weights": "linear"}, "ac2"),
        ({"weights": "linear"}, "alpha has a level"),
        ({"coefficient": "ac2", "distance": "masi"}, "not a distance"),
        ({"distance": "massi"}, "masi"),
        ({"distance": lambda one, other: one - other}, "symmetric"),
        ({"method": "boot"}, "not known"),
        ({"method": "analytic"}, "no analytic standard error"),
        ({"order": [1, 2]}, "not among those of order"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, Any], words: str) -> None:
    codes = np.array([[1, 2, 3], [2, 2, np.nan], [4, 4, 3], [1, 1, 1]], dtype=float)
    with pytest.raises(sp.StancepackError, match=words):
        sp.agreement(codes, **options)


def test_two_coders_are_needed_to_speak_of_coders() -> None:
    codes = np.array([[1, 2], [2, 2], [4, 4], [1, 1], [2, 1]])
    with pytest.raises(sp.StancepackError, match="three coders"):
        sp.agreement(codes, method="jackknife-coders")


def test_all_weights_have_ones_on_the_diagonal_and_fall_with_distance() -> None:
    categories = Categories.of([1, 2, 3, 4, 5])
    for name in WEIGHTS:
        matrix = weight_matrix(name, categories)
        assert np.allclose(np.diagonal(matrix), 1)
        assert np.allclose(matrix, matrix.T)
        if name != "circular":
            assert (np.diff(matrix[0]) <= 1e-12).all()


# ------------------------------------------------------------------------------------------------
# large and continuous


def test_continuous_codes_need_no_table_of_pairs() -> None:
    random = np.random.default_rng(0)
    codes = random.normal(size=(80, 1)) + random.normal(size=(80, 3))  # the peer is slow with more
    expected = krippendorff.alpha(reliability_data=codes.T, level_of_measurement="interval")
    assert sp.agreement(codes, level="interval", interval=None).value == pytest.approx(
        expected, abs=1e-9
    )
    expected = krippendorff.alpha(reliability_data=codes.T, level_of_measurement="ordinal")
    assert sp.agreement(codes, level="ordinal", interval=None).value == pytest.approx(
        expected, abs=1e-9
    )
    with pytest.raises(sp.StancepackError, match="too many"):
        sp.agreement(random.normal(size=(1000, 3)), coefficient="fleiss_kappa")


def test_nominal_alpha_of_many_labels_needs_no_table_of_pairs() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 260, (400, 3)).astype(float)
    codes[:100, 1] = codes[:100, 0]
    codes[random.random(codes.shape) < 0.3] = np.nan
    expected = krippendorff.alpha(reliability_data=codes.T, level_of_measurement="nominal")
    measured = sp.agreement(codes, level="nominal", draws=100)
    assert measured.value == pytest.approx(expected, abs=1e-9)
    assert measured.low < measured.value < measured.high
    few = sp.agreement(codes % 5, level="nominal", interval=None)
    unused = sp.agreement(codes % 5, level="nominal", interval=None, order=range(300))
    assert unused.value == pytest.approx(few.value, abs=1e-12)
    labels = [f"label {number}" for number in range(3000)]
    assert sp.agreement(np.column_stack([labels, labels]), level="nominal").value == 1


def test_whole_numbers_with_a_sign_for_missing_are_counted_as_they_stand() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(-2, 3, (1000, 3)).astype(np.int8)
    gone = random.random(codes.shape) < 0.2
    small, large = (
        np.where(gone, -9, codes).astype(np.int8),
        np.where(gone, np.nan, codes.astype(float)),
    )
    for name in ("alpha", "ac1", "conger_kappa"):
        assert value(small, name, missing=-9) == pytest.approx(value(large, name), abs=1e-12)


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint8, np.uint64, float, object])
@pytest.mark.parametrize("first", [1, 50, 120])
def test_the_kind_of_the_numbers_and_where_they_begin_do_not_matter(kind: type, first: int) -> None:
    codes = np.random.default_rng(0).integers(0, 5, (60, 6))
    shifted = (codes + first).astype(kind)
    assert value(shifted, "alpha", level="nominal") == value(codes, "alpha", level="nominal")


def test_agreement_by_pair_coder_and_code() -> None:
    frame = four_raters()
    pairs = sp.agreement_by(frame, by="pair", coefficient="cohen_kappa", **COLUMNS, interval=None)
    assert len(pairs) == 6
    two = frame[frame["coder"].isin([0, 1])]
    assert pairs["value"].iloc[0] == pytest.approx(
        sp.agreement(two, coefficient="cohen_kappa", **COLUMNS, interval=None).value
    )
    without = sp.agreement_by(
        frame, by="coder", level="nominal", **COLUMNS, interval=None
    ).set_index("coder")["value"]
    rest = frame[frame["coder"] != 3]
    assert without[3] == pytest.approx(
        sp.agreement(rest, level="nominal", **COLUMNS, interval=None).value
    )
    codes = sp.agreement_by(frame, by="code", **COLUMNS, interval=None)
    assert codes["code"].tolist() == ["a", "b", "c", "d", "e"]
    with pytest.raises(sp.StancepackError, match="pair"):
        sp.agreement_by(frame, by="pairs", **COLUMNS)


# ------------------------------------------------------------------------------------------------
# an option is used or refused


PAIR = np.array([[1, 2], [2, 2], [3, 3], [1, 1], [2, 1], [3, 2], [3, 3], [1, 1]])
THIRD = np.array([1, 2, 3, 2, 2, 3, 1, 1])
AS_FRAME = pd.DataFrame(
    [(unit, coder, code) for unit, row in enumerate(PAIR) for coder, code in enumerate(row)],
    columns=["unit", "coder", "code"],
)
CALLS = {
    "agreement": lambda name, **options: (
        sp.agreement(AS_FRAME, coefficient=name, **COLUMNS, **options).value
    ),
    "agreements": lambda name, **options: (
        agreements(AS_FRAME, coefficients=[name], **COLUMNS, **options)[0].value
    ),
    **{
        f"agreement_by {by}": lambda name, by=by, **options: sp.agreement_by(
            AS_FRAME, by=by, coefficient=name, **COLUMNS, **options
        )["value"].tolist()
        for by in BY
    },
}


@pytest.mark.parametrize("call", [call for call in CALLS if call != "agreement"])
def test_an_option_that_is_not_there_is_refused_by_its_name(call: str) -> None:
    with pytest.raises(sp.StancepackError, match=r"'intervall'.*did you mean 'interval'"):
        CALLS[call]("alpha", intervall="none")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "boot"}, "'boot' is not known"),
        ({"level": "ordnal"}, "did you mean 'ordinal'"),
        ({"interval": 95}, "between 0 and 1"),
        ({"draws": -1}, "draws is -1"),
        ({"draws": 99.5}, "whole number"),
        ({"seed": -1}, "seed is -1"),
        ({"layout": "tall"}, "'tall' is not known"),
        ({"parts": ""}, "parts is ''"),
    ],
)
def test_what_is_not_known_is_refused_wherever_it_is_given(
    call: str, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        CALLS[call]("alpha", **options)


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_coefficient_is_refused_and_never_another_one(call: str) -> None:
    with pytest.raises(sp.StancepackError, match="'kapa' is not known"):
        CALLS[call]("kapa", interval=None)
    patterns, weights = read_codings(PAIR).patterns, np.eye(3)
    for function in (
        lambda: estimator(patterns, "kapa", "nominal", weights, None),
        lambda: expected_agreement(patterns, "percent", weights),
        lambda: standard_error(patterns, "kapa", weights),
        lambda: estimator(patterns, "alpha", "ordnal", weights, None),
    ):
        with pytest.raises(sp.StancepackError):
            function()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize(
    ("option", "given", "applies"),
    [
        ("weights", "quadratic", [name for name in WITH_PAIRS if name != "ac1"]),
        (
            "weights",
            1 - np.ones((3, 3)) + np.eye(3),
            [name for name in WITH_PAIRS if name != "ac1"],
        ),
        ("distance", lambda one, other: abs(one - other), ["alpha"]),
    ],
    ids=["weights by name", "weights as a matrix", "distance"],
)
def test_an_option_is_used_or_refused(
    call: str, name: str, option: str, given: Any, applies: list[str]
) -> None:
    """So that a figure never names weights that it did not use."""
    if name in applies and call != "agreement_by code":
        value_with = CALLS[call](name, interval=None, **{option: given})
        used = [*np.ravel(value_with)]
        other = "linear" if option == "weights" else lambda one, other: float(one != other)
        assert used != [*np.ravel(CALLS[call](name, interval=None, **{option: other}))] or not used
    else:
        with pytest.raises(sp.StancepackError, match=option):
            CALLS[call](name, interval=None, **{option: given})


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize("method", [None, *METHODS])
def test_an_interval_is_the_one_asked_for_or_refused(name: str, method: str | None) -> None:
    codes = np.column_stack([PAIR, THIRD]) if name not in TWO_CODERS else PAIR
    said = {"bca": "BCa", "percentile": "Percentile", None: "no interval", "analytic": "Gwet"}
    how: dict[str, Any] = {"interval": None} if method is None else {"method": method}
    has_error = name in (*GWET, *TWO_CODERS)
    refused = {
        "analytic": None if has_error else "analytic standard error",
        "jackknife-coders": "three coders" if name in TWO_CODERS else None,
    }.get(method or "")
    if refused:
        with pytest.raises(sp.StancepackError, match=refused):
            sp.agreement(codes, coefficient=name, **how)
        return
    result = sp.agreement(codes, coefficient=name, draws=200, **how)
    assert said.get(method, "Jackknife") in result.method
    assert ("coders" in result.method) == (method == "jackknife-coders")


def test_several_coefficients_at_once_are_those_of_one_at_a_time() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(1, 4, (40, 3)).astype(float)
    codes[random.random(codes.shape) < 0.2] = np.nan
    names = [name for name in COEFFICIENTS if name not in (*TWO_CODERS, *BY_NUMBER)]
    for method in ("bca", "percentile", "jackknife"):
        together = agreements(codes, coefficients=names, method=method, draws=200)
        alone = [sp.agreement(codes, coefficient=name, method=method, draws=200) for name in names]
        assert together == alone


def test_parts_of_a_frame_are_counted_as_each_part_alone() -> None:
    codings = sp.load()["codings"]
    by_issue = patterns_by(codings, "issue_id")
    assert list(by_issue) == list(codings["issue_id"].unique())
    for issue, rows in codings.groupby("issue_id", observed=True):
        keys = ["round", "statement_id", "issue_id"]
        alone = sp.agreement(rows, unit=keys, draws=50)
        assert sp.agreement(by_issue[issue], draws=50) == alone


# ------------------------------------------------------------------------------------------------
# spans


def test_spans_alike_agree_fully_and_shifted_ones_less() -> None:
    spans = pd.DataFrame(
        {
            "coder_id": ["a", "a", "b", "b"],
            "start": [0, 20, 0, 20],
            "end": [10, 40, 10, 40],
            "value": list("xyxy"),
        }
    )
    for variant in ("u", "|u", "cu", "u1995"):
        assert sp.unitising_alpha(spans, continuum=(0, 100), variant=variant) == pytest.approx(1)
    moved = spans.assign(start=[0, 20, 5, 25], end=[10, 40, 15, 45])
    assert 0 < sp.unitising_alpha(moved, continuum=(0, 100)) < 1
    other = spans.assign(value=list("xyyx"))
    assert sp.unitising_alpha(other, continuum=(0, 100), variant="|u") == pytest.approx(1)
    assert sp.unitising_alpha(other, continuum=(0, 100), variant="cu") < 0
    assert sp.unitising_alpha(
        spans, continuum=(0, 100), variant="cu", category="x"
    ) == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end": [10, 40, 10, 140]}, "not within"),
        ({"start": [0, 5, 0, 20]}, "overlap"),
        ({"start": [10, 20, 0, 20]}, "empty"),
    ],
)
def test_spans_that_cannot_be_are_named(change: dict[str, list[int]], words: str) -> None:
    spans = pd.DataFrame(
        {"coder_id": ["a", "a", "b", "b"], "start": [0, 20, 0, 20], "end": [10, 40, 10, 40]}
    )
    with pytest.raises(sp.StancepackError, match=words):
        sp.unitising_alpha(spans.assign(**change), continuum=(0, 100))
    with pytest.raises(sp.StancepackError, match="variant"):
        sp.unitising_alpha(spans, continuum=(0, 100), variant="ku")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_category_of_spans_is_used_or_refused(variant: str) -> None:
    spans = pd.DataFrame(
        {
            "coder_id": ["a", "a", "b", "b"],
            "start": [0, 20, 2, 20],
            "end": [10, 40, 12, 40],
            "value": list("xyxz"),
        }
    )
    with pytest.raises(sp.StancepackError, match=r"category|no span has the value"):
        sp.unitising_alpha(spans, continuum=(0, 100), variant=variant, category="nonsense")
    if variant in ("cu", "u1995"):
        of_x = sp.unitising_alpha(spans, continuum=(0, 100), variant=variant, category="x")
        assert of_x != sp.unitising_alpha(spans, continuum=(0, 100), variant=variant)
    else:
        with pytest.raises(sp.StancepackError, match="would not be used"):
            sp.unitising_alpha(spans, continuum=(0, 100), variant=variant, category="x")


@pytest.mark.parametrize("variant", VARIANTS)
def test_any_text_is_a_value_of_a_span(variant: str) -> None:
    spans = pd.DataFrame(
        {
            "coder_id": ["a", "a", "b"],
            "start": [0, 20, 0],
            "end": [10, 40, 12],
            "value": list("xyx"),
        }
    )
    named = spans.assign(value=spans["value"].map({"x": "(gap)", "y": "None"}))
    alpha = sp.unitising_alpha(spans, continuum=(0, 100), variant=variant)
    assert sp.unitising_alpha(named, continuum=(0, 100), variant=variant) == pytest.approx(
        alpha, nan_ok=True
    )
