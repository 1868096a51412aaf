"""Diagnosis, planning, and combining coders: what is found must be what was put in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stancepack as sp
from stancepack.reliability.combining import METHODS

COLUMNS: dict[str, Any] = {"unit": "unit", "coder": "coder", "value": "code"}


def simulated(
    accuracy: dict[str, float], units: int = 1500, seed: int = 0
) -> tuple[pd.DataFrame, Any]:
    """Codes of coders who are right so often and else take any code; and the true codes."""
    random = np.random.default_rng(seed)
    truth = random.choice(4, units, p=[0.4, 0.3, 0.2, 0.1])
    rows = []
    for name, share in accuracy.items():
        code = np.where(random.random(units) < share, truth, random.integers(0, 4, units))
        rows += [(unit, name, int(code[unit])) for unit in range(units) if random.random() < 0.8]
    return pd.DataFrame(rows, columns=["unit", "coder", "code"]), truth


def ordinal(
    noise: dict[str, tuple[float, float]], units: int = 1500, seed: int = 0
) -> tuple[pd.DataFrame, Any]:
    """Codes of coders who see the true code with shift and noise; and the true codes."""
    random = np.random.default_rng(seed)
    truth = random.choice(5, units)
    rows = []
    for name, (shift, spread) in noise.items():
        code = np.clip(np.round(truth + shift + spread * random.normal(size=units)), 0, 4).astype(
            int
        )
        rows += [(unit, name, int(code[unit])) for unit in range(units)]
    return pd.DataFrame(rows, columns=["unit", "coder", "code"]), truth


# ------------------------------------------------------------------------------------------------
# diagnosis


def test_the_coder_who_guesses_the_unit_in_dispute_and_the_biased_coder_are_found() -> None:
    frame, _ = simulated({"a": 0.95, "b": 0.95, "c": 0.2}, units=300)
    found = sp.diagnose(frame, level="nominal", **COLUMNS, interval=None)
    assert found.coders.set_index("coder")["without"].idxmax() == "c"
    assert found.coders.set_index("coder")["pairwise"].idxmin() == "c"
    worst = found.units.iloc[0]
    given = [worst[name] for name in ("a", "b", "c") if pd.notna(worst[name])]
    assert len(set(given)) > 1
    assert found.units["share"].sum() == pytest.approx(1)
    shifted, _ = ordinal({"a": (0, 0.3), "b": (0, 0.3), "c": (1, 0.3)}, units=300)
    bias = sp.diagnose(shifted, **COLUMNS, interval=None).coders.set_index("coder")["bias"]
    assert bias["c"] > 0.5 > 0 > bias["a"]


def test_alpha_without_a_unit_is_alpha_of_the_others() -> None:
    frame, _ = simulated({"a": 0.8, "b": 0.8}, units=40)
    found = sp.diagnose(frame, **COLUMNS, interval=None)
    for row in found.units.head(5).itertuples():
        rest = frame[frame["unit"] != row.unit]
        assert row.without == pytest.approx(
            sp.agreement(rest, **COLUMNS, interval=None).value, abs=1e-12
        )


def test_coincidences_are_those_of_krippendorff_2011() -> None:
    """Section C: 40 pairable values; o_11 = 7, o_12 = 4/3, o_22 = 10."""
    observers = {
        "A": "1 2 3 3 2 1 4 1 2 . . .",
        "B": "1 2 3 3 2 2 4 1 2 5 . 3",
        "C": ". 3 3 3 2 3 4 2 2 5 1 .",
        "D": "1 2 3 3 2 4 4 1 2 5 1 .",
    }
    rows = [
        (u, c, int(v))
        for c, codes in observers.items()
        for u, v in enumerate(codes.split())
        if v != "."
    ]
    frame = pd.DataFrame(rows, columns=["unit", "coder", "code"])
    found = sp.diagnose(frame, level="nominal", **COLUMNS, interval=None)
    matrix = found.coincidences
    assert matrix.to_numpy().sum() == pytest.approx(40)
    assert matrix.loc[1, 1] == pytest.approx(7)
    assert matrix.loc[1, 2] == pytest.approx(4 / 3)
    assert matrix.loc[2, 2] == pytest.approx(10)
    assert len(found.rows) == 40
    # merging two codes is agreement on the codes so merged
    merged = frame.assign(code=frame["code"].replace({2: 1}))
    by_code = found.codes.set_index("code")["merged"]
    assert by_code[1] == pytest.approx(
        sp.agreement(merged, level="nominal", **COLUMNS, interval=None).value
    )


def test_a_coder_who_shares_no_unit_has_a_row_and_no_figure() -> None:
    frame, _ = simulated({"a": 0.8, "b": 0.8}, units=20)
    alone = pd.DataFrame({"unit": [900, 901], "coder": ["c", "c"], "code": [1, 2]})
    found = sp.diagnose(pd.concat([frame, alone]), **COLUMNS, interval=None)
    coders = found.coders.set_index("coder")
    assert coders.loc["c", "n"] == 0
    assert coders.loc["c", ["without", "pairwise", "bias"]].isna().tolist() == [False, True, True]
    assert found.coders["n"].sum() == len(found.rows)


def test_a_distance_is_used_throughout_or_what_it_does_not_fit_is_left_out() -> None:
    frame, _ = simulated({"a": 0.8, "b": 0.8, "c": 0.6}, units=60)
    by_distance = sp.diagnose(
        frame, distance=lambda one, other: (one - other) ** 2, **COLUMNS, interval=None
    )
    by_level = sp.diagnose(frame, level="interval", **COLUMNS, interval=None)
    for name, column in (("units", "share"), ("units", "without"), ("coders", "without")):
        tables = (getattr(found, name) for found in (by_distance, by_level))
        first, second = (table[column].to_numpy() for table in tables)
        assert np.sort(first) == pytest.approx(np.sort(second))
    assert by_distance.pairs["alpha"].tolist() == pytest.approx(by_level.pairs["alpha"].tolist())
    assert by_distance.codes["merged"].isna().all()


def test_the_figure_draws_every_code_and_says_its_n() -> None:
    frame, _ = simulated({"a": 0.8, "b": 0.8}, units=60)
    found = sp.diagnose(frame, **COLUMNS, interval=None)
    axes = found.plot()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "2", "3"]
    assert "units, 2 coders" in axes.get_title(loc="left")
    assert "half of the disagreement" in repr(found)


def test_what_is_of_a_package_takes_its_path_too(tiny: Path) -> None:
    for function in (sp.disagreements, sp.agreement_table):
        of_package = function(sp.load(tiny))
        for path in (tiny, str(tiny), tiny / "datapackage.json"):
            pd.testing.assert_frame_equal(function(path), of_package)
        with pytest.raises(sp.StancepackError, match="is of a package or its path, not of int"):
            function(3)  # type: ignore[arg-type]


def test_disagreements_are_those_that_were_settled(tiny: Any) -> None:
    found = sp.disagreements(sp.load(tiny)).set_index(["statement_id", "variable"])
    assert found.loc[("S001", "us-sites"), ["codes", "settled", "rule"]].tolist() == [
        "-1/-2",
        "-2",
        "R5",
    ]
    assert found.loc[("S003", "joint-defence"), "codes"] == "0/NA"
    assert ("S004", "addressee") in found.index
    assert len(found) == 3


# ------------------------------------------------------------------------------------------------
# planning


def test_a_plan_narrows_with_units_and_coders_and_keeps_to_the_pilot() -> None:
    pilot, _ = ordinal({"a": (0, 0.6), "b": (0, 0.6)}, units=150)
    found = sp.plan_agreement(
        pilot, width=0.15, units=(30, 120), coders=(2, 4), draws=40, **COLUMNS
    )
    plan = found.designs
    width = plan.set_index(["units", "coders"])["width"]
    assert width[30, 2] > width[120, 2] > width[120, 4]
    assert plan["reached"].between(0, 1).all()
    again = sp.plan_agreement(pilot, width=0.15, units=(30,), coders=(2,), draws=40, **COLUMNS)
    assert again.designs["width"].iloc[0] == pytest.approx(width[30, 2])


def test_a_pilot_without_agreement_makes_no_plan() -> None:
    random = pd.DataFrame({"unit": [0, 0, 1, 1], "coder": ["a", "b"] * 2, "code": [1, 2, 2, 1]})
    with pytest.raises(sp.StancepackError, match="better than by chance"):
        sp.plan_agreement(random, **COLUMNS)


# ------------------------------------------------------------------------------------------------
# combining


@pytest.mark.parametrize("method", METHODS)
def test_combined_codes_beat_the_mean_coder_and_are_calibrated(method: str) -> None:
    accuracy = {"a": 0.9, "b": 0.7, "c": 0.7, "d": 0.3}
    frame, truth = (
        ordinal({"a": (0, 0.3), "b": (0.3, 0.6), "c": (-0.3, 0.6), "d": (0, 1.2)})
        if method == "ordinal"
        else simulated(accuracy)
    )
    result = sp.combine(frame, method=method, **COLUMNS)
    right = result.codes["code"].to_numpy() == truth[result.codes["unit"]]
    alone = (frame["code"].to_numpy() == truth[frame["unit"]]).mean()
    assert right.mean() > alone + 0.1
    columns = [name for name in result.codes if str(name).startswith("p(")]
    assert result.codes[columns].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(result.codes)))
    if method != "majority":  # whose shares are no probabilities
        assert result.codes["probability"].mean() == pytest.approx(right.mean(), abs=0.03)


@pytest.mark.parametrize("method", ["dawid_skene", "mace"])
def test_models_recover_the_quality_of_the_coders(method: str) -> None:
    accuracy = {"a": 0.9, "b": 0.75, "c": 0.6, "d": 0.3}
    frame, _ = simulated(accuracy, units=3000)
    coders = sp.combine(frame, method=method, **COLUMNS).coders.set_index("coder")
    for name, share in accuracy.items():
        assert coders.loc[name, "accuracy"] == pytest.approx(share + (1 - share) / 4, abs=0.05)
        if method == "mace":
            assert coders.loc[name, "knows"] == pytest.approx(share, abs=0.05)


def test_the_ordinal_model_recovers_shift_and_noise() -> None:
    put_in = {"a": (0.0, 0.3), "b": (0.4, 0.5), "c": (-0.3, 0.5), "d": (0.0, 1.0)}
    frame, _ = ordinal(put_in, units=3000)
    coders = sp.combine(frame, method="ordinal", **COLUMNS).coders.set_index("coder")
    for name, (shift, noise) in put_in.items():
        assert coders.loc[name, "shift"] == pytest.approx(shift, abs=0.1)
        assert coders.loc[name, "noise"] == pytest.approx(noise, abs=0.15)


def test_a_tie_goes_to_the_more_frequent_code_and_agreement_is_kept() -> None:
    rows = [(0, "a", 1), (0, "b", 1), (1, "a", 1), (1, "b", 2), (2, "a", 1), (2, "b", 1)]
    frame = pd.DataFrame(rows, columns=["unit", "coder", "code"])
    codes = sp.combine(frame, method="majority", **COLUMNS).codes.set_index("unit")["code"]
    assert codes.tolist() == [1, 1, 1]
    with pytest.raises(sp.StancepackError, match="dawid_skene"):
        sp.combine(frame, method="dawid-skene", **COLUMNS)
    with pytest.raises(sp.StancepackError, match="no code"):
        sp.combine(frame.assign(code=None), **COLUMNS)


def test_models_come_near_the_adjudicated_codes_of_the_shipped_data() -> None:
    pkg = sp.load()
    codings = pkg.settling("codings")
    codes = codings.assign(
        code=codings["position"]
        .astype("object")
        .where(codings["position"].notna(), "NA")
        .astype(str)
    )
    settled = pkg["stances"].set_index(["statement_id", "issue_id"])["position"]
    for issue, rows in codes.groupby("issue_id", observed=True):
        for method in ("majority", "dawid_skene"):
            answer = sp.combine(
                rows, method=method, unit="statement_id", value="code"
            ).codes.set_index("statement_id")["code"]
            final = settled.xs(issue, level="issue_id")
            same = answer == final.astype("object").where(final.notna(), "NA").astype(str).reindex(
                answer.index
            )
            assert same.mean() > 0.9, (issue, method)
