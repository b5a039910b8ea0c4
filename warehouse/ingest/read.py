"""A delivered table into the temporary table ``delivered``, one row a record, in the file's order.

Every reader leaves the same behind: ``delivered`` (columns typed where that is quick and safe, text
elsewhere), ``rejected_line`` (records that could not be read with these types) and the view ``numbered``
(``delivered`` with the record number ``_row``, counted from 1 without the header).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.connections import first_row
from warehouse.feeds.contract import ContractColumn, columns_of
from warehouse.ingest.codes import allowed
from warehouse.ingest.decode import is_utf8
from warehouse.ingest.recognise import LINES_LOOKED_AT, Layout
from warehouse.ingest.spelling import DECIMALS_READ
from warehouse.ingest.structure import BREAK_BLOCK, judge_records, marks_of
from warehouse.texts import Refused

HEAD_BYTES = 1 * 2**20
SAMPLE_BYTES = 1 * 2**20
TEXT_FROM_SHARE = 0.05
MANY_REJECTED = 1000
BLOCK = 128  # records that share one look-up of how many were rejected before them
# a column that is empty in the sample is read with a type that takes nothing: one byte a row instead of
# sixteen, and a line that does hold a value is read again as text
EMPTY = "enum(''␀'')"
MANY_CODES = 255
EXCEL_LIMIT = 1_048_576
WHOLE_NUMBER_DIGITS = 18
# without signs between its parts a date may be read in two ways (2025111): such a column is read as text
DATES_READ = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d")
MOMENTS_READ = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
)
csv.field_size_limit(2**31 - 1)  # a field that is too long is refused by its contract, not by Python


class NotUtf8(Exception):
    """The reader met text that is no UTF-8."""


@dataclass(frozen=True)
class Delivered:
    """What was read: columns that are still text, how a record's raw line is had again, columns without any
    value, those that hold nothing but codes of their set, the line breaks by block of the file, and whether
    it may hold quotes, and line breaks within values.
    """

    layout: Layout
    text_columns: frozenset[str]
    csv_file: Path | None
    empty_columns: frozenset[str] = frozenset()
    code_columns: frozenset[str] = frozenset()
    line_breaks: tuple[int, ...] = ()
    has_quotes: bool = True
    has_line_breaks: bool = True


@dataclass(frozen=True)
class Sample:
    """What the beginning of a file shows of its columns: those that do not fit their type, those without a
    value, and how dates and moments are written.
    """

    unfit: frozenset[str]
    empty: frozenset[str]
    date_format: str
    moment_format: str


def loose_type(column: ContractColumn) -> str:
    """The type a column is cleaned into: numbers with nine decimals, so that a rule can see what does not fit."""
    return (
        f"decimal({min(38, _whole_digits(column) + DECIMALS_READ)},{DECIMALS_READ})"
        if _is_number(column)
        else column.sql_type
    )


def quick_number(column: ContractColumn) -> str:
    """The type of the fast path: a number in eight bytes; one of more digits is read again as text."""
    return (
        f"decimal({min(18, _whole_digits(column) + DECIMALS_READ)},{DECIMALS_READ})"
        if _is_number(column)
        else column.sql_type
    )


def quick_type(column: ContractColumn) -> str:
    """The type of the fast path: a code takes one byte, and a line with a code of no set is read again as text."""
    codes = allowed(column)
    if 0 < len(codes) <= MANY_CODES and all(map(str.isalnum, codes)) and not column.is_month:
        listed = ", ".join(f"''{code}''" for code in sorted(codes))
        return f"enum({listed})"
    return quick_number(column)


def scale_of(column: ContractColumn) -> int:
    """How many decimals the contract gives a number."""
    return int(column.sql_type[8:-1].split(",")[1]) if column.sql_type.startswith("decimal") else 0


def _is_number(column: ContractColumn) -> bool:
    return column.sql_type.startswith(("decimal", "bigint"))


def _whole_digits(column: ContractColumn) -> int:
    if column.sql_type == "bigint":
        return WHOLE_NUMBER_DIGITS
    return int(column.sql_type[8:-1].split(",")[0]) - scale_of(column)


def csv_header(path: Path, name: str) -> tuple[str, ...]:
    """The names in the first line of a UTF-8 CSV file."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES).decode("utf-8-sig", errors="replace")
    if "\r" in head and "\n" not in head:
        raise Refused(
            f"{name} 只用回车（CR）换行；请另存为以 CRLF 或 LF 换行的 CSV。",
            f"The lines of {name} end with CR only; save it as CSV with CRLF or LF.",
        )
    try:
        headers = tuple(each.strip() for each in next(csv.reader(io.StringIO(head), strict=True)))
    except (csv.Error, StopIteration) as error:
        raise Refused(
            f"{name} 的第一行不是可读的 CSV 表头（{error}）。",
            f"The first line of {name} is no readable CSV header ({error}).",
        ) from error
    if any("\n" in each or "\r" in each for each in headers):
        raise Refused(
            f"{name} 的表头中有换行；请把每个列名写在一行内。",
            f"The header of {name} has line breaks within a name; write each name on one line.",
        )
    if head.rstrip("\r\n").count("\n") == 0 and head.count("\r") <= 1 and len(head) < HEAD_BYTES // 4:
        raise Refused(f"{name} 只有表头，没有记录。", f"{name} has a header but no records.")
    return headers


