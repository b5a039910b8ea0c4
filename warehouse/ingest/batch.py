"""One table, one batch, all or nothing: read, check, keep out, commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from warehouse.connections import first_row
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.ingest import check, columns_gone, quarantine
from warehouse.ingest.archive import ArchivedFile, Delivery
from warehouse.ingest.arrived import announce, count_arrived, months_not_held
from warehouse.ingest.check import BatchBroken, Finding
from warehouse.ingest.clean import drop_batch, make_batch
from warehouse.ingest.incoming import Incoming
from warehouse.ingest.lines import collect_raw_lines, header_line
from warehouse.ingest.months import record_touched_months
from warehouse.ingest.person_key import update_person_keys
from warehouse.ingest.read import Delivered
from warehouse.ingest.waiting import remember_waiting
from warehouse.ingest.watermark import remember as remember_watermark
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

MAX_REFUSED_SHARE = 0.01
NOTICE_SHARE = 0.001
REASONS_SHOWN = 3
SUFFIXES = (".csv", ".txt", ".xlsx", ".xls", ".parquet", ".gz", ".zip")


@dataclass(frozen=True)
class Outcome:
    """What became of one table; ``status`` is accepted, known (loaded before) or refused.

    ``has_failed`` says that it met an unforeseen error: the load is set aside, the connection is of no more use.
    """

    file_name: str
    feed: str
    status: str
    rows_accepted: int
    rows_refused: int
    message: Text
    batch_id: str = ""
    has_failed: bool = False


@dataclass(frozen=True)
class Counts:
    """The records of a batch: ``read`` = accepted + refused + duplicate; waiting and set aside are refused."""

    read: int
    accepted: int
    refused: int
    duplicate: int
    rejected: int
    waiting: int


def load_table(
    connection: duckdb.DuckDBPyConnection, incoming: Incoming, archived: ArchivedFile, settings: Settings
) -> Outcome:
    """Load a recognised table as one batch; ``Refused`` leaves the build database as it was."""
    feed, batch_id = name_of(incoming.feed), incoming.batch_id
    loaded = first_row(connection.execute("select known_on from raw.batch where batch_id = ?", [batch_id]))
    if loaded:
        return Outcome(incoming.name, feed, "known", 0, 0, _known_text(incoming.name, batch_id, loaded[0]))
    _refuse_mixed_origins(connection, incoming, archived.delivery)
    delivered = incoming.load(connection)
    batch = make_batch(connection, delivered, archived.known_on, settings.spill)
    broken: Finding | None = None
    findings = check.undelivered(delivered) + columns_gone.columns_gone(connection, delivered)
    try:
        findings += check.check_batch(connection, delivered, batch.unknown_codes)
    except BatchBroken as rule:
        broken = rule.finding
    findings += _repair_findings(batch.repaired)
    counts = count_rows(connection)
    is_whole_file = incoming.name in (archived.name, archived.name.removesuffix(".gz"))
    delivery = archived.delivery if is_whole_file else Delivery(archived.known_on)
    refusal = _why_refused(connection, delivered, delivery, counts, broken)
    collect_raw_lines(connection, delivered)
    if refusal is not None:
        connection.execute("insert into broken values (0, 'batch', 'batch', ?, ?)", [*refusal])
    kept = quarantine.write(
        connection,
        settings,
        batch_id=batch_id,
        feed=feed,
        file_name=incoming.name,
        sha256=archived.sha256,
        header=header_line(delivered.layout),
        is_whole_batch=refusal is not None,
    )
    if refusal is not None:
        raise _batch_refusal(connection, incoming.name, refusal, kept)
    try:
        _commit(connection, incoming, archived, delivered, counts, findings, settings, delivery)
    except Exception:
        if kept:
            kept.unlink(missing_ok=True)  # rows of a batch that is none would pass for held ones
        raise
    return Outcome(
        incoming.name,
        feed,
        "accepted",
        counts.accepted,
        counts.refused,
        _accepted_text(counts, findings, kept),
        batch_id,
    )


def data_origin(feed: type[Feed], delivery: Delivery) -> str:
    """Whether a batch is published, a platform's own or synthetic."""
    return delivery.data_origin if feed.number else "published"


def _refuse_mixed_origins(
    connection: duckdb.DuckDBPyConnection, incoming: Incoming, delivery: Delivery
) -> None:
    """Records of a platform and made-up ones never stand in one home: their sums would mean nothing."""
    origin = data_origin(incoming.feed, delivery)
    other = first_row(
        connection.execute(
            "select data_origin from raw.batch where data_origin not in ('published', ?) limit 1", [origin]
        )
    )
    if origin != "published" and other:
        names = {
            "platform": Text("平台数据", "platform data"),
            "synthetic": Text("模拟数据", "synthetic data"),
        }
        raise Refused(
            f"{incoming.name} 是{names[origin].zh}，而本仓已装载{names[other[0]].zh}；两者不得混装，请另建一个主目录。",
            f"{incoming.name} holds {names[origin].en}, but this home holds {names[other[0]].en}; "
            "the two are never mixed: use another home.",
        )


