"""What a template makes of a printed cell: read with its meaning, or left with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from openpyxl.utils import column_index_from_string

from warehouse.statements.headings import (
    wrong_column,
    wrong_figures,
    wrong_rows_above,
    wrong_scope,
    wrong_unit,
)
from warehouse.statements.periods import Span
from warehouse.statements.sheet import Grid, Look
from warehouse.statements.template import CELL, Dims, Region, Template
from warehouse.statements.texts import NOTE_MARKS, NotANumber, Printed, is_number, read_printed
from warehouse.statements.titles import wrong_title_of_cell
from warehouse.statements.vocabulary import COUNTED, KINDS_ZH, UNITS, is_stock, kind_of
from warehouse.texts import Refused, Text

MAX_DECIMALS = 6
MAX_VALUE = Decimal("1e16")  # what the contract of statement_cell holds, in base units
MAX_PRINTED = 40
PERCENTAGE = re.compile(r"[-−(]?[\d.,]+[%％‰]\)?")
SHOWN = 8


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
    figure_kind: str
    printed_value: str
    printed_unit: str
    note_mark: str | None
    base_unit: str
    value: Decimal | None
    half_ulp: Decimal | None
    source_title: str
    publisher: str
    reliability: str


@dataclass(frozen=True)
class LeftCell:
    """A cell that holds something and was not read, with the reason; ``is_said`` where the template says it."""

    sheet: str
    cell: str
    text: str
    reason: Text
    is_said: bool = False
    is_data: bool = True


@dataclass
class Extract:
    """What a template makes of a file; ``regions`` by code, True for those that no list knows.

    ``other_sheets`` are those that the template does not read though they hold numbers.
    """

    read: list[ReadCell] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)
    regions: dict[str, tuple[Region, bool]] = field(default_factory=dict)
    doubts: list[Refused] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)

    @property
    def unread(self) -> list[LeftCell]:
        """Numbers that nobody said to leave; a year above the data heads a column."""
        return [
            cell
            for cell in self.left
            if not cell.is_said
            and (is_number(cell.text) or PERCENTAGE.fullmatch(cell.text))
            and (cell.is_data or not re.fullmatch(r"(19|20)\d{2}", cell.text))
        ]

    @property
    def skipped(self) -> list[LeftCell]:
        """Numbers that the template says to leave."""
        return [cell for cell in self.left if cell.is_said and is_number(cell.text)]

    @property
    def marked(self) -> list[ReadCell]:
        """Cells from which the mark of a note was taken off."""
        return [cell for cell in self.read if cell.note_mark]

    def remarks(self) -> Text | None:
        """What a person should know of the reading: numbers left, marks taken off, regions that are new."""
        counts = (
            ([cell.cell for cell in self.unread], "个数没有读", "numbers are not read"),
            ([cell.cell for cell in self.skipped], "个数按模板略过", "numbers are skipped by the template"),
            ([cell.cell for cell in self.marked], "格去掉了注释号", "marks of notes were taken off"),
            ([region.name for region in self.new_regions], "个地区是新的", "regions are new"),
            (self.other_sheets, "张有数的工作表没有读", "sheets with numbers are not read"),
        )
        said = [
            (f"{len(found)} {zh}（{_listed(found, '、')}）", f"{len(found)} {en} ({_listed(found, ', ')})")
            for found, zh, en in counts
            if found
        ]
        if not said:
            return None
        return Text("；".join(zh for zh, _ in said), "; ".join(en for _, en in said))

    @property
    def new_regions(self) -> list[Region]:
        """Regions that neither the project nor the template knows."""
        return [region for region, is_new in self.regions.values() if is_new]


def _listed(names: list[str], separator: str) -> str:
    return separator.join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


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
            f"{self.name} 的 {self.sheet}!{self.place}（“{self.label}”）：{zh}",
            f"{self.sheet}!{self.place} of {self.name} ('{self.label}'): {en}",
        )


@dataclass(frozen=True)
class Surroundings:
    """What stands around a number: how it looks, its column's headers, rows of words above, section, titles."""

    look: Look = field(default_factory=Look)
    headers: tuple[str, ...] = ()
    section: str = ""
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    own: Dims = field(default_factory=Dims)
    row: Dims = field(default_factory=Dims)
    remarks: tuple[str, ...] = ()
    is_unit_printed: bool = False
    doubts: list[Refused] = field(default_factory=list)


