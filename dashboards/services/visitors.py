"""Who looks at the pages: the account of the session, or the one local user while there is no account."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from warehouse.control.accounts import ROLES
from warehouse.control.actor import LOCAL, OPERATOR, STATISTICIAN, Actor, is_single_user
from warehouse.control.login import PAGE, session_account
from warehouse.control.scopes import PROVINCE, scopes
from warehouse.release.pointer import PROVINCE as PROVINCE_FILE
from warehouse.release.pointer import STATISTICIAN as STATISTICIAN_FILE
from warehouse.settings import Settings
from warehouse.texts import Text

COOKIE = "yibao_session"
_SECRET = secrets.token_bytes(32)
PARTS = {
    "leader": ("leader",),
    "planner": ("leader", "planner"),
    "statistician": ("leader", "planner", "statistician"),
    "operator": ("leader", "planner", "statistician", "operator"),
}


@dataclass(frozen=True)
class Visitor:
    """A reader of the pages; ``role`` and ``scope`` as they are now, not as they were at the login."""

    name: str
    role: str
    scope: str
    is_single_user: bool
    owner: str = ""  # of what a session holds: another login, name, role or scope is another owner

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the navigation this role has; loads, releases and audit are of the whole province."""
        return tuple(part for part in PARTS[self.role] if part != "operator" or self.scope == PROVINCE)

    @property
    def file_scope(self) -> str:
        """Which file of a release this visitor reads: the county's, or the province's, or the statisticians'."""
        if self.scope != PROVINCE:
            return self.scope
        return STATISTICIAN_FILE if self.role == STATISTICIAN else PROVINCE_FILE

    @property
    def actor(self) -> Actor:
        """Under what name this visitor decides: put ``acting_as`` around what a form does."""
        return Actor(self.name, PAGE)

    @property
    def role_name(self) -> Text:
        return ROLES[self.role]

    @property
    def scope_name(self) -> Text:
        return scopes()[self.scope]


def visitor(settings: Settings, token: str | None) -> Visitor | None:
    """The visitor who holds this token; the local user while there is no account; None: must log in."""
    if is_single_user(settings):
        return Visitor(LOCAL, OPERATOR, PROVINCE, True, _owner(LOCAL))
    account = session_account(settings, token)
    if account is None or account.must_change:
        return None
    owner = _owner(account.name, account.role, account.scope, token or "")
    return Visitor(account.name, account.role, account.scope, False, owner)


def _owner(*parts: str) -> str:
    return hmac.new(_SECRET, "\0".join(parts).encode(), "sha256").hexdigest()
