"""F06: fee lines (FEE_LIST_D) summed before delivery; the lines themselves stay with the platform."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Integer, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column


class FeeSummary(Feed, table=True):
    """The fees of one settlement by fee item, catalogue and class, in yuan.

    What only the lines can tell (missing national codes, price × quantity off the fee) comes as counts of lines.
    """

    __tablename__ = "fee_summary"
    feed_zh = "费用明细汇总"
    feed_en = "Fee lines, summed"
    number = "F06"
    cadence = "monthly"

    setl_id: str = column(
        String(30), key=True, zh="结算编号", en="Settlement id", aliases=("结算ID", "结算流水号")
    )
    med_chrgitm_type: str = column(String(6), key=True, zh="医疗收费项目类别", en="Kind of fee item")
    list_type: str = column(String(6), key=True, code_set="list_type", zh="目录类别", en="Catalogue")
    chrgitm_lv: str = column(
        String(3), key=True, code_set="hilist_lv", zh="收费项目等级", en="Class A, B or C"
    )
    cnt: Decimal | None = column(Numeric(16, 4), unit="items", zh="数量", en="Quantity")
    det_item_fee_sumamt: Decimal = column(
        Numeric(16, 2),
        required=True,
        unit="yuan",
        zh="明细项目费用总额",
        en="Fee of the lines",
        aliases=("明细费用总额",),
    )
    fulamt_ownpay_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="全自费金额", en="Fee fully at own expense"
    )
    overlmt_selfpay: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="超限价自费金额",
        en="Fee above the price cap",
        aliases=("overlmt_amt",),
    )
    preselfpay_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="先行自付金额", en="Share paid before insurance"
    )
    inscp_amt: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="符合范围金额",
        en="Fee within the policy range",
        aliases=("inscp_scp_amt", "符合政策范围金额"),
    )
    line_cnt: int | None = column(Integer(), unit="items", zh="明细行数", en="Lines")
    uncoded_line_cnt: int | None = column(
        Integer(), unit="items", zh="无国家码行数", en="Lines without a national code"
    )
    price_differs_line_cnt: int | None = column(
        Integer(),
        unit="items",
        zh="单价乘数量不符行数",
        en="Lines whose price × quantity is off by over 0.05 yuan",
    )

    rules = (
        RowsRule(
            "fees_meet_settlement",
            """
            with fee as (
                select setl_id, sum(det_item_fee_sumamt) as fee_yuan
                from batch
                group by setl_id
            ),
            broken as (
                select fee.setl_id
                from fee
                inner join raw.settlement as settlement on settlement.setl_id = fee.setl_id
                group by fee.setl_id
                having not bool_or(abs(fee.fee_yuan - settlement.medfee_sumamt) <= 0.1)
            )
            select batch._row
            from batch
            semi join broken on broken.setl_id = batch.setl_id
            """,
            "warn",
            "明细费用合计与结算主表的医疗费总额不符",
            "the lines do not add up to the settlement's total fee",
            needs=("settlement",),
        ),
        Rule(
            "price_times_quantity",
            "price_differs_line_cnt = 0",
            "warn",
            "有明细行的单价乘数量与金额相差超过 0.05 元",
            "price × quantity of some lines is off the fee by over 0.05 yuan",
        ),
    )
