"""Accounts: who may be made, changed and removed by whom; and who decides in whose name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from warehouse.control.accounts import (
    accounts,
    add_account,
    lock_account,
    remove_account,
    reset_password,
    set_role,
    set_scope,
    unlock_account,
)
from warehouse.control.actor import Actor, acting_as, current_actor, deciding_actor, is_single_user
from warehouse.control.audit import Filter, entries
from warehouse.control.history import lock_month
from warehouse.control.models import MonthLock
from warehouse.control.session import control_session
from warehouse.settings import Settings
from warehouse.texts import Refused

WORD = "Right-Horse-42"
Change = Callable[[Settings, str], None]


@pytest.fixture
def home(bare_home: Settings) -> Settings:
    return bare_home


@pytest.fixture
def staffed(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with an operator, who acts, and a statistician of one county."""
    add_account(home, "admin", "operator", "province", WORD)
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    add_account(home, "zhang", "statistician", "460100", WORD)
    return home


@pytest.fixture
def with_li(staffed: Settings) -> Settings:
    """And a statistician of the whole province."""
    add_account(staffed, "li", "statistician", "province", WORD)
    return staffed


def test_the_first_account_is_an_operators(home: Settings) -> None:
    assert is_single_user(home)
    with pytest.raises(Refused, match="第一个账户须是运维"):
        add_account(home, "zhang", "leader", "province", WORD)
    assert is_single_user(home)
    add_account(home, " Admin ", "operator", "province", WORD)
    assert not is_single_user(home)
    assert [(each.name, each.scope, each.must_change) for each in accounts(home)] == [
        ("admin", "460000", True)
    ]


