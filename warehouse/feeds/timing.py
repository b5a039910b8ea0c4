"""When a feed's delivery is due: by its contract, else by the default of its cadence.

The source model names few dates. Where it is silent a month's data are due when the month is locked (T+20,
source model Q13), a day's on the next day, and a year's by the end of the second quarter after it, when the
yearly monitoring is written.
"""

from __future__ import annotations

from datetime import date, timedelta

from warehouse.feeds.contract import Cadence, Feed

FIRST_DELIVERY = date(1998, 12, 14)  # 国发〔1998〕44号: basic medical insurance begins
FIRST_MONTH = date(2018, 1, 1)  # earlier months are in the published statistics only
LOCK_DAYS = 20
DEFAULT_DUE_DAYS: dict[Cadence, int] = {"daily": 1, "monthly": LOCK_DAYS, "yearly": 181}


def due_days(feed: type[Feed]) -> int | None:
    """Days after the end of its period by which a delivery is due; None where nothing is expected."""
    if feed.due_days is not None:
        return feed.due_days
    return DEFAULT_DUE_DAYS.get(feed.cadence)


def is_by_default(feed: type[Feed]) -> bool:
    """Whether the due date is the default and not the source model's."""
    return feed.due_days is None


def first_of_next(month: date) -> date:
    """The first day of the month after ``month``."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(day: date) -> date:
    """The first day of the month before the one of ``day``."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def end_of(month: date) -> date:
    """The last day of the month."""
    return first_of_next(month) - timedelta(days=1)


def lock_due(month: date) -> date:
    """From which day on a month may be locked."""
    return end_of(month) + timedelta(days=LOCK_DAYS)


def due_on(feed: type[Feed], month: date) -> date | None:
    """By when the data of a month are due; a yearly feed is due once, with December.

    None where the feed is not expected for this month.
    """
    days = due_days(feed)
    if days is None or (feed.cadence == "yearly" and month.month != 12):
        return None
    return end_of(month) + timedelta(days=days)
