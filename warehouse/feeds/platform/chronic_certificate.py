"""F25: certificates of chronic and special outpatient diseases, one row a person, disease and begin."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String

from warehouse.feeds.contract import Feed, column


class ChronicCertificate(Feed, table=True):
    """A person's entitlement for a disease from ``begin_date`` to ``end_date`` (empty while it lasts)."""

    __tablename__ = "chronic_certificate"
    feed_zh = "门诊慢特病与两病认定"
    feed_en = "Certificates of chronic diseases"
    number = "F25"
    cadence = "monthly"
    month = "cast(date_trunc('month', begin_date) as date)"

    psn_no: str = column(
        String(30),
        key=True,
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number",
        aliases=("个人编号",),
    )
    dise_code: str = column(
        String(30), key=True, zh="病种编码", en="Disease", aliases=("dise_codg", "病种代码")
    )
    begin_date: date = column(
        Date(), key=True, zh="认定开始日期", en="Entitled from", aliases=("begin", "待遇开始日期")
    )
    insutype: str | None = column(String(6), code_set="insutype", zh="险种类型", en="Insurance type")
    cert_type: str | None = column(
        String(10), code_set="chronic_cert_type", zh="认定类型", en="Chronic, special or the two diseases"
    )
    end_date: date | None = column(
        Date(), is_open_end=True, zh="认定结束日期", en="Entitled to", aliases=("end", "待遇结束日期")
    )
    fixed_inst: str | None = column(
        String(30), zh="定点就诊机构编号", en="Institution chosen", aliases=("定点机构",)
    )
    source: str | None = column(String(60), zh="认定来源", en="Who certified", aliases=("认定机构",))
