"""What each fund pays of each settlement of a chunk (F05)."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import present
from warehouse.synthetic.plan import Period, Plan

LINES = (
    ("310100", "职工基本医疗保险统筹基金", "hifp_pay", "insutype = '310' and med_type <> '52'"),
    ("310103", "职工生育", "hifp_pay", "insutype = '310' and med_type = '52'"),
    ("390100", "城乡居民基本医疗保险基金", "hifp_pay", "insutype = '390'"),
    ("320100", "公务员医疗补助", "cvlserv_pay", "true"),
    ("330100", "职工大额医疗费用补助", "hifob_pay", "true"),
    ("390200", "城乡居民大病保险", "hifmi_pay", "true"),
    ("610100", "医疗救助", "maf_pay", "true"),
    ("310200", "职工基本医疗保险个人账户", "acct_pay", "true"),
)
"""Fund payment type, its name, the settlement's column, and the rows it pays in."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Fill ``settlement_fund_line`` from the chunk's settlements."""
    del plan, chunk  # the settlements at hand are those of the chunk
    lines = ", ".join(
        f"if({column} <> 0 and {rows}, {{'code': '{code}', 'name': '{name}', 'amount': {column}}}, null)"
        for code, name, column, rows in LINES
    )
    present(
        connection,
        "settlement_fund_line",
        f"""
        select setl_id, line.code as fund_pay_type, 1 as seq, line.name as fund_pay_type_name,
            inscp_amt as inscp_scp_amt, line.amount as fund_payamt
        from (
            select setl_id, inscp_amt, unnest(list_filter([{lines}], lambda each: each is not null)) as line
            from settlement where fund_pay_sumamt <> 0 or acct_pay <> 0
        )
        """,
    )
