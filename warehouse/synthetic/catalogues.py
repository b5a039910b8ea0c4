"""F15 tender catalogue and F17 price items: lists of the province, of one size whatever the persons."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.expression import padded, whole, yuan
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import TENDERED_CONSUMABLE_CLASSES, TENDERED_DRUGS, by_year

PRICE_ITEMS = 4_744
"""1,371 adjusted items are about 28.9 % of all (published), which makes about 4,744."""

ADJUSTED_FIRST_ROUNDS = 1_371
MEAN_RISE = 0.255
"""Mean rise of the first rounds (published: about 25.5 %)."""

ROUNDS = ("2018-01-01", "2020-07-01", "2021-09-01", "2022-12-01", "2023-12-01", "2024-12-01", "2025-09-01")
"""Days from which the first prices and those of each round hold (assumed)."""

LATER_ROUND_SHARE = 0.05
VARIETIES_A_CLASS = 8


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``tender_catalogue`` and ``price_item``."""
    connection.execute(f"create or replace table base_tendered as {_tendered(plan)}")
    insert(connection, "tender_catalogue", _catalogue())
    insert(connection, "price_item", _price_items(plan))


def list_price(plan: Plan, kind: str, number: str) -> str:
    """SQL for a product's price outside tenders, in yuan."""
    draw = plan.uniform("list price", kind, number)
    amount = f"if({kind} = 'drug', 4 + 180 * power({draw}, 3), 300 + 12700 * power({draw}, 2))"
    return f"cast(round({amount}, 2) as decimal(16, 6))"


def _tendered(plan: Plan) -> str:
    """One row a tendered product: variety, maker, year and month, origin, price before and selected."""
    cut = plan.uniform("tender cut", "kind", "number", "maker")
    makers, origin, month = (
        plan.uniform(f"tender {each}", "kind", "number") for each in ("makers", "origin", "month")
    )
    stem = f"{padded('number', 6)} || {padded('maker', 2)}"
    return f"""
        with variety as (
            select 'drug' as kind, number, min(year) as year
            from range(2020, {plan.last.year + 1}) as years(year),
                range(1, {TENDERED_DRUGS[2025] + 1}) as numbers(number)
            where number <= {by_year("year", TENDERED_DRUGS)} group by number
            union all
            select 'consumable', number, min(year)
            from range(2020, {plan.last.year + 1}) as years(year),
                range(1, {VARIETIES_A_CLASS * TENDERED_CONSUMABLE_CLASSES[2025] + 1}) as numbers(number)
            where number <= {VARIETIES_A_CLASS} * {by_year("year", TENDERED_CONSUMABLE_CLASSES)} group by number
        ),
        product as (
            select variety.*, maker, {list_price(plan, "kind", "number")} as price_before,
                make_date(year, 1 + {whole(f"{month} * 11")}, 1) as starts,
                case when kind = 'drug' and number <= {TENDERED_DRUGS[2020]} then '国家'
                    when {origin} < 0.45 then '国家' when {origin} < 0.85 then '联盟' else '省' end as origin,
                if(kind = 'drug', 0.30 + 0.58 * {cut}, 0.44 + 0.50 * {cut}) as cut
            from variety, range(1, 4) as makers(maker)
            where maker <= 1 + floor({makers} * 3)
        )
        select kind, number, starts, origin, strftime(starts, '%Y-%m') as vbp_batch, maker = 1 as is_main,
            if(kind = 'drug', 'XSYN' || {stem} || 'A001', 'CSYN' || {stem} || 'B001') as prod_code,
            if(kind = 'drug', '样例药品', '样例耗材') || {padded("number", 4)} as generic_name,
            '样例生产企业' || {padded("(number * 7 + maker) % 97", 3)} as mfr, price_before,
            cast(round(price_before * (1 - cut), 2) as decimal(16, 6)) as price_selected
        from product
    """


def _catalogue() -> str:
    """The feed's rows; varieties are merged by their number."""
    variety = f"if(kind = 'drug', 'D', 'C') || {padded('number', 5)}"
    return f"""
        select origin as vbp_source, vbp_batch, {variety} as variety_code, prod_code as spec_code, mfr,
            generic_name,
            case when kind = 'drug' then if(number % 3 = 0, '注射剂', '口服常释剂型') end as dosage_form,
            {variety} as variety_key,
            if(kind = 'consumable', '样例耗材大类' || ((number - 1) // {VARIETIES_A_CLASS} + 1), null) as class_l1,
            price_before, price_selected,
            cast(round(if(kind = 'drug', 4e6, 3e4) / price_selected) as decimal(18, 4)) as contract_qty,
            starts as contract_from, cast(starts + interval 2 year - interval 1 day as date) as contract_to,
            '执行中' as status
        from base_tendered
    """


def _price_items(plan: Plan) -> str:
    """First prices of all items, then the rounds: one price an item and round, dearer in higher levels."""
    base, chosen = plan.uniform("item price", "number"), plan.uniform("item chosen", "number")
    rise, later = plan.uniform("item rise", "number", "round"), plan.uniform("item later", "number", "round")
    rounds = ", ".join(f"({number}, date '{day}')" for number, day in enumerate(ROUNDS))
    share = ADJUSTED_FIRST_ROUNDS / PRICE_ITEMS
    return f"""
        with item as (
            select number, cast(round(3 + 900 * power({base}, 4), 1) as double) as start_price, {chosen} as chosen
            from range(1, {PRICE_ITEMS + 1}) as numbers(number)
        ),
        changed as (
            select number, start_price, round, starts,
                if(round = 0, 0, round({2 * MEAN_RISE} * {rise}, 4)) as rise
            from item, (values {rounds}) as rounds(round, starts)
            where starts <= date '{plan.last}' and case round when 0 then true when 1 then chosen < {share / 2}
                when 2 then chosen between {share / 2} and {share} else {later} < {LATER_ROUND_SHARE} end
        ),
        priced as (
            select *, start_price * exp(sum(cast(ln(1 + rise) as decimal(18, 10)))
                over (partition by number order by round)) as price
            from changed
        )
        select 'SYNF' || {padded("number", 6)} as item_code, starts as valid_from,
            '样例服务项目' || {padded("number", 4)} as item_name,
            (['综合', '诊断', '检验', '影像', '治疗', '手术', '中医', '康复'])[1 + number % 8] as category,
            {yuan("price")} as price_l3, {yuan("price * 0.9")} as price_l2, {yuan("price * 0.8")} as price_l1,
            case when number % 100 < 3 then '自主' when number % 100 < 12 then '市场调节' else '最高指导价' end
                as price_type,
            cast(round as varchar) as adj_round, if(round = 0, null, cast(rise as decimal(10, 4))) as adj_pct,
            '0' as is_new
        from priced
    """
