"""``yibao release|releases|rollback|pin|unpin|verify|prune``: what is served, what changed, what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import (
    As,
    Home,
    deciding_on_releases,
    err,
    home_before,
    out,
    say,
    tell,
    writing,
)
from warehouse.commands.output import write_output
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

app = typer.Typer(
    help=(
        "发布与比较数据版本。不带子命令：把通过检验的建库结果写成新版本并启用。"
        "/ Write the checked build as a new release and serve it; compare releases."
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
ReleaseId = Annotated[str, typer.Argument(metavar="RELEASE", help="数据版本编号 / id of a release")]
Reason = Annotated[str, typer.Option("--reason", help="理由，记入历史 / the reason, kept in the history")]
SHOWN_ROWS = 40


@app.callback()
def write(
    context: typer.Context,
    note: Annotated[str, typer.Option(help="修订说明，随版本保存 / a note kept with the release")] = "",
    actor: As = None,
    home: Home = None,
) -> None:
    """把通过检验的建库结果写成新的数据版本并启用。/ Write the checked build as a new release and serve it."""
    home_before(context, home)
    if context.invoked_subcommand:
        return
    from warehouse.release.write import release

    with writing(home) as settings:
        release(settings, lambda text: tell(text), note)


@app.command()
def diff(
    old: ReleaseId,
    new: ReleaseId,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.csv", help="全部写入 CSV / all rows as CSV")
    ] = None,
    home: Home = None,
) -> None:
    """两个版本之间变了的数：旧值、新值、原因。/ Figures that differ between two releases, with the reason."""
    import pyarrow.compute as pc

    from warehouse.query.formats import WRITERS, rows_of
    from warehouse.release.changes import REASONS, difference_of
    from warehouse.release.pointer import find

    settings = load_settings(home)
    found = difference_of(find(settings, old), find(settings, new))
    counts = {row["values"]: row["counts"] for row in pc.value_counts(found["reason"]).to_pylist()}
    tell(Text(f"{found.num_rows} 个数不同", f"{found.num_rows} figures differ"))
    for reason, (zh, en) in REASONS.items():
        if reason in counts:
            tell(f"  {zh} {en}: {counts[reason]}")
    if output:
        write_output(output, WRITERS["csv"](found))
        return
    table = Table(
        "指标 metric", "变体", "地区", "险种", "基金", "时期 period", "旧值 old", "新值 new", "原因 reason"
    )
    names = found.column_names
    for row in rows_of(found.slice(0, SHOWN_ROWS)):
        value = dict(zip(names, row, strict=True))
        table.add_row(
            value["metric_key"],
            value["variant"],
            value["region_code"],
            value["scheme_code"],
            value["fund_scope"],
            f"{value['period_basis']} {value['period_end']}",
            _figure(value["old_value"]),
            _figure(value["new_value"]),
            "/".join(REASONS[value["reason"]]),
        )
    out.print(table)
    if found.num_rows > SHOWN_ROWS:
        tell(
            Text(f"只列出前 {SHOWN_ROWS} 行，全部见 -o", f"the first {SHOWN_ROWS} rows; all of them with -o")
        )


def releases(home: Home = None) -> None:
    """列出数据版本；▶ 为正在服务的版本。/ List the releases; ▶ marks the served one."""
    from warehouse.control.history import releases as known_releases
    from warehouse.release.pointer import Release, on_disk, served

    settings = load_settings(home)
    now: Release | None = None
    problem: Refused | None = None
    try:
        now = served(settings)
    except Refused as refusal:
        if not on_disk(settings):
            raise
        problem = refusal
    table = Table(
        "",
        "数据版本 release",
        "数据截至 data to",
        "知悉截至 known on",
        "写成 written",
        "启用 served",
        "说明 notes",
    )
    for record, served_at in known_releases(settings):
        marks = [record.note] if record.note else []
        if record.pinned_because:
            marks.append(f"📌 {record.pinned_because}")
        if record.retired_at:
            marks.append(
                str(Text(f"已清除 {_local(record.retired_at)}", f"pruned {_local(record.retired_at)}"))
            )
        table.add_row(
            "▶" if now and record.release_id == now.release_id else "",
            record.release_id,
            record.data_to.isoformat(),
            record.known_on.isoformat(),
            _local(record.written_at),
            _local(served_at) if served_at else "",
            ";".join(marks),
        )
    out.print(table)
    if problem:
        err.print(f"✗ {problem}", markup=False, soft_wrap=True)


def rollback(release_id: ReleaseId, reason: Reason, actor: As = None, home: Home = None) -> None:
    """重新启用一个较早的版本（先核对其校验和）。/ Serve an earlier release again, after verifying it."""
    from warehouse.release.pointer import find
    from warehouse.release.verify import roll_back

    with deciding_on_releases(home) as settings:
        roll_back(settings, find(settings, release_id), reason)
    tell(Text(f"现在服务 {release_id}", f"{release_id} is served now"))


def pin(release_id: ReleaseId, reason: Reason, actor: As = None, home: Home = None) -> None:
    """固定一个版本：任何清理都不动它。/ Pin a release: nothing of it is ever removed."""
    from warehouse.control.history import record_pin
    from warehouse.release.pointer import find

    with deciding_on_releases(home) as settings:
        record_pin(settings, find(settings, release_id).release_id, reason)
    tell(Text(f"{release_id} 已固定", f"{release_id} is pinned"))


def unpin(release_id: ReleaseId, actor: As = None, home: Home = None) -> None:
    """取消固定。/ Take the pin away."""
    from warehouse.control.history import record_pin

    with deciding_on_releases(home) as settings:
        record_pin(settings, release_id, None)
    tell(Text(f"{release_id} 不再固定", f"{release_id} is no longer pinned"))


def verify(
    release_id: Annotated[
        str | None, typer.Argument(metavar="[RELEASE]", help="默认正在服务的版本 / the served one if omitted")
    ] = None,
    home: Home = None,
) -> None:
    """核对版本的每个文件；正在服务的版本若损坏，改为服务上一个完好的版本。/ Check every byte of a release.

    A damaged release that is being served is replaced by the newest sound one.
    """
    from warehouse.release.pointer import find, served
    from warehouse.release.verify import damages, fall_back

    with deciding_on_releases(home) as settings:
        now = served(settings)
        release = find(settings, release_id) if release_id else now
        found = damages(settings, release)
        if not found:
            files = len(release.manifest()["files"])
            tell(
                Text(
                    f"✓ {release.release_id} 完好，{files} 个文件",
                    f"✓ {release.release_id} is sound, {files} files",
                )
            )
            return
        for each in found:
            err.print(f"✗ {each}", markup=False, soft_wrap=True)
        if release.release_id == now.release_id:
            instead = fall_back(settings, release)
            if instead:
                say(Text(f"改为服务 {instead.release_id}", f"{instead.release_id} is served instead"))
        raise Refused(
            f"数据版本 {release.release_id} 已损坏，不可使用；请用 yibao release 重新发布。",
            f"Release {release.release_id} is damaged and not to be used; write a new one with yibao release.",
        )


def prune(
    keep: Annotated[int, typer.Option(min=3, help="至少保留最近几个 / the last ones to keep")] = 30,
    days: Annotated[int, typer.Option(min=1, help="只清除早于多少天的 / only those older than")] = 400,
    yes: Annotated[
        bool, typer.Option("--yes", help="真的清除；否则只列出 / remove; only listed otherwise")
    ] = False,
    actor: As = None,
    home: Home = None,
) -> None:
    """按保留规则清除旧版本；正在服务的、最近的和已固定的从不清除。/ Remove old releases by a policy."""
    from warehouse.release.retire import prunable
    from warehouse.release.retire import prune as remove

    with deciding_on_releases(home) as settings:
        chosen = prunable(settings, keep, datetime.now(UTC) - timedelta(days=days))
        for release_id in chosen:
            tell(release_id)
        if yes:
            remove(settings, chosen)
    zh, en = ("已清除", "removed") if yes else ("可清除（加 --yes 执行）", "can be removed (add --yes)")
    tell(Text(f"{zh} {len(chosen)} 个版本", f"{len(chosen)} releases {en}"))


def _figure(value: Decimal | None) -> str:
    """A figure without the zeros at its end."""
    if value is None:
        return "—"
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
