"""A feed out of a database: pulled into a Parquet file, which is archived and loaded like a delivered one."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.clock import CHINA
from warehouse.connections import build_connection
from warehouse.ingest import journal
from warehouse.ingest.archive import Delivery, Pull, keep, refuse_impossible_day, reopen
from warehouse.ingest.batch import Outcome
from warehouse.ingest.database import Address, Origin, Source, open_source
from warehouse.ingest.deliver import ingest_archived
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.ingest.recognise import recognise
from warehouse.ingest.watermark import Watermark, standing
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

ROWS_A_GROUP = 122_880
BYTES_A_GROUP = 64 * 2**20
CLOCK_TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    """Which feed to pull from where; ``watermark`` names the column that grows with every change."""

    feed: str
    address: Address
    origin: Origin
    watermark: str | None = None
    known_on: date | None = None

    @property
    def source(self) -> str:
        """Names the table or query without user and password, in notes and as the watermark's key."""
        return f"{self.address.name}#{self.origin.identity}"


def pull(wish: Wish, settings: Settings) -> Iterator[Outcome]:
    """Pull what is new since the last time and load it as one batch; hold the writer's lock around it.

    ``Refused`` when the database cannot be read or lacks columns, or the day of delivery is still to come;
    nothing has been changed then.
    """
    if wish.known_on:
        refuse_impossible_day(wish.origin.label, wish.known_on)
    name = f"{wish.feed}_{_plain(wish.origin.label)}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}.parquet"
    target = settings.spill / name
    last = _last(wish, settings)
    try:
        delivery = _fetch(wish, target, last, settings)
        if delivery is None:
            yield Outcome(name, wish.feed, "known", 0, 0, _nothing_new(wish, last))
            return
        try:
            archived = keep(
                target,
                settings,
                lambda sha256: journal.begin(settings, target, sha256, wish.feed, None),
                delivery,
            )
        except Refused:
            journal.end(settings)
            raise
        with build_connection(settings) as connection:
            yield from ingest_archived(connection, archived, settings, wish.feed)
        journal.end(settings)
    finally:
        target.unlink(missing_ok=True)


def _last(wish: Wish, settings: Settings) -> Watermark | None:
    with build_connection(settings) as connection:
        prepare_raw(connection)
        if wish.watermark is None:
            return None
        return standing(connection, wish.feed, wish.source, wish.watermark)


def _fetch(wish: Wish, target: Path, last: Watermark | None, settings: Settings) -> Delivery | None:
    """Write the new rows into ``target``; None when there are none."""
    since = last.value if last else None
    with open_source(wish.address, wish.origin) as source:
        names = _wanted(wish, source)
        until = _until(source, wish.watermark, since) if wish.watermark else None
        query = source.query(names, wish.watermark, since)
        schema = pa.schema(
            [(name, pa.string()) for name in names], metadata={"source": wish.source, "query": query}
        )
        rows = _write(source.batches(names, wish.watermark, since), schema, target)
    if not rows:
        return None
    note = Pull(wish.source, query, wish.watermark, since, until)
    if wish.watermark and until is not None:
        again_rows, again_digest = _content(target, wish.watermark, until)
        note = Pull(wish.source, query, wish.watermark, since, until, again_rows, again_digest)
    if last:
        before = reopen(settings, last.sha256).delivery.pull
        if before and before.again_rows == rows and before.again_digest == _content(target)[1]:
            return None
    known_on = wish.known_on or datetime.now().astimezone().date()
    return Delivery(known_on, rows, pull=note)


def _wanted(wish: Wish, source: Source) -> list[str]:
    """The columns the contract knows, and the watermark's; what else the table holds stays where it is."""
    layout = recognise(source.columns, wish.origin.label, wish.feed)
    if wish.watermark and wish.watermark not in source.columns:
        listed = ", ".join(source.columns)
        raise Refused(
            f"{wish.origin.label} 没有水位列 {wish.watermark}；现有的列：{listed}。",
            f"{wish.origin.label} has no watermark column {wish.watermark}; its columns: {listed}.",
        )
    known = zip(source.columns, layout.columns, strict=True)
    return [name for name, column in known if column or name == wish.watermark]


def _until(source: Source, column: str, since: str | None) -> str | None:
    """The new watermark: the greatest value, but none of the future, which would hide what comes before it."""
    soon = datetime.now(CHINA).replace(tzinfo=None) + CLOCK_TOLERANCE
    until = source.latest(column, since, None)
    if until is not None and _is_after(until, soon):
        until = source.latest(column, since, f"{soon:%Y-%m-%d %H:%M:%S}")
    return until if until is not None else since


def _is_after(text: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) > moment
    except ValueError:
        return False


def _write(rows_read: Generator[pa.RecordBatch, None, None], schema: pa.Schema, target: Path) -> int:
    """Stream the rows into a Parquet file, a row group at a time; returns how many there are."""
    rows = 0
    gathered: list[pa.RecordBatch] = []
    try:
        with (
            closing(rows_read) as batches,
            pq.ParquetWriter(target, schema, compression="zstd") as file,
        ):
            for batch in batches:
                gathered.append(batch)
                rows += batch.num_rows
                held = sum(each.num_rows for each in gathered)
                if held >= ROWS_A_GROUP or sum(each.nbytes for each in gathered) >= BYTES_A_GROUP:
                    file.write_table(pa.Table.from_batches(gathered).cast(schema), row_group_size=held)
                    gathered.clear()
            if gathered:
                file.write_table(pa.Table.from_batches(gathered).cast(schema))
    except OSError as error:
        raise Refused(
            f"无法写入 {target.parent}：{error.strerror or error}。",
            f"Cannot write into {target.parent}: {error.strerror or error}.",
        ) from error
    return rows


def _content(path: Path, column: str | None = None, since: str | None = None) -> tuple[int, str]:
    """Number and digest (whatever the order) of a file's rows: all, or those the next pull brings again."""
    again = "true"
    parameters = [str(path)]
    if column is not None and since is not None:
        name = '"' + column.replace('"', '""') + '"'
        number = f"try_cast({name} as decimal(38,9)) >= try_cast($2 as decimal(38,9))"
        again = f"{name} is null or coalesce({number}, {name} >= $2)"
        parameters.append(since)
    with duckdb.connect() as connection:
        rows, digest = connection.execute(
            f"""
            select count(*), cast(sum(md5_number_lower(cast(to_json(record) as varchar))) as varchar)
            from read_parquet($1) as record where {again}
            """,
            parameters,
        ).fetchall()[0]
    return int(rows), digest or ""


def _nothing_new(wish: Wish, last: Watermark | None) -> Text:
    if last is None:
        return Text(f"{wish.origin.label} 没有记录", f"{wish.origin.label} has no rows")
    return Text(
        f"{wish.origin.label} 自 {wish.watermark} = {last.value} 以来没有新记录",
        f"nothing new in {wish.origin.label} since {wish.watermark} = {last.value}",
    )


def _plain(label: str) -> str:
    return re.sub(r"[^\w.-]+", "_", label)
