"""Reading a file by a template: every cell is either read, or left with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import PurePath

from openpyxl.utils import column_index_from_string, get_column_letter

from warehouse.ingest.archive import DATE_IN_NAME
from warehouse.statements.periods import Span, parse_period
from warehouse.statements.sheet import Book, Grid
from warehouse.statements.template import (
    CELL,
    FROM_LABEL,
    Dims,
    ListColumn,
    Override,
    Region,
    Template,
    shipped_regions,
)
from warehouse.statements.texts import NotANumber, label_key, label_matches, parse_number
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


def recognises(template: Template, book: Book, name: str, *, needs_name: bool) -> Text | None:
    """None when the template fits the file, else the first thing that differs."""
    pattern = template.recognise.file_name
    if needs_name and pattern and not re.search(pattern, PurePath(name).name):
        return Text(f"文件名不符合 {pattern}", f"the file name does not match {pattern}")
    grid = _sheet_of(template, book)
    if grid is None:
        return Text(f"没有工作表 {template.sheet}", f"there is no sheet {template.sheet}")
    for place, wanted in template.recognise.cells.items():
        found = _at(grid, place)
        if not label_matches(wanted, found):
            return Text(
                f"{place} 应为“{wanted}”,实为“{found}”", f"{place} should be '{wanted}' but is '{found}'"
            )
    return None


def extract(template: Template, book: Book, name: str) -> Extract:
    """Read ``book`` by ``template``; raises ``Refused`` when a cell cannot be what the template says."""
    grid = _sheet_of(template, book)
    assert grid is not None, "recognises() comes first"
    result = (
        _read_list(template, grid, name) if template.layout == "list" else _read_grid(template, grid, name)
    )
    _require_one_cell_each(result, name)
    if not result.read:
        raise Refused(
            f"按模板 {template.template} 在 {name} 中一个单元格也没有读到。",
            f"The template {template.template} reads no cell of {name}.",
        )
    return result


def _require_one_cell_each(result: Extract, name: str) -> None:
    seen: dict[tuple[str, str, str, str, str, bool], str] = {}
    for cell in result.read:
        key = (
            cell.statement_code,
            cell.region_code,
            cell.scheme_code,
            cell.fund_scope,
            cell.item,
            cell.is_of_which,
        )
        if key in seen:
            raise Refused(
                f"{name} 的 {seen[key]} 与 {cell.cell} 被读成同一项"
                f"({cell.scheme_code}、{cell.fund_scope}、{cell.item});请在模板中区分,或把其一标为 of_which 或 skip。",
                f"{seen[key]} and {cell.cell} of {name} are read as the same thing ({cell.scheme_code}, "
                f"{cell.fund_scope}, {cell.item}); tell them apart in the template, or mark one of_which or skip.",
            )
        seen[key] = cell.cell


def _read_grid(template: Template, grid: Grid, name: str) -> Extract:
    assert template.region is not None, "checked when loaded"
    period = _period(template, grid, name)
    defaults = Dims(unit=template.unit)
    section, section_label = Dims(), ""
    result = Extract()
    label_column = column_index_from_string(template.label)
    unit_column = column_index_from_string(template.unit_column) if template.unit_column else None
    columns = {column_index_from_string(key): value for key, value in template.columns.items()}
    last = min(template.last_row or len(grid.rows), len(grid.rows))
    for row in range(1, len(grid.rows) + 1):
        label = grid.at(row, label_column)
        if row < template.first_row or row > last:
            _leave_row(
                result, grid, row, Text("模板所说的数据行之外", "outside the data rows of the template")
            )
            continue
        begun = _lookup(template.sections, label)
        if begun is not None and not any(grid.at(row, column).strip() for column in columns):
            section, section_label = begun, label
            _leave_row(result, grid, row, Text("小节标题", "a section heading"))
            continue
        in_section = {pattern: value for pattern, value in template.rows.items() if "/" in pattern}
        dims = _lookup(in_section, f"{label_key(section_label)}/{label_key(label)}")
        dims = dims or _lookup(template.rows, label)
        if dims is None:
            _require_nothing_unknown(template, grid, row, columns, label, name)
            _leave_row(result, grid, row, Text("没有这样的行标签", "no such row label in the template"))
            continue
        if dims.skip:
            _leave_row(
                result, grid, row, Text(f"按模板略过:{dims.skip}", f"skipped by the template: {dims.skip}")
            )
            continue
        _require_whole_row(template, grid, row, columns, label, name)
        for column in range(1, len(grid.rows[row - 1]) + 1):
            text = grid.at(row, column)
            if column in (label_column, unit_column) or not text.strip():
                continue
            own = columns.get(column)
            if own is None:
                _leave(result, grid, row, column, Text("模板没有这一列", "the template has no such column"))
                continue
            assert isinstance(own, Dims | ListColumn)
            column_dims = own if isinstance(own, Dims) else Dims()
            if column_dims.skip:
                _leave(result, grid, row, column, Text(f"按模板略过:{column_dims.skip}", column_dims.skip))
                continue
            printed_unit = grid.at(row, unit_column).strip() if unit_column else ""
            merged = _merge(defaults, section, dims, column_dims)
            if printed_unit:
                merged = merged.model_copy(update={"unit": label_key(printed_unit)})
            place = f"{get_column_letter(column)}{row}"
            base = _Base(template, grid.sheet, place, label.strip(), name)
            region = _region_of(template, merged, label)
            result.read.append(
                _read_cell(
                    base,
                    merged,
                    text,
                    f"{template.template}_{period.end}",
                    region.key,
                    region.name,
                    region.parent,
                    period,
                )
            )
    return result


def _read_list(template: Template, grid: Grid, name: str) -> Extract:
    header = {
        label_key(text): column for column, text in enumerate(grid.rows[template.first_row - 2], start=1)
    }
    result = Extract()
    fields = {key: value for key, value in template.columns.items() if isinstance(value, ListColumn)}
    for each in fields.values():
        for column_name in (each.column, *each.join):
            if column_name and label_key(column_name) not in header:
                raise Refused(
                    f"{name} 没有模板 {template.template} 所说的列 {column_name}。",
                    f"{name} has no column {column_name}, which the template {template.template} names.",
                )
    for row in range(template.first_row, len(grid.rows) + 1):
        if not any(text.strip() for text in grid.rows[row - 1]):
            continue
        if len(grid.rows[row - 1]) < len(header):
            raise _cut_off(template, grid, row, get_column_letter(len(header)), grid.at(row, 1), name)
        words = {key: _list_value(each, grid, row, header) for key, each in fields.items()}
        for override in template.overrides:
            if _applies(override, grid, row, header):
                words |= override.set
        place = f"{_letter(fields['value'], header)}{row}"
        if words.get("skip"):
            result.left.append(
                LeftCell(
                    grid.sheet, place, words["value"] or "", Text(str(words["skip"]), str(words["skip"]))
                )
            )
            continue
        base = _Base(template, grid.sheet, place, str(words.get("label") or words["item"] or ""), name)
        dims = _dims_of(base, words)
        period = _list_period(base, words)
        region_name = words["region_name"] or ""
        result.read.append(
            _read_cell(
                base,
                dims,
                words["value"] or "",
                words.get("statement") or f"{template.template}_{region_name}_{period.end}",
                words.get("region_code") or f"x-{region_name}",
                region_name,
                words.get("region_parent") or "all",
                period,
                title=words.get("source_title"),
                publisher=words.get("publisher"),
                reliability=words.get("reliability"),
            )
        )
    return result


@dataclass(frozen=True)
class _Base:
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


def _read_cell(
    base: _Base,
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
    template = base.template
    if dims.item is None or dims.scheme is None:
        lacking = "item" if dims.item is None else "scheme"
        raise base.refuse(
            f"模板没有说明它的 {lacking};请在小节、行或列上补充",
            f"the template does not say its {lacking}; add it to a section, row or column",
        )
    kind = kind_of(dims.item)
    if dims.unit is None:
        raise base.refuse("没有单位;请在模板中写明 unit", "it has no unit; say one in the template")
    if dims.unit not in UNITS:
        raise base.refuse(
            f"单位“{dims.unit}”不认识;可用:{'、'.join(list(UNITS)[:10])}",
            f"the unit '{dims.unit}' is not known; known: {', '.join(list(UNITS)[:10])}",
        )
    base_unit, factor = UNITS[dims.unit]
    if base_unit != kind:
        raise base.refuse(
            f"单位“{dims.unit}”不是{dims.item}应有的单位({kind})",
            f"the unit '{dims.unit}' does not suit {dims.item} ({kind})",
        )
    try:
        number = parse_number(text)
    except NotANumber as error:
        raise base.refuse(f"“{text}”不是数字", f"'{text}' is not a number") from error
    if number is not None and _exponent((number * factor).normalize()) < -MAX_DECIMALS:
        raise base.refuse(
            f"“{text}”的小数位太多(换算成 {base_unit} 后超过 {MAX_DECIMALS} 位);请按印刷的位数取整",
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


def _region_of(template: Template, dims: Dims, label: str) -> Region:
    """The region of a cell: the template's, or the one that its row or column names.

    A named region is looked up in the template's ``regions``, then in the shipped list; one that
    neither knows is declared by its name, under the template's region.
    """
    assert template.region is not None, "checked when loaded"
    if dims.region is None:
        return template.region
    name = label if dims.region == FROM_LABEL else dims.region
    for pattern, region in template.regions.items():
        if label_matches(pattern, name):
            return region
    if label_key(name) == label_key(template.region.name):
        return template.region
    return shipped_regions().get(label_key(name)) or Region(name=name.strip(), parent=template.region.key)


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


def _merge(*parts: Dims) -> Dims:
    merged: dict[str, object] = {}
    for part in parts:
        merged |= part.model_dump(exclude_none=True)
    return Dims.model_validate(merged)


def _lookup(known: dict[str, Dims], label: str) -> Dims | None:
    if not label.strip().strip("/"):
        return None
    return next((dims for pattern, dims in known.items() if label_matches(pattern, label)), None)


def _require_nothing_unknown(
    template: Template, grid: Grid, row: int, columns: dict[int, Dims | ListColumn], label: str, name: str
) -> None:
    """A labelled row with numbers that the template does not know would be lost in silence."""
    for column in columns:
        text = grid.at(row, column)
        try:
            is_number = parse_number(text) is not None
        except NotANumber:
            continue
        if is_number:
            raise Refused(
                f"{name} 第 {row} 行“{label.strip()}”有数字 {text.strip()},模板 {template.template} 没有这一行;"
                "请在 rows 中加上它,或写 skip: 理由。",
                f"Row {row} '{label.strip()}' of {name} holds {text.strip()}, but the template "
                f"{template.template} has no such row; add it under rows, or say skip: reason.",
            )


def _require_whole_row(
    template: Template, grid: Grid, row: int, columns: dict[int, Dims | ListColumn], label: str, name: str
) -> None:
    """A CSV row that ends before the last column to be read was cut off; blank cells still have commas."""
    last = max((key for key, value in columns.items() if not getattr(value, "skip", None)), default=0)
    if grid.sheet == "csv" and len(grid.rows[row - 1]) < last:
        raise _cut_off(template, grid, row, get_column_letter(last), label, name)


def _cut_off(template: Template, grid: Grid, row: int, letter: str, label: str, name: str) -> Refused:
    found = len(grid.rows[row - 1])
    return Refused(
        f"{name} 第 {row} 行“{label.strip()}”只有 {found} 栏,模板 {template.template} 要读到 {letter} 列;"
        "文件可能被截断,请从来源重新下载。",
        f"Row {row} '{label.strip()}' of {name} has only {found} fields, but the template {template.template} "
        f"reads up to column {letter}; the file may be cut off, download it again.",
    )


def _leave_row(result: Extract, grid: Grid, row: int, reason: Text) -> None:
    for column in range(1, len(grid.rows[row - 1]) + 1):
        if grid.at(row, column).strip():
            _leave(result, grid, row, column, reason)


def _leave(result: Extract, grid: Grid, row: int, column: int, reason: Text) -> None:
    place = f"{get_column_letter(column)}{row}"
    result.left.append(LeftCell(grid.sheet, place, grid.at(row, column).strip(), reason))


def _period(template: Template, grid: Grid, name: str) -> Span:
    period = template.period
    assert period is not None
    basis = period.basis or "ytd"
    if period.end is not None:
        return _span(template, basis, period.start, period.end, str(period.end), name)
    where = period.read_from or "file_name"
    text = DATE_IN_NAME.sub("", PurePath(name).stem) if where == "file_name" else _at(grid, where)
    try:
        found = parse_period(text, period.pattern)
    except (ValueError, KeyError, IndexError, re.error) as error:
        raise Refused(
            f"{name}:模板 {template.template} 不能从“{text}”读出时期({error})。",
            f"{name}: the template {template.template} cannot read a period from '{text}' ({error}).",
        ) from error
    if found is None:
        raise Refused(
            f"{name}:模板 {template.template} 在“{text}”中找不到时期(如 2022年1-9月、2023Q1);请写 period.end。",
            f"{name}: the template {template.template} finds no period in '{text}' (such as 2022年1-9月, 2023Q1); "
            "say period.end.",
        )
    start, end = found
    named = None if (start.month == 1 or basis == "point") else start
    return _span(template, basis, named, end, text, name)


def _span(template: Template, basis: str, start: date | None, end: date, text: str, name: str) -> Span:
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
            f"{name}:“{text}”与模板 {template.template} 的 period.basis {basis} 不符;请改 basis 或写明 start、end。",
            f"{name}: '{text}' does not agree with period.basis {basis} of the template {template.template}; "
            "change basis or say start and end.",
        )
    return Span(basis, first, end)


def _list_value(each: ListColumn, grid: Grid, row: int, header: dict[str, int]) -> str | None:
    names = each.join or ((each.column,) if each.column else ())
    text = "/".join(grid.at(row, header[label_key(name)]).strip() for name in names if name)
    if not each.map:
        return text or each.default
    for pattern, target in each.map.items():
        if label_matches(pattern, text):
            if target and "{*}" in target:
                prefix = label_key(pattern).split("*", 1)[0]
                target = target.replace("{*}", label_key(text).removeprefix(prefix))
            return target
    return each.default if each.default is not None else (text or None)


def _applies(override: Override, grid: Grid, row: int, header: dict[str, int]) -> bool:
    return all(
        label_key(name) in header and label_matches(wanted, grid.at(row, header[label_key(name)]))
        for name, wanted in override.when.items()
    )


def _dims_of(base: _Base, words: dict[str, str | None]) -> Dims:
    try:
        return Dims(
            item=words["item"],
            scheme=words["scheme"],
            fund_scope=words.get("fund_scope"),
            unit=label_key(words["unit"] or ""),
            total_of=tuple((words.get("total_of") or "").split(";")) if words.get("total_of") else None,
            of_which=words.get("of_which") == "true",
        )
    except ValueError as error:
        reason = str(error).split("\n")[2].strip() if "\n" in str(error) else str(error)
        raise base.refuse(f"读法不成立:{reason}", f"it cannot be read so: {reason}") from error


def _list_period(base: _Base, words: dict[str, str | None]) -> Span:
    try:
        end = date.fromisoformat(words["period_end"] or "")
        start = date.fromisoformat(words["period_start"] or "") if words.get("period_start") else None
    except ValueError as error:
        raise base.refuse(
            f"时期“{words.get('period_end')}”不是日期;请在模板 overrides 中说明",
            f"the period '{words.get('period_end')}' is no date; say it under overrides in the template",
        ) from error
    basis = words["period_basis"] or "range"
    is_whole_year = basis == "ytd" and (end.month, end.day) == (12, 31)
    return Span("year" if is_whole_year else basis, start, end)


def _letter(each: ListColumn, header: dict[str, int]) -> str:
    return get_column_letter(header[label_key(each.column or "")])


def _sheet_of(template: Template, book: Book) -> Grid | None:
    if isinstance(template.sheet, str):
        return next((grid for grid in book.grids if grid.sheet == template.sheet), None)
    position = (template.sheet or 1) - 1
    return book.grids[position] if position < len(book.grids) else None


def _at(grid: Grid, place: str) -> str:
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
