"""The grid layout: labels down, columns across, sections between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath

from openpyxl.utils import column_index_from_string, get_column_letter

from warehouse.ingest.archive import DATE_IN_NAME
from warehouse.statements.cells import (
    Extract,
    LeftCell,
    Place,
    Surroundings,
    cut_off,
    read_cell,
    span_of,
    text_at,
)
from warehouse.statements.headings import Headings, item_of, names_scheme_or_item
from warehouse.statements.periods import (
    Span,
    parse_period,
    says_from_january,
    year_before,
)
from warehouse.statements.regions import no_region, reads_like_a_region, region_named, require_no_subtotal
from warehouse.statements.sheet import Grid
from warehouse.statements.template import CELL, FROM_LABEL, LAST_YEAR, Dims, Template
from warehouse.statements.texts import is_number, label_key, label_matches
from warehouse.statements.titles import refuse_other_period, refuse_other_table
from warehouse.statements.vocabulary import kind_of
from warehouse.texts import Refused, Text

OUTSIDE = Text("模板所说的数据行之外", "outside the data rows of the template")
HEADER_AGAIN = Text("重复的表头", "the header once more")
HEADING = Text("小节标题", "a section heading")
NO_LABEL = Text("没有这样的行标签", "no such row label in the template")
NO_COLUMN = Text("模板没有这一列", "the template has no such column")
BARE_YEAR = re.compile(r"^\s*(?:19|20)\d{2}\s*$")


@dataclass
class _Side:
    """Columns that share their labels; a form may have two beside each other."""

    labels: tuple[int, ...]
    columns: dict[int, Dims]
    others: set[int] = field(default_factory=set)
    section: Dims = field(default_factory=Dims)
    section_label: str = ""
    above: tuple[str, ...] = ()
    remarks: list[tuple[int, str]] = field(default_factory=list)

    def remarks_on(self, column: int) -> tuple[str, ...]:
        """What rows without numbers said above, the nearest first; a text over a column is said of it alone."""
        return tuple(text for place, text in reversed(self.remarks) if place in (0, column))

    def begin_section(self) -> None:
        """A section of the template ends what an unknown one said of schemes and items, not of units or years."""
        self.remarks = [(place, text) for place, text in self.remarks if not names_scheme_or_item(text)]

    @property
    def letter(self) -> str:
        return get_column_letter(self.labels[-1])


@dataclass
class _Reading:
    """A grid while it is read by a template."""

    template: Template
    grid: Grid
    name: str
    period: Span
    headings: Headings
    result: Extract

    def leave(self, row: int, column: int, reason: Text, *, is_said: bool = False) -> None:
        text = self.grid.at(row, column).strip()
        if text:
            place = f"{get_column_letter(column)}{row}"
            is_data = row >= self.template.first_row
            self.result.left.append(LeftCell(self.grid.sheet, place, text, reason, is_said, is_data))

    def leave_side(self, side: _Side, row: int, reason: Text, *, is_said: bool = False) -> None:
        for column in sorted({*side.labels, *side.columns, *side.others}):
            self.leave(row, column, reason, is_said=is_said)


def read_grid(template: Template, grid: Grid, name: str) -> Extract:
    """Every cell of ``grid``; raises ``Refused`` for a labelled row with numbers that the template lacks."""
    assert template.region is not None, "checked when loaded"
    headings = Headings(grid, template.first_row, _skipped_rows(template, grid))
    reading = _Reading(template, grid, name, _period(template, headings, name), headings, Extract())
    width = max((len(row) for row in grid.rows), default=0)
    sides = _sides(template, width)
    above = template.first_row - 2
    header = [label_key(text) for text in grid.rows[above]] if 0 <= above < len(grid.rows) else []
    last = min(template.last_row or len(grid.rows), len(grid.rows))
    for row in range(1, len(grid.rows) + 1):
        keys = [label_key(text) for text in grid.rows[row - 1]]
        is_header_again = row >= template.first_row and keys == header and any(header[1:])
        for side in sides:
            if row < template.first_row or row > last:
                reading.leave_side(side, row, OUTSIDE)
            elif is_header_again:
                reading.leave_side(side, row, HEADER_AGAIN, is_said=True)
            else:
                _read_row(reading, side, row)
    for side in sides:
        _doubt_columns_elsewhere(reading, side)
        _doubt_columns_without_header(reading, side)
    require_no_subtotal(template, grid, reading.result, name)
    return reading.result


def _skipped_rows(template: Template, grid: Grid) -> frozenset[int]:
    """Rows that the template says to leave by one of their texts."""
    return frozenset(
        row
        for row, texts in enumerate(grid.rows, 1)
        if any(dims.skip for text in texts if (dims := _lookup(template.rows, text)))
    )


def _sides(template: Template, width: int) -> list[_Side]:
    sides: dict[tuple[int, ...], _Side] = {}
    usual = tuple(column_index_from_string(letter) for letter in template.labels)
    unit_column = column_index_from_string(template.unit_column) if template.unit_column else 0
    for letter, dims in template.columns.items():
        own = dims if isinstance(dims, Dims) else Dims()
        labels = (column_index_from_string(own.label),) if own.label else usual
        side = sides.setdefault(labels, _Side(labels, {}))
        side.columns[column_index_from_string(letter)] = own
    known = {unit_column, *(place for side in sides.values() for place in (*side.labels, *side.columns))}
    ordered = sorted(sides.values(), key=lambda side: side.labels)
    for column in range(1, width + 1):
        if column not in known:
            before = [side for side in ordered if side.labels[0] < column]
            (before[-1] if before else ordered[0]).others.add(column)
    return ordered


def _read_row(reading: _Reading, side: _Side, row: int) -> None:
    template, grid = reading.template, reading.grid
    texts = _labels_of(side, grid, row)
    label = next((text for text in reversed(texts) if text.strip()), "")
    filled = any(grid.at(row, column).strip() for column in side.columns)
    if len(side.labels) > 1:
        side.section_label = "/".join(texts[:-1]) if texts[-1].strip() else ""
        side.section = _lookup(template.sections, texts[0]) or Dims()
    else:
        begun = _lookup(template.sections, label)
        if begun is not None:
            side.begin_section()
            side.section, side.section_label = begun, label
            if not filled:
                reading.leave_side(side, row, HEADING)
                return
    dims = _row_dims(template, side, label)
    if dims is None:
        _require_nothing_unknown(reading, side, row, label)
        for column in sorted({*side.labels, *side.columns, *side.others}):
            text = grid.at(row, column).strip()
            if text and not is_number(text):
                is_of_column = column in side.columns and "单位" not in text
                side.remarks.append((column if is_of_column else 0, text))
        reading.leave_side(side, row, NO_LABEL)
        return
    if dims.skip:
        reason = Text(f"按模板略过：{dims.skip}", f"skipped by the template: {dims.skip}")
        reading.leave_side(side, row, reason, is_said=True)
        return
    _require_whole_row(reading, side, row, label)
    for column in side.others:
        reading.leave(row, column, NO_COLUMN)
    for column, own in side.columns.items():
        if not grid.at(row, column).strip():
            continue
        if own.skip:
            reading.leave(row, column, Text(f"按模板略过：{own.skip}", own.skip), is_said=True)
            continue
        _read(reading, side, row, column, dims, "".join(texts), label)


def _read(reading: _Reading, side: _Side, row: int, column: int, dims: Dims, labels: str, label: str) -> None:
    template, grid = reading.template, reading.grid
    own = side.columns[column]
    _require_own_value(reading, side, row, column, label)
    merged = _merge(Dims(unit=template.unit), side.section, dims, own)
    printed_unit = (
        grid.at(row, column_index_from_string(template.unit_column)).strip() if template.unit_column else ""
    )
    if printed_unit:
        merged = merged.model_copy(update={"unit": label_key(printed_unit)})
    base = Place(template, grid.sheet, f"{get_column_letter(column)}{row}", label.strip(), reading.name)
    region, is_new = region_named(base, merged, label)
    reading.result.regions.setdefault(region.key, (region, is_new))
    is_doubtful = is_new and merged.region == FROM_LABEL and not merged.total_of
    if is_doubtful and not reads_like_a_region(region.name):
        reading.result.doubts.append(no_region(base, label))
    period = _period_of(reading, base, merged, labels)
    totals = tuple(
        dict.fromkeys(_parts_of(base, each) for each in (side.section, dims, own) if each.total_of)
    )
    around = Surroundings(
        look=grid.look(row, column),
        headers=tuple(reading.headings.of(column)),
        section=side.section_label,
        row=dims,
        remarks=side.remarks_on(column),
        titles=tuple(reading.headings.titles),
        notes=tuple(reading.headings.notes),
        own=own.model_copy(update={"period": merged.period}),
        is_unit_printed=bool(printed_unit),
        doubts=reading.result.doubts,
    )
    code = _statement_code(reading, merged, period)
    cell = read_cell(base, merged, grid.at(row, column), around, code, region, period)
    reading.result.read.append(replace(cell, total_of="|".join(totals) or None))


def _parts_of(base: Place, dims: Dims) -> str:
    """What a total is made of, in codes: schemes, ``regions``, ``regions:`` and codes, ``items:`` and items."""
    parts = dims.total_of or ()
    if all(kind_of(part) for part in parts):
        return "items:" + ";".join(parts)
    if all(part.isascii() for part in parts):
        return ";".join(parts)
    return "regions:" + ";".join(region_named(base, Dims(region=part), part)[0].key for part in parts)


def _require_own_value(reading: _Reading, side: _Side, row: int, column: int, label: str) -> None:
    """A number in a merged cell that stands beside several labels or under several columns is nobody's own."""
    last_row, last_column = reading.grid.merged.get((row, column), (row, column))
    labels = [
        text
        for each in range(row + 1, last_row + 1)
        if (text := reading.grid.at(each, side.labels[-1]).strip())
    ]
    columns = [each for each in range(column + 1, last_column + 1) if each in side.columns]
    if labels or any(not side.columns[each].skip for each in columns):
        place = f"{get_column_letter(column)}{row}"
        end = f"{get_column_letter(last_column)}{last_row}"
        way = "down" if last_column == column else "across" if last_row == row else "down and across"
        raise Refused(
            f"{reading.name} 的 {place}（“{label.strip()}”）与 {end} 合并成一格，说不清这个数属于哪一行哪一列；"
            "请拆分单元格，或对它写 skip。",
            f"{place} ('{label.strip()}') of {reading.name} is merged {way} to {end}: whose number it is cannot be "
            "told; split the cell, or skip it.",
        )


