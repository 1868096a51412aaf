"""Positions over time: what is put in comes out, uncertainty can be switched, no bad fit passes."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

import stancepack as sp
from stancepack.positions import likelihood, state_space
from stancepack.positions.state import (
    Engine,
    coded_evidence,
    scales_of_model,
    state_positions,
)
from stancepack.positions.uncertainty import Uncertainty


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


def some_evidence(n_codes: tuple[int, int], slots: int) -> likelihood.Evidence:
    random = np.random.default_rng(0)
    n = 30
    issue = random.integers(0, 2, n)
    codes = random.integers(0, np.array(n_codes)[issue][:, None], (n, slots))
    codes[0, -1] = -1 if slots > 1 else codes[0, -1]
    return likelihood.Evidence(
        random.integers(0, 2, n) * 2 + issue,
        np.round(random.random(n) * 5, 1),
        issue,
        codes,
        np.array([random.permutation(3)[:slots] for _ in range(n)]),
        np.array(n_codes),
        2,
        random.integers(0, 8, n),
    )


@pytest.mark.parametrize("n_codes", [(5, 5), (3, 11), (2, 4)])
@pytest.mark.parametrize("slots", [1, 2])
def test_the_slope_is_that_of_the_marginal_density(slots: int, n_codes: tuple[int, int]) -> None:
    record = state_space.Record(some_evidence(n_codes, slots), likelihood.Priors())
    random = np.random.default_rng(1)
    vector = record.layout.initial() + random.normal(0, 0.3, record.layout.size)
    _, slope = record.value_and_slope(vector)

    def moved(place: int, value: float) -> float:
        shifted = vector.copy()
        shifted[place] = value
        return record.value_and_slope(shifted)[0]

    for place, value in enumerate(vector):
        expected = numerical(lambda v, place=place: moved(place, v), value)
        assert slope[place] == pytest.approx(expected, abs=1e-4)


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
        layout = likelihood.Layout.of(coded, likelihood.Priors())
        points = np.linspace(-3, 3, 7)
        patterns = likelihood.Patterns(coded)
        tables = likelihood.Tables(layout, layout.initial(), patterns, points)
        assert np.exp(tables.log).sum(axis=0) == pytest.approx(np.ones(7))


def test_thresholds_stand_evenly_and_turn_round_with_the_scale() -> None:
    priors = likelihood.Priors()
    assert priors.first_cuts(5) == -1.5
    assert priors.gaps(5) == 1
    assert priors.first_cuts(np.array([2, 3, 11])) == pytest.approx([0, -1, -1.8])
    layout = likelihood.Layout((5,), 0)
    vector = layout.initial()
    vector[:4] = [0.3, 0.2, -0.4, 0.1]
    turned = vector.copy()
    turned[:4] = [-0.3, 0.1, -0.4, 0.2]
    assert layout.cuts(turned) == pytest.approx(-layout.cuts(vector)[:, ::-1])
    assert layout.prior(turned)[0] == pytest.approx(layout.prior(vector)[0])


def test_a_walk_on_the_lattice_has_the_mean_and_variance_of_its_process() -> None:
    family = state_space.Family(1.0, (0.5,), (0.0,))
    lattice = state_space.Lattice.of(1.0)
    start = np.argmin(np.abs(lattice.points - 0.8))
    for years in (0.01, 0.3, 4.0):
        decay = lattice.decay(np.array([years]), family, 1.0)[0, 0]
        after = (lattice.axes[start] * decay) @ lattice.axes.T / lattice.root[start] * lattice.root
        rate = 0.5 / 2  # of the return of a process of variance 0.5 a year that reaches 1
        mean = lattice.points[start] * np.exp(-rate * years)
        assert after.sum() == pytest.approx(1, abs=1e-9)
        assert after @ lattice.points == pytest.approx(mean, abs=0.01)
        variance = after @ lattice.points**2 - (after @ lattice.points) ** 2
        assert variance == pytest.approx(1 - np.exp(-2 * rate * years), abs=0.02)


def test_the_evidence_of_a_chain_is_that_of_a_sum_over_all_its_paths() -> None:
    coded = some_evidence((5, 5), 2)
    chain = coded.take((coded.chain == coded.chain[0]) & (coded.occasion < 3))
    chains = state_space.Chains.of(chain)
    lattice, family = state_space.Lattice.of(np.inf), state_space.Family(np.inf, (1.0,), (0.5,))
    decay = lattice.decay(chains.step, family, 5.0)
    random = np.random.default_rng(2)
    said = random.random((len(chains.chain), len(lattice.points)))
    passes = state_space.Passes(chains, lattice.axes, lattice.root, decay, said)
    total = lattice.root**2 * said[0]
    for node in range(1, len(said)):
        moves = (lattice.axes * decay[node, 0]) @ lattice.axes.T
        moves = moves * lattice.root / lattice.root[:, None]
        total = (total @ moves) * said[node]
    assert passes.evidence[0, 0] == pytest.approx(np.log(total.sum()))


def plain_record(
    codes: Sequence[int], when: Sequence[float], coders: int = 2, how: str = "agreement"
) -> pd.DataFrame:
    """Return the evidence of one actor whose coders all gave the same codes."""
    day = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.asarray(when) * 365.25, unit="D")
    given = [tuple((f"coder-{n}", float(code)) for n in range(coders)) for code in codes]
    rows = {"line": "ada", "actor_id": "ada", "issue_id": "tax", "date_earliest": day.floor("D")}
    frame = pd.DataFrame(rows | {"number": np.asarray(codes, dtype=float), "settled_by": how})
    return frame.assign(date_latest=frame["date_earliest"], codes=pd.Series(given))


def drawn_path(rows: pd.DataFrame, times: Sequence[str], **options: object) -> pd.DataFrame:
    scale = sp.Scale.parse("-2..2", name="tax")
    engine = Engine("laplace", 0, np.random.RandomState(0), **options)  # type: ignore[arg-type]
    asked = pd.DatetimeIndex(times)
    return state_positions(rows, asked, scale, {"tax": scale}, engine, Uncertainty(draws=400))[0]


@pytest.mark.parametrize("codes", [[1] * 5, [2] * 5, [2, 1, 2, 0, -1, 1, 1], [0, 1, -2, -2, -1, 0]])
def test_a_scale_turned_round_turns_the_result_round(codes: list[int]) -> None:
    when = np.linspace(0, 5, len(codes))
    times = ["2000-06-01", "2003-01-01", "2006-06-01"]
    one = drawn_path(plain_record(codes, when), times)
    other = drawn_path(plain_record([-code for code in codes], when), times)
    figures = one[["estimate", "low", "high"]].to_numpy()
    turned = -other[["estimate", "high", "low"]].to_numpy()
    assert figures == pytest.approx(turned, abs=1e-6, nan_ok=True)


def test_intervals_shrink_as_the_root_of_statements_where_coders_agree() -> None:
    random = np.random.default_rng(0)
    widths = {}
    for n in (100, 400, 1600, 6400):
        said = np.clip(np.round(random.normal(0.4, 0.7, n)), -2, 2).astype(int)
        path = drawn_path(plain_record(said, np.sort(random.random(n)) * 20), ["2010-01-01"])
        assert abs(path["estimate"][0] - said.mean()) < 0.1
        widths[n] = float(path["high"][0] - path["low"][0])
    assert widths[6400] < 0.07
    assert widths[1600] / widths[100] == pytest.approx(0.25, abs=0.12)
    assert widths[6400] / widths[400] == pytest.approx(0.25, abs=0.12)


def test_a_settled_code_is_the_reading_that_overrules_the_coders() -> None:
    rows = plain_record([1] * 12, np.linspace(0, 6, 12))
    overruled = rows.assign(settled_by="adjudication", number=-1.0)
    agreed, settled = (
        drawn_path(part, ["2003-01-01"])["estimate"][0] for part in (rows, overruled)
    )
    assert agreed > 0.5
    assert settled < -0.3


def test_what_statements_of_a_day_share_is_found() -> None:
    random = np.random.default_rng(3)
    speeches = np.repeat(np.sort(random.random(40)) * 10, 3)
    shared = np.repeat(random.normal(0, 0.9, 40), 3)
    said = np.clip(np.round(0.2 + shared + random.normal(0, 0.4, 120)), -2, 2).astype(int)
    rows = plain_record(said, speeches)
    coded, _, _ = coded_evidence(rows, {"tax": sp.Scale.parse("-2..2")})
    parameters = state_space.fit(coded)
    assert parameters.layout.occasion_sd(parameters.vector) > 0.5


def test_the_line_of_a_side_tells_who_speaks_from_what_changed() -> None:
    early, late = np.linspace(0, 4, 12), np.linspace(5, 9, 12)
    parts = [plain_record([2] * 12, early), plain_record([-2] * 12, late).assign(actor_id="ben")]
    rows = pd.concat(parts, ignore_index=True).assign(line="side")
    times = ["2001-01-01", "2008-01-01"]
    members = drawn_path(rows, times)["estimate"]
    within = drawn_path(rows, times, sides="within")["estimate"]
    assert members[0] > 1.5
    assert members[1] < -1.5
    assert abs(within[0] - within[1]) < 1.0


def test_times_and_lines_are_contrasted_by_joint_draws(made: sp.StancePackage) -> None:
    options = {"issue": "issue-1", "by": "actor", "step": "6MS", "draws": 200}
    path = pickle.loads(pickle.dumps(sp.trajectory(made, **options)))
    assert path.draws.shape == (len(path.table), 200)
    found = path.contrast("2002-02", "2009-08", line="actor-1")
    table = path.table[path.table["actor"] == "actor-1"].set_index("time")
    rows = [table.index.get_loc(day) for day in (pd.Timestamp("2002-02-01"), "2009-08-01")]
    own = path.draws[: len(table)]
    assert found.difference == pytest.approx((own[rows[1]] - own[rows[0]]).mean())
    assert found.low <= found.difference <= found.high
    same = path.contrast("2002-02", "2002-02", line="actor-1")
    assert (same.difference, same.probability) == (0, 0.5)
    apart = path.contrast("2004", "2004", line=("actor-1", "actor-2"))
    back = path.contrast("2004", "2004", line=("actor-2", "actor-1"))
    assert apart.difference == pytest.approx(-back.difference)
    span = path.contrast("2002", lambda frame: frame.max(), line="actor-1")
    assert span.difference > 0
    assert len(found.table) == 1
    assert "P(more than 0)" in found.summary()
    assert found.plot() is not None
    with pytest.raises(sp.StancepackError, match="line="):
        path.contrast("2002", "2003")
    with pytest.raises(sp.StancepackError, match="no estimate"):
        path.contrast("1950", "2003", line="actor-1")
    windows = sp.trajectory(made, issue="issue-1", actor="actor-1", method="window")
    with pytest.raises(sp.StancepackError, match="method='state'"):
        windows.contrast("2002", "2003")


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
        state_space.fit(coded, most_steps=1)
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
        "draws": 600,
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
    theta, _, _, notes = sample(coded, points, draws=200, warmup=150)
    parameters = state_space.fit(coded)
    random = np.random.RandomState(0)
    fast = [state_space.positions_at(coded, parameters, points, 10, random)[0] for _ in range(20)]
    assert notes["r_hat"] < 1.1
    assert theta.mean(axis=1) == pytest.approx(np.concatenate(fast, axis=1).mean(axis=1), abs=0.3)
