"""``yibao pull``: a feed straight out of a database."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from warehouse.commands.console import Home, show_outcomes, writing


def pull(
    feed: Annotated[str, typer.Option(help="数据源，如 settlement / the feed")],
    url: Annotated[
        str,
        typer.Option(
            envvar="YIBAO_SOURCE_URL",
            show_default=False,
            help="数据库地址 postgresql://用户:口令@主机/库、mysql://…；写在环境变量里，口令就不出现在进程列表中 / "
            "the database; as an environment variable the password stays out of the list of processes",
        ),
    ],
    table: Annotated[
        str | None, typer.Option(help="表名，可带模式名 / table, with its schema if need be")
    ] = None,
    query: Annotated[str | None, typer.Option(metavar="SQL", help="或一条查询 / or a query")] = None,
    watermark: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="随每次改动增大的列，如 updt_time；只取上次以来的行 / "
            "a column that grows with every change; only rows since the last pull are taken",
        ),
    ] = None,
    known_on: Annotated[
        datetime | None,
        typer.Option(
            "--known-on",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="交付日期，默认今天 / the day of delivery, today if omitted",
        ),
    ] = None,
    home: Home = None,
) -> None:
    """从数据库取一个数据源：先归档，再作为一批装载。/ Pull a feed from a database: archived, then loaded as a batch."""
    if (table is None) == (query is None):
        raise typer.BadParameter("--table 与 --query 须用其一 / use one of them")
    from warehouse.ingest.database import Origin, address_of
    from warehouse.ingest.pull import Wish
    from warehouse.ingest.pull import pull as pull_feed
    from warehouse.ingest.reconcile import reconcile

    address = address_of(url)
    wish = Wish(feed, address, Origin(table, query), watermark, known_on.date() if known_on else None)
    with writing(home) as settings:
        refused = show_outcomes(pull_feed(wish, settings))
        reconcile(settings)
    if refused:
        raise typer.Exit(1)
