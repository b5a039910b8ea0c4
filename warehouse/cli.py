"""``yibao``: the one command. Exit codes: 0 done, 1 refused or failed (reason on stderr), 2 usage."""

from __future__ import annotations

import io
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from warehouse.commands import (
    alerts,
    audit,
    impact,
    month,
    operate,
    pull,
    quarantine,
    recovery,
    release,
    template,
    trace,
    users,
)
from warehouse.commands.console import (
    WIDE,
    As,
    Home,
    PlainConsole,
    Strict,
    err,
    home_before,
    out,
    say,
    show_outcomes,
    show_refused,
    tell,
    writing,
)
from warehouse.commands.output import given_path, write_output
from warehouse.settings import SHIPPED_DATA, QueryLimits, Settings, load_settings
from warehouse.texts import Refused, Text

if TYPE_CHECKING:
    from pyarrow import Table as ArrowTable

    from warehouse.release.pointer import Release

app = typer.Typer(
    name="yibao",
    help=(
        "医保数仓 / medical-security analytics warehouse.\n\n"
        "一次跑通：yibao run，然后 yibao serve。分步：init → ingest → build → release。"
        "所有状态都在一个主目录里（--home 或 YIBAO_HOME，默认 ./.yibao）。\n\n"
        "One go: yibao run, then yibao serve. Step by step: init → ingest → build → release. "
        "All state lives in one home (--home or YIBAO_HOME, default ./.yibao). "
        "Messages in English: YIBAO_LANG=en.\n\n"
        "退出码 / exit codes: 0 完成 done · 1 被拒绝或失败 refused or failed · 2 用法错误 usage"
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
DAY_FORMAT = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}
DataTo = Annotated[
    datetime | None,
    typer.Option("--data-to", help="只建到这一天为止的时期 / build periods up to this day", **DAY_FORMAT),
]
KnownOn = Annotated[
    datetime | None,
    typer.Option(
        "--known-on", help="只用这一天以前交付的数据 / use only data delivered by this day", **DAY_FORMAT
    ),
]
AsPublished = Annotated[
    datetime | None,
    typer.Option(
        "--as-published", help="这一天正在服务的版本 / the release served on this day", **DAY_FORMAT
    ),
]


app.add_typer(template.app, name="template")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(month.app, name="month")
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(alerts.app, name="alerts")
app.command()(pull.pull)
app.command()(trace.trace)
app.command()(impact.impact)
app.add_typer(release.app, name="release")
for command in (
    release.releases,
    release.rollback,
    release.pin,
    release.unpin,
    release.verify,
    release.prune,
    recovery.rebuild,
    recovery.backup,
    recovery.restore,
):
    app.command()(command)
app.command()(operate.expected)
app.command()(operate.backfill)


@app.callback()
def main_options(context: typer.Context, home: Home = None) -> None:
    """What may stand before every verb."""
    home_before(context, home)


def group_options(context: typer.Context, home: Home = None) -> None:
    """What may stand between a group and its verb."""
    home_before(context, home)


for group in (template.app, quarantine.app, month.app, users.app):
    group.callback()(group_options)


@app.command()
def init(home: Home = None) -> None:
    """建立主目录：文件夹、控制库、Dagster 实例；重复执行无害。/ Make the home; safe to repeat."""
    from warehouse.home import is_made

    is_new = not is_made(load_settings(home))
    with writing(home) as settings:
        pass
    done = (
        Text("主目录已就绪：", "home is ready: ") if is_new else Text("主目录早已建立：", "home was there: ")
    )
    out.print(f"{done}{settings.home}", markup=False, soft_wrap=True)


@app.command()
def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            parser=given_path,
            help="文件或文件夹（CSV、Excel、Parquet、.gz、.zip）；默认收件箱 / files or folders; the inbox if omitted",
        ),
    ] = None,
    feed: Annotated[
        str | None, typer.Option(help="数据源；默认按表头识别 / feed; recognised by its header if omitted")
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="报表模板（YAML）；默认用随附模板识别 / template of a published table"
        ),
    ] = None,
    home: Home = None,
) -> None:
    """装载文件：归档、检查、整批接收或退回；同样的内容只装一次。/ Load files, each as one batch.

    不写路径时装载主目录 inbox/ 中的文件，装完移入归档。Without a path the files in the home's inbox/ are loaded
    and moved into the archive.
    """
    if feed and template:
        raise typer.BadParameter("--feed 与 --template 只能用一个 / use only one of them")
    from warehouse.ingest.deliver import files_in, lacking_files
    from warehouse.ingest.deliver import ingest as ingest_files
    from warehouse.ingest.reconcile import reconcile

    with writing(home) as settings:
        if not paths and not any(settings.inbox.iterdir()):
            tell(Text(f"收件箱 {settings.inbox} 是空的", f"the inbox {settings.inbox} is empty"))
            return
        chosen = files_in(paths or [settings.inbox])
        for note in lacking_files(paths or [settings.inbox], settings):
            tell(note)
        refused = show_outcomes(ingest_files(chosen, settings, feed, template))
        reconcile(settings)
    if refused:
        raise typer.Exit(1)


