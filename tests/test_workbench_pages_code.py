"""The coder's page in a real browser, with the real server: from the training to the release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from coder_pages import LastingServer, faults_of, key_of, kill_browser
from coding_helpers import DEFAULTS, add_coders
from workbench_server import CHROMIUM

import stancepack as sp
from stancepack.files.tables import read_rows, write_rows
from stancepack.project.adjudication import take, worksheet
from stancepack.project.project import Project
from stancepack.project.sheets import seal_codes
from stancepack.release.build import build
from stancepack.workbench import pages
from stancepack.workbench.journal import FILE, Journal

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
expect = playwright.expect
ROUND = "round-2"  # the tiny project has settled its first one
ANSWERS = {
    "T1": {**DEFAULTS, "us-sites": "-2"},
    "T2": {**DEFAULTS, "attribution": "verbatim", "speech_act": "offer", "joint-defence": "2"},
}
SECRET = "quux"  # in every word of the key
BECAUSE = {"T1": f"The {SECRET} is given up (R5).", "T2": f"A {SECRET} is offered (R3)."}
NEW = ("new", "newer")  # to the training
TRAINED = ("cleo", "dora", "fay", "gus", "hal", "ida", "jon", "kim", "lea", "max")
SCREENS = {
    f"r{width}-{scheme}": (width, scheme) for width in (1400, 390) for scheme in ("light", "dark")
}
TIMEOUT = 10_000  # milliseconds
Open = Callable[..., Any]


def add_training(home: Path) -> None:
    items = {
        item: {"passage": f"Words of {item}.", "answers": answers, "because": BECAUSE[item]}
        for item, answers in ANSWERS.items()
    }
    training = {"version": "1.0.0", "items": items}
    path = home / "coding" / "training.yaml"
    path.write_text(yaml.safe_dump(training), encoding="utf-8")


def answers(project: Project, item: str) -> dict[str, str]:
    blank = dict.fromkeys(project.codebook.issues, "NA")
    return blank | ANSWERS[item]


def pass_training(home: Path, coder: str) -> None:
    project = Project.open(home)
    rows = [
        {"statement_id": item, "variable": name, "code": code, "confidence": "3", "note": ""}
        for item in ANSWERS
        for name, code in answers(project, item).items()
    ]
    seal_codes(project, coder, "training", rows)


@pytest.fixture(scope="module")
def study(tiny_original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tiny project with a training, and with coders who are new to it."""
    home = tmp_path_factory.mktemp("study") / "tiny"
    shutil.copytree(tiny_original, home)
    add_coders(home, *NEW, *TRAINED, *SCREENS)
    add_training(home)
    for coder in (*TRAINED, *SCREENS):
        pass_training(home, coder)
    with pytest.MonkeyPatch.context() as patch:  # it has its own text
        patch.delenv("STANCEPACK_TEXTS", raising=False)
        yield home


@pytest.fixture(scope="module")
def links(study: Path) -> Iterator[dict[str, str]]:
    """The links of all coders at one workbench; each test has a coder of its own."""
    server = LastingServer(*command(study, *NEW, *TRAINED, *SCREENS))
    yield server.links
    server.kill()


def command(home: Path, *coders: str) -> list[object]:
    named = [word for coder in coders for word in ("--coder", coder)]
    return ["code", home, "--round", ROUND, *named]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(driver: Any) -> Iterator[Any]:
    opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
    yield opened
    opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Open]:
    """Open a link in a browser of its own; nothing is asked of anybody else, no script fails."""
    asked: list[str] = []
    failed: list[str] = []
    contexts = []

    def opened(link: str, context: Any = None, **more: Any) -> Any:
        if context is None:
            # colours on their way from one to another have no contrast yet
            usual = {"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce"}
            context = browser.new_context(**(usual | more))
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(link)
        page.locator(".thing.current").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not failed
    assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in asked)


def shown(page: Any) -> str:
    """Return the id of the statement that shows."""
    return str(page.locator("#statement-title").inner_text()).split(" · ")[1]


def code_all(page: Any, codes: dict[str, str], sure: str = "d") -> None:
    """Code the rows of the statement that shows, from the first to the last, and how sure."""
    for name, scale in codebook_of(page).items():
        expect(page.locator(".thing.current")).to_have_attribute("data-thing", name)
        page.keyboard.press(key_of(scale, codes[name]))
    page.keyboard.press(sure)
    if "yes" in codes.values():
        page.keyboard.press("Enter")
        expect(page.locator("#note")).to_be_focused()
        page.keyboard.type("what the others do")
        page.keyboard.press("Escape")


