"""F23 plan registry and F28 county assessment.

The registry holds the values of the plan that the seeds give and nothing else; progress is a judgement
of this generator and says so in ``judge`` and ``version``.
"""

from __future__ import annotations

import duckdb

from warehouse.settings import SEEDS
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan

ASSESSED = (
    ("enrolment", "参保扩面", 30),
    ("budget", "基金预算执行", 30),
    ("collection", "基金征缴", 25),
    ("supervision", "基金监管", 15),
)
JUDGE = "模拟判定"


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``plan_registry`` and ``county_assessment``."""
    insert(connection, "plan_registry", _plan_values())
    insert(connection, "plan_registry", _judgements(plan))
    insert(connection, "county_assessment", _county_scores(plan))


def _seed(path: str) -> str:
    return f"read_csv('{SEEDS / path}', header = true, all_varchar = true)"


def _plan_values() -> str:
    """Baseline and target of each row of the plan table, and the dated aims of tasks and columns.

    Numbers are those of ``published_figure``, in yuan, shares of 1 or counts.
    """
    figures = f"(select * from {_seed('published/published_figure.csv')})"
    columns = "plan_id, 'R' || lpad(row_no, 2, '0') as item_id, attribute, cell_status"
    return f"""
        with cell as (
            select {columns}, '2020' as period, baseline_text as words, baseline_figure_id as figure_id
            from {_seed("plan/plan_target.csv")}
            union all
            select {columns}, '2025', target_text, target_figure_id from {_seed("plan/plan_target.csv")}
            union all
            select plan_id, item_id, null, 'clear', left(due_date, 4), trackable_zh, target_figure_id
            from {_seed("plan/plan_item.csv")}
        )
        select cell.plan_id, cell.item_id, cell.period, '1-规划原文' as registry_version,
            if(cell.item_id in ('Z3.1', 'Z3.2'), '里程碑', '目标') as entry_type,
            if(cell.attribute = '约束性', '1', '0') as is_binding, cell.cell_status,
            if(cell.cell_status = 'clear', cast(figure.value_normalised as decimal(24, 6)), null) as value_num,
            case when figure.value_normalised is null or cell.cell_status <> 'clear' then null
                when figure.unit = '亿元' then '元' when figure.unit = '%' then '1' else figure.unit end as value_unit,
            if(cell.cell_status = 'clear', left(cell.words, 500), null) as value_text,
            case when figure.qualifier like '%稳定%' then '稳定'
                when figure.qualifier in ('以上', '左右', '不少于') then figure.qualifier end as qualifier
        from cell
        left join {figures} as figure using (figure_id)
    """


def _judgements(plan: Plan) -> str:
    """Flagged states of tasks and columns, and counts of appraised model sites, at each closed year's end."""
    chance = plan.uniform("judgement", "item_id")
    return f"""
        with item as (
            select plan_id, item_id, cast(due_date as date) as due_date,
                if(item_id like 'Z5.%', cast(value_normalised as double), null) as aim, unit
            from {_seed("plan/plan_item.csv")}
            left join {_seed("published/published_figure.csv")} on figure_id = target_figure_id
            where level <> 'column'
        ),
        state as (
            select item.*, year, (year - 2020) / greatest(year(due_date) - 2020, 1) as passed,
                {chance} as chance
            from item, range({plan.first.year}, {_closed_year(plan)} + 1) as years(year)
            where year between 2021 and 2025
        )
        select plan_id, item_id, cast(year as varchar) as period, '2-模拟' as registry_version,
            if(aim is null, '定性证据', '示范点评定') as entry_type, '0' as is_binding,
            cast(floor(aim * (0.9 + 0.12 * chance) * passed) as decimal(24, 6)) as value_num,
            if(aim is null, null, unit) as value_unit,
            '模拟判定:' || case when aim is not null then '累计评定数' when passed + 0.4 * chance >= 1.15 then '已运行'
                when passed + 0.4 * chance >= 0.8 then '已出台' when passed + 0.4 * chance >= 0.4 then '推进中'
                else '未启动' end as value_text,
            '{JUDGE}' as judge, make_date(year + 1, 1, 8) as judged_at, '模拟批准' as approved_by
        from state
    """


def _closed_year(plan: Plan) -> int:
    return plan.last.year if plan.last.month == 12 else plan.last.year - 1


def _county_scores(plan: Plan) -> str:
    """Yearly scores of the counties by item; the county's level is stable, the year adds a little."""
    items = ", ".join(f"('{code}', '{name}', {weight})" for code, name, weight in ASSESSED)
    level = plan.uniform("assessment of county", "region_code", "item")
    noise = plan.uniform("assessment of year", "region_code", "item", "year")
    return f"""
        with county as (
            select region_code from {_seed("reference/region.csv")}
            where is_reporting_unit = 'true' and region_level in ('city', 'county')
        )
        select region_code as admdvs, year, item_zh as item,
            cast(round(72 + 18 * {level} + 1.2 * (year - 2020) + 4 * ({noise} - 0.5), 2) as decimal(8,
                2)) as score,
            weight, '模拟评分:' || item_zh as basis
        from county, (values {items}) as items(item, item_zh, weight),
            range({plan.first.year}, {_closed_year(plan)} + 1) as years(year)
    """
