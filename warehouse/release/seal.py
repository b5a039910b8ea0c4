"""A finished release is sealed: neither its files nor its folder can be written, and nothing lies beside its files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.release.pointer import on_disk
from warehouse.settings import Settings

SEALED_FILE, SEALED_FOLDER, OPEN_FOLDER = 0o444, 0o555, 0o755


def seal(folder: Path) -> None:
    """Take the right to write from every file of a release, then from its folder."""
    for path in folder.iterdir():
        path.chmod(SEALED_FILE)
    folder.chmod(SEALED_FOLDER)


def seal_all(settings: Settings) -> None:
    """Seal every release of the home, also those that an earlier version of the program wrote."""
    for release in on_disk(settings):
        if release.folder.stat().st_mode & 0o222:
            seal(release.folder)


@contextmanager
def unsealed(folder: Path) -> Iterator[None]:
    """Let files be removed from a sealed release; sealed again afterwards."""
    folder.chmod(OPEN_FOLDER)
    try:
        yield
    finally:
        if folder.exists():
            folder.chmod(SEALED_FOLDER)


def remove(folder: Path) -> None:
    """Remove a sealed release with all its files."""
    with unsealed(folder):
        shutil.rmtree(folder)
