"""Every shown amount rests on enough persons: counted anew from the settlements and contributions, not by the rules."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import duckdb
import jinja2
import pytest
from small_province import Released

from warehouse.release.pointer import PROVINCE, Release, served
from warehouse.settings import DBT_PROJECT, SEEDS, Settings, load_settings

SETTLEMENTS = (Path(__file__).parent / "contributors.sql").read_text("utf-8")
LEAST = 5
VALUES = """
    select value.*, formula.numerator_measure, formula.denominator_measure
    from {table} as value
    inner join build.indicator.formula
        on value.metric_key = formula.metric_key and value.variant = formula.variant
        and value.fund_scope = formula.fund_scope and formula.scheme_set in ('each_all', value.scheme_code)
    where value.data_origin <> 'published' and value.value is not null and formula.numerator_span = 'sum'
"""
CONTRIBUTIONS = """
    select region_code, scheme_code, psn_key as contributor, amount_yuan <> 0 and {condition} as counts,
        last_day(strptime(first_month_code, '%Y%m')::date) as month_end
    from intermediate.int_enrolment__contributions where scheme_code in ('employee', 'resident')
"""
CASES = """
    select stay.region_code, stay.scheme_code, stay.psn_no as contributor, last_day(stay.month_start) as month_end,
        grouping.settlement_id is not null as counts
    from intermediate.int_benefit__stays as stay
    left join staging.stg_platform__grouping as grouping using (settlement_id)
"""
ELSEWHERE = {
    "premium_due": CONTRIBUTIONS.format(condition="true"),
    "premium_paid": CONTRIBUTIONS.format(condition="is_paid"),
    "case_weight": CASES,
    "relative_fee": CASES,
    "relative_days": CASES,
    "standardised_fee": CASES,
}
"""Amounts that are not in benefit.month: who stands behind them, one row each."""
OTHERWISE_TESTED = {
    "ledger": "fund_income fund_expense fund_current fund_closing executed_income executed_expenditure "
    "income_off_path expenditure_off_path county_gap county_gap_part subsidy_ytd subsidy_arrived "
    "subsidy_arrived_central subsidy_arrived_provincial subsidy_arrived_county serious_illness_premium "
    "maternity_allowance maternity_paid subsidy_due",
    "persons of the benefit year": "serious_illness_year_paid serious_illness_base high_total_1_amount "
    "high_total_2_amount high_total_3_amount high_own_1_amount high_own_2_amount high_own_3_amount ltc_payment",
    "persons aided": "subsidy",
    "persons warned of": "risk_answer_days",
    "rates times persons": "standardised_stays standard_insured",
    "percentiles": "ip_person_p50 ip_person_p90",
}
"""Amounts of the ledger name no persons: the counts nearest to them stand in measure.csv with the reason."""


@cache
def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / "indicator" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rules() -> dict[str, dict[str, str]]:
    return {row["measure_key"]: row for row in seed("measure")}


@cache
def benefit_measures() -> dict[str, list[str]]:
    """The definitions of the measures of use and benefit, as the macro gives them."""
    found: dict[str, list[str]] = {}

    def take(value: dict[str, list[str]]) -> str:
        found.update(value)
        return ""

    source = (DBT_PROJECT / "macros" / "benefit_measures.sql").read_text("utf-8")
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        source + "{{ benefit_measures() }}"
    )
    template.render({"return": take})
    return found


def amounts() -> list[str]:
    """Measures that are no counts themselves, but have a rule of counts."""
    return [
        key
        for key, row in rules().items()
        if row["disclosure_rule"] in ("count", "rank") and row["count_measures"].split(";")[0] != key
    ]


def pairs() -> set[tuple[str, str]]:
    """Amounts shown beside each other whose difference is known: of one formula, one metric or one set of visits."""
    benefit, found = benefit_measures(), set()
    by_metric: dict[str, set[str]] = {}
    for row in seed("formula"):
        numerator, denominator = row["numerator_measure"], row["denominator_measure"]
        by_metric.setdefault(row["metric_key"], set()).add(numerator)
        found.add((numerator, denominator))
    for keys in by_metric.values():
        found |= set(combinations(sorted(keys), 2))
    by_visits: dict[str, list[str]] = {}
    for key in amounts():
        if key in benefit:
            by_visits.setdefault(benefit[key][1], []).append(key)
    for members in by_visits.values():
        found |= set(combinations(members, 2))
    known = set(amounts()) & set(benefit)
    return {(first, second) for first, second in found if first in known and second in known}


def part_of_a_visit(key: str) -> str:
    amount, condition = benefit_measures()[key][:2]
    return f"(case when {condition} then {amount} else 0 end)"


@pytest.fixture(scope="module")
def known(province: Released) -> Iterator[duckdb.DuckDBPyConnection]:
    """The small province, as its last release for leaders shows it."""
    with duckdb.connect() as connection:
        yield knowing(connection, province.settings, province.late)


@pytest.fixture(scope="module")
def golden(province_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The golden province, whose list of contributions names those who owe."""
    settings = load_settings(province_home)
    with duckdb.connect() as connection:
        yield knowing(connection, settings, served(settings))


