"""Agreement: published values, properties, and the undefined cases."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack.reliability.computation import METHODS

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 12 units, 4 observers,
# missing data
OBSERVERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}


def tidy(matrix: dict[str, str] | list[list[float | None]]) -> pd.DataFrame:
    """Turn coder → codes, or units × coders, into unit, coder, code."""
    if isinstance(matrix, dict):
        rows = [
            (u, c, float(v))
            for c, codes in matrix.items()
            for u, v in enumerate(codes.split())
            if v != "."
        ]
    else:
        rows = [
            (u, c, v)
            for u, codes in enumerate(matrix)
            for c, v in enumerate(codes)
            if v is not None
        ]
    return pd.DataFrame(rows, columns=["unit", "coder", "code"])


def agree(frame: pd.DataFrame, **options: object) -> sp.Agreement:
    return sp.agreement(
        frame, unit="unit", coder="coder", value="code", **{"interval": None, **options}
    )


@pytest.mark.parametrize(
    ("level", "published", "exact"),
    [
        ("nominal", 0.743, 0.7434210526),
        ("ordinal", 0.815, 0.8153875038),
        ("interval", 0.849, 0.8491071429),
        ("ratio", 0.797, 0.7974027747),
    ],
)
def test_alpha_of_krippendorff_2011_four_observers_twelve_units(
    level: str, published: float, exact: float
) -> None:
    result = agree(tidy(OBSERVERS), level=level)
    assert round(result.value, 3) == published
    assert result.value == pytest.approx(exact, abs=1e-9)
    assert (result.n_units, result.n_coders) == (11, 4)


@pytest.mark.parametrize(
    ("level", "exact"),
    [("nominal", 0.6527), ("ordinal", 0.6846), ("interval", 0.6771), ("ratio", 0.6181)],
)
def test_alpha_of_complete_data_with_more_than_two_coders(level: str, exact: float) -> None:
    """Units 2 to 9 of 2011; a widely copied implementation gives .6452, .6778, .6701, .6099."""
    frame = tidy(OBSERVERS)
    whole = frame[frame["unit"].between(1, 8)]
    whole = whole[whole.groupby("unit")["code"].transform("size") == 4]
    assert agree(whole, level=level).value == pytest.approx(exact, abs=6e-5)


def test_ordinal_alpha_uses_krippendorffs_metric_not_absolute_differences() -> None:
    """On these skewed codes absolute differences give .5382, squared ones .8154."""
    a, b = [2, 2, 2, 2, 1, 2, 2, -2, 2, 2, 1, 0], [2, 2, 2, 1, 2, 2, 2, -1, 2, 2, 2, 1]
    frame = tidy([[x, y] for x, y in zip(a, b, strict=True)])
    assert agree(frame, level="ordinal").value == pytest.approx(0.5605, abs=5e-5)
    assert agree(frame, level="interval").value == pytest.approx(0.8154, abs=5e-5)


def test_percent_agreement_under_missing_codes_is_the_mean_over_units() -> None:
    """Gwet's definition gives .8182 on the 2011 data; pairs weighted alike would give .800."""
    result = agree(tidy(OBSERVERS), coefficient="percent")
    assert result.value == pytest.approx(0.8181818, abs=1e-6)
    assert result.level == "nominal"


codes = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-2, 2)), min_size=3, max_size=3),
    min_size=2,
    max_size=25,
)


def same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or one == pytest.approx(other, abs=1e-9)


@given(
    codes, st.randoms(use_true_random=False), st.sampled_from(["nominal", "ordinal", "interval"])
)
def test_order_of_units_and_coders_does_not_matter(
    matrix: list[list[int | None]], random: object, level: str
) -> None:
    shuffled = [row[::-1] for row in matrix]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert same(agree(tidy(matrix), level=level).value, agree(tidy(shuffled), level=level).value)


@given(codes)
def test_names_of_codes_do_not_matter_at_the_nominal_level(matrix: list[list[int | None]]) -> None:
    frame = tidy(matrix)
    named = frame.assign(code=frame["code"].map({-2: "d", -1: "a", 0: "e", 1: "c", 2: "b"}))
    assert same(agree(frame, level="nominal").value, agree(named, level="nominal").value)


@given(codes)
def test_any_increasing_numbers_do_at_the_ordinal_level(matrix: list[list[int | None]]) -> None:
    frame = tidy(matrix)
    stretched = frame.assign(code=frame["code"].map({-2: -100, -1: 0.5, 0: 1, 1: 7, 2: 8}))
    assert same(agree(frame, level="ordinal").value, agree(stretched, level="ordinal").value)


