"""``yibao month``: closing months by a checklist; what is corrected later becomes a new version."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import As, Home, out, require_months, tell, writing
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

Month = Annotated[datetime, typer.Argument(metavar="YYYY-MM", formats=["%Y-%m"], help="月份 / the month")]

app = typer.Typer(
    help="月结与月份锁定。/ Closing and locking months.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def lock(
    month: Month,
    on: Annotated[
        datetime | None,
        typer.Option(metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="锁定日期，默认今天 / default today"),
    ] = None,
    actor: As = None,
    home: Home = None,
) -> None:
    """锁定一个月：此后到达的更正保存为新版本并提示。/ Lock a month: later corrections are new versions."""
    from warehouse.clock import today
    from warehouse.control.history import lock_month
    from warehouse.feeds.timing import end_of

    require_months(month.date(), month.date())
    ended, locked_on = end_of(month.date()), on.date() if on else today()
    if not ended < locked_on <= today():
        raise Refused(
            f"锁定日期 {locked_on} 应在该月结束（{ended}）之后，且不晚于今天。",
            f"The day of locking, {locked_on}, must come after the month's end ({ended}) and not after today.",
        )
    with writing(home) as settings:
        lock_month(settings, month.date(), locked_on)
    tell(Text(f"{month:%Y-%m} 已锁定（自 {locked_on}）", f"{month:%Y-%m} is locked since {locked_on}"))


@app.command()
def check(month: Month, home: Home = None) -> None:
    """月结清单：逐项说明是否可以月结；有未了事项时退出码为 1。/ The checklist; exit code 1 with open items."""
    from warehouse.clock import today
    from warehouse.months.checklist import checklist, open_items

    items = checklist(load_settings(home), month.date(), today())
    for item in items:
        tell(str(item))
    if open_items(items):
        raise typer.Exit(1)


@app.command()
def close(
    month: Month,
    despite: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="有未了事项仍月结的理由，留存备查 / why, with open items; it is kept"
        ),
    ] = None,
    actor: As = None,
    home: Home = None,
) -> None:
    """核对清单、锁定一个月，再建库发布终审数；有未了事项则拒绝。/ Close a month: checklist, lock, build, release."""
    from orchestration.lib.launch import run_close

    require_months(month.date(), month.date())
    with writing(home) as settings:
        run_close(settings, month.date(), despite, tell)
    tell(Text(f"{month:%Y-%m} 已月结", f"{month:%Y-%m} is closed"))


@app.command("list")
def list_(home: Home = None) -> None:
    """列出已锁定的月份，及锁定之后第一个数据版本。/ The locked months, each with the release it became final in."""
    from warehouse.control.history import closing_releases, locked_months, month_closes

    table = Table("月份 month", "锁定日期 locked on", "数据版本 release", "未了仍结的理由 closed despite")
    settings = load_settings(home)
    closes, made = month_closes(settings), closing_releases(settings)
    for month, locked_on in locked_months(settings).items():
        closed = closes.get(month)
        table.add_row(
            f"{month:%Y-%m}",
            locked_on.isoformat(),
            made.get(month) or str(Text("尚未建库发布", "not built and released yet")),
            (closed.reason or "") if closed else "",
        )
    out.print(table)
