"""What the control database remembers: batches, releases and which one was served when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, delete, func, select

from warehouse.control.actor import deciding_actor
from warehouse.control.audit import Detail, append
from warehouse.control.models import (
    BatchArrival,
    BatchMonth,
    BatchRecord,
    DeliverySaid,
    Disclosure,
    MonthClose,
    MonthLock,
    ReleaseRecord,
    ServiceRecord,
)
from warehouse.control.session import control_session as control_session
from warehouse.control.session import deciding
from warehouse.settings import Settings
from warehouse.texts import Refused, Text


def record_batches(settings: Settings, batches: Sequence[BatchRecord]) -> None:
    """Insert or update batch records by their id (the build database's rows are the truth)."""
    with control_session(settings) as session:
        for batch in batches:
            session.merge(batch)


def record_batch_months(settings: Settings, months: Sequence[BatchMonth]) -> None:
    """Bring the months that batches touched up to what the build database says."""
    with control_session(settings) as session:
        known = {(row.batch_id, row.month): row.rows_touched for row in session.exec(select(BatchMonth))}
        for each in months:
            if known.get((each.batch_id, each.month)) != each.rows_touched:
                session.merge(each)


def record_batch_arrivals(settings: Settings, arrivals: Mapping[str, Sequence[BatchArrival]]) -> None:
    """Bring what batches brought of each month and region up to what the build database says, by batch."""
    counted = select(BatchArrival.batch_id, func.count(), func.sum(BatchArrival.rows_new))
    with control_session(settings) as session:
        known = {
            batch: (int(rows), int(new))
            for batch, rows, new in session.exec(counted.group_by(col(BatchArrival.batch_id)))
        }
        for batch, found in arrivals.items():
            if known.get(batch) != (len(found), sum(each.rows_new for each in found)):
                session.exec(delete(BatchArrival).where(col(BatchArrival.batch_id) == batch))
                session.add_all(found)


def arrived_rows(settings: Settings, on: date) -> list[tuple[str, str, date, int]]:
    """Feed, region, month and number of the new rows that had come by the day ``on``."""
    by_month = (
        select(
            col(BatchRecord.feed),
            col(BatchArrival.region_code),
            col(BatchArrival.month),
            func.sum(col(BatchArrival.rows_new)),
        )
        .select_from(BatchArrival)
        .join(BatchRecord, col(BatchRecord.batch_id) == col(BatchArrival.batch_id))
        .where(col(BatchRecord.status) == "accepted", col(BatchRecord.known_on) <= on)
        .group_by(col(BatchRecord.feed), col(BatchArrival.region_code), col(BatchArrival.month))
    )
    with control_session(settings) as session:
        return [(feed, region, month, int(rows)) for feed, region, month, rows in session.exec(by_month)]


def new_rows_of_month(settings: Settings, month: date) -> dict[str, int]:
    """By batch, how many new rows of a month (its first day) it brought."""
    by_batch = (
        select(BatchArrival.batch_id, func.sum(BatchArrival.rows_new))
        .where(col(BatchArrival.month) == month)
        .group_by(col(BatchArrival.batch_id))
    )
    with control_session(settings) as session:
        return {batch: int(rows) for batch, rows in session.exec(by_batch)}


def record_announced(settings: Settings, announced: Sequence[DeliverySaid]) -> None:
    """Bring in the months that manifests say were delivered whole; an operator's own word stands."""
    with control_session(settings) as session:
        known = {(each.feed, each.region_code, each.month) for each in session.exec(select(DeliverySaid))}
        session.add_all(each for each in announced if (each.feed, each.region_code, each.month) not in known)


def say_complete(settings: Settings, said: DeliverySaid) -> None:
    """Keep an operator's word that a feed's month is all there; said again, the new reason stands."""
    actor = deciding_actor(settings, "month.complete", said.region_code)
    with deciding(settings) as session:
        session.merge(said)
        subject = f"{said.feed} {said.month:%Y-%m} {said.region_code}"
        append(session, actor, "month.complete", subject, reason=said.reason)


def said_complete(settings: Settings) -> list[DeliverySaid]:
    """All months of feeds that an operator said to be complete."""
    with control_session(settings) as session:
        return list(session.exec(select(DeliverySaid)))


def batches_of_month(settings: Settings, month: date) -> list[BatchRecord]:
    """The accepted batches that hold or correct rows of a month (its first day), oldest delivery first."""
    with control_session(settings) as session:
        touching = (
            select(BatchRecord)
            .join(BatchMonth, col(BatchMonth.batch_id) == col(BatchRecord.batch_id))
            .where(col(BatchMonth.month) == month)
            .order_by(col(BatchRecord.known_on), col(BatchRecord.batch_id))
        )
        return list(session.exec(touching))


def batch_months(settings: Settings) -> dict[str, set[date]]:
    """By batch the months (first days) of which it holds or corrects rows; a feed without months has none."""
    found: dict[str, set[date]] = defaultdict(set)
    with control_session(settings) as session:
        for each in session.exec(select(BatchMonth)):
            found[each.batch_id].add(each.month)
    return found


def batch_records(settings: Settings) -> list[BatchRecord]:
    """All batches, newest first."""
    with control_session(settings) as session:
        return list(session.exec(select(BatchRecord).order_by(col(BatchRecord.received_at).desc())))


def record_release(settings: Settings, release: ReleaseRecord) -> None:
    """Remember a release as written."""
    with control_session(settings) as session:
        session.merge(release)


def record_service(
    settings: Settings, release_id: str, reason: str, disclosures: Sequence[Disclosure] = ()
) -> None:
    """Remember that a release is the one served from now on, by whose decision, and what it hides and shows."""
    actor = deciding_actor(settings, "release.serve")
    with deciding(settings) as session:
        session.add(
            ServiceRecord(
                release_id=release_id, served_at=datetime.now(UTC), reason=reason[:200], actor=actor.name
            )
        )
        sealed = _release(session, release_id).manifest_sha256
        append(session, actor, "release.serve", release_id, reason=reason, manifest_sha256=sealed)
        known = {_disclosure_key(each): each for each in session.exec(select(Disclosure))}
        for new in disclosures:
            old = known.get(_disclosure_key(new))
            if old is None:
                session.add(new)
                continue
            for flag in ("was_month_hidden", "was_month_shown", "was_year_hidden"):
                if getattr(new, flag) and not getattr(old, flag):
                    setattr(old, flag, True)


def disclosures_before(settings: Settings) -> list[Disclosure]:
    """What all releases that were ever served hid and showed."""
    with control_session(settings) as session:
        return list(session.exec(select(Disclosure)))


def _disclosure_key(each: Disclosure) -> tuple[str, str, str, int]:
    return each.count_measure, each.data_origin, each.region_code, each.disclosure_year


def record_retired(settings: Settings, release_id: str) -> None:
    """Remember that a release's files are removed."""
    actor = deciding_actor(settings, "release.retire")
    with deciding(settings) as session:
        _release(session, release_id).retired_at = datetime.now(UTC)
        append(session, actor, "release.retire", release_id)


def record_pin(settings: Settings, release_id: str, reason: str | None) -> None:
    """Pin a release with a reason, so that nothing of it is ever retired; None takes the pin away."""
    if reason is not None:
        require_reason(reason)
    action = "release.pin" if reason else "release.unpin"
    actor = deciding_actor(settings, action)
    with deciding(settings) as session:
        _release(session, release_id).pinned_because = reason[:200] if reason else None
        append(session, actor, action, release_id, reason=reason)


def require_reason(reason: str) -> None:
    """Refuse a decision without a reason, which is kept in the history."""
    if not reason.strip():
        raise Refused("请写明理由。", "State a reason.")


def pinned_releases(settings: Settings) -> set[str]:
    """The ids of the pinned releases."""
    with control_session(settings) as session:
        pinned = select(ReleaseRecord.release_id).where(col(ReleaseRecord.pinned_because).is_not(None))
        return set(session.exec(pinned))


def recorded_releases(settings: Settings) -> set[str]:
    """The ids of all releases that the control database knows."""
    with control_session(settings) as session:
        return set(session.exec(select(ReleaseRecord.release_id)))


def manifest_checksum(settings: Settings, release_id: str) -> str | None:
    """The SHA-256 of a release's manifest as it was written; None for an unknown release."""
    with control_session(settings) as session:
        record = session.get(ReleaseRecord, release_id)
        return record.manifest_sha256 if record else None


def serving(settings: Settings) -> str | None:
    """The release that was put into service last, as the control database knows."""
    with control_session(settings) as session:
        newest = select(ServiceRecord.release_id).order_by(col(ServiceRecord.service_id).desc()).limit(1)
        return session.exec(newest).first()


def releases(settings: Settings) -> list[tuple[ReleaseRecord, datetime | None]]:
    """All releases, the last written first, each with the moment it was last put into service.

    A clock may be set back, so the order is that of their first service, then of their names.
    """
    with control_session(settings) as session:
        served: dict[str, datetime] = {}
        first: dict[str, int] = {}
        for row in session.exec(select(ServiceRecord).order_by(col(ServiceRecord.service_id))):
            served[row.release_id] = row.served_at
            first.setdefault(row.release_id, row.service_id or 0)
        written = list(session.exec(select(ReleaseRecord)))
        written.sort(key=lambda each: (first.get(each.release_id, 0), each.release_id), reverse=True)
        return [(each, served.get(each.release_id)) for each in written]


def release_served_on(settings: Settings, day: date) -> str | None:
    """The release that was served at the end of ``day`` (local time), if any was."""
    local = datetime.now().astimezone().tzinfo
    end_of_day = datetime.combine(day + timedelta(days=1), time.min, tzinfo=local)
    with control_session(settings) as session:
        newest = (
            select(ServiceRecord.release_id)
            .where(col(ServiceRecord.served_at) < end_of_day)
            .order_by(col(ServiceRecord.service_id).desc())  # a clock may be set back; the order stays
            .limit(1)
        )
        return session.exec(newest).first()


def _release(session: Session, release_id: str) -> ReleaseRecord:
    record = session.get(ReleaseRecord, release_id)
    if record is None:
        raise Refused(
            f"控制库中没有数据版本 {release_id}。", f"The control database knows no release {release_id}."
        )
    return record


def remember_refusal(
    settings: Settings,
    batch_id: str,
    feed: str,
    file_name: str,
    sha256: str,
    known_on: date,
    why: Text,
    received_at: datetime | None = None,
) -> None:
    """Record a table that was refused as a whole, with the reason; ``received_at`` is now, if not given."""
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
        received_at=received_at or datetime.now(UTC),
    )
    record_batches(settings, [record])


