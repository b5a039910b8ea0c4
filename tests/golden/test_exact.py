"""Numerators and denominators are exact decimals and a value is their quotient: no floating point on the way."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

from golden_home import rows

from warehouse.settings import DBT_PROJECT, SEEDS, Settings

# rounded where they are made, each to its own scale: indices of cases, paths, what is due by the month, growth
ROUNDED = {
    "relative_fee",
    "relative_days",
    "case_weight",
    "subsidy_due",
    "income_off_path",
    "expenditure_off_path",
    "expense_growth_3y",
    "gdp_growth_3y",
    "income_over_disposable",
    "standardised_stays",
    "standard_insured",
}
# statistics, not figures: they end as decimals before anything is made of them
STATISTICS = {
    "int_fund__jumps",
    "int_benefit__maturity",
    "int_benefit__to_ultimate",
    "int_benefit__expected",
    "int_benefit__standard_rates",
    "fct_benefit__growth_decomposition",
    "fct_benefit__standardised_admission",
}
HALF_A_PLACE = Decimal("0.000000000050001")


def formulas() -> dict[tuple[str, str, str], dict[str, str]]:
    with (SEEDS / "indicator" / "formula.csv").open(encoding="utf-8", newline="") as stream:
        return {
            (each["metric_key"], each["variant"], each["fund_scope"]): each for each in csv.DictReader(stream)
        }


def test_numerator_and_denominator_have_no_more_than_fen(golden: Settings) -> None:
    """Sums of yuan and of persons end at the second decimal; a mean of months does not, nor what is divided by 12."""
    known, judged = formulas(), 0
    found = rows(
        golden,
        "select metric_key, variant, fund_scope, numerator, denominator, value from ind.ind_feed__period",
    )
    for metric, variant, scope, numerator, denominator, value in found:
        formula = known[metric, variant, scope]
        if formula["numerator_measure"] not in ROUNDED:
            assert numerator == round(numerator, 2), (metric, variant, numerator)
            judged += 1
        if denominator is None:
            assert value == numerator
            continue
        divided = formula["denominator_span"] == "mean" or formula["denominator_divisor"]
        if not divided and formula["denominator_measure"] not in ROUNDED:
            assert denominator == round(denominator, 2), (metric, variant, denominator)
            assert abs(value - numerator / denominator) <= HALF_A_PLACE, (
                metric,
                variant,
                numerator,
                denominator,
            )
    assert judged > 1000


def test_no_table_on_the_way_has_a_floating_column(golden: Settings) -> None:
    odd = rows(
        golden,
        "select table_name, column_name from duckdb_columns() where data_type in ('DOUBLE', 'FLOAT') "
        "and not internal and schema_name not in ('raw', 'seed')",
    )
    assert {table for table, _ in odd} <= STATISTICS, odd


def test_models_divide_with_the_macro_only() -> None:
    """A bare ``/`` of decimals is floating point in DuckDB: only statistics and checks may write one."""
    checks = {path.stem for path in (DBT_PROJECT / "models" / "quality" / "steps").glob("*.sql")}
    allowed = (
        STATISTICS
        | checks
        | {
            "int_fund__unreported",
            "int_statement__jumps",
            "int_calendar__coverage",
            "int_calendar__deliveries",  # shares of rows that are expected: a judgement, no figure
            "int_benefit__expected",
            "int_plan__figures_since_base",
            "dsc_small_base",
        }
    )
    for path in sorted((DBT_PROJECT / "models").rglob("*.sql")):
        text = re.sub(r"--.*|/\*.*?\*/", "", path.read_text(encoding="utf-8"))
        if path.stem not in allowed:
            assert " / " not in text, path.name


def test_the_macros_that_divide_are_known() -> None:
    dividing = {
        path.stem
        for path in Path(DBT_PROJECT / "macros").glob("*.sql")
        if " / " in re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    }
    assert dividing == {
        "ratio",
        "part_of",
        "growth_of",
        "yearly_growth",
        "chi_square_quantile",
        "judged_deliveries",
    }
