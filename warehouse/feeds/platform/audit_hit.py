"""F26: findings of the automatic audit, one row a settlement, rule and detail line."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, String

from warehouse.feeds.contract import Feed, column
from warehouse.texts import Text


class AuditHit(Feed, table=True):
    """An amount in yuan that a rule questioned in a settlement, and what remained at the stage reached."""

    __tablename__ = "audit_hit"
    feed_zh = "智能审核疑点"
    feed_en = "Findings of the automatic audit"
    number = "F26"
    cadence = "monthly"
    sender = Text("基金监管", "fund supervision")

    setl_id: str = column(String(30), key=True, zh="结算编号", en="Settlement id", aliases=("结算ID",))
    rule_id: str = column(String(40), key=True, zh="规则编号", en="Rule", aliases=("规则编码",))
    detail_sn: str = column(String(40), key=True, zh="明细序号", en="Detail line", aliases=("明细流水号",))
    hit_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="疑点金额", en="Amount questioned", aliases=("违规金额",)
    )
    stage: str | None = column(String(10), code_set="audit_stage", zh="审核阶段", en="Stage reached")
    final_amt: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="确认扣款金额", en="Amount deducted", aliases=("扣款金额",)
    )
    status: str | None = column(String(20), zh="处理状态", en="State")
