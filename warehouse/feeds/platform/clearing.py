"""F08: clearing of institutions with the funds, and what is paid out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Integer, Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, Rule, column
from warehouse.feeds.rules import is_year_month, month_of, scheme_counted
from warehouse.feeds.versions import delivered, newness


class Clearing(Feed, table=True):
    """A clearing application of an institution for one fund, in yuan.

    One row an institution, clearing month, insurance type, category, method and fund.
    """

    __tablename__ = "clearing"
    feed_zh = "清算与拨付"
    feed_en = "Clearing and payment"
    number = "F08"
    cadence = "monthly"
    due_days = 92  # 1–3 months late (source model, F08)
    month = month_of("clr_ym")

    clr_appy_evt_id: str = column(
        String(40), key=True, zh="清算申请事件编号", en="Clearing application", aliases=("清算申请事件ID",)
    )
    fund_code: str = column(
        String(20), key=True, code_set="fund_code", zh="基金代码", en="Fund", aliases=("基金",)
    )
    fixmedins_code: str = column(
        String(30),
        required=True,
        zh="定点医药机构编号",
        en="Institution code",
        aliases=("定点医药机构编码", "机构编码"),
    )
    clr_ym: str = column(
        String(6),
        is_month=True,
        required=True,
        zh="清算年月",
        en="Clearing month (yyyymm)",
        aliases=("清算期",),
    )
    insutype: str | None = column(
        String(6), code_set="insutype", zh="险种类型", en="Insurance type", aliases=("险种",)
    )
    clr_type: str | None = column(String(6), code_set="clr_type", zh="清算类别", en="Clearing category")
    clr_way: str | None = column(String(6), code_set="clr_way", zh="清算方式", en="Clearing method")
    setl_cnt: int | None = column(Integer(), unit="visits", zh="结算人次", en="Settlements")
    medfee: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="医疗费总额", en="Total medical fee")
    appy_fund: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="申请基金金额", en="Fund amount applied for"
    )
    audit_deduct: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="审核扣款金额", en="Deducted by audit", aliases=("审核扣款",)
    )
    chk_deduct: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="稽核扣款金额", en="Deducted by inspection", aliases=("稽核扣款",)
    )
    reserve: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="预留金额", en="Retained", aliases=("预留金",)
    )
    prepay_offset: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="预付抵扣金额", en="Set off against prepayment", aliases=("预付抵扣",)
    )
    surplus_retain: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="结余留用调整金额",
        en="Adjustment for a retained surplus",
        aliases=("结余留用",),
    )
    actual_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="实际拨付金额", en="Actually paid", aliases=("拨付金额",)
    )
    pay_date: date | None = column(Date(), zh="拨付日期", en="Date of payment")
    clr_stas: str | None = column(String(3), code_set="clr_stas", zh="清算状态", en="State of the clearing")

    rules = (
        scheme_counted(),
        Rule(
            "clearing_month",
            is_year_month("clr_ym"),
            "reject",
            "清算年月不是 yyyymm",
            "the clearing month is not written yyyymm",
        ),
        Rule(
            "payment_meets_application",
            "coalesce(clr_stas, '60') in ('10', '20', '30', '70') or abs(actual_pay - (appy_fund "
            "- coalesce(audit_deduct, 0) - coalesce(chk_deduct, 0) - coalesce(reserve, 0) "
            "- coalesce(prepay_offset, 0) + coalesce(surplus_retain, 0))) <= 0.01",
            "reject",
            "实际拨付不等于申请金额减扣款、预留、抵扣并加调整",
            "the payment is not the application less deductions, retention and set-off plus adjustment",
        ),
        Rule(
            "paid_has_date",
            "clr_stas <> '60' or pay_date is not null",
            "reject",
            "状态为已拨付而没有拨付日期",
            "paid out without a date of payment",
        ),
        BatchRule(
            "applications_meet_settlements",
            f"""
            with cleared as (
                select sum(appy_fund) as applied_yuan from batch
            ),
            scope as (
                select fixmedins_code, insutype, {month_of("clr_ym")} as clr_month
                from batch
                group by all
            ),
            version as (
                select
                    setl_id,
                    max(struct_pack(
                        newness := {newness("updt_time")},
                        paid_yuan := coalesce(fund_pay_sumamt, 0)
                    )) as newest
                from {delivered("settlement")} as settlement
                semi join scope
                    on scope.fixmedins_code = settlement.fixmedins_code
                    and coalesce(scope.insutype, settlement.insutype) = settlement.insutype
                    and scope.clr_month = date_trunc('month', settlement.setl_time)
                group by setl_id
            )
            select
                abs(max(cleared.applied_yuan) - sum(version.newest.paid_yuan))
                / nullif(sum(version.newest.paid_yuan), 0)
            from cleared
            cross join version
            """,
            "measure <= 0.005",
            "warn",
            "申请金额合计与同期结算的净基金支付相差超过 0.5%",
            "the applications differ from the net fund payments of the settlements by more than 0.5 %",
            needs=("settlement",),
        ),
    )
