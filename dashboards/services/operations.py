"""What an operator looks after: releases, deliveries, refused files, and serving an earlier release."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dashboards.i18n import pick, say
from warehouse.alerts.episodes import open_episodes
from warehouse.clock import today
from warehouse.control.actor import Actor, acting_as
from warehouse.control.history import batch_records, releases
from warehouse.feeds.timing import month_before
from warehouse.home import writer
from warehouse.ingest import quarantine
from warehouse.ingest.repair import unrepaired
from warehouse.months.expected import Expected, expected, never_delivered
from warehouse.release.changes import REASONS
from warehouse.release.pointer import Release, find, on_disk, served_or_none
from warehouse.release.settle import settle_releases
from warehouse.release.verify import roll_back
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused, Text

SHOWN_BATCHES = 30
MONTHS_BACK = 24
PATIENCE_SECONDS = 3.0
_deciding = threading.Lock()


@dataclass(frozen=True)
class ReleaseLine:
    """A release that was ever written; ``changes`` counts what differs from the one before, by reason."""

    release_id: str
    data_to: date
    known_on: date
    written_at: datetime
    served_at: datetime | None
    note: str
    pinned_because: str | None
    is_served: bool
    is_on_disk: bool
    changes: Mapping[str, int]

    def changes_in(self, lang: str) -> str:
        """The reasons and how many figures have each, in words."""
        parts = (
            f"{pick(Text(*REASONS[reason]), lang)} {count:,}"
            for reason, count in self.changes.items()
            if count
        )
        return ("; " if lang == "en" else "；").join(parts)


@dataclass(frozen=True)
class Delivery:
    """A table that was delivered lately, and what became of it."""

    received_at: datetime
    known_on: date
    feed: str
    file_name: str
    is_refused: bool
    is_repaired: bool
    rows_read: int
    rows_accepted: int
    rows_refused: int
    message: str


def release_lines(settings: Settings) -> list[ReleaseLine]:
    """All releases, the last written first."""
    now = served_or_none(settings)
    present = {each.release_id: each for each in on_disk(settings)}
    return [
        ReleaseLine(
            release_id=record.release_id,
            data_to=record.data_to,
            known_on=record.known_on,
            written_at=record.written_at,
            served_at=served_at,
            note=record.note,
            pinned_because=record.pinned_because,
            is_served=now is not None and now.release_id == record.release_id,
            is_on_disk=record.release_id in present,
            changes=_changes(present.get(record.release_id)),
        )
        for record, served_at in releases(settings)
    ]


def _changes(release: Release | None) -> dict[str, int]:
    """How many figures changed by reason; nothing is told of a release that is gone or damaged."""
    try:
        found: dict[str, int] = release.manifest().get("changes", {}) if release else {}
    except Refused:
        return {}
    return found


def deliveries(settings: Settings, lang: str) -> list[Delivery]:
    """The last tables delivered, the newest first; refused ones with the reason."""
    records = batch_records(settings)
    standing = {each.batch_id for each in unrepaired(records)}
    return [
        Delivery(
            received_at=each.received_at,
            known_on=each.known_on,
            feed=each.feed,
            file_name=each.file_name,
            is_refused=each.status == "refused",
            is_repaired=each.status == "refused" and each.batch_id not in standing,
            rows_read=each.rows_read,
            rows_accepted=each.rows_accepted,
            rows_refused=each.rows_refused,
            message=pick(Text(each.message_zh, each.message_en), lang),
        )
        for each in records[:SHOWN_BATCHES]
    ]


def refused_feeds(settings: Settings) -> dict[str, int]:
    """The feeds with files that were refused whole and not repaired since, and how many."""
    return dict(Counter(each.feed for each in unrepaired(batch_records(settings))))


def held_batches(settings: Settings) -> list[quarantine.Held]:
    """Batches with rows kept out: counts and rules, never what the rows say."""
    return quarantine.held(settings)


def months(now: date | None = None) -> list[str]:
    """The months to look at, last month first, as ``YYYY-MM``."""
    found, month = [], now or today()
    for _ in range(MONTHS_BACK):
        month = month_before(month)
        found.append(f"{month:%Y-%m}")
    return found


def calendar(settings: Settings, month: str) -> list[Expected]:
    """What is expected for a month, as seen today."""
    return expected(settings, date.fromisoformat(f"{month}-01"), today())


def never_came(settings: Settings, month: str, lang: str) -> str:
    """The feeds that were never delivered, named in one sentence; empty when there is none."""
    named = [pick(each, lang) for each in never_delivered(calendar(settings, month))]
    if not named:
        return ""
    feeds = (", " if lang == "en" else "、").join(named)
    return say("operations.never", lang, count=len(named), feeds=feeds)


def title(settings: Settings, lang: str) -> str:
    """What an operator must know first, in one line: overdue feeds, refused files, held batches, open alerts.

    Feeds that were never delivered have not come: nobody is told that all is there.
    """
    lines = calendar(settings, months()[0])
    overdue = sum(1 for each in lines if each.is_missing)
    never = len(never_delivered(lines))
    refused = sum(refused_feeds(settings).values())
    held = sum(1 for each in held_batches(settings) if not each.is_whole_batch)
    has_trouble = bool(overdue or refused or held)
    key = "operations.title" if has_trouble else "operations.title_well"
    if never and not has_trouble:
        key = "operations.title_never" if never < len(lines) else "operations.title_no_feeds"
    alerts = len(open_episodes(settings))
    told = say(key, lang, overdue=overdue, refused=refused, held=held, never=never)
    told += say("operations.title_and_never", lang, never=never) if never and has_trouble else ""
    return told + (say("operations.title_alerts", lang, alerts=alerts) if alerts else "")


def roll_back_to(settings: Settings, release_id: str, reason: str, typed: str, actor: Actor) -> None:
    """Serve an earlier release again, decided by ``actor``; ``typed`` must be the release's id.

    Raises ``Refused`` without having changed anything: no reason, wrong confirmation, another release
    damaged, role not allowed, or the writer's lock is held by a build.
    """
    if not reason.strip():
        raise Refused("请写明理由。", "State a reason.")
    if typed.strip() != release_id:
        raise Refused(
            f"确认栏须与所选版本编号一字不差：{release_id}。",
            f"Type the id of the release exactly: {release_id}.",
        )
    if not _deciding.acquire(timeout=PATIENCE_SECONDS):
        raise Busy("另一页正在回退，请稍后再试。", "Another page is rolling back; try again later.")
    try:
        with acting_as(actor), writer(settings, patience=PATIENCE_SECONDS):
            settle_releases(settings)
            roll_back(settings, find(settings, release_id), reason.strip())
    finally:
        _deciding.release()
