"""Positions over time on five codes, eleven, three in words and five without order, all at once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stancepack as sp
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.declaration import declare
from stancepack.dataset.descriptor import Descriptor
from stancepack.dataset.settings import Settings
from stancepack.positions.shares import wilson_interval
from stancepack.positions.state import MOST_CODES

FRAMES = sp.Scale("frames", ("security", "cost", "rights", "process", "other"), level="nominal")
FIVE, ELEVEN, THREE, NOMINAL = "issue-1", "issue-2", "issue-3", "issue-4"
SCALES = ["-2..2", "0..10", "oppose,neutral,favour", FRAMES]


@pytest.fixture(scope="module")
def mixed() -> sp.StancePackage:
    """One project of four scales."""
    return sp.simulate(actors=3, issues=4, statements=600, coders=2, seed=5, scale=SCALES)


def with_codes(
    scale: sp.Scale, positions: list[str], variables: dict[str, Any]
) -> sp.StancePackage:
    """A project of one actor who takes some positions, a year apart, under some variables."""
    entry = {"title": "Issue", "question": "What?", "level": scale.level}
    entry |= {"codes": {code: {} for code in scale.codes}}
    if scale.neutral is not None:
        entry["neutral"] = scale.neutral
    about = {
        name: {"title": name, "question": "?", "level": "nominal", "codes": dict.fromkeys(codes)}
        for name, codes in variables["codes"].items()
    }
    content = {"version": "1.0.0", "issues": {"issue": entry}, "variables": about}
    book = Codebook({**content, "roles": variables["roles"]})
    settings = Settings({"name": "made", "title": "Made", "version": "1.0.0"})
    descriptor = Descriptor(declare(settings, book), Path("made/datapackage.json"))
    ids = [f"S{number}" for number in range(len(positions))]
    cells = {"statement_id": ids, "issue_id": "issue", "position": positions}
    days = [f"{2001 + number}-01-01" for number in range(len(positions))]
    dates = {"date": days, "date_earliest": days, "date_latest": days, "date_basis": "source"}
    tables = {
        "actors": pd.DataFrame({"actor_id": ["a"], "name": "A", "kind": "person"}),
        "issues": pd.DataFrame({"issue_id": ["issue"], "title": "Issue", "question": "What?"}),
        "statements": pd.DataFrame(
            {"statement_id": ids, "actor_id": "a", **dates, **variables["given"]}
        ),
        "codings": pd.DataFrame({**cells, "round": "round-1", "coder_id": "ann"}),
        "stances": pd.DataFrame({**cells, "settled_by": "agreement"}),
    }
    frames = {}
    for table in descriptor.tables:
        rows = tables.get(table, pd.DataFrame())
        cells = rows.reindex(columns=descriptor.columns(table), fill_value="")
        frames[table] = descriptor.read_table(table, cells.astype("str"))
    return sp.StancePackage(descriptor, frames, book)


# ------------------------------------------------------------------------------------------------
# evidence


def test_positions_stand_where_their_scale_says(mixed: sp.StancePackage) -> None:
    rows = sp.evidence(mixed)
    for issue, of_issue in rows.groupby("issue_id", observed=True):
        scale = mixed.scale(issue)
        if scale.is_ordered:
            assert of_issue["value"].tolist() == [scale.number(p) for p in of_issue["position"]]
            assert of_issue["value"].between(scale.low, scale.high).all()
        else:
            assert of_issue["value"].isna().all()
        codes = {number for given in of_issue["codes"] for _, number in given}
        assert codes <= set(rows.loc[of_issue.index, "number"]) | set(scale.numbers) | set(range(5))


def test_roles_decide_what_is_conditional_ascribed_and_said_to_whom() -> None:
    variables = {
        "codes": {"if": ["plain", "hedged"], "said": ["own", "hearsay"], "public": ["?", "x", "y"]},
        "roles": {
            "conditional": {"if": ["hedged"]},
            "ascribed": {"said": ["hearsay"]},
            "audience": {"public": ["?"]},
        },
        "given": {
            "if": ["plain", "hedged", "plain", "plain"],
            "said": ["own", "own", "hearsay", "own"],
            "public": ["x", "?", "y", "y"],
        },
    }
    scale = sp.Scale.parse("no,perhaps,so so,yes", name="issue", neutral="perhaps")
    pkg = with_codes(scale, ["no", "yes", "yes", "so so"], variables)
    assert sp.evidence(pkg)["value"].tolist() == [-1, 2, 2, 1]
    assert sp.evidence(pkg, conditional="shrunk")["value"].tolist() == [-1, 1, 2, 1]
    assert sp.evidence(pkg, conditional="out")["statement_id"].tolist() == ["S0", "S2", "S3"]
    assert sp.evidence(pkg, ascribed=False)["statement_id"].tolist() == ["S0", "S1", "S3"]
    pairs = sp.reversals(pkg)
    assert pairs["other_id"].tolist() == ["S1", "S2", "S3"]
    assert pairs["kind"].tolist() == ["condition", "audience", "audience"]
    assert sp.universe(pkg)["conditional"] == ["in", "out", "shrunk"]
    assert "coder" not in sp.universe(pkg), "one coder is no choice"


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"ascribed": False}, "role 'ascribed'"),
        ({"conditional": "out"}, "role 'conditional'"),
        ({"conditional": "shrunk"}, "role 'conditional'"),
        ({"exclude_source": "x"}, "no sources"),
    ],
)
def test_a_choice_without_grounds_is_refused(
    mixed: sp.StancePackage, choices: dict[str, Any], words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.evidence(mixed, **choices)


# ------------------------------------------------------------------------------------------------
# trajectories


@pytest.mark.parametrize("method", ["window", "state"])
@pytest.mark.parametrize("issue", [FIVE, ELEVEN, THREE])
def test_a_trajectory_stays_on_its_scale_and_follows_the_truth(
    mixed: sp.StancePackage, issue: str, method: str
) -> None:
    path = sp.trajectory(mixed, issue=issue, by="actor", method=method, step="3MS", draws=100)
    scale = mixed.scale(issue)
    known = path.table.dropna()
    figures = known[["estimate", "low", "high"]]
    assert ((figures >= scale.low) & (figures <= scale.high)).all(axis=None)
    truth = mixed.truth[mixed.truth["issue_id"] == issue].rename(columns={"actor_id": "actor"})
    both = known.merge(truth, on=["actor", "time"])
    assert both[["estimate", "position"]].corr().iloc[0, 1] > 0.75
    assert both["position"].between(both["low"], both["high"]).mean() > 0.7
    axes = path.plot()
    assert axes.get_yticks().tolist() == scale.numbers.tolist()
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert shown == [scale.shown(code) for code in scale.codes]


def test_a_window_scales_with_the_span() -> None:
    """The same codes, called −2 to 2 and 10 to 50, give the same path."""
    usual = sp.simulate(actors=2, issues=1, statements=60, seed=8)
    tens = sp.Scale("tens", ("10", "20", "30", "40", "50"), neutral="30")
    other = sp.simulate(actors=2, issues=1, statements=60, seed=8, scale=tens)
    options = {"issue": FIVE, "by": "actor", "method": "window", "step": "6MS"}
    path, stretched = (sp.trajectory(pkg, **options) for pkg in (usual, other))
    for column in ("estimate", "low", "high"):
        assert stretched.table[column].to_numpy() == pytest.approx(
            30 + 10 * path.table[column].to_numpy(), nan_ok=True
        )
    effects = [
        sp.event_effect(pkg, event="2006-01-01", issue=FIVE, window=3000) for pkg in (usual, other)
    ]
    assert effects[1].difference == pytest.approx(10 * effects[0].difference)
    assert effects[1].p == effects[0].p
    changes = [sp.change_points(pkg, issue=FIVE, draws=3) for pkg in (usual, other)]
    assert changes[1].probability == pytest.approx(changes[0].probability)
    levels = [found.table["after"].to_numpy() for found in changes]
    assert levels[1] == pytest.approx(30 + 10 * levels[0])


def test_two_codes_will_do_and_very_many_want_windows() -> None:
    two = sp.simulate(statements=60, issues=1, scale="no,yes", seed=1)
    path = sp.trajectory(two, issue=FIVE, step="YS", draws=40)
    scale = two.scale(FIVE)
    assert path.table["estimate"].between(scale.low, scale.high).all()
    many = sp.simulate(statements=60, issues=1, scale=f"0..{MOST_CODES}", seed=1)
    with pytest.raises(sp.StancepackError, match="window"):
        sp.trajectory(many, issue=FIVE)
    assert len(sp.trajectory(many, issue=FIVE, method="window", step="YS").table)


def test_a_nominal_issue_has_shares_that_are_one_together(mixed: sp.StancePackage) -> None:
    path = sp.trajectory(mixed, issue=NOMINAL, by="actor", step="6MS", draws=100)
    assert path.table.columns.tolist() == ["actor", "time", "code", "estimate", "low", "high", "n"]
    assert path.method == "shares"
    known = path.table.dropna()
    assert known.groupby(["actor", "time"])["estimate"].sum().to_numpy() == pytest.approx(1)
    assert (known["low"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["high"]).all()
    assert ((known[["low", "high"]] >= 0) & (known[["low", "high"]] <= 1)).all(axis=None)
    panels = path.plot().figure.axes
    titles = [panel.get_title(loc="left").partition(",")[0] for panel in panels]
    assert titles == list(path.table["actor"].unique())
    assert "shares" in path.label
    for method in ("state", "window"):
        with pytest.raises(sp.StancepackError, match="shares"):
            sp.trajectory(mixed, issue=NOMINAL, method=method)


@pytest.mark.slow
def test_intervals_of_shares_hold_the_truth() -> None:
    """The truth is a random walk for each code; neither windows nor Wilson's intervals know it."""
    held = []
    for seed in range(8):
        made = sp.simulate(actors=1, issues=1, statements=150, seed=seed, scale=FRAMES)
        path = sp.trajectory(made, issue=FIVE, actor="actor-1", step="6MS", draws=60)
        both = made.truth.merge(path.table, on=["time", "code"]).dropna()
        held.append(both["share"].between(both["low"], both["high"]).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)


