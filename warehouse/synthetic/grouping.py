"""F07 grouping: one current row a valid inpatient settlement, weights and payment by disease group.

A group is a chapter of the diagnosis with one of five bands of resource use; the band follows the cost of
the stay with some error, so that a stay may cost far more or less than its group's standard.
"""

from __future__ import annotations

import duckdb

from warehouse.feeds.platform.settlement import IS_INPATIENT
from warehouse.synthetic import settlement
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.oddity import UPCODING
from warehouse.synthetic.plan import Period, Plan
from warehouse.synthetic.yearly_path import PAID_BY_CASE_SHARE, by_year

BAND_WEIGHTS = (0.35, 0.65, 1.0, 1.65, 3.2)
REFERENCE_COST = {"310": 14_000, "390": 8_400}
"""Yuan a stay, employee and resident, of the calibration table (2022)."""

DRG_COUNTIES = "'460400', '469002', '469026'"
"""Danzhou pilots DRG (published), two counties follow it (assumed); the others use DIP, which Sanya pilots."""

JOINED = {
    2020: "'460200', '460400'",
    2021: "'460100'",
    2022: "'469002', '469005', '469006', '469007', '469026'",
    2023: "'469023', '469024', '469027', '469028'",
    2024: "'460300', '469001', '469021', '469022', '469025', '469029', '469030'",
}
"""Counties that pay by case from a year on: two pilots, 8 of 19 by 2022, all by 2024 (plan); which ones is assumed."""

UNGROUPED_SHARE = 0.035
UPCODED = 2.0
REGROUPED_SHARE = 0.01
"""Cases that the yearly account groups again with a later version (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Fill ``grouping`` from the chunk's stays; what is grouped again later goes to ``base_grouping_final``."""
    connection.execute("drop table if exists grouping")
    insert(connection, "grouping", _query(plan))
    connection.execute("create table if not exists base_grouping_final as from grouping limit 0")
    connection.execute(f"insert into base_grouping_final by name {_regrouped(plan, chunk)}")
    settlement.pay_by_case(connection, plan)


def _regrouped(plan: Plan, chunk: Period) -> str:
    """Some cases of closed years again: the yearly account pays them at the standard of the final version."""
    return f"""
        select * replace (
            grp_ver || '-清算' as grp_ver, '正常' as case_type,
            cast(round(item_fund_amt * 1.02, 2) as decimal(16, 2)) as pay_std_amt,
            cast(round(item_fund_amt * 1.02, 2) as decimal(16, 2)) - item_fund_amt as diff_amt)
        from grouping
        where is_actual_pay = '1' and {plan.uniform("regrouped", "setl_id")} < {REGROUPED_SHARE}
            and dscg_time between timestamp '{chunk.first}' and timestamp '{chunk.last} 23:59:59'
            and make_date(year(dscg_time) + 1, 4, 30) <= date '{plan.last}'
    """


def _query(plan: Plan) -> str:
    """Stays with band and weight; as many of the joined counties' stays are paid by case as the path asks for."""
    weights = ", ".join(str(weight) for weight in BAND_WEIGHTS)
    error, whim, chosen = (
        plan.uniform(purpose, "setl_id") for purpose in ("grouping error", "grouping", "paid by case")
    )
    joined = " or ".join(
        f"(year(setl_time) >= {year} and fix_blng_admdvs in ({listed}))" for year, listed in JOINED.items()
    )
    path = by_year("year(setl_time)", PAID_BY_CASE_SHARE)
    return f"""
        with stay as (
            select setl_id, mdtrt_id, settlement.fixmedins_code, psn_no, insutype, begndate, enddate, setl_time,
                fix_blng_admdvs, pay_loc, coalesce(dise_no, 'Z00') as diagnosis, medfee_sumamt, fund_pay_sumamt,
                {whim} as whim, {error} as error, {chosen} as chosen, if(oddity is null, 1.0, {UPCODED}) as raised,
                if(insutype = '390', {REFERENCE_COST["390"]}, {REFERENCE_COST["310"]}) as reference
            from settlement
            left join base_odd on oddity = '{UPCODING}' and odd_institution = settlement.fixmedins_code
                and settlement.setl_time >= from_month
            where {IS_INPATIENT} and refd_setl_flag = '0' and vali_flag = '1'
        ),
        banded as (
            select *, medfee_sumamt / reference * exp(1.2 * (error - 0.5)) * raised as apparent,
                fix_blng_admdvs not like '46%' or whim < {UNGROUPED_SHARE} as is_ungrouped,
                fix_blng_admdvs in ({DRG_COUNTIES}) as is_drg, ({joined}) as is_joined
            from stay
        ),
        grouped as (
            select *, case when apparent < 0.5 then 1 when apparent < 0.8 then 2 when apparent < 1.3 then 3
                when apparent < 2.3 then 4 else 5 end as band,
                is_joined and not is_ungrouped and chosen < {path} * sum(medfee_sumamt) over months
                    / nullif(sum(if(is_joined and not is_ungrouped, medfee_sumamt, 0)) over months, 0) as is_paid
            from banded
            window months as (partition by date_trunc('month', setl_time))
        ),
        weighed as (
            select *, if(is_ungrouped, null, ([{weights}])[band]) as weight,
                if(is_ungrouped, null, cast(round(([{weights}])[band] * reference, 2) as decimal(16, 2))) as standard
            from grouped
        ),
        judged as (
            select *, case when is_ungrouped then null when medfee_sumamt > 3 * standard then '高倍率'
                when medfee_sumamt < 0.4 * standard then '低倍率' when whim > 0.995 then '特病单议' else '正常' end
                as case_type
            from weighed
        ),
        paid as (
            select *, cast(round(fund_pay_sumamt * case
                when not is_paid or case_type in ('低倍率', '特病单议') then 1
                when case_type = '高倍率' then 0.85
                else least(greatest(standard / medfee_sumamt, 0.6), 1.4) end, 2) as decimal(16, 2)) as pay_std_amt
            from judged
        )
        select setl_id, mdtrt_id, fixmedins_code, psn_no, insutype, cast(begndate as timestamp) as adm_time,
            cast(enddate as timestamp) as dscg_time, greatest(1, enddate - begndate) as act_ipt_days,
            case when whim < 0.965 then '1' when whim < 0.985 then '4' else '2' end as dscg_way,
            diagnosis as main_diag_code,
            case when whim > 0.7 and not is_ungrouped then 'SYN' || left(diagnosis, 1) || '0' || band end
                as main_oprn_code,
            case when is_ungrouped then '未入组' when is_drg then 'DRG' else 'DIP' end as grp_type,
            case when not is_ungrouped then 'SYN' || left(diagnosis, 1) || band end as grp_code,
            case when not is_ungrouped then '样例病组' || left(diagnosis, 1) || band end as grp_name,
            cast(year(setl_time) as varchar) as grp_ver, cast(weight as decimal(10, 4)) as weight,
            if(is_drg, null, cast(weight * 1000 as decimal(10, 4))) as pt_value, standard as std_fee,
            if(is_ungrouped, null, cast(if(is_drg, reference, reference / 1000.0) as decimal(16, 2))) as fee_rate,
            pay_std_amt, fund_pay_sumamt as item_fund_amt, pay_std_amt - fund_pay_sumamt as diff_amt,
            medfee_sumamt, case_type,
            case when fix_blng_admdvs not like '46%' then '省外住院不入组' when is_ungrouped then '主诊断与手术不符' end
                as ungroup_rea,
            if(is_paid, '1', '0') as is_actual_pay, if(is_ungrouped, '0', '1') as qc_pass
        from paid
    """
