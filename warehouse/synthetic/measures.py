"""The calibrated numbers as queries over the province: name, target, generated, unit, evidence."""

from __future__ import annotations

from warehouse.synthetic import calibration as target
from warehouse.synthetic.geography import HAIKOU, PROVINCE, SANYA
from warehouse.synthetic.plan import Plan, month_index
from warehouse.synthetic.yearly_path import CROSS_PROVINCE_DIRECT_SHARE, ECERTIFICATE_SHARE

NAMES = {"310": "employee", "390": "resident"}


def _row(name: str, wanted: float, generated: str, unit: str, evidence: str) -> str:
    return f"select '{name}', {wanted!r}, {generated}, '{unit}', '{evidence}'"


def use(year: int) -> list[str]:
    """Visits, purchases, stays, their cost, length and payment ratios."""
    if not year:
        return []
    rows = []
    for scheme, name in NAMES.items():
        valid = (
            f"(select {{}} from base_measured where year = {year} and insutype = '{scheme}' and is_valid{{}})"
        )
        heads = f"(select heads from base_heads where year = {year} and insutype = '{scheme}')"
        stays = " and kind = '21'"
        per_head = f"{valid.format('sum(visits)', '{}')} / {heads}"
        rows += [
            _row(
                f"visits_per_head.{name}.{year}",
                target.at_year(target.VISITS_PER_HEAD[scheme], year),
                per_head.format(" and kind <> '41'"),
                "per person",
                "national series",
            ),
            _row(
                f"admissions_per_100.{name}.{year}",
                target.at_year(target.ADMISSIONS_PER_100[scheme], year),
                f"100 * {per_head.format(stays)}",
                "per 100 persons",
                "assumed",
            ),
            _row(
                f"cost_per_stay.{name}.{year}",
                target.at_year(target.STAY_COST_YUAN[scheme], year),
                valid.format("sum(fee) / sum(visits) / 100", stays),
                "yuan",
                "trend published, level assumed",
            ),
            _row(
                f"policy_ratio.{name}.{year}",
                {"310": 0.82, "390": 0.74}[scheme],
                valid.format("sum(basic) / sum(scope)", stays),
                "ratio",
                "published",
            ),
            _row(
                f"actual_ratio.{name}.{year}",
                {"310": 0.73, "390": 0.615}[scheme],
                valid.format("sum(fund) / sum(fee)", stays),
                "ratio",
                "near national 2019",
            ),
        ]
        rows += [
            _row(
                f"policy_ratio.{name}.level_{level}.{year}",
                ratio,
                valid.format("sum(basic) / sum(scope)", f"{stays} and level = '{level}'"),
                "ratio",
                "fitted",
            )
            for level, ratio in target.POLICY_RATIO[scheme].items()
        ]
        rows += [
            _row(
                f"cost_share.{name}.level_{level}.{year}",
                share,
                valid.format(
                    f"sum(if(level = '{level}', fee, 0)) / sum(fee)", f"{stays} and pay_loc = 'inside'"
                ),
                "ratio",
                "fitted",
            )
            for level, share in target.STAY_COST_MIX[scheme].items()
        ]
    heads = f"(select heads from base_heads where year = {year} and insutype = '310')"
    every = f"(select {{}} from base_measured where year = {year} and is_valid and kind = '21'{{}})"
    outside = " and pay_loc <> 'inside'"
    return [
        *rows,
        _row(
            f"pharmacy_per_head.employee.{year}",
            target.PHARMACY_PER_HEAD["310"],
            f"(select sum(visits) from base_measured where year = {year} and is_valid and kind = '41') / {heads}",
            "per person",
            "national series",
        ),
        _row(
            f"stay_days.{year}",
            target.at_year(target.STAY_DAYS, year),
            every.format("sum(days) / sum(visits)", ""),
            "days",
            "trend published, level assumed",
        ),
        _row(
            f"cross_province_direct.{year}",
            CROSS_PROVINCE_DIRECT_SHARE[year],
            every.format("sum(if(pay_loc = 'outside', visits, 0)) / sum(visits)", outside),
            "ratio",
            "published 2020, then assumed",
        ),
    ]