def read_cell(
    base: Place,
    dims: Dims,
    text: str,
    around: Surroundings,
    statement_code: str,
    region: Region,
    period: Span,
    title: str | None = None,
    publisher: str | None = None,
    reliability: str | None = None,
) -> ReadCell:
    """The cell at ``base`` with its meaning ``dims`` and its number.

    Raises ``Refused`` when the template leaves its item, scheme or unit open, when the table itself says
    another unit, period or item, or when the text is no number of this kind.
    """
    template = base.template
    if dims.item is None or dims.scheme is None:
        lacking = "item" if dims.item is None else "scheme"
        raise base.refuse(
            f"模板没有说明它的 {lacking}；请在小节、行或列上补充",
            f"the template does not say its {lacking}; add it to a section, row or column",
        )
    kind = kind_of(dims.item)
    assert kind is not None, "checked when loaded"
    printed, raised = _printed(base, text, around)
    unit = printed.unit or _declared_unit(base, dims, kind)
    base_unit, factor = UNITS[unit]
    if base_unit != kind:
        raise base.refuse(
            f"单位“{unit}”不是{dims.item}应有的单位（{KINDS_ZH[kind]}）",
            f"the unit '{unit}' does not suit {dims.item} ({kind})",
        )
    figures = dims.figures or template.figures
    _require_agreement(base, dims, unit, figures, period, around, is_own_unit=printed.unit is not None)
    number = printed.number
    if number is not None and (len(text.strip()) > MAX_PRINTED or abs(number) >= MAX_VALUE / factor):
        raise base.refuse(
            f"“{text.strip()[:MAX_PRINTED]}”{unit}大得不像一个数（换算后须小于 {MAX_VALUE:.0e}）；请核对单位与列",
            f"'{text.strip()[:MAX_PRINTED]}' {unit} is beyond any plausible size ({MAX_VALUE:.0e} in base units); look "
            "at unit and column",
        )
    value = None if number is None else number * factor
    if value is not None and kind in COUNTED and value != value.to_integral_value():
        raise base.refuse(
            f"“{text.strip()}”{unit}不是整数个人（换算后 {value.normalize():f}）；请核对单位与列",
            f"'{text.strip()}' {unit} is no whole number of persons ({value.normalize():f}); look at unit and column",
        )
    if value is not None and kind in COUNTED and value < 0:
        raise base.refuse(
            f"“{text.strip()}”是负数，{KINDS_ZH[kind]}不会小于 0；请核对列",
            f"'{text.strip()}' is negative, {kind} are never less than 0; look at the column",
        )
    if value is not None and _exponent(value.normalize()) < -MAX_DECIMALS:
        raise base.refuse(
            f"“{text}”的小数位太多（换算成 {base_unit} 后超过 {MAX_DECIMALS} 位）；请按印刷的位数取整",
            f"'{text}' has too many decimals (more than {MAX_DECIMALS} in {base_unit}); round it as printed",
        )
    is_point = is_stock(dims.item) and period.basis != "range"
    return ReadCell(
        statement_code=statement_code,
        sheet=base.sheet,
        cell=base.place,
        template=template.template,
        label=base.label,
        region_code=region.key,
        region_name=region.name,
        region_parent=region.parent,
        scheme_code=dims.scheme,
        fund_scope=_scope(base, dims, kind),
        item=dims.item,
        total_of=";".join(dims.total_of) if dims.total_of else None,
        is_of_which=bool(dims.of_which),
        period=replace(period, basis="point", start=period.end) if is_point else period,
        report_status=template.report_status,
        figure_kind=figures,
        printed_value=_without_unit(text.strip(), printed.unit),
        printed_unit=unit,
        note_mark=(printed.mark + raised) or None,
        base_unit=base_unit,
        value=value,
        half_ulp=None if number is None else half_ulp(decimals_of(number), factor, base_unit),
        source_title=title or template.source.title,
        publisher=publisher or template.source.publisher,
        reliability=reliability or template.source.reliability,
    )


def _printed(base: Place, text: str, around: Surroundings) -> tuple[Printed, str]:
    """What is printed, and the raised text beside it; refused where the reader sees another number."""
    look, shown = around.look, around.look.shown
    if look.is_struck:
        raise base.refuse(
            f"“{text.strip()}”被划掉了；请改正或清空后再送",
            f"'{text.strip()}' is struck out; correct or clear it",
        )
    if look.raised and look.text is None:
        raise base.refuse(
            f"“{text.strip()}”是或含有上标“{look.raised}”，分不清是数字还是注释号；请在表中改正",
            f"'{text.strip()}' is or holds the raised '{look.raised}', a digit or the mark of a note; correct it",
        )
    if shown is not None and shown.scaling is not None:
        if base.template.scaled is None and "%" not in shown.text:
            raise base.refuse(
                f"存的是 {text.strip()}，格式 {shown.scaling} 显示为“{shown.text}”；"
                "请在模板写 scaled: shown（读显示的数）或 scaled: stored（读存的数），并核对单位",
                f"{text.strip()} is stored and the format {shown.scaling} shows '{shown.text}'; say scaled: shown "
                "(read what is shown) or scaled: stored in the template, and look at the unit",
            )
        text = text if base.template.scaled == "stored" else shown.text
    try:
        return read_printed(text), look.raised
    except NotANumber as error:
        raise base.refuse(
            f"“{' '.join(text.split())}”{error.reason.zh}", f"'{' '.join(text.split())}' {error.reason.en}"
        ) from error


