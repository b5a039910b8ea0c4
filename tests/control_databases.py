"""An empty control database on SQLite and on a PostgreSQL server that the tests start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from warehouse.control.database import migrate
from warehouse.settings import Settings

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The socket folder of a server."""
    assert POSTGRES, "PostgreSQL is not installed; make test-full installs it"
    with tempfile.TemporaryDirectory() as folder:
        yield from _server(Path(folder), POSTGRES[-1])


def _server(folder: Path, binaries: Path) -> Iterator[Path]:
    data = folder / "data"
    as_user: list[str] = []
    if os.geteuid() == 0:
        folder.chmod(0o755)
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    _run_quietly([*as_user, binaries / "initdb", "-D", data, "-A", "trust", "-U", "yibao"])
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    control = [*as_user, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options]
    _run_quietly([*control, "start"])
    try:
        yield folder
    finally:
        _run_quietly([*control, "-m", "immediate", "stop"])


def _run_quietly(command: list[str | Path]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def control_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'control.sqlite'}"
    socket = request.getfixturevalue("postgres")
    with psycopg.connect(f"host={socket} user=yibao dbname=postgres", autocommit=True) as connection:
        number = connection.execute("select count(*) from pg_database").fetchone()
        name = f"control_{number[0] if number else 0}"
        connection.execute(f"create database {name}")
    return f"postgresql://yibao@/{name}?host={socket}"


@pytest.fixture
def bare_home(control_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a migrated control database, without accounts."""
    monkeypatch.delenv("YIBAO_ACTOR", raising=False)
    migrate(control_url)
    return Settings(home=tmp_path, control_url=control_url)
