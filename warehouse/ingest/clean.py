"""From what was delivered to the typed rows of a batch: the view or table ``batch_all``.

A column that was read with its type only needs its miswritten codes mapped. A column that is text, and
every column of a line the typed read rejected, is cleaned by the rules Q03–Q10 of the source model and
cast; what still cannot be cast is named in ``_unread``. Nothing here decides about a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.feeds.contract import ContractColumn, columns_of
from warehouse.ingest.codes import allowed, repairs
from warehouse.ingest.read import Delivered, loose_type

FULL_WIDTH = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000\u00a0\uffe5"
HALF_WIDTH = "".join(map(chr, range(0x21, 0x7F))) + "  ¥"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\t"  # translate() drops what has no counterpart
NO_VALUE = (
    "—",
    "——",
    "-",
    "--",
    "–",
    "/",
    "无",
    "無",
    "NULL",
    "null",
    "N/A",
    "0000-00-00",
    "0000-00-00 00:00:00",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
TIME_FORMATS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f")
FIRST_SERIAL, LAST_SERIAL = 20000, 60000  # days since 1899-12-30 that a spreadsheet may show as a date
MAX_DISTINCT = 5000


@dataclass(frozen=True)
class Batch:
    """How the rows came out: for each column, how many values were put right."""

    repaired: Mapping[str, int]


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """The cleaning functions, as SQL macros of this connection."""
    dates = ", ".join(f"'{each}'" for each in DATE_FORMATS)
    moments = ", ".join(f"'{day} {time}'" for day in DATE_FORMATS for time in TIME_FORMATS)
    nothing = ", ".join(f"'{each}'" for each in NO_VALUE)
    serial = f"try_cast(t as double) between {FIRST_SERIAL} and {LAST_SERIAL}"
    connection.execute(
        f"""
        create or replace temp macro is_odd(t) as
            strlen(t) <> length(t) or contains(t, ' ') or contains(t, chr(9));
        create or replace temp macro half_width(t) as
            nullif(trim(translate(t, '{(FULL_WIDTH + INVISIBLE).replace("'", "''")}',
                '{HALF_WIDTH.replace("'", "''")}')), '');
        create or replace temp macro said(t) as case when t not in ({nothing}) then t end;
        create or replace temp macro plain_number(t) as
            case when regexp_full_match(t, '[-+]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d+)?') then replace(t, ',', '')
                else t end;
        create or replace temp macro signed_number(t) as
            case when regexp_full_match(t, '\\(.+\\)') then '-' || plain_number(trim(t[2:-2]))
                else plain_number(t) end;
        create or replace temp macro clean_number(t) as
            signed_number(regexp_replace(replace(half_width(t), ' ', ''), '^[¥$]|元$', '', 'g'));
        create or replace temp macro date_of(t) as
            case when {serial} then date '1899-12-30' + cast(floor(cast(t as double)) as integer)
                else cast(coalesce(try_strptime(t, [{dates}]), try_strptime(t, [{moments}])) as date) end;
        create or replace temp macro moment_of(t) as
            case when {serial} then timestamp '1899-12-30'
                    + to_seconds(cast(round(cast(t as double) * 86400) as bigint))
                else coalesce(try_cast(t as timestamp), try_strptime(t, [{moments}]),
                    try_strptime(t, [{dates}])) end;
        """
    )


def make_batch(
    connection: duckdb.DuckDBPyConnection, delivered: Delivered, known_on: date, folder: Path
) -> Batch:
    """Create ``batch_all``: ``_row``, the contract's columns (loosely typed), ``known_on``, ``_unread``."""
    define_macros(connection)
    columns = columns_of(delivered.layout.feed)
    present = set(delivered.layout.columns)
    _read_rejected_lines(connection, delivered, folder)
    codes, repaired = _code_repairs(connection, columns, present)
    odd = _odd_identifiers(connection, columns, present, delivered.text_columns)
    padded = _padded_texts(connection, columns, present, delivered.text_columns)
    typed, texts = [], []
    for column in columns:
        name = column.name
        if column.sql_type == "bigint" and name in present:
            loose = _cleaned(column)
            texts += [f"{loose} as _exact_{name}", f"try_cast({loose} as bigint) as {name}"]
            loose = loose if name in delivered.text_columns else name
            typed += [f"{loose} as _exact_{name}", f"try_cast({loose} as bigint) as {name}"]
            continue
        if name not in present:
            kind = column.sql_type if column.sql_type == "bigint" else loose_type(column)
            expression = f"cast(null as {kind}) as {name}"
            typed.append(expression)
            texts.append(expression)
            continue
        mapping = codes.get(name, {})
        texts.append(f"{_mapped(_cleaned(column), mapping)} as {name}")
        if name in delivered.text_columns:
            typed.append(f"{_mapped(_cleaned(column), mapping)} as {name}")
        elif name in odd:
            fixed = f"case when is_odd({name}) then half_width({name}) else {name} end"
            typed.append(f"{_mapped(fixed, mapping)} as {name}")
        elif name in padded:
            trimmed = f"nullif(trim({name}), '')"
            typed.append(f"{_mapped(trimmed, mapping)} as {name}")
        else:
            typed.append(f"{_mapped(name, mapping)} as {name}")
    unread_typed = _unread([each for each in columns if each.name in delivered.text_columns])
    unread_texts = _unread([each for each in columns if each.name in present])
    is_text = bool(delivered.text_columns)
    drop_batch(connection)
    connection.execute(
        f"""
        create or replace temp table batch_of_lines as
        select _row, {", ".join(texts)}, {unread_texts} as _unread from line_text
        """
    )
    connection.execute(
        f"""
        create temp {"table" if is_text else "view"} batch_all as
        select _row, {", ".join(typed)}, {unread_typed} as _unread, date '{known_on}' as known_on
        from numbered
        union all
        select *, date '{known_on}' as known_on from batch_of_lines
        """
    )
    lines = connection.execute("select count(*) from batch_of_lines where len(_unread) = 0").fetchall()[0][0]
    if lines:
        repaired["_line"] = lines
    return Batch(repaired | odd)


def drop_batch(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what an earlier batch of this connection left behind."""
    found = connection.execute(
        "select table_type from information_schema.tables where table_name = 'batch_all'"
    ).fetchone()
    connection.execute("drop view if exists batch")
    if found:
        connection.execute(f"drop {'view' if found[0] == 'VIEW' else 'table'} batch_all")


def _read_rejected_lines(connection: duckdb.DuckDBPyConnection, delivered: Delivered, folder: Path) -> None:
    """``line_text``: lines whose values did not fit their types, read again as text."""
    names = delivered.layout.names
    listed = ", ".join(f"'{name}': 'varchar'" for name in names)
    rows = connection.execute(
        "select _row, line from rejected_line where is_only_type order by _row"
    ).fetchall()
    empty = ", ".join(f"cast(null as varchar) as {name}" for name in names)
    if not rows:
        connection.execute(f"create or replace temp table line_text as select 0 as _row, {empty} limit 0")
        return
    again = folder / "rejected_lines.csv"
    try:
        again.write_text("\n".join(line for _, line in rows) + "\n", encoding="utf-8", newline="")
        connection.execute(
            f"""
            create or replace temp table line_text as
            select * from read_csv(
                ?, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
                columns = {{{listed}}}, strict_mode = true
            )
            """,
            [str(again)],
        )
    finally:
        again.unlink(missing_ok=True)
    connection.execute("alter table line_text add column _row bigint")
    connection.execute(
        """
        update line_text set _row = place._row
        from (select row_number() over (order by _row) - 1 as position, _row
            from rejected_line where is_only_type) as place
        where line_text.rowid = place.position
        """
    )


def _code_repairs(
    connection: duckdb.DuckDBPyConnection, columns: tuple[ContractColumn, ...], present: set[str | None]
) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    """For each coded column: written value → meant code, and how many values that concerns."""
    coded = [each for each in columns if each.name in present and (allowed(each) or each.is_month)]
    mappings: dict[str, dict[str, str]] = {}
    counts: dict[str, int] = {}
    for column in coded:
        name = column.name
        values = connection.execute(
            f"""
            select {name}, sum(rows_cnt) from (
                select cast({name} as varchar) as {name}, count(*) as rows_cnt from delivered group by 1
                union all
                select {name}, count(*) from line_text group by 1
            ) where {name} is not null group by 1 limit {MAX_DISTINCT}
            """
        ).fetchall()
        mapping = repairs(column, (value for value, _ in values))
        if mapping:
            mappings[name] = mapping
            counts[name] = sum(int(count) for value, count in values if value in mapping)
    return mappings, counts


def _odd_identifiers(
    connection: duckdb.DuckDBPyConnection,
    columns: tuple[ContractColumn, ...],
    present: set[str | None],
    text_columns: frozenset[str],
) -> dict[str, int]:
    """Identifiers with full-width, invisible or blank characters, counted by column."""
    names = [
        each.name
        for each in columns
        if each.name in present and each.name not in text_columns and is_identifier(each)
    ]
    if not names:
        return {}
    counts = connection.execute(
        f"select {', '.join(f'count(*) filter (where is_odd({name}))' for name in names)} from delivered"
    ).fetchall()[0]
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def _padded_texts(
    connection: duckdb.DuckDBPyConnection,
    columns: tuple[ContractColumn, ...],
    present: set[str | None],
    text_columns: frozenset[str],
) -> set[str]:
    """Text columns with a value that begins or ends with a blank, or is empty between quotes."""
    names = [
        each.name
        for each in columns
        if each.name in present and each.name not in text_columns and each.sql_type == "varchar"
    ]
    if not names:
        return set()
    counts = connection.execute(
        "select "
        + ", ".join(
            f"bool_or({name} = '' or starts_with({name}, ' ') or ends_with({name}, ' '))" for name in names
        )
        + " from delivered"
    ).fetchall()[0]
    return {name for name, found in zip(names, counts, strict=True) if found}


def is_identifier(column: ContractColumn) -> bool:
    """Whether the column holds a number or code that never has full-width letters or blanks."""
    if column.sql_type != "varchar" or column.code_set or column.codes:
        return False
    return column.sensitivity == "pseudonym" or column.name.endswith(
        ("_id", "_no", "_code", "_codg", "_sn", "certno")
    )


def _cleaned(column: ContractColumn) -> str:
    """SQL for the typed value of a text column."""
    name = column.name
    if column.sql_type == "date":
        return f"date_of(said(half_width({name})))"
    if column.sql_type == "timestamp":
        return f"moment_of(said(half_width({name})))"
    if column.sql_type != "varchar":
        return f"try_cast(said(clean_number({name})) as {loose_type(column)})"
    if is_identifier(column) or column.code_set or column.codes or column.is_month:
        return f"case when is_odd({name}) then half_width({name}) else nullif(trim({name}), '') end"
    return f"nullif(trim({name}), '')"


def _mapped(expression: str, mapping: Mapping[str, str]) -> str:
    if not mapping:
        return expression
    quoted = {written.replace("'", "''"): code for written, code in mapping.items()}
    cases = " ".join(f"when '{written}' then '{code}'" for written, code in quoted.items())
    return f"case {expression} {cases} else {expression} end"


def _unread(columns: list[ContractColumn]) -> str:
    """SQL for the list of columns whose text says something that is not of the column's type."""
    parts = [
        f"case when said(half_width({each.name})) is not null and {_cleaned(each)} is null "
        f"then '{each.name}' end"
        for each in columns
        if each.sql_type != "varchar"
    ]
    if not parts:
        return "cast([] as varchar[])"
    return f"list_filter([{', '.join(parts)}], lambda each: each is not null)"
