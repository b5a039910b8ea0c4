"""Rows into a table of the province that has exactly its contract's columns."""

from __future__ import annotations

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of


def insert(connection: duckdb.DuckDBPyConnection, feed: str, query: str, table: str | None = None) -> None:
    """Add the rows of ``query`` to ``province.<feed>`` by column name; columns not named stay empty.

    ``table`` is another table of the province with the columns of the feed.
    """
    target = table or feed
    columns = ", ".join(f"{each.name} {each.sql_type}" for each in columns_of(FEEDS[feed]))
    connection.execute(f"create table if not exists {target} ({columns})")
    connection.execute(f"insert into {target} by name {query}")