def csv_rows(path: Path) -> list[list[str]]:
    """The first lines of a UTF-8 CSV file as cells, as far as they can be read."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES).decode("utf-8-sig", errors="replace")
    return list(islice(csv.reader(io.StringIO(head)), LINES_LOOKED_AT))


def read_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout, name: str, folder: Path
) -> Delivered:
    """Typed read of a UTF-8 CSV file; a column whose values mostly do not fit its type is read as text.

    ``folder`` takes the sample that is tried first. Raises ``NotUtf8``, and ``Refused`` for a file that ends
    within a record or was cut by a spreadsheet.
    """
    contract = {each.name: each for each in columns_of(layout.feed)}
    marks = marks_of(path)
    try:
        tried = _try_sample(connection, path, layout, folder)
        text_columns = frozenset(contract) if layout.is_returned else tried.unfit
        if marks.has_odd_numbers:
            text_columns |= {name for name, each in contract.items() if _is_number(each)}
        types = {
            column: "varchar"
            if column not in contract or column in text_columns
            else loose_type(contract[column])
            for column in layout.names
        }
        read_as = types | {
            column: EMPTY if column in tried.empty else quick_type(contract[column])
            for column, kind in types.items()
            if column in contract and column not in text_columns
        }
        _scan(connection, path, read_as, "delivered", tried)
        if _many_rejected(connection):
            read_as = types
            _scan(connection, path, read_as, "delivered", tried)
    except duckdb.InvalidInputException as error:
        raise Refused(
            f"{name} 混用了不同的换行符（CRLF、LF、CR），无法逐行读取；请从来源重新导出。",
            f"{name} mixes line ends (CRLF, LF, CR) and cannot be read line by line; export it again.",
        ) from error
    breaks = marks.line_breaks
    _number_rejected(connection, path, breaks)
    judge_records(connection, path, layout, marks, name)
    _refuse_truncated(connection, name)
    if layout.is_returned:
        unescape(connection, layout)
    return Delivered(
        layout,
        text_columns & set(layout.names),
        path,
        frozenset(column for column, kind in read_as.items() if kind == EMPTY),
        frozenset(column for column, kind in read_as.items() if kind.startswith("enum") and kind != EMPTY),
        breaks,
        marks.quotes > 0,
        not is_line_a_record(connection, breaks),
    )


def _scan(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    types: Mapping[str, str],
    table: str,
    sample: Sample | None = None,
) -> None:
    """Read with one format of dates and one of moments: without, the reader drops whatever follows, a zone too."""
    formats = (
        f", dateformat = '{sample.date_format}', timestampformat = '{sample.moment_format}'" if sample else ""
    )
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    connection.execute(
        f"""
        create or replace temp table {table} as
        select * from read_csv(
            ?, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
            columns = {{{columns}}}, strict_mode = true, null_padding = false,
            store_rejects = true, rejects_limit = 0{formats}
        )
        """,
        [str(path)],
    )
    is_misread = first_row(
        connection.execute("select 1 from reject_errors where error_type = 'INVALID ENCODING'")
    )
    if is_misread and not is_utf8(path):  # of a quote in the wrong place the reader says so too
        raise NotUtf8


def _many_rejected(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(
        connection.execute(
            f"""
            select count(*) > {MANY_REJECTED} + (select count(*) from delivered) * {TEXT_FROM_SHARE}
            from reject_errors
            """
        ).fetchall()[0][0]
    )


def _try_sample(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout, folder: Path) -> Sample:
    """Which columns the first records cannot be read into, and which of them they leave empty."""
    contract = {each.name: each for each in columns_of(layout.feed) if each.name in layout.columns}
    dates = [name for name, each in contract.items() if each.sql_type == "date"]
    moments = [name for name, each in contract.items() if each.sql_type == "timestamp"]
    types = {
        column: "varchar"
        if column not in contract or column in (*dates, *moments)
        else quick_type(contract[column])
        for column in layout.names
    }
    with path.open("rb") as stream:
        head = stream.read(SAMPLE_BYTES)
        is_whole = not stream.read(1)
    sample = folder / "sample.csv"
    try:
        sample.write_bytes(head if is_whole else head[: head.rfind(b"\n") + 1])
        _scan(connection, sample, types, "sample")
    finally:
        sample.unlink(missing_ok=True)
    rows = connection.execute(
        """
        select column_name, count(distinct line) from reject_errors where error_type = 'CAST' group by 1
        """
    ).fetchall()
    total = connection.execute(
        "select (select count(*) from sample) + (select count(distinct line) from reject_errors)"
    ).fetchall()[0][0]
    counts = connection.execute(
        f"select {', '.join(f'count({column})' for column in layout.names)} from sample"
    ).fetchall()[0]
    date_format, odd_dates = _format_of(connection, dates, DATES_READ)
    moment_format, odd_moments = _format_of(connection, moments, MOMENTS_READ)
    connection.execute("drop table sample")
    misfits = dict(rows) | odd_dates | odd_moments
    unfit = frozenset(column for column, count in misfits.items() if count > max(1, total * TEXT_FROM_SHARE))
    filled = {column for column, count in zip(layout.names, counts, strict=True) if count}
    empty = frozenset(contract) - filled - unfit - {layout.names[0]}
    return Sample(unfit, empty, date_format, moment_format)


def _format_of(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], formats: Sequence[str]
) -> tuple[str, dict[str, int]]:
    """The format that most values of these columns of the sample are written in, and how many are not."""
    if not columns:
        return formats[0], {}
    counts = connection.execute(
        "select "
        + ", ".join(
            f"count({column}) - count(try_strptime({column}, '{each}'))"
            for each in formats
            for column in columns
        )
        + " from sample"
    ).fetchall()[0]
    by_format = [counts[place : place + len(columns)] for place in range(0, len(counts), len(columns))]
    best = min(range(len(formats)), key=lambda place: sum(by_format[place]))
    return formats[best], dict(zip(columns, by_format[best], strict=True))


def read_lines(
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[str],
    names: Sequence[str],
    table: str,
    folder: Path,
) -> None:
    """Raw lines of records into a temporary table of texts, in their order.

    The reader takes the first line break for the file's, so a header stands before lines whose quotes hold others.
    """
    again = folder / "lines.csv"
    columns = ", ".join(f"'{name}': 'varchar'" for name in names)
    try:
        again.write_text("\n".join((",".join(names), *lines)) + "\n", encoding="utf-8", newline="")
        connection.execute(
            f"""
            create or replace temp table {table} as
            select * from read_csv(
                ?, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
                columns = {{{columns}}}, strict_mode = true
            )
            """,
            [str(again)],
        )
    finally:
        again.unlink(missing_ok=True)


def is_line_a_record(connection: duckdb.DuckDBPyConnection, breaks: Sequence[int]) -> bool:
    """Whether there are as many lines as records and the header: no blank line, no break within quotes."""
    records = connection.execute(
        "select (select count(*) from delivered) + (select count(*) from rejected_line)"
    ).fetchall()[0][0]
    return bool(sum(breaks) == records + 1)


def _number_rejected(connection: duckdb.DuckDBPyConnection, path: Path, breaks: Sequence[int]) -> None:
    """``rejected_line``: record number, raw line, and whether only a type did not fit.

    The number comes from the byte where the record starts: the line number of the reader counts breaks within
    quotes and blank lines now and then.
    """
    connection.execute(
        """
        create or replace temp table rejected_line as
        select
            row_number() over (order by line_byte_position) as _row,
            line_byte_position as starts_at,
            ltrim(min(csv_line), e'\\r\\n') as line,
            bool_and(error_type = 'CAST') as is_only_type
        from reject_errors
        group by line_byte_position
        """
    )
    connection.execute("drop table reject_errors; drop table reject_scans")
    rejected = connection.execute(
        "select starts_at, strlen(line) from rejected_line order by starts_at"
    ).fetchall()
    if rejected:
        is_simple = is_line_a_record(connection, breaks)
        numbers = (_lines_before if is_simple else _records_before)(path, breaks, rejected)
        table = pa.table({"starts_at": [place for place, _ in rejected], "number": numbers})
        connection.register("numbers_found", table)
        connection.execute(
            """
            update rejected_line set _row = numbers_found.number
            from numbers_found where rejected_line.starts_at = numbers_found.starts_at
            """
        )
        connection.unregister("numbers_found")
    number_rows(connection)


def number_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """The view ``numbered``: a record's number is its place among those read plus the rejected before it."""
    if not first_row(connection.execute("select 1 from rejected_line limit 1")):
        connection.execute(
            "create or replace temp view numbered as select rowid + 1 as _row, * from delivered"
        )
        return
    connection.execute(
        f"""
        create or replace temp table record_shift as
        with place as (
            select
                _row - row_number() over (order by _row) as read_before
            from rejected_line
        ),
        block as (
            select read_before // {BLOCK} as block, list(read_before order by read_before) as places
            from place
            group by 1
        ),
        counted as (
            select all_blocks.block, coalesce(len(block.places), 0) as rejected, block.places
            from (
                select unnest(range((select count(*) from delivered) // {BLOCK} + 1)) as block
            ) as all_blocks
            left join block using (block)
        )
        select block, sum(rejected) over (order by block) - rejected as rejected_before, places
        from counted
        """
    )
    connection.execute(
        f"""
        create or replace temp view numbered as
        select
            delivered.rowid + 1 + cast(record_shift.rejected_before as bigint)
            + case
                when record_shift.places is null then 0
                else len(list_filter(record_shift.places, lambda place: place <= delivered.rowid))
            end as _row,
            delivered.*
        from delivered
        inner join record_shift on delivered.rowid // {BLOCK} = record_shift.block
        """
    )


