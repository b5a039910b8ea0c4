"""What several feeds share: sums that must meet, months written yyyymm, rows that no figure counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.feeds.contract import RowsRule, Rule

PROVINCE = "46"  # the first two digits of the province's region codes
COUNTED_SCHEMES = ("310", "390", "410")  # employees, residents, long-term care


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


def here(column: str, otherwise: str = "false") -> tuple[Rule, RowsRule]:
    """Rows of another province, or of no region where others have one, are taken, said, and counted nowhere.

    ``otherwise`` is a SQL predicate of the rows that need no region of the province. A file without the
    column is said by the check of columns.
    """
    return (
        Rule(
            "region_in_province",
            f"coalesce({otherwise}, false) or starts_with({column}, '{PROVINCE}')",
            "warn",
            "区划不在本省，不计入各表",
            "the region is not in the province: counted nowhere",
        ),
        RowsRule(
            "region_stated",
            f"""
            select _row
            from batch
            where {column} is null
                and not coalesce({otherwise}, false)
                and exists (select 1 from batch where {column} is not null)
            """,
            "warn",
            "没有区划，不计入各表",
            "no region is stated: counted nowhere",
        ),
    )


def scheme_counted() -> Rule:
    """Rows of schemes that no figure has (retired cadres, former resident schemes) are said."""
    return Rule(
        "scheme_counted",
        f"insutype in {listed(COUNTED_SCHEMES)}",
        "warn",
        "不是职工、居民医保或长护险，不计入各表",
        "neither employee nor resident insurance nor long-term care: counted nowhere",
    )


def unit_not_district(column: str) -> Rule:
    """Figures that cannot be added up are of reporting units, not of a city's districts."""
    return Rule(
        "unit_not_district",
        f"not {is_district(column)}",
        "warn",
        "区（市辖）的数不能相加成市的数，不计入各表",
        "a figure of a city's district cannot be added up to the city: counted nowhere",
    )


def is_district(column: str) -> str:
    """A region code below a city of the province (GB/T 2260): not 46xx00, nor 4690xx, the counties."""
    return (
        f"(starts_with({column}, '{PROVINCE}') and substr({column}, 3, 2) not in ('00', '90') "
        f"and substr({column}, 5, 2) <> '00')"
    )
