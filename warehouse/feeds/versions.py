"""The order of versions of one key, as staging has it (``newest_first`` of the dbt project).

The sender's time of change comes first; a row without it counts from the day it was delivered. Then the later
delivery counts. Every row has a place of its own in it, so what is newest does not change when others are removed.
"""

from __future__ import annotations


def newest_first(version: str | None) -> str:
    """SQL to order by, newest first, over ``record`` (rows of a raw table) and ``batch`` (their batches)."""
    changed_at = f"coalesce(record.{version}, cast(batch.known_on as timestamp)) desc, " if version else ""
    return (
        f"{changed_at}batch.known_on desc, batch._ingested_at desc, record._batch_id desc, record._row desc"
    )


def oldest_first(version: str | None) -> str:
    """The same order, oldest first."""
    return newest_first(version).replace(" desc", "")


def newest_rows(feed: str, keys: str, version: str | None, columns: str) -> str:
    """SQL for the newest accepted row of each key; ``keys`` and ``columns`` are names of the feed's columns."""
    listed = ", ".join(f"record.{each.strip()}" for each in columns.split(","))
    return f"""
        select {listed}
        from raw.{feed} as record
        inner join raw.batch as batch on record._batch_id = batch.batch_id
        qualify row_number() over (partition by {keys} order by {newest_first(version)}) = 1
    """


def newness(version: str, known_on: str = "known_on") -> str:
    """SQL that is greater for the newer of two versions, over rows that know the day of their delivery."""
    return f"row(coalesce({version}, cast({known_on} as timestamp)), {known_on})"


def delivered(feed: str) -> str:
    """SQL for the accepted rows of a feed with the day of their delivery."""
    return (
        f"(select record.*, delivery.known_on from raw.{feed} as record "
        "inner join raw.batch as delivery on record._batch_id = delivery.batch_id)"
    )
