"""The pages attacked from outside: floods of logins, requests of other sites, uploads, and what leaves the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from break_in import EVERY, tried
from served_pages import UPGRADE, Browser, served

from warehouse.control.accounts import add_account
from warehouse.control.audit import Filter, entries
from warehouse.control.database import migrate
from warehouse.control.login import ONE_BY_ONE, authenticate, change_password, open_session
from warehouse.settings import Settings

WORD, NEW_WORD = "Right-Horse-42", "Other-Horse-43"
LISTENER = """
import os, sys
def heard(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            said(f"{event} {address}")
    elif event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "localhost", "::1", None):
        said(f"{event} {arguments[0]}")
def said(line):
    with open(os.path.join(os.path.dirname(__file__), "heard"), "a") as file:
        file.write(line + chr(10))
sys.addaudithook(heard)
"""
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FOREIGN = ("http://example.org", "null", "http://127.0.0.1:1", "https://127.0.0.1", "http://[::1]", "file://")


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ``sitecustomize`` notes every address outside that the server asks for."""
    folder = tmp_path_factory.mktemp("beside")
    (folder / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("pages")
    settings = Settings(folder, f"sqlite:///{folder / 'control.sqlite'}")
    migrate(settings.control_url)
    with pytest.MonkeyPatch.context() as patch:
        add_account(settings, "admin", "operator", "province", WORD)
        patch.setenv("YIBAO_ACTOR", "admin")
        add_account(settings, "zhang", "leader", "province", WORD)
    for name in ("admin", "zhang"):
        change_password(settings, authenticate(settings, name, WORD), WORD, NEW_WORD)
    return settings


@pytest.fixture(scope="module")
def port(home: Settings, beside: Path) -> Iterator[int]:
    with served(home.home, beside=beside) as number:
        yield number


@pytest.fixture(scope="module")
def browser(port: int) -> Browser:
    browser = Browser(port)
    assert browser.log_in("admin", NEW_WORD).status == 303
    return browser


ASKS_AS = """
import os, socket, sys
os.setgroups([])
os.setuid(int(sys.argv[2]))
for line in ("", "X-Forwarded-For: 127.0.0.1\\r\\n", "X-Forwarded-For: ::1\\r\\n"):
    asked = socket.socket()
    asked.connect(("127.0.0.1", int(sys.argv[1])))
    asked.sendall(f"GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n{line}Connection: close\\r\\n\\r\\n".encode())
    print(asked.recv(100).split()[1].decode())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can ask as another system account")
def test_without_accounts_another_account_of_the_machine_is_not_let_in(tmp_path: Path) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'control.sqlite'}")
    migrate(settings.control_url)

    def statuses(user: int) -> list[str]:
        command = [sys.executable, "-c", ASKS_AS, str(port), str(user)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    with served(tmp_path) as port:
        assert statuses(0)[0] == "200"
        assert statuses(65534) == ["403"] * 3


ADDRESSES = (
    "/", "/leader", "/operations", "/login", "/logout", "/password", "/static/nothing.js", "/media/nothing.csv",
    "/_stcore/health", "/_stcore/host-config", "/favicon.png", "/nothing", "/a/b/c", "//example.org/",
    "/%2e%2e/%2e%2e/x", "/_stcore/metrics", "/_stcore/agent/openapi.json", "/auth/login", "/oauth2callback",
    "/component/x/y",
)  # fmt: skip


@pytest.mark.parametrize("path", tried(ADDRESSES, 6))
def test_every_answer_says_what_a_browser_may_do_with_it(home: Settings, port: int, path: str) -> None:
    token = open_session(home, authenticate(home, "zhang", NEW_WORD))  # a logout is among the requests
    for asking in (Browser(port, token), Browser(port)):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            origin = {"Origin": f"http://127.0.0.1:{port}"}
            got = asking.ask(method, path, None, dict(origin))
            assert {name: got.headers[name] for name in EVERYWHERE} == EVERYWHERE, (method, got.status)
            policies = got.headers.get_all("content-security-policy")
            assert any("frame-ancestors 'none'" in each for each in policies)
            assert "unsafe-eval" not in " ".join(policies)
            assert "access-control-allow-origin" not in got.headers
            assert path.startswith("/static/") or got.headers["cache-control"] == "no-store"


def test_a_refused_socket_is_answered_with_the_same_policy(browser: Browser) -> None:
    for refused in (
        browser.get("/_stcore/stream", Origin="http://example.org", **UPGRADE),
        Browser(browser.port).get("/_stcore/stream", **UPGRADE),
    ):
        assert refused.status == 403
        assert {name: refused.headers[name] for name in EVERYWHERE} == EVERYWHERE
        assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/auth/login", "/component/x/y"]
)
def test_what_no_page_needs_is_not_there(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 404


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_uploads_that_no_page_asks_for_are_refused(browser: Browser, port: int, method: str) -> None:
    for path in ("/_stcore/upload_file/session/file", "/", "/leader", "/media/x"):
        for origin in ({}, {"Origin": f"http://127.0.0.1:{port}"}):
            got = browser.ask(method, path, b"x" * 1000, {"Content-Type": "text/plain", **origin})
            assert got.status in (403, 404)


@pytest.mark.parametrize("origin", tried(FOREIGN, 3))
def test_another_site_opens_no_socket_and_sends_no_form(browser: Browser, origin: str) -> None:
    start = time.monotonic()
    assert browser.get("/_stcore/stream", Origin=origin, **UPGRADE).status == 403
    assert browser.post("/logout", {}, Origin=origin).status == 403
    assert time.monotonic() - start < 1, "nobody is asked about an origin"
    assert browser.get("/").status == 200


@pytest.mark.parametrize(("mode", "dest"), [("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")])
def test_another_site_may_only_link_to_a_page(browser: Browser, mode: str, dest: str) -> None:
    fetch = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    assert browser.get("/planner", **fetch).status == 403
    link = fetch | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert browser.get("/planner", **link).status == 200


def test_nothing_of_it_left_the_machine(browser: Browser, beside: Path) -> None:
    with browser.session() as session:
        session.run("leader")
    browser.get("/_stcore/stream", Origin="http://example.org", **UPGRADE)
    heard = beside / "heard"
    assert not heard.exists(), heard.read_text()


def test_looking_at_the_form_is_no_attempt(home: Settings, port: int) -> None:
    before = len(entries(home, Filter(), 999))
    for _ in range(30):
        for method in ("HEAD", "GET"):
            assert Browser(port).ask(method, "/login", None, {}).status == 200
    assert len(entries(home, Filter(), 999)) == before


def test_a_flood_of_logins_holds_nobody_up_and_is_not_written_row_by_row(
    home: Settings, port: int, browser: Browser
) -> None:
    waits: list[float] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            start = time.monotonic()
            assert browser.get("/").status == 200
            waits.append(time.monotonic() - start)

    def attempt(position: int) -> tuple[int, str | None]:
        address = {"X-Forwarded-For": f"192.0.2.{position % 200}"} if position % 2 else {}
        got = Browser(port).log_in(f"nobody-{position}" if position % 3 else "zhang", "wrong", **address)
        return got.status, got.headers["retry-after"]

    reader = threading.Thread(target=read)
    reader.start()
    rounds = 5 if EVERY else 1
    with ThreadPoolExecutor(60) as pool:
        answers = [each for _ in range(rounds) for each in pool.map(attempt, range(60))]
    is_over.set()
    reader.join()
    refused = [after for status, after in answers if status in (429, 503)]
    assert {status for status, _ in answers} <= {403, 429, 503}
    assert len(refused) > len(answers) // 2
    assert all(after and 0 < int(after) <= 60 for after in refused)
    assert max(waits) < 1.5, f"{len(waits)} pages, the slowest after {max(waits):.2f} s"
    assert len(entries(home, Filter(action="login.failed"), 999)) <= ONE_BY_ONE + 5
    assert browser.get("/").status == 200