def money(year: int, plan: Plan) -> list[str]:
    """Income, expenditure, cumulative shares and the balance of 2024, in yuan of the real province."""
    if not year:
        return []
    rows = []
    for scheme, name in NAMES.items():
        for kind, path in (("income", target.INCOME_100M), ("expenditure", target.EXPENDITURE_100M)):
            total = (
                f"(select sum(amount_yuan) from fund_ledger where insutype = '{scheme}' "
                f"and subject_code like '{kind}%' and ym between '{year}01' and '{year}{{}}')"
            )
            rows.append(
                _row(
                    f"{kind}.{name}.{year}",
                    target.at_year(path[scheme], year),
                    f"{total.format(12)} / {plan.share!r} / 1e8",
                    "100m_yuan",
                    "totals published or assumed, split assumed",
                )
            )
            rows += [
                _row(
                    f"cumulative_{kind}.{name}.{year}-{month:02}",
                    share,
                    f"{total.format(f'{month:02}')} / {total.format(12)}",
                    "ratio",
                    "national 2023",
                )
                for month, share in target.CUMULATIVE[kind, scheme].items()
                if month in (3, 5, 6, 8, 10)
            ]
        if year == 2024:
            rows.append(
                _row(
                    f"balance.{name}.2024",
                    {"310": 372.65, "390": 68.52}[scheme],
                    f"(select sum(closing) from fund_ledger where insutype = '{scheme}' and ym = '202412') "
                    f"/ {plan.share!r} / 1e8",
                    "100m_yuan",
                    "published (rolled back from 2025-05)",
                )
            )
    return rows


def size(year: int, plan: Plan) -> list[str]:
    """Rows of settlements a year."""
    wanted = {2020: 40.0, 2025: 63.0}.get(year)
    if wanted is None:
        return []
    return [
        _row(
            f"settlement_rows.{year}",
            wanted,
            f"(select sum(visits) from base_measured where year = {year}) / {plan.share!r} / 1e6",
            "million rows",
            "derived",
        )
    ]


def structure(plan: Plan) -> list[str]:
    """Schemes, counties, ages, sex, rosters and e-certificates at the dates the run covers."""
    rows = []
    for day, share in (("2020-12", target.EMPLOYEE_SHARE[0]), ("2025-06", target.EMPLOYEE_SHARE[1])):
        m = (int(day[:4]) - 2020) * 12 + int(day[5:]) - 1
        if month_index(plan.first) <= m <= month_index(plan.last):
            rows.append(
                _row(
                    f"employee_share.{day}",
                    share,
                    f"(select sum(if(insutype = '310', persons, 0)) / sum(persons) "
                    f"from base_insured where m = {m})",
                    "ratio",
                    "2025 published, 2020 assumed",
                )
            )
    for year, young, old in ((2020, 0.20, 0.104), (2025, 0.18, 0.117)):
        m = (year - 2020) * 12 + 11
        if not month_index(plan.first) <= m <= month_index(plan.last):
            continue
        alive = f"from base_relation join base_person using (pid) where {m} >= begin_m and {m} < end_m"
        age = f"date_diff('month', base_person.birth, date '{year}-12-31') / 12"
        rows += [
            _row(
                f"age_0_14.{year}", young, f"(select avg(if({age} < 15, 1, 0)) {alive})", "ratio", "published"
            ),
            _row(f"age_65.{year}", old, f"(select avg(if({age} >= 65, 1, 0)) {alive})", "ratio", "published"),
            _row(
                f"male.{year}",
                target.MALE_SHARE,
                f"(select avg(if(is_male, 1, 0)) {alive})",
                "ratio",
                "census",
            ),
            _row(
                f"working_per_retired.{year}",
                target.WORKING_PER_RETIRED,
                f"(select sum(if(base_person.retire_m > {m}, 1, 0)) / sum(if(base_person.retire_m > {m}, 0, 1)) "
                f"{alive} and insutype = '310')",
                "ratio",
                "published",
            ),
            _row(
                f"insured.{year}",
                {2020: 934.0, 2025: 952.37}[year],
                f"(select count(*) {alive}) / {plan.share!r} / 1e4",
                "10k_persons",
                "published",
            ),
        ]
    last = month_index(plan.last)
    place = (
        "(select sum(if(county in ({}), persons, 0)) / sum(persons) "
        f"from base_insured where m = {last} and insutype = '310')"
    )
    rows += [
        _row("employees_in_haikou", 0.50, place.format(f"'{HAIKOU}', '{PROVINCE}'"), "ratio", "assumed"),
        _row("employees_in_sanya", 0.12, place.format(f"'{SANYA}'"), "ratio", "assumed"),
    ]
    if plan.first <= plan.last.replace(2021, 12, 31) <= plan.last:
        rows.append(
            _row(
                "ecertificates.2021",
                521.0,
                f"(select count(*) from base_person where ecertificate_draw < {ECERTIFICATE_SHARE[2021]} "
                "and kind <> 'winter' and enter_m <= 23 and leave_m > 23 "
                f"and (died is null or died > date '2021-12-31')) / {plan.share!r} / 1e4",
                "10k_persons",
                "published",
            )
        )
    if plan.first.year <= 2021:
        rows.append(
            _row(
                "assisted",
                62.8,
                f"(select sum(persons) / count(*) from base_rostered) / {plan.share!r} / 1e4",
                "10k_persons",
                "published",
            )
        )
    return rows
