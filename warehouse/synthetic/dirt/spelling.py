"""SQL for the ways in which exports misspell a value: Q03, Q04, Q05, Q10, Q11, Q18 of the source model.

Each function takes a typed column and gives SQL for the text that is written instead.
"""

from __future__ import annotations

from collections.abc import Mapping

ZERO_WIDTH_SPACE = "chr(8203)"
ASCII_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
FULL_WIDTH_SIGNS = "".join(chr(ord(sign) + 0xFEE0) for sign in ASCII_SIGNS)
# the amounts from which a thousands separator shows, and up to which seven digits are exact
THOUSAND, SEVEN_DIGITS = 1_000, 99_999

# SQL texts that must come through as they are
EMBEDDED = "'第一行' || chr(10) || '第二行\"引号\",逗号' || chr(9) || '制表符'"
FORMULA = "'=cmd|'' /C calc''!A0'"

COUNTY_NAMES = {"460100": "海口", "460200": "三亚市", "460400": "儋州", "469005": "文昌市", "469007": "东方"}
COUNTY_NAMES_ENDED = {"469030": "琼中县", "469028": "陵水县", "469025": "白沙县", "469027": "乐东县"}
TRADITIONAL_NAMES = {
    "469030": "瓊中",
    "469028": "陵水縣",
    "469002": "瓊海市",
    "469006": "萬寧",
    "469007": "東方市",
}


def full_width(column: str) -> str:
    """Digits, capital letters, point and minus as full-width characters."""
    return f"translate(cast({column} as varchar), '{ASCII_SIGNS}', '{FULL_WIDTH_SIGNS}')"


def with_full_width_space(column: str) -> str:
    """The value with an ideographic space behind it."""
    return f"cast({column} as varchar) || chr(12288)"


def with_zero_width_space(column: str) -> str:
    """The value with an invisible character after its third sign."""
    return f"left({column}, 3) || {ZERO_WIDTH_SPACE} || substr({column}, 4)"


def as_serial(column: str) -> str:
    """A date as the day number of Excel's 1900 calendar."""
    return f"cast({column} - date '1899-12-30' as varchar)"


def with_dots(column: str) -> str:
    """A date as 2022.1.5."""
    return f"strftime({column}, '%Y.%-m.%-d')"


def without_separators(column: str) -> str:
    """A date as 20220105."""
    return f"strftime({column}, '%Y%m%d')"


def in_chinese(column: str) -> str:
    """A date as 2022年1月5日."""
    return f"strftime({column}, '%Y年%-m月%-d日')"


def with_slashes(column: str) -> str:
    """A date as 2022/1/5."""
    return f"strftime({column}, '%Y/%-m/%-d')"


DATE_SPELLINGS = {
    "序列日期": as_serial,
    "点分日期": with_dots,
    "无分隔日期": without_separators,
    "中文日期": in_chinese,
    "斜线日期": with_slashes,
}


def with_thousands(column: str) -> str:
    """An amount as 1,234.56."""
    return (
        f"if({column} < 0, '-', '') || format('{{:,}}', cast(trunc(abs({column})) as bigint)) "
        f"|| right(cast({column} as varchar), 3)"
    )


def with_currency(column: str, sign: str = "￥") -> str:
    """An amount as ￥1234.56."""
    return f"'{sign}' || cast({column} as varchar)"


def in_brackets(column: str) -> str:
    """A negative amount as (123.45)."""
    return f"'(' || cast(-({column}) as varchar) || ')'"


def in_scientific_notation(column: str) -> str:
    """An amount below 100,000 as 1.234560E+03, without loss."""
    return f"format('{{:E}}', cast({column} as double))"


def without_leading_zero(column: str) -> str:
    """A code as 1 instead of 01."""
    return f"substr({column}, 2)"


def named(column: str, names: Mapping[str, str]) -> str:
    """A region code as one of the names given for it."""
    cases = " ".join(f"when '{code}' then '{name}'" for code, name in names.items())
    return f"case {column} {cases} end"


def has_name(column: str, names: Mapping[str, str]) -> str:
    """Whether a name is given for the region code."""
    return f"{column} in ({', '.join(repr(code) for code in names)})"
