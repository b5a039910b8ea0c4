"""Two build or release files, public table by public table: which rows are missing, added or changed.

``python tests/acceptance/compare_figures.py BEFORE AFTER [--ignore COLUMN]…`` prints every table that differs and
ends with 1 if one does. A rebuild of the models that is to leave the figures alone is judged by it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.release.files import PUBLIC_SCHEMAS

MOMENTS = ("_ingested_at", "ingested_at", "released_at", "release_id")  # of two runs of the same commands


@dataclass(frozen=True)
class Difference:
    """Rows of one public table that stand in one file only, or in both with other content."""

    table: str
    missing: int = 0
    added: int = 0
    changed: int = 0
    columns: tuple[str, ...] = ()  # that only one of the files has

    def __str__(self) -> str:
        columns = f", columns {' '.join(self.columns)}" if self.columns else ""
        return f"{self.table}: {self.missing} missing, {self.added} added, {self.changed} changed{columns}"


def differences(before: Path, after: Path, ignored: Collection[str] = MOMENTS) -> list[Difference]:
    """The public tables in which the two files differ, in order of their names.

    A table without a primary key has no changed rows: they are missing in one file and added in the other.
    """
    with duckdb.connect() as connection:
        for name, path in (("before", before), ("after", after)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = {name: _columns(connection, name) for name in ("before", "after")}
        found = [
            _compared(connection, table, *(tables[name].get(table, []) for name in tables), ignored=ignored)
            for table in sorted(tables["before"].keys() | tables["after"].keys())
        ]
    return [difference for difference in found if difference != Difference(difference.table)]


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    rows = connection.execute(
        """
        select schema_name || '.' || table_name, list(column_name order by column_index)
        from duckdb_columns()
        where
            database_name = ? and list_contains(?, schema_name)
            and (schema_name, table_name) <> ('reference', 'release')
        group by all
        """,
        [database, list(PUBLIC_SCHEMAS)],
    ).fetchall()
    return dict(rows)


def _key(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    found = connection.execute(
        """
        select constraint_column_names from duckdb_constraints()
        where
            database_name = 'before' and schema_name || '.' || table_name = ?
            and constraint_type = 'PRIMARY KEY'
        """,
        [table],
    ).fetchone()
    return found[0] if found else []


def _compared(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    before: list[str],
    after: list[str],
    *,
    ignored: Collection[str],
) -> Difference:
    columns = tuple(sorted(set(before) ^ set(after)))
    shared = [column for column in before if column in after and column not in ignored]
    if not before or not after:
        rows = _count(connection, f"select * from {'before' if before else 'after'}.{table}")
        return Difference(table, rows if before else 0, rows if after else 0, 0, columns)
    row = ", ".join(f'"{column}"' for column in shared)
    only_before = f"select {row} from before.{table} except all select {row} from after.{table}"
    only_after = f"select {row} from after.{table} except all select {row} from before.{table}"
    missing, added = _count(connection, only_before), _count(connection, only_after)
    key = [column for column in _key(connection, table) if column in shared]
    changed = 0
    if missing and added and key:
        names = ", ".join(f'"{column}"' for column in key)
        changed = _count(
            connection, f"select {names} from ({only_before}) intersect select {names} from ({only_after})"
        )
    return Difference(table, missing - changed, added - changed, changed, columns)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    found = connection.execute(f"select count(*) from ({query})").fetchone()
    return int(found[0]) if found else 0


def main() -> int:
    """Print what differs between two files; 0 if nothing does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--ignore", action="append", default=[], help="a column that may differ")
    given = parser.parse_args()
    found = differences(given.before, given.after, (*MOMENTS, *given.ignore))
    for difference in found:
        print(difference)
    print(f"{len(found)} tables differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
