"""Tables of the control database (SQLite by default, PostgreSQL by ``YIBAO_CONTROL_URL``)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import DateTime, Index, MetaData, Text, TypeDecorator, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
CONTROL_REGISTRY = registry(metadata=MetaData(naming_convention=NAMING))


class UtcDateTime(TypeDecorator[datetime]):
    """UTC in storage on every backend; SQLite forgets the zone, so it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ControlTable(SQLModel, registry=CONTROL_REGISTRY):
    """Base of the control tables: a metadata apart from the feeds' contracts."""


class BatchRecord(ControlTable, table=True):
    """A delivered file and what became of it: accepted, or refused with its reason."""

    __tablename__ = "batch"

    batch_id: str = Field(primary_key=True, max_length=120)
    feed: str = Field(max_length=80)
    file_name: str = Field(max_length=400)
    sha256: str = Field(max_length=64, index=True)
    known_on: date
    status: str = Field(max_length=20)
    rows_read: int
    rows_accepted: int
    rows_refused: int
    rows_duplicate: int
    message_zh: str = Field(max_length=2000)
    message_en: str = Field(max_length=2000)
    received_at: datetime = Field(sa_type=UtcDateTime)


class ReleaseRecord(ControlTable, table=True):
    """A release as written; its manifest holds the rest."""

    __tablename__ = "release"

    release_id: str = Field(primary_key=True, max_length=40)
    data_to: date
    known_on: date
    manifest_sha256: str = Field(max_length=64)
    written_at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", max_length=2000)
    pinned_because: str | None = Field(default=None, max_length=200)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ServiceRecord(ControlTable, table=True):
    """From when on a release was the one served; the newest row is the present one."""

    __tablename__ = "service"

    service_id: int | None = Field(default=None, primary_key=True)
    release_id: str = Field(foreign_key="release.release_id", max_length=40, index=True)
    served_at: datetime = Field(sa_type=UtcDateTime, index=True)
    reason: str = Field(max_length=200)
    actor: str = Field(default="local", max_length=40)


class Disclosure(ControlTable, table=True):
    """What releases hid and showed of one count of persons, in one region and year: a later release must fit."""

    __tablename__ = "disclosure"

    count_measure: str = Field(primary_key=True, max_length=80)
    data_origin: str = Field(primary_key=True, max_length=20)
    region_code: str = Field(primary_key=True, max_length=12)
    disclosure_year: int = Field(primary_key=True)
    was_month_hidden: bool = False
    was_month_shown: bool = False
    was_year_hidden: bool = False


class MonthLock(ControlTable, table=True):
    """A decision: from this day on a month is closed, and corrections are new versions."""

    __tablename__ = "month_lock"

    lock_id: int | None = Field(default=None, primary_key=True)
    month: date = Field(unique=True)
    locked_on: date
    decided_at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(default="local", max_length=40)


class Account(ControlTable, table=True):
    """A person who may log in; a removed one stays, so that decisions keep their actor and no name returns."""

    __tablename__ = "account"

    name: str = Field(primary_key=True, max_length=40)
    role: str = Field(max_length=20)
    scope: str = Field(max_length=6)
    password_hash: str = Field(max_length=200)
    must_change: bool
    is_locked: bool
    created_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginAttempt(ControlTable, table=True):
    """Failed logins of one name since its last good one, whether an account of that name exists or not."""

    __tablename__ = "login_attempt"

    name_sha256: str = Field(primary_key=True, max_length=64)
    failed: int
    last_at: datetime = Field(sa_type=UtcDateTime)
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginSession(ControlTable, table=True):
    """A browser that is logged in; only the digest of its token is kept."""

    __tablename__ = "login_session"

    token_sha256: str = Field(primary_key=True, max_length=64)
    account: str = Field(foreign_key="account.name", max_length=40, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class AuditEntry(ControlTable, table=True):
    """One decision or login; each holds the hash of the one before. The database refuses to change or delete it."""

    __tablename__ = "audit_entry"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor: str = Field(max_length=40)
    channel: str = Field(max_length=20)
    action: str = Field(max_length=40)
    subject: str = Field(max_length=200)
    details: str = Field(sa_type=Text)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)


class BatchMonth(ControlTable, table=True):
    """A month that an accepted batch touched: what has arrived can be told while a build is running."""

    __tablename__ = "batch_month"

    batch_id: str = Field(primary_key=True, foreign_key="batch.batch_id", max_length=120)
    month: date = Field(primary_key=True, index=True)
    rows_touched: int


class BatchArrival(ControlTable, table=True):
    """How many new rows of a month and region an accepted batch brought; region ``all`` where rows have none."""

    __tablename__ = "batch_arrival"

    batch_id: str = Field(primary_key=True, foreign_key="batch.batch_id", max_length=120)
    region_code: str = Field(primary_key=True, max_length=20)
    month: date = Field(primary_key=True, index=True)
    rows_new: int


class DeliverySaid(ControlTable, table=True):
    """An operator's word that a feed's month is all there, of a region or (``all``) as a whole, and why."""

    __tablename__ = "delivery_said"

    feed: str = Field(primary_key=True, max_length=60)
    region_code: str = Field(primary_key=True, max_length=20)
    month: date = Field(primary_key=True)
    said_on: date
    reason: str = Field(max_length=2000)


class MonthClose(ControlTable, table=True):
    """How a month was closed: its checklist then, of which release, and why, if items were open."""

    __tablename__ = "month_close"

    close_id: int | None = Field(default=None, primary_key=True)
    month: date = Field(unique=True)
    closed_at: datetime = Field(sa_type=UtcDateTime)
    release_id: str = Field(max_length=40)
    reason: str | None = Field(default=None, max_length=2000)
    checklist: str


class AlertEpisode(ControlTable, table=True):
    """One alert from when it was first seen until it was resolved; what comes back later is a new episode."""

    __tablename__ = "alert_episode"
    __table_args__ = (
        Index(
            "uq_alert_episode_open",
            "rule_code",
            "subject_key",
            unique=True,
            sqlite_where=text("resolved_at is null"),
            postgresql_where=text("resolved_at is null"),
        ),
    )

    episode_id: int | None = Field(default=None, primary_key=True)
    rule_code: str = Field(max_length=40)
    subject_key: str = Field(max_length=200)
    severity: str = Field(max_length=20)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    times_seen: int
    first_release: str | None = Field(default=None, max_length=40)
    last_release: str | None = Field(default=None, max_length=40)
    message_zh: str = Field(max_length=1000)
    message_en: str = Field(max_length=1000)
    value_text: str = Field(max_length=200)


class AlertDelivery(ControlTable, table=True):
    """The one message of an episode on a channel, or its one closing message, and what became of it."""

    __tablename__ = "alert_delivery"

    episode_id: int = Field(primary_key=True, foreign_key="alert_episode.episode_id")
    channel: str = Field(primary_key=True, max_length=20)
    occasion: str = Field(primary_key=True, max_length=20)
    state: str = Field(max_length=20)
    tries: int
    first_tried_at: datetime = Field(sa_type=UtcDateTime)
    tried_at: datetime = Field(sa_type=UtcDateTime)
    outcome: str = Field(max_length=300)


class AlertEvaluation(ControlTable, table=True):
    """The last evaluation, in one row: when, of which release, and what went wrong, if anything did."""

    __tablename__ = "alert_evaluation"

    evaluation_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    evaluated_at: datetime = Field(sa_type=UtcDateTime)
    evaluated_on: date
    release_id: str | None = Field(default=None, max_length=40)
    error: str | None = Field(default=None, max_length=1000)
