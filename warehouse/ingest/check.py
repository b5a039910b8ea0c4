"""Which rows of a batch are kept out, and what is reported of the others.

One pass over the batch finds the rows that break anything; only these are asked for their reasons. The
result is in temporary tables: ``broken`` (one row a reason), ``blanked`` (values left out), ``duplicate``
(identical rows) and ``awaiting`` (what waiting rows wait for).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from warehouse.connections import first_row
from warehouse.feeds.contract import BatchRule, ContractColumn, Feed, RowsRule, Rule, columns_of, name_of
from warehouse.feeds.rules import is_year_month
from warehouse.ingest.clean import EMPTY_DATE, TOO_MANY, is_identifier, is_name, quoted
from warehouse.ingest.codes import allowed, expired_codes
from warehouse.ingest.read import Delivered
from warehouse.texts import Text

TOTAL_WORDS = ("合计", "总计", "小计", "全省合计", "全国合计")
GRAND_TOTALS = ("合计", "总计", "全省合计", "全国合计")
NOTE_WORDS = ("注:", "注：", "备注:", "备注：", "说明:", "说明：")
UnknownCodes = Mapping[str, tuple[str, ...]]
KEEPING_OUT = ("reject", "wait", "set_aside")
NOT_COMPUTABLE = (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException)
SHOWN_RECORDS = 20
UNREAD = "list_contains(_unread, "
FIRST_YEAR, LAST_YEAR, LAST_YEAR_OF_OPEN_END = 1800, 2100, 9999  # as an open end 9999-12-31 is usual


@dataclass(frozen=True)
class Check:
    """A reason with the SQL condition that makes a row break it."""

    code: str
    broken: str
    severity: str
    text: Text
    blanks: str | None = None


@dataclass(frozen=True)
class Finding:
    """Something to report of a batch: which rule, how many rows, and the first record numbers."""

    rule: str
    severity: str
    rows: int
    records: tuple[int, ...]
    text: Text


class BatchBroken(Exception):
    """A rule over the whole batch refuses it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


def check_batch(
    connection: duckdb.DuckDBPyConnection, delivered: Delivered, unknown_codes: UnknownCodes
) -> list[Finding]:
    """Check every row, then the batch as a whole.

    Raises ``BatchBroken`` when a rule over the whole batch is broken with severity reject.
    """
    return check_rows(connection, delivered, unknown_codes) + _batch_rules(connection, delivered.layout.feed)


def check_rows(
    connection: duckdb.DuckDBPyConnection,
    delivered: Delivered,
    unknown_codes: UnknownCodes,
    loaded_as: str | None = None,
) -> list[Finding]:
    """Fill ``broken``, ``blanked`` and ``duplicate``; return what is reported without keeping a row out.

    ``unknown_codes`` are the values of coded columns that are in no code set, by column. Rows that are tried
    again are judged together with those of their batch ``loaded_as`` that were accepted before.
    """
    feed = delivered.layout.feed
    connection.execute(
        """
        create or replace temp table broken (_row bigint, code varchar, severity varchar, zh varchar, en varchar);
        create or replace temp table blanked (_row bigint, column_name varchar);
        create or replace temp table duplicate (_row bigint);
        create or replace temp table awaiting (_row bigint, awaited_feed varchar, awaited_key varchar);
        create temp table if not exists swallowed (_row bigint, lines bigint);
        """
    )
    _see_batch(connection, delivered.layout.feed, loaded_as)
    _set_aside(connection, delivered)
    findings = _row_checks(connection, feed, delivered, unknown_codes)
    _malformed_lines(connection)
    _repeated_keys(connection, feed)
    _leave_out(connection, "set_aside")
    findings += _rows_rules(connection, feed)
    if loaded_as:
        for table in ("broken", "blanked", "duplicate"):
            connection.execute(f"delete from {table} where _row not in (select _row from batch_all)")
    return findings


def _see_batch(connection: duckdb.DuckDBPyConnection, feed: type[Feed], loaded_as: str | None) -> None:
    accepted = (
        f"""
        union all by name
        select _row, {", ".join(each.name for each in columns_of(feed))}, cast([] as varchar[]) as _unread,
            (select known_on from raw.batch where batch_id = '{loaded_as}') as known_on
        from raw.{name_of(feed)} where _batch_id = '{loaded_as}'
        """
        if loaded_as
        else ""
    )
    connection.execute(f"create or replace temp view batch_seen as select * from batch_all {accepted}")
    connection.execute("create or replace temp view batch as select * from batch_seen")