def _doubt_columns_elsewhere(reading: _Reading, side: _Side) -> None:
    """A column whose header names no item, while a column that is not read bears that name, has moved."""
    named = {item_of(reading.headings.of(column)): column for column in side.others}
    for column, own in side.columns.items():
        headers = reading.headings.of(column)
        if (
            own.skip
            or own.item is None
            or own.item not in named
            or item_of(headers) is not None
            or not headers
        ):
            continue
        elsewhere = get_column_letter(named[own.item])
        shown = " ".join(headers[0].split())
        reading.result.doubts.append(
            Refused(
                f"{reading.name} 的 {get_column_letter(column)} 列表头是“{shown}”，模板读作 {own.item}，而没有读的 "
                f"{elsewhere} 列表头才像它；列可能移动了，请核对模板的 columns（不读的列写 skip）。",
                f"Column {get_column_letter(column)} of {reading.name} is headed '{shown}' and read as {own.item}, but "
                f"column {elsewhere}, which is not read, bears that name; look at columns of the template, or skip it.",
            )
        )


def _doubt_columns_without_header(reading: _Reading, side: _Side) -> None:
    """A column without any header among columns that have one may be another than the template means."""
    template, headings = reading.template, reading.headings
    headed = {column for column, own in side.columns.items() if headings.of(column)}
    pinned = {
        column_index_from_string(place.rstrip("0123456789"))
        for place in template.recognise.cells
        if int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) < template.first_row
    }
    filled = {re.sub(r"\d", "", cell.cell) for cell in reading.result.read}
    for column, own in side.columns.items():
        letter = get_column_letter(column)
        if own.item is None or own.skip or column in headed | pinned or not headed or letter not in filled:
            continue
        place = f"{letter}{template.first_row - 1}"
        reading.result.doubts.append(
            Refused(
                f"{reading.name} 的 {letter} 列没有表头，模板读作 {own.item}；列可能移动了，请核对；确是它就在 "
                f'recognise.cells 写 {place}: ""。',
                f"Column {letter} of {reading.name} has no header and is read as {own.item}; the columns may have "
                f'moved; if it is right, say {place}: "" under recognise.cells.',
            )
        )


