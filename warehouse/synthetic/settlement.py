"""Settlements (F04) of a chunk: one row a visit and one a refund, with the platform's columns."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import present
from warehouse.synthetic.plan import Period, Plan

AMOUNTS = {
    "medfee_sumamt": "fee",
    "fulamt_ownpay_amt": "own_fee",
    "overlmt_selfpay": "over_fee",
    "preselfpay_amt": "pre_fee",
    "inscp_amt": "scope",
    "hifp_pay": "basic - large - serious",
    "hi_agre_sumfee": "scope",
    "cvlserv_pay": "civil",
    "hifes_pay": "0",
    "hifmi_pay": "serious",
    "hifob_pay": "large",
    "hifdm_pay": "0",
    "maf_pay": "assist",
    "othfund_pay": "0",
    "fund_pay_sumamt": "basic + civil + assist",
    "psn_pay": "person",
    "acct_pay": "account",
    "cash_payamt": "person - account - shared",
    "ownpay_hosp_part": "hospital",
    "acct_mulaid_pay": "shared",
}
"""Amount columns of a settlement over the columns of ``base_visit``, both in fen."""

LATER = "base_visit_later"
BEFORE_GROUPING = "base_settlement"
PAID_BY_CASE = """
    select setl_id, case grp_type when 'DRG' then '40' else '30' end as case_way
    from grouping where is_actual_pay = '1'
"""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """``settlement`` with the chunk's visits and refunds, ``base_settlement_resent`` with changed originals.

    Visits that are refunded after their chunk wait in ``base_visit_later``; when the refund is due, the
    original is sent again.
    """
    connection.execute(
        f"create table if not exists {LATER} as select *, cast(null as varchar) as case_way from base_visit limit 0"
    )
    is_stored = not plan.has_monthly_files  # 75 columns of five million rows a month are not kept
    due = f"refund_day between date '{chunk.first}' and date '{chunk.last}'"
    present(connection, "settlement", _rows(plan, _signed(chunk, due), "'1'"), is_stored=is_stored)
    resent = _rows(
        plan,
        f"select *, 1 as sign, setl_day as day from {LATER} where {due}",
        "coalesce(case_way, '1')",
    )
    present(connection, "settlement", resent, "base_settlement_resent", is_stored=is_stored)


def pay_by_case(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Write into the chunk's stays how ``grouping`` says that they were paid."""
    query = f"""
        select signed.* replace (coalesce(paid.case_way, signed.clr_way) as clr_way)
        from {BEFORE_GROUPING} as signed
        left join ({PAID_BY_CASE}) as paid on signed.setl_id = paid.setl_id
    """
    kind = "view" if plan.has_monthly_files else "table"
    connection.execute(f"drop {kind} if exists {BEFORE_GROUPING}")
    connection.execute(f"alter {kind} settlement rename to {BEFORE_GROUPING}")
    present(connection, "settlement", query, is_stored=kind == "table")


