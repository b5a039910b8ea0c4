"""Files to grids of printed texts, or a refusal: CSV, XLSX and XLS, bounded in size."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.styles.colors import COLOR_INDEX, Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from warehouse.ingest.decode import decode
from warehouse.statements.biff import Formats, number_formats
from warehouse.statements.number_format import Shown, shown_number, stored_text
from warehouse.texts import Refused

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
RAISED = ("superscript", "subscript")
WHITE = "FFFFFF"
BROKEN_PARTS = (
    KeyError,
    IndexError,
    AttributeError,
    ValueError,
    TypeError,
    OSError,
    EOFError,
    SyntaxError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


UNSEEN_SIZE = 2.0  # a row lower than two points, or a column narrower than a third of a digit, shows nothing
UNSEEN_WIDTH = 0.34


@dataclass(frozen=True)
class Look:
    """What a reader sees of a cell beside its text: a number shown otherwise than stored, raised text, an indent."""

    shown: Shown | None = None
    text: str | None = None
    raised: str = ""
    indent: int = 0
    is_struck: bool = False


Looks = dict[tuple[str, int, int], Look]


@dataclass(frozen=True)
class Grid:
    """One sheet as printed: ``rows[r][c]`` is the text of row r+1, column c+1; ``looks`` and the last
    place of each merged cell by 1-based place."""

    sheet: str
    rows: list[list[str]]
    looks: Mapping[tuple[int, int], Look] = field(default_factory=dict)
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def look(self, row: int, column: int) -> Look:
        """How the cell at 1-based ``row`` and ``column`` looks."""
        return self.looks.get((row, column)) or Look()

    def at(self, row: int, column: int) -> str:
        """The text at 1-based ``row`` and ``column``; empty outside."""
        if 1 <= row <= len(self.rows) and 1 <= column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return ""


@dataclass(frozen=True)
class Book:
    """The grids of a file and the encoding it came in."""

    grids: list[Grid]
    encoding: str


def is_workbook(path: Path) -> bool:
    """Whether the file begins like XLSX or XLS."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_book(path: Path, name: str) -> Book:
    """All visible sheets of the file at ``path``; ``name`` is what the sender called it."""
    if not is_workbook(path):
        decoded = decode(path, name)
        try:
            rows = list(csv.reader(io.StringIO(decoded.text), strict=True))
        except csv.Error as error:
            raise Refused(f"{name} 不是合法的 CSV:{error}。", f"{name} is no valid CSV: {error}.") from error
        return Book([_bounded(Grid("csv", rows), name)], decoded.encoding)
    with path.open("rb") as stream:
        is_xlsx = stream.read(2) == b"PK"
    looks: Looks = {}
    if is_xlsx:
        _refuse_bombs(path, name)
        looks = _looks_of_safe_workbook(path, name)
    return Book(_calamine_grids(path, name, looks, is_xlsx=is_xlsx), "XLSX" if is_xlsx else "XLS")


def _formats_of_xls(path: Path, name: str) -> Formats:
    """The formats of an XLS that could be opened; refused where they cannot be known."""
    try:
        formats = number_formats(path.read_bytes())
    except BROKEN_PARTS as error:
        raise Refused(
            f"{name} 的数字格式读不出来（版本过旧或不完整）；请另存为 XLSX 后再送。",
            f"The number formats of {name} cannot be read (an old version, or damage); save it as XLSX.",
        ) from error
    refuse_unseen(formats, name)
    if formats.has_raised_text:
        raise Refused(
            f"{name} 有上标或下标，在 XLS 里分不清是数字还是注释号；请另存为 XLSX 后再送。",
            f"{name} has raised or lowered text, which cannot be told from digits in XLS; save it as XLSX.",
        )
    return formats


def refuse_unseen(formats: Formats, name: str) -> None:
    """Refuse an XLS with content that its reader does not see, or that is struck out or no value."""
    for places, zh, en in (
        (formats.hidden, "被隐藏而有内容", "is hidden but holds content"),
        (formats.struck, "被划掉了", "is struck out"),
        (formats.unseen, "字与底色相同，看不见", "is written in the colour of its ground and cannot be seen"),
        (formats.errors, "是公式错误", "is a formula error"),
    ):
        if places:
            sheet, row, column = places[0]
            place = f"{sheet}!{get_column_letter(column)}{row}"
            raise Refused(
                f"{name} 的 {place} {zh}；请改正或清空后再送。",
                f"{place} of {name} {en}; correct or clear it, then deliver it again.",
            )


