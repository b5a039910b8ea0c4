"""A month has arrived when its delivery has: late rows and corrections do not stand for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from delivered import deliver
from typer.testing import CliRunner

from dashboards.services import operations
from warehouse.alerts.deliveries import overdue
from warehouse.alerts.rules import read_rules
from warehouse.cli import app
from warehouse.clock import today
from warehouse.control.database import migrate
from warehouse.control.history import say_complete
from warehouse.control.models import DeliverySaid
from warehouse.feeds.timing import end_of, first_of_next, month_before
from warehouse.home import init_home, writer
from warehouse.months.arrival import arrivals, gaps
from warehouse.months.checklist import checklist
from warehouse.months.expected import Expected, expected, never_delivered, summary
from warehouse.settings import Settings, load_settings

JULY, ON = date(2024, 7, 1), date(2025, 3, 1)
COUNTIES = {"460100": 400, "460200": 120, "469001": 30, "469030": 3}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, control_url=f"sqlite:///{tmp_path / 'control.sqlite'}")
    migrate(settings.control_url)
    return settings


def months(first: date, last: date) -> list[date]:
    found = [first]
    while found[-1] < last:
        found.append(first_of_next(found[-1]))
    return found


YEAR = months(date(2024, 1, 1), date(2024, 12, 1))


def send(
    home: Settings,
    rows: Callable[[date], dict[str, int] | int],
    over: Sequence[date] = YEAR,
    feed: str = "settlement",
) -> None:
    """One file a month, delivered on the tenth of the next."""
    for month in over:
        if rows(month):
            name = f"-{month:%Y%m}"
            deliver(home, feed, first_of_next(month).replace(day=10), month, rows=rows(month), name=name)


def line(home: Settings, month: date = JULY, feed: str = "settlement", on: date = ON) -> Expected:
    (found,) = [each for each in expected(home, month, on) if each.feed == feed]
    return found


def missing(home: Settings, over: Sequence[date] = YEAR, feed: str = "settlement") -> list[date]:
    return [month for month in over if line(home, month, feed).is_missing]


def all_but(month: date, rows: int = 3000) -> Callable[[date], int]:
    return lambda each: 0 if each == month else rows


def test_a_month_without_its_file_is_overdue(home: Settings) -> None:
    send(home, all_but(JULY))
    assert missing(home) == [JULY]
    assert line(home).state == "overdue"


@pytest.mark.parametrize("usual", [30, 300, 6740])
@pytest.mark.parametrize("late", [1, 3])
def test_a_few_late_rows_do_not_stand_for_the_file(usual: int, late: int, home: Settings) -> None:
    send(home, all_but(JULY, usual))
    deliver(home, "settlement", date(2025, 1, 20), JULY, rows=late, name="-few")
    assert missing(home) == [JULY]
    found = line(home)
    assert (found.state, found.rows_arrived, found.rows_expected) == ("incomplete", late, usual)
    assert f"{late} 行" in found.lacks.zh
    assert str(usual) in found.lacks.zh
    deliver(home, "settlement", date(2025, 2, 10), JULY, rows=usual, name="-whole")
    found = line(home)
    assert (found.state, found.arrived_on, found.lacks.zh) == ("late", date(2025, 2, 10), "")


def test_corrections_that_touch_a_month_bring_none_of_its_rows(home: Settings) -> None:
    """Originals that are sent once more with their refund flag: known keys, so nothing new of July."""
    send(home, all_but(JULY))
    deliver(home, "settlement", date(2025, 1, 20), JULY, rows=0, name="-again")
    assert line(home).state == "overdue"


def test_the_last_month_is_told_by_those_before_it(home: Settings) -> None:
    december = date(2024, 12, 1)
    send(home, all_but(december))
    assert missing(home) == [december]
    deliver(home, "settlement", date(2025, 1, 20), december, rows=5, name="-few")
    assert line(home, december).state == "incomplete"


def test_before_its_day_a_month_in_part_is_not_due_yet(home: Settings) -> None:
    december = date(2024, 12, 1)
    send(home, lambda month: 0 if month == december else 3000, feed="fund_ledger")
    deliver(home, "fund_ledger", date(2025, 1, 5), december, rows=200, name="-part")
    assert line(home, december, "fund_ledger", date(2025, 1, 15)).state == "pending"
    assert line(home, december, "fund_ledger", date(2025, 1, 21)).state == "incomplete"


def test_months_that_are_small_by_nature_are_not_accused(home: Settings) -> None:
    """Three rows a month, and now and then one; a month without any cannot be told from a month without events."""
    few = dict(zip(YEAR, [3, 1, 4, 2, 3, 5, 1, 2, 3, 1, 4, 2], strict=True))
    send(home, lambda month: few[month])
    assert missing(home) == []


def test_a_holiday_or_a_slow_month_has_arrived(home: Settings) -> None:
    send(home, lambda month: 1700 if month == date(2024, 2, 1) else 3000)
    assert missing(home) == []


def test_a_feed_that_grows_has_arrived_from_its_first_month_on(home: Settings) -> None:
    over = months(date(2022, 1, 1), date(2024, 12, 1))
    send(home, lambda month: 300 + 60 * over.index(month), over)
    assert missing(home, over) == []


def test_a_season_is_known_from_other_years(home: Settings) -> None:
    """Half the year is the season; July is small in each of three years."""
    over = months(date(2022, 1, 1), date(2024, 12, 1))
    send(home, lambda month: 40 if month.month == 7 else 3000, over)
    assert missing(home, over) == []
    send(home, lambda month: 20 if month.month == 7 else 400, over, "inspection")
    assert missing(home, over, "inspection") == []


def test_a_county_without_its_first_months_is_named(home: Settings) -> None:
    first = YEAR[:3]
    send(
        home,
        lambda month: {code: n for code, n in COUNTIES.items() if code != "460200" or month not in first},
    )
    assert missing(home) == first
    found = line(home, first[0])
    assert (found.state, found.regions) == ("incomplete", ("460200",))
    assert "三亚市" in found.lacks.zh
    assert gaps(home, ON) == {"settlement": first}


def test_a_county_that_came_alone_has_come_and_the_others_have_not(home: Settings) -> None:
    send(home, lambda month: {"460100": 400} if month == JULY else COUNTIES)
    by_region = {each.region_code: each.is_arrived for each in arrivals(home, JULY, ON)}
    assert by_region == {"all": True, "460100": True, "460200": False, "469001": False, "469030": True}
    send(home, lambda month: {"460200": 120} if month == JULY else COUNTIES, feed="contribution")
    by_region = {
        each.region_code: each.is_arrived for each in arrivals(home, JULY, ON) if each.feed == "contribution"
    }
    assert by_region["460200"] is True
    assert [code for code, came in by_region.items() if not came] == ["460100", "469001"]


def test_an_operator_may_say_that_these_are_all(home: Settings) -> None:
    send(home, all_but(JULY))
    deliver(home, "settlement", date(2025, 1, 20), JULY, rows=3, name="-few")
    said = DeliverySaid(
        feed="settlement", region_code="all", month=JULY, said_on=date(2025, 2, 1), reason="系统停机"
    )
    say_complete(home, said)
    assert missing(home) == []
    assert line(home, on=date(2025, 1, 31)).state == "incomplete", "nobody had said it by then"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--complete", "settlement"], "--reason"),
        (["--complete", "nonsense", "--reason", "试"], "nonsense"),
        (["--complete", "person", "--reason", "试"], "person"),
        (["--complete", "grouping", "--region", "460100", "--reason", "试"], "--region"),
    ],
)
def test_such_a_word_needs_a_reason_and_a_feed_that_is_judged(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    ended = CliRunner().invoke(
        app, ["expected", "--month", "2024-07", *arguments, "--home", str(tmp_path / "home")]
    )
    assert ended.exit_code != 0
    assert said in str(ended.exception)


def test_the_word_is_kept_by_the_command(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    words = ["--complete", "settlement", "--region", "460200", "--reason", "四月并入"]
    ended = CliRunner().invoke(app, ["--home", home, "expected", "--month", "2024-07", *words])
    assert ended.exit_code == 0, ended.exception
    audit = CliRunner().invoke(app, ["audit", "--action", "month.complete", "--home", home])
    assert "settlement 2024-07 460200" in audit.output


def test_the_checklist_and_the_alert_say_what_lacks(home: Settings) -> None:
    send(home, all_but(JULY))
    deliver(home, "settlement", date(2025, 1, 20), JULY, rows=3, name="-few")
    (item,) = [each for each in checklist(home, JULY, ON) if each.code == "deliveries"]
    assert item.state == "open"
    assert "F04" in item.text.zh
    assert "3 行" in item.text.zh
    findings = list(overdue([each for each in read_rules() if each.kind == "freshness"], home, ON))
    (told,) = [each.message.zh for each in findings if "F04" in each.message.zh]
    assert "2024-07" in told
    assert "3 行" in told


def test_what_never_came_is_named_and_not_counted_as_arrived(home: Settings) -> None:
    send(home, lambda _: 3000)
    on = end_of(date(2025, 1, 1))
    lines = expected(home, date(2024, 12, 1), on)
    never = [each.zh for each in never_delivered(lines)]
    assert any(each.startswith("F09") for each in never)
    assert not any(each.startswith("F04") for each in never)
    told = summary(lines).zh
    assert f"从未送达 {len(never)}" in told
    assert never[0] in told
    assert "已到 1" in told
    (item,) = [each for each in checklist(home, date(2024, 12, 1), on) if each.code == "deliveries"]
    assert item.state == "note"
    assert never[0] in item.text.zh


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_operators_page_never_says_that_all_came_while_feeds_never_did(lang: str, tmp_path: Path) -> None:
    home = load_settings(tmp_path / "home")
    with writer(home):
        init_home(home)
    asked = f"{month_before(today()):%Y-%m}"
    said, named = operations.title(home, lang), operations.never_came(home, asked, lang)
    assert ("从未送达" if lang == "zh" else "ever delivered") in said
    assert "F04" in named
    month = month_before(today())
    for feed in ("settlement", "fund_ledger"):
        deliver(home, feed, today(), month)
    said, named = operations.title(home, lang), operations.never_came(home, asked, lang)
    assert ("从未送达" if lang == "zh" else "never delivered") in said
    assert "F04" not in named
    assert "F12" in named
