"""Deliveries that the control database remembers, without loading a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from warehouse.control.history import record_batch_months, record_batches
from warehouse.control.models import BatchMonth, BatchRecord
from warehouse.settings import Settings


def deliver(home: Settings, feed: str, known_on: date, *months: date, status: str = "accepted") -> str:
    """Record a batch in the control database, as if it had been loaded; returns its id."""
    batch = f"{feed}-{known_on:%m%d}"
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
    return batch
