"""A workbook that holds one table of a feed: all cells as text, nothing hidden, no formula without a result."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from warehouse.feeds.contract import columns_of
from warehouse.ingest.read import EXCEL_LIMIT, Delivered, number_rows, unescape
from warehouse.ingest.recognise import LINES_LOOKED_AT, Layout, UnknownHeader, recognise
from warehouse.texts import Refused

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET_PART = re.compile(r"xl/worksheets/sheet\d+\.xml")
CELL_COLUMN = re.compile(rb"<(?:\w+:)?c [^>]*?\br=\"([A-Z]{1,3})\d")
ROW_NUMBER = re.compile(rb"<(?:\w+:)?row [^>]*?\br=\"(\d{1,7})")
TAG_BYTES = 4096  # the opening tag of a cell or row is shorter
CHUNK = 2**20
ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)
MAX_UNPACKED = 4 * 2**30
MAX_CELLS = 50_000_000  # of the rectangle around all cells, which the reader holds in memory


def open_table(path: Path, name: str, feed_name: str | None) -> tuple[Layout, list[list[object]]]:
    """The layout and the records of the only filled sheet of a workbook.

    Raises ``UnknownHeader`` when the first line is no feed's header (it may be a printed statement).
    """
    if path.open("rb").read(2) == b"PK":
        _refuse_too_large(path, name)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
        visible = [
            meta.name for meta in book.sheets_metadata if str(meta.visible) == "SheetVisibleEnum.Visible"
        ]
        sheets = {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in visible}
    except PasswordError as error:
        raise Refused(f"{name} 有密码保护，请解除后再送。", f"{name} is protected by a password.") from error
    except (CalamineError, ZipError) as error:
        raise _damaged(name, error) from error
    filled = {sheet: rows for sheet, rows in sheets.items() if any(any(map(_text, row)) for row in rows)}
    if len(filled) != 1:
        raise UnknownHeader(
            f"{name} 有 {len(filled)} 个非空工作表；数据源文件每个工作簿只放一张表。",
            f"{name} has {len(filled)} filled sheets; a feed's workbook holds one table.",
        )
    rows = next(iter(filled.values()))
    header = [_text(value) for value in rows[0]]
    while header and not header[-1]:
        header.pop()
    try:
        layout = recognise(header, name, feed_name)
    except UnknownHeader as unknown:
        unknown.rows = [[_text(value) for value in row] for row in rows[:LINES_LOOKED_AT]]
        raise
    if len(rows) == EXCEL_LIMIT:
        raise Refused(
            f"{name} 恰好有 {EXCEL_LIMIT} 行，这是电子表格的上限，文件很可能被截断；请从来源重新导出。",
            f"{name} has exactly {EXCEL_LIMIT} lines, the limit of spreadsheets; it was probably cut. "
            "Export it from the source again.",
        )
    if path.open("rb").read(2) == b"PK":
        try:
            _refuse_untrustworthy(path, name)
        except (ElementTree.ParseError, *ZIP_DAMAGE) as error:
            raise _damaged(name, error) from error
    records: list[list[object]] = [list(row[: len(header)]) for row in rows[1:]]
    while records and not any(map(_text, records[-1])):
        records.pop()
    if not records:
        raise Refused(f"{name} 只有表头，没有记录。", f"{name} has a header but no records.")
    return layout, records


def _damaged(name: str, error: Exception) -> Refused:
    reason = " ".join(str(error).split())[:120]
    return Refused(
        f"{name} 不是完整的工作簿（{reason}）；请从来源重新导出。",
        f"{name} is no complete workbook ({reason}); export it from the source again.",
    )


def load_table(
    connection: duckdb.DuckDBPyConnection, layout: Layout, records: list[list[object]]
) -> Delivered:
    """Records of texts into ``delivered``."""
    columns = list(zip(*records, strict=True))
    table = pa.table(
        {
            name: pa.array([_text(value) or None for value in values], pa.string())
            for name, values in zip(layout.names, columns, strict=True)
        }
    )
    delivered = load_texts(connection, layout, table)
    if layout.is_returned:
        unescape(connection, layout)
    return delivered


def load_texts(connection: duckdb.DuckDBPyConnection, layout: Layout, table: pa.Table) -> Delivered:
    """An Arrow table of texts into ``delivered``."""
    connection.register("texts_read", table)
    connection.execute("create or replace temp table delivered as select * from texts_read")
    connection.unregister("texts_read")
    connection.execute(
        """
        create or replace temp table rejected_line
            (_row bigint, starts_at bigint, line varchar, is_only_type boolean)
        """
    )
    number_rows(connection)
    contract = {each.name for each in columns_of(layout.feed)}
    return Delivered(layout, frozenset(contract & set(layout.names)), None)


def _text(value: object) -> str:
    """A cell as text: whole numbers without decimals, 15 digits at most, dates in ISO form."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).strip()


