"""Small further files that a rule over the whole batch, or the manifest, must refuse."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.synthetic.dirt.settlements import AMOUNTS, WITHOUT_FUNDS


@dataclass(frozen=True)
class Batch:
    """Rows of a spoiled file sent once more, some of them changed; all cells are texts.

    ``change`` is SQL for ``select * replace (…)`` over ``_n``, the row's number; ``is_further`` keeps the
    unchanged rows beside the changed ones. ``where`` may name the spoiled file's ``{table}``.
    """

    feed: str
    suffix: str
    rule: str
    note: str
    code: str = "F"
    rows: int = 300
    where: str = "true"
    change: str = "_n as _n"
    spoiled_rows: int = 0
    is_further: bool = False
    stated_rows_off: int = 0
    stated_total: str = ""


# WITHOUT_FUNDS over texts
UNFUNDED = (
    WITHOUT_FUNDS.replace("medfee_sumamt >", "try_cast(medfee_sumamt as decimal(16, 2)) >")
    .replace("coalesce(ownpay_hosp_part, 0)", "coalesce(try_cast(ownpay_hosp_part as decimal(16, 2)), 0)")
    .replace("coalesce(fund_pay_sumamt, 0)", "coalesce(try_cast(fund_pay_sumamt as decimal(16, 2)), 0)")
)
TURNED = ", ".join(f"cast(-cast({each} as decimal(16, 2)) as varchar) as {each}" for each in AMOUNTS)

BATCHES: tuple[Batch, ...] = (
    Batch("contribution", "wrong_rows", "control:rows", "清单的记录数不符", stated_rows_off=1),
    Batch("contribution", "wrong_total", "control:clct_sumamt", "清单的合计不符", stated_total="clct_sumamt"),
    Batch(
        "settlement",
        "bad_share",
        "share",
        "不合格行超过 1%",
        rows=500,
        change="'31' as insutype",
        spoiled_rows=10,
    ),
    Batch(
        "settlement",
        "fee_parts",
        "fee_parts_meet_share",
        "费用分项不符的行超过 1%",
        code="R",
        where="refd_setl_flag = '0'",
        change="cast(cast(preselfpay_amt as decimal(16, 2)) + 3 as varchar) as preselfpay_amt",
        spoiled_rows=10,
    ),
    Batch(
        "settlement",
        "unflagged",
        "refunded_original_flagged",
        "被退费的原结算未标退费标志",
        code="R",
        rows=40,
        where=UNFUNDED,
        change=f"left(setl_id, 20) || 'U1' as setl_id, setl_id as init_setl_id, '1' as refd_setl_flag, {TURNED}",
        spoiled_rows=4,
        is_further=True,
    ),
    Batch(
        "contribution",
        "parts",
        "parts_meet_total_share",
        "分项不符的行超过 0.1%",
        code="R",
        rows=1000,
        change="cast(cast(clct_sumamt as decimal(16, 2)) + 7 as varchar) as clct_sumamt",
        where="coalesce(emp_clct_amt, psn_clct_amt, finsubs_amt, oth_clct_amt) is not null",
        spoiled_rows=5,
    ),
    Batch(
        "assisted_roster",
        "gap",
        "months_missing_in_file",
        "所含月份之间缺月",
        code="R",
        rows=100_000,
        where="(select count(distinct ym) from {table} where _defect is null) > 2 and ym in "
        "((select min(ym) from {table} where _defect is null), (select max(ym) from {table} where _defect is null))",
    ),
)
