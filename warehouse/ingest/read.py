"""CSV text into a temporary table of texts, one row a record, numbered as in the file."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.texts import Refused


class UnknownHeader(Refused):
    """The header line fits no feed; it may still be a statement."""


@dataclass(frozen=True)
class Layout:
    """Which feed a file is, and under which header each contract column stands (in file order)."""

    feed: type[Feed]
    headers: tuple[str, ...]
    columns: tuple[str | None, ...]


def recognise(text: str, name: str, feed_name: str | None) -> Layout:
    """Match the header line with the contracts; ``feed_name`` limits it to one feed."""
    headers = _header_of(text, name)
    if feed_name and feed_name not in FEEDS:
        known = "、".join(FEEDS)
        raise Refused(
            f"没有名为 {feed_name} 的数据源;现有:{known}。",
            f"There is no feed {feed_name}; known feeds: {', '.join(FEEDS)}.",
        )
    candidates = [FEEDS[feed_name]] if feed_name else list(FEEDS.values())
    best = min(candidates, key=lambda feed: len(_missing(feed, headers)))
    missing = _missing(best, headers)
    if missing:
        matched = len(columns_of(best)) - len(missing)
        if feed_name or matched * 2 > len(columns_of(best)):
            raise Refused(
                f"{name} 缺少数据源 {name_of(best)} 的列:{'、'.join(missing)};请补齐后再送。",
                f"{name} lacks columns of the feed {name_of(best)}: {', '.join(missing)}; "
                "add them and deliver it again.",
            )
        raise UnknownHeader(
            f"{name} 的表头({'、'.join(headers[:6])}…)与任何数据源和报表模板都不符;"
            f"数据源现有:{'、'.join(FEEDS)};公布的报表请按 docs/statements.md 写模板,用 --template 装载。",
            f"The header of {name} ({', '.join(headers[:6])}…) fits no feed and no statement template; "
            f"feeds: {', '.join(FEEDS)}; for a published table write a template by docs/statements.md "
            "and load it with --template.",
        )
    return Layout(best, headers, _match(best, headers))


def load_csv(connection: duckdb.DuckDBPyConnection, text: str, layout: Layout, folder: Path) -> None:
    """Create temp tables ``incoming`` and ``malformed`` from decoded CSV text.

    The reader wants a UTF-8 file; it lives in ``folder`` (inside the home) only while it is read.
    """
    descriptor, name = tempfile.mkstemp(suffix=".csv", dir=folder)
    utf8_file = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        _load_texts(connection, utf8_file, layout)
    finally:
        utf8_file.unlink()


def _load_texts(connection: duckdb.DuckDBPyConnection, utf8_file: Path, layout: Layout) -> None:
    """Create temp tables ``incoming`` (texts with ``_row``) and ``malformed`` (broken lines)."""
    names = [column or f"_unused_{i}" for i, column in enumerate(layout.columns)]
    types = ", ".join(f"'{name}': 'varchar'" for name in names)
    connection.execute("create or replace temp table malformed (_row bigint, raw varchar, problem varchar)")
    connection.execute(
        f"""
        create or replace temp table incoming as
        select row_number() over () as _row, *
        from read_csv(
            ?, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
            columns = {{{types}}}, strict_mode = true, null_padding = false,
            store_rejects = true, rejects_limit = 0
        )
        """,
        [str(utf8_file)],
    )
    connection.execute(
        """
        insert into malformed
        select line - 1, any_value(csv_line order by error_message), min(error_message)
        from reject_errors group by line
        """
    )
    connection.execute("drop table reject_errors; drop table reject_scans")
    # the reader leaves malformed lines out, so the records after each are numbered one too low
    connection.execute(
        """
        update incoming
        set _row = _row + (
            select count(*)
            from (select _row - row_number() over (order by _row) as kept_before from malformed) as gap
            where gap.kept_before < incoming._row
        )
        where exists (select 1 from malformed)
        """
    )


def _header_of(text: str, name: str) -> tuple[str, ...]:
    try:
        headers = tuple(each.strip() for each in next(csv.reader(io.StringIO(text), strict=True)))
    except (csv.Error, StopIteration) as error:
        raise Refused(
            f"{name} 的第一行不是可读的 CSV 表头({error})。",
            f"The first line of {name} is no readable CSV header ({error}).",
        ) from error
    repeated = sorted({each for each in headers if headers.count(each) > 1})
    if repeated:
        raise UnknownHeader(
            f"{name} 的表头有重复的列:{'、'.join(repeated)}。",
            f"The header of {name} repeats columns: {', '.join(repeated)}.",
        )
    if text.rstrip("\r\n").count("\n") == 0 and text.count("\r") <= 1:
        raise Refused(f"{name} 只有表头,没有记录。", f"{name} has a header but no records.")
    return headers


def _match(feed: type[Feed], headers: tuple[str, ...]) -> tuple[str | None, ...]:
    by_header = {alias: each.name for each in columns_of(feed) for alias in (each.name, *each.aliases)}
    return tuple(by_header.get(header) for header in headers)


def _missing(feed: type[Feed], headers: tuple[str, ...]) -> list[str]:
    present = set(_match(feed, headers))
    return [each.name for each in columns_of(feed) if each.name not in present]
