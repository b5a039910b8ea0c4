"""Files with lines that are no records: a total and a note at the end (Q08), one of them a workbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.synthetic.dirt.period import last_months, period_of
from warehouse.synthetic.dirt.spoil import AT_THE_END, table_of
from warehouse.synthetic.export import CONTROL_TOTALS, FeedFile
from warehouse.synthetic.plan import Plan

# the total line: column and SQL for its text, beside 合计 in the first column
TOTALS = {
    "fund_ledger": ("amount_yuan", "cast(sum(amount_yuan) as varchar)"),
    "assisted_roster": ("name", "count(*) || '人'"),
}
NOTES = {"fund_ledger": "注:本表金额单位为元。", "assisted_roster": "注：本表由主管部门提供。"}


@dataclass(frozen=True)
class Workbook:
    """A table of texts in the schema ``dirt`` that is to be written as a workbook."""

    feed: str
    name: str
    table: str
    delivered_on: date


def with_totals(connection: duckdb.DuckDBPyConnection, plan: Plan, file: FeedFile) -> list[FeedFile]:
    """The file with a total and a note, none where it becomes a workbook, or the file itself."""
    months = last_months(plan)
    is_last = period_of(file) == months[-1]
    is_before_last = len(months) > 1 and period_of(file) == months[-2]
    if file.feed not in TOTALS or not (is_last or (is_before_last and file.feed == "fund_ledger")):
        return [file]
    is_workbook = is_last and file.feed == "fund_ledger"
    written = replace(file, name=f"{file.name.split('.')[0]}.{'xlsx' if is_workbook else 'csv'}")
    table = table_of(written)
    columns = [each.name for each in columns_of(FEEDS[file.feed])]
    _copy(connection, file, table, columns)
    _answer(connection, written, table)
    if is_workbook:
        connection.execute(
            "insert into dirt.workbook values (?, ?, ?, ?)",
            [file.feed, written.name, table, file.delivered_on],
        )
        return []
    return [
        replace(
            written,
            query=f"select {', '.join(columns)} from {table} order by _place",
            stated=control(connection, file),
        )
    ]


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the list of workbooks to be written at the end."""
    connection.execute(
        'create or replace table dirt.workbook (feed varchar, name varchar, "table" varchar, delivered_on date)'
    )


def workbooks(connection: duckdb.DuckDBPyConnection) -> list[Workbook]:
    """The workbooks that are still to be written."""
    return [Workbook(*row) for row in connection.execute("from dirt.workbook order by name").fetchall()]


def _copy(connection: duckdb.DuckDBPyConnection, file: FeedFile, table: str, columns: list[str]) -> None:
    first, (summed, total) = columns[0], TOTALS[file.feed]
    keys = ", ".join(each.name for each in columns_of(FEEDS[file.feed]) if each.is_key)
    texts = ", ".join(f"cast({name} as varchar) as {name}" for name in columns)
    connection.execute(
        f"""
        create or replace table {table} as
        select row_number() over (order by {keys}) as _place, {texts} from ({file.query})
        """
    )
    connection.execute(
        f"""
        insert into {table} by name
        select {AT_THE_END} as _place, '合计' as {first}, {total} as {summed} from ({file.query})
        union all by name
        select {AT_THE_END} + 1 as _place, '{NOTES[file.feed]}' as {first}
        """
    )


def _answer(connection: duckdb.DuckDBPyConnection, file: FeedFile, table: str) -> None:
    first = columns_of(FEEDS[file.feed])[0].name
    connection.execute(
        f"""
        insert into dirt.answer
        select '{file.name}', '{file.feed}', record, 'Q08', '{first}', 'line', 'total', 'total_line',
            if(place = {AT_THE_END}, '合计行', '附注行')
        from (select row_number() over (order by _place) as record, _place as place from {table})
        where place >= {AT_THE_END}
        """
    )


def control(connection: duckdb.DuckDBPyConnection, file: FeedFile) -> dict[str, object]:
    """Control totals over the records of a file as it was before lines were added."""
    columns = CONTROL_TOTALS.get(file.feed, ())
    if not columns:
        return {}
    sums = ", ".join(f"cast(coalesce(sum({each}), 0) as varchar)" for each in columns)
    row = connection.execute(f"select {sums} from ({file.query})").fetchall()[0]
    return {"totals": dict(zip(columns, row, strict=True))}
