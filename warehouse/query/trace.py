"""From a number back to where it came from: definition, numerator, denominator, models, batches, files."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from warehouse.connections import first_row
from warehouse.texts import Refused, Text

NO_MONTH = date(1900, 1, 1)
MONTH_ON_MONTH = "month_on_month"
SPANS = {
    "sum": Text("时期合计", "sum over the period"),
    "closing": Text("期末", "last month of the period"),
    "mean": Text("月末平均", "mean of month-ends"),
    "t12": Text("近 12 个月合计", "sum of twelve months"),
}

VALUES = """
select
    value.variant, value.scheme_code, value.fund_scope, value.period_basis, value.period_start, value.period_end,
    value.data_origin, value.report_status, value.known_on, value.value, value.qualifier, value.numerator,
    value.denominator, value.unit, value.completeness, value.quality_flag, value.value_key, value.metric_key,
    formula.numerator_measure, formula.numerator_span, formula.denominator_measure, formula.denominator_span
from {table} as value
left join indicator.formula as formula
    on value.data_origin <> 'published'
    and regexp_replace(value.metric_key, '_growth$', '') = formula.metric_key
    and (value.variant = formula.variant or ends_with(value.metric_key, '_growth'))
    and value.fund_scope = formula.fund_scope
    and formula.scheme_set in ('each_all', value.scheme_code)
"""
OF_A_PERIOD = """
where
    value.metric_key = $metric
    and value.region_code = $region
    and value.period_end between $first and $last
    and ($basis is null or value.period_basis = $basis)
order by value.data_origin, value.period_basis, value.period_end, value.scheme_code, value.fund_scope,
    value.variant, value.report_status, value.known_on
