"""What is planted in fund lines (F05), fees (F06), clearings (F08), the ledger (F09) and institutions (F11)."""

from __future__ import annotations

from warehouse.synthetic.dirt.defect import Defect, accepted, refused, repaired
from warehouse.synthetic.dirt.spelling import (
    COUNTY_NAMES,
    EMBEDDED,
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

LINE, FEE, CLEARING, LEDGER, INSTITUTION = (
    "settlement_fund_line",
    "fee_summary",
    "clearing",
    "fund_ledger",
    "institution",
)
# a line that does not meet its settlement is off by so much; the right line follows in a late file
WRONG_BY = "12.34"
MONTHLY_REPORT = "ledger_version = '月报'"
FLOW = f"{MONTHLY_REPORT} and not starts_with(subject_code, 'balance_')"

FUND_LINES: tuple[Defect, ...] = (
    repaired(LINE, "Q03", "fund_pay_type", full_width("fund_pay_type"), "全角代码"),
    repaired(
        LINE, "Q05", "fund_payamt", with_thousands("fund_payamt"), "千分位", f"fund_payamt >= {THOUSAND}"
    ),
    repaired(LINE, "Q05", "fund_payamt", in_brackets("fund_payamt"), "括号负数", "fund_payamt < 0"),
    accepted(LINE, "Q16", "setl_proc_info", EMBEDDED, "内嵌换行、引号与制表符"),
    Defect("Q01", LINE, "", {}, "duplicate", "重复推送的相同行", rows=4, kind="again"),
    Defect(
        "R",
        LINE,
        "fund_payamt",
        {"fund_payamt": f"fund_payamt + {WRONG_BY}"},
        "reject",
        "基金分项与结算主表不符,更正行在后来的文件中",
        "fund_lines_meet_settlement",
        "fund_pay_type in ('310100', '390100') and fund_payamt > 0 "
        "and setl_id in (select setl_id from base group by setl_id having count(*) = 1)",
    ),
    refused(LINE, "Q05", "fund_payamt", "format:fund_payamt", {"fund_payamt": "'待定'"}, "金额不是数字"),
    refused(
        LINE,
        "Q05",
        "inscp_scp_amt",
        "scale:inscp_scp_amt",
        {"inscp_scp_amt": "'8.125'"},
        "小数多于两位",
        rows=1,
    ),
    refused(
        LINE, "Q05", "fund_payamt", "required:fund_payamt", {"fund_payamt": "'无'"}, "必填金额写作无", rows=1
    ),
)

FEES: tuple[Defect, ...] = (
    repaired(FEE, "Q03", "det_item_fee_sumamt", full_width("det_item_fee_sumamt"), "全角金额"),
    repaired(
        FEE,
        "Q05",
        "det_item_fee_sumamt",
        in_scientific_notation("det_item_fee_sumamt"),
        "科学计数",
        f"det_item_fee_sumamt between {THOUSAND} and {SEVEN_DIGITS}",
    ),
    repaired(
        FEE,
        "Q10",
        "chrgitm_lv",
        without_leading_zero("chrgitm_lv"),
        "收费等级丢前导零",
        "chrgitm_lv like '0%'",
    ),
    Defect("Q01", FEE, "", {}, "duplicate", "重复推送的相同行", rows=4, kind="again"),
    refused(
        FEE,
        "Q05",
        "det_item_fee_sumamt",
        "format:det_item_fee_sumamt",
        {"det_item_fee_sumamt": "'12元5角'"},
        "金额不是数字",
    ),
)

CLEARINGS: tuple[Defect, ...] = (
    repaired(CLEARING, "Q05", "appy_fund", with_currency("appy_fund"), "货币符号", "appy_fund > 0"),
    repaired(CLEARING, "Q03", "clr_ym", full_width("clr_ym"), "全角年月"),
    Defect("Q01", CLEARING, "", {}, "duplicate", "重复推送的相同行", rows=2, kind="again"),
    refused(CLEARING, "R", "clr_ym", "clearing_month", {"clr_ym": "'202500'"}, "清算年月不是年月"),
    refused(
        CLEARING,
        "R",
        "actual_pay",
        "payment_meets_application",
        {"actual_pay": "actual_pay + 100"},
        "拨付与申请不符",
        "clr_stas in ('40', '50', '60') and actual_pay is not null",
    ),
    refused(
        CLEARING,
        "R",
        "pay_date",
        "paid_has_date",
        {"pay_date": "null"},
        "已拨付而无拨付日期",
        "clr_stas = '60'",
    ),
)

ACCOUNTS: tuple[Defect, ...] = (
    Defect(
        "Q06",
        LEDGER,
        "unit_raw",
        {"amount_raw": "cast(amount_yuan / 10000 as decimal(24, 6))", "unit_raw": "'万元'"},
        "accepted",
        "原始金额以万元计",
        where=FLOW,
        rows=5,
    ),
    repaired(LEDGER, "Q03", "ym", full_width("ym"), "全角会计期间", FLOW),
    repaired(
        LEDGER,
        "Q05",
        "amount_yuan",
        with_thousands("amount_yuan"),
        "千分位",
        f"{FLOW} and amount_yuan >= {THOUSAND}",
    ),
    repaired(
        LEDGER, "Q11", "admdvs", named("admdvs", COUNTY_NAMES), "写市县名称", has_name("admdvs", COUNTY_NAMES)
    ),
    accepted(LEDGER, "Q16", "source_doc", EMBEDDED, "内嵌换行、引号与制表符"),
    accepted(LEDGER, "Q20", "source_doc", "'+1+1'", "公式注入文字"),
    Defect("Q01", LEDGER, "", {}, "duplicate", "重复推送的相同行", where=FLOW, rows=3, kind="again"),
    refused(
        LEDGER,
        "Q06",
        "unit_raw",
        "unit_known",
        {"unit_raw": "'千元'"},
        "单位不明",
        f"{FLOW} and right(ym, 2) <> '01'",
    ),
    refused(
        LEDGER,
        "Q06",
        "amount_yuan",
        "magnitude_jumps",
        {"amount_yuan": "amount_yuan * 10000", "amount_raw": "amount_yuan * 10000", "unit_raw": "'元'"},
        "金额跳变一万倍",
        f"{FLOW} and amount_yuan > 1000 and right(ym, 2) between '04' and '11'",
    ),
    refused(LEDGER, "R", "ym", "ym_is_a_month", {"ym": "'202013'"}, "会计期间不是年月", FLOW),
    refused(
        LEDGER,
        "R",
        "ytd_amount_yuan",
        "year_to_date",
        {"ytd_amount_yuan": "amount_yuan + 1000"},
        "一月累计不等于当月",
        f"{FLOW} and right(ym, 2) = '01'",
    ),
    refused(
        LEDGER,
        "R",
        "closing",
        "balance_identity",
        {"opening": "100", "adjust": "0", "closing": "5000"},
        "期末不等于期初加收减支",
        f"{MONTHLY_REPORT} and subject_code = 'balance_closing'",
    ),
)

INSTITUTIONS: tuple[Defect, ...] = (
    repaired(
        INSTITUTION,
        "Q10",
        "hosp_lv",
        without_leading_zero("hosp_lv"),
        "医院等级丢前导零",
        "hosp_lv like '0%'",
    ),
    repaired(
        INSTITUTION,
        "Q11",
        "fix_blng_admdvs",
        named("fix_blng_admdvs", COUNTY_NAMES),
        "写市县名称",
        has_name("fix_blng_admdvs", COUNTY_NAMES),
    ),
    accepted(INSTITUTION, "Q20", "fixmedins_name", "'@' || fixmedins_name", "公式注入文字", rows=1),
    Defect("Q01", INSTITUTION, "", {}, "duplicate", "重复推送的相同行", rows=1, kind="again"),
    refused(
        INSTITUTION,
        "R",
        "valid_to",
        "validity_overlaps",
        {"valid_from": "valid_from - 400", "valid_to": "valid_from + 10"},
        "有效期重叠",
        "fixmedins_code not in (select fixmedins_code from base group by all having count(*) > 1)",
        1,
    ),
)

# in the file of a closed year: the period that ended and the one that began
RENAMINGS: tuple[Defect, ...] = (
    Defect(
        "Q12",
        INSTITUTION,
        "",
        {},
        "accepted",
        "机构更名或变更后的新时段",
        rows=4,
        where="fixmedins_code in (select fixmedins_code from base group by all having count(*) > 1)",
    ),
)