def _lines_before(path: Path, breaks: Sequence[int], rejected: Sequence[tuple[int, int]]) -> list[int]:
    """The line number of each record (the header is line 0), where a line is a record."""
    before = [0, *accumulate(breaks)]
    numbers = []
    with path.open("rb") as stream:
        for place, _ in rejected:
            block = place // BREAK_BLOCK
            stream.seek(block * BREAK_BLOCK)
            numbers.append(before[block] + stream.read(place % BREAK_BLOCK).count(b"\n"))
    return numbers


def _records_before(path: Path, breaks: Sequence[int], rejected: Sequence[tuple[int, int]]) -> list[int]:
    """The record number of each place, where lines may be blank and quotes may hold breaks.

    What a rejected record holds is known from its length, so a stray quote in it does not spoil the count.
    """
    numbers: list[int] = []
    place, length = rejected[0]
    offset, record, ends_at, is_quoted = 0, -1, 0, False
    with path.open("rb") as stream:
        for line in stream:
            if offset + len(line) > place:
                record += 1
                numbers.append(record)
                ends_at, is_quoted = place + length, False
                if len(numbers) == len(rejected):
                    break
                place, length = rejected[len(numbers)]
            elif offset >= ends_at and (is_quoted or line.strip(b"\r\n")):
                record += not is_quoted
                is_quoted ^= line.count(b'"') % 2 == 1
            offset += len(line)
    return numbers


