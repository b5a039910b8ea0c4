"""Published series, one row a printed cell: bulletins, quick reports, yearbooks, censuses."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String

from warehouse.feeds.contract import PERIOD_IS_PAST, Feed, Rule, column

SCHEMES = (
    "all",
    "employee",
    "resident",
    "urban_resident",
    "ncms",
    "maternity",
    "medical_assistance",
    "critical_illness",
    "long_term_care",
)
FUND_SCOPES = ("all", "total", "pool", "account", "unstated")
PERIOD_BASES = ("month", "quarter", "year", "ytd", "t12", "point", "range")
PRINTED_UNITS = (
    "100m_yuan",
    "10k_yuan",
    "yuan",
    "10k_persons",
    "persons",
    "percent",
    "months",
    "100m_visits",
    "10k_visits",
    "visits",
    "days",
    "ratio",
    "institutions",
    "10k_institutions",
    "institution_times",
    "10k_institution_times",
    "items",
    "cases",
    "varieties",
    "classes",
    "counties",
    "households",
    "persons_per_km2",
    "males_per_100_females",
)
COMPARATORS = ("=", ">", ">=", "<", "<=", "approx")


class PublishedStatistic(Feed, table=True):
    """A cell of a published statistic with its source and the cell or words it was read from."""

    __tablename__ = "published_statistic"
    feed_zh = "公开统计数据"
    feed_en = "Published statistics"

    series_code: str = column(String(40), key=True, zh="数据系列", en="Series")
    region_code: str = column(String(6), key=True, zh="行政区划代码", en="Region code (GB/T 2260)")
    region_name: str = column(String(60), required=True, zh="地区名称", en="Region name")
    scheme_code: str = column(String(30), key=True, codes=SCHEMES, zh="险种", en="Scheme")
    fund_scope: str = column(String(10), key=True, codes=FUND_SCOPES, zh="基金口径", en="Fund scope")
    indicator_code: str = column(String(80), key=True, zh="来源指标代码", en="Indicator of the source")
    indicator_name: str = column(String(120), key=True, zh="来源指标名称", en="Name in the source")
    period_basis: str = column(String(10), key=True, codes=PERIOD_BASES, zh="时期类型", en="Period basis")
    period_start: date | None = column(Date(), zh="期初日期", en="First day")
    period_end: date = column(Date(), key=True, zh="期末日期", en="Last day")
    printed_value: str = column(String(40), required=True, zh="印刷数值", en="Printed value")
    printed_unit: str = column(
        String(30), required=True, codes=PRINTED_UNITS, zh="印刷单位", en="Printed unit"
    )
    comparator: str = column(String(6), required=True, codes=COMPARATORS, zh="比较符", en="Comparator")
    quote: str = column(String(300), required=True, zh="原文或单元格", en="Quote or cell")
    note: str | None = column(String(500), zh="说明", en="Note")
    source_id: str = column(String(60), key=True, zh="来源编号", en="Source id")
    source_title: str = column(String(300), required=True, zh="来源标题", en="Title of the source")
    publisher: str = column(String(200), required=True, zh="发布单位", en="Publisher")
    source_kind: str = column(String(60), required=True, zh="来源类型", en="Kind of source")
    reliability: str = column(String(10), required=True, zh="可靠性", en="Reliability grade")
    source_url: str | None = column(String(300), zh="官方网址", en="Official address")

    rules = (
        Rule(
            "printed_number",
            r"regexp_full_match(printed_value, '-?\d+(\.\d{1,6})?')",
            "reject",
            "印刷数值不是普通数字（整数，或至多 6 位小数）",
            "the printed value is no plain number with at most 6 decimals",
        ),
        Rule(
            "magnitude",
            "abs(try_cast(printed_value as double)) < case when printed_unit like '100m%' then 1e8 "
            "when printed_unit like '10k%' then 1e12 else 1e16 end",
            "reject",
            "数值大得不合常理，请核对单位",
            "the value is beyond any plausible size; check the unit",
        ),
        PERIOD_IS_PAST,
        Rule(
            "period_order",
            "period_start <= period_end",
            "reject",
            "期初日期晚于期末日期",
            "the first day is after the last day",
        ),
        Rule(
            "period_given",
            "period_basis = 'range' or period_start is not null",
            "reject",
            "除跨年区间（range）外必须给出期初日期",
            "a first day is needed unless the basis is range",
        ),
        Rule(
            "point_is_a_day",
            "period_basis <> 'point' or period_start = period_end",
            "reject",
            "时点数的期初与期末须为同一天",
            "a point in time begins and ends on the same day",
        ),
    )
