"""The workbench as a process: where it listens, TLS, proxies, what it prints, and what kills it."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from workbench_rooms import ANN, ROUND, SECRET_MARK, coded_study, entry
from workbench_server import Browser, browser_of, free_port, serving

from stancepack.errors import StancepackError
from stancepack.workbench.serving import Place

CODE = ("--coder", ANN, "--round", ROUND)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded_study(tmp_path_factory.mktemp("serving") / "study")


@pytest.fixture
def study(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "study"))


def test_a_link_holds_over_a_restart_and_its_secret_is_printed_once_and_in_no_log(
    study: Path,
) -> None:
    command = ("code", study, *CODE, "--port", free_port())
    with serving(*command) as server:
        browser = browser_of(server)
        secret = server.links["code", ANN].rpartition("/")[2]
        assert browser.send(entry()).status == 200
        for path in (f"/enter/{secret}x", "/nowhere", "/enter/%ff", f"/code/{ANN}/state?{secret}"):
            browser.ask("GET", path)
        raw_request(browser, b"GET /enter/" + secret.encode() + b" HTTP/1.1\r\nHost: \x00\r\n\r\n")
        said = server.stop()
    assert server.process.returncode == 0
    assert "Traceback" not in said
    assert said.count(secret) == 1
    with serving(*command) as again:
        assert again.links == server.links
        assert [sent["value"] for sent in browser.state()["entries"]] == ["favour"]
    seats = study / "workbench" / "seats.json"
    assert seats.stat().st_mode & 0o077 == 0
    assert (study / "workbench" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def raw_request(browser: Browser, request: bytes) -> bytes:
    """Send bytes as they are and return the answer."""
    with socket.create_connection(
        (browser.address.hostname or "", browser.address.port or 0), 10
    ) as connection:
        connection.sendall(request)
        connection.settimeout(10)
        return connection.recv(65536)


def test_what_is_no_request_is_answered_without_a_traceback(study: Path) -> None:
    with serving("code", study, *CODE) as server:
        browser = browser_of(server)
        host = f"Host: {browser.address.netloc}\r\n".encode()
        post = f"POST {browser.home}entries HTTP/1.1\r\nCookie: {browser.cookie}\r\n".encode()
        post += f"Origin: {browser.origin}\r\nContent-Type: application/json\r\n".encode() + host
        requests = [
            b"\x16\x03\x01\x02\x00",  # somebody tries TLS
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET /code/%zz/state HTTP/1.1\r\n" + host + b"\r\n",
            b"GET http://elsewhere/ HTTP/1.1\r\n" + host + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n" + host + b"\r\n",
            b"GET / HTTP/1.1\r\n" + host + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
            post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
            post + b"Content-Length: nonsense\r\n\r\n{}",
            post + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"GET /code/ann/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            + host
            + b"\r\n",
        ]
        for request in requests:
            try:
                answer = raw_request(browser, request)
            except (ConnectionError, TimeoutError):
                answer = b""  # closed without a word
            assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), (request[:60], answer)
            assert SECRET_MARK.encode() not in answer
        break_off(browser, post + b"Content-Length: 1000\r\n\r\n{")
        assert browser.send(entry()).status == 200
        said = server.stop()
    assert "Traceback" not in said


def break_off(browser: Browser, request: bytes) -> None:
    """Close the connection in the middle of a request."""
    with socket.create_connection(
        (browser.address.hostname or "", browser.address.port or 0), 10
    ) as connection:
        connection.sendall(request)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that it signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    options += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", *options, "-out", str(made), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def test_with_tls_cookies_never_go_over_the_network_without(
    study: Path, certificate: tuple[Path, Path]
) -> None:
    made, key = certificate
    options = ("--certificate", made, "--key", key, "--host", "localhost")
    with serving("code", study, *CODE, *options) as server:
        assert server.links["code", ANN].startswith("https://localhost:")
        browser = browser_of(server, context=ssl.create_default_context(cafile=str(made)))
        assert {"HttpOnly", "Secure", "SameSite=strict"} <= {*browser.set_cookie.split("; ")}
        assert browser.send(entry()).status == 200
        with pytest.raises(ssl.SSLError):
            browser_of(server, context=ssl.create_default_context())  # nobody vouches for it
        assert "Traceback" not in server.stop()


def test_behind_a_proxy_links_cookies_and_origins_are_those_of_the_public_address(
    study: Path,
) -> None:
    public = "https://code.example.org"
    with serving("code", study, *CODE, "--behind-proxy", f"{public}/") as server:
        link = server.links["code", ANN]
        assert link.startswith(f"{public}/enter/")
        port = json.loads((study / "workbench" / "port-code.json").read_text(encoding="utf-8"))
        path = link.removeprefix(public)
        passed_on = {"host": "code.example.org"}

        def ask(method: str, path: str, content: Any = None, **headers: str) -> Any:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            body = None if content is None else json.dumps(content)
            with closing(connection):
                connection.request(method, path, body, passed_on | headers)
                answer = connection.getresponse()
                answer.read()
            return answer

        answer = ask("GET", path)
        assert answer.status == 303
        assert answer.headers["location"] == f"/code/{ANN}/"  # whatever the scheme in between
        cookie = answer.headers["set-cookie"]
        assert "; Secure" in cookie
        sent = {"cookie": cookie.partition(";")[0], "content-type": "application/json"}
        content = {"entries": [entry()]}
        entries = f"/code/{ANN}/entries"
        assert ask("POST", entries, content, origin=public, **sent).status == 200
        for origin in (f"http://127.0.0.1:{port}", "http://code.example.org", f"{public}:8443"):
            assert ask("POST", entries, content, origin=origin, **sent).status == 403
        assert ask("GET", path, host=f"127.0.0.1:{port}").status == 400


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": "0.0.0.0"}, "others could read along"),
        ({"host": "192.0.2.7"}, "others could read along"),
        ({"certificate": Path("a.pem")}, "give both"),
        ({"certificate": Path("a.pem"), "key": Path("b.pem")}, "there is no such file"),
        ({"behind_proxy": "http://code.example.org"}, "public address"),
        ({"behind_proxy": "https://code.example.org/study"}, "nothing after it"),
        ({"behind_proxy": "https://ann:pw@code.example.org"}, "nothing after it"),
        ({"behind_proxy": "code.example.org"}, "public address"),
        ({"port": 70000}, "from 1 to 65535"),
        ({"port": -1}, "from 1 to 65535"),
    ],
)
def test_where_others_could_read_along_or_nobody_comes_in_is_refused(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(StancepackError, match=said):
        Place(**options)


def test_files_that_are_no_certificate_are_said(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    made, key = certificate
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing", encoding="utf-8")
    for wrong in ((nothing, key), (made, nothing), (key, made)):
        with pytest.raises(StancepackError, match="TLS cannot be made of them"):
            Place(certificate=wrong[0], key=wrong[1])
    with pytest.raises(StancepackError, match="name or address that people type"):
        Place(host="0.0.0.0", certificate=made, key=key)


@pytest.mark.parametrize(
    ("place", "port", "address"),
    [
        (Place(), 8765, "http://127.0.0.1:8765"),
        (Place(), 80, "http://127.0.0.1"),
        (Place(host="::1"), 8765, "http://[::1]:8765"),
        (Place(host="localhost"), 8765, "http://localhost:8765"),
        (Place(behind_proxy="https://Code.Example.org:443/"), 8765, "https://code.example.org"),
        (Place(behind_proxy="https://a.example:8443"), 8765, "https://a.example:8443"),
    ],
)
def test_addresses_are_those_that_browsers_name(place: Place, port: int, address: str) -> None:
    assert place.address(port) == address
    assert address in place.origins(port)


def test_what_cannot_be_served_is_said_before_anything_is_open(
    study: Path, run_here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        commands = [
            (("code", study, "--coder", "nobody"), "nobody is called 'nobody'"),
            (("code", study, "--coder", ANN, "--lead", ANN), "Name another lead"),
            (("code", study, "--coder", f"eve-{SECRET_MARK}"), "not 'coder'"),
            (("code", study, "--coder", ANN, "--port", port), "give another with --port"),
            (("code", study, "--coder", ANN, "--host", "nowhere.invalid"), "others could read"),
            (("code", study, "--coder", ANN, "--database", "journal.db"), "begins postgresql://"),
            (("lead", study, "--lead", "Not a name"), "cannot be the id"),
        ]
        for words, said in commands:
            done = run_here(*words, "--no-browser", cwd=study)
            assert done.returncode == 1
            assert said in done.stderr
            assert done.stderr.startswith("stancepack: ")


def test_the_ports_of_two_commands_do_not_take_each_other_s_place(study: Path) -> None:
    """A lead's page that is started beside the coders' leaves their links as they were."""
    with serving("code", study, *CODE) as coders:
        with serving("lead", study, "--lead", "chris", "--round", ROUND) as lead:
            assert browser_of(lead, "lead", "chris").state()["coders"] == []
            assert browser_of(coders).send(entry()).status == 200
            assert [
                row["n_done"] for row in browser_of(lead, "lead", "chris").state()["coders"]
            ] == [0]
        coders.stop()
    link = coders.links["code", ANN]
    kept = json.loads((study / "workbench" / "port-code.json").read_text(encoding="utf-8"))
    assert urlsplit(link).port == kept  # where the next start listens, if nobody else does by then
    with serving("code", study, *CODE) as again:
        assert urlsplit(again.links["code", ANN]).path == urlsplit(link).path
