"""SQL conditions that several feeds share: sums that must meet, months written yyyymm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.feeds.contract import Rule


def listed(codes: Iterable[str]) -> str:
    """Codes as a SQL list: ``('21', '22')``."""
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"


def sum_of(parts: Sequence[str]) -> str:
    """The sum of amount columns in yuan, NULL parts as 0."""
    return "(" + " + ".join(f"coalesce({part}, 0)" for part in parts) + ")"


def parts_meet(total: str, parts: Sequence[str], tolerance: str | None = None) -> str:
    """A total in yuan equals the sum of its parts, by default within 0.01 for each part.

    NULL (held) where the total or every part is missing: a file without these columns is not judged by them.
    """
    allowed = tolerance or f"{len(parts) / 100:.2f}"
    return (
        f"case when coalesce({', '.join(parts)}) is not null "
        f"then abs({total} - {sum_of(parts)}) <= {allowed} end"
    )


def is_year_month(column: str) -> str:
    """A text column is a month written yyyymm, or empty."""
    return (
        f"({column} is null or coalesce(length({column}) = 6 "
        f"and try_cast({column} as integer) between 190001 and 210012 "
        f"and try_cast({column} as integer) % 100 between 1 and 12, false))"
    )


def month_of(column: str) -> str:
    """The first day of a month written yyyymm."""
    return f"cast(try_strptime({column}, '%Y%m') as date)"


def no_test_person(name: str) -> Rule:
    """Records of persons whose name says that they are a test (Q15) are kept apart and counted."""
    return Rule(
        "test_data",
        f"not starts_with({name}, '测试')",
        "set_aside",
        "测试人员的记录，另存不计",
        "a test person's record, kept apart",
    )
