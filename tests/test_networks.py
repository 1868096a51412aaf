"""Networks are those of Discourse Network Analyzer, by its own published numbers; scaling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import stancepack as sp

KNOWN = json.loads(
    (Path(__file__).parent / "known" / "discourse_network.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """Statements as numbers: organisations, concepts and documents have no names here."""
    frame = pd.DataFrame(KNOWN["statements"], columns=KNOWN["columns"])
    day = pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(middle=pd.Timestamp("2005-01-01") + day, statement=range(len(frame)))


@pytest.mark.parametrize("known", KNOWN["networks"], ids=str)
def test_networks_are_those_of_discourse_network_analyzer(
    sample: pd.DataFrame, known: dict[str, Any]
) -> None:
    some = sample[
        ~sample["concept"].isin(known.get("without_concepts", []))
        & ~sample["actor"].isin(known.get("without_actors", []))
        & sample["section"].isin([known["section"]] if "section" in known else sample["section"])
    ]
    columns = {f"{name}_column": name for name in ("actor", "concept", "document")}
    names = ("mode", "duplicates", "aggregation", "normalisation")
    options = {name: known[name] for name in names if name in known}
    # agreement is a Boolean variable there, and stands here as 0 and 1
    found = sp.network(some, **columns, value_column="agreement", scale="0,1", **options)
    weights = found.table.to_numpy()
    assert weights.shape == tuple(known["shape"])
    assert weights.sum() == pytest.approx(known.get("sum", weights.sum()), abs=1e-6)
    assert found.n == known.get("n", found.n)
    assert (weights != 0).sum() == known.get("nonzero", (weights != 0).sum())
    if known["mode"] == "one":
        assert (weights.diagonal() == 0).all()


def made() -> pd.DataFrame:
    rows = [
        ("a", "x", 2, "2007-05-03"),
        ("a", "x", 2, "2007-06-03"),
        ("b", "x", 2, "2007-05-04"),
        ("b", "y", -2, "2008-01-01"),
        ("c", "x", -2, "2007-05-31"),
        ("c", "y", -2, "2008-02-01"),
        ("c", "y", -2, "2009-02-01"),
    ]
    frame = pd.DataFrame(rows, columns=["actor_id", "issue_id", "position", "middle"])
    return frame.assign(middle=pd.to_datetime(frame["middle"]), statement_id=range(len(frame)))


def test_duplicates_go_by_real_calendar_periods() -> None:
    """The third of May and of June are no one day; the same month of two years is no one month."""
    for duplicates, n in (("include", 7), ("day", 7), ("month", 7), ("year", 6), ("all", 5)):
        options = {"aggregation": "congruence", "normalisation": "no"}
        assert sp.network(made(), duplicates=duplicates, **options).n == n, duplicates


def test_weights_by_hand() -> None:
    matrix = sp.network(made(), normalisation="no", duplicates="all").table
    assert matrix.loc["a", "b"] == 1
    assert matrix.loc["a", "c"] == -1
    assert matrix.loc["b", "c"] == 1 - 1
    two = sp.network(made(), normalisation="activity", mode="two", duplicates="all").table
    assert two.loc["b", "y"] == -1
    assert two.loc["b", "x"] == 1


def test_networks_by_period_are_tidy() -> None:
    pairs = sp.network(made(), aggregation="congruence", normalisation="no", period="Y").table
    assert pairs["period"].unique().tolist() == ["2007", "2008"], (
        "in 2009 there is one speaker, and no pair"
    )
    assert pairs.set_index(["period", "actor", "other"]).loc[("2008", "b", "c"), "weight"] == 1


def test_the_shipped_data_fall_into_two_camps() -> None:
    matrix = sp.network(sp.load()).table
    assert matrix.loc["putin", "lavrov"] > 0 > matrix.loc["putin", "gates"]
    assert (matrix == matrix.T).all(axis=None)
    assert len(sp.network(sp.load(), coder="lm-8").actors) > 20


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"aggregation": "congruent"}, "congruence"),
        ({"normalisation": "activity"}, "does not fit"),
        ({"mode": "two", "normalisation": "average"}, "does not fit"),
        ({"aggregation": "combine"}, "does not fit mode"),
        ({"duplicates": "fortnight"}, "not known"),
        ({"period": "fortnight"}, "period"),
        ({"start": "2030-01-01"}, "no statement is left"),
        ({"concept_column": "theme"}, "no column"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, str], words: str) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.network(made(), **options)  # type: ignore[arg-type]


def test_scaling_parts_the_sides_and_says_how_sure_it_is() -> None:
    found = sp.scale(sp.load(), positive="us-sites", draws=60)
    assert 0 < found.explained[0] <= 1
    assert found.loadings["x1"]["us-sites"] > 0
    places = found.table.set_index("actor_id")
    assert places.loc["putin", "x1_high"] < places.loc["gates", "x1_low"]
    assert (places["x1_low"] <= places["x1_high"]).all()
    by_side = places.groupby("side")["x1"].mean()
    assert by_side["Russia"] < by_side["US"]
    two = sp.scale(sp.load(), dimensions=2, draws=10)
    assert {"x2", "x2_low", "x2_high"} <= set(two.table.columns)
    with pytest.raises(sp.StancepackError, match="1 to 2"):
        sp.scale(sp.load(), dimensions=3)
    with pytest.raises(sp.StancepackError, match="lower `least`"):
        sp.scale(sp.load(), least=500)
