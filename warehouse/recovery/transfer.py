"""The control database as lines of JSON, one file a table: portable between SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Integer, Table, func, insert, select, text

from warehouse.control.database import UNUSABLE, control_engine, migrate, unreachable
from warehouse.control.models import CONTROL_REGISTRY, UtcDateTime
from warehouse.settings import Settings

FETCHED_ROWS = 1000


def export_control(settings: Settings, folder: Path) -> None:
    """Write every table to ``folder``, rows in the order of their keys, in one transaction."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = control_engine(settings.control_url)
    try:
        with engine.begin() as connection:
            for table in _tables():
                lines = (json.dumps(row, ensure_ascii=False) for row in _rows(connection, table))
                (folder / f"{table.name}.jsonl").write_text(
                    "".join(f"{line}\n" for line in lines), encoding="utf-8"
                )
    except UNUSABLE as error:
        raise unreachable(error) from error
    finally:
        engine.dispose()


def is_empty(settings: Settings) -> bool:
    """Whether the control database holds nothing yet; it is made if it is new."""
    migrate(settings.control_url)
    engine = control_engine(settings.control_url)
    try:
        with engine.connect() as connection:
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in _tables()
            ]
    finally:
        engine.dispose()
    return not any(counts)


def import_control(settings: Settings, folder: Path) -> None:
    """Fill an empty control database with an export, decisions in their order, in one transaction."""
    engine = control_engine(settings.control_url)
    try:
        with engine.begin() as connection:
            for table in _tables():
                for row in _read(folder / f"{table.name}.jsonl", table):
                    connection.execute(insert(table).values(row))
                _continue_numbers(connection, table)
    finally:
        engine.dispose()


def _tables() -> list[Table]:
    return list(CONTROL_REGISTRY.metadata.sorted_tables)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    result = connection.execute(select(table).order_by(*table.primary_key.columns))
    for rows in result.partitions(FETCHED_ROWS):
        for row in rows:
            yield {
                name: value.isoformat() if isinstance(value, date | datetime) else value
                for name, value in row._mapping.items()
            }


def _read(path: Path, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of one file; a table that the backup's version did not have yet has none."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            for column in table.columns:
                value = row.get(column.name)
                if value is not None and isinstance(column.type, UtcDateTime):
                    row[column.name] = datetime.fromisoformat(value)
                elif value is not None and isinstance(column.type, Date):
                    row[column.name] = date.fromisoformat(value)
            yield row


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Rows came with their numbers; PostgreSQL's sequences go on after the last of them."""
    key = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(key) != 1 or not isinstance(key[0].type, Integer):
        return
    connection.execute(
        text(
            f"select setval(pg_get_serial_sequence('{table.name}', '{key[0].name}'), "
            f"(select coalesce(max({key[0].name}), 0) + 1 from {table.name}), false)"
        )
    )
