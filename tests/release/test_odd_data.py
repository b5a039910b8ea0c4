"""Sources print odd things; each is loaded or refused, and the build passes all the same."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from warehouse import transform
from warehouse.home import writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import PUBLISHED_DATA, Settings

YEAR = {"period_basis": "year", "period_start": "2020-01-01", "period_end": "2020-12-31"}
POINT = {"period_basis": "point", "period_start": "2020-12-31", "period_end": "2020-12-31"}
HAINAN = {"region_code": "460000", "region_name": "海南省", "scheme_code": "all", "fund_scope": "all"}
RATE = {
    "indicator_code": "inpatient_policy_payment_ratio",
    "scheme_code": "employee",
    "printed_unit": "percent",
}
INCOME = {"indicator_code": "fund_income", "fund_scope": "total", "printed_unit": "100m_yuan"}
EXPENSE = INCOME | {"indicator_code": "fund_expenditure"}
ODD = [
    HAINAN | YEAR | RATE | {"printed_value": "100.1"},
    HAINAN | YEAR | RATE | {"printed_value": "-3", "period_start": "2019-01-01", "period_end": "2019-12-31"},
    HAINAN
    | POINT
    | {"indicator_code": "resident_population", "printed_unit": "persons", "printed_value": "0"},
    HAINAN | YEAR | INCOME | {"printed_value": "0.01", "printed_unit": "yuan", "region_code": "469021"},
    HAINAN
    | YEAR
    | INCOME
    | {
        "printed_value": "99999999",
        "region_code": "469021",
        "period_start": "2021-01-01",
        "period_end": "2021-12-31",
    },
    HAINAN | YEAR | INCOME | {"printed_value": "5", "region_code": "469022"},
    HAINAN | YEAR | EXPENSE | {"printed_value": "4", "region_code": "469022", "period_start": "2020-02-01"},
    HAINAN | YEAR | INCOME | {"printed_value": "60", "printed_unit": "percent", "region_code": "469023"},
    HAINAN | YEAR | {"indicator_code": "nobody_knows", "printed_unit": "items", "printed_value": "7"},
    HAINAN | YEAR | INCOME | {"printed_value": "7", "region_code": "999999", "region_name": "某地"},
] + [
    HAINAN | INCOME | {"region_code": "469024", "printed_value": "1", "period_basis": "ytd"} | span
    for span in (
        {"period_start": "2019-01-01", "period_end": "2019-02-27"},
        {"period_start": "2019-01-01", "period_end": "2019-02-28"},
        {"period_start": "2020-01-01", "period_end": "2020-02-28"},
        {"period_start": "2020-01-01", "period_end": "2020-02-29"},
        {"period_start": "2021-01-01", "period_end": "2021-02-28"},
    )
]


def deliver(settings: Settings, path: Path, rows: list[dict[str, str]]) -> str:
    with (PUBLISHED_DATA / "supervision.csv").open(encoding="utf-8") as stream:
        sample = next(csv.DictReader(stream)) | {"series_code": "odd", "source_id": "odd"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, fieldnames=list(sample))
        out.writeheader()
        out.writerows(sample | row for row in rows)
    with writer(settings):
        (outcome,) = ingest(files_in([path]), settings)
    return outcome.status


def build(settings: Settings) -> None:
    with writer(settings):
        transform.set_parameters(settings, None, None)
        transform.build(settings)


def built(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def home(own_home: Settings) -> Settings:
    return own_home


def test_odd_rows_and_later_corrections_build(home: Settings, tmp_path: Path) -> None:
    assert deliver(home, tmp_path / "odd@2026-11-21.csv", ODD) == "accepted"
    weaker = HAINAN | YEAR | INCOME | {"fund_scope": "unstated", "printed_value": "153.00"}
    assert deliver(home, tmp_path / "later@2026-11-22.csv", [weaker]) == "accepted"
    build(home)
    kept = built(
        home,
        "select cast(known_on as varchar), value, quality_flag from indicator.value "
        "where metric_key = 'fund_income' and region_code = '460000' and scheme_code = 'all' "
        "and period_end = date '2020-12-31' order by 1",
    )
    assert [row[:2] for row in kept] == [("2026-11-21", 15249000000), ("2026-11-22", 15249000000)]
    assert "conflicting_sources" in str(kept[1][2])
    mismatch = built(home, "select region_code, message_zh from quality.finding where check_code = 'unit'")
    assert [row[0] for row in mismatch] == ["469023"]
    assert built(home, "select count(*) from indicator.value where region_code = '469023'") == [(0,)]
    assert built(home, "select region_name from reference.region where region_code = '999999'") == [("某地",)]


def test_the_same_source_corrected_later_is_shown_and_the_old_kept(home: Settings, tmp_path: Path) -> None:
    cell = HAINAN | YEAR | INCOME | {"region_code": "469025"}
    assert deliver(home, tmp_path / "first@2026-11-21.csv", [cell | {"printed_value": "7.0"}]) == "accepted"
    assert deliver(home, tmp_path / "second@2026-11-22.csv", [cell | {"printed_value": "7.1"}]) == "accepted"
    build(home)
    kept = built(
        home,
        "select cast(known_on as varchar), value from indicator.value where region_code = '469025' order by 1",
    )
    assert kept == [("2026-11-21", 700000000), ("2026-11-22", 710000000)]
