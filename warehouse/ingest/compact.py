"""Compaction: older versions of a row leave the build database; the archive still has every file."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of

# newest first: the sender's own version, then the delivery, then (for a total order) the content
ORDER = "{version} desc nulls last, known_on desc, hash({columns}) desc"


def compact(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Delete superseded versions feed by feed; yields the feed and how many rows left.

    Of each key the newest row stays. In a locked month the row also stays that was the newest by the day of the
    lock, so that the closed figures can be built again. Hold the writer's lock around it.
    """
    for feed in FEEDS.values():
        if feed.version:
            removed = _compact_feed(connection, feed)
            if removed:
                yield name_of(feed), removed


def _compact_feed(connection: duckdb.DuckDBPyConnection, feed: type[Feed]) -> int:
    keys = ", ".join(each.name for each in columns_of(feed) if each.is_key)
    order = ORDER.format(version=feed.version, columns=", ".join(each.name for each in columns_of(feed)))
    month = feed.month or "cast(null as date)"
    deleted = connection.execute(
        f"""
        delete from raw.{name_of(feed)}
        where rowid in (
            with repeated as (
                select {keys} from raw.{name_of(feed)} group by {keys} having count(*) > 1
            ),
            version as (
                select
                    row.rowid as place,
                    row.*,
                    batch.known_on,
                    lock.locked_on is not null and batch.known_on <= lock.locked_on as is_known_at_lock
                from raw.{name_of(feed)} as row
                semi join repeated using ({keys})
                inner join raw.batch as batch on row._batch_id = batch.batch_id
                left join raw.month_lock as lock on lock.month = {month}
            ),
            ranked as (
                select
                    place,
                    is_known_at_lock,
                    row_number() over (partition by {keys} order by {order}) as newness,
                    row_number() over (partition by {keys}, is_known_at_lock order by {order}) as newness_at_lock
                from version
            )
            select place from ranked
            where newness > 1 and not (is_known_at_lock and newness_at_lock = 1)
        )
        """
    ).fetchall()
    return int(deleted[0][0])
