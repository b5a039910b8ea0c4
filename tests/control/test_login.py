"""Logging in: right, wrong, too often, at the same time, and what ends a session."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from sqlmodel import select

from warehouse.control import login
from warehouse.control.accounts import (
    add_account,
    lock_account,
    remove_account,
    reset_password,
    set_role,
    set_scope,
    unlock_account,
)
from warehouse.control.audit import Filter, entries, verify
from warehouse.control.login import (
    FAILURES_ALLOWED,
    authenticate,
    change_password,
    close_session,
    open_session,
    session_account,
)
from warehouse.control.models import LoginAttempt, LoginSession
from warehouse.control.session import control_session
from warehouse.settings import Settings
from warehouse.texts import Refused

WORD, NEW_WORD = "Right-Horse-42", "Other-Horse-43"
WRONG = "账户名或密码不对，或账户已被锁定。"
Change = Callable[[Settings, str], None]


@pytest.fixture
def home(bare_home: Settings) -> Settings:
    return bare_home


@pytest.fixture
def staffed(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    add_account(home, "admin", "operator", "province", WORD)
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    add_account(home, "zhang", "statistician", "460100", WORD)
    return home


def refusal(home: Settings, name: str, word: str) -> str:
    with pytest.raises(Refused) as caught:
        authenticate(home, name, word)
    return str(caught.value)


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Move the clock of the login."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + by

    monkeypatch.setattr(login, "datetime", Later)


def test_name_and_password_give_the_account(staffed: Settings) -> None:
    account = authenticate(staffed, " Zhang ", WORD)
    assert (account.name, account.role, account.scope, account.must_change) == (
        "zhang",
        "statistician",
        "460100",
        True,
    )
    entry = entries(staffed, Filter(), 1)[0]
    assert (entry.actor, entry.channel, entry.action) == ("zhang", "page", "login")


def test_a_refusal_does_not_say_whether_the_name_exists(staffed: Settings) -> None:
    lock_account(staffed, "zhang")
    for name, word in (("admin", "wrong"), ("nobody", "wrong"), ("zhang", WORD), ("", "")):
        assert refusal(staffed, name, word) == WRONG
    for name in ("admin", "nobody"):
        for _ in range(FAILURES_ALLOWED - 1):
            assert refusal(staffed, name, "wrong") == WRONG
    for name in ("admin", "nobody"):
        assert "次登录失败" in refusal(staffed, name, WORD)


def test_a_change_of_the_password_is_written_down_as_such_and_not_as_a_login(staffed: Settings) -> None:
    account = authenticate(staffed, "zhang", WORD)
    with pytest.raises(Refused, match="不对"):
        change_password(staffed, account, "wrong", NEW_WORD)
    change_password(staffed, account, WORD, NEW_WORD)
    actions = [each.action for each in entries(staffed, Filter(), 3)]
    assert actions == ["user.password", "user.password.failed", "login"]


def test_a_name_nobody_has_takes_as_long(staffed: Settings) -> None:
    def seconds(name: str) -> float:
        start = time.perf_counter()
        refusal(staffed, name, "wrong")
        return time.perf_counter() - start

    refusal(staffed, "warm", "up")
    known = median(seconds("zhang") for _ in range(4))
    unknown = median(seconds("nobody") for _ in range(4))
    assert 0.5 < unknown / known < 2


def test_failures_are_written_down_without_what_was_typed(staffed: Settings) -> None:
    refusal(staffed, "zhang", "Typed-Word-1")
    refusal(staffed, "Secret-Typed-As-Name", "x")
    first, second = reversed(entries(staffed, Filter(action="login.failed"), 9))
    assert (first.actor, first.subject) == ("-", "zhang")
    assert (second.actor, second.subject) == ("-", "-")
    with control_session(staffed) as session:
        names = [each.name_sha256 for each in session.exec(select(LoginAttempt))]
    assert len(names) == 3  # and the count of the hour
    assert not [name for name in names if "secret" in name]


def test_a_lock_out_ends_by_itself(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(FAILURES_ALLOWED):
        refusal(staffed, "zhang", "wrong")
    assert "次登录失败" in refusal(staffed, "zhang", WORD)
    last = json.loads(entries(staffed, Filter(action="login.failed"), 1)[0].details)
    assert last == {"locks_out": True}
    later(monkeypatch, timedelta(minutes=14))
    assert "次登录失败" in refusal(staffed, "zhang", WORD)
    later(monkeypatch, timedelta(minutes=16))
    assert refusal(staffed, "zhang", "wrong") == WRONG
    assert authenticate(staffed, "zhang", WORD).name == "zhang"


def test_an_operator_ends_a_lock_out(staffed: Settings) -> None:
    for _ in range(FAILURES_ALLOWED):
        refusal(staffed, "zhang", "wrong")
    unlock_account(staffed, "zhang")
    assert authenticate(staffed, "zhang", WORD).name == "zhang"


def test_a_good_login_forgets_the_failures(staffed: Settings) -> None:
    for _ in range(3):
        for _ in range(FAILURES_ALLOWED - 1):
            refusal(staffed, "zhang", "wrong")
        authenticate(staffed, "zhang", WORD)


def test_many_guesses_at_once_do_not_escape_the_limit(staffed: Settings) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: refusal(staffed, "zhang", "wrong"), range(12)))
    assert answers.count(WRONG) == FAILURES_ALLOWED
    assert len(entries(staffed, Filter(action="login.failed"), 99)) == FAILURES_ALLOWED
    assert verify(staffed).breaks == ()


def test_a_flood_is_summed_up_in_one_entry(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "is_right", lambda stored, word: False)
    for position in range(2 * login.ONE_BY_ONE):
        refusal(staffed, f"nobody-{position}", "wrong")
    for _ in range(FAILURES_ALLOWED):
        refusal(staffed, "zhang", "wrong")
    written = entries(staffed, Filter(action="login.failed"), 999)
    assert len(written) == login.ONE_BY_ONE + 1
    assert (written[0].subject, json.loads(written[0].details)) == ("zhang", {"locks_out": True})
    later(monkeypatch, login.SUMMED_UP_AFTER)
    refusal(staffed, "nobody", "wrong")
    one, summed = entries(staffed, Filter(action="login.failed"), 2)
    assert json.loads(one.details) == {"locks_out": False}
    assert json.loads(summed.details)["more_failures"] == login.ONE_BY_ONE + FAILURES_ALLOWED
    assert verify(staffed).breaks == ()


def test_names_that_are_counted_are_bounded(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "is_right", lambda stored, word: False)
    monkeypatch.setattr(login, "NAMES_COUNTED", 10)
    for position in range(25):
        refusal(staffed, f"nobody-{position}", "wrong")
    with control_session(staffed) as session:
        assert len(session.exec(select(LoginAttempt)).all()) <= 12


def test_a_session_is_known_by_its_token_only(staffed: Settings) -> None:
    token = open_session(staffed, authenticate(staffed, "zhang", WORD))
    found = session_account(staffed, token)
    assert found
    assert found.name == "zhang"
    for other in (None, "", "x", token[:-1], token.upper()):
        assert session_account(staffed, other) is None
    with control_session(staffed) as session:
        assert token not in [each.token_sha256 for each in session.exec(select(LoginSession))]
    close_session(staffed, token)
    assert session_account(staffed, token) is None
    assert entries(staffed, Filter(), 1)[0].action == "logout"


@pytest.mark.parametrize(
    "change",
    [
        lock_account,
        remove_account,
        lambda home, name: set_role(home, name, "leader"),
        lambda home, name: set_scope(home, name, "province"),
        lambda home, name: reset_password(home, name, NEW_WORD),
    ],
)
def test_a_change_of_the_account_ends_its_sessions(staffed: Settings, change: Change) -> None:
    token = open_session(staffed, authenticate(staffed, "zhang", WORD))
    other = open_session(staffed, authenticate(staffed, "admin", WORD))
    change(staffed, "zhang")
    assert session_account(staffed, token) is None
    assert session_account(staffed, other)


def test_a_session_ends_after_a_working_day(staffed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    token = open_session(staffed, authenticate(staffed, "zhang", WORD))
    later(monkeypatch, timedelta(hours=7, minutes=59))
    assert session_account(staffed, token)
    later(monkeypatch, timedelta(hours=8))
    assert session_account(staffed, token) is None


def test_the_first_password_is_changed_by_its_owner(staffed: Settings) -> None:
    account = authenticate(staffed, "zhang", WORD)
    old = open_session(staffed, account)
    for word, why in ((WORD, "相同"), ("short", "密码须有"), ("Zhang-Horse-42", "账户名")):
        with pytest.raises(Refused, match=why):
            change_password(staffed, account, WORD, word)
    with pytest.raises(Refused, match="不对"):
        change_password(staffed, account, "wrong", NEW_WORD)
    new = change_password(staffed, account, WORD, NEW_WORD)
    assert session_account(staffed, old) is None
    found = session_account(staffed, new)
    assert found
    assert not found.must_change
    assert refusal(staffed, "zhang", WORD) == WRONG
    assert not authenticate(staffed, "zhang", NEW_WORD).must_change
    reset_password(staffed, "zhang", WORD)
    assert authenticate(staffed, "zhang", WORD).must_change
