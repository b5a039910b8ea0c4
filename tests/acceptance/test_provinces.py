"""One small province of ``make provinces``: dirty, with published data beside, read by both DuckDB minors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from provinces import PLANS, Plan, report, run_province

from warehouse.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def older_duckdb(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The older of the supported minors, in a folder of its own."""
    folder = tmp_path_factory.mktemp("older") / "duckdb"
    environment = os.environ | {"VENV": sys.prefix}
    command = ["./scripts/older-duckdb", str(folder)]
    subprocess.run(command, cwd=PROJECT_ROOT, check=True, env=environment)
    return str(folder)


def test_the_provinces_are_of_many_kinds() -> None:
    assert len(PLANS) >= 12
    assert len({each.seed for each in PLANS}) == len(PLANS)
    assert (min(each.persons for each in PLANS), max(each.persons for each in PLANS)) == (2_000, 30_000)
    assert (min(each.months for each in PLANS), max(each.months for each in PLANS)) == (12, 72)
    assert {each.is_clean for each in PLANS} == {True, False}


@pytest.mark.system
def test_a_small_dirty_province_is_released_and_read_by_both_minors(
    tmp_path: Path, older_duckdb: str
) -> None:
    outcome = run_province(Plan(101, 2_000, "2025-01", "2025-12"), tmp_path, ("", older_duckdb))
    assert outcome.wrong == []
    assert outcome.findings
    assert len(outcome.leader) >= 6
    assert "| 101 | 2000 | 12 | yes |" in "\n".join(report([outcome]))
