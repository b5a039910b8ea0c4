"""Deliveries that the control database remembers, without loading a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from warehouse.control.history import record_batch_arrivals, record_batch_months, record_batches
from warehouse.control.models import BatchArrival, BatchMonth, BatchRecord
from warehouse.feeds import FEEDS
from warehouse.settings import Settings


def deliver(
    home: Settings,
    feed: str,
    known_on: date,
    *months: date,
    status: str = "accepted",
    rows: Mapping[str, int] | int = 1,
    name: str = "",
) -> str:
    """Record a batch in the control database, as if it had been loaded; returns its id.

    It brought ``rows`` new rows of each month: as a whole, or by region.
    """
    batch = f"{feed}-{known_on:%m%d}{name}"
    record = BatchRecord(
        batch_id=batch,
        feed=feed,
        file_name=f"{batch}.csv",
        sha256="0" * 64,
        known_on=known_on,
        status=status,
        rows_read=1,
        rows_accepted=1,
        rows_refused=0,
        rows_duplicate=0,
        message_zh="",
        message_en="",
        received_at=datetime.combine(known_on, time(4), UTC),
    )
    record_batches(home, [record])
    record_batch_months(home, [BatchMonth(batch_id=batch, month=each, rows_touched=1) for each in months])
    by_region = {"all": rows} if isinstance(rows, int) else rows
    arrived = [
        BatchArrival(batch_id=batch, region_code=region, month=month, rows_new=number)
        for month in months
        for region, number in by_region.items()
    ]
    record_batch_arrivals(home, {batch: arrived} if FEEDS[feed].cadence in ("daily", "monthly") else {})
    return batch
