"""Attacks on the workbench: whatever is sent, ann gets nothing of anybody else, and no 500."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from workbench_rooms import (
    ADJUDICATOR,
    ANN,
    BOOK,
    CODES,
    LEAD,
    ORIGIN,
    OTHER,
    ROUND,
    SECRET_MARK,
    Workbench,
    coded_study,
    entry,
    opened_workbench,
)

from stancepack.project.project import Project
from stancepack.workbench.journal import Journal

STATE = f"/code/{ANN}/state"
ENTRIES = f"/code/{ANN}/entries"
CLOSE = f"/code/{ANN}/close"
MARK = SECRET_MARK.encode()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded_study(tmp_path_factory.mktemp("security") / "study")


@pytest.fixture(scope="module")
def workbench(study: Path) -> Iterator[Workbench]:
    opened = opened_workbench(study)
    with opened.journal:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench of one test, which may seal."""
    opened = opened_workbench(coded_study(tmp_path / "study"))
    with opened.journal:
        yield opened


@pytest.fixture(scope="module")
def ann(workbench: Workbench) -> TestClient:
    return workbench.client()


def holds_nothing_of_others(answer: Any) -> bool:
    """Tell whether an answer is free of others, and of what only a programmer understands."""
    head = b"\n".join(b": ".join(pair) for pair in answer.headers.raw)
    whole = head + answer.content
    return MARK not in whole and b"Traceback" not in whole and answer.status_code < 500


def test_the_workbench_works(workbench: Workbench, ann: TestClient) -> None:
    """What follows would say little if everything were refused."""
    state = ann.get(STATE)
    assert state.status_code == 200
    assert len(state.json()["units"]) == 6
    assert state.json()["person"] == ANN
    assert ann.get(f"/code/{ANN}/").status_code == 200
    sent = [entry("S005", "comment", "Unclear.")]
    assert ann.post(ENTRIES, json={"entries": sent}).json()["written"] == [sent[0]["entry"]]
    for answer in (state, ann.get(f"/code/{ANN}/")):
        assert holds_nothing_of_others(answer)


