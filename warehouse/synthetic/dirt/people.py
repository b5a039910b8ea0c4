"""What is planted in persons (F01), enrolment (F02) and the roster of assisted persons (F21)."""

from __future__ import annotations

from warehouse.synthetic.dirt.defect import Defect, accepted, refused, repaired, warned
from warehouse.synthetic.dirt.spelling import (
    COUNTY_NAMES,
    COUNTY_NAMES_ENDED,
    DATE_SPELLINGS,
    FORMULA,
    TRADITIONAL_NAMES,
    full_width,
    has_name,
    named,
    with_full_width_space,
    with_zero_width_space,
    without_leading_zero,
)

# born late enough for a serial date to be read as one, and in the century of 15-digit numbers
BORN_1960_TO_1999 = "brdy between date '1960-01-01' and date '1999-12-31'"
HAS_IDENTITY_NUMBER = "psn_cert_type = '01' and length(certno) = 18"
IDENTITY_OF_15 = "left(certno, 6) || substr(certno, 9, 9)"
OTHER_CHECK_DIGIT = "left(certno, 17) || if(right(certno, 1) = '0', '1', '0')"
IN_SCIENTIFIC_NOTATION = "'4.6990' || lpad(_index :: varchar, 2, '0') || _n || 'E+17'"

PERSONS: tuple[Defect, ...] = (
    repaired("person", "Q03", "psn_no", full_width("psn_no"), "全角人员编号"),
    repaired("person", "Q03", "certno", with_zero_width_space("certno"), "证件号夹零宽空格"),
    repaired("person", "Q03", "gend", full_width("gend"), "全角性别代码"),
    *(
        repaired("person", "Q04", "brdy", spelling("brdy"), name, BORN_1960_TO_1999)
        for name, spelling in DATE_SPELLINGS.items()
    ),
    repaired(
        "person",
        "Q10",
        "psn_cert_type",
        without_leading_zero("psn_cert_type"),
        "证件类型丢前导零",
        "psn_cert_type like '0%'",
    ),
    repaired(
        "person",
        "Q11",
        "resd_loc_admdvs",
        named("resd_loc_admdvs", COUNTY_NAMES),
        "写市县名称",
        has_name("resd_loc_admdvs", COUNTY_NAMES),
    ),
    repaired(
        "person",
        "Q18",
        "live_admdvs",
        named("live_admdvs", TRADITIONAL_NAMES),
        "写繁体市县名",
        has_name("live_admdvs", TRADITIONAL_NAMES),
    ),
    accepted(
        "person",
        "Q19",
        "certno",
        IDENTITY_OF_15,
        "15 位旧证件号",
        f"{HAS_IDENTITY_NUMBER} and {BORN_1960_TO_1999}",
        3,
    ),
    accepted(
        "person",
        "Q19",
        "certno",
        "lower(certno)",
        "末位小写 x",
        f"{HAS_IDENTITY_NUMBER} and certno like '%X'",
        3,
    ),
    warned(
        "person",
        "Q19",
        "certno",
        "identity_check_digit",
        OTHER_CHECK_DIGIT,
        "证件号校验位不符",
        HAS_IDENTITY_NUMBER,
    ),
    accepted("person", "Q20", "psn_name", FORMULA, "公式注入文字"),
    accepted("person", "Q20", "psn_name", "'+1+1'", "公式注入文字", rows=1),
    Defect("R", "person", "brdy", {"brdy": "'1899-12-31'"}, "blank", "出生早于 1900 年", "birth_in_range"),
    Defect("R", "person", "brdy", {"brdy": "'2099-01-01'"}, "blank", "出生在将来", "birth_in_range"),
    warned(
        "person", "R", "brdy", "birth_meets_identity", "brdy + 40", "出生日期与证件不符", HAS_IDENTITY_NUMBER
    ),
    warned("person", "Q04", "brdy", "empty_date:brdy", "'0000-00-00'", "零日期", rows=1),
    Defect("Q01", "person", "", {}, "duplicate", "重复推送的相同行", rows=5, kind="again"),
    Defect(
        "Q15",
        "person",
        "psn_name",
        {"psn_name": "'测试人员' || _n"},
        "set_aside",
        "测试人员",
        "test_data",
        rows=2,
        kind="new",
    ),
    refused("person", "Q04", "brdy", "format:brdy", {"brdy": "'2022-02-30'"}, "不存在的日期"),
    refused("person", "Q05", "psn_no", "format:psn_no", {"psn_no": IN_SCIENTIFIC_NOTATION}, "编号成科学计数"),
    refused("person", "Q05", "certno", "format:certno", {"certno": "'9.99999E+17'"}, "证件号成科学计数"),
    refused("person", "Q01", "psn_no", "required:psn_no", {"psn_no": "null"}, "缺人员编号", rows=1),
    Defect(
        "Q01",
        "person",
        "psn_no",
        {"naty": "'99'"},
        "reject",
        "同一主键同一更新时间而内容不同",
        "key:conflict",
        "updt_time is not null and coalesce(naty, '') <> '99'",
        1,
        "pair",
    ),
)

