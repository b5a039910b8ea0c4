"""``yibao alerts``: what needs attention, and sending it to where it was asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import typer
from rich.table import Table

from warehouse.commands.console import Home, err, home_before, out, tell
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused, Text

app = typer.Typer(
    help=(
        "预警：不带子命令时列出未解除的（收件箱）。规则见 seeds/thresholds/alert_rule.csv。"
        "/ Alerts: without a subcommand the open ones, as an inbox."
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def inbox(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="包括已解除的 / resolved ones as well")] = False,
    home: Home = None,
) -> None:
    """预警收件箱：指标越线、数据逾期、检验与勾稽、退回、建库失败。/ The inbox of alerts."""
    home_before(context, home)
    if context.invoked_subcommand:
        return
    from warehouse.alerts.deliver import deliveries
    from warehouse.alerts.episodes import MARKS, all_episodes, open_episodes

    settings = _made(load_settings(home))
    episodes = all_episodes(settings) if everything else open_episodes(settings)
    sent = deliveries(settings)
    if episodes:
        table = Table(
            "", "编号", "预警 alert", "首次 first seen", "末次 last seen", "核对次数 evaluations", "发送 sent"
        )
        for each in episodes:
            mark = "✓" if each.resolved_at else MARKS.get(each.severity, "")
            state = (
                f"{_local(each.resolved_at)} 解除 resolved" if each.resolved_at else _local(each.last_seen_at)
            )
            told = ", ".join(
                _told(one.channel, one.occasion, one.state) for one in sent.get(each.episode_id or 0, [])
            )
            message = str(Text(each.message_zh, each.message_en))
            table.add_row(
                mark,
                str(each.episode_id),
                message,
                _local(each.first_seen_at),
                state,
                str(each.times_seen),
                told,
            )
        out.print(table)
    open_ones = sum(1 for each in episodes if each.resolved_at is None)
    tell(Text(f"{open_ones} 条未解除", f"{open_ones} open"))
    _say_when(settings)


@app.command()
def check(
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="哪一天，默认今天 / today if omitted"
        ),
    ] = None,
    home: Home = None,
) -> None:
    """现在评估全部规则（发布和回退之后自动进行）。/ Evaluate all rules now, as every release does."""
    from warehouse.alerts.evaluate import evaluate_alerts

    settings = _made(load_settings(home))
    evaluation = evaluate_alerts(settings, on.date() if on else None)
    tell(evaluation.summary())
    if evaluation.problems:
        raise typer.Exit(1)


@app.command()
def send(
    again: Annotated[
        bool,
        typer.Option("--again", help="连同等待重试和已放弃的 / those that wait or were given up as well"),
    ] = False,
    home: Home = None,
) -> None:
    """评估，然后按 alerts.yml 发送：每条预警每个渠道一条，解除时再一条。/ Evaluate, then send what is due."""
    from warehouse.alerts.channels import read_channels
    from warehouse.alerts.deliver import send_alerts
    from warehouse.alerts.evaluate import evaluate_alerts

    settings = _made(load_settings(home))
    channels = read_channels(settings)
    evaluation = evaluate_alerts(settings)
    tell(evaluation.summary())
    if not channels:
        tell(
            Text(
                f"没有 {settings.alert_channels}，不发送",
                f"there is no {settings.alert_channels}: nothing is sent",
            )
        )
        return
    done = send_alerts(settings, tell, again=again)
    tell(Text(f"发出 {done.sent} 条，失败 {done.failed} 条", f"{done.sent} sent, {done.failed} failed"))
    if done.given_up:
        tell(
            Text(
                f"放弃 {done.given_up} 条（--again 再试）",
                f"{done.given_up} given up (--again tries them once more)",
            )
        )
    if done.failed:
        raise typer.Exit(1)


@app.command("test")
def try_channel(
    channel: Annotated[
        Literal["webhook", "smtp"], typer.Option("--channel", help="试哪个渠道 / the channel to try")
    ],
    home: Home = None,
) -> None:
    """向一个渠道发一条测试消息。/ Send a test message on one channel."""
    from warehouse.alerts.deliver import send_test

    result = send_test(load_settings(home), channel)
    if not result.is_sent:
        raise Refused(
            f"{channel} 没有收下测试消息：{result.outcome}。",
            f"{channel} did not take the test message: {result.outcome}.",
        )
    tell(
        Text(
            f"✓ {channel} 已收下测试消息：{result.outcome}",
            f"✓ {channel} took the test message: {result.outcome}",
        )
    )


def _made(settings: Settings) -> Settings:
    """The settings of a home that was made; its control database is at the newest schema."""
    from warehouse.control.database import migrate
    from warehouse.home import is_made

    if not is_made(settings):
        raise Refused(
            f"主目录 {settings.home} 尚未建立，请先运行 yibao init。",
            f"The home {settings.home} does not exist; run yibao init first.",
        )
    migrate(settings.control_url)
    return settings


def _say_when(settings: Settings) -> None:
    from warehouse.alerts.episodes import last_evaluation
    from warehouse.release.pointer import served_or_none

    last = last_evaluation(settings)
    now = served_or_none(settings)
    if last is None:
        tell(Text("还没有评估过（yibao alerts check）", "nothing was evaluated yet (yibao alerts check)"))
        return
    release = last.release_id or "—"
    zh = f"评估于 {_local(last.evaluated_at)}，数据版本 {release}"
    en = f"evaluated {_local(last.evaluated_at)}, release {release}"
    if last.release_id != (now.release_id if now else None):
        zh, en = (
            f"{zh}；此后换了版本（yibao alerts check）",
            f"{en}; another is served since (yibao alerts check)",
        )
    tell(Text(zh, en))
    if last.error:
        err.print(f"✗ {last.error}", markup=False, soft_wrap=True)


def _told(channel: str, occasion: str, state: str) -> str:
    marks = {"sent": "✓", "failed": "✗", "sending": "…"}
    closing = str(Text("解除", " resolved")) if occasion == "resolved" else ""
    return f"{channel}{closing} {marks.get(state, state)}"


def _local(moment: datetime | date | None) -> str:
    return moment.astimezone().strftime("%m-%d %H:%M") if isinstance(moment, datetime) else ""
