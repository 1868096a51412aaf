"""The coder's page in a notebook: without a front end, in a real kernel, and in a real browser."""

from __future__ import annotations

import builtins
import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_studies import issue, make_study, units

import stancepack as sp
from stancepack.errors import StancepackError
from stancepack.project.project import Project
from stancepack.workbench.journal import FILE, Entry, Journal

pytest.importorskip("anywidget", reason="needs anywidget")
ISSUES = {
    "trust": issue("Trust in the court", ("no", "partly", "yes"), neutral="partly"),
    "tax": issue("Tax on land", ("-1", "0", "1")),
}
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    words = units(3, ["judge"], text="Says {} </script><b>.")
    return make_study(tmp_path / "study", issues=ISSUES, units=words, coding=None)


def asked(page: Any, what: Any, content: Any = None) -> dict[str, Any]:
    """Send what a page in a notebook sends, and return what it is told."""
    told: list[Any] = []
    page.comm.publish_msg = lambda kind, **sent: told.append(sent["data"].get("content"))
    message = {"id": uuid.uuid4().hex, "what": what, "content": content}
    data = {"method": "custom", "content": message}
    page.comm.handle_msg({"content": {"data": data}, "buffers": []})
    assert [answer.pop("id") for answer in told] == [message["id"]]
    return dict(told[0])


def entry(unit: str, field: str, value: str, revision: int = 1) -> dict[str, Any]:
    name = f"{unit}/{field}/{revision}"
    return {"unit": unit, "field": field, "revision": revision, "value": value, "entry": name}


def newest(home: Path, coder: str) -> dict[tuple[str, str], str]:
    with Journal(home / FILE) as journal:
        return {(e.unit, e.field): e.value for e in journal.newest("round-1", coder)}


def test_a_round_is_coded_and_sealed_by_messages(home: Path) -> None:
    page = sp.code(home, "ann")
    state = asked(page, "state")["answer"]
    assert (state["person"], state["task"], state["entries"]) == ("ann", "round-1", [])
    assert "bob" not in json.dumps(state)
    written = asked(page, "entries", {"entries": [entry("S000", "code/tax", "1")]})
    assert written["answer"]["conflicts"] == []
    assert newest(home, "ann") == {("S000", "code/tax"): "1"}
    # the same journal: what another window or the served page wrote is told, not overwritten
    with Journal(home / FILE) as journal:
        journal.write("round-1", "ann", [Entry("S000", "code/tax", 2, "0", "there")])
    late = asked(page, "entries", {"entries": [entry("S000", "code/tax", "-1", 2)]})
    assert late["answer"]["conflicts"][0]["value"] == "0"
    assert "S000, trust" in asked(page, "close")["problem"]
    every = [entry(u["id"], f"code/{name}", "NA") for u in state["units"] for name in ISSUES]
    asked(page, "entries", {"entries": every})
    assert "Sealed 6 codes of 3 units by ann" in asked(page, "close")["answer"]["said"]
    assert "ann" in Project.open(home).rounds["round-1"].sheets
    assert "sealed" in asked(page, "state")["problem"]
    assert (home / "workbench" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_what_is_not_taken_is_named_and_never_breaks_the_page(home: Path) -> None:
    page = sp.code(Project.open(home), coder="ann")
    wrong = asked(page, "entries", {"entries": [entry("S000", "code/tax", "9")]})
    assert wrong["entry"] == "S000/code/tax/1"
    assert "'9' is not one of" in wrong["problem"]
    for what in ("other", None, 3, [], {"state": 1}):
        assert "a page asks for its state" in asked(page, what)["problem"]
    for content in (None, [], {"entries": 3}, {"entries": [None]}, {"entries": [{}]}):
        assert asked(page, "entries", content)["problem"]
    assert "answer" in asked(page, "state")


def test_a_package_in_a_project_is_a_way_to_it(home: Path) -> None:
    assert asked(sp.code(sp.load(home), "ann"), "state")["answer"]["person"] == "ann"


@pytest.mark.parametrize(
    ("study", "coder", "message"),
    [
        (lambda home: home.parent, "ann", "no project here or above"),
        (lambda home: sp.simulate(statements=5, actors=2), "ann", "is in memory"),
        (lambda home: 7, "ann", "study is a project, its folder or a package in it, not int"),
        (lambda home: home, "bab", "'bab'"),
        (lambda home: home, "eve", "eve"),
        (lambda home: home, 7, "coder is text"),
    ],
)
def test_who_cannot_code_is_told_why(
    home: Path, study: Callable[[Path], Any], coder: Any, message: str
) -> None:
    with pytest.raises(StancepackError, match=message):
        sp.code(study(home), coder)
    assert not (home / "workbench").exists()


def test_without_anywidget_it_says_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = builtins.__import__

    def without(name: str, *more: Any, **options: Any) -> Any:
        if name == "anywidget":
            raise ImportError(name=name)
        return found(name, *more, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StancepackError, match=r"pip install 'stancepack\[notebooks\]'"):
        sp.code(home, "ann")


# -------------------------------------------------------------------------------- a real kernel


@pytest.fixture
def kernel(home: Path) -> Iterator[Any]:
    pytest.importorskip("nbclient", reason="needs nbclient")
    pytest.importorskip("ipykernel", reason="needs ipykernel")
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=str(home))
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.filterwarnings("default")
def test_a_cell_shows_the_page_and_the_kernel_answers_it(kernel: Any, home: Path) -> None:
    said: list[dict[str, Any]] = []
    done = kernel.execute_interactive(
        "import stancepack as sp\nsp.code('.', coder='ann')", output_hook=said.append, timeout=60
    )
    assert done["content"]["status"] == "ok"
    shown = next(m for m in said if m["msg_type"] == "execute_result")["content"]["data"]
    assert "application/vnd.jupyter.widget-view+json" in shown
    comm = next(m for m in said if m["msg_type"] == "comm_open" and "_esm" in str(m))
    entries = {"entries": [entry("S001", "comment", "from a notebook")]}
    for number, (what, content) in enumerate([("entries", entries), ("state", {})]):
        ask = {"id": str(number), "what": what, "content": content}
        data = {"method": "custom", "content": ask}
        sent = {"comm_id": comm["content"]["comm_id"], "data": data}
        kernel.shell_channel.send(kernel.session.msg("comm_msg", sent))
        while True:
            message = kernel.get_iopub_msg(timeout=30)
            if message["msg_type"] == "comm_msg":
                break
        assert message["content"]["data"]["content"]["id"] == ask["id"]
    told = message["content"]["data"]["content"]["answer"]
    assert [e["value"] for e in told["entries"]] == ["from a notebook"]
    assert newest(home, "ann") == {("S001", "comment"): "from a notebook"}


