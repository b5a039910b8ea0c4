"""Whether the delivery of a month has come, by the same rule and text as in the models (judged_deliveries)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import duckdb
import pyarrow as pa
from jinja2 import Environment

from warehouse.control.history import arrived_rows, said_complete
from warehouse.feeds.timing import FIRST_MONTH, end_of, first_of_next
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT, Settings

RULE = PROJECT_ROOT / "seeds" / "thresholds" / "arrival_rule.csv"
MACRO = DBT_PROJECT / "macros" / "judged_deliveries.sql"
WHOLE = "all"
CALENDAR_FEEDS = ("settlement", "fund_ledger")
ARRIVED = pa.schema(
    [
        ("feed", pa.string()),
        ("region_code", pa.string()),
        ("month_start", pa.date32()),
        ("rows_new", pa.int64()),
    ]
)
SAID = pa.schema([("feed", pa.string()), ("region_code", pa.string()), ("month_start", pa.date32())])


@dataclass(frozen=True)
class Arrival:
    """A feed's month, of a region or (``all``) as a whole; ``rows_expected`` is None where nothing can be told."""

    feed: str
    region_code: str
    rows_arrived: int
    rows_expected: Decimal | None
    is_arrived: bool
    least_share: Decimal
    deviations: Decimal


def arrivals(settings: Settings, month: date, on: date) -> list[Arrival]:
    """Every feed that was counted, as a whole and by region, for ``month`` (its first day), as seen on ``on``.

    Compared are the months that had ended by then, from the first one of the settlements or the ledger on.
    """
    with _judged(settings, month, on) as connection:
        found = connection.execute(
            """
            select judged.feed, region_code, rows_arrived, rows_expected, is_arrived, least_share, deviations
            from judged where month_start = ? order by judged.feed, region_code
            """,
            [month],
        ).fetchall()
    return [Arrival(*each) for each in found]


def gaps(settings: Settings, on: date) -> dict[str, list[date]]:
    """By feed the months before its last one of which the delivery, or that of a region, has not come."""
    with _judged(settings, FIRST_MONTH, on) as connection:
        found = connection.execute(
            """
            select judged.feed, month_start
            from judged
            inner join (
                select feed, max(month_start) as last_month
                from judged where region_code = 'all' and is_arrived and rows_arrived > 0 group by feed
            ) as newest on judged.feed = newest.feed
            where not is_arrived and month_start < last_month
            group by judged.feed, month_start order by judged.feed, month_start
            """
        ).fetchall()
    months: dict[str, list[date]] = {}
    for feed, month in found:
        months.setdefault(feed, []).append(month)
    return months


@contextmanager
def _judged(settings: Settings, month: date, on: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the table ``judged``: every feed, region and month that had ended, and ``month``."""
    rows = [each for each in arrived_rows(settings, on) if each[2] >= FIRST_MONTH]
    first = min((each[2] for each in rows if each[0] in CALENDAR_FEEDS), default=None)
    first = first or min((each[2] for each in rows), default=month)
    months = _months(first, month, on)
    told = [
        (each.feed, each.region_code, each.month) for each in said_complete(settings) if each.said_on <= on
    ]
    with duckdb.connect() as connection:
        connection.register("arrived_rows", _table(rows, ARRIVED))
        connection.register("said_rows", _table(told, SAID))
        connection.register("months", pa.table({"month_start": pa.array(months, pa.date32())}))
        connection.execute(_query(), {"rule": str(RULE)})
        yield connection


def is_enough(rows: int, month: Arrival) -> bool:
    """Whether so many rows would have made the month whole by the rule."""
    if month.rows_expected is None:
        return True
    short = month.rows_expected - rows
    return rows >= month.least_share * month.rows_expected or short**2 <= (
        month.deviations**2 * month.rows_expected
    )


def _months(first: date, asked: date, on: date) -> list[date]:
    """The months from ``first`` on that had ended on the day ``on``; up to the one asked for, if it comes later."""
    months, month = [], first
    while end_of(month) <= on or month <= asked:
        months.append(month)
        month = first_of_next(month)
    return months


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)], schema
    )


@lru_cache(maxsize=1)
def _query() -> str:
    text = MACRO.read_text(encoding="utf-8") + "{{ judged_deliveries() }}"
    judged = Environment(autoescape=False).from_string(text).render()
    return f"""
        create temp table judged as
        with arrived as (
            select feed, nullif(region_code, '{WHOLE}') as region_code, month_start, rows_new from arrived_rows
        ),
        said as (select * from said_rows),
        rule as (
            select * from
            read_csv($rule, types = {{'least_share': 'decimal(6,4)', 'deviations': 'decimal(6,2)'}})
        ),
        calendar as (select feed.feed, months.month_start from (select distinct feed from arrived) as feed, months),
        {judged}
        select delivery.*, least_share, deviations
        from delivery inner join parameter on delivery.feed = parameter.feed
    """
