"""``yibao expected`` and ``yibao backfill``: what should arrive, and computing past months anew."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import (
    As,
    Home,
    Strict,
    deciding,
    out,
    require_months,
    say,
    show_refused,
    tell,
    writing,
)
from warehouse.commands.output import given_path
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

MONTH = {"formats": ["%Y-%m"], "metavar": "YYYY-MM"}
MARKS = {"arrived": "✓", "late": "✓", "pending": "…", "incomplete": "✗", "overdue": "✗", "never": "–"}


def expected(
    month: Annotated[
        datetime | None, typer.Option(help="月份，默认上月 / the month, last month if omitted", **MONTH)
    ] = None,
    complete: Annotated[
        str | None,
        typer.Option(
            metavar="FEED", help="说明该数据源这个月的记录就是这些 / say that this feed's month is all there"
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="只说这个区划（与 --complete 同用） / of this region only"),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="理由，留存备查（与 --complete 同用） / why; it is kept"),
    ] = None,
    actor: As = None,
    home: Home = None,
) -> None:
    """应到数据日历：各数据源由谁、何时送来，到齐了没有；有逾期时退出码为 1。/ Which deliveries are due, from whom.

    到期日后有 * 的为默认期限（月度 T+20，每日次日，年度次年二季度末）。记录远少于前后各月的月份没有到齐；
    确实只有这些的，用 --complete 说明。
    * marks a due date by default; a month far below its neighbours has not come, unless it is said with --complete.
    """
    from warehouse.clock import today
    from warehouse.feeds.timing import month_before
    from warehouse.months.expected import STATES, summary
    from warehouse.months.expected import expected as expected_of

    asked = month.date() if month else month_before(today())
    if complete is not None:
        _say_complete(home, complete, region, asked, reason)
        return
    if region or reason:
        raise typer.BadParameter("--region、--reason 与 --complete 同用 / go with --complete")
    lines = expected_of(load_settings(home), asked, today())
    table = Table(
        "",
        "数据源 feed",
        "名称 name",
        "报送 sender",
        "到期 due",
        "状态 state",
        "收到 arrived",
        "未到 lacking",
        "文件 files",
    )
    for line in lines:
        table.add_row(
            MARKS[line.state],
            f"{line.number} {line.feed}",
            str(line.name),
            str(line.sender),
            f"{line.due_on}{'*' if line.is_default_due else ''}",
            str(STATES[line.state]),
            line.arrived_on.isoformat() if line.arrived_on else "",
            str(line.lacks),
            _files(line.files),
        )
    tell(Text(f"{asked:%Y-%m} 应到的数据", f"deliveries expected for {asked:%Y-%m}"))
    out.print(table)
    tell(summary(lines))
    if any(line.is_missing for line in lines):
        raise typer.Exit(1)


def _say_complete(home: Path | None, name: str, region: str | None, month: date, reason: str | None) -> None:
    from warehouse.clock import today
    from warehouse.control.history import say_complete
    from warehouse.control.models import DeliverySaid
    from warehouse.feeds import FEEDS
    from warehouse.feeds.timing import end_of
    from warehouse.months.arrival import WHOLE

    require_months(month, month)
    if not (reason or "").strip():
        raise Refused("请用 --reason 写明理由。", "State a reason with --reason.")
    feed = FEEDS.get(name)
    if feed is None or not feed.number or feed.month is None or feed.cadence not in ("daily", "monthly"):
        raise Refused(
            f"{name} 不是按月核对的数据源；名称见 yibao expected。",
            f"{name} is no feed that is looked at by month; yibao expected lists the names.",
        )
    if region and feed.region_column is None:
        raise Refused(
            f"{name} 不按区划核对，请不写 --region。",
            f"{name} is not looked at by region; leave out --region.",
        )
    if end_of(month) >= today():
        raise Refused(f"{month:%Y-%m} 还没有结束。", f"{month:%Y-%m} is not over yet.")
    said = DeliverySaid(
        feed=name, region_code=region or WHOLE, month=month, said_on=today(), reason=(reason or "").strip()
    )
    with deciding(home) as settings:
        say_complete(settings, said)
    place = region or str(Text("全部", "as a whole"))
    tell(
        Text(
            f"{name} {month:%Y-%m}（{place}）记为已到齐；下次建库起计为完整",
            f"{name} {month:%Y-%m} ({place}) counts as complete from the next build on",
        )
    )


def backfill(
    first: Annotated[datetime, typer.Argument(help="首月 / first month", **MONTH)],
    last: Annotated[datetime, typer.Argument(help="末月 / last month", **MONTH)],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            parser=given_path,
            help="补送的文件或文件夹，默认收件箱 / files, the inbox if omitted",
        ),
    ] = None,
    strict: Strict = False,
    home: Home = None,
) -> None:
    """补装并重算一段月份，一次运行完成（经 Dagster）。/ Load and compute a range of months anew, as one run."""
    from orchestration.lib.launch import run_backfill
    from warehouse.ingest.deliver import files_in

    months = first.date(), last.date()
    require_months(*months)
    chosen = [path.absolute() for path in files_in(paths)] if paths else []
    with writing(home) as settings:
        say(Text("正在启动 Dagster…", "starting Dagster…"))
        refused = run_backfill(settings, *months, chosen, tell, is_strict=strict)
    show_refused(refused)


def _files(names: tuple[str, ...]) -> str:
    return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
