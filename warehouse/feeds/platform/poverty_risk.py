"""F24: warnings of poverty through illness, one row a person, month and rule."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import DateTime, Numeric, String

from warehouse.feeds.contract import Feed, Rule, column
from warehouse.feeds.rules import is_year_month, month_of


class PovertyRisk(Feed, table=True):
    """A person whose own payments since January (yuan) crossed a threshold, and what was found out.

    A warning about a household stands under the member whose costs raised it, with ``household_id``.
    """

    __tablename__ = "poverty_risk"
    feed_zh = "因病致贫预警名单"
    feed_en = "Warnings of poverty through illness"
    number = "F24"
    cadence = "monthly"
    month = month_of("ym")

    psn_no: str = column(
        String(30),
        key=True,
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number",
        aliases=("个人编号",),
    )
    ym: str = column(
        String(6),
        is_month=True,
        key=True,
        zh="预警月份",
        en="Month of the warning",
        aliases=("年月",),
    )
    rule: str = column(String(40), key=True, zh="预警规则", en="Rule that warned")
    household_id: str | None = column(
        String(40), sensitivity="pseudonym", zh="家庭编号", en="Household", aliases=("户编号",)
    )
    oop_ytd: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="本年个人负担累计", en="Own payments since January"
    )
    threshold: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="预警阈值", en="Threshold")
    level: str | None = column(String(10), zh="预警等级", en="Level of the warning")
    pushed_at: datetime | None = column(DateTime(), zh="推送时间", en="Passed on at")
    verified_at: datetime | None = column(DateTime(), zh="核查时间", en="Looked into at")
    result: str | None = column(String(40), zh="核查结果", en="What was found")

    rules = (
        Rule(
            "ym_is_a_month",
            is_year_month("ym"),
            "reject",
            "预警月份不是 yyyymm",
            "the month is not yyyymm",
        ),
    )
