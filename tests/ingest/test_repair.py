"""A file that was refused whole is repaired by a file of its name; every reader has the same notion of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from warehouse.cli import app
from warehouse.control.history import batch_records
from warehouse.control.models import BatchRecord
from warehouse.home import writer
from warehouse.ingest import quarantine
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.ingest.repair import plain_name, unrepaired
from warehouse.months.checklist import checklist
from warehouse.settings import Settings, load_settings

HEADER = "setl_id,psn_no,psn_name,insutype,setl_time,begndate,med_type,medfee_sumamt,refd_setl_flag\n"
ROW = "S{0:03},46999901{0:03},张三,310,2025-01-15 10:00:00,2025-01-{1},11,100.1,0\n"
MORNING, NOON = datetime(2025, 2, 3, 8, tzinfo=UTC), datetime(2025, 2, 3, 12, tzinfo=UTC)


def record(
    name: str, status: str, at: datetime, feed: str = "settlement", sha256: str | None = None
) -> BatchRecord:
    return BatchRecord(
        batch_id=f"{status}-{name}-{at:%H}",
        feed=feed,
        file_name=name,
        sha256=sha256 or f"{name} {at}",
        known_on=date(2025, 2, 3),
        status=status,
        rows_read=0,
        rows_accepted=0,
        rows_refused=0,
        rows_duplicate=0,
        message_zh="",
        message_en="",
        received_at=at,
    )


@pytest.mark.parametrize(
    ("good", "is_repaired"),
    [
        (record("a.csv", "accepted", NOON), True),
        (record("a_退回.csv", "accepted", NOON), True),
        (record("march.zip!a@2025-02-04.csv.gz", "accepted", NOON), True),
        (record("b.csv", "accepted", NOON), False),
        (record("a.csv", "accepted", NOON, "contribution"), False),
        (record("a.csv", "accepted", datetime(2025, 2, 3, 7, tzinfo=UTC)), False),
        (record("a.csv", "accepted", datetime(2025, 2, 3, 7, tzinfo=UTC), sha256="bad"), True),
        (record("b.csv", "accepted", NOON, sha256="bad"), False),
        (record("a.csv", "refused", NOON, sha256="bad"), False),
    ],
)
def test_a_later_file_of_the_same_name_and_feed_or_the_same_content_repairs(
    good: BatchRecord, is_repaired: bool
) -> None:
    bad = record("a.csv", "refused", MORNING, sha256="bad")
    assert (bad not in unrepaired([good, bad])) == is_repaired


def test_of_a_file_of_no_known_feed_the_name_decides() -> None:
    bad = record("a.csv", "refused", MORNING, feed="?")
    assert unrepaired([bad, record("a.csv", "accepted", NOON)]) == []
    assert unrepaired([bad, record("b.csv", "accepted", NOON)]) == [bad]


def test_a_name_without_extension_stays() -> None:
    assert plain_name("settlement") == "settlement"


def delivered(path: Path, day: str, rows: int = 30) -> Path:
    lines = [ROW.format(number, "15") for number in range(1, rows)]
    path.write_text(HEADER + "".join(lines) + ROW.format(rows, day), encoding="utf-8")
    return path


def load(settings: Settings, path: Path) -> list[str]:
    with writer(settings):
        found = [each.status for each in ingest(files_in([path]), settings)]
        reconcile(settings)
    return found


@pytest.fixture
def mended(tmp_path: Path) -> Settings:
    """A home with a file refused whole, and the corrected file of its name."""
    settings = load_settings(tmp_path / "home")
    made = CliRunner().invoke(app, ["init", "--home", str(settings.home)])
    assert made.exit_code == 0, made.output
    name = "settlement_2025-01@2025-02-03.csv"
    for folder, day, status in (("bad", "99", "refused"), ("good", "16", "accepted")):
        (tmp_path / folder).mkdir()
        assert load(settings, delivered(tmp_path / folder / name, day)) == [status]
    assert len(quarantine.held(settings)) == 1
    return settings


def standing(settings: Settings) -> list[str]:
    (item,) = [
        each for each in checklist(settings, date(2025, 1, 1), date(2025, 2, 20)) if each.code == "quarantine"
    ]
    return [item.state, *(each.file_name for each in unrepaired(batch_records(settings)))]


def test_a_corrected_file_clears_the_checklist(mended: Settings, tmp_path: Path) -> None:
    assert standing(mended) == ["done"]
    worse = tmp_path / "worse" / "settlement_2025-01b@2025-02-03.csv"
    worse.parent.mkdir()
    load(mended, delivered(worse, "98"))
    assert standing(mended) == ["open", worse.name]


@pytest.mark.parametrize("batch", [[], ["settlement-"]])
def test_trying_the_old_file_again_leaves_it_repaired(mended: Settings, batch: list[str]) -> None:
    tried = CliRunner().invoke(app, ["quarantine", "retry", *batch, "--home", str(mended.home)])
    assert ("整批退回" in tried.output) == bool(batch)
    assert standing(mended) == ["done"]


def test_the_old_file_delivered_once_more_leaves_it_repaired(mended: Settings, tmp_path: Path) -> None:
    assert load(mended, tmp_path / "bad" / "settlement_2025-01@2025-02-03.csv") == ["refused"]
    assert standing(mended) == ["done"]
