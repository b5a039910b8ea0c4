"""F07: settlement lists of stays and their DRG or DIP group."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import DateTime, Integer, Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, Rule, column
from warehouse.feeds.platform.settlement import INPATIENT
from warehouse.feeds.rules import listed

SHARE_OF_LISTS_SETTLED = f"""
    select count(settled.setl_id) / nullif(count(*), 0)
    from (select distinct setl_id from batch) as list
    left join (
        select distinct setl_id
        from raw.settlement
        semi join batch using (setl_id)
        where med_type in {listed(INPATIENT)} and refd_setl_flag = '0'
    ) as settled on settled.setl_id = list.setl_id
"""


class Grouping(Feed, table=True):
    """The settlement list of a stay under one version of the grouper; the newest version is the current one.

    Amounts in yuan. ``is_actual_pay`` tells payment by group from simulation.
    """

    __tablename__ = "grouping"
    feed_zh = "结算清单与分组结果"
    feed_en = "Settlement lists and their groups"
    number = "F07"
    cadence = "monthly"
    due_days = 50  # 15–30 days after the monthly close at T+20 (source model, F07)
    month = "cast(date_trunc('month', dscg_time) as date)"

    setl_id: str = column(
        String(30), key=True, zh="结算编号", en="Settlement id", aliases=("结算ID", "结算流水号")
    )
    mdtrt_id: str | None = column(String(30), zh="就诊编号", en="Visit id", aliases=("就诊ID",))
    fixmedins_code: str | None = column(
        String(30), zh="定点医药机构编号", en="Institution code", aliases=("定点医药机构编码", "机构编码")
    )
    psn_no: str | None = column(
        String(30), sensitivity="pseudonym", zh="人员编号", en="Person number", aliases=("个人编号",)
    )
    insutype: str | None = column(
        String(6), code_set="insutype", zh="险种类型", en="Insurance type", aliases=("险种",)
    )
    adm_time: datetime | None = column(DateTime(), zh="入院时间", en="Admitted")
    dscg_time: datetime | None = column(DateTime(), zh="出院时间", en="Discharged")
    act_ipt_days: int | None = column(Integer(), unit="days", zh="实际住院天数", en="Days of stay")
    dscg_way: str | None = column(String(3), zh="离院方式", en="Way of discharge")
    main_diag_code: str | None = column(String(20), zh="主要诊断编码", en="Main diagnosis")
    main_oprn_code: str | None = column(String(20), zh="主要手术编码", en="Main procedure")
    grp_type: str | None = column(String(10), code_set="grp_type", zh="分组类型", en="Kind of grouping")
    grp_code: str | None = column(String(20), zh="分组编码", en="Group code", aliases=("病组编码",))
    grp_name: str | None = column(String(200), zh="分组名称", en="Group name", aliases=("病组名称",))
    grp_ver: str = column(String(20), key=True, zh="分组版本", en="Version of the grouper")
    weight: Decimal | None = column(Numeric(10, 4), unit="weight", zh="权重", en="Relative weight")
    pt_value: Decimal | None = column(Numeric(10, 4), unit="points", zh="分值", en="Points")
    std_fee: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="标准费用", en="Standard fee of the group"
    )
    fee_rate: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="费率", en="Rate or value of a point", aliases=("点值",)
    )
    pay_std_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="应付金额", en="Payable by group", aliases=("支付标准金额",)
    )
    item_fund_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="按项目应付金额", en="Payable for service"
    )
    diff_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="差额", en="Difference of the two", aliases=("盈亏金额",)
    )
    medfee_sumamt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="医疗费总额", en="Total fee on the list", aliases=("总费用",)
    )
    case_type: str | None = column(String(10), code_set="case_type", zh="病例类型", en="Kind of case")
    ungroup_rea: str | None = column(String(200), zh="未入组原因", en="Why not grouped")
    is_actual_pay: str = column(
        String(1),
        required=True,
        code_set="is_flag",
        unknown_code="reject",
        zh="是否实际付费",
        en="Actually paid by group, not simulated",
        aliases=("实际付费标志",),
    )
    qc_pass: str | None = column(String(1), code_set="is_flag", zh="质控通过", en="Passed quality control")

    rules = (
        BatchRule(
            "lists_settled_floor",
            SHARE_OF_LISTS_SETTLED,
            "measure >= 0.95",
            "reject",
            "结算清单与住院结算净例的匹配率低于 95%",
            "fewer than 95 % of the lists match a stay that was settled and not refunded",
            needs=("settlement",),
        ),
        BatchRule(
            "lists_settled",
            SHARE_OF_LISTS_SETTLED,
            "measure >= 0.98",
            "warn",
            "结算清单与住院结算净例的匹配率低于 98%",
            "fewer than 98 % of the lists match a stay that was settled and not refunded",
            needs=("settlement",),
        ),
        Rule(
            "weight_positive",
            "least(weight, pt_value) > 0",
            "warn",
            "权重或分值不大于 0",
            "weight or points are not above 0",
        ),
        RowsRule(
            "fee_meets_settlement",
            """
            select batch._row
            from batch
            inner join raw.settlement as settlement on settlement.setl_id = batch.setl_id
            where batch.medfee_sumamt is not null
            group by batch._row
            having not bool_or(abs(batch.medfee_sumamt - settlement.medfee_sumamt) <= 1)
            """,
            "warn",
            "清单医疗费与结算主表相差超过 1 元",
            "the fee on the list is off the settlement's by over 1 yuan",
            needs=("settlement",),
        ),
    )
