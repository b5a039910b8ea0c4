"""Which held rows wait for the row of another delivery."""

from __future__ import annotations

import duckdb

from warehouse.connections import first_row
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of


def remember_waiting(connection: duckdb.DuckDBPyConnection, batch_id: str) -> None:
    """Note which keys the held rows of a batch wait for; within the batch's transaction."""
    connection.execute("delete from raw.waiting where batch_id = ?", [batch_id])
    connection.execute(
        """
        insert into raw.waiting
        select distinct ?, _row, awaited_feed, awaited_key from awaiting
        where _row not in (select _row from broken where severity = 'reject')
        """,
        [batch_id],
    )


def awaited_feeds(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The feeds that held rows wait for."""
    return [
        feed for (feed,) in connection.execute("select distinct awaited_feed from raw.waiting").fetchall()
    ]


def batches_waiting_for(
    connection: duckdb.DuckDBPyConnection, feed: str, batch_id: str | None = None
) -> list[tuple[str, str]]:
    """Feed and batch of the held rows that wait for a row of this batch, or of any batch of the feed."""
    awaited = first_row(
        connection.execute("select 1 from raw.waiting where awaited_feed = ? limit 1", [feed])
    )
    if not awaited:
        return []
    (key,) = (each.name for each in columns_of(FEEDS[feed]) if each.is_key)
    return connection.execute(
        f"""
        select distinct batch.feed, waiting.batch_id
        from raw.waiting as waiting
        inner join raw.batch as batch on waiting.batch_id = batch.batch_id
        semi join (
            select {key} from raw.{feed} where $batch is null or _batch_id = $batch
        ) as arrived
            on waiting.awaited_key = arrived.{key}
        where waiting.awaited_feed = $feed
        order by all
        """,
        {"batch": batch_id, "feed": feed},
    ).fetchall()
