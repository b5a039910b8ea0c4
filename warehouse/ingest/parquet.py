"""A Parquet file (delivered, or written by a database pull) into ``delivered``."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.connections import first_row
from warehouse.feeds.contract import columns_of
from warehouse.ingest.read import Delivered, loose_type, number_rows
from warehouse.ingest.recognise import Layout, recognise
from warehouse.texts import Refused

FIRST_INEXACT = 2**53  # from here on a double does not hold every whole number


def parquet_layout(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, feed_name: str | None
) -> Layout:
    """The feed a Parquet file is, by its column names."""
    try:
        described = _described(connection, path)
    except duckdb.Error as error:
        raise Refused(
            f"{name} 不是完整的 Parquet 文件；请从来源重新导出。",
            f"{name} is no complete Parquet file; export it from the source again.",
        ) from error
    return recognise([column for column, _ in described], name, feed_name)


def _described(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    described = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    return [(name, kind) for name, kind, *_ in described]


def _as_written(column: str, kind: str, is_text: bool) -> str:
    """A column as a CSV file would have it: moments in Chinese time; of texts, flags as 0 and 1 and numbers whole."""
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


def load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Delivered:
    """Columns that fit their type are cast; one with a value that does not is taken as text and cleaned."""
    contract = {each.name: each for each in columns_of(layout.feed)}
    texts = {name for name in layout.names if name not in contract or contract[name].sql_type == "varchar"}
    sources = {
        name: _as_written(f'"{header.replace(chr(34), chr(34) * 2)}"', kind, name in texts)
        for name, (header, kind) in zip(layout.names, _described(connection, path), strict=True)
    }
    casts = {
        name: f"try_cast({source} as {loose_type(contract[name]) if name in contract else 'varchar'})"
        for name, source in sources.items()
    }
    typed = [name for name in layout.names if name not in texts]
    unfit: set[str] = set()
    if typed:
        counts = connection.execute(
            "select "
            + ", ".join(
                f"count(*) filter (where {sources[n]} is not null and {casts[n]} is null)" for n in typed
            )
            + " from read_parquet(?)",
            [str(path)],
        ).fetchall()[0]
        unfit = {name for name, count in zip(typed, counts, strict=True) if count}
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
