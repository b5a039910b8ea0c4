"""A first draft of a template for a file that none knows: what can be guessed, and what must be said."""

from __future__ import annotations

import re
from pathlib import PurePath

from openpyxl.utils import get_column_letter

from warehouse.ingest.archive import DATE_IN_NAME
from warehouse.statements.headings import CHANGES, Headings, figures_said, units_said
from warehouse.statements.periods import parse_period
from warehouse.statements.regions import TOTALS
from warehouse.statements.sheet import Book, Grid
from warehouse.statements.template import shipped_regions
from warehouse.statements.texts import is_number, label_key
from warehouse.statements.vocabulary import ITEM_WORDS, SCHEME_WORDS, UNITS, first_of, kind_of

BASES = "ytd 年初至今累计，month 当月，quarter 当季，year 全年"
MONEY_UNIT = re.compile(r"(?<=[:、(])(?:亿元|百万元|万元|百元|千元|元)(?=[)、,;]|$|[^元])")
NOTE = re.compile(r"^(注|备注|附注|说明|资料来源|数据来源|续表|填表|制表|审核|单位负责)|^note", re.IGNORECASE)
WHOLE = re.compile(
    r"(.{0,8}(医疗保险|医保|医疗救助|职工|居民|大病保险|护理保险|生育保险))?(\(.*\))?(基金)?(本年|当年|当期|本期|年初至今|本月)?(累计)?(基金)?总?"
    r"(收入|支出)(合计|总额)?(\(.*\))?"
)
COUNT_ITEMS = {"persons": "beneficiaries", "visits": "benefit_visits"}
COUNT_UNITS = {"persons": "人", "visits": "人次", "months": "月"}
UNIT_WORDS = "|".join(sorted((unit for unit in UNITS if not unit.isascii()), key=len, reverse=True))
UNIT_SAID = re.compile(rf"(?:单位:?|\()({UNIT_WORDS})(?=[)、,;]|$|[^元人次])")


def suggest(book: Book, name: str) -> str:
    """YAML text of a draft; lines marked ``# ?`` need a person's word before it can be used."""
    grid = max(book.grids, key=lambda each: sum(len(row) for row in each.rows))
    first = _first_data_row(grid)
    header = max(1, first - 1)
    headings = Headings(grid, first)
    title = _quoted(_title(grid, first) or PurePath(name).stem)
    lines = [
        f"template: {_slug(name)}",
        f"describes: {title}",
        "recognise:",
        f"  cells: {{{', '.join(_recognition(grid, header))}}}",
        *([f"sheet: {_quoted(grid.sheet)}  # ? 内容最多的一张"] if len(book.grids) > 1 else []),
        "region: {name: 地区名称, code: null, parent: all}  # ? 地区、区划代码与上级",
        _period_line(grid, name),
        f"source: {{title: {title}, publisher: 发布单位, reliability: B}}  # ?",
        f"first_row: {first}  # ? 第一个数据行",
    ]
    heading = label_key(" ".join(" ".join(row) for row in grid.rows[:first]))
    whole = MONEY_UNIT.findall(heading) or UNIT_SAID.findall(heading)
    unit_column = _unit_column(grid, first)
    if unit_column:
        lines.append(f"unit_column: {get_column_letter(unit_column)}")
    elif whole:
        lines.append(f"unit: {whole[0]}  # ? 表头写着 {'、'.join(dict.fromkeys(whole))}")
    else:
        lines.append("unit: 万元  # ? 表中没有找到单位")
    if any(figures_said(text) == "budget" for text in (*headings.titles, *grid.rows[header - 1])):
        lines.append("figures: budget  # ? 表上写着预算或计划；实际数的列另写 figures: actual")
    scaled = {look.shown.scaling for look in grid.looks.values() if look.shown and look.shown.scaling}
    if scaled:
        lines.append(
            f"scaled: shown  # ? 有放大缩小显示的格式 {'、'.join(sorted(scaled))}；读存的数写 stored"
        )
    lines.append('default_scope: {employee: total, all: total, "*": pool}  # ? 没有写口径的金额')
    said = {
        unit for texts in (headings.titles, *grid.rows[:first]) for text in texts for unit in units_said(text)
    }
    lines += _columns(grid, headings, first, unit_column, said)
    lines += _rows(grid, first, unit_column, said)
    return "\n".join(lines) + "\n"


def _first_data_row(grid: Grid) -> int:
    for row, texts in enumerate(grid.rows, start=1):
        numbers = [text for text in texts[1:] if is_number(text)] if texts and texts[0].strip() else []
        if any(not _names_year(text) for text in numbers):
            heading = row - 1
            is_section = heading >= 1 and not any(text.strip() for text in grid.rows[heading - 1][1:])
            return heading if is_section and heading > 1 else row
    return 2


def _recognition(grid: Grid, header: int) -> list[str]:
    """Header cells that stay the same from month to month."""
    found = []
    for column, text in enumerate(grid.rows[header - 1][:8], start=1):
        if text.strip() and not re.search(r"\d", text):
            found.append(f"{get_column_letter(column)}{header}: {_quoted(text)}")
    return found[:4] or [f"A1: {_quoted(grid.at(1, 1))}"]


def _period_line(grid: Grid, name: str) -> str:
    if _says_period(DATE_IN_NAME.sub("", PurePath(name).stem)):
        return "period: {basis: ytd, from: file_name}  # ? " + BASES
    for row in range(1, min(len(grid.rows), 5) + 1):
        for column in range(1, len(grid.rows[row - 1]) + 1):
            if _says_period(grid.at(row, column)):
                place = f"{get_column_letter(column)}{row}"
                return f"period: {{basis: ytd, from: {place}}}  # ? {BASES}"
    return "period: {basis: ytd, start: 2025-01-01, end: 2025-12-31}  # ? 表中没有找到时期"


