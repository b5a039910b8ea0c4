"""Another user of the machine reads nothing of the home, also of one that an earlier version left open."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from warehouse.dagster_home import make_instance
from warehouse.home import PRIVATE, init_home, writer
from warehouse.settings import PUBLISHED_DATA, Settings, load_settings

STRANGER = 65_534


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return made(tmp_path)


def made(folder: Path) -> Settings:
    from warehouse.ingest.deliver import files_in, ingest

    settings = load_settings(folder / "home")
    mask = os.umask(0o022)
    try:
        with writer(settings):
            init_home(settings)
            make_instance(settings)
            list(ingest(files_in([PUBLISHED_DATA / "supervision.csv"]), settings))
    finally:
        os.umask(mask)
    return settings


def open_to_others(settings: Settings) -> list[str]:
    found = [settings.home, *settings.home.rglob("*")]
    return [str(path) for path in found if not path.is_symlink() and path.stat().st_mode & PRIVATE]


def read_by_a_stranger(home: Path) -> list[str]:
    """What a process of another user can list or read, by trying every path."""
    paths = [str(path) for path in (home, *home.rglob("*"))]
    reader, answered = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        os.setgroups([])
        os.setresgid(STRANGER, STRANGER, STRANGER)
        os.setresuid(STRANGER, STRANGER, STRANGER)
        had = []
        for path in paths:
            try:
                if os.path.isdir(path):
                    os.listdir(path)
                else:
                    with open(path, "rb") as stream:
                        stream.read(1)
            except OSError:
                continue
            had.append(path)
        os.write(answered, json.dumps(had).encode())
        os._exit(0)
    os.close(answered)
    with os.fdopen(reader, "rb") as stream:
        content = stream.read()
    os.waitpid(child, 0)
    return list(json.loads(content))


def test_a_new_home_is_its_owners_alone(home: Settings) -> None:
    assert open_to_others(home) == []
    for name in ("control.sqlite", "person.key", "build.duckdb", "dagster/dagster.yaml"):
        assert stat.S_IMODE((home.home / name).stat().st_mode) == 0o600


def test_an_open_home_is_shut_by_the_next_writing_command(home: Settings) -> None:
    for path in (home.home, *home.home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with writer(home):
        init_home(home)
    assert open_to_others(home) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_stranger_reads_nothing(home: Settings) -> None:
    for folder in home.home.parents:
        if folder.owner() == "root" and "pytest" in str(folder):
            folder.chmod(0o755)  # what stands in the way is the home itself, not the folders above it
    assert read_by_a_stranger(home.home) == []
    home.home.chmod(0o755)
    assert read_by_a_stranger(home.home) == [str(home.home)], "each file is shut by itself too"
