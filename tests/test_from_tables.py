"""Packages of somebody's tables: read, refused, measured, written, and read again."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import frictionless
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack.dataset import names

from_tables = sp.StancePackage.from_tables

KNOWN = json.loads(
    (Path(__file__).parent / "known" / "discourse_network.json").read_text(encoding="utf-8")
)
SCALE = "-2..2"


def positions(**cells: Any) -> pd.DataFrame:
    """Four positions of two actors on one issue, with some cells replaced or added."""
    usual = {
        "actor": ["Ada", "Ada", "Ben", "Ben"],
        "date": [2005, "2006-03", "2007-02-10", "2008/2009"],
        "issue": "funding",
        "position": [-1, 2, 0, 1],
    }
    return pd.DataFrame({**usual, **cells})


def of(scales: Any = SCALE, **cells: Any) -> sp.StancePackage:
    return from_tables({"positions": positions(**cells)}, scales)


# ------------------------------------------------------------------------------------------------
# one frame


def test_one_frame_is_a_package() -> None:
    pkg = of()
    assert repr(pkg) == "<StancePackage study: 4 positions>"
    assert list(pkg) == ["positions"]
    rows = pkg.positions()
    assert rows["actor"].tolist() == ["Ada", "Ada", "Ben", "Ben"]
    assert rows["position"].tolist() == [-1, 2, 0, 1]
    assert rows["date_earliest"].dt.strftime("%Y-%m-%d").tolist() == [
        "2005-01-01",
        "2006-03-01",
        "2007-02-10",
        "2008-01-01",
    ]
    assert rows["date_latest"].dt.year.tolist() == [2005, 2006, 2007, 2009]
    assert rows["statement_id"].tolist() == ["S1", "S2", "S3", "S4"]
    assert rows["side"].isna().all()
    assert pkg.scale("funding").neutral == "0"


def test_columns_may_have_names_of_their_own() -> None:
    own = positions().rename(
        columns={"actor": "speaker", "date": "when", "issue": "topic", "position": "stance"}
    )
    pkg = from_tables(
        {"positions": own},
        SCALE,
        actor_column="speaker",
        date_column="when",
        issue_column="topic",
        position_column="stance",
    )
    assert pkg.positions().equals(of().positions())


@pytest.mark.parametrize(
    ("given_date", "means"),
    [
        (2007, ("2007-01-01", "2007-12-31")),
        (2007.0, ("2007-01-01", "2007-12-31")),
        (np.int64(2007), ("2007-01-01", "2007-12-31")),
        ("2007", ("2007-01-01", "2007-12-31")),
        ("2006?/2009-09", ("2006-01-01", "2009-09-30")),
        (" 2007-02-10 ", ("2007-02-10", "2007-02-10")),
        ("2007-02-10 14:30:00", ("2007-02-10", "2007-02-10")),
        (date(2007, 2, 10), ("2007-02-10", "2007-02-10")),
        (datetime(2007, 2, 10, 23, 59), ("2007-02-10", "2007-02-10")),
        (pd.Timestamp("2007-02-10", tz="Asia/Tokyo"), ("2007-02-10", "2007-02-10")),
        (np.datetime64("2007-02-10"), ("2007-02-10", "2007-02-10")),
        (pd.Period("2007-02", "M"), ("2007-02-01", "2007-02-28")),
        (pd.Period("2007Q1", "Q"), ("2007-01-01", "2007-03-31")),
    ],
)
def test_a_date_means_what_it_says(given_date: Any, means: tuple[str, str]) -> None:
    frame = positions(date=pd.Series([given_date] * 4, dtype=object))
    row = from_tables({"positions": frame}, SCALE).positions().iloc[0]
    assert (f"{row['date_earliest']:%Y-%m-%d}", f"{row['date_latest']:%Y-%m-%d}") == means


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"date": [2005, "10/02/2007", 2007, 2008]},
            r"positions, row 1, date: '10/02/2007' is not",
        ),
        ({"date": [2005, 39122, 2007, 2008]}, "row 1, date: 39122 is a number, but no year"),
        ({"date": [2005, 20070210, 2007, 2008]}, "row 1, date: 20070210"),
        ({"date": [2005, 1.5e9, 2007, 2008]}, "row 1, date"),
        ({"date": [2005, True, 2007, 2008]}, "row 1, date: True is no date"),
        ({"date": [2005, None, 2007, 2008]}, "row 1, date: is empty; write what is known"),
        ({"date": [2005, float("inf"), 2007, 2008]}, "row 1, date"),
        ({"position": [1, 3, 0, 0]}, "row 1, position: funding: '3' is not a code; codes: -2"),
        ({"position": ["1", "much", "0", "0"]}, "row 1, position: funding: 'much' is not a code"),
        ({"actor": ["Ada", " ", "Ben", "Ben"]}, "row 1, actor_id: is empty"),
        ({"issue": ["funding", None, "funding", "funding"]}, "row 1, issue_id: is empty"),
        ({"note": ["", [1], "", ""]}, r"row 1, note: \[1\] is a list"),
        ({"share": [1.0, float("inf"), 0, 0]}, "row 1, share: inf is not finite"),
        ({"count": [1, 10**20, 0, 0]}, "row 1, count: a number of more than 18 digits"),
        ({"since": [timedelta(1)] * 4}, "row 0, since: .* Timedelta"),
        ({"statement_id": ["a", "b", "b", "b"]}, "row 3, actor_id: another row has the same"),
        ({"date_latest": "2005-12-31"}, "row 1, date_latest: '2005-12-31', but 2006-03 means"),
        ({"settled_by": "me"}, "row 0, settled_by: 'me' is not one of agreement"),
    ],
)
def test_a_bad_cell_is_named(cells: dict[str, Any], message: str) -> None:
    with pytest.raises(sp.StancepackError, match=message):
        of(**cells)


def test_numbers_are_read_whatever_writes_them() -> None:
    plain = of().positions()["position"]
    for cells in (
        ["−1", "2", "0", "1"],
        ["-1,0", "+2", " 0 ", "1.0"],
        [-1.0, 2.0, 0.0, 1.0],
        pd.array([-1, 2, 0, 1], dtype="Int8"),
        pd.Categorical([-1, 2, 0, 1]),
    ):
        assert of(position=cells).positions()["position"].equals(plain)


def test_a_position_that_is_none_is_kept_out_of_the_positions() -> None:
    pkg = of(position=["-1", "NA", None, "1"])
    assert len(pkg["positions"]) == 4
    assert pkg.positions()["position"].tolist() == [-1, 1]


def test_without_dates_a_package_has_positions_still() -> None:
    pkg = from_tables({"positions": positions().drop(columns="date")}, SCALE)
    assert pkg.positions()["date_earliest"].isna().all()
    assert sp.validate(pkg).is_valid


def test_two_bounds_are_a_date() -> None:
    bounds = {"date_earliest": "2005-01-02", "date_latest": ["2005-01-02", *["2006-03-01"] * 3]}
    rows = from_tables({"positions": positions(**bounds).drop(columns="date")}, SCALE).positions()
    assert rows["date"].tolist() == ["2005-01-02", *["2005-01-02/2006-03-01"] * 3]


# ------------------------------------------------------------------------------------------------
# scales


def test_scales_are_told_for_all_or_for_each() -> None:
    two = {"issue": ["funding", "funding", "sites", "sites"]}
    one = sp.Scale.parse(SCALE, name="any")
    for scales in (SCALE, one, [-2, -1, 0, 1, 2], {"funding": one, "sites": "-2,-1,0,1,2"}):
        pkg = of(scales, **two)
        assert pkg.scale("sites").codes == ("-2", "-1", "0", "1", "2")
        assert pkg.scale("sites").neutral == "0"
    mixed = of({"funding": "0..10", "sites": "no,yes"}, **two, position=[3, 10, "yes", "no"])
    assert mixed.positions()["position"].tolist() == ["3", "10", "yes", "no"]


def test_an_order_that_a_type_declares_is_the_scale() -> None:
    order = ["against", "neutral", "for"]
    cells = ["for", "against", "for", "for"]
    ordered = of(None, position=pd.Categorical(cells, order, ordered=True))
    enum = pl.DataFrame(positions(position=cells, date=2007).to_dict("list")).with_columns(
        pl.col("position").cast(pl.Enum(order))
    )
    for pkg in (ordered, from_tables({"positions": enum})):
        assert pkg.scale("funding").codes == tuple(order)
        assert pkg.scale("funding").neutral == "neutral"


@pytest.mark.parametrize(
    ("scales", "cells", "message"),
    [
        (None, {}, r"'funding' has no scale; its positions are -1, 2, 0, 1. Write scales="),
        (None, {"position": ["a", "b", "a", "b"]}, "has no scale"),
        (None, {"position": pd.Categorical(["a", "b", "a", "b"])}, "has no scale"),
        ({"fundng": SCALE}, {}, "did you mean 'fundng'"),
        (7, {}, "the scale of 'funding' is 7"),
        ([], {}, "there is no code"),
        ("2..1", {}, "should rise"),
    ],
)
def test_an_order_is_never_guessed(scales: Any, cells: dict[str, Any], message: str) -> None:
    with pytest.raises(sp.StancepackError, match=message):
        of(scales, **cells)


def test_a_codebook_takes_the_place_of_scales(tmp_path: Path) -> None:
    book = of().codebook
    assert from_tables({"positions": positions()}, codebook=book).codebook is book
    with pytest.raises(sp.StancepackError, match="not both"):
        from_tables({"positions": positions()}, SCALE, codebook=book)
    file = of().save(tmp_path / "study").parent / "coding" / "codebook.yaml"
    assert from_tables({"positions": positions()}, codebook=file).codebook.issues == book.issues


# ------------------------------------------------------------------------------------------------
# several tables

CODINGS = pd.DataFrame(
    {
        "statement_id": [1, 1, 2, 2, 3, 3],
        "issue": "funding",
        "coder": ["ann", "ben"] * 3,
        "position": [1, 1, -2, -1, 0, 0],
    }
)
STATEMENTS = [
    {"statement_id": 1, "actor": "ada", "date": 2005},
    {"statement_id": 2, "actor": "ada", "date": "2006-01"},
    {"statement_id": 3, "actor": "ben", "date": "2007-01-05"},
]
STANCES = [
    {"statement_id": 1, "issue_id": "funding", "position": 1},
    {"statement_id": 2, "issue_id": "funding", "position": -2},
    {"statement_id": 3, "issue_id": "funding", "position": None},
]
ACTORS = [{"actor_id": "ada", "name": "Ada", "side": "north"}, {"actor_id": "ben", "name": "Ben"}]


def test_codings_alone_give_agreement() -> None:
    pkg = from_tables({"codings": CODINGS}, SCALE)
    usual = sp.agreement(CODINGS, unit="statement_id", coder="coder", interval=None)
    assert sp.agreement(pkg["codings"], interval=None).value == usual.value
    assert pkg.settling("codings").equals(pkg["codings"])
    read = sp.codings(CODINGS, unit=["statement_id", "issue"], coder="coder")
    assert from_tables({"codings": read}, SCALE)["codings"].equals(pkg["codings"])
    with pytest.raises(sp.StancepackError, match=r"no settled positions.*combine"):
        pkg.positions()
    with pytest.raises(sp.UnknownName, match="no table 'stances'"):
        pkg["stances"]


def test_figures_and_disagreements_do_without_rounds_and_reasons() -> None:
    given = {"1": (1, 1), "2": (0, 1), "3": (2, 2), "4": (-1, -2)}
    codings = [
        {"statement_id": unit, "issue_id": "funding", "coder_id": coder, "position": code}
        for unit, codes in given.items()
        for coder, code in zip(("ann", "ben"), codes, strict=True)
    ]
    stances = [
        {"statement_id": unit, "issue_id": "funding", "position": codes[0]}
        for unit, codes in given.items()
    ]
    pkg = from_tables({"codings": codings, "stances": stances}, SCALE)
    table = sp.agreement_table(pkg).set_index(["variable", "coefficient"])
    assert table.loc[("funding", "percent"), ["round", "value"]].tolist() == ["", 0.5]
    settled = sp.disagreements(pkg)
    assert settled[["statement_id", "codes", "settled", "rule"]].to_numpy().tolist() == [
        ["2", "0/1", "0", ""],
        ["4", "-1/-2", "-1", ""],
    ]
    made = sp.simulate(statements=20)
    assert set(sp.agreement_table(made)["round"]) == {"round-1"}
    assert sp.disagreements(made)["rule"].unique().tolist() in ([], [""])


def test_the_advice_on_codings_is_a_line_that_works() -> None:
    codes = sp.combine(from_tables({"codings": CODINGS}, SCALE)["codings"], method="majority").table
    stances = codes.rename(columns={"code": "position"})
    pkg = from_tables({"codings": CODINGS, "stances": stances, "statements": STATEMENTS}, SCALE)
    assert pkg.positions()["coded_low"].tolist() == [1, -2, 0]
    assert pkg.positions()["coded_high"].tolist() == [1, -1, 0]
    assert sp.validate(pkg).is_valid


def test_statements_and_stances_are_enough_for_positions() -> None:
    bare = from_tables({"statements": STATEMENTS, "stances": STANCES}, SCALE)
    assert bare.positions()["actor"].tolist() == ["ada", "ada"]
    named = from_tables(
        {"actors": ACTORS, "statements": STATEMENTS, "stances": STANCES}, {"funding": SCALE}
    )
    assert named.positions()["actor"].tolist() == ["Ada", "Ada"]
    assert named.positions()["side"].tolist() == ["north", "north"]
    for lacking, tables in (
        ("statements", {"stances": STANCES}),
        ("stances", {"statements": STATEMENTS}),
    ):
        with pytest.raises(sp.StancepackError, match=f"the table {lacking} is missing"):
            from_tables(tables, SCALE).positions()


def test_names_are_matched_to_the_table_of_actors() -> None:
    actors = [{"actor_id": "a1", "name": "Ada", "side": "north"}, {"actor_id": "b1", "name": "Ben"}]
    rows = from_tables({"positions": positions(), "actors": actors}, SCALE).positions()
    assert rows["actor_id"].tolist() == ["a1", "a1", "b1", "b1"]
    assert rows["side"].tolist()[:2] == ["north", "north"]
    with pytest.raises(sp.StancepackError, match="row 2, actor_id: 'Ben' is not in the table act"):
        from_tables({"positions": positions(), "actors": actors[:1]}, SCALE)
    two = [*actors, {"actor_id": "a2", "name": "Ada"}]
    with pytest.raises(sp.StancepackError, match="row 0, actor: 'Ada' can be a1 or a2"):
        from_tables({"positions": positions(), "actors": two}, SCALE)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            {"codings": CODINGS, "statements": STATEMENTS[:2]},
            "codings, row 4, statement_id: '3' is not in the table statements",
        ),
        (
            {"statements": STATEMENTS, "actors": ACTORS[:1]},
            "statements, row 2, actor_id: 'ben' is not in the table actors; known: ada",
        ),
        (
            {"codings": CODINGS, "coders": [{"coder_id": "ann"}]},
            "codings, row 1, coder_id: 'ben' is not in the table coders",
        ),
        (
            {"stances": STANCES, "issues": [{"issue_id": "sites"}]},
            "stances, row 0, issue_id: the issue 'funding' has no scale",
        ),
        ({"stances": [*STANCES, STANCES[0]]}, "stances, row 3, issue_id: another row has the same"),
        ({"statements": [*STATEMENTS, STATEMENTS[0]]}, "statements, row 3, statement_id: another"),
        ({"statment": STATEMENTS, "stances": STANCES, "actors": 7}, "actors: int is no frame"),
        ({"Statements": STATEMENTS}, "should be small letters"),
        ({"statement": STATEMENTS}, "did you mean 'statements'"),
        ({"stances": [{"statement_id": 1, "position": 1}]}, "no column 'issue_id'; name it with"),
        (
            {"coders": [{"coder": "ann", "kind": "robot"}]},
            "coders, row 0, kind: 'robot' is not one",
        ),
        ({"statements": pd.DataFrame([[1, 2]], columns=["a", "a"])}, "'a' is there twice"),
        ({"statements": pd.DataFrame()}, "a table has columns"),
        ({}, "takes a mapping"),
        ([], "takes a mapping"),
        (None, "takes a mapping"),
    ],
)
def test_tables_that_do_not_go_together_are_refused(tables: Any, message: str) -> None:
    with pytest.raises(sp.StancepackError, match=message):
        from_tables(tables, SCALE)


def test_options_that_are_none_are_refused() -> None:
    with pytest.raises(sp.StancepackError, match="did you mean 'actor_column'"):
        from_tables({"positions": positions()}, SCALE, actr_column="actor")  # type: ignore[call-arg]
    with pytest.raises(sp.StancepackError, match="no table has a column 'speaker'"):
        from_tables({"positions": positions()}, SCALE, actor_column="speaker")
    with pytest.raises(sp.StancepackError, match="there is a column 'actor' too"):
        from_tables({"positions": positions(speaker="x")}, SCALE, actor_column="speaker")
    for about in ({"name": "Über uns"}, {"title": ""}, {"version": "one"}):
        with pytest.raises(sp.StancepackError, match=f"from_tables: {next(iter(about))}"):
            from_tables({"positions": positions()}, SCALE, **about)  # type: ignore[arg-type]


def test_any_container_will_do(tmp_path: Path) -> None:
    usual = of(date=2007).positions()
    frame = positions(date=2007)
    file = tmp_path / "mine.csv"
    frame.to_csv(file, index=False, sep=";")
    containers = (
        frame.to_dict("records"),
        frame.to_dict("list"),
        pl.DataFrame(frame.to_dict("list")),
        file,
        str(file),
        frame.astype({"position": str}),
        frame.assign(statement_id=["S1", "S2", "S3", "S4"]).set_index("statement_id"),
    )
    for data in containers:
        assert from_tables({"positions": data}, SCALE).positions().equals(usual)


def test_names_are_found_where_only_positions_are() -> None:
    pkg = of(side=["north", "north", "south", "south"])
    assert names.actor_ids(pkg, ["ada", "BEN"]) == ["Ada", "Ben"]
    assert names.sides(pkg, "SOUTH") == ["south"]
    assert names.issue_id(pkg, "Funding") == "funding"
    with pytest.raises(sp.UnknownName, match="did you mean 'Ada'"):
        names.actor_ids(pkg, "Adda")


def test_variables_of_a_codebook_play_their_roles() -> None:
    content = copy.deepcopy(of().codebook.content)
    content["variables"] = {
        "voice": {
            "title": "Voice",
            "question": "Whose?",
            "level": "nominal",
            "codes": {"own": {}, "ascribed": {}},
        }
    }
    content["roles"] = {"ascribed": {"voice": ["ascribed"]}}
    frame = positions(voice=["own", "ascribed", "own", "own"])
    pkg = from_tables({"positions": frame}, codebook=content)
    assert pkg["positions"]["voice"].dtype == "category"
    assert len(sp.evidence(pkg, ascribed=False)) == 3
    assert sp.universe(pkg) == {"ascribed": [True, False]}
    without = from_tables({"positions": positions()}, codebook=content)
    assert sp.universe(without) == {}
    with pytest.raises(sp.StancepackError, match="no column voice, whose codes say it"):
        sp.evidence(without, ascribed=False)


# ------------------------------------------------------------------------------------------------
# what takes it


def test_networks_of_a_frame_are_those_of_discourse_network_analyzer() -> None:
    """The sample of the peer as what a scholar has: who said when on what yes or no."""
    sample = pd.DataFrame(KNOWN["statements"], columns=KNOWN["columns"])
    days = pd.Timestamp("2005-01-01") + pd.to_timedelta(sample["day"], unit="D")
    pkg = from_tables(
        {"positions": sample.assign(day=days).astype({"concept": str})},
        "0,1",
        issue_column="concept",
        date_column="day",
        position_column="agreement",
    )
    assert len(pkg.positions()) == 40
    for known in KNOWN["networks"]:
        options = {name: known[name] for name in ("mode", "aggregation", "normalisation")}
        if options["aggregation"] in ("subtract", "combine") or {*known} & {
            *("section", "without_concepts", "without_actors", "duplicates")
        }:
            continue
        weights = sp.network(pkg, **options).table.to_numpy()
        assert weights.shape == tuple(known["shape"])
        assert weights.sum() == pytest.approx(known.get("sum", weights.sum()), abs=1e-6)


def record(n: int = 60, seed: int = 1) -> sp.StancePackage:
    """Only the positions of a simulated record, as the frame of a scholar."""
    made = sp.simulate(statements=n, issues=2, coders=1, seed=seed)
    columns = ["actor", "side", "date", "issue", "position"]
    return from_tables({"positions": made.positions()[columns]}, SCALE)


def mean_value(pkg: sp.StancePackage, **choices: Any) -> float:
    return float(sp.evidence(pkg, **choices)["value"].mean())


def test_every_measure_takes_a_package_of_one_frame() -> None:
    pkg = record()
    about = {"issue": "issue 1"}
    path = sp.trajectory(pkg, actor="actor 1", draws=20, **about)
    assert path.table["estimate"].notna().any()
    assert sp.trajectory(pkg, by="side", method="window", draws=20, **about).by == "side"
    assert len(sp.evidence(pkg)) == 60
    assert sp.reversals(pkg) is not None
    assert sp.event_effect(pkg, event="2006-01-01", draws=50, **about) is not None
    assert sp.change_points(pkg, draws=2, **about) is not None
    assert sp.network(pkg) is not None
    assert sp.scale(pkg, draws=5) is not None
    assert sp.universe(pkg) == {}
    twice = {"codes": ["coders", "settled"]}
    both = sp.multiverse(pkg, analysis=mean_value, choices=twice)
    assert len(both.table) == 2


def test_a_released_table_as_a_frame_gives_the_same_figures() -> None:
    release = sp.load()
    columns = ["actor_id", "actor", "side", "date", "issue_id", "position", "repeats"]
    own = from_tables(
        {"positions": release.positions()[["statement_id", *columns]]}, codebook=release.codebook
    )
    about: dict[str, Any] = {"issue": "us-sites", "by": "side", "method": "window", "draws": 20}
    paths = [sp.trajectory(pkg, **about, codes="settled").table for pkg in (release, own)]
    pd.testing.assert_frame_equal(*paths, check_dtype=False)
    pairs = [
        sp.reversals(pkg).drop(columns=["proposition", "other_proposition"])
        for pkg in (release, own)
    ]
    assert len(pairs[0]) == len(pairs[1])
    weights = [sp.network(pkg).table for pkg in (release, own)]
    pd.testing.assert_frame_equal(*weights)


def test_what_needs_dates_or_a_coder_says_so() -> None:
    pkg = from_tables({"positions": positions().drop(columns="date")}, SCALE)
    assert len(sp.evidence(pkg)) == 4
    for ask in (
        lambda: sp.trajectory(pkg, issue="funding"),
        lambda: sp.reversals(pkg),
        lambda: sp.event_effect(pkg, event="2006", issue="funding"),
        lambda: sp.change_points(pkg, issue="funding"),
    ):
        with pytest.raises(sp.StancepackError, match="needs the dates of statements"):
            ask()
    with pytest.raises(sp.StancepackError, match="needs the tables codings and statements"):
        sp.evidence(of(), coder="ann")
    parts = from_tables({"codings": CODINGS, "statements": STATEMENTS}, SCALE)
    assert sp.evidence(parts, coder="ann")["position"].tolist() == [1, -2, 0]


# ------------------------------------------------------------------------------------------------
# written and read again


def is_valid(file: Path) -> bool:
    return bool(frictionless.Package(str(file)).validate().valid)


def assert_same(one: sp.StancePackage, other: sp.StancePackage) -> None:
    assert list(one) == list(other)
    for table in one:
        pd.testing.assert_frame_equal(one[table], other[table])


def test_what_is_saved_is_valid_and_loads_as_it_was(tmp_path: Path) -> None:
    simulated = sp.simulate(statements=40, issues=2, scale="0,0.5,1.0", seed=3)
    parts = from_tables({"codings": CODINGS, "statements": STATEMENTS, "actors": ACTORS}, SCALE)
    without_codes = from_tables({"actors": ACTORS, "remarks": [{"Any text": "–", "n": 1}]})
    for number, pkg in enumerate((of(), simulated, parts, without_codes)):
        file = pkg.save(tmp_path / str(number))
        assert file.name == "datapackage.json"
        assert sp.validate(file.parent, conformance=True).table.to_dict("records") == []
        assert is_valid(file)
        back = sp.load(file)
        assert_same(back, pkg)
        assert_same(sp.load(back.save(tmp_path / f"again-{number}")), pkg)
        assert not len(sp.diff(pkg, back))
    back = sp.load(tmp_path / "1")
    assert back.truth is None
    assert back.positions().equals(simulated.positions())
    assert sp.agreement(back["codings"], interval=None) == sp.agreement(
        simulated["codings"], interval=None
    )


def test_a_release_is_saved_as_it_is(tmp_path: Path) -> None:
    release = sp.load()
    file = release.save(tmp_path / "copy")
    assert sp.validate(file).is_valid
    assert not len(sp.diff(release, file))
    for table in ("codings", "positions"):
        assert release.path(table).read_bytes() == sp.load(file).path(table).read_bytes()


def test_a_table_is_saved_whatever_file_it_came_from(tmp_path: Path) -> None:
    content = "who;share;day\nMüller;1,5;10.02.2007\n"
    fields = [
        {"name": "who"},
        {"name": "share", "type": "number", "decimalChar": ","},
        {"name": "day", "type": "date", "format": "%d.%m.%Y"},
    ]
    resource = {"name": "t", "path": "t.csv", "encoding": "latin-1", "schema": {"fields": fields}}
    resource["dialect"] = {"delimiter": ";"}
    (tmp_path / "t.csv").write_bytes(content.encode("latin-1"))
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "t", "resources": [resource]}))
    found = sp.load(tmp_path)
    as_it_was = sp.load(found.save(tmp_path / "copy"))
    assert as_it_was.path("t").read_bytes() == content.encode("latin-1")
    in_memory = sp.StancePackage(found.descriptor, {"t": found["t"]})
    plain = sp.load(in_memory.save(tmp_path / "plain"))
    assert plain.path("t").read_text(encoding="utf-8") == "who,share,day\nMüller,1.5,2007-02-10\n"
    for other in (as_it_was, in_memory, plain):
        assert_same(other, found)
        assert is_valid(tmp_path / "plain" / "datapackage.json")


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\"',;é\u0301=|#-"),
    max_size=12,
)
COLUMNS: dict[str, Any] = {
    "text": WORDS,
    "whole": st.integers(-(10**17), 10**17),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "truth": st.booleans(),
    "day": st.dates(),
    "moment": st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
    "kind": st.sampled_from(["a b", "Ä", "c"]),
    "venue": WORDS,
    "quote": WORDS,
}
DATES = st.sampled_from(["2007", 2007, "2006?/2009-09", "2004-07/..", date(2001, 2, 3), "198X"])


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Positions with any further columns, of any cells, some of them missing."""
    n = draw(st.integers(0, 6))

    def column(cells: st.SearchStrategy[Any], *, may_lack: bool = True) -> list[Any]:
        cells = st.none() | cells if may_lack else cells
        return draw(st.lists(cells, min_size=n, max_size=n))

    names = WORDS.filter(lambda text: text.strip("\u200b\ufeff \n\t") != "").map(lambda t: f"a{t}")
    frame = pd.DataFrame({"actor": pd.Series(column(names, may_lack=False), dtype=object)})
    frame["issue"] = pd.Series(
        column(st.sampled_from(["x", "Ÿ: #1"]), may_lack=False), dtype=object
    )
    frame["date"] = pd.Series(column(DATES, may_lack=False), dtype=object)
    frame["position"] = pd.Series(column(st.sampled_from([-1, "0", "−1", 1.0])), dtype=object)
    for name in draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True)):
        cells = pd.Series(column(COLUMNS[name]), dtype=object)
        frame[name] = cells.astype(draw(st.sampled_from(["object", "category"])))
    return frame


