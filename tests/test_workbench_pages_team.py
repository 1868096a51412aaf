"""The lead's page in a real browser, beside the coders of a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from database_servers import postgresql_server
from workbench_rooms import ANN, CODES, OTHER, ROUND, coded_study, sealed_codes
from workbench_server import Server, chromium, serving

from stancepack.project.project import Project
from stancepack.project.sheets import join, seal_codes
from stancepack.workbench.journal import FILE, Entry, Journal

LEAD = "chris"
NASTY = "<img src=x onerror=alert(1)> & more"
WIDTHS = (1400, 390)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded_study(tmp_path_factory.mktemp("pages") / "study", 30)


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    people = ("--coder", ANN, "--coder", OTHER, "--lead", LEAD)
    with serving("code", home, *people, "--round", ROUND) as started:
        yield started


def opened(browser: Any, link: str, width: int = 1400, scheme: str = "light") -> Any:
    """Open a link on a page of its own, which fails on whatever the browser complains of."""
    from playwright.sync_api import expect

    size = {"width": width, "height": 900}
    page = browser.new_context(color_scheme=scheme, viewport=size).new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda said: page.complaints.append(said.text))
    page.goto(link)
    expect(page.locator("#say")).to_contain_text("As of")
    return page


def close_round(home: Path) -> None:
    remark = {"statement_id": "S003", "variable": "", "kind": "comment", "value": NASTY}
    for number, coder in enumerate((ANN, OTHER)):
        if ROUND in Project(home).rounds and coder in Project(home).rounds[ROUND].sheets:
            continue
        join(Project(home), coder, ROUND)
        codes = sealed_codes(
            home, ROUND, lambda _, unit, n=number: CODES[(unit + n * (unit % 5 == 0)) % 3]
        )
        seal_codes(Project(home), coder, ROUND, codes, [remark])


def test_the_lead_sees_progress_then_agreement_once_all_have_closed(
    browser: Any, server: Server, home: Path
) -> None:
    from playwright.sync_api import expect

    page = opened(browser, server.links["lead", LEAD])
    expect(page.locator("#agreement")).to_be_empty()
    expect(page.locator("#open-round")).to_contain_text(f"Still open: {ANN}, {OTHER}")
    join(Project(home), ANN, ROUND)
    with Journal(home / FILE) as journal:
        entries = [
            Entry(f"S{n:03d}", f"code/{v}", 1, "neutral", f"{n}{v}")
            for n in range(12)
            for v in ("parks", "courts")
        ]
        journal.write(ROUND, ANN, [*entries, Entry("S001", "flag", 1, "yes", "f")])
    page.click("#look-again")
    expect(page.locator("#coders")).to_contain_text("12 of 30")
    close_round(home)
    page.click("#look-again")
    expect(page.locator("#closed-round")).to_be_visible()
    expect(page.locator("#agreement tbody tr")).to_have_count(4)
    expect(page.locator("#by-order tbody tr")).to_have_count(10)
    expect(page.locator("#remarks")).to_contain_text(NASTY)
    assert page.locator("#remarks img").count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_lead_s_page_is_for_everybody(
    browser: Any, server: Server, home: Path, width: int, scheme: str
) -> None:
    close_round(home)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe").Axe()
    page = opened(browser, server.links["lead", LEAD], width, scheme)
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_link_from_a_message_elsewhere_opens_the_page(browser: Any, server: Server) -> None:
    """Its cookie is not brought along from there; the page asks once more by itself."""
    from playwright.sync_api import expect

    page = browser.new_context().new_page()
    link = server.links["lead", LEAD]
    page.route(
        "http://mail.example/",
        lambda route: route.fulfill(body=f'<a href="{link}">here</a>', content_type="text/html"),
    )
    page.goto("http://mail.example/")
    page.click("a")
    expect(page.locator("#say")).to_contain_text("As of")
    secret = link.rpartition("/")[2]
    assert secret not in page.url
    assert secret not in page.content()
    assert page.evaluate("document.referrer") == ""
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("history.length") <= 3


def test_a_coder_gets_nothing_of_the_lead_s_page(browser: Any, server: Server) -> None:
    page = browser.new_context().new_page()
    page.goto(server.links["code", ANN])
    base = server.links["lead", LEAD].partition("/enter/")[0]
    answer = page.goto(f"{base}/lead/{LEAD}/state")
    assert answer.status == 403


def test_a_database_that_goes_away_is_not_saved_yet_on_the_page_and_then_saved(
    browser: Any, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    study = coded_study(tmp_path / "study")
    with postgresql_server() as database:
        address = database.new_database()
        options = ("--coder", ANN, "--round", ROUND, "--database", address)
        with serving("code", study, *options) as server:
            page = browser.new_context().new_page()
            page.goto(server.links["code", ANN])
            saving = page.locator("#saving")
            page.locator(".thing .code").first.click()
            expect(saving).to_have_attribute("data-state", "saved")
            database.stop()
            page.locator(".thing").nth(1).locator(".code").first.click()
            expect(saving).to_contain_text("Not saved yet", timeout=20_000)
            expect(page.locator("#trouble")).to_contain_text("the database does not answer")
            database.start()
            expect(saving).to_have_attribute("data-state", "saved", timeout=20_000)
            said = server.stop()
        assert "Traceback" not in said
        with Journal(address) as journal:
            coded = [
                entry for entry in journal.newest(ROUND, ANN) if entry.field.startswith("code/")
            ]
            assert len(coded) == 2
