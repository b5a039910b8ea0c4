"""A full disk stops the step with a sentence; the served release stays, and with space the step succeeds."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Command
from pipeline import bytes_of_releases, checksums, left_over, look

from warehouse.release.pointer import PROVINCE, served
from warehouse.settings import PUBLISHED_DATA, load_settings

pytestmark = pytest.mark.system

SPARE_MB = 220


@pytest.fixture
def small_disk(released_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the released home on a file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = f"size={SPARE_MB}m,mode=700"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a file system needs root")
    try:
        shutil.copytree(released_home, disk / "home")
        yield disk / "home"
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill(home: Path, left_bytes: int) -> Path:
    """Leave only so many bytes."""
    filler = home.parent / "filler"
    status = os.statvfs(home)
    with filler.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(1, status.f_bavail * status.f_frsize - left_bytes))
    return filler


@pytest.mark.parametrize("step", ["ingest", "build", "release"])
def test_a_full_disk_is_said_and_changes_nothing(
    step: str, small_disk: Path, yibao: Command, tmp_path: Path
) -> None:
    file = tmp_path / "population@2026-11-22.csv"
    text = (PUBLISHED_DATA / "population.csv").read_text(encoding="utf-8")
    file.write_text(text + "\n", encoding="utf-8")
    arguments = [step, str(file)] if step == "ingest" else [step]
    before, figures = bytes_of_releases(small_disk), checksums(small_disk)
    seen = look(served(load_settings(small_disk)).file(PROVINCE))
    filler = fill(small_disk, 200_000 if step == "ingest" else 3_000_000)
    ended = yibao(*arguments, "--home", small_disk)
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stderr
    assert "磁盘" in ended.stderr, ended.stderr
    assert bytes_of_releases(small_disk) == before
    assert look(served(load_settings(small_disk)).file(PROVINCE)) == seen
    filler.unlink()
    assert checksums(small_disk) == figures
    again = yibao(*arguments, "--home", small_disk)
    assert again.returncode == 0, again.stderr
    assert left_over(small_disk) == []
