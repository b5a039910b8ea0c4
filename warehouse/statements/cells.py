"""What a template makes of a printed cell: read with its meaning, or left with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from openpyxl.utils import column_index_from_string

from warehouse.statements.periods import Span
from warehouse.statements.sheet import Grid
from warehouse.statements.template import CELL, Dims, Template
from warehouse.statements.texts import NotANumber, parse_number
from warehouse.statements.vocabulary import STOCKS, UNITS, kind_of
from warehouse.texts import Refused, Text

MAX_DECIMALS = 6


@dataclass(frozen=True)
class ReadCell:
    """A cell as read; ``value`` and ``half_ulp`` are in ``base_unit``, None where a dash is printed."""

    statement_code: str
    sheet: str
    cell: str
    template: str
    label: str
    region_code: str
    region_name: str
    region_parent: str
    scheme_code: str
    fund_scope: str
    item: str
    total_of: str | None
    is_of_which: bool
    period: Span
    report_status: str
    printed_value: str
    printed_unit: str
    base_unit: str
    value: Decimal | None
    half_ulp: Decimal | None
    source_title: str
    publisher: str
    reliability: str


@dataclass(frozen=True)
class LeftCell:
    """A cell that holds something and was not read, with the reason."""

    sheet: str
    cell: str
    text: str
    reason: Text


@dataclass
class Extract:
    """What a template makes of a file."""

    read: list[ReadCell] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a cell stands, for the sentences about it."""

    template: Template
    sheet: str
    place: str
    label: str
    name: str

    def refuse(self, zh: str, en: str) -> Refused:
        return Refused(
            f"{self.name} 的 {self.sheet}!{self.place}(“{self.label}”):{zh}",
            f"{self.sheet}!{self.place} of {self.name} ('{self.label}'): {en}",
        )


def read_cell(
    base: Place,
    dims: Dims,
    text: str,
    statement_code: str,
    region_code: str,
    region_name: str,
    region_parent: str,
    period: Span,
    title: str | None = None,
    publisher: str | None = None,
    reliability: str | None = None,
) -> ReadCell:
    """The cell at ``base`` with its meaning ``dims`` and its number.

    Raises ``Refused`` when the template leaves its item, scheme or unit open, when the unit does not
    suit the item, or when the text is no number.
    """
    template = base.template
    if dims.item is None or dims.scheme is None:
        lacking = "item" if dims.item is None else "scheme"
        raise base.refuse(
            f"模板没有说明它的 {lacking}；请在小节、行或列上补充",
            f"the template does not say its {lacking}; add it to a section, row or column",
        )
    kind = kind_of(dims.item)
    if dims.unit is None:
        raise base.refuse("没有单位；请在模板中写明 unit", "it has no unit; say one in the template")
    if dims.unit not in UNITS:
        raise base.refuse(
            f"单位“{dims.unit}”不认识；可用：{'、'.join(list(UNITS)[:10])}",
            f"the unit '{dims.unit}' is not known; known: {', '.join(list(UNITS)[:10])}",
        )
    base_unit, factor = UNITS[dims.unit]
    if base_unit != kind:
        raise base.refuse(
            f"单位“{dims.unit}”不是{dims.item}应有的单位（{kind}）",
            f"the unit '{dims.unit}' does not suit {dims.item} ({kind})",
        )
    try:
        number = parse_number(text)
    except NotANumber as error:
        raise base.refuse(f"“{text}”不是数字", f"'{text}' is not a number") from error
    if number is not None and _exponent((number * factor).normalize()) < -MAX_DECIMALS:
        raise base.refuse(
            f"“{text}”的小数位太多（换算成 {base_unit} 后超过 {MAX_DECIMALS} 位）；请按印刷的位数取整",
            f"'{text}' has too many decimals (more than {MAX_DECIMALS} in {base_unit}); round it as printed",
        )
    is_stock = dims.item in STOCKS and period.basis != "range"
    return ReadCell(
        statement_code=statement_code,
        sheet=base.sheet,
        cell=base.place,
        template=template.template,
        label=base.label,
        region_code=region_code,
        region_name=region_name,
        region_parent=region_parent,
        scheme_code=dims.scheme,
        fund_scope=dims.fund_scope or _default_scope(template, dims, kind),
        item=dims.item,
        total_of=";".join(dims.total_of) if dims.total_of else None,
        is_of_which=bool(dims.of_which),
        period=replace(period, basis="point", start=period.end) if is_stock else period,
        report_status=template.report_status,
        printed_value=text.strip(),
        printed_unit=dims.unit,
        base_unit=base_unit,
        value=None if number is None else number * factor,
        half_ulp=None if number is None else _half_ulp(number, factor, base_unit),
        source_title=title or template.source.title,
        publisher=publisher or template.source.publisher,
        reliability=reliability or template.source.reliability,
    )


