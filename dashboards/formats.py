"""How numbers, periods and changes are written, in Chinese and in English.

Numbers are ``Decimal`` in the unit of the screen; rounding is half up, as statistics offices round. A value
that was published as a bound has no number: its printed words (``95%以上``) are shown instead.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
NO_VALUE = {"zh": "未公布", "en": "Not published"}
NO_COMPARISON = {"zh": "无可比上年数", "en": "No comparable figure a year before"}
AS_PRINTED = ("%", "个月", "months")  # 82% is published as 82%, not as 82.00%
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBER = r"([\d,.]+)\s*(%|\D*?)"
QUALIFIERS = (
    (re.compile(rf"^稳定在{NUMBER}以上$"), r"stable at \1\2 or more"),
    (re.compile(rf"^{NUMBER}以上$"), r"\1\2 or more"),
    (re.compile(rf"^{NUMBER}(?:以下|以内)$"), r"\1\2 or less"),
    (re.compile(rf"^{NUMBER}左右$"), r"about \1\2"),
    (re.compile(rf"^(?:超过|超){NUMBER}$"), r"over \1\2"),
    (re.compile(rf"^(?:不到|不足){NUMBER}$"), r"under \1\2"),
    (re.compile(rf"^(?:约|近){NUMBER}$"), r"about \1\2"),
    (re.compile(r"^＜(\d+)$"), r"<\1"),
    (re.compile(r"^不公布$"), "not shown"),
    (re.compile(r"^基数不足(\d+)$"), r"base below \1"),
)


def number(value: Decimal, decimals: int) -> str:
    """``value`` rounded half up to ``decimals``, with thousands separators and a true minus sign."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def with_unit(text: str, unit: str) -> str:
    """A number followed by its unit: no space before ``%``, a times sign before ``100 million yuan``."""
    if unit in ("", "%"):
        return f"{text}{unit}"
    return f"{text} × {unit}" if unit[0].isdigit() else f"{text} {unit}"


def qualifier(text: str, lang: str) -> str:
    """The printed limiting words; in English, translated where the form is known."""
    if lang != "en":
        return text
    for pattern, replacement in QUALIFIERS:
        if pattern.match(text):
            return pattern.sub(replacement, text).strip()
    return text


def value(
    amount: Decimal | None, words: str | None, decimals: int, unit: str, lang: str, *, shows_unit: bool = True
) -> str:
    """A published value as text: its limiting words, else number and unit, else "not published"."""
    if words:
        return qualifier(words, lang)
    if amount is None:
        return NO_VALUE[lang]
    text = number(amount, decimals)
    if unit in AS_PRINTED and "." in text:
        text = text.rstrip("0").rstrip(".")
    return with_unit(text, unit if shows_unit else "")


def change(kind: str, amount: Decimal | None, unit: str, decimals: int, lang: str) -> str:
    """The comparison with a year before.

    ``growth`` is in percent, ``points`` in percentage points, ``difference`` in ``unit``.
    """
    if amount is None:
        return NO_COMPARISON[lang]
    if amount == 0:
        return "同比持平" if lang == "zh" else "Unchanged from a year before"
    size = _size(amount, 1 if kind in ("growth", "points") else decimals)
    is_up = amount > 0
    if lang == "en":
        measure = {"growth": f"{size}%", "points": f"{size} percentage points"}.get(
            kind, with_unit(size, unit)
        )
        return f"{'Up' if is_up else 'Down'} {measure} on a year before"
    if kind == "growth":
        return f"同比{'增长' if is_up else '下降'} {size}%"
    if kind == "points":
        return f"同比{'提高' if is_up else '下降'} {size} 个百分点"
    return f"同比{'增加' if is_up else '减少'} {with_unit(size, unit)}"


def _size(amount: Decimal, decimals: int) -> str:
    """The size of a change, with one more decimal where it would round to nothing."""
    text = number(abs(amount), decimals)
    return text if any(digit in text for digit in "123456789") else number(abs(amount), decimals + 1)


def share(rate: Decimal | None, decimals: int = 0) -> str:
    """A rate between 0 and 1 as a percentage; a dash where there is none."""
    return "—" if rate is None else f"{number(rate.scaleb(2), decimals)}%"


def day(moment: date | None) -> str:
    """An ISO date; a dash where there is none."""
    return "—" if moment is None else moment.isoformat()


def period(basis: str, start: date, end: date, lang: str) -> str:
    """A period in words, such as 2025年1–5月累计, 2020年, 2020年末, 截至2025-06-13."""
    writers = {"zh": _period_zh, "en": _period_en}
    return writers[lang](basis, start, end)


def _period_zh(basis: str, start: date, end: date) -> str:
    if basis == "year":
        return f"{end.year}年"
    if basis == "ytd":
        months = f"{end.month}月" if end.month == 1 else f"1–{end.month}月"
        return f"{end.year}年{months}累计"
    if basis == "quarter":
        return f"{end.year}年第{_quarter(end)}季度"
    if basis == "month":
        return f"{end.year}年{end.month}月"
    if basis == "t12":
        return f"截至{end.year}年{end.month}月的近12个月"
    if basis == "range":
        return f"{start.year}–{end.year}年"
    if (end.month, end.day) == (12, 31):
        return f"{end.year}年末"
    return f"{end.year}年{end.month}月末" if _is_month_end(end) else f"截至{end.isoformat()}"


def _period_en(basis: str, start: date, end: date) -> str:
    month = f"{MONTHS[end.month - 1]} {end.year}"
    if basis == "year":
        return str(end.year)
    if basis == "ytd":
        return f"{month}, year to date" if end.month == 1 else f"Jan–{month}, year to date"
    if basis == "quarter":
        return f"Q{_quarter(end)} {end.year}"
    if basis == "month":
        return month
    if basis == "t12":
        return f"12 months to {month}"
    if basis == "range":
        return f"{start.year}–{end.year}"
    if (end.month, end.day) == (12, 31):
        return f"End of {end.year}"
    return f"End of {month}" if _is_month_end(end) else f"As of {end.isoformat()}"


def _quarter(end: date) -> int:
    return (end.month + 2) // 3


def _is_month_end(end: date) -> bool:
    return (end + timedelta(days=1)).day == 1
