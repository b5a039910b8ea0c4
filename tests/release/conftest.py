"""One small province for the tests of what a release gives away."""

from __future__ import annotations

import pytest
from small_province import Released, released_province


@pytest.fixture(scope="package")
def province(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Read only: copy its home before changing it."""
    return released_province(tmp_path_factory.mktemp("small_cells"))
