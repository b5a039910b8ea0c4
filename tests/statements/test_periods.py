"""Periods are read from the forms in which bureaus print them; an unclear one is never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from warehouse.statements.periods import Span, parse_period, says_from_january, year_before

CUMULATED = {
    "2023年一季度": (2023, 3, 31),
    "2023年第三季度": (2023, 9, 30),
    "2023年前三季度": (2023, 9, 30),
    "2023年1-3季度": (2023, 9, 30),
    "2023年一至三季度": (2023, 9, 30),
    "2023年四季度医疗保险和生育保险主要指标": (2023, 12, 31),
    "liuzhou_2023Q1": (2023, 3, 31),
    "2023-Q4": (2023, 12, 31),
    "2022年1-9月龙南市医疗保障基金运行情况公示表": (2022, 9, 30),
    "２０２２年１—９月": (2022, 9, 30),
    "2022年1月至9月": (2022, 9, 30),
    "2022年1月至2022年9月": (2022, 9, 30),
    "2023年1～6月份": (2023, 6, 30),
    "2023 年 1 - 9 月": (2023, 9, 30),
    "guizhou_2025M02": (2025, 2, 28),
    "unidentified_city_2024M01-02_traditional": (2024, 2, 29),
    "2025M2": (2025, 2, 28),
    "2025年2月": (2025, 2, 28),
    "2025年12月末": (2025, 12, 31),
    "截至2023年9月30日": (2023, 9, 30),
    "2023-06-30": (2023, 6, 30),
    "2024.06": (2024, 6, 30),
    "2023年上半年": (2023, 6, 30),
    "2023年下半年": (2023, 12, 31),
    "2023年度": (2023, 12, 31),
    "2023年医疗保障事业发展统计公报": (2023, 12, 31),
}


@pytest.mark.parametrize("text", CUMULATED)
def test_a_period_without_a_first_month_begins_on_1_january(text: str) -> None:
    end = date(*CUMULATED[text])
    assert parse_period(text) == (date(end.year, 1, 1), end)


@pytest.mark.parametrize("text", ["2023年4-6月", "2023年4月至6月", "2023M04-06", "2023.04-06"])
def test_a_period_that_begins_later_says_so(text: str) -> None:
    assert parse_period(text) == (date(2023, 4, 1), date(2023, 6, 30))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "主要指标",
        "2023",
        "202306",
        "2023Q5",
        "1999-2000",
        "2023年一季",
        "2023年1、2月",
        "2023年1月、2月",
        "2023年1和2月",
        "2022年10月至2023年3月",
        "民国112年",
    ],
)
def test_a_text_that_names_no_period_clearly_gives_none(text: str) -> None:
    assert parse_period(text) is None


@pytest.mark.parametrize("text", ["2023年13月", "2025M13", "2023年0月", "2022年1-13月", "2023年9-4月"])
def test_a_month_that_does_not_exist_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        parse_period(text)


def test_a_pattern_of_the_template_replaces_the_built_in_ones() -> None:
    pattern = r"(?P<year>\d{4})(?P<month>\d{2})期"
    assert parse_period("202306期", pattern) == (date(2023, 1, 1), date(2023, 6, 30))
    assert parse_period("2023年6月", pattern) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024年1-6月",
        "2024年1月至6月",
        "2024M01-06",
        "2024.01-06",
        "2024年上半年",
        "2024年前三季度",
        "2024年6月累计",
    ],
)
def test_a_text_may_say_that_it_begins_in_january(text: str) -> None:
    assert says_from_january(text)


@pytest.mark.parametrize(
    "text", ["2024年6月", "2024年4-6月", "2024年二季度", "2024年", "2024年6月累计结余", "2024M06"]
)
def test_a_text_that_only_ends_says_no_beginning(text: str) -> None:
    assert not says_from_january(text)


def test_a_year_in_chinese_digits_is_a_year() -> None:
    assert parse_period("二○二四年基金收支预算表") == (date(2024, 1, 1), date(2024, 12, 31))
    assert parse_period("二〇二三年1-9月") == (date(2023, 1, 1), date(2023, 9, 30))


def test_the_same_period_a_year_before_ends_on_the_last_day() -> None:
    assert year_before(Span("ytd", date(2025, 1, 1), date(2025, 2, 28))) == Span(
        "ytd", date(2024, 1, 1), date(2024, 2, 29)
    )
