"""Figures of the shipped data as the first release gave them: no change of the code moves a digit.

Data that change are entitled to other figures; then these are to be taken anew.
"""

from __future__ import annotations

from typing import Any

import pytest

import stancepack as sp

Options = dict[str, Any]


@pytest.fixture(scope="module")
def pkg() -> sp.StancePackage:
    return sp.load()


@pytest.mark.parametrize(
    ("options", "sums", "middle"),
    [
        (
            {"method": "window", "issue": "us-sites", "actor": "putin"},
            [-17.82199272, -20.51335374, -12.86655395],
            [-1.98283658, -2.0, -1.30194139],
        ),
        (
            {"method": "state", "issue": "us-sites", "actor": "putin"},
            [-15.38618639, -19.58513652, -13.65014106],
            [-1.58208251, -1.80326336, -1.30973055],
        ),
        (
            {"method": "window", "issue": "joint-defence", "by": "side"},
            [78.212898, 41.35476465, 109.93504516],
            [0.74752309, 0.36792406, 1.12712213],
        ),
        (
            {"method": "state", "issue": "iran-threat"},
            [5.03312816, -2.06603404, 11.09543542],
            [0.71402003, 0.21045865, 1.17728741],
        ),
        (
            {"method": "window", "issue": "joint-defence", "side": "US", "ascribed": False}
            | {"conditional": "out"},
            [17.01106472, 10.62383562, 23.27378149],
            [0.9191298, 0.53407762, 1.30418199],
        ),
    ],
)
def test_trajectories(
    pkg: sp.StancePackage, options: Options, sums: list[float], middle: list[float]
) -> None:
    path = sp.trajectory(pkg, step="6MS", draws=60, **options).table
    figures = path[["estimate", "low", "high"]]
    assert figures.sum().tolist() == pytest.approx(sums, abs=1e-7)
    known = figures.dropna()
    assert known.iloc[len(known) // 2].tolist() == pytest.approx(middle, abs=1e-7)


def test_reversals(pkg: sp.StancePackage) -> None:
    pairs = sp.reversals(pkg)
    assert pairs["kind"].value_counts().to_dict() == {
        "change over time": 278,
        "same time": 57,
        "condition": 51,
        "audience": 24,
        "coder disagreement": 5,
    }
    assert pairs["years"].sum() == pytest.approx(789.1498973305955)
    assert len(sp.reversals(pkg, coder="lm-5")) == 357


@pytest.mark.parametrize(
    ("options", "difference", "p", "detectable"),
    [
        ({"issue": "us-sites", "side": "Russia"}, 0.61344538, 0.0479041916, 0.8112534),
        ({"issue": "joint-defence"}, -0.0158371041, 0.9580838323, 0.8092942214),
    ],
)
def test_effects_of_events(
    pkg: sp.StancePackage, options: Options, difference: float, p: float, detectable: float
) -> None:
    effect = sp.event_effect(pkg, event="third-site-dropped", draws=500, **options)
    figures = [effect.difference, effect.p, effect.detectable]
    assert figures == pytest.approx([difference, p, detectable])


def test_change_points(pkg: sp.StancePackage) -> None:
    found = sp.change_points(pkg, issue="deterrent-threat", actor="putin", draws=6)
    assert found.probability == pytest.approx(0.9963676863193464)
    assert found.table["after"].sum() == pytest.approx(178.80232009120806)


@pytest.mark.parametrize(
    ("arguments", "mode", "total"),
    [
        (("ignore", "no"), "one", 167628),
        (("congruence", "jaccard"), "one", 1691.8656341241822),
        (("conflict", "cosine"), "one", 245.10841464275597),
        (("subtract", "average"), "one", 1926.3658973109696),
        (("subtract", "no"), "two", 373),
        (("combine", "no"), "two", 2170),
    ],
)
def test_networks(
    pkg: sp.StancePackage, arguments: tuple[str, str], mode: str, total: float
) -> None:
    aggregation, normalisation = arguments
    found = sp.network(pkg, aggregation=aggregation, normalisation=normalisation, mode=mode)
    assert found.n == 1057
    assert found.table.to_numpy().sum() == pytest.approx(total)


def test_scaling(pkg: sp.StancePackage) -> None:
    places = sp.scale(pkg, positive="us-sites", draws=40)
    assert places.explained == pytest.approx([0.8850483273211702])
    assert places.loadings["x1"]["us-sites"] == pytest.approx(0.45364752933761854)
    first = places.table.set_index("actor_id").loc["makarov", ["x1", "x1_low", "x1_high"]]
    assert first.tolist() == pytest.approx([-3.019818, -3.439514, -2.487366], abs=1e-6)


@pytest.mark.slow
def test_the_multiverse_of_the_readme(pkg: sp.StancePackage) -> None:
    def gap(pkg: sp.StancePackage, **choices: Any) -> float:
        positions = sp.evidence(pkg, issue="us-sites", **choices)
        mean = positions.groupby("side", observed=True)["value"].mean()
        return float(mean["US"] - mean["Russia"])

    table = sp.multiverse(pkg, analysis=gap).table
    assert len(table) == 432
    assert table.loc[table["usual"], "value"].tolist() == pytest.approx([2.4754901960784315])
    spread = table["value"].agg(["mean", "min", "max"]).tolist()
    assert spread == pytest.approx([2.3966037355184833, 2.224278900749489, 2.512153518123667])


def test_a_simulated_record_is_the_one_it_was() -> None:
    made = sp.simulate(actors=4, issues=2, statements=200, seed=3)
    positions = made["codings"]["position"]
    assert positions.tolist()[:12] == [1, 1, 2, 2, -2, -2, -2, -2, 2, 2, 1, 1]
    assert positions.sum() == 120
    assert made.truth["position"].sum() == pytest.approx(206.01745295417865)
    assert made["statements"]["date"].tolist()[:2] == ["2000-11-16", "2010-12-24"]
