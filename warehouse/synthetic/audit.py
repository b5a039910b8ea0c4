"""F26 hits of the automatic audit on settlements: amounts questioned, and what was left after appeal."""

from __future__ import annotations

import duckdb

from warehouse.feeds.platform.settlement import IS_INPATIENT
from warehouse.synthetic.expression import padded, whole, yuan
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Period, Plan

HIT_SHARE = 0.012
INPATIENT_FACTOR = 6
"""Settlements questioned, and how much more often stays are (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, _chunk: Period) -> None:
    """Fill ``audit_hit`` from the rows of ``settlement`` that were not taken back."""
    connection.execute("drop table if exists audit_hit")
    pick, part = plan.uniform("audit hit", "setl_id"), plan.uniform("audit part", "setl_id")
    fate = plan.uniform("audit fate", "setl_id")
    insert(
        connection,
        "audit_hit",
        f"""
        with hit as (
            select setl_id, medfee_sumamt, fund_pay_sumamt, {part} as part, {fate} as fate
            from settlement
            where refd_setl_flag = '0' and vali_flag = '1' and fund_pay_sumamt > 0
                and {pick} < {HIT_SHARE} * if({IS_INPATIENT}, {INPATIENT_FACTOR}, 1)
        ),
        asked as (
            select *, {yuan("greatest(0.01, fund_pay_sumamt * (0.02 + 0.25 * part * part))")} as asked,
                fate < 0.2 or fate >= 0.9 as is_dropped
            from hit
        )
        select setl_id, 'SYN' || {padded(f"1 + {whole('part * 40')}", 3)} as rule_id, '1' as detail_sn,
            asked as hit_amt,
            case when fate < 0.45 then '初审' when fate < 0.85 then '复审' else '申诉' end as stage,
            {yuan("case when is_dropped then 0 when fate < 0.85 then asked else asked / 2 end")} as final_amt,
            if(is_dropped, '不扣款', '扣款') as status
        from asked
        """,
    )
