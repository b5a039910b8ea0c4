"""Which file is being loaded: written before the archive changes, removed when the file is done.

After a kill the next start finds it, and finishes the load from the archive or says that nothing was taken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from warehouse import durable
from warehouse.ingest.archive import readable_name
from warehouse.settings import Settings
from warehouse.texts import Refused


class Unreadable(Refused):
    """The journal cannot be read."""


@dataclass(frozen=True)
class Interrupted:
    """A load that did not end; ``attempts`` counts how often it was begun again."""

    file_name: str
    sha256: str
    feed_name: str | None
    template: Path | None
    attempts: int = 0


def begin(settings: Settings, path: Path, sha256: str, feed_name: str | None, template: Path | None) -> None:
    """Note that a file with this content is about to be archived and loaded."""
    _write(settings, Interrupted(readable_name(path), sha256, feed_name, template))


def attempt(settings: Settings, left: Interrupted, attempts: int) -> Interrupted:
    """Note how often an interrupted load was begun again, before it is begun: it may kill the process."""
    noted = replace(left, attempts=attempts)
    _write(settings, noted)
    return noted


def end(settings: Settings) -> None:
    """The file is done, whatever became of it."""
    settings.journal.unlink(missing_ok=True)


def interrupted(settings: Settings) -> Interrupted | None:
    """What a killed process was loading; ``Unreadable`` when the note of it is damaged."""
    if not settings.journal.exists():
        return None
    try:
        content = json.loads(settings.journal.read_text(encoding="utf-8"))
        template = Path(content["template"]) if content["template"] else None
        attempts = int(content.get("attempts", 0))
        return Interrupted(content["file_name"], content["sha256"], content["feed"], template, attempts)
    except (ValueError, KeyError, TypeError, AttributeError, IsADirectoryError) as error:
        raise Unreadable(
            f"{settings.journal} 已损坏，读不出上次装载的是哪个文件。",
            f"{settings.journal} is damaged and does not tell which file was being loaded.",
        ) from error


def _write(settings: Settings, load: Interrupted) -> None:
    content = {
        "file_name": load.file_name,
        "sha256": load.sha256,
        "feed": load.feed_name,
        "template": str(load.template.absolute()) if load.template else None,
        "attempts": load.attempts,
    }
    durable.replace(settings.journal, json.dumps(content, ensure_ascii=False))
