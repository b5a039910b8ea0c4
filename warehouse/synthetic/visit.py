"""Visits of a chunk with all their amounts in fen: what settlements, fund lines and fees are made from."""

from __future__ import annotations

import duckdb

from warehouse.feeds.rules import listed
from warehouse.synthetic import calibration as target
from warehouse.synthetic.anomaly import (
    FIRST_HALF_DAYS,
    PRICE_JUMP,
    RARE_DISEASE,
    SPLIT_STAYS,
    UNDER_REPORTING,
)
from warehouse.synthetic.geography import HAIKOU, PROVINCE, SANYA, slot
from warehouse.synthetic.institution import TERTIARY, picks
from warehouse.synthetic.plan import Period, Plan, month_index
from warehouse.synthetic.population import NEVER
from warehouse.synthetic.use import band, class_mix
from warehouse.synthetic.yearly_path import (
    CROSS_PROVINCE_DIRECT_SHARE,
    ECERTIFICATE_SHARE,
    between_years,
    by_year,
)

VISITS_A_MONTH = 15
SPREAD = {"11": 0.75, "14": 0.6, "41": 0.6, "21": 0.75}
"""Standard deviation of the logarithm of costs (assumed)."""

LARGE_SUM_FROM_YUAN, SERIOUS_FROM_YUAN, SERIOUS_PART = 80_000, 15_000, 0.5
"""Payments above which the large-sum subsidy and critical-illness insurance take over (assumed)."""

DISEASES = {
    "14": (("I10", "高血压", 0.42), ("E11", "2型糖尿病", 0.28), ("I25", "慢性缺血性心脏病", 0.12),
           ("N18", "慢性肾脏病", 0.10), ("C34", "支气管和肺恶性肿瘤", 0.08)),
    "21": (("J18", "肺炎", 0.18), ("I63", "脑梗死", 0.14), ("I25", "慢性缺血性心脏病", 0.13), ("J44", "慢性阻塞性肺病", 0.10),
           ("K29", "胃炎和十二指肠炎", 0.10), ("M51", "椎间盘疾患", 0.10), ("E11", "2型糖尿病", 0.09), ("S72", "股骨骨折", 0.06),
           ("C34", "支气管和肺恶性肿瘤", 0.06), ("H25", "老年性白内障", 0.04)),
}
"""Diseases by kind of care: ICD-10 category, name, share (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """``base_visit``: one row a visit, stay or purchase of the chunk's months."""
    paid = _paid(plan, _priced(plan, _placed(plan, chunk)))
    connection.execute(f"create or replace table base_visit as {paid} order by m, vid")
    connection.execute(_split_stays())


def _placed(plan: Plan, chunk: Period) -> str:
    """Each visit with its institution: persons by month, times their visits."""
    u = plan.uniform
    months = f"m between {month_index(chunk.first)} and {month_index(chunk.last)}"
    age = "date_diff('year', birth, month)"
    counts = ", ".join(
        f"least(cast(floor({name} * {frailty} + {u(name, 'pid * 100 + m')}) as integer), {VISITS_A_MONTH}) as n_{name}"
        for name, frailty in (("outpatient", "frailty"), ("chronic", "frailty"), ("pharmacy", "frailty"),
                              ("stay", "(0.5 + 0.5 * frailty)"))
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
                if(employee_m <= m, 3, 1) + if(move_m <= m and move_m > if(employee_m <= m, greatest(enter_m, employee_m),
                    enter_m), 1, 0) as relation_part
            from base_person cross join base_month
            where {months} and kind <> 'winter' and least(enter_m, employee_m) <= m and leave_m > m
                and coalesce(date_diff('month', date '2020-01-01', died), {NEVER}) > m
        ),
        counted as (
            select insured.*, {counts} from insured join base_use using (m, insutype, band)
            union all
            select pid, m, month, year, days, if({u("winter scheme", "pid")} < 0.6, '310', '390'), frailty, birth,
                is_male, false, false, birth < date '1963-01-01', certno, 1.0, ecertificate_draw, home_province, 3, county,
                0, cast(floor(0.35 * frailty + {u("winter visit", "pid * 100 + m")}) as integer), 0, 0,
                cast(floor(0.012 * frailty + {u("winter stay", "pid * 100 + m")}) as integer)
            from base_person cross join base_month
            where {months} and kind = 'winter' and month(month) in (11, 12, 1, 2, 3) and (died is null or died > last_day(month))
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
                f"{_thresholds(draw, class_mix(scheme, med_type, 2020))}"
            )
    cases.append(f"when insutype = '310' then {_thresholds(draw, class_mix('310', '11', 2020))}")
    cases.append(f"when year < 2023 then {_thresholds(draw, class_mix('390', '11', 2020))}")
    cases.append(f"else {_thresholds(draw, class_mix('390', '11', 2023))}")
    return f"case {' '.join(cases)} end"


