"""What is planted in the settlements (F04): spellings, repeated rows, refunds, rows that break one rule."""

from __future__ import annotations

from functools import partial

from warehouse.synthetic.dirt.defect import Defect, accepted, refused, repaired, warned
from warehouse.synthetic.dirt.spelling import (
    COUNTY_NAMES,
    COUNTY_NAMES_ENDED,
    DATE_SPELLINGS,
    EMBEDDED,
    FORMULA,
    SEVEN_DIGITS,
    THOUSAND,
    TRADITIONAL_NAMES,
    full_width,
    has_name,
    in_brackets,
    in_scientific_notation,
    named,
    with_currency,
    with_full_width_space,
    with_slashes,
    with_thousands,
    with_zero_width_space,
    without_leading_zero,
)

FEED = "settlement"
AMOUNTS = (
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "hi_agre_sumfee",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "hifdm_pay",
    "maf_pay",
    "othfund_pay",
    "fund_pay_sumamt",
    "psn_pay",
    "acct_pay",
    "cash_payamt",
    "ownpay_hosp_part",
    "acct_mulaid_pay",
)
# ordinary local rows, in which changing one amount breaks one rule only
ORDINARY = "refd_setl_flag = '0' and medfee_sumamt > 0 and coalesce(ownpay_hosp_part, 0) = 0"
# such rows without fund lines, so that a further settlement needs none
WITHOUT_FUNDS = f"{ORDINARY} and coalesce(fund_pay_sumamt, 0) = 0"
# an incomplete last line would be a file that was cut
NOT_LAST = "_place < (select max(_place) from base)"
IS_DEAR = f"abs(medfee_sumamt) >= {THOUSAND}"
TURNED_ROUND = {name: f"-({name})" for name in AMOUNTS}


_repaired = partial(repaired, FEED)
_accepted = partial(accepted, FEED)
_warned = partial(warned, FEED)


def _refused(code: str, column: str, rule: str, change: dict[str, str], note: str, rows: int = 2) -> Defect:
    return refused(FEED, code, column, rule, change, note, WITHOUT_FUNDS, rows)


SPELLINGS: tuple[Defect, ...] = (
    _repaired("Q03", "insutype", full_width("insutype"), "全角险种代码"),
    _repaired("Q03", "medfee_sumamt", full_width("medfee_sumamt"), "全角金额"),
    _repaired("Q03", "setl_id", with_full_width_space("setl_id"), "主键带全角空格"),
    _repaired("Q03", "psn_no", with_zero_width_space("psn_no"), "人员编号夹零宽空格"),
    _repaired("Q03", "med_type", with_zero_width_space("med_type"), "医疗类别带零宽空格"),
    *(
        _repaired("Q04", "begndate", spelling("begndate"), name, "begndate is not null")
        for name, spelling in DATE_SPELLINGS.items()
    ),
    _repaired(
        "Q04",
        "setl_time",
        f"{with_slashes('setl_time')} || strftime(setl_time, ' %-H:%M:%S')",
        "斜线时间",
    ),
    _repaired("Q05", "medfee_sumamt", with_thousands("medfee_sumamt"), "千分位", IS_DEAR, 3),
    _repaired("Q05", "medfee_sumamt", with_currency("medfee_sumamt"), "货币符号", "medfee_sumamt > 0"),
    _repaired("Q05", "psn_pay", with_currency("psn_pay", "¥"), "货币符号", "psn_pay > 0"),
    _repaired("Q05", "medfee_sumamt", in_brackets("medfee_sumamt"), "括号负数", "medfee_sumamt < 0"),
    _repaired(
        "Q05",
        "medfee_sumamt",
        in_scientific_notation("medfee_sumamt"),
        "科学计数",
        f"medfee_sumamt between {THOUSAND} and {SEVEN_DIGITS}",
    ),
    *(
        _repaired("Q05", "balc", f"'{sign}'", "空金额写作符号", "balc is null", 1)
        for sign in ("—", "无", "/")
    ),
    _repaired("Q10", "hosp_lv", without_leading_zero("hosp_lv"), "医院等级丢前导零", "hosp_lv like '0%'"),
    _repaired(
        "Q10",
        "mdtrt_cert_type",
        without_leading_zero("mdtrt_cert_type"),
        "凭证类型丢前导零",
        "mdtrt_cert_type like '0%'",
    ),
    _repaired(
        "Q11",
        "insu_admdvs",
        named("insu_admdvs", COUNTY_NAMES),
        "写市县名称",
        has_name("insu_admdvs", COUNTY_NAMES),
        3,
    ),
    _repaired(
        "Q11",
        "fix_blng_admdvs",
        named("fix_blng_admdvs", COUNTY_NAMES_ENDED),
        "写自治县简称",
        has_name("fix_blng_admdvs", COUNTY_NAMES_ENDED),
    ),
    _repaired(
        "Q18",
        "insu_admdvs",
        named("insu_admdvs", TRADITIONAL_NAMES),
        "写繁体市县名",
        has_name("insu_admdvs", TRADITIONAL_NAMES),
    ),
    _warned("Q10", "clr_way", "code:clr_way", "'7'", "清算方式代码不可补"),
    _accepted(
        "Q14",
        "setl_time",
        "strftime(setl_time, '%Y-%m-%d 23:59:59')",
        "月末最后一秒",
        "cast(setl_time as date) = last_day(setl_time) and refd_setl_flag = '0'",
    ),
    _accepted(
        "Q14",
        "setl_time",
        "strftime(setl_time, '%Y-%m-%d 00:00:00')",
        "月初零点",
        "day(setl_time) = 1 and refd_setl_flag = '0'",
    ),
    _accepted("Q16", "dise_name", EMBEDDED, "内嵌换行、引号与制表符"),
    _accepted("Q20", "emp_name", FORMULA, "公式注入文字"),
)