@given(tables())
@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],  # to shrink a package takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
def test_whatever_a_table_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory, frame: pd.DataFrame
) -> None:
    pkg = from_tables({"positions": frame}, "-1..1")
    assert len(pkg["positions"]) == len(frame)
    home = tmp_path_factory.mktemp("saved")
    file = pkg.save(home)
    assert sp.validate(home).table.to_dict("records") == []
    assert is_valid(file)
    back = sp.load(home)
    assert_same(back, pkg)
    assert back.positions().equals(pkg.positions())
    shutil.rmtree(home)


def test_nothing_but_its_own_package_is_written_over(tmp_path: Path) -> None:
    pkg, other = of(), of(position=[0, 0, 0, 0])
    pkg.save(tmp_path / "mine")
    both = from_tables(
        {"positions": positions(), "actors": [{"actor_id": "Ada"}, {"actor_id": "Ben"}]}, SCALE
    )
    both.save(tmp_path / "mine")
    other.save(tmp_path / "mine")
    assert_same(sp.load(tmp_path / "mine"), other)
    assert sp.validate(tmp_path / "mine").is_valid  # the table of actors is gone

    (tmp_path / "empty").mkdir()
    other.save(tmp_path / "empty")

    table = tmp_path / "mine" / "data" / "positions.csv"
    table.write_text(table.read_text().replace("Ada", "Eve"))
    with pytest.raises(sp.StancepackError, match="changed since it was saved"):
        pkg.save(tmp_path / "mine")
    assert "Eve" in table.read_text()

    for name, content in (("datapackage.json", "{}"), ("thesis.txt", "work")):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text(content)
        with pytest.raises(sp.StancepackError, match="save did not write"):
            pkg.save(folder)
        assert [path.name for path in folder.iterdir()] == [name]
        with pytest.raises(sp.StancepackError, match="is a file"):
            pkg.save(folder / name)
    with pytest.raises(sp.StancepackError, match="no path"):
        pkg.save(7)  # type: ignore[arg-type]


