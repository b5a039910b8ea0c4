"""Logging in: a name and a password become a session; failures are counted and lock the name for a time.

A refusal never says whether an account of that name exists: names nobody has are counted, locked
out and answered in the same time as the others.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import delete
from sqlmodel import Session, col, select

from warehouse.control.accounts import name_digest_key
from warehouse.control.actor import Actor, plain_name
from warehouse.control.audit import append
from warehouse.control.models import Account, LoginAttempt, LoginSession
from warehouse.control.passwords import hash_password, is_outdated, is_right, require_good
from warehouse.control.session import control_session, deciding
from warehouse.settings import Settings
from warehouse.texts import Refused

FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=8)
FORGOTTEN_AFTER = timedelta(days=1)
LOGIN, CHANGE = "login", "user.password"
NOBODY = "-"
PAGE = "page"
ONE_BY_ONE, SUMMED_UP_AFTER = 20, timedelta(hours=1)
FLOOD = "flood"  # the attempt that counts the failures of an hour; no digest of a name looks like this
NAMES_COUNTED = 10_000


def authenticate(settings: Settings, name: str, password: str) -> Account:
    """The account, when name and password fit and nothing locks it; else Refused, the same for every cause.

    The attempt is counted before the password is looked at, so that many at once do not escape the limit.
    """
    return _proven(settings, name, password, LOGIN)


def _proven(settings: Settings, name: str, password: str, action: str) -> Account:
    """The account whose password this is. A login is written down, and any failure as one of ``action``."""
    name, password = plain_name(name)[:200], password[:1000]
    account = _begin_attempt(settings, name)
    is_good = is_right(account.password_hash if account else None, password)
    if account is None or not is_good or account.is_locked:
        _note_failure(settings, name, account, action)
        raise Refused(
            "账户名或密码不对，或账户已被锁定。",
            "The name or the password is wrong, or the account is locked.",
        )
    renewed = hash_password(password) if is_outdated(account.password_hash) else None
    with deciding(settings) as session:
        _sum_up(session, datetime.now(UTC), action)
        session.exec(delete(LoginAttempt).where(col(LoginAttempt.name_sha256) == name_digest_key(name)))
        fresh = session.get(Account, account.name)
        if fresh is None or fresh.password_hash != account.password_hash or not _may_enter(fresh):
            raise Refused("账户刚刚有变动，请重试。", "The account was just changed; try again.")
        if renewed:
            fresh.password_hash = renewed
        if action == LOGIN:
            append(session, Actor(fresh.name, PAGE), LOGIN, fresh.name)
    return fresh


def open_session(settings: Settings, account: Account) -> str:
    """A new session of the account; gives the token for the browser, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    with control_session(settings) as session:
        session.exec(delete(LoginSession).where(col(LoginSession.expires_at) < now))
        session.add(
            LoginSession(
                token_sha256=_digest(token),
                account=account.name,
                created_at=now,
                expires_at=now + SESSION_LASTS,
            )
        )
    return token


def session_account(settings: Settings, token: str | None) -> Account | None:
    """Whose session this is: asked anew at every page run, so that a lock or a new role counts at once."""
    if not token:
        return None
    now = datetime.now(UTC)
    with control_session(settings) as session:
        held = session.get(LoginSession, _digest(token))
        if held is None or not held.created_at <= now < held.expires_at:
            return None
        account = session.get(Account, held.account)
        return account if account and _may_enter(account) else None


def close_session(settings: Settings, token: str | None) -> None:
    """End the session: the token is worth nothing from now on."""
    account = session_account(settings, token)
    if account is None:
        return
    with deciding(settings) as session:
        held = session.get(LoginSession, _digest(cast(str, token)))
        if held:
            session.delete(held)
            append(session, Actor(account.name, PAGE), "logout", account.name)


