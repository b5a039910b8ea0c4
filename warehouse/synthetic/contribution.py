"""Contributions (F03): employees month by month, residents once a year."""

from __future__ import annotations

import duckdb

from warehouse.synthetic import calibration as target
from warehouse.synthetic.feed_table import present
from warehouse.synthetic.geography import SLOTS
from warehouse.synthetic.plan import Period, Plan, month_index
from warehouse.synthetic.population import NEVER

EMPLOYEE_PART_OF_INCOME = 0.93
"""Contributions among the employee fund's income (assumed); the rest is interest and other income."""

PERSONAL_PART = 0.21
"""The employees' own part of their contributions, booked to their accounts (assumed)."""

RESIDENT_YUAN = (250, 280, 320, 350, 380, 400)
"""A resident's contribution for a year: 2022 is in the documents (320 yuan), the others are assumed."""


def prepare(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_contribution_rate``: fen per working employee and month; ``base_pay_month``: when residents pay."""
    rows = ", ".join(
        f"({(year - 2020) * 12 + month - 1}, {income!r})"
        for year in plan.years
        for month in range(1, 13)
        for income in [
            target.at_year(target.INCOME_100M["310"], year)
            * target.monthly_share("income", "310", month)
            * plan.share
            * 1e10
            * EMPLOYEE_PART_OF_INCOME
        ]
    )
    connection.execute(
        f"""
        create table base_contribution_rate as
        select m, income / count(*) as fen
        from (values {rows}) as path(m, income)
        join base_person as person on {_is_working("m")}
        group by m, income
        """
    )
    shares = [target.monthly_share("income", "390", month) for month in range(1, 13)]
    bounds = [round(SLOTS * sum(shares[:month])) for month in range(13)]
    parts = ", ".join(f"({month}, {bounds[month]}, {bounds[month + 1]})" for month in range(12))
    connection.execute(
        f"create table base_pay_month as select month, unnest(range(low, high)) as slot "
        f"from (values {parts}) as part(month, low, high)"
    )


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Fill ``contribution`` with the chunk's months and add them to ``base_income``."""
    present(connection, "contribution", _rows(plan, chunk), is_stored=not plan.has_monthly_files)
    connection.execute(
        """
        create table if not exists base_income
            (ym varchar, insutype varchar, county varchar, employer bigint, individual bigint);
        insert into base_income
        select cashym, insutype, insu_admdvs, cast(sum(cast(emp_clct_amt * 100 as bigint)) as bigint),
            cast(sum(cast(psn_clct_amt * 100 as bigint)) as bigint)
        from contribution group by cashym, insutype, insu_admdvs order by cashym, insutype, insu_admdvs
        """
    )


def _is_working(month: str) -> str:
    return (
        f"kind <> 'winter' and greatest(enter_m, employee_m) <= {month} and retire_m > {month} "
        f"and leave_m > {month} and coalesce(date_diff('month', date '2020-01-01', died), {NEVER}) > {month}"
    )


def _rows(plan: Plan, chunk: Period) -> str:
    u = plan.uniform
    months = f"base_month.m between {month_index(chunk.first)} and {month_index(chunk.last)}"
    standards = ", ".join(map(str, RESIDENT_YUAN))
    normal = f"(sqrt(-2 * ln(1 - {u('wage 1', 'pid')})) * cos(6.283185307179586 * {u('wage 2', 'pid')}))"
    moved = "if(move_m <= m and move_m > {}, 1, 0)"
    return f"""
        with paid as (
            select pid, psn_no, m, month, '310' as insutype, is_civil, is_flexible, birth,
                if(move_m <= m, county_next, county) as county,
                3 + {moved.format("greatest(enter_m, employee_m)")} as part,
                cast(round(rate.fen * exp(0.4 * least({normal}, 3.0) - 0.08)) as bigint) as fen
            from base_person
            join base_month on {months}
            join base_contribution_rate as rate using (m)
            where {_is_working("m")}
            union all
            select pid, psn_no, m, base_month.month, '390', false, false, birth,
                if(move_m <= m, county_next, county), 1 + {moved.format("enter_m")},
                [{standards}][year - 2019] * 100
            from base_person
            join base_month on {months}
            join base_pay_month as pay
                on pay.slot = cast(floor({u("pay month", "pid * 100 + year")} * {SLOTS}) as integer)
                and pay.month + 1 = month(base_month.month)
            where kind <> 'winter' and enter_m <= m and employee_m > m and leave_m > m
                and coalesce(date_diff('month', date '2020-01-01', died), {NEVER}) > m
        ),
        split as (
            select *, if(insutype = '310' and not is_flexible, fen - cast(floor(fen * {PERSONAL_PART}) as bigint), 0)
                as employer,
                month + cast(floor({u("pay day", "pid * 100 + m")} * 25) as integer) as day,
                date_diff('year', birth, month) as age
            from paid
        )
        select '47' || strftime(month, '%Y%m') || lpad(cast(pid as varchar), 10, '0') || insutype as clct_detl_id,
            psn_no, '46' || lpad(cast(pid as varchar), 10, '0') || cast(part as varchar) as psn_insu_rlts_id,
            if(insutype = '310' and not is_flexible, 'E' || county || lpad(cast(pid % 4000 as varchar), 5, '0'), null)
                as emp_no,
            insutype,
            case when insutype = '310' then case when is_civil then '1102' when is_flexible then '1103' else '1101' end
                when age < 1 then '1401' when age < 6 then '1402' when age < 18 then '1403' when age < 60 then '1501'
                else '16' end as psn_type,
            if(insutype = '310', strftime(month, '%Y%m'), strftime(month, '%Y') || '01') as accrym_begn,
            if(insutype = '310', strftime(month, '%Y%m'), strftime(month, '%Y') || '12') as accrym_end,
            strftime(month, '%Y%m') as cashym, day + time '10:00:00' as clct_time, '10' as clct_type,
            '1' as clct_flag, 'Z' as revs_flag, cast(employer / 100 as decimal(16, 2)) as emp_clct_amt,
            cast((fen - employer) / 100 as decimal(16, 2)) as psn_clct_amt,
            if(insutype = '310', cast((fen - employer) / 100 as decimal(16, 2)), null) as psn_clct_into_acct_amt,
            0 as finsubs_amt, 0 as oth_clct_amt, cast(fen / 100 as decimal(16, 2)) as clct_sumamt,
            '02' as clct_way, day + 2 as arvl_date, '460000' as poolarea_no, county as insu_admdvs,
            day + time '10:00:00' as crte_time, day + time '10:00:00' as updt_time
        from split
    """
