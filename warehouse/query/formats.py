"""Query results as bytes in the format a statistician asked for."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from itertools import chain
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter

from warehouse.connections import CLOSED_WORLD

EXCEL_MAX_ROWS = 1_048_575
EXCEL_MAX_TEXT = 32_767
EXCEL_DIGITS = 15
EXACT = Context(prec=100)
PLAIN_NUMBER = re.compile(r"^[+-]?\d[\d,]*(\.\d+)?%?$")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What Python's datetime can hold; the engine's infinity and its far years lie beyond.
FIRST_DAY, LAST_DAY = date.min, date.max
SECONDS_OF_A_DAY = 86_400
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def to_csv(table: pa.Table) -> bytes:
    """UTF-8 with BOM (Excel opens it right); texts that would run as formulas are prefixed by ``'``.

    A spreadsheet begins a new row at a bare carriage return too, so a row that holds one is quoted throughout.
    """
    buffer = io.StringIO()
    plain = csv.writer(buffer, lineterminator="\n")
    quoted = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in chain([tuple(table.column_names)], rows_of(table)):
        cells = ["" if value is None else _csv_cell(value) for value in row]
        is_broken = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (quoted if is_broken else plain).writerow(cells)
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
    """Parquet with the result's own types; intervals, unions and empty structs, which it has not, as texts."""
    buffer = io.BytesIO()
    table = _with_texts(table, [n for n, each in enumerate(table.schema) if _is_strange(each.type)])
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
    """The rows of a result as tuples of Python values, made batch by batch.

    Columns with times beyond Python's are texts, as in :func:`readable`.
    """
    for batch in readable(table).to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def readable(table: pa.Table) -> pa.Table:
    """The result; a column with a time that Python cannot hold (infinity, 24:00:00, the year 10000) as text."""
    return _with_texts(table, [n for n, column in enumerate(table.columns) if _is_beyond(column)])


def _with_texts(table: pa.Table, positions: Sequence[int]) -> pa.Table:
    """The columns at these positions as the database writes them; names may repeat, so positions count."""
    for position in positions:
        with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
            connection.register("given", pa.table({"value": table.column(position)}))
            texts = connection.sql("select cast(value as varchar) from given").to_arrow_table().column(0)
        table = table.set_column(position, table.schema.field(position).name, texts)
    return table


def _is_beyond(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if pa.types.is_nested(kind):
        try:
            column.to_pylist()
        except (OverflowError, ValueError):
            return True
        return False
    if not pa.types.is_temporal(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return False
    whole = column.cast(pa.int32() if pa.types.is_date32(kind) or pa.types.is_time32(kind) else pa.int64())
    least, most = (pc.min_max(whole)[name].as_py() for name in ("min", "max"))
    if least is None:
        return False
    if pa.types.is_date32(kind):
        epoch = date(1970, 1, 1)
        return bool(least < (FIRST_DAY - epoch).days or most > (LAST_DAY - epoch).days)
    if pa.types.is_time(kind):
        return bool(most >= SECONDS_OF_A_DAY * PER_SECOND[kind.unit])
    seconds = (least // PER_SECOND[kind.unit], most // PER_SECOND[kind.unit])
    days = [each // SECONDS_OF_A_DAY for each in seconds]
    epoch = date(1970, 1, 1)
    # a day of room on both sides, which a time zone may take
    return bool(days[0] <= (FIRST_DAY - epoch).days or days[1] >= (LAST_DAY - epoch).days)


def _is_strange(kind: pa.DataType) -> bool:
    inner = [kind.field(position).type for position in range(kind.num_fields)]
    is_empty = pa.types.is_struct(kind) and not inner
    is_strange = is_empty or pa.types.is_interval(kind) or pa.types.is_union(kind)
    return is_strange or any(_is_strange(each) for each in inner)


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
    if isinstance(value, (int, float)):
        return value
    text = text_of(value)
    runs = text.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.match(text)
    return "'" + text if runs else text


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
