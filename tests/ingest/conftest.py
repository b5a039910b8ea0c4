"""An empty home for tests of loading: made once a session and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warehouse.connections import build_connection
from warehouse.home import init_home, writer
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.settings import Settings, load_settings


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty build database. Read only."""
    settings = load_settings(tmp_path_factory.mktemp("made") / "home")
    with writer(settings):
        init_home(settings)
        with build_connection(settings) as connection:
            prepare_raw(connection)
    return settings.home


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Settings:
    """A home of its own that a test may change."""
    return load_settings(shutil.copytree(made_home, tmp_path / "home"))
