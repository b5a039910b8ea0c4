"""``yibao template``: what a template would read of a file, and a first draft of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import PlainConsole, out
from warehouse.texts import Refused, Text

app = typer.Typer(
    help="公布报表的模板：检查与起草，见 docs/statements.md。/ Templates of published tables: check and draft.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
FilePath = Annotated[Path, typer.Argument(metavar="FILE", help="CSV、XLSX 或 XLS / CSV, XLSX or XLS")]


NEW = Text("新：不在地区清单与模板的 regions 中", "new: in no list and not under regions of the template")


@app.command()
def check(
    file: FilePath,
    template: Annotated[Path, typer.Argument(metavar="TEMPLATE", help="模板 YAML / the template")],
    explain: Annotated[
        bool,
        typer.Option("--explain", help="逐格列出未读的格及原因 / list every unread cell with its reason"),
    ] = False,
) -> None:
    """显示模板会读出什么，不装载；能读则退出码为 0。/ Show what would be read; nothing is loaded."""
    from warehouse.statements.extract import extract, recognises
    from warehouse.statements.sheet import read_book
    from warehouse.statements.template import load_template

    _require_file(file)
    parsed = load_template(template)
    book = read_book(file, file.name)
    differs = recognises(parsed, book, file.name, needs_name=False)
    if differs:
        raise Refused(
            f"模板 {parsed.template} 认不出 {file.name}:{differs.zh}。",
            f"The template {parsed.template} does not recognise {file.name}: {differs.en}.",
        )
    result = extract(parsed, book, file.name)
    console = PlainConsole(highlight=False, width=None if out.is_terminal else 200)
    table = Table(
        "格 cell",
        "行标签 label",
        "地区 region",
        "险种 scheme",
        "口径 scope",
        "项目 item",
        "时期 period",
        "印刷 printed",
        "数值 value",
    )
    for cell in result.read:
        start = f"{cell.period.start}…" if cell.period.start and cell.period.start != cell.period.end else ""
        marks = " Σ" if cell.total_of else " ⊂" if cell.is_of_which else ""
        table.add_row(
            cell.cell,
            cell.label,
            cell.region_name,
            cell.scheme_code,
            cell.fund_scope,
            cell.item + marks,
            f"{cell.period.basis} {start}{cell.period.end}",
            f"{cell.printed_value} {cell.printed_unit}",
            "—" if cell.value is None else f"{cell.value:f}",
        )
    console.print(table)
    console.print(
        str(
            Text(
                f"读出 {len(result.read)} 格，未读 {len(result.left)} 格（Σ 合计，⊂ 其中项）",
                f"{len(result.read)} cells read, {len(result.left)} not (Σ total, ⊂ of which)",
            )
        )
    )
    remarks = result.remarks()
    if remarks:
        console.print(str(remarks))
    regions = Table("代码 code", "地区 region", "上级 parent", "")
    for region, is_new in result.regions.values():
        regions.add_row(region.key, region.name, region.parent, str(NEW) if is_new else "")
    console.print(regions)
    if explain:
        unread = Table("格 cell", "内容 text", "未读原因 reason")
        for left in result.left:
            unread.add_row(left.cell, left.text, str(left.reason))
        console.print(unread)


@app.command()
def suggest(file: FilePath) -> None:
    """起草一个模板（写到标准输出），标 # ? 处需人工确认。/ Draft a template; lines with # ? need your word."""
    from warehouse.statements.sheet import read_book
    from warehouse.statements.suggest import suggest as draft

    _require_file(file)
    typer.echo(draft(read_book(file, file.name), file.name), nl=False)


def _require_file(file: Path) -> None:
    if not file.is_file():
        raise Refused(f"找不到 {file}。", f"{file} does not exist.")
