"""The grid layout: labels down, columns across, sections between."""

from __future__ import annotations

import re
from pathlib import PurePath

from openpyxl.utils import column_index_from_string, get_column_letter

from warehouse.ingest.archive import DATE_IN_NAME
from warehouse.statements.cells import Extract, LeftCell, Place, cut_off, read_cell, span_of, text_at
from warehouse.statements.periods import Span, parse_period
from warehouse.statements.sheet import Grid
from warehouse.statements.template import FROM_LABEL, Dims, ListColumn, Region, Template, shipped_regions
from warehouse.statements.texts import NotANumber, label_key, label_matches, parse_number
from warehouse.texts import Refused, Text


def read_grid(template: Template, grid: Grid, name: str) -> Extract:
    """Every cell of ``grid``; raises ``Refused`` for a labelled row with numbers that the template lacks."""
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
                result, grid, row, Text(f"按模板略过：{dims.skip}", f"skipped by the template: {dims.skip}")
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
                _leave(result, grid, row, column, Text(f"按模板略过：{column_dims.skip}", column_dims.skip))
                continue
            printed_unit = grid.at(row, unit_column).strip() if unit_column else ""
            merged = _merge(defaults, section, dims, column_dims)
            if printed_unit:
                merged = merged.model_copy(update={"unit": label_key(printed_unit)})
            place = f"{get_column_letter(column)}{row}"
            base = Place(template, grid.sheet, place, label.strip(), name)
            region = _region_of(template, merged, label)
            result.read.append(
                read_cell(
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
                f"{name} 第 {row} 行“{label.strip()}”有数字 {text.strip()}，模板 {template.template} 没有这一行；"
                "请在 rows 中加上它，或写 skip: 理由。",
                f"Row {row} '{label.strip()}' of {name} holds {text.strip()}, but the template "
                f"{template.template} has no such row; add it under rows, or say skip: reason.",
            )


def _require_whole_row(
    template: Template, grid: Grid, row: int, columns: dict[int, Dims | ListColumn], label: str, name: str
) -> None:
    """A CSV row that ends before the last column to be read was cut off; blank cells still have commas."""
    last = max((key for key, value in columns.items() if not getattr(value, "skip", None)), default=0)
    if grid.sheet == "csv" and len(grid.rows[row - 1]) < last:
        raise cut_off(template, grid, row, get_column_letter(last), label, name)


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
        return span_of(template, basis, period.start, period.end, str(period.end), name)
    where = period.read_from or "file_name"
    text = DATE_IN_NAME.sub("", PurePath(name).stem) if where == "file_name" else text_at(grid, where)
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
    start, end = found
    named = None if (start.month == 1 or basis == "point") else start
    return span_of(template, basis, named, end, text, name)
