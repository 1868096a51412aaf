"""Unitising in a real browser, with the real server: marked by keyboard, killed, closed, merged."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from unitising_helpers import AGAINST, BRIDGE, TEXT, TUNNEL, unitising_project

import stancepack as sp
from stancepack.project.checks import problems
from stancepack.project.merging import Merge
from stancepack.project.unitising import read_unitising

playwright = pytest.importorskip("playwright.sync_api", reason="the browser is driven by it")
expect = playwright.expect
CHROMIUM = Path("/usr/bin/chromium")
if not CHROMIUM.is_file():
    pytest.skip("there is no /usr/bin/chromium here", allow_module_level=True)

SCREENSHOTS = os.environ.get("STANCEPACK_SCREENSHOTS", "")  # a folder, to look at the pages
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


class Server:
    """The workbench as its user starts it."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home, self.options = home, options
        with socket.create_server(("127.0.0.1", 0)) as unused:  # no workbench nearby takes it
            self.port = str(unused.getsockname()[1])
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "stancepack", "unitise", str(self.home), *self.options]
        command += ["--no-browser", "--port", self.port]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if link := re.search(r"https?://\S+/enter/\S+", line):
                self.link = link[0]
                break
        else:
            raise AssertionError("the workbench did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unitising_project(tmp_path_factory.mktemp("unitising") / "project").home


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[..., Server]]:
    """What starts the workbench; whatever comes of the test, it is stopped."""
    started: list[Server] = []

    def start(*options: str) -> Server:
        started.append(Server(home, *options))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def opened(browser: Any, server: Server, begins: str = "The session") -> Any:
    """Open the link of a server in a browser of its own; nothing on the page may go wrong."""
    page = browser.new_context(viewport=WIDE).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "request", lambda request: page.faults.append(request.url) if is_outside(request) else 0
    )
    page.goto(server.link)
    expect(page.locator("#text")).to_contain_text(begins)
    return page


def is_outside(request: Any) -> bool:
    return not request.url.startswith(("http://127.0.0.1", "data:", "blob:"))


def saved(page: Any) -> None:
    expect(page.locator("#saving")).to_have_text("All saved")
    assert page.faults == []


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def write(page: Any, **boxes: str) -> None:
    """Type into the boxes of a unit, one after the other, and go back to the text."""
    for field, text in boxes.items():
        page.locator(f'[data-field="{field}"]').first.focus()
        page.keyboard.insert_text(text)
    press(page, "Escape")


def picture(page: Any, name: str) -> None:
    if not SCREENSHOTS:
        return
    for scheme in ("light", "dark"):
        for width, size in (("wide", WIDE), ("phone", PHONE)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            page.screenshot(
                path=f"{SCREENSHOTS}/{name}-{width}-{scheme}.png", full_page=width == "phone"
            )
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)