def _calamine_grids(path: Path, name: str, looks: Looks, *, is_xlsx: bool) -> list[Grid]:
    try:
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
        formats = Formats() if is_xlsx else _formats_of_xls(path, name)
        grids = []
        for meta in book.sheets_metadata:
            if str(meta.visible) != "SheetVisibleEnum.Visible" or str(meta.typ) != "SheetTypeEnum.WorkSheet":
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if (sheet.total_height or 0) > MAX_ROWS:
                raise _too_large(name, meta.name)
            if formats.codes:
                looks |= _looks_by_formats(meta.name, sheet.to_python(skip_empty_area=False), formats)
            rows = [
                [_text(value, looks.get((meta.name, row, column))) for column, value in enumerate(values, 1)]
                for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1)
            ]
            own = {(row, column): look for (title, row, column), look in looks.items() if title == meta.name}
            merged = {
                (top + 1, left + 1): (bottom + 1, right + 1)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
            }
            grids.append(_bounded(Grid(meta.name, rows, own, merged), name))
    except PasswordError as error:
        raise Refused(f"{name} 有密码保护，请解除后再送。", f"{name} is protected by a password.") from error
    except (CalamineError, ZipError) as error:
        raise _damaged(name, error) from error
    if not any(any(any(row) for row in grid.rows) for grid in grids):
        raise Refused(f"{name} 的可见工作表都是空的。", f"The visible sheets of {name} are empty.")
    return grids


