"""Whether a statement only asks. Judged by DuckDB's own parser before anything of it runs.

The kind of a statement is not enough: DuckDB 2.0 calls ``with a as (copy … to 'file') select …`` a SELECT. So the
parsed tree is walked, and a node, a table function or a relation that is not known to be harmless is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import duckdb

from warehouse.texts import Refused

LONGEST_STATEMENT = 100_000
READING_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
TABLE_FUNCTIONS = {
    "duckdb_columns",
    "duckdb_constraints",
    "duckdb_dependencies",
    "duckdb_functions",
    "duckdb_indexes",
    "duckdb_keywords",
    "duckdb_schemas",
    "duckdb_sequences",
    "duckdb_tables",
    "duckdb_types",
    "duckdb_views",
    "generate_series",
    "generate_subscripts",
    "histogram",
    "histogram_values",
    "icu_calendar_names",
    "json_each",
    "json_tree",
    "pg_timezone_names",
    "pragma_collations",
    "pragma_show",
    "pragma_storage_info",
    "pragma_table_info",
    "pragma_version",
    "range",
    "regexp_split_to_table",
    "repeat",
    "repeat_row",
    "summary",
    "unnest",
}
# What tells of the machine: where files lie, how the process is set up.
HIDDEN_RELATIONS = {
    "duckdb_databases",
    "duckdb_extensions",
    "duckdb_external_file_cache",
    "duckdb_log_contexts",
    "duckdb_logs",
    "duckdb_secrets",
    "duckdb_settings",
    "duckdb_temporary_files",
    "pg_settings",
    "pragma_database_list",
}
WRITING_WORDS = {"copy", "delete", "insert", "merge", "truncate", "update"}
# EXPLAIN, its ANALYZE and its options may stand before the question.
OPTIONS_END = ")"


def judged(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The statement to run, or ``Refused``: exactly one SELECT, DESCRIBE, SHOW, SUMMARIZE, PIVOT or EXPLAIN of one."""
    if len(sql) > LONGEST_STATEMENT:
        raise Refused(
            f"语句长 {len(sql)} 个字符，最多 {LONGEST_STATEMENT} 个。",
            f"The statement has {len(sql)} characters; {LONGEST_STATEMENT} are the most.",
        )
    if "\0" in sql:
        raise Refused("语句中有空字符。", "The statement has a null character in it.")
    kind = _kind(connection, sql)
    if kind == duckdb.StatementType.EXPLAIN:
        how, question = _explained(connection, sql)
        return f"{how} {question}"
    _require_question(connection, sql, kind)
    return sql


def _kind(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.StatementType:
    """The kind of the one statement there is."""
    found = connection.extract_statements(sql)
    if not found:
        raise Refused("没有语句。", "There is no statement.")
    if len(found) > 1:
        raise Refused(
            f"一次只运行一条语句，这里有 {len(found)} 条；一条也没有运行。",
            f"One statement runs at a time; here are {len(found)}, and none of them was run.",
        )
    try:
        return found[0].type
    except ValueError as error:  # a kind that the Python package has no name for
        raise _no_question() from error


def _require_question(connection: duckdb.DuckDBPyConnection, sql: str, kind: duckdb.StatementType) -> None:
    if kind == duckdb.StatementType.SELECT:
        _require_reading(_tree(connection, sql), _not_offered_functions(connection))
    elif kind == duckdb.StatementType.MULTI:  # PIVOT whose columns the data decides: there is no tree of it
        _require_plain_words(connection, sql)
    else:
        raise _no_question()


def _tree(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    ((text,),) = connection.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchall()
    tree = json.loads(text)
    if tree["error"]:
        raise _no_question()
    return tree


def _require_reading(tree: Any, refused: set[str]) -> None:
    for part in _parts(tree):
        kind = str(part.get("type", ""))
        if kind.endswith("_NODE") and kind not in READING_NODES:
            raise _no_question()
        if kind == "TABLE_FUNCTION":
            name = str(part["function"].get("function_name", "")).lower()
            if name not in TABLE_FUNCTIONS:
                raise _not_offered(name)
        if kind == "FUNCTION" and str(part.get("function_name", "")).lower() in refused:
            raise _not_offered(str(part["function_name"]).lower())
        if kind in ("BASE_TABLE", "SHOW_REF"):
            name = str(part.get("table_name", "")).strip('"').lower()
            if name in HIDDEN_RELATIONS:
                raise _not_offered(name)


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the parsed statement; without recursion, since a statement may be nested deeply."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _require_plain_words(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    refused = _not_offered_functions(connection) | HIDDEN_RELATIONS | WRITING_WORDS
    for word in _words(sql):
        if word in refused:
            raise Refused(
                f"没有写明取值的 PIVOT 里不能有 {word}；请用 in (…) 写明各列。",
                f"A PIVOT without its values may not hold {word}; name the columns with in (…).",
            )


@lru_cache(maxsize=1)
def _not_offered_functions(connection: duckdb.DuckDBPyConnection) -> set[str]:
    listed = connection.execute(
        "select distinct lower(function_name) from duckdb_functions() where function_type in ('table', 'table_macro')"
    ).fetchall()
    return {name for (name,) in listed} - TABLE_FUNCTIONS


def _words(sql: str) -> list[str]:
    return [text.strip('"').lower() for _, text in _tokens(sql)]


def _tokens(sql: str) -> list[tuple[int, str]]:
    """Where each token that is no comment starts, and its text."""
    encoded = sql.encode()
    found = duckdb.tokenize(sql)
    starts = [start for start, _ in found]
    ends = [*starts[1:], len(encoded)]
    return [
        (start, encoded[start:end].decode("utf-8", "replace").strip())
        for (start, kind), end in zip(found, ends, strict=True)
        if kind != duckdb.token_type.comment
    ]


def _explained(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, str]:
    """How to explain, and the question behind EXPLAIN, itself judged."""
    encoded, tokens = sql.encode(), _tokens(sql)
    words = [text.lower() for _, text in tokens]
    how, behind = ("explain analyze", 2) if words[1:2] == ["analyze"] else ("explain", 1)
    question = _from_token(encoded, tokens, behind)
    if words[behind] == "(" and not _is_statement(connection, question):  # options, as in (format json)
        end = words.index(OPTIONS_END, behind)
        how = f"{how} {' '.join(words[behind : end + 1])}"
        question = _from_token(encoded, tokens, end + 1)
    _require_question(connection, question, _kind(connection, question))
    return how, question


def _from_token(encoded: bytes, tokens: Sequence[tuple[int, str]], number: int) -> str:
    if number >= len(tokens):
        raise _no_question()
    return encoded[tokens[number][0] :].decode("utf-8")


def _is_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        connection.extract_statements(sql)
    except duckdb.Error:
        return False
    return True


def _no_question() -> Refused:
    return Refused(
        "数据版本是只读的，只能查询：一条 SELECT、DESCRIBE、SHOW、SUMMARIZE、PIVOT，或对它的 EXPLAIN。",
        "A release is read-only and only answers questions: one SELECT, DESCRIBE, SHOW, SUMMARIZE, PIVOT, "
        "or EXPLAIN of one.",
    )


def _not_offered(name: str) -> Refused:
    return Refused(
        f"查询不得读写文件、网络和设置：这里不能用 {name}。",
        f"A query may not touch files, the network or settings: {name} is not offered here.",
    )