def _refuse_too_large(path: Path, name: str) -> None:
    """Before anything is unpacked into memory: a bomb, or a lone cell far away from the table."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            if unpacked > MAX_UNPACKED:
                raise Refused(
                    f"{name} 解压后有 {unpacked // 2**20} MB，不打开；请改送 CSV。",
                    f"{name} would unpack to {unpacked // 2**20} MB; it is not opened. Deliver CSV instead.",
                )
            for part in filter(SHEET_PART.fullmatch, archive.namelist()):
                with archive.open(part) as stream:
                    rows, columns = _extent(stream)
                if rows * columns > MAX_CELLS:
                    raise Refused(
                        f"{name} 的表格大到 {rows} 行 {columns} 列；请删去表外远处的单元格，或改送 CSV。",
                        f"The table of {name} spans {rows} rows and {columns} columns; "
                        "delete cells far outside of it, or deliver CSV.",
                    )
    except ZIP_DAMAGE:
        return  # the reader says what is wrong


def _extent(stream: IO[bytes]) -> tuple[int, int]:
    """The last row and column that hold a cell."""
    last_row, kept = 0, b""
    columns: set[bytes] = set()
    while chunk := stream.read(CHUNK):
        columns.update(CELL_COLUMN.findall(kept + chunk))
        last_row = max(last_row, *map(int, ROW_NUMBER.findall(kept + chunk)), 0)
        kept = chunk[-TAG_BYTES:]
    return last_row, max((_column_number(column.decode()) for column in columns), default=0)


def _refuse_untrustworthy(path: Path, name: str) -> None:
    """Hidden rows and columns with content, formulas without a result, error values (Q17)."""
    with zipfile.ZipFile(path) as archive:
        for part in filter(SHEET_PART.fullmatch, archive.namelist()):
            with archive.open(part) as stream:
                for place, zh, en in _faults(ElementTree.iterparse(stream, events=("start", "end"))):
                    raise Refused(
                        f"{name} 的 {place} {zh}；请改正后再送。",
                        f"{place} of {name} {en}; correct and deliver it again.",
                    )


def _faults(events: Iterator[tuple[str, ElementTree.Element]]) -> Iterator[tuple[str, str, str]]:
    hidden_columns: set[int] = set()
    for event, element in events:
        if event == "start":
            continue
        if element.tag == f"{MAIN}col" and element.get("hidden") in ("1", "true"):
            hidden_columns |= set(
                range(int(element.get("min", 1)), min(int(element.get("max", 1)), 16384) + 1)
            )
        elif element.tag == f"{MAIN}row":
            is_hidden = element.get("hidden") in ("1", "true")
            for cell in element.iter(f"{MAIN}c"):
                place = cell.get("r", "?")
                value = cell.find(f"{MAIN}v")
                if cell.find(f"{MAIN}f") is not None and (value is None or not value.text):
                    yield place, "是没有计算结果的公式", "is a formula without a result"
                if cell.get("t") == "e":
                    yield place, "是公式错误", "is a formula error"
                has_content = value is not None or cell.find(f"{MAIN}is") is not None
                if has_content and (is_hidden or _column_number(place) in hidden_columns):
                    yield place, "被隐藏而有内容", "is hidden but holds content"
            element.clear()


def _column_number(place: str) -> int:
    number = 0
    for letter in place:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number
