"""F12: inspections of institutions and what followed, one row a case, institution and action."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Integer, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.texts import Text

REPEATED_ACTION = """
select _row
from batch
where action is not null
qualify count(distinct action_seq) over (
    partition by case_no, name_raw, action, due_recover_amt, penalty_amt, penalty_doc_no
) > 1
"""

NAME_UNMATCHED = """
select _row
from batch
where fixmedins_code is null
    or fixmedins_code not in (select fixmedins_code from raw.institution)
"""


class Inspection(Feed, table=True):
    """An action (talk, correction, recovery, fine, transfer...) on an institution in a case; amounts in yuan.

    An inspection without a finding has one row without an action. The institution is known by the name as
    written, its code may be missing: names are matched by hand. A transfer without a fine is in order.
    """

    __tablename__ = "inspection"
    feed_zh = "检查处理处罚"
    feed_en = "Inspections, handling and penalties"
    number = "F12"
    cadence = "monthly"
    sender = Text("基金监管", "fund supervision")
    month = "cast(date_trunc('month', begin_date) as date)"

    case_no: str = column(String(40), key=True, zh="案件编号", en="Case", aliases=("案号",))
    check_type: str | None = column(
        String(20), code_set="check_type", zh="检查类型", en="Kind of inspection", aliases=("检查方式",)
    )
    level: str | None = column(
        String(10), code_set="check_level", zh="检查层级", en="Level of the inspectors"
    )
    admdvs: str | None = column(String(6), code_set="admdvs", zh="所属区划", en="Region", aliases=("区划",))
    fixmedins_code: str | None = column(
        String(30), zh="定点医药机构编号", en="Institution code", aliases=("机构编码", "机构代码")
    )
    name_raw: str = column(
        String(255),
        key=True,
        zh="定点医药机构名称",
        en="Institution as written",
        aliases=("机构名称", "被检查机构"),
    )
    action_seq: int = column(
        Integer(), key=True, zh="处理序号", en="Number of the action in the case", aliases=("措施序号",)
    )
    begin_date: date | None = column(
        Date(), zh="检查开始日期", en="Inspection from", aliases=("立案日期", "检查日期")
    )
    end_date: date | None = column(Date(), zh="检查结束日期", en="Inspection to")
    found_issue: str | None = column(
        String(1), code_set="is_flag", zh="是否发现问题", en="Something was found"
    )
    issue_type: str | None = column(
        String(40), code_set="issue_type", zh="问题类型", en="Kind of finding", aliases=("违规类型",)
    )
    involved_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="涉及金额", en="Amount involved", aliases=("违规金额",)
    )
    due_recover_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="应追回金额", en="Amount to recover"
    )
    action: str | None = column(
        String(20), code_set="check_action", zh="处理措施", en="Action", aliases=("处理方式",)
    )
    penalty_amt: Decimal | None = column(
        Numeric(16, 2),
        unit="yuan",
        zh="罚款金额",
        en="Fine or contract penalty",
        aliases=("违约金金额", "罚款或违约金"),
    )
    penalty_doc_no: str | None = column(
        String(100), zh="处罚文书号", en="Number of the decision", aliases=("文书号",)
    )
    close_date: date | None = column(Date(), zh="结案日期", en="Closed on")
    report_no: str | None = column(
        String(40), zh="举报编号", en="Tip-off that led here", aliases=("举报线索编号",)
    )
    reward_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="举报奖励金额", en="Reward of the tip-off"
    )

    rules = (
        Rule(
            "amounts_not_negative",
            "least(involved_amt, due_recover_amt, penalty_amt, reward_amt) >= 0",
            "reject",
            "金额为负",
            "an amount is negative",
        ),
        Rule(
            "fine_documented",
            "action <> '罚款' or penalty_doc_no is not null",
            "warn",
            "罚款没有处罚文书号",
            "a fine has no number of its decision",
        ),
        RowsRule(
            "institution_matched",
            NAME_UNMATCHED,
            "warn",
            "机构名称未匹配到机构编号，需人工映射",
            "the institution is not matched to a code; map it by hand",
            needs=("institution",),
        ),
        RowsRule(
            "action_repeated",
            REPEATED_ACTION,
            "warn",
            "同一案件中措施、金额和文书号相同的行重复",
            "a case has several rows with the same action, amounts and decision",
        ),
    )