def test_a_project_is_never_saved_over(tiny: Path) -> None:
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    for pkg in (of(), sp.load(tiny)):
        with pytest.raises(sp.StancepackError, match="a package that save did not write"):
            pkg.save(tiny)
    assert before == {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}


# ------------------------------------------------------------------------------------------------
# validation


def descriptor_of(home: Path) -> dict[str, Any]:
    return json.loads((home / "datapackage.json").read_text())  # type: ignore[no-any-return]


def test_what_is_absent_is_a_finding_in_a_release_alone(tmp_path: Path, tiny: Path) -> None:
    assert sp.validate(of().save(tmp_path / "made")).is_valid
    content = descriptor_of(tiny)
    content["resources"] = [r for r in content["resources"] if r["name"] != "actors"]
    (tiny / "datapackage.json").write_text(json.dumps(content))
    assert "contract" in sp.validate(tiny).table["rule"].tolist()
    # a table of frames that claims to be a release is asked for all of it
    content = descriptor_of(tmp_path / "made")
    del content["madeFrom"]
    (tmp_path / "made" / "datapackage.json").write_text(json.dumps(content))
    assert {"contract", "descriptor"} <= {*sp.validate(tmp_path / "made").table["rule"]}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (",-1\n", ",7\n", "unknown-code"),
        (",-1\n", ",x\n", "type"),
        ("2006-03,2006-03-01", "2006-03,2006-03-02", "date-bounds"),
        ("2006-03,", "2006-33,", "date-bounds"),
        ("funding", "fundng", "position-code"),
        ("S1,", "S2,Ada,Ada,x\n", "ragged-row"),
        ("Ben", "Ben\0", "control-character"),
        ("S2", "", "required"),
    ],
)
def test_what_is_there_must_be_sound(tmp_path: Path, old: str, new: str, rule: str) -> None:
    home = of().save(tmp_path / "made").parent
    table = home / "data" / "positions.csv"
    table.write_text(table.read_text().replace(old, new, 1))
    assert {*sp.validate(home).table["rule"]} - {"hash"} == {rule}


