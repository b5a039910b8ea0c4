"""F08 clearing: monthly claims by institution, paid one to three months later, settled in the next spring."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.collected import BASIC_FUNDS
from warehouse.synthetic.expression import whole, yuan
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan

RESERVED_SHARE = 0.05
BY_CASE = "('20', '30', '40')"
FINAL_MONTHS = (10, 11, 12)
"""Months of a closed year whose clearing the yearly account changes."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``clearing``; what the yearly account changes goes to ``base_clearing_final``."""
    connection.execute(f"create or replace table base_cleared as {_first(plan)}")
    insert(connection, "clearing", "select * exclude (month) from base_cleared")
    connection.execute("create or replace table base_clearing_final as from clearing limit 0")
    connection.execute(f"insert into base_clearing_final by name {_final(plan)}")


def _first(plan: Plan) -> str:
    """Each claim as it is first paid; claims not paid by the end of the run are still being examined."""
    keys = ("fixmedins_code", "month", "insutype", "clr_type", "clr_way")
    lag, cut = plan.uniform("clearing lag", *keys[:3]), plan.uniform("clearing cut", *keys)
    return f"""
        with claim as (
            select fixmedins_code, month, insutype, clr_type, clr_way, fund_code, setl_cnt, medfee, appy_fund,
                greatest(appy_fund, 0) as base, {cut} as cut,
                cast(last_day(month) + 20 + {whole(f"{lag} * 65")} as date) as paid_on
            from base_claim
        ),
        deducted as (
            select *, {yuan("if(cut < 0.4, base * 0.03 * cut, 0)")} as audit_deduct,
                {yuan("if(cut > 0.97, base * 0.01, 0)")} as chk_deduct,
                {yuan(f"base * {RESERVED_SHARE}")} as reserve
            from claim
        )
        select month, fund_code, fixmedins_code, strftime(month, '%Y%m') as clr_ym, insutype, clr_type, clr_way,
            'QS' || fixmedins_code || strftime(month, '%Y%m') || insutype || clr_type || clr_way as clr_appy_evt_id,
            setl_cnt, medfee, appy_fund, audit_deduct, chk_deduct, reserve,
            cast(0 as decimal(16, 2)) as prepay_offset, cast(0 as decimal(16, 2)) as surplus_retain,
            appy_fund - audit_deduct - chk_deduct - reserve as actual_pay,
            if(paid_on <= date '{plan.last}', paid_on, null) as pay_date,
            if(paid_on <= date '{plan.last}', '60', '30') as clr_stas
        from deducted
    """


def _final(plan: Plan) -> str:
    """The last quarter of each closed year again: reserve paid out, deductions final, surplus kept."""
    months = ", ".join(str(month) for month in FINAL_MONTHS)
    better = plan.uniform("clearing surplus", "fixmedins_code", "clr_ym", "insutype")
    has_surplus = f"clr_way in {BY_CASE} and fund_code in {BASIC_FUNDS} and {better} < 0.4"
    return f"""
        with closed as (
            select *, make_date(year(month) + 1, 4, 10) as paid_on, {yuan("audit_deduct * 1.3")} as final_deduct,
                {yuan(f"if({has_surplus}, greatest(appy_fund, 0) * 0.02, 0)")} as kept
            from base_cleared where month(month) in ({months}) and clr_stas = '60'
        )
        select * exclude (month, paid_on, final_deduct, kept) replace (
            final_deduct as audit_deduct, cast(0 as decimal(16, 2)) as reserve, kept as surplus_retain,
            appy_fund - final_deduct - chk_deduct + kept as actual_pay, paid_on as pay_date)
        from closed where paid_on <= date '{plan.last}'
    """