def knowing(
    connection: duckdb.DuckDBPyConnection, settings: Settings, release: Release
) -> duckdb.DuckDBPyConnection:
    """The settlements, the values of a release for leaders, and how many visits stand behind each."""
    rests_on = {key: part_of_a_visit(key) for key in amounts() if key in benefit_measures()} | {
        f"{first} - {second}": f"{part_of_a_visit(first)} - {part_of_a_visit(second)}"
        for first, second in pairs()
    }
    columns = ",\n".join(
        f'count(case when {amount} <> 0 then 1 end) as "{key}"' for key, amount in rests_on.items()
    )
    connection.execute(f"attach '{settings.build_database}' as build (read_only); use build")
    connection.execute(
        f"""
        attach '{release.file(PROVINCE)}' as shown (read_only);
        create temp table cell as {SETTLEMENTS};
        create temp table shown_value as {VALUES.format(table="shown.indicator.value")};
        create temp table full_value as {VALUES.format(table="build.indicator.value_full")};
        create temp table span as
        select distinct region_code, scheme_code, period_start, period_end from full_value;
        create temp table behind as
        with monthly as (
            select region_code, scheme_code, month_end, {columns} from cell where visits <> 0 group by all
        ),
        placed as (
            select region_code, scheme_code, month_end,
                sum(columns(* exclude (region_code, scheme_code, month_end)))
            from (
                select * replace (unnest([region_code, '460000']) as region_code) from (
                    select * replace (unnest([scheme_code, 'all']) as scheme_code) from monthly
                )
            ) group by all
        ),
        spanned as (
            select span.*, sum(columns(placed.* exclude (region_code, scheme_code, month_end)))
            from placed
            inner join span
                on placed.region_code = span.region_code and placed.scheme_code = span.scheme_code
                and placed.month_end between period_start and period_end
            group by all
        )
        from (
            unpivot spanned on columns(* exclude (region_code, scheme_code, period_start, period_end))
            into name what value visits
        )
        where visits > 0
        """
    )
    return connection


def test_each_amount_has_its_contributors_counted_here() -> None:
    counted = set(benefit_measures()) | set(ELSEWHERE) | set(" ".join(OTHERWISE_TESTED.values()).split())
    assert [key for key in amounts() if key not in counted] == []


OF_ONE = """
    select what, metric_key, variant, region_code, scheme_code, period_start, period_end, visits
    from {table}
    inner join behind using (region_code, scheme_code, period_start, period_end)
    inner join least using (what)
    where what in (numerator_measure, denominator_measure) and visits < least_count
"""
OF_TWO = """
    with side as (
        select distinct region_code, scheme_code, period_start, period_end,
            unnest([numerator_measure, denominator_measure]) as measure_key
        from {table}
    )
    select what, region_code, scheme_code, period_start, period_end, visits
    from behind
    inner join side as first using (region_code, scheme_code, period_start, period_end)
    inner join side as second using (region_code, scheme_code, period_start, period_end)
    where first.measure_key = split_part(what, ' - ', 1) and second.measure_key = split_part(what, ' - ', 2)
        and visits < {least}
"""
OF_PERSONS = """
    with few as (
        select span.region_code, span.scheme_code, period_start, period_end,
            count(distinct contributor) as persons
        from ({contributors}) as each
        inner join span
            on span.region_code in ('460000', each.region_code)
            and span.scheme_code in ('all', each.scheme_code)
            and each.month_end between period_start and period_end
        where each.counts
        group by all having persons < {least}
    )
    select metric_key, variant, few.* from {table}
    inner join few using (region_code, scheme_code, period_start, period_end)
    where '{measure}' in (numerator_measure, denominator_measure)
"""