def count_rows(connection: duckdb.DuckDBPyConnection) -> Counts:
    """Count the records that were read and what was decided of each; one that swallowed lines counts as these."""
    read, refused, duplicate, rejected, waiting = connection.execute(
        """
        with decided as (
            select _row, bool_or(severity = 'reject') as is_rejected, bool_or(severity = 'wait') as is_waiting
            from broken group by _row
        )
        select
            (select count(*) from delivered) + (select count(*) from rejected_line),
            (select count(*) from decided),
            (select count(*) from duplicate where _row not in (select _row from decided)),
            (select count(*) from decided where is_rejected),
            (select count(*) from decided where is_waiting and not is_rejected)
        """
    ).fetchall()[0]
    more = connection.execute("select coalesce(sum(lines - 1), 0)::bigint from swallowed").fetchall()[0][0]
    read, refused, rejected = read + more, refused + more, rejected + more
    return Counts(read, read - refused - duplicate, refused, duplicate, rejected, waiting)


def insert_rows(connection: duckdb.DuckDBPyConnection, feed: type[Feed], batch_id: str) -> None:
    """Insert the rows that are not kept out into ``raw.<feed>``; within the caller's transaction."""
    blanked = {row[0] for row in connection.execute("select distinct column_name from blanked").fetchall()}
    values = [
        f"case when _row in (select _row from blanked where column_name = '{each.name}') then null "
        f"else {each.name} end :: {each.sql_type}"
        if each.name in blanked
        else f"{each.name} :: {each.sql_type}"
        for each in columns_of(feed)
    ]
    names = ", ".join(each.name for each in columns_of(feed))
    is_whole = not first_row(
        connection.execute("select 1 from broken union all select 1 from duplicate limit 1")
    )
    kept = (
        "" if is_whole else "where _row not in (select _row from broken union all select _row from duplicate)"
    )
    connection.execute(
        f"insert into raw.{name_of(feed)} (_batch_id, _row, {names}) "
        f"select ?, _row, {', '.join(values)} from batch_all {kept}",
        [batch_id],
    )


def record_findings(
    connection: duckdb.DuckDBPyConnection, batch_id: str, findings: Sequence[Finding]
) -> None:
    """Write findings of a batch; within the caller's transaction."""
    for finding in findings:
        connection.execute(
            "insert into raw.finding values (?, ?, ?, ?, ?, ?, ?)",
            [
                batch_id,
                finding.rule,
                finding.severity,
                finding.rows,
                list(finding.records),
                finding.text.zh,
                finding.text.en,
            ],
        )


def _commit(
    connection: duckdb.DuckDBPyConnection,
    incoming: Incoming,
    archived: ArchivedFile,
    delivered: Delivered,
    counts: Counts,
    findings: list[Finding],
    settings: Settings,
    delivery: Delivery,
) -> None:
    feed, batch_id = name_of(incoming.feed), incoming.batch_id
    connection.execute("begin")
    try:
        insert_rows(connection, incoming.feed, batch_id)
        findings += record_touched_months(connection, incoming.feed, batch_id)
        count_arrived(connection, incoming.feed, batch_id)
        announce(connection, incoming.feed, batch_id, delivery.months)
        update_person_keys(connection, feed, batch_id, settings)
        record_findings(connection, batch_id, findings)
        remember_waiting(connection, batch_id)
        connection.execute(
            "insert into raw.batch values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                batch_id,
                feed,
                incoming.name,
                archived.sha256,
                incoming.encoding,
                archived.size,
                archived.known_on,
                counts.read,
                counts.accepted,
                counts.refused,
                counts.duplicate,
                datetime.now(UTC),
                data_origin(incoming.feed, archived.delivery),
            ],
        )
        if archived.delivery.pull:
            remember_watermark(connection, feed, batch_id, archived.delivery.pull)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _why_refused(
    connection: duckdb.DuckDBPyConnection,
    delivered: Delivered,
    delivery: Delivery,
    counts: Counts,
    broken: Finding | None,
) -> Text | None:
    if broken is not None:
        return Text(f"{broken.rule}: {broken.text.zh}", f"{broken.rule}: {broken.text.en}")
    if delivery.rows is not None and delivery.rows != counts.read:
        return Text(
            f"交付清单说有 {delivery.rows} 条记录，实有 {counts.read} 条",
            f"the manifest announces {delivery.rows} records, the file has {counts.read}",
        )
    known = {each.name: each for each in columns_of(delivered.layout.feed)}
    for name, total in delivery.totals.items():
        if name not in known or not known[name].sql_type.startswith("decimal"):
            return Text(
                f"交付清单的合计列 {name} 不是金额列", f"the manifest's total {name} is no amount column"
            )
        found = connection.execute(
            f"""
            select coalesce(sum({name}), 0) from batch_all
            where _row not in (select _row from broken where code = 'total_line')
            """
        ).fetchall()[0][0]
        if found != total:
            return Text(
                f"{name} 合计为 {found:.2f}，交付清单说是 {total}",
                f"{name} adds up to {found:.2f}, the manifest says {total}",
            )
    lacking = months_not_held(connection, delivered.layout.feed, delivery.months) if delivery.months else []
    if lacking is None:
        return Text(
            "交付清单写了 months，而这个数据源不按月核对",
            "the manifest says months, but this feed is not looked at by month",
        )
    if lacking:
        listed = "、".join(f"{month:%Y-%m}" for month in lacking)
        return Text(
            f"交付清单说它送全了 {listed}，其中却没有这个月的记录",
            f"the manifest says that it holds {listed} whole, but it has no record of that month",
        )
    columns = check.broken_totals(connection, delivered)
    if columns:
        listed = ", ".join(dict.fromkeys(columns))
        return Text(
            f"合计行与明细之和不符：{listed}", f"the line of totals does not meet the records: {listed}"
        )
    if counts.rejected > counts.read * MAX_REFUSED_SHARE or not counts.accepted + counts.waiting:
        return Text(
            f"{counts.read} 条记录中 {counts.rejected} 条不合格（上限 1%）",
            f"{counts.rejected} of {counts.read} records fail (limit 1 %)",
        )
    return None