def test_a_link_gives_a_cookie_for_its_own_pages_alone(workbench: Workbench) -> None:
    seat = workbench.seats.at("code", ANN)
    assert seat is not None
    answer = workbench.visitor().get(f"/enter/{seat.secret}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/code/{ANN}/")
    cookie = answer.headers["set-cookie"]
    name, *attributes = cookie.split("; ")
    assert {*attributes} >= {"HttpOnly", "SameSite=strict", f"Path=/code/{ANN}/"}
    assert "Domain" not in cookie
    assert "Secure" not in cookie  # there is no TLS on this machine
    assert seat.secret not in name
    assert seat.secret not in str(answer.headers)
    assert seat.secret.encode() not in workbench.client().get(f"/code/{ANN}/").content
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_every_answer_forbids_what_no_page_needs(workbench: Workbench, ann: TestClient) -> None:
    answers = [
        ann.get(STATE),
        ann.get("/static/code.js"),
        ann.get("/nowhere"),
        ann.get(STATE, headers={"host": "elsewhere"}),
        ann.post(ENTRIES, json={}),
        ann.post(ENTRIES, json={}, headers={"origin": "http://elsewhere"}),
        ann.request("DELETE", STATE),
        workbench.visitor().get(STATE),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


def test_a_fault_of_ours_is_guarded_too(workbench: Workbench, monkeypatch: Any) -> None:
    """Whatever breaks: no traceback in the answer, and its headers forbid what others do."""
    client = workbench.client(raise_server_exceptions=False)
    monkeypatch.setattr(Journal, "newest", lambda *_: 1 / 0)
    answer = client.get(STATE)
    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
    assert "ZeroDivision" not in answer.text
    assert "problem" in answer.json()


@pytest.mark.parametrize("person", [ANN, OTHER, f"{ANN}%00", "%2e%2e"])
@pytest.mark.parametrize("page", ["", "state", "entries", "close"])
def test_who_has_opened_no_link_is_answered_alike_everywhere(
    workbench: Workbench, person: str, page: str
) -> None:
    client = workbench.visitor()
    method = "POST" if page in ("entries", "close") else "GET"
    content = {"json": {"entries": []}} if method == "POST" else {}
    answer = client.request(method, f"/code/{person}/{page}", **content)
    nobody = client.request(method, f"/code/nobody/{page}", **content)
    assert answer.status_code == 403
    assert answer.content == nobody.content


@pytest.mark.parametrize(
    "path",
    [
        f"/code/{OTHER}/",
        f"/code/{OTHER}/state",
        f"/code/{ANN}/../{OTHER}/state",
        f"/code/{ANN}/%2e%2e/{OTHER}/state",
        f"/code/{ANN}/..%2f{OTHER}/state",
        f"/code/{ANN}%2f..%2f{OTHER}/state",
        f"/code//{OTHER}/state",
        f"//code/{OTHER}/state",
        f"/code/{ANN}\\..\\{OTHER}/state",
        f"/code/{ANN}/state/../../{OTHER}/state",
        f"/code/{ANN}%00/state",
        f"/code/{OTHER.upper()}/state",
        f"/settle/{ANN}/state",
        f"/lead/{ANN}/state",
        f"/code/{ANN}/state;/{OTHER}",
        "/static/../../../etc/passwd",
        "/static/..%2f..%2fjournal.py",
        "/static/%2e%2e/journal.py",
        "/static/journal.sqlite",
        "/workbench/seats.json",
        "/enter/",
        "/enter/%00",
        "/enter/ü",
        "/openapi.json",
        "/docs",
    ],
)
def test_no_path_leads_to_another_person(ann: TestClient, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "TRACE"):
        answer = raw(ann, method, path)
        assert answer.status_code in (400, 403, 404, 405, 411, 415), path
        assert holds_nothing_of_others(answer)
    answer = raw(ann, "POST", path.replace("state", "entries"), json={"entries": []})
    assert answer.status_code in (400, 403, 404, 405), path
    assert holds_nothing_of_others(answer)


def raw(client: TestClient, method: str, path: str, **more: Any) -> Any:
    """Send a request whose path is as it is written."""
    from urllib.parse import quote

    import httpx

    url = httpx.URL(ORIGIN).copy_with(raw_path=quote(path, safe="/%\\;").encode())
    return client.request(method, str(url) if "\\" not in path else url, **more)


@pytest.mark.parametrize("path", [STATE, f"/code/{ANN}/"])
def test_the_cookie_of_one_seat_opens_no_other(workbench: Workbench, path: str) -> None:
    seat, other = workbench.seats.at("code", ANN), workbench.seats.at("code", OTHER)
    assert seat is not None
    assert other is not None
    names = (seat.cookie_name, other.cookie_name, seat.cookie_name.upper(), "stancepack")
    values = ("", seat.secret, other.cookie, seat.cookie[:-1], f"{seat.cookie} ", "\xff", '"\\377"')
    for name in names:
        for value in values:
            cookie = f"{name}={value}".encode("latin-1")
            answer = workbench.visitor().get(path, headers={"cookie": cookie})
            if answer.status_code != 403:  # a space at the end is none
                assert (name, value.strip()) == (seat.cookie_name, seat.cookie)
    for _ in range(2):
        answer = workbench.visitor().get(
            f"/code/{OTHER}/state", headers={"cookie": f"{other.cookie_name}={seat.cookie}"}
        )
        assert answer.status_code == 403


@pytest.mark.parametrize(("role", "person"), [("lead", LEAD), ("settle", ADJUDICATOR)])
def test_no_coder_gets_at_a_desk_of_another_role(
    workbench: Workbench, role: str, person: str
) -> None:
    """They are there, and open to those whose they are; to a coder they are like any other page."""
    state = f"/{role}/{person}/state"
    assert workbench.client(person, role).get(state).status_code == 200
    own, theirs = workbench.seats.at("code", ANN), workbench.seats.at(role, person)
    assert own is not None
    assert theirs is not None
    for name in (own.cookie_name, theirs.cookie_name, f"stancepack-{role}-{ANN}"):
        visitor = workbench.visitor()
        visitor.cookies.set(name, own.cookie)
        for path in (state, f"/{role}/{ANN}/state", f"/code/{person}/state"):
            assert visitor.get(path).status_code == 403
        answer = visitor.post(f"/{role}/{person}/entries", json={"entries": []})
        assert answer.status_code == 403
        assert visitor.post(f"/{role}/{person}/close", json={}).status_code == 403


def test_the_lead_of_an_open_round_gets_no_code_or_note(workbench: Workbench) -> None:
    """Coders are named there, but nothing that they wrote is."""
    state = workbench.client(LEAD, "lead").get(f"/lead/{LEAD}/state").json()
    assert OTHER in [coder["coder"] for coder in state["coders"]]
    others = json.dumps([{**coder, "coder": ""} for coder in state["coders"]])
    assert SECRET_MARK not in others
    assert state["compared"] is None


def test_two_cookies_of_one_name_open_nothing_that_one_does_not(workbench: Workbench) -> None:
    seat, other = workbench.seats.at("code", ANN), workbench.seats.at("code", OTHER)
    assert seat is not None
    assert other is not None
    name = other.cookie_name
    for cookie in (f"{name}={seat.cookie}; {name}=x", f"{name}; {name}={seat.cookie}", "=; ;;"):
        answer = workbench.visitor().get(f"/code/{OTHER}/state", headers={"cookie": cookie})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["", "elsewhere", "127.0.0.1", "127.0.0.1:9", "127.0.0.1:8765.elsewhere", "[::1]:8765"]
)
def test_another_host_is_refused(ann: TestClient, host: str) -> None:
    """A name of somebody else's that leads to this machine (DNS rebinding)."""
    answer = ann.get(STATE, headers={"host": host})
    assert answer.status_code == 400
    assert "units" not in answer.text


