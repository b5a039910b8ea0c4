"""Homes for the tests: one is run through the whole pipeline once a session and then only read."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import Command

from warehouse.release.pointer import STATISTICIAN, served
from warehouse.settings import PROJECT_ROOT, Settings, load_settings

pytest_plugins = ["control_databases"]
GOLDEN_FEEDS = Path(__file__).parent / "golden" / "feeds"


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a command changes of its process is changed for one test only.

    Streamlit puts the page it runs into the place of ``__main__``, which processes to come would import; a
    command makes files that only their owner can read.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


@pytest.fixture(scope="session")
def yibao() -> Command:
    """Run the command line as a user does, in a process of its own."""

    def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "warehouse.cli", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=PROJECT_ROOT, check=False, **options
        )

    return run


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A home that the first worker of the session makes and all of them read."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = root / name
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / f"{name}.made").exists():
            shutil.rmtree(home, ignore_errors=True)
            make(home)
            (root / f"{name}.made").touch()
    return home


def succeed(yibao: Command, *arguments: str | Path) -> None:
    """Run a command that must pass."""
    finished = yibao(*arguments)
    assert finished.returncode == 0, finished.stderr


@pytest.fixture(scope="session")
def released_home(tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """A home after ``yibao run`` on the shipped data. Read only: copy it before changing it."""
    return made_once(tmp_path_factory, "released", lambda home: succeed(yibao, "run", "--home", home))


@pytest.fixture(scope="session")
def province_home(released_home: Path, tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """The golden province's feeds beside the shipped data, built and released. Read only."""

    def make(home: Path) -> None:
        shutil.copytree(released_home, home)
        succeed(yibao, "month", "lock", "2024-03", "--on", "2024-05-01", "--home", home)
        succeed(yibao, "ingest", GOLDEN_FEEDS, "--home", home)
        succeed(yibao, "build", "--home", home)
        succeed(yibao, "release", "--home", home)

    return made_once(tmp_path_factory, "province", make)


@pytest.fixture(scope="session")
def synthetic_home(released_home: Path, tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """The same feeds delivered as those of a province that does not exist. Read only."""

    def make(home: Path) -> None:
        feeds = tmp_path_factory.mktemp("feeds")
        for path in GOLDEN_FEEDS.iterdir():
            shutil.copy(path, feeds)
        entries = "".join(
            f"  {path.name}: {{delivered_on: {path.stem.rpartition('@')[2]}}}\n"
            for path in GOLDEN_FEEDS.iterdir()
        )
        (feeds / "manifest.yml").write_text(f"data_origin: synthetic\nfiles:\n{entries}", encoding="utf-8")
        shutil.copytree(released_home, home)
        succeed(yibao, "ingest", feeds, "--home", home)
        succeed(yibao, "build", "--home", home)
        succeed(yibao, "release", "--home", home)

    return made_once(tmp_path_factory, "synthetic", make)


@pytest.fixture
def own_home(released_home: Path, tmp_path: Path) -> Settings:
    """A copy of the released home that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(released_home, home)
    return load_settings(home)


def opened_copy(home: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """The served release of a home, read-only: a copy, since one process opens a file with one configuration."""
    copy = shutil.copy(served(load_settings(home)).file(STATISTICIAN), folder)
    return duckdb.connect(str(copy), read_only=True)


@pytest.fixture(scope="session")
def release_db(
    released_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The served release of the shipped data."""
    with opened_copy(released_home, tmp_path_factory.mktemp("release_db")) as connection:
        yield connection


@pytest.fixture(scope="session")
def province_db(
    province_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The served release of the golden province beside the shipped data."""
    with opened_copy(province_home, tmp_path_factory.mktemp("province_db")) as connection:
        yield connection
