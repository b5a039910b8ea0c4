"""Persons with their lives: birth, county, scheme, moves, retirement, death; and feed F01.

Time runs in months since January 2020 (``plan.month_index``); ``…_m`` columns hold such an index, the
first month in which the new state counts. ``NEVER`` stands where an event does not happen. The
population is the same for every choice of months, so a shorter run is a cut of a longer one.
"""

from __future__ import annotations

import duckdb

from warehouse.synthetic import calibration
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.geography import HAIKOU, PROVINCE, slot
from warehouse.synthetic.plan import Plan

NEVER = 9_999
LONG_AGO = -120
SPAN = 72
# Gompertz mortality: hazard a year at age 0 and its growth a year (assumed; 3.7 % a year at 65 and over)
DEATHS_AT_BIRTH, DEATHS_GROWTH = 2.6e-5, 0.095
DEATH_REPORT_DAYS = 60
REGION_PREFIX = "999999"
"""First six digits of identity numbers: no such region exists, so no real person can be met."""

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_person`` (one row a person, numbered by ``pid``) and the feed ``person``."""
    groups = ", ".join(
        f"({first}, {years}, {share}, {employed})" for first, years, share, employed in calibration.AGE_GROUPS
    )
    connection.execute(
        f"""
        create table base_age_group as
        select *, sum(share) over (order by first_age) - share as low, sum(share) over (order by first_age) as high
        from (values {groups}) as age_group(first_age, years, share, employed)
        """
    )
    connection.execute(f"create table base_life as {_lives(plan)}")
    connection.execute(f"create table base_person as {_identified(_persons(plan))}")
    connection.execute("drop table base_life")
    connection.execute(f"create temp table version as {_versions(plan)}")
    for table, which in (("person", "is_last"), ("base_person_version", "not is_last")):
        insert(
            connection,
            "person",
            f"select * exclude (pid, is_last) from version where {which} order by pid",
            table,
        )
    connection.execute("drop table version")


def _lives(plan: Plan) -> str:
    """Who there is: the population of 2020, then newborn, arrivals and winter residents."""
    initial = round(plan.persons * calibration.START_SHARE)
    births = round(plan.persons * calibration.BIRTHS_A_YEAR * SPAN / 12)
    arrivals = round(plan.persons * calibration.ARRIVALS_A_YEAR * SPAN / 12)
    winter = round(plan.persons * calibration.WINTER_SHARE)
    u = plan.uniform
    return f"""
        with numbered as (
            select pid,
                case when pid <= {initial} then 'initial' when pid <= {initial + births} then 'birth'
                    when pid <= {initial + births + arrivals} then 'arrival' else 'winter' end as kind,
                {plan.even(0, "pid")} as u_age, {u("age within", "pid")} as u_within,
                {plan.even(1, "pid")} < {calibration.MALE_SHARE} as is_male
            from range(1, {initial + births + arrivals + winter + 1}) as person(pid)
        ),
        aged as (
            select numbered.*, age_group.employed,
                case kind
                    when 'initial' then age_group.first_age + age_group.years * u_within
                    when 'arrival' then 20 + 30 * u_within * u_age
                    when 'winter' then 55 + 28 * u_within
                end as age
            from numbered
            join base_age_group as age_group on u_age >= age_group.low
                and (u_age < age_group.high or age_group.first_age = 85)
        ),
        dated as (
            select *,
                case kind when 'birth' then floor((pid - {initial} - 1) * {SPAN}.0 / {max(births, 1)})
                    when 'arrival' then floor((pid - {initial + births} - 1) * {SPAN}.0 / {max(arrivals, 1)})
                end as come_m
            from aged
        )
        select pid, kind, is_male, employed,
            case kind
                when 'birth' then (date '2020-01-01' + to_months(cast(come_m as integer)))::date
                    + cast(floor(u_within * 28) as integer)
                else date '2020-01-01' - cast(floor(age * 365.25) as integer) - 1
            end::date as birth,
            cast(case kind when 'birth' then come_m + 1 when 'arrival' then come_m
                else greatest({LONG_AGO}, -floor(age * 12) + 1) end as integer) as enter_m
        from dated
    """


def _persons(plan: Plan) -> str:
    u = plan.uniform
    growth, level = DEATHS_GROWTH, DEATHS_AT_BIRTH
    return f"""
        with timed as (
            select *, (date '2020-01-01' - birth) / 365.25 as age_2020,
                cast(date_diff('month', date '2020-01-01', birth) as integer) as birth_m,
                birth_m + 12 * if(is_male, 60, if({u("retire", "pid")} < 0.6, 50, 55)) + 1 as retire_m
            from base_life
        ),
        worked as (
            select *,
                case kind when 'initial' then {plan.even(2, "pid")} < employed
                    when 'arrival' then {plan.even(2, "pid")} < 0.5 else false end as is_employee,
                cast(floor({u("switch", "pid")} * {SPAN} / {calibration.SWITCHES_BY_2025}) as integer) as switched,
                cast(floor({u("leave", "pid")} * 12 / {calibration.DEPARTURES_A_YEAR}) as integer) as left_m,
                date '2020-01-01' + cast(floor(365.25 * ln(
                    1 - {growth} * ln(1 - {u("death", "pid")}) / ({level} * exp({growth} * greatest(age_2020, 0)))
                ) / {growth}) as integer) as died
            from timed
        ),
        placed as (
            select worked.*,
                case when is_employee and kind = 'initial' then greatest(enter_m, least(0, birth_m + {12 * 20}))
                    when is_employee then enter_m
                    when kind in ('initial', 'arrival') and age_2020 between 17 and 40 and switched < {SPAN}
                        and switched > enter_m then switched
                    else {NEVER} end as employee_m,
                cast(floor({u("move", "pid")} * 12 / 0.012) as integer) as moved
            from worked
        )
        select
            placed.pid, '4699' || lpad(cast(pid as varchar), 10, '0') as psn_no, kind, is_male, birth,
            enter_m, employee_m, if(employee_m = {NEVER}, {NEVER}, greatest(retire_m, employee_m)) as retire_m,
            if(kind in ('initial', 'arrival') and left_m between 1 and {SPAN - 1} and left_m > enter_m
                and employee_m = {NEVER}, left_m, {NEVER}) as leave_m,
            if(greatest(died, birth + 30) < date '2026-01-01', greatest(died, birth + 30), null)::date as died,
            if(kind in ('initial', 'arrival') and moved between 1 and {SPAN - 1} and moved > enter_m,
                moved, {NEVER}) as move_m,
            case when kind = 'winter' then winter.value
                when employee_m between 1 and {SPAN} and employee.value = '{PROVINCE}'
                then '{HAIKOU}' when employee_m < {NEVER} then employee.value else resident.value end as county,
            case when employee_m between 1 and {SPAN} and employee_next.value = '{PROVINCE}' then '{HAIKOU}'
                when employee_m < {NEVER} then employee_next.value else resident_next.value end as county_next,
            if(kind = 'winter', home.value, null) as home_province,
            least(-ln(1 - {u("frailty", "pid")}), 6.0) as frailty,
            employee_m < {NEVER} and {u("civil", "pid")} < 0.16 as is_civil,
            employee_m < {NEVER} and {u("civil", "pid")} > 0.86 as is_flexible,
            {u("roster", "pid")} as roster_draw,
            {u("ecertificate", "pid")} as ecertificate_draw,
            {u("duplicate", "pid")} < 0.012 and employee_m between 1 and {SPAN} as is_double
        from placed
        {_slots(plan, "resident", "resident_county", "county")}
        {_slots(plan, "employee", "employee_county", "county")}
        {_slots(plan, "resident_next", "resident_county", "next county")}
        {_slots(plan, "employee_next", "employee_county", "next county")}
        {_slots(plan, "winter", "winter_county", "county")}
        {_slots(plan, "home", "home_province", "home")}
    """


def _identified(persons: str) -> str:
    """Persons with an identity number: serial within birth date and sex, and the check digit."""
    day = "(cast(strftime(birth, '%Y%m%d') as bigint) * 1000 + serial)"
    total = " + ".join(
        f"{day} // {10 ** (10 - place)} % 10 * {weight}" for place, weight in enumerate(ID_WEIGHTS[6:])
    )
    fixed = sum(9 * weight for weight in ID_WEIGHTS[:6])
    return f"""
        with known as (
            select *,
                2 * (row_number() over (partition by birth, is_male order by pid) - 1) + if(is_male, 1, 0) as serial
            from ({persons})
        )
        select * exclude (serial),
            '{REGION_PREFIX}' || strftime(birth, '%Y%m%d') || lpad(cast(serial as varchar), 3, '0')
                || substr('10X98765432', cast(({fixed} + {total}) % 11 + 1 as integer), 1) as certno
        from known order by pid
    """


def _slots(plan: Plan, alias: str, kind: str, purpose: str) -> str:
    draw = slot(plan.even(3, "placed.pid") if purpose == "county" else plan.uniform(purpose, "placed.pid"))
    return f"join base_slot as {alias} on {alias}.purpose = '{kind}' and {alias}.slot = {draw}"


def _versions(plan: Plan) -> str:
    """Each state of a person the platform sent: on entry, with the e-certificate, after death."""
    return f"""
        with event as (
            select *, timestamp '2020-01-01 09:00:00' + to_months(greatest(enter_m, -24)) as updt_time, false as dead
            from base_person
            where date '2020-01-01' + to_months(enter_m) <= date '{plan.last}'
            union all
            select *, died + {DEATH_REPORT_DAYS} + time '09:00:00', true
            from base_person where died + {DEATH_REPORT_DAYS} <= date '{plan.last}'
        )
        select pid, psn_no, '参保人' || lpad(cast(pid as varchar), 8, '0') as psn_name, '01' as psn_cert_type,
            certno, if(is_male, '1', '2') as gend,
            case when {plan.uniform("ethnic group", "pid")} < 0.82 then '01'
                when {plan.uniform("ethnic group", "pid")} < 0.975 then '19' else '03' end as naty,
            birth as brdy, if(dead, '2', '1') as surv_stas,
            coalesce(home_province, if(county = '460000', '460100', county)) as resd_loc_admdvs,
            if(county = '460000', '460100', county) as live_admdvs,
            '1' as vali_flag, updt_time,
            dead or died is null or died + {DEATH_REPORT_DAYS} > date '{plan.last}' as is_last
        from event
    """
