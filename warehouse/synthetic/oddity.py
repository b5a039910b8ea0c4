"""Which institutions and counties behave oddly in the smaller feeds, and the list that says so.

The oddities are part of the province, not dirt: each row keeps its contract, a good analysis finds them.
"""

from __future__ import annotations

import duckdb

from warehouse.synthetic.plan import Plan, month_index, month_of

UPCODING = "upcoding"
UNREPORTED = "purchases_unreported"
SLOW_PAYMENT = "suppliers_paid_late"
SILENT_TERMINALS = "terminals_silent"

TEXTS = {
    UPCODING: (
        "grouping",
        "该院病例入组偏高一档,病例组合指数明显高于同级医院",
        "stays are grouped one band too high; the case mix is far above similar hospitals",
    ),
    UNREPORTED: (
        "procurement_report",
        "该院有采购订单,却连续三个月未申报采购总额",
        "orders are there, but the monthly purchase totals are missing for three months",
    ),
    SLOW_PAYMENT: (
        "procurement_order",
        "该院货款普遍在收货 120 天以后才支付",
        "suppliers are paid more than 120 days after receipt",
    ),
    SILENT_TERMINALS: (
        "terminal",
        "该县多数终端已长期没有使用记录",
        "most terminals of the county have long been silent",
    ),
}

COUNTIES = "'460400', '469002', '469005', '469006', '469023'"
"""Where the odd hospitals are: counties large enough for the oddity to show."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Choose the odd ones into ``base_odd``: code, place, first month; the last twelve months."""
    from_month = month_of(max(month_index(plan.first), month_index(plan.last) - 11))
    connection.execute(
        f"""
        create or replace table base_odd as
        with hospital as (
            select code, county, row_number() over (order by {plan.uniform("odd hospital", "code")},
                code) as place
            from base_institution where class = '2' and number = 1 and county in ({COUNTIES})
        )
        select ['{UPCODING}', '{UNREPORTED}', '{SLOW_PAYMENT}'][place] as oddity, code as odd_institution,
            county as odd_county, date '{from_month}' as from_month
        from hospital where place <= 3
        union all
        select '{SILENT_TERMINALS}', null, '469028', date '{from_month}'
        """
    )


def list_them(connection: duckdb.DuckDBPyConnection, _plan: Plan) -> None:
    """Add the odd ones to the province's list of anomalies."""
    texts = ", ".join(f"('{code}', '{feed}', '{zh}', '{en}')" for code, (feed, zh, en) in TEXTS.items())
    connection.execute(
        f"""
        insert into base_anomaly by name
        select oddity as code, feed, odd_county as region_code, odd_institution as institution,
            from_month as month, what_zh, what_en
        from base_odd join (values {texts}) as texts(oddity, feed, what_zh, what_en) using (oddity)
        order by oddity
        """
    )