def close_chunk(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Keep the visits that are refunded later, before the next chunk takes the place of this one."""
    connection.execute(f"delete from {LATER} where refund_day <= date '{chunk.last}'")
    connection.execute(
        f"""
        insert into {LATER}
        select visit.*, paid.case_way
        from base_visit as visit
        left join ({PAID_BY_CASE}) as paid on paid.setl_id = {setl_id("visit.setl_day", "false")}
        where refund_day > date '{chunk.last}' and refund_day <= date '{plan.last}'
        """
    )


def setl_id(day: str, is_refund: str) -> str:
    """SQL for a settlement's number: month of settlement, visit, and 1 for a refund."""
    return (
        f"'46' || strftime({day}, '%Y%m') || lpad(cast(vid as varchar), 13, '0') || if({is_refund}, '1', '0')"
    )


def _signed(chunk: Period, due: str) -> str:
    """Visits and, with sign -1, the refunds of the chunk; ``day`` is the day of the row."""
    return f"""
        select *, 1 as sign, setl_day as day from base_visit
        union all
        select *, -1, refund_day from base_visit where refund_day <= date '{chunk.last}'
        union all
        select * exclude (case_way), -1, refund_day from {LATER} where {due}
    """


def _rows(plan: Plan, signed: str, clr_way: str) -> str:
    amounts = ", ".join(
        f"cast(sign * ({fen}) / 100 as decimal(16, 2)) as {column}" for column, fen in AMOUNTS.items()
    )
    return f"""
        with signed as ({signed}),
        timed as (
            select *, day + to_seconds(seconds) as setl_time, refund_day <= date '{plan.last}' is true as is_refunded,
                date_diff('year', birth, setl_day)
                    - if(strftime(setl_day, '%m%d') < strftime(birth, '%m%d'), 1, 0) as age
            from signed
        )
        select {setl_id("day", "sign < 0")} as setl_id, if(is_guest, home_province, '460000') as clr_optins,
            if(is_manual, null, 'M' || lpad(cast(vid as varchar), 13, '0') || if(sign < 0, '1', '0')) as medins_setl_id,
            'J' || lpad(cast(vid as varchar), 13, '0') as mdtrt_id,
            if(sign < 0, {setl_id("setl_day", "false")}, null) as init_setl_id,
            '4699' || lpad(cast(pid as varchar), 10, '0') as psn_no,
            if(is_guest, null, '46' || lpad(cast(pid as varchar), 10, '0') || cast(relation_part as varchar))
                as psn_insu_rlts_id,
            '参保人' || lpad(cast(pid as varchar), 8, '0') as psn_name, '01' as psn_cert_type, certno,
            if(is_male, '1', '2') as gend, birth as brdy, age, insutype,
            case
                when insutype = '310' and is_retired
                    then case when is_civil then '1202' when is_flexible then '1203' else '1201' end
                when insutype = '310' then case when is_civil then '1102' when is_flexible then '1103' else '1101' end
                when age < 1 then '1401' when age < 6 then '1402' when age < 18 then '1403'
                when age < 60 then '1501' else '16'
            end as psn_type,
            if(is_civil, '1', '0') as cvlserv_flag, if(is_flexible, '1', '0') as flxempe_flag,
            if(setl_day - birth < 28, '1', '0') as nwb_flag, coalesce(home_province, county) as insu_admdvs,
            case when is_manual then '1' when class = 'X' or is_guest then '4'
                when region <> if(county = '460000', '460100', county) then '3' else '2' end as pay_loc,
            code as fixmedins_code, name as fixmedins_name, hosp_lv, region as fix_blng_admdvs,
            if(kind = '21', end_day - stay_days, end_day) as begndate, end_day as enddate, setl_time,
            case when is_manual then null when by_phone then '01' else '03' end as mdtrt_cert_type, med_type,
            if(is_manual, '1', '2') as setl_type,
            case kind when '21' then '21' when '41' then '41' else '11' end as clr_type, {clr_way} as clr_way,
            {amounts},
            if(scope > 0, round((basic - large - serious) / scope, 4), 0) as pool_prop_selfpay,
            if(is_refunded, '1', '0') as refd_setl_flag, if(kind = '21', '1', '0') as cal_ipt_cnt,
            strftime(setl_day, '%Y') as year, split_part(disease, '|', 1) as dise_no,
            split_part(disease, '|', 2) as dise_name, if(is_manual, '03', null) as manl_reim_rea, '1' as vali_flag,
            '0' as mid_setl_flag, if(account + shared > 0, '1', '0') as acct_used_flag,
            case when is_guest then '2' when class = 'X' then '1' else '0' end as out_flag,
            if(is_refunded, refund_day + to_seconds(seconds), setl_time) as updt_time,
            setl_time as crte_time, setl_time as opt_time, if(is_guest, null, '460000') as poolarea_no
        from timed
    """