def test_only_the_argon2_hash_of_a_password_is_kept(staffed: Settings) -> None:
    assert all(each.password_hash.startswith("$argon2id$") for each in accounts(staffed))
    assert len({each.password_hash for each in accounts(staffed)}) == 2
    assert WORD not in " ".join(each.details for each in entries(staffed, Filter(), 99))
    if staffed.control_url.startswith("sqlite"):
        kept = b"".join(path.read_bytes() for path in staffed.home.glob("control.sqlite*"))
        assert b"argon2id" in kept
        assert WORD.encode() not in kept


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("Short-1", "密码须有"),
        ("x" * 129, "密码须有"),
        ("onlysmallletters", "3 种"),
        ("Li-wang-2026-ABC", "不能有账户名"),
        ("Aa1-Aa1-Aa1-Aa1-", "重复"),
        ("Right-Horse\t42", "控制字符"),
    ],
)
def test_a_poor_password_is_refused(staffed: Settings, word: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        add_account(staffed, "wang", "leader", "province", word)
    with pytest.raises(Refused):
        reset_password(staffed, "wang", word)


@pytest.mark.parametrize("word", [WORD, "correct horse battery staple", "医保数仓二〇二六年密码Aa一二三"])
def test_a_good_password_is_taken(staffed: Settings, word: str) -> None:
    add_account(staffed, "wang", "leader", "province", word)


@pytest.mark.parametrize("name", ["local", "System", "a", "x" * 41, "with space", "-", "a/b", "王\n"])
def test_an_unusable_name_is_refused(staffed: Settings, name: str) -> None:
    with pytest.raises(Refused, match="账户名"):
        add_account(staffed, name, "leader", "province", WORD)


def test_roles_and_scopes_are_closed_sets(staffed: Settings) -> None:
    with pytest.raises(Refused, match="没有角色 admin"):
        set_role(staffed, "zhang", "admin")
    for scope in ("460105", "440000", "000000", "海口", ""):
        with pytest.raises(Refused, match="没有数据范围"):
            set_scope(staffed, "zhang", scope)
    set_role(staffed, "zhang", "planner")
    set_scope(staffed, "zhang", "469027")
    zhang = accounts(staffed)[1]
    assert (zhang.role, zhang.scope) == ("planner", "469027")


def test_a_name_is_given_once(staffed: Settings) -> None:
    with pytest.raises(Refused, match="已存在"):
        add_account(staffed, "ZHANG", "leader", "province", WORD)
    remove_account(staffed, "zhang")
    with pytest.raises(Refused, match="名称不再使用"):
        add_account(staffed, "zhang", "leader", "province", WORD)
    with pytest.raises(Refused, match="没有账户 zhang"):
        unlock_account(staffed, "zhang")


@pytest.mark.parametrize(
    "change", [lock_account, remove_account, lambda home, name: set_role(home, name, "leader")]
)
def test_the_last_operator_stays(staffed: Settings, change: Change) -> None:
    with pytest.raises(Refused, match="最后一个可用的运维"):
        change(staffed, "admin")
    add_account(staffed, "second", "operator", "province", WORD)
    lock_account(staffed, "second")
    with pytest.raises(Refused, match="最后一个可用的运维"):
        change(staffed, "admin")
    unlock_account(staffed, "second")
    change(staffed, "admin")


def test_removing_the_last_account_ends_the_login(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_account(staffed, "zhang")
    remove_account(staffed, "admin")
    assert is_single_user(staffed)
    with pytest.raises(Refused, match="单用户模式"):
        current_actor(staffed)
    monkeypatch.delenv("YIBAO_ACTOR")
    assert current_actor(staffed) == Actor("local")


def test_every_change_is_in_the_audit_chain(staffed: Settings) -> None:
    set_role(staffed, "zhang", "planner")
    set_scope(staffed, "zhang", "province")
    lock_account(staffed, "zhang")
    unlock_account(staffed, "zhang")
    reset_password(staffed, "zhang", "Other-Horse-43")
    remove_account(staffed, "zhang")
    written = [(each.actor, each.action, each.subject) for each in reversed(entries(staffed, Filter(), 99))]
    changes = ("add", "role", "scope", "lock", "unlock", "reset", "remove")
    assert written[0] == ("local", "user.add", "admin")
    assert written[1:] == [("admin", f"user.{change}", "zhang") for change in changes]
    role = entries(staffed, Filter(action="user.role"), 1)[0]
    assert json.loads(role.details) == {"before": "statistician", "after": "planner"}


def test_only_operators_manage_accounts(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_ACTOR", "zhang")
    with pytest.raises(Refused, match="不能作此决定"):
        set_role(staffed, "zhang", "operator")
    assert accounts(staffed)[1].role == "statistician"


def test_a_decision_is_somebodys(with_li: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIBAO_ACTOR")
    with pytest.raises(Refused, match="--as"):
        lock_month(with_li, date(2025, 6, 1), date(2025, 7, 20))
    for name, why in (("nobody", "没有账户"), ("local", "没有账户")):
        monkeypatch.setenv("YIBAO_ACTOR", name)
        with pytest.raises(Refused, match=why):
            lock_month(with_li, date(2025, 6, 1), date(2025, 7, 20))
    monkeypatch.setenv("YIBAO_ACTOR", "Li")
    lock_month(with_li, date(2025, 6, 1), date(2025, 7, 20))
    with control_session(with_li) as session:
        lock = session.get_one(MonthLock, 1)
    assert lock.actor == entries(with_li, Filter(), 1)[0].actor == "li"


def test_roles_decide_different_things(with_li: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    add_account(with_li, "chen", "leader", "province", WORD)
    may = {
        "admin": {"month.lock", "quarantine.return", "release.serve", "user.add"},
        "li": {"month.lock", "quarantine.return"},
        "chen": set[str](),
    }
    for name, allowed in may.items():
        monkeypatch.setenv("YIBAO_ACTOR", name)
        for action in may["admin"]:
            if action in allowed:
                assert deciding_actor(with_li, action).name == name
            else:
                with pytest.raises(Refused, match="不能作此决定"):
                    deciding_actor(with_li, action)


def test_who_sees_a_county_decides_of_that_county_only(
    staffed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIBAO_ACTOR", "zhang")
    assert deciding_actor(staffed, "quarantine.return", "460100").name == "zhang"
    for region in ("460200", "460000"):
        with pytest.raises(Refused, match="不能作涉及全省或其他市县的决定"):
            deciding_actor(staffed, "quarantine.return", region)
    with pytest.raises(Refused, match="海口市"):
        lock_month(staffed, date(2025, 6, 1), date(2025, 7, 20))


def test_a_locked_or_removed_account_decides_nothing(
    staffed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_account(staffed, "zhang")
    monkeypatch.setenv("YIBAO_ACTOR", "zhang")
    with pytest.raises(Refused, match="已被锁定"):
        current_actor(staffed)
    with acting_as(Actor("zhang", "page")), pytest.raises(Refused, match="已被锁定"):
        current_actor(staffed)
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    remove_account(staffed, "zhang")
    with acting_as(Actor("zhang", "page")), pytest.raises(Refused, match="没有账户"):
        current_actor(staffed)


def test_a_page_decides_in_the_name_of_who_is_logged_in(with_li: Settings) -> None:
    with acting_as(Actor("li", "page")):
        lock_month(with_li, date(2025, 6, 1), date(2025, 7, 20))
    entry = entries(with_li, Filter(), 1)[0]
    assert (entry.actor, entry.channel) == ("li", "page")
    assert current_actor(with_li).name == "admin"


def test_the_system_acts_as_itself(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_ACTOR", "system")
    lock_month(staffed, date(2025, 6, 1), date(2025, 7, 20))
    entry = entries(staffed, Filter(), 1)[0]
    assert (entry.actor, entry.channel) == ("system", "system")


def test_a_control_database_that_vanished_is_no_single_user_mode(home: Settings) -> None:
    if not home.control_url.startswith("sqlite"):
        pytest.skip("a file of SQLite")
    add_account(home, "admin", "operator", "province", WORD)
    for path in home.home.glob("control.sqlite*"):
        path.unlink()
    with pytest.raises(Refused, match="从备份恢复"):
        is_single_user(home)
