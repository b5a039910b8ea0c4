"""From what was delivered to the typed rows of a batch: the view or table ``batch_all``.

A column that was read with its type only needs its miswritten codes mapped. A column that is text, and
every column of a line the typed read rejected, is cleaned by the rules Q03–Q10 of the source model and
cast; what still cannot be cast is named in ``_unread``. Nothing here decides about a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.connections import first_row
from warehouse.feeds.contract import ContractColumn, columns_of
from warehouse.ingest.codes import allowed, repairs
from warehouse.ingest.read import Delivered, loose_type, quick_number, read_lines, scale_of
from warehouse.ingest.spelling import IS_STEERED, NO_VALUE, TO_HALF_WIDTH, bare, define_macros

EMPTY_DATE = "empty_date:"  # what 0000-00-00 is called: no date, and reported (Q04)
MAX_DISTINCT = 5000
IDENTIFIERS = ("invono", "rid", "fixed_inst")  # whose names do not say that they are
CATALOGUE_NUMBERS = ("dise_no", "poolarea_no")
TOO_MANY: tuple[str, ...] = ()  # stands for the unknown codes of a column that has more values than that
LONGEST_NAME = 300
LOST_DIGITS_SAMPLE = 2048
LOST_DIGITS_FROM = 10  # so many different numbers that all end in zeros after 15 digits are no accident


@dataclass(frozen=True)
class Batch:
    """How the rows came out, by column: how many values were put right, and which codes stay unknown."""

    repaired: Mapping[str, int]
    unknown_codes: Mapping[str, tuple[str, ...]]


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
    _put_texts_right(connection, columns, free, delivered, repaired)
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
    typed = _with_unread_ids(connection, typed)
    read_again = 0
    if first_row(connection.execute("select 1 from line_text limit 1")):
        lines = _from_text("line_text", columns, frozenset(present), present)
        connection.execute(f"create temp table batch_of_lines as {lines}")
        narrowed = _narrowed(connection, columns, delivered.text_columns)
        typed = f"{typed} union all select * {narrowed} from batch_of_lines"
        read_again = connection.execute(
            "select count(*) from batch_of_lines where len(_unread) = 0"
        ).fetchall()[0][0]
    connection.execute(
        f"create temp view batch_all as select *, date '{known_on}' as known_on from ({typed})"
    )
    return Batch(repaired | ({"_line": read_again} if read_again else {}), unknown)


def _as_read(columns: tuple[ContractColumn, ...], present: set[str]) -> str:
    """The contract's columns out of columns that were read with their types."""
    return ", ".join(_final(column, column.name, present, quick_number(column)) for column in columns)


def _final(column: ContractColumn, value: str, present: set[str], kind: str) -> str:
    """A column of the batch; of a whole number also what was written, so that a rule can see a fraction."""
    name = column.name
    if column.sql_type == "bigint":
        exact = value if name in present else f"cast(null as {kind})"
        return f"{exact} as _exact_{name}, try_cast({exact} as bigint) as {name}"
    return f"{value} as {name}" if name in present else f"cast(null as {kind}) as {name}"


