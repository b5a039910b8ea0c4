"""F20: the list of public service items, one row an item and version of the list."""

from __future__ import annotations

from sqlalchemy import Integer, String

from warehouse.feeds.contract import Feed, RowsRule, column
from warehouse.texts import Text

# versions are compared as text, so their names must sort in time (2021, 2022 or 2021-06)
LIST_GAPS = """
with listed as (
    select item_code, list_version, _row from batch
    union all
    select distinct item_code, list_version, null
    from raw.service_item
    where (item_code, list_version) not in (select (item_code, list_version) from batch)
),
ranked as (
    select *, dense_rank() over (order by list_version) as place from listed
),
compared as (
    select _row, place - lag(place) over (partition by item_code order by place, _row) as step from ranked
)
select _row
from compared
where _row is not null and step > 1
"""


class ServiceItem(Feed, table=True):
    """A service item as a version of the list has it: where it can be handled, promised days, papers."""

    __tablename__ = "service_item"
    feed_zh = "政务服务事项清单"
    feed_en = "Public service items"
    number = "F20"
    cadence = "irregular"
    sender = Text("政务服务", "government services")

    item_code: str = column(
        String(40), key=True, sensitivity="open", zh="事项编码", en="Item", aliases=("事项代码",)
    )
    list_version: str = column(
        String(20),
        key=True,
        sensitivity="open",
        zh="清单版本",
        en="Version of the list",
        aliases=("version",),
    )
    item_name: str | None = column(String(200), sensitivity="open", zh="事项名称", en="Name")
    level: str | None = column(String(20), sensitivity="open", zh="行使层级", en="Level of government")
    online_flag: str | None = column(
        String(10), code_set="service_online", sensitivity="open", zh="网办程度", en="How far it goes online"
    )
    counter_flag: str | None = column(
        String(1), code_set="is_flag", sensitivity="open", zh="窗口可办标志", en="Can be handled at a counter"
    )
    legal_days: int | None = column(
        Integer(), unit="days", sensitivity="open", zh="法定时限", en="Days allowed by law"
    )
    promise_days: int | None = column(
        Integer(), unit="days", sensitivity="open", zh="承诺时限", en="Days promised"
    )
    material_cnt: int | None = column(
        Integer(), unit="papers", sensitivity="open", zh="材料份数", en="Papers asked for"
    )

    rules = (
        RowsRule(
            "list_gaps",
            LIST_GAPS,
            "warn",
            "事项在其间的清单版本中缺失",
            "the item is missing from a version of the list in between",
        ),
    )