def _statement_code(reading: _Reading, dims: Dims, period: Span) -> str:
    """One for each period, basis and kind of figures, so that only what belongs together is added up."""
    main = reading.period
    parts = [reading.template.template, str(main.end)]
    if period.end != main.end:
        parts.append(str(period.end))
    if period.basis != main.basis:
        parts.append(period.basis)
    if (dims.figures or reading.template.figures) == "budget":
        parts.append("budget")
    return "_".join(parts)


def _labels_of(side: _Side, grid: Grid, row: int) -> tuple[str, ...]:
    """The texts of the label columns; those before the last stand for the rows below (merged cells)."""
    texts = [grid.at(row, column) for column in side.labels]
    if len(texts) == 1 or not any(text.strip() for text in texts):
        return tuple(texts)
    for place, text in enumerate(texts[:-1]):
        if text.strip():
            break
        if place < len(side.above):
            texts[place] = side.above[place]
    side.above = tuple(texts[:-1])
    return tuple(texts)


def _row_dims(template: Template, side: _Side, label: str) -> Dims | None:
    in_section = {pattern: value for pattern, value in template.rows.items() if "/" in pattern}
    section = "/".join(label_key(part) for part in side.section_label.split("/"))
    for before in (section, side.letter):
        found = _lookup(in_section, f"{before}/{label_key(label)}") if label.strip() else None
        if found is not None:
            return found
    found = _lookup({key: value for key, value in template.rows.items() if "/" not in key}, label)
    if found is None and label.strip() and label == side.section_label:
        return Dims()  # a heading that carries numbers itself
    return found


