"""F22: population, economy and health figures of other departments, one row a region, year and figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Integer, Numeric, String

from warehouse.feeds.contract import Feed, column
from warehouse.feeds.platform.fund_budget import YEAR_IS_PLAUSIBLE
from warehouse.feeds.rules import unit_not_district
from warehouse.texts import Text


class ReferenceFigure(Feed, table=True):
    """A figure in the unit given beside it; ``caliber`` says whom a population figure counts.

    A revision is a row with the same key and a later ``revised_on``; the older one is kept.
    """

    __tablename__ = "reference_figure"
    feed_zh = "人口与经济参考数"
    feed_en = "Population and economy"
    number = "F22"
    cadence = "yearly"
    due_days = 365  # health expenditure comes about a year late (indicator book, 3.08)
    sender = Text("统计、卫健等部门", "statistics, health and other offices")
    version = "revised_on"
    month = "make_date(year, 1, 1)"

    admdvs: str = column(
        String(6), key=True, code_set="admdvs", sensitivity="open", zh="区划", en="Region", aliases=("地区",)
    )
    year: int = column(Integer(), key=True, sensitivity="open", zh="年度", en="Year")
    indicator: str = column(
        String(60),
        key=True,
        code_set="reference_indicator",
        sensitivity="open",
        zh="指标代码",
        en="Indicator",
        aliases=("指标",),
    )
    caliber: str = column(
        String(20), key=True, code_set="caliber", sensitivity="open", zh="统计口径", en="Whom it counts"
    )
    value: Decimal = column(Numeric(24, 6), required=True, sensitivity="open", zh="数值", en="Value")
    unit: str | None = column(String(20), sensitivity="open", zh="计量单位", en="Unit of the value")
    revised_on: date | None = column(
        Date(), sensitivity="open", zh="修订日期", en="Published or revised on", aliases=("公布日期",)
    )
    source_doc: str | None = column(String(200), sensitivity="open", zh="来源文件", en="Source document")

    rules = (YEAR_IS_PLAUSIBLE, unit_not_district("admdvs"))
