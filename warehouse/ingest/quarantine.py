"""Refused rows: one Parquet file a batch, with all reasons, the record number and the raw line.

The file is complete before the batch is committed, readable by its owner only, and can be read while a
build holds the database. A row that is released later is taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import durable
from warehouse.settings import Settings
from warehouse.texts import Refused

SCHEMA = pa.schema(
    [
        ("batch_id", pa.string()),
        ("feed", pa.string()),
        ("file_name", pa.string()),
        ("sha256", pa.string()),
        ("is_whole_batch", pa.bool_()),
        ("record", pa.int64()),
        ("status", pa.string()),
        ("codes", pa.list_(pa.string())),
        ("reasons", pa.list_(pa.string())),
        ("reasons_en", pa.list_(pa.string())),
        ("raw", pa.string()),
        ("header", pa.string()),
    ]
)

JUDGED = """
    select
        _row as record,
        case when bool_or(severity = 'batch') then 'batch'
            when bool_or(severity = 'reject') then 'reject'
            when bool_or(severity = 'set_aside') then 'set_aside' else 'wait' end as status,
        list(distinct code order by code) as codes,
        list(distinct code || ': ' || zh order by code || ': ' || zh) as reasons,
        list(distinct code || ': ' || en order by code || ': ' || en) as reasons_en
    from broken
    group by _row
"""


@dataclass(frozen=True)
class Held:
    """A batch with rows in quarantine: how many are refused, wait, or are set aside, and the usual reasons."""

    batch_id: str
    feed: str
    file_name: str
    is_whole_batch: bool
    rejected: int
    waiting: int
    set_aside: int
    codes: tuple[str, ...]


def path_of(settings: Settings, batch_id: str) -> Path:
    """The file of a batch's refused rows."""
    return settings.quarantine / f"{batch_id}.parquet"


def write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    batch_id: str,
    feed: str,
    file_name: str,
    sha256: str,
    header: str,
    is_whole_batch: bool,
) -> Path | None:
    """Write ``broken`` and ``raw_line`` of the batch; replaces what was there; None when nothing is held."""
    target = path_of(settings, batch_id)
    rows = connection.sql(
        f"""
        select
            $batch_id as batch_id,
            $feed as feed,
            $file_name as file_name,
            $sha256 as sha256,
            $whole :: boolean as is_whole_batch,
            judged.*,
            raw_line.line as raw,
            $header as header
        from ({JUDGED}) as judged left join raw_line on judged.record = raw_line._row
        order by record
        """,
        params={
            "batch_id": batch_id,
            "feed": feed,
            "file_name": file_name,
            "sha256": sha256,
            "whole": is_whole_batch,
            "header": header,
        },
    ).to_arrow_table()
    _replace(target, rows.cast(SCHEMA))
    return target if rows.num_rows else None


def renew(connection: duckdb.DuckDBPyConnection, settings: Settings, batch_id: str) -> None:
    """Give held records that were tried again and still fail the reasons in ``broken``."""
    target = path_of(settings, batch_id)
    rows = connection.sql(
        f"""
        select
            held.* replace (
                coalesce(judged.status, held.status) as status,
                coalesce(judged.codes, held.codes) as codes,
                coalesce(judged.reasons, held.reasons) as reasons,
                coalesce(judged.reasons_en, held.reasons_en) as reasons_en
            )
        from read_parquet(?) as held left join ({JUDGED}) as judged on held.record = judged.record
        order by held.record
        """,
        params=[str(target)],
    ).to_arrow_table()
    renewed = rows.cast(SCHEMA)
    if not renewed.equals(pq.read_table(target)):
        _replace(target, renewed)


def _replace(target: Path, rows: pa.Table) -> None:
    if not rows.num_rows:
        target.unlink(missing_ok=True)
        return
    part = durable.part_of(target)
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    pq.write_table(rows, part, compression="zstd")
    durable.put(part, target)


def held(settings: Settings) -> list[Held]:
    """All batches with rows in quarantine, by batch id."""
    return [_summary(path) for path in sorted(settings.quarantine.glob("*.parquet"))]


def rows(settings: Settings, batch_id: str) -> pa.Table:
    """The held rows of a batch, by record number; ``batch_id`` may be shortened while it is unique."""
    found = [path for path in settings.quarantine.glob("*.parquet") if path.stem.startswith(batch_id)]
    exact = [path for path in found if path.stem == batch_id]
    if len(exact or found) != 1:
        raise Refused(
            f"待核数据中没有批次 {batch_id}，或不止一个以此开头；请用 yibao quarantine list 查看。",
            f"No batch {batch_id} is in quarantine, or several begin so; see yibao quarantine list.",
        )
    return pq.read_table((exact or found)[0])


def take_out(settings: Settings, batch_id: str, records: set[int]) -> None:
    """Remove released records from a batch's file; the last one removes the file."""
    target = path_of(settings, batch_id)
    if not target.exists():
        return
    table = pq.read_table(target)
    taken = pc.is_in(table.column("record"), value_set=pa.array(sorted(records), pa.int64()))
    _replace(target, table.filter(pc.invert(taken)))


def remove_unfinished(settings: Settings) -> None:
    """Delete what a killed load left half written."""
    for leftover in settings.quarantine.glob("*.part"):
        leftover.unlink()


def _summary(path: Path) -> Held:
    table = pq.read_table(
        path, columns=["batch_id", "feed", "file_name", "is_whole_batch", "status", "codes"]
    )
    first = table.slice(0, 1).to_pylist()[0]
    statuses = table.column("status").to_pylist()
    return Held(
        batch_id=first["batch_id"],
        feed=first["feed"],
        file_name=first["file_name"],
        is_whole_batch=first["is_whole_batch"],
        rejected=statuses.count("reject"),
        waiting=statuses.count("wait"),
        set_aside=statuses.count("set_aside"),
        codes=tuple(_usual(table.column("codes").to_pylist())),
    )


def _usual(codes: list[list[str]]) -> Iterator[str]:
    counts: dict[str, int] = {}
    for listed in codes:
        for code in listed:
            counts[code] = counts.get(code, 0) + 1
    for code, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:5]:
        yield f"{code}×{count}"
