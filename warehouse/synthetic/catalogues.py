"""F15 tender catalogue and F17 price items: lists of the province, of one size whatever the persons."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import TENDERED_CONSUMABLE_CLASSES, TENDERED_DRUGS, by_year

PRICE_ITEMS = 4_744
"""1,371 adjusted items are about 28.9 % of all (published), which makes about 4,744."""

ADJUSTED_FIRST_ROUNDS = 1_371
MEAN_RISE = 0.255
"""Mean rise of the first rounds (published: about 25.5 %)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``tender_catalogue`` and ``price_item``."""
    connection.execute(f"create or replace table base_tendered as {_tendered(plan)}")
    insert(connection, "tender_catalogue", _catalogue())
    insert(connection, "price_item", _price_items(plan))


def _tendered(plan: Plan) -> str:
    """One row a tendered product: variety, maker, batch year, price before and selected, sold volume."""
    last = plan.last.year
    cut = plan.uniform("tender cut", "kind", "number", "maker")
    price = plan.uniform("tender price", "kind", "number")
    makers = plan.uniform("tender makers", "kind", "number")
    origin = plan.uniform("tender origin", "kind", "number")
    month = plan.uniform("tender month", "kind", "number")
    return f"""
        with variety as (
            select 'drug' as kind, number, min(year) as year
            from range(2020, {last} + 1) as years(year), range(1, {TENDERED_DRUGS[2025]} + 1)
                as numbers(number)
            where number <= {by_year("year", TENDERED_DRUGS)} group by number
            union all
            select 'consumable', number, min(year)
            from range(2020, {last} + 1) as years(year), range(1, {TENDERED_CONSUMABLE_CLASSES[2025] * 8} + 1)
                as numbers(number)
            where number <= 8 * {by_year("year", TENDERED_CONSUMABLE_CLASSES)} group by number
        ),
        product as (
            select variety.*, maker,
                case when kind = 'drug' and number <= {TENDERED_DRUGS[2020]} then '国家'
                    when {origin} < 0.45 then '国家' when {origin} < 0.85 then '联盟' else '省' end as origin,
                make_date(year, 1 + cast(floor({month} * 11) as integer), 1) as starts,
                cast(if(kind = 'drug', round(4 + 180 * power({price}, 3), 2),
                    round(300 + 12700 * power({price}, 2), 2)) as decimal(16, 6)) as price_before,
                if(kind = 'drug', 0.30 + 0.58 * {cut}, 0.44 + 0.50 * {cut}) as cut
            from variety, range(1, 4) as makers(maker)
            where maker <= 1 + floor({makers} * 3)
        )
        select kind, number, maker, year, starts, origin,
            if(kind = 'drug', 'XSYN' || lpad(cast(number as varchar), 6, '0') || lpad(cast(maker as varchar),
                2, '0')
                || 'A001', 'CSYN' || lpad(cast(number as varchar), 6, '0') || lpad(cast(maker as varchar), 2,
                    '0')
                || 'B001') as prod_code,
            if(kind = 'drug', '样例药品', '样例耗材') || lpad(cast(number as varchar), 4, '0') as generic_name,
            '样例生产企业' || lpad(cast((number * 7 + maker) % 97 as varchar), 3, '0') as mfr,
            cast(year as varchar) || '-' || lpad(cast(month(starts) as varchar), 2, '0') as vbp_batch,
            price_before, cast(round(price_before * (1 - cut), 2) as decimal(16, 6)) as price_selected,
            maker = 1 as is_main
        from product
    """


def _catalogue() -> str:
    return """
        select origin as vbp_source, vbp_batch,
            if(kind = 'drug', 'D', 'C') || lpad(cast(number as varchar), 5, '0') as variety_code,
            prod_code as spec_code, mfr, generic_name,
            case when kind = 'consumable' then null when number % 3 = 0 then '注射剂'
                else '口服常释剂型' end as dosage_form,
            if(kind = 'drug', 'D', 'C') || lpad(cast(number as varchar), 5, '0') as variety_key,
            case when kind = 'consumable' then '样例耗材大类' || cast((number - 1) // 8 + 1 as varchar) end
                as class_l1,
            price_before, price_selected,
            cast(round(if(kind = 'drug', 4e6, 3e4) / price_selected) as decimal(18, 4)) as contract_qty,
            starts as contract_from, cast(starts + interval 2 year - interval 1 day as date) as contract_to,
            '执行中' as status
        from base_tendered
    """


def _price_items(plan: Plan) -> str:
    """First prices of all items, then the rounds: one price an item and round, dearer in higher levels."""
    base = plan.uniform("item price", "number")
    rise = plan.uniform("item rise", "number", "round")
    chosen = plan.uniform("item chosen", "number")
    later = plan.uniform("item later", "number", "round")
    share = ADJUSTED_FIRST_ROUNDS / PRICE_ITEMS
    return f"""
        with item as (
            select number, cast(round(3 + 900 * power({base}, 4), 1) as double) as start_price,
                {chosen} as chosen
            from range(1, {PRICE_ITEMS} + 1) as numbers(number)
        ),
        rounds(round, starts) as (
            values (0, date '2018-01-01'), (1, date '2020-07-01'), (2, date '2021-09-01'), (3,
                date '2022-12-01'),
                (4, date '2023-12-01'), (5, date '2024-12-01'), (6, date '2025-09-01')
        ),
        changed as (
            select number, start_price, round, starts,
                case when round = 0 then 0 else round({2 * MEAN_RISE} * {rise}, 4) end as rise
            from item, rounds
            where starts <= date '{plan.last}'
                and (round = 0 or (round = 1 and chosen < {share / 2}) or (round = 2
                    and chosen between {share / 2} and {share})
                    or (round > 2 and {later} < 0.05))
        ),
        priced as (
            select *, start_price * exp(sum(cast(ln(1 + rise) as decimal(18, 10))) over item_rounds) as price,
                lead(starts) over item_rounds as next_start
            from changed
            window item_rounds as (partition by number order by round)
        )
        select 'SYNF' || lpad(cast(number as varchar), 6, '0') as item_code, starts as valid_from,
            cast(next_start - interval 1 day as date) as valid_to,
            '样例服务项目' || lpad(cast(number as varchar), 4, '0') as item_name,
            (['综合', '诊断', '检验', '影像', '治疗', '手术', '中医', '康复'])[1 + number % 8] as category,
            cast(round(price, 2) as decimal(16, 2)) as price_l3,
            cast(round(price * 0.9, 2) as decimal(16, 2)) as price_l2,
            cast(round(price * 0.8, 2) as decimal(16, 2)) as price_l1,
            case when number % 100 < 3 then '自主' when number % 100 < 12 then '市场调节'
                else '最高指导价' end as price_type,
            cast(round as varchar) as adj_round, if(round = 0, null, cast(rise as decimal(8, 4))) as adj_pct,
            if(round > 2 and number % 50 = 0, '1', '0') as is_new
        from priced
    """
