"""Tau-Argus, which knows nothing of the rules here, bounds each hidden cell from all that the files show."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from judge import System
from one_system import IDENTITIES
from small_province import Released, rows
from test_contributors import rules

from warehouse.release.pointer import PROVINCE, Release, served
from warehouse.settings import load_settings

COUNTS = ("ip_visits", "opsp_visits", "assistance_visits", "serious_illness_visits")
LEAST = 5
OWN_UNIT = "own_unit"
LAST = "date '2024-12-31'"
OF_PERSONS = (
    "expenditure_inpatient",
    "expenditure_outpatient",
    "expenditure_chronic",
    "expenditure_pharmacy",
    "expenditure_account",
    "expenditure_maternity_medical",
)
TRUE = """
    select case region_code when '460000' then 'own_unit' else region_code end as region_code,
        scheme_code, month_end, sum(number)
    from (
        select * from measure.msr_month
        where measure_key = $measure and scheme_code <> 'all' and region_code <> '460000'
        union all
        select whole.* replace (whole.number - coalesce(part.number, 0) as number)
        from measure.msr_month as whole
        left join (
            select scheme_code, month_end, sum(number) as number from measure.msr_month
            where measure_key = $measure and region_code <> '460000' group by all
        ) as part using (scheme_code, month_end)
        where whole.measure_key = $measure and whole.region_code = '460000' and whole.scheme_code <> 'all'
    )
    where month_end <= $last
    group by all
"""
SHOWN = """
    select value.region_code, value.scheme_code, value.period_start, value.period_end, value.{part}
    from indicator.value
    inner join indicator.formula
        on value.metric_key = formula.metric_key and value.variant = formula.variant
        and value.fund_scope = formula.fund_scope
        and formula.scheme_set in ('each_all', value.scheme_code)
    where value.data_origin <> 'published' and value.{part} is not null
        and formula.{part}_span = 'sum' and formula.{part}_measure = ?
"""
LINES = """
    select region_code, fund_code, subject_kind, subject_code, month_end, amount_yuan from fund.ledger
    where month_end between '2024-01-01' and '2024-05-31'
"""

TOTALS = """
    select region_code, fund_code, month_end, income_yuan, expense_yuan from fund.month
    where month_end between '2024-01-01' and '2024-05-31' and expense_yuan is not null