@given(st.lists(st.integers(-2, 2), min_size=2, max_size=25))
def test_a_coder_and_a_copy_agree_fully_or_it_is_not_defined(given_codes: list[int]) -> None:
    result = agree(tidy([[code, code] for code in given_codes]))
    assert result.value == 1 if len(set(given_codes)) > 1 else math.isnan(result.value)


@given(codes)
def test_units_coded_once_change_nothing(matrix: list[list[int | None]]) -> None:
    more = [*matrix, [2, None, None], [None, -2, None]]
    assert same(agree(tidy(matrix)).value, agree(tidy(more)).value)


@given(codes)
@settings(max_examples=30)
def test_two_units_of_every_pattern_leave_percent_agreement_as_it_is(
    matrix: list[list[int | None]],
) -> None:
    assert same(
        agree(tidy(matrix), coefficient="percent").value,
        agree(tidy(matrix * 2), coefficient="percent").value,
    )


def test_the_interval_holds_the_estimate_and_is_the_same_every_time() -> None:
    one, two = (agree(tidy(OBSERVERS), interval=0.95, draws=1000, seed=3) for _ in range(2))
    assert one == two
    assert one.low < one.value < one.high
    assert "BCa" in one.method
    assert "1000 replicates, seed 3" in one.method


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Three coders who err independently; the truth is alpha of a very large sample."""
    random = np.random.default_rng(1)

    def sample(n: int) -> pd.DataFrame:
        truth = random.choice(5, n, p=[0.1, 0.2, 0.2, 0.3, 0.2])
        given_ = np.where(
            random.random((n, 3)) < 0.75, truth[:, None], random.integers(0, 5, (n, 3))
        )
        return pd.DataFrame(
            {
                "unit": np.repeat(np.arange(n), 3),
                "coder": np.tile(np.arange(3), n),
                "code": given_.ravel(),
            }
        )

    true = agree(sample(200_000)).value
    results = [agree(sample(60), interval=0.95, draws=400, seed=i) for i in range(120)]
    covered = np.mean([r.low <= true <= r.high for r in results])
    assert 0.88 <= covered <= 0.99


def test_no_unit_with_two_codes_gives_nan_with_the_reason() -> None:
    result = agree(tidy([[1, None], [None, 2]]))
    assert math.isnan(result.value)
    assert result.note == "No unit has two codes."
    assert result.verdict == "undefined"


def test_a_single_code_gives_nan_with_the_reason_never_one() -> None:
    result = agree(tidy([[1, 1], [1, 1]]), interval=0.95, draws=100)
    assert math.isnan(result.value)
    assert "Only one code" in result.note


def test_full_agreement_says_that_its_interval_has_no_width() -> None:
    result = agree(tidy([[1, 1], [2, 2]] * 10), interval=0.95, draws=100)
    assert (result.low, result.high) == (1, 1)
    assert "no width" in result.note


def test_verdicts_follow_the_lower_end_and_the_number_of_units() -> None:
    def verdict(low: float, n: int) -> str:
        return sp.Agreement("alpha", max(low, 0.9), low, 1.0, "ordinal", n, 2, "").verdict

    assert [verdict(low, 50) for low in (0.8, 0.799, 0.667, 0.666)] == [
        "reliable",
        "acceptable",
        "acceptable",
        "tentative",
    ]
    assert verdict(0.9, 9) == "too-few"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"coefficient": "kapa"}, "kapa"),
        ({"level": "ordnal"}, "did you mean 'ordinal'"),
        ({"interval": 95}, "between 0 and 1"),
    ],
)
def test_unknown_options_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        agree(tidy(OBSERVERS), **options)


def test_unknown_columns_and_double_codes_are_named() -> None:
    frame = tidy(OBSERVERS)
    with pytest.raises(sp.StancepackError, match="no column 'codes'; did you mean 'code'"):
        sp.agreement(frame, unit="unit", coder="coder", value="codes")
    with pytest.raises(sp.StancepackError, match="coded twice: unit 0, coder A"):
        agree(pd.concat([frame, frame.head(1)]))
    with pytest.raises(sp.StancepackError, match="needs numbers"):
        agree(frame.assign(code="x"), level="interval")


def test_units_are_found_by_themselves_and_na_is_missing() -> None:
    codings = sp.load()["codings"]
    by_hand = sp.agreement(
        codings.dropna(subset=["position"]),
        unit=["round", "statement_id", "issue_id"],
        draws=99,
    )
    pooled = sp.agreement(codings, draws=99)
    assert replace(pooled, note="") == by_hand
    assert "code the same units are taken together" in pooled.note, "nobody asked for that"


def test_it_prints_in_one_line() -> None:
    text = repr(agree(tidy(OBSERVERS), interval=0.95, draws=200))
    assert text.startswith("alpha (ordinal) = 0.815 [")
    assert "11 units, 4 coders" in text
    assert "too narrow" in text  # what is known to fail is said where the interval is shown
    assert "\n" not in text


def test_interval_alpha_of_large_numbers_is_that_of_small_ones() -> None:
    frame = tidy(OBSERVERS)
    shifted = frame.assign(code=frame["code"] + 1.7e9)
    assert agree(shifted, level="interval").value == pytest.approx(
        agree(frame, level="interval").value, abs=1e-9
    )


def test_numbers_written_as_text_or_as_categories_keep_their_order() -> None:
    frame = tidy(OBSERVERS).assign(code=lambda f: f["code"].astype(int) - 3)
    expected = agree(frame, level="ordinal").value
    assert agree(frame.assign(code=frame["code"].astype(str)), level="ordinal").value == expected
    mixed = pd.Categorical(frame["code"], categories=[2, -2, 0, 1, -1])
    assert agree(frame.assign(code=mixed), level="ordinal").value == expected


def test_ordered_names_are_ranked_by_their_category_and_not_by_name() -> None:
    frame = tidy(OBSERVERS)
    names = frame["code"].map({1: "low", 2: "middle", 3: "raised", 4: "high", 5: "top"})
    ranked = pd.Categorical(
        names, categories=["low", "middle", "raised", "high", "top"], ordered=True
    )
    assert agree(frame.assign(code=ranked), level="ordinal").value == pytest.approx(
        0.8153875, abs=1e-6
    )


def test_a_code_without_unit_or_coder_and_an_infinite_one_are_named() -> None:
    frame = tidy(OBSERVERS)
    for column in ("unit", "coder"):
        with pytest.raises(sp.StancepackError, match="every code needs its unit and its coder"):
            agree(frame.assign(**{column: frame[column].where(frame.index != 3)}))
    with pytest.raises(sp.StancepackError, match="infinite"):
        agree(frame.assign(code=frame["code"].replace(4, math.inf)), level="interval")


def test_few_codes_beside_the_most_frequent_one_give_no_verdict() -> None:
    rare = tidy([[0, 0]] * 50 + [[1, 1]] * 3)
    assert agree(rare, level="nominal", interval=0.95, draws=100).verdict == "too-few"
    assert (
        agree(tidy([[0, 0]] * 50 + [[1, 1]] * 6), level="nominal", interval=0.95, draws=100).verdict
        == "reliable"
    )


@pytest.mark.parametrize("method", [None, *(name for name in METHODS if name != "analytic")])
def test_a_verdict_rests_on_an_interval(method: str | None) -> None:
    """Without a lower end there is nothing to call reliable or tentative."""
    how: dict[str, object] = {"interval": None} if method is None else {"method": method}
    how = {"interval": 0.95, "draws": 200, **how}
    agreeing = [[1, 1, 1], [2, 2, 2]] * 40
    some = [[1, 2, 2], [2, 1, 2], [2, 2, 1]]
    result = agree(tidy([*agreeing, *some]), level="nominal", **how)
    assert math.isnan(result.low) == (result.verdict == "no-interval")
    assert (result.verdict == "no-interval") == (method is None)
    full = agree(tidy(agreeing), interval=0.95, method="jackknife")
    assert (full.value, full.verdict) == (1, "no-interval")
    rare = agree(tidy([[1, 1, 1]] * 40 + [[1, 2, 2]]), **how)
    assert rare.verdict == "too-few", "whether or not an interval was computed"


def test_full_disagreement_is_not_called_agreement() -> None:
    assert "differ" not in agree(tidy([[1, 2]] * 12), interval=0.95, draws=100).note


@pytest.mark.parametrize("interval", [None, 0.9])
def test_a_figure_is_equal_to_its_copy_and_to_no_other(interval: float | None) -> None:
    options = {"layout": "wide", "interval": interval, **({"draws": 20} if interval else {})}
    codes = np.array([[1, 1], [2, 2], [1, 2], [2, 2]] * 5)
    figure = sp.agreement(codes, **options)
    for copied in (pickle.loads(pickle.dumps(figure)), copy.deepcopy(figure)):
        assert copied == figure
        assert hash(copied) == hash(figure)
    assert figure != sp.agreement(codes[:-1], **options)
    assert figure != figure.value
