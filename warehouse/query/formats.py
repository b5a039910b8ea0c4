"""Query results as bytes in the format a statistician asked for."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

EXCEL_MAX_ROWS = 1_048_575
EXCEL_MAX_TEXT = 32_767
EXCEL_DIGITS = 15
EXACT = Context(prec=100)
PLAIN_NUMBER = re.compile(r"^[+-]?\d[\d,]*(\.\d+)?%?$")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(table: pa.Table) -> bytes:
    """UTF-8 with BOM (Excel opens it right); texts that would run as formulas are prefixed by ``'``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in rows_of(table):
        writer.writerow(["" if value is None else _csv_cell(value) for value in row])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def to_json(table: pa.Table) -> bytes:
    """A JSON array of objects; decimals keep every digit, dates are ISO texts, NaN is null.

    Raises ``ValueError`` when two columns have one name, since an object would keep only one.
    """
    names = table.column_names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"columns of one name: {', '.join(repeated)}")
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    lines = [
        "{" + ", ".join(f"{key}: {_json_cell(value)}" for key, value in zip(keys, row, strict=True)) + "}"
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

    A spreadsheet keeps 15 digits: whole numbers and decimals with more are texts, with every digit.

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


def rows_of(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a result as tuples of Python values, made batch by batch."""
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def text_of(value: object) -> str:
    """A value as a reader sees it: plain decimals, ISO dates, intervals in words, blobs in hexadecimal."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, pa.MonthDayNano):
        return _interval(value)
    return str(value)


def _interval(value: pa.MonthDayNano) -> str:
    """As DuckDB writes it: ``1 year 2 months 3 days 04:05:06.5``."""
    years, months = int(value.months / 12), int(math.fmod(value.months, 12))
    named = ((years, "year"), (months, "month"), (value.days, "day"))
    parts = [f"{count} {name}{'' if abs(count) == 1 else 's'}" for count, name in named if count]
    seconds, fraction = divmod(abs(value.nanoseconds) // 1000, 1_000_000)
    if value.nanoseconds or not parts:
        sign = "-" if value.nanoseconds < 0 else ""
        clock = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        parts.append(clock + (f".{fraction:06}".rstrip("0") if fraction else ""))
    return " ".join(parts)


def _csv_cell(value: object) -> object:
    if isinstance(value, str):
        runs = value.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.match(value)
        return "'" + value if runs else value
    return value if isinstance(value, (int, float)) else text_of(value)


def _json_cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else "null"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if value is None or isinstance(value, (bool, int, float, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=text_of)
    if isinstance(value, (date, datetime)):
        return json.dumps(value.isoformat())
    return json.dumps(text_of(value), ensure_ascii=False)


def _fits_number(value: int | float | Decimal) -> bool:
    """Whether a spreadsheet holds the number as it is; a float has no digits beyond its own."""
    if isinstance(value, float):
        return True
    return len(Decimal(value).normalize(EXACT).as_tuple().digits) <= EXCEL_DIGITS


def _write_cell(sheet: Any, row: int, position: int, value: object, day: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, position, value)
    elif isinstance(value, (int, float, Decimal)) and math.isfinite(value) and _fits_number(value):
        sheet.write_number(row, position, float(value))
    elif isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
        sheet.write_datetime(row, position, datetime(value.year, value.month, value.day), day)
    else:
        text = text_of(value)
        if len(text) > EXCEL_MAX_TEXT:
            raise ValueError(f"a text of {len(text)} characters does not fit into a cell")
        sheet.write_string(row, position, text)
