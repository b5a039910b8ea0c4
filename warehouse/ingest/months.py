"""Which months a batch touched, and whether they were closed already."""

from __future__ import annotations

import duckdb

from warehouse.control.history import locked_months
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.ingest.check import Finding
from warehouse.settings import Settings
from warehouse.texts import Text


def mirror_locks(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Bring the closed months, which are decisions of the control database, into the build database."""
    connection.execute("delete from raw.month_lock")
    for month, locked_on in locked_months(settings).items():
        connection.execute("insert into raw.month_lock values (?, ?)", [month, locked_on])


def record_touched_months(
    connection: duckdb.DuckDBPyConnection, feed: type[Feed], batch_id: str
) -> list[Finding]:
    """Write ``raw.touched_month``: the months of the batch's rows, and the months their older versions had.

    An older version is a row of the same key in another batch. Rows are only added, so a correction after a
    month is locked is a newer version beside the closed one; it is reported.
    """
    if feed.month is None:
        return []
    name = name_of(feed)
    keys = [each.name for each in columns_of(feed) if each.is_key]
    connection.execute(
        f"""
        insert into raw.touched_month
        with accepted as (
            select {feed.month} as month, {", ".join(keys)} from raw.{name} where _batch_id = $batch
        ),
        older as (
            select {feed.month} as month
            from raw.{name}
            where _batch_id <> $batch and ({", ".join(keys)}) in (select ({", ".join(keys)}) from accepted)
        ),
        touched as (
            select month, count(*) as rows_touched
            from (select month from accepted union all select month from older)
            where month is not null
            group by month
        )
        select $batch, $feed, month, rows_touched, month in (select month from raw.month_lock)
        from touched
        order by month
        """,
        {"batch": batch_id, "feed": name},
    )
    rows, months = connection.execute(
        """
        select coalesce(sum(rows_touched), 0), string_agg(strftime(month, '%Y-%m'), ', ' order by month)
        from raw.touched_month where batch_id = ? and is_locked
        """,
        [batch_id],
    ).fetchall()[0]
    if not rows:
        return []
    return [
        Finding(
            "after_lock",
            "warn",
            int(rows),
            (),
            Text(
                f"已锁定的月份({months})有更正或补报,作为新版本保存,原有各行不变",
                f"corrections of and additions to locked months ({months}) are kept beside what was there",
            ),
        )
    ]
