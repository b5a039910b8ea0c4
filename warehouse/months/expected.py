"""The calendar of deliveries: which feed is expected for a month, from whom, by when, and whether it came.

Read from the contracts and the control database, so it can be asked while a build is running.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from warehouse.control.history import batch_months, batch_records, new_rows_of_month
from warehouse.control.models import BatchRecord
from warehouse.control.scopes import scopes
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, name_of
from warehouse.feeds.timing import due_on, end_of, is_by_default
from warehouse.months.arrival import WHOLE, Arrival, arrivals, is_enough
from warehouse.settings import Settings
from warehouse.texts import Text

State = Literal["arrived", "late", "pending", "incomplete", "overdue", "never"]
STATES: dict[State, Text] = {
    "arrived": Text("已到", "arrived"),
    "late": Text("已到（迟）", "arrived late"),
    "pending": Text("未到期", "not due yet"),
    "incomplete": Text("逾期未到齐", "overdue in part"),
    "overdue": Text("逾期", "overdue"),
    "never": Text("从未送达", "never delivered"),
}
MISSING: tuple[State, ...] = ("overdue", "incomplete")


@dataclass(frozen=True)
class Expected:
    """One feed for one month; ``arrived_on`` is when the month was complete, ``files`` brought its rows.

    ``rows_arrived`` and ``rows_expected`` (by the months around) are None where rows tell nothing;
    ``regions`` are those whose part has not come.
    """

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
    rows_arrived: int | None = None
    rows_expected: int | None = None
    regions: tuple[str, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether the month is due and its delivery has not come, or not the whole of it."""
        return self.state in MISSING

    @property
    def lacks(self) -> Text:
        """What has not come of a month of which something has; empty where nothing is known to lack."""
        zh, en = [], []
        if self.state in ("incomplete", "pending") and self.rows_expected is not None:
            zh.append(f"{self.rows_arrived} 行，按前后月份应有约 {self.rows_expected} 行")
            en.append(f"{self.rows_arrived} rows where the months around lead to expect {self.rows_expected}")
        if self.regions:
            names = [scopes().get(each, Text(each, each)) for each in self.regions]
            zh.append("缺 " + "、".join(each.zh for each in names))
            en.append("without " + ", ".join(each.en for each in names))
        return Text("；".join(zh), "; ".join(en))


def expected(settings: Settings, month: date, on: date) -> list[Expected]:
    """What is expected for ``month`` (its first day), as seen on the day ``on``; yearly feeds with December.

    A feed whose rows tell their month has arrived when they are as many as the months around lead to expect, or
    an operator said that these are all (for a daily feed: and a delivery came after the month's end). Late rows
    and corrections do not make a month whole. A feed without months has arrived with a delivery after its end.
    """
    batches = [each for each in batch_records(settings) if each.status == "accepted" and each.known_on <= on]
    by_feed: defaultdict[str, list[BatchRecord]] = defaultdict(list)
    for batch in sorted(batches, key=lambda each: (each.known_on, each.batch_id)):
        by_feed[batch.feed].append(batch)
    seen = _Seen(
        batch_months(settings),
        new_rows_of_month(settings, month),
        {(each.feed, each.region_code): each for each in arrivals(settings, month, on)},
    )
    lines = []
    for name, feed in FEEDS.items():
        due = due_on(feed, month)
        if due is not None:
            lines.append(_line(feed, month, due, on, by_feed[name], seen))
    return lines


def summary(lines: Sequence[Expected]) -> Text:
    """How many feeds have come of those expected, and which were never delivered: these have not come."""
    arrived = sum(each.state in ("arrived", "late") for each in lines)
    missing = sum(each.is_missing for each in lines)
    pending = sum(each.state == "pending" for each in lines)
    never = never_delivered(lines)
    zh = f"应到 {len(lines)} 个：已到 {arrived}，逾期 {missing}，未到期 {pending}，从未送达 {len(never)}"
    en = (
        f"{len(lines)} expected: {arrived} arrived, {missing} overdue, {pending} not due yet, "
        f"{len(never)} never delivered"
    )
    if never:
        zh = f"{zh}（{'、'.join(each.zh for each in never)}）"
        en = f"{en} ({', '.join(each.en for each in never)})"
    return Text(zh, en)


def never_delivered(lines: Sequence[Expected]) -> list[Text]:
    """The feeds that were never delivered, by number and name."""
    return [
        Text(f"{each.number} {each.name.zh}", f"{each.number} {each.name.en}")
        for each in lines
        if each.state == "never"
    ]


def has_platform_data(settings: Settings) -> bool:
    """Whether any feed of the platform was ever delivered: a home of published tables has no calendar."""
    return any(
        each.status == "accepted" and FEEDS[each.feed].number
        for each in batch_records(settings)
        if each.feed in FEEDS
    )


@dataclass(frozen=True)
class _Seen:
    """What batches hold of the months, how many new rows of the month asked for, and how it is judged."""

    months: dict[str, set[date]]
    new_rows: dict[str, int]
    judged: dict[tuple[str, str], Arrival]


def _line(
    feed: type[Feed], month: date, due: date, on: date, delivered: Sequence[BatchRecord], seen: _Seen
) -> Expected:
    period = month.replace(month=1) if feed.cadence == "yearly" else month
    after = [each for each in delivered if each.known_on > end_of(month)]
    touching = [each for each in delivered if period in seen.months.get(each.batch_id, ())]
    whole = seen.judged.get((name_of(feed), WHOLE))
    lacking = tuple(
        each.region_code
        for each in seen.judged.values()
        if each.feed == name_of(feed) and each.region_code != WHOLE and not each.is_arrived
    )
    if feed.month is None:
        found = after[:1]
    elif whole is None:
        found = touching
    else:
        found = [each for each in touching if seen.new_rows.get(each.batch_id)]
    has_come = bool(found) and (whole is None or (whole.is_arrived and not lacking))
    if feed.cadence == "daily" and feed.month is not None:
        has_come = has_come and bool(after)
    completed = _completed(found, after if feed.cadence == "daily" else [], seen, whole) if has_come else None
    if completed:
        state: State = "arrived" if completed <= due else "late"
    elif not delivered:
        state = "never"
    elif on <= due:
        state = "pending"
    else:
        state = (
            "incomplete" if found and whole is not None and (lacking or not whole.is_arrived) else "overdue"
        )
    is_short = whole is not None and not whole.is_arrived
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
        rows_arrived=whole.rows_arrived if whole else None,
        rows_expected=int(whole.rows_expected) if whole and is_short and whole.rows_expected else None,
        regions=() if is_short else lacking,
    )


def _completed(
    found: Sequence[BatchRecord], after: Sequence[BatchRecord], seen: _Seen, whole: Arrival | None
) -> date:
    """The day of the delivery that made a month whole; of a daily feed not before one that came after its end."""
    last = found[0]
    if whole is not None and whole.rows_expected is not None:
        rows = 0
        for last in found:
            rows += seen.new_rows[last.batch_id]
            if is_enough(rows, whole):
                break
    return max(last.known_on, after[0].known_on) if after else last.known_on
