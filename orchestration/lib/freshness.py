"""From a feed's contract to Dagster: its partitions and how old its last delivery may be."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from warehouse.feeds.contract import Feed
from warehouse.feeds.timing import FIRST_MONTH, due_days

TIME_ZONE = "Asia/Shanghai"
CRON_LIMIT = 27  # a day that every month has
LONGEST = {"daily": 1, "monthly": 31, "yearly": 366}
MONTHS = dg.MonthlyPartitionsDefinition(FIRST_MONTH.isoformat(), timezone=TIME_ZONE, end_offset=1)


def partitions_of(feed: type[Feed]) -> dg.PartitionsDefinition | None:
    """Months where the contract tells the month of a row and the feed comes every day or month."""
    return MONTHS if feed.month and feed.cadence in ("daily", "monthly") else None


def freshness_of(feed: type[Feed]) -> dg.FreshnessPolicy | None:
    """A monthly feed is due on a day of the month; any other may be a period and its due days old."""
    days = due_days(feed)
    if days is None:
        return None
    if feed.cadence == "monthly" and days <= CRON_LIMIT:
        return dg.FreshnessPolicy.cron(
            deadline_cron=f"0 0 {days + 1} * *",
            lower_bound_delta=timedelta(days=days),
            timezone=TIME_ZONE,
        )
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(days=LONGEST[feed.cadence] + days))
