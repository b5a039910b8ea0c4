"""F17: prices of medical services, one row an item and validity period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.texts import Text

SEVERAL_PRICES = """
with several as (
    select item_code, adj_round
    from batch
    where adj_round is not null
    group by item_code, adj_round
    having count(distinct {'l3': price_l3, 'l2': price_l2, 'l1': price_l1}) > 1
)
select batch._row
from batch
semi join several using (item_code, adj_round)
"""


class PriceItem(Feed, table=True):
    """An item of the price list with its highest prices (yuan) in institutions of grade three, two, one.

    ``adj_round`` names the round of adjustment the price comes from, ``adj_pct`` its change in that round
    as a share of the price before.
    """

    __tablename__ = "price_item"
    feed_zh = "医疗服务价格项目"
    feed_en = "Medical service price items"
    number = "F17"
    cadence = "irregular"
    sender = Text("招采价格", "procurement and prices")
    month = "cast(date_trunc('month', valid_from) as date)"

    item_code: str = column(
        String(40), key=True, sensitivity="open", zh="项目编码", en="Item", aliases=("项目代码",)
    )
    valid_from: date = column(
        Date(), key=True, sensitivity="open", zh="有效期起", en="Valid from", aliases=("执行日期",)
    )
    valid_to: date | None = column(
        Date(), is_open_end=True, sensitivity="open", zh="有效期止", en="Last day of the period"
    )
    item_name: str | None = column(String(300), sensitivity="open", zh="项目名称", en="Name")
    category: str | None = column(String(60), sensitivity="open", zh="项目类别", en="Category")
    price_l3: Decimal | None = column(
        Numeric(16, 2), unit="yuan", sensitivity="open", zh="三级价格", en="Price in grade three"
    )
    price_l2: Decimal | None = column(
        Numeric(16, 2), unit="yuan", sensitivity="open", zh="二级价格", en="Price in grade two"
    )
    price_l1: Decimal | None = column(
        Numeric(16, 2), unit="yuan", sensitivity="open", zh="一级价格", en="Price in grade one"
    )
    price_type: str | None = column(
        String(20), code_set="price_type", sensitivity="open", zh="定价方式", en="How the price is set"
    )
    adj_round: str | None = column(String(20), sensitivity="open", zh="调价轮次", en="Round of adjustment")
    adj_pct: Decimal | None = column(
        Numeric(10, 4),
        unit="share",
        sensitivity="open",
        zh="调价幅度",
        en="Change as a share of the old price",
    )
    is_new: str | None = column(
        String(1), code_set="is_flag", sensitivity="open", zh="是否新增项目", en="New item"
    )

    rules = (
        Rule(
            "dearer_in_higher_grades",
            "price_l3 >= price_l1",
            "warn",
            "三级价格低于一级价格",
            "the price in grade three is below that in grade one",
        ),
        RowsRule(
            "one_price_a_round",
            SEVERAL_PRICES,
            "reject",
            "同一项目在一轮调价内有多个价格",
            "an item has several prices in one round",
        ),
    )
