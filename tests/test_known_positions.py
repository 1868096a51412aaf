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
            [-18.04362744, -20.68895708, -12.78915487],
            [-1.98384664, -2.0, -1.23789582],
        ),
        (
            {"method": "state", "issue": "us-sites", "actor": "putin"},
            [-14.56286479, -19.21595983, -12.85956061],
            [-1.5116249, -1.80009888, -1.23842752],
        ),
        (
            {"method": "window", "issue": "joint-defence", "by": "side"},
            [78.35990383, 45.30698352, 111.17565035],
            [0.7128877, 0.21346031, 1.21231508],
        ),
        (
            {"method": "state", "issue": "iran-threat"},
            [6.57262391, -0.45286074, 12.81452236],
            [0.90982654, 0.51446772, 1.2581991],
        ),
        (
            {"method": "window", "issue": "joint-defence", "side": "US", "ascribed": False}
            | {"conditional": "out"},
            [18.07749881, 12.11462918, 24.04036845],
            [1.02129451, 0.63584353, 1.40674549],
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
        "change over time": 332,
        "condition": 51,
        "same time": 41,
        "audience": 38,
        "coder disagreement": 13,
    }
    assert pairs["years"].sum() == pytest.approx(1149.4757015742641)
    assert len(sp.reversals(pkg, coder=("lm-5", "lm-8"))) == 465


@pytest.mark.parametrize(
    ("options", "difference", "p", "detectable"),
    [
        ({"issue": "us-sites", "side": "Russia"}, 0.5460526316, 0.06387225549, 0.8270124497),
        ({"issue": "joint-defence"}, -0.07407407407, 0.7964071856, 0.7994393952),
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
    assert found.probability == pytest.approx(0.9999193588929054)
    assert found.table["after"].sum() == pytest.approx(171.05159044540267)


@pytest.mark.parametrize(
    ("arguments", "mode", "total"),
    [
        (("ignore", "no"), "one", 209002),
        (("congruence", "jaccard"), "one", 1716.7090306808532),
        (("conflict", "cosine"), "one", 242.33109464424084),
        (("subtract", "average"), "one", 1932.6975323467584),
        (("subtract", "no"), "two", 415),
        (("combine", "no"), "two", 2231),
    ],
)
def test_networks(
    pkg: sp.StancePackage, arguments: tuple[str, str], mode: str, total: float
) -> None:
    aggregation, normalisation = arguments
    found = sp.network(pkg, aggregation=aggregation, normalisation=normalisation, mode=mode)
    assert found.n == 1190
    assert found.table.to_numpy().sum() == pytest.approx(total)


def test_scaling(pkg: sp.StancePackage) -> None:
    places = sp.scale(pkg, positive="us-sites", draws=40)
    assert places.explained == pytest.approx([0.8823222300282759])
    assert places.loadings["x1"]["us-sites"] == pytest.approx(0.46250441632168343)
    first = places.table.set_index("actor_id").loc["makarov", ["x1", "x1_low", "x1_high"]]
    assert first.tolist() == pytest.approx([-2.772618, -3.162164, -2.002737], abs=1e-6)


@pytest.mark.slow
def test_the_multiverse_of_the_readme(pkg: sp.StancePackage) -> None:
    def gap(pkg: sp.StancePackage, **choices: Any) -> float:
        positions = sp.evidence(pkg, issue="us-sites", **choices)
        mean = positions.groupby("side", observed=True)["value"].mean()
        return float(mean["US"] - mean["Russia"])

    table = sp.multiverse(pkg, analysis=gap).table
    assert len(table) == 432
    assert table.loc[table["usual"], "value"].tolist() == pytest.approx([2.605298013245033])
    spread = table["value"].agg(["mean", "min", "max"]).tolist()
    assert spread == pytest.approx([2.5643622581013052, 2.3567567567567567, 2.6880341880341883])


def test_a_simulated_record_is_the_one_it_was() -> None:
    made = sp.simulate(actors=4, issues=2, statements=200, seed=3)
    positions = made["codings"]["position"]
    assert positions.tolist()[:12] == [1, 1, 2, 2, -2, -2, -2, -2, 2, 2, 1, 1]
    assert positions.sum() == 120
    assert made.truth["position"].sum() == pytest.approx(206.01745295417865)
    assert made["statements"]["date"].tolist()[:2] == ["2000-11-16", "2010-12-24"]
