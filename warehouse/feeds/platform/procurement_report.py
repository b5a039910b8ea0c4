"""F14b: what institutions declare they bought in a month, on the platform or not."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, Rule, column
from warehouse.feeds.rules import is_year_month, month_of
from warehouse.texts import Text

# order lines may have come several times: the one furthest on its way counts (paid, received, ordered)
PLATFORM_OVER_DECLARED = """
with line as (
    select
        inst_code,
        strftime(recv_time, '%Y%m') as ym,
        prod_type,
        is_platform,
        amount
    from raw.procurement_order
    where inst_code in (select inst_code from batch)
        and strftime(recv_time, '%Y%m') in (select ym from batch)
    qualify row_number() over (
        partition by order_detail_id
        order by pay_time desc nulls last, recv_time desc nulls last, _batch_id desc, _row
    ) = 1
),
bought as (
    select
        inst_code,
        ym,
        coalesce(sum(amount) filter (where prod_type = '药品'), 0) as drug_yuan,
        coalesce(sum(amount) filter (where prod_type = '高值耗材'), 0) as consumable_yuan
    from line
    where is_platform = '1'
    group by inst_code, ym
)
select batch._row
from batch
inner join bought on batch.inst_code = bought.inst_code and batch.ym = bought.ym
where bought.drug_yuan > batch.drug_total - coalesce(batch.herb_total, 0) + 0.01
    or bought.consumable_yuan > batch.consumable_total + 0.01
"""

REPORTS_MISSING = """
with bought as (
    select distinct inst_code, strftime(recv_time, '%Y%m') as ym
    from raw.procurement_order
    where strftime(recv_time, '%Y%m') in (select ym from batch)
)
select count(*)
from bought
where (inst_code, ym) not in (select (inst_code, ym) from batch)
    and (inst_code, ym) not in (select (inst_code, ym) from raw.procurement_report)
"""


class ProcurementReport(Feed, table=True):
    """Totals in yuan that a public institution bought in a month: the denominators of the platform shares.

    ``drug_total`` includes herbal pieces, ``herb_total`` is that part. Without a report the share is unknown.
    """

    __tablename__ = "procurement_report"
    feed_zh = "机构月采购申报"
    feed_en = "Declared monthly purchases"
    number = "F14b"
    cadence = "monthly"
    sender = Text("医疗机构（申报）", "institutions (own report)")
    month = month_of("ym")

    inst_code: str = column(
        String(30),
        key=True,
        zh="采购机构编号",
        en="Institution code",
        aliases=("fixmedins_code", "机构编码"),
    )
    ym: str = column(String(6), is_month=True, key=True, zh="申报月份", en="Month", aliases=("年月",))
    drug_total: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="药品采购总额", en="Drugs bought, herbal pieces included"
    )
    herb_total: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="其中饮片采购额", en="Herbal pieces", aliases=("饮片采购额",)
    )
    consumable_total: Decimal | None = column(
        Numeric(16, 2), unit="yuan", zh="高值耗材采购总额", en="High-value consumables bought"
    )

    rules = (
        Rule(
            "ym_is_a_month",
            is_year_month("ym"),
            "reject",
            "申报月份不是 yyyymm",
            "the month is not yyyymm",
        ),
        Rule(
            "total_declared",
            "drug_total is not null",
            "warn",
            "未申报药品采购总额，该月占比不可计算",
            "no total of drugs is declared; the share of the month is unknown",
        ),
        RowsRule(
            "platform_within_declared",
            PLATFORM_OVER_DECLARED,
            "reject",
            "平台采购额大于申报总额",
            "more was bought on the platform than the declared total",
            needs=("procurement_order",),
        ),
        BatchRule(
            "reports_missing",
            REPORTS_MISSING,
            "measure = 0",
            "warn",
            "有平台采购的机构缺月采购申报",
            "institutions that bought on the platform sent no report for the month",
            needs=("procurement_order",),
        ),
    )