def _merge(*parts: Dims) -> Dims:
    merged: dict[str, object] = {}
    for part in parts:
        merged |= part.model_dump(exclude_none=True)
    return Dims.model_validate(merged)


def _lookup(known: dict[str, Dims], label: str) -> Dims | None:
    if not label.strip().strip("/"):
        return None
    return next((dims for pattern, dims in known.items() if label_matches(pattern, label)), None)


def _require_nothing_unknown(reading: _Reading, side: _Side, row: int, label: str) -> None:
    """A labelled row with numbers that the template does not know would be lost in silence."""
    for column, own in side.columns.items():
        text = reading.grid.at(row, column)
        if not own.skip and is_number(text):
            raise Refused(
                f"{reading.name} 第 {row} 行“{label.strip()}”有数字 {text.strip()}，模板 "
                f"{reading.template.template} 没有这一行；请在 rows 中加上它，或写 skip: 理由。",
                f"Row {row} '{label.strip()}' of {reading.name} holds {text.strip()}, but the template "
                f"{reading.template.template} has no such row; add it under rows, or say skip: reason.",
            )


def _require_whole_row(reading: _Reading, side: _Side, row: int, label: str) -> None:
    """A CSV row that ends before the last column to be read was cut off; blank cells still have commas."""
    last = max((key for key, value in side.columns.items() if not value.skip), default=0)
    if reading.grid.sheet == "csv" and len(reading.grid.rows[row - 1]) < last:
        raise cut_off(reading.template, reading.grid, row, get_column_letter(last), label, reading.name)