def _from_text(
    source: str, columns: tuple[ContractColumn, ...], texts: frozenset[str], present: set[str]
) -> str:
    """SQL that cleans the text columns step by step and casts them; ``_unread`` names what resists."""
    numbers = {each.name for each in columns if each.sql_type.startswith(("decimal", "bigint"))} & texts
    moments = {each.name for each in columns if each.sql_type in ("date", "timestamp")} & texts
    plain = {each.name for each in columns if _is_written_plainly(each)} & texts
    identifiers = {each.name: each for each in columns if is_identifier(each) and each.name in texts}
    records = {name for name, each in identifiers.items() if is_record_number(each)}
    query = source
    for names, macro in (
        (numbers | moments | plain, "half_width"),
        (numbers | moments | plain, "bare"),
        (texts - numbers - moments - plain, "trimmed"),
        (set(identifiers), "without_blanks"),
        (records, "number_of"),
        (set(identifiers) - records, "code_of"),
        (numbers, "without_currency"),
        (numbers, "with_sign"),
        (numbers, "without_thousands"),
        (numbers | moments | plain, "said"),
    ):
        if names:
            changed = ", ".join(f"{macro}({name}) as {name}" for name in sorted(names))
            query = f"(select * replace ({changed}) from {query})"
    if moments:
        parts = ", ".join(f"moment_parts({name}) as _parts_{name}" for name in sorted(moments))
        query = f"(select *, {parts} from {query})"
    kinds = {each.name: loose_type(each) for each in columns}
    scales = {each.name: scale_of(each) for each in columns}
    read = [
        *(
            f"try_cast(exact_number({name}, {scales[name]}) as {kinds[name]}) as _read_{name}"
            for name in sorted(numbers)
        ),
        *(
            f"cast(moment_of({name}, _parts_{name}) as {kinds[name]}) as _read_{name}"
            for name in sorted(moments)
        ),
    ]
    if read:
        query = f"(select *, {', '.join(read)} from {query})"
    values = []
    unread = []
    for column in columns:
        name = column.name
        is_cast = name in numbers | moments
        kind = loose_type(column) if name in texts else quick_number(column)
        values.append(_final(column, f"_read_{name}" if is_cast else name, present, kind))
        if name in identifiers:
            unread.append(f"case when {broken_id(column)} then '{name}' end")
        elif is_cast:
            written = f"'{name}'"
            if name in moments:
                zero = f"starts_with({name}, '0000-00-00')"
                written = f"case when {zero} then '{EMPTY_DATE}{name}' else '{name}' end"
            unread.append(f"case when {name} is not null and _read_{name} is null then {written} end")
    listed = f"list_filter([{', '.join(unread)}], lambda each: each is not null)" if unread else "[]"
    return f"select _row, {', '.join(values)}, cast({listed} as varchar[]) as _unread from {query}"


def _narrowed(
    connection: duckdb.DuckDBPyConnection, columns: tuple[ContractColumn, ...], texts: frozenset[str]
) -> str:
    """Numbers of the lines that were read again in the width of all others, unless one needs more.

    One wide value would make every sum over the batch a sum of 128 bits.
    """
    narrow = {
        f"_exact_{each.name}" if each.sql_type == "bigint" else each.name: quick_number(each)
        for each in columns
        if each.sql_type.startswith(("decimal", "bigint")) and each.name not in texts
    }
    if not narrow:
        return ""
    wide = connection.execute(
        "select "
        + ", ".join(
            f"count(*) filter (where {name} is not null and try_cast({name} as {kind}) is null)"
            for name, kind in narrow.items()
        )
        + " from batch_of_lines"
    ).fetchall()[0]
    casts = [
        f"cast({name} as {kind}) as {name}"
        for (name, kind), count in zip(narrow.items(), wide, strict=True)
        if not count
    ]
    return f"replace ({', '.join(casts)})" if casts else ""


def _with_unread_ids(connection: duckdb.DuckDBPyConnection, typed: str) -> str:
    """The rows with the identifiers that could not be read among what is unread."""
    if not first_row(connection.execute("select 1 from unread_id limit 1")):
        return typed
    return f"""
        select
            * exclude (names) replace (list_concat(_unread, list_filter(coalesce(names, []),
                lambda each: not list_contains(_unread, each))) as _unread)
        from ({typed})
        left join (select _row, list(distinct column_name) as names from unread_id group by 1) using (_row)
        """


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
            plain = {value: bare(value.translate(TO_HALF_WIDTH).strip()) for value in values}
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


