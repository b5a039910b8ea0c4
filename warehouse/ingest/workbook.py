"""A workbook that holds one table of a feed: all cells as text, nothing hidden, no formula without a result."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO
from xml.parsers import expat

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, ZipError

from warehouse.feeds.contract import columns_of
from warehouse.ingest.read import EXCEL_LIMIT, Delivered, number_rows, unescape
from warehouse.ingest.recognise import LINES_LOOKED_AT, Layout, UnknownHeader, recognise, refuse_long
from warehouse.statements.biff import number_formats
from warehouse.statements.sheet import BROKEN_PARTS, refuse_unseen
from warehouse.texts import Refused

ROWS_AT_ONCE = 20_000
BOM = b"\xef\xbb\xbf"
LAST_COLUMN, LETTERS = 16384, 3
SHEETS, SHEET, SHEET_DATA = "xl/worksheets/", "worksheet", "sheetData"
OTHER_CONTAINERS = ("xl/workbook.bin", "content.xml")  # the reader would take the book for an XLSB or ODS
TEXT_ENCODINGS = ("UTF-8", "UTF8", "US-ASCII", "ASCII")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
SHOWN = ("0", "false", "")
XLS_LIMIT = 65_536
LOWEST_ROW, NARROWEST_COLUMN = 2.0, 0.34  # points, digits: less shows nothing
CHUNK = 2**20
ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)
MAX_UNPACKED = 4 * 2**30
MAX_PARTS = 10_000
MAX_CELLS = 50_000_000  # of the rectangle around all cells, which the reader holds in memory


class _Untrustworthy(Exception):
    """What a part of a workbook holds that no table of figures should: place and reason."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        super().__init__(place)
        self.place, self.zh, self.en = place, zh, en


def open_table(
    path: Path, name: str, feed_name: str | None, target: Path, most_unpacked: int = MAX_UNPACKED
) -> Layout:
    """The layout of the only filled sheet of a workbook; its records are written to ``target`` as texts.

    To be read apart: the reader may end the process. Raises ``UnknownHeader`` when the first line is no feed's
    header (it may be a printed statement).
    """
    suspect: list[str] = []
    try:
        if path.open("rb").read(2) == b"PK":
            refuse_unsafe(path, name, most_unpacked)
            suspect = _suspect_parts(path, name)
        else:
            _refuse_unseen(path, name)
        book = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
        visible = [
            meta.name for meta in book.sheets_metadata if str(meta.visible) == "SheetVisibleEnum.Visible"
        ]
        sheets = [_Texts(book.get_sheet_by_name(sheet)) for sheet in visible]
    except PasswordError as error:
        raise Refused(f"{name} 有密码保护，请解除后再送。", f"{name} is protected by a password.") from error
    except (CalamineError, ZipError, *ZIP_DAMAGE) as error:
        raise _damaged(name, error) from error
    refuse_long(max((sheet.longest for sheet in sheets), default=0), name)
    filled = [sheet for sheet in sheets if sheet.is_filled]
    if len(filled) != 1:
        raise UnknownHeader(
            f"{name} 有 {len(filled)} 个非空工作表；数据源文件每个工作簿只放一张表。",
            f"{name} has {len(filled)} filled sheets; a feed's workbook holds one table.",
        )
    (sheet,) = filled
    header = [*sheet.first_rows[0]]
    while header and not header[-1]:
        header.pop()
    try:
        layout = recognise(header, name, feed_name)
    except UnknownHeader as unknown:
        unknown.rows = sheet.first_rows
        raise
    limit = EXCEL_LIMIT if path.open("rb").read(2) == b"PK" else XLS_LIMIT
    if sheet.rows == limit:
        raise Refused(
            f"{name} 恰好有 {limit} 行，这是电子表格的上限，文件很可能被截断；请从来源重新导出。",
            f"{name} has exactly {limit} lines, the limit of spreadsheets; it was probably cut. "
            "Export it from the source again.",
        )
    try:
        _refuse_untrustworthy(path, name, suspect)
    except (expat.ExpatError, *ZIP_DAMAGE) as error:
        raise _damaged(name, error) from error
    if not sheet.write_records(layout, target):
        raise Refused(f"{name} 只有表头，没有记录。", f"{name} has a header but no records.")
    return layout


def _refuse_unseen(path: Path, name: str) -> None:
    """What an XLS hides is found by its records; of a version before them it cannot be told."""
    try:
        CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))  # says what is protected or damaged
        formats = number_formats(path.read_bytes())
    except BROKEN_PARTS as error:
        raise Refused(
            f"{name} 的版本过旧或不完整，看不出是否有隐藏的内容；请另存为 XLSX 后再送。",
            f"{name} is of an old version or damaged: what it hides cannot be told; save it as XLSX.",
        ) from error
    refuse_unseen(formats, name)


