"""Whole files that must be accepted, refused or recognised, and the last touches on written files.

Accepted: another encoding (Q02), a workbook with total lines (Q08). Refused: misread or mixed text (Q02), a
printed layout without a template (Q07), untrustworthy cells (Q17), control totals that do not meet, more
than one refusal in a hundred, rules over the whole batch. Known: the same bytes under another name.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.connections import first_row
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.synthetic.dirt.defect import Expected
from warehouse.synthetic.dirt.period import last_months
from warehouse.synthetic.dirt.refused_batch import BATCHES, Batch
from warehouse.synthetic.dirt.sheet import Fault, printed_layout, table_book
from warehouse.synthetic.dirt.spoil import LINE_MARK
from warehouse.synthetic.dirt.total import workbooks
from warehouse.synthetic.export import Writer
from warehouse.synthetic.plan import Plan

SAMPLE_ROWS = 40
MISREAD, REPLACEMENT = "锟斤拷", "\ufffd"
FAULTS: tuple[tuple[Fault, str], ...] = (
    ("formula", "公式没有计算结果"),
    ("error", "单元格为 #REF!"),
    ("hidden", "有隐藏行"),
)


@dataclass(frozen=True)
class Spoiled:
    """A file that was rewritten as text, and the table in the schema ``dirt`` that holds its rows."""

    feed: str
    name: str
    table: str
    delivered_on: date


def finish(connection: duckdb.DuckDBPyConnection, plan: Plan, writer: Writer, out: Path) -> None:
    """Touch up written files, add further ones, write ``answers.csv``; before ``writer.close()``."""
    spoiled = [Spoiled(*row) for row in connection.execute("from dirt.spoiled order by name").fetchall()]
    for file in spoiled:
        _break_lines(writer.folder / file.name)
    by_feed = {file.feed: file for file in reversed(spoiled)}
    _write_workbooks(connection, writer)
    for batch in BATCHES:
        if batch.feed in by_feed:
            _write_batch(connection, writer, by_feed[batch.feed], batch)
    if "settlement" in by_feed:
        _write_misread(connection, writer, by_feed["settlement"])
    if "fund_ledger" in by_feed:
        _write_untrustworthy(connection, writer, by_feed["fund_ledger"])
    if "contribution" in by_feed:
        _write_again(connection, writer, by_feed["contribution"])
    _encode_otherwise(connection, plan, writer.folder)
    connection.execute(
        f"""
        copy (from dirt.answer order by file, record nulls first, code, "column")
        to '{out / "answers.csv"}' (format csv, header true)
        """
    )


def _answer(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    feed: str,
    code: str,
    expected: Expected,
    rule: str,
    note: str,
) -> None:
    connection.execute(
        "insert into dirt.answer values (?, ?, null, ?, null, 'file', ?, nullif(?, ''), ?)",
        [name, feed, code, expected, rule, note],
    )


def _break_lines(path: Path) -> None:
    """Give the marked lines a wrong number of columns: the first loses two, the others gain one (Q16)."""
    mark = LINE_MARK.encode()
    content = path.read_bytes()
    is_first = True
    while (start := content.find(b"\n" + mark)) >= 0:
        end = content.index(b"\n", start + 1)
        line = content[start + 1 + len(mark) : end]
        line = line.rsplit(b",", 2)[0] if is_first else line + b",1"
        content = content[: start + 1] + line + content[end:]
        is_first = False
    if not is_first:
        path.write_bytes(content)


def _write_workbooks(connection: duckdb.DuckDBPyConnection, writer: Writer) -> None:
    for book in workbooks(connection):
        header = [each.name for each in columns_of(FEEDS[book.feed])]
        rows = connection.execute(f"select {', '.join(header)} from {book.table} order by _place").fetchall()
        table_book(writer.folder / book.name, header, rows)
        writer.note(book.name, {"delivered_on": book.delivered_on, "feed": book.feed, "rows": len(rows)})
        _answer(connection, book.name, book.feed, "Q08", "file_accepted", "", "工作簿,末尾有合计行与附注")


def _write_batch(
    connection: duckdb.DuckDBPyConnection, writer: Writer, origin: Spoiled, batch: Batch
) -> None:
    columns = ", ".join(each.name for each in columns_of(FEEDS[batch.feed]))
    sample = f"""
        select row_number() over (order by _place) as _n, {columns} from {origin.table}
        where _defect is null and ({batch.where.format(table=origin.table)}) order by _place limit {batch.rows}
    """
    spoiled = f"select * replace ({batch.change}) from sample where _n <= {batch.spoiled_rows}"
    rest = "" if batch.is_further else f" where _n > {batch.spoiled_rows}"
    connection.execute(f"create or replace temp table sample as {sample}")
    if not first_row(connection.execute("select 1 from sample limit 1")):
        return
    connection.execute(f"create or replace temp table refused_batch as from sample{rest} union all {spoiled}")
    name = f"{origin.name.split('.')[0]}_{batch.suffix}.csv"
    connection.execute(
        f"copy (select {columns} from refused_batch order by _n, {columns.split(',')[0]}) "
        f"to '{writer.folder / name}' (format csv, header true)"
    )
    rows = connection.execute("select count(*) from refused_batch").fetchall()[0][0]
    entry: dict[str, object] = {
        "delivered_on": origin.delivered_on,
        "feed": batch.feed,
        "rows": rows + batch.stated_rows_off,
    }
    if batch.stated_total:
        total = connection.execute(
            f"select cast(sum(cast({batch.stated_total} as decimal(20, 2))) + 100 as varchar) from refused_batch"
        ).fetchall()[0][0]
        entry["totals"] = {batch.stated_total: total}
    writer.note(name, entry)
    _answer(connection, name, batch.feed, batch.code, "file_refused", batch.rule, batch.note)


def _write_misread(connection: duckdb.DuckDBPyConnection, writer: Writer, origin: Spoiled) -> None:
    """Text garbled before delivery, text with replacement characters, text in two encodings (Q02)."""
    columns = ", ".join(each.name for each in columns_of(FEEDS[origin.feed]))
    target = writer.folder / f"{origin.name.split('.')[0]}_misread.csv"
    connection.execute(
        f"""
        copy (
            select {columns.replace("psn_name", "'参保人' as psn_name")} from {origin.table}
            where _defect is null order by _place limit {SAMPLE_ROWS}
        ) to '{target}' (format csv, header true)
        """
    )
    text = target.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    half = len(lines) // 2
    contents = {
        "misread": (text.replace("参保人", MISREAD).encode(), "文字已被错误转码(锟斤拷)"),
        "replaced": (text.replace("参保人", REPLACEMENT).encode(), "文字含替换符"),
        "mixed": ("".join(lines[:half]).encode() + "".join(lines[half:]).encode("gb18030"), "混用两种编码"),
    }
    for suffix, (content, note) in contents.items():
        path = target.with_name(f"{origin.name.split('.')[0]}_{suffix}.csv")
        path.write_bytes(content)
        writer.note(
            path.name, {"delivered_on": origin.delivered_on, "feed": origin.feed, "rows": len(lines) - 1}
        )
        _answer(connection, path.name, origin.feed, "Q02", "file_refused", "encoding", note)


def _write_untrustworthy(connection: duckdb.DuckDBPyConnection, writer: Writer, origin: Spoiled) -> None:
    header = [each.name for each in columns_of(FEEDS[origin.feed])]
    rows = connection.execute(
        f"select {', '.join(header)} from {origin.table} where _defect is null order by _place limit {SAMPLE_ROWS}"
    ).fetchall()
    stem = origin.name.split(".")[0]
    for fault, note in FAULTS:
        name = f"{stem}_{fault}.xlsx"
        table_book(writer.folder / name, header, rows, fault)
        writer.note(name, {"delivered_on": origin.delivered_on, "feed": origin.feed, "rows": len(rows)})
        _answer(connection, name, origin.feed, "Q17", "file_refused", "workbook", note)
    name = f"fund_budget_{origin.delivered_on.year}_printed.xlsx"
    printed_layout(writer.folder / name, str(origin.delivered_on.year))
    writer.note(name, {"delivered_on": origin.delivered_on, "feed": "fund_budget", "rows": 3})
    _answer(connection, name, "fund_budget", "Q07", "file_refused", "template", "标题行与合并表头,没有模板")


def _write_again(connection: duckdb.DuckDBPyConnection, writer: Writer, origin: Spoiled) -> None:
    name = f"{origin.name.split('.')[0]}(1).csv"
    shutil.copyfile(writer.folder / origin.name, writer.folder / name)
    rows = connection.execute(f"select count(*) from {origin.table}").fetchall()[0][0]
    writer.note(name, {"delivered_on": origin.delivered_on, "feed": origin.feed, "rows": rows})
    _answer(connection, name, origin.feed, "Q01", "known", "", f"与 {origin.name} 内容相同")


def _encode_otherwise(connection: duckdb.DuckDBPyConnection, plan: Plan, folder: Path) -> None:
    """One file in GB18030, one in UTF-8 with a byte order mark (Q02)."""
    months = last_months(plan)
    gb18030 = (f"settlement_{months[min(2, len(months) - 1)]}.csv", f"assisted_roster_{months[-1]}.csv")
    marked = (
        f"settlement_{months[min(3, len(months) - 1)]}.csv",
        f"fund_ledger_{months[max(-2, -len(months))]}.csv",
    )
    taken: str | None = None
    for names, encoding, note in (
        (gb18030, "gb18030", "GB18030 编码"),
        (marked, "utf-8-sig", "UTF-8 带 BOM"),
    ):
        name = next((each for each in names if each != taken and (folder / each).exists()), None)
        if name is None:
            continue
        taken = name
        (folder / name).write_bytes((folder / name).read_bytes().decode("utf-8").encode(encoding))
        _answer(connection, name, name.rsplit("_", 1)[0], "Q02", "file_accepted", "", note)
