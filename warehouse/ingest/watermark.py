"""How far a database has been pulled: ``raw.watermark``, written in the transaction of the batch.

While a watermark stands, every row that the source showed up to it has come with an accepted batch. A file
moves it only if it continues from where it stands, or is a complete pull; a file that is loaded late or out of
order leaves it alone, so the worst that can happen is that rows are pulled again.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.connections import first_row
from warehouse.ingest.archive import Pull


@dataclass(frozen=True)
class Watermark:
    """The last moment (or number) seen, and the hash of the file that brought it."""

    value: str
    sha256: str


def standing(connection: duckdb.DuckDBPyConnection, feed: str, source: str, column: str) -> Watermark | None:
    """The watermark of a feed's source, if it was pulled before."""
    row = first_row(
        connection.execute(
            """
        select watermark, sha256
        from raw.watermark join raw.batch using (batch_id)
        where watermark.feed = ? and source = ? and watermark_column = ?
        """,
            [feed, source, column],
        )
    )
    return Watermark(*row) if row else None


def remember(connection: duckdb.DuckDBPyConnection, feed: str, batch_id: str, pull: Pull) -> None:
    """Move the watermark to the end of an accepted pull; within the transaction of its batch."""
    if pull.watermark_column is None or pull.watermark_to is None:
        return
    key = [feed, pull.source, pull.watermark_column]
    if pull.watermark_from is not None:
        stands = first_row(
            connection.execute(
                "select watermark from raw.watermark where feed = ? and source = ? and watermark_column = ?",
                key,
            )
        )
        if stands is None or stands[0] != pull.watermark_from:
            return
    connection.execute(
        "delete from raw.watermark where feed = ? and source = ? and watermark_column = ?", key
    )
    connection.execute(
        "insert into raw.watermark values (?, ?, ?, ?, ?)", [*key, pull.watermark_to, batch_id]
    )
