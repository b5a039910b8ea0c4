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
    _find_repeated_keys(connection, feed, batch_id)
    mark_stale(connection, batch_id)
    if feed.month is None:
        return []
    name = name_of(feed)
    connection.execute(
        f"""
        insert into raw.touched_month
        with touched as (
            select {feed.month} as month from raw.{name} where _batch_id = $batch
            union all
            select {feed.month} as month
            from raw.{name}
            where _batch_id <> $batch and {key_text(feed)} in (select key_text from repeated_now)
        )
        select $batch, $feed, month, count(*), month in (select month from raw.month_lock)
        from touched
        where month is not null
        group by month
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
                f"已锁定的月份（{months}）有更正或补报，作为新版本保存，原有各行不变",
                f"corrections of and additions to locked months ({months}) are kept beside what was there",
            ),
        )
    ]


def mark_stale(connection: duckdb.DuckDBPyConnection, batch_id: str) -> None:
    """Let the next build compute the months of a batch anew: it holds other rows than when it was built."""
    connection.execute("update raw.built_batch set is_stale = true where batch_id = ?", [batch_id])


def key_text(feed: type[Feed]) -> str:
    """SQL for the key of a row as one text."""
    keys = [each for each in columns_of(feed) if each.is_key]
    if len(keys) == 1 and keys[0].sql_type == "varchar":
        return keys[0].name
    return f"concat_ws('|', {', '.join(f'cast({each.name} as varchar)' for each in keys)})"


def _find_repeated_keys(connection: duckdb.DuckDBPyConnection, feed: type[Feed], batch_id: str) -> None:
    """Write ``raw.repeated_key`` (and ``repeated_now``): keys of the batch that another row has as well.

    Whoever resolves versions then sorts these rows only, however long the history is.
    """
    rows = f"select {key_text(feed)} as key_text from raw.{name_of(feed)}"
    connection.execute(
        f"""
        create or replace temp table repeated_now as
        with accepted as ({rows} where _batch_id = $batch),
        older as ({rows} where _batch_id <> $batch)
        select key_text from accepted group by key_text having count(*) > 1
        union
        select key_text from older where key_text in (select key_text from accepted)
        """,
        {"batch": batch_id},
    )
    connection.execute(
        "insert into raw.repeated_key select ?, key_text from repeated_now order by key_text",
        [name_of(feed)],
    )