def change_password(settings: Settings, account: Account, old: str, new: str) -> str:
    """Set the account's own new password; all its sessions end. Gives the token of a new one."""
    _proven(settings, account.name, old, CHANGE)
    if new == old:
        raise Refused("新密码与原密码相同。", "The new password is the old one.")
    require_good(new, account.name)
    hashed = hash_password(new)
    with deciding(settings) as session:
        fresh = session.get_one(Account, account.name)
        fresh.password_hash, fresh.must_change = hashed, False
        session.exec(delete(LoginSession).where(col(LoginSession.account) == fresh.name))
        append(session, Actor(fresh.name, PAGE), CHANGE, fresh.name)
    return open_session(settings, fresh)


def _begin_attempt(settings: Settings, name: str) -> Account | None:
    """Count an attempt; Refused while the name is locked out."""
    now, digest = datetime.now(UTC), name_digest_key(name)
    with deciding(settings) as session:
        _forget_names(session, now)
        account = session.get(Account, name)
        account = account if account and account.removed_at is None else None
        attempt = session.get(LoginAttempt, digest) or LoginAttempt(
            name_sha256=digest, failed=0, last_at=now, locked_until=None
        )
        if attempt.locked_until and now < attempt.locked_until:
            raise _locked_out(attempt.locked_until)
        if attempt.locked_until:
            attempt.failed, attempt.locked_until = 0, None
        attempt.failed, attempt.last_at = attempt.failed + 1, now
        if attempt.failed >= FAILURES_ALLOWED:
            attempt.locked_until = now + LOCKED_FOR
        session.add(attempt)
    return account


def _note_failure(settings: Settings, name: str, account: Account | None, action: str) -> None:
    """Write the failure down: under the account's name, never what was typed instead of one.

    A flood is one entry: of an hour, the first failures and those that lock an account out have their own, the
    others are counted, and their number is written with the next attempt after that hour.
    """
    subject, now = account.name if account else NOBODY, datetime.now(UTC)
    with deciding(settings) as session:
        attempt = session.get(LoginAttempt, name_digest_key(name))
        is_last = attempt is not None and attempt.locked_until is not None
        flood = _sum_up(session, now, action)
        flood.failed += 1
        session.add(flood)
        if flood.failed <= ONE_BY_ONE or (is_last and account):
            append(session, Actor(NOBODY, PAGE), f"{action}.failed", subject, locks_out=is_last)


def _sum_up(session: Session, now: datetime, action: str) -> LoginAttempt:
    """The count of this hour's failures; that of an hour that is over becomes an entry first."""
    flood = session.get(LoginAttempt, FLOOD) or LoginAttempt(
        name_sha256=FLOOD, failed=0, last_at=now, locked_until=None
    )
    if now - flood.last_at < SUMMED_UP_AFTER:
        return flood
    more = flood.failed - ONE_BY_ONE
    if more > 0:
        since, until = (f"{at:%Y-%m-%dT%H:%MZ}" for at in (flood.last_at, flood.last_at + SUMMED_UP_AFTER))
        actor = Actor(NOBODY, PAGE)
        append(session, actor, f"{LOGIN}.failed", NOBODY, more_failures=more, since=since, until=until)
    flood.failed, flood.last_at = 0, now
    session.add(flood)
    return flood


def _forget_names(session: Session, now: datetime) -> None:
    """Names are forgotten after a day, and beyond a number of them those first that wait for longest."""
    names = col(LoginAttempt.name_sha256) != FLOOD
    session.exec(delete(LoginAttempt).where(names, col(LoginAttempt.last_at) < now - FORGOTTEN_AFTER))
    newest = select(LoginAttempt.last_at).where(names).order_by(col(LoginAttempt.last_at).desc())
    oldest = session.exec(newest.offset(NAMES_COUNTED).limit(1)).first()
    if oldest is not None:
        session.exec(delete(LoginAttempt).where(names, col(LoginAttempt.last_at) <= oldest))


def _locked_out(until: datetime) -> Refused:
    local = until.astimezone()
    return Refused(
        f"连续 {FAILURES_ALLOWED} 次登录失败，此账户名到 {local:%H:%M} 为止不能登录。",
        f"{FAILURES_ALLOWED} failed logins in a row: this name cannot log in until {local:%H:%M}.",
    )


def _may_enter(account: Account) -> bool:
    return account.removed_at is None and not account.is_locked


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
