"""The newest audit entry, noted beside the control database, so that a cut tail is found.

``audit.head`` in the home is written after each commit; a killed process leaves it behind the
chain, never before it. Each release's manifest holds the head of its moment as well.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from warehouse import durable
from warehouse.settings import Settings


@dataclass(frozen=True)
class Head:
    """The number and the hash of an entry that the chain must hold."""

    sequence: int
    hash: str


def noted(settings: Settings) -> Head | None:
    """The head noted in the home; None when none was. Raises ``ValueError`` for a file that is not one."""
    try:
        content = json.loads(settings.audit_head.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return head_of(content)


def head_of(content: object) -> Head:
    """The head in a parsed ``audit.head`` or in the ``audit`` part of a manifest; else ``ValueError``."""
    match content:
        case {"sequence": int(sequence), "hash": str(digest)}:
            return Head(sequence, digest)
        case _:
            raise ValueError(f"no audit head: {content!r}")


def advance(settings: Settings, head: Head) -> None:
    """Note ``head``, flushed to the disk; an older one than is there is left out."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with _alone(settings):
        before = noted(settings)
        if before and before.sequence >= head.sequence:
            return
        durable.replace(settings.audit_head, json.dumps(asdict(head)))


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    lock = os.open(settings.audit_head.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