class _Texts:
    """A sheet as columns of texts, made block by block: the cells of the whole of it would fill the memory."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self.first_rows: list[list[str]] = []
        self.rows = 0
        self.last_filled = self.longest = 0
        self.blocks: list[list[pa.Array]] = []
        before = [""] * (sheet.start[1] if sheet.start else 0)
        rows = sheet.iter_rows()
        while block := list(islice(rows, ROWS_AT_ONCE)):
            columns = [
                pa.array([_text(value) or None for value in values], pa.string())
                for values in zip(*block, strict=True)
            ]
            empty = pa.nulls(len(block), pa.string())
            self.blocks.append([*(empty for _ in before), *columns])
            if len(self.first_rows) < LINES_LOOKED_AT:
                looked_at = block[: LINES_LOOKED_AT - len(self.first_rows)]
                self.first_rows += [[*before, *map(_text, row)] for row in looked_at]
            for column in columns:
                filled = pc.indices_nonzero(column.is_valid())
                self.longest = max(self.longest, pc.max(pc.binary_length(column)).as_py() or 0)
                if len(filled):
                    self.last_filled = max(self.last_filled, self.rows + filled[-1].as_py() + 1)
            self.rows += len(block)

    @property
    def is_filled(self) -> bool:
        return self.last_filled > 0

    def write_records(self, layout: Layout, target: Path) -> int:
        """Write what stands below the header, without the empty rows at the end; how many records there are."""
        schema = pa.schema([(name, pa.string()) for name in layout.names])
        with pa.OSFile(str(target), "wb") as stream, pa.ipc.new_file(stream, schema) as out:
            start = 0
            for columns in self.blocks:
                table = pa.table(columns[: len(layout.names)], schema=schema)
                first, last = max(1 - start, 0), max(min(self.last_filled - start, table.num_rows), 0)
                out.write_table(table.slice(first, max(last - first, 0)))
                start += table.num_rows
        return max(self.last_filled - 1, 0)


def _damaged(name: str, error: Exception) -> Refused:
    reason = " ".join(str(error).split())[:120]
    return Refused(
        f"{name} 不是完整的工作簿（{reason}）；请从来源重新导出。",
        f"{name} is no complete workbook ({reason}); export it from the source again.",
    )


def load_table(connection: duckdb.DuckDBPyConnection, layout: Layout, records: Path) -> Delivered:
    """Records of texts, as ``open_table`` wrote them, into ``delivered``."""
    with pa.memory_map(str(records)) as mapped:
        delivered = load_texts(connection, layout, pa.ipc.open_file(mapped).read_all())
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


def refuse_unsafe(path: Path, name: str, most_unpacked: int = MAX_UNPACKED) -> None:
    """Before anything is unpacked: a bomb, and what no program that writes workbooks makes."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except ZIP_DAMAGE as error:
        raise _damaged(name, error) from error
    unpacked = sum(info.file_size for info in parts)
    if unpacked > most_unpacked:
        raise Refused(
            f"{name} 解压后有 {unpacked // 2**20} MB，不打开；请改送 CSV。",
            f"{name} would unpack to {unpacked // 2**20} MB; it is not opened. Deliver CSV instead.",
        )
    names = [info.filename.lower() for info in parts]
    if (
        len(parts) > MAX_PARTS
        or len({*names}) < len(names)
        or any(each in names for each in OTHER_CONTAINERS)
    ):
        raise Refused(
            f"{name} 的内部结构不是正常的 XLSX 工作簿；请在表格软件中打开、另存为 XLSX 后再送。",
            f"The parts of {name} are not those of an XLSX workbook; open and save it as XLSX, then deliver it.",
        )


def _suspect_parts(path: Path, name: str) -> list[str]:
    """The parts that must be read thoroughly; refused at once where the reader would run out of memory.

    A sheet may have any name, so every part is looked into; one that holds no cells is left alone.
    """
    suspect = []
    with zipfile.ZipFile(path) as archive:
        for part_name in archive.namelist():
            with archive.open(part_name) as stream:
                head = stream.read(len(BOM) + 2).removeprefix(BOM)
            if not head.startswith((b"<", *WIDE_MARKS)) and head.strip():
                continue  # a picture, a printer's settings
            part = _Part(is_thorough=False)
            try:
                _read_part(archive, part_name, part, name)
            except expat.ExpatError:  # drawings of old are no XML in the strict sense
                part.is_suspect = part.is_sheet or part_name.lower().startswith(SHEETS)
            if part.is_far():
                raise Refused(
                    f"{name} 的表格大到 {part.last_row} 行 {part.last_column} 列；"
                    "请删去表外远处的单元格，或改送 CSV。",
                    f"The table of {name} spans {part.last_row} rows and {part.last_column} columns; "
                    "delete cells far outside of it, or deliver CSV.",
                )
            if part.is_suspect:
                suspect.append(part_name)
    return suspect


