"""What is never guessed in silence; old spellings; results that can be shown, drawn and pickled."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest

import stancepack as sp
from stancepack.reliability.agreement import agreements

COLUMNS: dict[str, Any] = {"unit": "unit", "coder": "coder", "value": "code"}
GRADES = [("bad", "bad"), ("fair", "good"), ("good", "good"), ("bad", "fair"), ("fair", "fair")]
NUMBERS = [(-1, -1), (0, 1), (1, 1), (-1, 0), (0, 0)]


def tidy(units: list[Any]) -> pd.DataFrame:
    rows = [
        (f"u{unit}", "ab"[coder], code)
        for unit, codes in enumerate(units)
        for coder, code in enumerate(codes)
    ]
    return pd.DataFrame(rows, columns=["unit", "coder", "code"])


def value(data: Any, **how: Any) -> float:
    how = how if isinstance(data, np.ndarray | list) else {**COLUMNS, **how}
    return sp.agreement(data, interval=None, **how).value


# ------------------------------------------------------------------------------------------------
# order, numbers and parts


def test_names_have_an_order_where_it_is_said_and_else_are_refused() -> None:
    ranks = {"bad": 1, "fair": 2, "good": 3}
    right = value(tidy([[ranks[code] for code in unit] for unit in GRADES]))
    assert value(tidy(GRADES), order=["bad", "fair", "good"]) == right
    for how in (
        {},
        {"coefficient": "ac2"},
        {"coefficient": "fleiss_kappa", "weights": "linear"},
        {"distance": 1 - np.eye(3)},
        {"coefficient": "cohen_kappa", "weights": np.eye(3)},
    ):
        with pytest.raises(sp.StancepackError, match=r"order of the codes.*'bad', 'fair', 'good'"):
            value(tidy(GRADES), **how)
    with pytest.raises(sp.StancepackError, match="order"):
        sp.combine(tidy(GRADES), method="ordinal", **COLUMNS)
    with pytest.raises(sp.StancepackError, match="order"):
        sp.plan_agreement(tidy(GRADES), level="nominal", **COLUMNS)
    assert value(tidy(GRADES), level="nominal") == value(
        tidy(GRADES), level="nominal", order=["bad", "fair", "good"]
    )


def test_two_names_need_no_order() -> None:
    yes_and_no = [("yes", "yes"), ("no", "yes"), ("no", "no")]
    as_numbers = [[int(code == "yes") for code in unit] for unit in yes_and_no]
    assert value(tidy(yes_and_no)) == value(tidy(as_numbers))


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
@pytest.mark.parametrize("engine", [pd.DataFrame, polars.DataFrame])
def test_one_stray_cell_is_named_with_its_unit_and_coder(level: str, engine: Any) -> None:
    units = [*NUMBERS, (1, "oops")]
    frame = engine({name: list(map(str, cells)) for name, cells in tidy(units).items()})
    with pytest.raises(sp.StancepackError, match=r"unit u5, coder b: the code 'oops'.*missing="):
        value(frame, level=level)
    if level != "ratio":
        assert value(frame, level=level, missing=["oops"]) == value(tidy(NUMBERS), level=level)


def test_labels_in_one_cell_need_a_distance_of_sets() -> None:
    units = [("a|b", "b|a"), ("a", "a"), ("c", "b|c")]
    for frame in (tidy(units), tidy([[code.split("|") for code in unit] for unit in units])):
        for how in ({"level": "nominal"}, {}, {"coefficient": "ac1"}):
            with pytest.raises(sp.StancepackError, match=r"set of labels.*masi"):
                value(frame, **how)
        with pytest.raises(sp.StancepackError, match="set of labels"):
            sp.combine(frame, method="majority", **COLUMNS)
    assert value(tidy(units), level="nominal", parts=None) < 1, "names with a stroke in them"


@pytest.mark.parametrize("sign", ["#", ";", ", "])
def test_another_sign_between_labels_is_found_and_said(sign: str) -> None:
    units = [("a|b", "b|a"), ("a", "a"), ("c", "b|c"), ("b", "c")]
    right = sp.agreement(tidy(units), distance="masi", interval=None, **COLUMNS)
    other = tidy([[code.replace("|", sign) for code in unit] for unit in units])
    found = sp.agreement(other, distance="masi", interval=None, **COLUMNS)
    assert found.value == pytest.approx(right.value, abs=1e-12)
    assert sign.strip() in found.note
    named = sp.agreement(other, distance="masi", interval=None, parts=sign.strip(), **COLUMNS)
    assert (named.value, named.note) == (right.value, "")
    both = other.replace({"code": {"c": "c/d;e", "b": "b;e#a"}})
    if sign != "#":
        with pytest.raises(sp.StancepackError, match="parts="):
            value(both, distance="masi")


def test_labelled_weights_and_distances_are_read_by_label() -> None:
    order = ["bad", "fair", "good"]
    away = np.array([[0, 1, 4], [1, 0, 2], [4, 2, 0]])
    labelled = pd.DataFrame(away, index=order, columns=order)
    right = value(tidy(GRADES), distance=away, order=order)
    mixed = labelled.loc[order[::-1], ["fair", "bad", "good"]]
    assert value(tidy(GRADES), distance=mixed) == pytest.approx(right, abs=1e-12)
    weights = 1 - labelled / 4
    expected = value(tidy(GRADES), coefficient="ac2", weights=weights.to_numpy(), order=order)
    shuffled = weights.loc[order[::-1], ["fair", "bad", "good"]]
    found = value(tidy(GRADES), coefficient="ac2", weights=shuffled)
    assert found == pytest.approx(expected, abs=1e-12)
    with pytest.raises(sp.StancepackError, match="'good' is not among them"):
        value(tidy(GRADES), distance=labelled.iloc[:2, :2])
    more = pd.DataFrame(np.eye(4), index=[*order, "top"], columns=[*order, "top"])
    with pytest.raises(sp.StancepackError, match="'top'"):
        value(tidy(GRADES), coefficient="ac2", weights=more)


def test_a_ratio_scale_has_nothing_below_nought() -> None:
    for how in ({"level": "ratio"}, {"coefficient": "ac2", "weights": "ratio"}):
        with pytest.raises(sp.StancepackError, match=r"unit u0, coder a: the code -1 is below 0"):
            value(tidy(NUMBERS), **how)


def test_the_same_number_in_two_spellings_is_one_code_and_two_names_are_not_made_one() -> None:
    assert sp.codings([(1, "a", "1"), (1, "b", "1.0"), (2, "a", 1)]).categories == [1]
    with pytest.raises(sp.StancepackError, match=r"1\.10"):
        sp.codings([(1, "a", "1.1"), (1, "b", "1.10")]).patterns  # noqa: B018


# ------------------------------------------------------------------------------------------------
# tables and layouts


def test_a_wide_table_is_named_where_it_is_given_and_its_units_are_no_coder() -> None:
    wide = pd.DataFrame({"n": range(1, 7), "a": [1, 2, 2, 1, 3, 1], "b": [1, 2, 1, 1, 3, 1]})
    with pytest.raises(sp.StancepackError, match='layout="wide"'):
        sp.agreement(wide)
    with pytest.raises(sp.StancepackError, match="unit='n'"):
        sp.agreement(wide, layout="wide")
    for how in ({"unit": "n"}, {"coder": ["a", "b"]}):
        assert sp.agreement(wide, layout="wide", **how).n_coders == 2
    with pytest.raises(sp.StancepackError, match="two rows are of one unit"):
        sp.agreement(pd.concat([wide, wide]), layout="wide", unit="n")


def test_more_coders_than_units_are_doubted() -> None:
    raters = np.random.default_rng(0).integers(0, 2, (3, 10))
    with pytest.raises(sp.StancepackError, match="coders-in-rows"):
        sp.agreement(raters, level="nominal")
    assert sp.agreement(raters, level="nominal", layout="wide").n_coders == 10
    assert sp.agreement(raters, level="nominal", layout="coders-in-rows").n_coders == 3
    assert "coders-in-rows" in sp.agreement(raters[:, :4], level="nominal").note


def test_counts_do_not_say_who_gave_which_code() -> None:
    counts = np.array([[0, 3], [1, 2], [3, 0]])
    for call in (
        lambda: sp.agreement(counts, layout="counts", coefficient="conger_kappa"),
        lambda: sp.agreement(counts, layout="counts", method="jackknife-coders"),
        lambda: sp.agreement_by(counts, layout="counts", by="pair"),
        lambda: sp.diagnose(counts, layout="counts"),
        lambda: sp.combine(counts, layout="counts"),
    ):
        with pytest.raises(sp.StancepackError, match="does not say"):
            call()
    combined = sp.combine(counts, layout="counts", method="majority")
    assert combined.codes["code"].tolist() == [1, 1, 0]
    with pytest.raises(sp.StancepackError, match="numbers"):
        sp.agreement(counts, layout="counts", level="ratio")
    assert value(counts, layout="counts", level="ratio", order=[1, 5]) > 0
    with pytest.raises(sp.StancepackError, match="whole numbers"):
        sp.agreement(counts / 2, layout="counts")


def test_what_was_read_is_not_read_again() -> None:
    read = sp.codings(tidy(NUMBERS), **COLUMNS)
    assert sp.codings(read) is read
    for how in (COLUMNS, {"missing": 1}, {"order": [1]}, {"layout": "wide"}, {"parts": ";"}):
        for call in (sp.codings, sp.agreement, sp.diagnose, sp.combine, sp.plan_agreement):
            with pytest.raises(sp.StancepackError, match=f"{next(iter(how))}= "):
                call(read, **how)


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint64", "int64", "float32", object])
@pytest.mark.parametrize("first", [0, 50, 100])
def test_any_kind_of_whole_number_and_many_coders_give_the_same(kind: Any, first: int) -> None:
    codes = np.random.default_rng(1).integers(0, 5, (20, 6)) + first
    usual = sp.agreement(codes, interval=None)
    assert sp.agreement(codes.astype(kind), interval=None) == usual
    assert sp.agreement(codes - first, interval=None) == usual


def test_nothing_chosen_is_said() -> None:
    nobody = sp.agreement(tidy(NUMBERS).head(0), **COLUMNS)
    assert "no row was chosen" in nobody.note
    assert "no row was chosen" not in sp.agreement(tidy(NUMBERS).head(1), **COLUMNS).note


def test_disagreements_are_of_a_package() -> None:
    with pytest.raises(sp.StancepackError, match="of a package"):
        sp.disagreements(tidy(NUMBERS))  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------
# combining


def test_majorities_are_shares_and_ties_go_to_the_more_frequent_code() -> None:
    found = sp.combine(tidy([(1, 1), (1, 1), (2, 1)]), method="majority", **COLUMNS)
    assert found.codes["code"].tolist() == [1, 1, 1]
    assert found.codes["probability"].tolist() == [1, 1, 0.5]
    assert found.codes[["p(1)", "p(2)"]].to_numpy().tolist() == [[1, 0], [1, 0], [0.5, 0.5]]


@pytest.mark.parametrize("method", ["dawid_skene", "mace", "ordinal"])
def test_a_fit_that_comes_to_no_end_raises(method: str) -> None:
    with pytest.raises(sp.NotConverged, match="2 iterations"):
        sp.combine(tidy(NUMBERS * 4), method=method, iterations=2, **COLUMNS)
    probability = sp.combine(tidy(NUMBERS * 4), method=method, **COLUMNS).codes.iloc[:, 2:]
    assert ((probability >= 0) & (probability <= 1)).all(axis=None)


# ------------------------------------------------------------------------------------------------
# old spellings


SPANS = pd.DataFrame({"coder_id": list("aabb"), "start": [2, 14, 4, 15], "end": [10, 20, 8, 17]})
ARRAY = np.array([*NUMBERS, (1, 1), (0, 0)])
OLD: dict[str, tuple[Any, Any]] = {
    "agreement(…, coefficient='ac2')": (
        lambda: sp.agreement(ARRAY, "ac2"),
        lambda: sp.agreement(ARRAY, coefficient="ac2"),
    ),
    "method='percentile'": (
        lambda: sp.agreement(ARRAY, interval="percentile", replicates=30, confidence=0.9),
        lambda: sp.agreement(ARRAY, method="percentile", draws=30, interval=0.9),
    ),
    "interval=None": (
        lambda: sp.agreement(ARRAY, interval="none"),
        lambda: sp.agreement(ARRAY, interval=None),
    ),
    "interval=None)": (
        lambda: sp.agreement(ARRAY, replicates=0),
        lambda: sp.agreement(ARRAY, interval=None),
    ),
    "order=": (
        lambda: sp.agreement(ARRAY, "ac1", categories=[-1, 0, 1, 2]),
        lambda: sp.agreement(ARRAY, coefficient="ac1", order=[-1, 0, 1, 2]),
    ),
    "agreements(…, coefficients=": (
        lambda: agreements(ARRAY, ["alpha"], "nominal"),
        lambda: agreements(ARRAY, coefficients=["alpha"], level="nominal"),
    ),
    "agreement_by(…, by='code'": (
        lambda: sp.agreement_by(ARRAY, "code", "ac1").to_dict("list"),
        lambda: sp.agreement_by(ARRAY, by="code", coefficient="ac1").to_dict("list"),
    ),
    "diagnose(…, level='nominal')": (
        lambda: sp.diagnose(ARRAY, "nominal").agreement,
        lambda: sp.diagnose(ARRAY, level="nominal").agreement,
    ),
    "combine(…, method='majority'": (
        lambda: sp.combine(ARRAY, "majority").codes.to_dict("list"),
        lambda: sp.combine(ARRAY, method="majority").codes.to_dict("list"),
    ),
    "plan_agreement(…, width=0.1, units=[9], coders=[2], draws=2": (
        lambda: sp.plan_agreement(ARRAY, 0.1, [9], [2], simulations=2).designs.to_dict("list"),
        lambda: sp.plan_agreement(ARRAY, width=0.1, units=[9], coders=[2], draws=2).designs.to_dict(
            "list"
        ),
    ),
    "unitising_alpha(…, continuum=(0, 24), variant='|u')": (
        lambda: sp.unitising_alpha(SPANS, (0, 24), "|u"),
        lambda: sp.unitising_alpha(SPANS, continuum=(0, 24), variant="|u"),
    ),
}


@pytest.mark.parametrize("line", OLD)
def test_old_spellings_work_and_give_the_new_line(line: str) -> None:
    old, new = OLD[line]
    with pytest.warns(sp.StancepackDeprecation) as caught:
        was = old()
    assert line in str(caught[0].message)
    assert caught[0].filename == __file__, "the warning points to the caller's line"
    assert repr(was) == repr(new())


def test_old_and_new_at_once_or_too_many_places_are_refused() -> None:
    with pytest.raises(sp.StancepackError, match="replicates= is the old name of draws="):
        sp.agreement(ARRAY, replicates=10, draws=10)
    with pytest.raises(TypeError, match="by keyword"):
        sp.combine(*[ARRAY] * 9)
    with pytest.raises(TypeError, match="by place and by keyword"):
        sp.agreement(ARRAY, "ac1", coefficient="ac1")


# ------------------------------------------------------------------------------------------------
# results


@pytest.mark.parametrize(
    "result",
    [
        sp.agreement(ARRAY, draws=50),
        sp.diagnose(ARRAY, draws=50),
        sp.combine(ARRAY, method="majority"),
        sp.plan_agreement(ARRAY, units=[9, 12], coders=[2], draws=2),
    ],
    ids=lambda result: type(result).__name__,
)
def test_results_have_a_table_and_words_can_be_pickled_and_hide_nothing(result: Any) -> None:
    again = pickle.loads(pickle.dumps(result))
    assert repr(again) == repr(result)
    assert isinstance(result.table, pd.DataFrame)
    assert not result.table.attrs
    assert repr(result) in result.summary()
    assert "<" in result._repr_html_()
    if hasattr(result, "plot"):
        from matplotlib.figure import Figure

        figure = Figure()
        axes = figure.add_subplot()
        assert result.plot(ax=axes) is axes
        assert result.plot().figure.axes


def test_the_plan_says_which_design_is_enough() -> None:
    plan = sp.plan_agreement(ARRAY, width=3, units=[9, 12], coders=[2], draws=2)
    assert repr(plan) == "an interval of 3: 9 units by 2 coders are enough"
    assert plan.sigma > 0
    none = sp.plan_agreement(ARRAY, width=0.001, units=[9], coders=[2], draws=2)
    assert "none of 1 designs" in repr(none)


# ------------------------------------------------------------------------------------------------
# the command line


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stancepack", "agreement", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_a_file_of_codes_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("story;ann;ben\n1;1;1\n2;2;3\n3;3;3\n4;1;.\n5;2;2\n", encoding="utf-8")
    done = run(str(path), "--layout", "wide", "--unit", "story", "--missing", ".")
    assert done.returncode == 0, done.stderr
    figure = sp.agreement(path, layout="wide", unit="story", missing=".")
    assert repr(figure) in done.stdout
    assert "disagree most" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["2", "2", "3", "1"]
    as_csv = run(str(path), "--layout", "wide", "--unit", "story", "--missing", ".", "--csv")
    assert as_csv.stdout.startswith("coefficient,value,low,high")
    wrong = run(str(path), "--layout", "wide", "--unit", "story")
    assert wrong.returncode == 1
    assert "story 4, coder_id ben: the code '.'" in wrong.stderr
    assert "name the file" in run("--layout", "wide").stderr
