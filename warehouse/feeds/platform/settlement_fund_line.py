"""F05: what each fund pays of a settlement (setldetail)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Integer, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, column

# seed column maps_to of the code set fund_pay_type; a test holds the two equal
FUND_LAYERS = {
    "310100": "basic_pool",
    "310200": "acct",
    "310103": "maternity",
    "320100": "civil",
    "330100": "large",
    "340100": "other",
    "350100": "other",
    "370100": "other",
    "390100": "basic_pool",
    "390200": "serious",
    "390400": "serious",
    "390500": "serious",
    "510100": "maternity",
    "610100": "assist",
    "610102": "assist",
    "610103": "assist",
    "610104": "assist",
    "610200": "other",
    "910100": "other",
    "999996": "hospital",
    "999997": "other",
}
REMOTE_LUMP = "910100"


def _layer_sum(name: str, *layers: str) -> str:
    codes = ", ".join(f"'{code}'" for code, layer in FUND_LAYERS.items() if layer in layers)
    return f"sum(case when fund_pay_type in ({codes}) then coalesce(fund_payamt, 0) else 0 end) as {name}"


def _column_sum(*columns: str) -> str:
    return "(" + " + ".join(f"coalesce(settlement.{each}, 0)" for each in columns) + ")"


KNOWN_TYPES = ", ".join(f"'{code}'" for code in FUND_LAYERS)
ALL_FUNDS = ("basic_pool", "maternity", "civil", "large", "serious", "assist", "other")
# maternity is booked within the basic pool or beside it, by time and region: both meet
LAYERS_MEET = f"""
    abs(line.civil - {_column_sum("cvlserv_pay")}) <= 0.01
    and abs(line.large - {_column_sum("hifob_pay")}) <= 0.01
    and abs(line.serious - {_column_sum("hifmi_pay")}) <= 0.01
    and abs(line.assist - {_column_sum("maf_pay")}) <= 0.01
    and (
        (
            abs(line.pool - {_column_sum("hifp_pay")}) <= 0.01
            and abs(line.maternity + line.other - {_column_sum("hifes_pay", "hifdm_pay", "othfund_pay")}) <= 0.01
        )
        or (
            abs(line.pool + line.maternity - {_column_sum("hifp_pay")}) <= 0.01
            and abs(line.other - {_column_sum("hifes_pay", "hifdm_pay", "othfund_pay")}) <= 0.01
        )
    )
"""


class SettlementFundLine(Feed, table=True):
    """An amount in yuan one fund pays of one settlement. The lines of a settlement come in one file.

    ``setl_proc_info`` holds local remarks, often mixed with type codes; it is never read as a key.
    """

    __tablename__ = "settlement_fund_line"
    feed_zh = "结算基金分项"
    feed_en = "Settlement fund lines"
    number = "F05"
    cadence = "daily"

    setl_id: str = column(
        String(30), key=True, zh="结算编号", en="Settlement id", aliases=("结算ID", "结算流水号")
    )
    fund_pay_type: str = column(
        String(6), key=True, code_set="fund_pay_type", zh="基金支付类型", en="Kind of fund payment"
    )
    seq: int = column(Integer(), key=True, zh="序号", en="Line number", aliases=("分项序号",))
    fund_pay_type_name: str | None = column(String(200), zh="基金支付类型名称", en="Name of the kind")
    inscp_scp_amt: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="符合政策范围金额",
        en="Fee within the policy range",
        aliases=("inscp_amt",),
    )
    crt_payb_lmt_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="本次可支付限额金额", en="Amount payable within the cap"
    )
    fund_payamt: Decimal = column(
        Numeric(16, 2),
        required=True,
        unit="yuan",
        zh="基金支付金额",
        en="Paid by the fund",
        aliases=("fund_pay_amt",),
    )
    setl_proc_info: str | None = column(String(4000), zh="结算过程信息", en="Remarks on the calculation")

    rules = (
        RowsRule(
            "fund_lines_meet_settlement",
            f"""
            with line as (
                select
                    setl_id,
                    {_layer_sum("pool", "basic_pool")},
                    {_layer_sum("maternity", "maternity")},
                    {_layer_sum("civil", "civil")},
                    {_layer_sum("large", "large")},
                    {_layer_sum("serious", "serious")},
                    {_layer_sum("assist", "assist")},
                    {_layer_sum("other", "other")},
                    {_layer_sum("all_funds", *ALL_FUNDS)},
                    bool_and(fund_pay_type in ({KNOWN_TYPES})) as is_known,
                    bool_or(fund_pay_type = '{REMOTE_LUMP}') as is_lump
                from batch
                group by setl_id
            ),
            broken as (
                select line.setl_id
                from line
                inner join raw.settlement as settlement on settlement.setl_id = line.setl_id
                where line.is_known
                group by line.setl_id
                having not bool_or(
                    case
                        when line.is_lump
                            then abs(line.all_funds - coalesce(settlement.fund_pay_sumamt, 0)) <= 0.01
                        else {LAYERS_MEET}
                    end
                )
            )
            select batch._row
            from batch
            semi join broken on broken.setl_id = batch.setl_id
            """,
            "reject",
            "按基金归集的分项合计与结算主表不符",
            "the lines by fund do not add up to the settlement's amounts",
            needs=("settlement",),
        ),
        RowsRule(
            "account_lines_meet_settlement",
            f"""
            with line as (
                select setl_id, {_layer_sum("account", "acct")}
                from batch
                group by setl_id
            ),
            broken as (
                select line.setl_id
                from line
                inner join raw.settlement as settlement on settlement.setl_id = line.setl_id
                group by line.setl_id
                having not bool_or(abs(line.account - coalesce(settlement.acct_pay, 0)) <= 0.01)
            )
            select batch._row
            from batch
            semi join broken on broken.setl_id = batch.setl_id
            """,
            "warn",
            "个人账户分项合计与结算主表的个人账户支出不符",
            "the account lines do not add up to the settlement's account payment",
            needs=("settlement",),
        ),
        RowsRule(
            "settlement_known",
            """
            select batch._row, batch.setl_id as awaited
            from batch
            anti join raw.settlement as settlement on settlement.setl_id = batch.setl_id
            """,
            "wait",
            "结算主表中尚无该结算",
            "the settlement has not arrived",
            awaits="settlement",
        ),
    )
