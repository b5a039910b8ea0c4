"""DuckDB connections: the build database (one writer) and releases (read-only)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse import durable
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused

BUILD_MEMORY = "5GB"  # what is beyond spills into the home
DAMAGE_MARKS = ("Corrupt database", "stored checksum")
FULL_MARKS = ("No space left", "not enough disk space", "database or disk is full", "Disk quota exceeded")
NOWHERE = "/nonexistent"  # a name that tells nothing of the machine
LOCKED = "Could not set lock on file"
CLOSED_WORLD = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


@contextmanager
def build_connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database for writing; hold :func:`warehouse.home.writer` around it.

    It holds personal data, so its files can be read by their owner only.
    """
    before = os.umask(0o077)
    try:
        with _said_clearly(settings):
            connection = _connect(settings)
            try:
                yield connection
            finally:
                connection.close()
    finally:
        os.umask(before)


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        **CLOSED_WORLD,
        "memory_limit": BUILD_MEMORY,
        "temp_directory": str(settings.spill),
    }
    try:
        _create(settings.build_database)
        _replay(settings.build_database)
        return duckdb.connect(str(settings.build_database), config=config)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if LOCKED in reason:
            raise Busy(
                f"建库文件 {settings.build_database} 被另一个程序打开（{reason}）；请关闭它再试。",
                f"Another program holds the build file {settings.build_database} ({reason}); close it and try again.",
            ) from error
        raise _damaged(settings, error) from error


def _create(database: Path) -> None:
    """Make an empty database, unless there is one: DuckDB's own first steps leave a file of no bytes if killed."""
    if database.exists() and database.stat().st_size:
        return
    part = durable.part_of(database)
    part.unlink(missing_ok=True)
    duckdb.connect(str(part)).close()
    durable.put(part, database)


def _replay(database: Path) -> None:
    """Write what a killed process committed to the log into the database.

    Opened as the main database, DuckDB 2.0 replays the log before its own functions are there, and cannot read
    the comment on a column of a table whose CHECK calls one; attached to another, it can.
    """
    if database.with_name(f"{database.name}.wal").exists():
        with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
            name = str(database).replace("'", "''")
            connection.execute(f"attach '{name}' as killed")
            connection.execute("checkpoint killed")


@contextmanager
def _said_clearly(settings: Settings) -> Iterator[None]:
    """A damaged file and a full disk in a sentence that says what to do; other errors stay what they are."""
    try:
        yield
    except duckdb.Error as error:
        if is_disk_full(error):
            raise disk_full(settings) from error
        if any(mark in str(error) for mark in DAMAGE_MARKS):
            raise _damaged(settings, error) from error
        raise


def _damaged(settings: Settings, error: duckdb.Error) -> Refused:
    reason = str(error).splitlines()[0]
    return Refused(
        f"建库文件 {settings.build_database} 打不开（{reason}）；若已损坏，请运行 yibao rebuild 由归档重建。",
        f"The build file {settings.build_database} cannot be opened ({reason}); if it is damaged, "
        "make it anew from the archive with yibao rebuild.",
    )


def concerns_the_home(error: BaseException) -> bool:
    """Whether an error tells of a full disk or a damaged build file, and not of what was being loaded."""
    return is_disk_full(error) or any(mark in str(error) for mark in DAMAGE_MARKS)


def is_disk_full(error: BaseException) -> bool:
    """Whether a full disk is what an error, or what it came from, tells of: libraries wrap it in many ways."""
    link: BaseException | None = error
    while link is not None:
        if any(mark in str(link) for mark in FULL_MARKS):
            return True
        link = link.__cause__ or link.__context__
    return False


class DiskFull(Refused):
    """The disk is full: nothing was changed, and the step can be repeated."""


def disk_full(settings: Settings) -> DiskFull:
    """The refusal for a full disk."""
    return DiskFull(
        f"磁盘已满，{settings.home} 写不下了；没有改动任何已完成的数据。请腾出空间后重做这一步。",
        f"The disk is full, {settings.home} cannot be written; nothing finished was changed. "
        "Free some space and repeat the step.",
    )


@contextmanager
def full_disk_refused(settings: Settings) -> Iterator[None]:
    """Turn what a full disk raises, in whatever library met it, into the refusal for it."""
    try:
        yield
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise disk_full(settings) from error


def first_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """The first row of a result, or None; what is left of the result is read as well.

    A result that is not read to its end owns its connection: whatever is registered next is refused
    (DuckDB 2.0). So ``fetchone`` and ``fetchmany`` are used nowhere on a DuckDB connection; a test sees to it.
    """
    rows = result.fetchall()
    return rows[0] if rows else None


def open_release(path: Path, *, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """A release file, read-only and shut off from files, network and settings.

    Without external access DuckDB would still write to the file it has open; with the file system switched off
    after it was opened, it cannot. A log beside the file would be taken for a part of it, so it is refused.
    """
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        raise Refused(
            f"数据版本旁有不属于它的文件 {log.name}；请运行 yibao verify。",
            f"{log.name} lies beside the release and does not belong to it; run yibao verify.",
        )
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={
            **CLOSED_WORLD,
            "memory_limit": f"{memory_mb}MB",
            "threads": str(threads),
            "temp_directory": "",  # nothing is ever written beside a release
            "secret_directory": NOWHERE,
            "extension_directory": NOWHERE,
        },
    )
    connection.execute("set enable_external_access = false")
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    connection.execute("set lock_configuration = true")
    return connection
