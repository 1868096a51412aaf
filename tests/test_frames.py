"""The same figures from frames of other engines, counted where the data are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.dataframe
import duckdb
import numpy as np
import pandas as pd
import polars
import pytest

import stancepack as sp

pytestmark = pytest.mark.filterwarnings(
    "ignore:Dask support is moving"
)  # to a package that is not there yet
COLUMNS: dict[str, Any] = {"unit": ["text", "question"], "coder": "coder", "value": "code"}


def codes() -> pd.DataFrame:
    random = np.random.default_rng(0)
    truth = random.integers(-2, 3, 400)
    rows = [
        (
            f"t{unit // 4}",
            unit % 4,
            coder,
            float(truth[unit] if random.random() < 0.7 else random.integers(-2, 3)),
        )
        for unit in range(400)
        for coder in "abc"
        if random.random() > 0.2
    ]
    return pd.DataFrame(rows, columns=["text", "question", "coder", "code"]).sample(
        frac=1, random_state=1
    )


def as_polars(frame: pd.DataFrame) -> Any:
    return polars.DataFrame(
        {name: [None if pd.isna(cell) else cell for cell in frame[name]] for name in frame}
    )


ENGINES = {
    "polars": as_polars,
    "polars lazy": lambda frame: as_polars(frame).lazy(),
    "duckdb": lambda frame: duckdb.from_df(frame),
    "dask": lambda frame: dask.dataframe.from_pandas(frame, npartitions=3),
    "pyarrow": lambda frame: as_polars(frame).to_arrow(),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("coefficient", ["alpha", "ac1", "conger_kappa", "percent"])
def test_every_engine_gives_the_figures_of_pandas_to_the_last_digit(
    engine: str, coefficient: str
) -> None:
    frame = codes()
    here = sp.agreement(frame, coefficient=coefficient, draws=200, **COLUMNS)
    assert (
        sp.agreement(ENGINES[engine](frame), coefficient=coefficient, draws=200, **COLUMNS) == here
    )


@pytest.mark.slow
def test_spark_gives_the_figures_of_pandas_to_the_last_digit() -> None:
    from pyspark.sql import SparkSession

    frame = codes()
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
    )
    session = spark.getOrCreate()
    try:
        there = session.createDataFrame(
            [tuple(row) for row in frame.itertuples(index=False)], list(frame)
        )
        for coefficient in ("alpha", "conger_kappa"):
            here = sp.agreement(frame, coefficient=coefficient, draws=200, **COLUMNS)
            assert sp.agreement(there, coefficient=coefficient, draws=200, **COLUMNS) == here
    finally:
        session.stop()


def test_names_are_codes_too_and_a_null_is_no_code() -> None:
    frame = codes().assign(
        code=lambda f: f["code"].map({-2.0: "a", -1.0: "b", 0.0: "c", 1.0: None, 2.0: "e"})
    )
    here = sp.agreement(frame, level="nominal", draws=200, **COLUMNS)
    assert sp.agreement(as_polars(frame), level="nominal", draws=200, **COLUMNS) == here
    assert sp.agreement(duckdb.from_df(frame), level="nominal", draws=200, **COLUMNS) == here


def test_parquet_is_read_where_it_lies(tmp_path: Path) -> None:
    frame = codes()
    as_polars(frame).write_parquet(tmp_path / "codes.parquet")
    there = duckdb.read_parquet(str(tmp_path / "codes.parquet"))
    assert sp.agreement(there, draws=100, **COLUMNS) == sp.agreement(frame, draws=100, **COLUMNS)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_faults_are_named_whatever_the_engine(engine: str) -> None:
    frame = codes()
    twice = pd.concat([frame, frame.head(1)])
    with pytest.raises(sp.StancepackError, match="coded twice"):
        sp.agreement(ENGINES[engine](twice), **COLUMNS)
    with pytest.raises(sp.StancepackError, match="no column 'coders'"):
        sp.agreement(ENGINES[engine](frame), **{**COLUMNS, "coder": "coders"})
    nobody = frame.assign(coder=frame["coder"].where(frame["coder"] != "a"))
    with pytest.raises(sp.StancepackError, match="needs its unit and its coder"):
        sp.agreement(ENGINES[engine](nobody), **COLUMNS)


def test_what_is_no_frame_is_said() -> None:
    with pytest.raises(sp.StancepackError, match="tuples of"):
        sp.agreement([[1, 2], [2, 2]], **COLUMNS)
    with pytest.raises(sp.StancepackError, match="two dimensions"):
        sp.agreement(np.array([1, 2, 3]))
