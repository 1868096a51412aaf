"""Words found in raw texts: whatever is found is what validation finds again."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from stancepack.files.passages import missing_pieces
from stancepack.files.quotations import FlatText

LETTERS = st.text("abcAB-–“’\"' \n\r\t\u00a0\u200b\u0301é|.", max_size=60)


@given(LETTERS, st.data())
@example("emp-\nty Non-\nAligned", None)
@example("e\u0301 \u200b x", None)
def test_every_part_of_a_text_is_found_in_it(raw: str, data: st.DataObject | None) -> None:
    text = FlatText(raw)
    size = len(text.flat)
    start = data.draw(st.integers(0, size)) if data else 0
    end = data.draw(st.integers(start, size)) if data else size
    words = text.flat[start:end].strip()
    places = text.find([words])
    assert bool(places) == bool(words)
    for place in places:
        assert missing_pieces(raw[slice(*place)], words) == []


def test_what_stands_several_times_is_found_as_often_even_where_it_overlaps() -> None:
    assert FlatText("ana nana").find(["ana"]) == [(0, 3), (5, 8)]
    assert FlatText("aaa").find(["aa"]) == [(0, 2), (1, 3)]


def test_pieces_have_to_come_in_order() -> None:
    text = FlatText("one two three two")
    assert text.find(["two", "three"]) == [(4, 13)]
    assert text.find(["three", "one"]) == []
    assert text.find([]) == text.find([""]) == text.find(["one", " "]) == []


def test_other_marks_are_taken_only_where_the_words_are_not_found_as_they_are() -> None:
    text = FlatText('“Yes” – "Yes" - yes')
    assert text.find(['"Yes"']) == [(8, 13)]
    assert text.find(["«Yes»"]) == [(0, 5), (8, 13)]


def test_the_nearest_passage() -> None:
    text = FlatText("He said that it should be done at once. She did not.")
    assert text.nearest("it should be done at last") == "it should be done at once"
    assert text.nearest("quite other words") == ""
    assert FlatText("").nearest("anything") == ""


def test_a_long_text_is_searched_in_no_time() -> None:
    text = FlatText("All of it is said again and again, line-\nby line. " * 4000)
    assert len(text.find(["line-by line."])) == 0
    assert len(text.find(["lineby line."])) == 4000
    assert text.nearest("All of it is sung again and again") != ""
