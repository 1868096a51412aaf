"""The same codes give the same figure, or the same error, by every door."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import dask.dataframe
import duckdb
import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack.reliability.agreement import agreements
from stancepack.reliability.coefficients import COEFFICIENTS, NEED_CODERS

pytestmark = pytest.mark.filterwarnings("ignore:Dask support is moving")
CODERS = ["ann", "ben", "cy"]
COLUMNS: dict[str, Any] = {"unit": "text", "coder": "who", "value": "code"}
Matrix = list[list[Any]]
Door = Callable[[Matrix, list[Any]], tuple[Any, dict[str, Any]]]


def tidy(matrix: Matrix) -> pd.DataFrame:
    """Every unit and coder, coded or not."""
    rows = [
        (f"t{number}", coder, code)
        for number, codes in enumerate(matrix)
        for coder, code in zip(CODERS, codes, strict=True)
    ]
    cells = [pd.Series(column, dtype=object) for column in zip(*rows, strict=True)]
    return pd.DataFrame(dict(zip(COLUMNS.values(), cells, strict=True))).infer_objects()


def with_codes(matrix: Matrix, code: Callable[[Any], Any], kind: Any = object) -> pd.DataFrame:
    """The tidy frame, each code held by something else, in a column of a kind."""
    frame = tidy(matrix)
    cells = [
        int(cell) if isinstance(cell, float) and cell == cell else cell for cell in frame["code"]
    ]
    codes = [None if pd.isna(cell) else code(cell) for cell in cells]
    return frame.assign(code=pd.Series(codes, dtype=object).astype(kind))


def columns_of(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {name: [None if pd.isna(cell) else cell for cell in frame[name]] for name in frame}


def as_polars(frame: pd.DataFrame, kind: Any = None) -> polars.DataFrame:
    made = polars.DataFrame(columns_of(frame), strict=False)
    return made if kind is None else made.with_columns(polars.col("code").cast(kind))


def texts(codes: list[Any]) -> list[str]:
    return [str(code) for code in codes]


def minus(code: Any) -> str:
    return str(code).replace("-", "\u2212")


def in_wide(matrix: Matrix) -> pd.DataFrame:
    units = [f"t{number}" for number in range(len(matrix))]
    return pd.DataFrame(matrix, columns=CODERS, dtype=object).infer_objects().assign(text=units)


def in_counts(matrix: Matrix, scale: list[Any]) -> pd.DataFrame:
    counts = [[sum(code == known for code in codes) for known in scale] for codes in matrix]
    return pd.DataFrame(counts, columns=scale)


def in_array(matrix: Matrix, kind: Any, gone: Any) -> Any:
    return np.array([[gone if code is None else code for code in row] for row in matrix], kind)


def masked(matrix: Matrix, kind: Any) -> Any:
    mask = [[code is None for code in row] for row in matrix]
    return np.ma.MaskedArray(in_array(matrix, kind, 99), mask=mask)


def duck(matrix: Matrix, kind: str) -> Any:
    frame = with_codes(matrix, str, "str")
    return duckdb.from_df(frame).project(f"text, who, code::{kind} AS code")


def arrow_dictionary(matrix: Matrix, scale: list[Any]) -> pyarrow.Table:
    frame = with_codes(matrix, str)
    places = [
        None if code is None else texts(scale).index(code) for code in columns_of(frame)["code"]
    ]
    codes = pyarrow.DictionaryArray.from_arrays(
        pyarrow.array(places, pyarrow.int32()), pyarrow.array(texts(scale)), ordered=True
    )
    return pyarrow.table({"text": frame["text"], "who": frame["who"], "code": codes})


WIDE = {"layout": "wide", "unit": "text"}
ARRAY = {"layout": "wide"}

# doors of numbers: what holds the codes, and the options that it needs beside `order`
NUMBERS: dict[str, Door] = {
    "pandas float": lambda m, s: (with_codes(m, float, float), COLUMNS),
    "pandas float32": lambda m, s: (with_codes(m, float, "float32"), COLUMNS),
    "pandas nullable": lambda m, s: (with_codes(m, int, "Int64"), COLUMNS),
    "pandas arrow": lambda m, s: (with_codes(m, int, "int16[pyarrow]"), COLUMNS),
    "pandas text": lambda m, s: (with_codes(m, str, "str"), COLUMNS),
    "pandas typographic": lambda m, s: (with_codes(m, minus), COLUMNS),
    "pandas text with points": lambda m, s: (with_codes(m, lambda code: f" {code}.0"), COLUMNS),
    "pandas Decimal": lambda m, s: (with_codes(m, Decimal), COLUMNS),
    "pandas numpy objects": lambda m, s: (with_codes(m, np.int64), COLUMNS),
    "pandas categorical": lambda m, s: (with_codes(m, int, pd.CategoricalDtype(s)), COLUMNS),
    "pandas categorical of text": lambda m, s: (
        with_codes(m, str, pd.CategoricalDtype(texts(s)[::-1])),
        COLUMNS,
    ),
    "a mark for missing": lambda m, s: (
        tidy([[99 if code is None else code for code in row] for row in m]),
        {**COLUMNS, "missing": [99, "."]},
    ),
    "polars": lambda m, s: (as_polars(tidy(m)), COLUMNS),
    "polars lazy text": lambda m, s: (as_polars(with_codes(m, str)).lazy(), COLUMNS),
    "polars Enum": lambda m, s: (
        as_polars(with_codes(m, str), polars.Enum(sorted(texts(s)))),
        COLUMNS,
    ),
    "polars Categorical": lambda m, s: (
        as_polars(with_codes(m, str), polars.Categorical),
        COLUMNS,
    ),
    "polars Decimal": lambda m, s: (as_polars(tidy(m), polars.Decimal(10, 2)), COLUMNS),
    "arrow": lambda m, s: (as_polars(tidy(m)).to_arrow(), COLUMNS),
    "arrow dictionary": lambda m, s: (arrow_dictionary(m, s), COLUMNS),
    "duckdb": lambda m, s: (duck(m, "TINYINT"), COLUMNS),
    "duckdb DECIMAL": lambda m, s: (duck(m, "DECIMAL(8, 3)"), COLUMNS),
    "duckdb text": lambda m, s: (duck(m, "VARCHAR"), COLUMNS),
    "array of floats": lambda m, s: (in_array(m, float, np.nan), ARRAY),
    "array of int8": lambda m, s: (in_array(m, np.int8, -99), {**ARRAY, "missing": -99}),
    "array of int64": lambda m, s: (in_array(m, np.int64, 2**40), {**ARRAY, "missing": 2**40}),
    "array of objects": lambda m, s: (in_array(m, object, None), ARRAY),
    "array of text": lambda m, s: (in_array(m, str, "nan"), ARRAY),
    "masked int64": lambda m, s: (masked(m, np.int64), ARRAY),
    "masked int8": lambda m, s: (masked(m, np.int8), ARRAY),
    "rows as lists": lambda m, s: (m, ARRAY),
    "tuples": lambda m, s: (list(tidy(m).itertuples(index=False, name=None)), {}),
    "dicts": lambda m, s: (tidy(m).to_dict("records"), COLUMNS),
    "a dict of columns": lambda m, s: (columns_of(tidy(m)), COLUMNS),
    "wide": lambda m, s: (in_wide(m), WIDE),
    "wide polars": lambda m, s: (as_wide_polars(m), WIDE),
    "coders in rows": lambda m, s: (in_array(m, float, np.nan).T, {"layout": "coders-in-rows"}),
    "coders in rows of a frame": lambda m, s: (
        pd.DataFrame(in_array(m, float, np.nan).T, index=CODERS),
        {"layout": "coders-in-rows"},
    ),
}
UNSIGNED: dict[str, Door] = {
    kind.__name__: lambda m, s, kind=kind: (in_array(m, kind, 77), {**ARRAY, "missing": 77})
    for kind in (np.uint8, np.uint16, np.uint32, np.uint64)
}


def as_wide_polars(matrix: Matrix) -> polars.DataFrame:
    return polars.DataFrame(columns_of(in_wide(matrix)), strict=False)


def figure_of(call: Callable[[], Any]) -> Any:
    """A figure without its notes, or the kind of its error."""
    try:
        return plain(call())
    except sp.StancepackError as error:
        return type(error).__name__


def plain(result: Any) -> Any:
    """A result as texts and numbers that can be compared to the last digit."""
    if isinstance(result, sp.Agreement):
        ends = result.value, result.low, result.high
        return [*map(repr, ends), result.n_units, result.n_coders, result.method, result.verdict]
    if isinstance(result, list):
        return [plain(item) for item in result]
    if isinstance(result, sp.Diagnosis):
        tables = result.codes, result.pairs, result.coincidences, result.margins
        return [plain(result.agreement), *map(plain, tables), result.units["share"].tolist()]
    if isinstance(result, sp.Combined):
        return [plain(result.codes.iloc[:, 1:]), plain(result.coders)]
    if isinstance(result, sp.Plan):
        return plain(result.designs)
    assert isinstance(result, pd.DataFrame)
    result = result.drop(columns=["coder", "other", "note"], errors="ignore")  # names differ
    numbers = result.select_dtypes("number").columns
    others = [name for name in result if name not in numbers]
    return [
        *([repr(float(cell)) for cell in result[name]] for name in numbers),
        *(list(map(str, result[name])) for name in others),
        list(map(str, result.columns)),
    ]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        f"{name} {level}": lambda data, name=name, level=level, **how: sp.agreement(
            data, coefficient=name, level=level, draws=20, **how
        )
        for name, level in [
            *(("alpha", level) for level in ("nominal", "ordinal", "interval", "ratio")),
            *((name, "nominal") for name in COEFFICIENTS if name != "alpha"),
        ]
    },
    "fleiss linear": lambda data, **how: sp.agreement(
        data, coefficient="fleiss_kappa", weights="linear", method="analytic", **how
    ),
    "agreements": lambda data, **how: agreements(
        data, coefficients=["alpha", "ac1"], draws=20, **how
    ),
    "by code": lambda data, **how: sp.agreement_by(data, by="code", interval=None, **how),
    "by pair": lambda data, **how: sp.agreement_by(data, by="pair", interval=None, **how),
    "diagnose": lambda data, **how: sp.diagnose(data, interval=None, **how),
    "plan": lambda data, **how: sp.plan_agreement(data, units=[6], coders=[2], draws=1, **how),
    **{
        f"combine {method}": lambda data, method=method, **how: sp.combine(
            data, method=method, **how
        )
        for method in ("majority", "dawid_skene", "mace", "ordinal")
    },
}
SLOW = ("plan", "combine ordinal")
# a few examples each: an example goes through every door
matrices = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-2, 2)), min_size=3, max_size=3),
    min_size=2,
    max_size=8,
)


def check_doors(
    doors: dict[str, Door], matrix: Matrix, scale: list[Any], function: str, reference: Any
) -> None:
    call = FUNCTIONS[function]
    expected = figure_of(lambda: call(reference[0], **reference[1]))
    for name, door in doors.items():
        data, how = door(matrix, scale)
        how = (
            how
            if "Enum" in name or "categorical" in name or "dictionary" in name
            else {**how, "order": scale}
        )
        got = figure_of(lambda data=data, how=how: call(data, **how))
        assert got == expected, (name, function)


@given(matrices, st.sampled_from([name for name in FUNCTIONS if name not in SLOW]))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_numbers_are_the_same_by_every_door(matrix: Matrix, function: str) -> None:
    scale = [-2, -1, 0, 1, 2, 3]
    check_doors(NUMBERS, matrix, scale, function, (tidy(matrix), {**COLUMNS, "order": scale}))


@given(matrices, st.sampled_from(SLOW))
@settings(max_examples=1, suppress_health_check=[HealthCheck.too_slow])
def test_numbers_are_the_same_by_every_door_of_slow_functions(
    matrix: Matrix, function: str
) -> None:
    scale = [-2, -1, 0, 1, 2]
    check_doors(NUMBERS, matrix, scale, function, (tidy(matrix), {**COLUMNS, "order": scale}))


@given(matrices, st.sampled_from([name for name in FUNCTIONS if name not in SLOW]))
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_no_order_is_needed_by_numbers(matrix: Matrix, function: str) -> None:
    """Without a declared order, and nothing declared by a type, numbers are in order anyway."""
    declared = ("Enum", "categorical", "dictionary")
    doors = {name: door for name, door in NUMBERS.items() if not any(x in name for x in declared)}
    call = FUNCTIONS[function]
    expected = figure_of(lambda: call(tidy(matrix), **COLUMNS))
    for name, door in doors.items():
        data, how = door(matrix, [])
        got = figure_of(lambda data=data, how=how: call(data, **how))
        assert got == expected, (name, function)


@given(matrices, st.sampled_from([name for name in FUNCTIONS if name not in SLOW]))
@settings(max_examples=30)
def test_unsigned_numbers_are_the_same(matrix: Matrix, function: str) -> None:
    raised = [[None if code is None else code + 2 for code in row] for row in matrix]
    scale = [0, 1, 2, 3, 4]
    check_doors(UNSIGNED, raised, scale, function, (tidy(raised), {**COLUMNS, "order": scale}))


NAMES = {-2: "low", -1: "mid", 0: "raised", 1: "high", 2: "top"}
SCALE = [*NAMES.values(), "beyond"]  # nobody used the last
NAMED: dict[str, Door] = {
    "pandas object": lambda m, s: (with_codes(m, str), COLUMNS),
    "pandas ordered": lambda m, s: (
        with_codes(m, str, pd.CategoricalDtype(s, ordered=True)),
        COLUMNS,
    ),
    "pandas categorical in no order": lambda m, s: (
        with_codes(m, str, pd.CategoricalDtype(s[::-1])),
        {**COLUMNS, "order": s},
    ),
    "blanks": lambda m, s: (with_codes(m, lambda code: f" {code} "), COLUMNS),
    "polars text": lambda m, s: (as_polars(tidy(m)), COLUMNS),
    "polars Enum": lambda m, s: (as_polars(tidy(m), polars.Enum(s)), COLUMNS),
    "polars lazy Enum": lambda m, s: (as_polars(tidy(m), polars.Enum(s)).lazy(), COLUMNS),
    "duckdb ENUM": lambda m, s: (
        duck(m, "ENUM({})".format(", ".join(f"'{name}'" for name in s))),
        COLUMNS,
    ),
    "arrow dictionary": lambda m, s: (arrow_dictionary(m, s), COLUMNS),
    "array of text": lambda m, s: (in_array(m, str, "nan"), ARRAY),
    "array of objects": lambda m, s: (in_array(m, object, None), ARRAY),
    "tuples": lambda m, s: (list(tidy(m).itertuples(index=False, name=None)), {}),
    "wide": lambda m, s: (in_wide(m), WIDE),
}


@given(matrices, st.sampled_from([name for name in FUNCTIONS if name not in SLOW]))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_names_in_order_are_the_same_by_every_door(matrix: Matrix, function: str) -> None:
    named = [[NAMES.get(code) for code in row] for row in matrix]
    check_doors_of_names(named, function)


def check_doors_of_names(named: Matrix, function: str) -> None:
    call = FUNCTIONS[function]
    expected = figure_of(lambda: call(tidy(named), **COLUMNS, order=SCALE))
    for name, door in NAMED.items():
        data, how = door(named, SCALE)
        is_declared = any(word in name for word in ("ordered", "Enum", "ENUM", "dictionary"))
        how = how if is_declared else {**how, "order": SCALE}
        got = figure_of(lambda data=data, how=how: call(data, **how))
        assert got == expected, (name, function)


SYMMETRIC = [name for name in FUNCTIONS if name.partition(" ")[0] not in NEED_CODERS]
COUNTABLE = [
    name
    for name in SYMMETRIC
    if name.partition(" ")[0] in (*COEFFICIENTS, "fleiss") or name in ("agreements", "by code")
]


@given(matrices, st.sampled_from(COUNTABLE))
@settings(max_examples=60)
def test_a_table_of_counts_is_the_same_where_coders_do_not_matter(
    matrix: Matrix, function: str
) -> None:
    scale = [-2, -1, 0, 1, 2]
    assume(max(sum(code is not None for code in row) for row in matrix) == len(CODERS))
    call = FUNCTIONS[function]
    expected = figure_of(lambda: call(tidy(matrix), **COLUMNS, order=scale))
    counts = in_counts(matrix, scale)
    for data, how in (
        (counts, {}),
        (counts.to_numpy(), {"order": scale}),
        (as_polars(counts.rename(columns=str)), {}),
    ):
        got = figure_of(lambda data=data, how=how: call(data, layout="counts", **how))
        assert got == expected, function


@given(matrices, st.sampled_from(["masi", "jaccard"]))
@settings(max_examples=40)
def test_sets_are_the_same_whatever_holds_them(matrix: Matrix, distance: str) -> None:
    labels = {-2: "a", -1: "a|b", 0: "b|c", 1: "c|a|b", 2: "c"}
    as_text = [[labels.get(code) for code in row] for row in matrix]
    assume(any("|" in (code or "") for row in as_text for code in row))

    def held(kind: Callable[[list[str]], Any]) -> pd.DataFrame:
        return with_codes(as_text, lambda code: kind(code.split("|")))

    rows = [
        (unit, coder, None if pd.isna(code) else code.split("|"))
        for unit, coder, code in tidy(as_text).itertuples(index=False)
    ]
    in_polars = polars.DataFrame(rows, schema=list(COLUMNS.values()), orient="row")
    call = lambda data, **how: sp.agreement(data, distance=distance, draws=20, **how)  # noqa: E731
    expected = figure_of(lambda: call(tidy(as_text), **COLUMNS))
    for data, how in [
        *((held(kind), {}) for kind in (frozenset, list, tuple, set, np.array)),
        (held(lambda cell: cell[::-1]), {}),
        (held("; ".join), {"parts": ";"}),
        (held(" | ".join), {}),
        (in_polars, {}),
        (in_polars.lazy(), {}),
        (in_polars.to_arrow(), {}),
    ]:
        assert figure_of(lambda data=data, how=how: call(data, **COLUMNS, **how)) == expected


@given(matrices)
@settings(max_examples=2, suppress_health_check=[HealthCheck.too_slow])
def test_dask_gives_the_same(matrix: Matrix) -> None:
    scale = [-2, -1, 0, 1, 2]
    doors: dict[str, Door] = {
        "dask": lambda m, s: (in_dask(with_codes(m, float, float)), COLUMNS),
        "dask text": lambda m, s: (in_dask(with_codes(m, str, "str")), COLUMNS),
        "dask categorical": lambda m, s: (
            in_dask(with_codes(m, str, pd.CategoricalDtype(texts(s)))),
            COLUMNS,
        ),
    }
    for function in ("alpha ordinal", "combine majority"):
        check_doors(doors, matrix, scale, function, (tidy(matrix), {**COLUMNS, "order": scale}))


def in_dask(frame: pd.DataFrame) -> Any:
    return dask.dataframe.from_pandas(frame, npartitions=2)


def test_spark_gives_the_same() -> None:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    matrix: Matrix = [[-2, -1, None], [0, 0, 1], [2, 2, 2], [None, 1, 1], [-1, -1, -2]]
    try:
        scale = [-2, -1, 0, 1, 2]
        doors: dict[str, Door] = {}
        for kind, code in (("long", int), ("string", str), ("decimal(6,2)", Decimal)):
            rows = list(columns_of(with_codes(matrix, code)).values())
            schema = f"text string, who string, code {kind}"
            there = session.createDataFrame(list(zip(*rows, strict=True)), schema)
            doors[f"spark {kind}"] = lambda m, s, there=there: (there, COLUMNS)
        reference = tidy(matrix), {**COLUMNS, "order": scale}
        check_doors(doors, matrix, scale, "alpha ordinal", reference)
    finally:
        session.stop()


@pytest.mark.parametrize("part", ["unit", "coder", "value"])
@pytest.mark.parametrize(
    "name", ["coder_0", "units", "count", "_code_of_coder_0", "__code_of_0", "index", "NA", " "]
)
@pytest.mark.parametrize("engine", [polars.from_pandas, duckdb.from_df])
def test_columns_may_have_any_name(engine: Callable[[Any], Any], name: str, part: str) -> None:
    cells = {"unit": [1, 1, 2, 2], "coder": ["x", "y"] * 2, "value": [1, 1, 2, 1]}
    columns: dict[str, Any] = {column: column for column in cells} | {part: name}
    frame = pd.DataFrame(cells).rename(columns=columns)
    assert sp.agreement(engine(frame), **columns, interval=None) == sp.agreement(
        frame, **columns, interval=None
    )


IN_ROUNDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": polars.from_pandas,
    "duckdb": duckdb.from_df,
    "arrow": pyarrow.Table.from_pandas,
    "dask": in_dask,
    "dicts": lambda frame: frame.to_dict("records"),
}


@pytest.mark.parametrize("door", IN_ROUNDS)
def test_rounds_that_code_the_same_again_are_named_by_every_door(door: str) -> None:
    cells = [
        (name, statement, coder, code)
        for name, coders in (("round-1", "ab"), ("round-2", "cd"))
        for statement in (1, 2, 3)
        for coder, code in zip(coders, (statement % 2, 1), strict=True)
    ]
    frame = pd.DataFrame(cells, columns=["round", "statement_id", "coder_id", "position"])
    both = "2 rounds that code the same units are taken together (round-1, round-2)"
    for figure in (sp.agreement, sp.diagnose):
        assert both in repr(figure(IN_ROUNDS[door](frame), interval=None))
    one_each = frame.assign(statement_id=frame["statement_id"] + 3 * (frame["round"] == "round-2"))
    for silent in (one_each, frame[frame["round"] == "round-1"]):
        assert sp.agreement(IN_ROUNDS[door](silent), interval=None).note == ""
    meant = sp.agreement(IN_ROUNDS[door](frame), interval=None, unit=["round", "statement_id"])
    assert meant.note == ""


@pytest.mark.parametrize("text", ["comma", "semicolon", "decimal comma", "tab", "excel"])
def test_files_of_spreadsheets_are_the_same(tmp_path: Path, text: str) -> None:
    matrix: Matrix = [[-2, -1.5, None], [0, 0, 1], [2, 2, 2], [None, 1, 1], [-1, -1, -2]]
    long, wide = (
        frame.astype(object).where(frame.notna(), "") for frame in (tidy(matrix), in_wide(matrix))
    )
    separator = {"comma": ",", "tab": "\t"}.get(text, ";")
    mark = "," if text == "decimal comma" else "."
    first = "sep=;\r\n" if text == "excel" else ""
    expected = figure_of(lambda: sp.agreement(tidy(matrix), draws=20, **COLUMNS))
    for number, (frame, how) in enumerate(((long, COLUMNS), (wide, WIDE))):
        cells = frame.astype(str).replace(r"\.", mark, regex=True)
        path = tmp_path / f"{number}.csv"
        body = first + cells.to_csv(index=False, sep=separator, lineterminator="\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + body.encode())
        for place in (path, str(path)):
            assert (
                figure_of(lambda place=place, how=how: sp.agreement(place, draws=20, **how))
                == expected
            )


@pytest.mark.parametrize("door", [*NUMBERS])
def test_codings_say_what_they_hold_and_can_be_pickled(door: str) -> None:
    matrix: Matrix = [[-2, -1, None], [0, 0, 1], [2, 2, 2], [None, 1, 1], [-1, -1, -2]]
    data, how = NUMBERS[door](matrix, [-2, -1, 0, 1, 2])
    codes = sp.codings(data, **how)
    assert codes.categories == [-2, -1, 0, 1, 2]
    assert (codes.is_numeric, codes.is_ordered, codes.n_units) == (True, True, 5)
    assert codes.coders in (CODERS, [0, 1, 2])
    assert len(codes.units) == 5
    assert sorted(codes.frame.iloc[:, -1].tolist()) == sorted(
        code for row in matrix for code in row if code is not None
    )
    assert "5 units, 3 coders" in codes._repr_html_()
    again = pickle.loads(pickle.dumps(codes))
    assert sp.agreement(again, draws=20) == sp.agreement(codes, draws=20)
    once_more = sp.agreement(
        codes.frame,
        unit=list(codes.units),
        coder=codes.rows.coder,
        value=codes.rows.value,
        draws=20,
    )
    assert plain(once_more) == plain(sp.agreement(codes, draws=20))


def test_undefined_figures_are_the_same_too() -> None:
    nothing: Matrix = [[None, None, None], [None, 1, None]]
    for door in NUMBERS.values():
        data, how = door(nothing, [1])
        result = sp.agreement(data, **how)
        assert math.isnan(result.value)
        assert result.note.startswith("No unit has two codes.")
