"""F13: money recovered for the funds, one row a payment or offset."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Integer, Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, Rule, column
from warehouse.texts import Text

NET_RECEIVED = "case when refund_flag = '1' then -abs(received_amt) else received_amt end"

# one version of each payment and action: the file before what came earlier, else the larger amount
RECEIVED_OVER_DUE = f"""
with payment as (
    select distinct recover_id, case_no, {NET_RECEIVED} as received_yuan
    from batch
    union all
    select recover_id, case_no, max({NET_RECEIVED})
    from raw.recovery
    where case_no in (select case_no from batch) and recover_id not in (select recover_id from batch)
    group by recover_id, case_no
),
received as (
    select case_no, sum(received_yuan) as received_yuan
    from payment
    group by case_no
),
action as (
    select case_no, name_raw, action_seq, max(due_recover_amt) as due_yuan
    from raw.inspection
    where case_no in (select case_no from batch)
    group by case_no, name_raw, action_seq
),
due as (
    select case_no, sum(due_yuan) as due_yuan
    from action
    group by case_no
),
broken as (
    select received.case_no
    from received
    inner join due on received.case_no = due.case_no
    where received.received_yuan > due.due_yuan + 0.01
)
select batch._row
from batch
semi join broken on batch.case_no = broken.case_no
"""

RECEIVED_BEFORE_CASE = """
with opened as (
    select case_no, min(begin_date) as begin_date
    from raw.inspection
    where case_no in (select case_no from batch)
    group by case_no
)
select batch._row
from batch
inner join opened on batch.case_no = opened.case_no
where batch.received_date < opened.begin_date
"""

# recovered money is booked as other income or as less expenditure; both are counted for the file's months
NOT_IN_LEDGER = f"""
with payment as (
    select distinct recover_id, strftime(received_date, '%Y%m') as ym, {NET_RECEIVED} as received_yuan
    from batch
    where received_date is not null
),
recovered as (
    select ym, sum(received_yuan) as received_yuan
    from payment
    group by ym
),
booked as (
    select
        ym,
        max(amount_yuan) as largest_yuan,
        min(amount_yuan) as least_yuan,
        subject_code
    from raw.fund_ledger
    where ym in (select ym from recovered)
        and (subject_code = 'income_other' or starts_with(subject_code, 'expenditure_'))
    group by ym, admdvs, fund_code, subject_code
),
accounted as (
    select
        ym,
        sum(case when subject_code = 'income_other' then largest_yuan else greatest(-least_yuan, 0) end)
            as booked_yuan
    from booked
    group by ym
)
select sum(greatest(recovered.received_yuan - accounted.booked_yuan, 0))
from recovered
inner join accounted on recovered.ym = accounted.ym
"""


class Recovery(Feed, table=True):
    """An amount that came back to a fund, in yuan, from an institution or a person; no fines or penalties.

    ``due_amt`` is what is due in the matter the payment belongs to; ``refund_flag`` 1 is money given back
    to the payer.
    """

    __tablename__ = "recovery"
    feed_zh = "追回资金"
    feed_en = "Recovered funds"
    number = "F13"
    cadence = "monthly"
    sender = Text("基金监管", "fund supervision")
    month = "cast(date_trunc('month', received_date) as date)"

    recover_id: str = column(String(40), key=True, zh="追回编号", en="Recovery id")
    case_no: str | None = column(String(40), zh="案件编号", en="Case", aliases=("案号",))
    fixmedins_code: str | None = column(
        String(30), zh="定点医药机构编号", en="Institution code", aliases=("机构编码", "机构代码")
    )
    psn_no: str | None = column(
        String(30),
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number, where a person pays",
        aliases=("个人编号",),
    )
    fund_code: str | None = column(
        String(20), code_set="fund_code", zh="基金代码", en="Fund", aliases=("基金",)
    )
    violation_year: int | None = column(Integer(), zh="违规年度", en="Year of the violation")
    due_amt: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="应追回金额", en="Amount due")
    received_amt: Decimal = column(
        Numeric(16, 2), required=True, unit="yuan", zh="到账金额", en="Amount received"
    )
    received_date: date | None = column(Date(), zh="到账日期", en="Received on")
    offset_clr_ym: str | None = column(
        String(6),
        is_month=True,
        zh="抵扣清算期",
        en="Clearing month it was set off against",
        aliases=("抵扣清算年月",),
    )
    source: str | None = column(
        String(20), code_set="recovery_source", zh="追回来源", en="How it was found", aliases=("线索来源",)
    )
    refund_flag: str | None = column(
        String(1), code_set="is_flag", zh="退还标志", en="Given back to the payer"
    )

    rules = (
        Rule(
            "received_within_due",
            "received_amt <= due_amt + 0.01",
            "warn",
            "到账金额大于应追回金额",
            "more was received than is due",
        ),
        RowsRule(
            "case_received_within_due",
            RECEIVED_OVER_DUE,
            "warn",
            "案件累计到账大于应追回金额",
            "the payments of the case are more than is due",
            needs=("inspection",),
        ),
        RowsRule(
            "received_before_case",
            RECEIVED_BEFORE_CASE,
            "reject",
            "到账日期早于立案日期",
            "the money was received before the case was opened",
            needs=("inspection",),
        ),
        BatchRule(
            "booked_in_ledger",
            NOT_IN_LEDGER,
            "measure <= 0.01",
            "warn",
            "追回资金大于台账同月的其他收入与冲减支出",
            "more was recovered than the ledger has as other income or reduced expenditure",
            needs=("fund_ledger",),
        ),
    )
