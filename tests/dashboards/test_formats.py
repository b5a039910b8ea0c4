"""How numbers, periods and changes are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboards import formats
from dashboards.components.markup import folded
from dashboards.i18n import COLUMN_HEADS, TEXTS


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        ("1234567.895", 2, "1,234,567.90"),
        ("0.125", 2, "0.13"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "−3"),
        ("-14.51", 2, "−14.51"),
        ("-0.001", 2, "0.00"),
        ("27", 1, "27.0"),
        ("952.3700000", 2, "952.37"),
    ],
)
def test_numbers_are_rounded_half_up_and_grouped(amount: str, decimals: int, text: str) -> None:
    assert formats.number(Decimal(amount), decimals) == text


def test_a_bound_is_shown_by_its_words_only() -> None:
    assert formats.value(None, "95%以上", 2, "%", "zh") == "95%以上"
    assert formats.value(None, "95%以上", 2, "%", "en") == "95% or more"


def test_an_approximate_value_keeps_its_words() -> None:
    assert formats.value(Decimal("95.000000"), "95%左右", 2, "%", "zh") == "95%左右"
    assert formats.value(Decimal("95.000000"), "95%左右", 2, "%", "en") == "about 95%"


@pytest.mark.parametrize(
    ("words", "english"),
    [
        ("稳定在95%以上", "stable at 95% or more"),
        ("500个以上", "500个 or more"),
        ("不到10%", "under 10%"),
        ("约3000人", "about 3000人"),
        ("保持稳定", "保持稳定"),
    ],
)
def test_limiting_words_are_translated_where_their_form_is_known(words: str, english: str) -> None:
    assert formats.qualifier(words, "en") == english
    assert formats.qualifier(words, "zh") == words


def test_a_missing_value_is_not_zero() -> None:
    assert formats.value(None, None, 2, "亿元", "zh") == "未公布"
    assert formats.share(None) == "—"
    assert formats.day(None) == "—"


@pytest.mark.parametrize(
    ("kind", "amount", "unit", "decimals", "zh", "en"),
    [
        ("growth", "14.051615", "亿元", 2, "同比增长 14.1%", "Up 14.1% on a year before"),
        ("growth", "-3.25", "亿元", 2, "同比下降 3.3%", "Down 3.3% on a year before"),
        ("growth", "0.04", "亿元", 2, "同比增长 0.04%", "Up 0.04% on a year before"),
        ("points", "0.7", "%", 2, "同比提高 0.7 个百分点", "Up 0.7 percentage points on a year before"),
        ("points", "-2.6", "%", 2, "同比下降 2.6 个百分点", "Down 2.6 percentage points on a year before"),
        ("difference", "0.529973", "个月", 1, "同比增加 0.5 个月", "Up 0.5 个月 on a year before"),
        ("growth", "0", "亿元", 2, "同比持平", "Unchanged from a year before"),
    ],
)
def test_changes_are_in_percent_points_or_units(
    kind: str, amount: str, unit: str, decimals: int, zh: str, en: str
) -> None:
    assert formats.change(kind, Decimal(amount), unit, decimals, "zh") == zh
    assert formats.change(kind, Decimal(amount), unit, decimals, "en") == en


def test_no_change_is_invented_where_there_is_no_comparable_year() -> None:
    assert formats.change("growth", None, "亿元", 2, "zh") == "无可比上年数"


@pytest.mark.parametrize(
    ("basis", "start", "end", "zh", "en"),
    [
        ("ytd", date(2025, 1, 1), date(2025, 5, 31), "2025年1–5月累计", "Jan–May 2025, year to date"),
        ("ytd", date(2025, 1, 1), date(2025, 1, 31), "2025年1月累计", "Jan 2025, year to date"),
        ("year", date(2020, 1, 1), date(2020, 12, 31), "2020年", "2020"),
        ("point", date(2020, 12, 31), date(2020, 12, 31), "2020年末", "End of 2020"),
        ("point", date(2025, 5, 31), date(2025, 5, 31), "2025年5月末", "End of May 2025"),
        ("point", date(2025, 6, 13), date(2025, 6, 13), "截至2025-06-13", "As of 2025-06-13"),
        ("quarter", date(2025, 4, 1), date(2025, 6, 30), "2025年第2季度", "Q2 2025"),
        ("month", date(2025, 4, 1), date(2025, 4, 30), "2025年4月", "Apr 2025"),
        ("t12", date(2024, 6, 1), date(2025, 5, 31), "截至2025年5月的近12个月", "12 months to May 2025"),
        ("range", date(2018, 1, 1), date(2020, 12, 31), "2018–2020年", "2018–2020"),
    ],
)
def test_periods_are_named_as_officials_name_them(
    basis: str, start: date, end: date, zh: str, en: str
) -> None:
    assert formats.period(basis, start, end, "zh") == zh
    assert formats.period(basis, start, end, "en") == en


def test_units_follow_their_number() -> None:
    assert formats.with_unit("95", "%") == "95%"
    assert formats.with_unit("3.61", "亿元") == "3.61 亿元"
    assert formats.with_unit("3.61", "100 million yuan") == "3.61 × 100 million yuan"
    assert formats.share(Decimal("0.8899")) == "89%"


def test_every_text_exists_in_both_languages() -> None:
    assert all(text.zh and text.en for text in (TEXTS | COLUMN_HEADS).values())


@pytest.mark.parametrize(("count", "opened"), [(0, None), (4, None), (5, "另 2"), (9, "另 6")])
def test_long_lists_fold_after_three_lines(count: int, opened: str | None) -> None:
    lines = folded([f"<{number}>" for number in range(count)], lambda count: f"另 {count}")
    if not count:
        assert lines == "—"
        return
    assert not isinstance(lines, str)
    assert lines.source.count("<div>") == count
    assert "<0>" not in lines.source
    assert ("<details>" in lines.source) == (opened is not None)
    assert opened is None or f"<summary>{opened}</summary>" in lines.source
