"""F20: public service cases, one row a case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.texts import Text

ITEM_NOT_LISTED = """
select _row
from batch
where item_code is not null and item_code not in (select item_code from raw.service_item)
"""


class ServiceCase(Feed, table=True):
    """A case handled for a person or unit: item, channel, when accepted and finished, how it was rated."""

    __tablename__ = "service_case"
    feed_zh = "政务服务办件"
    feed_en = "Public service cases"
    number = "F20"
    cadence = "monthly"
    sender = Text("政务服务", "government services")
    month = "cast(date_trunc('month', accept_time) as date)"

    case_id: str = column(String(40), key=True, zh="办件编号", en="Case", aliases=("办件编码",))
    item_code: str | None = column(String(40), zh="事项编码", en="Item", aliases=("事项代码",))
    admdvs: str | None = column(String(6), code_set="admdvs", zh="办理区划", en="Region", aliases=("区划",))
    channel: str | None = column(String(20), code_set="service_channel", zh="办理渠道", en="Channel")
    accept_time: datetime = column(DateTime(), required=True, zh="受理时间", en="Accepted at")
    finish_time: datetime | None = column(DateTime(), zh="办结时间", en="Finished at")
    result: str | None = column(String(20), zh="办理结果", en="Result")
    eval: str | None = column(String(20), zh="好差评", en="Rating", aliases=("评价",))
    eval_fix_time: datetime | None = column(
        DateTime(), zh="差评整改时间", en="When a bad rating was dealt with"
    )

    rules = (
        Rule(
            "finished_after_accepted",
            "finish_time >= accept_time",
            "reject",
            "办结时间早于受理时间",
            "the case was finished before it was accepted",
        ),
        RowsRule(
            "item_listed",
            ITEM_NOT_LISTED,
            "warn",
            "事项不在任何清单版本中",
            "the item is in no version of the list",
            needs=("service_item",),
        ),
    )