def undelivered(delivered: Delivered) -> list[Finding]:
    """Columns of the contract that the file lacks, and headers the contract does not know."""
    found = []
    layout = delivered.layout
    if layout.undelivered:
        listed = ", ".join(layout.undelivered)
        found.append(
            Finding(
                "columns_missing",
                "warn",
                0,
                (),
                Text(f"未送来的列：{listed}", f"columns not delivered: {listed}"),
            )
        )
    if layout.unknown:
        listed = ", ".join(map(str, layout.unknown))
        found.append(
            Finding(
                "columns_unknown",
                "warn",
                0,
                (),
                Text(f"合同没有的列：第 {listed} 列", f"columns not in the contract: number {listed}"),
            )
        )
    return found


def columns_checks(delivered: Delivered, unknown_codes: UnknownCodes) -> Iterator[Check]:
    """The checks that follow from the columns: readable, present, short enough, in the code set."""
    feed = delivered.layout.feed
    left_out = {rule.blanks for rule in feed.rules if isinstance(rule, Rule)}
    judged = {rule.holds for rule in feed.rules if isinstance(rule, Rule)}
    for column in columns_of(feed):
        name = column.name
        if name not in delivered.layout.columns:
            continue
        if column.sql_type != "varchar":
            yield Check(
                f"format:{name}",
                f"{UNREAD}'{name}')",
                "reject",
                Text(f"{name} 不能读作 {column.sql_type}", f"{name} cannot be read as {column.sql_type}"),
            )
        if column.sql_type in ("date", "timestamp"):
            yield Check(
                f"{EMPTY_DATE}{name}",
                f"{UNREAD}'{EMPTY_DATE}{name}')",
                "warn",
                Text(
                    f"{name} 写作 0000-00-00，按空值处理", f"{name} is written 0000-00-00 and taken as empty"
                ),
            )
            if name not in left_out:
                last = LAST_YEAR_OF_OPEN_END if column.is_open_end else LAST_YEAR
                yield Check(
                    f"range:{name}",
                    f"{name} < date '{FIRST_YEAR}-01-01' or {name} >= date '{last + 1}-01-01'",
                    "reject",
                    Text(
                        f"{name} 不在 {FIRST_YEAR} 至 {last} 年之间",
                        f"{name} is not between the years {FIRST_YEAR} and {last}",
                    ),
                )
        if column.is_month and is_year_month(name) not in judged:
            yield Check(
                f"format:{name}",
                f"not {is_year_month(name)}",
                "reject",
                Text(f"{name} 不是年月（yyyymm）", f"{name} is no month written yyyymm"),
            )
        if is_identifier(column):
            yield Check(
                f"format:{name}",
                f"{UNREAD}'{name}')",
                "reject",
                Text(
                    f"{name} 不是完整的编号（科学计数或浮点数，末位可能已丢失；或夹有引号、换行）",
                    f"{name} is no whole identifier: a number that lost digits, or with quotes or line breaks",
                ),
            )
        if delivered.has_line_breaks and is_name(column):
            yield Check(
                f"line_break:{name}",
                f"contains({name}, e'\\n')",
                "warn",
                Text(f"{name} 中有换行", f"{name} holds a line break"),
            )
        if column.is_required:
            yield Check(
                f"required:{name}",
                f"{name} is null and not list_contains(_unread, '{name}')",
                "reject",
                Text(f"{name} 必填项为空", f"{name} is empty"),
            )
        if column.length:
            yield Check(
                f"length:{name}",
                f"strlen({name}) > {column.length} and length({name}) > {column.length}",
                "reject",
                Text(
                    f"{name} 超过 {column.length} 个字符", f"{name} is longer than {column.length} characters"
                ),
            )
        yield from _code_checks(column, feed, unknown_codes.get(name))
        yield from _scale_checks(column)