def test_keys_between_tables_must_be_sound(tmp_path: Path) -> None:
    pkg = from_tables({"statements": STATEMENTS, "stances": STANCES, "actors": ACTORS}, SCALE)
    table = pkg.save(tmp_path / "made").parent / "data" / "statements.csv"
    table.write_text(table.read_text().replace("ben", "eve"))
    assert sp.validate(tmp_path / "made").table["rule"].tolist() == ["hash", "dangling-key"]


def test_a_package_in_memory_is_validated_as_it_would_be_written() -> None:
    findings = sp.validate(of())
    assert findings.is_valid
    with pytest.raises(sp.StancepackError, match="validate is of a package or its path"):
        sp.validate(7)  # type: ignore[arg-type]
    with pytest.raises(sp.StancepackError, match="diff is of a package or its path"):
        sp.diff(of(), 7)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------
# the package as an object


def test_a_package_can_be_sent_elsewhere() -> None:
    made = sp.simulate(statements=20, seed=1)
    for pkg in (made, of(), sp.load()):
        pkg.positions()
        for twin in (pickle.loads(pickle.dumps(pkg)), copy.copy(pkg), copy.deepcopy(pkg)):
            assert repr(twin) == repr(pkg)
            assert twin.positions().equals(pkg.positions())
    assert pickle.loads(pickle.dumps(made)).truth.equals(made.truth)
    assert len(pickle.dumps(sp.load())) < 1_000_000


