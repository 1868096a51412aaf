"""Strategies of what people, and programs, may pass as an argument."""

from __future__ import annotations

import datetime
import enum
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars
from hypothesis import strategies as st

import stancepack as sp


class Colour(enum.Enum):
    RED = 1


scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.integers(),
    st.floats(),
    st.sampled_from(
        ["", " ", "a", "b", "a|b", "b|a", "1", "−1", "1.10", "1.1", "nan", "NA", "x,y"]
    ),
    st.text(max_size=3),
    st.binary(max_size=2),
    st.sampled_from(
        [
            Decimal("1.5"),
            Decimal("sNaN"),
            Decimal("1e999"),
            Fraction(1, 3),
            1j,
            10**400,
            Colour.RED,
            datetime.date(2020, 1, 1),
            pd.Timestamp("2020-01-01"),
            pd.NaT,
            pd.NA,
            np.float32(0.1),
            np.int8(3),
            np.bool_(True),
            object(),
            math.inf,
            1e300,
        ]
    ),
)
nested: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner, inner),
        st.dictionaries(st.sampled_from(["unit", "coder", "code", "a"]), inner, max_size=4),
        st.frozensets(st.sampled_from(["a", "b", 1, None]), max_size=3),
        st.sets(st.sampled_from(["a", "b"]), max_size=2),
    ),
    max_leaves=6,
)
cells = st.one_of(st.integers(1, 3), st.sampled_from(["a", "b", "1", "2", None]), nested)
kinds = st.sampled_from([object, object, "int8", "float", "str", "category", "bool", "Int64"])


@st.composite
def frames(draw: st.DrawFn) -> Any:
    """Tidy or less tidy frames, with any cells."""
    n = draw(st.integers(0, 8))
    names = draw(
        st.sampled_from(
            [
                ["unit", "coder", "code"],
                ["unit", "coder_id", "position"],
                ["a"],
                [],
                ["unit", "unit", "code"],
                [0, 1, "code"],
            ]
        )
    )
    units = st.one_of(st.integers(0, 3), scalars) if draw(st.booleans()) else st.integers(0, 3)
    who = (
        st.one_of(st.sampled_from("xyz"), scalars)
        if draw(st.booleans())
        else st.sampled_from("xyz")
    )
    by_place = [units, who, cells]
    columns = [
        pd.Series([draw(by_place[place % 3]) for _ in range(n)], dtype=object)
        for place in range(len(names))
    ]
    frame = pd.concat(columns, axis=1, keys=range(len(names))) if columns else pd.DataFrame()
    frame.columns = pd.Index(names, dtype=object)
    if len(names) == 3 and names[0] != names[1]:
        frame = frame.drop_duplicates(ignore_index=True) if _is_plain(frame) else frame
        try:
            frame[names[2]] = frame[names[2]].astype(draw(kinds))
        except Exception:  # not every cell is of every kind
            return frame
    return frame


def _is_plain(frame: pd.DataFrame) -> bool:
    return all(isinstance(cell, int | str) for cell in frame.to_numpy().ravel())


arrays = st.one_of(
    st.lists(st.lists(st.integers(-2, 3), min_size=3, max_size=3), max_size=6).map(np.array),
    st.lists(st.lists(st.floats(), min_size=2, max_size=2), max_size=6).map(np.array),
    st.lists(st.tuples(cells, cells), min_size=1, max_size=5).map(lambda rows: _objects(rows)),
    st.sampled_from(
        [
            np.zeros((0, 0)),
            np.zeros((0, 3)),
            np.zeros((3, 0)),
            np.zeros(3),
            np.zeros((2, 2, 2)),
            np.array(1),
            np.array([["a", "nan"], ["b", "b"]]),
            np.array([[b"a", b"b"]]),
            np.array([["2020-01-01"]], dtype="datetime64[D]"),
            np.array([[1j, 2]]),
            np.array([[(1, 2)]], dtype=[("x", int), ("y", int)]),
            np.ma.masked_all((2, 3)),
            np.array([[2**63, 1], [1, 1]], dtype=np.uint64),
        ]
    ),
)


def _objects(rows: list[tuple[Any, Any]]) -> Any:
    array = np.empty((len(rows), 2), dtype=object)
    for number, (first, second) in enumerate(rows):
        array[number, 0], array[number, 1] = first, second
    return array


data = st.one_of(
    frames(),
    frames(),
    arrays,
    nested,
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from("xyz"), cells), max_size=8),
    st.sampled_from(
        [
            polars.DataFrame(),
            polars.DataFrame({"unit": [1, 1], "coder": ["x", "y"], "code": [[1], [2]]}),
            polars.DataFrame({"unit": [1, 1], "coder": ["x", "y"], "code": [{"a": 1}, None]}),
            polars.DataFrame({"unit": [1, 1], "coder": ["x", "y"], "code": [1.0, math.nan]}),
            polars.Series([1, 2]),
            pd.Series([1, 2]),
            pd.DataFrame(columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
            print,
            sp,
            "no/such.csv",
            "\0",
            b"bytes",
            range(3),
            iter([1]),
        ]
    ),
)
spans = st.lists(
    st.fixed_dictionaries(
        {
            "coder": st.sampled_from("xyz"),
            "start": st.one_of(st.integers(0, 5), scalars),
            "end": st.one_of(st.integers(3, 10), scalars),
            "value": st.one_of(st.sampled_from("ab"), scalars),
        }
    ),
    max_size=4,
)
