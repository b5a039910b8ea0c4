"""F26 hits of the automatic audit on settlements: amounts questioned, and what was left after appeal."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Period, Plan

HIT_SHARE = 0.012
INPATIENT_FACTOR = 6


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
                and {pick} < {HIT_SHARE} * if(med_type like '2%', {INPATIENT_FACTOR}, 1)
        ),
        asked as (
            select *, cast(greatest(0.01, round(fund_pay_sumamt * (0.02 + 0.25 * part * part),
                2)) as decimal(16, 2)) as asked
            from hit
        )
        select setl_id, 'SYN' || lpad(cast(1 + cast(floor(part * 40) as integer) as varchar), 3,
            '0') as rule_id, '1' as detail_sn,
            asked as hit_amt, case when fate < 0.45 then '初审' when fate < 0.85 then '复审'
                else '申诉' end as stage,
            cast(case when fate < 0.2 or fate >= 0.9 then 0 when fate < 0.85 then asked else round(asked / 2,
                2) end
                as decimal(16, 2)) as final_amt,
            case when fate < 0.2 or fate >= 0.9 then '不扣款' else '扣款' end as status
        from asked
        """,
    )
