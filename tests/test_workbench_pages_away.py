"""A round taken along as a file, in a real browser without a network, and brought back."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from small_studies import issue, make_study, units

from stancepack.errors import StancepackError
from stancepack.project.project import Project
from stancepack.workbench import pages
from stancepack.workbench.away import bring_back, take_along
from stancepack.workbench.coding import CodingDesk
from stancepack.workbench.journal import FILE, Entry, Journal
from stancepack.workbench.merging import ArrivingEntry, merge

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
expect = playwright.expect
ONLY_HERE = "{} {} only in this browser, not yet in a file"
HOSTILE = "Says {} </script><script>document.title = 'out'</script> <!-- <b> & \u2028 'so'."
ISSUES = {
    "trust": issue("Trust </script> in the court", ("no", "partly", "yes"), neutral="partly"),
    "tax": issue("Tax on land", ("-1", "0", "1")),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    words = units(4, ["judge", "mayor"], text=HOSTILE)
    return make_study(tmp_path / "study", issues=ISSUES, units=words, coding=None)


@pytest.fixture(scope="module")
def browsers() -> Iterator[Callable[..., Any]]:
    """Open a browser with a profile of its own; what it asks of anybody else is kept."""
    with playwright.sync_playwright() as driver:

        def opened(profile: Path, **more: Any) -> Any:
            context = driver.chromium.launch_persistent_context(
                profile,
                executable_path=str(CHROMIUM),
                args=["--no-sandbox"],
                accept_downloads=True,
                viewport={"width": 1400, "height": 900},
                **more,
            )
            context.asked = []
            context.on("request", lambda request: context.asked.append(request.url))
            return context

        yield opened


def opened(context: Any, path: Path) -> Any:
    page = context.pages[0]
    page.goto(path.as_uri())
    expect(page.locator("#saving")).to_have_text("Kept in this browser")
    return page


def take(home: Path, coder: str, path: Path) -> Path:
    with Journal(home / FILE) as journal:
        take_along(Project.open(home), journal, coder, path)
    return path


def bring(home: Path, *paths: Path) -> str:
    with Journal(home / FILE) as journal:
        return bring_back(Project.open(home), journal, paths)


def saved(page: Any, to: Path) -> Path:
    with page.expect_download() as download:
        page.keyboard.press("Control+s")
    download.value.save_as(to)
    expect(page.locator("#unsaved")).to_have_text("All entries are in a file")
    return to


def code_statement(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#statement")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#statement")).to_have_attribute("aria-busy", "false")


def written(home: Path, coder: str) -> dict[tuple[str, str], str]:
    with Journal(home / FILE) as journal:
        newest = journal.newest("round-1", coder)
        return {(e.unit, e.field): e.value for e in newest if e.field != "seconds"}


def kill(context: Any, profile: Path) -> None:
    """Kill a browser as kill -9 does."""
    option = f"--user-data-dir={profile}"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if option in words and not any(word.startswith("--type=") for word in words):
            os.kill(int(process.name), signal.SIGKILL)
    with suppress(Exception):
        context.close()
    (profile / "SingletonLock").unlink(missing_ok=True)


def done_by_hand(home: Path, coder: str) -> None:
    """Code everything that is still blank, as a coder would at the workbench."""
    with Journal(home / FILE) as journal:
        desk = CodingDesk(Project.open(home), journal, coder, "round-1")
        so_far = desk.written()
        cells = [(unit, f"code/{name}") for unit in desk.units for name in ISSUES]
        blank = [cell for cell in cells if not so_far.get(cell)]
        journal.write("round-1", coder, [Entry(*cell, 1, "NA", f"{cell}") for cell in blank])


def sealed(home: Path, coder: str) -> dict[tuple[str, str], str]:
    with Journal(home / FILE) as journal:
        CodingDesk(Project.open(home), journal, coder, "round-1").close()
    rows = Project.open(home).rounds["round-1"].rows(coder)
    return {(row["statement_id"], row["variable"]): row["code"] for row in rows}


def test_a_round_goes_away_is_coded_by_keyboard_and_comes_back(
    home: Path, tmp_path: Path, browsers: Callable[..., Any]
) -> None:
    taken = take(home, "ann", tmp_path / "ann.html")
    first, second, third, fourth = Project.open(home).rounds["round-1"].order_of("ann")
    # coded in a browser that is killed at once
    context = browsers(tmp_path / "first")
    page = opened(context, taken)
    assert page.title() != "out"
    code_statement(page, "a", "d")
    expect(page.locator("#progress")).to_contain_text("1 of 4 coded")
    page.keyboard.press("s")
    expect(page.locator("#unsaved")).to_have_text(ONLY_HERE.format(3, "entries"))
    kill(context, tmp_path / "first")
    # opened again, the file goes on from there, and is saved anew
    context = browsers(tmp_path / "first")
    page = opened(context, taken)
    expect(page.locator("#progress")).to_contain_text("1 of 4 coded")
    expect(page.locator("#unsaved")).to_have_text(ONLY_HERE.format(3, "entries"))
    page.keyboard.press("a")
    code_statement(page)
    page.keyboard.press("c")
    page.keyboard.type("Is </script> a court?")
    later = saved(page, tmp_path / "later.html")
    assert {url.partition(":")[0] for url in context.asked} <= {"file", "blob"}
    context.close()
    # on another machine, the saved file goes on from the codes in it
    context = browsers(tmp_path / "second")
    page = opened(context, later)
    expect(page.locator("#progress")).to_contain_text("2 of 4 coded")
    expect(page.locator("#unsaved")).to_have_text("All entries are in a file")
    expect(page.locator("#comment")).to_have_value("Is </script> a court?")
    code_statement(page, "d", "a")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    code_statement(page, "n", "s")
    expect(page.locator("#closing")).to_contain_text("Every statement is coded.")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").last.click()
    download.value.save_as(tmp_path / "last.html")
    assert download.value.suggested_filename.startswith("study-round-1-ann-")
    context.close()
    # brought back, whichever copy comes first and however often
    said = bring(home, tmp_path / "last.html", later, taken, tmp_path / "last.html")
    assert "two values" not in said
    assert sealed(home, "ann") == {
        (first, "trust"): "no",
        (first, "tax"): "1",
        (second, "trust"): "partly",
        (second, "tax"): "-1",
        (third, "trust"): "yes",
        (third, "tax"): "-1",
        (fourth, "trust"): "NA",
        (fourth, "tax"): "0",
    }
    remarks = Project.open(home).rounds["round-1"].remarks("ann")
    assert {(r["statement_id"], r["value"]) for r in remarks if r["kind"] == "comment"} == {
        (third, "Is </script> a court?")
    }


def test_two_coders_files_never_mix_and_neither_knows_of_the_other(
    home: Path, tmp_path: Path, browsers: Callable[..., Any]
) -> None:
    context = browsers(tmp_path / "shared")  # even in one browser
    files = {}
    for coder, key in (("ann", "a"), ("bob", "d")):
        page = opened(context, take(home, coder, tmp_path / f"{coder}.html"))
        expect(page.locator("#progress")).to_contain_text("0 of 4 coded")
        page.keyboard.press("c")
        page.keyboard.type(f"by-{coder}-alone")
        page.keyboard.press("Escape")
        code_statement(page, key, key)
        expect(page.locator("#progress")).to_contain_text("1 of 4 coded")
        files[coder] = saved(page, tmp_path / f"{coder}-saved.html")
    context.close()
    bring(home, *files.values())
    for coder, other, code in (("ann", "bob", "no"), ("bob", "ann", "yes")):
        content = files[coder].read_text(encoding="utf-8")
        assert f"by-{coder}-alone" in content
        assert f"by-{other}-alone" not in content
        assert f'"{other}"' not in content
        first = Project.open(home).rounds["round-1"].order_of(coder)[0]
        assert written(home, coder) == {
            (first, "comment"): f"by-{coder}-alone",
            (first, "code/trust"): code,
            (first, "code/tax"): {"no": "-1", "yes": "1"}[code],
        }


def test_what_differs_is_kept_twice_until_the_coder_chooses(
    home: Path, tmp_path: Path, browsers: Callable[..., Any]
) -> None:
    taken = take(home, "ann", tmp_path / "ann.html")
    first = Project.open(home).rounds["round-1"].order_of("ann")[0]
    context = browsers(tmp_path / "one")
    page = opened(context, taken)
    code_statement(page, "a", "s")
    early = saved(page, tmp_path / "early.html")
    # meanwhile, in a copy on another machine
    other = browsers(tmp_path / "two")
    elsewhere = opened(other, taken)
    code_statement(elsewhere, "d", "s")
    late = saved(elsewhere, tmp_path / "late.html")
    other.close()
    said = bring(home, early, late)
    assert f"{first}, code/trust: 'no' here, 'yes' elsewhere" in said
    assert "code/tax" not in said
    done_by_hand(home, "ann")
    with pytest.raises(StancepackError, match="'no' here, 'yes' elsewhere; choose on the page"):
        sealed(home, "ann")
    # asked in a file too: in the browser that knows the first copy, and in one taken along anew
    page = opened(context, late)
    expect(page.locator("#elsewhere")).to_contain_text("Trust </script> in the court: coded diff")
    page = opened(context, take(home, "ann", tmp_path / "again.html"))
    expect(page.locator("#progress")).to_contain_text("3 of 4 coded")
    expect(page.locator("#elsewhere")).to_contain_text("Trust </script> in the court: coded diff")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    assert axe.Axe().run(page).response["violations"] == []
    code_statement(page)
    expect(page.locator("#say")).to_contain_text("choose which one stands")
    page.get_by_role("button", name="yes (elsewhere)").click()
    expect(page.locator("#elsewhere")).to_be_hidden()
    page.keyboard.press("u")
    expect(page.locator("#elsewhere")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#elsewhere")).to_be_hidden()
    chosen = saved(page, tmp_path / "chosen.html")
    context.close()
    assert "two values" not in bring(home, chosen, early, late, taken)
    assert sealed(home, "ann")[first, "trust"] == "yes"


def test_two_windows_of_one_file_write_over_nothing(
    home: Path, tmp_path: Path, browsers: Callable[..., Any]
) -> None:
    taken = take(home, "ann", tmp_path / "ann.html")
    context = browsers(tmp_path / "one")
    page = opened(context, taken)
    other = context.new_page()
    other.goto(taken.as_uri())
    expect(other.locator("#saving")).to_have_text("Kept in this browser")
    page.bring_to_front()
    page.keyboard.press("a")
    expect(page.locator("#unsaved")).to_have_text(ONLY_HERE.format(1, "entry"))
    # the other window hears of it
    expect(other.locator("#unsaved")).to_have_text(ONLY_HERE.format(1, "entry"))
    other.bring_to_front()
    code_statement(other, "d", "d")
    expect(other.locator("#progress")).to_contain_text("1 of 4 coded")
    bring(home, saved(other, tmp_path / "saved.html"))
    assert [*written(home, "ann").values()].count("yes") == 1
    context.close()


def test_there_is_a_word_on_leaving_until_all_is_in_a_file(
    home: Path, tmp_path: Path, browsers: Callable[..., Any]
) -> None:
    context = browsers(tmp_path / "one")
    page = opened(context, take(home, "ann", tmp_path / "ann.html"))
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.keyboard.press("a")
    expect(page.locator("#unsaved")).to_have_text(ONLY_HERE.format(1, "entry"))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    saved(page, tmp_path / "saved.html")
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    context.close()


def test_a_browser_that_keeps_nothing_says_so_and_loses_nothing_that_is_saved(
    home: Path, tmp_path: Path, browsers: Callable[..., Any]
) -> None:
    context = browsers(tmp_path / "one")
    context.add_init_script(
        "delete Window.prototype.indexedDB; Object.defineProperty(window, 'indexedDB', {value: {"
        "open() { throw new Error('no') }}}); Object.defineProperty(window, 'localStorage', {"
        "get() { throw new Error('no') }});"
    )
    page = context.pages[0]
    page.goto(take(home, "ann", tmp_path / "ann.html").as_uri())
    code_statement(page, "a", "d")
    expect(page.locator("#saving")).to_have_text("Not kept by this browser")
    expect(page.locator("#unsaved")).to_contain_text("2 entries only in this window")
    bring(home, saved(page, tmp_path / "saved.html"))
    assert sorted(written(home, "ann").values()) == ["1", "no"]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_the_file_can_be_used_by_everybody(
    home: Path, tmp_path: Path, browsers: Callable[..., Any], width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = browsers(tmp_path / "one", color_scheme=scheme)
    page = opened(context, take(home, "ann", tmp_path / "ann.html"))
    page.set_viewport_size({"width": width, "height": 844})
    page.keyboard.press("a")
    expect(page.locator("#unsaved")).to_have_text(ONLY_HERE.format(1, "entry"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe.Axe().run(page).response["violations"] == []
    if shots := os.environ.get("STANCEPACK_SCREENSHOTS"):
        page.screenshot(path=f"{shots}/away-{width}-{scheme}.png")
    context.close()


def drawn_log(
    chance: random.Random, before: list[dict[str, Any]], name: str
) -> list[dict[str, Any]]:
    """Go on from some entries at random, as a page does."""
    rows = [*before]
    for number in range(chance.randrange(8)):
        unit, field = chance.choice(
            [("S1", "code/tax"), ("S1", "comment"), ("", "keys"), ("S2", "skip")]
        )
        value = chance.choice(["", "1", "2"])
        if chance.random() < 0.2 and unit:
            field, value = f"elsewhere/{field}", chance.choice(["", '["1"]', '["2", "é"]'])
        newest = [row for row in rows if (row["unit"], row["field"]) == (unit, field)]
        last = newest[-1] if newest else {"revision": 0, "entry": ""}
        row = {"unit": unit, "field": field, "revision": last["revision"] + 1, "value": value}
        rows.append({**row, "entry": f"{name}{number}", "after": last["entry"]})
    return rows


def test_a_page_merges_as_the_command_does(tmp_path: Path, browsers: Callable[..., Any]) -> None:
    chance = random.Random(1)
    cases = []
    for _ in range(400):
        before = drawn_log(chance, [], "b")
        cases.append([drawn_log(chance, before, "h"), drawn_log(chance, before, "f")])
    folder = Path(pages.__file__).parent / "static"
    names = ("saving.js", "elsewhere.js", "log.js")
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
    context = browsers(tmp_path / "one")
    page = context.pages[0]
    merged = page.evaluate(
        """async ([script, cases]) => {
          const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
          const { Log } = await import(address);
          return cases.map(([here, found]) => {
            const log = new Log(here);
            log.merge(found);
            return log.rows.slice(here.length);
          });
        }""",
        [f"{script}\nexport {{ Log }};", cases],
    )
    context.close()

    def entry(row: dict[str, Any]) -> Entry:
        return Entry(**{name: value for name, value in row.items() if name != "after"})

    n_beside = 0
    for (here, found), added in zip(cases, merged, strict=True):
        brought = [ArrivingEntry(entry(row), row["after"]) for row in found]
        wanted = merge([entry(row) for row in here], brought).added
        assert [(e.unit, e.field, e.revision, e.value, e.entry) for e in wanted] == [
            (row["unit"], row["field"], row["revision"], row["value"], row["entry"])
            for row in added
        ]
        n_beside += sum(e.field.startswith("elsewhere/") for e in wanted)
    assert n_beside > 100
