"""Tables read column by column hold exactly the cells of the file."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancepack.dataset.cells import first_rows, read_cells, row_keys, shared_keys

CELLS = st.text(st.sampled_from("ab,\"\n\r\t ;é😀 N=0.1-\\'#"), max_size=4)
CELLS |= st.sampled_from(
    ["NA", "nan", "", "null", "1e5", "007", "True", '""', "2007-02-10", "<NA>"]
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    size = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=size, max_size=size), max_size=8))
    return [f"column{n}" for n in range(size)], [row for row in rows if any(row)]


@given(tables())
@settings(deadline=None, max_examples=300)
def test_cells_are_those_that_were_written(table: tuple[list[str], list[list[str]]]) -> None:
    columns, rows = table
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([columns, *rows])
    frame = read_cells(out.getvalue().encode("utf-8"), columns)
    assert frame is not None
    assert [list(row) for row in frame.itertuples(index=False)] == rows


@given(st.text('ab,"\n\r é', max_size=30))
@settings(deadline=None, max_examples=300)
def test_whatever_is_read_is_what_a_strict_reader_reads(body: str) -> None:
    content = f"a,b\n{body}"
    frame = read_cells(content.encode("utf-8"), ["a", "b"])
    try:
        records = list(csv.reader(io.StringIO(content, newline=""), strict=True))[1:]
    except csv.Error:
        assert frame is None
        return
    regular = all(len(record) == 2 and any(record) for record in records)
    assert (frame is not None) == regular
    if frame is not None:
        assert [list(row) for row in frame.itertuples(index=False)] == records


@pytest.mark.parametrize(
    "content",
    [b"", b"a\n1\n", b"b,a\n1,2\n", b"a,b\n1\n", b"a,b\n1,2,3\n", b"a,b\n\n1,2\n", b"a,b\n,\n",
     b'a,b\n"1"2,3\n', b'a,b\n"1,2\n', b"a,b\n\xff,2\n", b"\xef\xbb\xbfa,b\n1,2\n"],
)  # fmt: skip
def test_another_form_is_none(content: bytes) -> None:
    assert read_cells(content, ["a", "b"]) is None


def test_keys_are_the_same_for_the_same_cells_alone() -> None:
    frame = pd.DataFrame({"a": list("xyxyx"), "b": list("pqpqq")}, dtype="category")
    keys = row_keys(frame, ["a", "b"])
    assert keys[0] == keys[2] != keys[4]
    assert keys[1] == keys[3]
    rows, places = first_rows(keys)
    assert rows.tolist() == [0, 1, 4]
    assert places.tolist() == [0, 1, 0, 1, 2]
    other = pd.DataFrame({"c": ["y", "z"], "d": ["q", "p"]}, dtype="category")
    mine, theirs = shared_keys(frame, ["a", "b"], other, ["c", "d"])
    assert np.isin(mine, theirs).tolist() == [False, True, False, True, False]


def test_keys_of_very_many_cells_do_not_overflow() -> None:
    names = [f"c{n}" for n in range(12)]
    cells = pd.Categorical([str(n) for n in range(5000)])
    frame = pd.DataFrame(dict.fromkeys(names, cells))
    assert len(np.unique(row_keys(frame, names))) == 5000
