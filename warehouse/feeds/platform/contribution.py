"""F03: contributions (STAF_PSN_CLCT_DETL_D, RSDT_PSN_CLCT_DETL_D, EMP_CLCT_DETL_D)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, DateTime, Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, Rule, column
from warehouse.feeds.rules import here, is_year_month, listed, month_of, parts_meet, scheme_counted
from warehouse.feeds.versions import delivered, newness

MONTH = (
    f"coalesce({month_of('cashym')}, cast(date_trunc('month', clct_time) as date), {month_of('accrym_begn')})"
)
PARTS_MEET = parts_meet(
    "clct_sumamt", ("emp_clct_amt", "psn_clct_amt", "finsubs_amt", "oth_clct_amt"), "0.01"
)
# yuan a person and year: 2022 is the only year whose standard the source documents print (published figure F000-002)
RESIDENT_STANDARD_2022 = 320
# interest, transfers and the like are no contributions
CONTRIBUTION_SUBJECTS = (
    "income_employer",
    "income_individual",
    "income_subsidy_central",
    "income_subsidy_provincial",
    "income_subsidy_county",
    "income_subsidy",
)
SAME_PAYMENT = (
    "psn_no, insutype, accrym_begn, accrym_end, clct_type, emp_no, psn_idet_type, insu_admdvs, "
    "clct_sumamt, finsubs_amt"
)
ALIKE = " and ".join(f"batch.{each} is not distinct from twice.{each}" for each in SAME_PAYMENT.split(", "))
IS_PAYMENT = "init_clct_detl_id is null and clct_sumamt > 0 and coalesce(clct_flag, '1') = '1'"
LEDGER_DIFFERENCE = f"""
    with paid as (
        select
            clct_detl_id,
            max(struct_pack(
                newness := newness,
                month := month,
                paid_yuan := clct_sumamt
            )) as newest
        from (
            select clct_detl_id, {newness("updt_time")} as newness, clct_sumamt, {MONTH} as month
            from batch
            where coalesce(clct_flag, '1') = '1'
            union all
            select clct_detl_id, {newness("updt_time")} as newness, clct_sumamt, {MONTH} as month
            from {delivered("contribution")}
            where coalesce(clct_flag, '1') = '1'
        )
        where month in (select {MONTH} from batch)
        group by clct_detl_id
    ),
    booked as (
        select
            {month_of("ym")} as month,
            max(struct_pack(
                rank := case ledger_version when '决算' then 3 when '月报' then 2 else 1 end,
                amount_yuan := amount_yuan
            )) as newest
        from raw.fund_ledger
        where subject_code in {listed(CONTRIBUTION_SUBJECTS)}
            and {month_of("ym")} in (select {MONTH} from batch)
        group by admdvs, fund_code, subject_code, ym
    ),
    by_month as (
        select newest.month as month, newest.paid_yuan as paid_yuan, 0 as booked_yuan from paid
        union all
        select month, 0, newest.amount_yuan from booked
    ),
    compared as (
        select month, sum(paid_yuan) as paid_yuan, sum(booked_yuan) as booked_yuan
        from by_month
        group by month
    )
    select max(abs(paid_yuan - booked_yuan) / booked_yuan)
    from compared
    where booked_yuan > 0
"""


# what rows of the file and of earlier ones say of the contributions that rows of the file name
NAMED = """
    with named as materialized (
        select distinct init_clct_detl_id as original_id from batch where init_clct_detl_id is not null
    ),
    record as materialized (
        select clct_detl_id, init_clct_detl_id, clct_sumamt from batch
        union
        select clct_detl_id, init_clct_detl_id, clct_sumamt
        from raw.contribution
        where clct_detl_id in (select original_id from named)
            or init_clct_detl_id in (select original_id from named)
    )