def test_no_shown_amount_rests_on_a_few_visits(known: duckdb.DuckDBPyConnection) -> None:
    keys = amounts()
    known.execute(
        "create or replace temp table least as select unnest($1) as what, unnest($2) as least_count",
        [keys, [int(rules()[key]["least_count"]) for key in keys]],
    )
    assert known.sql(OF_ONE.format(table="shown_value")).fetchall() == []
    few = {row[0] for row in known.sql(OF_ONE.format(table="full_value")).fetchall()}
    assert len(few) > 50  # on the whole values nearly every amount has such a cell


def test_no_difference_of_two_shown_amounts_rests_on_a_few_visits(known: duckdb.DuckDBPyConnection) -> None:
    assert known.sql(OF_TWO.format(table="shown_value", least=LEAST)).fetchall() == []
    few = {row[0] for row in known.sql(OF_TWO.format(table="full_value", least=LEAST)).fetchall()}
    assert {"ip_paid_all - ip_paid_basic_plus", "ip_paid_basic - ip_paid_basic_plus"} <= few


@pytest.mark.parametrize("measure", ELSEWHERE)
def test_no_shown_amount_rests_on_a_few_persons(
    known: duckdb.DuckDBPyConnection, golden: duckdb.DuckDBPyConnection, measure: str
) -> None:
    query = OF_PERSONS.replace("{contributors}", ELSEWHERE[measure]).replace("{measure}", measure)
    for province in (known, golden):
        assert province.sql(query.format(table="shown_value", least=LEAST)).fetchall() == []
    assert any(
        province.sql(query.format(table="full_value", least=LEAST)).fetchall() for province in (known, golden)
    )


GROWN = """
    with monthly as (
        select region_code, scheme_code, month_end, psn_no, sum(fee_yuan) as fee_yuan, sum(person_yuan) as person_yuan
        from cell group by all
    ),
    grown as (
        select region_code, scheme_code, month_end, psn_no, {amount} as change,
            sum({amount}) over (
                partition by region_code, scheme_code, psn_no, year(month_end) order by month_end
            ) as so_far
        from monthly
    ),
    placed as (
        select * replace (unnest([scheme_code, 'all']) as scheme_code) from (
            select * replace (unnest([region_code, '460000']) as region_code) from grown
        )
    ),
    few as (
        select region_code, scheme_code, month_end, count(distinct psn_no) as persons
        from placed
        where change <> 0 and so_far >= (
            select max(value) from build.seed.benefit_parameter where parameter_key = 'high_cost_{step}'
        )
        group by all having persons < {least}
    )
    select few.* from few
    inner join {table} as now
        on few.region_code = now.region_code and few.scheme_code = now.scheme_code
        and few.month_end = now.period_end
    inner join {table} as before
        on few.region_code = before.region_code and few.scheme_code = before.scheme_code
        and last_day(few.month_end - interval 1 month) = before.period_end
        and year(few.month_end) = year(before.period_end)
    where now.numerator_measure = '{measure}' and before.numerator_measure = '{measure}'
        and now.period_basis = 'ytd' and before.period_basis = 'ytd'
"""


@pytest.mark.parametrize("step", ["1", "2", "3"])
@pytest.mark.parametrize(("kind", "amount"), [("total", "fee_yuan"), ("own", "person_yuan")])
def test_no_step_of_a_year_to_date_is_what_a_few_persons_added(
    known: duckdb.DuckDBPyConnection, kind: str, amount: str, step: str
) -> None:
    query = GROWN.format(
        amount=amount, step=step, least=LEAST, measure=f"high_{kind}_{step}_amount", table="{table}"
    )
    assert known.sql(query.replace("{table}", "shown_value")).fetchall() == []
    if kind == "total" and step == "1":
        assert len(known.sql(query.replace("{table}", "full_value")).fetchall()) > 10