def span_of(template: Template, basis: str, start: date | None, end: date, text: str, name: str) -> Span:
    """The period with the first day its basis implies; refused when the text says another one."""
    if basis == "ytd" and (end.month, end.day) == (12, 31):
        basis = "year"
    firsts = {
        "month": date(end.year, end.month, 1),
        "quarter": date(end.year, max(end.month - 2, 1), 1),
        "ytd": date(end.year, 1, 1),
        "year": date(end.year, 1, 1),
        "point": end,
    }
    first = firsts.get(basis, start)
    is_cut_off = (basis == "quarter" and end.month % 3 != 0) or (
        basis == "year" and (end.month, end.day) != (12, 31)
    )
    if is_cut_off or (start is not None and start != first):
        raise Refused(
            f"{name}：“{text}”与模板 {template.template} 的 period.basis {basis} 不符；请改 basis 或写明 start、end。",
            f"{name}: '{text}' does not agree with period.basis {basis} of the template {template.template}; "
            "change basis or say start and end.",
        )
    return Span(basis, first, end)


def cut_off(template: Template, grid: Grid, row: int, letter: str, label: str, name: str) -> Refused:
    """The refusal of a row that ends before a column the template reads: the file was cut off."""
    found = len(grid.rows[row - 1])
    return Refused(
        f"{name} 第 {row} 行“{label.strip()}”只有 {found} 栏，模板 {template.template} 要读到 {letter} 列；"
        "文件可能被截断，请从来源重新下载。",
        f"Row {row} '{label.strip()}' of {name} has only {found} fields, but the template {template.template} "
        f"reads up to column {letter}; the file may be cut off, download it again.",
    )


def text_at(grid: Grid, place: str) -> str:
    """The text at a place such as ``B3``; empty outside the grid."""
    found = CELL.match(place)
    return grid.at(int(found[2]), column_index_from_string(found[1])) if found else ""


def cells_of(result: Extract) -> Iterator[dict[str, object]]:
    """The read cells as rows of the contract ``statement_cell``, all as texts."""
    for cell in result.read:
        row = {key: value for key, value in vars(cell).items() if key != "period"}
        row |= {
            "period_basis": cell.period.basis,
            "period_start": cell.period.start.isoformat() if cell.period.start else None,
            "period_end": cell.period.end.isoformat(),
            "is_of_which": "true" if cell.is_of_which else "false",
            "value": None if cell.value is None else f"{cell.value:f}",
            "half_ulp": None if cell.half_ulp is None else f"{cell.half_ulp:f}",
        }
        yield row


def _half_ulp(number: Decimal, factor: Decimal, base_unit: str) -> Decimal:
    """Half a unit of the last printed digit; nothing for heads and visits counted one by one."""
    exponent = _exponent(number)
    if factor == 1 and base_unit != "yuan" and exponent <= 0:
        return Decimal(0)
    return Decimal("0.5") * Decimal(10) ** exponent * factor


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "parse_number gives finite numbers"
    return exponent


def _default_scope(template: Template, dims: Dims, kind: str | None) -> str:
    if kind != "yuan":
        return "all"
    return template.default_scope.get(dims.scheme or "") or template.default_scope.get("*", "pool")