REFUSALS: tuple[Defect, ...] = (
    _refused("Q03", "insutype", "code:insutype", {"insutype": "'３１'"}, "全角且不在字典的险种", 1),
    _refused("Q04", "begndate", "format:begndate", {"begndate": "'2022-02-30'"}, "不存在的日期"),
    _refused("Q04", "setl_time", "required:setl_time", {"setl_time": "null"}, "缺结算时间", 1),
    _refused(
        "Q05",
        "setl_id",
        "format:setl_id",
        {"setl_id": "'4.6990' || _index || _n || 'E+17'"},
        "编号成科学计数",
    ),
    _refused(
        "Q05", "medfee_sumamt", "format:medfee_sumamt", {"medfee_sumamt": "'约百元'"}, "金额不是数字", 1
    ),
    _refused("Q05", "balc", "scale:balc", {"balc": "'12.345'"}, "小数多于两位"),
    _refused("Q10", "insutype", "code:insutype", {"insutype": "'31'"}, "险种代码缺位"),
    _refused("Q16", "dise_no", "length:dise_no", {"dise_no": "repeat('X', 31)"}, "病种编号超长", 1),
    Defect(
        "Q16",
        FEED,
        "",
        {},
        "reject",
        "行的列数不对",
        "format:line",
        f"{WITHOUT_FUNDS} and {NOT_LAST}",
        2,
        "line",
    ),
    _refused(
        "R",
        "medfee_sumamt",
        "payers_meet_fee",
        {"psn_pay": "psn_pay + 5", "cash_payamt": "coalesce(cash_payamt, 0) + 5"},
        "费用与付费方合计不符",
    ),
    _refused("R", "fund_pay_sumamt", "fund_parts_meet", {"hifp_pay": "5.00"}, "基金分项合计不符"),
    _refused(
        "R",
        "inscp_amt",
        "policy_fee_within_total",
        {"inscp_amt": "-1.00", "preselfpay_amt": "coalesce(preselfpay_amt, 0) + inscp_amt + 1"},
        "符合范围金额为负",
    ),
    _refused(
        "R",
        "ownpay_hosp_part",
        "payments_have_sign_of_fee",
        {
            "ownpay_hosp_part": "-1.00",
            "psn_pay": "psn_pay + 1",
            "cash_payamt": "coalesce(cash_payamt, 0) + 1",
        },
        "支付金额正负不一致",
    ),
    _refused(
        "R",
        "fulamt_ownpay_amt",
        "negative_only_in_refunds",
        {
            "fulamt_ownpay_amt": "-1.00",
            "preselfpay_amt": "coalesce(preselfpay_amt, 0) + coalesce(fulamt_ownpay_amt, 0) + 1",
        },
        "非退费行有负金额",
    ),
    _refused(
        "R",
        "setl_time",
        "settled_in_range",
        {"setl_time": "'1999-12-31 10:00:00'"},
        "结算时间早于 2000 年",
        1,
    ),
    _refused(
        "R", "setl_time", "settled_in_range", {"setl_time": "'2099-01-01 10:00:00'"}, "结算时间在将来", 1
    ),
    _refused("R", "enddate", "end_after_begin", {"enddate": "begndate - 2"}, "结束早于开始"),
    Defect(
        "R",
        FEED,
        "medfee_sumamt",
        {
            "medfee_sumamt": "medfee_sumamt - 10",
            "fulamt_ownpay_amt": "coalesce(fulamt_ownpay_amt, 0) - 10",
            "psn_pay": "psn_pay - 10",
            "cash_payamt": "coalesce(cash_payamt, 0) - 10",
        },
        "reject",
        "退费金额与原结算不相反",
        "refund_amount_differs",
        "medfee_sumamt < 0 and init_setl_id in (select setl_id from base)",
        2,
        "new",
    ),
)

