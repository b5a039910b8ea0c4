"""How often persons need care and what it costs: rates by month and costs by year, from the calibration."""

from __future__ import annotations

import duckdb

from warehouse.synthetic import calibration as target
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.population import NEVER

CHRONIC_SHARE = {"310": 0.22, "390": 0.10}
"""Chronic-disease visits among outpatient visits (assumed)."""

CLASS_MIX = {
    # class: hospital level 3, 2, 1 or 0 (unrated); shares of ordinary and of chronic visits (assumed)
    ("310", "11"): {"3": 0.35, "2": 0.25, "1": 0.22, "0": 0.18},
    ("390", "11"): {"3": 0.13, "2": 0.22, "1": 0.33, "0": 0.32},
    ("310", "14"): {"3": 0.55, "2": 0.30, "1": 0.15, "0": 0.0},
    ("390", "14"): {"3": 0.35, "2": 0.40, "1": 0.25, "0": 0.0},
}
VILLAGE_VISITS = {"3": 0.10, "2": 0.18, "1": 0.28, "0": 0.44}
"""Ordinary resident visits from 2023 on: village clinics are counted visit by visit (definition break)."""

VISIT_COST = {"3": 1.5, "2": 1.1, "1": 0.7, "0": 0.35}
"""Cost of a visit by class relative to the others (assumed)."""

OUTSIDE_COST = 1.6
"""Cost of a stay outside the province relative to one within (assumed)."""

WITHIN_POLICY_VISITS = 0.95
"""Costs within policy over all costs of visits (assumed)."""

CATEGORIES = {"11": 0, "14": 1, "41": 2, "21": 3}
"""Number of each kind of care in a visit's number."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_month``, ``base_use`` (monthly rate by scheme and age band), ``base_cost`` (mean and ratios)."""
    months = ", ".join(
        f"({number}, date '{2020 + number // 12}-{number % 12 + 1:02}-01', {2020 + number // 12})"
        for number in range(72)
    )
    connection.execute(
        f"create table base_month as select m, month, year, day(last_day(month)) as days "
        f"from (values {months}) as month(m, month, year) "
        f"where month between date '{plan.first}' and date '{plan.last}'"
    )
    connection.execute(f"create table base_norm as {_norms()}")
    connection.execute(f"create table base_use as {_rates()}")
    connection.execute(
        "create table base_cost as select year, insutype, med_type, class, cast(mean_yuan as double) as mean_yuan, "
        "cast(within as double) as within, cast(ratio as double) as ratio, cast(stay_days as double) as stay_days "
        f"from (values {_costs()}) "
        "as cost(year, insutype, med_type, class, mean_yuan, within, ratio, stay_days)"
    )


def band(age: str) -> str:
    """SQL for the age band (0–3) of an age."""
    return f"case when {age} < 15 then 0 when {age} < 45 then 1 when {age} < 65 then 2 else 3 end"


def _norms() -> str:
    """Mean of frailty times age factor over the insured at mid-year: rates are divided by it."""
    weights = {
        "outpatient": (target.OUTPATIENT_BY_AGE, "frailty"),
        "chronic": (target.CHRONIC_BY_AGE, "frailty"),
        "pharmacy": (target.PHARMACY_BY_AGE, "frailty"),
        "stay": (target.STAYS_BY_AGE, "(0.5 + 0.5 * frailty)"),
    }
    sums = ", ".join(
        "cast(sum(cast(round(1000000 * "
        + f"[{', '.join(map(str, factors))}][band + 1] * {frailty}) as bigint)) as double) / count(*) / 1e6 as {name}"
        for name, (factors, frailty) in weights.items()
    )
    return f"""
        with insured as (
            select year, if(employee_m <= mid, '310', '390') as insutype, frailty,
                {band("date_diff('year', birth, make_date(year, 7, 1))")} as band
            from base_person, (select unnest(range(2020, 2026)) as year, (year - 2020) * 12 + 6 as mid)
            where kind <> 'winter' and least(enter_m, employee_m) <= mid and leave_m > mid
                and coalesce(date_diff('month', date '2020-01-01', died), {NEVER}) > mid
        )
        select year, insutype, {sums} from insured group by year, insutype
    """


