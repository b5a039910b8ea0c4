"""The list layout: one printed cell a row, its meaning in the other columns."""

from __future__ import annotations

from datetime import date

from openpyxl.utils import get_column_letter
from pydantic import ValidationError

from warehouse.feeds.published.published_statistic import PERIOD_BASES
from warehouse.statements.cells import Extract, LeftCell, Place, Surroundings, cut_off, read_cell
from warehouse.statements.periods import Span
from warehouse.statements.sheet import Grid
from warehouse.statements.template import Dims, ListColumn, Override, Region, Template, said_of
from warehouse.statements.texts import label_key, label_matches
from warehouse.texts import Refused, Text


def read_list(template: Template, grid: Grid, name: str) -> Extract:
    """Every row of ``grid`` as one cell; raises ``Refused`` for a column the file lacks."""
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
            raise cut_off(template, grid, row, get_column_letter(len(header)), grid.at(row, 1), name)
        words = {key: _list_value(each, grid, row, header) for key, each in fields.items()}
        for override in template.overrides:
            if _applies(override, grid, row, header):
                words |= override.set
        place = f"{_letter(fields['value'], header)}{row}"
        if words.get("skip"):
            result.left.append(
                LeftCell(
                    grid.sheet,
                    place,
                    words["value"] or "",
                    Text(str(words["skip"]), str(words["skip"])),
                    True,
                )
            )
            continue
        base = Place(template, grid.sheet, place, str(words.get("label") or words["item"] or ""), name)
        dims = _dims_of(base, words)
        period = _list_period(base, words)
        region = Region(
            name=words["region_name"] or "",
            code=words.get("region_code"),
            parent=words.get("region_parent") or "all",
        )
        result.regions.setdefault(region.key, (region, region.code is None))
        column = header[label_key(fields["value"].column or "")]
        result.read.append(
            read_cell(
                base,
                dims,
                words["value"] or "",
                Surroundings(
                    look=grid.look(row, column),
                    headers=(grid.at(template.first_row - 1, column),),
                    titles=(words.get("source_title") or "",),
                    doubts=result.doubts,
                ),
                (words.get("statement") or f"{template.template}_{region.name}_{period.end}")
                + ("_budget" if (dims.figures or template.figures) == "budget" else ""),
                region,
                period,
                title=words.get("source_title"),
                publisher=words.get("publisher"),
                reliability=words.get("reliability"),
            )
        )
    return result


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


def _dims_of(base: Place, words: dict[str, str | None]) -> Dims:
    try:
        return Dims.model_validate(
            {
                "item": words["item"],
                "scheme": words["scheme"],
                "fund_scope": words.get("fund_scope"),
                "unit": label_key(words["unit"] or "") or None,
                "total_of": (words.get("total_of") or "").split(";") if words.get("total_of") else None,
                "of_which": words.get("of_which") == "true",
                "figures": words.get("figures"),
            }
        )
    except ValidationError as error:
        said = said_of(error.errors()[0])
        raise base.refuse(f"读法不成立：{said.zh}", f"it cannot be read so: {said.en}") from error


def _list_period(base: Place, words: dict[str, str | None]) -> Span:
    try:
        end = date.fromisoformat(words["period_end"] or "")
        start = date.fromisoformat(words["period_start"] or "") if words.get("period_start") else None
    except ValueError as error:
        raise base.refuse(
            f"时期“{words.get('period_end')}”不是日期；请在模板 overrides 中说明",
            f"the period '{words.get('period_end')}' is no date; say it under overrides in the template",
        ) from error
    basis = words["period_basis"] or "range"
    if basis not in PERIOD_BASES:
        raise base.refuse(
            f"时期类型“{basis}”不认识；可用：{'、'.join(PERIOD_BASES)}",
            f"the period basis '{basis}' is not known; known: {', '.join(PERIOD_BASES)}",
        )
    is_whole_year = basis == "ytd" and (end.month, end.day) == (12, 31)
    return Span("year" if is_whole_year else basis, start, end)


def _letter(each: ListColumn, header: dict[str, int]) -> str:
    return get_column_letter(header[label_key(each.column or "")])
