"""Which files of the inbox are complete: pure helpers of the inbox sensor.

A file is complete when its size and time are the same at two looks in a row, or when ``<name>.done`` lies
beside it. A load is asked for when nothing in the inbox is still being written, so that files that belong
together are loaded together and in the manifest's order.
"""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import dataclass
from pathlib import Path

from warehouse.ingest.archive import MANIFEST_NAME, is_delivery
from warehouse.ingest.deliver import SUFFIXES

DONE = ".done"


@dataclass(frozen=True)
class Look:
    """What one look found: files to load now, files still arriving, files asked for before."""

    ready: tuple[Path, ...]
    arriving: tuple[str, ...]
    asked: tuple[str, ...]
    cursor: str


def look(inbox: Path, cursor: str | None) -> Look:
    """Compare the inbox with the last look; ``cursor`` of the result is for the next one."""
    before: dict[str, dict[str, str]] = json.loads(cursor) if cursor else {"seen": {}, "asked": {}}
    seen: dict[str, str] = {}
    ready, arriving, asked = [], [], []
    for path in _files(inbox):
        stamp = _stamp(path)
        if stamp is None:
            continue
        seen[path.name] = stamp
        is_marked = path.with_name(path.name + DONE).exists()
        if before["asked"].get(path.name) == stamp:
            asked.append(path.name)
        elif not is_marked and before["seen"].get(path.name) != stamp:
            arriving.append(path.name)
        elif path.name != MANIFEST_NAME:
            ready.append(path)
    if arriving:
        ready = []
    still_there = {name: stamp for name, stamp in before["asked"].items() if seen.get(name) == stamp}
    now_asked = still_there | {path.name: seen[path.name] for path in ready}
    content = json.dumps({"seen": seen, "asked": now_asked}, ensure_ascii=False, sort_keys=True)
    return Look(tuple(ready), tuple(arriving), tuple(asked), content)


def run_key(paths: tuple[Path, ...]) -> str:
    """Names a delivery by the names, contents and times of its files: asked for twice, it runs once."""
    lines = []
    for path in sorted(paths):
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        lines.append(f"{path.name} {sha256} {path.stat().st_mtime_ns}")
    return "inbox-" + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def remove_markers(paths: list[Path]) -> None:
    """Delete the ``.done`` markers of files that have been taken."""
    for path in paths:
        if not path.exists():
            path.with_name(path.name + DONE).unlink(missing_ok=True)


def _files(inbox: Path) -> list[Path]:
    if not inbox.is_dir():
        return []
    return sorted(
        path
        for path in inbox.iterdir()
        if is_delivery(path.name)
        and (path.suffix.lower() in SUFFIXES or path.name == MANIFEST_NAME)
        and _is_plain(path)
    )


def _is_plain(path: Path) -> bool:
    """Whether it is a regular file: a pipe would be waited for, and a link leads elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _stamp(path: Path) -> str | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return f"{found.st_size}-{found.st_mtime_ns}"
