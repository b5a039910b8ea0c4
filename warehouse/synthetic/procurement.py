"""F14 orders on the procurement platform and F14b the institutions' own monthly totals."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.collected import BASIC_FUNDS
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
            select fixmedins_code, arg_max(uscc, valid_from) as uscc from institution
            where fixmedins_code like 'H%' and medins_natu in ('公立', '1') group by fixmedins_code
        ),
        need as (
            select fixmedins_code, uscc, month, (0.8 + 0.4 * {noise}) * medfee as scale
            from fees join public_institution using (fixmedins_code) where medfee > 0
        ),
        parted as (
            select fixmedins_code, uscc, month, 'drug' as kind, scale * {DRUGS_OF_FEES} as yuan from need
            union all
            select fixmedins_code, uscc, month, 'consumable', scale * {CONSUMABLES_OF_FEES} from need
                where scale > 90000
        )
        select *, cast(greatest(1, least(3000, round(yuan / if(kind = 'drug', {LINE_YUAN["drug"]},
            {LINE_YUAN["consumable"]})))) as bigint) as lines
        from parted
    """


def _orders(plan: Plan) -> str:
    """Order lines with product, price and quantity; the price of a tendered product is the selected one."""
    keys = ("fixmedins_code", "month", "kind", "line")
    which, size = plan.uniform("order product", *keys), plan.uniform("order size", *keys)
    when, whim = plan.uniform("order time", *keys), plan.uniform("order", *keys)
    price = plan.uniform("tender price", "ordered.kind", "ordered.number")
    return f"""
        with line as (
            select fixmedins_code, uscc, month, kind, unnest(range(1, lines + 1)) as line,
                yuan / lines as mean from base_purchase
        ),
        ordered as (
            select *, 1 + cast(floor(power({which}, 1.5) * if(kind = 'drug', {PRODUCTS["drug"]},
                {PRODUCTS["consumable"]}))
                as bigint) as number,
                {whim} as whim, mean * (0.2 + 1.6 * {size}) as target,
                cast(month as timestamp) + to_minutes(cast(floor({when} * 27 * 1440) as integer))
                    as order_time
            from line
        )
        select ordered.*, tendered.prod_code as tendered_code, tendered.generic_name as tendered_name,
            tendered.mfr as tendered_mfr, tendered.vbp_batch, coalesce(tendered.price_selected,
                cast(if(ordered.kind = 'drug', round(4 + 180 * power({price}, 3), 2),
                    round(300 + 12700 * power({price}, 2), 2))
                    as decimal(16, 6))) as price,
            if(whim * 40 % 1 < if(ordered.kind = 'drug', {by_year("year(month)", PLATFORM_DRUG_SHARE)},
                {by_year("year(month)", PLATFORM_CONSUMABLE_SHARE)}), '1', '0') as is_platform,
            order_time + to_minutes(cast(1440 + floor(whim * 5 * 1440) as integer)) as recv_time
        from ordered left join base_tendered as tendered
            on tendered.kind = ordered.kind and tendered.number = ordered.number and tendered.is_main
            and tendered.starts <= ordered.month
    """


def _order_rows(plan: Plan) -> str:
    """The feed's rows: received lines, cancelled lines without a receipt, returns as negative lines."""
    end = f"timestamp '{plan.last}' + interval 1 day"
    return f"""
        with quantity as (
            select base_order.*, 'DD' || strftime(month, '%Y%m') || base_order.fixmedins_code
                || if(kind = 'drug', 'Y', 'H')
                    || lpad(cast(line as varchar), 5, '0') as detail,
                greatest(1, round(target / price)) as pieces,
                whim * 700 % 1 < {CANCELLED_SHARE} as is_cancelled,
                    whim * 900 % 1 < {RETURNED_SHARE} as is_returned,
                cast(recv_time + interval 30 day as date) as due,
                recv_time + to_minutes(cast(floor((if(oddity is null, 8,
                    120) + 30 * (whim * 300 % 1)) * 1440) as integer))
                    as paid
            from base_order
            left join base_odd on oddity = '{SLOW_PAYMENT}'
                and odd_institution = base_order.fixmedins_code
                and month >= from_month
        ),
        stated as (
            select *, detail as order_detail_id, 1 as sign, if(is_cancelled, '撤单',
                '已收货') as order_stas from quantity
            union all
            select *, detail || 'T', -1, '退货' from quantity where is_returned and not is_cancelled
        )
        select order_detail_id, left(detail, 20) || right(detail, 6) as order_no, fixmedins_code as inst_code,
            uscc as inst_uscc,
            coalesce(tendered_code, if(kind = 'drug', 'XSYN', 'CSYN') || lpad(cast(number as varchar), 6,
                '0') || '00Z001')
                as prod_code,
            if(kind = 'drug', '药品', '高值耗材') as prod_type,
            coalesce(tendered_name, if(kind = 'drug', '样例药品', '样例耗材') || lpad(cast(number as varchar), 4,
                '0'))
                as generic_name,
            '样例规格' || cast(number % 7 + 1 as varchar) as spec, cast(1 as decimal(12, 4)) as pack_conv,
            coalesce(tendered_mfr, '样例生产企业' || lpad(cast(number % 97 as varchar), 3, '0')) as mfr,
            cast(sign * pieces as decimal(16, 4)) as order_qty,
            cast(if(is_cancelled, 0, sign * pieces) as decimal(16, 4)) as recv_qty, price,
            cast(round(if(is_cancelled, 0, sign) * cast(pieces as decimal(12, 0)) * price, 2) as decimal(16,
                2)) as amount,
            order_time, if(is_cancelled, null, recv_time) as recv_time, if(is_cancelled, null,
                due) as pay_due,
            if(is_cancelled or sign < 0 or paid >= {end}, null, paid) as pay_time,
            if(tendered_code is null, '0', '1') as is_vbp, vbp_batch,
            if(tendered_code is null, '0', '1') as is_selected, is_platform, order_stas
        from stated where if(is_cancelled, order_time, recv_time) < {end}
    """


def _reports(plan: Plan) -> str:
    """Totals that institutions report: never below their orders, platform share along the plan's path."""
    noise = plan.uniform("report", "inst_code", "month")
    return f"""
        with bought as (
            select inst_code, cast(date_trunc('month', coalesce(recv_time, order_time)) as date) as month,
                prod_type,
                greatest(sum(amount), 0) as all_yuan,
                greatest(sum(if(is_platform = '1', amount, 0)), 0) as platform_yuan
            from procurement_order group by all
        ),
        declared as (
            select inst_code, month,
                sum(if(prod_type = '药品', cast(round(greatest(all_yuan, platform_yuan), 2) as decimal(16, 2)),
                    0)) as drug,
                sum(if(prod_type = '高值耗材', cast(round(greatest(all_yuan, platform_yuan), 2) as decimal(16,
                    2)), 0))
                    as consumable
            from bought group by all
        )
        select inst_code, strftime(month, '%Y%m') as ym,
            cast(drug + round(drug * {HERBS_OF_DRUGS} * 2 * {noise}, 2) as decimal(16, 2)) as drug_total,
            cast(round(drug * {HERBS_OF_DRUGS} * 2 * {noise}, 2) as decimal(16, 2)) as herb_total,
            cast(consumable as decimal(16, 2)) as consumable_total
        from declared
        anti join base_odd on oddity = '{UNREPORTED}' and odd_institution = inst_code
            and month >= from_month and month < from_month + interval 3 month
    """
