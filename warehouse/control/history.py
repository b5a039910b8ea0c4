"""What the control database remembers: batches, releases and which one was served when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session, col, select

from warehouse.control.database import control_engine, unreachable
from warehouse.control.models import BatchRecord, MonthLock, ReleaseRecord, ServiceRecord
from warehouse.settings import Settings
from warehouse.texts import Refused, Text


@contextmanager
def control_session(settings: Settings) -> Iterator[Session]:
    """One transaction on the control database."""
    engine = control_engine(settings.control_url)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    except (OperationalError, ProgrammingError) as error:
        raise unreachable(error) from error
    finally:
        engine.dispose()


def record_batches(settings: Settings, batches: Sequence[BatchRecord]) -> None:
    """Insert or update batch records by their id (the build database's rows are the truth)."""
    with control_session(settings) as session:
        for batch in batches:
            session.merge(batch)


def batch_records(settings: Settings) -> list[BatchRecord]:
    """All batches, newest first."""
    with control_session(settings) as session:
        return list(session.exec(select(BatchRecord).order_by(col(BatchRecord.received_at).desc())))


def record_release(settings: Settings, release: ReleaseRecord, reason: str) -> None:
    """Remember a release and that it is the one served from now on."""
    with control_session(settings) as session:
        session.merge(release)
        session.flush()
        session.add(ServiceRecord(release_id=release.release_id, served_at=datetime.now(UTC), reason=reason))


def releases(settings: Settings) -> list[tuple[ReleaseRecord, datetime | None]]:
    """All releases, newest first, each with the moment it was last put into service."""
    with control_session(settings) as session:
        served: dict[str, datetime] = {}
        for row in session.exec(select(ServiceRecord).order_by(col(ServiceRecord.served_at))):
            served[row.release_id] = row.served_at
        written = select(ReleaseRecord).order_by(col(ReleaseRecord.written_at).desc())
        return [(each, served.get(each.release_id)) for each in session.exec(written)]


def release_served_on(settings: Settings, day: date) -> str | None:
    """The release that was served at the end of ``day`` (local time), if any was."""
    local = datetime.now().astimezone().tzinfo
    end_of_day = datetime.combine(day + timedelta(days=1), time.min, tzinfo=local)
    with control_session(settings) as session:
        newest = (
            select(ServiceRecord.release_id)
            .where(col(ServiceRecord.served_at) < end_of_day)
            .order_by(col(ServiceRecord.served_at).desc(), col(ServiceRecord.service_id).desc())
            .limit(1)
        )
        return session.exec(newest).first()


def remember_refusal(
    settings: Settings, batch_id: str, feed: str, file_name: str, sha256: str, known_on: date, why: Text
) -> None:
    """Record a table that was refused as a whole, with the reason."""
    record = BatchRecord(
        batch_id=batch_id,
        feed=feed,
        file_name=file_name,
        sha256=sha256,
        known_on=known_on,
        status="refused",
        rows_read=0,
        rows_accepted=0,
        rows_refused=0,
        rows_duplicate=0,
        message_zh=why.zh[:2000],
        message_en=why.en[:2000],
        received_at=datetime.now(UTC),
    )
    record_batches(settings, [record])


def lock_month(settings: Settings, month: date, locked_on: date) -> None:
    """Close a month (its first day); a month that is closed already is refused."""
    with control_session(settings) as session:
        known = session.exec(select(MonthLock).where(col(MonthLock.month) == month)).first()
        if known:
            raise Refused(
                f"{month:%Y-%m} 已于 {known.locked_on} 锁定。",
                f"{month:%Y-%m} has been locked since {known.locked_on}.",
            )
        session.add(MonthLock(month=month, locked_on=locked_on, decided_at=datetime.now(UTC)))


def locked_months(settings: Settings) -> dict[date, date]:
    """The closed months (first days) and since when each is closed."""
    with control_session(settings) as session:
        locks = session.exec(select(MonthLock).order_by(col(MonthLock.month)))
        return {lock.month: lock.locked_on for lock in locks}