@app.command()
def build(
    data_to: DataTo = None,
    known_on: KnownOn = None,
    home: Home = None,
) -> None:
    """用已装载的数据建库并检验（dbt）；不影响正在服务的数据版本。/ Build models and run every check."""
    from warehouse import transform

    with writing(home) as settings:
        batches = transform.set_parameters(settings, _day(data_to), _day(known_on))
        say(Text(f"建库开始，使用 {batches} 个批次…", f"building from {batches} batches…"))
        transform.build(
            settings,
            lambda text: out.print(str(text), markup=False),
            lambda text: err.print(str(text), markup=False, soft_wrap=True),
        )


@app.command()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            parser=given_path,
            help="默认为随附的公开数据 / the shipped published data if omitted",
        ),
    ] = None,
    data_to: DataTo = None,
    known_on: KnownOn = None,
    strict: Strict = False,
    actor: As = None,
    home: Home = None,
) -> None:
    """依次装载、建库、发布（经 Dagster）。/ Ingest, build and release in order, through Dagster.

    有文件退回时，用其余的建库、发布，列出退回的，以 1 退出。Refused files do not stop the others: what was accepted is
    built and released, the refused ones are listed, and the exit code is 1.
    """
    from warehouse.control.actor import deciding_actor
    from warehouse.ingest.deliver import files_in, lacking_files
    from warehouse.ingest.reconcile import reconcile

    chosen = files_in(paths or SHIPPED_DATA)
    with writing(home) as settings:
        deciding_actor(settings, "release.serve")
        for note in lacking_files(paths or SHIPPED_DATA, settings):
            tell(note)
        say(Text("正在启动 Dagster…", "starting Dagster…"))
        from orchestration.lib.launch import run_pipeline

        refused = run_pipeline(
            settings,
            [path.absolute() for path in chosen],
            _day(data_to),
            _day(known_on),
            lambda text: out.print(str(text), markup=False, soft_wrap=True),
            is_strict=strict,
        )
        reconcile(settings)
    show_refused(refused)


@app.command()
def compact(actor: As = None, home: Home = None) -> None:
    """清除已被更新版本取代的行（锁定月份的原版本保留，原件仍在归档）。/ Remove superseded versions of rows."""
    from warehouse.connections import build_connection
    from warehouse.control.actor import deciding_actor
    from warehouse.control.history import record_decision
    from warehouse.ingest.compact import compact as compact_rows
    from warehouse.ingest.months import mirror_locks
    from warehouse.ingest.raw_schema import prepare_raw

    total = 0
    with writing(home) as settings, build_connection(settings) as connection:
        deciding_actor(settings, "compact")  # refused before anything is removed
        prepare_raw(connection)
        mirror_locks(connection, settings)
        for feed, removed in compact_rows(connection):
            tell(Text(f"{feed}：清除 {removed} 行", f"{feed}: {removed} rows removed"))
            total += removed
        record_decision(settings, "compact", "home", rows=total)
    tell(Text(f"共清除 {total} 行", f"{total} rows removed in all"))


