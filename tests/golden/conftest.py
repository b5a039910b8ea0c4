"""A province of two dozen persons whose indicators were worked out by hand (see README.md beside this)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from golden_home import FEEDS, load
from increments import copy_of

from warehouse.home import writer
from warehouse.settings import Settings, load_settings


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The golden province, loaded and built. Read only."""
    settings = load_settings(tmp_path_factory.mktemp("golden") / "home")
    load(settings, [FEEDS])
    return settings


@pytest.fixture
def home(golden: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The golden province with its sums built, for one test."""
    settings = copy_of(golden, tmp_path / "home")
    with writer(settings):
        yield settings


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., Settings]:
    """Load lists of files one after another into a home of its own, building after each.

    It begins empty, or as a copy of the home ``begin``.
    """

    def build(*deliveries: list[Path], begin: Settings | None = None) -> Settings:
        settings = load_settings(tmp_path / f"home{len(list(tmp_path.iterdir()))}")
        if begin:
            shutil.copytree(begin.home, settings.home)
        for files in deliveries:
            load(settings, files)
        return settings

    return build
