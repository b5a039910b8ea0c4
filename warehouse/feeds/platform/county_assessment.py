"""F28: scores of the counties in the yearly assessment of unified fund management."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Integer, Numeric, String

from warehouse.feeds.contract import Feed, column
from warehouse.feeds.platform.fund_budget import YEAR_IS_PLAUSIBLE
from warehouse.feeds.rules import here, unit_not_district
from warehouse.texts import Text


class CountyAssessment(Feed, table=True):
    """The score of a county in an item, with the item's weight in the whole and what it rests on."""

    __tablename__ = "county_assessment"
    feed_zh = "统收统支考核"
    feed_en = "County assessment"
    number = "F28"
    cadence = "yearly"
    sender = Text("规划财务", "planning office")
    month = "make_date(year, 1, 1)"

    admdvs: str = column(
        String(6), key=True, code_set="admdvs", zh="被考核区划", en="County", aliases=("区划", "市县")
    )
    year: int = column(Integer(), key=True, zh="考核年度", en="Year", aliases=("年度",))
    item: str = column(String(60), key=True, zh="考核项目", en="Item")
    score: Decimal | None = column(Numeric(10, 4), unit="points", zh="得分", en="Score")
    weight: Decimal | None = column(Numeric(10, 4), zh="权重", en="Weight of the item")
    basis: str | None = column(String(500), zh="评分依据", en="What the score rests on")

    rules = (YEAR_IS_PLAUSIBLE, here("admdvs")[0], unit_not_district("admdvs"))
