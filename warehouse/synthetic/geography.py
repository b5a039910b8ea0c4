"""Counties and their weights, and slots: tables that turn a uniform number into a category."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from warehouse.settings import SEEDS
from warehouse.synthetic.plan import Plan

SLOTS = 10_000
PROVINCE = "460000"
HAIKOU, SANYA, SANSHA = "460100", "460200", "460300"
EMPLOYEE_SHARES = {PROVINCE: 0.15, HAIKOU: 0.35, SANYA: 0.12}
"""Employees: half in Haikou and the province's own office, 12 % in Sanya (assumed), else by population."""

WINTER_COUNTIES = {HAIKOU: 0.35, SANYA: 0.40, "469002": 0.13, "469028": 0.12}
"""Where migratory winter residents stay (assumed)."""

HOME_PROVINCES = {
    "230000": 0.30,
    "220000": 0.16,
    "210000": 0.14,
    "110000": 0.10,
    "510000": 0.10,
    "430000": 0.08,
    "440000": 0.06,
    "310000": 0.06,
}
"""Where migratory winter residents are insured (assumed)."""

REFERRAL_PROVINCES = {
    "440000": 0.48,
    "310000": 0.14,
    "110000": 0.14,
    "430000": 0.08,
    "420000": 0.08,
    "510000": 0.08,
}
"""Where stays outside the province take place (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_county`` with registered population, and the slots of all county draws."""
    del plan  # the same for every plan
    connection.execute(
        f"""
        create table base_county as
        select region.region_code, region.region_name, region.short_name,
            cast(population.printed_value as bigint) as registered,
            row_number() over (order by region.region_code) as county_no
        from read_csv('{SEEDS / "reference/region.csv"}', header = true, all_varchar = true) as region
        join read_csv('{SEEDS / "published/population.csv"}', header = true, all_varchar = true) as population
            on population.region_code = region.region_code
        where region.is_reporting_unit = 'true'
            and population.indicator_code = 'registered_population'
            and population.period_end = '2020-12-31'
        order by region.region_code
        """
    )
    rows = connection.execute("select region_code, registered from base_county order by 1").fetchall()
    registered = {str(code): float(number) for code, number in rows}
    others = {code: number for code, number in registered.items() if code not in EMPLOYEE_SHARES}
    rest = 1 - sum(EMPLOYEE_SHARES.values())
    total = sum(others.values())
    employees = EMPLOYEE_SHARES | {code: rest * number / total for code, number in others.items()}
    connection.execute("create table base_slot (purpose varchar, slot integer, value varchar)")
    fill_slots(connection, "resident_county", list(registered), list(registered.values()))
    fill_slots(connection, "employee_county", list(employees), list(employees.values()))
    for kind, shares in (
        ("winter_county", WINTER_COUNTIES),
        ("home_province", HOME_PROVINCES),
        ("referral_province", REFERRAL_PROVINCES),
    ):
        fill_slots(connection, kind, list(shares), list(shares.values()))


def fill_slots(
    connection: duckdb.DuckDBPyConnection, kind: str, values: Sequence[str], weights: Sequence[float]
) -> None:
    """Give each value its part of the ``SLOTS`` slots of a kind, at least one."""
    total = sum(weights)
    bounds = [0]
    for end in range(1, len(weights) + 1):
        bounds.append(max(bounds[-1] + 1, round(SLOTS * sum(weights[:end]) / total)))
    rows = ", ".join(
        f"('{kind}', {low}, {high}, '{value}')"
        for value, low, high in zip(values, bounds[:-1], bounds[1:], strict=True)
    )
    connection.execute(
        f"""
        insert into base_slot
        select purpose, unnest(range(low, least(high, {SLOTS}))), value
        from (values {rows}) as part(purpose, low, high, value)
        """
    )


def slot(uniform: str) -> str:
    """SQL for the slot a uniform number falls in."""
    return f"cast(floor({uniform} * {SLOTS}) as integer)"
