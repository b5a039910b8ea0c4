"""One file, one batch, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connections import build_connection
from warehouse.control.history import record_batches
from warehouse.control.models import BatchRecord
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of, raw_table_ddl
from warehouse.ingest import check
from warehouse.ingest.archive import MANIFEST_NAME, ArchivedFile, keep
from warehouse.ingest.incoming import Incoming, open_incoming
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

MAX_REFUSED_SHARE = 0.01
REASONS_SHOWN = 3
SUFFIXES = (".csv", ".xlsx", ".xls")

BATCH_DDL = """
create schema if not exists raw;
create table if not exists raw.batch (
    batch_id varchar primary key,
    feed varchar not null,
    file_name varchar not null,
    sha256 varchar not null,
    encoding varchar not null,
    size_bytes bigint not null,
    known_on date not null,
    rows_read bigint not null,
    rows_accepted bigint not null,
    rows_refused bigint not null,
    rows_duplicate bigint not null,
    _ingested_at timestamptz not null,
    check (rows_read = rows_accepted + rows_refused + rows_duplicate)
)
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one file; ``status`` is accepted, known (loaded before) or refused."""

    file_name: str
    feed: str
    status: str
    rows_accepted: int
    rows_refused: int
    message: Text


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files to ingest: files as named, folders by their CSV files in name order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
            if not inside:
                raise Refused(
                    f"文件夹 {path} 中没有 CSV 或 Excel 文件。",
                    f"The folder {path} holds no CSV or Excel file.",
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise Refused(f"找不到 {path}。", f"{path} does not exist.")
    return [path for path in found if path.name != MANIFEST_NAME]


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    feed_name: str | None = None,
    template: Path | None = None,
) -> Iterator[Outcome]:
    """Load each file as a batch of its own; hold the writer's lock around it.

    A refused file changes nothing in the build database; it stays in the archive for repair.
    """
    for path in paths:
        archived: ArchivedFile | None = None
        try:
            archived = keep(path, settings)
            outcome = _load(archived, settings, feed_name, template)
        except Refused as refusal:
            outcome = Outcome(path.name, feed_name or "?", "refused", 0, 0, refusal.text)
            if archived:
                _remember_refusal(archived, outcome, settings)
        yield outcome


def reconcile(settings: Settings) -> None:
    """Bring the control database up to the accepted batches of the build database."""
    if not settings.build_database.exists():
        return
    with build_connection(settings) as connection:
        connection.execute(BATCH_DDL)
        rows = connection.execute(
            """
            select batch_id, feed, file_name, sha256, known_on, rows_read, rows_accepted,
                rows_refused, rows_duplicate, epoch(_ingested_at)
            from raw.batch order by batch_id
            """
        ).fetchall()
    record_batches(settings, [_accepted_record(row) for row in rows])


def _load(
    archived: ArchivedFile, settings: Settings, feed_name: str | None, template: Path | None
) -> Outcome:
    incoming = open_incoming(archived, feed_name, template)
    feed, batch_id = name_of(incoming.feed), incoming.batch_id
    with build_connection(settings) as connection:
        prepare_raw(connection)
        loaded = connection.execute(
            "select known_on from raw.batch where batch_id = ?", [batch_id]
        ).fetchone()
        if loaded:
            return Outcome(archived.name, feed, "known", 0, 0, _known_text(archived, batch_id, loaded[0]))
        incoming.load(connection)
        connection.execute(check.checked_rows_sql(incoming.feed, archived.known_on))
        connection.execute(check.duplicate_rows_sql(incoming.feed))
        counts = _collect_refused(connection, incoming.feed)
        quarantine = _write_quarantine(connection, batch_id, archived, settings, counts.refused)
        if counts.refused > counts.read * MAX_REFUSED_SHARE or counts.accepted == 0:
            raise _batch_refusal(connection, archived, counts, quarantine)
        _commit(connection, incoming, archived, counts)
    message = Text(
        f"已装载 {counts.accepted} 行"
        + (f",{counts.refused} 行转入待核数据 {quarantine}" if counts.refused else ""),
        f"loaded {counts.accepted} rows"
        + (f", {counts.refused} kept for repair in {quarantine}" if counts.refused else ""),
    )
    return Outcome(archived.name, feed, "accepted", counts.accepted, counts.refused, message)


@dataclass(frozen=True)
class _Counts:
    read: int
    accepted: int
    refused: int
    duplicate: int


def prepare_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw schema with all feed tables, so that dbt finds each source."""
    connection.execute(BATCH_DDL)
    connection.execute(
        "create table if not exists raw.build_parameter (data_to date not null, known_on date not null)"
    )
    for feed in FEEDS.values():
        connection.execute(raw_table_ddl(feed))


