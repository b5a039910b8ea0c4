"""What the closing modules need of settlements, summed up chunk by chunk while the rows are there."""

from __future__ import annotations

import duckdb

from warehouse.feeds.platform.settlement import IS_INPATIENT
from warehouse.synthetic.plan import Period, Plan

FUND_OF_COLUMN = (
    ("if(insutype = '390', 'resident', 'employee_pool')", "hifp_pay"),
    ("'civil_servant'", "cvlserv_pay"),
    ("'serious_illness'", "hifmi_pay"),
    ("'large_amount'", "hifob_pay"),
    ("'assistance'", "maf_pay"),
)
"""Fund of each fund column of a settlement; the province has no payments in the others."""

BASIC_FUNDS = "('employee_pool', 'resident')"
"""The funds that every claim has a row for, be it 0."""


def build(connection: duckdb.DuckDBPyConnection, _plan: Plan, _chunk: Period) -> None:
    """Add the chunk's sums to ``base_claim``, ``base_own_payment`` and ``base_chronic_use``."""
    for table, query in (
        ("base_claim", _claims()),
        ("base_own_payment", _own_payments()),
        ("base_chronic_use", _chronic_uses()),
    ):
        connection.execute(f"create table if not exists {table} as {query} limit 0")
        connection.execute(f"insert into {table} {query}")


def _claims() -> str:
    """Claims of the province's institutions by month and fund, refunds in the month they were made."""
    funds = ", ".join(f"{{'fund_code': {code}, 'amount': {column}}}" for code, column in FUND_OF_COLUMN)
    columns = ", ".join(column for _, column in FUND_OF_COLUMN)
    sums = ", ".join(f"cast(sum({column}) as decimal(16, 2)) as {column}" for _, column in FUND_OF_COLUMN)
    place = f"fixmedins_code, setl_time, insutype, clr_type, medfee_sumamt, {columns}"
    is_here = "pay_loc <> '1' and substr(fixmedins_code, 2, 2) = '46' and vali_flag = '1'"
    return f"""
        with claim as (
            select {place}, clr_way from settlement where {is_here}
        ),
        summed as (
            select fixmedins_code, cast(date_trunc('month', setl_time) as date) as month, insutype, clr_type, clr_way,
                cast(sum(if(medfee_sumamt < 0, -1, 1)) as bigint) as setl_cnt,
                cast(sum(medfee_sumamt) as decimal(16, 2)) as medfee, {sums}
            from claim group by all
        ),
        opened as (
            select fixmedins_code, month, insutype, clr_type, clr_way, setl_cnt, medfee, unnest([{funds}]) as fund
            from summed
        )
        select fixmedins_code, month, insutype, clr_type, clr_way, fund.fund_code as fund_code, setl_cnt, medfee,
            fund.amount as appy_fund
        from opened where fund.amount <> 0 or fund.fund_code in {BASIC_FUNDS}
    """


def _own_payments() -> str:
    """What persons paid themselves for stays, by month."""
    return f"""
        select psn_no, cast(date_trunc('month', setl_time) as date) as month,
            cast(sum(psn_pay) as decimal(18, 2)) as own_yuan
        from settlement where refd_setl_flag = '0' and vali_flag = '1' and out_flag <> '2' and {IS_INPATIENT}
        group by all
    """


def _chronic_uses() -> str:
    """The first day a person used a disease's outpatient benefit in this chunk."""
    return """
        select psn_no, dise_no, min(begndate) as first_day, max(insutype) as insutype,
            max(fixmedins_code) as fixmedins_code
        from settlement where med_type = '14' and dise_no is not null and out_flag <> '2' and refd_setl_flag = '0'
            and vali_flag = '1'
        group by psn_no, dise_no
    """