@app.command()
def generate(
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="写到哪里 / where to write")],
    persons: Annotated[int, typer.Option(help="年末参保人数 / insured persons")] = 20_000,
    first: Annotated[
        datetime,
        typer.Option(
            "--from",
            metavar="YYYY-MM",
            formats=["%Y-%m"],
            show_default="2020-01",
            help="首月 / first month",
        ),
    ] = datetime(2020, 1, 1),
    last: Annotated[
        datetime,
        typer.Option(
            "--to", metavar="YYYY-MM", formats=["%Y-%m"], show_default="2025-12", help="末月 / last month"
        ),
    ] = datetime(2025, 12, 1),
    seed: Annotated[
        int, typer.Option(help="随机种子；同样的参数得到同样的文件 / same options, same files")
    ] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="不埋入错误 / plant no dirt")] = False,
) -> None:
    """生成一个虚构的省（全部为模拟数据）。/ Write the feeds of a synthetic province, with planted defects."""
    from warehouse.synthetic.generate import generate as write_province
    from warehouse.synthetic.plan import Plan

    if (out_folder / "feeds").exists():
        raise Refused(
            f"{out_folder} 中已有生成过的文件，请换一个目录或先删除它。",
            f"{out_folder} holds generated files already; choose another folder or remove it.",
        )
    write_province(Plan(persons, first.date(), last.date(), seed, clean), out_folder, say)
    out.print(str(Text(f"已写入 {out_folder}", f"written to {out_folder}")), markup=False, soft_wrap=True)


@app.command()
def sql(
    statement: Annotated[
        str, typer.Argument(metavar="SQL", help='查询语句；"-" 从标准输入读 / the query; "-" reads stdin')
    ],
    release_id: Annotated[
        str | None, typer.Option("--release", metavar="ID", help="指定数据版本 / a release by its id")
    ] = None,
    as_published: AsPublished = None,
    scope: Annotated[
        str,
        typer.Option(
            metavar="SCOPE",
            help="province 全省、statistician 统计人员或市县代码 / whose file: these two or a county code",
        ),
    ] = "province",
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="table|csv|json|parquet|xlsx",
            help="输出格式；默认按文件的扩展名，没有则为 table / output format; by the file's name, else table",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写入文件 / write to a file")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="时间上限（秒） / time limit")] = 60,
    memory_mb: Annotated[
        int, typer.Option("--memory", min=64, max=65536, help="内存上限（MB） / memory limit")
    ] = 2048,
    rows: Annotated[
        int, typer.Option("--max-rows", min=1, help="结果最多多少行 / the most rows of a result")
    ] = 5_000_000,
    result_mb: Annotated[
        int, typer.Option("--max-mb", min=1, help="结果最多多少 MB / the most MB of a result")
    ] = 2048,
    home: Home = None,
) -> None:
    """在只读的数据版本上查询（子进程，限时限内存）。/ Query a release, read-only, within limits.

    例 / example: yibao sql "select * from indicator.value limit 5" --format csv
    """
    from warehouse.control.actor import LOCAL, Actor
    from warehouse.control.exports import record_export
    from warehouse.query.formats import WRITERS
    from warehouse.query.run import query

    format_name = _format_of(format_name, output)
    if release_id and as_published:
        raise typer.BadParameter("--release 与 --as-published 只能用一个 / use only one of them")
    is_binary = format_name in ("parquet", "xlsx")
    if is_binary and output is None and sys.stdout.isatty():
        raise typer.BadParameter(
            "二进制格式请用 -o FILE 或重定向 / use -o FILE or redirect", param_hint="--format"
        )
    settings = load_settings(home)
    if statement == "-":
        statement = sys.stdin.read()
    chosen = _chosen_release(settings, release_id, _day(as_published))
    limits = QueryLimits(seconds=seconds, memory_mb=memory_mb, rows=rows, result_mb=result_mb)
    answer = query(chosen.file(scope), statement, limits)
    if answer.cut:
        raise Refused(
            f"{answer.cut.zh}没有写出任何行；要全部，请用 --max-rows、--max-mb 放宽。",
            f"{answer.cut.en} Nothing was written; for all of it raise --max-rows or --max-mb.",
        )
    result = answer.table
    if output:
        record_export(settings, Actor(LOCAL), chosen.release_id, output.name, result.num_rows)
    if format_name == "table":
        _print_table(result, output)
        return
    try:
        content = WRITERS[format_name](result)
    except (ValueError, NotImplementedError) as error:
        raise Refused(
            f"结果不能写成 {format_name}：{error}", f"The result cannot be written as {format_name}: {error}"
        ) from error
    if output:
        write_output(output, content)
    else:
        sys.stdout.buffer.write(content)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="页面端口 / port of the pages")] = 8501,
    dagster_port: Annotated[int, typer.Option(min=1, max=65535, help="Dagster 端口 / Dagster's port")] = 3000,
    dagster: Annotated[bool, typer.Option(help="是否同时启动 Dagster / start Dagster as well")] = True,
    home: Home = None,
) -> None:
    """启动页面与 Dagster（只监听本机）；Ctrl-C 全部停止。/ Serve the pages and Dagster on loopback."""
    from warehouse.serve import serve as serve_all

    serve_all(
        load_settings(home),
        port,
        dagster_port if dagster else None,
        lambda text: out.print(str(text), markup=False),
    )