def codebook_of(page: Any) -> dict[str, list[str]]:
    things = page.evaluate("fetch('state').then((answer) => answer.json())")["codebook"]["things"]
    return {thing["name"]: [code["code"] for code in thing["codes"]] for thing in things}


def go_on(page: Any) -> None:
    before = page.locator("#statement-title").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#statement-title")).not_to_have_text(before)


def written(home: Path, coder: str, task: str = ROUND) -> dict[tuple[str, str], str]:
    with Journal(home / FILE) as journal:
        newest = journal.newest(task, coder)
    return {(entry.unit, entry.field): entry.value for entry in newest}


def leave(page: Any, dialog: str) -> None:
    page.keyboard.press("Escape")
    expect(page.locator(f"#{dialog}")).to_be_hidden()


def close(page: Any) -> None:
    expect(page.locator("#closing")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#close-now")).to_be_focused()
    page.keyboard.press("Enter")


def hand_in_both(page: Any, wrong: dict[str, str]) -> str:
    """Do the training by keyboard, and return what was said of the first item."""
    said = []
    for _ in ANSWERS:
        item = shown(page)
        right = page.answers[item]
        code_all(page, right | wrong)
        page.keyboard.press("Enter")
        expect(page.locator("#feedback p").first).to_contain_text("the key has", ignore_case=True)
        said.append(page.locator("#feedback").inner_text())
        page.keyboard.press("Enter")
        expect(page.locator("#statement")).to_have_attribute("aria-busy", "false")
    close(page)
    return "\n".join(said)


def test_the_training_tells_rule_by_rule_and_opens_the_round(
    study: Path, links: dict[str, str], visit: Open
) -> None:
    home = study
    page = visit(links["new"])
    page.answers = {item: answers(Project.open(home), item) for item in ANSWERS}
    expect(page.locator("#introduction")).to_be_visible()
    page.get_by_role("button", name="Understood").click()
    expect(page.locator("#introduction")).to_be_hidden()
    known = page.evaluate("fetch('state').then((answer) => answer.text())")
    assert SECRET not in known
    assert set(json.loads(known)["training"]) == {"n_failed", "feedback"}
    # everything on us-sites and on the act of speech is answered otherwise
    said = hand_in_both(page, {"us-sites": "2", "speech_act": "warn"})
    assert "The key has 2 otherwise" in said
    assert "R5" in said
    assert "R3" in said
    assert SECRET not in said
    expect(page.locator(".notice")).to_contain_text("training not passed")
    record = Project.open(home).training_round
    assert record is not None
    assert record.failed == {"new": 1}
    assert "new" not in record.sheets
    # a fresh try: blank, and what was explained is not explained again
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#progress")).to_have_text("0 of 2 coded, 2 left")
    expect(page.locator("#title")).to_have_text("Training, try 2")
    expect(page.locator("#introduction")).to_be_hidden()
    assert page.locator("[aria-pressed=true]").count() == 0
    said = hand_in_both(page, {})
    assert said.count("As the key has it") == 2
    expect(page.locator(".notice")).to_contain_text("Training passed")
    record = Project.open(home).training_round
    assert record is not None
    assert record.failed == {"new": 1}
    assert record.sheets["new"]["cells"] == 1
    page.get_by_role("button", name="Go on to the round").click()
    expect(page.locator("#title")).to_contain_text(ROUND)


def test_what_is_handed_in_stands(study: Path, links: dict[str, str], visit: Open) -> None:
    home = study
    page = visit(links["newer"])
    first = shown(page)
    code_all(page, answers(Project.open(home), first) | {"addressee": "US"})
    page.keyboard.press("Enter")
    expect(page.locator("#feedback")).to_contain_text("The key has 1 otherwise")
    expect(page.locator(".thing.wrong")).to_have_attribute("data-thing", "addressee")
    before = written(home, "newer", "training 1")
    for key in ("ArrowUp", "a", "s", "x", "Backspace", "u", "Control+z", "r"):
        page.keyboard.press(key)
    page.locator(".code").first.click(force=True)
    page.keyboard.press("c")
    page.keyboard.type("This is new to me.")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator("#saving")).to_have_text("All saved")
    after = written(home, "newer", "training 1")
    said = {(first, "comment"): "This is new to me.", (first, "flag"): "yes"}
    assert {field: value for field, value in after.items() if before.get(field) != value} == said
    page.reload()
    page.locator(".thing.current").wait_for()
    page.keyboard.press("b")
    expect(page.locator("#feedback")).to_contain_text("The key has 1 otherwise")


