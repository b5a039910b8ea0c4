"""Rows that the registry's words decide, delivered beside the golden province: what counts and what does not.

In ``definitions/``: OA, a visit paid from the account alone; CV, a stay with civil-servant subsidy; RG, a registration
that the pool pays; EM, an emergency visit paid in part from a relative's account; TD, two-disease drugs of an employee;
P1 and P2, a premium paid in January and aided in August; budgets of which nothing was spent.
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from golden_home import load, rows

from warehouse.settings import Settings, load_settings

ADDED = Path(__file__).parent / "definitions"
KEY = "metric_key, variant, region_code, scheme_code, fund_scope, period_basis, cast(period_end as varchar)"
Stated = dict[tuple[str, ...], tuple[Decimal, Decimal, Decimal | None]]


@pytest.fixture(scope="module")
def stated(golden: Settings, tmp_path_factory: pytest.TempPathFactory) -> Stated:
    """Value, numerator and denominator by metric, variant, region, scheme, scope, basis and end."""
    settings = load_settings(tmp_path_factory.mktemp("definitions") / "home")
    shutil.copytree(golden.home, settings.home)
    load(settings, [ADDED])
    query = f"select {KEY}, value, numerator, denominator from ind.ind_feed__period"
    return {row[:7]: row[7:] for row in rows(settings, query)}


@pytest.mark.parametrize(
    ("key", "numerator", "denominator"),
    [
        # 3.04: the numerator of 3.01 holds the civil-servant subsidy: (700 + 100) / (1000 - 100)
        (("catalogue_pay_ratio_ip", "formula", "employee", "month", "2024-10-31"), "800", "900"),
        (("policy_pay_ratio_ip_employee", "basic_plus", "employee", "month", "2024-10-31"), "700", "850"),
        (("policy_pay_ratio_ip_employee", "all", "employee", "month", "2024-10-31"), "800", "850"),
        # 3.16: only 11 and 13, only where the pool pays: EM and TD, neither OA nor RG
        (("op_pool_visits", "all", "employee", "month", "2024-09-30"), "2", None),
        (("op_pool_ratio", "formula", "employee", "month", "2024-09-30"), "50", "90"),
        # 4.09 counts every outpatient visit
        (("avg_cost_op", "formula", "employee", "month", "2024-09-30"), "170", "4"),
        # 2.17: what EM drew from a relative's account
        (("acct_expense", "family_use", "employee", "month", "2024-09-30"), "5", None),
        # 3.15: the two diseases are residents' only; the employee TD counts nowhere
        (("two_disease_covered", "all", "resident", "year", "2024-12-31"), "0", None),
        (("two_disease_rate", "formula", "all", "year", "2024-12-31"), "0", "5"),
    ],
)
def test_the_registry_decides_what_counts(
    stated: Stated,
    key: tuple[str, ...],
    numerator: str,
    denominator: str | None,
) -> None:
    metric, variant, scheme, basis, end = key
    found = stated[(metric, variant, "460000", scheme, "all", basis, end)]
    assert found[1:] == (Decimal(numerator), Decimal(denominator) if denominator else None)


def test_aid_is_dated_by_its_own_arrival(
    stated: Stated,
) -> None:
    """R06 paid 180 in January and was aided with 220 in August: aided from August, not from January."""

    def aided(metric: str, basis: str, end: str) -> Decimal:
        return stated[(metric, "all", "460100", "resident", "all", basis, end)][0]

    assert aided("subsidised_enrol_persons", "point", "2024-07-31") == 1
    assert aided("subsidised_enrol_persons", "point", "2024-08-31") == 2
    assert aided("subsidised_enrol_amount", "ytd", "2024-07-31") == 400
    assert aided("subsidised_enrol_amount", "ytd", "2024-08-31") == 620


def test_a_budget_of_which_nothing_was_spent_stays_in_the_denominator(
    stated: Stated,
) -> None:
    """Sanya's accounts have a budget for vaccines and spent nothing; its residents one for transfers."""
    account = stated[("expense_budget_exec", "formula", "460200", "employee", "total", "year", "2024-12-31")]
    assert account[1:] == (Decimal(600), Decimal(600))
    income = stated[("income_budget_exec", "formula", "460200", "resident", "pool", "year", "2024-12-31")]
    assert income[1:] == (Decimal(240), Decimal(500))