"""


def shown_counts(release: Release, measure: str) -> set[tuple[Any, ...]]:
    return {
        row
        for part in ("numerator", "denominator")
        for row in rows(release.file(PROVINCE), SHOWN.format(part=part), [measure])
    }


@pytest.mark.parametrize("measure", COUNTS)
def test_no_small_count_is_bounded_within_its_protection(
    province: Released, measure: str, tmp_path: Path
) -> None:
    """Both releases together: they describe the same records, as far as each of them reaches."""
    build, system = province.settings.build_database, System()
    shown = shown_counts(province.early, measure) | shown_counts(province.late, measure)
    last = max(row[3] for row in shown)
    true = {
        row[:3]: float(row[3])
        for row in rows(build, TRUE.replace("$measure", f"'{measure}'").replace("$last", f"date '{last}'"))
    }
    assert sum(0 < number < LEAST for number in true.values())
    for name, number in true.items():
        system.cell(name, number, is_small=0 < number < LEAST)
    for region, scheme, start, end, number in shown:
        parts = [
            each
            for each in true
            if region in ("460000", each[0])
            and (region == "460000" or each[0] != OWN_UNIT)
            and scheme in ("all", each[1])
            and start <= each[2] <= end
        ]
        if abs(sum(true[each] for each in parts) - float(number)) < 0.5:  # of the same knowledge
            system.shown(float(number), parts)
    assert system.unsafe(tmp_path / "counts.jj") == []


def test_no_small_count_of_the_golden_province_is_bounded(province_home: Path, tmp_path: Path) -> None:
    """Two counties and no unit of the province's own: all counts in one system, with what ties them."""
    settings = load_settings(province_home)
    release, system = served(settings), System()
    true: dict[Any, float] = {}
    shown: dict[str, set[tuple[Any, ...]]] = {}
    for key, rule in rules().items():
        if rule["count_measures"].split(";")[0] == key and rule["kind"] == "flow":
            found = shown_counts(release, key)
            cells = rows(settings.build_database, TRUE.replace("$measure", f"'{key}'").replace("$last", LAST))
            true |= {(key, *row[:3]): float(row[3]) for row in cells}
            shown |= {key: found} if found else {}
    tied = [
        (whole, parts)
        for whole, sums in IDENTITIES.items()
        for parts in sums
        if {whole, *parts} <= {key for key, *_ in true} and {whole, *parts} & set(shown)
    ]
    used = set(shown) | {key for whole, parts in tied for key in (whole, *parts)}
    cells_used = {name: number for name, number in true.items() if name[0] in used}
    assert len(shown) > 2
    assert sum(0 < number < LEAST for number in cells_used.values()) > 10
    for name, number in cells_used.items():
        system.cell(name, number, is_small=0 < number < LEAST, lower=min(0, number))
    for key, sums_shown in shown.items():
        for region, scheme, start, end, number in sums_shown:
            parts = [
                each
                for each in cells_used
                if each[0] == key
                and region in ("460000", each[1])
                and (region == "460000" or each[1] != OWN_UNIT)
                and scheme in ("all", each[2])
                and start <= each[3] <= end
            ]
            if parts:
                assert abs(sum(cells_used[each] for each in parts) - float(number)) < 0.5
                system.shown(float(number), parts)
    for whole, sums in tied:
        for name in [each for each in cells_used if each[0] == whole]:
            if all((part, *name[1:]) in cells_used for part in sums):
                system.tied(name, [(part, *name[1:]) for part in sums])
    assert system.unsafe(tmp_path / "golden.jj") == []


def test_no_line_of_the_ledger_is_bounded_within_its_protection(province: Released, tmp_path: Path) -> None:
    """Lines by county, fund, subject and month, below the totals of months; in whole yuan, to be solved exactly."""
    file, system = province.late.file(PROVINCE), System()
    amounts = {row[:5]: row[5] for row in rows(province.settings.build_database, LINES)}
    hidden = {row[:5] for row in rows(file, LINES + " and amount_yuan is null")}
    assert len(hidden) > 100
    for name, amount in amounts.items():
        yuan = round(amount)
        is_small = name in hidden and name[3] in OF_PERSONS and abs(yuan) >= LEAST
        system.cell(name, yuan, is_small=is_small, protection=max(1, abs(yuan) // 20), lower=min(0, 2 * yuan))
        if name not in hidden:
            system.shown(yuan, [name])
    lines = defaultdict(list)
    for name in amounts:
        lines[name[0], name[1], name[2], name[4]].append(name)
    totals = rows(file, TOTALS)
    assert totals
    for region, fund, month, income, expense in totals:
        for kind, total in (("income", income), ("expenditure", expense)):
            parts = lines[region, fund, kind, month]
            assert sum(amounts[part] for part in parts) == total
            if parts:
                system.shown(sum(round(amounts[part]) for part in parts), parts)
    assert system.unsafe(tmp_path / "ledger.jj") == []


def test_the_judge_condemns_what_is_given_away(tmp_path: Path) -> None:
    system = System()
    for name, number in (("a", 3), ("b", 7), ("c", 2), ("d", 9)):
        system.cell(name, number, is_small=number < LEAST)
    system.shown(10, ["a", "b"])
    system.shown(11, ["c", "d"])
    assert system.unsafe(tmp_path / "safe.jj") == []
    system.shown(7, ["b"])
    assert system.unsafe(tmp_path / "unsafe.jj") == ["a"]
