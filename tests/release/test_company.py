"""What is withheld has company with numbers: an empty region hides nobody below a sum that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
from small_province import Released

from warehouse.release.pointer import PROVINCE, STATISTICIAN, Release, served
from warehouse.settings import DBT_PROJECT, load_settings

ALONE = """
    with county as (
        select full_value.* exclude (numerator), coalesce(full_value.numerator, full_value.value) as numerator,
            shown.disclosure,
            bool_or(coalesce(full_value.numerator, full_value.value) <> 0) over (
                partition by full_value.metric_key, full_value.variant, full_value.fund_scope,
                    full_value.region_code, year(full_value.period_end)
            ) as is_filled
        from whole.indicator.value_full as full_value
        inner join public.indicator.value as shown using (value_key)
        where full_value.data_origin <> 'published' and full_value.region_code <> '460000'
            and not starts_with(full_value.variant, 'inpatient_p') and not ends_with(full_value.metric_key, '_growth')
    )
    select metric_key, variant, fund_scope, is_whole, disclosure_year
    from (
        select metric_key, variant, fund_scope, county.region_code, year(county.period_end) as disclosure_year,
            county.period_basis = 'year' as is_whole,
            bool_or(county.disclosure <> 'open') and bool_or(county.is_filled) as is_withheld,
            -- what the counties leave is the province's own unit, which is never shown
            bool_or(abs(province_number - county_number) > 0.005) as leaves_some
        from county
        inner join (
            select metric_key, variant, scheme_code, fund_scope, period_basis, period_end, data_origin,
                max(coalesce(numerator, value)) filter (region_code = '460000') as province_number
            from public.indicator.value group by all
        ) as province using (metric_key, variant, scheme_code, fund_scope, period_basis, period_end, data_origin)
        inner join (
            select metric_key, variant, scheme_code, fund_scope, period_basis, period_end, data_origin,
                sum(numerator) as county_number
            from county group by all
        ) as counties using (metric_key, variant, scheme_code, fund_scope, period_basis, period_end, data_origin)
        where province_number is not null
        group by all
    )
    group by all
    having count(*) filter (is_withheld) = 1 and not bool_or(leaves_some)
"""
LINES_ALONE = """
    with line as (
        select line.fund_code, line.month_end, line.subject_kind, line.region_code,
            sum(full_line.amount_yuan) as amount_yuan, bool_or(line.disclosure = 'withheld') as is_withheld
        from public.fund.ledger as line
        inner join whole.fund.ledger as full_line
            using (region_code, fund_code, subject_code, month_end, data_origin, scheme_code)
        group by all
    )
    select fund_code, month_end, subject_kind from line
    group by all
    having count(*) filter (is_withheld and amount_yuan <> 0) = 1 and bool_or(not is_withheld)
"""


def query(release: Release, text: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{release.file(PROVINCE)}' as public (read_only)")
        connection.execute(f"attach '{release.file(STATISTICIAN)}' as whole (read_only)")
        return connection.execute(text).fetchall()


@pytest.fixture(params=["golden", "synthetic"])
def release(request: pytest.FixtureRequest) -> Release:
    if request.param == "golden":
        home: Path = request.getfixturevalue("province_home")
        return served(load_settings(home))
    province: Released = request.getfixturevalue("province")
    return province.late


def test_no_county_with_numbers_is_withheld_alone_below_a_shown_sum(release: Release) -> None:
    assert query(release, ALONE) == []


def test_no_account_with_amounts_is_withheld_alone(release: Release) -> None:
    assert query(release, "select * from public.fund.ledger where disclosure = 'withheld' limit 1")
    assert query(release, LINES_ALONE) == []


def hidden(numbers: dict[str, dict[str, int]], must_hide: str, dominated: str = "") -> set[str]:
    """The regions that are hidden with ``must_hide``: numbers by region and month; ``dominated`` is a month of it."""
    macros = "".join(
        (DBT_PROJECT / "macros" / f"{name}.sql").read_text("utf-8")
        for name in ("is_small_cell", "hidden_with_company")
    )
    text = (
        jinja2.Environment().from_string(macros + "{{ hidden_with_company('candidate', 'part') }}").render()
    )
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table part (count_measure varchar, data_origin varchar, region_code varchar,
                disclosure_year integer, part_code varchar, least_count integer, number integer, is_dominated boolean);
            """
        )
        connection.executemany(
            "insert into part values ('ip_visits', 'platform', ?, 2024, ?, 5, ?, ?)",
            [
                (region, month, number, (region, month) == (must_hide, dominated))
                for region, months in numbers.items()
                for month, number in months.items()
            ],
        )
        connection.execute(
            """
            create table candidate as
            select count_measure, data_origin, region_code, disclosure_year, sum(number) as year_number,
                false as was_hidden, region_code = $1 as is_small, region_code = $1 as must_hide
            from part group by all
            """,
            [must_hide],
        )
        return {row[2] for row in connection.execute(text).fetchall()}


def test_an_empty_region_is_no_company() -> None:
    numbers = {"460100": {"1": 8, "2": 9}, "460200": {"1": 90, "2": 90}, "469900": {"1": 0, "2": 0}}
    assert hidden(numbers, "460100") == {"460100", "460200"}


def test_the_smallest_region_with_numbers_is_company() -> None:
    numbers = {"460100": {"1": 3}, "460200": {"1": 90}, "460300": {"1": 9}, "469900": {"1": 0}}
    assert hidden(numbers, "460100") == {"460100", "460300"}


def test_a_cell_of_one_person_has_company_in_its_own_month() -> None:
    numbers = {"460100": {"1": 8, "2": 9}, "460200": {"1": 0, "2": 20}, "460300": {"1": 30, "2": 90}}
    assert hidden(numbers, "460100") == {"460100", "460200"}
    assert hidden(numbers, "460100", dominated="1") == {"460100", "460200", "460300"}


def test_what_is_hidden_together_is_no_small_cell() -> None:
    numbers = {"460100": {"1": 1}, "460200": {"1": 2, "2": 20}, "460300": {"1": 30, "2": 90}}
    assert hidden(numbers, "460100") == {"460100", "460200", "460300"}
