"""Which release the pages read, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from dashboards.services.records import fetch
from dashboards.services.words import Words
from warehouse.connections import open_release
from warehouse.release.pointer import MANIFEST_FILE, Release, find, served
from warehouse.settings import Settings

PAGE_MEMORY_MB = 1024
PAGE_THREADS = 2


@dataclass(frozen=True)
class Trust:
    """What a reader must know about a release before believing a number of it."""

    release_id: str
    data_to: date
    known_on: date
    origins: tuple[str, ...]
    findings: int


@dataclass(frozen=True)
class _FindingCount:
    findings: int


def has_release(settings: Settings) -> bool:
    """Whether this home serves any release."""
    return settings.pointer.exists()


def current(settings: Settings) -> Release:
    """The release served now; raises ``Refused`` when there is none."""
    return served(settings)


def choose(settings: Settings, release_id: str) -> Release:
    """The release with this id; raises ``Refused`` when there is none."""
    return find(settings, release_id)


def connect(file: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a file of a release, to be kept for as long as the release is shown."""
    return open_release(file, memory_mb=PAGE_MEMORY_MB, threads=PAGE_THREADS)


def release_ids(settings: Settings) -> list[str]:
    """The ids of all releases on disk: the served one first, then the newest first."""
    now = served(settings).release_id
    on_disk = {manifest.parent.name for manifest in settings.releases.glob(f"*/{MANIFEST_FILE}")}
    return [now, *sorted(on_disk - {now}, reverse=True)]


def others(release_ids: list[str], than: str | None = None) -> list[str]:
    """The releases besides one (the first if none is named), those written before it first, the newest first."""
    chosen = than or release_ids[0]
    rest = sorted((each for each in release_ids if each != chosen), reverse=True)
    return sorted(rest, key=lambda each: each > chosen)


def trust(connection: duckdb.DuckDBPyConnection, release: Release, words: Words) -> Trust:
    """The dates, origins and number of findings of ``release``."""
    manifest = release.manifest()
    return Trust(
        release_id=release.release_id,
        data_to=date.fromisoformat(manifest["data_to"]),
        known_on=date.fromisoformat(manifest["known_on"]),
        origins=tuple(words.of("data_origin", origin) for origin in manifest["data_origin"]),
        findings=fetch(connection, "finding_count", _FindingCount)[0].findings,
    )
