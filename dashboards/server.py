"""The pages behind the login: ``python -m dashboards.server PORT``, or ``yibao serve``."""

from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit.runtime import Runtime
from streamlit.starlette import App

from dashboards import guard, login_page
from dashboards.components.style import SCRIPTS
from dashboards.desk import BUSY, Desk, Later
from dashboards.media import OWNER, OwnedFiles, OwnedStorage
from dashboards.services.visitors import COOKIE
from warehouse.control.accounts import name_digest_key
from warehouse.control.login import (
    SESSION_LASTS,
    authenticate,
    change_password,
    close_session,
    open_session,
    session_account,
)
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

HOST = "127.0.0.1"
LARGEST_FORM = 10_000
FORM_SECONDS = 10
FOREIGN = Text("表单不是从本页送来的。", "The form was not sent from this page.")
FAILED = Text(
    "页面出错，没有完成。请再试一次；若仍如此，请告诉运维看 logs/pages.log。",
    "Something went wrong and nothing was done. Try again; if it stays, tell the operator to look at logs/pages.log.",
)
UNLIKE = Text("两次输入的新密码不同。", "The two new passwords differ.")


def policy(scripts: Sequence[str]) -> str:
    """What the pages may load and run: their own files, and these inline scripts by their hashes."""
    hashes = " ".join(
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
        "worker-src 'self' blob:; manifest-src 'self'; " + guard.CLOSED
    )


async def login(request: Request) -> Response:
    """Show the form; or take name and password, and give the browser its session."""
    if request.method != "POST":
        return guard.page(login_page.login_form(_local(request.query_params.get("next")), None))
    fields = await _fields(request)
    if fields is None:
        return guard.page(login_page.login_form("/", FOREIGN), 403)
    path, name = _local(fields.get("next")), fields.get("name", "")
    try:
        token, must_change = await _desk.check(
            _address(request), name_digest_key(name), partial(_enter, name, fields.get("password", ""))
        )
    except Later as later:
        return _later(login_page.login_form(path, later.text), later)
    except Refused as refused:
        return guard.page(login_page.login_form(path, refused.text), 403)
    return _with_session(request, guard.PASSWORD if must_change else path, token)


async def password(request: Request) -> Response:
    """Show the form; or change the password, which ends every other session of the account."""
    if request.method != "POST":
        return guard.page(login_page.password_form(None))
    fields = await _fields(request)
    if fields is None:
        return guard.page(login_page.password_form(FOREIGN), 403)
    if fields.get("new") != fields.get("again"):
        return guard.page(login_page.password_form(UNLIKE), 403)
    held = request.cookies.get(COOKIE)
    try:
        token = await _desk.check(
            _address(request),
            f"change {held}",
            partial(_change, held, fields.get("old", ""), fields.get("new", "")),
        )
    except Later as later:
        return _later(login_page.password_form(later.text), later)
    except Refused as refused:
        return guard.page(login_page.password_form(refused.text), 403)
    return _with_session(request, "/", token)


async def logout(request: Request) -> Response:
    """Ask; or end the session."""
    if request.method != "POST":
        return guard.page(login_page.logout_form())
    if not guard.is_same_origin(request):
        return guard.page(login_page.logout_form(), 403)
    await run_in_threadpool(close_session, load_settings(), request.cookies.get(COOKIE))
    answer = RedirectResponse(guard.LOGIN, 303, guard.HEADERS)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer


def _enter(name: str, word: str) -> tuple[str, bool]:
    settings = load_settings()
    account = authenticate(settings, name, word)
    return open_session(settings, account), account.must_change


def _change(token: str | None, old: str, new: str) -> str:
    settings = load_settings()
    account = session_account(settings, token)
    if account is None:
        raise Refused("登录已失效，请重新登录。", "The session has ended; log in again.")
    return change_password(settings, account, old, new)


async def _fields(request: Request) -> dict[str, str] | None:
    """The fields of a form; None when it comes from elsewhere or is too large."""
    body = b""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_FORM:
                    return None
    except TimeoutError:
        return None
    if not guard.is_same_origin(request):
        return None
    parsed = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in parsed.items()}


def _with_session(request: Request, path: str, token: str) -> Response:
    answer = RedirectResponse(path, 303, guard.HEADERS)
    is_encrypted = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_encrypted,
    )
    return answer


def _local(path: str | None) -> str:
    """A path of our own to go to; anything that could lead elsewhere becomes the first page."""
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\") or not path.isprintable():
        return "/"
    return path


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _later(body: str, later: Later) -> Response:
    status = 503 if later.text == BUSY else 429
    return guard.page(body, status, {"retry-after": str(later.seconds)})


async def failed(_request: Request, _error: Exception) -> Response:
    """What an error of our own looks like: nothing of the machine is told, the log has it."""
    return guard.page(login_page.notice(FAILED), 500, guard.EVERYWHERE)


class Pages(App):
    """Streamlit's application, whose files for download have owners."""

    def _create_runtime(self) -> Runtime:
        runtime = super()._create_runtime()
        runtime._media_file_mgr = OwnedFiles(_storage)
        return runtime


_desk = Desk()
_storage = OwnedStorage("/media")
app = Pages(
    Path(__file__).with_name("app.py"),
    routes=[
        Route(guard.LOGIN, login, methods=["GET", "POST"]),
        Route(guard.PASSWORD, password, methods=["GET", "POST"]),
        Route(guard.LOGOUT, logout, methods=["GET", "POST"]),
    ],
    middleware=[Middleware(guard.Guard, door=guard.pages_door(_storage.owner_of), policy=policy(SCRIPTS))],
    exception_handlers={Exception: failed},
)


def serve(port: int) -> None:
    """Answer on this port of the machine itself until stopped."""
    settings: dict[str, Any] = {
        "server.address": HOST,
        "server.port": port,
        "browser.serverAddress": HOST,  # else Streamlit asks an outside address for its own
        "server.trustedUserHeaders": {guard.OWNER_HEADER: OWNER},  # a session is resumed by its owner only
        "server.headless": True,
        "server.enableAgentApi": False,
        "server.enableStaticServing": False,
        "server.maxUploadSize": 1,
    }
    app.run(config=settings)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