"""
OF_A_KEY = "where value.value_key = $value_key"
PRINTED_RECORDS = """
select value_batch.role, batch.file_name, value_batch.record_number, value_batch.batch_id, batch.sha256
from indicator.value_batch as value_batch
inner join reference.batch as batch on value_batch.batch_id = batch.batch_id
where value_batch.value_key = ?
order by all
"""
FEED_BATCHES = """
select feed_batch.feed, batch.file_name, coalesce(sum(feed_batch.rows_touched), 0), feed_batch.batch_id, batch.sha256
from indicator.feed_batch as feed_batch
inner join reference.batch as batch on feed_batch.batch_id = batch.batch_id
inner join (
    select distinct on (month_start, batch_id) month_start, batch_id
    from indicator.feed_batch
    inner join (select unnest($firsts) as first, unnest($lasts) as last) as span
        on month_start between first and last or month_start = $no_month
    where feed = $feed
) as rested on feed_batch.month_start = rested.month_start and feed_batch.batch_id = rested.batch_id
where feed_batch.feed = $feed
group by all
order by batch.file_name, feed_batch.batch_id
"""
TABLES_BETWEEN = """
with recursive above as (
    select $mart as name, 0 as steps
    union
    select lineage.parent_name, above.steps + 1
    from reference.lineage
    inner join above on lineage.child_name = above.name
),
below as (
    select unnest($feeds) as name
    union
    select lineage.child_name
    from reference.lineage
    inner join below on lineage.parent_name = below.name
)
select above.name
from above
inner join below on above.name = below.name
where not starts_with(above.name, 'raw.')
group by above.name
order by max(above.steps) desc, above.name
"""


@dataclass(frozen=True)
class Part:
    """A numerator or denominator: the measure, its name, how it spans the period, its value."""

    measure: str
    name_zh: str
    name_en: str
    mart: str
    feeds: tuple[str, ...]
    kind: str
    span: str
    value: Decimal | None


@dataclass(frozen=True)
class Origin:
    """A file a value rests on: the feed or role, the record or how many rows (0: not told), the batch and content."""

    what: str
    file_name: str
    number: int
    batch_id: str
    sha256: str


@dataclass(frozen=True)
class TracedValue:
    """One value of the metric with everything it rests on."""

    variant: str
    scheme_code: str
    fund_scope: str
    period_basis: str
    period_start: date
    period_end: date
    data_origin: str
    report_status: str
    known_on: date
    value: Decimal | None
    qualifier: str | None
    unit: str
    numerator: Decimal | None
    denominator: Decimal | None
    completeness: Decimal
    quality_flag: str
    parts: tuple[Part, ...]
    models: tuple[str, ...]
    origins: tuple[Origin, ...]


def period_of(text: str) -> tuple[date, date]:
    """First and last day on which a period named ``2021``, ``2021-Q3``, ``2021-06`` or a day may end."""
    try:
        if len(text) == 4:
            return date(int(text), 12, 31), date(int(text), 12, 31)
        year, rest = text.split("-", 1)
        if rest.upper().startswith("Q"):
            month = 3 * int(rest[1:])
            return _month_end(int(year), month), _month_end(int(year), month)
        if len(rest) <= 2:
            last = _month_end(int(year), int(rest))
            return last.replace(day=1), last
        day = date.fromisoformat(text)
        return day, day
    except ValueError as error:
        raise Refused(
            f"{text} 不是时期；请写成 2021、2021-Q3、2021-06 或 2021-06-30。",
            f"{text} is no period; write 2021, 2021-Q3, 2021-06 or 2021-06-30.",
        ) from error


def trace(
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    region: str,
    period: str,
    basis: str | None = None,
) -> tuple[Mapping[str, str], list[TracedValue]]:
    """The metric's registry row and its values of a region and period, each with its way back.

    Raises ``Refused`` for a metric, region or period without values, naming what there is.
    """
    definition = _definition(connection, metric)
    first, last = period_of(period)
    parameters = {"metric": metric, "region": region, "first": first, "last": last, "basis": basis}
    found = _values(connection, "indicator.value_full", OF_A_PERIOD, parameters)
    if not found:
        raise _nothing(connection, metric, region, period)
    return definition, found


def trace_value(connection: duckdb.DuckDBPyConnection, value_key: str) -> TracedValue | None:
    """One public value of any release file with its way back; None when the file does not hold it."""
    found = _values(connection, "indicator.value", OF_A_KEY, {"value_key": value_key})
    return found[0] if found else None


def _values(
    connection: duckdb.DuckDBPyConnection, table: str, asked: str, parameters: Mapping[str, object]
) -> list[TracedValue]:
    found = connection.execute(VALUES.format(table=table) + asked, parameters)
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [_traced(connection, row["metric_key"], row) for row in rows]


def _traced(connection: duckdb.DuckDBPyConnection, metric: str, row: dict[str, Any]) -> TracedValue:
    parts = tuple(
        part
        for name in ("numerator", "denominator")
        if row[f"{name}_measure"]
        and (part := _part(connection, row[f"{name}_measure"], row[f"{name}_span"], row[name]))
    )
    if parts:
        spans = _spans(metric, row["variant"], row["period_start"], row["period_end"])
        found = [origin for part in parts for origin in _feeds(connection, part, spans)]
        models = [name for part in parts for name in _between(connection, part.feeds, part.mart)]
    else:
        records = connection.execute(PRINTED_RECORDS, [row["value_key"]]).fetchall()
        found, models = [Origin(*record) for record in records], []
    by_batch = {(origin.what, origin.batch_id, origin.number): origin for origin in found}
    if parts:  # both parts may rest on one file: the wider of the two says how many rows
        by_batch = {
            (origin.what, origin.batch_id, 0): origin
            for origin in sorted(found, key=lambda each: each.number)
        }
    origins = sorted(by_batch.values(), key=lambda each: (each.what, each.file_name, each.number))
    shown = {each.name: row[each.name] for each in fields(TracedValue) if each.name in row}
    return TracedValue(**shown, parts=parts, models=tuple(dict.fromkeys(models)), origins=tuple(origins))


def _spans(metric: str, variant: str, start: date, end: date) -> list[tuple[date, date]]:
    """The periods a value rests on: its own, and for a growth the one it is compared with."""
    spans = [(start, end)]
    if metric.endswith("_growth"):
        if variant == MONTH_ON_MONTH:
            before = start - timedelta(days=1)
            spans.append((before.replace(day=1), before))
        else:
            spans.append((start.replace(year=start.year - 1), _month_end(end.year - 1, end.month)))
    return spans


def _part(
    connection: duckdb.DuckDBPyConnection, measure: str, span: str, amount: Decimal | None
) -> Part | None:
    found = first_row(
        connection.execute(
            "select name_zh, name_en, mart, feeds, kind from indicator.measure where measure_key = ?",
            [measure],
        )
    )
    if found is None:
        return None
    name_zh, name_en, mart, feeds, kind = found
    return Part(measure, name_zh, name_en, mart, tuple(feeds.split(";")), kind, span, amount)


def _feeds(
    connection: duckdb.DuckDBPyConnection, part: Part, spans: Sequence[tuple[date, date]]
) -> list[Origin]:
    """A flow rests on the months of its periods (or the twelve before an end), a stock on all months until then."""
    firsts = []
    for start, end in spans:
        first = start.replace(day=1)
        if part.kind == "stock":
            first = date.min
        elif part.span == "t12":
            first = _year_before(end)
        firsts.append(first)
    lasts = [end for _, end in spans]
    return [
        Origin(*found)
        for feed in part.feeds
        for found in connection.execute(
            FEED_BATCHES, {"feed": feed, "firsts": firsts, "lasts": lasts, "no_month": NO_MONTH}
        ).fetchall()
    ]


def _between(connection: duckdb.DuckDBPyConnection, feeds: Sequence[str], mart: str) -> list[str]:
    """The tables on the way from feeds to a mart, nearest to the source first, as the release says."""
    if not mart:
        return []
    asked = {"mart": mart, "feeds": [f"raw.{feed}" for feed in feeds]}
    return [name for (name,) in connection.execute(TABLES_BETWEEN, asked).fetchall()]


def _definition(connection: duckdb.DuckDBPyConnection, metric: str) -> Mapping[str, str]:
    found = connection.execute("select * from indicator.registry where metric_key = ?", [metric])
    names = [column[0] for column in found.description or ()]
    row = next(iter(found.fetchall()), None)
    if row is None:
        near = connection.execute(
            "select string_agg(metric_key, ', ') from (select metric_key from indicator.registry "
            "order by jaro_winkler_similarity(metric_key, ?) desc, metric_key limit 5)",
            [metric],
        ).fetchall()[0][0]
        raise Refused(
            f"没有登记指标 {metric}；相近的有：{near}。", f"There is no metric {metric}; near it: {near}."
        )
    return dict(zip(names, row, strict=True))


def _nothing(connection: duckdb.DuckDBPyConnection, metric: str, region: str, period: str) -> Refused:
    regions, first, last = connection.execute(
        """
        select
            (select string_agg(region_code, ', ' order by region_code) from (
                select distinct region_code from indicator.value_full where metric_key = $metric)),
            min(period_end),
            max(period_end)
        from indicator.value_full
        where metric_key = $metric and region_code = $region
        """,
        {"metric": metric, "region": region},
    ).fetchall()[0]
    if first is not None:
        return Refused(
            f"{metric} 在 {region} 没有 {period} 的值；已有 {first} 至 {last}。",
            f"{metric} has no value of {period} in {region}; there are {first} to {last}.",
        )
    if regions is None:
        return Refused(
            f"本数据版本中 {metric} 没有任何值（所需数据源见指标登记）。",
            f"{metric} has no value in this release (the registry says which feeds it needs).",
        )
    return Refused(
        f"{metric} 在 {region} 没有值；有值的地区：{regions}。",
        f"{metric} has no value in {region}; regions with values: {regions}.",
    )


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _year_before(day: date) -> date:
    """The first day of the twelve months that end with the month of ``day``."""
    return date(day.year, 1, 1) if day.month == 12 else date(day.year - 1, day.month + 1, 1)
