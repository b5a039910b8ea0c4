"""Compaction keeps the newest version of a row, and the one a locked month was closed with."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.connections import build_connection
from warehouse.control.history import lock_month
from warehouse.home import init_home, writer
from warehouse.ingest.compact import compact
from warehouse.ingest.deliver import ingest
from warehouse.ingest.months import mirror_locks
from warehouse.settings import Settings, load_settings

ROW = {
    "setl_id": "S1",
    "psn_no": "P1",
    "insutype": "390",
    "setl_time": "2025-01-05 08:00:00",
    "medfee_sumamt": "100",
    "psn_pay": "100",
    "fund_pay_sumamt": "0",
    "med_type": "11",
    "refd_setl_flag": "0",
    "updt_time": "2025-01-05 09:00:00",
}
VERSIONS = (
    ("2025-02-01", {}),
    ("2025-02-10", {"updt_time": "2025-02-02 09:00:00", "dise_no": "A"}),
    ("2025-03-10", {"updt_time": "2025-03-02 09:00:00", "dise_no": "B"}),
    ("2025-04-10", {"updt_time": "2025-04-02 09:00:00", "dise_no": "C"}),
)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
        for delivered_on, change in VERSIONS:
            path = tmp_path / f"settlement@{delivered_on}.csv"
            with path.open("w", newline="") as stream:
                rows = csv.DictWriter(stream, fieldnames=[*ROW, "dise_no"])
                rows.writeheader()
                rows.writerow({**ROW, "dise_no": "", **change})
            (outcome,) = ingest([path], settings)
            assert outcome.status == "accepted", outcome.message
    return settings


def diseases(settings: Settings) -> list[str | None]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return [
            row[0]
            for row in connection.execute("select dise_no from raw.settlement order by updt_time").fetchall()
        ]


def run(settings: Settings) -> list[tuple[str, int]]:
    with writer(settings), build_connection(settings) as connection:
        mirror_locks(connection, settings)
        return list(compact(connection))


def test_older_versions_stay_until_compaction(home: Settings) -> None:
    assert diseases(home) == [None, "A", "B", "C"]
    assert run(home) == [("settlement", 3)]
    assert diseases(home) == ["C"]
    assert run(home) == []


def test_the_version_a_month_was_closed_with_stays(home: Settings) -> None:
    lock_month(home, date(2025, 1, 1), date(2025, 3, 20))
    assert run(home) == [("settlement", 2)]
    assert diseases(home) == ["B", "C"]
