"""Fees of the chunk's settlements by kind of item (F06); the parts add up to the settlement's."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import present
from warehouse.synthetic.plan import Period, Plan

ITEMS = {
    # kind of care: (catalogue, class, share of the fee within policy)
    "41": (("101", "01", 1.0),),
    "11": (("101", "01", 0.55), ("201", "02", 0.45)),
    "14": (("101", "01", 0.7), ("201", "02", 0.3)),
    "21": (("101", "01", 0.36), ("201", "01", 0.44), ("301", "02", 0.20)),
}
"""What a fee is made of (assumed); what is not covered comes as one line of class C."""

UNCODED_SHARE = 0.02
"""Settlements with a line that lacks the national code (assumed)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Fill ``fee_summary`` from the chunk's settlements."""
    del chunk  # the settlements at hand are those of the chunk
    present(connection, "fee_summary", _rows(plan))


def _rows(plan: Plan) -> str:
    cases = " ".join(f"when {_is(kind)} then [{_parts(items)}]" for kind, items in ITEMS.items())
    return f"""
        with part as (
            select setl_id, medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_amt,
                unnest(case {cases} end) as item
            from (select *, if(med_type = '52', '21', med_type) as kind from settlement)
        ),
        amount as (
            select setl_id, item.list_type as list_type, item.level as chrgitm_lv, item.is_last,
                if(item.is_last, inscp_amt - item.others, item.within) as within,
                if(item.is_last, preselfpay_amt, 0) as pre, if(item.is_last, overlmt_selfpay, 0) as over, 0 as own
            from part
            union all
            select setl_id, '101', '03', false, 0, 0, 0, fulamt_ownpay_amt from settlement where fulamt_ownpay_amt <> 0
        )
        select setl_id, list_type as med_chrgitm_type, list_type, chrgitm_lv,
            cast(1 + floor({plan.uniform("lines", "setl_id", "list_type")} * 6) as bigint) as line_cnt,
            within + pre + over + own as det_item_fee_sumamt, own as fulamt_ownpay_amt, over as overlmt_selfpay,
            pre as preselfpay_amt, within as inscp_amt,
            if({plan.uniform("uncoded", "setl_id")} < {UNCODED_SHARE} and is_last, 1, 0) as uncoded_line_cnt,
            0 as price_differs_line_cnt
        from amount
    """


def _is(kind: str) -> str:
    return f"kind = '{kind}'"


def _parts(items: tuple[tuple[str, str, float], ...]) -> str:
    """The last part takes what the others leave, so that they add up."""
    amounts = [f"cast(inscp_amt * {share} as decimal(16, 2))" for _, _, share in items]
    others = " + ".join(amounts[:-1]) or "cast(0 as decimal(16, 2))"
    return ", ".join(
        f"{{'list_type': '{catalogue}', 'level': '{level}', 'within': {amount}, "
        f"'others': cast({others} as decimal(16, 2)), 'is_last': {str(index == len(items) - 1).lower()}}}"
        for index, ((catalogue, level, _), amount) in enumerate(zip(items, amounts, strict=True))
    )