def _scale_checks(column: ContractColumn) -> Iterator[Check]:
    """The typed read leaves nine decimals, and as many digits before the point as the contract."""
    name = column.name
    text = Text(f"{name} 的小数位或位数超出合同", f"{name} has more digits than the contract")
    if column.sql_type == "bigint":
        broken = f"_exact_{name} is not null and coalesce({name} <> _exact_{name}, true)"
        yield Check(f"scale:{name}", broken, "reject", text)
    elif column.sql_type.startswith("decimal"):
        scale = int(column.sql_type[8:-1].split(",")[1])
        unit = "1" if scale == 0 else f"0.{'0' * (scale - 1)}1"
        yield Check(f"scale:{name}", f"{name} % {unit} <> 0", "reject", text)


def _code_checks(column: ContractColumn, feed: type[Feed], unknown: Sequence[str] | None) -> Iterator[Check]:
    if unknown is not None:
        listed, is_in = (allowed(column), "not in") if unknown == TOO_MANY else (unknown, "in")
        is_closed = bool(column.codes) or column.unknown_code == "reject"
        yield Check(
            f"code:{column.name}",
            f"{column.name} {is_in} ({', '.join(map(quoted, sorted(listed)))})",
            "reject" if is_closed else "warn",
            Text(f"{column.name} 不在代码表中", f"{column.name} is not in the code set"),
        )
    if column.code_set and feed.month:
        expired = expired_codes(column.code_set)
        if expired:
            cases = " ".join(f"when '{code}' then date '{day}'" for code, day in expired.items())
            yield Check(
                f"code_expired:{column.name}",
                f"{feed.month} > case {column.name} {cases} end",
                "warn",
                Text(f"{column.name} 的代码已停用", f"{column.name} holds a code that is no longer valid"),
            )


