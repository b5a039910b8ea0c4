"""F08 clearing: monthly claims by institution, paid one to three months later, settled in the next spring."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.collected import BASIC_FUNDS
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
    lag, cut = plan.uniform("clearing lag", *keys), plan.uniform("clearing cut", *keys)
    return f"""
        with claim as (
            select fixmedins_code, month, insutype, clr_type, clr_way, fund_code,
                cast(sum(setl_cnt) as bigint) as setl_cnt, cast(sum(medfee) as decimal(16, 2)) as medfee,
                cast(sum(appy_fund) as decimal(16, 2)) as appy_fund
            from base_claim group by all
        ),
        timed as (
            select *, cast(last_day(month) + cast(20 + floor({lag} * 65) as integer) as date) as paid_on,
                {cut} as cut
            from claim
        ),
        cut_back as (
            select *, greatest(appy_fund, 0) as base,
                cast(if(cut < 0.4, round(greatest(appy_fund, 0) * 0.03 * cut, 2), 0) as decimal(16,
                    2)) as audit_deduct,
                cast(if(cut > 0.97, round(greatest(appy_fund, 0) * 0.01, 2), 0) as decimal(16,
                    2)) as chk_deduct,
                cast(round(greatest(appy_fund, 0) * {RESERVED_SHARE}, 2) as decimal(16, 2)) as reserve
            from timed
        )
        select month, 'QS' || fixmedins_code || strftime(month, '%Y%m') || insutype || clr_type || clr_way
            as clr_appy_evt_id,
            fund_code, fixmedins_code, strftime(month, '%Y%m') as clr_ym, insutype, clr_type, clr_way,
                setl_cnt, medfee,
            appy_fund, audit_deduct, chk_deduct, reserve, cast(0 as decimal(16, 2)) as prepay_offset,
            cast(0 as decimal(16, 2)) as surplus_retain,
            appy_fund - audit_deduct - chk_deduct - reserve as actual_pay,
            if(paid_on <= date '{plan.last}', paid_on, null) as pay_date,
            if(paid_on <= date '{plan.last}', '60', '30') as clr_stas
        from cut_back
    """


def _final(plan: Plan) -> str:
    """The last quarter of each closed year again: reserve paid out, deductions final, surplus kept by case payment."""
    months = ", ".join(str(month) for month in FINAL_MONTHS)
    better = plan.uniform("clearing surplus", "fixmedins_code", "clr_ym", "insutype")
    return f"""
        with closed as (
            select *, make_date(year(month) + 1, 4, 10) as paid_on,
                cast(if(clr_way in {BY_CASE} and {better} < 0.4, round(greatest(appy_fund, 0) * 0.02, 2), 0)
                    as decimal(16, 2)) as kept,
                cast(round(audit_deduct * 1.3, 2) as decimal(16, 2)) as final_deduct
            from base_cleared where month(month) in ({months}) and clr_stas = '60'
                and fund_code in {BASIC_FUNDS}
        )
        select clr_appy_evt_id, fund_code, fixmedins_code, clr_ym, insutype, clr_type, clr_way, setl_cnt,
            medfee, appy_fund,
            final_deduct as audit_deduct, chk_deduct, cast(0 as decimal(16, 2)) as reserve, prepay_offset,
            kept as surplus_retain, appy_fund - final_deduct - chk_deduct + kept as actual_pay,
                paid_on as pay_date,
            '60' as clr_stas
        from closed where paid_on <= date '{plan.last}'
    """
