"""Periods as titles and file names print them: 2022年1-9月, 2023年一季度, 2023Q4, 2025M02 …"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
YEAR = r"(?<![月日][-—–~至到])(?P<year>(?:19|20)\d{2})"
TO = r"[-—–~至到]"
CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
CHINESE_DIGITS = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")} | {
    "○": "0",
    "零": "0",
}
PATTERNS = (
    re.compile(rf"{YEAR}年?度?(?:第|前|[一1](?:季度)?{TO})?(?P<quarter>[一二三四1-4])个?季度"),
    re.compile(rf"{YEAR}[-_]?Q(?P<quarter>[1-4])(?!\d)", re.IGNORECASE),
    re.compile(rf"{YEAR}年?(?P<half>上|下)半年"),
    re.compile(rf"{YEAR}年(?P<first>\d{{1,2}})月?份?{TO}(?:(?P=year)年)?(?P<month>\d{{1,2}})(?!\d|季)"),
    re.compile(rf"{YEAR}M(?:(?P<first>\d{{1,2}})-)?(?P<month>\d{{1,2}})(?!\d)", re.IGNORECASE),
    re.compile(rf"{YEAR}\.(?P<first>\d{{1,2}})[-—–~](?P<month>\d{{1,2}})(?!\d)"),
    re.compile(rf"{YEAR}年(?P<month>\d{{1,2}})(?!\d)(?!月?份?(?:{TO}|[、,和及/])\d)"),
    re.compile(rf"{YEAR}(?P<mark>[.\-/])(?P<month>\d{{1,2}})(?!\d)"),
    re.compile(rf"{YEAR}年(?!度?[\d一二三四上下前第])"),
)


FROM_JANUARY = re.compile(
    rf"年0?1(?:月份?)?{TO}\d|M0?1-\d|[.]0?1[-—–~]\d|前.{{1,2}}季度|上半年|[一1](?:季度)?{TO}[二三四2-4]个?季度|累计(?!结|滚)"
)


CHINESE_MONTH = re.compile(r"(?<![一二三四五六七八九十])(十[一二]?|[元一二三四五六七八九])月(?!结)")
CHINESE_MONTHS = dict(zip("元一二三四五六七八九", (1, *range(1, 10)), strict=True)) | {
    "十": 10,
    "十一": 11,
    "十二": 12,
}
# The day on which a table was made is not the period it covers; the day up to which it counts is.
MADE_ON = re.compile(
    r".*(编制|填报|填表|制表|报送|发布|公布|印发|打印|导出)(时间|日期|[:于]).*"
    r"|(?<!截至)(?<!截止)(?<!至)(?<!截止到)(?:(?:19|20)\d{2}年)?\d{1,2}月\d{1,2}日(?![止末]|前)"
)
PART_OF_YEAR = re.compile(
    rf"(?P<month>\d{{1,2}})月(?!份?{TO}(?:(?:19|20)\d{{2}}年)?\d{{1,2}}月)|前(?P<months>\d{{1,2}})个月|M(?:\d{{1,2}}-)?(?P<m>\d{{1,2}})(?!\d)"
    rf"|(?P<quarter>[一二三四1-4])个?季度|Q(?P<q>[1-4])(?!\d)|(?P<half>[上下]?)半年"
)
YEARS = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年)")


@dataclass(frozen=True)
class Span:
    """A period: ``basis`` as in ``reference.code``; ``start`` is None when the source leaves it open."""

    basis: str
    start: date | None
    end: date


def parse_period(text: str, pattern: str | None = None) -> tuple[date, date] | None:
    """The first and last day that ``text`` names; None if it names none.

    The first day is 1 January unless the text names a later first month (``4-6月``). ``pattern``
    may replace the built-in ones; its groups are year and month (and first), quarter or half.
    Raises ``ValueError`` for a month that does not exist and ``re.error`` for a broken pattern.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not pattern:
        plain = re.sub(r"\s+", "", plain)
        plain = _in_digits(plain)
    for each in (re.compile(pattern),) if pattern else PATTERNS:
        found = each.search(plain)
        if found:
            groups = {name: value for name, value in found.groupdict().items() if value}
            year, last = int(groups["year"]), _month(groups)
            first = _existing(groups.get("first", "1"))
            if first > last:
                raise ValueError(f"month {first} is after month {last}")
            return date(year, first, 1), _last_day(year, last)
    return None


def last_months_named(text: str) -> set[int]:
    """The last month of each part of a year that a text names anywhere (1-3月, 一季度, 上半年)."""
    found = set()
    for each in PART_OF_YEAR.finditer(_without_days(text)):
        groups = {name: value for name, value in each.groupdict().items() if value}
        if month := groups.get("month") or groups.get("months") or groups.get("m"):
            found.add(int(month))
        elif quarter := groups.get("quarter") or groups.get("q"):
            found.add(QUARTERS[quarter] * 3)
        else:
            found.add(12 if groups.get("half") == "下" else 6)
    return found


def years_named(text: str) -> set[int]:
    """The years that a text names."""
    return {int(year) for year in YEARS.findall(_without_days(text))}


def _in_digits(plain: str) -> str:
    plain = CHINESE_YEAR.sub(lambda year: "".join(CHINESE_DIGITS[digit] for digit in year[0]), plain)
    return CHINESE_MONTH.sub(lambda month: f"{CHINESE_MONTHS[month[1]]}月", plain)


def _without_days(text: str) -> str:
    return MADE_ON.sub("", _in_digits(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))))


def says_from_january(text: str) -> bool:
    """Whether a text says that its period begins in January (1-6月, 上半年, 累计), not only that it ends."""
    return FROM_JANUARY.search(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))) is not None


def _existing(text: str) -> int:
    month = int(text)
    if not 1 <= month <= 12:
        raise ValueError(f"month {month}")
    return month


def _month(groups: dict[str, str]) -> int:
    if "month" in groups:
        return _existing(groups["month"])
    if "quarter" in groups:
        return QUARTERS[groups["quarter"]] * 3
    if "half" in groups:
        return 6 if groups["half"] == "上" else 12
    return 12


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def year_before(span: Span) -> Span:
    """The same period of the year before."""
    first = span.start.replace(year=span.start.year - 1) if span.start else None
    return Span(span.basis, first, _last_day(span.end.year - 1, span.end.month))
