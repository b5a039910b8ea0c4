"""``yibao impact``: what rests on a delivered file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.commands.console import Home, tell
from warehouse.settings import load_settings
from warehouse.texts import Text

if TYPE_CHECKING:
    from warehouse.control.models import AuditEntry
    from warehouse.query.impact import Impact

SHOWN = 12
STATUSES = {
    "accepted": Text("已装载", "loaded"),
    "refused": Text("退回", "refused"),
}


def impact(
    named: Annotated[
        str, typer.Argument(metavar="FILE|BATCH", help="文件名或批次号 / a file's name or a batch")
    ],
    every: Annotated[bool, typer.Option("--all", help="全部列出 / list everything")] = False,
    home: Home = None,
) -> None:
    """一个文件影响了哪些公布数、表、页面、数据版本与导出。/ Which figures, tables, pages, releases rest on a file.

    例 / example: yibao impact settlement_2024-06@2024-07-10.csv
    """
    from warehouse.query.impact import impact as impact_of

    for text in _lines(impact_of(load_settings(home), named), None if every else SHOWN):
        tell(text)


def _lines(found: Impact, most: int | None) -> Iterator[Text]:
    for batch in found.batches:
        state = STATUSES.get(batch.status, Text(batch.status, batch.status))
        what = f"{batch.file_name} · {batch.feed} · {batch.batch_id}"
        yield Text(
            f"{what} · 知悉 {batch.known_on} · {state.zh} {batch.rows_accepted} 行",
            f"{what} · known on {batch.known_on} · {state.en}, {batch.rows_accepted} rows",
        )
    count = sum(each.figures for each in found.figures)
    yield Text(
        f"● 数据版本 {found.release_id} 中的 {count:,} 个数、{len(found.figures)} 项指标：",
        f"● {count:,} figures of {len(found.figures)} indicators in release {found.release_id}:",
    )
    yield from _some(
        [
            Text(
                f"{each.name_zh} {each.metric_key}：{each.figures:,} 个（{each.first_end} – {each.last_end}）",
                f"{each.name_en} {each.metric_key}: {each.figures:,} ({each.first_end} – {each.last_end})",
            )
            for each in found.figures
        ],
        most,
    )
    for name, rows in (
        (Text("表", "tables"), found.tables),
        (Text("页面", "pages"), found.pages),
        (Text("数据版本", "releases"), found.releases),
    ):
        yield Text(f"● {name.zh}（{len(rows)}）：", f"● {name.en} ({len(rows)}):")
        yield from _some([Text(each, each) for each in rows], most)
    yield Text(f"● 导出（{len(found.exports)}）：", f"● exports ({len(found.exports)}):")
    yield from _some([_export(each) for each in found.exports], most)


def _export(entry: AuditEntry) -> Text:
    line = f"{entry.at.astimezone():%Y-%m-%d %H:%M} {entry.actor} {entry.subject} {entry.details}"
    return Text(line, line)


def _some(lines: Sequence[Text], most: int | None) -> Iterator[Text]:
    shown = lines if most is None else lines[:most]
    for each in shown:
        yield Text(f"    {each.zh}", f"    {each.en}")
    if len(lines) > len(shown):
        more = len(lines) - len(shown)
        yield Text(f"    另有 {more} 个，--all 全部列出", f"    and {more} more; --all lists everything")