def _set_aside(connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> None:
    """Lines of totals and notes at the end of a table, and empty ones, are no records: they are kept apart."""
    first = delivered.layout.names[0]
    words = " or ".join(f"starts_with(ltrim({{0}}), '{word}')" for word in (*TOTAL_WORDS, *NOTE_WORDS))
    connection.execute(
        f"""
        insert into broken
        select _row, 'total_line', 'set_aside', '合计或附注行，不作为记录', 'a line of totals or a note, no record'
        from (
            select _row, cast({first} as varchar) as label from numbered
            union all select _row, {first} from line_text
            union all select _row, ltrim(line, '"') from rejected_line where not is_only_type
        )
        where strlen(label) <> length(label) and ({words.format("label")})
        """
    )
    header = " and ".join(
        f"cast({name} as varchar) = {quoted(text)}"
        for name, text in zip(delivered.layout.names[:2], delivered.layout.headers[:2], strict=True)
    )
    connection.execute(
        f"""
        insert into broken
        select _row, 'header_line', 'set_aside', '表头重复出现，不作为记录', 'the header once more, no record'
        from (
            select _row from numbered where {header}
            union all select _row from line_text where {header}
        )
        """
    )
    is_empty = " and ".join(f"{name} is null" for name in delivered.layout.names)
    connection.execute(
        f"""
        insert into broken
        select _row, 'empty_line', 'set_aside', '空行，不作为记录', 'an empty line, no record'
        from (
            select _row from numbered where {is_empty}
            union all select _row from line_text where {is_empty}
        )
        """
    )
    _leave_out(connection, "set_aside")


def _leave_out(connection: duckdb.DuckDBPyConnection, *severities: str) -> None:
    """Let ``batch`` show only rows that are not kept out for one of these, and identical rows once."""
    listed = ", ".join(f"'{each}'" for each in severities)
    left_out = f"select _row from broken where severity in ({listed}) union all select _row from duplicate"
    is_any = first_row(connection.execute(f"{left_out} limit 1"))
    remaining = f" where _row not in ({left_out})" if is_any else ""
    connection.execute(f"create or replace temp view batch as select * from batch_seen{remaining}")


def _row_checks(
    connection: duckdb.DuckDBPyConnection,
    feed: type[Feed],
    delivered: Delivered,
    unknown_codes: UnknownCodes,
) -> list[Finding]:
    checks = [*columns_checks(delivered, unknown_codes), *_rule_checks(feed)]
    if not checks:
        return []
    try:
        _find_suspects(connection, checks)
    except NOT_COMPUTABLE:  # a value so odd that a rule overflows: judge row by row
        checks = [replace(each, broken=f"try({each.broken})") for each in checks]
        _find_suspects(connection, checks)
    counts = connection.execute(
        f"select {', '.join(f'count(*) filter (where {each.broken})' for each in checks)} from suspect"
    ).fetchall()[0]
    findings = []
    for check, count in zip(checks, counts, strict=True):
        if not count:
            continue
        rows = f"select _row from suspect where {check.broken}"
        if check.severity in KEEPING_OUT:
            _keep_out(connection, rows, check.code, check.severity, check.text)
        else:
            if check.severity == "blank":
                connection.execute(f"insert into blanked select _row, '{check.blanks}' from ({rows})")
            findings.append(_finding(connection, rows, check.code, check.severity, check.text, count))
    connection.execute("drop table suspect")
    _leave_out(connection, "set_aside")
    return findings


def _find_suspects(connection: duckdb.DuckDBPyConnection, checks: Sequence[Check]) -> None:
    seen_elsewhere = [each.broken for each in checks if not each.broken.startswith(UNREAD)]
    anything = " or ".join(f"({broken})" for broken in ("len(_unread) > 0", *seen_elsewhere))
    connection.execute(f"create or replace temp table suspect as select * from batch where {anything}")


def _rule_checks(feed: type[Feed]) -> Iterator[Check]:
    for rule in feed.rules:
        if isinstance(rule, Rule):
            yield Check(rule.code, f"not ({rule.holds})", rule.severity, Text(rule.zh, rule.en), rule.blanks)


def _malformed_lines(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        insert into broken
        select _row, 'format:line', 'reject', '列数或引号不对，不是合法的 CSV 行',
            'wrong number of columns or quotes: no valid CSV line'
        from rejected_line
        where not is_only_type and _row not in (select _row from broken)
        union all
        select _row, 'format:line', 'reject', '引号把后面的行也当作内容，或有一列多出（文字中有未加引号的逗号）',
            'a quote took the next line for content, or a column too many: a comma without quotes'
        from swallowed
        where _row not in (select _row from rejected_line)
        """
    )


def _repeated_keys(connection: duckdb.DuckDBPyConnection, feed: type[Feed]) -> None:
    """Q01: identical rows are one; rows of one key and version that differ contradict each other."""
    columns = [each.name for each in columns_of(feed)]
    keys = ", ".join(each.name for each in columns_of(feed) if each.is_key)
    version = feed.version or "null"
    kept = "_row not in (select _row from broken where severity = 'reject')"
    connection.execute(
        f"""
        create or replace temp table repeated as
        select _row, hash({keys}) as key_hash, {keys}, {version} as _version, hash({", ".join(columns)}) as content
        from batch
        where hash({keys}) in (
            select hash({keys}) from batch group by 1 having count(*) > 1
        ) and {kept}
        """
    )
    connection.execute(
        f"""
        insert into broken
        select _row, 'key:conflict', 'reject', '与同一文件的另一行主键相同而内容不同',
            'another record of the file has the same key and differs'
        from repeated
        window same as (partition by {keys}, _version)
        qualify min(content) over same <> max(content) over same
        """
    )
    connection.execute(
        f"""
        insert into duplicate
        select _row from repeated
        where _row not in (select _row from broken where code = 'key:conflict')
        qualify row_number() over (partition by {keys}, _version, content order by _row) > 1
        """
    )


def _rows_rules(connection: duckdb.DuckDBPyConnection, feed: type[Feed]) -> list[Finding]:
    rules = [rule for rule in feed.rules if isinstance(rule, RowsRule)]
    findings = []
    for rule in rules:
        missing = _empty_feeds(connection, rule.needs)
        if missing:
            findings.append(_not_checked(rule.code, missing))
            continue
        text = Text(rule.zh, rule.en)
        if rule.severity in KEEPING_OUT:
            _apply(connection, rule)
            continue
        rows = f"select distinct _row from ({rule.breaking})"
        count = connection.execute(f"select count(*) from ({rows})").fetchall()[0][0]
        if count:
            findings.append(_finding(connection, rows, rule.code, rule.severity, text, count))
    waiting = [rule for rule in rules if rule.severity == "wait"]
    if waiting and first_row(connection.execute("select 1 from broken where severity = 'reject' limit 1")):
        _leave_out(connection, "set_aside", "reject")  # a refused row cannot be the one waited for
        for rule in waiting:
            _apply(connection, rule)
        _leave_out(connection, "set_aside")  # shares are measured on refused rows too
    return findings


def _apply(connection: duckdb.DuckDBPyConnection, rule: RowsRule) -> None:
    connection.execute(f"create or replace temp table breaking as {rule.breaking}")
    _keep_out(connection, "select _row from breaking", rule.code, rule.severity, Text(rule.zh, rule.en))
    if rule.severity == "wait":
        connection.execute("insert into awaiting select _row, ?, awaited from breaking", [rule.awaits])


def _batch_rules(connection: duckdb.DuckDBPyConnection, feed: type[Feed]) -> list[Finding]:
    findings = []
    for rule in feed.rules:
        if not isinstance(rule, BatchRule):
            continue
        missing = _empty_feeds(connection, rule.needs)
        if missing:
            findings.append(_not_checked(rule.code, missing))
            continue
        if rule.of_accepted:
            _leave_out(connection, "set_aside", "reject", "wait")
        measured, holds = connection.execute(
            f"select measure, {rule.holds} from (select ({rule.measure}) as measure)"
        ).fetchall()[0]
        if rule.of_accepted:
            _leave_out(connection, "set_aside")
        if holds is False:
            value = f"{float(measured):.4g}"
            finding = Finding(
                rule.code,
                rule.severity,
                0,
                (),
                Text(f"{rule.zh}（实为 {value}）", f"{rule.en} (found {value})"),
            )
            if rule.severity == "reject":
                raise BatchBroken(finding)
            findings.append(finding)
    return findings


def _keep_out(connection: duckdb.DuckDBPyConnection, rows: str, code: str, severity: str, text: Text) -> None:
    connection.execute(
        f"""
        insert into broken
        select distinct rows_broken._row, ?, ?, ?, ? from ({rows}) as rows_broken
        where not exists (
            select 1 from broken where broken._row = rows_broken._row and broken.code = ?
        )
        """,
        [code, severity, text.zh, text.en, code],
    )


def _finding(
    connection: duckdb.DuckDBPyConnection, rows: str, code: str, severity: str, text: Text, count: int
) -> Finding:
    first = connection.execute(f"select _row from ({rows}) order by _row limit {SHOWN_RECORDS}").fetchall()
    return Finding(code, severity, int(count), tuple(row for (row,) in first), text)


def _empty_feeds(connection: duckdb.DuckDBPyConnection, feeds: Sequence[str]) -> list[str]:
    return [feed for feed in feeds if not first_row(connection.execute(f"select 1 from raw.{feed} limit 1"))]


def _not_checked(code: str, missing: Sequence[str]) -> Finding:
    listed = ", ".join(missing)
    return Finding(
        code,
        "not_checked",
        0,
        (),
        Text(f"{listed} 尚无数据，此项未检查", f"not checked: {listed} has no data yet"),
    )


def broken_totals(connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> list[str]:
    """Columns whose grand total line does not meet the sum of the records (Q08)."""
    first = delivered.layout.names[0]
    sums = [
        each.name
        for each in columns_of(delivered.layout.feed)
        if each.sql_type.startswith("decimal")
        and each.unit == "yuan"
        and each.name in delivered.layout.columns
    ]
    if not sums or first not in {each.name for each in columns_of(delivered.layout.feed)}:
        return []
    if not first_row(connection.execute("select 1 from broken where code = 'total_line' limit 1")):
        return []
    labels = ", ".join(f"'{word}'" for word in GRAND_TOTALS)
    lines = connection.execute(
        f"""
        select {", ".join(sums)} from batch_all
        where _row in (
            select _row from (
                select _row, cast({first} as varchar) as label from numbered
                union all select _row, {first} from line_text
            ) where trim(label) in ({labels})
        )
        """
    ).fetchall()
    if not lines:
        return []
    totals = connection.execute(f"select {', '.join(f'sum({each})' for each in sums)} from batch").fetchall()[
        0
    ]
    return [
        name
        for line in lines
        for name, printed, total in zip(sums, line, totals, strict=True)
        if printed is not None and printed != total
    ]


def feed_of(delivered: Delivered) -> str:
    """The name of the feed that was delivered."""
    return name_of(delivered.layout.feed)
