"""What must not matter does not: order and cut of files, increments, refunds before the lock."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from golden_home import FEEDS, rows, values
from hypothesis import HealthCheck, given, settings, strategies

from warehouse.settings import Settings

SETTLEMENTS = FEEDS / "settlement_2024@2025-01-10.csv"
LEDGER = FEEDS / "fund_ledger_2024@2025-01-10.csv"
Built = Callable[..., Settings]
Row = dict[str, str]
few = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, content: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(content[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)
    return path


def others(*but: Path) -> list[Path]:
    return [path for path in sorted(FEEDS.iterdir()) if path not in but]


@few
@given(seed=strategies.integers(0, 2**32))
def test_the_order_of_rows_does_not_matter(seed: int, golden: Settings, built: Built, tmp_path: Path) -> None:
    chance = random.Random(seed)
    folder = tmp_path / f"rows{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    for path in FEEDS.iterdir():
        content = read(path)
        chance.shuffle(content)
        write(folder / path.name, content)
    assert values(built([folder])) == values(golden)


@few
@given(share=strategies.integers(1, 10))
def test_a_file_may_come_in_two(share: int, golden: Settings, built: Built, tmp_path: Path) -> None:
    folder = tmp_path / f"parts{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    content = read(SETTLEMENTS)
    content.sort(key=lambda row: bool(row["init_setl_id"]))  # a refund may not come before its original
    parts = [
        write(folder / f"settlement_{number}@2025-01-10.csv", part)
        for number, part in enumerate((content[:share], content[share:]))
    ]
    assert values(built([*others(SETTLEMENTS), *parts])) == values(golden)


def test_an_increment_equals_a_full_build(built: Built, golden: Settings, tmp_path: Path) -> None:
    late = others(
        *[path for path in FEEDS.iterdir() if not path.name.startswith(("settlement_2024@", "person"))]
    )
    first = [path for path in others() if path not in late]
    assert len(late) == 2
    assert values(built(first, late)) == values(golden)


def test_persons_may_come_after_their_settlements(built: Built, golden: Settings) -> None:
    persons = [path for path in FEEDS.iterdir() if path.name.startswith("person")]
    assert values(built(others(*persons), persons)) == values(golden)


def test_an_original_voided_after_its_refund_was_booked_takes_both_away(
    golden: Settings, built: Built, tmp_path: Path
) -> None:
    original = next(row for row in read(SETTLEMENTS) if row["setl_id"] == "S10")
    void = write(tmp_path / "settlement_void@2025-02-10.csv", [changed(original, vali_flag="0")])
    step_by_step, at_once = built([void], begin=golden), built([FEEDS, void])
    assert values(step_by_step) == values(at_once)


def test_an_account_that_is_missing_makes_the_province_incomplete(built: Built, tmp_path: Path) -> None:
    def is_missing(row: Row) -> bool:
        return (row["admdvs"], row["fund_code"], row["ym"]) == ("460200", "employee_pool", "202412")

    ledger = write(tmp_path / LEDGER.name, [row for row in read(LEDGER) if not is_missing(row)])
    flags = rows(
        built([*others(LEDGER), ledger]),
        """
        select metric_key, completeness < 1, contains(quality_flag, 'incomplete') from ind.ind_feed__period
        where region_code = '460000' and scheme_code = 'employee' and fund_scope = 'pool'
            and period_end = date '2024-12-31' and period_basis in ('point', 'year') and metric_key like 'fund%'
        """,
    )
    assert {flag for _, *flag_pair in flags for flag in flag_pair} == {True}
    assert "payable_months_pool" not in {metric for metric, *_ in flags}


def changed(row: Row, **cells: str) -> Row:
    return row | {"updt_time": "2025-02-01 08:00:00"} | cells


def test_a_late_correction_of_one_feed_adds_no_period(golden: Settings, built: Built, tmp_path: Path) -> None:
    person = read(FEEDS / "person_2024@2025-01-10.csv")[0]
    late = write(tmp_path / "person@2025-06-02.csv", [changed(person)])
    assert values(built([FEEDS, late])) == values(golden)


def test_each_indicator_ends_with_its_own_feeds(built: Built, tmp_path: Path) -> None:
    months = [
        row | {"ym": f"2025{month:02}", "ytd_amount_yuan": f"{month * Decimal(row['amount_yuan']):.2f}"}
        for month in range(1, 5)
        for row in read(LEDGER)
        if row["ym"] == "202412" and row["subject_code"].startswith(("income_employer", "expenditure"))
    ]
    settlement = next(row for row in read(SETTLEMENTS) if row["setl_id"] == "S2")
    late = [
        write(tmp_path / "fund_ledger_2025@2025-05-10.csv", months),
        write(tmp_path / "settlement_2024-06@2025-06-02.csv", [changed(settlement)]),
    ]
    last = dict(
        rows(
            built([*others(), *late]),
            "select metric_key, cast(max(period_end) as varchar) from ind.ind_feed__period group by 1",
        )
    )
    assert {last[metric] for metric in ("fund_income", "fund_expense")} == {"2025-04-30"}
    assert {
        last[metric] for metric in ("alos", "op_pool_visits", "hospitalisation_rate", "enrolled_persons")
    } == {"2024-12-31"}


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    """A settlement that moved to another month and one that was declared invalid."""
    by_id = {row["setl_id"]: row for row in read(SETTLEMENTS)}
    moved = changed(by_id["S2"], setl_time="2024-09-09 10:00:00", enddate="2024-05-07")
    void = changed(by_id["S4"], vali_flag="0")
    return write(tmp_path / "settlement_2025-01@2025-02-10.csv", [moved, void])


def test_moved_and_voided_rows_leave_their_month(golden: Settings, built: Built, corrections: Path) -> None:
    step_by_step, at_once = built([corrections], begin=golden), built([FEEDS, corrections])
    assert values(step_by_step) == values(at_once)
    visits = rows(
        step_by_step,
        """
        select month(month_end), sum(visits) from benefit.month
        where service_code = 'ip' and year(month_end) = 2024 group by 1 order by 1
        """,
    )
    assert visits == [(5, 1), (6, 1), (9, 1)]


def test_a_settlement_refunded_before_the_lock_changes_nothing(
    golden: Settings, built: Built, tmp_path: Path
) -> None:
    model = next(row for row in read(SETTLEMENTS) if row["setl_id"] == "S5")
    amounts = ("medfee_sumamt", "inscp_amt", "hifp_pay", "fund_pay_sumamt", "psn_pay", "cash_payamt")
    original = model | {"setl_id": "T1", "refd_setl_flag": "1", "setl_time": "2024-09-20 10:30:00"}
    refund = original | {name: f"-{model[name]}" for name in amounts}
    refund |= {"setl_id": "T2", "init_setl_id": "T1", "setl_time": "2024-10-02 11:00:00"}
    pair = write(tmp_path / "settlement_pair@2025-01-12.csv", [original, refund])
    assert values(built([FEEDS, pair])) == values(golden)
