"""Compaction: older versions of a row leave the build database; the archive still has every file."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.feeds.versions import newest_first, oldest_first
from warehouse.ingest.person_key import forget_person_keys


def compact(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Delete superseded versions feed by feed; yields the feed and how many rows left.

    Of each key the newest row stays. In a locked month the row also stays that was the newest by the day of the
    lock, so that the closed figures can be built again; and of what the contract's ``first_of`` tells apart, the
    first version. Hold the writer's lock around it.
    """
    for feed in FEEDS.values():
        if feed.version:
            removed = _compact_feed(connection, feed)
            if removed:
                yield name_of(feed), removed


def _compact_feed(connection: duckdb.DuckDBPyConnection, feed: type[Feed]) -> int:
    name = name_of(feed)
    keys = ", ".join(f"record.{each.name}" for each in columns_of(feed) if each.is_key)
    newest, oldest, delivered = newest_first(feed.version), oldest_first(feed.version), oldest_first(None)
    at_lock = "lock.locked_on is not null and batch.known_on <= lock.locked_on"
    first_of = feed.first_of or "cast(null as varchar)"
    connection.execute("begin")
    try:
        connection.execute(
            f"""
            create or replace temp table outdated as
            with repeated as (
                select {keys.replace("record.", "")} from raw.{name} group by all having count(*) > 1
            )
            select record._batch_id, record._row
            from raw.{name} as record
            semi join repeated using ({keys.replace("record.", "")})
            inner join raw.batch as batch on record._batch_id = batch.batch_id
            left join raw.month_lock as lock on lock.month = {feed.month or "cast(null as date)"}
            qualify
                row_number() over (partition by {keys} order by {newest}) > 1
                and not (
                    {at_lock}
                    and row_number() over (partition by {keys}, {at_lock} order by {newest}) = 1
                )
                and not (
                    {first_of} is not null
                    and (
                        {first_of} is distinct from lag({first_of}) over (partition by {keys} order by {oldest})
                        or {first_of} is distinct from lag({first_of}) over (partition by {keys} order by {delivered})
                    )
                )
            """
        )
        deleted = connection.execute(
            f"""
            delete from raw.{name}
            where exists (
                select 1 from outdated
                where outdated._batch_id = {name}._batch_id and outdated._row = {name}._row
            )
            """
        ).fetchall()
        _mark_stale(connection)
        if name == "person":
            forget_person_keys(connection)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return int(deleted[0][0])


def _mark_stale(connection: duckdb.DuckDBPyConnection) -> None:
    """What was removed may stand in a model that has not seen what supersedes it: a build as of an earlier day."""
    connection.execute(
        """
        update raw.built_batch set is_stale = true
        where batch_id in (select _batch_id from outdated)
            and exists (
                select 1 from raw.batch as batch
                inner join raw.batch as own on own.batch_id = built_batch.batch_id and own.feed = batch.feed
                anti join raw.built_batch as seen
                    on seen.batch_id = batch.batch_id and seen.model_name = built_batch.model_name
            )
        """
    )
