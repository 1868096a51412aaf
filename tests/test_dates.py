"""EDTF dates and the days they can mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stancepack as sp
from stancepack.dataset.dates import bounds, overlap


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2007-02-10", date(2007, 2, 10), date(2007, 2, 10)),
        ("2008-02", date(2008, 2, 1), date(2008, 2, 29)),
        ("2007", date(2007, 1, 1), date(2007, 12, 31)),
        ("2006?/2009-09", date(2006, 1, 1), date(2009, 9, 30)),
        ("2007-02~", date(2007, 2, 1), date(2007, 2, 28)),
        ("2007-21", date(2007, 3, 1), date(2007, 5, 31)),
        ("200X", date(2000, 1, 1), date(2009, 12, 31)),
        ("2004-03-09/..", date(2004, 3, 9), date.max),
        ("../2004", date.min, date(2004, 12, 31)),
        ("/2004", date.min, date(2004, 12, 31)),
    ],
)
def test_bounds(text: str, first: date, last: date) -> None:
    assert bounds(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2007-13",
        "2007-02-30",
        "1985-02-29",
        "2009/2007",
        "..",
        "unknown",
        "2007-2-1",
        "07",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(sp.StancepackError):
        bounds(text)


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.dates(date(1, 1, 1), date(9999, 12, 31)))
@settings(deadline=None, max_examples=40)
def test_days_and_intervals_come_back(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    assert bounds(first.isoformat()) == (first, first)
    assert bounds(f"{first.isoformat()}/{last.isoformat()}") == (first, last)


@given(st.text("0123456789-/?~%X.[]{},TZ:", max_size=16))
@settings(deadline=None, max_examples=150)
def test_anything_gives_bounds_in_order_or_a_message(text: str) -> None:
    try:
        first, last = bounds(text)
    except sp.StancepackError:
        return
    assert first <= last


def test_overlap_is_possible_simultaneity() -> None:
    assert overlap("2007-05", "2007-05-03")
    assert not overlap("2007-05", "2007-06-01")
