"""The catalogue of a release: schemas, tables and columns with the comments stored in it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dashboards.services.records import fetch, query_text

EXAMPLES = ("payable_months", "enrolment", "registry", "finding")


@dataclass(frozen=True)
class CatalogueTable:
    """A table and what it holds."""

    schema_name: str
    schema_text: str | None
    table_name: str
    full_name: str
    text: str | None
    row_cnt: int
    column_cnt: int


@dataclass(frozen=True)
class CatalogueColumn:
    """A column and what it means."""

    column_name: str
    data_type: str
    is_nullable: bool
    text: str | None


def tables(connection: duckdb.DuckDBPyConnection, needle: str, lang: str) -> list[CatalogueTable]:
    """The tables whose name, text or columns contain ``needle``; all when it is empty."""
    return fetch(connection, "catalogue_table", CatalogueTable, lang, needle=needle.strip())


def columns(connection: duckdb.DuckDBPyConnection, table: str, lang: str) -> list[CatalogueColumn]:
    """The columns of ``table``, given as ``schema.table``."""
    return fetch(connection, "catalogue_column", CatalogueColumn, lang, table=table)


def example(name: str) -> str:
    """The text of an example query for the statistician's query box."""
    return query_text(f"example_{name}").strip()
