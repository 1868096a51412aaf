"""Every coefficient against published values, other implementations, and what must hold whatever the codes."""

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
from stancepack.reliability.analytic import standard_error
from stancepack.reliability.coefficients import BY_NUMBER, COEFFICIENTS, expected_agreement
from stancepack.reliability.counts import patterns
from stancepack.reliability.weights import WEIGHTS, weight_matrix

COLUMNS: dict[str, Any] = {"unit": "unit", "coder": "coder", "value": "code"}
NAMES = {"percent_agreement": "percent", "S": "brennan_prediger"}


def tidy(vector: dict[str, Any]) -> tuple[pd.DataFrame, list[Any] | None]:
    """Turn a known answer's data into tidy codes; also the categories that could have been used."""
    rows: list[tuple[int, int, Any]] = []
    data = vector["data"]
    if vector["kind"] == "units_x_coders":
        rows = [
            (u, c, code)
            for u, row in enumerate(data)
            for c, code in enumerate(row)
            if code is not None
        ]
        return pd.DataFrame(rows, columns=["unit", "coder", "code"]), None
    if vector["kind"] == "contingency":
        names, unit = data["categories"], 0
        for i, row in enumerate(data["table"]):
            for j, count in enumerate(row):
                for _ in range(count):
                    rows += [(unit, 0, names[i]), (unit, 1, names[j])]
                    unit += 1
    else:
        names = list(range(1, len(data[0]) + 1))
        for unit, row in enumerate(data):
            codes = [names[k] for k, count in enumerate(row) for _ in range(count)]
            rows += [(unit, place, code) for place, code in enumerate(codes)]
    return pd.DataFrame(rows, columns=["unit", "coder", "code"]), names


def _known() -> list[Any]:
    path = Path(__file__).parents[2] / "shared" / "vectors" / "agreement.json"
    if not path.is_file():
        return [pytest.param(None, None, id="no-vectors")]
    out = []
    for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
        for number, expected in enumerate(vector["expected"]):
            unknown = expected.get(
                "skip"
            )  # said by the vector itself: not for this order of columns
            if not unknown:
                name = f"{vector['citation'][:60]}: {expected['coef']} {expected.get('weights', expected.get('level', ''))} {number}"
                out.append(pytest.param(vector, expected, id=name))
    return out


def options_of(
    vector: dict[str, Any], expected: dict[str, Any], frame: pd.DataFrame, names: Any
) -> tuple[str, dict[str, Any]]:
    """Say how a known answer is asked for: the coefficient and its options."""
    coefficient = NAMES.get(expected["coef"], expected["coef"])
    weights = None if expected.get("weights") in (None, "unweighted") else expected["weights"]
    options: dict[str, Any] = {**COLUMNS, "interval": "none"}
    if coefficient == "gwet_alpha":  # alpha with 1 - weight for a distance
        if weights is None:
            return "alpha", {**options, "level": "nominal"}
        numbers = patterns(frame, "unit", "coder", "code", names).numbers
        return "alpha", {
            **options,
            "distance": 1 - weight_matrix(weights, numbers),
            "categories": names,
        }
    if coefficient == "alpha":
        if expected["level"] != "custom":
            return "alpha", {**options, "level": expected["level"]}
        return "alpha", {
            **options,
            "distance": np.array(expected["D"], dtype=float),
            "categories": names,
        }
    if "D" in expected:
        weights = 1 - np.array(expected["D"], dtype=float)
    if coefficient == "ac2" and weights is None:
        coefficient = "ac1"
    return coefficient, {**options, "weights": weights, "categories": names}


