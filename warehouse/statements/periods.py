"""Periods as titles and file names print them: 2022年1-9月, 2023年一季度, 2023Q4, 2025M02 …"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
PATTERNS = (
    re.compile(r"(?P<year>(?:19|20)\d{2})年?(?:第)?(?P<quarter>[一二三四1-4])季度"),
    re.compile(r"(?P<year>(?:19|20)\d{2})[-_]?Q(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(r"(?P<year>(?:19|20)\d{2})年?(?P<half>上|下)半年"),
    re.compile(r"(?P<year>(?:19|20)\d{2})年(?:1|01)(?:月)?[-—–至~到](?P<month>\d{1,2})月"),
    re.compile(r"(?P<year>(?:19|20)\d{2})M(?:01-)?(?P<month>\d{2})(?!\d)", re.IGNORECASE),
    re.compile(r"(?P<year>(?:19|20)\d{2})[年.\-/](?P<month>\d{1,2})(?:月|(?!\d))"),
    re.compile(r"(?P<year>(?:19|20)\d{2})年"),
)


@dataclass(frozen=True)
class Span:
    """A period: ``basis`` as in ``reference.code``; ``start`` is None when the source leaves it open."""

    basis: str
    start: date | None
    end: date


def parse_period(text: str, pattern: str | None = None) -> tuple[date, date] | None:
    """The first and last day that ``text`` names as cumulated from 1 January; None if it names none.

    ``pattern`` may replace the built-in ones; its groups are year and month, quarter or half.
    Raises ``ValueError`` for a month that does not exist and ``re.error`` for a broken pattern.
    """
    plain = unicodedata.normalize("NFKC", text)
    for each in (re.compile(pattern),) if pattern else PATTERNS:
        found = each.search(plain)
        if found:
            groups = {name: value for name, value in found.groupdict().items() if value}
            year = int(groups["year"])
            return date(year, 1, 1), _last_day(year, _month(groups))
    return None


def _month(groups: dict[str, str]) -> int:
    if "month" in groups:
        month = int(groups["month"])
        if not 1 <= month <= 12:
            raise ValueError(f"month {month}")
        return month
    if "quarter" in groups:
        return QUARTERS[groups["quarter"]] * 3
    if "half" in groups:
        return 6 if groups["half"] == "上" else 12
    return 12


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
