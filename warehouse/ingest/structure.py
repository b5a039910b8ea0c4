"""Whether the lines of a CSV file became the records they were meant to be.

The reader takes a stray quote for the beginning of a text and whole records for its content, and lets empty
columns too many at the end of a line pass. Both leave fewer or shifted records without an error. So every line
break and every comma of the file is accounted for: what does not add up is looked at, and only then.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.connections import first_row
from warehouse.ingest.recognise import Layout
from warehouse.ingest.spelling import DECIMALS_READ
from warehouse.texts import Refused

BREAK_BLOCK = 128 * 2**10
NEWLINE, COMMA, POINT, PLUS, MINUS, ZERO, NINE, LOWER_E, UNDERSCORE = b"\n,.+-09e_"
JOINED_DIGITS = re.compile(rb"""[,"\n][ \t+-]*[\d.]*\d_\d[\d._eE+-]*[ \t]*(?=[,"\r\n])""")  # a whole value
LONGEST_NUMBER = 40
EXPONENT = 6  # E, sign, three digits at most, and what ends them
PADDING = b"\n" * EXPONENT
FEW_COLUMNS = 10  # a remark may hold as many commas as so narrow a table
NEARLY = 0.75
REPORTED_BYTES = 10_000  # of a line that is longer the reader reports no more


@dataclass(frozen=True)
class Marks:
    """What the bytes of a file say before it is read: line breaks by block of ``BREAK_BLOCK`` bytes, blank
    lines, commas and quotes, and whether a number may lose digits unseen when it is read with its type.
    """

    line_breaks: tuple[int, ...]
    commas: int
    quotes: int
    has_odd_numbers: bool

    @property
    def lines(self) -> int:
        """The lines of the file, with the header."""
        return sum(self.line_breaks)


def marks_of(path: Path) -> Marks:
    """Look at every byte once; an unended last line counts as ended."""
    breaks: list[int] = []
    commas = quotes = 0
    has_odd_numbers = False
    block, before = b"\n", b""
    with path.open("rb") as stream:
        while read := stream.read(BREAK_BLOCK):
            block = read
            content = np.frombuffer(block, dtype=np.uint8)
            breaks.append(int(np.count_nonzero(content == NEWLINE)))
            commas += int(np.count_nonzero(content == COMMA))
            quotes += block.count(b'"')
            has_odd_numbers = has_odd_numbers or _has_odd_number(
                np.frombuffer(before + block + PADDING, dtype=np.uint8)
            )
            before = block[-LONGEST_NUMBER:]
    if breaks and not block.endswith(b"\n"):
        breaks[-1] += 1
    return Marks(tuple(breaks), commas, quotes, has_odd_numbers)


def _has_odd_number(content: np.ndarray) -> bool:
    """A fraction of more than nine digits, a scientific display with a sign (``1.2E+07``, ``1.0E-10``), or
    ``5_0``, which the reader takes for 50.
    """
    if (content == UNDERSCORE).any() and JOINED_DIGITS.search(content.tobytes()):
        return True
    points = np.flatnonzero(content == POINT)
    for place in range(3, DECIMALS_READ + 2):  # most amounts end after two decimals
        points = points[points < len(content) - place]
        points = points[_is_digit(content[points + place])]
        if not len(points):
            break
    if len(points) and _is_digit(content[points + 1]).any():
        return True
    exponents = np.flatnonzero((content | 0x20) == LOWER_E)
    exponents = exponents[(exponents > 0) & (exponents < len(content) - EXPONENT)]
    exponents = exponents[_is_digit(content[exponents - 1])]
    signs = content[exponents + 1]
    exponents = exponents[((signs == PLUS) | (signs == MINUS)) & _is_digit(content[exponents + 2])]
    for place in range(3, EXPONENT):  # a part of an identifier (e-4567) goes on
        if (content[exponents + place] < ZERO).any():
            return True
        exponents = exponents[_is_digit(content[exponents + place])]
    return False


def _is_digit(content: np.ndarray) -> np.ndarray:
    return (content >= ZERO) & (content <= NINE)


def judge_records(
    connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout, marks: Marks, name: str
) -> None:
    """Fill ``swallowed``: records that hold a line more, or columns too many; ``lines`` is what each stands for.

    Raises ``Refused`` when a quote swallowed more than one line: what it holds cannot be told any more.
    """
    connection.execute("create or replace temp table swallowed (_row bigint, lines bigint)")
    read, rejected = connection.execute(
        "select (select count(*) from delivered), (select count(*) from rejected_line)"
    ).fetchall()[0]
    texts = [
        column
        for column, kind, *_ in connection.execute("describe delivered").fetchall()
        if kind == "VARCHAR"
    ]
    if marks.lines != read + rejected + 1:
        _judge_lines(connection, path, layout, texts, marks, name)
    _judge_columns(connection, path, layout, texts, marks, read)
    connection.execute(
        "update rejected_line set is_only_type = false where _row in (select _row from swallowed)"
    )


def _judge_lines(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    layout: Layout,
    texts: Sequence[str],
    marks: Marks,
    name: str,
) -> None:
    """Of every value with a line break: how many lines it holds, and whether these are records."""
    width = len(layout.names) - 1
    is_record = f"commas >= {'' if width >= FEW_COLUMNS else 'breaks * '}{width}"
    values = " union all ".join(
        f"select _row, {column} as value from numbered where contains({column}, e'\\n')" for column in texts
    )
    counted = """
        strlen(value) - strlen(replace(value, e'\\n', '')) as breaks,
        strlen(value) - strlen(replace(value, ',', '')) as commas,
        len(list_filter(string_split(value, e'\\n')[2:-2], lambda line: line in ('', e'\\r'))) as blank
    """
    connection.execute(
        f"""
        create or replace temp table spanning as
        with within as (select *, {counted} from ({values or "select 0 as _row, '' as value limit 0"})),
        rejected as (
            select *, {counted} from (select _row, rtrim(line, e'\\r\\n') as value from rejected_line)
            where contains(value, e'\\n') or strlen(value) >= {REPORTED_BYTES}
        )
        select _row, breaks, blank, {is_record} as is_swallowed, false as is_rejected from within
        union all
        select
            _row, breaks, blank,
            commas >= {NEARLY} * {width} * {"2" if width >= FEW_COLUMNS else "(breaks + 1)"} and breaks > 0,
            true
        from rejected
        """
    )
    lost = _lines_lost(connection, path, marks)
    first = first_row(
        connection.execute(
            """
        select _row, breaks, is_rejected from spanning
        where is_swallowed and (breaks > 1 or (is_rejected and $lost > 0))
        order by _row limit 1
        """,
            {"lost": lost},
        )
    )
    if first is None and lost > 0:
        first = first_row(
            connection.execute(
                "select _row, 0, true from rejected_line where not is_only_type order by _row limit 1"
            )
        )
        if first is None:
            raise Refused(
                f"{name} 有 {lost} 行没有读成记录，多半是引号不成对；请从来源重新导出。",
                f"{lost} lines of {name} did not become records, probably for a quote without its pair; "
                "export it again.",
            )
    if first is not None:
        record, breaks, is_rejected = first
        swallowed = breaks + (lost if is_rejected else 0)
        before = connection.execute(
            "select coalesce(sum(breaks), 0) from spanning where _row < ?", [record]
        ).fetchall()[0][0]
        line = int(record) + 1 + int(before)
        raise Refused(
            f"{name} 的第 {record} 条记录（第 {line} 行起，不计空行）有一个引号没有在本行结束，"
            f"其后 {swallowed} 行被当作它的内容；请改正该处的引号后重新送来。",
            f"A quote in record {record} of {name} (from line {line}, blank lines not counted) is not closed on "
            f"its line, and {swallowed} lines after it were taken for its content; correct the quote and "
            "deliver it again.",
        )
    connection.execute(
        "insert into swallowed select _row, max(breaks) + 1 from spanning where is_swallowed group by _row"
    )


def _lines_lost(connection: duckdb.DuckDBPyConnection, path: Path, marks: Marks) -> int:
    """Lines that are neither the header, nor a record, nor within one, nor blank."""
    known, blank_within = connection.execute(
        """
        select
            1 + (select count(*) from delivered) + (select count(*) from rejected_line)
            + (select coalesce(sum(breaks), 0) from spanning),
            (select coalesce(sum(blank), 0) from spanning)
        """
    ).fetchall()[0]
    return marks.lines - int(known) - (_blank_lines(path) - int(blank_within))


def _blank_lines(path: Path) -> int:
    """How many lines hold nothing."""
    blank, before = 0, b""
    with path.open("rb") as stream:
        while read := stream.read(BREAK_BLOCK):
            lines = (before + read).split(b"\n")
            blank += sum(line in (b"", b"\r") for line in lines[:-1])
            before = lines[-1]
    return blank + (before == b"\r")


def _judge_columns(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    layout: Layout,
    texts: Sequence[str],
    marks: Marks,
    read: int,
) -> None:
    """Find the lines with more columns than the header where not all lines have as many.

    An unquoted comma within a text moves all columns behind it, and the reader lets an empty last one fall.
    """
    width = len(layout.names) - 1
    with path.open("rb") as stream:
        header = stream.readline().count(b",")
    rejected = connection.execute(
        "select _row, line, is_only_type from rejected_line order by _row"
    ).fetchall()
    extra = marks.commas - header - sum(line.count(",") for _, line, _ in rejected) - read * width
    if extra > 0 and marks.quotes and texts:
        commas = " + ".join(
            f"coalesce(sum(strlen({each}) - strlen(replace({each}, ',', ''))), 0)" for each in texts
        )
        extra -= int(connection.execute(f"select {commas} from delivered").fetchall()[0][0])
    if extra > 0 and (not read or extra % read):
        _find_longer(connection, path, width + 1, {row for row, _, _ in rejected}, read)
    if extra <= 0:
        longer = [row for row, line, is_only_type in rejected if is_only_type and _columns(line) > width + 1]
        _insert(connection, longer)


def _find_longer(
    connection: duckdb.DuckDBPyConnection, path: Path, width: int, rejected: set[int], read: int
) -> None:
    """Of lines of two lengths, those of the rarer one."""
    longer: list[int] = []
    usual: list[int] = []
    for number, columns in enumerate(_lengths(path), 1):
        if number not in rejected:
            (longer if columns > width else usual).append(number)
    _insert(connection, longer if len(longer) <= read / 2 else usual)


def _lengths(path: Path) -> Iterator[int]:
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as stream:
        lengths = (len(row) for row in csv.reader(stream) if row)
        next(lengths)
        yield from lengths


def _columns(line: str) -> int:
    return len(next(csv.reader(io.StringIO(line, newline="")), []))


def _insert(connection: duckdb.DuckDBPyConnection, records: Sequence[int]) -> None:
    if records:
        connection.register("records_found", pa.table({"_row": pa.array(records, pa.int64())}))
        connection.execute(
            "insert into swallowed select _row, 1 from records_found "
            "where _row not in (select _row from swallowed)"
        )
        connection.unregister("records_found")