@pytest.mark.parametrize(("vector", "expected"), _known())
def test_known_answer(vector: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    if vector is None:
        pytest.skip(
            "the collected known answers are not here; the published examples below are tested all the same"
        )
    if vector["kind"] == "spans":
        _known_spans(vector, expected)
        return
    frame, names = tidy(vector)
    if "coders" in expected:
        frame = frame[frame["coder"].isin(expected["coders"])]
    near = expected["tol"] + 1e-12
    if expected["coef"] == "fleiss_z_h0":
        pytest.skip("no test of Fleiss' kappa against nothing is offered")
    if expected["coef"] == "fleiss_pe":
        found = patterns(frame, "unit", "coder", "code", names)
        chance = expected_agreement(found, "fleiss_kappa", np.eye(len(found.categories)))(
            found.units[None, :]
        )[0]
        margins = found.units @ (found.counts / found.size[:, None]) / found.units.sum()
        assert chance == pytest.approx((margins**2).sum())
        # Fleiss squared the margins as he printed them, with three digits
        assert (margins.round(3) ** 2).sum() == pytest.approx(expected["value"], abs=near)
        return
    if "categor" in expected["coef"]:
        # the category values printed for the table of Landis and Koch have joint margins: they are
        # Scott's
        named = {"alpha_category_binary": "alpha", "cohen_kappa_category": "scott_pi"}
        coefficient = named.get(expected["coef"], expected["coef"].partition("_category")[0])
        table = sp.agreement_by(frame, "code", coefficient, **COLUMNS, interval="none").set_index(
            "code"
        )["value"]
        assert table.loc[expected["categories"]].tolist() == pytest.approx(
            expected["value"], abs=near
        )
        return
    coefficient, options = options_of(vector, expected, frame, names)
    if isinstance(expected["value"], float) and math.isnan(expected["value"]):
        # ratio weights with a code 0: the reference divides 0 by 0 on the diagonal; a code agrees
        # with itself here
        assert 0 in set(frame["code"])
        assert math.isfinite(sp.agreement(frame, coefficient, **options).value)
        return
    assert sp.agreement(frame, coefficient, **options).value == pytest.approx(
        expected["value"], abs=near
    )
    if "exact" in expected:
        digits = len(str(expected["exact"]).partition(".")[2])  # as many as are given
        assert round(sp.agreement(frame, coefficient, **options).value, digits) == expected["exact"]
    if "se" in expected and expected["coef"] != "gwet_alpha":  # for alpha no formula is agreed upon
        found = patterns(frame, "unit", "coder", "code", names)
        kind = (
            "quadratic"
            if coefficient == "ac2" and options["weights"] is None
            else options["weights"]
        )
        weights = (
            np.eye(len(found.categories)) if kind is None else weight_matrix(kind, found.numbers)
        )
        error = standard_error(found, coefficient, weights)
        if vector["kind"] == "contingency" and coefficient not in ("cohen_kappa", "scott_pi"):
            units = (
                found.units.sum()
            )  # Gwet's formulas for tables divide by n, those for raw codes by n - 1
            error *= math.sqrt((units - 1) / units)
        assert error == pytest.approx(expected["se"], abs=expected["se_tol"] + 1e-12)


def _known_spans(vector: dict[str, Any], expected: dict[str, Any]) -> None:
    data = vector["data"]
    if "units_by_coder" in data:
        rows = [
            (coder, *span) for coder, spans in enumerate(data["units_by_coder"]) for span in spans
        ]
    else:
        rows = [
            (c, *span, name)
            for name, coders in data["units"].items()
            for c, spans in enumerate(coders)
            for span in spans
        ]
    spans = pd.DataFrame(rows, columns=["coder_id", "start", "end", "value"])
    ends = data["continuum"]
    near = expected["tol"] + 1e-12
    if expected["coef"] == "u_alpha":
        assert sp.unitising_alpha(spans, ends) == pytest.approx(expected["value"], abs=near)
    elif expected["coef"] == "alphaU_1995":
        assert sp.unitising_alpha(spans, ends, "u1995") == pytest.approx(
            expected["value"], abs=near
        )
    elif expected["coef"] == "alphaU_observed_disagreement":
        from stancepack.reliability.spans import _disagreement_1995

        for name, value in zip(expected["categories"], expected["value"], strict=True):
            marked = [[tuple(span) for span in coder] for coder in data["units"][name]]
            assert _disagreement_1995(marked, *ends)[0] == pytest.approx(value, abs=near)
    else:
        stretch = 1e6 if "infinitely" in expected.get("note", "") else 1
        wide = spans.assign(start=spans["start"] * stretch, end=spans["end"] * stretch)
        for name, value in zip(expected["categories"], expected["value"], strict=True):
            found = sp.unitising_alpha(
                wide, [end * stretch for end in ends], "u1995", category=name
            )
            assert found == pytest.approx(value, abs=near)


# ------------------------------------------------------------------------------------------------
# published here

FOUR_RATERS = """a a . a|b b c b|c c c c|c c c c|b b b b|a b c d|d d d d|a a b a|b b b b|. e e e|. . a a|. . c ."""


def four_raters() -> pd.DataFrame:
    """Twelve units, four raters, missing codes: Gwet (2014), table 2.10; also Krippendorff (2011), section C."""
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
    result = sp.agreement(four_raters(), coefficient, **COLUMNS, interval="analytic")
    assert result.value == pytest.approx(value, abs=5e-6)
    student = 2.200985  # t at .975, 11 degrees of freedom
    assert result.value - result.low == pytest.approx(student * error, abs=5e-5)
    assert "Gwet" in result.method


def test_percent_agreement_under_missing_codes_has_two_definitions_and_both_are_named() -> None:
    frame = four_raters()
    assert sp.agreement(frame, "percent", **COLUMNS, interval="none").value == pytest.approx(
        0.8182, abs=5e-5
    )
    assert sp.agreement(frame, "percent_pairs", **COLUMNS, interval="none").value == pytest.approx(
        0.800, abs=5e-4
    )


def test_intraclass_correlations_of_shrout_and_fleiss_1979() -> None:
    """Table 2: four judges, six targets; table 4 gives .17, .29, .71."""
    data = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
        dtype=float,
    )
    values = [sp.agreement(data, name, interval="none").value for name in BY_NUMBER]
    assert [round(value, 2) for value in values] == [0.17, 0.29, 0.71]


