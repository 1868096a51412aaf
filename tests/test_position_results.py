"""Results of positions: what they count, what they say and draw, and what is refused by name."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest

import stancepack as sp
from stancepack.plots.inks import MOST_LINES, inks
from stancepack.plots.margin import spread

matplotlib.use("Agg")
ISSUE = "issue-1"


@pytest.fixture(scope="module")
def pkg() -> sp.StancePackage:
    return sp.load()


@pytest.fixture(scope="module")
def made() -> sp.StancePackage:
    return sp.simulate(actors=4, issues=2, statements=120, seed=3)


RESULTS: dict[str, Callable[[sp.StancePackage], Any]] = {
    "Trajectory": lambda pkg: sp.trajectory(pkg, issue=ISSUE, method="window", step="YS"),
    "EventEffect": lambda pkg: sp.event_effect(pkg, event="2006", issue=ISSUE, draws=50),
    "ChangePoints": lambda pkg: sp.change_points(pkg, issue=ISSUE, draws=2),
    "Network": lambda pkg: sp.network(pkg),
    "Scaling": lambda pkg: sp.scale(pkg, draws=5),
    "Multiverse": lambda pkg: sp.multiverse(
        pkg,
        analysis=lambda pkg, coder: sp.evidence(pkg, coder=coder)["value"].mean(),
        choices={"coder": [None, "coder-1"]},
    ),
    "Findings": lambda pkg: sp.validate(sp.load().home),
    "Differences": lambda pkg: sp.diff(sp.load().home),
}
DRAWN = ["Trajectory", "EventEffect", "ChangePoints", "Network", "Scaling", "Multiverse"]


@pytest.fixture(scope="module")
def results(made: sp.StancePackage) -> dict[str, Any]:
    return {name: make(made) for name, make in RESULTS.items()}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_says_what_it_is_and_can_be_kept(name: str, results: dict[str, Any]) -> None:
    result = results[name]
    assert isinstance(result, getattr(sp, name))
    assert "\n" not in repr(result)
    assert repr(result).rstrip(".") in result.summary()
    assert result._repr_html_().startswith("<p>")
    assert type(result.table) is pd.DataFrame
    assert not result.table.attrs
    for again in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert repr(again) == repr(result)
        assert again.table.equals(result.table)


@pytest.mark.parametrize("name", DRAWN)
def test_a_result_draws_on_axes_of_its_own_or_those_given(
    name: str, results: dict[str, Any]
) -> None:
    from matplotlib.figure import Figure

    axes = results[name].plot()
    title = axes.get_title(loc="left")
    assert any(sign in title for sign in ("n =", "statements", "specifications", "positions"))
    assert axes.figure._repr_png_().startswith(b"\x89PNG")
    given = Figure().add_subplot()
    assert results[name].plot(ax=given) is given


@pytest.mark.parametrize("name", RESULTS)
def test_what_a_frame_could_do_still_works_and_says_the_new_line(
    name: str, results: dict[str, Any]
) -> None:
    result = results[name]
    former = result._former
    with pytest.warns(sp.StancepackDeprecation, match=rf"{name} is no frame .* write "):
        assert [*result.keys()] == [*former.keys()]
    first = next(iter(former))
    with pytest.warns(sp.StancepackDeprecation):
        assert pd.Series(result[first]).equals(pd.Series(former[first]))
    with pytest.warns(sp.StancepackDeprecation, match="in place of attrs"):
        names = set(result.attrs)
    assert "table" in names


def test_an_old_frame_of_numbers_is_made_again_by_pandas(results: dict[str, Any]) -> None:
    path = results["Trajectory"]
    with pytest.warns(sp.StancepackDeprecation):
        frame = pd.DataFrame(path)
    pd.testing.assert_frame_equal(frame, path.table, check_dtype=False)
    with pytest.warns(sp.StancepackDeprecation):
        assert "low" in path
    with pytest.warns(sp.StancepackDeprecation):
        assert path.draw().axes
    effect = results["EventEffect"]
    with pytest.warns(sp.StancepackDeprecation, match=r"eventeffect\.p$"):
        assert effect["p"] == effect.p or np.isnan(effect.p)


def test_old_spellings_of_functions_give_the_same(made: sp.StancePackage) -> None:
    with pytest.warns(sp.StancepackDeprecation, match="normalisation='no'"):
        old = sp.network(made, "congruence", "no")  # type: ignore[misc]
    new = sp.network(made, aggregation="congruence", normalisation="no")
    assert old.table.equals(new.table)
    with pytest.warns(sp.StancepackDeprecation, match=r"interval=0\.5"):
        narrow = sp.trajectory(made, issue=ISSUE, method="window", level=0.5)  # type: ignore[call-arg]
    assert narrow.interval == 0.5
    with pytest.warns(sp.StancepackDeprecation, match="interval=None"):
        assert sp.scale(made, replicates=0).table["x1_low"].isna().all()  # type: ignore[call-arg]
    with pytest.warns(sp.StancepackDeprecation, match="event='2006-01-01'"):
        sp.event_effect(made, "2006-01-01", issue=ISSUE, permutations=9)  # type: ignore[misc,call-arg]


@pytest.mark.parametrize(
    "make",
    [
        lambda made: sp.trajectory(made, issue=ISSUE, method="window", interval=None),
        lambda made: sp.trajectory(made, issue=ISSUE, method="window", start=2100, end=2101),
        lambda made: sp.trajectory(made, issue=ISSUE, by="side", start=2100, end=2100, draws=9),
        lambda made: sp.trajectory(made, issue=ISSUE, by="actor", method="shares", step="YS"),
        lambda made: sp.event_effect(made, event="1990", issue=ISSUE),
        lambda made: sp.scale(made, interval=None),
        lambda made: sp.scale(made, dimensions=2, draws=5),
        lambda made: sp.network(made, actor="actor-1"),
        lambda made: sp.network(made, mode="two", aggregation="combine"),
    ],
)
def test_results_at_their_edges_say_and_draw_what_there_is(
    made: sp.StancePackage, make: Callable[[sp.StancePackage], Any]
) -> None:
    result = make(made)
    assert result.summary()
    assert result._repr_html_()
    assert result.plot().figure._repr_png_()


def test_a_network_of_several_periods_draws_one_of_them(made: sp.StancePackage) -> None:
    found = sp.network(made, period="Y")
    assert found.summary()
    axes = found.plot(period="2004")
    pairs = found.table[found.table["period"] == "2004"]
    names = {label.get_text() for label in axes.get_yticklabels()}
    assert names == {*pairs["actor"], *pairs["other"]}
    with pytest.raises(sp.StancepackError, match="name one, such as period='2000'"):
        found.plot()
    with pytest.raises(sp.UnknownName, match="period='1999' is not known"):
        found.plot(period="1999")


# ------------------------------------------------------------------------------------------------
# evidence


def test_a_coder_s_evidence_is_every_position_of_the_coder(pkg: sp.StancePackage) -> None:
    """Also where the settled code is that the statement does not address the issue."""
    codings = pkg.settling("codings").dropna(subset=["position"])
    readings = [("lm-10", "lm-5", "lm-8"), ("lm-11", "lm-6", "lm-9")]
    assert sp.universe(pkg)["coder"] == [None, *readings]
    for coder, n in zip(readings, (1232, 1233), strict=True):
        own = codings[codings["coder_id"].isin(coder)].set_index(["statement_id", "issue_id"])
        rows = sp.evidence(pkg, coder=coder, restatements=True)
        assert len(own) == n
        assert len(rows.drop_duplicates(["statement_id", "issue_id"])) == n
        given = rows.set_index(["statement_id", "issue_id"])["position"]
        assert (given == own["position"].reindex(given.index)).all()
        assert rows[["actor", "date_earliest", "middle", "value"]].notna().all(axis=None)
    assert len(sp.evidence(pkg, coder="LM-8")) < len(sp.evidence(pkg, coder=["LM-8", "lm-5"])) < n
    with pytest.raises(sp.StancepackError, match="lm-8 and lm-9 both read"):
        sp.evidence(pkg, coder=["lm-8", "lm-9"])
    with pytest.raises(sp.UnknownName, match="'lm-1' did not code the last round"):
        sp.evidence(pkg, coder=["lm-8", "lm-1"])


def test_names_are_found_in_any_case_and_several_where_that_makes_sense(
    pkg: sp.StancePackage,
) -> None:
    by_id = sp.trajectory(pkg, actor="putin", issue="limits", method="window", step="YS")
    by_name = sp.trajectory(
        pkg, actor="VLADIMIR putin", issue=by_id.title, method="window", step="YS"
    )
    assert by_name.table.equals(by_id.table)
    both = sp.trajectory(
        pkg, side=["russia", "US"], by="side", issue="limits", method="window", step="YS"
    )
    assert set(both.table["side"]) == {"Russia", "US"}
    assert set(sp.evidence(pkg, issue=["limits", "us-sites"])["issue_id"]) == {"limits", "us-sites"}
    assert set(sp.evidence(pkg, actor="Robert GATES", issue="limits")["actor_id"]) == {"gates"}
    assert set(sp.evidence(pkg, side=["us", "Poland"])["side"]) == {"US", "Poland"}
    assert set(sp.reversals(pkg, actor=["putin", "lavrov"])["actor"]) == {
        "Vladimir Putin",
        "Sergey Lavrov",
    }


# ------------------------------------------------------------------------------------------------
# what is refused, by name


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        (sp.trajectory, {"window": 100}, "window=100 is not used by method='state'"),
        (sp.trajectory, {"kernel": "calendar"}, "kernel='calendar' is not used"),
        (sp.trajectory, {"engine": "nuts", "window": 9.0}, "window=9.0 is not used"),
        (sp.trajectory, {"method": "window", "engine": "nuts"}, "engine='nuts' is not used"),
        (sp.trajectory, {"engine": "nuts", "uncertainty": ["dates"]}, "uncertainty"),
        (sp.trajectory, {"actor": []}, "names nobody"),
        (sp.trajectory, {"side": ["side-9"]}, "there is no side 'side-9'"),
        (sp.trajectory, {"interval": 90}, "between 0 and 1"),
        (sp.trajectory, {"interval": "wide"}, "between 0 and 1"),
        (sp.trajectory, {"draws": 1.5}, "draws=1.5"),
        (sp.trajectory, {"seed": -1}, "seed=-1"),
        (sp.trajectory, {"start": "2007", "end": "2006"}, "lies after end"),
        (sp.trajectory, {"start": "01/02/2007"}, "start: .* is not a date in EDTF"),
        (sp.trajectory, {"end": pd.NaT}, "end=NaT is no date"),
        (sp.trajectory, {"start": "2007/.."}, "open end"),
        (sp.trajectory, {"start": True}, "start=True is no date"),
        (sp.trajectory, {"step": "fortnight"}, "step='fortnight' cannot be read"),
        (sp.trajectory, {"step": "s"}, "step='s' cannot be read: take a day"),
        (sp.trajectory, {"step": "D", "start": 1000, "end": 9000}, "take fewer"),
        (sp.trajectory, {"stepp": "D"}, "the option 'stepp' is not known"),
        (sp.event_effect, {"event": "2006", "window": 10**400}, "should be a number of days"),
        (sp.trajectory, {"ascribed": "no"}, "ascribed='no' should be True or False"),
        (sp.change_points, {"prior": 2}, "prior=2 should lie between 0 and 1"),
        (sp.change_points, {"actor": "nobody"}, "there is no actor 'nobody'"),
        (sp.event_effect, {"event": "now"}, "there is no event 'now'"),
        (sp.event_effect, {"event": "2006", "window": -3}, "window=-3"),
        (sp.event_effect, {"event": None}, "event=None is no date"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    made: sp.StancePackage, function: Callable[..., Any], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        function(made, issue=ISSUE, **options)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda pkg: sp.multiverse(pkg, analysis=3), "should be a function"),
        (lambda pkg: sp.multiverse(pkg, analysis=len, choices={"coder": "ann"}), "a list of opt"),
        (lambda pkg: sp.multiverse(pkg, analysis=len, choices={"coder": {1, 2}}), "a list of opt"),
        (lambda pkg: sp.multiverse(pkg, analysis=len, choices={"value": [1]}), "column of results"),
        (lambda pkg: sp.multiverse(pkg, analysis=int, choices={"a": [1]}), "under none of the ch"),
        (lambda pkg: sp.network(pkg, period="B"), "period='B' is not known"),
        (lambda pkg: sp.scale(pkg, dimensions=3), "dimensions=3"),
        (lambda pkg: sp.scale(pkg, positive="issue-9"), "there is no issue 'issue-9'"),
        (lambda pkg: sp.network(pkg, scale="0,1"), "scale='0,1' is not used by a package"),
        (lambda pkg: sp.network(pkg, value_column="x"), "value_column='x' is not used"),
        (lambda pkg: sp.network(pkg, period=3), "period=3"),
        (lambda pkg: sp.evidence(pd.DataFrame()), "of a package or its path"),
    ],
)
def test_what_makes_no_sense_is_an_error(
    made: sp.StancePackage, call: Callable[[sp.StancePackage], Any], words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        call(made)


def test_an_unknown_name_is_a_key_error_too(made: sp.StancePackage) -> None:
    for options in ({"actor": "nobody"}, {"side": "nowhere"}, {"issue": "nothing"}, {"by": "x"}):
        with pytest.raises(sp.UnknownName):
            sp.trajectory(made, **({"issue": ISSUE} | options))


def test_an_analysis_that_fails_under_one_choice_does_not_lose_the_others(
    made: sp.StancePackage,
) -> None:
    found = sp.multiverse(made, analysis=lambda pkg, by: 6 / by, choices={"by": [2, 0, 3]})
    assert found.table["value"].dropna().tolist() == [3, 2]
    assert "ZeroDivisionError" in found.table["note"].iloc[1]
    assert "1 gave none" in repr(found)


@pytest.mark.parametrize("uncertainty", [None, [], ["statements"], ["coders"], ["dates"]])
def test_one_statement_has_a_position_too(uncertainty: list[str] | None) -> None:
    made = sp.simulate(2, issues=1, statements=2, uneven=1e6, undated=0, seed=0)
    frames = {table: made[table] for table in made}
    frames["statements"] = frames["statements"].assign(actor_id=["actor-1", "actor-2"])
    pkg = sp.StancePackage(made.descriptor, frames, made.codebook)
    path = sp.trajectory(pkg, issue=ISSUE, actor="actor-1", uncertainty=uncertainty, draws=20)
    assert path.table[["estimate", "low", "high"]].notna().all(axis=None)


def test_a_package_of_positions_alone_has_every_measure_that_it_can() -> None:
    rows = [
        (actor, side, date, issue, position)
        for actor, side, sign in (("ann", "left", 1), ("bob", "right", -1), ("cy", None, 1))
        for date, issue, position in (
            ("2001-05", "tax", sign),
            ("2003", "tax", 2 * sign),
            ("2004-02-01", "tax", 0),
            ("2005", "war", -sign),
            ("2006-07", "war", 1),
        )
    ]
    frame = pd.DataFrame(rows, columns=["actor", "side", "date", "issue", "position"])
    pkg = sp.StancePackage.from_tables({"positions": frame}, scales="-2..2")
    assert len(sp.evidence(pkg)) == 15
    assert sp.trajectory(pkg, issue="tax", by="side", method="window").plot() is not None
    assert sp.trajectory(pkg, issue="TAX", actor="Ann", draws=20).n == 3
    assert sp.event_effect(pkg, event="2002", issue="tax", draws=50).n_after == 3
    assert 0 < sp.change_points(pkg, issue="tax", draws=2).probability < 1
    assert len(sp.reversals(pkg)) == 2
    assert sp.network(pkg).n == 15
    assert len(sp.scale(pkg, draws=5).table) == 3
    assert sp.universe(pkg) == {}
    with pytest.raises(sp.StancepackError, match="it needs the tables codings and statements"):
        sp.evidence(pkg, coder="ann")
    with pytest.raises(sp.StancepackError, match="name no sources"):
        sp.evidence(pkg, exclude_source="x")


# ------------------------------------------------------------------------------------------------
# days


@pytest.mark.parametrize("year", [2007, "2007", np.int64(2007)])
def test_a_year_is_the_year_from_its_first_day_to_its_last(
    made: sp.StancePackage, year: Any
) -> None:
    path = sp.trajectory(made, issue=ISSUE, method="window", start=year, end=year)
    assert path.table["time"].iloc[[0, -1]].dt.strftime("%Y-%m-%d").tolist() == [
        "2007-01-01",
        "2007-12-01",
    ]


def test_days_are_taken_however_they_are_held(made: sp.StancePackage) -> None:
    day = datetime.date(2007, 3, 1)
    options = {"issue": ISSUE, "method": "window", "end": "2008"}
    tables = [
        sp.trajectory(made, start=start, **options).table
        for start in (day, pd.Timestamp(day), np.datetime64(day), "2007-03", "2007-03-01 10:00")
    ]
    tables.append(
        sp.trajectory(made, start=pd.Timestamp("2007-03-01", tz="Europe/Berlin"), **options).table
    )
    assert all(table.equals(tables[0]) for table in tables)


def dated(*dates: tuple[str, str]) -> sp.StancePackage:
    """A package whose statements have these bounds."""
    made = sp.simulate(actors=1, issues=1, statements=len(dates), undated=0, seed=1)
    statements = made["statements"]
    statements["date"] = [first if first == last else f"{first}/{last}" for first, last in dates]
    for column, place in (("date_earliest", 0), ("date_latest", 1)):
        statements[column] = pd.to_datetime([bounds[place] for bounds in dates])
    frames = {table: made[table] for table in made if table != "positions"}
    return sp.StancePackage(made.descriptor, frames | {"statements": statements}, made.codebook)


def test_what_may_be_on_either_side_of_an_event_does_not_count() -> None:
    pkg = dated(
        ("2009-06-10", "2009-06-14"),
        ("2009-06-10", "2009-06-15"),
        ("2009-06-14", "2009-06-16"),
        ("2009-06-15", "2009-06-15"),
        ("2009-06-15", "2009-06-30"),
    )
    effect = sp.event_effect(pkg, event="2009-06-15", issue=ISSUE)
    assert (effect.n_before, effect.n_after) == (1, 2), "the day itself is after"
    month = sp.event_effect(pkg, event="2009-06", issue=ISSUE)
    assert (month.n_before, month.n_after) == (0, 0), "all may be on either side"
    assert sp.event_effect(pkg, event="2009-05", issue=ISSUE).n_after == 5


# ------------------------------------------------------------------------------------------------
# figures


def test_no_two_lines_have_one_ink_and_a_side_keeps_its_own(pkg: sp.StancePackage) -> None:
    names = [f"line {number}" for number in range(MOST_LINES)]
    assert len(set(inks(names).values())) == MOST_LINES
    with pytest.raises(sp.StancepackError, match="can be told apart"):
        inks([*names, "one more"])
    options = {"issue": "us-sites", "by": "side", "method": "window", "step": "YS"}

    def colours(side: list[str] | None) -> dict[str, Any]:
        axes = sp.trajectory(pkg, side=side, **options).plot()
        return {text.get_text().partition(" (")[0]: text.get_color() for text in axes.texts}

    everybody = colours(None)
    assert len(set(everybody.values())) == len(everybody) > 3
    for side in (["US"], ["NATO", "Russia"]):
        assert colours(side) == {name: everybody[name] for name in side}
    alone = sp.trajectory(pkg, issue="us-sites", actor="gates", method="window").plot()
    assert alone.lines[0].get_color() == everybody["US"]


def test_a_band_stops_where_its_line_stops() -> None:
    made = sp.simulate(actors=1, issues=1, statements=60, gap=(4, 8), undated=0, seed=2)
    path = sp.trajectory(made, issue=ISSUE, step="3MS", draws=40)
    silent = path.table["estimate"].isna()
    assert silent.any()
    assert path.table.loc[silent, "low"].notna().any()
    (band,) = path.plot().collections[:1]
    drawn = np.concatenate([part.vertices[:, 0] for part in band.get_paths()])
    days = matplotlib.dates.date2num(path.table.loc[silent, "time"])
    assert not set(days) & set(drawn)


def test_names_beside_a_figure_lie_on_no_other(pkg: sp.StancePackage) -> None:
    path = sp.trajectory(pkg, issue="joint-defence", by="side", method="window", step="YS")
    axes = path.plot()
    axes.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) > 3
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert box.x0 > axes.get_window_extent().x1
    assert spread([1.0, 1.0, 1.0], 0.5, -2.0, 1.1) == pytest.approx([0.1, 0.6, 1.1])


# ------------------------------------------------------------------------------------------------
# networks of frames


def test_documents_of_a_package_are_its_sources(pkg: sp.StancePackage) -> None:
    rows = sp.evidence(pkg)
    once = rows.drop_duplicates(["actor_id", "issue_id", "position", "source_id"])
    found = sp.network(pkg, duplicates="document")
    assert found.n == len(once) < len(rows)
    with pytest.raises(sp.StancepackError, match="which document a statement has"):
        sp.network(sp.simulate(statements=20), duplicates="document")


def frame(**columns: Any) -> pd.DataFrame:
    rows = {
        "actor_id": ["A", "B", "A", "C"],
        "issue_id": ["x", "x", "y", "y"],
        "position": [1, 0, 1, 1],
        "statement_id": [1, 2, 3, 4],
        "middle": pd.to_datetime(
            ["2012-01-01 09:00", "2012-03-01 10:00", "2012-12-31 15:00", "2012-06-01 08:00"]
        ),
    }
    return pd.DataFrame(rows | columns)


def summed(data: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return sp.network(data, mode="two", **options).table


def test_zero_is_no_only_where_something_says_so() -> None:
    numbers = summed(frame())
    assert numbers.loc["B", "x"] == 0
    truth = frame(position=[True, False, True, True])
    for table in (
        summed(truth),
        summed(truth.astype({"position": "boolean"})),
        summed(truth.astype({"position": object})),
        summed(frame(), scale="0,1"),
        summed(frame(position=["yes", "no", "yes", "yes"]), scale="no,yes"),
        summed(frame(), scale=sp.Scale("agreement", ("0", "1"))),
        summed(frame(position=pd.Categorical(["b", "a", "b", "b"], ordered=True))),
    ):
        assert table.loc["B", "x"] == -1
        assert table.loc["A"].tolist() == [1, 1]


def test_the_range_is_that_of_the_whole_column_or_of_the_scale() -> None:
    data = frame(position=[2, 1, -2, 1])
    options = {"aggregation": "congruence", "normalisation": "no"}
    assert sp.network(data, **options).table.loc["A", "B"] == 0.75
    assert sp.network(data, issue="x", **options).table.loc["A", "B"] == 0.75
    assert sp.network(data, end="2012-03", **options).table.loc["A", "B"] == 0.75
    assert sp.network(data, scale=(-10, 10), **options).table.loc["A", "B"] == 0.95
    with pytest.raises(sp.StancepackError, match="row 0: 2 lies outside -1 to 1"):
        sp.network(data, scale=(-1, 1))
    with pytest.raises(sp.StancepackError, match=r"position, row 0: .*'2' is not a code"):
        sp.network(data, scale="-1..1")


def test_combinations_have_fixed_numbers_and_a_legend() -> None:
    both = pd.concat([frame(), frame(position=[0, 1, 1, 1])])
    found = sp.network(both, aggregation="combine", mode="two")
    assert found.table.loc["A"].tolist() == [3, 1]
    assert found.table.loc["C"].tolist() == [0, 1]
    assert found.legend is not None
    of_x = found.legend[found.legend["concept"] == "x"].set_index("weight")["codes"]
    assert of_x.to_dict() == {0: "none", 1: "1", 2: "0", 3: "1 and 0"}
    five = frame(position=[2, 1, -2, 1])
    whole = sp.network(five, aggregation="combine", mode="two", scale="-2..2")
    some = sp.network(five, aggregation="combine", mode="two", scale="-2..2", issue="y")
    assert whole.table.loc["A", "y"] == some.table.loc["A", "y"] == 16
    assert some.legend is not None
    assert len(some.legend) == 2**5
    with pytest.raises(sp.StancepackError, match="nothing can be divided by"):
        sp.network(both, aggregation="combine", mode="two", normalisation="activity")


@pytest.mark.parametrize(
    "options", [{"end": "2012-12-31"}, {"period": "Y"}, {"duplicates": "week"}, {"start": 2012}]
)
@pytest.mark.parametrize(
    "dates",
    [
        lambda days: days,
        lambda days: days.astype(str),
        lambda days: days.dt.tz_localize("UTC"),
        lambda days: days.dt.tz_localize("America/New_York"),
        lambda days: days.dt.strftime("%Y-%m-%dT%H:%M:%S+11:00"),
        lambda days: days.dt.date,
        lambda days: days.astype(object),
    ],
)
def test_dates_are_read_by_their_own_clock(
    dates: Callable[[pd.Series[Any]], Any], options: dict[str, Any]
) -> None:
    assert sp.network(frame(middle=dates(frame()["middle"])), **options).n == 4


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (lambda days: days.dt.strftime("%d.%m.%Y"), r"row 0: '01.01.2012' .* pd\.to_datetime"),
        (lambda days: days.dt.strftime("%Y-%m"), "row 0: '2012-01' is no day"),
        (lambda days: days.dt.year, "row 0: 2012 is no day"),
        (lambda days: days.where(days.dt.month > 1), "1 of 4 statements have no time"),
    ],
)
def test_dates_that_cannot_be_read_are_named(
    dates: Callable[[pd.Series[Any]], Any], words: str
) -> None:
    data = frame(middle=dates(frame()["middle"]))
    with pytest.raises(sp.StancepackError, match=words):
        sp.network(data, period="Y")
    assert sp.network(data).n == 4, "where no date is needed none is read"


def test_a_frame_chooses_by_id_and_names_its_columns() -> None:
    data = frame(side=["w", "e", "w", "e"])
    assert sp.network(data, side="E").actors == ["B", "C"]
    assert sp.network(data, actor=["a", "b"]).actors == ["A", "B"]
    assert sp.network(data, issue="X").n == 2
    with pytest.raises(sp.UnknownName, match="there is no actor 'D'"):
        sp.network(data, actor="D")
    other = data.rename(columns={"actor_id": "who"})
    assert sp.network(other, actor_column="who").n == 4
    with pytest.warns(sp.StancepackDeprecation, match="actor_column='who'"):
        assert sp.network(other, actor="who").n == 4
    with pytest.raises(sp.UnknownName, match="actor_column"):
        sp.network(other)
    holes = frame(position=[1, None, 1, 1], actor_id=["A", "B", "", "C"])
    assert (sp.network(holes).n, sp.network(holes).left_out) == (2, 2)


def test_a_frame_of_another_engine_makes_the_same_network() -> None:
    polars = pytest.importorskip("polars")
    data = frame()
    other = polars.DataFrame(data.to_dict("list"))
    assert sp.network(other, period="Y").table.equals(sp.network(data, period="Y").table)
