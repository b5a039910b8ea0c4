"""Every delivered file is kept under its SHA-256 before anything reads it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import yaml

from warehouse.settings import Settings
from warehouse.texts import Refused

MANIFEST_NAME = "manifest.yml"
DATE_IN_NAME = re.compile(r"@(\d{4}-\d{2}-\d{2})(?=\.|$)")


@dataclass(frozen=True)
class ArchivedFile:
    """A file in the archive: ``known_on`` is its delivery date, ``path`` the archived copy."""

    name: str
    sha256: str
    size: int
    known_on: date
    path: Path


def keep(source: Path, settings: Settings) -> ArchivedFile:
    """Copy ``source`` into the archive, durable and read-only, with its delivery date beside it."""
    try:
        with source.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        known_on = delivery_date(source)
        target = settings.archive / sha256[:2] / sha256
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            temporary = target.with_suffix(f".{os.getpid()}.part")
            shutil.copyfile(source, temporary)
            _flush(temporary)
            temporary.chmod(0o400)
            temporary.replace(target)
    except OSError as error:
        raise Refused(
            f"无法读取或归档 {source}:{error.strerror}。",
            f"Cannot read or archive {source}: {error.strerror}.",
        ) from error
    archived = ArchivedFile(source.name, sha256, target.stat().st_size, known_on, target)
    _write_delivery_note(archived)
    return archived


def delivery_date(source: Path) -> date:
    """When the file was delivered: by the folder's manifest, by ``@YYYY-MM-DD`` in its name, else today."""
    manifest = source.parent / MANIFEST_NAME
    if manifest.exists():
        entry = read_manifest(manifest).get(source.name)
        if entry is not None:
            return entry
    dated = DATE_IN_NAME.search(source.name)
    if dated:
        try:
            return date.fromisoformat(dated.group(1))
        except ValueError as error:
            raise Refused(
                f"文件名 {source.name} 中的日期 {dated.group(1)} 不存在,请改名后重试。",
                f"The date {dated.group(1)} in the file name {source.name} does not exist; rename the file.",
            ) from error
    return datetime.now().astimezone().date()


def read_manifest(manifest: Path) -> dict[str, date]:
    """``manifest.yml``: ``files: {name: {delivered_on: YYYY-MM-DD}}``."""
    try:
        content = yaml.safe_load(manifest.read_text(encoding="utf-8"))
        return {
            name: date.fromisoformat(str(entry["delivered_on"])) for name, entry in content["files"].items()
        }
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Refused(
            f"交付清单 {manifest} 无法读取({error});应为 files: {{文件名: {{delivered_on: 年-月-日}}}}。",
            f"The manifest {manifest} cannot be read ({error}); "
            "it should say files: {name: {delivered_on: YYYY-MM-DD}}.",
        ) from error


def _write_delivery_note(archived: ArchivedFile) -> None:
    note = archived.path.with_suffix(".json")
    if note.exists():
        return
    content = {
        "file_name": archived.name,
        "known_on": archived.known_on.isoformat(),
        "archived_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": archived.size,
    }
    temporary = note.with_suffix(f".{os.getpid()}.part")
    temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    _flush(temporary)
    temporary.replace(note)


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
