"""F19: activations of the electronic insurance certificate."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, column
from warehouse.feeds.versions import newest_rows

ACTIVATED_SHARE = f"""
with activated as (
    select psn_no from batch where is_local_insured = '1'
    union
    select psn_no from raw.ecertificate where is_local_insured = '1'
),
period as (
    {newest_rows("enrolment", "psn_insu_rlts_id", "updt_time", "psn_no, psn_insu_stas")}
),
insured as (
    select distinct psn_no from period where psn_insu_stas = '1'
)
select cast((select count(*) from activated) as double) / nullif(count(*), 0)
from insured
"""

ACTIVATED_AGAIN = """
select batch._row
from batch
where exists (
    select 1
    from batch as earlier
    where earlier.psn_no = batch.psn_no and earlier.activate_time < batch.activate_time
)
union
select batch._row
from batch
where exists (
    select 1
    from raw.ecertificate as earlier
    where earlier.psn_no = batch.psn_no
        and earlier.event <> batch.event
        and earlier.activate_time < batch.activate_time
)
"""


class Ecertificate(Feed, table=True):
    """An activation of a person's certificate; ``event`` tells several activations of a person apart.

    The first activation counts, and only of persons insured in the province (``is_local_insured``).
    """

    __tablename__ = "ecertificate"
    feed_zh = "医保电子凭证激活"
    feed_en = "Electronic certificates"
    number = "F19"
    cadence = "monthly"
    month = "cast(date_trunc('month', activate_time) as date)"

    psn_no: str = column(
        String(30),
        key=True,
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number",
        aliases=("个人编号",),
    )
    event: str = column(String(30), key=True, zh="激活事件", en="Kind or number of the event")
    activate_time: datetime = column(DateTime(), required=True, zh="激活时间", en="Activated at")
    channel: str | None = column(String(30), zh="激活渠道", en="Channel")
    deactivate_time: datetime | None = column(DateTime(), is_open_end=True, zh="注销时间", en="Cancelled at")
    insu_admdvs: str | None = column(
        String(6), code_set="admdvs", zh="参保地区划", en="Region of insurance", aliases=("参保地",)
    )
    is_local_insured: str | None = column(
        String(1), code_set="is_flag", zh="是否本省参保", en="Insured in the province"
    )

    rules = (
        RowsRule(
            "activated_again",
            ACTIVATED_AGAIN,
            "warn",
            "重复激活，统计取首次",
            "the person was activated before; the first activation counts",
        ),
        BatchRule(
            "activated_within_insured",
            ACTIVATED_SHARE,
            "measure <= 1",
            "warn",
            "激活人数超过参保人数，发布前须核对",
            "more persons are activated than insured; check before publication",
            needs=("enrolment",),
            before_publication=True,
        ),
    )
