"""The number formats of the cells of an XLS workbook, and what of it nobody sees; the reader of values gives neither.

Follows [MS-CFB] (the file system inside) and [MS-XLS] (the records); only what a format needs is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);(#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);(#,##0.00)",
    41: "#,##0_ ",
    42: "#,##0_ ",
    43: "#,##0.00_ ",
    44: "#,##0.00_ ",
    48: "0.0E+0",
}
END_OF_CHAIN = 0xFFFFFFFA
BIFF8 = 0x0600
BOF, BOUNDSHEET, FONT, FORMAT, XF = 0x0809, 0x0085, 0x0031, 0x041E, 0x00E0
ROW, COLUMNS = 0x0208, 0x007D
ONE_CELL = (0x0203, 0x027E, 0x0006)  # NUMBER, RK, FORMULA
MANY_CELLS = 0x00BD  # MULRK
FORMULA, TRUTH_OR_ERROR = 0x0006, 0x0205
TEXT_CELLS = (0x00FD, 0x0204, 0x00D6, TRUTH_OR_ERROR)  # LABELSST, LABEL, RSTRING
IS_HIDDEN_ROW, LOWEST_ROW = 0x20, 40  # twentieths of a point: a lower row shows nothing
NARROWEST_COLUMN = 87  # of 256 parts of a digit
STRUCK = 0x08
WHITES, BLACKS = (1, 9), (0, 8)
SOLID = 1


@dataclass
class Formats:
    """The format of each number by sheet, row and column (from 1); whether anything is raised or lowered; the
    cells that are hidden, struck out, written in the colour of their ground, or errors of formulas.
    """

    codes: dict[tuple[str, int, int], str] = field(default_factory=dict)
    has_raised_text: bool = False
    hidden: list[tuple[str, int, int]] = field(default_factory=list)
    struck: list[tuple[str, int, int]] = field(default_factory=list)
    unseen: list[tuple[str, int, int]] = field(default_factory=list)
    errors: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Style:
    """What an XF record says of a cell: its format, and whether it is struck out or cannot be seen."""

    number_format: int = 0
    is_struck: bool = False
    is_unseen: bool = False


@dataclass
class _Sheet:
    """Rows and columns (from 0) of a sheet that show nothing."""

    title: str = ""
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


def number_formats(content: bytes) -> Formats:
    """The formats of a workbook; raises ``ValueError`` or ``struct.error`` where it is no whole one."""
    stream = _workbook_stream(content)
    found = Formats()
    codes, styles, fonts = dict(BUILT_IN), [], []
    sheets: dict[int, str] = {}
    sheet = _Sheet()
    for place, kind, body in _records(stream):
        if kind == BOF:
            if struct.unpack_from("<H", body)[0] != BIFF8:
                raise ValueError("not of the version BIFF8")
            sheet = _Sheet(sheets.get(place, ""))
        elif kind == BOUNDSHEET:
            if not body[4]:  # a sheet that is hidden is not read
                sheets[struct.unpack_from("<I", body)[0]] = _text(body[6:], 1)
        elif kind == FONT and len(body) >= 10:
            found.has_raised_text |= struct.unpack_from("<H", body, 8)[0] != 0
            fonts.append(struct.unpack_from("<HH", body, 2))
        elif kind == FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _text(body[2:], 2)
        elif kind == XF:
            styles.append(_style(body, fonts))
        elif sheet.title:
            _read_in_sheet(kind, body, sheet, found, styles, codes)
    return found


def _read_in_sheet(
    kind: int, body: bytes, sheet: _Sheet, found: Formats, styles: list[_Style], codes: dict[int, str]
) -> None:
    if kind == ROW:
        row, height, flags = (struct.unpack_from("<H", body, at)[0] for at in (0, 6, 12))
        if flags & IS_HIDDEN_ROW or height & 0x7FFF < LOWEST_ROW:
            sheet.rows.add(row)
    elif kind == COLUMNS:
        first, last, width, _, flags = struct.unpack_from("<5H", body)
        if flags & 1 or width < NARROWEST_COLUMN:
            sheet.columns |= set(range(first, min(last, 0xFF) + 1))
    elif kind in ONE_CELL or kind in TEXT_CELLS:
        row, column, style = struct.unpack_from("<HHH", body)
        if kind in ONE_CELL:
            found.codes[sheet.title, row + 1, column + 1] = codes.get(styles[style].number_format, "General")
        is_error = kind == TRUTH_OR_ERROR and body[7] == 1
        if is_error or (kind == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2):
            found.errors.append((sheet.title, row + 1, column + 1))
        _look_at(found, sheet, row, column, styles[style])
    elif kind == MANY_CELLS:
        row, column = struct.unpack_from("<HH", body)
        for number in range((len(body) - 6) // 6):
            style = styles[struct.unpack_from("<H", body, 4 + 6 * number)[0]]
            found.codes[sheet.title, row + 1, column + number + 1] = codes.get(style.number_format, "General")
            _look_at(found, sheet, row, column + number, style)


def _look_at(found: Formats, sheet: _Sheet, row: int, column: int, style: _Style) -> None:
    place = (sheet.title, row + 1, column + 1)
    if row in sheet.rows or column in sheet.columns:
        found.hidden.append(place)
    if style.is_struck:
        found.struck.append(place)
    if style.is_unseen:
        found.unseen.append(place)


def _style(body: bytes, fonts: list[tuple[int, int]]) -> _Style:
    """The fourth font is left out of the count; a colour is known where it is black or white in any palette."""
    font, number_format = struct.unpack_from("<HH", body)
    place = font if font < 4 else font - 1
    flags, written = fonts[place] if place < len(fonts) else (0, 0)
    pattern, ground = (
        struct.unpack_from("<I", body, 14)[0] >> 26,
        struct.unpack_from("<H", body, 18)[0] & 0x7F,
    )
    is_white, is_black = not pattern or (pattern == SOLID and ground in WHITES), ground in BLACKS
    is_unseen = (written in WHITES and is_white) or (pattern == SOLID and written in BLACKS and is_black)
    return _Style(number_format, bool(flags & STRUCK), is_unseen)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == 0 and length == 0:
            return
        yield place, kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _text(body: bytes, count_bytes: int) -> str:
    count = int.from_bytes(body[:count_bytes], "little")
    is_wide = body[count_bytes] & 1
    text = body[count_bytes + 1 : count_bytes + 1 + count * (2 if is_wide else 1)]
    return text.decode("utf-16-le" if is_wide else "latin-1")


def _workbook_stream(content: bytes) -> bytes:
    """The stream ``Workbook`` of the compound file."""
    sector = 1 << struct.unpack_from("<H", content, 30)[0]
    small = 1 << struct.unpack_from("<H", content, 32)[0]
    directory, cutoff, first_small, _, first_more, more = struct.unpack_from("<I4xIIIII", content, 48)

    def at(number: int) -> bytes:
        return content[(number + 1) * sector : (number + 2) * sector]

    tables = [number for number in struct.unpack_from("<109I", content, 76) if number < END_OF_CHAIN]
    for _ in range(more):
        numbers = struct.unpack(f"<{sector // 4}I", at(first_more))
        tables += [number for number in numbers[:-1] if number < END_OF_CHAIN]
        first_more = numbers[-1]
    following = [number for table in tables for number in struct.unpack(f"<{sector // 4}I", at(table))]

    def chain(number: int, links: list[int]) -> Iterator[int]:
        for _ in range(len(links)):
            if number >= END_OF_CHAIN:
                return
            yield number
            number = links[number]

    def stream(number: int) -> bytes:
        return b"".join(at(each) for each in chain(number, following))

    entries = stream(directory)
    named = {}
    for place in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, place + 64)[0]
        name = entries[place : place + max(length - 2, 0)].decode("utf-16-le")
        named[name] = struct.unpack_from("<IQ", entries, place + 116)
    start, size = named["Workbook"]
    size &= 0xFFFFFFFF
    if size >= cutoff:
        return stream(start)[:size]
    links = list(struct.iter_unpack("<I", stream(first_small)))
    holder = stream(named["Root Entry"][0])
    places = chain(start, [link[0] for link in links])
    return b"".join(holder[each * small : (each + 1) * small] for each in places)[:size]