def _put_texts_right(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[ContractColumn],
    present: set[str],
    delivered: Delivered,
    repaired: dict[str, int],
) -> None:
    """Put identifiers, padded texts and texts with control characters right where they stand.

    Count, by column, the identifiers and the texts that held control characters. Identifiers that cannot be
    read for sure are named in ``unread_id``.
    """
    connection.execute("create or replace temp table unread_id (_row bigint, column_name varchar)")
    identifiers = [each for each in columns if is_identifier(each) and each.name in present]
    within = "or contains({0}, '\"') or contains({0}, e'\\n')" if delivered.has_quotes else ""
    odd = {
        each.name: f"(is_odd_id({each.name}) or {IS_STEERED.format(each.name)} {within.format(each.name)})"
        for each in identifiers
    }
    padded: dict[str, str] = {}
    for column in columns:
        name = column.name
        if (
            column.sql_type == "varchar"
            and name in present - delivered.text_columns - set(odd)
            and not allowed(column)
        ):
            padded[name] = (
                f"({name} = '' or starts_with({name}, ' ') or ends_with({name}, ' ') "
                f"or starts_with({name}, '=\"') or {IS_STEERED.format(name)})"
            )
    anywhere = " or ".join((*odd.values(), *padded.values()))
    if anywhere and first_row(connection.execute(f"select 1 from delivered where {anywhere} limit 1")):
        for column in identifiers:
            _repair_identifier(connection, column, odd[column.name], repaired)
        for name, test in padded.items():
            is_counted = f"{IS_STEERED.format(name)} or starts_with({name}, '=\"')"
            count = connection.execute(f"select count(*) from delivered where {is_counted}").fetchall()[0][0]
            if count:
                repaired[name] = int(count)
            connection.execute(f"update delivered set {name} = trimmed({name}) where {test}")
    for column in identifiers:
        _find_lost_digits(connection, column.name)


def _repair_identifier(
    connection: duckdb.DuckDBPyConnection, column: ContractColumn, odd: str, repaired: dict[str, int]
) -> None:
    name = column.name
    macro = "number_of" if is_record_number(column) else "code_of"
    meant = f"(select distinct {name} as written, {name} as meant from delivered where {odd})"
    for step in ("half_width", "bare", "without_blanks", macro, "said"):
        meant = (
            f"(select written, {step}(meant) as meant from {meant})"  # macros within macros double each time
        )
    connection.execute(
        f"create or replace temp table respelled as select * from {meant} where written is distinct from meant"
    )
    changed = connection.execute(
        f"update delivered set {name} = respelled.meant from respelled where {name} = respelled.written"
    ).fetchall()[0][0]
    connection.execute("drop table respelled")
    if changed:
        repaired[name] = int(changed)
    connection.execute(
        f"insert into unread_id select _row, '{name}' from numbered where {odd} and {broken_id(column)}"
    )


def _find_lost_digits(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """A spreadsheet keeps 15 digits: a column whose long numbers all end in zeros after them lost the others."""
    found, lost = connection.execute(
        f"""
        select
            count(distinct {name}),
            count(distinct {name}) filter (where regexp_full_match({name}, '\\d{{15}}0+'))
        from (select {name} from delivered limit {LOST_DIGITS_SAMPLE})
        where strlen({name}) > 15 and regexp_full_match({name}, '\\d+')
        """
    ).fetchall()[0]
    if found >= LOST_DIGITS_FROM and lost == found:
        connection.execute(
            f"""
            insert into unread_id
            select _row, '{name}' from numbered where regexp_full_match({name}, '\\d{{15}}0+')
            """
        )


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
    return (
        column.sensitivity == "pseudonym"
        or column.name in IDENTIFIERS
        or column.name.endswith(("_id", "_no", "_code", "_codg", "_sn", "certno", "uscc"))
    )


def is_name(column: ContractColumn) -> bool:
    """Whether the column holds a name or another short text, which has no second line."""
    is_text = column.sql_type == "varchar" and not (
        allowed(column) or column.is_month or is_identifier(column)
    )
    return is_text and (column.name.endswith("name") or (column.length or 0) <= LONGEST_NAME)


def is_record_number(column: ContractColumn) -> bool:
    """Whether an identifier numbers records, persons or documents; else it is a code of a catalogue."""
    is_code = column.name.endswith(("_code", "_codg")) or column.name in CATALOGUE_NUMBERS
    return is_identifier(column) and not is_code


def broken_id(column: ContractColumn) -> str:
    """SQL: whether an identifier that was put right still is not what was meant for sure."""
    return f"{'is_broken_number' if is_record_number(column) else 'is_broken_code'}({column.name})"
