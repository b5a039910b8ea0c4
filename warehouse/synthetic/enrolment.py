"""Enrolment relations of all persons (F02): resident, employee, moves, double enrolment, deaths."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.geography import HAIKOU, PROVINCE
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.population import DEATH_REPORT_DAYS, NEVER

DOUBLE_MONTHS = 4
"""How long a double enrolment lasts: the resident relation ends so much after the employee one began."""

DAY = "cast(date '2020-01-01' + to_months({}) as date)"


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_relation`` (months ``begin_m`` to ``end_m`` exclusive) and the feed ``enrolment``."""
    connection.execute(f"create table base_relation as {_relations()}")
    connection.execute(f"create temp table version as {_versions(plan)}")
    for table, which in (("enrolment", "is_last"), ("base_enrolment_version", "not is_last")):
        query = f"select * exclude (is_last) from version where {which} order by psn_insu_rlts_id, updt_time"
        insert(connection, "enrolment", query, table)
    connection.execute("drop table version")


def _relations() -> str:
    """One row a relation; a move to another county ends one and begins the next."""
    return f"""
        with scheme as (
            select *, '390' as insutype, 1 as part, enter_m as begin_m,
                least(leave_m, employee_m + if(is_double, {DOUBLE_MONTHS}, 0)) as end_m
            from base_person where kind <> 'winter' and enter_m < employee_m
            union all
            select *, '310', 3, greatest(enter_m, employee_m), leave_m
            from base_person where kind <> 'winter' and employee_m < {NEVER}
        ),
        alive as (
            select * exclude (end_m), least(end_m,
                coalesce(date_diff('month', date '2020-01-01', died), {NEVER})) as end_m
            from scheme
        ),
        split as (
            select * exclude (end_m), least(end_m, move_m) as end_m, county as insu_admdvs from alive
            where move_m > begin_m
            union all
            select * exclude (begin_m, part, end_m), part + 1, move_m, end_m, county_next from alive
            where move_m > begin_m and move_m < end_m
            union all
            select * exclude (end_m), end_m, county_next from alive where move_m <= begin_m
        )
        select '46' || lpad(cast(pid as varchar), 10, '0') || cast(part as varchar) as psn_insu_rlts_id,
            pid, psn_no, birth, insutype,
            if(insutype = '390' and insu_admdvs = '{PROVINCE}', '{HAIKOU}', insu_admdvs) as insu_admdvs,
            begin_m, cast(end_m as integer) as end_m,
            if(insutype = '310' and retire_m < end_m, greatest(retire_m, begin_m), {NEVER}) as retire_m,
            died is not null and end_m = date_diff('month', date '2020-01-01', died) as is_by_death, died,
            is_civil and insutype = '310' as is_civil, is_flexible and insutype = '310' as is_flexible,
            cast(pid % 4000 as integer) as employer_no
        from split
        where begin_m < end_m
        order by pid, part
    """


def _versions(plan: Plan) -> str:
    """Each state of a relation the platform sent: begun, retired, ended."""
    begun = DAY.format("begin_m")
    ended = f"cast(if(is_by_death, died, {DAY.format('end_m')}) as date)"
    age = "date_diff('year', birth, cast(updt_time as date))"
    return f"""
        with event as (
            select *, greatest({begun}, date '2018-01-01') + time '09:00:00' as updt_time,
                retire_m <= begin_m or {DAY.format("retire_m")} < date '2018-01-02' as is_retired,
                end_m < {NEVER} and {ended} < date '2018-01-02' as is_ended
            from base_relation
            union all
            select *, {DAY.format("retire_m")} + time '09:10:00', true, false from base_relation
            where retire_m > begin_m and retire_m < {NEVER} and {DAY.format("retire_m")} >= date '2018-01-02'
            union all
            select *, {ended} + if(is_by_death, {DEATH_REPORT_DAYS}, 0) + time '09:20:00',
                retire_m < {NEVER}, true
            from base_relation where end_m < {NEVER}
        ),
        known as (
            select *, lead(updt_time) over (partition by psn_insu_rlts_id order by updt_time) is null as is_last
            from event
            where updt_time < timestamp '{plan.last} 23:59:59'
                and (not is_ended or updt_time >= greatest({begun}, date '2018-01-01') + time '09:15:00')
        )
        select psn_insu_rlts_id, psn_no, insutype,
            case
                when insutype = '310' and is_retired
                    then case when is_civil then '1202' when is_flexible then '1203' else '1201' end
                when insutype = '310' then case when is_civil then '1102' when is_flexible then '1103' else '1101' end
                when {age} < 1 then '1401' when {age} < 6 then '1402' when {age} < 18 then '1403'
                when {age} < 60 then '1501' else '16'
            end as psn_type,
            if(is_ended, '4', '1') as psn_insu_stas, if(is_retired, '1', '0') as insutype_retr_flag,
            {begun} as crt_insu_date, {begun} as psn_insu_date,
            if(is_ended, {ended}, null) as paus_insu_date, strftime({begun}, '%Y%m') as fst_insu_ym,
            strftime(updt_time, '%Y%m') as max_acctprd,
            if(insutype = '310' and not is_flexible, 'E' || insu_admdvs || lpad(cast(employer_no as varchar), 5, '0'),
                null) as emp_no,
            if(is_flexible, '1', '0') as flxempe_flag, if(is_civil, '1', '0') as cvlserv_flag,
            if(insutype = '310', '1', null) as hi_type, insu_admdvs, '460000' as poolarea_no, updt_time, is_last
        from known
    """
