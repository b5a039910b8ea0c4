"""What stands before the pages and before Dagster: no request or socket passes without a session, or without
being local; none that another site sends; and every answer says what a browser may do with it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards import login_page
from dashboards.navigation import FIRST, PART_OF
from dashboards.peer import is_own
from dashboards.services.visitors import COOKIE, PARTS, Visitor, visitor
from warehouse.control.actor import is_single_user
from warehouse.control.login import session_account
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

LOGIN, LOGOUT, PASSWORD = "/login", "/logout", "/password"
STATIC, MEDIA, HEALTH = "/static/", "/media/", "/_stcore/health"
PUBLIC = (STATIC, HEALTH)
PAGE_PATH = re.compile(r"/([\w%.~-]+)/?")
SERVED = frozenset(
    {"/", "/index.html", "/_stcore/stream", "/_stcore/host-config", "/favicon.png", "/manifest.json"}
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
READING = frozenset({"GET", "HEAD"})
OWNER_HEADER = "x-yibao-owner"
VISITOR = "yibao.visitor"  # where an application behind the guard finds who asks
CHECKED_EVERY = 2.0  # seconds between looks whether the login of an open socket still holds
ENDED = 4401
CLOSED = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
OWN_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; {CLOSED}"
HEADERS = {"cache-control": "no-store", "content-security-policy": OWN_POLICY}
EVERYWHERE = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
NOT_LOCAL = Text(
    "还没有账户：本机单用户模式只能由运行本服务的系统账户在这台机器上以 127.0.0.1 打开。"
    "请运维先用 yibao users add 建立账户。",
    "There is no account: in single-user mode the pages open on this machine only, as 127.0.0.1, and for the "
    "system account that serves them. "
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
FOREIGN = Text(
    "这个请求是别的网站送来的，不予受理。",
    "This request was sent by another site and is not taken.",
)

Door = Callable[[HTTPConnection], "Response | Visitor | None"]
"""Answers a request, or names the visitor it is let through for; None where nobody is asked who he is."""


@dataclass(frozen=True)
class Guard:
    """ASGI middleware: lets a request through, or answers it with the login, the change or a reason."""

    app: ASGIApp
    door: Door
    policy: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        send = _with_headers(send, self.policy, connection.url.path.startswith(STATIC))
        found = page(login_page.notice(FOREIGN), 403) if _is_foreign(connection) else None
        found = found or await run_in_threadpool(self.door, connection)
        if isinstance(found, Response):
            refused = found if scope["type"] == "http" else Response(status_code=403)
            await refused(scope, receive, send)
            return
        inner = _with_owner(scope, found)
        if scope["type"] == "websocket" and found is not None:
            socket = _Socket(connection.cookies.get(COOKIE), found.owner, receive, send)
            await self.app(inner, socket.receive, socket.send)
        else:
            await self.app(inner, receive, send)


@dataclass
class _Socket:
    """A socket is open as long as the login it was opened with: looked at with what comes in and goes out."""

    token: str | None
    owner: str
    from_browser: Receive
    to_browser: Send
    has_ended: bool = False
    looked_at: float = 0.0

    async def receive(self) -> Message:
        message = await self.from_browser()
        if message["type"] == "websocket.receive" and not await self._holds():
            return {"type": "websocket.disconnect", "code": ENDED}
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.send" and not await self._holds():
            return
        if not self.has_ended:
            await self.to_browser(message)

    async def _holds(self) -> bool:
        if self.has_ended or time.monotonic() - self.looked_at < CHECKED_EVERY:
            return not self.has_ended
        self.looked_at = time.monotonic()
        if not await run_in_threadpool(self._is_same):
            self.has_ended = True
            await self.to_browser({"type": "websocket.close", "code": ENDED})
        return not self.has_ended

    def _is_same(self) -> bool:
        try:
            found = visitor(load_settings(), self.token)
        except Refused:
            return False
        return found is not None and found.owner == self.owner


def page(body: str, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """One of our own pages, never cached, without scripts."""
    return HTMLResponse(body, status, HEADERS | (headers or {}))


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a form was sent from our own page; a client that is no browser names no origin."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == connection.headers.get("host")


def _is_foreign(connection: HTTPConnection) -> bool:
    """Whether another site sends this: a link to a page may be followed, nothing else is taken from there."""
    if connection.scope["type"] == "websocket" or connection.scope["method"] not in READING:
        return not is_same_origin(connection)
    if connection.headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        return False
    return (
        connection.headers.get("sec-fetch-mode") != "navigate"
        or connection.headers.get("sec-fetch-dest", "document") != "document"
    )


def _with_headers(send: Send, policy: str, is_cached: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in EVERYWHERE.items():
                headers[name] = value
            headers.append("content-security-policy", policy)  # a policy of the answer itself holds as well
            if not is_cached:
                headers["cache-control"] = "no-store"
            del headers["access-control-allow-origin"]
        await send(message)

    return sending


def _with_owner(scope: Scope, found: Visitor | None) -> Scope:
    """The request with the owner as we know him, never as a client names him."""
    name = OWNER_HEADER.encode()
    headers = [pair for pair in scope["headers"] if pair[0].lower() != name]
    if found is not None:
        headers.append((name, found.owner.encode()))
    return {**scope, "headers": headers, VISITOR: found}


def known_visitor(connection: HTTPConnection) -> Response | Visitor:
    """Who asks; or the login, the change of a first password, or why there is neither."""
    settings = load_settings()
    try:
        if is_single_user(settings) and not _is_local(connection):
            return page(login_page.notice(NOT_LOCAL), 403)
        token = connection.cookies.get(COOKIE)
        found = visitor(settings, token)
        if found is not None:
            return found
        account = session_account(settings, token)
    except Refused as refused:
        return page(login_page.notice(refused.text), 503)
    if account is not None:
        return RedirectResponse(PASSWORD, 303, HEADERS)
    query = f"?{connection.url.query}" if connection.url.query else ""
    return RedirectResponse(f"{LOGIN}?next={quote(connection.url.path + query)}", 303, HEADERS)


def _is_local(connection: HTTPConnection) -> bool:
    """Whether this comes from the machine itself, under a name of its own, and from the account that serves."""
    client, server = connection.client, connection.scope.get("server")
    if client is None or server is None or client.host not in LOOPBACK:
        return False
    if connection.url.hostname not in LOOPBACK:
        return False
    return is_own(client.host, client.port, server[1])


def no_page() -> Response:
    """The answer where nothing is."""
    return page(login_page.notice(NO_PAGE, login_page.NO_PAGE_TITLE, is_open=True), 404)


def no_right() -> Response:
    """The answer where there is something that this visitor may not see."""
    return page(login_page.notice(NO_RIGHT, login_page.NO_RIGHT_TITLE, is_open=True), 403)


def pages_door(owner_of: Callable[[str], str | None]) -> Door:
    """The door of the pages; ``owner_of`` tells whose a file under ``/media/`` is."""

    def door(connection: HTTPConnection) -> Response | Visitor | None:
        path = connection.url.path
        if path.startswith(STATIC) or path == HEALTH:
            return None
        found = known_visitor(connection)
        if path in (LOGIN, LOGOUT, PASSWORD):
            return _own_form(path, found)
        if isinstance(found, Response):
            return found
        if path.startswith(MEDIA):
            is_own = owner_of(path.removeprefix(MEDIA)) == found.owner
            return found if is_own else no_page()
        if connection.scope["type"] == "http" and connection.scope["method"] not in READING:
            return no_page()  # no page takes a file or a form; what is asked of them comes by the socket
        if path in SERVED:
            return found
        named = PAGE_PATH.fullmatch(path)
        part = PART_OF.get(named[1]) if named else None
        if named is None or part is None:
            return no_page()
        if part not in PARTS[found.role]:
            return no_right()
        return _to_first_page(connection) if named[1] == FIRST else found

    return door


def _to_first_page(connection: HTTPConnection) -> Response:
    """The first page answers at the root only: Streamlit knows no page of its name."""
    query = f"?{connection.url.query}" if connection.url.query else ""
    return RedirectResponse(f"/{query}", 303, HEADERS)


def _own_form(path: str, found: Response | Visitor) -> Response | None:
    """The forms of the login ask for themselves; without accounts there are none."""
    if isinstance(found, Visitor):
        return RedirectResponse("/", 303, HEADERS) if found.is_single_user else None
    is_refused = found.status_code not in (303,)
    leads_to = found.headers.get("location", "")
    if is_refused or (path == PASSWORD and leads_to != PASSWORD):
        return found
    return None
