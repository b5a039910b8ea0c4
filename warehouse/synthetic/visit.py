"""Visits of a chunk with all their amounts in fen: what settlements, fund lines and fees are made from."""

from __future__ import annotations

import duckdb

from warehouse.feeds.rules import listed
from warehouse.synthetic import calibration as target
from warehouse.synthetic import payment
from warehouse.synthetic.anomaly import PRICE_JUMP, UNDER_REPORTING
from warehouse.synthetic.geography import HAIKOU, PROVINCE, SANYA, slot
from warehouse.synthetic.institution import TERTIARY, picks
from warehouse.synthetic.plan import Period, Plan, month_index
from warehouse.synthetic.population import NEVER
from warehouse.synthetic.use import band, class_mix, thresholds

VISITS_A_MONTH = 15
SPREAD = {"11": 0.75, "14": 0.6, "41": 0.6, "21": 0.75}
"""Standard deviation of the logarithm of costs (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """``base_visit``: one row a visit, stay or purchase of the chunk's months."""
    paid = payment.paid(plan, _priced(plan, _placed(plan, chunk)))
    connection.execute(f"create or replace table base_visit as {paid} order by m, vid")
    connection.execute(payment.split_stays(plan))


def _placed(plan: Plan, chunk: Period) -> str:
    """Each visit with its institution: persons by month, times their visits."""
    u = plan.uniform
    months = f"m between {month_index(chunk.first)} and {month_index(chunk.last)}"
    age = "date_diff('year', birth, month)"
    counts = ", ".join(
        f"least(cast(floor({name} * {frailty} + {u(name, 'pid * 100 + m')}) as integer), {VISITS_A_MONTH}) as n_{name}"
        for name, frailty in (
            ("outpatient", "frailty"),
            ("chronic", "frailty"),
            ("pharmacy", "frailty"),
            ("stay", "(0.5 + 0.5 * frailty)"),
        )
    )
    kinds = ", ".join(
        f"range({number * 64}, {number * 64} + n_{name})"
        for number, name in enumerate(("outpatient", "chronic", "pharmacy", "stay"))
    )
    return f"""
        with insured as (
            select pid, m, month, year, days, if(employee_m <= m, '310', '390') as insutype, frailty, birth, is_male,
                is_civil, is_flexible, retire_m <= m as is_retired, certno, roster_draw, ecertificate_draw,
                home_province, {band(age)} as band, if(move_m <= m, county_next, county) as county,
                if(employee_m <= m, 3, 1) + if(move_m <= m
                    and move_m > if(employee_m <= m, greatest(enter_m, employee_m), enter_m), 1, 0) as relation_part
            from base_person cross join base_month
            where {months} and kind <> 'winter' and least(enter_m, employee_m) <= m and leave_m > m
                and coalesce(date_diff('month', date '2020-01-01', died), {NEVER}) > m
        ),
        counted as (
            select insured.*, {counts} from insured join base_use using (m, insutype, band)
            union all
            select pid, m, month, year, days, if({u("winter scheme", "pid")} < 0.6, '310', '390'), frailty, birth,
                is_male, false, false, birth < date '1963-01-01', certno, 1.0, ecertificate_draw, home_province, 3,
                county, 0, cast(floor(0.35 * frailty + {u("winter visit", "pid * 100 + m")}) as integer), 0, 0,
                cast(floor(0.012 * frailty + {u("winter stay", "pid * 100 + m")}) as integer)
            from base_person cross join base_month
            where {months} and kind = 'winter' and month(month) in (11, 12, 1, 2, 3)
                and (died is null or died > last_day(month))
        ),
        visit as (
            select * exclude (n_outpatient, n_chronic, n_pharmacy, n_stay),
                unnest(flatten([{kinds}])) as number
            from counted where n_outpatient + n_chronic + n_pharmacy + n_stay > 0
        ),
        drawn as (
            select *, pid * 20000 + m * 256 + number as vid,
                case number // 64 when 0 then '11' when 1 then '14' when 2 then '41' else '21' end as kind
            from visit
        ),
        classed as (
            select drawn.*, {_class(plan)} as class,
                {u("travel", "vid")} as u_travel
            from drawn
        ),
        aimed as (
            select classed.*,
                case
                    when class = 'X' then referral.value
                    when class in ('3', '2') and u_travel < 0.06 and home_province is null then '{HAIKOU}'
                    when class = '3' and county not in {listed((*TERTIARY, PROVINCE))}
                        then if({u("tertiary", "vid")} < 0.7, '{HAIKOU}', '{SANYA}')
                    else county
                end as aim
            from classed
            join base_slot as referral on referral.purpose = 'referral_province'
                and referral.slot = {slot(u("referral", "vid"))}
        )
        select aimed.*, pick.code, pick.region, pick.name, pick.hosp_lv, pick.renamed_on, pick.suspend_from,
            pick.suspend_to, pick.opened
        from aimed
        join base_pick as pick on pick.county = aimed.aim and pick.class = aimed.class
            and pick.slot = cast(floor({u("pick", "vid")} * {picks(plan)}) as integer)
    """


