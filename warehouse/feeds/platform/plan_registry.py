"""F23: the register of the plan kept by hand: targets, milestones, judgements, evidence, parameters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.texts import Text

# versions are compared as text, so their names must sort in time
CHANGED_BY_ONE_PERSON = """
with entry as (
    select plan_id, item_id, period, registry_version, value_num, value_text from batch
    union all
    select plan_id, item_id, period, registry_version, value_num, value_text from raw.plan_registry
)
select distinct batch._row
from batch
inner join entry
    on batch.plan_id = entry.plan_id
    and batch.item_id = entry.item_id
    and batch.period = entry.period
    and batch.registry_version > entry.registry_version
where batch.is_binding = '1'
    and coalesce(batch.entry_type, '目标') = '目标'
    and (
        batch.value_num is distinct from entry.value_num
        or batch.value_text is distinct from entry.value_text
    )
    and coalesce(batch.judge = batch.approved_by, true)
"""


class PlanRegistry(Feed, table=True):
    """An entry of the plan's register: a number in its unit or words, who judged it and who approved.

    A policy parameter (standard, ceiling, ratio) has a validity period. A cell that the plan table leaves
    unclear (``cell_status`` AMBIGUOUS) has no value until its original is checked.
    """

    __tablename__ = "plan_registry"
    feed_zh = "规划登记"
    feed_en = "Plan register"
    number = "F23"
    cadence = "irregular"
    sender = Text("规划财务（人工登记）", "planning office (entered by hand)")

    plan_id: str = column(String(20), key=True, zh="规划编号", en="Plan")
    item_id: str = column(String(40), key=True, zh="登记项编号", en="Item", aliases=("事项编号",))
    period: str = column(String(20), key=True, zh="所属期间", en="Period", aliases=("时期",))
    registry_version: str = column(
        String(20), key=True, zh="登记版本", en="Version of the entry", aliases=("version", "版本")
    )
    entry_type: str | None = column(
        String(20), code_set="plan_entry_type", zh="登记类型", en="Target, milestone, evidence, parameter..."
    )
    is_binding: str | None = column(
        String(1), code_set="is_flag", zh="是否约束性", en="Binding target", aliases=("约束性",)
    )
    cell_status: str | None = column(
        String(20), code_set="cell_status", zh="单元格状态", en="Whether the plan's cell is clear"
    )
    value_num: Decimal | None = column(Numeric(24, 6), zh="数值", en="Number")
    value_unit: str | None = column(String(20), zh="数值单位", en="Unit of the number")
    value_text: str | None = column(String(500), zh="文字内容", en="Words")
    qualifier: str | None = column(
        String(20), code_set="target_qualifier", zh="限定词", en="Qualifier of the number"
    )
    valid_from: date | None = column(Date(), zh="有效期起", en="Valid from (parameters)")
    valid_to: date | None = column(
        Date(), is_open_end=True, zh="有效期止", en="Last day of validity (parameters)"
    )
    evidence_url: str | None = column(String(500), zh="证据地址", en="Evidence")
    judge: str | None = column(String(60), zh="判定人", en="Judged by (post or office)")
    judged_at: date | None = column(Date(), zh="判定日期", en="Judged on")
    approved_by: str | None = column(String(60), zh="批准人", en="Approved by (post or office)")

    rules = (
        Rule(
            "unclear_cell_is_empty",
            "cell_status <> 'AMBIGUOUS' or coalesce(cast(value_num as varchar), value_text) is null",
            "reject",
            "原表单元格不明的项目不得有值",
            "a cell that the plan table leaves unclear has a value",
        ),
        RowsRule(
            "binding_change_confirmed",
            CHANGED_BY_ONE_PERSON,
            "reject",
            "约束性目标变更未经双人确认",
            "a binding target was changed without a second person's approval",
        ),
    )
