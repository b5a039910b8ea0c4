"""Homes for the tests: one is run through the whole pipeline once a session and then only read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import Command

from warehouse.release.pointer import STATISTICIAN, served
from warehouse.settings import PROJECT_ROOT, Settings, load_settings

pytest_plugins = ["control_databases"]


@pytest.fixture(scope="session")
def yibao() -> Command:
    """Run the command line as a user does, in a process of its own."""

    def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "warehouse.cli", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=PROJECT_ROOT, check=False, **options
        )

    return run


@pytest.fixture(scope="session")
def released_home(tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """A home after ``yibao run`` on the shipped data. Read only: copy it before changing it."""
    home = tmp_path_factory.mktemp("released") / "home"
    finished = yibao("run", "--home", home)
    assert finished.returncode == 0, finished.stderr
    return home


@pytest.fixture
def own_home(released_home: Path, tmp_path: Path) -> Settings:
    """A copy of the released home that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(released_home, home)
    return load_settings(home)


@pytest.fixture(scope="session")
def release_db(
    released_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The served release, read-only: a copy, since one process opens a file with one configuration."""
    release = served(load_settings(released_home))
    copy = shutil.copy(release.file(STATISTICIAN), tmp_path_factory.mktemp("release_db"))
    connection = duckdb.connect(str(copy), read_only=True)
    yield connection
    connection.close()
