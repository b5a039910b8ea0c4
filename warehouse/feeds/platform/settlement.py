"""F04: settlements of the national platform (SETL_D), refunds as negative rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, DateTime, Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, Rule, column
from warehouse.feeds.rules import here, listed, no_test_person, parts_meet, scheme_counted
from warehouse.feeds.versions import delivered, newness

# the union of the hospital-stay sets of three regions (source model, section 1); seed column maps_to
INPATIENT = ("21", "22", "23", "24", "26", "28", "2105", "52", "5302")
FEE_PARTS = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt")
FUND_PARTS = (
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "hifdm_pay",
    "maf_pay",
    "othfund_pay",
)
PAYMENTS = (
    *FUND_PARTS,
    "fund_pay_sumamt",
    "psn_pay",
    "acct_pay",
    "cash_payamt",
    "ownpay_hosp_part",
    "acct_mulaid_pay",
)
IS_INPATIENT = f"med_type in {listed(INPATIENT)}"
IS_REFUND = "refd_setl_flag = '1' and init_setl_id is not null"
REFUNDED = "medfee_sumamt, fund_pay_sumamt, psn_pay"
OPPOSITE = " and ".join(
    f"abs(coalesce(refund.{amount}, 0) + coalesce(original.{amount}, 0)) <= 0.01"
    for amount in REFUNDED.split(", ")
)
VISITED = "psn_no, insutype, fixmedins_code, setl_time"
SAME_PLACE = (
    "refund.psn_no = original.psn_no and refund.insutype = original.insutype and refund.fixmedins_code is not distinct "
    "from original.fixmedins_code and refund.setl_time >= original.setl_time"
)
SAME_VISIT = "psn_no, fixmedins_code, date_trunc('minute', setl_time), medfee_sumamt"
SAME_VISIT_NAMED = SAME_VISIT.replace("setl_time)", "setl_time) as settled_minute")
FEE_PARTS_MEET = parts_meet("medfee_sumamt", FEE_PARTS)


STAY = f"{IS_INPATIENT} and refd_setl_flag = '0' and coalesce(out_flag, '0') <> '2' and begndate < enddate"


class Settlement(Feed, table=True):
    """A settlement of a visit, a stay, a pharmacy purchase or a manual claim; a refund is a negative row.

    Amounts in yuan. A refund names its original in ``init_setl_id``, and both then carry
    ``refd_setl_flag`` 1 (E02).
    """

    __tablename__ = "settlement"
    feed_zh = "医保结算"
    feed_en = "Settlements"
    number = "F04"
    cadence = "daily"
    version = "updt_time"
    month = "cast(date_trunc('month', setl_time) as date)"
    # whether a refund or the end of a stay came before a lock or after it
    first_of = f"case when record.init_setl_id is not null or {IS_INPATIENT} then 'tied' end"
    region_column = "insu_admdvs"

    setl_id: str = column(
        String(30), key=True, zh="结算编号", en="Settlement id", aliases=("结算ID", "结算流水号")
    )
    clr_optins: str | None = column(String(6), zh="清算经办机构", en="Clearing agency")
    medins_setl_id: str | None = column(
        String(30), zh="医药机构结算编号", en="Settlement id of the institution"
    )
    mdtrt_id: str | None = column(String(30), zh="就诊编号", en="Visit id", aliases=("就诊ID",))
    init_setl_id: str | None = column(
        String(30), zh="原结算编号", en="Settlement that this row refunds", aliases=("原结算ID",)
    )
    psn_no: str = column(
        String(30),
        required=True,
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number",
        aliases=("个人编号",),
    )
    psn_insu_rlts_id: str | None = column(
        String(20), sensitivity="pseudonym", zh="参保关系编号", en="Enrolment id", aliases=("人员参保关系ID",)
    )
    psn_name: str | None = column(
        String(50), sensitivity="personal", zh="姓名", en="Name", aliases=("人员姓名",)
    )
    psn_cert_type: str | None = column(
        String(6), code_set="psn_cert_type", zh="证件类型", en="Kind of identity document"
    )
    certno: str | None = column(
        String(50), sensitivity="personal", zh="证件号码", en="Identity document number", aliases=("证件号",)
    )
    gend: str | None = column(String(6), code_set="gend", zh="性别", en="Sex")
    naty: str | None = column(String(3), zh="民族", en="Ethnic group")
    brdy: date | None = column(Date(), zh="出生日期", en="Date of birth")
    age: Decimal | None = column(Numeric(4, 1), unit="years", zh="年龄", en="Age")
    insutype: str = column(
        String(6),
        required=True,
        code_set="insutype",
        unknown_code="reject",
        zh="险种类型",
        en="Insurance type",
        aliases=("险种",),
    )
    psn_type: str | None = column(String(6), code_set="psn_type", zh="人员类别", en="Category of person")
    cvlserv_flag: str | None = column(String(3), code_set="is_flag", zh="公务员标志", en="Civil servant")
    cvlserv_lv: str | None = column(String(6), zh="公务员等级", en="Civil servant grade")
    sp_psn_type: str | None = column(String(6), zh="特殊人员类型", en="Special category of person")
    sp_psn_type_lv: str | None = column(String(3), zh="特殊人员类型等级", en="Grade of the special category")
    clct_grde: str | None = column(String(3), zh="缴费档次", en="Contribution tier")
    flxempe_flag: str | None = column(
        String(3), code_set="is_flag", zh="灵活就业标志", en="Flexibly employed"
    )
    nwb_flag: str | None = column(String(3), code_set="is_flag", zh="新生儿标志", en="Newborn")
    insu_admdvs: str | None = column(
        String(6),
        code_set="admdvs",
        zh="参保地医保区划",
        en="Region of enrolment",
        aliases=("insu_optins", "参保地区划"),
    )
    emp_no: str | None = column(String(40), zh="单位编号", en="Employer id")
    emp_name: str | None = column(String(200), zh="单位名称", en="Employer name")
    emp_type: str | None = column(String(6), zh="单位类型", en="Kind of employer")
    emp_mgt_type: str | None = column(String(6), zh="单位管理类型", en="Employer administration type")
    pay_loc: str | None = column(String(6), code_set="pay_loc", zh="支付地点类别", en="Place of payment")
    fixmedins_code: str | None = column(
        String(30),
        zh="定点医药机构编号",
        en="Institution code",
        aliases=("定点医药机构编码", "机构编码"),
    )
    fixmedins_name: str | None = column(
        String(255), zh="定点医药机构名称", en="Institution name", aliases=("机构名称",)
    )
    hosp_lv: str | None = column(String(6), code_set="hosp_lv", zh="医院等级", en="Hospital level")
    fix_blng_admdvs: str | None = column(
        String(6),
        code_set="admdvs",
        zh="定点归属医保区划",
        en="Region of the institution",
        aliases=("fixmedins_poolarea", "就医地区划"),
    )
    lmtpric_hosp_lv: str | None = column(String(6), zh="限价医院等级", en="Hospital level for price caps")
    dedc_hosp_lv: str | None = column(
        String(6), code_set="dedc_hosp_lv", zh="起付线医院等级", en="Hospital level for the deductible"
    )
    begndate: date | None = column(
        Date(), zh="开始日期", en="First day of treatment", aliases=("入院日期", "就诊开始日期")
    )
    enddate: date | None = column(
        Date(), zh="结束日期", en="Last day of treatment", aliases=("出院日期", "就诊结束日期")
    )
    setl_time: datetime = column(DateTime(), required=True, zh="结算时间", en="Time of settlement")
    mdtrt_cert_type: str | None = column(
        String(3), code_set="mdtrt_cert_type", zh="就诊凭证类型", en="Credential shown at the visit"
    )
    med_type: str = column(
        String(6), required=True, code_set="med_type", zh="医疗类别", en="Kind of medical service"
    )
    setl_type: str | None = column(String(6), code_set="setl_type", zh="结算类别", en="Kind of settlement")
    clr_type: str | None = column(String(6), code_set="clr_type", zh="清算类别", en="Clearing category")
    clr_way: str | None = column(String(6), code_set="clr_way", zh="清算方式", en="Clearing method")
    psn_setlway: str | None = column(String(6), zh="个人结算方式", en="Settlement method of the person")
    medfee_sumamt: Decimal = column(
        Numeric(16, 2),
        required=True,
        unit="yuan",
        zh="医疗费总额",
        en="Total medical fee",
        aliases=("总费用", "医疗费用总额"),
    )
    fulamt_ownpay_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="全自费金额", en="Fee fully at own expense"
    )
    overlmt_selfpay: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="超限价自费金额",
        en="Fee above the price cap",
        aliases=("overlmt_amt",),
    )
    preselfpay_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="先行自付金额", en="Share paid before insurance"
    )
    inscp_amt: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="符合范围金额",
        en="Fee within the policy range",
        aliases=("inscp_scp_amt", "符合政策范围金额"),
    )
    dedc_std: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="起付标准", en="Deductible standard")
    crt_dedc: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="本次起付线", en="Deductible of this visit"
    )
    act_pay_dedc: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="实际支付起付线", en="Deductible actually paid"
    )
    hifp_pay: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="基本医保统筹基金支出",
        en="Paid by the basic pooled fund",
        aliases=("统筹基金支出",),
    )
    pool_prop_selfpay: Decimal | None = column(
        Numeric(5, 4),
        unit="ratio",
        zh="基本医保统筹支付比例",
        en="Payment ratio of the pooled fund, no amount",
    )
    hi_agre_sumfee: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="医保认可费用总额", en="Fee recognised by the insurance"
    )
    cvlserv_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="公务员医疗补助支出", en="Paid by the civil-servant subsidy"
    )
    hifes_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="企业补充医保支出", en="Paid by employer supplementary insurance"
    )
    hifmi_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="居民大病保险支出", en="Paid by resident critical-illness insurance"
    )
    hifob_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="职工大额补助支出", en="Paid by the employee large-sum subsidy"
    )
    hifdm_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="伤残军人补助支出", en="Paid for disabled servicemen"
    )
    maf_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="医疗救助支出", en="Paid by medical assistance"
    )
    othfund_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="其他基金支出", en="Paid by other funds", aliases=("oth_pay",)
    )
    fund_pay_sumamt: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="基金支付总额",
        en="Paid by all funds, without personal accounts",
        aliases=("基金支付合计",),
    )
    psn_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="个人负担总额", en="Borne by the person", aliases=("psn_part_amt",)
    )
    acct_pay: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="个人账户支出",
        en="Paid from the personal account",
        aliases=("个账支出",),
    )
    cash_payamt: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="个人现金支出",
        en="Paid in cash by the person",
        aliases=("psn_cash_pay", "现金支付金额"),
    )
    ownpay_hosp_part: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="医院负担金额", en="Borne by the hospital", aliases=("hosp_part_amt",)
    )
    balc: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="账户余额", en="Balance of the account")
    acct_mulaid_pay: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="个人账户共济支付", en="Paid from a relative's account"
    )
    refd_setl_flag: str = column(
        String(3),
        required=True,
        code_set="refd_setl_flag",
        unknown_code="reject",
        zh="退费结算标志",
        en="Refund or refunded",
    )
    cal_ipt_cnt: str | None = column(String(3), zh="计算住院次数标志", en="Counts as a stay")
    year: str | None = column(String(4), zh="年度", en="Benefit year", aliases=("待遇年度",))
    dise_no: str | None = column(
        String(30), zh="病种编号", en="Disease code", aliases=("dise_codg", "病种编码")
    )
    dise_name: str | None = column(String(500), zh="病种名称", en="Disease name")
    invono: str | None = column(String(20), zh="发票号", en="Invoice number")
    manl_reim_rea: str | None = column(
        String(6), code_set="manl_reim_rea", zh="手工报销原因", en="Reason of the manual claim"
    )
    vali_flag: str | None = column(
        String(3), code_set="vali_flag", unknown_code="reject", zh="有效标志", en="Valid"
    )
    mid_setl_flag: str | None = column(
        String(3), code_set="is_flag", zh="中途结算标志", en="Interim settlement"
    )
    acct_used_flag: str | None = column(
        String(3), code_set="is_flag", zh="个人账户使用标志", en="Personal account used"
    )
    out_flag: str | None = column(
        String(3), code_set="out_flag", zh="异地标志", en="Side of a remote settlement"
    )
    ec_chnl: str | None = column(String(20), zh="电子凭证渠道", en="Channel of the e-certificate")
    rid: str | None = column(String(40), zh="数据唯一记录号", en="Record number of the platform")
    updt_time: datetime | None = column(DateTime(), zh="更新时间", en="Time of the last change")
    crte_time: datetime | None = column(DateTime(), zh="创建时间", en="Time of creation")
    opt_time: datetime | None = column(DateTime(), zh="经办时间", en="Time of handling")
    poolarea_no: str | None = column(String(6), zh="统筹区编号", en="Pooling area")

    rules = (
        no_test_person("psn_name"),
        Rule(
            "fee_parts_meet",
            FEE_PARTS_MEET,
            "warn",
            "全自费、超限价自费、先行自付与符合范围金额之和不等于医疗费总额",
            "the fee parts do not add up to the total fee",
        ),
        BatchRule(
            "fee_parts_meet_share",
            f"select avg(case when {FEE_PARTS_MEET} then 0 else 1 end) from batch "
            f"where coalesce({', '.join(FEE_PARTS)}) is not null",
            "measure <= 0.01",
            "reject",
            "费用分项之和不等于医疗费总额的行超过 1%",
            "the fee parts miss the total fee in more than 1 % of the rows",
        ),
        Rule(
            "payers_meet_fee",
            parts_meet("medfee_sumamt", ("fund_pay_sumamt", "psn_pay", "ownpay_hosp_part")),
            "reject",
            "基金支付、个人负担与医院负担之和不等于医疗费总额",
            "funds, person and hospital do not add up to the total fee",
        ),
        Rule(
            "person_parts_meet",
            f"{parts_meet('psn_pay', ('acct_pay', 'cash_payamt'), '0.03')} "
            f"or {parts_meet('psn_pay', ('acct_pay', 'cash_payamt', 'acct_mulaid_pay'))}",
            "warn",
            "个人账户、现金（及账户共济）之和不等于个人负担总额",
            "account, cash and shared account do not add up to the person's part",
        ),
        Rule(
            "fund_parts_meet",
            parts_meet("fund_pay_sumamt", FUND_PARTS),
            "reject",
            "各项基金支出之和不等于基金支付总额",
            "the funds do not add up to the total paid by funds",
        ),
        Rule(
            "policy_fee_within_total",
            "inscp_amt between least(medfee_sumamt, 0) and greatest(medfee_sumamt, 0)",
            "reject",
            "符合范围金额小于 0 或大于医疗费总额（退费行相反）",
            "the fee within the policy range lies outside 0 and the total fee",
        ),
        Rule(
            "payments_have_sign_of_fee",
            f"case when medfee_sumamt >= 0 then least({', '.join(PAYMENTS)}) >= 0 "
            f"else greatest({', '.join(PAYMENTS)}) <= 0 end",
            "reject",
            "支付金额与医疗费总额正负不一致",
            "a payment has another sign than the total fee",
        ),
        Rule(
            "negative_only_in_refunds",
            f"({IS_REFUND}) or least(medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt) >= 0",
            "reject",
            "不是退费行却有负金额",
            "a negative amount in a row that refunds nothing",
        ),
        *here("insu_admdvs", "out_flag = '2' or (refd_setl_flag = '1' and init_setl_id is not null)"),
        scheme_counted(),
        Rule(
            "names_another",
            "init_setl_id is null or refd_setl_flag = '1'",
            "warn",
            "写有原结算编号而没有退费标志，不是退费，按一笔结算计",
            "names another settlement without the flag of refunds: no refund, counts as a settlement",
        ),
        Rule(
            "interim_names_visit",
            f"mdtrt_id is not null or not ({IS_INPATIENT}) or mid_setl_flag <> '1'",
            "warn",
            "中途结算没有就诊编号，无法与同一次住院的其他各段合并，单独计一次住院",
            "an interim settlement without a visit id cannot be joined to its stay and counts as a stay",
        ),
        RowsRule(
            "refunded_once",
            """
            with refund as materialized (
                select init_setl_id, setl_id from batch
                where refd_setl_flag = '1' and init_setl_id is not null
                union
                select init_setl_id, setl_id from raw.settlement
                where refd_setl_flag = '1' and init_setl_id in (select init_setl_id from batch)
            ),
            several as (
                select standing.init_setl_id
                from refund as standing
                anti join refund as undone on undone.init_setl_id = standing.setl_id
                group by standing.init_setl_id
                having count(*) > 1
            )
            select batch._row
            from batch
            semi join several on several.init_setl_id = batch.init_setl_id
            where batch.refd_setl_flag = '1'
            """,
            "warn",
            "同一结算有多笔退费，以先到的为准，超出原额的不计",
            "several refunds of one settlement: the first counts, what exceeds its amount does not",
        ),
        RowsRule(
            "stays_apart",
            f"""
            with stay as materialized (
                select _row, setl_id, coalesce(mdtrt_id, setl_id) as visit, psn_no, begndate, enddate
                from batch
                where {STAY}
            ),
            other as (
                select setl_id, visit, psn_no, begndate, enddate from stay
                union all
                select setl_id, coalesce(mdtrt_id, setl_id), psn_no, begndate, enddate
                from raw.settlement
                where {STAY}
                    and enddate > (select min(begndate) from stay)
                    and psn_no in (select psn_no from stay)
            )
            select distinct stay._row
            from stay
            inner join other
                on other.psn_no = stay.psn_no
                and other.setl_id <> stay.setl_id
                and other.visit <> stay.visit
                and other.begndate < stay.enddate
                and stay.begndate < other.enddate
            """,
            "warn",
            "同一人的两次住院时间重叠，各计一次，其后的再入院只计一次",
            "two stays of one person overlap: each counts, a return after them once",
        ),
        RowsRule(
            "refund_without_original",
            """
            select refund._row, refund.init_setl_id as awaited
            from batch as refund
            anti join batch as original on original.setl_id = refund.init_setl_id
            anti join raw.settlement as earlier on earlier.setl_id = refund.init_setl_id
            where refund.refd_setl_flag = '1' and refund.init_setl_id is not null
            """,
            "wait",
            "退费行找不到它所冲减的原结算",
            "the refund's original settlement has not arrived",
            awaits="settlement",
        ),
        RowsRule(
            "refund_amount_differs",
            f"""
            with refund as materialized (
                select _row, init_setl_id, {REFUNDED}
                from batch
                where {IS_REFUND}
            ),
            original as (
                select refund._row, {OPPOSITE} as is_opposite
                from refund
                inner join batch as original on original.setl_id = refund.init_setl_id
                union all
                select refund._row, {OPPOSITE}
                from refund
                inner join raw.settlement as original on original.setl_id = refund.init_setl_id
            )
            select _row
            from original
            group by _row
            having not bool_or(is_opposite)
            """,
            "reject",
            "退费行金额与原结算不互为相反数",
            "the amounts are not the opposite of the original's",
        ),
        RowsRule(
            "refund_of_another",
            f"""
            with refund as materialized (
                select _row, init_setl_id, {VISITED} from batch where {IS_REFUND}
            ),
            original as (
                select refund._row, {SAME_PLACE} as is_same
                from refund
                inner join batch as original on original.setl_id = refund.init_setl_id
                union all
                select refund._row, {SAME_PLACE}
                from refund
                inner join raw.settlement as original on original.setl_id = refund.init_setl_id
            )
            select _row
            from original
            group by _row
            having not bool_or(is_same)
            """,
            "warn",
            "退费行与原结算不是同一人、险种或机构，或早于原结算",
            "a refund of another person, scheme or institution than its original, or before it",
        ),
        BatchRule(
            "refunded_original_flagged",
            f"""
            with original as (
                select original.setl_id, bool_or(original.refd_setl_flag = '1') as is_flagged
                from batch as original
                semi join (select init_setl_id from batch where {IS_REFUND}) as refund
                    on refund.init_setl_id = original.setl_id
                group by original.setl_id
            )
            select avg(case when is_flagged then 0 else 1 end) from original
            """,
            "measure <= 0.01",
            "reject",
            "同批内被退费的原结算有超过 1% 未标退费标志，按标志统计人次会虚高",
            "more than 1 % of the originals refunded in the batch lack the refund flag",
            of_accepted=True,
        ),
        Rule(
            "settled_in_range",
            "setl_time >= timestamp '2000-01-01' and setl_time < known_on + 1",
            "reject",
            "结算时间早于 2000 年，或晚于文件的交付日期",
            "settled before 2000 or after the file was delivered",
        ),
        Rule(
            "end_after_begin",
            "enddate >= begndate",
            "reject",
            "结束日期早于开始日期",
            "the last day is before the first day",
        ),
        Rule(
            "stay_within_year",
            f"not ({IS_INPATIENT}) or enddate - begndate <= 365",
            "warn",
            "住院天数超过 365 天",
            "a stay of more than 365 days",
        ),
        Rule(
            "age_meets_birth",
            "abs(age - (coalesce(begndate, cast(setl_time as date)) - brdy) / 365.25) <= 1",
            "warn",
            "年龄与出生日期相差超过 1 岁",
            "age and date of birth differ by more than a year",
        ),
        Rule(
            "maternity_is_female",
            "gend <> '1' or med_type not in ('51', '52')",
            "warn",
            "男性发生生育门诊或生育住院",
            "a maternity visit or stay of a man",
        ),
        Rule(
            "outpatient_amount_usual",
            f"{IS_INPATIENT} or med_type = '41' or medfee_sumamt <= 50000",
            "warn",
            "门诊单笔超过 5 万元",
            "an outpatient settlement above 50,000 yuan",
        ),
        Rule(
            "inpatient_amount_usual",
            f"not ({IS_INPATIENT}) or medfee_sumamt <= 1000000",
            "warn",
            "住院单笔超过 100 万元",
            "a stay above 1,000,000 yuan",
        ),
        RowsRule(
            "institution_in_force",
            """
            select batch._row
            from batch
            anti join raw.institution as known
                on known.fixmedins_code = batch.fixmedins_code
                and known.valid_from <= cast(batch.setl_time as date)
            where batch.fixmedins_code is not null
            """,
            "warn",
            "结算时机构库中没有该定点机构，已按占位机构入库",
            "the institution is not on file at the time; a placeholder stands for it",
            needs=("institution",),
        ),
        RowsRule(
            "person_enrolled",
            """
            select batch._row
            from batch
            anti join raw.enrolment as period
                on period.psn_no = batch.psn_no
                and period.psn_insu_date <= cast(batch.setl_time as date)
                and coalesce(period.paus_insu_date, date '9999-12-31') >= cast(batch.setl_time as date)
            where coalesce(batch.out_flag, '0') <> '2'
            """,
            "warn",
            "结算时该人没有有效参保时段（异地就医地侧除外）",
            "no enrolment covers the time of settlement",
            needs=("enrolment",),
        ),
        RowsRule(
            "person_alive",
            f"""
            select batch._row
            from batch
            semi join (
                select dead.psn_no, coalesce(dead.updt_time, cast(dead.known_on as timestamp)) as known_dead_at
                from {delivered("person")} as dead
                anti join {delivered("person")} as later
                    on later.psn_no = dead.psn_no
                    and {newness("later.updt_time", "later.known_on")}
                    > {newness("dead.updt_time", "dead.known_on")}
                    and later.surv_stas <> '2'
                where dead.surv_stas = '2'
            ) as dead
                on dead.psn_no = batch.psn_no
                and dead.known_dead_at < batch.setl_time
            where batch.refd_setl_flag = '0'
            """,
            "warn",
            "人员登记为死亡之后仍有结算",
            "settled after the person was registered as dead",
            needs=("person",),
        ),
        RowsRule(
            "not_sent_twice",
            f"""
            with suspect as (
                select hash({SAME_VISIT}) as visit
                from batch
                group by visit
                having count(*) > 1
            ),
            candidate as (
                select _row, setl_id, {SAME_VISIT_NAMED}
                from batch
                semi join suspect on suspect.visit = hash({SAME_VISIT})
                where fixmedins_code is not null
            )
            select _row
            from candidate
            window same_visit as (partition by psn_no, fixmedins_code, settled_minute, medfee_sumamt)
            qualify min(setl_id) over same_visit <> max(setl_id) over same_visit
            union
            select sent._row
            from (select _row, setl_id, {SAME_VISIT_NAMED} from batch where fixmedins_code is not null) as sent
            inner join (
                -- the days of the batch are all that is read of a long history
                select setl_id, {SAME_VISIT_NAMED}
                from raw.settlement
                where setl_time >= (select date_trunc('day', min(setl_time)) from batch)
                    and setl_time < (select date_trunc('day', max(setl_time)) + interval 1 day from batch)
            ) as earlier
                on sent.psn_no = earlier.psn_no
                and sent.fixmedins_code = earlier.fixmedins_code
                and sent.settled_minute = earlier.settled_minute
                and sent.medfee_sumamt = earlier.medfee_sumamt
                and sent.setl_id <> earlier.setl_id
            """,
            "warn",
            "同人同机构同一分钟同额有多笔结算（含此前送来的），疑似重传",
            "one person, institution, minute and amount under several ids, also of earlier files; probably sent twice",
        ),
    )
