"""Workbooks as offices send them: a table of a feed, with or without cells that cannot be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import xlsxwriter

CREATED = datetime(2020, 1, 1)
FAULT_ROW = 3
Fault = Literal["formula", "error", "hidden"]


def table_book(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str | None]], fault: Fault | None = None
) -> None:
    """A header and its records, all cells as text; ``fault`` spoils the third record (Q17)."""
    book = _new(path)
    sheet = book.add_worksheet("Sheet1")
    sheet.write_row(0, 0, header)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write_string(number, place, value)
    if fault == "formula":
        sheet.write_formula(FAULT_ROW, len(header) - 1, "=A2&A3", value="")
    elif fault == "error":
        sheet.write_formula(FAULT_ROW, len(header) - 1, "=#REF!+1", value="#REF!")
    elif fault == "hidden":
        sheet.set_row(FAULT_ROW, None, None, {"hidden": True})
    book.close()


def printed_layout(path: Path, year: str) -> None:
    """A budget table as it is printed: title, unit and merged headings, known to no template (Q07)."""
    book = _new(path)
    sheet = book.add_worksheet("预算")
    sheet.merge_range("A1:E1", f"样例省{year}年医疗保险基金预算情况")
    sheet.merge_range("A2:E2", "金额单位:万元")
    sheet.merge_range("A3:A4", "市县")
    sheet.merge_range("B3:C3", "基金收入")
    sheet.merge_range("D3:E3", "基金支出")
    sheet.write_row("B4", ["原预算", "调整", "原预算", "调整"])
    for number, county in enumerate(("海口市", "三亚市", "儋州市"), start=4):
        sheet.write_row(number, 0, [county, 100 * number, 0, 90 * number, 0])
    book.close()


def _new(path: Path) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": CREATED})
    return book