def _class(plan: Plan) -> str:
    """SQL for the class of institution a visit goes to."""
    draw = plan.uniform("class", "vid")
    cases = ["when kind = '41' then 'P'"]
    for scheme in target.SCHEMES:
        outside = plan.uniform("outside", "vid")
        cases.append(
            f"when kind = '21' and insutype = '{scheme}' and home_province is null "
            f"and {outside} < {target.CROSS_PROVINCE_STAYS[scheme]} then 'X'"
        )
        for med_type in ("21", "14"):
            cases.append(
                f"when kind = '{med_type}' and insutype = '{scheme}' then "
                f"{thresholds(draw, class_mix(scheme, med_type, 2020))}"
            )
    cases.append(f"when insutype = '310' then {thresholds(draw, class_mix('310', '11', 2020))}")
    cases.append(f"when year < 2023 then {thresholds(draw, class_mix('390', '11', 2020))}")
    cases.append(f"else {thresholds(draw, class_mix('390', '11', 2023))}")
    return f"case {' '.join(cases)} end"


def _priced(plan: Plan, placed: str) -> str:
    """Visits with dates and total fee; those in a suspension or before opening do not take place."""
    u = plan.uniform
    normal = f"(sqrt(-2 * ln(1 - {u('cost 1', 'vid')})) * cos(6.283185307179586 * {u('cost 2', 'vid')}))"
    spread = "case kind " + " ".join(f"when '{kind}' then {value}" for kind, value in SPREAD.items()) + " end"
    price = (
        f"if(code = '{PRICE_JUMP.institution}' and month >= {PRICE_JUMP.since(plan)}, {PRICE_JUMP.factor}, 1)"
    )
    under = UNDER_REPORTING
    return f"""
        with placed as ({placed}),
        timed as (
            select *, month + cast(floor({u("day", "vid")} * days) as integer) as setl_day,
                cast(28800 + floor({u("second", "vid")} * 36000) as integer) as seconds,
                least({normal}, 3.2) as z, cast({spread} as double) as spread
            from placed
        )
        select timed.* exclude (z, spread, days, opened, suspend_from, suspend_to, aim, u_travel, band),
            cost.within, cost.ratio,
            greatest(1, cast(round(cost.stay_days * (0.4 + 1.2 * {u("days", "vid")})) as integer)) as stay_days,
            greatest(300, cast(round(cost.mean_yuan * 100 * {price} * exp(spread * z - spread * spread / 2))
                as bigint)) as fee
        from timed
        join base_cost as cost on cost.year = timed.year and cost.insutype = timed.insutype
            and cost.med_type = timed.kind and cost.class = timed.class
        where setl_day >= opened and (suspend_from is null or setl_day not between suspend_from and suspend_to)
            and not (county = '{under.county}' and home_province is null and month between {under.first(plan)}
                and {under.last(plan)} and {u("under-reporting", "vid")} < {under.share})
    """
