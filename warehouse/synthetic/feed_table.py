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


def present(
    connection: duckdb.DuckDBPyConnection,
    feed: str,
    query: str,
    name: str | None = None,
    *,
    is_stored: bool = True,
) -> None:
    """Make ``province.<feed>`` (or another name) anew from ``query``, in the order of its rows.

    What is not stored becomes a view: its rows are computed where they are read.
    """
    given = {str(row[0]) for row in connection.execute(f"describe {query}").fetchall()}
    columns = ", ".join(
        f"cast({each.name if each.name in given else 'null'} as {each.sql_type}) as {each.name}"
        for each in columns_of(FEEDS[feed])
    )
    kind = "table" if is_stored else "view"
    connection.execute(f"create or replace {kind} {name or feed} as select {columns} from ({query})")
