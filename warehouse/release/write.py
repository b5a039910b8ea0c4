"""Writing a release: a new, empty file that receives the public tables and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connections import CLOSED_WORLD
from warehouse.control.history import record_release
from warehouse.control.models import ReleaseRecord
from warehouse.release.pointer import DATA_FILE, MANIFEST_FILE, Release, flush_folder, point
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

PUBLIC_SCHEMAS = (
    "reference",
    "indicator",
    "published",
    "fund",
    "enrolment",
    "benefit",
    "plan",
    "quality",
    "report",
)
STORAGE_VERSION = "v1.0.0"


def release(settings: Settings, say: Callable[[Text], None] | None = None) -> Release:
    """Gate, write, point. Hold the writer's lock around it.

    The gate is the build's own record: every dbt node succeeded on exactly these tables. The file
    is written under a temporary folder name and renamed when complete, so no reader sees a half.
    """
    run = _gate(settings)
    started = datetime.now(UTC)
    release_id = _free_id(settings, started)
    folder = settings.releases / f".{release_id}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        tables = _write_tables(settings.build_database, folder / DATA_FILE, release_id)
        manifest = _manifest(settings, release_id, started, tables, run)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str)
        (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
        _seal(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finished = Release(release_id, settings.releases / release_id)
    folder.rename(finished.folder)
    flush_folder(settings.releases)
    point(settings, finished)
    record = ReleaseRecord(
        release_id=release_id,
        data_to=manifest["data_to"],
        known_on=manifest["known_on"],
        manifest_sha256=hashlib.sha256(text.encode()).hexdigest(),
        written_at=started,
    )
    record_release(settings, record, "released")
    if say:
        rows, data_to = sum(each["rows"] for each in tables.values()), manifest["data_to"]
        say(
            Text(
                f"数据版本 {release_id} 已发布:{len(tables)} 张表,{rows} 行,数据截至 {data_to}",
                f"release {release_id} is served: {len(tables)} tables, {rows} rows, data to {data_to}",
            )
        )
    return finished


def _gate(settings: Settings) -> dict[str, Any]:
    if not settings.passed_build.exists():
        raise Refused(
            "还没有通过全部检验的建库结果,不能发布。请先运行 yibao build。",
            "There is no build that passed all checks, so nothing can be released. Run yibao build first.",
        )
    content: dict[str, Any] = json.loads(settings.passed_build.read_text(encoding="utf-8"))
    return content


def _free_id(settings: Settings, moment: datetime) -> str:
    stem = f"R{moment:%Y%m%d-%H%M%S}"
    number = 1
    while (settings.releases / f"{stem}-{number:02d}").exists():
        number += 1
    return f"{stem}-{number:02d}"


def _write_tables(build: Path, target: Path, release_id: str) -> dict[str, dict[str, Any]]:
    listed = ", ".join(f"'{schema}'" for schema in PUBLIC_SCHEMAS)
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{_quoted(build)}' as build (read_only)")
        connection.execute(f"attach '{_quoted(target)}' as target (storage_version '{STORAGE_VERSION}')")
        tables = connection.execute(
            f"""
            select schema_name, table_name, sql, comment from duckdb_tables()
            where database_name = 'build' and schema_name in ({listed})
            order by schema_name, table_name
            """
        ).fetchall()
        connection.execute("use target")
        for schema in PUBLIC_SCHEMAS:
            connection.execute(f"create schema if not exists target.{schema}")
        written = {}
        for schema, table, ddl, comment in tables:
            name = f'"{schema}"."{table}"'
            keys = _primary_key(connection, schema, table)
            connection.execute(ddl)
            order = f" order by {keys}" if keys else " order by all"
            connection.execute(f"insert into target.{name} select * from build.{name}{order}")
            _copy_comments(connection, schema, table, comment)
            written[f"{schema}.{table}"] = _measure(connection, name)
        connection.execute(
            """
            create table target.reference.release (
                release_id varchar not null primary key
            );
            comment on table target.reference.release is '本文件的数据版本编号 / The id of this release';
            comment on column target.reference.release.release_id is '数据版本 / Release id';
            """
        )
        connection.execute("insert into target.reference.release values (?)", [release_id])
        connection.execute("checkpoint target")
        connection.execute("use memory; detach target; detach build")
    return written


def _primary_key(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    row = connection.execute(
        """
        select constraint_column_names from duckdb_constraints()
        where database_name = 'build' and schema_name = ? and table_name = ?
            and constraint_type = 'PRIMARY KEY'
        """,
        [schema, table],
    ).fetchone()
    return ", ".join(f'"{name}"' for name in row[0]) if row else ""


def _copy_comments(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, comment: str | None
) -> None:
    name = f'target."{schema}"."{table}"'
    if comment:
        connection.execute(f"comment on table {name} is '{_quoted(comment)}'")
    columns = connection.execute(
        """
        select column_name, comment from duckdb_columns()
        where database_name = 'build' and schema_name = ? and table_name = ? and comment is not null
        """,
        [schema, table],
    ).fetchall()
    for column, text in columns:
        connection.execute(f"comment on column {name}.\"{column}\" is '{_quoted(text)}'")


def _measure(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    """Row count and an order-free checksum; columns named ``_…`` describe the run, not the content."""
    columns = [
        f'"{row[0]}"'
        for row in connection.execute(f"describe target.{name}").fetchall()
        if not row[0].startswith("_")
    ]
    rows, checksum = connection.execute(
        f"select count(*), coalesce(sum(hash({', '.join(columns)})::hugeint), 0) from target.{name}"
    ).fetchall()[0]
    return {"rows": rows, "checksum": str(checksum)}


def _manifest(
    settings: Settings,
    release_id: str,
    started: datetime,
    tables: dict[str, dict[str, Any]],
    run: dict[str, Any],
) -> dict[str, Any]:
    with duckdb.connect(
        str(settings.releases / f".{release_id}.part" / DATA_FILE), read_only=True, config=dict(CLOSED_WORLD)
    ) as connection:
        data_to, known_on = connection.execute(
            "select max(period_end), max(known_on) from indicator.value"
        ).fetchall()[0]
        origins = connection.execute("select distinct data_origin from indicator.value order by 1").fetchall()
        batches = connection.execute("select batch_id from reference.batch order by 1").fetchall()
    if data_to is None:
        raise Refused(
            "所选日期之前没有任何指标值,不能发布空的数据版本。请放宽 --data-to 或 --known-on。",
            "No indicator has a value by the chosen dates; an empty release is not published. "
            "Widen --data-to or --known-on.",
        )
    return {
        "release_id": release_id,
        "written_at": started.isoformat(timespec="seconds"),
        "data_to": data_to,
        "known_on": known_on,
        "requested": run["parameters"],
        "data_origin": [row[0] for row in origins],
        "software": version("yibao-warehouse"),
        "duckdb": duckdb.__version__,
        "storage_version": STORAGE_VERSION,
        "batches": [row[0] for row in batches],
        "tests": run["tests"],
        "tables": tables,
    }


def _seal(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
        path.chmod(0o444)
    flush_folder(folder)


def _quoted(text: Path | str) -> str:
    return str(text).replace("'", "''")