def _batch_refusal(connection: duckdb.DuckDBPyConnection, name: str, why: Text, kept: Path | None) -> Refused:
    first = connection.execute(
        """
        select _row, code || ': ' || zh, code || ': ' || en from broken
        where severity = 'reject' order by _row, code limit ?
        """,
        [REASONS_SHOWN],
    ).fetchall()
    zh = "".join(f"；第 {row} 条 {reason}" for row, reason, _ in first)
    en = "".join(f"; record {row} {reason}" for row, _, reason in first)
    reasons_zh = f"全部原因见 {kept}；" if kept else ""
    reasons_en = f"All reasons are in {kept}; " if kept else ""
    return Refused(
        f"{name} 整批退回：{why.zh}{zh}。{reasons_zh}请改正后重新送来。",
        f"{name} is refused as a whole: {why.en}{en}. {reasons_en}correct the file and deliver it again.",
    )


def _accepted_text(counts: Counts, findings: Sequence[Finding], kept: Path | None) -> Text:
    warned = sum(finding.severity in ("warn", "blank") for finding in findings)
    zh, en = f"已装载 {counts.accepted} 行", f"loaded {counts.accepted} rows"
    if counts.duplicate:
        zh, en = f"{zh}，{counts.duplicate} 行重复", f"{en}, {counts.duplicate} duplicates"
    if counts.refused:
        zh += f",{counts.refused} 行转入待核数据 {kept}"
        en += f", {counts.refused} kept for repair in {kept}"
    if counts.rejected > counts.read * NOTICE_SHARE:
        zh, en = f"{zh}（超过 0.1%，请关注数据质量）", f"{en} (more than 0.1 %: mind the quality)"
    if warned:
        zh, en = f"{zh}，{warned} 项提示", f"{en}, {warned} notices"
    for finding in findings:
        if finding.rule == columns_gone.RULE:
            zh, en = f"{zh}；{finding.text.zh}", f"{en}; {finding.text.en}"
    return Text(zh, en)


def _repair_findings(repaired: Mapping[str, int]) -> list[Finding]:
    return [
        Finding(
            f"repaired:{name}",
            "repaired",
            count,
            (),
            Text("整行按文本重读并清洗", "the line was read again as text and cleaned")
            if name == "_line"
            else Text(f"{name} 的写法已统一", f"{name} was put into its standard form"),
        )
        for name, count in repaired.items()
    ]


def _known_text(name: str, batch_id: str, known_on: date) -> Text:
    return Text(
        f"内容相同的文件此前已装载（批次 {batch_id}，交付日期 {known_on}），本次跳过",
        f"the same content was loaded before (batch {batch_id}, delivered {known_on}); skipped",
    )


def forget_batch(connection: duckdb.DuckDBPyConnection) -> None:
    """Free the memory of a batch."""
    drop_batch(connection)
    connection.execute("drop view if exists numbered")
    for table in (
        "delivered",
        "rejected_line",
        "line_text",
        "batch_of_lines",
        "repeated",
        "raw_line",
        "swallowed",
    ):
        connection.execute(f"drop table if exists temp.{table}")
