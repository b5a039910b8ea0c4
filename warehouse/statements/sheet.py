"""Files to grids of printed texts, or a refusal: CSV, XLSX and XLS, bounded in size."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from warehouse.ingest.decode import decode
from warehouse.texts import Refused

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED = 200 * 2**20
MAX_RATIO = 200
FIXED_DECIMALS = re.compile(r"^(?:#,##)?0(?:\.(0+))?(?:_.*|;.*)?$")
Decimals = dict[tuple[str, int, int], int]
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
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Grid:
    """One sheet as printed: ``rows[r][c]`` is the text of row r+1, column c+1."""

    sheet: str
    rows: list[list[str]]

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
    decimals: Decimals = {}
    if is_xlsx:
        _refuse_bombs(path, name)
        decimals = _decimals_of_safe_workbook(path, name)
    return Book(_calamine_grids(path, name, decimals), "XLSX" if is_xlsx else "XLS")


def _calamine_grids(path: Path, name: str, decimals: Decimals) -> list[Grid]:
    try:
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
        grids = []
        for meta in book.sheets_metadata:
            if str(meta.visible) != "SheetVisibleEnum.Visible" or str(meta.typ) != "SheetTypeEnum.WorkSheet":
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if (sheet.total_height or 0) > MAX_ROWS:
                raise _too_large(name, meta.name)
            rows = [
                [
                    _text(value, decimals.get((meta.name, row, column)))
                    for column, value in enumerate(values, 1)
                ]
                for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1)
            ]
            grids.append(_bounded(Grid(meta.name, rows), name))
    except PasswordError as error:
        raise Refused(f"{name} 有密码保护，请解除后再送。", f"{name} is protected by a password.") from error
    except (CalamineError, ZipError) as error:
        raise _damaged(name, error) from error
    if not any(any(any(row) for row in grid.rows) for grid in grids):
        raise Refused(f"{name} 的可见工作表都是空的。", f"The visible sheets of {name} are empty.")
    return grids


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


def _decimals_of_safe_workbook(path: Path, name: str) -> Decimals:
    """How many decimals each cell shows, where its format fixes them; refuses what cannot be trusted."""
    try:
        content = path.read_bytes()
        quick = load_workbook(io.BytesIO(content), read_only=True)
        for sheet in quick.worksheets:
            if (sheet.max_row or 0) > MAX_ROWS:
                raise _too_large(name, sheet.title)
        quick.close()
        formulas = load_workbook(io.BytesIO(content))
        values = load_workbook(io.BytesIO(content), data_only=True)
    except BROKEN_PARTS as error:
        raise _damaged(name, error) from error
    decimals: Decimals = {}
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
                if sheet.row_dimensions[cell.row].hidden:
                    raise _hidden(name, f"{sheet.title} 第 {cell.row} 行", f"row {cell.row} of {sheet.title}")
                letter = get_column_letter(cell.column)
                if cell.column in hidden_columns:
                    raise _hidden(name, f"{sheet.title} {letter} 列", f"column {letter} of {sheet.title}")
                fixed = FIXED_DECIMALS.match(cell.number_format)
                if fixed:
                    decimals[sheet.title, cell.row, cell.column] = len(fixed[1] or "")
    return decimals


def _hidden_columns(sheet: Worksheet) -> set[int]:
    """A run of hidden columns is stored once, under its first letter."""
    return {
        column
        for run in sheet.column_dimensions.values()
        if run.hidden
        for column in range(run.min or 1, min(run.max or MAX_COLUMNS, MAX_COLUMNS) + 1)
    }


def _bounded(grid: Grid, name: str) -> Grid:
    rows = grid.rows
    while rows and not any(text.strip() for text in rows[-1]):
        rows = rows[:-1]
    if len(rows) > MAX_ROWS or max((len(row) for row in rows), default=0) > MAX_COLUMNS:
        raise _too_large(name, grid.sheet)
    return Grid(grid.sheet, rows)


def _text(value: object, decimals: int | None) -> str:
    """The text a cell shows: 15 digits at most, as spreadsheets do, or the decimals its format fixes."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and decimals is not None:
        shown = Decimal(f"{value:.15g}")
        return f"{shown.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


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
