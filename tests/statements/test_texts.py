"""Printed labels become comparable and printed numbers become numbers; nothing else is taken for one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from warehouse.statements.texts import NotANumber, label_key, label_matches, parse_number

LABELS = {
    "一、參保人數": "参保人数",
    "      基本医疗保险": "基本医疗保险",
    "（一）基金收入": "基金收入",
    "(2)基金支出": "基金支出",
    "1.职工医保": "职工医保",
    "1、职工医保": "职工医保",
    "基　金\n收 入": "基金收入",
    "基金收入（万元）": "基金收入(万元)",
    "其中：生育保险": "其中:生育保险",
    "城鄉居民基本醫療保險": "城乡居民基本医疗保险",
    "累计\u200b结余\ufeff": "累计结余",
    "３５元以上": "35元以上",
    "3.5万元": "3.5万元",
    "": "",
}


@pytest.mark.parametrize("printed", LABELS)
def test_labels_are_compared_without_blanks_numbering_width_and_script(printed: str) -> None:
    assert label_key(printed) == LABELS[printed]


@pytest.mark.parametrize(
    ("pattern", "printed", "fits"),
    [
        ("职工基本医疗保险*", "  职工基本医疗保险（含生育保险）", True),
        ("职工基本医疗保险", "职工基本医疗保险（含生育保险）", False),
        ("其中:生育保险*支出", "其中：生育保險待遇支出", True),
        ("基金收入", "三、基金收入", True),
        ("基金[收入", "基金[收入", True),
        ("*", "", True),
        ("合计", "合 计", True),
    ],
)
def test_a_pattern_names_labels_and_a_star_stands_for_anything(
    pattern: str, printed: str, fits: bool
) -> None:
    assert label_matches(pattern, printed) is fits


NUMBERS = {
    "9874.52": "9874.52",
    "-4.16": "-4.16",
    "−4.16": "-4.16",
    "+5": "5",
    "５３．２８": "53.28",
    "２６１，４０７": "261407",
    "1,234,567.89": "1234567.89",
    "1，234.5": "1234.5",
    "14.29 ": "14.29",
    "1 234.5": "1234.5",
    "(123.45)": "-123.45",
    "（１，２３４．５）": "-1234.5",
    "￥1,000.00": "1000.00",
    "1.2E+07": "12000000",
    "3e2": "300",
    ".5": "0.5",
    "0.00": "0.00",
}


@pytest.mark.parametrize("printed", NUMBERS)
def test_numbers_are_read_as_printed(printed: str) -> None:
    assert parse_number(printed) == Decimal(NUMBERS[printed])


def test_the_last_printed_digit_is_kept() -> None:
    assert str(parse_number("7,980.00")) == "7980.00"


NO_VALUES = ["—", "——", "-", "--", "–", "－", "−", "―", "/", "／", "…", "……", "无", "無", "不适用", "不適用"]


@pytest.mark.parametrize("printed", [*NO_VALUES, "", "   ", "\u3000"])
def test_a_dash_says_no_value_and_never_zero(printed: str) -> None:
    assert parse_number(printed) is None


@pytest.mark.parametrize(
    "printed",
    ["约九成", "1,23", "12,34.5", "5%", "1.2.3", "(-5)", "()", "3.2亿", "N/A", "#REF!", "0x1F", "零"],
)
def test_anything_else_is_not_a_number(printed: str) -> None:
    with pytest.raises(NotANumber):
        parse_number(printed)
