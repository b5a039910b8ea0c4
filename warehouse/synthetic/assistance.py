"""Rosters of assisted persons, month by month (F21)."""

from __future__ import annotations

import duckdb

from warehouse.synthetic import calibration as target
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Period, Plan, month_index
from warehouse.synthetic.population import NEVER

GROUPS = (
    ("脱贫人口", 0.46, "乡村振兴部门"),
    ("低保", 0.27, "民政部门"),
    ("特困", 0.05, "民政部门"),
    ("低保边缘", 0.06, "民政部门"),
    ("重残", 0.06, "残联"),
    ("优抚", 0.04, "退役军人事务部门"),
    ("脱贫不稳定", 0.03, "乡村振兴部门"),
    ("边缘易致贫", 0.02, "乡村振兴部门"),
    ("突发严重困难", 0.01, "乡村振兴部门"),
)
"""Category, share of the rostered, department (shares assumed; the total is published)."""

SECOND_GROUP_SHARE = 0.05
"""Rostered persons who are also listed as severely disabled (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Fill ``assisted_roster`` with the rosters of the chunk's months."""
    connection.execute("drop table if exists assisted_roster")
    insert(connection, "assisted_roster", _rows(plan, chunk))
    connection.execute(
        """
        create table if not exists base_rostered (ym varchar, persons bigint);
        insert into base_rostered select ym, count(distinct certno) from assisted_roster group by ym
        """
    )


def _rows(plan: Plan, chunk: Period) -> str:
    bounds = [sum(share for _, share, _ in GROUPS[:end]) for end in range(len(GROUPS) + 1)]
    groups = ", ".join(
        f"('{name}', '{department}', {low}, {high})"
        for (name, _, department), low, high in zip(GROUPS, bounds[:-1], (*bounds[1:-1], 1.0), strict=True)
    )
    rostered = target.ROSTERED_SHARE / (1 - target.EMPLOYEE_SHARE[0])
    return f"""
        with listed as (
            select pid, certno, month, {plan.uniform("group", "pid")} as draw,
                {plan.uniform("second group", "pid")} < {SECOND_GROUP_SHARE} as is_double,
                if(move_m <= m, county_next, county) as county
            from base_person
            join base_month on m between {month_index(chunk.first)} and {month_index(chunk.last)}
            where kind <> 'winter' and roster_draw < {rostered} and enter_m <= m and employee_m > m and leave_m > m
                and coalesce(date_diff('month', date '2020-01-01', died), {NEVER}) > m
        ),
        grouped as (
            select pid, certno, month, county, is_double, grp.name as grp, grp.department
            from listed join (values {groups}) as grp(name, department, low, high)
                on draw >= grp.low and draw < grp.high
        )
        select certno, '参保人' || lpad(cast(pid as varchar), 8, '0') as name, county as admdvs, grp,
            strftime(month, '%Y%m') as ym, date '2019-01-01' as begin_date,
            'HH' || lpad(cast(pid // 3 as varchar), 9, '0') as household_id, department as source_dept
        from grouped
        union all
        select certno, '参保人' || lpad(cast(pid as varchar), 8, '0'), county, '重残', strftime(month, '%Y%m'),
            date '2019-01-01', 'HH' || lpad(cast(pid // 3 as varchar), 9, '0'), '残联'
        from grouped where is_double and grp <> '重残'
    """
