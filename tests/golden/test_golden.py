"""Every indicator that the golden province can give is exactly the one worked out by hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from golden_home import rows

from warehouse.settings import SEEDS, Settings

FOLDER = Path(__file__).parent
WITHOUT_CASES = {
    ("bedday_share", "formula"),
    ("capitation_share", "formula"),
    ("maternity_claims", "all"),
    ("maternity_payment", "all"),
    ("deductible_share", "formula"),
    ("maternity_payment", "care"),
    (
        "maternity_payment",
        "allowance",
    ),  # test_indicator_definitions and the unit test of the ledger's measures
    ("hifmi_ratio", "premium_ratio"),
    ("acct_expense", "family_use"),  # test_indicator_definitions
    ("poverty_ip_actual_ratio", "hospital"),
    ("poverty_opsp_actual_ratio", "hospital"),
    ("subsidy_arrival_rate", "provincial"),
    ("fund_economy_fit", "elasticity"),  # needs four years of ledger: unit test of fund.economy
}
KEY = ("metric_key", "variant", "region_code", "scheme_code", "fund_scope", "period_basis", "period_end")


def expected() -> list[dict[str, str]]:
    with (FOLDER / "expected.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def found(golden: Settings) -> dict[tuple[str, ...], Decimal]:
    query = f"select {', '.join(f'cast({name} as varchar)' for name in KEY)}, value from "
    return {
        row[:-1]: row[-1]
        for table in ("ind.ind_feed__period", "ind.ind_feed__growth")
        for row in rows(golden, query + table)
    }


@pytest.mark.parametrize("row", expected(), ids=lambda row: "-".join(row[name] for name in KEY))
def test_the_value_is_the_one_worked_out_by_hand(
    row: dict[str, str], found: dict[tuple[str, ...], Decimal]
) -> None:
    value = found[tuple(row[name] for name in KEY)]
    assert round(value, 10) == round(Decimal(row["value"]), 10)


def test_every_formula_is_worked_out() -> None:
    with (SEEDS / "indicator" / "formula.csv").open(encoding="utf-8", newline="") as stream:
        formulas = {(row["metric_key"], row["variant"]) for row in csv.DictReader(stream)}
    worked = {(row["metric_key"], row["variant"]) for row in expected()}
    assert formulas - worked == WITHOUT_CASES


def test_the_worked_table_shows_every_expected_value() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for row in expected():
        assert row["metric_key"] in text
        assert row["value"] in text, row


def test_ratio_is_numerator_over_denominator(golden: Settings) -> None:
    odd = rows(
        golden,
        """
        select metric_key, value, numerator, denominator from ind.ind_feed__period
        where denominator is not null
            and abs(value - cast(numerator as double) / cast(denominator as double)) > 1e-6 * greatest(1, abs(value))
        """,
    )
    assert odd == []


def test_flows_of_a_year_are_the_sum_of_its_months_and_the_province_of_its_counties(golden: Settings) -> None:
    for wider, narrower, same in (
        ("period_basis = 'year'", "period_basis = 'month'", "region_code, year(period_end)"),
        ("region_code = '460000'", "region_code <> '460000'", "period_basis, period_end"),
    ):
        sums = "select {same}, metric_key, variant, scheme_code, fund_scope, sum(value) from ind.ind_feed__period "
        sums += "where denominator is null and (metric_key, variant) in (select (metric_key, variant) "
        sums += "from seed.formula where numerator_span = 'sum' and has_counties and contains(period_bases, 'month')) "
        sums += "and metric_key in (select metric_key from seed.registry where additivity = 'flow') "
        sums += "and {which} group by all"
        both = rows(
            golden,
            f"{sums.format(same=same, which=wider)} except {sums.format(same=same, which=narrower)}",
        )
        assert both == []
        assert rows(golden, sums.format(same=same, which=wider))


def test_growth_is_its_causes(golden: Settings) -> None:
    row = rows(
        golden,
        """
        select past_fund_yuan, fund_yuan, persons_effect_yuan, use_effect_yuan, structure_effect_yuan,
            unit_cost_effect_yuan, ratio_effect_yuan, new_effect_yuan
        from benefit.growth_decomposition
        where region_code = '460200' and scheme_code = 'employee' and period_basis = 'year'
            and period_end = date '2024-12-31'
        """,
    )[0]
    assert [round(number, 4) for number in row] == [
        Decimal(text) for text in ("300", "380", "0", "0", "0", "75.5175", "4.4825", "0")
    ]
    lost = rows(
        golden,
        """
        select * from benefit.growth_decomposition
        where abs(
            persons_effect_yuan + use_effect_yuan + structure_effect_yuan + unit_cost_effect_yuan
            + ratio_effect_yuan + new_effect_yuan - growth_yuan) > 0.000001
        """,
    )
    assert lost == []


def test_own_payments_are_order_statistics(golden: Settings) -> None:
    found = rows(
        golden,
        """
        select stay_cnt, mean_yuan, median_yuan, p90_yuan from benefit.own_payment
        where region_code = '460000' and scheme_code = 'employee' and period_basis = 'year'
            and period_end = date '2023-12-31'
        """,
    )
    assert found == [(4, Decimal("28775.0000000000"), Decimal("5000.00"), Decimal("100000.00"))]


def test_accounts_close(golden: Settings) -> None:
    assert rows(golden, "select * from fund.month where unexplained_yuan <> 0") == []
    (count,) = rows(golden, "select count(*), min(closing_balance_yuan) from fund.month")
    assert count == (144, Decimal("30.00"))