def _without_unit(text: str, unit: str | None) -> str:
    """The number as printed; the unit behind it has a column of its own (which may be in other characters)."""
    return text[: len(text) - len(unit)].rstrip() if unit and not NOTE_MARKS.search(text) else text


def _declared_unit(base: Place, dims: Dims, kind: str) -> str:
    if dims.unit is None:
        raise base.refuse("没有单位；请在模板中写明 unit", "it has no unit; say one in the template")
    if dims.unit not in UNITS:
        known = [unit for unit in UNITS if not unit.isascii()]
        raise base.refuse(
            f"单位“{dims.unit}”不认识；可用：{'、'.join(known)}",
            f"the unit '{dims.unit}' is not known; known: {', '.join(known)}",
        )
    is_only_default = dims.unit == base.template.unit and UNITS[dims.unit][0] != kind
    return "个月" if kind == "months" and is_only_default else dims.unit


def _require_agreement(
    base: Place, dims: Dims, unit: str, figures: str, period: Span, around: Surroundings, *, is_own_unit: bool
) -> None:
    """The table's own words on unit, period and kind must not contradict the template."""
    assert dims.item is not None, "checked before"
    assert dims.scheme is not None, "checked before"
    headers = list(around.headers)
    above = [[text] for text in (*around.remarks, *headers)]
    levels = [[base.label], *above, [around.section], list(around.titles)]
    moved = wrong_column(around.own, dims.item, dims.scheme, period, headers)
    if moved is not None:
        around.doubts.append(base.refuse(*moved))
        return
    wrong = wrong_rows_above(
        around.row, around.own.period is not None, dims.item, dims.scheme, period, list(around.remarks)
    )
    kind = kind_of(dims.item)
    if wrong is None and kind == "yuan":
        scope = _scope(base, dims, kind)
        wrong = wrong_scope(
            dims.item, scope, [base.label, *headers, *around.remarks, around.section, *around.titles]
        )
    if wrong is None and not (is_own_unit or around.is_unit_printed):
        above_data = [text for text in around.titles if text not in around.notes]
        wrong = wrong_unit(unit, [*levels[:-1], above_data], list(around.notes))
    wrong = wrong or wrong_figures(figures, base.label, levels[1:])
    near = [base.label, *headers, *around.remarks, around.section]
    if wrong is None and base.template.layout == "grid":
        wrong = wrong_title_of_cell(dims.scheme, period, near, list(around.titles))
    if wrong is not None:
        raise base.refuse(*wrong)


def with_common_decimals(cells: list[ReadCell]) -> list[ReadCell]:
    """A spreadsheet drops the last zero: a number counts as printed to the decimals of its table and unit.

    Those that at least half of the numbers of the table in this unit have; finer ones keep their own.
    """
    decimals: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        if cell.value:
            decimals.setdefault((cell.statement_code, cell.printed_unit), []).append(_decimals(cell))
    common = {key: sorted(found)[len(found) // 2] for key, found in decimals.items()}
    widened = []
    for cell in cells:
        usual = common.get((cell.statement_code, cell.printed_unit), 0)
        if cell.value is not None and _decimals(cell) < usual:
            factor = UNITS[cell.printed_unit][1]
            widened.append(replace(cell, half_ulp=half_ulp(usual, factor, cell.base_unit)))
        else:
            widened.append(cell)
    return widened


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


def half_ulp(decimals: int, factor: Decimal, base_unit: str) -> Decimal:
    """Half a unit of the last printed digit; nothing for heads and visits counted one by one."""
    if factor == 1 and base_unit in COUNTED and decimals >= 0:
        return Decimal(0)
    return max(Decimal("0.5").scaleb(-decimals) * factor, Decimal(1).scaleb(-MAX_DECIMALS))


def decimals_of(number: Decimal) -> int:
    """How many decimals a number is printed with; negative for 1.2E+07."""
    return -_exponent(number)


def _decimals(cell: ReadCell) -> int:
    number = read_printed(cell.printed_value).number if cell.value is not None else None
    return decimals_of(number) if number is not None else 0


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "parse_number gives finite numbers"
    return exponent


def _scope(base: Place, dims: Dims, kind: str) -> str:
    """The fund scope: heads have none, amounts the template's; months only what is said of them."""
    if kind in COUNTED:
        if dims.fund_scope not in (None, "all"):
            raise base.refuse(
                f"人数、人次不分基金口径（写了 fund_scope: {dims.fund_scope}）；统账结合、单建统筹请写成分项，"
                "如 item: enrolled_persons.pool_and_account",
                f"heads and visits have no fund_scope ({dims.fund_scope} is said); write kinds of insured as parts, "
                "such as item: enrolled_persons.pool_and_account",
            )
        return "all"
    if dims.fund_scope:
        return dims.fund_scope
    if kind == "months":
        return "pool" if dims.scheme == "resident" else "unstated"
    scopes = base.template.default_scope
    return scopes.get(dims.scheme or "") or scopes.get("*", "pool")
