"""What stands before the pages: no request or socket passes without a session, or without being local."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards import login_page
from dashboards.navigation import PART_OF
from dashboards.services.visitors import COOKIE, PARTS
from warehouse.control.actor import OPERATOR, is_single_user
from warehouse.control.login import session_account
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

LOGIN, LOGOUT, PASSWORD = "/login", "/logout", "/password"
PUBLIC = ("/static/", "/_stcore/health")
PAGE_PATH = re.compile(r"/([\w%.~-]+)/?")
SERVED = (*PUBLIC, "/_stcore", "/media", "/component", "/app/static", "/favicon", "/manifest", "/robots")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
NOT_LOCAL = Text(
    "还没有账户：本机单用户模式只能从这台机器以 127.0.0.1 打开。请运维先用 yibao users add 建立账户。",
    "There is no account: in single-user mode the pages open on this machine only, as 127.0.0.1. "
    "The operator makes accounts with yibao users add.",
)


NO_PAGE = Text(
    "没有这个地址的页面：链接写错了，或页面改了名。请从首页的菜单进入。",
    "There is no page at this address: the link is mistyped, or the page has another name now. Start from the menu.",
)
NO_RIGHT = Text(
    "你的账户看不了这一页。需要时请运维用 yibao users 调整角色。",
    "Your account may not see this page. If you need it, ask the operator for another role (yibao users).",
)


@dataclass(frozen=True)
class Guard:
    """ASGI middleware: lets a request through, or answers it with the login, the change or a reason."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        answer = await run_in_threadpool(_answer, connection)
        if answer is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4401})
        else:
            await answer(scope, receive, send)


def page(body: str, status: int = 200) -> HTMLResponse:
    """One of our own pages, never cached, without scripts."""
    return HTMLResponse(body, status, HEADERS)


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a form was sent from our own page; a client that is no browser names no origin."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == connection.headers.get("host")


def _answer(connection: HTTPConnection) -> Response | None:
    path = connection.url.path
    if path.startswith(PUBLIC):
        return None
    settings = load_settings()
    try:
        if is_single_user(settings):
            return _answer_locally(connection)
        if path in (LOGIN, LOGOUT):
            return None
        account = session_account(settings, connection.cookies.get(COOKIE))
    except Refused as refused:
        return page(login_page.notice(refused.text), 503)
    if account is None:
        query = f"?{connection.url.query}" if connection.url.query else ""
        return RedirectResponse(f"{LOGIN}?next={quote(path + query)}", 303, HEADERS)
    if account.must_change and path != PASSWORD:
        return RedirectResponse(PASSWORD, 303, HEADERS)
    return _answer_address(path, PARTS[account.role])


def _answer_address(path: str, parts: tuple[str, ...]) -> Response | None:
    """A page of our own where there is none at this address, or none for this role."""
    if path == "/" or path in (LOGIN, LOGOUT, PASSWORD) or path.startswith(SERVED):
        return None
    named = PAGE_PATH.fullmatch(path)
    part = PART_OF.get(named[1]) if named else None
    if part is None:
        return page(login_page.notice(NO_PAGE, login_page.NO_PAGE_TITLE, is_open=True), 404)
    if part not in parts:
        return page(login_page.notice(NO_RIGHT, login_page.NO_RIGHT_TITLE, is_open=True), 403)
    return None


def _answer_locally(connection: HTTPConnection) -> Response | None:
    client = connection.client.host if connection.client else ""
    if client not in LOOPBACK or connection.url.hostname not in LOOPBACK:
        return page(login_page.notice(NOT_LOCAL), 403)
    if connection.url.path in (LOGIN, LOGOUT, PASSWORD):
        return RedirectResponse("/", 303, HEADERS)
    return _answer_address(connection.url.path, PARTS[OPERATOR])
