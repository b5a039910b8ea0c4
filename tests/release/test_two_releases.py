"""Between two releases no county's figure moves by the one to four records that came in between."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from small_province import FEW, MANY, Released, build_and_release, load, rows

from warehouse.home import writer
from warehouse.release.pointer import PROVINCE, STATISTICIAN, Release
from warehouse.settings import Settings, load_settings

COUNTED = ("ip_visits", "op_visits", "opsp_visits", "maternity_visits", "assistance_visits")
VISITS = """
    select region_code, value from indicator.{table}
    where metric_key = 'op_pool_visits' and scheme_code = 'resident' and data_origin <> 'published'
        and period_basis = 'month' and period_end = '2024-06-30'
"""
MOVED = """
    select new.metric_key, new.region_code, new.scheme_code, new.period_basis, new.period_end,
        new.numerator - old.numerator as moved
    from new.indicator.value as new
    inner join old.indicator.value as old using (
        metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end, data_origin
    )
    inner join new.indicator.formula
        on new.metric_key = formula.metric_key and new.variant = formula.variant
        and new.fund_scope = formula.fund_scope and formula.scheme_set in ('each_all', new.scheme_code)
    where new.region_code <> '460000' and new.data_origin <> 'published'
        and formula.numerator_measure in ({counted}) and old.numerator is not null and new.numerator is not null
        and abs(new.numerator - old.numerator) between 1 and 4
"""
AMOUNTS = """
    select new.metric_key, new.region_code, new.period_end, old.value, new.value
    from new.indicator.value as new
    inner join old.indicator.value as old using (
        metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end, data_origin
    )
    where new.region_code = ? and new.metric_key in ('avg_cost_op', 'op_pool_ratio', 'op_pool_visits')
        and new.scheme_code in ('resident', 'all') and new.data_origin <> 'published'
        and new.value is distinct from old.value
"""


class Later(NamedTuple):
    """A home with one release more, after the late records."""

    settings: Settings
    before: Release
    after: Release


@pytest.fixture(scope="module")
def later(province: Released, tmp_path_factory: pytest.TempPathFactory) -> Later:
    home = tmp_path_factory.mktemp("later") / "home"
    shutil.copytree(province.settings.home, home)
    settings = load_settings(home)
    with writer(settings):
        load(settings, province.records.parent)
        after = build_and_release(settings)
    return Later(settings, province.late, after)


def of_both(later: Later, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for name, release in (("old", later.before), ("new", later.after)):
            connection.execute(f"attach '{release.file(PROVINCE)}' as {name} (read_only)")
        return connection.execute(query, parameters or []).fetchall()


def visits(path: Path, table: str = "value") -> dict[str, Decimal]:
    return dict(rows(path, VISITS.format(table=table)))


def test_few_late_records_are_held_back_and_many_are_not(later: Later) -> None:
    before, after = visits(later.before.file(PROVINCE)), visits(later.after.file(PROVINCE))
    true = visits(later.after.file(STATISTICIAN), "value_full")
    few, many = FEW[0], MANY[0]
    assert true[few] == before[few] + FEW[1]
    assert after[few] == before[few]
    assert after[many] == before[many] + MANY[1] == true[many]
    assert after["460000"] == true["460000"] == before["460000"] + FEW[1] + MANY[1]
    held = rows(
        later.after.file(STATISTICIAN),
        """
        select region_code, scheme_code, month_end::varchar from quality.measure_shown
        where is_held and measure_key = 'op_visits' and month_end = '2024-06-30'
        """,
    )
    assert held == [(few, "resident", "2024-06-30")]


def test_no_open_county_count_moves_by_one_to_four(later: Later) -> None:
    counted = ", ".join(f"'{each}'" for each in COUNTED)
    assert of_both(later, MOVED.format(counted=counted)) == []


def test_amounts_and_ratios_of_a_held_month_stay_and_others_move(later: Later) -> None:
    assert of_both(later, AMOUNTS, [FEW[0]]) == []
    assert of_both(later, AMOUNTS, [MANY[0]])


def test_the_same_release_again_holds_the_same_back(later: Later) -> None:
    with writer(later.settings):
        again = build_and_release(later.settings)
    assert again.manifest()["tables"] == later.after.manifest()["tables"]