def test_a_package_is_a_mapping() -> None:
    pkg = of()
    assert pkg.get("actors") is None
    assert pkg.get("positions") is not None
    assert "positions" in pkg
    assert "actors" not in pkg
    assert 7 not in pkg
    assert [] not in pkg
    assert pkg == pkg
    assert pkg != of()
    assert len({pkg, pkg}) == 1
    assert {"save", "positions", "summary", "truth"} <= {*dir(pkg)}
    assert pkg._ipython_key_completions_() == ["positions"]
    with pytest.raises(KeyError, match="did you mean 'positions'"):
        pkg["postions"]
    with pytest.raises(sp.StancepackError, match="in memory and has no file; save"):
        pkg.path("positions")
    with pytest.raises(sp.StancepackError, match="in memory and has no folder; save"):
        pkg.home  # noqa: B018


def test_a_package_says_what_it_holds() -> None:
    release = sp.load()
    for text in (release.summary(), release._repr_html_()):
        assert "language models" in text
        assert release.version in text
        assert "1,249" in text
        assert "one occasion" in text
    made = sp.simulate(statements=20)
    assert "simulated" in made.summary()
    assert "2 rules" in made.summary()
    assert "made of tables" in of().summary()
    title = from_tables({"positions": positions()}, SCALE, title="<b>Ours</b>")
    assert "<b>Ours" not in title._repr_html_()
    with pytest.raises(sp.StancepackError, match="no issue in it has a scale"):
        from_tables({"actors": ACTORS}).codebook  # noqa: B018


