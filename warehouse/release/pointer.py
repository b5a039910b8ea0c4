"""Which release is served: a small file, replaced atomically."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse import durable
from warehouse.settings import Settings
from warehouse.texts import Refused

MANIFEST_FILE = "manifest.json"
PROVINCE = "province"
STATISTICIAN = "statistician"


@dataclass(frozen=True)
class Release:
    """A release on disk: one file per scope and a manifest."""

    release_id: str
    folder: Path

    @property
    def database(self) -> Path:
        """The province's file: what leaders and planners see."""
        return self.folder / file_name(PROVINCE)

    def file(self, scope: str) -> Path:
        """The file of ``scope`` (province, statistician or a region code); refused if there is none."""
        path = self.folder / file_name(scope)
        if not (scope.isalnum() and path.exists()):
            known = ", ".join(self.scopes())
            raise Refused(
                f"数据版本 {self.release_id} 没有范围 {scope} 的文件；现有：{known}。",
                f"Release {self.release_id} has no file for the scope {scope}; there are: {known}.",
            )
        return path

    def scopes(self) -> list[str]:
        """The scopes that this release has a file for."""
        return [
            each["scope"]
            for each in self.manifest().get("files", {}).values()
            if each["kind"] == "aggregates"
        ]

    def manifest(self) -> dict[str, Any]:
        """The release's manifest: dates, batches, checks, files, row counts and checksums."""
        try:
            content: dict[str, Any] = json.loads((self.folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refused(
                f"数据版本 {self.release_id} 的清单 {MANIFEST_FILE} 已损坏；请运行 yibao verify。",
                f"The {MANIFEST_FILE} of release {self.release_id} is damaged; run yibao verify.",
            ) from error
        return content


def file_name(scope: str) -> str:
    """The name of a scope's file within a release."""
    return f"{scope}.duckdb"


def served(settings: Settings) -> Release:
    """The release that readers see now."""
    try:
        release_id = json.loads(settings.pointer.read_text(encoding="utf-8"))["release_id"]
    except FileNotFoundError as error:
        if on_disk(settings):
            raise Refused(
                f"指针文件 {settings.pointer} 不见了，而数据版本还在；"
                "请用 yibao releases 查看，yibao rollback 指定版本。",
                f"The pointer {settings.pointer} is missing though there are releases; see them with yibao releases "
                "and name one with yibao rollback.",
            ) from error
        raise Refused(
            f"{settings.home} 中还没有数据版本。请先运行 yibao run。",
            f"There is no release in {settings.home} yet. Run yibao run first.",
        ) from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Refused(
            f"指针文件 {settings.pointer} 已损坏；请运行 yibao rollback 指定版本。",
            f"The pointer {settings.pointer} is damaged; name a release with yibao rollback.",
        ) from error
    return find(settings, release_id)


def served_or_none(settings: Settings) -> Release | None:
    """The release that readers see now; None when there is none or the pointer is damaged."""
    try:
        return served(settings)
    except Refused:
        return None


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


def on_disk(settings: Settings) -> list[Release]:
    """Every complete release of the home, by its name."""
    manifests = sorted(settings.releases.glob(f"R*/{MANIFEST_FILE}"))
    return [Release(path.parent.name, path.parent) for path in manifests]


def point(settings: Settings, release: Release) -> None:
    """Serve ``release`` from now on."""
    durable.replace(settings.pointer, json.dumps({"release_id": release.release_id}))