def _collect_refused(connection: duckdb.DuckDBPyConnection, feed: type[Feed]) -> _Counts:
    names = ", ".join(f"{each.name} := _text_{each.name}" for each in columns_of(feed))
    connection.execute(
        f"""
        create or replace temp table refused as
        select _row, _reasons as reasons, to_json(struct_pack({names})) :: varchar as raw
        from checked where len(_reasons) > 0
        union all
        select checked._row, ['key: 与第 ' || first_row || ' 条记录主键相同而内容不同'],
            to_json(struct_pack({names})) :: varchar
        from checked inner join repeated using (_row) where not is_identical
        union all
        select _row, ['format: 不是合法的 CSV 行(' || problem || ')'], raw from malformed
        """
    )
    read, refused, duplicate = connection.execute(
        """
        select
            (select count(*) from incoming) + (select count(*) from malformed),
            (select count(*) from refused),
            (select count(*) from repeated where is_identical)
        """
    ).fetchall()[0]
    return _Counts(read, read - refused - duplicate, refused, duplicate)


def _write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    batch_id: str,
    archived: ArchivedFile,
    settings: Settings,
    refused: int,
) -> Path | None:
    if not refused:
        return None
    target = settings.quarantine / f"{batch_id}.parquet"
    target.touch(mode=0o600)
    rows = connection.sql(
        "select ? as batch_id, ? as file_name, _row as record, reasons, raw from refused order by _row",
        params=[batch_id, archived.name],
    )
    rows.write_parquet(str(target), overwrite=True)
    target.chmod(0o600)
    return target


def _batch_refusal(
    connection: duckdb.DuckDBPyConnection, archived: ArchivedFile, counts: _Counts, quarantine: Path | None
) -> Refused:
    first = connection.execute(
        "select _row, reasons[1] from refused order by _row limit ?", [REASONS_SHOWN]
    ).fetchall()
    zh = ";".join(f"第 {row} 条 {reason}" for row, reason in first)
    en = "; ".join(f"record {row} {reason}" for row, reason in first)
    return Refused(
        f"{archived.name} 整批退回:{counts.read} 条记录中 {counts.refused} 条不合格(上限 1%)。{zh}。"
        f"全部原因见 {quarantine};请改正后重新送来。",
        f"{archived.name} is refused as a whole: {counts.refused} of {counts.read} records fail (limit 1 %). "
        f"{en}. All reasons are in {quarantine}; correct the file and deliver it again.",
    )


def _commit(
    connection: duckdb.DuckDBPyConnection, incoming: Incoming, archived: ArchivedFile, counts: _Counts
) -> None:
    feed, batch_id = name_of(incoming.feed), incoming.batch_id
    names = ", ".join(each.name for each in columns_of(incoming.feed))
    connection.execute("begin")
    connection.execute(
        f"""
        insert into raw.{feed} (_batch_id, _row, {names})
        select ?, _row, {names} from checked
        where len(_reasons) = 0 and _row not in (select _row from repeated)
        order by _row
        """,
        [batch_id],
    )
    connection.execute(
        "insert into raw.batch values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            batch_id,
            feed,
            archived.name,
            archived.sha256,
            incoming.encoding,
            archived.size,
            archived.known_on,
            counts.read,
            counts.accepted,
            counts.refused,
            counts.duplicate,
            datetime.now(UTC),
        ],
    )
    connection.execute("commit")


def _known_text(archived: ArchivedFile, batch_id: str, known_on: date) -> Text:
    return Text(
        f"内容相同的文件此前已装载(批次 {batch_id},交付日期 {known_on}),本次跳过",
        f"the same content was loaded before (batch {batch_id}, delivered {known_on}); skipped",
    )


def _remember_refusal(archived: ArchivedFile, outcome: Outcome, settings: Settings) -> None:
    record = BatchRecord(
        batch_id=f"refused-{archived.sha256[:12]}",
        feed=outcome.feed,
        file_name=archived.name,
        sha256=archived.sha256,
        known_on=archived.known_on,
        status="refused",
        rows_read=0,
        rows_accepted=0,
        rows_refused=0,
        rows_duplicate=0,
        message_zh=outcome.message.zh[:2000],
        message_en=outcome.message.en[:2000],
        received_at=datetime.now(UTC),
    )
    record_batches(settings, [record])


def _accepted_record(row: tuple[Any, ...]) -> BatchRecord:
    batch_id, feed, file_name, sha256, known_on, read, accepted, refused, duplicate, epoch = row
    return BatchRecord(
        batch_id=batch_id,
        feed=feed,
        file_name=file_name,
        sha256=sha256,
        known_on=known_on,
        status="accepted",
        rows_read=read,
        rows_accepted=accepted,
        rows_refused=refused,
        rows_duplicate=duplicate,
        message_zh="已装载",
        message_en="loaded",
        received_at=datetime.fromtimestamp(epoch, UTC),
    )
