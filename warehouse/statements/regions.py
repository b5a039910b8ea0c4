"""Which region a row or column names: the template's own, the project's, or a new one, said as such."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from openpyxl.utils import column_index_from_string

from warehouse.statements.cells import Extract, Place, ReadCell
from warehouse.statements.sheet import Grid
from warehouse.statements.template import FROM_LABEL, Dims, Region, Template, shipped_regions
from warehouse.statements.texts import label_key, label_matches, text_key
from warehouse.texts import Refused

TOTALS = re.compile(
    r"合计|总计|小计|共计|总和|平均|^全[省市区县州]|^其中|^其[他它]$|^total|subtotal", re.IGNORECASE
)
NO_REGION = re.compile(
    r"^(总数|总额|总量|数量|备注|说明|附注|注|未知|不详|未分类|无|空|省内|省外|跨省|异地|国外|境外)([:(]|$)|^注\d*[:、.]"
    r"|(上|去|今|本|前|当)(年|月|期)|同期|同比|环比|增长|增减|增幅|增速|占比|比重|比例|排名|(累计|预算|执行|决算)数?$|^[\W\d_]*$|^\d+(年|月)"
)
# A name that no list knows is a region's only if it ends as they do and does not speak of several or of a part.
REGION = re.compile(
    r"(省|市|县|区|旗|州|盟|兵团|农场|林场|垦区|师|乡|镇|街道|[本直]级|直属|[省市县区]直)(\([^()]*\))?$"
)
SEVERAL = re.compile(
    r"^(各|所辖|所属|其[他它余]|非|试点|未|待|全部|部分)|等\d*|[、,，/及和与]|(?<!特别行政)(地区|市县|区县|县区|县市|片区)$"
    r"|^[东西南北中]+(部|线|片)"
)
OWN_UNIT = re.compile(r"^(省|市|县|区|自治区)?(本级|直属|直|级)$")  # every province has one

SMALL = 200  # units of the last digit
LEADING_BLANKS = re.compile(r"^[\s　]*")


def region_named(base: Place, dims: Dims, label: str) -> tuple[Region, bool]:
    """The region of a cell, and whether no list knows it.

    Looked up in the template's ``regions``, then among the names, short names and aliases of the project;
    one that neither knows is declared by its name, under the template's region.
    """
    template = base.template
    assert template.region is not None, "checked when loaded"
    if dims.region is None:
        return template.region, False
    name = label if dims.region == FROM_LABEL else dims.region
    for pattern, region in template.regions.items():
        if label_matches(pattern, name):
            return region, False
    key = text_key(name)
    if key == label_key(template.region.name):
        return template.region, False
    known = shipped_regions().get(key)
    if known is not None and not (OWN_UNIT.match(key) and known.parent != template.region.key):
        return known, False
    if TOTALS.search(key) and not dims.total_of:
        raise base.refuse(
            f'“{name.strip()}”像合计，不是地区；请在 rows 中给它写 total_of: [regions] 或 skip，放在 "*" 之前',
            f"'{name.strip()}' looks like a total, not a region; give it total_of: [regions] or skip under rows, "
            'before "*"',
        )
    is_word = NO_REGION.search(key) and not dims.total_of
    if is_word or (OWN_UNIT.match(key) and not _is_own_level(template, key)):
        raise no_region(base, name)
    return _own(template, key), True


def no_region(base: Place, name: str) -> Refused:
    """The refusal of a label that names no region."""
    return base.refuse(
        f'“{name.strip()}”不像地区；请在 rows 中写 skip 或它的读法，放在 "*" 之前，或写进模板的 regions',
        f"'{name.strip()}' is no region word; skip it or say what it is under rows, before \"*\", or declare it "
        "under regions of the template",
    )


def reads_like_a_region(name: str) -> bool:
    """Whether a name that no list knows ends as the names of regions do, and of one whole region."""
    return REGION.search(name) is not None and SEVERAL.search(name) is None


def _is_own_level(template: Template, key: str) -> bool:
    """``省本级`` below a province is its own unit; ``本级`` or ``市本级`` there says not whose."""
    assert template.region is not None, "checked when loaded"
    level = "区" if key.startswith("自治区") else key[0]
    return level in "省市县区" and label_key(template.region.name).endswith(level)


def _own(template: Template, key: str) -> Region:
    assert template.region is not None, "checked when loaded"
    return Region(name=key, parent=template.region.key)


def require_no_subtotal(template: Template, grid: Grid, result: Extract, name: str) -> None:
    """A new region whose numbers are those of the rows below it added up is no region but a subtotal."""
    new = {code for code, (_, is_new) in result.regions.items() if is_new}
    by_row: dict[int, list[ReadCell]] = {}
    for cell in result.read:
        by_row.setdefault(int(re.sub(r"\D", "", cell.cell)), []).append(cell)
    rows = sorted(by_row)
    for place, row in enumerate(rows):
        cells = by_row[row]
        if cells[0].region_code not in new or any(cell.total_of for cell in cells):
            continue
        below = [by_row[other] for other in rows[place + 1 :]]
        above = [by_row[other] for other in reversed(rows[:place])]
        count, parts, where = _rows_added_up(cells, below), below, "下"
        if not count:
            up_to_total = next(
                (at for at, row in enumerate(above) if any(c.total_of for c in row)), len(above)
            )
            count, parts, where = _rows_added_up(cells, above[:up_to_total]), above, "上"
        is_above_indented = bool(below) and _indent(template, grid, rows[place + 1]) > _indent(
            template, grid, row
        )
        if not count and not is_above_indented:
            continue
        parts = parts[:count] if count else below[:1]
        listed = ", ".join(part[0].region_name for part in parts)
        why = f"等于其{where} {listed} 之和" if count else f"其下“{listed}”缩进"
        raise Refused(
            f"{name} 第 {row} 行“{cells[0].label}”不在地区清单中，而{why}，像是小计；"
            f"请在 rows 中写 {cells[0].label}: {{region: label, total_of: [{listed}]}} 或 skip；"
            "确是地区则写进模板的 regions。",
            f"Row {row} '{cells[0].label}' of {name} is no known region and looks like a subtotal of {listed}; say "
            f"{cells[0].label}: {{region: label, total_of: [{listed}]}} or skip under rows; if it is a region, "
            "declare it under regions of the template.",
        )


def _rows_added_up(cells: Sequence[ReadCell], rows: Sequence[Sequence[ReadCell]]) -> int:
    """How many neighbouring rows (two or more) give this row's numbers when added; 0 if none do.

    Rounded parts add up to the last printed digit; small numbers do so by chance and must agree.
    """
    wanted = {_column(cell): cell for cell in cells if cell.value}
    sums: dict[str, Decimal] = {}
    for count, row in enumerate(rows, start=1):
        for cell in row:
            sums[_column(cell)] = sums.get(_column(cell), Decimal(0)) + (cell.value or Decimal(0))
        if count > 1 and wanted and all(_is_about(sums.get(key), cell) for key, cell in wanted.items()):
            return count
    return 0


def _is_about(found: Decimal | None, cell: ReadCell) -> bool:
    if found is None or cell.value is None:
        return False
    digit = 2 * cell.half_ulp if cell.half_ulp else Decimal(1)
    return abs(found - cell.value) <= (digit if digit * SMALL <= abs(cell.value) else 0)


def _column(cell: ReadCell) -> str:
    return re.sub(r"\d", "", cell.cell)


def _indent(template: Template, grid: Grid, row: int) -> int:
    column = column_index_from_string(template.labels[-1])
    blanks = LEADING_BLANKS.match(grid.at(row, column))
    return (len(blanks[0]) if blanks else 0) + grid.look(row, column).indent
