"""``yibao expected`` and ``yibao backfill``: what should arrive, and computing past months anew."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import Home, out, require_months, say, tell, writing
from warehouse.commands.output import given_path
from warehouse.settings import load_settings
from warehouse.texts import Text

MONTH = {"formats": ["%Y-%m"], "metavar": "YYYY-MM"}
MARKS = {"arrived": "✓", "late": "✓", "pending": "…", "overdue": "✗", "never": "–"}


def expected(
    month: Annotated[
        datetime | None, typer.Option(help="月份，默认上月 / the month, last month if omitted", **MONTH)
    ] = None,
    home: Home = None,
) -> None:
    """应到数据日历：各数据源由谁、何时送来，到了没有；有逾期时退出码为 1。/ Which deliveries are due, from whom.

    到期日后有 * 的为默认期限（月度 T+20，每日次日，年度次年二季度末）。* marks a due date by default.
    """
    from warehouse.clock import today
    from warehouse.feeds.timing import month_before
    from warehouse.months.expected import STATES
    from warehouse.months.expected import expected as expected_of

    asked = month.date() if month else month_before(today())
    lines = expected_of(load_settings(home), asked, today())
    table = Table(
        "", "数据源 feed", "名称 name", "报送 sender", "到期 due", "状态 state", "收到 arrived", "文件 files"
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
            _files(line.files),
        )
    tell(Text(f"{asked:%Y-%m} 应到的数据", f"deliveries expected for {asked:%Y-%m}"))
    out.print(table)
    if any(line.state == "overdue" for line in lines):
        raise typer.Exit(1)


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
        run_backfill(settings, *months, chosen, tell)


def _files(names: tuple[str, ...]) -> str:
    return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