def _rates() -> str:
    """Expected visits of a person of frailty 1 in a month, refunds made good for."""
    rows = []
    for year in target.YEARS:
        mean = sum(target.SEASON[year]) / 12
        for scheme in target.SCHEMES:
            visits = target.at_year(target.VISITS_PER_HEAD[scheme], year)
            stays = target.at_year(target.ADMISSIONS_PER_100[scheme], year) / 100
            chronic = (visits - stays) * CHRONIC_SHARE[scheme]
            for month in range(12):
                season = target.SEASON[year][month] / mean / 12 / (1 - target.REFUND_SHARE)
                rates = (visits - stays - chronic, chronic, target.PHARMACY_PER_HEAD[scheme], stays)
                number = (year - 2020) * 12 + month
                rows.append(
                    f"({number}, {year}, '{scheme}', {', '.join(f'{each * season:.8f}' for each in rates)})"
                )
    bands = ", ".join(
        f"({number}, {target.OUTPATIENT_BY_AGE[number]}, {target.CHRONIC_BY_AGE[number]}, "
        f"{target.PHARMACY_BY_AGE[number]}, {target.STAYS_BY_AGE[number]})"
        for number in range(len(target.AGE_BANDS))
    )
    return f"""
        select rate.m, rate.insutype, band.band,
            rate.outpatient * band.outpatient / norm.outpatient as outpatient,
            rate.chronic * band.chronic / norm.chronic as chronic,
            rate.pharmacy * band.pharmacy / norm.pharmacy as pharmacy,
            rate.stay * band.stay / norm.stay as stay
        from (values {", ".join(rows)}) as rate(m, year, insutype, outpatient, chronic, pharmacy, stay)
        cross join (values {bands}) as band(band, outpatient, chronic, pharmacy, stay)
        join base_norm as norm on norm.year = rate.year and norm.insutype = rate.insutype
    """


def class_mix(scheme: str, med_type: str, year: int) -> dict[str, float]:
    """Shares of the classes among the visits (``11``, ``14``) or stays (``21``) of a scheme."""
    if med_type == "21":
        cost_mix = target.STAY_COST_MIX[scheme]
        counts = {level: cost_mix[level] / target.LEVEL_COST[level] for level in ("3", "2", "1")}
        return {level: count / sum(counts.values()) for level, count in counts.items()}
    if (scheme, med_type) == ("390", "11") and year >= 2023:
        return VILLAGE_VISITS
    return CLASS_MIX[scheme, med_type]


def _costs() -> str:
    """Mean cost, share within policy, payment ratio and days by year, scheme, kind of care and class."""
    return ", ".join(
        row for year in target.YEARS for scheme in target.SCHEMES for row in _costs_of(scheme, year)
    )


def _costs_of(scheme: str, year: int) -> list[str]:
    rows: list[tuple[str, str, float, float, float, float]] = []
    visit = target.at_year(target.OUTPATIENT_COST_YUAN[scheme], year)
    chronic = CHRONIC_SHARE[scheme]
    ordinary = visit / (1 - chronic + target.CHRONIC_COST_FACTOR * chronic)
    for med_type, mean in (("11", ordinary), ("14", ordinary * target.CHRONIC_COST_FACTOR)):
        mix = class_mix(scheme, med_type, year)
        middle = sum(mix[level] * VISIT_COST[level] for level in mix)
        for level in mix:
            rows.append(
                (
                    med_type,
                    level,
                    mean * VISIT_COST[level] / middle,
                    WITHIN_POLICY_VISITS,
                    target.OUTPATIENT_RATIO[scheme][med_type],
                    0,
                )
            )
    mix = class_mix(scheme, "21", year)
    outside = target.CROSS_PROVINCE_STAYS[scheme]
    middle = sum(mix[level] * target.LEVEL_COST[level] for level in mix) * (
        1 - outside + outside * OUTSIDE_COST
    )
    stay = target.at_year(target.STAY_COST_YUAN[scheme], year)
    days = target.at_year(target.STAY_DAYS, year)
    within = target.WITHIN_POLICY[scheme]
    for level in mix:
        mean = stay * target.LEVEL_COST[level] / middle
        rows.append(("21", level, mean, within, target.POLICY_RATIO[scheme][level], days))
    average = stay * sum(mix[level] * target.LEVEL_COST[level] for level in mix) / middle
    rows.append(("21", "X", average * OUTSIDE_COST, within, target.POLICY_RATIO[scheme]["3"], days))
    pharmacy = target.at_year(target.PHARMACY_COST_YUAN, year)
    rows.append(("41", "P", pharmacy, 0.8, 0.0, 0))
    return [
        f"({year}, '{scheme}', '{med_type}', '{level}', {mean:.4f}, {share}, {ratio}, {stay_days})"
        for med_type, level, mean, share, ratio, stay_days in rows
    ]


def thresholds(draw: str, mix: dict[str, float]) -> str:
    """SQL for the value a uniform number falls to when the values have these shares."""
    passed, cases = 0.0, []
    for level, share in list(mix.items())[:-1]:
        passed += share
        cases.append(f"when {draw} < {passed:.6f} then '{level}'")
    return f"case {' '.join(cases)} else '{list(mix)[-1]}' end"
