"""Which release is served: a small file, replaced atomically."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.settings import Settings
from warehouse.texts import Refused

DATA_FILE = "aggregates.duckdb"
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True)
class Release:
    """A release on disk."""

    release_id: str
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / DATA_FILE

    def manifest(self) -> dict[str, Any]:
        """The release's manifest: dates, batches, checks, row counts and checksums."""
        content: dict[str, Any] = json.loads((self.folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        return content


def served(settings: Settings) -> Release:
    """The release that readers see now."""
    try:
        release_id = json.loads(settings.pointer.read_text(encoding="utf-8"))["release_id"]
    except FileNotFoundError as error:
        raise Refused(
            f"{settings.home} 中还没有数据版本。请先运行 yibao run。",
            f"There is no release in {settings.home} yet. Run yibao run first.",
        ) from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Refused(
            f"指针文件 {settings.pointer} 已损坏;请重新运行 yibao release。",
            f"The pointer {settings.pointer} is damaged; run yibao release again.",
        ) from error
    return find(settings, release_id)


def find(settings: Settings, release_id: str) -> Release:
    """The release with this id; its name is checked, since it becomes part of a path."""
    release = Release(release_id, settings.releases / release_id)
    is_plain_name = release_id.replace("-", "").isalnum()
    if not is_plain_name or not (release.folder / MANIFEST_FILE).exists():
        raise Refused(
            f"没有数据版本 {release_id}。用 yibao releases 查看现有版本。",
            f"There is no release {release_id}. List them with yibao releases.",
        )
    return release


def point(settings: Settings, release: Release) -> None:
    """Serve ``release`` from now on."""
    temporary = settings.pointer.with_suffix(f".{os.getpid()}.part")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump({"release_id": release.release_id}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(settings.pointer)
    flush_folder(settings.releases)


def flush_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