def no_barriers(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe looks").Axe()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour in between
        found = axe.run(page).response["violations"]
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []
    page.emulate_media(color_scheme="light")


def mark_three(page: Any) -> None:
    """Mark three passages by keyboard alone, and say what they say."""
    text = page.locator("#text")
    expect(text).to_be_focused()
    press(page, "ArrowDown", "ArrowDown")  # the sentence of the minister
    press(page, "Enter")
    expect(page.locator('[data-field="speaker"]')).to_be_focused()
    write(page, speaker="The minister", proposition="The minister will build the bridge.")
    press(page, "ArrowDown", "Enter")
    write(page, speaker="Господин Иванов", proposition="Ivanov is against a bridge.")
    press(page, "ArrowDown", "ArrowDown", "Enter")
    write(page, speaker="Ms Ruiz", proposition="Ruiz wants a tunnel if the others pay.")
    saved(page)


def test_a_text_is_unitised_by_keyboard(
    browser: Any, home: Path, serve: Callable[..., Server]
) -> None:
    server = serve("--coder", "ann", "--list", "units-1", "--source", "debate")
    page = opened(browser, server)
    mark_three(page)
    # the words of the first unit that are the minister's own: the start and end go by words
    press(page, "p", "p")
    press(page, "t", *["Shift+ArrowRight"] * 5)
    for _ in range(40):
        if page.locator("#selected").inner_text().endswith("together"):
            break
        press(page, "ArrowLeft")
    press(page, "q")
    expect(page.locator('[data-field="quote"]')).to_have_value(
        "We will build the bridge 🌉 together"
    )
    saved(page)
    expect(page.locator("#progress")).to_have_text("3 units")
    picture(page, "unitise")
    no_barriers(page)
    # a server that dies loses nothing, and what is typed meanwhile waits in the browser
    server.kill()
    write(page, note="U2: said while nobody listened")
    expect(page.locator("#saving")).to_have_text("Not saved yet")
    server.start()
    expect(page.locator("#saving")).to_have_text("All saved", timeout=15_000)
    server.kill()
    server.start()
    page.close()
    page = opened(browser, server)
    expect(page.locator("#list li")).to_have_count(3)
    press(page, "n")
    expect(page.locator('[data-field="note"]')).to_have_value("U2: said while nobody listened")
    # another window of hers does not overwrite it: she is asked
    other = page.context.new_page()
    other.goto(server.link)
    expect(other.locator("#list li")).to_have_count(3)
    press(page, "w")
    page.locator('[data-field="venue"]').fill("In the council")
    saved(page)
    other.evaluate("document.querySelector('#list button').click()")
    other.locator('[data-field="venue"]').fill("Elsewhere")
    expect(other.locator("#notices")).to_contain_text("Unit 1, venue: another window wrote first")
    other.get_by_role("button", name="Keep “In the council” from there").click()
    expect(other.locator('[data-field="venue"]')).to_have_value("In the council")
    other.close()
    # deleted, brought back
    press(page, "Escape", "Delete")
    expect(page.locator("#list li")).to_have_count(2)
    press(page, "u")
    expect(page.locator("#list li")).to_have_count(3)
    saved(page)
    page.locator("#close").click()
    no_barriers(page)
    page.locator("#close-now").click()
    expect(page.locator("pre")).to_contain_text("Sealed 3 units by ann")
    assert page.faults == []
    unitising = read_unitising(sp.Project.open(home), "units-1")
    words = [TEXT[int(row["start"]) : int(row["end"])] for row in unitising.rows("ann")]
    assert words == [BRIDGE, AGAINST, TUNNEL]
    assert [row["speaker"] for row in unitising.rows("ann")] == [
        "minister",
        "Господин Иванов",
        "Ms Ruiz",
    ]


def test_another_marks_with_the_mouse_and_sees_nothing_of_the_first(
    browser: Any, home: Path, serve: Callable[..., Server]
) -> None:
    server = serve("--coder", "bob", "--list", "units-1")
    page = opened(browser, server)
    expect(page.locator("#list li")).to_have_count(0)
    for words, speaker, proposition in (
        ("We will build the bridge 🌉 together", "minister", "The minister will build a bridge."),
        (AGAINST, "Господин Иванов", "Ivanov opposes the bridge."),
        ("opened late 🎉🎉 with music", "The council", "It opened late."),
    ):
        drag(page, words)
        page.locator("#mark").click()
        write(page, speaker=speaker, proposition=proposition)
        saved(page)
    content = page.request.get(page.url + "state").text()
    assert "ann" not in content
    assert "Ruiz wants" not in content
    page.locator("#close").click()
    page.locator("#close-now").click()
    expect(page.locator("pre")).to_contain_text("Sealed 3 units by bob")
    unitising = read_unitising(sp.Project.open(home), "units-1")
    spans = [(int(row["start"]), int(row["end"])) for row in unitising.rows("bob")]
    assert [TEXT[start:end] for start, end in spans] == [
        "opened late 🎉🎉 with music",
        "We will build the bridge 🌉 together",
        AGAINST,
    ]


def drag(page: Any, words: str) -> None:
    """Drag the mouse over words of the text."""
    box = page.evaluate(
        """(words) => {
          const node = document.getElementById("text").firstChild;
          const place = node.data.indexOf(words);
          const at = (offset, side) => {
            const range = document.createRange();
            range.setStart(node, offset);
            range.setEnd(node, offset + 1);
            const rects = Array.from(range.getClientRects()).at(-1);
            return [side === "left" ? rects.left + 1 : rects.right - 1, (rects.top + rects.bottom) / 2];
          };
          return [at(place, "left"), at(place + words.length - 1, "right")];
        }""",
        words,
    )
    page.mouse.move(*box[0])
    page.mouse.down()
    page.mouse.move(*box[1], steps=6)
    page.mouse.up()


# line ends of other systems, marks above letters, joined emoji, writing from right to left
HARD = "Être\r\n\r\nЙод: «да». 👩‍👩‍👧 said e\u0301t\u0301e 🏳️‍🌈!\r\nقال لا 🚫. 𝔘𝔫𝔦𝔱 two\tends\u00a0here.\n"
SELECT = """([start, end]) => {
  const node = document.getElementById("text").firstChild;
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, end);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def test_whatever_is_selected_is_what_is_marked(
    browser: Any, home: Path, serve: Callable[..., Server]
) -> None:
    """Offsets count code points, and no selection cuts a character or has white space around."""
    for source, text in (("hard", HARD), ("short", "Nothing 🙂.\n")):
        (home / "texts" / f"{source}.txt").write_text(text, encoding="utf-8", newline="")
        with (home / "seeds" / "sources.bib").open("a", encoding="utf-8") as file:
            file.write(f"@misc{{{source},\n  title = {{{source}}},\n  date = {{2020}},\n}}\n")
    server = serve("--coder", "cleo", "--list", "hard", "--source", "hard", "--source", "short")
    page = opened(browser, server, "Être")
    # where each code point begins in UTF-16, in which a browser counts
    begins = [0, *accumulate(2 if letter > "\uffff" else 1 for letter in HARD)]
    places = range(0, begins[-1], 7)
    expected = []
    for number, (start, end) in enumerate(zip(places, places[2:], strict=False)):
        page.evaluate(SELECT, [start, end])
        whole = slice(bisect_right(begins, start) - 1, bisect_left(begins, end))
        expected.append(HARD[whole].strip())
        press(page, "Enter")
        expect(page.locator("#list li")).to_have_count(number + 1)
        press(page, "Escape")
    press(page, "o", "ArrowDown", "Enter")  # the other text
    saved(page)
    state = page.request.get(page.url + "state").json()
    marked = [e["value"] for e in state["entries"] if e["field"] == "passage"]
    spans = [re.fullmatch(r"(\d+)-(\d+) (\w+)", value) for value in marked]
    texts = {"hard": HARD, "short": "Nothing 🙂.\n"}
    words = [texts[s[3]][int(s[1]) : int(s[2])] for s in spans if s]
    assert Counter(words) == Counter([*expected, "Nothing 🙂."])


def test_two_lists_are_merged_with_reasons(
    browser: Any, home: Path, serve: Callable[..., Server]
) -> None:
    server = serve("--coder", "adjudicator", "--merge", "units-1")
    assert "3 and 3 units, 2 matched" in server.said[0]
    page = opened(browser, server)
    expect(page.locator("#progress")).to_have_text("0 of 4 decided")
    content = page.request.get(page.url + "state").text()
    assert '"ann"' not in content
    assert '"bob"' not in content
    names = [*Merge(sp.Project.open(home), "units-1", "adjudicator").pairs.values()]
    expect(page.locator("#agreement")).to_contain_text("Dice 0.67 over units")
    page.locator("summary", has_text="for all units").click()
    page.locator('#for-all [data-field="date"]').fill("2020-03")
    press(page, "Escape")
    picture(page, "merge")
    for number, pair in enumerate(names):
        if pair.first and pair.second:
            press(page, "1" if number < 2 else "2")
            write(page, reason="U12: the shorter run of words.")
        else:
            choice = "5" if number == 0 else "4"
            press(page, choice)
            write(page, reason="U2: a deed." if number == 0 else "U5: without the condition.")
        if number == 3:  # another passage for the tunnel, without the condition
            press(page, "t")
            for _ in range(6):
                press(page, "ArrowLeft")
            press(page, "m")
            picture(page, "merge-other")
            no_barriers(page)
        saved(page)
        press(page, "Enter") if number < 3 else None
    expect(page.locator("#progress")).to_have_text("4 of 4 decided")
    press(page, "Enter")
    page.locator("#close-now").click()
    expect(page.locator("pre")).to_contain_text("Added 3 statements")
    assert page.faults == []
    project = sp.Project.open(home)
    assert problems(project) == []
    rows = [*project.units.values()]
    words = [TEXT[int(row["start"]) : int(row["end"])] for row in rows]
    assert words[1:] == [AGAINST, "Ms Ruiz of the coast asked for a tunnel 🚇 instead"]
    assert rows[2]["merge_note"] == "U5: without the condition."
    sp.build(home)
    figures = sp.load(home)["agreement"]
    assert {*figures["coefficient"]} >= {"dice", "jaccard"}
