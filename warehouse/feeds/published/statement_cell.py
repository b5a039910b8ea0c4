"""Cells of published statements as templates read them, one row a printed cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Numeric, String

from warehouse.feeds.contract import Feed, Rule, column
from warehouse.feeds.published.published_statistic import FUND_SCOPES, PERIOD_BASES, SCHEMES

YES_NO = ("true", "false")
BASE_UNITS = ("yuan", "persons", "visits", "months")
FIGURES = ("actual", "budget")
STATUSES = ("final", "preliminary", "unstated")


class StatementCell(Feed, table=True):
    """A printed cell with what its template says it is (region, scheme, scope, item, period)."""

    __tablename__ = "statement_cell"
    feed_zh = "公布报表单元格"
    feed_en = "Cells of published statements"

    statement_code: str = column(String(120), key=True, zh="报表编号", en="Statement")
    sheet: str = column(String(80), key=True, zh="工作表", en="Sheet")
    cell: str = column(String(20), key=True, zh="单元格", en="Cell")
    template: str = column(String(60), required=True, zh="模板", en="Template")
    label: str = column(String(120), required=True, zh="行标签原文", en="Row label as printed")
    region_code: str = column(String(60), required=True, zh="行政区划代码", en="Region code")
    region_name: str = column(String(60), required=True, zh="地区名称", en="Region name")
    region_parent: str = column(String(60), required=True, zh="上级地区", en="Parent region")
    scheme_code: str = column(String(30), required=True, codes=SCHEMES, zh="险种", en="Scheme")
    fund_scope: str = column(String(10), required=True, codes=FUND_SCOPES, zh="基金口径", en="Fund scope")
    item: str = column(String(60), required=True, zh="项目", en="Item")
    total_of: str | None = column(
        String(1000), zh="合计所含险种、地区或项目", en="Schemes, regions or items a total covers"
    )
    is_of_which: str = column(
        String(5), required=True, codes=YES_NO, zh="其中项", en="An of-which item, never summed"
    )
    period_basis: str = column(
        String(10), required=True, codes=PERIOD_BASES, zh="时期类型", en="Period basis"
    )
    period_start: date | None = column(Date(), zh="期初日期", en="First day")
    period_end: date = column(Date(), required=True, zh="期末日期", en="Last day")
    report_status: str = column(String(12), required=True, codes=STATUSES, zh="状态", en="Report status")
    figure_kind: str | None = column(String(10), codes=FIGURES, zh="实际数或预算数", en="Actual or budget")
    note_mark: str | None = column(String(20), zh="去掉的注释号", en="Mark of a note, taken off")
    printed_value: str = column(String(40), required=True, zh="印刷数值", en="Printed value")
    printed_unit: str = column(String(20), required=True, zh="印刷单位", en="Printed unit")
    base_unit: str = column(String(10), required=True, codes=BASE_UNITS, zh="基本单位", en="Base unit")
    value: Decimal | None = column(Numeric(28, 6), zh="基本单位数值，无数为空", en="Value in base units")
    half_ulp: Decimal | None = column(
        Numeric(28, 6), zh="末位之半", en="Half a unit of the last printed digit"
    )
    source_title: str = column(String(300), required=True, zh="来源标题", en="Title of the source")
    publisher: str = column(String(200), required=True, zh="发布单位", en="Publisher")
    reliability: str = column(String(80), required=True, zh="可靠性", en="Reliability grade")

    rules = (
        Rule(
            "magnitude",
            "abs(value) < 1e16",
            "reject",
            "数值大得不合常理，请核对单位",
            "the value is beyond any plausible size; check the unit",
        ),
        Rule(
            "period_is_past",
            "period_end >= date '1949-01-01' and (period_end <= known_on or "
            "(coalesce(figure_kind, 'actual') = 'budget' and year(period_end) <= year(known_on) + 1))",
            "reject",
            "期末日期早于 1949 年，或晚于文件的交付日期（预算数可到次年末）",
            "the period ends before 1949 or after the file was delivered (a budget may be for the next year)",
        ),
        Rule(
            "period_order",
            "period_start <= period_end",
            "reject",
            "期初日期晚于期末日期",
            "the first day is after the last day",
        ),
    )
