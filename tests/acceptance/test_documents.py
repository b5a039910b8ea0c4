"""What the documents show as output is what the release answers."""

from __future__ import annotations

import re

import duckdb
import pytest

from warehouse.settings import PROJECT_ROOT

BLOCK = re.compile(r"```sql\n((?:(?!```)[\s\S])+?)\n```\n\n((?:\|[^\n]*\n)+)")
DOCUMENTS = ("README.md", "README.zh-CN.md")


def examples() -> list[tuple[str, str, str]]:
    return [
        (name, statement, table)
        for name in DOCUMENTS
        for statement, table in BLOCK.findall((PROJECT_ROOT / name).read_text(encoding="utf-8"))
    ]


def test_there_are_examples() -> None:
    assert len(examples()) >= 6


@pytest.mark.parametrize(("name", "statement", "table"), examples())
def test_a_query_in_the_readme_gives_the_table_below_it(
    release_db: duckdb.DuckDBPyConnection, name: str, statement: str, table: str
) -> None:
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    found = release_db.sql(statement).fetchall()
    assert [["" if value is None else str(value) for value in row] for row in found] == shown
