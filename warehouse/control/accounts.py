"""Local accounts: made, changed, locked and removed by an operator; each change is an audit entry."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from warehouse.control.actor import OPERATOR, RESERVED, deciding_actor, plain_name
from warehouse.control.audit import append
from warehouse.control.models import Account, LoginAttempt, LoginSession
from warehouse.control.passwords import hash_password, require_good
from warehouse.control.scopes import PROVINCE, require_scope
from warehouse.control.session import control_session, deciding
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

ROLES = {
    "leader": Text("领导", "Leader"),
    "planner": Text("规划", "Planner"),
    "statistician": Text("统计", "Statistician"),
    OPERATOR: Text("运维", "Operator"),
}
NAME = re.compile(r"[a-z0-9一-鿿][a-z0-9一-鿿._-]{1,39}")


def accounts(settings: Settings) -> list[Account]:
    """All accounts by name, removed ones included."""
    with control_session(settings) as session:
        return list(session.exec(select(Account).order_by(col(Account.name))))


def add_account(settings: Settings, name: str, role: str, scope: str, password: str) -> Account:
    """Make an account whose first password must be changed at the first login.

    The first account of a home must be an operator's: it ends the single-user mode. The name of a
    removed account is not given again.
    """
    name, role, scope = _require_name(name), _require_role(role), require_scope(scope)
    require_good(password, name)
    actor = deciding_actor(settings, "user.add")
    hashed = hash_password(password)
    with deciding(settings) as session:
        known = session.get(Account, name)
        if known:
            state = (
                ("已移除，名称不再使用", "was removed") if known.removed_at else ("已存在", "exists already")
            )
            raise Refused(f"账户 {name} {state[0]}。", f"The account {name} {state[1]}.")
        if not (role == OPERATOR and scope == PROVINCE) and not _operators(session):
            raise Refused(
                "第一个账户须是运维（--role operator --scope province）：有了账户页面就要求登录，由运维管理。",
                "The first account must be an operator's of the province (--role operator): from then on the pages "
                "ask for a login, and operators manage the accounts.",
            )
        account = Account(
            name=name,
            role=role,
            scope=scope,
            password_hash=hashed,
            must_change=True,
            is_locked=False,
            created_at=datetime.now(UTC),
        )
        session.add(account)
        append(session, actor, "user.add", name, role=role, scope=scope)
    return account


def set_role(settings: Settings, name: str, role: str) -> None:
    """Give the account another role; its logins end."""
    role, actor = _require_role(role), deciding_actor(settings, "user.role")
    with deciding(settings) as session:
        account = _present(session, name)
        if role != OPERATOR:
            _require_other_operator(session, account)
        append(session, actor, "user.role", account.name, before=account.role, after=role)
        account.role = role
        _end_sessions(session, account)


def set_scope(settings: Settings, name: str, scope: str) -> None:
    """Give the account another scope; its logins end."""
    scope, actor = require_scope(scope), deciding_actor(settings, "user.scope")
    with deciding(settings) as session:
        account = _present(session, name)
        if scope != PROVINCE:
            _require_other_operator(session, account)
        append(session, actor, "user.scope", account.name, before=account.scope, after=scope)
        account.scope = scope
        _end_sessions(session, account)


def reset_password(settings: Settings, name: str, password: str) -> None:
    """Set a password that must be changed at the next login; its logins end, a lock-out too."""
    require_good(password, plain_name(name))
    actor = deciding_actor(settings, "user.reset")
    hashed = hash_password(password)
    with deciding(settings) as session:
        account = _present(session, name)
        account.password_hash, account.must_change = hashed, True
        append(session, actor, "user.reset", account.name)
        _end_sessions(session, account)
        _forget_failures(session, account)


def lock_account(settings: Settings, name: str) -> None:
    """Lock the account until it is unlocked; its logins end."""
    actor = deciding_actor(settings, "user.lock")
    with deciding(settings) as session:
        account = _present(session, name)
        _require_other_operator(session, account)
        account.is_locked = True
        append(session, actor, "user.lock", account.name)
        _end_sessions(session, account)


def unlock_account(settings: Settings, name: str) -> None:
    """End a lock and a lock-out after failed logins."""
    actor = deciding_actor(settings, "user.unlock")
    with deciding(settings) as session:
        account = _present(session, name)
        account.is_locked = False
        append(session, actor, "user.unlock", account.name)
        _forget_failures(session, account)


def remove_account(settings: Settings, name: str) -> None:
    """Remove the account; its row stays for the decisions it took. The last one ends the need to log in."""
    actor = deciding_actor(settings, "user.remove")
    with deciding(settings) as session:
        account = _present(session, name)
        others = [each for each in _present_accounts(session) if each.name != account.name]
        if others:
            _require_other_operator(session, account)
        account.removed_at = datetime.now(UTC)
        append(session, actor, "user.remove", account.name, accounts_left=len(others))
        _end_sessions(session, account)


def name_digest_key(name: str) -> str:
    """What failed logins of a name are counted under: a name nobody has may be a mistyped password."""
    return hashlib.sha256(plain_name(name).encode()).hexdigest()


def _present(session: Session, name: str) -> Account:
    account = session.get(Account, plain_name(name))
    if account is None or account.removed_at is not None:
        raise Refused(
            f"没有账户 {name}。用 yibao users list 查看。",
            f"There is no account {name}; see yibao users list.",
        )
    return account


def _present_accounts(session: Session) -> list[Account]:
    return list(session.exec(select(Account).where(col(Account.removed_at).is_(None))))


def _operators(session: Session) -> list[str]:
    """Those who may manage accounts: a county's operator decides of that county only."""
    return [
        each.name
        for each in _present_accounts(session)
        if each.role == OPERATOR and each.scope == PROVINCE and not each.is_locked
    ]


def _require_other_operator(session: Session, account: Account) -> None:
    if _operators(session) == [account.name]:
        raise Refused(
            f"{account.name} 是最后一个可用的运维账户；请先建立另一个。",
            f"{account.name} is the last operator who can act; make another one first.",
        )


def _end_sessions(session: Session, account: Account) -> None:
    session.exec(delete(LoginSession).where(col(LoginSession.account) == account.name))


def _forget_failures(session: Session, account: Account) -> None:
    digest = name_digest_key(account.name)
    session.exec(delete(LoginAttempt).where(col(LoginAttempt.name_sha256) == digest))


def _require_name(name: str) -> str:
    plain = plain_name(name)
    if not NAME.fullmatch(plain) or plain in RESERVED:
        raise Refused(
            f"账户名 {name} 不可用：2 到 40 个字母、汉字、数字、点、横线，且不是 local、system。",
            f"The name {name} cannot be used: 2 to 40 letters, digits, dots or dashes, and not local or system.",
        )
    return plain


def _require_role(role: str) -> str:
    if role not in ROLES:
        listed = "、".join(f"{code} {name.zh}" for code, name in ROLES.items())
        raise Refused(f"没有角色 {role}。可用：{listed}。", f"There is no role {role}: {', '.join(ROLES)}.")
    return role
