"""The login in front of the pages: a real server asked as a browser asks, and the pages of each role."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from served_pages import UPGRADE, Browser
from served_pages import served as served_pages
from streamlit.testing.v1 import AppTest

from dashboards.components import frame
from dashboards.components.markup import plain
from dashboards.services.visitors import COOKIE
from warehouse.control.accounts import add_account, lock_account
from warehouse.control.audit import Filter, entries
from warehouse.control.database import migrate
from warehouse.control.login import authenticate, change_password, open_session
from warehouse.release.pointer import file_name, served
from warehouse.settings import PROJECT_ROOT, Settings, load_settings

APP = PROJECT_ROOT / "dashboards" / "app.py"
WORD, NEW_WORD = "Right-Horse-42", "Other-Horse-43"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home without a release and, at first, without accounts."""
    settings = Settings(tmp_path_factory.mktemp("login"), "")
    settings = Settings(settings.home, f"sqlite:///{settings.home / 'control.sqlite'}")
    migrate(settings.control_url)
    return settings


@pytest.fixture(scope="module")
def port(home: Settings) -> Iterator[int]:
    """The pages, served as ``yibao serve`` serves them."""
    with served_pages(home.home) as number:
        yield number


@pytest.fixture(scope="module")
def staffed(home: Settings, port: int) -> Settings:
    """The same home with an operator and a leader, each with a password of their own."""
    add_account(home, "admin", "operator", "province", WORD)
    os.environ["YIBAO_ACTOR"] = "admin"
    try:
        add_account(home, "zhang", "leader", "province", WORD)
        add_account(home, "fresh", "leader", "province", WORD)
        add_account(home, "locked", "leader", "province", WORD)
    finally:
        del os.environ["YIBAO_ACTOR"]
    for name in ("admin", "zhang", "locked"):
        change_password(home, authenticate(home, name, WORD), WORD, NEW_WORD)
    return home


def test_without_accounts_the_pages_open_on_this_machine_only(port: int) -> None:
    browser = Browser(port)
    assert browser.get("/").status == 200
    assert browser.get("/_stcore/stream", **UPGRADE).status == 101
    assert browser.get("/login").location == "/"
    for host in ("example.org", f"192.0.2.1:{port}", f"127.0.0.1.example.org:{port}"):
        foreign = browser.get("/", Host=host)
        assert foreign.status == 403
        assert "本机单用户模式" in foreign.text
        assert browser.get("/_stcore/stream", Host=host, **UPGRADE).status == 403


def test_an_address_without_a_page_says_so_in_both_languages(port: int) -> None:
    answer = Browser(port).get("/plannner?lang=en")
    assert answer.status == 404
    assert "没有这一页" in answer.text
    assert "No such page" in answer.text
    assert Browser(port).get("/_stcore/health").status == 200