FOREIGN = [
    {"origin": "http://elsewhere"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": f"{ORIGIN}.elsewhere"},
    {"origin": ORIGIN.upper()},
    {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    {"origin": ORIGIN, "sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_from_elsewhere_writes_nothing(
    workbench: Workbench, ann: TestClient, headers: dict[str, str]
) -> None:
    before = workbench.journal.history(ROUND, ANN)
    for path in (ENTRIES, CLOSE):
        answer = ann.post(path, json={"entries": [entry("S004")]}, headers=headers)
        assert answer.status_code == 403
    assert workbench.journal.history(ROUND, ANN) == before


def test_a_request_without_origin_writes_nothing(workbench: Workbench) -> None:
    client = workbench.client()
    del client.headers["origin"]
    assert client.post(ENTRIES, json={"entries": []}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_loads_nothing_of_ours_but_a_link_may_lead_here(
    ann: TestClient, workbench: Workbench, site: str
) -> None:
    for mode in ("no-cors", "cors", "websocket"):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
        assert ann.get(STATE, headers=headers).status_code == 403
    followed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}
    assert ann.get(f"/code/{ANN}/", headers=followed).status_code == 200
    seat = workbench.seats.at("code", ANN)
    assert seat is not None
    answer = workbench.visitor().get(f"/enter/{seat.secret}", headers=followed)
    assert answer.status_code == 303
    # a strict cookie is not brought along from elsewhere: the page asks again by itself, once
    refused = workbench.visitor().get(f"/code/{ANN}/", headers=followed)
    assert (b'http-equiv="refresh"' in refused.content) == (site == "cross-site")
    assert b'http-equiv="refresh"' not in workbench.visitor().get(f"/code/{ANN}/").content


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "json"])
def test_what_is_not_json_is_not_read(ann: TestClient, kind: str) -> None:
    body = json.dumps({"entries": []}).encode()
    assert ann.post(ENTRIES, content=body, headers={"content-type": kind}).status_code == 415


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("length", "status"),
    [("-1", 411), ("²", 411), ("+5", 411), ("9" * 5000, 413), ("4000001", 413), ("0x5", 411)],
)
def test_a_length_that_is_none_or_too_long_is_refused(
    ann: TestClient, length: str, status: int
) -> None:
    headers = {**JSON, "content-length": length.encode("latin-1")}
    assert ann.post(ENTRIES, content=b"{}", headers=headers).status_code == status


