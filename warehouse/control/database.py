"""Opening and migrating the control database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
)
from sqlalchemy.pool import NullPool

from warehouse.texts import Refused

MIGRATIONS = Path(__file__).parent / "migrations"
DECIDING = "yibao_deciding"
UNUSABLE = (DatabaseError,)
REFUSING = (IntegrityError, DataError)  # the database works, and refuses a row
SQLITE_PRAGMAS = ("journal_mode=wal", "foreign_keys=on", "busy_timeout=10000", "synchronous=full")


def control_engine(url: str) -> Engine:
    """An engine on the control database; connections are closed after use."""
    try:
        engine = create_engine(postgresql_url(url), poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise Refused(
            f"YIBAO_CONTROL_URL 不是可用的数据库地址：{error}。示例：postgresql://user@host/db",
            f"YIBAO_CONTROL_URL is no usable database address: {error}. Example: postgresql://user@host/db",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_sqlite_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def migrate(url: str) -> None:
    """Bring the control database to the newest schema."""
    engine = control_engine(url)
    try:
        with engine.connect() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except UNUSABLE as error:
        raise unreachable(error) from error
    finally:
        engine.dispose()


def unreachable(error: DBAPIError) -> Refused:
    """The refusal for a control database that cannot be reached or was never made."""
    reason = " ".join(str(error.orig).split())
    if "disk" in reason.lower() or "No space left" in reason:
        return Refused(
            f"控制库写不进去：磁盘已满或有故障（{reason}）。请腾出空间后重做这一步，已完成的数据没有改动。",
            f"The control database cannot be written: the disk is full or faulty ({reason}). "
            "Free some space and repeat the step; nothing finished was changed.",
        )
    if "malformed" in reason or "not a database" in reason:
        return Refused(
            f"控制库已损坏（{reason}）；请从备份恢复到新的主目录（yibao restore），不要以空库继续。",
            f"The control database is damaged ({reason}). Restore a backup into a new home (yibao restore); "
            "do not go on with an empty one.",
        )
    return Refused(
        f"控制库无法使用：{reason}。请检查 YIBAO_CONTROL_URL 与数据库服务，再运行 yibao init。",
        f"The control database cannot be used: {reason}. "
        "Check YIBAO_CONTROL_URL and the database server, then run yibao init.",
    )


def alembic_config() -> Config:
    """Alembic's configuration, in memory: the address comes from the settings, never from a file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def postgresql_url(url: str) -> str:
    """The address with the driver named; any other kind of database as it is."""
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _set_sqlite_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # a transaction begins where SQLAlchemy says, so that it holds DDL too
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("begin immediate" if is_deciding(connection) else "begin")


def is_deciding(connection: Connection) -> bool:
    """Whether the transaction of this connection was opened to record a decision."""
    return bool(connection.get_execution_options().get(DECIDING))
