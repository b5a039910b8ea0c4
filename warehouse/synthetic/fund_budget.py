"""Budgets of the funds (F10), near what the year's accounts show."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``fund_budget`` from the flows of the ledger."""
    insert(connection, "fund_budget", _budget(plan))


def _budget(plan: Plan) -> str:
    """An original budget near the year's result for every subject, adjusted for some counties."""
    draw = plan.uniform("budget", "county", "fund_code", "subject_code", "year")
    adjusted = plan.uniform("budget adjusted", "county", "year")
    return f"""
        with result as (
            select flow.county, flow.fund_code, flow.subject_code, base_month.year, cast(sum(flow.fen) as bigint) as fen
            from base_flow as flow join base_month using (m)
            group by flow.county, flow.fund_code, flow.subject_code, base_month.year
        ),
        drawn as (
            select *, {draw} as draw, {adjusted} < 0.15 as is_adjusted from result where fen > 0
        )
        select county as admdvs, fund_code, subject_code, year, '1' as budget_version, '原预算' as budget_type,
            if(is_adjusted, '0', '1') as is_current,
            cast(round(fen * (0.95 + 0.1 * draw) / 1000000) * 10000 as decimal(18, 2)) as amount_yuan,
            make_date(year, 1, 20) as approved_date, '样例批〔' || year || '〕1号' as approval_no
        from drawn
        union all
        select county, fund_code, subject_code, year, '2', '调整', '1',
            cast(round(fen * (0.98 + 0.04 * draw) / 1000000) * 10000 as decimal(18, 2)),
            make_date(year, 9, 20), '样例批〔' || year || '〕2号'
        from drawn where is_adjusted
        order by all
    """
