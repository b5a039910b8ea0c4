"""``yibao quarantine``: refused rows, the notice of return to the sender, and the next try."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import As, Home, err, out, show_outcomes, tell, writing
from warehouse.settings import load_settings
from warehouse.texts import Text, language

app = typer.Typer(
    help="待核数据：查看、退回、重试。/ Refused rows: look at them, return them, try them again.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Batch = Annotated[
    str, typer.Argument(metavar="BATCH", help="批次，可只写开头 / batch, or the beginning of its id")
]


@app.command("list")
def list_(home: Home = None) -> None:
    """列出有待核行的批次与搁置的装载。/ List the batches with rows in quarantine and the loads set aside."""
    from warehouse.ingest.aside import kept
    from warehouse.ingest.quarantine import held

    table = Table(
        "批次 batch",
        "数据源 feed",
        "文件 file",
        "退回 refused",
        "等待 waiting",
        "另存 set aside",
        "原因 reasons",
    )
    found = held(load_settings(home))
    for each in found:
        whole = str(Text("整批", "whole batch")) if each.is_whole_batch else str(each.rejected)
        table.add_row(
            each.batch_id,
            each.feed,
            each.file_name,
            whole,
            str(each.waiting),
            str(each.set_aside),
            ", ".join(each.codes),
        )
    out.print(table if found else str(Text("没有待核数据。", "Nothing is in quarantine.")))
    for load in kept(load_settings(home)):
        tell(
            Text(
                f"{load.load_id} {load.file_name}：装载时出错（{load.error}），已搁置",
                f"{load.load_id} {load.file_name}: met an error ({load.error}) and is set aside",
            )
        )


@app.command()
def show(
    batch: Batch,
    limit: Annotated[int, typer.Option(min=1, help="行数上限 / at most so many rows")] = 50,
    raw: Annotated[
        bool, typer.Option("--raw", help="连同原始行（含个人信息）/ with the raw lines (personal data)")
    ] = False,
    home: Home = None,
) -> None:
    """逐行显示退回原因。/ Show the reasons row by row."""
    from warehouse.ingest import quarantine

    rows = quarantine.rows(load_settings(home), batch)
    reasons = "reasons_en" if language() == "en" else "reasons"
    table = Table("记录 record", "状态 status", "原因 reasons", *(["原始行 raw line"] if raw else []))
    for row in rows.slice(0, limit).to_pylist():
        table.add_row(
            str(row["record"]),
            row["status"],
            "\n".join(row[reasons]),
            *([row["raw"] or ""] if raw else []),
        )
    out.print(table)
    if rows.num_rows > limit:
        rest = rows.num_rows - limit
        tell(Text(f"另有 {rest} 行，用 --limit 查看", f"{rest} more rows; see them with --limit"))


@app.command()
def export(
    batch: Batch,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="默认 <文件>_退回.csv / default")
    ] = None,
    actor: As = None,
    home: Home = None,
) -> None:
    """写出退回通知：原文件加“原因”列，改正后可直接再送。/ Write the sender's rows with a column 原因."""
    from warehouse.control.actor import deciding_actor
    from warehouse.control.history import record_decision
    from warehouse.ingest.quarantine import rows as held_rows
    from warehouse.ingest.returned import write_returned

    with writing(home) as settings:
        deciding_actor(settings, "quarantine.return")
        whole_id = held_rows(settings, batch).column("batch_id")[0].as_py()
        target, rows = write_returned(settings, whole_id, output)
        record_decision(settings, "quarantine.return", whole_id, rows=rows)
    err.print(
        str(
            Text(
                "注意：退回文件含个人信息，只能交还送来的单位。",
                "Mind: the file holds personal data; give it to its sender only.",
            )
        ),
        style="dim",
    )
    tell(Text(f"已写出 {target}（{rows} 行）", f"wrote {target} ({rows} rows)"))


@app.command()
def retry(
    batch: Annotated[
        str | None, typer.Argument(metavar="[BATCH]", help="默认为全部 / all of them if omitted")
    ] = None,
    actor: As = None,
    home: Home = None,
) -> None:
    """用现有数据重新检查待核行，合格的装载。/ Check held rows again; load those that pass now.

    不写批次时，搁置的装载也再试一次；整批退回而同名文件已改正装载的不再检查。Without a batch, loads that were set
    aside are tried again as well; files refused whole whose corrected file was loaded since are left alone.
    """
    from warehouse.connections import build_connection
    from warehouse.control.actor import deciding_actor
    from warehouse.control.history import batch_records, record_decision
    from warehouse.ingest import aside, quarantine
    from warehouse.ingest.deliver import retry_aside, retry_batch
    from warehouse.ingest.months import mirror_locks
    from warehouse.ingest.raw_schema import prepare_raw
    from warehouse.ingest.reconcile import reconcile
    from warehouse.ingest.repair import needs_retry

    refused = 0
    with writing(home) as settings:
        deciding_actor(settings, "quarantine.retry")
        held = [] if batch else quarantine.held(settings)
        batches = [batch] if batch else needs_retry(held, batch_records(settings))
        loads = [each for each in aside.kept(settings) if batch in (None, each.load_id)]
        for load in loads:
            with build_connection(settings) as connection:
                prepare_raw(connection)
                mirror_locks(connection, settings)
                refused += show_outcomes(retry_aside(connection, settings, load))
            record_decision(settings, "quarantine.retry", load.load_id)
        if batch in {each.load_id for each in loads}:
            batches = []
        with build_connection(settings) as connection:
            prepare_raw(connection)
            mirror_locks(connection, settings)
            for each in batches:
                outcomes = list(retry_batch(connection, settings, each))
                refused += show_outcomes(iter(outcomes))
                accepted = sum(outcome.rows_accepted for outcome in outcomes)
                record_decision(settings, "quarantine.retry", outcomes[0].batch_id or each, accepted=accepted)
        reconcile(settings)
    if refused:
        raise typer.Exit(1)
