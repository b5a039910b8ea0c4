"""The pages behind the login: ``streamlit run dashboards/server.py``, or ``yibao serve``."""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards import guard, login_page
from dashboards.services.visitors import COOKIE
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

LARGEST_FORM = 10_000
FOREIGN = Text("表单不是从本页送来的。", "The form was not sent from this page.")
UNLIKE = Text("两次输入的新密码不同。", "The two new passwords differ.")


async def login(request: Request) -> Response:
    """Show the form; or take name and password, and give the browser its session."""
    if request.method == "GET":
        return guard.page(login_page.login_form(_local(request.query_params.get("next")), None))
    fields = await _fields(request)
    if fields is None:
        return guard.page(login_page.login_form("/", FOREIGN), 403)
    path = _local(fields.get("next"))
    try:
        token, must_change = await run_in_threadpool(
            _enter, fields.get("name", ""), fields.get("password", "")
        )
    except Refused as refused:
        return guard.page(login_page.login_form(path, refused.text), 403)
    return _with_session(request, guard.PASSWORD if must_change else path, token)


async def password(request: Request) -> Response:
    """Show the form; or change the password, which ends every other session of the account."""
    if request.method == "GET":
        return guard.page(login_page.password_form(None))
    fields = await _fields(request)
    if fields is None:
        return guard.page(login_page.password_form(FOREIGN), 403)
    if fields.get("new") != fields.get("again"):
        return guard.page(login_page.password_form(UNLIKE), 403)
    try:
        token = await run_in_threadpool(
            _change, request.cookies.get(COOKIE), fields.get("old", ""), fields.get("new", "")
        )
    except Refused as refused:
        return guard.page(login_page.password_form(refused.text), 403)
    return _with_session(request, "/", token)


async def logout(request: Request) -> Response:
    """Ask; or end the session."""
    if request.method == "GET":
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
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
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


app = st.App(
    "app.py",
    routes=[
        Route(guard.LOGIN, login, methods=["GET", "POST"]),
        Route(guard.PASSWORD, password, methods=["GET", "POST"]),
        Route(guard.LOGOUT, logout, methods=["GET", "POST"]),
    ],
    middleware=[Middleware(guard.Guard)],
)
