"""The audit chain: appended by two at once, refused to change, and broken visibly when it was forced."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from warehouse.control import audit
from warehouse.control.audit import Filter, current_head, entries, entry_hash, verify
from warehouse.control.database import control_engine
from warehouse.control.head import Head, noted
from warehouse.control.history import lock_month, record_decision
from warehouse.control.models import AuditEntry
from warehouse.control.session import control_session
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.texts import Refused

MANY = 25
APPENDING = """
import sys
from warehouse.control.history import record_decision
from warehouse.settings import load_settings
for number in range(int(sys.argv[1])):
    record_decision(load_settings(), "quarantine.retry", f"{sys.argv[2]}-{number}", accepted=number)
"""


@pytest.fixture
def home(bare_home: Settings) -> Settings:
    return bare_home


def decide(home: Settings, count: int) -> None:
    for number in range(1, count + 1):
        record_decision(home, "quarantine.return", f"批次 {number}", rows=number)


def execute(home: Settings, *statements: str) -> None:
    engine = control_engine(home.control_url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def without_triggers(home: Settings, *statements: str) -> None:
    """Change the chain as somebody who owns the database can."""
    if home.control_url.startswith("sqlite"):
        names = ("audit_entry_no_update", "audit_entry_no_delete", "audit_entry_at_the_end")
        execute(home, *(f"drop trigger {name}" for name in names), *statements)
    else:
        off, on = (f"alter table audit_entry {word} trigger all" for word in ("disable", "enable"))
        execute(home, off, *statements, on)


def breaks(home: Settings, expected: Head | None = None) -> list[str]:
    return [each.en for each in verify(home, expected).breaks]


def test_a_decision_is_an_entry(home: Settings) -> None:
    lock_month(home, date(2025, 6, 1), date(2025, 7, 20))
    (entry,) = entries(home, Filter(), 10)
    assert (entry.sequence, entry.actor, entry.channel) == (1, "local", "command_line")
    assert (entry.action, entry.subject) == ("month.lock", "2025-06")
    assert json.loads(entry.details) == {"locked_on": "2025-07-20"}
    assert breaks(home) == []
    assert noted(home) == current_head(home) == Head(1, entry.hash)


def test_what_is_refused_leaves_no_entry(home: Settings) -> None:
    lock_month(home, date(2025, 6, 1), date(2025, 7, 20))
    with pytest.raises(Refused):
        lock_month(home, date(2025, 6, 1), date(2025, 7, 21))
    assert len(entries(home, Filter(), 10)) == 1
    assert breaks(home) == []


def test_entries_are_found_by_what_they_say(home: Settings) -> None:
    lock_month(home, date(2025, 6, 1), date(2025, 7, 20))
    decide(home, 3)
    now = datetime.now(UTC)
    assert len(entries(home, Filter(action="quarantine"), 10)) == 3
    assert len(entries(home, Filter(action="quarantine"), 2)) == 2
    assert [each.sequence for each in entries(home, Filter(subject="批次 2"), 10)] == [3]
    assert entries(home, Filter(actor="nobody"), 10) == []
    assert entries(home, Filter(action="%"), 10) == []
    assert entries(home, Filter(since=now + timedelta(days=1)), 10) == []
    assert len(entries(home, Filter(until=now + timedelta(days=1)), 10)) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set actor = 'other' where sequence = 2",
        "delete from audit_entry where sequence = 3",
        "delete from audit_entry",
        "insert into audit_entry select sequence + 9, at, actor, channel, action, subject, details, "
        "previous_hash, 'x' from audit_entry where sequence = 3",
        "insert into audit_entry select sequence + 1, at, actor, channel, action, subject, details, "
        "previous_hash, 'x' from audit_entry where sequence = 3",
    ],
)
def test_the_database_refuses_to_change_the_chain(home: Settings, statement: str) -> None:
    decide(home, 3)
    with pytest.raises(DBAPIError, match="append-only"):
        execute(home, statement)
    assert breaks(home) == []


def test_replacing_and_truncating_are_refused_too(home: Settings) -> None:
    decide(home, 3)
    is_sqlite = home.control_url.startswith("sqlite")
    replace = "insert or replace into audit_entry select * from audit_entry where sequence = 2"
    with pytest.raises(DBAPIError, match="append-only"):
        execute(home, replace if is_sqlite else "truncate audit_entry")


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["update audit_entry set subject = 'other' where sequence = 2"], "entry 2 was changed"),
        (["update audit_entry set details = '{}' where sequence = 5"], "entry 5 was changed"),
        (["update audit_entry set actor = 'wang' where sequence = 1"], "entry 1 was changed"),
        (["update audit_entry set hash = 'x' where sequence = 2"], "entry 2 was changed"),
        (["delete from audit_entry where sequence = 3"], "entry 3 is missing"),
        (["delete from audit_entry where sequence = 1"], "entry 1 is missing"),
        (
            [
                "update audit_entry set sequence = 99 where sequence = 2",
                "update audit_entry set sequence = 2 where sequence = 3",
                "update audit_entry set sequence = 3 where sequence = 99",
            ],
            "entry 2 does not follow entry 1",
        ),
        (
            ["delete from audit_entry where sequence > 3"],
            "the chain ends at entry 3, but the home's audit.head notes entry 5",
        ),
        (
            ["delete from audit_entry"],
            "the chain ends at entry 0, but the home's audit.head notes entry 5",
        ),
    ],
)
def test_a_forced_change_is_found_where_it_is(home: Settings, statements: Sequence[str], found: str) -> None:
    decide(home, 5)
    without_triggers(home, *statements)
    assert breaks(home)[0].startswith(found)


def test_an_entry_that_no_program_wrote_is_a_break(home: Settings) -> None:
    if not home.control_url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes nothing but a moment")
    decide(home, 5)
    without_triggers(home, "update audit_entry set at = 'garbage' where sequence = 3")
    assert "cannot be read" in breaks(home)[0]


def rewritten(home: Settings, change: Callable[[AuditEntry], None], number: int) -> None:
    """Change an entry and compute every hash after it anew."""
    off_only = (
        ("drop trigger audit_entry_no_update",)
        if home.control_url.startswith("sqlite")
        else ("alter table audit_entry disable trigger all",)
    )
    execute(home, *off_only)
    with control_session(home) as session:
        before = audit.NO_HASH
        for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.sequence))):
            if entry.sequence == number:
                change(entry)
            entry.previous_hash = before
            entry.hash = before = entry_hash(entry)


def test_a_chain_computed_anew_is_not_the_one_noted(home: Settings) -> None:
    decide(home, 4)
    kept = current_head(home)

    def blame(entry: AuditEntry) -> None:
        entry.actor = "wang"

    rewritten(home, blame, 2)
    assert breaks(home) == ["entry 4 is not the one the home's audit.head notes: the chain was rewritten"]
    home.audit_head.unlink()
    assert breaks(home) == ["the home has no audit.head, so a cut tail cannot be excluded"]
    assert breaks(home, kept)[0].startswith("entry 4 is not the one the head you gave notes")


def test_the_manifest_of_a_release_notes_the_chain_too(home: Settings) -> None:
    decide(home, 4)
    head = current_head(home)
    assert head
    folder = home.releases / "R20260101-000000-01"
    folder.mkdir(parents=True)
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"audit": {"sequence": head.sequence, "hash": head.hash}}))
    assert breaks(home) == []
    without_triggers(home, "delete from audit_entry where sequence > 2")
    home.audit_head.write_text(json.dumps({"sequence": 2, "hash": entries(home, Filter(), 1)[0].hash}))
    assert breaks(home) == [
        "the chain ends at entry 2, but release R20260101-000000-01 notes entry 4: its tail was cut"
    ]
    manifest.write_text(json.dumps({"audit": "nonsense"}))
    assert breaks(home) == ["release R20260101-000000-01 holds no readable head of the audit chain"]


def test_going_on_after_a_cut_does_not_cover_it(home: Settings) -> None:
    decide(home, 5)
    without_triggers(home, "delete from audit_entry where sequence > 3")
    decide(home, 4)
    assert breaks(home)[0].startswith("entry 5 is not the one the home's audit.head notes")


def test_an_unreadable_note_is_said_and_stays(home: Settings) -> None:
    decide(home, 1)
    home.audit_head.write_text("[]")
    decide(home, 1)
    assert breaks(home) == ["the home's audit.head holds no readable head of the audit chain"]


def test_a_note_that_lags_behind_is_no_break(home: Settings) -> None:
    decide(home, 2)
    before = home.audit_head.read_text()
    decide(home, 2)
    home.audit_head.write_text(before)  # as if killed between the commit and the note
    assert breaks(home) == []


def test_two_processes_append_one_chain(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_HOME", str(home.home))
    monkeypatch.setenv("YIBAO_CONTROL_URL", home.control_url)
    started = [
        subprocess.Popen([sys.executable, "-c", APPENDING, str(MANY), name], cwd=PROJECT_ROOT)
        for name in ("left", "right")
    ]
    assert [process.wait() for process in started] == [0, 0]
    found = entries(home, Filter(), 3 * MANY)
    assert [each.sequence for each in found] == list(range(2 * MANY, 0, -1))
    for name in ("left", "right"):
        subjects = [each.subject for each in reversed(found) if each.subject.startswith(name)]
        assert subjects == [f"{name}-{number}" for number in range(MANY)]
    assert breaks(home) == []
    assert noted(home) == current_head(home)


def test_a_clock_set_back_is_noted_and_not_refused(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(hours=2)

    with monkeypatch.context() as ahead:
        ahead.setattr(audit, "datetime", Ahead)
        decide(home, 1)
    decide(home, 1)
    verdict = verify(home)
    assert verdict.breaks == ()
    assert len(verdict.notes) == 1
    assert verdict.notes[0].en.startswith("at entry 2 the clock was ")
    newest = json.loads(entries(home, Filter(), 1)[0].details)
    assert newest["rows"] == 1
    assert 7000 < newest["clock_set_back_seconds"] <= 7200