def _looks_by_formats(title: str, rows: Sequence[Sequence[object]], formats: Formats) -> Looks:
    return {
        (title, row, column): Look(shown_number(value, formats.codes[title, row, column]))
        for row, values in enumerate(rows, 1)
        for column, value in enumerate(values, 1)
        if _is_number(value) and (title, row, column) in formats.codes
    }


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse_bombs(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            members = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _damaged(name, error) from error
    packed = max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED or (unpacked > 2**24 and unpacked / packed > MAX_RATIO):
        raise Refused(
            f"{name} 解压后有 {unpacked // 2**20} MB，疑似压缩炸弹，不打开；请拆分或删去多余的行。",
            f"{name} would unpack to {unpacked // 2**20} MB; it is not opened. Split it or delete empty rows.",
        )
    if "xl/workbook.xml" not in members:
        raise Refused(
            f"{name} 是 ZIP 压缩包而不是工作簿；请解压后逐个送来。",
            f"{name} is a ZIP archive, not a workbook; unpack it and deliver the files.",
        )


def _looks_of_safe_workbook(path: Path, name: str) -> Looks:
    """How each cell looks that looks otherwise than it is stored; refuses what cannot be trusted."""
    try:
        content = path.read_bytes()
        quick = load_workbook(io.BytesIO(content), read_only=True)
        for sheet in quick.worksheets:
            if (sheet.max_row or 0) > MAX_ROWS:
                raise _too_large(name, sheet.title)
        quick.close()
        formulas = load_workbook(io.BytesIO(content), rich_text=True)
        values = load_workbook(io.BytesIO(content), data_only=True)
    except BROKEN_PARTS as error:
        raise _damaged(name, error) from error
    looks: Looks = {}
    for sheet in formulas.worksheets:
        if sheet.sheet_state != "visible":
            continue
        cached = values[sheet.title]
        hidden_columns = _hidden_columns(sheet)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                place = f"{sheet.title}!{cell.coordinate}"
                shown = cached[cell.coordinate].value
                if cell.data_type == "f" and shown is None:
                    raise Refused(
                        f"{name} 的 {place} 是没有计算结果的公式；请在表格软件中打开、保存后再送。",
                        f"{place} of {name} is a formula without a result; open and save it, then deliver it.",
                    )
                if isinstance(shown, str) and shown.startswith("#") and shown.rstrip("!?/A0").isupper():
                    raise Refused(
                        f"{name} 的 {place} 是公式错误 {shown}；请改正后再送。",
                        f"{place} of {name} is the formula error {shown}; correct it and deliver it again.",
                    )
                if _is_hidden_row(sheet, cell.row):
                    raise _hidden(name, f"{sheet.title} 第 {cell.row} 行", f"row {cell.row} of {sheet.title}")
                letter = get_column_letter(cell.column)
                if cell.column in hidden_columns:
                    raise _hidden(name, f"{sheet.title} {letter} 列", f"column {letter} of {sheet.title}")
                if is_unseen(cell):
                    raise Refused(
                        f"{name} 的 {place} 字与底色相同，看不见；请改正或清空后再送。",
                        f"{place} of {name} is written in the colour of its ground and cannot be seen; "
                        "correct or clear it.",
                    )
                look = _look(cell, shown)
                if look != Look():
                    looks[sheet.title, cell.row, cell.column] = look
    return looks


def _look(cell: Cell | MergedCell, value: object) -> Look:
    indent = int(cell.alignment.indent or 0) if cell.alignment else 0
    is_struck = bool(cell.font and cell.font.strike)
    is_raised_cell = bool(cell.font and cell.font.vertAlign in RAISED)
    if isinstance(cell.value, CellRichText):
        plain, raised, is_inside = "", "", False
        for run in cell.value:
            is_raised = isinstance(run, TextBlock) and run.font.vertAlign in RAISED
            text = run.text if isinstance(run, TextBlock) else str(run)
            is_inside = is_inside or (not is_raised and bool(raised and plain.strip() and text.strip()))
            plain, raised = (plain, raised + text) if is_raised else (plain + text, raised)
        return Look(
            None, plain if raised and plain.strip() and not is_inside else None, raised, indent, is_struck
        )
    if _is_number(value):
        raised = stored_text(value) if is_raised_cell else ""
        return Look(shown_number(value, cell.number_format or "General"), None, raised, indent, is_struck)
    return Look(None, None, str(value) if is_raised_cell else "", indent, is_struck)


def _is_hidden_row(sheet: Worksheet, row: int) -> bool:
    """A row that is hidden, or so low that nothing of it shows."""
    known = sheet.row_dimensions.get(row)
    if known is None or (known.height is None and not known.hidden):
        return bool(sheet.sheet_format.zeroHeight)
    return bool(known.hidden) or (known.height is not None and known.height < UNSEEN_SIZE)


def is_unseen(cell: Cell | MergedCell) -> bool:
    """Whether a cell is written in the colour of its own ground, where both are known."""
    if not cell.has_style or not cell.font or cell.font.color is None:
        return False
    written = _rgb(cell.font.color)
    is_filled = cell.fill is not None and cell.fill.patternType not in (None, "none")
    ground = _rgb(cell.fill.fgColor) if is_filled and cell.fill.patternType == "solid" else None
    return written is not None and written == (ground if is_filled else WHITE)


def _rgb(color: Color) -> str | None:
    """The colour as six hexadecimal digits; of a theme only black and white are the same in all of them."""
    if color.type == "rgb" and isinstance(color.rgb, str):
        return color.rgb[-6:].upper()
    if color.type == "indexed" and color.indexed < len(COLOR_INDEX):
        return COLOR_INDEX[color.indexed][-6:].upper()
    if color.type == "theme" and not color.tint:
        return {0: WHITE, 1: "000000"}.get(color.theme)
    return None


def _hidden_columns(sheet: Worksheet) -> set[int]:
    """A run of hidden columns is stored once, under its first letter; one without width shows nothing."""
    return {
        column
        for run in sheet.column_dimensions.values()
        if run.hidden or (run.customWidth and run.width is not None and run.width < UNSEEN_WIDTH)
        for column in range(run.min or 1, min(run.max or MAX_COLUMNS, MAX_COLUMNS) + 1)
    }


def _bounded(grid: Grid, name: str) -> Grid:
    rows = grid.rows
    while rows and not any(text.strip() for text in rows[-1]):
        rows = rows[:-1]
    if len(rows) > MAX_ROWS or max((len(row) for row in rows), default=0) > MAX_COLUMNS:
        raise _too_large(name, grid.sheet)
    return Grid(grid.sheet, rows, grid.looks, grid.merged)


def _text(value: object, look: Look | None) -> str:
    """The text a cell shows; what a scaling format makes of a number stays beside the stored one."""
    if isinstance(value, bool):
        return str(value).upper()
    if _is_number(value):
        is_as_shown = look is not None and look.shown is not None and look.shown.scaling is None
        return look.shown.text if look and look.shown and is_as_shown else stored_text(value)
    return look.text if look is not None and look.text is not None else str(value)


def _too_large(name: str, sheet: str) -> Refused:
    return Refused(
        f"{name} 的工作表 {sheet} 超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列，不像公布的报表；请删去空行空列后再送。",
        f"The sheet {sheet} of {name} has more than {MAX_ROWS} rows or {MAX_COLUMNS} columns, "
        "which no published table has; delete empty rows and columns.",
    )


def _damaged(name: str, error: Exception) -> Refused:
    reason = " ".join(str(error).split())[:120]
    return Refused(
        f"{name} 不是完整的工作簿（{reason}）；请从来源重新下载。",
        f"{name} is no complete workbook ({reason}); download it from the source again.",
    )


def _hidden(name: str, zh: str, en: str) -> Refused:
    return Refused(
        f"{name} 的 {zh} 被隐藏而有内容；请取消隐藏或删除后再送。",
        f"{en} of {name} is hidden but holds content; show or delete it and deliver it again.",
    )
