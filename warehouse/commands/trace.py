"""``yibao trace``: the way of a number back to its files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.commands.console import Home, tell
from warehouse.settings import load_settings
from warehouse.texts import Text

if TYPE_CHECKING:
    from warehouse.query.trace import Origin, Part, TracedValue

SHOWN_FILES = 8


def trace(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="指标 / metric key, e.g. fund_expense")],
    region: Annotated[str, typer.Option(metavar="CODE", help="行政区划代码 / region code")] = "460000",
    period: Annotated[
        str, typer.Option(metavar="P", help="时期：2021、2021-Q3、2021-06、2021-06-30 / the period")
    ] = "",
    basis: Annotated[
        str | None,
        typer.Option(metavar="month|quarter|ytd|year|t12|point", help="时期类型 / kind of period"),
    ] = None,
    home: Home = None,
) -> None:
    """从一个数追到定义、分子分母、模型、批次和文件。/ Trace a number to its definition, parts, models and files.

    例 / example: yibao trace payable_months_pool --region 000000 --period 2024-12
    """
    from warehouse.connections import open_release
    from warehouse.query.trace import trace as trace_values
    from warehouse.release.pointer import STATISTICIAN, served

    if not period:
        raise typer.BadParameter("2021 | 2021-Q3 | 2021-06", param_hint="--period")
    settings = load_settings(home)
    release = served(settings)
    with open_release(release.file(STATISTICIAN), memory_mb=1024, threads=2) as connection:
        definition, values = trace_values(connection, metric, region, period, basis)
    tell(
        Text(
            f"{definition['name_zh']} {metric}（定义版本 {definition['definition_version']}，{definition['owner']}）",
            f"{definition['name_en']} {metric} "
            f"(definition {definition['definition_version']}, {definition['owner']})",
        )
    )
    tell(Text(f"  定义：{definition['definition_zh']}", f"  definition: {definition['definition_en']}"))
    tell(Text(f"  数据版本：{release.release_id}", f"  release: {release.release_id}"))
    for value in values:
        for text in _lines(value):
            tell(text)


def _lines(value: TracedValue) -> Iterator[Text]:
    yield Text("", "")
    shown = value.qualifier or _number(value.value)
    what = f"{value.scheme_code} · {value.fund_scope} · {value.variant} · {value.period_basis}"
    span = f"{value.period_start} – {value.period_end}"
    yield Text(
        f"● {what} · {span}:{shown} {value.unit}",
        f"● {what} · {span}: {shown} {value.unit}",
    )
    yield Text(
        f"  {value.data_origin} · {value.report_status} · 知悉 {value.known_on} · 完整 {value.completeness:.0%} · "
        f"{value.quality_flag}",
        f"  {value.data_origin} · {value.report_status} · known on {value.known_on} · "
        f"complete {value.completeness:.0%} · {value.quality_flag}",
    )
    names = (Text("分子", "numerator"), Text("分母", "denominator"))
    for name, part in zip(names, value.parts, strict=False):
        yield _part_line(name, part)
    if not value.parts and value.numerator is not None and value.denominator is not None:
        yield Text(
            f"  分子 {_number(value.numerator)} ÷ 分母 {_number(value.denominator)}",
            f"  numerator {_number(value.numerator)} ÷ denominator {_number(value.denominator)}",
        )
    if value.models:
        way = " → ".join(("raw", *value.models, "indicator.value"))
        yield Text(f"  模型：{way}", f"  models: {way}")
    yield from _origin_lines(value.origins, bool(value.parts))


def _part_line(name: Text, part: Part) -> Text:
    from warehouse.query.trace import SPANS

    feeds, span = ", ".join(part.feeds), SPANS[part.span]
    mart = part.mart or "reference"
    return Text(
        f"  {name.zh} {_number(part.value)}:{part.name_zh}({span.zh}),{mart} ← {feeds}",
        f"  {name.en} {_number(part.value)}: {part.name_en} ({span.en}), {mart} ← {feeds}",
    )


def _origin_lines(origins: tuple[Origin, ...], counts_rows: bool) -> Iterator[Text]:
    yield Text(f"  文件（{len(origins)} 个）：", f"  files ({len(origins)}):")
    for origin in origins[:SHOWN_FILES]:
        number = Text(f"{origin.number} 行", f"{origin.number} rows")
        if not counts_rows:
            number = Text(f"第 {origin.number} 条记录", f"record {origin.number}")
        tail = f"{origin.batch_id} · sha256 {origin.sha256[:12]}…"
        yield Text(
            f"    {origin.what} · {origin.file_name} · {number.zh} · {tail}",
            f"    {origin.what} · {origin.file_name} · {number.en} · {tail}",
        )
    if len(origins) > SHOWN_FILES:
        more = len(origins) - SHOWN_FILES
        yield Text(
            f"    另有 {more} 个，见 indicator.feed_batch",
            f"    and {more} more, see indicator.feed_batch",
        )


def _number(value: Decimal | None) -> str:
    return "—" if value is None else f"{value.normalize():f}"
