"""The accounts of the funds (F09), from their flows; every identity holds to the fen."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan

SUBJECTS = {
    "income_employer": "单位缴费",
    "income_individual": "个人缴费",
    "income_subsidy": "财政补助",
    "income_interest": "利息收入",
    "income_other": "其他收入",
    "expenditure_inpatient": "住院支出",
    "expenditure_outpatient": "门诊支出",
    "expenditure_chronic": "门诊慢特病支出",
    "expenditure_maternity_medical": "生育医疗支出",
    "expenditure_pharmacy": "药店支出",
    "expenditure_account": "个人账户支出",
    "expenditure_serious_illness_premium": "购买大病保险支出",
    "expenditure_other": "其他支出(清算差额,合成余项)",
    "balance_closing": "期末结余",
}


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``fund_ledger``."""
    insert(connection, "fund_ledger", _ledger(plan))


def _ledger(plan: Plan) -> str:
    """Flows with their year-to-date amounts, and one row with the balances a fund, county and month."""
    return f"""
        with place as (
            select opening.fund_code, opening.scheme, weight.county, opening.opening, opening.adjust, weight.weight,
                sum(weight) over (partition by fund_code) as total,
                row_number() over (partition by fund_code order by weight desc, county) as place
            from base_opening as opening join base_fund_weight as weight using (scheme)
        ),
        floored as (
            select *, cast(cast(opening as hugeint) * weight // total as bigint) as opening_part,
                cast(cast(adjust as hugeint) * weight // total as bigint) as adjust_part
            from place
        ),
        opened as (
            select fund_code, scheme, county,
                cast(opening_part
                    + if(place = 1, opening - sum(opening_part) over (partition by fund_code), 0) as bigint) as opening,
                cast(adjust_part
                    + if(place = 1, adjust - sum(adjust_part) over (partition by fund_code), 0) as bigint) as adjust
            from floored
        ),
        net as (
            select opened.*, base_month.m, base_month.month,
                if(base_month.month = date '2024-01-01', opened.adjust, 0) as adjusted,
                coalesce(flow.fen, 0) as net
            from opened cross join base_month
            left join (
                select m, county, fund_code,
                    cast(sum(if(subject_code like 'income%', fen, -fen)) as bigint) as fen
                from base_flow group by m, county, fund_code
            ) as flow on flow.m = base_month.m and flow.county = opened.county and flow.fund_code = opened.fund_code
        ),
        closed as (
            select *, cast(opening + sum(net + adjusted)
                over (partition by county, fund_code order by m) as bigint) as closing
            from net
        ),
        row as (
            select flow.county, flow.fund_code, flow.subject_code, base_month.month, flow.fen,
                cast(sum(flow.fen) over (partition by flow.county, flow.fund_code, flow.subject_code, base_month.year
                    order by flow.m) as bigint) as ytd, cast(null as bigint) as opening, cast(null as bigint) as adjust,
                cast(null as bigint) as closing
            from base_flow as flow join base_month using (m)
            union all
            select county, fund_code, 'balance_closing', month, closing, null,
                closing - net - adjusted, adjusted, closing
            from closed
        )
        select county as admdvs, if(fund_code = 'resident', '390', '310') as insutype, fund_code, subject_code,
            case subject_code {" ".join(f"when '{code}' then '{name}'" for code, name in SUBJECTS.items())} end
                as subject_name,
            strftime(month, '%Y%m') as ym, cast(cast(fen / 100 as decimal(18, 2)) as varchar) as amount_raw,
            '元' as unit_raw, cast(fen / 100 as decimal(18, 2)) as amount_yuan,
            cast(ytd / 100 as decimal(18, 2)) as ytd_amount_yuan, cast(opening / 100 as decimal(18, 2)) as opening,
            cast(adjust / 100 as decimal(18, 2)) as adjust,
            if(adjust <> 0, '结余口径调整(模拟),见校准表', null) as adjust_note,
            cast(closing / 100 as decimal(18, 2)) as closing, '1' as is_cash, '月报' as ledger_version,
            '模拟数据:社会保险基金会计月报' as source_doc
        from row
        where month <= date '{plan.last}'
        order by ym, admdvs, fund_code, subject_code
    """
