"""F14: order lines of the procurement platform for drugs and medical consumables."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import DateTime, Numeric, String

from warehouse.feeds.contract import Feed, Rule, column
from warehouse.texts import Text


class ProcurementOrder(Feed, table=True):
    """An order line of an institution: quantities in the ordering unit, ``price`` in yuan for one of them.

    ``pack_conv`` gives how many smallest units the ordering unit holds. Cancelled and returned lines are
    negative or nil. A line counts in the month its goods arrived, else in that of the order.
    """

    __tablename__ = "procurement_order"
    feed_zh = "平台采购订单明细"
    feed_en = "Procurement order lines"
    number = "F14"
    cadence = "monthly"
    sender = Text("医药招采平台", "procurement platform")
    month = "cast(date_trunc('month', coalesce(recv_time, order_time)) as date)"

    order_detail_id: str = column(String(40), key=True, zh="订单明细编号", en="Order line")
    order_no: str | None = column(String(40), zh="订单编号", en="Order", aliases=("订单号",))
    inst_code: str = column(
        String(30),
        required=True,
        zh="采购机构编号",
        en="Institution code",
        aliases=("fixmedins_code", "机构编码"),
    )
    inst_uscc: str | None = column(
        String(18), zh="统一社会信用代码", en="Unified social credit code of the institution"
    )
    prod_code: str | None = column(
        String(50), zh="产品编码", en="National product code", aliases=("国家医保编码",)
    )
    prod_type: str | None = column(String(20), code_set="prod_type", zh="产品类别", en="Kind of product")
    generic_name: str | None = column(String(200), zh="通用名", en="Generic name", aliases=("产品名称",))
    spec: str | None = column(String(200), zh="规格", en="Specification", aliases=("规格型号",))
    pack_conv: Decimal = column(
        Numeric(16, 4), required=True, zh="包装换算", en="Smallest units in one ordering unit"
    )
    mfr: str | None = column(String(200), zh="生产企业", en="Manufacturer")
    order_qty: Decimal | None = column(
        Numeric(16, 4), unit="ordering units", zh="采购数量", en="Quantity ordered"
    )
    recv_qty: Decimal | None = column(
        Numeric(16, 4), unit="ordering units", zh="到货数量", en="Quantity received"
    )
    price: Decimal | None = column(
        Numeric(16, 6), unit="yuan", zh="采购单价", en="Price of an ordering unit", aliases=("采购价",)
    )
    amount: Decimal = column(Numeric(16, 2), required=True, unit="yuan", zh="采购金额", en="Amount received")
    order_time: datetime | None = column(DateTime(), zh="下单时间", en="Ordered at")
    recv_time: datetime | None = column(DateTime(), zh="到货时间", en="Received at", aliases=("入库时间",))
    pay_due: datetime | None = column(DateTime(), zh="应付款时间", en="Payment due")
    pay_time: datetime | None = column(DateTime(), zh="付款时间", en="Paid at")
    is_vbp: str | None = column(
        String(1), code_set="is_flag", zh="是否集采品种", en="Of a centrally tendered variety"
    )
    vbp_batch: str | None = column(String(60), zh="集采批次", en="Tender batch")
    is_selected: str | None = column(String(1), code_set="is_flag", zh="是否中选产品", en="Selected product")
    is_platform: str | None = column(
        String(1), code_set="is_flag", zh="是否平台内采购", en="Bought on the platform, not filed afterwards"
    )
    order_stas: str | None = column(
        String(20), zh="订单状态", en="State of the line (撤单 cancelled, 退货 returned)"
    )

    rules = (
        Rule(
            "amount_is_price_by_quantity",
            "abs(cast(price as double) * cast(recv_qty as double) - cast(amount as double)) <= 0.01 + 1e-6",
            "warn",
            "采购金额不等于单价乘到货数量",
            "the amount is not price by quantity received",
        ),
        Rule(
            "cancelled_is_offset",
            "order_stas not in ('撤单', '退货') or amount <= 0",
            "warn",
            "撤单或退货未冲减金额",
            "a cancelled or returned line still has a positive amount",
        ),
        Rule(
            "pack_conversion_positive",
            "pack_conv > 0",
            "reject",
            "包装换算不是正数",
            "the pack conversion is not a positive number",
        ),
    )