"""


class Contribution(Feed, table=True):
    """A contribution in yuan for one person, period and kind; a reversal is a negative row that names its original.

    Employee and resident details come in tables of their own and share this contract; a fiscal subsidy
    belongs to the person it is paid for.
    """

    __tablename__ = "contribution"
    feed_zh = "缴费明细"
    feed_en = "Contributions"
    number = "F03"
    cadence = "daily"
    due_days = 3  # the tax and the insurance side differ by 1–3 days (source model, F03)
    version = "updt_time"
    month = MONTH
    region_column = "insu_admdvs"

    clct_detl_id: str = column(
        String(30),
        key=True,
        zh="缴费明细编号",
        en="Contribution id",
        aliases=("staf_clct_detl_id", "rsdt_clct_detl_id", "缴费明细ID"),
    )
    init_clct_detl_id: str | None = column(
        String(30),
        zh="原缴费明细编号",
        en="Contribution that this row reverses",
        aliases=("init_rsdt_clct_detl_id", "原缴费明细ID"),
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
        String(30), sensitivity="pseudonym", zh="参保关系编号", en="Enrolment id", aliases=("人员参保关系ID",)
    )
    emp_no: str | None = column(String(40), zh="单位编号", en="Employer id")
    insutype: str = column(
        String(6), required=True, code_set="insutype", zh="险种类型", en="Insurance type", aliases=("险种",)
    )
    psn_type: str | None = column(String(6), code_set="psn_type", zh="人员类别", en="Category of person")
    psn_idet_type: str | None = column(String(6), zh="人员身份类别", en="Entitled group of the person")
    accrym_begn: str = column(
        String(6),
        is_month=True,
        required=True,
        zh="费款所属期开始",
        en="First month paid for (yyyymm)",
        aliases=("费款开始期号",),
    )
    accrym_end: str | None = column(
        String(6),
        is_month=True,
        zh="费款所属期结束",
        en="Last month paid for (yyyymm)",
        aliases=("费款结束期号",),
    )
    cashym: str | None = column(String(6), is_month=True, zh="收付年月", en="Month of receipt (yyyymm)")
    clct_time: datetime | None = column(DateTime(), zh="缴费时间", en="Time of payment")
    clct_type: str | None = column(String(6), code_set="clct_type", zh="缴费类型", en="Kind of contribution")
    clct_flag: str | None = column(
        String(3), code_set="clct_flag", unknown_code="reject", zh="缴费标志", en="Paid"
    )
    revs_flag: str | None = column(String(3), code_set="revs_flag", zh="冲销标志", en="Regular or reversed")
    emp_clctstd: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="单位缴费基数", en="Base of the employer's contribution"
    )
    psn_clctstd: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="个人缴费基数", en="Base of the person's contribution"
    )
    emp_clct_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="单位缴费金额", en="Paid by the employer", aliases=("单位缴费",)
    )
    psn_clct_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="个人缴费金额", en="Paid by the person", aliases=("个人缴费",)
    )
    emp_clct_into_acct_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="单位缴费划入账户金额", en="Of the employer's part, into the account"
    )
    psn_clct_into_acct_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="个人缴费划入账户金额", en="Of the person's part, into the account"
    )
    finsubs_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="财政补助金额", en="Fiscal subsidy or aid", aliases=("财政补助",)
    )
    oth_clct_amt: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="其他缴费金额", en="Paid by others")
    clct_sumamt: Decimal = column(
        Numeric(16, 2),
        required=True,
        unit="yuan",
        zh="缴费总金额",
        en="Total contribution",
        aliases=("缴费合计",),
    )
    inte: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="利息", en="Interest")
    latefee: Decimal | None = column(Numeric(16, 2), unit="yuan", zh="滞纳金", en="Late-payment surcharge")
    clct_way: str | None = column(String(6), code_set="clct_way", zh="征收方式", en="Way of collection")
    arvl_date: date | None = column(Date(), zh="到账日期", en="Date of arrival")
    elec_taxrpt_no: str | None = column(String(40), zh="电子税票号码", en="Electronic tax receipt")
    taxdept_code: str | None = column(String(20), zh="税务机关代码", en="Tax office")
    poolarea_no: str | None = column(String(6), zh="统筹区编号", en="Pooling area")
    insu_admdvs: str | None = column(
        String(6), code_set="admdvs", zh="参保地医保区划", en="Region of enrolment", aliases=("参保地区划",)
    )
    crte_time: datetime | None = column(DateTime(), zh="创建时间", en="Time of creation")
    updt_time: datetime | None = column(DateTime(), zh="更新时间", en="Time of the last change")

    rules = (
        Rule(
            "parts_meet_total",
            PARTS_MEET,
            "reject",
            "单位、个人、财政与其他缴费之和不等于缴费总金额",
            "employer, person, subsidy and others do not add up to the total",
        ),
        BatchRule(
            "parts_meet_total_share",
            f"select avg(case when not ({PARTS_MEET}) then 1 else 0 end) from batch",
            "measure <= 0.001",
            "reject",
            "缴费分项之和不等于总金额的行超过 0.1%",
            "the parts miss the total in more than 0.1 % of the rows",
        ),
        *here("insu_admdvs", "init_clct_detl_id is not null"),
        scheme_counted(),
        Rule(
            "negative_only_in_reversals",
            "clct_sumamt >= 0 or init_clct_detl_id is not null",
            "warn",
            "负数而没有写明冲销哪一笔，不计入各表",
            "a negative row that names nothing to reverse: counted nowhere",
        ),
        RowsRule(
            "names_another",
            f"""
            {NAMED}
            select batch._row
            from batch
            inner join record as original on original.clct_detl_id = batch.init_clct_detl_id
            group by batch._row
            having bool_and(sign(batch.clct_sumamt) = sign(original.clct_sumamt))
            """,
            "warn",
            "写有原缴费明细编号而与它同号，不是冲销；正数按一笔缴费计，负数不计",
            "has the sign of the contribution it names: no reversal; counts if positive",
        ),
        RowsRule(
            "reversed_within_amount",
            f"""
            {NAMED},
            reversed as (
                select standing.init_clct_detl_id as original_id, sum(abs(standing.clct_sumamt)) as reversed_yuan
                from record as standing
                anti join record as undone on undone.init_clct_detl_id = standing.clct_detl_id
                where standing.init_clct_detl_id is not null
                group by standing.init_clct_detl_id
            )
            select batch._row
            from batch
            inner join reversed on reversed.original_id = batch.init_clct_detl_id
            inner join record as original on original.clct_detl_id = batch.init_clct_detl_id
            where sign(batch.clct_sumamt) <> sign(original.clct_sumamt)
            group by batch._row
            having bool_and(reversed.reversed_yuan > abs(original.clct_sumamt) + 0.01)
            """,
            "warn",
            "冲销合计大于原缴费，该笔缴费按全部冲销计",
            "the reversals exceed the contribution, which counts as taken back",
        ),
        RowsRule(
            "reversal_without_original",
            """
            select reversal._row, reversal.init_clct_detl_id as awaited
            from batch as reversal
            anti join batch as original on original.clct_detl_id = reversal.init_clct_detl_id
            anti join raw.contribution as earlier on earlier.clct_detl_id = reversal.init_clct_detl_id
            where reversal.init_clct_detl_id is not null
            """,
            "wait",
            "冲销行找不到它所冲销的原缴费",
            "the reversal's original contribution has not arrived",
            awaits="contribution",
        ),
        RowsRule(
            "not_paid_twice",
            f"""
            with payment as (
                select clct_detl_id, {SAME_PAYMENT} from batch where {IS_PAYMENT}
                union
                select clct_detl_id, {SAME_PAYMENT} from raw.contribution
                where {IS_PAYMENT} and psn_no in (select psn_no from batch)
            ),
            reversed as (
                select init_clct_detl_id from batch where init_clct_detl_id is not null
                union
                select init_clct_detl_id from raw.contribution
                where init_clct_detl_id in (select clct_detl_id from payment)
            ),
            twice as (
                select {SAME_PAYMENT}
                from payment
                anti join reversed on reversed.init_clct_detl_id = payment.clct_detl_id
                group by all
                having count(*) > 1
            )
            select batch._row
            from batch
            semi join twice on {ALIKE}
            where {IS_PAYMENT}
            """,
            "warn",
            "同人同险种同一费款所属期同额有多笔缴费（含此前送来的），疑似重传",
            "one person, scheme, months and amount under several ids, also of earlier files; probably sent twice",
        ),
        Rule(
            "first_month",
            is_year_month("accrym_begn"),
            "reject",
            "费款所属期开始不是 yyyymm",
            "the first month paid for is not written yyyymm",
        ),
        Rule(
            "last_month",
            is_year_month("accrym_end"),
            "reject",
            "费款所属期结束不是 yyyymm",
            "the last month paid for is not written yyyymm",
        ),
        Rule(
            "months_in_order",
            "accrym_begn <= accrym_end",
            "reject",
            "费款所属期开始晚于结束",
            "the first month paid for is after the last",
        ),
        Rule(
            "paid_has_arrived",
            "clct_flag <> '1' or arvl_date is not null",
            "warn",
            "已缴费而没有到账日期",
            "paid without a date of arrival",
        ),
        Rule(
            "resident_standard",
            "insutype <> '390' or accrym_begn not between '202201' and '202212' "
            "or coalesce(clct_type, '10') <> '10' or psn_idet_type is not null "
            f"or abs(psn_clct_amt) = {RESIDENT_STANDARD_2022}",
            "warn",
            "非资助对象的居民个人缴费不是当年标准（2022 年度 320 元）",
            "a resident who gets no aid paid another amount than the year's standard (320 yuan for 2022)",
        ),
        BatchRule(
            "meets_ledger",
            LEDGER_DIFFERENCE,
            "measure <= 0.005",
            "warn",
            "到账月的缴费合计与基金台账收入相差超过 0.5%",
            "contributions of a month differ from the ledger's income by more than 0.5 %",
            needs=("fund_ledger",),
        ),
        BatchRule(
            "meets_ledger_to_publish",
            LEDGER_DIFFERENCE,
            "measure <= 0.02",
            "warn",
            "到账月的缴费合计与基金台账收入相差超过 2%，发布前须核对",
            "contributions of a month differ from the ledger's income by more than 2 %: check before publication",
            needs=("fund_ledger",),
            before_publication=True,
        ),
    )
