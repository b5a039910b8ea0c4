"""Rows that come late: manual claims and corrections of settlements (Q13), and originals of refunds (Q09).

Late files are named after the month they belong to and the day they were delivered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import duckdb

from warehouse.connections import first_row
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.synthetic.dirt.money import WRONG_BY
from warehouse.synthetic.dirt.period import last_months, period_of
from warehouse.synthetic.dirt.settlements import AMOUNTS, ORDINARY
from warehouse.synthetic.export import FeedFile
from warehouse.synthetic.plan import Plan, month_index, month_of

# months that a late file comes after the month it belongs to, by place of that month in the last year
LAGS = (3, 6, 9)
MANUAL_SHARE, CORRECTED_ROWS = 0.5, 5
CORRECTION_YUAN = 10
FINAL_CLEARING_DAY = (5, 10)
SETTLEMENT_FEEDS = ("settlement", "settlement_fund_line", "fee_summary")
MANUAL = "人工报销迟到"
CORRECTED = "以前月份结算的更正,医疗费与自费各减 10 元"
ORIGINAL = "退费行已先到,原结算迟到"
RIGHT_LINE = "被退回的基金分项更正后重报"
FINAL_CLEARING = "上年清算的年终更正"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``dirt.late_<feed>``: rows held back, with the month they belong to."""
    for feed in (*SETTLEMENT_FEEDS, "clearing"):
        columns = ", ".join(f"{each.name} varchar" for each in columns_of(FEEDS[feed]))
        connection.execute(
            f"create or replace table dirt.late_{feed} (_period varchar, _code varchar, _note varchar, {columns})"
        )


def hold_back(connection: duckdb.DuckDBPyConnection, plan: Plan, files: Sequence[FeedFile]) -> list[FeedFile]:
    """Take half of the manual claims of some months out of their files; copy rows to be corrected."""
    months = last_months(plan)[: len(LAGS)]
    kept = {file.name: file for file in files}
    for settlements in [each for each in files if each.feed == "settlement" and period_of(each) in months]:
        month = period_of(settlements)
        rows = _rows_of(connection, plan, settlements)
        connection.execute(
            f"""
            insert into dirt.late_settlement by name
            select '{month}' as _period, 'Q13' as _code, '{MANUAL}' as _note, {_texts("settlement")}
            from {rows}
            where setl_type = '1' and refd_setl_flag = '0' and {plan.uniform("late", "setl_id")} < {MANUAL_SHARE}
            """
        )
        _correct(connection, plan, rows, month)
        late_ids = (
            f"(select setl_id from dirt.late_settlement where _period = '{month}' and _note = '{MANUAL}')"
        )
        for file in files:
            if file.feed in SETTLEMENT_FEEDS and period_of(file) == month:
                source = rows if file == settlements else f"({file.query})"
                if file != settlements:
                    connection.execute(
                        f"""
                        insert into dirt.late_{file.feed} by name
                        select '{month}' as _period, 'Q13' as _code, '{MANUAL}' as _note, {_texts(file.feed)}
                        from {source} where setl_id in {late_ids}
                        """
                    )
                query = f"select * from {source} where setl_id not in {late_ids} order by {_keys(file.feed)}"
                kept[file.name] = replace(file, query=query)
    return list(kept.values())


def _rows_of(connection: duckdb.DuckDBPyConnection, plan: Plan, file: FeedFile) -> str:
    """The file's rows as a table, since several questions are asked of them; of a big province as a query."""
    if plan.has_monthly_files:
        return f"({file.query})"
    table = f'dirt."month_{period_of(file)}"'
    connection.execute(f"create or replace table {table} as {file.query}")
    return table


def files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[FeedFile]:
    """The late files, to be written after all others; what they hold goes to ``dirt.answer``."""
    months = last_months(plan)
    _bring_originals(connection, months[min(1, len(months) - 1)])
    delivered = {
        month: month_of(month_index(date.fromisoformat(f"{month}-01")) + lag + 1).replace(day=10)
        for month, lag in zip(months, LAGS, strict=False)
    }
    result = [
        each
        for feed in SETTLEMENT_FEEDS
        for month, day in delivered.items()
        if (each := _late_file(connection, feed, month, day))
    ]
    return result + _final_clearings(connection, plan)


