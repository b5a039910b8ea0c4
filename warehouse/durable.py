"""Files that are written whole or not at all, and stay written.

A reader beside the writer, or after a kill, finds the old content or the new one. One process writes a file at a
time (the writer's lock); what a killed one left ends with ``.part`` and is overwritten or cleared by the next.
"""

from __future__ import annotations

import os
from pathlib import Path


def replace(target: Path, content: str | bytes) -> None:
    """Give ``target`` this content in one step, text as UTF-8; on the disk when this returns."""
    part = part_of(target)
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    put(part, target)


def part_of(target: Path) -> Path:
    """Where the content of ``target`` is written before it counts."""
    return target.with_name(f"{target.name}.part")


def put(part: Path, target: Path) -> None:
    """Let a finished file take the place of ``target``."""
    flush(part)
    part.replace(target)
    flush(target.parent)


def flush(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
