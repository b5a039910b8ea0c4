"""Which deliveries are due when, and when a month has arrived."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from delivered import deliver

from warehouse.control.database import migrate
from warehouse.feeds import FEEDS
from warehouse.feeds.timing import due_days, due_on, is_by_default, lock_due, month_before
from warehouse.months.expected import Expected, expected, has_platform_data
from warehouse.settings import Settings

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, control_url=f"sqlite:///{tmp_path / 'control.sqlite'}")
    migrate(settings.control_url)
    return settings


def line(home: Settings, feed: str, month: date, on: date) -> Expected:
    (found,) = [each for each in expected(home, month, on) if each.feed == feed]
    return found


def test_due_days_are_the_source_models_where_it_names_them_else_the_default() -> None:
    named = {name: feed.due_days for name, feed in FEEDS.items() if not is_by_default(feed)}
    assert named == {"contribution": 3, "grouping": 50, "clearing": 92, "reference_figure": 365}
    assert due_days(FEEDS["fund_ledger"]) == 20
    assert due_days(FEEDS["settlement"]) == 1
    assert due_days(FEEDS["plan_registry"]) is None
    assert due_days(FEEDS["published_statistic"]) is None


def test_due_dates_count_from_the_end_of_the_period() -> None:
    assert due_on(FEEDS["fund_ledger"], JUNE) == date(2025, 7, 20)
    assert due_on(FEEDS["settlement"], date(2024, 12, 1)) == date(2025, 1, 1)
    assert due_on(FEEDS["fund_budget"], date(2024, 12, 1)) == date(2025, 6, 30)
    assert due_on(FEEDS["fund_budget"], JUNE) is None
    assert lock_due(date(2024, 2, 1)) == date(2024, 3, 20)
    assert month_before(date(2025, 1, 10)) == date(2024, 12, 1)


def test_a_monthly_feed_arrives_with_rows_of_the_month(home: Settings) -> None:
    assert line(home, "fund_ledger", JUNE, date(2025, 7, 25)).state == "never"
    deliver(home, "fund_ledger", date(2025, 6, 10), date(2025, 5, 1))
    assert line(home, "fund_ledger", JUNE, date(2025, 7, 20)).state == "pending"
    assert line(home, "fund_ledger", JUNE, date(2025, 7, 21)).state == "overdue"
    deliver(home, "fund_ledger", date(2025, 7, 22), JUNE)
    found = line(home, "fund_ledger", JUNE, date(2025, 7, 25))
    assert (found.state, found.arrived_on) == ("late", date(2025, 7, 22))
    assert found.files == ("fund_ledger-0722.csv",)


def test_a_daily_feed_has_arrived_only_when_the_month_is_over(home: Settings) -> None:
    deliver(home, "settlement", date(2025, 6, 15), JUNE)
    assert line(home, "settlement", JUNE, date(2025, 7, 2)).state == "overdue"
    deliver(home, "settlement", date(2025, 7, 1), JULY)
    assert line(home, "settlement", JUNE, date(2025, 7, 2)).state == "arrived"


def test_a_feed_without_months_arrives_with_a_delivery_after_the_end(home: Settings) -> None:
    deliver(home, "institution", date(2025, 6, 30))
    assert line(home, "institution", JUNE, date(2025, 7, 21)).state == "overdue"
    deliver(home, "institution", date(2025, 7, 2))
    assert line(home, "institution", JUNE, date(2025, 7, 21)).state == "arrived"


def test_a_yearly_feed_is_expected_with_december(home: Settings) -> None:
    deliver(home, "fund_budget", date(2025, 1, 10), date(2024, 1, 1))
    assert line(home, "fund_budget", date(2024, 12, 1), date(2025, 7, 1)).state == "arrived"
    assert line(home, "fund_budget", date(2025, 12, 1), date(2026, 7, 1)).state == "overdue"
    assert "fund_budget" not in [each.feed for each in expected(home, JUNE, JULY)]


def test_what_was_refused_or_comes_later_does_not_count(home: Settings) -> None:
    deliver(home, "fund_ledger", date(2025, 7, 10), JUNE, status="refused")
    assert line(home, "fund_ledger", JUNE, date(2025, 7, 25)).state == "never"
    assert not has_platform_data(home)
    deliver(home, "fund_ledger", date(2025, 7, 30), JUNE)
    assert line(home, "fund_ledger", JUNE, date(2025, 7, 25)).state == "never"
    assert has_platform_data(home)
