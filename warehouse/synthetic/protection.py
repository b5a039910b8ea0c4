"""F24 poverty risk list and F25 certificates of chronic and special diseases."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan

THRESHOLDS = ((1, 14_000), (2, 28_000), (3, 56_000))
"""Own payment of a person in a year, yuan, by level: half, one and two times an assumed income."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``poverty_risk`` and ``chronic_certificate`` from what ``settlement`` says of persons."""
    insert(connection, "poverty_risk", _risks(plan))
    insert(connection, "chronic_certificate", _certificates(plan))


def _risks(plan: Plan) -> str:
    """A row a person and year for the highest level crossed in a month, when it is crossed."""
    levels = ", ".join(f"({level}, {threshold})" for level, threshold in THRESHOLDS)
    check, result = (
        plan.uniform("risk check", "psn_no", "month"),
        plan.uniform("risk result", "psn_no", "month"),
    )
    return f"""
        with cumulated as (
            select psn_no, month, sum(own_yuan) over (
                partition by psn_no, year(month) order by month) as oop_ytd, own_yuan
            from (select psn_no, month, sum(own_yuan) as own_yuan from base_own_payment group by psn_no,
                month)
        ),
        crossed as (
            select psn_no, month, oop_ytd, max(level) as level, max(threshold) as threshold
            from cumulated join (values {levels}) as levels(level, threshold)
                on oop_ytd >= threshold and oop_ytd - own_yuan < threshold
            group by psn_no, month, oop_ytd
        ),
        pushed as (
            select *, cast(last_day(month) + 5 as timestamp) + interval 9 hour as pushed_at, {check} as pace,
                {result} as fate
            from crossed where last_day(month) + 5 <= date '{plan.last}'
        ),
        verified as (
            select *, case when pace < 0.93 then pushed_at + to_days(cast(1 + floor(pace * 30)
                as integer)) end as checked
            from pushed
        )
        select psn_no, strftime(month, '%Y%m') as ym, 'oop_ytd' as rule, cast(oop_ytd as decimal(16,
            2)) as oop_ytd,
            cast(threshold as decimal(16, 2)) as threshold, cast(level as varchar) as level, pushed_at,
            case when checked < date '{plan.last}' + interval 1 day then checked end as verified_at,
            case when checked < date '{plan.last}' + interval 1 day then case when fate < 0.22 then '纳入救助'
                when fate < 0.6 then '持续监测' else '无风险' end end as result
        from verified
    """


def _certificates(plan: Plan) -> str:
    """A row a person and disease: begins before the first settlement of that disease, lasts two years or more."""
    ahead = plan.uniform("certificate ahead", "psn_no", "dise_no")
    return f"""
        with first_use as (
            select psn_no, dise_no, min(first_day) as first_day, max(insutype) as insutype,
                max(fixmedins_code) as fixed_inst
            from base_chronic_use group by psn_no, dise_no
        )
        select psn_no, dise_no as dise_code, cast(first_day - cast(1 + floor({ahead} * 80) as integer)
            as date) as begin_date,
            insutype, case when dise_no like 'I10%' or dise_no like 'E11%' then '两病'
                when {ahead} < 0.15 then '特病'
                else '慢病' end as cert_type,
            fixed_inst, if({ahead} < 0.7, '医疗机构认定', '经办窗口') as source
        from first_use
    """
