"""What is planted in the contributions (F03)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from warehouse.synthetic.dirt.defect import Defect, refused, repaired, warned
from warehouse.synthetic.dirt.spelling import (
    COUNTY_NAMES,
    DATE_SPELLINGS,
    SEVEN_DIGITS,
    THOUSAND,
    full_width,
    has_name,
    in_brackets,
    in_scientific_notation,
    named,
    with_currency,
    with_thousands,
    without_leading_zero,
)

FEED = "contribution"
_repaired = partial(repaired, FEED)
_refused = partial(refused, FEED)

CONTRIBUTIONS: tuple[Defect, ...] = (
    _repaired("Q03", "clct_sumamt", full_width("clct_sumamt"), "全角金额"),
    _repaired("Q03", "accrym_begn", full_width("accrym_begn"), "全角年月"),
    *(
        _repaired("Q04", "arvl_date", spelling("arvl_date"), name, "arvl_date is not null")
        for name, spelling in DATE_SPELLINGS.items()
    ),
    _repaired("Q05", "clct_sumamt", with_thousands("clct_sumamt"), "千分位", f"clct_sumamt >= {THOUSAND}"),
    _repaired("Q05", "clct_sumamt", with_currency("clct_sumamt"), "货币符号", "clct_sumamt > 0"),
    _repaired("Q05", "clct_sumamt", in_brackets("clct_sumamt"), "括号负数", "clct_sumamt < 0"),
    _repaired(
        "Q05",
        "clct_sumamt",
        in_scientific_notation("clct_sumamt"),
        "科学计数",
        f"clct_sumamt between 100 and {SEVEN_DIGITS}",
    ),
    *(
        _repaired("Q05", column, f"'{sign}'", "空金额写作符号", f"{column} is null", 1)
        for column in ("inte", "latefee")
        for sign in ("—", "无", "/")
    ),
    _repaired("Q10", "clct_way", without_leading_zero("clct_way"), "征收方式丢前导零", "clct_way like '0%'"),
    _repaired(
        "Q11",
        "insu_admdvs",
        named("insu_admdvs", COUNTY_NAMES),
        "写市县名称",
        has_name("insu_admdvs", COUNTY_NAMES),
    ),
    warned(FEED, "R", "arvl_date", "paid_has_arrived", "null", "已缴而无到账日期", "clct_flag = '1'"),
    Defect("Q01", FEED, "", {}, "duplicate", "重复推送的相同行", rows=4, kind="again"),
    _refused("Q04", "arvl_date", "format:arvl_date", {"arvl_date": "'2022-02-30'"}, "不存在的日期"),
    _refused("Q05", "psn_clctstd", "format:psn_clctstd", {"psn_clctstd": "'基数待核'"}, "金额不是数字"),
    _refused("Q05", "psn_clctstd", "scale:psn_clctstd", {"psn_clctstd": "'4000.125'"}, "小数多于两位"),
    replace(
        _refused(
            "R",
            "clct_sumamt",
            "parts_meet_total",
            {"clct_sumamt": "clct_sumamt + 7"},
            "分项之和不等于总额",
            "coalesce(emp_clct_amt, psn_clct_amt, finsubs_amt, oth_clct_amt) is not null",
        ),
        share_limit=0.001,
    ),
    _refused("R", "accrym_begn", "first_month", {"accrym_begn": "'202500'"}, "所属期开始不是年月"),
    _refused("R", "accrym_end", "last_month", {"accrym_end": "'999999'"}, "所属期结束不是年月"),
    _refused(
        "R",
        "accrym_begn",
        "months_in_order",
        {"accrym_begn": "accrym_end", "accrym_end": "'201912'"},
        "所属期开始晚于结束",
        "accrym_end > '201912'",
    ),
)