# ------------------------------------------------------------------------------------------------
# simulate


def test_simulate_takes_its_sizes_by_keyword() -> None:
    new = sp.simulate(3, issues=1, statements=30, seed=2)
    assert type(new) is sp.StancePackage
    with pytest.warns(sp.StancepackDeprecation, match=r"issues=1, statements=30"):
        old = sp.simulate(3, 1, 30, seed=2)  # type: ignore[misc]
    assert_same(old, new)
    assert new.truth is not None
    assert sp.validate(new).is_valid


@pytest.mark.parametrize("name", ["actors", "issues", "statements", "coders", "each", "seed"])
@pytest.mark.parametrize("size", ["3", None, 2.5, True, -1, 10**30, [3], float("nan")])
def test_simulate_refuses_what_is_no_count(name: str, size: Any) -> None:
    if name == "each" and size is None:
        return
    with pytest.raises(sp.StancepackError, match=name):
        sp.simulate(**{name: size})


@pytest.mark.parametrize(
    "name", ["years", "drift", "spread", "noise", "severity", "undated", "uneven"]
)
@pytest.mark.parametrize("number", ["1", None, float("nan"), float("inf"), -1, True, 10**400])
def test_simulate_refuses_what_is_no_number(name: str, number: Any) -> None:
    with pytest.raises(sp.StancepackError, match=name):
        sp.simulate(**{name: number})


@pytest.mark.parametrize(
    "options",
    [
        {"uneven": 0},
        {"gap": 3},
        {"gap": (1, 2, 3)},
        {"gap": (5, 2)},
        {"gap": ("a", "b")},
        {"gap": (0, 13)},
        {"scale": 7},
        {"scale": [7, 8]},
        {"scale": None},
        {"scale": ""},
        {"years": 10_000},
        {"actors": 50_000, "issues": 50_000},
    ],
)
def test_simulate_refuses_what_makes_no_record(options: dict[str, Any]) -> None:
    with pytest.raises(sp.StancepackError):
        sp.simulate(**options)
