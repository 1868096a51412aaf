"""Positions over time: what is put in comes out, uncertainty can be switched, no bad fit passes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import stancepack as sp
from stancepack.positions import likelihood, state_space
from stancepack.positions.state import coded_evidence, scales_of_model


@pytest.fixture(scope="module")
def pkg() -> sp.StancePackage:
    return sp.load()


@pytest.fixture(scope="module")
def made() -> sp.StancePackage:
    return sp.simulate(actors=4, issues=2, statements=200, seed=3)


# ------------------------------------------------------------------------------------------------
# the model


def numerical(function: Callable[[float], float], x: float, step: float = 1e-5) -> float:
    return (function(x + step) - function(x - step)) / (2 * step)


@pytest.mark.parametrize("n_codes", [(5, 5), (3, 11), (2, 4)])
@pytest.mark.parametrize("slots", [1, 2])
def test_derivatives_are_those_of_the_likelihood(slots: int, n_codes: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    n = 30
    issue = random.integers(0, 2, n)
    codes = random.integers(0, np.array(n_codes)[issue][:, None], (n, slots))
    codes[0, -1] = -1 if slots > 1 else codes[0, -1]
    coded = likelihood.Evidence(
        random.integers(0, 3, n),
        random.random(n) * 5,
        issue,
        codes,
        random.integers(0, 2, (n, slots)),
        np.array(n_codes),
        2,
    )
    parameters = likelihood.Parameters.initial(coded, likelihood.Priors())
    parameters.vector = parameters.vector + random.normal(0, 0.3, len(parameters.vector))
    nodes = state_space.Chains.of(coded)
    theta = random.normal(size=len(nodes.chain))
    point = state_space.curvature(coded, nodes, theta, parameters)
    vector = parameters.vector.copy()

    def moved(number: int, value: float) -> state_space.Curvature:
        parameters.vector = vector.copy()
        parameters.vector[number] = value
        return state_space.curvature(coded, nodes, theta, parameters)

    for number, value in enumerate(vector):
        slope = numerical(lambda v, number=number: moved(number, v).value, value)
        assert slope == pytest.approx(point.slope[number], abs=1e-5)
        bend = numerical(lambda v, number=number: moved(number, v).slope, value)
        assert -bend == pytest.approx(point.inner[number], abs=1e-4)
    parameters.vector = vector
    step = np.zeros(len(theta))
    step[2] = 1e-5
    after = state_space.curvature(coded, nodes, theta + step, parameters)
    assert (after.value - point.value) / 1e-5 == pytest.approx(point.gradient[2], abs=1e-3)
    bend = -(after.gradient[2] - point.gradient[2]) / 1e-5
    assert bend == pytest.approx(point.diagonal[2], abs=1e-3)


def test_probabilities_of_the_codes_of_an_issue_are_one_together() -> None:
    n_codes = (3, 5)
    for issue, n in enumerate(n_codes):
        coded = likelihood.Evidence(
            np.arange(n),
            np.zeros(n),
            np.full(n, issue),
            np.arange(n)[:, None],
            np.zeros((n, 1), dtype=np.int64),
            np.array(n_codes),
            1,
        )
        parameters = likelihood.Parameters.initial(coded, likelihood.Priors())
        terms = likelihood.likelihood(coded, np.full(n, 0.4), parameters)
        assert np.exp(terms.value).sum() == pytest.approx(1)


def test_five_codes_have_the_thresholds_they_always_had() -> None:
    priors = likelihood.Priors()
    assert priors.first_cuts(5) == -1.5
    assert priors.gaps(5) == 1
    assert priors.first_cuts(np.array([2, 3, 11])) == pytest.approx([0, -1, -1.8])


def test_the_inverse_of_a_tridiagonal_matrix() -> None:
    random = np.random.default_rng(1)
    off = np.append(random.normal(size=7), 0.0)
    diagonal = 4 + random.random(8)
    matrix = np.diag(diagonal) + np.diag(off[:-1], 1) + np.diag(off[:-1], -1)
    inverse = np.linalg.inv(matrix)
    variance, between = state_space.tridiagonal_inverse(diagonal, off)
    assert variance == pytest.approx(np.diag(inverse))
    assert between[:-1] == pytest.approx(np.diag(inverse, 1))


@pytest.mark.slow
def test_the_model_recovers_positions_and_its_intervals_hold_them() -> None:
    held, correlations = [], []
    for seed in range(6):
        made = sp.simulate(actors=5, issues=1, statements=300, seed=seed)
        path = sp.trajectory(made, issue="issue-1", by="actor", step="3MS", draws=200)
        both = path.table.merge(
            made.truth.rename(columns={"actor_id": "actor"}), on=["actor", "time"]
        )
        held.append(both["position"].between(both["low"], both["high"]).mean())
        correlations.append(both.dropna()[["estimate", "position"]].corr().iloc[0, 1])
    assert np.mean(held) == pytest.approx(0.9, abs=0.07)
    assert np.mean(correlations) > 0.8


def test_a_fit_that_cannot_be_is_an_error_and_not_a_plot(made: sp.StancePackage) -> None:
    rows = sp.evidence(made).assign(line=None)
    coded, _, _ = coded_evidence(rows, scales_of_model(made))
    with pytest.raises(sp.StancepackError, match="did not settle"):
        state_space.fit(coded, rounds=1)
    tiny = sp.simulate(actors=1, issues=1, statements=1, seed=0)
    with pytest.raises(sp.StancepackError, match="two statements"):
        sp.trajectory(tiny, issue="issue-1", actor="actor-1")


# ------------------------------------------------------------------------------------------------
# trajectories


@pytest.mark.parametrize("method", ["window", "state"])
def test_a_trajectory_is_tidy_and_draws_itself(pkg: sp.StancePackage, method: str) -> None:
    path = sp.trajectory(
        pkg,
        issue="us-sites",
        by="actor",
        actor=["putin", "gates"],
        method=method,
        step="6MS",
        draws=60,
    )
    table = path.table
    assert table.columns.tolist() == ["actor", "time", "estimate", "low", "high", "n"]
    assert set(table["actor"]) == {"putin", "gates"}
    known = table.dropna()
    assert (
        (known["low"] <= known["estimate"] + 0.05) & (known["estimate"] <= known["high"] + 0.05)
    ).all()
    assert known["estimate"].between(-2, 2).all()
    mean = known.groupby("actor")["estimate"].mean()
    assert mean["putin"] < -0.5 < 0.5 < mean["gates"]
    axes = path.plot()
    assert "statements" in axes.get_title(loc="left")
    assert "90%" in axes.get_title(loc="left")


def test_the_same_seed_gives_the_same_path(made: sp.StancePackage) -> None:
    one, other = (
        sp.trajectory(made, issue="issue-2", actor="actor-1", step="6MS", draws=40)
        for _ in range(2)
    )
    assert one.table.equals(other.table)


@pytest.mark.parametrize("method", ["window", "state"])
@pytest.mark.parametrize("source", ["statements", "coders", "dates"])
def test_every_source_of_uncertainty_can_be_switched_off(
    made: sp.StancePackage, method: str, source: str
) -> None:
    options = {
        "issue": "issue-1",
        "side": "side-1",
        "method": method,
        "step": "6MS",
        "draws": 120,
    }
    all_of_it = sp.trajectory(made, **options)
    rest = [name for name in ("statements", "coders", "dates", "restatements") if name != source]
    without = sp.trajectory(made, uncertainty=rest, **options)
    width, narrower = (
        (path.table["high"] - path.table["low"]).mean() for path in (all_of_it, without)
    )
    assert narrower <= width * 1.1
    if source == "statements":
        assert narrower < width * 0.8


def test_restatements_are_counted_once_unless_asked(pkg: sp.StancePackage) -> None:
    once = sp.evidence(pkg, issue="joint-defence")
    twice = sp.evidence(pkg, issue="joint-defence", restatements=True)
    assert once["repeats"].isna().all()
    assert len(twice) > len(once)
    path = sp.trajectory(
        pkg,
        issue="joint-defence",
        actor="putin",
        method="window",
        uncertainty=["statements", "coders", "dates"],
        step="YS",
    )
    assert len(path.evidence) == len(twice[twice["actor_id"] == "putin"])


def test_where_there_is_no_evidence_the_line_stops_and_the_band_opens() -> None:
    made = sp.simulate(actors=1, issues=1, statements=80, gap=(4, 8), undated=0, seed=2)
    path = sp.trajectory(made, issue="issue-1", actor="actor-1", step="3MS")
    path = path.table.set_index("time")
    silent = path.loc["2005-06":"2006-06"]
    assert silent["estimate"].isna().all()
    assert (silent["n"] == 0).all()
    dense = path.loc["2001-06":"2003-01"]
    assert (silent["high"] - silent["low"]).mean() > (dense["high"] - dense["low"]).mean()
    windows = sp.trajectory(
        made, issue="issue-1", actor="actor-1", method="window", kernel="calendar", step="3MS"
    )
    assert windows.table.set_index("time").loc["2005-06":"2006-06", "estimate"].isna().all()


def test_a_window_of_everything_is_the_mean() -> None:
    made = sp.simulate(actors=1, issues=1, statements=50, seed=4)
    path = sp.trajectory(
        made,
        issue="issue-1",
        actor="actor-1",
        method="window",
        kernel="calendar",
        window=20_000,
        step="YS",
    )
    mean = made["stances"]["position"].astype(float).mean()
    table = path.table
    assert table["estimate"].to_numpy() == pytest.approx(np.full(len(table), mean))
    assert (table["n"] == 50).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"issue": "us-site", "actor": "putin"}, "us-sites"),
        ({"issue": "us-sites", "actor": "puttin"}, "putin"),
        ({"issue": "us-sites", "side": "Rusia"}, "Russia"),
        ({"issue": "us-sites", "by": "party"}, "not known"),
        ({"issue": "us-sites", "method": "spline"}, "window"),
        ({"issue": "us-sites", "uncertainty": ["dates", "coder"]}, "coders"),
        ({"issue": "us-sites", "method": "window", "kernel": "flat"}, "calendar"),
        ({"issue": "us-sites", "engine": "stan"}, "nuts"),
        ({"issue": "us-sites", "interval": 90}, "between 0 and 1"),
        ({"issue": "us-sites", "step": "fortnight"}, "cannot be read"),
        (
            {"issue": "us-sites", "actor": "chinese-government", "coder": "lm-1"},
            "did not code the last round",
        ),
        ({"issue": "transparency", "actor": "chinese-government"}, "nobody chosen"),
        ({"issue": "us-sites", "conditional": "half"}, "shrunk"),
        ({"issue": "us-sites", "conditional": "shrunk"}, "method='window'"),
    ],
)
def test_what_is_not_there_is_named(
    pkg: sp.StancePackage, options: dict[str, object], words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.trajectory(pkg, **options)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------
# change


def test_reversals_have_opposite_signs_and_both_quotations(pkg: sp.StancePackage) -> None:
    pairs = sp.reversals(pkg)
    assert (pairs["position"] * pairs["other_position"] < 0).all()
    assert (pairs["years"] >= 0).all()
    kinds = {"coder disagreement", "condition", "audience", "same time", "change over time"}
    assert set(pairs["kind"]) <= kinds
    putin = sp.reversals(pkg, actor="putin", issue="deterrent-threat")
    assert {"Vladimir Putin"} == set(putin["actor"])
    assert putin["other_proposition"].notna().all()
    with pytest.raises(sp.StancepackError, match="putin"):
        sp.reversals(pkg, actor="putyn")


def test_an_effect_that_is_there_is_found_and_one_that_is_not_is_not() -> None:
    made = sp.simulate(actors=1, issues=1, statements=60, drift=1e-6, undated=0, noise=0.1, seed=5)
    quiet = sp.event_effect(made, event="2006-01-01", issue="issue-1", window=3000, draws=500)
    assert quiet.p > 0.05
    stances = made["stances"]
    first_day = made["statements"].set_index("statement_id")["date_earliest"]
    is_late = first_day.reindex(stances["statement_id"]).to_numpy() >= np.datetime64("2006-01-01")
    stances["position"] = stances["position"].clip(upper=0).mask(is_late, 2)
    frames = {table: made[table] for table in made} | {"stances": stances}
    made = sp.StancePackage(made.descriptor, frames, made.codebook)
    loud = sp.event_effect(made, event="2006-01-01", issue="issue-1", window=3000, draws=500)
    assert loud.p < 0.01
    assert loud.difference > 1
    found = sp.change_points(made, issue="issue-1", draws=3)
    assert found.probability > 0.95
    best = found.table.loc[found.table["probability"].idxmax(), "time"]
    assert abs((best - pd.Timestamp("2006-01-01")).days) < 150
    few = sp.event_effect(made, event="2000-02-01", issue="issue-1", window=20)
    assert "Too few" in few.note


def test_events_are_found_by_id_or_day(pkg: sp.StancePackage) -> None:
    effect = sp.event_effect(
        pkg, event="third-site-dropped", issue="us-sites", side="Russia", draws=300
    )
    same = sp.event_effect(pkg, event="2009-09-17", issue="us-sites", side="Russia", draws=300)
    assert effect.p == same.p
    assert effect.n_before > 5
    assert 0 < effect.p <= 1
    with pytest.raises(sp.StancepackError, match="munich-2007"):
        sp.event_effect(pkg, event="munich", issue="us-sites")


def test_no_change_is_not_seen_where_there_is_none() -> None:
    chances = [
        sp.change_points(
            sp.simulate(actors=1, issues=1, statements=40, drift=1e-6, seed=seed),
            issue="issue-1",
            draws=2,
        ).probability
        for seed in range(5)
    ]
    assert np.mean(chances) < 0.5


# ------------------------------------------------------------------------------------------------
# multiverse


def test_a_multiverse_has_every_combination_and_marks_the_usual_one(pkg: sp.StancePackage) -> None:
    def mean(pkg: sp.StancePackage, **choices: object) -> float:
        return float(sp.evidence(pkg, issue="us-sites", **choices)["value"].mean())  # type: ignore[arg-type]

    choices = sp.universe(pkg, families=2)
    found = sp.multiverse(pkg, analysis=mean, choices=choices)
    table = found.table
    assert len(table) == np.prod([len(options) for options in choices.values()])
    assert table["usual"].sum() == 1
    assert table.loc[table["usual"], "value"].iloc[0] == pytest.approx(mean(pkg))
    assert table["value"].notna().all()
    assert "specifications" in found.plot().get_title(loc="left")


def test_a_choice_without_a_result_says_why(pkg: sp.StancePackage) -> None:
    def path(pkg: sp.StancePackage, actor: str) -> tuple[float, float, float]:
        found = (
            sp.trajectory(pkg, issue="us-sites", actor=actor, method="window", step="YS")
            .table.dropna()
            .iloc[-1]
        )
        return found["estimate"], found["low"], found["high"]

    found = sp.multiverse(pkg, analysis=path, choices={"actor": ["putin", "nobody"]})
    table = found.table
    assert table["low"].iloc[0] < table["value"].iloc[0] < table["high"].iloc[0]
    assert "nobody" in table["note"].iloc[1]
    assert "1 gave none" in found.plot().get_title(loc="left")
    with pytest.raises(sp.StancepackError, match="at least one choice"):
        sp.multiverse(pkg, analysis=path, choices={})


# ------------------------------------------------------------------------------------------------
# simulation


def test_a_simulated_package_is_what_was_asked_for() -> None:
    made = sp.simulate(
        actors=3, issues=2, statements=90, coders=3, each=2, gap=(2, 5), undated=0.3, seed=1
    )
    assert len(made["statements"]) == 90
    assert (made["codings"].groupby("statement_id")["coder_id"].nunique() == 2).all()
    inside = made["statements"]["date_earliest"].dt.year.between(2003, 2003)
    assert not (inside & (made["statements"]["date_basis"] == "source")).any()
    assert made.truth["position"].between(-2, 2).all()
    assert sp.agreement(made["codings"]).value > 0.5
    again = sp.simulate(
        actors=3, issues=2, statements=90, coders=3, each=2, gap=(2, 5), undated=0.3, seed=1
    )
    assert again["codings"].equals(made["codings"])
    assert len(sp.simulate(issues=20)["issues"]) == 20
    with pytest.raises(sp.StancepackError, match="at most"):
        sp.simulate(coders=2, each=3)
    with pytest.raises(sp.StancepackError, match="uneven"):
        sp.simulate(uneven=0)
    with pytest.raises(sp.StancepackError, match="whole record"):
        sp.simulate(gap=(0, 13))


def test_a_drawing_shows_itself_in_a_notebook(made: sp.StancePackage) -> None:
    path = sp.trajectory(made, issue="issue-2", actor="actor-1", method="window")
    axes = path.plot()
    assert axes._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert axes.figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_nuts_agrees_with_the_fast_fit_or_says_what_is_missing(made: sp.StancePackage) -> None:
    from stancepack.positions.nuts import sample

    rows = sp.evidence(made, issue="issue-1").assign(line=None)
    coded, _, _ = coded_evidence(rows, scales_of_model(made))
    points = np.zeros(2, dtype=np.int64), np.array([2.0, 8.0])
    try:
        import numpyro  # noqa: F401
    except ImportError:
        with pytest.raises(sp.StancepackError, match=r"stancepack\[nuts\]"):
            sample(coded, points)
        return
    theta, _, notes = sample(coded, points, draws=300, warmup=300)
    parameters, _, _ = state_space.fit(coded)
    random = np.random.RandomState(0)
    fast, _ = state_space.positions_at(coded, parameters, points, 300, random)
    assert notes["r_hat"] < 1.1
    assert theta.mean(axis=1) == pytest.approx(fast.mean(axis=1), abs=0.3)
