"""Query results as bytes in the format a statistician asked for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

EXCEL_MAX_ROWS = 1_048_575
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(table: pa.Table) -> bytes:
    """UTF-8 with BOM (Excel opens it right); texts that look like formulas are prefixed by ``'``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in rows_of(table):
        writer.writerow(["" if value is None else _csv_cell(value) for value in row])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def to_json(table: pa.Table) -> bytes:
    """A JSON array of objects; decimals stay exact as numbers, dates are ISO texts."""
    names = table.column_names
    lines = [
        json.dumps(dict(zip(names, map(_json_cell, row), strict=True)), ensure_ascii=False, default=str)
        for row in rows_of(table)
    ]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8")


def to_parquet(table: pa.Table) -> bytes:
    """Parquet with the result's own types."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def to_xlsx(table: pa.Table) -> bytes:
    """One sheet with a frozen, filtered head; texts are never formulas.

    Raises ``ValueError`` when the result has more rows than a sheet can hold.
    """
    if table.num_rows > EXCEL_MAX_ROWS:
        raise ValueError(f"{table.num_rows} rows do not fit into one sheet")
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("查询结果")
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, table.column_names, head)
        for number, row in enumerate(rows_of(table), start=1):
            for position, value in enumerate(row):
                _write_cell(sheet, number, position, value, day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(table.num_rows, 1), max(table.num_columns - 1, 0))
        sheet.autofit(320)
    return buffer.getvalue()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {
    "csv": to_csv,
    "json": to_json,
    "parquet": to_parquet,
    "xlsx": to_xlsx,
}


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """The rows of a result as tuples of Python values."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _csv_cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def _json_cell(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def _write_cell(sheet: Any, row: int, position: int, value: object, day: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, position, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, position, float(value))
    elif isinstance(value, datetime):
        sheet.write_string(row, position, value.isoformat(sep=" "))
    elif isinstance(value, date):
        sheet.write_datetime(row, position, datetime(value.year, value.month, value.day), day)
    else:
        sheet.write_string(row, position, str(value))