def test_a_body_of_unknown_length_is_refused_and_a_lying_one_is_read_no_further(
    ann: TestClient,
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    assert ann.post(ENTRIES, content=pieces(), headers=JSON).status_code == 411
    headers = {**JSON, "content-length": "10"}
    answer = ann.post(ENTRIES, content=pieces(), headers=headers)
    assert answer.status_code == 422
    assert "at most" in answer.json()["problem"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"1" * 10_000,
        b'{"entries": null}',
        b'{"entries": {}}',
        b'{"entries": [null]}',
        b'{"entries": [[]]}',
        b'{"entries": [{}]}',
        b"\xff\xfe\xfd",
        b"\xef\xbb\xbf{}",
        b'{"entries": [NaN]}',
        b"[" * 100_000,
        b'{"entries":' * 50_000,
        '{"entries": []}'.encode("utf-32"),
    ],
)
def test_wrong_json_is_said(ann: TestClient, body: bytes) -> None:
    answer = ann.post(ENTRIES, content=body, headers=JSON)
    assert answer.status_code == (200 if b"\x00" in body else 422)
    assert holds_nothing_of_others(answer)


WRONG = [
    {"revision": 0},
    {"revision": -1},
    {"revision": 2**31},
    {"revision": 10**400},
    {"revision": 1.0},
    {"revision": True},
    {"revision": "1"},
    {"revision": None},
    {"unit": None},
    {"unit": ["S000"]},
    {"unit": ""},
    {"unit": "S999"},
    {"unit": "S000\0"},
    {"unit": "\ud800"},
    {"field": ""},
    {"field": "code"},
    {"field": "code/"},
    {"field": "code/parks/"},
    {"field": "code/nothing"},
    {"field": "condition/parks"},
    {"field": "person"},
    {"value": "\udfff"},
    {"value": "\0"},
    {"value": 1},
    {"value": "OPPOSE"},
    {"value": "x" * 20_001},
    {"entry": ""},
    {"entry": "x" * 201},
    {"person": "ben"},
    {"task": "round-1"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_entry_is_said_and_nothing_beside_it_is_written(
    workbench: Workbench, ann: TestClient, wrong: dict[str, Any]
) -> None:
    before = workbench.journal.history()
    sent = [entry("S003", entry="right"), entry("S003", "code/courts") | wrong]
    body = json.dumps({"entries": sent})
    answer = ann.post(ENTRIES, content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["problem"]
    assert workbench.journal.history() == before


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
UNITS = [f"S{number:03d}" for number in range(6)]
FIELDS = ["comment", "flag", "unsure", "seconds", "keys", "done", "skip", "confidence"]
FIELDS += [f"{kind}/{name}" for kind in ("code", "note", "unsure") for name in ("parks", "courts")]
texts = st.text(max_size=30) | st.sampled_from(["=1+1", "\r\n", "\ufeff", "a,b\"c'", "é́", "💥"])
likely_entries = st.fixed_dictionaries(
    {
        "unit": st.sampled_from([*UNITS, ""]) | st.text(max_size=5),
        "field": st.sampled_from(FIELDS) | st.text(max_size=5),
        "revision": st.integers(1, 3) | anything,
        "value": st.sampled_from(["", "yes", "7", *CODES]) | texts,
        "entry": st.text("abc", min_size=1, max_size=2) | st.uuids().map(str),
    }
)


@settings(max_examples=300)
@given(content=st.fixed_dictionaries({"entries": st.lists(likely_entries, max_size=4)}) | anything)
def test_whatever_is_sent_gets_nothing_of_others(ann: TestClient, content: Any) -> None:
    body = json.dumps(content)  # NaN and half characters too
    answer = ann.post(ENTRIES, content=body.encode(), headers=JSON)
    assert answer.status_code in (200, 422)
    assert holds_nothing_of_others(answer)
    if answer.status_code == 200:
        assert holds_nothing_of_others(ann.get(STATE))


NASTY = ["=1+1", 'a,b"c\'\n"', "one\r\ntwo\rthree", " \ufeffé́💥 ", "\x1b[31m\x85\u2028", "\t,;|"]


def test_every_text_of_a_comment_is_sealed_as_it_was_typed(fresh: Workbench) -> None:
    comments = [entry(unit, "comment", text) for unit, text in zip(UNITS, NASTY, strict=True)]
    client = fresh.client()
    assert client.post(ENTRIES, json={"entries": [*all_codes(), *comments]}).status_code == 200
    answer = client.post(CLOSE, json={})
    assert answer.status_code == 200
    assert holds_nothing_of_others(answer)
    remarks = Project(fresh.home).rounds[ROUND].remarks(ANN)
    assert {row["statement_id"]: row["value"] for row in remarks} == dict(
        zip(UNITS, NASTY, strict=True)
    )


def all_codes() -> list[dict[str, Any]]:
    return [entry(unit, f"code/{name}", "neutral") for unit in UNITS for name in BOOK]


def test_what_is_sealed_is_all_that_was_acknowledged(fresh: Workbench) -> None:
    """Another window writes on while the round is being closed: each code is sealed or refused."""
    client = fresh.client()
    client.post(ENTRIES, json={"entries": all_codes()})
    told: list[tuple[int, int]] = []
    is_closed = threading.Event()

    def write_on() -> None:
        other_window = fresh.client()
        revision = 2
        while not is_closed.is_set() or len(told) < 2:
            value = CODES[revision % 3]
            sent = [entry(value=value, revision=revision, entry=str(revision))]
            answer = other_window.post(ENTRIES, json={"entries": sent})
            told.append((revision, answer.status_code))
            if answer.status_code != 200:
                return
            revision += 1

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write_on)
        while len(told) < 5:
            time.sleep(0.001)
        answer = client.post(CLOSE, json={})
        is_closed.set()
        writing.result()
    assert answer.status_code == 200
    last = max(revision for revision, status in told if status == 200)
    (sealed,) = [
        row["code"]
        for row in Project(fresh.home).rounds[ROUND].rows(ANN)
        if (row["statement_id"], row["variable"]) == ("S000", "parks")
    ]
    assert sealed == CODES[last % 3]


def test_what_was_closed_at_another_workbench_takes_nothing_here(fresh: Workbench) -> None:
    elsewhere = opened_workbench(fresh.home)
    with elsewhere.journal:
        here, there = fresh.client(), elsewhere.client()
        here.post(ENTRIES, json={"entries": all_codes()})
        assert there.get(STATE).json()["closed"] is False
        assert here.post(CLOSE, json={}).status_code == 200
        answer = there.post(ENTRIES, json={"entries": [entry("S001", "comment", "late")]})
        assert answer.status_code == 422
        assert "is closed" in answer.json()["problem"]
        assert there.get(STATE).json()["closed"] is True
        assert there.post(CLOSE, json={}).status_code == 422


def test_a_closed_round_says_so_on_its_page_and_takes_nothing(fresh: Workbench) -> None:
    client = fresh.client()
    client.post(ENTRIES, json={"entries": all_codes()})
    client.post(CLOSE, json={})
    for path in (STATE, f"/code/{ANN}/"):
        assert holds_nothing_of_others(client.get(path))
    answer = client.post(ENTRIES, json={"entries": [entry("S001", "comment", "late")]})
    assert answer.status_code == 422


def test_a_fault_in_the_project_is_told_to_whoever_runs_it_and_names_nobody_to_a_coder(
    fresh: Workbench, capsys: pytest.CaptureFixture[str]
) -> None:
    people = fresh.home / "coding" / "coders.csv"
    as_it_was = people.read_text(encoding="utf-8")
    broken = as_it_was.replace(f"{ANN},", f"{OTHER}-2,")  # "did you mean" would name somebody
    other_sheet = fresh.home / "coding" / "rounds" / "round-1" / f"yan-{SECRET_MARK}.csv"
    for content in (broken, as_it_was + f"{OTHER},human,coder,Twice.\n"):
        people.write_text(content, encoding="utf-8")
        assert_only_the_host_is_told(fresh, capsys)
    people.write_text(as_it_was, encoding="utf-8")
    other_sheet.write_text("changed", encoding="utf-8")
    assert holds_nothing_of_others(fresh.client().get(STATE))


def assert_only_the_host_is_told(workbench: Workbench, capsys: pytest.CaptureFixture[str]) -> None:
    client = workbench.client()
    for answer in (client.get(STATE), client.get(f"/code/{ANN}/"), client.post(CLOSE, json={})):
        assert answer.status_code == 422
        assert holds_nothing_of_others(answer)
        assert "whoever runs the workbench" in answer.text
    assert capsys.readouterr().err.count("stancepack: ") == 3


def test_no_request_of_a_fuzzer_over_the_routes_gets_anything_of_others(
    workbench: Workbench,
) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    seat = workbench.seats.at("code", ANN)
    assert seat is not None

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer what the fuzzer asks of the interface itself; all else is the workbench's."""
        from starlette.responses import JSONResponse

        described = scope["type"] == "http" and scope["path"] == "/openapi.json"
        await (JSONResponse(INTERFACE) if described else workbench.app)(scope, receive, send)

    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    n_answered = Counter[int]()
    for operation in (result.ok() for result in schema.get_all_operations()):

        @settings(max_examples=80, suppress_health_check=[*HealthCheck])
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.cookies = {**(case.cookies or {}), seat.cookie_name: seat.cookie}
            headers = {"host": ORIGIN.partition("://")[2], "origin": ORIGIN}
            answer = case.call(base_url=ORIGIN, headers=headers, allow_redirects=False)
            n_answered[answer.status_code] += 1
            whole = repr(answer.headers).encode() + answer.content
            assert MARK not in whole
            assert b"Traceback" not in whole
            assert answer.status_code < 500

        ask()
    assert n_answered[200] > 10, n_answered


TEXT = {"type": "string", "maxLength": 30}
ENTRY = {
    "type": "object",
    "properties": {
        "unit": {"anyOf": [{"enum": UNITS}, TEXT]},
        "field": {"anyOf": [{"enum": FIELDS}, TEXT]},
        "revision": {"type": "integer", "minimum": 1, "maximum": 4},
        "value": {"anyOf": [{"enum": ["", "yes", *CODES]}, TEXT]},
        "entry": TEXT | {"minLength": 1},
    },
    "required": ["unit", "field", "revision", "value", "entry"],
    "additionalProperties": False,
}
PERSON = {"anyOf": [{"enum": [ANN, OTHER, LEAD, ADJUDICATOR]}, TEXT | {"minLength": 1}]}
ROLE = {"anyOf": [{"enum": ["code", "settle", "lead", "unitise"]}, TEXT | {"minLength": 1}]}
OPERATIONS = {
    "/enter/{secret}": {"get": {"secret": TEXT | {"minLength": 1}}},
    "/static/{file}": {"get": {"file": {"anyOf": [{"enum": ["code.js", "workbench.css"]}, TEXT]}}},
    "/{role}/{person}/": {"get": {"role": ROLE, "person": PERSON}},
    "/{role}/{person}/state": {"get": {"role": ROLE, "person": PERSON}},
    f"/code/{ANN}/state": {"get": {}},
    "/{role}/{person}/entries": {"post": {"role": ROLE, "person": PERSON}},
    f"/code/{ANN}/entries": {"post": {}},
    "/{role}/{person}/close": {"post": {"role": ROLE, "person": PERSON}},
    "/{path}": {"get": {"path": TEXT | {"minLength": 1}}},
}


def _operation(method: str, names: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": shape}
        for name, shape in names.items()
    ]
    operation: dict[str, Any] = {
        "parameters": parameters,
        "responses": {"200": {"description": ""}},
    }
    if method == "post":
        body = {
            "type": "object",
            "properties": {"entries": {"type": "array", "items": ENTRY, "maxItems": 4}},
            "required": ["entries"],
        }
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return operation


INTERFACE = {
    "openapi": "3.1.0",
    "info": {"title": "The workbench", "version": "1"},
    "paths": {
        path: {method: _operation(method, names) for method, names in methods.items()}
        for path, methods in OPERATIONS.items()
    },
}
