"""Record-level segments: de-identified settlements of closed years, one file a year.

A year is closed when its twelve months are locked. A segment whose records did not change is not
written again: the new release holds a hard link to the file of the release before.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb

from warehouse.connections import CLOSED_WORLD
from warehouse.release.files import STORAGE_VERSION, quoted
from warehouse.release.manifest import dbt_fingerprint
from warehouse.release.pointer import on_disk
from warehouse.settings import Settings

RECORD_VIEW = "record.settlement"


def write_segments(settings: Settings, folder: Path) -> list[Path]:
    """Write or link the segment of each closed year into ``folder``; the paths, oldest year first."""
    program = dbt_fingerprint(settings.dbt_manifest)
    written = []
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(settings.build_database)}' as build (read_only)")
        for year, content in _closed_years(connection):
            key = hashlib.sha256(f"{program}\n{content}".encode()).hexdigest()[:16]
            path = folder / f"records-{year}-{key}.duckdb"
            known = next((each for each in _former(settings, path.name)), None)
            if known:
                os.link(known, path)
            else:
                _write_segment(connection, path, year)
            written.append(path)
    return written


def _closed_years(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """The years whose months are all locked and that have records, each with the checksum of its records.

    The records themselves decide: a document that was corrected, a lock or an earlier day of knowledge changes
    them without a batch of settlements.
    """
    return connection.execute(
        f"""
        with closed as (
            select year(month) as closed_year
            from build.raw.month_lock
            group by year(month)
            having count(distinct month) = 12
        )
        select closed.closed_year, concat_ws(' ', version(), count(*), sum(hash(settlement)))
        from closed
        inner join build.{RECORD_VIEW} as settlement on year(settlement.settlement_month) = closed.closed_year
        group by closed.closed_year
        order by closed.closed_year
        """
    ).fetchall()


def _former(settings: Settings, name: str) -> list[Path]:
    return [each.folder / name for each in reversed(on_disk(settings)) if (each.folder / name).exists()]


def _write_segment(connection: duckdb.DuckDBPyConnection, path: Path, year: int) -> None:
    connection.execute(f"attach '{quoted(path)}' as segment (storage_version '{STORAGE_VERSION}')")
    connection.execute("create schema segment.record")
    connection.execute(
        f"""
        create table segment.{RECORD_VIEW} as
        select * from build.{RECORD_VIEW} where year(settlement_month) = {year} order by all
        """
    )
    connection.execute("checkpoint segment")
    connection.execute("detach segment")