ROWS: tuple[Defect, ...] = (
    Defect("Q01", FEED, "", {}, "duplicate", "重复推送的相同行", rows=5, kind="again"),
    Defect(
        "Q01",
        FEED,
        "updt_time",
        {"updt_time": "updt_time + interval 1 second", "ec_chnl": "'更正'"},
        "accepted",
        "同一主键的新版本",
        where=f"{ORDINARY} and updt_time is not null",
        kind="again",
    ),
    Defect(
        "Q01",
        FEED,
        "setl_id",
        {"ec_chnl": "'矛盾'"},
        "reject",
        "同一主键同一更新时间而内容不同",
        "key:conflict",
        f"{WITHOUT_FUNDS} and updt_time is not null",
        2,
        "pair",
    ),
    Defect(
        "Q09",
        FEED,
        "init_setl_id",
        {"init_setl_id": "left(setl_id, 20) || 'O' || _tag", "refd_setl_flag": "'1'", **TURNED_ROUND},
        "wait",
        "退费行的原结算始终未到",
        "refund_without_original",
        WITHOUT_FUNDS,
        2,
        "new",
    ),
    Defect(
        "Q15",
        FEED,
        "psn_name",
        {"psn_name": "'测试' || _n"},
        "set_aside",
        "测试人员的结算",
        "test_data",
        WITHOUT_FUNDS,
        2,
        "new",
    ),
)

# the pair of a refund and its original, of which the original comes in a later file
LATE_ORIGINAL = Defect(
    "Q09",
    FEED,
    "init_setl_id",
    {"init_setl_id": "left(setl_id, 20) || 'L' || _tag", "refd_setl_flag": "'1'", **TURNED_ROUND},
    "wait",
    "退费行先到,原结算在后来的文件中",
    "refund_without_original",
    WITHOUT_FUNDS,
    2,
    "new",
)

WARNINGS: tuple[Defect, ...] = (
    _warned(
        "R",
        "preselfpay_amt",
        "fee_parts_meet",
        "coalesce(preselfpay_amt, 0) + 3",
        "费用分项之和不符",
        ORDINARY,
    ),
    _warned(
        "R",
        "cash_payamt",
        "person_parts_meet",
        "coalesce(cash_payamt, 0) + 3",
        "个人分项之和不符",
        ORDINARY,
    ),
    _warned("R", "age", "age_meets_birth", "age + 3", "年龄与出生日期不符", "age < 90 and brdy is not null"),
)
