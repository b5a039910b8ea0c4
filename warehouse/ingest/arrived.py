"""How many rows of each month and region a batch brought: what a delivery is recognised by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from warehouse.control.history import said_complete
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, name_of
from warehouse.ingest.months import key_text
from warehouse.settings import Settings


def count_arrived(connection: duckdb.DuckDBPyConnection, feed: type[Feed], batch_id: str) -> None:
    """Write ``raw.arrived_month`` of a batch, within its transaction and after its months were recorded.

    A row whose key was there before corrects a month and does not help to complete it: it is not counted. A
    month that was only corrected has 0 rows, which tells it from one of a batch that nobody counted.
    """
    connection.execute("delete from raw.arrived_month where batch_id = ?", [batch_id])
    if not _is_counted(feed):
        return
    _insert(connection, feed, batch_id, f"{key_text(feed)} not in (select key_text from repeated_now)")


def months_not_held(
    connection: duckdb.DuckDBPyConnection, feed: type[Feed], months: Sequence[date]
) -> list[date] | None:
    """Of months that a file is said to hold whole, those it has no row of; None for a feed that is not counted."""
    if not _is_counted(feed):
        return None
    held = {
        month for (month,) in connection.execute(f"select distinct {feed.month} from batch_all").fetchall()
    }
    return [month for month in months if month not in held]


def announce(
    connection: duckdb.DuckDBPyConnection, feed: type[Feed], batch_id: str, months: Sequence[date]
) -> None:
    """Keep the months that the manifest says a batch holds whole; within the caller's transaction."""
    for month in months:
        connection.execute(
            "insert into raw.announced_month values (?, ?, ?)", [batch_id, name_of(feed), month]
        )


def mirror_said(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Bring the months that an operator said to be complete, which are decisions, into the build database."""
    connection.execute("delete from raw.delivery_said")
    for each in said_complete(settings):
        connection.execute(
            "insert into raw.delivery_said values (?, ?, ?, ?)",
            [each.feed, each.region_code, each.month, each.said_on],
        )


def count_missing(connection: duckdb.DuckDBPyConnection) -> None:
    """Count the batches that an earlier version of the program loaded and did not count."""
    missing = connection.execute(
        """
        select feed, batch_id from raw.batch
        where rows_accepted > 0 and batch_id not in (select batch_id from raw.arrived_month)
            and batch_id in (select batch_id from raw.touched_month)
        order by batch_id
        """
    ).fetchall()
    for name, batch_id in missing:
        if name in FEEDS and _is_counted(FEEDS[name]):
            _insert(connection, FEEDS[name], batch_id, "true")


def _is_counted(feed: type[Feed]) -> bool:
    return bool(feed.number) and feed.month is not None and feed.cadence in ("daily", "monthly")


def _insert(connection: duckdb.DuckDBPyConnection, feed: type[Feed], batch_id: str, is_new: str) -> None:
    connection.execute(
        f"""
        insert into raw.arrived_month
        select $batch, $feed, cast({feed.region_column or "null"} as varchar) as region_code,
            {feed.month} as month, count(*) filter ({is_new})
        from raw.{name_of(feed)}
        where _batch_id = $batch
        group by region_code, month
        having month is not null
        order by region_code, month
        """,
        {"batch": batch_id, "feed": name_of(feed)},
    )
