"""The issue's known answers, computed here from the shipped files and compared with the release."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from warehouse.settings import PUBLISHED_DATA, SEEDS

HAINAN, NATION = "460000", "000000"


def rows(name: str) -> list[dict[str, str]]:
    with (PUBLISHED_DATA / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def figure(figure_id: str) -> Decimal:
    return next(
        Decimal(row["value_normalised"]) for row in rows("published_figure") if row["figure_id"] == figure_id
    )


def printed(series: str, **wanted: str) -> Decimal:
    found = [row for row in rows(series) if all(row[key] == value for key, value in wanted.items())]
    assert found, wanted
    factor = {"100m_yuan": 10**8, "10k_persons": 10**4, "persons": 1, "months": 1}[found[0]["printed_unit"]]
    return Decimal(found[0]["printed_value"]) * factor


def value(
    release: duckdb.DuckDBPyConnection, metric: str, region: str, end: date, **wanted: str
) -> dict[str, Any]:
    condition = "".join(f" and {key} = '{text}'" for key, text in wanted.items())
    found = (
        release.sql(
            f"select * from indicator.value where metric_key = '{metric}' and region_code = '{region}' "
            f"and period_end = date '{end}'{condition}"
        )
        .to_arrow_table()
        .to_pylist()
    )
    assert len(found) == 1, found
    return found[0]


YEAR_END_2020 = date(2020, 12, 31)
MAY_2025 = date(2025, 5, 31)


def test_hainan_2020_current_balance_and_rate(release_db: duckdb.DuckDBPyConnection) -> None:
    income, expense = figure("F001-022"), figure("F001-023")
    balance = value(release_db, "fund_current_balance", HAINAN, YEAR_END_2020, scheme_code="all")
    rate = value(release_db, "fund_balance_rate", HAINAN, YEAR_END_2020, scheme_code="all")
    assert balance["value"] == income - expense
    assert rate["value"] == pytest.approx((income - expense) / income, abs=Decimal("1e-9"))
    assert round(balance["value"] / 10**8, 2) == Decimal("22.18")
    assert round(rate["value"], 3) == Decimal("0.145")


def test_joint_payable_months_are_reconciliation_only(release_db: duckdb.DuckDBPyConnection) -> None:
    months = figure("F000-006") * 12 / figure("F001-023")
    joint = value(release_db, "payable_months_total", HAINAN, YEAR_END_2020, scheme_code="all")
    assert joint["value"] == pytest.approx(months, abs=Decimal("1e-6"))
    assert joint["variant"] == "reconciliation"
    assert "reconciliation_only" in joint["quality_flag"]
    shown = release_db.sql(
        "select count(*) from report.leader_kpi "
        "where card_code in ('payable_months', 'current_balance', 'cumulative_balance') "
        "and scheme_code = 'all'"
    ).fetchall()
    assert shown == [(0,)]


def test_payable_months_are_published_by_scheme(release_db: duckdb.DuckDBPyConnection) -> None:
    employee = value(release_db, "payable_months_total", HAINAN, YEAR_END_2020, scheme_code="employee")
    resident = value(release_db, "payable_months_resident", HAINAN, YEAR_END_2020, scheme_code="resident")
    assert (employee["value"], resident["value"]) == (figure("F000-008"), figure("F000-010"))


@pytest.mark.parametrize(
    ("metric", "source"),
    [
        ("fund_income", "fund_income"),
        ("fund_expense", "fund_expenditure"),
        ("fund_cumulative_balance", "fund_cumulative_balance"),
    ],
)
def test_hainan_may_2025_schemes_add_up(
    release_db: duckdb.DuckDBPyConnection, metric: str, source: str
) -> None:
    parts = {
        scheme: printed(
            "hainan_series", indicator_code=source, scheme_code=scheme, period_end=MAY_2025.isoformat()
        )
        for scheme in ("employee", "resident", "all")
    }
    assert parts["employee"] + parts["resident"] == parts["all"]
    for scheme, amount in parts.items():
        assert value(release_db, metric, HAINAN, MAY_2025, scheme_code=scheme)["value"] == amount


def test_hainan_2025_insured_add_up(release_db: duckdb.DuckDBPyConnection) -> None:
    day = date(2025, 6, 13)
    insured = {
        scheme: value(release_db, "enrolled_persons", HAINAN, day, scheme_code=scheme)["value"]
        for scheme in ("employee", "resident", "all")
    }
    assert insured["employee"] + insured["resident"] == insured["all"] == Decimal(9523700)


@pytest.mark.parametrize(
    ("variant", "population", "percent"),
    [("resident", "resident_population", "92.65"), ("registered", "registered_population", "97.98")],
)
def test_enrolment_rate_2020_by_population(
    release_db: duckdb.DuckDBPyConnection, variant: str, population: str, percent: str
) -> None:
    people = next(
        Decimal(row["printed_value"])
        for row in rows("population")
        if row["region_code"] == HAINAN
        and row["indicator_code"] == population
        and row["period_end"].startswith("2020")
        and row["printed_unit"] == "persons"
    )
    found = value(release_db, "enrol_rate_basic", HAINAN, YEAR_END_2020, variant=variant)
    assert found["value"] == pytest.approx(figure("F001-004") / people, abs=Decimal("1e-9"))
    assert (found["numerator"], found["denominator"]) == (figure("F001-004"), people)
    assert round(found["value"] * 100, 2) == Decimal(percent)


def test_a_bound_stays_a_bound(release_db: duckdb.DuckDBPyConnection) -> None:
    found = value(release_db, "enrol_rate_basic", HAINAN, YEAR_END_2020, variant="published")
    assert found["value"] is None
    assert found["qualifier"] == "95%以上"
    assert found["bound_lower"] == figure("F001-020")


def test_national_resident_payable_months_2023(release_db: duckdb.DuckDBPyConnection) -> None:
    end = date(2023, 12, 31)
    key = {"scheme_code": "resident", "period_end": end.isoformat()}
    closing = printed("annual_bulletin", indicator_code="fund_cumulative_balance", **key)
    expense = printed("annual_bulletin", indicator_code="fund_expenditure", **key)
    official = printed("annual_bulletin", indicator_code="payable_months", **key)
    by_formula = value(release_db, "payable_months_resident", NATION, end, variant="formula")
    published = value(release_db, "payable_months_resident", NATION, end, variant="published")
    assert by_formula["value"] == pytest.approx(closing * 12 / expense, abs=Decimal("1e-6"))
    assert round(by_formula["value"], 2) == Decimal("8.79")
    assert published["value"] == official == Decimal("8.5")


def test_quick_report_and_bulletin_stay_two_series(release_db: duckdb.DuckDBPyConnection) -> None:
    for year in (2022, 2023, 2024, 2025):
        found = release_db.sql(
            "select report_status, value from indicator.value where metric_key = 'fund_income' "
            f"and region_code = '{NATION}' and scheme_code = 'all' and fund_scope = 'total' "
            f"and period_basis = 'year' and period_end = date '{year}-12-31'"
        ).fetchall()
        by_status = dict(found)
        key = {"indicator_code": "fund_income", "scheme_code": "all", "period_end": f"{year}-12-31"}
        assert by_status["preliminary"] == printed("quick_report", fund_scope="total", **key)
        assert by_status["final"] == printed("annual_bulletin", fund_scope="total", **key)


def test_every_figure_is_kept_as_printed(release_db: duckdb.DuckDBPyConnection) -> None:
    kept = release_db.sql(
        "select figure_id, document, value, value_normalised, qualifier, quote from published.figure "
        "order by figure_id"
    ).fetchall()
    source = sorted(rows("published_figure"), key=lambda row: row["figure_id"])
    assert len(kept) == len(source) == 316
    for found, row in zip(kept, source, strict=True):
        expected = (
            row["figure_id"],
            row["document"],
            row["value"],
            Decimal(row["value_normalised"]),
            row["qualifier"] or None,
            row["quote"],
        )
        assert found == expected


def test_plan_has_sixteen_rows_and_four_stay_null(release_db: duckdb.DuckDBPyConnection) -> None:
    plan = release_db.sql(
        "select row_no, cell_status, baseline_value, target_value, baseline_text, raw_text "
        "from plan.target order by row_no"
    ).fetchall()
    assert [row[0] for row in plan] == list(range(1, 17))
    unclear = [row for row in plan if row[1] == "AMBIGUOUS"]
    assert [row[0] for row in unclear] == [7, 8, 15, 16]
    assert all(row[2:5] == (None, None, None) and row[5] for row in unclear)
    by_number = {row[0]: row for row in plan}
    assert by_number[1][2] is None
    assert by_number[9][2:4] == (figure("F001-031"), figure("F001-032"))


def test_registry_holds_every_key_once(release_db: duckdb.DuckDBPyConnection) -> None:
    with (SEEDS / "indicator" / "registry.csv").open(encoding="utf-8") as stream:
        keys = [row["metric_key"] for row in csv.DictReader(stream)]
    found = release_db.sql("select metric_key, block from indicator.registry").fetchall()
    assert len(keys) == len(set(keys)) == len(found) == 185
    assert len({block for _, block in found}) == 113


def test_2020_and_2025_balances_are_neither_joined_nor_compared(
    release_db: duckdb.DuckDBPyConnection,
) -> None:
    drawn = release_db.sql(
        "select scheme_code, count(distinct segment) = count(*) from report.leader_trend "
        f"where region_code = '{HAINAN}' and card_code = 'cumulative_balance' "
        "and period_end >= date '2020-01-01' group by scheme_code"
    ).fetchall()
    assert sorted(drawn) == [("employee", True), ("resident", True)]
    card = release_db.sql(
        "select shown_change, break_zh from report.leader_kpi "
        f"where region_code = '{HAINAN}' and card_code = 'cumulative_balance'"
    ).fetchall()
    assert all(change is None and "口径可能不同" in reason for change, reason in card)
