"""F27: settlement terminals in institutions (village doctors' terminals, scanners), one row a terminal."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String

from warehouse.feeds.contract import Feed, column


class Terminal(Feed, table=True):
    """A terminal, where it stands since when, and when it was last used."""

    __tablename__ = "terminal"
    feed_zh = "村医通与扫码终端"
    feed_en = "Terminals"
    number = "F27"
    cadence = "monthly"

    terminal_id: str = column(String(40), key=True, zh="终端编号", en="Terminal")
    inst_code: str | None = column(
        String(30), zh="定点医药机构编号", en="Institution code", aliases=("fixmedins_code", "机构编码")
    )
    deploy_date: date | None = column(Date(), zh="配备日期", en="Deployed on", aliases=("部署日期",))
    last_active: date | None = column(Date(), zh="最近使用日期", en="Last used on", aliases=("最近活跃日期",))
    status: str | None = column(String(20), zh="终端状态", en="State")