def _thresholds(draw: str, mix: dict[str, float]) -> str:
    passed, cases = 0.0, []
    for level, share in list(mix.items())[:-1]:
        passed += share
        cases.append(f"when {draw} < {passed:.6f} then '{level}'")
    return f"case {' '.join(cases)} else '{list(mix)[-1]}' end"


def _priced(plan: Plan, placed: str) -> str:
    """Visits with dates and total fee; those in a suspension or before opening do not take place."""
    u = plan.uniform
    normal = f"(sqrt(-2 * ln(1 - {u('cost 1', 'vid')})) * cos(6.283185307179586 * {u('cost 2', 'vid')}))"
    spread = "case kind " + " ".join(f"when '{kind}' then {value}" for kind, value in SPREAD.items()) + " end"
    price = f"if(code = '{PRICE_JUMP.institution}' and month >= {PRICE_JUMP.since(plan)}, {PRICE_JUMP.factor}, 1)"
    under = UNDER_REPORTING
    return f"""
        with placed as ({placed}),
        timed as (
            select *, month + cast(floor({u("day", "vid")} * days) as integer) as setl_day,
                cast(28800 + floor({u("second", "vid")} * 36000) as integer) as seconds,
                least({normal}, 3.2) as z, {spread} as spread
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


def _paid(plan: Plan, priced: str) -> str:
    """Who pays what, in fen; parts add up by construction."""
    u = plan.uniform
    direct = by_year("year", CROSS_PROVINCE_DIRECT_SHARE)
    rostered = target.ROSTERED_SHARE / (1 - target.EMPLOYEE_SHARE[0])
    return f"""
        with priced as ({priced}),
        parted as (
            select *, home_province is not null as is_guest,
                floor(fee * (1 - within) * {1.1} * {u("policy", "vid")}) as own_fee,
                floor(fee * (1 - within) * {0.2} * {u("policy", "vid")}) as over_fee,
                floor(fee * (1 - within) * {0.7} * {u("policy", "vid")}) as pre_fee,
                insutype = '390' and roster_draw < {rostered} as is_rostered,
                class = 'X' and {u("direct", "vid")} >= {direct} as is_manual,
                kind = '21' and not is_male and date_diff('year', birth, month) between 20 and 40
                    and {u("maternity", "vid")} < 0.3 as is_maternity,
                {u("refund", "vid")} < {target.REFUND_SHARE} as is_refunded
            from priced
        ),
        scoped as (
            select *, fee - own_fee - over_fee - pre_fee as scope,
                floor((fee - own_fee - over_fee - pre_fee)
                    * if(ratio = 0, 0, ratio + ({u("ratio", "vid")} - 0.5) * 0.1)) as basic
            from parted
        ),
        layered as (
            select *,
                if(insutype = '310', greatest(basic - {LARGE_SUM_FROM_YUAN * 100}, 0), 0) as large,
                if(insutype = '390', floor(greatest(basic - {SERIOUS_FROM_YUAN * 100}, 0) * {SERIOUS_PART}), 0)
                    as serious,
                if(is_civil and kind <> '41' and not is_guest and insutype = '310', floor((scope - basic) * 0.35), 0)
                    as civil,
                if(is_rostered and kind in ('14', '21') and not is_guest, floor((scope - basic) * 0.5), 0) as assist
            from scoped
        ),
        borne as (
            select *, fee - basic - civil - assist as rest,
                if(kind = '21' and not is_manual and {u("hospital part", "vid")} < 0.02,
                    floor((fee - basic - civil - assist) * 0.1), 0) as hospital
            from layered
        ),
        settled as (
            select *, rest - hospital as person,
                case when insutype <> '310' or is_guest or is_manual then 0
                    when kind = '41' then floor((rest - hospital) * if({u("account", "vid")} < 0.93, 1, 0.3))
                    else floor((rest - hospital) * if({u("account", "vid")} < 0.8, 0.75, 0)) end as account,
                if(insutype = '390' and kind = '11' and year >= 2022 and {u("shared account", "vid")} < 0.05,
                    floor((rest - hospital) * 0.5), 0) as shared
            from borne
        )
        select vid, pid, m, month, year, insutype, county, birth, is_male, is_civil and insutype = '310' as is_civil,
            is_flexible and insutype = '310' as is_flexible, is_retired and insutype = '310' as is_retired,
            is_rostered, is_guest, is_manual, home_province, certno, kind, class, is_maternity,
            if(is_maternity, '52', kind) as med_type, code, region, name || if(setl_day >= renamed_on, '(新名)', '') as name,
            hosp_lv, setl_day, seconds, stay_days,
            setl_day - if(is_manual, 90 + cast(floor({u("delay", "vid")} * 200) as integer), 0) as end_day,
            ecertificate_draw < {between_years("month", ECERTIFICATE_SHARE)} and {u("certificate", "vid")} < 0.6 as by_phone,
            {_disease(plan)} as disease,
            if(is_refunded, setl_day + if({u("refund delay", "vid")} < 0.7,
                1 + cast(floor({u("refund days", "vid")} * 3) as integer),
                30 + cast(floor({u("refund days", "vid")} * 60) as integer)), null) as refund_day,
            {_integers("fee", "own_fee", "over_fee", "pre_fee", "scope", "basic", "large", "serious", "civil",
                       "assist", "hospital", "person", "account", "shared")},
            relation_part
        from settled
    """


def _integers(*columns: str) -> str:
    return ", ".join(f"cast({name} as bigint) as {name}" for name in columns)


def _disease(plan: Plan) -> str:
    """SQL for ``code|name`` of the disease, empty for ordinary visits and purchases."""
    draw = plan.uniform("disease", "pid", "kind")
    chronic, stay = (
        _thresholds(draw, {f"{code}|{name}": share for code, name, share in DISEASES[kind]}) for kind in ("14", "21")
    )
    rare = RARE_DISEASE
    return (
        f"case when county = '{rare.county}' and kind in ('11', '14') and not is_guest "
        f"and {plan.uniform('rare disease', 'pid')} < {rare.share} then '{rare.code}|{rare.name}' "
        f"when is_maternity then 'O80|单胎顺产' when kind = '14' then {chronic} when kind = '21' then {stay} end"
    )


def _split_stays() -> str:
    """Cut the stays of one hospital in two: a first half that ends some days before the second begins."""
    half = {
        name: f"{name} // 2"
        for name in ("own_fee", "over_fee", "pre_fee", "scope", "basic", "large", "serious", "civil", "assist",
                     "hospital", "shared")
    }
    half["fee"] = " + ".join(half[name] for name in ("own_fee", "over_fee", "pre_fee", "scope"))
    half["person"] = " - ".join(f"({half[name]})" for name in ("fee", "basic", "civil", "assist", "hospital"))
    half["account"] = f"least(account // 2, {half['person']})"
    where = (
        f"code = '{SPLIT_STAYS.institution}' and kind = '21' and day(setl_day) > {2 * FIRST_HALF_DAYS} "
        "and vid % 64 < 32 and refund_day is null"
    )
    first = ", ".join(f"{value} as {name}" for name, value in half.items())
    rest = ", ".join(f"{name} = {name} - ({value})" for name, value in half.items())
    return f"""
        create or replace temp table first_half as
        select * replace (vid + 32 as vid, setl_day - {FIRST_HALF_DAYS} as setl_day,
            end_day - {FIRST_HALF_DAYS} as end_day, greatest(1, stay_days // 2) as stay_days, {first})
        from base_visit where {where};
        update base_visit set stay_days = least({FIRST_HALF_DAYS - 2}, greatest(1, stay_days // 2)), {rest}
        where {where};
        insert into base_visit from first_half;
        drop table first_half;
    """
