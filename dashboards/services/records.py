"""Running a named query of ``dashboards/queries`` and reading its rows as values in one language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from dashboards.i18n import COLUMN_HEADS, pick

QUERIES = Path(__file__).resolve().parent.parent / "queries"

Record = TypeVar("Record")


@cache
def query_text(name: str) -> str:
    """The text of the query ``name``."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def fetch(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    record: type[Record],
    lang: str = "zh",
    **parameters: object,
) -> list[Record]:
    """The rows of query ``name`` as ``record`` objects.

    A pair of columns ``x_zh`` and ``x_en`` becomes one field ``x`` in ``lang`` (Chinese where the English
    is missing). Raises ``duckdb.Error`` when the release does not hold what the query asks for.
    """
    cursor = connection.cursor()
    try:
        cursor.execute(query_text(name), parameters)
        names = [column[0] for column in cursor.description or ()]
        return [record(**_in_language(dict(zip(names, row, strict=True)), lang)) for row in cursor.fetchall()]
    finally:
        cursor.close()


def fetch_table(
    connection: duckdb.DuckDBPyConnection, name: str, lang: str, **parameters: object
) -> pa.Table:
    """The result of query ``name`` as an Arrow table with column heads in ``lang``, for export."""
    cursor = connection.cursor()
    try:
        cursor.execute(query_text(name), parameters)
        table: pa.Table = cursor.to_arrow_table()
    finally:
        cursor.close()
    other = "_zh" if lang == "en" else "_en"
    kept = [column for column in table.column_names if not column.endswith(other)]
    return table.select(kept).rename_columns([_head(column, lang) for column in kept])


def _in_language(row: dict[str, Any], lang: str) -> dict[str, Any]:
    fields = {name: value for name, value in row.items() if not name.endswith(("_zh", "_en"))}
    for name, value in row.items():
        if name.endswith("_zh"):
            english = row.get(f"{name[:-3]}_en")
            fields[name[:-3]] = english if lang == "en" and english else value
    return fields


def _head(column: str, lang: str) -> str:
    base = column[:-3] if column.endswith(("_zh", "_en")) else column
    text = COLUMN_HEADS.get(base)
    return base if text is None else pick(text, lang)