def record_decision(settings: Settings, action: str, subject: str, **details: Detail) -> None:
    """Note a decision that has no table of its own, by the present actor."""
    actor = deciding_actor(settings, action)
    with deciding(settings) as session:
        append(session, actor, action, subject, **details)


def lock_month(settings: Settings, month: date, locked_on: date, close: MonthClose | None = None) -> None:
    """Close a month (its first day); a month that is closed already is refused.

    ``close`` says how it was closed and is kept with the lock, in one transaction.
    """
    actor = deciding_actor(settings, "month.lock")
    with deciding(settings) as session:
        known = session.exec(select(MonthLock).where(col(MonthLock.month) == month)).first()
        if known:
            raise Refused(
                f"{month:%Y-%m} 已于 {known.locked_on} 锁定。",
                f"{month:%Y-%m} has been locked since {known.locked_on}.",
            )
        session.add(
            MonthLock(month=month, locked_on=locked_on, decided_at=datetime.now(UTC), actor=actor.name)
        )
        if close:
            session.add(close)
        append(session, actor, "month.lock", f"{month:%Y-%m}", locked_on=locked_on.isoformat())


def locked_months(settings: Settings) -> dict[date, date]:
    """The closed months (first days) and since when each is closed."""
    with control_session(settings) as session:
        locks = session.exec(select(MonthLock).order_by(col(MonthLock.month)))
        return {lock.month: lock.locked_on for lock in locks}


def closing_releases(settings: Settings) -> dict[date, str]:
    """By locked month the release that first showed it final: the first one written after the lock.

    A month whose build or release failed since is not among them.
    """
    with control_session(settings) as session:
        written = list(session.exec(select(ReleaseRecord).order_by(col(ReleaseRecord.written_at))))
        locks = list(session.exec(select(MonthLock).order_by(col(MonthLock.month))))
    found = {
        lock.month: next((each.release_id for each in written if each.written_at >= lock.decided_at), None)
        for lock in locks
    }
    return {month: release_id for month, release_id in found.items() if release_id}


def month_closes(settings: Settings) -> dict[date, MonthClose]:
    """How months were closed, by month; a month that was only locked has no entry."""
    with control_session(settings) as session:
        return {each.month: each for each in session.exec(select(MonthClose))}
