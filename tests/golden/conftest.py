"""A province of two dozen persons whose indicators were worked out by hand (see README.md beside this)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from golden_home import FEEDS, load

from warehouse.settings import Settings, load_settings


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The golden province, loaded and built. Read only."""
    settings = load_settings(tmp_path_factory.mktemp("golden") / "home")
    load(settings, [FEEDS])
    return settings


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
