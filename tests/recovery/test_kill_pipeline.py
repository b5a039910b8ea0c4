"""Every step is killed at random moments: readers see nothing of it, and a rerun gives the same figures."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from killed_command import KILLED, command, finish, start
from pipeline import CHAIN, Reader, bytes_of_releases, checksums, copy_of, left_over, remove_home
from report import note

from warehouse.settings import PUBLISHED_DATA

KILLS = int(os.environ.get("YIBAO_KILLS", "3"))
SEED = 20261122
HELD_BACK = "benefit_series.csv"
SHARES = {"ingest": 0.2, "build": 0.3, "release": 0.5}


class Start(NamedTuple):
    """A released home that lacks one file, that file, and what an undisturbed run makes of both."""

    homes: dict[str, Path]
    file: Path
    seconds: dict[str, float]
    undisturbed: dict[str, object]


def arguments(step: str, file: Path) -> list[str]:
    return [step, str(file)] if step == "ingest" else [step]


@pytest.fixture(scope="session")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """One home before each step of the chain, so that a trial begins where it kills."""
    folder = tmp_path_factory.mktemp("kill_pipeline")
    first = folder / "first"
    first.mkdir()
    for path in PUBLISHED_DATA.iterdir():
        if path.name != HELD_BACK:
            shutil.copy(path, first)
    file = Path(shutil.copy(PUBLISHED_DATA / HELD_BACK, folder / HELD_BACK.replace(".", "@2026-11-21.")))
    home = folder / "home"
    for step in CHAIN:
        ended = command(home, *arguments(step, first))
        assert ended.code == 0, ended.said
    homes, seconds = {}, {}
    for step in CHAIN:
        homes[step] = copy_of(home, folder / f"before_{step}")
        began = time.monotonic()
        ended = command(home, *arguments(step, file))
        seconds[step] = time.monotonic() - began
        assert ended.code == 0, ended.said
    return Start(homes, file, seconds, checksums(home))


@pytest.mark.parametrize("trial", range(KILLS))
def test_a_killed_step_is_invisible_and_is_made_up_for(trial: int, begin: Start, tmp_path: Path) -> None:
    chance = random.Random(SEED + trial)
    step = chance.choices(list(SHARES), list(SHARES.values()))[0] if trial >= len(CHAIN) else CHAIN[trial]
    moment = chance.random() * begin.seconds[step]
    home = copy_of(begin.homes[step], tmp_path / "home")
    before = bytes_of_releases(home)
    said = f"trial {trial}: {step} killed after {moment:.2f} of {begin.seconds[step]:.2f} s"
    reader = Reader(home)
    process = start(home, arguments(step, begin.file))
    process.join(moment)
    process.kill()
    code = finish(process, home).code
    assert code in (KILLED, 0), said
    for each in CHAIN[CHAIN.index(step) :]:
        ended = command(home, *arguments(each, begin.file))
        assert ended.code == 0, f"{said}: {ended.said}"
    seen = reader.end()
    note(
        "kill",
        step=step,
        was_killed=code == KILLED,
        moment=moment,
        queries=seen.queries,
        errors=len(seen.errors),
        mixed=len(seen.mixed),
        slowest=seen.slowest_seconds,
    )
    assert seen.errors == [], said
    assert seen.mixed == [], said
    assert seen.queries > 0
    assert checksums(home) == begin.undisturbed, said
    after = bytes_of_releases(home)
    assert {name: after[name] for name in before} == before, said
    assert left_over(home) == [], said
    remove_home(home)
