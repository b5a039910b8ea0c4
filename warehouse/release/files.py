"""The DuckDB files of a release: each is created empty and receives only what its scope may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connections import CLOSED_WORLD
from warehouse.release.policy import TableRule

FILE_NAME = "file_name"  # the column of a delivery's file, wherever it stands
PUBLIC_SCHEMAS = (
    "reference",
    "indicator",
    "published",
    "fund",
    "enrolment",
    "benefit",
    "payment",
    "protection",
    "plan",
    "quality",
    "report",
)
MART_SCHEMAS = tuple(each for each in PUBLIC_SCHEMAS if each not in ("indicator", "quality"))
STORAGE_VERSION = "v1.0.0"
SMALL_BLOCK = 16384  # many small tables: a quarter of the size of the default block
WITHHOLDING = """
    select * exclude (is_withheld) replace (
        {emptied}, case when is_withheld then 'withheld' else disclosure end as disclosure
    )
    from (
        select amount.*, coalesce({condition}, true) as is_withheld
        from source.{table} as amount
        left join source.quality.fund_disclosure as decided
            on amount.region_code = decided.region_code
            and amount.fund_code = decided.fund_code
            and amount.data_origin = decided.data_origin
            and year(amount.month_end) = decided.disclosure_year
    )
"""
RELEASE_TABLE = """
    create table reference.release (
        release_id varchar not null primary key,
        scope varchar not null
    );
    comment on table reference.release is '本文件的数据版本编号与范围 / The id and scope of this release file';
    comment on column reference.release.release_id is '数据版本 / Release id';
    comment on column reference.release.scope is '范围 / Scope: province, statistician or a region code';
"""


def public_tables(build: Path) -> list[str]:
    """The names (``schema.table``) of the public tables of the build database."""
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(build)}' as source (read_only)")
        return [f"{schema}.{table}" for schema, table, _, _ in _tables(connection)]


def public_columns(build: Path) -> list[tuple[str, str]]:
    """The columns of the public tables: ``schema.table`` and the column's name."""
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(build)}' as source (read_only)")
        names = [(schema, table) for schema, table, _, _ in _tables(connection)]
        found = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'source'"
        ).fetchall()
    return [(f"{schema}.{table}", column) for schema, table, column in found if (schema, table) in names]


def write_empty(source: Path, target: Path, tables: Collection[str], *, is_small: bool) -> None:
    """The new file ``target``: the named tables of ``source`` with keys, CHECKs and comments, without rows."""
    options = f"storage_version '{STORAGE_VERSION}'" + (f", block_size {SMALL_BLOCK}" if is_small else "")
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(source)}' as source (read_only)")
        connection.execute(f"attach '{quoted(target)}' as target ({options})")
        comments = _comments(connection)
        connection.execute("use target; begin")
        for schema in PUBLIC_SCHEMAS:
            connection.execute(f"create schema if not exists target.{schema}")
        for schema, table, ddl, comment in _tables(connection):
            if f"{schema}.{table}" not in tables:
                continue
            name = f'"{schema}"."{table}"'
            connection.execute(ddl)
            if comment:
                connection.execute(f"comment on table {name} is '{quoted(comment)}'")
            for column, text in comments.get((schema, table), []):
                connection.execute(f"comment on column {name}.\"{column}\" is '{quoted(text)}'")
        connection.execute(RELEASE_TABLE)
        connection.execute("commit; checkpoint target")
        connection.execute("use memory; detach target; detach source")


def fill(
    source: Path,
    target: Path,
    filters: dict[str, str],
    named: tuple[str, str] | None = None,
    selections: Mapping[str, str] | None = None,
) -> None:
    """Copy the rows that fit into the empty tables of ``target``, in the order of the primary key.

    ``filters`` maps ``schema.table`` to an SQL condition; ``named`` is the release id and the scope that the
    file is given with its last rows. ``selections`` gives the query of a table some of whose figures stay behind.
    """
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(source)}' as source (read_only)")
        connection.execute(f"attach '{quoted(target)}' as target")
        keys = _primary_keys(connection)
        connection.execute("begin")
        for schema, table, _, _ in _tables(connection):
            condition = filters.get(f"{schema}.{table}")
            if condition is not None:
                name = f'"{schema}"."{table}"'
                selection = (selections or {}).get(f"{schema}.{table}", f"select * from source.{name}")
                connection.execute(
                    f"insert into target.{name} {selection} where {condition} "
                    f"order by {keys.get((schema, table), 'all')}"
                )
        if named:
            connection.execute("insert into target.reference.release values (?, ?)", [*named])
        connection.execute("commit; checkpoint target")


def statistician_filters(tables: list[str]) -> dict[str, str]:
    """Every public table, every row."""
    return dict.fromkeys(tables, "true")


