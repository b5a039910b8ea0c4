"""F10: budgets of the funds, one row a region, fund, subject, year and version."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Integer, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.feeds.rules import here, is_district
from warehouse.texts import Text

YEAR_IS_PLAUSIBLE = Rule(
    "year_is_plausible",
    "year between 1949 and extract('year' from known_on) + 1",
    "reject",
    "年度早于 1949 年，或晚于文件交付的次年",
    "the year is before 1949 or after the year that follows the delivery",
)

SEVERAL_CURRENT = """
with several as (
    select admdvs, fund_code, subject_code, year
    from batch
    where is_current = '1'
    group by all
    having count(distinct budget_version) > 1
)
select batch._row
from batch
semi join several using (admdvs, fund_code, subject_code, year)
where batch.is_current = '1'
"""


class FundBudget(Feed, table=True):
    """An approved amount of a subject, in yuan a year; original, adjusted and final stay side by side.

    ``budget_version`` numbers the versions of a year, ``budget_type`` says what the version is.
    """

    __tablename__ = "fund_budget"
    feed_zh = "基金预算"
    feed_en = "Fund budget"
    number = "F10"
    cadence = "yearly"
    sender = Text("基金财务", "fund finance")
    month = "make_date(year, 1, 1)"

    admdvs: str = column(
        String(6),
        key=True,
        code_set="admdvs",
        zh="核算主体区划",
        en="Region accounted for",
        aliases=("区划",),
    )
    fund_code: str = column(
        String(20), key=True, code_set="fund_code", zh="基金代码", en="Fund", aliases=("基金",)
    )
    subject_code: str = column(
        String(40), key=True, code_set="ledger_subject", zh="科目代码", en="Subject", aliases=("科目编码",)
    )
    year: int = column(Integer(), key=True, zh="预算年度", en="Year", aliases=("年度",))
    budget_version: str = column(String(10), key=True, zh="预算版本号", en="Number of the version")
    budget_type: str | None = column(
        String(10),
        code_set="budget_type",
        zh="预算类型",
        en="Original, adjusted or final",
        aliases=("version", "预算版本"),
    )
    is_current: str | None = column(
        String(1), code_set="is_flag", zh="是否现行版本", en="The version in force when sent"
    )
    amount_yuan: Decimal = column(
        Numeric(18, 2), required=True, unit="yuan", zh="预算金额", en="Approved amount"
    )
    approved_date: date | None = column(Date(), zh="批准日期", en="Approved on")
    approval_no: str | None = column(String(100), zh="批准文号", en="Number of the approval")

    rules = (
        here("admdvs")[0],
        RowsRule(
            "district_in_city",
            f"""
            with city as (
                select admdvs, fund_code, subject_code, year, budget_version from batch
                union
                select admdvs, fund_code, subject_code, year, budget_version from raw.fund_budget
            )
            select batch._row
            from batch
            semi join city
                on city.admdvs = substr(batch.admdvs, 1, 4) || '00'
                and city.fund_code = batch.fund_code
                and city.subject_code = batch.subject_code
                and city.year = batch.year
                and city.budget_version = batch.budget_version
            where {is_district("batch.admdvs")}
            """,
            "warn",
            "市与所辖区各有一行：市的一行视为已含各区，区的一行不计入各表",
            "a city and its district have a row each: the city's holds it, the district's counts nowhere",
        ),
        YEAR_IS_PLAUSIBLE,
        Rule(
            "adjustment_approved",
            "budget_type <> '调整' or approval_no is not null",
            "warn",
            "调整预算没有批准文号",
            "an adjusted budget has no approval number",
        ),
        RowsRule(
            "one_current_version",
            SEVERAL_CURRENT,
            "reject",
            "同一年度有多条现行预算",
            "a year has more than one budget in force",
        ),
    )
