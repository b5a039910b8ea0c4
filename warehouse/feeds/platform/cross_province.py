"""F18: care across provinces, from the national platform's clearing files and manual reimbursement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, DateTime, Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, column
from warehouse.texts import Text

# rows of the other side are settlements of other provinces' insured
MATCHED_SHARE = """
with direct as (
    select setl_id from batch where is_direct = '1' and direction = '参保地'
)
select
    cast(count(*) filter (where setl_id in (
        select setl_id from raw.settlement where pay_loc = '4'
    )) as double) / nullif(count(*), 0)
from direct
"""

# a direct settlement that was taken back (its row negative) may be reimbursed by hand afterwards
DIRECT_AS_WELL = """
with direct as (
    select setl_id, natl_setl_id from batch where is_direct = '1' and medfee > 0
    union all
    select setl_id, natl_setl_id from raw.cross_province where is_direct = '1' and medfee > 0
)
select _row
from batch
where is_direct = '0'
    and (
        setl_id in (select setl_id from direct where setl_id is not null)
        or natl_setl_id in (select natl_setl_id from direct)
    )
"""


class CrossProvince(Feed, table=True):
    """A settlement across provinces seen from one side (insured here, or treated here); amounts in yuan.

    ``is_direct`` 0 is a manual reimbursement. The two sides are never added; a negative row is a refund
    that is paired through its settlement.
    """

    __tablename__ = "cross_province"
    feed_zh = "跨省异地就医"
    feed_en = "Care across provinces"
    number = "F18"
    cadence = "monthly"
    sender = Text("国家平台与经办中心", "national platform and agencies")
    month = "cast(date_trunc('month', setl_time) as date)"

    natl_setl_id: str = column(
        String(40), key=True, zh="国家平台结算编号", en="Settlement id of the national platform"
    )
    direction: str = column(
        String(10),
        key=True,
        code_set="cross_direction",
        zh="数据方向",
        en="Side of the insured or of the care",
    )
    setl_id: str | None = column(String(30), zh="结算编号", en="Settlement id", aliases=("结算ID",))
    insu_province: str | None = column(
        String(6), code_set="admdvs", zh="参保省份", en="Province of insurance", aliases=("参保地",)
    )
    mdtrt_province: str | None = column(
        String(6), code_set="admdvs", zh="就医省份", en="Province of care", aliases=("就医地",)
    )
    biz_type: str | None = column(String(20), code_set="cross_biz_type", zh="业务类型", en="Kind of care")
    filing_type: str | None = column(
        String(20), code_set="filing_type", zh="备案类型", en="Why filed for care elsewhere"
    )
    filing_date: date | None = column(Date(), zh="备案日期", en="Filed on")
    medfee: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="医疗费总额", en="Total fee", aliases=("medfee_sumamt",)
    )
    fund_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="基金支付总额", en="Paid by funds", aliases=("fund_pay_sumamt",)
    )
    setl_time: datetime | None = column(DateTime(), zh="结算时间", en="Settled at")
    clr_ym: str | None = column(String(6), is_month=True, zh="清算年月", en="Clearing month")
    is_direct: str | None = column(
        String(1), code_set="is_flag", zh="是否直接结算", en="Settled directly, not by hand"
    )

    rules = (
        BatchRule(
            "settlements_matched",
            MATCHED_SHARE,
            "measure >= 0.99",
            "warn",
            "与跨省结算主表的匹配率低于 99%",
            "less than 99 % of the direct settlements are among the settlements paid across provinces",
            needs=("settlement",),
        ),
        RowsRule(
            "settled_directly_as_well",
            DIRECT_AS_WELL,
            "reject",
            "同次就医既直接结算又手工报销",
            "a manual reimbursement of what was settled directly",
        ),
    )
