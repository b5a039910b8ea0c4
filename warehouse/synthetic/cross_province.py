"""F18 care across provinces: files of the national platform on both sides, and manual reimbursements."""

from __future__ import annotations

import duckdb

from warehouse.feeds.platform.settlement import IS_INPATIENT
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Period, Plan


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, _chunk: Period) -> None:
    """Fill ``cross_province`` from the settlements paid across provinces or reimbursed for that reason."""
    filing = plan.uniform("filing", "psn_no")
    connection.execute("drop table if exists cross_province")
    insert(
        connection,
        "cross_province",
        f"""
        with seen as (
            select *, {filing} as filing, out_flag = '2' as is_visitor
            from settlement
            where vali_flag = '1' and (pay_loc = '4' or manl_reim_rea in ('03', '05'))
        )
        select 'GJ' || setl_id as natl_setl_id, if(is_visitor, '就医地', '参保地') as direction, setl_id,
            left(insu_admdvs, 2) || '0000' as insu_province,
            left(fix_blng_admdvs, 2) || '0000' as mdtrt_province,
            case when {IS_INPATIENT} then '住院' when med_type = '14' then '慢特病' when med_type = '41' then '药店'
                else '门诊' end as biz_type,
            case when filing < 0.3 then '异地安置' when filing < 0.55 then '长期居住' when filing < 0.85 then '转诊'
                else '临时' end as filing_type,
            cast(begndate - cast(1 + floor(filing * 40) as integer) as date) as filing_date,
            medfee_sumamt as medfee, fund_pay_sumamt as fund_pay, setl_time,
            strftime(last_day(cast(setl_time as date)) + 1, '%Y%m') as clr_ym,
            if(setl_type = '2', '1', '0') as is_direct
        from seen
        """,
    )
