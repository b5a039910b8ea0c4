"""What a synthetic province is asked for, and the only source of chance in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.texts import Refused

# Insured persons at the end of 2020 (plan document: 934 万), the size the calibration table speaks of.
PROVINCE_PERSONS = 9_340_000
EARLIEST, LATEST = date(2020, 1, 1), date(2025, 12, 31)
# From this size on every monthly feed is built, written and dropped month by month.
MONTHLY_FILES_FROM = 500_000
# The root of x^5 = x + 1.
EVEN_ROOT = 1.1673039782614187
# Settlement rows that one chunk of a smaller province may hold, and rows per person and year (2025).
CHUNK_ROWS, ROWS_PER_PERSON = 3_000_000, 6.7


@dataclass(frozen=True)
class Period:
    """Days that one delivered file or one chunk covers: ``name`` is ``YYYY`` or ``YYYY-MM``."""

    name: str
    first: date
    last: date

    @property
    def delivered_on(self) -> date:
        """The 10th of the month after the last month."""
        return (self.last + timedelta(days=1)).replace(day=10)

    @property
    def after(self) -> date:
        """The day after the last one, for half-open intervals."""
        return self.last + timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """Size, months and seed of a province. Same plan, same bytes."""

    persons: int
    first: date
    last: date
    seed: int
    is_clean: bool = False

    def __post_init__(self) -> None:
        if not 2_000 <= self.persons <= 15_000_000:
            raise Refused(
                f"人数 {self.persons} 不在 2000 到 15000000 之间。",
                f"{self.persons} persons is not between 2,000 and 15,000,000.",
            )
        object.__setattr__(self, "first", self.first.replace(day=1))
        object.__setattr__(self, "last", _month_end(self.last))
        if not EARLIEST <= self.first <= self.last <= LATEST:
            raise Refused(
                "模拟数据只有 2020-01 至 2025-12 的校准数，请在此范围内选择起止月份。",
                "The province is calibrated for 2020-01 to 2025-12; choose months within.",
            )

    @property
    def share(self) -> float:
        """Size as a share of the real province; all yuan totals scale by it."""
        return self.persons / PROVINCE_PERSONS

    @property
    def months(self) -> tuple[date, ...]:
        """First days of all months."""
        count = month_index(self.last) - month_index(self.first) + 1
        return tuple(month_of(month_index(self.first) + each) for each in range(count))

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(range(self.first.year, self.last.year + 1))

    @property
    def has_monthly_files(self) -> bool:
        """Big provinces are written as monthly Parquet files, small ones as CSV by closed year."""
        return self.persons >= MONTHLY_FILES_FROM

    @property
    def before(self) -> Period:
        """Everything before the first month: what the first full file of a state feed shows."""
        last = self.first - timedelta(days=1)
        name = f"{last:%Y}" if last.month == 12 else f"{last:%Y-%m}"
        return Period(name, date(1900, 1, 1), last)

    @property
    def yearly(self) -> tuple[Period, ...]:
        """One period a year."""
        return tuple(
            Period(str(year), max(self.first, date(year, 1, 1)), min(self.last, date(year, 12, 31)))
            for year in self.years
        )

    @property
    def monthly(self) -> tuple[Period, ...]:
        """One period a month."""
        return tuple(Period(f"{each:%Y-%m}", each, _month_end(each)) for each in self.months)

    @property
    def periods(self) -> tuple[Period, ...]:
        """The files of a monthly feed: closed years, then the months of the last year."""
        if self.has_monthly_files:
            return self.monthly
        last_year = tuple(each for each in self.monthly if each.first.year == self.last.year)
        return self.yearly[:-1] + last_year

    @property
    def chunks(self) -> tuple[Period, ...]:
        """Parts that record feeds are built in; a file never needs two of them."""
        if self.has_monthly_files:
            return self.monthly
        years = max(1, int(CHUNK_ROWS / (self.persons * ROWS_PER_PERSON)))
        groups = [self.yearly[start : start + years] for start in range(0, len(self.yearly), years)]
        return tuple(
            Period(f"{each[0].name}_{each[-1].name}", each[0].first, each[-1].last) for each in groups
        )

    def uniform(self, purpose: str, *columns: str) -> str:
        """SQL for a number in [0, 1) that depends on seed, purpose and the columns' values only."""
        digest = hashlib.sha256(f"{self.seed}:{purpose}".encode()).digest()
        key = int.from_bytes(digest[:8], "big")
        return f"((hash(xor(hash({', '.join(columns)}), {key}::ubigint)) >> 11)::double * {2.0**-53!r})"

    def even(self, place: int, column: str) -> str:
        """SQL for a number in [0, 1) spread evenly over consecutive values of an integer column.

        ``place`` (0–3) chooses one of four dimensions that are even together (additive recurrence on powers
        of the root of x^5 = x + 1), so that small provinces meet their structure too.
        """
        digest = hashlib.sha256(f"{self.seed}:even {place}".encode()).digest()
        offset = int.from_bytes(digest[:4], "big") / 2**32
        turned = f"({column} * {EVEN_ROOT ** -(place + 1)!r}::double + {offset!r}::double)"
        return f"({turned} - floor({turned}))"


def month_index(day: date) -> int:
    """Months since January 2020."""
    return (day.year - 2020) * 12 + day.month - 1


def month_of(index: int) -> date:
    """The first day of the month with this index."""
    return date(2020 + index // 12, index % 12 + 1, 1)


def _month_end(day: date) -> date:
    index = month_index(day) + 1
    return month_of(index) - timedelta(days=1)