def test_wilson_intervals_are_those_of_the_books() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3
    for share, n, low, high in ((81 / 263, 263, 0.2553, 0.3662), (15 / 148, 148, 0.0624, 0.1605)):
        interval = wilson_interval(np.array([share]), np.array([n]), 1.959964)
        assert np.ravel(interval) == pytest.approx([low, high], abs=5e-5)
    low, high = wilson_interval(np.array([0.0]), np.array([20.0]), 1.959964)
    assert (low[0], round(high[0], 4)) == (0, 0.1611)


def test_what_coders_differ_in_widens_shares(mixed: sp.StancePackage) -> None:
    wide, narrow = (
        sp.trajectory(mixed, issue=NOMINAL, step="6MS", uncertainty=sources)
        for sources in (["statements", "coders"], ["statements"])
    )
    widths = [(path.table["high"] - path.table["low"]).mean() for path in (wide, narrow)]
    assert widths[1] < widths[0] < 2 * widths[1]


def test_a_trajectory_can_be_pickled_and_its_table_given_columns(mixed: sp.StancePackage) -> None:
    path = sp.trajectory(mixed, issue=THREE, by="actor", method="window", step="YS")
    again = pickle.loads(pickle.dumps(path))
    assert again.table.equals(path.table)
    assert again.scale == path.scale
    assert len(again.evidence) == len(path.evidence)
    lines = len(path.table["actor"].unique())
    path.table["year"] = path.table["time"].dt.year
    assert len(path.plot().lines) == 2 * lines + 1, "a line for each actor and its name; neutral"