def _correct(connection: duckdb.DuckDBPyConnection, plan: Plan, rows: str, month: str) -> None:
    """Copy a few settlements with 10 yuan less at own expense and a newer ``updt_time``."""
    less = ", ".join(
        f"{each} - {CORRECTION_YUAN} as {each}"
        for each in ("medfee_sumamt", "fulamt_ownpay_amt", "psn_pay", "cash_payamt")
    )
    connection.execute(
        f"""
        insert into dirt.late_settlement by name
        select '{month}' as _period, 'Q13' as _code, '{CORRECTED}' as _note, {_texts("settlement")}
        from (
            select * replace ({less}, updt_time + interval 60 day as updt_time)
            from {rows}
            where {ORDINARY} and setl_type <> '1'
                and least(fulamt_ownpay_amt, cash_payamt) >= {CORRECTION_YUAN}
                and setl_id in (select setl_id from settlement where refd_setl_flag = '0')
                and strftime(setl_time, '%Y-%m') = '{month}'
            order by {plan.uniform("corrected", "setl_id")}, setl_id limit {CORRECTED_ROWS}
        )
        """
    )


def _bring_originals(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """The originals of refunds that were planted ahead of them, and the right lines for wrong ones."""
    turned = ", ".join(f"cast(-cast({each} as decimal(16, 2)) as varchar) as {each}" for each in AMOUNTS)
    for table in _spoiled("settlement", month, connection):
        connection.execute(
            f"""
            insert into dirt.late_settlement by name
            select '{month}' as _period, 'Q09' as _code, '{ORIGINAL}' as _note, {_names("settlement")}
            from (
                select * replace (init_setl_id as setl_id, null as init_setl_id, {turned})
                from {table} where _defect is not null and init_setl_id[21] = 'L'
            )
            """
        )
    for table in _spoiled("settlement_fund_line", month, connection):
        connection.execute(
            f"""
            insert into dirt.late_settlement_fund_line by name
            select '{month}' as _period, 'Q13' as _code, '{RIGHT_LINE}' as _note, {_names("settlement_fund_line")}
            from (
                select * replace (_clean as fund_payamt)
                from {table}
                where try_cast(fund_payamt as decimal(16, 2)) - try_cast(_clean as decimal(16, 2)) = {WRONG_BY}
            )
            """
        )


def _spoiled(feed: str, month: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        'select "table" from dirt.spoiled where feed = ? and starts_with(name, ?)', [feed, f"{feed}_{month}"]
    ).fetchall()
    return [str(table) for (table,) in rows]


def _final_clearings(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[FeedFile]:
    """What the yearly account changed in the clearings of a closed year, delivered in the next spring."""
    if not first_row(
        connection.execute("select 1 from duckdb_tables() where table_name = 'base_clearing_final'")
    ):
        return []
    connection.execute(
        f"""
        insert into dirt.late_clearing by name
        select left(clr_ym, 4) as _period, 'Q13' as _code, '{FINAL_CLEARING}' as _note, {_texts("clearing")}
        from base_clearing_final
        """
    )
    days = {str(year): date(year + 1, *FINAL_CLEARING_DAY) for year in plan.years}
    return [each for year, day in days.items() if (each := _late_file(connection, "clearing", year, day))]


def _late_file(connection: duckdb.DuckDBPyConnection, feed: str, period: str, day: date) -> FeedFile | None:
    """The late file of a period, with an answer for each row, or for the file where it is one correction."""
    name = f"{feed}_{period}_late@{day}.csv"
    if feed in SETTLEMENT_FEEDS:
        answers = f"row_number() over (order by {_keys(feed)}), _code, null, 'row', 'accepted', null, _note"
        limit = ""
    else:
        answers, limit = "null, _code, null, 'file', 'file_accepted', null, _note", "limit 1"
    found = first_row(
        connection.execute(
            f"""
        insert into dirt.answer
        select '{name}', '{feed}', {answers} from dirt.late_{feed} where _period = '{period}' {limit}
        returning 1
        """
        )
    )
    if not found:
        return None
    rows = f"select {_names(feed)} from dirt.late_{feed} where _period = '{period}'"
    return FeedFile(feed, name, f"{rows} order by {_keys(feed)}", day)


def _names(feed: str) -> str:
    return ", ".join(each.name for each in columns_of(FEEDS[feed]))


def _texts(feed: str) -> str:
    return ", ".join(f"cast({each.name} as varchar) as {each.name}" for each in columns_of(FEEDS[feed]))


def _keys(feed: str) -> str:
    return ", ".join(each.name for each in columns_of(FEEDS[feed]) if each.is_key)
