"""Ways from one account to what another account or another scope sees, on the pages as they are served."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from break_in import tried
from served_pages import UPGRADE, Browser, served
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboards.guard import CHECKED_EVERY
from dashboards.navigation import PAGES
from dashboards.services.visitors import PARTS
from warehouse.control.accounts import add_account, lock_account, set_role, set_scope
from warehouse.control.login import authenticate, change_password, open_session
from warehouse.settings import Settings, load_settings

WORD, NEW_WORD = "Right-Horse-42", "Other-Horse-43"
STATEMENT = "select 'only-for-' || 'its-owner' as mark, count(*) as n from indicator.value"
MARK = "only-for-"
ACCOUNTS = {  # name → role, scope
    "victim": ("statistician", "province"),
    "county": ("statistician", "460100"),
    "neighbour": ("statistician", "460200"),
    "peer": ("statistician", "province"),
    "operator-of-county": ("operator", "460100"),
    "boss": ("leader", "province"),
    "planner": ("planner", "province"),
}
THIEVES = (
    "county",
    "neighbour",
    "peer",
    "operator-of-county",
    "boss",
    "planner",
    "nobody",
    "victim-elsewhere",
)
FORMATS = ("CSV", "JSON", "PARQUET", "XLSX")
SPELLINGS = (
    "/media/{}", "/media/./{}", "/media//{}", "/media/x/../{}", "//media/{}", "/media/{}?x=1", "/media/%2e/{}",
    "/media/{}/", "/media/{}%00", "/MEDIA/{}", "/static/../media/{}", "/_stcore/health/../../media/{}",
    "/_stcore/health/%2e%2e/%2e%2e/media/{}", "/component/../media/{}", "/leader/../media/{}",
)  # fmt: skip


@dataclass
class Town:
    """The served home, its browsers by account, and what the victim has made."""

    settings: Settings
    port: int
    browsers: dict[str, Browser]
    session_id: str
    files: dict[str, str]

    def browser(self, name: str) -> Browser:
        return self.browsers.get(name) or Browser(self.port)


@pytest.fixture(scope="module")
def town(released_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("town") / "home"
    shutil.copytree(released_home, home)
    settings = load_settings(home)
    with pytest.MonkeyPatch.context() as patch:
        add_account(settings, "admin", "operator", "province", WORD)
        patch.setenv("YIBAO_ACTOR", "admin")
        for name, (role, scope) in ACCOUNTS.items():
            add_account(settings, name, role, scope, WORD)
            change_password(settings, authenticate(settings, name, WORD), WORD, NEW_WORD)
        with served(home) as port:
            names = {**dict.fromkeys(ACCOUNTS), "victim-elsewhere": "victim"}
            browsers = {
                name: Browser(port, open_session(settings, authenticate(settings, account or name, NEW_WORD)))
                for name, account in names.items()
            }
            with browsers["victim"].session() as session:
                session.run("workbench")
                answer = session.run(query_text=STATEMENT, run=True)
                assert session.offered.keys() >= {f"导出 {name}" for name in FORMATS}, answer[-2000:]
                files = {name: session.download(f"导出 {name}") for name in FORMATS}
                yield Town(settings, port, browsers, session.session_id, files)


def test_the_owner_has_what_is_his(town: Town) -> None:
    for name, path in town.files.items():
        got = town.browser("victim").get(path)
        assert got.status == 200, name
        assert got.headers["cache-control"] == "no-store"
    assert "only-for-its-owner" in town.browser("victim").get(town.files["CSV"]).text


TAKEN = [(thief, name, "/media/{}") for thief in THIEVES for name in FORMATS]
TAKEN += [("county", "CSV", spelling) for spelling in SPELLINGS[1:]]


@pytest.mark.parametrize(("thief", "name", "spelling"), tried(TAKEN, 6))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_is_given_to_its_owner_only(
    town: Town, thief: str, name: str, spelling: str, method: str
) -> None:
    path = spelling.format(town.files[name].removeprefix("/media/"))
    got = town.browser(thief).ask(method, path, None, {"Range": "bytes=0-10"})
    assert got.status in (303, 400, 403, 404)
    assert MARK not in got.text


@pytest.mark.parametrize("thief", [thief for thief in tried(THIEVES, 4) if thief != "nobody"])
def test_a_session_is_resumed_by_its_owner_only(town: Town, thief: str) -> None:
    with town.browser(thief).session(town.session_id, **{"X-Yibao-Owner": "0" * 64}) as session:
        pages = ["", *(page for part in PAGES.values() for _, page, _ in part)]
        shown = "".join(session.run(page) for page in pages)
        assert session.session_id != town.session_id
    assert MARK not in shown


def test_without_a_login_no_session_is_resumed(town: Town) -> None:
    with pytest.raises(InvalidStatus), Browser(town.port).session(town.session_id):
        pass


def test_the_victim_goes_on_with_his_session(town: Town) -> None:
    with town.browser("victim").session(town.session_id) as session:
        assert "only-for-" in session.run("workbench")
        assert session.session_id == town.session_id


FORBIDDEN = [
    (name, page)
    for name, (role, _) in ACCOUNTS.items()
    for part, pages in PAGES.items()
    for _, page, _ in pages
    if part not in PARTS[role]
]


@pytest.mark.parametrize(("name", "page"), tried(FORBIDDEN, 5))
def test_a_page_of_another_role_is_not_shown(town: Town, name: str, page: str) -> None:
    browser = town.browser(name)
    for path in (f"/{page}", f"/{page}/", f"/{page}?embed=true"):
        assert browser.get(path).status == 403
    with browser.session() as session:
        shown = session.run(page)
        assert "query_text" not in session.widgets
        assert "roll_back_target" not in session.widgets
        assert page == "leader" or f"nav.{page}" not in shown


def _header(town: Town) -> str:
    with town.browser("county").session(town.session_id, **{"x-yibao-owner": "victim"}) as session:
        return session.run("workbench")


def _cookies(town: Town) -> str:
    county, victim = town.browser("county"), town.browser("victim")
    both = Browser(town.port, f"{county.cookie}; yibao_session_={victim.cookie}")
    with both.session(town.session_id) as session:
        return session.run("workbench")


def _query(town: Town) -> str:
    with town.browser("county").session() as session:
        return session.run("workbench", query=f"release={town.session_id}&query_text={MARK}x")


@pytest.mark.parametrize("way", [_header, _cookies, _query])
def test_what_a_client_says_about_itself_is_not_believed(town: Town, way: Callable[[Town], str]) -> None:
    assert "its-owner" not in way(town)


@pytest.mark.parametrize(
    "token", tried(["", "x", "nonsense" * 8, "../../x", "' or 1=1 --", "%00", "0" * 64, "é"], 3)
)
def test_a_made_up_token_opens_nothing(town: Town, token: str) -> None:
    browser = Browser(town.port, token.encode().decode("latin-1"))
    for path in ("/", "/leader", "/_stcore/host-config", town.files["CSV"], "/_stcore/metrics"):
        assert browser.get(path).location.startswith("/login")
    assert browser.get("/_stcore/stream", **UPGRADE).status == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda settings, name: set_scope(settings, name, "460200"),
        lambda settings, name: set_role(settings, name, "leader"),
        lambda settings, name: lock_account(settings, name),
    ],
)
def test_an_open_socket_ends_with_the_right_it_was_opened_with(
    town: Town, monkeypatch: pytest.MonkeyPatch, change: Callable[[Settings, str], None]
) -> None:
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    name = f"leaving-{abs(hash(change)) % 10**6}"
    add_account(town.settings, name, "statistician", "460100", WORD)
    token = change_password(town.settings, authenticate(town.settings, name, WORD), WORD, NEW_WORD)
    with Browser(town.port, token).session() as session:
        session.run("workbench")
        session.run(query_text=STATEMENT, run=True)
        change(town.settings, name)
        time.sleep(CHECKED_EVERY)  # until then a page of this session says that there is no login
        with pytest.raises(ConnectionClosed):
            session.download("导出 CSV")
