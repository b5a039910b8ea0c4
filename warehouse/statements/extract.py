"""Reading a file by a template: every cell is either read, or left with its reason."""

from __future__ import annotations

import re
from pathlib import PurePath

from warehouse.statements.cells import Extract, text_at, with_common_decimals
from warehouse.statements.grid_layout import read_grid
from warehouse.statements.list_layout import read_list
from warehouse.statements.sheet import Book, Grid
from warehouse.statements.template import Template
from warehouse.statements.texts import is_number, label_matches
from warehouse.texts import Refused, Text


def recognises(template: Template, book: Book, name: str, *, needs_name: bool) -> Text | None:
    """None when the template fits the file, else the first thing that differs."""
    pattern = template.recognise.file_name
    if needs_name and pattern and not re.search(pattern, PurePath(name).name):
        return Text(f"文件名不符合 {pattern}", f"the file name does not match {pattern}")
    grid = _sheet_of(template, book)
    if grid is None:
        return Text(f"没有工作表 {template.sheet}", f"there is no sheet {template.sheet}")
    for place, wanted in template.recognise.cells.items():
        found = text_at(grid, place)
        if not label_matches(wanted, found):
            return Text(
                f"{place} 应为“{wanted}”，实为“{found}”", f"{place} should be '{wanted}' but is '{found}'"
            )
    return None


def extract(template: Template, book: Book, name: str) -> Extract:
    """Read ``book`` by ``template``; raises ``Refused`` when a cell cannot be what the template says."""
    grid = _sheet_of(template, book)
    assert grid is not None, "recognises() comes first"
    result = read_list(template, grid, name) if template.layout == "list" else read_grid(template, grid, name)
    _require_one_cell_each(result, name)
    if result.doubts:
        raise result.doubts[0]
    result.read = with_common_decimals(result.read)
    result.other_sheets = [
        other.sheet
        for other in book.grids
        if other is not grid and any(is_number(text) for row in other.rows for text in row)
    ]
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
                f"（{cell.scheme_code}、{cell.fund_scope}、{cell.item}）；"
                "请在模板中区分，或把其一标为 of_which 或 skip。",
                f"{seen[key]} and {cell.cell} of {name} are read as the same thing ({cell.scheme_code}, "
                f"{cell.fund_scope}, {cell.item}); tell them apart in the template, or mark one of_which or skip.",
            )
        seen[key] = cell.cell


def _sheet_of(template: Template, book: Book) -> Grid | None:
    if isinstance(template.sheet, str):
        return next((grid for grid in book.grids if grid.sheet == template.sheet), None)
    position = (template.sheet or 1) - 1
    return book.grids[position] if position < len(book.grids) else None