def test_sets_of_labels_have_distances() -> None:
    """Passonneau (2006): masi of {a,b} and {a} is 1 - 2/3 · 1/2; codes as sets and as text are alike."""
    sets = [("a|b", "a"), ("b", "b"), ("c", "a|c"), ("a", "a"), ("b|c", "b|c")]
    rows = [
        (unit, coder, code) for unit, pair in enumerate(sets) for coder, code in enumerate(pair)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "coder", "code"])
    as_sets = frame.assign(code=frame["code"].map(lambda code: frozenset(code.split("|"))))
    for distance in ("jaccard", "masi"):
        one = sp.agreement(frame, distance=distance, **COLUMNS, interval="none")
        assert one.value == pytest.approx(
            sp.agreement(as_sets, distance=distance, **COLUMNS, interval="none").value
        )
        assert one.level == distance
    from stancepack.reliability.weights import masi

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
    assert sp.agreement(codes, level=level, interval="none").value == pytest.approx(
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
    assert sp.agreement(codes, "fleiss_kappa", interval="none").value == pytest.approx(
        inter_rater.fleiss_kappa(table), abs=1e-10
    )
    randolph = inter_rater.fleiss_kappa(table, method="randolph")
    assert sp.agreement(codes, "brennan_prediger", interval="none").value == pytest.approx(
        randolph, abs=1e-10
    )
    pair, _ = inter_rater.to_table(codes[:, :2].astype(int))
    for name, wt in ((None, None), ("linear", "linear"), ("quadratic", "quadratic")):
        peer = inter_rater.cohens_kappa(pair, wt=wt)
        ours = sp.agreement(codes[:, :2], "cohen_kappa", weights=name, interval="none")
        assert ours.value == pytest.approx(peer.kappa, abs=1e-10)
    light = np.mean(
        [
            sp.agreement(codes[:, [i, j]], "cohen_kappa", interval="none").value
            for i, j in combinations(range(3), 2)
        ]
    )
    assert sp.agreement(codes, "light_kappa", interval="none").value == pytest.approx(
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
    return sp.agreement(matrix, coefficient, interval="none", **options).value


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
            value(array(matrix), name), sp.agreement(frame, name, **COLUMNS, interval="none").value
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
        assert same(value(codes, name), value(codes, name, categories=[1, 2, 3, 4, 5, 6]))
    if codes.min() < codes.max():
        assert (
            value(codes, "brennan_prediger", categories=range(1, 9))
            >= value(codes, "brennan_prediger") - 1e-12
        )


@given(matrices)
def test_a_distance_of_differences_is_the_interval_level(matrix: list[list[int | None]]) -> None:
    codes = array(matrix)
    squared = value(codes, "alpha", distance=lambda one, other: (one - other) ** 2)
    assert same(value(codes, "alpha", level="interval"), squared)


@given(matrices, coefficients)
def test_every_interval_holds_or_says_why_not(matrix: list[list[int | None]], name: str) -> None:
    for interval in ("percentile", "jackknife"):
        result = sp.agreement(array(matrix), name, interval=interval, replicates=100)
        if math.isnan(result.low):
            assert result.note or result.method == "no interval: one unit"
        elif interval == "jackknife":
            assert result.low - 1e-12 <= result.value <= result.high + 1e-12


# ------------------------------------------------------------------------------------------------
# what is not defined


@pytest.mark.parametrize("name", [name for name in COEFFICIENTS if name not in BY_NUMBER])
def test_undefined_figures_are_nan_with_the_reason(name: str) -> None:
    nothing = np.array([[1.0, np.nan], [np.nan, 2.0]])
    result = sp.agreement(nothing, name)
    assert math.isnan(result.value)
    assert result.note == "No unit has two codes."
    same_code = np.ones((5, 2))
    result = sp.agreement(same_code, name)
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
        ({"interval": "boot"}, "not known"),
        ({"interval": "analytic"}, "no analytic standard error"),
        ({"categories": [1, 2]}, "not among the categories"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, Any], words: str) -> None:
    codes = np.array([[1, 2, 3], [2, 2, np.nan], [4, 4, 3], [1, 1, 1]], dtype=float)
    with pytest.raises(sp.StancepackError, match=words):
        sp.agreement(codes, **options)


def test_two_coders_are_needed_to_speak_of_coders() -> None:
    codes = np.array([[1, 2], [2, 2], [4, 4], [1, 1], [2, 1]])
    with pytest.raises(sp.StancepackError, match="three coders"):
        sp.agreement(codes, interval="jackknife-coders")


def test_all_weights_have_ones_on_the_diagonal_and_fall_with_distance() -> None:
    numbers = np.array([1.0, 2, 3, 4, 5])
    for name in WEIGHTS:
        matrix = weight_matrix(name, numbers)
        assert np.allclose(np.diagonal(matrix), 1)
        assert np.allclose(matrix, matrix.T)
        if name != "circular":
            assert (np.diff(matrix[0]) <= 1e-12).all()


# ------------------------------------------------------------------------------------------------
# large and continuous


def test_continuous_codes_need_no_table_of_pairs() -> None:
    random = np.random.default_rng(0)
    codes = random.normal(size=(300, 1)) + random.normal(size=(300, 3))
    expected = krippendorff.alpha(reliability_data=codes.T, level_of_measurement="interval")
    assert sp.agreement(codes, level="interval", interval="none").value == pytest.approx(
        expected, abs=1e-9
    )
    expected = krippendorff.alpha(reliability_data=codes.T, level_of_measurement="ordinal")
    assert sp.agreement(codes, level="ordinal", interval="none").value == pytest.approx(
        expected, abs=1e-9
    )
    with pytest.raises(sp.StancepackError, match="too many"):
        sp.agreement(random.normal(size=(1000, 3)), "fleiss_kappa")


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


def test_agreement_by_pair_coder_and_code() -> None:
    frame = four_raters()
    pairs = sp.agreement_by(frame, "pair", "cohen_kappa", **COLUMNS, interval="none")
    assert len(pairs) == 6
    two = frame[frame["coder"].isin([0, 1])]
    assert pairs["value"].iloc[0] == pytest.approx(
        sp.agreement(two, "cohen_kappa", **COLUMNS, interval="none").value
    )
    without = sp.agreement_by(
        frame, "coder", level="nominal", **COLUMNS, interval="none"
    ).set_index("coder")["value"]
    rest = frame[frame["coder"] != 3]
    assert without[3] == pytest.approx(
        sp.agreement(rest, level="nominal", **COLUMNS, interval="none").value
    )
    codes = sp.agreement_by(frame, "code", **COLUMNS, interval="none")
    assert codes["code"].tolist() == ["a", "b", "c", "d", "e"]
    with pytest.raises(sp.StancepackError, match="pair"):
        sp.agreement_by(frame, "pairs", **COLUMNS)


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
        assert sp.unitising_alpha(spans, (0, 100), variant) == pytest.approx(1)
    moved = spans.assign(start=[0, 20, 5, 25], end=[10, 40, 15, 45])
    assert 0 < sp.unitising_alpha(moved, (0, 100)) < 1
    other = spans.assign(value=list("xyyx"))
    assert sp.unitising_alpha(other, (0, 100), "|u") == pytest.approx(1)
    assert sp.unitising_alpha(other, (0, 100), "cu") < 0
    assert sp.unitising_alpha(spans, (0, 100), "cu", category="x") == pytest.approx(1)


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
        sp.unitising_alpha(spans.assign(**change), (0, 100))
    with pytest.raises(sp.StancepackError, match="variant"):
        sp.unitising_alpha(spans, (0, 100), "ku")
