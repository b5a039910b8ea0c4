"""Readers beside builds and releases: no error, no mixture of two releases, and no long wait."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from pathlib import Path

from killed_command import command
from pipeline import Seen, read_on
from report import note

from warehouse.release.pointer import on_disk
from warehouse.settings import load_settings

READERS = int(os.environ.get("YIBAO_READERS", "4"))
QUERIES = int(os.environ.get("YIBAO_QUERIES", "60"))
RELEASES = int(os.environ.get("YIBAO_RELEASES", "2"))
BUILDS = int(os.environ.get("YIBAO_BUILDS", "0"))
PAUSE = float(os.environ.get("YIBAO_PAUSE", "0"))  # so that the queries are spread over the builds


def test_readers_never_see_an_error_or_a_mixture(released_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(released_home, tmp_path / "home")
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pipes = [context.Pipe(duplex=False) for _ in range(READERS)]
    readers = [
        context.Process(target=read_on, args=(home, stop, sender, QUERIES, PAUSE)) for _, sender in pipes
    ]
    for reader in readers:
        reader.start()
    for number in range(RELEASES):
        steps = ("build", "release") if number < BUILDS else ("release",)
        for step in steps:
            ended = command(home, step)
            assert ended.code == 0, ended.said
    stop.set()
    seen = [Seen(**receiver.recv()) for receiver, _ in pipes]
    for reader in readers:
        reader.join()
    slowest = max(each.slowest_seconds for each in seen)
    met = sorted({release for each in seen for release in each.releases})
    note(
        "readers",
        readers=READERS,
        queries=sum(each.queries for each in seen),
        least_queries=min(each.queries for each in seen),
        builds=min(BUILDS, RELEASES),
        releases=RELEASES,
        releases_met=len(met),
        errors=sum(len(each.errors) for each in seen),
        mixed=sum(len(each.mixed) for each in seen),
        slowest_seconds=round(slowest, 2),
    )
    assert [each.errors for each in seen if each.errors] == []
    assert [each.mixed for each in seen if each.mixed] == []
    assert all(each.queries >= QUERIES for each in seen)
    assert len(on_disk(load_settings(home))) == RELEASES + 1
    assert slowest < 10
