"""F24 poverty risk list and F25 certificates of chronic and special diseases."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.expression import whole
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan

THRESHOLDS = ((1, 14_000), (2, 28_000), (3, 56_000))
"""Own payment of a person in a year, yuan, by level: half, one and two times an assumed income."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``poverty_risk`` and ``chronic_certificate`` from what ``settlement`` says of persons."""
    insert(connection, "poverty_risk", _risks(plan))
    insert(connection, "chronic_certificate", _certificates(plan))


def _risks(plan: Plan) -> str:
    """A row a person and month in which the year's own payments cross a level; the highest one counts."""
    levels = ", ".join(f"({level}, {threshold})" for level, threshold in THRESHOLDS)
    pace, fate = (plan.uniform(f"risk {each}", "psn_no", "month") for each in ("check", "result"))
    is_checked = f"checked < date '{plan.last}' + interval 1 day"
    return f"""
        with cumulated as (
            select psn_no, month, own_yuan,
                sum(own_yuan) over (partition by psn_no, year(month) order by month) as oop_ytd
            from base_own_payment
        ),
        crossed as (
            select psn_no, month, oop_ytd, max(level) as level, max(threshold) as threshold
            from cumulated join (values {levels}) as levels(level, threshold)
                on oop_ytd >= threshold and oop_ytd - own_yuan < threshold
            where last_day(month) + 5 <= date '{plan.last}'
            group by psn_no, month, oop_ytd
        ),
        verified as (
            select *, last_day(month) + 5 + interval 9 hour as pushed_at, {fate} as fate,
                if({pace} < 0.93, last_day(month) + 6 + {whole(f"{pace} * 30")} + interval 15 hour, null) as checked
            from crossed
        )
        select psn_no, strftime(month, '%Y%m') as ym, 'oop_ytd' as rule, cast(oop_ytd as decimal(16, 2)) as oop_ytd,
            cast(threshold as decimal(16, 2)) as threshold, cast(level as varchar) as level, pushed_at,
            if({is_checked}, checked, null) as verified_at,
            case when {is_checked} then case when fate < 0.22 then '纳入救助' when fate < 0.6 then '持续监测'
                else '无风险' end end as result
        from verified
    """


def _certificates(plan: Plan) -> str:
    """A row a person and disease: begins before the first settlement of that disease and has no end yet."""
    ahead = plan.uniform("certificate ahead", "psn_no", "dise_no")
    return f"""
        with first_use as (
            select psn_no, dise_no, min(first_day) as first_day, max(insutype) as insutype,
                max(fixmedins_code) as fixed_inst, {ahead} as ahead
            from base_chronic_use group by psn_no, dise_no
        )
        select psn_no, dise_no as dise_code, cast(first_day - 1 - {whole("ahead * 80")} as date) as begin_date,
            insutype,
            case when dise_no in ('I10', 'E11') then '两病' when dise_no in ('N18', 'C34') then '特病' else '慢病' end
                as cert_type,
            fixed_inst, if(ahead < 0.7, '医疗机构认定', '经办窗口') as source
        from first_use
    """