CODES = {  # otherwise than in the first round
    "attribution": "verbatim",
    "speech_act": "offer",
    "conditional": "yes",
    "addressee": "several",
    "joint-defence": "-1",
    "us-sites": "2",
}


def test_a_whole_round_by_keyboard_through_kills_to_the_release(
    study: Path, driver: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home = Path(shutil.copytree(study, tmp_path / "tiny"))
    server = LastingServer(*command(home, "cleo"))
    request.addfinalizer(server.kill)
    before = sp.load(home)["stances"].set_index(["statement_id", "issue_id"])["position"]
    profile = tmp_path / "profile"

    def opened(link: str) -> tuple[Any, Any]:
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=str(CHROMIUM), args=["--no-sandbox"]
        )
        page = context.new_page()
        page.goto(link)
        page.locator(".thing.current").wait_for()
        return context, page

    context, page = opened(server.links["cleo"])
    assert page.url.endswith("/code/cleo/")  # the secret is not in the address
    # the reader's own copy of the text is at hand: what stands around is shown
    assert page.locator("#words .around").count() > 0
    code_all(page, CODES)
    go_on(page)
    # the server is killed: what is written stays, and the next statement does not show
    code_all(page, CODES)
    expect(page.locator("#saving")).to_have_text("All saved")
    second = shown(page)
    server.kill()
    page.keyboard.press("c")
    page.keyboard.type("Written while nobody listens.")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("Not saved yet, but kept in this browser")
    expect(page.locator("#trouble")).to_contain_text("tell whoever sent the link")
    page.keyboard.press("Enter")
    expect(page.locator("#statement")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("a")
    assert shown(page) == second
    # and the browser too, at once
    kill_browser(context, profile)
    server.start()
    context, page = opened(server.links["cleo"])
    expect(page.locator("#saving")).to_have_text("All saved")
    saved = written(home, "cleo")
    assert saved[second, "comment"] == "Written while nobody listens."
    assert saved[second, "code/attribution"] == "verbatim"
    expect(page.locator("#progress")).to_contain_text("2 of 4 coded")
    # the server alone is killed, and comes back under the page
    code_all(page, CODES)
    expect(page.locator("#saving")).to_have_text("All saved")
    server.kill()
    for _ in range(2):  # a flag and none: something to save, however quick the machine is
        page.keyboard.press("v")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_be_visible()
    server.start()
    expect(page.locator("#progress")).to_contain_text("3 of 4 coded")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#statement")).to_have_attribute("aria-busy", "false", timeout=15000)
    code_all(page, CODES)
    page.keyboard.press("Enter")
    close(page)
    expect(page.locator(".notice")).to_contain_text("Sealed 24 codes of 4 units by cleo")
    context.close()
    rows = Project.open(home).rounds[ROUND].rows("cleo")
    assert {row["variable"]: row["code"] for row in rows} == CODES
    assert {row["note"] for row in rows if row["code"] == "yes"} == {"what the others do"}
    release(home)
    after = sp.load(home)["stances"].set_index(["statement_id", "issue_id"])["position"]
    assert before["S001", "joint-defence"] == 1
    assert after["S001", "joint-defence"] == -1


def release(home: Path) -> None:
    """Have the other coder code the round, settle what differs, and build."""
    project = Project.open(home)
    others = CODES | {"us-sites": "1"}
    rows = [
        {"statement_id": unit, "variable": name, "code": code, "confidence": "2", "note": ""}
        | ({"note": "what the others do"} if code == "yes" else {})
        for unit in project.rounds[ROUND].units
        for name, code in others.items()
    ]
    seal_codes(project, "dora", ROUND, rows)
    path = home / "build" / "open.csv"
    worksheet(Project.open(home), path)
    cells = read_rows(path, [])
    for cell in cells:
        condition = "The others stop their plan."
        code = condition if cell["variable"] == "condition" else "1"
        cell.update(code=code, rule="R5", reason="The words say so.")
    write_rows(path, list(cells[0]), cells)
    take(Project.open(home), path, "eve")
    build(home)


def test_two_windows_do_not_write_over_one_another(
    study: Path, links: dict[str, str], visit: Open
) -> None:
    link = links["fay"]
    here = visit(link)
    there = visit(link)  # as on another machine
    unit = shown(here)
    here.keyboard.press("a")
    expect(here.locator("#saving")).to_have_text("All saved")
    there.keyboard.press("s")
    question = there.get_by_role("alert").filter(has_text="another window wrote first")
    expect(question).to_be_visible()
    assert written(study, "fay")[unit, "code/attribution"] == "verbatim"
    # a window that is closed before somebody chose asks again
    there.reload()
    expect(question).to_be_visible()
    question.get_by_role("button", name="Write “reported speech”").click()
    expect(question).to_have_count(0)
    expect(there.locator("#saving")).to_have_text("All saved")
    assert written(study, "fay")[unit, "code/attribution"] == "indirect"
    # the first window looks again when the keyboard comes back to it
    here.evaluate("window.dispatchEvent(new Event('focus'))")
    pressed = here.locator("[data-thing=attribution] [aria-pressed=true]")
    expect(pressed).to_contain_text("reported speech")
    # nobody is asked how long they worked, or what they skipped
    for page in (here, there):
        page.wait_for_timeout(600)
        page.keyboard.press("w")
        expect(page.locator("#say")).to_have_text("Skipped; it stays in the list.")
        expect(page.locator("#saving")).to_have_text("All saved")
    expect(question).to_have_count(0)
    assert int(written(study, "fay")[unit, "seconds"]) > 0


def test_undo_skip_marks_and_what_is_asked_for(
    study: Path, links: dict[str, str], visit: Open
) -> None:
    page = visit(links["gus"])
    first = shown(page)
    say = page.locator("#say")
    assert page.locator("[aria-pressed=true]").count() == 0
    page.keyboard.press("Enter")
    expect(say).to_contain_text("no code yet")
    for key in ("a", "a", "s", "Backspace"):  # what was coded last is taken back
        page.keyboard.press(key)
    expect(page.locator(".thing.current")).to_have_attribute("data-thing", "conditional")
    page.keyboard.press("m")
    expect(say).to_contain_text("not sure")
    for key in ("x", "v", "."):
        page.keyboard.press(key)
    expect(page.locator("#saving")).to_have_text("All saved")
    saved = written(study, "gus")
    assert saved[first, "code/us-sites"] == saved[first, "code/joint-defence"] == "NA"
    assert saved[first, "flag"] == "yes"
    for _ in range(3):
        page.keyboard.press("u")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    expect(say).to_have_text("Done again in statement 1: Conditional, not sure.")
    expect(page.locator("#saving")).to_have_text("All saved")
    saved = written(study, "gus")
    assert saved[first, "code/us-sites"] == ""
    assert saved[first, "flag"] == ""
    page.keyboard.press("w")
    expect(page.locator("#statement-title")).not_to_contain_text(first)
    page.keyboard.press("u")  # of the statement before: the page goes there, and says what it was
    expect(say).to_have_text("Undone in statement 1: skipped.")
    page.keyboard.press("w")
    expect(page.locator("#statement-title")).not_to_contain_text(first)
    page.keyboard.press("o")
    page.locator("#overview select").select_option("skipped")
    expect(page.locator("#overview tr")).to_have_count(2)
    page.get_by_role("button", name="Open statement 1").press("Enter")
    expect(page.locator("#statement-title")).to_contain_text(first)
    page.keyboard.press("/")
    page.keyboard.type("condition until")
    expect(page.locator("#search-count")).to_contain_text("rule")
    assert page.locator("#search .content").inner_text()
    leave(page, "search")  # with one Escape, though there are words in the box


def test_rules_are_opened_where_they_are_named(links: dict[str, str], visit: Open) -> None:
    page = visit(links["max"])
    opened = page.locator("#search details[open]")
    page.keyboard.press("/")
    page.keyboard.type("R2")
    expect(opened).to_have_count(1)  # the rule of this very name, whatever names it too
    expect(opened.locator("summary")).to_contain_text("R2 Addressed or not")
    expect(opened).to_contain_text("Joint missile defence with Russia not addressed")
    page.locator("#search .to-rule").first.evaluate("(button) => button.click()")
    expect(opened).to_have_count(2)
    leave(page, "search")
    page.keyboard.press("o")
    expect(page.locator("#overview")).to_contain_text("The first minister")
    expect(page.locator("#overview")).to_contain_text("2007")
    leave(page, "overview")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("mark another")


DATES = {
    "2010-10-16/2010-10-23": "between 16 and 23 October 2010",
    "[2010-10-16..2010-11-02]": "between 16 October and 2 November 2010",
    "[2010-12-30..2011-01-02]": "between 30 December 2010 and 2 January 2011",
    "2011-12-06~": "about 6 December 2011",
    "2001/2003": "2001–2003",
    "2006?/2009-09": "perhaps between 2006 and September 2009",
    "2007-05": "May 2007",
    "in spring": "in spring",
    "": "",
}


def test_a_statement_is_shown_in_words(browser: Any) -> None:
    folder = Path(pages.__file__).parent / "static"
    files = [folder / name for name in ("elements.js", "words.js")]
    script = "\n".join(file.read_text(encoding="utf-8") for file in files).replace("export ", "")
    page = browser.new_page()
    page.set_content("<dl id='facts'></dl><div id='words'></div>")
    page.evaluate(f"{script}\nObject.assign(window, {{ dateInWords, showWords }})")
    assert {date: page.evaluate("dateInWords", date) for date in DATES} == DATES
    quote = "We will build | it together"
    unit = {"date": "2001/2003", "quote": quote, "passage": quote, "proposition": "They build it."}
    page.evaluate("showWords", unit)
    expect(page.locator("#words q")).to_have_text("We will build […] it together")
    expect(page.get_by_title("passages apart in the source")).to_have_count(1)
    expect(page.get_by_title("2001/2003")).to_have_text("2001–2003")
    page.close()


def test_a_letter_falls_on_no_row_that_has_a_code(
    study: Path, links: dict[str, str], visit: Open
) -> None:
    page = visit(links["max"])
    unit = shown(page)
    say = page.locator("#say")
    marked = page.locator(".thing.current")
    note = page.locator("#note")
    for key in ("x", "a", "m", ",", "a"):
        page.keyboard.press(key)
    # what is said right after a code is said of that code
    expect(page.locator("[data-thing=attribution] .sign")).to_have_text("?")
    # a conditional code asks for its note at the end, and takes no key until then
    expect(marked).to_have_attribute("data-thing", "conditional")
    page.keyboard.press("a")
    expect(page.locator("[data-thing=conditional] .needs")).to_have_text("note missing")
    page.keyboard.press("s")
    expect(marked).to_have_attribute("data-thing", "confidence")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(note).to_be_focused()
    expect(say).to_have_text("On what does it depend? Write it; Enter goes on.")
    page.keyboard.type("The others stop.")
    page.keyboard.press("Escape")
    expect(page.locator("[data-thing=conditional] .sign")).to_have_text("✎")
    page.keyboard.press("t")
    expect(say).to_contain_text("↑")
    # a code that is changed leads to no other code
    for key in ("ArrowUp", "s"):
        page.keyboard.press(key)
    expect(marked).to_have_attribute("data-thing", "confidence")
    for key in ("t", "n", "o"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(say).to_have_text("")
    page.keyboard.press("2")
    expect(say).to_contain_text("How sure")
    page.keyboard.press("u")
    expect(say).to_have_text("Undone in statement 1: How sure.")
    expect(page.locator("#saving")).to_have_text("All saved")
    saved = written(study, "max")
    assert saved[unit, "code/joint-defence"] == "NA"
    assert saved[unit, "note/us-sites"] == "no"
    assert saved[unit, "confidence"] == saved[unit, "confidence/attribution"] == "1"
    assert saved[unit, "note/conditional"] == "The others stop."
    page.keyboard.press("Enter")
    expect(page.locator("#statement-title")).not_to_contain_text(unit)


def test_keys_are_bound_printed_and_switched_off(links: dict[str, str], visit: Open) -> None:
    page = visit(links["hal"])
    page.keyboard.press("?")
    page.get_by_label("Key for second code of the row").press("a")
    row = page.locator("#keys tr").filter(has_text="second code of the row")
    expect(row).to_contain_text("A is the key for “first code of the row”.")
    page.get_by_label("Key for second code of the row").press(";")
    leave(page, "keys")
    expect(page.locator(".thing.current .code").nth(1)).to_contain_text(";")
    page.keyboard.press(";")
    expect(page.locator("#saving")).to_have_text("All saved")
    page.reload()  # a key is the coder's, here and on every machine
    pressed = page.locator("[data-thing=attribution] [aria-pressed=true]")
    expect(pressed).to_contain_text("reported speech")
    expect(page.locator(".thing.current kbd").nth(1)).to_have_text(";")
    # on a keyboard with other letters the place of a key counts
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ф', code: 'KeyA'}))")
    expect(page.locator("[data-thing=speech_act] [aria-pressed=true]")).to_have_count(1)
    page.emulate_media(media="print")
    page.keyboard.press("?")
    expect(page.get_by_label("Key for undo")).to_be_visible()
    expect(page.locator("#keys dl")).to_contain_text("rejects them")
    expect(page.locator("#statement")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_label("Letters and signs do nothing").check()
    leave(page, "keys")
    expect(page.locator(".thing.current")).to_be_focused()
    before = page.locator(".thing.current").get_attribute("data-thing")
    page.keyboard.press("a")
    expect(page.locator(".thing.current")).to_have_attribute("data-thing", str(before))
    page.keyboard.press("ArrowDown")
    expect(page.locator(".thing.current")).not_to_have_attribute("data-thing", str(before))
    assert page.locator(".code kbd").count() == 0


def test_every_code_can_be_had_with_tab_and_enter_alone(links: dict[str, str], visit: Open) -> None:
    page = visit(links["ida"])
    page.get_by_role("button", name="Understood").click()
    expect(page.locator("#statement")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-thing=attribution] [aria-pressed=true]")).to_have_count(1)
    expect(page.locator("[data-thing=speech_act]")).to_be_focused()


def test_a_mouse_gives_the_keys_back(links: dict[str, str], visit: Open) -> None:
    page = visit(links["lea"])
    page.get_by_role("button", name="Flag for the codebook").click()
    flag = page.locator("#marks button")
    expect(flag).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#say")).to_contain_text("no code yet")
    expect(flag).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Not sure").click()
    page.keyboard.press("a")
    expect(page.locator("[data-thing=attribution] [aria-pressed=true]")).to_have_count(1)


def test_a_word_when_the_keyboard_is_elsewhere(links: dict[str, str], visit: Open) -> None:
    page = visit(links["jon"])
    lost = page.locator("#keyboard-lost")
    expect(lost).to_be_hidden()
    page.evaluate("document.hasFocus = () => false; window.dispatchEvent(new Event('blur'))")
    expect(lost).to_be_visible()
    page.evaluate("document.hasFocus = () => true; window.dispatchEvent(new Event('focus'))")
    expect(lost).to_be_hidden()


def test_options_never_move_under_the_pointer(links: dict[str, str], visit: Open) -> None:
    page = visit(links["kim"])
    page.get_by_role("button", name="Understood").click()
    boxes = "[...document.querySelectorAll('.code')].map((b) => JSON.stringify(b.getBoundingClientRect()))"
    before = page.evaluate(boxes)
    for key in ("s", "m", "g", "s", "m", "v", "x", ".", "ArrowUp", "u"):
        page.keyboard.press(key)
        assert page.evaluate(boxes) == before, key


@pytest.mark.parametrize("coder", SCREENS)
def test_everybody_can_read_it(links: dict[str, str], visit: Open, coder: str) -> None:
    width, scheme = SCREENS[coder]
    page = visit(links[coder], viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert faults_of(page) == []
    page.get_by_role("button", name="Understood").click()
    if width == 1400:  # all that is coded is in sight, with comment and flag
        assert page.locator("header").bounding_box()["height"] < 60
        expect(page.get_by_role("button", name="Flag for the codebook")).to_be_in_viewport(ratio=1)
        expect(page.locator("#comment")).to_be_in_viewport(ratio=1)
    for key in ("a", "a", "m", "x"):
        page.keyboard.press(key)
    expect(page.locator(".thing.current")).to_be_in_viewport()
    if width == 390:  # scale and rules are a sheet over the codes
        guide = page.locator("#guide")
        expect(guide).to_be_hidden()
        page.locator("#open-guide").click()
        expect(guide).to_be_in_viewport()
        expect(page.locator("#scale dt").first).to_be_visible()
        expect(page.get_by_role("button", name="Next")).to_be_in_viewport()
    assert faults_of(page) == []
    for key, name in (("?", "keys"), ("/", "search"), ("o", "overview")):
        page.keyboard.press(key)
        expect(page.locator(f"#{name}")).to_be_visible()
        assert faults_of(page) == [], name
        leave(page, name)
    boxes = "[...document.querySelectorAll('html, main, #statement, #codes')]"
    assert page.evaluate(f"{boxes}.every((box) => box.scrollWidth <= box.clientWidth)")
