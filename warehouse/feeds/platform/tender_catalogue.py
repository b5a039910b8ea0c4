"""F15: products selected in centralised volume-based procurement, with prices and contract periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.texts import Text

PERIODS_OVERLAP = """
select distinct batch._row
from batch
inner join batch as earlier
    on batch.variety_code = earlier.variety_code
    and batch.spec_code = earlier.spec_code
    and batch.mfr = earlier.mfr
    and batch.contract_from between earlier.contract_from and earlier.contract_to
where (batch.vbp_source, batch.vbp_batch) <> (earlier.vbp_source, earlier.vbp_batch)
"""


class TenderCatalogue(Feed, table=True):
    """A selected product of a tender batch; prices in yuan, quantity as contracted for the period.

    ``variety_key`` merges specifications and tenders into one variety; ``class_l1`` is the class of
    consumables. ``vbp_source`` is 国家 (nation), 省 (province) or the name of an alliance.
    """

    __tablename__ = "tender_catalogue"
    feed_zh = "集采目录与中选结果"
    feed_en = "Volume-based procurement catalogue"
    number = "F15"
    cadence = "irregular"
    sender = Text("招采价格", "procurement and prices")
    month = "cast(date_trunc('month', contract_from) as date)"

    vbp_source: str = column(
        String(60), key=True, sensitivity="open", zh="集采来源", en="Nation, province or alliance"
    )
    vbp_batch: str = column(
        String(60), key=True, sensitivity="open", zh="集采批次", en="Tender batch", aliases=("batch",)
    )
    variety_code: str = column(String(40), key=True, sensitivity="open", zh="品种编码", en="Variety")
    spec_code: str = column(
        String(50), key=True, sensitivity="open", zh="品规编码", en="Specification", aliases=("规格编码",)
    )
    mfr: str = column(String(200), key=True, sensitivity="open", zh="生产企业", en="Manufacturer")
    generic_name: str | None = column(
        String(200), sensitivity="open", zh="通用名", en="Generic name", aliases=("产品名称",)
    )
    dosage_form: str | None = column(String(60), sensitivity="open", zh="剂型", en="Dosage form")
    variety_key: str = column(
        String(60), required=True, sensitivity="open", zh="品种归并键", en="Key that merges varieties"
    )
    class_l1: str | None = column(String(60), sensitivity="open", zh="耗材大类", en="Class of consumables")
    price_before: Decimal | None = column(
        Numeric(16, 6), unit="yuan", sensitivity="open", zh="集采前价格", en="Price before the tender"
    )
    price_selected: Decimal | None = column(
        Numeric(16, 6),
        unit="yuan",
        sensitivity="open",
        zh="中选价格",
        en="Selected price",
        aliases=("中选价",),
    )
    contract_qty: Decimal | None = column(
        Numeric(18, 4), sensitivity="open", zh="约定采购量", en="Contracted quantity", unit="ordering units"
    )
    contract_from: date | None = column(Date(), sensitivity="open", zh="协议期起", en="Contract from")
    contract_to: date | None = column(
        Date(), is_open_end=True, sensitivity="open", zh="协议期止", en="Contract to"
    )
    renewal_of: str | None = column(String(60), sensitivity="open", zh="续约原批次", en="Batch it renews")
    status: str | None = column(String(20), sensitivity="open", zh="执行状态", en="State")

    rules = (
        Rule(
            "selected_price_lower",
            "price_selected <= price_before",
            "warn",
            "中选价格高于集采前价格",
            "the selected price is above the price before the tender",
        ),
        RowsRule(
            "periods_overlap",
            PERIODS_OVERLAP,
            "warn",
            "同一产品的协议期重叠",
            "the contract period overlaps an earlier one of the same product",
        ),
    )
