"""Builds from the command line, one JSON line each in ``dbt/builds.jsonl``: Dagster keeps its own runs only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from warehouse import durable
from warehouse.settings import Settings

KEPT = 200


@dataclass(frozen=True)
class CommandBuild:
    """A build: when it began (UTC, ISO), how many seconds it took, and the nodes that failed, by name."""

    started_at: str
    seconds: float
    failed: tuple[str, ...]


def remember(settings: Settings, started_at: datetime, seconds: float, failed: Sequence[str]) -> None:
    """Add a build as the newest; of old ones the last two hundred are kept."""
    lines = [asdict(each) for each in command_builds(settings)[: KEPT - 1]]
    lines.insert(0, asdict(CommandBuild(started_at.isoformat(), round(seconds, 1), tuple(failed))))
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines)
    durable.replace(settings.build_log, text)


def command_builds(settings: Settings) -> list[CommandBuild]:
    """The builds that were begun from the command line, the newest first."""
    if not settings.build_log.exists():
        return []
    lines = settings.build_log.read_text(encoding="utf-8").splitlines()
    return [
        CommandBuild(each["started_at"], each["seconds"], tuple(each["failed"]))
        for each in map(json.loads, lines)
    ]
