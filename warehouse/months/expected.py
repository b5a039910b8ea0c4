"""The calendar of deliveries: which feed is expected for a month, from whom, by when, and whether it came.

Read from the contracts and the control database, so it can be asked while a build is running.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel import select

from warehouse.control.history import batch_records, control_session
from warehouse.control.models import BatchMonth, BatchRecord
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, name_of
from warehouse.feeds.timing import due_on, end_of, is_by_default
from warehouse.settings import Settings
from warehouse.texts import Text

State = Literal["arrived", "late", "pending", "overdue", "never"]
STATES: dict[State, Text] = {
    "arrived": Text("已到", "arrived"),
    "late": Text("已到（迟）", "arrived late"),
    "pending": Text("未到期", "not due yet"),
    "overdue": Text("逾期", "overdue"),
    "never": Text("从未送达", "never delivered"),
}


@dataclass(frozen=True)
class Expected:
    """One feed for one month; ``arrived_on`` is when the month was complete, ``files`` brought its rows."""

    feed: str
    number: str
    name: Text
    sender: Text
    cadence: str
    due_on: date
    is_default_due: bool
    state: State
    arrived_on: date | None
    files: tuple[str, ...]


def expected(settings: Settings, month: date, on: date) -> list[Expected]:
    """What is expected for ``month`` (its first day), as seen on the day ``on``; yearly feeds with December.

    A feed whose rows tell their month has arrived when a batch holds rows of the month (for a daily feed:
    and a delivery came after its end). A feed without months has arrived with a delivery after the month's end.
    """
    batches = [each for each in batch_records(settings) if each.status == "accepted" and each.known_on <= on]
    by_feed: defaultdict[str, list[BatchRecord]] = defaultdict(list)
    for batch in sorted(batches, key=lambda each: (each.known_on, each.batch_id)):
        by_feed[batch.feed].append(batch)
    months = _months_of_batches(settings)
    lines = []
    for name, feed in FEEDS.items():
        due = due_on(feed, month)
        if due is not None:
            lines.append(_line(feed, month, due, on, by_feed[name], months))
    return lines


def has_platform_data(settings: Settings) -> bool:
    """Whether any feed of the platform was ever delivered: a home of published tables has no calendar."""
    return any(
        each.status == "accepted" and FEEDS[each.feed].number
        for each in batch_records(settings)
        if each.feed in FEEDS
    )


def _line(
    feed: type[Feed],
    month: date,
    due: date,
    on: date,
    delivered: Sequence[BatchRecord],
    months: dict[str, set[date]],
) -> Expected:
    period = month.replace(month=1) if feed.cadence == "yearly" else month
    after = [each for each in delivered if each.known_on > end_of(month)]
    touching = [each for each in delivered if period in months.get(each.batch_id, ())]
    if feed.month is None:
        found = after[:1]
    elif feed.cadence == "daily":
        found = touching if after else []
    else:
        found = touching
    completed = found[0].known_on if found else None
    if completed and feed.cadence == "daily":
        completed = max(completed, after[0].known_on)
    if completed:
        state: State = "arrived" if completed <= due else "late"
    elif not delivered:
        state = "never"
    else:
        state = "overdue" if on > due else "pending"
    return Expected(
        feed=name_of(feed),
        number=feed.number,
        name=Text(feed.feed_zh, feed.feed_en),
        sender=feed.sender,
        cadence=feed.cadence,
        due_on=due,
        is_default_due=is_by_default(feed),
        state=state,
        arrived_on=completed,
        files=tuple(each.file_name for each in found),
    )


def _months_of_batches(settings: Settings) -> dict[str, set[date]]:
    found: defaultdict[str, set[date]] = defaultdict(set)
    with control_session(settings) as session:
        for row in session.exec(select(BatchMonth)):
            found[row.batch_id].add(row.month)
    return dict(found)
