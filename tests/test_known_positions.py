"""Figures of the shipped data (3.1.0): no change of the code moves a digit.

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
            [-18.04362744, -20.72959158, -11.96978699],
            [-1.98384664, -2.0, -1.07837884],
        ),
        (
            {"method": "state", "issue": "us-sites", "actor": "putin"},
            [-14.35894181, -19.71150007, -13.19526443],
            [-1.48318093, -1.93661345, -1.21009177],
        ),
        (
            {"method": "window", "issue": "joint-defence", "by": "side"},
            [78.39165027, 44.76804859, 111.76648183],
            [0.72768458, 0.27745016, 1.177919],
        ),
        (
            {"method": "state", "issue": "iran-threat"},
            [4.01467321, 0.96763184, 7.1016461],
            [0.25885079, 0.07028279, 0.50392822],
        ),
        (
            {"method": "window", "issue": "joint-defence", "side": "US", "ascribed": False}
            | {"conditional": "out"},
            [17.97457254, 11.97823721, 23.97090787],
            [1.02121978, 0.63719195, 1.40524761],
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
        "change over time": 356,
        "condition": 52,
        "same time": 48,
        "audience": 41,
        "coder disagreement": 18,
    }
    assert pairs["years"].sum() == pytest.approx(1234.9924709103354)
    every_statement = ("lm-5", "lm-8", "lm-10")  # read once: rounds 3, 4 and 5
    assert len(sp.reversals(pkg, coder=every_statement)) == 466


@pytest.mark.parametrize(
    ("options", "difference", "p", "detectable"),
    [
        ({"issue": "us-sites", "side": "Russia"}, 0.5111111111, 0.06786427146, 0.7683797393),
        ({"issue": "joint-defence"}, -0.06130268199, 0.8283433134, 0.8030594717),
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
    assert found.probability == pytest.approx(0.9999422443283943)
    assert found.table["after"].sum() == pytest.approx(167.73945266202765)


@pytest.mark.parametrize(
    ("arguments", "mode", "total"),
    [
        (("ignore", "no"), "one", 216972),
        (("congruence", "jaccard"), "one", 1742.8234980702262),
        (("conflict", "cosine"), "one", 242.1175678324126),
        (("subtract", "average"), "one", 1959.8048972745305),
        (("subtract", "no"), "two", 428),
        (("combine", "no"), "two", 2269),
    ],
)
def test_networks(
    pkg: sp.StancePackage, arguments: tuple[str, str], mode: str, total: float
) -> None:
    aggregation, normalisation = arguments
    found = sp.network(pkg, aggregation=aggregation, normalisation=normalisation, mode=mode)
    assert found.n == 1212
    assert found.table.to_numpy().sum() == pytest.approx(total)


def test_scaling(pkg: sp.StancePackage) -> None:
    places = sp.scale(pkg, positive="us-sites", draws=40)
    assert places.explained == pytest.approx([0.885252466855268])
    assert places.loadings["x1"]["us-sites"] == pytest.approx(0.46642820398687274)
    first = places.table.set_index("actor_id").loc["makarov", ["x1", "x1_low", "x1_high"]]
    assert first.tolist() == pytest.approx([-2.765969, -3.237278, -2.452509], abs=1e-6)


@pytest.mark.slow
def test_the_multiverse_of_the_readme(pkg: sp.StancePackage) -> None:
    def gap(pkg: sp.StancePackage, **choices: Any) -> float:
        positions = sp.evidence(pkg, issue="us-sites", **choices)
        mean = positions.groupby("side", observed=True)["value"].mean()
        return float(mean["US"] - mean["Russia"])

    table = sp.multiverse(pkg, analysis=gap).table
    assert len(table) == 432
    assert table.loc[table["usual"], "value"].tolist() == pytest.approx([2.630417774996088])
    spread = table["value"].agg(["mean", "min", "max"]).tolist()
    assert spread == pytest.approx([2.5942697342428214, 2.379139072847682, 2.7357287742683276])


def test_a_simulated_record_is_the_one_it_was() -> None:
    made = sp.simulate(actors=4, issues=2, statements=200, seed=3)
    positions = made["codings"]["position"]
    assert positions.tolist()[:12] == [1, 1, 2, 2, -2, -2, -2, -2, 2, 2, 1, 1]
    assert positions.sum() == 120
    assert made.truth["position"].sum() == pytest.approx(206.01745295417865)
    assert made["statements"]["date"].tolist()[:2] == ["2000-11-16", "2010-12-24"]
