"""``yibao audit``: who decided what and when, and whether that list is whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from warehouse.commands.console import Home, err, home_before, out, tell
from warehouse.settings import load_settings
from warehouse.texts import Text

if TYPE_CHECKING:
    from warehouse.control.head import Head

app = typer.Typer(
    help="审计记录：列出、核验。/ The audit chain: list it, verify it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
DAY = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}


@app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    actor: Annotated[str | None, typer.Option(metavar="NAME", help="由谁 / by whom")] = None,
    action: Annotated[
        str | None, typer.Option(metavar="ACTION", help="操作，可只写开头，如 user / or its beginning")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="TEXT", help="对象，可只写开头 / what about, or its beginning")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="从这一天起 / from this day", **DAY)] = None,
    until: Annotated[datetime | None, typer.Option(help="到这一天为止 / to this day", **DAY)] = None,
    limit: Annotated[int, typer.Option(min=1, help="行数上限 / at most so many rows")] = 50,
    home: Home = None,
) -> None:
    """列出审计记录，最新的在前。/ List the audit entries, newest first.

    例 / example: yibao audit --action release --since 2026-11-01 · yibao audit verify
    """
    home_before(context, home)
    if context.invoked_subcommand:
        return
    from warehouse.control.audit import Filter, entries

    chosen = Filter(
        actor=actor,
        action=action,
        subject=subject,
        since=since.astimezone() if since else None,
        until=(until + timedelta(days=1)).astimezone() if until else None,
    )
    table = Table("序号 no.", "时间 at", "由谁 by", "途径 via", "操作 action", "对象 subject", "内容 details")
    found = entries(load_settings(home), chosen, limit)
    for each in found:
        at = each.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        details = each.details if each.details != "{}" else ""
        subject_text = each.subject
        table.add_row(str(each.sequence), at, each.actor, each.channel, each.action, subject_text, details)
    out.print(table if found else str(Text("没有符合的审计记录。", "No audit entry fits.")))


@app.command()
def verify(
    expect: Annotated[
        str | None,
        typer.Option(metavar="NO:HASH", help="另行保存的末端，如上次核验所示 / a head kept elsewhere"),
    ] = None,
    home: Home = None,
) -> None:
    """重算审计链，与主目录和各数据版本所记的末端比对；不符时退出码为 1。/ Recompute the chain; 1 if it breaks."""
    from warehouse.control.audit import verify as verify_chain

    verdict = verify_chain(load_settings(home), _head(expect))
    for note in verdict.notes:
        tell(Text(f"· {note.zh}", f"· {note.en}"))
    for each in verdict.breaks:
        err.print(f"✗ {each}", markup=False, soft_wrap=True)
    if verdict.breaks:
        raise typer.Exit(1)
    if verdict.head is None:
        tell(Text("还没有审计记录。", "There is no audit entry yet."))
        return
    number = verdict.head.sequence
    tell(
        Text(
            f"✓ 审计链完整，共 {number} 条；末端 {number}:{verdict.head.hash}",
            f"✓ the chain of {number} entries is whole; its head is {number}:{verdict.head.hash}",
        )
    )


def _head(text: str | None) -> Head | None:
    if text is None:
        return None
    from warehouse.control.head import Head

    number, colon, digest = text.partition(":")
    if not (colon and number.isdigit() and len(digest) == 64):
        raise typer.BadParameter("NO:HASH", param_hint="--expect")
    return Head(int(number), digest)
