"""Rows of the quarantine once more through all checks, under their own batch and record number."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.connections import first_row
from warehouse.feeds.contract import columns_of, name_of
from warehouse.ingest import check, quarantine
from warehouse.ingest.arrived import count_arrived
from warehouse.ingest.batch import count_rows, forget_batch, insert_rows, record_findings
from warehouse.ingest.clean import make_batch
from warehouse.ingest.months import record_touched_months
from warehouse.ingest.person_key import update_person_keys
from warehouse.ingest.read import Delivered, read_lines, unescape
from warehouse.ingest.recognise import Layout, recognise
from warehouse.ingest.waiting import awaited_feeds, batches_waiting_for, remember_waiting
from warehouse.settings import Settings


@dataclass(frozen=True)
class Retried:
    """How many held rows were loaded, and how many stay."""

    released: int
    remaining: int


def retry_rows(connection: duckdb.DuckDBPyConnection, settings: Settings, batch_id: str) -> Retried:
    """Load the held rows of an accepted batch that break no rule any more, in one transaction."""
    path = quarantine.path_of(settings, batch_id)
    known = first_row(connection.execute("select known_on from raw.batch where batch_id = ?", [batch_id]))
    if known is None or not path.exists():
        return Retried(0, 0)
    delivered = _deliver_again(connection, settings, path)
    if delivered is None:
        return Retried(0, quarantine.rows(settings, batch_id).num_rows)
    try:
        batch = make_batch(connection, delivered, known[0], settings.spill)
        check.check_rows(connection, delivered, batch.unknown_codes, loaded_as=batch_id)
        counts = count_rows(connection)
        quarantine.renew(connection, settings, batch_id)
        records: set[int] = set()
        if counts.accepted + counts.duplicate:
            records = _commit(connection, settings, delivered, batch_id)
        else:
            connection.execute("begin")
            remember_waiting(connection, batch_id)
            connection.execute("commit")
    finally:
        forget_batch(connection)
    quarantine.take_out(settings, batch_id, records)
    return Retried(counts.accepted, quarantine.rows(settings, batch_id).num_rows if path.exists() else 0)


def release_waiting(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: str, batch_id: str
) -> int:
    """Try the rows again that waited for a row of this batch; returns how many were loaded.

    A released row may itself be waited for, so its batch is looked at in turn.
    """
    released = 0
    arrived = [(feed, batch_id)]
    while arrived:
        for waiting_feed, waiting_batch in batches_waiting_for(connection, *arrived.pop()):
            loaded = retry_rows(connection, settings, waiting_batch).released
            released += loaded
            if loaded:
                arrived.append((waiting_feed, waiting_batch))
    return released


def release_arrived(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Try all rows again whose awaited row is there: what a killed load did not come to."""
    released = 0
    while True:
        batches = [
            batch_id
            for awaited_feed in awaited_feeds(connection)
            for _, batch_id in batches_waiting_for(connection, awaited_feed)
        ]
        loaded = sum(retry_rows(connection, settings, batch_id).released for batch_id in batches)
        if not loaded:
            return released
        released += loaded


def settle(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Take rows out of the quarantine that a killed retry had loaded already."""
    for held in quarantine.held(settings):
        loaded = first_row(connection.execute("select 1 from raw.batch where batch_id = ?", [held.batch_id]))
        if loaded:
            records = connection.execute(
                f"select _row from raw.{held.feed} where _batch_id = ?", [held.batch_id]
            ).fetchall()
            quarantine.take_out(settings, held.batch_id, {row for (row,) in records})


def _deliver_again(connection: duckdb.DuckDBPyConnection, settings: Settings, path: Path) -> Delivered | None:
    """The held raw lines as ``delivered``, all columns as text, numbered as in their file."""
    header, feed = connection.execute(
        "select header, feed from read_parquet(?) limit 1", [str(path)]
    ).fetchall()[0]
    layout: Layout = recognise(next(csv.reader(io.StringIO(header))), path.name, feed)
    lines = connection.execute(
        """
        select record, raw from read_parquet(?)
        where raw is not null and status <> 'set_aside' and not list_contains(codes, 'format:line')
        order by record
        """,
        [str(path)],
    ).fetchall()
    if not lines:
        return None
    read_lines(connection, [raw for _, raw in lines], layout.names, "delivered", settings.spill)
    if layout.is_returned:
        unescape(connection, layout)
    connection.register(
        "held_records", pa.table({"_row": pa.array([record for record, _ in lines], pa.int64())})
    )
    connection.execute("create or replace temp table held_place as select * from held_records")
    connection.unregister("held_records")
    connection.execute(
        """
        create or replace temp table rejected_line
            (_row bigint, starts_at bigint, line varchar, is_only_type boolean);
        create or replace temp view numbered as
        select * from held_place positional join delivered;
        """
    )
    contract = {each.name for each in columns_of(layout.feed)}
    return Delivered(layout, frozenset(contract & set(layout.names)), None)


def _commit(
    connection: duckdb.DuckDBPyConnection, settings: Settings, delivered: Delivered, batch_id: str
) -> set[int]:
    feed = name_of(delivered.layout.feed)
    counts = count_rows(connection)
    settled = connection.execute(
        "select _row from batch_all where _row not in (select _row from broken)"
    ).fetchall()
    connection.execute("begin")
    try:
        insert_rows(connection, delivered.layout.feed, batch_id)
        connection.execute("delete from raw.touched_month where batch_id = ?", [batch_id])
        findings = record_touched_months(connection, delivered.layout.feed, batch_id)
        count_arrived(connection, delivered.layout.feed, batch_id)
        connection.execute("delete from raw.finding where batch_id = ? and rule = 'after_lock'", [batch_id])
        record_findings(connection, batch_id, findings)
        update_person_keys(connection, feed, batch_id, settings)
        connection.execute(
            """
            update raw.batch set
                rows_accepted = rows_accepted + $accepted,
                rows_duplicate = rows_duplicate + $duplicate,
                rows_refused = rows_refused - $accepted - $duplicate
            where batch_id = $batch
            """,
            {"accepted": counts.accepted, "duplicate": counts.duplicate, "batch": batch_id},
        )
        remember_waiting(connection, batch_id)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return {row for (row,) in settled}
