"""Which file is being loaded: written before the archive changes, removed when the file is done.

After a kill the next start finds it, and finishes the load from the archive or says that nothing was taken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from warehouse import durable
from warehouse.ingest.archive import readable_name
from warehouse.settings import Settings


@dataclass(frozen=True)
class Interrupted:
    """A load that did not end."""

    file_name: str
    sha256: str
    feed_name: str | None
    template: Path | None


def begin(settings: Settings, path: Path, sha256: str, feed_name: str | None, template: Path | None) -> None:
    """Note that a file with this content is about to be archived and loaded."""
    content = {
        "file_name": readable_name(path),
        "sha256": sha256,
        "feed": feed_name,
        "template": str(template.absolute()) if template else None,
    }
    durable.replace(settings.journal, json.dumps(content, ensure_ascii=False))


def end(settings: Settings) -> None:
    """The file is done, whatever became of it."""
    settings.journal.unlink(missing_ok=True)


def interrupted(settings: Settings) -> Interrupted | None:
    """What a killed process was loading."""
    if not settings.journal.exists():
        return None
    content = json.loads(settings.journal.read_text(encoding="utf-8"))
    template = Path(content["template"]) if content["template"] else None
    return Interrupted(content["file_name"], content["sha256"], content["feed"], template)
