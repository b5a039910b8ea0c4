"""F14 orders on the procurement platform and F14b the institutions' own monthly totals."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.catalogues import list_price
from warehouse.synthetic.collected import BASIC_FUNDS
from warehouse.synthetic.expression import padded, whole, yuan
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.oddity import SLOW_PAYMENT, UNREPORTED
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import PLATFORM_CONSUMABLE_SHARE, PLATFORM_DRUG_SHARE, by_year

DRUGS_OF_FEES, CONSUMABLES_OF_FEES, HERBS_OF_DRUGS = 0.28, 0.05, 0.08
"""Purchases relative to fees, and herbs relative to other drugs: assumed."""

LINE_YUAN = {"drug": 1_700, "consumable": 9_000}
"""Mean amount of an order line; gives the 3–6 M lines a year of the source model."""

PRODUCTS = {"drug": 1_500, "consumable": 300}
"""Products bought; the first ones are tendered in the course of the years."""

RETURNED_SHARE, CANCELLED_SHARE = 0.008, 0.006
CONSUMABLES_FROM_YUAN = 90_000
"""Monthly fees from which an institution buys high-value consumables (assumed)."""

MOST_LINES = 3_000
SLOW_DAYS = 120


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``procurement_order`` and ``procurement_report`` from the public institutions' fees."""
    connection.execute(f"create or replace table base_purchase as {_purchases(plan)}")
    connection.execute(f"create or replace table base_order as {_orders(plan)}")
    insert(connection, "procurement_order", _order_rows(plan))
    insert(connection, "procurement_report", _reports(plan))


def _purchases(plan: Plan) -> str:
    """What a public institution needs in a month, yuan, and in how many lines it orders it."""
    noise = plan.uniform("purchase", "fixmedins_code", "month")
    return f"""
        with fees as (
            select fixmedins_code, month, sum(medfee) as medfee
            from base_claim where fund_code in {BASIC_FUNDS} group by fixmedins_code, month
        ),
        public_institution as (
            select fixmedins_code, max(uscc) as uscc from institution
            where fixmedins_type = '1' and medins_natu = '公立' group by fixmedins_code
        ),
        need as (
            select fixmedins_code, uscc, month, (0.8 + 0.4 * {noise}) * medfee as scale
            from fees join public_institution using (fixmedins_code) where medfee > 0
        ),
        parted as (
            select fixmedins_code, uscc, month, 'drug' as kind, scale * {DRUGS_OF_FEES} as yuan,
                {LINE_YUAN["drug"]} as line_yuan
            from need
            union all
            select fixmedins_code, uscc, month, 'consumable', scale * {CONSUMABLES_OF_FEES},
                {LINE_YUAN["consumable"]}
            from need where scale > {CONSUMABLES_FROM_YUAN}
        )
        select * exclude (line_yuan),
            cast(greatest(1, least({MOST_LINES}, round(yuan / line_yuan))) as bigint) as lines
        from parted
    """


def _orders(plan: Plan) -> str:
    """Order lines with product, price and quantity; the price of a tendered product is the selected one."""
    keys = ("fixmedins_code", "month", "kind", "line")
    which, size = plan.uniform("order product", *keys), plan.uniform("order size", *keys)
    when, whim = plan.uniform("order time", *keys), plan.uniform("order", *keys)
    products = f"if(kind = 'drug', {PRODUCTS['drug']}, {PRODUCTS['consumable']})"
    return f"""
        with line as (
            select fixmedins_code, uscc, month, kind, unnest(range(1, lines + 1)) as line, yuan / lines as mean
            from base_purchase
        ),
        ordered as (
            select *, 1 + cast(floor(power({which}, 1.5) * {products}) as bigint) as number,
                {whim} as whim, mean * (0.2 + 1.6 * {size}) as target,
                cast(month as timestamp) + to_minutes({whole(f"{when} * 27 * 1440")}) as order_time
            from line
        )
        select ordered.*, prod_code as tendered_code, generic_name as tendered_name, mfr as tendered_mfr, vbp_batch,
            coalesce(price_selected, {list_price(plan, "ordered.kind", "ordered.number")}) as price,
            if(whim * 40 % 1 < if(ordered.kind = 'drug', {by_year("year(month)", PLATFORM_DRUG_SHARE)},
                {by_year("year(month)", PLATFORM_CONSUMABLE_SHARE)}), '1', '0') as is_platform,
            order_time + to_minutes({whole("1440 + whim * 5 * 1440")}) as recv_time
        from ordered
        left join base_tendered as tendered
            on tendered.kind = ordered.kind and tendered.number = ordered.number and is_main and starts <= month
    """


