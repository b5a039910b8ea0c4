"""Who decides: an account, the one local user while there is no account, or the system itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import func, inspect
from sqlmodel import col, select

from warehouse.control.models import Account
from warehouse.control.scopes import PROVINCE, scopes
from warehouse.control.session import control_session, is_made, refuse_vanished
from warehouse.settings import Settings
from warehouse.texts import Refused

LOCAL = "local"
SYSTEM = "system"
RESERVED = frozenset({LOCAL, SYSTEM})
VARIABLE = "YIBAO_ACTOR"
OPERATOR, STATISTICIAN = "operator", "statistician"
MAY_DECIDE = {
    "compact": (OPERATOR,),
    "month": (STATISTICIAN, OPERATOR),
    "quarantine": (STATISTICIAN, OPERATOR),
    "release": (OPERATOR,),
    "user": (OPERATOR,),
}


@dataclass(frozen=True)
class Actor:
    """A name and the way it came: ``command_line``, ``page`` (logged in) or ``system``."""

    name: str
    channel: str = "command_line"


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Decisions taken within are those of ``actor``: what a page puts around a form."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def current_actor(settings: Settings) -> Actor:
    """Who decides now: the page's account, else ``--as`` or ``YIBAO_ACTOR``, else the one local user.

    Refused when accounts exist and none is named, or the named one is unknown, locked or removed.
    """
    acting = _acting.get()
    if acting:
        if acting.name not in RESERVED:
            active_account(settings, acting.name)
        return acting
    name = os.environ.get(VARIABLE, "").strip()
    if name == SYSTEM:
        return Actor(SYSTEM, SYSTEM)
    if is_single_user(settings):
        if name and name != LOCAL:
            raise Refused(
                f"没有账户 {name}。现在是本机单用户模式，不必用 --as；账户由 yibao users add 建立。",
                f"There is no account {name}. This is single-user mode, where --as is not needed; "
                "yibao users add makes accounts.",
            )
        return Actor(LOCAL)
    if not name:
        raise Refused(
            f"已有账户，请用 --as 账户名（或环境变量 {VARIABLE}）说明由谁决定。",
            f"Accounts exist: say who decides with --as NAME or {VARIABLE}.",
        )
    return Actor(active_account(settings, name).name)


def deciding_actor(settings: Settings, action: str, region_code: str = PROVINCE) -> Actor:
    """The present actor, refused when the role may not take decisions of this kind (``MAY_DECIDE``).

    Who sees one county decides of that county only: ``region_code`` is what the decision is about.
    """
    actor = current_actor(settings)
    if actor.name in RESERVED:
        return actor
    account = active_account(settings, actor.name)
    allowed = MAY_DECIDE[action.partition(".")[0]]
    if account.role not in allowed:
        raise Refused(
            f"账户 {actor.name} 的角色不能作此决定（{action}），须是：{'、'.join(allowed)}。",
            f"The role of {actor.name} may not decide this ({action}); it takes: {', '.join(allowed)}.",
        )
    if account.scope not in (PROVINCE, region_code) and not _is_left_to_counties(settings, action):
        raise Refused(
            f"账户 {actor.name} 的数据范围是 {scopes()[account.scope].zh}，不能作涉及全省或其他市县的决定（{action}）；"
            "请由数据范围为全省的账户决定。",
            f"{actor.name} sees {scopes()[account.scope].en} only and may not decide for the province or another "
            f"county ({action}); an account whose scope is the province decides this.",
        )
    return actor


def _is_left_to_counties(settings: Settings, action: str) -> bool:
    """Accounts must be managed by somebody, also in a home that has no operator of the province."""
    if not action.startswith("user."):
        return False
    with control_session(settings) as session:
        of_province = (
            select(func.count())
            .select_from(Account)
            .where(
                col(Account.role) == OPERATOR,
                col(Account.scope) == PROVINCE,
                col(Account.removed_at).is_(None),
                col(Account.is_locked).is_(False),
            )
        )
        return session.exec(of_province).one() == 0


def active_account(settings: Settings, name: str) -> Account:
    """The account, neither removed nor locked; else Refused."""
    with control_session(settings) as session:
        account = session.get(Account, plain_name(name))
    if account is None or account.removed_at is not None:
        raise Refused(
            f"没有账户 {name}。用 yibao users list 查看。",
            f"There is no account {name}; see yibao users list.",
        )
    if account.is_locked:
        raise Refused(f"账户 {account.name} 已被锁定。", f"The account {account.name} is locked.")
    return account


def is_single_user(settings: Settings) -> bool:
    """Whether the home has no account: one local user on loopback; forms of two persons stay drafts."""
    refuse_vanished(settings)
    if not is_made(settings):
        return True
    with control_session(settings) as session:
        if not inspect(session.connection()).has_table(str(Account.__tablename__)):
            return True
        present = select(func.count()).select_from(Account).where(col(Account.removed_at).is_(None))
        return session.exec(present).one() == 0


def plain_name(name: str) -> str:
    """The name as it is stored: without spaces around it, in lower case."""
    return name.strip().casefold()
