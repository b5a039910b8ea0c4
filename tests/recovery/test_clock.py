"""A clock that was set back damages nothing: order, served release and audit chain stay right."""

from __future__ import annotations

import subprocess
import sys

import pytest

from warehouse.control.audit import verify
from warehouse.control.history import releases
from warehouse.release.pointer import served
from warehouse.release.verify import damages
from warehouse.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.system


def test_a_release_written_under_a_clock_set_back_is_the_newest(own_home: Settings) -> None:
    before = served(own_home)
    release = [sys.executable, "-m", "warehouse.cli", "release", "--home", str(own_home.home)]
    ended = subprocess.run(
        ["faketime", "-f", "-10d", *release], capture_output=True, text=True, cwd=PROJECT_ROOT, check=False
    )
    assert ended.returncode == 0, ended.stderr
    now = served(own_home)
    assert now.release_id < before.release_id
    assert [record.release_id for record, _ in releases(own_home)] == [now.release_id, before.release_id]
    assert now.manifest()["tables"] == before.manifest()["tables"]
    assert damages(own_home, now) == damages(own_home, before) == []
    verdict = verify(own_home)
    assert verdict.breaks == ()
    assert ["时钟" in each.zh for each in verdict.notes] == [True]
