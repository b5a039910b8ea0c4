"""F11: designated medical institutions and pharmacies, one row an institution and validity period."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Integer, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column

USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

VALIDITY_OVERLAPS = """
select _row
from batch
qualify valid_to >= min(valid_from) over (
    partition by fixmedins_code
    order by valid_from
    groups between 1 following and unbounded following
)
"""

# 01-04 is grade three, 05-07 two, 08-10 one; the unrated (11) have no grade to move from or to
LEVEL_JUMPS = """
with periods as (
    select fixmedins_code, valid_from, hosp_lv, _row from batch
    union all
    select fixmedins_code, valid_from, max(hosp_lv), null
    from raw.institution
    where (fixmedins_code, valid_from) not in (select (fixmedins_code, valid_from) from batch)
    group by fixmedins_code, valid_from
),
graded as (
    select
        *,
        case
            when hosp_lv between '01' and '04' then 3
            when hosp_lv between '05' and '07' then 2
            when hosp_lv between '08' and '10' then 1
        end as grade
    from periods
),
compared as (
    select
        _row,
        grade - lag(grade) over (partition by fixmedins_code order by valid_from) as step
    from graded
)
select _row
from compared
where _row is not null and abs(step) > 1
"""

# a refund in the suspension takes back an earlier settlement, which is in order
SETTLED_WHILE_SUSPENDED = """
select batch._row
from batch
semi join raw.settlement as settlement
    on batch.fixmedins_code = settlement.fixmedins_code
    and settlement.setl_time >= batch.suspend_from
    and settlement.setl_time < coalesce(batch.suspend_to, date '9999-12-30') + 1
    and settlement.medfee_sumamt > 0
    and coalesce(settlement.refd_setl_flag, '0') = '0'
    and coalesce(settlement.vali_flag, '1') = '1'
where batch.suspend_from is not null
"""


def uscc_check(name: str) -> str:
    """SQL: the unified social credit code has 18 characters and the check character of GB 32100."""
    terms = " + ".join(
        f"(strpos('{USCC_CHARACTERS}', substr({name}, {place + 1}, 1)) - 1) * {3**place % 31}"
        for place in range(17)
    )
    return (
        f"length({name}) = 18 and translate({name}, '{USCC_CHARACTERS}', '') = '' "
        f"and (31 - ({terms}) % 31) % 31 = strpos('{USCC_CHARACTERS}', substr({name}, 18, 1)) - 1"
    )


class Institution(Feed, table=True):
    """An institution as it stood from ``valid_from`` on (names, grade, agreement, what it is joined to).

    ``begndate`` and ``enddate`` are those of the agreement; ``valid_to`` is the last day of the period,
    empty for the current one. A change of any attribute makes a new period.
    """

    __tablename__ = "institution"
    feed_zh = "定点医药机构"
    feed_en = "Designated institutions"
    number = "F11"
    cadence = "monthly"

    fixmedins_code: str = column(
        String(30), key=True, zh="定点医药机构编号", en="Institution code", aliases=("机构编码", "机构代码")
    )
    valid_from: date = column(Date(), key=True, zh="有效期起", en="Valid from", aliases=("生效日期",))
    valid_to: date | None = column(
        Date(), is_open_end=True, zh="有效期止", en="Last day of the period", aliases=("失效日期",)
    )
    fixmedins_name: str = column(
        String(255), required=True, zh="定点医药机构名称", en="Name", aliases=("机构名称",)
    )
    uscc: str | None = column(String(18), zh="统一社会信用代码", en="Unified social credit code")
    fixmedins_type: str | None = column(
        String(6), code_set="fixmedins_type", zh="定点医药机构类型", en="Medical institution or pharmacy"
    )
    inst_type: str | None = column(String(30), code_set="inst_type", zh="机构类别", en="Kind of institution")
    hosp_lv: str | None = column(String(6), code_set="hosp_lv", zh="医院等级", en="Hospital grade")
    medinslv: str | None = column(String(6), zh="医疗机构级别", en="Level of the institution")
    medins_natu: str | None = column(
        String(10), code_set="medins_natu", zh="经营性质", en="Public or private", aliases=("办别",)
    )
    is_primary: str | None = column(
        String(1), code_set="is_flag", zh="是否基层机构", en="Primary care institution"
    )
    fix_blng_admdvs: str | None = column(
        String(6), code_set="admdvs", zh="定点归属区划", en="Region of the agreement", aliases=("所属区划",)
    )
    begndate: date | None = column(Date(), zh="协议开始日期", en="Agreement from")
    enddate: date | None = column(Date(), is_open_end=True, zh="协议结束日期", en="Agreement to")
    agreement_stas: str | None = column(
        String(20), code_set="agreement_stas", zh="协议状态", en="State of the agreement"
    )
    suspend_from: date | None = column(Date(), zh="暂停协议起", en="Suspended from")
    suspend_to: date | None = column(
        Date(), is_open_end=True, zh="暂停协议止", en="Last day of the suspension"
    )
    cross_prov_ip_flag: str | None = column(
        String(1), code_set="is_flag", zh="跨省住院开通标志", en="Joined: other provinces' inpatients"
    )
    cross_prov_op_flag: str | None = column(
        String(1), code_set="is_flag", zh="跨省普通门诊开通标志", en="Joined: other provinces' outpatients"
    )
    cross_prov_opsp_flag: str | None = column(
        String(1), code_set="is_flag", zh="跨省门诊慢特病开通标志", en="Joined: chronic outpatients"
    )
    ecert_flag: str | None = column(
        String(1), code_set="is_flag", zh="电子凭证应用标志", en="Takes the electronic certificate"
    )
    terminal_flag: str | None = column(
        String(1), code_set="is_flag", zh="终端配备标志", en="Has a settlement terminal"
    )
    drg_dip_mode: str | None = column(
        String(10), code_set="drg_dip_mode", zh="按病种付费方式", en="Payment by DRG or DIP"
    )
    bed_cnt: int | None = column(Integer(), unit="beds", zh="床位数", en="Beds")
    cred_lv: str | None = column(String(10), zh="信用等级", en="Credit grade")
    prnt_medins_code: str | None = column(
        String(30), zh="上级机构编号", en="Parent in the medical alliance", aliases=("医共体牵头机构编号",)
    )

    rules = (
        Rule(
            "code_shape",
            r"regexp_full_match(fixmedins_code, '[HP]\d{11}')",
            "warn",
            "机构编号不是 H 或 P 加 11 位数字",
            "the institution code is not H or P and 11 digits",
        ),
        Rule(
            "uscc_check_character",
            uscc_check("uscc"),
            "warn",
            "统一社会信用代码的长度、字符或校验位有误",
            "the unified social credit code has a wrong length, character or check character",
        ),
        RowsRule(
            "validity_overlaps",
            VALIDITY_OVERLAPS,
            "reject",
            "有效期与同一机构的下一个有效期重叠",
            "the period reaches into the next period of the same institution",
        ),
        RowsRule(
            "level_jumps",
            LEVEL_JUMPS,
            "warn",
            "医院等级一次变化超过一级",
            "the hospital grade changed by more than one grade at once",
        ),
        RowsRule(
            "settled_while_suspended",
            SETTLED_WHILE_SUSPENDED,
            "warn",
            "暂停协议期间仍有结算",
            "there are settlements while the agreement was suspended",
            needs=("settlement",),
        ),
    )
