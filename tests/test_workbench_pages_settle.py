"""The pages of settling, in a real browser with the real server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from settling_helpers import FIRST, OPEN, SECOND, open_round, settle_all
from workbench_server import chromium, free_port, serving

from stancepack.files.tables import read_rows
from stancepack.project.adjudication import unsettled
from stancepack.project.project import Project
from stancepack.project.reviewed import read_reviewed
from stancepack.release.build import build

expect = pytest.importorskip("playwright.sync_api", reason="needs playwright").expect
EVE = ("settle", "eve")
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
REASONS = ["A condition is set.", "They would stop.", "No side is taken.", "It is told to nobody."]


@pytest.fixture(scope="module")
def opened_round(tiny_original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied = shutil.copytree(tiny_original, tmp_path_factory.mktemp("opened") / "tiny")
    return open_round(Path(copied))


@pytest.fixture
def home(opened_round: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(opened_round, tmp_path / "tiny"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@contextmanager
def opened(browser: Any, link: str, **more: Any) -> Iterator[Any]:
    """Open a link; no script fails, and nothing is asked of anybody else."""
    context = browser.new_context(**{"viewport": WIDE, **more})
    asked, failed = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(link)
    yield page
    origin = "/".join(link.split("/")[:3])
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
    assert failed == []
    context.close()


@contextmanager
def settling(home: Path, browser: Any, **more: Any) -> Iterator[Any]:
    """Serve the workbench and open the page of the adjudicator."""
    with (
        serving("settle", home, "--adjudicator", "eve") as server,
        opened(browser, server.links[EVE], **more) as page,
    ):
        expect(page.locator("#saving")).to_have_text("All saved")
        yield page


def field(page: Any, name: str) -> Any:
    return page.locator(f"[data-field='{name}']")


def at(page: Any, kind: str) -> None:
    expect(page.locator(":focus")).to_have_attribute("data-field", re.compile(f"^{kind}/"))


def decide(page: Any, key: str, rule: str, reason: str, *, wording: str = "") -> None:
    """Decide what has the cursor, by keyboard alone: it goes from the code to rule and reason."""
    if wording:
        expect(page.locator(":focus")).to_have_attribute("data-thing", "condition")
        page.keyboard.press("i")
        at(page, "code")
        page.keyboard.type(wording)
        page.keyboard.press("Enter")
    else:
        page.keyboard.press(key)
    at(page, "rule")
    page.keyboard.type(rule)
    page.keyboard.press("Enter")
    at(page, "reason")
    page.keyboard.type(reason)
    page.keyboard.press("Enter")


def decide_all(page: Any) -> None:
    """Settle all that is open, each rule named in another way."""
    decide(page, "s", "r5", REASONS[0])  # us-sites: -1
    decide(page, "", "R5 R7", REASONS[1], wording="The others stop their plan.")
    page.keyboard.press("Enter")
    expect(page.locator("#statement-title")).to_contain_text("S003")
    decide(page, "d", "offer condition", REASONS[2])  # joint-defence: 0, the rule by its title
    page.keyboard.press("Enter")
    expect(page.locator("#statement-title")).to_contain_text("S004")
    decide(page, "a", "R1", REASONS[3])
    page.keyboard.press("Enter")
    expect(page.locator("#closing")).to_be_visible()


def tab_to(page: Any, selector: str) -> None:
    """Go to a button as people do who have no mouse."""
    for _ in range(8):
        if page.locator(selector).evaluate("button => button === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached with Tab")


def stance(home: Path) -> str:
    rows = read_rows(home / "data" / "stances.csv", [])
    return next(
        row["position"]
        for row in rows
        if (row["statement_id"], row["issue_id"]) == ("S001", "us-sites")
    )


def test_three_disagreements_are_settled_by_keyboard_alone_and_the_stance_changes(
    home: Path, browser: Any
) -> None:
    assert stance(home) == "-2"
    with settling(home, browser) as page:
        decide_all(page)
        expect(page.locator("#closing")).to_contain_text("4 decisions made; none left open.")
        tab_to(page, "#close-now")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("Took 4 decisions into")
        expect(page.locator("main")).to_contain_text("Nothing left to settle in round-2.")
    assert unsettled(Project(home)) == []
    ledger = Project(home).ledger
    settled = [ledger["round-2", *cell] for cell in [*OPEN, ("S001", "condition")]]
    assert [row["code"] for row in settled[:2]] == ["-1", "0"]
    assert settled[3]["code"] == "The others stop their plan."
    assert [row["rule"] for row in settled] == ["R5", "R5", "R1", "R5 R7"]
    assert {row["reason"] for row in settled} == {*REASONS}
    build(home)
    assert stance(home) == "-1"


def test_the_page_says_how_to_settle_until_that_is_understood(home: Path, browser: Any) -> None:
    with settling(home, browser) as page:
        introduction = page.locator("#introduction")
        expect(introduction).to_contain_text("each decision needs a rule of the codebook and a rea")
        for words in ("agreed codes to look through", "press Y", "/ searches", "“Hand in” takes"):
            expect(introduction).to_contain_text(words)
        introduction.get_by_role("button").click()
        expect(introduction).to_be_hidden()
        expect(page.locator(":focus")).to_have_attribute("data-thing", "us-sites")
        expect(page.locator("#saving")).to_have_text("All saved")
        page.reload()
        expect(page.locator("#progress")).to_contain_text("disagreements")
        expect(introduction).to_be_hidden()
        page.keyboard.press("?")
        expect(page.locator("#keys .content > p").first).to_contain_text("agreed codes to look")


def test_enter_in_an_empty_box_says_what_is_not_there_yet(home: Path, browser: Any) -> None:
    with settling(home, browser) as page:
        page.keyboard.press("s")
        expect(page.locator("#say")).to_have_text(re.compile("Now the rule.$"))
        page.keyboard.press("Enter")
        at(page, "rule")
        beside = page.locator("[data-field='rule/us-sites'] >> xpath=../..").locator("p.hint")
        expect(beside).to_contain_text("No rule yet: type its number")
        page.keyboard.type("5")
        page.keyboard.press("Enter")
        at(page, "reason")
        expect(field(page, "rule/us-sites")).to_have_value(re.compile("^R5 ?$"))
        page.keyboard.press("Enter")
        at(page, "reason")
        expect(page.locator("#say")).to_contain_text("No reason yet: say in a sentence")
        page.keyboard.press("Escape")  # no trap: the keys of the page come back
        expect(page.locator(":focus")).to_have_attribute("data-thing", "us-sites")


def test_a_wording_is_taken_over_by_a_digit_and_changed(home: Path, browser: Any) -> None:
    with settling(home, browser) as page:
        decide(page, "s", "R5", REASONS[0])
        said = "No wording yet: 1 or 2 takes over a coders’ wording, I writes another."
        expect(page.locator("#say")).to_contain_text(said)
        buttons = page.locator(".wordings button")
        expect(buttons).to_have_count(2)
        wording = str(buttons.nth(1).text_content()).removeprefix("2").strip()
        page.keyboard.press("2")
        at(page, "code")
        expect(field(page, "code/condition")).to_have_value(wording)
        page.keyboard.type(", as they said.")
        page.keyboard.press("Enter")
        at(page, "rule")
        expect(page.locator("#saving")).to_have_text("All saved")
        page.reload()
        expect(field(page, "code/condition")).to_have_value(f"{wording}, as they said.")


def test_rules_that_may_decide_are_offered_and_searched_from_the_box(
    home: Path, browser: Any
) -> None:
    with settling(home, browser) as page:
        decide(page, "s", "R5", REASONS[0])  # the condition has no rules of its own
        page.keyboard.press("t")
        box = page.locator(".decision").nth(1)
        offered = box.locator(".offered button")
        expect(offered.first).to_have_text(re.compile("^R[0-9]+ "))
        button = offered.filter(has_text="An offer with a condition")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        at(page, "rule")
        expect(field(page, "rule/condition")).to_have_value("R5 ")
        page.keyboard.type("noun phr")
        expect(box.locator("p.hint")).to_have_text("One rule with “noun phr”: Enter takes it.")
        page.keyboard.press("Enter")
        expect(field(page, "rule/condition")).to_have_value("R5 R7 ")
        page.keyboard.press("t")
        page.keyboard.type("the")
        expect(box.locator("p.hint")).to_contain_text("rules with “the”: type on, or choose one.")
        assert offered.count() <= 8


def test_a_killed_server_and_a_closed_browser_lose_no_decision(home: Path, browser: Any) -> None:
    command = ("settle", home, "--adjudicator", "eve", "--port", free_port())
    with serving(*command) as server, opened(browser, server.links[EVE]) as page:
        expect(page.locator("#saving")).to_have_text("All saved")
        decide(page, "s", "R5", REASONS[0])
        expect(page.locator("#saving")).to_have_text("All saved")
        server.kill()
        page.keyboard.press("i")
        page.keyboard.type("The others")
        expect(page.locator("#saving")).to_have_text("Not saved yet")
        with serving(*command) as again, opened(browser, again.links[EVE]) as fresh:
            assert again.links == server.links
            expect(page.locator("#saving")).to_have_text("All saved", timeout=20_000)
            fresh.reload()
            expect(fresh.locator("#progress")).to_contain_text("1 of 4 disagreements")
            expect(field(fresh, "code/condition")).to_have_value("The others")
            expect(field(fresh, "reason/us-sites")).to_have_value(REASONS[0])
            expect(field(fresh, "rule/us-sites")).to_have_value("R5")


def test_a_decision_is_undone_and_what_is_no_rule_is_not_taken(home: Path, browser: Any) -> None:
    with settling(home, browser) as page:
        pressed = page.locator("[data-thing=us-sites] [aria-pressed=true]")
        page.keyboard.press("f")
        expect(pressed).to_contain_text("accepts")
        page.keyboard.type("R99")
        page.keyboard.press("Enter")
        expect(page.locator("#things")).to_contain_text("There is no rule “R99”.")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator("#say")).to_contain_text("No rule yet: type its number")
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        expect(pressed).to_have_count(0)
        page.keyboard.press("r")
        expect(pressed).to_have_count(1)


def test_what_was_flagged_stands_beside_a_statement_and_in_a_list_without_names(
    home: Path, browser: Any
) -> None:
    with settling(home, browser) as page:
        expect(page.locator("#remarks")).to_contain_text("Flagged")
        page.keyboard.press("v")
        expect(page.locator("#flagged")).to_contain_text("Is it an offer?")
        for coder in (FIRST, SECOND):
            assert coder not in page.content()


def test_agreed_codes_are_looked_through_one_by_one_or_all_at_once(
    home: Path, browser: Any
) -> None:
    with settling(home, browser) as page:
        page.keyboard.press("y")
        expect(page.locator("#progress")).to_contain_text("agreed codes of 3 statements")
        page.keyboard.press("c")
        page.keyboard.type("All of them took it for an offer.")
        page.keyboard.press("Enter")
        page.locator("#close").click()
        page.locator("#see-agreed").click()
        expect(page.locator("#statement-title")).to_contain_text("S003")
        page.locator("#close").click()
        page.locator("#all-agreed").check()
        page.locator("#close-now").click()
        expect(page.locator("main")).to_contain_text("agreed codes of 4 statements")
        expect(page.locator("main")).to_contain_text("4 left to settle")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#progress")).to_contain_text("0 of 4 disagreements")
    reviewed = read_reviewed(Project(home))
    assert {unit for _, unit in reviewed} == {"S001", "S002", "S003", "S004"}
    assert reviewed["round-2", "S001"]["remark"] == "All of them took it for an offer."


def test_a_coder_reads_where_and_why_overruled(home: Path, browser: Any) -> None:
    seat = ("code", FIRST)
    with (
        serving("code", home, "--coder", FIRST) as server,
        opened(browser, server.links[seat]) as page,
    ):
        expect(page.locator("#rounds")).to_contain_text("When all of the round is settled")
        settle_all(home)
        page.reload()
        expect(page.locator("#rounds")).to_contain_text("Of your 24 codes, 2 were settled")
        card = page.locator("article").filter(has_text="US missile-defence sites")
        expect(card).to_contain_text("−2 rejects them")
        expect(card).to_contain_text("−1 objects")
        expect(card).to_contain_text("An offer with a condition")
        assert_accessible(page)


def assert_accessible(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    found = axe.Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_everybody_can_use_the_page(
    home: Path, browser: Any, size: dict[str, int], scheme: str
) -> None:
    with settling(home, browser, viewport=size, color_scheme=scheme) as page:
        assert_accessible(page)
        page.keyboard.press("s")
        page.keyboard.type("of")
        expect(page.locator(".offered button").first).to_be_visible()
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wide, "the page is wider than its window"
        page.keyboard.press("Escape")
        for key, dialog in (("v", "#flagged"), ("o", "#overview"), ("/", "#search")):
            page.keyboard.press(key)
            expect(page.locator(dialog)).to_be_visible()
            assert_accessible(page)
            page.keyboard.press("Escape")
        page.locator("#close").click()
        assert_accessible(page)
