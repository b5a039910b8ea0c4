"""F21: rosters of assisted persons by category and month, from civil affairs, rural revival and others."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String

from warehouse.feeds.contract import BatchRule, Feed, Rule, column
from warehouse.feeds.rules import here, is_year_month, month_of, no_test_person
from warehouse.texts import Text

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

MATCHED_SHARE = """
with rostered as (
    select distinct certno from batch
)
select cast(count(*) filter (where certno in (select certno from raw.person)) as double) / nullif(count(*), 0)
from rostered
"""

LARGEST_CHANGE = """
with listed as (
    select certno, ym from batch
    union
    select certno, ym from raw.assisted_roster
),
counted as (
    select ym, count(distinct certno) as persons
    from listed
    group by ym
),
compared as (
    select
        ym,
        cast(persons as double) / lag(persons) over (order by ym) - 1 as change
    from counted
)
select max(abs(change))
from compared
where ym in (select ym from batch)
"""

MONTHS_MISSING_IN_FILE = """
with months as (
    select distinct try_strptime(ym, '%Y%m') as month from batch
)
select date_diff('month', min(month), max(month)) + 1 - count(month)
from months
"""

MONTHS_MISSING_BEFORE = """
with arrived as (
    select try_strptime(ym, '%Y%m') as month from batch
    union
    select try_strptime(ym, '%Y%m') from raw.assisted_roster
)
select date_diff('month', min(month), max(month)) + 1 - count(month)
from arrived
where month <= (select max(try_strptime(ym, '%Y%m')) from batch)
"""


def identity_number_check(name: str) -> str:
    """SQL: an identity number of 18 places has the right check character; one of 15 has digits only."""
    terms = " + ".join(
        f"cast(substr({name}, {place}, 1) as integer) * {weight}"
        for place, weight in enumerate(ID_WEIGHTS, start=1)
    )
    return (
        f"case when length({name}) = 15 then try_cast({name} as bigint) is not null "
        f"when length({name}) <> 18 or translate(left({name}, 17), '0123456789', '') <> '' then false "
        f"else substr('10X98765432', ({terms}) % 11 + 1, 1) = upper(right({name}, 1)) end"
    )


class AssistedRoster(Feed, table=True):
    """A person in a category of assistance in the roster of a month; each month is a version of its own.

    A person may be in several categories at once; the highest counts, which is decided after loading.
    """

    __tablename__ = "assisted_roster"
    feed_zh = "困难人群名册"
    feed_en = "Roster of assisted persons"
    number = "F21"
    cadence = "monthly"
    sender = Text("民政、乡村振兴、残联", "civil affairs, rural revitalisation, disabled persons' federation")
    month = month_of("ym")

    certno: str = column(
        String(50),
        key=True,
        sensitivity="personal",
        zh="证件号码",
        en="Identity number",
        aliases=("身份证号", "身份证号码"),
    )
    name: str | None = column(String(50), sensitivity="personal", zh="姓名", en="Name")
    admdvs: str | None = column(
        String(6), code_set="admdvs", zh="所属区划", en="Region", aliases=("区划", "市县")
    )
    grp: str = column(
        String(30),
        key=True,
        code_set="assisted_group",
        zh="人员类别",
        en="Category of assistance",
        aliases=("困难类别", "救助类别"),
    )
    grp_level: str | None = column(String(20), zh="类别等级", en="Level within the category")
    ym: str = column(
        String(6),
        is_month=True,
        key=True,
        zh="名册月份",
        en="Month of the roster",
        aliases=("年月",),
    )
    begin_date: date | None = column(
        Date(), zh="认定开始日期", en="In the category from", aliases=("begin", "认定日期")
    )
    end_date: date | None = column(
        Date(), is_open_end=True, zh="认定结束日期", en="In the category to", aliases=("end", "退出日期")
    )
    household_id: str | None = column(
        String(40), sensitivity="pseudonym", zh="家庭编号", en="Household", aliases=("户编号",)
    )
    source_dept: str | None = column(
        String(60), zh="来源部门", en="Department that keeps the roster", aliases=("认定部门",)
    )
    monitor_status: str | None = column(String(30), zh="监测状态", en="State of monitoring")

    rules = (
        *here("admdvs"),
        no_test_person("name"),
        Rule(
            "ym_is_a_month",
            is_year_month("ym"),
            "reject",
            "名册月份不是 yyyymm",
            "the month of the roster is not yyyymm",
        ),
        Rule(
            "identity_number",
            identity_number_check("certno"),
            "warn",
            "证件号码无效（长度或校验位），列入补正清单",
            "the identity number is invalid (length or check character); listed for correction",
        ),
        BatchRule(
            "persons_matched",
            MATCHED_SHARE,
            "measure >= 0.97",
            "warn",
            "名册与人员信息的匹配率低于 97%",
            "less than 97 % of the persons are among the known persons",
            needs=("person",),
            of_accepted=True,
        ),
        BatchRule(
            "persons_change",
            LARGEST_CHANGE,
            "measure <= 0.05",
            "warn",
            "名册人数较上月变动超过 5%",
            "the number of persons changed by more than 5 % from the month before",
            of_accepted=True,
        ),
        BatchRule(
            "months_missing_in_file",
            MONTHS_MISSING_IN_FILE,
            "measure = 0",
            "reject",
            "文件所含月份之间缺月，不得沿用上月名册",
            "a month is missing between the months of the file; no roster may be carried forward",
        ),
        BatchRule(
            "months_missing_before",
            MONTHS_MISSING_BEFORE,
            "measure = 0",
            "warn",
            "此前的名册缺月；补齐之前，缺月的数据发布前须核对",
            "an earlier roster is missing; until it arrives, check its month before publication",
            before_publication=True,
        ),
    )
