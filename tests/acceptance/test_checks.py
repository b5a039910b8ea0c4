"""Every check of the reference package that these series can give comes out with the same difference.

``reference_checks.csv`` lists both sides as the reference package states them; the release computes
both from printed cells, so nothing but the numbers links the two.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

CHECKS = Path(__file__).with_name("reference_checks.csv")


def reference_checks() -> list[dict[str, str]]:
    with CHECKS.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def reconciliation(release_db: duckdb.DuckDBPyConnection) -> list[tuple[Decimal, Decimal, Decimal, bool]]:
    return release_db.sql(
        """
        select
            expected_value * coalesce(display_factor, 1),
            found_value * coalesce(display_factor, 1),
            difference * coalesce(display_factor, 1),
            is_met
        from quality.reconciliation
        left join reference.display_unit using (unit)
        """
    ).fetchall()


@pytest.mark.parametrize("check", reference_checks(), ids=lambda check: check["check"][:60])
def test_reference_check(
    check: dict[str, str], reconciliation: list[tuple[Decimal, Decimal, Decimal, bool]]
) -> None:
    scale = Decimal(check["scale"])
    left, right = Decimal(check["lhs"]), Decimal(check["rhs"])
    precision = Decimal("0.006") * max(scale, 1)
    matches = [
        (difference * scale, is_met)
        for expected, found, difference, is_met in reconciliation
        if abs(expected * scale - left) <= precision and abs(found * scale - right) <= precision
    ]
    assert matches, "no reconciliation has these two sides"
    assert any(abs(difference - (left - right)) <= precision for difference, _ in matches)
    if check["result"] == "DIFFERS":
        assert not any(is_met for _, is_met in matches)


def test_only_the_known_misprint_is_an_error(release_db: duckdb.DuckDBPyConnection) -> None:
    errors = release_db.sql(
        "select region_code, rule, expected_value, found_value, difference, file_name "
        "from quality.finding where severity = 'error' order by file_name"
    ).fetchall()
    misprint = ("x-托里县", "schemes_sum", Decimal(82900), Decimal(83800), Decimal(-900))
    assert errors == [
        (*misprint, "regional_key_indicator_feeds.csv"),
        (*misprint, "tuoli_2023Q2.csv"),
    ]