def _refuse_untrustworthy(path: Path, name: str, parts: list[str]) -> None:
    """Hidden rows and columns with content, formulas without a result, error values (Q17)."""
    if not parts:
        return
    with zipfile.ZipFile(path) as archive:
        for part_name in parts:
            _read_part(archive, part_name, _Part(is_thorough=True), name)


def _read_part(archive: zipfile.ZipFile, part_name: str, part: _Part, name: str) -> None:
    try:
        with archive.open(part_name) as stream:
            part.read(stream)
    except _Untrustworthy as found:
        raise Refused(
            f"{name} 的 {found.place} {found.zh}；请改正后再送。",
            f"{found.place} of {name} {found.en}; correct and deliver it again.",
        ) from found


class _Part:
    """One part of a workbook, read by expat: quickly for whether there is anything to look at, then thoroughly."""

    def __init__(self, is_thorough: bool) -> None:
        self.is_thorough = is_thorough
        self.is_sheet = self.is_suspect = False
        self.last_row = self.last_column = 0
        self.hidden_columns: set[int] = set()
        self._kinds: dict[str, str] = {}
        self._is_hidden = self._is_formula = self._has_result = self._has_content = self._is_value = False
        self._place = "?"
        self._last_cell = ""
        self._column = 0

    def is_far(self) -> bool:
        """Whether the rectangle around all cells is too large for the reader's memory."""
        return self.last_row * self.last_column > MAX_CELLS

    def read(self, stream: IO[bytes]) -> None:
        """Read the part; raises ``_Untrustworthy`` and ``expat.ExpatError``."""
        parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._refuse_entities
        parser.StartElementHandler = self._start
        if self.is_thorough:
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._text
        parser.ParseFile(stream)
        self._end_row()

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.upper() not in TEXT_ENCODINGS:
            raise _Untrustworthy(
                encoding, "编码不是工作簿所用的 UTF-8", "is no encoding of a workbook (UTF-8)"
            )

    def _refuse_entities(self, name: str, *_: object) -> None:
        raise _Untrustworthy(f"DOCTYPE {name[:20]}", "是工作簿中不应有的声明", "has no place in a workbook")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = self._kinds.get(tag)
        if kind is None:
            kind = self._kinds[tag] = tag.rpartition(":")[2]
        if kind == "c":
            self._last_cell = attributes.get("r", "")
            if self.is_thorough:
                self._place = self._last_cell or "?"
                self._column = _column_number(self._last_cell) or self._column + 1
                self._is_formula = self._has_result = self._has_content = False
            if attributes.get("t") == "e":
                self.is_suspect = True
                if self.is_thorough:
                    raise _Untrustworthy(self._place, "是公式错误", "is a formula error")
        elif kind == "v":
            self._has_content = self._is_value = True
        elif kind == "f":
            self.is_suspect = self._is_formula = True
        elif kind == "is":
            self._has_content = True
        elif kind == "row":
            self._end_row()
            self.is_sheet = True
            self._is_hidden = attributes.get("hidden", "").strip().lower() not in SHOWN or _is_flat(
                attributes.get("ht", ""), LOWEST_ROW
            )
            self.is_suspect = self.is_suspect or self._is_hidden
            number = attributes.get("r", "")
            self.last_row = int(number) if number.isdecimal() and len(number) < 9 else self.last_row + 1
        elif kind == "col":
            is_narrow = _is_flat(attributes.get("width", ""), NARROWEST_COLUMN)
            if is_narrow or attributes.get("hidden", "").strip().lower() not in SHOWN:
                self.is_suspect = True
                first, last = (attributes.get(each, "1") for each in ("min", "max"))
                if first.isdecimal() and last.isdecimal():
                    self.hidden_columns |= set(range(int(first), min(int(last), LAST_COLUMN) + 1))
        elif kind in (SHEET, SHEET_DATA):
            self.is_sheet = True

    def _text(self, text: str) -> None:
        if self._is_value and text.strip():
            self._has_result = True

    def _end(self, tag: str) -> None:
        kind = self._kinds[tag]
        if kind == "v":
            self._is_value = False
        elif kind == "c":
            if self._is_formula and not self._has_result:
                raise _Untrustworthy(self._place, "是没有计算结果的公式", "is a formula without a result")
            if self._has_content and (self._is_hidden or self._column in self.hidden_columns):
                raise _Untrustworthy(self._place, "被隐藏而有内容", "is hidden but holds content")

    def _end_row(self) -> None:
        """The cells of a row stand in their order: its last one tells how wide the table is."""
        self.last_column = max(self.last_column, _column_number(self._last_cell))
        self._last_cell = ""
        self._column = 0


def _is_flat(size: str, least: float) -> bool:
    """Whether a row is so low, or a column so narrow, that nothing of it shows."""
    try:
        return size != "" and float(size) < least
    except ValueError:
        return False


def _column_number(place: str) -> int:
    number = 0
    for letter in place[:LETTERS]:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number
