"""The build database's batches are the truth; the control database follows them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from warehouse.connections import build_connection
from warehouse.control.history import (
    record_announced,
    record_batch_arrivals,
    record_batch_months,
    record_batches,
)
from warehouse.control.models import BatchArrival, BatchMonth, BatchRecord, DeliverySaid
from warehouse.ingest.arrived import count_missing
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.settings import Settings


def reconcile(settings: Settings) -> None:
    """Bring the control database up to the accepted batches of the build database, and the months they touch."""
    if not settings.build_database.exists():
        return
    with build_connection(settings) as connection:
        prepare_raw(connection)
        rows = connection.execute(
            """
            select batch_id, feed, file_name, sha256, known_on, rows_read, rows_accepted,
                rows_refused, rows_duplicate, epoch(_ingested_at)
            from raw.batch order by batch_id
            """
        ).fetchall()
        months = connection.execute(
            """
            select batch_id, month, sum(rows_touched)
            from raw.touched_month group by batch_id, month order by batch_id, month
            """
        ).fetchall()
        count_missing(connection)
        arrivals = connection.execute(
            """
            select batch_id, coalesce(region_code, 'all'), month, rows_new
            from raw.arrived_month where rows_new > 0 order by all
            """
        ).fetchall()
        announced = connection.execute(
            """
            select announced_month.feed, month, min(known_on), min(file_name)
            from raw.announced_month inner join raw.batch using (batch_id)
            group by announced_month.feed, month order by announced_month.feed, month
            """
        ).fetchall()
    record_batches(settings, [_accepted_record(row) for row in rows])
    record_announced(
        settings,
        [
            DeliverySaid(
                feed=feed,
                region_code="all",
                month=month,
                said_on=known_on,
                reason=f"交付清单 manifest: {name}",
            )
            for feed, month, known_on, name in announced
        ],
    )
    record_batch_months(
        settings, [BatchMonth(batch_id=batch, month=month, rows_touched=n) for batch, month, n in months]
    )
    by_batch: defaultdict[str, list[BatchArrival]] = defaultdict(list)
    for batch, region, month, rows_new in arrivals:
        by_batch[batch].append(
            BatchArrival(batch_id=batch, region_code=region, month=month, rows_new=rows_new)
        )
    record_batch_arrivals(settings, by_batch)


def _accepted_record(row: tuple[Any, ...]) -> BatchRecord:
    batch_id, feed, file_name, sha256, known_on, read, accepted, refused, duplicate, epoch = row
    return BatchRecord(
        batch_id=batch_id,
        feed=feed,
        file_name=file_name,
        sha256=sha256,
        known_on=known_on,
        status="accepted",
        rows_read=read,
        rows_accepted=accepted,
        rows_refused=refused,
        rows_duplicate=duplicate,
        message_zh="已装载",
        message_en="loaded",
        received_at=datetime.fromtimestamp(epoch, UTC),
    )
