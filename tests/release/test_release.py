"""Releases are immutable, complete, and reproducible; readers find them by a pointer."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from warehouse import transform
from warehouse.control.history import control_session, release_served_on, releases
from warehouse.control.models import ServiceRecord
from warehouse.home import writer
from warehouse.release.files import PUBLIC_SCHEMAS
from warehouse.release.pointer import find, served
from warehouse.release.write import release
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

FROM_FEEDS = {
    "benefit.growth_decomposition",
    "benefit.month",
    "benefit.own_payment",
    "benefit.same_age",
    "benefit.standardised_admission",
    "enrolment.collection",
    "enrolment.contribution",
    "enrolment.duplicate",
    "enrolment.key_group",
    "enrolment.month_end",
    "enrolment.paid",
    "enrolment.renewal",
    "enrolment.subsidised",
    "fund.accrual",
    "fund.assessment",
    "fund.budget",
    "fund.county_gap",
    "fund.economy",
    "fund.ledger",
    "fund.month",
    "fund.prepaid",
    "fund.risk_signal",
    "fund.standard",
    "fund.subsidy",
    "indicator.comparison",
    "indicator.feed_batch",
    "payment.institution_month",
    "protection.risk_month",
    "quality.disclosure",
    "quality.feed_finding",
    "quality.fund_disclosure",
    "quality.indicator_finding",
    "quality.measure_shown",
    "quality.settlement_to_ledger",
    "report.leader_county",
}


def test_a_release_is_read_only_and_described(released_home: Path) -> None:
    current = served(load_settings(released_home))
    for path in current.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    manifest = current.manifest()
    assert manifest["release_id"] == current.release_id
    assert manifest["data_origin"] == ["published"]
    assert len(manifest["batches"]) == 21
    assert set(manifest["tests"].values()) == {"pass"}
    empty = {name for name, table in manifest["tables"].items() if not table["rows"]}
    assert (
        empty == FROM_FEEDS
    )  # the shipped files are printed ones; tests/release/test_released_province.py has the feeds'


def test_only_public_schemas_leave_the_build(
    released_home: Path, release_db: duckdb.DuckDBPyConnection
) -> None:
    found = {row[0] for row in release_db.sql("select distinct schema_name from duckdb_tables()").fetchall()}
    assert found == set(PUBLIC_SCHEMAS)


def test_same_inputs_twice_give_the_same_checksums(own_home: Settings) -> None:
    first = served(own_home).manifest()["tables"]
    with writer(own_home):
        transform.set_parameters(own_home, None, None)
        transform.build(own_home)
        second = release(own_home)
    assert second.manifest()["tables"] == first
    assert served(own_home).release_id == second.release_id
    assert find(own_home, releases(own_home)[-1][0].release_id).manifest()["tables"] == first


def test_a_release_needs_a_passed_build(own_home: Settings) -> None:
    own_home.passed_build.unlink()
    before = served(own_home).release_id
    with writer(own_home), pytest.raises(Refused, match="yibao build"):
        release(own_home)
    assert served(own_home).release_id == before
    assert not list(own_home.releases.glob(".*.part"))


def test_build_limits_hold(own_home: Settings) -> None:
    with writer(own_home):
        transform.set_parameters(own_home, date(2020, 12, 31), None)
        transform.build(own_home)
        cut = release(own_home)
    with duckdb.connect(str(cut.database), read_only=True) as connection:
        latest = connection.execute("select max(period_end) from indicator.value").fetchall()
    assert latest == [(date(2020, 12, 31),)]
    assert cut.manifest()["data_to"] == "2020-12-31"
    assert cut.manifest()["requested"]["data_to"] == "2020-12-31"


def test_a_build_before_any_delivery_is_refused(own_home: Settings) -> None:
    with writer(own_home), pytest.raises(Refused, match="2026-11-21"):
        transform.set_parameters(own_home, None, date(2020, 1, 1))


def test_as_published_finds_the_release_of_the_day(own_home: Settings) -> None:
    current = served(own_home).release_id
    today = datetime.now().astimezone().date()
    assert release_served_on(own_home, today) == current
    assert release_served_on(own_home, today - timedelta(days=1)) is None
    with control_session(own_home) as session:
        session.add(
            ServiceRecord(release_id=current, served_at=datetime.now(UTC) - timedelta(days=40), reason="t")
        )
    assert release_served_on(own_home, today - timedelta(days=1)) == current


@pytest.mark.parametrize("name", ["nowhere", "../build", "R1/../R2", ""])
def test_unknown_release_names_are_refused(released_home: Path, name: str) -> None:
    with pytest.raises(Refused, match="没有数据版本"):
        find(load_settings(released_home), name)


def test_no_release_yet_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="yibao run"):
        served(load_settings(tmp_path))


def test_pointer_names_the_release(released_home: Path) -> None:
    settings = load_settings(released_home)
    assert json.loads(settings.pointer.read_text()) == {"release_id": served(settings).release_id}
