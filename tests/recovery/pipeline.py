"""A home with one release and new files waiting; a reader that never stops; commands that are killed."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

from warehouse.release.pointer import PROVINCE, served
from warehouse.release.verify import damages
from warehouse.settings import load_settings

CHAIN = ("ingest", "build", "release")
PAUSE_SECONDS = 0.1  # a reader beside a killed step leaves it room to run


@dataclass
class Seen:
    """What a reader met: queries, errors, answers that mixed two releases, releases, the longest wait."""

    queries: int
    errors: list[str]
    mixed: list[str]
    releases: list[str]
    slowest_seconds: float


class Reader:
    """A process that opens the served release again and again and compares what it finds with its manifest."""

    def __init__(self, home: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._answer, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=read_on, args=(home, self._stop, sender, 0, PAUSE_SECONDS))
        self._process.start()

    def end(self) -> Seen:
        """Stop reading and tell what was seen."""
        self._stop.set()
        content = self._answer.recv()
        self._process.join()
        return Seen(**content)


def read_on(home: Path, stop: Event, answer: Any, least: int, pause_seconds: float) -> None:
    """Read until told to stop, at least so many queries, with a pause after each."""
    settings = load_settings(home)
    queries, errors, mixed, releases, slowest = 0, [], [], {}, 0.0
    while not stop.is_set() or queries < least:
        began = time.monotonic()
        try:
            release = served(settings)
            found = look(release.file(PROVINCE))
            expected = releases.setdefault(release.release_id, _expected(release.manifest()))
            if found != (release.release_id, *expected):
                mixed.append(f"{release.release_id}: {found} != {expected}")
        except Exception as error:  # noqa: BLE001 - whatever it is, a reader must not meet it
            errors.append(f"{type(error).__name__}: {error}")
        queries += 1
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(pause_seconds)
    answer.send(
        {
            "queries": queries,
            "errors": errors,
            "mixed": mixed,
            "releases": sorted(releases),
            "slowest_seconds": slowest,
        }
    )


def look(path: Path) -> tuple[str, int, int]:
    """What a reader finds in a release: its id, how many values, how many leader's figures."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            """
            select
                (select release_id from reference.release),
                (select count(*) from indicator.value),
                (select count(*) from report.leader_kpi)
            """
        ).fetchall()[0]


def _expected(manifest: dict[str, Any]) -> tuple[int, int]:
    tables = manifest["tables"]
    return tables["indicator.value"]["rows"], tables["report.leader_kpi"]["rows"]


def copy_of(home: Path, target: Path) -> Path:
    shutil.copytree(home, target, symlinks=True)
    return target


def checksums(home: Path) -> dict[str, Any]:
    """The checksums of the served release's tables, after it was verified byte by byte."""
    settings = load_settings(home)
    release = served(settings)
    assert damages(settings, release) == []
    tables: dict[str, Any] = release.manifest()["tables"]
    return tables


def bytes_of_releases(home: Path) -> dict[str, str]:
    """The manifests of all releases, which name the SHA-256 of each of their files."""
    folder = load_settings(home).releases
    return {path.parent.name: path.read_text() for path in folder.glob("R*/manifest.json")}


def left_over(home: Path) -> list[str]:
    settings = load_settings(home)
    found = [path.name for path in settings.releases.iterdir() if path.name.endswith(".part")]
    json.loads(settings.pointer.read_text())
    return found


def remove_home(home: Path) -> None:
    """Remove a home whose releases are sealed."""
    for folder in (home / "releases").iterdir():
        if folder.is_dir():
            folder.chmod(0o755)
    shutil.rmtree(home)
