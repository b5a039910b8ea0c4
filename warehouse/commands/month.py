"""``yibao month``: months that are closed; what is corrected later becomes a new version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import As, Home, out, tell, writing
from warehouse.settings import load_settings
from warehouse.texts import Text

app = typer.Typer(
    help="月份锁定。/ Locking months.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def lock(
    month: Annotated[datetime, typer.Argument(metavar="YYYY-MM", formats=["%Y-%m"], help="月份 / the month")],
    on: Annotated[
        datetime | None,
        typer.Option(metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="锁定日期,默认今天 / default today"),
    ] = None,
    actor: As = None,
    home: Home = None,
) -> None:
    """锁定一个月:此后到达的更正保存为新版本并提示。/ Lock a month: later corrections are new versions."""
    from warehouse.control.history import lock_month

    locked_on = on.date() if on else date.today()
    with writing(home) as settings:
        lock_month(settings, month.date(), locked_on)
    tell(Text(f"{month:%Y-%m} 已锁定(自 {locked_on})", f"{month:%Y-%m} is locked since {locked_on}"))


@app.command("list")
def list_(home: Home = None) -> None:
    """列出已锁定的月份。/ List the locked months."""
    from warehouse.control.history import locked_months

    table = Table("月份 month", "锁定日期 locked on")
    for month, locked_on in locked_months(load_settings(home)).items():
        table.add_row(f"{month:%Y-%m}", locked_on.isoformat())
    out.print(table)
