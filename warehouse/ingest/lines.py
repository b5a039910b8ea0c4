"""The raw lines of records, as the sender wrote them: the temporary table ``raw_line``."""

from __future__ import annotations

import csv
import io
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.ingest.read import Delivered, is_line_a_record
from warehouse.ingest.recognise import Layout
from warehouse.ingest.structure import BREAK_BLOCK

NEWLINE = 10


def header_line(layout: Layout) -> str:
    """The header as one CSV line."""
    return csv_line(layout.headers)


def csv_line(values: Sequence[str]) -> str:
    """Values as one CSV line without its line break."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)  # so that values with either break are quoted
    return text.getvalue().removesuffix("\r\n")


def collect_raw_lines(connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> None:
    """Fill ``raw_line`` (_row, line) for every record named in ``broken``."""
    connection.execute(
        """
        create or replace temp table raw_line as
        select _row, line from rejected_line where _row in (select _row from broken)
        """
    )
    wanted = connection.execute(
        """
        select distinct _row from broken
        where _row not in (select _row from raw_line) order by _row
        """
    ).fetchnumpy()["_row"]
    if not len(wanted):
        return
    if delivered.csv_file is None:
        _serialise(connection, delivered.layout)
        return
    lines = _lines_of_file(connection, delivered, delivered.csv_file, np.asarray(wanted, dtype=np.int64))
    table = pa.table({"_row": pa.array(wanted, pa.int64()), "line": pa.array(lines, pa.string())})
    connection.register("lines_read", table)
    connection.execute("insert into raw_line select _row, line from lines_read")
    connection.unregister("lines_read")


def _lines_of_file(
    connection: duckdb.DuckDBPyConnection, delivered: Delivered, path: Path, wanted: np.ndarray
) -> list[str]:
    if is_line_a_record(connection, delivered.line_breaks):
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return list(_by_line_number(content, delivered.line_breaks, wanted))
    return list(_by_reading(path, wanted))


def _by_line_number(content: mmap.mmap, breaks: Sequence[int], wanted: np.ndarray) -> Iterator[str]:
    """One line a record: only the blocks that hold a wanted line are searched for line breaks.

    Record r is line r (the header is line 0): it begins after break number r and ends at the next one.
    """
    before = np.concatenate([[0], np.cumsum(breaks)])
    places: dict[int, np.ndarray] = {}

    def break_at(number: int) -> int:
        if number == before[-1] and content[-1:] != b"\n":
            return len(content)
        block = int(np.searchsorted(before, number, side="left")) - 1
        if block not in places:
            if len(places) > 2:
                places.clear()
            start = block * BREAK_BLOCK
            read = np.frombuffer(content[start : start + BREAK_BLOCK], dtype=np.uint8)
            places[block] = np.flatnonzero(read == NEWLINE) + start
        return int(places[block][number - before[block] - 1])

    for record in wanted:
        line = content[break_at(int(record)) + 1 : break_at(int(record) + 1)]
        yield line.decode("utf-8", errors="replace").rstrip("\r")


def _by_reading(path: Path, wanted: np.ndarray) -> Iterator[str]:
    """Line breaks within quotes, or blank lines: the records are read one after another."""
    remaining = set(wanted.tolist())
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as stream:
        rows = (row for row in csv.reader(stream) if row)
        next(rows)
        for number, row in enumerate(rows, 1):
            if number in remaining:
                yield csv_line(row)
                remaining.discard(number)
                if not remaining:
                    return


def _serialise(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Records of workbooks, Parquet files and databases as CSV lines under the file's own header."""
    quoted = [
        "case when regexp_matches({0}, '[\",\\r\\n]') then '\"' || replace({0}, '\"', '\"\"') || '\"' "
        "else coalesce({0}, '') end".format(f"cast({name} as varchar)")
        for name in layout.names
    ]
    connection.execute(
        f"""
        insert into raw_line
        select _row, concat_ws(',', {", ".join(quoted)}) from numbered
        where _row in (select _row from broken) and _row not in (select _row from raw_line)
        """
    )