ENROLMENTS: tuple[Defect, ...] = (
    repaired("enrolment", "Q03", "psn_no", with_full_width_space("psn_no"), "人员编号带全角空格"),
    repaired("enrolment", "Q03", "insutype", full_width("insutype"), "全角险种代码"),
    *(
        repaired(
            "enrolment",
            "Q04",
            "psn_insu_date",
            spelling("psn_insu_date"),
            name,
            "psn_insu_date >= date '1960-01-01'",
        )
        for name, spelling in DATE_SPELLINGS.items()
    ),
    repaired(
        "enrolment",
        "Q11",
        "insu_admdvs",
        named("insu_admdvs", COUNTY_NAMES),
        "写市县名称",
        has_name("insu_admdvs", COUNTY_NAMES),
        3,
    ),
    repaired(
        "enrolment",
        "Q11",
        "insu_admdvs",
        named("insu_admdvs", COUNTY_NAMES_ENDED),
        "写自治县简称",
        has_name("insu_admdvs", COUNTY_NAMES_ENDED),
    ),
    repaired(
        "enrolment",
        "Q18",
        "insu_admdvs",
        named("insu_admdvs", TRADITIONAL_NAMES),
        "写繁体市县名",
        has_name("insu_admdvs", TRADITIONAL_NAMES),
    ),
    warned(
        "enrolment",
        "Q04",
        "paus_insu_date",
        "empty_date:paus_insu_date",
        "'0000-00-00'",
        "零日期",
        "paus_insu_date is null",
    ),
    Defect("Q01", "enrolment", "", {}, "duplicate", "重复推送的相同行", rows=4, kind="again"),
    refused(
        "enrolment", "Q11", "insu_admdvs", "code:insu_admdvs", {"insu_admdvs": "'海角县'"}, "不存在的市县"
    ),
    refused("enrolment", "Q11", "insu_admdvs", "code:insu_admdvs", {"insu_admdvs": "'洋浦'"}, "洋浦编码未定"),
    refused(
        "enrolment",
        "Q11",
        "insu_admdvs",
        "code:insu_admdvs",
        {"insu_admdvs": "'469999'"},
        "字典外区划",
        rows=1,
    ),
    refused(
        "enrolment",
        "R",
        "paus_insu_date",
        "end_after_begin",
        {"paus_insu_date": "psn_insu_date - 10", "psn_insu_stas": "'3'"},
        "暂停早于参保",
    ),
    refused(
        "enrolment",
        "Q04",
        "psn_insu_date",
        "format:psn_insu_date",
        {"psn_insu_date": "'2022-02-30'"},
        "不存在的日期",
    ),
    refused(
        "enrolment",
        "Q04",
        "psn_insu_date",
        "required:psn_insu_date",
        {"psn_insu_date": "null"},
        "缺参保日期",
        rows=1,
    ),
)

ROSTER: tuple[Defect, ...] = (
    repaired(
        "assisted_roster",
        "Q11",
        "admdvs",
        named("admdvs", COUNTY_NAMES),
        "写市县名称",
        has_name("admdvs", COUNTY_NAMES),
        3,
    ),
    repaired(
        "assisted_roster",
        "Q18",
        "admdvs",
        named("admdvs", TRADITIONAL_NAMES),
        "写繁体市县名",
        has_name("admdvs", TRADITIONAL_NAMES),
    ),
    repaired("assisted_roster", "Q03", "certno", full_width("certno"), "全角证件号"),
    repaired("assisted_roster", "Q03", "ym", full_width("ym"), "全角年月"),
    accepted("assisted_roster", "Q20", "name", "'@SUM(1+1)'", "公式注入文字"),
    Defect("Q01", "assisted_roster", "", {}, "duplicate", "重复推送的相同行", rows=3, kind="again"),
    refused("assisted_roster", "R", "ym", "ym_is_a_month", {"ym": "'202513'"}, "名册月份不是年月"),
    refused(
        "assisted_roster",
        "Q05",
        "certno",
        "format:certno",
        {"certno": "'9.9999' || _index || _n || 'E+17'"},
        "证件号成科学计数",
    ),
    refused("assisted_roster", "Q01", "grp", "required:grp", {"grp": "null"}, "缺人员类别", rows=1),
)