def test_with_accounts_nothing_opens_without_a_login(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    for path in ("/", "/planner?lang=en", "/_stcore/host-config", "/media/x.csv", "/index.html"):
        assert browser.get(path).location.startswith("/login?next=/")
    assert browser.get("/planner?lang=en").location == "/login?next=/planner%3Flang%3Den"
    for token in ("", "nonsense"):
        browser.cookie = token
        assert browser.get("/_stcore/stream", **UPGRADE).status == 403
    form = browser.get("/login?next=/planner")
    assert form.status == 200
    assert 'value="/planner"' in form.text
    assert "<script" not in form.text


def test_a_login_opens_the_page_that_was_asked_for(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    answer = browser.log_in("zhang", NEW_WORD)
    assert (answer.status, answer.location) == (303, "/planner?lang=en")
    assert "HttpOnly" in answer.cookie
    assert "SameSite=lax" in answer.cookie
    assert "Secure" not in answer.cookie
    assert browser.get("/").status == 200
    assert browser.get("/_stcore/stream", **UPGRADE).status == 101


def test_behind_an_encrypted_proxy_the_cookie_is_for_it_only(staffed: Settings, port: int) -> None:
    fields = {"name": "zhang", "password": NEW_WORD}
    headers = {"X-Forwarded-Proto": "https", "Host": "pages.example", "Origin": "https://pages.example"}
    assert "Secure" in Browser(port).post("/login", fields, **headers).cookie


@pytest.mark.parametrize(
    "path", ["//example.org", "/\\example.org", "https://example.org", "javascript:x", "/a\r\nSet-Cookie:x"]
)
def test_a_login_leads_nowhere_else(staffed: Settings, port: int, path: str) -> None:
    answer = Browser(port).post("/login", {"name": "zhang", "password": NEW_WORD, "next": path})
    assert (answer.status, answer.location) == (303, "/")


def test_a_wrong_password_is_said_and_gives_no_session(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    for name in ("zhang", "nobody", "locked" if lock(staffed) else ""):
        answer = browser.log_in(name, "<wrong>")
        assert answer.status == 403
        assert "账户名或密码不对" in answer.text
        assert "wrong&gt;" not in answer.text
        assert COOKIE not in answer.cookie
    assert browser.log_in("locked", NEW_WORD).status == 403


def lock(home: Settings) -> bool:
    os.environ["YIBAO_ACTOR"] = "admin"
    try:
        lock_account(home, "locked")
    finally:
        del os.environ["YIBAO_ACTOR"]
    return True


def test_too_many_failures_are_said(staffed: Settings, port: int) -> None:
    answers = [Browser(port).log_in("somebody", "wrong").text for _ in range(6)]
    assert ["次登录失败" in text for text in answers] == [False] * 5 + [True]


@pytest.mark.parametrize("origin", ["http://example.org", "null", "http://127.0.0.1:1"])
def test_a_form_of_another_site_is_refused(staffed: Settings, port: int, origin: str) -> None:
    browser = Browser(port)
    answer = browser.post("/login", {"name": "zhang", "password": NEW_WORD}, Origin=origin)
    assert (answer.status, browser.cookie) == (403, "")
    browser.log_in("zhang", NEW_WORD)
    assert browser.post("/logout", {}, Origin=origin).status == 403
    assert browser.get("/").status == 200


def test_an_oversized_form_is_refused(staffed: Settings, port: int) -> None:
    assert Browser(port).post("/login", {"name": "zhang", "password": "x" * 20_000}).status == 403


def test_the_first_password_must_be_changed_before_anything_opens(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    assert browser.log_in("fresh", WORD).location == "/password"
    first = browser.cookie
    assert browser.get("/planner").location == "/password"
    assert browser.get("/_stcore/stream", **UPGRADE).status == 403
    fields = {"old": WORD, "new": NEW_WORD, "again": NEW_WORD}
    assert "不同" in browser.post("/password", fields | {"again": "x"}).text
    assert "密码须有" in browser.post("/password", fields | {"new": "x", "again": "x"}).text
    assert browser.post("/password", fields).location == "/"
    assert browser.cookie != first
    assert browser.get("/").status == 200
    assert Browser(port, first).get("/").status == 303


def test_a_logout_ends_the_session(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    browser.log_in("zhang", NEW_WORD)
    token = browser.cookie
    assert browser.get("/logout").status == 200
    assert browser.get("/").status == 200
    assert browser.post("/logout", {}).location == "/login"
    assert Browser(port, token).get("/").status == 303
    newest = entries(staffed, Filter(), 1)[0]
    assert (newest.actor, newest.action) == ("zhang", "logout")


PARTS = {
    "leader": set[str](),
    "planner": {"planner"},
    "statistician": {"planner", "workbench", "findings", "dictionary", "releases"},
    "operator": {"planner", "workbench", "findings", "dictionary", "releases", "operations"},
}
PAGES = {
    "planner": "app_pages/planner/board.py",
    "workbench": "app_pages/statistician/workbench.py",
    "findings": "app_pages/statistician/findings.py",
    "dictionary": "app_pages/statistician/dictionary.py",
    "releases": "app_pages/statistician/releases.py",
    "operations": "app_pages/operator/operations.py",
}


@pytest.fixture
def pages_home(own_home: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a release and an operator."""
    monkeypatch.setenv("YIBAO_HOME", str(own_home.home))
    add_account(own_home, "admin", "operator", "province", WORD)
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    return load_settings()


def opened_as(
    home: Settings, monkeypatch: pytest.MonkeyPatch, role: str, scope: str = "province", lang: str = "zh"
) -> AppTest:
    """The first page, seen by a new account with this role and scope."""
    name = f"{role}-{scope}"
    add_account(home, name, role, scope, WORD)
    token = change_password(home, authenticate(home, name, WORD), WORD, NEW_WORD)
    monkeypatch.setattr(frame, "session_token", lambda: token)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["lang"] = lang
    return app.run()


def sidebar(app: AppTest) -> str:
    return " ".join(element.value for element in app.sidebar.caption)


def test_without_a_session_the_page_asks_for_a_login(pages_home: Settings) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert app.title[0].value == "请登录"
    assert not app.get("vega_lite_chart")
    assert 'href="/login"' in "".join(element.proto.body for element in app.get("html"))


def test_a_first_password_does_not_open_the_page(
    pages_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = open_session(pages_home, authenticate(pages_home, "admin", WORD))
    monkeypatch.setattr(frame, "session_token", lambda: token)
    assert AppTest.from_file(str(APP), default_timeout=60).run().title[0].value == "请登录"


@pytest.mark.parametrize("role", sorted(PARTS))
def test_a_role_has_its_pages_and_no_others(
    pages_home: Settings, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    app = opened_as(pages_home, monkeypatch, role)
    assert not app.exception
    assert app.title[0].value.startswith("海南省")
    assert plain(f"{role}-province") in sidebar(app)
    titles = {"leader": app.title[0].value}
    for page, path in PAGES.items():
        if page in PARTS[role]:
            titles[page] = app.switch_page(path).run().title[0].value
            assert not app.exception
    assert len(set(titles.values())) == 1 + len(PARTS[role])


@pytest.mark.parametrize(
    ("role", "scope", "file"),
    [
        ("leader", "province", "province"),
        ("statistician", "province", "statistician"),
        ("statistician", "460100", "460100"),
        ("operator", "460100", "460100"),
    ],
)
def test_pages_and_queries_read_the_file_of_the_scope(
    pages_home: Settings, monkeypatch: pytest.MonkeyPatch, role: str, scope: str, file: str
) -> None:
    release = served(pages_home)
    folder = release.folder
    assert file in release.scopes()
    app = opened_as(pages_home, monkeypatch, role, scope)
    for path in folder.glob("*.duckdb"):
        if path.stem != file:
            path.unlink()  # every other file of the release could be gone
    app = app.run()
    assert not app.exception
    assert not app.error
    pages = PARTS[role] - (
        set() if scope == "province" else {"operations"}
    )  # loads are of the whole province
    for page, path in PAGES.items():
        if page in pages:
            app.switch_page(path).run()
            assert not app.exception, page
            assert not app.error, page
    if "workbench" in pages:
        app.switch_page(PAGES["workbench"]).run()
        app.text_area[0].set_value("select count(distinct region_code) as n from indicator.value").run()
        app.button(key="run").click().run()
        assert not app.error


def test_without_a_file_of_the_scope_nothing_is_shown(
    pages_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(pages_home).folder.joinpath(file_name("460100")).unlink(missing_ok=True)
    app = opened_as(pages_home, monkeypatch, "leader", "460100")
    assert not app.exception
    assert "460100" in app.error[0].value
    assert not app.get("vega_lite_chart")


def test_a_lock_counts_from_the_next_run_on(pages_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened_as(pages_home, monkeypatch, "planner")
    assert app.title[0].value != "请登录"
    lock_account(pages_home, "planner-province")
    assert app.run().title[0].value == "请登录"


def test_single_user_mode_is_said(released_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_HOME", str(released_home))
    assert "本机单用户模式" in sidebar(AppTest.from_file(str(APP), default_timeout=60).run())


def test_the_first_page_is_found_by_its_name_too(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    browser.log_in("zhang", NEW_WORD)
    answer = browser.get("/leader?lang=en&region=460000")
    assert (answer.status, answer.location) == (303, "/?lang=en&region=460000")


def test_a_page_of_another_role_says_so_in_both_languages(staffed: Settings, port: int) -> None:
    browser = Browser(port)
    browser.log_in("zhang", NEW_WORD)
    assert browser.get("/").status == 200
    answer = browser.get("/operations")
    assert answer.status == 403
    assert "没有权限" in answer.text
    assert "No permission" in answer.text
    browser.log_in("admin", NEW_WORD)
    assert browser.get("/operations").status == 200


def test_for_another_owner_nothing_of_a_session_is_left(
    pages_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened_as(pages_home, monkeypatch, "statistician")
    app.switch_page(PAGES["workbench"]).run()
    app.text_area[0].set_value("select 'mine' as mark").run()
    app.button(key="run").click().run()
    assert "query_answer" in app.session_state
    add_account(pages_home, "county", "statistician", "460100", WORD)
    token = change_password(pages_home, authenticate(pages_home, "county", WORD), WORD, NEW_WORD)
    monkeypatch.setattr(frame, "session_token", lambda: token)
    app.run()
    assert not app.exception
    assert "query_answer" not in app.session_state
    assert "mine" not in app.text_area[0].value
    monkeypatch.setattr(frame, "session_token", lambda: None)
    assert app.run().title[0].value == "请登录"
    assert "query_text" not in app.session_state