# ------------------------------------------------------------------------------------------------
# change, networks, scaling


def test_reversals_are_on_the_other_side_of_neutral(mixed: sp.StancePackage) -> None:
    pairs = sp.reversals(mixed)
    assert set(pairs["issue_id"]) <= {FIVE, THREE}, "the others have no neutral code"
    for row in pairs.itertuples():
        scale = mixed.scale(row.issue_id)
        assert scale.side(row.position) * scale.side(row.other_position) == -1
    assert set(pairs["kind"]) <= {"coder disagreement", "same time", "change over time"}
    for issue in (ELEVEN, NOMINAL):
        with pytest.raises(sp.StancepackError, match="no neutral code"):
            sp.reversals(mixed, issue=issue)


@pytest.mark.parametrize("measure", [sp.event_effect, sp.change_points])
def test_measures_of_means_refuse_codes_without_order(
    measure: Any, mixed: sp.StancePackage
) -> None:
    options = {"event": "2006-01-01"} if measure is sp.event_effect else {}
    with pytest.raises(sp.StancepackError, match="nominal"):
        measure(mixed, **options, issue=NOMINAL)
    assert measure(mixed, **options, issue=ELEVEN) is not None


@pytest.mark.parametrize("event", ["nat", "now", "09/2009", ""])
def test_what_is_no_day_is_no_event(mixed: sp.StancePackage, event: str) -> None:
    with pytest.raises(sp.StancepackError, match="nor is it a day"):
        sp.event_effect(mixed, event=event, issue=FIVE)