def _refuse_truncated(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    read, last_read, last_rejected = connection.execute(
        """
        select
            (select count(*) from delivered) + (select count(*) from rejected_line),
            (select max(_row) from numbered),
            (select max(_row) from rejected_line where not is_only_type)
        """
    ).fetchall()[0]
    if not read:
        raise Refused(f"{name} 没有可读的记录。", f"{name} holds no readable record.")
    if read + 1 == EXCEL_LIMIT:
        raise Refused(
            f"{name} 恰好有 {EXCEL_LIMIT} 行，这是电子表格的上限，文件很可能被截断；请从来源重新导出。",
            f"{name} has exactly {EXCEL_LIMIT} lines, the limit of spreadsheets; it was probably cut. "
            "Export it from the source again.",
        )
    if last_rejected is not None and last_rejected == read and last_read is not None and read > 1:
        raise Refused(
            f"{name} 的最后一条记录（第 {read} 条）不完整，文件可能没有发送完；请重新发送。",
            f"The last record of {name} (record {read}) is incomplete; deliver the whole file again.",
        )


def unescape(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """A returned file protects texts that begin like a formula with an apostrophe; take it off again."""
    changes = ", ".join(
        f"{name} = case when regexp_matches({name}, '^''+[=+@\t\r-]') then {name}[2:] else {name} end"
        for name in layout.names
    )
    connection.execute(f"update delivered set {changes}")