def province_filters(rules: dict[str, TableRule]) -> dict[str, str]:
    """The tables and rows that the province's file holds.

    Of a table of published figures, rows of another origin stay behind: nothing has judged them.
    """
    return {rule.table: _public_rows(rule) for rule in rules.values() if rule.in_province}


def _public_rows(rule: TableRule) -> str:
    is_print = rule.protected("published") and not rule.protected("withheld", "province")
    conditions = [rule.row_filter] if rule.row_filter else []
    conditions += ["data_origin = 'published'"] if is_print and "data_origin" in rule.columns else []
    return " and ".join(conditions) or "true"


def county_selections(source: Path) -> dict[str, str]:
    """The tables that name delivered files: a county is told the batch, since a name may speak of others.

    A table without the batch names no file at all.
    """
    with duckdb.connect(str(source), read_only=True, config=dict(CLOSED_WORLD)) as connection:
        rows = connection.execute(
            f"""
            select schema_name || '.' || table_name,
                bool_or(column_name = 'batch_id')
            from duckdb_columns()
            where database_name = current_database() and not internal
                and column_name in ('batch_id', '{FILE_NAME}')
            group by all
            having bool_or(column_name = '{FILE_NAME}')
            """
        ).fetchall()
    return {
        table: f"""select * replace (
                case when "{FILE_NAME}" is not null then {"batch_id" if has_batch else "''"} end as "{FILE_NAME}"
            ) from source.{table}"""
        for table, has_batch in rows
    }


def province_selections(rules: dict[str, TableRule]) -> dict[str, str]:
    """The tables some of whose columns stay behind: amounts where few persons or visits do, or where nothing is known
    of them, and what only statisticians see."""
    return {
        rule.table: "select * replace ({}) from source.{}".format(
            ", ".join(f'nullif("{name}", "{name}") as "{name}"' for name in hidden), rule.table
        )
        for rule in rules.values()
        if rule.in_province and (hidden := rule.protected("statistician"))
    } | {
        rule.table: WITHHOLDING.format(
            table=rule.table,
            condition=rule.withheld_where,
            emptied=", ".join(
                f'case when not is_withheld then "{name}" end as "{name}"'
                for name in rule.protected("withheld")
            ),
        )
        for rule in rules.values()
        if rule.in_province and rule.withheld_where
    }


def county_filters(rules: dict[str, TableRule], region_code: str) -> dict[str, str]:
    """The tables and rows that the file of one county holds.

    A table of the province's file whose rows a county may not see is there without rows, so that pages
    and queries find it.
    """
    return {rule.table: rule.county_filter(region_code) for rule in rules.values() if rule.in_province}


def measure_tables(path: Path) -> dict[str, dict[str, Any]]:
    """Rows and an order-free checksum of each table; columns named ``_…`` describe the run, not the content."""
    measured: dict[str, dict[str, Any]] = {}
    with duckdb.connect(str(path), read_only=True, config=dict(CLOSED_WORLD)) as connection:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() order by schema_name, table_name"
        ).fetchall()
        for schema, table in names:
            if f"{schema}.{table}" == "reference.release":
                continue
            columns = [
                f'"{row[0]}"'
                for row in connection.execute(f'describe "{schema}"."{table}"').fetchall()
                if not row[0].startswith("_")
            ]
            rows, checksum = connection.execute(
                f"select count(*), coalesce(sum(hash({', '.join(columns)})::hugeint), 0) "
                f'from "{schema}"."{table}"'
            ).fetchall()[0]
            measured[f"{schema}.{table}"] = {"rows": rows, "checksum": str(checksum)}
    return measured


def quoted(text: Path | str) -> str:
    """``text`` for use between single quotes in SQL."""
    return str(text).replace("'", "''")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str | None]]:
    listed = ", ".join(f"'{schema}'" for schema in PUBLIC_SCHEMAS)
    return connection.execute(
        f"""
        select schema_name, table_name, sql, comment from duckdb_tables()
        where database_name = 'source' and schema_name in ({listed})
            and not (schema_name = 'reference' and table_name = 'release')
        order by schema_name, table_name
        """
    ).fetchall()


def _primary_keys(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        """
        select schema_name, table_name, constraint_column_names from duckdb_constraints()
        where database_name = 'source' and constraint_type = 'PRIMARY KEY'
        """
    ).fetchall()
    return {(schema, table): ", ".join(f'"{name}"' for name in names) for schema, table, names in rows}


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[tuple[str, str]]]:
    rows = connection.execute(
        """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = 'source' and comment is not null
        """
    ).fetchall()
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, text in rows:
        found.setdefault((schema, table), []).append((column, text))
    return found