def network_of(scale: str | sp.Scale, *codes: str) -> pd.DataFrame:
    """Two actors, one statement each."""
    made = sp.simulate(actors=2, issues=1, statements=2, scale=scale, uneven=1e6, seed=0)
    statements = made["statements"].assign(actor_id=["actor-1", "actor-2"])
    kind = made["stances"]["position"].dtype
    stances = made["stances"].assign(position=pd.Series(codes).astype(kind))
    frames = {table: made[table] for table in made}
    frames |= {"statements": statements, "stances": stances}
    pkg = sp.StancePackage(made.descriptor, frames, made.codebook)
    return sp.network(pkg, aggregation="congruence", normalisation="no").table


@pytest.mark.parametrize(
    ("scale", "codes", "congruence"),
    [
        ("-2..2", (1, 2), 0.75),
        ("0..10", (0, 4), 0.6),
        ("oppose,neutral,favour", ("oppose", "neutral"), 0.5),
        (FRAMES, ("security", "cost"), 0),
        (FRAMES, ("cost", "cost"), 1),
    ],
)
def test_networks_measure_by_the_scale_of_the_issue(
    scale: str | sp.Scale, codes: tuple[Any, Any], congruence: float
) -> None:
    assert network_of(scale, *codes).loc["actor-1", "actor-2"] == pytest.approx(congruence)


def test_sums_of_positions_need_a_neutral_code(mixed: sp.StancePackage) -> None:
    with pytest.raises(sp.StancepackError, match="no neutral code"):
        sp.network(mixed, mode="two")
    three = sp.simulate(issues=1, statements=40, scale="oppose,neutral,favour", seed=2)
    matrix = sp.network(three, mode="two").table
    rows = sp.evidence(three)
    assert matrix[FIVE].to_dict() == rows.groupby("actor_id")["value"].sum().to_dict()


def test_scaling_takes_ordered_issues_on_one_span(mixed: sp.StancePackage) -> None:
    places = sp.scale(mixed, draws=5)
    assert set(places.loadings["x1"]) == {FIVE, ELEVEN, THREE}
    assert places.loadings["x1"][FIVE] > 0
    turned = sp.scale(mixed, positive=ELEVEN, draws=5)
    assert turned.loadings["x1"][ELEVEN] > 0
    with pytest.raises(sp.StancepackError, match="no issue that is scaled"):
        sp.scale(mixed, positive=NOMINAL)


# ------------------------------------------------------------------------------------------------
# simulation


def test_a_simulated_package_tells_the_truth_about_itself(mixed: sp.StancePackage) -> None:
    assert repr(mixed) == "<StancePackage simulated 1.0.0: 600 statements, 3 actors, 1200 codings>"
    assert mixed["issues"]["issue_id"].tolist() == [FIVE, ELEVEN, THREE, NOMINAL]
    assert mixed.scale(ELEVEN).codes == tuple(str(code) for code in range(11))
    with pytest.raises(sp.StancepackError, match="in memory"):
        mixed.path("statements")
    shares = mixed.truth[mixed.truth["issue_id"] == NOMINAL]
    assert shares.groupby(["actor_id", "time"])["share"].sum().to_numpy() == pytest.approx(1)
    with pytest.raises(sp.StancepackError, match="2 scales for 3 issues"):
        sp.simulate(issues=3, scale=["0..10", "-2..2"])
