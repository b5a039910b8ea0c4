"""A Parquet file (delivered, or written by a database pull) into ``delivered``."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.connections import CLOSED_WORLD, first_row, is_disk_full
from warehouse.feeds.contract import columns_of
from warehouse.ingest.read import Delivered, number_rows, quick_number
from warehouse.ingest.recognise import Layout, recognise, refuse_long, refuse_wide
from warehouse.ingest.spelling import DECIMALS_READ
from warehouse.texts import Refused

DIGITS = 15
FIRST_INEXACT_CENT = 10**13  # from here on fifteen digits do not reach the cents
SMALL: dict[str, str] = {"memory_limit": "1GB", "threads": "2", "temp_directory": ""}
BOMB_ROWS, MAX_CELLS_A_BYTE = 5_000_000, 100
FIRST_INEXACT = 2**53  # from here on a double does not hold every whole number


def parquet_layout(path: Path, name: str, feed_name: str | None) -> Layout:
    """The feed a Parquet file is, by its column names, when all of it could be read.

    To be read apart: a flipped byte may end the process. Every value is unpacked once, so that reading the file
    again meets nothing that this did not.
    """
    try:
        about = pq.read_metadata(path)
        refuse_wide(about.num_columns, name)
        _refuse_bomb(about.num_rows, about.num_columns, path, name)
        with duckdb.connect(config={**CLOSED_WORLD, **SMALL}) as connection:
            described = _described(connection, path)
            layout = recognise([column for column, _ in described], name, feed_name)
            columns = ", ".join(_quoted(column) for column, _ in described)
            texts = [f"max(strlen({_quoted(column)}))" for column, kind in described if kind == "VARCHAR"]
            lengths = connection.execute(
                f"select {', '.join([f'bit_xor(hash({columns}))', *texts])} from read_parquet(?)", [str(path)]
            ).fetchall()[0][1:]
            refuse_long(max((length for length in lengths if length), default=0), name)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if is_disk_full(error):
            raise
        raise Refused(
            f"{name} 不是完整的 Parquet 文件；请从来源重新导出。",
            f"{name} is no complete Parquet file; export it from the source again.",
        ) from error
    return layout


def _refuse_bomb(rows: int, columns: int, path: Path, name: str) -> None:
    """A few bytes may stand for any number of equal rows; no table of records is packed so tight."""
    size = path.stat().st_size
    if rows > BOMB_ROWS and rows * columns > MAX_CELLS_A_BYTE * size:
        raise Refused(
            f"{name} 只有 {size} 字节，却写着 {rows} 行，不读取；请从来源重新导出。",
            f"{name} has {size} bytes and says that it holds {rows} rows; it is not read. Export it again.",
        )


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _described(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    described = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    return [(name, kind) for name, kind, *_ in described]


def _as_written(column: str, kind: str, is_text: bool) -> str:
    """A column as a CSV file would have it: moments in Chinese time; of texts, flags as 0 and 1 and numbers whole.

    Of a double the digits count that it holds for sure, as a spreadsheet shows them: what a sum leaves in the
    seventeenth is noise.
    """
    if kind in ("DOUBLE", "FLOAT") and not is_text:
        return (
            f"case when abs({column}) < {FIRST_INEXACT_CENT} then printf('%.{DIGITS}g', cast({column} as double)) "
            f"else cast({column} as varchar) end"
            if kind == "DOUBLE"
            else f"cast({column} as varchar)"
        )
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"({column} at time zone 'Asia/Shanghai')"
    if is_text and kind == "BOOLEAN":
        return f"cast({column} as tinyint)"
    if is_text and kind in ("DOUBLE", "FLOAT"):
        return (
            f"case when {column} = floor({column}) and abs({column}) < {FIRST_INEXACT} "
            f"then cast(cast({column} as bigint) as varchar) else cast({column} as varchar) end"
        )
    return column


def _is_read_as_text(kind: str) -> bool:
    """Whether a cast of the column could drop something: what stands behind a moment, digits of a number."""
    return kind == "VARCHAR" or (kind.startswith("DECIMAL") and int(kind[8:-1].split(",")[1]) > DECIMALS_READ)


def load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Delivered:
    """Columns that fit their type are cast; one with a value that does not is taken as text and cleaned."""
    contract = {each.name: each for each in columns_of(layout.feed)}
    texts = {name for name in layout.names if name not in contract or contract[name].sql_type == "varchar"}
    sources = {
        name: _as_written(_quoted(header), kind, name in texts)
        for name, (header, kind) in zip(layout.names, _described(connection, path), strict=True)
    }
    casts = {
        name: f"try_cast({source} as {quick_number(contract[name]) if name in contract else 'varchar'})"
        for name, source in sources.items()
    }
    kinds = dict(zip(layout.names, (kind for _, kind in _described(connection, path)), strict=True))
    unfit = {name for name in layout.names if name not in texts and _is_read_as_text(kinds[name])}
    typed = [name for name in layout.names if name not in texts | unfit]
    if typed:
        counts = connection.execute(
            "select "
            + ", ".join(
                f"count(*) filter (where {sources[n]} is not null and {casts[n]} is null)" for n in typed
            )
            + " from read_parquet(?)",
            [str(path)],
        ).fetchall()[0]
        unfit |= {name for name, count in zip(typed, counts, strict=True) if count}
    selected = ", ".join(
        f"cast({sources[name]} as varchar) as {name}" if name in unfit else f"{casts[name]} as {name}"
        for name in layout.names
    )
    connection.execute(
        f"create or replace temp table delivered as select {selected} from read_parquet(?)", [str(path)]
    )
    if not first_row(connection.execute("select 1 from delivered limit 1")):
        raise Refused("Parquet 文件没有记录。", "The Parquet file has no records.")
    connection.execute(
        """
        create or replace temp table rejected_line
            (_row bigint, starts_at bigint, line varchar, is_only_type boolean)
        """
    )
    number_rows(connection)
    return Delivered(layout, frozenset(unfit), None)