# ------------------------------------------------------------------------------- a real browser

NOTEBOOK = """<!doctype html><html><head><title>Notebook</title><style>body {{ color: green }}</style>
</head><body><h1 class="bar" id="title">My notebook</h1><textarea id="cell"></textarea>
<div id="output"></div><script type="module">
const script = {script};
const heard = [];
const address = URL.createObjectURL(new Blob([script], {{ type: "text/javascript" }}));
const {{ default: shown }} = await import(address);
const model = {{
  get: () => undefined,
  on: (name, heardOf) => heard.push(heardOf),
  off: () => {{}},
  send: async (content) => {{
    const told = await window.kernel(content);
    if (told) for (const heardOf of heard) heardOf(told, []);
  }},
}};
for (const view of [1, 2]) {{
  const el = document.createElement("div");
  document.getElementById("output").append(el);
  shown.render({{ model, el }});
}}
window.pressed = [];
document.addEventListener("keydown", (event) => window.pressed.push(event.key), true);
</script></body></html>"""


class Front:
    """A stand-in for a notebook's front end; the kernel can be silent for a while."""

    def __init__(self, page: Any) -> None:
        self.page, self.is_silent = page, False

    def ask(self, message: dict[str, Any]) -> dict[str, Any] | None:
        if self.is_silent:
            return None
        told = asked(self.page, message["what"], message["content"])
        return {**told, "id": message["id"]}


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_the_page_in_a_cell_is_apart_from_the_notebook_and_loses_nothing(
    home: Path, tmp_path: Path
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    front = Front(sp.code(home, "ann"))
    script = json.dumps(front.page._esm).replace("<", "\\u003c")
    html = NOTEBOOK.format(script=script)
    with playwright.sync_playwright() as driver, contextlib.ExitStack() as stack:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        stack.callback(browser.close)
        notebook = browser.new_page(viewport={"width": 1000, "height": 900})
        notebook.set_default_timeout(5000)
        notebook.expose_function("kernel", front.ask)
        notebook.route(
            "http://notebook.test/",
            lambda route: route.fulfill(body=html, content_type="text/html"),
        )
        notebook.goto("http://notebook.test/")
        notebook.locator("#cell").focus()
        page, other = (notebook.frame_locator("iframe").nth(n) for n in (0, 1))
        expect = playwright.expect
        expect(page.locator("#saving")).to_have_text("All saved")
        expect(other.locator("#saving")).to_have_text("All saved")
        # neither style nor keys of one reach the other, and nothing is coded before a click
        notebook.keyboard.press("a")
        assert notebook.locator("#cell").input_value() == "a"
        assert notebook.evaluate("getComputedStyle(document.body).color") == "rgb(0, 128, 0)"
        assert (
            notebook.evaluate("getComputedStyle(document.querySelector('.bar')).display") == "block"
        )
        page.locator("#statement-title").click()
        for key in ("a", "d"):
            notebook.keyboard.press(key)
        expect(page.locator("#saving")).to_have_text("All saved")
        assert notebook.evaluate("window.pressed") == ["a"]
        first = Project.open(home).rounds["round-1"].order_of("ann")[0]
        assert newest(home, "ann") == {(first, "code/trust"): "no", (first, "code/tax"): "1"}
        # a kernel that does not answer, and then a notebook that is opened anew
        front.is_silent = True
        notebook.keyboard.press("c")
        notebook.keyboard.type("while the kernel was away")
        notebook.keyboard.press("Escape")
        expect(page.locator("#saving")).not_to_have_text("All saved")
        notebook.on("dialog", lambda dialog: dialog.accept())
        front.is_silent = False
        notebook.goto("http://notebook.test/")
        expect(page.locator("#saving")).to_have_text("All saved")
        expect(other.locator("#saving")).to_have_text("All saved")
        assert newest(home, "ann")[first, "comment"] == "while the kernel was away"
        # as after a training: the page alone is loaded again
        page.locator("body").evaluate("() => location.reload()")
        expect(page.locator("#statement-title")).to_contain_text("Statement 2 of 3")
        expect(page.locator("#saving")).to_have_text("All saved")
        # to the end
        page.locator("#statement-title").click()
        for number in (2, 3):
            expect(page.locator("#statement-title")).to_contain_text(f"Statement {number} of 3")
            for key in ("n", "n", "Enter"):
                notebook.keyboard.press(key)
        page.get_by_role("button", name="Close it").click()
        expect(page.locator("main")).to_contain_text("Sealed 6 codes of 3 units by ann")
    assert "ann" in Project.open(home).rounds["round-1"].sheets
