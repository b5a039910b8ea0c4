"""What happened to the build database, in order: files that came, months locked, rows tried again, compaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from warehouse.control.history import batch_records
from warehouse.control.models import AuditEntry, MonthLock
from warehouse.control.session import control_session
from warehouse.ingest.archive import archived_files
from warehouse.settings import Settings

REPLAYED = ("quarantine.retry", "compact")


@dataclass(frozen=True)
class Event:
    """One step: ``kind`` is load (subject: SHA-256), lock (subject: month), quarantine.retry (batch) or compact."""

    at: datetime
    kind: str
    subject: str
    locked_on: date | None = None


def events(settings: Settings) -> list[Event]:
    """All steps in the order in which they happened.

    A file of which the control database knows nothing (it was lost) counts from when it was archived.
    """
    known = batch_records(settings)
    found = [Event(each.received_at, "load", each.sha256) for each in known]
    remembered = {each.sha256 for each in known}
    found += [
        Event(archived_at, "load", sha256)
        for sha256, archived_at in archived_files(settings)
        if sha256 not in remembered
    ]
    found += list(_decisions(settings))
    return sorted(found, key=lambda each: (each.at, each.kind, each.subject))


def _decisions(settings: Settings) -> Iterator[Event]:
    with control_session(settings) as session:
        for lock in session.exec(select(MonthLock)):
            yield Event(lock.decided_at, "lock", lock.month.isoformat(), lock.locked_on)
        decided = select(AuditEntry).where(col(AuditEntry.action).in_(REPLAYED))
        for entry in session.exec(decided.order_by(col(AuditEntry.sequence))):
            yield Event(entry.at, entry.action, entry.subject)
