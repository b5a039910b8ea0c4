"""Figures printed in running text of the bureau's documents, one row a figure."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, String

from warehouse.feeds.contract import Feed, Rule, column


class PublishedFigure(Feed, table=True):
    """A number as a document prints it, with the words around it (five source documents)."""

    __tablename__ = "published_figure"
    feed_zh = "文件公布数字"
    feed_en = "Figures printed in documents"

    figure_id: str = column(String(20), key=True, zh="数字编号", en="Figure id")
    document: str = column(String(80), required=True, zh="来源文件", en="Source document")
    region: str = column(String(60), required=True, zh="地区", en="Region as printed")
    subject: str = column(String(40), required=True, zh="主题", en="Subject")
    indicator: str = column(String(80), required=True, zh="指标代码", en="Indicator code")
    indicator_cn: str = column(String(120), required=True, zh="指标名称", en="Indicator name")
    period: str = column(String(60), required=True, zh="时期（原文）", en="Period as printed")
    value: str = column(String(40), required=True, zh="印刷数值", en="Printed value")
    unit: str = column(String(20), required=True, zh="印刷单位", en="Printed unit")
    value_normalised: Decimal = column(
        Numeric(24, 6), required=True, zh="换算到基本单位的数值", en="Value in the base unit"
    )
    qualifier: str | None = column(String(20), zh="限定词", en="Qualifier as printed")
    quote: str = column(String(200), required=True, zh="原文短引", en="Short quote")
    note: str | None = column(String(500), zh="说明（含相互矛盾之处）", en="Note, contradictions included")

    rules = (
        Rule(
            "printed_number",
            r"regexp_full_match(value, '-?\d+(\.\d{1,6})?')",
            "reject",
            "印刷数值不是普通数字（整数，或至多 6 位小数）",
            "the printed value is no plain number with at most 6 decimals",
        ),
        Rule(
            "magnitude",
            "abs(value_normalised) < 1e16",
            "reject",
            "数值大得不合常理，请核对单位",
            "the value is beyond any plausible size; check the unit",
        ),
    )
