"""A month of which a few rows came is incomplete everywhere: in the figures as in the calendar of deliveries."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from golden_home import load, rows

from warehouse.control.history import say_complete
from warehouse.control.models import DeliverySaid
from warehouse.home import writer
from warehouse.ingest.deliver import ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.months.arrival import arrivals
from warehouse.months.expected import expected
from warehouse.settings import Settings, load_settings

VISIT = {
    "setl_id": "", "init_setl_id": "", "psn_no": "46990000000023", "gend": "1", "brdy": "2015-09-20",
    "insutype": "390", "insu_admdvs": "460100", "pay_loc": "2", "fixmedins_code": "H46010000002", "hosp_lv": "08",
    "fix_blng_admdvs": "460100", "begndate": "", "enddate": "", "setl_time": "", "med_type": "11", "setl_type": "2",
    "clr_way": "10", "medfee_sumamt": "50.00", "fulamt_ownpay_amt": "0.00", "overlmt_selfpay": "0.00",
    "preselfpay_amt": "0.00", "inscp_amt": "50.00", "hifp_pay": "20.00", "hifob_pay": "0.00", "hifmi_pay": "0.00",
    "maf_pay": "0.00", "fund_pay_sumamt": "20.00", "psn_pay": "30.00", "acct_pay": "0.00", "cash_payamt": "30.00",
    "ownpay_hosp_part": "0.00", "refd_setl_flag": "0", "vali_flag": "1", "out_flag": "0", "updt_time": "",
}  # fmt: skip
JULY, ON = date(2024, 7, 1), date(2025, 3, 1)
A_MONTH = 30


def visits(
    path: Path, *months: tuple[int, int], first: int = 1, last: int = A_MONTH, prefix: str = "P"
) -> Path:
    """One outpatient visit a day, of the days ``first`` to ``last`` (28 at most are days of their own)."""
    found = []
    for year, month in months:
        for number in range(first, last + 1):
            day = f"{year}-{month:02d}-{(number - 1) % 28 + 1:02d}"
            at = f"{day} {8 + number // 28:02d}:00:00"
            found.append(
                VISIT
                | {"setl_id": f"{prefix}{year}{month:02d}{number:03d}", "begndate": day, "enddate": day}
                | {"setl_time": at, "updt_time": f"{day} 20:00:00"}
            )
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer_ = csv.DictWriter(stream, list(VISIT), lineterminator="\n")
        writer_.writeheader()
        writer_.writerows(found)
    return path


def pool_visits(home: Settings, basis: str, end: str) -> list[tuple[Decimal, Decimal, str]]:
    found: list[tuple[Decimal, Decimal, str]] = rows(
        home,
        f"""
        select value, completeness, quality_flag from ind.ind_feed__period
        where metric_key = 'op_pool_visits' and region_code = '460000' and scheme_code = 'all'
            and period_basis = '{basis}' and period_end = '{end}'
        """,
    )
    return found


@pytest.fixture(scope="module")
def short(golden: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Thirty visits in every month of two years but July 2024, of which one row came late."""
    folder = tmp_path_factory.mktemp("short")
    settings = load_settings(folder / "home")
    shutil.copytree(golden.home, settings.home)
    all_months = [(year, month) for year in (2023, 2024) for month in range(1, 13)]
    others = [each for each in all_months if each != (2024, 7)]
    whole = visits(folder / "settlement_all_but_2024-07@2025-01-12.csv", *others)
    late = visits(folder / "settlement_one_row_of_2024-07@2025-01-20.csv", (2024, 7), last=1, prefix="L")
    load(settings, [whole, late])
    with writer(settings):
        reconcile(settings)
    return settings


def test_one_late_row_makes_no_month(short: Settings) -> None:
    ((value, completeness, flag),) = pool_visits(short, "month", "2024-07-31")
    assert (value, flag) == (1, "incomplete")
    assert completeness < Decimal("0.07"), "the golden province has one of its own"
    ((_, completeness, flag),) = pool_visits(short, "year", "2024-12-31")
    assert "incomplete" in flag
    assert Decimal("0.9166") < completeness < Decimal("0.9222")
    ((value, completeness, flag),) = pool_visits(short, "month", "2024-06-30")
    assert (completeness, "incomplete" in flag) == (1, False)


def test_no_growth_is_told_over_a_month_that_did_not_come(short: Settings) -> None:
    found = rows(
        short,
        """
        select metric_key, period_end from ind.ind_feed__period
        where completeness < 1 and contains(quality_flag, 'ok')
        """,
    )
    assert found == []


def test_the_calendar_of_deliveries_and_the_figures_judge_alike(short: Settings) -> None:
    months = rows(
        short, "select distinct month_start from intermediate.int_calendar__deliveries order by all"
    )
    for (month,) in months:
        in_figures = rows(
            short,
            f"""
            select feed, region_code, rows_arrived, rows_expected, is_arrived
            from intermediate.int_calendar__deliveries where month_start = date '{month}' order by all
            """,
        )
        in_calendar = sorted(
            (each.feed, each.region_code, each.rows_arrived, each.rows_expected, each.is_arrived)
            for each in arrivals(short, month, ON)
        )
        assert in_calendar == in_figures, month
    (line,) = [each for each in expected(short, JULY, ON) if each.feed == "settlement"]
    assert (line.state, line.rows_arrived) == ("incomplete", 2)
    missing = {
        each.feed for month in months for each in expected(short, month[0], ON)
        if each.state == "incomplete"
    }  # fmt: skip
    assert missing == {"settlement"}


def test_the_file_itself_or_a_word_makes_it_whole(short: Settings, tmp_path: Path) -> None:
    said, sent = (load_settings(tmp_path / name) for name in ("said", "sent"))
    shutil.copytree(short.home, said.home)
    shutil.copytree(short.home, sent.home)
    reason = DeliverySaid(
        feed="settlement", region_code="all", month=JULY, said_on=date(2025, 2, 1), reason="全月停机"
    )
    say_complete(said, reason)
    load(said, [visits(tmp_path / "settlement_more@2025-02-10.csv", (2024, 8), last=1, prefix="M")])
    load(sent, [visits(tmp_path / "settlement_2024-07@2025-02-10.csv", (2024, 7), first=2)])
    for home, visits_of_july in ((said, 1), (sent, 30)):
        ((value, completeness, flag),) = pool_visits(home, "month", "2024-07-31")
        assert (value, completeness, "incomplete" in flag) == (visits_of_july, 1, False)
        ((_, completeness, flag),) = pool_visits(home, "year", "2024-12-31")
        assert (completeness, "incomplete" in flag) == (1, False)


def test_one_visit_under_two_ids_in_two_files_is_a_finding(golden: Settings, tmp_path: Path) -> None:
    home = load_settings(tmp_path / "home")
    shutil.copytree(golden.home, home.home)
    files = [
        visits(tmp_path / f"settlement_b{number}@2025-02-1{number}.csv", (2024, 9), last=1, prefix=prefix)
        for number, prefix in ((1, "QA"), (2, "QB"))
    ]
    with writer(home):
        outcomes = list(ingest(files, home))
    assert [each.status for each in outcomes] == ["accepted", "accepted"]
    found = rows(home, "select batch_id, rows_found from raw.finding where rule = 'not_sent_twice'")
    assert found == [(outcomes[1].batch_id, 1)]
