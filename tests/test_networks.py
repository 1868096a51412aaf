"""Networks are those of Discourse Network Analyzer, by its own published numbers where its sample is at hand; scaling."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import stancepack as sp

SAMPLE = Path(__file__).parents[2] / "shared" / "testdata" / "dna" / "sample.dna"
COLUMNS: dict[str, Any] = {
    "actor": "organization",
    "concept": "concept",
    "value": "agreement",
    "document": "document",
}


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    if not SAMPLE.is_file():
        pytest.skip("the peer's sample file is not here")
    link = sqlite3.connect(f"file:{SAMPLE}?mode=ro&immutable=1", uri=True)
    tables = {
        name: pd.read_sql(f"SELECT * FROM {name}", link)
        for name in ("VARIABLES", "STATEMENTS", "STATEMENTTYPES", "ENTITIES")
    }
    text, truth = (
        pd.read_sql(f"SELECT * FROM {name}", link) for name in ("DATASHORTTEXT", "DATABOOLEAN")
    )
    documents = pd.read_sql("SELECT ID, Date, Section FROM DOCUMENTS", link).set_index("ID")
    link.close()
    kind = tables["STATEMENTTYPES"].set_index("Label").loc["DNA Statement", "ID"]
    statements = tables["STATEMENTS"][tables["STATEMENTS"]["StatementTypeId"] == kind]
    variables = tables["VARIABLES"][tables["VARIABLES"]["StatementTypeId"] == kind].set_index(
        "Variable"
    )["ID"]
    names = tables["ENTITIES"].set_index("ID")["Value"]
    frame = pd.DataFrame({"statement": statements["ID"], "document": statements["DocumentId"]})
    for column in ("organization", "concept"):
        of_variable = text[text["VariableId"] == variables[column]].set_index("StatementId")[
            "Entity"
        ]
        frame[column] = frame["statement"].map(of_variable).map(names)
    of_variable = truth[truth["VariableId"] == variables["agreement"]].set_index("StatementId")[
        "Value"
    ]
    frame["agreement"] = frame["statement"].map(of_variable)
    frame["middle"] = pd.to_datetime(frame["document"].map(documents["Date"]), unit="s")
    frame["section"] = frame["document"].map(documents["Section"])
    return frame


def test_two_modes_of_the_sample(sample: pd.DataFrame) -> None:
    matrix = sp.network(sample, "ignore", "no", mode="two", **COLUMNS)
    assert matrix.shape == (7, 6)
    assert matrix.to_numpy().sum() == 40
    assert (matrix.to_numpy() != 0).sum() == 22
    assert sp.network(sample, "subtract", "no", mode="two", **COLUMNS).to_numpy().sum() == 18


@pytest.mark.parametrize(
    ("aggregation", "total"),
    [("ignore", 276), ("congruence", 160), ("conflict", 116), ("subtract", 44)],
)
def test_one_mode_of_the_sample(sample: pd.DataFrame, aggregation: str, total: float) -> None:
    matrix = sp.network(sample, aggregation, "no", **COLUMNS)
    assert matrix.shape == (7, 7)
    assert matrix.to_numpy().sum() == total
    assert (matrix.to_numpy().diagonal() == 0).all()


@pytest.mark.parametrize(
    ("aggregation", "n", "total"),
    [("ignore", 22, 78), ("congruence", 23, 48), ("conflict", 23, 38), ("subtract", 23, 10)],
)
def test_duplicates_of_the_sample(
    sample: pd.DataFrame, aggregation: str, n: int, total: float
) -> None:
    matrix = sp.network(sample, aggregation, "no", duplicates="document", **COLUMNS)
    assert matrix.attrs["n"] == n
    assert matrix.to_numpy().sum() == total


@pytest.mark.parametrize(
    ("normalisation", "total"),
    [("average", 25.802436), ("jaccard", 13.610663), ("cosine", 4.806061)],
)
def test_normalisations_of_the_sample(
    sample: pd.DataFrame, normalisation: str, total: float
) -> None:
    matrix = sp.network(sample, "congruence", normalisation, **COLUMNS)
    assert matrix.to_numpy().sum() == pytest.approx(total, abs=1e-6)


def test_parts_of_the_sample(sample: pd.DataFrame) -> None:
    some = sample[
        (sample["concept"] != "There should be legislation to regulate emissions.")
        & ~sample["organization"].isin(["Senate", "Sierra Club"])
    ]
    matrix = sp.network(some, "congruence", "average", **COLUMNS)
    assert matrix.shape == (5, 5)
    assert matrix.to_numpy().sum() == pytest.approx(9.809524, abs=1e-6)
    assert sp.network(
        sample[sample["section"] == "1"], "congruence", "average", **COLUMNS
    ).shape == (4, 4)


def made() -> pd.DataFrame:
    rows = [
        ("a", "x", 2, "2007-05-03"), ("a", "x", 2, "2007-06-03"), ("b", "x", 2, "2007-05-04"), ("b", "y", -2, "2008-01-01"),
        ("c", "x", -2, "2007-05-31"), ("c", "y", -2, "2008-02-01"), ("c", "y", -2, "2009-02-01"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["actor_id", "issue_id", "position", "middle"])
    return frame.assign(middle=pd.to_datetime(frame["middle"]), statement_id=range(len(frame)))


def test_duplicates_go_by_real_calendar_periods() -> None:
    """The third of May and the third of June are neither one day nor one month; the same month of two years is not one month."""
    for duplicates, n in (("include", 7), ("day", 7), ("month", 7), ("year", 6), ("all", 5)):
        assert sp.network(made(), "congruence", "no", duplicates=duplicates).attrs["n"] == n, (
            duplicates
        )


def test_weights_by_hand() -> None:
    matrix = sp.network(made(), "subtract", "no", duplicates="all")
    assert matrix.loc["a", "b"] == 1
    assert matrix.loc["a", "c"] == -1
    assert matrix.loc["b", "c"] == 1 - 1
    two = sp.network(made(), "subtract", "activity", mode="two", duplicates="all")
    assert two.loc["b", "y"] == -1
    assert two.loc["b", "x"] == 1


def test_networks_by_period_are_tidy() -> None:
    pairs = sp.network(made(), "congruence", "no", period="Y")
    assert pairs["period"].unique().tolist() == ["2007", "2008"], (
        "in 2009 there is one speaker, and no pair"
    )
    assert pairs.set_index(["period", "actor", "other"]).loc[("2008", "b", "c"), "weight"] == 1


def test_the_shipped_data_fall_into_two_camps() -> None:
    matrix = sp.network(sp.load())
    assert matrix.loc["putin", "lavrov"] > 0 > matrix.loc["putin", "gates"]
    assert (matrix == matrix.T).all(axis=None)
    settled = sp.network(sp.load(), coder="lm-5")
    assert settled.shape[0] > 20


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"aggregation": "congruent"}, "congruence"),
        ({"normalisation": "activity"}, "does not fit"),
        ({"mode": "two", "normalisation": "average"}, "does not fit"),
        ({"aggregation": "combine"}, "not one of mode"),
        ({"duplicates": "fortnight"}, "not known"),
        ({"period": "fortnight"}, "period"),
        ({"start": "2030-01-01"}, "no statement is left"),
        ({"concept": "theme"}, "no column"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, str], words: str) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.network(made(), **options)  # type: ignore[arg-type]


def test_scaling_parts_the_sides_and_says_how_sure_it_is() -> None:
    found = sp.scale(sp.load(), replicates=60)
    assert 0 < found.attrs["explained"][0] <= 1
    assert found.attrs["loadings"]["x1"]["us-sites"] > 0
    places = found.set_index("actor_id")
    assert places.loc["putin", "x1_high"] < places.loc["gates", "x1_low"]
    assert (places["x1_low"] <= places["x1_high"]).all()
    by_side = places.groupby("side")["x1"].mean()
    assert by_side["Russia"] < by_side["US"]
    two = sp.scale(sp.load(), 2, replicates=10)
    assert {"x2", "x2_low", "x2_high"} <= set(two.columns)
    with pytest.raises(sp.StancepackError, match="1 or 2"):
        sp.scale(sp.load(), 3)
    with pytest.raises(sp.StancepackError, match="lower `least`"):
        sp.scale(sp.load(), least=500)
