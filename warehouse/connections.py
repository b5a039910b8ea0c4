"""DuckDB connections: the build database (one writer) and releases (read-only)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.settings import Settings
from warehouse.texts import Busy, Refused

BUILD_MEMORY = "5GB"  # what is beyond spills into the home
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
        connection = duckdb.connect(
            str(settings.build_database),
            config={**CLOSED_WORLD, "memory_limit": BUILD_MEMORY, "temp_directory": str(settings.spill)},
        )
    except (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException) as error:
        os.umask(before)
        reason = str(error).splitlines()[0]
        if LOCKED in reason:
            raise Busy(
                f"建库文件 {settings.build_database} 被另一个程序打开({reason});请关闭它再试。",
                f"Another program holds the build file {settings.build_database} ({reason}); close it and try again.",
            ) from error
        raise Refused(
            f"建库文件 {settings.build_database} 打不开({reason});若已损坏,请移走它,再装载归档中的文件。",
            f"The build file {settings.build_database} cannot be opened ({reason}); if it is damaged, "
            "move it away and load the archived files again.",
        ) from error
    try:
        yield connection
    finally:
        connection.close()
        os.umask(before)


def open_release(path: Path, *, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """A release file, read-only and shut off from files, network and settings."""
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={
            **CLOSED_WORLD,
            "memory_limit": f"{memory_mb}MB",
            "threads": str(threads),
            "temp_directory": "",  # nothing is ever written beside a release
        },
    )
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection
