"""The report: one page, offline, and every mark leads to its evidence."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.site.report import write_report


class Page(HTMLParser):
    """Collects ids, links, marks and what a page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.marks: list[dict[str, str]] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given.get("href", ""))
            if "mark" in given.get("class", "").split():
                self.marks.append(given)
        if tag in ("script", "link", "img", "iframe", "source") or "src" in given:
            self.fetched.append(f"{tag} {given}")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(sp.load(), tmp_path_factory.mktemp("report")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_it_is_one_page_that_fetches_nothing(text: str, page: Page) -> None:
    assert page.fetched == []
    assert "url(" not in text
    assert "@import" not in text


def test_every_link_leads_somewhere_on_the_page(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)


def test_every_position_of_the_principals_is_a_mark_that_leads_to_its_statement(page: Page) -> None:
    positions = sp.load().positions()
    mine = positions[positions["actor_id"].isin(["putin", "lavrov", "gates", "baluyevskiy"])]
    assert sorted(mark["href"][1:] for mark in page.marks) == sorted(mine["statement_id"])
    for mark in page.marks:
        assert mark["aria-label"].startswith(mark["href"][1:])


def test_conditions_repetitions_and_settled_disagreements_are_marked(page: Page) -> None:
    classes = {mark["href"][1:]: mark["class"].split()[1:] for mark in page.marks}
    assert classes["S037"] == ["conditional"]
    assert classes["S035"] == ["repeated"]
    assert classes["S043"] == ["conditional", "repeated"]


def test_a_statement_shows_who_when_where_how_and_why(text: str) -> None:
    card = re.search(r'<article class="card" id="S017">.*?</article>', text, re.S)
    assert card
    shown = [
        "Vladimir Putin",
        "President of Russia",
        "2007-02-10 (2007-02-10 to 2007-02-10)",
        "basis: source",
        "newslog.cyberjournal.org",
        "code points 12700–12798",
        "Today this system is ineffective",
        "confidence",
        "lm-5",
    ]
    for words in shown:
        assert words in card[0], words


def test_it_says_plainly_who_coded_and_how_many(text: str) -> None:
    assert "No person has coded yet" in text
    assert "<strong>1078 statements</strong> by 83 speakers, 38 of them named persons" in text
    assert "too few units for a verdict" in text


def test_means_are_drawn_only_where_there_are_enough_statements(text: str) -> None:
    lanes = re.findall(r'<div class="lane">.*?</div></div>', text, re.S)
    with_path = [lane for lane in lanes if 'class="path"' in lane]
    assert 4 <= len(with_path) < len(lanes)
    for lane in with_path:
        assert int(re.search(r"n = (\d+)", lane)[1]) >= 8  # type: ignore[index]
        assert not re.search(r'points="[^"]*nan', lane)


def test_the_report_says_what_makes_the_figures(text: str) -> None:
    assert "What makes the figures" in text
    assert "Rules that settled most: R" in text


def test_it_shows_findings(tiny: Path, tmp_path: Path) -> None:
    path = tiny / "data" / "actors.csv"
    path.write_text(path.read_text().replace("The first", "The <b>first</b>"))
    with pytest.warns(sp.StancepackWarning, match="was changed since it was built"):
        text = write_report(sp.load(tiny), tmp_path).read_text(encoding="utf-8")
    assert "<strong>1 findings.</strong>" in text
    assert "The &lt;b&gt;first" in text, "what the data hold is text, not markup"
    assert "<b>first" not in text


def test_a_package_without_principals_draws_those_with_most_positions(
    tiny: Path, tmp_path: Path
) -> None:
    text = write_report(sp.load(tiny), tmp_path).read_text(encoding="utf-8")
    assert "Positions of The first minister" in text
    assert "No person has coded yet" not in text
