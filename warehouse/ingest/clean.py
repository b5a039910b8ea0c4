"""From what was delivered to the typed rows of a batch: the view or table ``batch_all``.

A column that was read with its type only needs its miswritten codes mapped. A column that is text, and
every column of a line the typed read rejected, is cleaned by the rules Q03–Q10 of the source model and
cast; what still cannot be cast is named in ``_unread``. Nothing here decides about a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.connections import first_row
from warehouse.feeds.contract import ContractColumn, columns_of
from warehouse.ingest.codes import allowed, repairs
from warehouse.ingest.read import Delivered, loose_type, read_lines

FULL_WIDTH = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000\u00a0\uffe5"
HALF_WIDTH = "".join(map(chr, range(0x21, 0x7F))) + "  ¥"
# characters that steer a terminal; tabs and line breaks belong into texts
CONTROL = "".join(map(chr, (*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))))
IS_STEERED = "regexp_matches({0}, '[\\x01-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x{{9F}}]')"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\t" + CONTROL  # translate() drops what has no counterpart
TO_HALF_WIDTH = str.maketrans(FULL_WIDTH, HALF_WIDTH, INVISIBLE)
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
    "\\N",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
TIME_FORMATS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f")
MOMENT_WITHOUT_SIGNS = "%Y%m%d%H%M%S"
EMPTY_DATE = "empty_date:"  # what 0000-00-00 is called: no date, and reported (Q04)
FIRST_SERIAL, LAST_SERIAL = 20000, 60000  # days since 1899-12-30 that a spreadsheet may show as a date
MAX_DISTINCT = 5000
TOO_MANY: tuple[str, ...] = ()  # stands for the unknown codes of a column that has more values than that
LAST_MACRO = "moment_of"


@dataclass(frozen=True)
class Batch:
    """How the rows came out, by column: how many values were put right, and which codes stay unknown."""

    repaired: Mapping[str, int]
    unknown_codes: Mapping[str, tuple[str, ...]]


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """The cleaning functions, as SQL macros of this connection; defined once."""
    with suppress(duckdb.CatalogException):
        connection.execute(f"select {LAST_MACRO}(null)")
        return
    dates = ", ".join(f"'{each}'" for each in DATE_FORMATS)
    written = [*(f"{day} {time}" for day in DATE_FORMATS for time in TIME_FORMATS), MOMENT_WITHOUT_SIGNS]
    moments = ", ".join(f"'{each}'" for each in written)
    nothing = ", ".join(f"'{each}'" for each in NO_VALUE)
    is_nothing = " or ".join(f"t = '{each}'" for each in NO_VALUE if each.isascii())  # quicker than a list
    serial = f"try_cast(t as double) between {FIRST_SERIAL} and {LAST_SERIAL}"
    connection.execute(
        f"""
        create or replace temp macro is_odd(t) as
            strlen(t) <> length(t) or contains(t, ' ') or contains(t, e'\\t') or t = '' or {is_nothing};
        create or replace temp macro half_width(t) as
            nullif(trim(translate(t, '{(FULL_WIDTH + INVISIBLE).replace("'", "''")}',
                '{HALF_WIDTH.replace("'", "''")}')), '');
        create or replace temp macro trimmed(t) as nullif(trim(translate(t, '{CONTROL}', '')), '');
        create or replace temp macro said(t) as case when t not in ({nothing}) then t end;
        create or replace temp macro without_currency(t) as
            regexp_replace(replace(t, ' ', ''), '^[¥$]|元$', '', 'g');
        create or replace temp macro with_sign(t) as
            case when starts_with(t, '(') and ends_with(t, ')') then '-' || t[2:-2] else t end;
        create or replace temp macro without_thousands(t) as
            case when regexp_full_match(t, '[-+]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d+)?') then replace(t, ',', '')
                else t end;
        create or replace temp macro date_of(t) as
            case when {serial} then date '1899-12-30' + cast(floor(cast(t as double)) as integer)
                else cast(coalesce(try_cast(t as timestamp), try_strptime(t, [{dates}]),
                    try_strptime(t, [{moments}])) as date) end;
        create or replace temp macro {LAST_MACRO}(t) as
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
    present = {name for name in delivered.layout.columns if name}
    _read_rejected_lines(connection, delivered, folder)
    coded = [each for each in columns if each.name in present and (allowed(each) or each.is_month)]
    filled = present - delivered.empty_columns
    free = filled - delivered.code_columns
    repaired, unknown = _repair_codes(connection, coded, free)
    repaired |= _repair_texts(connection, columns, free, delivered.text_columns)
    drop_batch(connection)
    source = "numbered"
    if delivered.code_columns:
        listed = ", ".join(f"cast({name} as varchar) as {name}" for name in sorted(delivered.code_columns))
        source = f"(select * replace ({listed}) from numbered)"
    if delivered.text_columns:
        typed = _from_text(source, columns, delivered.text_columns, filled)
        connection.execute(f"create temp table batch_of_texts as {typed}")
        typed = "select * from batch_of_texts"
    else:
        typed = f"select _row, {_as_read(columns, filled)}, cast([] as varchar[]) as _unread from {source}"
    read_again = 0
    if first_row(connection.execute("select 1 from line_text limit 1")):
        lines = _from_text("line_text", columns, frozenset(present), present)
        connection.execute(f"create temp table batch_of_lines as {lines}")
        typed = f"{typed} union all select * from batch_of_lines"
        read_again = connection.execute(
            "select count(*) from batch_of_lines where len(_unread) = 0"
        ).fetchall()[0][0]
    connection.execute(
        f"create temp view batch_all as select *, date '{known_on}' as known_on from ({typed})"
    )
    return Batch(repaired | ({"_line": read_again} if read_again else {}), unknown)


def _as_read(columns: tuple[ContractColumn, ...], present: set[str]) -> str:
    """The contract's columns out of columns that were read with their types."""
    return ", ".join(_final(column, column.name, present) for column in columns)


def _final(column: ContractColumn, value: str, present: set[str]) -> str:
    """A column of the batch; of a whole number also what was written, so that a rule can see a fraction."""
    name = column.name
    if column.sql_type == "bigint":
        exact = value if name in present else "cast(null as decimal(18,2))"
        return f"{exact} as _exact_{name}, try_cast({exact} as bigint) as {name}"
    return f"{value} as {name}" if name in present else f"cast(null as {loose_type(column)}) as {name}"


def _from_text(
    source: str, columns: tuple[ContractColumn, ...], texts: frozenset[str], present: set[str]
) -> str:
    """SQL that cleans the text columns step by step and casts them; ``_unread`` names what resists."""
    numbers = {each.name for each in columns if each.sql_type.startswith(("decimal", "bigint"))} & texts
    moments = {each.name for each in columns if each.sql_type in ("date", "timestamp")} & texts
    plain = {each.name for each in columns if _is_written_plainly(each)} & texts
    query = source
    for names, macro in (
        (numbers | moments | plain, "half_width"),
        (texts - numbers - moments - plain, "trimmed"),
        (numbers, "without_currency"),
        (numbers, "with_sign"),
        (numbers, "without_thousands"),
        (numbers | moments | plain, "said"),
    ):
        if names:
            changed = ", ".join(f"{macro}({name}) as {name}" for name in sorted(names))
            query = f"(select * replace ({changed}) from {query})"
    values = []
    unread = []
    for column in columns:
        name = column.name
        value = name
        if name in numbers:
            value = f"try_cast({name} as {loose_type(column)})"
        elif name in moments:
            value = f"{'date_of' if column.sql_type == 'date' else 'moment_of'}({name})"
        values.append(_final(column, value, present))
        if value != name:
            written = f"'{name}'"
            if name in moments:
                zero = f"starts_with({name}, '0000-00-00')"
                written = f"case when {zero} then '{EMPTY_DATE}{name}' else '{name}' end"
            unread.append(f"case when {name} is not null and {value} is null then {written} end")
    listed = f"list_filter([{', '.join(unread)}], lambda each: each is not null)" if unread else "[]"
    return f"select _row, {', '.join(values)}, cast({listed} as varchar[]) as _unread from {query}"


def drop_batch(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what an earlier batch of this connection left behind."""
    connection.execute(
        """
        drop view if exists temp.batch;
        drop view if exists temp.batch_seen;
        drop view if exists temp.batch_all;
        drop table if exists temp.batch_of_texts;
        drop table if exists temp.batch_of_lines;
        """
    )


def _read_rejected_lines(connection: duckdb.DuckDBPyConnection, delivered: Delivered, folder: Path) -> None:
    """``line_text``: lines whose values did not fit their types, read again as text."""
    names = delivered.layout.names
    rows = connection.execute(
        "select _row, line from rejected_line where is_only_type order by _row"
    ).fetchall()
    empty = ", ".join(f"cast(null as varchar) as {name}" for name in names)
    if not rows:
        connection.execute(f"create or replace temp table line_text as select 0 as _row, {empty} limit 0")
        return
    read_lines(connection, [line for _, line in rows], names, "line_text", folder)
    connection.execute("alter table line_text add column _row bigint")
    connection.execute(
        """
        update line_text set _row = place._row
        from (select row_number() over (order by _row) - 1 as position, _row
            from rejected_line where is_only_type) as place
        where line_text.rowid = place.position
        """
    )


def _repair_codes(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[ContractColumn], filled: set[str]
) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    """Replace miswritten codes and months by what is meant; count them, and name what stays unknown."""
    repaired: dict[str, int] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    not_counted: set[str] = set()
    for column in columns:
        name = column.name
        for table in ("delivered", "line_text") if name in filled else ("line_text",):
            values: dict[str, int] = dict(
                connection.execute(
                    f"""
                    select cast({name} as varchar), count(*) from {table}
                    where {name} is not null group by 1 limit {MAX_DISTINCT}
                    """
                ).fetchall()
            )
            plain = {value: value.translate(TO_HALF_WIDTH).strip() for value in values}
            meant = {value: None if text in ("", *NO_VALUE) else text for value, text in plain.items()}
            meant |= repairs(column, values)
            meant = {value: code for value, code in meant.items() if code != value}
            if meant:
                _replace_values(connection, table, name, meant)
                repaired[name] = repaired.get(name, 0) + sum(values[written] for written in meant)
            stored = (meant.get(value, value) for value in values)
            odd = {value for value in stored if value is not None} - allowed(column)
            if not column.is_month and odd:
                unknown[name] = tuple(sorted({*unknown.get(name, ()), *odd}))
            if not column.is_month and len(values) == MAX_DISTINCT:
                not_counted.add(name)
    unknown |= dict.fromkeys(not_counted, TOO_MANY)
    return repaired, unknown


def _replace_values(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, meant: Mapping[str, str | None]
) -> None:
    cases = " ".join(
        f"when {quoted(written)} then {quoted(code) if code else 'null'}" for written, code in meant.items()
    )
    listed = ", ".join(map(quoted, meant))
    connection.execute(f"update {table} set {name} = case {name} {cases} end where {name} in ({listed})")


def _repair_texts(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[ContractColumn],
    present: set[str],
    texts: frozenset[str],
) -> dict[str, int]:
    """Put identifiers, padded texts and texts with control characters right where they stand.

    Count, by column, the identifiers and the texts that held control characters.
    """
    tests: dict[str, str] = {}
    steered: dict[str, str] = {}
    for column in columns:
        name = column.name
        if name not in present or name in texts or column.sql_type != "varchar":
            continue
        if is_identifier(column):
            tests[name] = f"is_odd({name}) or {IS_STEERED.format(name)}"
        elif not allowed(column):
            steered[name] = IS_STEERED.format(name)
            tests[name] = (
                f"{name} = '' or starts_with({name}, ' ') or ends_with({name}, ' ') or {steered[name]}"
            )
    if not tests:
        return {}
    anywhere = " or ".join(tests.values())
    if not first_row(connection.execute(f"select 1 from delivered where {anywhere} limit 1")):
        return {}
    repaired: dict[str, int] = {}
    identifiers = {each.name for each in columns if is_identifier(each)}
    for name, test in tests.items():
        if name in steered:
            count = connection.execute(f"select count(*) from delivered where {steered[name]}").fetchall()[0][
                0
            ]
            repaired |= {name: int(count)} if count else {}
        value = f"said(half_width({name}))" if name in identifiers else f"trimmed({name})"
        changed = connection.execute(f"update delivered set {name} = {value} where {test}").fetchall()[0][0]
        if changed and name in identifiers:
            repaired[name] = int(changed)
    return repaired


def quoted(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _is_written_plainly(column: ContractColumn) -> bool:
    """Whether full-width letters and blanks never belong into the column."""
    return bool(is_identifier(column) or column.code_set or column.codes or column.is_month)


def is_identifier(column: ContractColumn) -> bool:
    """Whether the column holds a number or code of one thing."""
    if column.sql_type != "varchar" or column.code_set or column.codes:
        return False
    return column.sensitivity == "pseudonym" or column.name.endswith(
        ("_id", "_no", "_code", "_codg", "_sn", "certno")
    )