def _says_period(text: str) -> bool:
    try:
        return parse_period(text) is not None
    except ValueError:
        return False


def _unit_column(grid: Grid, first: int) -> int | None:
    for column in range(2, 5):
        texts = [label_key(grid.at(row, column)) for row in range(first, len(grid.rows) + 1)]
        filled = [text for text in texts if text]
        if filled and all(text in UNITS for text in filled):
            return column
    return None


def _columns(
    grid: Grid, headings: Headings, first: int, unit_column: int | None, said: set[str]
) -> list[str]:
    lines = ["columns:"]
    width = max(len(row) for row in grid.rows)
    for column in range(2, width + 1):
        if column == unit_column:
            continue
        titles = [" ".join(text.split()) for text in reversed(headings.of(column))]
        title = " ".join(titles)
        letter = get_column_letter(column)
        if not any(is_number(grid.at(row, column)) for row in range(first, len(grid.rows) + 1)):
            if title:
                lines.append(f"  {letter}: {{skip: {_quoted(title)}}}")
            continue
        if titles and CHANGES.search(label_key(titles[-1])):
            lines.append(f"  {letter}: {{skip: {_quoted(title)}}}  # ? 像是增减或比率")
            continue
        dims, is_known = _dims("\n".join(titles), unit_column is not None, said)
        year = next((row for row in range(first - 1, 0, -1) if _names_year(grid.at(row, column))), None)
        if year:
            dims, is_known = [*dims, f"period: {letter}{year}"], False
        mark = "" if is_known else "? "
        lines.append(f"  {letter}: {{{', '.join(dims)}}}  # {mark}{title}".rstrip())
    return lines


def _names_year(text: str) -> bool:
    key = label_key(text)
    return bool(re.match(r"(19|20)\d{2}(年|$)", key)) and len(key) < 12


def _rows(grid: Grid, first: int, unit_column: int | None, said: set[str]) -> list[str]:
    sections, rows, seen = ["sections:"], ["rows:"], set()
    section = ""
    labels = [label_key(grid.at(row, 1)) for row in range(first, len(grid.rows) + 1)]
    if sum(label in shipped_regions() for label in labels) > 2:
        totals = [label for label in labels if TOTALS.search(label)]
        return [
            "rows:",
            *[f"  {_quoted(label)}: {{total_of: [regions]}}  # ?" for label in dict.fromkeys(totals)],
            '  "*": {region: label}  # ? 一行一个地区',
        ]
    for row in range(first, len(grid.rows) + 1):
        label = grid.at(row, 1)
        key = label_key(label)
        if not key or NOTE.match(key):
            continue
        if not any(text.strip() for text in grid.rows[row - 1][1:]):
            section = key
        item = first_of(ITEM_WORDS, key) or first_of(ITEM_WORDS, section)
        kind = (
            UNITS[label_key(grid.at(row, unit_column))][0]
            if unit_column and grid.at(row, unit_column)
            else None
        )
        if item and kind in COUNT_ITEMS and kind_of(item) != kind:
            scheme = first_of(SCHEME_WORDS, key)
            named = f"scheme: {scheme}, " if scheme else ""
            rows.append(f"  {_quoted(f'{section}/{key}')}: {{{named}item: {COUNT_ITEMS[kind]}}}  # ?")
        if key in seen:
            continue
        seen.add(key)
        has_numbers = any(is_number(text) for text in grid.rows[row - 1][1:])
        dims, is_known = _dims(" ".join(label.split()), unit_column is not None, said)
        line = f"  {_quoted(key)}: {{{', '.join(dims)}}}" + ("" if is_known else "  # ?")
        if has_numbers:
            rows.append(line)
        elif not any(text.strip() for text in grid.rows[row - 1][1:]):
            sections.append(line)
    return (sections if len(sections) > 1 else []) + rows


def _dims(text: str, names_units: bool, said: set[str]) -> tuple[list[str], bool]:
    """What the words of a text say, and whether nothing of it is guessed."""
    key = label_key(text)
    parts = []
    scheme = first_of(SCHEME_WORDS, key)
    item = first_of(ITEM_WORDS, key)
    is_known = bool(scheme or item) and (item not in ("income", "expenditure") or bool(WHOLE.fullmatch(key)))
    if scheme:
        parts.append(f"scheme: {scheme}")
        if scheme == "all":
            parts.append("total_of: [employee, resident]")
            is_known = False
    if item:
        parts.append(f"item: {item}")
    if label_key(text.split("\n")[-1]).startswith(("其中", "含")):
        parts.append("of_which: true")
    unit = UNIT_SAID.search(key)
    if unit and item:
        parts.append(f"unit: {unit.group(1)}")
    elif item and not names_units and kind_of(item) in COUNT_UNITS:
        usual = COUNT_UNITS[kind_of(item) or ""]
        alike = {each for each in said if UNITS[each][0] == kind_of(item)}
        parts.append(f"unit: {usual if len(alike) != 1 else alike.pop()}")
        is_known = is_known and len({each for each in said if UNITS[each][0] == kind_of(item)}) == 1
    return parts, is_known


def _title(grid: Grid, first: int) -> str | None:
    for row in range(1, first - 1):
        filled = [text.strip() for text in grid.rows[row - 1] if text.strip()]
        if len(filled) == 1:
            return filled[0]
    return None


def _slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", PurePath(name).stem.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"statement_{plain}".rstrip("_")


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    is_plain = re.fullmatch(r"[^\W\d][\w.()]*", plain) and plain.lower() not in (
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
    )
    return plain if is_plain else '"' + plain.replace("\\", "/").replace('"', "'") + '"'