@app.command()
def doctor(home: Home = None) -> None:
    """检查环境：版本、磁盘、控制库、数据版本。/ Check the environment and say what to do."""
    from warehouse.doctor import examine

    findings = examine(load_settings(home))
    for finding in findings:
        mark = "✓" if finding.is_good else "✗"
        (out if finding.is_good else err).print(f"{mark} {finding.text}", markup=False, soft_wrap=True)
    if not all(finding.is_good for finding in findings):
        raise typer.Exit(1)


def main() -> None:
    """Entry point: a refusal becomes one sentence on standard error and exit code 1."""
    try:
        app()
    except Refused as refusal:
        err.print(str(Text("拒绝：", "Refused: ")) + str(refusal), markup=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print(str(Text("已中断。", "Interrupted.")))
        sys.exit(1)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _chosen_release(settings: Settings, release_id: str | None, day: date | None) -> Release:
    from warehouse.release.pointer import find, served

    if release_id:
        return find(settings, release_id)
    current = served(settings)
    if day is None:
        return current
    if day > date.today():
        raise Refused(
            f"{day} 还没有到；不写 --as-published 即查询正在服务的版本。",
            f"{day} has not come yet; without --as-published the served release is queried.",
        )
    from warehouse.control.history import release_served_on

    on_that_day = release_served_on(settings, day)
    if on_that_day is None:
        raise Refused(
            f"{day} 当天还没有数据版本在服务。用 yibao releases 查看各版本的启用时间。",
            f"No release was served on {day}. See when each was served with yibao releases.",
        )
    return find(settings, on_that_day)


def _print_table(result: ArrowTable, output: Path | None) -> None:
    from warehouse.query.formats import rows_of, text_of

    table = Table(*result.column_names)
    for row in rows_of(result):
        table.add_row(*("" if value is None else text_of(value) for value in row))
    footer = str(Text(f"（{result.num_rows} 行）", f"({result.num_rows} rows)"))
    if not output:
        out.print(table, footer, sep="\n")
        return
    page = io.StringIO()
    PlainConsole(file=page, width=WIDE, highlight=False, emoji=False).print(table, footer, sep="\n")
    write_output(output, page.getvalue().encode("utf-8"))


def _format_of(asked: str | None, output: Path | None) -> str:
    """What was asked for, else what the file's name ends in, else a table; they must not contradict."""
    from warehouse.query.formats import WRITERS

    if asked not in (None, "table", *WRITERS):
        raise typer.BadParameter("table, csv, json, parquet, xlsx", param_hint="--format")
    named = output.suffix.lower().removeprefix(".") if output else ""
    if named not in WRITERS:
        return asked or "table"
    if asked not in (None, named):
        raise typer.BadParameter(
            f"文件名以 .{named} 结尾，格式却是 {asked} / the file ends in .{named}, the format is {asked}",
            param_hint="--format",
        )
    return named


if __name__ == "__main__":
    main()