def _order_rows(plan: Plan) -> str:
    """The feed's rows: received lines, cancelled lines without a receipt, returns as negative lines."""
    end = f"timestamp '{plan.last}' + interval 1 day"
    other_code = f"if(kind = 'drug', 'XSYN', 'CSYN') || {padded('number', 6)} || '00Z001'"
    other_name = f"if(kind = 'drug', '样例药品', '样例耗材') || {padded('number', 4)}"
    return f"""
        with line as (
            select base_order.*, greatest(1, round(target / price)) as pieces,
                'DD' || strftime(month, '%Y%m') || fixmedins_code || if(kind = 'drug', 'Y', 'H')
                    || {padded("line", 5)} as detail,
                whim * 700 % 1 < {CANCELLED_SHARE} as is_cancelled,
                whim * 900 % 1 < {RETURNED_SHARE} as is_returned,
                if(oddity is null, 8, {SLOW_DAYS}) + 30 * (whim * 300 % 1) as days_to_payment
            from base_order
            left join base_odd on oddity = '{SLOW_PAYMENT}' and odd_institution = fixmedins_code
                and month >= from_month
        ),
        stated as (
            select *, detail as order_detail_id, 1 as sign, if(is_cancelled, '撤单', '已收货') as order_stas
            from line
            union all
            select *, detail || 'T', -1, '退货' from line where is_returned and not is_cancelled
        ),
        timed as (
            select *, if(is_cancelled, 0, sign * pieces) as received,
                recv_time + to_minutes({whole("days_to_payment * 1440")}) as paid
            from stated
        )
        select order_detail_id, left(detail, 20) || right(detail, 6) as order_no, fixmedins_code as inst_code,
            uscc as inst_uscc, coalesce(tendered_code, {other_code}) as prod_code,
            if(kind = 'drug', '药品', '高值耗材') as prod_type, coalesce(tendered_name, {other_name}) as generic_name,
            '样例规格' || cast(number % 7 + 1 as varchar) as spec, cast(1 as decimal(16, 4)) as pack_conv,
            coalesce(tendered_mfr, '样例生产企业' || {padded("number % 97", 3)}) as mfr,
            cast(sign * pieces as decimal(16, 4)) as order_qty, cast(received as decimal(16, 4)) as recv_qty, price,
            {yuan("cast(received as decimal(12, 0)) * price")} as amount, order_time,
            if(is_cancelled, null, recv_time) as recv_time,
            if(is_cancelled, null, recv_time + interval 30 day) as pay_due,
            if(is_cancelled or sign < 0 or paid >= {end}, null, paid) as pay_time,
            if(tendered_code is null, '0', '1') as is_vbp, vbp_batch,
            if(tendered_code is null, '0', '1') as is_selected, is_platform, order_stas
        from timed where if(is_cancelled, order_time, recv_time) < {end}
    """


def _reports(plan: Plan) -> str:
    """Totals that institutions report: their orders, on the platform or not, and herbs, which it does not sell."""
    noise = plan.uniform("report", "inst_code", "month")
    return f"""
        with bought as (
            select inst_code, cast(date_trunc('month', coalesce(recv_time, order_time)) as date) as month,
                greatest(sum(if(prod_type = '药品', amount, 0)), 0) as drugs,
                greatest(sum(if(prod_type = '药品' and is_platform = '1', amount, 0)), 0) as platform_drugs,
                greatest(sum(if(prod_type = '高值耗材', amount, 0)), 0) as consumables,
                greatest(sum(if(prod_type = '高值耗材' and is_platform = '1', amount, 0)), 0) as platform_consumables
            from procurement_order group by all
        ),
        declared as (
            select inst_code, month, greatest(drugs, platform_drugs) as drugs,
                greatest(consumables, platform_consumables) as consumables,
                {yuan(f"greatest(drugs, platform_drugs) * {2 * HERBS_OF_DRUGS} * {noise}")} as herbs
            from bought
        )
        select inst_code, strftime(month, '%Y%m') as ym, cast(drugs + herbs as decimal(16, 2)) as drug_total,
            herbs as herb_total, cast(consumables as decimal(16, 2)) as consumable_total
        from declared
        anti join base_odd on oddity = '{UNREPORTED}' and odd_institution = inst_code
            and month >= from_month and month < from_month + interval 3 month
    """
