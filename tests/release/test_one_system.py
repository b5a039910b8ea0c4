"""Nothing hidden follows from all shown figures together: ratios, their parts, sums and definitions in one system."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from judge import System
from one_system import IDENTITIES, OWN_UNIT, REST, Cell, accounts_given_away, given_away, shown_by
from small_province import Released
from test_contributors import SETTLEMENTS, benefit_measures, part_of_a_visit, rules

from warehouse.release.pointer import PROVINCE, STATISTICIAN, Release, served
from warehouse.settings import Settings, load_settings

LEAST = 5
HALF_A_YEAR = date(2024, 6, 30)


def measures() -> list[str]:
    named = {*IDENTITIES, *(part for sums in IDENTITIES.values() for parts in sums for part in parts)}
    return sorted(named)


def of_a_settlement() -> dict[str, str]:
    """What each measure of the system sums up over the settlements of the table ``cell``."""
    benefit = benefit_measures()
    return {
        key: REST[key]
        if key in REST
        else part_of_a_visit(key)
        if not benefit[key][0].endswith("visits")
        else f"(case when {benefit[key][1]} and {COUNTED.get(benefit[key][0], 'true')} then visits else 0 end)"
        for key in measures()
    }


def monthly(settings: Settings, aggregate: str) -> list[tuple[Any, ...]]:
    """Region, scheme, month, measure and what ``aggregate`` makes of its amounts."""
    columns = ", ".join(f'{aggregate.format(amount)} as "{key}"' for key, amount in of_a_settlement().items())
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.build_database}' as build (read_only); use build")
        connection.execute(f"create temp table cell as {SETTLEMENTS}")
        return connection.execute(
            f"""
            with monthly as (
                select region_code, scheme_code, month_end, {columns} from cell where visits <> 0 group by all
            )
            from (unpivot monthly on columns(* exclude (region_code, scheme_code, month_end)) into name what value n)
            """
        ).fetchall()


def few_behind(settings: Settings) -> tuple[list[tuple[str, str, object]], dict[Cell, int]]:
    """All places (region, scheme, month), and the cells that rest on one to four settlements."""
    found = monthly(settings, "count(case when {} <> 0 then 1 end)")
    regions = {row[0] for row in found} | {OWN_UNIT}
    months = {row[2] for row in found}
    places = [
        (region, scheme, month)
        for region in regions
        for scheme in ("employee", "resident")
        for month in months
    ]
    return places, {
        (what, region, scheme, month): n for region, scheme, month, what, n in found if 0 < n < LEAST
    }


COUNTED = {"assistance_visits": "assistance_yuan <> 0"}


def unsafe(
    settings: Settings, releases: list[Release], table: str = "value", scope: str = PROVINCE
) -> list[Cell]:
    places, few = few_behind(settings)
    assert few
    shown = set().union(*(shown_by(each.file(scope), measures(), table) for each in releases))
    known = given_away(shown, places)
    return sorted((cell for cell in few if cell in known), key=str)


def test_each_count_of_the_system_has_a_rule() -> None:
    assert [key for key in measures() if key not in REST and rules()[key]["disclosure_rule"] != "count"] == []


def test_nothing_follows_from_one_release_or_both(province: Released) -> None:
    assert unsafe(province.settings, [province.early, province.late]) == []


def test_nothing_follows_from_the_release_of_the_golden_province(province_home: Path) -> None:
    settings = load_settings(province_home)
    assert unsafe(settings, [served(settings)]) == []


def test_no_small_amount_of_the_province_is_bounded_within_its_protection(
    province: Released, tmp_path: Path
) -> None:
    """Tau-Argus bounds what few visits of the whole province make, month by month and scheme by scheme, in cents."""
    true: Counter[tuple[str, str, object]] = Counter()
    behind: Counter[tuple[str, str, object]] = Counter()
    for _, scheme, month, key, number in monthly(province.settings, "cast(sum({}) as decimal(20, 2))"):
        if month <= HALF_A_YEAR:
            true[key, scheme, month] += round(number * 100)
    for _, scheme, month, key, number in monthly(province.settings, "count(case when {} <> 0 then 1 end)"):
        behind[key, scheme, month] += number
    system, places = System(), {name[1:] for name in true}
    for name, number in true.items():
        is_small = 0 < behind[name] < LEAST and abs(number) > 100
        system.cell(
            name,
            number,
            is_small=is_small,
            protection=abs(number) // 20,
            lower=min(0, 2 * number),
            upper=10**10,
        )
    assert sum(0 < behind[name] < LEAST for name in true) > 20
    tied = 0
    for whole, sums in IDENTITIES.items():
        for parts in sums:
            for place in places:
                if true[whole, *place] == sum(true[part, *place] for part in parts):
                    system.tied((whole, *place), [(part, *place) for part in parts])
                    tied += 1
    assert tied > 100
    for each in shown_by(province.late.file(PROVINCE), measures()):
        if each.region == "460000" and each.end <= HALF_A_YEAR:
            cells = [
                (each.measure, scheme, month)
                for scheme, month in places
                if each.scheme in ("all", scheme) and each.start <= month <= each.end
            ]
            system.shown(sum(true[cell] for cell in cells), cells)
    assert system.unsafe(tmp_path / "amounts.jj") == []


@pytest.mark.parametrize("home", ["province", "golden"])
def test_the_system_finds_cells_where_nothing_is_hidden(
    province: Released, province_home: Path, home: str
) -> None:
    settings = province.settings if home == "province" else load_settings(province_home)
    newest = province.late if home == "province" else served(settings)
    assert len(unsafe(settings, [newest], table="value_full", scope=STATISTICIAN)) > 100


@pytest.mark.parametrize("home", ["province", "golden"])
def test_no_withheld_account_follows_from_lines_balances_ratios_and_growth(
    province: Released, province_home: Path, home: str
) -> None:
    settings = province.settings if home == "province" else load_settings(province_home)
    newest = province.late if home == "province" else served(settings)
    withheld, known = accounts_given_away(newest.file(PROVINCE), settings.build_database)
    assert len(withheld) > 50
    assert known == set()