def _period_of(reading: _Reading, base: Place, dims: Dims, labels: str) -> Span:
    """The period of a cell: the table's, or the one that its row or column names."""
    template, main = reading.template, reading.period
    if dims.period is None and dims.basis is None:
        return main
    basis = dims.basis or (template.period.basis if template.period else None) or "ytd"
    if dims.period is None:
        return span_of(template, basis, None, main.end, str(main.end), reading.name)
    if dims.period == LAST_YEAR:
        return year_before(main)
    text = labels if dims.period == FROM_LABEL else dims.period
    if CELL.match(dims.period):
        text = text_at(reading.grid, dims.period)
    try:
        found = parse_period(f"{text.strip()}年" if BARE_YEAR.match(text) else text)
        found = found or parse_period(f"{main.end.year}年{label_key(text)}")
    except ValueError:
        found = None
    if found is None:
        raise base.refuse(
            f"“{text.strip()}”读不出时期（period: {dims.period}）；请写成 2024年1-6月 这样的时期，或对这一行写 skip",
            f"'{text.strip()}' names no period (period: {dims.period}); write one such as 2024年1-6月, or skip the row",
        )
    if not (CELL.match(dims.period) or dims.period == FROM_LABEL) or BARE_YEAR.match(text):
        return _span(template, basis, found, text, reading.name)
    _require_same_period(template, found, text, text, reading.name)
    return _span(template, basis, found, text, reading.name)


def _period(template: Template, headings: Headings, name: str) -> Span:
    period, grid = template.period, headings.grid
    assert period is not None
    assert template.region is not None, "checked when loaded"
    basis = period.basis or "ytd"
    refuse_other_table(template, template.region, headings.above, name)
    if period.end is not None:
        if not period.note:
            for said in headings.above:
                _require_same_period(
                    template, (period.start or period.end, period.end), said, str(period.end), name
                )
        return span_of(template, basis, period.start, period.end, str(period.end), name)
    where = period.read_from or "file_name"
    text = DATE_IN_NAME.sub("", PurePath(name).stem) if where == "file_name" else text_at(grid, where)
    if BARE_YEAR.match(text) and where != "file_name":
        text = f"{text.strip()}年"
    try:
        found = parse_period(text, period.pattern)
    except (ValueError, KeyError, IndexError, re.error) as error:
        raise Refused(
            f"{name}：模板 {template.template} 不能从“{text}”读出时期（{error}）。",
            f"{name}: the template {template.template} cannot read a period from '{text}' ({error}).",
        ) from error
    if found is None:
        raise Refused(
            f"{name}：模板 {template.template} 在“{text}”中找不到时期（如 2022年1-9月、2023Q1）；请写 period.end。",
            f"{name}: the template {template.template} finds no period in '{text}' (such as 2022年1-9月, 2023Q1); "
            "say period.end.",
        )
    for said in (text, *headings.above):
        _require_same_period(template, found, said, text, name)
    return _span(template, basis, found, text, name)


def _require_same_period(
    template: Template, found: tuple[date, date], said: str, text: str, name: str
) -> None:
    end = found[1]
    is_whole_year = found == (date(end.year, 1, 1), date(end.year, 12, 31))
    refuse_other_period(template, (end.year, end.month, is_whole_year), said, text, name)


def _span(template: Template, basis: str, found: tuple[date, date], text: str, name: str) -> Span:
    start, end = found
    is_open = start.month == 1 and (basis in ("range", "t12") or not says_from_january(text))
    named = None if (is_open or basis == "point") else start
    return span_of(template, basis, named, end, text, name)
